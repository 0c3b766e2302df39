// A tour of the API: the snippets of README.md, each in a function that runs it and checks what comes out.
// (tests/cli/test_readme.sh compares the two.)

#include <covector/covector.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures;

static void expect(const char *what, double found, double expected) {
    printf("%-28s %g\n", what, found);
    if (fabs(found - expected) <= 1e-5) return;
    failures++;
    printf("    expected %g\n", expected);
}

// ---- a function, its gradient, a batch -----------------------------------------------------------

static cv_val loss(cv_val w, cv_val b, cv_val x, cv_val y) {
    cv_val e = cv_sub(cv_tanh(cv_add(cv_matmul(x, w), b)), y);
    return cv_mean(cv_mul(e, e));
}

static void gradients(void) {
    cv_val w = cv_array(CV_F32, CV_INTS(3, 2), ((float[]){1, 2, 3, 4, 5, 6}));
    cv_val b = cv_zeros(CV_F32, CV_INTS(2));
    cv_val x = cv_array(CV_F32, CV_INTS(3), ((float[]){0.1f, 0.2f, -0.1f}));
    cv_val y = cv_ones(CV_F32, CV_INTS(2));

    cv_fn step = cv_jit(cv_value_and_grad(cv_fun(loss), .argnums = CV_INTS(0, 1)));
    cv_val out[3]; // the loss, its gradient by w, its gradient by b
    cv_call(step, out, 3, w, b, x, y);
    printf("loss %g\n", cv_item(out[0]));

    double e0 = tanh(0.2) - 1, e1 = tanh(0.4) - 1;
    expect("loss", cv_item(out[0]), (e0 * e0 + e1 * e1) / 2);
    double by_b = cv_item(cv_index(out[2], 0)), by_w = cv_item(cv_index(cv_ravel(out[1]), 0));
    expect("its gradient by b[0]", by_b, e0 * (1 - tanh(0.2) * tanh(0.2)));
    expect("its gradient by w[0,0]", by_w, 0.1 * by_b);

    cv_val xs = cv_stack(CV_LIST(x, cv_mul(2, x))), ys = cv_stack(CV_LIST(y, y));

    cv_fn each = cv_vmap(cv_fun(loss), .in = CV_INTS(CV_NONE, CV_NONE, 0, 0));
    cv_val losses = cv_call_one(each, w, b, xs, ys); // f32[2]

    expect("loss of the first", cv_item(cv_index(losses, 0)), cv_item(out[0]));

    cv_fn per_example = cv_vmap(cv_grad(cv_fun(loss)), .in = CV_INTS(CV_NONE, CV_NONE, 0, 0));
    cv_val gradients_of_w = cv_call_one(per_example, w, b, xs, ys); // f32[2,3,2]

    expect("a gradient for each example", cv_size(gradients_of_w, 0), 2);
}

// ---- immediate mode ------------------------------------------------------------------------------

static void immediate(void) {
    cv_val x = cv_array(CV_F32, CV_INTS(2, 3), ((float[]){1, 2, 3, 4, 5, 6}));
    cv_val rows = cv_sum(cv_mul(0.5, x), .axis = CV_INTS(-1), .keepdims = true); // f32[2,1]
    cv_val share = cv_div(x, rows);
    printf("the largest share is %g\n", cv_item(cv_max(share)));

    expect("the largest share", cv_item(cv_max(share)), 1);
}

// ---- forward and reverse mode, any order ---------------------------------------------------------

static cv_val cube(cv_val x) { return cv_mul(x, cv_mul(x, x)); }

static void derivatives(void) {
    cv_fn second = cv_grad(cv_grad(cv_fun(cube)));
    printf("cube''(2) = %g\n", cv_item(cv_call_one(second, 2.0))); // 12

    cv_val out[2];
    cv_call(cv_jvp(cv_fun(cube)), out, 2, 2.0, 1.0); // 8, and 12 along the tangent 1
    cv_call(cv_vjp(cv_fun(cube)), out, 2, 2.0, 1.0); // 8, and 12 for the cotangent 1

    expect("the second derivative", cv_item(cv_call_one(second, 2.0)), 12);
    expect("vjp", cv_item(out[1]), 12);
}

// ---- structs as trees ----------------------------------------------------------------------------

typedef struct line {
    cv_val slope, offset;
} line;

typedef struct sample {
    line l;
    cv_val x, y;
} sample;

static void squared_error(cv_val *out, const cv_val *in, void *context) {
    const sample *s = (const sample *)in;
    (void)context;
    cv_val e = cv_sub(cv_add(cv_mul(s->l.slope, s->x), s->l.offset), s->y);
    out[0] = cv_mul(e, e);
}

static void trees(void) {
    sample s = {{cv_f32(2), cv_f32(1)}, cv_f32(3), cv_f32(4)};
    line gradient;
    cv_fn error = cv_fun(squared_error, .in = CV_LEAVES(sample), .out = 1);
    cv_call_list(cv_grad(error, .argnums = CV_INTS(0, 1)), (cv_val *)&gradient, CV_LEAVES(line), CV_TREE(s));

    expect("by the slope", cv_item(gradient.slope), 18);
    expect("by the offset", cv_item(gradient.offset), 6);
}

// ---- control flow and captured values ------------------------------------------------------------

static cv_val decay; // what a callback uses besides its arguments it captures

static void filter(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val smooth = cv_add(cv_mul(decay, in[0]), cv_mul(cv_sub(1, decay), in[1]));
    out[0] = smooth; // the carry
    out[1] = smooth; // a row of the result
}

static cv_val last_smooth(cv_val xs) {
    cv_val carry = cv_index(xs, 0), ys;
    cv_scan(cv_fun(filter, .in = 2, .out = 2), &carry, 1, &ys, 1, .xs = CV_LIST(xs));
    return carry;
}

static void control(void) {
    decay = cv_f32(0.5f);
    cv_val xs = cv_array(CV_F32, CV_INTS(3), ((float[]){1, 2, 4}));
    cv_val weights = cv_call_one(cv_grad(cv_fun(last_smooth)), xs); // of each x in the last y

    expect("the last value", cv_item(cv_call_one(cv_fun(last_smooth), xs)), 2.75);
    expect("its weight in that", cv_item(cv_index(weights, 2)), 0.5);
}

// ---- the program that was traced -----------------------------------------------------------------

static cv_val norm(cv_val x) { return cv_sqrt(cv_sum(cv_mul(x, x))); }

static void programs(void) {
    cv_val x = cv_array(CV_F32, CV_INTS(2), ((float[]){3, 4}));
    puts(cv_make_ir(cv_fun(norm), x));

    expect("the program has a sum", strstr(cv_make_ir(cv_fun(norm), x), "reduce_sum") != NULL, 1);
}

// ---- errors --------------------------------------------------------------------------------------

static void errors(void) {
    cv_val x = cv_zeros(CV_F32, CV_INTS(8, 3)), y = cv_zeros(CV_F32, CV_INTS(4, 5));
    cv_val z = cv_exp(cv_matmul(x, y));
    if (!cv_ok()) puts(cv_message()); // ...: cv_matmul: f32[8,3] x f32[4,5]: inner dimensions 3 and 4 differ
    cv_clear();

    expect("the result is poison", cv_is_poison(z), 1);
}

// ---- ownership -----------------------------------------------------------------------------------

static cv_val halve(cv_val x) { return cv_mul(0.5, x); }

static void ownership(void) {
    cv_fn f = cv_jit(cv_fun(halve), .donate = CV_INTS(0));
    cv_val x = cv_ones(CV_F32, CV_INTS(1000));
    for (int i = 0; i < 10; i++) {
        cv_scope_begin();
        x = cv_keep(cv_call_one(f, x)); // the old x is consumed, the new one survives the scope
        cv_scope_end();
    }

    expect("ten times halved", cv_item(cv_index(x, 0)), 1.0 / 1024);
}

int main(void) {
    cv_scope_begin();
    gradients();
    immediate();
    derivatives();
    trees();
    control();
    programs();
    if (!cv_ok()) {
        printf("%s\n", cv_message());
        failures++;
    }
    errors();
    ownership();
    if (!cv_ok()) {
        printf("%s\n", cv_message());
        failures++;
    }
    cv_scope_end();
    cv_shutdown();
    return failures != 0;
}
