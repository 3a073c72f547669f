// Tells when memory gets scarce: on this machine, or in the control group that this process is in.
//
// The kernel is asked to say so by itself (pressure stall information); the thread then sleeps
// until it does. What it cannot say by itself is looked at every few seconds: how near a limit of
// the group is, and the stalls where it does not take orders from this user.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace zako {

class memory_watch {
public:
  struct options {
    std::chrono::milliseconds interval{10'000}; // between two looks, where looks are needed
    std::string root;                           // stands for "/", in tests: looks only
  };
  /// `full`: programs stand still for want of memory, or a limit is nearly reached. Otherwise some
  /// work is slowed. On a thread of the watch, again while it lasts.
  using listener = std::function<void(bool full)>;

  memory_watch(options how, listener on_pressure);
  ~memory_watch();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace zako
