// One writer per workspace: a lock that says who holds it and that the kernel releases with the
// process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace zako {

/// Holds the lock as long as it lives. Not thread-safe; two objects of one process exclude each
/// other as well.
class workspace_lock {
public:
  /// Takes the lock of a workspace's `folder` (its `.zako`, made when missing) without waiting.
  /// `command` is shown to whoever meets the lock meanwhile, for instance "zako build //app:hello".
  /// errc::locked when it is held: the message reads "… held by pid 4711: zako build //app:hello
  /// (since …)"; a caller that wants to wait asks again. errc::io when the lock file cannot be
  /// made.
  static result<workspace_lock> try_lock(const std::string& folder, std::string_view command);

  workspace_lock(workspace_lock&& other) noexcept;
  workspace_lock& operator=(workspace_lock&& other) noexcept;
  ~workspace_lock();

private:
  explicit workspace_lock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

} // namespace zako
