// Errors and summaries at the end of a command.
#include <catch2/catch.hpp>

#include "apps/zako/display/report.hpp"

namespace {

using namespace zako;

error one(errc code, std::string message, std::string remedy = "") {
  error e;
  e.code = code;
  e.message = std::move(message);
  e.remedy = std::move(remedy);
  return e;
}

error below(std::string message, std::vector<error> causes) {
  auto e = one(errc::dependency, std::move(message));
  e.causes = std::move(causes);
  return e;
}

TEST_CASE("each first cause is printed once, with place, reason and remedy") {
  auto missing =
      error_at(errc::not_found, "no file 'x.c'", {"BUILD.ts", 3, 5}, "check the spelling");
  auto root = below(
      "2 errors", {below("//:a", {missing}), below("//:b", {missing}), one(errc::cycle, "a ring")});
  CHECK(errors_text({}, root, {}) == "error: BUILD.ts:3:5: no file 'x.c'\n"
                                     "  help: check the spelling\n"
                                     "error: a ring\n");
}

TEST_CASE("a failed action that was shown is not told again") {
  auto root = below("2 errors", {one(errc::action_failed, "CC a.o failed with exit code 1"),
                                 one(errc::action_failed, "CC b.o failed with exit code 1")});
  CHECK(errors_text({}, root, {"CC a.o"}) == "error: CC b.o failed with exit code 1\n");
}

TEST_CASE("a bug is called one") {
  CHECK(errors_text({}, one(errc::internal, "oh"), {}) == "internal error: oh\n");
}

TEST_CASE("one line sums up") {
  progress totals;
  totals.actions_run = 35;
  CHECK(build_summary({}, 3, totals, 4'200'000'000) ==
        "built 3 targets: 35 actions run, 0 reused, 0 failed in 4.2 s\n");
  totals.actions_run = 1;
  totals.actions_failed = 1;
  CHECK(failure_summary({}, totals, 0) ==
        "build failed: 1 action run, 0 reused, 1 failed in 0.00 s\n");
  CHECK(test_summary({}, 3, 1, totals, 0) ==
        "3 passed, 1 failed: 1 action run, 0 reused in 0.00 s\n");
}

} // namespace
