// Whole builds: hello from nothing; Lua from nothing (beside ninja), unchanged, and edited.
#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "test/bench/benchmark.hpp"
#include "test/bench/commands.hpp"
#include "test/bench/workspaces.hpp"

namespace zako::bench {

namespace {

constexpr unsigned short_runs = 50; // of what takes milliseconds
constexpr unsigned cold_runs = 11;

/// Stands before the compiler: notes when it is started for the first time to compile something.
constexpr const char* stamp_source = R"(
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char** argv) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  if (argc < 3) return 2;
  int fd = -1;
  if (strcmp(argv[argc - 1], "--version") != 0)
    fd = open(argv[1], O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (fd >= 0) { dprintf(fd, "%lld", t.tv_sec * 1000000000LL + t.tv_nsec); close(fd); }
  execv(argv[2], argv + 2);
  return 127;
}
)";

std::string find_program(const std::string& name) {
  auto found = spawn({"sh", "-c", "command -v " + name},
                     {.environment = fair_environment(), .keep_output = true});
  if (found.exit_code != 0)
    throw failure(fmt::format("there is no '{}' on the search path", name));
  return found.output.substr(0, found.output.find('\n'));
}

void measure_version(const settings& given, report& out) {
  std::vector<double> ms;
  spawn_good({given.zako, "--version"});
  for (unsigned i = 0; i < short_runs; ++i)
    ms.push_back(spawn_good({given.zako, "--version"}).wall_ms);
  out.row("zako --version", ms, "ms");
  out.metric("version_ms", median(ms), 2, "ms");
}

void measure_first_action(const settings& given, const temporary_folder& work, report& out) {
  out.note("first action: from the start of `zako build //...` on hello (no .zako, no zako-out, no "
           "cache; the files\n"
           "  themselves are in memory) until the first compiler starts. $CC names a small program "
           "that notes the time\n"
           "  and becomes the compiler.");
  auto compiler = find_program("cc");
  write_file(work / "stamp.c", stamp_source);
  spawn_good({compiler, "-O1", "-static", work / "stamp.c", "-o", work / "stamp"},
             {.keep_output = true});
  auto hello = workspace::example(given, "hello", work / "hello");
  auto stamp = work / "first";
  hello.set_variable("CC=" + (work / "stamp") + ' ' + stamp + ' ' + compiler);
  std::vector<double> first, whole;
  for (unsigned i = 0; i < cold_runs; ++i) {
    hello.make_cold();
    std::filesystem::remove(stamp);
    auto built = hello.run({"build", "//..."});
    first.push_back(static_cast<double>(std::stoll(read_file(stamp)) - built.begin_ns) / 1e6);
    whole.push_back(built.wall_ms);
  }
  out.row("hello, cold: first action", first, "ms");
  out.row("hello, cold: whole build", whole, "ms");
  out.metric("first_action_ms", median(first), 1, "ms");
}

/// The same commands in a second copy of the sources.
workspace for_ninja(const settings& given, const temporary_folder& work, const workspace& lua) {
  auto verbose = lua.run({"build", "--verbose", "//..."}, true);
  auto actions = actions_in(verbose.output);
  if (actions.size() < 30)
    throw failure("zako build --verbose on Lua does not show its commands:\n" + verbose.output);
  auto copy = workspace::project(given, "lua", work / "ninja");
  write_file(copy / "build.ninja", ninja_file(actions));
  return copy;
}

void measure_clean(const settings& given, const temporary_folder& work, const workspace& lua,
                   report& out) {
  auto runs = std::max(given.size, 5u);
  auto jobs = std::to_string(std::max(1u, std::thread::hardware_concurrency()));
  out.note(
      fmt::format("Lua from nothing: `zako build -j {0}` (no state, no cache) and `ninja -j {0}` "
                  "on the commands\n"
                  "  that zako shows, with the same dependency files, in turns; no compiler cache.",
                  jobs));
  auto ninja = find_program("ninja");
  auto copy = for_ninja(given, work, lua);
  std::vector<double> ours, theirs, ours_cpu, theirs_cpu;
  for (unsigned i = 0; i < runs; ++i) {
    lua.make_cold();
    auto a = lua.run({"build", "-j", jobs, "//..."});
    for (auto* made : {"zako-out", ".ninja_log", ".ninja_deps"})
      std::filesystem::remove_all(copy / made);
    auto b = spawn_good({ninja, "-j", jobs}, {copy.folder(), copy.environment(), false});
    ours.push_back(a.wall_ms);
    theirs.push_back(b.wall_ms);
    ours_cpu.push_back(a.cpu_ms);
    theirs_cpu.push_back(b.cpu_ms);
  }
  for (auto* made : {"zako-out/lua", "zako-out/luac", "zako-out/src/liblua.a"})
    if (read_file(lua / made) != read_file(copy / made))
      throw failure(fmt::format("zako and ninja made different files: {}", made));
  out.row("Lua, clean: zako", ours, "ms");
  out.row("Lua, clean: ninja", theirs, "ms");
  out.row("Lua, clean: zako, CPU", ours_cpu, "ms");
  out.row("Lua, clean: ninja, CPU", theirs_cpu, "ms");
  out.metric("lua_clean_ratio_ninja", median(ours) / median(theirs), 3, "x");
}

void measure_null(const workspace& lua, report& out) {
  std::vector<double> ms, mb;
  for (unsigned i = 0; i < short_runs; ++i) {
    auto x = lua.run({"build", "//..."});
    ms.push_back(x.wall_ms);
    mb.push_back(x.peak_mb);
  }
  out.row("Lua, unchanged", ms, "ms");
  out.row("Lua, unchanged: memory", mb, "MB");
  out.metric("lua_null_ms", median(ms), 2, "ms");
}

void measure_edit(const workspace& lua, report& out) {
  auto file = lua / "src/lmathlib.c";
  auto text = read_file(file);
  auto at = text.find("\"interval is empty\"");
  if (at == std::string::npos)
    throw failure("src/lmathlib.c has no 'interval is empty' to edit");
  write_file(file, text.insert(at + 1, "the "));
  auto x = lua.run({"build", "//..."}, true);
  auto actions = actions_in(x.output);
  out.row("Lua, one .c edited", fmt::format("{:.0f} ms, {} actions:", x.wall_ms, actions.size()));
  for (auto& action : actions)
    out.row("", action.title);
  out.metric("lua_edit_actions", static_cast<double>(actions.size()), 0, "actions");
}

} // namespace

void slice(const settings& given, report& out) {
  temporary_folder work;
  measure_version(given, out);
  measure_first_action(given, work, out);
  auto lua = workspace::project(given, "lua", work / "lua");
  measure_clean(given, work, lua, out);
  measure_null(lua, out);
  measure_edit(lua, out);
}

} // namespace zako::bench
