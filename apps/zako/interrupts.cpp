// signalfd and a thread that polls it.
#include "apps/zako/interrupts.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cassert>
#include <cstdint>
#include <utility>

#include "apps/zako/exit_code.hpp"

namespace zako {

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

} // namespace

interrupts::interrupts(std::function<bool(int)> on_signal, std::function<void()> before_leaving)
    : on_signal_(std::move(on_signal)), before_leaving_(std::move(before_leaving)) {
  auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  stop_ = eventfd(0, EFD_CLOEXEC);
  assert(signals_ >= 0 && stop_ >= 0);
  thread_ = std::thread([this] {
    for (;;) {
      pollfd sources[] = {{signals_, POLLIN, 0}, {stop_, POLLIN, 0}};
      while (poll(sources, 2, -1) < 0) {
      }
      signalfd_siginfo signal;
      if (sources[1].revents != 0 || read(signals_, &signal, sizeof signal) != sizeof signal)
        return;
      if (!on_signal_(static_cast<int>(signal.ssi_signo))) {
        before_leaving_();
        _exit(exit_interrupted);
      }
    }
  });
}

interrupts::~interrupts() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = write(stop_, &one, sizeof one);
  thread_.join();
  close(signals_);
  close(stop_);
  auto set = watched();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace zako
