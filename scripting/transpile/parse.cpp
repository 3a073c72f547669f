// Runs tree-sitter and reads the errors off its trees.
#include "scripting/transpile/parse.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace zako::transpile {

tree_ptr parser::parse(std::string_view text, const grammar& g,
                       const std::atomic<std::size_t>* stop) {
  static_assert(sizeof *stop == sizeof(std::size_t) &&
                std::atomic<std::size_t>::is_always_lock_free); // the library reads the word itself
  if (!parser_) {
    parser_.reset(ts_parser_new());
    ts_parser_set_timeout_micros(parser_.get(), max_parse_time);
    grammar_ = nullptr;
  }
  if (grammar_ != &g) {
    if (!ts_parser_set_language(parser_.get(), g.language()))
      return nullptr;
    grammar_ = &g;
  }
  ts_parser_set_cancellation_flag(parser_.get(), reinterpret_cast<const std::size_t*>(stop));
  auto length = static_cast<std::uint32_t>(text.size());
  tree_ptr tree{ts_parser_parse_string(parser_.get(), nullptr, text.data(), length)};
  if (!tree)
    ts_parser_reset(parser_.get()); // or it would go on with this text the next time
  return tree;
}

std::size_t find_excess(std::string_view source) {
  constexpr std::size_t harmless = 65536; // bytes: no more children than that
  if (source.size() < harmless)
    return std::string_view::npos;
  std::size_t depth = 0;
  std::size_t sequence = 0;
  bool in_word = false;
  auto excessive = [&](char c) {
    bool word = is_word(c);
    sequence += !word || !in_word;
    in_word = word;
    if (c == '(' || c == '[' || c == '{')
      ++depth;
    else if ((c == ')' || c == ']' || c == '}') && depth > 0)
      --depth;
    if (c == ';' || c == ',' || c == '}')
      sequence = 0;
    return depth > max_nesting || sequence > max_sequence;
  };
  auto tokens = scan_tokens(source);
  if (tokens.empty()) { // no token to rely on: every sign counts
    for (std::size_t i = 0; i < source.size(); ++i)
      if (excessive(source[i]))
        return i;
    return std::string_view::npos;
  }
  std::size_t end = 0;
  for (auto& t : tokens) {
    auto gap = source.substr(end, t.begin - end);
    for (auto at = gap.find('/'); at != std::string_view::npos; at = gap.find('/', at + 2))
      ++sequence; // comments, and what looks like some inside them
    in_word = false;
    bool sign = t.what == token_kind::sign;
    if (excessive(sign ? source[t.begin] : 'a'))
      return t.begin;
    end = t.end;
  }
  return std::string_view::npos;
}

bool has_errors(const TSTree* tree) {
  return ts_node_has_error(ts_tree_root_node(tree));
}

namespace {

bool is_error(TSNode n) {
  return ts_node_symbol(n) == static_cast<TSSymbol>(-1);
}

/// The word, string or sign at an offset, as it is quoted in a message.
std::string_view token_at(std::string_view source, std::uint32_t at) {
  auto end = at + 1;
  if (is_word(source[at]))
    while (end < source.size() && is_word(source[end]))
      ++end;
  return source.substr(at, end - at);
}

/// In an error the parser has stepped over what it could not use: the last such text is where it
/// gave up.
std::uint32_t unexpected_at(TSNode n) {
  auto at = ts_node_start_byte(n);
  auto cursor = ts_tree_cursor_new(n);
  for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
       more = ts_tree_cursor_goto_next_sibling(&cursor))
    if (auto child = ts_tree_cursor_current_node(&cursor); is_error(child))
      at = ts_node_start_byte(child);
  ts_tree_cursor_delete(&cursor);
  return at;
}

void report(unit& u, TSNode n) {
  auto size = static_cast<std::uint32_t>(u.source.size());
  if (ts_node_is_missing(n)) {
    auto at = ts_node_start_byte(n);
    std::string name = ts_node_type(n);
    std::replace(name.begin(), name.end(), '_', ' ');
    auto expected = ts_node_is_named(n) ? name : fmt::format("'{}'", name);
    return u.refuse_at(errc::syntax, at, std::min(at + 1, size), "expected " + expected, {});
  }
  auto at = static_cast<std::uint32_t>(skip_trivia(u.source, unexpected_at(n)));
  if (at >= size)
    return u.refuse_at(errc::syntax, size, size, "unexpected end of the file", {});
  auto token = token_at(u.source, at);
  auto end = at + static_cast<std::uint32_t>(token.size());
  u.refuse_at(errc::syntax, at, end, fmt::format("unexpected '{}'", token), {});
}

/// Calls `found` for the topmost errors of a tree, in the order of the text.
template <class Found>
void for_each_error(const TSTree* tree, const Found& found) {
  auto cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  bool more = true;
  while (more) {
    auto n = ts_tree_cursor_current_node(&cursor);
    bool here = is_error(n) || ts_node_is_missing(n);
    if (here)
      found(n);
    if (!here && ts_node_has_error(n) && ts_tree_cursor_goto_first_child(&cursor))
      continue;
    while (more && !ts_tree_cursor_goto_next_sibling(&cursor))
      more = ts_tree_cursor_goto_parent(&cursor);
  }
  ts_tree_cursor_delete(&cursor);
}

} // namespace

std::vector<byte_range> error_ranges(const TSTree* tree) {
  std::vector<byte_range> ranges;
  for_each_error(tree, [&ranges](TSNode n) {
    ranges.push_back({.begin = ts_node_start_byte(n), .end = ts_node_end_byte(n)});
  });
  return ranges;
}

void report_syntax_errors(unit& u, const TSTree* tree) {
  for_each_error(tree, [&u](TSNode n) {
    if (u.problems.size() < max_reported_errors)
      report(u, n);
  });
}

} // namespace zako::transpile
