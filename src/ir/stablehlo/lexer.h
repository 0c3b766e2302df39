// The words of MLIR: one token ahead of the reader.
#ifndef IR_STABLEHLO_LEXER_H
#define IR_STABLEHLO_LEXER_H

#include "ir/stablehlo/syntax.h"

typedef enum sh_token_kind {
    SH_TOKEN_END,
    SH_TOKEN_WORD,   // stablehlo.add, tensor, true
    SH_TOKEN_NUMBER, // -1, 1e-5, 0x7FC0
    SH_TOKEN_STRING, // without quotes
    SH_TOKEN_VALUE,  // %0, %arg1#2: without %
    SH_TOKEN_SYMBOL, // @main: without @ and quotes
    SH_TOKEN_ALIAS,  // #loc3, #stablehlo.gather: without #
    SH_TOKEN_BANG,   // !stablehlo.token: without !
    SH_TOKEN_BLOCK,  // ^bb0: without ^
    SH_TOKEN_ARROW,  // ->
    SH_TOKEN_CHARACTER,
} sh_token_kind;

typedef struct sh_token {
    sh_token_kind kind;
    const char *at; // where it begins, sigil included
    sh_slice text;
    uint32_t line;
    const char *line_start;
} sh_token;

typedef struct sh_lexer {
    const char *file;
    const char *next, *end; // what is after the token
    uint32_t line;
    const char *line_start;
    sh_token token;
} sh_lexer;

void sh_lexer_start(sh_lexer *l, const char *file, const char *text);
void sh_advance(sh_lexer *l);
// Continues after `at`, which is within the token or after it and on the same line.
void sh_continue_at(sh_lexer *l, const char *at);

sh_place sh_place_of(const sh_token *t);
_Noreturn void sh_fail(const sh_lexer *l, const sh_token *where, const char *format, ...) BASE_PRINTF(3, 4);
_Noreturn void sh_fail_expected(const sh_lexer *l, const char *expected);

bool sh_at(const sh_lexer *l, char c);
bool sh_at_word(const sh_lexer *l, const char *word);
bool sh_accept(sh_lexer *l, char c);
bool sh_accept_word(sh_lexer *l, const char *word);
void sh_expect(sh_lexer *l, char c);
void sh_expect_word(sh_lexer *l, const char *word);
sh_token sh_take(sh_lexer *l, sh_token_kind kind, const char *expected);
// The token is an opening bracket: goes behind the one that closes it. What was between them is returned.
sh_slice sh_skip_brackets(sh_lexer *l);

#endif
