// TypeScript as a flat run of tokens: enough to find brackets, words and types for repairs, with no
// tree and no guarantee.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace zako::transpile {

enum class token_kind : std::uint8_t {
  word,
  number,
  text,
  sign
}; // text: strings, templates' parts, regular expressions

constexpr std::uint32_t no_token = std::numeric_limits<std::uint32_t>::max();

struct token {
  std::uint32_t begin;
  std::uint32_t end;
  token_kind what;
  bool after_line_break;
  std::uint32_t partner = no_token; // of a bracket, but for `<` and `>`, or a template's first
                                    // part: what closes it, and back
};

/// Comments and white space are left out. Signs are single characters but for `=>`. Empty when the
/// source does not end where its templates do; with `part`, all up to there.
std::vector<token> scan_tokens(std::string_view source, bool part = false);

/// The tokens of one source, by number. Numbers past the end are allowed everywhere.
class token_list {
public:
  explicit token_list(std::string_view source, bool part = false)
      : source_(source), all_(scan_tokens(source, part)) {}

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(all_.size()); }
  [[nodiscard]] const token& operator[](std::uint32_t i) const { return all_[i]; }
  [[nodiscard]] std::string_view text(std::uint32_t i) const {
    return i < all_.size() ? source_.substr(all_[i].begin, all_[i].end - all_[i].begin)
                           : std::string_view{};
  }
  [[nodiscard]] bool is(std::uint32_t i, std::string_view text) const {
    return this->text(i) == text;
  }
  [[nodiscard]] bool is_word(std::uint32_t i) const {
    return i < all_.size() && all_[i].what == token_kind::word;
  }
  [[nodiscard]] bool starts_line(std::uint32_t i) const {
    return i < all_.size() && all_[i].after_line_break;
  }
  /// Nothing stands between the two.
  [[nodiscard]] bool adjacent(std::uint32_t i) const {
    return i + 1 < all_.size() && all_[i].end == all_[i + 1].begin;
  }
  /// The token behind the bracket that closes the one at `i`; no_token when there is none.
  [[nodiscard]] std::uint32_t behind_partner(std::uint32_t i) const {
    auto partner = i < all_.size() ? all_[i].partner : no_token;
    return partner == no_token || partner < i ? no_token : partner + 1;
  }
  /// The first token that ends behind an offset.
  [[nodiscard]] std::uint32_t at(std::uint32_t offset) const;

private:
  std::string_view source_;
  std::vector<token> all_;
};

/// Where the type that begins at a token ends, as TypeScript reads types: the first token behind
/// it, or no_token when there is no type. What brackets hold is not looked at.
std::uint32_t end_of_type(const token_list& tokens, std::uint32_t begin);
/// The same for `<…>`, with or without constraints, defaults and modifiers.
std::uint32_t end_of_angles(const token_list& tokens, std::uint32_t begin);

/// A word that cannot be a name.
bool is_reserved(std::string_view word);

/// The tokens in [begin, end) are a type; type arguments or parameters with their signs; what
/// follows an interface's name. All that is in brackets is looked at, too.
bool is_type(const token_list& tokens, std::uint32_t begin, std::uint32_t end);
bool are_arguments(const token_list& tokens, std::uint32_t begin, std::uint32_t end);
bool are_parameters(const token_list& tokens, std::uint32_t begin, std::uint32_t end);
bool are_angles(const token_list& tokens, std::uint32_t begin, std::uint32_t end);
bool is_interface_tail(const token_list& tokens, std::uint32_t begin, std::uint32_t end);

} // namespace zako::transpile
