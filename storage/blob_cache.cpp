// The cache of verified blobs, and how large it may be.
#include "storage/blob_cache.hpp"

#include <algorithm>
#include <fstream>

#include <unistd.h>

namespace zako {

std::uint64_t default_cache_bytes() {
  constexpr std::uint64_t least = 4'000'000;
  constexpr std::uint64_t most = 4'000'000'000;
  auto memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  // As a container sees its own control group, versions 2 and 1. "max" and missing files are none.
  for (auto* name : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (std::uint64_t limit = 0; std::ifstream(name) >> limit)
      memory = std::min(memory, limit);
  return std::clamp(memory / 10, least, most);
}

std::uint64_t blob_cache::cost(const entry& e) {
  constexpr std::uint64_t nodes = 192; // of the list and the table, with the string's head
  return e.bytes->capacity() + nodes;
}

void blob_cache::erase(entries::iterator at) {
  bytes_ -= cost(*at);
  places_.erase(at->content);
  entries_.erase(at);
}

void blob_cache::drop_expired(time_point now) {
  while (!entries_.empty() && now - entries_.back().used > limits_.time_to_idle)
    erase(std::prev(entries_.end()));
}

blob_cache::bytes_ptr blob_cache::find(const digest& content) {
  auto now = limits_.clock();
  std::scoped_lock hold{lock_};
  drop_expired(now);
  auto it = places_.find(content);
  if (it == places_.end())
    return nullptr;
  auto at = it->second;
  if (now - at->added > limits_.time_to_live) {
    erase(at);
    return nullptr;
  }
  at->used = now;
  entries_.splice(entries_.begin(), entries_, at);
  return at->bytes;
}

void blob_cache::add(const digest& content, bytes_ptr bytes) {
  auto now = limits_.clock();
  entries fresh;
  fresh.push_back({content, std::move(bytes), now, now});
  std::scoped_lock hold{lock_};
  if (limits_.bytes == 0)
    limits_.bytes = default_cache_bytes();
  drop_expired(now);
  auto needed = cost(fresh.front());
  if (needed > limits_.bytes || places_.contains(content))
    return;
  while (bytes_ + needed > limits_.bytes)
    erase(std::prev(entries_.end()));
  bytes_ += needed;
  entries_.splice(entries_.begin(), fresh);
  places_.emplace(content, entries_.begin());
}

void blob_cache::drop(const digest& content) {
  std::scoped_lock hold{lock_};
  if (auto it = places_.find(content); it != places_.end())
    erase(it->second);
}

std::uint64_t blob_cache::trim() {
  std::scoped_lock hold{lock_};
  auto freed = bytes_;
  bytes_ = 0;
  places_.clear();
  entries_.clear();
  return freed;
}

std::uint64_t blob_cache::bytes() const {
  std::scoped_lock hold{lock_};
  return bytes_;
}

} // namespace zako
