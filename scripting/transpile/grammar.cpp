// The two dialects' symbol and field names, their translation into our enumerations, and what is
// looked up in the tables again and again in a form that is quick to read.
#include "scripting/transpile/grammar.hpp"

#include <string>
#include <unordered_map>

#include "scripting/transpile/lexer.hpp"
#include "typescript_grammar.h"

namespace zako::transpile {

namespace {

using kind_table = std::unordered_map<std::string_view, kind>;

const kind_table& named_kinds() {
  static const kind_table table = {
      {"comment", kind::comment},
      {"html_comment", kind::comment},
      {"program", kind::program},
      {"statement_block", kind::statement_block},
      {"expression_statement", kind::expression_statement},
      {"export_statement", kind::export_statement},
      {"export_clause", kind::export_clause},
      {"export_specifier", kind::export_specifier},
      {"namespace_export", kind::namespace_export},
      {"import_statement", kind::import_statement},
      {"import_clause", kind::import_clause},
      {"import_specifier", kind::import_specifier},
      {"named_imports", kind::named_imports},
      {"namespace_import", kind::namespace_import},
      {"import_require_clause", kind::import_require_clause},
      {"import_alias", kind::import_alias},
      {"import_attribute", kind::import_attribute},
      {"lexical_declaration", kind::lexical_declaration},
      {"variable_declaration", kind::variable_declaration},
      {"variable_declarator", kind::variable_declarator},
      {"function_declaration", kind::function_declaration},
      {"generator_function_declaration", kind::generator_function_declaration},
      {"function_signature", kind::function_signature},
      {"class_declaration", kind::class_declaration},
      {"abstract_class_declaration", kind::abstract_class_declaration},
      {"interface_declaration", kind::interface_declaration},
      {"type_alias_declaration", kind::type_alias_declaration},
      {"enum_declaration", kind::enum_declaration},
      {"enum_body", kind::enum_body},
      {"enum_assignment", kind::enum_assignment},
      {"ambient_declaration", kind::ambient_declaration},
      {"module", kind::module},
      {"internal_module", kind::internal_module},
      {"for_statement", kind::for_statement},
      {"for_in_statement", kind::for_in_statement},
      {"catch_clause", kind::catch_clause},
      {"switch_body", kind::switch_body},
      {"class", kind::class_expression},
      {"class_heritage", kind::class_heritage},
      {"extends_clause", kind::extends_clause},
      {"implements_clause", kind::implements_clause},
      {"class_body", kind::class_body},
      {"class_static_block", kind::class_static_block},
      {"method_definition", kind::method_definition},
      {"public_field_definition", kind::public_field_definition},
      {"abstract_method_signature", kind::abstract_method_signature},
      {"method_signature", kind::method_signature},
      {"index_signature", kind::index_signature},
      {"decorator", kind::decorator},
      {"accessibility_modifier", kind::accessibility_modifier},
      {"override_modifier", kind::override_modifier},
      {"formal_parameters", kind::formal_parameters},
      {"required_parameter", kind::required_parameter},
      {"optional_parameter", kind::optional_parameter},
      {"function_expression", kind::function_expression},
      {"generator_function", kind::generator_function},
      {"arrow_function", kind::arrow_function},
      {"object_pattern", kind::object_pattern},
      {"array_pattern", kind::array_pattern},
      {"pair_pattern", kind::pair_pattern},
      {"rest_pattern", kind::rest_pattern},
      {"assignment_pattern", kind::assignment_pattern},
      {"object_assignment_pattern", kind::object_assignment_pattern},
      {"as_expression", kind::as_expression},
      {"satisfies_expression", kind::satisfies_expression},
      {"type_assertion", kind::type_assertion},
      {"non_null_expression", kind::non_null_expression},
      {"instantiation_expression", kind::instantiation_expression},
      {"call_expression", kind::call_expression},
      {"new_expression", kind::new_expression},
      {"member_expression", kind::member_expression},
      {"subscript_expression", kind::subscript_expression},
      {"binary_expression", kind::binary_expression},
      {"unary_expression", kind::unary_expression},
      {"assignment_expression", kind::assignment_expression},
      {"parenthesized_expression", kind::parenthesized_expression},
      {"template_string", kind::template_string},
      {"template_substitution", kind::template_substitution},
      {"arguments", kind::arguments},
      {"object", kind::object},
      {"pair", kind::pair},
      {"string", kind::string},
      {"number", kind::number},
      {"identifier", kind::identifier},
      {"shorthand_property_identifier", kind::shorthand_property_identifier},
      {"shorthand_property_identifier_pattern", kind::shorthand_property_identifier_pattern},
      {"property_identifier", kind::property_identifier},
      {"private_property_identifier", kind::private_property_identifier},
      {"computed_property_name", kind::computed_property_name},
      {"nested_identifier", kind::nested_identifier},
      {"type_identifier", kind::type_identifier},
      {"predefined_type", kind::predefined_type},
      {"this", kind::this_keyword},
      {"super", kind::super_keyword},
      {"null", kind::null_literal},
      {"undefined", kind::undefined_literal},
      {"true", kind::true_literal},
      {"false", kind::false_literal},
      {"import", kind::import_keyword},
      {"string_fragment", kind::string_fragment},
      {"escape_sequence", kind::escape_sequence},
      {"jsx_element", kind::jsx_element},
      {"jsx_opening_element", kind::jsx_opening_element},
      {"jsx_closing_element", kind::jsx_closing_element},
      {"jsx_self_closing_element", kind::jsx_self_closing_element},
      {"jsx_attribute", kind::jsx_attribute},
      {"jsx_expression", kind::jsx_expression},
      {"jsx_namespace_name", kind::jsx_namespace_name},
      {"spread_element", kind::spread_element},
      {"sequence_expression", kind::sequence_expression},
      {"type_annotation", kind::type_annotation},
      {"type_arguments", kind::type_arguments},
      {"type_parameters", kind::type_parameters},
      {"asserts_annotation", kind::asserts_annotation},
      {"type_predicate_annotation", kind::type_predicate_annotation},
      {"interface_body", kind::interface_body},
      {"array_type", kind::array_type},
      {"generic_type", kind::generic_type},
      {"lookup_type", kind::lookup_type},
  };
  return table;
}

const kind_table& token_kinds() {
  static const kind_table table = {
      {"as", kind::word_as},
      {"satisfies", kind::word_satisfies},
      {"abstract", kind::word_abstract},
      {"accessor", kind::word_accessor},
      {"const", kind::word_const},
      {"declare", kind::word_declare},
      {"default", kind::word_default},
      {"export", kind::word_export},
      {"import", kind::word_import},
      {"namespace", kind::word_namespace},
      {"readonly", kind::word_readonly},
      {"static", kind::word_static},
      {"type", kind::word_type},
      {"typeof", kind::word_typeof},
      {"using", kind::word_using},
      {"assert", kind::word_assert},
      {"=>", kind::arrow},
      {"@", kind::at_sign},
      {"{", kind::brace_open},
      {"}", kind::brace_close},
      {"[", kind::bracket_open},
      {",", kind::comma},
      {"=", kind::equals},
      {"!", kind::exclamation},
      {"<", kind::less},
      {"?", kind::question},
      {";", kind::semicolon},
      {"*", kind::star},
  };
  return table;
}

const std::unordered_map<std::string_view, field>& fields() {
  static const std::unordered_map<std::string_view, field> table = {
      {"alias", field::alias},
      {"alternative", field::alternative},
      {"arguments", field::arguments},
      {"body", field::body},
      {"constructor", field::constructor},
      {"declaration", field::declaration},
      {"function", field::function},
      {"index", field::index},
      {"key", field::key},
      {"kind", field::kind},
      {"left", field::left},
      {"name", field::name},
      {"object", field::object},
      {"operator", field::operator_token},
      {"parameter", field::parameter},
      {"parameters", field::parameters},
      {"pattern", field::pattern},
      {"property", field::property},
      {"return_type", field::return_type},
      {"right", field::right},
      {"source", field::source},
      {"type", field::type},
      {"type_arguments", field::type_arguments},
      {"type_parameters", field::type_parameters},
      {"value", field::value},
  };
  return table;
}

template <class Value>
Value find_or(const std::unordered_map<std::string_view, Value>& table, std::string_view name,
              Value otherwise) {
  auto found = table.find(name);
  return found == table.end() ? otherwise : found->second;
}

std::string_view text_of(const char* name) {
  return name;
}

} // namespace

grammar::grammar(const TSLanguage* language) : language_(*language) {
  auto symbols = language_.symbol_count + language_.alias_count;
  kinds_.reserve(symbols);
  for (std::uint32_t i = 0; i < symbols; ++i) {
    auto name = text_of(language_.symbol_names[i]);
    auto& about = language_.symbol_metadata[i];
    bool named = about.named || !about.visible;
    kinds_.push_back(find_or(named ? named_kinds() : token_kinds(), name, kind::other));
    auto symbol = static_cast<TSSymbol>(i);
    if (name == "comment" && i < language_.token_count)
      comment_ = symbol;
    closing_angles_.push_back(i < language_.token_count &&
                              (name == ">" || name == ">>" || name == ">>>"));
    if (name == "<" && i < language_.token_count)
      less_ = symbol;
    if (name == "expression")
      expression_ = symbol;
    if (name == "hash_bang_line")
      hash_bang_ = symbol;
    if (name == "program_repeat1")
      statements_ = symbol;
    constexpr std::string_view alone = "()[],;:}~\"'`";
    if (i < language_.token_count && about.visible && !about.named && name.size() == 1 &&
        alone.find(name[0]) != std::string_view::npos &&
        singles_[static_cast<unsigned char>(name[0])] == 0)
      singles_[static_cast<unsigned char>(name[0])] = symbol;
  }

  std::vector<field> names{field::none};
  for (std::uint32_t i = 1; i <= language_.field_count; ++i)
    names.push_back(find_or(fields(), text_of(language_.field_names[i]), field::none));
  roles_.resize(language_.production_id_count * max_children, field::none);
  aliased_.resize(language_.production_id_count);
  for (std::uint32_t p = 0; p < language_.production_id_count; ++p) {
    auto slice = language_.field_map_slices[p];
    for (unsigned i = 0; i < slice.length; ++i)
      if (auto& entry = language_.field_map_entries[slice.index + i];
          !entry.inherited && roles_[p * max_children + entry.child_index] == field::none)
        roles_[p * max_children + entry.child_index] = names[entry.field_id];
    for (unsigned i = 0; p > 0 && i < language_.max_alias_sequence_length; ++i)
      if (language_.alias_sequences[p * language_.max_alias_sequence_length + i] != 0)
        aliased_[p] = true;
  }
  learn_keywords();
}

std::size_t grammar::keyword_hash(std::string_view word) {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(word[i]); };
  return word.size() * 7U + at(0) * 31U + at(1) * 5U + at(word.size() - 1) * 17U;
}

/// Asks the grammar's own lexer for the words which of its tokens it takes for keywords.
void grammar::learn_keywords() {
  for (std::uint32_t i = 1; i < language_.token_count; ++i) {
    auto name = text_of(language_.symbol_names[i]);
    auto word = name.substr(0, name.find(' ')); // `unique` goes by the name "unique symbol"
    grammar_lexer lexer = begin_lexing(word);
    if (word.size() < 2 || !language_.keyword_lex_fn(&lexer.base, 0) ||
        lexer.token_end != lexer.end)
      continue;
    auto slot = keyword_hash(word) % keywords_.size();
    while (keywords_[slot].symbol != 0 && keywords_[slot].word != word)
      slot = (slot + 1) % keywords_.size();
    keywords_[slot] = {.word = word, .symbol = lexer.base.result_symbol};
  }
}

TSSymbol grammar::keyword(std::string_view word) const {
  if (word.size() < 2)
    return 0;
  for (auto slot = keyword_hash(word) % keywords_.size(); keywords_[slot].symbol != 0;
       slot = (slot + 1) % keywords_.size())
    if (keywords_[slot].word == word)
      return keywords_[slot].symbol;
  return 0;
}

const grammar& grammar::typescript() {
  static const grammar instance{zako_grammar_typescript()};
  return instance;
}

const grammar& grammar::tsx() {
  static const grammar instance{zako_grammar_tsx()};
  return instance;
}

void transition_table::use(const grammar& g) {
  if (language_ == &g.language())
    return;
  clear();
  language_ = &g.language();
  rows_.resize(language_->state_count);
  for (std::uint32_t state = 0; state < language_->large_state_count; ++state)
    rows_[state] = language_->parse_table + state * language_->symbol_count;
}

void transition_table::clear() {
  language_ = nullptr;
  rows_.clear();
  owned_.clear();
  bytes_ = 0;
}

const std::uint16_t* transition_table::spread(TSStateId state) const {
  auto symbols = language_->symbol_count;
  auto row = std::make_unique<std::uint16_t[]>(symbols);
  // A small state's row: the number of groups, then for each its value and the symbols that have
  // it.
  auto at = language_->small_parse_table +
            language_->small_parse_table_map[state - language_->large_state_count];
  for (auto groups = *at++; groups > 0; --groups) {
    auto value = *at++;
    for (auto count = *at++; count > 0; --count)
      row[*at++] = value;
  }
  bytes_ += symbols * sizeof row[0];
  owned_.push_back(std::move(row));
  return rows_[state] = owned_.back().get();
}

} // namespace zako::transpile
