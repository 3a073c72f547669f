// The kind table.
#include "engine/kind.hpp"

#include <algorithm>

namespace zako {

bool kind_table::add(kind row) {
  auto fits = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  if (row.name.empty() || row.name[0] == '-' ||
      !std::all_of(row.name.begin(), row.name.end(), fits))
    return false;
  auto name = row.name;
  return rows_.emplace(std::move(name), std::move(row)).second;
}

const kind* kind_table::find(std::string_view name) const {
  auto row = rows_.find(name);
  return row == rows_.end() ? nullptr : &row->second;
}

} // namespace zako
