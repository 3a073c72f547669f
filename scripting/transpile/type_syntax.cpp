// Reads types as TypeScript's parser does, with all that is in their brackets: what a repair hides
// from the grammar must be right.
#include <algorithm>

#include "scripting/transpile/tokens.hpp"

namespace zako::transpile {

namespace {

constexpr int max_depth = 300; // types in types; deeper ones count as wrong

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

} // namespace

bool is_reserved(std::string_view text) {
  return is_one_of(text,
                   {"break",   "case",   "catch",    "class",  "const",  "continue", "debugger",
                    "default", "delete", "do",       "else",   "enum",   "export",   "extends",
                    "finally", "for",    "function", "if",     "import", "in",       "instanceof",
                    "new",     "return", "super",    "switch", "throw",  "try",      "typeof",
                    "var",     "while",  "with"});
}

namespace {

/// Each function reads one construct from `i_` on, or answers false.
class type_parser {
public:
  type_parser(const token_list& tokens, std::uint32_t begin) : tokens_(tokens), i_(begin) {}

  [[nodiscard]] std::uint32_t at() const { return i_; }

  bool type(bool conditional = true) {
    if (++depth_ > max_depth)
      return false;
    bool good =
        begins_function() ? function() : union_type(conditional) && rest_of_test(conditional);
    --depth_;
    return good;
  }

  bool parameters_of_type() {
    return list("<", ">", [this] {
      while (is_one_of(text(), {"const", "in", "out"}) && tokens_.is_word(i_ + 1) &&
             text(1) != "extends")
        ++i_;
      if (!name())
        return false;
      return (!take("extends") || type()) && (!take("=") || type());
    });
  }

  bool arguments_of_type() {
    return list("<", ">", [this] { return type(); });
  }

  /// `{ … }` of an interface or a type.
  bool members() {
    auto end = tokens_.behind_partner(i_);
    if (end == no_token || !take("{"))
      return false;
    while (i_ + 1 < end) {
      if (!member())
        return false;
      if (!take(";") && !take(",") && i_ + 1 != end && !tokens_.starts_line(i_))
        return false;
    }
    return take("}") && i_ == end;
  }

  /// `extends A<B>, C.D`, if there is one.
  bool heritage() {
    if (!take("extends"))
      return true;
    do {
      if (!entity() || (is("<") && !arguments_of_type()))
        return false;
    } while (take(","));
    return true;
  }

private:
  [[nodiscard]] std::string_view text(std::uint32_t ahead = 0) const {
    return tokens_.text(i_ + ahead);
  }
  [[nodiscard]] bool is(std::string_view t) const { return tokens_.is(i_, t); }
  bool take(std::string_view t) {
    if (!is(t))
      return false;
    ++i_;
    return true;
  }
  bool jump() {
    auto to = tokens_.behind_partner(i_);
    if (to == no_token)
      return false;
    i_ = to;
    return true;
  }
  [[nodiscard]] bool here() const {
    return !tokens_.starts_line(i_);
  } // on the line of what precedes
  bool name() {
    if (!tokens_.is_word(i_) || is_reserved(text()) || text()[0] == '@' || text()[0] == '#')
      return false;
    ++i_;
    return true;
  }
  bool entity() {
    if (!name())
      return false;
    while (is(".") && tokens_.is_word(i_ + 1))
      i_ += 2;
    return true;
  }

  /// At least one item, separated by commas; one more comma may stand behind the last.
  template <class Item>
  bool list(std::string_view open, std::string_view close, const Item& item) {
    if (!take(open))
      return false;
    do {
      if (!item())
        return false;
    } while (take(",") && !is(close));
    return take(close);
  }

  [[nodiscard]] bool begins_function() const {
    auto i = i_ + (is("abstract") && text(1) == "new" ? 1 : 0);
    if (tokens_.is(i, "new") || tokens_.is(i, "<"))
      return true;
    auto behind = tokens_.is(i, "(") ? tokens_.behind_partner(i) : no_token;
    return behind != no_token && tokens_.is(behind, "=>");
  }

  bool function() {
    take("abstract");
    take("new");
    return (!is("<") || parameters_of_type()) && parameters() && take("=>") && type();
  }

  bool parameters() {
    auto end = tokens_.behind_partner(i_);
    if (end == no_token || !take("("))
      return false;
    if (i_ + 1 == end)
      return take(")");
    --i_;
    return list("(", ")", [this] { return parameter(); }) && i_ == end;
  }

  bool parameter() {
    bool rest = false;
    if (is(".")) { // `...` is three signs
      rest = take(".") && take(".") && take(".");
      if (!rest)
        return false;
    }
    while (is_one_of(text(), {"public", "private", "protected", "readonly", "override"}) &&
           tokens_.is_word(i_ + 1))
      ++i_;
    if (is("{") || is("[") ? !jump() : !name())
      return false;
    take("?");
    return !take(":") || type();
  }

  bool rest_of_test(bool conditional) {
    if (!conditional || !is("extends") || !here())
      return true;
    ++i_;
    return type(false) && take("?") && type() && take(":") && type();
  }

  bool union_type(bool conditional) {
    take("|");
    do {
      take("&");
      do {
        if (begins_function() ? !function() : !operand(conditional))
          return false;
      } while (is("&") && !is_operator() && take("&"));
    } while (is("|") && !is_operator() && take("|"));
    return true;
  }

  /// `||`, `&=` and the like end a type.
  [[nodiscard]] bool is_operator() const {
    return tokens_.adjacent(i_) && (text(1) == text() || text(1) == "=");
  }

  bool operand(bool conditional) {
    while (take("keyof") || take("unique") || take("readonly")) {
    }
    if (take("infer")) {
      if (!name())
        return false;
      auto behind_name = i_;
      if (is("extends") && here()) {
        ++i_;
        if (!type(false) || (conditional && is("?")))
          i_ = behind_name; // it is the test of a conditional type
      }
      return true;
    }
    if (!primary())
      return false;
    while (is("[") && here()) {
      ++i_;
      if (!is("]") && !type())
        return false;
      if (!take("]"))
        return false;
    }
    return true;
  }

  bool arguments_if_any() { return !is("<") || !here() || arguments_of_type(); }

  bool primary() {
    if (i_ >= tokens_.size())
      return false;
    auto t = text();
    switch (tokens_[i_].what) {
    case token_kind::number:
      ++i_;
      return true;
    case token_kind::text:
      return t[0] == '`' ? template_type() : (t[0] == '"' || t[0] == '\'') && ++i_ != 0;
    case token_kind::sign:
      if (t == "-")
        return ++i_ < tokens_.size() && tokens_[i_].what == token_kind::number && ++i_ != 0;
      if (t == "(")
        return take("(") && type() && take(")");
      if (t == "[")
        return tuple();
      return t == "{" && (is_mapped() ? mapped() : members());
    case token_kind::word:
      break;
    }
    return t == "import" ? import_type() : t == "typeof" ? query() : reference();
  }

  bool template_type() {
    if (tokens_[i_].partner == no_token) { // without substitutions
      ++i_;
      return true;
    }
    auto end = tokens_.behind_partner(i_);
    if (end == no_token)
      return false;
    for (++i_; type() && i_ < end && tokens_[i_].what == token_kind::text && text()[0] == '}';)
      if (++i_ == end)
        return true;
    return false;
  }

  bool import_type() {
    if (text(1) != "(" || i_ + 2 >= tokens_.size() || tokens_[i_ + 2].what != token_kind::text)
      return false;
    auto behind = i_ + 3; // what stands behind the module's name
    bool plain = tokens_.is(behind, ")") || tokens_.is(behind, ",");
    ++i_;
    if (!plain || !jump())
      return false;
    while (is(".") && tokens_.is_word(i_ + 1))
      i_ += 2;
    return arguments_if_any();
  }

  bool query() {
    ++i_;
    if (is("import"))
      return import_type();
    if (!take("this") && !name())
      return false;
    while (is(".") && tokens_.is_word(i_ + 1))
      i_ += 2;
    return arguments_if_any();
  }

  bool reference() {
    if (is("asserts") && tokens_.is_word(i_ + 1) && !tokens_.starts_line(i_ + 1) &&
        !is_one_of(text(1), {"extends", "is"})) {
      i_ += 2;
      return !take("is") || type();
    }
    if (take("void") || take("null") || take("this")) {
    } else if (!entity()) {
      return false;
    }
    if (is("is") && here())
      return take("is") && type();
    return arguments_if_any();
  }

  bool tuple() {
    auto end = tokens_.behind_partner(i_);
    if (end == no_token)
      return false;
    if (i_ + 2 == end)
      return jump();
    return list("[", "]", [this] {
      if (is(".") && !(take(".") && take(".") && take(".")))
        return false;
      if (tokens_.is_word(i_) && (text(1) == ":" || (text(1) == "?" && text(2) == ":")))
        i_ += text(1) == ":" ? 2 : 3;
      if (!type())
        return false;
      take("?");
      return true;
    });
  }

  [[nodiscard]] bool is_mapped() const {
    auto i = i_ + 1;
    if (tokens_.is(i, "+") || tokens_.is(i, "-"))
      return true;
    i += tokens_.is(i, "readonly");
    return tokens_.is(i, "[") && tokens_.is_word(i + 1) && tokens_.is(i + 2, "in");
  }

  bool mapped() {
    take("{");
    if (is("+") || is("-"))
      ++i_;
    take("readonly");
    if (!take("[") || !name() || !take("in") || !type() || (take("as") && !type()) || !take("]"))
      return false;
    if (is("+") || is("-"))
      ++i_;
    take("?");
    if (take(":") && !type())
      return false;
    take(";");
    take(",");
    return take("}");
  }

  bool signature() {
    return (!is("<") || parameters_of_type()) && parameters() && (!take(":") || type());
  }

  [[nodiscard]] bool name_follows() const {
    auto i = i_ + 1;
    return i < tokens_.size() && !tokens_.starts_line(i) &&
           (tokens_[i].what != token_kind::sign || tokens_.is(i, "["));
  }

  bool member() {
    if (is("(") || is("<"))
      return signature();
    if (is("new") && (text(1) == "(" || text(1) == "<")) {
      ++i_;
      return signature();
    }
    while (is_one_of(text(), {"readonly", "public", "private", "protected", "static"}) &&
           name_follows())
      ++i_;
    bool accessor = (is("get") || is("set")) && name_follows();
    i_ += accessor;
    bool index = is("[") && tokens_.is_word(i_ + 1) && text(2) == ":";
    if (index) {
      i_ += 3;
      return type() && take("]") && take(":") && type();
    }
    bool computed = is("[");
    if (computed ? !jump() : i_ >= tokens_.size() || tokens_[i_].what == token_kind::sign)
      return false;
    if (!computed)
      ++i_;
    if (accessor && !is("("))
      return false;
    return rest_of_member();
  }

  bool rest_of_member() {
    take("?");
    if (is("(") || is("<"))
      return signature();
    return !take(":") || type();
  }

  const token_list& tokens_;
  std::uint32_t i_;
  int depth_ = 0;
};

} // namespace

bool is_type(const token_list& tokens, std::uint32_t begin, std::uint32_t end) {
  type_parser p{tokens, begin};
  return p.type() && p.at() == end;
}

bool are_arguments(const token_list& tokens, std::uint32_t begin, std::uint32_t end) {
  type_parser p{tokens, begin};
  return p.arguments_of_type() && p.at() == end;
}

bool are_parameters(const token_list& tokens, std::uint32_t begin, std::uint32_t end) {
  type_parser p{tokens, begin};
  return p.parameters_of_type() && p.at() == end;
}

bool are_angles(const token_list& tokens, std::uint32_t begin, std::uint32_t end) {
  return are_arguments(tokens, begin, end) || are_parameters(tokens, begin, end);
}

bool is_interface_tail(const token_list& tokens, std::uint32_t begin, std::uint32_t end) {
  type_parser p{tokens, begin};
  return (!tokens.is(begin, "<") || p.parameters_of_type()) && p.heritage() && p.members() &&
         p.at() == end;
}

} // namespace zako::transpile
