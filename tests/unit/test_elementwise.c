// Elementwise primitives: types and messages, values at ordinary and at special points, derivative
// and batching rules one operation at a time. The table test (tests/primitives) checks every rule
// against its definition; here stand the cases that C leaves open and the points with a kink.

#include "rule_runs.h"

// Types

static void test_types_follow_operands(void **state) {
    (void)state;
    const ir_type *x = TYPE(CV_F32, 3), *p = TYPE(CV_BOOL, 3), *none = TYPE(CV_S32, 0, 2);
    const struct { operation operation; const ir_type *want; } rows[] = {
        {{IR_neg, NULL, 1, {x}}, x},
        {{IR_not, NULL, 1, {p}}, p},
        {{IR_add, NULL, 2, {none, none}}, none},
        {{IR_lt, NULL, 2, {x, x}}, p},
        {{IR_select, NULL, 3, {p, x, x}}, x},
        {{IR_convert, &(ir_convert_attributes){CV_BOOL}, 1, {x}}, p},
        {{IR_convert, &(ir_convert_attributes){CV_F64}, 1, {x}}, TYPE(CV_F64, 3)},
        {{IR_stop_gradient, NULL, 1, {p}}, p},
    };
    const float data[9] = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        evaluation e = {rows[i].operation, {data, data, data}, NULL, {0}};
        evaluate_operation(&e);
        assert_ptr_equal(e.type, rows[i].want);
    }
}

static void test_wrong_operands_are_refused(void **state) {
    (void)state;
    const ir_type *f3 = TYPE(CV_F32, 3), *f4 = TYPE(CV_F32, 4), *s3 = TYPE(CV_S32, 3), *p3 = TYPE(CV_BOOL, 3),
                  *p4 = TYPE(CV_BOOL, 4);
    const struct { operation operation; cv_status status; const char *message; } rows[] = {
        {{IR_add, NULL, 2, {f3, f4}}, CV_INVALID, "model.c:42: add: f32[3] and f32[4]: shapes differ"},
        {{IR_add, NULL, 2, {f3, s3}}, CV_INVALID, "model.c:42: add: f32[3] and s32[3]: dtypes differ"},
        {{IR_and, NULL, 2, {f3, f3}}, CV_INVALID,
         "model.c:42: and: f32[3]: and takes bool or integers, not f32"},
        {{IR_rem, NULL, 2, {TYPE(CV_C64, 3), TYPE(CV_C64, 3)}}, CV_INVALID,
         "model.c:42: rem: c64[3]: rem takes integers or floating point, not c64"},
        {{IR_exp, NULL, 1, {s3}}, CV_INVALID,
         "model.c:42: exp: s32[3]: exp takes floating point or complex, not s32"},
        {{IR_select, NULL, 3, {s3, f3, f3}}, CV_INVALID,
         "model.c:42: select: s32[3]: a predicate is bool, not s32"},
        {{IR_select, NULL, 3, {p4, f3, f3}}, CV_INVALID,
         "model.c:42: select: bool[4] and f32[3]: shapes of predicate and operands differ"},
        {{IR_select, NULL, 3, {p3, f3, f4}}, CV_INVALID,
         "model.c:42: select: f32[3] and f32[4]: shapes differ"},
        {{IR_clamp, NULL, 3, {f3, f3, f4}}, CV_INVALID,
         "model.c:42: clamp: f32[3] and f32[4]: shapes differ"},
        {{IR_convert, &(ir_convert_attributes){CV_TAPE}, 1, {f3}}, CV_INVALID,
         "model.c:42: convert: f32[3]: nothing converts to tape"},
        {{IR_real, NULL, 1, {f3}}, CV_INVALID, "model.c:42: real: f32[3]: real takes complex, not f32"},
        {{IR_complex, NULL, 2, {f3, f4}}, CV_INVALID,
         "model.c:42: complex: f32[3] and f32[4]: the types of the two parts differ"},
        {{IR_add, NULL, 1, {f3}}, CV_INVALID, "model.c:42: add takes 2 operands, not 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(rows[i].operation, rows[i].status, rows[i].message);
}

// Values

static void test_floating_values(void **state) {
    (void)state;
    const struct { ir_primitive primitive; double in[3], want; bool exact; } rows[] = {
        {IR_neg, {0}, -0.0, true},
        {IR_neg, {INFINITY}, -INFINITY, true},
        {IR_abs, {-2.5}, 2.5, true},
        {IR_abs, {-0.0}, 0, true},
        {IR_abs, {NAN}, NAN, true},
        {IR_sign, {-3}, -1, true},
        {IR_sign, {INFINITY}, 1, true},
        {IR_sign, {0}, 0, true},
        {IR_sign, {-0.0}, -0.0, true},
        {IR_sign, {NAN}, NAN, true},
        {IR_floor, {-0.5}, -1, true},
        {IR_floor, {-0.0}, -0.0, true},
        {IR_floor, {INFINITY}, INFINITY, true},
        {IR_exp, {1}, 2.71828182845904523536, false},
        {IR_exp, {-INFINITY}, 0, true},
        {IR_exp, {2000}, INFINITY, true},
        {IR_expm1, {0x1p-60}, 0x1p-60, false},
        {IR_expm1, {-INFINITY}, -1, true},
        {IR_log, {0}, -INFINITY, true},
        {IR_log, {-1}, NAN, true},
        {IR_log, {2}, 0.69314718055994530942, false},
        {IR_log1p, {0x1p-60}, 0x1p-60, false},
        {IR_log1p, {-1}, -INFINITY, true},
        {IR_tanh, {-INFINITY}, -1, true},
        {IR_tanh, {0.5}, 0.46211715726000975850, false},
        {IR_logistic, {0}, 0.5, true},
        {IR_logistic, {-80}, 1.8048513878454153e-35, false},
        {IR_logistic, {-1e4}, 0, true},
        {IR_logistic, {1e4}, 1, true},
        {IR_logistic, {-INFINITY}, 0, true},
        {IR_logistic, {INFINITY}, 1, true},
        {IR_logistic, {NAN}, NAN, true},
        {IR_sin, {1}, 0.84147098480789650665, false},
        {IR_sin, {INFINITY}, NAN, true},
        {IR_cos, {1}, 0.54030230586813971740, false},
        {IR_sqrt, {-0.0}, -0.0, true},
        {IR_sqrt, {-1}, NAN, true},
        {IR_rsqrt, {0}, INFINITY, true},
        {IR_rsqrt, {-0.0}, -INFINITY, true},
        {IR_rsqrt, {INFINITY}, 0, true},
        {IR_rsqrt, {4}, 0.5, true},
        {IR_stop_gradient, {-0.0}, -0.0, true},
        {IR_add, {INFINITY, -INFINITY}, NAN, true},
        {IR_sub, {1, 1}, 0, true},
        {IR_mul, {0, -1}, -0.0, true},
        {IR_div, {1, 0}, INFINITY, true},
        {IR_div, {0, 0}, NAN, true},
        {IR_pow, {0, 0}, 1, true},
        {IR_pow, {-2, 3}, -8, true},
        {IR_pow, {-2, 0.5}, NAN, true},
        {IR_pow, {0, -1}, INFINITY, true},
        {IR_max, {NAN, 1}, NAN, true},
        {IR_max, {1, NAN}, NAN, true},
        {IR_max, {-INFINITY, -1}, -1, true},
        {IR_max, {-0.0, 0}, 0, true},
        {IR_max, {0, -0.0}, 0, true},
        {IR_max, {-0.0, -0.0}, -0.0, true},
        {IR_min, {NAN, 1}, NAN, true},
        {IR_min, {1, NAN}, NAN, true},
        {IR_min, {0, -0.0}, -0.0, true},
        {IR_min, {-0.0, 0}, -0.0, true},
        {IR_min, {0, 0}, 0, true},
        {IR_clamp, {0, 2, 1}, 1, true},
        {IR_clamp, {0, -2, 1}, 0, true},
        {IR_clamp, {0, NAN, 1}, NAN, true},
        {IR_clamp, {NAN, 0, 1}, NAN, true},
        {IR_clamp, {3, 0, 1}, 1, true},
        {IR_fma, {2, 3, 4}, 10, true},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int d = 0; d < 2; d++) {
            cv_dtype dtype = d ? CV_F64 : CV_F32;
            const ir_type *type = TYPE(dtype, 1);
            union ir_scalar in[3];
            for (int i = 0; i < 3; i++) ir_scalar_from_double(&in[i], dtype, rows[r].in[i]);
            evaluation e = {{rows[r].primitive, NULL, (uint32_t)ir_primitives[rows[r].primitive].n_in,
                             {type, type, type}}, {&in[0], &in[1], &in[2]}, NULL, {0}};
            evaluate_operation(&e);
            double got = element(e.out, dtype, 0), epsilon = d ? 0x1p-50 : 0x1p-21;
            if (!same(got, rows[r].want, rows[r].exact ? 0 : epsilon))
                fail_msg("%s(%g, %g, %g) in %s: %.17g, not %.17g", ir_primitives[rows[r].primitive].name,
                         rows[r].in[0], rows[r].in[1], rows[r].in[2], cv_dtype_name(dtype), got,
                         rows[r].want);
        }
}

static void test_fma_rounds_once(void **state) {
    (void)state;
    float x = 1 + 0x1p-12f, z = -1 - 0x1p-11f;
    const ir_type *type = TYPE(CV_F32, 1);
    evaluation e = {{IR_fma, NULL, 3, {type, type, type}}, {&x, &x, &z}, NULL, {0}};
    evaluate_operation(&e);
    assert_true(element(e.out, CV_F32, 0) == 0x1p-24);
}

static void test_integer_values(void **state) {
    (void)state;
    const int64_t low64 = INT64_MIN, high64 = INT64_MAX;
    const struct { ir_primitive primitive; cv_dtype dtype; int64_t in[3], want; } rows[] = {
        {IR_neg, CV_S32, {INT32_MIN}, INT32_MIN},
        {IR_neg, CV_S64, {low64}, low64},
        {IR_neg, CV_U32, {1}, UINT32_MAX},
        {IR_neg, CV_S8, {-128}, -128},
        {IR_abs, CV_S32, {INT32_MIN}, INT32_MIN},
        {IR_abs, CV_S64, {-7}, 7},
        {IR_abs, CV_U32, {UINT32_MAX}, UINT32_MAX},
        {IR_sign, CV_S16, {-300}, -1},
        {IR_sign, CV_U64, {-1}, 1},
        {IR_sign, CV_S32, {0}, 0},
        {IR_not, CV_S32, {0}, -1},
        {IR_not, CV_U8, {1}, 254},
        {IR_not, CV_BOOL, {1}, 0},
        {IR_add, CV_S32, {INT32_MAX, 1}, INT32_MIN},
        {IR_add, CV_S64, {high64, 1}, low64},
        {IR_add, CV_U32, {UINT32_MAX, 2}, 1},
        {IR_sub, CV_U8, {0, 1}, 255},
        {IR_sub, CV_S64, {low64, 1}, high64},
        {IR_mul, CV_S32, {65536, 65536}, 0},
        {IR_mul, CV_S64, {high64, high64}, 1},
        {IR_mul, CV_U16, {65535, 65535}, 1},
        {IR_div, CV_S32, {7, 0}, -1},
        {IR_div, CV_S32, {INT32_MIN, -1}, INT32_MIN},
        {IR_div, CV_S64, {low64, -1}, low64},
        {IR_div, CV_S64, {low64, 0}, -1},
        {IR_div, CV_S8, {-128, -1}, -128},
        {IR_div, CV_S32, {-7, 2}, -3},
        {IR_div, CV_U32, {7, 0}, UINT32_MAX},
        {IR_div, CV_U32, {UINT32_MAX, UINT32_MAX}, 1},
        {IR_div, CV_U32, {5, UINT32_MAX}, 0},
        {IR_div, CV_U64, {1, 0}, -1},
        {IR_max, CV_U64, {-1, 1}, -1},
        {IR_max, CV_S64, {-1, 1}, 1},
        {IR_min, CV_U32, {UINT32_MAX, 1}, 1},
        {IR_max, CV_BOOL, {0, 1}, 1},
        {IR_min, CV_BOOL, {0, 1}, 0},
        {IR_and, CV_S32, {12, 10}, 8},
        {IR_or, CV_U32, {12, 10}, 14},
        {IR_xor, CV_BOOL, {1, 1}, 0},
        {IR_xor, CV_S64, {-1, 1}, -2},
        {IR_clamp, CV_S32, {-5, 7, 3}, 3},
        {IR_clamp, CV_S32, {5, 7, 3}, 3},
        {IR_clamp, CV_S32, {5, 0, 3}, 3},
        {IR_clamp, CV_U32, {1, 0, 3}, 1},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const ir_type *type = TYPE(rows[r].dtype, 1);
        union ir_scalar in[3], got = {0};
        for (int i = 0; i < 3; i++) ir_scalar_from_int(&in[i], rows[r].dtype, rows[r].in[i]);
        evaluation e = {{rows[r].primitive, NULL, (uint32_t)ir_primitives[rows[r].primitive].n_in,
                         {type, type, type}}, {&in[0], &in[1], &in[2]}, NULL, {0}};
        evaluate_operation(&e);
        memcpy(&got, e.out, type->bytes);
        if (ir_scalar_to_int(&got, rows[r].dtype) != rows[r].want)
            fail_msg("row %zu: %s in %s: %lld, not %lld", r, ir_primitives[rows[r].primitive].name,
                     cv_dtype_name(rows[r].dtype), (long long)ir_scalar_to_int(&got, rows[r].dtype),
                     (long long)rows[r].want);
    }
}

static void test_comparisons_with_nan_are_false_but_ne(void **state) {
    (void)state;
    const float x[4] = {NAN, 1, -0.0f, 2}, y[4] = {NAN, NAN, 0, 1};
    const struct { ir_primitive primitive; uint8_t want[4]; } rows[] = {
        {IR_eq, {0, 0, 1, 0}}, {IR_ne, {1, 1, 0, 1}}, {IR_lt, {0, 0, 0, 0}},
        {IR_le, {0, 0, 1, 0}}, {IR_gt, {0, 0, 0, 1}}, {IR_ge, {0, 0, 1, 1}},
    };
    const ir_type *type = TYPE(CV_F32, 4);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        evaluation e = {{rows[r].primitive, NULL, 2, {type, type}}, {x, y}, NULL, {0}};
        evaluate_operation(&e);
        assert_memory_equal(e.out, rows[r].want, 4);
    }
}

static void test_comparisons_of_integers_mind_the_sign(void **state) {
    (void)state;
    const int64_t x = -1, y = 1;
    for (int is_unsigned = 0; is_unsigned < 2; is_unsigned++) {
        const ir_type *type = TYPE(is_unsigned ? CV_U64 : CV_S64, 1);
        evaluation e = {{IR_lt, NULL, 2, {type, type}}, {&x, &y}, NULL, {0}};
        evaluate_operation(&e);
        assert_int_equal(e.out[0], !is_unsigned);
    }
}

// The evaluation rule alone.
struct evaluate_only {
    ir_primitive primitive;
    ir_evaluation evaluation;
};

static void evaluate_only_body(void *argument) {
    struct evaluate_only *e = argument;
    ir_evaluate(e->primitive, &e->evaluation);
}

static void evaluate_only(ir_primitive primitive, const ir_array *in, ir_array *out) {
    ir_op op = {.primitive = primitive};
    struct evaluate_only e = {primitive, {.op = &op, .in = in, .out = out}};
    expect_ok(evaluate_only_body, &e);
}

static void test_select_takes_every_width(void **state) {
    (void)state;
    const uint8_t predicate[2] = {1, 0};
    char yes[32], no[32];
    memset(yes, 1, sizeof yes);
    memset(no, 2, sizeof no);
    for (cv_dtype dtype = CV_BOOL; dtype <= CV_C128; dtype++) {
        const ir_type *type = TYPE(dtype, 2);
        char out[32];
        const ir_array in[] = {{TYPE(CV_BOOL, 2), (void *)predicate}, {type, yes}, {type, no}};
        evaluate_only(IR_select, in, &(ir_array){type, out});
        assert_memory_equal(out, yes, type->bytes / 2);
        assert_memory_equal(out + type->bytes / 2, no, type->bytes / 2);
    }
}

static void test_empty_arrays(void **state) {
    (void)state;
    const ir_type *type = TYPE(CV_F32, 0, 3), *p = TYPE(CV_BOOL, 0, 3);
    for (ir_primitive i = IR_neg; i <= IR_fma; i++) {
        bool floating = ir_primitives[i].dtypes >> CV_F32 & 1;
        const ir_type *x = floating ? type : p;
        evaluation e = {{i, &(ir_convert_attributes){CV_S32}, (uint32_t)ir_primitives[i].n_in,
                         {i == IR_select ? p : x, x, x}}, {NULL, NULL, NULL}, NULL, {0}};
        evaluate_operation(&e);
        assert_int_equal(e.type->count, 0);
    }
}

// Conversion

static void convert_one(cv_dtype from, const union ir_scalar *in, cv_dtype to, union ir_scalar *got) {
    memset(got, 0, sizeof *got);
    evaluate_only(IR_convert, &(ir_array){TYPE(from, 1), (void *)in}, &(ir_array){TYPE(to, 1), got});
}

static void test_convert_from_floating_saturates(void **state) {
    (void)state;
    const double values[] = {0, -0.0, 0.5, -0.99, 1.99, 127.5, -128.9, 255.5, 1e5, -1e5, 0x1p31,
                             -0x1p31 - 1024, 0x1p32, 0x1p62, 0x1p63, -0x1p63, 0x1p64, 1e30, -1e30,
                             INFINITY, -INFINITY, NAN};
    const cv_dtype froms[] = {CV_F16, CV_BF16, CV_F32, CV_F64};
    for (size_t v = 0; v < sizeof values / sizeof *values; v++)
        for (size_t f = 0; f < 4; f++)
            for (cv_dtype to = CV_BOOL; to <= CV_F64; to++) {
                union ir_scalar in, got, want;
                ir_scalar_from_double(&in, froms[f], values[v]);
                double exact = ir_scalar_to_double(&in, froms[f]);
                ir_scalar_from_double(&want, to, exact);
                convert_one(froms[f], &in, to, &got);
                double a = ir_scalar_to_double(&got, to), b = ir_scalar_to_double(&want, to);
                bool equal = ir_is_integer(to) ? ir_scalar_to_int(&got, to) == ir_scalar_to_int(&want, to)
                                               : same(a, b, 0);
                if (!equal)
                    fail_msg("%g in %s to %s: %g, not %g", exact, cv_dtype_name(froms[f]),
                             cv_dtype_name(to), a, b);
            }
}

static void test_convert_from_integers_wraps_and_rounds_once(void **state) {
    (void)state;
    const struct { cv_dtype from; int64_t in; cv_dtype to; double want; } rows[] = {
        {CV_S32, -1, CV_U8, 255},
        {CV_S32, 300, CV_S8, 44},
        {CV_S64, INT64_MIN, CV_S32, 0},
        {CV_S32, 256, CV_BOOL, 1},
        {CV_BOOL, 1, CV_F32, 1},
        {CV_BOOL, 1, CV_S64, 1},
        {CV_U64, -1, CV_F64, 0x1p64},
        {CV_U64, -1, CV_F32, 0x1p64},
        {CV_U64, -1, CV_S32, -1},
        {CV_U64, INT64_MIN, CV_BOOL, 1},
        {CV_U32, UINT32_MAX, CV_S64, 4294967295.0},
        {CV_S8, -128, CV_F16, -128},
        {CV_S64, 65520, CV_F16, INFINITY},
        // Rounded through double this would be a tie, and go to the even 2^62.
        {CV_S64, (INT64_C(1) << 62) + (INT64_C(1) << 38) + 1, CV_F32, 0x1p62 + 0x1p39},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        union ir_scalar in, got;
        ir_scalar_from_int(&in, rows[r].from, rows[r].in);
        convert_one(rows[r].from, &in, rows[r].to, &got);
        double value = ir_scalar_to_double(&got, rows[r].to);
        if (value != rows[r].want) fail_msg("row %zu: %.17g, not %.17g", r, value, rows[r].want);
    }
}

static void test_convert_long_arrays(void **state) {
    (void)state;
    enum { N = 1000 };
    int32_t in[N];
    for (int i = 0; i < N; i++) in[i] = i * i - 300;
    evaluation e = {{IR_convert, &(ir_convert_attributes){CV_F64}, 1, {TYPE(CV_S32, N)}}, {in}, NULL, {0}};
    evaluate_operation(&e);
    for (int i = 0; i < N; i++) assert_true(element(e.out, CV_F64, i) == in[i]);
}

// Derivatives

static void test_jvp_of_every_primitive_is_well_typed(void **state) {
    (void)state;
    const ir_type *p = TYPE(CV_BOOL, 2, 3);
    for (int d = 0; d < 2; d++)
        for (ir_primitive i = IR_neg; i <= IR_fma; i++) {
            const ir_type *x = TYPE(d ? CV_F64 : CV_F32, 2, 3);
            uint32_t n_in = (uint32_t)ir_primitives[i].n_in;
            if (!(ir_primitives[i].dtypes >> CV_F32 & 1)) continue;
            for (uint32_t active = 0; active < 1u << n_in; active++) {
                if (i == IR_select && active & 1) continue;
                forward w = {.operation = {i, &(ir_convert_attributes){CV_F32}, n_in,
                                           {i == IR_select ? p : x, x, x}}, .active = active};
                expect_ok(forward_body, &w);
                bool none = !active || !ir_is_differentiable(w.primal_type->dtype) ||
                            ir_has_zero_derivative(i, w.primal_type->dtype);
                assert_int_equal(w.absent, none);
                if (!none) assert_ptr_equal(w.type, w.primal_type);
            }
        }
}

static void test_absent_tangents_emit_nothing(void **state) {
    (void)state;
    const ir_type *x = TYPE(CV_F32, 3);
    const ir_primitive sums[] = {IR_add, IR_sub};
    for (int i = 0; i < 2; i++) {
        forward w = {.operation = {sums[i], NULL, 2, {x, x}}, .active = 1};
        expect_ok(forward_body, &w);
        assert_true(w.is_tangent);
        assert_int_equal(w.n_ops, 0);
    }
    forward product = {.operation = {IR_mul, NULL, 2, {x, x}}, .active = 2};
    expect_ok(forward_body, &product);
    assert_int_equal(product.n_ops, 1);
    forward difference = {.operation = {IR_sub, NULL, 2, {x, x}}, .active = 3};
    expect_ok(forward_body, &difference);
    assert_int_equal(difference.n_ops, 1);
    forward to_integer = {.operation = {IR_convert, &(ir_convert_attributes){CV_S32}, 1, {x}}, .active = 1};
    expect_ok(forward_body, &to_integer);
    assert_true(to_integer.absent);
}

static void test_tangents_at_kinks(void **state) {
    (void)state;
    const struct { ir_primitive primitive; double in[3], tangent[3], want; } rows[] = {
        {IR_abs, {0}, {5}, 5},
        {IR_abs, {-2}, {5}, -5},
        {IR_max, {1, 1}, {4, 2}, 3},
        {IR_max, {1, 0}, {4, 2}, 4},
        {IR_max, {0, 1}, {4, 2}, 2},
        {IR_min, {1, 1}, {4, 2}, 3},
        {IR_min, {1, 0}, {4, 2}, 2},
        {IR_clamp, {0, 0.5, 1}, {2, 4, 8}, 4},
        {IR_clamp, {0, -1, 1}, {2, 4, 8}, 2},
        {IR_clamp, {0, 3, 1}, {2, 4, 8}, 8},
        {IR_clamp, {0, 0, 1}, {2, 4, 8}, 0},
        {IR_clamp, {0, 1, 1}, {2, 4, 8}, 0},
        {IR_pow, {0, 0}, {1, 1}, 0},
        {IR_pow, {0, 1}, {1, 1}, 1},
        {IR_pow, {0, 2}, {1, 1}, 0},
        {IR_pow, {2, 0}, {0, 1}, 0.69314718055994530942},
        {IR_pow, {2, 3}, {1, 0}, 12},
        {IR_tanh, {INFINITY}, {1}, 0},
        {IR_logistic, {0}, {1}, 0.25},
        {IR_rsqrt, {4}, {1}, -0.0625},
        {IR_sqrt, {4}, {1}, 0.25},
        {IR_div, {3, 2}, {1, 4}, -2.5},
        {IR_fma, {2, 3, 4}, {1, 10, 100}, 123},
    };
    const ir_type *x = TYPE(CV_F64, 1);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        uint32_t n_in = (uint32_t)ir_primitives[rows[r].primitive].n_in;
        forward w = {.operation = {rows[r].primitive, NULL, n_in, {x, x, x}},
                     .active = (1u << n_in) - 1, .run = true};
        for (uint32_t i = 0; i < n_in; i++) {
            w.in[i] = &rows[r].in[i];
            w.tangent[i] = &rows[r].tangent[i];
        }
        expect_ok(forward_body, &w);
        double got = element(w.out, CV_F64, 0);
        if (!(fabs(got - rows[r].want) < 1e-14))
            fail_msg("%s, row %zu: %.17g, not %.17g", ir_primitives[rows[r].primitive].name, r, got,
                     rows[r].want);
    }
}

static void test_transposition(void **state) {
    (void)state;
    const double x[2] = {2, 4}, ct[2] = {10, 20};
    const uint8_t predicate[2] = {1, 0};
    const ir_type *t = TYPE(CV_F64, 2), *p = TYPE(CV_BOOL, 2);
    const struct { operation operation; uint32_t wanted; const void *first; double want[2]; } rows[] = {
        {{IR_neg, NULL, 1, {t}}, 0, x, {-10, -20}},
        {{IR_add, NULL, 2, {t, t}}, 1, x, {10, 20}},
        {{IR_sub, NULL, 2, {t, t}}, 0, x, {10, 20}},
        {{IR_sub, NULL, 2, {t, t}}, 1, x, {-10, -20}},
        {{IR_mul, NULL, 2, {t, t}}, 0, x, {20, 80}},
        {{IR_mul, NULL, 2, {t, t}}, 1, x, {20, 80}},
        {{IR_div, NULL, 2, {t, t}}, 0, x, {5, 5}},
        {{IR_select, NULL, 3, {p, t, t}}, 1, predicate, {10, 0}},
        {{IR_select, NULL, 3, {p, t, t}}, 2, predicate, {0, 20}},
        {{IR_convert, &(ir_convert_attributes){CV_F64}, 1, {t}}, 0, x, {10, 20}},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        backward w = {.operation = rows[r].operation, .wanted = rows[r].wanted,
                      .in = {rows[r].first, x, x}, .ct = ct};
        expect_ok(backward_body, &w);
        assert_memory_equal(w.out, rows[r].want, sizeof rows[r].want);
    }
}

static void test_batching_broadcasts_what_is_not_batched(void **state) {
    (void)state;
    const float x[2] = {1, 2}, y[6] = {10, 20, 30, 40, 50, 60}, want[6] = {11, 22, 31, 42, 51, 62};
    const ir_type *t = TYPE(CV_F32, 2);
    batching w = {.operation = {IR_add, NULL, 2, {t, t}}, .batched = 2, .size = 3, .in = {x, y}};
    expect_ok(batching_body, &w);
    assert_memory_equal(w.out, want, sizeof want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_follow_operands),
        cmocka_unit_test(test_wrong_operands_are_refused),
        cmocka_unit_test(test_floating_values),
        cmocka_unit_test(test_fma_rounds_once),
        cmocka_unit_test(test_integer_values),
        cmocka_unit_test(test_comparisons_with_nan_are_false_but_ne),
        cmocka_unit_test(test_comparisons_of_integers_mind_the_sign),
        cmocka_unit_test(test_select_takes_every_width),
        cmocka_unit_test(test_empty_arrays),
        cmocka_unit_test(test_convert_from_floating_saturates),
        cmocka_unit_test(test_convert_from_integers_wraps_and_rounds_once),
        cmocka_unit_test(test_convert_long_arrays),
        cmocka_unit_test(test_jvp_of_every_primitive_is_well_typed),
        cmocka_unit_test(test_absent_tangents_emit_nothing),
        cmocka_unit_test(test_tangents_at_kinks),
        cmocka_unit_test(test_transposition),
        cmocka_unit_test(test_batching_broadcasts_what_is_not_batched),
    };
    return cmocka_run_group_tests(tests, open_module, close_module);
}
