// Building kernels: the parts of a kernel, hash-consed expressions, statements; and whether two kernels
// are the same.
//
// Equal expressions are one node, so a node's arguments have smaller numbers than the node: passes
// over expressions are loops over numbers. What an expression depends on is the union of what its
// arguments depend on, kept in masks, so that a pass sees at once what a statement changes. Loads and
// values of locals are nodes like any other: they mean the value where the expression is evaluated.
//
// Simplification happens before a node is made (fold.c, index.c), so a kernel holds the simplified
// form only.

#include "codegen/kernel.h"

#include <string.h>

#include "base/error.h"
#include "codegen/kernel_nodes.h"

cg_kernel *cg_kernel_new(base_arena *arena, const char *name) {
    cg_kernel *k = base_new(arena, cg_kernel);
    k->arena = arena;
    k->name = base_arena_strdup(arena, name);
    return k;
}

void cg_kernel_free(cg_kernel *k) {
    if (k) base_index_free(&k->index);
}

// Interning

static uint64_t hash_node(const cg_node *n) {
    uint64_t words[6] = {(uint64_t)n->kind | (uint64_t)n->primitive << 16 | (uint64_t)n->dtype << 32,
                         (uint64_t)n->id | (uint64_t)n->n_args << 32,
                         (uint64_t)n->args[0] | (uint64_t)n->args[1] << 32, n->args[2]};
    memcpy(words + 4, &n->value, sizeof n->value);
    return base_hash(words, sizeof words, 0);
}

static bool same_node(const cg_node *a, const cg_node *b) {
    return a->kind == b->kind && a->primitive == b->primitive && a->dtype == b->dtype && a->id == b->id &&
           a->n_args == b->n_args && !memcmp(a->args, b->args, sizeof a->args) &&
           !memcmp(&a->value, &b->value, sizeof a->value);
}

// The index goes when a kernel is finished; who adds to it after that finds it made again.
static void restore_index(cg_kernel *k) {
    if (k->index.n || !k->nodes.n) return;
    for (uint32_t i = 0; i < k->nodes.n; i++) base_index_add(&k->index, hash_node(&k->nodes.at[i]), i);
}

static void fill_masks(const cg_kernel *k, cg_node *n) {
    n->loops = n->locals = n->buffers = 0;
    for (uint32_t i = 0; i < n->n_args; i++) {
        const cg_node *arg = cg_node_of(k, n->args[i]);
        n->loops |= arg->loops;
        n->locals |= arg->locals;
        n->buffers |= arg->buffers;
    }
    uint64_t own = UINT64_C(1) << n->id % 64;
    if (n->kind == CG_INDEX) n->loops |= own;
    if (n->kind == CG_LOCAL || n->kind == CG_ELEMENT) n->locals |= own;
    if (n->kind == CG_LOAD) n->buffers |= own;
}

static cg_expr find(cg_kernel *k, const cg_node *node, uint64_t hash) {
    uint32_t probe;
    restore_index(k);
    for (uint32_t i = base_index_first(&k->index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&k->index, hash, &probe))
        if (same_node(&k->nodes.at[i], node)) return i;
    return CG_ABSENT;
}

cg_expr cg_intern(cg_kernel *k, const cg_node *node) {
    uint64_t hash = hash_node(node);
    cg_expr found = find(k, node, hash);
    if (found != CG_ABSENT) return found;
    for (uint32_t i = 0; i < node->n_args; i++) base_check(node->args[i] < k->nodes.n);
    cg_expr made = k->nodes.n;
    base_push(k->arena, &k->nodes, *node);
    fill_masks(k, &k->nodes.at[made]);
    base_index_add(&k->index, hash, made);
    return made;
}

// Integers commute without a trace: the same with its operands exchanged is looked for. Floating
// point keeps its order, and with it the NaN that is passed on.
static cg_expr find_exchanged(cg_kernel *k, const cg_node *node) {
    bool commutes = ir_primitives[node->primitive].traits & IR_COMMUTATIVE;
    if (!commutes || !cg_has_range(cg_node_of(k, node->args[0])->dtype)) return CG_ABSENT;
    cg_node exchanged = *node;
    exchanged.args[0] = node->args[1];
    exchanged.args[1] = node->args[0];
    return find(k, &exchanged, hash_node(&exchanged));
}

cg_expr cg_intern_apply(cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args, uint32_t n,
                        cg_range range) {
    cg_node node = {.kind = CG_APPLY, .primitive = primitive, .dtype = dtype, .n_args = n,
                    .value = CG_NO_VALUE, .low = range.low, .high = range.high};
    for (uint32_t i = 0; i < n; i++) node.args[i] = args[i];
    cg_expr found = find_exchanged(k, &node);
    return found != CG_ABSENT ? found : cg_intern(k, &node);
}

// Parts

uint32_t cg_add_buffer(cg_kernel *k, cv_dtype dtype, int64_t count, cg_access access) {
    base_push(k->arena, &k->buffers, (cg_buffer){dtype, count, access});
    return k->buffers.n - 1;
}

uint32_t cg_add_local(cg_kernel *k, cv_dtype dtype, int64_t count) {
    base_check(k->locals.n < CG_MAX_LOCALS);
    base_push(k->arena, &k->locals, (cg_local){dtype, count});
    return k->locals.n - 1;
}

uint32_t cg_add_loop(cg_kernel *k, int64_t extent, cg_expr limit) {
    base_check(k->loops.n < CG_MAX_LOOPS);
    base_push(k->arena, &k->loops, (cg_loop){.extent = extent, .limit = limit, .lanes = 1});
    return k->loops.n - 1;
}

// Expressions

cg_expr cg_constant(cg_kernel *k, cv_dtype dtype, const union ir_scalar *value) {
    cg_range range = cg_dtype_range(dtype);
    if (dtype == CV_BOOL)
        range.low = range.high = value->boolean != 0;
    else if (cg_has_range(dtype))
        range.low = range.high = ir_scalar_to_int(value, dtype);
    cg_node node = {.kind = CG_CONSTANT, .dtype = dtype, .value = CG_NO_VALUE,
                    .low = range.low, .high = range.high};
    memcpy(&node.value, value, cv_dtype_size(dtype));
    return cg_intern(k, &node);
}

cg_expr cg_int(cg_kernel *k, int64_t value) {
    return cg_constant(k, CV_S64, &(union ir_scalar){.s64 = value});
}

// The counter of a loop of one iteration is the constant 0.
cg_expr cg_index(cg_kernel *k, uint32_t loop) {
    base_check(loop < k->loops.n);
    int64_t extent = k->loops.at[loop].extent;
    if (extent <= 1) return cg_int(k, 0);
    cg_node node = {.kind = CG_INDEX, .dtype = CV_S64, .id = loop, .value = CG_NO_VALUE, .high = extent - 1};
    return cg_intern(k, &node);
}

static cg_expr of_memory(cg_kernel *k, cg_node_kind kind, uint32_t id, cv_dtype dtype, cg_expr offset) {
    cg_range range = cg_dtype_range(dtype);
    cg_node node = {.kind = kind, .id = id, .dtype = dtype, .value = CG_NO_VALUE,
                    .low = range.low, .high = range.high};
    if (offset != CG_ABSENT) node.args[node.n_args++] = offset;
    return cg_intern(k, &node);
}

cg_expr cg_local_value(cg_kernel *k, uint32_t local) {
    base_check(local < k->locals.n);
    return of_memory(k, CG_LOCAL, local, k->locals.at[local].dtype, CG_ABSENT);
}

cg_expr cg_element(cg_kernel *k, uint32_t local, cg_expr offset) {
    base_check(local < k->locals.n && offset < k->nodes.n);
    return of_memory(k, CG_ELEMENT, local, k->locals.at[local].dtype, offset);
}

cg_expr cg_load(cg_kernel *k, uint32_t buffer, cg_expr offset) {
    base_check(buffer < k->buffers.n && offset < k->nodes.n);
    return of_memory(k, CG_LOAD, buffer, k->buffers.at[buffer].dtype, offset);
}

cg_expr cg_apply(cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args, uint32_t n) {
    base_check(primitive < IR_PRIMITIVE_COUNT && ir_primitives[primitive].traits & IR_ELEMENTWISE);
    base_check((int)n == ir_primitives[primitive].n_in);
    for (uint32_t i = 0; i < n; i++) base_check(args[i] < k->nodes.n);
    cg_expr folded = cg_fold(k, primitive, dtype, args, n);
    if (folded != CG_ABSENT) return folded;
    cg_range range = cg_apply_range(k, primitive, dtype, args);
    if (cg_has_range(dtype) && range.low == range.high) {
        union ir_scalar value = {0};
        ir_scalar_from_int(&value, dtype, range.low);
        return cg_constant(k, dtype, &value);
    }
    return cg_intern_apply(k, primitive, dtype, args, n, range);
}

cg_expr cg_apply2(cg_kernel *k, ir_primitive primitive, cg_expr x, cg_expr y) {
    base_check(x < k->nodes.n);
    bool compares = primitive >= IR_eq && primitive <= IR_ge;
    return cg_apply(k, primitive, compares ? CV_BOOL : cg_node_of(k, x)->dtype, (cg_expr[]){x, y}, 2);
}

// Statements

cg_statement *cg_statement_new(cg_kernel *k, cg_statement_kind kind) {
    cg_statement *s = base_new(k->arena, cg_statement);
    *s = (cg_statement){.kind = kind, .offset = CG_ABSENT, .value = CG_ABSENT};
    return s;
}

cg_statement *cg_for(cg_kernel *k, uint32_t loop) {
    cg_statement *s = cg_statement_new(k, CG_FOR);
    s->id = loop;
    return s;
}

static cg_statement *writing(cg_kernel *k, cg_statement_kind kind, uint32_t id, cg_expr offset,
                             cg_expr value) {
    cg_statement *s = cg_statement_new(k, kind);
    s->id = id;
    s->offset = offset;
    s->value = value;
    return s;
}

cg_statement *cg_store(cg_kernel *k, uint32_t buffer, cg_expr offset, cg_expr value) {
    return writing(k, CG_STORE, buffer, offset, value);
}

cg_statement *cg_put(cg_kernel *k, uint32_t local, cg_expr offset, cg_expr value) {
    return writing(k, CG_PUT, local, offset, value);
}

cg_statement *cg_set(cg_kernel *k, uint32_t local, cg_expr value) {
    cg_statement *s = cg_statement_new(k, CG_SET);
    base_push(k->arena, &s->ids, local);
    base_push(k->arena, &s->values, value);
    return s;
}

cg_statement *cg_reduce(cg_kernel *k, uint32_t local, ir_primitive combiner, cg_expr value) {
    cg_statement *s = writing(k, CG_REDUCE, local, CG_ABSENT, value);
    s->combiner = combiner;
    return s;
}
