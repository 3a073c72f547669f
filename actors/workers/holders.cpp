// A walk over /proc.
#include "actors/workers/holders.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace zako {

namespace {

namespace fs = std::filesystem;

constexpr int most_walks = 8; // a family that still grows then is left to the leash (leash.hpp)

bool holds(const fs::path& process, const struct ::stat& file, const descriptor_test& passes) {
  std::error_code ignored;
  for (auto& entry : fs::directory_iterator(process / "fd", ignored)) {
    struct ::stat s;
    if (::stat(entry.path().c_str(), &s) == 0 && s.st_dev == file.st_dev &&
        s.st_ino == file.st_ino && passes(process / "fdinfo" / entry.path().filename()))
      return true;
  }
  return false;
}

/// When a process was started, in the system's ticks since it was; 0 when it is gone.
std::uint64_t started_at(::pid_t pid) {
  constexpr int fields_before = 19; // after the name: proc(5), starttime
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  auto name_end = text.rfind(')');
  if (name_end == std::string::npos)
    return 0;
  std::istringstream words(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < fields_before; ++i)
    words >> skipped;
  std::uint64_t at = 0;
  return words >> at ? at : 0;
}

/// False of what a child that is just being started has of ours: it closes itself.
bool inherited(const fs::path& about) {
  std::ifstream in(about);
  std::string word;
  while (in >> word)
    if (word == "flags:" && in >> word)
      return (std::stoul(word, nullptr, 8) & O_CLOEXEC) == 0;
  return false;
}

} // namespace

std::vector<::pid_t> holders(int fd, const descriptor_test& passes) {
  std::vector<::pid_t> out;
  struct ::stat file;
  if (::fstat(fd, &file) != 0)
    return out;
  std::error_code ignored;
  for (auto& entry : fs::directory_iterator("/proc", ignored)) {
    auto name = entry.path().filename().string();
    ::pid_t pid = 0;
    auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (failed == std::errc{} && end == name.data() + name.size() &&
        holds(entry.path(), file, passes))
      out.push_back(pid);
  }
  return out;
}

std::uint64_t start_mark() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return static_cast<std::uint64_t>(now.tv_sec) * ticks +
         static_cast<std::uint64_t>(now.tv_nsec) * ticks / 1'000'000'000u;
}

void kill_strays(int fd, std::uint64_t mark) {
  std::set<::pid_t> killed{::getpid()};
  for (int walk = 0; walk < most_walks; ++walk) {
    bool more = false;
    for (auto pid : holders(fd, inherited))
      if (started_at(pid) >= mark && killed.insert(pid).second) {
        ::kill(pid, SIGKILL);
        more = true;
      }
    if (!more)
      return;
  }
}

} // namespace zako
