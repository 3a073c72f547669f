// zako run: makes a program, then becomes it.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/exit_code.hpp"
#include "engine/keys.hpp"
#include "engine/values.hpp"

namespace zako {

namespace {

error wrong_target(std::string message, std::string remedy) {
  error e;
  e.code = errc::invalid_argument;
  e.message = std::move(message);
  e.remedy = std::move(remedy);
  return e;
}

/// Replaces this process; comes back only when that fails.
error become(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (auto& x : arguments)
    argv.push_back(const_cast<char*>(x.c_str()));
  argv.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  execv(program.c_str(), argv.data());
  error e;
  e.code = errc::io;
  e.message = "cannot start '" + program + "': " + std::strerror(errno);
  return e;
}

} // namespace

int run_command(const request& what, const place& where, stop_signal& stop) {
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
      question_of(what, where, std::move(*settings), build_key(*patterns), "run", *patterns);
  question.output = STDERR_FILENO; // standard output is the program's
  question.options = std::move(*options);
  auto answer = ask_engine(question, stop);
  if (answer.interrupted)
    return say_interrupted();
  auto built = answer.root.and_then([](const value& x) { return x.as<build_value>(); });
  if (!built)
    return fail_with(built.error(), answer.shown_failures);
  auto& targets = (*built)->targets;
  if (targets.size() != 1)
    return fail_with(wrong_target("'" + what.patterns[0] + "' stands for " +
                                      std::to_string(targets.size()) + " targets",
                                  "name one program, for instance '" + targets[0].label + "'"));
  if (targets[0].executable.empty())
    return fail_with(wrong_target("'" + targets[0].label + "' is not a program",
                                  "build it with 'zako build " + targets[0].label + "'"));
  return fail_with(become(where.workspace + '/' + targets[0].executable, what.arguments));
}

} // namespace zako
