// The status policy: which bytes appear for which events, on a terminal and elsewhere.
#include <catch2/catch.hpp>

#include "apps/zako/display/status.hpp"

namespace {

using namespace zako;

constexpr std::int64_t ms = 1'000'000;
constexpr screen plain_lines{};
constexpr screen terminal{.live = true, .colours = false, .width = 60};

action_finished done(std::uint64_t id, std::string title, int code = 0, std::string text = "") {
  action_finished x;
  x.id = id;
  x.title = std::move(title);
  x.exit_code = code;
  x.text = std::move(text);
  x.argv = {"cc", "-c", "a b.c"};
  x.run_ns = 1500 * ms;
  return x;
}

progress totals(std::uint32_t known, std::uint32_t run, std::uint32_t reused = 0) {
  progress x;
  x.actions_known = known;
  x.actions_run = run;
  x.actions_reused = reused;
  return x;
}

TEST_CASE("without a terminal each finished action is one line") {
  status s{plain_lines, verbosity::normal, 0};
  CHECK(s.on(totals(3, 0, 1), 0).empty());
  CHECK(s.on(action_started{1, "CC a.o"}, 0).empty());
  s.on(totals(3, 1, 1), 5 * ms);
  CHECK(s.on(done(1, "CC a.o"), 5 * ms) == "[2/3] CC a.o\n");
  CHECK(s.tick(900 * ms).empty());
  CHECK(s.finish().empty());
}

TEST_CASE("the counter never runs behind the line it numbers") {
  status s{plain_lines, verbosity::normal, 0};
  CHECK(s.on(done(1, "CC a.o"), 0) == "[1/1] CC a.o\n");
}

TEST_CASE("a failing action is shown whole: title, command, output") {
  for (auto detail : {verbosity::quiet, verbosity::normal, verbosity::verbose}) {
    status s{plain_lines, detail, 0};
    CHECK(s.on(done(1, "CC a.o", 1, "a.c:1: \x1b[31mbad\x1b[0m\n\n"), 0) ==
          "FAILED: CC a.o (exit code 1)\n  cc -c 'a b.c'\na.c:1: bad\n");
    CHECK(s.shown_failures().count("CC a.o") == 1);
  }
}

TEST_CASE("what Zako ends because the user stops the build is no failure") {
  status s{plain_lines, verbosity::normal, 0};
  s.stopping();
  CHECK(s.on(done(1, "CC a.o", 143, "half"), 0).empty());
  CHECK(s.shown_failures().empty());
}

TEST_CASE("a signal is named as one") {
  status s{plain_lines, verbosity::normal, 0};
  CHECK_THAT(s.on(done(1, "CC a.o", 139), 0), Catch::Contains("FAILED: CC a.o (signal 11)\n"));
}

TEST_CASE("verbose shows the command and the time of every action") {
  status s{plain_lines, verbosity::verbose, 0};
  CHECK(s.on(done(1, "CC a.o", 0, "warning"), 0) ==
        "[1/1] CC a.o (1.5 s)\n  cc -c 'a b.c'\nwarning\n");
}

TEST_CASE("quiet shows nothing of what went well") {
  status s{terminal, verbosity::quiet, 0};
  CHECK(s.on(action_started{1, "CC a.o"}, 500 * ms).empty());
  CHECK(s.on(done(1, "CC a.o", 0, "warning"), 600 * ms).empty());
  CHECK(s.tick(900 * ms).empty());
  CHECK(s.on(script_printed{"BUILD.ts", "info", "hello"}, 900 * ms).empty());
  CHECK(s.on(script_printed{"BUILD.ts", "warn", "hm"}, 900 * ms) == "BUILD.ts: warn: hm\n");
}

TEST_CASE("a terminal has one live line, redrawn at most every interval and cut to the width") {
  status s{terminal, verbosity::normal, 0};
  CHECK(s.on(totals(35, 12), 10 * ms).empty());
  CHECK(s.on(action_started{1, "CC src/lua.o"}, 20 * ms).empty());
  CHECK(s.on(action_started{2, "CC src/lapi.o"}, 100 * ms) ==
        "\r\x1b[K[12/35] 0.1 s  CC src/lua.o, CC src/lapi.o");
  CHECK(s.on(totals(36, 12), 101 * ms).empty());
  CHECK(s.tick(3400 * ms) == "\r\x1b[K[12/36] 3.4 s  CC src/lua.o 3.4 s, CC src/lapi.o 3.3 s");
  s.resize(30);
  CHECK(s.tick(3400 * ms) == "\r\x1b[K[12/36] 3.4 s  CC src/lua....");
  CHECK(s.finish() == "\r\x1b[K");
  CHECK(s.finish().empty());
}

TEST_CASE("on a terminal a silent success leaves no line, one that printed does") {
  status s{terminal, verbosity::normal, 0};
  s.on(totals(2, 0), 0);
  CHECK(s.on(done(1, "CC a.o"), 10 * ms).empty());
  s.tick(100 * ms);
  CHECK(s.on(done(2, "CC b.o", 0, "warning: x"), 110 * ms) ==
        "\r\x1b[K[2/2] CC b.o\nwarning: x\n\r\x1b[K[2/2] 0.1 s");
}

TEST_CASE("before the first action the line says what goes on") {
  status s{terminal, verbosity::normal, 0};
  progress x;
  x.nodes_verified = 1;
  s.on(x, 0);
  CHECK(s.tick(200 * ms) == "\r\x1b[K0.2 s  looking at 1 node");
}

TEST_CASE("titles cannot break the line") {
  status s{plain_lines, verbosity::normal, 0};
  CHECK(s.on(done(1, "CC a\n\x1b[2Jb"), 0) == "[1/1] CC a??[2Jb\n");
}

TEST_CASE("what a passing test prints is kept for the report, a failing one's is shown at once") {
  status s{plain_lines, verbosity::normal, 0};
  CHECK(s.on(done(1, "TEST //:a", 0, "noise"), 0) == "[1/1] TEST //:a\n");
  CHECK_THAT(s.on(done(2, "TEST //:b", 1, "1 != 2"), 0), Catch::EndsWith("\n1 != 2\n"));
}

} // namespace
