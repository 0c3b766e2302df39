// Wrong calls of public operations: the exact message with file and line, in the user's words.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "covector/covector.h"

static int failures;

static void expect(cv_val got, int line, const char *text) {
    char wanted[512];
    snprintf(wanted, sizeof wanted, "%s:%d: %s", __FILE__, line, text);
    if (cv_error() != CV_INVALID || !cv_is_poison(got) || strcmp(cv_message(), wanted)) {
        print_error("wanted  %s\ngot     %s\n", wanted, cv_message());
        failures++;
    }
    cv_clear();
}
#define WRONG(text, call) expect(call, __LINE__, text)

static cv_val zeros(cv_dtype dtype, cv_ints shape) {
    return cv_zeros(dtype, shape);
}
#define F(...) zeros(CV_F32, CV_INTS(__VA_ARGS__))
#define S(...) zeros(CV_S32, CV_INTS(__VA_ARGS__))

static void test_elementwise(void **state) {
    (void)state;
    WRONG("cv_add: f32[8,3] and f32[4,5]: shapes cannot be broadcast together", cv_add(F(8, 3), F(4, 5)));
    WRONG("cv_where: f32[2] and f32[3]: shapes cannot be broadcast together", cv_where(S(1), F(2), F(3)));
    WRONG("cv_bitwise_and: f32[2]: bits are those of bool and integers; cv_astype converts", cv_bitwise_and(F(2), 1));
    WRONG("cv_gcd: f32[2]: divisors and multiples are those of integers", cv_gcd(F(2), 1));
    WRONG("cv_pow: an integer to the power of -1: make the base floating with cv_astype", cv_pow(S(2), -1));
    WRONG("cv_mul: the number 1099511627776 does not fit s32: write cv_s64(1099511627776)", cv_mul(S(2), INT64_C(1) << 40));
    WRONG("cv_neg: the number -4294967296 does not fit s32: write cv_s64(-4294967296)", cv_neg(INT64_C(-4294967296)));
    WRONG("cv_astype: 99 is not a dtype of arrays", cv_astype(F(2), (cv_dtype)99));
}

static void test_making(void **state) {
    (void)state;
    WRONG("cv_zeros: shape [2,-3]: size -3 of axis 1 is negative", cv_zeros(CV_F32, CV_INTS(2, -3)));
    WRONG("cv_ones: shape [4294967296,4294967296] has too many elements", cv_ones(CV_F32, CV_INTS(INT64_C(1) << 32, INT64_C(1) << 32)));
    WRONG("cv_full: f32[2] cannot be broadcast to [3]", cv_full(CV_F32, CV_INTS(3), F(2)));
    WRONG("cv_arange: the step must not be 0", cv_arange(CV_S32, 0, 5, 0));
    WRONG("cv_arange: start, stop and step must be C numbers: the shape depends on them", cv_arange(CV_S32, 0, cv_s32(5), 1));
    WRONG("cv_linspace: stop of f32[2] must be a scalar", cv_linspace(CV_F32, 0, F(2), 5));
    WRONG("cv_iota: axis 2 is out of range for the shape [2,3]", cv_iota(CV_S32, CV_INTS(2, 3), 2));
    WRONG("cv_tril: f32[3]: a triangle needs at least two axes", cv_tril(F(3)));
    WRONG("cv_one_hot: f32[3]: places are integers, not f32; cv_astype converts", cv_one_hot(CV_F32, F(3), 4));
}

static void test_shapes(void **state) {
    (void)state;
    WRONG("cv_reshape: f32[2,3] cannot be reshaped to [4,2]: 6 elements are not 8", cv_reshape(F(2, 3), CV_INTS(4, 2)));
    WRONG("cv_reshape: f32[2,3] cannot be reshaped to [4,-1]: 6 elements are no multiple of 4", cv_reshape(F(2, 3), CV_INTS(4, -1)));
    WRONG("cv_reshape: shape [-1,-1]: only one size can be -1", cv_reshape(F(2, 3), CV_INTS(-1, -1)));
    WRONG("cv_transpose: f32[2,3] has 2 axes, and .axes orders 1", cv_transpose(F(2, 3), .axes = CV_INTS(1)));
    WRONG("cv_transpose: axis 1 of f32[2,3] is given twice", cv_transpose(F(2, 3), .axes = CV_INTS(1, -1)));
    WRONG("cv_swapaxes: axis 2 is out of range for f32[2,3], which has 2 axes", cv_swapaxes(F(2, 3), 0, 2));
    WRONG("cv_expand_dims: axis 4 is out of range for f32[2,3], which has 2 axes", cv_expand_dims(F(2, 3), 4));
    WRONG("cv_squeeze: axis 1 of f32[1,3] has size 3, not 1", cv_squeeze(F(1, 3), .axis = CV_INTS(1)));
    WRONG("cv_broadcast_to: f32[2] cannot be broadcast to [2,3]", cv_broadcast_to(F(2), CV_INTS(2, 3)));
    WRONG("cv_concatenate: f32[2,3] and f32[2,4]: sizes 3 and 4 of axis 1 differ", cv_concatenate(CV_LIST(F(2, 3), F(2, 4))));
    WRONG("cv_concatenate: scalars have no axis to join; cv_stack makes one", cv_concatenate(CV_LIST(1, 2)));
    WRONG("cv_stack: f32[2] and f32[2,1] differ in the number of axes", cv_stack(CV_LIST(F(2), F(2, 1))));
    WRONG("cv_slice: bound 4 of axis 0 is out of range for f32[3]", cv_slice(F(3), CV_INTS(0), CV_INTS(4)));
    WRONG("cv_slice: stride 0 is not positive; cv_flip reverses", cv_slice(F(3), CV_INTS(0), CV_INTS(3), .stride = CV_INTS(0)));
    WRONG("cv_pad: f32[2,3]: low, high and .interior need an entry for each of the 2 axes", cv_pad(F(2, 3), 0, CV_INTS(1), CV_INTS(1)));
    WRONG("cv_pad: f32 does not go into an array of s32; cv_astype converts", cv_pad(S(2), 0.5, CV_INTS(1), CV_INTS(1)));
    cv_val parts[2];
    WRONG("cv_split: axis 0 of f32[3] cannot be split into 2 equal parts", (cv_split(F(3), 2, parts), parts[0]));
}

static void test_indexing(void **state) {
    (void)state;
    WRONG("cv_index: index 3 is out of range for axis 0 of f32[3,2]", cv_index(F(3, 2), 3));
    WRONG("cv_index: f32[] is a scalar: it has no elements to index", cv_index(cv_f32(1), 0));
    WRONG("cv_index: the index is s32[2]: it must be a scalar; cv_take takes arrays of indices", cv_index(F(3, 2), S(2)));
    WRONG("cv_take: indices are integers, not f32[2]; cv_astype converts", cv_take(F(3), F(2)));
    WRONG("cv_take: axis 1 is out of range for f32[3], which has 1 axis", cv_take(F(3), 0, .axis = CV_INTS(1)));
    WRONG("cv_take: axis 0 of f32[0] is empty: there is nothing to take", cv_take(F(0), S(2)));
    WRONG("cv_take_along_axis: f32[2,3] and indices s32[2] must have as many axes", cv_take_along_axis(F(2, 3), S(2), .axis = CV_INTS(0)));
    WRONG("cv_dynamic_slice: f32[2,3] and 1 starts: give one for each of the 2 axes", cv_dynamic_slice(F(2, 3), CV_LIST(0), CV_INTS(1, 1)));
    WRONG("cv_dynamic_slice: f32[2,3] and sizes [3,1]: a slice cannot be larger than axis 0", cv_dynamic_slice(F(2, 3), CV_LIST(0, 0), CV_INTS(3, 1)));
    WRONG("cv_dynamic_update_slice: f32[4] does not fit into f32[3]", cv_dynamic_update_slice(F(3), F(4), CV_LIST(0)));
    WRONG("cv_at_set: f32[4] cannot be broadcast to [2,3]", cv_at_set(F(5, 3), S(2), F(4)));
    WRONG("cv_at_add: f32 does not go into an array of s32; cv_astype converts", cv_at_add(S(3), 0, 0.5));
}

static void test_reductions(void **state) {
    (void)state;
    WRONG("cv_sum: axis 3 is out of range for f32[2,3], which has 2 axes", cv_sum(F(2, 3), .axis = CV_INTS(3)));
    WRONG("cv_mean: axis 1 of f32[2,3] is given twice", cv_mean(F(2, 3), .axis = CV_INTS(1, -1)));
    WRONG("cv_sum: axis is a list: write CV_INTS(1)", cv_sum(F(2, 3), .axis = {1, NULL}));
    WRONG("cv_max: f32[2,0]: no elements have no maximum", cv_max(F(2, 0), .axis = CV_INTS(1)));
    WRONG("cv_argmax: f32[0]: no elements have no extreme", cv_argmax(F(0)));
    WRONG("cv_argmin: takes one axis, not 2", cv_argmin(F(2, 3), .axis = CV_INTS(0, 1)));
    WRONG("cv_softmax: axis 0 is out of range: f32[] is a scalar", cv_softmax(1.0, .axis = CV_INTS(0)));
}

static void test_products(void **state) {
    (void)state;
    WRONG("cv_matmul: f32[8,3] x f32[4,5]: inner dimensions 3 and 4 differ", cv_matmul(F(8, 3), F(4, 5)));
    WRONG("cv_matmul: f32[2,2,3] x f32[3,3,2]: batch dimensions 2 and 3 cannot be broadcast together", cv_matmul(F(2, 2, 3), F(3, 3, 2)));
    WRONG("cv_matmul: f32[3] x f32[]: a scalar is no matrix; cv_mul multiplies by it", cv_matmul(F(3), 2.0));
    WRONG("cv_dot: f32[2,3] x f32[2,3]: inner dimensions 3 and 2 differ", cv_dot(F(2, 3), F(2, 3)));
    WRONG("cv_vdot: f32[2,3] and f32[5]: 6 elements are not 5", cv_vdot(F(2, 3), F(5)));
    WRONG("cv_tensordot: f32[2] x f32[2] do not both have 2 axes to sum over; give .axes", cv_tensordot(F(2), F(2)));
    WRONG("cv_dot_general: f32[2,3] x f32[4,2]: inner dimensions 3 and 4 differ", cv_dot_general(F(2, 3), F(4, 2), .lhs_contract = CV_INTS(1), .rhs_contract = CV_INTS(0)));
}

static cv_val wrong_inside(cv_val x) {
    return cv_matmul(x, x); // the line that messages name
}

// More of jax.numpy and jax.nn

static cv_val first_of(cv_status status, const cv_val *out) {
    return status ? out[0] : cv_f32(0);
}

static void test_einsum(void **state) {
    (void)state;
    WRONG("cv_einsum: \"ij,jk->ik\": subscript j is 3 in operand 0, f32[2,3], and 4 in operand 1, f32[4,5]", cv_einsum("ij,jk->ik", F(2, 3), F(4, 5)));
    WRONG("cv_einsum: \"ij,jk->ik\" has 2 terms for 1 operand", cv_einsum("ij,jk->ik", F(2, 3)));
    WRONG("cv_einsum: \"i\" has 1 term for 2 operands", cv_einsum("i", F(2), F(2)));
    WRONG("cv_einsum: \"ij\": 2 subscripts for operand 0, f32[3], which has 1 axis", cv_einsum("ij", F(3)));
    WRONG("cv_einsum: \"i...j\": 2 subscripts for operand 0, f32[3], which has 1 axis", cv_einsum("i...j", F(3)));
    WRONG("cv_einsum: \"ij->iz\": subscript z of the result is in no operand", cv_einsum("ij->iz", F(2, 3)));
    WRONG("cv_einsum: \"ij->ii\": subscript i is twice in the result", cv_einsum("ij->ii", F(2, 3)));
    WRONG("cv_einsum: \"ii\": subscript i is 2 and 3 in operand 0, f32[2,3]: a diagonal needs equal sizes", cv_einsum("ii", F(2, 3)));
    WRONG("cv_einsum: \"ii\": subscript i is 1 and 3 in operand 0, f32[1,3]: a diagonal needs equal sizes", cv_einsum("ii", F(1, 3)));
    WRONG("cv_einsum: \"i2\": '2' is no subscript: they are letters and an ellipsis of three points", cv_einsum("i2", F(2, 3)));
    WRONG("cv_einsum: \"i..\": '.' is no subscript: they are letters and an ellipsis of three points", cv_einsum("i..", F(2, 3)));
    WRONG("cv_einsum: \"...i...\": a term has two ellipses", cv_einsum("...i...", F(2, 3)));
    WRONG("cv_einsum: \"ij-ji\": the result stands after an arrow, ->", cv_einsum("ij-ji", F(2, 3)));
    WRONG("cv_einsum: \"ij->j,i\": the result is one term, after one arrow", cv_einsum("ij->j,i", F(2, 3)));
    WRONG("cv_einsum: \"...i,...i\": f32[2,5] and f32[3,5]: the axes under the ellipsis cannot be broadcast together", cv_einsum("...i,...i", F(2, 5), F(3, 5)));
    WRONG("cv_multi_dot: operand 1 is f32[3]: it must be a matrix", cv_multi_dot(CV_LIST(F(2, 3), F(3), F(3, 2))));
    WRONG("cv_multi_dot: \"ab,bc->ac\": subscript b is 3 in operand 0, f32[2,3], and 4 in operand 1, f32[4,5]", cv_multi_dot(CV_LIST(F(2, 3), F(4, 5))));
}

static void test_products_and_diagonals(void **state) {
    (void)state;
    WRONG("cv_inner: f32[2,3] x f32[4]: inner dimensions 3 and 4 differ", cv_inner(F(2, 3), F(4)));
    WRONG("cv_matvec: f32[3] x f32[3]: the vectors need one axis, the matrices two", cv_matvec(F(3), F(3)));
    WRONG("cv_vecdot: f32[3] x f32[4]: vectors of 3 and 4 elements", cv_vecdot(F(3), F(4)));
    WRONG("cv_cross: f32[3] x f32[2]: vectors have 3 components both, or 2, not 3 and 2", cv_cross(F(3), F(2)));
    WRONG("cv_convolve: f32[2,3] and f32[3]: takes vectors of one or more elements", cv_convolve(F(2, 3), F(3)));
    WRONG("cv_polyval: the coefficients are f32[2,3]: they must be a vector", cv_polyval(F(2, 3), F(3)));
    WRONG("cv_matrix_power: f32[2,3] is no square matrix", cv_matrix_power(F(2, 3), 2));
    WRONG("cv_matrix_power: the power -1 is negative: it needs the inverse", cv_matrix_power(F(3, 3), -1));
    WRONG("cv_diagonal: f32[3]: a diagonal needs two axes", cv_diagonal(F(3)));
    WRONG("cv_trace: f32[2,3]: axis 1 is given twice", cv_trace(F(2, 3), .axis1 = 1, .axis2 = -1));
    WRONG("cv_diag: f32[1,2,3]: takes a vector or a matrix; cv_diagonal takes more axes", cv_diag(F(1, 2, 3)));
    WRONG("cv_geomspace: stop of f32[2] must be a scalar", cv_geomspace(CV_F32, 1, F(2), 3));
    cv_val out[4];
    WRONG("cv_meshgrid: operand 1 is f32[2,3]: it must be a vector", first_of(cv_meshgrid(CV_LIST(F(2), F(2, 3)), out), out));
}

static void test_stacks_and_arrangements(void **state) {
    (void)state;
    cv_val out[4];
    WRONG("cv_vstack: f32[2,3] and f32[1,4]: sizes 3 and 4 of axis 1 differ", cv_vstack(CV_LIST(F(2, 3), F(4))));
    WRONG("cv_hstack: f32[2,3] and f32[4] differ in the number of axes", cv_hstack(CV_LIST(F(2, 3), F(4))));
    WRONG("cv_append: f32[2,3] and f32[3] differ in the number of axes", cv_append(F(2, 3), F(3), .axis = CV_INTS(0)));
    WRONG("cv_delete: index 3 is out of range for axis 1 of f32[2,3]", cv_delete(F(2, 3), 3, .axis = CV_INTS(1)));
    WRONG("cv_insert: f32[4] cannot be broadcast to [1,3]", cv_insert(F(2, 3), 0, F(4), .axis = CV_INTS(0)));
    WRONG("cv_insert: f32 does not go into an array of s32; cv_astype converts", cv_insert(S(3), 0, F(1)));
    WRONG("cv_vsplit: axis 0 of f32[3,2] cannot be split into 2 equal parts", first_of(cv_vsplit(F(3, 2), 2, out), out));
    WRONG("cv_dsplit: f32[3,2] needs at least 3 axes", first_of(cv_dsplit(F(3, 2), 2, out), out));
    WRONG("cv_unstack: axis 0 of f32[3,2] has 3 elements, not 2", first_of(cv_unstack(F(3, 2), 2, out), out));
    WRONG("cv_fliplr: f32[3] needs at least 2 axes", cv_fliplr(F(3)));
    WRONG("cv_rot90: axis 0 of f32[2,3] is given twice", cv_rot90(F(2, 3), 1, .axes = CV_INTS(0, -2)));
    WRONG("cv_pad: axis 0 of f32[0] is empty: there is nothing to repeat", cv_pad(F(0), 0, CV_INTS(1), CV_INTS(0), .mode = CV_PAD_EDGE));
    WRONG("cv_pad: axis 0 is padded by -1 and 0: only zeros or more repeat what is there", cv_pad(F(3), 0, CV_INTS(-1), CV_INTS(0), .mode = CV_PAD_WRAP));
}

static void test_numbers_and_activations(void **state) {
    (void)state;
    WRONG("cv_hypot: f32[2] and f32[3]: shapes cannot be broadcast together", cv_hypot(F(2), F(3)));
    WRONG("cv_isclose: f32[2] and f32[3]: shapes cannot be broadcast together", cv_isclose(F(2), F(3)));
    WRONG("cv_glu: axis 1 of f32[2,3] has no two halves", cv_glu(F(2, 3)));
    WRONG("cv_glu: axis 2 is out of range for f32[2,3], which has 2 axes", cv_glu(F(2, 3), .axis = CV_INTS(2)));
    WRONG("cv_standardize: axis 1 of f32[2,3] is given twice", cv_standardize(F(2, 3), .axis = CV_INTS(1, -1)));
}

static void test_statistics(void **state) {
    (void)state;
    cv_val out[4];
    WRONG("cv_norm: f32[2,3,4]: .ord = 1 is of vectors or matrices: give one or two axes", cv_norm(F(2, 3, 4), .ord = 1));
    WRONG("cv_norm: there is no matrix norm .ord = 2 here: they are 1, -1, INFINITY, -INFINITY", cv_norm(F(2, 3), .ord = 2));
    WRONG("cv_ptp: f32[2,0]: no elements have no range", cv_ptp(F(2, 0), .axis = CV_INTS(1)));
    WRONG("cv_nanmax: f32[0]: no elements have no maximum", cv_nanmax(F(0)));
    WRONG("cv_average: f32[2,3] with weights f32[2]: they need its shape, or its size along the one axis", cv_average(F(2, 3), F(2), .axis = CV_INTS(1)));
    WRONG("cv_median: f32[2,0]: no elements have no quantile", cv_median(F(2, 0), .axis = CV_INTS(1)));
    WRONG("cv_quantile: q is f32[2,2]: it must be a scalar or a vector", cv_quantile(F(3), F(2, 2)));
    WRONG("cv_cov: f32[2,3,4]: observations are a vector or a matrix", cv_cov(F(2, 3, 4)));
    WRONG("cv_bincount: f32[3]: what is counted are integers; cv_astype converts", cv_bincount(F(3), 4));
    WRONG("cv_histogram: bins lie between at least two edges", cv_histogram(F(3), F(1)));
    WRONG("cv_histogram: f32[2,2]: the sorted array has one axis", cv_histogram(F(3), F(2, 2)));
    WRONG("cv_gradient: axis 1 of f32[2,1] needs at least two elements", first_of(cv_gradient(F(2, 1), out), out));
    WRONG("cv_trapezoid: f32[2,3] over f32[2]: the points need its shape, or its size along the axis", cv_trapezoid(F(2, 3), F(2)));
    WRONG("cv_interp: points f32[3] and values f32[2]: there must be as many, and one at least", cv_interp(F(4), F(3), F(2)));
    WRONG("cv_diff: .n = -1 is negative", cv_diff(F(3), .n = -1));
}

static void test_choices(void **state) {
    (void)state;
    cv_val out[4];
    WRONG("cv_select: needs as many choices as conditions, and one at least", cv_select(CV_LIST(F(2)), CV_LIST(F(2), F(2)), 0));
    WRONG("cv_choose: f32[2]: indices are integers; cv_astype converts", cv_choose(F(2), CV_LIST(F(2), F(2))));
    WRONG("cv_unravel_index: f32[2]: indices are integers; cv_astype converts", first_of(cv_unravel_index(F(2), CV_INTS(2, 3), out), out));
    WRONG("cv_unravel_index: the shape [2,0] has no elements", first_of(cv_unravel_index(S(2), CV_INTS(2, 0), out), out));
    WRONG("cv_ravel_multi_index: 1 arrays of indices for the 2 axes of [2,3]", cv_ravel_multi_index(CV_LIST(S(2)), CV_INTS(2, 3)));
    WRONG("cv_put_along_axis: f32[2,3] and indices s32[2] must have as many axes", cv_put_along_axis(F(2, 3), S(2), 1, .axis = CV_INTS(0)));
    WRONG("cv_put_along_axis: f32[4] cannot be broadcast to [2,1]", cv_put_along_axis(F(2, 3), S(2, 1), F(4), .axis = CV_INTS(1)));
}

static void test_within_a_trace(void **state) {
    (void)state;
    cv_val out = cv_call_one(cv_fun(wrong_inside), F(2, 3));
    assert_true(cv_is_poison(out));
    const char *place =
        strstr(cv_message(), ": cv_matmul: f32[2,3] x f32[2,3]: inner dimensions 3 and 2 differ");
    if (!place) print_error("%s\n", cv_message());
    assert_non_null(place);
    cv_clear();
}

static int no_failures(void **state) {
    (void)state;
    assert_int_equal(failures, 0);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_elementwise, no_failures),
        cmocka_unit_test_teardown(test_making, no_failures),
        cmocka_unit_test_teardown(test_shapes, no_failures),
        cmocka_unit_test_teardown(test_indexing, no_failures),
        cmocka_unit_test_teardown(test_reductions, no_failures),
        cmocka_unit_test_teardown(test_products, no_failures),
        cmocka_unit_test_teardown(test_einsum, no_failures),
        cmocka_unit_test_teardown(test_products_and_diagonals, no_failures),
        cmocka_unit_test_teardown(test_stacks_and_arrangements, no_failures),
        cmocka_unit_test_teardown(test_numbers_and_activations, no_failures),
        cmocka_unit_test_teardown(test_statistics, no_failures),
        cmocka_unit_test_teardown(test_choices, no_failures),
        cmocka_unit_test(test_within_a_trace),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cv_shutdown();
    return failed;
}
