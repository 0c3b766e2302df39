// In: operands of any dtypes and shapes. Out: operands of one dtype and one shape.
//
// Dtypes form the lattice of JAX (docs.jax.dev, "Type promotion semantics"): bool, then weak
// integers, then signed and unsigned integers, then weak floats, floats, weak complex, complex. Each
// dtype is given by the set of those at or above it; the join of two is the dtype whose own set is
// the intersection. Two things differ from JAX with 64-bit types enabled, by design: weak results
// have 32-bit dtypes unless the context says otherwise, and a C integer that fits neither its new
// dtype nor s32 is an error instead of wrapping.

#include "trace/promote.h"

#include <string.h>

#include "ir/scalar.h"
#include "trace/ops/common.h"

enum { WEAK_INT = CV_C128 + 1, WEAK_FLOAT, WEAK_COMPLEX, NODES };

#define BIT(node) (1u << (node))
enum {
    UP_C128 = BIT(CV_C128),
    UP_C64 = BIT(CV_C64) | UP_C128,
    UP_F64 = BIT(CV_F64) | UP_C128,
    UP_F32 = BIT(CV_F32) | UP_F64 | UP_C64,
    UP_BF16 = BIT(CV_BF16) | UP_F32,
    UP_F16 = BIT(CV_F16) | UP_F32,
    UP_WEAK_COMPLEX = BIT(WEAK_COMPLEX) | UP_C64,
    UP_WEAK_FLOAT = BIT(WEAK_FLOAT) | UP_F16 | UP_BF16 | UP_WEAK_COMPLEX,
    UP_U64 = BIT(CV_U64) | UP_WEAK_FLOAT,
    UP_S64 = BIT(CV_S64) | UP_WEAK_FLOAT,
    UP_U32 = BIT(CV_U32) | UP_U64 | UP_S64,
    UP_S32 = BIT(CV_S32) | UP_S64,
    UP_U16 = BIT(CV_U16) | UP_U32 | UP_S32,
    UP_S16 = BIT(CV_S16) | UP_S32,
    UP_U8 = BIT(CV_U8) | UP_U16 | UP_S16,
    UP_S8 = BIT(CV_S8) | UP_S16,
    UP_WEAK_INT = BIT(WEAK_INT) | UP_U8 | UP_S8,
    UP_BOOL = BIT(CV_BOOL) | UP_WEAK_INT,
};

static const uint32_t at_or_above[NODES] = {
    [CV_BOOL] = UP_BOOL, [CV_S8] = UP_S8, [CV_S16] = UP_S16, [CV_S32] = UP_S32, [CV_S64] = UP_S64,
    [CV_U8] = UP_U8, [CV_U16] = UP_U16, [CV_U32] = UP_U32, [CV_U64] = UP_U64, [CV_F16] = UP_F16,
    [CV_BF16] = UP_BF16, [CV_F32] = UP_F32, [CV_F64] = UP_F64, [CV_C64] = UP_C64, [CV_C128] = UP_C128,
    [WEAK_INT] = UP_WEAK_INT, [WEAK_FLOAT] = UP_WEAK_FLOAT, [WEAK_COMPLEX] = UP_WEAK_COMPLEX,
};

static int node_of(tr_kind kind) {
    base_check(kind.dtype >= 0 && kind.dtype <= CV_C128);
    if (!kind.weak || kind.dtype == CV_BOOL) return (int)kind.dtype;
    if (ir_is_integer(kind.dtype)) return WEAK_INT;
    return ir_is_float(kind.dtype) ? WEAK_FLOAT : WEAK_COMPLEX;
}

static tr_kind kind_of_node(int node, cv_dtype default_float) {
    if (node == WEAK_INT) return (tr_kind){CV_S32, true};
    if (node == WEAK_FLOAT) return (tr_kind){default_float, true};
    if (node == WEAK_COMPLEX) return (tr_kind){default_float == CV_F64 ? CV_C128 : CV_C64, true};
    return (tr_kind){(cv_dtype)node, false};
}

tr_kind tr_join(tr_kind a, tr_kind b, cv_dtype default_float) {
    uint32_t both = at_or_above[node_of(a)] & at_or_above[node_of(b)];
    int node = 0;
    while (node < NODES && at_or_above[node] != both) node++;
    base_check(node < NODES);
    return kind_of_node(node, default_float);
}

tr_kind tr_inexact(const tr_op *op, tr_kind kind) {
    return ir_is_differentiable(kind.dtype) ? kind : (tr_kind){op->default_float, kind.weak};
}

tr_kind tr_kind_of(const tr_op *op, uint32_t i) {
    tr_kind kind = {ir_type_of(op->b, op->in[i])->dtype, op->weak[i]};
    if (kind.dtype == CV_TAPE) tr_wrong(op, "operand %u is a tape, not an array", i);
    return kind_of_node(node_of(kind), op->default_float);
}

tr_kind tr_common_kind(const tr_op *op, uint32_t first, uint32_t n) {
    tr_kind kind = tr_kind_of(op, first);
    for (uint32_t i = first + 1; i < first + n; i++)
        kind = tr_join(kind, tr_kind_of(op, i), op->default_float);
    return kind;
}

// The constant that fills a value, or NULL.
static const ir_literal *splat_of(const ir_builder *b, ir_val x) {
    const ir_op *def = ir_def_of(b, x);
    if (!def || def->primitive != IR_constant) return NULL;
    const ir_literal *literal = &((const ir_constant_attributes *)def->attributes)->value;
    return literal->splat ? literal : NULL;
}

static union ir_scalar scalar_of(const ir_literal *literal) {
    union ir_scalar scalar;
    memcpy(&scalar, literal->data, cv_dtype_size(literal->type->dtype));
    return scalar;
}

static bool is_exact(cv_dtype dtype) { // bool or integer
    return dtype <= CV_U64;
}

bool tr_is_literal(const tr_op *op, uint32_t i, double *number, int64_t *integer) {
    const ir_literal *literal = op->weak[i] ? splat_of(op->b, op->in[i]) : NULL;
    if (!literal || literal->type->rank || ir_is_complex(literal->type->dtype)) return false;
    union ir_scalar scalar = scalar_of(literal);
    *number = ir_scalar_to_double(&scalar, literal->type->dtype);
    *integer = ir_scalar_to_int(&scalar, literal->type->dtype);
    return true;
}

static void check_fits(const tr_op *op, int64_t value, cv_dtype dtype) {
    if (!ir_is_integer(dtype) || (value >= INT32_MIN && value <= INT32_MAX)) return;
    union ir_scalar scalar;
    ir_scalar_from_int(&scalar, dtype, value);
    if (ir_scalar_to_int(&scalar, dtype) != value)
        tr_wrong(op, "the number %lld does not fit %s: write cv_s64(%lld)", (long long)value,
                 cv_dtype_name(dtype), (long long)value);
}

ir_val tr_as(const tr_op *op, uint32_t i, cv_dtype dtype) {
    const ir_type *type = ir_type_of(op->b, op->in[i]);
    const ir_literal *literal = op->weak[i] ? splat_of(op->b, op->in[i]) : NULL;
    if (type->dtype == dtype) return op->in[i];
    if (!literal || (ir_is_complex(type->dtype) && dtype != CV_C64))
        return ir_convert(op->b, op->in[i], dtype);
    union ir_scalar scalar = scalar_of(literal);
    const ir_type *wanted = ir_type_with_dtype(op->b->module, type, dtype);
    if (type->dtype == CV_C128) {
        scalar = (union ir_scalar){.c64 = {(float)scalar.c128[0], (float)scalar.c128[1]}};
        return ir_constant(op->b, wanted, true, &scalar);
    }
    if (!is_exact(type->dtype)) return ir_full(op->b, wanted, ir_scalar_to_double(&scalar, type->dtype));
    int64_t value = ir_scalar_to_int(&scalar, type->dtype);
    if (dtype == CV_BOOL) value = value != 0;
    check_fits(op, value, dtype);
    return ir_full_int(op->b, wanted, value);
}

void tr_cast(tr_op *op, uint32_t first, uint32_t n, cv_dtype dtype) {
    for (uint32_t i = first; i < first + n; i++) op->in[i] = tr_as(op, i, dtype);
}

// Axes that stretch are taken out first, so that the broadcast only ever adds axes.
ir_val tr_broadcast_to(ir_builder *b, ir_val x, ir_dims shape) {
    const ir_type *type = ir_type_of(b, x);
    if (ir_dims_equal(ir_shape(type), shape)) return x;
    const ir_literal *literal = splat_of(b, x);
    if (literal)
        return ir_constant(b, ir_type_get(b->module, type->dtype, shape.n, shape.at), true, literal->data);
    int64_t kept[IR_MAX_RANK], dims[IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < type->rank; i++) {
        int64_t to = shape.n - type->rank + i;
        if (type->dims[i] != shape.at[to]) continue;
        kept[n] = type->dims[i];
        dims[n++] = to;
    }
    if (n < type->rank) x = ir_reshape(b, x, (ir_dims){n, kept});
    return ir_broadcast_in_dim(b, x, shape, (ir_dims){n, dims});
}

ir_dims tr_broadcast(tr_op *op, uint32_t first, uint32_t n) {
    int64_t rank = 0;
    for (uint32_t i = first; i < first + n; i++)
        if (ir_type_of(op->b, op->in[i])->rank > rank) rank = ir_type_of(op->b, op->in[i])->rank;
    int64_t *shape = base_new_array(&op->b->arena, int64_t, rank + 1);
    uint32_t from[IR_MAX_RANK] = {0}; // the operand that an axis has its size from
    for (int64_t i = 0; i < rank; i++) shape[i] = 1;
    for (uint32_t i = first; i < first + n; i++) {
        const ir_type *type = ir_type_of(op->b, op->in[i]);
        for (int64_t k = 0; k < type->rank; k++) {
            int64_t to = rank - type->rank + k, size = type->dims[k];
            char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
            if (size == 1 || size == shape[to]) continue;
            if (shape[to] != 1)
                tr_wrong(op, "%s and %s: shapes cannot be broadcast together", tr_text(op, from[to], x),
                         tr_text(op, i, y));
            shape[to] = size;
            from[to] = i;
        }
    }
    for (uint32_t i = first; i < first + n; i++)
        op->in[i] = tr_broadcast_to(op->b, op->in[i], (ir_dims){rank, shape});
    return (ir_dims){rank, shape};
}
