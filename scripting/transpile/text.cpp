// UTF-8 and UTF-16, line starts, escapes of string literals.
#include "scripting/transpile/text.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace zako::transpile {

std::uint32_t utf16_length(std::string_view text) {
  std::uint32_t n = 0;
  for (char c : text) {
    auto u = static_cast<unsigned char>(c);
    n += (u & 0xc0) != 0x80; // every sequence once
    n += u >= 0xf0;          // a pair of surrogates
  }
  return n;
}

bool is_unicode_line_end(std::string_view text, std::size_t at) {
  return text.compare(at, 3, "\u2028") == 0 || text.compare(at, 3, "\u2029") == 0;
}

bool has_line_break(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n' || text[i] == '\r' || (text[i] == '\xe2' && is_unicode_line_end(text, i)))
      return true;
  return false;
}

std::size_t line_break_length(std::string_view text, std::size_t at) {
  switch (text[at]) {
  case '\n':
    return 1;
  case '\r':
    return at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
  case '\xe2':
    return is_unicode_line_end(text, at) ? 3 : 0;
  default:
    return 0;
  }
}

std::size_t skip_trivia(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (std::strchr(" \t\r\n\v\f", text[at]) != nullptr) {
      ++at;
    } else if (text.compare(at, 2, "//") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.compare(at, 2, "/*") == 0) {
      auto end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
    } else if (text.compare(at, 2, "\u00a0") == 0) {
      at += 2;
    } else if (text.compare(at, 3, "\ufeff") == 0 || is_unicode_line_end(text, at)) {
      at += 3;
    } else {
      break;
    }
  }
  return at;
}

line_index::line_index(std::string_view text) : text_(text) {
  starts_.push_back(0);
  bool only_newlines = text.find('\r') == text.npos && text.find("\u2028") == text.npos &&
                       text.find("\u2029") == text.npos;
  for (std::size_t i = 0; i < text.size();) {
    if (only_newlines)
      i = std::min(text.find('\n', i), text.size() - 1);
    auto length = line_break_length(text, i);
    i += std::max<std::size_t>(length, 1);
    if (length > 0)
      starts_.push_back(i);
  }
}

std::uint32_t line_index::line_of(std::size_t offset) const {
  auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<std::uint32_t>(after - starts_.begin() - 1);
}

source_position line_index::position(const std::string& file, std::size_t offset) const {
  auto line = line_of(offset);
  auto start = starts_[line];
  auto column = utf16_length(text_.substr(start, offset - start));
  return {.file = file, .line = line + 1, .column = column + 1};
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    auto u = static_cast<unsigned char>(text[i]);
    if (u == 0)
      return i;
    if (u < 0x80) {
      ++i;
      continue;
    }
    auto n = sequence_length(text[i]);
    if (u < 0xc2 || u > 0xf4 || i + n > text.size())
      return i;
    for (std::uint32_t k = 1; k < n; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80)
        return i;
    auto second = static_cast<unsigned char>(text[i + 1]);
    if ((u == 0xe0 && second < 0xa0) || (u == 0xed && second > 0x9f) ||
        (u == 0xf0 && second < 0x90) ||
        (u == 0xf4 && second > 0x8f)) // overlong, a surrogate, or past U+10FFFF
      return i;
    i += n;
  }
  return std::string_view::npos;
}

void append_utf8(std::string& out, char32_t c) {
  auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6));
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

void append_utf16(std::u16string& out, char32_t c) {
  if (c >= 0x10000) {
    out.push_back(static_cast<char16_t>(0xd7c0 + (c >> 10)));
    out.push_back(static_cast<char16_t>(0xdc00 + (c & 0x3ff)));
  } else {
    out.push_back(static_cast<char16_t>(c));
  }
}

namespace {

/// Decodes the well-formed sequence at `at` and steps over it.
char32_t decode_utf8(std::string_view text, std::size_t& at) {
  auto n = sequence_length(text[at]);
  auto u = static_cast<unsigned char>(text[at]);
  char32_t c = n == 1 ? u : u & (0x7fU >> n);
  for (std::uint32_t k = 1; k < n && at + k < text.size(); ++k)
    c = (c << 6) | (static_cast<unsigned char>(text[at + k]) & 0x3fU);
  at += n;
  return c;
}

} // namespace

std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  for (std::size_t at = 0; at < text.size();)
    append_utf16(out, decode_utf8(text, at));
  return out;
}

namespace {

int hex_digit(char c) {
  if (is_digit(c))
    return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Reads `count` hexadecimal digits at `at`.
bool read_hex(std::string_view text, std::size_t& at, std::size_t count, char32_t& out) {
  out = 0;
  for (std::size_t k = 0; k < count; ++k, ++at) {
    auto d = at < text.size() ? hex_digit(text[at]) : -1;
    if (d < 0 || out > 0x10ffff)
      return false;
    out = out * 16 + static_cast<char32_t>(d);
  }
  return count > 0 && out <= 0x10ffff;
}

/// Reads what follows a backslash; `at` stands behind it.
bool read_escape(std::string_view text, std::size_t& at, std::u16string& out) {
  constexpr std::string_view letters = "nrtbvf";
  constexpr std::string_view values = "\n\r\t\b\v\f";
  if (at >= text.size())
    return false;
  char c = text[at];
  char32_t code = 0;
  if (auto i = letters.find(c); i != std::string_view::npos) {
    ++at;
    out.push_back(static_cast<char16_t>(values[i]));
  } else if (c == 'x') {
    if (!read_hex(text, ++at, 2, code))
      return false;
    append_utf16(out, code);
  } else if (c == 'u') {
    ++at;
    bool braced = at < text.size() && text[at] == '{';
    auto close = braced ? text.find('}', at) : std::string_view::npos;
    if (braced && close == std::string_view::npos)
      return false;
    at += braced;
    if (!read_hex(text, at, braced ? close - at : 4, code))
      return false;
    at += braced;
    append_utf16(out, code);
  } else if (is_digit(c)) {
    bool zero = c == '0' && (at + 1 >= text.size() || !is_digit(text[at + 1]));
    if (!zero) // octal escapes are errors in modules
      return false;
    ++at;
    out.push_back(u'\0');
  } else if (c == '\r' || c == '\n') {
    at += text.compare(at, 2, "\r\n") == 0 ? 2 : 1;
  } else if (is_unicode_line_end(text, at)) {
    at += 3;
  } else {
    append_utf16(out, decode_utf8(text, at));
  }
  return true;
}

} // namespace

std::size_t find_no_identifier(std::string_view word) {
  struct block {
    char32_t first;
    char32_t last;
  };
  constexpr block signs[] = {
      {0x80, 0xa9},     {0xab, 0xb4},       {0xb6, 0xb6},       {0xb8, 0xb9},
      {0xbb, 0xbf},     {0xd7, 0xd7},       {0xf7, 0xf7},       {0x2000, 0x200b},
      {0x200e, 0x203e}, {0x2041, 0x2053},   {0x2055, 0x2070},   {0x2074, 0x207e},
      {0x2080, 0x208e}, {0x20a0, 0x20cf},   {0x2190, 0x2bff},   {0x2e00, 0x2e7f},
      {0x2ff0, 0x3004}, {0x3008, 0x3020},   {0x3030, 0x3030},   {0xd800, 0xf8ff},
      {0xfe10, 0xfe1f}, {0xfe50, 0xfe6f},   {0xff01, 0xff0f},   {0xff1a, 0xff20},
      {0xffe0, 0xffff}, {0x1f000, 0x1fbef}, {0xe0000, 0xe00ff}, {0xf0000, 0x10ffff}};
  for (std::size_t at = 0; at < word.size();) {
    auto begin = at;
    auto c = decode_utf8(word, at);
    for (auto& b : signs)
      if (c >= b.first && c <= b.last)
        return begin;
  }
  return std::string_view::npos;
}

bool unescape(std::string_view body, std::u16string& out) {
  std::size_t at = 0;
  while (at < body.size()) {
    if (body[at] == '\\') {
      if (!read_escape(body, ++at, out))
        return false;
    } else {
      append_utf16(out, decode_utf8(body, at));
    }
  }
  return true;
}

std::string to_utf8(std::u16string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t c = text[i];
    bool high = c >= 0xd800 && c < 0xdc00;
    if (high && i + 1 < text.size() && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000)
      c = 0x10000 + ((c - 0xd800) << 10) + (text[++i] - 0xdc00U);
    else if (c >= 0xd800 && c < 0xe000)
      c = 0xfffd;
    append_utf8(out, c);
  }
  return out;
}

std::string quote(std::u16string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    char16_t c = text[i];
    bool pair = c >= 0xd800 && c < 0xdc00 && i + 1 < text.size() && text[i + 1] >= 0xdc00 &&
                text[i + 1] < 0xe000;
    if (pair)
      out += to_utf8(text.substr(i++, 2));
    else if (c == u'"' || c == u'\\')
      (out += '\\') += static_cast<char>(c);
    else if (c == u'\n')
      out += "\\n";
    else if (c < 0x20 || c == 0x7f || (c >= 0xd800 && c < 0xe000) || c == 0x2028 || c == 0x2029)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      append_utf8(out, c);
  }
  return out += '"';
}

std::string quote_json(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out += '"';
}

} // namespace zako::transpile
