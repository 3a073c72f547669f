// Ways around the grammar's gaps: types that it cannot parse are overwritten, in a copy of the same
// length that only the parser sees, by types that it can. What is emitted comes from the original,
// and only when everything that was overwritten is erased there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scripting/transpile/text.hpp"
#include "scripting/transpile/tokens.hpp"

namespace zako::transpile {

class repair {
public:
  explicit repair(std::string_view source);

  /// Overwrites more, near the errors of the last parse; false when there is nothing left to try.
  bool improve(const std::vector<byte_range>& errors);
  [[nodiscard]] const std::string& text() const { return text_; }
  /// What has been overwritten, in the order of the text.
  [[nodiscard]] std::vector<byte_range> overwritten() const;

private:
  std::string_view text_of(std::size_t i) const;
  bool is(std::size_t i, std::string_view text) const { return text_of(i) == text; }
  bool is_word(std::size_t i) const {
    return i < tokens_.size() && tokens_[i].what == token_kind::word;
  }
  std::size_t skip_generics(std::size_t i) const;
  std::size_t end_of_type(std::size_t i) const;
  bool overwrite(std::uint32_t begin, std::uint32_t end, char with);

  bool mask_variance();
  bool mask_returned_generics();
  bool mask_declarations(const std::vector<byte_range>& errors);
  bool mask_interface(std::size_t i, const std::vector<byte_range>& errors);
  bool mask_alias(std::size_t i, const std::vector<byte_range>& errors);
  bool mask_annotation(std::size_t i, const std::vector<byte_range>& errors);

  std::string_view source_;
  std::string text_;
  std::vector<token> tokens_;
  bool small_ones_done_ = false;
};

} // namespace zako::transpile
