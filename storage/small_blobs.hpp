// The small blobs of a content store: one LMDB file for all, new ones gathered in memory until they
// are committed. Does not verify; the store does.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "storage/lmdb_environment.hpp"

namespace zako {

/// All functions may be called from any thread, and by any number of processes on one file; a
/// process opens it once.
class small_blobs {
public:
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

private:
  using table = std::unordered_map<digest, std::string>;

  explicit small_blobs(std::unique_ptr<lmdb_environment> env) : env_(std::move(env)) {}

  /// Calls `found(bytes)` when the blob is there; gives whether it is.
  template <class Found>
  bool visit(const digest& content, Found&& found) const;

  std::unique_ptr<lmdb_environment> env_;
  mutable std::mutex lock_;
  table waiting_;                   // under lock_
  std::uint64_t waiting_bytes_ = 0; // under lock_
  table committing_;                // changed under lock_ and syncing_, so readable under either
  std::mutex syncing_;              // before lock_
};

} // namespace zako
