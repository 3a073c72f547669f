// The workspace lock: flock on a file that also tells who holds it.
#include "storage/workspace_lock.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include <sys/file.h>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "storage/os.hpp"

namespace zako {

namespace {

constexpr std::size_t longest_description =
    400; // one line of a terminal or a few, not a whole command file

/// "pid 4711: zako build //app:hello (since 2024-05-01 12:03:11)", as it is written in the file and
/// shown.
std::string describe(std::string_view command) {
  auto now = std::time(nullptr);
  auto text = fmt::format("pid {}: {}", ::getpid(), command.substr(0, longest_description - 60));
  return fmt::format("{} (since {:%Y-%m-%d %H:%M:%S})", text, fmt::localtime(now));
}

/// What the holder wrote; it may be about to.
std::string holder(int fd) {
  std::array<char, longest_description> buffer;
  auto n = ::pread(fd, buffer.data(), buffer.size(), 0);
  return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : "another process";
}

} // namespace

result<workspace_lock> workspace_lock::try_lock(const std::string& folder,
                                                std::string_view command) {
  if (auto code = os::make_folders(AT_FDCWD, folder))
    return os::failed("make the folder", folder, code);
  auto path = folder + "/lock";
  // The file stays when the lock is released: removing it would let two processes lock two files of
  // one name.
  auto fd = os::open(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0666);
  if (!fd)
    return os::failed("open the lock", path, errno);
  int locked;
  do
    locked = ::flock(fd.get(), LOCK_EX | LOCK_NB);
  while (locked != 0 && errno == EINTR);
  if (locked != 0 && errno != EWOULDBLOCK)
    return os::failed("lock", path, errno);
  if (locked != 0)
    return fail(errc::locked, fmt::format("the workspace is held by {}", holder(fd.get())),
                "wait until it is done, or stop it");
  // The description is a courtesy: on a full disk the lock holds without it.
  auto text = describe(command);
  if (::ftruncate(fd.get(), 0) == 0) [[maybe_unused]]
    auto written = ::pwrite(fd.get(), text.data(), text.size(), 0);
  return workspace_lock{fd.release()};
}

workspace_lock::workspace_lock(workspace_lock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

workspace_lock& workspace_lock::operator=(workspace_lock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

workspace_lock::~workspace_lock() {
  if (fd_ < 0)
    return;
  // Who meets the next holder before that has written its description is not told of this one.
  [[maybe_unused]] auto emptied = ::ftruncate(fd_, 0);
  ::close(fd_);
}

} // namespace zako
