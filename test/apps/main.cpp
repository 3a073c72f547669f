// The test program of apps/.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
