// What JSX means by its text: lines trimmed and joined, characters by name decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zako::transpile {

/// The character that HTML calls so, or NUL.
char16_t find_entity(std::string_view name);

/// The value of a JSX attribute's string: nothing but entities is decoded.
std::u16string attribute_value(std::string_view text);

/// A stretch of text between elements: what is left of it, and where that stands in the stretch.
struct jsx_text {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::u16string value;
};
/// Nothing when the text is only there to break lines.
std::optional<jsx_text> trim_jsx_text(std::string_view text);

} // namespace zako::transpile
