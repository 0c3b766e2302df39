// In: a `while`. Out: how often it runs, and which integers of its body are functions of the step.
//
// Integers are followed as slope * t + offset, t being the number of the step, through the arithmetic
// that indices are made of, over a range of steps. At both ends of the range they must fit their dtype;
// in between they then do too, so what is found holds for the numbers that the program computes,
// which wrap. A comparison or a selection that comes out the same at every step is followed as well.
//
// The steps of the carries are guessed and then proven. The guess: run the integers of the first step; what
// a carry has grown by is its step. The condition, in these terms, first fails at some step n. The proof, by
// induction over the steps: from carries that are affine up to step t < n the body makes carries that are
// affine in step t + 1, and the condition holds in all of the steps before n and fails at n. A carry
// for which that does not come out is an unknown one, and the guess is made again without it.
//
// Programs from elsewhere hide what happens to the counter in small functions, so calls that get an
// integer that is known are put into the body first.

#include "transforms/counted.h"

#include <string.h>

#include "ir/scalar.h"

// The longest loop that is counted: what it stacks must have a size that fits the types of indices.
static const int64_t MOST_STEPS = INT32_MAX;
enum { MOST_ROUNDS = 16, SMALL_CALLEE = 64, LARGEST_BODY = 20000, MOST_COMPARISONS = 16 };

typedef struct range {
    int64_t first, last;
} range;

static const xf_affine unknown = {0};

static xf_affine fixed(int64_t value) { return (xf_affine){true, 0, value}; }

static bool is_fixed(xf_affine x, int64_t *value) {
    *value = x.offset;
    return x.known && !x.slope;
}

// The value in step t.
static bool in_step(xf_affine x, int64_t t, int64_t *value) {
    return x.known && !__builtin_mul_overflow(x.slope, t, value) &&
           !__builtin_add_overflow(*value, x.offset, value);
}

static bool in_dtype(cv_dtype dtype, int64_t value) {
    if (dtype == CV_BOOL) return value == 0 || value == 1;
    int bits = 8 * (int)cv_dtype_size(dtype);
    if (ir_is_unsigned(dtype)) return value >= 0 && (bits == 64 || value < INT64_C(1) << bits);
    return bits == 64 || (value >= -(INT64_C(1) << (bits - 1)) && value < INT64_C(1) << (bits - 1));
}

static bool fits(xf_affine x, cv_dtype dtype, range r) {
    int64_t a, b;
    return in_step(x, r.first, &a) && in_step(x, r.last, &b) && in_dtype(dtype, a) && in_dtype(dtype, b);
}

// Arithmetic; unknown where int64_t overflows.

static xf_affine plus(xf_affine x, xf_affine y, int sign) {
    xf_affine z = {x.known && y.known, 0, 0};
    bool wraps = sign > 0 ? __builtin_add_overflow(x.slope, y.slope, &z.slope) ||
                                __builtin_add_overflow(x.offset, y.offset, &z.offset)
                          : __builtin_sub_overflow(x.slope, y.slope, &z.slope) ||
                                __builtin_sub_overflow(x.offset, y.offset, &z.offset);
    return wraps ? unknown : z;
}

static xf_affine times(xf_affine x, xf_affine y) {
    if (x.slope) return y.slope ? unknown : times(y, x);
    xf_affine z = {x.known && y.known, 0, 0};
    bool wraps = __builtin_mul_overflow(x.offset, y.slope, &z.slope) ||
                 __builtin_mul_overflow(x.offset, y.offset, &z.offset);
    return wraps ? unknown : z;
}

static xf_affine divided(ir_primitive p, xf_affine x, xf_affine y) {
    int64_t a, b;
    if (!is_fixed(x, &a) || !is_fixed(y, &b) || b == 0 || b == -1) return unknown;
    return fixed(p == IR_div ? a / b : a % b);
}

// Whether the comparison of x with zero comes out the same in all steps: 1, 0, or -1 if not.
static int compared(ir_primitive p, xf_affine x, range r) {
    int64_t a, b;
    if (!in_step(x, r.first, &a) || !in_step(x, r.last, &b)) return -1;
    int64_t low = a < b ? a : b, high = a < b ? b : a; // what lies between is passed on the way
    switch (p) {
    case IR_lt: return high < 0 ? 1 : low >= 0 ? 0 : -1;
    case IR_le: return high <= 0 ? 1 : low > 0 ? 0 : -1;
    case IR_gt: return low > 0 ? 1 : high <= 0 ? 0 : -1;
    case IR_ge: return low >= 0 ? 1 : high < 0 ? 0 : -1;
    case IR_eq: return low > 0 || high < 0 ? 0 : low == 0 && high == 0 ? 1 : -1;
    case IR_ne: return low > 0 || high < 0 ? 1 : low == 0 && high == 0 ? 0 : -1;
    default: return -1;
    }
}

static bool is_comparison(ir_primitive p) {
    return p == IR_lt || p == IR_le || p == IR_gt || p == IR_ge || p == IR_eq || p == IR_ne;
}

static xf_affine compare(ir_primitive p, xf_affine x, xf_affine y, range r) {
    int outcome = compared(p, plus(x, y, -1), r);
    return outcome < 0 ? unknown : fixed(outcome);
}

// The smaller or greater of two, if it is the same one in all steps.
static xf_affine extreme(ir_primitive smaller, xf_affine x, xf_affine y, range r) {
    int first = compared(smaller, plus(x, y, -1), r);
    return first < 0 ? unknown : first ? x : y;
}

static xf_affine logic(ir_primitive p, xf_affine x, xf_affine y) {
    int64_t a, b;
    bool has_a = is_fixed(x, &a), has_b = is_fixed(y, &b), ends = p == IR_or;
    if ((has_a && a == ends) || (has_b && b == ends)) return fixed(ends);
    if (has_a) return y;
    return has_b ? x : unknown;
}

static xf_affine literal(const ir_literal *l) {
    union ir_scalar element = {0};
    memcpy(&element, l->data, cv_dtype_size(l->type->dtype));
    int64_t value = ir_scalar_to_int(&element, l->type->dtype);
    return l->type->dtype == CV_U64 && value < 0 ? unknown : fixed(value);
}

static bool is_followed(const ir_type *type) {
    return type->count == 1 && (type->dtype == CV_BOOL || ir_is_integer(type->dtype));
}

static xf_affine value_of(const ir_function *f, const ir_op *op, const xf_affine *values, range r) {
    const ir_val *in = ir_in(f, op);
    xf_affine x = op->n_in > 0 ? values[in[0]] : unknown, y = op->n_in > 1 ? values[in[1]] : unknown,
              z = op->n_in > 2 ? values[in[2]] : unknown;
    bool is_bool = f->types[op->out]->dtype == CV_BOOL;
    int64_t chosen;
    switch (op->primitive) {
    case IR_constant: return literal(op->attributes);
    case IR_iota: return fixed(0);
    case IR_convert: return is_bool ? compare(IR_ne, x, fixed(0), r) : x;
    case IR_reshape:
    case IR_broadcast_in_dim:
    case IR_transpose:
    case IR_rev:
    case IR_slice:
    case IR_stop_gradient: return x;
    case IR_neg: return plus(fixed(0), x, -1);
    case IR_add: return plus(x, y, 1);
    case IR_sub: return plus(x, y, -1);
    case IR_mul: return times(x, y);
    case IR_div:
    case IR_rem: return divided(op->primitive, x, y);
    case IR_min: return extreme(IR_le, x, y, r);
    case IR_max: return extreme(IR_ge, x, y, r);
    case IR_clamp: return extreme(IR_le, extreme(IR_ge, x, y, r), z, r);
    case IR_select: return !is_fixed(x, &chosen) ? unknown : chosen ? y : z;
    case IR_not: return is_bool ? plus(fixed(1), x, -1) : unknown;
    case IR_and:
    case IR_or: return is_bool ? logic(op->primitive, x, y) : unknown;
    default: return is_comparison(op->primitive) ? compare(op->primitive, x, y, r) : unknown;
    }
}

xf_affine *xf_affine_values(base_arena *arena, const ir_function *f, const xf_affine *params, int64_t first,
                            int64_t last) {
    xf_affine *values = base_new_array(arena, xf_affine, f->n_values + 1);
    range r = {first, last};
    for (uint32_t i = 0; i < f->n_params && params; i++)
        if (is_followed(f->types[i]) && fits(params[i], f->types[i]->dtype, r)) values[i] = params[i];
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        if (op->n_out != 1 || !is_followed(f->types[op->out])) continue;
        xf_affine value = value_of(f, op, values, r);
        if (fits(value, f->types[op->out]->dtype, r)) values[op->out] = value;
    }
    return values;
}

// Calls.

// True if the call gets an integer that is known: the callee may compute an index from it.
static bool gets_integer(const ir_function *f, const ir_op *op, const xf_affine *values) {
    for (uint32_t i = 0; i < op->n_in; i++)
        if (values[ir_in(f, op)[i]].known) return true;
    return false;
}

static const ir_function *callee_of(const ir_op *op) {
    return op->primitive == IR_call ? ((const ir_call_attributes *)op->attributes)->function : NULL;
}

// Marks the calls to put in, as long as the body does not get too large: of small functions, and one of each
// large one in a row.
static bool *calls_to_inline(base_arena *arena, const ir_function *f, const xf_affine *values) {
    bool *marked = base_new_array(arena, bool, f->n_ops + 1), any = false;
    const ir_function *large = NULL;
    uint32_t size = f->n_ops;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_function *callee = callee_of(&f->ops[i]);
        if (!callee || callee == large || !gets_integer(f, &f->ops[i], values)) continue;
        if (callee->n_ops > SMALL_CALLEE) large = callee;
        if (size + callee->n_ops > LARGEST_BODY) continue;
        size += callee->n_ops;
        marked[i] = any = true;
    }
    return any ? marked : NULL;
}

static const ir_function *with_calls_inlined(base_arena *arena, const ir_function *f, const bool *marked) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *map = base_new_array(arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val few[8], *in = op->n_in <= 8 ? few : base_new_array(arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = map[ir_in(f, op)[k]];
        ir_set_place(b, op);
        if (marked[i]) {
            ir_inline(b, callee_of(op), in, map + op->out);
            continue;
        }
        ir_val first = ir_emit_like(b, f, op, in);
        for (uint32_t o = 0; o < op->n_out; o++) map[op->out + o] = first + o;
    }
    ir_val *results = base_new_array(arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = map[f->results[i]];
    b->place = f->place;
    return ir_finish(b, results, f->n_results);
}

// f with the calls put in that get an integer of its parameters in the first step, as deep as they go.
static const ir_function *opened(base_arena *arena, const ir_function *f, const xf_affine *params) {
    for (int round = 0; round < MOST_ROUNDS; round++) {
        const bool *marked = calls_to_inline(arena, f, xf_affine_values(arena, f, params, 0, 0));
        if (!marked) break;
        f = with_calls_inlined(arena, f, marked);
    }
    return f;
}

// The condition.

static int64_t quotient_up(int64_t a, int64_t b) { return a / b + (a % b != 0); } // of positive numbers

// The first step in which x compares with zero otherwise, or -1.
static int64_t first_failing(ir_primitive p, xf_affine x) {
    if (!x.known || x.offset == INT64_MIN || x.slope == INT64_MIN) return -1;
    switch (p) {
    case IR_lt: return x.offset >= 0 ? 0 : x.slope > 0 ? quotient_up(-x.offset, x.slope) : -1;
    case IR_le: return x.offset > 0 ? 0 : x.slope > 0 ? -x.offset / x.slope + 1 : -1;
    case IR_gt: return x.offset <= 0 ? 0 : x.slope < 0 ? quotient_up(x.offset, -x.slope) : -1;
    case IR_ge: return x.offset < 0 ? 0 : x.slope < 0 ? x.offset / -x.slope + 1 : -1;
    case IR_eq: return x.offset ? 0 : x.slope ? 1 : -1;
    case IR_ne: return !x.offset ? 0 : x.slope && x.offset % x.slope == 0 ? -x.offset / x.slope : -1;
    default: return -1;
    }
}

static ir_primitive opposite(ir_primitive p) {
    static const ir_primitive pairs[][2] = {{IR_lt, IR_ge}, {IR_le, IR_gt}, {IR_eq, IR_ne}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (p == pairs[i][0]) return pairs[i][1];
        if (p == pairs[i][1]) return pairs[i][0];
    }
    return p;
}

// The step in which the condition fails first, going by the comparisons that it is made of: any of them ends
// the loop. Negative if there is none.
static int64_t guess_length(const ir_function *cond, const xf_affine *values) {
    struct {
        ir_val v;
        bool negated;
    } pending[MOST_COMPARISONS] = {{cond->results[0], false}};
    int64_t least = -1;
    for (uint32_t n = 1; n;) {
        ir_val v = pending[--n].v;
        bool negated = pending[n].negated;
        if (cond->def[v] == IR_NONE) continue;
        const ir_op *op = &cond->ops[cond->def[v]];
        const ir_val *in = ir_in(cond, op);
        ir_primitive p = negated ? opposite(op->primitive) : op->primitive;
        if (is_comparison(p)) {
            int64_t failing = first_failing(p, plus(values[in[0]], values[in[1]], -1));
            if (failing >= 0 && (least < 0 || failing < least)) least = failing;
        } else if (op->primitive == (negated ? IR_or : IR_and) && n + 2 <= MOST_COMPARISONS) {
            for (int k = 0; k < 2; k++) pending[n].v = in[k], pending[n++].negated = negated;
        } else if (op->primitive == IR_not || op->primitive == IR_reshape || op->primitive == IR_convert) {
            pending[n].v = in[0];
            pending[n++].negated = negated ^ (op->primitive == IR_not);
        }
    }
    return least;
}

static bool comes_out(base_arena *arena, const ir_function *cond, const xf_affine *params, range r, bool as) {
    int64_t value;
    const xf_affine *values = xf_affine_values(arena, cond, params, r.first, r.last);
    return is_fixed(values[cond->results[0]], &value) && value == as;
}

// The loop.

typedef struct proof {
    base_arena *arena;
    const ir_function *cond, *body;
    uint32_t n_cond, n_body, n; // constants of each, carries
    xf_affine *cond_params, *body_params;
} proof;

static void set_carry(proof *p, uint32_t i, xf_affine value) {
    p->cond_params[p->n_cond + i] = p->body_params[p->n_body + i] = value;
}

// From the first step: what the carries grow by.
static void guess_carries(proof *p, const xf_affine *init) {
    for (uint32_t i = 0; i < p->n; i++) set_carry(p, i, init[i]);
    const xf_affine *values = xf_affine_values(p->arena, p->body, p->body_params, 0, 0);
    for (uint32_t i = 0; i < p->n; i++) {
        xf_affine grown = plus(values[p->body->results[i]], init[i], -1);
        set_carry(p, i, grown.known ? (xf_affine){true, grown.offset, init[i].offset} : unknown);
    }
}

// Drops guesses that the body does not bear out over these steps; true if all that were left are right.
static bool carries_hold(proof *p, int64_t length, xf_affine **values) {
    bool all = true;
    range after = {1, length};
    *values = xf_affine_values(p->arena, p->body, p->body_params, 0, length - 1);
    for (uint32_t i = 0; i < p->n; i++) {
        xf_affine *now = &p->body_params[p->n_body + i], made = (*values)[p->body->results[i]];
        cv_dtype dtype = p->body->types[p->n_body + i]->dtype;
        if (!now->known) continue;
        // `made` is counted from the step that makes it, which is one before the step that reads it.
        if (fits(*now, dtype, after) && made.known && made.slope == now->slope &&
            made.offset == now->offset + now->slope)
            continue;
        set_carry(p, i, unknown);
        all = false;
    }
    return all;
}

bool xf_counted_loop(base_arena *arena, const ir_while_attributes *a, uint32_t n_carries,
                     const xf_affine *operands, xf_counted *counted) {
    uint32_t n_cond = (uint32_t)a->cond_constants, n_body = (uint32_t)a->body_constants;
    const xf_affine *init = operands + n_cond + n_body;
    proof p = {.arena = arena, .n_cond = n_cond, .n_body = n_body, .n = n_carries};
    p.cond_params = base_new_array(arena, xf_affine, n_cond + n_carries + 1);
    p.body_params = base_new_array(arena, xf_affine, n_body + n_carries + 1);
    if (n_cond) memcpy(p.cond_params, operands, sizeof *operands * n_cond);
    if (n_body) memcpy(p.body_params, operands + n_cond, sizeof *operands * n_body);
    for (uint32_t i = 0; i < n_carries; i++) set_carry(&p, i, init[i]);
    p.cond = opened(arena, a->cond, p.cond_params);
    p.body = opened(arena, a->body, p.body_params);
    guess_carries(&p, init);
    for (;;) {
        int64_t n = 0;
        if (!comes_out(arena, p.cond, p.cond_params, (range){0, 0}, false))
            n = guess_length(p.cond, xf_affine_values(arena, p.cond, p.cond_params, 0, 1));
        if (n < 0 || n > MOST_STEPS) return false;
        *counted = (xf_counted){n, p.body, NULL};
        if (n == 0) return true;
        if (carries_hold(&p, n, &counted->values))
            return comes_out(arena, p.cond, p.cond_params, (range){0, n - 1}, true) &&
                   comes_out(arena, p.cond, p.cond_params, (range){n, n}, false);
    }
}
