// What is said at the end: the errors, each cause once, and one line that sums up. Pure functions.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "apps/zako/display/text.hpp"
#include "engine/error.hpp"
#include "engine/event.hpp"

namespace zako {

/// "error: BUILD.ts:3:5: ..." for each first cause of `root`, in order, each once. Failed actions
/// whose title is in `shown` are left out: their output is there already.
std::string errors_text(const screen& on, const error& root, const std::set<std::string>& shown);

/// "warning: ..." with what to do, for something that the command goes on after.
std::string warning_text(const screen& on, const error& why);

/// "built 3 targets: 35 actions run, 0 reused, 0 failed in 4.2 s"
std::string build_summary(const screen& on, std::uint64_t targets, const progress& totals,
                          std::int64_t ns);
/// "build failed: 12 actions run, 0 reused, 1 failed in 4.2 s"
std::string failure_summary(const screen& on, const progress& totals, std::int64_t ns);
/// "PASS //:a (0.02 s)", "FAIL //:b (0.02 s)": the time that it took when it ran
std::string test_line(const screen& on, const std::string& label, bool passed, std::int64_t run_ns);
/// "3 passed, 1 failed: 4 actions run, 0 reused in 1.2 s"
std::string test_summary(const screen& on, std::uint64_t passed, std::uint64_t failed,
                         const progress& totals, std::int64_t ns);

} // namespace zako
