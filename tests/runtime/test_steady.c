// A training step asks for no memory after it has run once: every array and all scratch memory is what an
// earlier step gave back. The step is that of examples/digits.c, with images and labels made anew for each
// step. malloc and its kin are counted, and what maps and unmaps memory or moves the break, those of
// libraries too; what the C library does below its own functions shows in the size of the address space.

#define _GNU_SOURCE // RTLD_NEXT
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../examples/digits_model.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Atomic long asked, mapped;

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

void *memalign(size_t alignment, size_t size) {
    asked++;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    asked++;
    return __libc_memalign(alignment, size);
}

// <sys/mman.h> would make one function of the first two.
void *mmap(void *at, size_t size, int access, int flags, int file, long offset);
void *mmap64(void *at, size_t size, int access, int flags, int file, long offset);
int munmap(void *at, size_t size);
void *mremap(void *at, size_t old_size, size_t size, int flags, ...);

static void *map(void *at, size_t size, int access, int flags, int file, long offset) {
    mapped++;
    return (void *)syscall(SYS_mmap, at, size, access, flags, file, offset);
}

void *mmap(void *at, size_t size, int access, int flags, int file, long offset) {
    return map(at, size, access, flags, file, offset);
}

void *mmap64(void *at, size_t size, int access, int flags, int file, long offset) {
    return map(at, size, access, flags, file, offset);
}

int munmap(void *at, size_t size) {
    mapped++;
    return (int)syscall(SYS_munmap, at, size);
}

void *mremap(void *at, size_t old_size, size_t size, int flags, ...) {
    va_list more;
    mapped++;
    va_start(more, flags);
    void *to = flags & 2 ? va_arg(more, void *) : NULL; // MREMAP_FIXED
    va_end(more);
    return (void *)syscall(SYS_mremap, at, old_size, size, flags, to);
}

int brk(void *end) {
    mapped++;
    return ((int (*)(void *))(uintptr_t)dlsym(RTLD_NEXT, "brk"))(end);
}

void *sbrk(intptr_t more) {
    mapped++;
    return ((void *(*)(intptr_t))(uintptr_t)dlsym(RTLD_NEXT, "sbrk"))(more);
}
#pragma GCC visibility pop

// Pages of the address space, without asking for memory.
static long address_space(void) {
    char text[128] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    if (file < 0) return 0;
    ssize_t n = read(file, text, sizeof text - 1);
    close(file);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

static cv_val numbers(int64_t rows, int64_t columns) {
    static float data[PIXELS * HIDDEN];
    for (int64_t i = 0; i < rows * columns; i++) data[i] = (float)(i * 37 % 101) / 101 - 0.5f;
    return rows == 1 ? cv_array(CV_F32, CV_INTS(columns), data)
                     : cv_array(CV_F32, CV_INTS(rows, columns), data);
}

static training initial_state(void) {
    training s = {.net = {{numbers(PIXELS, HIDDEN), numbers(1, HIDDEN)},
                          {numbers(HIDDEN, CLASSES), numbers(1, CLASSES)}}};
    const cv_val *net = (const cv_val *)&s.net;
    cv_val *velocity = (cv_val *)&s.velocity;
    for (int i = 0; i < CV_LEAVES(network); i++) velocity[i] = cv_zeros_like(net[i]);
    return s;
}

// Images that can be learnt: each digit has its own.
static void make_batch(int number, step_in *in) {
    static float images[BATCH * PIXELS];
    static int32_t labels[BATCH];
    for (int i = 0; i < BATCH; i++) {
        labels[i] = (number + i) % CLASSES;
        for (int j = 0; j < PIXELS; j++) images[i * PIXELS + j] = (float)((labels[i] * 29 + j * 7) % 16) / 16;
    }
    in->images = cv_array(CV_F32, CV_INTS(BATCH, 8, 8), images);
    in->labels = cv_array(CV_S32, CV_INTS(BATCH), labels);
}

static double one_step(cv_fn f, training *s, int number) {
    cv_scope_begin();
    step_in in = {.now = *s};
    step_out out;
    make_batch(number, &in);
    cv_status status = cv_call_list(f, (cv_val *)&out, CV_LEAVES(out), CV_TREE(in));
    assert_int_equal(status, CV_OK);
    double loss = cv_item(out.loss);
    for (int i = 0; i < CV_LEAVES(training); i++) {
        cv_drop(((cv_val *)s)[i]); // also what is left of a donated one
        cv_keep(((cv_val *)&out.next)[i]);
    }
    *s = out.next;
    cv_scope_end();
    return loss;
}

static void train(cv_fn f) {
    enum { STEPS = 40, WARM = 3 };
    training s = initial_state();
    double first = 0, last = 0;
    long pages = 0;
    for (int i = 0; i < STEPS; i++) {
        long asked_before = asked, mapped_before = mapped;
        last = one_step(f, &s, i);
        if (!i) {
            first = last;
            assert_true(asked > asked_before); // it counts
        }
        // The second step still needs results beside the arguments of the first.
        if (i < WARM) continue;
        assert_int_equal(asked - asked_before, 0);
        assert_int_equal(mapped - mapped_before, 0);
        if (i == WARM) pages = address_space();
    }
    assert_int_equal(address_space(), pages);
    assert_true(last < first / 2);
}

static void test_steps_ask_for_no_memory(void **state) {
    (void)state;
    assert_true(address_space() > 0);
    for (int donate = 0; donate < 2; donate++) {
        cv_scope_begin();
        cv_fn kept = cv_jit(cv_fun(step, .in = CV_LEAVES(step_in), .out = CV_LEAVES(step_out)));
        train(donate ? training_step() : kept);
        cv_scope_end();
    }
    assert_true(mapped > 0); // compiling maps memory for the code: it counts
    cv_shutdown();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps_ask_for_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
