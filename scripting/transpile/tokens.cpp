// Splits a source into tokens; knows strings, templates with what is nested in them, comments and
// regular expressions.
#include "scripting/transpile/tokens.hpp"

#include <algorithm>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

namespace {

class scanner {
public:
  explicit scanner(std::string_view source) : source_(source) {}

  std::vector<token> run(bool part) {
    if (source_.substr(0, 2) == "#!")
      at_ = std::min(source_.find('\n'), source_.size());
    while (true) {
      auto start = at_;
      at_ = skip_trivia(source_, at_);
      line_break_ = has_line_break(source_.substr(start, at_ - start));
      if (at_ >= source_.size())
        break;
      if (!scan())
        return part ? std::move(tokens_) : std::vector<token>{};
    }
    return part || templates_.empty() ? std::move(tokens_) : std::vector<token>{};
  }

private:
  bool scan() {
    auto begin = at_;
    char c = source_[at_];
    if (c == '"' || c == '\'') {
      if (quoted(c))
        return add(begin, token_kind::text);
      at_ = begin + 1; // in JSX text
      return add(begin, token_kind::sign);
    }
    if (c == '`') {
      ++at_;
      auto depth = templates_.size();
      if (!template_part())
        return false;
      if (templates_.size() > depth)
        templates_.back().first = next_token();
      return add(begin, token_kind::text);
    }
    if (is_digit(c) || (c == '.' && at_ + 1 < source_.size() && is_digit(source_[at_ + 1]))) {
      while (at_ < source_.size() && (is_word(source_[at_]) || source_[at_] == '.'))
        ++at_;
      return add(begin, token_kind::number);
    }
    if (is_word(c) || c == '#' || c == '@') {
      for (++at_; at_ < source_.size() && is_word(source_[at_]);)
        ++at_;
      return add(begin, token_kind::word);
    }
    if (c == '/' && regex_may_begin()) {
      if (regex())
        return add(begin, token_kind::text);
      at_ = begin + 1;
      return add(begin, token_kind::sign);
    }
    if (c == '}' && !templates_.empty() && brackets_.size() == templates_.back().brackets) {
      auto first = templates_.back().first;
      templates_.pop_back();
      ++at_;
      auto depth = templates_.size();
      if (!template_part())
        return false;
      if (templates_.size() > depth)
        templates_.back().first = first;
      else
        join(first);
      return add(begin, token_kind::text);
    }
    at_ += source_.compare(at_, 2, "=>") == 0 ? 2 : 1;
    match(c);
    return add(begin, token_kind::sign);
  }

  std::uint32_t next_token() const { return static_cast<std::uint32_t>(tokens_.size()); }

  /// The token that is about to be added closes the one at `open`.
  void join(std::uint32_t open) {
    tokens_[open].partner = next_token();
    partner_ = open;
  }

  void match(char c) {
    if (c == '(' || c == '[' || c == '{')
      return brackets_.push_back(next_token());
    char open = c == ')' ? '(' : c == ']' ? '[' : c == '}' ? '{' : '\0';
    auto least = templates_.empty() ? 0 : templates_.back().brackets;
    if (open == '\0' || brackets_.size() <= least ||
        source_[tokens_[brackets_.back()].begin] != open)
      return;
    join(brackets_.back());
    brackets_.pop_back();
  }

  bool add(std::size_t begin, token_kind what) {
    tokens_.push_back({.begin = static_cast<std::uint32_t>(begin),
                       .end = static_cast<std::uint32_t>(at_),
                       .what = what,
                       .after_line_break = line_break_,
                       .partner = partner_});
    partner_ = no_token;
    return true;
  }

  bool quoted(char quote) {
    for (++at_; at_ < source_.size(); ++at_) {
      if (source_[at_] == '\\')
        ++at_;
      else if (source_[at_] == '\n')
        return false;
      else if (source_[at_] == quote)
        return ++at_, true;
    }
    return false;
  }

  /// Up to the end of the template or the next `${`.
  bool template_part() {
    for (; at_ < source_.size(); ++at_) {
      if (source_[at_] == '\\') {
        ++at_;
      } else if (source_[at_] == '`') {
        return ++at_, true;
      } else if (source_.compare(at_, 2, "${") == 0) {
        at_ += 2;
        templates_.push_back({.first = 0, .brackets = brackets_.size()});
        return true;
      }
    }
    return false;
  }

  bool regex_may_begin() const {
    if (tokens_.empty())
      return true;
    auto& last = tokens_.back();
    auto text = source_.substr(last.begin, last.end - last.begin);
    if (last.what == token_kind::word) {
      constexpr std::string_view words[] = {"return", "typeof", "case", "in",   "of",    "void",
                                            "delete", "throw",  "do",   "else", "yield", "await"};
      return std::find(std::begin(words), std::end(words), text) != std::end(words);
    }
    if (text == ")" && last.partner != no_token && last.partner > 0) {
      auto& word = tokens_[last.partner - 1];
      auto before = source_.substr(word.begin, word.end - word.begin);
      return before == "if" || before == "while" || before == "for" || before == "with";
    }
    return last.what == token_kind::sign && text != ")" && text != "]" && text != "}";
  }

  bool regex() {
    bool in_class = false;
    for (++at_; at_ < source_.size() && source_[at_] != '\n'; ++at_) {
      char c = source_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '/' && !in_class) {
        for (++at_; at_ < source_.size() && is_word(source_[at_]);)
          ++at_;
        return true;
      } else if (c == '[' || c == ']') {
        in_class = c == '[';
      }
    }
    return false;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  bool line_break_ = false;
  std::vector<token> tokens_;
  std::uint32_t partner_ = no_token;    // of the token that is about to be added
  std::vector<std::uint32_t> brackets_; // that are open
  struct open_template {
    std::uint32_t first;  // its first part
    std::size_t brackets; // that were open at its `${`
  };
  std::vector<open_template> templates_;
};

} // namespace

std::uint32_t token_list::at(std::uint32_t offset) const {
  auto found = std::partition_point(all_.begin(), all_.end(),
                                    [offset](const token& t) { return t.end <= offset; });
  return static_cast<std::uint32_t>(found - all_.begin());
}

std::vector<token> scan_tokens(std::string_view source, bool part) {
  return scanner{source}.run(part);
}

} // namespace zako::transpile
