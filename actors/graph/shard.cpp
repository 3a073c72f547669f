// Finds and wakes nodes, and lets them go.
#include "actors/graph/shard.hpp"

#include <caf/actor_system.hpp>

#include "actors/graph/node.hpp"

namespace zako {

graph_shard::graph_shard(caf::actor_config& config, wiring_ptr graph,
                         std::shared_ptr<const node_database> stored)
    : lean_actor(config), graph_(std::move(graph)), stored_(std::move(stored)) {}

void graph_shard::receive(caf::mailbox_element_ptr& element, caf::execution_unit* host) {
  auto& what = element->payload;
  auto& sender = element->sender;
  if (what.match_elements<question>()) {
    ask(element, host);
  } else if (what.match_elements<drop>()) {
    pass_on(what.get_as<drop>(0).target, element, host);
  } else if (what.match_elements<break_cycle>()) {
    pass_on(what.get_as<break_cycle>(0).target, element, host);
  } else if (what.match_elements<leaves_swept>()) {
    swept_ = what;
    cleared_.clear();
  } else if (what.match_elements<cleared>()) {
    auto& more = what.get_as<cleared>(0);
    if (!swept_.empty() && swept_.get_as<leaves_swept>(0).revision == more.revision)
      cleared_.insert(more.nodes.begin(), more.nodes.end());
  } else if (what.match_elements<report_waits>()) {
    send_to(sender, waits{what.get_as<report_waits>(0).round, std::nullopt, {}, live_}, host);
    broadcast(what, sender, host);
  } else if (what.match_elements<collect_nodes>()) {
    collection_ = std::make_unique<collection>();
    collection_->client = sender;
    collection_->round = what.get_as<collect_nodes>(0).round;
    collection_->missing = live_;
    broadcast(what, caf::strong_actor_ptr{ctrl()}, host);
    end_collection(host);
  } else if (what.match_elements<sleep_answer>()) {
    on_sleep_answer(what.get_as<sleep_answer>(0), host);
  } else if (what.match_elements<pool_close>()) {
    blocks_.clear();
    collection_.reset();
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

caf::strong_actor_ptr* graph_shard::find(key_id id, bool make) {
  auto index = id.number() / graph_->shards.size();
  auto at = index / block_nodes;
  if (at >= blocks_.size() || !blocks_[at]) {
    if (!make)
      return nullptr;
    if (at >= blocks_.size())
      blocks_.resize(at + 1);
    blocks_[at] = std::make_unique<block>();
  }
  return &(*blocks_[at])[index % block_nodes];
}

void graph_shard::ask(caf::mailbox_element_ptr& element, caf::execution_unit* host) {
  auto& asked = element->payload.get_mutable_as<question>(0);
  auto target = asked.target;
  auto depth = asked.depth;
  asked.holds = output_that_holds(asked);
  auto& node = *find(target, true);
  if (!node && !asked.want_value && answer_for_sleeper(asked, element->sender, host))
    return;
  if (!node) {
    node = spawn_lean<graph_node>(home_system(), host, graph_, target,
                                  stored_ ? stored_->load(target) : std::nullopt);
    ++live_;
  }
  if (collection_)
    collection_->touched.insert(target);
  static_cast<graph_node*>(node->get())->enqueue_ahead(std::move(element), depth, host);
}

/// Nobody has to wake to say that a value is as it was stored.
bool graph_shard::answer_for_sleeper(const question& asked, const caf::strong_actor_ptr& asker,
                                     caf::execution_unit* host) {
  if (asked.holds == 0 || !stored_)
    return false;
  auto answered = false;
  stored_->visit({asked.target}, [&](key_id, const record_view& record) {
    if (record.failed() || record.output_prefix() != asked.holds)
      return;
    send_to(asker, reply{asked.slot, record.output(), {}}, host);
    answered = true;
  });
  return answered;
}

/// A node that sleeps has nobody to drop, and waits for nobody.
void graph_shard::pass_on(key_id target, caf::mailbox_element_ptr& element,
                          caf::execution_unit* host) {
  auto* node = find(target, false);
  if (!node || !*node)
    return;
  if (collection_)
    collection_->touched.insert(target);
  (*node)->enqueue(std::move(element), host);
}

void graph_shard::broadcast(const caf::message& what, const caf::strong_actor_ptr& sender,
                            caf::execution_unit* host) {
  for (auto& block : blocks_)
    if (block)
      for (auto& node : *block)
        if (node)
          node->enqueue(sender, caf::make_message_id(), what, host);
}

void graph_shard::on_sleep_answer(const sleep_answer& answer, caf::execution_unit* host) {
  if (!collection_ || collection_->round != answer.round)
    return;
  if (answer.asleep && !collection_->touched.contains(answer.node)) {
    *find(answer.node, false) = nullptr;
    --live_;
    ++collection_->freed;
  }
  --collection_->missing;
  end_collection(host);
}

void graph_shard::end_collection(caf::execution_unit* host) {
  if (collection_->missing > 0)
    return;
  auto done = std::move(collection_);
  send_to(done->client, nodes_collected{done->round, done->freed, live_}, host);
}

} // namespace zako
