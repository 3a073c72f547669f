// Blobs of a few kilobytes in LMDB, committed in groups because a durable commit waits for the
// disk.
#include "storage/small_blobs.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/os.hpp"

namespace zako {

namespace {

// With more than this they are committed without being asked.
constexpr std::uint64_t most_waiting_bytes = std::uint64_t{8} << 20;
// Blobs that were read and whose new stamps wait for a commit; more of them go without.
constexpr std::size_t most_read = 10'000;
constexpr std::uint64_t first_map_bytes = std::uint64_t{4} << 30;

MDB_val view(const digest& d) {
  return {d.bytes.size(), const_cast<std::uint8_t*>(d.bytes.data())};
}

/// A stored value: the stamp in four bytes, and the blob.
struct stored {
  std::int64_t stamp;
  std::string_view bytes;
};

std::optional<stored> parse(const MDB_val& value) {
  std::uint32_t stamp;
  if (value.mv_size < sizeof stamp)
    return std::nullopt; // damaged
  std::memcpy(&stamp, value.mv_data, sizeof stamp);
  return stored{
      stamp,
      {static_cast<const char*>(value.mv_data) + sizeof stamp, value.mv_size - sizeof stamp}};
}

} // namespace

result<std::unique_ptr<small_blobs>> small_blobs::open(const std::string& file) {
  auto env = lmdb_environment::open(file, {first_map_bytes, {{"blobs", 0}}});
  if (!env)
    return fail(std::move(env.error()));
  return std::unique_ptr<small_blobs>{new small_blobs{std::move(*env)}};
}

template <class Found>
bool small_blobs::look_up(const digest& content, Found&& found) const {
  {
    std::scoped_lock hold{lock_};
    for (const table* t : {static_cast<const table*>(&waiting_), &committing_})
      if (auto it = t->find(content); it != t->end()) {
        found(std::string_view(it->second), os::now_s());
        return true;
      }
  }
  auto sound = false;
  auto code = env_->read([&](MDB_txn* txn) {
    auto key = view(content);
    MDB_val value;
    auto failed = mdb_get(txn, env_->table_id(0), &key, &value);
    if (failed != 0)
      return failed;
    if (auto x = parse(value)) {
      found(x->bytes, x->stamp);
      sound = true;
    }
    return 0;
  });
  return code == 0 && sound;
}

std::optional<std::string> small_blobs::find(const digest& content) const {
  std::optional<std::string> bytes;
  auto aged = false;
  look_up(content, [&](std::string_view found, std::int64_t stamp) {
    bytes = found;
    aged = os::now_s() - stamp > stamp_age_read;
  });
  if (aged) {
    std::scoped_lock hold{lock_};
    if (read_.size() < most_read)
      read_.insert(content);
  }
  return bytes;
}

std::optional<std::uint64_t> small_blobs::length(const digest& content) const {
  std::optional<std::uint64_t> length;
  look_up(content, [&](std::string_view found, std::int64_t) { length = found.size(); });
  return length;
}

result<void> small_blobs::add(const digest& content, std::string_view bytes) {
  auto young = false;
  look_up(content, [&](std::string_view, std::int64_t stamp) {
    young = os::now_s() - stamp <= stamp_age_put;
  });
  if (young)
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

/// Stamps blobs that were read. Their bytes stay what they are, sound or not.
int small_blobs::stamp(MDB_txn* txn, const std::unordered_set<digest>& blobs,
                       std::uint32_t stamp) const {
  for (auto& content : blobs) {
    auto key = view(content);
    MDB_val value;
    auto failed = mdb_get(txn, env_->table_id(0), &key, &value);
    if (failed == MDB_NOTFOUND)
      continue;
    if (failed != 0)
      return failed;
    if (!parse(value))
      continue;
    std::string bytes(static_cast<const char*>(value.mv_data), value.mv_size);
    std::memcpy(bytes.data(), &stamp, sizeof stamp);
    value = {bytes.size(), bytes.data()};
    if (failed = mdb_put(txn, env_->table_id(0), &key, &value, 0); failed != 0)
      return failed;
  }
  return 0;
}

result<void> small_blobs::sync() {
  std::scoped_lock one{syncing_};
  std::unordered_set<digest> read;
  {
    std::scoped_lock hold{lock_};
    committing_.swap(waiting_);
    waiting_bytes_ = 0;
    read.swap(read_);
  }
  if (committing_.empty() && read.empty())
    return {};
  std::vector<const table::value_type*> sorted; // neighbours share pages
  for (auto& entry : committing_)
    sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->first < b->first; });
  auto now = static_cast<std::uint32_t>(os::now_s());
  auto code = env_->write([&](MDB_txn* txn) {
    for (auto* entry : sorted) {
      auto key = view(entry->first);
      MDB_val value{sizeof now + entry->second.size(), nullptr};
      if (auto failed = mdb_put(txn, env_->table_id(0), &key, &value, MDB_RESERVE))
        return failed;
      auto* to = static_cast<char*>(value.mv_data);
      std::memcpy(to, &now, sizeof now);
      std::memcpy(to + sizeof now, entry->second.data(), entry->second.size());
    }
    return stamp(txn, read, now);
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

result<void>
small_blobs::visit(const digest& from,
                   const std::function<bool(const listed&, std::string_view bytes)>& visit) const {
  auto code = env_->read([&](MDB_txn* txn) {
    MDB_cursor* cursor = nullptr;
    auto failed = mdb_cursor_open(txn, env_->table_id(0), &cursor);
    if (failed != 0)
      return failed;
    auto key = view(from);
    MDB_val value;
    for (failed = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE); failed == 0;
         failed = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
      listed x;
      if (key.mv_size != x.content.bytes.size())
        continue; // only damage makes such a key; nobody will ask for it
      std::memcpy(x.content.bytes.data(), key.mv_data, key.mv_size);
      auto blob = parse(value).value_or(stored{0, {}});
      x.size = blob.bytes.size();
      x.stamp = blob.stamp;
      if (!visit(x, blob.bytes))
        break;
    }
    mdb_cursor_close(cursor);
    return failed == MDB_NOTFOUND ? 0 : failed;
  });
  if (code != 0)
    return fail(env_->describe("read", code));
  return {};
}

result<std::vector<small_blobs::listed>>
small_blobs::remove_unused(const std::vector<listed>& blobs) {
  std::vector<listed> removed;
  auto code = env_->write([&](MDB_txn* txn) {
    removed.clear();
    for (auto& x : blobs) {
      auto key = view(x.content);
      MDB_val value;
      auto failed = mdb_get(txn, env_->table_id(0), &key, &value);
      if (failed == MDB_NOTFOUND)
        continue;
      if (auto now = failed == 0 ? parse(value) : std::nullopt; now && now->stamp != x.stamp)
        continue;
      if (failed == 0)
        failed = mdb_del(txn, env_->table_id(0), &key, nullptr);
      if (failed != 0)
        return failed;
      removed.push_back(x);
    }
    return 0;
  });
  if (code != 0)
    return fail(env_->describe("write", code));
  return removed;
}

} // namespace zako
