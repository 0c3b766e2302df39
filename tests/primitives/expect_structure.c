// What primitives that move, fold or contract axes mean, one coordinate at a time.
//
// Movement: for each coordinate of the result, the operand and the coordinate there that it comes
// from, or a fill. The others walk over coordinates and accumulate in doubles or 64-bit integers.

#include <complex.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "table.h"

typedef int64_t coordinates[IR_MAX_RANK + 1];

static int64_t linear_index(const ir_type *type, const int64_t *at) {
    int64_t i = 0;
    for (uint32_t d = 0; d < type->rank; d++) i = i * type->dims[d] + at[d];
    return i;
}

static void coordinates_of(ir_dims shape, int64_t i, int64_t *at) {
    for (int64_t d = shape.n; d-- > 0;) {
        at[d] = shape.at[d] ? i % shape.at[d] : 0;
        if (shape.at[d]) i /= shape.at[d];
    }
}

static void copy_element(const ir_array *to, int64_t i, const ir_array *from, int64_t j) {
    size_t size = cv_dtype_size(to->type->dtype);
    memcpy((char *)to->data + (size_t)i * size, (const char *)from->data + (size_t)j * size, size);
}

// An index; what s64 has no room for is beyond every axis.
static int64_t index_of(const ir_array *a, int64_t i) {
    int64_t value = test_int(a, i);
    return a->type->dtype == CV_U64 && value < 0 ? INT64_MAX : value;
}

static int64_t clamp_to(int64_t x, int64_t low, int64_t high) { return x < low ? low : x > high ? high : x; }

// Where an element of the result comes from.
typedef struct source {
    const test_instance *t;
    const void *attributes;
    const ir_array *in;
    const ir_type *out_type;
    const int64_t *at; // of the result
    uint32_t operand;
    coordinates from;
    bool fill; // from nowhere: the fill value of its dtype
} source;

static void from_broadcast(source *s) {
    const ir_broadcast_attributes *a = s->attributes;
    for (int64_t i = 0; i < a->dims.n; i++)
        s->from[i] = s->in[0].type->dims[i] == 1 ? 0 : s->at[a->dims.at[i]];
}

static void from_reshape(source *s) {
    coordinates_of(ir_shape(s->in[0].type), linear_index(s->out_type, s->at), s->from);
}

static void from_transpose(source *s) {
    const ir_transpose_attributes *a = s->attributes;
    for (int64_t i = 0; i < a->permutation.n; i++) s->from[a->permutation.at[i]] = s->at[i];
}

static void from_rev(source *s) {
    const ir_axes_attributes *a = s->attributes;
    for (uint32_t i = 0; i < s->out_type->rank; i++)
        s->from[i] = ir_dims_contain(a->axes, i) ? s->out_type->dims[i] - 1 - s->at[i] : s->at[i];
}

static void from_slice(source *s) {
    const ir_slice_attributes *a = s->attributes;
    for (int64_t i = 0; i < a->start.n; i++) s->from[i] = a->start.at[i] + s->at[i] * a->stride.at[i];
}

static void from_pad(source *s) {
    const ir_pad_attributes *a = s->attributes;
    for (int64_t i = 0; i < a->low.n; i++) {
        int64_t shifted = s->at[i] - a->low.at[i], step = a->interior.at[i] + 1;
        if (shifted < 0 || shifted % step || shifted / step >= s->in[0].type->dims[i])
            s->operand = 1;
        else
            s->from[i] = shifted / step;
    }
}

static void from_concatenate(source *s) {
    const ir_axis_attributes *a = s->attributes;
    memcpy(s->from, s->at, sizeof s->from);
    while (s->from[a->axis] >= s->in[s->operand].type->dims[a->axis])
        s->from[a->axis] -= s->in[s->operand++].type->dims[a->axis];
}

static void from_dynamic_slice(source *s) {
    for (uint32_t i = 0; i < s->out_type->rank; i++)
        s->from[i] =
            s->at[i] + clamp_to(index_of(&s->in[1 + i], 0), 0, s->in[0].type->dims[i] - s->out_type->dims[i]);
}

static void from_dynamic_update_slice(source *s) {
    const ir_type *update = s->in[1].type;
    coordinates inner;
    s->operand = 1;
    for (uint32_t i = 0; i < s->out_type->rank; i++) {
        int64_t room = s->out_type->dims[i] - update->dims[i];
        inner[i] = s->at[i] - clamp_to(index_of(&s->in[2 + i], 0), 0, room);
        if (inner[i] < 0 || inner[i] >= update->dims[i]) s->operand = 0;
    }
    memcpy(s->from, s->operand ? inner : s->at, sizeof inner[0] * s->out_type->rank);
}

// Splits coordinates into those of the axes in a list and the others, each in order.
static void split(const int64_t *at, int64_t rank, ir_dims listed, int64_t *in_list, int64_t *others) {
    int64_t n_others = 0;
    for (int64_t i = 0; i < listed.n; i++) in_list[i] = at[listed.at[i]];
    for (int64_t i = 0; i < rank; i++)
        if (!ir_dims_contain(listed, i)) others[n_others++] = at[i];
}

// What gather and scatter share, in the words of gather. `batch`: coordinates in the indices but for
// the last axis; `window`: within the window, axes that are collapsed or batching left out.
// Fills in where that is in the operand. False: the window does not fit there.
struct indexing {
    ir_dims collapsed, index_map, operand_batching, indices_batching;
    const int64_t *window_sizes; // of every axis of the operand
    int64_t mode;
};

static bool locate(const struct indexing *g, const ir_type *operand, const ir_array *indices,
                   const int64_t *batch, const int64_t *window, int64_t *from) {
    coordinates start = {0}, at;
    bool inside = true;
    memcpy(at, batch, sizeof at);
    for (int64_t i = 0; i < g->index_map.n; i++) {
        at[indices->type->rank - 1] = i;
        int64_t axis = g->index_map.at[i], wanted = index_of(indices, linear_index(indices->type, at));
        start[axis] = clamp_to(wanted, 0, operand->dims[axis] - g->window_sizes[axis]);
        inside &= start[axis] == wanted;
    }
    for (int64_t i = 0; i < g->operand_batching.n; i++)
        start[g->operand_batching.at[i]] = batch[g->indices_batching.at[i]];
    for (uint32_t i = 0; i < operand->rank; i++) {
        bool absent = ir_dims_contain(g->collapsed, i) || ir_dims_contain(g->operand_batching, i);
        from[i] = start[i] + (absent ? 0 : *window++);
    }
    return inside || g->mode == IR_CLIP;
}

static void from_gather(source *s) {
    const ir_gather_attributes *a = s->attributes;
    struct indexing g = {a->collapsed_slice_dims,        a->start_index_map, a->operand_batching_dims,
                         a->start_indices_batching_dims, a->slice_sizes.at,  a->mode};
    coordinates window, batch = {0};
    split(s->at, s->out_type->rank, a->offset_dims, window, batch);
    s->fill = !locate(&g, s->in[0].type, &s->in[1], batch, window, s->from);
}

static void (*const sources[IR_PRIMITIVE_COUNT])(source *) = {
    [IR_broadcast_in_dim] = from_broadcast,
    [IR_reshape] = from_reshape,
    [IR_transpose] = from_transpose,
    [IR_rev] = from_rev,
    [IR_slice] = from_slice,
    [IR_pad] = from_pad,
    [IR_concatenate] = from_concatenate,
    [IR_dynamic_slice] = from_dynamic_slice,
    [IR_dynamic_update_slice] = from_dynamic_update_slice,
    [IR_gather] = from_gather,
};

// NaN, the smallest signed, the largest unsigned integer, true.
static void set_fill(ir_array *out, int64_t i) {
    cv_dtype dtype = out->type->dtype;
    if (ir_is_differentiable(dtype))
        test_set_real(out, i, NAN);
    else if (ir_is_signed(dtype))
        test_set_int(out, i, INT64_MIN >> (64 - 8 * cv_dtype_size(dtype)));
    else
        test_set_int(out, i, -1);
}

static void move(const test_instance *t, const void *attributes, const ir_array *in, ir_array *out) {
    for (int64_t i = 0; i < out->type->count; i++) {
        coordinates at;
        coordinates_of(ir_shape(out->type), i, at);
        source s = {.t = t, .attributes = attributes, .in = in, .out_type = out->type, .at = at};
        sources[t->c->primitive](&s);
        if (s.fill)
            set_fill(out, i);
        else
            copy_element(out, i, &in[s.operand], linear_index(in[s.operand].type, s.from));
    }
}

// Complex numbers are in order by real parts, where these are equal by imaginary parts. A NaN is beyond all.
static _Complex double extreme(bool most, _Complex double x, _Complex double y) {
    double a = __real__ x, b = __real__ y;
    if (isnan(a) || isnan(b)) return __builtin_complex((double)NAN, (double)NAN);
    if (a == b) a = __imag__ x, b = __imag__ y;
    if (isnan(a) || isnan(b)) return isnan(a) ? x : y;
    return (most ? a > b : a < b) ? x : y;
}

static bool is_better(bool most, const ir_array *x, int64_t i, double best_real, int64_t best_int) {
    if (!ir_is_float(x->type->dtype)) {
        uint64_t flip = x->type->dtype == CV_U64 ? 0 : UINT64_C(1) << 63; // orders integers as unsigned ones
        uint64_t key = (uint64_t)test_int(x, i) ^ flip, best = (uint64_t)best_int ^ flip;
        return most ? key > best : key < best;
    }
    double real = test_real(x, i);
    if (isnan(real) || isnan(best_real)) return isnan(real) && !isnan(best_real);
    return most ? real > best_real : real < best_real;
}

// What an operation puts together with what was there before.
typedef enum combination { LAST, SUM, PRODUCT, MOST, LEAST, AND, OR, XOR, EXPONENTIALS } combination;

static combination combination_of(ir_primitive p) {
    switch (p) {
    case IR_scatter_add: case IR_reduce_sum: case IR_cumsum: return SUM;
    case IR_scatter_mul: case IR_reduce_prod: case IR_cumprod: return PRODUCT;
    case IR_reduce_and: return AND;
    case IR_reduce_or: return OR;
    case IR_reduce_xor: return XOR;
    case IR_scatter_max: case IR_reduce_max: case IR_cummax: return MOST;
    case IR_scatter_min: case IR_reduce_min: case IR_cummin: return LEAST;
    case IR_cumlogsumexp: return EXPONENTIALS;
    default: return LAST;
    }
}

static void combine(combination how, ir_array *to, int64_t i, const ir_array *from, int64_t j) {
    double x = test_real(to, i), y = test_real(from, j);
    _Complex double z = test_complex(to, i), w = test_complex(from, j);
    uint64_t m = (uint64_t)test_int(to, i), n = (uint64_t)test_int(from, j);
    bool real = ir_is_float(to->type->dtype), pair = ir_is_complex(to->type->dtype);
    // infinities of products are what the formula makes of them, not those of C
    _Complex double product = __builtin_complex(__real__ z * __real__ w - __imag__ z * __imag__ w,
                                                __real__ z * __imag__ w + __imag__ z * __real__ w);
    if (pair && (how == MOST || how == LEAST)) test_set_complex(to, i, extreme(how == MOST, z, w));
    else if (pair && how == EXPONENTIALS) test_set_complex(to, i, clog(cexp(z) + cexp(w)));
    else if (pair && how != LAST) test_set_complex(to, i, how == SUM ? z + w : product);
    else if (how == SUM && real) test_set_real(to, i, x + y);
    else if (how == SUM) test_set_int(to, i, (int64_t)(m + n));
    else if (how == PRODUCT && real) test_set_real(to, i, x * y);
    else if (how == PRODUCT) test_set_int(to, i, (int64_t)(m * n));
    else if (how == EXPONENTIALS) test_set_real(to, i, log(exp(x) + exp(y)));
    else if (how == AND) test_set_int(to, i, (int64_t)(m & n));
    else if (how == OR) test_set_int(to, i, (int64_t)(m | n));
    else if (how == XOR) test_set_int(to, i, (int64_t)(m ^ n));
    else if (how == LAST || is_better(how == MOST, from, j, x, (int64_t)m)) copy_element(to, i, from, j);
}

static void expect_constant(const test_instance *t, const void *attributes, const ir_array *in,
                            ir_array *out) {
    (void)t, (void)in;
    const ir_literal *literal = &((const ir_constant_attributes *)attributes)->value;
    ir_array from = {literal->type, (void *)(uintptr_t)literal->data};
    for (int64_t i = 0; i < out->type->count; i++) copy_element(out, i, &from, literal->splat ? 0 : i);
}

static void expect_iota(const test_instance *t, const void *attributes, const ir_array *in, ir_array *out) {
    (void)t, (void)in;
    const ir_iota_attributes *a = attributes;
    for (int64_t i = 0; i < out->type->count; i++) {
        coordinates at;
        coordinates_of(a->shape, i, at);
        test_set_int(out, i, at[a->axis]);
    }
}

static void expect_scatter(const test_instance *t, const void *attributes, const ir_array *in,
                           ir_array *out) {
    const ir_scatter_attributes *a = attributes;
    const ir_type *operand = in[0].type, *updates = in[2].type;
    coordinates sizes;
    int64_t next = 0;
    for (uint32_t i = 0; i < operand->rank; i++) {
        bool absent =
            ir_dims_contain(a->inserted_window_dims, i) || ir_dims_contain(a->operand_batching_dims, i);
        sizes[i] = absent ? 1 : updates->dims[a->update_window_dims.at[next++]];
    }
    struct indexing g = {a->inserted_window_dims,
                         a->scatter_dims_to_operand_dims,
                         a->operand_batching_dims,
                         a->scatter_indices_batching_dims,
                         sizes,
                         a->mode};
    memcpy(out->data, in[0].data, out->type->bytes);
    for (int64_t i = 0; i < updates->count; i++) {
        coordinates at, window, batch = {0}, to;
        coordinates_of(ir_shape(updates), i, at);
        split(at, updates->rank, a->update_window_dims, window, batch);
        if (!locate(&g, operand, &in[1], batch, window, to)) continue;
        combine(combination_of(t->c->primitive), out, linear_index(operand, to), &in[2], i);
    }
}

// The coordinate in the result: folded axes left out.
static int64_t folded(const ir_type *from, const ir_type *to, ir_dims axes, int64_t i, int64_t *at) {
    coordinates gone, left;
    coordinates_of(ir_shape(from), i, at);
    split(at, from->rank, axes, gone, left);
    return linear_index(to, left);
}

static void set_neutral(combination how, ir_array *out, int64_t i) {
    cv_dtype dtype = out->type->dtype;
    bool most = how == MOST;
    int bits = 8 * (int)cv_dtype_size(dtype);
    if (how == AND)
        test_set_int(out, i, -1);
    else if (how != MOST && how != LEAST)
        test_set_int(out, i, how == PRODUCT);
    else if (ir_is_complex(dtype))
        test_set_complex(out, i, most ? __builtin_complex(-INFINITY, -INFINITY) : __builtin_complex(INFINITY, INFINITY));
    else if (ir_is_float(dtype))
        test_set_real(out, i, most ? -INFINITY : INFINITY);
    else if (!ir_is_signed(dtype))
        test_set_int(out, i, most ? 0 : -1);
    else
        test_set_int(out, i, most ? INT64_MIN >> (64 - bits) : INT64_MAX >> (64 - bits));
}

static void expect_reduce(const test_instance *t, const void *attributes, const ir_array *in, ir_array *out) {
    const ir_axes_attributes *a = attributes;
    coordinates at;
    combination how = combination_of(t->c->primitive);
    for (int64_t o = 0; o < out->type->count; o++) set_neutral(how, out, o);
    for (int64_t i = 0; i < in->type->count; i++)
        combine(how, out, folded(in->type, out->type, a->axes, i, at), in, i);
}

// Each element from all of its lane up to it.
static void expect_cumulative(const test_instance *t, const void *attributes, const ir_array *in, ir_array *out) {
    const ir_cumulative_attributes *a = attributes;
    combination how = combination_of(t->c->primitive);
    coordinates at;
    for (int64_t o = 0; o < out->type->count; o++) {
        coordinates_of(ir_shape(out->type), o, at);
        int64_t last = at[a->axis], n = out->type->dims[a->axis];
        for (int64_t k = a->reverse ? n - 1 : 0;; k += a->reverse ? -1 : 1) {
            at[a->axis] = k;
            if (k == (a->reverse ? n - 1 : 0)) copy_element(out, o, in, linear_index(in->type, at));
            else combine(how, out, o, in, linear_index(in->type, at));
            if (k == last) break;
        }
    }
}

// The first of the best; a NaN is best.
static void expect_argument(const test_instance *t, const void *attributes, const ir_array *in,
                            ir_array *out) {
    const ir_argmax_attributes *a = attributes;
    int64_t *best = base_new_array(t->arena, int64_t, out->type->count + 1);
    coordinates at;
    for (int64_t o = 0; o < out->type->count; o++) best[o] = -1;
    for (int64_t i = 0; i < in->type->count; i++) {
        int64_t o = folded(in->type, out->type, (ir_dims){1, &a->axis}, i, at), b = best[o];
        if (b >= 0 && !is_better(t->c->primitive == IR_argmax, in, i, test_real(in, b), test_int(in, b))) continue;
        best[o] = i;
        test_set_int(out, o, at[a->axis]);
    }
}

// Folds: a[i] becomes a[i] - x[i] * a[i + 1], which depends on the order and mixes the arrays (one alone:
// a - x * a); of bools a[i] xor (x[i] and a[i + 1]).

static const void *make_reduce(const test_instance *t, ir_dims axes) {
    uint32_t n = t->c->n_in / 2;
    ir_builder *b = ir_builder_new(t->module, "body");
    const ir_type *scalar = ir_type_scalar(t->module, t->dtype);
    ir_val in[2 * TEST_MAX_IN], out[TEST_MAX_IN];
    bool truth = t->dtype == CV_BOOL;
    for (uint32_t i = 0; i < 2 * n; i++) in[i] = ir_param(b, scalar);
    for (uint32_t i = 0; i < n; i++) {
        ir_val other = in[(i + 1) % n], x = in[n + i];
        out[i] = truth ? ir_xor(b, in[i], ir_and(b, x, other)) : ir_sub(b, in[i], ir_mul(b, x, other));
    }
    ir_reduce_attributes *a = base_new(t->arena, ir_reduce_attributes);
    *a = (ir_reduce_attributes){{axes.n, base_arena_copy(t->arena, axes.at, sizeof *axes.at * (size_t)axes.n)},
                                ir_finish(b, out, n)};
    return a;
}

const void *test_make_reduce_last(const test_instance *t) { return make_reduce(t, IR_DIMS(1)); }
const void *test_make_reduce_first(const test_instance *t) { return make_reduce(t, IR_DIMS(0)); }
const void *test_make_reduce_all(const test_instance *t) { return make_reduce(t, IR_DIMS(1, 0)); }

static void expect_folds(const test_instance *t, ir_dims axes, const ir_array *in, ir_array *out) {
    uint32_t n = t->c->n_in / 2;
    coordinates at;
    _Complex double real[TEST_MAX_IN];
    int64_t whole[TEST_MAX_IN];
    for (int64_t o = 0; o < out->type->count; o++) {
        for (uint32_t k = 0; k < n; k++) real[k] = test_complex(&in[n + k], 0), whole[k] = test_int(&in[n + k], 0);
        for (int64_t i = 0; i < in->type->count; i++) {
            _Complex double before = real[0];
            int64_t before_whole = whole[0];
            if (folded(in->type, out->type, axes, i, at) != o) continue;
            for (uint32_t k = 0; k < n; k++) {
                _Complex double other = k + 1 < n ? real[k + 1] : before;
                int64_t other_whole = k + 1 < n ? whole[k + 1] : before_whole, x = test_int(&in[k], i);
                real[k] -= test_complex(&in[k], i) * other;
                if (t->dtype == CV_BOOL) whole[k] ^= x & other_whole;
                else whole[k] = (int64_t)((uint64_t)whole[k] - (uint64_t)x * (uint64_t)other_whole);
            }
        }
        for (uint32_t k = 0; k < n; k++)
            if (ir_is_differentiable(t->dtype)) test_set_complex(&out[k], o, real[k]);
            else test_set_int(&out[k], o, whole[k]);
    }
}

void test_expect_reduce_last(const test_instance *t, const ir_array *in, ir_array *out) {
    expect_folds(t, IR_DIMS(1), in, out);
}

void test_expect_reduce_first(const test_instance *t, const ir_array *in, ir_array *out) {
    expect_folds(t, IR_DIMS(0), in, out);
}

void test_expect_reduce_all(const test_instance *t, const ir_array *in, ir_array *out) {
    expect_folds(t, IR_DIMS(1, 0), in, out);
}

// Sorting: the comparators, and what they mean. The first of the operands is the first key.

static const void *make_sort(const test_instance *t, int64_t from_end, uint32_t n_keys, bool descending) {
    cv_dtype dtypes[TEST_MAX_IN];
    for (uint32_t i = 0; i < t->c->n_in; i++)
        dtypes[i] = t->c->in[i].dtype == CV_DTYPE_DEFAULT ? t->dtype : t->c->in[i].dtype;
    ir_sort_attributes *a = base_new(t->arena, ir_sort_attributes);
    int64_t rank = t->c->in[0].draw->domain == TEST_SPECIAL ? 1 : t->c->in[0].shape.n;
    *a = (ir_sort_attributes){from_end ? rank - 1 : 0,
                              ir_sort_order(t->module, dtypes, t->c->n_in, n_keys, descending)};
    return a;
}

const void *test_make_sort_last(const test_instance *t) { return make_sort(t, 1, 1, false); }
const void *test_make_sort_first(const test_instance *t) { return make_sort(t, 0, 1, false); }
const void *test_make_sort_two_keys(const test_instance *t) { return make_sort(t, 1, 2, false); }
const void *test_make_sort_descending(const test_instance *t) { return make_sort(t, 0, 1, true); }

static int order_of_reals(double x, double y) {
    if (isnan(x) || isnan(y)) return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
}

// -1, 0 or 1: elements i and j of a key; NaN is greatest and equal to NaN; real parts count first.
static int order_of(const ir_array *key, int64_t i, int64_t j) {
    if (ir_is_differentiable(key->type->dtype)) {
        _Complex double a = test_complex(key, i), b = test_complex(key, j);
        int order = order_of_reals(__real__ a, __real__ b);
        return order ? order : order_of_reals(__imag__ a, __imag__ b);
    }
    uint64_t flip = key->type->dtype == CV_U64 ? 0 : UINT64_C(1) << 63;
    uint64_t x = (uint64_t)test_int(key, i) ^ flip, y = (uint64_t)test_int(key, j) ^ flip;
    return (x > y) - (x < y);
}

// An element goes to the place with as many before it: the lesser ones, and the equal ones that come first.
static void expect_sort(const test_instance *t, const void *attributes, const ir_array *in, ir_array *out) {
    const ir_sort_attributes *a = attributes;
    uint32_t n_keys = t->c->make_attributes == test_make_sort_two_keys ? 2 : 1;
    int sign = t->c->make_attributes == test_make_sort_descending ? -1 : 1;
    const ir_type *type = in[0].type;
    for (int64_t i = 0; i < type->count; i++) {
        coordinates at, other;
        coordinates_of(ir_shape(type), i, at);
        memcpy(other, at, sizeof at);
        int64_t before = 0;
        for (other[a->axis] = 0; other[a->axis] < type->dims[a->axis]; other[a->axis]++) {
            int64_t j = linear_index(type, other);
            int order = 0;
            for (uint32_t key = 0; !order && key < n_keys; key++) order = sign * order_of(&in[key], j, i);
            before += order < 0 || (!order && other[a->axis] < at[a->axis]);
        }
        at[a->axis] = before;
        for (uint32_t k = 0; k < t->c->n_in; k++) copy_element(&out[k], linear_index(type, at), &in[k], i);
    }
}

static void put(int64_t *at, ir_dims axes, const int64_t *from) {
    for (int64_t i = 0; i < axes.n; i++) at[axes.at[i]] = from[i];
}

static const int64_t *put_free(int64_t *at, int64_t rank, ir_dims contract, ir_dims batch,
                               const int64_t *from) {
    for (int64_t i = 0; i < rank; i++)
        if (!ir_dims_contain(contract, i) && !ir_dims_contain(batch, i)) at[i] = *from++;
    return from;
}

static void expect_dot(const test_instance *t, const void *attributes, const ir_array *in, ir_array *out) {
    (void)t;
    const ir_dot_attributes *a = attributes;
    const ir_type *lhs = in[0].type, *rhs = in[1].type;
    coordinates sizes, at, inner, x, y;
    int64_t terms = 1;
    for (int64_t i = 0; i < a->lhs_contract.n; i++) terms *= sizes[i] = lhs->dims[a->lhs_contract.at[i]];
    for (int64_t o = 0; o < out->type->count; o++) {
        coordinates_of(ir_shape(out->type), o, at);
        put(x, a->lhs_batch, at);
        put(y, a->rhs_batch, at);
        const int64_t *rest = put_free(x, lhs->rank, a->lhs_contract, a->lhs_batch, at + a->lhs_batch.n);
        put_free(y, rhs->rank, a->rhs_contract, a->rhs_batch, rest);
        _Complex double real = 0;
        uint64_t integer = 0;
        for (int64_t i = 0; i < terms; i++) {
            coordinates_of((ir_dims){a->lhs_contract.n, sizes}, i, inner);
            put(x, a->lhs_contract, inner);
            put(y, a->rhs_contract, inner);
            int64_t l = linear_index(lhs, x), r = linear_index(rhs, y);
            real += test_complex(&in[0], l) * test_complex(&in[1], r);
            integer += (uint64_t)test_int(&in[0], l) * (uint64_t)test_int(&in[1], r);
        }
        if (ir_is_differentiable(out->type->dtype))
            test_set_complex(out, o, real);
        else
            test_set_int(out, o, (int64_t)integer);
    }
}

static void (*const others[IR_PRIMITIVE_COUNT])(const test_instance *, const void *, const ir_array *,
                                                ir_array *) = {
    [IR_constant] = expect_constant,     [IR_iota] = expect_iota,           [IR_scatter] = expect_scatter,
    [IR_scatter_add] = expect_scatter,   [IR_scatter_mul] = expect_scatter, [IR_scatter_max] = expect_scatter,
    [IR_scatter_min] = expect_scatter,   [IR_reduce_sum] = expect_reduce,   [IR_reduce_max] = expect_reduce,
    [IR_reduce_min] = expect_reduce,     [IR_argmax] = expect_argument,     [IR_argmin] = expect_argument,
    [IR_dot_general] = expect_dot,       [IR_reduce_prod] = expect_reduce,  [IR_reduce_and] = expect_reduce,
    [IR_cumsum] = expect_cumulative,     [IR_cumprod] = expect_cumulative,  [IR_cummax] = expect_cumulative,
    [IR_cummin] = expect_cumulative,     [IR_cumlogsumexp] = expect_cumulative, [IR_sort] = expect_sort,
    [IR_reduce_or] = expect_reduce,      [IR_reduce_xor] = expect_reduce,
};

bool test_expect_structure(const test_instance *t, const ir_array *in, ir_array *out) {
    ir_primitive p = t->c->primitive;
    const void *attributes = t->f->n_ops ? t->f->ops[0].attributes : NULL;
    if (sources[p])
        move(t, attributes, in, out);
    else if (others[p])
        others[p](t, attributes, in, out);
    return sources[p] || others[p];
}
