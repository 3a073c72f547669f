// What happens, as typed events: the display, the trace and the tests all read this stream.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/error.hpp"

namespace zako {

struct action_started {
  std::uint64_t id = 0;
  std::string title;         // "CC src/lua.o"
  std::uint32_t session = 0; // for which it runs, of those that want it; 0: unknown
};

struct action_finished {
  std::uint64_t id = 0;
  std::string title;
  std::int32_t exit_code = 0;
  std::string text;              // what it printed
  std::vector<std::string> argv; // for --verbose and for failures
  std::int64_t run_ns = 0;
  std::int64_t cpu_ns = 0;      // as in command_job::answer
  std::uint64_t peak_bytes = 0; // likewise
};

/// A script, or what it did between two questions that only others could answer, is done.
struct script_finished {
  std::string file;
  std::uint64_t worker = 0; // who ran it: one at a time
  std::int64_t run_ns = 0;
};

/// Totals that grow while the build goes on. An action is either run or reused.
struct progress {
  std::uint32_t actions_known = 0; // actions that were asked for
  std::uint32_t actions_run = 0;
  std::uint32_t actions_reused = 0;
  std::uint32_t actions_failed = 0;
  std::uint32_t nodes_verified = 0;
  std::uint32_t nodes_computed = 0;
  std::uint32_t scripts_run = 0;
};

struct script_printed {
  std::string file;
  std::string level;
  std::string text;
};

/// Memory was given back.
struct garbage_collected {
  struct part {
    std::string name; // "scripts", "cache"
    std::uint64_t bytes = 0;
  };
  std::string cause; // "pressure", "idle", "command"
  bool full = false; // everything that can be made again was given up
  std::vector<part> freed;
  std::uint64_t nodes = 0; // that left memory
  std::int64_t run_ns = 0;
};

using event = std::variant<action_started, action_finished, progress, script_printed,
                           script_finished, garbage_collected>;

template <class Inspector>
bool inspect(Inspector& f, action_started& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("title", x.title),
                            f.field("session", x.session));
}

template <class Inspector>
bool inspect(Inspector& f, action_finished& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("title", x.title),
                            f.field("exit_code", x.exit_code), f.field("text", x.text),
                            f.field("argv", x.argv), f.field("run_ns", x.run_ns),
                            f.field("cpu_ns", x.cpu_ns), f.field("peak_bytes", x.peak_bytes));
}

template <class Inspector>
bool inspect(Inspector& f, script_finished& x) {
  return f.object(x).fields(f.field("file", x.file), f.field("worker", x.worker),
                            f.field("run_ns", x.run_ns));
}

template <class Inspector>
bool inspect(Inspector& f, garbage_collected::part& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("bytes", x.bytes));
}

template <class Inspector>
bool inspect(Inspector& f, garbage_collected& x) {
  return f.object(x).fields(f.field("cause", x.cause), f.field("full", x.full),
                            f.field("freed", x.freed), f.field("nodes", x.nodes),
                            f.field("run_ns", x.run_ns));
}

template <class Inspector>
bool inspect(Inspector& f, progress& x) {
  return f.object(x).fields(
      f.field("actions_known", x.actions_known), f.field("actions_run", x.actions_run),
      f.field("actions_reused", x.actions_reused), f.field("actions_failed", x.actions_failed),
      f.field("nodes_verified", x.nodes_verified), f.field("nodes_computed", x.nodes_computed),
      f.field("scripts_run", x.scripts_run));
}

template <class Inspector>
bool inspect(Inspector& f, script_printed& x) {
  return f.object(x).fields(f.field("file", x.file), f.field("level", x.level),
                            f.field("text", x.text));
}

} // namespace zako
