/* What a step of the lexer does with characters outside ASCII and at the end. */

#include <grammar_lexer.h>

void grammar_lexer_decode(grammar_lexer* self) {
  const unsigned char* p = self->at;
  if (p >= self->end) {
    self->base.lookahead = 0;
    self->width = 0;
  } else if (*p < 0xe0) {
    self->base.lookahead = (*p & 0x1f) << 6 | (p[1] & 0x3f);
    self->width = 2;
  } else if (*p < 0xf0) {
    self->base.lookahead = (*p & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    self->width = 3;
  } else {
    self->base.lookahead =
        (*p & 0x07) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    self->width = 4;
  }
}
