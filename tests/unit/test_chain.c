// A chain of 100,000 operations goes through tracing, differentiation, simplification and printing in a
// thread whose stack is far too small for a recursion over it, and its gradient has at most five
// operations for each of the chain's.

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "covector/covector.h"

enum { LENGTH = 100000, STACK = 256 << 10 };

static cv_val chain(cv_val x) {
    cv_val y = x;
    for (int i = 0; i < LENGTH; i++) {
        if (i % 4 == 0) y = cv_mul(y, x);
        else if (i % 4 == 1) y = cv_add(y, x);
        else if (i % 4 == 2) y = cv_sin(y);
        else y = cv_tanh(y);
    }
    return y;
}

static int operations_of(const char *text) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, " = ")); at++) n++;
    return n;
}

typedef struct counts {
    int chain, gradient, simplified;
} counts;

static void *work(void *argument) {
    counts *c = argument;
    cv_scope_begin();
    cv_val x = cv_f32(0.5f);
    c->chain = operations_of(cv_make_ir(cv_fun(chain), x));
    c->gradient = operations_of(cv_make_ir(cv_grad(cv_fun(chain)), x));
    c->simplified = operations_of(cv_make_simplified_ir(cv_grad(cv_fun(chain)), x));
    cv_scope_end();
    return NULL;
}

static void test_chain_needs_no_stack(void **state) {
    (void)state;
    counts c = {0};
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, work, &c), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    assert_int_equal(c.chain, LENGTH);
    assert_in_range(c.gradient, LENGTH, 5 * LENGTH);
    assert_in_range(c.simplified, LENGTH, c.gradient);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_chain_needs_no_stack)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cv_shutdown();
    return failed;
}
