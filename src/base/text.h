// A growing text in an arena.
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/error.h"
#include "base/memory.h"

typedef struct base_text {
    base_arena *arena;
    char *at; // always closed by a zero once anything was added; NULL before
    size_t n, capacity;
} base_text;

void base_text_add(base_text *text, const char *string);
void base_text_add_n(base_text *text, const char *string, size_t n);
void base_text_printf(base_text *text, const char *format, ...) BASE_PRINTF(2, 3);
const char *base_text_get(const base_text *text); // "" for an empty text

// A formatted string in the arena.
char *base_format(base_arena *arena, const char *format, ...) BASE_PRINTF(2, 3);

#endif
