// JSX as calls of the automatic runtime: `<a b="c">d</a>` becomes `_jsx("a", { b: "c", children:
// "d" })`, part by part where the parts stand; only a `key` moves.
#include <algorithm>

#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"
#include "scripting/transpile/jsx_text.hpp"

namespace zako::transpile {

namespace {

bool is_element(kind what) {
  return what == kind::jsx_element || what == kind::jsx_self_closing_element;
}

node_id opening_of(const syntax_tree& tree, node_id element) {
  return tree[element].what == kind::jsx_element ? tree.child(element, kind::jsx_opening_element)
                                                 : element;
}

/// What stands in `{…}`, or no_node.
node_id inside_braces(const syntax_tree& tree, node_id expression) {
  auto inner = tree.next_sibling(tree.first_child(expression));
  return tree.next_sibling(inner) == no_node ? no_node : inner;
}

bool is_key(const syntax_tree& tree, node_id attribute) {
  return tree[attribute].what == kind::jsx_attribute &&
         tree.text(tree.first_child(attribute)) == "key";
}

/// The properties of `{...{ a: 1 }}` can stand for themselves.
node_id spread_object(const syntax_tree& tree, node_id spread) {
  auto object = tree.next_sibling(tree.first_child(spread));
  return tree.is(object, kind::object) ? object : no_node;
}

bool may_spread_a_key(const syntax_tree& tree, node_id attribute) {
  if (tree[attribute].what != kind::jsx_expression)
    return false;
  auto spread = inside_braces(tree, attribute);
  if (!tree.is(spread, kind::spread_element))
    return false;
  auto object = spread_object(tree, spread);
  return object == no_node || tree.has(object, kind::spread_element);
}

/// With a spread before it, a key may be overwritten: React's older function sorts that out.
bool has_key_after_spread(const syntax_tree& tree, node_id opening) {
  bool spread = false;
  for (auto a : tree.children(opening)) {
    if (spread && is_key(tree, a))
      return true;
    spread = spread || may_spread_a_key(tree, a);
  }
  return false;
}

/// True for names of properties that TypeScript writes without quotes.
bool is_plain_name(std::string_view text) {
  return !is_digit(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_word(c) && c != '$' && static_cast<unsigned char>(c) < 0x80;
  });
}

struct jsx_child {
  node_id node; // no_node for text
  std::uint32_t begin;
  std::uint32_t end;
  jsx_text text;
};

/// The children that mean something. Blanks the braces around nothing.
std::vector<jsx_child> children_of(unit& u, node_id element, node_id opening) {
  auto& tree = u.tree;
  std::vector<jsx_child> found;
  auto at = tree[opening].end;
  auto add_text = [&](std::uint32_t end) {
    auto text = trim_jsx_text(u.source.substr(at, end - at));
    if (!text)
      return;
    auto begin = at + static_cast<std::uint32_t>(text->begin);
    found.push_back({.node = no_node,
                     .begin = begin,
                     .end = at + static_cast<std::uint32_t>(text->end),
                     .text = std::move(*text)});
  };
  for (auto c : tree.children(element)) {
    auto what = tree[c].what;
    if (what == kind::jsx_closing_element)
      add_text(tree[c].begin);
    if (!is_element(what) && what != kind::jsx_expression)
      continue;
    add_text(tree[c].begin);
    at = tree[c].end;
    if (what == kind::jsx_expression && inside_braces(tree, c) == no_node) {
      u.edits.blank(tree[c].begin, tree[c].begin + 1);
      u.edits.blank(tree[c].end - 1, tree[c].end);
      continue;
    }
    found.push_back({.node = c, .begin = tree[c].begin, .end = tree[c].end, .text = {}});
  }
  return found;
}

class element_emitter {
public:
  element_emitter(unit& u, node_id id)
      : u_(u), tree_(u.tree), id_(id), opening_(opening_of(u.tree, id)),
        old_(has_key_after_spread(u.tree, opening_)) {}

  void emit() {
    auto children = opening_ == id_ ? std::vector<jsx_child>{} : children_of(u_, id_, opening_);
    bool spread = children.size() == 1 && children[0].node != no_node &&
                  tree_.is(inside_braces(tree_, children[0].node), kind::spread_element);
    bool list = children.size() > 1 || spread;
    emit_name(list);
    for (auto a : tree_.children(opening_))
      if (tree_[a].what == kind::jsx_attribute || tree_[a].what == kind::jsx_expression)
        emit_attribute(a);
    emit_children(children, list && !old_);
    emit_end(list && !old_);
  }

private:
  void emit_name(bool list) {
    auto& all = u_.jsx;
    auto callee = old_ ? all.name(jsx_import::create_element)
                       : all.name(list ? jsx_import::jsxs : jsx_import::jsx);
    auto begin = tree_[opening_].begin;
    auto name = tree_.child(opening_, field::name);
    if (name == no_node) {
      auto head = fmt::format("{}({}, {{", callee, all.name(jsx_import::fragment));
      return u_.edits.replace(begin, begin + 1, std::move(head));
    }
    u_.edits.replace(begin, begin + 1, fmt::format("{}(", callee));
    auto what = tree_[name].what;
    auto text = tree_.text(name);
    bool literal = what == kind::jsx_namespace_name ||
                   (what == kind::identifier && is_intrinsic_element(text));
    if (literal) {
      u_.edits.replace(tree_[name].begin, tree_[name].end, fmt::format("\"{}\"", spelled(name)));
      tree_.mark_done(name);
    }
    u_.edits.insert(tree_[name].end, ", {");
  }

  /// A name without what may stand around its colon.
  std::string spelled(node_id name) const {
    if (tree_[name].what != kind::jsx_namespace_name)
      return std::string{tree_.text(name)};
    std::string all;
    for (auto part : tree_.children(name))
      all += tree_.text(part);
    return all;
  }

  void separate(node_id attribute) {
    if (any_)
      u_.edits.insert(tree_[attribute].begin, ", ");
    any_ = true;
  }

  void emit_attribute(node_id a) {
    if (tree_[a].what == kind::jsx_expression) {
      separate(a);
      return emit_spread(a);
    }
    if (!old_ && !key_ && is_key(tree_, a))
      return emit_key(a);
    separate(a);
    auto name = tree_.first_child(a);
    auto text = tree_.text(name);
    if (!is_plain_name(text)) {
      u_.edits.replace(tree_[name].begin, tree_[name].end, fmt::format("\"{}\"", spelled(name)));
      tree_.mark_done(name);
    }
    auto equals = tree_.next_sibling(name);
    if (equals == no_node)
      return u_.edits.insert(tree_[name].end, ": true");
    u_.edits.replace(tree_[equals].begin, tree_[equals].end, ":");
    emit_value(tree_.next_sibling(equals));
  }

  void emit_value(node_id value) {
    if (tree_[value].what == kind::string) {
      if (auto text = literal(value); text != tree_.text(value))
        u_.edits.replace(tree_[value].begin, tree_[value].end, std::move(text));
    } else if (tree_[value].what == kind::jsx_expression) {
      if (inside_braces(tree_, value) == no_node)
        u_.edits.insert(tree_[value].end - 1, "true");
      strip_braces(value);
    }
  }

  /// A string in an attribute as a literal of JavaScript.
  std::string literal(node_id string) const {
    auto text = tree_.text(string);
    if (text.find_first_of("&\\\n\r") == std::string_view::npos)
      return std::string{text};
    return quote(attribute_value(text.substr(1, text.size() - 2)));
  }

  void emit_spread(node_id a) {
    auto spread = inside_braces(tree_, a);
    auto object = tree_.is(spread, kind::spread_element) ? spread_object(tree_, spread) : no_node;
    node_id last = no_node; // in front of the closing brace
    bool plain = object != no_node;
    for (auto at = object; plain && at < tree_[object].next;
         at = at == object ? at + 1 : tree_[at].next) {
      if (tree_[at].what == kind::pair && tree_.text(tree_.first_child(at)) == "__proto__")
        plain = false;
      if (at != object && tree_[at].what != kind::brace_close && tree_[at].what != kind::brace_open)
        last = at;
    }
    if (!plain || last == no_node)
      return strip_braces(a);
    u_.edits.blank(tree_[a].begin, tree_[object].begin + 1);
    u_.edits.blank(tree_[object].end - 1, tree_[a].end);
    if (tree_[last].what == kind::comma)
      u_.edits.blank(tree_[last].begin, tree_[last].end);
  }

  void strip_braces(node_id expression) {
    auto& e = tree_[expression];
    bool list = tree_.is(inside_braces(tree_, expression), kind::sequence_expression);
    u_.edits.blank(e.begin, e.begin + 1, list ? '(' : ' ');
    u_.edits.blank(e.end - 1, e.end, list ? ')' : ' ');
  }

  void emit_key(node_id a) {
    auto equals = tree_.next_sibling(tree_.first_child(a));
    auto value = equals == no_node ? no_node : tree_.next_sibling(equals);
    key_ = true;
    bool none = value == no_node || (tree_[value].what == kind::jsx_expression &&
                                     inside_braces(tree_, value) == no_node);
    if (none || tree_[value].what == kind::string) {
      check_attribute(u_, a);
      key_text_ = none ? "true" : literal(value);
      u_.edits.blank(tree_[a].begin, tree_[a].end);
      tree_.mark_done(a);
      return;
    }
    bool braces = tree_[value].what == kind::jsx_expression;
    auto begin = tree_[value].begin + (braces ? 1 : 0);
    auto end = tree_[value].end - (braces ? 1 : 0);
    u_.edits.move(begin, end, end_of_element() - 1);
    u_.edits.blank(tree_[a].begin, begin);
    u_.edits.blank(end, tree_[a].end);
  }

  std::uint32_t end_of_element() const { return tree_[id_].end; }

  void emit_children(const std::vector<jsx_child>& children, bool list) {
    if (opening_ == id_)
      return;
    std::string head;
    if (old_)
      head = "}";
    else if (!children.empty())
      head = fmt::format("{}children: {}", any_ ? ", " : "", list ? "[" : "");
    auto end = tree_[opening_].end;
    u_.edits.replace(end - 1, end, std::move(head));
    bool first = !old_;
    for (auto& c : children) {
      if (!first)
        u_.edits.insert(c.begin, ", ");
      first = false;
      if (c.node == no_node) {
        auto text = u_.source.substr(c.begin, c.end - c.begin);
        auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        u_.edits.replace(c.begin, c.end, quote(c.text.value) + std::string(lines, '\n'));
      } else if (tree_[c.node].what == kind::jsx_expression) {
        strip_braces(c.node);
      }
    }
  }

  void emit_end(bool list) {
    auto end = end_of_element();
    auto begin = end - 2; // `/>`
    if (opening_ != id_) {
      auto closing = tree_.child(id_, kind::jsx_closing_element);
      begin = tree_[closing].begin;
      tree_.mark_done(closing);
    }
    std::string tail = list ? "]" : "";
    if (!old_ || opening_ == id_)
      tail += "}";
    if (key_)
      tail += ", " + key_text_;
    u_.edits.replace(begin, end - 1, std::move(tail));
    u_.edits.replace(end - 1, end, ")");
  }

  unit& u_;
  syntax_tree& tree_;
  node_id id_;
  node_id opening_;
  bool old_;         // as a call of createElement, whose children are arguments
  bool any_ = false; // a property has been written
  bool key_ = false;
  std::string key_text_;
};

/// Notes the functions that the elements from `root` down call, in the order in which TypeScript
/// comes across them: an element's children, its attributes, itself.
void note_uses(unit& u, node_id root) {
  auto& tree = u.tree;
  struct step {
    node_id id;
    bool finish;
  };
  std::vector<step> open{{root, false}};
  std::vector<node_id> below;
  while (!open.empty()) {
    auto [id, finish] = open.back();
    open.pop_back();
    bool element = is_element(tree[id].what);
    if (finish) {
      auto opening = opening_of(tree, id);
      if (tree.child(opening, field::name) == no_node)
        u.jsx.use(jsx_import::fragment);
      std::size_t count = 0;
      auto at = tree[opening].end;
      for (auto c : tree.children(id)) {
        if (opening == id || c == opening)
          continue;
        auto what = tree[c].what;
        bool closing = what == kind::jsx_closing_element;
        if (!is_element(what) && what != kind::jsx_expression && !closing)
          continue;
        count += trim_jsx_text(u.source.substr(at, tree[c].begin - at)).has_value();
        at = tree[c].end;
        auto inner = what == kind::jsx_expression ? inside_braces(tree, c) : c;
        if (!closing && inner != no_node)
          count += tree.is(inner, kind::spread_element) ? 2 : 1;
      }
      u.jsx.use(has_key_after_spread(tree, opening) ? jsx_import::create_element
                : count > 1                         ? jsx_import::jsxs
                                                    : jsx_import::jsx);
      continue;
    }
    below.clear();
    if (element)
      open.push_back({id, true});
    for (auto c : tree.children(id))
      if (tree[c].what != kind::jsx_closing_element)
        below.push_back(c);
    if (element && tree[id].what == kind::jsx_element && !below.empty())
      std::rotate(below.begin(), below.begin() + 1, below.end()); // the attributes come last
    for (auto c = below.rbegin(); c != below.rend(); ++c)
      open.push_back({*c, false});
  }
}

/// The word behind `@name` in the comments before the first statement.
std::string_view pragma(const unit& u, std::string_view name) {
  auto first = u.tree.first_child(0);
  auto head = u.source.substr(0, first == no_node ? u.source.size() : u.tree[first].begin);
  auto at = head.rfind(name);
  if (at == std::string_view::npos)
    return {};
  auto begin = head.find_first_not_of(" \t", at + name.size());
  if (begin == std::string_view::npos || begin == at + name.size())
    return {};
  return head.substr(begin, head.find_first_of(" \t\r\n*", begin) - begin);
}

bool occurs(std::string_view source, std::string_view word) {
  for (auto at = source.find(word); at != std::string_view::npos; at = source.find(word, at + 1)) {
    bool starts = at == 0 || !is_word(source[at - 1]);
    auto end = at + word.size();
    if (starts && (end == source.size() || !is_word(source[end])))
      return true;
  }
  return false;
}

} // namespace

void jsx_names::use(jsx_import which) {
  if (std::find(used.begin(), used.end(), which) == used.end())
    used.push_back(which);
}

const std::string& jsx_names::name(jsx_import which) const {
  return names[static_cast<std::size_t>(which)];
}

void jsx_names::choose(std::string_view source) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto base = fmt::format("_{}", imported[i]);
    names[i] = base;
    for (int n = 1; occurs(source, names[i]); ++n)
      names[i] = fmt::format("{}_{}", base, n);
  }
}

/// Behind white space, an attribute's string is one of JavaScript for TypeScript, though in what
/// remains of it entities are decoded all the same.
void check_attribute(unit& u, node_id id) {
  auto value = u.tree.child(id, kind::string);
  if (value == no_node || u.source[u.tree[value].begin - 1] == '=' ||
      u.tree.text(value).find_first_of("\\\n\r") == std::string_view::npos)
    return;
  u.refuse(value, "white space before this string changes what its '\\' and line breaks mean",
           "write it right behind the '='");
}

void emit_jsx(unit& u, node_id id) {
  if (u.jsx.names[0].empty())
    u.jsx.choose(u.source);
  if (id >= u.jsx.noted_until) {
    note_uses(u, id);
    u.jsx.noted_until = u.tree[id].next;
  }
  element_emitter{u, id}.emit();
}

void emit_jsx_imports(unit& u) {
  if (u.jsx.used.empty())
    return;
  auto& tree = u.tree;
  node_id first = no_node;
  for (auto s : tree.children(0)) {
    bool directive =
        tree[s].what == kind::expression_statement && tree.is(tree.first_child(s), kind::string);
    first = s;
    if (!directive && u.source.substr(tree[s].begin, 2) != "#!")
      break;
  }
  if (pragma(u, "@jsxRuntime") == "classic")
    return u.refuse(first, "the classic JSX runtime is not supported",
                    "remove '@jsxRuntime classic'");
  auto base = pragma(u, "@jsxImportSource");
  std::string source{base.empty() ? std::string_view{u.options.jsx_import_source} : base};
  std::string runtime;
  std::string old;
  for (auto which : u.jsx.used) {
    auto& list = which == jsx_import::create_element ? old : runtime;
    list += fmt::format("{}{} as {}", list.empty() ? "" : ", ",
                        jsx_names::imported[static_cast<std::size_t>(which)], u.jsx.name(which));
  }
  std::string text;
  auto position = u.lines().position(u.file, tree[first].begin);
  auto add = [&](const std::string& names, const std::string& specifier) {
    if (names.empty())
      return;
    text.insert(0, fmt::format("import {{ {} }} from {}; ", names, quote(to_utf16(specifier))));
    u.imports.insert(u.imports.begin(), {.specifier = specifier, .position = position});
  };
  bool old_first = u.jsx.used[0] == jsx_import::create_element;
  if (old_first)
    add(old, source);
  add(runtime, source + "/jsx-runtime");
  if (!old_first)
    add(old, source);
  u.edits.insert(tree[first].begin, std::move(text));
}

} // namespace zako::transpile
