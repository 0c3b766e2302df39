// The frame of elementwise operations: a row names what happens to dtypes and emits for operands of one dtype
// and one shape. Included by the files that have such rows.
#ifndef TRACE_OPS_ELEMENTWISE_H
#define TRACE_OPS_ELEMENTWISE_H

#include "trace/ops/common.h"

// What happens to dtypes before the row's function is called.
typedef enum op_domain {
    COMMON,  // the common dtype of the operands
    INEXACT, // the same, and integers and bool become the default float
    TRUTH,   // bool: whether operands are not 0
    BITS,    // the common dtype, which must be bool or an integer
} op_domain;

static inline cv_dtype result_dtype(const tr_op *op, ir_val x) {
    return ir_type_of(op->b, x)->dtype;
}

static inline void set_result(tr_op *op, ir_val x, bool weak) {
    op->out[0] = x;
    op->weak_out[0] = weak && result_dtype(op, x) != CV_BOOL;
}

// Brings all operands into the domain and returns their kind.
static inline tr_kind into_domain(tr_op *op, op_domain domain) {
    char text[IR_TYPE_TEXT];
    if (domain == TRUTH) {
        for (uint32_t i = 0; i < op->n_in; i++) op->in[i] = tr_truth(op->b, op->in[i]);
        return (tr_kind){CV_BOOL, false};
    }
    for (uint32_t i = 0; i < op->n_in && domain == BITS; i++)
        if (ir_is_differentiable(tr_type(op, i)->dtype))
            tr_wrong(op, "%s: bits are those of bool and integers; cv_astype converts", tr_text(op, i, text));
    tr_kind kind = tr_common_kind(op, 0, op->n_in);
    if (domain == INEXACT) kind = tr_inexact(op, kind);
    tr_cast(op, 0, op->n_in, kind.dtype);
    return kind;
}

// One operand

typedef struct unary {
    op_domain domain;
    ir_val (*emit)(ir_builder *b, ir_val x);
} unary;

static inline void build_unary(tr_op *op, const void *options) {
    const unary *row = options;
    tr_kind kind = into_domain(op, row->domain);
    set_result(op, row->emit(op->b, op->in[0]), kind.weak);
}

static inline cv_dtype dtype_of(const ir_builder *b, ir_val x) {
    return ir_type_of(b, x)->dtype;
}

#define UNARY(name, domain, emit)                                                                  \
    cv_val cv_##name##_at(cv_val x, cv_here here) {                                                \
        return tr_operation("cv_" #name, here, build_unary, &(unary){domain, emit}, &x, 1);        \
    }

// Two operands

typedef struct binary {
    op_domain domain;
    ir_val (*emit)(ir_builder *b, ir_val x, ir_val y);
} binary;

static inline void build_binary(tr_op *op, const void *options) {
    const binary *row = options;
    tr_kind kind = into_domain(op, row->domain);
    tr_broadcast(op, 0, 2);
    set_result(op, row->emit(op->b, op->in[0], op->in[1]), kind.weak);
}

#define BINARY(name, domain, emit)                                                                 \
    cv_val cv_##name##_at(cv_val x, cv_val y, cv_here here) {                                      \
        return tr_operation("cv_" #name, here, build_binary, &(binary){domain, emit}, (cv_val[]){x, y}, 2); \
    }

// Three operands

typedef struct ternary {
    op_domain domain;
    ir_val (*emit)(ir_builder *b, ir_val x, ir_val y, ir_val z);
} ternary;

static inline void build_ternary(tr_op *op, const void *options) {
    const ternary *row = options;
    tr_kind kind = into_domain(op, row->domain);
    tr_broadcast(op, 0, 3);
    set_result(op, row->emit(op->b, op->in[0], op->in[1], op->in[2]), kind.weak);
}

#define TERNARY(name, x, y, z, domain, emit)                                                       \
    cv_val cv_##name##_at(cv_val x, cv_val y, cv_val z, cv_here here) {                            \
        return tr_operation("cv_" #name, here, build_ternary, &(ternary){domain, emit},            \
                            (cv_val[]){x, y, z}, 3);                                               \
    }

// elementwise.c: log(1 + exp(x)) without overflow
ir_val tr_softplus(ir_builder *b, ir_val x);

#endif
