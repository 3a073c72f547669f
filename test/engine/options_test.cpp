// Options: what is declared, what is given, and what comes of it.
#include <catch2/catch.hpp>

#include "engine/options.hpp"

using namespace zako;

namespace {

manifest_value declared() {
  manifest_value out;
  out.options["debug"] = {false, {}, ""};
  out.options["level"] = {2.0, {}, ""};
  out.options["backend"] = {"gl", {"gl", "vk"}, ""};
  out.options["title"] = {"", {}, ""};
  return out;
}

} // namespace

TEST_CASE("an option has its default, or what was given, in its type") {
  auto json = [](std::string_view name, std::optional<std::string> given) {
    auto x = option_content(declared(), name, given);
    return x ? x->to_json() : x.error().message + " | " + x.error().remedy;
  };
  CHECK(json("debug", {}) == "false");
  CHECK(json("debug", "true") == "true");
  CHECK(json("debug", "1") == "the option debug must be true or false, not '1' | ");
  CHECK(json("level", "-1.5") == "-1.5");
  for (auto wrong : {"", "x", "1x", "nan", "inf", " 1"})
    CHECK_THAT(json("level", wrong), Catch::Contains("must be a number"));
  CHECK(json("backend", "vk") == "\"vk\"");
  CHECK(json("backend", "vkk") ==
        "the option backend must be one of gl, vk, not 'vkk' | did you mean 'vk'?");
  CHECK(json("title", "a=b") == "\"a=b\"");
  CHECK(json("debg", {}) == "zako.toml declares no option 'debg' | did you mean 'debug'?");
  CHECK(option_content({}, "x", {}).error().remedy == "declare it: [options] x = false");
}

TEST_CASE("options come from files and flags, with where they are from") {
  given_options given;
  REQUIRE(read_options_file(given, "[options]\ndebug = true\nlevel = 3\nbackend = \"gl\"\n",
                            ".zakorc"));
  CHECK(given["level"] == given_option{"3", ".zakorc:3"});
  CHECK(given["debug"].text == "true");
  REQUIRE(read_option_flag(given, "backend=vk"));
  REQUIRE(read_option_flag(given, "title=a=b"));
  CHECK(given["backend"] == given_option{"vk", "--option"});
  CHECK(given["title"].text == "a=b");
  CHECK(check_options(given, declared()));
  REQUIRE(read_option_flag(given, "bakend=vk"));
  auto e = check_options(given, declared()).error();
  CHECK(e.message == "--option: zako.toml declares no option 'bakend'");
  CHECK(e.remedy == "did you mean 'backend'?");
  CHECK_FALSE(read_option_flag(given, "backend"));
  CHECK_FALSE(read_option_flag(given, "=vk"));
  auto wrong = read_options_file(given, "[options]\nlevel = [1]\n", ".zakorc");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().position == source_position{".zakorc", 2, 9});
  CHECK_FALSE(read_options_file(given, "options = 1\n", ".zakorc"));
  CHECK(read_options_file(given, "[resources]\ncpu = 1\n", ".zakorc"));
}
