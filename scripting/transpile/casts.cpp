// `x as T`, `x satisfies T` and `<T>x`.
//
// The grammar reads some types too short: the rest of `x as A.B.C` or `x as A.B.C<D>` becomes a
// member access or a comparison on the cast. Where what follows could belong to the type, the
// type's end is read off the text as TypeScript does.
#include <algorithm>

#include "scripting/transpile/emit.hpp"
#include "scripting/transpile/tokens.hpp"

namespace zako::transpile {

namespace {

/// True when what stands at `end` could go on with a type.
bool may_go_on(std::string_view source, std::uint32_t end) {
  auto at = skip_trivia(source, end);
  auto rest = source.substr(at, 8);
  if (rest.empty())
    return false;
  switch (rest[0]) {
  case '.':
  case '<':
  case '[':
    return true;
  case '|':
  case '&':
    return rest.size() < 2 || rest[1] != rest[0];
  case '=':
    return rest.substr(0, 2) == "=>";
  case 'e':
    return rest.substr(0, 7) == "extends" && (rest.size() == 7 || !is_word(rest[7]));
  default:
    return false;
  }
}

/// The end of the type that begins at `begin`.
std::optional<std::uint32_t> end_of_type_text(std::string_view source, std::uint32_t begin) {
  for (std::size_t length = 256;; length *= 16) {
    auto text = source.substr(begin, length);
    token_list tokens{text, true};
    auto end = end_of_type(tokens, 0);
    bool whole = text.size() < length;
    if (end != no_token && end > 0 && (whole || end + 2 < tokens.size()))
      return begin + tokens[end - 1].end;
    if (whole)
      return std::nullopt;
  }
}

node_id word_of(const syntax_tree& tree, node_id cast) {
  return tree.child(cast,
                    tree[cast].what == kind::as_expression ? kind::word_as : kind::word_satisfies);
}

} // namespace

std::optional<std::uint32_t> end_of_cast(const syntax_tree& tree, node_id id) {
  auto end = tree[id].end;
  if (!may_go_on(tree.source(), end))
    return end;
  auto exact = end_of_type_text(tree.source(), tree[word_of(tree, id)].end);
  return exact && *exact < end ? end : exact;
}

void erase_cast(unit& u, node_id id) {
  auto& tree = u.tree;
  auto word = word_of(tree, id);
  auto exact = end_of_cast(tree, id);
  if (!exact)
    u.refuse(id, "this type is not understood", "put it in parentheses, or give it a name");
  auto end = exact.value_or(tree[id].end);
  auto next = skip_trivia(u.source, end);
  auto type = u.source.substr(tree[word].end, end - tree[word].end);
  if (exact && u.source.substr(next, 1) == "." && !has_line_break(type))
    u.refuse_at(errc::syntax, static_cast<std::uint32_t>(next),
                static_cast<std::uint32_t>(next) + 1, "a property of a type cannot be read",
                "put the cast in parentheses");
  check_type_text(u, tree[id].what, tree[word].end, end);
  // A new statement behind a line break must not become a call, an index or a template's tag.
  bool separate = next < u.source.size() &&
                  std::string_view{"([`"}.find(u.source[next]) != std::string_view::npos &&
                  has_line_break(u.source.substr(end, next - end));
  u.edits.blank(tree[word].begin, end, separate ? ';' : ' ');
  // What stands before the type is still to be walked; everything in it is not.
  for (auto at = word; at < tree.size() && tree[at].begin < end;) {
    bool inside = tree[at].end <= end;
    if (inside)
      tree.mark_done(at);
    at = inside ? tree[at].next : at + 1;
  }
}

void erase_type_assertion(unit& u, node_id id) {
  auto& tree = u.tree;
  auto type = tree.first_child(id);
  auto subject = tree.next_sibling(type);
  auto begin = tree[id].begin;
  auto start = tree[subject].begin;
  auto brackets = tree.text(type);
  token_list tokens{brackets.substr(1, brackets.size() - 2)};
  bool constant = tokens.size() == 1 && tokens.is(0, "const");
  if (!constant && !is_type(tokens, 0, tokens.size()))
    u.refuse_syntax(type, "this is not a type", "write 'x as T'");
  auto rest = u.source.substr(start);
  auto starts_with_word = [rest](std::string_view word) {
    return rest.substr(0, word.size()) == word &&
           (rest.size() == word.size() || !is_word(rest[word.size()]));
  };
  // `<T>{}` must not become a block, nor `return <T⏎>x` a return without a value.
  constexpr std::string_view words[] = {"function", "class", "async", "let"};
  bool parenthesise = rest[0] == '{' || has_line_break(u.source.substr(begin, start - begin)) ||
                      std::any_of(std::begin(words), std::end(words), starts_with_word);
  u.edits.blank(begin, tree[type].end, parenthesise ? '(' : ' ');
  if (parenthesise)
    u.edits.close(tree[id].end, ")", begin);
  tree.mark_done(type);
}

} // namespace zako::transpile
