// `x as T`, `x satisfies T` and `<T>x`.
//
// The grammar reads some types too short: the rest of `x as A.B.C` or `x as A.B.C | D` becomes a
// member access or an operator on the cast. TypeScript's types always reach further, so such
// parents of a cast are part of its type.
#include <algorithm>

#include "scripting/transpile/emit.hpp"

namespace zako::transpile {

namespace {

/// An expression that ends where it would end if it were read as a type.
bool ends_like_a_type(const syntax_tree& tree, node_id id) {
  switch (tree[id].what) {
  case kind::identifier:
  case kind::string:
  case kind::number:
  case kind::null_literal:
  case kind::undefined_literal:
  case kind::true_literal:
  case kind::false_literal:
  case kind::this_keyword:
  case kind::object:
  case kind::parenthesized_expression:
    return true;
  case kind::member_expression:
  case kind::subscript_expression:
  case kind::instantiation_expression:
    return ends_like_a_type(tree, tree.first_child(id));
  default:
    return false;
  }
}

/// Climbs from a cast over the expressions that are the rest of its type; gives the topmost.
node_id whole_cast(const syntax_tree& tree, node_id id) {
  auto top = id;
  while (true) {
    auto p = tree[top].parent;
    if (p == no_node || tree.first_child(p) != top)
      return top;
    auto second = tree.next_sibling(top);
    auto same_line = [&] {
      auto& s = tree[second];
      return !has_line_break(tree.source().substr(tree[top].end, s.begin - tree[top].end));
    };
    switch (tree[p].what) {
    case kind::member_expression:
      if (tree.text(second) != "." ||
          !tree.is(tree.next_sibling(second), kind::property_identifier))
        return top;
      break;
    case kind::subscript_expression:
      if (tree.text(second) != "[" || !same_line())
        return top;
      break;
    case kind::instantiation_expression:
      if (!same_line())
        return top;
      break;
    case kind::binary_expression: {
      auto op = tree.text(second);
      if ((op != "|" && op != "&") || !ends_like_a_type(tree, tree.next_sibling(second)))
        return top;
      break;
    }
    default:
      return top;
    }
    top = p;
  }
}

enum class follower { harmless, needs_semicolon, unclear };

/// What the text behind a type means for the expression that is left when the type is gone.
follower judge_follower(std::string_view source, std::uint32_t end) {
  auto at = skip_trivia(source, end);
  auto rest = source.substr(at);
  auto starts = [rest](std::string_view s) { return rest.substr(0, s.size()) == s; };
  if (rest.empty())
    return follower::harmless;
  switch (rest[0]) {
  case '(':
  case '[':
  case '`': // a new statement behind a line break
    return has_line_break(source.substr(end, at - end)) ? follower::needs_semicolon
                                                        : follower::unclear;
  case '.':
    return follower::unclear;
  case '<':
    return starts("<<") || starts("<=") ? follower::harmless : follower::unclear;
  case '|':
    return starts("||") ? follower::harmless : follower::unclear;
  case '&':
    return starts("&&") ? follower::harmless : follower::unclear;
  case '!':
    return starts("!=") || has_line_break(source.substr(end, at - end)) ? follower::harmless
                                                                        : follower::unclear;
  case '?':
    return rest.size() > 2 && rest[1] == '.' && !is_digit(rest[2]) ? follower::unclear
                                                                   : follower::harmless;
  case '=':
    return starts("=>") ? follower::unclear : follower::harmless;
  case 'e':
    return starts("extends") && (rest.size() == 7 || !is_word(rest[7])) ? follower::unclear
                                                                        : follower::harmless;
  default:
    return follower::harmless;
  }
}

} // namespace

void erase_cast(unit& u, node_id id) {
  auto& tree = u.tree;
  auto word =
      tree.child(id, tree[id].what == kind::as_expression ? kind::word_as : kind::word_satisfies);
  auto top = whole_cast(tree, id);
  auto end = tree[top].end;
  auto next = judge_follower(u.source, end);
  if (next == follower::unclear)
    u.refuse_at(errc::unsupported, tree[word].begin, end, "this type is not understood",
                "put the type in parentheses, or give it a name");
  u.edits.blank(tree[word].begin, end, next == follower::needs_semicolon ? ';' : ' ');
  // What stands before the type is still to be walked; everything behind the word is not.
  for (auto at = word; at < tree[top].next; at = tree[at].next)
    tree.mark_done(at);
}

void erase_type_assertion(unit& u, node_id id) {
  auto& tree = u.tree;
  auto type = tree.first_child(id);
  auto subject = tree.next_sibling(type);
  auto begin = tree[id].begin;
  auto start = tree[subject].begin;
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
