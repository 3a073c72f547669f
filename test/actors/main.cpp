// The actor room's tests.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "actors/engine.hpp"

int main(int argc, char** argv) {
  zako::init_types();
  return Catch::Session().run(argc, argv);
}
