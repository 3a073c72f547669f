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

int test_command(const request& what, const place& where, stop_signal& stop) {
  auto patterns = patterns_of(what, where);
  if (!patterns)
    return exit_usage;
  auto question = question_of(what, where, tests_key(*patterns), "test", *patterns);
  auto answer = ask_engine(question, stop);
  if (answer.interrupted)
    return say_interrupted();
  auto output = screen_of(question.output);
  std::uint64_t passed = answer.tests_passed, failed = answer.tests_failed;
  int code = exit_good;
  auto tests = answer.root.and_then([](const value& x) { return x.as<tests_value>(); });
  if (tests) {
    auto& rows = (*tests)->rows;
    passed = static_cast<std::uint64_t>(
        std::count_if(rows.begin(), rows.end(), [](auto& row) { return row.outcome.passed; }));
    failed = rows.size() - passed;
    if (failed > 0)
      code = exit_failed;
  } else {
    code = fail_with(tests.error(), answer.shown_failures);
  }
  if (what.detail != verbosity::quiet || code != exit_good)
    write_all(question.output, test_summary(output, passed, failed, answer.totals, answer.run_ns));
  return code;
}

} // namespace zako
