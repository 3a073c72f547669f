// Enums: each becomes a function that fills an object, member by member where the members stood.
#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"

namespace zako::transpile {

namespace {

/// The name a member is known by, without quotes; empty when it cannot be known.
std::string_view member_name(const syntax_tree& tree, node_id name) {
  auto text = tree.text(name);
  switch (tree[name].what) {
  case kind::property_identifier:
    return text;
  case kind::string:
  case kind::template_string:
    return text.substr(1, text.size() - 2);
  case kind::computed_property_name: {
    auto inner = tree.next_sibling(tree.first_child(name));
    bool plain = tree.is(inner, kind::string) || (tree.is(inner, kind::template_string) &&
                                                  !tree.has(inner, kind::template_substitution) &&
                                                  !has_line_break(tree.text(inner)));
    return plain ? member_name(tree, inner) : std::string_view{};
  }
  default:
    return {};
  }
}

class enum_emitter {
public:
  enum_emitter(unit& u, node_id id)
      : u_(u), tree_(u.tree), id_(id), name_(tree_.child(id, field::name)),
        body_(tree_.child(id, field::body)), enum_name_(tree_.text(name_)) {}

  void emit() {
    parameter_ = u_.namespaces.parameter_name(tree_, u_.names, id_, enum_name_);
    group_ = &u_.enums[u_.namespaces.resolve(tree_, u_.names, name_)];
    auto frame = frame_of(u_, id_, name_, parameter_);
    u_.edits.replace(frame.begin, tree_[body_].begin + 1, std::move(frame.head));
    next_ = 0.0;
    for (auto c : tree_.children(body_)) {
      auto what = tree_[c].what;
      if (what == kind::comma)
        u_.edits.blank(tree_[c].begin, tree_[c].end);
      else if (what == kind::enum_assignment)
        emit_member(c, tree_.child(c, field::name), tree_.child(c, field::value));
      else if (what != kind::brace_open && what != kind::brace_close)
        emit_member(c, c, no_node);
    }
    auto end = tree_[body_].end;
    u_.edits.replace(end - 1, end, std::move(frame.tail));
  }

private:
  void emit_member(node_id member, node_id name, node_id value) {
    auto key = member_name(tree_, name);
    if (key.empty() || key.find('\\') != std::string_view::npos)
      return u_.refuse(name, "this name of an enum member is not supported",
                       "use an identifier or a string");
    auto now = value == no_node ? automatic() : fold(value);
    group_->members[key] = now;
    next_.reset();
    if (auto n = now.number())
      next_ = *n + 1;
    auto slot = fmt::format("{}[\"{}\"]", parameter_, key);
    if (tree_[name].what != kind::property_identifier && key.find('"') != std::string_view::npos)
      slot = fmt::format("{}['{}']", parameter_, key);
    auto text_key = slot.substr(parameter_.size() + 1, slot.size() - parameter_.size() - 2);
    auto head = now.is_string() ? slot + " = " : fmt::format("{}[{} = ", parameter_, slot);
    auto tail = now.is_string() ? std::string{";"} : fmt::format("] = {};", text_key);
    auto& m = tree_[member];
    if (now.known() || value == no_node) {
      u_.edits.replace(m.begin, m.end, head + literal_text(now) + tail);
      tree_.mark_done(member);
      return;
    }
    u_.edits.replace(m.begin, tree_[value].begin, head);
    u_.edits.close(m.end, tail, m.begin);
    qualify_members(value);
  }

  constant automatic() const {
    constant x;
    if (next_)
      x.value = *next_;
    return x;
  }

  constant fold(node_id value) {
    return evaluate(tree_, value, [this](node_id reference) { return look_up(reference); });
  }

  /// Gives a name its value: a member of this enum, a member of another one, or a constant
  /// variable.
  constant look_up(node_id reference) {
    switch (tree_[reference].what) {
    case kind::identifier:
      return look_up_name(reference);
    case kind::member_expression: {
      auto property = tree_.child(reference, field::property);
      return look_up_member(reference, tree_.text(property));
    }
    default: {
      auto index = tree_.child(reference, field::index);
      if (tree_.is(index, kind::string))
        return look_up_member(reference, member_name(tree_, index));
      auto key = tree_.is(index, kind::template_string) ? fold(index) : constant{};
      return key.string() ? look_up_member(reference, to_utf8(*key.string())) : constant{};
    }
    }
  }

  /// True when a plain name inside the enum means one of its members.
  bool is_own_member(node_id reference, node_id declared) const {
    bool local = declared != no_node && declared > id_ && declared < tree_[id_].next;
    if (local)
      return tree_[declared].parent == body_ || tree_[tree_[declared].parent].parent == body_;
    return group_->members.count(tree_.text(reference)) != 0;
  }

  constant look_up_name(node_id reference) {
    auto declared = resolve(reference);
    if (is_own_member(reference, declared))
      return member_of(*group_, reference, tree_.text(reference));
    return declared == no_node ? constant{} : value_of_variable(reference, declared);
  }

  constant value_of_variable(node_id reference, node_id declared) {
    auto declarator = tree_[declared].parent;
    auto list = tree_[declarator].parent;
    bool constant_variable = tree_.is(declarator, kind::variable_declarator) &&
                             tree_.is(list, kind::lexical_declaration) &&
                             tree_.has(list, kind::word_const) &&
                             !tree_.has(declarator, kind::type_annotation);
    auto value = constant_variable ? tree_.child(declarator, field::value) : no_node;
    if (value == no_node || tree_[declared].role != field::name)
      return {};
    if (++variables_ > max_constant_depth)
      return {};
    if (tree_[declarator].end > tree_[reference].begin) {
      u_.refuse(reference, "this constant is declared after its use", "declare it before the enum");
      return {};
    }
    auto x = fold(value);
    --variables_;
    return x;
  }

  node_id resolve(node_id name) const { return u_.namespaces.resolve(tree_, u_.names, name); }

  bool is_member(node_id declared) const {
    return declared != no_node && (tree_.parent_kind(declared) == kind::enum_body ||
                                   tree_.parent_kind(declared) == kind::enum_assignment);
  }

  /// What `A.B.C` stands for, through namespaces; no_node when it is nothing that is declared here.
  /// With `namespaces`, its first name is one of a namespace or enum.
  node_id resolve_path(node_id expression, bool namespaces) const {
    std::vector<node_id> properties;
    while (tree_.is(expression, kind::member_expression)) {
      properties.push_back(tree_.child(expression, field::property));
      expression = tree_.child(expression, field::object);
      namespaces = true;
    }
    auto declared = tree_.is(expression, kind::identifier) ? resolve(expression) : no_node;
    if (namespaces && is_member(declared)) // is none: TypeScript looks behind it
      declared = tree_.text(expression) == enum_name_
                     ? resolve(name_)
                     : u_.names.find(tree_, id_, tree_.text(expression)).name;
    for (; !properties.empty() && declared != no_node; properties.pop_back())
      declared = u_.namespaces.exported(declared, tree_.text(properties.back()));
    return declared;
  }

  constant look_up_member(node_id reference, std::string_view key) {
    auto declared = resolve_path(tree_.child(reference, field::object),
                                 tree_[reference].what == kind::member_expression);
    if (declared == no_node)
      return {};
    if (auto inner = u_.namespaces.exported(declared, key); inner != no_node)
      return value_of_variable(reference, inner);
    if (tree_.parent_kind(declared) != kind::enum_declaration)
      return {};
    auto found = u_.enums.find(declared);
    if (found != u_.enums.end())
      return member_of(found->second, reference, key);
    u_.refuse(reference, "this enum is declared after its use", "declare it before");
    return {};
  }

  constant member_of(const enum_group& group, node_id reference, std::string_view key) {
    auto found = group.members.find(key);
    if (found != group.members.end())
      return found->second;
    u_.refuse(reference, "this member is not declared before its use", "declare it before");
    return {};
  }

  /// In an expression that stays an expression, plain names of members become `E.name`.
  void qualify_members(node_id value) {
    for (auto at = value; at < tree_[value].next; ++at) {
      auto what = tree_[at].what;
      if (what != kind::identifier && what != kind::shorthand_property_identifier)
        continue;
      if (!is_own_member(at, resolve(at)))
        continue;
      auto text = tree_.text(at);
      u_.edits.insert(tree_[at].begin, what == kind::identifier
                                           ? fmt::format("{}.", parameter_)
                                           : fmt::format("{}: {}.", text, parameter_));
      tree_.mark_done(at);
    }
  }

  unit& u_;
  syntax_tree& tree_;
  node_id id_;
  node_id name_;
  node_id body_;
  std::string_view enum_name_;
  std::string parameter_; // of the function, by which its code knows the object
  enum_group* group_ = nullptr;
  std::optional<double> next_; // the value of a member that has none written
  int variables_ = 0;          // constants that are being looked up
};

} // namespace

void emit_enum(unit& u, node_id id) {
  enum_emitter{u, id}.emit();
}

} // namespace zako::transpile
