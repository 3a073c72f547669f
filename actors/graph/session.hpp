// A session: one client's work in the graph. It asks for a root, watches over it, and reports.
#pragma once

#include "actors/graph/wiring.hpp"

namespace zako {

/// Spawns a session (the interface is described in actors/engine.hpp). It ends when nobody refers
/// to it any more.
session_actor spawn_session(caf::actor_system& system, wiring_ptr graph, session_options options,
                            listener_actor listener);

} // namespace zako
