// Finds and wakes nodes.
#include "actors/graph/shard.hpp"

#include <caf/actor_system.hpp>

#include "actors/graph/node.hpp"

namespace zako {

graph_shard::graph_shard(caf::actor_config& config, wiring_ptr graph,
                         std::shared_ptr<const node_database> stored)
    : lean_actor(config), graph_(std::move(graph)), stored_(std::move(stored)) {}

void graph_shard::receive(caf::message& what, const caf::strong_actor_ptr& sender,
                          caf::execution_unit* host) {
  if (what.match_elements<question>()) {
    auto asked = what.get_as<question>(0);
    asked.holds = output_that_holds(asked);
    pass_on(asked, sender, host);
  } else if (what.match_elements<drop>()) {
    pass_on(what.get_as<drop>(0), sender, host);
  } else if (what.match_elements<break_cycle>()) {
    pass_on(what.get_as<break_cycle>(0), sender, host);
  } else if (what.match_elements<leaves_swept>()) {
    swept_ = what;
    cleared_.clear();
  } else if (what.match_elements<cleared>()) {
    auto& more = what.get_as<cleared>(0);
    if (!swept_.empty() && swept_.get_as<leaves_swept>(0).revision == more.revision)
      cleared_.insert(more.nodes.begin(), more.nodes.end());
  } else if (what.match_elements<report_waits>()) {
    send_to(sender, waits{what.get_as<report_waits>(0).round, std::nullopt, {}, nodes_.size()},
            host);
    for (auto& [id, node] : nodes_)
      node->enqueue(sender, caf::make_message_id(), what, host);
  } else if (what.match_elements<pool_close>()) {
    nodes_.clear();
    graph_.reset();
    stored_.reset();
    send_to(sender, closed{}, host);
    quit();
  }
}

std::uint64_t graph_shard::output_that_holds(const question& asked) const {
  if (swept_.empty())
    return 0;
  auto& swept = swept_.get_as<leaves_swept>(0);
  auto number = asked.target.number();
  if (swept.revision != asked.revision)
    return 0;
  if (number < swept.holding.size() && swept.holding[number] != 0)
    return swept.holding[number];
  auto later = cleared_.find(asked.target);
  return later == cleared_.end() ? 0 : later->second;
}

template <class Message>
void graph_shard::pass_on(const Message& what, const caf::strong_actor_ptr& sender,
                          caf::execution_unit* host) {
  auto& node = nodes_[what.target];
  if (!node)
    node = spawn_lean<graph_node>(home_system(), host, graph_, what.target,
                                  stored_ ? stored_->load(what.target) : std::nullopt);
  node->enqueue(sender, caf::make_message_id(), caf::make_message(what), host);
}

} // namespace zako
