// What compiling costs, in milliseconds, as lines of JSON.
//
//     bench_compile [step | chain | calls]...
//
// step: from the callback to machine code of the training step of examples/digits.c: its first call less
// a later one. Compilers warm up, so each time is that of a process of its own; the median of several.
// chain: how the time grows with the length of a chain of operations, 10,000 beside 1,000, on a number and on
// vectors, and which phase it is that grows. What is linear has the ratio 10. Equal kernels share code: a chain
// that repeats itself costs less, so there is one that does not. Ratios are of processor time.
// calls: a program that calls one jitted function 1,000 times beside one that calls it 10 times.

#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "codegen/compile.h"
#include "covector/covector.h"
#include "digits_model.h"
#include "timing.h"

// By the clock on the wall, and of all processors together, which other programs do not stretch.
typedef struct moment {
    double wall, processor;
} moment;

static double milliseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static moment now(void) {
    return (moment){milliseconds(CLOCK_MONOTONIC), milliseconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static moment between(moment start, moment end) {
    return (moment){end.wall - start.wall, end.processor - start.processor};
}

// ---- the training step -----------------------------------------------------------------------------

static layer zero_layer(int rows, int columns) {
    return (layer){cv_zeros(CV_F32, CV_INTS(rows, columns)), cv_zeros(CV_F32, CV_INTS(columns))};
}

static void run_step(cv_fn f, step_in *in) {
    step_out out;
    check(cv_call_list(f, (cv_val *)&out, CV_LEAVES(out), CV_TREE(*in)) == CV_OK, "step");
    in->now = out.next;
}

// In a process of its own: prints the times. Later calls are too short to be taken off one by one.
static void step_once(void) {
    enum { LATER = 20 };
    static const float images[BATCH * PIXELS];
    static const int32_t labels[BATCH];
    moment start = now();
    cv_context *context = cv_context_new();
    cv_context_use(context);
    step_in in;
    for (int i = 0; i < 2; i++)
        ((network *)&in.now)[i] = (network){zero_layer(PIXELS, HIDDEN), zero_layer(HIDDEN, CLASSES)};
    in.images = cv_array(CV_F32, CV_INTS(BATCH, 8, 8), images);
    in.labels = cv_array(CV_S32, CV_INTS(BATCH), labels);
    cv_fn f = training_step();
    run_step(f, &in);
    moment first = now();
    for (int i = 0; i < LATER; i++) run_step(f, &in);
    moment made = between(start, first), later = between(first, now());
    printf("%.6f %.6f\n", made.wall - later.wall / LATER, made.processor - later.processor / LATER);
    cv_context_use(NULL);
    cv_context_free(context);
}

static void bench_step(const char *self) {
    enum { PROCESSES = 11 };
    double wall[PROCESSES], processor[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        int ends[2];
        check(!pipe(ends), "pipe");
        pid_t child = fork();
        if (!child) {
            dup2(ends[1], 1);
            execl(self, self, "--step-once", (char *)NULL);
            _exit(1);
        }
        close(ends[1]);
        FILE *answer = fdopen(ends[0], "r");
        int status, found = fscanf(answer, "%lf %lf", &wall[i], &processor[i]);
        fclose(answer);
        waitpid(child, &status, 0);
        check(found == 2 && !status, "a process with one step");
    }
    double middle = median(wall, PROCESSES);
    printf("{\"workload\": \"digits_step\", \"ms\": %.1f, \"least_ms\": %.1f, \"most_ms\": %.1f, "
           "\"processor_ms\": %.1f, \"limit\": 150}\n",
           middle, wall[0], wall[PROCESSES - 1], median(processor, PROCESSES));
}

// ---- programs of some length -----------------------------------------------------------------------

static int length; // of what is traced

// A product, a sum, a sine and a tanh in turn.
static cv_val chain(cv_val x) {
    cv_val y = x;
    for (int i = 0; i < length; i++) {
        if (i % 4 == 0) y = cv_mul(y, x);
        else if (i % 4 == 1) y = cv_add(y, x);
        else if (i % 4 == 2) y = cv_sin(y);
        else y = cv_tanh(y);
    }
    return y;
}

// The same operations in an order that nothing repeats, so that no two kernels are equal.
static cv_val mixed(cv_val x) {
    cv_val y = x;
    uint32_t random = 1;
    for (int i = 0; i < length; i++) {
        random = random * 1664525u + 1013904223u; // Numerical Recipes' generator
        switch (random >> 30) {
        case 0: y = cv_mul(y, x); break;
        case 1: y = cv_add(y, x); break;
        case 2: y = cv_sin(y); break;
        default: y = cv_tanh(y);
        }
    }
    return y;
}

enum { LINKS = 20 }; // of the function that is called

static cv_val short_chain(cv_val x) {
    int kept = length;
    length = LINKS;
    cv_val y = chain(x);
    length = kept;
    return y;
}

static cv_val calls(cv_val x) {
    cv_fn f = cv_jit(cv_fun(short_chain));
    for (int i = 0; i < length; i++) x = cv_call_one(f, x);
    return x;
}

typedef struct timing {
    moment call; // the first of the jitted function, tracing included
    double phases[CG_PHASES];
} timing;

typedef struct parsing {
    const char *text;
    double *phases;
} parsing;

static void free_module(void *module) { ir_module_free(module); }

static void compile_text(void *argument) {
    parsing *p = argument;
    ir_module *module = ir_module_new();
    base_defer(free_module, module);
    const ir_function *f = ir_parse(module, "chain", p->text);
    cg_program_free(cg_compile(f, &(cg_options){.aligned = true, .phase_ms = p->phases}));
}

static timing measure(cv_val (*body)(cv_val), int n, int64_t size) {
    length = n;
    timing t = {0};
    cv_context *context = cv_context_new();
    cv_context_use(context);
    cv_scope_begin();
    cv_val x = size ? cv_full(CV_F32, CV_INTS(size), 0.5) : cv_f32(0.5f);
    moment start = now();
    cv_call_one(cv_jit(cv_fun(body)), x);
    check(true, "a call");
    t.call = between(start, now());
    base_failure failure;
    parsing p = {cv_make_ir(cv_fun(body), x), t.phases};
    check(!base_protect(compile_text, &p, &failure), "compiling");
    cv_scope_end();
    cv_context_use(NULL);
    cv_context_free(context);
    return t;
}

static void compare(const char *name, cv_val (*body)(cv_val), int few, int many, int64_t size, double limit) {
    static const char *const phases[CG_PHASES] = {"simplify", "plan", "schedule", "code", "link"};
    timing a = measure(body, few, size), b = measure(body, many, size);
    printf("{\"workload\": \"%s\", \"n\": [%d, %d], \"ms\": [%.1f, %.1f], \"processor_ms\": [%.1f, %.1f], "
           "\"ratio\": %.2f, \"limit\": %.0f", name, few, many, a.call.wall, b.call.wall, a.call.processor, b.call.processor,
           b.call.processor / a.call.processor, limit);
    for (int p = 0; p < CG_PHASES; p++)
        printf(", \"%s_ms\": [%.2f, %.2f]", phases[p], a.phases[p], b.phases[p]);
    printf("}\n");
    fflush(stdout);
}

static void bench_chain(const char *self) {
    (void)self;
    measure(chain, 100, 0); // what is made once
    compare("chain_of_numbers", chain, 1000, 10000, 0, 12);
    compare("chain_of_vectors", chain, 1000, 10000, 1000, 12);
    compare("mixed_chain_of_numbers", mixed, 1000, 10000, 0, 12);
    compare("mixed_chain_of_vectors", mixed, 1000, 10000, 1000, 12);
}

static void bench_calls(const char *self) {
    (void)self;
    measure(chain, 100, 0);
    compare("calls", calls, 10, 1000, 1000, 20);
}

int main(int n, char **words) {
    static const struct {
        const char *name;
        void (*run)(const char *self);
    } workloads[] = {{"step", bench_step}, {"chain", bench_chain}, {"calls", bench_calls}};
    if (n == 2 && !strcmp(words[1], "--step-once")) {
        step_once();
        return 0;
    }
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        bool wanted = n < 2;
        for (int k = 1; k < n; k++) wanted |= !strcmp(words[k], workloads[i].name);
        if (wanted) workloads[i].run("/proc/self/exe");
    }
    cv_shutdown();
    return 0;
}
