// What a content store has open. Not for other rooms: content_store.hpp is.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "storage/blob_files.hpp"
#include "storage/content_store.hpp"
#include "storage/os.hpp"
#include "storage/small_blobs.hpp"

namespace zako {

struct content_store::state {
  explicit state(blob_cache::limits limits) : cache(std::move(limits)) {}

  std::string folder;
  std::optional<error> notice;
  std::unique_ptr<blob_files> files;
  std::unique_ptr<small_blobs> small;
  blob_cache cache;
  std::atomic<bool> clones = true; // until the file system says that it cannot

  std::mutex lock;
  std::unordered_map<digest, fingerprint> verified; // of files, for ranged reads; under `lock`

  static result<std::shared_ptr<state>> open(const std::string& folder, blob_cache::limits cache);
  result<blob_cache::bytes_ptr> read_small(const digest& content);
  tl::unexpected<error> damaged(const digest& content);
  result<void> checked(result<void> written) const;
  std::optional<digest> fill(int from, std::string_view head, int to);
  bool verify(int fd, const digest& content);
};

} // namespace zako
