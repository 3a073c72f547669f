/* The entry points of the two grammars, which their npm package declares only for its own language
 * bindings. */

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TSLanguage TSLanguage;

/* Plain TypeScript: `<T>x` is a cast. */
const TSLanguage* tree_sitter_typescript(void);

/* TypeScript with JSX: `<T>x` opens an element. */
const TSLanguage* tree_sitter_tsx(void);

#ifdef __cplusplus
}
#endif
