// Looking after what builds have stored: collecting what nobody needs, verifying, showing.
//
// No actor is needed for it. Each function takes the workspace lock for its time, or fails with
// errc::locked, naming who has it; builds of other workspaces may go on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace zako {

/// Where state lies.
struct state_place {
  std::string workspace;    // absolute path of the folder that holds zako.toml
  std::string cache_folder; // of the content store; empty: the user's
};

struct garbage_limits {
  /// What was asked for or used for the last time so many seconds ago goes too.
  std::optional<std::int64_t> most_age_s = {};
  /// Blobs go, those first that were used longest ago, until the content store has no more bytes.
  std::optional<std::uint64_t> most_bytes = {};
};

struct garbage {
  std::uint64_t records = 0;     // removed
  std::uint64_t blobs = 0;       // removed, of the store that all workspaces share
  std::uint64_t blob_bytes = 0;  // of these
  std::uint64_t state_bytes = 0; // that the node database shrank by
  std::uint64_t kept_records = 0;
  std::uint64_t kept_blobs = 0;
  std::uint64_t kept_bytes = 0; // of blobs
  std::vector<error> warnings;  // what could not be looked at, or was found damaged
};

/// Removes the workspace's records that nothing needs which was ever asked for, and all blobs that
/// no workspace's records name and that have not been used for an hour. All of it is made again
/// when it is missing. errc::locked also while another process collects the content store.
result<garbage> collect_garbage(const state_place& where, const garbage_limits& limits);

/// Something that did not match its checksum or name, and was moved out of the way.
struct damage {
  std::string what;  // "the record of 'file:main.c'"
  std::string where; // the file that it was moved to
};

/// Checks every record of the workspace and every blob of the content store. What is damaged is
/// missing from now on, and made again by the build that needs it. `go_on` is told how many bytes
/// of blobs are hashed and how many there are, and asked whether to go on: errc::cancelled when
/// not.
result<std::vector<damage>>
verify_state(const state_place& where,
             const std::function<bool(std::uint64_t done, std::uint64_t all)>& go_on);

/// Gives each record of the workspace as text, in the order in which their keys were first met:
/// those whose key is one of `keys` or holds one of them; all without any. Damaged records are told
/// to `warn`. Gives how many there were.
result<std::uint64_t> dump_records(const state_place& where, const std::vector<std::string>& keys,
                                   const std::function<void(std::string_view)>& show,
                                   const std::function<void(const error&)>& warn);

} // namespace zako
