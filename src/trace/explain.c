// Texts about functions: their programs, and why they were traced.

#include <stdio.h>
#include <string.h>

#include "ir/stablehlo/stablehlo.h"
#include "trace/trace.h"
#include "transforms/transforms.h"

enum { LONGEST_LOG = 100 };

static void add_argument(base_text *text, tr_argument a) {
    char type[IR_TYPE_TEXT];
    base_text_printf(text, "%s%s", a.weak ? "weak " : "", a.type ? ir_type_text(a.type, type) : "cv_none");
}

static void add_reason(base_text *text, const tr_node *node, const tr_entry *e) {
    if (!node->explained) {
        base_text_add(text, "first call, with (");
        for (uint32_t i = 0; i < e->n_in; i++) {
            if (i) base_text_add(text, ", ");
            add_argument(text, e->in[i]);
        }
        base_text_add(text, ")\n");
        return;
    }
    bool differs = false;
    for (uint32_t i = 0; i < e->n_in; i++) {
        tr_argument now = e->in[i], was = node->explained[i];
        if (now.type == was.type && now.weak == was.weak) continue;
        base_text_printf(text, "%sargument %u is ", differs ? "; " : "", i);
        add_argument(text, now);
        base_text_add(text, ", was ");
        add_argument(text, was);
        differs = true;
    }
    if (!differs && (e->trace || node->explained_captures))
        base_text_add(text, "captures values of an enclosing trace");
    else if (!differs) base_text_add(text, "traced by another thread at the same time");
    base_text_add(text, "\n");
}

typedef struct noting {
    tr_node *node;
    const tr_entry *entry;
    tr_argument *arguments;
    tr_text *line;
    base_arena arena;
} noting;

static void free_noting(void *argument) {
    noting *a = argument;
    base_free(a->arguments);
    base_free(a->line);
    base_arena_free(&a->arena);
}

static void note(void *argument) {
    noting *a = argument;
    tr_node *node = a->node;
    base_text text = {.arena = &a->arena};
    add_reason(&text, node, a->entry);
    a->line = base_malloc(sizeof *a->line + text.n + 1);
    memcpy(a->line->text, text.at, text.n + 1);
    a->line->next = NULL;
    tr_argument *old = node->explained;
    node->explained = a->arguments;
    node->explained_captures = a->entry->trace != 0;
    a->arguments = old;
    if (node->n_log++ >= LONGEST_LOG) return;
    *(node->log ? &node->log_last->next : &node->log) = a->line;
    node->log_last = a->line;
    a->line = NULL;
}

void tr_explain_entry(tr_node *node, const tr_entry *entry) {
    noting a = {.node = node, .entry = entry};
    size_t size = sizeof *entry->in * entry->n_in;
    a.arguments = base_malloc(size);
    if (size) memcpy(a.arguments, entry->in, size);
    base_failure failure;
    tr_lock(node->owner);
    cv_status status = base_protect(note, &a, &failure);
    tr_unlock(node->owner);
    free_noting(&a);
    if (status) base_raise_again(&failure);
}

typedef enum text_form { AS_TRACED, SIMPLIFIED, STABLEHLO } text_form;

typedef struct asking {
    cv_fn f;
    cv_vals in;
    text_form form;
    tr_site site;
    base_arena arena;
    const char *text;
} asking;

static void free_arena(void *arena) {
    base_arena_free(arena);
}

static void explain(void *argument) {
    asking *a = argument;
    base_defer(free_arena, &a->arena);
    tr_node *node = tr_node_get(tr_context(), a->f);
    // Lines are only ever added; those up to the last one seen under the lock stay as they are.
    tr_lock(node->owner);
    const tr_text *line = node->log, *last = node->log_last;
    uint32_t n = node->n_log;
    tr_unlock(node->owner);
    base_text text = {.arena = &a->arena};
    for (uint32_t i = 0; i < n && i < LONGEST_LOG; i++) {
        base_text_add(&text, line->text);
        if (line != last) line = line->next;
    }
    if (n > LONGEST_LOG) base_text_printf(&text, "and %u times more\n", n - LONGEST_LOG);
    a->text = tr_scope_text(base_text_get(&text));
}

const char *cv_explain(cv_fn f) {
    asking a = {.f = f, .text = ""};
    if (f.slot || f.generation != 1) tr_enter("cv_explain", TR_NOWHERE, explain, &a);
    return a.text;
}

static void make_text(void *argument) {
    asking *a = argument;
    base_defer(free_arena, &a->arena);
    tr_node *node = tr_node_get(tr_context(), a->f);
    tr_check_counts(node, a->in.n, -1);
    tr_argument *in = base_new_array(&a->arena, tr_argument, a->in.n);
    for (uint32_t i = 0; i < node->n_in; i++)
        if (!tr_is_none(a->in.at[i])) in[i].type = tr_type_of(a->in.at[i], &in[i].weak, TR_ARGUMENT(i));
    const ir_function *f = tr_program(node, in, node->n_in, &a->site)->function;
    if (a->form == SIMPLIFIED) f = xf_simplify(xf_recover_scans(xf_inline(f)));
    base_text text = {.arena = &a->arena};
    if (a->form == STABLEHLO) ir_write_stablehlo(&text, f);
    else ir_print(&text, f);
    a->text = tr_scope_text(base_text_get(&text));
}

static const char *text_of(asking *a) {
    bool poisoned = !a->f.slot && a->f.generation == 1;
    for (int64_t i = 0; i < a->in.n; i++) poisoned |= tr_is_poison(a->in.at[i]);
    if (!poisoned) tr_enter(a->site.name, a->site.here, make_text, a);
    return a->text;
}

const char *cv_make_ir_at(cv_fn f, cv_vals in, bool simplified, cv_here here) {
    asking a = {.f = f, .in = in, .form = simplified ? SIMPLIFIED : AS_TRACED, .text = ""};
    a.site = (tr_site){simplified ? "cv_make_simplified_ir" : "cv_make_ir", here};
    return text_of(&a);
}

const char *cv_make_stablehlo_at(cv_fn f, cv_vals in, cv_here here) {
    asking a = {.f = f, .in = in, .form = STABLEHLO, .text = "", .site = {"cv_make_stablehlo", here}};
    return text_of(&a);
}
