// The trace of a build is what viewers read.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "apps/zako/display/trace.hpp"

using namespace zako;
using nlohmann::json;

namespace {

constexpr std::int64_t ms = 1'000'000;

/// The events with this phase.
std::vector<json> events(const std::string& text, const std::string& phase) {
  std::vector<json> out;
  auto all = json::parse(text); // fails the test when it is no JSON
  for (auto& x : all.at("traceEvents"))
    if (x.at("ph") == phase)
      out.push_back(x);
  return out;
}

} // namespace

TEST_CASE("actions that run at once lie in different lanes, and a lane is used again") {
  trace_text t{0};
  std::string text = t.start("zako build");
  text += t.on(action_started{1, "CC a.c"}, 10 * ms);
  text += t.on(action_started{2, "CC b.c"}, 11 * ms);
  text += t.on(action_finished{1, "CC a.c", 0, "", {"cc", "a.c"}, 20 * ms, 15 * ms, 50'000'000},
               30 * ms);
  text += t.on(action_started{3, "CC c.c"}, 31 * ms);
  text += t.on(action_finished{3, "CC c.c", 1, "", {"cc"}, 5 * ms}, 36 * ms);
  text += t.on(action_finished{2, "CC b.c", 0, "", {"cc"}, 39 * ms}, 50 * ms);
  text += t.finish(60 * ms);
  auto all = events(text, "X");
  REQUIRE(all.size() == 3);
  CHECK(all[0]["name"] == "CC a.c");
  CHECK(all[0]["ts"] == 10'000);
  CHECK(all[0]["dur"] == 20'000);
  CHECK(all[0]["args"]["command"] == "cc a.c");
  CHECK(all[0]["args"]["peak MB"] == 50);
  CHECK(all[1]["args"]["exit code"] == 1);
  CHECK(all[0]["tid"] == all[1]["tid"]);
  CHECK(all[2]["tid"] != all[0]["tid"]);
}

TEST_CASE("an action that was stopped is shown up to the end") {
  trace_text t{0};
  std::string text = t.start("zako build");
  text += t.on(action_started{1, "CC"}, 10 * ms);
  text += t.finish(15 * ms);
  auto all = events(text, "X");
  REQUIRE(all.size() == 1);
  CHECK(all[0]["dur"] == 5'000);
  CHECK(all[0]["args"]["stopped"] == true);
}

TEST_CASE("scripts have a lane for each worker, and memory rounds say what they gave") {
  trace_text t{5 * ms};
  std::string text = t.start("zako build");
  text += t.on(script_finished{"BUILD.ts", 77, 2 * ms}, 10 * ms);
  text += t.on(script_finished{"x/BUILD.ts", 78, 2 * ms}, 10 * ms);
  text += t.on(script_finished{"y/BUILD.ts", 77, 1 * ms}, 12 * ms);
  text += t.on(garbage_collected{"idle", true, {{"scripts", 4096}}, 12, ms}, 20 * ms);
  text += t.finish(21 * ms);
  auto all = events(text, "X");
  REQUIRE(all.size() == 4);
  CHECK(all[0]["ts"] == 3'000);
  CHECK(all[0]["tid"] == all[2]["tid"]);
  CHECK(all[0]["tid"] != all[1]["tid"]);
  CHECK(all[3]["name"] == "full");
  CHECK(all[3]["args"]["scripts bytes"] == 4096);
}

TEST_CASE("a counter is written when it changes") {
  trace_text t{0};
  std::string text = t.start("zako build");
  for (int i = 0; i < 3; ++i)
    text += t.counter("pool", {{"busy", i / 2}}, i * ms);
  text += t.finish(5 * ms);
  CHECK(events(text, "C").size() == 2);
}

TEST_CASE("bytes that are no text do not break a trace") {
  trace_text t{0};
  std::string text = t.start("zako build");
  text += t.on(action_started{1, "CC \xff\"\n"}, 0);
  text += t.finish(ms);
  CHECK(events(text, "X").size() == 1);
}
