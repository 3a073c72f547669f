// Small pure functions on text for terminals: widths, cuts, durations, colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zako {

/// What the output can show.
struct screen {
  bool live = false;      // lines can be redrawn
  bool colours = false;   // escape sequences for colours are understood
  std::size_t width = 80; // columns
};

enum class tint { none, red, green, yellow, dim, bold };

std::string paint(const screen& on, tint colour, std::string_view text);

/// The columns that UTF-8 text takes: none for combining marks, two for wide characters.
std::size_t columns(std::string_view text);
/// At most `width` columns of the text, with "..." where it was cut.
std::string cut(std::string_view text, std::size_t width);
/// Control characters replaced by '?', so that the text stays on one line.
std::string one_line(std::string_view text);
/// Without escape sequences of terminals.
std::string plain(std::string_view text);
/// The text with exactly one line break at its end; nothing stays nothing.
std::string ended(std::string text);

/// "0.04 s", "4.2 s", "1 m 05 s", "2 h 03 m".
std::string duration(std::int64_t ns);
/// "1 action", "2 actions".
std::string count_of(std::uint64_t n, std::string_view noun);
/// "17 B", "1.5 KiB", "3.2 GiB".
std::string size_of(std::uint64_t bytes);
/// The arguments as a shell takes them.
std::string command_text(const std::vector<std::string>& argv);

} // namespace zako
