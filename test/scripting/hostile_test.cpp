// Scripts that attack what they run in: the cases of hostile/*.txt. Each ends as its case says and
// in time, and the next script in the same isolate is not touched.
#include <chrono>
#include <future>
#include <set>
#include <thread>

#include <time.h>

#include <catch2/catch.hpp>

#include "hostile_cases.hpp"
#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

constexpr auto time_limit = 100ms;
/// Beyond the limit, of the thread's own computing time: other programs may have the machine.
constexpr auto grace = 100ms;

std::chrono::nanoseconds computing_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// How a case ended.
struct outcome {
  result<data> end;
  std::chrono::nanoseconds took{};
  bool lost = false;   // its thread was given up
  result<data> canary; // of the script that was run next
};

/// What hostile scripts find around them.
struct hostile_world : script_world {
  hostile_world() {
    limits.time_ms = static_cast<std::uint32_t>(time_limit.count());
    limits.heap_bytes = std::size_t{32} << 20;
    limits.array_buffer_bytes = std::size_t{32} << 20;
    limits.modules = 500;
    limits.values = 50'000;
    limits.text_bytes = 1 << 20;
    limits.console_bytes = 1 << 20;
    for (auto& [path, text] : hostile_files())
      file(path, text);
    answer("glob", [](const data&) -> result<data> { return data::strings({}); });
  }

  result<data> run_case(const hostile_case& x) {
    file(x.entry(), x.source);
    if (x.context == script_context::rule)
      return run(x.entry(), x.context, "make",
                 data(data::object{{"label", "//:t"},
                                   {"package", ""},
                                   {"name", "t"},
                                   {"attrs", data(data::object())},
                                   {"toolchains", data(data::object())}}));
    return run(x.entry(), x.context);
  }
};

bool out_of_time(const result<data>& x) {
  return !x && x.error().code == errc::limit &&
         x.error().message.find(" ran for more than ") != std::string::npos;
}

/// A busy machine may stop a script that would have ended: that one is asked again.
template <class F>
result<data> patiently(F run) {
  for (int tries = 10;; --tries)
    if (auto x = run(); tries == 0 || !out_of_time(x))
      return x;
}

/// Runs cases on a thread of their own, from `next` on, until one costs the thread.
struct case_runner : hostile_world {
  case_runner(const std::vector<hostile_case>& cases_, std::vector<outcome>& outcomes_)
      : cases(cases_), outcomes(outcomes_) {}

  void run_all() {
    while (outcomes.size() < cases.size()) {
      auto& x = cases[outcomes.size()];
      began = computing_time();
      auto end = run_case(x);
      auto took = computing_time() - began;
      if (out_of_time(end) && !x.runs_out_of_time())
        end = patiently([&] { return run_case(x); });
      if (!end && end.error().code == errc::limit)
        isolate->gc(); // the next one is not to pay for what a stopped script has left
      auto canary = patiently([&] { return run("canary.ts", script_context::library); });
      outcomes.push_back({std::move(end), took, false, std::move(canary)});
    }
    isolate.reset();
    done.set_value();
  }

  void lost(error why) override {
    outcomes.push_back({tl::unexpected(std::move(why)), computing_time() - began, true, data()});
    done.set_value();
  }

  const std::vector<hostile_case>& cases;
  std::vector<outcome>& outcomes;
  std::chrono::nanoseconds began{};
  std::promise<void> done;
};

std::vector<outcome> run_cases(const std::vector<hostile_case>& cases) {
  std::vector<outcome> out;
  while (out.size() < cases.size()) {
    auto* runner = new case_runner(cases, out); // a lost thread keeps it
    auto done = runner->done.get_future();
    std::thread([runner] { runner->run_all(); }).detach();
    REQUIRE(done.wait_for(300s) == std::future_status::ready);
  }
  return out;
}

/// The first line that only one of two canaries has; empty when they are the same.
std::string difference(const data& a, const data& b) {
  std::set<std::string> lines;
  auto lines_of = [](const data& x) {
    std::set<std::string> out{x["works"].to_json()};
    if (auto* realm = x["realm"].as_array())
      for (auto& line : *realm)
        out.insert(line.to_json());
    return out;
  };
  auto x = lines_of(a), y = lines_of(b);
  for (auto* from : {&x, &y})
    for (auto& line : *from)
      if (!x.contains(line) || !y.contains(line))
        return line;
  return {};
}

} // namespace

TEST_CASE("no script harms its host or the next one", "[hostile]") {
  auto group =
      GENERATE("code", "imports", "loops", "machine", "memory", "pollution", "promises", "values");
  auto cases = hostile_cases(group);
  hostile_world untouched;
  auto healthy = patiently([&] { return untouched.run("canary.ts", script_context::library); });
  REQUIRE(healthy);
  auto outcomes = run_cases(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    auto& [end, took, lost, canary] = outcomes[i];
    INFO(group << ": " << cases[i].name << "\n" << cases[i].source);
    CHECK(cases[i].difference(end) == "");
    CHECK(took / 1ms <= (time_limit + grace) / 1ms);
    CHECK((!lost || cases[i].may_cost_thread));
    if (lost)
      continue;
    INFO((canary ? std::string() : to_text(canary.error())));
    REQUIRE(canary);
    CHECK(difference(*healthy, *canary) == "");
  }
}
