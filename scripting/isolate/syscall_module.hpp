// "zako:syscall": the built-in modules' only way out of JavaScript.
// scripting/builtins/types/syscall.d.ts describes it.
#pragma once

#include <v8.h>

namespace zako {

class script_run;

inline constexpr const char* syscall_module_id = "zako:syscall";

v8::Local<v8::Module> make_syscall_module(script_run& run);

} // namespace zako
