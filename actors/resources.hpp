// The machine's resources: each slot is an actor, and one broker hands them out.
//
// What a request gets and when is decided in engine/lease_book.hpp; here it meets messages, the
// clock, and holders that end. A lease belongs to the actor that asked for it. It ends by
// `lease_end`, or when that actor terminates, however that comes about: the broker monitors each
// holder once.
//
// A resource has at most lease_book::max_slots slots, so at most so many actors; where there would
// be more, each slot is worth more.
#pragma once

#include <vector>

#include <caf/actor_system.hpp>

#include "actors/messages.hpp"

namespace zako {

/// Spawns the broker of these resources, whose names differ. It ends with `pool_close`.
///
/// Metrics, labelled with the resource: zako_resource_free, _held, _waiting (gauges, in units and
/// requests), _granted_total, and _waiting_time_seconds (a histogram).
resource_actor spawn_resources(caf::actor_system& system,
                               const std::vector<resource_limits>& resources);

} // namespace zako
