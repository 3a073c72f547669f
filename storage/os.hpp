// What the files of this room share: descriptors, temporary files, streaming, fingerprints, errors
// of the system.
//
// Paths are pairs of a folder's descriptor and a path below it, as in openat(2); an absolute path
// ignores the first. Not for other rooms: they use `file_system` and `content_store`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "engine/job.hpp"

namespace zako::os {

class unique_fd {
public:
  unique_fd() = default;
  explicit unique_fd(int fd) : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept;
  unique_fd& operator=(unique_fd&& other) noexcept;
  ~unique_fd();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// errc::io (errc::not_found for ENOENT): "cannot <what> '<path>': <the system's words>".
tl::unexpected<error> failed(std::string_view what, std::string_view path, int code);

/// Interrupted calls are made again. The descriptor is closed in children.
unique_fd open(int at, const char* path, int flags, ::mode_t mode = 0);

/// Bytes that were read: 0 at the end, -1 and errno on failure.
::ssize_t read_some(int fd, char* to, std::size_t count);
/// False and errno on failure.
bool write_all(int fd, std::string_view bytes);

/// Reads to the end in pieces, never whole in memory, and hands each to `sink` until it returns
/// false. False and errno when reading failed or `sink` said so.
bool stream(int fd, const std::function<bool(std::string_view)>& sink);

/// Makes `to` share the content of `from` where the file system can; false when it cannot.
bool clone(int from, int to);

/// Makes the folder and its parents. 0, or the error's number.
int make_folders(int at, const std::string& path);
/// The folder of a path: "." for a single name.
std::string parent_of(const std::string& path);

/// Seconds since 1970.
std::int64_t now_s();
/// Nanoseconds since 1970 on the clock that the kernel stamps files with.
std::int64_t file_clock_ns();

/// `looked_ns`: file_clock_ns() as it was before `s` was asked for.
fingerprint print_of(const struct ::stat& s, std::int64_t looked_ns);
/// Equal numbers; whether they are racy does not matter here.
bool same_stamps(const fingerprint& a, const fingerprint& b);

/// A new file beside the one that it will replace; removed again unless it is published.
class temporary_file {
public:
  /// Makes the file in the folder of `target`, and that folder where it is missing. `mode` is
  /// subject to the umask.
  static result<temporary_file> beside(int at, const std::string& target, ::mode_t mode);

  temporary_file(temporary_file&& other) noexcept;
  temporary_file& operator=(temporary_file&&) = delete;
  ~temporary_file();

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Renames it to `target`, replacing a file there.
  result<void> publish(const std::string& target);

private:
  temporary_file(int at, std::string path, unique_fd fd)
      : at_(at), path_(std::move(path)), fd_(std::move(fd)) {}

  int at_;
  std::string path_; // empty when published or moved from
  unique_fd fd_;
};

} // namespace zako::os
