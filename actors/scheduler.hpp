// A scheduler for graphs of actors, to be installed in a CAF actor system.
//
// Lean actors (graph nodes) are run deepest first, over all threads: so a question goes down to its
// leaves before the next one begins, and few nodes are half done at one moment. Their order cannot
// be that of a stack: a thread that is interrupted would find what all wait for below what waits
// for it. Lean actors that only pass messages on (shards; their subtype is `function_object`) go
// before them, and CAF's own actors get at least every eighth turn, oldest first. A thread without
// work looks around for some microseconds, and then sleeps.
#pragma once

#include <caf/actor_system_config.hpp>

namespace zako {

/// Actor systems made of this configuration use the scheduler, with `caf.scheduler.max-threads` and
/// `caf.scheduler.max-throughput` as CAF's own do.
void use_graph_scheduler(caf::actor_system_config& config);

} // namespace zako
