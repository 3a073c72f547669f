// Types that are about to be erased, where the grammar takes more than TypeScript does: what looks
// doubtful in the text is read again by the rules.
#include <algorithm>

#include "scripting/transpile/emit.hpp"
#include "scripting/transpile/tokens.hpp"

namespace zako::transpile {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(blanks, at), text.size());
}

std::string_view word_at(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && is_word(text[end]))
    ++end;
  return text.substr(at, end - at);
}

/// Words that only stand before a type.
bool is_operator(std::string_view word) {
  constexpr std::string_view words[] = {"keyof", "unique", "readonly", "infer",
                                        "new",   "export", "in",       "import"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

/// True when an operator has no operand, as far as can be seen without reading the type; comments
/// and names of members may look so, too.
bool is_doubtful(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    char c = text[at];
    if (c == '|' || c == '&') {
      at = skip_blanks(text, at + 1);
      if (at < text.size() && (text[at] == '|' || (text[at] == '&' && c == '&')))
        return true;
    } else if (is_word(c)) {
      auto word = word_at(text, at);
      at += word.size();
      if (!is_operator(word))
        continue;
      at = skip_blanks(text, at);
      if (word == "import" && at < text.size() && text[at] == '(')
        at = skip_blanks(text, at + 1);
      if (at == text.size() ||
          std::string_view{";,)>]}|&="}.find(text[at]) != std::string_view::npos)
        return true;
    } else {
      ++at;
    }
  }
  return false;
}

bool is_alias(const token_list& tokens) {
  auto equals = tokens.is(2, "<") ? end_of_angles(tokens, 2) : 2;
  if (!tokens.is(equals, "=") || (equals != 2 && !are_angles(tokens, 2, equals)))
    return false;
  auto end = tokens.size();
  return is_type(tokens, equals + 1, tokens.is(end - 1, ";") ? end - 1 : end);
}

/// False for what is no type; true also where that cannot be told.
bool is_right(kind what, std::string_view text) {
  token_list tokens{text};
  switch (what) {
  case kind::type_annotation:
    return is_type(tokens, 1, tokens.size());
  case kind::as_expression:
  case kind::satisfies_expression:
    return is_type(tokens, 0, tokens.size());
  case kind::type_arguments:
    return are_arguments(tokens, 0, tokens.size());
  case kind::type_parameters:
    return are_parameters(tokens, 0, tokens.size());
  case kind::type_alias_declaration:
    return is_alias(tokens);
  case kind::interface_declaration:
    return is_interface_tail(tokens, 2, tokens.size());
  default:
    return true;
  }
}

/// `a is B`, where it says nothing about what a function returns.
bool is_predicate(std::string_view annotation) {
  auto at = skip_blanks(annotation, 1);
  auto name = word_at(annotation, at);
  if (name.empty() || name == "this" || name == "asserts")
    return false;
  at += name.size();
  return word_at(annotation,
                 std::min(annotation.find_first_not_of(" \t", at), annotation.size())) == "is";
}

/// Where a return type `asserts` ends in TypeScript, and goes on in the next line for the grammar.
std::size_t find_broken_assertion(std::string_view text) {
  constexpr std::string_view word = "asserts";
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    auto before = at == 0 ? std::string_view::npos : text.find_last_not_of(blanks, at - 1);
    auto next = skip_blanks(text, at + word.size());
    if (before != std::string_view::npos && text[before] == ':' && next < text.size() &&
        is_word(text[next]) && has_line_break(text.substr(at, next - at)))
      return at;
  }
  return std::string_view::npos;
}

} // namespace

void check_type_text(unit& u, kind what, std::uint32_t begin, std::uint32_t end) {
  auto text = u.source.substr(begin, end - begin);
  if (is_doubtful(text) && !is_right(what, text))
    u.refuse_at(errc::syntax, begin, end, "there is something wrong with this type",
                "look for an operator without a type behind it");
  if (auto at = find_broken_assertion(text); at != std::string_view::npos) {
    auto word = begin + static_cast<std::uint32_t>(at);
    u.refuse_at(errc::unsupported, word, word + 1,
                "'asserts' at the end of a line is not understood",
                "write what follows on the same line");
  }
}

void check_type(unit& u, node_id id) {
  auto& tree = u.tree;
  while (tree.is(id, kind::export_statement) || tree.is(id, kind::ambient_declaration)) {
    auto inner = tree.first_child(id);
    if (inner == no_node || tree.next_sibling(inner) == no_node)
      break;
    id = tree.next_sibling(inner);
  }
  auto& n = tree[id];
  check_type_text(u, n.what, n.begin, n.end);
  if (n.what == kind::type_annotation && n.role != field::return_type &&
      is_predicate(tree.text(id)))
    u.refuse_syntax(id, "only what a function returns can be told in this way");
}

} // namespace zako::transpile
