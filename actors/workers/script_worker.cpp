// Runs scripts.
#include "actors/workers/script_worker.hpp"

#include <chrono>
#include <mutex>
#include <optional>

#include <caf/blocking_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/tell.hpp"

namespace zako {

namespace {

using clock = std::chrono::steady_clock;

/// The only thing that the front and the thread share: interrupting V8 cannot wait for the thread
/// to read a message.
class interrupter {
public:
  void set(script_isolate* isolate) {
    std::lock_guard guard{mutex_};
    isolate_ = isolate;
  }
  void interrupt() {
    std::lock_guard guard{mutex_};
    if (isolate_)
      isolate_->cancel();
  }

private:
  std::mutex mutex_;
  script_isolate* isolate_ = nullptr;
};

/// The thread with the isolate.
class isolate_thread : public caf::blocking_actor, private script_client {
public:
  isolate_thread(caf::actor_config& config, caf::strong_actor_ptr front, hub_actor hub,
                 std::shared_ptr<content_store> blobs, script_limits limits,
                 std::shared_ptr<interrupter> stop)
      : caf::blocking_actor(config), front_(std::move(front)), hub_(std::move(hub)),
        blobs_(std::move(blobs)), limits_(limits), stop_(std::move(stop)) {}

  void act() override {
    receive_while(open_)(
        [this](caf::strong_actor_ptr& client, job_request<script_pool>& job) {
          client_ = std::move(client);
          ticket_ = job.ticket;
          about_ = job.about;
          if (auto* what = std::get_if<evaluate_job>(&job.what))
            tell(this, client_, job_result<script_pool>{ticket_, about_, run(*what)});
          client_ = nullptr;
          tell(this, front_, worker_ready{});
        },
        [](const job_cancel&) {}, // too late: that job is done
        [this](const collect_garbage& how) { collect(how); },
        [this](pool_close) { open_ = false; });
    stop_->set(nullptr);
    isolate_.reset();
    front_ = nullptr;
    hub_ = nullptr;
  }

private:
  result<script_pool::output> run(const evaluate_job& what) {
    if (!isolate_) {
      auto host = load_script_host();
      if (!host)
        return tl::unexpected(std::move(host.error()));
      auto made = (*host)->create_isolate(limits_);
      if (!made)
        return tl::unexpected(std::move(made.error()));
      isolate_ = std::move(*made);
      stop_->set(isolate_.get());
    }
    module_ = what.module;
    stopped_.reset();
    since_ = clock::now();
    auto value = isolate_->run(what, *this);
    tell_run_time();
    if (!value)
      return tl::unexpected(std::move(value.error()));
    script_pool::output last;
    last.value = std::move(*value);
    return last;
  }

  // script_client
  result<script_reply> ask(script_query query) override {
    if (stopped_) // it was told once, and asks again
      return tl::unexpected(*stopped_);
    script_pool::output step;
    step.query = std::move(query);
    tell_run_time();
    tell(this, client_, job_result<script_pool>{ticket_, about_, std::move(step)});
    result<script_reply> got;
    bool waiting = true;
    receive_while(waiting)(
        [&](caf::strong_actor_ptr&, job_request<script_pool>& job) {
          auto* what = std::get_if<resume_job>(&job.what);
          if (!what || job.ticket != ticket_)
            return;
          if (what->failure)
            got = tl::unexpected(std::move(*what->failure));
          else
            got = std::move(what->reply);
          waiting = false;
        },
        [&](const job_cancel& why) {
          if (why.ticket != ticket_ || why.gentle)
            return;
          got = fail(errc::cancelled, why.reason);
          stopped_ = got.error();
          waiting = false;
        },
        [this](const collect_garbage& how) { // not while a script is half done
          tell(this, front_, garbage_freed{0, how.round});
        },
        [&](pool_close) {
          open_ = false;
          got = fail(errc::cancelled, "the engine is closing");
          stopped_ = got.error();
          waiting = false;
        });
    since_ = clock::now();
    return got;
  }

  /// Of the script since it began, or since it was answered last.
  void tell_run_time() {
    auto ran = std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - since_);
    send(hub_, notice{script_finished{module_, id(), ran.count()}});
  }

  void print(console_line line) override {
    send(hub_, notice{script_printed{module_, std::move(line.level), std::move(line.text)}});
  }

  std::string find_bytecode(const digest& name) override {
    auto content = blobs_ ? blobs_->bound(name) : std::nullopt;
    auto bytes = content ? blobs_->read(*content) : result<std::string>();
    return bytes ? std::move(*bytes) : std::string();
  }

  /// Where it cannot be kept, each process compiles: nothing is wrong.
  void keep_bytecode(const digest& name, std::string bytes) override {
    if (!blobs_)
      return;
    if (auto content = blobs_->put(bytes))
      (void)blobs_->bind(name, *content);
  }

  void lost(error reason) override {
    stop_->set(nullptr);
    tell(this, front_, isolate_lost{std::move(reason)});
  }

  void collect(const collect_garbage& how) {
    std::size_t freed = 0;
    if (isolate_ && how.level == gc_level::full) {
      freed = isolate_->heap_bytes(); // the next script makes a new one in some milliseconds
      stop_->set(nullptr);
      isolate_.reset();
    } else if (isolate_) {
      freed = isolate_->gc();
    }
    tell(this, front_, garbage_freed{freed, how.round});
  }

  caf::strong_actor_ptr front_;
  hub_actor hub_;
  std::shared_ptr<content_store> blobs_; // null in an engine without a workspace
  script_limits limits_;
  std::shared_ptr<interrupter> stop_;
  bool open_ = true;
  std::unique_ptr<script_isolate> isolate_;
  caf::strong_actor_ptr client_;
  std::uint64_t ticket_ = 0;
  job_context about_;
  std::string module_;           // of the script that runs
  clock::time_point since_;      // when it began to run, or ran on
  std::optional<error> stopped_; // why it shall end
};

/// The front: passes jobs to the thread, and interrupts it.
class script_worker : public worker_handle<script_pool>::base {
public:
  using super = worker_handle<script_pool>::base;

  script_worker(caf::actor_config& config, pool_handle<script_pool> owner, hub_actor hub,
                std::shared_ptr<content_store> blobs, script_limits limits)
      : super(config), owner_(std::move(owner)), hub_(std::move(hub)), blobs_(std::move(blobs)),
        limits_(limits), stop_(std::make_shared<interrupter>()) {
    set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      if (what.match_elements<worker_ready>())
        send(owner_, worker_ready{});
      else if (what.match_elements<garbage_freed>())
        send(owner_, what.get_as<garbage_freed>(0));
      else if (what.match_elements<isolate_lost>()) {
        send(owner_, worker_failed{what.get_as<isolate_lost>(0).why});
        quit(caf::exit_reason::kill);
      }
      return caf::skippable_result{caf::message{}};
    });
    set_down_handler([this](caf::down_msg&) { quit(); });
  }

  void on_exit() override {
    owner_ = nullptr;
    hub_ = nullptr;
    thread_ = nullptr;
  }

protected:
  super::behavior_type make_behavior() override {
    thread_ = spawn<isolate_thread, caf::detached + caf::monitored>(caf::strong_actor_ptr{ctrl()},
                                                                    hub_, blobs_, limits_, stop_);
    send(owner_, worker_ready{});
    return {
        [this](const caf::strong_actor_ptr& client, job_request<script_pool>& job) {
          tell(this, thread(), client, std::move(job));
        },
        [this](const job_cancel& why) {
          if (why.gentle)
            return;
          stop_->interrupt();
          tell(this, thread(), why);
        },
        [this](const collect_garbage& how) { tell(this, thread(), how); },
        [this](pool_close) {
          stop_->interrupt();
          tell(this, thread(), pool_close{});
        },
    };
  }

private:
  [[nodiscard]] caf::strong_actor_ptr thread() const {
    return caf::actor_cast<caf::strong_actor_ptr>(thread_);
  }

  pool_handle<script_pool> owner_;
  hub_actor hub_;
  std::shared_ptr<content_store> blobs_;
  script_limits limits_;
  std::shared_ptr<interrupter> stop_;
  caf::actor thread_;
};

} // namespace

worker_handle<script_pool> spawn_script_worker(caf::actor_system& system,
                                               pool_handle<script_pool> owner, hub_actor hub,
                                               std::shared_ptr<content_store> blobs,
                                               const script_limits& limits) {
  return system.spawn<script_worker>(std::move(owner), std::move(hub), std::move(blobs), limits);
}

} // namespace zako
