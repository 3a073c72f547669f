// What a node database has open, and how its tables are read. Not for other rooms:
// node_database.hpp is.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/lmdb_environment.hpp"
#include "storage/node_database.hpp"
#include "storage/node_format.hpp"

namespace zako {

namespace node_format {

/// In the order of `table`.
inline std::vector<lmdb_table> tables() {
  return {{"about", MDB_INTEGERKEY},
          {"names", MDB_INTEGERKEY},
          {"records", MDB_INTEGERKEY},
          {"roots", MDB_INTEGERKEY}};
}

inline MDB_val key_of(std::uint32_t& number) {
  return {sizeof number, &number};
}

inline MDB_val value_of(std::string& bytes) {
  return {bytes.size(), bytes.data()};
}

/// The body of a stored value whose checksum matches. Nothing else is ever looked at.
inline std::optional<std::string_view> sound_body(table t, std::uint32_t number,
                                                  const MDB_val& value) {
  return node_format::unseal(t, number, {static_cast<const char*>(value.mv_data), value.mv_size});
}

/// A stored key; 0, which is none, when it is damaged.
inline std::uint32_t number_of(const MDB_val& key) {
  std::uint32_t number = 0;
  if (key.mv_size == sizeof number)
    std::memcpy(&number, key.mv_data, sizeof number);
  return number;
}

inline MDB_dbi id_of(const lmdb_environment& env, table t) {
  return env.table_id(static_cast<std::size_t>(t));
}

inline int put(MDB_txn* txn, const lmdb_environment& env, table t, std::uint32_t number,
               std::string bytes) {
  auto key = key_of(number);
  auto value = value_of(bytes);
  return mdb_put(txn, id_of(env, t), &key, &value, 0);
}

/// Visits the entries of a table from key `first` on, in the order of the keys, until `visit`
/// returns false.
template <class Visit>
int visit_table(MDB_txn* txn, const lmdb_environment& env, table t, std::uint32_t first,
                Visit&& visit) {
  MDB_cursor* cursor = nullptr;
  auto code = mdb_cursor_open(txn, id_of(env, t), &cursor);
  if (code != 0)
    return code;
  auto key = key_of(first);
  MDB_val value;
  for (code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE); code == 0;
       code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))
    if (!visit(key, value))
      break;
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND ? 0 : code;
}

} // namespace node_format

struct node_database::state {
  std::string folder;
  std::string file;
  key_interner* key_names = nullptr;
  options how;
  std::unique_ptr<lmdb_environment> env;
  std::atomic<std::uint32_t> stored_names = 0; // grows with a commit, beside readers
  std::atomic<std::uint64_t> written = 0;
  std::optional<error> notice;
  std::optional<error> lost; // why no commit can succeed any more
  mutable std::mutex roots_lock;
  std::unordered_map<key_id, std::int64_t> roots; // stored ones; under roots_lock
  mutable std::atomic<std::uint64_t> damaged = 0;

  result<void> start();
  result<void> check_format(std::uint32_t& name_count);
  result<void> read_names(std::uint32_t name_count);
  result<void> read_roots();
  result<void> move_aside() const;
  [[nodiscard]] std::uint64_t entries(node_format::table t) const;
  [[nodiscard]] tl::unexpected<error> untrusted(std::string_view why) const;
  void report(std::uint32_t number) const;
  void show(std::uint32_t number, const MDB_val& value,
            const std::function<void(key_id, const record_view&)>& visit) const;
  int put_names(MDB_txn* txn, std::uint32_t until) const;
};

} // namespace zako
