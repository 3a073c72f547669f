// Looking after a content store: what is in it, what may go, what is damaged, whose blobs it has.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>

#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "storage/content_store_state.hpp"

namespace zako {

namespace {

// A transaction that removes so many small blobs keeps other writers waiting for some milliseconds.
constexpr std::size_t removed_at_once = 1000;
// So many bytes of small blobs are hashed in one look; a longer one keeps pages from being reused.
constexpr std::uint64_t hashed_at_once = std::uint64_t{4} << 20;

} // namespace

result<void> content_store::add_workspace(const std::string& state_folder) {
  auto path = fmt::format("{}/workspaces/{}", state_->folder, digest_of(state_folder).hex());
  if (::access(path.c_str(), F_OK) == 0)
    return {};
  auto file = os::temporary_file::beside(AT_FDCWD, path, 0666);
  if (!file)
    return fail(std::move(file.error()));
  if (!os::write_all(file->fd(), state_folder))
    return os::failed("write", path, errno);
  return file->publish(path);
}

result<void> content_store::forget_workspace(const std::string& state_folder) {
  auto path = fmt::format("{}/workspaces/{}", state_->folder, digest_of(state_folder).hex());
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return os::failed("remove", path, errno);
  return {};
}

result<std::vector<std::string>> content_store::workspaces() const {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  auto folder = state_->folder + "/workspaces";
  std::error_code code;
  for (fs::directory_iterator i{folder, code}, end; !code && i != end; i.increment(code)) {
    auto fd = os::open(AT_FDCWD, i->path().c_str(), O_RDONLY);
    std::string path;
    if (!fd || !os::stream(fd.get(), [&path](std::string_view piece) {
          path += piece;
          return true;
        }))
      return os::failed("read", i->path().string(), errno);
    if (digest_of(path).hex() == i->path().filename()) // not one that is being written
      out.push_back(std::move(path));
  }
  if (code && code != std::errc::no_such_file_or_directory)
    return os::failed("list", folder, code.value());
  std::sort(out.begin(), out.end());
  return out;
}

result<std::vector<content_store::stored_blob>> content_store::list() const {
  std::vector<stored_blob> out;
  auto small = state_->small->visit({}, [&](const small_blobs::listed& x, std::string_view) {
    out.push_back({x.content, x.size, x.stamp, true});
    return true;
  });
  if (!small)
    return fail(std::move(small.error()));
  auto large = state_->files->visit([&](const blob_files::listed& x) {
    out.push_back({x.content, x.size, x.stamp, false});
  });
  if (!large)
    return fail(std::move(large.error()));
  return out;
}

result<std::vector<content_store::stored_blob>>
content_store::remove_unused(const std::vector<stored_blob>& blobs) {
  std::vector<stored_blob> removed;
  std::vector<small_blobs::listed> small;
  std::vector<blob_files::listed> large;
  for (auto& x : blobs)
    if (x.small)
      small.push_back({x.content, x.size, x.stamp});
    else
      large.push_back({x.content, x.size, x.stamp});
  for (std::size_t from = 0; from < small.size(); from += removed_at_once) {
    auto to = std::min(small.size(), from + removed_at_once);
    auto gone = state_->small->remove_unused({small.begin() + static_cast<std::ptrdiff_t>(from),
                                              small.begin() + static_cast<std::ptrdiff_t>(to)});
    if (!gone)
      return fail(std::move(gone.error()));
    for (auto& x : *gone)
      removed.push_back({x.content, x.size, x.stamp, true});
  }
  for (auto& x : state_->files->remove_unused(large))
    removed.push_back({x.content, x.size, x.stamp, false});
  for (auto& x : removed)
    state_->cache.drop(x.content);
  return removed;
}

result<std::vector<content_store::stored_blob>> content_store::verify(
    const std::function<bool(std::uint64_t done, std::uint64_t all)>& go_on) const {
  auto all = list();
  if (!all)
    return all;
  std::uint64_t done = 0;
  std::uint64_t sum = 0;
  for (auto& x : *all)
    sum += x.size;
  auto stopped = [] { return fail(errc::cancelled, "interrupted"); };

  std::vector<stored_blob> damaged;
  for (auto next = std::optional{digest{}}; next;) {
    auto from = *std::exchange(next, std::nullopt);
    std::uint64_t hashed = 0;
    std::vector<std::pair<stored_blob, std::string>> wrong;
    auto read =
        state_->small->visit(from, [&](const small_blobs::listed& x, std::string_view bytes) {
          if (hashed > hashed_at_once) {
            next = x.content;
            return false;
          }
          hashed += x.size + x.content.bytes.size();
          done += x.size;
          if (digest_of(bytes) != x.content)
            wrong.emplace_back(stored_blob{x.content, x.size, x.stamp, true}, bytes);
          return true;
        });
    if (!read)
      return fail(std::move(read.error()));
    for (auto& [blob, bytes] : wrong) {
      state_->files->quarantine(blob.content, bytes);
      if (auto erased = state_->small->erase(blob.content); !erased)
        return fail(std::move(erased.error()));
      damaged.push_back(blob);
    }
    if (!go_on(std::min(done, sum), sum))
      return stopped();
  }

  for (auto& x : *all) {
    auto fd = x.small ? os::unique_fd{} : state_->files->open_blob(x.content);
    if (!fd)
      continue; // small, or collected meanwhile
    hasher h;
    auto go = true;
    auto whole = os::stream(fd.get(), [&](std::string_view piece) {
      h.update(piece);
      done += piece.size();
      return go = go_on(std::min(done, sum), sum);
    });
    if (!go)
      return stopped();
    if (whole && h.finish() == x.content)
      continue;
    state_->files->quarantine(x.content);
    damaged.push_back(x);
  }
  return damaged;
}

std::string content_store::quarantined(const digest& content) const {
  return fmt::format("{}/quarantine/{}", state_->folder, content.hex());
}

result<std::shared_ptr<const void>> content_store::lock_collection() const {
  auto path = state_->folder + "/collecting";
  auto fd = os::open(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0666);
  if (!fd)
    return os::failed("open the lock", path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return os::failed("lock", path, errno);
    return fail(errc::locked, "another process is collecting the content store",
                "wait until it is done, or stop it");
  }
  return std::make_shared<os::unique_fd>(std::move(fd));
}

} // namespace zako
