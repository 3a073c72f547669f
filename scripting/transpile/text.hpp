// Characters: UTF-8 in, UTF-16 columns out, line breaks as JavaScript counts them for positions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace zako::transpile {

/// Half open, of a source.
struct byte_range {
  std::uint32_t begin;
  std::uint32_t end;
};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// A character of an identifier or keyword; every byte outside ASCII counts.
constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// How many bytes the UTF-8 sequence takes that begins with `c`; 1 for a stray byte.
constexpr std::uint32_t sequence_length(char c) {
  auto u = static_cast<unsigned char>(c);
  return u < 0xc0 ? 1 : u < 0xe0 ? 2 : u < 0xf0 ? 3 : 4;
}

/// UTF-16 units of a UTF-8 text.
std::uint32_t utf16_length(std::string_view text);
/// U+2028 and U+2029 end a line for JavaScript but not for editors; both have to be kept when text
/// is blanked.
bool is_unicode_line_end(std::string_view text, std::size_t at);
bool has_line_break(std::string_view text);
/// Bytes of the line break at `at`, as JavaScript counts lines (CR LF is one); 0 when there is
/// none.
std::size_t line_break_length(std::string_view text, std::size_t at);

/// The offset of the first character that no identifier has in it although it is none of ASCII, or
/// npos. Knows the blocks of Unicode that hold nothing but signs, pictures and private characters.
std::size_t find_no_identifier(std::string_view word);

/// Where comments and white space that begin at `at` end.
std::size_t skip_trivia(std::string_view text, std::size_t at);

/// Offsets to lines and columns. Made once per text, cheap to ask in any order.
class line_index {
public:
  explicit line_index(std::string_view text);

  /// Both count from 1; the column counts UTF-16 units.
  [[nodiscard]] source_position position(const std::string& file, std::size_t offset) const;
  [[nodiscard]] std::uint32_t line_of(std::size_t offset) const; // from 0
  [[nodiscard]] std::size_t line_start(std::uint32_t line) const { return starts_[line]; }

private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// Well-formed UTF-8 without NUL: the offset of the first byte that is not, or npos.
std::size_t find_invalid_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t c);
void append_utf16(std::u16string& out, char32_t c);
std::u16string to_utf16(std::string_view text);
/// The text of a JavaScript string or template literal body, escapes resolved, in UTF-16; false on
/// a malformed escape.
bool unescape(std::string_view body, std::u16string& out);
/// UTF-16 to UTF-8; a lone surrogate becomes U+FFFD.
std::string to_utf8(std::u16string_view text);
/// A JavaScript string literal in double quotes that has this value.
std::string quote(std::u16string_view text);
/// A JSON string.
std::string quote_json(std::string_view text);

} // namespace zako::transpile
