// Random schedules: whatever is submitted, cancelled, lost, collected and closed, in any order,
// every job answers exactly once and nothing is left.
#include <catch2/catch.hpp>

#include <caf/exit_reason.hpp>

#include "actors/resources.hpp"
#include "pool_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

class schedule {
public:
  explicit schedule(unsigned seed) : random_(seed) {
    pool_limits limits;
    limits.max_workers = 1 + pick(4);
    limits.min_workers = pick(2);
    limits.idle_timeout = std::chrono::milliseconds{50 + pick(5000)};
    capacity_ = 2 * limits.max_workers;
    shared_->broker = spawn_resources(
        sim_.system(), {{.name = "cpu", .capacity = 3}, {.name = "memory", .capacity = 10}});
    pool_ = spawn_slow_pool(sim_.system(), shared_, limits, pick(3));
    for (unsigned i = 0; i < 1 + pick(3); ++i) {
      books_.push_back(std::make_shared<client_book>());
      clients_.push_back(sim_.spawn_client(books_.back(), pool_));
    }
    submitted_.resize(clients_.size());
  }

  void run() {
    for (auto steps = 20 + pick(60); steps > 0; --steps) {
      step();
      sim_.settle(random_, pick(40));
      if (pick(8) == 0) {
        auto now = sim_.ask(pool_);
        // Retries come on top, and jobs of clients that were too slow.
        REQUIRE((now.queued <= capacity_ + shared_->started() || late_));
      }
    }
    auto drain = pick(2) == 0;
    sim_.close(pool_, drain);
    for (std::size_t i = 0; i < clients_.size(); ++i)
      for (auto ticket : submitted_[i]) {
        INFO("client " << i << ", ticket " << ticket);
        for (auto& x : books_[i]->answers[ticket])
          UNSCOPED_INFO("answered " << (x ? std::to_string(*x) : x.error().message));
        REQUIRE(books_[i]->answers[ticket].size() == 1);
      }
    REQUIRE(shared_->alive == 0);
    for (auto& x : sim_.ask(shared_->broker).resources) {
      INFO(x.limits.name);
      REQUIRE(x.held == 0);
      REQUIRE(x.waiting == 0);
    }
    caf::anon_send(shared_->broker, pool_close{});
    shared_->broker = nullptr;
  }

private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  errand any_errand() {
    errand x;
    x.number = ++number_;
    x.takes_ms = pick(3) == 0 ? 0 : pick(500);
    x.end = pick(6) == 0   ? errand::how::throws
            : pick(6) == 0 ? errand::how::bad
                           : errand::how::good;
    if (pick(2) == 0)
      x.needs.push_back({"cpu", 1, 1 + pick(3)});
    if (pick(3) == 0) // sometimes more than there is
      x.needs.push_back({"memory", 1 + pick(11), everything});
    return x;
  }

  /// Of each client the same numbers.
  std::uint64_t next_ticket(unsigned who) {
    submitted_[who].push_back(submitted_[who].size() + 1);
    return submitted_[who].back();
  }

  /// What a client has credit for and has not sent.
  void send_late(unsigned who) {
    auto& book = *books_[who];
    for (auto ticket : std::exchange(book.credits, {}))
      if (auto late = book.offered.extract(ticket))
        sim_.send_from(clients_[who], pool_,
                       job_request<errand_pool>{ticket, book.contexts[ticket], late.mapped()});
  }

  void step() {
    auto who = pick(static_cast<unsigned>(clients_.size()));
    switch (pick(11)) {
    case 0:
    case 1:
    case 2:
    case 3:
      for (auto n = 1 + pick(6); n > 0; --n) {
        auto ticket = next_ticket(who);
        sim_.offer(clients_[who], books_[who], pool_, ticket, any_errand(),
                   {{1 + pick(3), static_cast<job_priority>(pick(3))}, ticket});
      }
      return;
    case 4:
      return sim_.send_from(clients_[who], pool_,
                            job_request<errand_pool>{next_ticket(who), {}, any_errand()});
    case 5:
    case 6:
      if (auto& mine = submitted_[who]; !mine.empty()) {
        auto ticket = mine[pick(static_cast<unsigned>(mine.size()))];
        books_[who]->offered.erase(ticket); // who has cancelled sends no more
        sim_.send_from(clients_[who], pool_, job_cancel{ticket, "not wanted", pick(3) == 0});
      }
      return;
    case 7:
      if (auto worker = shared_->any(pick(1000)))
        caf::anon_send_exit(worker, caf::exit_reason::kill);
      return;
    case 8:
      caf::anon_send(pool_, collect_garbage{static_cast<gc_level>(pick(2))});
      return;
    case 9:
      books_[who]->slow = !books_[who]->slow;
      late_ = true;
      return send_late(who);
    default:
      if (pick(4) == 0)
        shared_->failing_inits = static_cast<int>(pick(8));
      return sim_.pass(std::chrono::milliseconds{pick(3000)});
    }
  }

  std::mt19937 random_;
  std::shared_ptr<workshop> shared_ = std::make_shared<workshop>();
  simulation sim_;
  std::size_t capacity_ = 0;
  pool_handle<errand_pool> pool_;
  std::vector<std::shared_ptr<client_book>> books_;
  std::vector<caf::actor> clients_;
  std::vector<std::vector<std::uint64_t>> submitted_; // tickets, by client
  int number_ = 0;
  bool late_ = false; // some client was slow
};

} // namespace

TEST_CASE("random schedules: every job of a pool answers exactly once and no worker is left") {
  auto first = from_environment("ZAKO_SEED", std::random_device{}());
  auto rounds = from_environment("ZAKO_SEQUENCES", 150);
  for (unsigned i = 0; i < rounds; ++i) {
    INFO("ZAKO_SEED=" << first + i << " ZAKO_SEQUENCES=1");
    schedule{first + i}.run();
  }
}
