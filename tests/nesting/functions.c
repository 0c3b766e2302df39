// Small functions of every kind that users write: products, reductions, control flow, indexing,
// closures, derivatives inside. All smooth where they are evaluated, all in f64.

#include "functions.h"

#define FLOATS(...) nesting_array(CV_INTS(__VA_ARGS__))
static cv_val integers(int64_t n, const int32_t *data) { return cv_array(CV_S32, CV_INTS(n), data); }

// 1. A chain of elementwise operations.
static cv_val chain(cv_val x) {
    cv_val y = cv_mul(cv_sin(x), cv_exp(cv_mul(0.5, x)));
    y = cv_add(cv_tanh(y), cv_log1p(cv_square(x)));
    return cv_mul(cv_logistic(y), cv_rsqrt(cv_add(1.5, cv_cos(y))));
}
static cv_fn chain_fn(void) { return cv_fun(chain); }
static void chain_in(cv_val *in) { in[0] = FLOATS(5); }

// 2. Products of matrices.
static cv_val products(cv_val a, cv_val b) { return cv_matmul(cv_tanh(cv_matmul(a, b)), cv_transpose(b)); }
static cv_fn products_fn(void) { return cv_fun(products); }
static void products_in(cv_val *in) { in[0] = FLOATS(3, 4), in[1] = FLOATS(4, 2); }

// 3. Softmax cross-entropy with integer labels.
static cv_val cross_entropy(cv_val logits, cv_val labels) {
    cv_val log_p = cv_log_softmax(logits, .axis = CV_INTS(-1));
    return cv_neg(cv_mean(cv_sum(cv_mul(log_p, cv_one_hot(CV_F64, labels, 4)), .axis = CV_INTS(-1))));
}
static cv_fn cross_entropy_fn(void) { return cv_fun(cross_entropy); }
static void cross_entropy_in(cv_val *in) { in[0] = FLOATS(3, 4), in[1] = integers(3, (int32_t[]){2, 0, 3}); }

// 4. A recurrent network: scan with weights as captured values, a carry, inputs and outputs.
static void rnn_step(cv_val *out, const cv_val *in, void *context) {
    const cv_val *weights = context;
    out[0] = cv_tanh(cv_add(cv_matmul(in[0], weights[0]), in[1]));
    out[1] = cv_sum(cv_square(out[0]));
}
static void rnn(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_fn step = cv_fun(rnn_step, .in = 2, .out = 2, .context = &in[0], .size = sizeof(cv_val));
    out[0] = in[1];
    cv_scan(step, &out[0], 1, &out[1], 1, .xs = CV_LIST(in[2]));
}
static cv_fn rnn_fn(void) { return cv_fun(rnn, .in = 3, .out = 2); }
static void rnn_in(cv_val *in) { in[0] = FLOATS(3, 3), in[1] = FLOATS(3), in[2] = FLOATS(4, 3); }

// 5. A branch that depends on data.
static cv_val when_positive(cv_val x, cv_val y) { return cv_mul(cv_sin(x), y); }
static cv_val when_negative(cv_val x, cv_val y) { return cv_sub(cv_mul(x, x), cv_exp(y)); }
static cv_val branching(cv_val x, cv_val y) {
    cv_val out;
    cv_cond(cv_greater(cv_sum(x), 0.0), cv_fun(when_positive), cv_fun(when_negative), &out, 1, x, y);
    return out;
}
static cv_fn branching_fn(void) { return cv_fun(branching); }
static void branching_in(cv_val *in) { in[0] = FLOATS(3), in[1] = FLOATS(3); }

// 6. Newton's method for the cube root in a while, batched inside.
static void newton_wants(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val error = cv_sub(cv_mul(in[0], cv_square(in[0])), in[1]);
    out[0] = cv_logical_and(cv_greater(cv_abs(error), 1e-13), cv_less(in[2], 60));
}
static void newton_step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val square = cv_square(in[0]);
    out[0] = cv_sub(in[0], cv_div(cv_sub(cv_mul(in[0], square), in[1]), cv_mul(3.0, square)));
    out[1] = in[1];
    out[2] = cv_add(in[2], 1);
}
static cv_val cube_root(cv_val x) {
    cv_val carry[3] = {cv_add(1.0, cv_mul(0.0, x)), x, cv_s32(0)};
    cv_while_loop(cv_fun(newton_wants, .in = 3, .out = 1), cv_fun(newton_step, .in = 3, .out = 3), carry, 3);
    // One more step: its derivative is exact at the root.
    cv_val square = cv_square(carry[0]);
    return cv_sub(carry[0], cv_div(cv_sub(cv_mul(carry[0], square), x), cv_mul(3.0, square)));
}
static cv_val cube_roots(cv_val x) {
    return cv_call_one(cv_vmap(cv_fun(cube_root)), cv_add(3.0, x));
}
static cv_fn cube_roots_fn(void) { return cv_fun(cube_roots); }
static void cube_roots_in(cv_val *in) { in[0] = FLOATS(3); }

// 7. Take and scatter with repeated indices.
static cv_val take_scatter(cv_val x, cv_val indices) {
    cv_val taken = cv_take(cv_exp(x), indices, .axis = CV_INTS(0));
    return cv_at_add(cv_square(x), indices, cv_sin(taken));
}
static cv_fn take_scatter_fn(void) { return cv_fun(take_scatter); }
static void take_scatter_in(cv_val *in) { in[0] = FLOATS(4, 2), in[1] = integers(3, (int32_t[]){1, 3, 1}); }

// 8. An inner derivative that captures values of the outer function and a concrete array.
static cv_val captured_energy(cv_val x);
static _Thread_local cv_val captured_outer, captured_array;
static cv_val captured_energy(cv_val x) {
    return cv_sum(cv_mul(cv_sin(cv_mul(x, captured_outer)), captured_array));
}
static void capture(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    captured_outer = in[1];
    captured_array = cv_array(CV_F64, CV_INTS(3), ((const double[]){0.5, -1.25, 2}));
    // The context makes this closure another function than the last one that captured.
    cv_fn energy = cv_fun(captured_energy);
    out[0] = cv_call_one(cv_grad(energy), in[0]);
}
static cv_fn capture_fn(void) { return cv_fun(capture, .in = 2, .out = 1); }
static void capture_in(cv_val *in) { in[0] = FLOATS(3), in[1] = FLOATS(3); }

// 9. The Hessian of a small network's loss times a vector, forward over reverse.
static cv_val network_loss(cv_val w, cv_val v, cv_val x) {
    return cv_mean(cv_square(cv_matmul(cv_tanh(cv_matmul(x, w)), v)));
}
static void hessian_product(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val results[2];
    cv_fn gradient = cv_grad(cv_fun(network_loss));
    cv_call(cv_jvp(gradient), results, 2, in[0], in[1], in[2], in[3], cv_zeros_like(in[1]), cv_zeros_like(in[2]));
    out[0] = results[1];
}
static cv_fn hessian_fn(void) { return cv_fun(hessian_product, .in = 4, .out = 1); }
static void hessian_in(cv_val *in) {
    in[0] = FLOATS(2, 3), in[1] = FLOATS(3, 1), in[2] = FLOATS(2, 2), in[3] = FLOATS(2, 3);
}

// 10. A scan that updates one row of a matrix per step.
static void row_step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val row = cv_dynamic_slice(in[0], CV_LIST(in[1], 0), CV_INTS(1, 2));
    out[0] = cv_dynamic_update_slice(in[0], cv_add(cv_sin(row), cv_mul(0.5, cv_square(row))), CV_LIST(in[1], 0));
}
static cv_val update_rows(cv_val x) {
    cv_scan(cv_fun(row_step, .in = 2, .out = 1), &x, 1, NULL, 0, .xs = CV_LIST(cv_arange(CV_S32, 0, 3, 1)), .reverse = true);
    return x;
}
static cv_fn update_rows_fn(void) { return cv_fun(update_rows); }
static void update_rows_in(cv_val *in) { in[0] = FLOATS(4, 2); }

// 11. Layer normalization and logsumexp, with two results.
static void normalize(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val centred = cv_sub(in[0], cv_mean(in[0], .axis = CV_INTS(-1), .keepdims = true));
    cv_val scale = cv_rsqrt(cv_add(cv_var(in[0], .axis = CV_INTS(-1), .keepdims = true), 0.1));
    out[0] = cv_add(cv_mul(cv_mul(centred, scale), in[1]), in[2]);
    out[1] = cv_logsumexp(out[0]);
}
static cv_fn normalize_fn(void) { return cv_fun(normalize, .in = 3, .out = 2); }
static void normalize_in(cv_val *in) { in[0] = FLOATS(3, 4), in[1] = FLOATS(4), in[2] = FLOATS(4); }

// 12. Shapes: concatenate, pad, slices with strides, flips, moved axes.
static cv_val shapes(cv_val x, cv_val y) {
    cv_val z = cv_concatenate(CV_LIST(x, cv_flip(y, .axis = CV_INTS(1))), .axis = 0);
    cv_val padded = cv_pad(cv_sin(z), cv_mean(x), CV_INTS(1, 0), CV_INTS(0, 2));
    cv_val sliced = cv_slice(padded, CV_INTS(0, 1), CV_INTS(5, 5), .stride = CV_INTS(2, 2));
    return cv_mul(cv_swapaxes(sliced, 0, 1), 2.0);
}
static cv_fn shapes_fn(void) { return cv_fun(shapes); }
static void shapes_in(cv_val *in) { in[0] = FLOATS(2, 3), in[1] = FLOATS(2, 3); }

// 13. fori with a jitted function inside, an integer argument and an integer result.
static cv_val jitted_piece(cv_val x, cv_val y) { return cv_mul(cv_cos(x), cv_add(y, 0.25)); }
static void counted_step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val factor = cv_astype(cv_add(in[0], in[2]), CV_F64);
    out[0] = cv_call_one(cv_jit(cv_fun(jitted_piece)), in[1], cv_mul(0.1, factor));
    out[1] = cv_add(in[2], 1);
}
static void counted(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = in[0], out[1] = in[1];
    cv_fori_loop(0, 3, cv_fun(counted_step, .in = 3, .out = 2), out, 2);
}
static cv_fn counted_fn(void) { return cv_fun(counted, .in = 2, .out = 2); }
static void counted_in(cv_val *in) { in[0] = FLOATS(3), in[1] = cv_s32(2); }

// 14. Powers, clamps and choices.
static cv_val choices(cv_val x) {
    cv_val y = cv_where(cv_greater(x, 0.05), cv_pow(cv_abs(x), 1.5), cv_pow(x, 3));
    return cv_add(cv_clip(y, -0.4, 0.4), cv_mul(cv_maximum(x, cv_mul(0.3, x)), cv_expm1(x)));
}
static cv_fn choices_fn(void) { return cv_fun(choices); }
static void choices_in(cv_val *in) { in[0] = FLOATS(5); }

const nesting_case nesting_cases[] = {
    {"chain", chain_fn, 1, 1, chain_in, false},
    {"products", products_fn, 2, 1, products_in, false},
    {"cross_entropy", cross_entropy_fn, 2, 1, cross_entropy_in, false},
    {"scan_rnn", rnn_fn, 3, 2, rnn_in, false},
    {"cond", branching_fn, 2, 1, branching_in, false},
    {"vmapped_while", cube_roots_fn, 1, 1, cube_roots_in, true},
    {"take_scatter", take_scatter_fn, 2, 1, take_scatter_in, false},
    {"captured", capture_fn, 2, 1, capture_in, false},
    {"hessian_product", hessian_fn, 4, 1, hessian_in, false},
    {"update_rows", update_rows_fn, 1, 1, update_rows_in, false},
    {"normalize", normalize_fn, 3, 2, normalize_in, false},
    {"shapes", shapes_fn, 2, 1, shapes_in, false},
    {"counted", counted_fn, 2, 2, counted_in, false},
    {"choices", choices_fn, 1, 1, choices_in, false},
};
const int nesting_case_count = sizeof nesting_cases / sizeof *nesting_cases;
const int nesting_depth = 3;
