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
  struct declaration {
    node_id scope = no_node;
    node_id name = no_node;
  };

  void clear() { declared_.clear(); }
  void watch(std::string_view name) { declared_.try_emplace(name); }
  [[nodiscard]] bool is_watched(std::string_view name) const { return declared_.count(name) != 0; }
  /// Finds the declarations of every watched name.
  void collect(const syntax_tree& tree);

  /// The first declaration, in the innermost scope that has one, of the name at `id`; no_node when
  /// there is none or the name is not watched. A declaration resolves to itself or to the first one
  /// that it merges with.
  [[nodiscard]] declaration find(const syntax_tree& tree, node_id id) const {
    return find(tree, id, tree.text(id));
  }
  /// The same for a name that is not written there.
  [[nodiscard]] declaration find(const syntax_tree& tree, node_id id, std::string_view name) const;
  [[nodiscard]] node_id resolve(const syntax_tree& tree, node_id id) const {
    return find(tree, id).name;
  }
  /// True when a scope among the nodes from `begin` to `end` declares a watched name.
  [[nodiscard]] bool declares_inside(const syntax_tree& tree, std::string_view name, node_id begin,
                                     node_id end) const;

  /// True when `what(name node)` holds for a declaration in the file's own scope.
  template <class Predicate>
  [[nodiscard]] bool any_at_top(std::string_view name, const Predicate& what) const {
    for (auto& d : declared_.at(name).all)
      if (d.scope == 0 && what(d.name))
        return true;
    return false;
  }

private:
  struct scope_entry {
    declaration first;    // in this scope
    std::uint32_t around; // the entry whose scope holds this one's, or no_node
  };
  struct declarations {
    std::vector<declaration> all;    // in the order of the text
    std::vector<scope_entry> scopes; // in the order of the text
  };
  static void order(const syntax_tree& tree, declarations& d);

  std::unordered_map<std::string_view, declarations> declared_;
};

} // namespace zako::transpile
