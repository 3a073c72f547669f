// Finds types that may be what the grammar stumbles over, and overwrites them.
#include "scripting/transpile/repair.hpp"

#include <algorithm>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

bool touches(const std::vector<byte_range>& errors, std::uint32_t begin, std::uint32_t end) {
  return std::any_of(errors.begin(), errors.end(),
                     [&](const byte_range& e) { return e.begin <= end && begin <= e.end; });
}

/// A token behind which a type cannot end.
bool wants_more(std::string_view text) {
  return is_one_of(text, {"|",       "&",     "=",        "=>",    "?",        ":",      ".",
                          ",",       "keyof", "typeof",   "infer", "readonly", "unique", "asserts",
                          "extends", "new",   "abstract", "is",    "<",        "-",      "+"});
}

/// A word that, at the start of a line, begins a statement rather than going on with a type.
bool begins_statement(std::string_view text) {
  return is_one_of(text, {"export", "import", "const", "let", "var", "function", "class",
                          "interface", "type", "enum", "namespace", "abstract", "declare", "return",
                          "if", "for", "while", "async", "throw"});
}

} // namespace

repair::repair(std::string_view source)
    : source_(source), text_(source), tokens_(scan_tokens(source)) {}

std::string_view repair::text_of(std::size_t i) const {
  return i < tokens_.size() ? source_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin)
                            : std::string_view{};
}

bool repair::improve(const std::vector<byte_range>& errors) {
  if (!small_ones_done_) {
    small_ones_done_ = true;
    bool variance = mask_variance();
    if (mask_returned_generics() || variance)
      return true;
  }
  return mask_declarations(errors);
}

std::vector<byte_range> repair::overwritten() const {
  std::vector<byte_range> ranges;
  for (std::uint32_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == source_[i])
      continue;
    if (!ranges.empty() && ranges.back().end == i)
      ++ranges.back().end;
    else
      ranges.push_back({.begin = i, .end = i + 1});
  }
  return ranges;
}

bool repair::overwrite(std::uint32_t begin, std::uint32_t end, char with) {
  auto all = std::string_view{text_}.substr(begin, end - begin);
  if (all.find_first_not_of(with) == std::string_view::npos)
    return false;
  std::fill(text_.begin() + begin, text_.begin() + end, with);
  return true;
}

/// `<in out T>`: the words go.
bool repair::mask_variance() {
  bool any = false;
  for (std::size_t i = 1; i + 1 < tokens_.size(); ++i) {
    if (!is(i, "in") && !is(i, "out"))
      continue;
    bool first = is(i - 1, "<") || is(i - 1, ",") || is(i - 1, "const");
    bool second = is(i, "out") && is(i - 1, "in");
    if ((first || second) && is_word(i + 1) && !is(i + 1, "extends"))
      any = overwrite(tokens_[i].begin, tokens_[i].end, ' ') || any;
  }
  return any;
}

/// `(a: A) => <T>(b: T) => C`: the type parameters of a returned function type go.
bool repair::mask_returned_generics() {
  bool any = false;
  for (std::size_t i = 1; i < tokens_.size(); ++i) {
    if (!is(i, "<") || !is(i - 1, "=>"))
      continue;
    auto after = skip_generics(i);
    if (is(after, "("))
      any = overwrite(tokens_[i].begin, tokens_[after - 1].end, ' ') || any;
  }
  return any;
}

/// The token behind `<…>`, or `i` itself when there is none; the number of tokens when it does not
/// close.
std::size_t repair::skip_generics(std::size_t i) const {
  if (!is(i, "<"))
    return i;
  int depth = 0;
  for (; i < tokens_.size(); ++i) {
    auto t = text_of(i);
    if (tokens_[i].what != token_kind::sign)
      continue;
    if (is_one_of(t, {"<", "(", "[", "{"}))
      ++depth;
    else if (is_one_of(t, {">", ")", "]", "}"}) && --depth == 0)
      return i + 1;
    else if (t == ";" && depth == 1)
      break;
  }
  return tokens_.size();
}

/// The first token that does not belong to the type that begins at `i`; `i` when that is not
/// certain.
std::size_t repair::end_of_type(std::size_t i) const {
  int depth = 0;
  auto begin = i;
  for (; i < tokens_.size(); ++i) {
    auto t = text_of(i);
    bool sign = tokens_[i].what == token_kind::sign;
    if (depth == 0 && i > begin) {
      bool complete = !wants_more(text_of(i - 1)) || (i - 1 > begin && is(i - 2, "."));
      bool stops = sign && is_one_of(t, {"=", ";", ",", ")", "]", "}", ">"});
      bool starts_line = tokens_[i].after_line_break;
      if (complete && (stops || (starts_line && !is_one_of(t, {"|", "&", "=>", "?", ":", "."}))))
        return i;
      if (stops || (starts_line && begins_statement(t)))
        return begin;
    }
    if (sign && is_one_of(t, {"<", "(", "[", "{"}))
      ++depth;
    else if (sign && is_one_of(t, {">", ")", "]", "}"}) && --depth < 0)
      return begin;
  }
  return depth == 0 && i > begin && !wants_more(text_of(i - 1)) ? i : begin;
}

bool repair::mask_declarations(const std::vector<byte_range>& errors) {
  bool any = false;
  for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
    if (!is_word(i) || !is_word(i + 1))
      continue;
    bool starts = i == 0 || tokens_[i].after_line_break ||
                  is_one_of(text_of(i - 1), {";", "}", "{", "export", "declare"});
    if (!starts || (i > 0 && is(i - 1, ".")))
      continue;
    if (is(i, "interface"))
      any = mask_interface(i, errors) || any;
    else if (is(i, "type"))
      any = mask_alias(i, errors) || any;
    else if (is_one_of(text_of(i), {"const", "let", "var"}) && is(i + 2, ":"))
      any = mask_annotation(i, errors) || any;
  }
  return any;
}

/// `interface I<…> extends … { … }` becomes `interface I { }`.
bool repair::mask_interface(std::size_t i, const std::vector<byte_range>& errors) {
  auto at = skip_generics(i + 2);
  while (at < tokens_.size() && !is(at, "{"))
    at = is(at, "<") ? skip_generics(at) : at + 1;
  if (at >= tokens_.size())
    return false;
  int depth = 0;
  auto close = at;
  for (; close < tokens_.size(); ++close) {
    if (tokens_[close].what != token_kind::sign)
      continue;
    if (is(close, "{"))
      ++depth;
    else if (is(close, "}") && --depth == 0)
      break;
  }
  if (close >= tokens_.size() || !touches(errors, tokens_[i].begin, tokens_[close].end))
    return false;
  bool head = overwrite(tokens_[i + 1].end, tokens_[at].begin, ' ');
  return overwrite(tokens_[at].end, tokens_[close].begin, ' ') || head;
}

/// `type A<…> = …` becomes `type A = aaa`.
bool repair::mask_alias(std::size_t i, const std::vector<byte_range>& errors) {
  auto equals = skip_generics(i + 2);
  if (!is(equals, "="))
    return false;
  auto end = end_of_type(equals + 1);
  if (end == equals + 1 || !touches(errors, tokens_[i].begin, tokens_[end - 1].end))
    return false;
  bool head = overwrite(tokens_[i + 1].end, tokens_[equals].begin, ' ');
  return overwrite(tokens_[equals + 1].begin, tokens_[end - 1].end, 'a') || head;
}

/// `const a: … =` becomes `const a: aaa =`.
bool repair::mask_annotation(std::size_t i, const std::vector<byte_range>& errors) {
  auto end = end_of_type(i + 3);
  if (end == i + 3 || !touches(errors, tokens_[i].begin, tokens_[end - 1].end))
    return false;
  return overwrite(tokens_[i + 3].begin, tokens_[end - 1].end, 'a');
}

} // namespace zako::transpile
