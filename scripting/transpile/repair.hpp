// Ways around the grammar's gaps: what it cannot parse is overwritten, in a copy of the same length
// that only the parser sees, by something that it can. What is emitted comes from the original.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scripting/transpile/text.hpp"
#include "scripting/transpile/tokens.hpp"

namespace zako::transpile {

/// What is to become of text that the parser has not seen.
enum class masked : std::uint8_t {
  type,   // it is part of something that is erased; otherwise the repair was wrong
  erased, // nothing is left of it
  kept,   // it stays: the parser has seen something that is used in the same way
};

struct masked_range : byte_range {
  masked how;
};

/// True when the grammar may take parts of the source for something else without noticing: a
/// template's tag with type arguments for comparisons, and some words for names where a line ends
/// behind them. Then mask_known() before parsing.
bool misleads_grammar(std::string_view source);

class repair {
public:
  explicit repair(std::string_view source);

  /// Overwrites everything in the file that is known not to be in the grammar, once.
  bool mask_known();
  /// Overwrites more, near the token that did not fit in the statement that begins at `statement`;
  /// false when there is nothing left to try.
  bool improve(const byte_range& failing, std::uint32_t statement);
  [[nodiscard]] const std::string& text() const { return text_; }
  /// What has been overwritten, in the order of the text.
  [[nodiscard]] std::vector<masked_range> overwritten() const;

private:
  using index = std::uint32_t; // of a token

  bool is(index i, std::string_view text) const { return tokens_.is(i, text); }
  bool put(std::uint32_t begin, std::uint32_t end, char with, masked how);
  bool put(index token, std::string_view with, masked how);
  bool blank(index first, index last, masked how); // both inclusive

  bool mask_word(index i);
  bool mask_casts_in_pattern(index failing);
  [[nodiscard]] bool inside_angles(index i) const;
  bool mask_import_type(index i);
  bool mask_using(index i);
  bool mask_modifiers(index i);
  bool mask_tag_arguments(index i);
  bool mask_word_arguments(index i);
  bool mask_generator(index i);
  bool mask_declaration(index i, const byte_range& error);
  bool mask_interface(index i, const byte_range& error);
  bool mask_alias(index i, const byte_range& error);
  bool mask_type(index begin, index end);
  bool mask_types_around(index failing, index first);

  std::string_view source_;
  std::string text_;
  token_list tokens_;
  std::vector<masked_range> masks_;
  bool known_done_ = false;
  int endless_angles_ = 0; // `<word` that no type arguments begin with
};

} // namespace zako::transpile
