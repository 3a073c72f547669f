// Memory pressure, as made-up systems show it.
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <catch2/catch.hpp>

#include "actors/memory_watch.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

constexpr auto interval = 20ms;
constexpr auto long_enough = 10s;
constexpr auto several_looks = 200ms;

/// What a watch has said.
class heard {
public:
  memory_watch::listener listener() {
    return [this](bool full) {
      std::lock_guard guard{mutex_};
      ++(full ? full_ : gentle_);
      changed_.notify_all();
    };
  }
  bool gentle() { return wait(gentle_, long_enough); }
  bool full() { return wait(full_, long_enough); }
  bool nothing() { return !wait(gentle_, several_looks) && !wait(full_, 0ms); }

private:
  bool wait(const int& count, std::chrono::milliseconds time) {
    std::unique_lock hold{mutex_};
    return changed_.wait_for(hold, time, [&] { return count > 0; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int gentle_ = 0;
  int full_ = 0;
};

std::string stalls(std::uint64_t some_us, std::uint64_t full_us) {
  auto line = [](const std::string& name, std::uint64_t us) {
    return name + " avg10=0.00 avg60=0.00 avg300=0.00 total=" + std::to_string(us) + "\n";
  };
  return line("some", some_us) + line("full", full_us);
}

/// A machine without stalls, and a process in a group of version 1 with a limit.
struct made_up_system {
  temporary_folder root;

  made_up_system(const std::string& used, const std::string& of_which_cached) {
    root.write("proc/self/mountinfo", "35 31 0:32 / /cg rw - cgroup cgroup rw,memory\n");
    root.write("proc/self/cgroup", "4:memory:/box/inner\n");
    root.write("cg/memory.limit_in_bytes", "9223372036854771712\n");
    root.write("cg/box/memory.limit_in_bytes", "1000000\n");
    root.write("cg/box/memory.usage_in_bytes", used + "\n");
    root.write("cg/box/memory.stat",
               "total_cache 5\ntotal_inactive_file " + of_which_cached + "\n");
    root.write("cg/box/inner/memory.limit_in_bytes", "9223372036854771712\n");
    root.write("proc/pressure/memory", stalls(5'000'000, 5'000'000));
  }
};

} // namespace

TEST_CASE("a system that has room is quiet") {
  made_up_system system{"899000", "0"};
  heard h;
  memory_watch watch{{interval, system.root.path()}, h.listener()};
  CHECK(h.nothing()); // also not of the stalls before it began
}

TEST_CASE("a nearly full group of an outer level is heard of") {
  made_up_system system{"950000", "10000"};
  heard h;
  memory_watch watch{{interval, system.root.path()}, h.listener()};
  CHECK(h.full());
}

TEST_CASE("cached files that nobody uses do not fill a group") {
  made_up_system system{"999000", "200000"};
  heard h;
  memory_watch watch{{interval, system.root.path()}, h.listener()};
  CHECK(h.nothing());
}

TEST_CASE("stalls of some work are heard of as such, those of all work as full") {
  made_up_system system{"0", "0"};
  heard h;
  memory_watch watch{{interval, system.root.path()}, h.listener()};
  system.root.write("proc/pressure/memory", stalls(5'010'000, 5'000'000));
  CHECK(h.gentle());
  system.root.write("proc/pressure/memory", stalls(5'020'000, 5'010'000));
  CHECK(h.full());
}

TEST_CASE("a watch of this very machine ends when it is told to, and not at its next look") {
  heard h;
  auto begin = std::chrono::steady_clock::now();
  { memory_watch watch{{}, h.listener()}; }
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}
