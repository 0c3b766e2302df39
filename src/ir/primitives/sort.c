// The rules of sort: arrays of one shape, sorted together along an axis.
//
// In: rule contexts (rules.h). Out: types, derivatives, batched operations, values. The comparator is a
// function of two scalars of each operand, (a0, b0, a1, b1, ...), that says whether the a's go before the
// b's; it is a strict weak order. Sorting is stable: what is equal keeps its order.
//
// Tangents go where their elements went: the places are sorted along as one more operand, which the
// comparator does not look at, and the tangents are gathered.

#include <string.h>

#include "ir/interpret.h"
#include "ir/primitives/strided.h"

// The usual comparator

// a before b, and a equal to b: NaN equals NaN and goes last, -0 equals 0. Complex numbers are ordered by
// their real parts, and where these are equal by the imaginary ones, as JAX has it.
static ir_val real_goes_before(ir_builder *b, ir_val x, ir_val y) {
    ir_val less = ir_lt(b, x, y);
    if (!ir_is_float(ir_type_of(b, x)->dtype)) return less;
    return ir_or(b, less, ir_and(b, ir_ne(b, y, y), ir_eq(b, x, x)));
}

static ir_val real_is_equal(ir_builder *b, ir_val x, ir_val y) {
    ir_val equal = ir_eq(b, x, y);
    if (!ir_is_float(ir_type_of(b, x)->dtype)) return equal;
    return ir_or(b, equal, ir_and(b, ir_ne(b, x, x), ir_ne(b, y, y)));
}

static bool is_complex(const ir_builder *b, ir_val x) { return ir_is_complex(ir_type_of(b, x)->dtype); }

ir_val ir_goes_before(ir_builder *b, ir_val x, ir_val y) {
    if (!is_complex(b, x)) return real_goes_before(b, x, y);
    ir_val re[] = {ir_real(b, x), ir_real(b, y)}, im = real_goes_before(b, ir_imag(b, x), ir_imag(b, y));
    return ir_or(b, real_goes_before(b, re[0], re[1]), ir_and(b, real_is_equal(b, re[0], re[1]), im));
}

static ir_val is_equal(ir_builder *b, ir_val x, ir_val y) {
    if (!is_complex(b, x)) return real_is_equal(b, x, y);
    ir_val re = real_is_equal(b, ir_real(b, x), ir_real(b, y));
    return ir_and(b, re, real_is_equal(b, ir_imag(b, x), ir_imag(b, y)));
}

const ir_function *ir_sort_order(ir_module *module, const cv_dtype *dtypes, uint32_t n, uint32_t n_keys,
                                 bool descending) {
    ir_builder *b = ir_builder_new(module, descending ? "descending" : "ascending");
    ir_val *x = base_new_array(&b->arena, ir_val, 2 * n + 1), before = IR_NONE;
    for (uint32_t i = 0; i < 2 * n; i++) x[i] = ir_param(b, ir_type_scalar(module, dtypes[i / 2]));
    for (uint32_t key = n_keys; key-- > 0;) {
        ir_val first = x[2 * key + descending], second = x[2 * key + !descending];
        ir_val less = ir_goes_before(b, first, second);
        before = before == IR_NONE ? less : ir_or(b, less, ir_and(b, is_equal(b, first, second), before));
    }
    return ir_finish(b, &before, 1);
}

// Types

static void sort_type(ir_typing *t) {
    const ir_sort_attributes *a = t->attributes;
    const ir_function *f = a->comparator;
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    if (!t->n_in) ir_type_error(t, "it needs at least one operand");
    const ir_type *x = t->in[0];
    ir_check_axis(t, a->axis, x->rank);
    for (uint32_t i = 0; i < t->n_in; i++) {
        ir_check_dtype(t, i);
        if (!ir_dims_equal(ir_shape(t->in[i]), ir_shape(x)))
            ir_type_error(t, "operand 0 is %s and operand %u is %s: they must have one shape",
                          ir_type_text(x, text), i, ir_type_text(t->in[i], other));
    }
    if (!f) ir_type_error(t, "it needs a comparator");
    if (f->n_params != 2 * t->n_in || f->n_results != 1)
        ir_type_error(t, "the comparator of %u operands takes %u scalars and returns one bool, not %u and %u",
                      t->n_in, 2 * t->n_in, f->n_params, f->n_results);
    for (uint32_t i = 0; i < f->n_params; i++)
        if (ir_param_type(f, i) != ir_type_scalar(t->module, t->in[i / 2]->dtype))
            ir_type_error(t, "argument %u of the comparator is %s, not %s[]", i,
                          ir_type_text(ir_param_type(f, i), text), cv_dtype_name(t->in[i / 2]->dtype));
    if (ir_result_type(f, 0) != ir_type_scalar(t->module, CV_BOOL))
        ir_type_error(t, "the comparator returns %s, not bool[]", ir_type_text(ir_result_type(f, 0), text));
    const ir_type **out = ir_typing_results(t, t->n_in);
    for (uint32_t i = 0; i < t->n_in; i++) out[i] = t->in[i];
}

// Derivatives and batching

// The comparator with two more arguments.
static const ir_function *with_places(const ir_function *f, const ir_type *place) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *in = base_new_array(&b->arena, ir_val, f->n_params + 1), out;
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < 2; i++) ir_param(b, place);
    ir_inline(b, f, in, &out);
    return ir_finish(b, &out, 1);
}

// Element p of the axis, for each p in places.
static ir_val take_along(ir_builder *b, ir_val x, ir_val places, int64_t axis) {
    ir_dims shape = ir_shape(ir_type_of(b, x));
    ir_dims_room one, others, longer;
    int64_t n = 0;
    for (int64_t i = 0; i < shape.n; i++)
        if (i != axis) others[n++] = i;
    for (int64_t i = 0; i < shape.n; i++) longer[i] = shape.at[i];
    longer[shape.n] = 1;
    ir_dims batch = {n, others}, none = {0, one};
    ir_gather_attributes a = {none,   {1, &axis}, {1, &axis}, batch, batch, ir_dims_filled(one, shape.n, 1),
                              IR_CLIP};
    return ir_gather(b, x, ir_reshape(b, places, (ir_dims){shape.n + 1, longer}), &a);
}

static void sort_jvp(ir_jvp *c) {
    const ir_sort_attributes *a = c->op->attributes;
    const ir_type *x = ir_operand_type(c->f, c->op, 0);
    ir_builder *b = c->b;
    uint32_t n = c->op->n_in;
    if (!x->count) {
        for (uint32_t i = 0; i < n; i++) c->tangent_out[i] = c->tangent[i];
        return;
    }
    cv_dtype dtype = ir_index_dtype(x->dims[a->axis]);
    ir_val *in = base_new_array(&b->arena, ir_val, n + 1);
    for (uint32_t i = 0; i < n; i++) in[i] = c->in[i];
    in[n] = ir_iota(b, dtype, ir_shape(x), a->axis);
    ir_sort_attributes more = {a->axis, with_places(a->comparator, ir_type_scalar(b->module, dtype))};
    ir_val first = ir_emit(b, IR_sort, in, n + 1, &more); // in place of the sort without places
    for (uint32_t i = 0; i < n; i++) {
        c->out[i] = first + i;
        if (c->tangent[i] != IR_NONE) c->tangent_out[i] = take_along(b, c->tangent[i], first + n, a->axis);
    }
}

static void sort_batch(ir_batching *c) {
    const ir_sort_attributes *a = c->op->attributes;
    uint32_t n = c->op->n_in;
    ir_val *in = base_new_array(&c->b->arena, ir_val, n);
    for (uint32_t i = 0; i < n; i++) in[i] = ir_with_batch_axis(c, i);
    ir_val first = ir_emit(c->b, IR_sort, in, n, &(ir_sort_attributes){a->axis + 1, a->comparator});
    for (uint32_t i = 0; i < n; i++) {
        c->out[i] = first + i;
        c->out_batched[i] = true;
    }
}

// Evaluation: a merge sort of places, lane by lane.

typedef struct sorting {
    ir_evaluation *c;
    const ir_function *comparator;
    int64_t first, step; // of the lane
    ir_array *in;        // room for the comparator's arguments
} sorting;

static bool is_before(sorting *s, int64_t p, int64_t q) {
    for (uint32_t i = 0; i < s->comparator->n_params; i++) {
        const ir_array *from = &s->c->in[i / 2];
        int64_t at = s->first + (i % 2 ? q : p) * s->step;
        s->in[i] = (ir_array){s->comparator->types[i],
                              (char *)from->data + (size_t)at * cv_dtype_size(from->type->dtype)};
    }
    uint8_t before;
    ir_run(s->c->interpreter, s->comparator, s->in, &(ir_array){ir_result_type(s->comparator, 0), &before});
    return before;
}

// Merges runs [begin, middle) and [middle, end).
static void merge(sorting *s, const int64_t *from, int64_t *to, int64_t begin, int64_t middle, int64_t end) {
    int64_t i = begin, j = middle;
    for (int64_t k = begin; k < end; k++) {
        bool second = j < end && (i == middle || is_before(s, from[j], from[i]));
        to[k] = from[second ? j++ : i++];
    }
}

static const int64_t *sorted_places(sorting *s, int64_t *places, int64_t *other, int64_t n) {
    for (int64_t i = 0; i < n; i++) places[i] = i;
    for (int64_t width = 1; width < n; width *= 2) {
        for (int64_t i = 0; i < n; i += 2 * width) {
            int64_t middle = i + width < n ? i + width : n, end = i + 2 * width < n ? i + 2 * width : n;
            merge(s, places, other, i, middle, end);
        }
        int64_t *swapped = places;
        places = other;
        other = swapped;
    }
    return places;
}

static void sort_evaluate(ir_evaluation *c) {
    const ir_sort_attributes *a = c->op->attributes;
    const ir_type *x = c->in[0].type;
    int64_t strides[IR_MAX_RANK], n = x->dims[a->axis];
    if (!x->count) return;
    ir_strides(x, strides);
    sorting s = {.c = c, .comparator = a->comparator, .step = strides[a->axis]};
    s.in = ir_scratch(c->interpreter, sizeof *s.in * a->comparator->n_params);
    int64_t *room = ir_scratch(c->interpreter, sizeof *room * 2 * (size_t)n);
    for (int64_t lane = 0; lane < x->count / n; lane++) {
        s.first = lane / s.step * n * s.step + lane % s.step;
        const int64_t *places = sorted_places(&s, room, room + n, n);
        for (uint32_t k = 0; k < c->op->n_in; k++) {
            size_t element = cv_dtype_size(c->in[k].type->dtype);
            for (int64_t i = 0; i < n; i++)
                memcpy((char *)c->out[k].data + (size_t)(s.first + i * s.step) * element,
                       (const char *)c->in[k].data + (size_t)(s.first + places[i] * s.step) * element,
                       element);
        }
    }
    ir_scratch_free(c->interpreter, room);
    ir_scratch_free(c->interpreter, s.in);
}

const ir_rules ir_rules_sort = {.type = sort_type,
                                .jvp = sort_jvp,
                                .no_transpose = "none, because it is not linear",
                                .batch = sort_batch,
                                .evaluate = sort_evaluate};
