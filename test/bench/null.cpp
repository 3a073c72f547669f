// Builds with little or nothing to do, of the layered graph: beside ninja, and beside what the
// looks at the files cost.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include <fmt/format.h>

#include "engine/digest.hpp"
#include "storage/node_database.hpp"
#include "test/bench/benchmark.hpp"
#include "test/bench/layered.hpp"
#include "test/bench/workspaces.hpp"

namespace zako::bench {

namespace {

using namespace std::chrono_literals;

constexpr unsigned default_size = 100'000;
constexpr unsigned small_size = 10'000;
constexpr unsigned null_rounds = 11;
constexpr unsigned edit_rounds = 5;
// Fingerprints of files that changed just before they were looked at are not trusted.
constexpr auto settling = 100ms;

/// The graph in a folder for each tool.
struct projects {
  layered_graph graph;
  workspace zako;
  std::string ninja;
  std::string jobs = std::to_string(std::max(1u, std::thread::hardware_concurrency()));
};

projects make_projects(const settings& given, const temporary_folder& work, const std::string& name,
                       unsigned actions) {
  auto folder = work / name;
  std::filesystem::create_directories(folder);
  auto graph = make_layered_graph(actions, folder + "/mix");
  for (auto* side : {"/zako", "/ninja"}) {
    std::filesystem::create_directories(folder + side);
    write_sources(graph, folder + side);
  }
  write_zako_files(graph, folder + "/zako");
  write_ninja_file(graph, folder + "/ninja");
  return {std::move(graph), workspace::made(given, folder + "/zako"), folder + "/ninja"};
}

/// zako build; throws `failure` unless it ran exactly so many actions, and the rest not.
double build(const projects& p, std::size_t expected) {
  auto done = p.zako.run({"build", "-j", p.jobs, "//..."}, true);
  auto wanted = fmt::format(": {} action{} run, {} reused, 0 failed in ", expected,
                            expected == 1 ? "" : "s", p.graph.outputs.size() - expected);
  auto last = done.output.substr(std::min(done.output.size(), done.output.rfind("built ")));
  if (last.find(wanted) == std::string::npos)
    throw failure(fmt::format("expected '{}' and got '{}'", wanted, last));
  return done.wall_ms;
}

double ninja(const projects& p) {
  return spawn_good({"ninja", "-j", p.jobs}, {p.ninja, fair_environment(), true}).wall_ms;
}

double in_ms(const std::function<void()>& what) {
  auto begin = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

/// A folder that paths are relative to.
class open_folder {
public:
  explicit open_folder(const std::string& path) : fd_(open(path.c_str(), O_PATH | O_CLOEXEC)) {
    if (fd_ < 0)
      throw failure(fmt::format("cannot open '{}'", path));
  }
  ~open_folder() { close(fd_); }
  open_folder(const open_folder&) = delete;
  open_folder& operator=(const open_folder&) = delete;

  void look(const std::vector<std::string>& paths) const {
    struct stat found {};
    for (auto& path : paths)
      if (fstatat(fd_, path.c_str(), &found, 0) != 0)
        throw failure(fmt::format("there is no '{}'", path));
  }

  /// The sum stands in for a use of the digests.
  [[nodiscard]] std::uint64_t hash(const std::vector<std::string>& paths) const {
    std::uint64_t sum = 0;
    std::string bytes;
    for (auto& path : paths) {
      int fd = openat(fd_, path.c_str(), O_RDONLY | O_CLOEXEC);
      struct stat found {};
      if (fd < 0 || fstat(fd, &found) != 0)
        throw failure(fmt::format("cannot open '{}'", path));
      bytes.resize(static_cast<std::size_t>(found.st_size));
      auto n = read(fd, bytes.data(), bytes.size());
      close(fd);
      if (n != static_cast<ssize_t>(bytes.size()))
        throw failure(fmt::format("cannot read '{}'", path));
      sum += digest_of(bytes).prefix();
    }
    return sum;
  }

  void touch(const std::vector<std::string>& paths) const {
    for (auto& path : paths)
      if (utimensat(fd_, path.c_str(), nullptr, 0) != 0)
        throw failure(fmt::format("cannot touch '{}'", path));
  }

private:
  int fd_;
};

void measure_clean(const projects& p, report& out) {
  auto n = p.graph.outputs.size();
  std::filesystem::remove_all(p.ninja + "/zako-out");
  auto ours = build(p, n), theirs = ninja(p);
  for (auto i : {std::size_t{0}, n / 2, n - 1})
    if (read_file(p.zako / p.graph.outputs[i]) != read_file(p.ninja + '/' + p.graph.outputs[i]))
      throw failure(fmt::format("zako and ninja made different files: {}", p.graph.outputs[i]));
  out.row(fmt::format("{} actions, clean: zako", n), {ours}, "ms");
  out.row(fmt::format("{} actions, clean: ninja", n), {theirs}, "ms");
  out.row("  zako / ninja", fmt::format("{:.2f}", ours / theirs));
  std::this_thread::sleep_for(settling);
  // Outputs were looked at as soon as they were made, too soon to be trusted: the first build after
  // looks closely.
  out.row("  zako: the first build after", {build(p, 0)}, "ms");
}

double measure_null(const projects& p, report& out) {
  open_folder folder(p.zako.folder());
  std::vector<double> ours, theirs, looks;
  for (unsigned i = 0; i < null_rounds; ++i) {
    ours.push_back(build(p, 0));
    theirs.push_back(ninja(p));
    looks.push_back(in_ms([&] {
      folder.look(p.graph.sources);
      folder.look(p.graph.outputs);
    }));
  }
  auto n = p.graph.outputs.size();
  out.row(fmt::format("{} actions, unchanged: zako", n), ours, "ms");
  out.row(fmt::format("{} actions, unchanged: ninja", n), theirs, "ms");
  out.row(fmt::format("{} files: stat", n + p.graph.sources.size()), looks, "ms");
  auto wall = median(ours);
  if (n > small_size) {
    out.metric("wall_ms", wall, 1, "ms");
    out.metric("ratio_ninja", wall / median(theirs), 3, "x");
    out.metric("ratio_stat", wall / median(looks), 3, "x");
  }
  return wall;
}

/// A build with one source changed at `offset`, and what that costs beside a null build and the
/// actions alone.
double measure_change(const projects& p, std::string_view what, std::size_t offset,
                      const std::vector<std::size_t>& actions, report& out) {
  auto path = p.zako / p.graph.sources.front();
  std::vector<double> changed, unchanged, alone;
  for (unsigned i = 0; i < edit_rounds; ++i) {
    auto text = read_file(path);
    text[offset] = text[offset] == 'x' ? 'y' : 'x';
    write_file(path, text);
    std::this_thread::sleep_for(settling);
    changed.push_back(build(p, actions.size()));
    std::this_thread::sleep_for(settling);
    build(p, 0); // trusts the new files
    unchanged.push_back(build(p, 0));
    double sum = 0;
    for (auto action : actions)
      sum += spawn_good(p.graph.command(action), {.folder = p.ninja}).wall_ms;
    alone.push_back(sum);
  }
  out.row(fmt::format("one source changed, {}", what), changed, "ms");
  out.row("  unchanged", unchanged, "ms");
  out.row("  the actions alone", alone, "ms");
  auto added = median(changed) - median(unchanged) - median(alone);
  out.row("  added", {added}, "ms");
  return added;
}

double measure_touch(const projects& p, report& out) {
  open_folder folder(p.zako.folder());
  std::vector<double> ours, floor;
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < edit_rounds; ++i) {
    folder.touch(p.graph.sources);
    std::this_thread::sleep_for(settling);
    ours.push_back(build(p, 0));
    floor.push_back(in_ms([&] {
      folder.look(p.graph.sources);
      folder.look(p.graph.outputs);
      sum += folder.hash(p.graph.sources);
    }));
  }
  out.row("all sources touched: zako", ours, "ms");
  out.row(fmt::format("stat of all, read and hash of the sources (sum {:x})", sum & 0xff), floor,
          "ms");
  return median(ours) / median(floor);
}

/// What is stored of the graph, a record.
double measure_state(const projects& p, std::string_view when, report& out) {
  key_interner names;
  auto opened = node_database::open(p.zako / ".zako", names);
  if (!opened)
    throw failure(opened.error().message);
  auto found = opened->measure();
  auto bytes = static_cast<double>(found.used_bytes);
  auto a_record = bytes / static_cast<double>(found.records);
  out.row(fmt::format("state {}", when),
          fmt::format("{:.1f} MB in {} records: {:.0f} bytes a record, {:.0f} an action",
                      bytes / 1e6, found.records, a_record,
                      bytes / static_cast<double>(p.graph.outputs.size())));
  return a_record;
}

} // namespace

void null(const settings& given, report& out) {
  temporary_folder work;
  auto size = given.size == 0 ? default_size : given.size;
  out.note(fmt::format("The layered graph: 10 layers, fan-in 3; once as a Zako workspace of "
                       "packages of {} actions,\n"
                       "  once as a build.ninja; {} actions and {}. `zako build //...`, a process "
                       "each time, and ninja in turns.",
                       layered_graph::package_size, small_size, size));
  {
    auto small = make_projects(given, work, "small", small_size);
    measure_clean(small, out);
    out.metric("wall_10k_ms", measure_null(small, out), 1, "ms");
  }
  auto p = make_projects(given, work, "large", size);
  measure_clean(p, out);
  measure_null(p, out);
  out.metric("state_bytes_per_node", measure_state(p, "of a clean build", out), 0, "B");
  std::vector<std::size_t> chain; // what a change of source 0 reaches when outputs change
  for (unsigned layer = 0; layer < layered_graph::layers; ++layer)
    chain.push_back(std::size_t{layer} * p.graph.width);
  // Past the 64 bytes that are read: the action's output stays as it was.
  out.metric("one_change_added_ms",
             measure_change(p, "one action affected", 100, {chain.front()}, out), 1, "ms");
  measure_change(p, "one action of each layer affected", 20, chain, out);
  out.metric("touch_ratio_floor", measure_touch(p, out), 3, "x");
  measure_state(p, "after all this", out);
}

} // namespace zako::bench
