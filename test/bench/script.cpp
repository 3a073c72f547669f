// Scripts: what one costs a process, a thousand packages, and the ways between JavaScript and C++.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <fmt/format.h>

#include "actors/engine.hpp"
#include "actors/scheduler.hpp"
#include "engine/keys.hpp"
#include "engine/path.hpp"
#include "engine/values.hpp"
#include "scripting/builtins.hpp"
#include "scripting/script_host.hpp"
#include "test/bench/benchmark.hpp"
#include "test/bench/packages.hpp"
#include "test/bench/workspaces.hpp"

namespace zako::bench {

namespace {

using namespace std::chrono_literals;
using bench_clock = std::chrono::steady_clock;

constexpr unsigned default_packages = 1000;
constexpr unsigned script_workers = 2;
constexpr unsigned cold_rounds = 3;
constexpr unsigned short_rounds = 15;
constexpr unsigned targets = 10'000;
constexpr unsigned empty_runs = 200;
constexpr unsigned calls = 300'000;
// Fingerprints of files that changed just before they were looked at are not trusted.
constexpr auto settling = 100ms;
constexpr const char* child_variable = "ZAKO_BENCH_EVALUATE"; // in a child: evaluate, and end

double ms_since(bench_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(bench_clock::now() - begin).count();
}

// -- an engine, as an embedding program has it --

class workspace_engine {
public:
  workspace_engine(const std::string& folder, const std::string& cache) : self_(system_) {
    engine_options options;
    options.workspace = folder;
    options.cache_folder = cache;
    if (!options.settings.set("pools.script.max", script_workers, "benchmark"))
      throw failure("a script worker at least is needed");
    auto engine = spawn_engine(system_, std::move(options));
    if (!engine)
      throw failure(to_text(engine.error()));
    engine_ = std::move(*engine);
  }
  ~workspace_engine() {
    self_->request(engine_, caf::infinite, close_engine{}).receive([] {}, [](const caf::error&) {});
  }
  workspace_engine(const workspace_engine&) = delete;
  workspace_engine& operator=(const workspace_engine&) = delete;

  /// In a session of its own, which looks for changes first.
  value ask(const key& what) {
    session_actor session;
    self_->request(engine_, caf::infinite, open_session{}, listener_actor{})
        .receive([&](session_actor& x) { session = std::move(x); }, lost);
    value out;
    self_->request(session, caf::infinite, what)
        .receive(
            [&](session_report& done) {
              if (!done.root)
                throw failure(to_text(done.root.error()));
              out = std::move(*done.root);
            },
            lost);
    return out;
  }

private:
  struct configured : caf::actor_system_config {
    configured() {
      init_types();
      use_graph_scheduler(*this);
      set("caf.scheduler.max-threads",
          static_cast<std::size_t>(std::max(1u, std::thread::hardware_concurrency())));
    }
  };
  static void lost(const caf::error& why) { throw failure(caf::to_string(why)); }

  configured config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_;
  engine_actor engine_;
};

/// In a child, in the workspace: evaluates every BUILD.ts.
void evaluate_here(unsigned expected) {
  auto* cache = std::getenv("ZAKO_CACHE");
  workspace_engine engine(std::filesystem::current_path().string(), cache ? cache : "");
  auto found = engine.ask(pattern_key("//..."));
  auto labels = found.as<labels_value>();
  if (!labels || (*labels)->labels.size() != expected)
    throw failure(fmt::format("{} packages were not evaluated", expected));
}

// -- one file --

void measure_start(const settings& given, const temporary_folder& work, report& out) {
  auto folder = work / "one";
  std::filesystem::create_directories(folder);
  write_file(folder + "/zako.toml", "[package]\nname = \"one\"\nversion = \"1.0.0\"\n");
  write_file(folder + "/source.txt", "source\n");
  auto one = workspace::made(given, folder);
  std::vector<double> edited, unchanged;
  for (unsigned i = 0; i <= short_rounds; ++i) { // the first one fills the caches
    write_file(one / "BUILD.ts", fmt::format("import {{ fileGroup }} from \"zako:rules/files\";\n"
                                             "fileGroup({{ name: \"edition{}\", "
                                             "srcs: [\"source.txt\"] }});\n",
                                             i));
    std::this_thread::sleep_for(settling);
    auto ms = one.run({"build", "//..."}).wall_ms;
    if (i > 0)
      edited.push_back(ms);
    std::this_thread::sleep_for(settling);
    one.run({"build", "//..."});
    unchanged.push_back(one.run({"build", "//..."}).wall_ms);
  }
  out.row("zako build, BUILD.ts edited: it and its rule run", edited, "ms");
  out.row("  unchanged", unchanged, "ms");
  out.metric("start_ms", median(edited), 1, "ms");
}

// -- packages --

struct packages_measured {
  std::vector<double> cold, edit, warm, peak_mb;
};

/// The rounds of one way to look at all packages: `run` is a process, `edition` counts the edits of
/// all ways.
packages_measured measure_rounds(const workspace& where, const package_tree& tree,
                                 unsigned& edition, const std::function<outcome()>& run) {
  packages_measured out;
  for (unsigned i = 0; i < cold_rounds; ++i) {
    where.make_cold();
    auto done = run();
    out.cold.push_back(done.wall_ms / 1e3);
    out.peak_mb.push_back(done.peak_mb);
  }
  std::this_thread::sleep_for(settling);
  run(); // looks closely at what was too new
  for (unsigned i = 0; i < short_rounds; ++i) {
    out.warm.push_back(run().wall_ms);
    write_file(tree.build_file(tree.count / 2), package_text(tree.count / 2, ++edition));
    std::this_thread::sleep_for(settling);
    out.edit.push_back(run().wall_ms);
    std::this_thread::sleep_for(settling);
    run();
  }
  return out;
}

std::vector<double> measure_node(const package_tree& tree, const std::string& folder) {
  std::filesystem::create_directories(folder);
  auto main = write_node_packages(tree, folder);
  std::vector<double> out;
  for (unsigned i = 0; i < cold_rounds; ++i)
    out.push_back(spawn_good({"node", main}, {.keep_output = true}).wall_ms / 1e3);
  return out;
}

/// Empty when it is not installed.
std::vector<double> measure_turbo(const settings& given, package_tree tree,
                                  const std::string& folder) {
  auto program = given.source + "/test/bench/peers/node_modules/.bin/turbo";
  if (!std::filesystem::exists(program))
    return {};
  tree.folder = folder;
  std::filesystem::create_directories(folder);
  write_turbo_packages(tree);
  spawn_options options{.folder = folder,
                        .environment = {"TURBO_TELEMETRY_DISABLED=1", "DO_NOT_TRACK=1",
                                        "TURBO_NO_UPDATE_NOTIFIER=1", "NO_COLOR=1"},
                        .keep_output = true};
  std::vector<double> out;
  for (unsigned i = 0; i <= cold_rounds; ++i) { // the first one fills its caches
    auto done = spawn_good({program, "run", "build", "--dry=json"}, options);
    if (done.output.find(fmt::format("@bench/p{:04}#build", tree.count - 1)) == std::string::npos)
      throw failure("turbo does not see all packages:\n" + done.output.substr(0, 2000));
    if (i > 0)
      out.push_back(done.wall_ms);
  }
  return out;
}

void measure_packages(const settings& given, const temporary_folder& work, unsigned count,
                      report& out) {
  package_tree tree{.count = count, .folder = work / "packages"};
  std::filesystem::create_directories(tree.folder);
  write_zako_packages(tree);
  auto where = workspace::made(given, tree.folder);
  unsigned edition = 0;
  spawn_options as_child{
      .folder = tree.folder, .environment = where.environment(), .keep_output = true};
  as_child.environment.push_back(fmt::format("{}={}", child_variable, count));
  auto self = std::filesystem::canonical("/proc/self/exe").string();
  auto evaluated = measure_rounds(where, tree, edition, [&] {
    return spawn_good({self, "script"}, as_child);
  });
  auto built = measure_rounds(where, tree, edition, [&] {
    return where.run(
        {"build", "--set", fmt::format("pools.script.max={}", script_workers), "//..."});
  });
  auto node = measure_node(tree, work / "node");
  auto turbo = measure_turbo(given, tree, work / "turbo");
  for (auto& [name, ways] : {std::pair{"evaluated", &evaluated}, std::pair{"zako build", &built}}) {
    out.row(fmt::format("{} packages, {}: all cold", count, name), ways->cold, "s");
    out.row("  one BUILD.ts edited", ways->edit, "ms");
    out.row("  nothing changed", ways->warm, "ms");
    out.row("  memory of a cold one", ways->peak_mb, "MB");
  }
  out.row("  node, the same modules", node, "s");
  if (turbo.empty())
    out.row("  turbo --dry", "not installed: see test/bench/peers/README.md");
  else
    out.row("  turbo --dry", turbo, "ms");
  out.metric("packages_cold_s", median(evaluated.cold), 3, "s");
  out.metric("packages_edit_ms", median(evaluated.edit), 1, "ms");
  out.metric("packages_warm_ms", median(evaluated.warm), 1, "ms");
  out.metric("packages_rss_mb", median(evaluated.peak_mb), 0, "MB");
  out.metric("ratio_node_cold", median(evaluated.cold) / median(node), 3, "x");
  if (!turbo.empty())
    out.metric("ratio_turbo_warm", median(built.warm) / median(turbo), 3, "x");
}

// -- the isolate alone --

/// Answers a script at once: with the built-in modules, files in memory, and what it sent.
class echo_client : public script_client {
public:
  std::map<std::string, std::string> files; // JavaScript, by module id

  result<script_reply> ask(script_query query) override {
    script_reply out;
    out.value = std::move(query.argument);
    for (auto& import : query.imports) {
      module_source source{
          .id = import.specifier, .javascript = {}, .source_map = {}, .typescript = {}};
      if (auto known = files.find(source.id); known != files.end())
        source.javascript = known->second;
      else if (auto* builtin = find_builtin(source.id))
        source.javascript = std::string(builtin->javascript);
      else
        return fail(errc::not_found, fmt::format("there is no '{}'", source.id));
      out.modules.push_back(std::move(source));
    }
    return out;
  }
  void print(console_line) override {}
  std::string find_bytecode(const digest&) override { return {}; }
  void keep_bytecode(const digest&, std::string) override {}
  void lost(error why) override { throw failure(to_text(why)); }
};

void measure_isolate(report& out) {
  auto host = load_script_host();
  if (!host)
    throw failure(to_text(host.error()));
  auto isolate = (*host)->create_isolate({});
  if (!isolate)
    throw failure(to_text(isolate.error()));
  echo_client client;
  client.files["BUILD.ts"] = "export {};\n";
  client.files["zako:bench"] = "import { call } from \"zako:syscall\";\n"
                               "export function repeat(n) {\n"
                               "  let text = \"a text of 19 chars.\";\n"
                               "  for (let i = 0; i < n; ++i) text = call(\"glob\", text);\n"
                               "  return text;\n"
                               "}\n";
  client.files["call.ts"] = "import { repeat } from \"zako:bench\";\n"
                            "export const run = (n) => repeat(n);\n";
  auto run = [&](const std::string& module, script_context context, unsigned n = 0) {
    evaluate_job job;
    job.module = module;
    job.context = context;
    if (context == script_context::library)
      job.function = "run";
    job.argument = context == script_context::library
                       ? data(static_cast<double>(n))
                       : data(data::object{{"package", ""}, {"settings", data::object()}});
    auto begin = bench_clock::now();
    auto done = (*isolate)->run(job, client);
    if (!done)
      throw failure(to_text(done.error()));
    return ms_since(begin);
  };
  std::vector<double> empty, called;
  for (unsigned i = 0; i < empty_runs; ++i)
    empty.push_back(run("BUILD.ts", script_context::build));
  for (unsigned i = 0; i < short_rounds; ++i) {
    auto without = run("call.ts", script_context::library);
    called.push_back((run("call.ts", script_context::library, calls) - without) * 1e6 / calls);
  }
  out.row("an empty BUILD.ts in a fresh realm", empty, "ms");
  out.row("a call of the engine, 19 characters in and out", called, "ns");
  out.metric("context_ms", median(empty), 3, "ms");
  out.metric("call_ns", median(called), 0, "ns");
}

// -- targets --

double evaluate_targets(const temporary_folder& work, const std::string& name,
                        const std::string& one_target, report& out) {
  auto folder = work / name;
  std::filesystem::create_directories(folder);
  write_file(folder + "/zako.toml", "[package]\nname = \"targets\"\nversion = \"1.0.0\"\n");
  workspace_engine engine(folder, folder + ".cache");
  std::vector<double> all;
  for (unsigned i = 0; i <= short_rounds; ++i) { // the first one warms up
    write_file(folder + "/BUILD.ts",
               fmt::format("import {{ fileGroup }} from \"zako:rules/files\";\n"
                           "import {{ ccLibrary }} from \"zako:rules/cc\";\n"
                           "const edition = {};\n"
                           "for (let i = 0; i < {}; ++i)\n  {}\n",
                           i, targets, one_target));
    std::this_thread::sleep_for(settling);
    auto begin = bench_clock::now();
    auto found = engine.ask(evaluation_key({}));
    if (i > 0)
      all.push_back(ms_since(begin));
    auto file = found.as<evaluation_value>();
    if (!file || (*file)->targets.size() != targets)
      throw failure("not every target has been declared");
  }
  out.row(fmt::format("{} targets of one BUILD.ts, {}", targets, name), all, "ms");
  return median(all);
}

void measure_targets(const temporary_folder& work, report& out) {
  auto groups = evaluate_targets(
      work, "groups", "fileGroup({ name: `t${i}-${edition}`, srcs: [`src/${i}.txt`] });", out);
  evaluate_targets(work, "libraries",
                   "ccLibrary({ name: `t${i}-${edition}`, srcs: [`src/${i}.c`], "
                   "hdrs: [`src/${i}.h`], deps: i > 0 ? [`:t${i - 1}-${edition}`] : [] });",
                   out);
  out.metric("targets_ms", groups, 1, "ms");
}

} // namespace

void script(const settings& given, report& out) {
  if (auto* expected = std::getenv(child_variable))
    return evaluate_here(static_cast<unsigned>(std::strtoul(expected, nullptr, 10)));
  auto count = given.size == 0 ? default_packages : given.size;
  temporary_folder work;
  // First what runs in processes of its own: a child's peak begins with its parent's.
  measure_start(given, work, out);
  out.note(fmt::format(
      "{} packages: 'evaluated' is a process that embeds an engine with {} script workers and asks "
      "for //...,\n"
      "  so that every BUILD.ts runs and no rule does; `zako build //...` runs one rule a package "
      "besides.\n"
      "  node evaluates the same modules in one realm; turbo plans the same packages.",
      count, script_workers));
  measure_packages(given, work, count, out);
  measure_isolate(out);
  measure_targets(work, out);
}

} // namespace zako::bench
