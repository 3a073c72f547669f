// The store actor: the one writer of a workspace's state.
#pragma once

#include <functional>
#include <memory>

#include <caf/actor_system.hpp>

#include "actors/messages.hpp"
#include "storage/content_store.hpp"
#include "storage/node_database.hpp"

namespace zako {

/// Spawns the store actor on a thread of its own: a durable commit takes milliseconds. It groups
/// records into transactions: one at each `flush_state`, one whenever enough has come together, and
/// one every half second while records come, so that a crash costs no more than that. Blobs reach
/// the disk before the records that name them. Both stores outlive the actor, which is their only
/// writer of records.
store_actor spawn_store(caf::actor_system& system, std::shared_ptr<node_database> records,
                        std::shared_ptr<content_store> blobs,
                        std::function<void(const error&)> warn);

} // namespace zako
