// Nodes that ask, share, remember, fail and wait for each other.
#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

int to_int(std::string_view text) {
  return std::stoi(std::string(text));
}

/// sum:N adds sum:N-1 and sum:N-2, asked at once.
kind_table sums(std::shared_ptr<counters> runs) {
  kind_table kinds;
  kinds.add({.name = "sum",
             .version = 1,
             .compute = [runs](context& ctx) -> task<outcome> {
               runs->count(ctx.self().text());
               int n = to_int(ctx.self().payload());
               if (n < 2)
                 co_return value::of<std::int32_t>(1);
               std::vector<key> below;
               below.emplace_back("sum", std::to_string(n - 1));
               below.emplace_back("sum", std::to_string(n - 2));
               auto got = co_await ctx.request_all(std::move(below));
               co_return value::of<std::int32_t>(number(got[0]) + number(got[1]));
             },
             .confirm = nullptr,
             .counted = false});
  return kinds;
}

/// An input that the test turns, and what is computed from it.
struct world {
  std::atomic<int> input{1};
  counters runs;
};

kind_table worlds(std::shared_ptr<world> w) {
  kind_table kinds;
  kinds.add({.name = "input",
             .version = 1,
             .compute = [w](context& ctx) -> task<outcome> {
               w->runs.count(ctx.self().text());
               co_return value::of<std::int32_t>(w->input.load());
             },
             .confirm = [w](context&, value previous) -> task<std::optional<value>> {
               if (number(previous) == w->input.load())
                 co_return previous;
               co_return std::nullopt;
             },
             .counted = false});
  kinds.add({.name = "half",
             .version = 1,
             .compute = [w](context& ctx) -> task<outcome> {
               w->runs.count(ctx.self().text());
               auto x = co_await ctx.request(key("input", ""));
               co_return value::of<std::int32_t>(number(x) / 2);
             },
             .confirm = nullptr,
             .counted = false});
  kinds.add({.name = "top",
             .version = 1,
             .compute = [w](context& ctx) -> task<outcome> {
               w->runs.count(ctx.self().text());
               auto x = co_await ctx.request(key("half", ""));
               if (x && number(x) == 13)
                 co_return fail(errc::invalid_argument, "thirteen");
               co_return value::of<std::int32_t>(number(x) + 100);
             },
             .confirm = nullptr,
             .counted = false});
  return kinds;
}

/// ring:A,B,C asks for the nodes that the test drew edges to.
kind_table rings(std::map<std::string, std::vector<std::string>> edges) {
  kind_table kinds;
  kinds.add({.name = "n",
             .version = 1,
             .compute = [edges](context& ctx) -> task<outcome> {
               std::vector<key> below;
               if (auto i = edges.find(std::string(ctx.self().payload())); i != edges.end())
                 for (auto& x : i->second)
                   below.emplace_back("n", x);
               auto got = co_await ctx.request_all(std::move(below));
               for (auto& x : got)
                 if (!x)
                   co_return tl::unexpected(x.error());
               co_return value::of<std::int32_t>(1);
             },
             .confirm = nullptr,
             .counted = false});
  return kinds;
}

} // namespace

TEST_CASE("a value is computed once for all who ask") {
  auto runs = std::make_shared<counters>();
  engine_fixture engine{sums(runs)};
  CHECK(number(engine.get(key("sum", "20")).root) == 10946);
  CHECK(runs->total() == 21);
}

TEST_CASE("an unknown kind of key is an error, not a crash") {
  engine_fixture engine{kind_table{}};
  auto report = engine.get(key("nonsense", "x"));
  REQUIRE(!report.root);
  CHECK(report.root.error().message.find("nonsense") != std::string::npos);
}

TEST_CASE("early cut-off: the same output keeps everything above clean") {
  auto w = std::make_shared<world>();
  engine_fixture engine{worlds(w)};
  w->input = 4;
  CHECK(number(engine.get(key("top", "")).root) == 102);
  SECTION("nothing changed: nothing computes") {
    CHECK(number(engine.get(key("top", "")).root) == 102);
    CHECK(w->runs.total() == 3);
  }
  SECTION("the input changed and its half did not") {
    w->input = 5;
    CHECK(number(engine.get(key("top", "")).root) == 102);
    CHECK(w->runs["input:"] == 2);
    CHECK(w->runs["half:"] == 2);
    CHECK(w->runs["top:"] == 1);
  }
  SECTION("the half changed as well") {
    w->input = 6;
    CHECK(number(engine.get(key("top", "")).root) == 103);
    CHECK(w->runs["top:"] == 2);
  }
}

TEST_CASE("a failure of what looks at the world does not forget the last good value") {
  auto w = std::make_shared<world>();
  kind_table kinds;
  kinds.add({.name = "input",
             .version = 1,
             .compute = [w](context& ctx) -> task<outcome> {
               w->runs.count(ctx.self().text());
               if (w->input == 0)
                 co_return fail(errc::not_found, "it is gone");
               co_return value::of<std::int32_t>(w->input.load());
             },
             .confirm = [w](context&, value previous) -> task<std::optional<value>> {
               if (number(previous) == w->input.load())
                 co_return previous;
               co_return std::nullopt;
             },
             .counted = false});
  engine_fixture engine{std::move(kinds)};
  w->input = 7;
  CHECK(number(engine.get(key("input", "")).root) == 7);
  w->input = 0;
  CHECK(engine.get(key("input", "")).root.error().message == "it is gone");
  w->input = 7;
  CHECK(number(engine.get(key("input", "")).root) == 7);
  CHECK(w->runs["input:"] == 2);
}

TEST_CASE("values, and failures that are deterministic, outlive the process") {
  auto w = std::make_shared<world>();
  temporary_folder folder;
  w->input = GENERATE(4, 26);
  auto first = [&] {
    engine_fixture engine{worlds(w), folder.path(), folder.path("cache")};
    return engine.get(key("top", "")).root;
  }();
  CHECK(w->runs.total() == 3);
  engine_fixture engine{worlds(w), folder.path(), folder.path("cache")};
  engine.self()
      ->request(engine.engine(), caf::infinite, ask_info{})
      .receive([](engine_info& x) { CHECK(x.nodes_stored == 3); },
               [](const caf::error&) { FAIL(); });
  auto second = engine.get(key("top", "")).root;
  CHECK(w->runs.total() == 3);
  CHECK(output_digest(first) == output_digest(second));
  CHECK(first.has_value() == second.has_value());
  // And a change is still seen.
  w->input = 40;
  CHECK(number(engine.get(key("top", "")).root) == 120);
}

TEST_CASE("idle nodes leave memory when they are stored, and come back with the same answer") {
  auto w = std::make_shared<world>();
  temporary_folder folder;
  w->input = GENERATE(4, 26);
  bool stored = GENERATE(true, false);
  engine_fixture engine{worlds(w), stored ? folder.path() : "", stored ? folder.path("cache") : ""};
  auto first = engine.get(key("top", "")).root;
  engine.self()
      ->request(engine.engine(), caf::infinite, collect_garbage{})
      .receive(
          [&](garbage_report& x) {
            CHECK(x.nodes_freed == (stored ? 3 : 0));
            CHECK(x.nodes_live == (stored ? 0 : 3));
          },
          [](const caf::error&) { FAIL(); });
  CHECK(output_digest(engine.get(key("top", "")).root) == output_digest(first));
  CHECK(w->runs.total() == 3);
}

TEST_CASE("nodes are collected beside a running build") {
  temporary_folder folder;
  auto runs = std::make_shared<counters>();
  engine_fixture engine{sums(runs), folder.path(), folder.path("cache")};
  auto session = engine.open();
  auto answer = engine.self()->request(session, caf::infinite, key("sum", "40"));
  for (int i = 0; i < 20; ++i)
    engine.self()
        ->request(engine.engine(), caf::infinite, collect_garbage{})
        .receive([](garbage_report&) {}, [](const caf::error&) { FAIL(); });
  answer.receive([](session_report& x) { CHECK(number(x.root) == 165580141); },
                 [](const caf::error&) { FAIL(); });
  CHECK(runs->total() == 41);
}

TEST_CASE("every shape of cycle ends in an error that shows the whole path") {
  struct shape {
    std::map<std::string, std::vector<std::string>> edges;
    std::string path;
  };
  auto s = GENERATE(values<shape>({
      {{{"a", {"a"}}}, "a -> a"},
      {{{"a", {"b"}}, {"b", {"a"}}}, "a -> b -> a"},
      {{{"r", {"x", "y"}}, {"x", {"b"}}, {"y", {"c"}}, {"b", {"c"}}, {"c", {"d"}}, {"d", {"b"}}},
       "b -> c -> d -> b"},
  }));
  engine_fixture engine{rings(s.edges)};
  auto report = engine.get(key("n", s.edges.begin()->first == "r"    ? "r"
                                    : s.edges.rbegin()->first == "y" ? "r"
                                                                     : "a"));
  REQUIRE(!report.root);
  CHECK(report.root.error().code == errc::cycle);
  CHECK_THAT(report.root.error().message, Catch::Contains(s.path));
  // The engine stays usable.
  CHECK(engine.get(key("n", "leaf")).root);
}

TEST_CASE("two sessions that enter one ring at two places both get the error") {
  engine_fixture engine{rings({{"a", {"b"}}, {"b", {"c"}}, {"c", {"d"}}, {"d", {"a"}}})};
  auto one = engine.open();
  auto two = engine.open();
  int failed = 0;
  auto r1 = engine.self()->request(one, caf::infinite, key("n", "a"));
  auto r2 = engine.self()->request(two, caf::infinite, key("n", "c"));
  auto check = [&](session_report& x) { failed += !x.root && x.root.error().code == errc::cycle; };
  r1.receive(check, [](const caf::error&) { FAIL(); });
  r2.receive(check, [](const caf::error&) { FAIL(); });
  CHECK(failed == 2);
}

TEST_CASE("a ring across the shards that only values close is found") {
  // step:N learns from a value where it goes: to N+1, and, while the gate is open, from the last to
  // the first. 64 neighbours lie in all shards.
  constexpr int last = 63;
  auto w = std::make_shared<world>();
  auto kinds = worlds(w);
  kinds.add({.name = "step",
             .version = 1,
             .compute = [](context& ctx) -> task<outcome> {
               int n = to_int(ctx.self().payload());
               auto gate = co_await ctx.request(key("input", ""));
               if (n == last && number(gate) == 0)
                 co_return value::of<std::int32_t>(1);
               auto next = co_await ctx.request(key("step", std::to_string((n + 1) % (last + 1))));
               co_return next;
             },
             .confirm = nullptr,
             .counted = false});
  engine_fixture engine{std::move(kinds)};
  w->input = 1;
  auto report = engine.get(key("step", "20"));
  REQUIRE(!report.root);
  CHECK(report.root.error().code == errc::cycle);
  for (int n = 0; n <= last; ++n)
    CHECK_THAT(report.root.error().message, Catch::Contains(std::to_string(n) + " -> "));
  w->input = 0; // the ring is open now, and nothing of it is remembered
  CHECK(number(engine.get(key("step", "20")).root) == 1);
}

TEST_CASE("a session is answered after its engine was closed, and may be forgotten while busy") {
  kind_table kinds;
  kinds.add(fan_out(4));
  kinds.add(one_program([](const std::string&) {
    command_job job;
    job.what.argv = {"/bin/sleep", "60"};
    return job;
  }));
  engine_fixture engine{std::move(kinds)};
  auto kept = engine.open();
  {
    auto forgotten = engine.open();
    engine.self()->send(forgotten, key("all", ""));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  engine.close();
  engine.self()
      ->request(kept, caf::infinite, key("all", ""))
      .receive([](session_report& x) { CHECK(x.root.error().code == errc::cancelled); },
               [](const caf::error&) { FAIL("no answer"); });
}

TEST_CASE("a long chain needs no deep stack") {
  kind_table kinds;
  kinds.add({.name = "chain",
             .version = 1,
             .compute = [](context& ctx) -> task<outcome> {
               int n = to_int(ctx.self().payload());
               if (n == 0)
                 co_return value::of<std::int32_t>(0);
               auto below = co_await ctx.request(key("chain", std::to_string(n - 1)));
               co_return value::of<std::int32_t>(number(below) + 1);
             },
             .confirm = nullptr,
             .counted = false});
  engine_fixture engine{std::move(kinds)};
  CHECK(number(engine.get(key("chain", "50000")).root) == 50000);
}

TEST_CASE("a cancelled session answers, and what it waited for can be asked again") {
  auto w = std::make_shared<world>();
  kind_table kinds;
  kinds.add({.name = "sleep",
             .version = 1,
             .compute = [w](context& ctx) -> task<outcome> {
               w->runs.count("sleep");
               command_job sleep;
               sleep.what.argv = {"/bin/sleep", w->runs["sleep"] == 1 ? "60" : "0"};
               sleep.title = "SLEEP";
               auto done = co_await ctx.perform(std::move(sleep));
               if (!done)
                 co_return tl::unexpected(done.error());
               co_return value::of<std::int32_t>(done->exit_code);
             },
             .confirm = nullptr,
             .counted = true});
  engine_fixture engine{std::move(kinds)};
  auto session = engine.open();
  auto answer = engine.self()->request(session, caf::infinite, key("sleep", ""));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  auto before = std::chrono::steady_clock::now();
  engine.self()->send(session, cancel_session{"enough"});
  answer.receive(
      [](session_report& x) {
        REQUIRE(!x.root);
        CHECK(x.root.error().code == errc::cancelled);
        CHECK(x.root.error().message == "enough");
      },
      [](const caf::error&) { FAIL(); });
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(10));
  CHECK(number(engine.get(key("sleep", "")).root) == 0);
  CHECK(w->runs["sleep"] == 2);
}

TEST_CASE("no more programs run at once than there are CPU slots") {
  struct gauge {
    std::mutex mutex;
    int now = 0, most = 0;
  };
  kind_table kinds;
  kinds.add(fan_out(12));
  temporary_folder folder;
  // Each program fails if it finds more than one other mark beside its own.
  kinds.add(one_program([&folder](const std::string& name) {
    command_job job;
    auto mark = folder.path("mark" + name);
    job.what.argv = {"/bin/sh", "-c",
                     "touch " + mark + "; sleep 0.05; n=$(ls " + folder.path() + " | wc -l); rm " +
                         mark + "; test $n -le 2"};
    job.what.env = {{"PATH", "/usr/bin:/bin"}};
    return job;
  }));
  engine_fixture engine{std::move(kinds)};
  auto report = engine.get(key("all", ""));
  CHECK(number(report.root) == 12);
  CHECK(report.totals.actions_run == 12);
}

TEST_CASE("a failed action stops the build, or not, as the session says") {
  kind_table kinds;
  kinds.add(fan_out(30));
  kinds.add(one_program([](const std::string& name) {
    command_job job;
    job.what.argv = {name == "3" ? "/bin/false" : "/bin/sleep", "0.02"};
    return job;
  }));
  bool keep_going = GENERATE(true, false);
  engine_fixture engine{std::move(kinds)};
  auto report = engine.get(key("all", ""), {.keep_going = keep_going});
  REQUIRE(!report.root);
  CHECK(report.root.error().message == "step 3 failed");
  CHECK(report.totals.actions_failed == 1);
  if (keep_going)
    CHECK(report.totals.actions_run == 29);
  else
    CHECK(report.totals.actions_run < 29);
}

TEST_CASE("of two sessions, the one whose action fails stops at once, and the other goes on") {
  kind_table kinds;
  kinds.add(fan_out(40));
  kinds.add(one_program([](const std::string& name) {
    command_job job;
    // Whatever order they run in, one of the first few fails.
    bool fails = name.ends_with('3') || name.ends_with('6') || name.ends_with('9');
    job.what.argv = {fails ? "/bin/false" : "/bin/sleep", name == "other" ? "0.4" : "0.03"};
    return job;
  }));
  engine_fixture engine{std::move(kinds)};
  auto going_on = engine.open();
  auto other = engine.self()->request(going_on, caf::infinite, key("one", "other"));
  auto report = engine.get(key("all", ""));
  REQUIRE(!report.root);
  CHECK(report.totals.actions_failed >= 1);
  CHECK(report.totals.actions_run + report.totals.actions_failed < 35);
  other.receive([](session_report& x) { CHECK(number(x.root) == 1); },
                [](const caf::error&) { FAIL(); });
}
