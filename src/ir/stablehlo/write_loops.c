// In: a scan. Out: the while that it is, as JAX writes one: a counter is carried, inputs are read by dynamic
// slices at the counter, outputs written into arrays that are carried and start from zeros. The reader's side
// finds the scan in it again (transforms/recover_scan.c).
//
// Constants of the body, and the inputs, are constants of the loop; the carries are the counter, those of the
// scan, and the outputs.

#include "ir/stablehlo/write_loops.h"

#include "ir/rules.h"

typedef struct looping {
    const ir_scan_attributes *a;
    ir_module *module;
    uint32_t constants, carries, inputs, outputs;
    const ir_type *counter, **input_types, **output_types; // of whole arrays
} looping;

static const ir_function *condition(const looping *l) {
    ir_builder *b = ir_builder_new(l->module, "cond");
    ir_val i = ir_param(b, l->counter), out;
    for (uint32_t k = 0; k < l->carries; k++) ir_param(b, l->a->body->types[l->constants + k]);
    for (uint32_t k = 0; k < l->outputs; k++) ir_param(b, l->output_types[k]);
    out = ir_lt(b, i, ir_full_int(b, l->counter, l->a->length));
    return ir_finish(b, &out, 1);
}

// Index vector of the slice at `at` along the leading axis.
static void starts_at(ir_builder *b, ir_val at, const ir_type *type, ir_val *start) {
    for (uint32_t d = 0; d < type->rank; d++) start[d] = d ? ir_full_int(b, ir_type_of(b, at), 0) : at;
}

static ir_dims slice_sizes(const ir_type *type, int64_t *sizes) {
    for (uint32_t d = 0; d < type->rank; d++) sizes[d] = d ? type->dims[d] : 1;
    return (ir_dims){type->rank, sizes};
}

static ir_val read_slice(ir_builder *b, ir_val x, ir_val at) {
    const ir_type *type = ir_type_of(b, x);
    ir_val start[IR_MAX_RANK];
    int64_t sizes[IR_MAX_RANK];
    starts_at(b, at, type, start);
    ir_val slice = ir_dynamic_slice(b, x, start, slice_sizes(type, sizes));
    return ir_reshape(b, slice, (ir_dims){(int64_t)type->rank - 1, sizes + 1});
}

static ir_val write_slice(ir_builder *b, ir_val x, ir_val slice, ir_val at) {
    const ir_type *type = ir_type_of(b, x);
    ir_val start[IR_MAX_RANK];
    int64_t sizes[IR_MAX_RANK];
    starts_at(b, at, type, start);
    return ir_dynamic_update_slice(b, x, ir_reshape(b, slice, slice_sizes(type, sizes)), start);
}

static const ir_function *step(const looping *l) {
    const ir_function *body = l->a->body;
    ir_builder *b = ir_builder_new(l->module, body->name);
    ir_val *in = base_new_array(&b->arena, ir_val, body->n_params + 1);
    ir_val *made = base_new_array(&b->arena, ir_val, body->n_results + 1);
    ir_val *out = base_new_array(&b->arena, ir_val, body->n_results + 2);
    ir_val *xs = in + l->constants + l->carries, *ys = out + 1 + l->carries;
    for (uint32_t k = 0; k < l->constants; k++) in[k] = ir_param(b, body->types[k]);
    for (uint32_t k = 0; k < l->inputs; k++) xs[k] = ir_param(b, l->input_types[k]);
    ir_val i = ir_param(b, l->counter), at = i;
    for (uint32_t k = 0; k < l->carries; k++)
        in[l->constants + k] = ir_param(b, body->types[l->constants + k]);
    for (uint32_t k = 0; k < l->outputs; k++) ys[k] = ir_param(b, l->output_types[k]);
    if (l->a->reverse) at = ir_sub(b, ir_full_int(b, l->counter, l->a->length - 1), i);
    for (uint32_t k = 0; k < l->inputs; k++) xs[k] = read_slice(b, xs[k], at);
    ir_inline(b, body, in, made);
    out[0] = ir_add(b, i, ir_full_int(b, l->counter, 1));
    for (uint32_t k = 0; k < l->carries; k++) out[1 + k] = made[k];
    for (uint32_t k = 0; k < l->outputs; k++) ys[k] = write_slice(b, ys[k], made[l->carries + k], at);
    return ir_finish(b, out, 1 + body->n_results);
}

static void no_steps(ir_builder *b, const looping *l, const ir_val *in, ir_val *out) {
    for (uint32_t k = 0; k < l->carries; k++) out[k] = in[l->constants + k];
    for (uint32_t k = 0; k < l->outputs; k++) out[l->carries + k] = ir_zeros(b, l->output_types[k]);
}

void sh_scan_as_while(ir_builder *b, const ir_scan_attributes *a, const ir_val *in, uint32_t n_in,
                      ir_val *out) {
    looping l = {
        .a = a, .module = b->module, .constants = (uint32_t)a->constants, .carries = (uint32_t)a->carries};
    l.inputs = n_in - l.constants - l.carries;
    l.outputs = a->body->n_results - l.carries;
    l.counter = ir_type_scalar(b->module, a->length > INT32_MAX ? CV_S64 : CV_S32);
    l.input_types = base_new_array(&b->arena, const ir_type *, l.inputs + 1);
    l.output_types = base_new_array(&b->arena, const ir_type *, l.outputs + 1);
    for (uint32_t k = 0; k < l.inputs; k++) l.input_types[k] = ir_type_of(b, in[l.constants + l.carries + k]);
    for (uint32_t k = 0; k < l.outputs; k++)
        l.output_types[k] =
            ir_type_insert_axis(b->module, ir_result_type(a->body, l.carries + k), 0, a->length);
    if (!a->length) {
        no_steps(b, &l, in, out);
        return;
    }
    ir_while_attributes loop = {condition(&l), step(&l), 0, l.constants + l.inputs};
    ir_val *operands = base_new_array(&b->arena, ir_val, n_in + l.outputs + 2);
    uint32_t n = 0;
    for (uint32_t k = 0; k < l.constants; k++) operands[n++] = in[k];
    for (uint32_t k = 0; k < l.inputs; k++) operands[n++] = in[l.constants + l.carries + k];
    operands[n++] = ir_full_int(b, l.counter, 0);
    for (uint32_t k = 0; k < l.carries; k++) operands[n++] = in[l.constants + k];
    for (uint32_t k = 0; k < l.outputs; k++) operands[n++] = ir_zeros(b, l.output_types[k]);
    ir_val first = ir_emit(b, IR_while, operands, n, &loop) + 1;
    for (uint32_t k = 0; k < l.carries + l.outputs; k++) out[k] = first + k;
}
