// In: a function that claims to be linear in some parameters. Out: nothing, or CV_INTERNAL.
//
// Every operation with a linear operand must be linear in it: a multilinear one (a product) in exactly
// one operand; any other in all operands of its linear mask together, of which those that are not
// linear values must be zero.

#include "transforms/activity.h"

#include <string.h>

#include "ir/rules.h"

static bool is_zero(const ir_function *f, ir_val value) {
    for (;;) {
        if (f->def[value] == IR_NONE) return false;
        const ir_op *op = &f->ops[f->def[value]];
        if (op->primitive == IR_constant) {
            const ir_literal *literal = &((const ir_constant_attributes *)op->attributes)->value;
            size_t size = literal->splat ? cv_dtype_size(literal->type->dtype) : literal->type->bytes;
            const char *bytes = literal->data;
            for (size_t i = 0; i < size; i++)
                if (bytes[i]) return false;
            return true;
        }
        if (op->n_in != 1 || !(ir_primitives[op->primitive].traits & IR_MOVEMENT)) return false;
        value = ir_in(f, op)[0];
    }
}

static void check_simple(const ir_function *f, const ir_op *op, const bool *linear) {
    const ir_primitive_info *info = &ir_primitives[op->primitive];
    uint32_t n = 0;
    for (uint32_t k = 0; k < op->n_in; k++) {
        if (linear[k] && !ir_is_linear_in(op->primitive, k))
            ir_fail_op(op, CV_INTERNAL, "in a linear program, but not linear in operand %u", k);
        n += linear[k];
    }
    if (info->traits & IR_MULTILINEAR) {
        if (n > 1) ir_fail_op(op, CV_INTERNAL, "in a linear program, but a product of linear values");
        return;
    }
    for (uint32_t k = 0; k < op->n_in; k++)
        if (!linear[k] && ir_is_linear_in(op->primitive, k) && !is_zero(f, ir_in(f, op)[k]))
            ir_fail_op(op, CV_INTERNAL, "in a linear program, but operand %u is neither linear nor zero", k);
}

// The body of a linear scan at the fixed point of its carries.
static void check_scan(const ir_function *f, const ir_op *op, bool *linear, base_arena *arena) {
    const ir_scan_attributes *a = op->attributes;
    bool *results = base_new_array(arena, bool, a->body->n_results + 1);
    bool *mask = base_arena_copy(arena, linear, op->n_in);
    xf_depends_loop(a->body, XF_ANY, mask, a->constants, a->carries, results);
    for (uint32_t k = 0; k < op->n_in; k++)
        if (mask[k] && !linear[k] && !is_zero(f, ir_in(f, op)[k]))
            ir_fail_op(op, CV_INTERNAL, "in a linear program, but carry operand %u is neither linear nor zero", k);
    xf_check_linear(a->body, mask);
}

void xf_check_linear(const ir_function *f, const bool *linear_params) {
    base_arena *arena = xf_scratch();
    bool *linear = base_new_array(arena, bool, f->n_values + 1);
    memcpy(linear, linear_params, f->n_params);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        bool few[8], *in = op->n_in <= 8 ? few : base_new_array(arena, bool, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = linear[ir_in(f, op)[k]];
        if (!xf_any(in, op->n_in)) continue;
        for (uint32_t o = 0; o < op->n_out; o++) linear[op->out + o] = true;
        if (op->primitive == IR_call) {
            xf_check_linear(((const ir_call_attributes *)op->attributes)->function, in);
        } else if (op->primitive == IR_cond) {
            const ir_cond_attributes *a = op->attributes;
            if (in[0]) ir_fail_op(op, CV_INTERNAL, "in a linear program, but its predicate is a linear value");
            for (int64_t k = 0; k < a->branches.n; k++) xf_check_linear(a->branches.at[k], in + 1);
        } else if (op->primitive == IR_scan) {
            check_scan(f, op, in, arena);
        } else if (op->primitive == IR_while) {
            ir_fail_op(op, CV_INTERNAL, "in a linear program");
        } else {
            check_simple(f, op, in);
        }
    }
}
