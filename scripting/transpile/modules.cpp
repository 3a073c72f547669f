// Imports and exports: what is left when names that are only types are gone, and the list of what
// is still imported.
#include <algorithm>

#include "scripting/transpile/emit.hpp"
#include "scripting/transpile/tokens.hpp"

namespace zako::transpile {

namespace {

bool is_import_binding(const syntax_tree& tree, node_id name) {
  switch (tree.parent_kind(name)) {
  case kind::import_clause:
  case kind::import_specifier:
  case kind::namespace_import:
  case kind::import_alias:
    return true;
  default:
    return false;
  }
}

node_id statement_of_import(const syntax_tree& tree, node_id name) {
  auto at = name;
  while (tree[at].what != kind::import_statement && tree[at].what != kind::import_alias)
    at = tree[at].parent;
  return at;
}

bool is_type_only_import(const syntax_tree& tree, node_id name) {
  auto parent = tree[name].parent;
  return (tree.is(parent, kind::import_specifier) && tree.has(parent, kind::word_type)) ||
         tree.has(statement_of_import(tree, name), kind::word_type);
}

/// The name that an import specifier brings into scope.
node_id local_name(const syntax_tree& tree, node_id specifier) {
  auto alias = tree.child(specifier, field::alias);
  return alias != no_node ? alias : tree.child(specifier, field::name);
}

bool declares_value(const syntax_tree& tree, node_id name) {
  auto parent = tree[name].parent;
  if (tree.is(parent, kind::module) || tree.is(parent, kind::internal_module))
    return !is_erased(tree, parent);
  return !is_import_binding(tree, name) || !is_type_only_import(tree, name);
}

/// Names whose declarations matter: imports, what enums use, and top-level names that may be types
/// only.
void watch_names(unit& u, std::vector<std::string_view>& possible_types) {
  auto& tree = u.tree;
  bool everything = false;
  node_id skipped_until = 0; // inside an ambient declaration
  for (node_id id = 0; id < tree.size(); ++id) {
    switch (tree[id].what) {
    case kind::identifier:
      if (is_import_binding(tree, id)) {
        u.names.watch(tree.text(id));
        if (tree.parent_kind(id) != kind::import_alias && is_type_only_import(tree, id))
          possible_types.push_back(tree.text(id));
      }
      break;
    case kind::interface_declaration:
    case kind::type_alias_declaration:
    case kind::module:
    case kind::internal_module:
      everything = everything || (id >= skipped_until && !is_erased(tree, id));
      if (auto name = tree.child(id, field::name); name != no_node) {
        possible_types.push_back(tree.text(name));
        u.names.watch(tree.text(name));
      }
      break;
    case kind::enum_declaration:
      everything = everything || id >= skipped_until;
      break;
    case kind::ambient_declaration:
      skipped_until = tree[id].next;
      break;
    default:
      break;
    }
  }
  for (node_id id = 0; everything && id < tree.size(); ++id)
    if (is_name(tree[id].what))
      u.names.watch(tree.text(id));
}

/// True when the name at `id` is neither a declaration nor a member's name nor inside something
/// erased.
bool is_reference(const syntax_tree& tree, node_id id) {
  auto what = tree[id].what;
  if (what == kind::shorthand_property_identifier)
    return true;
  if (what != kind::identifier)
    return false;
  auto parent = tree[id].parent;
  if (!tree.is(parent, kind::export_specifier))
    return true;
  auto statement = tree[tree[parent].parent].parent;
  return tree[id].role == field::name && !tree.has(parent, kind::word_type) &&
         tree.child(statement, field::source) == no_node;
}

/// Types are no references, but for the variables in their computed member names, which the tree
/// has kept.
bool holds_no_references(const syntax_tree& tree, node_id id) {
  switch (tree[id].what) {
  case kind::import_statement:
  case kind::import_alias:
  case kind::ambient_declaration:
    return true;
  case kind::public_field_definition:
    return tree.has(id, kind::word_declare);
  case kind::export_statement:
    return tree.has(id, kind::word_type);
  default:
    return false;
  }
}

/// TypeScript takes an import of this name for the one that JSX needs, whatever the runtime.
constexpr std::string_view jsx_factory = "React";

/// Calls `found` with every reference, and with every element for JSX's.
template <class Found>
void for_each_reference(const syntax_tree& tree, const Found& found) {
  std::vector<byte_range> types; // to come, that the grammar has read too short; the next one last
  auto in_type = [&](std::uint32_t at) {
    while (!types.empty() && types.back().end <= at)
      types.pop_back();
    return !types.empty() && types.back().begin <= at;
  };
  for (node_id id = 0; id < tree.size();) {
    if (holds_no_references(tree, id)) {
      id = tree[id].next;
      continue;
    }
    auto what = tree[id].what;
    if (what == kind::as_expression || what == kind::satisfies_expression) {
      auto end = end_of_cast(tree, id).value_or(tree[id].end);
      if (end != tree[id].end)
        types.push_back({tree[id].end, end});
    } else if (is_reference(tree, id)) {
      if (!in_type(tree[id].begin))
        found(id, tree.text(id));
    } else if (what == kind::jsx_opening_element || what == kind::jsx_self_closing_element) {
      found(id, jsx_factory);
    }
    ++id;
  }
}

void find_used_imports(unit& u) {
  auto& tree = u.tree;
  for_each_reference(tree, [&](node_id id, std::string_view name) {
    auto declared = u.names.find(tree, id, name).name;
    if (declared != no_node && is_import_binding(tree, declared))
      u.used_imports.insert(declared);
  });
}

/// What `import A = N.B` needs, when A is needed; again and again, because N may be such a name
/// itself.
void find_alias_targets(unit& u) {
  auto& tree = u.tree;
  std::vector<node_id> aliases;
  for (node_id id = 0; id < tree.size(); ++id)
    if (tree[id].what == kind::import_alias && tree.first_child(id) != no_node)
      aliases.push_back(id); // not one of those inside what is erased as a whole
  for (bool changed = !aliases.empty(); changed;) {
    changed = false;
    for (auto id : aliases) {
      auto name = tree.next_sibling(tree.first_child(id));
      bool exported = tree.parent_kind(id) == kind::export_statement;
      if (!exported && u.used_imports.count(name) == 0)
        continue;
      for (auto at = tree[name].next; at < tree[id].next; ++at) {
        if (tree[at].what != kind::identifier)
          continue;
        auto declared = u.names.resolve(tree, at);
        if (declared != no_node && is_import_binding(tree, declared))
          changed = u.used_imports.insert(declared).second || changed;
        break; // only the first part is a variable
      }
    }
  }
}

/// A file without imports and exports is a script: others may use its names.
bool is_module(const syntax_tree& tree) {
  for (auto s : tree.children(0))
    if (tree[s].what == kind::import_statement || tree[s].what == kind::export_statement)
      return true;
  return false;
}

std::string string_value(const syntax_tree& tree, node_id string) {
  auto text = tree.text(string);
  std::u16string value;
  unescape(text.substr(1, text.size() - 2), value);
  return to_utf8(value);
}

bool says_json(const syntax_tree& tree, node_id statement) {
  auto attribute = tree.child(statement, kind::import_attribute);
  if (attribute == no_node)
    return false;
  for (auto at = attribute; at < tree[attribute].next; ++at) {
    if (tree[at].what != kind::pair)
      continue;
    auto value = tree.child(at, field::value);
    if (tree.text(tree.child(at, field::key)) == "type" && tree.is(value, kind::string) &&
        string_value(tree, value) == "json")
      return true;
  }
  return false;
}

void note_import(unit& u, node_id string, bool dynamic, bool json) {
  auto specifier = string_value(u.tree, string);
  constexpr std::string_view ending = ".json";
  json = json || (specifier.size() > ending.size() &&
                  specifier.compare(specifier.size() - ending.size(), ending.size(), ending) == 0);
  u.imports.push_back({.specifier = std::move(specifier),
                       .position = u.lines().position(u.file, u.tree[string].begin),
                       .dynamic = dynamic,
                       .json = json});
}

/// Blanks an item of a list in braces, with the comma behind it.
void blank_item(unit& u, node_id item) {
  auto comma = u.tree.next_sibling(item);
  auto end = u.tree.is(comma, kind::comma) ? u.tree[comma].end : u.tree[item].end;
  u.edits.blank(u.tree[item].begin, end);
}

/// Blanks the specifiers of `{ … }` that `keep` rejects; false when none is left.
template <class Keep>
bool filter_specifiers(unit& u, node_id list, kind specifier, const Keep& keep) {
  std::vector<node_id> gone;
  std::size_t left = 0;
  for (auto c : u.tree.children(list)) {
    if (u.tree[c].what != specifier)
      continue;
    if (keep(c))
      ++left;
    else
      gone.push_back(c);
  }
  if (left == 0 && !u.options.verbatim_module_syntax)
    return false;
  for (auto c : gone)
    blank_item(u, c);
  return true;
}

bool keeps_import(const unit& u, node_id name) {
  return u.options.verbatim_module_syntax || u.used_imports.count(name) != 0;
}

/// Words of the language can be imported only under another name.
void check_import_name(unit& u, node_id specifier) {
  if (u.tree.child(specifier, field::alias) == no_node &&
      is_reserved(u.tree.text(u.tree.child(specifier, field::name))))
    u.refuse_syntax(specifier, "this word cannot be a variable's name", "add 'as' and a name");
}

bool keeps_import_specifier(unit& u, node_id specifier) {
  auto& tree = u.tree;
  check_import_name(u, specifier);
  if (tree.has(specifier, kind::word_type)) {
    if (tree.text(tree.child(specifier, field::name)) == "as" &&
        tree.child(specifier, field::alias) == no_node)
      u.refuse(specifier, "a type-only import of 'as' is not understood",
               "import it with 'import type'");
    return false;
  }
  return keeps_import(u, local_name(tree, specifier));
}

/// Blanks what an import clause does not need; false when it needs nothing.
bool filter_import_clause(unit& u, node_id clause) {
  auto& tree = u.tree;
  auto whole_import = tree.child(clause, kind::identifier);
  auto all = tree.child(clause, kind::namespace_import);
  auto named = tree.child(clause, kind::named_imports);
  bool keep_default = whole_import != no_node && keeps_import(u, whole_import);
  bool keep_rest = false;
  if (all != no_node)
    keep_rest = keeps_import(u, tree.child(all, kind::identifier));
  else if (named != no_node)
    keep_rest = filter_specifiers(u, named, kind::import_specifier,
                                  [&u](node_id s) { return keeps_import_specifier(u, s); });
  auto rest = all != no_node ? all : named;
  if (whole_import != no_node && rest != no_node && keep_default != keep_rest) {
    if (keep_default)
      u.edits.blank(tree[whole_import].end, tree[rest].end);
    else
      u.edits.blank(tree[whole_import].begin, tree[rest].begin);
  }
  return keep_default || keep_rest;
}

void emit_export_clause(unit& u, node_id id, node_id clause) {
  auto& tree = u.tree;
  bool from = tree.child(id, field::source) != no_node;
  if (!from && !tree.has(clause, kind::export_specifier)) // it says that the file is a module
    return tree.mark_done(id);
  auto keep = [&](node_id s) {
    if (tree.has(s, kind::word_type))
      return false;
    return from || u.options.verbatim_module_syntax ||
           u.type_names.count(tree.text(tree.child(s, field::name))) == 0;
  };
  if (!filter_specifiers(u, clause, kind::export_specifier, keep))
    return erase_statement(u, id);
  if (auto source = tree.child(id, field::source); source != no_node)
    note_import(u, source, false, says_json(tree, id));
  tree.mark_done(id);
}

} // namespace

std::unordered_map<std::string, bool> imported_names(const unit& u) {
  std::unordered_map<std::string, bool> all;
  for (node_id id = 0; id < u.tree.size(); ++id)
    if (u.tree[id].what == kind::identifier && is_import_binding(u.tree, id))
      all[std::string{u.tree.text(id)}] |= u.used_imports.count(id) != 0;
  return all;
}

std::unordered_set<std::string_view>
names_used_from_outside(const syntax_tree& tree,
                        const std::unordered_map<std::string, bool>& candidates) {
  bindings inside;
  for (auto& [name, used] : candidates)
    inside.watch(name);
  inside.collect(tree);
  std::unordered_set<std::string_view> used;
  for_each_reference(tree, [&](node_id id, std::string_view name) {
    if (auto found = candidates.find(std::string{name});
        found != candidates.end() && inside.find(tree, id, name).name == no_node)
      used.insert(found->first);
  });
  return used;
}

void find_module_names(unit& u) {
  std::vector<std::string_view> possible_types;
  watch_names(u, possible_types);
  std::sort(possible_types.begin(), possible_types.end());
  possible_types.erase(std::unique(possible_types.begin(), possible_types.end()),
                       possible_types.end());
  u.names.collect(u.tree);
  std::sort(possible_types.begin(), possible_types.end());
  possible_types.erase(std::unique(possible_types.begin(), possible_types.end()),
                       possible_types.end());
  for (auto name : possible_types) {
    if (!u.names.any_at_top(name, [&u](node_id d) { return declares_value(u.tree, d); }))
      u.type_names.insert(name);
  }
  u.namespaces.collect(u.tree, u.names);
  find_used_imports(u);
  find_alias_targets(u);
  u.is_module = is_module(u.tree);
}

void emit_import(unit& u, node_id id) {
  auto& tree = u.tree;
  if (tree.has(id, kind::word_typeof))
    return u.refuse_syntax(id, "'import typeof' is not TypeScript", "write 'import type'");
  if (is_erased(tree, id)) {
    for (auto at = id; at < tree[id].next; ++at)
      if (tree[at].what == kind::import_specifier)
        check_import_name(u, at);
    return erase_statement(u, id);
  }
  if (tree.has(id, kind::import_require_clause))
    return u.refuse(id, "'import x = require(...)' is not supported in modules",
                    "write 'import x from \"...\"'");
  auto clause = tree.child(id, kind::import_clause);
  if (clause != no_node && !filter_import_clause(u, clause))
    return erase_statement(u, id);
  note_import(u, tree.child(id, field::source), false, says_json(tree, id));
  tree.mark_done(id);
}

void emit_import_alias(unit& u, node_id id) {
  auto& tree = u.tree;
  auto name = tree.next_sibling(tree.first_child(id));
  bool exported = tree.parent_kind(id) == kind::export_statement;
  std::vector<node_id> path; // the names behind `=`
  for (auto at = tree[name].next; at < tree[id].next; ++at)
    if (tree[at].what == kind::identifier || tree[at].what == kind::property_identifier)
      path.push_back(at);
  bool type =
      u.type_names.count(tree.text(path[0])) != 0 || u.namespaces.lacks(tree, u.names, path);
  bool visible = tree.parent_kind(id) == kind::program && !u.is_module;
  if (type || (!exported && !visible && !keeps_import(u, name)))
    return erase_statement(u, exported ? tree[id].parent : id);
  auto word = tree.first_child(id);
  if (exported && namespace_around(tree, tree[id].parent) != no_node) // `N.A = …`
    u.edits.blank(tree[tree[id].parent].begin, tree[word].end);
  else
    u.edits.replace(tree[word].begin, tree[word].end, "var   ");
  // What is a declaration's end in TypeScript would go on as an expression.
  auto behind = skip_trivia(u.source, tree[id].end);
  constexpr std::string_view goes_on = "([`";
  if (u.source[tree[id].end - 1] != ';' && behind < u.source.size() &&
      goes_on.find(u.source[behind]) != std::string_view::npos)
    u.edits.close(tree[id].end, ";", tree[id].begin);
}

void emit_export(unit& u, node_id id) {
  auto& tree = u.tree;
  if (is_erased(tree, id))
    return erase_statement(u, id);
  if (namespace_around(tree, id) != no_node)
    return emit_namespace_export(u, id);
  if (tree.has(id, kind::equals))
    return u.refuse(id, "'export =' is not supported in modules", "write 'export default'");
  if (tree.has(id, kind::word_namespace))
    return u.refuse(id, "'export as namespace' is not supported in modules", "remove it");
  if (auto clause = tree.child(id, kind::export_clause); clause != no_node)
    return emit_export_clause(u, id, clause);
  if (auto source = tree.child(id, field::source); source != no_node) {
    auto word = tree[tree.child(id, kind::word_export)].end;
    if (u.source.substr(skip_trivia(u.source, word), 4) == "type") // `export type *`
      return erase_statement(u, id);
    note_import(u, source, false, says_json(tree, id));
    tree.mark_done(id);
    return;
  }
  auto value = tree.child(id, field::value);
  if (tree.is(value, kind::identifier) && !u.options.verbatim_module_syntax &&
      u.type_names.count(tree.text(value)) != 0)
    erase_statement(u, id);
}

void note_dynamic_import(unit& u, node_id id) {
  auto& tree = u.tree;
  if (!tree.is(tree.child(id, field::function), kind::import_keyword))
    return;
  auto list = tree.child(id, field::arguments);
  auto first = list == no_node ? no_node : tree.next_sibling(tree.first_child(list));
  if (tree.is(first, kind::string))
    note_import(u, first, true, false);
}

} // namespace zako::transpile
