// One question to an engine, with its progress on the screen. No actor is visible here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "apps/zako/arguments.hpp"
#include "apps/zako/stop_signal.hpp"
#include "apps/zako/workspace.hpp"
#include "engine/event.hpp"
#include "engine/key.hpp"
#include "engine/kind.hpp"
#include "engine/settings.hpp"
#include "engine/value.hpp"

namespace zako {

struct engine_question {
  place where;
  key root;
  std::string purpose; // shown to whoever waits for the workspace
  engine_settings settings;
  std::map<std::string, std::string> options; // of the workspace
  bool keep_going = false;
  verbosity detail = verbosity::normal;
  int output = 1;    // where progress goes
  std::string trace; // a file for the trace; empty: none
  kind_table kinds;  // of this question alone, beside the built-in ones
  /// Takes what scripts print; empty: it is shown as progress is.
  std::function<void(const script_printed&)> on_print;
};

struct engine_answer {
  outcome root = value{};
  progress totals;
  std::set<std::string> shown_failures; // titles of actions
  std::int64_t run_ns = 0;
  bool interrupted = false;
};

/// Waits while another process uses the workspace, saying which; starts an engine; asks; shows what
/// happens; ends the engine. Told to stop, it answers with `interrupted` as soon as every child is
/// gone.
engine_answer ask_engine(const engine_question& question, stop_signal& stop);

/// What `zako info` prints of the engine; with `resources` what `zako info --resources` does.
result<std::string> engine_text(const place& where, const engine_settings& settings, bool resources,
                                stop_signal& stop);

/// Kills every program that an engine of this process runs, and lets none start any more: for the
/// moment before the process leaves without ending its engines.
void kill_programs();

/// Does `f` again and again while it fails with errc::locked, saying once who holds the workspace;
/// errc::cancelled when told to stop.
template <class F>
auto when_unlocked(stop_signal& stop, F f) -> decltype(f());

/// Says on standard error who holds the workspace.
void tell_waiting(const error& locked);

template <class F>
auto when_unlocked(stop_signal& stop, F f) -> decltype(f()) {
  constexpr std::chrono::milliseconds pause{50};
  for (bool told = false;; told = true) {
    auto done = f();
    if (done || done.error().code != errc::locked)
      return done;
    if (!told)
      tell_waiting(done.error());
    if (stop.wait_for(pause))
      return fail(errc::cancelled, "interrupted");
  }
}

} // namespace zako
