// The parser: text to tree, trees freed by themselves, and the errors of a tree that did not come
// out well.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include <tree_sitter/api.h>

#include "scripting/transpile/repair.hpp"
#include "scripting/transpile/unit.hpp"

namespace zako::transpile {

struct tree_deleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using tree_ptr = std::unique_ptr<TSTree, tree_deleter>;

class parser {
public:
  /// Null when the parser gives up: it takes more than `max_parse_time`, or `stop` (which may be
  /// null) is not 0 any more.
  tree_ptr parse(std::string_view text, const grammar& g, const std::atomic<std::size_t>* stop);
  void reset() { parser_.reset(); }

private:
  struct deleter {
    void operator()(TSParser* p) const { ts_parser_delete(p); }
  };
  std::unique_ptr<TSParser, deleter> parser_;
  const grammar* grammar_ = nullptr;
};

/// Above these the parser is not asked. Its library keeps the number of a node's children in 16
/// bits, and what it has open becomes the children of one node when it meets an error.
constexpr std::size_t max_nesting = 1000; // brackets in brackets
constexpr std::size_t max_sequence =
    20000; // tokens, or comments, without a `;`, `,` or `}` between them
constexpr std::uint64_t max_parse_time = 20'000'000; // microseconds
constexpr std::size_t max_reported_errors = 100;

/// The first byte that is too much, or npos.
std::size_t find_excess(std::string_view source);

bool has_errors(const TSTree* tree);

/// Where they are.
std::vector<byte_range> error_ranges(const TSTree* tree);

/// Adds one problem for every place where the tree has an error.
void report_syntax_errors(unit& u, const TSTree* tree);

} // namespace zako::transpile
