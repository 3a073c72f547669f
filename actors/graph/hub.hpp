// The hub: what happens in the graph and the workers, counted and passed on to the open sessions.
#pragma once

#include <caf/actor_system.hpp>

#include "actors/graph/wiring.hpp"
#include "actors/messages.hpp"

namespace zako {

/// Every subscriber gets each notice, and a `progress` after each change of its totals; the totals
/// start at zero when the first of the present subscribers comes.
/// `totals` is the graph's own count, for the totals of nodes.
hub_actor spawn_hub(caf::actor_system& system, std::shared_ptr<const graph_totals> totals);

} // namespace zako
