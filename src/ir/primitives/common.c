// What the families of primitives share: errors that name the user's line, checks of dtypes and
// axes, and the pieces of derivative and batching rules that do not depend on the primitive.
//
// In: typings and rule contexts (rules.h). Out: results, values, or a raised failure. A message
// reads "file:line: operation: what is wrong", as ir_fail's do, so that it does not matter whether
// a mistake was found by a type rule or by what stands above it.

#include "ir/primitives/common.h"

#include <stdarg.h>
#include <stdio.h>

const ir_type **ir_typing_results(ir_typing *t, uint32_t n) {
    if (n > t->n_out) t->out = base_new_array(t->arena, const ir_type *, n);
    t->n_out = n;
    return t->out;
}

static _Noreturn void fail(const ir_typing *t, cv_status status, const char *format, va_list list) {
    char what[768];
    vsnprintf(what, sizeof what, format, list);
    const char *operation = t->operation ? t->operation : ir_primitives[t->primitive].name;
    if (t->place.file)
        base_raise(status, "%s:%u: %s: %s", t->place.file, t->place.line, operation, what);
    base_raise(status, "%s: %s", operation, what);
}

void ir_type_error(const ir_typing *t, const char *format, ...) {
    va_list list;
    va_start(list, format);
    fail(t, CV_INVALID, format, list);
}

void ir_type_unsupported(const ir_typing *t, const char *format, ...) {
    va_list list;
    va_start(list, format);
    fail(t, CV_UNSUPPORTED, format, list);
}

// The dtypes of a mask in words: "bool, integers or floating point".
static void print_dtypes(char *buffer, size_t size, uint32_t mask) {
    static const struct { uint32_t mask; const char *name; } classes[] = {
        {IR_BOOL_DTYPE, "bool"}, {IR_INTEGER_DTYPES, "integers"},
        {IR_FLOAT_DTYPES, "floating point"}, {IR_COMPLEX_DTYPES, "complex"},
    };
    enum { N = sizeof classes / sizeof *classes };
    size_t n = 0;
    int left = 0;
    for (int i = 0; i < N; i++) left += (classes[i].mask & mask) != 0;
    buffer[0] = 0;
    for (int i = 0; i < N && n < size; i++) {
        if (!(classes[i].mask & mask)) continue;
        left--;
        const char *next = left > 1 ? ", " : left == 1 ? " or " : "";
        n += (size_t)snprintf(buffer + n, size - n, "%s%s", classes[i].name, next);
    }
}

void ir_check_dtype(const ir_typing *t, uint32_t operand) {
    const ir_primitive_info *info = &ir_primitives[t->primitive];
    const ir_type *type = t->in[operand];
    uint32_t bit = 1u << type->dtype;
    if (info->dtypes & bit & ~info->rules->not_yet) return;
    char text[IR_TYPE_TEXT], words[64];
    const char *dtype = cv_dtype_name(type->dtype);
    if (info->dtypes & bit)
        ir_type_unsupported(t, "%s: %s does not take %s yet", ir_type_text(type, text), info->name, dtype);
    print_dtypes(words, sizeof words, info->dtypes & ~info->rules->not_yet);
    ir_type_error(t, "%s: %s takes %s, not %s", ir_type_text(type, text), info->name, words, dtype);
}

// The one check of axes: `type` is the array that they belong to, named in the message, or NULL.
static void check_axis(const ir_typing *t, const ir_type *type, int64_t axis, int64_t rank, bool again) {
    if (axis >= 0 && axis < rank && !again) return;
    char text[IR_TYPE_TEXT];
    const char *name = type ? ir_type_text(type, text) : "", *colon = type ? ": " : "";
    if (rank == 0) ir_type_error(t, "%s%saxis %lld: a scalar has no axes", name, colon, (long long)axis);
    if (again) ir_type_error(t, "%s%saxis %lld is given twice", name, colon, (long long)axis);
    ir_type_error(t, "%s%saxis %lld is out of range: the axes are 0 to %lld", name, colon,
                  (long long)axis, (long long)rank - 1);
}

static void check_axes(const ir_typing *t, const ir_type *type, ir_dims axes, int64_t rank) {
    uint64_t seen = 0; // ranks are at most IR_MAX_RANK, which is less than 64
    for (int64_t i = 0; i < axes.n; i++) {
        check_axis(t, type, axes.at[i], rank, false);
        check_axis(t, type, axes.at[i], rank, seen >> axes.at[i] & 1);
        seen |= UINT64_C(1) << axes.at[i];
    }
}

// Axes are mostly those of the main operand; where the rank tells that they are not, none is named.
static const ir_type *owner(const ir_typing *t, int64_t rank) {
    return t->n_in && t->in[0]->rank == rank ? t->in[0] : NULL;
}

void ir_check_axis(const ir_typing *t, int64_t axis, int64_t rank) {
    check_axis(t, owner(t, rank), axis, rank, false);
}

void ir_check_axes(const ir_typing *t, ir_dims axes, int64_t rank) {
    check_axes(t, owner(t, rank), axes, rank);
}

void ir_check_axes_of(const ir_typing *t, uint32_t operand, ir_dims axes) {
    check_axes(t, t->in[operand], axes, t->in[operand]->rank);
}

void ir_type_like_operand(ir_typing *t) {
    ir_check_dtype(t, 0);
    t->out[0] = t->in[0];
}

void ir_strides(const ir_type *type, int64_t *strides) {
    int64_t stride = 1;
    for (uint32_t i = type->rank; i-- > 0;) {
        strides[i] = stride;
        stride *= type->dims[i];
    }
}

void ir_jvp_linear(ir_jvp *c) {
    bool active = false;
    for (uint32_t i = 0; i < c->op->n_in; i++)
        active |= ir_is_linear_in(c->op->primitive, i) && c->tangent[i] != IR_NONE;
    if (!active || !ir_is_differentiable(c->f->types[c->op->out]->dtype)) return;
    ir_val few[8], *in = c->op->n_in <= 8 ? few : base_new_array(&c->b->arena, ir_val, c->op->n_in);
    for (uint32_t i = 0; i < c->op->n_in; i++) {
        if (!ir_is_linear_in(c->op->primitive, i)) in[i] = c->in[i];
        else if (c->tangent[i] != IR_NONE) in[i] = c->tangent[i];
        else in[i] = ir_zeros(c->b, ir_type_of(c->b, c->in[i]));
    }
    c->tangent_out[0] = ir_emit_like(c->b, c->f, c->op, in);
}

void ir_jvp_zero(ir_jvp *c) {
    (void)c;
}

ir_val ir_accumulate(ir_builder *b, ir_val accumulator, ir_val contribution) {
    if (accumulator == IR_NONE) return contribution;
    return contribution == IR_NONE ? accumulator : ir_add(b, accumulator, contribution);
}

ir_val ir_with_batch_axis(const ir_batching *c, uint32_t i) {
    return c->batched[i] ? c->in[i] : ir_broadcast_leading(c->b, c->in[i], c->size);
}
