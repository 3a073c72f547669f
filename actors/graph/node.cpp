// The life of a graph node.
#include "actors/graph/node.hpp"

#include <algorithm>
#include <cassert>

#include "engine/trace.hpp"

namespace zako {

namespace {

enum class phase : std::uint8_t { checking, confirming, computing };

} // namespace

struct graph_node::activity {
  key self;
  std::uint64_t revision = 0;
  phase now = phase::checking;
  std::vector<asker> askers;
  std::optional<value> previous;

  // The questions under way: one group, asked by the check or by the computation.
  std::uint32_t first_slot = 0;
  std::vector<key_id> asked; // by slot - first_slot, as the two below
  std::vector<bool> answered;
  std::vector<digest> outputs;
  std::size_t missing = 0;
  pending_requests* requests = nullptr; // the computation's, null while checking

  // The job under way.
  pending_job* job = nullptr;
  std::uint64_t ticket = 0;
  bool job_running = false;
  bool ran_command = false;
  bool ran_script = false;
  std::uint64_t script_ticket = 0;     // not 0 while a script waits for `resume_job`
  caf::strong_actor_ptr script_worker; // who runs it

  trace stored;
  std::optional<trace_checker> checker;
  std::optional<trace_recorder> recorder;
  task<std::optional<value>> confirmation;
  task<outcome> computation;
  bool broken = false;   // found on a cycle: its trace is not whole
  bool given_up = false; // dropped gently: only a program that runs already may end
  bool deferred = false; // `job` waits for the end of a program that was given up
};

graph_node::graph_node(caf::actor_config& config, wiring_ptr graph, key_id id,
                       std::optional<node_record> stored)
    : lean_actor(config), graph_(std::move(graph)), id_(id) {
  auto name = key::from_text(std::string(graph_->names->text(id_)));
  kind_ = graph_->kinds->find(name.kind());
  if (stored && kind_ && stored->kind_version == kind_->version)
    record_ = std::make_unique<node_record>(std::move(*stored));
}

graph_node::~graph_node() = default;

void graph_node::receive(caf::message& what, const caf::strong_actor_ptr& sender,
                         caf::execution_unit* host) {
  host_ = host;
  if (what.match_elements<question>())
    on_ask(what.get_as<question>(0), sender);
  else if (what.match_elements<reply>())
    on_reply(what.get_mutable_as<reply>(0));
  else if (what.match_elements<job_result<io_pool>>())
    on_job_result(what.get_mutable_as<job_result<io_pool>>(0), sender);
  else if (what.match_elements<job_result<process_pool>>())
    on_job_result(what.get_mutable_as<job_result<process_pool>>(0), sender);
  else if (what.match_elements<job_result<script_pool>>())
    on_job_result(what.get_mutable_as<job_result<script_pool>>(0), sender);
  else if (what.match_elements<job_result<transpile_pool>>())
    on_job_result(what.get_mutable_as<job_result<transpile_pool>>(0), sender);
  else if (what.match_elements<drop>())
    on_drop(what.get_as<drop>(0), sender);
  else if (what.match_elements<break_cycle>()) {
    if (activity_) {
      abandon(false);
      activity_->broken = true;
      finish(tl::unexpected(what.get_as<break_cycle>(0).why), true);
    }
  } else if (what.match_elements<report_waits>())
    on_report_waits(what.get_as<report_waits>(0).round, sender);
  else
    assert(!"a node got a message that is not in its interface");
  host_ = nullptr;
}

// -- questions to this node
// -------------------------------------------------------------------------------------------

void graph_node::on_ask(const question& asked, const caf::strong_actor_ptr& sender) {
  asker a{sender, asked.slot, asked.revision, asked.want_value};
  if (!activity_ && verified_at_ >= a.revision)
    return answer(a);
  if (activity_) {
    activity_->askers.push_back(std::move(a));
    return;
  }
  activity_ = std::make_unique<activity>();
  activity_->revision = a.revision;
  activity_->askers.push_back(std::move(a));
  begin(asked.holds);
}

void graph_node::answer(const asker& a) {
  reply r{a.slot, output_, value{}};
  if (a.want_value)
    r.what = *outcome_;
  send(a.who, std::move(r));
}

void graph_node::on_drop(const drop& message, const caf::strong_actor_ptr& sender) {
  if (!activity_)
    return;
  auto& askers = activity_->askers;
  std::erase_if(askers, [&](auto& a) { return a.who == sender && a.slot == message.slot; });
  if (!askers.empty())
    return;
  if (message.gentle && activity_->job_running) {
    activity_->given_up = true;
    cancel_jobs("not started: the build is stopping", true);
    return;
  }
  abandon(message.gentle);
  activity_.reset();
}

void graph_node::on_report_waits(std::uint64_t round, const caf::strong_actor_ptr& sender) {
  waits mine{round, id_, {}, 0};
  if (activity_)
    for (std::size_t i = 0; i < activity_->asked.size(); ++i)
      if (!activity_->answered[i])
        mine.on.push_back(activity_->asked[i]);
  send(sender, std::move(mine));
}

// -- states
// -----------------------------------------------------------------------------------------------------------

/// `holds`: as in `question`; whoever found that out has told the hub.
void graph_node::begin(std::uint64_t holds) {
  auto& a = *activity_;
  a.self = key::from_text(std::string(graph_->names->text(id_)));
  if (!kind_)
    return finish(fail(errc::internal,
                       "no kind of node is called '" + std::string(a.self.kind()) + "'",
                       "add a row to the engine's kind table"),
                  true);
  if (record_ && !record_->failure)
    a.previous = outcome_ && outcome_->has_value()
                     ? **outcome_
                     : value::from_bytes(record_->value_bytes, record_->output);
  if (record_ && holds != 0 && record_->output.prefix() == holds)
    return finish_clean();
  if (kind_->counted)
    send_typed(graph_->hub, action_wanted{});
  if (!record_)
    return compute();
  std::size_t next = 0;
  for (auto size : record_->group_sizes) {
    trace_group group;
    for (std::uint32_t i = 0; i < size; ++i, ++next) {
      auto& d = record_->dependencies[next];
      group.push_back({key::from_text(std::string(graph_->names->text(d.key))), d.output_prefix});
    }
    a.stored.groups.push_back(std::move(group));
  }
  a.stored.input = record_->input;
  a.checker.emplace(a.self, kind_->version, a.stored);
  a.now = phase::checking;
  switch (a.checker->begin()) {
  case trace_checker::verdict::next:
    return ask_next_group();
  case trace_checker::verdict::same:
    return confirm();
  case trace_checker::verdict::changed:
    return compute();
  }
}

void graph_node::finish_clean() {
  auto finished = std::move(activity_);
  output_ = record_->output;
  outcome_ = std::make_unique<outcome>(record_->failure ? outcome(tl::unexpected(*record_->failure))
                                                        : outcome(*finished->previous));
  verified_at_ = finished->revision;
  for (auto& x : finished->askers)
    answer(x);
}

void graph_node::ask_next_group() {
  auto& a = *activity_;
  auto& group = a.checker->next_group();
  a.asked.clear();
  for (auto& d : group)
    a.asked.push_back(graph_->names->find_or_add(d.what.text()));
  send_questions(false);
}

void graph_node::send_questions(bool want_values) {
  auto& a = *activity_;
  auto count = static_cast<std::uint32_t>(a.asked.size());
  a.answered.assign(count, false);
  a.outputs.assign(count, digest{});
  a.missing = count;
  a.first_slot = next_slot_;
  next_slot_ += count; // an answer that was given up may still arrive: slots are not used again
  for (std::uint32_t i = 0; i < count; ++i)
    send(graph_->shard_of(a.asked[i]),
         question{a.asked[i], a.first_slot + i, a.revision, want_values});
}

void graph_node::confirm() {
  auto& a = *activity_;
  if (!kind_->confirm) {
    if (record_->failure)
      return finish(tl::unexpected(*record_->failure), false);
    return finish(*a.previous, false);
  }
  if (record_->failure) // there is no value to confirm
    return compute();
  a.now = phase::confirming;
  a.confirmation = kind_->confirm(*this, *a.previous);
  a.confirmation.start();
  proceed();
}

void graph_node::compute() {
  auto& a = *activity_;
  a.now = phase::computing;
  a.recorder.emplace(a.self, kind_->version);
  a.computation = kind_->compute(*this);
  a.computation.start();
  proceed();
}

/// After a coroutine ran: goes on when it is done.
void graph_node::proceed() {
  auto& a = *activity_;
  if (a.now == phase::confirming && a.confirmation.done()) {
    auto kept = a.confirmation.take();
    a.confirmation = {};
    if (!kept)
      return compute();
    assert(kept->output() == record_->output);
    finish(std::move(*kept), false);
  } else if (a.now == phase::computing && a.computation.done()) {
    auto what = a.computation.take();
    a.computation = {};
    finish(std::move(what), true);
  }
}

void graph_node::finish(outcome what, bool computed) {
  release_script("its asker has ended");
  auto finished = std::move(activity_);
  auto& a = *finished;
  output_ = output_digest(what);
  bool usable =
      what || (what.error().code != errc::cancelled && what.error().code != errc::worker_lost);
  remember(a, what, computed);
  if (kind_ && kind_->counted)
    send_typed(graph_->hub,
               action_outcome{a.ran_command, what ? std::nullopt : std::optional(what.error())});
  else
    send_typed(graph_->hub, node_outcome{computed, a.ran_script});
  outcome_ = std::make_unique<outcome>(std::move(what));
  verified_at_ = usable ? a.revision : 0;

  std::vector<asker> later;
  for (auto& x : a.askers)
    if (usable ? x.revision <= a.revision : !a.given_up)
      answer(x);
    else
      later.push_back(std::move(x));
  if (later.empty())
    return;
  activity_ = std::make_unique<activity>();
  for (auto& x : later)
    activity_->revision = std::max(activity_->revision, x.revision);
  activity_->askers = std::move(later);
  begin(0);
}

/// Keeps the trace of a computation, or the fresher value of a confirmation, and has it stored.
void graph_node::remember(activity& a, const outcome& what, bool computed) {
  if (!kind_ || a.broken)
    return;
  // A failure of a kind that looks at the world is never taken for granted later, so that the last
  // good trace stays: the world may come back to it.
  if (!what && (kind_->confirm || !what.error().deterministic()))
    return;
  if (!computed) {
    if (!what || what->bytes() == record_->value_bytes)
      return;
    record_->value_bytes = what->bytes();
  } else {
    auto found = a.recorder->finish();
    auto fresh = std::make_unique<node_record>();
    fresh->kind_version = kind_->version;
    fresh->input = found.input;
    fresh->output = output_;
    for (auto& group : found.groups) {
      fresh->group_sizes.push_back(static_cast<std::uint32_t>(group.size()));
      for (auto& d : group)
        fresh->dependencies.push_back({graph_->names->find_or_add(d.what.text()), d.prefix});
    }
    if (what)
      fresh->value_bytes = what->bytes();
    else
      fresh->failure = what.error();
    if (record_ && *record_ == *fresh)
      return;
    record_ = std::move(fresh);
  }
  if (graph_->store)
    send_typed(graph_->store, save_record{id_, *record_});
}

// -- answers to this node
// ---------------------------------------------------------------------------------------------

void graph_node::on_reply(reply& got) {
  if (!activity_)
    return;
  auto& a = *activity_;
  std::uint32_t i = got.slot - a.first_slot;
  if (i >= a.answered.size() || a.answered[i])
    return;
  a.answered[i] = true;
  a.outputs[i] = got.output;
  if (a.requests)
    a.requests->answers[i] = std::move(got.what);
  if (--a.missing > 0)
    return;
  if (a.now == phase::checking) {
    switch (a.checker->answered(a.outputs)) {
    case trace_checker::verdict::next:
      return ask_next_group();
    case trace_checker::verdict::same:
      a.asked.clear();
      return confirm();
    case trace_checker::verdict::changed:
      a.asked.clear();
      return compute();
    }
  }
  auto* requests = std::exchange(a.requests, nullptr);
  a.recorder->answered(requests->keys, a.outputs);
  a.asked.clear();
  a.answered.clear();
  requests->waiter.resume();
  proceed();
}

template <class Pool>
void graph_node::on_job_result(job_result<Pool>& done, const caf::strong_actor_ptr& sender) {
  if (std::is_same_v<Pool, process_pool> && lingering_ != 0 && done.ticket == lingering_) {
    lingering_ = 0;
    if (activity_ && activity_->deferred)
      submit(*activity_->job);
    return;
  }
  if (!activity_ || !activity_->job_running || activity_->ticket != done.ticket)
    return;
  auto& a = *activity_;
  a.job_running = false;
  if (a.given_up && a.askers.empty() && !std::is_same_v<Pool, process_pool>) {
    // Nothing new is started for nobody.
    abandon(true);
    activity_.reset();
    return;
  }
  auto* pending = std::exchange(a.job, nullptr);
  if constexpr (std::is_same_v<Pool, process_pool>)
    a.ran_command = done.what || done.what.error().code != errc::cancelled;
  if (!done.what) {
    a.script_ticket = 0;
    pending->answer = tl::unexpected(std::move(done.what.error()));
  } else if constexpr (std::is_same_v<Pool, io_pool>) {
    pending->answer = std::visit([](auto& x) { return job_answer{std::move(x)}; }, *done.what);
  } else {
    if constexpr (std::is_same_v<Pool, script_pool>) {
      a.script_ticket = done.what->query ? done.ticket : 0;
      a.script_worker = done.what->query ? sender : nullptr;
    }
    pending->answer = job_answer{std::move(*done.what)};
  }
  pending->waiter.resume();
  proceed();
}

// -- what the computation asks for
// ------------------------------------------------------------------------------------

const key& graph_node::self() const {
  return activity_->self;
}

const std::optional<value>& graph_node::previous() const {
  return activity_->previous;
}

void graph_node::ask(pending_requests& pending) {
  auto& a = *activity_;
  assert(a.now == phase::computing && "confirm must not request nodes");
  a.requests = &pending;
  a.asked.clear();
  for (auto& k : pending.keys)
    a.asked.push_back(graph_->names->find_or_add(k.text()));
  send_questions(true);
}

void graph_node::start(pending_job& pending) {
  auto& a = *activity_;
  a.job = &pending;
  // Two programs must not write the same outputs: the one that was given up has to end first.
  a.deferred = lingering_ != 0 && std::holds_alternative<command_job>(pending.what);
  if (!a.deferred)
    submit(pending);
}

void graph_node::submit(pending_job& pending) {
  auto& a = *activity_;
  a.deferred = false;
  a.job_running = true;
  auto hand_over = [&]<class Job>(Job& what) {
    if constexpr (std::is_same_v<Job, command_job>) {
      a.ticket = ++next_ticket_;
      send_typed(graph_->processes, job_request<process_pool>{a.ticket, std::move(what)});
    } else if constexpr (std::is_same_v<Job, transpile_job>) {
      a.ticket = ++next_ticket_;
      send_typed(graph_->transpilers, job_request<transpile_pool>{a.ticket, std::move(what)});
    } else if constexpr (std::is_same_v<Job, evaluate_job>) {
      a.ticket = ++next_ticket_;
      a.ran_script = true;
      send_typed(graph_->scripts, job_request<script_pool>{a.ticket, std::move(what)});
    } else if constexpr (std::is_same_v<Job, resume_job>) {
      assert(a.script_ticket != 0 && "no script waits for an answer");
      a.ticket = a.script_ticket;
      // The script keeps its ticket; its worker waits for exactly this message.
      if (a.script_worker)
        a.script_worker->enqueue(
            caf::strong_actor_ptr{ctrl()}, caf::make_message_id(),
            caf::make_message(caf::strong_actor_ptr{ctrl()},
                              job_request<script_pool>{a.script_ticket, std::move(what)}),
            host_);
    } else {
      a.ticket = ++next_ticket_;
      send_typed(graph_->io, job_request<io_pool>{a.ticket, std::move(what)});
    }
  };
  std::visit(hand_over, pending.what);
}

// -- giving up
// --------------------------------------------------------------------------------------------------------

void graph_node::cancel_jobs(const char* reason, bool gentle) {
  auto& a = *activity_;
  if (!a.job_running)
    return;
  job_cancel message{a.ticket, reason, gentle};
  send_typed(graph_->processes, message);
  send_typed(graph_->scripts, message);
}

/// A script that waits for an answer holds its worker: it must hear that none will come.
void graph_node::release_script(const char* reason) {
  auto& a = *activity_;
  if (a.script_ticket != 0)
    send_typed(graph_->scripts, job_cancel{std::exchange(a.script_ticket, 0), reason, false});
  a.script_worker = nullptr;
}

/// Takes back every question and job, and ends the computation.
void graph_node::abandon(bool gentle) {
  auto& a = *activity_;
  for (std::uint32_t i = 0; i < a.asked.size(); ++i)
    if (!a.answered[i])
      send(graph_->shard_of(a.asked[i]), drop{a.asked[i], a.first_slot + i, gentle});
  cancel_jobs("nobody waits for it any more", false);
  release_script("nobody waits for it any more");
  if (a.job_running && a.job && std::holds_alternative<command_job>(a.job->what))
    lingering_ = a.ticket;
  a.asked.clear();
  a.answered.clear();
  a.requests = nullptr;
  a.job_running = false;
  a.computation = {};
  a.confirmation = {};
}

} // namespace zako
