// How a running script is stopped: by a cancel, by the clock, or by its heap.
//
// The clock is that of its thread's computing time: what the script's client waits for does not
// count, and a busy machine ends no script that would have come to its end on an idle one.
//
// One control per isolate. A stop is recorded with its reason; the first reason counts. It is
// carried out in stages. First, for a limit, an interrupt, in which the script's stack can still be
// read. Then, at once for a cancel and after `interrupt_grace` for a limit, V8's termination, which
// no script can catch. Last, after `stop_grace`, signals to the isolate's thread, until it is seen
// in a place where it can be given up: some of V8's own loops (an array of four billion holes is
// sorted) never look whether they are to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include <pthread.h>

#include <v8.h>

namespace zako {

class execution_control;

/// The one thread that watches all clocks. Lives as long as the process.
class watchdog {
public:
  using clock = std::chrono::steady_clock;
  watchdog();
  /// Calls `deadline_passed` of `control` at `when`, unless `forget` comes first. Replaces an
  /// earlier deadline.
  void watch(execution_control& control, clock::time_point when);
  /// After this returns, no call to `control` is under way.
  void forget(execution_control& control);

private:
  [[noreturn]] void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<execution_control*, clock::time_point> deadlines_;
  clock::time_point sleeping_until_ = clock::time_point::max();
};

enum class stop_reason : std::uint8_t { none, cancelled, time, heap };

class execution_control {
public:
  static constexpr std::chrono::milliseconds interrupt_grace{10};
  /// Of computing time, like the budget. A full heap gets more: it is collected once more before
  /// the script can notice.
  static constexpr std::chrono::milliseconds stop_grace{60};
  static constexpr std::chrono::milliseconds heap_stop_grace{1000};
  static constexpr std::chrono::milliseconds signal_interval{5};
  static constexpr int signal_number = SIGURG; // ignored by programs that do not ask for it

  /// Belongs to the calling thread. `on_limit` runs on it, in the interrupt, with the script's
  /// frames on the stack.
  execution_control(v8::Isolate* isolate, watchdog& dog, std::function<void()> on_limit);
  ~execution_control();

  /// The run begins; stops are recorded from now on, and carried out after `arm`. A budget of zero
  /// is endless.
  void begin(std::chrono::milliseconds budget);
  void arm();
  void end();

  /// From any thread. No effect between runs.
  void stop(stop_reason why) noexcept;
  [[nodiscard]] stop_reason reason() const { return reason_.load(); }
  /// The thread is given up: it is left alone from now on.
  void abandon() { dog_.forget(*this); }
  /// Called by the watchdog's thread only. When to call again, if at all.
  std::optional<watchdog::clock::time_point> deadline_passed() noexcept;

private:
  void terminate();
  [[nodiscard]] std::chrono::nanoseconds computing_time() const;
  static void on_interrupt(v8::Isolate* isolate, void* self);

  v8::Isolate* isolate_;
  watchdog& dog_;
  std::function<void()> on_limit_;
  const pthread_t thread_ = ::pthread_self();
  std::mutex mutex_; // of all below, and held while the isolate is told to stop
  bool running_ = false;
  bool armed_ = false;
  bool terminated_ = false;
  std::chrono::nanoseconds terminated_at_{}; // of the thread's computing time
  std::atomic<stop_reason> reason_ = stop_reason::none;
  std::chrono::nanoseconds budget_{};
  std::chrono::nanoseconds armed_at_{}; // of the thread's computing time
};

} // namespace zako
