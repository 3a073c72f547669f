// Control groups: a program in a group of its own, with a limit of memory and a measured peak.
// Version 1 and version 2 of the kernel's interface; where neither is permitted, programs run
// without, and `refusal` says why.
//
// A group is a folder `zako-PID-N`. In version 1 it lies below this process's own group; in version
// 2, where a group with processes has no groups of its own below it, beside that.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace zako {

/// A control group on the path from this process's own to the top that has a limit of memory.
struct memory_ceiling {
  std::string folder;
  bool v2 = false;
  std::uint64_t limit = 0;

  /// What is used and cannot be taken back at once: without cached files that nobody uses now.
  [[nodiscard]] std::uint64_t used() const;
};
/// All of them. `root` stands for "/", in tests.
std::vector<memory_ceiling> memory_ceilings(const std::string& root = {});

/// The file of this process's own group that tells of memory stalls (version 2 only); empty: none.
std::string group_pressure_file(const std::string& root = {});

/// One group. Removed with the object; what still runs in it is killed first.
class cgroup {
public:
  cgroup(cgroup&& other) noexcept;
  cgroup& operator=(cgroup&& other) = delete;
  ~cgroup();

  /// Writing "0" there moves the writer into the group.
  [[nodiscard]] int door_fd() const { return door_; }
  /// The most memory that the group has used so far, files that it has read or written included; 0
  /// when the kernel does not say.
  [[nodiscard]] std::uint64_t peak_bytes() const;
  /// Whether the kernel has killed one of the group's programs for its memory.
  [[nodiscard]] bool ran_out_of_memory() const;
  /// Kills everything in the group.
  void kill_all() const;

private:
  friend class cgroups;
  cgroup(std::string folder, bool v2, int door)
      : folder_(std::move(folder)), v2_(v2), door_(door) {}
  std::string folder_; // empty: moved from
  bool v2_;
  int door_;
};

/// Where groups are made. Looks at the system when it is first asked. Thread-safe.
class cgroups {
public:
  /// `root` stands for "/", in tests.
  explicit cgroups(std::string root = {}) : root_(std::move(root)) {}

  /// Why no groups can be made here, in a line for a person; empty: they can. Tries it. Removes
  /// groups that were left by processes that live no more.
  const std::string& refusal();

  /// A group that may use so much memory; nothing when there are none (`refusal`), or when the
  /// system refuses this one.
  std::optional<cgroup> make(std::uint64_t memory_bytes);

private:
  void look();
  std::optional<cgroup> create(std::uint64_t memory_bytes);
  std::string find_parent();
  void remove_stale() const;

  std::string root_;
  std::once_flag looked_;
  std::string refusal_;
  std::string parent_; // where groups are made
  bool v2_ = false;
  std::mutex mutex_;
  std::uint64_t count_ = 0;
};

} // namespace zako
