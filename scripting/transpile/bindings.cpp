// Scopes of JavaScript, read off the tree from below: climb from a name to what declares it.
#include "scripting/transpile/bindings.hpp"

#include <algorithm>

namespace zako::transpile {

bool is_name(kind what) {
  switch (what) {
  case kind::identifier:
  case kind::shorthand_property_identifier:
  case kind::shorthand_property_identifier_pattern:
  case kind::type_identifier:
  case kind::property_identifier:
    return true;
  default:
    return false;
  }
}

namespace {

bool is_function(kind what) {
  switch (what) {
  case kind::function_declaration:
  case kind::generator_function_declaration:
  case kind::function_expression:
  case kind::generator_function:
  case kind::arrow_function:
  case kind::method_definition:
    return true;
  default:
    return false;
  }
}

/// The innermost block around `id`: what `let`, classes and functions belong to.
node_id block_around(const syntax_tree& tree, node_id id) {
  for (auto p = tree[id].parent; p != no_node; p = tree[p].parent)
    switch (tree[p].what) {
    case kind::program:
    case kind::statement_block:
    case kind::switch_body:
    case kind::for_statement:
    case kind::for_in_statement:
      return p;
    default:
      break;
    }
  return 0;
}

/// The body of the function, static block or namespace around `id`, or the program: what `var`
/// belongs to.
node_id body_around(const syntax_tree& tree, node_id id) {
  for (auto p = tree[id].parent; p != no_node; p = tree[p].parent) {
    if (tree[p].what == kind::program)
      return p;
    if (tree[p].what != kind::statement_block)
      continue;
    auto owner = tree.parent_kind(p);
    if (is_function(owner) || owner == kind::class_static_block || owner == kind::module ||
        owner == kind::internal_module)
      return p;
  }
  return 0;
}

/// Climbs out of a destructuring pattern; no_node when `id` is a key or a default value in it.
node_id whole_pattern(const syntax_tree& tree, node_id id) {
  while (true) {
    auto p = tree[id].parent;
    if (p == no_node)
      return id;
    switch (tree[p].what) {
    case kind::array_pattern:
    case kind::object_pattern:
    case kind::rest_pattern:
      break;
    case kind::pair_pattern:
      if (tree[id].role != field::value)
        return no_node;
      break;
    case kind::assignment_pattern:
    case kind::object_assignment_pattern:
      if (tree[id].role != field::left)
        return no_node;
      break;
    default:
      return id;
    }
    id = p;
  }
}

} // namespace

node_id declaring_scope(const syntax_tree& tree, node_id id) {
  auto pattern = whole_pattern(tree, id);
  if (pattern == no_node)
    return no_node;
  auto p = tree[pattern].parent;
  if (p == no_node)
    return no_node;
  auto role = tree[pattern].role;
  switch (tree[p].what) {
  case kind::variable_declarator:
    if (role != field::name)
      return no_node;
    return tree.parent_kind(p) == kind::lexical_declaration ? block_around(tree, p)
                                                            : body_around(tree, p);
  case kind::assignment_expression: // `using x = y`
    return role == field::left && tree.has(p, kind::word_using) ? block_around(tree, p) : no_node;
  case kind::required_parameter:
  case kind::optional_parameter:
    return role == field::pattern ? tree[tree[p].parent].parent : no_node;
  case kind::arrow_function:
    return role == field::parameter ? p : no_node;
  case kind::catch_clause:
    return role == field::parameter ? p : no_node;
  case kind::for_in_statement: {
    auto word = tree.child(p, field::kind);
    if (role != field::left || word == no_node)
      return no_node;
    return tree.text(word) == "var" ? body_around(tree, p) : p;
  }
  case kind::function_expression:
  case kind::generator_function:
  case kind::class_expression:
    return role == field::name ? p : no_node;
  case kind::function_declaration:
  case kind::generator_function_declaration:
  case kind::function_signature:
  case kind::class_declaration:
  case kind::abstract_class_declaration:
  case kind::enum_declaration:
  case kind::module:
  case kind::internal_module:
    return role == field::name ? block_around(tree, p) : no_node;
  case kind::nested_identifier: { // the first name of `namespace A.B`
    auto top = p;
    while (tree.parent_kind(top) == kind::nested_identifier &&
           tree.first_child(tree[top].parent) == top)
      top = tree[top].parent;
    auto owner = tree[top].parent;
    bool first = role == field::object && tree[top].role == field::name &&
                 (tree.is(owner, kind::module) || tree.is(owner, kind::internal_module));
    return first && tree[top].begin == tree[pattern].begin ? block_around(tree, owner) : no_node;
  }
  case kind::enum_body:
    return p;
  case kind::enum_assignment:
    return role == field::name ? tree[p].parent : no_node;
  case kind::import_clause:
  case kind::namespace_import:
    return 0;
  case kind::import_specifier:
    return role == field::alias || !tree.has(p, kind::word_as) ? 0 : no_node;
  case kind::import_alias:
    return tree.next_sibling(tree.first_child(p)) == pattern ? block_around(tree, p) : no_node;
  default:
    return no_node;
  }
}

void bindings::collect(const syntax_tree& tree) {
  if (declared_.empty())
    return;
  for (node_id id = 0; id < tree.size(); ++id) {
    if (!is_name(tree[id].what))
      continue;
    auto found = declared_.find(tree.text(id));
    if (found == declared_.end())
      continue;
    if (auto scope = declaring_scope(tree, id); scope != no_node)
      found->second.all.push_back({.scope = scope, .name = id});
  }
  for (auto& [name, d] : declared_)
    order(tree, d);
}

void bindings::order(const syntax_tree& tree, declarations& d) {
  auto sorted = d.all;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const declaration& a, const declaration& b) { return a.scope < b.scope; });
  for (auto& x : sorted) {
    if (!d.scopes.empty() && d.scopes.back().first.scope == x.scope)
      continue;
    auto around = d.scopes.empty() ? no_node : static_cast<std::uint32_t>(d.scopes.size() - 1);
    while (around != no_node && tree[d.scopes[around].first.scope].next <= x.scope)
      around = d.scopes[around].around;
    d.scopes.push_back({.first = x, .around = around});
  }
}

bindings::declaration bindings::find(const syntax_tree& tree, node_id id,
                                     std::string_view name) const {
  auto found = declared_.find(name);
  if (found == declared_.end())
    return {};
  auto& scopes = found->second.scopes;
  auto behind = std::partition_point(scopes.begin(), scopes.end(),
                                     [id](const scope_entry& s) { return s.first.scope <= id; });
  auto i = static_cast<std::uint32_t>(behind - scopes.begin()) - 1; // no_node when there is none
  while (i != no_node && tree[scopes[i].first.scope].next <= id)
    i = scopes[i].around;
  return i == no_node ? declaration{} : scopes[i].first;
}

bool bindings::declares_inside(const syntax_tree& tree, std::string_view name, node_id begin,
                               node_id end) const {
  auto found = declared_.find(name);
  if (found == declared_.end())
    return false;
  auto& scopes = found->second.scopes;
  auto at = std::partition_point(scopes.begin(), scopes.end(),
                                 [begin](const scope_entry& s) { return s.first.scope < begin; });
  while (at != scopes.end() && tree[at->first.scope].what == kind::enum_body)
    ++at; // an enum's members are no variables
  return at != scopes.end() && at->first.scope < end;
}

} // namespace zako::transpile
