// "zako:syscall": the built-in modules' only way out of JavaScript. It is described by
// scripting/builtins/types/syscall.d.ts. It lives in the start-up snapshot; each run tells it its
// job.
#pragma once

#include <cstdint>
#include <vector>

#include <v8.h>

namespace zako {

class script_run;

inline constexpr const char* syscall_module_id = "zako:syscall";

v8::Local<v8::Module> make_syscall_module(v8::Isolate* isolate);

/// Its export `job`, from now on: what this run is to do. False when V8 is being stopped.
bool set_job(script_run& run, v8::Local<v8::Module> syscall);

/// The addresses that a snapshot of it refers to.
std::vector<std::intptr_t> syscall_references();

} // namespace zako
