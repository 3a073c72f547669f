// What `zako info --resources` shows.
#include <catch2/catch.hpp>

#include "apps/zako/display/resources.hpp"

namespace {

using namespace zako;

TEST_CASE("resources and settings are shown with units, sources and what they are") {
  engine_settings settings;
  REQUIRE(settings.set("gc.idle", "90s", ".zakorc:3"));
  REQUIRE(settings.set("resources.license", "3", "--set"));
  std::vector<resource_state> resources(2);
  resources[0].limits = {"license", 3, 0, 1};
  resources[1].limits = {"memory", 2u << 30, 512u << 20, 64u << 20};
  CHECK(resources_text(resources, "", settings) ==
        "resource  capacity  overcommit  unit\n"
        "license   3         0           1\n"
        "memory    2 GiB     512 MiB     64 MiB\n"
        "\n"
        "limits of memory for programs: permitted\n"
        "\n"
        "setting            value  from       what it is\n"
        "gc.idle            90s    .zakorc:3  after so long without a build, memory is given back\n"
        "resources.license  3      --set      a resource of your own\n");
  CHECK(resources_text({}, "no control group", settings)
            .find("limits of memory for programs: not permitted: no control group\n") !=
        std::string::npos);
}

} // namespace
