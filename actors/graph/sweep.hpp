// A sweep: before a root is asked for, one look at all the leaves it rests on.
//
// It reads the stored records in bulk, has workers look at the leaves, and lets a verifier
// (engine/verifier.hpp) decide what still holds. The shards are told, so that those nodes answer
// from their records without asking anybody. Nodes that see another output are asked for by the
// sweep itself, dependencies first; what they answer decides about the nodes above them.
//
// A sweep is only good while nothing else changes records: the session begins one when it is alone.
#pragma once

#include "actors/graph/wiring.hpp"

namespace zako {

/// Begins a sweep for `client`, a session, which gets `swept{round}` unless it stops the sweep
/// before. A sweep that cannot be done ends likewise, without having told the shards anything.
/// The graph must have a store.
sweep_actor spawn_sweep(caf::actor_system& system, wiring_ptr graph, caf::strong_actor_ptr client,
                        key_id root, std::uint64_t revision, std::uint32_t round,
                        job_origin origin);

} // namespace zako
