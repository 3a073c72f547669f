// Child processes: started without fork or shell, watched by one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.hpp"

namespace zako {

struct child_options {
  std::vector<std::string> argv;          // argv[0] is the program's path; relative to `folder`
  std::map<std::string, std::string> env; // the whole environment
  std::string folder;                     // absolute working directory; empty: the program's own
  int stdout_fd = -1;                     // both stay the caller's; standard input is empty
  int stderr_fd = -1;
  int inherited_fd = -1; // stays open in the program, under the same number
};

/// Starts a program in a process group of its own (its group id is its pid). errc::tool_missing
/// when the program cannot be executed, errc::io when the system refuses. The caller hands the pid
/// to a child_watcher.
result<pid_t> start_child(const child_options& options);

/// One thread that waits for children (pidfd and epoll) and reaps them. Thread-safe. Destroying it
/// ends the thread; a child that still runs is then killed with its group and reaped.
class child_watcher {
public:
  static result<std::unique_ptr<child_watcher>> create();
  ~child_watcher();

  /// Calls `on_exit(wait status)` on the watcher's thread, once. It must not block.
  result<void> watch(pid_t pid, std::function<void(int)> on_exit);

private:
  struct state;
  explicit child_watcher(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace zako
