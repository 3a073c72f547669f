// Finds the processes that have a file open, and ends them: how programs are found that nobody
// knows as a child or as a group any more.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace zako {

/// One descriptor of another process: its entry below /proc/PID/fdinfo.
using descriptor_test = std::function<bool(const std::filesystem::path& about)>;

/// The processes that have the file of `fd` open by a descriptor that passes the test, as far as
/// this user may know: a walk over /proc, some milliseconds.
std::vector<::pid_t> holders(int fd, const descriptor_test& passes);

/// Now, as the system counts it when it notes that a process was started.
std::uint64_t start_mark();

/// Kills every process but this one that was started at `mark` or later and has inherited the file
/// of `fd`, with what they start meanwhile.
void kill_strays(int fd, std::uint64_t mark);

} // namespace zako
