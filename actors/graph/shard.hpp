// One part of the graph: finds or wakes the node that a message is for.
//
// Shards divide the keys among them by id. A shard passes each graph message on with its sender, so
// that nodes answer whoever asked; it reads a node's stored record when it first wakes the node.
#pragma once

#include <memory>
#include <unordered_map>

#include "actors/graph/wiring.hpp"
#include "actors/lean_actor.hpp"
#include "storage/node_database.hpp"

namespace zako {

class graph_shard final : public lean_actor {
public:
  /// `graph` is complete before the first message comes. `stored` may be null (nothing is kept). On
  /// `pool_close` the shard lets go of both, answers `closed`, and ends.
  graph_shard(caf::actor_config& config, wiring_ptr graph,
              std::shared_ptr<const node_database> stored);

private:
  void receive(caf::message& what, const caf::strong_actor_ptr& sender,
               caf::execution_unit* host) override;
  /// The output of the target that holds at the revision that is asked for; 0 when nobody knows.
  [[nodiscard]] std::uint64_t output_that_holds(const question& asked) const;
  template <class Message>
  void pass_on(const Message& what, const caf::strong_actor_ptr& sender, caf::execution_unit* host);

  wiring_ptr graph_;
  std::shared_ptr<const node_database> stored_;
  std::unordered_map<key_id, caf::strong_actor_ptr> nodes_;
  caf::message swept_;                                // the last leaves_swept; empty before
  std::unordered_map<key_id, std::uint64_t> cleared_; // after it
};

} // namespace zako
