// Reads source maps (version 3).
#include "scripting/source_map.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

namespace zako {

namespace {

/// The next base64 VLQ number; false at anything that is none.
bool read_number(std::string_view& text, std::int64_t& out) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::uint64_t bits = 0;
  for (int shift = 0; shift <= 35; shift += 5) {
    if (text.empty())
      return false;
    auto digit = alphabet.find(text.front());
    if (digit == std::string_view::npos)
      return false;
    text.remove_prefix(1);
    bits |= static_cast<std::uint64_t>(digit & 31) << shift;
    if ((digit & 32) == 0) {
      auto magnitude = static_cast<std::int64_t>(bits >> 1);
      out = (bits & 1) != 0 ? -magnitude : magnitude;
      return true;
    }
  }
  return false;
}

bool is_place(std::int64_t x) {
  return x >= 0 && x < std::numeric_limits<std::uint32_t>::max();
}

} // namespace

std::optional<source_map> source_map::parse(std::string_view json) {
  auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object())
    return std::nullopt;
  auto mappings = object.find("mappings");
  if (mappings == object.end() || !mappings->is_string())
    return std::nullopt;
  source_map map;
  if (!map.read_mappings(mappings->get_ref<const std::string&>()))
    return std::nullopt;
  return map;
}

bool source_map::read_mappings(std::string_view text) {
  std::int64_t column = 0, source = 0, source_line = 0, source_column = 0, name = 0;
  lines_.emplace_back();
  while (!text.empty()) {
    if (text.front() == ';') {
      text.remove_prefix(1);
      lines_.emplace_back();
      column = 0;
      continue;
    }
    if (text.front() == ',') {
      text.remove_prefix(1);
      continue;
    }
    // A segment has 1, 4 or 5 numbers, each relative to the one before.
    std::array<std::int64_t*, 5> fields{&column, &source, &source_line, &source_column, &name};
    std::size_t count = 0;
    while (!text.empty() && text.front() != ',' && text.front() != ';') {
      std::int64_t delta = 0;
      if (count == fields.size() || !read_number(text, delta))
        return false;
      *fields[count++] += delta;
    }
    if ((count != 1 && count < 4) || !is_place(column) || !is_place(source_line) ||
        !is_place(source_column))
      return false;
    if (count >= 4)
      lines_.back().push_back({.column = static_cast<std::uint32_t>(column),
                               .source_line = static_cast<std::uint32_t>(source_line),
                               .source_column = static_cast<std::uint32_t>(source_column)});
  }
  for (auto& line : lines_)
    std::stable_sort(line.begin(), line.end(),
                     [](auto& a, auto& b) { return a.column < b.column; });
  return true;
}

source_map::place source_map::original(place generated) const {
  if (generated.line == 0 || generated.column == 0 || generated.line > lines_.size())
    return generated;
  auto& line = lines_[generated.line - 1];
  auto column = generated.column - 1;
  auto after = std::upper_bound(line.begin(), line.end(), column,
                                [](std::uint32_t c, auto& s) { return c < s.column; });
  if (after == line.begin())
    return line.empty() ? generated
                        : place{line.front().source_line + 1, line.front().source_column + 1};
  auto& found = *std::prev(after);
  return {found.source_line + 1, found.source_column + (column - found.column) + 1};
}

} // namespace zako
