// The tests that drive the program.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
