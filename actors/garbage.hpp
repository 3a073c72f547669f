// Gives memory back: on demand, when memory gets scarce, and when nobody uses the engine.
//
// A round asks every pool's workers, the shared cache of file contents, and the nodes, in this
// order; then the allocator returns what is free to the system. A node with nothing to do leaves
// memory once its record is stored; a question wakes it again.
//
// Rounds are gentle or full (gc_level). Scarce memory begins one at once, a full one when programs
// already stand still for it; the next for that reason comes some seconds later at the earliest.
// When no session has been busy for a while there is a gentle round, and after as long again a full
// one, and then none until a session was busy.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>

#include "actors/graph/wiring.hpp"
#include "actors/messages.hpp"
#include "storage/content_store.hpp"

namespace zako {

struct garbage_options {
  std::chrono::milliseconds idle{30'000};
  bool on_pressure = true;
  /// Where the totals of the last run are kept, for `zako info`; empty: nowhere.
  std::string totals_file = {};
};

/// Spawns the collector of an engine; it ends with `pool_close`. `blobs` may be null.
collector_actor spawn_collector(caf::actor_system& system, wiring_ptr graph,
                                std::shared_ptr<content_store> blobs, garbage_options options);

} // namespace zako
