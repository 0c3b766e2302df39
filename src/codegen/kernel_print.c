// In: a kernel. Out: its text, what `print --as kernels` shows.
//
//     kernel softmax (model.c:12): grid i0 < 4096 parallel
//       b0 read f32[4194304], b1 write f32[4194304]; 33554432 bytes, 20971520 operations
//       t0 f32, a1 f32[1024]
//       t0 := -inf
//       for i1 < 1024 lanes 32: reduce
//         t0 max= b0[i0*1024 + i1]
//
// Names are kinds and numbers: loops i, buffers b, scalars t, local arrays a. After the colon stands what
// the iterations of a loop are to each other: `map` if they write elements, `reduce` if they are
// combined, `scan` if one needs what the one before has set.
// Expressions stand inline. What a block uses more than once gets a name, v, as long as no statement
// changes what it depends on; so does a part of what would be too long, which also bounds the recursion.
// A block is gone through twice in the same way: to count uses, then to print.

#include <inttypes.h>
#include <string.h>

#include "codegen/kernel_nodes.h"

enum { MAX_SIZE = 24, MAX_INDEX_SIZE = 7 }; // nodes printed inline; the same for index arithmetic used twice

typedef struct printer {
    const cg_kernel *k;
    base_text *text;
    uint32_t names; // given so far
} printer;

// A span of statements within which a node means the same value.
typedef struct window {
    uint32_t uses;
    uint32_t name; // BASE_ABSENT: inline
    uint32_t size; // nodes that it prints inline
} window;

typedef struct naming {
    printer *p;
    bool counting;
    uint32_t next;    // window to reuse: printing opens the same ones in the same order as counting
    uint32_t *window; // of every node: the open one, or BASE_ABSENT
    bool *fresh;      // of every node: its window was opened by the statement at hand
    base_vector(window) windows;
} naming;

static naming naming_new(printer *p) {
    uint32_t n = p->k->nodes.n;
    naming names = {.p = p,
                    .counting = true,
                    .window = base_new_array(p->text->arena, uint32_t, n + 1),
                    .fresh = base_new_array(p->text->arena, bool, n + 1)};
    memset(names.window, 0xff, sizeof *names.window * n);
    return names;
}

static bool is_leaf(const cg_node *n) {
    return n->kind == CG_CONSTANT || n->kind == CG_INDEX || n->kind == CG_LOCAL;
}

// Expressions

typedef enum precedence { ANY, OR, XOR, AND, COMPARISON, SUM, PRODUCT, UNARY } precedence;

static const struct infix {
    ir_primitive primitive;
    precedence precedence;
    const char *text;
} infixes[] = {
    {IR_or, OR, " | "},          {IR_xor, XOR, " ^ "},        {IR_and, AND, " & "},
    {IR_eq, COMPARISON, " == "}, {IR_ne, COMPARISON, " != "}, {IR_lt, COMPARISON, " < "},
    {IR_le, COMPARISON, " <= "}, {IR_gt, COMPARISON, " > "},  {IR_ge, COMPARISON, " >= "},
    {IR_add, SUM, " + "},        {IR_sub, SUM, " - "},        {IR_mul, PRODUCT, "*"},
    {IR_div, PRODUCT, " / "},
};

static void print(const naming *names, cg_expr e, precedence around);

static void print_infix(const naming *names, const char *text, precedence own, precedence around, cg_expr x,
                        cg_expr y) {
    base_text *out = names->p->text;
    if (own < around) base_text_add(out, "(");
    // Comparisons do not chain; what stands on the right keeps its parentheses.
    print(names, x, own == COMPARISON ? own + 1 : own);
    base_text_add(out, text);
    print(names, y, own + 1);
    if (own < around) base_text_add(out, ")");
}

// An s64 constant below zero, or -1 times something, as what is subtracted.
static bool print_subtracted(const naming *names, const cg_node *sum, precedence around) {
    const cg_kernel *k = names->p->k;
    const cg_node *y = cg_node_of(k, sum->args[1]);
    base_text *out = names->p->text;
    if (sum->dtype != CV_S64 || sum->primitive != IR_add) return false;
    bool product = y->kind == CG_APPLY && y->primitive == IR_mul;
    const cg_node *constant = product ? cg_node_of(k, y->args[1]) : y;
    int64_t value = constant->kind == CG_CONSTANT ? constant->value.s64 : 0;
    if (value >= 0 || value == INT64_MIN) return false;
    if (names->window[sum->args[1]] != BASE_ABSENT &&
        names->windows.at[names->window[sum->args[1]]].name != BASE_ABSENT)
        return false;
    if (SUM < around) base_text_add(out, "(");
    print(names, sum->args[0], SUM);
    base_text_add(out, " - ");
    if (product) print(names, y->args[0], PRODUCT);
    if (product && value != -1) base_text_add(out, "*");
    if (!product || value != -1) base_text_printf(out, "%" PRId64, -value);
    if (SUM < around) base_text_add(out, ")");
    return true;
}

static void print_apply(const naming *names, const cg_node *n, precedence around) {
    base_text *out = names->p->text;
    for (size_t i = 0; i < sizeof infixes / sizeof *infixes; i++) {
        if (infixes[i].primitive != n->primitive) continue;
        // The quotients of s64 are rounded towards zero here, and down in CG_QUOTIENT.
        if (n->primitive == IR_div && n->dtype == CV_S64) break;
        if (print_subtracted(names, n, around)) return;
        print_infix(names, infixes[i].text, infixes[i].precedence, around, n->args[0], n->args[1]);
        return;
    }
    if (n->primitive == IR_bitcast_convert) base_text_add(out, "bits_");
    bool converts = ir_primitives[n->primitive].layout == &ir_layout_convert;
    base_text_add(out, converts ? cv_dtype_name(n->dtype) : ir_primitives[n->primitive].name);
    for (uint32_t i = 0; i < n->n_args; i++) {
        base_text_add(out, i ? ", " : "(");
        print(names, n->args[i], ANY);
    }
    base_text_add(out, ")");
}

// Without its own name.
static void print_node(const naming *names, cg_expr e, precedence around) {
    const cg_node *n = cg_node_of(names->p->k, e);
    base_text *out = names->p->text;
    switch (n->kind) {
    case CG_CONSTANT: ir_scalar_print(out, &n->value, n->dtype); break;
    case CG_INDEX: base_text_printf(out, "i%u", n->id); break;
    case CG_LOCAL: base_text_printf(out, "t%u", n->id); break;
    case CG_ELEMENT:
    case CG_LOAD:
        base_text_printf(out, "%c%u[", n->kind == CG_LOAD ? 'b' : 'a', n->id);
        print(names, n->args[0], ANY);
        base_text_add(out, "]");
        break;
    case CG_QUOTIENT:
    case CG_REMAINDER:
        if (PRODUCT < around) base_text_add(out, "(");
        print(names, n->args[0], PRODUCT);
        base_text_printf(out, "%c%" PRId64, n->kind == CG_QUOTIENT ? '/' : '%', n->value.s64);
        if (PRODUCT < around) base_text_add(out, ")");
        break;
    case CG_APPLY: print_apply(names, n, around); break;
    }
}

static void print(const naming *names, cg_expr e, precedence around) {
    uint32_t open = names->window[e], name = BASE_ABSENT;
    if (open != BASE_ABSENT) name = names->windows.at[open].name;
    if (name != BASE_ABSENT)
        base_text_printf(names->p->text, "v%u", name);
    else
        print_node(names, e, around);
}

// Names

static void use(naming *names, cg_expr e) {
    if (names->window[e] != BASE_ABSENT) {
        if (names->counting) names->windows.at[names->window[e]].uses++;
        return;
    }
    if (names->counting) base_push(names->p->text->arena, &names->windows, (window){1, BASE_ABSENT, 1});
    names->window[e] = names->next++;
    names->fresh[e] = true;
}

static bool deserves_name(const cg_node *n, const window *w, bool is_root) {
    if (is_leaf(n)) return false;
    bool short_index = cg_has_range(n->dtype) && !n->locals && !n->buffers && w->size <= MAX_INDEX_SIZE;
    return (w->size > MAX_SIZE && !is_root) || (w->uses > 1 && !short_index);
}

static bool contains(const cg_expr *list, uint32_t n, cg_expr e) {
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == e) return true;
    return false;
}

// Opens windows for what the roots of a statement (or one of them) reach, and prints the definitions of
// the names that this takes, each in a line, or after `where`.
static void open_windows(naming *names, const cg_expr *roots, uint32_t n, const char *before,
                         const char *after) {
    const cg_kernel *k = names->p->k;
    cg_expr last = 0;
    for (uint32_t r = 0; r < n; r++) {
        use(names, roots[r]);
        if (roots[r] >= last) last = roots[r] + 1;
    }
    for (cg_expr e = last; e-- > 0;)
        for (uint32_t i = 0; names->fresh[e] && i < k->nodes.at[e].n_args; i++)
            use(names, k->nodes.at[e].args[i]);
    for (cg_expr e = 0; e < last; e++) {
        if (!names->fresh[e]) continue;
        names->fresh[e] = false;
        if (names->counting) continue;
        const cg_node *node = cg_node_of(k, e);
        window *w = &names->windows.at[names->window[e]];
        for (uint32_t i = 0; i < node->n_args; i++) {
            const window *arg = &names->windows.at[names->window[node->args[i]]];
            w->size += arg->name == BASE_ABSENT ? arg->size : 1;
        }
        if (!deserves_name(node, w, contains(roots, n, e))) continue;
        base_text_printf(names->p->text, "%sv%u = ", before, names->p->names);
        print_node(names, e, ANY);
        base_text_add(names->p->text, after);
        w->name = names->p->names++;
    }
}

static void close_windows(naming *names, const cg_statement *s) {
    const cg_kernel *k = names->p->k;
    cg_effects effects = cg_statement_effects(k, s);
    if (!effects.written && !effects.buffers) return;
    for (uint32_t e = 0; e < k->nodes.n; e++)
        if (k->nodes.at[e].locals & effects.written || k->nodes.at[e].buffers & effects.buffers)
            names->window[e] = BASE_ABSENT;
}

// Statements

static void print_loop(const naming *names, uint32_t id) {
    const cg_loop *loop = &names->p->k->loops.at[id];
    base_text *out = names->p->text;
    base_text_printf(out, "i%u < ", id);
    if (loop->limit == CG_ABSENT) {
        base_text_printf(out, "%" PRId64, loop->extent);
    } else {
        print(names, loop->limit, COMPARISON + 1);
        base_text_printf(out, " (at most %" PRId64 ")", loop->extent);
    }
    if (loop->lanes > 1) base_text_printf(out, " lanes %u", loop->lanes);
    if (loop->unrolled) base_text_add(out, " unrolled");
    if (loop->parallel) base_text_add(out, " parallel");
}

static void print_roles(base_text *out, cg_effects body) {
    const char *between = ": ";
    const struct {
        bool has;
        const char *name;
    } roles[] = {{body.puts, "map"}, {body.reduced, "reduce"}, {body.carried & ~body.reduced, "scan"}};
    for (int i = 0; i < 3; i++) {
        if (!roles[i].has) continue;
        base_text_printf(out, "%s%s", between, roles[i].name);
        between = ", ";
    }
}

static void print_combiner(const printer *p, const cg_statement *s) {
    bool sign = s->combiner == IR_add || s->combiner == IR_mul;
    const char *name = sign ? (s->combiner == IR_add ? "+" : "*") : ir_primitives[s->combiner].name;
    base_text_printf(p->text, " %s= ", name);
}

static void print_pairs(const naming *names, const cg_statement *s) {
    base_text *out = names->p->text;
    for (uint32_t i = 0; i < s->ids.n; i++) base_text_printf(out, "%st%u", i ? ", " : "", s->ids.at[i]);
    if (s->kind == CG_SET)
        base_text_add(out, " := ");
    else
        base_text_printf(out, " arg%s= ", ir_primitives[s->combiner].name);
    for (uint32_t i = 0; i < s->values.n; i++) {
        if (i) base_text_add(out, ", ");
        print(names, s->values.at[i], ANY);
    }
}

// The condition is evaluated anew in each round: names that it needs are its own.
static void print_while(printer *p, const cg_statement *s) {
    naming own = naming_new(p);
    base_text definitions = {.arena = p->text->arena}, *out = p->text;
    open_windows(&own, &s->value, 1, "", "");
    own.counting = false;
    own.next = 0;
    memset(own.window, 0xff, sizeof *own.window * p->k->nodes.n);
    p->text = &definitions;
    open_windows(&own, &s->value, 1, ", ", "");
    p->text = out;
    base_text_add(out, "while ");
    print(&own, s->value, ANY);
    if (definitions.n) base_text_printf(out, " where %s", base_text_get(&definitions) + 2);
}

static void print_statement(const naming *names, const cg_statement *s) {
    printer *p = names->p;
    switch (s->kind) {
    case CG_FOR:
        base_text_add(p->text, "for ");
        print_loop(names, s->id);
        print_roles(p->text, cg_block_effects(p->k, &s->body));
        break;
    case CG_WHILE: print_while(p, s); break;
    case CG_IF:
        base_text_add(p->text, "if ");
        print(names, s->value, ANY);
        break;
    case CG_STORE:
    case CG_PUT:
        base_text_printf(p->text, "%c%u[", s->kind == CG_STORE ? 'b' : 'a', s->id);
        print(names, s->offset, ANY);
        base_text_add(p->text, "] := ");
        print(names, s->value, ANY);
        break;
    case CG_SET:
    case CG_ARG: print_pairs(names, s); break;
    case CG_REDUCE:
        base_text_printf(p->text, "t%u", s->id);
        print_combiner(p, s);
        print(names, s->value, ANY);
        break;
    }
}

static void print_block(printer *p, const cg_block *block, int indent) {
    naming names = naming_new(p);
    char *margin = base_format(p->text->arena, "%*s", indent, "");
    for (int pass = 0; pass < 2; pass++) {
        names.counting = !pass;
        names.next = 0;
        memset(names.window, 0xff, sizeof *names.window * p->k->nodes.n);
        for (uint32_t i = 0; i < block->n; i++) {
            const cg_statement *s = block->at[i];
            uint32_t n = 0;
            cg_expr *roots = base_new_array(p->text->arena, cg_expr, cg_n_roots(s));
            for (uint32_t r = 0; r < cg_n_roots(s) && s->kind != CG_WHILE; r++)
                if (cg_root(p->k, s, r) != CG_ABSENT) roots[n++] = cg_root(p->k, s, r);
            open_windows(&names, roots, n, margin, "\n");
            if (!names.counting) {
                base_text_add(p->text, margin);
                print_statement(&names, s);
                base_text_add(p->text, "\n");
                if (s->body.n) print_block(p, &s->body, indent + 2);
            }
            close_windows(&names, s);
        }
    }
}

// Header

static void print_grid(printer *p) {
    naming inline_only = naming_new(p);
    base_text_add(p->text, ": grid ");
    if (!p->k->grid.n) base_text_add(p->text, "of one");
    for (uint32_t i = 0; i < p->k->grid.n; i++) {
        if (i) base_text_add(p->text, ", ");
        print_loop(&inline_only, p->k->grid.at[i]);
    }
}

static void print_parts(printer *p) {
    static const char *const access[] = {
        [CG_READ] = "read", [CG_WRITE] = "write", [CG_READ_WRITE] = "read write"};
    const cg_kernel *k = p->k;
    base_text_add(p->text, "\n  ");
    for (uint32_t i = 0; i < k->buffers.n; i++) {
        const cg_buffer *b = &k->buffers.at[i];
        base_text_printf(p->text, "%sb%u %s %s[%" PRId64 "]", i ? ", " : "", i, access[b->access & 3],
                         cv_dtype_name(b->dtype), b->count);
        if (i < 64 && k->streamed >> i & 1) base_text_add(p->text, " streamed");
    }
    base_text_printf(p->text, "%s%" PRId64 " bytes, %" PRId64 " operations\n", k->buffers.n ? "; " : "",
                     k->bytes, k->operations);
    for (uint32_t i = 0; i < k->locals.n; i++) {
        const cg_local *l = &k->locals.at[i];
        base_text_printf(p->text, "%s%c%u %s", i ? ", " : "  ", l->count == 1 ? 't' : 'a', i,
                         cv_dtype_name(l->dtype));
        if (l->count != 1) base_text_printf(p->text, "[%" PRId64 "]", l->count);
    }
    if (k->locals.n) base_text_add(p->text, "\n");
}

void cg_kernel_print(base_text *text, const cg_kernel *k) {
    printer p = {k, text, 0};
    base_text_printf(text, "kernel %s", k->name);
    if (k->place.file) base_text_printf(text, " (%s:%u)", k->place.file, k->place.line);
    print_grid(&p);
    print_parts(&p);
    print_block(&p, &k->body, 2);
    if (!k->finish.n) return;
    base_text_add(text, "  finish\n");
    print_block(&p, &k->finish, 4);
}
