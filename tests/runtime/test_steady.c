// A training step asks for no memory after it has run once: every array and all scratch memory is what an
// earlier step gave back. malloc and its kin are counted, those of libraries too.

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <covector/covector.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Atomic long asked;

#pragma GCC visibility push(default) // libraries find these instead of their own
void *malloc(size_t size) {
    asked++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
    asked++;
    return __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size) {
    asked++;
    return __libc_realloc(memory, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    asked++;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : 12;
}
#pragma GCC visibility pop

enum { IMAGES = 64, PIXELS = 64, HIDDEN = 32, CLASSES = 10, LEAVES = 4 };

static cv_val scores(const cv_val *w, cv_val images) {
    cv_val hidden = cv_tanh(cv_add(cv_matmul(images, w[0]), w[1]));
    return cv_add(cv_matmul(hidden, w[2]), w[3]);
}

static void loss(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val likelihood = cv_mul(cv_log_softmax(scores(in, in[4])), cv_one_hot(CV_F32, in[5], CLASSES));
    out[0] = cv_neg(cv_mean(cv_sum(likelihood, .axis = CV_INTS(1))));
}

// Network, images and labels to network and loss.
static void step(cv_val *out, const cv_val *in, void *context) {
    (void)context;
    cv_val found[LEAVES + 1];
    cv_fn descend =
        cv_value_and_grad(cv_fun(loss, .in = LEAVES + 2, .out = 1), .argnums = CV_INTS(0, 1, 2, 3));
    cv_call_list(descend, found, LEAVES + 1, ((cv_vals){LEAVES + 2, in}));
    for (int i = 0; i < LEAVES; i++) out[i] = cv_sub(in[i], cv_mul(0.1, found[i + 1]));
    out[LEAVES] = found[0];
}

static cv_val numbers(int64_t rows, int64_t columns) {
    static float data[IMAGES * PIXELS];
    for (int64_t i = 0; i < rows * columns; i++) data[i] = (float)(i * 37 % 101) / 101 - 0.5f;
    return rows == 1 ? cv_array(CV_F32, CV_INTS(columns), data)
                     : cv_array(CV_F32, CV_INTS(rows, columns), data);
}

static void train(bool donate) {
    int32_t labels[IMAGES];
    for (int i = 0; i < IMAGES; i++) labels[i] = i % CLASSES;
    cv_scope_begin();
    cv_val in[] = {numbers(PIXELS, HIDDEN),  numbers(1, HIDDEN),
                   numbers(HIDDEN, CLASSES), numbers(1, CLASSES),
                   numbers(IMAGES, PIXELS),  cv_array(CV_S32, CV_INTS(IMAGES), labels)};
    cv_fn traced = cv_fun(step, .in = LEAVES + 2, .out = LEAVES + 1);
    cv_fn f = donate ? cv_jit(traced, .donate = CV_INTS(0, 1, 2, 3)) : cv_jit(traced);
    double first = 0, last = 0;
    for (int i = 0; i < 20; i++) {
        cv_val out[LEAVES + 1];
        long before = asked;
        cv_status status = cv_call_list(f, out, LEAVES + 1, ((cv_vals){LEAVES + 2, in}));
        assert_int_equal(status, CV_OK);
        for (int k = 0; k < LEAVES; k++) {
            cv_drop(in[k]); // also what is left of a donated one
            in[k] = out[k];
        }
        last = cv_item(out[LEAVES]);
        cv_drop(out[LEAVES]);
        // The second step still needs results beside the arguments of the first.
        if (i > 2) assert_int_equal(asked - before, 0);
        if (!i) first = last;
        if (!i) assert_true(asked > before); // it counts
    }
    assert_true(last < first);
    cv_scope_end();
}

static void test_steps_ask_for_no_memory(void **state) {
    (void)state;
    train(false);
    train(true);
    cv_shutdown();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps_ask_for_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
