// flock, which lasts as long as anybody has the open file.
#include "actors/workers/leash.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "actors/workers/holders.hpp"

namespace zako {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s; // a killed program that is busy in the kernel ends a little later
constexpr auto pause = 2ms;

/// True of the descriptor that has the lock. Whoever just reads the file has it not.
bool locked(const std::filesystem::path& about) {
  std::ifstream in(about);
  for (std::string line; std::getline(in, line);)
    if (line.find("FLOCK") != std::string::npos)
      return true;
  return false;
}

/// Who took the lock last, as that process wrote it; 0 for nobody.
::pid_t last_owner(int fd) {
  std::array<char, 16> text{};
  auto n = ::pread(fd, text.data(), text.size(), 0);
  ::pid_t pid = 0;
  if (n > 0)
    std::from_chars(text.data(), text.data() + n, pid);
  return pid;
}

void end_leftovers(int fd) {
  auto all = holders(fd, locked);
  auto owner = last_owner(fd);
  for (auto pid : all)
    if (pid == owner)
      return;
  for (auto pid : all)
    ::kill(pid, SIGKILL);
}

} // namespace

result<leash> leash::take(const std::string& path) {
  leash self{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)};
  if (self.fd_ < 0)
    return fail(errc::io, "cannot open '" + path + "': " + std::strerror(errno));
  auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(self.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return fail(errc::io, "cannot lock '" + path + "': " + std::strerror(errno));
    if (std::chrono::steady_clock::now() > end)
      return fail(errc::io, "programs of a build that was killed still run, and cannot be ended",
                  "end the processes that have '" + path + "' open");
    end_leftovers(self.fd_);
    std::this_thread::sleep_for(pause);
  }
  // On a full disk the number is missing, and the next build takes us for a leftover if it comes in
  // the moment between the workspace's release and our end: it does not, this lock goes first.
  std::array<char, 16> text{};
  auto length = std::snprintf(text.data(), text.size(), "%-10d\n", static_cast<int>(::getpid()));
  [[maybe_unused]] auto written =
      ::pwrite(self.fd_, text.data(), static_cast<std::size_t>(length), 0);
  return self;
}

leash::leash(leash&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

leash::~leash() {
  if (fd_ < 0)
    return;
  ::flock(fd_, LOCK_UN); // for all who have inherited it
  ::close(fd_);
}

} // namespace zako
