// Reductions and products: types and messages, values (special ones, ties, nothing to fold), and the
// derivative and batching rules of dot_general for operands with their axes in any order.

#include "rule_runs.h"

#define AXES(...) &(ir_axes_attributes){IR_DIMS(__VA_ARGS__)}
#define ARG(axis, dtype) &(ir_argmax_attributes){axis, dtype}
#define DOT(...) &(ir_dot_attributes){__VA_ARGS__}

static void test_wrong_calls_are_refused(void **state) {
    (void)state;
    const ir_type *x = TYPE(CV_F32, 8, 3), *y = TYPE(CV_F32, 4, 5), *p = TYPE(CV_BOOL, 3);
    const ir_dot_attributes matmul = {IR_DIMS(1), IR_DIMS(0), NO_AXES, NO_AXES};
    const struct { operation operation; const char *message; } rows[] = {
        {{IR_dot_general, &matmul, 2, {x, y}},
         "model.c:42: dot_general: f32[8,3] x f32[4,5]: inner dimensions 3 and 4 differ"},
        {{IR_dot_general, &matmul, 2, {x, TYPE(CV_F64, 3, 5)}},
         "model.c:42: dot_general: f32[8,3] and f64[3,5]: dtypes differ"},
        {{IR_dot_general, DOT(IR_DIMS(1), NO_AXES, NO_AXES, NO_AXES), 2, {x, y}},
         "model.c:42: dot_general: f32[8,3] x f32[4,5]: 1 and 0 inner axes do not pair up"},
        {{IR_dot_general, DOT(NO_AXES, NO_AXES, IR_DIMS(0), IR_DIMS(0)), 2, {x, y}},
         "model.c:42: dot_general: f32[8,3] x f32[4,5]: batch dimensions 8 and 4 differ"},
        {{IR_dot_general, DOT(IR_DIMS(0), IR_DIMS(2), NO_AXES, NO_AXES), 2, {x, y}},
         "model.c:42: dot_general: f32[4,5]: axis 2 is out of range: the axes are 0 to 1"},
        {{IR_dot_general, DOT(IR_DIMS(0), IR_DIMS(0), IR_DIMS(0), IR_DIMS(0)), 2, {x, x}},
         "model.c:42: dot_general: f32[8,3]: axis 0 is both a batch and an inner axis"},
        {{IR_reduce_sum, AXES(0, 2), 1, {x}},
         "model.c:42: reduce_sum: f32[8,3]: axis 2 is out of range: the axes are 0 to 1"},
        {{IR_reduce_max, AXES(1, 1), 1, {x}}, "model.c:42: reduce_max: f32[8,3]: axis 1 is given twice"},
        {{IR_reduce_min, AXES(0), 1, {ir_type_scalar(module, CV_F32)}},
         "model.c:42: reduce_min: f32[]: axis 0: a scalar has no axes"},
        {{IR_reduce_sum, AXES(0), 1, {p}},
         "model.c:42: reduce_sum: bool[3]: reduce_sum takes integers, floating point or complex, not bool"},
        {{IR_argmax, ARG(-1, CV_S32), 1, {x}},
         "model.c:42: argmax: f32[8,3]: axis -1 is out of range: the axes are 0 to 1"},
        {{IR_argmax, ARG(1, CV_S32), 1, {TYPE(CV_F32, 3, 0)}},
         "model.c:42: argmax: f32[3,0]: axis 1 is empty, so that no element of it is the extreme"},
        {{IR_argmin, ARG(0, CV_F32), 1, {x}},
         "model.c:42: argmin: f32[8,3]: an index is an integer, not f32"},
        {{IR_argmin, ARG(0, CV_S8), 1, {TYPE(CV_F32, 129)}},
         "model.c:42: argmin: f32[129]: the indices of axis 0 do not fit s8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(rows[i].operation, CV_INVALID, rows[i].message);
}

static void test_indices_that_just_fit_are_taken(void **state) {
    (void)state;
    const uint8_t in[128] = {0};
    evaluation e = {{IR_argmax, ARG(0, CV_S8), 1, {TYPE(CV_U8, 128)}}, {in}, NULL, {0}};
    evaluate_operation(&e);
    assert_ptr_equal(e.type, ir_type_scalar(module, CV_S8));
}

// Values

static void reduce_doubles(ir_primitive primitive, const ir_type *type, const double *in, ir_dims axes,
                           const double *want, int64_t n) {
    for (int d = 0; d < 2; d++) {
        cv_dtype dtype = d ? CV_F64 : CV_F32;
        char data[512];
        for (int64_t i = 0; i < type->count; i++) {
            union ir_scalar scalar;
            ir_scalar_from_double(&scalar, dtype, in[i]);
            memcpy(data + (size_t)i * cv_dtype_size(dtype), &scalar, cv_dtype_size(dtype));
        }
        const ir_type *operand = ir_type_with_dtype(module, type, dtype);
        evaluation e = {{primitive, &(ir_axes_attributes){axes}, 1, {operand}}, {data}, NULL, {0}};
        evaluate_operation(&e);
        assert_int_equal(e.type->count, n);
        for (int64_t i = 0; i < n; i++)
            if (!same(element(e.out, dtype, i), want[i], 0))
                fail_msg("%s: %g, not %g", ir_primitives[primitive].name, element(e.out, dtype, i), want[i]);
    }
}

static void test_reductions_over_any_axes(void **state) {
    (void)state;
    double in[24];
    for (int i = 0; i < 24; i++) in[i] = i;
    const ir_type *type = TYPE(CV_F32, 2, 3, 4);
    reduce_doubles(IR_reduce_sum, type, in, IR_DIMS(0, 1, 2), (double[]){276}, 1);
    reduce_doubles(IR_reduce_sum, type, in, IR_DIMS(2), (double[]){6, 22, 38, 54, 70, 86}, 6);
    reduce_doubles(IR_reduce_sum, type, in, IR_DIMS(2, 0), (double[]){60, 92, 124}, 3);
    reduce_doubles(IR_reduce_sum, type, in, IR_DIMS(1), (double[]){12, 15, 18, 21, 48, 51, 54, 57}, 8);
    reduce_doubles(IR_reduce_sum, type, in, NO_AXES, in, 24);
    reduce_doubles(IR_reduce_max, type, in, IR_DIMS(0, 1), (double[]){20, 21, 22, 23}, 4);
    reduce_doubles(IR_reduce_min, type, in, IR_DIMS(0, 2), (double[]){0, 4, 8}, 3);
    reduce_doubles(IR_reduce_max, ir_type_scalar(module, CV_F32), in + 5, NO_AXES, (double[]){5}, 1);
}

static void test_reductions_of_special_values(void **state) {
    (void)state;
    const ir_type *type = TYPE(CV_F32, 3), *none = TYPE(CV_F32, 2, 0);
    const double nan[3] = {1, NAN, 2}, low[3] = {-INFINITY, -INFINITY, -INFINITY}, zeros[3] = {-0.0, 0, -0.0};
    reduce_doubles(IR_reduce_max, type, nan, IR_DIMS(0), (double[]){NAN}, 1);
    reduce_doubles(IR_reduce_min, type, nan, IR_DIMS(0), (double[]){NAN}, 1);
    reduce_doubles(IR_reduce_sum, type, nan, IR_DIMS(0), (double[]){NAN}, 1);
    reduce_doubles(IR_reduce_max, type, low, IR_DIMS(0), (double[]){-INFINITY}, 1);
    reduce_doubles(IR_reduce_max, type, zeros, IR_DIMS(0), (double[]){0}, 1);
    reduce_doubles(IR_reduce_min, type, zeros, IR_DIMS(0), (double[]){-0.0}, 1);
    reduce_doubles(IR_reduce_sum, none, NULL, IR_DIMS(1), (double[]){0, 0}, 2);
    reduce_doubles(IR_reduce_max, none, NULL, IR_DIMS(1), (double[]){-INFINITY, -INFINITY}, 2);
    reduce_doubles(IR_reduce_min, none, NULL, IR_DIMS(1), (double[]){INFINITY, INFINITY}, 2);
    reduce_doubles(IR_reduce_sum, none, NULL, IR_DIMS(0), NULL, 0);
}

static void test_sums_of_f32_are_added_in_double(void **state) {
    (void)state;
    float in[4] = {0x1p24f, 1, 1, -0x1p24f};
    evaluation e = {{IR_reduce_sum, AXES(0), 1, {TYPE(CV_F32, 4)}}, {in}, NULL, {0}};
    evaluate_operation(&e);
    assert_true(element(e.out, CV_F32, 0) == 2);
}

static void test_reductions_of_integers(void **state) {
    (void)state;
    const struct { ir_primitive primitive; cv_dtype dtype; int64_t n, in[3], want; } rows[] = {
        {IR_reduce_sum, CV_S32, 2, {INT32_MAX, 1}, INT32_MIN},
        {IR_reduce_sum, CV_S64, 2, {INT64_MIN, -1}, INT64_MAX},
        {IR_reduce_sum, CV_U8, 2, {255, 2}, 1},
        {IR_reduce_sum, CV_S64, 0, {0}, 0},
        {IR_reduce_max, CV_S32, 3, {-3, -1, -2}, -1},
        {IR_reduce_max, CV_U32, 3, {1, UINT32_MAX, 2}, UINT32_MAX},
        {IR_reduce_max, CV_S32, 0, {0}, INT32_MIN},
        {IR_reduce_max, CV_U32, 0, {0}, 0},
        {IR_reduce_max, CV_S64, 0, {0}, INT64_MIN},
        {IR_reduce_min, CV_S16, 0, {0}, INT16_MAX},
        {IR_reduce_min, CV_U64, 0, {0}, -1},
        {IR_reduce_min, CV_S64, 2, {INT64_MIN, 1}, INT64_MIN},
        {IR_reduce_max, CV_BOOL, 2, {0, 1}, 1},
        {IR_reduce_max, CV_BOOL, 0, {0}, 0},
        {IR_reduce_min, CV_BOOL, 2, {0, 1}, 0},
        {IR_reduce_min, CV_BOOL, 0, {0}, 1},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        size_t width = cv_dtype_size(rows[r].dtype);
        char data[32];
        union ir_scalar scalar, got = {0};
        for (int64_t i = 0; i < rows[r].n; i++) {
            ir_scalar_from_int(&scalar, rows[r].dtype, rows[r].in[i]);
            memcpy(data + (size_t)i * width, &scalar, width);
        }
        evaluation e = {{rows[r].primitive, AXES(0), 1, {TYPE(rows[r].dtype, rows[r].n)}}, {data}, NULL, {0}};
        evaluate_operation(&e);
        memcpy(&got, e.out, width);
        if (ir_scalar_to_int(&got, rows[r].dtype) != rows[r].want)
            fail_msg("row %zu: %lld, not %lld", r, (long long)ir_scalar_to_int(&got, rows[r].dtype),
                     (long long)rows[r].want);
    }
}

static void test_arg_takes_the_first(void **state) {
    (void)state;
    const struct { ir_primitive primitive; float in[4]; int32_t want; } rows[] = {
        {IR_argmax, {1, 3, 3, 2}, 1},
        {IR_argmin, {2, 1, 3, 1}, 1},
        {IR_argmax, {1, NAN, 5, NAN}, 1},
        {IR_argmin, {1, 0, NAN, -1}, 2},
        {IR_argmax, {NAN, NAN, 5, 1}, 0},
        {IR_argmax, {-INFINITY, -INFINITY, -INFINITY, -INFINITY}, 0},
        {IR_argmax, {-0.0f, 0, 0, 0}, 0},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        evaluation e = {{rows[r].primitive, ARG(0, CV_S32), 1, {TYPE(CV_F32, 4)}}, {rows[r].in}, NULL, {0}};
        evaluate_operation(&e);
        assert_int_equal(element(e.out, CV_S32, 0), rows[r].want);
    }
}

static void test_arg_along_any_axis(void **state) {
    (void)state;
    const int32_t in[12] = {5, 1, 7, 0, 9, 2, 3, 4, 8, 6, 7, 6};
    const struct { int64_t axis; cv_dtype dtype; int64_t n; int want[6]; } rows[] = {
        {0, CV_S64, 6, {0, 1, 1, 1, 0, 1}}, // of [2,3,2]
        {1, CV_U8, 4, {2, 2, 1, 1}},
        {2, CV_S32, 6, {0, 0, 0, 1, 0, 0}},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        evaluation e = {{IR_argmax, ARG(rows[r].axis, rows[r].dtype), 1, {TYPE(CV_S32, 2, 3, 2)}},
                        {in}, NULL, {0}};
        evaluate_operation(&e);
        assert_int_equal(e.type->count, rows[r].n);
        for (int64_t i = 0; i < rows[r].n; i++)
            assert_int_equal(element(e.out, rows[r].dtype, i), rows[r].want[i]);
    }
    evaluation none = {{IR_argmin, ARG(1, CV_S32), 1, {TYPE(CV_F32, 0, 3)}}, {NULL}, NULL, {0}};
    evaluate_operation(&none);
    assert_int_equal(none.type->count, 0);
}

static void test_tangent_of_an_extreme_is_the_mean_of_the_ties(void **state) {
    (void)state;
    const double x[6] = {1, 3, 3, 5, 4, 2}, t[6] = {10, 20, 40, 7, 8, 9};
    forward w = {.operation = {IR_reduce_max, AXES(1), 1, {TYPE(CV_F64, 2, 3)}}, .active = 1,
                 .in = {x}, .tangent = {t}, .run = true};
    expect_ok(forward_body, &w);
    assert_true(element(w.out, CV_F64, 0) == 30 && element(w.out, CV_F64, 1) == 7);
    w = (forward){.operation = {IR_reduce_min, AXES(0, 1), 1, {TYPE(CV_F64, 2, 3)}}, .active = 1,
                  .in = {x}, .tangent = {t}, .run = true};
    expect_ok(forward_body, &w);
    assert_true(element(w.out, CV_F64, 0) == 10);
    w = (forward){.operation = {IR_argmax, ARG(0, CV_S32), 1, {TYPE(CV_F64, 2, 3)}}, .active = 1};
    expect_ok(forward_body, &w);
    assert_true(w.absent);
}

static void test_reduce_sum_transposes_and_batches(void **state) {
    (void)state;
    const float ct[3] = {1, 2, 3}, want[12] = {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3};
    backward w = {.operation = {IR_reduce_sum, AXES(2, 0), 1, {TYPE(CV_F32, 2, 3, 2)}}, .ct = ct};
    expect_ok(backward_body, &w);
    assert_memory_equal(w.out, want, sizeof want);
    batching v = {.operation = {IR_reduce_sum, AXES(0), 1, {TYPE(CV_F32, 3, 2)}}, .batched = 1, .size = 2,
                  .in = {want}};
    expect_ok(batching_body, &v);
    assert_memory_equal(v.out, ((const float[]){6, 6, 6, 6}), 4 * sizeof(float));
    const float x[6] = {1, 3, 2, 9, 8, 7};
    batching a = {.operation = {IR_argmax, ARG(0, CV_S32), 1, {TYPE(CV_F32, 3)}}, .batched = 1, .size = 2,
                  .in = {x}};
    expect_ok(batching_body, &a);
    assert_memory_equal(a.out, ((const int32_t[]){1, 0}), 2 * sizeof(int32_t));
}

// Products

typedef struct product {
    const char *name;
    ir_dims lhs, rhs;
    ir_dot_attributes attributes;
} product;

// Axes in every order, several of each kind, none of some, empty ones.
#define PRODUCTS                                                                                        \
    {"matmul", IR_DIMS(3, 4), IR_DIMS(4, 2), {IR_DIMS(1), IR_DIMS(0), NO_AXES, NO_AXES}},               \
    {"transposed", IR_DIMS(4, 3), IR_DIMS(2, 4), {IR_DIMS(0), IR_DIMS(1), NO_AXES, NO_AXES}},           \
    {"vectors", IR_DIMS(4), IR_DIMS(4), {IR_DIMS(0), IR_DIMS(0), NO_AXES, NO_AXES}},                    \
    {"outer", IR_DIMS(3), IR_DIMS(2), {NO_AXES, NO_AXES, NO_AXES, NO_AXES}},                            \
    {"batched", IR_DIMS(2, 3, 4), IR_DIMS(2, 4, 5), {IR_DIMS(2), IR_DIMS(1), IR_DIMS(0), IR_DIMS(0)}},  \
    {"batch last", IR_DIMS(3, 4, 2), IR_DIMS(4, 2), {IR_DIMS(1), IR_DIMS(0), IR_DIMS(2), IR_DIMS(1)}},  \
    {"batch only", IR_DIMS(3, 2), IR_DIMS(2, 3), {NO_AXES, NO_AXES, IR_DIMS(0, 1), IR_DIMS(1, 0)}},     \
    {"mixed", IR_DIMS(2, 3, 4, 5, 2), IR_DIMS(4, 2, 3, 3, 2),                                           \
     {IR_DIMS(2, 0), IR_DIMS(0, 4), IR_DIMS(1, 4), IR_DIMS(3, 1)}},                                     \
    {"crossed", IR_DIMS(3, 4, 2), IR_DIMS(2, 5, 3), {IR_DIMS(0, 2), IR_DIMS(2, 0), NO_AXES, NO_AXES}},  \
    {"nothing inside", IR_DIMS(3, 0), IR_DIMS(0, 2), {IR_DIMS(1), IR_DIMS(0), NO_AXES, NO_AXES}},       \
    {"empty", IR_DIMS(0, 4), IR_DIMS(4, 2), {IR_DIMS(1), IR_DIMS(0), NO_AXES, NO_AXES}}

enum { MOST_ELEMENTS = 1024 };

static void fill(double *data, int64_t n, int seed) {
    for (int64_t i = 0; i < n; i++) data[i] = (double)((i * 7 + seed * 5 + i * i % 11) % 13 - 6);
}

static const ir_type *shaped(ir_dims shape) {
    return ir_type_get(module, CV_F64, shape.n, shape.at);
}

static int64_t offset_of(ir_dims shape, const int64_t *at) {
    int64_t offset = 0;
    for (int64_t i = 0; i < shape.n; i++) offset = offset * shape.at[i] + at[i];
    return offset;
}

// One element of the product, from the definition: position is that in batch, free and free axes.
static double product_at(const product *p, const double *x, const double *y, int64_t element_index) {
    int64_t sizes[16], at[16] = {0}, lhs_at[8], rhs_at[8], lhs_axis[8], rhs_axis[8];
    int64_t nl = 0, nr = 0, n = 0, n_batch = p->attributes.lhs_batch.n;
    const ir_dot_attributes *a = &p->attributes;
    for (int64_t i = 0; i < n_batch; i++) sizes[n++] = p->lhs.at[a->lhs_batch.at[i]];
    for (int64_t i = 0; i < p->lhs.n; i++)
        if (!ir_dims_contain(a->lhs_batch, i) && !ir_dims_contain(a->lhs_contract, i))
            lhs_axis[nl++] = i, sizes[n++] = p->lhs.at[i];
    for (int64_t i = 0; i < p->rhs.n; i++)
        if (!ir_dims_contain(a->rhs_batch, i) && !ir_dims_contain(a->rhs_contract, i))
            rhs_axis[nr++] = i, sizes[n++] = p->rhs.at[i];
    for (int64_t i = n; i-- > 0; element_index /= sizes[i]) at[i] = element_index % sizes[i];
    for (int64_t i = 0; i < n_batch; i++) lhs_at[a->lhs_batch.at[i]] = rhs_at[a->rhs_batch.at[i]] = at[i];
    for (int64_t i = 0; i < nl; i++) lhs_at[lhs_axis[i]] = at[n_batch + i];
    for (int64_t i = 0; i < nr; i++) rhs_at[rhs_axis[i]] = at[n_batch + nl + i];
    int64_t inner = 1;
    for (int64_t i = 0; i < a->lhs_contract.n; i++) inner *= p->lhs.at[a->lhs_contract.at[i]];
    double sum = 0;
    for (int64_t k = 0; k < inner; k++) {
        int64_t rest = k;
        for (int64_t i = 0; i < a->lhs_contract.n; i++) {
            int64_t size = p->lhs.at[a->lhs_contract.at[i]];
            lhs_at[a->lhs_contract.at[i]] = rhs_at[a->rhs_contract.at[i]] = rest % size;
            rest /= size;
        }
        sum += x[offset_of(p->lhs, lhs_at)] * y[offset_of(p->rhs, rhs_at)];
    }
    return sum;
}

static void test_products_by_definition(void **state) {
    (void)state;
    const product products[] = {PRODUCTS};
    for (size_t p = 0; p < sizeof products / sizeof *products; p++) {
        const ir_type *lhs = shaped(products[p].lhs), *rhs = shaped(products[p].rhs);
        const cv_dtype dtypes[] = {CV_F64, CV_F32, CV_S32, CV_S8};
        double x[MOST_ELEMENTS], y[MOST_ELEMENTS];
        fill(x, lhs->count, 1);
        fill(y, rhs->count, 2);
        for (int d = 0; d < 4; d++) {
            union { char bytes[MOST_ELEMENTS * 8]; double aligned; } a, b;
            size_t width = cv_dtype_size(dtypes[d]);
            union ir_scalar scalar;
            for (int64_t i = 0; i < lhs->count; i++) {
                ir_scalar_from_double(&scalar, dtypes[d], x[i]);
                memcpy(a.bytes + (size_t)i * width, &scalar, width);
            }
            for (int64_t i = 0; i < rhs->count; i++) {
                ir_scalar_from_double(&scalar, dtypes[d], y[i]);
                memcpy(b.bytes + (size_t)i * width, &scalar, width);
            }
            const ir_type *x_type = ir_type_with_dtype(module, lhs, dtypes[d]);
            const ir_type *y_type = ir_type_with_dtype(module, rhs, dtypes[d]);
            evaluation e = {{IR_dot_general, &products[p].attributes, 2, {x_type, y_type}},
                            {&a, &b}, NULL, {0}};
            evaluate_operation(&e);
            for (int64_t i = 0; i < e.type->count; i++) {
                double want = product_at(&products[p], x, y, i), got = element(e.out, dtypes[d], i);
                if (dtypes[d] == CV_S8) want = (int8_t)(int64_t)want;
                if (got != want)
                    fail_msg("%s in %s, element %d: %g, not %g", products[p].name,
                             cv_dtype_name(dtypes[d]), (int)i, got, want);
            }
        }
    }
}

static double inner_product(const void *x, const void *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += ((const double *)x)[i] * ((const double *)y)[i];
    return sum;
}

// <ct, x y> is <ct by x, x> and <ct by y, y>.
static void test_products_transpose(void **state) {
    (void)state;
    const product products[] = {PRODUCTS};
    for (size_t p = 0; p < sizeof products / sizeof *products; p++) {
        const ir_type *lhs = shaped(products[p].lhs), *rhs = shaped(products[p].rhs);
        double x[MOST_ELEMENTS], y[MOST_ELEMENTS], ct[MOST_ELEMENTS];
        fill(x, lhs->count, 1);
        fill(y, rhs->count, 2);
        operation dot = {IR_dot_general, &products[p].attributes, 2, {lhs, rhs}};
        evaluation e = {dot, {x, y}, NULL, {0}};
        evaluate_operation(&e);
        fill(ct, e.type->count, 3);
        double want = inner_product(ct, e.out, e.type->count);
        for (uint32_t wanted = 0; wanted < 2; wanted++) {
            backward w = {.operation = dot, .wanted = wanted, .in = {x, y}, .ct = ct};
            expect_ok(backward_body, &w);
            double got = inner_product(w.out, wanted ? y : x, wanted ? rhs->count : lhs->count);
            if (got != want) fail_msg("%s by operand %u: %g, not %g", products[p].name, wanted, got, want);
        }
    }
}

static void test_derivatives_of_matrix_products_are_products(void **state) {
    (void)state;
    const ir_dot_attributes matmul = {IR_DIMS(1), IR_DIMS(0), NO_AXES, NO_AXES};
    const operation dot = {IR_dot_general, &matmul, 2, {TYPE(CV_F32, 3, 4), TYPE(CV_F32, 4, 2)}};
    for (uint32_t active = 1; active < 4; active++) {
        forward w = {.operation = dot, .active = active};
        expect_ok(forward_body, &w);
        assert_int_equal(w.n_ops, active == 3 ? 3 : 1); // two products and their sum, or one
    }
    for (uint32_t wanted = 0; wanted < 2; wanted++) {
        backward w = {.operation = dot, .wanted = wanted};
        expect_ok(backward_body, &w);
        assert_int_equal(w.n_ops, 1);
    }
}

static void test_products_batch(void **state) {
    (void)state;
    enum { SIZE = 3 };
    const product products[] = {PRODUCTS};
    for (size_t p = 0; p < sizeof products / sizeof *products; p++) {
        const ir_type *lhs = shaped(products[p].lhs), *rhs = shaped(products[p].rhs);
        double x[MOST_ELEMENTS], y[MOST_ELEMENTS];
        fill(x, lhs->count * SIZE, 1);
        fill(y, rhs->count * SIZE, 2);
        for (uint32_t batched = 1; batched < 4; batched++) {
            operation dot = {IR_dot_general, &products[p].attributes, 2, {lhs, rhs}};
            batching w = {.operation = dot, .batched = batched, .size = SIZE, .in = {x, y}};
            expect_ok(batching_body, &w);
            for (int64_t i = 0; i < SIZE; i++) {
                const double *one_x = x + (batched & 1 ? i * lhs->count : 0);
                const double *one_y = y + (batched & 2 ? i * rhs->count : 0);
                for (int64_t k = 0; k < w.type->count; k++) {
                    double got = element(w.out, CV_F64, i * w.type->count + k);
                    if (got != product_at(&products[p], one_x, one_y, k))
                        fail_msg("%s, batched %u: example %d differs", products[p].name, batched, (int)i);
                }
            }
        }
    }
}

static void test_products_accumulate(void **state) {
    (void)state;
    const ir_dot_attributes inner = {IR_DIMS(0), IR_DIMS(0), NO_AXES, NO_AXES};
    const float x[3] = {0x1p24f, 1, -0x1p24f}, ones[3] = {1, 1, 1};
    evaluation e = {{IR_dot_general, &inner, 2, {TYPE(CV_F32, 3), TYPE(CV_F32, 3)}}, {x, ones}, NULL, {0}};
    evaluate_operation(&e);
    assert_true(element(e.out, CV_F32, 0) == 1); // in double
    const int32_t i[2] = {INT32_MAX, INT32_MAX}, two[2] = {2, 2};
    e = (evaluation){{IR_dot_general, &inner, 2, {TYPE(CV_S32, 2), TYPE(CV_S32, 2)}}, {i, two}, NULL, {0}};
    evaluate_operation(&e);
    assert_true(element(e.out, CV_S32, 0) == -4);
    const float zero[2] = {0, 1}, special[2] = {INFINITY, 1};
    e = (evaluation){{IR_dot_general, &inner, 2, {TYPE(CV_F32, 2), TYPE(CV_F32, 2)}},
                     {zero, special}, NULL, {0}};
    evaluate_operation(&e);
    assert_true(isnan(element(e.out, CV_F32, 0)));
}

// Scratch memory that cannot be had is an error, and nothing is lost.
static void test_no_memory_for_scratch(void **state) {
    (void)state;
    const ir_dot_attributes inner = {IR_DIMS(0), IR_DIMS(0), NO_AXES, NO_AXES};
    const float x[3] = {1, 2, 3};
    evaluation e = {{IR_dot_general, &inner, 2, {TYPE(CV_F32, 3), TYPE(CV_F32, 3)}}, {x, x}, NULL, {0}};
    for (uint64_t number = 1; number < 200; number++) {
        base_failure failure;
        base_fail_allocation(number);
        cv_status status = base_protect(evaluation_body, &e, &failure);
        bool reached = base_fail_allocation(0) >= number;
        assert_int_equal(status, reached ? CV_OUT_OF_MEMORY : CV_OK);
        if (!reached) return;
    }
    fail_msg("a product makes too many allocations");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_calls_are_refused),
        cmocka_unit_test(test_indices_that_just_fit_are_taken),
        cmocka_unit_test(test_reductions_over_any_axes),
        cmocka_unit_test(test_reductions_of_special_values),
        cmocka_unit_test(test_sums_of_f32_are_added_in_double),
        cmocka_unit_test(test_reductions_of_integers),
        cmocka_unit_test(test_arg_takes_the_first),
        cmocka_unit_test(test_arg_along_any_axis),
        cmocka_unit_test(test_tangent_of_an_extreme_is_the_mean_of_the_ties),
        cmocka_unit_test(test_reduce_sum_transposes_and_batches),
        cmocka_unit_test(test_products_by_definition),
        cmocka_unit_test(test_products_transpose),
        cmocka_unit_test(test_derivatives_of_matrix_products_are_products),
        cmocka_unit_test(test_products_batch),
        cmocka_unit_test(test_products_accumulate),
        cmocka_unit_test(test_no_memory_for_scratch),
    };
    return cmocka_run_group_tests(tests, open_module, close_module);
}
