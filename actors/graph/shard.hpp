// One part of the graph: finds or wakes the node that a message is for.
//
// Shards divide the keys among them by id. A shard passes each graph message on as it came, with
// its sender, so that nodes answer whoever asked; it reads a node's stored record when it wakes the
// node. It is the only way to a node, so it can forget one that sleeps: a node that says it may
// sleep was asked for nothing that the shard passed on before, and what comes later wakes a new
// one.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/graph/wiring.hpp"
#include "actors/lean_actor.hpp"
#include "storage/node_database.hpp"

namespace zako {

class graph_shard final : public lean_actor {
public:
  /// `graph` is complete before the first message comes; its shards take the ids in turn. `stored`
  /// may be null (nothing is kept). On `pool_close` the shard lets go of both, answers `closed`,
  /// and ends.
  graph_shard(caf::actor_config& config, wiring_ptr graph,
              std::shared_ptr<const node_database> stored);

private:
  /// The nodes by id: the shards take ids in turn, so a shard's own are dense.
  static constexpr std::size_t block_nodes = 1024;
  using block = std::array<caf::strong_actor_ptr, block_nodes>;

  void receive(caf::mailbox_element_ptr& element, caf::execution_unit* host) override;
  subtype_t subtype() const override { return function_object; } // a courier, for the scheduler
  /// The output of the target that holds at the revision that is asked for; 0 when nobody knows.
  [[nodiscard]] std::uint64_t output_that_holds(const question& asked) const;
  bool answer_for_sleeper(const question& asked, const caf::strong_actor_ptr& asker,
                          caf::execution_unit* host);
  /// The place of a node; null when its block was never needed and `make` is false.
  caf::strong_actor_ptr* find(key_id id, bool make);
  void ask(caf::mailbox_element_ptr& element, caf::execution_unit* host);
  void pass_on(key_id target, caf::mailbox_element_ptr& element, caf::execution_unit* host);
  void broadcast(const caf::message& what, const caf::strong_actor_ptr& sender,
                 caf::execution_unit* host);
  void on_sleep_answer(const sleep_answer& answer, caf::execution_unit* host);
  void end_collection(caf::execution_unit* host);

  wiring_ptr graph_;
  std::shared_ptr<const node_database> stored_;
  std::vector<std::unique_ptr<block>> blocks_;
  std::uint64_t live_ = 0;
  caf::message swept_;                                // the last leaves_swept; empty before
  std::unordered_map<key_id, std::uint64_t> cleared_; // after it

  /// While the nodes are asked whether they may sleep.
  struct collection {
    caf::strong_actor_ptr client;
    std::uint64_t round = 0;
    std::uint64_t missing = 0;
    std::uint64_t freed = 0;
    std::unordered_set<key_id> touched; // a message was passed on since they were asked
  };
  std::unique_ptr<collection> collection_;
};

} // namespace zako
