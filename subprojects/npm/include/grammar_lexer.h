/* The lexer that the grammars' generated code reads from, in place of the one of tree-sitter's own
 * runtime.
 *
 * The generated code asks for a character at a time through a pointer to a function. Here the text
 * lies in memory as a whole, so the wrappers in src/ compile that code with steps that are inlined
 * and with jump tables for what a token may begin with. Lexers of another runtime must not be given
 * to grammars compiled this way. */

#pragma once

#include <stdbool.h>

#include <tree_sitter/parser.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grammar_lexer {
  TSLexer base;            /* first: the generated code has a pointer to it */
  const unsigned char* at; /* the current character, which is base.lookahead, or the end */
  const unsigned char* end;
  const unsigned char* token_begin; /* behind the white space that was skipped */
  const unsigned char* token_end;   /* null until marked */
  unsigned width;                   /* of the current character in bytes, 0 at the end */
} grammar_lexer;

/* Decodes the character at `at`: well-formed UTF-8, or the end. */
void grammar_lexer_decode(grammar_lexer* self);

static inline void grammar_lexer_load(grammar_lexer* self) {
  if (self->at < self->end && *self->at < 0x80) {
    self->base.lookahead = *self->at;
    self->width = 1;
  } else {
    grammar_lexer_decode(self);
  }
}

static inline void grammar_lexer_step(TSLexer* lexer, bool skip) {
  grammar_lexer* self = (grammar_lexer*)lexer;
  self->at += self->width;
  if (skip)
    self->token_begin = self->at;
  grammar_lexer_load(self);
}

static inline void grammar_lexer_mark(TSLexer* lexer) {
  grammar_lexer* self = (grammar_lexer*)lexer;
  self->token_end = self->at;
}

#ifdef __cplusplus
}
#endif
