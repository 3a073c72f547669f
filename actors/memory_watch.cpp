// poll, and files below /proc and the control groups.
#include "actors/memory_watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "actors/cgroup.hpp"

namespace zako {

namespace {

// What counts as pressure: so much standing still within a window, in microseconds. A window of 2 s
// is what the kernel takes from any user.
constexpr std::string_view some_order = "some 200000 2000000";
constexpr std::string_view full_order = "full 100000 2000000";
constexpr std::uint64_t some_share = 10; // percent: the same for looks
constexpr std::uint64_t full_share = 5;
constexpr std::uint64_t ceiling_percent = 90;
constexpr std::uint64_t relaxed_percent = 85; // below this it may be crossed again

/// Has the kernel wake whoever polls this descriptor; -1 when it refuses.
int order_wake_up(const std::string& file, std::string_view order) {
  int fd = ::open(file.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0 && ::write(fd, order.data(), order.size() + 1) < 0) {
    ::close(fd);
    fd = -1;
  }
  return fd;
}

/// All stalls until now, in microseconds.
struct stalls {
  std::uint64_t some = 0;
  std::uint64_t full = 0;
};

std::optional<stalls> read_stalls(const std::string& file) {
  std::ifstream in(file);
  stalls out;
  bool found = false;
  for (std::string line; std::getline(in, line);)
    if (auto at = line.find("total="); at != std::string::npos) {
      (line.starts_with("full") ? out.full : out.some) =
          std::strtoull(line.c_str() + at + 6, nullptr, 10);
      found = true;
    }
  return found ? std::optional(out) : std::nullopt;
}

} // namespace

struct memory_watch::state {
  struct looked_at {
    std::string file;
    stalls before;
  };

  options how;
  listener on_pressure;
  std::vector<pollfd> sources; // the first one ends the thread
  std::vector<bool> full;      // what each of the sources means
  std::vector<looked_at> files;
  std::vector<memory_ceiling> ceilings;
  bool was_over = false; // one of them, at the last look
  std::thread thread;

  state(options o, listener l) : how(std::move(o)), on_pressure(std::move(l)) {
    sources.push_back({::eventfd(0, EFD_CLOEXEC), POLLIN, 0});
    full.push_back(false);
    watch_stalls(how.root + "/proc/pressure/memory");
    if (auto own = group_pressure_file(how.root); !own.empty())
      watch_stalls(own);
    ceilings = memory_ceilings(how.root);
  }

  ~state() {
    for (auto& x : sources)
      ::close(x.fd);
  }

  void watch_stalls(const std::string& file) {
    if (how.root.empty()) {
      int some = order_wake_up(file, some_order), all = order_wake_up(file, full_order);
      for (int fd : {some, all})
        if (fd >= 0) {
          sources.push_back({fd, POLLPRI, 0});
          full.push_back(fd == all);
        }
      if (some >= 0 && all >= 0)
        return;
    }
    if (auto now = read_stalls(file))
      files.push_back({file, *now});
  }

  void run() {
    bool looks = !files.empty() || !ceilings.empty();
    for (;;) {
      int n = ::poll(sources.data(), sources.size(),
                     looks ? static_cast<int>(how.interval.count()) : -1);
      if (n < 0 && errno != EINTR)
        return;
      if (sources.front().revents != 0)
        return;
      bool some = false, all = false;
      for (std::size_t i = 1; n > 0 && i < sources.size(); ++i) {
        auto& x = sources[i];
        if ((x.revents & POLLERR) != 0) { // its group is gone
          ::close(x.fd);
          x.fd = -1; // which poll passes over
        } else if ((x.revents & POLLPRI) != 0)
          (full[i] ? all : some) = true;
      }
      if (n == 0)
        look(some, all);
      if (some || all)
        on_pressure(all);
    }
  }

  void look(bool& some, bool& all) {
    auto window = static_cast<std::uint64_t>(how.interval.count()) * 1000;
    for (auto& x : files)
      if (auto now = read_stalls(x.file)) {
        some |= (now->some - x.before.some) * 100 >= window * some_share;
        all |= (now->full - x.before.full) * 100 >= window * full_share;
        x.before = *now;
      }
    // Once for each time that it is crossed: what stays was not to be had.
    bool over = false;
    for (auto& x : ceilings)
      over |= x.used() >= x.limit / 100 * (was_over ? relaxed_percent : ceiling_percent);
    all |= over && !was_over;
    was_over = over;
  }
};

memory_watch::memory_watch(options how, listener on_pressure)
    : state_(std::make_unique<state>(std::move(how), std::move(on_pressure))) {
  state_->thread = std::thread{[raw = state_.get()] { raw->run(); }};
}

memory_watch::~memory_watch() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(state_->sources.front().fd, &one, sizeof one);
  state_->thread.join();
}

} // namespace zako
