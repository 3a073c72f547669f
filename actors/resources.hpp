// CPU slots: each slot is an actor, and one resource actor hands them out.
//
// A request gets all its slots at once or waits; requests are served in the order of arrival. A
// lease belongs to the actor that asked: it ends by `lease_end`, or when that actor terminates,
// however that comes about.
#pragma once

#include <cstdint>

#include <caf/actor_system.hpp>

#include "actors/messages.hpp"

namespace zako {

/// Spawns the resource actor with `slots` >= 1 slot actors.
resource_actor spawn_cpu_slots(caf::actor_system& system, std::uint32_t slots);

} // namespace zako
