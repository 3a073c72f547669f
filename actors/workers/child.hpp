// Child processes: started without fork or shell, watched by one thread.
#pragma once

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
  std::vector<int> inherited_fds; // stay open in the program, under the same numbers (above 2)
  int group_door_fd = -1;         // cgroup::door_fd() of the group that it shall be in
};

/// How a child came to its end.
struct child_end {
  int status = 0;          // as wait(2) has it
  std::int64_t cpu_ns = 0; // its own, and that of the children that it waited for
  /// The most memory that one of these had resident. A new process inherits the peak of the program
  /// that starts it, so what is not above this program's own peak cannot be known: 0.
  std::uint64_t peak_bytes = 0;
  bool alone = false; // nobody is left in its group
};

/// Names a child of one watcher; never given twice.
using child_id = std::uint64_t;

/// Starts children, and has one thread that waits for them (pidfd and epoll) and reaps them.
/// Thread-safe. Destroying it ends the thread; a child that still runs is then killed with its
/// group and reaped.
class child_watcher {
public:
  /// Where SIGCHLD is ignored it gets its default back.
  static result<std::unique_ptr<child_watcher>> create();
  ~child_watcher();

  /// Starts a program in a process group of its own, with no signal blocked, ignored or handled;
  /// when it has ended, calls `on_end` on the watcher's thread, once: it must not block.
  /// errc::tool_missing when the program cannot be executed, errc::io when the system refuses. Of
  /// several threads, each waits only for its own child to become the program.
  result<child_id> start(const child_options& options,
                         std::function<void(const child_end&)> on_end);

  /// Sends a signal to the child and its whole group; what is left of the group once the child has
  /// ended is then killed. Does nothing when the child has ended.
  void signal(child_id child, int number);

  /// Kills all children of all watchers in this process with their groups, and lets none start any
  /// more: for a program that is about to end, whatever its engines are doing.
  static void kill_all();

private:
  struct state;
  explicit child_watcher(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace zako
