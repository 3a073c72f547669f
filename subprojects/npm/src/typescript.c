/* The typescript grammar and its scanner with the lexer of grammar_lexer.h, under names of their
 * own. */

#include "fast.h"

#define tree_sitter_typescript zako_grammar_typescript
#define tree_sitter_typescript_external_scanner_create zako_grammar_typescript_scanner_create
#define tree_sitter_typescript_external_scanner_destroy zako_grammar_typescript_scanner_destroy
#define tree_sitter_typescript_external_scanner_scan zako_grammar_typescript_scanner_scan
#define tree_sitter_typescript_external_scanner_serialize zako_grammar_typescript_scanner_serialize
#define tree_sitter_typescript_external_scanner_deserialize                                        \
  zako_grammar_typescript_scanner_deserialize

#include "parser.c"
#include "scanner.c"
