// The memory of a workspace: what each graph node computed last, from what, and the texts of the
// keys' ids.
//
// A record is a trace: "with these outputs of these dependencies, this node had this output". It is
// true for ever, so losing or forgetting one costs a computation and never a wrong result. That is
// why damage is answered with absence: a record that does not match its checksum is not there, a
// database that cannot be trusted as a whole is moved aside and started again, and both are said.
// The file and its format are described in storage/README.md.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "storage/interner.hpp"

namespace zako {

struct dependency {
  key_id key;
  std::uint64_t output_prefix = 0; // digest::prefix() of the output that was seen

  bool operator==(const dependency&) const = default;
};

struct node_record {
  std::uint32_t kind_version = 0;
  digest input;
  digest output;
  // How many of `dependencies` each await asked for; they sum up to its size.
  std::vector<std::uint32_t> group_sizes;
  std::vector<dependency> dependencies; // in the order they were asked for
  std::string value_bytes;              // empty after a failure
  std::optional<error> failure;

  bool operator==(const node_record&) const = default;
};

// What these write is the format of the stored records: a change raises node_format::version.

template <class Inspector>
bool inspect(Inspector& f, dependency& x) {
  // A digest's prefix has no small values: eight plain bytes are shorter than LEB128.
  auto get = [&x] { return std::bit_cast<std::array<std::uint8_t, 8>>(x.output_prefix); };
  auto set = [&x](std::array<std::uint8_t, 8> bytes) {
    x.output_prefix = std::bit_cast<std::uint64_t>(bytes);
    return true;
  };
  return f.object(x).fields(f.field("key", x.key), f.field("output_prefix", get, set));
}

template <class Inspector>
bool inspect(Inspector& f, node_record& x) {
  return f.object(x).fields(f.field("kind_version", x.kind_version), f.field("input", x.input),
                            f.field("output", x.output), f.field("group_sizes", x.group_sizes),
                            f.field("dependencies", x.dependencies), f.field("failure", x.failure),
                            f.field("value_bytes", x.value_bytes));
}

/// What one commit writes. A key stands at most once in `records` and `erased` together, and comes
/// from the interner that the database was opened with.
struct write_batch {
  std::vector<std::pair<key_id, node_record>> records;
  std::vector<key_id> erased;

  [[nodiscard]] bool empty() const { return records.empty() && erased.empty(); }
};

/// `load` and the counters may be called from any thread at any time, also during a commit; they
/// see the last commit. `commit` has one caller at a time. A database has one object per process,
/// and one writing process (workspace_lock).
class node_database {
public:
  struct options {
    std::uint64_t map_bytes = std::uint64_t{1}
                              << 30; // address space to start with; doubled when it is full
    std::function<void(const error&)>
        on_damage; // errc::corrupt for each damaged record met; from any reading thread
  };

  /// Opens or creates the database in `folder` (a workspace's `.zako`, made when missing) and reads
  /// the stored texts into `names`, which must be empty and outlive the database. A database of
  /// another format version is removed, a damaged one moved to `folder`/quarantine: either way it
  /// then starts empty and `notice` says why. errc::io when the folder cannot be written or the
  /// database cannot be mapped.
  static result<node_database> open(const std::string& folder, key_interner& names, options how);
  static result<node_database> open(const std::string& folder, key_interner& names);

  node_database(node_database&&) noexcept;
  node_database& operator=(node_database&&) noexcept;
  ~node_database();

  /// Why the database was started again, for the user; nothing in the usual case.
  [[nodiscard]] const std::optional<error>& notice() const;

  /// The record of a key; nothing when there is none, or when it is damaged (told to `on_damage`).
  [[nodiscard]] std::optional<node_record> load(key_id key) const;

  /// Visits every sound record, in the order of the ids, as of the last commit. `visit` must not
  /// call the database.
  void for_each(const std::function<void(key_id, const node_record&)>& visit) const;

  /// Writes the batch and all texts that `names` gained, durably and as one: after a crash it is
  /// there entirely or not at all. errc::io when the disk is full or fails: nothing of the batch
  /// was written, and it can be tried again.
  result<void> commit(const write_batch& batch);

  struct figures {
    std::uint64_t records = 0;
    std::uint64_t names = 0;      // stored texts
    std::uint64_t used_bytes = 0; // of the file
    std::uint64_t damaged = 0;    // damaged records met since open
  };
  [[nodiscard]] figures measure() const;

private:
  struct state;
  explicit node_database(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace zako
