// In: views of arrays, given by shape and strides. Out: copies; and the small helpers of strided.h.
//
// Every movement of data is a copy between two strided views: a broadcast has strides of 0, a
// transpose permuted ones, a reversal negative ones, a slice or a pad larger ones. One walk with
// counters serves them all, so that no rule divides an index into coordinates. Offsets are numbers
// and become pointers only where an element stands: a walk may step beyond an array after its last row.

#include "ir/primitives/strided.h"

#include <stdio.h>
#include <string.h>

bool ir_walk_begin(ir_walk *w, ir_dims shape, const int64_t *a, const int64_t *b) {
    bool scalar = shape.n == 0;
    w->n = scalar ? 1 : shape.at[shape.n - 1];
    w->step[0] = scalar ? 0 : a[shape.n - 1];
    w->step[1] = scalar ? 0 : b[shape.n - 1];
    w->offset[0] = w->offset[1] = 0;
    w->outer = scalar ? 0 : shape.n - 1;
    w->stride[0] = a;
    w->stride[1] = b;
    for (int64_t i = 0; i < w->outer; i++) {
        w->size[i] = shape.at[i];
        w->at[i] = 0;
    }
    return !ir_dims_contain(shape, 0);
}

bool ir_walk_next(ir_walk *w) {
    for (int64_t i = w->outer - 1; i >= 0; i--) {
        w->offset[0] += w->stride[0][i];
        w->offset[1] += w->stride[1][i];
        if (++w->at[i] < w->size[i]) return true;
        w->offset[0] -= w->stride[0][i] * w->size[i];
        w->offset[1] -= w->stride[1][i] * w->size[i];
        w->at[i] = 0;
    }
    return false;
}

// The width of an element is a constant in each case, so that the copy is a load and a store.
static void copy_row(int64_t n, size_t element, char *to, int64_t to_step, const char *from,
                     int64_t from_step) {
    int64_t width = (int64_t)element;
    if (to_step == 1 && from_step == 1) {
        memcpy(to, from, (size_t)n * element);
        return;
    }
    switch (element) {
#define WIDTH(size)                                                                                          \
    case size:                                                                                               \
        for (int64_t i = 0; i < n; i++)                                                                      \
            memcpy(to + i * to_step * width, from + i * from_step * width, size);                            \
        break
        WIDTH(1);
        WIDTH(2);
        WIDTH(4);
        WIDTH(8);
        WIDTH(16);
#undef WIDTH
    default: base_check(!"an element of this width");
    }
}

void ir_strided_copy(ir_dims shape, size_t element, void *to, const int64_t *to_stride, const void *from,
                     const int64_t *from_stride) {
    ir_walk w;
    int64_t width = (int64_t)element;
    for (bool more = ir_walk_begin(&w, shape, to_stride, from_stride); more; more = ir_walk_next(&w))
        copy_row(w.n, element, (char *)to + w.offset[0] * width, w.step[0],
                 (const char *)from + w.offset[1] * width, w.step[1]);
}

void ir_fill(void *to, int64_t count, size_t element, const void *value) {
    ir_strided_copy(IR_DIMS(count), element, to, (int64_t[]){1}, value, (int64_t[]){0});
}

int64_t ir_read_index(cv_dtype dtype, const void *index) {
    union ir_scalar scalar;
    memcpy(&scalar, index, cv_dtype_size(dtype));
    int64_t value = ir_scalar_to_int(&scalar, dtype);
    return dtype == CV_U64 && value < 0 ? INT64_MAX : value;
}

ir_dims ir_dims_shift(ir_dims_room room, ir_dims dims, int64_t by) {
    for (int64_t i = 0; i < dims.n; i++) room[i] = dims.at[i] + by;
    return (ir_dims){dims.n, room};
}

ir_dims ir_dims_prepend(ir_dims_room room, int64_t first, ir_dims dims, int64_t by) {
    room[0] = first;
    for (int64_t i = 0; i < dims.n; i++) room[i + 1] = dims.at[i] + by;
    return (ir_dims){dims.n + 1, room};
}

ir_dims ir_dims_filled(ir_dims_room room, int64_t n, int64_t value) {
    for (int64_t i = 0; i < n; i++) room[i] = value;
    return (ir_dims){n, room};
}

const char *ir_dims_text(ir_dims dims, char buffer[IR_DIMS_TEXT]) {
    size_t n = (size_t)snprintf(buffer, IR_DIMS_TEXT, "[");
    for (int64_t i = 0; i < dims.n && n < IR_DIMS_TEXT - 32; i++)
        n += (size_t)snprintf(buffer + n, IR_DIMS_TEXT - n, "%s%lld", i ? "," : "", (long long)dims.at[i]);
    snprintf(buffer + n, IR_DIMS_TEXT - n, n < IR_DIMS_TEXT - 32 ? "]" : "...]");
    return buffer;
}

struct making {
    const ir_typing *t;
    cv_dtype dtype;
    ir_dims shape;
    const ir_type *type;
};

static void make_type(void *argument) {
    struct making *m = argument;
    m->type = ir_type_get(m->t->module, m->dtype, m->shape.n, m->shape.at);
}

const ir_type *ir_typing_type(const ir_typing *t, cv_dtype dtype, ir_dims shape) {
    struct making m = {t, dtype, shape, NULL};
    base_failure failure;
    cv_status status = base_protect(make_type, &m, &failure);
    if (status == CV_INVALID) ir_type_error(t, "%s", failure.message);
    if (status) base_raise_again(&failure);
    return m.type;
}

void ir_check_starts(const ir_typing *t, uint32_t first) {
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    if (t->n_in < first) ir_type_error(t, "%u operands are too few", t->n_in);
    uint32_t rank = t->in[0]->rank;
    if (t->n_in - first != rank)
        ir_type_error(t, "%s: a start for each of its %u axes is needed, not %u",
                      ir_type_text(t->in[0], text), rank, t->n_in - first);
    for (uint32_t i = first; i < t->n_in; i++) {
        const ir_type *start = t->in[i];
        if (start->rank || !ir_is_integer(start->dtype))
            ir_type_error(t, "start of axis %u is %s: it must be an integer, and a scalar", i - first,
                          ir_type_text(start, text));
        if (start != t->in[first])
            ir_type_error(t, "starts are %s and %s: give all of them one dtype",
                          ir_type_text(t->in[first], text), ir_type_text(start, other));
    }
}
