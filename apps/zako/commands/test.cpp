// zako test: makes tests and runs them.
#include <unistd.h>

#include <algorithm>

#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/exit_code.hpp"
#include "engine/keys.hpp"
#include "engine/values.hpp"

namespace zako {

namespace {

/// The lines of a test report. What a failed test printed was shown when it failed.
std::string rows_text(const screen& on, verbosity detail, const std::vector<test_row>& rows) {
  std::string out;
  for (auto& row : rows) {
    auto& x = row.outcome;
    if (x.passed && detail == verbosity::quiet)
      continue;
    out += test_line(on, row.label, x.passed, x.run_ns);
    if (x.passed && detail == verbosity::verbose)
      out += ended(on.colours ? x.text : plain(x.text));
  }
  return out;
}

} // namespace

int test_command(const request& what, const place& where, stop_signal& stop) {
  auto patterns = patterns_of(what, where);
  if (!patterns)
    return exit_usage;
  auto settings = settings_of(what, where);
  if (!settings)
    return exit_usage;
  auto options = options_of(what, where);
  if (!options)
    return exit_usage;
  auto question =
      question_of(what, where, std::move(*settings), tests_key(*patterns), "test", *patterns);
  question.options = std::move(*options);
  auto answer = ask_engine(question, stop);
  if (answer.interrupted)
    return say_interrupted();
  auto output = screen_of(question.output);
  auto tests = answer.root.and_then([](const value& x) { return x.as<tests_value>(); });
  if (!tests) {
    auto code = fail_with(tests.error(), answer.shown_failures);
    write_all(question.output, failure_summary(output, answer.totals, answer.run_ns));
    return code;
  }
  auto& rows = (*tests)->rows;
  auto passed = static_cast<std::uint64_t>(
      std::count_if(rows.begin(), rows.end(), [](auto& row) { return row.outcome.passed; }));
  auto failed = rows.size() - passed;
  write_all(question.output, rows_text(output, what.detail, rows));
  if (what.detail != verbosity::quiet || failed > 0)
    write_all(question.output, test_summary(output, passed, failed, answer.totals, answer.run_ns));
  return failed > 0 ? exit_failed : exit_good;
}

} // namespace zako
