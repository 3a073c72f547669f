// Two tables.
#include "apps/zako/display/resources.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace zako {

namespace {

using row = std::vector<std::string>;

/// Columns as wide as they must be, two spaces between them.
std::string table_text(const std::vector<row>& rows) {
  std::vector<std::size_t> widths;
  for (auto& r : rows)
    for (std::size_t i = 0; i < r.size(); ++i) {
      widths.resize(std::max(widths.size(), i + 1));
      widths[i] = std::max(widths[i], r[i].size());
    }
  std::string out;
  for (auto& r : rows) {
    std::string line;
    for (std::size_t i = 0; i < r.size(); ++i)
      line += i + 1 < r.size() ? fmt::format("{:{}}  ", r[i], widths[i]) : r[i];
    out += line + '\n';
  }
  return out;
}

std::string amount(const resource_state& x, std::uint64_t n) {
  return x.limits.name == memory_resource ? bytes_text(n) : fmt::format("{}", n);
}

} // namespace

std::string resources_text(const std::vector<resource_state>& resources,
                           const std::string& no_limits, const engine_settings& settings) {
  std::vector<row> table{{"resource", "capacity", "overcommit", "unit"}};
  for (auto& x : resources)
    table.push_back({x.limits.name, amount(x, x.limits.capacity), amount(x, x.limits.overcommit),
                     amount(x, x.limits.granularity)});
  auto out = table_text(table);
  out += "\nlimits of memory for programs: ";
  out += no_limits.empty() ? "permitted" : "not permitted: " + no_limits;
  out += "\n\n";
  table = {{"setting", "value", "from", "what it is"}};
  for (auto& [key, entry] : settings.all())
    if (auto known = setting_row_of(key))
      table.push_back(
          {key, setting_text(known->unit, entry.value), entry.source, std::string(known->help)});
  return out + table_text(table);
}

} // namespace zako
