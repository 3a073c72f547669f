// One node of the graph: a lean actor that verifies, computes and remembers one value.
//
//                     ask (newer revision)
//        +--------+ ----------------------> +----------+  outputs differ, or nothing stored
//        +-----------+ |  idle  |                         | checking |
//        ----------------------------------> | computing |
//        +--------+ <-- verified            +----------+ +-----------+
//            ^  |   <---------------------------+  | all outputs the same                       ^ |
//            |  |                                  v                                            | |
//            |  |                            +------------+   confirm says no                   | |
//            |  +--- verified -------------- | confirming | ------------------------------------+ |
//            |                               +------------+ |
//            +---------------------------------------------------------------------- computed,
//            failed
//
// Everything that is needed only while the node is busy lives in its `activity`, which exists no
// longer than that: an idle node is small. A node that loses its last asker drops its activity, and
// with it every question and job.
#pragma once

#include <memory>
#include <optional>

#include "actors/graph/wiring.hpp"
#include "actors/lean_actor.hpp"
#include "engine/context.hpp"
#include "storage/node_database.hpp"

namespace zako {

class graph_node final : public lean_actor, private context {
public:
  /// `stored` is what the database holds of this node.
  graph_node(caf::actor_config& config, wiring_ptr graph, key_id id,
             std::optional<node_record> stored);
  ~graph_node() override;

private:
  struct activity;
  struct asker {
    caf::strong_actor_ptr who;
    std::uint32_t slot = 0;
    std::uint64_t revision = 0;
    bool want_value = true;
  };

  void receive(caf::message& what, const caf::strong_actor_ptr& sender,
               caf::execution_unit* host) override;

  // Messages.
  void on_ask(const question& asked, const caf::strong_actor_ptr& sender);
  void on_reply(reply& answer);
  void on_drop(const drop& message, const caf::strong_actor_ptr& sender);
  void on_report_waits(std::uint64_t round, const caf::strong_actor_ptr& sender);
  template <class Pool>
  void on_job_result(job_result<Pool>& done, const caf::strong_actor_ptr& sender);

  // The states' entries.
  void begin(std::uint64_t holds);
  void finish_clean();
  void ask_next_group();
  void confirm();
  void compute();
  void proceed();
  void finish(outcome what, bool computed);

  // context
  [[nodiscard]] const key& self() const override;
  [[nodiscard]] const std::optional<value>& previous() const override;
  void ask(pending_requests& pending) override;
  void start(pending_job& pending) override;

  void send_questions(bool want_values);
  void abandon(bool gentle);
  void submit(pending_job& pending);
  void cancel_jobs(const char* reason, bool gentle);
  void release_script(const char* reason);
  void remember(activity& a, const outcome& what, bool computed);
  void answer(const asker& a);
  template <class Message>
  void send(const caf::strong_actor_ptr& target, Message what) {
    send_to(target, std::move(what), host_);
  }
  template <class Handle, class Message>
  void send_typed(const Handle& target, Message what) {
    send_to(caf::actor_cast<caf::strong_actor_ptr>(target), std::move(what), host_);
  }

  wiring_ptr graph_;
  key_id id_;
  const kind* kind_ = nullptr;          // null when nobody registered this kind
  caf::execution_unit* host_ = nullptr; // while a message is handled
  std::uint32_t next_slot_ = 0;
  std::uint32_t next_ticket_ = 0;
  std::uint64_t lingering_ = 0; // ticket of a program that was given up and has not ended; 0: none
  std::uint64_t verified_at_ = 0;       // `outcome_` is right for this revision; 0: for none
  std::unique_ptr<node_record> record_; // the last trace
  std::unique_ptr<outcome> outcome_;
  digest output_;
  std::unique_ptr<activity> activity_;
};

} // namespace zako
