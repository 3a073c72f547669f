// The jobserver's pipe by itself, and with the real make.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

#include <catch2/catch.hpp>

#include "actors/workers/jobserver.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

/// As make does it: a token or none.
bool read_token(const jobserver& x) {
  int fd = x.fds()[0];
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  char byte = 0;
  return ::read(fd, &byte, 1) == 1;
}
void write_token(const jobserver& x) {
  REQUIRE(::write(x.fds()[1], "+", 1) == 1);
}

/// Waits for one.
bool find_token(const jobserver& x) {
  for (int i = 0; i < 2000; ++i)
    if (read_token(x))
      return true;
    else
      std::this_thread::sleep_for(1ms);
  return false;
}

/// A jobserver, and the leases that came back.
struct lender {
  explicit lender(std::size_t own) {
    auto made = jobserver::open(own, [this](jobserver::lease x) {
      std::lock_guard guard{mutex};
      returned.push_back(x);
    });
    REQUIRE(made);
    server = std::move(*made);
  }
  ~lender() { server.reset(); }
  /// Waits for so many.
  std::vector<jobserver::lease> back(std::size_t count) {
    for (int i = 0;; ++i) {
      {
        std::lock_guard guard{mutex};
        if (returned.size() >= count || i == 2000)
          return returned;
      }
      std::this_thread::sleep_for(1ms);
    }
  }

  std::mutex mutex;
  std::vector<jobserver::lease> returned;
  std::unique_ptr<jobserver> server;
};

using leases = std::vector<jobserver::lease>;

} // namespace

TEST_CASE("a program finds as many tokens as it has and is lent, and finds them again") {
  lender x{2};
  x.server->lend(10);
  for (int i = 0; i < 3; ++i)
    CHECK(read_token(*x.server));
  CHECK_FALSE(read_token(*x.server));
  write_token(*x.server);
  CHECK(find_token(*x.server));
  CHECK_FALSE(read_token(*x.server));
}

TEST_CASE("a recalled token comes back at once when nobody uses it, else when its job is done") {
  lender x{0};
  x.server->lend(10);
  x.server->lend(11);
  CHECK(read_token(*x.server));
  x.server->recall(10);
  CHECK(x.back(1) == leases{10}); // the token that is there will do
  x.server->recall(11);
  CHECK(x.server->leases() == leases{11});
  write_token(*x.server);
  CHECK(x.back(2) == leases{10, 11});
  CHECK_FALSE(read_token(*x.server)); // not even for a moment was it there to be taken
  CHECK(x.server->leases().empty());
}

TEST_CASE("a lease is recalled once, and unknown ones are nobody's") {
  lender x{0};
  x.server->lend(10);
  x.server->lend(12);
  x.server->recall(10);
  x.server->recall(10);
  x.server->recall(99);
  CHECK(x.back(1) == leases{10});
  CHECK(x.server->leases() == leases{12});
  CHECK(find_token(*x.server)); // the other one stays
  CHECK_FALSE(read_token(*x.server));
}

TEST_CASE("a slot that is lent while another is wanted back takes its place") {
  lender x{0};
  x.server->lend(10);
  CHECK(read_token(*x.server));
  x.server->recall(10);
  x.server->lend(11);
  CHECK(x.back(1) == leases{10});
  CHECK(x.server->leases() == leases{11});
  CHECK_FALSE(read_token(*x.server)); // the program has it already
}

namespace {

/// Every job of every program writes "+" to this file when it begins and "-" at its end.
struct job_log {
  std::string path;

  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
  [[nodiscard]] long begun() const {
    auto all = text();
    return std::count(all.begin(), all.end(), '+');
  }
  /// How many ran at once at most.
  [[nodiscard]] int most() const {
    int now = 0, most = 0;
    for (char c : text()) {
      now += c == '+' ? 1 : c == '-' ? -1 : 0;
      most = std::max(most, now);
    }
    return most;
  }
  [[nodiscard]] std::string job(const std::string& seconds) const {
    return "echo + >> " + path + "; sleep " + seconds + "; echo - >> " + path;
  }
};

/// make: a Makefile with so many jobs, by the real make, which is lent slots. one: a plain job.
kind_table makes_and_plain_jobs(const temporary_folder& folder, const job_log& log, int jobs) {
  std::string names, rules;
  for (int i = 0; i < jobs; ++i) {
    names += " j" + std::to_string(i);
    rules += "j" + std::to_string(i) + ":\n\t@" + log.job("0.15") + "\n";
  }
  folder.write("Makefile", "all:" + names + "\n" + rules);
  kind_table kinds;
  auto run = [](command_job job) {
    return [job](context& ctx) -> task<outcome> {
      auto copy = job;
      copy.title = "RUN";
      copy.what.env = {{"PATH", "/usr/bin:/bin"}};
      auto done = co_await ctx.perform(std::move(copy));
      if (!done)
        co_return tl::unexpected(done.error());
      if (done->exit_code != 0 || !done->text.empty())
        co_return fail(errc::action_failed, done->text);
      co_return value::of<std::int32_t>(1);
    };
  };
  command_job make;
  make.what.argv = {"/usr/bin/make", "-f", folder.path("Makefile"), "all"};
  make.jobserver = true;
  kinds.add(
      {.name = "make", .version = 1, .compute = run(make), .confirm = nullptr, .counted = false});
  command_job plain;
  plain.what.argv = {"/bin/sh", "-c", log.job("0.3")};
  kinds.add(
      {.name = "one", .version = 1, .compute = run(plain), .confirm = nullptr, .counted = false});
  return kinds;
}

bool no_make() {
  if (::access("/usr/bin/make", X_OK) == 0)
    return false;
  WARN("not tested: there is no make");
  return true;
}

} // namespace

TEST_CASE("make runs as many jobs at once as there are slots, and all slots come back") {
  if (no_make())
    return;
  temporary_folder folder;
  job_log log{folder.path("log")};
  engine_fixture engine{makes_and_plain_jobs(folder, log, 9), "", "", 3};
  CHECK(number(engine.get(key("make", "1")).root) == 1);
  CHECK(log.begun() == 9);
  CHECK(log.most() == 3);
  // Were a lease left, this one would have fewer.
  folder.write("log", "");
  CHECK(number(engine.get(key("make", "2")).root) == 1);
  CHECK(log.most() == 3);
}

TEST_CASE("a slot that make was lent comes back when another action needs it") {
  if (no_make())
    return;
  temporary_folder folder;
  job_log log{folder.path("log")};
  engine_fixture engine{makes_and_plain_jobs(folder, log, 12), "", "", 2};
  auto first = engine.open();
  auto whole = engine.self()->request(first, caf::infinite, key("make", ""));
  while (log.begun() < 2)
    std::this_thread::sleep_for(5ms);
  CHECK(number(engine.get(key("one", "")).root) == 1);
  CHECK(log.begun() < 13); // make was not yet done
  whole.receive([](session_report& x) { CHECK(number(x.root) == 1); },
                [](const caf::error&) { FAIL(); });
  CHECK(log.begun() == 13);
  CHECK(log.most() == 2);
}

TEST_CASE("what a program had taken when it was killed comes back") {
  if (no_make())
    return;
  temporary_folder folder;
  job_log log{folder.path("log")};
  folder.write("Makefile", "all: j0 j1 j2\nj0 j1 j2:\n\t@echo + >> " + log.path + "; sleep 60\n");
  kind_table kinds;
  kinds.add({.name = "both",
             .version = 1,
             .compute = [&folder](context& ctx) -> task<outcome> {
               command_job make;
               make.what.argv = {"/usr/bin/make", "-f", folder.path("Makefile"), "all"};
               make.what.env = {{"PATH", "/usr/bin:/bin"}};
               make.what.timeout_s = 1;
               make.jobserver = true;
               auto killed = co_await ctx.perform(std::move(make));
               command_job all;
               all.what.argv = {"/bin/true"};
               all.needs = {{std::string(cpu_resource), 3, 3, false}};
               auto after = co_await ctx.perform(std::move(all));
               bool good = killed && killed->timed_out && after && after->exit_code == 0;
               co_return value::of<std::int32_t>(good ? 1 : 0);
             },
             .confirm = nullptr,
             .counted = false});
  engine_fixture engine{std::move(kinds), "", "", 3};
  CHECK(number(engine.get(key("both", "")).root) == 1);
  CHECK(log.begun() == 3); // it had two slots besides its own
}
