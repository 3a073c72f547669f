// Folders and small files below the mounted control groups.
#include "actors/cgroup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

namespace zako {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::string_view prefix = "zako-";
constexpr std::uint64_t probe_bytes = 64u << 20;
constexpr int tries_to_remove = 20; // a killed process leaves its group a little later
constexpr auto pause = 1ms;
constexpr std::uint64_t no_limit = std::uint64_t{1} << 60; // version 1 writes a number for "none"

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool write_text(const std::string& path, std::string_view text) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool good = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return good;
}

/// The number after a word at a line's beginning; the first word of the text when `name` is empty.
std::uint64_t number_in(const std::string& text, std::string_view name) {
  std::istringstream words(text);
  std::string word;
  while (words >> word)
    if (name.empty() || (word == name && words >> word)) {
      std::uint64_t n = 0;
      std::from_chars(word.data(), word.data() + word.size(), n);
      return n;
    }
  return 0;
}

bool has_word(const std::string& list, std::string_view wanted, char between) {
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, between);)
    if (word == wanted || word == std::string(wanted) + '\n')
      return true;
  return false;
}

/// A file that holds one number; nothing when it holds another word ("max") or is not there.
std::optional<std::uint64_t> number_of(const std::string& path) {
  auto text = read_text(path);
  std::uint64_t n = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  return bad == std::errc{} ? std::optional(n) : std::nullopt;
}

/// Where a hierarchy is mounted: of version 2, or of version 1 with the memory controller. Below
/// it, a process's group is found at what /proc/self/cgroup says after `mounted_path`.
struct mount_point {
  std::string folder;
  std::string mounted_path;
};

std::optional<mount_point> find_mount(const std::string& root, bool v2) {
  std::ifstream in(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    auto dash = line.find(" - ");
    if (dash == std::string::npos)
      continue;
    std::istringstream before(line.substr(0, dash)), after(line.substr(dash + 3));
    std::string skipped, path, folder, type, options;
    before >> skipped >> skipped >> skipped >> path >> folder;
    after >> type >> skipped >> options;
    if (v2 ? type == "cgroup2" : type == "cgroup" && has_word(options, "memory", ','))
      return mount_point{root + folder, path == "/" ? "" : path};
  }
  return std::nullopt;
}

struct group_place {
  std::string folder;
  std::string mount; // folder of the hierarchy's top

  [[nodiscard]] bool top() const { return folder == mount; }
};

/// This process's own group in one of these hierarchies.
std::optional<group_place> own_group(const std::string& root, bool v2) {
  auto mount = find_mount(root, v2);
  if (!mount)
    return std::nullopt;
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    auto controllers = line.substr(first + 1, second - first - 1);
    auto path = line.substr(second + 1);
    if (v2 ? !controllers.empty() : !has_word(controllers, "memory", ','))
      continue;
    if (path.starts_with(mount->mounted_path))
      path.erase(0, mount->mounted_path.size());
    return group_place{mount->folder + (path == "/" ? "" : path), mount->folder};
  }
  return std::nullopt;
}

void remove_group(const std::string& folder) {
  for (int i = 0; i < tries_to_remove; ++i) {
    if (::rmdir(folder.c_str()) == 0 || errno != EBUSY)
      return;
    std::this_thread::sleep_for(pause);
  }
}

/// The process that a group's name is made of; 0: it is not one of ours.
::pid_t owner_of(const std::string& name) {
  ::pid_t pid = 0;
  if (name.starts_with(prefix))
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
  return pid;
}

} // namespace

std::uint64_t memory_ceiling::used() const {
  auto all = number_of(folder + (v2 ? "/memory.current" : "/memory.usage_in_bytes"));
  auto idle =
      number_in(read_text(folder + "/memory.stat"), v2 ? "inactive_file" : "total_inactive_file");
  return all && *all > idle ? *all - idle : 0;
}

std::vector<memory_ceiling> memory_ceilings(const std::string& root) {
  std::vector<memory_ceiling> out;
  for (bool v2 : {true, false}) {
    auto own = own_group(root, v2);
    if (!own)
      continue;
    for (fs::path at = own->folder;; at = at.parent_path()) {
      auto limit = number_of(at / (v2 ? "memory.max" : "memory.limit_in_bytes"));
      if (limit && *limit < no_limit)
        out.push_back({at, v2, *limit});
      if (at == own->mount)
        break;
    }
  }
  return out;
}

std::string group_pressure_file(const std::string& root) {
  auto own = own_group(root, true);
  auto file = own ? own->folder + "/memory.pressure" : std::string();
  return !file.empty() && fs::exists(file) ? file : std::string();
}

cgroup::cgroup(cgroup&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), v2_(other.v2_),
      door_(std::exchange(other.door_, -1)) {}

cgroup::~cgroup() {
  if (folder_.empty())
    return;
  ::close(door_);
  if (::rmdir(folder_.c_str()) == 0)
    return;
  kill_all();
  remove_group(folder_);
}

std::uint64_t cgroup::peak_bytes() const {
  return number_in(read_text(folder_ + (v2_ ? "/memory.peak" : "/memory.max_usage_in_bytes")), "");
}

bool cgroup::ran_out_of_memory() const {
  return number_in(read_text(folder_ + (v2_ ? "/memory.events" : "/memory.oom_control")),
                   "oom_kill") > 0;
}

void cgroup::kill_all() const {
  if (v2_ && write_text(folder_ + "/cgroup.kill", "1"))
    return;
  std::istringstream pids(read_text(folder_ + "/cgroup.procs"));
  for (::pid_t pid = 0; pids >> pid;)
    ::kill(pid, SIGKILL);
}

const std::string& cgroups::refusal() {
  std::call_once(looked_, [this] { look(); });
  return refusal_;
}

/// Sets `v2_`; where groups may be made, or nothing and `refusal_`.
std::string cgroups::find_parent() {
  if (auto own = own_group(root_, true)) {
    auto parent = own->top() ? own->folder : fs::path(own->folder).parent_path().string();
    if (has_word(read_text(parent + "/cgroup.subtree_control"), "memory", ' ')) {
      v2_ = true;
      return parent;
    }
  }
  if (auto own = own_group(root_, false))
    return own->folder;
  refusal_ = "the system has no memory controller that this process may hand on";
  return {};
}

void cgroups::look() {
  parent_ = find_parent();
  if (parent_.empty())
    return;
  remove_stale();
  if (::access(parent_.c_str(), W_OK) != 0)
    refusal_ = "no groups may be made in '" + parent_ + "': " + std::strerror(errno);
  else if (!create(probe_bytes))
    refusal_ = "a group in '" + parent_ + "' cannot be given a limit: " + std::strerror(errno);
}

void cgroups::remove_stale() const {
  std::error_code ignored;
  for (auto& entry : fs::directory_iterator(parent_, ignored))
    if (auto owner = owner_of(entry.path().filename().string());
        owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH)
      ::rmdir(entry.path().c_str());
}

std::optional<cgroup> cgroups::make(std::uint64_t memory_bytes) {
  return refusal().empty() ? create(memory_bytes) : std::nullopt;
}

std::optional<cgroup> cgroups::create(std::uint64_t memory_bytes) {
  std::string folder = parent_ + '/' + std::string(prefix) + std::to_string(::getpid()) + '-';
  {
    std::lock_guard guard{mutex_};
    folder += std::to_string(++count_);
  }
  if (::mkdir(folder.c_str(), 0755) != 0)
    return std::nullopt;
  auto bytes = std::to_string(memory_bytes);
  bool limited = false;
  if (v2_) {
    limited = write_text(folder + "/memory.max", bytes);
    write_text(folder + "/memory.swap.max", "0"); // not there without swap
    write_text(folder + "/memory.oom.group", "1");
  } else {
    limited = write_text(folder + "/memory.limit_in_bytes", bytes);
    write_text(folder + "/memory.memsw.limit_in_bytes", bytes); // likewise
  }
  int door = limited ? ::open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC) : -1;
  if (door < 0) {
    auto why = errno;
    ::rmdir(folder.c_str());
    errno = why;
    return std::nullopt;
  }
  return cgroup{std::move(folder), v2_, door};
}

} // namespace zako
