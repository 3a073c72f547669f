// zako: reads the command line, finds the workspace, does the command.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "apps/zako/arguments.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/engine_run.hpp"
#include "apps/zako/exit_code.hpp"
#include "apps/zako/interrupts.hpp"

namespace zako {

namespace {

int do_command(const request& what) {
  if (what.what == command_name::transpile)
    return transpile_command(what);
  if (what.what == command_name::export_builtin)
    return export_builtin_command(what);
  auto where = find_workspace(what.folder);
  if (!where) {
    fail_with(where.error());
    return exit_usage;
  }
  if (what.what == command_name::repl)
    return repl_command(what, *where);
  stop_signal stop;
  // The first signal stops the command, the second the program.
  interrupts watch{[&stop, first = true](int) mutable {
                     stop.stop();
                     return std::exchange(first, false);
                   },
                   kill_programs};
  switch (what.what) {
  case command_name::build:
    return build_command(what, *where, stop);
  case command_name::run:
    // The program starts where the user is, as seen after -C.
    if (!what.folder.empty() && chdir(what.folder.c_str()) != 0)
      return exit_usage;
    return run_command(what, *where, stop);
  case command_name::test:
    return test_command(what, *where, stop);
  case command_name::clean:
    return clean_command(*where, stop);
  case command_name::info:
    return info_command(what, *where, stop);
  case command_name::gc:
    return gc_command(what, *where, stop);
  case command_name::verify:
    return verify_command(*where, stop);
  case command_name::dump:
    return dump_command(what, *where, stop);
  case command_name::types:
    return types_command(*where);
  case command_name::eval:
    return eval_command(what, *where, stop);
  case command_name::repl:
  case command_name::transpile:
  case command_name::export_builtin:
    break; // done above
  }
  return exit_internal;
}

int run_program(const std::vector<std::string>& arguments) {
  signal(SIGPIPE, SIG_IGN);
  auto parsed = parse_arguments(arguments);
  if (auto* text = std::get_if<answer>(&parsed)) {
    write_all(text->exit_code == exit_good ? STDOUT_FILENO : STDERR_FILENO, text->text);
    return text->exit_code;
  }
  return do_command(std::get<request>(parsed));
}

} // namespace

} // namespace zako

int main(int argc, char** argv) {
  int code = zako::exit_internal;
  try {
    code = zako::run_program({argv + 1, argv + argc});
  } catch (const std::exception& e) { // of the libraries below; ours throw nothing
    zako::write_all(STDERR_FILENO, std::string("internal error: ") + e.what() + "\n");
  }
  // All output is written and all state is safe; the threads of the actor system end with the
  // process.
  std::_Exit(code);
}
