// Text for terminals: widths, cuts, durations, quoting.
#include <catch2/catch.hpp>

#include "apps/zako/display/text.hpp"

namespace {

using namespace zako;

constexpr std::int64_t ms = 1'000'000;

TEST_CASE("columns count what a terminal draws") {
  CHECK(columns("") == 0);
  CHECK(columns("abc") == 3);
  CHECK(columns("gr\xc3\xbc\xc3\x9f") == 4);       // two letters of two bytes
  CHECK(columns("e\xcc\x81") == 1);                // a combining accent
  CHECK(columns("\xe6\x96\x87\xe4\xbb\xb6") == 4); // two wide characters
  CHECK(columns("\xff\xc3") == 2);                 // not UTF-8: a column a byte
}

TEST_CASE("a cut never passes the width nor splits a character") {
  CHECK(cut("short", 5) == "short");
  CHECK(cut("longer", 5) == "lo...");
  CHECK(cut("longer", 3) == "...");
  CHECK(cut("longer", 2) == "..");
  CHECK(cut("longer", 0).empty());
  CHECK(cut("\xe6\x96\x87\xe4\xbb\xb6\xe5\xa4\xb9", 5) == "\xe6\x96\x87...");
  CHECK(cut("\xe6\x96\x87\xe4\xbb\xb6\xe5\xa4\xb9", 4) == "...");
}

TEST_CASE("control characters and escape sequences are taken out") {
  CHECK(one_line("a\nb\x1b[31m") == "a?b?[31m");
  CHECK(plain("\x1b[1;31mred\x1b[0m and \x1b(Bplain\x1b") == "red and Bplain");
  CHECK(ended("a\n\r\n") == "a\n");
  CHECK(ended("\n").empty());
}

TEST_CASE("durations are as exact as a person needs") {
  CHECK(duration(-5) == "0.00 s");
  CHECK(duration(45 * ms) == "0.04 s");
  CHECK(duration(100 * ms) == "0.1 s");
  CHECK(duration(4'249 * ms) == "4.2 s");
  CHECK(duration(59'949 * ms) == "59.9 s");
  CHECK(duration(59'950 * ms) == "1 m 00 s");
  CHECK(duration(65'000 * ms) == "1 m 05 s");
  CHECK(duration(7'380'000 * ms) == "2 h 03 m");
}

TEST_CASE("counts and sizes read well") {
  CHECK(count_of(0, "action") == "0 actions");
  CHECK(count_of(1, "action") == "1 action");
  CHECK(size_of(1023) == "1023 B");
  CHECK(size_of(1536) == "1.5 KiB");
  CHECK(size_of((1u << 20) - 1) == "1.0 MiB");
  CHECK(size_of(3ull << 30) == "3.0 GiB");
}

TEST_CASE("commands are shown as a shell takes them") {
  CHECK(command_text({"cc", "-DX=1", "a b", "", "it's"}) == "cc -DX=1 'a b' '' 'it'\\''s'");
}

TEST_CASE("colours appear only where the screen has them") {
  CHECK(paint({}, tint::red, "x") == "x");
  CHECK(paint({.colours = true}, tint::red, "x") == "\x1b[31mx\x1b[0m");
  CHECK(paint({.colours = true}, tint::red, "").empty());
}

} // namespace
