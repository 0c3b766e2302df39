// The table of the generator: how operands and attributes of each primitive are drawn.
//
// To add a primitive: a row at the end, for elementwise ones with the range that operands are brought into,
// and the range of the result.

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "rows.h"

static rp_range range_for(rp_generator *g, const rp_row *row, uint32_t i, rp_value x) {
    bool other = ir_is_complex(rp_type_of(g, x)->dtype) && row->complex_in.low < row->complex_in.high;
    return other ? row->complex_in : row->in[i];
}

static void add_elementwise(rp_generator *g, ir_primitive p, rp_value *in, const void *attributes) {
    const rp_row *row = &rp_rows[p];
    uint32_t n = (uint32_t)ir_primitives[p].n_in;
    ir_val operands[3];
    rp_range out = row->out, around = {0, 0};
    bool smooth = ir_primitives[p].traits & IR_REAL_STEP && ir_is_complex(rp_type_of(g, in[0])->dtype);
    bool jumps = row->jumps && !smooth, exact = !smooth && (jumps || (out.low == 0 && out.high == 0));
    for (uint32_t i = 0; i < n; i++) {
        in[i] = rp_fit(g, in[i], range_for(g, row, i, in[i]));
        if (jumps) in[i] = rp_exact(g, in[i]);
        operands[i] = in[i].v;
        around.low = fmin(around.low, fmin(in[i].low, -in[i].high));
        around.high = fmax(around.high, fmax(in[i].high, -in[i].low));
        exact &= in[i].exact;
    }
    if (out.low == 0 && out.high == 0) out = around;
    rp_add(g, ir_emit(g->b, p, operands, n, attributes), out, exact);
}

static void elementwise(rp_generator *g, ir_primitive p) {
    rp_value in[3] = {rp_any_for(g, p)};
    if (in[0].v == IR_NONE) return;
    for (int i = 1; i < ir_primitives[p].n_in; i++) in[i] = rp_of_type(g, rp_type_of(g, in[0]));
    add_elementwise(g, p, in, NULL);
}

static void select_(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p), in[3];
    const ir_type *type = rp_type_of(g, x);
    in[0] = rp_of_type(g, ir_type_with_dtype(g->b->module, type, CV_BOOL));
    in[1] = x;
    in[2] = rp_of_type(g, type);
    in[0].low = in[0].high = 0;
    in[0].exact = true;
    add_elementwise(g, p, in, NULL);
}

// Not at its bounds, where the derivative is a convention.
static void clamp(rp_generator *g, ir_primitive p) {
    rp_value in[3] = {rp_any_for(g, p)};
    if (in[0].v == IR_NONE) return;
    const ir_type *type = rp_type_of(g, in[0]);
    in[1] = rp_of_type(g, type);
    in[2] = rp_of_type(g, type);
    if (ir_is_float(type->dtype)) {
        in[1].v = ir_add(g->b, in[1].v, ir_full(g->b, type, 0.3));
        in[1].high++;
        in[1].exact = false;
    }
    add_elementwise(g, p, in, NULL);
}

static void integer_pow(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    if (x.v == IR_NONE) return;
    int64_t least = ir_is_integer(rp_type_of(g, x)->dtype) ? 0 : -3;
    add_elementwise(g, p, &x, &(ir_integer_pow_attributes){least + below(g, 6 - least)});
}

static void polygamma(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    if (x.v != IR_NONE) add_elementwise(g, p, &x, &(ir_polygamma_attributes){1 + below(g, 3)});
}

static bool drawn_dtype(rp_generator *g, ir_primitive p, cv_dtype *dtype) {
    for (int tries = 0; tries < 60; tries++) {
        *dtype = (cv_dtype)below(g, CV_DTYPE_COUNT);
        if (rp_allows(g, p, *dtype)) return true;
    }
    return false;
}

static void convert(rp_generator *g, ir_primitive p) {
    cv_dtype dtype;
    rp_value x = rp_any_for(g, p);
    if (!drawn_dtype(g, p, &dtype)) return;
    x = rp_of_dtype(g, x, dtype);
    rp_add(g, x.v, range_of(x), x.exact && !ir_is_half(dtype));
}

// The bits of a number, of which floating ones are set so that it lies from 1 to 2.
static void bitcast_convert(rp_generator *g, ir_primitive p) {
    cv_dtype to;
    rp_value x = rp_any_for(g, p);
    if (x.v == IR_NONE) return;
    cv_dtype from = rp_type_of(g, x)->dtype;
    for (int tries = 0;; tries++) {
        if (tries == 100 || !drawn_dtype(g, p, &to)) return;
        if (to != from && cv_dtype_size(to) == cv_dtype_size(from) && !(ir_is_float(to) && ir_is_float(from)))
            break;
    }
    if (ir_is_float(to)) {
        union ir_scalar one = {0}, digits = {0};
        const ir_type *type = rp_type_of(g, x);
        ir_scalar_from_double(&one, to, 1);
        digits.u64 = to == CV_F64   ? ~UINT64_C(0) >> 12
                     : to == CV_F32 ? 0x7fffff
                     : to == CV_F16 ? 0x3ff
                                    : 0x7f;
        x.v = ir_and(g->b, x.v, ir_constant(g->b, type, true, &digits));
        x.v = ir_or(g->b, x.v, ir_constant(g->b, type, true, &one));
    }
    x.v = rp_exact(g, x).v;
    rp_add(g, ir_emit(g->b, p, &x.v, 1, &(ir_convert_attributes){to}), (rp_range){1, 2}, false);
}

// Creation and movement.

static void constant(rp_generator *g, ir_primitive p) {
    const ir_type *type = rp_random_type(g);
    ir_array array = {type, base_arena_zeroed(&g->b->arena, type->bytes + 1)};
    (void)p;
    rp_fill_widely(&array, g->state);
    rp_add(g, ir_constant(g->b, type, false, array.data), (rp_range){-2, 2}, true);
}

static void iota(rp_generator *g, ir_primitive p) {
    const ir_type *type = rp_random_type(g);
    if (!type->rank || !rp_allows(g, p, type->dtype)) return;
    int64_t axis = below(g, type->rank);
    rp_add(g, ir_iota(g->b, type->dtype, ir_shape(type), axis), (rp_range){0, (double)type->dims[axis]},
           true);
}

static void broadcast(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    const ir_type *type = rp_type_of(g, x);
    int64_t shape[IR_MAX_RANK], dims[IR_MAX_RANK], rank = type->rank, next = 0, total = 0;
    if (rank > 3) return;
    while (next < rank || below(g, 2) == 0) {
        if (total == 5) break;
        bool new_axis = next == rank || below(g, 3) == 0;
        if (new_axis) {
            shape[total++] = 1 + below(g, 3);
        } else {
            int64_t size = type->dims[next];
            dims[next++] = total;
            shape[total++] = size == 1 ? 1 + below(g, 3) : size;
        }
    }
    if (next == rank)
        add_moved(g, ir_broadcast_in_dim(g->b, x.v, (ir_dims){total, shape}, (ir_dims){rank, dims}), x);
}

// Two axes become one, or an axis of one comes or goes.
static void reshape(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    const ir_type *type = rp_type_of(g, x);
    int64_t shape[IR_MAX_RANK], rank = type->rank, n = 0, at = below(g, rank + 1), kind = below(g, 3);
    for (int64_t i = 0; i < rank; i++) {
        if (i == at && kind == 0) shape[n++] = 1;
        if (i == at && kind == 1 && n)
            shape[n - 1] *= type->dims[i];
        else if (!(kind == 2 && type->dims[i] == 1))
            shape[n++] = type->dims[i];
    }
    if (at == rank && kind == 0) shape[n++] = 1;
    add_moved(g, ir_emit(g->b, p, &x.v, 1, &(ir_reshape_attributes){{n, shape}}), x);
}

static void transpose(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    int64_t permutation[IR_MAX_RANK], rank = rp_type_of(g, x)->rank;
    for (int64_t i = 0; i < rank; i++) permutation[i] = i;
    shuffle(g, permutation, rank);
    add_moved(g, ir_emit(g->b, p, &x.v, 1, &(ir_transpose_attributes){{rank, permutation}}), x);
}

static void rev(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    int64_t axes[IR_MAX_RANK];
    ir_dims some = some_axes(g, rp_type_of(g, x)->rank, axes);
    add_moved(g, ir_emit(g->b, p, &x.v, 1, &(ir_axes_attributes){some}), x);
}

static void slice(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    const ir_type *type = rp_type_of(g, x);
    int64_t start[IR_MAX_RANK], limit[IR_MAX_RANK], stride[IR_MAX_RANK], rank = type->rank;
    for (int64_t i = 0; i < rank; i++) {
        start[i] = below(g, 2) ? 0 : below(g, type->dims[i] + 1);
        limit[i] = below(g, 2) ? type->dims[i] : start[i] + below(g, type->dims[i] - start[i] + 1);
        stride[i] = below(g, 2) ? 1 : 1 + below(g, 3);
    }
    ir_slice_attributes a = {{rank, start}, {rank, limit}, {rank, stride}};
    add_moved(g, ir_emit(g->b, p, &x.v, 1, &a), x);
}

static void pad(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    const ir_type *type = rp_type_of(g, x);
    int64_t low[IR_MAX_RANK], high[IR_MAX_RANK], interior[IR_MAX_RANK], rank = type->rank;
    for (int64_t i = 0; i < rank; i++) {
        int64_t most = type->dims[i] > 1 ? 2 : 0; // negative ones take away what is there
        interior[i] = below(g, 3) ? 0 : below(g, 3);
        low[i] = below(g, 4) - (most ? 1 : 0);
        high[i] = below(g, 4) - (most ? 1 : 0);
    }
    rp_value value = rp_of_type(g, scalar_type(g, type->dtype));
    ir_pad_attributes a = {{rank, low}, {rank, high}, {rank, interior}};
    rp_add(g, ir_emit(g->b, p, (ir_val[]){x.v, value.v}, 2, &a), both(x, value), x.exact && value.exact);
}

static void concatenate(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p), other = rp_of_type(g, rp_type_of(g, x));
    const ir_type *type = rp_type_of(g, x);
    if (!type->rank) return;
    ir_axis_attributes a = {below(g, type->rank)};
    ir_val out = ir_emit(g->b, p, (ir_val[]){x.v, other.v, x.v}, 1 + (uint32_t)below(g, 3), &a);
    rp_add(g, out, both(x, other), x.exact && other.exact);
}

// Indexing.

static cv_dtype index_dtype(rp_generator *g) {
    cv_dtype d = (cv_dtype)(CV_S8 + below(g, CV_U64 - CV_S8 + 1));
    bool drawn = !g->options->dtypes || g->options->dtypes >> d & 1;
    return below(g, 2) && drawn ? d : CV_S32;
}

static void starts(rp_generator *g, int64_t rank, ir_val *at) {
    cv_dtype dtype = index_dtype(g);
    for (int64_t i = 0; i < rank; i++) at[i] = rp_of_type(g, scalar_type(g, dtype)).v;
}

static void dynamic_slice(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    const ir_type *type = rp_type_of(g, x);
    int64_t sizes[IR_MAX_RANK], rank = type->rank;
    ir_val in[IR_MAX_RANK + 1] = {x.v};
    starts(g, rank, in + 1);
    for (int64_t i = 0; i < rank; i++) sizes[i] = below(g, 2) ? type->dims[i] : below(g, type->dims[i] + 1);
    ir_dynamic_slice_attributes a = {{rank, sizes}};
    add_moved(g, ir_emit(g->b, p, in, (uint32_t)rank + 1, &a), x);
}

static void dynamic_update_slice(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    const ir_type *type = rp_type_of(g, x);
    int64_t sizes[IR_MAX_RANK], rank = type->rank;
    for (int64_t i = 0; i < rank; i++) sizes[i] = below(g, 2) ? type->dims[i] : below(g, type->dims[i] + 1);
    rp_value update = rp_of_type(g, ir_type_get(g->b->module, type->dtype, rank, sizes));
    ir_val in[IR_MAX_RANK + 2] = {x.v, update.v};
    starts(g, rank, in + 2);
    rp_add(g, ir_emit(g->b, p, in, (uint32_t)rank + 2, NULL), both(x, update), x.exact && update.exact);
}

// Dimension numbers of gather and scatter, of all kinds: each axis of the operand is one of windows, has size
// one in them, or runs together with an axis of the indices.
typedef struct numbers {
    int64_t window[IR_MAX_RANK], inserted[IR_MAX_RANK], map[IR_MAX_RANK], operand_batch[IR_MAX_RANK],
        indices_batch[IR_MAX_RANK], sizes[IR_MAX_RANK], indices[IR_MAX_RANK], windows[2 * IR_MAX_RANK];
    int64_t n_window, n_inserted, n_map, n_batch, rank, n_indices, n_windows;
} numbers;

static void draw_roles(rp_generator *g, const ir_type *x, numbers *n) {
    n->rank = x->rank;
    for (int64_t i = 0; i < x->rank; i++) {
        int64_t role = x->dims[i] ? below(g, 4) : 3;
        n->sizes[i] = 1;
        if (role == 0 && n->n_batch < 2) {
            n->operand_batch[n->n_batch++] = i;
            continue;
        }
        if (role == 1)
            n->inserted[n->n_inserted++] = i;
        else
            n->window[n->n_window++] = n->sizes[i] = below(g, 2) ? x->dims[i] : below(g, x->dims[i] + 1);
        if (role == 1 || below(g, 2)) n->map[n->n_map++] = i;
    }
    shuffle(g, n->map, n->n_map);
}

static void draw_numbers(rp_generator *g, const ir_type *x, numbers *n) {
    int64_t size_of_window[IR_MAX_RANK], place[IR_MAX_RANK], extra = below(g, 3);
    memset(n, 0, sizeof *n);
    draw_roles(g, x, n);
    memcpy(size_of_window, n->window, sizeof size_of_window);
    int64_t positions = n->n_batch + (extra > 0);
    for (int64_t i = 0; i < positions; i++) {
        place[i] = i;
        n->indices[i] = below(g, 8) ? 1 + below(g, 4) : 0;
    }
    shuffle(g, place, positions);
    for (int64_t i = 0; i < n->n_batch; i++) {
        n->indices_batch[i] = place[i];
        n->indices[place[i]] = x->dims[n->operand_batch[i]];
    }
    n->n_indices = positions + 1;
    n->indices[positions] = n->n_map;
    n->n_windows = positions + n->n_window;
    for (int64_t i = 0, w = 0, at = 0; i < n->n_windows; i++) {
        bool window = at == positions || (w < n->n_window && below(g, 2));
        if (window) n->window[w] = i;
        n->windows[i] = window ? size_of_window[w++] : n->indices[at++];
    }
}

static rp_value draw_indices(rp_generator *g, const numbers *n) {
    return rp_of_type(g, ir_type_get(g->b->module, index_dtype(g), n->n_indices, n->indices));
}

static void gather(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    numbers n;
    draw_numbers(g, rp_type_of(g, x), &n);
    ir_gather_attributes a = {{n.n_window, n.window},
                              {n.n_inserted, n.inserted},
                              {n.n_map, n.map},
                              {n.n_batch, n.operand_batch},
                              {n.n_batch, n.indices_batch},
                              {n.rank, n.sizes},
                              below(g, 8) == 0 ? IR_FILL_OR_DROP
                              : below(g, 2)    ? IR_CLIP
                                               : IR_FILL_ZERO_OR_DROP};
    rp_value zero = {.low = 0, .high = 0}, indices = draw_indices(g, &n);
    rp_add(g, ir_emit(g->b, p, (ir_val[]){x.v, indices.v}, 2, &a), both(x, zero), x.exact);
}

static void scatter(rp_generator *g, ir_primitive p) {
    const rp_row *row = &rp_rows[p];
    rp_value x = rp_any_for(g, p);
    if (x.v == IR_NONE) return;
    numbers n;
    const ir_type *type = rp_type_of(g, x);
    draw_numbers(g, type, &n);
    rp_value indices = draw_indices(g, &n);
    rp_value updates = rp_of_type(g, ir_type_get(g->b->module, type->dtype, n.n_windows, n.windows));
    x = rp_fit(g, x, row->in[0]);
    updates = rp_fit(g, updates, row->in[0]);
    int64_t positions = 1;
    for (int64_t i = 0; i + 1 < n.n_indices; i++) positions *= n.indices[i];
    // compiled code multiplies complex elements only by updates that do not meet
    if (p == IR_scatter_mul && ir_is_complex(type->dtype) && positions > 1) return;
    ir_scatter_attributes a = {
        {n.n_window, n.window},       {n.n_inserted, n.inserted},   {n.n_map, n.map},
        {n.n_batch, n.operand_batch}, {n.n_batch, n.indices_batch}, below(g, 2) ? IR_CLIP : IR_FILL_OR_DROP,
        positions <= 1 && below(g, 2)};
    rp_range range = both(x, updates);
    if (p == IR_scatter_add) range = times(range, 1 + (double)positions);
    if (p == IR_scatter_mul) range = row->out;
    bool exact = x.exact && updates.exact && p != IR_scatter_add && p != IR_scatter_mul;
    rp_add(g, ir_emit(g->b, p, (ir_val[]){x.v, indices.v, updates.v}, 3, &a), range, exact);
}

// Reductions, products, sequences.

// The extreme of no elements is an infinity.
static rp_range extreme_range(rp_value x, const ir_type *type, ir_dims axes) {
    bool empty = false;
    for (int64_t i = 0; i < axes.n; i++) empty |= !type->dims[axes.at[i]];
    return empty ? (rp_range){-INFINITY, INFINITY} : range_of(x);
}

static void reduction(rp_generator *g, ir_primitive p) {
    const rp_row *row = &rp_rows[p];
    rp_value x = rp_any_for(g, p);
    if (x.v == IR_NONE) return;
    int64_t axes[IR_MAX_RANK];
    double count = (double)rp_type_of(g, x)->count;
    ir_axes_attributes a = {some_axes(g, rp_type_of(g, x)->rank, axes)};
    x = rp_fit(g, x, row->in[0]);
    rp_range range = p == IR_reduce_sum    ? times(range_of(x), count)
                     : p == IR_reduce_prod ? row->out
                                           : extreme_range(x, rp_type_of(g, x), a.axes);
    bool exact = x.exact && p != IR_reduce_sum && p != IR_reduce_prod;
    rp_add(g, ir_emit(g->b, p, &x.v, 1, &a), range, exact);
}

static bool fits(cv_dtype index, int64_t n) {
    return cv_dtype_size(index) > 1 || n <= (ir_is_signed(index) ? INT8_MAX : UINT8_MAX);
}

static void argument(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    if (x.v == IR_NONE) return;
    const ir_type *type = rp_type_of(g, x);
    if (!type->rank) return;
    int64_t axis = below(g, type->rank);
    if (!type->dims[axis]) return;
    x = rp_exact(g, x);
    cv_dtype index = index_dtype(g);
    if (!fits(index, type->dims[axis])) index = CV_S32;
    rp_add(g, ir_emit(g->b, p, &x.v, 1, &(ir_argmax_attributes){axis, index}), range_of(x), true);
}

// The other operand has the batch and the contracted axes of this one, and some of its own, in any order.
static void dot(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p), y;
    if (x.v == IR_NONE) return;
    const ir_type *type = rp_type_of(g, x);
    int64_t lists[4][IR_MAX_RANK], n_contract = 0, n_batch = 0, other[IR_MAX_RANK], place[IR_MAX_RANK], k = 1;
    int64_t n_own = below(g, 3), shared[IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < type->rank; i++) {
        int64_t role = below(g, 3);
        if (role == 0) lists[0][n_contract++] = i, k *= type->dims[i];
        if (role == 1) lists[2][n_batch++] = i;
    }
    for (int64_t i = 0; i < n_contract; i++) shared[n++] = type->dims[lists[0][i]];
    for (int64_t i = 0; i < n_batch; i++) shared[n++] = type->dims[lists[2][i]];
    for (int64_t i = 0; i < n_own; i++) shared[n++] = 1 + below(g, 4);
    for (int64_t i = 0; i < n; i++) place[i] = i;
    shuffle(g, place, n);
    for (int64_t i = 0; i < n; i++) {
        other[place[i]] = shared[i];
        if (i < n_contract)
            lists[1][i] = place[i];
        else if (i < n_contract + n_batch)
            lists[3][i - n_contract] = place[i];
    }
    y = rp_of_type(g, ir_type_get(g->b->module, type->dtype, n, other));
    x = rp_fit(g, x, rp_rows[p].in[0]);
    y = rp_fit(g, y, rp_rows[p].in[0]);
    ir_dot_attributes a = {
        {n_contract, lists[0]}, {n_contract, lists[1]}, {n_batch, lists[2]}, {n_batch, lists[3]}};
    ir_val out = ir_emit(g->b, p, (ir_val[]){x.v, y.v}, 2, &a);
    rp_add(g, out, times((rp_range){-8, 8}, (double)k), false);
}

static void cumulative(rp_generator *g, ir_primitive p) {
    const rp_row *row = &rp_rows[p];
    rp_value x = rp_any_for(g, p);
    if (x.v == IR_NONE || !rp_type_of(g, x)->rank) return;
    ir_cumulative_attributes a = {below(g, rp_type_of(g, x)->rank), below(g, 2)};
    double n = (double)rp_type_of(g, x)->dims[a.axis];
    x = rp_fit(g, x, row->in[0]);
    rp_range range = p == IR_cumsum ? times(range_of(x), n) : row->out.high > 0 ? row->out : range_of(x);
    bool exact = x.exact && (p == IR_cummax || p == IR_cummin);
    rp_add(g, ir_emit(g->b, p, &x.v, 1, &a), range, exact);
}

// The table.

// clang-format off

#define IN(...) .in = {__VA_ARGS__}
#define OUT(low, high) .out = {low, high}
#define COMPLEX(low, high) .complex_in = {low, high}
#define FUNCTION(p, low, high, ...)                                                                          \
    [IR_##p] = {.draw = elementwise, IN({low, high}, {low, high}, {low, high}), __VA_ARGS__}
#define KEEPS(p) [IR_##p] = {.draw = elementwise}
#define JUMPS(p) [IR_##p] = {.draw = elementwise, .jumps = true}
#define DRAWN(p, by, weight_, ...) [IR_##p] = {.draw = by, .weight = weight_, __VA_ARGS__}

const rp_row rp_rows[IR_PRIMITIVE_COUNT] = {
    KEEPS(neg), FUNCTION(abs, -100, 100, COMPLEX(0.3, 2)), KEEPS(not), KEEPS(stop_gradient), KEEPS(max),
    KEEPS(min),
    DRAWN(clamp, clamp, 2, IN({-4, -0.5}, {-8, 8}, {0.5, 4}), OUT(-4, 4)), KEEPS(and), KEEPS(or), KEEPS(xor), KEEPS(real), KEEPS(imag), KEEPS(conj), KEEPS(complex),
    KEEPS(shift_left), KEEPS(shift_right_arithmetic), KEEPS(shift_right_logical), KEEPS(popcnt), KEEPS(clz),
    KEEPS(is_finite),
    [IR_sign] = {.draw = elementwise, .jumps = true, COMPLEX(0.3, 2)}, JUMPS(floor), JUMPS(ceil), JUMPS(round),
    JUMPS(round_even), JUMPS(eq), JUMPS(ne), JUMPS(lt), JUMPS(le), JUMPS(gt), JUMPS(ge),
    [IR_rem] = {.draw = elementwise, IN({-8, 8}, {0.5, 4}), OUT(-4, 4), .jumps = true},
    FUNCTION(add, -8, 8, OUT(-16, 16), .weight = 4), FUNCTION(sub, -8, 8, OUT(-16, 16), .weight = 4),
    FUNCTION(mul, -4, 4, OUT(-32, 32), .weight = 4),
    [IR_div] = {.draw = elementwise, IN({-8, 8}, {0.5, 8}), OUT(-16, 16), COMPLEX(0.5, 4)},
    FUNCTION(fma, -4, 4, OUT(-20, 20)),
    [IR_pow] = {.draw = elementwise, IN({0.3, 3}, {-2, 2}), OUT(0, 12), COMPLEX(0.3, 2)},
    FUNCTION(exp, -2, 2, OUT(-8, 8)), FUNCTION(expm1, -2, 2, OUT(-8, 8)), FUNCTION(exp2, -2, 2, OUT(-4, 4)),
    FUNCTION(log, 0.3, 8, OUT(-1.5, 3)), FUNCTION(log1p, -0.6, 2, OUT(-1, 2), COMPLEX(0.1, 2)),
    FUNCTION(tanh, -3, 3, OUT(-2, 2), COMPLEX(-1, 1)),
    FUNCTION(logistic, -4, 4, OUT(-2, 2), COMPLEX(-1, 1)),
    FUNCTION(sin, -4, 4, OUT(-4, 4), COMPLEX(-2, 2)), FUNCTION(cos, -4, 4, OUT(-4, 4), COMPLEX(-2, 2)),
    FUNCTION(tan, -1.2, 1.2, OUT(-3, 3), COMPLEX(-1, 1)), FUNCTION(sqrt, 0.3, 8, OUT(0, 4)),
    FUNCTION(rsqrt, 0.3, 8, OUT(-2, 2)), FUNCTION(cbrt, 0.3, 4, OUT(0, 2)),
    FUNCTION(asin, -0.8, 0.8, OUT(-2, 2)), FUNCTION(acos, -0.8, 0.8, OUT(-4, 4)),
    FUNCTION(atan, -2, 2, OUT(-2, 2), COMPLEX(-0.8, 0.8)), FUNCTION(sinh, -2, 2, OUT(-4, 4)),
    FUNCTION(cosh, -2, 2, OUT(-4, 4)), FUNCTION(asinh, -2, 2, OUT(-2, 2), COMPLEX(-0.8, 0.8)),
    FUNCTION(acosh, 1.2, 3, OUT(-2, 2)), FUNCTION(atanh, -0.8, 0.8, OUT(-2, 2)),
    [IR_atan2] = {.draw = elementwise, IN({-2, 2}, {0.3, 2}), OUT(-2, 2)},
    FUNCTION(erf, -2, 2, OUT(-1, 1)), FUNCTION(erfc, -2, 2, OUT(0, 2)),
    FUNCTION(erf_inv, -0.8, 0.8, OUT(-1, 1)),
    FUNCTION(lgamma, 2.2, 5, OUT(0, 4)), FUNCTION(digamma, 2.2, 5, OUT(0.5, 1.6)),
    [IR_polygamma] = {.draw = polygamma, IN({0.5, 4}), OUT(-100, 100)},
    FUNCTION(bessel_i0e, -10, 10, OUT(0, 1)), FUNCTION(bessel_i1e, -10, 10, OUT(-1, 1)),
    [IR_integer_pow] = {.draw = integer_pow, IN({0.5, 2}), OUT(-32, 32)},
    FUNCTION(nextafter, -2, 2, OUT(-2.5, 2.5)),
    DRAWN(select, select_, 2), DRAWN(convert, convert, 2), DRAWN(bitcast_convert, bitcast_convert, 2),
    DRAWN(constant, constant, 1), DRAWN(iota, iota, 2), DRAWN(broadcast_in_dim, broadcast, 3),
    DRAWN(reshape, reshape, 3), DRAWN(transpose, transpose, 3), DRAWN(rev, rev, 2), DRAWN(slice, slice, 3),
    DRAWN(pad, pad, 3), DRAWN(concatenate, concatenate, 3), DRAWN(dynamic_slice, dynamic_slice, 3),
    DRAWN(dynamic_update_slice, dynamic_update_slice, 3), DRAWN(gather, gather, 4),
    DRAWN(scatter, scatter, 3),
    DRAWN(scatter_add, scatter, 3, IN({-2, 2})),
    DRAWN(scatter_mul, scatter, 2, IN({-1.2, 1.2}), OUT(-20, 20)),
    DRAWN(scatter_max, scatter, 2), DRAWN(scatter_min, scatter, 2),
    DRAWN(reduce_sum, reduction, 4, IN({-8, 8})),
    DRAWN(reduce_prod, reduction, 2, IN({-1.2, 1.2}), OUT(-20, 20)),
    DRAWN(reduce_max, reduction, 2), DRAWN(reduce_min, reduction, 2), DRAWN(reduce_and, reduction, 2),
    DRAWN(reduce_or, reduction, 2), DRAWN(reduce_xor, reduction, 2), DRAWN(argmax, argument, 2),
    DRAWN(argmin, argument, 2),
    DRAWN(dot_general, dot, 5, IN({-2, 2})), DRAWN(cumsum, cumulative, 2, IN({-2, 2})),
    DRAWN(cumprod, cumulative, 2, IN({-1.2, 1.2}), OUT(-20, 20)), DRAWN(cummax, cumulative, 2),
    DRAWN(cummin, cumulative, 2), DRAWN(cumlogsumexp, cumulative, 2, IN({-2, 2}), OUT(-2, 8)),
    DRAWN(sort, rp_sort, 3), DRAWN(reduce, rp_reduce, 3), DRAWN(call, rp_call, 4), DRAWN(cond, rp_cond, 5),
    DRAWN(while, rp_while, 4), DRAWN(scan, rp_scan, 7),
};
// clang-format on
