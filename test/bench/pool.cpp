// The worker pool alone: how fast empty jobs go through, how soon cancelled programs are gone, and
// what an idle engine costs.
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/scoped_actor.hpp>
#include <fmt/format.h>

#include "actors/engine.hpp"
#include "actors/graph/hub.hpp"
#include "actors/graph/wiring.hpp"
#include "actors/resources.hpp"
#include "actors/scheduler.hpp"
#include "actors/workers/cooperative_worker.hpp"
#include "actors/workers/process_worker.hpp"
#include "test/bench/benchmark.hpp"

namespace zako::bench {

/// Jobs with nothing in them.
struct empty_pool {
  static constexpr std::string_view name = "empty";
  using input = std::uint32_t;
  using output = std::uint32_t;
};

} // namespace zako::bench

CAF_BEGIN_TYPE_ID_BLOCK(zako_bench, caf::id_block::zako::end)
CAF_ADD_TYPE_ID(zako_bench, (zako::job_request<zako::bench::empty_pool>))
CAF_ADD_TYPE_ID(zako_bench, (zako::job_result<zako::bench::empty_pool>))
CAF_ADD_TYPE_ID(zako_bench, (zako::pool_handle<zako::bench::empty_pool>))
CAF_END_TYPE_ID_BLOCK(zako_bench)

namespace zako::bench {

namespace {

using namespace std::chrono_literals;

constexpr unsigned default_jobs = 1'000'000;
constexpr unsigned runs = 5;
constexpr std::uint64_t window = 64; // offers of one client under way
constexpr auto longest_step = 200us; // of a paced load
constexpr auto idle_time = 5s;
constexpr unsigned programs = 1'002; // of which as many run as there are slots
constexpr unsigned slots = 2;

struct empty_behaviour {
  using pool = empty_pool;
  struct context {};
  result<void> init(const context&) { return {}; }
  result<std::uint32_t> process(std::uint32_t&& x, const job_control&) { return x; }
  std::size_t gc(gc_level) { return 0; }
};

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

double cpu_ms() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  double sum = 0;
  for (auto& t : {used.ru_utime, used.ru_stime})
    sum += static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) * 1e-3;
  return sum;
}

/// Offers jobs, sends each when there is credit, and notes how long its answer took.
struct client_state {
  std::vector<std::int64_t> begun; // by ticket
  std::vector<std::int64_t> took;
  std::atomic<std::uint64_t> answered{0};
};

caf::behavior client(caf::event_based_actor* self, std::shared_ptr<client_state> state,
                     pool_handle<empty_pool> pool, bool keep_window, caf::actor owner) {
  auto target = caf::actor_cast<caf::strong_actor_ptr>(pool);
  auto next = std::make_shared<std::uint64_t>(0);
  auto offer = [self, state, target, next] {
    if (*next >= state->begun.size())
      return;
    state->begun[*next] = now_ns();
    tell(self, target, job_offer{(*next)++, {}});
  };
  for (std::uint64_t i = 0; keep_window && i < window; ++i)
    offer();
  return {
      [self, target](const job_credit& x) {
        tell(self, target, job_request<empty_pool>{x.ticket, {}, 0});
      },
      [self, state, offer, keep_window, owner](const job_result<empty_pool>& x) {
        state->took[x.ticket] = now_ns() - state->begun[x.ticket];
        if (keep_window)
          offer();
        if (++state->answered == state->begun.size())
          self->send(owner, worker_ready{});
      },
      // At half load the benchmark's own thread says when: each number is one job.
      [offer](std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i)
          offer();
      },
  };
}

struct load {
  double jobs_per_s = 0;
  double p99_us = 0;
};

/// So many jobs; as fast as they go, or at this rate.
load run_jobs(caf::actor_system& system, unsigned count, double rate) {
  caf::scoped_actor self{system};
  auto pool = spawn_pool<empty_behaviour>(system, {}, {.max_workers = 2, .min_workers = 2});
  auto state = std::make_shared<client_state>();
  state->begun.resize(count);
  state->took.resize(count);
  auto begin = now_ns();
  auto sender = system.spawn(client, state, pool, rate == 0, caf::actor_cast<caf::actor>(self));
  // This thread may come late to a core. What was due meanwhile follows at the same rate: at once
  // it would be another load.
  auto last = begin;
  for (double due = 0; rate > 0 && due < count;) {
    std::this_thread::sleep_for(50us);
    auto now = now_ns();
    auto passed = std::min(now - last, std::chrono::nanoseconds{longest_step}.count());
    last = now;
    auto before = static_cast<unsigned>(due);
    due = std::min<double>(count, due + static_cast<double>(passed) * 1e-9 * rate);
    if (auto more = static_cast<unsigned>(due) - before; more > 0)
      self->send(sender, static_cast<std::uint32_t>(more));
  }
  self->receive([](worker_ready) {});
  load out;
  out.jobs_per_s = count / (static_cast<double>(now_ns() - begin) * 1e-9);
  auto& took = state->took;
  auto p99 = took.begin() + static_cast<std::ptrdiff_t>(took.size() * 99 / 100);
  std::nth_element(took.begin(), p99, took.end());
  out.p99_us = static_cast<double>(*p99) * 1e-3;
  self->send(pool, pool_close{});
  self->send_exit(sender, caf::exit_reason::user_shutdown);
  return out;
}

std::size_t entries_of(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder}, {}));
}

std::uint64_t held(caf::scoped_actor& self, const resource_actor& broker) {
  std::uint64_t out = 0;
  self->request(broker, caf::infinite, ask_resources{})
      .receive([&](const resource_report& x) { out = x.resources.front().held; },
               [](const caf::error&) { throw failure("the broker does not answer"); });
  return out;
}

/// A process pool with two slots, offered a thousand programs that would run for long; from the
/// first message that cancels one to the last answer. Throws when anything is left of them.
double cancel_ms(caf::actor_system& system, bool count) {
  auto files = entries_of("/proc/self/fd");
  auto tasks = entries_of("/proc/self/task");
  double took = 0;
  {
    caf::scoped_actor self{system};
    auto broker = spawn_resources(system, {{.name = "cpu", .capacity = slots}});
    auto hub = spawn_hub(system, std::make_shared<graph_totals>());
    auto watcher = child_watcher::create();
    if (!watcher)
      throw failure(to_text(watcher.error()));
    process_context context;
    context.watcher = std::move(*watcher);
    context.resources = broker;
    context.hub = hub;
    auto pool = system.spawn<pool_actor<process_pool>>(
        pool_limits{.max_workers = 2 * slots},
        [&system, context](pool_handle<process_pool> owner, const std::shared_ptr<job_stop>&) {
          return spawn_process_worker(system, std::move(owner), context);
        });
    context = {};
    for (std::uint64_t i = 0; i < programs; ++i)
      self->send(pool, job_offer{i, {}});
    unsigned answered = 0;
    bool cancelled = false;
    // Handles what comes, until `enough` or until nothing has come for so long.
    auto listen = [&](std::chrono::milliseconds silence, unsigned enough) {
      bool more = true;
      self->receive_while([&] { return more && answered < enough; })(
          [&](const job_credit& x) {
            if (cancelled)
              return;
            command_job job;
            job.what.argv = {"/bin/sleep", "1000"};
            self->send(pool, job_request<process_pool>{x.ticket, {}, std::move(job)});
          },
          [&](const job_result<process_pool>& x) {
            answered += !x.what && x.what.error().code == errc::cancelled ? 1 : 0;
          },
          caf::after(silence) >> [&] { more = false; });
    };
    while (held(self, broker) < slots)
      listen(5ms, programs);
    listen(100ms, programs); // by now both programs run
    auto begin = now_ns();
    cancelled = true;
    for (std::uint64_t i = 0; i < programs; ++i)
      self->send(pool, job_cancel{i, "enough"});
    listen(10s, programs);
    took = static_cast<double>(now_ns() - begin) * 1e-6;
    if (answered != programs || held(self, broker) != 0)
      throw failure("a cancelled program was not answered, or a slot is still held");
    if (waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD)
      throw failure("a cancelled program is still there");
    self->send(pool, pool_close{});
    self->send(broker, pool_close{});
    self->send_exit(hub, caf::exit_reason::user_shutdown);
    self->wait_for(pool, broker, hub);
  }
  if (!count)
    return took;
  auto left = [&] {
    auto more = [](std::size_t now, std::size_t before) { return now > before ? now - before : 0; };
    return std::pair{more(entries_of("/proc/self/task"), tasks),
                     more(entries_of("/proc/self/fd"), files)};
  };
  auto end = now_ns() + std::chrono::nanoseconds{5s}.count(); // threads take a moment to be gone
  while (left() != std::pair<std::size_t, std::size_t>{} && now_ns() < end)
    std::this_thread::sleep_for(1ms);
  if (auto [threads, descriptors] = left(); threads + descriptors > 0)
    throw failure(fmt::format("cancelled programs have left {} threads and {} descriptors behind",
                              threads, descriptors));
  return took;
}

/// An engine that nobody asks anything.
double idle_percent(caf::actor_system& system) {
  auto engine = spawn_engine(system, {});
  if (!engine)
    throw failure(to_text(engine.error()));
  std::this_thread::sleep_for(1s);
  auto cpu = cpu_ms();
  auto begin = now_ns();
  std::this_thread::sleep_for(idle_time);
  auto percent = 100 * (cpu_ms() - cpu) / (static_cast<double>(now_ns() - begin) * 1e-6);
  caf::scoped_actor self{system};
  self->request(*engine, caf::infinite, close_engine{}).receive([] {}, [](const caf::error&) {});
  return percent;
}

} // namespace

void pool(const settings& how, report& out) {
  auto count = how.size > 0 ? how.size : default_jobs;
  caf::init_global_meta_objects<caf::id_block::zako_bench>();
  init_types();
  caf::actor_system_config config;
  use_graph_scheduler(config);
  config.set("caf.scheduler.max-threads", std::max(1u, std::thread::hardware_concurrency()));
  caf::actor_system system{config};
  out.note(fmt::format("{} empty jobs, each offered, credited and sent by one client; a pool of 2 "
                       "cooperative workers",
                       count));
  std::vector<double> speed, half, late;
  for (unsigned i = 0; i < runs; ++i)
    speed.push_back(run_jobs(system, count, 0).jobs_per_s);
  for (unsigned i = 0; i < runs; ++i) {
    auto paced = run_jobs(system, count / 2, median(speed) / 2);
    half.push_back(paced.jobs_per_s);
    late.push_back(paced.p99_us);
  }
  cancel_ms(system, false); // what a process opens once for all its children is open then
  std::vector<double> gone;
  for (unsigned i = 0; i < runs; ++i)
    gone.push_back(cancel_ms(system, true));
  auto idle = idle_percent(system);
  out.row("empty jobs", speed, "/s");
  out.row("half load", half, "/s");
  out.row("99 % answered within, at half load", late, "us");
  out.row("1,002 programs cancelled, 2 of them running", gone, "ms");
  out.row("CPU of an idle engine", {idle}, "%");
  out.metric("jobs_per_s", median(speed), 0, "/s");
  out.metric("p99_us", median(late), 0, "us");
  out.metric("cancel_ms", median(gone), 1, "ms");
  out.metric("idle_cpu_percent", idle, 3, "%");
}

} // namespace zako::bench
