// Reads /proc, /sys/fs/cgroup and /dev, and the rules of thumb.
#include "actors/machine.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "scripting/script_host.hpp"

namespace zako {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1u << 20;
constexpr std::uint64_t second_ms = 1000;

std::string read(const fs::path& path) {
  std::ostringstream out;
  if (std::ifstream in{path})
    out << in.rdbuf();
  return out.str();
}

/// The first number of a file; nothing when it says "max" or is not there.
std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::istringstream in(read(path));
  std::int64_t n = 0;
  if (in >> n && n >= 0)
    return static_cast<std::uint64_t>(n);
  return std::nullopt;
}

/// What follows "NAME:" in a file of such lines.
std::string field_of(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + ":"))
      return line.substr(name.size() + 1);
  return {};
}

/// How many numbers "0-3,6" names.
std::uint64_t count_listed(const std::string& list) {
  std::uint64_t sum = 0;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    std::istringstream range(part);
    std::uint64_t first = 0, last = 0;
    char dash = 0;
    if (!(range >> first))
      continue;
    if (!(range >> dash >> last))
      last = first;
    sum += last >= first ? last - first + 1 : 0;
  }
  return sum;
}

/// The folders of a controller's group, from the process's own up to the root: any of them may
/// limit it. A container may not see its own group by its path; it sees what it is limited by as
/// the root.
std::vector<fs::path> groups_of(const fs::path& root, const std::string& controller) {
  std::vector<fs::path> out;
  std::istringstream lines(read(root / "proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    auto first = line.find(':');
    auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    auto controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    fs::path mount = root / "sys/fs/cgroup";
    if (controllers != ",,") { // version 1
      if (controllers.find("," + controller + ",") == std::string::npos)
        continue;
      mount /= controller;
    }
    auto path = fs::path(line.substr(second + 1)).relative_path();
    for (; !path.empty(); path = path.parent_path())
      out.push_back(mount / path);
    out.push_back(mount);
  }
  return out;
}

std::optional<std::uint64_t> quota_cores(const fs::path& root) {
  std::optional<std::uint64_t> least;
  for (auto& group : groups_of(root, "cpu")) {
    std::uint64_t quota = 0, period = 0;
    std::istringstream v2(read(group / "cpu.max")); // "max 100000" when there is none
    if (!(v2 >> quota >> period)) {
      quota = number_in(group / "cpu.cfs_quota_us").value_or(0); // -1 when there is none
      period = number_in(group / "cpu.cfs_period_us").value_or(0);
    }
    if (quota == 0 || period == 0)
      continue;
    auto cores = (quota + period - 1) / period; // a part of a core is worth one more slot
    least = least ? std::min(*least, cores) : cores;
  }
  return least;
}

std::optional<std::uint64_t> limit_bytes(const fs::path& root) {
  std::optional<std::uint64_t> least;
  for (auto& group : groups_of(root, "memory"))
    for (auto* file : {"memory.max", "memory.limit_in_bytes"})
      if (auto n = number_in(group / file))
        least = least ? std::min(*least, *n) : *n;
  return least;
}

/// The files of a folder that are named `prefix` and a number.
std::uint64_t count_numbered(const fs::path& folder, const std::string& prefix) {
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (fs::directory_iterator i{folder, ignored}, end; !ignored && i != end; i.increment(ignored)) {
    auto name = i->path().filename().string();
    sum += name.size() > prefix.size() && name.starts_with(prefix) &&
           std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
  }
  return sum;
}

} // namespace

machine_facts look_at_machine(const std::string& root_text) {
  fs::path root = root_text;
  machine_facts out;
  out.cores = count_listed(field_of(read(root / "proc/self/status"), "Cpus_allowed_list"));
  out.cores_from = "affinity";
  if (out.cores == 0)
    out.cores = std::max(1u, std::thread::hardware_concurrency());
  if (auto cores = quota_cores(root); cores && *cores < out.cores) {
    out.cores = *cores;
    out.cores_from = "cgroup quota";
  }
  out.memory_from = "unknown";
  std::istringstream total(field_of(read(root / "proc/meminfo"), "MemTotal"));
  if (std::uint64_t kib = 0; total >> kib) {
    out.memory_bytes = kib * 1024;
    out.memory_from = "installed";
  }
  if (auto limit = limit_bytes(root);
      limit && (out.memory_bytes == 0 || *limit < out.memory_bytes)) {
    out.memory_bytes = *limit;
    out.memory_from = "cgroup limit";
  }
  // A card may be there under both names.
  out.gpus =
      std::max(count_numbered(root / "dev", "nvidia"), count_numbered(root / "dev/dri", "renderD"));
  return out;
}

void set_machine_defaults(engine_settings& to, const machine_facts& machine) {
  auto cores = machine.cores;
  // The system, the desktop and the engine itself need some; of little, they get half.
  auto reserve = std::min(std::max(512 * mib, machine.memory_bytes / 10), machine.memory_bytes / 2);
  auto in_mib = [](std::uint64_t bytes) { return bytes - bytes % mib; };
  to.set_default("resources.cpu", cores, "machine: " + machine.cores_from);
  to.set_default("resources.memory",
                 machine.memory_bytes == 0 ? std::numeric_limits<std::int64_t>::max()
                                           : in_mib(machine.memory_bytes - reserve),
                 "machine: " + machine.memory_from);
  to.set_default("resources.disk", std::max<std::uint64_t>(2, cores / 2));
  to.set_default("resources.network", std::max<std::uint64_t>(4, cores));
  to.set_default("resources.gpu", machine.gpus, "machine");
  for (auto* name : {"cpu", "disk", "gpu", "network"})
    to.set_default(std::string("overcommit.") + name, 0);
  to.set_default("overcommit.memory", 25); // peaks that were learned seldom meet
  // JavaScript workers are whole machines of V8: half the cores keeps them warm and few.
  auto pool = [&](const std::string& name, std::uint64_t max, std::uint64_t min) {
    // Who sets one bound leaves the other to give way.
    auto most = to.find("pools." + name + ".max").value_or(max);
    auto least = to.find("pools." + name + ".min").value_or(min);
    to.set_default("pools." + name + ".max", std::max(max, least));
    to.set_default("pools." + name + ".min", std::min(min, most));
    to.set_default("pools." + name + ".idle", 30 * second_ms);
  };
  pool("script", std::max<std::uint64_t>(1, cores / 2), 0);
  pool("transpile", std::min<std::uint64_t>(2, cores), 0);
  pool("io", 2, 0);
  pool("sweep", cores, 0);
  // Those that wait for some other resource must not keep cpus idle.
  pool("process", std::max<std::uint64_t>(4, 2 * to.at("resources.cpu")), 0);
  to.set_default("cache.memory", in_mib(machine.memory_bytes / 10));
  to.set_default("gc.idle", 30 * second_ms);
  to.set_default("gc.on_pressure", 1);
  to.set_default("process.grace", second_ms / 2);
  to.set_default("metrics.port", 0);
  to.set_default("jobserver", 1);
  script_limits script;
  to.set_default("script.time", script.time_ms);
  to.set_default("script.heap", script.heap_bytes);
  to.set_default("script.array_buffers", script.array_buffer_bytes);
  to.set_default("script.stack", script.stack_bytes);
  to.set_default("script.modules", script.modules);
  to.set_default("script.values", script.values);
  to.set_default("script.text", script.text_bytes);
  to.set_default("script.console", script.console_bytes);
}

} // namespace zako
