// In: operations. Out: values, made by as few and as simple operations as the rules know.
//
// The order is: constants to the right, folding, the broadcast that all operands share, the rules of
// the primitive, and last a look for an equal operation. A rule emits by the same door, so its
// results are simple too. Each rewriting makes its operation smaller, but chains of them can be as
// long as the program (a slice of a concatenation of a concatenation ...): rules nest to a fixed
// depth only, and the next sweep goes on from there.

#include <string.h>

#include "ir/rules.h"
#include "transforms/simplify.h"

enum { DEEPEST_RULE = 24 };

static sx_rule *const rules[IR_PRIMITIVE_COUNT] = {
#define ROW(name) [IR_##name] = sx_rule_##name,
    SX_RULES(ROW)
#undef ROW
};

// Operands of what commutes count as a set.
static uint64_t hash_of(const sx_op *op) {
    const ir_primitive_info *info = &ir_primitives[op->primitive];
    ir_val sorted[3];
    const ir_val *in = op->in;
    if (info->traits & IR_COMMUTATIVE && in[0] > in[1]) {
        memcpy(sorted, in, sizeof *in * op->n_in);
        sorted[0] = in[1];
        sorted[1] = in[0];
        in = sorted;
    }
    uint64_t hash = base_hash(in, sizeof *in * op->n_in, op->primitive);
    return info->layout->size ? ir_attributes_hash(info->layout, op->attributes, hash) : hash;
}

static bool is_same(const sx *s, const sx_op *op, const ir_op *other) {
    const ir_primitive_info *info = &ir_primitives[op->primitive];
    if (op->primitive != other->primitive || op->n_in != other->n_in) return false;
    if (!op->n_in) return ir_attributes_equal(info->layout, op->attributes, other->attributes);
    const ir_val *a = op->in, *b = s->b->operands.at + other->in;
    bool swapped = info->traits & IR_COMMUTATIVE && a[0] == b[1] && a[1] == b[0];
    if (!swapped && memcmp(a, b, sizeof *a * op->n_in)) return false;
    return !info->layout->size || ir_attributes_equal(info->layout, op->attributes, other->attributes);
}

ir_val sx_share(sx *s, const sx_op *op) {
    uint64_t hash = hash_of(op);
    uint32_t probe;
    for (uint32_t i = base_index_first(&s->shared, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&s->shared, hash, &probe))
        if (is_same(s, op, &s->b->ops.at[i])) return s->b->ops.at[i].out;
    ir_val value = ir_emit(s->b, op->primitive, op->in, op->n_in, op->attributes);
    base_index_add(&s->shared, hash, s->b->ops.n - 1);
    bool empty = op->primitive != IR_constant && s->b->ops.at[s->b->ops.n - 1].n_out == 1 &&
                 sx_type(s, value)->count == 0;
    return empty ? sx_full_int(s, sx_type(s, value), 0) : value;
}

// The comparison with its operands exchanged.
static ir_primitive mirrored(ir_primitive p) {
    switch (p) {
    case IR_lt: return IR_gt;
    case IR_le: return IR_ge;
    case IR_gt: return IR_lt;
    case IR_ge: return IR_le;
    default: return p;
    }
}

static ir_val apply_rules(sx *s, const sx_op *op) {
    ir_val value = sx_fold(s, op);
    if (value == IR_NONE && ir_primitives[op->primitive].traits & IR_ELEMENTWISE)
        value = sx_sink_broadcast(s, op);
    if (value == IR_NONE && rules[op->primitive]) value = rules[op->primitive](s, op);
    return value;
}

ir_val sx_emit(sx *s, ir_primitive primitive, const ir_val *in, uint32_t n_in, const void *attributes) {
    sx_op op = {primitive, in, n_in, attributes};
    ir_val swapped[2];
    bool mirrors = ir_primitives[primitive].traits & IR_COMMUTATIVE || mirrored(primitive) != primitive;
    if (mirrors && sx_literal(s, in[0]) && !sx_literal(s, in[1])) {
        swapped[0] = in[1];
        swapped[1] = in[0];
        op.primitive = mirrored(primitive);
        op.in = swapped;
    }
    if (s->depth < DEEPEST_RULE) {
        s->depth++;
        ir_val value = apply_rules(s, &op);
        s->depth--;
        if (value != IR_NONE) return value;
    }
    return sx_share(s, &op);
}

void sx_count_uses(sx *s, ir_val value, uint32_t uses) {
    while (s->uses.n <= value) base_push(&s->arena, &s->uses, 0);
    s->uses.at[value] += uses;
}

bool sx_used_once(const sx *s, ir_val value) { return value >= s->uses.n || s->uses.at[value] <= 1; }

const ir_op *sx_def(const sx *s, ir_val value, ir_primitive primitive) {
    const ir_op *op = ir_def_of(s->b, value);
    return op && op->primitive == primitive ? op : NULL;
}

ir_val sx_undo(const sx *s, ir_val value, ir_primitive primitive) {
    const ir_op *op = sx_def(s, value, primitive);
    return op ? sx_in(s, op, 0) : IR_NONE;
}

ir_val sx_unary(sx *s, ir_primitive primitive, ir_val x) { return sx_emit(s, primitive, &x, 1, NULL); }

ir_val sx_binary(sx *s, ir_primitive primitive, ir_val x, ir_val y) {
    return sx_emit(s, primitive, (ir_val[]){x, y}, 2, NULL);
}

ir_val sx_convert(sx *s, ir_val x, cv_dtype dtype) {
    return sx_emit(s, IR_convert, &x, 1, &(ir_convert_attributes){dtype});
}

ir_val sx_broadcast(sx *s, ir_val x, ir_dims shape, ir_dims dims) {
    return sx_emit(s, IR_broadcast_in_dim, &x, 1, &(ir_broadcast_attributes){shape, dims});
}

ir_val sx_broadcast_leading(sx *s, ir_val x, int64_t size) {
    const ir_type *type = sx_type(s, x);
    int64_t shape[IR_MAX_RANK + 1] = {size}, dims[IR_MAX_RANK];
    for (int64_t i = 0; i < type->rank; i++) {
        shape[i + 1] = type->dims[i];
        dims[i] = i + 1;
    }
    return sx_broadcast(s, x, (ir_dims){(int64_t)type->rank + 1, shape}, (ir_dims){type->rank, dims});
}

ir_val sx_reshape(sx *s, ir_val x, ir_dims shape) {
    return sx_emit(s, IR_reshape, &x, 1, &(ir_reshape_attributes){shape});
}

ir_val sx_transpose(sx *s, ir_val x, ir_dims permutation) {
    return sx_emit(s, IR_transpose, &x, 1, &(ir_transpose_attributes){permutation});
}

ir_val sx_slice(sx *s, ir_val x, ir_dims start, ir_dims limit, ir_dims stride) {
    return sx_emit(s, IR_slice, &x, 1, &(ir_slice_attributes){start, limit, stride});
}

ir_val sx_reduce(sx *s, ir_primitive primitive, ir_val x, ir_dims axes) {
    int64_t sorted[IR_MAX_RANK];
    for (int64_t i = 0; i < axes.n; i++) {
        int64_t at = i;
        for (; at > 0 && sorted[at - 1] > axes.at[i]; at--) sorted[at] = sorted[at - 1];
        sorted[at] = axes.at[i];
    }
    return sx_emit(s, primitive, &x, 1, &(ir_axes_attributes){{axes.n, sorted}});
}
