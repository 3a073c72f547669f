// When memory is given back, how much is asked for, and what is told of it.
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>

#include "actors/garbage.hpp"
#include "actors/graph/hub.hpp"
#include "actors/scheduler.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

/// The levels that a pool was asked for.
struct asked {
  std::mutex mutex;
  std::vector<gc_level> levels;

  std::vector<gc_level> get() {
    std::lock_guard guard{mutex};
    return levels;
  }
  /// Waits for so many rounds.
  std::vector<gc_level> get(std::size_t count) {
    for (int i = 0; i < 5000 && get().size() < count; ++i)
      std::this_thread::sleep_for(1ms);
    return get();
  }
};

/// Says that each worker has freed 10 bytes.
template <class Pool>
class stand_in : public pool_handle<Pool>::base {
public:
  stand_in(caf::actor_config& config, std::shared_ptr<asked> log)
      : pool_handle<Pool>::base(config), log_(std::move(log)) {}

protected:
  typename pool_handle<Pool>::behavior_type make_behavior() override {
    return {
        [](const job_offer&) {},
        [](const job_request<Pool>&) {},
        [](const job_cancel&) {},
        [](worker_ready) {},
        [](const worker_failed&) {},
        [](const garbage_freed&) {},
        [this](const collect_garbage& how) {
          std::lock_guard guard{log_->mutex};
          log_->levels.push_back(how.level);
          return garbage_freed{10};
        },
        [](ask_pool) { return pool_state{}; },
        [](pool_close) {},
    };
  }

private:
  std::shared_ptr<asked> log_;
};

/// A collector between stand-ins, and the real hub.
class collector_fixture {
public:
  explicit collector_fixture(garbage_options options) {
    use_graph_scheduler(config_);
    system_ = std::make_unique<caf::actor_system>(config_);
    self_ = std::make_unique<caf::scoped_actor>(*system_);
    auto graph = caf::make_counted<wiring>();
    graph->totals = std::make_shared<graph_totals>();
    graph->hub = spawn_hub(*system_, graph->totals);
    hub = graph->hub;
    auto others = std::make_shared<asked>();
    graph->scripts = system_->spawn<stand_in<script_pool>>(scripts);
    graph->io = system_->spawn<stand_in<io_pool>>(others);
    graph->transpilers = system_->spawn<stand_in<transpile_pool>>(others);
    graph->processes = system_->spawn<stand_in<process_pool>>(others);
    graph->shards.push_back(caf::actor_cast<caf::strong_actor_ptr>(
        system_->spawn([](caf::event_based_actor* self) -> caf::behavior {
          return {[self](const collect_nodes& x) {
            self->send(caf::actor_cast<caf::actor>(self->current_sender()),
                       nodes_collected{x.round, 5, 2});
          }};
        })));
    collector = spawn_collector(*system_, std::move(graph), nullptr, std::move(options));
  }
  ~collector_fixture() {
    close();
    (*self_)->send_exit(hub, caf::exit_reason::user_shutdown);
    hub = nullptr;
    collector = nullptr;
  }

  void close() {
    (*self_)->send(collector, pool_close{});
    (*self_)->wait_for(collector);
  }
  void work() {
    (*self_)->request(hub, caf::infinite, subscribe{}).receive([](std::uint32_t) {}, failed);
  }
  void rest() {
    (*self_)->request(hub, caf::infinite, unsubscribe{}).receive([](const progress&) {}, failed);
  }
  garbage_report collect(gc_level level) {
    garbage_report out;
    (*self_)
        ->request(collector, caf::infinite, collect_garbage{level})
        .receive([&](garbage_report& x) { out = std::move(x); }, failed);
    return out;
  }
  garbage_totals totals() {
    garbage_totals out;
    (*self_)
        ->request(collector, caf::infinite, ask_garbage{})
        .receive([&](garbage_totals& x) { out = std::move(x); }, failed);
    return out;
  }
  void press(bool full) { (*self_)->send(collector, memory_pressure{full}); }

  std::shared_ptr<asked> scripts = std::make_shared<asked>();
  hub_actor hub;
  collector_actor collector;

private:
  static void failed(const caf::error& why) { FAIL(caf::to_string(why)); }

  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<caf::scoped_actor> self_;
};

using levels = std::vector<gc_level>;

} // namespace

TEST_CASE("a round by command asks everybody, and sums up") {
  collector_fixture f{{.on_pressure = false}};
  auto report = f.collect(gc_level::full);
  CHECK(f.scripts->get() == levels{gc_level::full});
  CHECK(report.bytes_freed == 40);
  CHECK(report.nodes_freed == 5);
  CHECK(report.nodes_live == 2);
  f.collect(gc_level::gentle);
  auto totals = f.totals();
  CHECK(totals.rounds["command"] == 2);
  CHECK(totals.freed["script"] == 20);
  CHECK(totals.nodes == 10);
}

TEST_CASE("when nobody works there is a gentle round, then a full one, then none") {
  collector_fixture f{{.idle = 60ms, .on_pressure = false}};
  f.work();
  std::this_thread::sleep_for(150ms);
  CHECK(f.scripts->get().empty());
  f.rest();
  CHECK(f.scripts->get(2) == levels{gc_level::gentle, gc_level::full});
  std::this_thread::sleep_for(200ms);
  CHECK(f.scripts->get().size() == 2);
  f.work();
  f.rest();
  CHECK(f.scripts->get(4).size() == 4);
  for (int i = 0; i < 200 && f.totals().rounds["idle"] < 4; ++i) // counted once all have answered
    std::this_thread::sleep_for(10ms);
  CHECK(f.totals().rounds["idle"] == 4);
}

TEST_CASE("work that goes on puts an idle round off") {
  collector_fixture f{{.idle = 200ms, .on_pressure = false}};
  for (int i = 0; i < 4; ++i) {
    f.work();
    f.rest();
    std::this_thread::sleep_for(80ms);
  }
  f.work();
  std::this_thread::sleep_for(300ms);
  CHECK(f.scripts->get().empty());
}

TEST_CASE("scarce memory begins a round of its level, and not one after the other") {
  collector_fixture f{{.on_pressure = false}};
  bool full = GENERATE(false, true);
  f.press(full);
  CHECK(f.scripts->get(1) == levels{full ? gc_level::full : gc_level::gentle});
  for (int i = 0; i < 10; ++i)
    f.press(true);
  CHECK(f.totals().rounds["pressure"] == 1);
  f.collect(gc_level::gentle); // a person may ask at any time
  CHECK(f.scripts->get().size() == 2);
}

TEST_CASE("the totals of the last run that worked are found again") {
  temporary_folder folder;
  auto file = folder.path("collected");
  {
    collector_fixture f{{.on_pressure = false, .totals_file = file}};
    f.work();
    f.collect(gc_level::full);
    f.rest();
  }
  {
    collector_fixture f{{.on_pressure = false, .totals_file = file}};
    CHECK(f.totals().rounds["command"] == 1); // `zako info`, which works for nobody
    CHECK(f.totals().freed["script"] == 10);
  }
  {
    collector_fixture f{{.on_pressure = false, .totals_file = file}};
    f.work();
    f.rest();
  }
  collector_fixture f{{.on_pressure = false, .totals_file = file}};
  CHECK(f.totals().rounds.empty());
}

namespace {

constexpr const char* wasteful =
    "const all = []; for (let i = 0; i < 400000; i++) all.push({i, s: 'x' + i});\n"
    "export const n = all.length;\n";

/// waste: makes much garbage in a script.
kind wasteful_script() {
  return {.name = "waste",
          .version = 1,
          .compute = [](context& ctx) -> task<outcome> {
            evaluate_job start;
            start.module = "waste.js";
            auto step = co_await ctx.perform(std::move(start));
            while (step && step->query) {
              resume_job next;
              for (auto& wanted : step->query->imports) {
                module_source source{wanted.specifier, wasteful, "", ""};
                next.reply.modules.push_back(std::move(source));
              }
              step = co_await ctx.perform(std::move(next));
            }
            if (!step)
              co_return tl::unexpected(step.error());
            co_return value::of<std::int32_t>(1);
          },
          .confirm = nullptr,
          .counted = false};
}

std::uint64_t part(const garbage_report& x, const std::string& name) {
  std::uint64_t sum = 0;
  for (auto& y : x.parts)
    if (y.name == name)
      sum += y.bytes;
  return sum;
}

} // namespace

TEST_CASE("a script's garbage leaves memory, and a full round takes the isolate too") {
  kind_table kinds;
  kinds.add(wasteful_script());
  engine_fixture engine{std::move(kinds)};
  auto collect = [&](gc_level level) {
    garbage_report out;
    engine.self()
        ->request(engine.engine(), caf::infinite, collect_garbage{level})
        .receive([&](garbage_report& x) { out = std::move(x); }, [](const caf::error&) { FAIL(); });
    return out;
  };
  REQUIRE(number(engine.get(key("waste", "1")).root) == 1);
  auto gentle = collect(gc_level::gentle);
  CHECK(part(gentle, "script") > 10u << 20);
  CHECK(part(gentle, "resident") > 5u << 20); // it is not only V8 that says so
  auto full = collect(gc_level::full);
  CHECK(part(full, "script") > 0);
  CHECK(part(collect(gc_level::full), "script") == 0);
  CHECK(number(engine.get(key("waste", "2")).root) == 1);
}
