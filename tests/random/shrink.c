// Makes a case that fails smaller, as long as it fails in the same way.
//
// In: a case. Out: one with fewer transforms, results and operations, less control flow and smaller arrays.
// An edit is a rebuilding of the program in which one thing is left out; operations are numbered in the order
// in which they and the functions that they hold are met. An edit that makes no valid program is refused by
// the type rules and counts as one that does not fail. Greedy: each edit that works is kept, until none does.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "random.h"
#include "transforms/activity.h"

typedef enum edit_kind {
    DROP_TRANSFORM,
    KEEP_RESULT, // only this one
    DROP_RESULT,
    BODY,      // what an operation holds, once, in its place
    PARAMETER, // a parameter in the place of what the operation makes
    CONSTANT,
    OPERAND, // its operand in its place
    SIZE,    // the n-th of the sizes that there are
    EDITS
} edit_kind;

typedef struct edit {
    edit_kind kind;
    uint32_t at, which;
    uint32_t n_met;   // operations so far
    bool done;        // the place was there
    int64_t from, to; // sizes
    int depth;
} edit;

static const ir_function *rebuilt(edit *e, const ir_function *f);

static int64_t sized(const edit *e, int64_t size) {
    return e->kind == SIZE && size == e->from ? e->to : size;
}

static const ir_type *sized_type(const edit *e, ir_module *module, const ir_type *type) {
    int64_t dims[IR_MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) dims[i] = sized(e, type->dims[i]);
    return ir_type_get(module, type->dtype, type->rank, dims);
}

static void rebuild_held(void *argument, const ir_function **slot) { *slot = rebuilt(argument, *slot); }

static const void *edited_attributes(edit *e, ir_builder *b, const ir_op *op) {
    const ir_layout *layout = ir_primitives[op->primitive].layout;
    if (!layout->size) return NULL;
    char *copy = (char *)(uintptr_t)ir_attributes_copy(&b->arena, layout, op->attributes);
    e->depth++;
    ir_attributes_functions(layout, copy, rebuild_held, e);
    e->depth--;
    for (uint32_t i = 0; i < layout->n_fields && e->kind == SIZE; i++) {
        const ir_field *field = &layout->fields[i];
        void *at = copy + field->offset;
        if (field->kind == IR_FIELD_LITERAL) {
            ir_literal *literal = at;
            literal->type = sized_type(e, b->module, literal->type);
        }
        if (!strcmp(field->name, "length")) *(int64_t *)at = sized(e, *(int64_t *)at);
        if (strcmp(field->name, "shape") && strcmp(field->name, "sizes") &&
            strcmp(field->name, "slice_sizes") && strcmp(field->name, "limit"))
            continue;
        ir_dims *dims = at;
        int64_t *sizes = base_new_array(&b->arena, int64_t, dims->n + 1);
        for (int64_t k = 0; k < dims->n; k++) sizes[k] = sized(e, dims->at[k]);
        dims->at = sizes;
    }
    return copy;
}

typedef struct held {
    const ir_function *at[16];
    uint32_t n;
} held;

static void list_held(void *argument, const ir_function **slot) {
    held *h = argument;
    if (h->n < 16) h->at[h->n++] = *slot;
}

// What the last of the functions that an operation holds makes of its arguments (of a scan: of the first
// slices).
static bool put_body(edit *e, ir_builder *b, const ir_op *op, const ir_val *in, ir_val *out) {
    held h = {.n = 0};
    if (!op->attributes || !(ir_primitives[op->primitive].traits & IR_CONTROL)) return false;
    ir_attributes_functions(ir_primitives[op->primitive].layout, op->attributes, list_held, &h);
    const ir_function *f = h.at[e->which % h.n];
    ir_val *own = base_new_array(&b->arena, ir_val, op->n_in + 1);
    uint32_t first = op->primitive == IR_cond;
    if (op->primitive == IR_while) {
        const ir_while_attributes *a = op->attributes;
        f = a->body;
        first = (uint32_t)a->cond_constants;
    }
    for (uint32_t i = first; i < op->n_in; i++) own[i - first] = in[i];
    if (op->primitive == IR_scan) {
        const ir_scan_attributes *a = op->attributes;
        if (!a->length) return false;
        for (uint32_t i = (uint32_t)(a->constants + a->carries); i < op->n_in; i++) {
            const ir_type *type = ir_type_of(b, in[i]);
            int64_t none[IR_MAX_RANK] = {0}, ones[IR_MAX_RANK], limit[IR_MAX_RANK];
            for (uint32_t k = 0; k < type->rank; k++) ones[k] = 1, limit[k] = k ? type->dims[k] : 1;
            ir_dims shape = {type->rank, limit};
            own[i] = ir_slice(b, in[i], (ir_dims){type->rank, none}, shape, (ir_dims){type->rank, ones});
            own[i] = ir_reshape(b, own[i], (ir_dims){type->rank - 1, limit + 1});
        }
    }
    ir_inline(b, f, own, out);
    if (op->primitive == IR_scan) {
        const ir_scan_attributes *a = op->attributes;
        for (uint32_t o = (uint32_t)a->carries; o < op->n_out; o++)
            out[o] = ir_broadcast_leading(b, out[o], a->length);
    }
    return true;
}

// The results of the operation that is edited. False: as they are.
static bool replaced(edit *e, ir_builder *b, const ir_function *f, const ir_op *op, const ir_val *in,
                     ir_val *out) {
    if (e->kind == BODY) return put_body(e, b, op, in, out);
    for (uint32_t o = 0; o < op->n_out; o++) {
        const ir_type *type = f->types[op->out + o];
        if (e->kind == PARAMETER && !e->depth)
            out[o] = ir_param(b, type);
        else if (e->kind == CONSTANT && op->primitive != IR_constant)
            out[o] = ir_full(b, type, 0.5);
        else if (e->kind == OPERAND && e->which < op->n_in && ir_type_of(b, in[e->which]) == type)
            out[o] = in[e->which];
        else
            return false;
    }
    return true;
}

static const ir_function *rebuilt(edit *e, const ir_function *f) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *values = base_new_array(&b->arena, ir_val, f->n_values + 1);
    ir_val *results = base_new_array(&b->arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) values[i] = ir_param(b, sized_type(e, f->module, f->types[i]));
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        bool here = e->n_met++ == e->at && e->kind >= BODY && e->kind <= OPERAND;
        ir_val *in = base_new_array(&b->arena, ir_val, op->n_in + 1);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = values[ir_in(f, op)[k]];
        if (here && replaced(e, b, f, op, in, values + op->out)) {
            e->done = true;
            continue;
        }
        ir_val out = ir_emit(b, op->primitive, in, op->n_in, edited_attributes(e, b, op));
        for (uint32_t o = 0; o < op->n_out; o++) values[op->out + o] = out + o;
    }
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->n_results; k++) {
        bool dropped = (e->kind == DROP_RESULT && k == e->at) || (e->kind == KEEP_RESULT && k != e->at);
        if (!e->depth && dropped)
            e->done = true;
        else
            results[n++] = values[f->results[k]];
    }
    if (e->depth) return ir_finish(b, results, n);
    bool *kept = base_new_array(&b->arena, bool, b->params.n + 1);
    return ir_finish_pruned(b, results, n, 0, kept);
}

// Trying.

// The way in which a case fails: its message as far as the colon.
typedef struct trial {
    const rp_case *c;
    edit *e;
    rp_case made;
    char way[64];
    bool fails;
} trial;

static void judge(void *argument) {
    trial *t = argument;
    rp_tally tally = {0};
    rp_judge(&t->made, &tally);
}

static void way_of(const char *message, char way[64]) {
    snprintf(way, 64, "%.*s", (int)strcspn(message, ":"), message);
}

static bool fails_alike(trial *t) {
    base_failure failure;
    char way[64];
    cv_status status = base_protect(judge, t, &failure);
    if (!status || status == CV_UNSUPPORTED) return false;
    way_of(failure.message, way);
    if (!t->way[0]) memcpy(t->way, way, sizeof way);
    return !strcmp(way, t->way);
}

static bool make_edit(trial *t) {
    edit *e = t->e;
    t->made = *t->c;
    if (e->kind == DROP_TRANSFORM) {
        if ((int)e->at >= t->made.n) return false;
        for (int i = (int)e->at; i + 1 < t->made.n; i++) t->made.kinds[i] = t->made.kinds[i + 1];
        t->made.n--;
        return true;
    }
    if (e->kind == SIZE) {
        static const int64_t sizes[][2] = {{7, 2}, {5, 2}, {4, 2}, {3, 2}, {2, 1},
                                           {3, 1}, {4, 1}, {5, 1}, {7, 1}};
        if (e->at >= sizeof sizes / sizeof *sizes) return false;
        e->from = sizes[e->at][0];
        e->to = sizes[e->at][1];
    }
    t->made.f = rebuilt(e, t->c->f);
    if (e->kind == SIZE) return !ir_equal(t->made.f, t->c->f);
    return e->done && t->made.f->n_results;
}

static void try_edit(void *argument) {
    trial *t = argument;
    if (!make_edit(t)) return;
    if (getenv("COVECTOR_SHOW")) {
        base_text text = {.arena = xf_scratch()};
        rp_print(&text, &t->made);
        printf("// tried\n%s", base_text_get(&text));
        fflush(stdout);
    }
    t->fails = fails_alike(t);
    if (t->fails && t->made.f != t->c->f) ir_retain(t->made.f);
}

static void release(void *f) { ir_release(f); }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t places_of(const rp_case *c, edit_kind kind) {
    if (kind == DROP_TRANSFORM) return (uint32_t)c->n;
    if (kind == KEEP_RESULT || kind == DROP_RESULT) return c->f->n_results > 1 ? c->f->n_results : 0;
    if (kind == SIZE) return 9;
    edit counting = {.kind = EDITS};
    rebuilt(&counting, c->f);
    return counting.n_met;
}

rp_case rp_shrink(const rp_case *c, double seconds) {
    rp_case best = *c;
    trial first = {.c = &best, .made = best};
    double end = now() + seconds;
    if (!fails_alike(&first)) return best;
    for (bool smaller = true; smaller && now() < end;) {
        smaller = false;
        for (int kind = 0; kind < EDITS; kind++)
            for (uint32_t at = places_of(&best, kind); at-- > 0 && now() < end;)
                for (uint32_t which = 0; which < (kind == OPERAND || kind == BODY ? 3 : 1); which++) {
                    edit e = {.kind = kind, .at = at, .which = which};
                    trial t = {.c = &best, .e = &e};
                    memcpy(t.way, first.way, sizeof t.way);
                    base_failure failure;
                    if (base_protect(try_edit, &t, &failure) || !t.fails) continue;
                    if (t.made.f != best.f) base_defer(release, (void *)(uintptr_t)t.made.f);
                    best = t.made;
                    smaller = true;
                    break;
                }
    }
    return best;
}

// Texts.

void rp_print(base_text *text, const rp_case *c) {
    base_text_printf(text, "// seed: %llu\n// transforms:", (unsigned long long)c->seed);
    for (int i = 0; i < c->n; i++) base_text_printf(text, " %s", rp_kind_names[c->kinds[i]]);
    base_text_add(text, "\n");
    ir_print(text, c->f);
}

static bool is_word(const char *at, const char *word) {
    size_t n = strlen(word);
    return !strncmp(at, word, n) && strchr(" \n", at[n]);
}

rp_case rp_parse(ir_module *module, const char *file, const char *text) {
    rp_case c = {.module = module, .f = ir_parse(module, file, text)};
    const char *seed = strstr(text, "// seed:"), *chain = strstr(text, "// transforms:");
    if (!seed || !chain)
        base_raise(CV_INVALID, "%s: a line \"// seed:\" or \"// transforms:\" is missing", file);
    c.seed = strtoull(seed + 8, NULL, 10);
    for (const char *at = chain + 14; *at && *at != '\n'; at += strcspn(at + 1, " \n") + 1)
        for (int k = 0; k < RP_KINDS; k++)
            if (c.n < RP_MAX_TRANSFORMS && *at == ' ' && is_word(at + 1, rp_kind_names[k]))
                c.kinds[c.n++] = k;
    return c;
}
