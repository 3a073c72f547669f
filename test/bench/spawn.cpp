// Starting programs: thousands of tiny ones through the process pool, beside a bare loop and make.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <fmt/format.h>

#include "actors/engine.hpp"
#include "actors/scheduler.hpp"
#include "test/bench/benchmark.hpp"
#include "test/bench/process.hpp"

namespace zako::bench {

namespace {

constexpr unsigned default_programs = 10'000;
constexpr unsigned rounds = 5;
constexpr unsigned at_once = 2;
constexpr const char* loop_variable = "ZAKO_BENCH_BARE"; // in a child: what it shall start
constexpr std::size_t ballast_bytes = std::size_t{1} << 30;

constexpr const char* program_source = "int main(void) { return 0; }\n";

/// Of this process, all its threads, and of the children that it has waited for.
double cpu_us() {
  double sum = 0;
  for (auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    getrusage(who, &used);
    for (auto& t : {used.ru_utime, used.ru_stime})
      sum += static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  }
  return sum;
}

/// The least that it takes: start, wait, again.
void start_and_wait(const std::string& program, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    auto name = program;
    char* argv[] = {name.data(), nullptr};
    char* env[] = {nullptr};
    pid_t pid = 0;
    if (auto bad = posix_spawn(&pid, argv[0], nullptr, nullptr, argv, env); bad != 0)
      throw failure(fmt::format("cannot start '{}': {}", program, std::strerror(bad)));
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || status != 0)
      throw failure("a program of the bare loop failed");
  }
}

/// Two such loops at once, each in a process of its own: two programs at once are slower than one,
/// whoever starts them.
double run_bare(const std::string& program, unsigned count) {
  auto self = std::filesystem::canonical("/proc/self/exe").string();
  std::array<double, at_once> cpu_ms{};
  std::array<std::string, at_once> failures;
  std::vector<std::thread> loops;
  for (unsigned i = 0; i < at_once; ++i)
    loops.emplace_back([&, i] {
      try {
        cpu_ms[i] = spawn_good({self, "spawn", "--size", std::to_string(count / at_once)},
                               {.environment = {std::string(loop_variable) + '=' + program}})
                        .cpu_ms;
      } catch (const failure& why) {
        failures[i] = why.what();
      }
    });
  for (auto& x : loops)
    x.join();
  for (auto& why : failures)
    if (!why.empty())
      throw failure(why);
  return std::accumulate(cpu_ms.begin(), cpu_ms.end(), 0.0) * 1e3 / count;
}

double run_make(const std::string& makefile, unsigned count) {
  auto done = spawn_good({"make", "-s", "-j" + std::to_string(at_once), "-f", makefile});
  return done.cpu_ms * 1e3 / count;
}

/// all: runs the program so many times, each run one job of the process pool.
kind_table jobs_of(const std::string& program, unsigned count) {
  kind_table kinds;
  kinds.add({.name = "one",
             .version = 1,
             .compute = [program](context& ctx) -> task<zako::outcome> {
               command_job job;
               job.what.argv = {program};
               auto done = co_await ctx.perform(std::move(job));
               if (!done)
                 co_return tl::unexpected(done.error());
               if (done->exit_code != 0)
                 co_return fail(errc::action_failed, "a program failed");
               co_return value::of<std::uint64_t>(1);
             },
             .confirm = nullptr,
             .counted = false});
  kinds.add({.name = "all",
             .version = 1,
             .compute = [count](context& ctx) -> task<zako::outcome> {
               std::vector<key> all;
               auto round = std::string(ctx.self().payload());
               for (unsigned i = 0; i < count; ++i)
                 all.emplace_back("one", round + '.' + std::to_string(i));
               for (auto& x : co_await ctx.request_all(std::move(all)))
                 if (!x)
                   co_return tl::unexpected(x.error());
               co_return value::of<std::uint64_t>(count);
             },
             .confirm = nullptr,
             .counted = false});
  return kinds;
}

/// An engine without a workspace, `at_once` actions at once.
class running_engine {
public:
  explicit running_engine(kind_table kinds) : self_(system_) {
    engine_options options;
    if (!options.settings.set("resources.cpu", at_once, "benchmark"))
      throw failure("a core at least is needed");
    options.kinds = std::move(kinds);
    auto engine = spawn_engine(system_, std::move(options));
    if (!engine)
      throw failure(to_text(engine.error()));
    engine_ = *engine;
    self_->request(engine_, caf::infinite, open_session{}, listener_actor{})
        .receive([&](session_actor& x) { session_ = std::move(x); }, lost);
  }

  ~running_engine() {
    session_ = nullptr;
    self_->request(engine_, caf::infinite, close_engine{}).receive([] {}, [](const caf::error&) {});
  }

  double run(unsigned count) {
    auto before = cpu_us();
    self_->request(session_, caf::infinite, key("all", std::to_string(++round_)))
        .receive(
            [](session_report& done) {
              if (!done.root)
                throw failure(to_text(done.root.error()));
            },
            lost);
    return (cpu_us() - before) / count;
  }

private:
  struct configured : caf::actor_system_config {
    configured() {
      init_types();
      use_graph_scheduler(*this);
      set("caf.scheduler.max-threads",
          static_cast<std::size_t>(std::max(1u, std::thread::hardware_concurrency())));
    }
  };
  static void lost(const caf::error& why) { throw failure(caf::to_string(why)); }

  configured config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_;
  engine_actor engine_;
  session_actor session_;
  unsigned round_ = 0;
};

std::string makefile_for(const std::string& program, unsigned count) {
  std::string names, rules;
  for (unsigned i = 0; i < count; ++i) {
    names += fmt::format(" t{}", i);
    rules += fmt::format("t{}:\n\t{}\n", i, program);
  }
  return ".PHONY: all" + names + "\nall:" + names + '\n' + rules;
}

} // namespace

void spawn(const settings& given, report& out) {
  auto count = given.size == 0 ? default_programs : given.size;
  if (auto* program = std::getenv(loop_variable))
    return start_and_wait(program, count);
  temporary_folder work;
  auto program = work / "tiny", makefile = work / "Makefile";
  write_file(program + ".c", program_source);
  spawn_good({"cc", "-O1", "-static", program + ".c", "-o", program}, {.keep_output = true});
  write_file(makefile, makefile_for(program, count));
  out.note(fmt::format("{} runs of a static program that does nothing: CPU time per run, its own "
                       "and that of whoever starts it.\n"
                       "  Always {} at once: bare loops of posix_spawn and waitpid, each in a "
                       "process of its own;\n"
                       "  `make -j`, no shell; the process pool of an engine.",
                       count, at_once));
  running_engine engine{jobs_of(program, count)};
  std::vector<double> bare, ours, make, loaded;
  for (unsigned i = 0; i < rounds; ++i) {
    bare.push_back(run_bare(program, count));
    ours.push_back(engine.run(count));
    make.push_back(run_make(makefile, count));
    std::vector<char> ballast(ballast_bytes, 1); // in each round: a busy machine is so for all
    loaded.push_back(engine.run(count));
    if (ballast[ballast_bytes / 2] != 1) // it is in use until here
      throw failure("the memory has changed");
  }
  out.row("bare", bare, "us");
  out.row("zako", ours, "us");
  out.row("make", make, "us");
  out.row("zako with 1 GiB in memory", loaded, "us");
  out.metric("ratio_bare", median(ours) / median(bare), 3, "x");
  out.metric("ratio_make", median(ours) / median(make), 3, "x");
  out.metric("ratio_1gib", median(loaded) / median(ours), 3, "x");
}

} // namespace zako::bench
