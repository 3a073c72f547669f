// Zako's engine inside a CAF program: spawn it, open sessions, ask for values, close it.
//
// The engine is an actor in an `actor_system` that the host owns; several may live in one system.
// Call `zako::init_types()` before the system's configuration is made, as for any CAF types.
// Everything that happens in the engine is a typed message; the handles below are the whole
// interface.
//
//   engine   (open_session, listener_actor) -> session_actor   a session: one build, test run or
//   query
//            (ask_info) -> engine_info      what it uses, and what it has done
//            (ask_resources) -> resource_report   how the machine is shared out at this moment
//            (collect_garbage) -> garbage_report   frees what can be freed: idle nodes whose
//            records are stored leave
//                                           memory, and come back when they are asked for
//            (close_engine) -> void         cancels every session, ends workers and children,
//            flushes the state; answered
//                                           when all is down. The engine then terminates.
//   session  (key) -> session_report        computes one root; its error is in the report. One root
//   at a time.
//            (cancel_session) -> void       stops what nobody else wants; the pending request is
//            answered with
//                                           errc::cancelled
//   listener (notice) -> void               implemented by the host: events in the order in which
//   the engine saw them;
//                                           may be a null handle
//
// Sessions run concurrently and share what they compute. A session ends when its last handle is
// gone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/typed_actor.hpp>

#include "actors/messages.hpp"
#include "engine/kind.hpp"
#include "engine/settings.hpp"

namespace zako {

struct engine_options {
  /// Absolute path of the folder that holds zako.toml. Empty: an engine without a workspace, which
  /// stores nothing on disk and knows only the host's kinds.
  std::string workspace;
  /// Folder of the content store, shared by workspaces; created when missing. Empty: the user's
  /// cache folder.
  std::string cache_folder;
  /// How it runs (engine/settings.hpp). What is not set follows the machine and its container.
  engine_settings settings;
  /// Values for the options that the workspace's zako.toml declares, by name (engine/options.hpp).
  std::map<std::string, std::string> options;
  /// What holds the workspace lock, for others who wait for it: "zako build //..."
  std::string purpose;
  /// The host's own kinds of node, beside the built-in ones.
  kind_table kinds;
  /// Hears what was found wrong with stored state and is made again (errc::corrupt,
  /// errc::unsupported), or could not be stored at last. Called from any thread, also by
  /// `spawn_engine`; may be empty.
  std::function<void(const error&)> on_warning;
};

/// Registers the engine's message types, and CAF's own, with CAF. Idempotent; call before
/// constructing an actor_system_config.
void init_types();

/// Spawns an engine. Fails with errc::locked when another process uses the workspace (the message
/// names it), errc::io or errc::corrupt when its state cannot be opened, errc::invalid_argument
/// when its settings do not fit together.
result<engine_actor> spawn_engine(caf::actor_system& system, engine_options options);

/// Removes what builds left in a workspace: zako-out/ and the records in .zako/ (never the shared
/// content store). Fails with errc::locked while another process uses the workspace.
result<void> clean_workspace(const std::string& workspace);

} // namespace zako
