// In: the tree of a module. Out: its entry function, with every function that it calls imported once.
//
// First the functions that can be reached are walked: what cannot be run is one error with all of it. Then
// they are imported, callees first, by a stack of our own, since chains of calls are as long as the text
// makes them; regions nest as deep as the reader of syntax allows, so these recurse.
//
// A region becomes a closed function. The values of its surroundings that it uses become parameters;
// constants among them are made again inside, so that a comparator or the body of a reduction stays a
// function of its arguments, and a loop sees the number that it counts to.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/stablehlo/importer.h"
#include "ir/stablehlo/stablehlo.h"

typedef enum state { UNSEEN, REACHED, OPEN, DONE } state;

typedef struct sh_function {
    sh_slice name;
    const sh_op *op;
    state state;
    const ir_function *function;
    base_vector(uint32_t) callees;
    uint32_t next; // callee to look at
} sh_function;

// Messages

static void raise_at(sh_importer *im, cv_status status, const char *format, va_list list) {
    char what[640];
    vsnprintf(what, sizeof what, format, list);
    im->explained = true;
    if (!im->op) base_raise(status, "%s: %s", im->file, what);
    base_raise(status, "%s:%u:%u: %s: %s", im->file, im->op->place.line, im->op->place.column, im->op->name,
               what);
}

void sh_wrong(sh_importer *im, const char *format, ...) {
    va_list list;
    va_start(list, format);
    raise_at(im, CV_INVALID, format, list);
    __builtin_unreachable();
}

void sh_unsupported(sh_importer *im, const char *format, ...) {
    va_list list;
    va_start(list, format);
    raise_at(im, CV_UNSUPPORTED, format, list);
    __builtin_unreachable();
}

// Functions by name

static uint64_t hash_slice(sh_slice s) { return base_hash(s.at, s.n, 0); }

static uint32_t find_function(const sh_importer *im, sh_slice name) {
    uint32_t probe;
    for (uint32_t i = base_index_first(&im->names, hash_slice(name), &probe); i != BASE_ABSENT;
         i = base_index_next(&im->names, hash_slice(name), &probe)) {
        sh_slice other = im->functions.at[i].name;
        if (other.n == name.n && !memcmp(other.at, name.at, name.n)) return i;
    }
    return BASE_ABSENT;
}

const ir_function *sh_function_named(sh_importer *im, sh_slice name) {
    uint32_t i = find_function(im, name);
    if (i == BASE_ABSENT || !im->functions.at[i].function)
        sh_wrong(im, "there is no function @%.*s", (int)(name.n & 255), name.at);
    return im->functions.at[i].function;
}

static void list_functions(sh_importer *im) {
    for (uint32_t i = 0; i < im->text->n_ops; i++) {
        const sh_op *op = im->text->ops[i];
        const sh_attribute *name = sh_find(op, "sym_name");
        if (strcmp(op->name, "func.func") || !name) continue;
        im->op = op;
        if (find_function(im, name->text) != BASE_ABSENT)
            sh_wrong(im, "@%.*s is defined already", (int)(name->text.n & 255), name->text.at);
        base_index_add(&im->names, hash_slice(name->text), im->functions.n);
        base_push(&im->arena, &im->functions, (sh_function){.name = name->text, .op = op});
    }
    im->op = NULL;
}

static uint32_t find_entry(sh_importer *im, const char *entry) {
    const char *name = entry ? entry : "main";
    uint32_t found = find_function(im, (sh_slice){name, strlen(name)});
    if (found == BASE_ABSENT && !entry && im->functions.n == 1) return 0;
    if (found == BASE_ABSENT) base_raise(CV_INVALID, "%s: the module has no function @%s", im->file, name);
    return found;
}

// What cannot be run

typedef struct refusal {
    const char *what;
    const sh_op *op; // the first one
    uint32_t n;
    base_text places;
} refusal;

typedef struct walk {
    sh_importer *im;
    sh_function *function;
    base_vector(uint32_t) reached; // functions, to be walked
    base_vector(refusal) refusals;
} walk;

// What differs is listed up to a number, and places of one thing too: a message is one line.
enum { MOST_REFUSALS = 32, MOST_PLACES = 4 };

static void refuse(walk *w, const sh_op *op, const char *what) {
    refusal *r = NULL;
    for (uint32_t i = 0; i < w->refusals.n && !r; i++)
        if (!strcmp(w->refusals.at[i].what, what)) r = &w->refusals.at[i];
    if (!r && w->refusals.n == MOST_REFUSALS) return;
    if (!r) {
        base_push(&w->im->arena, &w->refusals, (refusal){what, op, 0, {.arena = &w->im->arena}});
        r = &w->refusals.at[w->refusals.n - 1];
    }
    if (r->n++ < MOST_PLACES)
        base_text_printf(&r->places, "%s%u:%u", r->n > 1 ? ", " : "", op->place.line, op->place.column);
}

static void reach(walk *w, const sh_op *op, const char *attribute) {
    sh_slice name;
    if (!sh_get_symbol(op, attribute, &name)) return;
    uint32_t callee = find_function(w->im, name);
    if (callee == BASE_ABSENT || !w->im->functions.at[callee].op->n_regions) {
        refuse(
            w, op,
            base_format(&w->im->arena, "a call of @%.*s, which has no body", (int)(name.n & 255), name.at));
        return;
    }
    base_push(&w->im->arena, &w->function->callees, callee);
    if (w->im->functions.at[callee].state != UNSEEN) return;
    w->im->functions.at[callee].state = REACHED;
    base_push(&w->im->arena, &w->reached, callee);
}

static void check_type(walk *w, const sh_op *op, uint32_t value) {
    const sh_value *v = &w->im->text->values[value];
    if (!v->type)
        refuse(w, op,
               base_format(&w->im->arena, "the type %.*s", (int)(v->written.n > 60 ? 60 : v->written.n),
                           v->written.at));
}

static bool is_return(const sh_op *op) {
    return !strcmp(op->name, "stablehlo.return") || !strcmp(op->name, "func.return");
}

static const char *describe(walk *w, const sh_op *op) {
    sh_slice target;
    if (strcmp(op->name, "stablehlo.custom_call") || !sh_get_symbol(op, "call_target_name", &target))
        return op->name;
    return base_format(&w->im->arena, "%s @%.*s", op->name, (int)(target.n & 127), target.at);
}

// Regions nest as deep as the reader of syntax allows.
static void walk_region(walk *w, const sh_op *owner, const sh_region *region) {
    for (uint32_t i = 0; i < region->n_args; i++) check_type(w, owner, region->first_arg + i);
    for (uint32_t i = 0; i < region->n_ops; i++) {
        const sh_op *op = region->ops[i];
        if (is_return(op)) continue;
        const sh_row *row = sh_find_row(w->im, op->name);
        w->im->op = op; // for messages of what `can` looks at
        if (!row || (row->can && !row->can(w->im, op)))
            refuse(w, op, describe(w, op));
        else
            for (uint32_t k = 0; k < op->n_out; k++) check_type(w, op, op->out + k);
        reach(w, op, "callee");
        reach(w, op, "decomposition");
        for (uint32_t k = 0; k < op->n_regions; k++) walk_region(w, op, &op->regions[k]);
    }
}

static void raise_refusals(const walk *w) {
    base_text text = {.arena = &w->im->arena};
    const sh_op *first = w->refusals.at[0].op;
    for (uint32_t i = 0; i < w->refusals.n; i++) {
        const refusal *r = &w->refusals.at[i];
        base_text_printf(&text, "%s%s (%s", i ? "; " : "", r->what, base_text_get(&r->places));
        if (r->n > MOST_PLACES) base_text_printf(&text, " and %u more", r->n - MOST_PLACES);
        base_text_add(&text, ")");
    }
    w->im->explained = true;
    base_raise(CV_UNSUPPORTED, "%s:%u:%u: not supported: %s", w->im->file, first->place.line,
               first->place.column, base_text_get(&text));
}

static void check_functions(sh_importer *im, uint32_t entry) {
    walk w = {.im = im};
    im->functions.at[entry].state = REACHED;
    base_push(&im->arena, &w.reached, entry);
    for (uint32_t i = 0; i < w.reached.n; i++) {
        w.function = &im->functions.at[w.reached.at[i]];
        im->op = w.function->op;
        if (!im->op->n_regions) sh_wrong(im, "the function has no body");
        walk_region(&w, im->op, &im->op->regions[0]);
    }
    if (w.refusals.n) raise_refusals(&w);
}

// Operations

const ir_type *sh_out_type(sh_importer *im, const sh_op *op, uint32_t i) {
    if (i >= op->n_out) sh_wrong(im, "it has at least %u results, and %u are named", i + 1, op->n_out);
    return im->text->values[op->out + i].type;
}

void sh_set_out(sh_importer *im, const sh_op *op, uint32_t i, ir_val value) {
    char is[IR_TYPE_TEXT], written[IR_TYPE_TEXT];
    const ir_type *type = ir_type_of(im->b, value);
    const ir_type *named = sh_out_type(im, op, i);
    if (type != named)
        sh_wrong(im, "result %u has the type %s, not %s", i, ir_type_text(type, is), ir_type_text(named, written));
    im->values[op->out + i] = value;
}

static void set_place(sh_importer *im, const sh_op *op) {
    sh_source source;
    im->op = op;
    if (sh_find_source(im->text, op, &source))
        ir_set_source(im->b, source.file, (int)source.line, op->name);
    else
        ir_set_source(im->b, im->file, (int)op->place.line, op->name);
    im->place = im->b->place;
}

static void import_op(sh_importer *im, const sh_op *op) {
    const sh_row *row = sh_find_row(im, op->name);
    set_place(im, op);
    if (row->n_in != IR_VARIADIC && (uint32_t)row->n_in != op->n_in)
        sh_wrong(im, "it takes %d operands, not %u", row->n_in, op->n_in);
    if (row->n_regions != IR_VARIADIC && (uint32_t)row->n_regions != op->n_regions)
        sh_wrong(im, "it has %d regions, not %u", row->n_regions, op->n_regions);
    for (uint32_t i = 0; i < op->n_out; i++) im->values[op->out + i] = IR_NONE;
    row->import(im, op, row);
    im->op = op;
    for (uint32_t i = 0; i < op->n_out; i++)
        if (im->values[op->out + i] == IR_NONE) sh_wrong(im, "it has %u results, and %u are named", i, op->n_out);
}

// The operations of a region, up to the one that returns; closes the builder.
static const ir_function *import_operations(sh_importer *im, const sh_region *region) {
    for (uint32_t i = 0; i < region->n_ops; i++) {
        const sh_op *op = region->ops[i];
        if (!is_return(op)) {
            import_op(im, op);
            continue;
        }
        set_place(im, op);
        if (i + 1 < region->n_ops) sh_wrong(im, "operations follow it");
        ir_val *results = base_new_array(&im->arena, ir_val, op->n_in + 1);
        for (uint32_t k = 0; k < op->n_in; k++) results[k] = sh_in(im, op, k);
        return ir_finish(im->b, results, op->n_in);
    }
    sh_wrong(im, "a region of it does not return");
}

// A constant that is made again where it is used; one of many elements is rather passed.
static bool is_constant(const sh_importer *im, uint32_t value) {
    enum { LONGEST = 256 };
    const sh_op *op = im->text->values[value].op;
    if (!op || (strcmp(op->name, "stablehlo.constant") && strcmp(op->name, "chlo.constant"))) return false;
    const sh_attribute *a = sh_find(op, "value");
    return a && a->text.n <= LONGEST;
}

sh_captures sh_captures_of(sh_importer *im, const sh_region *regions, uint32_t n) {
    base_vector(uint32_t) captures = {0};
    im->stamp++;
    for (uint32_t r = 0; r < n; r++)
        for (uint32_t i = 0; i < regions[r].n_captures; i++) {
            uint32_t value = regions[r].captures[i];
            if (im->stamps[value] == im->stamp || is_constant(im, value)) continue;
            im->stamps[value] = im->stamp;
            base_push(&im->arena, &captures, value);
        }
    return (sh_captures){captures.n, captures.at};
}

const ir_function *sh_import_region(sh_importer *im, const sh_region *region, sh_captures captures,
                                    const char *name) {
    ir_builder *outer = im->b;
    const sh_op *op = im->op;
    ir_val *kept = base_new_array(&im->arena, ir_val, captures.n + region->n_captures + 1);
    for (uint32_t i = 0; i < captures.n; i++) kept[i] = im->values[captures.at[i]];
    for (uint32_t i = 0; i < region->n_captures; i++) kept[captures.n + i] = im->values[region->captures[i]];
    im->b = ir_builder_new(im->module, name);
    ir_set_source(im->b, outer->place.file, (int)outer->place.line, NULL);
    for (uint32_t i = 0; i < captures.n; i++)
        im->values[captures.at[i]] = ir_param(im->b, ir_type_of(outer, kept[i]));
    for (uint32_t i = 0; i < region->n_captures; i++)
        if (is_constant(im, region->captures[i])) import_op(im, im->text->values[region->captures[i]].op);
    for (uint32_t i = 0; i < region->n_args; i++)
        im->values[region->first_arg + i] = ir_param(im->b, im->text->values[region->first_arg + i].type);
    im->op = op;
    const ir_function *f = import_operations(im, region);
    for (uint32_t i = 0; i < region->n_captures; i++) im->values[region->captures[i]] = kept[captures.n + i];
    for (uint32_t i = 0; i < captures.n; i++) im->values[captures.at[i]] = kept[i];
    im->b = outer;
    im->op = op;
    im->place = outer->place;
    return f;
}

const ir_function *sh_import_closed(sh_importer *im, const sh_region *region, const char *name) {
    if (sh_captures_of(im, region, 1).n) sh_unsupported(im, "its region uses a value from outside");
    return sh_import_region(im, region, (sh_captures){0, NULL}, name);
}

const char *sh_region_combiner(const sh_region *region) {
    const sh_op *end = region->n_ops ? region->ops[region->n_ops - 1] : NULL;
    uint32_t first = region->first_arg;
    if (region->n_args != 2 || !end || end->n_in != 1) return NULL;
    if (region->n_ops == 1) return end->in[0] == first ? "first" : end->in[0] == first + 1 ? "second" : NULL;
    const sh_op *op = region->ops[0];
    if (region->n_ops != 2 || op->n_in != 2 || op->n_out != 1 || end->in[0] != op->out || op->n_regions)
        return NULL;
    bool straight = op->in[0] == first && op->in[1] == first + 1;
    bool crossed = op->in[0] == first + 1 && op->in[1] == first;
    return straight || crossed ? op->name : NULL;
}

// Functions

static void import_function(sh_importer *im, sh_function *f) {
    const sh_region *body = &f->op->regions[0];
    char *name = base_format(&im->arena, "%.*s", (int)(f->name.n > 200 ? 200 : f->name.n), f->name.at);
    im->b = ir_builder_new(im->module, name);
    set_place(im, f->op);
    for (uint32_t i = 0; i < body->n_args; i++)
        im->values[body->first_arg + i] = ir_param(im->b, im->text->values[body->first_arg + i].type);
    f->function = import_operations(im, body);
}

static const ir_function *import_reachable(sh_importer *im, uint32_t entry) {
    base_vector(uint32_t) stack = {0};
    base_push(&im->arena, &stack, entry);
    while (stack.n) {
        sh_function *f = &im->functions.at[stack.at[stack.n - 1]];
        f->state = OPEN;
        if (f->next < f->callees.n) {
            uint32_t callee = f->callees.at[f->next++];
            im->op = f->op;
            if (im->functions.at[callee].state == OPEN) sh_wrong(im, "the function calls itself");
            if (im->functions.at[callee].state != DONE) base_push(&im->arena, &stack, callee);
            continue;
        }
        import_function(im, f);
        f->state = DONE;
        stack.n--;
    }
    return im->functions.at[entry].function;
}

// The whole

typedef struct import {
    sh_importer im;
    const char *text, *entry;
    const ir_function *f;
} import;

static void import_all(void *argument) {
    import *i = argument;
    sh_importer *im = &i->im;
    im->text = sh_parse(&im->arena, im->module, im->file, i->text);
    im->values = base_arena_alloc(&im->arena, sizeof(ir_val) * ((size_t)im->text->n_values + 1));
    im->stamps = base_new_array(&im->arena, uint32_t, im->text->n_values + 1);
    sh_index_rows(im);
    list_functions(im);
    uint32_t entry = find_entry(im, i->entry);
    check_functions(im, entry);
    i->f = ir_retain(import_reachable(im, entry));
}

// What a type rule says begins with the place in the user's source and the operation; the place in the text,
// with its column, is put in the stead of both.
static _Noreturn void raise_placed(const sh_importer *im, const base_failure *failure) {
    const char *what = failure->message;
    char prefix[512];
    if (im->explained || !im->op || (failure->status != CV_INVALID && failure->status != CV_UNSUPPORTED))
        base_raise_again(failure);
    int n = snprintf(prefix, sizeof prefix, "%s:%u: ", im->place.file ? im->place.file : "", im->place.line);
    if (!strncmp(what, prefix, (size_t)n)) what += n;
    n = snprintf(prefix, sizeof prefix, "%s: ", im->op->name);
    if (!strncmp(what, prefix, (size_t)n)) what += n;
    base_raise(failure->status, "%s:%u:%u: %s: %.700s", im->file, im->op->place.line, im->op->place.column,
               im->op->name, what);
}

static void release(void *argument) { ir_release(argument); }

static void free_importer(void *argument) {
    sh_importer *im = argument;
    base_index_free(&im->rows);
    base_index_free(&im->names);
    base_arena_free(&im->arena);
}

const ir_function *ir_import_stablehlo(ir_module *module, const char *file, const char *text,
                                       const char *entry) {
    import *i = base_malloc(sizeof *i);
    *i = (import){.im = {.module = module, .file = file}, .text = text, .entry = entry};
    base_defer(base_free, i);
    base_defer(free_importer, &i->im);
    base_failure failure;
    cv_status status = base_protect(import_all, i, &failure);
    if (status) raise_placed(&i->im, &failure);
    base_defer(release, (void *)(uintptr_t)i->f);
    return i->f;
}

bool ir_is_stablehlo(const char *text) { return sh_is_module(text); }
