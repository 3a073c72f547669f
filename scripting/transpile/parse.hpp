// From source to syntax tree: parses, gets around the grammar's gaps, and collects what does not
// parse.
#pragma once

#include <functional>
#include <vector>

#include "scripting/transpile/parser.hpp"
#include "scripting/transpile/repair.hpp"
#include "scripting/transpile/unit.hpp"

namespace zako::transpile {

struct parse_result {
  bool stopped = false;                       // `stop` was set: nothing else means anything
  std::vector<parser::checkpoint> statements; // where they end, in the order of the text
  std::vector<masked_range> overwritten;      // what stands in the tree under another text
};

/// Fills `u.tree` with the statements of `u.source` from a place between two of them on, without
/// repairs and without problems: up to the first place where `go_on` is false.
parse_end parse_part(unit& u, parser& p, const grammar& g, const std::atomic<std::size_t>* stop,
                     const parser::checkpoint& from,
                     const std::function<bool(const parser::checkpoint& behind)>& go_on);

/// Fills `u.tree` from `u.source`. Whatever is no TypeScript becomes a problem of `u`; then the
/// tree is of no use.
parse_result parse(unit& u, parser& p, const grammar& g, const std::atomic<std::size_t>* stop);

} // namespace zako::transpile
