// Reductions over windows.
//
// In: an operand, an initial value, windows, the region of a reduction. Out: where the window of an element
// is all that is before it along an axis, or all that is behind it, a cumulative operation: JAX exports
// cumsum, cumprod, cummax, cummin and cumlogsumexp as such windows. Other windows are folded place by place:
// the padded operand from each place of the window on, in steps of its stride, is a slice, and the region is
// applied to one slice after the other.

#include "ir/stablehlo/importer.h"

enum { MOST_PLACES = 1024 }; // of a window, since each is an operation

typedef struct windows {
    int64_t rank, places;
    int64_t size[IR_MAX_RANK], stride[IR_MAX_RANK], low[IR_MAX_RANK], high[IR_MAX_RANK];
    int64_t interior[IR_MAX_RANK]; // elements between those of the operand
    int64_t dilation[IR_MAX_RANK]; // distance of a window's places
    int64_t shape[IR_MAX_RANK];    // of the result
} windows;

static int64_t entry(ir_dims numbers, int64_t i, int64_t absent) {
    return i < numbers.n ? numbers.at[i] : absent;
}

// One axis: how many windows fit. The numbers are of the text, and anything.
static bool fit(windows *w, int64_t axis, int64_t dim) {
    int64_t inner, length, reach;
    if (w->size[axis] < 1 || w->stride[axis] < 1 || w->interior[axis] < 0 || w->dilation[axis] < 1)
        return false;
    if (__builtin_mul_overflow(dim ? dim - 1 : 0, w->interior[axis], &inner)) return false;
    if (__builtin_add_overflow(inner, dim, &length)) return false;
    if (__builtin_add_overflow(length, w->low[axis], &length)) return false;
    if (__builtin_add_overflow(length, w->high[axis], &length)) return false;
    if (__builtin_mul_overflow(w->size[axis] - 1, w->dilation[axis], &reach)) return false;
    w->shape[axis] = length > reach ? (length - reach - 1) / w->stride[axis] + 1 : 0;
    if (w->places <= MOST_PLACES)
        w->places = w->size[axis] > MOST_PLACES ? MOST_PLACES + 1 : w->places * w->size[axis];
    return true;
}

static bool read_windows(sh_importer *im, const sh_op *op, const ir_type *type, windows *w) {
    ir_dims size = sh_get_dims(im, op, "window_dimensions"), stride = sh_get_dims(im, op, "window_strides"),
            base = sh_get_dims(im, op, "base_dilations"), dilation = sh_get_dims(im, op, "window_dilations"),
            padding = sh_get_padding(im, op, "padding");
    *w = (windows){.rank = type->rank, .places = 1};
    for (int64_t i = 0; i < w->rank; i++) {
        w->size[i] = entry(size, i, 1), w->stride[i] = entry(stride, i, 1);
        w->low[i] = entry(padding, 2 * i, 0), w->high[i] = entry(padding, 2 * i + 1, 0);
        w->interior[i] = entry(base, i, 1) - 1, w->dilation[i] = entry(dilation, i, 1);
        if (!fit(w, i, type->dims[i])) return false;
    }
    return true;
}

typedef enum extent { ITSELF, PREFIX, SUFFIX, OTHER } extent;

// What a window has of an axis.
static extent extent_along(const windows *w, int64_t axis, int64_t dim) {
    int64_t low = w->low[axis], high = w->high[axis];
    if (w->stride[axis] != 1 || w->interior[axis] || w->dilation[axis] != 1) return OTHER;
    if (w->size[axis] == 1 && !low && !high) return ITSELF;
    if (w->size[axis] != dim) return OTHER;
    return low == dim - 1 && !high ? PREFIX : high == dim - 1 && !low ? SUFFIX : OTHER;
}

static bool is_cumulative(const windows *w, const ir_type *type) {
    for (int64_t i = 0; i < w->rank; i++)
        if (extent_along(w, i, type->dims[i]) == OTHER) return false;
    return true;
}

bool sh_can_reduce_window(sh_importer *im, const sh_op *op) {
    windows w;
    const ir_type *type = op->n_in == 2 ? sh_in_type(im, op, 0) : NULL;
    return type && read_windows(im, op, type, &w) && (w.places <= MOST_PLACES || is_cumulative(&w, type));
}

// log(exp(x) + exp(y)) as JAX writes it.
static const ir_function *log_add_exp(ir_module *module, cv_dtype dtype) {
    ir_builder *b = ir_builder_new(module, "logaddexp");
    ir_val x = ir_param(b, ir_type_scalar(module, dtype)), y = ir_param(b, ir_type_scalar(module, dtype));
    ir_val d = ir_sub(b, x, y), rest = ir_log1p(b, ir_exp(b, ir_neg(b, ir_abs(b, d))));
    // infinities of one sign have no difference
    ir_val out = ir_select(b, ir_ne(b, d, d), ir_add(b, x, y), ir_add(b, ir_max(b, x, y), rest));
    return ir_finish(b, &out, 1);
}

// The cumulative primitive of a region, or IR_PRIMITIVE_COUNT: there is none, or the initial value counts.
static ir_primitive cumulative_of(sh_importer *im, const sh_op *op, const ir_function *region) {
    cv_dtype dtype = sh_in_type(im, op, 0)->dtype;
    const char *name = sh_region_combiner(&op->regions[0]);
    ir_primitive combiner = name ? sh_combiner_primitive(name, dtype) : IR_PRIMITIVE_COUNT;
    bool is_log = ir_is_float(dtype) && sh_same_function(im, region, log_add_exp(im->module, dtype));
    if (is_log) combiner = IR_max; // of which -inf changes nothing either
    if (combiner == IR_PRIMITIVE_COUNT || !sh_is_neutral(im, combiner, sh_in(im, op, 1)))
        return IR_PRIMITIVE_COUNT;
    switch (combiner) {
    case IR_add: return IR_cumsum;
    case IR_mul: return IR_cumprod;
    case IR_max: return is_log ? IR_cumlogsumexp : IR_cummax;
    case IR_min: return IR_cummin;
    case IR_or: return dtype == CV_BOOL ? IR_cummax : IR_PRIMITIVE_COUNT;
    case IR_and: return dtype == CV_BOOL ? IR_cummin : IR_PRIMITIVE_COUNT;
    default: return IR_PRIMITIVE_COUNT;
    }
}

static ir_val cumulate(ir_builder *b, ir_primitive cumulative, const windows *w, ir_val x) {
    const ir_type *type = ir_type_of(b, x);
    for (int64_t i = 0; i < w->rank; i++) {
        extent along = extent_along(w, i, type->dims[i]);
        if (along != ITSELF)
            x = ir_emit(b, cumulative, &x, 1, &(ir_cumulative_attributes){i, along == SUFFIX});
    }
    return x;
}

static ir_val fold_places(sh_importer *im, const ir_function *region, const windows *w, ir_val x,
                          ir_val initial) {
    ir_dims shape = {w->rank, w->shape};
    ir_val out = sh_fill_shape(im, initial, shape);
    if (ir_type_of(im->b, out)->count == 0) return out;
    x = ir_pad(im->b, x, initial, (ir_dims){w->rank, w->low}, (ir_dims){w->rank, w->high},
               (ir_dims){w->rank, w->interior});
    for (int64_t place = 0; place < w->places; place++) {
        int64_t start[IR_MAX_RANK], limit[IR_MAX_RANK], rest = place;
        for (int64_t i = w->rank; i-- > 0; rest /= w->size[i]) {
            start[i] = rest % w->size[i] * w->dilation[i];
            limit[i] = start[i] + (w->shape[i] - 1) * w->stride[i] + 1;
        }
        ir_val slice = ir_slice(im->b, x, (ir_dims){w->rank, start}, (ir_dims){w->rank, limit},
                                (ir_dims){w->rank, w->stride});
        sh_lift(im, region, shape, (ir_val[]){out, slice}, &out);
    }
    return out;
}

void sh_import_reduce_window(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    windows w;
    const ir_type *type = sh_in_type(im, op, 0);
    const ir_function *region = sh_import_closed(im, &op->regions[0], "reducer");
    if (region->n_params != 2 || region->n_results != 1)
        sh_wrong(im, "its region takes %u values and returns %u", region->n_params, region->n_results);
    read_windows(im, op, type, &w);
    ir_primitive cumulative = is_cumulative(&w, type) ? cumulative_of(im, op, region) : IR_PRIMITIVE_COUNT;
    if (cumulative == IR_PRIMITIVE_COUNT && w.places > MOST_PLACES)
        sh_unsupported(im, "windows of more than %d elements, but for a cumulative operation", MOST_PLACES);
    sh_set_out(im, op, 0,
               cumulative != IR_PRIMITIVE_COUNT
                   ? cumulate(im->b, cumulative, &w, sh_in(im, op, 0))
                   : fold_places(im, region, &w, sh_in(im, op, 0), sh_in(im, op, 1)));
}
