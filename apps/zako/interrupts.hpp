// Ctrl-C and SIGTERM as calls on a thread of their own.
#pragma once

#include <functional>
#include <thread>

namespace zako {

/// Make it before the program's first other thread: that is how they all come to leave the two
/// signals to this one. While it lives, the signals do nothing else.
class interrupts {
public:
  /// Both run on the watching thread. `on_signal` gets each signal's number; when it gives false
  /// the program ends at once with exit_interrupted, after a last call.
  interrupts(std::function<bool(int)> on_signal, std::function<void()> before_leaving);
  ~interrupts();
  interrupts(const interrupts&) = delete;
  interrupts& operator=(const interrupts&) = delete;

private:
  int signals_ = -1;
  int stop_ = -1;
  std::function<bool(int)> on_signal_;
  std::function<void()> before_leaving_;
  std::thread thread_;
};

} // namespace zako
