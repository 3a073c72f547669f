// How a job that runs hears that it is not wanted any more.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "engine/job_context.hpp"

namespace zako {

/// A pool and one of its workers have this in common: a worker reads no message while it works.
/// Jobs are told apart by the pool's serial numbers, which grow, so that the end of one job never
/// stops the next one. Thread-safe.
class job_stop {
public:
  /// From the pool. The job may not have begun yet, or may be done.
  void cancel(std::uint64_t serial, std::string reason) {
    std::lock_guard hold{lock_};
    cancelled_ = serial;
    reason_ = std::move(reason);
    if (running_ == serial)
      flag_.store(1, std::memory_order_relaxed);
  }

  /// From the worker: the reason, when the job is not to begin.
  std::optional<std::string> begin(std::uint64_t serial) {
    std::lock_guard hold{lock_};
    if (serial != 0 && cancelled_ == serial)
      return reason_;
    running_ = serial;
    flag_.store(0, std::memory_order_relaxed);
    return std::nullopt;
  }
  /// From the worker: the reason, when the job was cancelled while it ran.
  std::optional<std::string> end() {
    std::lock_guard hold{lock_};
    auto serial = std::exchange(running_, 0);
    if (serial != 0 && cancelled_ == serial)
      return reason_;
    return std::nullopt;
  }

  /// Not 0 when the running job shall stop. Other libraries look at it by themselves.
  [[nodiscard]] const std::atomic<std::size_t>& flag() const { return flag_; }

private:
  std::mutex lock_;
  std::atomic<std::size_t> flag_{0};
  std::uint64_t running_ = 0;
  std::uint64_t cancelled_ = 0;
  std::string reason_;
};

/// What a behaviour knows of the job it does.
class job_control {
public:
  job_control(const job_context& about, const std::atomic<std::size_t>& flag)
      : about_(about), flag_(flag) {}

  [[nodiscard]] const job_context& about() const { return about_; }
  /// The job shall end soon; what it answers then does not matter.
  [[nodiscard]] bool cancelled() const { return flag_.load(std::memory_order_relaxed) != 0; }
  [[nodiscard]] const std::atomic<std::size_t>& flag() const { return flag_; }

private:
  const job_context& about_;
  const std::atomic<std::size_t>& flag_;
};

} // namespace zako
