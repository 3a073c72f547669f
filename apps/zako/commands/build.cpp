// zako build: makes targets.
#include <unistd.h>

#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/exit_code.hpp"
#include "engine/keys.hpp"
#include "engine/values.hpp"

namespace zako {

int build_command(const request& what, const place& where, stop_signal& stop) {
  auto patterns = patterns_of(what, where);
  if (!patterns)
    return exit_usage;
  auto settings = settings_of(what, where);
  if (!settings)
    return exit_usage;
  auto options = options_of(what, where);
  if (!options)
    return exit_usage;
  auto root = what.keep_going ? salvage_key(*patterns) : build_key(*patterns);
  auto question =
      question_of(what, where, std::move(*settings), std::move(root), "build", *patterns);
  question.options = std::move(*options);
  auto answer = ask_engine(question, stop);
  if (answer.interrupted)
    return say_interrupted();
  auto output = screen_of(question.output);
  auto built = answer.root.and_then([](const value& x) { return x.as<build_value>(); });
  if (!built) {
    auto code = fail_with(built.error(), answer.shown_failures);
    write_all(question.output, failure_summary(output, answer.totals, answer.run_ns));
    return code;
  }
  if (what.detail != verbosity::quiet)
    write_all(question.output,
              build_summary(output, (*built)->targets.size(), answer.totals, answer.run_ns));
  return exit_good;
}

} // namespace zako
