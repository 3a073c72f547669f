/* The entry points of the grammars: tables for scripting/transpile/, compiled for the lexer of
 * grammar_lexer.h. */

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TSLanguage TSLanguage;

/* Plain TypeScript: `<T>x` is a cast. */
const TSLanguage* zako_grammar_typescript(void);

/* TypeScript with JSX: `<T>x` opens an element. */
const TSLanguage* zako_grammar_tsx(void);

/* The same as their package has them, for tree-sitter's own runtime: the tests compare with it. */
const TSLanguage* tree_sitter_typescript(void);
const TSLanguage* tree_sitter_tsx(void);

#ifdef __cplusplus
}
#endif
