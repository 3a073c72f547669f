// Source maps, version 3: https://tc39.es/ecma426/
#pragma once

#include <string>
#include <string_view>

#include "scripting/transpile/edits.hpp"
#include "scripting/transpile/text.hpp"

namespace zako::transpile {

/// The map of `edited`, which was made from `source`; the source's own text is left out.
std::string make_source_map(const edited_text& edited, std::string_view source,
                            const line_index& lines, const std::string& file_name);

} // namespace zako::transpile
