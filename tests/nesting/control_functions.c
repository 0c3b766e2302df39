// Control flow of every kind, alone and inside one another, for the nesting test: branches by data and by
// integers, loops whose trip count is known or is not, none at all, carries of several dtypes, captured
// values, unrolling, batches, prefix combinations. All smooth where they are evaluated; what is
// chosen by data is chosen differently for the elements of a batch.

#include "functions.h"

#define FLOATS(...) nesting_array(CV_INTS(__VA_ARGS__))
#define GENERAL(f, n_in, n_out) cv_fun(f, .in = n_in, .out = n_out)
#define CAPTURING(f, n_in, n_out, what)                                                                      \
    cv_fun(f, .in = n_in, .out = n_out, .context = &(what), .size = sizeof(what))

// An index that differs between elements of a batch.
static cv_val thirds(cv_val x) { return cv_astype(cv_floor(cv_mul(3.7, cv_abs(cv_sum(x)))), CV_S32); }

// 1. A switch by data, whose branches capture; one returns a C scalar.
static void sine(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_mul(cv_sin(in[0]), *(const cv_val *)context), out[1] = in[1];
}
static void square(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_add(cv_square(in[0]), *(const cv_val *)context), out[1] = cv_add(in[1], 1);
}
static void constant(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_full_like(in[0], 0.5), out[1] = CV_VAL(7);
}
static void switches(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val scale = cv_exp(in[1]);
    cv_fns branches =
        CV_FNS(CAPTURING(sine, 2, 2, scale), CAPTURING(square, 2, 2, in[1]), GENERAL(constant, 2, 2));
    cv_switch(cv_sub(thirds(in[0]), 1), branches, out, 2, in[0], in[2]);
}
static cv_fn switches_fn(void) { return GENERAL(switches, 3, 2); }
static void switches_in(cv_val *in) { in[0] = FLOATS(3), in[1] = FLOATS(3), in[2] = cv_s32(4); }

// 2. A switch by an integer argument that is beyond the last branch.
static cv_val cosine(cv_val x) { return cv_cos(x); }
static cv_val cube(cv_val x) { return cv_mul(x, cv_square(x)); }
static cv_val chosen(cv_val i, cv_val x) {
    cv_val out;
    cv_switch(i, CV_FNS(cv_fun(cosine), cv_jit(cv_fun(cube))), &out, 1, x);
    return out;
}
static cv_fn chosen_fn(void) { return cv_fun(chosen); }
static void chosen_in(cv_val *in) {
    in[0] = cv_array(CV_U8, CV_SCALAR, ((const uint8_t[]){200})), in[1] = FLOATS(2);
}

// 3. fori between traced bounds, with a float, an integer and a bool as carries.
static void traced_step(cv_val *out, const cv_val *in, void *context) {
    cv_val early = cv_less(in[0], 2);
    out[0] = cv_mul(in[1], cv_where(early, cv_sin(*(const cv_val *)context), 1.25));
    out[1] = cv_add(in[2], in[0]), out[2] = cv_logical_xor(in[3], early);
}
static void traced_bounds(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = in[0], out[1] = cv_s32(0), out[2] = cv_bool(false);
    cv_fori_loop(in[1], cv_add(3, thirds(in[0])), CAPTURING(traced_step, 4, 3, in[0]), out, 3);
}
static cv_fn traced_bounds_fn(void) { return GENERAL(traced_bounds, 2, 3); }
static void traced_bounds_in(cv_val *in) { in[0] = FLOATS(2), in[1] = cv_s32(1); }

// 4. A while that counts from a constant down to one: it has a reverse mode.
static void counts(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_greater(in[0], 2);
}
static void counted_step(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_sub(in[0], 3);
    out[1] = cv_mul(cv_sin(in[1]), cv_add(*(const cv_val *)context, cv_astype(in[0], CV_F64)));
}
static cv_val counted_while(cv_val x, cv_val y) {
    cv_val carry[] = {CV_VAL(11), x};
    cv_while_loop(GENERAL(counts, 2, 1), CAPTURING(counted_step, 2, 2, y), carry, 2);
    return carry[1];
}
static cv_fn counted_while_fn(void) { return cv_fun(counted_while); }
static void counted_while_in(cv_val *in) { in[0] = FLOATS(2), in[1] = FLOATS(2); }

// 5, 6. map of two arrays to two, in batches of two with one left over, and without batches.
static void mapped(cv_val *out, const cv_val *in, void *context) {
    out[0] = cv_mul(cv_sin(in[0]), cv_sum(in[1]));
    out[1] = cv_add(cv_matmul(*(const cv_val *)context, in[1]), in[0]);
}
static void in_batches(cv_val *out, const cv_val *in, void *context) {
    cv_map(CAPTURING(mapped, 2, 2, in[2]), out, 2, CV_LIST(in[0], in[1]), .batch_size = context ? 2 : 0);
}
static cv_fn batches_fn(void) { return cv_fun(in_batches, .in = 3, .out = 2, .context = "2", .size = 2); }
static cv_fn map_fn(void) { return GENERAL(in_batches, 3, 2); }
static void map_in(cv_val *in) { in[0] = FLOATS(5), in[1] = FLOATS(5, 3), in[2] = FLOATS(2, 3); }

// 7. A scan backwards, three steps of seven at a time, with carries of three dtypes and outputs of two.
static void unrolled_step(cv_val *out, const cv_val *in, void *context) {
    out[0] =
        cv_add(cv_mul(0.5, cv_sin(in[0])), cv_where(in[2], in[3], cv_mul(in[3], *(const cv_val *)context)));
    out[1] = cv_add(in[1], in[4]), out[2] = cv_logical_not(in[2]);
    out[3] = cv_square(out[0]), out[4] = out[1];
}
static void unrolled(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = in[0], out[1] = CV_VAL(0), out[2] = cv_bool(true);
    cv_fn body = CAPTURING(unrolled_step, 5, 5, in[2]);
    cv_scan(body, out, 3, out + 3, 2, .xs = CV_LIST(in[1], in[3]), .reverse = true, .unroll = 3);
}
static cv_fn unrolled_fn(void) { return GENERAL(unrolled, 4, 5); }
static void unrolled_in(cv_val *in) {
    in[0] = FLOATS(2), in[1] = FLOATS(7, 2), in[2] = FLOATS(2), in[3] = cv_arange(CV_S32, 0, 7, 1);
}

// 8. A linear recurrence by associative_scan over two arrays, along their second axis, backwards.
static void recurrence(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_mul(in[0], in[2]), out[1] = cv_add(cv_mul(in[2], in[1]), in[3]);
}
static void linear_recurrence(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_cos(in[0]), out[1] = in[1];
    cv_associative_scan(GENERAL(recurrence, 4, 2), out, 2, .axis = 1, .reverse = true);
}
static cv_fn recurrence_fn(void) { return GENERAL(linear_recurrence, 2, 2); }
static void recurrence_in(cv_val *in) { in[0] = FLOATS(2, 5), in[1] = FLOATS(2, 5); }

// 9. Prefix products of matrices, which do not commute.
static cv_val product(cv_val a, cv_val b) { return cv_matmul(a, b); }
static cv_val prefix_products(cv_val x) {
    cv_val y = cv_add(x, 0.5);
    cv_associative_scan(cv_fun(product), &y, 1);
    return y;
}
static cv_fn prefix_fn(void) { return cv_fun(prefix_products); }
static void prefix_in(cv_val *in) { in[0] = FLOATS(6, 2, 2); }

// 10. Loops that do not run, and arrays without elements.
static void scaled_step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_mul(in[0], cv_sum(in[1])), out[1] = cv_sin(in[1]);
}
static cv_val counted_twice(cv_val i, cv_val x) { return cv_mul(x, cv_astype(i, CV_F64)); }
static void no_steps(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = in[0];
    cv_scan(GENERAL(scaled_step, 2, 2), out, 1, out + 1, 1, .xs = CV_LIST(in[1]), .unroll = 4);
    cv_fori_loop(3, 3, cv_fun(counted_twice), out, 1);
    cv_fori_loop(5, -5, cv_fun(counted_twice), out, 1);
    cv_map(cv_fun(cosine), out + 2, 1, CV_LIST(out[1]), .batch_size = 2);
    out[3] = cv_cos(in[1]), out[4] = cv_square(cv_reshape(in[0], CV_INTS(1, 2)));
    cv_associative_scan(cv_fun(product), out + 3, 1);
    cv_associative_scan(cv_fun(product), out + 4, 1);
    out[0] = cv_sin(out[0]);
}
static cv_fn no_steps_fn(void) { return GENERAL(no_steps, 2, 5); }
static void no_steps_in(cv_val *in) { in[0] = FLOATS(2), in[1] = FLOATS(0, 3); }

// 11. A scan in a branch in a scan; the innermost body captures from all around it.
static void innermost(cv_val *out, const cv_val *in, void *context) {
    const cv_val *outer = context;
    out[0] = cv_mul(cv_sin(cv_add(in[0], outer[0])), cv_add(1.5, cv_mul(outer[1], in[1])));
}
static void deeper(cv_val *out, const cv_val *in, void *context) {
    const cv_val around[] = {in[0], *(const cv_val *)context};
    out[0] = in[0];
    cv_scan(CAPTURING(innermost, 2, 1, around), out, 1, NULL, 0, .xs = CV_LIST(in[1]));
}
static void shallow(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_add(cv_mul(0.5, in[0]), cv_sum(in[1]));
}
static void outer_step(cv_val *out, const cv_val *in, void *context) {
    const cv_val *captured = context;
    cv_cond(cv_greater(in[0], 0.1), CAPTURING(deeper, 2, 1, captured[0]), GENERAL(shallow, 2, 1), out, 1,
            in[0], in[1]);
}
static cv_val nested(cv_val x, cv_val xs, cv_val y) {
    cv_scan(CAPTURING(outer_step, 2, 1, y), &x, 1, NULL, 0, .xs = CV_LIST(xs));
    return x;
}
static cv_fn nested_fn(void) { return cv_fun(nested); }
static void nested_in(cv_val *in) { in[0] = cv_f64(0.4), in[1] = FLOATS(3, 2), in[2] = cv_f64(0.7); }

// 12. A branch in a while in a scan, whose trip count each element of a batch has for itself.
static cv_val small(cv_val x, cv_val y) { return cv_less(cv_abs(cv_add(x, cv_mul(0, y))), 1.3); }
static cv_val grow(cv_val x) { return cv_mul(1.5, cv_sin(cv_add(x, 0.9))); }
static cv_val shift(cv_val x) { return cv_add(cv_mul(1.25, x), 0.3); }
static void while_step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_cond(cv_less(in[0], 0.4), cv_fun(grow), cv_fun(shift), out, 1, in[0]);
    out[1] = in[1];
}
static void while_in_scan(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val carry[] = {cv_add(cv_mul(0.2, in[0]), cv_mul(0.5, in[1])), in[1]};
    cv_while_loop(cv_fun(small), GENERAL(while_step, 2, 2), carry, 2);
    out[0] = carry[0], out[1] = cv_square(carry[0]);
}
static void whiles(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = in[0];
    cv_scan(GENERAL(while_in_scan, 2, 2), out, 1, out + 1, 1, .xs = CV_LIST(in[1]));
}
static cv_fn whiles_fn(void) { return GENERAL(whiles, 2, 2); }
static void whiles_in(cv_val *in) { in[0] = cv_f64(0.2), in[1] = FLOATS(3); }

// 13. A gradient in the body of a fori, of a function that scans.
static void decay(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    out[0] = cv_mul(in[0], cv_cos(in[1]));
}
static cv_val energy(cv_val x) {
    cv_val carry = CV_VAL(1.0);
    cv_scan(GENERAL(decay, 2, 1), &carry, 1, NULL, 0, .xs = CV_LIST(x), .unroll = 2);
    return cv_add(carry, cv_mul(0.5, cv_sum(cv_square(x))));
}
static cv_val descend(cv_val i, cv_val x) {
    return cv_sub(x, cv_mul(cv_mul(0.1, cv_add(i, 1)), cv_call_one(cv_grad(cv_fun(energy)), x)));
}
static cv_val descent(cv_val x) {
    cv_fori_loop(0, 3, cv_fun(descend), &x, 1);
    return x;
}
static cv_fn descent_fn(void) { return cv_fun(descent); }
static void descent_in(cv_val *in) { in[0] = FLOATS(3); }

const nesting_case nesting_cases[] = {
    {"switch", switches_fn, 3, 2, switches_in, false},
    {"switch_by_integer", chosen_fn, 2, 1, chosen_in, false},
    {"fori_traced", traced_bounds_fn, 2, 3, traced_bounds_in, true},
    {"while_counted", counted_while_fn, 2, 1, counted_while_in, false},
    {"map_in_batches", batches_fn, 3, 2, map_in, false},
    {"map", map_fn, 3, 2, map_in, false},
    {"scan_unrolled", unrolled_fn, 4, 5, unrolled_in, false},
    {"associative_recurrence", recurrence_fn, 2, 2, recurrence_in, false},
    {"associative_products", prefix_fn, 1, 1, prefix_in, false},
    {"no_steps", no_steps_fn, 2, 5, no_steps_in, false},
    {"scan_cond_scan", nested_fn, 3, 1, nested_in, false},
    {"scan_while_cond", whiles_fn, 2, 2, whiles_in, true},
    {"descent", descent_fn, 1, 1, descent_in, false},
};
const int nesting_case_count = sizeof nesting_cases / sizeof *nesting_cases;
const int nesting_depth = 2;
