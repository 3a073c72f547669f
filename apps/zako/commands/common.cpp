// Ends of commands, and the question that a command line means.
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/exit_code.hpp"
#include "apps/zako/settings.hpp"

namespace zako {

int fail_with(const error& e, const std::set<std::string>& shown_failures) {
  write_all(STDERR_FILENO, errors_text(screen_of(STDERR_FILENO), e, shown_failures));
  return e.code == errc::internal ? exit_internal : exit_failed;
}

int say_interrupted() {
  write_all(STDERR_FILENO, "interrupted\n");
  return exit_interrupted;
}

result<std::vector<std::string>> patterns_of(const request& what, const place& where) {
  auto patterns = absolute_patterns(what.patterns, where.here);
  if (!patterns)
    fail_with(patterns.error());
  return patterns;
}

result<engine_settings> settings_of(const request& what, const place& where) {
  auto settings = gather_settings(what, where);
  if (!settings)
    fail_with(settings.error());
  return settings;
}

result<std::map<std::string, std::string>> options_of(const request& what, const place& where) {
  auto options = gather_options(what, where);
  if (!options)
    fail_with(options.error());
  return options;
}

engine_question question_of(const request& what, const place& where, engine_settings settings,
                            key root, std::string_view command,
                            const std::vector<std::string>& patterns) {
  engine_question out;
  out.where = where;
  out.root = std::move(root);
  out.purpose = fmt::format("zako {} {}", command, fmt::join(patterns, " "));
  out.settings = std::move(settings);
  out.keep_going = what.keep_going;
  out.detail = what.detail;
  out.trace = what.trace;
  // Like all that is typed, it counts from the folder of -C; `zako run` has gone there already.
  bool relative = !what.trace.empty() && !what.trace.starts_with('/');
  if (relative && !what.folder.empty() && what.what != command_name::run)
    out.trace = what.folder + '/' + what.trace;
  return out;
}

} // namespace zako
