// In: a kernel. Out: nothing, or CV_INTERNAL raised with the kernel's name and the rule that it breaks.
//
// Rules: numbers name parts that exist; dtypes agree; offsets are s64; a counter is used inside its loop
// only; what is written may be written, what is read may be read; a statement has what its kind takes.
// An offset is outside its buffer for certain if its range and the buffer have nothing in common, or if
// it is affine in counters that all take their extreme values, and an extreme is outside.
// Expressions are verified once, node by node; statements with the loops that are open around them.

#include <stdarg.h>
#include <stdio.h>
#include <inttypes.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"

typedef struct verifier {
    const cg_kernel *k;
    uint64_t open;  // loops around the statement
    uint64_t whole; // those of them without a limit
    bool certain;   // it runs in every iteration of them
    bool *reached;  // scratch, of every node
} verifier;

_Noreturn static void wrong(const cg_kernel *k, const char *format, ...) BASE_PRINTF(2, 3);
_Noreturn static void wrong(const cg_kernel *k, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    base_raise(CV_INTERNAL, "kernel %s: %s", k->name, text);
}

// Nodes

static void verify_args(const cg_kernel *k, uint32_t e, uint32_t n_args) {
    const cg_node *n = &k->nodes.at[e];
    if (n->n_args != n_args) wrong(k, "node %u has %u arguments, not %u", e, n->n_args, n_args);
    for (uint32_t i = 0; i < n_args; i++)
        if (n->args[i] >= e)
            wrong(k, "node %u has argument %u, which does not stand before it", e, n->args[i]);
}

static void verify_apply(const cg_kernel *k, uint32_t e) {
    const cg_node *n = &k->nodes.at[e];
    if (n->primitive >= IR_PRIMITIVE_COUNT || !(ir_primitives[n->primitive].traits & IR_ELEMENTWISE))
        wrong(k, "node %u applies what is not an elementwise primitive", e);
    const ir_primitive_info *info = &ir_primitives[n->primitive];
    verify_args(k, e, (uint32_t)info->n_in);
    bool compares = n->primitive >= IR_eq && n->primitive <= IR_ge, selects = n->primitive == IR_select;
    cv_dtype first = cg_node_of(k, n->args[0])->dtype, main = selects ? n->dtype : first;
    if (!(info->dtypes >> main & 1)) wrong(k, "node %u: %s of %s", e, info->name, cv_dtype_name(main));
    if (selects && first != CV_BOOL) wrong(k, "node %u selects by %s", e, cv_dtype_name(first));
    if (info->layout == &ir_layout_convert) return;
    for (uint32_t i = selects; i < n->n_args; i++) {
        cv_dtype dtype = cg_node_of(k, n->args[i])->dtype;
        if (dtype != main)
            wrong(k, "node %u: %s of %s and %s", e, info->name, cv_dtype_name(main), cv_dtype_name(dtype));
    }
    if (n->dtype != (compares ? CV_BOOL : main))
        wrong(k, "node %u: %s of %s gives %s", e, info->name, cv_dtype_name(main), cv_dtype_name(n->dtype));
}

static void verify_offset(const cg_kernel *k, const char *what, uint32_t id, cg_expr offset) {
    if (offset >= k->nodes.n) wrong(k, "%s%u has no offset", what, id);
    if (cg_node_of(k, offset)->dtype != CV_S64)
        wrong(k, "an offset in %s%u is %s, not s64", what, id, cv_dtype_name(cg_node_of(k, offset)->dtype));
}

static const cg_local *local_of(const cg_kernel *k, uint32_t id, bool scalar) {
    if (id >= k->locals.n) wrong(k, "local %u does not exist", id);
    if (scalar && k->locals.at[id].count != 1) wrong(k, "array a%u is used as a scalar", id);
    return &k->locals.at[id];
}

static void expect_dtype(const cg_kernel *k, const char *what, uint32_t id, cv_dtype dtype, cg_expr value) {
    if (value >= k->nodes.n) wrong(k, "%s%u gets no value", what, id);
    if (cg_node_of(k, value)->dtype != dtype)
        wrong(k, "%s%u of %s gets %s", what, id, cv_dtype_name(dtype),
              cv_dtype_name(cg_node_of(k, value)->dtype));
}

static void verify_node(const cg_kernel *k, uint32_t e) {
    const cg_node *n = &k->nodes.at[e];
    if ((unsigned)n->dtype >= CV_TAPE) wrong(k, "node %u has no dtype", e);
    switch (n->kind) {
    case CG_CONSTANT: verify_args(k, e, 0); break;
    case CG_INDEX:
        verify_args(k, e, 0);
        if (n->id >= k->loops.n) wrong(k, "loop %u does not exist", n->id);
        if (n->dtype != CV_S64) wrong(k, "the counter of loop %u is not s64", n->id);
        break;
    case CG_LOCAL:
        verify_args(k, e, 0);
        if (local_of(k, n->id, true)->dtype != n->dtype)
            wrong(k, "node %u is t%u with another dtype", e, n->id);
        break;
    case CG_ELEMENT:
        verify_args(k, e, 1);
        verify_offset(k, "a", n->id, n->args[0]);
        if (local_of(k, n->id, false)->dtype != n->dtype)
            wrong(k, "node %u is of a%u with another dtype", e, n->id);
        break;
    case CG_LOAD:
        verify_args(k, e, 1);
        if (n->id >= k->buffers.n) wrong(k, "buffer %u does not exist", n->id);
        verify_offset(k, "b", n->id, n->args[0]);
        if (k->buffers.at[n->id].dtype != n->dtype)
            wrong(k, "node %u loads b%u with another dtype", e, n->id);
        break;
    case CG_APPLY: verify_apply(k, e); break;
    case CG_QUOTIENT:
    case CG_REMAINDER:
        verify_args(k, e, 1);
        if (n->dtype != CV_S64 || cg_node_of(k, n->args[0])->dtype != CV_S64)
            wrong(k, "node %u divides what is not s64", e);
        if (n->value.s64 <= 0) wrong(k, "node %u divides by %" PRId64, e, n->value.s64);
        break;
    default: wrong(k, "node %u is of no kind", e);
    }
}

// Offsets

// Whether the extremes of an offset's range are taken for certain.
static bool reaches_extremes(const verifier *v, const cg_node *offset, cg_expr e) {
    int64_t factors[CG_MAX_LOOPS];
    if (offset->kind == CG_CONSTANT) return true;
    return v->certain && !offset->locals && !offset->buffers && !(offset->loops & ~v->whole) &&
           cg_affine(v->k, e, offset->loops, factors);
}

static void verify_inside(const verifier *v, const char *what, uint32_t id, cg_expr e, int64_t count) {
    const cg_node *offset = cg_node_of(v->k, e);
    bool apart = offset->high < 0 || offset->low >= count;
    bool over = (offset->low < 0 || offset->high >= count) && reaches_extremes(v, offset, e);
    if (apart || over)
        wrong(v->k, "offsets %" PRId64 " to %" PRId64 " in %s%u, which has %" PRId64 " elements", offset->low,
              offset->high, what, id, count);
}

// What an expression depends on has to be open; what it loads, readable and inside.
static void verify_expression(verifier *v, cg_expr e) {
    const cg_kernel *k = v->k;
    if (e >= k->nodes.n) wrong(k, "node %u does not exist", e);
    uint64_t closed = cg_node_of(k, e)->loops & ~v->open;
    if (closed) wrong(k, "the counter of loop %d is used outside it", __builtin_ctzll(closed));
    for (uint32_t i = 0; i <= e; i++) v->reached[i] = i == e;
    for (uint32_t i = e + 1; i-- > 0;) {
        const cg_node *n = &k->nodes.at[i];
        if (!v->reached[i]) continue;
        for (uint32_t a = 0; a < n->n_args; a++) v->reached[n->args[a]] = true;
        if (n->kind == CG_ELEMENT) verify_inside(v, "a", n->id, n->args[0], k->locals.at[n->id].count);
        if (n->kind != CG_LOAD) continue;
        if (!(k->buffers.at[n->id].access & CG_READ)) wrong(k, "b%u is read, but is not to be read", n->id);
        verify_inside(v, "b", n->id, n->args[0], k->buffers.at[n->id].count);
    }
}

// Statements

static void verify_pairs(const cg_kernel *k, const cg_statement *s) {
    if (!s->ids.n || s->ids.n != s->values.n)
        wrong(k, "%u locals are set to %u values", s->ids.n, s->values.n);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < s->ids.n; i++) {
        expect_dtype(k, "t", s->ids.at[i], local_of(k, s->ids.at[i], true)->dtype, s->values.at[i]);
        if (seen >> s->ids.at[i] & 1) wrong(k, "t%u is set twice at once", s->ids.at[i]);
        seen |= UINT64_C(1) << s->ids.at[i];
    }
}

static void verify_arg(const cg_kernel *k, const cg_statement *s) {
    verify_pairs(k, s);
    if (s->ids.n != 2) wrong(k, "arg%s has %u locals, not 2", ir_primitives[s->combiner].name, s->ids.n);
    if (s->combiner != IR_max && s->combiner != IR_min)
        wrong(k, "the combiner of an arg is neither max nor min");
    if (!ir_is_integer(k->locals.at[s->ids.at[1]].dtype))
        wrong(k, "t%u, an index, is not an integer", s->ids.at[1]);
}

static void verify_reduce(const cg_kernel *k, const cg_statement *s) {
    static const ir_primitive combiners[] = {IR_add, IR_mul, IR_max, IR_min, IR_and, IR_or, IR_xor};
    bool known = false;
    for (size_t i = 0; i < sizeof combiners / sizeof *combiners; i++) known |= combiners[i] == s->combiner;
    cv_dtype dtype = local_of(k, s->id, true)->dtype;
    if (!known || !(ir_primitives[s->combiner].dtypes >> dtype & 1))
        wrong(k, "t%u of %s is reduced by what does not combine it", s->id, cv_dtype_name(dtype));
    expect_dtype(k, "t", s->id, dtype, s->value);
}

static void verify_fields(const cg_kernel *k, const cg_statement *s) {
    switch (s->kind) {
    case CG_FOR:
        if (s->id >= k->loops.n) wrong(k, "loop %u does not exist", s->id);
        break;
    case CG_WHILE:
    case CG_IF:
        if (s->value >= k->nodes.n || cg_node_of(k, s->value)->dtype != CV_BOOL)
            wrong(k, "the condition of %s is not a bool", s->kind == CG_IF ? "an if" : "a while");
        break;
    case CG_STORE:
        if (s->id >= k->buffers.n) wrong(k, "buffer %u does not exist", s->id);
        verify_offset(k, "b", s->id, s->offset);
        expect_dtype(k, "b", s->id, k->buffers.at[s->id].dtype, s->value);
        if (!(k->buffers.at[s->id].access & CG_WRITE))
            wrong(k, "b%u is written, but is only to be read", s->id);
        break;
    case CG_PUT:
        expect_dtype(k, "a", s->id, local_of(k, s->id, false)->dtype, s->value);
        verify_offset(k, "a", s->id, s->offset);
        break;
    case CG_SET: verify_pairs(k, s); break;
    case CG_REDUCE: verify_reduce(k, s); break;
    case CG_ARG: verify_arg(k, s); break;
    default: wrong(k, "a statement is of no kind");
    }
}

// Opens a loop; false if it never runs.
static bool open_loop(verifier *v, uint32_t id) {
    const cg_kernel *k = v->k;
    if (id >= k->loops.n) wrong(k, "loop %u does not exist", id);
    const cg_loop *loop = &k->loops.at[id];
    if (v->open >> id & 1) wrong(k, "loop %u stands inside itself", id);
    if (loop->extent < 0) wrong(k, "loop %u has %" PRId64 " iterations", id, loop->extent);
    if (!loop->lanes) wrong(k, "loop %u has no lanes", id);
    if (loop->limit != CG_ABSENT) {
        verify_expression(v, loop->limit);
        if (cg_node_of(k, loop->limit)->dtype != CV_S64) wrong(k, "the limit of loop %u is not s64", id);
        v->certain = false;
    } else {
        v->whole |= UINT64_C(1) << id;
    }
    v->open |= UINT64_C(1) << id;
    return loop->extent > 0;
}

static void verify_block(verifier *v, const cg_block *block) {
    for (uint32_t i = 0; i < block->n; i++) {
        const cg_statement *s = block->at[i];
        verifier inner = *v;
        verify_fields(v->k, s);
        for (uint32_t r = 1; r < cg_n_roots(s); r++)
            if (cg_root(v->k, s, r) != CG_ABSENT) verify_expression(v, cg_root(v->k, s, r));
        if (s->kind == CG_STORE) verify_inside(v, "b", s->id, s->offset, v->k->buffers.at[s->id].count);
        if (s->kind == CG_PUT) verify_inside(v, "a", s->id, s->offset, v->k->locals.at[s->id].count);
        if (s->kind == CG_WHILE || s->kind == CG_IF) inner.certain = false;
        if (s->kind == CG_FOR) {
            if (v->k->loops.at[s->id].parallel)
                wrong(v->k, "loop %u is parallel, but not of the grid", s->id);
            if (!open_loop(&inner, s->id)) continue;
        }
        verify_block(&inner, &s->body);
    }
}

void cg_kernel_verify(const cg_kernel *k) {
    for (uint32_t i = 0; i < k->buffers.n; i++)
        if (k->buffers.at[i].count < 0 || (unsigned)k->buffers.at[i].dtype >= CV_TAPE)
            wrong(k, "b%u has no dtype or a negative size", i);
    for (uint32_t i = 0; i < k->locals.n; i++)
        if (k->locals.at[i].count < 1 || (unsigned)k->locals.at[i].dtype >= CV_TAPE)
            wrong(k, "local %u has no dtype or no size", i);
    for (uint32_t i = 0; i < k->nodes.n; i++) verify_node(k, i);
    verifier v = {.k = k, .certain = true, .reached = base_new_array(k->arena, bool, k->nodes.n + 1)};
    verifier finish = v;
    bool runs = true;
    for (uint32_t i = 0; i < k->grid.n; i++) runs &= open_loop(&v, k->grid.at[i]);
    if (runs) verify_block(&v, &k->body);
    verify_block(&finish, &k->finish);
}
