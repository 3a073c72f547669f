// Class members: modifiers whose absence would join two members, and parameter properties.
#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"

namespace zako::transpile {

namespace {

bool is_modifier(kind what) {
  return what == kind::accessibility_modifier || what == kind::override_modifier ||
         what == kind::word_readonly || what == kind::word_declare;
}

/// True when the member's own text, read right behind an expression, would continue it.
bool continues_expression(std::string_view member) {
  auto starts_with_word = [member](std::string_view word) {
    return member.substr(0, word.size()) == word &&
           (member.size() == word.size() || !is_word(member[word.size()]));
  };
  return member[0] == '[' || member[0] == '*' || member[0] == '(' || starts_with_word("in") ||
         starts_with_word("instanceof");
}

/// A leading modifier separates a member from the one before; when it goes, a semicolon may have to
/// take its place.
void keep_apart_from_previous(unit& u, node_id id) {
  auto& tree = u.tree;
  auto first = tree.first_child(id);
  auto at = first;
  while (at != no_node && is_modifier(tree[at].what) && tree.text(at) != "accessor")
    at = tree.next_sibling(at);
  if (at == first || at == no_node || !continues_expression(u.source.substr(tree[at].begin)))
    return;
  u.edits.blank(tree[first].begin, tree[first].end, ';');
  tree.mark_done(first);
}

/// `get: T` before another member must not become its `get`.
void keep_apart_from_next(unit& u, node_id id) {
  auto& tree = u.tree;
  auto name = tree.text(tree.child(id, field::name));
  if (name != "get" && name != "set" && name != "static")
    return;
  if (tree.child(id, field::value) != no_node || tree.is(tree.next_sibling(id), kind::semicolon))
    return;
  for (auto c : tree.children(id)) {
    auto what = tree[c].what;
    if (what == kind::question || what == kind::exclamation || what == kind::type_annotation) {
      check_type(u, c);
      u.edits.blank(tree[c].begin, tree[c].end, ';');
      tree.mark_done(c);
      return;
    }
  }
}

/// The names of the parameters that are fields as well.
std::vector<std::string_view> find_properties(unit& u, node_id parameters) {
  std::vector<std::string_view> found;
  for (auto p : u.tree.children(parameters)) {
    auto what = u.tree[p].what;
    if (what != kind::required_parameter && what != kind::optional_parameter)
      continue;
    bool property = u.tree.has(p, kind::accessibility_modifier) ||
                    u.tree.has(p, kind::override_modifier) || u.tree.has(p, kind::word_readonly);
    if (!property)
      continue;
    auto pattern = u.tree.child(p, field::pattern);
    if (u.tree.is(pattern, kind::identifier))
      found.push_back(u.tree.text(pattern));
    else
      u.refuse_syntax(p, "a parameter property must be a plain name");
  }
  return found;
}

bool is_directive(const syntax_tree& tree, node_id statement) {
  return tree.is(statement, kind::expression_statement) &&
         tree.is(tree.first_child(statement), kind::string);
}

bool is_super_call(const syntax_tree& tree, node_id statement) {
  if (!tree.is(statement, kind::expression_statement))
    return false;
  auto call = tree.first_child(statement);
  return tree.is(call, kind::call_expression) &&
         tree.is(tree.child(call, field::function), kind::super_keyword);
}

/// Where the assignments go: behind `super(…)`, or behind the directives; no_node for the very
/// beginning.
node_id statement_before_assignments(const syntax_tree& tree, node_id body, bool derived) {
  node_id directive = no_node;
  bool directives = true;
  for (auto s : tree.children(body)) {
    if (tree[s].what == kind::brace_open)
      continue;
    if (derived && is_super_call(tree, s))
      return s;
    directives = directives && is_directive(tree, s);
    if (directives)
      directive = s;
  }
  return derived ? no_node : directive;
}

/// The `accessor` of a field; also one that a repair has made `readonly` for the parser.
node_id accessor_word(const syntax_tree& tree, node_id id) {
  auto word = tree.child(id, kind::word_accessor);
  if (word == no_node)
    word = tree.child(id, kind::word_readonly);
  if (word == no_node || tree.text(word) != "accessor")
    return no_node;
  auto name = tree.child(id, field::name); // on the next line it is a field of its own
  auto between = tree.source().substr(tree[word].end, tree[name].begin - tree[word].end);
  return has_line_break(between) ? no_node : word;
}

/// `accessor x = 1` for an engine that does not know it: a private field, a getter and a setter.
void lower_accessor(unit& u, node_id id, node_id word) {
  auto& tree = u.tree;
  auto name = tree.child(id, field::name);
  auto text = tree.text(name);
  bool hidden = tree[name].what == kind::private_property_identifier;
  if (!hidden && tree[name].what != kind::property_identifier)
    return u.refuse(id, "an 'accessor' field needs a plain name for this engine",
                    "write a private field with a getter and a setter");
  std::string_view prefix = tree.has(id, kind::word_static) ? "static " : "";
  auto storage = fmt::format("#{}{}{}_accessor_storage", prefix.empty() ? "" : "static_",
                             hidden ? "private_" : "", text.substr(hidden ? 1 : 0));
  while (tree.text(tree[id].parent).find(storage) != std::string_view::npos)
    storage += '_';
  u.edits.blank(tree[word].begin, tree[word].end);
  u.edits.replace(tree[name].begin, tree[name].end, storage);
  auto value = tree.child(id, field::value);
  auto end = value == no_node ? tree[id].end : tree[value].end;
  u.edits.close(end,
                fmt::format("; {0}get {1}() {{ return this.{2}; }} {0}set {1}(value) {{ this.{2} = "
                            "value; }}",
                            prefix, text, storage),
                tree[id].begin);
}

bool is_constructor(std::string_view name) {
  return name == "constructor" || name == "'constructor'" || name == "\"constructor\"";
}

} // namespace

void emit_member(unit& u, node_id id) {
  if (u.tree.parent_kind(id) != kind::class_body)
    return;
  if (u.options.target == script_target::engine)
    if (auto word = accessor_word(u.tree, id); word != no_node)
      lower_accessor(u, id, word);
  keep_apart_from_previous(u, id);
  if (u.tree[id].what == kind::public_field_definition)
    keep_apart_from_next(u, id);
}

void emit_constructor(unit& u, node_id id) {
  auto& tree = u.tree;
  auto class_body = tree[id].parent;
  if (!tree.is(class_body, kind::class_body) ||
      !is_constructor(tree.text(tree.child(id, field::name))) || tree.has(id, kind::word_static))
    return;
  auto properties = find_properties(u, tree.child(id, field::parameters));
  if (properties.empty())
    return;
  auto heritage = tree.child(tree[class_body].parent, kind::class_heritage);
  bool derived = heritage != no_node && tree.has(heritage, kind::extends_clause);
  auto body = tree.child(id, field::body);
  auto before = statement_before_assignments(tree, body, derived);
  if (derived && before == no_node)
    return u.refuse(
        id, "parameter properties need a call of 'super' as a statement of the constructor itself",
        "call 'super(...)' at the top level of the constructor, or assign the fields by hand");
  std::string fields;
  std::string assignments;
  for (auto name : properties) {
    fields.append(" ").append(name).append(";");
    assignments.append(" this.").append(name).append(" = ").append(name).append(";");
  }
  u.edits.insert(tree[class_body].begin + 1, std::move(fields));
  auto at = before == no_node ? tree[body].begin + 1 : tree[before].end;
  if (before != no_node && u.source[at - 1] != ';')
    assignments = ";" + assignments;
  u.edits.close(at, std::move(assignments), before == no_node ? at : tree[before].begin);
}

} // namespace zako::transpile
