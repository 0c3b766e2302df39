// In: text. Out: tokens, one ahead.
//
// A word may hold dots, so that the name of an operation is one token; an arrow is one token, so that its
// '>' is no bracket. Lines are counted here, so that every message has its place.

#include "ir/stablehlo/lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 40 };

sh_place sh_place_of(const sh_token *t) { return (sh_place){t->line, (uint32_t)(t->at - t->line_start) + 1}; }

void sh_fail(const sh_lexer *l, const sh_token *where, const char *format, ...) {
    char what[512];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    sh_place place = sh_place_of(where);
    base_raise(CV_INVALID, "%s:%u:%u: %s", l->file, place.line, place.column, what);
}

void sh_fail_expected(const sh_lexer *l, const char *expected) {
    const sh_token *t = &l->token;
    if (t->kind == SH_TOKEN_END) sh_fail(l, t, "expected %s, found the end of the text", expected);
    char shown[SHOWN + 4];
    size_t n = (size_t)(l->next - t->at), kept = n > SHOWN ? SHOWN : n;
    for (size_t i = 0; i < kept; i++) shown[i] = t->at[i] >= ' ' && t->at[i] <= '~' ? t->at[i] : '?';
    strcpy(shown + kept, n > kept ? "..." : "");
    sh_fail(l, t, "expected %s, found '%s'", expected, shown);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool in_word(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '$'; }
static bool in_name(char c) { return in_word(c) || c == '-'; }
static bool in_value(char c) { return in_name(c) || c == '#'; }
static bool in_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static void skip_space(sh_lexer *l) {
    for (;; l->next++) {
        if (l->next[0] == '/' && l->next[1] == '/') l->next += strcspn(l->next, "\n");
        if (*l->next == '\n') {
            l->line++;
            l->line_start = l->next + 1;
        } else if (*l->next != ' ' && *l->next != '\t' && *l->next != '\r') {
            return;
        }
    }
}

static size_t count_while(const char *at, bool (*belongs)(char)) {
    size_t n = 0;
    while (belongs(at[n])) n++;
    return n;
}

// -?digits(.digits?(e[+-]?digits)?)? or 0x and hexadecimal digits.
static size_t number_length(const char *at) {
    const char *c = at + (*at == '-');
    if (c[0] == '0' && c[1] == 'x' && in_hex(c[2])) return (size_t)(c - at) + 2 + count_while(c + 2, in_hex);
    c += count_while(c, is_digit);
    if (*c == '.') {
        c++;
        c += count_while(c, is_digit);
    }
    if (*c == 'e' || *c == 'E') {
        const char *exponent = c + 1 + (c[1] == '+' || c[1] == '-');
        if (is_digit(*exponent)) c = exponent + count_while(exponent, is_digit);
    }
    return (size_t)(c - at);
}

// The length up to the closing quote, which must stand on the same line.
static size_t string_length(const sh_lexer *l, const sh_token *t, const char *at) {
    const char *c = at;
    while (*(c += strcspn(c, "\\\"\n")) != '"') {
        if (*c != '\\' || !c[1] || c[1] == '\n') sh_fail(l, t, "the quotes of this string are not closed");
        c += 2;
    }
    return (size_t)(c - at);
}

static void take_sigil(sh_lexer *l, sh_token *t, sh_token_kind kind, bool (*belongs)(char)) {
    t->kind = kind;
    t->text.at = t->at + 1;
    t->text.n = count_while(t->text.at, belongs);
    if (!t->text.n) sh_fail(l, t, "expected a name after '%c'", *t->at);
}

void sh_advance(sh_lexer *l) {
    skip_space(l);
    sh_token *t = &l->token;
    char c = *l->next;
    *t = (sh_token){SH_TOKEN_CHARACTER, l->next, {l->next, 1}, l->line, l->line_start};
    if (!c) {
        *t = (sh_token){SH_TOKEN_END, l->next, {l->next, 0}, l->line, l->line_start};
    } else if (is_letter(c)) {
        t->kind = SH_TOKEN_WORD;
        t->text.n = count_while(t->at, in_word);
    } else if (c == '-' && t->at[1] == '>') {
        t->kind = SH_TOKEN_ARROW;
        t->text.n = 2;
    } else if (is_digit(c) || (c == '-' && is_digit(t->at[1]))) {
        t->kind = SH_TOKEN_NUMBER;
        t->text.n = number_length(t->at);
    } else if (c == '"' || (c == '@' && t->at[1] == '"')) {
        t->kind = c == '"' ? SH_TOKEN_STRING : SH_TOKEN_SYMBOL;
        t->text.at = t->at + 1 + (c == '@');
        t->text.n = string_length(l, t, t->text.at);
        l->next = t->text.at + t->text.n + 1;
        return;
    } else if (c == '%') {
        take_sigil(l, t, SH_TOKEN_VALUE, in_value);
    } else if (c == '@') {
        take_sigil(l, t, SH_TOKEN_SYMBOL, in_name);
    } else if (c == '#') {
        take_sigil(l, t, SH_TOKEN_ALIAS, in_name);
    } else if (c == '!') {
        take_sigil(l, t, SH_TOKEN_BANG, in_name);
    } else if (c == '^') {
        take_sigil(l, t, SH_TOKEN_BLOCK, in_name);
    }
    l->next = t->text.at + t->text.n;
}

void sh_lexer_start(sh_lexer *l, const char *file, const char *text) {
    *l = (sh_lexer){.file = file, .next = text, .line = 1, .line_start = text};
    sh_advance(l);
}

void sh_continue_at(sh_lexer *l, const char *at) {
    l->next = at;
    sh_advance(l);
}

bool sh_at(const sh_lexer *l, char c) { return l->token.kind == SH_TOKEN_CHARACTER && *l->token.at == c; }

bool sh_slice_is(sh_slice slice, const char *text) {
    return strlen(text) == slice.n && !memcmp(slice.at, text, slice.n);
}

bool sh_at_word(const sh_lexer *l, const char *word) {
    return l->token.kind == SH_TOKEN_WORD && sh_slice_is(l->token.text, word);
}

bool sh_accept(sh_lexer *l, char c) {
    bool found = sh_at(l, c);
    if (found) sh_advance(l);
    return found;
}

bool sh_accept_word(sh_lexer *l, const char *word) {
    bool found = sh_at_word(l, word);
    if (found) sh_advance(l);
    return found;
}

void sh_expect(sh_lexer *l, char c) {
    if (!sh_accept(l, c)) sh_fail_expected(l, (char[]){'\'', c, '\'', 0});
}

void sh_expect_word(sh_lexer *l, const char *word) {
    char quoted[SHOWN];
    snprintf(quoted, sizeof quoted, "'%s'", word);
    if (!sh_accept_word(l, word)) sh_fail_expected(l, quoted);
}

sh_token sh_take(sh_lexer *l, sh_token_kind kind, const char *expected) {
    if (l->token.kind != kind) sh_fail_expected(l, expected);
    sh_token taken = l->token;
    sh_advance(l);
    return taken;
}

// Brackets of four kinds nest; of what is open only the depth is kept, since text that closes them in the
// wrong order is nothing that the reader looks at.
sh_slice sh_skip_brackets(sh_lexer *l) {
    sh_token open = l->token;
    uint64_t depth = 0;
    for (;; sh_advance(l)) {
        if (l->token.kind == SH_TOKEN_END) sh_fail(l, &open, "this '%c' is not closed", *open.at);
        if (l->token.kind != SH_TOKEN_CHARACTER) continue;
        char c = *l->token.at;
        if (c == '(' || c == '[' || c == '{' || c == '<') depth++;
        if ((c == ')' || c == ']' || c == '}' || c == '>') && !--depth) break;
    }
    sh_slice between = {open.at + 1, (size_t)(l->token.at - open.at) - 1};
    sh_advance(l);
    return between;
}
