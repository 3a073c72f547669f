// What the program's exit codes mean. They are documented in its help and are never renumbered.
#pragma once

namespace zako {

enum exit_code : int {
  exit_good = 0,
  exit_failed = 1,        // the build or a test failed, or the input was wrong
  exit_usage = 2,         // the command line was wrong, or there is no workspace
  exit_internal = 3,      // a bug in Zako
  exit_interrupted = 130, // stopped by Ctrl-C or SIGTERM
};

} // namespace zako
