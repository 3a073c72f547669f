// The trees of tree-sitter's own runtime, in a form that others can be compared with. Apart,
// because its header and the grammar's do not go together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace zako::test {

/// A visible node; a tree is a list of them in the order of the text.
struct seen {
  std::uint16_t symbol;
  std::uint32_t begin;
  std::uint32_t end;
  std::size_t depth;
  bool operator==(const seen&) const = default;
};

/// Without the root, comments and the line after `#!`. Nothing when the runtime finds errors.
std::vector<seen> runtime_tree(const std::string& text, bool tsx);

} // namespace zako::test
