// Trims and decodes JSX text as TypeScript does.
#include "scripting/transpile/jsx_text.hpp"

#include <algorithm>
#include <charconv>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

namespace {

/// White space that breaks no line: how many bytes it takes, or 0.
std::size_t blank_at(std::string_view text, std::size_t at) {
  char c = text[at];
  if (c == ' ' || c == '\t' || c == '\v' || c == '\f')
    return 1;
  if (static_cast<unsigned char>(c) < 0x80)
    return 0;
  auto n = sequence_length(c);
  constexpr std::string_view all[] = {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001",
                                      "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
                                      "\u2007", "\u2008", "\u2009", "\u200a", "\u200b",
                                      "\u202f", "\u205f", "\u3000", "\ufeff"};
  return std::find(std::begin(all), std::end(all), text.substr(at, n)) != std::end(all) ? n : 0;
}

std::size_t line_break_at(std::string_view text, std::size_t at) {
  if (text[at] == '\n' || text[at] == '\r')
    return 1;
  return is_unicode_line_end(text, at) ? 3 : 0;
}

/// The character that the text between `&` and `;` stands for; 0 for none.
char32_t decode(std::string_view name) {
  if (name.empty() || name[0] != '#')
    return find_entity(name);
  bool hex = name.size() > 1 && name[1] == 'x';
  auto digits = name.substr(hex ? 2 : 1);
  std::uint32_t c = 0;
  auto [end, failed] =
      std::from_chars(digits.data(), digits.data() + digits.size(), c, hex ? 16 : 10);
  bool whole = failed == std::errc{} && end == digits.data() + digits.size();
  return whole && c <= 0x10ffff ? c : 0;
}

void append_decoded(std::u16string& out, std::string_view text) {
  while (!text.empty()) {
    auto amp = text.find('&');
    out += to_utf16(text.substr(0, amp));
    if (amp == std::string_view::npos)
      return;
    text.remove_prefix(amp);
    auto end =
        std::find_if(text.begin() + 1, text.end(), [](char c) { return c != '#' && !is_word(c); });
    auto length = static_cast<std::size_t>(end - text.begin());
    auto c = end != text.end() && *end == ';' ? decode(text.substr(1, length - 1)) : 0;
    if (c == 0) {
      out += u'&';
      text.remove_prefix(1);
      continue;
    }
    append_utf16(out, c);
    text.remove_prefix(length + 1);
  }
}

} // namespace

std::u16string attribute_value(std::string_view text) {
  std::u16string value;
  append_decoded(value, text);
  return value;
}

std::optional<jsx_text> trim_jsx_text(std::string_view text) {
  constexpr auto none = std::string_view::npos;
  std::optional<jsx_text> found;
  auto add_line = [&](std::size_t begin, std::size_t end) {
    if (!found)
      found = jsx_text{.begin = begin, .end = end, .value = {}};
    else
      found->value += u' ';
    found->end = end;
    append_decoded(found->value, text.substr(begin, end - begin));
  };
  std::size_t first = 0; // of the line; white space before the first line break counts
  std::size_t last = none;
  for (std::size_t at = 0; at < text.size();) {
    if (auto n = line_break_at(text, at); n != 0) {
      if (first != none && last != none)
        add_line(first, last);
      first = none;
      at += n;
    } else if (auto space = blank_at(text, at); space != 0) {
      at += space;
    } else {
      if (first == none)
        first = at;
      at += sequence_length(text[at]);
      last = at;
    }
  }
  if (first != none && first < text.size())
    add_line(first, text.size());
  return found;
}

} // namespace zako::transpile
