// One LMDB file, opened with care: checked before it is mapped, grown when it is full, read from
// many threads.
//
// Not for other rooms; node_database and small_blobs build on it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lmdb.h>

#include "engine/error.hpp"
#include "storage/lmdb_check.hpp"

namespace zako {

/// All functions may be called from any thread.
class lmdb_environment {
public:
  struct options {
    std::uint64_t map_bytes;        // address space; doubled when it is full
    std::vector<lmdb_table> tables; // made when missing; `table_id` counts in this order
    bool read_only = false;         // the file and its tables exist; `write` is not called
  };

  /// errc::corrupt when the file does not pass the checks of lmdb_check.hpp, errc::io when it
  /// cannot be opened or mapped, errc::invalid_argument when this process has it open: LMDB's
  /// locks would not keep the two apart.
  static result<std::unique_ptr<lmdb_environment>> open(const std::string& file, options how);

  lmdb_environment(const lmdb_environment&) = delete;
  lmdb_environment& operator=(const lmdb_environment&) = delete;
  ~lmdb_environment();

  [[nodiscard]] MDB_dbi table_id(std::size_t index) const { return tables_[index]; }

  /// Runs `body(MDB_txn*)` on the last commit and gives its LMDB code. Values are valid only
  /// inside; `body` must not read or write through this object again.
  template <class Body>
  int read(Body&& body) const {
    reading scope{*this};
    return scope.txn ? body(scope.txn) : scope.code;
  }

  /// Runs `body(MDB_txn*)` and commits durably when it gives 0; else gives its code. Runs it again
  /// from the start after the map has grown, so it must only write through the transaction. One
  /// writer at a time, others wait.
  template <class Body>
  int write(Body&& body) {
    std::scoped_lock writer{writing_};
    for (;;) {
      MDB_txn* txn = nullptr;
      auto code = mdb_txn_begin(env_, nullptr, 0, &txn);
      if (code == 0) {
        code = body(txn);
        if (code == 0)
          code = mdb_txn_commit(txn);
        else
          mdb_txn_abort(txn);
      }
      if (code != MDB_MAP_FULL && code != MDB_MAP_RESIZED)
        return code;
      code = resize(code == MDB_MAP_FULL);
      if (code != 0)
        return code;
    }
  }

  /// The used part of the file at another place in memory, which stays when LMDB's own map grows,
  /// the environment is closed, or the file is moved or removed.
  struct second_map {
    std::shared_ptr<const char> start;
    std::size_t size = 0;
    std::size_t page_bytes = 0;

    /// The bytes of a value in this map, when it has pages of the file to itself. They stay as long
    /// as the value is not changed or removed; a smaller value is moved when a neighbour changes.
    [[nodiscard]] std::optional<std::string_view> find(const MDB_val& value) const;
  };
  /// Nothing when it cannot be mapped.
  [[nodiscard]] std::optional<second_map> map_again() const;

  /// About how many bytes a packed copy takes. Passes over all entries.
  [[nodiscard]] std::uint64_t packed_bytes() const;
  /// Writes a copy without unused pages and with all others filled, durably.
  [[nodiscard]] result<void> copy_packed(const std::string& to) const;

  /// Bytes of the file that were ever in use.
  [[nodiscard]] std::uint64_t used_bytes() const;

  /// The error for a code of LMDB: errc::corrupt when the file's structure is damaged, else
  /// errc::io.
  [[nodiscard]] error describe(std::string_view what, int code) const;

private:
  /// A read transaction that threads take turns with; between uses it holds no snapshot, so it pins
  /// no pages.
  struct alignas(64) slot {
    std::mutex lock;
    MDB_txn* txn = nullptr;
  };
  static constexpr std::size_t slot_count = 16;

  struct reading {
    explicit reading(const lmdb_environment& env);
    ~reading();
    std::unique_lock<std::mutex> hold;
    MDB_txn* txn = nullptr;
    int code = 0;
  };

  lmdb_environment() = default;
  int resize(bool grow) const;
  int copy_tables(MDB_txn* from, MDB_env* to) const;

  std::string file_;
  std::shared_ptr<const void> only_one_; // of its file in this process
  MDB_env* env_ = nullptr;
  std::vector<lmdb_table> described_;
  std::vector<MDB_dbi> tables_; // in their order
  mutable std::mutex writing_;  // before any slot's lock
  mutable std::array<slot, slot_count> slots_;
};

} // namespace zako
