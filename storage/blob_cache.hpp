// Verified blobs in memory, so that what is read often is hashed once. Bounded by bytes; what
// nobody reads leaves after a while, and everything does after a longer while.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "engine/digest.hpp"

namespace zako {

/// A tenth of the memory that this process may use (of the machine, or of its control group where
/// that is less), at least 4 MB and at most 4 GB.
std::uint64_t default_cache_bytes();

/// All functions may be called from any thread at any time.
class blob_cache {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using bytes_ptr = std::shared_ptr<const std::string>;

  struct limits {
    std::uint64_t bytes = 0; // with what the cache itself needs; 0: default_cache_bytes()
    std::chrono::seconds time_to_live{600};
    std::chrono::seconds time_to_idle{120};
    std::function<time_point()> clock = &std::chrono::steady_clock::now;
  };

  explicit blob_cache(limits l) : limits_(std::move(l)) {}

  /// Null when it is not here.
  [[nodiscard]] bytes_ptr find(const digest& content);
  /// Drops what was read longest ago until there is room; what never has room is not kept.
  void add(const digest& content, bytes_ptr bytes);
  void drop(const digest& content);
  /// Drops everything, and gives the bytes that were freed.
  std::uint64_t trim();
  [[nodiscard]] std::uint64_t bytes() const;

private:
  struct entry {
    digest content;
    bytes_ptr bytes;
    time_point added;
    time_point used;
  };
  using entries = std::list<entry>; // the one that was used last is the first

  static std::uint64_t cost(const entry& e);
  void erase(entries::iterator at);
  void drop_expired(time_point now);

  limits limits_; // `bytes` changes under lock_, once
  mutable std::mutex lock_;
  entries entries_;
  std::unordered_map<digest, entries::iterator> places_;
  std::uint64_t bytes_ = 0;
};

} // namespace zako
