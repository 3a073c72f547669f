// Files of blobs: `blobs/ab/cdef…`, written in `tmp/` and renamed, moved to `quarantine/` when
// damaged.
#include "storage/blob_files.hpp"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <unistd.h>

#include <fmt/format.h>

#include "storage/small_blobs.hpp"

namespace zako {

namespace {

constexpr auto leftover_age = std::chrono::hours(24); // no blob takes this long to write

std::string path_of(const digest& content) {
  auto hex = content.hex();
  return fmt::format("blobs/{}/{}", std::string_view(hex).substr(0, 2),
                     std::string_view(hex).substr(2));
}

void remove_leftovers(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  auto oldest = fs::file_time_type::clock::now() - leftover_age;
  for (auto& entry : fs::directory_iterator(folder, code)) {
    auto written = entry.last_write_time(code);
    if (!code && written < oldest)
      fs::remove(entry.path(), code);
  }
}

} // namespace

result<std::unique_ptr<blob_files>> blob_files::open(const std::string& folder) {
  for (auto* inner : {"blobs", "tmp", "quarantine"})
    if (auto code = os::make_folders(AT_FDCWD, fmt::format("{}/{}", folder, inner)))
      return os::failed("make a folder in", folder, code);
  auto at = os::open(AT_FDCWD, folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (!at)
    return os::failed("open the folder", folder, errno);
  remove_leftovers(folder + "/tmp");
  return std::unique_ptr<blob_files>{new blob_files{folder, std::move(at)}};
}

result<os::temporary_file> blob_files::begin() const {
  return os::temporary_file::beside(at_.get(), "tmp/blob", 0444);
}

result<void> blob_files::publish(os::temporary_file file, const digest& content) {
  auto path = path_of(content);
  auto published = file.publish(path);
  if (!published && published.error().code == errc::not_found) {
    if (auto code = os::make_folders(at_.get(), os::parent_of(path)))
      return os::failed("make a folder in", folder_, code);
    published = file.publish(path);
  }
  if (published)
    remember(content);
  return published;
}

os::unique_fd blob_files::open_blob(const digest& content) const {
  return os::open(at_.get(), path_of(content).c_str(), O_RDONLY);
}

std::optional<std::uint64_t> blob_files::length(const digest& content) const {
  struct ::stat s;
  if (::fstatat(at_.get(), path_of(content).c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(s.st_mode))
    return std::nullopt;
  return static_cast<std::uint64_t>(s.st_size);
}

bool blob_files::use(const digest& content, std::uint64_t size) {
  auto path = path_of(content);
  struct ::stat s;
  if (::fstatat(at_.get(), path.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(s.st_mode) ||
      static_cast<std::uint64_t>(s.st_size) != size)
    return false;
  // A collector that takes it away right now fails this, or sees the new stamp and puts it back.
  if (os::now_s() - s.st_mtim.tv_sec > stamp_age_put &&
      ::utimensat(at_.get(), path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0)
    return false;
  remember(content);
  return true;
}

void blob_files::stamp_read(int fd, const struct ::stat& s) {
  if (os::now_s() - s.st_mtim.tv_sec > stamp_age_read)
    ::futimens(fd, nullptr); // somebody else's file: it is collected a little early
}

void blob_files::remember(const digest& content) {
  std::scoped_lock hold{lock_};
  unsynced_.push_back(content);
}

result<void> blob_files::visit(const std::function<void(const listed&)>& visit) const {
  for (unsigned first = 0; first < 256; ++first) {
    auto name = fmt::format("blobs/{:02x}", first);
    auto fd = os::open(at_.get(), name.c_str(), O_RDONLY | O_DIRECTORY);
    if (!fd && errno == ENOENT)
      continue;
    std::unique_ptr<::DIR, int (*)(::DIR*)> folder{fd ? ::fdopendir(fd.get()) : nullptr,
                                                   &::closedir};
    if (!folder)
      return os::failed("list", folder_ + "/" + name, errno);
    (void)fd.release(); // closed with the folder
    for (;;) {
      errno = 0;
      auto* entry = ::readdir(folder.get());
      if (!entry && errno != 0)
        return os::failed("list", folder_ + "/" + name, errno);
      if (!entry)
        break;
      auto content = digest::from_hex(fmt::format("{:02x}{}", first, entry->d_name));
      struct ::stat s;
      if (content && ::fstatat(::dirfd(folder.get()), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0)
        visit({*content, static_cast<std::uint64_t>(s.st_size), s.st_mtim.tv_sec});
    }
  }
  return {};
}

std::vector<blob_files::listed> blob_files::remove_unused(const std::vector<listed>& blobs) const {
  std::vector<listed> removed;
  for (auto& x : blobs) {
    // Away first, then a last look: whoever uses it between our listing and now has stamped it, and
    // whoever comes later finds it missing and puts it again.
    auto path = path_of(x.content);
    auto away = "tmp/unused-" + x.content.hex();
    struct ::stat s;
    if (::renameat(at_.get(), path.c_str(), at_.get(), away.c_str()) != 0 ||
        ::fstatat(at_.get(), away.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    if (s.st_mtim.tv_sec != x.stamp)
      ::linkat(at_.get(), away.c_str(), at_.get(), path.c_str(), 0); // not over a newer one
    else
      removed.push_back(x);
    ::unlinkat(at_.get(), away.c_str(), 0);
  }
  return removed;
}

void blob_files::quarantine(const digest& content) const {
  auto target = "quarantine/" + content.hex();
  ::renameat(at_.get(), path_of(content).c_str(), at_.get(), target.c_str());
}

void blob_files::quarantine(const digest& content, const std::string& bytes) const {
  if (auto file = begin(); file && os::write_all(file->fd(), bytes)) [[maybe_unused]]
    auto kept = file->publish("quarantine/" + content.hex());
}

result<void> blob_files::sync() {
  std::scoped_lock one{syncing_};
  std::vector<digest> all;
  {
    std::scoped_lock hold{lock_};
    all.swap(unsynced_);
  }
  auto refuse = [&](int code) {
    std::scoped_lock hold{lock_};
    unsynced_.insert(unsynced_.end(), all.begin(), all.end());
    return os::failed("make blobs durable in", folder_, code);
  };
  // fdatasync of each would make the disk empty its cache each time (4 ms here). Instead the data
  // of all is written out together, and one fsync of a file that was changed last commits the file
  // system's journal, which holds the names and sizes of all, and empties the cache once. Where a
  // file system promises less, a blob that was cut off by a power failure is found when it is read.
  constexpr unsigned wait =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  for (unsigned flags : {unsigned{SYNC_FILE_RANGE_WRITE}, wait})
    for (auto& d : all)
      if (auto fd = open_blob(d); fd && ::sync_file_range(fd.get(), 0, 0, flags) != 0)
        if (errno == EIO || errno == ENOSPC)
          return refuse(errno);
  if (all.empty())
    return {};
  auto last = os::open(at_.get(), "synced", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (!last || !os::write_all(last.get(), "x") || ::fsync(last.get()) != 0)
    return refuse(errno);
  return {};
}

} // namespace zako
