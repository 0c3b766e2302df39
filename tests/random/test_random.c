// Random programs, judged; and the programs of tests/regressions/, which once failed.
//
//     test_random [--seed S] [--programs N] [--time SECONDS]    programs S, S + 1, ...
//     test_random FILE...                                       these, in the form of tests/regressions/
//
// The seed is 1, or that of COVECTOR_SEED. A program that fails is made small and printed: as a file under
// tests/regressions/ it is run from then on. With COVECTOR_SHOW in the environment each program is printed.

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pool.h"
#include "random.h"
#include "runtime/allocator.h"
#include "transforms/activity.h"

// Primitives that may refuse, and what: all others have every rule that the judge asks for.
static bool may_refuse(ir_primitive p) {
    return p == IR_while           // reverse mode, if it does not count between constants
           || p == IR_scatter_mul; // derivatives where updates may meet, and machine code for complex numbers
                                   // there
}

typedef struct run {
    uint64_t seed;
    const char *path; // or NULL: drawn
    bool shrinks, failed;
} run;

static rp_tally tally;
static uint64_t drawn[IR_PRIMITIVE_COUNT], current_seed;

static rp_case draw_case(ir_module *module, uint64_t seed) {
    uint64_t state = rp_state(seed, 0);
    rp_case c = {.module = module, .seed = seed};
    int64_t depth = rp_below(&state, 20);
    c.n = depth < 6 ? 0 : depth < 12 ? 1 : depth < 17 ? 2 : 3;
    for (int i = 0; i < c.n; i++) c.kinds[i] = (rp_kind)rp_below(&state, RP_KINDS);
    c.f = rp_generate(module, &state, &(rp_options){.drawn = drawn});
    return c;
}

static rp_case read_case(ir_module *module, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) base_raise(CV_INVALID, "%s cannot be read", path);
    char *text = base_arena_zeroed(xf_scratch(), 1 << 20);
    size_t n = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    text[n] = 0;
    return rp_parse(module, path, text);
}

static void print_case(const char *title, const rp_case *c) {
    base_text text = {.arena = xf_scratch()};
    rp_print(&text, c);
    printf("%s\n%s", title, base_text_get(&text));
    fflush(stdout);
}

static void judge(void *argument) { rp_judge(argument, &tally); }

static void check(void *argument) {
    run *r = argument;
    ir_module *module = ir_module_new();
    base_defer((void (*)(void *))ir_module_free, module);
    module->verify = true;
    rp_case c = r->path ? read_case(module, r->path) : draw_case(module, r->seed);
    if (getenv("COVECTOR_SHOW")) print_case("// drawn", &c);
    base_failure failure;
    if (!base_protect(judge, &c, &failure)) return;
    r->failed = true;
    printf("FAILED %s %llu: %s\n", r->path ? r->path : "seed", (unsigned long long)c.seed, failure.message);
    fflush(stdout);
    if (r->path && !r->shrinks) return;
    rp_case small = rp_shrink(&c, 30);
    print_case("// made small", &small);
}

static bool run_one(uint64_t seed, const char *path, bool shrinks) {
    run r = {.seed = seed, .path = path, .shrinks = shrinks};
    base_failure failure;
    current_seed = seed;
    if (base_protect(check, &r, &failure)) {
        printf("FAILED %s %llu: %s\n", path ? path : "seed", (unsigned long long)seed, failure.message);
        r.failed = true;
    }
    return !r.failed;
}

static int run_regressions(const char *source) {
    char folder[512], path[800];
    int failed = 0, n = 0;
    snprintf(folder, sizeof folder, "%s/tests/regressions", source);
    DIR *directory = opendir(folder);
    if (!directory) return 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".ir")) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        failed += !run_one(0, path, false);
        n++;
    }
    closedir(directory);
    printf("regressions: %d programs, %d failed\n", n, failed);
    return failed;
}

static void say_seed(int signal_number) {
    char text[80];
    int n = snprintf(text, sizeof text, "FAILED seed %llu: signal %d\n", (unsigned long long)current_seed,
                     signal_number);
    if (write(STDOUT_FILENO, text, (size_t)n) < 0) _exit(3);
    _exit(2);
}

// Returns how many primitives were never drawn (by many programs), or refused what they should not.
static int report(bool many) {
    int bad = 0;
    printf("drawn:");
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++)
        printf(" %s %llu%s", ir_primitives[p].name, (unsigned long long)drawn[p],
               p + 1 < IR_PRIMITIVE_COUNT ? "," : "\n");
    printf("transforms:");
    for (int k = 0; k < RP_KINDS; k++)
        printf(" %s %llu,", rp_kind_names[k], (unsigned long long)tally.transforms[k]);
    printf(" %llu programs grew too large to go on\nrefused:", (unsigned long long)tally.too_large);
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++)
        if (tally.refused[p]) printf(" %s %llu", ir_primitives[p].name, (unsigned long long)tally.refused[p]);
    printf("\nelements: %llu compared, %llu of them open to rounding, %llu held to the same bits\n",
           (unsigned long long)tally.elements, (unsigned long long)tally.undecided,
           (unsigned long long)tally.same_bits);
    printf("derivatives: of %llu programs, of %llu one that is not zero; slopes: %llu compared, %llu of them "
           "without a limit; transposes: %llu, %llu of them open to rounding\n",
           (unsigned long long)tally.derivatives, (unsigned long long)tally.derivatives_nonzero,
           (unsigned long long)tally.slopes, (unsigned long long)tally.slopes_undecided,
           (unsigned long long)tally.products, (unsigned long long)tally.products_undecided);
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++) {
        if (many && !drawn[p]) printf("NEVER DRAWN %s\n", ir_primitives[p].name);
        if (tally.refused[p] && !may_refuse(p)) printf("REFUSED %s\n", ir_primitives[p].name);
        bad += (many && !drawn[p]) || (tally.refused[p] && !may_refuse(p));
    }
    return bad;
}

static void check_rows(void *argument) {
    (void)argument;
    rp_check_rows();
}

int main(int n, char **words) {
    const char *source = getenv("COVECTOR_SOURCE"), *seeds = getenv("COVECTOR_SEED");
    uint64_t seed = seeds ? strtoull(seeds, NULL, 10) : 1, programs = 300;
    int failed = 0, files = 0;
    time_t end = 0;
    base_failure failure;
    signal(SIGSEGV, say_seed);
    signal(SIGFPE, say_seed);
    signal(SIGABRT, say_seed);
    for (int i = 1; i < n; i++) {
        if (!strcmp(words[i], "--seed") && i + 1 < n)
            seed = strtoull(words[++i], NULL, 10);
        else if (!strcmp(words[i], "--programs") && i + 1 < n)
            programs = strtoull(words[++i], NULL, 10);
        else if (!strcmp(words[i], "--time") && i + 1 < n)
            end = time(NULL) + atoi(words[++i]);
        else
            failed += !run_one(0, words[i], true), files++;
    }
    if (!files) {
        if (base_protect(check_rows, NULL, &failure)) printf("%s\n", failure.message), failed++;
        if (source) failed += run_regressions(source);
        uint64_t ran = 0;
        for (; ran < programs && (!end || time(NULL) < end); ran++)
            failed += !run_one(seed + ran, NULL, true);
        failed += report(ran >= 300);
        printf("random programs: %llu from seed %llu, %d failures\n", (unsigned long long)ran,
               (unsigned long long)seed, failed);
    }
    base_pool_stop();
    rt_trim();
    return failed != 0;
}
