// One run of one script: what its parts (modules, values, errors, system calls) share. Lives on the
// stack of `script_isolate::run`; V8's callbacks find it through the isolate.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <v8.h>

#include "engine/error.hpp"
#include "engine/job.hpp"
#include "scripting/isolate/execution_control.hpp"
#include "scripting/isolate/module_graph.hpp"
#include "scripting/script_host.hpp"

namespace zako {

/// A frame of a script's stack, as its author wrote it.
struct script_frame {
  std::string function;
  source_position where;
};

class script_run {
public:
  /// `realm`: fresh, opened for this run.
  script_run(v8::Isolate* isolate, const realm_snapshot::realm& realm, const evaluate_job& job,
             script_client& client, const script_limits& limits, execution_control& control,
             bool watched);
  ~script_run();
  script_run(const script_run&) = delete;
  script_run& operator=(const script_run&) = delete;

  /// The run that the isolate is in the middle of.
  static script_run& of(v8::Isolate* isolate) {
    return *static_cast<script_run*>(isolate->GetData(0));
  }
  /// Null when it is in none.
  static script_run* find(v8::Isolate* isolate) {
    return static_cast<script_run*>(isolate->GetData(0));
  }
  /// The run of the calling thread, or null: for handlers that are given no isolate.
  static script_run* current();

  /// Asks the client. errc::cancelled or errc::limit once the run is stopped.
  result<script_reply> ask(script_query query);

  /// Loads, evaluates and finishes the job's module.
  result<data> execute();

  /// Gives what waits a chance to run until `promise` is settled; its value, or its rejection as an
  /// error.
  result<v8::Local<v8::Value>> settle(v8::Local<v8::Promise> promise);

  /// Where the nearest code outside built-in modules is, as a number for `place`; nothing when
  /// there is none, or when the run is not watched.
  std::optional<std::uint32_t> place_now();
  /// Nothing for a number that `place_now` did not give.
  [[nodiscard]] std::optional<source_position> place(std::uint32_t number);

  /// The stack of JavaScript frames of this moment, without those of built-in modules.
  [[nodiscard]] std::vector<script_frame> frames_now();
  /// Called in the interrupt of a limit: keeps the stack for the error.
  void note_stop_frames() { stop_frames = frames_now(); }

  v8::Isolate* const isolate;
  const v8::Local<v8::Context> context;
  const evaluate_job& job;
  script_client& client;
  const script_limits& limits;
  execution_control& control;
  /// It is told where things are declared and what is awaited: dear, so a run is watched only when
  /// its result or its error wants that.
  const bool watched;
  /// It failed, and an error of a watched run would say more. As scripts are deterministic, it is
  /// the same one.
  bool wants_watching = false;
  module_graph modules;
  std::size_t printed = 0;               // bytes, about
  std::vector<error> carried;            // errors that travel through JavaScript as exceptions
  std::vector<script_frame> stop_frames; // where a limit stopped it

private:
  struct rejection {
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> value;
  };
  static void on_rejection(v8::PromiseRejectMessage message);
  static void on_promise(v8::PromiseHookType type, v8::Local<v8::Promise> promise,
                         v8::Local<v8::Value> parent);
  result<void> check_rejections();
  result<v8::Local<v8::Value>> call_runtime(const char* name, v8::Local<v8::Value> argument);
  result<v8::Local<v8::Value>> evaluate(module_record& module);
  error deadlock();

  /// A place in a module's JavaScript.
  struct script_place {
    module_record* module = nullptr;
    int line = 0, column = 0;
    auto operator<=>(const script_place&) const = default;
  };
  std::optional<script_place> nearest_place(int frames);

  std::vector<rejection> rejections_;
  std::map<script_place, std::uint32_t> place_numbers_;
  std::vector<script_place> places_;
  /// Of a watched run: where each module, outside its functions, last made or awaited a promise.
  /// That is where it waits, if it does.
  std::map<const module_record*, script_place> awaits_;
};

/// Text and names to V8. Empty only past V8's string limit (512 MB).
v8::Local<v8::String> to_v8(v8::Isolate* isolate, std::string_view text);

} // namespace zako
