// Removes blobs that nobody needs from a content store, while any number of processes build with
// it.
//
// A blob is needed when a record of a workspace names it. Workspaces are known to the store by
// their state folders, and their records are read as of their last commits. Which of a record's
// bytes are a blob's name is not asked: whatever bytes in a record are the digest of a stored blob
// keep that blob. So records of all kinds and versions count, those of an embedder too. A blob that
// was put or used lately is spared, because the record that names it may come yet. Whatever goes
// wrongly, by age, by size or because its workspace is out of reach, is made again by the build
// that misses it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/error.hpp"
#include "storage/content_store.hpp"

namespace zako {

struct collection_limits {
  std::int64_t grace_s = 60 * 60; // a blob used since is spared in any case
  /// Needed blobs go too when they were not used for so long,
  std::optional<std::int64_t> most_age_s = {};
  /// or, those first that were used longest ago, until all take no more than this.
  std::optional<std::uint64_t> most_bytes = {};
};

struct collection {
  std::uint64_t removed = 0; // blobs
  std::uint64_t removed_bytes = 0;
  std::uint64_t kept = 0;
  std::uint64_t kept_bytes = 0;
  /// Workspaces whose records cannot be read. While there is one, only age and size remove blobs.
  std::vector<error> unreadable;
};

/// `now_s`: the time by which blobs age, in seconds since 1970. errc::locked while another process
/// collects. Killed half way it leaves a whole store.
result<collection> collect_blobs(content_store& store, const collection_limits& limits,
                                 std::int64_t now_s);

} // namespace zako
