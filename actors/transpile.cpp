// A map of a text onto itself.
#include "actors/transpile.hpp"

#include "scripting/transpile/source_map.hpp"

namespace zako {

std::string map_in_place(std::string_view javascript, const std::string& file_name) {
  transpile::edited_text whole;
  whole.text = javascript;
  whole.pieces = {{.output = 0,
                   .source = 0,
                   .length = static_cast<std::uint32_t>(javascript.size()),
                   .kept = true}};
  return transpile::make_source_map(whole, javascript, transpile::line_index{javascript},
                                    file_name);
}

} // namespace zako
