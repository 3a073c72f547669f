// The worker pool: one bounded queue, elastic workers, any behaviour.
//
// A pool is an actor that owns a queue of jobs and a set of worker actors. A *behaviour* `B` says
// what its workers do:
//
//   struct B {
//     using pool = …;         // names the messages: pool::name, pool::input, pool::output
//     struct context { … };   // what its workers are made from; thread-safe parts only
//     result<void> init(const context&);                  // on the worker, before its first job
//     result<pool::output> process(pool::input&&, const job_control&);          // one job
//     std::size_t gc(gc_level);                           // between jobs; gives the bytes freed
//     static constexpr unsigned retries = 0;              // optional: of a job that was lost
//   };
//
// `spawn_pool<B>` (workers/cooperative_worker.hpp) runs it on CAF's scheduler threads. Behaviours
// that block on a thread of their own (V8) or wait for the outside (processes) come as worker
// actors that speak the same messages.
//
// The way of a job. A client offers it, gets credit, sends it; the queue has room for twice as many
// jobs as there may be workers, counting those for which credit was given. So a client keeps its
// jobs, and a pool with a million in line holds a million names. The line, and the queue, are fair
// lines (engine/fair_line.hpp). Credit that is not used for a second is given to the next in line;
// a job that comes so late is taken all the same.
//
// Workers. One is started when a job finds none idle, never more than `max_workers`; one that has
// been idle for `idle_timeout` ends while there are more than `min_workers`. A worker that is lost
// loses its own job at most: that fails with errc::worker_lost and the reason, or is done again as
// often as the behaviour's `retries` say, and never when it was cancelled. Replacements follow
// restart_policy (engine/restart_policy.hpp); when that gives up and no worker is left, everything
// that waits fails with the last reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/tell.hpp"
#include "actors/workers/job_stop.hpp"
#include "actors/workers/pool_metrics.hpp"
#include "engine/fair_line.hpp"
#include "engine/restart_policy.hpp"

namespace zako {

struct pool_limits {
  std::size_t max_workers = 1; // >= 1
  std::size_t min_workers = 0; // started with the pool, and kept
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds{30};
  restart_limits restarts = {};
};

/// The pool. It terminates on `pool_close`, after its workers. `retries`: how often a job is given
/// to another worker when its worker was lost.
template <class Pool>
class pool_actor : public pool_handle<Pool>::base {
public:
  using super = typename pool_handle<Pool>::base;
  /// Starts a worker; what it throws counts as the loss of that worker. A worker that cannot read
  /// messages while it works hears from its job_stop.
  using spawner =
      std::function<worker_handle<Pool>(pool_handle<Pool>, const std::shared_ptr<job_stop>&)>;

  pool_actor(caf::actor_config& config, pool_limits limits, spawner spawn_worker,
             unsigned retries = 0)
      : super(config), limits_(limits), retries_(retries), spawn_worker_(std::move(spawn_worker)),
        metrics_(this->system(), Pool::name), policy_(limits.restarts) {
    this->set_down_handler([this](caf::down_msg& down) { worker_ended(down); });
    this->set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      if (what.match_elements<pool_tick>())
        on_tick();
      return caf::skippable_result{caf::message{}};
    });
  }

  void on_exit() override {
    spawn_worker_ = nullptr;
    metrics_.queued->dec(static_cast<std::int64_t>(queued_));
    metrics_.in_line->dec(static_cast<std::int64_t>(in_line_));
    metrics_.idle->dec(static_cast<std::int64_t>(idle_.size()));
    metrics_.busy->dec(static_cast<std::int64_t>(busy_));
    workers_.clear();
    idle_.clear();
    index_.clear();
    jobs_.clear();
    collections_.clear();
  }

protected:
  typename pool_handle<Pool>::behavior_type make_behavior() override {
    keep_minimum();
    return {
        [this](const job_offer& offer) { on_offer(this->current_sender(), offer); },
        [this](job_request<Pool>& job) { on_request(this->current_sender(), job); },
        [this](const job_cancel& why) { on_cancel(this->current_sender(), why); },
        [this](worker_ready) { on_ready(this->current_sender()); },
        [this](worker_failed& how) {
          if (auto* worker = find_worker(this->current_sender()))
            worker->failure = std::move(how.why);
        },
        [this](const garbage_freed& done) {
          metrics_.freed->inc(static_cast<std::int64_t>(done.bytes));
          on_freed(this->current_sender()->address(), done);
        },
        [this](const collect_garbage& how) { return collect(how.level); },
        [this](ask_pool) { return describe(); },
        [this](const pool_close& how) {
          draining_ = true;
          if (!how.drain)
            refuse_waiting(errc::cancelled, "not started: the engine is closing");
          end_when_drained(!how.drain);
        },
    };
  }

private:
  using job_id = std::uint32_t; // a place in jobs_

  enum class place : std::uint8_t {
    nowhere,  // answered by the pool; a line still names it
    in_line,  // offered
    credited, // its client may send it
    lapsed,   // the same, but nothing is kept free for it any more
    queued,   // sent
    running,  // a worker has it
  };

  struct job {
    caf::strong_actor_ptr client;
    std::uint64_t ticket = 0;
    job_context about;
    place where = place::nowhere;
    unsigned tries = 0;
    std::int64_t since = 0;                     // it was offered, or came without an offer
    std::unique_ptr<typename Pool::input> what; // while queued; while running, if it may be retried
    std::uint64_t credit = 0;                   // the number of its credit
    std::optional<std::string> cancelled;       // the reason, while running
    bool unwanted = false;                      // cancelled gently while running: not again
  };

  enum class stage : std::uint8_t {
    starting, // has not said yet that it is ready
    idle,
    busy,
    retiring, // was told to end; it may have a job yet
  };

  struct worker {
    worker_handle<Pool> handle;
    std::shared_ptr<job_stop> stop;
    stage now = stage::starting;
    std::optional<job_id> job;
    std::uint64_t serial = 0; // of the job
    std::int64_t since = 0;   // has its job, or is idle
    std::optional<error> failure;
  };

  /// One `collect_garbage`, until the workers that it waits for have answered.
  struct collection {
    caf::typed_response_promise<garbage_freed> client;
    std::vector<caf::actor_addr> missing;
    std::uint64_t bytes = 0;
  };

  struct job_name {
    caf::actor_control_block* client;
    std::uint64_t ticket;
    bool operator==(const job_name&) const = default;
  };
  struct name_hash {
    std::size_t operator()(const job_name& x) const {
      return std::hash<const void*>{}(x.client) ^ (x.ticket * 0x9e3779b97f4a7c15u);
    }
  };

  [[nodiscard]] std::int64_t now() { return this->clock().now().time_since_epoch().count(); }
  [[nodiscard]] std::size_t capacity() const { return 2 * limits_.max_workers; }
  [[nodiscard]] bool has_room() const { return queued_ + credits_ < capacity(); }

  // -- jobs
  // -----------------------------------------------------------------------------------------------

  void on_offer(const caf::strong_actor_ptr& client, const job_offer& offer) {
    if (auto* why = refuses())
      return refuse(client, offer.ticket, offer.about, *why);
    auto id = add(client, offer.ticket, offer.about);
    if (!id)
      return;
    if (in_line_ == 0 && has_room())
      return give_credit(*id);
    jobs_[*id].where = place::in_line;
    line_.push(offer.about.origin, *id);
    ++in_line_;
    metrics_.in_line->inc();
  }

  void on_request(const caf::strong_actor_ptr& client, job_request<Pool>& request) {
    auto known = index_.find({client.get(), request.ticket});
    if (known != index_.end() && may_send(jobs_[known->second].where)) {
      auto id = known->second;
      if (auto* why = refuses(); why && ended_or_lost()) {
        withdraw(id, why->code, why->message);
        return end_or_go_on();
      }
      --(jobs_[id].where == place::credited ? credits_ : lapsed_);
      return put_in_queue(id, std::move(request.what));
    }
    if (auto* why = refuses())
      return refuse(client, request.ticket, request.about, *why);
    if (known == index_.end() && (in_line_ > 0 || !has_room()))
      return refuse(client, request.ticket, request.about,
                    fail(errc::limit,
                         "the queue of the pool '" + std::string(Pool::name) + "' is full",
                         "offer the job first (job_offer), and send it when there is credit")
                        .value());
    if (auto id = add(client, request.ticket, request.about))
      put_in_queue(*id, std::move(request.what));
  }

  [[nodiscard]] static bool may_send(place where) {
    return where == place::credited || where == place::lapsed;
  }

  /// Nothing when the client has another job of this ticket under way.
  std::optional<job_id> add(const caf::strong_actor_ptr& client, std::uint64_t ticket,
                            const job_context& about) {
    auto id = free_.empty() ? static_cast<job_id>(jobs_.size()) : free_.back();
    if (!index_.try_emplace({client.get(), ticket}, id).second) {
      refuse(client, ticket, about,
             fail(errc::invalid_argument,
                  "a job was submitted twice: ticket " + std::to_string(ticket) + " is under way",
                  "give each job a ticket of its own")
                 .value());
      return std::nullopt;
    }
    if (free_.empty())
      jobs_.emplace_back();
    else
      free_.pop_back();
    auto& x = jobs_[id];
    x.client = client;
    x.ticket = ticket;
    x.about = about;
    x.since = now();
    return id;
  }

  void give_credit(job_id id) {
    auto& x = jobs_[id];
    x.where = place::credited;
    x.credit = ++last_credit_;
    ++credits_;
    credited_.push_back({id, x.credit, now()});
    tell(this, x.client, job_credit{x.ticket});
    arm(credit_patience);
  }

  void put_in_queue(job_id id, typename Pool::input what) {
    auto& x = jobs_[id];
    x.what = std::make_unique<typename Pool::input>(std::move(what));
    x.where = place::queued;
    queue_.push(x.about.origin, id);
    ++queued_;
    metrics_.queued->inc();
    dispatch();
  }

  void dispatch() {
    while (queued_ > 0) {
      auto* chosen = idle_worker();
      if (!chosen)
        break;
      auto id = queue_.pop();
      if (jobs_[id].where == place::nowhere)
        free_.push_back(id);
      else
        assign(*chosen, id);
    }
    while (in_line_ > 0 && has_room()) {
      auto id = line_.pop();
      if (jobs_[id].where == place::nowhere) {
        free_.push_back(id);
        continue;
      }
      --in_line_;
      metrics_.in_line->dec();
      give_credit(id);
    }
  }

  void assign(worker& chosen, job_id id) {
    auto& x = jobs_[id];
    --queued_;
    ++busy_;
    idle_.pop_back();
    chosen.now = stage::busy;
    metrics_.queued->dec();
    metrics_.busy->inc();
    metrics_.idle->dec();
    auto time = now();
    metrics_.wait->observe(static_cast<double>(time - x.since) * 1e-9);
    x.where = place::running;
    chosen.job = id;
    chosen.serial = ++serial_;
    chosen.since = time;
    job_request<Pool> request{x.ticket, x.about, {}, chosen.serial};
    if (x.tries < retries_) {
      request.what = *x.what;
    } else {
      request.what = std::move(*x.what);
      x.what.reset();
    }
    this->send(chosen.handle, x.client, std::move(request));
  }

  void on_cancel(const caf::strong_actor_ptr& client, const job_cancel& why) {
    auto known = index_.find({client.get(), why.ticket});
    if (known == index_.end())
      return; // it was answered
    auto id = known->second;
    auto& x = jobs_[id];
    if (x.where != place::running) {
      withdraw(id, errc::cancelled, why.reason);
      return end_or_go_on();
    }
    if (why.gentle)
      x.unwanted = true;
    else
      x.cancelled = why.reason;
    for (auto& [address, worker] : workers_)
      if (worker.job == id) {
        if (!why.gentle)
          worker.stop->cancel(worker.serial, why.reason);
        this->send(worker.handle, why);
      }
  }

  /// Answers a job that is not running.
  void withdraw(job_id id, errc code, const std::string& why) {
    auto& x = jobs_[id];
    switch (x.where) {
    case place::in_line:
      --in_line_;
      metrics_.in_line->dec();
      break;
    case place::credited:
      --credits_;
      break;
    case place::lapsed:
      --lapsed_;
      break;
    case place::queued:
      --queued_;
      metrics_.queued->dec();
      break;
    default:
      return;
    }
    bool named = !may_send(x.where); // a line still names it
    refuse(x.client, x.ticket, x.about, fail(code, why).value());
    forget(id);
    if (!named)
      free_.push_back(id);
  }

  /// The job is answered. Its place is free when no line names it any more.
  void forget(job_id id) {
    auto& x = jobs_[id];
    index_.erase({x.client.get(), x.ticket});
    x = job{};
  }

  void refuse(const caf::strong_actor_ptr& client, std::uint64_t ticket, const job_context& about,
              error why) {
    ++refused_;
    metrics_.refused->inc();
    tell(this, client, job_result<Pool>{ticket, about, fail(std::move(why))});
  }

  /// Not even the jobs that were offered before are done.
  [[nodiscard]] bool ended_or_lost() const { return ended_workers_ || !draining_; }

  /// Why no job is taken now; null when jobs are.
  const error* refuses() {
    if (draining_) {
      if (!closing_error_)
        closing_error_ = fail(errc::cancelled, "not started: the engine is closing").value();
      return &*closing_error_;
    }
    return workers_.empty() && policy_.given_up(now()) ? &lost_ : nullptr;
  }

  /// Answers all jobs that have not begun. Those with credit may be on their way: they are answered
  /// when they come.
  void refuse_waiting(errc code, const std::string& why) {
    for (job_id id = 0; id < jobs_.size(); ++id)
      if (auto where = jobs_[id].where; where == place::in_line || where == place::queued)
        withdraw(id, code, why);
  }

  // -- workers
  // --------------------------------------------------------------------------------------------

  worker* find_worker(const caf::strong_actor_ptr& who) {
    auto i = workers_.find(who->address());
    return i == workers_.end() ? nullptr : &i->second;
  }

  /// The latest of the idle workers. When there is none, one is started if it may be, and says when
  /// it is ready.
  worker* idle_worker() {
    if (!idle_.empty())
      return &workers_.at(idle_.back());
    while (starting_ < queued_ && workers_.size() < limits_.max_workers) {
      if (auto due = policy_.next_start(), time = now(); time < due) {
        arm(std::chrono::nanoseconds{due - time});
        if (workers_.empty() && policy_.given_up(time))
          refuse_waiting(lost_.code, lost_.message);
        break;
      }
      start_worker();
    }
    return nullptr;
  }

  void keep_minimum() {
    while (workers_.size() - retiring_ < limits_.min_workers) {
      if (auto due = policy_.next_start(), time = now(); time < due)
        return arm(std::chrono::nanoseconds{due - time});
      start_worker();
    }
  }

  bool start_worker() {
    try {
      worker made;
      made.stop = std::make_shared<job_stop>();
      made.handle = spawn_worker_(pool_handle<Pool>{this}, made.stop);
      this->monitor(made.handle);
      auto address = made.handle.address();
      workers_.emplace(std::move(address), std::move(made));
      ++starting_;
      return true;
    } catch (const std::exception& e) {
      count_loss(e.what());
      return false;
    }
  }

  void on_ready(const caf::strong_actor_ptr& who) {
    auto* worker = find_worker(who);
    if (!worker)
      return;
    auto time = now();
    if (worker->job) {
      auto id = *std::exchange(worker->job, std::nullopt);
      metrics_.run->observe(static_cast<double>(time - worker->since) * 1e-9);
      metrics_.done->inc();
      metrics_.busy->dec();
      --busy_;
      ++done_;
      policy_.worked();
      forget(id);
      free_.push_back(id);
    }
    if (worker->now == stage::starting)
      --starting_;
    if (worker->now != stage::retiring) {
      worker->now = stage::idle;
      worker->since = time;
      idle_.push_back(worker->handle.address());
      metrics_.idle->inc();
      if (workers_.size() > limits_.min_workers)
        arm(limits_.idle_timeout);
    }
    end_or_go_on();
  }

  void worker_ended(const caf::down_msg& down) {
    auto i = workers_.find(down.source);
    if (i == workers_.end())
      return;
    auto ended = std::move(i->second);
    workers_.erase(i);
    if (std::erase(idle_, down.source) > 0)
      metrics_.idle->dec();
    if (ended.now == stage::starting)
      --starting_;
    if (ended.now == stage::retiring)
      --retiring_;
    on_freed(down.source, {});
    if (ended.now != stage::retiring || ended.failure)
      count_loss(ended.failure ? ended.failure->message
                               : "it ended: " + caf::to_string(down.reason));
    if (ended.job) {
      --busy_;
      metrics_.busy->dec();
      job_lost(*ended.job);
    }
    end_or_go_on();
  }

  void count_loss(const std::string& why) {
    lost_ = fail(errc::worker_lost,
                 "a worker of the pool '" + std::string(Pool::name) + "' was lost: " + why)
                .value();
    policy_.lost(now());
    metrics_.restarts->inc();
    ++restarts_;
  }

  void job_lost(job_id id) {
    auto& x = jobs_[id];
    if (!x.cancelled && !x.unwanted && x.what && !ended_workers_) {
      ++x.tries;
      x.where = place::queued;
      queue_.push(x.about.origin, id);
      ++queued_;
      metrics_.queued->inc();
      return;
    }
    auto closing = ended_workers_ && !x.cancelled;
    refuse(x.client, x.ticket, x.about,
           x.cancelled ? fail(errc::cancelled, *x.cancelled).value()
           : closing   ? fail(errc::cancelled, "the engine is closing").value()
                       : lost_);
    forget(id);
    free_.push_back(id);
  }

  // -- closing
  // --------------------------------------------------------------------------------------------

  void end_or_go_on() {
    if (!ended_workers_) {
      keep_minimum();
      dispatch();
    }
    if (draining_)
      end_when_drained(false);
  }

  void end_when_drained(bool at_once) {
    if (!ended_workers_ && (at_once || index_.size() == lapsed_)) {
      ended_workers_ = true;
      for (auto& [address, worker] : workers_) {
        if (worker.now == stage::starting)
          --starting_;
        if (worker.now != stage::retiring)
          ++retiring_;
        worker.now = stage::retiring;
        if (worker.job)
          worker.stop->cancel(worker.serial, "the engine is closing");
        this->send(worker.handle, pool_close{});
      }
    }
    // Jobs with credit may be on their way, and are answered when they come; but only for a while.
    if (!ended_workers_ || !workers_.empty() || credits_ > 0)
      return;
    for (job_id id = 0; id < jobs_.size() && lapsed_ > 0; ++id)
      if (jobs_[id].where == place::lapsed)
        withdraw(id, errc::cancelled, "not started: the engine is closing");
    this->quit();
  }

  // -- what is put off
  // ------------------------------------------------------------------------------------

  static constexpr std::chrono::seconds credit_patience{1};

  /// Sees to it that `on_tick` comes no later than that.
  void arm(std::chrono::nanoseconds after) {
    auto due = now() + after.count();
    if (tick_at_ != 0 && tick_at_ <= due)
      return;
    tick_at_ = due;
    remind(this, after, pool_tick{});
  }

  void on_tick() {
    auto time = now();
    if (tick_at_ == 0 || time < tick_at_)
      return; // an earlier one was armed later, and has come
    tick_at_ = 0;
    take_back_credit(time);
    retire_idle(time);
    end_or_go_on();
  }

  /// A client that has credit and does not use it may not exist any more.
  void take_back_credit(std::int64_t time) {
    auto patience = std::chrono::nanoseconds{credit_patience}.count();
    for (; !credited_.empty(); credited_.pop_front()) {
      auto& x = credited_.front();
      auto& job = jobs_[x.id];
      if (job.where != place::credited || job.credit != x.number)
        continue;
      if (auto left = x.since + patience - time; left > 0)
        return arm(std::chrono::nanoseconds{left});
      --credits_;
      ++lapsed_;
      job.where = place::lapsed;
    }
  }

  void retire_idle(std::int64_t time) {
    auto timeout = limits_.idle_timeout.count();
    // The one that has been idle for longest is first.
    while (workers_.size() - retiring_ > limits_.min_workers && !idle_.empty()) {
      auto& worker = workers_.at(idle_.front());
      if (auto left = worker.since + timeout - time; left > 0)
        return arm(std::chrono::nanoseconds{left});
      worker.now = stage::retiring;
      ++retiring_;
      idle_.pop_front();
      metrics_.idle->dec();
      this->send(worker.handle, pool_close{});
    }
  }

  // -- garbage, and questions
  // -----------------------------------------------------------------------------

  caf::result<garbage_freed> collect(gc_level level) {
    collection x{this->template make_response_promise<garbage_freed>(), {}, 0};
    auto promise = x.client;
    for (auto& [address, worker] : workers_) {
      if (worker.now == stage::idle)
        x.missing.push_back(address);
      this->send(worker.handle, collect_garbage{level, round_ + 1});
    }
    ++round_;
    if (x.missing.empty()) {
      promise.deliver(garbage_freed{});
      return promise;
    }
    collections_.emplace(round_, std::move(x));
    return promise;
  }

  /// A worker has answered; or, with round 0, it has ended and answers nothing more.
  void on_freed(const caf::actor_addr& who, const garbage_freed& done) {
    for (auto i = collections_.begin(); i != collections_.end();) {
      auto& [round, x] = *i;
      if (done.round == 0 || done.round == round) {
        x.bytes += done.bytes;
        std::erase(x.missing, who);
      }
      if (!x.missing.empty()) {
        ++i;
        continue;
      }
      x.client.deliver(garbage_freed{x.bytes, 0});
      i = collections_.erase(i);
    }
  }

  [[nodiscard]] pool_state describe() const {
    return {in_line_, credits_, queued_, busy_, idle_.size(), done_, refused_, restarts_};
  }

  struct credit {
    job_id id;
    std::uint64_t number;
    std::int64_t since;
  };

  pool_limits limits_;
  unsigned retries_;
  spawner spawn_worker_;
  pool_metrics metrics_;

  std::deque<job> jobs_;
  std::vector<job_id> free_;
  std::unordered_map<job_name, job_id, name_hash> index_; // every job that is not answered
  fair_line<job_id> line_;
  fair_line<job_id> queue_;
  std::deque<credit> credited_; // oldest first; some are used by now
  std::size_t in_line_ = 0;     // jobs in each place
  std::size_t credits_ = 0;
  std::size_t lapsed_ = 0;
  std::uint64_t last_credit_ = 0;
  std::size_t queued_ = 0;
  std::size_t busy_ = 0;

  std::unordered_map<caf::actor_addr, worker> workers_;
  std::deque<caf::actor_addr> idle_; // the latest at the end, and used first
  std::size_t starting_ = 0;
  std::size_t retiring_ = 0;
  restart_policy policy_;
  error lost_;               // of the last worker
  std::uint64_t serial_ = 0; // of jobs given to workers
  std::int64_t tick_at_ = 0; // 0: no tick is armed
  std::uint64_t round_ = 0;  // of garbage collections
  std::unordered_map<std::uint64_t, collection> collections_;
  bool draining_ = false;
  bool ended_workers_ = false; // all were told to end
  std::optional<error> closing_error_;
  std::uint64_t done_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t restarts_ = 0;
};

} // namespace zako
