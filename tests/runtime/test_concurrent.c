// Eight threads at once: each with a context of its own, which traces, compiles and calls; all with one
// context and one function, whose first call they race for; all with one context and each its own functions.
// Results are exact: integers in floating point. For ThreadSanitizer too (scripts/sanitize.sh thread).

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <covector/covector.h>

enum { THREADS = 8, ROUNDS = 5, MOST = 40000 };

typedef struct worker {
    pthread_t thread;
    int number;
    cv_context *context; // shared, or NULL
    cv_fn function;      // shared, or none
    pthread_barrier_t *start;
    char wrong[256];
} worker;

// A row of small integers, the same for the same seed.
static cv_val integers(int64_t rows, int64_t columns, int seed) {
    static _Thread_local float numbers[MOST];
    for (int64_t i = 0; i < rows * columns; i++) numbers[i] = (float)((i * 7 + seed) % 5 - 2);
    return cv_array(CV_F32, CV_INTS(rows, columns), numbers);
}

static float number_at(int64_t i, int seed) { return (float)((i * 7 + seed) % 5 - 2); }

// x, y to the sum of (x y - y)^2 along rows; with its gradient by x: 2 (x y - y) y.
static cv_val rows(cv_val x, cv_val y) {
    cv_val d = cv_sub(cv_mul(x, y), y);
    return cv_sum(cv_mul(d, d), .axis = CV_INTS(-1));
}

static cv_val everything(cv_val x, cv_val y) { return cv_sum(cv_call_one(cv_jit(cv_fun(rows)), x, y)); }

static bool check(worker *w, cv_fn f, int64_t n_rows, int64_t columns, int seed) {
    static _Thread_local float gradient[MOST];
    cv_val out[2];
    size_t bytes = sizeof(float) * (size_t)(n_rows * columns);
    cv_val in[] = {integers(n_rows, columns, seed), integers(n_rows, columns, seed + 3)};
    cv_status status = cv_call(f, out, 2, in[0], in[1]);
    double sum = 0, found = cv_item(out[0]);
    bool same = status == CV_OK && cv_read(out[1], gradient, bytes) == CV_OK;
    for (int64_t i = 0; i < n_rows * columns && same; i++) {
        float x = number_at(i, seed), y = number_at(i, seed + 3), d = x * y - y;
        sum += (double)(d * d);
        same = gradient[i] == 2 * d * y;
    }
    if (same && found == sum) return true;
    snprintf(w->wrong, sizeof w->wrong, "thread %d, f32[%d,%d]: %s, sum %.9g, not %.9g", w->number,
             (int)n_rows, (int)columns, cv_message(), found, sum);
    return false;
}

static cv_fn gradient_of(void) { return cv_jit(cv_value_and_grad(cv_fun(everything))); }

// Sizes of which some are shared out among threads; each is another program.
static bool work(worker *w, bool own_sizes) {
    for (int round = 0; round < ROUNDS; round++) {
        int64_t columns = 10 * (round + 1) + (own_sizes ? w->number : 0), n_rows = round % 2 ? 500 : 3;
        cv_scope_begin();
        bool good = check(w, gradient_of(), n_rows, columns, w->number + round);
        cv_scope_end();
        if (!good) return false;
    }
    return true;
}

static void *with_a_context_of_its_own(void *argument) {
    worker *w = argument;
    pthread_barrier_wait(w->start);
    cv_context *c = cv_context_new(.verify = true);
    cv_context_use(c);
    work(w, false);
    cv_context_use(NULL);
    cv_context_free(c);
    return NULL;
}

static void *with_functions_of_its_own(void *argument) {
    worker *w = argument;
    cv_context_use(w->context);
    pthread_barrier_wait(w->start);
    work(w, true);
    return NULL;
}

static void *with_the_same_functions(void *argument) {
    worker *w = argument;
    cv_context_use(w->context);
    pthread_barrier_wait(w->start);
    work(w, false);
    return NULL;
}

static void *with_one_function(void *argument) {
    worker *w = argument;
    cv_context_use(w->context);
    pthread_barrier_wait(w->start); // then all call it for the first time
    for (int i = 0; i < 20 && !*w->wrong; i++) {
        cv_scope_begin();
        check(w, w->function, 400, 30, w->number * 20 + i);
        cv_scope_end();
    }
    return NULL;
}

static void run(void *(*body)(void *), cv_context *context, cv_fn function) {
    static worker workers[THREADS];
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.number = i, .context = context, .function = function, .start = &start};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, body, &workers[i]), 0);
    }
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        if (!*workers[i].wrong) continue;
        print_error("%s\n", workers[i].wrong);
        wrong++;
    }
    pthread_barrier_destroy(&start);
    assert_int_equal(wrong, 0);
}

static void test_contexts_of_their_own(void **state) {
    (void)state;
    run(with_a_context_of_its_own, NULL, (cv_fn){0});
}

static void in_one_context(void *(*body)(void *)) {
    cv_context *c = cv_context_new(.threads = 3);
    run(body, c, (cv_fn){0});
    cv_context_free(c);
}

static void test_one_context(void **state) {
    (void)state;
    in_one_context(with_functions_of_its_own);
    in_one_context(with_the_same_functions);
}

static void test_one_function_that_all_call_first(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) { // a new context: nothing is compiled
        cv_context *c = cv_context_new(.threads = 2), *was = cv_context_use(c);
        run(with_one_function, c, gradient_of());
        cv_context_use(was);
        cv_context_free(c);
    }
}

static int tear_down(void **state) {
    (void)state;
    cv_shutdown();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contexts_of_their_own),
        cmocka_unit_test(test_one_context),
        cmocka_unit_test(test_one_function_that_all_call_first),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
