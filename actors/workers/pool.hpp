// The worker pool: one queue, elastic workers, any behaviour.
//
// A pool is an actor that owns a queue of jobs and a set of worker actors. A *behaviour* `B` says
// what its workers do:
//
//   struct B {
//     using pool = …;                  // names the messages: pool::input, pool::output
//     (actors/messages.hpp) struct context { … };            // shared by all workers, copied into
//     each; thread-safe parts only explicit B(const context&);      // init: on the worker, before
//     its first job result<pool::output> process(pool::input&&);   // one job std::size_t gc(); //
//     frees what it can between jobs; bytes freed
//   };
//
// `cooperative_worker<B>` runs it on CAF's scheduler threads. Behaviours that block on a thread of
// their own (V8) or wait for the outside (processes) come as worker actors that speak the same
// messages.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/tell.hpp"

namespace zako {

/// How many workers a pool may have. One is spawned when a job finds none idle and `max_workers` is
/// not reached.
struct pool_limits {
  std::size_t max_workers = 1;
};

/// The pool. It terminates on `pool_close`, after its workers; jobs still queued are answered with
/// errc::cancelled.
template <class Pool>
class pool_actor : public pool_handle<Pool>::base {
public:
  using super = typename pool_handle<Pool>::base;
  using spawner = std::function<worker_handle<Pool>(pool_actor*)>;

  pool_actor(caf::actor_config& config, pool_limits limits, spawner spawn_worker)
      : super(config), limits_(limits), spawn_worker_(std::move(spawn_worker)) {
    this->set_down_handler([this](caf::down_msg& down) {
      worker_lost(caf::actor_cast<caf::actor_addr>(down.source));
    });
  }

  void on_exit() override {
    spawn_worker_ = nullptr;
    workers_.clear();
    idle_.clear();
  }

protected:
  typename pool_handle<Pool>::behavior_type make_behavior() override {
    return {
        [this](job_request<Pool>& job) {
          queue_.push_back({this->current_sender(), std::move(job)});
          dispatch();
        },
        [this](const job_cancel& cancel) { cancel_job(this->current_sender(), cancel); },
        [this](worker_ready) {
          auto worker = this->current_sender();
          if (auto i = workers_.find(worker->address()); i != workers_.end()) {
            i->second.client = nullptr;
            idle_.push_back(i->first);
          }
          dispatch();
        },
        [this](collect_garbage) {
          for (auto& [address, worker] : workers_)
            this->send(worker.handle, collect_garbage{});
        },
        [this](pool_close) {
          closing_ = true;
          refuse_queued();
          for (auto& [address, worker] : workers_)
            tell(this, caf::actor_cast<caf::strong_actor_ptr>(worker.handle), pool_close{});
          if (workers_.empty())
            this->quit();
        },
    };
  }

private:
  struct queued {
    caf::strong_actor_ptr client;
    job_request<Pool> job;
  };
  struct worker {
    worker_handle<Pool> handle;
    caf::strong_actor_ptr client; // of the job it runs; null when idle
    std::uint64_t ticket = 0;
  };

  void dispatch() {
    if (closing_)
      return refuse_queued();
    while (!queue_.empty()) {
      if (idle_.empty()) {
        if (workers_.size() >= limits_.max_workers)
          return;
        auto handle = spawn_worker_(this);
        this->monitor(handle);
        auto address = handle.address();
        workers_.emplace(address, worker{std::move(handle), nullptr, 0});
        idle_.push_back(address);
      }
      auto& chosen = workers_.at(idle_.back());
      idle_.pop_back();
      auto next = std::move(queue_.front());
      queue_.pop_front();
      chosen.client = next.client;
      chosen.ticket = next.job.ticket;
      this->send(chosen.handle, std::move(next.client), std::move(next.job));
    }
  }

  void cancel_job(const caf::strong_actor_ptr& client, const job_cancel& cancel) {
    for (auto i = queue_.begin(); i != queue_.end(); ++i)
      if (i->client == client && i->job.ticket == cancel.ticket) {
        answer(i->client, i->job.ticket, errc::cancelled, cancel.reason);
        queue_.erase(i);
        return;
      }
    for (auto& [address, worker] : workers_)
      if (worker.client == client && worker.ticket == cancel.ticket)
        this->send(worker.handle, cancel);
  }

  void refuse_queued() {
    for (auto& x : queue_)
      answer(x.client, x.job.ticket, errc::cancelled, "not started: the engine is closing");
    queue_.clear();
  }

  /// A worker that ends with a job in hand loses only that job; the next job gets a new worker.
  void worker_lost(const caf::actor_addr& address) {
    auto i = workers_.find(address);
    if (i == workers_.end())
      return;
    if (i->second.client)
      answer(i->second.client, i->second.ticket, errc::worker_lost,
             "the worker ended before the job was done");
    std::erase(idle_, address);
    workers_.erase(i);
    if (closing_ && workers_.empty())
      return this->quit();
    dispatch();
  }

  void answer(const caf::strong_actor_ptr& client, std::uint64_t ticket, errc code,
              std::string why) {
    tell(this, client, job_result<Pool>{ticket, fail(code, std::move(why))});
  }

  pool_limits limits_;
  spawner spawn_worker_;
  std::deque<queued> queue_;
  std::unordered_map<caf::actor_addr, worker> workers_;
  std::vector<caf::actor_addr> idle_;
  bool closing_ = false;
};

/// A worker whose jobs are done at once on a scheduler thread.
template <class B>
class cooperative_worker : public worker_handle<typename B::pool>::base {
public:
  using pool = typename B::pool;
  using super = typename worker_handle<pool>::base;

  cooperative_worker(caf::actor_config& config, pool_handle<pool> owner,
                     const typename B::context& context)
      : super(config), owner_(std::move(owner)), behaviour_(std::in_place, context) {}

  void on_exit() override {
    owner_ = nullptr;
    behaviour_.reset();
  }

protected:
  typename worker_handle<pool>::behavior_type make_behavior() override {
    return {
        [this](const caf::strong_actor_ptr& client, job_request<pool>& job) {
          tell(this, client,
               job_result<pool>{job.ticket, behaviour_->process(std::move(job.what))});
          this->send(owner_, worker_ready{});
        },
        [](const job_cancel&) {}, // the job is done before the next message is read
        [this](collect_garbage) { behaviour_->gc(); },
        [this](pool_close) { this->quit(); },
    };
  }

private:
  pool_handle<pool> owner_;
  std::optional<B> behaviour_; // gone once the worker has ended, whoever still holds its handle
};

} // namespace zako
