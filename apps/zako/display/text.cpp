// The widths come from the blocks of Unicode that terminals draw wide; exact tables are not worth
// their size here.
#include "apps/zako/display/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace zako {

namespace {

struct code_point {
  std::size_t bytes;
  char32_t value;
};

/// The first code point; a byte that starts none counts as one.
code_point first(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto lead = byte(0);
  std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (size > text.size())
    return {1, lead};
  char32_t value = size == 1 ? lead : lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return {1, lead};
    value = (value << 6) | (byte(i) & 0x3fu);
  }
  return {size, value};
}

struct range {
  char32_t from, to;
};
constexpr std::array no_width = {range{0x300, 0x36f}, range{0x200b, 0x200f}, range{0xfe00, 0xfe0f}};
constexpr std::array two_wide = {
    range{0x1100, 0x115f}, range{0x2e80, 0xa4cf},   range{0xac00, 0xd7a3},
    range{0xf900, 0xfaff}, range{0xfe30, 0xfe6f},   range{0xff00, 0xff60},
    range{0xffe0, 0xffe6}, range{0x1f300, 0x1faff}, range{0x20000, 0x3fffd}};

std::size_t width_of(char32_t c) {
  auto within = [c](const range& r) { return r.from <= c && c <= r.to; };
  if (std::any_of(no_width.begin(), no_width.end(), within))
    return 0;
  return std::any_of(two_wide.begin(), two_wide.end(), within) ? 2 : 1;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

} // namespace

std::string paint(const screen& on, tint colour, std::string_view text) {
  constexpr std::array codes = {"", "31", "32", "33", "2", "1"};
  if (!on.colours || colour == tint::none || text.empty())
    return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(colour)], text);
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  while (!text.empty()) {
    auto c = first(text);
    n += width_of(c.value);
    text.remove_prefix(c.bytes);
  }
  return n;
}

std::string cut(std::string_view text, std::size_t width) {
  constexpr std::string_view dots = "...";
  if (columns(text) <= width)
    return std::string(text);
  if (width <= dots.size())
    return std::string(dots.substr(0, width));
  std::size_t used = 0, bytes = 0;
  while (bytes < text.size()) {
    auto c = first(text.substr(bytes));
    if (used + width_of(c.value) > width - dots.size())
      break;
    used += width_of(c.value);
    bytes += c.bytes;
  }
  return std::string(text.substr(0, bytes)) + std::string(dots);
}

std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin(), out.end(), is_control, '?');
  return out;
}

std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      out += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '[') { // ends with a byte from '@' to '~'
      i += 2;
      while (i < text.size() && (text[i] < '@' || text[i] > '~'))
        ++i;
    } else {
      ++i;
    }
  }
  return out;
}

std::string ended(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  if (!text.empty())
    text += '\n';
  return text;
}

std::string duration(std::int64_t ns) {
  auto ms = std::max<std::int64_t>(ns, 0) / 1'000'000;
  if (ms < 100)
    return fmt::format("0.{:02} s", ms / 10);
  if (ms < 59'950)
    return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  auto s = (ms + 500) / 1000;
  if (s < 3600)
    return fmt::format("{} m {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} m", s / 3600, s / 60 % 60);
}

std::string count_of(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string size_of(std::uint64_t bytes) {
  if (bytes < 1024)
    return fmt::format("{} B", bytes);
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  auto x = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; x >= 1023.95 && unit + 1 < units.size(); ++unit)
    x /= 1024;
  return fmt::format("{:.1f} {}", x, units[unit]);
}

std::string command_text(const std::vector<std::string>& argv) {
  auto is_safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-+=./:,@%").find(c) != std::string_view::npos;
  };
  std::string out;
  for (auto& word : argv) {
    if (!out.empty())
      out += ' ';
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_safe)) {
      out += word;
      continue;
    }
    out += '\'';
    for (auto c : word)
      if (c == '\'')
        out += "'\\''";
      else
        out += c;
    out += '\'';
  }
  return out;
}

} // namespace zako
