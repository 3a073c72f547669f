// Which declaration a name means. Only names that somebody asked for are looked at: imports, enums
// and what enums use.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "scripting/transpile/syntax_tree.hpp"

namespace zako::transpile {

/// True for nodes that stand for a name: identifiers, shorthand members, names of types and
/// members.
bool is_name(kind what);

/// The node in whose scope `id` is declared, or no_node when `id` declares nothing. JavaScript's
/// rules: `var` belongs to the function body, parameters and named function expressions to the
/// function, everything else to the block.
node_id declaring_scope(const syntax_tree& tree, node_id id);

class bindings {
public:
  void clear() { declared_.clear(); }
  void watch(std::string_view name) { declared_.try_emplace(name); }
  /// Finds the declarations of every watched name.
  void collect(const syntax_tree& tree);

  /// The first declaration, in the innermost scope that has one, of the name at `id`; no_node when
  /// there is none or the name is not watched. A declaration resolves to itself or to the first one
  /// that it merges with.
  [[nodiscard]] node_id resolve(const syntax_tree& tree, node_id id) const;

  struct declaration {
    node_id scope;
    node_id name;
  };
  /// Of a watched name, in the order of the text.
  [[nodiscard]] const std::vector<declaration>& declarations(std::string_view name) const {
    return declared_.at(name);
  }

private:
  std::unordered_map<std::string_view, std::vector<declaration>> declared_;
};

} // namespace zako::transpile
