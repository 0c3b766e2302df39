// The rules of reduce: a fold of several arrays at once, by a function that the operation holds.
//
// In: rule contexts (rules.h). Out: types and values. Operands are n arrays of one shape and n scalars; the
// body takes n values so far and n elements, (a0, ..., x0, ...), and returns the next n values. It is applied
// to the elements in row-major order, from the scalars on. Derivatives and batches of scalars are those of
// the same fold as a scan (src/transforms/control_reduce.c).

#include <string.h>

#include "ir/interpret.h"
#include "ir/primitives/control.h"
#include "ir/primitives/strided.h"

static void check_body(const ir_typing *t, const ir_function *f, uint32_t n) {
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    if (f->n_params != 2 * n || f->n_results != n)
        ir_type_error(t, "the body of %u arrays takes %u scalars and returns %u, not %u and %u", n, 2 * n, n,
                      f->n_params, f->n_results);
    for (uint32_t i = 0; i < 3 * n; i++) {
        const ir_type *type = i < 2 * n ? ir_param_type(f, i) : ir_result_type(f, i - 2 * n);
        const ir_type *wanted = ir_type_scalar(t->module, t->in[i % n]->dtype);
        if (type != wanted)
            ir_type_error(t, "%s %u of the body is %s, not %s", i < 2 * n ? "argument" : "result",
                          i < 2 * n ? i : i - 2 * n, ir_type_text(type, text), ir_type_text(wanted, other));
    }
}

static void reduce_type(ir_typing *t) {
    const ir_reduce_attributes *a = t->attributes;
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    uint32_t n = t->n_in / 2;
    if (!n || t->n_in % 2) ir_type_error(t, "it needs an initial value for each array");
    if (!a->body) ir_type_error(t, "it needs a body");
    const ir_type *x = t->in[0];
    for (uint32_t i = 0; i < n; i++) {
        ir_check_dtype(t, i);
        if (!ir_dims_equal(ir_shape(t->in[i]), ir_shape(x)))
            ir_type_error(t, "array 0 is %s and array %u is %s: they must have one shape",
                          ir_type_text(x, text), i, ir_type_text(t->in[i], other));
        if (t->in[n + i] != ir_type_scalar(t->module, t->in[i]->dtype))
            ir_type_error(t, "the initial value of %s is %s, not %s[]", ir_type_text(t->in[i], text),
                          ir_type_text(t->in[n + i], other), cv_dtype_name(t->in[i]->dtype));
    }
    ir_check_axes_of(t, 0, a->axes);
    check_body(t, a->body, n);
    int64_t kept[IR_MAX_RANK], rank = 0;
    for (uint32_t d = 0; d < x->rank; d++)
        if (!ir_dims_contain(a->axes, d)) kept[rank++] = x->dims[d];
    const ir_type **out = ir_typing_results(t, n);
    for (uint32_t i = 0; i < n; i++) out[i] = ir_typing_type(t, t->in[i]->dtype, (ir_dims){rank, kept});
}

// The values so far stand in the results.
static void reduce_evaluate(ir_evaluation *c) {
    const ir_reduce_attributes *a = c->op->attributes;
    const ir_type *x = c->in[0].type;
    uint32_t n = c->op->n_out;
    int64_t from[IR_MAX_RANK], to[IR_MAX_RANK], kept[IR_MAX_RANK];
    for (uint32_t i = 0; i < n; i++)
        ir_fill(c->out[i].data, c->out[i].type->count, cv_dtype_size(c->out[i].type->dtype),
                c->in[n + i].data);
    ir_strides(x, from);
    ir_strides(c->out[0].type, kept);
    for (int64_t d = 0, next = 0; d < x->rank; d++) to[d] = ir_dims_contain(a->axes, d) ? 0 : kept[next++];
    ir_array *arrays = ir_scratch(c->interpreter, sizeof *arrays * 3 * n);
    union ir_scalar *results = ir_scratch(c->interpreter, sizeof *results * n);
    ir_walk w;
    for (bool more = ir_walk_begin(&w, ir_shape(x), from, to); more; more = ir_walk_next(&w))
        for (int64_t k = 0; k < w.n; k++) {
            for (uint32_t i = 0; i < 3 * n; i++) {
                const ir_array *of = i < n ? &c->out[i] : &c->in[i % n];
                size_t at = (size_t)(w.offset[i < n] + k * w.step[i < n]) * cv_dtype_size(of->type->dtype);
                const ir_type *type = i < 2 * n ? ir_param_type(a->body, i) : ir_result_type(a->body, i % n);
                arrays[i] = (ir_array){type, i < 2 * n ? (char *)of->data + at : (char *)&results[i % n]};
            }
            ir_run(c->interpreter, a->body, arrays, arrays + 2 * n);
            for (uint32_t i = 0; i < n; i++) memcpy(arrays[i].data, &results[i], arrays[i].type->bytes);
        }
    ir_scratch_free(c->interpreter, results);
    ir_scratch_free(c->interpreter, arrays);
}

const ir_rules ir_rules_reduce = {.type = reduce_type,
                                  .jvp = ir_reduce_jvp,
                                  .no_transpose = "none, because its derivative is a scan",
                                  .batch = ir_reduce_batch,
                                  .evaluate = reduce_evaluate};
