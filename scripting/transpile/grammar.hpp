// The grammar's tables, and its symbols and fields under names of our own. Both dialects number
// them differently; everything above the parser sees one enumeration. Made once per process.
//
// The tables are those that tree-sitter generates (ABI 14, tree_sitter/parser.h describes them).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <tree_sitter/parser.h>

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

/// What a state may do with a lookahead. More than one action: the grammar is ambiguous here, as
/// far as one token tells.
struct action_list {
  const TSParseActionEntry* first; // of `count`
  unsigned count;
  bool reusable; // the token reads the same in other states that have it
};

class grammar {
public:
  explicit grammar(const TSLanguage* language);
  grammar(const grammar&) = delete;
  grammar& operator=(const grammar&) = delete;

  static const grammar& typescript();
  static const grammar& tsx();

  [[nodiscard]] const TSLanguage& language() const { return language_; }
  [[nodiscard]] kind kind_of(TSSymbol symbol) const { return kinds_[symbol]; }
  [[nodiscard]] std::string_view name_of(TSSymbol symbol) const {
    return language_.symbol_names[symbol];
  }
  /// False for symbols that only structure the grammar: their children take their place.
  [[nodiscard]] bool is_visible(TSSymbol symbol) const {
    return language_.symbol_metadata[symbol].visible;
  }

  /// The role of the child at `index` in a production; none when that is left to the parent.
  [[nodiscard]] field role_of(unsigned production, unsigned index) const {
    return roles_[production * max_children + index];
  }
  /// The symbol that the child at `index` takes in a production; 0 when it keeps its own.
  [[nodiscard]] TSSymbol alias_of(unsigned production, unsigned index) const {
    return aliased_[production] && index < language_.max_alias_sequence_length
               ? language_.alias_sequences[production * language_.max_alias_sequence_length + index]
               : TSSymbol{0};
  }

  /// The keyword that an identifier's text is, or 0.
  [[nodiscard]] TSSymbol keyword(std::string_view word) const;
  /// The symbol of a token of one character that no other token begins with, or 0.
  [[nodiscard]] TSSymbol single(unsigned char c) const { return singles_[c]; }
  [[nodiscard]] TSSymbol identifier() const { return language_.keyword_capture_token; }
  [[nodiscard]] TSSymbol comment() const { return comment_; }
  /// `>`, `>>` or `>>>`.
  [[nodiscard]] bool is_closing_angle(TSSymbol symbol) const { return closing_angles_[symbol]; }
  [[nodiscard]] TSSymbol less() const { return less_; }
  /// What every expression is reduced to.
  [[nodiscard]] TSSymbol expression() const { return expression_; }
  [[nodiscard]] TSSymbol hash_bang() const { return hash_bang_; }
  /// The list of a file's statements.
  [[nodiscard]] TSSymbol statements() const { return statements_; }

  static constexpr unsigned max_children = 16; // in a production

private:
  void learn_keywords();

  const TSLanguage& language_;
  std::vector<kind> kinds_;   // by symbol
  std::vector<field> roles_;  // by production and index
  std::vector<bool> aliased_; // by production
  std::array<TSSymbol, 256> singles_{};
  TSSymbol comment_ = 0;
  std::vector<bool> closing_angles_; // by symbol
  TSSymbol less_ = 0;
  TSSymbol expression_ = 0;
  TSSymbol hash_bang_ = 0;
  TSSymbol statements_ = 0;

  struct keyword_slot {
    std::string_view word;
    TSSymbol symbol = 0;
  };
  static std::size_t keyword_hash(std::string_view word);
  std::array<keyword_slot, 512> keywords_; // open addressing
};

/// A grammar's transitions with the rows that were used spread out, so that a look-up is one index.
/// Not shared between threads.
class transition_table {
public:
  void use(const grammar& g);
  void clear();

  /// The next state for what is not a token, the index into the actions for what is.
  [[nodiscard]] std::uint16_t at(TSStateId state, TSSymbol symbol) const {
    auto row = rows_[state];
    if (row == nullptr)
      row = spread(state);
    return row[symbol];
  }
  [[nodiscard]] action_list actions(TSStateId state, TSSymbol symbol) const {
    auto entry = language_->parse_actions + at(state, symbol);
    return {.first = entry + 1, .count = entry->entry.count, .reusable = entry->entry.reusable};
  }
  [[nodiscard]] std::size_t capacity() const { return bytes_; }

private:
  const std::uint16_t* spread(TSStateId state) const;

  const TSLanguage* language_ = nullptr;
  mutable std::vector<const std::uint16_t*> rows_; // by state; null: not used yet
  mutable std::vector<std::unique_ptr<std::uint16_t[]>> owned_;
  mutable std::size_t bytes_ = 0;
};

} // namespace zako::transpile
