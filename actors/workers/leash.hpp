// Programs that outlive the build that started them: found and ended before the next one begins.
#pragma once

#include <string>

#include "engine/error.hpp"

namespace zako {

/// A locked file that every program of a build inherits, open. When a build is killed the lock
/// stays for as long as one of its programs lives, which could write into an output that the next
/// build has made; so the next one ends them first. Not thread-safe.
class leash {
public:
  /// Takes the lock of `path`, which is made when it is not there. Whoever still holds it is ended,
  /// but for the process that took it last: that one lives, and is about to release it. errc::io
  /// when this takes too long. The caller holds the workspace.
  static result<leash> take(const std::string& path);
  leash(leash&& other) noexcept;
  leash& operator=(leash&& other) = delete;
  /// Releases the lock. Programs that live on by intent are not ended by the next build.
  ~leash();

  /// To be inherited by each program.
  [[nodiscard]] int fd() const { return fd_; }

private:
  explicit leash(int fd) : fd_(fd) {}
  int fd_;
};

} // namespace zako
