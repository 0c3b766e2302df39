// Where an operation comes from in the user's source: loc("model.py":12:3), loc("name"("model.py":12:3)),
// loc(callsite(#loc3 at #loc7)), loc(#loc9) and others that hold these.
//
// In: the text of locations, and aliases such as #loc3 = loc(...), which may stand at either end of a module.
// Out: the first "file":line that is found by following the text from its beginning, so the innermost call
// of a chain of calls. How much is looked at is bounded, since hostile aliases lead in circles.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/stablehlo/reader.h"

enum { MOST_TEXT = 4096, MOST_ALIASES = 64 };

sh_slice sh_take_location(sh_reader *r) {
    sh_slice location = {NULL, 0};
    if (!sh_at_word(&r->l, "loc") || r->l.next[0] != '(') return location;
    sh_advance(&r->l);
    return sh_skip_brackets(&r->l);
}

void sh_take_alias(sh_reader *r) {
    sh_token name = r->l.token;
    sh_advance(&r->l);
    sh_expect(&r->l, '=');
    if (sh_at_word(&r->l, "loc")) {
        struct sh_alias alias = {name.text, sh_take_location(r)};
        base_push(r->arena, &r->aliases, alias);
    } else {
        sh_take_attribute(r, true);
    }
}

static int compare_slices(sh_slice a, sh_slice b) {
    int order = memcmp(a.at, b.at, a.n < b.n ? a.n : b.n);
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

static int compare_aliases(const void *a, const void *b) {
    return compare_slices(((const struct sh_alias *)a)->name, ((const struct sh_alias *)b)->name);
}

void sh_sort_aliases(sh_reader *r) {
    if (r->aliases.n) qsort(r->aliases.at, r->aliases.n, sizeof *r->aliases.at, compare_aliases);
}

static const sh_slice *find_alias(const sh_module *module, sh_slice name) {
    uint32_t low = 0, high = module->n_aliases;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_slices(name, module->aliases[middle].name);
        if (!order) return &module->aliases[middle].location;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

// "file":line at this quote; the end of the string otherwise.
static bool take_file(const char **at, const char *end, sh_source *source) {
    const char *from = *at + 1, *to = from;
    if (end - from > MOST_TEXT) end = from + MOST_TEXT;
    while (to < end && *to != '"') to += *to == '\\' && to + 1 < end ? 2 : 1;
    if (to >= end) {
        *at = end;
        return false;
    }
    *at = to + 1;
    if (end - to < 3 || to[1] != ':' || to[2] < '0' || to[2] > '9') return false;
    snprintf(source->file, sizeof source->file, "%.*s", (int)(to - from > 255 ? 255 : to - from), from);
    unsigned long line = strtoul(to + 2, NULL, 10);
    source->line = line > UINT32_MAX ? UINT32_MAX : (uint32_t)line;
    return true;
}

bool sh_find_source(const sh_module *module, const sh_op *op, sh_source *source) {
    const char *at = op->location.at, *end = at + op->location.n;
    int aliases = 0;
    for (int steps = 0; at && at < end && steps < MOST_TEXT; steps++) {
        if (*at == '"') {
            if (take_file(&at, end, source)) return true;
        } else if (*at == '#') {
            sh_slice name = {at + 1, strcspn(at + 1, " ,()<>[]\n")};
            const sh_slice *location = find_alias(module, name);
            if (!location || ++aliases > MOST_ALIASES) return false;
            at = location->at;
            end = at + location->n;
        } else {
            at++;
        }
    }
    return false;
}
