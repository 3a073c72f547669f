// Checks one source.
#include "test/scripting/fuzz/properties.hpp"

#include <ctime>
#include <vector>

#include <fmt/format.h>

#include "scripting/source_map.hpp"
#include "scripting/transpile/text.hpp"
#include "scripting/transpile/transpiler.hpp"

namespace zako::test {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ZAKO_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ZAKO_SANITIZED
#endif
#endif
#ifdef ZAKO_SANITIZED
constexpr double most_seconds = 10; // its checks take the rest
#else
constexpr double most_seconds = 1;
#endif

constexpr std::size_t most_places = 100'000; // of a map that are looked at

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

/// Every combination comes up, always the same one for the same source.
transpile_options options_for(std::string_view source) {
  unsigned sum = 0;
  for (char c : source)
    sum = sum * 31 + static_cast<unsigned char>(c);
  sum ^= sum >> 16;
  transpile_options out;
  out.tsx = (sum & 1) != 0;
  out.verbatim_module_syntax = (sum & 2) != 0;
  out.jsx = (sum & 4) != 0 ? jsx_mode::preserve : jsx_mode::automatic;
  out.target = (sum & 8) != 0 ? script_target::engine : script_target::esnext;
  return out;
}

/// UTF-16 units in each line.
std::vector<std::uint32_t> line_lengths(std::string_view text) {
  std::vector<std::uint32_t> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    auto length = transpile::line_break_length(text, i);
    if (length > 0) {
      out.push_back(transpile::utf16_length(text.substr(begin, i - begin)));
      begin = i + length;
    }
    i += length > 0 ? length : 1;
  }
  out.push_back(transpile::utf16_length(text.substr(begin)));
  return out;
}

std::string bad_error(const error& e, const std::vector<std::uint32_t>& lines) {
  if (e.message.empty() || !e.position)
    return "an error without message or place: " + to_text(e);
  auto& at = *e.position;
  if (at.line == 0 || at.line > lines.size() || at.column == 0 ||
      at.column > lines[at.line - 1] + 2) // a line's end has two characters at most
    return "an error outside of the source: " + to_text(e);
  for (auto& cause : e.causes)
    if (auto bad = bad_error(cause, lines); !bad.empty())
      return bad;
  return {};
}

std::string bad_map(const transpiled& made, const std::vector<std::uint32_t>& lines) {
  auto map = source_map::parse(made.source_map);
  if (!map)
    return "the source map is none: " + made.source_map;
  auto generated = line_lengths(made.javascript);
  std::size_t looked = 0;
  for (std::uint32_t line = 1; line <= generated.size(); ++line)
    for (std::uint32_t column = 1; column <= generated[line - 1]; ++column) {
      auto from = map->original({line, column});
      if (from.line == 0 || from.line > lines.size())
        return fmt::format("{}:{} is mapped to line {}", line, column, from.line);
      if (++looked == most_places)
        return {};
    }
  return {};
}

/// Comparisons such as `a < b > (c)` are a call with type arguments when TypeScript reads them.
bool reads_as_type_arguments(std::string_view javascript) {
  for (auto at = javascript.find('>'); at != std::string_view::npos;
       at = javascript.find('>', at + 1))
    if (auto next = transpile::skip_trivia(javascript, at + 1);
        next < javascript.size() && (javascript[next] == '(' || javascript[next] == '`'))
      return javascript.substr(0, at).find('<') != std::string_view::npos;
  return false;
}

} // namespace

std::string broken_property(std::string_view source) {
  constexpr std::string_view byte_order_mark = "\ufeff"; // no part of the text, in or out
  if (source.substr(0, byte_order_mark.size()) == byte_order_mark)
    source.remove_prefix(byte_order_mark.size());
  static transpiler t; // as a worker has it: one for many files
  auto options = options_for(source);
  auto begin = cpu_seconds();
  auto made = t.transpile(source, "a.ts", options);
  if (auto seconds = cpu_seconds() - begin; seconds > most_seconds)
    return fmt::format("it takes {:.2f} s", seconds);
  auto lines = line_lengths(source);
  if (!made)
    return made.error().code == errc::internal ? to_text(made.error())
                                               : bad_error(made.error(), lines);
  if (made->source_map.empty()) {
    if (line_lengths(made->javascript) != lines)
      return "without a map something has moved: " + made->javascript;
  } else if (auto bad = bad_map(*made, lines); !bad.empty()) {
    return bad;
  }
  // Imports that are left are used, so they stay; JSX that is left stays JSX.
  options.verbatim_module_syntax = true;
  auto again = t.transpile(made->javascript, "a.ts", options);
  if (!again)
    return "JavaScript that came out is refused: " + made->javascript + "\n" +
           to_text(again.error());
  if (again->javascript != made->javascript && !reads_as_type_arguments(made->javascript))
    return "JavaScript that came out comes out otherwise: " + made->javascript + "\n-- and --\n" +
           again->javascript;
  return {};
}

} // namespace zako::test
