// Where a graph's actors find each other. Made once when the engine starts; nothing in it changes
// afterwards.
#pragma once

#include <memory>
#include <vector>

#include "actors/messages.hpp"
#include "engine/kind.hpp"
#include "storage/interner.hpp"

namespace zako {

struct wiring {
  std::shared_ptr<key_interner> names; // thread-safe
  std::shared_ptr<const kind_table> kinds;
  std::vector<caf::strong_actor_ptr> shards;
  pool_handle<io_pool> io;
  pool_handle<transpile_pool> transpilers;
  pool_handle<script_pool> scripts;
  pool_handle<process_pool> processes;
  pool_handle<sweep_pool> sweepers; // null, as is
  store_actor store;                // in an engine without a workspace
  hub_actor hub;

  [[nodiscard]] const caf::strong_actor_ptr& shard_of(key_id id) const {
    return shards[id.number() % shards.size()];
  }
};

using wiring_ptr = std::shared_ptr<const wiring>;

} // namespace zako
