// The grammar's symbols and fields under names of our own. Both dialects number them differently;
// everything above this file sees one enumeration. Ids are looked up once per process.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <tree_sitter/api.h>

namespace zako::transpile {

enum class kind : std::uint8_t {
  other, // nothing that emitting cares about
  error,
  comment,
  // statements and declarations
  program,
  statement_block,
  expression_statement,
  export_statement,
  export_clause,
  export_specifier,
  namespace_export,
  import_statement,
  import_clause,
  import_specifier,
  named_imports,
  namespace_import,
  import_require_clause,
  import_alias,
  import_attribute,
  lexical_declaration,
  variable_declaration,
  variable_declarator,
  function_declaration,
  generator_function_declaration,
  function_signature,
  class_declaration,
  abstract_class_declaration,
  interface_declaration,
  type_alias_declaration,
  enum_declaration,
  enum_body,
  enum_assignment,
  ambient_declaration,
  module,
  internal_module,
  for_statement,
  for_in_statement,
  catch_clause,
  switch_body,
  // classes
  class_expression,
  class_heritage,
  extends_clause,
  implements_clause,
  class_body,
  class_static_block,
  method_definition,
  public_field_definition,
  abstract_method_signature,
  method_signature,
  index_signature,
  decorator,
  accessibility_modifier,
  override_modifier,
  // functions and patterns
  formal_parameters,
  required_parameter,
  optional_parameter,
  function_expression,
  generator_function,
  arrow_function,
  object_pattern,
  array_pattern,
  pair_pattern,
  rest_pattern,
  assignment_pattern,
  object_assignment_pattern,
  // expressions
  as_expression,
  satisfies_expression,
  type_assertion,
  non_null_expression,
  instantiation_expression,
  call_expression,
  new_expression,
  member_expression,
  subscript_expression,
  binary_expression,
  unary_expression,
  assignment_expression,
  parenthesized_expression,
  template_string,
  template_substitution,
  arguments,
  object,
  pair,
  string,
  number,
  identifier,
  shorthand_property_identifier,
  shorthand_property_identifier_pattern,
  property_identifier,
  private_property_identifier,
  computed_property_name,
  nested_identifier,
  type_identifier,
  predefined_type,
  this_keyword,
  super_keyword,
  null_literal,
  undefined_literal,
  true_literal,
  false_literal,
  import_keyword,
  string_fragment,
  escape_sequence,
  jsx_element,
  jsx_opening_element,
  jsx_closing_element,
  jsx_self_closing_element,
  jsx_attribute,
  jsx_expression,
  jsx_namespace_name,
  spread_element,
  sequence_expression,
  // types
  type_annotation,
  type_arguments,
  type_parameters,
  asserts_annotation,
  type_predicate_annotation,
  interface_body,
  array_type,
  generic_type,
  lookup_type,
  // tokens
  word_as,
  word_satisfies,
  word_abstract,
  word_accessor,
  word_const,
  word_declare,
  word_default,
  word_export,
  word_import,
  word_namespace,
  word_readonly,
  word_static,
  word_type,
  word_typeof,
  word_using,
  word_assert,
  arrow,
  at_sign,
  brace_open,
  brace_close,
  bracket_open,
  comma,
  equals,
  exclamation,
  less,
  question,
  semicolon,
  star,
};

enum class field : std::uint8_t {
  none,
  alias,
  alternative,
  arguments,
  body,
  constructor,
  declaration,
  function,
  index,
  key,
  kind,
  left,
  name,
  object,
  operator_token,
  parameter,
  parameters,
  pattern,
  property,
  return_type,
  right,
  source,
  type,
  type_arguments,
  type_parameters,
  value,
};

class grammar {
public:
  explicit grammar(const TSLanguage* language);

  [[nodiscard]] const TSLanguage* language() const { return language_; }
  [[nodiscard]] kind kind_of(TSSymbol symbol) const {
    return symbol < kinds_.size() ? kinds_[symbol] : kind::error;
  }
  [[nodiscard]] field field_of(TSFieldId id) const { return fields_[id]; }

  static const grammar& typescript();
  static const grammar& tsx();

private:
  const TSLanguage* language_;
  std::vector<kind> kinds_;   // by symbol
  std::vector<field> fields_; // by field id; 0 is "no field"
};

} // namespace zako::transpile
