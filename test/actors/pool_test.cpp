// The worker pool: its bounds, its order, its supervision, and how it ends.
#include <catch2/catch.hpp>

#include "pool_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

/// A pool with one client.
struct shop {
  explicit shop(pool_limits limits, unsigned retries = 0)
      : pool(spawn_slow_pool(sim.system(), shared, limits, retries)),
        client(sim.spawn_client(book, pool)) {}
  ~shop() {
    if (pool)
      sim.close(pool);
    CHECK(shared->alive == 0);
    for (auto& [ticket, answers] : book->answers) {
      INFO("ticket " << ticket);
      CHECK(answers.size() == 1);
    }
  }

  void offer(std::uint64_t ticket, errand what, job_context about = {}) {
    sim.offer(client, book, pool, ticket, what, about);
  }
  template <class Message>
  void send(Message what) {
    sim.send_from(client, pool, std::move(what));
  }
  const result<int>& answer(std::uint64_t ticket) {
    REQUIRE(book->answers[ticket].size() == 1);
    return book->answers[ticket].front();
  }

  std::shared_ptr<workshop> shared = std::make_shared<workshop>();
  std::shared_ptr<client_book> book = std::make_shared<client_book>();
  simulation sim;
  pool_handle<errand_pool> pool;
  caf::actor client;
};

constexpr std::int64_t some_ms = 100;

} // namespace

TEST_CASE("a pool never holds more jobs than twice its workers; the rest waits with its clients") {
  shop s{{.max_workers = 2}};
  for (int i = 1; i <= 50; ++i)
    s.offer(static_cast<std::uint64_t>(i), {errand::how::good, some_ms, i});
  s.sim.settle();
  auto now = s.sim.ask(s.pool);
  CHECK(now.busy == 2);
  CHECK(now.queued + now.credits == 4);
  CHECK(now.in_line == 44);
  CHECK(s.book->offered.size() == 44);
  s.sim.pass(10s);
  CHECK(s.sim.ask(s.pool).done == 50);
  for (int i = 1; i <= 50; ++i)
    CHECK(s.answer(static_cast<std::uint64_t>(i)) == i);
  CHECK(s.shared->most_alive() == 2);
}

TEST_CASE("a job without credit is taken while there is room, and refused with the remedy after") {
  shop s{{.max_workers = 1}};
  for (std::uint64_t i = 1; i <= 5; ++i) {
    s.send(job_request<errand_pool>{i, {}, {errand::how::good, some_ms, static_cast<int>(i)}});
    s.sim.settle();
  }
  CHECK(s.book->answers.count(1) == 0);
  for (std::uint64_t i = 4; i <= 5; ++i) {
    auto& refused = s.answer(i);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::limit);
    CHECK_THAT(refused.error().remedy, Catch::Contains("job_offer"));
  }
  s.sim.pass(1s);
  CHECK(s.answer(3) == 3);
}

TEST_CASE("a ticket that is under way is refused a second time") {
  shop s{{.max_workers = 1}};
  s.send(job_request<errand_pool>{7, {}, {errand::how::good, some_ms, 1}});
  s.send(job_request<errand_pool>{7, {}, {errand::how::good, some_ms, 2}});
  s.sim.pass(1s);
  auto& answers = s.book->answers[7];
  REQUIRE(answers.size() == 2); // one for each time it was submitted
  CHECK(answers[0].error().code == errc::invalid_argument);
  CHECK(answers[1] == 1);
  s.book->answers.clear();
}

TEST_CASE("sessions take turns, and a higher class goes first") {
  shop s{{.max_workers = 1}};
  auto add = [&](int number, std::uint32_t session, job_priority priority) {
    s.offer(static_cast<std::uint64_t>(number), {errand::how::good, 1, number},
            {{session, priority}, 0});
  };
  s.send(job_request<errand_pool>{99, {}, {errand::how::good, some_ms, 99}});
  s.sim.settle();
  for (int i = 10; i < 14; ++i)
    add(i, 1, job_priority::normal);
  for (int i = 20; i < 24; ++i)
    add(i, 2, job_priority::normal);
  add(30, 3, job_priority::interactive);
  s.sim.pass(1s);
  auto done = s.shared->done();
  REQUIRE(done.size() == 10);
  auto place = [&](int number) {
    return std::find(done.begin(), done.end(), number) - done.begin();
  };
  // Two had a place in the queue before the others came.
  CHECK(place(30) <= 3);
  CHECK(place(20) < place(13)); // the second session did not wait for the whole first one
}

TEST_CASE("a job's context comes back with its result, whoever answers") {
  shop s{{.max_workers = 1}};
  job_context about{{5, job_priority::background}, 77};
  s.offer(1, {errand::how::good, 1, 1}, about);
  s.offer(2, {errand::how::throws, 1, 2}, about);
  s.offer(3, {errand::how::bad, 1, 3}, about);
  s.sim.pass(1s);
  for (std::uint64_t i = 1; i <= 3; ++i)
    CHECK(s.book->contexts[i] == about);
  CHECK(s.answer(3).error().code == errc::action_failed);
}

TEST_CASE("idle workers retire after their time, down to the minimum") {
  shop s{{.max_workers = 4, .min_workers = 1, .idle_timeout = 5s}};
  s.sim.settle();
  CHECK(s.shared->alive == 1);
  for (int i = 1; i <= 8; ++i)
    s.offer(static_cast<std::uint64_t>(i), {errand::how::good, some_ms, i});
  s.sim.pass(1s);
  CHECK(s.shared->alive == 4);
  s.sim.pass(3s);
  CHECK(s.shared->alive == 4);
  s.sim.pass(3s);
  CHECK(s.shared->alive == 1);
  s.sim.pass(60s);
  CHECK(s.shared->alive == 1);
  s.offer(9, {errand::how::good, 1, 9});
  s.sim.pass(1s);
  CHECK(s.answer(9) == 9);
  CHECK(s.sim.ask(s.pool).restarts == 0); // nobody was lost
}

TEST_CASE("a worker that is lost loses its own job, and the others are done") {
  shop s{{.max_workers = 2}};
  for (int i = 1; i <= 20; ++i)
    s.offer(static_cast<std::uint64_t>(i),
            {i % 5 == 0 ? errand::how::throws : errand::how::good, 10, i});
  s.sim.pass(10s);
  for (int i = 1; i <= 20; ++i) {
    auto& answer = s.answer(static_cast<std::uint64_t>(i));
    if (i % 5 != 0) {
      CHECK(answer == i);
      continue;
    }
    REQUIRE(!answer);
    CHECK(answer.error().code == errc::worker_lost);
    CHECK_THAT(answer.error().message, Catch::Contains("'errand'"));
  }
  CHECK(s.sim.ask(s.pool).restarts == 4);
}

TEST_CASE("what a behaviour throws is told, and costs one job") {
  simulation sim;
  auto shared = std::make_shared<workshop>();
  auto book = std::make_shared<client_book>();
  auto pool = spawn_pool<errand_behaviour>(sim.system(), shared, {.max_workers = 2});
  auto client = sim.spawn_client(book, pool);
  for (int i = 1; i <= 9; ++i)
    sim.offer(client, book, pool, static_cast<std::uint64_t>(i),
              {i == 5 ? errand::how::throws : errand::how::good, 0, i});
  sim.pass(1s);
  for (int i = 1; i <= 9; ++i)
    CHECK(book->answers[static_cast<std::uint64_t>(i)].size() == 1);
  REQUIRE(!book->answers[5][0]);
  CHECK_THAT(book->answers[5][0].error().message, Catch::Contains("errand 5 threw"));
  sim.close(pool);
  CHECK(shared->alive == 0);
}

TEST_CASE("a behaviour may have lost jobs tried again") {
  simulation sim;
  auto shared = std::make_shared<workshop>();
  auto book = std::make_shared<client_book>();
  auto pool = spawn_pool<stubborn_behaviour>(sim.system(), shared, {.max_workers = 1});
  auto client = sim.spawn_client(book, pool);
  sim.offer(client, book, pool, 1, {errand::how::throws, 0, 1});
  sim.pass(5s);
  REQUIRE(book->answers[1].size() == 1);
  CHECK(book->answers[1][0].error().code == errc::worker_lost);
  CHECK(sim.ask(pool).restarts == 3); // it was tried three times
  sim.close(pool);
}

TEST_CASE("workers that cannot begin are replaced after growing pauses, and lose no job") {
  shop s{{.max_workers = 1}};
  s.shared->failing_inits = 4;
  s.offer(1, {errand::how::good, 1, 1});
  s.sim.settle();
  CHECK(s.shared->failing_inits < 4);
  CHECK(s.shared->failing_inits > 0); // it pauses
  s.sim.pass(2s);
  CHECK(s.answer(1) == 1);
}

TEST_CASE("a pool that cannot keep workers alive fails what waits, with the cause, and recovers") {
  shop s{{.max_workers = 2}};
  s.shared->failing_inits = 1000;
  for (int i = 1; i <= 20; ++i)
    s.offer(static_cast<std::uint64_t>(i), {errand::how::good, 1, i});
  s.sim.pass(5s);
  for (std::uint64_t i = 1; i <= 20; ++i) {
    REQUIRE(!s.answer(i));
    CHECK(s.answer(i).error().code == errc::worker_lost);
    CHECK_THAT(s.answer(i).error().message, Catch::Contains("no tools"));
  }
  s.offer(21, {errand::how::good, 1, 21}); // while it rests: at once
  s.sim.settle();
  CHECK(s.answer(21).error().code == errc::worker_lost);
  s.shared->failing_inits = 0;
  s.sim.pass(20s);
  s.offer(22, {errand::how::good, 1, 22});
  s.sim.pass(1s);
  CHECK(s.answer(22) == 22);
}

TEST_CASE("a cancelled job answers once, wherever it is") {
  shop s{{.max_workers = 1}};
  for (int i = 1; i <= 6; ++i)
    s.offer(static_cast<std::uint64_t>(i), {errand::how::good, some_ms, i});
  s.sim.settle(); // 1 runs, 2 and 3 are queued, the rest is in line
  SECTION("in line") {
    s.send(job_cancel{5, "because"});
  }
  SECTION("queued") {
    s.send(job_cancel{5, "because"});
    s.send(job_cancel{2, "because"});
    s.sim.settle();
    CHECK(s.answer(2).error().message == "because");
  }
  SECTION("running") {
    s.send(job_cancel{5, "because"});
    s.send(job_cancel{1, "because"});
    s.sim.settle();
    CHECK(s.answer(1).error().code == errc::cancelled);
  }
  SECTION("twice") {
    s.send(job_cancel{5, "because"});
    s.send(job_cancel{5, "because"});
  }
  s.sim.settle();
  REQUIRE(!s.answer(5));
  CHECK(s.answer(5).error().code == errc::cancelled);
  CHECK(s.answer(5).error().message == "because");
  s.sim.pass(5s);
  CHECK(s.answer(6) == 6);
  auto now = s.sim.ask(s.pool);
  CHECK(now.in_line + now.credits + now.queued + now.busy == 0);
}

TEST_CASE("a gentle cancel leaves a job that runs alone") {
  shop s{{.max_workers = 1}};
  s.offer(1, {errand::how::good, some_ms, 1});
  s.offer(2, {errand::how::good, some_ms, 2});
  s.sim.settle();
  s.send(job_cancel{1, "gently", true});
  s.send(job_cancel{2, "gently", true});
  s.sim.pass(1s);
  CHECK(s.answer(1) == 1);
  CHECK(s.answer(2).error().code == errc::cancelled);
}

TEST_CASE("credit that is not used goes to the next in line, and a late job is done all the same") {
  shop s{{.max_workers = 1}};
  for (std::uint64_t i = 1; i <= 3; ++i)
    s.send(job_offer{i, {}}); // and not sent
  s.sim.settle();
  CHECK(s.sim.ask(s.pool).credits == 2);
  s.offer(4, {errand::how::good, 1, 4});
  s.sim.pass(5s);
  CHECK(s.answer(4) == 4);
  CHECK(s.book->answers.count(1) == 0);
  s.send(job_request<errand_pool>{1, {}, {errand::how::good, 1, 1}});
  s.send(job_cancel{2, "too late"});
  s.sim.pass(1s);
  CHECK(s.answer(1) == 1);
  CHECK(s.answer(2).error().code == errc::cancelled);
  s.sim.close(s.pool); // and the third one is answered
  CHECK(s.answer(3).error().code == errc::cancelled);
}

TEST_CASE("garbage is collected by level, and the pool answers the sum") {
  simulation sim;
  auto shared = std::make_shared<workshop>();
  auto book = std::make_shared<client_book>();
  auto pool =
      spawn_pool<errand_behaviour>(sim.system(), shared, {.max_workers = 3, .min_workers = 3});
  sim.settle();
  CHECK(sim.collect(pool, gc_level::gentle).bytes == 30);
  CHECK(sim.collect(pool, gc_level::full).bytes == 300);
  sim.close(pool);
}

TEST_CASE("a pool without workers has nothing to free, and says so") {
  shop s{{.max_workers = 2}};
  CHECK(s.sim.collect(s.pool, gc_level::full).bytes == 0);
}

TEST_CASE("the least number of workers is kept after a loss") {
  shop s{{.max_workers = 3, .min_workers = 2}};
  s.sim.settle();
  CHECK(s.shared->alive == 2);
  caf::anon_send_exit(s.shared->any(0), caf::exit_reason::kill);
  s.sim.pass(1s);
  CHECK(s.shared->alive == 2);
}

TEST_CASE("a collection does not wait for a worker that is busy, or that is lost") {
  shop s{{.max_workers = 2}};
  s.offer(1, {errand::how::good, 1000, 1});
  s.offer(2, {errand::how::good, 1, 2});
  s.sim.pass(100ms);
  CHECK(s.sim.collect(s.pool, gc_level::full).bytes == 1);
  CHECK(s.book->answers.count(1) == 0);
}

TEST_CASE("closing fails what has not begun and ends every worker") {
  shop s{{.max_workers = 2}};
  for (int i = 1; i <= 20; ++i)
    s.offer(static_cast<std::uint64_t>(i), {errand::how::good, some_ms, i});
  s.sim.settle();
  s.sim.close(s.pool);
  for (std::uint64_t i = 1; i <= 20; ++i)
    CHECK(s.answer(i).error().code == errc::cancelled);
}

TEST_CASE("draining does every job that was submitted, and takes no more") {
  shop s{{.max_workers = 2}};
  for (int i = 1; i <= 20; ++i)
    s.offer(static_cast<std::uint64_t>(i), {errand::how::good, some_ms, i});
  s.sim.settle();
  s.send(pool_close{true});
  s.sim.settle();
  s.offer(21, {errand::how::good, 1, 21});
  s.sim.close(s.pool, true);
  for (int i = 1; i <= 20; ++i)
    CHECK(s.answer(static_cast<std::uint64_t>(i)) == i);
  CHECK(s.answer(21).error().code == errc::cancelled);
}
