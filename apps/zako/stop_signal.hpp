// "Please stop", told once by one thread and heard by others. Knows nothing of signals or actors.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

namespace zako {

class stop_signal {
public:
  void stop() {
    std::lock_guard guard{mutex_};
    stopped_ = true;
    changed_.notify_all();
    if (on_stop_)
      on_stop_();
  }

  [[nodiscard]] bool stopped() const {
    std::lock_guard guard{mutex_};
    return stopped_;
  }

  /// True as soon as it was told to stop; false when the time is over.
  bool wait_for(std::chrono::milliseconds time) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, time, [this] { return stopped_; });
  }

  /// What to do on stop(), from now on, on the thread that calls stop(); at once if it was called
  /// before. An empty function: nothing any more.
  void when_stopped(std::function<void()> f) {
    std::lock_guard guard{mutex_};
    on_stop_ = std::move(f);
    if (stopped_ && on_stop_)
      on_stop_();
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> on_stop_;
  bool stopped_ = false;
};

} // namespace zako
