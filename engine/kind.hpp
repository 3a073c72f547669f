// The kind table: one row per kind of node, from name to compute function. An embedder adds rows of
// its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/context.hpp"

namespace zako {

/// One file or folder that a stored value rests on. Views are valid during the call that shows it.
struct file_print {
  std::string_view path; // as in a stat_job
  file_type type = file_type::missing;
  fingerprint print; // of what is there; unused when nothing is
};

struct kind {
  std::string name; // as in the key's text
  std::uint32_t version =
      1; // raised when the function or its value's format changes: stored values are then not used
  /// Computes the value. Runs when there is no stored value, a dependency's output changed, or
  /// `confirm` said no.
  std::function<task<outcome>(context&)> compute;
  /// For kinds that depend on the outside world (files, outputs): asked once per revision, after
  /// every recorded dependency was found unchanged. Gives the value to go on with (the previous
  /// one, perhaps with fresh fingerprints; its output digest must be the same), or nothing when
  /// `compute` must run. It may not request nodes. Empty: unchanged dependencies are enough.
  /// An error of a kind with `confirm` is not kept: the node's record stays as it was, so that its
  /// last value is still `previous` when the cause of the error is gone.
  std::function<task<std::optional<value>>(context&, value previous)> confirm;
  /// A short cut of `confirm` for many nodes at once. Shows every file that the value rests on: as
  /// long as type and fingerprint of all of them are the same, and none is racy, `confirm` would
  /// give the previous value, byte for byte. False, or no function: `confirm` must be asked.
  std::function<bool(std::string_view payload, std::string_view value_bytes,
                     const std::function<void(const file_print&)>& show)>
      prints = {};
  /// Its nodes are the steps that a person counts (actions, tests): run or reused, shown as
  /// progress.
  bool counted = false;
  /// False: what its nodes come to stays in memory, and they leave no record.
  bool stored = true;
};

class kind_table {
public:
  /// False when the name is taken or malformed ([a-z][a-z-]*).
  bool add(kind row);
  [[nodiscard]] const kind* find(std::string_view name) const;

private:
  std::map<std::string, kind, std::less<>> rows_;
};

/// The kinds of a build (file, directory, glob, …, action): engine/README.md lists them with
/// payload and value.
void add_build_kinds(kind_table& table);

} // namespace zako
