// Reductions. In: one value and a list of axes. Out: the value without them, or with size 1.
//
// A row says what happens to the dtype and emits the reduced value; the frame around it resolves the
// axes before and puts them back as size 1 after, where the user keeps them. softmax and its like,
// whose result has the shape of the operand, use the same rows and axes.
//
// What is stable: exponentials are taken of differences to the maximum, through which no derivative
// flows (as jax.nn does: the result does not depend on it).

#include <math.h>

#include "covector/ops_statistics.h"
#include "trace/ops/reduce.h"

// The type of the result without the reduced axes, or with them as size 1.
static ir_dims reduced_shape(const ir_type *type, ir_dims axes, bool keep, int64_t room[IR_MAX_RANK]) {
    int64_t n = 0;
    for (int64_t i = 0; i < type->rank; i++) {
        bool reduced = ir_dims_contain(axes, i);
        if (!reduced || keep) room[n++] = reduced ? 1 : type->dims[i];
    }
    return (ir_dims){n, room};
}

void tr_build_reduce(tr_op *op, const void *options) {
    const reducing *o = options;
    const reduce_row *row = o->row;
    tr_kind kind = tr_kind_of(op, 0);
    cv_dtype computed = kind.dtype, result = kind.dtype;
    if (row->domain == FLOATING) result = tr_inexact(op, kind).dtype, computed = tr_summing_dtype(result);
    if (row->domain == SUMMED)
        computed = tr_summing_dtype(kind.dtype), result = ir_is_float(kind.dtype) ? kind.dtype : computed;
    if (row->domain == BITS && ir_is_float(kind.dtype))
        tr_wrong(op, "takes bool and integers, not %s", cv_dtype_name(kind.dtype));
    int64_t room[IR_MAX_RANK], shape[IR_MAX_RANK];
    int64_t last = -1;
    cv_ints axis = o->options.axis;
    if (row->keeps_shape && !axis.n && !axis.at && tr_type(op, 0)->rank) axis = (cv_ints){1, &last};
    reduction r = {.b = op->b, .axes = tr_axes(op, 0, axis, room), .count = 1, .parameter = o->options.ddof};
    r.x = row->domain == BOOLEAN ? tr_truth(op->b, op->in[0]) : tr_as(op, 0, computed);
    r.type = ir_type_of(op->b, r.x);
    for (int64_t i = 0; i < r.axes.n; i++) r.count *= r.type->dims[r.axes.at[i]];
    ir_val value = row->emit(&r);
    if (!ir_is_complex(ir_type_of(op->b, value)->dtype)) result = ir_part_dtype(result);
    if (row->domain != BOOLEAN) value = ir_convert(op->b, value, result);
    if (o->options.keepdims && !row->keeps_shape)
        value = ir_reshape(op->b, value, reduced_shape(r.type, r.axes, true, shape));
    op->out[0] = value;
    op->weak_out[0] = row->weak && kind.weak && row->domain != BOOLEAN;
}

ir_val tr_spread(const reduction *r, ir_val value) {
    int64_t kept[IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < r->type->rank; i++)
        if (!ir_dims_contain(r->axes, i)) kept[n++] = i;
    return ir_broadcast_in_dim(r->b, value, ir_shape(r->type), (ir_dims){n, kept});
}

// A constant in place of the reduced value.
static ir_val reduced_constant(const reduction *r, double value) {
    int64_t shape[IR_MAX_RANK];
    ir_dims dims = reduced_shape(r->type, r->axes, false, shape);
    return ir_full(r->b, ir_type_get(r->b->module, r->type->dtype, dims.n, dims.at), value);
}

static ir_val emit_sum(const reduction *r) {
    return ir_reduce_sum(r->b, r->x, r->axes);
}

// The sum divided by n; NaN if that is not positive.
static ir_val quotient(const reduction *r, ir_val sum, double n) {
    return ir_div(r->b, sum, ir_full_like(r->b, sum, n > 0 ? n : (double)NAN));
}

static ir_val emit_mean(const reduction *r) {
    return quotient(r, emit_sum(r), (double)r->count);
}

ir_val tr_squared(ir_builder *b, ir_val x) {
    if (!ir_is_complex(ir_type_of(b, x)->dtype)) return ir_mul(b, x, x);
    ir_val re = ir_real(b, x), im = ir_imag(b, x);
    return ir_add(b, ir_mul(b, re, re), ir_mul(b, im, im));
}

static ir_val emit_var(const reduction *r) {
    reduction squares = *r;
    ir_val centered = ir_sub(r->b, r->x, tr_spread(r, emit_mean(r)));
    squares.x = tr_squared(r->b, centered);
    return quotient(r, emit_sum(&squares), (double)r->count - r->parameter);
}

static ir_val emit_std(const reduction *r) {
    return ir_sqrt(r->b, emit_var(r));
}

// True if what is reduced has no elements while the result has some.
static bool of_nothing(const reduction *r) {
    int64_t shape[IR_MAX_RANK], count = 1;
    ir_dims dims = reduced_shape(r->type, r->axes, false, shape);
    for (int64_t i = 0; i < dims.n; i++) count *= dims.at[i];
    return r->count == 0 && count > 0;
}

void tr_check_some(const reduction *r, const char *what) {
    char text[IR_TYPE_TEXT];
    if (of_nothing(r))
        ir_fail(r->b, CV_INVALID, "%s: no elements have no %s", ir_type_text(r->type, text), what);
}

static ir_val emit_max(const reduction *r) {
    tr_check_some(r, "maximum");
    return ir_reduce_max(r->b, r->x, r->axes);
}

static ir_val emit_min(const reduction *r) {
    tr_check_some(r, "minimum");
    return ir_reduce_min(r->b, r->x, r->axes);
}

static ir_val emit_prod(const reduction *r) {
    return ir_reduce(r->b, IR_reduce_prod, r->x, r->axes);
}

static ir_val emit_reduce_and(const reduction *r) { return ir_reduce(r->b, IR_reduce_and, r->x, r->axes); }
static ir_val emit_reduce_or(const reduction *r) { return ir_reduce(r->b, IR_reduce_or, r->x, r->axes); }
static ir_val emit_reduce_xor(const reduction *r) { return ir_reduce(r->b, IR_reduce_xor, r->x, r->axes); }

static ir_val emit_any(const reduction *r) {
    return of_nothing(r) ? reduced_constant(r, 0) : ir_reduce_max(r->b, r->x, r->axes);
}

static ir_val emit_all(const reduction *r) {
    return of_nothing(r) ? reduced_constant(r, 1) : ir_reduce_min(r->b, r->x, r->axes);
}

// Of complex numbers that of the real parts.
static ir_val maximum_without_derivative(const reduction *r) {
    bool is_complex = ir_is_complex(r->type->dtype);
    ir_val most = ir_reduce_max(r->b, is_complex ? ir_real(r->b, r->x) : r->x, r->axes);
    return ir_stop_gradient(r->b, most);
}

static ir_val less_maximum(const reduction *r, ir_val most) {
    return ir_sub(r->b, r->x, tr_spread(r, ir_convert(r->b, most, r->type->dtype)));
}

// The maximum is replaced by 0 where it is not finite: then x - maximum is what x says itself.
static ir_val emit_logsumexp(const reduction *r) {
    ir_builder *b = r->b;
    if (of_nothing(r)) return reduced_constant(r, -(double)INFINITY);
    ir_val most = maximum_without_derivative(r);
    ir_val finite = ir_lt(b, ir_abs(b, most), ir_full_like(b, most, (double)INFINITY));
    most = ir_select(b, finite, most, ir_full_like(b, most, 0));
    reduction exponentials = *r;
    exponentials.x = ir_exp(b, less_maximum(r, most));
    return ir_add(b, ir_log(b, emit_sum(&exponentials)), ir_convert(b, most, r->type->dtype));
}

static ir_val emit_softmax(const reduction *r) {
    if (!r->type->count) return r->x;
    reduction exponentials = *r;
    exponentials.x = ir_exp(r->b, less_maximum(r, maximum_without_derivative(r)));
    return ir_div(r->b, exponentials.x, tr_spread(r, emit_sum(&exponentials)));
}

static ir_val emit_log_softmax(const reduction *r) {
    if (!r->type->count) return r->x;
    ir_val shifted = less_maximum(r, maximum_without_derivative(r));
    reduction exponentials = *r;
    exponentials.x = ir_exp(r->b, shifted);
    return ir_sub(r->b, shifted, tr_spread(r, ir_log(r->b, emit_sum(&exponentials))));
}

//        name         dtype     keeps shape  weak   emits
REDUCTION(sum,         SUMMED,   false,       false, emit_sum)
REDUCTION(prod,        SUMMED,   false,       false, emit_prod)
REDUCTION(reduce_and,  BITS,     false,       false, emit_reduce_and)
REDUCTION(reduce_or,   BITS,     false,       false, emit_reduce_or)
REDUCTION(reduce_xor,  BITS,     false,       false, emit_reduce_xor)
REDUCTION(mean,        FLOATING, false,       false, emit_mean)
REDUCTION(var,         FLOATING, false,       false, emit_var)
REDUCTION(std,         FLOATING, false,       false, emit_std)
REDUCTION(max,         SAME,     false,       false, emit_max)
REDUCTION(min,         SAME,     false,       false, emit_min)
REDUCTION(any,         BOOLEAN,  false,       false, emit_any)
REDUCTION(all,         BOOLEAN,  false,       false, emit_all)
REDUCTION(logsumexp,   FLOATING, false,       true,  emit_logsumexp)
REDUCTION(softmax,     FLOATING, true,        true,  emit_softmax)
REDUCTION(log_softmax, FLOATING, true,        true,  emit_log_softmax)

// Positions of extremes

typedef ir_val arg_emit(ir_builder *b, ir_val x, int64_t axis, cv_dtype dtype);
typedef struct arg_reducing {
    arg_emit *emit;
    double nan; // what NaN is replaced by, or NaN: it counts as the extreme
    const cv_reduce_options *options;
} arg_reducing;

static void build_arg(tr_op *op, const void *options) {
    const arg_reducing *o = options;
    cv_ints list = o->options->axis;
    char text[IR_TYPE_TEXT];
    ir_val x = tr_as(op, 0, tr_kind_of(op, 0).dtype);
    const ir_type *type = ir_type_of(op->b, x);
    int64_t room[IR_MAX_RANK], shape[IR_MAX_RANK];
    ir_dims axes = tr_axes(op, 0, list, room);
    int64_t axis = tr_given(list) ? tr_one_axis(op, 0, list) : 0;
    if (!tr_given(list)) x = tr_flatten(op->b, x);
    if (!ir_type_of(op->b, x)->dims[axis])
        tr_wrong(op, "%s: no elements have no extreme", tr_text(op, 0, text));
    bool skip = !isnan(o->nan) && ir_is_float(type->dtype);
    ir_val missing = skip ? ir_ne(op->b, x, x) : IR_NONE;
    if (skip) x = ir_select(op->b, missing, ir_full_like(op->b, x, o->nan), x);
    ir_val value = o->emit(op->b, x, axis, CV_S32);
    if (skip) {
        ir_val all = ir_reduce_min(op->b, missing, (ir_dims){1, &axis});
        value = ir_select(op->b, all, ir_full_like(op->b, value, -1), value);
    }
    if (o->options->keepdims) value = ir_reshape(op->b, value, reduced_shape(type, axes, true, shape));
    op->out[0] = value;
}

#define ARG(name, emit, nan)                                                                       \
    cv_val cv_##name##_at(cv_val x, cv_reduce_options options, cv_here here) {                     \
        return tr_operation("cv_" #name, here, build_arg, &(arg_reducing){emit, nan, &options}, &x, 1); \
    }
ARG(argmax,    ir_argmax, (double)NAN)
ARG(argmin,    ir_argmin, (double)NAN)
ARG(nanargmax, ir_argmax, -(double)INFINITY)
ARG(nanargmin, ir_argmin, (double)INFINITY)

// Along an axis

typedef struct accumulating {
    ir_primitive primitive;
    bool skip_nan;
    cv_cumulative_options options;
} accumulating;

static void build_cumulative(tr_op *op, const void *options) {
    const accumulating *o = options;
    tr_kind kind = tr_kind_of(op, 0);
    cv_dtype dtype = kind.dtype;
    bool adds = o->primitive == IR_cumsum || o->primitive == IR_cumprod;
    if (o->primitive == IR_cumlogsumexp) dtype = tr_inexact(op, kind).dtype;
    else if (adds && dtype == CV_BOOL) dtype = CV_S32;
    cv_dtype computed = ir_is_float(dtype) ? tr_summing_dtype(dtype) : dtype;
    ir_val x = tr_as(op, 0, computed);
    int64_t axis = 0;
    if (o->skip_nan && ir_is_float(computed)) {
        ir_val neutral = ir_full_like(op->b, x, o->primitive == IR_cumprod);
        x = ir_select(op->b, ir_ne(op->b, x, x), neutral, x);
    }
    tr_check_list(op, o->options.axis, "axis");
    if (tr_given(o->options.axis)) axis = tr_one_axis(op, 0, o->options.axis);
    else x = tr_flatten(op->b, x);
    ir_cumulative_attributes attributes = {axis, o->options.reverse};
    op->out[0] = ir_convert(op->b, ir_emit(op->b, o->primitive, &x, 1, &attributes), dtype);
}

#define CUMULATIVE(name, primitive, skip_nan)                                                      \
    cv_val cv_##name##_at(cv_val x, cv_cumulative_options options, cv_here here) {                 \
        accumulating o = {primitive, skip_nan, options};                                           \
        return tr_operation("cv_" #name, here, build_cumulative, &o, &x, 1);                       \
    }
CUMULATIVE(cumsum, IR_cumsum, false)
CUMULATIVE(cumprod, IR_cumprod, false)
CUMULATIVE(cummax, IR_cummax, false)
CUMULATIVE(cummin, IR_cummin, false)
CUMULATIVE(cumlogsumexp, IR_cumlogsumexp, false)

// Folds by a function of the user's

typedef struct folding {
    cv_fn body;
    cv_fold_options options;
    const char *wrong; // what was found before, or NULL
} folding;

static void build_fold(tr_op *op, const void *options) {
    const folding *o = options;
    int64_t room[IR_MAX_RANK];
    uint32_t n = op->n_in / 2;
    if (o->wrong) tr_wrong(op, "%s", o->wrong);
    const ir_type **types = base_new_array(&op->b->arena, const ir_type *, 2 * n);
    for (uint32_t i = 0; i < n; i++) {
        cv_dtype dtype = tr_kind_of(op, i).dtype;
        ir_val init = tr_weaker_as(op, n + i, dtype);
        op->in[i] = tr_as(op, i, dtype);
        op->in[n + i] = init;
        types[i] = types[n + i] = ir_type_scalar(op->b->module, dtype);
    }
    const ir_function *body = tr_closed_function(op, o->body, "the body", types, 2 * n, n);
    ir_reduce_attributes attributes = {tr_axes(op, 0, o->options.axis, room), body};
    ir_val first = ir_emit(op->b, IR_reduce, op->in, op->n_in, &attributes);
    for (uint32_t i = 0; i < n; i++) op->out[i] = first + i;
}

cv_status cv_reduce_at(cv_vals list, cv_vals inits, cv_fn body, cv_val *out, cv_fold_options options,
                       cv_here here) {
    enum { MOST = 16 };
    folding o = {body, options, NULL};
    cv_val in[2 * MOST];
    int64_t n = list.at && list.n > 0 ? list.n : 0;
    if (!n) o.wrong = "there is nothing to fold";
    else if (n > MOST) o.wrong = "at most 16 arrays can be folded together";
    else if (!inits.at || inits.n != n) o.wrong = "each array needs an initial value";
    for (int64_t i = 0; !o.wrong && i < n; i++) in[i] = list.at[i], in[n + i] = inits.at[i];
    uint32_t n_in = o.wrong ? 0 : 2 * (uint32_t)n;
    return tr_operation_n("cv_reduce", here, build_fold, &o, in, n_in, out, (uint32_t)n);
}
CUMULATIVE(nancumsum, IR_cumsum, true)
CUMULATIVE(nancumprod, IR_cumprod, true)
