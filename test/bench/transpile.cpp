// TypeScript to JavaScript: speed beside other transpilers, edits, memory.
#include <malloc.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "scripting/transpile/transpiler.hpp"
#include "test/bench/benchmark.hpp"
#include "test/bench/peers.hpp"
#include "test/bench/process.hpp"
#include "test/bench/sources.hpp"

namespace zako::bench {

namespace {

constexpr unsigned default_rounds = 5;
constexpr unsigned edits = 31;
constexpr std::size_t large_bytes = 6'000'000, small_bytes = 2'000'000, memory_bytes = 3'000'000;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

transpile_options newest() {
  transpile_options out;
  out.target = script_target::esnext;
  return out;
}

std::size_t transpile_or_fail(transpiler& with, const source_file& file,
                              const transpile_options& options) {
  auto made = with.transpile(file.text, file.path, options);
  if (!made)
    throw failure(to_text(made.error()));
  return made->javascript.size();
}

/// Everything on this core, so that each figure is of one core whatever threads a peer starts.
void stay_on_this_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  sched_setaffinity(0, sizeof one, &one);
}

// -- speed --

/// One kind of files, and how fast each transpiler is on them.
struct speed_test {
  std::string name;
  std::vector<source_file> files;
  std::string list; // a file with their paths
  std::map<std::string, std::vector<double>> mb_per_s = {};
  std::map<std::string, unsigned> failed = {};
};

double our_pass(transpiler& with, const speed_test& test) {
  static const auto options = newest();
  auto begin = std::chrono::steady_clock::now();
  for (auto& file : test.files)
    transpile_or_fail(with, file, options);
  return static_cast<double>(total_size(test.files)) / seconds_since(begin) / 1e6;
}

const std::vector<std::string>& peer_names() {
  static const std::vector<std::string> all{
      "oxc", "swc", "esbuild", "sucrase", "ts-blank-space", "typescript"};
  return all;
}

void measure_speed(std::vector<speed_test>& tests, peers& others, unsigned rounds) {
  transpiler ours;
  for (unsigned round = 0; round <= rounds; ++round) // the first one warms up
    for (auto& test : tests) {
      auto speed = our_pass(ours, test);
      if (round > 0)
        test.mb_per_s["zako"].push_back(speed);
      for (auto& name : peer_names()) {
        auto done = others.run(name, test.list);
        test.failed[name] = done.failed;
        if (round > 0 && done.bytes > 0)
          test.mb_per_s[name].push_back(done.bytes / done.seconds / 1e6);
      }
    }
}

void report_speed(const speed_test& test, report& out) {
  auto& ours = test.mb_per_s.at("zako");
  out.row(fmt::format("{}: zako", test.name), ours, "MB/s");
  for (auto& name : peer_names()) {
    auto found = test.mb_per_s.find(name);
    auto what = fmt::format("{}: {}", test.name, name);
    if (auto n = test.failed.at(name); n > 0)
      what += fmt::format(", {} files rejected", n);
    if (found != test.mb_per_s.end())
      out.row(what, found->second, "MB/s");
    else
      out.row(what, "takes none of them");
  }
}

double ratio(const speed_test& test, const std::string& peer) {
  return median(test.mb_per_s.at("zako")) / median(test.mb_per_s.at(peer));
}

/// Those that we take: what is refused early would look fast.
std::vector<source_file> accepted(std::vector<source_file> files) {
  transpiler t;
  std::erase_if(files, [&](auto& file) { return !t.transpile(file.text, file.path, newest()); });
  return files;
}

// -- edits --

/// Between two statements in the middle, or npos.
std::size_t place_to_edit(const source_file& file) {
  return file.text.find("\nexport ", file.text.size() / 2);
}

/// The file whose size is nearest to `bytes` among those that have such a place.
source_file file_to_edit(std::vector<source_file> files, std::size_t bytes) {
  std::erase_if(files, [](auto& file) { return place_to_edit(file) == std::string::npos; });
  return nearest(files, bytes);
}

/// Milliseconds for a changed line in the middle of `file`, from its text to its JavaScript.
std::vector<double> measure_edits(const source_file& file) {
  auto at = place_to_edit(file);
  auto edited = file;
  constexpr std::string_view line = "\nconst edited: number = 100;";
  edited.text.insert(at, line);
  transpiler t;
  auto options = newest();
  options.keep = true;
  transpile_or_fail(t, edited, options);
  std::vector<double> ms;
  for (unsigned i = 0; i < edits; ++i) {
    edited.text.replace(at + line.size() - 4, 3, std::to_string(100 + i));
    auto begin = std::chrono::steady_clock::now();
    transpile_or_fail(t, edited, options);
    ms.push_back(seconds_since(begin) * 1e3);
  }
  return ms;
}

// -- memory --

/// A line of /proc/self/status, in MB.
double status_mb(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;)
    if (word == name + ":") {
      double kib = 0;
      in >> kib;
      return kib * 1024 / 1e6;
    }
  throw failure(fmt::format("/proc/self/status has no {}", name));
}

struct memory {
  double peak_mb = 0, held_mb = 0;
};

memory measure_memory_here(const source_file& file) {
  transpiler t;
  auto options = newest();
  transpile_or_fail(t, {"a.ts", "let a: number = 1;"}, options); // what is loaded and made once
  t.gc();
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5"; // the peak begins anew
  auto before = status_mb("VmRSS");
  transpile_or_fail(t, file, options);
  memory out;
  out.peak_mb = status_mb("VmHWM") - before;
  t.gc();
  malloc_trim(0); // as after every garbage collection of the engine
  out.held_mb = status_mb("VmRSS") - before;
  return out;
}

/// In a process of its own, so that nothing else counts.
memory measure_memory(const source_file& file) {
  int ends[2];
  if (pipe(ends) != 0)
    throw failure("cannot make a pipe");
  auto child = fork();
  if (child == 0) {
    memory found;
    try {
      found = measure_memory_here(file);
    } catch (const failure& e) {
      fmt::print(stderr, "error: {}\n", e.what());
      _exit(1);
    }
    _exit(write(ends[1], &found, sizeof found) == sizeof found ? 0 : 1);
  }
  close(ends[1]);
  memory out;
  auto n = read(ends[0], &out, sizeof out);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (n != sizeof out)
    throw failure("the process that measures memory has failed");
  return out;
}

/// Whole files behind one another, until there are 3 MB.
source_file joined(const std::vector<source_file>& files) {
  source_file out{"joined.ts", ""};
  for (auto& file : take(files, memory_bytes))
    out.text += file.text + "\n";
  return out;
}

} // namespace

void transpile(const settings& given, report& out) {
  auto corpus = given.source + "/test/scripting/corpus/node_modules";
  if (!std::filesystem::exists(corpus))
    throw failure("there is nothing to transpile: npm ci --prefix test/scripting/corpus");
  stay_on_this_core();
  auto large = accepted(find_sources(corpus, 60'000, 1'000'000));
  {
    auto file = joined(large);
    auto found = measure_memory(file);
    out.row("memory for a file of",
            fmt::format("{:.2f} MB", static_cast<double>(file.text.size()) / 1e6));
    out.metric("peak_mb", found.peak_mb, 1, "MB");
    out.metric("held_mb", found.held_mb, 1, "MB");
  }
  auto small = accepted(find_sources(corpus, 1'500, 2'500));
  auto middle = accepted(find_sources(corpus, 18'000, 22'000));
  for (auto& [name, file] : {std::pair{"edit_20k_ms", file_to_edit(middle, 20'000)},
                             std::pair{"edit_1m_ms", file_to_edit(large, 1'000'000)}}) {
    auto ms = measure_edits(file);
    out.row(fmt::format("one line edited, {} bytes", file.text.size()), ms, "ms");
    out.metric(name, median(ms), 3, "ms");
  }
  temporary_folder work;
  std::vector<speed_test> tests{{"large", take(large, large_bytes), work / "large"},
                                {"small", take(small, small_bytes), work / "small"}};
  for (auto& test : tests) {
    std::string list;
    for (auto& file : test.files)
      list += file.path + '\n';
    write_file(test.list, list);
    out.note(fmt::format("{}: {} files of the corpus, {:.2f} MB", test.name, test.files.size(),
                         static_cast<double>(total_size(test.files)) / 1e6));
  }
  out.note(
      "Each transpiles all files one after the other on the same core, in turns, without source\n"
      "  maps where that is a choice; the first round does not count. The others in one process "
      "of\n"
      "  node; esbuild answers from a process beside it, with one thread.");
  peers others(given.source);
  measure_speed(tests, others, given.size == 0 ? default_rounds : given.size);
  for (auto& test : tests) {
    report_speed(test, out);
    out.metric("mb_per_s_" + test.name, median(test.mb_per_s.at("zako")), 2, "MB/s");
  }
  out.metric("ratio_ts_blank_space", ratio(tests[0], "ts-blank-space"), 3, "x");
  out.metric("ratio_tsc", ratio(tests[0], "typescript"), 3, "x");
  out.metric("ratio_oxc", ratio(tests[0], "oxc"), 3, "x");
  out.metric("ratio_swc", ratio(tests[0], "swc"), 3, "x");
}

} // namespace zako::bench
