// The content store: blobs named by their BLAKE3 digest, shared by all workspaces and processes of
// a user.
//
// A blob never changes, so whoever has its digest can ask for it at any time: it is there with
// exactly these bytes, or it is missing. Everything read is hashed again; a blob that does not
// match its name is moved to the store's quarantine, reported as errc::corrupt, and missing from
// then on. Small blobs live in an LMDB file, larger ones are read-only files of their own;
// storage/README.md describes the layout.
//
// New blobs are visible in this process at once, and durable (and visible to other processes) after
// `flush`: call it before committing a record that names them. A crash before that loses blobs,
// never damages any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/digest.hpp"
#include "engine/error.hpp"

namespace zako {

/// Blobs of at most this many bytes live in LMDB: below it a file of its own costs more than the
/// bytes.
inline constexpr std::uint64_t inline_blob_limit = 4096;

/// Where the store is unless somebody says otherwise: $ZAKO_CACHE, else $XDG_CACHE_HOME/zako, else
/// ~/.cache/zako. errc::invalid_argument when none of these variables is set to an absolute path.
result<std::string> default_store_folder();

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
  static result<content_store> open(const std::string& folder);

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
  /// At most `count` bytes from `offset`; fewer at the end, none past it. The first ranged read of
  /// a large blob hashes all of it; later ones hash again only when its file was touched since.
  [[nodiscard]] result<std::string> read_range(const digest& content, std::uint64_t offset,
                                               std::uint64_t count) const;

  /// Puts the blob at `path` (absolute; parents are made) in place of whatever file was there:
  /// copied or cloned to a temporary file beside it, verified, and renamed. The file is writable
  /// and its own: changing it leaves the store alone. errc::io when a folder is there.
  result<void> materialise(const digest& content, const std::string& path, bool executable) const;

  /// Makes everything durable that was put before this call. errc::io: try again, or treat the
  /// blobs as lost.
  result<void> flush();

private:
  struct state;
  struct registry;
  explicit content_store(std::shared_ptr<state> s);
  std::shared_ptr<state> state_;
};

} // namespace zako
