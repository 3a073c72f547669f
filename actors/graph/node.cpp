// Messages to calls of the node's core, and its wishes to messages.
#include "actors/graph/node.hpp"

#include <cassert>

namespace zako {

template <class Handle, class Message>
void node_port::send_typed(const Handle& target, Message what) {
  send(caf::actor_cast<caf::strong_actor_ptr>(target), std::move(what));
}

template <class Message>
void node_port::send(const caf::strong_actor_ptr& target, Message what) {
  self_.send_to(target, std::move(what), host_);
}

template <class F>
void node_port::with_pool(const job& what, F f) {
  if (std::holds_alternative<command_job>(what))
    f(graph_.processes);
  else if (std::holds_alternative<transpile_job>(what))
    f(graph_.transpilers);
  else if (std::holds_alternative<evaluate_job>(what) || std::holds_alternative<resume_job>(what))
    f(graph_.scripts);
  else
    f(graph_.io);
}

void node_port::ask(key_id target, const question_to_node& what) {
  send(graph_.shard_of(target), question{target, what.slot, what.revision, what.want_value,
                                         what.holds, what.depth, what.origin});
}

void node_port::drop(key_id target, std::uint32_t slot, bool gentle) {
  send(graph_.shard_of(target), zako::drop{target, slot, gentle});
}

void node_port::answer(const asker& who, std::uint32_t slot, const shared_outcome& what,
                       bool want_value) {
  send(who, reply{slot, what.output(), want_value || !what.good() ? what : shared_outcome{}});
}

void node_port::offer(std::uint32_t ticket, const job& what, const job_context& about) {
  with_pool(what, [&](auto& pool) { send_typed(pool, job_offer{ticket, about}); });
}

void node_port::start(std::uint32_t ticket, job&& what, const job_context& about) {
  std::visit(
      [&]<class Job>(Job& x) {
        if constexpr (std::is_same_v<Job, command_job>)
          send_typed(graph_.processes, job_request<process_pool>{ticket, about, std::move(x)});
        else if constexpr (std::is_same_v<Job, transpile_job>)
          send_typed(graph_.transpilers, job_request<transpile_pool>{ticket, about, std::move(x)});
        else if constexpr (std::is_same_v<Job, evaluate_job>)
          send_typed(graph_.scripts, job_request<script_pool>{ticket, about, std::move(x)});
        else if constexpr (!std::is_same_v<Job, resume_job>)
          send_typed(graph_.io, job_request<io_pool>{ticket, about, std::move(x)});
      },
      what);
}

void node_port::resume(const worker& who, std::uint32_t ticket, resume_job&& what) {
  if (who)
    who->enqueue(caf::strong_actor_ptr{self_.ctrl()}, caf::make_message_id(),
                 caf::make_message(caf::strong_actor_ptr{self_.ctrl()},
                                   job_request<script_pool>{ticket, {}, std::move(what)}),
                 host_);
}

void node_port::cancel(std::uint32_t ticket, const job& what, const char* reason, bool gentle) {
  with_pool(what, [&](auto& pool) { send_typed(pool, job_cancel{ticket, reason, gentle}); });
}

void node_port::release(std::uint32_t ticket, const char* reason) {
  send_typed(graph_.scripts, job_cancel{ticket, reason, false});
}

void node_port::save(key_id node, const node_record& record) {
  send_typed(graph_.store, save_record{node, record});
}

void node_port::wanted() {
  send_typed(graph_.hub, action_wanted{});
}

void node_port::done(bool computed, bool ran_script) {
  auto& total = computed ? graph_.totals->computed : graph_.totals->verified;
  total.fetch_add(1, std::memory_order_relaxed);
  if (ran_script)
    send_typed(graph_.hub, script_ran{});
}

void node_port::step_done(bool ran, const shared_outcome& what, const job_origin& origin) {
  send_typed(graph_.hub, action_outcome{ran, what.good() ? std::nullopt : std::optional(what.why()),
                                        origin.session});
}

graph_node::graph_node(caf::actor_config& config, wiring_ptr graph, key_id id,
                       std::optional<node_record> stored)
    : lean_actor(config), graph_(std::move(graph)), core_(id) {
  if (stored) {
    node_port out{*this, *graph_, nullptr};
    core_.recall(out, std::move(*stored));
  }
}

/// A node keeps those alive who wait for it, and they those above them: they end one after another,
/// and not each within the end of the one below.
graph_node::~graph_node() {
  static thread_local std::vector<caf::strong_actor_ptr>* ending = nullptr;
  std::vector<caf::strong_actor_ptr> mine;
  core_.let_go(
      [&](caf::strong_actor_ptr who) { (ending ? *ending : mine).push_back(std::move(who)); });
  if (ending || mine.empty())
    return;
  ending = &mine;
  while (!mine.empty()) {
    auto next = std::move(mine.back());
    mine.pop_back();
  }
  ending = nullptr;
}

void graph_node::receive(caf::mailbox_element_ptr& element, caf::execution_unit* host) {
  node_port out{*this, *graph_, host};
  auto& what = element->payload;
  auto& sender = element->sender;
  if (what.match_elements<question>()) {
    auto& x = what.get_as<question>(0);
    core_.on_question(out, sender, {x.slot, x.revision, x.want_value, x.holds, x.depth, x.origin});
  } else if (what.match_elements<reply>()) {
    auto& x = what.get_mutable_as<reply>(0);
    core_.on_reply(out, x.slot, x.output, std::move(x.what));
  } else if (what.match_elements<job_result<io_pool>>())
    on_job_result(out, what.get_mutable_as<job_result<io_pool>>(0), sender);
  else if (what.match_elements<job_result<process_pool>>())
    on_job_result(out, what.get_mutable_as<job_result<process_pool>>(0), sender);
  else if (what.match_elements<job_result<script_pool>>())
    on_job_result(out, what.get_mutable_as<job_result<script_pool>>(0), sender);
  else if (what.match_elements<job_result<transpile_pool>>())
    on_job_result(out, what.get_mutable_as<job_result<transpile_pool>>(0), sender);
  else if (what.match_elements<job_credit>())
    core_.on_credit(out, static_cast<std::uint32_t>(what.get_as<job_credit>(0).ticket));
  else if (what.match_elements<drop>()) {
    auto& x = what.get_as<drop>(0);
    core_.on_drop(out, sender, x.slot, x.gentle);
  } else if (what.match_elements<break_cycle>())
    core_.on_cycle(out, what.get_as<break_cycle>(0).why);
  else if (what.match_elements<report_waits>())
    on_report_waits(out, what.get_as<report_waits>(0), sender);
  else if (what.match_elements<collect_nodes>())
    out.send(sender,
             sleep_answer{core_.id(), what.get_as<collect_nodes>(0).round, core_.may_sleep(out)});
  else
    assert(!"a node got a message that is not in its interface");
}

void graph_node::on_report_waits(node_port& out, const report_waits& what,
                                 const caf::strong_actor_ptr& sender) {
  waits mine{what.round, core_.id(), {}, 0};
  core_.for_each_wait([&](key_id x) { mine.on.push_back(x); });
  out.send(sender, std::move(mine));
}

template <class Pool>
void graph_node::on_job_result(node_port& out, job_result<Pool>& done,
                               const caf::strong_actor_ptr& sender) {
  result<job_answer> answer = job_answer{};
  bool waiting = false;
  if (!done.what) {
    answer = tl::unexpected(std::move(done.what.error()));
  } else if constexpr (std::is_same_v<Pool, io_pool>) {
    answer = std::visit([](auto& x) { return job_answer{std::move(x)}; }, *done.what);
  } else {
    if constexpr (std::is_same_v<Pool, script_pool>)
      waiting = done.what->query.has_value();
    answer = job_answer{std::move(*done.what)};
  }
  core_.on_job_result(out, static_cast<std::uint32_t>(done.ticket),
                      std::is_same_v<Pool, process_pool>, std::move(answer), sender, waiting);
}

} // namespace zako
