// Pools on real threads and a real clock: whatever meets whatever, every job answers exactly once.
#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>
#include <thread>

#include <caf/scoped_actor.hpp>

#include "actors/resources.hpp"
#include "actors/scheduler.hpp"
#include "pool_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

struct threads {
  struct config : caf::actor_system_config {
    config() {
      use_graph_scheduler(*this);
      set("caf.scheduler.max-threads", 3);
    }
  };
  config options;
  caf::actor_system system{options};
};

/// A pool of slow workers, and the test's own thread as its client.
class shop {
public:
  shop(caf::actor_system& system, pool_limits limits, unsigned retries)
      : self_(system), pool_(spawn_slow_pool(system, shared_, limits, retries)) {
    shared_->broker = spawn_resources(
        system, {{.name = "cpu", .capacity = 3}, {.name = "memory", .capacity = 10}});
  }

  void offer(errand what) {
    offered_[++ticket_] = what;
    answers_[ticket_] = 0;
    self_->send(pool_, job_offer{ticket_, {{1, job_priority::normal}, ticket_}});
  }
  void cancel(std::uint64_t ticket, bool gentle) {
    offered_.erase(ticket);
    self_->send(pool_, job_cancel{ticket, "not wanted", gentle});
  }
  /// One of the workers that were started last.
  void kill(unsigned chance) {
    auto back = 1 + chance % 4;
    if (auto started = static_cast<unsigned>(shared_->started()); started >= back)
      caf::anon_send_exit(shared_->any(started - back), caf::exit_reason::kill);
  }
  void collect() { caf::anon_send(pool_, collect_garbage{}); }

  /// Handles what has come, and what comes within this time.
  void listen(std::chrono::microseconds time) {
    bool more = true;
    self_->receive_while(more)(
        [&](const job_credit& x) {
          if (auto job = offered_.extract(x.ticket))
            self_->send(pool_, job_request<errand_pool>{x.ticket, {}, job.mapped()});
        },
        [&](const job_result<errand_pool>& x) {
          ++answers_[x.ticket];
          offered_.erase(x.ticket);
        },
        caf::after(time) >> [&] { more = false; });
  }
  /// Until every job has its answer, for at most a minute.
  void listen_to_all() {
    auto open = [&] {
      return std::any_of(answers_.begin(), answers_.end(), [](auto& x) { return x.second == 0; });
    };
    for (auto end = std::chrono::steady_clock::now() + 60s;
         open() && std::chrono::steady_clock::now() < end;)
      listen(1ms);
  }
  void close(bool drain) {
    self_->send(pool_, pool_close{drain});
    listen_to_all();
    self_->wait_for(pool_);
    listen(0us);
    for (auto& [ticket, count] : answers_) {
      INFO("ticket " << ticket);
      REQUIRE(count == 1);
    }
    REQUIRE(shared_->alive == 0);
    auto end = std::chrono::steady_clock::now() + 10s; // the end of a holder takes its way
    while (!all_free() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(1ms);
    REQUIRE(all_free());
    self_->send(shared_->broker, pool_close{});
    shared_->broker = nullptr;
  }
  bool all_free() {
    bool out = false;
    self_->request(shared_->broker, 10s, ask_resources{})
        .receive(
            [&](const resource_report& x) {
              out = std::all_of(x.resources.begin(), x.resources.end(),
                                [](auto& r) { return r.held == 0 && r.waiting == 0; });
            },
            [](const caf::error&) { REQUIRE(false); });
    return out;
  }
  pool_state ask() {
    pool_state out;
    self_->request(pool_, 10s, ask_pool{})
        .receive([&](const pool_state& x) { out = x; }, [](const caf::error&) { REQUIRE(false); });
    return out;
  }
  [[nodiscard]] std::uint64_t last_ticket() const { return ticket_; }

private:
  std::shared_ptr<workshop> shared_ = std::make_shared<workshop>();
  caf::scoped_actor self_;
  pool_handle<errand_pool> pool_;
  std::uint64_t ticket_ = 0;
  std::map<std::uint64_t, errand> offered_;
  std::map<std::uint64_t, int> answers_;
};

} // namespace

TEST_CASE("random schedules on threads: every job answers exactly once, and all workers end") {
  auto first = from_environment("ZAKO_SEED", std::random_device{}());
  auto rounds = from_environment("ZAKO_SEQUENCES", 60);
  threads real;
  for (unsigned round = 0; round < rounds; ++round) {
    INFO("ZAKO_SEED=" << first + round << " ZAKO_SEQUENCES=1");
    std::mt19937 random{first + round};
    auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
    pool_limits limits;
    limits.max_workers = 1 + pick(4);
    limits.idle_timeout = std::chrono::milliseconds{1 + pick(5)};
    limits.restarts.first_pause = 100'000;
    limits.restarts.longest_pause = 1'000'000;
    limits.restarts.period = 20'000'000;
    shop s{real.system, limits, pick(3)};
    for (auto steps = 10 + pick(40); steps > 0; --steps) {
      switch (pick(6)) {
      case 0:
        s.kill(pick(1000));
        break;
      case 1:
        s.collect();
        break;
      case 2:
        if (s.last_ticket() > 0)
          s.cancel(1 + pick(static_cast<unsigned>(s.last_ticket())), pick(3) == 0);
        break;
      default:
        for (auto n = pick(5); n > 0; --n)
          s.offer({pick(6) == 0 ? errand::how::throws : errand::how::good,
                   pick(2),
                   0,
                   {{"cpu", 1, 1 + pick(3)}, {"memory", 1 + pick(5), everything}}});
      }
      s.listen(std::chrono::microseconds{pick(300)});
    }
    s.close(pick(2) == 0);
  }
}

TEST_CASE("a pool whose workers are killed in mid-job a thousand times is whole again") {
  threads real;
  shop s{real.system, {.max_workers = 4, .restarts = {.intensity = 100'000, .first_pause = 0}}, 0};
  auto kills = from_environment("ZAKO_KILLS", 1000);
  std::mt19937 random{7};
  while (s.ask().restarts < kills) {
    s.offer({errand::how::good, 1, 0});
    s.offer({errand::how::good, 0, 0});
    s.listen(200us);
    for (unsigned n = 0; n < 3; ++n)
      s.kill(static_cast<unsigned>(random()));
  }
  s.listen_to_all();
  for (int i = 0; i < 100; ++i)
    s.offer({errand::how::good, 0, 0});
  s.listen_to_all();
  auto now = s.ask();
  CHECK(now.in_line + now.credits + now.queued + now.busy == 0);
  s.close(true);
}
