// The tests that drive the program.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "skip.hpp"

namespace e2e {

static bool skipped = false;

void skip(const std::string& why) {
  WARN("skipped: " << why);
  skipped = true;
}

} // namespace e2e

int main(int argc, char** argv) {
  int failed = Catch::Session().run(argc, argv);
  return failed == 0 && e2e::skipped ? 77 : failed;
}
