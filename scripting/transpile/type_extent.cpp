// Reads types off tokens, with a stack instead of recursion.
#include <algorithm>

#include "scripting/transpile/tokens.hpp"

namespace zako::transpile {

namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

/// Words that no type begins with.
bool is_statement_word(std::string_view text) {
  return is_one_of(text,
                   {"break",    "case",  "catch",  "class", "continue",  "debugger", "default",
                    "delete",   "do",    "else",   "enum",  "export",    "finally",  "for",
                    "function", "if",    "return", "super", "switch",    "throw",    "try",
                    "var",      "while", "with",   "let",   "instanceof"});
}

/// Names of types that take no arguments.
bool is_predefined(std::string_view text) {
  return is_one_of(text, {"any", "bigint", "boolean", "false", "never", "null", "number", "object",
                          "string", "symbol", "true", "undefined", "unknown", "void"});
}

class type_reader {
public:
  type_reader(const token_list& tokens, std::uint32_t begin) : tokens_(tokens), i_(begin) {}

  std::uint32_t run(bool angles) {
    levels_.push_back({});
    if (angles) {
      if (!tokens_.is(i_, "<"))
        return no_token;
      open_angle(false);
    }
    while (i_ < tokens_.size()) {
      if (wants_operand_ ? !operand() : !suffix()) {
        if (wants_operand_ || failed_ || levels_.size() > 1)
          return no_token;
        return i_;
      }
      if (angles && levels_.size() == 1)
        return i_;
    }
    return wants_operand_ || levels_.size() > 1 ? no_token : i_;
  }

private:
  struct level {
    bool function = false;     // `<…>` that parameters have to follow
    std::uint32_t tests = 0;   // `extends` that a `?` may follow
    std::uint32_t choices = 0; // `?` whose `:` is still to come
  };

  bool next(bool wants_operand) {
    ++i_;
    wants_operand_ = wants_operand;
    may_have_arguments_ = false;
    return true;
  }
  bool named() {
    next(false);
    may_have_arguments_ = true;
    return true;
  }
  bool jump() {
    may_have_arguments_ = false;
    auto to = tokens_.behind_partner(i_);
    if (to == no_token)
      return false;
    i_ = to;
    wants_operand_ = false;
    return true;
  }
  bool open_angle(bool function) {
    levels_.push_back({.function = function});
    return next(true);
  }

  bool begins_operand(std::uint32_t i) const {
    if (i >= tokens_.size())
      return false;
    if (tokens_[i].what != token_kind::sign)
      return !is_statement_word(tokens_.text(i));
    return is_one_of(tokens_.text(i), {"(", "[", "{", "<"});
  }

  bool operand() {
    auto t = tokens_.text(i_);
    switch (tokens_[i_].what) {
    case token_kind::number:
      return next(false);
    case token_kind::text:
      if (t[0] == '`' && tokens_[i_].partner != no_token)
        return jump();
      return t[0] == '/' || t[0] == '}' ? false : next(false);
    case token_kind::word:
      return word(t);
    case token_kind::sign:
      break;
    }
    if (t == "|" || t == "&")
      return next(true);
    if (t == "-" && i_ + 1 < tokens_.size() && tokens_[i_ + 1].what == token_kind::number)
      return next(true);
    if (t == "<")
      return open_angle(true);
    if (t == ">" && levels_.size() > 1 && tokens_.is(i_ - 1, ",")) // a comma behind the last one
      return close_angle();
    if (t == "(") {
      if (!jump())
        return false;
      return tokens_.is(i_, "=>") ? next(true) : true;
    }
    return t == "[" || t == "{" ? jump() : false;
  }

  bool word(std::string_view t) {
    if (is_statement_word(t))
      return false;
    if (t == "import" && tokens_.is(i_ + 1, "(")) {
      ++i_;
      if (!jump())
        return false;
      may_have_arguments_ = true;
      return true;
    }
    bool prefix = is_one_of(
        t, {"keyof", "typeof", "unique", "readonly", "infer", "asserts", "new", "abstract"});
    bool modifier = levels_.size() > 1 && is_one_of(t, {"const", "in", "out"});
    if (t == "const" && !modifier)
      return next(false); // `as const`
    bool more = begins_operand(i_ + 1) && !(t == "asserts" && tokens_.starts_line(i_ + 1)) &&
                !tokens_.is(i_ + 1, "extends") && !tokens_.is(i_ + 1, "is");
    if (prefix && t != "new" && t != "typeof" && t != "keyof" && !tokens_.is_word(i_ + 1) &&
        tokens_.is(i_ + 1, "<"))
      more = false; // a type of that name
    if ((prefix || modifier) && more)
      return next(true);
    return is_predefined(t) ? next(false) : named();
  }

  bool close_angle() {
    bool function = levels_.back().function;
    levels_.pop_back();
    next(false);
    if (!function)
      return true;
    if (!tokens_.is(i_, "(") || !jump() || !tokens_.is(i_, "=>")) {
      failed_ = true;
      return false;
    }
    return next(true);
  }

  bool suffix() {
    auto t = tokens_.text(i_);
    bool same_line = !tokens_.starts_line(i_);
    auto& level = levels_.back();
    bool in_angles = levels_.size() > 1;
    if (tokens_[i_].what == token_kind::word) {
      if (t == "extends" && same_line) {
        ++level.tests;
        return next(true);
      }
      return t == "is" && same_line ? next(true) : false;
    }
    if (tokens_[i_].what != token_kind::sign)
      return false;
    if (t == "." && may_have_arguments_)
      return tokens_.is_word(i_ + 1) ? (++i_, named()) : false;
    if (t == "<" && same_line && may_have_arguments_ &&
        !(tokens_.adjacent(i_) && tokens_.is(i_ + 1, "=")))
      return open_angle(false);
    if (t == "[" && same_line)
      return jump();
    if (t == "|" || t == "&") {
      bool operator_of_values =
          tokens_.adjacent(i_) && (tokens_.is(i_ + 1, t) || tokens_.is(i_ + 1, "="));
      return operator_of_values ? false : next(true);
    }
    if (t == "?" && level.tests > 0) {
      --level.tests;
      ++level.choices;
      return next(true);
    }
    if (t == ":" && level.choices > 0) {
      --level.choices;
      return next(true);
    }
    if (in_angles && (t == "," || t == "="))
      return next(true);
    return in_angles && t == ">" ? close_angle() : false;
  }

  const token_list& tokens_;
  std::uint32_t i_;
  bool wants_operand_ = true;
  bool may_have_arguments_ = false; // the operand is a name
  bool failed_ = false;
  std::vector<level> levels_; // the type itself, then every `<` that is open
};

} // namespace

std::uint32_t end_of_type(const token_list& tokens, std::uint32_t begin) {
  return type_reader{tokens, begin}.run(false);
}

std::uint32_t end_of_angles(const token_list& tokens, std::uint32_t begin) {
  return type_reader{tokens, begin}.run(true);
}

} // namespace zako::transpile
