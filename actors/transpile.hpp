// Transpiling without an engine, for tools: the transpiler itself, and what only they need.
#pragma once

#include <string>
#include <string_view>

#include "scripting/transpile/transpiler.hpp"

namespace zako {

/// A source map of JavaScript in which everything has the place that it had in `file_name`: for
/// readers that want a map in any case.
std::string map_in_place(std::string_view javascript, const std::string& file_name);

} // namespace zako
