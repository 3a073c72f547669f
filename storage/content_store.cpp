// The content store: small blobs in an LMDB file, large ones as files, both verified whenever they
// are read.
#include "storage/content_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "storage/content_store_state.hpp"

namespace zako {

namespace {

// Other layouts, of other versions, get folders of their own.
constexpr const char* layout = "/content-2";
// What a file is first read in: whole pages, so that what follows is written in whole pages.
constexpr std::size_t head_bytes = 64 * 1024;
static_assert(head_bytes > inline_blob_limit);
// Large blobs whose last verification is remembered.
constexpr std::size_t most_verified = 4096;
// Larger blobs are not kept in memory: hashing them again is a small part of reading them.
constexpr std::uint64_t most_cached_bytes = 32 * 1024;

tl::unexpected<error> missing(const digest& content) {
  return fail(errc::not_found, fmt::format("the content store has no blob {}", content.hex()));
}

tl::unexpected<error> too_large(const digest& content, std::uint64_t limit) {
  return fail(errc::limit, fmt::format("blob {} has more than {} bytes", content.hex(), limit));
}

/// Hashes from the descriptor's position to the end. Nothing and errno when reading fails.
std::optional<digest> hash_rest(int fd) {
  hasher h;
  auto whole = os::stream(fd, [&h](std::string_view piece) {
    h.update(piece);
    return true;
  });
  return whole ? std::optional{h.finish()} : std::nullopt;
}

/// ext4 starts writing to the disk when a rename replaces a file, which takes milliseconds. An
/// output that is gone for a moment, or after a crash, is restored again: it need not be replaced
/// in one step.
result<void> put_in_place(os::temporary_file& file, const std::string& path) {
  ::unlink(path.c_str());
  return file.publish(path);
}

} // namespace

result<std::string> default_store_folder() {
  auto variable = [](const char* name) {
    auto* text = std::getenv(name);
    return text && *text == '/' ? std::string(text) : std::string();
  };
  if (auto folder = variable("ZAKO_CACHE"); !folder.empty())
    return folder;
  if (auto folder = variable("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/zako";
  if (auto folder = variable("HOME"); !folder.empty())
    return folder + "/.cache/zako";
  return fail(errc::invalid_argument, "there is no folder for the content store",
              "set ZAKO_CACHE to the absolute path of a folder");
}

result<std::shared_ptr<content_store::state>> content_store::state::open(const std::string& folder,
                                                                         blob_cache::limits cache) {
  // Several processes may open the store at once: one of them at a time looks at the LMDB file and
  // moves it aside.
  auto lock_path = folder + "/lock";
  auto opening = os::open(AT_FDCWD, lock_path.c_str(), O_RDWR | O_CREAT, 0666);
  if (!opening || ::flock(opening.get(), LOCK_EX) != 0)
    return os::failed("lock", lock_path, errno);
  auto self = std::make_shared<state>(std::move(cache));
  self->folder = folder;
  auto files = blob_files::open(folder);
  if (!files)
    return fail(std::move(files.error()));
  self->files = std::move(*files);
  auto file = folder + "/small.mdb";
  auto small = small_blobs::open(file);
  if (!small && small.error().code == errc::corrupt) {
    if (auto moved = move_lmdb_file(file, folder + "/quarantine"); !moved)
      return fail(std::move(moved.error()));
    self->notice = std::move(small.error());
    self->notice->remedy =
        "it was moved to '" + folder + "/quarantine'; what is missing is made again";
    small = small_blobs::open(file);
  }
  if (!small)
    return fail(std::move(small.error()));
  self->small = std::move(*small);
  return self;
}

/// A small blob, verified; null when it is missing.
result<blob_cache::bytes_ptr> content_store::state::read_small(const digest& content) {
  if (auto known = cache.find(content))
    return known;
  auto bytes = small->find(content);
  if (!bytes)
    return nullptr;
  if (digest_of(*bytes) == content) {
    auto shared = std::make_shared<const std::string>(std::move(*bytes));
    cache.add(content, shared);
    return shared;
  }
  files->quarantine(content, *bytes);
  auto why = damaged(content);
  if (auto erased = small->erase(content); !erased)
    why.value().causes.push_back(std::move(erased.error()));
  return why;
}

tl::unexpected<error> content_store::state::damaged(const digest& content) {
  return fail(errc::corrupt, fmt::format("blob {} in the content store is damaged", content.hex()),
              "it was moved to the store's quarantine; the next build makes it again");
}

/// What the LMDB file answered to a write. One whose structure turns out to be damaged is moved
/// aside, so that this program's next start has a new one.
result<void> content_store::state::checked(result<void> written) const {
  if (written || written.error().code != errc::corrupt)
    return written;
  auto why = std::move(written.error());
  why.remedy = "it was moved to the store's quarantine; run the same again";
  if (auto moved = move_lmdb_file(folder + "/small.mdb", folder + "/quarantine"); !moved)
    why.causes.push_back(std::move(moved.error()));
  return fail(std::move(why));
}

/// Fills the new file `to` with `head` and what follows it in `from`, and hashes what was written.
/// Nothing and errno when that fails. Neither is ever whole in memory.
std::optional<digest> content_store::state::fill(int from, std::string_view head, int to) {
  if (clones) {
    if (os::clone(from, to))
      return hash_rest(to);
    // A store and workspaces on several disks: some pairs may clone and some not, so only "never"
    // is remembered.
    if (errno == EOPNOTSUPP || errno == ENOTTY)
      clones = false;
  }
  hasher h;
  auto add = [&](std::string_view piece) {
    h.update(piece);
    return os::write_all(to, piece);
  };
  return add(head) && os::stream(from, add) ? std::optional{h.finish()} : std::nullopt;
}

/// True when the file holds the blob; remembers that for as long as its stamps stay.
bool content_store::state::verify(int fd, const digest& content) {
  struct ::stat s;
  if (::fstat(fd, &s) != 0)
    return false;
  auto print = os::print_of(s, os::file_clock_ns());
  {
    std::scoped_lock hold{lock};
    auto it = verified.find(content);
    if (it != verified.end() && os::same_stamps(it->second, print))
      return true;
  }
  if (hash_rest(fd) != content)
    return false;
  std::scoped_lock hold{lock};
  if (verified.size() >= most_verified)
    verified.clear();
  if (!print.racy)
    verified.insert_or_assign(content, print);
  return true;
}

content_store::content_store(std::shared_ptr<state> s) : state_(std::move(s)) {}
content_store::content_store(content_store&&) noexcept = default;

/// LMDB wants one open file per process: objects of one folder share what is open.
struct content_store::registry {
  std::mutex lock;
  std::map<std::string, std::weak_ptr<state>> opened; // under `lock`

  static registry& instance() {
    static registry r;
    return r;
  }
};

content_store::~content_store() {
  if (!state_)
    return; // moved from
  // Under the lock, so that nobody opens the folder while it is being closed.
  std::scoped_lock hold{registry::instance().lock};
  state_.reset();
}

content_store& content_store::operator=(content_store&& other) noexcept {
  std::scoped_lock hold{registry::instance().lock};
  state_ = std::move(other.state_);
  return *this;
}

result<content_store> content_store::open(const std::string& folder, blob_cache::limits cache) {
  auto inner = folder + layout;
  if (auto code = os::make_folders(AT_FDCWD, inner))
    return os::failed("make the folder", inner, code);
  std::error_code ignored;
  auto name = std::filesystem::canonical(inner, ignored).string();
  auto& all = registry::instance();
  std::scoped_lock hold{all.lock};
  auto& known = all.opened[name];
  if (auto shared = known.lock())
    return content_store{std::move(shared)};
  auto fresh = state::open(inner, std::move(cache));
  if (!fresh)
    return fail(std::move(fresh.error()));
  known = *fresh;
  return content_store{std::move(*fresh)};
}

blob_reader::blob_reader(std::shared_ptr<const std::string> bytes)
    : bytes_(std::move(bytes)), size_(bytes_->size()) {}

blob_reader::blob_reader(std::shared_ptr<const int> fd, std::uint64_t size)
    : fd_(std::move(fd)), size_(size) {}

result<std::size_t> blob_reader::read(char* to, std::size_t count) {
  auto n = read_at(place_, to, count);
  if (n)
    place_ += *n;
  return n;
}

result<std::size_t> blob_reader::read_at(std::uint64_t offset, char* to, std::size_t count) const {
  if (offset >= size_)
    return 0;
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
  if (bytes_) {
    bytes_->copy(to, count, offset);
    return count;
  }
  std::size_t done = 0;
  while (done < count) {
    auto n = ::pread(*fd_, to + done, count - done, static_cast<::off_t>(offset + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return os::failed("read", "a blob of the content store", n < 0 ? errno : EIO);
    done += static_cast<std::size_t>(n);
  }
  return done;
}

const std::optional<error>& content_store::notice() const {
  return state_->notice;
}

result<digest> content_store::put(std::string_view bytes) {
  auto content = digest_of(bytes);
  if (bytes.size() <= inline_blob_limit) {
    if (auto added = state_->checked(state_->small->add(content, bytes)); !added)
      return fail(std::move(added.error()));
    return content;
  }
  if (state_->files->use(content, bytes.size()))
    return content;
  auto file = state_->files->begin();
  if (!file)
    return fail(std::move(file.error()));
  if (!os::write_all(file->fd(), bytes))
    return os::failed("store the blob", content.hex(), errno);
  if (auto published = state_->files->publish(std::move(*file), content); !published)
    return fail(std::move(published.error()));
  return content;
}

result<content_store::blob> content_store::put_file(const std::string& path) {
  auto from = os::open(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!from)
    return os::failed("read", path, errno);
  std::array<char, head_bytes> head; // not cleared: the kernel fills what is used
  std::size_t length = 0;
  while (length < head.size()) {
    auto n = os::read_some(from.get(), head.data() + length, head.size() - length);
    if (n < 0)
      return os::failed("read", path, errno);
    if (n == 0 && length > inline_blob_limit)
      break;
    if (n == 0) {
      auto content = put({head.data(), length});
      if (!content)
        return fail(std::move(content.error()));
      return blob{*content, length};
    }
    length += static_cast<std::size_t>(n);
  }
  auto file = state_->files->begin();
  if (!file)
    return fail(std::move(file.error()));
  auto content = state_->fill(from.get(), {head.data(), length}, file->fd());
  struct ::stat s;
  if (!content || ::fstat(file->fd(), &s) != 0)
    return os::failed("store", path, errno);
  blob stored{*content, static_cast<std::uint64_t>(s.st_size)};
  if (!state_->files->use(*content, stored.size))
    if (auto published = state_->files->publish(std::move(*file), *content); !published)
      return fail(std::move(published.error()));
  return stored;
}

bool content_store::contains(const digest& content) const {
  return state_->small->length(content) || state_->files->length(content);
}

result<std::uint64_t> content_store::length(const digest& content) const {
  auto found = state_->small->length(content);
  if (!found)
    found = state_->files->length(content);
  if (!found)
    return missing(content);
  return *found;
}

result<std::string> content_store::read(const digest& content, std::uint64_t limit) const {
  auto small = state_->read_small(content);
  if (!small)
    return fail(std::move(small.error()));
  if (*small && (*small)->size() > limit)
    return too_large(content, limit);
  if (*small)
    return **small;
  auto fd = state_->files->open_blob(content);
  struct ::stat s;
  if (!fd || ::fstat(fd.get(), &s) != 0)
    return missing(content);
  if (static_cast<std::uint64_t>(s.st_size) > limit)
    return too_large(content, limit);
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(s.st_size));
  auto whole = os::stream(fd.get(), [&](std::string_view piece) {
    bytes += piece;
    return bytes.size() <= limit;
  });
  if (whole && digest_of(bytes) == content) {
    blob_files::stamp_read(fd.get(), s);
    if (bytes.size() <= most_cached_bytes)
      state_->cache.add(content, std::make_shared<const std::string>(bytes));
    return bytes;
  }
  state_->files->quarantine(content);
  return state_->damaged(content);
}

result<blob_reader> content_store::open_blob(const digest& content) const {
  auto small = state_->read_small(content);
  if (!small)
    return fail(std::move(small.error()));
  if (*small)
    return blob_reader{std::move(*small)};
  auto fd = state_->files->open_blob(content);
  struct ::stat s;
  if (!fd || ::fstat(fd.get(), &s) != 0)
    return missing(content);
  blob_files::stamp_read(fd.get(), s);
  if (!state_->verify(fd.get(), content)) {
    state_->files->quarantine(content);
    return state_->damaged(content);
  }
  std::shared_ptr<const int> shared{new int{fd.release()}, [](const int* p) {
                                      ::close(*p);
                                      delete p;
                                    }};
  return blob_reader{std::move(shared), static_cast<std::uint64_t>(s.st_size)};
}

result<std::string> content_store::read_range(const digest& content, std::uint64_t offset,
                                              std::uint64_t count) const {
  auto blob = open_blob(content);
  if (!blob)
    return fail(std::move(blob.error()));
  std::string bytes;
  bytes.resize(offset < blob->size() ? std::min(count, blob->size() - offset) : 0);
  auto n = blob->read_at(offset, bytes.data(), bytes.size());
  if (!n)
    return fail(std::move(n.error()));
  if (*n < bytes.size())
    return os::failed("read the blob", content.hex(), EIO);
  return bytes;
}

result<void> content_store::materialise(const digest& content, const std::string& path,
                                        bool executable) const {
  auto small = state_->read_small(content);
  if (!small)
    return fail(std::move(small.error()));
  os::unique_fd from;
  if (!*small) {
    from = state_->files->open_blob(content);
    struct ::stat s;
    if (!from || ::fstat(from.get(), &s) != 0)
      return missing(content);
    blob_files::stamp_read(from.get(), s);
  }
  auto file = os::temporary_file::beside(AT_FDCWD, path, executable ? 0777 : 0666);
  if (!file)
    return fail(std::move(file.error()));
  if (*small) {
    if (!os::write_all(file->fd(), **small))
      return os::failed("write", path, errno);
    return put_in_place(*file, path);
  }
  auto written = state_->fill(from.get(), {}, file->fd());
  if (!written)
    return os::failed("write", path, errno);
  if (*written != content) {
    state_->files->quarantine(content);
    return state_->damaged(content);
  }
  return put_in_place(*file, path);
}

result<void> content_store::flush() {
  if (auto synced = state_->files->sync(); !synced)
    return synced;
  return state_->checked(state_->small->sync());
}

std::uint64_t content_store::trim() {
  return state_->cache.trim();
}

} // namespace zako
