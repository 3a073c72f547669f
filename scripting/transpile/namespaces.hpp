// The namespaces of a file that hold values: which names they export, and which of them a name
// means.
//
// A namespace is a group of parts: every block `namespace N { … }` with the same name in the same
// place is a part, and so is every name of `namespace A.B.C { … }`. A part becomes a function whose
// parameter is the namespace's object.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scripting/transpile/bindings.hpp"

namespace zako::transpile {

class namespace_table {
public:
  using index = std::uint32_t;
  static constexpr index none = no_node;

  struct part {
    node_id node; // the statement, shared by the names of `A.B.C`
    node_id name;
    node_id body;
    index group;
    index around; // the part that this one is in
    std::string parameter;
  };

  void clear();
  [[nodiscard]] bool empty() const { return parts_.empty(); }
  /// Finds all namespaces that hold values; every name must be watched.
  void collect(const syntax_tree& tree, const bindings& names);

  [[nodiscard]] const part& operator[](index i) const { return parts_[i]; }
  /// The parts of one statement are consecutive.
  [[nodiscard]] index first_part_of(node_id statement) const;
  [[nodiscard]] index size() const { return static_cast<index>(parts_.size()); }

  /// The declaration that a name means: as `bindings::resolve`, and what other parts of the
  /// namespaces around it export. An exported name resolves to the first one of its group.
  [[nodiscard]] node_id resolve(const syntax_tree& tree, const bindings& names, node_id id) const;
  /// What has to stand before the name at `id`, with a dot: a part's parameter, or nothing.
  [[nodiscard]] std::string_view qualifier(const syntax_tree& tree, const bindings& names,
                                           node_id id) const;
  /// The declaration that a namespace exports; no_node when it does not, or `declared` is none.
  [[nodiscard]] node_id exported(node_id declared, std::string_view name) const;

  /// True when `A.B.C` names something that is certainly not a value.
  [[nodiscard]] bool lacks(const syntax_tree& tree, const bindings& names,
                           const std::vector<node_id>& path) const;

  /// A name for the parameter of a function that `statement` becomes: `name`, or one with a number
  /// when something inside has this name, or it is `taken`.
  std::string parameter_name(const syntax_tree& tree, const bindings& names, node_id statement,
                             std::string_view name, bool taken = false);

private:
  struct exported_name {
    node_id first;
    bool qualified; // also where it is declared: variables and aliases
    index group;    // of a namespace
  };
  using exports = std::unordered_map<std::string_view, exported_name>;
  struct found_name {
    node_id declared;
    index part; // whose object has it; none when it is a variable
  };

  void add(const syntax_tree& tree, const bindings& names, node_id statement, index around);
  void add_exports(const syntax_tree& tree, node_id body, index group);
  void add_export(const syntax_tree& tree, node_id name, bool qualified, index group);
  index group_for(const syntax_tree& tree, const bindings& names, node_id name, index around,
                  bool is_exported);
  [[nodiscard]] index part_around(const syntax_tree& tree, node_id id) const;
  [[nodiscard]] found_name find(const syntax_tree& tree, const bindings& names, node_id id) const;

  std::vector<part> parts_;
  std::vector<exports> groups_;
  std::unordered_map<node_id, index> group_of_; // by the first declaration
  std::unordered_set<std::string> made_up_;
};

/// The body's namespace statement when `id` is one directly inside a namespace, else no_node.
node_id namespace_around(const syntax_tree& tree, node_id id);

} // namespace zako::transpile
