// The system calls behind os.hpp.
#include "storage/os.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace zako::os {

namespace {

constexpr std::size_t stream_bytes =
    64 * 1024; // lives on the stack; large enough for BLAKE3's widest code

constexpr std::int64_t second_ns = 1'000'000'000;

// The kernel stamps files with a clock that ticks every 1 to 10 ms (CONFIG_HZ); two changes within
// a tick get one stamp. Two of the longest ticks leave room for processors that see the tick a
// little later. A stamp of whole seconds comes from a file system that may keep no finer ones (FAT:
// two seconds).
constexpr std::int64_t tick_margin_ns = 20'000'000;
constexpr std::int64_t coarse_margin_ns = 2 * second_ns;

std::int64_t margin_of(std::int64_t stamp_ns) {
  return stamp_ns % second_ns == 0 ? coarse_margin_ns : tick_margin_ns;
}

std::int64_t to_ns(const ::timespec& t) {
  return t.tv_sec * second_ns + t.tv_nsec;
}

std::string_view remedy_of(int code) {
  switch (code) {
  case ENOSPC:
  case EDQUOT:
    return "free some space on that disk";
  case EACCES:
  case EPERM:
    return "check who owns it and its permissions";
  case EROFS:
    return "the disk is mounted read-only";
  case EMFILE:
  case ENFILE:
    return "raise the limit of open files (ulimit -n)";
  default:
    return {};
  }
}

} // namespace

unique_fd::unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

unique_fd& unique_fd::operator=(unique_fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

unique_fd::~unique_fd() {
  if (fd_ >= 0)
    ::close(fd_);
}

tl::unexpected<error> failed(std::string_view what, std::string_view path, int code) {
  auto words = std::generic_category().message(code);
  return fail(code == ENOENT ? errc::not_found : errc::io,
              fmt::format("cannot {} '{}': {}", what, path, words), std::string(remedy_of(code)));
}

unique_fd open(int at, const char* path, int flags, ::mode_t mode) {
  int fd;
  do
    fd = ::openat(at, path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return unique_fd{fd};
}

::ssize_t read_some(int fd, char* to, std::size_t count) {
  ::ssize_t n;
  do
    n = ::read(fd, to, count);
  while (n < 0 && errno == EINTR);
  return n;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR)
      return false;
    if (n > 0)
      bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool stream(int fd, const std::function<bool(std::string_view)>& sink) {
  std::array<char, stream_bytes> buffer; // not cleared: the kernel fills what is used
  for (;;) {
    auto n = read_some(fd, buffer.data(), buffer.size());
    if (n <= 0)
      return n == 0;
    if (!sink({buffer.data(), static_cast<std::size_t>(n)}))
      return false;
  }
}

bool clone(int from, int to) {
  return ::ioctl(to, FICLONE, from) == 0;
}

int make_folders(int at, const std::string& path) {
  if (path.empty() || ::mkdirat(at, path.c_str(), 0777) == 0)
    return 0;
  if (errno == EEXIST) {
    struct ::stat s;
    if (::fstatat(at, path.c_str(), &s, 0) != 0)
      return errno;
    return S_ISDIR(s.st_mode) ? 0 : ENOTDIR;
  }
  if (errno != ENOENT)
    return errno;
  auto parent = parent_of(path);
  if (parent == path)
    return ENOENT;
  if (auto code = make_folders(at, parent))
    return code;
  return ::mkdirat(at, path.c_str(), 0777) == 0 || errno == EEXIST ? 0 : errno;
}

std::string parent_of(const std::string& path) {
  auto slash = path.find_last_of('/');
  if (slash == std::string::npos)
    return ".";
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

std::int64_t now_s() {
  ::timespec now;
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now.tv_sec;
}

std::int64_t file_clock_ns() {
  ::timespec now;
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return to_ns(now);
}

fingerprint print_of(const struct ::stat& s, std::int64_t looked_ns) {
  fingerprint print{.ctime_ns = to_ns(s.st_ctim),
                    .mtime_ns = to_ns(s.st_mtim),
                    .inode = s.st_ino,
                    .size = static_cast<std::uint64_t>(s.st_size)};
  // Every change sets the ctime, and nobody can choose it: one from the future means that the clock
  // was set back, and that it may come to the same stamp again. An mtime can be anything and only
  // counts when it is of this moment, for file systems whose ctime is something else.
  auto mtime_age = looked_ns - print.mtime_ns;
  auto mtime_margin = margin_of(print.mtime_ns);
  print.racy = looked_ns - print.ctime_ns < margin_of(print.ctime_ns) ||
               (mtime_age < mtime_margin && mtime_age > -mtime_margin);
  return print;
}

bool same_stamps(const fingerprint& a, const fingerprint& b) {
  return a.ctime_ns == b.ctime_ns && a.mtime_ns == b.mtime_ns && a.inode == b.inode &&
         a.size == b.size;
}

result<temporary_file> temporary_file::beside(int at, const std::string& target, ::mode_t mode) {
  static std::atomic<std::uint64_t> counter = 0;
  auto folder = parent_of(target);
  for (;;) {
    auto path = fmt::format("{}/.zako-{}-{}.tmp", folder, ::getpid(), counter++);
    if (auto fd = open(at, path.c_str(), O_RDWR | O_CREAT | O_EXCL, mode))
      return temporary_file{at, std::move(path), std::move(fd)};
    if (errno == ENOENT) {
      if (auto code = make_folders(at, folder))
        return failed("make the folder", folder, code);
    } else if (errno != EEXIST) { // left behind by a process that was killed
      return failed("write", target, errno);
    }
  }
}

temporary_file::temporary_file(temporary_file&& other) noexcept
    : at_(other.at_), path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}

temporary_file::~temporary_file() {
  if (!path_.empty())
    ::unlinkat(at_, path_.c_str(), 0);
}

result<void> temporary_file::publish(const std::string& target) {
  if (::renameat(at_, path_.c_str(), at_, target.c_str()) != 0)
    return failed("write", target, errno);
  path_.clear();
  return {};
}

} // namespace zako::os
