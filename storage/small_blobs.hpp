// The small blobs of a content store: one LMDB file for all, new ones gathered in memory until they
// are committed. Does not verify; the store does.
//
// Each blob has a stamp: when it was put or read last, roughly. Whoever puts a blob that is there
// already stamps it again when its stamp is older than `stamp_age_put`, so that a collector which
// spares young blobs spares it; reading stamps only what is older than `stamp_age_read`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "storage/lmdb_environment.hpp"

namespace zako {

inline constexpr std::int64_t stamp_age_put = 10 * 60;       // seconds
inline constexpr std::int64_t stamp_age_read = 24 * 60 * 60; // seconds

/// All functions may be called from any thread, and by any number of processes on one file; a
/// process opens it once.
class small_blobs {
public:
  struct listed {
    digest content;
    std::uint64_t size = 0;
    std::int64_t stamp = 0; // seconds since 1970
  };

  /// errc::corrupt when the file cannot be a whole database.
  static result<std::unique_ptr<small_blobs>> open(const std::string& file);

  /// Nothing when the blob is missing.
  [[nodiscard]] std::optional<std::string> find(const digest& content) const;
  [[nodiscard]] std::optional<std::uint64_t> length(const digest& content) const;

  /// Commits by itself when much has gathered; an error means that nothing was lost and the blob is
  /// there, in memory.
  result<void> add(const digest& content, std::string_view bytes);
  /// Removes a blob that was found damaged.
  result<void> erase(const digest& content);
  /// Makes everything durable, and visible to other processes, that was added before this call.
  result<void> sync();

  /// Visits committed blobs from digest `from` on, in ascending order, until `visit` gives false.
  /// The bytes are valid during the call, which must not use this object.
  result<void> visit(const digest& from,
                     const std::function<bool(const listed&, std::string_view bytes)>& visit) const;
  /// Removes, durably, those whose stamps are as they were listed, and gives them.
  result<std::vector<listed>> remove_unused(const std::vector<listed>& blobs);

private:
  using table = std::unordered_map<digest, std::string>;

  explicit small_blobs(std::unique_ptr<lmdb_environment> env) : env_(std::move(env)) {}

  /// Calls `found(bytes, stamp)` when the blob is there; gives whether it is.
  template <class Found>
  bool look_up(const digest& content, Found&& found) const;

  int stamp(MDB_txn* txn, const std::unordered_set<digest>& blobs, std::uint32_t stamp) const;

  std::unique_ptr<lmdb_environment> env_;
  mutable std::mutex lock_;
  table waiting_;                           // under lock_
  std::uint64_t waiting_bytes_ = 0;         // under lock_
  mutable std::unordered_set<digest> read_; // under lock_: to be stamped
  table committing_;   // changed under lock_ and syncing_, so readable under either
  std::mutex syncing_; // before lock_
};

} // namespace zako
