// In: an operation with constant operands. Out: the constant that it makes.
//
// The value is what the evaluation rule of the primitive says, so folding and the interpreter agree
// by construction. Programs never grow: a result is a splat, which costs one element, or it is
// small. A splat is never spread out to be computed with element by element, and what only moves
// the elements of a splat is a splat.

#include <math.h>
#include <string.h>

#include "ir/rules.h"
#include "transforms/simplify.h"

enum { LARGEST_RESULT = 64, LARGEST_OPERANDS = 4096, MOST_OPERANDS = 64 };

const ir_literal *sx_literal(const sx *s, ir_val value) {
    const ir_op *op = sx_def(s, value, IR_constant);
    return op ? &((const ir_constant_attributes *)op->attributes)->value : NULL;
}

bool sx_splat(const sx *s, ir_val value, union ir_scalar *element) {
    const ir_literal *literal = sx_literal(s, value);
    if (!literal || !literal->splat) return false;
    memset(element, 0, sizeof *element);
    memcpy(element, literal->data, cv_dtype_size(literal->type->dtype));
    return true;
}

bool sx_is(const sx *s, ir_val value, double number) {
    union ir_scalar element;
    return sx_splat(s, value, &element) && ir_scalar_is(&element, sx_type(s, value)->dtype, number);
}

static bool elements_equal(const ir_type *type, const void *data) {
    size_t size = cv_dtype_size(type->dtype);
    return type->count > 0 && !memcmp(data, (const char *)data + size, type->bytes - size);
}

ir_val sx_constant(sx *s, const ir_type *type, bool splat, const void *data) {
    static const union ir_scalar zero;
    if (!type->count) data = &zero;
    ir_constant_attributes a = {{type, splat || !type->count || elements_equal(type, data), data}};
    return sx_share(s, &(sx_op){IR_constant, NULL, 0, &a});
}

ir_val sx_full_int(sx *s, const ir_type *type, int64_t value) {
    union ir_scalar element;
    ir_scalar_from_int(&element, type->dtype, value);
    return sx_constant(s, type, true, &element);
}

ir_val sx_full(sx *s, const ir_type *type, double value) {
    union ir_scalar element;
    ir_scalar_from_double(&element, type->dtype, value);
    return sx_constant(s, type, true, &element);
}

ir_val sx_rule_constant(sx *s, const sx_op *op) {
    const ir_literal *literal = &((const ir_constant_attributes *)op->attributes)->value;
    if (literal->splat || (literal->type->count && !elements_equal(literal->type, literal->data)))
        return IR_NONE;
    return sx_constant(s, literal->type, false, literal->data);
}

static const ir_type *result_type(sx *s, const sx_op *op, const ir_type *const *in) {
    const ir_type *type = NULL;
    ir_typing typing = {.module = s->b->module,
                        .primitive = op->primitive,
                        .in = in,
                        .n_in = op->n_in,
                        .attributes = op->attributes,
                        .out = &type,
                        .n_out = 1,
                        .place = s->b->place,
                        .operation = s->b->operation,
                        .arena = &s->arena};
    ir_rules_of(op->primitive)->type(&typing);
    return type;
}

// The result of the primitive for operands of these values; in the arena of the sweep.
static void *evaluate(sx *s, const sx_op *op, const ir_array *in, const ir_type *type) {
    const ir_type *types[MOST_OPERANDS + 1];
    ir_val operands[MOST_OPERANDS];
    uint32_t def[MOST_OPERANDS + 1];
    for (uint32_t i = 0; i < op->n_in; i++) {
        types[i] = in[i].type;
        operands[i] = i;
        def[i] = IR_NONE;
    }
    types[op->n_in] = type;
    def[op->n_in] = 0;
    ir_val result = op->n_in;
    ir_op alone = {.primitive = op->primitive,
                   .n_in = op->n_in,
                   .n_out = 1,
                   .out = op->n_in,
                   .place = s->b->place,
                   .attributes = op->attributes};
    ir_function f = {.module = s->b->module,
                     .name = "fold",
                     .n_params = op->n_in,
                     .n_results = 1,
                     .n_ops = 1,
                     .n_values = op->n_in + 1,
                     .types = types,
                     .def = def,
                     .ops = &alone,
                     .operands = operands,
                     .results = &result};
    ir_array out = {type, base_arena_zeroed(&s->arena, type->bytes + 1)};
    ir_evaluate(op->primitive, &(ir_evaluation){.f = &f, .op = &alone, .in = in, .out = &out});
    return out.data;
}

// Elementwise on splats: computed for one element.
static ir_val fold_splats(sx *s, const sx_op *op) {
    ir_array in[3];
    const ir_type *types[3];
    union ir_scalar elements[3];
    for (uint32_t i = 0; i < op->n_in; i++) {
        if (!sx_splat(s, op->in[i], &elements[i])) return IR_NONE;
        types[i] = ir_type_scalar(s->b->module, sx_type(s, op->in[i])->dtype);
        in[i] = (ir_array){types[i], &elements[i]};
    }
    const ir_type *scalar = result_type(s, op, types);
    const ir_type *type = ir_type_with_dtype(s->b->module, sx_type(s, op->in[0]), scalar->dtype);
    return sx_constant(s, type, true, evaluate(s, op, in, scalar));
}

// Movement of one splat: the linear operands are those whose elements move.
static bool moves_splat(const sx *s, const sx_op *op, union ir_scalar *element) {
    bool any = false;
    for (uint32_t i = 0; i < op->n_in; i++) {
        union ir_scalar other;
        if (!ir_is_linear_in(op->primitive, i)) continue;
        if (!sx_splat(s, op->in[i], &other)) return false;
        if (any && memcmp(&other, element, sizeof other)) return false;
        *element = other;
        any = true;
    }
    if (op->primitive != IR_gather) return any;
    const ir_gather_attributes *a = op->attributes;
    return any && a->mode == IR_CLIP && sx_type(s, op->in[0])->count > 0;
}

// Sums of n equal elements are exact where every partial sum is a small whole number.
static bool sum_of_splat(cv_dtype dtype, union ir_scalar *element, int64_t n) {
    if (ir_is_integer(dtype)) {
        uint64_t wrapped = (uint64_t)ir_scalar_to_int(element, dtype) * (uint64_t)n;
        ir_scalar_from_int(element, dtype, (int64_t)wrapped);
        return true;
    }
    if (!ir_is_float(dtype)) return false;
    double each = ir_scalar_to_double(element, dtype), sum = each * (double)n;
    if (!(fabs(sum) <= (dtype == CV_F64 ? 0x1p53 : 0x1p24)) || each != floor(each)) return false;
    ir_scalar_from_double(element, dtype, sum);
    return true;
}

static bool reduces_splat(const sx *s, const sx_op *op, union ir_scalar *element) {
    const ir_type *type = sx_type(s, op->in[0]);
    const ir_axes_attributes *a = op->attributes;
    if (op->primitive == IR_argmax || op->primitive == IR_argmin || !type->count) return false;
    if (!sx_splat(s, op->in[0], element)) return false;
    if (ir_is_idempotent(ir_combiner(op->primitive))) return true;
    if (op->primitive != IR_reduce_sum) return false;
    int64_t n = 1;
    for (int64_t i = 0; i < a->axes.n; i++) n *= type->dims[a->axes.at[i]];
    return sum_of_splat(type->dtype, element, n);
}

static const void *spread(sx *s, const ir_literal *literal) {
    if (!literal->splat) return literal->data;
    size_t size = cv_dtype_size(literal->type->dtype);
    char *data = base_arena_alloc(&s->arena, literal->type->bytes + 1);
    for (int64_t i = 0; i < literal->type->count; i++) memcpy(data + (size_t)i * size, literal->data, size);
    return data;
}

static ir_val fold_small(sx *s, const sx_op *op, const ir_type *type) {
    ir_array in[MOST_OPERANDS];
    int64_t count = 0;
    for (uint32_t i = 0; i < op->n_in; i++) count += sx_type(s, op->in[i])->count;
    if (count > LARGEST_OPERANDS || type->count > LARGEST_RESULT) return IR_NONE;
    for (uint32_t i = 0; i < op->n_in; i++) {
        const ir_literal *literal = sx_literal(s, op->in[i]);
        in[i] = (ir_array){literal->type, (void *)(uintptr_t)spread(s, literal)};
    }
    return sx_constant(s, type, false, evaluate(s, op, in, type));
}

ir_val sx_fold(sx *s, const sx_op *op) {
    uint32_t traits = ir_primitives[op->primitive].traits;
    if (!op->n_in || op->n_in > MOST_OPERANDS || traits & (IR_CONTROL | IR_HOLDS) || !ir_rules_of(op->primitive)->evaluate)
        return IR_NONE;
    bool some = false, all = true;
    for (uint32_t i = 0; i < op->n_in; i++) {
        bool constant = sx_literal(s, op->in[i]) != NULL;
        some |= constant;
        all &= constant;
    }
    if (!some) return IR_NONE;
    if (all && traits & IR_ELEMENTWISE) {
        ir_val value = fold_splats(s, op);
        if (value != IR_NONE) return value;
    }
    const ir_type *types[MOST_OPERANDS];
    for (uint32_t i = 0; i < op->n_in; i++) types[i] = sx_type(s, op->in[i]);
    union ir_scalar element;
    if ((traits & IR_MOVEMENT && moves_splat(s, op, &element)) ||
        (traits & IR_REDUCTION && reduces_splat(s, op, &element)))
        return sx_constant(s, result_type(s, op, types), true, &element);
    return all ? fold_small(s, op, result_type(s, op, types)) : IR_NONE;
}
