// The tests of scripting/: the transpiler, and scripts run through the real plugin.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
