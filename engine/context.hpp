// What a compute function sees: its key, what it computed last time, and how to ask for more.
//
// A compute function is a coroutine `task<outcome> compute(context&)`. It has no I/O, clock or
// thread: everything it learns comes from `request` (other nodes' values; recorded as dependencies,
// in order and in parallel groups) or from `perform` (a job done by a worker). Whoever drives it (a
// node actor, or the test engine) implements the two protected functions and resumes it when an
// answer is complete. Every await gives errc::cancelled once the node is cancelled.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "engine/job.hpp"
#include "engine/key.hpp"
#include "engine/task.hpp"
#include "engine/value.hpp"

namespace zako {

/// Requests of one await: one parallel group of dependencies. The driver fills `answers` (same
/// order) and, when `missing` reaches zero, resumes `waiter`.
struct pending_requests {
  std::span<const key> keys;
  std::span<shared_outcome> answers;
  std::size_t missing = 0;
  bool want_values = true; // false: answers of values may be nothing
  std::coroutine_handle<> waiter;
};

/// A job of one await. The driver sets `answer` and resumes `waiter`.
struct pending_job {
  job what;
  result<job_answer> answer = job_answer{};
  std::coroutine_handle<> waiter;
};

class context {
public:
  virtual ~context() = default;

  [[nodiscard]] virtual const key& self() const = 0;
  /// What this node held before, when its bytes could be read and its kind's version is the same.
  [[nodiscard]] virtual const std::optional<value>& previous() const = 0;

  /// Awaits one dependency.
  auto request(key k) {
    return one{.self = *this, .asked = std::move(k), .got = {}, .pending = {}};
  }
  /// Awaits many at once; suspends once. Gives the answers in order. An empty list gives an empty
  /// list.
  auto request_all(std::vector<key> ks) {
    return many{.self = *this, .asked = std::move(ks), .got = {}, .pending = {}};
  }

  /// As `request_all`, for who needs no values: gives the error of each, or nothing. Cheap for what
  /// has not changed, since nobody has to wake.
  auto settle_all(std::vector<key> ks) {
    return settled{
        {.self = *this, .asked = std::move(ks), .got = {}, .pending = {}, .want_values = false}};
  }

  /// Awaits one dependency and reads it as a T.
  template <class T>
  task<result<std::shared_ptr<const T>>> get(key k) {
    auto x = co_await request(std::move(k));
    if (!x)
      co_return tl::unexpected(std::move(x.error()));
    co_return x->template as<T>();
  }

  /// Awaits a job; gives `result<Job::answer>`.
  template <class Job>
  auto perform(Job j) {
    struct awaiter {
      context& self;
      pending_job pending;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) {
        pending.waiter = h;
        self.start(pending);
      }
      result<typename Job::answer> await_resume() {
        if (!pending.answer)
          return tl::unexpected(std::move(pending.answer.error()));
        return std::get<typename Job::answer>(std::move(*pending.answer));
      }
    };
    return awaiter{*this,
                   pending_job{.what = job{std::move(j)}, .answer = job_answer{}, .waiter = {}}};
  }

protected:
  /// Begins asking. Must not resume before it returns; `pending` lives until then resumed or
  /// destroyed with the frame.
  virtual void ask(pending_requests& pending) = 0;
  virtual void start(pending_job& pending) = 0;

private:
  /// The awaiters live in the coroutine's frame, and so do their questions and answers.
  struct one {
    context& self;
    key asked;
    shared_outcome got;
    pending_requests pending;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      pending = {.keys = {&asked, 1},
                 .answers = {&got, 1},
                 .missing = 1,
                 .want_values = true,
                 .waiter = h};
      self.ask(pending);
    }
    outcome await_resume() const { return got.get(); }
  };
  struct many {
    context& self;
    std::vector<key> asked;
    std::vector<shared_outcome> got;
    pending_requests pending;
    bool want_values = true;
    [[nodiscard]] bool await_ready() const noexcept { return asked.empty(); }
    void await_suspend(std::coroutine_handle<> h) {
      got.resize(asked.size());
      pending = {.keys = asked,
                 .answers = got,
                 .missing = asked.size(),
                 .want_values = want_values,
                 .waiter = h};
      self.ask(pending);
    }
    std::vector<outcome> await_resume() const {
      std::vector<outcome> out;
      out.reserve(got.size());
      for (auto& x : got)
        out.push_back(x.get());
      return out;
    }
  };
  struct settled : many {
    std::vector<std::optional<error>> await_resume() const {
      std::vector<std::optional<error>> out;
      out.reserve(this->got.size());
      for (auto& x : this->got)
        out.push_back(!x || x.good() ? std::nullopt : std::optional(x.why()));
      return out;
    }
  };
};

} // namespace zako
