// Programs that JAX exported, with the answers that JAX gave: forward, and under jvp, vjp and vmap.
//
//     test_conformance FOLDER [TEXT]       FOLDER: index.txt, arrays.bin, cases/; TEXT: of the names of cases
//
// select.py says what the files hold. A case is read by cv_import_file, transformed, compiled and called;
// results of operations that round nothing must have the same bits, integers always, others agree to a
// tolerance by dtype, whose absolute part scales with the largest expected magnitude. Cases are independent,
// so each processor takes the next one, in a context of its own: what a case leaves goes with it.

#include <complex.h>
#include <covector/covector.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARRAYS = 64, MAX_RANK = 8, MAX_THREADS = 64, LEAST_FORWARD = 150 };

// ---- the index ---------------------------------------------------------------------------------

typedef struct stored { // an array in arrays.bin
    cv_dtype dtype;
    int64_t rank, dims[MAX_RANK], count;
    const char *data;
} stored;

enum { FORWARD, JVP, VJP, VMAP, RUNS };
static const char *const run_names[RUNS] = {"forward", "jvp", "vjp", "vmap"};

typedef struct run {
    bool is_there, exact;
    int n_args, n_results;
    stored args[MAX_ARRAYS], results[MAX_ARRAYS];
} run;

typedef struct test_case {
    char *name;
    run runs[RUNS];
} test_case;

static const char *folder;
static test_case *cases;
static int n_cases;
static char *arrays;
static size_t arrays_bytes;

// The bytes of a file, with a 0 behind them; ends the process if there is no such file.
static char *read_file(const char *name, size_t *bytes) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *bytes = (size_t)ftell(file);
    rewind(file);
    char *content = calloc(*bytes + 1, 1);
    if (!content || fread(content, 1, *bytes, file) != *bytes) exit(1);
    fclose(file);
    return content;
}

static void malformed(const char *word) {
    fprintf(stderr, "index.txt: \"%s\" is not understood\n", word);
    exit(1);
}

static stored parse_array(const char *word) { // f32[2,3]@4096
    stored a = {.dtype = CV_DTYPE_DEFAULT, .count = 1};
    size_t length = strcspn(word, "[");
    for (int d = 0; d < CV_DTYPE_COUNT; d++)
        if (!strncmp(word, cv_dtype_name((cv_dtype)d), length) && !cv_dtype_name((cv_dtype)d)[length])
            a.dtype = (cv_dtype)d;
    if (a.dtype == CV_DTYPE_DEFAULT || !word[length]) malformed(word);
    char *next = (char *)(uintptr_t)word + length + 1;
    while (*next && *next != ']') {
        if (a.rank == MAX_RANK) malformed(word);
        a.count *= a.dims[a.rank++] = strtoll(next, &next, 10);
        if (*next == ',') next++;
    }
    if (next[0] != ']' || next[1] != '@') malformed(word);
    size_t offset = strtoull(next + 2, NULL, 10);
    if (offset + (size_t)a.count * cv_dtype_size(a.dtype) > arrays_bytes) malformed(word);
    a.data = arrays + offset;
    return a;
}

static void parse_run(run *r, char **rest) {
    int *n = &r->n_args;
    stored *at = r->args;
    *r = (run){.is_there = true, .exact = !strcmp(strtok_r(NULL, " ", rest), "exact")};
    for (char *word; (word = strtok_r(NULL, " ", rest));) {
        if (!strcmp(word, "->"))
            n = &r->n_results, at = r->results;
        else if (*n == MAX_ARRAYS)
            malformed(word);
        else
            at[(*n)++] = parse_array(word);
    }
}

static void parse_index(char *text, const char *match) {
    char *lines = NULL, *words = NULL;
    test_case *c = NULL;
    for (char *line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
        char *verb = strtok_r(line, " ", &words), *name = strtok_r(NULL, " ", &words);
        if (!strcmp(verb, "case")) {
            c = NULL;
            if (!strstr(name, match)) continue;
            if (!(n_cases & (n_cases - 1))) // it doubles
                cases = realloc(cases, (size_t)(n_cases ? 2 * n_cases : 1) * sizeof *cases);
            if (!cases) exit(1);
            c = &cases[n_cases++];
            *c = (test_case){.name = name};
            continue;
        }
        for (int i = 0; c && i < RUNS; i++)
            if (!strcmp(name, run_names[i])) parse_run(&c->runs[i], &words);
    }
}

// ---- comparing ---------------------------------------------------------------------------------

static bool is_inexact(cv_dtype dtype) {
    return dtype == CV_F16 || dtype == CV_BF16 || dtype == CV_F32 || dtype == CV_F64 || dtype == CV_C64 ||
           dtype == CV_C128;
}

// Element i of floating or complex numbers.
static double _Complex element(cv_dtype dtype, const void *data, int64_t i) {
    switch (dtype) {
    case CV_F16: return (double)((const _Float16 *)data)[i];
    case CV_BF16: {
        uint32_t bits = (uint32_t)((const uint16_t *)data)[i] << 16;
        float x;
        memcpy(&x, &bits, sizeof x);
        return x;
    }
    case CV_F32: return ((const float *)data)[i];
    case CV_F64: return ((const double *)data)[i];
    case CV_C64: return ((const float _Complex *)data)[i];
    default: return ((const double _Complex *)data)[i];
    }
}

static bool is_finite(double _Complex x) { return isfinite(creal(x)) && isfinite(cimag(x)); }
static bool is_nan(double _Complex x) { return isnan(creal(x)) || isnan(cimag(x)); }

typedef struct tolerance {
    double relative, absolute;
} tolerance;

static tolerance tolerance_of(cv_dtype dtype) {
    switch (dtype) {
    case CV_F16: return (tolerance){4e-3, 2e-3};
    case CV_BF16: return (tolerance){1.6e-2, 1e-2};
    case CV_F32:
    case CV_C64: return (tolerance){1e-4, 2e-5};
    default: return (tolerance){1e-9, 1e-11};
    }
}

// The number of elements that differ by more than they may.
static int64_t count_differences(const stored *want, const void *got, bool exact) {
    int64_t n = 0;
    if (!is_inexact(want->dtype)) {
        size_t size = cv_dtype_size(want->dtype);
        for (int64_t i = 0; i < want->count; i++)
            n += memcmp(want->data + (size_t)i * size, (const char *)got + (size_t)i * size, size) != 0;
        return n;
    }
    double scale = 1;
    for (int64_t i = 0; i < want->count; i++) {
        double _Complex x = element(want->dtype, want->data, i);
        if (is_finite(x)) scale = fmax(scale, cabs(x));
    }
    tolerance t = exact ? (tolerance){0} : tolerance_of(want->dtype);
    for (int64_t i = 0; i < want->count; i++) {
        double _Complex x = element(want->dtype, got, i), y = element(want->dtype, want->data, i);
        bool close = x == y || (is_nan(x) && is_nan(y)) ||
                     (is_finite(y) && cabs(x - y) <= t.absolute * scale + t.relative * cabs(y));
        n += !close;
    }
    return n;
}

// Says in `why` what is wrong with a result, or returns true.
static bool check_result(cv_val got, const stored *want, bool exact, int number, char *why, size_t size) {
    bool same = cv_rank(got) == want->rank && cv_dtype_of(got) == want->dtype;
    for (int64_t i = 0; same && i < want->rank; i++) same = cv_size(got, i) == want->dims[i];
    if (!same) {
        snprintf(why, size, "result %d has another type", number);
        return false;
    }
    int64_t n = count_differences(want, cv_data(got), exact);
    if (n)
        snprintf(why, size, "%lld of %lld elements of result %d differ", (long long)n, (long long)want->count,
                 number);
    return !n;
}

// ---- running -----------------------------------------------------------------------------------

static cv_val value_of(const stored *a) { return cv_array(a->dtype, ((cv_ints){a->rank, a->dims}), a->data); }

// Arguments of a run; of tangents and cotangents the index has only those that exist.
static int arguments_of(const test_case *c, int which, cv_val *in) {
    const run *r = &c->runs[which], *forward = &c->runs[FORWARD];
    int n = 0, used = 0;
    while (used < r->n_args && (which == FORWARD || which == VMAP || used < forward->n_args))
        in[n++] = value_of(&r->args[used++]);
    const stored *like = which == JVP ? forward->args : forward->results;
    int n_like = which == JVP ? forward->n_args : which == VJP ? forward->n_results : 0;
    for (int i = 0; i < n_like; i++)
        in[n++] = is_inexact(like[i].dtype) && used < r->n_args ? value_of(&r->args[used++]) : cv_none;
    return n;
}

static cv_fn transformed(cv_fn f, int which) {
    switch (which) {
    case JVP: return cv_jvp(f);
    case VJP: return cv_vjp(f);
    case VMAP: return cv_vmap(f);
    default: return f;
    }
}

static bool run_one(const test_case *c, int which, cv_fn f, char *why, size_t size) {
    const run *r = &c->runs[which], *forward = &c->runs[FORWARD];
    cv_val in[2 * MAX_ARRAYS], out[2 * MAX_ARRAYS];
    int n_in = arguments_of(c, which, in), n_out = forward->n_results, checked = 0;
    const stored *like = which == JVP ? forward->results : forward->args;
    int n_like = which == JVP ? forward->n_results : which == VJP ? forward->n_args : 0;
    if (cv_call_list(transformed(f, which), out, n_out + n_like, ((cv_vals){n_in, in})) != CV_OK) {
        snprintf(why, size, "%s", cv_message());
        return false;
    }
    for (int i = 0; i < n_out + n_like; i++) {
        if (i >= n_out && !is_inexact(like[i - n_out].dtype)) continue;
        if (checked == r->n_results || !check_result(out[i], &r->results[checked++], r->exact, i, why, size))
            return false;
    }
    return checked == r->n_results;
}

static atomic_int next_case, failures, passed[RUNS];

static void run_case(const test_case *c) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cases/%s.mlir", folder, c->name);
    cv_context *context = cv_context_new(.threads = 1);
    cv_context *before = cv_context_use(context);
    cv_fn f = cv_import_file(path);
    for (int which = 0; which < RUNS; which++) {
        char why[512] = "the number of results is another";
        if (!c->runs[which].is_there) continue;
        cv_scope_begin();
        if (run_one(c, which, f, why, sizeof why))
            passed[which]++;
        else {
            failures++;
            printf("%s: %s: %s\n", c->name, run_names[which], why);
        }
        cv_clear();
        cv_scope_end();
    }
    cv_context_use(before);
    cv_context_free(context);
}

static void *work(void *unused) {
    (void)unused;
    for (int i; (i = next_case++) < n_cases;) run_case(&cases[i]);
    return NULL;
}

int main(int count, char **words) {
    if (count < 2 || count > 3) return fprintf(stderr, "usage: test_conformance FOLDER [TEXT]\n"), 1;
    folder = words[1];
    size_t bytes;
    arrays = read_file("arrays.bin", &arrays_bytes);
    char *index = read_file("index.txt", &bytes);
    parse_index(index, count == 3 ? words[2] : "");

    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pthread_t threads[MAX_THREADS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int n_threads = processors < 1 ? 1 : processors > MAX_THREADS ? MAX_THREADS : (int)processors;
    for (int i = 0; i < n_threads; i++)
        if (pthread_create(&threads[i], NULL, work, NULL)) return perror("pthread_create"), 1;
    for (int i = 0; i < n_threads; i++) pthread_join(threads[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);

    double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    printf("%d cases in %.1f s on %d threads:", n_cases, seconds, n_threads);
    for (int i = 0; i < RUNS; i++) printf(" %d %s%s", passed[i], run_names[i], i + 1 < RUNS ? "," : "");
    printf(" passed, %d failed\n", failures);
    bool enough = count == 3 || passed[FORWARD] >= LEAST_FORWARD;
    if (!enough) printf("fewer than %d cases passed forward\n", LEAST_FORWARD);
    free(cases);
    free(index);
    free(arrays);
    cv_shutdown();
    return failures || !enough || !n_cases;
}
