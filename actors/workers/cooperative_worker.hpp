// Workers that do their jobs at once on CAF's scheduler threads, and pools of them.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/tell.hpp"
#include "actors/workers/job_stop.hpp"
#include "actors/workers/pool.hpp"

namespace zako {

/// A worker around a behaviour (workers/pool.hpp). What the behaviour throws costs the worker.
template <class B>
class cooperative_worker : public worker_handle<typename B::pool>::base {
public:
  using pool = typename B::pool;
  using super = typename worker_handle<pool>::base;

  cooperative_worker(caf::actor_config& config, pool_handle<pool> owner,
                     std::shared_ptr<job_stop> stop, typename B::context context)
      : super(config), owner_(std::move(owner)), stop_(std::move(stop)),
        context_(std::move(context)), behaviour_(std::in_place) {}

  void on_exit() override {
    owner_ = nullptr;
    behaviour_.reset(); // whoever still holds a handle does not hold what it has made
    context_.reset();
  }

protected:
  typename worker_handle<pool>::behavior_type make_behavior() override {
    guarded([this] {
      if (auto ready = behaviour_->init(*context_); ready)
        this->send(owner_, worker_ready{});
      else
        give_up(std::move(ready.error()));
    });
    return {
        [this](const caf::strong_actor_ptr& client, job_request<pool>& job) {
          guarded([&] { perform(client, job); });
        },
        [](const job_cancel&) {}, // it was told by the job_stop
        [this](const collect_garbage& how) {
          guarded([&] { this->send(owner_, garbage_freed{behaviour_->gc(how.level), how.round}); });
        },
        [this](pool_close) { this->quit(); },
    };
  }

private:
  void perform(const caf::strong_actor_ptr& client, job_request<pool>& job) {
    job_result<pool> done{job.ticket, job.about, {}};
    if (auto why = stop_->begin(job.serial)) {
      done.what = fail(errc::cancelled, std::move(*why));
    } else {
      done.what = behaviour_->process(std::move(job.what), job_control{job.about, stop_->flag()});
      if (why = stop_->end(); why && !done.what)
        done.what = fail(errc::cancelled, std::move(*why));
    }
    tell(this, client, std::move(done));
    this->send(owner_, worker_ready{});
  }

  template <class F>
  void guarded(F f) {
    try {
      f();
    } catch (const std::exception& e) {
      give_up(fail(errc::worker_lost, e.what()).value());
    } catch (...) {
      give_up(fail(errc::worker_lost, "an exception of unknown type").value());
    }
  }

  void give_up(error why) {
    this->send(owner_, worker_failed{std::move(why)});
    this->quit(caf::sec::runtime_error);
  }

  pool_handle<pool> owner_;
  std::shared_ptr<job_stop> stop_;
  std::optional<typename B::context> context_;
  std::optional<B> behaviour_;
};

/// Spawns a pool whose workers are made of behaviour B. It lives until `pool_close`, also without a
/// handle to it when it has workers.
template <class B>
pool_handle<typename B::pool> spawn_pool(caf::actor_system& system,
                                         const typename B::context& context, pool_limits limits) {
  using pool = typename B::pool;
  unsigned retries = 0;
  if constexpr (requires { B::retries; })
    retries = B::retries;
  auto spawn_worker = [&system, context](pool_handle<pool> owner,
                                         const std::shared_ptr<job_stop>& stop) {
    return system.spawn<cooperative_worker<B>>(std::move(owner), stop, context);
  };
  return system.spawn<pool_actor<pool>>(limits, spawn_worker, retries);
}

} // namespace zako
