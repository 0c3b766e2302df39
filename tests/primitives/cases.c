// The table of cases. A row is an operation; the driver runs it for every dtype of the primitive.
//
// Operands: M(draw, sizes...) has the dtype of the cell, T(dtype, draw, sizes...) a fixed one. The
// size EVERY stands for every edge shape: a scalar, empty, one element, odd sizes.

#include "table.h"

// Draws.
#define DRAW(domain, low, high) (&(const test_draw){domain, low, high})
#define ANY DRAW(TEST_RANGE, -2, 2)
#define RANGE(low, high) DRAW(TEST_RANGE, low, high)
#define POSITIVE DRAW(TEST_RANGE, 0.3, 2.3)
#define NONZERO DRAW(TEST_NONZERO, 0.3, 2)
#define DISTINCT DRAW(TEST_DISTINCT, 0, 0)
#define SPECIAL DRAW(TEST_SPECIAL, 0, 0)
#define INDEX(low, high) DRAW(TEST_INDEX, low, high)
#define UNIQUE(low, high) DRAW(TEST_UNIQUE, low, high)

// A list as an initializer, which IR_DIMS is not.
#define D(...) {sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (const int64_t[]){__VA_ARGS__}}
#define NONE D()

#define M(draw, ...) {CV_DTYPE_DEFAULT, draw, D(__VA_ARGS__)}
#define T(dtype, draw, ...) {dtype, draw, D(__VA_ARGS__)}
#define EVERY(draw) {CV_DTYPE_DEFAULT, draw, {-1, NULL}}
#define EVERY_BOOL {CV_BOOL, ANY, {-1, NULL}}

// For the masks of rows.
#define COMPLEX_DTYPES (1u << CV_C64 | 1u << CV_C128)
#define REAL_DTYPES (~COMPLEX_DTYPES)

// Rows. Special values (NaN, infinities, extreme integers) only make sense for evaluation.
#define ONLY_EVALUATE (1u << TEST_JVP | 1u << TEST_VJP | 1u << TEST_VMAP)
#define NO_DERIVATIVE (1u << TEST_JVP | 1u << TEST_VJP)
#define SPECIALS(p, n)                                                                             \
    {.primitive = IR_##p, .name = "special values", .n_in = n, .skip = ONLY_EVALUATE,              \
     .dtypes = REAL_DTYPES,                                                                        \
     .in = {EVERY(SPECIAL), EVERY(SPECIAL)}}
// Of complex numbers special values have a test of their own (unit/test_complex.c).
#define UNARY(p, draw) {.primitive = IR_##p, .name = "shapes", .n_in = 1, .in = {EVERY(draw)}}, SPECIALS(p, 1)
#define COMPLEX_UNARY(p, draw)                                                                     \
    {.primitive = IR_##p, .name = "complex", .n_in = 1, .in = {EVERY(draw)}, .dtypes = COMPLEX_DTYPES}
#define BINARY(p, x, y)                                                                            \
    {.primitive = IR_##p, .name = "shapes", .n_in = 2, .in = {EVERY(x), EVERY(y)}}, SPECIALS(p, 2)
#define ONE(p, name_, draw) {.primitive = IR_##p, .name = name_, .n_in = 1, .in = {EVERY(draw)}}
#define POWER_OF(p, name_, draw, n, skips)                                                         \
    {.primitive = IR_##p, .name = name_, .n_in = 1, .in = {EVERY(draw)}, .skip = skips,            \
     .attributes = &(const ir_##p##_attributes){n}, .expect = test_expect_##p}
#define INVERSE_POWER_OF(name_, draw, n, skips)                                                    \
    {.primitive = IR_integer_pow, .name = name_, .n_in = 1, .in = {EVERY(draw)}, .skip = skips,    \
     .dtypes = 1u << CV_F32 | 1u << CV_F64, .expect = test_expect_integer_pow, \
     .attributes = &(const ir_integer_pow_attributes){n}}
#define HALVES(p)                                                                                  \
    {.primitive = IR_##p, .name = "halves", .n_in = 1, .in = {M(DRAW(TEST_HALVES, 0, 0), 64)}, .skip = ONLY_EVALUATE}
#define ROW(p, name_, n, operands, layout, ...)                                                    \
    {.primitive = IR_##p, .name = name_, .n_in = n, .in = operands,                                \
     .attributes = &(const ir_##layout##_attributes){__VA_ARGS__}}
#define MADE(p, name_, n, operands, what)                                                          \
    {.primitive = IR_##p, .name = name_, .n_in = n, .in = operands, .make_attributes = test_make_##what}
#define FLOW(p, name_, n, operands, what)                                                          \
    {.primitive = IR_##p, .name = name_, .n_in = n, .in = operands,                                \
     .make_attributes = test_make_##what, .expect = test_expect_##what}
#define IN(...) {__VA_ARGS__}

#define CONVERT(to)                                                                                \
    {.primitive = IR_convert, .name = "to " #to, .n_in = 1, .in = {EVERY(DISTINCT)},               \
     .attributes = &(const ir_convert_attributes){to}},                                            \
    {.primitive = IR_convert, .name = "special to " #to, .n_in = 1, .in = {EVERY(SPECIAL)},        \
     .attributes = &(const ir_convert_attributes){to}, .skip = ONLY_EVALUATE}

#define REDUCE(p, draw)                                                                            \
    ROW(p, "one axis", 1, IN(M(draw, 3, 5)), axes, D(1)),                  \
    ROW(p, "all axes", 1, IN(M(draw, 2, 3)), axes, D(0, 1)),               \
    ROW(p, "outer axes", 1, IN(M(draw, 2, 3, 4)), axes, D(2, 0)),          \
    ROW(p, "axis of one", 1, IN(M(draw, 3, 1)), axes, D(1)),               \
    ROW(p, "empty result", 1, IN(M(draw, 0, 3)), axes, D(1)),              \
    {.primitive = IR_##p, .name = "empty axis", .n_in = 1, .in = {M(draw, 0, 3)},              \
     .attributes = &(const ir_axes_attributes){D(0)}, .skip = NO_DERIVATIVE},                \
    {.primitive = IR_##p, .name = "special values", .n_in = 1, .in = {M(SPECIAL)},                 \
     .attributes = &(const ir_axes_attributes){D(0)}, .skip = ONLY_EVALUATE}

#define ARGUMENT(p)                                                                                \
    ROW(p, "first axis", 1, IN(M(DISTINCT, 3, 5)), argmax, 0, CV_S32),               \
    ROW(p, "last axis", 1, IN(M(DISTINCT, 2, 3, 4)), argmax, 2, CV_S64),             \
    ROW(p, "ties", 1, IN(M(INDEX(0, 1), 4, 6)), argmax, 1, CV_S32),                  \
    ROW(p, "empty result", 1, IN(M(DISTINCT, 0, 3)), argmax, 1, CV_U32),             \
    {.primitive = IR_##p, .name = "special values", .n_in = 1, .in = {M(SPECIAL)},                 \
     .attributes = &(const ir_argmax_attributes){0, CV_S32}, .skip = ONLY_EVALUATE}

// Real parts are equal at places, and then both.
#define COMPLEX_TIES_OF_TWO(p)                                                                     \
    {.primitive = IR_##p, .name = "ties", .n_in = 2, .in = {M(INDEX(-1, 1), 4, 6), M(INDEX(-1, 1), 4, 6)}, \
     .dtypes = COMPLEX_DTYPES, .skip = NO_DERIVATIVE}
#define COMPLEX_TIES(p, layout, ...)                                                               \
    {.primitive = IR_##p, .name = "ties", .n_in = 1, .in = {M(INDEX(-1, 1), 4, 6)},               \
     .attributes = &(const ir_##layout##_attributes){__VA_ARGS__}, .dtypes = COMPLEX_DTYPES,        \
     .skip = NO_DERIVATIVE}

#define CUMULATIVE(p, draw)                                                                        \
    ROW(p, "last axis", 1, IN(M(draw, 3, 5)), cumulative, 1, false),                               \
    ROW(p, "inner axis, reverse", 1, IN(M(draw, 2, 4, 3)), cumulative, 1, true),                   \
    ROW(p, "first axis", 1, IN(M(draw, 7)), cumulative, 0, false),                                 \
    ROW(p, "first axis, reverse", 1, IN(M(draw, 6, 9)), cumulative, 0, true),                      \
    ROW(p, "axis of one", 1, IN(M(draw, 3, 1)), cumulative, 1, false),                             \
    ROW(p, "empty axis", 1, IN(M(draw, 3, 0)), cumulative, 1, true),                               \
    ROW(p, "no lanes", 1, IN(M(draw, 0, 3)), cumulative, 1, false),                                \
    {.primitive = IR_##p, .name = "special values", .n_in = 1, .in = {M(SPECIAL)},                 \
     .attributes = &(const ir_cumulative_attributes){0, false}, .skip = ONLY_EVALUATE, .dtypes = REAL_DTYPES}

// Index vectors of gather and scatter: rows of x; windows; pairs of a batching axis in front; and
// one in the middle.
#define GATHERS(what, mode)                                                                        \
    ROW(gather, "rows, " what, 2, IN(M(ANY, 5, 3), T(CV_S32, INDEX(-2, 6), 4, 1)),                 \
        gather, D(1), D(0), D(0), NONE, NONE, D(1, 3), mode), \
    ROW(gather, "windows, " what, 2, IN(M(ANY, 5, 4), T(CV_S64, INDEX(-1, 3), 2, 3, 2)),           \
        gather, D(0, 3), NONE, D(1, 0), NONE, NONE, D(2, 3), mode), \
    ROW(gather, "batching axis in front, " what, 2, IN(M(ANY, 3, 5, 2), T(CV_S32, INDEX(-1, 5), 3, 4, 1)), \
        gather, D(2), D(1), D(1), D(0), D(0), D(1, 1, 2), mode), \
    ROW(gather, "batching axis in the middle, " what, 2, IN(M(ANY, 5, 3), T(CV_U32, INDEX(0, 6), 4, 3, 1)), \
        gather, NONE, D(0), D(0), D(1), D(1), D(1, 1), mode), \
    ROW(gather, "one element, " what, 2, IN(M(ANY, 5), T(CV_S32, INDEX(-1, 5), 1)),                \
        gather, NONE, D(0), D(0), NONE, NONE, D(1), mode),         \
    ROW(gather, "narrow indices, " what, 2, IN(M(ANY, 5, 3), T(CV_S8, INDEX(-2, 6), 4, 1)),                   \
        gather, D(1), D(0), D(0), NONE, NONE, D(1, 3), mode), \
    ROW(gather, "wide indices, " what, 2, IN(M(ANY, 5), T(CV_U64, INDEX(-1, 6), 7, 1)),                       \
        gather, NONE, D(0), D(0), NONE, NONE, D(1), mode), \
    ROW(gather, "no indices, " what, 2, IN(M(ANY, 5, 3), T(CV_S32, INDEX(0, 4), 0, 1)),            \
        gather, D(1), D(0), D(0), NONE, NONE, D(1, 3), mode)

#define SCATTERS(p, what, mode, unique, INDICES, low, high)                                        \
    ROW(p, "rows, " what, 3, IN(M(ANY, 5, 3), T(CV_S32, INDICES(low, 4 + high), 4, 1), M(ANY, 4, 3)), \
        scatter, D(1), D(0), D(0), NONE, NONE, mode, unique),              \
    ROW(p, "window, " what, 3, IN(M(ANY, 5, 4), T(CV_S64, INDEX(-1, 3), 2), M(ANY, 2, 3)),         \
        scatter, D(0, 1), NONE, D(1, 0), NONE, NONE, mode, unique),              \
    ROW(p, "batching axis in front, " what, 3,                                                     \
        IN(M(ANY, 2, 5, 2), T(CV_S32, INDEX(low, 4 + high), 2, 1, 1), M(ANY, 2, 1, 2)),            \
        scatter, D(2), D(1), D(1), D(0), D(0), mode, unique),  \
    ROW(p, "batching axis in the middle, " what, 3,                                                \
        IN(M(ANY, 5, 3), T(CV_U32, INDEX(0, 4 + high), 1, 3, 1), M(ANY, 1, 3)),                    \
        scatter, NONE, D(0), D(0), D(1), D(1), mode, unique),        \
    ROW(p, "narrow indices, " what, 3, IN(M(ANY, 5, 3), T(CV_U8, INDICES(0, 4 + high), 4, 1), M(ANY, 4, 3)), \
        scatter, D(1), D(0), D(0), NONE, NONE, mode, unique),              \
    ROW(p, "no updates, " what, 3, IN(M(ANY, 5, 3), T(CV_S32, INDEX(0, 4), 0, 1), M(ANY, 0, 3)),   \
        scatter, D(1), D(0), D(0), NONE, NONE, mode, unique)
// Many updates of few elements: without a derivative where that needs them apart.
#define MEETING(p, skips)                                                                          \
    {.primitive = IR_##p, .name = "updates meet", .n_in = 3,                                       \
     .in = {M(DISTINCT, 3), T(CV_S32, INDEX(-1, 3), 7, 1), M(DISTINCT, 7)}, .skip = skips,         \
     .attributes = &(const ir_scatter_attributes){NONE, D(0), D(0), NONE, NONE, IR_FILL_OR_DROP, false}}

// clang-format off
const test_case test_cases[] = {
    // elementwise
    UNARY(neg, ANY), UNARY(abs, DISTINCT), UNARY(sign, DISTINCT), UNARY(floor, DISTINCT),
    UNARY(exp, ANY), UNARY(expm1, ANY), UNARY(log, POSITIVE), UNARY(log1p, RANGE(-0.6, 2)),
    UNARY(tanh, ANY), UNARY(logistic, ANY), UNARY(sin, ANY), UNARY(cos, ANY),
    UNARY(sqrt, POSITIVE), UNARY(rsqrt, POSITIVE), UNARY(not, ANY), UNARY(stop_gradient, ANY),
    CONVERT(CV_BOOL), CONVERT(CV_S8), CONVERT(CV_S16), CONVERT(CV_S32), CONVERT(CV_S64), CONVERT(CV_U8),
    CONVERT(CV_U16), CONVERT(CV_U32), CONVERT(CV_U64), CONVERT(CV_F16), CONVERT(CV_BF16), CONVERT(CV_F32),
    CONVERT(CV_F64), CONVERT(CV_C64), CONVERT(CV_C128),
    BINARY(add, ANY, ANY), BINARY(sub, ANY, ANY), BINARY(mul, ANY, ANY), BINARY(div, ANY, NONZERO),
    BINARY(pow, POSITIVE, ANY), BINARY(max, DISTINCT, DISTINCT), BINARY(min, DISTINCT, DISTINCT),
    COMPLEX_TIES_OF_TWO(max), COMPLEX_TIES_OF_TWO(min),
    BINARY(and, ANY, ANY), BINARY(or, ANY, ANY), BINARY(xor, ANY, ANY),
    BINARY(eq, DISTINCT, DISTINCT), BINARY(ne, DISTINCT, DISTINCT), BINARY(lt, DISTINCT, DISTINCT),
    BINARY(le, DISTINCT, DISTINCT), BINARY(gt, DISTINCT, DISTINCT), BINARY(ge, DISTINCT, DISTINCT),
    {.primitive = IR_select, .name = "shapes", .n_in = 3, .in = {EVERY_BOOL, EVERY(ANY), EVERY(ANY)}},
    // where the real operand is positive a complex one may lie anywhere
    COMPLEX_UNARY(log, ANY), COMPLEX_UNARY(log1p, ANY), COMPLEX_UNARY(sqrt, ANY),
    COMPLEX_UNARY(rsqrt, NONZERO),
    COMPLEX_UNARY(tan, ANY), COMPLEX_UNARY(asin, ANY), COMPLEX_UNARY(acos, ANY), COMPLEX_UNARY(atan, RANGE(-3, -0.2)),
    COMPLEX_UNARY(acosh, ANY), COMPLEX_UNARY(atanh, RANGE(0.2, 3)), COMPLEX_UNARY(asinh, RANGE(-9, 9)),
    {.primitive = IR_pow, .name = "complex", .n_in = 2, .in = {EVERY(NONZERO), EVERY(ANY)},
     .dtypes = COMPLEX_DTYPES},
    COMPLEX_UNARY(real, ANY), COMPLEX_UNARY(imag, ANY), COMPLEX_UNARY(conj, ANY),
    BINARY(complex, ANY, ANY),
    {.primitive = IR_clamp, .name = "shapes", .n_in = 3,
     .in = {EVERY(RANGE(-1.5, -0.5)), EVERY(ANY), EVERY(RANGE(0.5, 1.5))}},
    {.primitive = IR_fma, .name = "shapes", .n_in = 3, .in = {EVERY(ANY), EVERY(ANY), EVERY(ANY)}},
    UNARY(exp2, ANY), UNARY(cbrt, NONZERO), UNARY(tan, RANGE(-1.2, 1.2)), UNARY(asin, RANGE(-0.8, 0.8)),
    UNARY(acos, RANGE(-0.8, 0.8)), UNARY(atan, ANY), BINARY(atan2, NONZERO, NONZERO), UNARY(sinh, ANY),
    UNARY(cosh, ANY), UNARY(asinh, ANY), UNARY(acosh, RANGE(1.2, 3)), UNARY(atanh, RANGE(-0.8, 0.8)),
    UNARY(erf, ANY), UNARY(erfc, ANY), UNARY(erf_inv, RANGE(-0.8, 0.8)), UNARY(lgamma, RANGE(2.2, 5)),
    UNARY(digamma, RANGE(2.2, 5)), ONE(lgamma, "below zero", RANGE(-2.9, -2.6)),
    ONE(digamma, "below zero", RANGE(-0.9, -0.6)),
    POWER_OF(polygamma, "first", RANGE(0.5, 3), 1, 0), POWER_OF(polygamma, "second, below zero", RANGE(-0.9, -0.3), 2, 0),
    POWER_OF(polygamma, "seventh", RANGE(1.5, 3), 7, 0), POWER_OF(polygamma, "first, special values", SPECIAL, 1, ONLY_EVALUATE),
    UNARY(bessel_i0e, NONZERO), UNARY(bessel_i1e, NONZERO), ONE(bessel_i0e, "great", RANGE(7, 40)), ONE(bessel_i1e, "great", RANGE(7, 40)),
    UNARY(ceil, DISTINCT), UNARY(round, DISTINCT), UNARY(round_even, DISTINCT), HALVES(round), HALVES(round_even),
    BINARY(rem, RANGE(4.9, 6.1), RANGE(2.1, 2.4)),
    POWER_OF(integer_pow, "cube", ANY, 3, 0), POWER_OF(integer_pow, "eleventh power", ANY, 11, 0),
    POWER_OF(integer_pow, "itself", ANY, 1, 0), POWER_OF(integer_pow, "one", ANY, 0, 0),
    INVERSE_POWER_OF("inverse square", NONZERO, -2, 0), INVERSE_POWER_OF("inverse", NONZERO, -1, 0),
    {.primitive = IR_integer_pow, .name = "cube, special values", .n_in = 1, .in = {EVERY(SPECIAL)}, .skip = ONLY_EVALUATE,
     .dtypes = REAL_DTYPES, .expect = test_expect_integer_pow, .attributes = &(const ir_integer_pow_attributes){3}},
    INVERSE_POWER_OF("inverse square, special values", SPECIAL, -2, ONLY_EVALUATE),
    BINARY(shift_left, ANY, RANGE(0, 2)), BINARY(shift_right_arithmetic, ANY, RANGE(0, 2)),
    BINARY(shift_right_logical, ANY, RANGE(0, 2)), UNARY(popcnt, ANY), UNARY(clz, ANY), UNARY(is_finite, ANY),
    {.primitive = IR_bitcast_convert, .name = "shapes", .n_in = 1, .in = {EVERY(ANY)},
     .make_attributes = test_make_bitcast, .expect = test_expect_bitcast},
    {.primitive = IR_bitcast_convert, .name = "special values", .n_in = 1, .in = {EVERY(SPECIAL)}, .skip = ONLY_EVALUATE,
     .make_attributes = test_make_bitcast, .expect = test_expect_bitcast},
    {.primitive = IR_nextafter, .name = "shapes", .n_in = 2, .in = {EVERY(ANY), EVERY(ANY)}, .expect = test_expect_nextafter},
    {.primitive = IR_nextafter, .name = "special values", .n_in = 2, .in = {EVERY(SPECIAL), EVERY(SPECIAL)},
     .skip = ONLY_EVALUATE, .expect = test_expect_nextafter},

    // creation and movement
    MADE(constant, "elements", 0, IN({0}), constant),
    MADE(constant, "empty splat", 0, IN({0}), splat),
    MADE(iota, "middle axis", 0, IN({0}), iota),
    ROW(broadcast_in_dim, "scalar", 1, IN(M(ANY)), broadcast, D(2, 3), NONE),
    ROW(broadcast_in_dim, "new axes", 1, IN(M(ANY, 3)), broadcast, D(2, 3, 4), D(1)),
    ROW(broadcast_in_dim, "axis of one", 1, IN(M(ANY, 1, 3)), broadcast, D(4, 3), D(0, 1)),
    ROW(broadcast_in_dim, "empty", 1, IN(M(ANY, 3)), broadcast, D(0, 3), D(1)),
    ROW(reshape, "split", 1, IN(M(ANY, 6, 2)), reshape, D(2, 3, 2)),
    ROW(reshape, "merge", 1, IN(M(ANY, 2, 3, 5)), reshape, D(30)),
    ROW(reshape, "to a scalar", 1, IN(M(ANY, 1, 1)), reshape, NONE),
    ROW(reshape, "empty", 1, IN(M(ANY, 0, 3)), reshape, D(2, 0)),
    ROW(transpose, "matrix", 1, IN(M(ANY, 3, 5)), transpose, D(1, 0)),
    ROW(transpose, "cycle", 1, IN(M(ANY, 2, 3, 5)), transpose, D(2, 0, 1)),
    ROW(transpose, "empty", 1, IN(M(ANY, 2, 0, 5)), transpose, D(1, 2, 0)),
    ROW(rev, "one axis", 1, IN(M(ANY, 3, 5)), axes, D(1)),
    ROW(rev, "both ends", 1, IN(M(ANY, 2, 3, 4)), axes, D(2, 0)),
    ROW(slice, "plain", 1, IN(M(ANY, 5, 4)), slice, D(1, 0), D(4, 3), D(1, 1)),
    ROW(slice, "strided", 1, IN(M(ANY, 8, 5)), slice, D(1, 0), D(8, 5), D(3, 2)),
    ROW(slice, "every other row", 1, IN(M(ANY, 5, 4)), slice, D(0, 0), D(5, 4), D(2, 1)),
    ROW(slice, "empty", 1, IN(M(ANY, 5, 4)), slice, D(2, 0), D(2, 3), D(1, 2)),
    ROW(pad, "plain", 2, IN(M(ANY, 2, 3), M(ANY)), pad, D(1, 0), D(0, 2), D(0, 0)),
    ROW(pad, "negative", 2, IN(M(ANY, 5, 4), M(ANY)), pad, D(-1, 1), D(-2, -2), D(0, 0)),
    ROW(pad, "interior", 2, IN(M(ANY, 3, 4), M(ANY)), pad, D(1, -2), D(0, -1), D(2, 1)),
    ROW(pad, "empty", 2, IN(M(ANY, 0, 3), M(ANY)), pad, D(2, 0), D(0, 1), D(1, 0)),
    ROW(concatenate, "three", 3, IN(M(ANY, 2, 3), M(ANY, 2, 1), M(ANY, 2, 0)), axis, 1),
    ROW(concatenate, "leading axis", 2, IN(M(ANY, 1, 3), M(ANY, 4, 3)), axis, 0),
    ROW(concatenate, "one", 1, IN(M(ANY, 2, 3)), axis, 0),

    // indexing
    ROW(dynamic_slice, "out of range", 3,
        IN(M(ANY, 5, 4), T(CV_S32, INDEX(-2, 6), ), T(CV_S32, INDEX(-1, 3), )),
        dynamic_slice, D(2, 3)),
    ROW(dynamic_slice, "row", 3, IN(M(ANY, 5, 3), T(CV_S64, INDEX(0, 4), ), T(CV_S64, INDEX(0, 0), )),
        dynamic_slice, D(1, 3)),
    ROW(dynamic_slice, "all", 3, IN(M(ANY, 2, 3), T(CV_S32, INDEX(-1, 1), ), T(CV_S32, INDEX(-1, 1), )),
        dynamic_slice, D(2, 3)),
    ROW(dynamic_slice, "narrow starts", 3, IN(M(ANY, 5, 4), T(CV_S8, INDEX(-2, 6), ), T(CV_S8, INDEX(-1, 3), )),
        dynamic_slice, D(2, 3)),
    ROW(dynamic_slice, "wide starts", 2, IN(M(ANY, 5), T(CV_U64, INDEX(-1, 6), )), dynamic_slice, D(2)),
    ROW(dynamic_slice, "scalar", 1, IN(M(ANY)), dynamic_slice, NONE),
    ROW(dynamic_slice, "empty", 2, IN(M(ANY, 5), T(CV_U32, INDEX(0, 7), )), dynamic_slice, D(0)),
    {.primitive = IR_dynamic_update_slice, .name = "out of range", .n_in = 4,
     .in = {M(ANY, 5, 4), M(ANY, 2, 3), T(CV_S32, INDEX(-2, 6), ), T(CV_S32, INDEX(-1, 3), )}},
    {.primitive = IR_dynamic_update_slice, .name = "row", .n_in = 4,
     .in = {M(ANY, 5, 3), M(ANY, 1, 3), T(CV_S64, INDEX(0, 4), ), T(CV_S64, INDEX(0, 0), )}},
    {.primitive = IR_dynamic_update_slice, .name = "all", .n_in = 4,
     .in = {M(ANY, 2, 3), M(ANY, 2, 3), T(CV_S32, INDEX(-1, 1), ), T(CV_S32, INDEX(-1, 1), )}},
    {.primitive = IR_dynamic_update_slice, .name = "narrow starts", .n_in = 4,
     .in = {M(ANY, 5, 3), M(ANY, 1, 3), T(CV_U16, INDEX(0, 6), ), T(CV_U16, INDEX(0, 1), )}},
    {.primitive = IR_dynamic_update_slice, .name = "wide starts", .n_in = 3,
     .in = {M(ANY, 5), M(ANY, 2), T(CV_U64, INDEX(-1, 6), )}},
    {.primitive = IR_dynamic_update_slice, .name = "scalar", .n_in = 2, .in = {M(ANY), M(ANY)}},
    GATHERS("clip", IR_CLIP),
    GATHERS("fill", IR_FILL_OR_DROP),
    SCATTERS(scatter, "clip", IR_CLIP, false, UNIQUE, 0, 0),
    SCATTERS(scatter, "drop", IR_FILL_OR_DROP, false, UNIQUE, -2, 2),
    SCATTERS(scatter, "drop, unique", IR_FILL_OR_DROP, true, UNIQUE, -2, 2),
    SCATTERS(scatter, "clip, repeated", IR_CLIP, false, INDEX, -2, 2),
    SCATTERS(scatter, "drop, repeated", IR_FILL_OR_DROP, false, INDEX, -2, 2),
    SCATTERS(scatter_add, "clip", IR_CLIP, false, INDEX, -2, 2),
    SCATTERS(scatter_add, "drop", IR_FILL_OR_DROP, false, INDEX, -2, 2),
    SCATTERS(scatter_mul, "clip", IR_CLIP, true, UNIQUE, 0, 0),
    SCATTERS(scatter_mul, "drop", IR_FILL_OR_DROP, true, UNIQUE, -2, 2),
    MEETING(scatter_mul, NO_DERIVATIVE),
    SCATTERS(scatter_max, "clip", IR_CLIP, false, INDEX, -2, 2),
    SCATTERS(scatter_max, "drop", IR_FILL_OR_DROP, false, INDEX, -2, 2),
    MEETING(scatter_max, 0),
    SCATTERS(scatter_min, "clip", IR_CLIP, false, INDEX, -2, 2),
    SCATTERS(scatter_min, "drop", IR_FILL_OR_DROP, false, INDEX, -2, 2),
    MEETING(scatter_min, 0),

    // reductions and products
    REDUCE(reduce_sum, DISTINCT), REDUCE(reduce_prod, NONZERO), REDUCE(reduce_max, DISTINCT),
    REDUCE(reduce_min, DISTINCT), REDUCE(reduce_and, DISTINCT),
    REDUCE(reduce_or, DISTINCT), REDUCE(reduce_xor, DISTINCT),
    COMPLEX_TIES(reduce_max, axes, D(1)), COMPLEX_TIES(reduce_min, axes, D(1)),
    COMPLEX_TIES(cummax, cumulative, 1, false), COMPLEX_TIES(cummin, cumulative, 1, true),
    ROW(reduce_prod, "zeros", 1, IN(M(INDEX(0, 2), 9, 5)), axes, D(1)),
    ROW(reduce_prod, "many", 1, IN(M(NONZERO, 3, 23)), axes, D(1)),
    ROW(reduce_and, "many", 1, IN(M(ANY, 3, 41)), axes, D(1)), ROW(reduce_or, "many", 1, IN(M(ANY, 3, 41)), axes, D(1)),
    ROW(reduce_xor, "many", 1, IN(M(ANY, 3, 41)), axes, D(1)),
    ARGUMENT(argmax), ARGUMENT(argmin),
    CUMULATIVE(cumsum, ANY), CUMULATIVE(cumprod, ANY), CUMULATIVE(cummax, DISTINCT), CUMULATIVE(cummin, DISTINCT),
    CUMULATIVE(cumlogsumexp, ANY),
    ROW(cumprod, "zeros", 1, IN(M(INDEX(0, 2), 5, 7)), cumulative, 1, false),
#define REDUCED(name_, n, operands, what)                                                          \
    {.primitive = IR_reduce, .name = name_, .n_in = n, .in = operands,                             \
     .make_attributes = test_make_reduce_##what, .expect = test_expect_reduce_##what}
    REDUCED("last axis", 2, IN(M(ANY, 3, 5), M(ANY)), last),
    REDUCED("first axis", 2, IN(M(ANY, 4, 3), M(ANY)), first),
    REDUCED("all axes", 2, IN(M(ANY, 2, 3), M(ANY)), all),
    REDUCED("empty axis", 2, IN(M(ANY, 3, 0), M(ANY)), last),
    REDUCED("no lanes", 2, IN(M(ANY, 0, 3), M(ANY)), last),
    REDUCED("two arrays", 4, IN(M(ANY, 3, 5), M(ANY, 3, 5), M(ANY), M(ANY)), last),
    MADE(sort, "last axis", 1, IN(M(DISTINCT, 3, 9)), sort_last),
    MADE(sort, "first axis", 1, IN(M(DISTINCT, 8, 5)), sort_first),
    MADE(sort, "another moves along", 2, IN(M(DISTINCT, 2, 11), M(ANY, 2, 11)), sort_last),
    MADE(sort, "three, two keys", 3, IN(M(DISTINCT, 7), T(CV_S32, INDEX(-9, 9), 7), M(ANY, 7)), sort_two_keys),
    {.primitive = IR_sort, .name = "ties", .n_in = 2, .in = {M(INDEX(0, 2), 3, 13), T(CV_S32, INDEX(-9, 9), 3, 13)},
     .make_attributes = test_make_sort_last, .skip = NO_DERIVATIVE},
    {.primitive = IR_sort, .name = "ties of two keys", .n_in = 3,
     .in = {M(INDEX(0, 1), 2, 17), M(INDEX(0, 2), 2, 17), M(ANY, 2, 17)},
     .make_attributes = test_make_sort_two_keys, .skip = NO_DERIVATIVE},
    MADE(sort, "descending", 2, IN(M(DISTINCT, 16, 3), T(CV_F32, DISTINCT, 16, 3)), sort_descending),
    MADE(sort, "axis of one", 1, IN(M(ANY, 3, 1)), sort_last),
    MADE(sort, "axis of two", 1, IN(M(DISTINCT, 2, 4)), sort_first),
    MADE(sort, "empty axis", 1, IN(M(ANY, 3, 0)), sort_last),
    MADE(sort, "no lanes", 2, IN(M(ANY, 0, 3), M(ANY, 0, 3)), sort_last),
    {.primitive = IR_sort, .name = "special values", .n_in = 1, .in = {M(SPECIAL)}, .skip = ONLY_EVALUATE,
     .make_attributes = test_make_sort_first},
    ROW(dot_general, "matrices", 2, IN(M(ANY, 3, 5), M(ANY, 5, 2)), dot, D(1), D(0), NONE, NONE),
    ROW(dot_general, "vectors", 2, IN(M(ANY, 5), M(ANY, 5)), dot, D(0), D(0), NONE, NONE),
    ROW(dot_general, "matrix and vector", 2, IN(M(ANY, 2, 3, 4), M(ANY, 3)), dot, D(1), D(0), NONE, NONE),
    ROW(dot_general, "vector and matrices", 2, IN(M(ANY, 4), M(ANY, 2, 3, 4)), dot, D(0), D(2), NONE, NONE),
    ROW(dot_general, "outer product", 2, IN(M(ANY, 3), M(ANY, 2)), dot, NONE, NONE, NONE, NONE),
    ROW(dot_general, "scalars", 2, IN(M(ANY), M(ANY)), dot, NONE, NONE, NONE, NONE),
    ROW(dot_general, "batch axes inside", 2, IN(M(ANY, 3, 2, 4), M(ANY, 4, 5, 2)),
        dot, D(2), D(0), D(1), D(2)),
    ROW(dot_general, "two contracted, two batch", 2, IN(M(ANY, 2, 3, 4, 5), M(ANY, 5, 3, 2, 4)),
        dot, D(1, 3), D(1, 0), D(2, 0), D(3, 2)),
    ROW(dot_general, "only batch", 2, IN(M(ANY, 3, 2), M(ANY, 2, 3)),
        dot, NONE, NONE, D(0, 1), D(1, 0)),
    ROW(dot_general, "nothing to add", 2, IN(M(ANY, 3, 0), M(ANY, 0, 2)), dot, D(1), D(0), NONE, NONE),

    // control flow
#define TWO(...) M(ANY, __VA_ARGS__), M(ANY, __VA_ARGS__)
    FLOW(call, "parameter and repeated result", 2, IN(TWO(2, 3)), call),
    FLOW(call, "scalars", 2, IN(TWO()), call),
    FLOW(call, "empty", 2, IN(TWO(0, 3)), call),
    FLOW(cond, "bool", 4, IN(T(CV_BOOL, ANY, ), TWO(3), M(ANY)), cond),
    FLOW(cond, "first of three", 4, IN(T(CV_S32, INDEX(-1, 0), ), TWO(3), M(ANY)), switch),
    FLOW(cond, "second of three", 4, IN(T(CV_S32, INDEX(1, 1), ), TWO(3), M(ANY)), switch),
    FLOW(cond, "any of three", 4, IN(T(CV_S32, INDEX(-1, 4), ), TWO(3), M(ANY)), switch),
#define WHILE_IN(low, high)                                                                        \
    T(CV_S32, INDEX(low, high), ), M(RANGE(-1, 0.5), 3), T(CV_S32, INDEX(0, 2), ), TWO(3)
    FLOW(while, "some steps", 5, IN(WHILE_IN(0, 5)), while),
    FLOW(while, "no step", 5, IN(WHILE_IN(-2, 0)), while),
    FLOW(while, "while inside", 4,
         IN(T(CV_S32, INDEX(0, 3), ), M(RANGE(-1, 0.5), 3), T(CV_S32, INDEX(0, 2), ), M(ANY, 3)),
         while_nested),
#define SCAN_IN(n) M(RANGE(-1, 0.5), 2), TWO(2), M(RANGE(-1, 0.5), n, 2), T(CV_S32, INDEX(0, 9), n)
    FLOW(scan, "forward", 5, IN(SCAN_IN(5)), scan),
    FLOW(scan, "reverse", 5, IN(SCAN_IN(5)), scan_reverse),
    FLOW(scan, "empty", 5, IN(SCAN_IN(0)), scan_empty),
    FLOW(scan, "only carries", 2, IN(T(CV_S32, INDEX(0, 9), ), M(RANGE(-1, 0.5), 3)), scan_carries),
    FLOW(scan, "cond inside", 4, IN(M(ANY), T(CV_S32, INDEX(-1, 2), ), M(ANY, 3), M(ANY, 3, 3)), scan_nested),
    FLOW(scan, "only inputs", 1, IN(M(ANY, 2, 3)), scan_map),
};
// clang-format on

const uint32_t test_n_cases = sizeof test_cases / sizeof *test_cases;
