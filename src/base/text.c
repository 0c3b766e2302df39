// In: pieces. Out: one text. Doubles its space; the arena keeps the old copies until it goes.

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void reserve(base_text *text, size_t more) {
    size_t needed = text->n + more + 1;
    if (needed <= text->capacity) return;
    size_t capacity = text->capacity ? text->capacity * 2 : 128;
    while (capacity < needed) capacity *= 2;
    char *grown = base_arena_alloc(text->arena, capacity);
    if (text->n) memcpy(grown, text->at, text->n);
    text->at = grown;
    text->capacity = capacity;
}

void base_text_add_n(base_text *text, const char *string, size_t n) {
    reserve(text, n);
    memcpy(text->at + text->n, string, n);
    text->n += n;
    text->at[text->n] = 0;
}

void base_text_add(base_text *text, const char *string) {
    base_text_add_n(text, string, strlen(string));
}

static void add_list(base_text *text, const char *format, va_list list) {
    va_list again;
    va_copy(again, list);
    reserve(text, 64);
    size_t space = text->capacity - text->n;
    int written = vsnprintf(text->at + text->n, space, format, list);
    if (written >= 0 && (size_t)written >= space) {
        reserve(text, (size_t)written);
        vsnprintf(text->at + text->n, (size_t)written + 1, format, again);
    }
    va_end(again);
    if (written > 0) text->n += (size_t)written;
}

void base_text_printf(base_text *text, const char *format, ...) {
    va_list list;
    va_start(list, format);
    add_list(text, format, list);
    va_end(list);
}

const char *base_text_get(const base_text *text) {
    return text->at ? text->at : "";
}

char *base_format(base_arena *arena, const char *format, ...) {
    base_text text = {.arena = arena};
    va_list list;
    va_start(list, format);
    add_list(&text, format, list);
    va_end(list);
    return text.at;
}
