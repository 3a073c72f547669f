// The actor room's tests.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <caf/init_global_meta_objects.hpp>

#include "actors/engine.hpp"
#include "pool_fixture.hpp"

int main(int argc, char** argv) {
  caf::init_global_meta_objects<caf::id_block::zako_test>();
  zako::init_types();
  return Catch::Session().run(argc, argv);
}
