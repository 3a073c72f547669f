// Plain data out of JavaScript by V8's own structured clone: one crossing for a whole value,
// several times as fast as asking for each member of it.
#pragma once

#include <optional>

#include <v8.h>

#include "engine/data.hpp"

namespace zako {

class script_run;

/// A deep copy of an object or array. Nothing when it holds what plain data cannot be, passes a
/// limit, or a getter threw: what exactly is wrong, and where, is for `to_data` to find out.
std::optional<data> clone(script_run& run, v8::Local<v8::Object> value);

} // namespace zako
