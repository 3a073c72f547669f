// Namespaces with values: each part becomes a function that fills an object, its exported variables
// that object's properties.
#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"

namespace zako::transpile {

namespace {

bool is_initialized(const syntax_tree& tree, node_id declarator) {
  return tree.is(declarator, kind::variable_declarator) &&
         tree.child(declarator, field::value) != no_node;
}

/// `export const a = 1, b, { c } = d` becomes `N.a = 1, { c: N.c } = d`; the names are qualified
/// where the walk meets them.
void emit_exported_variables(unit& u, node_id id, node_id list) {
  auto& tree = u.tree;
  node_id first = no_node;
  auto last_end = tree[id].begin; // of what stays
  for (auto c : tree.children(list)) {
    if (tree[c].what != kind::variable_declarator)
      continue;
    if (!is_initialized(tree, c)) {
      if (first != no_node)
        u.edits.blank(last_end, tree[c].end);
      tree.mark_done(c);
      last_end = first == no_node ? last_end : tree[c].end;
      continue;
    }
    if (first == no_node) {
      first = c;
      bool pattern = tree[tree.child(c, field::name)].what != kind::identifier;
      u.edits.blank(tree[id].begin, tree[c].begin, pattern ? ';' : ' ');
      if (pattern) {
        u.edits.insert(tree[c].begin, "(");
        u.edits.close(tree[c].end, ")", tree[c].begin);
      }
    }
    last_end = tree[c].end;
  }
  if (first == no_node)
    return erase_statement(u, id);
}

} // namespace

bool is_first_declaration(unit& u, node_id name) {
  auto& tree = u.tree;
  auto first = u.names.resolve(tree, name);
  auto declares = [&tree](node_id n) {
    auto parent = tree[n].parent;
    if (tree.parent_kind(parent) == kind::ambient_declaration)
      return false;
    auto what = tree[parent].what;
    return what == kind::function_declaration || what == kind::function_signature ||
           what == kind::generator_function_declaration || what == kind::class_declaration ||
           what == kind::abstract_class_declaration;
  };
  if (first == no_node)
    first = name;
  if (declares(first))
    return false;
  return u.declared_objects.insert(first).second;
}

object_frame frame_of(unit& u, node_id id, node_id name, std::string_view parameter) {
  auto& tree = u.tree;
  auto text = tree.text(name);
  auto parent = tree[id].parent;
  bool exported = tree.is(parent, kind::export_statement);
  auto statement = exported ? parent : id;
  auto around = namespace_around(tree, statement);
  bool first = is_first_declaration(u, name);
  object_frame frame{.begin = tree[id].begin, .head = {}, .tail = {}};
  if (exported && (!first || around != no_node))
    frame.begin = tree[parent].begin; // the object is exported already, or becomes a property
  auto scope = tree[statement].parent;
  if (tree.is(scope, kind::expression_statement)) // as the grammar wraps a namespace
    scope = tree[scope].parent;
  auto word = tree.is(scope, kind::program) ? "var" : "let";
  // Without a declaration the line begins with a parenthesis: what stands before must have ended.
  frame.head = first ? fmt::format("{} {}; ", word, text) : ";";
  frame.head += fmt::format("(function ({}) {{", parameter);
  if (exported && around != no_node) {
    auto next = u.namespaces.first_part_of(around);
    auto owner = next;
    while (next < u.namespaces.size() && u.namespaces[next].node == around)
      owner = next++;
    frame.tail =
        fmt::format("}})({0} = {1}.{0} || ({1}.{0} = {{}}));", text, u.namespaces[owner].parameter);
  } else {
    frame.tail = fmt::format("}})({0} || ({0} = {{}}));", text);
  }
  return frame;
}

void emit_namespace(unit& u, node_id id) {
  auto& tree = u.tree;
  if (tree.child(id, field::body) == no_node)
    u.refuse_syntax(id, "a namespace needs a body", "write '{ … }' behind its name");
  auto& all = u.namespaces;
  auto i = all.first_part_of(id);
  bool known = i < all.size() && all[i].node == id;
  if (!known && is_erased(tree, id))
    return erase_statement(u, id);
  if (tree.is(tree.child(id, field::name), kind::string)) {
    u.refuse(id, "a module with a quoted name needs 'declare' on the same line",
             "write 'declare module', or give it a name without quotes");
    return tree.mark_done(id);
  }
  if (!known) {
    u.refuse_at(errc::limit, tree[id].begin, tree[id].begin + 1,
                "namespaces are nested too deep here", "give some a file of their own");
    return tree.mark_done(id);
  }
  auto& outer = all[i];
  auto frame = frame_of(u, id, outer.name, outer.parameter);
  auto tail = std::move(frame.tail);
  for (++i; i < all.size() && all[i].node == id; ++i) {
    auto text = tree.text(all[i].name);
    frame.head += fmt::format(" var {}; (function ({}) {{", text, all[i].parameter);
    tail = fmt::format("}})({0} = {1}.{0} || ({1}.{0} = {{}})); {2}", text, all[i - 1].parameter,
                       tail);
  }
  u.edits.replace(frame.begin, tree[outer.body].begin + 1, std::move(frame.head));
  auto end = tree[outer.body].end;
  u.edits.replace(end - 1, end, std::move(tail));
  tree.mark_done(tree.child(id, field::name));
}

void emit_namespace_export(unit& u, node_id id) {
  auto& tree = u.tree;
  auto declared = tree.child(id, field::declaration);
  auto word = tree.child(id, kind::word_export);
  auto what = declared == no_node ? kind::other : tree[declared].what;
  auto name = declared == no_node ? no_node : tree.child(declared, field::name);
  switch (what) {
  case kind::lexical_declaration:
  case kind::variable_declaration:
    return emit_exported_variables(u, id, declared);
  case kind::function_declaration:
  case kind::generator_function_declaration:
  case kind::class_declaration:
  case kind::abstract_class_declaration: {
    if (name == no_node || tree.has(id, kind::word_default))
      break;
    u.edits.blank(tree[word].begin, tree[word].end);
    auto statement = namespace_around(tree, id);
    auto i = u.namespaces.first_part_of(statement);
    while (i + 1 < u.namespaces.size() && u.namespaces[i + 1].node == statement)
      ++i;
    u.edits.close(tree[id].end,
                  fmt::format(" {0}.{1} = {1};", u.namespaces[i].parameter, tree.text(name)),
                  tree[id].begin);
    return;
  }
  case kind::enum_declaration:
  case kind::module:
  case kind::internal_module:
  case kind::import_alias:
    return; // they see for themselves
  default:
    break;
  }
  u.refuse_syntax(id, "this export is not allowed in a namespace",
                  "write 'export' before the declaration");
  tree.mark_done(id);
}

void qualify_name(unit& u, node_id id) {
  auto around = u.tree.parent_kind(id);
  bool element = around == kind::jsx_opening_element || around == kind::jsx_closing_element ||
                 around == kind::jsx_self_closing_element;
  if (around == kind::jsx_namespace_name || (element && is_intrinsic_element(u.tree.text(id))))
    return;
  auto parameter = u.namespaces.qualifier(u.tree, u.names, id);
  if (parameter.empty())
    return;
  bool shorthand = u.tree[id].what != kind::identifier;
  auto lead = shorthand ? fmt::format("{}: ", u.tree.text(id)) : std::string{};
  u.edits.insert(u.tree[id].begin, fmt::format("{}{}.", lead, parameter));
}

} // namespace zako::transpile
