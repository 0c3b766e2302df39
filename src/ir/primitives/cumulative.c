// The rules of cumulative operations: cumsum, cumprod, cummax, cummin, cumlogsumexp.
//
// In: rule contexts (rules.h). Out: types, derivatives, batched operations, values. Element k of an axis
// becomes f(element k - 1 of the result, element k of the operand); `reverse` goes from the last to the
// first.
//
// A sum is linear, and its transpose the sum from the other end. The derivative of the others is a linear
// recurrence beside the operation, t[k] = a[k] t[k-1] + w[k] dx[k], where a and w are the derivatives of f:
// a scan, which has all its rules. Quotients and differences of whole sums would be shorter, but are
// wrong where a factor is 0 and inexact where sums are large.

#include "ir/primitives/complex.h"
#include "ir/primitives/evaluate.h"

#include <complex.h>
#include "ir/primitives/strided.h"

static void cumulative_type(ir_typing *t) {
    const ir_cumulative_attributes *a = t->attributes;
    ir_check_dtype(t, 0);
    ir_check_axis(t, a->axis, t->in[0]->rank);
    t->out[0] = t->in[0];
}

static void cumulative_batch(ir_batching *c) {
    const ir_cumulative_attributes *a = c->op->attributes;
    c->out[0] =
        ir_emit(c->b, c->op->primitive, c->in, 1, &(ir_cumulative_attributes){a->axis + 1, a->reverse});
    c->out_batched[0] = true;
}

// Derivatives

static void cumsum_transpose(ir_transposition *c) {
    const ir_cumulative_attributes *a = c->op->attributes;
    ir_val ct = ir_emit(c->b, IR_cumsum, c->ct, 1, &(ir_cumulative_attributes){a->axis, !a->reverse});
    c->accumulator[0] = ir_accumulate(c->b, c->accumulator[0], ct);
}

// Rows [first, first + n) of the leading axis.
static ir_val rows(ir_builder *b, ir_val x, int64_t first, int64_t n) {
    const ir_type *type = ir_type_of(b, x);
    ir_dims_room start, limit, stride;
    ir_dims from = ir_dims_filled(start, type->rank, 0), step = ir_dims_filled(stride, type->rank, 1);
    for (uint32_t i = 0; i < type->rank; i++) limit[i] = type->dims[i];
    start[0] = first;
    limit[0] = first + n;
    return ir_slice(b, x, from, (ir_dims){type->rank, limit}, step);
}

// Steps 1, 2, ... of a sequence along the leading axis, in either direction; what stands one step before
// them.
static ir_val later(ir_builder *b, ir_val x, bool reverse) {
    return rows(b, x, reverse ? 0 : 1, ir_type_of(b, x)->dims[0] - 1);
}

static ir_val earlier(ir_builder *b, ir_val x, bool reverse) { return later(b, x, !reverse); }

static ir_val first_row(ir_builder *b, ir_val x, bool reverse) {
    return rows(b, x, reverse ? ir_type_of(b, x)->dims[0] - 1 : 0, 1);
}

// t[k] = a[k] t[k-1] + c[k] along the leading axis, from t[0] = start [1, ...]; without t[0].
static ir_val recurrence(ir_builder *b, ir_val a, ir_val c, ir_val start, bool reverse) {
    const ir_type *all = ir_type_of(b, a), *row = ir_type_remove_axis(b->module, all, 0);
    ir_builder *body = ir_builder_new(b->module, "recurrence");
    ir_val t = ir_param(body, row), factor = ir_param(body, row), term = ir_param(body, row);
    ir_val next = ir_add(body, ir_mul(body, factor, t), term);
    ir_scan_attributes attributes = {.body = ir_finish(body, (ir_val[]){next, next}, 2),
                                     .carries = 1,
                                     .length = all->dims[0],
                                     .reverse = reverse};
    return ir_emit(b, IR_scan, (ir_val[]){ir_reshape(b, start, ir_shape(row)), a, c}, 3, &attributes) + 1;
}

// The derivatives a and w of f by the result before and by the element, at them and at what they give.
typedef struct partials {
    ir_val before, element;
} partials;
typedef partials partials_rule(ir_builder *b, ir_val before, ir_val x, ir_val out);

static partials prod_partials(ir_builder *b, ir_val before, ir_val x, ir_val out) {
    (void)b, (void)out;
    return (partials){x, before};
}

// All of it to the one that is taken; between equals a half to each, as max and min have it.
static partials extreme_partials(ir_builder *b, ir_val before, ir_val x, ir_val out) {
    ir_val half = ir_full_like(b, x, 0.5), one = ir_full_like(b, x, 1), zero = ir_full_like(b, x, 0);
    ir_val equal = ir_eq(b, before, x), stays = ir_eq(b, before, out);
    return (partials){ir_select(b, equal, half, ir_select(b, stays, one, zero)),
                      ir_select(b, equal, half, ir_select(b, stays, zero, one))};
}

// exp(before - out) and exp(x - out), neither above 1; where out is infinite, relative to 0.
static partials logsumexp_partials(ir_builder *b, ir_val before, ir_val x, ir_val out) {
    ir_val size = ir_abs(b, out), finite = ir_lt(b, size, ir_full_like(b, size, (double)INFINITY));
    ir_val level = ir_select(b, finite, out, ir_full_like(b, out, 0));
    return (partials){ir_exp(b, ir_sub(b, before, level)), ir_exp(b, ir_sub(b, x, level))};
}

static void jvp_by(ir_jvp *c, partials_rule *rule) {
    const ir_cumulative_attributes *attributes = c->op->attributes;
    ir_builder *b = c->b;
    bool reverse = attributes->reverse;
    if (c->tangent[0] == IR_NONE) return;
    ir_val x = ir_move_axis(b, c->in[0], attributes->axis, 0),
           out = ir_move_axis(b, c->out[0], attributes->axis, 0);
    ir_val dx = ir_move_axis(b, c->tangent[0], attributes->axis, 0);
    if (ir_type_of(b, x)->count && ir_type_of(b, x)->dims[0] > 1) {
        partials p = rule(b, earlier(b, out, reverse), later(b, x, reverse), later(b, out, reverse));
        ir_val first = first_row(b, dx, reverse), moved = ir_mul(b, p.element, later(b, dx, reverse));
        ir_val rest = recurrence(b, p.before, moved, first, reverse);
        ir_val parts[] = {reverse ? rest : first, reverse ? first : rest};
        dx = ir_concatenate(b, parts, 2, 0);
    }
    c->tangent_out[0] = ir_move_axis(b, dx, 0, attributes->axis);
}

static void cumprod_jvp(ir_jvp *c) { jvp_by(c, prod_partials); }
static void cummax_jvp(ir_jvp *c) { jvp_by(c, extreme_partials); }
static void cummin_jvp(ir_jvp *c) { jvp_by(c, extreme_partials); }
static void cumlogsumexp_jvp(ir_jvp *c) { jvp_by(c, logsumexp_partials); }

// What puts together complex numbers has two values to carry: a scan.
static void scan_pairs(ir_pairing *c, ir_pair (*combine)(ir_builder *, ir_pair, ir_pair), double re_start,
                       double im_start) {
    const ir_cumulative_attributes *attributes = c->op->attributes;
    ir_builder *b = c->b;
    ir_val re = ir_move_axis(b, c->in[0], attributes->axis, 0),
           im = ir_move_axis(b, c->imag[0], attributes->axis, 0);
    const ir_type *all = ir_type_of(b, re), *row = ir_type_remove_axis(b->module, all, 0);
    ir_builder *body = ir_builder_new(b->module, ir_primitives[c->op->primitive].name);
    ir_pair before = {ir_param(body, row), IR_NONE}, x;
    before.im = ir_param(body, row);
    x.re = ir_param(body, row);
    x.im = ir_param(body, row);
    ir_pair next = combine(body, before, x);
    ir_scan_attributes scan = {.body = ir_finish(body, (ir_val[]){next.re, next.im, next.re, next.im}, 4),
                               .carries = 2,
                               .length = all->dims[0],
                               .reverse = attributes->reverse};
    ir_val in[] = {ir_full(b, row, re_start), ir_full(b, row, im_start), re, im};
    ir_val out = ir_emit(b, IR_scan, in, 4, &scan);
    c->out[0] = ir_move_axis(b, out + 2, 0, attributes->axis);
    c->out_imag[0] = ir_move_axis(b, out + 3, 0, attributes->axis);
}

static void cumprod_pair(ir_pairing *c) { scan_pairs(c, ir_pair_product, 1, 0); }
static void cumlogsumexp_pair(ir_pairing *c) { scan_pairs(c, ir_pair_log_add_exp, -(double)INFINITY, 0); }

static ir_pair greater(ir_builder *b, ir_pair x, ir_pair y) { return ir_pair_choose(b, IR_max, x, y); }
static ir_pair smaller(ir_builder *b, ir_pair x, ir_pair y) { return ir_pair_choose(b, IR_min, x, y); }

static void cummax_pair(ir_pairing *c) { scan_pairs(c, greater, -(double)INFINITY, -(double)INFINITY); }
static void cummin_pair(ir_pairing *c) { scan_pairs(c, smaller, (double)INFINITY, (double)INFINITY); }

// Evaluation: lane by lane, floating numbers in double.

static double log_add_exp(double a, double x) {
    double most = ir_maximum(a, x);
    return isfinite(a - x) ? most + log1p(exp(-fabs(a - x))) : isnan(a - x) ? a + x : most;
}

// By the sum of exponentials of what is left of the greater real part, with the imaginary part from -pi to
// pi.
static double _Complex complex_log_add_exp(double _Complex a, double _Complex x) {
    long double level = ir_maximum(creal(a), creal(x));
    if (isinf(level) && level < 0) return __builtin_complex((double)level, 0.0);
    bool swap = creal(a) < creal(x);
    long double _Complex most = swap ? x : a, other = swap ? a : x;
    long double _Complex more = clogl(1 + cexpl(other - most));
    return __builtin_complex((double)(creall(most) + creall(more)),
                             (double)remainderl(cimagl(most) + cimagl(more), 2 * 0xc.90fdaa22168c235p-2L));
}

// One dtype: the expression is the next value, of the value `a` so far and the element `x`.
#define ALONG(code, element, A, initial, ...)                                                                \
    case code:                                                                                               \
        for (int64_t lane = 0; lane < type->count / n; lane++) {                                             \
            int64_t first = lane / step * n * step + lane % step;                                            \
            A a = initial;                                                                                   \
            for (int64_t i = 0; i < n; i++) {                                                                \
                int64_t at = first + (reverse ? n - 1 - i : i) * step;                                       \
                element x = ((const element *)c->in[0].data)[at];                                            \
                a = (A)(__VA_ARGS__);                                                                        \
                ((element *)c->out[0].data)[at] = (element)a;                                                \
            }                                                                                                \
        }                                                                                                    \
        return;
#define INTEGER_ALONG(code, element, initial, ...) ALONG(code, element, element, initial, __VA_ARGS__)
#define FLOAT_ALONG(code, element, initial, ...) ALONG(code, element, double, initial, __VA_ARGS__)
#define COMPLEX_ALONG(code, element, initial, ...) ALONG(code, element, double _Complex, initial, __VA_ARGS__)
#define FROM_LEAST(code, element, least, greatest) ALONG(code, element, element, least, a > x ? a : x)
#define FROM_GREATEST(code, element, least, greatest) ALONG(code, element, element, greatest, a < x ? a : x)

#define EVALUATE(name, ...)                                                                                  \
    static void name##_evaluate(ir_evaluation *c) {                                                          \
        const ir_cumulative_attributes *attributes = c->op->attributes;                                      \
        const ir_type *type = c->in[0].type;                                                                 \
        int64_t strides[IR_MAX_RANK], n = type->dims[attributes->axis];                                      \
        bool reverse = attributes->reverse;                                                                  \
        if (!type->count) return;                                                                            \
        ir_strides(type, strides);                                                                           \
        int64_t step = strides[attributes->axis];                                                            \
        switch (type->dtype) {                                                                               \
            __VA_ARGS__                                                                                      \
        default: ir_evaluate_unsupported(c, type->dtype);                                                    \
        }                                                                                                    \
    }
EVALUATE(cumsum, INTEGERS(INTEGER_ALONG, 0, WRAP(a) + WRAP(x)) FLOATS(FLOAT_ALONG, 0, a + (double)x)
                     COMPLEXES(COMPLEX_ALONG, 0, a + x))
EVALUATE(cumprod, INTEGERS(INTEGER_ALONG, 1, WRAP(a) * WRAP(x)) FLOATS(FLOAT_ALONG, 1, a *(double)x)
                      COMPLEXES(COMPLEX_ALONG, 1, COMPLEX_PRODUCT(a, (double _Complex)x)))
EVALUATE(cummax, BOOLS(INTEGER_ALONG, 0, a | x) INTEGER_RANGES(FROM_LEAST)
                     FLOATS(FLOAT_ALONG, (double)-INFINITY, ir_maximum(a, (double)x))
                     COMPLEXES(COMPLEX_ALONG, __builtin_complex(-(double)INFINITY, -(double)INFINITY),
                               ir_complex_extreme(a, x, true)))
EVALUATE(cummin, BOOLS(INTEGER_ALONG, 1, a &x) INTEGER_RANGES(FROM_GREATEST)
                     FLOATS(FLOAT_ALONG, (double)INFINITY, ir_minimum(a, (double)x))
                     COMPLEXES(COMPLEX_ALONG, __builtin_complex((double)INFINITY, (double)INFINITY),
                               ir_complex_extreme(a, x, false)))
EVALUATE(cumlogsumexp, FLOATS(FLOAT_ALONG, (double)-INFINITY, log_add_exp(a, (double)x))
                           COMPLEXES(COMPLEX_ALONG, (double)-INFINITY, complex_log_add_exp(a, x)))

// The records.
const ir_rules ir_rules_cumsum = {
    .type = cumulative_type,
    .jvp = ir_jvp_linear,
    .transpose = cumsum_transpose,
    .batch = cumulative_batch,
    .evaluate = cumsum_evaluate,
};

#define CUMULATIVE(name, ...)                                                                                \
    const ir_rules ir_rules_##name = {.type = cumulative_type,                                               \
                                      .jvp = name##_jvp,                                                     \
                                      .no_transpose = "none, because it is not linear",                      \
                                      .batch = cumulative_batch,                                             \
                                      .evaluate = name##_evaluate,                                           \
                                      __VA_ARGS__};
CUMULATIVE(cumprod, .pair = cumprod_pair)
CUMULATIVE(cummax, .pair = cummax_pair)
CUMULATIVE(cummin, .pair = cummin_pair)
CUMULATIVE(cumlogsumexp, .pair = cumlogsumexp_pair)
