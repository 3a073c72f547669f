// The memory of a workspace: what each graph node computed last, from what, and the texts of the
// keys' ids.
//
// A record is a trace: "with these outputs of these dependencies, this node had this output". It is
// true for ever, so losing or forgetting one costs a computation and never a wrong result. That is
// why damage is answered with absence: a record that does not match its checksum is not there, a
// database that cannot be trusted as a whole is moved aside and started again, and both are said.
// The file and its format are described in storage/README.md.
#pragma once

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
#include "engine/node_record.hpp"
#include "engine/record_view.hpp"
#include "storage/interner.hpp"

namespace zako {

/// What one commit writes. A key stands at most once in `records` and `erased` together, and comes
/// from the interner that the database was opened with.
struct write_batch {
  std::vector<std::pair<key_id, node_record>> records;
  std::vector<key_id> erased;
  std::vector<key_id> roots =
      {}; // were asked for by themselves just now; seldom told, see `root_due`

  [[nodiscard]] bool empty() const { return records.empty() && erased.empty() && roots.empty(); }
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

  /// Visits the sound ones among the records of `keys`, in place, in one transaction. As `scan`.
  void visit(const std::vector<key_id>& keys,
             const std::function<void(key_id, const record_view&)>& visit) const;

  /// Visits the sound records with ids in the `part`-th (from 0) of `parts` equal ranges, in the
  /// order of the ids, as of the last commit. Nothing is copied: a view is valid during its call.
  /// `visit` must not call the database. Ranges may be visited by several threads at once.
  void scan(std::uint32_t part, std::uint32_t parts,
            const std::function<void(key_id, const record_view&)>& visit) const;

  /// Writes the batch and all texts that `names` gained, durably and as one: after a crash it is
  /// there entirely or not at all. errc::io when the disk is full or fails: nothing of the batch
  /// was written, and it can be tried again.
  result<void> commit(const write_batch& batch);

  /// Whether a root that is asked for has to be in the next commit's `roots`: once a day.
  [[nodiscard]] bool root_due(key_id root) const;

  /// Removes, durably, every record that no root reaches through recorded dependencies, and roots
  /// that were last asked for before `oldest_root_s` (seconds since 1970). While some root has no
  /// record (it failed or was stopped, and what was done for it is worth keeping), or none is
  /// known, every record on which none depends counts as a root too. Gives how many records went.
  result<std::uint64_t> collect(std::int64_t oldest_root_s);

  struct damaged_record {
    key_id key;       // none when its key is damaged as well
    std::string file; // where its bytes were put
  };
  /// Moves damaged records into files in the quarantine, and gives them.
  result<std::vector<damaged_record>> quarantine_damaged();

  /// Visits the stored bytes of every record in `folder`'s database, whatever their format, as of
  /// the last commit of whatever process is at it. errc::not_found when there is no database. It
  /// writes nothing.
  static result<void> visit_bytes(const std::string& folder,
                                  const std::function<void(std::string_view)>& visit);

  /// Writes `folder`'s database anew when that frees at least an eighth of its bytes, and gives how
  /// many it freed. No process may have it open but in `visit_bytes`: then it does nothing.
  static result<std::uint64_t> compact(const std::string& folder);

  struct figures {
    std::uint64_t records = 0;
    std::uint64_t names = 0;      // stored texts
    std::uint64_t used_bytes = 0; // of the file
    std::uint64_t written = 0;    // records, since open
    std::uint64_t damaged = 0;    // damaged records met since open
  };
  [[nodiscard]] figures measure() const;

private:
  struct state;
  explicit node_database(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace zako
