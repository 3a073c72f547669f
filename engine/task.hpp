// Coroutines of the engine: lazy, single-threaded, resumed by whoever drives the computation.
#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace zako {

/// A lazy coroutine that gives one T. Awaiting it runs it; the outermost one is started with
/// `start()`. Destroying a task destroys its frame and, through it, every task it awaits: that is
/// how a computation is abandoned. Not thread-safe; exceptions must not leave a coroutine body
/// (they end the process).
template <class T>
class [[nodiscard]] task {
public:
  struct promise_type {
    std::optional<T> result;
    std::coroutine_handle<> continuation = std::noop_coroutine();
    bool first_run = false; // inside the awaiter that began this task

    task get_return_object() {
      return task{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct resume_continuation {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          // Done without suspending: the awaiter itself goes on, so that a loop of such tasks takes
          // no stack even where the compiler makes no tail call of this transfer (sanitizers, -O0).
          return h.promise().first_run ? std::noop_coroutine() : h.promise().continuation;
        }
        void await_resume() noexcept {}
      };
      return resume_continuation{};
    }
    template <class U>
    void return_value(U&& x) {
      result.emplace(std::forward<U>(x));
    }
    void unhandled_exception() noexcept { std::terminate(); }
  };

  task() = default;
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      if (frame_)
        frame_.destroy();
      frame_ = std::exchange(other.frame_, {});
    }
    return *this;
  }
  ~task() {
    if (frame_)
      frame_.destroy();
  }

  /// Runs to the first suspension. Once, on the outermost task only.
  void start() { frame_.resume(); }
  [[nodiscard]] bool valid() const { return static_cast<bool>(frame_); }
  [[nodiscard]] bool done() const { return frame_ && frame_.done(); }
  /// The result of a task that is done; once.
  T take() {
    assert(done());
    return std::move(*frame_.promise().result);
  }

  auto operator co_await() && noexcept {
    struct awaiter {
      std::coroutine_handle<promise_type> frame;
      bool await_ready() noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> caller) noexcept {
        auto& promise = frame.promise();
        promise.continuation = caller;
        promise.first_run = true;
        frame.resume();
        promise.first_run = false;
        return !frame.done();
      }
      T await_resume() { return std::move(*frame.promise().result); }
    };
    return awaiter{frame_};
  }

private:
  explicit task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

} // namespace zako
