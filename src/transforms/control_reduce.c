// Derivatives and batches of `reduce`: those of a call of the same fold as a scan.
//
// The scan runs over the folded axes, made one in front; its carry are the values so far for all elements of
// the result at once, as the batched body has them. It is made once for a body and the types that it is used
// with.

#include "ir/primitives/control.h"
#include "transforms/activity.h"

typedef struct folding {
    const ir_op *op;
    const ir_type *array, *result; // of the first operand and the first result
    uint32_t n;
    int64_t rows, columns; // elements that become one, elements of a result
} folding;

static folding folding_of(const ir_function *f, const ir_op *op) {
    ir_dims axes = ((const ir_reduce_attributes *)op->attributes)->axes;
    folding k = {op, ir_operand_type(f, op, 0), f->types[op->out], op->n_in / 2, 1, f->types[op->out]->count};
    for (int64_t i = 0; i < axes.n; i++) k.rows *= k.array->dims[axes.at[i]];
    return k;
}

// The array as [rows, columns].
static ir_val as_rows(ir_builder *b, const folding *k, ir_val x) {
    ir_dims axes = ((const ir_reduce_attributes *)k->op->attributes)->axes;
    int64_t permutation[IR_MAX_RANK], n = 0;
    for (int folded = 1; folded >= 0; folded--)
        for (uint32_t d = 0; d < k->array->rank; d++)
            if (ir_dims_contain(axes, d) == folded) permutation[n++] = d;
    return ir_reshape(b, ir_transpose(b, x, (ir_dims){n, permutation}), IR_DIMS(k->rows, k->columns));
}

// The body for all columns at once; a result that does not depend on its arguments is repeated.
static const ir_function *body_of_columns(const ir_function *body, int64_t columns) {
    base_arena *arena = xf_scratch();
    bool *all = base_new_array(arena, bool, body->n_params + 1);
    for (uint32_t i = 0; i < body->n_params; i++) all[i] = true;
    return xf_batch(body, all, all, columns, NULL).function;
}

static const ir_function *make_scan(const ir_function *f, const folding *k) {
    const ir_function *body = ((const ir_reduce_attributes *)k->op->attributes)->body;
    ir_builder *b = ir_builder_new(f->module, "reduce");
    ir_val *in = base_new_array(&b->arena, ir_val, 2 * k->n),
           *param = base_new_array(&b->arena, ir_val, 2 * k->n);
    for (uint32_t i = 0; i < 2 * k->n; i++) param[i] = ir_param(b, ir_operand_type(f, k->op, i));
    for (uint32_t i = 0; i < k->n; i++) {
        in[i] =
            ir_broadcast_in_dim(b, param[k->n + i], IR_DIMS(k->columns), (ir_dims){0, (const int64_t[]){0}});
        in[k->n + i] = as_rows(b, k, param[i]);
    }
    ir_scan_attributes a = {.body = body_of_columns(body, k->columns), .carries = k->n, .length = k->rows};
    ir_val first = ir_emit(b, IR_scan, in, 2 * k->n, &a);
    for (uint32_t i = 0; i < k->n; i++) in[i] = ir_reshape(b, first + i, ir_shape(k->result));
    return ir_finish(b, in, k->n);
}

static const ir_function *as_scan(const ir_function *f, const ir_op *op) {
    const ir_reduce_attributes *a = op->attributes;
    folding k = folding_of(f, op);
    xf_key key = xf_key_new(xf_scratch(), "reduce");
    xf_key_bytes(&key, &k.array->id, sizeof k.array->id);
    xf_key_bytes(&key, a->axes.at, sizeof *a->axes.at * (size_t)a->axes.n);
    const ir_memo *memo = ir_memo_find(a->body, key.text.at, key.text.n);
    if (!memo) memo = ir_memo_keep(a->body, key.text.at, key.text.n, make_scan(f, &k), NULL, NULL, 0);
    return memo->functions[0];
}

void ir_reduce_jvp(ir_jvp *c) {
    ir_op call = *c->op;
    call.primitive = IR_call;
    call.attributes = &(ir_call_attributes){as_scan(c->f, c->op)};
    ir_jvp of_call = *c;
    of_call.op = &call;
    if (c->b->linear)
        ir_call_linearize(&of_call);
    else
        ir_call_jvp(&of_call);
}

// Batched arrays are folded along the same axes; with an initial value for each of a batch it is the scan.
void ir_reduce_batch(ir_batching *c) {
    const ir_reduce_attributes *a = c->op->attributes;
    uint32_t n = c->op->n_in / 2;
    int64_t axes[IR_MAX_RANK];
    for (uint32_t i = 0; i < n; i++) {
        if (!c->batched[n + i]) continue;
        ir_op call = *c->op;
        call.primitive = IR_call;
        call.attributes = &(ir_call_attributes){as_scan(c->f, c->op)};
        ir_batching of_call = *c;
        of_call.op = &call;
        ir_call_batch(&of_call);
        return;
    }
    for (int64_t i = 0; i < a->axes.n; i++) axes[i] = a->axes.at[i] + 1;
    ir_val *in = base_new_array(&c->b->arena, ir_val, 2 * n);
    for (uint32_t i = 0; i < 2 * n; i++) in[i] = i < n ? ir_with_batch_axis(c, i) : c->in[i];
    ir_val first = ir_emit(c->b, IR_reduce, in, 2 * n, &(ir_reduce_attributes){{a->axes.n, axes}, a->body});
    for (uint32_t i = 0; i < n; i++) {
        c->out[i] = first + i;
        c->out_batched[i] = true;
    }
}
