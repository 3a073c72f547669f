// A pool in a simulated actor system: one thread, a clock that the test moves, and any order of
// messages that a real system could have.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <catch2/catch.hpp>

#include "actors/workers/cooperative_worker.hpp"
#include "actors/workers/pool.hpp"

namespace zako::test {

/// A number that a variable of the environment may set, for longer runs and replays.
unsigned from_environment(const char* name, unsigned fallback);

/// A job of the test's pools.
struct errand {
  enum class how : std::uint8_t { good, bad, throws } end = how::good;
  std::int64_t takes_ms = 0; // for slow workers, while they have what it needs
  int number = 0;
  std::vector<need> needs = {};
};

struct errand_pool {
  static constexpr std::string_view name = "errand";
  using input = errand;
  using output = int;
};

template <class Inspector>
bool inspect(Inspector& f, errand::how& x) {
  return inspect_enum(f, x, errand::how::good, errand::how::throws);
}
template <class Inspector>
bool inspect(Inspector& f, errand& x) {
  return f.object(x).fields(f.field("end", x.end), f.field("takes_ms", x.takes_ms),
                            f.field("number", x.number), f.field("needs", x.needs));
}

/// What the workers of one test have in common, on any thread.
class workshop {
public:
  std::atomic<int> alive{0};         // workers
  std::atomic<int> failing_inits{0}; // so many workers fail to begin

  /// False when this worker shall fail.
  bool enter();
  void leave() { --alive; }
  [[nodiscard]] int most_alive() const { return most_alive_; }

  void did(int number);
  /// The errands' numbers, in the order of their ends.
  [[nodiscard]] std::vector<int> done() const;

  void add(caf::actor slow_worker);
  /// Who gives slow workers what their errands need; may be null.
  resource_actor broker;

  /// One of the slow workers that were ever started; null when there was none.
  [[nodiscard]] caf::actor any(unsigned chance) const;
  [[nodiscard]] std::size_t started() const;

private:
  mutable std::mutex lock_;
  std::atomic<int> most_alive_{0};
  std::vector<int> done_;
  std::vector<caf::actor> slow_workers_;
};

/// Does its errands at once.
struct errand_behaviour {
  using pool = errand_pool;
  using context = std::shared_ptr<workshop>;
  static constexpr unsigned retries = 0;

  ~errand_behaviour();
  result<void> init(const context& shared);
  result<int> process(errand&& job, const job_control& control);
  std::size_t gc(gc_level level) { return level == gc_level::full ? 100 : 10; }

  context shared;
};

/// The same, and a job whose worker was lost is tried twice more.
struct stubborn_behaviour : errand_behaviour {
  static constexpr unsigned retries = 2;
};

/// Spawns a pool of workers that take their time, read messages meanwhile, and can be killed.
pool_handle<errand_pool> spawn_slow_pool(caf::actor_system& system,
                                         const std::shared_ptr<workshop>& shared,
                                         pool_limits limits, unsigned retries = 0);

/// What one client knows of its jobs.
struct client_book {
  std::map<std::uint64_t, std::vector<result<int>>> answers; // by ticket: exactly one, in the end
  std::map<std::uint64_t, job_context> contexts;             // as they came back
  std::vector<std::uint64_t> credits;
  std::map<std::uint64_t, errand> offered; // sent when there is credit
  bool slow = false;                       // only notes its credit
};

class simulation {
public:
  simulation();
  ~simulation();

  /// Runs everything that needs no time, in the order of arrival or in a random one.
  void settle();
  void settle(std::mt19937& random, std::size_t most = SIZE_MAX);
  /// Moves the clock, and settles.
  void pass(std::chrono::milliseconds time);

  /// A new client of the pool.
  caf::actor spawn_client(const std::shared_ptr<client_book>& book,
                          const pool_handle<errand_pool>& pool);
  /// Sends as the client would.
  template <class Message>
  void send_from(const caf::actor& client, const pool_handle<errand_pool>& pool, Message what) {
    caf::actor_cast<caf::strong_actor_ptr>(pool)->enqueue(
        caf::actor_cast<caf::strong_actor_ptr>(client), caf::make_message_id(),
        caf::make_message(std::move(what)), nullptr);
  }
  void offer(const caf::actor& client, const std::shared_ptr<client_book>& book,
             const pool_handle<errand_pool>& pool, std::uint64_t ticket, errand what,
             job_context about = {});
  pool_state ask(const pool_handle<errand_pool>& pool) {
    return answer<pool_state>(pool, ask_pool{});
  }
  resource_report ask(const resource_actor& broker) {
    return answer<resource_report>(broker, ask_resources{});
  }
  garbage_freed collect(const pool_handle<errand_pool>& pool, gc_level level) {
    return answer<garbage_freed>(pool, collect_garbage{level});
  }
  [[nodiscard]] bool alive(const caf::actor_addr& who) const;
  /// Closes the pool and waits for its end; fails the test when it does not come.
  void close(pool_handle<errand_pool>& pool, bool drain = false);
  caf::actor_system& system() { return *system_; }

private:
  /// Asks, lets everything happen, and gives the answer, which must have come.
  template <class Answer, class Handle, class Question>
  Answer answer(const Handle& target, Question question) {
    std::optional<Answer> out;
    system_->spawn([&out, target, question](caf::event_based_actor* self) {
      self->request(target, caf::infinite, question).then([&out](Answer& x) {
        out = std::move(x);
      });
    });
    settle();
    REQUIRE(out);
    return std::move(*out);
  }

  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* jobs_;
};

} // namespace zako::test

CAF_BEGIN_TYPE_ID_BLOCK(zako_test, caf::id_block::zako::end)
CAF_ADD_TYPE_ID(zako_test, (zako::test::errand))
CAF_ADD_TYPE_ID(zako_test, (zako::job_request<zako::test::errand_pool>))
CAF_ADD_TYPE_ID(zako_test, (zako::job_result<zako::test::errand_pool>))
CAF_ADD_TYPE_ID(zako_test, (zako::pool_handle<zako::test::errand_pool>))
CAF_END_TYPE_ID_BLOCK(zako_test)
