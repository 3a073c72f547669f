// Collects the namespaces of a file, and looks names up in them.
#include "scripting/transpile/namespaces.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"

namespace zako::transpile {

namespace {

constexpr std::size_t max_depth = 100; // namespaces in namespaces, and names in `A.B.C`

bool is_namespace(kind what) {
  return what == kind::module || what == kind::internal_module;
}

/// The names in `A.B.C`, outermost first.
std::vector<node_id> names_of(const syntax_tree& tree, node_id statement) {
  std::vector<node_id> names;
  auto all = tree.child(statement, field::name);
  for (auto at = all; all != no_node && at < tree[all].next; ++at)
    if (tree[at].what == kind::identifier || tree[at].what == kind::property_identifier)
      names.push_back(at);
  return names;
}

/// What `export` declares; behind `declare` as well.
node_id declaration_of(const syntax_tree& tree, node_id statement) {
  auto declared = tree.child(statement, field::declaration);
  if (!tree.is(declared, kind::ambient_declaration))
    return declared;
  auto word = tree.first_child(declared);
  return word == no_node ? no_node : tree.next_sibling(word);
}

bool is_variable_list(kind what) {
  return what == kind::lexical_declaration || what == kind::variable_declaration;
}

/// True when the declared name belongs to a variable or alias that the block `body` exports.
bool is_exported_variable(const syntax_tree& tree, node_id name, node_id body) {
  auto at = name;
  bool variable = false;
  for (; tree[at].parent != body; at = tree[at].parent) {
    variable = variable || is_variable_list(tree[at].what) || tree[at].what == kind::import_alias;
    if (tree[at].parent == no_node)
      return false;
  }
  return variable && tree[at].what == kind::export_statement;
}

} // namespace

node_id namespace_around(const syntax_tree& tree, node_id id) {
  auto block = tree[id].parent;
  if (!tree.is(block, kind::statement_block))
    return no_node;
  auto owner = tree[block].parent;
  return is_namespace(tree[owner].what) ? owner : no_node;
}

void namespace_table::clear() {
  parts_.clear();
  groups_.clear();
  group_of_.clear();
  made_up_.clear();
}

void namespace_table::collect(const syntax_tree& tree, const bindings& names) {
  std::vector<index> open;
  for (node_id id = 0; id < tree.size();) {
    while (!open.empty() && tree[parts_[open.back()].node].next <= id)
      open.pop_back();
    auto what = tree[id].what;
    if (what == kind::ambient_declaration ||
        (is_namespace(what) && open.size() <= max_depth && is_erased(tree, id))) {
      id = tree[id].next;
      continue;
    }
    bool too_deep =
        is_namespace(what) && (open.size() > max_depth || names_of(tree, id).size() > max_depth);
    if (too_deep) { // emitting refuses it
      id = tree[id].next;
      continue;
    }
    if (is_namespace(what) && !tree.is(tree.child(id, field::name), kind::string)) {
      add(tree, names, id, open.empty() ? none : open.back());
      open.push_back(size() - 1);
    }
    ++id;
  }
}

void namespace_table::add(const syntax_tree& tree, const bindings& names, node_id statement,
                          index around) {
  auto body = tree.child(statement, field::body);
  auto dotted = names_of(tree, statement);
  bool is_exported = tree.parent_kind(statement) == kind::export_statement &&
                     namespace_around(tree, tree[statement].parent) != no_node;
  for (auto at = dotted.begin(); at != dotted.end(); ++at) {
    auto name = *at;
    bool repeated = std::any_of(at + 1, dotted.end(),
                                [&](node_id inner) { return tree.text(inner) == tree.text(name); });
    auto group = group_for(tree, names, name, around, is_exported);
    parts_.push_back(
        {.node = statement,
         .name = name,
         .body = body,
         .group = group,
         .around = around,
         .parameter = parameter_name(tree, names, statement, tree.text(name), repeated)});
    around = size() - 1;
    is_exported = true; // those behind a dot are
  }
  add_exports(tree, body, parts_.back().group);
}

namespace_table::index namespace_table::group_for(const syntax_tree& tree, const bindings& names,
                                                  node_id name, index around, bool is_exported) {
  auto key = names.resolve(tree, name);
  auto next = static_cast<index>(groups_.size());
  exported_name* entry = nullptr;
  if (is_exported && around != none) {
    auto& known = groups_[parts_[around].group];
    entry = &known.try_emplace(tree.text(name), exported_name{name, false, none}).first->second;
    key = entry->first;
  }
  if (key == no_node)
    key = name;
  auto [at, fresh] = group_of_.try_emplace(key, next);
  if (entry != nullptr)
    entry->group = at->second;
  auto found = at->second;
  if (fresh)
    groups_.emplace_back(); // `entry` is not valid any more
  return found;
}

void namespace_table::add_export(const syntax_tree& tree, node_id name, bool qualified,
                                 index group) {
  groups_[group].try_emplace(tree.text(name), exported_name{name, qualified, none});
}

void namespace_table::add_exports(const syntax_tree& tree, node_id body, index group) {
  for (auto statement : tree.children(body)) {
    if (tree[statement].what != kind::export_statement)
      continue;
    auto declared = declaration_of(tree, statement);
    if (declared == no_node)
      continue;
    auto what = tree[declared].what;
    if (is_variable_list(what)) {
      for (auto at = declared; at < tree[declared].next; ++at)
        if (tree[at].what == kind::variable_declarator) {
          auto pattern = tree.child(at, field::name);
          for (auto name = pattern; name < tree[pattern].next; ++name)
            if (is_name(tree[name].what) && declaring_scope(tree, name) != no_node)
              add_export(tree, name, true, group);
          at = tree[at].next - 1;
        }
    } else if (what == kind::import_alias) {
      add_export(tree, tree.next_sibling(tree.first_child(declared)), true, group);
    } else if (!is_namespace(what) && what != kind::interface_declaration &&
               what != kind::type_alias_declaration) {
      if (auto name = tree.child(declared, field::name); name != no_node)
        add_export(tree, name, false, group);
    }
  }
}

namespace_table::index namespace_table::first_part_of(node_id statement) const {
  auto at = std::partition_point(parts_.begin(), parts_.end(),
                                 [&](const part& p) { return p.node < statement; });
  return static_cast<index>(at - parts_.begin());
}

namespace_table::index namespace_table::part_around(const syntax_tree& tree, node_id id) const {
  auto behind = std::partition_point(parts_.begin(), parts_.end(),
                                     [&](const part& p) { return p.body <= id; });
  if (behind == parts_.begin())
    return none;
  auto i = static_cast<index>(behind - parts_.begin()) - 1;
  while (i != none && tree[parts_[i].body].next <= id)
    i = parts_[i].around;
  return i;
}

namespace_table::found_name namespace_table::find(const syntax_tree& tree, const bindings& names,
                                                  node_id id) const {
  auto plain = names.find(tree, id);
  auto text = tree.text(id);
  for (auto i = part_around(tree, id); i != none; i = parts_[i].around) {
    auto& p = parts_[i];
    auto& known = groups_[p.group];
    bool local = plain.name != no_node && plain.scope >= p.body;
    if (local && (plain.scope != p.body || !is_exported_variable(tree, plain.name, p.body))) {
      if (plain.scope == p.body)
        if (auto found = known.find(text); found != known.end())
          return {found->second.first, none};
      break;
    }
    if (auto found = known.find(text); found != known.end())
      return {found->second.first, i};
  }
  return {plain.name, none};
}

node_id namespace_table::resolve(const syntax_tree& tree, const bindings& names, node_id id) const {
  return empty() ? names.resolve(tree, id) : find(tree, names, id).declared;
}

std::string_view namespace_table::qualifier(const syntax_tree& tree, const bindings& names,
                                            node_id id) const {
  auto found = find(tree, names, id);
  return found.part == none ? std::string_view{} : parts_[found.part].parameter;
}

bool namespace_table::lacks(const syntax_tree& tree, const bindings& names,
                            const std::vector<node_id>& path) const {
  auto declared = path.empty() ? no_node : resolve(tree, names, path[0]);
  for (std::size_t i = 1; i < path.size() && declared != no_node; ++i) {
    if (group_of_.count(declared) == 0)
      return false;
    declared = exported(declared, tree.text(path[i]));
    if (declared == no_node)
      return true;
  }
  return false;
}

node_id namespace_table::exported(node_id declared, std::string_view name) const {
  auto group = group_of_.find(declared);
  if (group == group_of_.end())
    return no_node;
  auto& known = groups_[group->second];
  auto found = known.find(name);
  return found == known.end() ? no_node : found->second.first;
}

std::string namespace_table::parameter_name(const syntax_tree& tree, const bindings& names,
                                            node_id statement, std::string_view name, bool taken) {
  std::string chosen{name};
  if (!taken && !names.declares_inside(tree, name, statement, tree[statement].next))
    return chosen;
  for (int i = 1; names.is_watched(chosen) || made_up_.count(chosen) != 0; ++i)
    chosen = fmt::format("{}_{}", name, i);
  made_up_.insert(chosen);
  return chosen;
}

} // namespace zako::transpile
