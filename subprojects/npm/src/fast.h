/* Replaces the macros of tree_sitter/parser.h that the generated lexers are written in: see
 * grammar_lexer.h. Included before a grammar's parser.c. */

#include <grammar_lexer.h>

#undef START_LEXER
#define START_LEXER()                                                                              \
  bool result = false;                                                                             \
  bool skip = false;                                                                               \
  UNUSED bool eof = false;                                                                         \
  int32_t lookahead;                                                                               \
  goto start;                                                                                      \
  next_state:                                                                                      \
  grammar_lexer_step(lexer, skip);                                                                 \
  start:                                                                                           \
  skip = false;                                                                                    \
  lookahead = lexer->lookahead;

#undef ACCEPT_TOKEN
#define ACCEPT_TOKEN(symbol_value)                                                                 \
  result = true;                                                                                   \
  lexer->result_symbol = symbol_value;                                                             \
  grammar_lexer_mark(lexer);

/* `'(', 90, ')', 92, …` as an array with 90 at '(' and 92 at ')': no state is the target 0. */
#define TARGETS_PARENTHESES ()
#define TARGETS_EXPAND(...) TARGETS_EXPAND3(TARGETS_EXPAND3(TARGETS_EXPAND3(__VA_ARGS__)))
#define TARGETS_EXPAND3(...) TARGETS_EXPAND2(TARGETS_EXPAND2(TARGETS_EXPAND2(__VA_ARGS__)))
#define TARGETS_EXPAND2(...) TARGETS_EXPAND1(TARGETS_EXPAND1(TARGETS_EXPAND1(__VA_ARGS__)))
#define TARGETS_EXPAND1(...) TARGETS_EXPAND0(TARGETS_EXPAND0(TARGETS_EXPAND0(__VA_ARGS__)))
#define TARGETS_EXPAND0(...) __VA_ARGS__
#define TARGETS_PAIR(character, target, ...)                                                       \
  [character] = target, __VA_OPT__(TARGETS_AGAIN TARGETS_PARENTHESES(__VA_ARGS__))
#define TARGETS_AGAIN() TARGETS_PAIR

#undef ADVANCE_MAP
#define ADVANCE_MAP(...)                                                                           \
  {                                                                                                \
    static const uint16_t targets[] = {TARGETS_EXPAND(TARGETS_PAIR(__VA_ARGS__))};                 \
    if ((uint32_t)lookahead < sizeof targets / sizeof *targets && targets[lookahead] != 0) {       \
      state = targets[lookahead];                                                                  \
      goto next_state;                                                                             \
    }                                                                                              \
  }
