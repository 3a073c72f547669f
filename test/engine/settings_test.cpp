// Settings: where they come from, which wins, and what is said about wrong ones.
#include <catch2/catch.hpp>

#include "engine/settings.hpp"

using namespace zako;

namespace {

error refused(const std::string& key, const std::string& value) {
  engine_settings s;
  auto done = s.set(key, value, "test");
  REQUIRE(!done);
  CHECK(done.error().code == errc::invalid_argument);
  CHECK(s.all().empty());
  return done.error();
}

std::uint64_t accepted(const std::string& key, const std::string& value) {
  engine_settings s;
  REQUIRE(s.set(key, value, "test"));
  return s.at(key);
}

error file_error(const std::string& text) {
  engine_settings s;
  auto done = read_settings_file(s, text, ".zakorc");
  REQUIRE(!done);
  REQUIRE(done.error().position);
  CHECK(done.error().position->file == ".zakorc");
  CHECK(!done.error().frame.empty());
  return done.error();
}

} // namespace

TEST_CASE("each unit is read as a person writes it, and strictly") {
  CHECK(accepted("resources.cpu", "4") == 4);
  CHECK(accepted("resources.memory", "512M") == 512u << 20);
  CHECK(accepted("resources.memory", "2G") == 2ull << 30);
  CHECK(accepted("resources.memory", "1048576") == 1048576);
  CHECK(accepted("gc.idle", "30s") == 30'000);
  CHECK(accepted("process.grace", "250ms") == 250);
  CHECK(accepted("pools.script.idle", "5m") == 300'000);
  CHECK(accepted("overcommit.memory", "50%") == 50);
  CHECK(accepted("overcommit.memory", "50") == 50);
  CHECK(accepted("jobserver", "false") == 0);
  CHECK(refused("resources.cpu", "4.5").message ==
        "resources.cpu must be a whole number, not '4.5'");
  CHECK(refused("gc.idle", "30").message ==
        "gc.idle must be a time such as 500ms, 30s or 5m, not '30'");
  for (auto* text : {"", "-1", "M", "512MB", "99999999999999999999", "17179869184T", " 1"})
    CHECK_THAT(refused("resources.memory", text).message,
               Catch::Contains("must be a size such as 512M or 4G"));
  CHECK_THAT(refused("jobserver", "yes").message, Catch::Contains("true or false"));
}

TEST_CASE("values outside the range of their key are refused with the range") {
  CHECK(refused("resources.cpu", "0").message == "resources.cpu must be from 1 to 4096, not 0");
  CHECK(refused("cache.memory", "1M").message == "cache.memory must be from 4M to 4G, not 1M");
  CHECK(refused("metrics.port", "65536").message ==
        "metrics.port must be from 0 to 65535, not 65536");
}

TEST_CASE("an unknown key is refused, and the nearest one is named") {
  CHECK(refused("pools.scrpt.max", "2").remedy == "did you mean 'pools.script.max'?");
  CHECK(refused("resource.cpu", "2").remedy == "did you mean 'resources.cpu'?");
  CHECK(refused("resources.cpus", "2").remedy == "did you mean 'resources.cpu'?");
  CHECK_THAT(refused("colour", "2").remedy, Catch::Contains("zako info --resources"));
  CHECK(refused("resources.", "2").message == "there is no setting 'resources.'");
  CHECK(refused("resources.Big Lock", "2").message == "there is no setting 'resources.Big Lock'");
}

TEST_CASE("a resource of the user's own is whatever has a name of its own") {
  engine_settings s;
  REQUIRE(s.set("resources.license", "3", "test"));
  REQUIRE(s.set("overcommit.license", "50", "test"));
  REQUIRE(s.set("resources.memory", "1G", "test"));
  REQUIRE(s.set("overcommit.memory", "25", "test"));
  CHECK(s.resources() == std::vector<resource_limits>{{"license", 3, 1, 1},
                                                      {"memory", 1u << 30, 1u << 28, 64u << 20}});
}

TEST_CASE("every row's bounds can be written and read back") {
  for (auto& row : setting_rows()) {
    INFO(row.key);
    CHECK(!row.help.empty());
    for (auto value : {row.least, row.most})
      CHECK(accepted(std::string(row.key), setting_text(row.unit, value)) == value);
  }
}

TEST_CASE("a file sets keys by table and remembers the line; what comes later wins") {
  engine_settings s;
  REQUIRE(read_settings_file(s, "jobserver = false\n[resources]\ncpu = 4\nmemory = '2G'\n",
                             "~/.zakorc"));
  REQUIRE(read_settings_file(s, "resources.cpu = 3\n[pools.script]\nmax = 1\nidle = '5s'\n",
                             ".zakorc"));
  CHECK(s.all().at("resources.cpu") == engine_settings::entry{3, ".zakorc:1"});
  CHECK(s.all().at("resources.memory") == engine_settings::entry{2ull << 30, "~/.zakorc:4"});
  CHECK(s.all().at("pools.script.idle") == engine_settings::entry{5000, ".zakorc:4"});
  CHECK(s.at("jobserver") == 0);
  REQUIRE(read_settings_environment(s, {"PATH=/bin", "ZAKO_RESOURCES_CPU=2",
                                        "ZAKO_GC_ON_PRESSURE=false", "ZAKO_RESOURCES_TOKEN=7",
                                        "ZAKO_CACHE=/tmp", "ZAKO_SEED=1"}));
  CHECK(s.all().at("resources.cpu") == engine_settings::entry{2, "ZAKO_RESOURCES_CPU"});
  CHECK(s.at("gc.on_pressure") == 0);
  CHECK(s.at("resources.token") == 7);
  REQUIRE(read_settings_flag(s, "resources.cpu=1"));
  CHECK(s.all().at("resources.cpu") == engine_settings::entry{1, "--set"});
  s.set_default("resources.cpu", 8);
  CHECK(s.at("resources.cpu") == 1);
}

TEST_CASE("a wrong line of a file is shown with its place") {
  auto e = file_error("[resources]\ncpu = 4\nmemory = 'much'\n");
  CHECK(e.position->line == 3);
  CHECK_THAT(e.message, Catch::Contains("resources.memory must be a size"));
  e = file_error("[resources]\ncpus = 4\n");
  CHECK((e.position->line == 2 && e.position->column == 1));
  CHECK(e.remedy == "did you mean 'resources.cpu'?");
  e = file_error("[pools]\nio = 4\n");
  CHECK(e.message == "there is no setting 'pools.io'");
  CHECK_THAT(file_error("x = \n").message, Catch::Contains("is not TOML"));
  CHECK_THAT(file_error("resources.cpu = [1]\n").message, Catch::Contains("a number, a text"));
  CHECK_THAT(file_error("resources.cpu = -1\n").message, Catch::Contains("'-1'"));
}

TEST_CASE("a slip in a variable or a flag is told, not passed over") {
  engine_settings s;
  auto done = read_settings_environment(s, {"ZAKO_POOLS_SCRIPT_MAXX=2"});
  REQUIRE(!done);
  CHECK(done.error().message == "the environment variable ZAKO_POOLS_SCRIPT_MAXX sets nothing");
  CHECK(done.error().remedy == "did you mean 'ZAKO_POOLS_SCRIPT_MAX'?");
  done = read_settings_environment(s, {"ZAKO_RESOURCES_CPU=many"});
  REQUIRE(!done);
  CHECK_THAT(done.error().message, Catch::StartsWith("ZAKO_RESOURCES_CPU: resources.cpu must be"));
  CHECK(!read_settings_flag(s, "resources.cpu"));
  CHECK(!read_settings_flag(s, "=4"));
}

TEST_CASE("a pool that would keep more workers than it may have is refused with both places") {
  engine_settings s;
  REQUIRE(s.set("pools.io.min", "4", ".zakorc:1"));
  REQUIRE(s.set("pools.io.max", "2", "--set"));
  auto done = s.check();
  REQUIRE(!done);
  CHECK(done.error().message == "pools.io.min is 4 (.zakorc:1), and pools.io.max is 2 (--set)");
  REQUIRE(s.set("pools.io.max", "4", "--set"));
  CHECK(s.check());
}
