// The content store: blobs named by their BLAKE3 digest, shared by all workspaces and processes of
// a user.
//
// A blob never changes, so whoever has its digest can ask for it at any time: it is there with
// exactly these bytes, or it is missing. Everything read is hashed again; a blob that does not
// match its name is moved to the store's quarantine, reported as errc::corrupt, and missing from
// then on. What was read lately and is small stays in memory, verified. Small blobs live in an LMDB
// file, larger ones are read-only files of their own; storage/README.md describes the layout.
//
// New blobs are visible in this process at once, and durable (and visible to other processes) after
// `flush`: call it before committing a record that names them. A crash before that loses blobs,
// never damages any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "storage/blob_cache.hpp"

namespace zako {

/// Blobs of at most this many bytes live in LMDB: below it a file of its own costs more than the
/// bytes.
inline constexpr std::uint64_t inline_blob_limit = 4096;

/// Where the store is unless somebody says otherwise: $ZAKO_CACHE, else $XDG_CACHE_HOME/zako, else
/// ~/.cache/zako. errc::invalid_argument when none of these variables is set to an absolute path.
result<std::string> default_store_folder();

/// An open blob. All of it was verified when it was opened, so that nothing unverified is ever
/// handed out: a large blob costs one more pass over its file, the first time. It can be read to
/// its end whatever happens to the store meanwhile, as the same open file. Copies have places of
/// their own and may be used by other threads.
class blob_reader {
public:
  explicit blob_reader(std::shared_ptr<const std::string> bytes);
  blob_reader(std::shared_ptr<const int> fd, std::uint64_t size);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Reads on from where the last call ended: `count` bytes or what is left, 0 at the end. errc::io
  /// when the disk fails.
  result<std::size_t> read(char* to, std::size_t count);
  /// The same from any place.
  [[nodiscard]] result<std::size_t> read_at(std::uint64_t offset, char* to,
                                            std::size_t count) const;

private:
  std::shared_ptr<const std::string> bytes_; // or
  std::shared_ptr<const int> fd_;
  std::uint64_t size_ = 0;
  std::uint64_t place_ = 0;
};

/// All functions may be called from any thread at any time, and any number of processes may use one
/// folder at once. Functions that name a blob give errc::not_found when it is missing and
/// errc::corrupt when it was found damaged just now; to a caller that can make it again both mean
/// the same. A full disk is errc::io and leaves nothing behind.
class content_store {
public:
  struct blob {
    digest content;
    std::uint64_t size = 0;
  };

  /// Opens or creates the store in `folder` (an absolute path; parents are made). A damaged LMDB
  /// file is moved to the quarantine and started again: its blobs are missing then.
  /// Objects of one folder in one process share what is open, and the cache of the first.
  static result<content_store> open(const std::string& folder, blob_cache::limits cache = {});

  content_store(content_store&&) noexcept;
  content_store& operator=(content_store&&) noexcept;
  /// Does not flush.
  ~content_store();

  /// What was found damaged at `open`, for the user; nothing in the usual case.
  [[nodiscard]] const std::optional<error>& notice() const;

  result<digest> put(std::string_view bytes);
  /// Stores the content of a file (an absolute path, symbolic links followed) as it was read in one
  /// pass. errc::not_found when there is no such file.
  result<blob> put_file(const std::string& path);

  [[nodiscard]] bool contains(const digest& content) const;
  [[nodiscard]] result<std::uint64_t> length(const digest& content) const;

  /// All bytes of a blob; errc::limit when there are more than `limit`.
  [[nodiscard]] result<std::string> read(const digest& content,
                                         std::uint64_t limit = std::uint64_t{1} << 32) const;
  /// To read in pieces, however large it is.
  [[nodiscard]] result<blob_reader> open_blob(const digest& content) const;
  /// At most `count` bytes from `offset`; fewer at the end, none past it. The first ranged read of
  /// a large blob hashes all of it; later ones hash again only when its file was touched since.
  [[nodiscard]] result<std::string> read_range(const digest& content, std::uint64_t offset,
                                               std::uint64_t count) const;

  /// Puts the blob at `path` (absolute; parents are made) in place of whatever file was there:
  /// copied or cloned to a temporary file beside it, verified, and renamed. The file is writable
  /// and its own: changing it leaves the store alone. errc::io when a folder is there.
  result<void> materialise(const digest& content, const std::string& path, bool executable) const;

  /// Gives a blob another name, for who looks for it by what it was made of: the digest of that. A
  /// later binding replaces an earlier one. A name may be there without its blob (a crash, a
  /// collector) and the other way round: to who reads both mean that it must be made again.
  result<void> bind(const digest& name, const digest& content);
  [[nodiscard]] std::optional<digest> bound(const digest& name) const;

  /// Makes everything durable that was put before this call. errc::io: try again, or treat the
  /// blobs as lost.
  result<void> flush();

  /// Frees the memory of blobs that were read lately; gives the bytes.
  std::uint64_t trim();

  // -- what a collector needs (collector.hpp), and `zako verify` --

  /// Remembers a workspace by its state folder (absolute): its records name blobs that are not to
  /// be collected. Cheap when it is known.
  result<void> add_workspace(const std::string& state_folder);
  result<void> forget_workspace(const std::string& state_folder);
  [[nodiscard]] result<std::vector<std::string>> workspaces() const;

  struct stored_blob {
    digest content;
    std::uint64_t size = 0;
    std::int64_t stamp = 0; // seconds since 1970: put or read last, as storage/README.md has it
    bool small = false;
  };
  /// All durable blobs; those that come or go meanwhile may be among them or not.
  [[nodiscard]] result<std::vector<stored_blob>> list() const;
  /// Removes those that were not used since they were listed, and gives them.
  result<std::vector<stored_blob>> remove_unused(const std::vector<stored_blob>& blobs);
  /// Removes names of blobs that are gone.
  result<void> drop_loose_names();
  /// Hashes every durable blob and quarantines what does not match; gives that. `go_on` is told how
  /// many bytes are done and is asked whether to go on: errc::cancelled when not.
  result<std::vector<stored_blob>>
  verify(const std::function<bool(std::uint64_t done, std::uint64_t all)>& go_on) const;
  /// The file that a damaged blob is moved to.
  [[nodiscard]] std::string quarantined(const digest& content) const;
  /// For one collector of blobs at a time: held until the object goes, or the process ends.
  /// errc::locked when another has it.
  [[nodiscard]] result<std::shared_ptr<const void>> lock_collection() const;

private:
  struct state;
  struct registry;
  explicit content_store(std::shared_ptr<state> s);
  std::shared_ptr<state> state_;
};

} // namespace zako
