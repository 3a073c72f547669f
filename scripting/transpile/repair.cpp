// Finds what the grammar may have stumbled over, and overwrites it: first everything in the file
// that it is known not to take, then types around the error.
#include "scripting/transpile/repair.hpp"

#include <algorithm>
#include <utility>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

namespace {

constexpr std::uint32_t max_tag_arguments = 400;
constexpr int max_endless_angles = 100; // that are followed: each may be as long as the source
constexpr int max_types_around = 200;   // that are tried: each may be as long as the source

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

bool is_modifier(std::string_view text) {
  return is_one_of(text, {"public", "private", "protected", "static", "abstract", "override",
                          "readonly", "declare", "accessor"});
}

bool begins_declaration(std::string_view text) {
  return is_one_of(text, {"class", "interface", "enum", "function", "const", "let", "var", "type",
                          "namespace", "module", "global", "async"});
}

bool touches(const byte_range& error, std::uint32_t begin, std::uint32_t end) {
  return error.begin <= end && begin <= error.end;
}

} // namespace

namespace {

constexpr std::string_view blanks = " \t\r";

/// The grammar takes these for variables where type arguments begin.
bool is_type_of_variable_name(std::string_view word) {
  return is_one_of(word, {"declare", "namespace", "type", "public", "private", "protected",
                          "override", "module", "get", "set", "async", "static", "let", "yield"});
}

/// The grammar takes these at the end of a line for names.
bool ends_with_declaring_word(std::string_view line) {
  for (std::string_view word : {"let", "static", "export"}) {
    if (line.size() < word.size() || line.substr(line.size() - word.size()) != word)
      continue;
    return line.size() == word.size() || !is_word(line[line.size() - word.size() - 1]);
  }
  return false;
}

} // namespace

bool misleads_grammar(std::string_view source) {
  constexpr auto none = std::string_view::npos;
  for (auto at = source.find('`'); at != none; at = source.find('`', at + 1)) {
    auto before = at == 0 ? none : source.find_last_not_of(" \t\r\n", at - 1);
    if (before != none && before != 0 && source[before] == '>' && source[before - 1] != '=')
      return true;
  }
  for (auto at = source.find("import("); at != none; at = source.find("import(", at + 1)) {
    auto before = at == 0 ? none : source.find_last_not_of(" \t\r\n", at - 1);
    if (before != none && std::string_view{"<,|&fs"}.find(source[before]) != none)
      return true;
  }
  for (auto at = source.find("<<"); at != none; at = source.find("<<", at + 2))
    if (at + 2 < source.size() && is_word(source[at + 2]) && !is_digit(source[at + 2]))
      return true;
  for (auto at = source.find('<'); at != none; at = source.find('<', at + 1)) {
    auto next = source.find_first_not_of(" \t\r\n", at + 1);
    if (next == none || source[next] < 'a' || source[next] > 'y')
      continue;
    auto end = next;
    while (end < source.size() && is_word(source[end]))
      ++end;
    if (is_type_of_variable_name(source.substr(next, end - next)))
      return true;
  }
  std::size_t begin = 0; // of the line
  for (auto end = source.find('\n'); end != none; end = source.find('\n', begin)) {
    auto line = source.substr(begin, end - begin);
    auto last = line.find_last_not_of(blanks);
    begin = end + 1;
    if (last == none)
      continue;
    if ((line[last] == 't' || line[last] == 'c') &&
        ends_with_declaring_word(line.substr(0, last + 1)))
      return true;
    auto next = source.find_first_not_of(blanks, begin);
    if (next != none && source[next] == '{' && line.find("namespace") != none)
      return true;
  }
  return false;
}

repair::repair(std::string_view source) : source_(source), text_(source), tokens_(source) {}

bool repair::improve(const byte_range& error, std::uint32_t statement) {
  if (mask_known())
    return true;
  auto failing = tokens_.at(error.begin);
  auto first = tokens_.at(statement);
  for (auto i = failing + 1; i > first; --i)
    if (mask_declaration(i - 1, error))
      return true;
  failing = std::min(failing, tokens_.size());
  return mask_casts_in_pattern(failing) || mask_types_around(failing, first);
}

/// `[a as T] = b`: the grammar takes no casts in what is assigned to.
bool repair::mask_casts_in_pattern(index failing) {
  if (failing == 0 || !is(failing, "=") || (!is(failing - 1, "]") && !is(failing - 1, "}")))
    return false;
  auto open = tokens_[failing - 1].partner;
  bool any = false;
  for (auto i = open; open != no_token && i + 1 < failing; ++i) {
    if (i == open || (!is(i, "as") && !is(i, "satisfies")))
      continue;
    auto end = end_of_type(tokens_, i + 1);
    if (end < failing && is_type(tokens_, i + 1, end))
      any = blank(i, end - 1, masked::erased) || any;
  }
  return any;
}

std::vector<masked_range> repair::overwritten() const {
  auto ranges = masks_;
  std::sort(ranges.begin(), ranges.end(),
            [](const masked_range& a, const masked_range& b) { return a.begin < b.begin; });
  return ranges;
}

bool repair::put(std::uint32_t begin, std::uint32_t end, char with, masked how) {
  auto all = std::string_view{text_}.substr(begin, end - begin);
  if (all.find_first_not_of(with) == std::string_view::npos)
    return false;
  std::fill(text_.begin() + begin, text_.begin() + end, with);
  masks_.push_back({{begin, end}, how});
  return true;
}

bool repair::put(index token, std::string_view with, masked how) {
  auto begin = tokens_[token].begin;
  if (std::string_view{text_}.substr(begin, with.size()) == with)
    return false;
  text_.replace(begin, with.size(), with);
  masks_.push_back({{begin, tokens_[token].end}, how});
  return true;
}

bool repair::blank(index first, index last, masked how) {
  return put(tokens_[first].begin, tokens_[last].end, ' ', how);
}

bool repair::mask_known() {
  if (std::exchange(known_done_, true))
    return false;
  bool any = false;
  for (index i = 0; i < tokens_.size(); ++i) {
    auto& t = tokens_[i];
    if (t.what == token_kind::word)
      any = mask_word(i) || any;
    else if (t.what == token_kind::text && source_[t.begin] == '`')
      any = mask_tag_arguments(i) || any;
    else if (is(i, "<") && is(i + 1, "<") && tokens_.adjacent(i) && i > 0 &&
             (tokens_.is_word(i - 1) || is(i - 1, "."))) { // `f<<T>(a: T) => U>(b)`
      auto behind = end_of_angles(tokens_, i);
      if (behind != no_token && are_angles(tokens_, i, behind))
        any = blank(i, behind - 1, masked::erased) || any;
    } else if (is(i, "<") && i > 0 && is(i - 1, "=>")) { // `(a: A) => <T>(b: B) => C`
      auto behind = end_of_angles(tokens_, i);
      if (is(behind, "(") && are_angles(tokens_, i, behind))
        any = blank(i, behind - 1, masked::erased) || any;
    } else if (is(i, "<") && i > 0 && tokens_.is_word(i - 1) &&
               is_type_of_variable_name(tokens_.text(i + 1))) {
      any = mask_word_arguments(i) || any;
    } else if (is(i, "?") && is(i + 1, "=") && i > 0 && !is(i - 1, "?") && !is(i + 2, "=")) {
      any = blank(i, i, masked::erased) || any; // `(a? = b) => c`
    } else if (is(i, "?") && is(i + 1, ".") && is(i + 2, "(") && i > 0 && is(i - 1, ">")) {
      any = mask_tag_arguments(i) || any; // `f<A>?.(b)`
    } else if (is(i, "?") && i + 1 < tokens_.size() && tokens_.adjacent(i) &&
               tokens_[i + 1].what == token_kind::number && source_[tokens_[i + 1].begin] == '.') {
      any =
          put(tokens_[i + 1].begin, tokens_[i + 1].begin + 1, ' ', masked::kept) || any; // `a?.5:b`
    }
  }
  return any;
}

bool repair::mask_word(index i) {
  auto word = tokens_.text(i);
  if (i > 0 && is(i - 1, "."))
    return false;
  if (word == "in" || word == "out") { // `<in out T>`
    bool before_name = i > 0 && tokens_.is_word(i + 1) &&
                       !is_one_of(tokens_.text(i + 1),
                                  {"extends", "as", "satisfies", "in", "of", "instanceof", "is"});
    bool before_out = word == "in" && is(i + 1, "out");
    if (!before_name && !before_out)
      return false;
    bool first = is(i - 1, "<") || is(i - 1, "const") || is(i - 1, "in");
    return (first || (is(i - 1, ",") && inside_angles(i))) && blank(i, i, masked::type);
  }
  if ((word == "as" || word == "satisfies") && i > 0 &&
      is_one_of(tokens_.text(i - 1), {"let", "const", "var", "return", "=", "(", ",", "{", "[", "?",
                                      ":", ";", "=>", "...", "function"}) &&
      !(i > 1 && is(i - 1, "const") && is(i - 2, "as")))
    return put(tokens_[i].begin, tokens_[i].end, 'a', masked::kept); // a name
  if (word == "using")
    return mask_using(i);
  if (word == "new" && is(i + 1, "new")) // the grammar wants parentheses behind the second
    return blank(i, i, masked::kept);
  if (word == "function" && is(i + 1, "*") && tokens_.is_word(i + 2))
    return mask_generator(i);
  if (word == "type" && is(i + 1, "as") && i > 0 && (is(i - 1, "{") || is(i - 1, ","))) {
    bool behind = is(i + 3, ",") || is(i + 3, "}");
    if (tokens_.is_word(i + 2) && behind && !is(i + 2, "as")) // `{ type as a }`
      return put(tokens_[i].begin, tokens_[i].end, 'a', masked::kept);
    return is(i + 2, "as") && tokens_.is_word(i + 3) && // `{ type as as a }`
           put(tokens_[i + 1].begin, tokens_[i + 1].end, 'a', masked::kept);
  }
  if (word == "import" && is(i + 1, "("))
    return mask_import_type(i);
  if ((word == "let" || word == "static" || word == "export") && tokens_.starts_line(i + 1) &&
      (tokens_.is_word(i + 1) || is(i + 1, "[") || is(i + 1, "{") || is(i + 1, "*")))
    return put(tokens_[i].end, tokens_[i + 1].begin, ' ', masked::kept);
  if (word == "namespace" && tokens_.is_word(i + 1)) { // behind whose name a line break may come
    auto behind = i + 2;
    while (is(behind, ".") && tokens_.is_word(behind + 1))
      behind += 2;
    return is(behind, "{") && tokens_.starts_line(behind) &&
           put(tokens_[behind - 1].end, tokens_[behind].begin, ' ', masked::kept);
  }
  if (word == "export" && is(i + 1, "type") && is(i + 2, "*"))
    return blank(i + 1, i + 1, masked::kept); // emitting looks at the text
  if (word == "global" && is(i + 1, "{") && i > 0 && is(i - 1, "{"))
    return blank(i, i, masked::type);
  if (word == "with" && is(i + 1, "{") && i > 0 && tokens_[i - 1].what == token_kind::text) {
    auto behind = tokens_.behind_partner(i + 1);
    return behind != no_token && blank(i, behind - 1, masked::kept);
  }
  bool before_method = tokens_.is_word(i + 1) && tokens_.starts_line(i + 2) &&
                       (is(i + 2, "(") || is(i + 2, "<")) && !tokens_.starts_line(i + 1);
  if (before_method && (is_modifier(word) || is_one_of(word, {"async", "get", "set"})))
    put(tokens_[i + 1].end, tokens_[i + 2].begin, ' ', masked::kept);
  if (is_modifier(word) && (i == 0 || !is_modifier(tokens_.text(i - 1))))
    return mask_modifiers(i) || before_method;
  return false;
}

/// True when the token is among type arguments or parameters.
bool repair::inside_angles(index i) const {
  for (auto j = i - 1; j > 0 && i - j < max_tag_arguments; --j) {
    auto& t = tokens_[j];
    if (t.what == token_kind::sign && t.partner != no_token && t.partner < j) {
      if (t.partner == 0)
        return false;
      j = t.partner;
    } else if (is_one_of(tokens_.text(j), {"(", "{", "[", ";"}))
      return false;
    else if (is(j, "<")) {
      auto end = end_of_angles(tokens_, j);
      if (end != no_token && end > i)
        return true;
    }
  }
  return false;
}

/// `import("m")` where it is certain to be a type: behind what only types stand behind, or among
/// the arguments of something that is called or made.
bool repair::mask_import_type(index i) {
  auto behind = tokens_.behind_partner(i + 1);
  if (behind == no_token || i == 0)
    return false;
  bool type =
      is_one_of(tokens_.text(i - 1), {"typeof", "keyof", "as", "satisfies", "extends", "|", "&"}) ||
      inside_angles(i);
  bool plain = i + 2 < tokens_.size() && tokens_[i + 2].what == token_kind::text &&
               (is(i + 3, ")") || is(i + 3, ","));
  return type && plain && mask_type(i, behind);
}

/// `using a = b` as `const a = b`, which is as long.
bool repair::mask_using(index i) {
  if (i + 1 < tokens_.size() && tokens_[i + 1].what == token_kind::sign)
    return put(tokens_[i].begin, tokens_[i].end, 'a', masked::kept); // a name
  bool declares = tokens_.is_word(i + 1) && !tokens_.starts_line(i + 1) &&
                  !is_one_of(tokens_.text(i + 1), {"in", "instanceof", "as", "satisfies"}) &&
                  is_one_of(tokens_.text(i + 2), {"=", ":", ",", ";", "of"});
  if (!declares || (is(i + 1, "of") && !is(i + 2, "=") && !is(i + 2, ":")))
    return false;
  if (i > 0 && is(i - 1, "await"))
    blank(i - 1, i - 1, masked::kept);
  return put(i, "const", masked::kept);
}

/// A class member's modifiers, in an order or combination that TypeScript takes and the grammar
/// does not.
bool repair::mask_modifiers(index i) {
  auto end = i;
  while (is_modifier(tokens_.text(end)) && (end == i || !tokens_.starts_line(end)))
    ++end;
  bool name_follows = end < tokens_.size() && !tokens_.starts_line(end) &&
                      (tokens_[end].what != token_kind::sign || is(end, "[") || is(end, "*"));
  if (!name_follows)
    --end; // the last one is the member's name
  else if (begins_declaration(tokens_.text(end)) && tokens_.is_word(end + 1))
    return false;
  bool any = false;
  if (!name_follows && is_one_of(tokens_.text(end + 1), {";", ":", "=", "?", "!", "(", "}"}))
    any = put(tokens_[end].begin, tokens_[end].end, 'a', masked::kept);
  auto has = [&](std::string_view word) {
    for (auto k = i; k < end; ++k)
      if (is(k, word))
        return true;
    return false;
  };
  if (has("accessor"))
    for (auto k = i; k < end; ++k)
      if (is(k, "accessor"))
        any = put(k, "readonly", masked::kept) || any;
  if (end - i < 2 && !is(end, "["))
    return any;
  bool index_signature = is(end, "[") && tokens_.is_word(end + 1) && is(end + 2, ":");
  std::string_view kept = index_signature ? "" : has("declare") ? "declare" : "";
  bool ordered = kept.empty() && !index_signature;
  constexpr std::string_view order[] = {"static", "override", "readonly"};
  if (ordered && !has("abstract")) {
    auto at = i + (is_one_of(tokens_.text(i), {"public", "private", "protected"}) ? 1 : 0);
    for (auto word : order)
      at += at < end && is(at, word);
    ordered = at == end;
    kept = "static";
  } else if (ordered) {
    ordered = !has("override") && !has("accessor");
    kept = "abstract";
  }
  if (ordered || (kept == "declare" && is(i, "declare") && end - i == 1))
    return any;
  for (auto k = i; k < end; ++k)
    if (!is(k, kept) && !is(k, "accessor"))
      any = blank(k, k, masked::erased) || any;
  return any;
}

/// ``f<A<B>>`x` ``: the arguments in front of the template at `i`.
bool repair::mask_tag_arguments(index i) {
  if (i < 3 || !is(i - 1, ">"))
    return false;
  for (auto j = i - 2; j > 0 && i - j < max_tag_arguments; --j) {
    if (tokens_[j].what == token_kind::sign && is_one_of(tokens_.text(j), {")", "]", "}"})) {
      if (tokens_[j].partner == no_token || tokens_[j].partner == 0)
        return false;
      j = tokens_[j].partner;
      continue;
    }
    if (is_one_of(tokens_.text(j), {"(", "[", "{", ";"}))
      return false;
    if (is(j, "<") && end_of_angles(tokens_, j) == i)
      return are_angles(tokens_, j, i) && blank(j, i - 1, masked::erased);
  }
  return false;
}

/// `f<type>(x)`: from the `<` on.
bool repair::mask_word_arguments(index i) {
  if (is_one_of(tokens_.text(i - 1), {"return", "case", "default", "typeof", "in", "of", "void",
                                      "delete", "throw", "do", "else", "yield", "await"}))
    return false;
  bool alone = is(i + 2, ">"); // `let` begins no other type
  if (!alone && endless_angles_ == max_endless_angles)
    return false;
  auto behind = alone ? i + 3 : end_of_angles(tokens_, i);
  endless_angles_ += behind == no_token;
  bool ends = behind == tokens_.size() ||
              (behind < tokens_.size() &&
               (source_[tokens_[behind].begin] == '`' ||
                is_one_of(tokens_.text(behind), {"(", ")", ",", ";", "]", "}", ":", ".", "?"})));
  return ends && (alone || are_angles(tokens_, i, behind)) && mask_type(i + 1, behind - 1);
}

/// `function* f(): T;`, of which the grammar knows only those with a body.
bool repair::mask_generator(index i) {
  auto at = i + 3;
  at = is(at, "<") ? end_of_angles(tokens_, at) : at;
  at = is(at, "(") ? tokens_.behind_partner(at) : no_token;
  at = is(at, ":") ? end_of_type(tokens_, at + 1) : at;
  return at != no_token && !is(at, "{") && blank(i + 1, i + 1, masked::type);
}

bool repair::mask_declaration(index i, const byte_range& error) {
  if (!tokens_.is_word(i) || !tokens_.is_word(i + 1))
    return false;
  bool starts = i == 0 || tokens_.starts_line(i) ||
                is_one_of(tokens_.text(i - 1), {";", "}", "{", "export", "declare"});
  if (!starts)
    return false;
  if (is(i, "interface"))
    return mask_interface(i, error);
  return is(i, "type") && mask_alias(i, error);
}

/// `interface I<…> extends … { … }` becomes `interface I { }`.
bool repair::mask_interface(index i, const byte_range& error) {
  auto at = is(i + 2, "<") ? end_of_angles(tokens_, i + 2) : i + 2;
  while (at < tokens_.size() && !is(at, "{") && !is(at, ";"))
    at = is(at, "<") ? end_of_angles(tokens_, at) : at + 1;
  auto behind = is(at, "{") ? tokens_.behind_partner(at) : no_token;
  if (behind == no_token || !touches(error, tokens_[i].begin, tokens_[behind - 1].end) ||
      !is_interface_tail(tokens_, i + 2, behind))
    return false;
  bool head = put(tokens_[i + 1].end, tokens_[at].begin, ' ', masked::type);
  return put(tokens_[at].end, tokens_[behind - 1].begin, ' ', masked::type) || head;
}

/// `type A<…> = …` becomes `type A = aaa`.
bool repair::mask_alias(index i, const byte_range& error) {
  auto equals = is(i + 2, "<") ? end_of_angles(tokens_, i + 2) : i + 2;
  if (!is(equals, "="))
    return false;
  auto end = end_of_type(tokens_, equals + 1);
  if (end == no_token || !touches(error, tokens_[i].begin, tokens_[end - 1].end) ||
      !is_type(tokens_, equals + 1, end) || (is(i + 2, "<") && !are_angles(tokens_, i + 2, equals)))
    return false;
  bool head = put(tokens_[i + 1].end, tokens_[equals].begin, ' ', masked::type);
  return mask_type(equals + 1, end) || head;
}

bool repair::mask_type(index begin, index end) {
  auto from = tokens_[begin].begin;
  auto to = tokens_[end - 1].end;
  std::string name(to - from, 'a');
  // A bracket that a word follows, or that follows one, must not become a part of it.
  if (!is_word(source_[to - 1]) && to < source_.size() && is_word(source_[to]))
    name.back() = ' ';
  if (!is_word(source_[from]) && from > 0 && is_word(source_[from - 1]))
    name.front() = ' ';
  if (text_.compare(from, name.size(), name) == 0)
    return false;
  text_.replace(from, name.size(), name);
  masks_.push_back({{from, to}, masked::type});
  return true;
}

/// Types that end at or behind the token that did not fit, the innermost first.
bool repair::mask_types_around(index failing, index first) {
  auto tries = max_types_around;
  for (auto i = failing; i-- > first && tries > 0;) {
    auto& t = tokens_[i];
    if (t.what == token_kind::sign && t.partner != no_token && t.partner < i) {
      i = t.partner; // a bracket that is closed here
      continue;
    }
    bool behind_name = i > 0 && (tokens_[i - 1].what != token_kind::sign ||
                                 is_one_of(tokens_.text(i - 1), {")", "]", "}", "?", "!", ">"}));
    if (is(i, "<") && behind_name) {
      --tries;
      auto end = end_of_angles(tokens_, i);
      if (end != no_token && end > failing && end > i + 2 && are_angles(tokens_, i, end) &&
          mask_type(i + 1, end - 1))
        return true;
    }
    bool masked = text_[t.begin] != source_[t.begin];
    bool cast = (is(i, "as") || is(i, "satisfies")) && !masked;
    bool before_type =
        (is(i, ":") && behind_name) || cast || (is(i, "extends") && tokens_.is_word(i));
    if (!before_type)
      continue;
    --tries;
    auto end = end_of_type(tokens_, i + 1);
    if (end != no_token && end >= failing && end > i + 1 && is_type(tokens_, i + 1, end) &&
        mask_type(i + 1, end))
      return true;
  }
  return false;
}

} // namespace zako::transpile
