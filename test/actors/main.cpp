// The actor room's tests.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <caf/init_global_meta_objects.hpp>

#include "actors/engine.hpp"

int main(int argc, char** argv) {
  zako::init_types();
  caf::core::init_global_meta_objects();
  return Catch::Session().run(argc, argv);
}
