// Errors and summaries as text.
#include "apps/zako/display/report.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace zako {

namespace {

/// The errors below what only says that something below it failed.
void collect(const error& e, std::vector<const error*>& out) {
  if (e.code == errc::dependency && !e.causes.empty()) {
    for (auto& cause : e.causes)
      collect(cause, out);
    return;
  }
  if (std::none_of(out.begin(), out.end(), [&](auto* known) { return *known == e; }))
    out.push_back(&e);
}

bool was_shown(const error& e, const std::set<std::string>& shown) {
  return e.code == errc::action_failed && std::any_of(shown.begin(), shown.end(), [&](auto& title) {
           return e.message.find(title) != std::string::npos;
         });
}

std::string actions(const progress& totals, bool with_failed) {
  auto out = fmt::format("{} run, {} reused", count_of(totals.actions_run, "action"),
                         totals.actions_reused);
  if (with_failed)
    out += fmt::format(", {} failed", totals.actions_failed);
  return out;
}

} // namespace

std::string warning_text(const screen& on, const error& why) {
  auto out = fmt::format("{} {}\n", paint(on, tint::yellow, "warning:"), one_line(why.message));
  if (!why.remedy.empty())
    out += fmt::format("  help: {}\n", one_line(why.remedy));
  return out;
}

std::string errors_text(const screen& on, const error& root, const std::set<std::string>& shown) {
  std::vector<const error*> first_causes;
  collect(root, first_causes);
  std::string out;
  for (auto* e : first_causes)
    if (e->code != errc::test_failed && !was_shown(*e, shown))
      out += paint(on, tint::red, e->code == errc::internal ? "internal error" : "error") + ": " +
             to_text(*e);
  return out;
}

std::string build_summary(const screen& on, std::uint64_t targets, const progress& totals,
                          std::int64_t ns) {
  return fmt::format("{} {}: {} in {}\n", paint(on, tint::green, "built"),
                     count_of(targets, "target"), actions(totals, true), duration(ns));
}

std::string failure_summary(const screen& on, const progress& totals, std::int64_t ns) {
  return fmt::format("{}: {} in {}\n", paint(on, tint::red, "build failed"), actions(totals, true),
                     duration(ns));
}

std::string test_line(const screen& on, const std::string& label, bool passed,
                      std::int64_t run_ns) {
  return paint(on, passed ? tint::green : tint::red, passed ? "PASS" : "FAIL") +
         fmt::format(" {} ({})\n", label, duration(run_ns));
}

std::string test_summary(const screen& on, std::uint64_t passed, std::uint64_t failed,
                         const progress& totals, std::int64_t ns) {
  return fmt::format("{}: {} in {}\n",
                     paint(on, failed > 0 ? tint::red : tint::green,
                           fmt::format("{} passed, {} failed", passed, failed)),
                     actions(totals, false), duration(ns));
}

} // namespace zako
