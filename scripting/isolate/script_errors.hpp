// Exceptions of JavaScript and errors of Zako, each as the other.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <v8.h>

#include "engine/error.hpp"
#include "scripting/isolate/script_run.hpp"

namespace zako {

/// What a caught exception means: the error that it carries, or a new errc::script with message,
/// TypeScript position, code frame, calls and cause chain. When the run was stopped: why.
error to_error(script_run& run, const v8::TryCatch& caught);
error to_error(script_run& run, v8::Local<v8::Value> exception);

/// An exception that carries `e` through JavaScript. A missing code frame is added.
v8::Local<v8::Value> to_exception(script_run& run, error e);

/// Why the run was stopped (errc::cancelled, errc::limit). Only when it was.
error stop_error(script_run& run);

/// The limits of `script_limits`, in its order.
enum class script_limit : std::uint8_t {
  time,
  heap,
  array_buffers,
  stack,
  modules,
  values,
  text,
  console,
};

/// errc::limit, without a place: `who` (the script when it is empty) passed which limit, how large
/// that is, and which setting allows more.
error limit_error(const script_run& run, script_limit which, std::string_view who = {});

/// Adds the code frame for the position, when it lies in a loaded module and there is none yet.
void add_frame(script_run& run, error& e);

/// Frames outside built-in modules, nearest first.
std::vector<script_frame> to_frames(script_run& run, v8::Local<v8::StackTrace> trace);

} // namespace zako
