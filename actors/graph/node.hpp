// One node of the graph: a lean actor around a node_core (engine/node_core.hpp), which decides
// everything. Here messages become its calls, and what it wants becomes messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/graph/wiring.hpp"
#include "actors/lean_actor.hpp"
#include "engine/node_core.hpp"

namespace zako {

class graph_node;

/// The Port of a node's core, while one message is handled.
class node_port {
public:
  using asker = caf::strong_actor_ptr;
  using worker = caf::strong_actor_ptr;

  node_port(graph_node& self, const wiring& graph, caf::execution_unit* host)
      : self_(self), graph_(graph), host_(host) {}

  std::string_view text(key_id id) { return graph_.names->text(id); }
  key_id id_of(const std::string& text) { return graph_.names->find_or_add(text); }
  const kind* find_kind(std::string_view name) { return graph_.kinds->find(name); }
  bool stores() { return static_cast<bool>(graph_.store); }

  void ask(key_id target, const question_to_node& what);
  void drop(key_id target, std::uint32_t slot, bool gentle);
  void answer(const asker& who, std::uint32_t slot, const shared_outcome& what, bool want_value);
  void offer(std::uint32_t ticket, const job& what, const job_context& about);
  void start(std::uint32_t ticket, job&& what, const job_context& about);
  /// Straight to the worker that waits for exactly this message.
  void resume(const worker& who, std::uint32_t ticket, resume_job&& what);
  void cancel(std::uint32_t ticket, const job& what, const char* reason, bool gentle);
  void release(std::uint32_t ticket, const char* reason);
  void save(key_id node, const node_record& record);

  void began() { graph_.totals->begun.fetch_add(1, std::memory_order_relaxed); }
  void wanted();
  void done(bool computed, bool ran_script);
  void step_done(bool ran, const shared_outcome& what, const job_origin& origin);

  template <class Message>
  void send(const caf::strong_actor_ptr& target, Message what);

private:
  template <class Handle, class Message>
  void send_typed(const Handle& target, Message what);
  /// Calls `f` with the pool that does jobs of this type.
  template <class F>
  void with_pool(const job& what, F f);

  graph_node& self_;
  const wiring& graph_;
  caf::execution_unit* host_;
};

class graph_node final : public lean_actor {
public:
  /// `stored` is what the database holds of this node.
  graph_node(caf::actor_config& config, wiring_ptr graph, key_id id,
             std::optional<node_record> stored);
  ~graph_node() override;

private:
  friend class node_port;

  void receive(caf::mailbox_element_ptr& element, caf::execution_unit* host) override;
  void on_report_waits(node_port& out, const report_waits& what,
                       const caf::strong_actor_ptr& sender);
  template <class Pool>
  void on_job_result(node_port& out, job_result<Pool>& done, const caf::strong_actor_ptr& sender);

  wiring_ptr graph_;
  node_core<node_port> core_;
};

} // namespace zako
