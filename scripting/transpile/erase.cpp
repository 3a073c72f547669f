// Blanks types, and the statements and members that exist only for types.
#include <algorithm>

#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"

namespace zako::transpile {

namespace {

/// The first node in a stretch of a namespace's body that leaves something at run time, or its end,
/// as TypeScript sees it: `declare`d variables and overloads count as something.
node_id first_value(const syntax_tree& tree, node_id begin, node_id end) {
  for (auto at = begin; at < end;) {
    switch (tree[at].what) {
    case kind::interface_declaration:
    case kind::type_alias_declaration:
    case kind::import_alias: // unless exported
    case kind::import_statement:
      at = tree[at].next;
      break;
    case kind::identifier: // names of namespaces inside
    case kind::nested_identifier:
      if (tree[at].role != field::name)
        return at;
      at = tree[at].next;
      break;
    case kind::statement_block:
    case kind::expression_statement:
    case kind::module:
    case kind::internal_module:
    case kind::ambient_declaration:
    case kind::brace_open:
    case kind::brace_close:
    case kind::word_export:
    case kind::word_namespace:
    case kind::word_declare:
      ++at;
      break;
    case kind::semicolon: // of what it ends, not a statement of its own
      if (tree.parent_kind(at) == kind::statement_block)
        return at;
      ++at;
      break;
    case kind::export_statement: {
      auto declared = tree.child(at, field::declaration);
      if (declared == no_node || tree[declared].what == kind::import_alias)
        return at;
      ++at;
      break;
    }
    default:
      if (tree[at].next != at + 1 || (tree.text(at) != "module" && tree.text(at) != "global"))
        return at;
      ++at;
    }
  }
  return end;
}

/// True when nothing in a namespace's body is left at run time.
bool holds_only_types(const syntax_tree& tree, node_id id) {
  auto body = tree.child(id, field::body);
  if (body == no_node)
    return true;
  auto begin = body + 1, end = tree[body].next;
  auto& known = tree.only_types;
  if (begin >= known.begin && end <= known.end)
    return true;
  if (known.stopped && begin >= known.begin && begin <= known.end && known.end < end)
    return false;
  auto value = first_value(tree, begin, end);
  known = {.begin = begin, .end = value, .stopped = value != end};
  return value == end;
}

/// True when every comma needs something on both sides, but for a last one.
bool separates_items(kind parent) {
  return parent == kind::object || parent == kind::object_pattern || parent == kind::arguments ||
         parent == kind::formal_parameters;
}

/// True when the sibling before a node is of that kind.
bool follows(const syntax_tree& tree, node_id id, kind before) {
  auto at = id - 1; // climbs from the last node in it
  while (tree[at].parent != tree[id].parent)
    at = tree[at].parent;
  return tree[at].what == before;
}

bool in_member_or_parameter(kind parent) {
  return parent == kind::public_field_definition || parent == kind::method_definition ||
         parent == kind::required_parameter || parent == kind::optional_parameter;
}

} // namespace

bool is_erased(const syntax_tree& tree, node_id id) {
  switch (tree[id].what) {
  case kind::interface_declaration:
  case kind::type_alias_declaration:
  case kind::function_signature:
  case kind::ambient_declaration:
  case kind::abstract_method_signature:
  case kind::method_signature:
  case kind::index_signature:
    return true;
  case kind::public_field_definition:
    return tree.has(id, kind::word_declare) || tree.has(id, kind::word_abstract);
  case kind::module:
  case kind::internal_module:
    return holds_only_types(tree, id);
  case kind::import_statement:
    return tree.has(id, kind::word_type);
  case kind::export_statement: {
    auto declared = tree.child(id, field::declaration);
    return tree.has(id, kind::word_type) || (declared != no_node && is_erased(tree, declared));
  }
  default:
    return false;
  }
}

namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

/// Refuses what begins with a word that TypeScript takes for a modifier or keyword only when the
/// line goes on behind it.
void check_lines(unit& u, std::uint32_t begin, std::uint32_t end) {
  while (true) {
    auto at = begin;
    while (at < end && is_word(u.source[at]))
      ++at;
    auto word = u.source.substr(begin, at - begin);
    bool passed = is_one_of(word, {"export", "default", "static"});
    if (!passed && !is_one_of(word, {"public", "private", "protected", "abstract", "override",
                                     "readonly", "declare", "accessor", "async", "type",
                                     "interface", "namespace", "module"}))
      return;
    auto next = static_cast<std::uint32_t>(skip_trivia(u.source, at));
    if (next >= end)
      return;
    if (!passed && has_line_break(u.source.substr(at, next - at)))
      return u.refuse_at(errc::unsupported, begin, at,
                         fmt::format("'{}' at the end of a line is not understood", word),
                         "write what follows on the same line");
    begin = next;
  }
}

} // namespace

void check_line(unit& u, node_id word) {
  check_lines(u, u.tree[word].begin, u.tree[u.tree[word].parent].end);
}

void erase_statement(unit& u, node_id id) {
  check_type(u, id);
  check_lines(u, u.tree[id].begin, u.tree[id].end);
  auto& n = u.tree[id];
  u.edits.blank(n.begin, n.end, ';');
  u.tree.mark_done(id);
}

void erase_overload(unit& u, node_id id) {
  auto end = u.tree[id].end;
  for (auto at = u.tree[id].begin; at < end && is_word(u.source[at]);) {
    auto behind = at;
    while (behind < end && is_word(u.source[behind]))
      ++behind;
    auto word = u.source.substr(at, behind - at);
    at = static_cast<std::uint32_t>(skip_trivia(u.source, behind));
    bool name_follows = at < end && (is_word(u.source[at]) || u.source[at] == '[');
    if (is_one_of(word, {"get", "set"}) && name_follows)
      u.refuse_syntax(id, "a getter or setter needs a body", "write '{ … }' or make it abstract");
  }
  erase_statement(u, id);
}

void erase_annotation(unit& u, node_id id) {
  auto& n = u.tree[id];
  // The grammar has Flow's `(x: T)`; TypeScript has not.
  if (u.tree.parent_kind(id) == kind::parenthesized_expression)
    u.refuse_syntax(id, "unexpected type annotation", "write '(x as T)'");
  if (n.what == kind::accessibility_modifier || n.what == kind::override_modifier)
    check_line(u, id);
  check_type(u, id);
  u.edits.blank(n.begin, n.end);
  u.tree.mark_done(id);
}

void erase_arrow_types(unit& u, node_id id) {
  auto& tree = u.tree;
  auto parameters = tree.child(id, field::parameters);
  if (parameters == no_node) {
    auto only = tree.child(id, field::parameter);
    auto sign = tree.child(id, kind::arrow);
    if (only == no_node || sign == no_node ||
        !has_line_break(u.source.substr(tree[only].end, tree[sign].begin - tree[only].end)))
      return;
    if (tree[only].begin != tree[id].begin)
      u.refuse_syntax(sign, "this arrow must stand on the line of 'async'");
    u.edits.insert(tree[only].begin, "("); // JavaScript has no line break before an arrow
    u.edits.insert(tree[sign].begin, ")");
    return;
  }
  auto open = tree[parameters].begin;
  auto close = tree[parameters].end - 1;
  auto text = [&](std::uint32_t begin, std::uint32_t end) {
    return u.source.substr(begin, end - begin);
  };
  // A line break between `async` or `return` and the parenthesis, or between the parenthesis and
  // the arrow, would change the meaning: the parenthesis moves to the other end of the blank.
  if (auto generics = tree.child(id, field::type_parameters); generics != no_node) {
    auto begin = tree[generics].begin;
    if (has_line_break(text(begin, open))) {
      check_type(u, generics);
      u.edits.blank(begin, tree[generics].end, '(');
      u.edits.blank(open, open + 1);
      tree.mark_done(generics);
    }
  }
  auto arrow = tree[tree.child(id, kind::arrow)].begin;
  auto type = tree.child(id, field::return_type);
  if (has_line_break(text(type == no_node ? close : tree[type].end, arrow))) {
    u.edits.blank(close, close + 1);
    u.edits.insert(arrow, ")");
  } else if (type != no_node) {
    auto end = tree[type].end;
    if (has_line_break(text(close, end))) {
      u.edits.blank(close, close + 1);
      auto last = end - 1; // the first byte of the type's last character
      while ((static_cast<unsigned char>(u.source[last]) & 0xc0) == 0x80)
        --last;
      check_type(u, type);
      u.edits.blank(tree[type].begin, last);
      u.edits.replace(last, end, ")");
      tree.mark_done(type);
    }
  }
}

void erase_token(unit& u, node_id id) {
  auto parent = u.tree.parent_kind(id);
  check_line(u, id);
  auto& n = u.tree[id];
  auto blank = [&] { u.edits.blank(n.begin, n.end); };
  switch (n.what) {
  case kind::question:
    if (in_member_or_parameter(parent))
      blank();
    break;
  case kind::exclamation:
    if (parent == kind::public_field_definition || parent == kind::variable_declarator ||
        parent == kind::non_null_expression)
      blank();
    break;
  case kind::word_abstract:
    if (parent == kind::abstract_class_declaration)
      blank();
    break;
  case kind::comma:
    if (parent == kind::class_body && follows(u.tree, id, kind::index_signature))
      u.edits.replace(n.begin, n.end, ";");
    else if (parent == kind::class_body)
      u.refuse_syntax(id, "members of a class are not separated by commas", "write ';'");
    else if (separates_items(parent) &&
             (id == n.parent + 2 || u.tree.is(u.tree.next_sibling(id), kind::comma)))
      u.refuse_syntax(id, "nothing stands before or behind this comma");
    break;
  default: // where a repair has made `readonly` of `accessor`, that is a matter of the member's
    if (in_member_or_parameter(parent) && u.tree.text(id) != "accessor")
      blank();
  }
}

void erase_this_parameter(unit& u, node_id id) {
  auto pattern = u.tree.child(id, field::pattern);
  if (u.tree.is(pattern, kind::member_expression) ||
      u.tree.is(pattern, kind::subscript_expression) ||
      u.tree.is(pattern, kind::non_null_expression))
    return u.refuse_syntax(pattern, "a parameter must be a name or a pattern");
  if (!u.tree.is(pattern, kind::this_keyword))
    return;
  auto end = u.tree[id].end;
  if (auto comma = u.tree.next_sibling(id); u.tree.is(comma, kind::comma)) {
    end = u.tree[comma].end;
    u.tree.mark_done(comma);
  }
  u.edits.blank(u.tree[id].begin, end);
  u.tree.mark_done(id);
}

} // namespace zako::transpile
