// Programs run by the process pool: output, outputs, limits, and their ends.
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include <catch2/catch.hpp>

#include "actors/cgroup.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

/// run: performs one command job and keeps its answer for the test.
struct outcome_of_command {
  result<command_job::answer> answer = fail(errc::internal, "it did not run");
};

kind_table running(command_job job, std::shared_ptr<outcome_of_command> out) {
  kind_table kinds;
  kinds.add({.name = "run",
             .version = 1,
             .compute = [job, out](context& ctx) -> task<outcome> {
               auto copy = job;
               out->answer = co_await ctx.perform(std::move(copy));
               co_return value::of<std::int32_t>(0);
             },
             .confirm = nullptr,
             .counted = true});
  return kinds;
}

command_job shell(const std::string& script) {
  command_job job;
  job.what.argv = {"/bin/sh", "-c", script};
  job.what.env = {{"PATH", "/usr/bin:/bin"}};
  job.title = "TEST";
  return job;
}

/// Runs one job in a workspace of its own.
result<command_job::answer> run(const command_job& job, const temporary_folder& folder) {
  auto out = std::make_shared<outcome_of_command>();
  engine_fixture engine{running(job, out), folder.path(), folder.path("cache")};
  number(engine.get(key("run", "")).root);
  return out->answer;
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Killed, but perhaps not yet reaped by whoever adopted it; a moment is left for the kernel.
bool has_ended(int pid) {
  for (int i = 0; i < 50; ++i) {
    auto state = read_file("/proc/" + std::to_string(pid) + "/stat");
    if (state.empty() || state.find(") Z ") != std::string::npos ||
        state.find(") X ") != std::string::npos)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

} // namespace

TEST_CASE("what a program prints and its exit code come back") {
  temporary_folder folder;
  auto answer = run(shell("echo out; echo err >&2; exit 7"), folder);
  REQUIRE(answer);
  CHECK(answer->exit_code == 7);
  CHECK(answer->text == "out\nerr\n");
}

TEST_CASE("a signal is an exit code above 128") {
  temporary_folder folder;
  auto answer = run(shell("kill -9 $$"), folder);
  REQUIRE(answer);
  CHECK(answer->exit_code == 128 + SIGKILL);
}

TEST_CASE("a program sees the environment that was given and nothing else") {
  temporary_folder folder;
  ::setenv("ZAKO_TEST_LEAK", "yes", 1);
  auto job = shell("echo ${ZAKO_TEST_LEAK:-clean} $GIVEN; cat");
  job.what.env["GIVEN"] = "given";
  auto answer = run(job, folder);
  REQUIRE(answer);
  CHECK(answer->text == "clean given\n");
}

TEST_CASE("a program that is not there is an error that names it") {
  temporary_folder folder;
  command_job job;
  job.what.argv = {"/nonexistent/cc"};
  job.title = "CC";
  auto answer = run(job, folder);
  REQUIRE(!answer);
  CHECK(answer.error().code == errc::tool_missing);
  CHECK_THAT(answer.error().message, Catch::Contains("/nonexistent/cc"));
}

TEST_CASE("outputs are stored, stale ones are cleared first, and a missing one is left out") {
  temporary_folder folder;
  folder.write("zako-out/a", "stale");
  folder.write("zako-out/b", "stale");
  auto job = shell("test ! -e zako-out/a && test ! -e zako-out/b && echo fresh > zako-out/a");
  job.what.outputs = {"zako-out/a", "zako-out/b"};
  auto answer = run(job, folder);
  REQUIRE(answer);
  CHECK(answer->exit_code == 0);
  REQUIRE(answer->outputs.size() == 1);
  CHECK(answer->outputs[0].path == "zako-out/a");
  CHECK(answer->outputs[0].content == digest_of("fresh\n"));
}

TEST_CASE("standard output can be an output file") {
  temporary_folder folder;
  auto job = shell("echo text; echo noise >&2");
  job.what.outputs = {"zako-out/sub/t"};
  job.what.stdout_path = "zako-out/sub/t";
  auto answer = run(job, folder);
  REQUIRE(answer);
  CHECK(answer->text == "noise\n");
  CHECK(read_file(folder.path("zako-out/sub/t")) == "text\n");
}

TEST_CASE("a dependency file gives what was read") {
  temporary_folder folder;
  auto job = shell("printf 'x.o: a.c \\\\\\n inc/b.h /usr/include/c.h\\n' > zako-out/x.d");
  job.what.outputs = {"zako-out/x.d"};
  job.what.depfile = "zako-out/x.d";
  auto answer = run(job, folder);
  REQUIRE(answer);
  CHECK(answer->discovered == std::vector<std::string>{"a.c", "inc/b.h", "/usr/include/c.h"});
}

TEST_CASE("a program that passes its time is ended with all its children") {
  temporary_folder folder;
  auto job = shell("sh -c 'echo $$ > grandchild; exec sleep 60' & trap '' TERM; wait; sleep 60");
  job.what.timeout_s = 1;
  auto answer = run(job, folder);
  REQUIRE(answer);
  CHECK(answer->timed_out);
  CHECK(has_ended(std::stoi(read_file(folder.path("grandchild")))));
}

TEST_CASE("a program that has left the group ends with the one that started it") {
  temporary_folder folder;
  auto job = shell("setsid sh -c 'echo $$ > stray; exec sleep 60' >/dev/null 2>&1 & sleep 60");
  job.what.timeout_s = 1;
  auto answer = run(job, folder);
  REQUIRE(answer);
  CHECK(answer->timed_out);
  CHECK(has_ended(std::stoi(read_file(folder.path("stray")))));
}

TEST_CASE("a program that lives on after a good end is left alone, also by a later time-out") {
  temporary_folder folder;
  auto job = shell("setsid sh -c 'echo $$ > server; exec sleep 60' >/dev/null 2>&1 & "
                   "while ! test -s server; do sleep 0.01; done; sleep 0.1");
  kind_table kinds;
  kinds.add({.name = "all",
             .version = 1,
             .compute = [job](context& ctx) -> task<outcome> {
               auto first = job;
               auto good = co_await ctx.perform(std::move(first));
               auto second = shell("sleep 60");
               second.what.timeout_s = 1;
               auto late = co_await ctx.perform(std::move(second));
               co_return value::of<std::int32_t>(good && late && late->timed_out ? 1 : 0);
             },
             .confirm = nullptr,
             .counted = true});
  engine_fixture engine{std::move(kinds), folder.path(), folder.path("cache"), 1};
  CHECK(number(engine.get(key("all", "")).root) == 1);
  auto pid = std::stoi(read_file(folder.path("server")));
  CHECK_FALSE(has_ended(pid));
  ::kill(pid, SIGKILL);
}

TEST_CASE("what a program has used comes back") {
  temporary_folder folder, other;
  auto answer = run(shell("dd if=/dev/zero of=/dev/null bs=500M count=1 2>/dev/null"), folder);
  REQUIRE(answer);
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  if (own.ru_maxrss < 500'000) { // a sanitizer's own memory hides that of the program
    CHECK(answer->peak_bytes > 500'000'000);
    CHECK(answer->peak_bytes < 700'000'000);
  }
  CHECK(answer->cpu_ns > 0);
  CHECK(answer->cpu_ns < 2 * answer->run_ns);
  answer = run(shell("true"), other);
  REQUIRE(answer);
  CHECK(answer->peak_bytes == 0); // this test's own memory is not taken for the program's
}

TEST_CASE("declared memory is a limit, where the system permits one") {
  cgroups groups;
  if (!groups.refusal().empty()) {
    WARN("not tested: " << groups.refusal());
    return;
  }
  temporary_folder good_folder, bad_folder;
  auto job = shell("echo begun; dd if=/dev/zero of=/dev/null bs=24M count=1 2>/dev/null");
  job.needs = {{std::string(memory_resource), 64u << 20, 64u << 20, false}};
  auto good = run(job, good_folder);
  REQUIRE(good);
  CHECK(good->exit_code == 0);
  CHECK(good->peak_bytes > 24u << 20); // its group's: known, however small
  CHECK(good->peak_bytes < 64u << 20);

  job = shell("echo begun; dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null");
  job.needs = {{std::string(memory_resource), 32u << 20, 32u << 20, false}};
  auto bad = run(job, bad_folder);
  REQUIRE(!bad);
  CHECK(bad.error().code == errc::limit);
  CHECK_FALSE(bad.error().deterministic()); // it may have more memory the next time
  CHECK_THAT(bad.error().message, Catch::Contains("more than its 32 MiB of memory"));
  CHECK_THAT(bad.error().remedy, Catch::Contains("memory"));
}

TEST_CASE("an estimate of memory is no limit") {
  temporary_folder folder;
  auto job = shell("dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null");
  job.needs = {{std::string(memory_resource), 32u << 20, 32u << 20, true}};
  auto answer = run(job, folder);
  REQUIRE(answer);
  CHECK(answer->exit_code == 0);
}

TEST_CASE("more CPU slots than there are can never be had, and that is said at once") {
  temporary_folder folder;
  auto job = shell("true");
  job.needs = {{"cpu", 3, 3, false}};
  auto answer = run(job, folder);
  REQUIRE(!answer);
  CHECK_THAT(answer.error().message,
             Catch::Contains("TEST cannot run: 3 cpu are needed, and there are 2"));
}

TEST_CASE("a thousand programs leave no child and no descriptor behind") {
  temporary_folder folder;
  kind_table kinds;
  kinds.add(fan_out(1000));
  kinds.add(one_program([](const std::string&) {
    command_job job;
    job.what.argv = {"/bin/true"};
    return job;
  }));
  auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator{});
  };
  auto before = open_files();
  {
    engine_fixture engine{std::move(kinds), folder.path(), folder.path("cache")};
    auto report = engine.get(key("all", ""));
    CHECK(number(report.root) == 1000);
    CHECK(report.totals.actions_run == 1000);
  }
  CHECK(open_files() == before);
}

TEST_CASE("programs end as they end, also in a process that was started with SIGCHLD ignored") {
  temporary_folder folder;
  auto before = ::signal(SIGCHLD, SIG_IGN);
  auto answer = run(shell("exit 7"), folder);
  ::signal(SIGCHLD, before == SIG_ERR ? SIG_DFL : before);
  REQUIRE(answer);
  CHECK(answer->exit_code == 7);
}
