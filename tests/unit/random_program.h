// Programs at random, with control flow in each other, and arguments for them.
//
// They hold what rewriting rules look for: constants of interest, carries that do not change or that
// count, operands that are shared, results that nothing uses. Left out is what tells -0 from 0
// (division, rsqrt) and what differs in its last bit when it is computed in another way (pow), so
// that exact rewriting keeps their values.
#ifndef TESTS_UNIT_RANDOM_PROGRAM_H
#define TESTS_UNIT_RANDOM_PROGRAM_H

#include <math.h>
#include <string.h>

#include "ir/rules.h"

static uint64_t next_random(uint64_t *state) { // splitmix64 (Steele, Lea, Flood 2014)
    uint64_t z = (*state += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static int64_t below(uint64_t *state, int64_t n) {
    return n > 0 ? (int64_t)(next_random(state) % (uint64_t)n) : 0;
}

static void fill(const ir_array *array, uint64_t *state) {
    cv_dtype dtype = array->type->dtype;
    size_t size = cv_dtype_size(dtype);
    for (int64_t i = 0; i < array->type->count; i++) {
        union ir_scalar scalar;
        double value =
            ir_is_differentiable(dtype) ? (double)below(state, 4001) / 1000 - 2 : (double)below(state, 9) - 3;
        if (dtype == CV_BOOL) value = (double)below(state, 2);
        if (dtype == CV_U32) value = fabs(value);
        ir_scalar_from_double(&scalar, dtype, value);
        if (dtype == CV_C64) scalar.c64[1] = (float)below(state, 4001) / 1000 - 2;
        if (dtype == CV_C128) scalar.c128[1] = (double)below(state, 4001) / 1000 - 2;
        memcpy((char *)array->data + (size_t)i * size, &scalar, size);
    }
}

// A pool of values that each step adds to.

typedef struct generator {
    ir_builder *b;
    uint64_t *state;
    base_vector(ir_val) pool;
    int depth;
} generator;

static const ir_type *random_type(generator *g) {
    static const int64_t shapes[][4] = {{0},       {1, 3},    {1, 4},       {2, 3, 4},
                                        {2, 4, 3}, {2, 1, 3}, {3, 2, 3, 4}, {1, 1}};
    static const cv_dtype dtypes[] = {CV_F32, CV_F32, CV_F32, CV_F64, CV_S32, CV_S32, CV_BOOL, CV_U32};
    const int64_t *shape = shapes[below(g->state, 8)];
    return ir_type_get(g->b->module, dtypes[below(g->state, 8)], shape[0], shape + 1);
}

static ir_val random_constant(generator *g, const ir_type *type) {
    static const double values[] = {0, 1, -1, 2, 0.5, -4, 3, -0.0};
    if (type->count > 30 || below(g->state, 4)) return ir_full(g->b, type, values[below(g->state, 8)]);
    ir_array array = {type, base_arena_zeroed(&g->b->arena, type->bytes + 1)};
    fill(&array, g->state);
    return ir_constant(g->b, type, false, array.data);
}

static ir_val any_value(generator *g) {
    if (!g->pool.n || below(g->state, 8) == 0) return random_constant(g, random_type(g));
    int64_t from = below(g->state, 2) && g->pool.n > 6 ? g->pool.n - 6 : 0; // often what is new
    return g->pool.at[from + below(g->state, g->pool.n - from)];
}

static ir_val coerce(generator *g, ir_val x, const ir_type *type) {
    const ir_type *from = ir_type_of(g->b, x);
    x = ir_convert(g->b, x, type->dtype);
    if (ir_dims_equal(ir_shape(from), ir_shape(type))) return x;
    if (from->count == type->count) return ir_reshape(g->b, x, ir_shape(type));
    int64_t axes[IR_MAX_RANK];
    for (int64_t i = 0; i < from->rank; i++) axes[i] = i;
    x = ir_reduce_max(g->b, x, (ir_dims){from->rank, axes});
    return ir_broadcast_in_dim(g->b, x, ir_shape(type), (ir_dims){0, NULL});
}

static ir_val value_of(generator *g, const ir_type *type) {
    for (int tries = 0; tries < 4; tries++) {
        ir_val x = any_value(g);
        if (ir_type_of(g->b, x) == type) return x;
    }
    return coerce(g, any_value(g), type);
}

static bool allowed(ir_primitive p, cv_dtype dtype) {
    return (ir_primitives[p].dtypes >> dtype & 1) && !(ir_rules_of(p)->not_yet >> dtype & 1);
}

// Without what tells -0 from 0 (division, rsqrt), and without pow, which is rounded differently.
static ir_val random_elementwise(generator *g) {
    static const ir_primitive list[] = {
        IR_neg, IR_abs, IR_not, IR_tanh, IR_exp, IR_sin, IR_floor, IR_stop_gradient, IR_add,
        IR_add, IR_sub, IR_sub, IR_mul,  IR_mul, IR_max, IR_min,   IR_and,           IR_or,
        IR_xor, IR_eq,  IR_ne,  IR_lt,   IR_le,  IR_gt,  IR_ge,    IR_clamp,
    };
    ir_val x = any_value(g);
    const ir_type *type = ir_type_of(g->b, x);
    ir_primitive p = list[below(g->state, sizeof list / sizeof *list)];
    if (!allowed(p, type->dtype)) return x;
    ir_val in[3] = {x};
    for (int i = 1; i < ir_primitives[p].n_in; i++) in[i] = value_of(g, type);
    return ir_emit(g->b, p, in, (uint32_t)ir_primitives[p].n_in, NULL);
}

static ir_val random_select(generator *g) {
    ir_val x = any_value(g), y = value_of(g, ir_type_of(g->b, x));
    ir_val p = value_of(g, ir_type_with_dtype(g->b->module, ir_type_of(g->b, x), CV_BOOL));
    return ir_select(g->b, p, x, y);
}

static ir_val random_quotient(generator *g) {
    static const double values[] = {1, -1, 2, 4, 3, -0.5};
    ir_val x = any_value(g);
    if (!ir_is_float(ir_type_of(g->b, x)->dtype)) return x;
    return ir_div(g->b, x, ir_full_like(g->b, x, values[below(g->state, 6)]));
}

static ir_val random_movement(generator *g) {
    ir_val x = any_value(g);
    const ir_type *type = ir_type_of(g->b, x);
    int64_t rank = type->rank, axis = rank ? below(g->state, rank) : 0, a[IR_MAX_RANK], c[IR_MAX_RANK],
            d[IR_MAX_RANK];
    for (int64_t i = 0; i < rank; i++) {
        a[i] = i;
        c[i] = type->dims[i];
        d[i] = 1;
    }
    if (!rank || rank > 3 || !type->count) return x;
    switch (below(g->state, 9)) {
    case 0:
        for (int64_t i = rank - 1; i > 0; i--) {
            int64_t j = below(g->state, i + 1), swapped = a[i];
            a[i] = a[j];
            a[j] = swapped;
        }
        return ir_transpose(g->b, x, (ir_dims){rank, a});
    case 1: return ir_rev(g->b, x, (ir_dims){1, &axis});
    case 2:
        memset(a, 0, sizeof a);
        a[axis] = below(g->state, c[axis]);
        d[axis] = 1 + below(g->state, 2);
        return ir_slice(g->b, x, (ir_dims){rank, a}, (ir_dims){rank, c}, (ir_dims){rank, d});
    case 3:
        memset(a, 0, sizeof a);
        a[axis] = below(g->state, 2);
        memset(d, 0, sizeof d);
        d[axis] = below(g->state, 2);
        return ir_pad(g->b, x, value_of(g, ir_type_scalar(g->b->module, type->dtype)), (ir_dims){rank, a},
                      (ir_dims){rank, d}, (ir_dims){rank, (int64_t[IR_MAX_RANK]){0}});
    case 4:
        return ir_concatenate(g->b, (ir_val[]){x, value_of(g, type), x}, 1 + (uint32_t)below(g->state, 3),
                              axis);
    case 5: return ir_broadcast_leading(g->b, x, 1 + below(g->state, 3));
    case 6: return ir_reshape(g->b, x, (ir_dims){1, &type->count});
    case 7: {
        ir_val start[IR_MAX_RANK];
        for (int64_t i = 0; i < rank; i++) start[i] = value_of(g, ir_type_scalar(g->b->module, CV_S32));
        c[axis] = 1 + below(g->state, c[axis]);
        ir_val part = ir_dynamic_slice(g->b, x, start, (ir_dims){rank, c});
        return below(g->state, 2) ? part : ir_dynamic_update_slice(g->b, x, part, start);
    }
    default: return type->dtype == CV_BOOL ? x : ir_iota(g->b, type->dtype, ir_shape(type), axis);
    }
}

static ir_val random_product(generator *g) {
    static const ir_primitive list[] = {IR_reduce_sum, IR_reduce_max, IR_reduce_min};
    ir_val x = any_value(g);
    const ir_type *type = ir_type_of(g->b, x);
    if (!type->rank || type->dtype == CV_BOOL) return x;
    int64_t axis = below(g->state, type->rank);
    if (below(g->state, 2)) {
        int64_t axes[2] = {axis, type->rank - 1 - axis}, n = axes[0] != axes[1] ? 1 + below(g->state, 2) : 1;
        return ir_emit(g->b, list[below(g->state, 3)], &x, 1, &(ir_axes_attributes){{n, axes}});
    }
    if (type->rank != 2) return x;
    ir_val y = value_of(g, type);
    if (below(g->state, 2)) y = ir_transpose(g->b, y, IR_DIMS(1, 0));
    int64_t other = ir_type_of(g->b, y)->dims[0] == type->dims[axis] ? 0 : 1;
    if (ir_type_of(g->b, y)->dims[other] != type->dims[axis]) return x;
    ir_dot_attributes a = {.lhs_contract = {1, &axis}, .rhs_contract = {1, &other}};
    ir_val product = ir_dot_general(g->b, x, y, &a);
    return below(g->state, 2) ? ir_transpose(g->b, product, IR_DIMS(1, 0)) : product;
}

static void random_steps(generator *g, int n);

// A function with these parameters and results, made at random. A result that is asked for as a
// parameter (same[i] >= 0) is that parameter, or that plus a constant.
static const ir_function *random_function(generator *outer, const ir_type *const *in, uint32_t n_in,
                                          const ir_type *const *out, uint32_t n_out, const int *same) {
    generator g = {
        .b = ir_builder_new(outer->b->module, "g"), .state = outer->state, .depth = outer->depth + 1};
    ir_val results[16];
    for (uint32_t i = 0; i < n_in; i++) base_push(&g.b->arena, &g.pool, ir_param(g.b, in[i]));
    random_steps(&g, 6);
    for (uint32_t i = 0; i < n_out; i++) {
        results[i] = value_of(&g, out[i]);
        if (!same || same[i] < 0) continue;
        int64_t kind = below(g.state, 4);
        if (kind == 0) results[i] = (ir_val)same[i];
        if (kind == 1 && out[i]->dtype != CV_BOOL)
            results[i] = ir_add(g.b, (ir_val)same[i], ir_full(g.b, out[i], 2));
        if (kind == 2) results[i] = random_constant(&g, out[i]);
    }
    return ir_finish(g.b, results, n_out);
}

static void add_results(generator *g, ir_val first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) base_push(&g->b->arena, &g->pool, first + i);
}

static void random_scan(generator *g) {
    enum { CONSTANTS = 2, CARRIES = 3, INPUTS = 2, STACKED = 2 };
    const ir_type *in[CONSTANTS + CARRIES + INPUTS], *out[CARRIES + STACKED];
    ir_val operands[CONSTANTS + CARRIES + INPUTS];
    int same[CARRIES + STACKED];
    int64_t length = below(g->state, 5);
    for (int i = 0; i < CONSTANTS + CARRIES + INPUTS; i++) {
        in[i] = random_type(g);
        bool sliced = i >= CONSTANTS + CARRIES;
        operands[i] = value_of(g, sliced ? ir_type_insert_axis(g->b->module, in[i], 0, length) : in[i]);
    }
    for (int i = 0; i < CARRIES + STACKED; i++) {
        out[i] = i < CARRIES ? in[CONSTANTS + i] : random_type(g);
        same[i] = i < CARRIES ? CONSTANTS + i : -1;
    }
    for (int64_t n = 1 + below(g->state, 2); n > 0; n--) { // perhaps two loops over the same operands
        const ir_function *body =
            random_function(g, in, CONSTANTS + CARRIES + INPUTS, out, CARRIES + STACKED, same);
        ir_scan_attributes a = {body, CONSTANTS, CARRIES, length, below(g->state, 2)};
        add_results(g, ir_emit(g->b, IR_scan, operands, CONSTANTS + CARRIES + INPUTS, &a), CARRIES + STACKED);
    }
}

static void random_cond(generator *g) {
    enum { ARGUMENTS = 3, RESULTS = 2 };
    const ir_type *in[ARGUMENTS], *out[RESULTS];
    ir_val operands[ARGUMENTS + 1];
    int same[RESULTS];
    const ir_function *branches[3];
    int64_t n = 1 + below(g->state, 3);
    operands[0] = value_of(g, ir_type_scalar(g->b->module, n == 2 ? CV_BOOL : CV_S32));
    for (int i = 0; i < ARGUMENTS; i++) operands[i + 1] = value_of(g, in[i] = random_type(g));
    for (int i = 0; i < RESULTS; i++) {
        out[i] = in[i];
        same[i] = i;
    }
    for (int64_t k = 0; k < n; k++) branches[k] = random_function(g, in, ARGUMENTS, out, RESULTS, same);
    add_results(g, ir_emit(g->b, IR_cond, operands, ARGUMENTS + 1, &(ir_cond_attributes){{n, branches}}),
                RESULTS);
}

static void random_call(generator *g) {
    const ir_type *types[2] = {random_type(g), random_type(g)};
    ir_val operands[2] = {value_of(g, types[0]), value_of(g, types[1])};
    const ir_function *f = random_function(g, types, 2, types, 2, NULL);
    for (int i = 0; i < 2; i++)
        add_results(g, ir_emit(g->b, IR_call, operands, 2, &(ir_call_attributes){f}), 2);
}

// Counts the first carry up to the constant of cond, so that it ends.
static void random_while(generator *g) {
    enum { CARRIES = 3 };
    const ir_type *counter = ir_type_scalar(g->b->module, CV_S32);
    const ir_type *types[CARRIES + 1] = {random_type(g), counter, random_type(g), random_type(g)};
    int same[CARRIES - 1] = {2, 3};
    ir_val operands[CARRIES + 2];
    operands[0] = ir_full(g->b, counter, (double)below(g->state, 5));
    for (int i = 0; i <= CARRIES; i++) operands[i + 1] = value_of(g, types[i]);
    operands[2] = ir_max(g->b, operands[2], ir_full(g->b, counter, -3));
    const ir_function *inner = random_function(g, types, CARRIES + 1, types + 2, CARRIES - 1, same);

    ir_builder *cond = ir_builder_new(g->b->module, "cond");
    ir_val last = ir_param(cond, counter);
    for (int i = 1; i <= CARRIES; i++) ir_param(cond, types[i]);
    ir_val goes_on = ir_lt(cond, last + 1, last);
    ir_builder *body = ir_builder_new(g->b->module, "step");
    ir_val in[CARRIES + 1], out[CARRIES];
    for (int i = 0; i <= CARRIES; i++) in[i] = ir_param(body, types[i]);
    out[0] = ir_add(body, in[1], ir_full(body, counter, 1));
    ir_inline(body, inner, in, out + 1);
    ir_while_attributes a = {ir_finish(cond, &goes_on, 1), ir_finish(body, out, CARRIES), 1, 1};
    add_results(g, ir_emit(g->b, IR_while, operands, CARRIES + 2, &a), CARRIES);
}

static void random_steps(generator *g, int n) {
    for (int i = 0; i < n; i++) {
        int64_t kind = below(g->state, g->depth < 2 ? 16 : 12);
        ir_val value = IR_NONE;
        if (kind < 5)
            value = random_elementwise(g);
        else if (kind < 6)
            value = random_select(g);
        else if (kind < 7)
            value = random_quotient(g);
        else if (kind < 10)
            value = random_movement(g);
        else if (kind < 12)
            value = random_product(g);
        else if (kind == 12)
            random_scan(g);
        else if (kind == 13)
            random_cond(g);
        else if (kind == 14)
            random_call(g);
        else
            random_while(g);
        if (value != IR_NONE && ir_type_of(g->b, value)->count <= 400)
            base_push(&g->b->arena, &g->pool, value);
    }
}

// A function of five parameters and eight results.
static const ir_function *random_program(ir_module *module, uint64_t *state) {
    generator g = {.b = ir_builder_new(module, "random"), .state = state};
    for (int i = 0; i < 5; i++) base_push(&g.b->arena, &g.pool, ir_param(g.b, random_type(&g)));
    random_steps(&g, 25);
    ir_val results[8];
    for (int i = 0; i < 8; i++) results[i] = any_value(&g);
    return ir_finish(g.b, results, 8);
}

#endif
