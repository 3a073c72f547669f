// Collecting blobs: list, mark by the bytes of all records, choose, remove.
#include "storage/collector.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include <unistd.h>

#include "storage/node_database.hpp"

namespace zako {

namespace {

using stored_blob = content_store::stored_blob;

/// Finds digests of listed blobs at any place in any bytes.
class digest_finder {
public:
  explicit digest_finder(const std::vector<stored_blob>& blobs)
      : blobs_(blobs), slots_(std::bit_ceil(blobs.size() * 2 + 1)), found_(blobs.size()) {
    for (std::uint32_t i = 0; i < blobs.size(); ++i) {
      auto at = blobs[i].content.prefix() & (slots_.size() - 1);
      while (slots_[at] != 0)
        at = (at + 1) & (slots_.size() - 1);
      slots_[at] = i + 1;
    }
  }

  void look_at(std::string_view bytes) {
    constexpr auto length = sizeof(digest::bytes);
    for (; bytes.size() >= length; bytes.remove_prefix(1)) {
      std::uint64_t prefix;
      std::memcpy(&prefix, bytes.data(), sizeof prefix);
      for (auto at = prefix & (slots_.size() - 1); slots_[at] != 0;
           at = (at + 1) & (slots_.size() - 1)) {
        auto i = slots_[at] - 1;
        if (std::memcmp(blobs_[i].content.bytes.data(), bytes.data(), length) == 0)
          found_[i] = true;
      }
    }
  }

  [[nodiscard]] bool found(std::size_t i) const { return found_[i]; }

private:
  const std::vector<stored_blob>& blobs_;
  std::vector<std::uint32_t> slots_; // a blob's index + 1; 0: free
  std::vector<bool> found_;
};

/// Marks what the records of all workspaces name. Gives why some of them cannot be read.
result<std::vector<error>> mark(content_store& store, digest_finder& finder) {
  auto workspaces = store.workspaces();
  if (!workspaces)
    return fail(std::move(workspaces.error()));
  std::vector<error> unreadable;
  for (auto& folder : *workspaces) {
    auto read = node_database::visit_bytes(
        folder, [&finder](std::string_view bytes) { finder.look_at(bytes); });
    if (read)
      continue;
    if (read.error().code != errc::not_found) {
      unreadable.push_back(std::move(read.error()));
      continue;
    }
    if (::access(folder.c_str(), F_OK) != 0) // the workspace is gone; it comes back by building
      if (auto forgotten = store.forget_workspace(folder); !forgotten)
        unreadable.push_back(std::move(forgotten.error()));
  }
  return unreadable;
}

} // namespace

result<collection> collect_blobs(content_store& store, const collection_limits& limits,
                                 std::int64_t now_s) {
  auto lock = store.lock_collection();
  if (!lock)
    return fail(std::move(lock.error()));
  // What is listed before the records are read and is used after that has a new stamp.
  auto blobs = store.list();
  if (!blobs)
    return fail(std::move(blobs.error()));
  digest_finder finder{*blobs};
  auto unreadable = mark(store, finder);
  if (!unreadable)
    return fail(std::move(unreadable.error()));

  std::vector<stored_blob> chosen;
  std::vector<stored_blob> rest;
  std::uint64_t rest_bytes = 0;
  for (std::size_t i = 0; i < blobs->size(); ++i) {
    auto& x = (*blobs)[i];
    auto age = now_s - x.stamp;
    auto needed = !unreadable->empty() || finder.found(i);
    auto aged = limits.most_age_s && age > *limits.most_age_s;
    if (age > limits.grace_s && (!needed || aged)) {
      chosen.push_back(x);
    } else {
      rest_bytes += x.size;
      rest.push_back(x);
    }
  }
  if (limits.most_bytes && rest_bytes > *limits.most_bytes) {
    std::sort(rest.begin(), rest.end(), [](auto& a, auto& b) { return a.stamp < b.stamp; });
    for (auto& x : rest) {
      if (rest_bytes <= *limits.most_bytes || now_s - x.stamp <= limits.grace_s)
        break;
      rest_bytes -= x.size;
      chosen.push_back(x);
    }
  }

  auto removed = store.remove_unused(chosen);
  if (!removed)
    return fail(std::move(removed.error()));
  if (auto dropped = store.drop_loose_names(); !dropped)
    return fail(std::move(dropped.error()));
  collection out;
  out.unreadable = std::move(*unreadable);
  for (auto& x : *blobs) {
    ++out.kept;
    out.kept_bytes += x.size;
  }
  for (auto& x : *removed) {
    ++out.removed;
    out.removed_bytes += x.size;
  }
  out.kept -= out.removed;
  out.kept_bytes -= out.removed_bytes;
  return out;
}

} // namespace zako
