// TypeScript as a flat run of tokens: enough to find brackets and words for repairs, with no tree
// and no guarantee.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace zako::transpile {

enum class token_kind : std::uint8_t {
  word,
  number,
  text,
  sign
}; // text: strings, templates' parts, regular expressions

struct token {
  std::uint32_t begin;
  std::uint32_t end;
  token_kind what;
  bool after_line_break;
};

/// Comments and white space are left out. Signs are single characters but for `=>`. Empty when the
/// source does not end where its strings and templates do.
std::vector<token> scan_tokens(std::string_view source);

} // namespace zako::transpile
