// The parser's tree as one flat array in the order of the text, without comments and without the
// inside of types.
//
// Node `i`'s descendants are the nodes after it up to `next`, so walking and skipping are index
// arithmetic: nothing above this file recurses on the depth of the tree. Fields and tokens keep
// their parser's meaning (grammar.hpp).
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "scripting/transpile/grammar.hpp"
#include "scripting/transpile/parser.hpp"

namespace zako::transpile {

using node_id = std::uint32_t;
constexpr node_id no_node = std::numeric_limits<node_id>::max();

struct node {
  std::uint32_t begin;
  std::uint32_t end;
  node_id parent;
  node_id next; // the first node that is neither this one nor below it
  kind what;
  field role; // in the parent
  bool done =
      false; // its text has been dealt with: the walk leaves it and everything below it alone
};

class syntax_tree {
public:
  /// A tree of a file without statements. `source` must outlive this object.
  void start(std::string_view source, const grammar& g);
  /// Adds a statement behind the others.
  void add(const parse_forest& forest, parse_id statement);

  [[nodiscard]] node_id size() const { return static_cast<node_id>(nodes_.size()); }
  [[nodiscard]] const node& operator[](node_id id) const { return nodes_[id]; }
  void mark_done(node_id id) { nodes_[id].done = true; }

  [[nodiscard]] std::string_view source() const { return source_; }
  [[nodiscard]] std::string_view text(node_id id) const {
    return source_.substr(nodes_[id].begin, nodes_[id].end - nodes_[id].begin);
  }

  [[nodiscard]] bool is(node_id id, kind what) const {
    return id != no_node && nodes_[id].what == what;
  }
  [[nodiscard]] kind parent_kind(node_id id) const {
    return nodes_[id].parent == no_node ? kind::other : nodes_[nodes_[id].parent].what;
  }
  [[nodiscard]] node_id first_child(node_id id) const {
    return nodes_[id].next > id + 1 ? id + 1 : no_node;
  }
  [[nodiscard]] node_id next_sibling(node_id id) const {
    auto parent = nodes_[id].parent;
    return parent != no_node && nodes_[id].next < nodes_[parent].next ? nodes_[id].next : no_node;
  }
  /// The first child of that kind, or in that field.
  [[nodiscard]] node_id child(node_id id, kind what) const;
  [[nodiscard]] node_id child(node_id id, field role) const;
  [[nodiscard]] bool has(node_id id, kind what) const { return child(id, what) != no_node; }

  /// The children of a node, for a range-based for.
  class child_range {
  public:
    struct iterator {
      const syntax_tree* tree;
      node_id at;
      node_id operator*() const { return at; }
      iterator& operator++() {
        at = (*tree)[at].next;
        return *this;
      }
      bool operator!=(const iterator& other) const { return at != other.at; }
    };
    child_range(const syntax_tree& tree, node_id id) : tree_(tree), id_(id) {}
    [[nodiscard]] iterator begin() const { return {&tree_, id_ + 1}; }
    [[nodiscard]] iterator end() const { return {&tree_, tree_[id_].next}; }

  private:
    const syntax_tree& tree_;
    node_id id_;
  };
  [[nodiscard]] child_range children(node_id id) const { return {*this, id}; }

  /// Where types go on behind a line break although in TypeScript they end there: the grammar has
  /// taken text that is none of theirs.
  [[nodiscard]] const std::vector<std::uint32_t>& overlong_types() const { return overlong_types_; }

  /// Bytes that the array occupies.
  [[nodiscard]] std::size_t capacity() const { return nodes_.capacity() * sizeof(node); }

  /// The last stretch of namespaces' bodies that was looked through for what is left at run time
  /// (erase.cpp): nothing before `end`, something at it if `stopped`. So that namespaces in
  /// namespaces are looked through once.
  struct type_stretch {
    node_id begin = 0;
    node_id end = 0;
    bool stopped = false;
  };
  mutable type_stretch only_types;

private:
  struct open_node {
    parse_id from;
    node_id id; // of itself, or for hidden ones of what they stand in
    unsigned next_child;
    field role; // for children without one of their own
    int levels; // that may be kept below it
    bool visible;
    bool type_follows; // it is `x as T` and the `as` has been passed
  };
  void add_node(const parse_forest& forest, parse_id from, TSSymbol alias, field role);
  /// Looks inside a type. Keeps the variables in `[name]: …` members, which count as uses of what
  /// they name.
  void inspect_type(const parse_forest& forest, parse_id type, node_id parent);
  void visible_children(const parse_forest& forest, parse_id id, std::vector<parse_id>& out) const;

  const grammar* grammar_ = nullptr;
  std::vector<open_node> open_;
  std::vector<node> nodes_;
  std::vector<std::uint32_t> overlong_types_;
  std::string_view source_;
};

} // namespace zako::transpile
