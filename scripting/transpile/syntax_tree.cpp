// Flattens a tree with one cursor walk.
#include "scripting/transpile/syntax_tree.hpp"

#include <algorithm>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

namespace {

constexpr int unlimited = std::numeric_limits<int>::max();

/// How many levels below a node of this kind are kept: what is erased as a whole needs at most its
/// name.
int levels_below(kind what) {
  switch (what) {
  case kind::type_annotation:
  case kind::type_arguments:
  case kind::type_parameters:
  case kind::asserts_annotation:
  case kind::type_predicate_annotation:
  case kind::implements_clause:
  case kind::interface_body:
  case kind::method_signature:
  case kind::abstract_method_signature:
  case kind::index_signature:
    return 0;
  case kind::interface_declaration:
  case kind::type_alias_declaration:
  case kind::function_signature:
    return 1;
  case kind::ambient_declaration:
    return 3;
  default:
    return unlimited;
  }
}

struct cursor {
  explicit cursor(TSNode root) : at(ts_tree_cursor_new(root)) {}
  ~cursor() { ts_tree_cursor_delete(&at); }
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;
  TSTreeCursor at;
};

/// True when a type may have members with computed names, or a bracket at the start of a line.
bool worth_inspecting(std::string_view type) {
  for (std::size_t at = 0; at < type.size(); ++at) {
    char c = type[at];
    if (c != '[' && c != '<' && c != '(')
      continue;
    auto before = type.find_last_not_of(" \t", at - 1);
    bool first =
        at > 0 && before != std::string_view::npos && (type[before] == '\n' || type[before] == '/');
    if (first)
      return true;
    if (c == '[')
      if (auto inside = skip_trivia(type, at + 1); inside < type.size() && is_word(type[inside]))
        return true;
  }
  return false;
}

/// True when the node is a type whose second part, in TypeScript, stands on the line where the
/// first ends.
bool is_overlong(TSNode n, kind what, std::string_view source) {
  if (what != kind::array_type && what != kind::lookup_type && what != kind::generic_type &&
      what != kind::call_expression)
    return false;
  if (ts_node_child_count(n) < 2)
    return false;
  auto end = ts_node_end_byte(ts_node_child(n, 0));
  return has_line_break(source.substr(end, ts_node_start_byte(ts_node_child(n, 1)) - end));
}

struct open_node {
  node_id id;
  int levels;        // that may be kept below it
  bool type_follows; // the node is `x as T` and the cursor has passed the `as`
};

} // namespace

void syntax_tree::build(const TSTree* tree, const grammar& g, std::string_view source) {
  source_ = source;
  nodes_.clear();
  overlong_types_.clear();
  cursor walk{ts_tree_root_node(tree)};
  std::vector<open_node> open;
  while (true) {
    auto n = ts_tree_cursor_current_node(&walk.at);
    auto what = g.kind_of(ts_node_symbol(n));
    bool descend = false;
    if (what != kind::comment) {
      auto id = size();
      auto levels = levels_below(what);
      if (!open.empty()) {
        auto& parent = open.back();
        levels = parent.type_follows ? 0 : std::min(levels, parent.levels - 1);
        auto parent_kind = nodes_[parent.id].what;
        if ((what == kind::word_as && parent_kind == kind::as_expression) ||
            (what == kind::word_satisfies && parent_kind == kind::satisfies_expression))
          parent.type_follows = true;
      }
      nodes_.push_back({.begin = ts_node_start_byte(n),
                        .end = ts_node_end_byte(n),
                        .parent = open.empty() ? no_node : open.back().id,
                        .next = id + 1,
                        .what = what,
                        .role = g.field_of(ts_tree_cursor_current_field_id(&walk.at))});
      descend = levels > 0 && ts_tree_cursor_goto_first_child(&walk.at);
      if (descend)
        open.push_back({.id = id, .levels = levels, .type_follows = false});
      else if (levels <= 0 && worth_inspecting(text(id)))
        inspect_type(n, g, id);
    }
    if (descend)
      continue;
    while (!ts_tree_cursor_goto_next_sibling(&walk.at)) {
      if (!ts_tree_cursor_goto_parent(&walk.at))
        return;
      nodes_[open.back().id].next = size();
      open.pop_back();
    }
  }
}

void syntax_tree::inspect_type(TSNode type, const grammar& g, node_id parent) {
  cursor walk{type};
  int depth = 0;
  int computed = 0; // the depth of the computed name that the cursor is in
  while (true) {
    auto n = ts_tree_cursor_current_node(&walk.at);
    auto what = g.kind_of(ts_node_symbol(n));
    if (is_overlong(n, what, source_))
      overlong_types_.push_back(ts_node_end_byte(ts_node_child(n, 0)));
    if (what == kind::computed_property_name && computed == 0)
      computed = depth;
    if (what == kind::identifier && computed != 0)
      nodes_.push_back({.begin = ts_node_start_byte(n),
                        .end = ts_node_end_byte(n),
                        .parent = parent,
                        .next = size() + 1,
                        .what = what,
                        .role = field::none});
    if (ts_tree_cursor_goto_first_child(&walk.at)) {
      ++depth;
      continue;
    }
    while (!ts_tree_cursor_goto_next_sibling(&walk.at)) {
      if (!ts_tree_cursor_goto_parent(&walk.at)) {
        nodes_[parent].next = size();
        return;
      }
      if (--depth <= computed)
        computed = 0;
    }
    if (depth == computed)
      computed = 0;
  }
}

node_id syntax_tree::child(node_id id, kind what) const {
  for (auto c : children(id))
    if (nodes_[c].what == what)
      return c;
  return no_node;
}

node_id syntax_tree::child(node_id id, field role) const {
  for (auto c : children(id))
    if (nodes_[c].role == role)
      return c;
  return no_node;
}

} // namespace zako::transpile
