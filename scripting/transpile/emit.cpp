// The walk: which node goes to which concern.
#include <fmt/format.h>

#include "scripting/transpile/emit.hpp"

namespace zako::transpile {

namespace {

void refuse_decorator(unit& u, node_id id) {
  auto parent = u.tree.parent_kind(id);
  if (parent == kind::required_parameter || parent == kind::optional_parameter)
    u.refuse(id, "decorators of parameters are not supported",
             "decorate the class or method, and read the parameters there");
  else if (u.options.target == script_target::engine)
    u.refuse(id, "decorators are not supported by this engine",
             "call the decorator as a plain function");
}

/// The grammar takes the octal numbers of old, and words right behind a number.
void check_number(unit& u, node_id id) {
  auto text = u.tree.text(id);
  if (text.size() > 1 && text[0] == '0' && (is_digit(text[1]) || text[1] == '_'))
    u.refuse_syntax(id, "a number cannot begin with '0' and another digit",
                    "octal ones begin with '0o'");
  auto end = u.tree[id].end;
  if (end < u.source.size() && is_word(u.source[end]))
    u.refuse_syntax(id, "a word cannot stand right behind a number", "write a space between them");
}

/// `extends A<B> C` is a comparison for the grammar.
void check_extends(unit& u, node_id id) {
  if (auto value = u.tree.child(id, field::value); u.tree.is(value, kind::binary_expression))
    u.refuse_syntax(value, "a class cannot extend this expression", "put it in parentheses");
}

void visit_others(unit& u, node_id id) {
  switch (u.tree[id].what) {
  case kind::number:
    return check_number(u, id);
  case kind::extends_clause:
    return check_extends(u, id);
  case kind::jsx_attribute:
    return check_attribute(u, id);
  case kind::decorator:
    return refuse_decorator(u, id);
  case kind::word_const:
    if (u.tree.text(id) != "using") // as a repair shows it to the parser
      break;
    [[fallthrough]];
  case kind::word_using:
    if (u.options.target == script_target::engine)
      u.refuse(id, "'using' declarations are not supported by this engine",
               "use 'try' and 'finally'");
    break;
  case kind::jsx_element:
  case kind::jsx_self_closing_element:
    if (u.options.jsx == jsx_mode::automatic)
      emit_jsx(u, id);
    break;
  default:
    break;
  }
}

/// The grammar takes some words at the end of a line for names, and functions and classes for
/// expressions where a statement begins.
void check_statement(unit& u, node_id id) {
  auto text = u.source.substr(u.tree[id].begin, 9);
  auto begins_with = [text](std::string_view word) {
    return text.substr(0, word.size()) == word &&
           (text.size() == word.size() || !is_word(text[word.size()]));
  };
  bool anonymous = begins_with("function") || begins_with("class");
  if (begins_with("async")) {
    auto behind = u.tree[id].begin + 5;
    auto next = skip_trivia(u.source, behind);
    anonymous = u.source.substr(next, 8) == "function" &&
                (next + 8 == u.source.size() || !is_word(u.source[next + 8])) &&
                !has_line_break(u.source.substr(behind, next - behind));
  }
  if (anonymous)
    return u.refuse_syntax(id, "a function or class that stands for itself needs a name",
                           "give it a name, or put it in parentheses");
  if (!begins_with("let") && !begins_with("export"))
    return;
  auto only = u.tree.first_child(id);
  if (u.tree.is(only, kind::identifier))
    u.refuse(only, fmt::format("'{}' at the end of a line is not understood", u.tree.text(only)),
             "write what follows on the same line");
}

void check_instantiation(unit& u, node_id id) {
  auto parent = u.tree[id].parent;
  if (u.tree.is(parent, kind::member_expression) && u.tree.first_child(parent) == id)
    u.refuse_syntax(id, "a property of something with type arguments cannot be read",
                    "put it in parentheses");
}

void visit(unit& u, node_id id) {
  auto& tree = u.tree;
  switch (tree[id].what) {
  case kind::import_statement:
    return emit_import(u, id);
  case kind::export_statement:
    return emit_export(u, id);
  case kind::import_alias:
    return emit_import_alias(u, id);
  case kind::module:
  case kind::internal_module:
    return emit_namespace(u, id);
  case kind::interface_declaration:
  case kind::type_alias_declaration:
  case kind::function_signature:
  case kind::ambient_declaration:
  case kind::abstract_method_signature:
  case kind::index_signature:
    return erase_statement(u, id);
  case kind::method_signature:
    return erase_overload(u, id);
  case kind::expression_statement:
    return check_statement(u, id);
  case kind::instantiation_expression:
    return check_instantiation(u, id);
  case kind::identifier:
  case kind::shorthand_property_identifier:
  case kind::shorthand_property_identifier_pattern:
    if (!u.namespaces.empty())
      qualify_name(u, id);
    return;
  case kind::enum_declaration:
    return emit_enum(u, id);
  case kind::public_field_definition:
    return is_erased(tree, id) ? erase_statement(u, id) : emit_member(u, id);
  case kind::method_definition:
    emit_member(u, id);
    return emit_constructor(u, id);
  case kind::required_parameter:
  case kind::optional_parameter:
    return erase_this_parameter(u, id);
  case kind::arrow_function:
    return erase_arrow_types(u, id);
  case kind::as_expression:
  case kind::satisfies_expression:
    return erase_cast(u, id);
  case kind::type_assertion:
    return erase_type_assertion(u, id);
  case kind::call_expression:
    return note_dynamic_import(u, id);
  case kind::type_annotation:
  case kind::type_arguments:
  case kind::type_parameters:
  case kind::asserts_annotation:
  case kind::type_predicate_annotation:
  case kind::implements_clause:
  case kind::accessibility_modifier:
  case kind::override_modifier:
    return erase_annotation(u, id);
  case kind::question:
  case kind::exclamation:
  case kind::word_readonly:
  case kind::word_abstract:
  case kind::word_declare:
  case kind::comma:
    return erase_token(u, id);
  default:
    return visit_others(u, id);
  }
}

} // namespace

void emit(unit& u) {
  for (auto end : u.tree.overlong_types()) {
    auto at = static_cast<std::uint32_t>(skip_trivia(u.source, end));
    u.refuse_at(errc::unsupported, at, at + 1,
                "it is not clear whether this line belongs to the type before it",
                "end the line before with ';'");
  }
  find_module_names(u);
  for (node_id id = 0; id < u.tree.size();) {
    if (!u.tree[id].done)
      visit(u, id);
    id = u.tree[id].done ? u.tree[id].next : id + 1;
  }
  emit_jsx_imports(u);
}

} // namespace zako::transpile
