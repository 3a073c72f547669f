// Changes to a text as byte ranges, collected in any order and applied at once.
//
// Blanking keeps every line and column behind it; replacing and inserting may move what follows on
// the line. Ranges must not overlap; inserts at one place keep the order in which they were made
// and come before a range that begins there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

/// A stretch of output and the input it stands for.
struct mapped_piece {
  std::uint32_t output;
  std::uint32_t source;
  std::uint32_t length; // in the output
  bool kept;            // copied from the source, character for character
};

struct edited_text {
  std::string text;
  std::uint32_t moving = 0;         // changes that give what is behind them another line or column
  std::vector<mapped_piece> pieces; // ordered; empty unless something moves, or asked for
};

/// A place in the source that is looked up in the output: one between two pieces of kept text, if
/// nothing is inserted there and it does not vanish.
struct edit_stop {
  static constexpr std::uint32_t nowhere = 0xffffffff;

  std::uint32_t source;
  std::uint32_t output = nowhere;
  std::uint32_t moving = 0; // changes before it that move what is behind them
};

/// What to apply edits to.
struct edit_scope {
  std::uint32_t begin = 0;
  std::uint32_t end = edit_stop::nowhere;  // or the text's
  bool pieces = false;                     // note them even when nothing moves
  std::vector<edit_stop>* stops = nullptr; // in the order of the text; to be filled in
};

class edit_list {
public:
  /// Spaces, with the line breaks kept; `lead` stands in the first column.
  void blank(std::uint32_t begin, std::uint32_t end, char lead = ' ');
  /// The same where nothing else removes the range. Made behind all others.
  void blank_rest(std::uint32_t begin, std::uint32_t end);
  void replace(std::uint32_t begin, std::uint32_t end, std::string text);
  void insert(std::uint32_t at, std::string text) { replace(at, at, std::move(text)); }
  /// Inserts at the end of something that begins at `begin`: of several that end together the inner
  /// comes first.
  void close(std::uint32_t at, std::string text, std::uint32_t begin);
  /// Moves a range, with what is changed in it, to a place behind it. Made before any other edit of
  /// the range.
  void move(std::uint32_t begin, std::uint32_t end, std::uint32_t to);
  void clear() {
    edits_.clear();
    moves_ = 0;
  }
  [[nodiscard]] bool empty() const { return edits_.empty(); }

  /// True when no byte of the range is kept. Only after `apply`.
  [[nodiscard]] bool removes(std::uint32_t begin, std::uint32_t end) const;

  /// False when two edits overlap: the caller's bug.
  [[nodiscard]] bool apply(std::string_view source, edited_text& out, const edit_scope& scope = {});

private:
  enum class action : std::uint8_t { blank, blank_rest, replace, cut, uncut, paste };
  struct edit {
    std::uint32_t begin;
    std::uint32_t end;
    action what;
    char lead;
    std::string text;
    std::uint32_t
        opened; // where the thing begins that an insert closes; the largest number for all others
    std::uint32_t moved = 0; // which move a cut, uncut or paste belongs to
  };
  void order();

  std::vector<edit> edits_;
  std::vector<byte_range> removed_; // by the last `apply`, in the order of the text
  std::uint32_t moves_ = 0;
};

} // namespace zako::transpile
