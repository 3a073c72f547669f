// What the benchmarks read from zako's output, what they write for ninja, and their arithmetic.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "test/bench/benchmark.hpp"
#include "test/bench/commands.hpp"

using namespace zako::bench;

namespace {

constexpr const char* verbose_output =
    "[1/3] CC src/a b.c (0.02 s)\n"
    "  /usr/bin/cc '-DNAME=\"it'\\''s\"' -MD -MF 'out/a b.d' -c 'src/a b.c' -o 'out/a b.o'\n"
    "src/a b.c:1:1: warning: something (see [2/3])\n"
    "[2/3] AR liba.a (1 m 02 s)\n"
    "  /usr/bin/ar rcsD out/liba.a 'out/a b.o'\n"
    "[3/3] LINK a\n"
    "  /usr/bin/cc -o out/a main.o out/liba.a -Wl,-rpath,$ORIGIN -lm\n"
    "built 1 target: 3 actions run, 0 reused, 0 failed in 0.1 s\n";

} // namespace

TEST_CASE("actions are read from what zako prints") {
  auto actions = actions_in(verbose_output);
  REQUIRE(actions.size() == 3);
  CHECK(actions[0].title == "CC src/a b.c");
  CHECK(actions[1].title == "AR liba.a");
  CHECK(actions[2].title == "LINK a");
  REQUIRE(actions[0].words.size() == 9);
  CHECK(actions[0].words[1] == "-DNAME=\"it's\"");
  CHECK(actions[0].words[8] == "out/a b.o");
  CHECK(actions_in("built 1 target: 0 actions run, 3 reused, 0 failed in 0.00 s\n").empty());

  auto titles = actions_in("[1/2] CC a.c\n[2/2] LINK a\n");
  REQUIRE(titles.size() == 2);
  CHECK(titles[0].words.empty());
}

TEST_CASE("ninja gets the same commands, inputs and dependency files") {
  auto text = ninja_file(actions_in(verbose_output));
  CHECK(text.find("build out/a$ b.o: compile src/a$ b.c\n"
                  "  words = /usr/bin/cc '-DNAME=\"it'\\''s\"' -MD -MF 'out/a b.d' -c 'src/a b.c' "
                  "-o 'out/a b.o'\n"
                  "  title = CC src/a b.c\n"
                  "  made_depfile = out/a b.d\n") != std::string::npos);
  CHECK(text.find("build out/liba.a: run out/a$ b.o\n") != std::string::npos);
  CHECK(text.find("build out/a: run main.o out/liba.a\n"
                  "  words = /usr/bin/cc -o out/a main.o out/liba.a '-Wl,-rpath,$$ORIGIN' -lm\n") !=
        std::string::npos);
  CHECK_THROWS_AS(ninja_file({{"RUN x", {"/bin/echo", "x"}}}), failure);
}

TEST_CASE("the median is the middle one, or between the two in the middle") {
  CHECK(median({3}) == 3);
  CHECK(median({9, 1, 5}) == 5);
  CHECK(median({4, 1, 2, 9}) == 3);
}

TEST_CASE("a report ends with its metrics") {
  report out("demo");
  out.row("building", {2, 4, 3}, "ms");
  out.row("edited", "2 actions");
  out.metric("null_ms", 3.14159, 2, "ms");
  CHECK(out.text() == "\n"
                      "building  3.00 ms  (2.00 .. 4.00, 3 runs)\n"
                      "edited    2 actions\n"
                      "\n"
                      "demo.null_ms=3.14 ms\n");
}
