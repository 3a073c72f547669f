// Flattens the parser's trees, statement by statement.
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

} // namespace

void syntax_tree::start(std::string_view source, const grammar& g) {
  source_ = source;
  grammar_ = &g;
  overlong_types_.clear();
  only_types = {};
  nodes_.assign(1, {.begin = 0,
                    .end = static_cast<std::uint32_t>(source.size()),
                    .parent = no_node,
                    .next = 1,
                    .what = kind::program,
                    .role = field::none});
}

void syntax_tree::add(const parse_forest& forest, parse_id statement) {
  open_.assign(1, {.from = 0,
                   .id = 0,
                   .next_child = 0,
                   .role = field::none,
                   .levels = unlimited,
                   .visible = true,
                   .type_follows = false});
  add_node(forest, statement, 0, field::none);
  while (open_.size() > 1) {
    auto& top = open_.back();
    auto& from = forest[top.from];
    if (top.next_child == from.child_count) {
      if (top.visible)
        nodes_[top.id].next = size();
      open_.pop_back();
      continue;
    }
    auto index = top.next_child++;
    auto own = grammar_->role_of(from.production, index);
    auto role = own != field::none || top.visible ? own : top.role;
    add_node(forest, forest.children[from.children + index],
             grammar_->alias_of(from.production, index), role);
  }
  nodes_[0].next = size();
}

/// Adds one node below the innermost open one, and opens it when what is below it is to be added.
void syntax_tree::add_node(const parse_forest& forest, parse_id from, TSSymbol alias, field role) {
  auto& n = forest[from];
  auto symbol = alias != 0 ? alias : n.symbol;
  auto& parent = open_.back();
  if (!grammar_->is_visible(symbol)) {
    if (n.child_count > 0)
      open_.push_back({.from = from,
                       .id = parent.id,
                       .next_child = 0,
                       .role = role,
                       .levels = parent.levels,
                       .visible = false,
                       .type_follows = parent.type_follows});
    return;
  }
  auto what = grammar_->kind_of(symbol);
  auto levels = parent.type_follows ? 0 : std::min(levels_below(what), parent.levels - 1);
  auto parent_kind = nodes_[parent.id].what;
  if ((what == kind::word_as && parent_kind == kind::as_expression) ||
      (what == kind::word_satisfies && parent_kind == kind::satisfies_expression))
    parent.type_follows = true;
  auto id = size();
  nodes_.push_back({.begin = n.begin,
                    .end = n.end,
                    .parent = parent.id,
                    .next = id + 1,
                    .what = what,
                    .role = role});
  if (n.child_count == 0)
    return;
  if (levels > 0)
    open_.push_back({.from = from,
                     .id = id,
                     .next_child = 0,
                     .role = field::none,
                     .levels = levels,
                     .visible = true,
                     .type_follows = false});
  else if (worth_inspecting(text(id)))
    inspect_type(forest, from, id);
}

/// The first children that a reader of the tree sees, at most two.
void syntax_tree::visible_children(const parse_forest& forest, parse_id id,
                                   std::vector<parse_id>& out) const {
  std::vector<std::pair<parse_id, bool>> work{{id, true}}; // with: look at its children
  out.clear();
  while (!work.empty() && out.size() < 2) {
    auto [at, inside] = work.back();
    work.pop_back();
    auto& n = forest[at];
    if (!inside) {
      out.push_back(at);
      continue;
    }
    for (unsigned i = n.child_count; i > 0; --i) {
      auto child = forest.children[n.children + i - 1];
      auto alias = grammar_->alias_of(n.production, i - 1);
      bool visible = grammar_->is_visible(alias != 0 ? alias : forest[child].symbol);
      work.emplace_back(child, !visible);
    }
  }
}

void syntax_tree::inspect_type(const parse_forest& forest, parse_id type, node_id parent) {
  struct item {
    parse_id from;
    TSSymbol symbol;
    bool computed; // inside a computed name
  };
  std::vector<item> work{{type, forest[type].symbol, false}};
  std::vector<parse_id> two;
  while (!work.empty()) {
    auto at = work.back();
    work.pop_back();
    auto& n = forest[at.from];
    auto what = grammar_->kind_of(at.symbol);
    // A type whose second part, in TypeScript, stands on the line where the first ends.
    if (what == kind::array_type || what == kind::lookup_type || what == kind::generic_type ||
        what == kind::call_expression) {
      visible_children(forest, at.from, two);
      if (two.size() == 2) {
        auto end = forest[two[0]].end;
        if (has_line_break(source_.substr(end, forest[two[1]].begin - end)))
          overlong_types_.push_back(end);
      }
    }
    if (what == kind::identifier && at.computed)
      nodes_.push_back({.begin = n.begin,
                        .end = n.end,
                        .parent = parent,
                        .next = size() + 1,
                        .what = what,
                        .role = field::none});
    bool computed = at.computed || what == kind::computed_property_name;
    for (unsigned i = n.child_count; i > 0; --i) {
      auto child = forest.children[n.children + i - 1];
      auto alias = grammar_->alias_of(n.production, i - 1);
      work.push_back({child, alias != 0 ? alias : forest[child].symbol, computed});
    }
  }
  nodes_[parent].next = size();
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
