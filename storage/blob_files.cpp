// Files of blobs: `blobs/ab/cdef…`, written in `tmp/` and renamed, moved to `quarantine/` when
// damaged.
#include "storage/blob_files.hpp"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>

#include <unistd.h>

#include <fmt/format.h>

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
  struct ::stat s;
  if (::fstat(file.fd(), &s) != 0)
    return os::failed("store the blob", content.hex(), errno);
  if (length(content) != static_cast<std::uint64_t>(s.st_size)) {
    auto published = file.publish(path);
    if (!published && published.error().code == errc::not_found) {
      if (auto code = os::make_folders(at_.get(), os::parent_of(path)))
        return os::failed("make a folder in", folder_, code);
      published = file.publish(path);
    }
    if (!published)
      return published;
  }
  use(content);
  return {};
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

void blob_files::use(const digest& content) {
  std::scoped_lock hold{lock_};
  unsynced_.push_back(content);
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
  // Writing all of them out before waiting for any lets the disk work on many at once and the file
  // system put them into one journal entry.
  for (auto& d : all)
    if (auto fd = open_blob(d))
      ::sync_file_range(fd.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
  std::set<std::string> folders;
  for (auto& d : all) {
    auto fd = open_blob(d);
    if (fd && ::fdatasync(fd.get()) != 0)
      return refuse(errno);
    folders.insert(os::parent_of(path_of(d)));
  }
  for (auto& f : folders) {
    auto fd = os::open(at_.get(), f.c_str(), O_RDONLY | O_DIRECTORY);
    if (fd && ::fsync(fd.get()) != 0)
      return refuse(errno);
  }
  return {};
}

} // namespace zako
