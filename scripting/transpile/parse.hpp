// From source to syntax tree: parses, gets around the grammar's gaps, and collects what does not
// parse.
#pragma once

#include <vector>

#include "scripting/transpile/parser.hpp"
#include "scripting/transpile/repair.hpp"
#include "scripting/transpile/unit.hpp"

namespace zako::transpile {

struct parse_result {
  bool stopped = false;                  // `stop` was set: nothing else means anything
  std::vector<masked_range> overwritten; // what stands in the tree under another text
};

/// Fills `u.tree` from `u.source`. Whatever is no TypeScript becomes a problem of `u`; then the
/// tree is of no use.
parse_result parse(unit& u, parser& p, const grammar& g, const std::atomic<std::size_t>* stop);

} // namespace zako::transpile
