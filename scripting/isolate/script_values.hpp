// Values between JavaScript and plain data, by the structured clone rules as far as plain data
// goes.
#pragma once

#include <cstddef>
#include <string_view>

#include <v8.h>

#include "engine/data.hpp"
#include "engine/error.hpp"

namespace zako {

class script_run;

/// A deep copy. Refuses, naming the path below `root` ("result.targets[3].attrs"): functions,
/// symbols, bigints, promises, maps, sets and other exotic objects, cycles, nesting over 200
/// levels, and more than the run's limit of values. Getters run; what they throw is the error.
result<data> to_data(script_run& run, v8::Local<v8::Value> value, std::string_view root);

/// Empty only when the run was stopped.
v8::MaybeLocal<v8::Value> to_value(script_run& run, const data& x);

} // namespace zako
