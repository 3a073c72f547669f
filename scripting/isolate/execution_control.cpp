// How a running script is stopped.
#include "scripting/isolate/execution_control.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <time.h>

namespace zako {

namespace {
constexpr std::chrono::milliseconds shortest_look{1}; // the watchdog does not spin
} // namespace

watchdog::watchdog() {
  std::thread([this] { run(); }).detach();
}

void watchdog::watch(execution_control& control, clock::time_point when) {
  std::lock_guard lock(mutex_);
  deadlines_[&control] = when;
  if (when < sleeping_until_)
    wake_.notify_one();
}

void watchdog::forget(execution_control& control) {
  std::lock_guard lock(mutex_);
  deadlines_.erase(&control);
}

void watchdog::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    sleeping_until_ = clock::time_point::max();
    auto now = clock::now();
    for (auto i = deadlines_.begin(); i != deadlines_.end();) {
      if (i->second > now) {
        sleeping_until_ = std::min(sleeping_until_, i->second);
        ++i;
        continue;
      }
      if (auto again = i->first->deadline_passed()) {
        i->second = *again;
        sleeping_until_ = std::min(sleeping_until_, *again);
        ++i;
      } else {
        i = deadlines_.erase(i);
      }
    }
    if (sleeping_until_ == clock::time_point::max())
      wake_.wait(lock);
    else
      wake_.wait_until(lock, sleeping_until_);
  }
}

execution_control::execution_control(v8::Isolate* isolate, watchdog& dog,
                                     std::function<void()> on_limit)
    : isolate_(isolate), dog_(dog), on_limit_(std::move(on_limit)) {}

execution_control::~execution_control() {
  dog_.forget(*this);
}

void execution_control::begin(std::chrono::milliseconds budget) {
  std::lock_guard lock(mutex_);
  running_ = true;
  armed_ = terminated_ = false;
  reason_ = stop_reason::none;
  budget_ = budget;
}

void execution_control::arm() {
  auto next = watchdog::clock::now();
  {
    std::lock_guard lock(mutex_);
    armed_ = true;
    armed_at_ = computing_time();
    if (reason_ != stop_reason::none) {
      terminate();
      next += stop_grace;
    } else if (budget_.count() > 0) {
      next += budget_;
    } else {
      return;
    }
  }
  dog_.watch(*this, next);
}

void execution_control::end() {
  dog_.forget(*this);
  std::lock_guard lock(mutex_);
  running_ = armed_ = false;
  isolate_->CancelTerminateExecution();
}

void execution_control::terminate() {
  isolate_->TerminateExecution();
  terminated_ = true;
  terminated_at_ = computing_time();
}

std::chrono::nanoseconds execution_control::computing_time() const {
  clockid_t clock{};
  timespec time{};
  if (::pthread_getcpuclockid(thread_, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
    return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void execution_control::stop(stop_reason why) noexcept {
  auto next = interrupt_grace;
  {
    std::lock_guard lock(mutex_);
    if (!running_ || reason_ != stop_reason::none)
      return;
    reason_ = why;
    if (!armed_)
      return;
    if (why == stop_reason::cancelled) {
      terminate();
      next = stop_grace;
    } else {
      isolate_->RequestInterrupt(on_interrupt, this);
    }
  }
  dog_.watch(*this, watchdog::clock::now() + next);
}

std::optional<watchdog::clock::time_point> execution_control::deadline_passed() noexcept {
  std::lock_guard lock(mutex_);
  if (!running_ || !armed_)
    return std::nullopt;
  auto now = watchdog::clock::now();
  if (reason_ == stop_reason::none) {
    auto left = armed_at_ + budget_ - computing_time();
    if (left.count() > 0) // it has waited for its client, or for a processor
      return now + std::max<std::chrono::nanoseconds>(left, shortest_look);
    reason_ = stop_reason::time;
    isolate_->RequestInterrupt(on_interrupt, this);
    return now + interrupt_grace;
  }
  if (!terminated_) {
    terminate();
    return now + stop_grace;
  }
  auto grace = reason_ == stop_reason::heap ? heap_stop_grace : stop_grace;
  if (computing_time() - terminated_at_ >= grace)
    ::pthread_kill(thread_, signal_number);
  return now + signal_interval;
}

void execution_control::on_interrupt(v8::Isolate* isolate, void* self) {
  auto& control = *static_cast<execution_control*>(self);
  auto why = control.reason();
  if (why != stop_reason::time && why != stop_reason::heap)
    return; // asked for in an earlier run
  control.on_limit_();
  isolate->TerminateExecution();
}

} // namespace zako
