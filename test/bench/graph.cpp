// The graph alone: a layered graph of a million nodes, a chain, and a fan, with nothing but
// arithmetic in them. Each shape runs in a process of its own, with a small stack.
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <fmt/format.h>

#include "actors/engine.hpp"
#include "actors/scheduler.hpp"
#include "test/bench/benchmark.hpp"
#include "test/bench/process.hpp"

namespace zako::bench {

namespace {

constexpr unsigned default_nodes = 1'000'000;
constexpr unsigned runs = 3;
constexpr std::uint64_t layer = 1000; // nodes of the layered graph side by side
constexpr const char* shape_variable = "ZAKO_BENCH_SHAPE"; // in a child: what it shall run

struct measured {
  double wall_s = 0;
  double cpu_s = 0;
  double peak_mb = 0;
};

std::uint64_t number_of(const key& k) {
  return std::strtoull(std::string(k.payload()).c_str(), nullptr, 10);
}

key numbered(const char* kind, std::uint64_t n) {
  return {kind, std::to_string(n)};
}

/// What every node but a leaf does: asks, adds up, and adds one for itself.
task<zako::outcome> add_up(context& ctx, std::vector<key> below) {
  std::uint64_t sum = 1;
  auto answers = co_await ctx.request_all(std::move(below));
  for (auto& x : answers) {
    if (!x)
      co_return tl::unexpected(x.error());
    auto n = x->as<std::uint64_t>();
    if (!n)
      co_return tl::unexpected(n.error());
    sum += **n;
  }
  co_return value::of(sum);
}

void add(kind_table& kinds, const char* name,
         std::function<task<zako::outcome>(context&)> compute) {
  kinds.add({.name = name,
             .version = 1,
             .compute = std::move(compute),
             .confirm = nullptr,
             .counted = false});
}

/// dag:N asks for three nodes of the layer below, chain:N for the one before, fan:N for N leaves.
kind_table shapes() {
  kind_table kinds;
  add(kinds, "leaf",
      [](context&) -> task<zako::outcome> { co_return value::of<std::uint64_t>(1); });
  add(kinds, "dag", [](context& ctx) {
    auto n = number_of(ctx.self());
    std::vector<key> below;
    if (n >= layer) {
      auto first = n - n % layer - layer;
      below.reserve(3);
      for (auto at : {n % layer, (n * 7 + 1) % layer, (n * 31 + n / layer) % layer})
        below.push_back(numbered("dag", first + at));
    }
    return add_up(ctx, std::move(below));
  });
  add(kinds, "dag-top", [](context& ctx) {
    auto n = number_of(ctx.self());
    std::vector<key> below;
    below.reserve(layer);
    for (auto i = n - layer; i < n; ++i)
      below.push_back(numbered("dag", i));
    return add_up(ctx, std::move(below));
  });
  add(kinds, "chain", [](context& ctx) {
    auto n = number_of(ctx.self());
    std::vector<key> below;
    if (n > 1)
      below.push_back(numbered("chain", n - 1));
    return add_up(ctx, std::move(below));
  });
  add(kinds, "fan", [](context& ctx) {
    auto n = number_of(ctx.self());
    std::vector<key> below;
    below.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i)
      below.push_back(numbered("leaf", i));
    return add_up(ctx, std::move(below));
  });
  return kinds;
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return std::stod(line.substr(6)) * 1024 / 1e6;
  throw failure("/proc/self/status has no VmHWM");
}

/// In a child: one engine, one question.
measured run_shape(const std::string& kind, std::uint64_t n) {
  init_types();
  caf::actor_system_config config;
  use_graph_scheduler(config);
  config.set("caf.scheduler.max-threads",
             static_cast<std::size_t>(std::max(1u, std::thread::hardware_concurrency())));
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  engine_options options;
  options.kinds = shapes();
  auto engine = spawn_engine(system, std::move(options));
  if (!engine)
    throw failure(to_text(engine.error()));
  session_actor session;
  auto lost = [](const caf::error& why) { throw failure(caf::to_string(why)); };
  self->request(*engine, caf::infinite, open_session{}, listener_actor{})
      .receive([&](session_actor& x) { session = std::move(x); }, lost);
  measured out;
  auto cpu = cpu_seconds();
  auto begin = std::chrono::steady_clock::now();
  self->request(session, caf::infinite, numbered(kind.c_str(), n))
      .receive(
          [&](session_report& done) {
            if (!done.root)
              throw failure(to_text(done.root.error()));
            if (done.totals.nodes_computed < n)
              throw failure(fmt::format("only {} nodes were computed", done.totals.nodes_computed));
          },
          lost);
  out.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out.cpu_s = cpu_seconds() - cpu;
  out.peak_mb = peak_megabytes();
  session = nullptr;
  self->request(*engine, caf::infinite, close_engine{}).receive([] {}, lost);
  return out;
}

/// Starts this program again for one shape, its stacks limited to 1 MiB.
measured in_child(const std::string& kind, unsigned nodes) {
  auto program = std::filesystem::canonical("/proc/self/exe").string();
  auto done =
      spawn_good({"sh", "-c", "ulimit -s 1024; exec \"$0\" graph --size \"$1\"", program,
                  std::to_string(nodes)},
                 {.environment = {std::string(shape_variable) + "=" + kind}, .keep_output = true});
  measured out;
  std::istringstream words(done.output);
  if (!(words >> out.wall_s >> out.cpu_s >> out.peak_mb))
    throw failure("the child's answer cannot be read:\n" + done.output);
  return out;
}

struct series {
  std::vector<double> wall_s, cpu_us, peak_mb;
};

series measure_shape(report& out, const std::string& title, const std::string& kind,
                     unsigned nodes) {
  series all;
  for (unsigned i = 0; i < runs; ++i) {
    auto x = in_child(kind, nodes);
    all.wall_s.push_back(x.wall_s);
    all.cpu_us.push_back(x.cpu_s * 1e6 / nodes);
    all.peak_mb.push_back(x.peak_mb);
  }
  auto empty = in_child("leaf", 1).peak_mb;
  out.row(title, all.wall_s, "s");
  out.row("  CPU per node", all.cpu_us, "us");
  out.row("  memory", all.peak_mb, "MB");
  out.row("  memory per node",
          fmt::format("{:.0f} bytes", (median(all.peak_mb) - empty) * 1e6 / nodes));
  return all;
}

/// A shape and its tenth: the ratio of their times per node is near 1 when the shape is linear.
void measure_linear(report& out, const std::string& kind, unsigned nodes) {
  auto whole = measure_shape(out, fmt::format("{}, {} nodes", kind, nodes), kind, nodes);
  auto tenth = measure_shape(out, fmt::format("{}, {} nodes", kind, nodes / 10), kind, nodes / 10);
  out.metric(kind + "_wall_s", median(whole.wall_s), 3, "s");
  out.metric(kind + "_cpu_ratio_tenth", median(whole.cpu_us) / median(tenth.cpu_us), 2, "x");
}

} // namespace

void graph(const settings& given, report& out) {
  auto nodes = given.size == 0 ? default_nodes : given.size;
  if (auto* shape = std::getenv(shape_variable)) {
    auto x = run_shape(shape, nodes);
    fmt::print("{} {} {}\n", x.wall_s, x.cpu_s, x.peak_mb);
    return;
  }
  if (nodes < 10 * layer || nodes % layer != 0)
    throw failure(fmt::format("--size takes a multiple of {} from {}", layer, 10 * layer));
  out.note(
      "an engine without a workspace; from the question to the answer, in a process of its own "
      "with `ulimit -s\n"
      "  1024`; the ratio compares the CPU time per node with that of a shape of a tenth of "
      "the size.");
  auto dag = measure_shape(out, fmt::format("layers, {} nodes x 3", nodes), "dag-top", nodes);
  out.metric("dag_wall_s", median(dag.wall_s), 3, "s");
  out.metric("dag_rss_mb", median(dag.peak_mb), 0, "MB");
  measure_linear(out, "chain", nodes);
  measure_linear(out, "fan", nodes);
}

} // namespace zako::bench
