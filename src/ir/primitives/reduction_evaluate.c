// The meaning of reductions and products: what compiled code is compared with.
//
// Floating sums and products are added up in double, in the order of the operand's elements, so that
// what f32 code is compared with is closer to the exact result than the code itself can be; integers
// wrap. Memory that a rule needs for itself is freed before anything is raised: a deferred release
// would pile up over the steps of a loop.

#include <string.h>

#include "ir/primitives/evaluate.h"
#include "ir/primitives/strided.h"

static _Noreturn void out_of_memory(const ir_evaluation *c) {
    ir_fail_op(c->op, CV_OUT_OF_MEMORY, "out of memory");
}

// Strides that lead through the operand in order, and through the result beside it.
typedef struct fold {
    ir_walk walk;
    int64_t in_stride[IR_MAX_RANK], out_stride[IR_MAX_RANK];
} fold;

static bool fold_begin(fold *k, const ir_evaluation *c) {
    const ir_type *type = c->in[0].type;
    const ir_axes_attributes *attributes = c->op->attributes;
    int64_t kept[IR_MAX_RANK], n = 0;
    ir_strides(type, k->in_stride);
    ir_strides(c->out[0].type, kept);
    for (int64_t i = 0; i < type->rank; i++)
        k->out_stride[i] = ir_dims_contain(attributes->axes, i) ? 0 : kept[n++];
    return ir_walk_begin(&k->walk, ir_shape(type), k->in_stride, k->out_stride);
}

// Folds the operand into sums of type A that start from `initial`; the expression is the next sum, of
// the sum `a` and the element `x`.
#define FOLD(element, A, sums, initial, ...)                                                       \
    do {                                                                                           \
        const element *elements = c->in[0].data;                                                   \
        A *folded = sums;                                                                          \
        fold k;                                                                                    \
        for (int64_t i = 0; i < c->out[0].type->count; i++) folded[i] = initial;                   \
        for (bool more = fold_begin(&k, c); more; more = ir_walk_next(&k.walk))                    \
            for (int64_t i = 0; i < k.walk.n; i++) {                                               \
                element x = elements[k.walk.offset[0] + i * k.walk.step[0]];                       \
                A *sum = &folded[k.walk.offset[1] + i * k.walk.step[1]], a = *sum;                 \
                *sum = (A)(__VA_ARGS__);                                                           \
            }                                                                                      \
    } while (0)

// f32 that is added up (initial 0) or multiplied (1) in double.
static void fold_f32(ir_evaluation *c, bool multiplies) {
    float *results = c->out[0].data;
    int64_t count = c->out[0].type->count;
    double *sums = base_try_malloc((size_t)count * sizeof *sums);
    if (!sums) out_of_memory(c);
    if (multiplies) FOLD(float, double, sums, 1, a * x);
    else FOLD(float, double, sums, 0, a + x);
    for (int64_t i = 0; i < count; i++) results[i] = (float)sums[i];
    base_free(sums);
}

static void fold_c64(ir_evaluation *c, bool multiplies) {
    float _Complex *results = c->out[0].data;
    int64_t count = c->out[0].type->count;
    double _Complex *sums = base_try_malloc((size_t)count * sizeof *sums);
    if (!sums) out_of_memory(c);
    if (multiplies) FOLD(float _Complex, double _Complex, sums, 1, COMPLEX_PRODUCT(a, (double _Complex)x));
    else FOLD(float _Complex, double _Complex, sums, 0, a + x);
    for (int64_t i = 0; i < count; i++) results[i] = (float _Complex)sums[i];
    base_free(sums);
}

#define FOLD_CASE(code, element, initial, ...)                                                     \
    case code: FOLD(element, element, c->out[0].data, initial, __VA_ARGS__); return;

void ir_evaluate_reduce_sum(ir_evaluation *c) {
    switch (c->in[0].type->dtype) {
        INTEGERS(FOLD_CASE, 0, WRAP(a) + WRAP(x))
        FOLD_CASE(CV_F64, double, 0, a + x)
        FOLD_CASE(CV_C128, double _Complex, 0, a + x)
    case CV_F32: fold_f32(c, false); return;
    case CV_C64: fold_c64(c, false); return;
    default: ir_evaluate_unsupported(c, c->in[0].type->dtype);
    }
}

void ir_evaluate_reduce_prod(ir_evaluation *c) {
    switch (c->in[0].type->dtype) {
        INTEGERS(FOLD_CASE, 1, WRAP(a) * WRAP(x))
        FOLD_CASE(CV_F64, double, 1, a * x)
        FOLD_CASE(CV_C128, double _Complex, 1, COMPLEX_PRODUCT(a, x))
    case CV_F32: fold_f32(c, true); return;
    case CV_C64: fold_c64(c, true); return;
    default: ir_evaluate_unsupported(c, c->in[0].type->dtype);
    }
}

#define BITWISE(name, of_bool, initial, operation)                                                 \
    void ir_evaluate_##name(ir_evaluation *c) {                                                    \
        switch (c->in[0].type->dtype) {                                                            \
            BOOLS(FOLD_CASE, of_bool, a operation x)                                               \
            INTEGERS(FOLD_CASE, (initial), a operation x)                                          \
        default: ir_evaluate_unsupported(c, c->in[0].type->dtype);                                 \
        }                                                                                          \
    }
BITWISE(reduce_and, 1, -1, &)
BITWISE(reduce_or, 0, 0, |)
BITWISE(reduce_xor, 0, 0, ^)

void ir_evaluate_reduce_max(ir_evaluation *c) {
#define FROM_LEAST(code, element, least, greatest) FOLD_CASE(code, element, least, a > x ? a : x)
    switch (c->in[0].type->dtype) {
        BOOLS(FOLD_CASE, false, a | x)
        INTEGER_RANGES(FROM_LEAST)
        FLOATS(FOLD_CASE, -INFINITY, ir_maximum(a, x))
        COMPLEXES(FOLD_CASE, __builtin_complex(-INFINITY, -INFINITY), ir_complex_extreme(a, x, true))
    default: ir_evaluate_unsupported(c, c->in[0].type->dtype);
    }
#undef FROM_LEAST
}

void ir_evaluate_reduce_min(ir_evaluation *c) {
#define FROM_GREATEST(code, element, least, greatest) FOLD_CASE(code, element, greatest, a < x ? a : x)
    switch (c->in[0].type->dtype) {
        BOOLS(FOLD_CASE, true, a & x)
        INTEGER_RANGES(FROM_GREATEST)
        FLOATS(FOLD_CASE, INFINITY, ir_minimum(a, x))
        COMPLEXES(FOLD_CASE, __builtin_complex(INFINITY, INFINITY), ir_complex_extreme(a, x, false))
    default: ir_evaluate_unsupported(c, c->in[0].type->dtype);
    }
#undef FROM_GREATEST
}

// The index of the first element of a lane (n elements, `step` apart) after which none is better: one
// that is on the wanted side of the best so far, or the first NaN.
#define LANE(code, element, better)                                                                \
    case code: {                                                                                   \
        const element *elements = (const element *)data + first;                                   \
        element best = elements[0];                                                                \
        for (int64_t i = 1; i < n; i++) {                                                          \
            element x = elements[i * step];                                                        \
            if (better) best = x, at = i;                                                          \
        }                                                                                          \
        return at;                                                                                 \
    }
#define LANE_FUNCTION(name, side)                                                                  \
    static int64_t name(cv_dtype dtype, const void *data, int64_t first, int64_t n, int64_t step) { \
        int64_t at = 0;                                                                            \
        switch (dtype) {                                                                           \
            BOOLS(LANE, x side best)                                                               \
            INTEGERS(LANE, x side best)                                                            \
            FLOATS(LANE, x side best || (isnan(x) && !isnan(best)))                                \
        default: return -1;                                                                        \
        }                                                                                          \
    }
LANE_FUNCTION(greatest_of_lane, >)
LANE_FUNCTION(least_of_lane, <)

typedef int64_t lane_function(cv_dtype dtype, const void *data, int64_t first, int64_t n, int64_t step);

static void evaluate_arg(ir_evaluation *c, lane_function *of_lane) {
    const ir_argmax_attributes *attributes = c->op->attributes;
    const ir_type *type = c->in[0].type, *out = c->out[0].type;
    int64_t strides[IR_MAX_RANK], n = type->dims[attributes->axis];
    size_t width = cv_dtype_size(out->dtype);
    ir_strides(type, strides);
    int64_t step = strides[attributes->axis];
    for (int64_t i = 0; i < out->count; i++) {
        int64_t first = i / step * n * step + i % step;
        int64_t at = of_lane(type->dtype, c->in[0].data, first, n, step);
        if (at < 0) ir_evaluate_unsupported(c, type->dtype);
        union ir_scalar index;
        ir_scalar_from_int(&index, out->dtype, at);
        memcpy((char *)c->out[0].data + (size_t)i * width, &index, width);
    }
}

void ir_evaluate_argmax(ir_evaluation *c) { evaluate_arg(c, greatest_of_lane); }
void ir_evaluate_argmin(ir_evaluation *c) { evaluate_arg(c, least_of_lane); }

// dot_general: both operands are copied, to [batch, free, inner] and [batch, inner, free], and a row of
// the result is then a sum of multiples of rows of the second. Unlike a sum within a row that has no
// chain of dependent additions, and each element is still added up in order.

// Copies an operand to the order of these axes; returns the product of the sizes of each group.
static void lay_out(const ir_array *from, void *to, const ir_dims groups[3], int64_t sizes[3]) {
    int64_t strides[IR_MAX_RANK], from_stride[IR_MAX_RANK], to_stride[IR_MAX_RANK], shape[IR_MAX_RANK];
    int64_t n = 0, stride = 1;
    ir_strides(from->type, strides);
    for (int g = 0; g < 3; g++) {
        sizes[g] = 1;
        for (int64_t i = 0; i < groups[g].n; i++, n++) {
            shape[n] = from->type->dims[groups[g].at[i]];
            from_stride[n] = strides[groups[g].at[i]];
            sizes[g] *= shape[n];
        }
    }
    for (int64_t i = n; i-- > 0; stride *= shape[i]) to_stride[i] = stride;
    size_t width = cv_dtype_size(from->type->dtype);
    ir_strided_copy((ir_dims){n, shape}, width, to, to_stride, from->data, from_stride);
}

static ir_dims free_axes(int64_t *room, const ir_type *type, ir_dims batch, ir_dims contract) {
    int64_t n = 0;
    for (int64_t i = 0; i < type->rank; i++)
        if (!ir_dims_contain(batch, i) && !ir_dims_contain(contract, i)) room[n++] = i;
    return (ir_dims){n, room};
}

#define REAL_PRODUCT(x, y) ((x) * (y))
// Products of type A of elements; `sums` has room for a row.
#define PRODUCT(code, element, A, TIMES)                                                           \
    case code: {                                                                                   \
        const element *x = lhs, *y = rhs;                                                          \
        element *result = out;                                                                     \
        A *restrict sum = sums;                                                                    \
        for (int64_t row = 0; row < n_batch * n_rows; row++, result += n_columns) {                \
            const element *restrict multiplied = y + row / n_rows * n_inner * n_columns;           \
            for (int64_t j = 0; j < n_columns; j++) sum[j] = 0;                                    \
            for (int64_t k = 0; k < n_inner; k++, multiplied += n_columns) {                       \
                A factor = (A)x[row * n_inner + k];                                                \
                for (int64_t j = 0; j < n_columns; j++) sum[j] += TIMES(factor, (A)multiplied[j]); \
            }                                                                                      \
            for (int64_t j = 0; j < n_columns; j++) result[j] = (element)sum[j];                   \
        }                                                                                          \
        return true;                                                                               \
    }

static bool multiply(cv_dtype dtype, void *out, const void *lhs, const void *rhs, void *sums, int64_t n_batch,
                     int64_t n_rows, int64_t n_inner, int64_t n_columns) {
    switch (dtype) {
        INTEGERS(PRODUCT, uint64_t, REAL_PRODUCT)
        FLOATS(PRODUCT, double, REAL_PRODUCT)
        COMPLEXES(PRODUCT, double _Complex, COMPLEX_PRODUCT)
    default: return false;
    }
}

void ir_evaluate_dot_general(ir_evaluation *c) {
    const ir_dot_attributes *a = c->op->attributes;
    const ir_type *lhs = c->in[0].type, *rhs = c->in[1].type;
    int64_t lhs_room[IR_MAX_RANK], rhs_room[IR_MAX_RANK], lhs_sizes[3], rhs_sizes[3];
    ir_dims lhs_free = free_axes(lhs_room, lhs, a->lhs_batch, a->lhs_contract);
    ir_dims rhs_free = free_axes(rhs_room, rhs, a->rhs_batch, a->rhs_contract);
    size_t columns = 1;
    for (int64_t i = 0; i < rhs_free.n; i++) columns *= (size_t)rhs->dims[rhs_free.at[i]];
    if (!c->out[0].type->count) return;

    size_t at_rhs = (lhs->bytes + 15) & ~(size_t)15, at_sums = (at_rhs + rhs->bytes + 15) & ~(size_t)15;
    char *scratch = base_try_malloc(at_sums + columns * sizeof(double _Complex));
    if (!scratch) out_of_memory(c);
    lay_out(&c->in[0], scratch, (ir_dims[]){a->lhs_batch, lhs_free, a->lhs_contract}, lhs_sizes);
    lay_out(&c->in[1], scratch + at_rhs, (ir_dims[]){a->rhs_batch, a->rhs_contract, rhs_free}, rhs_sizes);
    bool known = multiply(lhs->dtype, c->out[0].data, scratch, scratch + at_rhs, scratch + at_sums,
                          lhs_sizes[0], lhs_sizes[1], lhs_sizes[2], rhs_sizes[2]);
    base_free(scratch);
    if (!known) ir_evaluate_unsupported(c, lhs->dtype);
}
