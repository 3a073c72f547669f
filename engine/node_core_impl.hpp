// The functions of node_core.hpp.
#pragma once

#include "engine/node_core.hpp"

namespace zako {

/// Everything that a node needs while it works.
template <class Port>
struct node_core<Port>::activity final : context {
  node_core* core = nullptr;
  Port* port = nullptr; // while the coroutine runs
  key name;
  const kind* row = nullptr; // null when nobody registered this kind
  std::uint64_t revision = 0;
  std::uint32_t depth = 0;
  job_origin origin; // the first asker's
  phase now = phase::checking;
  std::vector<open_question> askers;
  std::optional<value> before;

  // The questions under way: one group, asked by the check or by the computation.
  std::uint32_t first_slot = 0;
  std::vector<key_id> asked; // by slot - first_slot, as the next two
  std::vector<bool> answered;
  std::vector<digest> outputs;
  std::size_t sent = 0; // of `asked`
  std::size_t missing = 0;
  bool want_values = false;
  pending_requests* requests = nullptr; // the computation's, null while checking

  // The job under way. What was started has left its place in `job`, but for its type.
  pending_job* job = nullptr;
  std::uint32_t ticket = 0;
  std::uint32_t cancelled = 0; // the last ticket that was cancelled gently
  bool job_running = false;
  bool deferred = false; // `job` waits for the end of a program that was given up
  bool ran_command = false;
  bool ran_script = false;
  std::uint32_t script_ticket = 0; // not 0 while a script waits to be resumed
  worker script_worker{};          // by whom

  std::optional<trace_checker> checker;
  std::optional<trace_recorder> recorder;
  task<std::optional<value>> confirmation;
  task<outcome> computation;
  bool broken = false;   // found on a cycle: its trace is not whole
  bool given_up = false; // dropped gently: only a program that runs already may end

  [[nodiscard]] const key& self() const override { return name; }
  [[nodiscard]] const std::optional<value>& previous() const override { return before; }

protected:
  void ask(pending_requests& pending) override {
    assert(now == phase::computing && "confirm must not request nodes");
    requests = &pending;
    asked.clear();
    asked.reserve(pending.keys.size());
    for (auto& k : pending.keys)
      asked.push_back(port->id_of(k.text()));
    core->send_questions(*port, pending.want_values);
  }
  void start(pending_job& pending) override {
    job = &pending;
    // Two programs must not write the same outputs: the one that was given up has to end first.
    deferred = core->lingering() != 0 && std::holds_alternative<command_job>(pending.what);
    if (!deferred)
      core->submit(*port, pending);
  }
};

template <class Port>
node_core<Port>::~node_core() = default;

template <class Port>
void node_core<Port>::recall(Port& port, node_record stored) {
  auto* row = port.find_kind(key::from_text(std::string(port.text(id_))).kind());
  if (!row || stored.kind_version != row->version)
    return;
  trace_ = trace(stored, true);
  if (stored.failure)
    kept_ = fail(std::move(*stored.failure));
  else
    kept_ = value::from_bytes(stored.value_bytes, stored.output);
}

template <class Port>
node_state node_core<Port>::state_at(std::uint64_t revision) const {
  if (activity_)
    return node_state::computing;
  if (!current())
    return node_state::unreachable;
  if (verified_at_ < revision)
    return node_state::dirty;
  return current().good() ? node_state::verified : node_state::failed;
}

template <class Port>
typename node_core<Port>::rarity& node_core<Port>::rare() {
  if (!rare_)
    rare_ = std::make_unique<rarity>();
  return *rare_;
}

template <class Port>
void node_core<Port>::forget_latest() {
  if (!rare_)
    return;
  if (rare_->latest)
    verified_at_ = 0; // it was not `kept_` that was right then
  rare_->latest = {};
  if (rare_->lingering == 0)
    rare_.reset();
}

// -- questions to this node
// -------------------------------------------------------------------------------------------

template <class Port>
void node_core<Port>::on_question(Port& port, const asker& who, const question_to_node& asked) {
  switch (state_at(asked.revision)) {
  case node_state::verified:
  case node_state::failed:
    return port.answer(who, asked.slot, current(), asked.want_value);
  case node_state::computing:
    activity_->askers.push_back({who, asked.slot, asked.want_value, asked.revision});
    return;
  case node_state::unreachable:
  case node_state::dirty:
    activity_ = std::make_unique<activity>();
    activity_->revision = asked.revision;
    activity_->depth = asked.depth;
    activity_->origin = asked.origin;
    activity_->askers.push_back({who, asked.slot, asked.want_value, asked.revision});
    return begin(port, asked.holds);
  }
}

template <class Port>
void node_core<Port>::on_drop(Port& port, const asker& who, std::uint32_t slot, bool gentle) {
  if (!activity_)
    return;
  auto& askers = activity_->askers;
  std::erase_if(askers, [&](auto& a) { return a.slot == slot && a.who == who; });
  if (!askers.empty())
    return;
  if (gentle && activity_->job_running) {
    activity_->given_up = true;
    activity_->cancelled = activity_->ticket;
    return cancel_job(port, "not started: the build is stopping", true);
  }
  abandon(port, gentle);
  activity_.reset();
}

template <class Port>
void node_core<Port>::on_cycle(Port& port, const error& why) {
  if (!activity_)
    return;
  abandon(port, false);
  activity_->broken = true;
  finish(port, shared_outcome(fail(why)), true);
}

template <class Port>
template <class F>
void node_core<Port>::for_each_wait(F&& f) const {
  if (activity_)
    for (std::size_t i = 0; i < activity_->asked.size(); ++i)
      if (!activity_->answered[i])
        f(activity_->asked[i]);
}

template <class Port>
template <class F>
void node_core<Port>::let_go(F&& f) {
  if (activity_)
    for (auto& x : std::exchange(activity_->askers, {}))
      f(std::move(x.who));
}

template <class Port>
bool node_core<Port>::may_sleep(Port& port) {
  if (activity_ || lingering() != 0)
    return false;
  if (!port.stores())
    return !current();
  bool stored = unsaved_ == 0;
  unsaved_ = 0;
  return stored;
}

// -- the way to an outcome
// -------------------------------------------------------------------------------------------

template <class Port>
void node_core<Port>::begin(Port& port, std::uint64_t holds) {
  auto& a = *activity_;
  port.began();
  forget_latest();
  a.core = this;
  a.name = key::from_text(std::string(port.text(id_)));
  a.row = port.find_kind(a.name.kind());
  if (!a.row)
    return finish(
        port,
        shared_outcome(fail(errc::internal,
                            "no kind of node is called '" + std::string(a.name.kind()) + "'",
                            "add a row to the engine's kind table")),
        true);
  if (kept_ && kept_.good())
    a.before = *kept_.get();
  if (trace_ && holds != 0 && kept_.output().prefix() == holds) {
    auto finished = std::move(activity_);
    verified_at_ = finished->revision;
    for (auto& x : finished->askers)
      port.answer(x.who, x.slot, kept_, x.want_value);
    return;
  }
  if (a.row->counted)
    port.wanted();
  if (!trace_)
    return compute(port);
  a.checker.emplace(a.name.kind(), a.row->version, a.name.text(), trace_);
  a.now = phase::checking;
  go_on(port, a.checker->begin());
}

template <class Port>
void node_core<Port>::go_on(Port& port, trace_checker::verdict verdict) {
  auto& a = *activity_;
  a.asked.clear();
  switch (verdict) {
  case trace_checker::verdict::next:
    a.asked.assign(a.checker->next_group().begin(), a.checker->next_group().end());
    return send_questions(port, false);
  case trace_checker::verdict::same:
    return confirm(port);
  case trace_checker::verdict::changed:
    return compute(port);
  }
}

template <class Port>
void node_core<Port>::send_questions(Port& port, bool want_values) {
  auto& a = *activity_;
  auto count = a.asked.size();
  a.answered.assign(count, false);
  a.outputs.resize(count);
  a.missing = count;
  a.sent = 0;
  a.want_values = want_values;
  a.first_slot = next_number_;
  next_number_ += static_cast<std::uint32_t>(count);
  send_more(port);
}

/// As many questions as may be under way.
template <class Port>
void node_core<Port>::send_more(Port& port) {
  auto& a = *activity_;
  auto answered = a.asked.size() - a.missing;
  for (auto end = std::min(a.asked.size(), answered + max_open_questions); a.sent < end; ++a.sent)
    port.ask(a.asked[a.sent], {a.first_slot + static_cast<std::uint32_t>(a.sent), a.revision,
                               a.want_values, 0, a.depth + 1, a.origin});
}

template <class Port>
void node_core<Port>::on_reply(Port& port, std::uint32_t slot, const digest& output,
                               shared_outcome what) {
  if (!activity_)
    return;
  auto& a = *activity_;
  std::size_t i = slot - a.first_slot;
  if (i >= a.asked.size() || a.answered[i])
    return;
  a.answered[i] = true;
  a.outputs[i] = output;
  if (a.requests)
    a.requests->answers[i] = std::move(what);
  if (--a.missing > 0)
    return send_more(port);
  if (a.now == phase::checking)
    return go_on(port, a.checker->answered(a.outputs));
  auto* requests = std::exchange(a.requests, nullptr);
  a.recorder->answered(a.asked, a.outputs);
  a.asked.clear();
  resume(port, requests->waiter);
}

template <class Port>
void node_core<Port>::confirm(Port& port) {
  auto& a = *activity_;
  if (!a.row->confirm)
    return finish(port, kept_, false);
  if (!kept_.good()) // there is no value to confirm
    return compute(port);
  a.now = phase::confirming;
  a.confirmation = a.row->confirm(a, *a.before);
  a.port = &port;
  a.confirmation.start();
  proceed(port);
}

template <class Port>
void node_core<Port>::compute(Port& port) {
  auto& a = *activity_;
  a.now = phase::computing;
  a.recorder.emplace(a.name.kind(), a.row->version, a.name.text());
  a.computation = a.row->compute(a);
  a.port = &port;
  a.computation.start();
  proceed(port);
}

template <class Port>
void node_core<Port>::resume(Port& port, std::coroutine_handle<> waiter) {
  activity_->port = &port;
  waiter.resume();
  proceed(port);
}

/// After a coroutine ran: goes on when it is done.
template <class Port>
void node_core<Port>::proceed(Port& port) {
  auto& a = *activity_;
  a.port = nullptr;
  if (a.now == phase::confirming && a.confirmation.done()) {
    auto fresh = a.confirmation.take();
    a.confirmation = {};
    if (!fresh)
      return compute(port);
    assert(fresh->output() == kept_.output());
    finish(port, shared_outcome(std::move(*fresh)), false);
  } else if (a.now == phase::computing && a.computation.done()) {
    shared_outcome what{a.computation.take()};
    a.computation = {};
    finish(port, std::move(what), true);
  }
}

template <class Port>
void node_core<Port>::finish(Port& port, shared_outcome what, bool computed) {
  release_script(port, "its asker has ended");
  auto finished = std::move(activity_);
  auto& a = *finished;
  bool usable =
      what.good() || (what.why().code != errc::cancelled && what.why().code != errc::worker_lost);
  remember(port, a, what, computed);
  if (a.row && a.row->counted)
    port.step_done(a.ran_command, what, a.origin);
  else
    port.done(computed, a.ran_script);
  if (!usable)
    forget_latest();
  verified_at_ = usable ? a.revision : 0;

  std::vector<open_question> later;
  for (auto& x : a.askers)
    if (usable ? x.revision <= a.revision : !a.given_up)
      port.answer(x.who, x.slot, what, x.want_value);
    else
      later.push_back(std::move(x));
  if (later.empty())
    return;
  auto depth = a.depth;
  auto origin = a.origin;
  finished.reset();
  activity_ = std::make_unique<activity>();
  activity_->depth = depth;
  activity_->origin = origin;
  for (auto& x : later)
    activity_->revision = std::max(activity_->revision, x.revision);
  activity_->askers = std::move(later);
  begin(port, 0);
}

/// Keeps the trace of a computation, or the fresher value of a confirmation, and has it stored.
template <class Port>
void node_core<Port>::remember(Port& port, activity& a, const shared_outcome& what, bool computed) {
  // What a kind does not store has no trace, and is right at this revision only.
  // A failure of a kind that looks at the world is never taken for granted later, so that the last
  // good trace stays: the world may come back to it.
  if (!a.row || !a.row->stored || a.broken ||
      (!what.good() && (a.row->confirm || !what.why().deterministic()))) {
    rare().latest = what;
    return;
  }
  std::string_view bytes;
  value now;
  if (what.good()) {
    now = *what.get();
    bytes = now.bytes();
  }
  bool same_value =
      kept_ && kept_.output() == what.output() && (!what.good() || kept_.get()->bytes() == bytes);
  if (!computed && same_value)
    return;
  node_record fresh;
  if (computed) {
    a.recorder->finish(fresh);
    trace found(fresh, port.stores());
    if (same_value && trace_ && trace_ == found)
      return;
    trace_ = std::move(found);
  }
  kept_ = what;
  if (!port.stores())
    return;
  if (!computed)
    trace_.to(fresh);
  fresh.kind_version = a.row->version;
  fresh.output = what.output();
  if (what.good())
    fresh.value_bytes = bytes;
  else
    fresh.failure = what.why();
  unsaved_ = 1;
  port.save(id_, fresh);
}

// -- jobs
// -------------------------------------------------------------------------------------------

template <class Port>
void node_core<Port>::submit(Port& port, pending_job& pending) {
  auto& a = *activity_;
  a.deferred = false;
  a.job_running = true;
  if (auto* resumed = std::get_if<resume_job>(&pending.what)) {
    assert(a.script_ticket != 0 && "no script waits for an answer");
    a.ticket = a.script_ticket; // the script keeps its ticket
    return port.resume(a.script_worker, a.ticket, std::move(*resumed));
  }
  if (next_number_ == 0)
    ++next_number_; // 0 is no ticket
  a.ticket = next_number_++;
  if (std::holds_alternative<evaluate_job>(pending.what))
    a.ran_script = true;
  port.offer(a.ticket, pending.what, job_about());
}

/// A node has one job at a time: its ticket tells it from the others.
template <class Port>
job_context node_core<Port>::job_about() const {
  return {activity_->origin, std::uint64_t{id_.number()} << 32 | activity_->ticket};
}

template <class Port>
void node_core<Port>::on_credit(Port& port, std::uint32_t ticket) {
  // One that was cancelled meanwhile is not sent: the cancel is answered.
  if (activity_ && activity_->job_running && activity_->ticket == ticket &&
      activity_->cancelled != ticket)
    port.start(ticket, std::move(activity_->job->what), job_about());
}

template <class Port>
void node_core<Port>::on_job_result(Port& port, std::uint32_t ticket, bool program,
                                    result<job_answer> answer, const worker& by, bool waiting) {
  if (program && lingering() != 0 && ticket == lingering()) {
    rare_->lingering = 0;
    if (activity_ && activity_->deferred)
      submit(port, *activity_->job);
    return;
  }
  if (!activity_ || !activity_->job_running || activity_->ticket != ticket)
    return;
  auto& a = *activity_;
  a.job_running = false;
  bool taken_back = ticket == a.cancelled && !answer && answer.error().code == errc::cancelled;
  if (taken_back || (a.given_up && a.askers.empty() && !program)) {
    // Nothing new is started for nobody. Who asked since then gets a fresh start: the computation
    // would take the end of its job for an answer of the world.
    abandon(port, true);
    auto given_up = std::move(activity_);
    for (auto& x : given_up->askers)
      on_question(port, x.who,
                  {x.slot, x.revision, x.want_value, 0, given_up->depth, given_up->origin});
    return;
  }
  auto* pending = std::exchange(a.job, nullptr);
  if (program)
    a.ran_command = answer || answer.error().code != errc::cancelled;
  if (waiting || a.script_ticket == ticket) {
    a.script_ticket = waiting ? ticket : 0;
    a.script_worker = waiting ? by : worker{};
  }
  pending->answer = std::move(answer);
  resume(port, pending->waiter);
}

// -- giving up
// -------------------------------------------------------------------------------------------

template <class Port>
void node_core<Port>::cancel_job(Port& port, const char* reason, bool gentle) {
  if (activity_->job_running)
    port.cancel(activity_->ticket, activity_->job->what, reason, gentle);
}

/// A script that waits for an answer holds its worker: it must hear that none will come.
template <class Port>
void node_core<Port>::release_script(Port& port, const char* reason) {
  auto& a = *activity_;
  if (a.script_ticket != 0)
    port.release(std::exchange(a.script_ticket, 0), reason);
  a.script_worker = {};
}

/// Takes back every question and job, and ends the computation.
template <class Port>
void node_core<Port>::abandon(Port& port, bool gentle) {
  auto& a = *activity_;
  for (std::size_t i = 0; i < std::min(a.sent, a.asked.size()); ++i)
    if (!a.answered[i])
      port.drop(a.asked[i], a.first_slot + static_cast<std::uint32_t>(i), gentle);
  constexpr auto* reason = "nobody waits for it any more";
  cancel_job(port, reason, false);
  release_script(port, reason);
  if (a.job_running && a.job && std::holds_alternative<command_job>(a.job->what))
    rare().lingering = a.ticket;
  a.asked.clear();
  a.requests = nullptr;
  a.job_running = false;
  a.computation = {};
  a.confirmation = {};
}

} // namespace zako
