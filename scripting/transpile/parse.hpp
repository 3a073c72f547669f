// The parser: text to tree, trees freed by themselves, and the errors of a tree that did not come
// out well.
#pragma once

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
  /// Null when the parser gives up, which it does only when its language does not fit.
  tree_ptr parse(std::string_view text, const grammar& g);
  void reset() { parser_.reset(); }

private:
  struct deleter {
    void operator()(TSParser* p) const { ts_parser_delete(p); }
  };
  std::unique_ptr<TSParser, deleter> parser_;
  const grammar* grammar_ = nullptr;
};

bool has_errors(const TSTree* tree);

/// Where they are.
std::vector<byte_range> error_ranges(const TSTree* tree);

/// Adds one problem for every place where the tree has an error.
void report_syntax_errors(unit& u, const TSTree* tree);

} // namespace zako::transpile
