// One token at a time, as the grammar's generated lexer reads it in a given state of the parser.
//
// What a source mostly consists of (white space, comments, words, brackets) is read here directly;
// the generated code and the grammar's scanner are asked for the rest, and for everything where a
// state reads differently (inside strings, templates, regular expressions and JSX text).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <grammar_lexer.h>

#include "scripting/transpile/grammar.hpp"
#include "scripting/transpile/text.hpp"

namespace zako::transpile {

/// A lexer of the generated code before the first character of a text.
grammar_lexer begin_lexing(std::string_view text);

struct lexeme {
  std::uint32_t begin;
  std::uint32_t end;
  TSSymbol symbol;
  TSStateId state; // in which it was read
  bool keyword;    // may also be an identifier
};

class lexer {
public:
  /// `text` must be well-formed UTF-8 without NUL and outlive its use.
  void start(std::string_view text, const grammar& g);

  /// Reads the token at `position`; comments are tokens. False when no token of that state begins
  /// there.
  bool next(TSStateId state, std::uint32_t position, const transition_table& table, lexeme& out);

  /// The word or the sign that is next from `position` on, behind white space and comments.
  [[nodiscard]] byte_range next_word(std::uint32_t position) const;
  [[nodiscard]] char at(std::uint32_t position) const {
    return static_cast<char>(begin_[position]);
  }
  [[nodiscard]] bool has_line_break_between(std::uint32_t begin, std::uint32_t end) const {
    return has_line_break({reinterpret_cast<const char*>(begin_) + begin, end - begin});
  }

  /// No byte from here on has been looked at since `start`, or since this was set back.
  [[nodiscard]] std::uint32_t looked_at() const { return looked_at_; }
  void set_looked_at(std::uint32_t position) { looked_at_ = position; }

private:
  /// How a state of the generated lexer reads.
  enum class manner : std::uint8_t {
    unknown,
    ordinary, // white space is skipped, words are identifiers, comments are comments
    string,   // the inside of a string
    special,  // something else: the generated lexer is asked for everything
  };

  bool ask_scanner(unsigned external_state, std::uint32_t position, lexeme& out);
  bool may_scan(const bool* valid, const unsigned char* at) const;
  bool ask_generated(TSStateId lex_state, const unsigned char* at, lexeme& out);
  manner manner_of(TSStateId lex_state);
  void note_look(const unsigned char* at);
  void place(const unsigned char* at);
  void take(lexeme& out) const;

  const grammar* grammar_ = nullptr;
  const unsigned char* begin_ = nullptr;
  const unsigned char* end_ = nullptr;
  grammar_lexer lexer_{};
  std::vector<manner> manners_; // by lexer state
  std::uint32_t looked_at_ = 0;

  /// Between the two places, which nothing but white space and comments separates, the scanner
  /// finds no semicolon that is not written. Otherwise it would read a row of comments again for
  /// each.
  struct {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    unsigned external_state = 0;
  } no_semicolon_;
};

} // namespace zako::transpile
