// Walks a tree of tree-sitter's runtime.
#include "test/scripting/runtime_tree.hpp"

#include <string_view>

#include <tree_sitter/api.h>

#include "typescript_grammar.h"

namespace zako::test {

std::vector<seen> runtime_tree(const std::string& text, bool tsx) {
  std::vector<seen> all;
  auto parser = ts_parser_new();
  ts_parser_set_language(parser, tsx ? tree_sitter_tsx() : tree_sitter_typescript());
  auto tree =
      ts_parser_parse_string(parser, nullptr, text.data(), static_cast<std::uint32_t>(text.size()));
  auto cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  std::size_t depth = 0;
  for (bool more = !ts_node_has_error(ts_tree_root_node(tree)); more;) {
    auto n = ts_tree_cursor_current_node(&cursor);
    auto name = std::string_view{ts_node_type(n)};
    if (depth > 0 && !ts_node_is_extra(n) && name != "hash_bang_line")
      all.push_back({ts_node_symbol(n), ts_node_start_byte(n), ts_node_end_byte(n), depth});
    if (ts_tree_cursor_goto_first_child(&cursor)) {
      ++depth;
      continue;
    }
    while (more && !ts_tree_cursor_goto_next_sibling(&cursor)) {
      more = ts_tree_cursor_goto_parent(&cursor);
      --depth;
    }
  }
  ts_tree_cursor_delete(&cursor);
  ts_tree_delete(tree);
  ts_parser_delete(parser);
  return all;
}

} // namespace zako::test
