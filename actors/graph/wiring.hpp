// Where a graph's actors find each other. Made once when the engine starts; nothing in it changes
// afterwards.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <caf/intrusive_ptr.hpp>
#include <caf/ref_counted.hpp>

#include "actors/messages.hpp"
#include "engine/kind.hpp"
#include "storage/interner.hpp"

namespace zako {

/// What all nodes of a graph have done together. The one thing that actors share and write: a
/// message for each of a million nodes would cost more than the nodes. It only grows.
struct graph_totals {
  std::atomic<std::uint64_t> begun{0}; // activities, of nodes that did not know the answer at once
  std::atomic<std::uint64_t> computed{0}; // of nodes that are no counted steps
  std::atomic<std::uint64_t> verified{0}; // likewise
};

struct wiring : caf::ref_counted {
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
  std::shared_ptr<graph_totals> totals;

  [[nodiscard]] const caf::strong_actor_ptr& shard_of(key_id id) const {
    return shards[id.number() % shards.size()];
  }
};

using wiring_ptr = caf::intrusive_ptr<const wiring>; // a node has room for one pointer

} // namespace zako
