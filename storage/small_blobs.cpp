// Blobs of a few kilobytes in LMDB, committed in groups because a durable commit waits for the
// disk.
#include "storage/small_blobs.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace zako {

namespace {

constexpr std::uint64_t most_waiting_bytes = 8u
                                             << 20; // then they are committed without being asked
constexpr std::uint64_t first_map_bytes = std::uint64_t{4} << 30;

MDB_val view(const digest& d) {
  return {d.bytes.size(), const_cast<std::uint8_t*>(d.bytes.data())};
}

MDB_val view(const std::string& bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

} // namespace

result<std::unique_ptr<small_blobs>> small_blobs::open(const std::string& file) {
  auto env = lmdb_environment::open(file, {first_map_bytes, {{"blobs", 0}}});
  if (!env)
    return fail(std::move(env.error()));
  return std::unique_ptr<small_blobs>{new small_blobs{std::move(*env)}};
}

template <class Found>
bool small_blobs::visit(const digest& content, Found&& found) const {
  {
    std::scoped_lock hold{lock_};
    for (auto* t : {&waiting_, &committing_})
      if (auto it = t->find(content); it != t->end()) {
        found(std::string_view(it->second));
        return true;
      }
  }
  auto code = env_->read([&](MDB_txn* txn) {
    auto key = view(content);
    MDB_val value;
    auto failed = mdb_get(txn, env_->table_id(0), &key, &value);
    if (failed != 0)
      return failed;
    found(std::string_view(static_cast<const char*>(value.mv_data), value.mv_size));
    return 0;
  });
  return code == 0;
}

std::optional<std::string> small_blobs::find(const digest& content) const {
  std::optional<std::string> bytes;
  visit(content, [&](std::string_view found) { bytes = found; });
  return bytes;
}

std::optional<std::uint64_t> small_blobs::length(const digest& content) const {
  std::optional<std::uint64_t> length;
  visit(content, [&](std::string_view found) { length = found.size(); });
  return length;
}

result<void> small_blobs::add(const digest& content, std::string_view bytes) {
  if (length(content))
    return {};
  {
    std::scoped_lock hold{lock_};
    if (waiting_.try_emplace(content, bytes).second)
      waiting_bytes_ += bytes.size();
    if (waiting_bytes_ < most_waiting_bytes)
      return {};
  }
  return sync();
}

result<void> small_blobs::erase(const digest& content) {
  auto code = env_->write([&](MDB_txn* txn) {
    auto key = view(content);
    auto failed = mdb_del(txn, env_->table_id(0), &key, nullptr);
    return failed == MDB_NOTFOUND ? 0 : failed;
  });
  if (code != 0)
    return fail(env_->describe("write", code));
  return {};
}

result<void> small_blobs::sync() {
  std::scoped_lock one{syncing_};
  {
    std::scoped_lock hold{lock_};
    committing_.swap(waiting_);
    waiting_bytes_ = 0;
  }
  if (committing_.empty())
    return {};
  std::vector<const table::value_type*> sorted; // neighbours share pages
  for (auto& entry : committing_)
    sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->first < b->first; });
  auto code = env_->write([&](MDB_txn* txn) {
    for (auto* entry : sorted) {
      auto key = view(entry->first);
      auto value = view(entry->second);
      if (auto failed = mdb_put(txn, env_->table_id(0), &key, &value, 0))
        return failed;
    }
    return 0;
  });
  std::scoped_lock hold{lock_};
  if (code != 0)
    for (auto& [content, bytes] : committing_) {
      waiting_bytes_ += bytes.size();
      waiting_.try_emplace(content, std::move(bytes));
    }
  committing_.clear();
  if (code != 0)
    return fail(env_->describe("write", code));
  return {};
}

} // namespace zako
