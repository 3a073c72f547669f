// Worker threads, the queues they share, and how they sleep.
#include "actors/scheduler.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "actors/lean_actor.hpp"

namespace zako {

namespace {

constexpr std::uint32_t fair_turn = 8; // every so manieth job is one of CAF's own actors
constexpr std::size_t lean_turn = 64;  // messages that a lean actor handles in one turn
constexpr int looks_before_sleep = 50; // of a thread without work, with a yield between them
constexpr int tries_before_lock = 100; // the lock is held for some nanoseconds

/// Jobs by depth: the deepest first, and of those the newest.
class depth_first {
public:
  [[nodiscard]] bool empty() const { return summary_.count == 0; }

  void push(caf::resumable* job, std::size_t depth) {
    if (depth >= stacks_.size())
      stacks_.resize(depth + 1);
    stacks_[depth].push_back(job);
    words_[depth / 64] |= std::uint64_t{1} << depth % 64;
    summary_.words[depth / 64 / 64] |= std::uint64_t{1} << depth / 64 % 64;
    ++summary_.count;
  }

  /// Not when it is empty.
  caf::resumable* pop() {
    auto last = [](auto& words) {
      auto i = words.size() - 1;
      while (words[i] == 0)
        --i;
      return i * 64 + 63 - static_cast<std::size_t>(std::countl_zero(words[i]));
    };
    auto word = last(summary_.words);
    auto depth = word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(words_[word]));
    auto& stack = stacks_[depth];
    auto* job = stack.back();
    stack.pop_back();
    --summary_.count;
    if (stack.empty()) {
      words_[word] &= ~(std::uint64_t{1} << depth % 64);
      if (words_[word] == 0)
        summary_.words[word / 64] &= ~(std::uint64_t{1} << word % 64);
    }
    return job;
  }

private:
  static constexpr std::size_t depths = 65'536; // lean_actor::depth
  std::vector<std::vector<caf::resumable*>> stacks_;
  std::array<std::uint64_t, depths / 64> words_{}; // a bit for each stack that is not empty
  struct {
    std::array<std::uint64_t, depths / 64 / 64> words{}; // a bit for each word that is not 0
    std::size_t count = 0;
  } summary_;
};

/// All jobs that are ready. Everything under `lock`, but for `size`.
class ready_jobs {
public:
  using jobs = std::deque<caf::resumable*>;

  std::unique_lock<std::mutex> take_lock() {
    std::unique_lock hold{lock_, std::try_to_lock};
    for (int i = 0; !hold && i < tries_before_lock; ++i)
      hold.try_lock();
    if (!hold)
      hold.lock();
    return hold;
  }

  void push(caf::resumable* job) {
    switch (job->subtype()) {
    case caf::resumable::function_object:
      couriers_.push_back(job);
      break;
    case caf::resumable::unspecified:
      nodes_.push(job, static_cast<lean_actor*>(job)->depth());
      break;
    default:
      others_.push_back(job);
    }
    size_.store(size() + 1, std::memory_order_release);
  }

  /// Null when there is none.
  caf::resumable* pop() {
    if (size() == 0)
      return nullptr;
    size_.store(size() - 1, std::memory_order_release);
    if (!couriers_.empty())
      return oldest(couriers_);
    if (!others_.empty() && (nodes_.empty() || ++turn_ % fair_turn == 0))
      return oldest(others_);
    return nodes_.pop();
  }

  /// Without the lock: about.
  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }

private:
  static caf::resumable* oldest(jobs& from) {
    auto* job = from.front();
    from.pop_front();
    return job;
  }

  std::mutex lock_;
  jobs couriers_; // oldest first, and before everything else
  depth_first nodes_;
  jobs others_; // oldest first
  std::atomic<std::size_t> size_{0};
  std::uint32_t turn_ = 0;
};

class graph_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  using abstract_coordinator::abstract_coordinator;

  static void add_module_options(caf::actor_system_config&) {}
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new graph_scheduler(system);
  }

  void enqueue(caf::resumable* job) override {
    auto hold = ready_.take_lock();
    ready_.push(job);
    wake(hold, 1);
  }

  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void start() override {
    for (std::size_t i = 0; i < num_workers(); ++i)
      workers_.push_back(std::make_unique<worker>(*this));
    for (auto& x : workers_)
      x->thread = system().launch_thread("zako.worker", [&x] { x->run(); });
    clock_.start_dispatch_loop(system());
    abstract_coordinator::start();
  }

  void stop() override {
    stop_actors();
    {
      auto hold = ready_.take_lock();
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& x : workers_)
      x->thread.join();
    while (auto* job = ready_.pop())
      cleanup_and_release(job);
    clock_.stop_dispatch_loop();
  }

private:
  struct worker final : caf::execution_unit {
    explicit worker(graph_scheduler& owner)
        : caf::execution_unit(&owner.system()), scheduler(owner) {}

    /// What a lean actor sets in motion is added when its short turn is over; other actors may take
    /// their time.
    void exec_later(caf::resumable* job) override {
      if (lean)
        added.push_back(job);
      else
        scheduler.enqueue(job);
    }

    void run() {
      while (auto* job = scheduler.next(*this)) {
        lean = job->subtype() == caf::resumable::unspecified ||
               job->subtype() == caf::resumable::function_object;
        auto messages = scheduler.max_throughput();
        switch (job->resume(this, lean ? std::min(lean_turn, messages) : messages)) {
        case caf::resumable::resume_later:
          exec_later(job);
          break;
        case caf::resumable::done:
        case caf::resumable::awaiting_message:
          intrusive_ptr_release(job);
          break;
        case caf::resumable::shutdown_execution_unit:
          return;
        }
      }
    }

    graph_scheduler& scheduler;
    bool lean = false; // the present job
    std::vector<caf::resumable*> added;
    std::thread thread;
  };

  /// Adds what the last job has set in motion and gives the next one; null when the scheduler
  /// stops.
  caf::resumable* next(worker& me) {
    auto hold = ready_.take_lock();
    for (auto* job : me.added)
      ready_.push(job);
    me.added.clear();
    for (;;) {
      if (stopping_)
        return nullptr;
      if (auto* job = ready_.pop()) {
        wake(hold, ready_.size());
        return job;
      }
      ++searching_;
      hold.unlock();
      for (int i = 0; i < looks_before_sleep && ready_.size() == 0; ++i)
        std::this_thread::yield();
      hold = ready_.take_lock();
      --searching_;
      if (ready_.size() > 0 || stopping_)
        continue;
      ++sleepers_;
      wake_.wait(hold);
      --sleepers_;
    }
  }

  /// Wakes a thread for `jobs` more, unless one looks for them already. Gives the lock back.
  void wake(std::unique_lock<std::mutex>& hold, std::size_t jobs) {
    bool needed = jobs > 0 && sleepers_ > 0 && searching_ == 0;
    hold.unlock();
    if (needed)
      wake_.notify_one();
  }

  caf::detail::thread_safe_actor_clock clock_;
  std::vector<std::unique_ptr<worker>> workers_;
  ready_jobs ready_;
  std::condition_variable wake_; // with the lock of the ready jobs, as the rest
  int sleepers_ = 0;
  int searching_ = 0;
  bool stopping_ = false;
};

} // namespace

void use_graph_scheduler(caf::actor_system_config& config) {
  config.load<graph_scheduler>();
}

} // namespace zako
