// The command line: programs and .npy files in, .npy files or text out.
//
// One pass over the words gives a command: what to do, the program, the transforms in the order
// given, arguments. Everything after that runs in one protected call and raises what is wrong as one line;
// what it owns goes when that call ends. A program is text, so it has no C function: it is parsed,
// transformed, compiled and run by the layers beneath the public API, which serves for the arrays.
//
// The size of a mapped axis is known from the arrays only, and they have the axes of all transforms
// together; but every transform keeps the arguments before it in front, so the shape of an argument
// inside is found by taking off the axes of the transforms outside, last first.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "codegen/compile.h"
#include "codegen/gpu/emit_ptx.h"
#include "codegen/plan.h"
#include "covector/covector.h"
#include "ir/program.h"
#include "ir/stablehlo/stablehlo.h"
#include "runtime/allocator.h"
#include "runtime/execute.h"
#include "transforms/transforms.h"

static const char help[] =
    "covector run   PROGRAM [transforms] --args A.npy B.npy ... --out DIR\n"
    "    runs the program (@main of StableHLO, else the last function); writes DIR/out0.npy, DIR/out1.npy, ...\n"
    "covector bench PROGRAM [transforms] --args A.npy ... --out DIR [--seconds S] [--profile]\n"
    "    compiles once, runs for S seconds (1), writes the results; the last line that it prints is\n"
    "    {\"compile_ms\": , \"median_us\": , \"min_us\": , \"runs\": , \"peak_mib\": }\n"
    "    --profile             before it a table: the time in each kernel, matrix product and copy, with the\n"
    "                          bytes and operations that it would need at least, per second\n"
    "covector print PROGRAM [transforms] --as ir|simplified|kernels|plan|llvm|asm|stablehlo\n"
    "    prints the program after its transforms, also as StableHLO, or what the compiler makes of it\n"
    "covector print PROGRAM [transforms] --device cuda --as ptx\n"
    "    prints the code of its kernels for NVIDIA GPUs\n"
    "\n"
    "    --threads N           run and bench: use N threads; COVECTOR_THREADS, or all, if not given\n"
    "    --interpret           run and bench: by the reference interpreter\n"
    "    --check-indices       run and bench: compiled code checks every index\n"
    "\n"
    "PROGRAM is a file of StableHLO text, as JAX prints it, or of Covector's own; - is standard input.\n"
    "Transforms apply in the order given:\n"
    "    --jvp                 (arguments, tangents) -> (results, tangents of the results)\n"
    "    --vjp                 (arguments, cotangents of the results) ->\n"
    "                          (results, cotangents of the arguments)\n"
    "    --grad[=0,2]          gradients of the first result by these arguments (alone: by argument 0)\n"
    "    --value-and-grad[=0]  all results, then the gradients\n"
    "    --vmap[=0,-,1][:N]    the axis of each argument that is mapped, - for none (alone: 0 for all);\n"
    "                          N is the size of the axis, for print, where no --args tell it\n"
    "Arguments and results that are not floating point have no tangent and are left out there.\n"
    "--args takes every word up to the next option.\n"
    "\n"
    "Exit status: 0, or 1 after one line on standard error that says what is wrong and where.\n";

typedef enum transform_kind { JVP, VJP, GRAD, VALUE_AND_GRAD, VMAP, TRANSFORMS } transform_kind;
static const char *const transform_names[TRANSFORMS] = {"jvp", "vjp", "grad", "value-and-grad", "vmap"};

typedef base_vector(int64_t) numbers;

typedef struct transform {
    transform_kind kind;
    const char *word;     // as given, for messages
    bool every;           // vmap without a list
    numbers list;         // argument numbers, or axes with IR_UNMAPPED
    int64_t size;         // of a mapped axis; 0 if it was not given
} transform;

typedef enum verb { RUN, BENCH, PRINT, VERBS } verb;
static const char *const verb_names[VERBS] = {"run", "bench", "print"};

// What print prints; those after SIMPLIFIED are forms of the compiler.
typedef enum form { PROGRAM, SIMPLIFIED, KERNELS, PLAN, LLVM_CODE, ASSEMBLY, PTX, STABLEHLO, FORMS } form;
static const char *const form_names[FORMS] = {"ir", "simplified", "kernels", "plan", "llvm", "asm", "ptx",
                                              "stablehlo"};
static const cg_form compiler_forms[FORMS] = {
    [KERNELS] = CG_FORM_KERNELS, [PLAN] = CG_FORM_PLAN, [LLVM_CODE] = CG_FORM_LLVM, [ASSEMBLY] = CG_FORM_ASSEMBLY};

typedef struct command {
    int n_words;
    char **words;
    base_arena arena;
    verb verb;
    form form;
    bool interpret, check_indices, profile;
    int threads;
    double seconds;
    const char *program, *out;
    base_vector(transform) transforms;
    base_vector(const char *) args;
    ir_module *module;
    cv_val *arrays; // the arguments
} command;

// ---- words ---------------------------------------------------------------------------------------

// The value of --name=value, "" of --name alone, NULL of another word.
static const char *option_value(const char *word, const char *name) {
    size_t length = strlen(name);
    if (strncmp(word, "--", 2) || strncmp(word + 2, name, length)) return NULL;
    const char *rest = word + 2 + length;
    return *rest == '=' ? rest + 1 : *rest ? NULL : rest;
}

static int64_t parse_number(const char **text, const char *word) {
    char *end;
    errno = 0;
    long long number = strtoll(*text, &end, 10);
    if (end == *text || errno) base_raise(CV_INVALID, "%s: a number expected before \"%s\"", word, *text);
    *text = end;
    return number;
}

static void parse_list(command *c, transform *t, const char *text) {
    bool map = t->kind == VMAP;
    t->every = !*text || *text == ':';
    while (*text && *text != ':') {
        bool unmapped = map && *text == '-' && (!text[1] || text[1] == ',' || text[1] == ':');
        int64_t number = IR_UNMAPPED;
        if (unmapped) text++;
        else number = parse_number(&text, t->word);
        base_push(&c->arena, &t->list, number);
        if (*text == ',' && text[1]) text++;
        else if (*text && *text != ':')
            base_raise(CV_INVALID, "%s: a comma expected before \"%s\"", t->word, text);
    }
    if (*text == ':') {
        if (!map) base_raise(CV_INVALID, "%s: only --vmap takes a size", t->word);
        text++;
        t->size = parse_number(&text, t->word);
        if (*text || t->size < 1)
            base_raise(CV_INVALID, "%s: the size of the axis is a positive number", t->word);
    }
}

static bool parse_transform(command *c, const char *word) {
    for (int kind = 0; kind < TRANSFORMS; kind++) {
        const char *value = option_value(word, transform_names[kind]);
        if (!value) continue;
        transform t = {.kind = kind, .word = word};
        if (kind == JVP || kind == VJP) {
            if (*value) base_raise(CV_INVALID, "%s: takes no value", word);
        } else {
            parse_list(c, &t, value);
            if (t.every && kind != VMAP) base_push(&c->arena, &t.list, 0);
        }
        base_push(&c->arena, &c->transforms, t);
        return true;
    }
    return false;
}

// The value of an option that needs one: in the word itself or the next one.
static const char *needed_value(command *c, int *i, const char *value, const char *name) {
    if (!*value) value = ++*i < c->n_words ? c->words[*i] : "";
    if (!*value) base_raise(CV_INVALID, "--%s: a value is missing", name);
    return value;
}

// The number of a word in a list, or n.
static int find_word(const char *word, const char *const *list, int n) {
    int i = 0;
    while (i < n && strcmp(word, list[i])) i++;
    return i;
}

// Options that have a value; false if it is none of them.
static bool parse_setting(command *c, int *i, const char *word, const char **device) {
    const char *value;
    char *end = NULL;
    if (c->verb != PRINT && (value = option_value(word, "out"))) {
        c->out = needed_value(c, i, value, "out");
    } else if (c->verb != PRINT && (value = option_value(word, "threads"))) {
        value = needed_value(c, i, value, "threads");
        long threads = strtol(value, &end, 10);
        if (*end || threads < 1 || threads > 1024) base_raise(CV_INVALID, "--threads %s: a number from 1 on", value);
        c->threads = (int)threads;
    } else if (c->verb == BENCH && (value = option_value(word, "seconds"))) {
        value = needed_value(c, i, value, "seconds");
        c->seconds = strtod(value, &end);
        if (*end || !(c->seconds >= 0)) base_raise(CV_INVALID, "--seconds %s: no time", value);
    } else if (c->verb == PRINT && (value = option_value(word, "as"))) {
        value = needed_value(c, i, value, "as");
        c->form = (form)find_word(value, form_names, FORMS);
        if (c->form == FORMS)
            base_raise(CV_INVALID,
                       "--as %s: no such form; there are ir, simplified, kernels, plan, llvm, asm, ptx and stablehlo",
                       value);
    } else if (c->verb == PRINT && (value = option_value(word, "device"))) {
        *device = needed_value(c, i, value, "device");
    } else {
        return false;
    }
    return true;
}

static void parse_words(command *c) {
    const char *device = "cpu";
    const char *verb_word = c->n_words > 1 ? c->words[1] : "";
    c->verb = (verb)find_word(verb_word, verb_names, VERBS);
    if (c->verb == VERBS)
        base_raise(CV_INVALID, *verb_word ? "%s: no such command; there are run, bench and print (see --help)"
                                          : "%sa command is missing: run, bench or print (see --help)", verb_word);
    for (int i = 2; i < c->n_words; i++) {
        const char *word = c->words[i];
        if (strncmp(word, "--", 2)) {
            if (c->program) base_raise(CV_INVALID, "%s: the program is %s already", word, c->program);
            c->program = word;
        } else if (parse_transform(c, word) || parse_setting(c, &i, word, &device)) {
            continue;
        } else if (!strcmp(word, "--args")) {
            while (i + 1 < c->n_words && strncmp(c->words[i + 1], "--", 2))
                base_push(&c->arena, &c->args, c->words[++i]);
        } else if (c->verb != PRINT && !strcmp(word, "--interpret")) {
            c->interpret = true;
        } else if (c->verb != PRINT && !strcmp(word, "--check-indices")) {
            c->check_indices = true;
        } else if (c->verb == BENCH && !strcmp(word, "--profile")) {
            c->profile = true;
        } else {
            base_raise(CV_INVALID, "%s: no such option of %s (see --help)", word, verb_word);
        }
    }
    if (!c->program) base_raise(CV_INVALID, "%s: the program is missing (see --help)", verb_word);
    if (c->verb != PRINT && !c->out) base_raise(CV_INVALID, "%s: --out DIR is missing", verb_word);
    if (c->profile && c->interpret) base_raise(CV_INVALID, "--profile: the interpreter has no kernels");
    bool cuda = !strcmp(device, "cuda");
    if (!cuda && strcmp(device, "cpu"))
        base_raise(CV_INVALID, "--device %s: no such device; there are cpu and cuda", device);
    if (c->form == PTX && !cuda) base_raise(CV_INVALID, "--as ptx: this is code for --device cuda");
}

// ---- the program and its transforms --------------------------------------------------------------

static void close_file(void *file) {
    fclose(file);
}

static const char *read_program(command *c) {
    bool standard_input = !strcmp(c->program, "-");
    FILE *file = standard_input ? stdin : fopen(c->program, "rb");
    if (!file) base_raise(CV_IO, "%s: cannot be opened: %s", c->program, strerror(errno));
    if (!standard_input) base_defer(close_file, file);
    base_text text = {.arena = &c->arena};
    char buffer[4096];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;) {
        if (memchr(buffer, 0, n)) base_raise(CV_INVALID, "%s: not a text", c->program);
        base_text_add_n(&text, buffer, n);
    }
    if (ferror(file)) base_raise(CV_IO, "%s: cannot be read: %s", c->program, strerror(errno));
    return base_text_get(&text);
}

static void load_arguments(command *c) {
    c->arrays = base_new_array(&c->arena, cv_val, c->args.n + 1);
    for (uint32_t i = 0; i < c->args.n; i++) {
        c->arrays[i] = cv_load_npy_at(c->args.at[i], (cv_here){"--args", (int)i});
        if (!cv_ok()) base_raise(cv_error(), "%s", cv_message());
    }
}

static bool *flags(command *c, uint32_t n) {
    return base_new_array(&c->arena, bool, n + 1);
}

static bool *differentiable_params(command *c, const ir_function *f) {
    bool *active = flags(c, f->n_params);
    for (uint32_t i = 0; i < f->n_params; i++) active[i] = ir_is_differentiable(ir_param_type(f, i)->dtype);
    return active;
}

static bool *differentiable_results(command *c, const ir_function *f) {
    bool *active = flags(c, f->n_results);
    for (uint32_t i = 0; i < f->n_results; i++) active[i] = ir_is_differentiable(ir_result_type(f, i)->dtype);
    return active;
}

static const ir_function *apply_grad(command *c, const transform *t, const ir_function *f) {
    char text[IR_TYPE_TEXT];
    const ir_type *first = f->n_results ? ir_result_type(f, 0) : NULL;
    bool *active = flags(c, f->n_params);
    if (!first || first->rank || !ir_is_float(first->dtype))
        base_raise(CV_INVALID, "%s: the first result is %s, not a floating scalar", t->word,
                   first ? ir_type_text(first, text) : "missing");
    for (uint32_t i = 0; i < t->list.n; i++) {
        int64_t argument = t->list.at[i];
        if (argument < 0 || argument >= f->n_params)
            base_raise(CV_INVALID, "%s: there is no argument %lld, the program has %u", t->word,
                       (long long)argument, f->n_params);
        const ir_type *type = ir_param_type(f, (uint32_t)argument);
        if (!ir_is_differentiable(type->dtype))
            base_raise(CV_INVALID, "%s: argument %lld is %s, which has no gradient", t->word,
                       (long long)argument, ir_type_text(type, text));
        if (i && argument <= t->list.at[i - 1])
            base_raise(CV_INVALID, "%s: the arguments must stand in increasing order", t->word);
        active[argument] = true;
    }
    return xf_grad(f, active, t->kind == VALUE_AND_GRAD);
}

// The axis that a mapping takes from an argument, or IR_UNMAPPED.
static int64_t mapped_axis(const transform *t, uint32_t argument) {
    if (t->kind != VMAP) return IR_UNMAPPED;
    if (t->every) return 0;
    return argument < t->list.n ? t->list.at[argument] : IR_UNMAPPED;
}

// The size of the axis that transform `level` maps, as the array of an argument has it; 0 if it has not.
static int64_t size_in_argument(const command *c, uint32_t level, uint32_t argument) {
    int64_t dims[IR_MAX_RANK], rank = cv_rank(c->arrays[argument]), axis, size;
    for (int64_t i = 0; i < rank; i++) dims[i] = cv_size(c->arrays[argument], i);
    for (uint32_t outer = c->transforms.n; outer-- > level;) {
        if ((axis = mapped_axis(&c->transforms.at[outer], argument)) == IR_UNMAPPED) continue;
        if (axis < 0) axis += rank;
        if (axis < 0 || axis >= rank) return 0;
        size = dims[axis];
        if (outer == level) return size;
        memmove(dims + axis, dims + axis + 1, (size_t)(--rank - axis) * sizeof *dims);
    }
    return 0;
}

static const ir_function *apply_vmap(command *c, const transform *t, const ir_function *f) {
    uint32_t level = (uint32_t)(t - c->transforms.at);
    int64_t size = t->size;
    int64_t *in = base_new_array(&c->arena, int64_t, f->n_params + 1);
    int64_t *out = base_new_array(&c->arena, int64_t, f->n_results + 1);
    if (!t->every && t->list.n != f->n_params)
        base_raise(CV_INVALID, "%s: %u axes for %u arguments", t->word, t->list.n, f->n_params);
    for (uint32_t i = 0; i < f->n_params; i++) {
        in[i] = mapped_axis(t, i);
        if (in[i] != IR_UNMAPPED && !size && i < c->args.n) size = size_in_argument(c, level, i);
        int64_t rank = (int64_t)ir_param_type(f, i)->rank + 1;
        if (in[i] == IR_UNMAPPED) continue;
        if (in[i] < -rank || in[i] >= rank)
            base_raise(CV_INVALID, "%s: argument %u has %lld axes, there is no axis %lld", t->word, i,
                       (long long)rank, (long long)in[i]);
        if (in[i] < 0) in[i] += rank;
    }
    if (!size)
        base_raise(CV_INVALID, "%s: the size of the mapped axis is not known: write it as --vmap=...:N",
                   t->word);
    return xf_vmap(f, in, out, size, NULL);
}

static const ir_function *apply_transform(command *c, const transform *t, const ir_function *f) {
    switch (t->kind) {
    case JVP: return xf_jvp(f, differentiable_params(c, f), differentiable_results(c, f)).function;
    case VJP: return xf_vjp(f, differentiable_params(c, f));
    case GRAD:
    case VALUE_AND_GRAD: return apply_grad(c, t, f);
    case VMAP: return apply_vmap(c, t, f);
    case TRANSFORMS: break;
    }
    return f;
}

// ---- the commands --------------------------------------------------------------------------------

static void check_arguments(const command *c, const ir_function *f, ir_array *in) {
    if (c->args.n != f->n_params)
        base_raise(CV_INVALID, "--args: %u arrays for %u arguments", c->args.n, f->n_params);
    for (uint32_t i = 0; i < f->n_params; i++) {
        const ir_type *wanted = ir_param_type(f, i);
        int64_t dims[IR_MAX_RANK], rank = cv_rank(c->arrays[i]);
        for (int64_t axis = 0; axis < rank; axis++) dims[axis] = cv_size(c->arrays[i], axis);
        cv_dtype dtype = cv_dtype_of(c->arrays[i]);
        if (dtype == CV_U16 && wanted->dtype == CV_BF16) dtype = CV_BF16; // its bits: NumPy has no bfloat16
        const ir_type *given = ir_type_get(c->module, dtype, rank, dims);
        char wanted_text[IR_TYPE_TEXT], given_text[IR_TYPE_TEXT];
        if (given != wanted)
            base_raise(CV_INVALID, "%s: argument %u is %s, the program takes %s", c->args.at[i], i,
                       ir_type_text(given, given_text), ir_type_text(wanted, wanted_text));
        in[i] = (ir_array){wanted, (void *)(uintptr_t)cv_data(c->arrays[i])};
    }
}

static void make_folder(const char *path) {
    struct stat status;
    if (mkdir(path, 0777) && (errno != EEXIST || stat(path, &status) || !S_ISDIR(status.st_mode)))
        base_raise(CV_IO, "%s: cannot be made: %s", path, strerror(errno));
}

static void save_result(command *c, uint32_t number, const ir_array *result) {
    const char *path = base_format(&c->arena, "%s/out%u.npy", c->out, number);
    cv_here here = {"--out", (int)number};
    cv_ints shape = {result->type->rank, result->type->dims};
    cv_val value = cv_array_view_at(result->type->dtype, shape, result->data, NULL, NULL, here);
    cv_save_npy_at(path, value, here);
    cv_drop(value);
    if (!cv_ok()) base_raise(cv_error(), "%s", cv_message());
}

// A program that is ready to run, its arguments and results.
typedef struct execution {
    const ir_function *f;
    const cg_program *program; // NULL: it is interpreted
    ir_array *in, *out;
    void **params, **results;
    rt_lap *laps; // of a profile, or NULL
    double compile_ms;
} execution;

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void free_program(void *program) {
    cg_program_free(program);
}

static execution prepare(command *c, const ir_function *f) {
    execution e = {.f = f};
    e.in = base_new_array(&c->arena, ir_array, f->n_params + 1);
    e.out = base_new_array(&c->arena, ir_array, f->n_results + 1);
    e.params = base_new_array(&c->arena, void *, f->n_params + 1);
    e.results = base_new_array(&c->arena, void *, f->n_results + 1);
    check_arguments(c, f, e.in);
    for (uint32_t i = 0; i < f->n_params; i++) e.params[i] = e.in[i].data;
    for (uint32_t i = 0; i < f->n_results; i++) {
        const ir_type *type = ir_result_type(f, i);
        e.out[i] = (ir_array){type, e.results[i] = rt_allocate(type->bytes)};
        base_defer(rt_free, e.results[i]);
    }
    if (c->interpret) return e;
    double start = milliseconds();
    cg_options options = {
        .aligned = true, .check_indices = c->check_indices, .profile = c->profile, .threads = c->threads};
    e.program = cg_compile(f, &options);
    base_defer(free_program, (void *)(uintptr_t)e.program);
    e.compile_ms = milliseconds() - start;
    return e;
}

static void run_once(const command *c, const execution *e) {
    if (e->program) rt_run_profiled(e->program, c->threads, e->params, e->results, e->laps);
    else ir_interpret(e->f, e->in, e->out);
}

static void save_results(command *c, const execution *e) {
    make_folder(c->out);
    for (uint32_t i = 0; i < e->f->n_results; i++) save_result(c, i, &e->out[i]);
}

static void run(command *c, const ir_function *f) {
    execution e = prepare(c, f);
    run_once(c, &e);
    save_results(c, &e);
}

static int compare_times(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

// The table of a profile: a line for each kernel, product or copy that was run, the longest first.

typedef struct profile_line {
    const cg_profiled *what;
    rt_lap lap;
} profile_line;

static int compare_lines(const void *a, const void *b) {
    const profile_line *x = a, *y = b;
    int64_t first = x->lap.nanoseconds, second = y->lap.nanoseconds;
    return first != second ? (first > second ? -1 : 1) : x->what < y->what ? -1 : x->what > y->what;
}

static int widest(int width, const char *text) {
    int length = (int)strlen(text);
    return length > width ? length : width;
}

static void print_profile(command *c, const execution *e) {
    uint32_t n = 0;
    int names = 4, places = 5;
    int64_t all = 0;
    profile_line *lines = base_new_array(&c->arena, profile_line, e->program->n_profiled + 1);
    for (uint32_t i = 0; i < e->program->n_profiled; i++) {
        if (!e->laps[i].calls) continue;
        lines[n++] = (profile_line){&e->program->profiled[i], e->laps[i]};
        all += e->laps[i].nanoseconds;
        names = widest(names, e->program->profiled[i].name);
        places = widest(places, e->program->profiled[i].place);
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    printf("%-*s  %-*s %10s %10s %7s %9s %9s\n", names, "name", places, "place", "calls", "ms", "share", "GB/s",
           "Gop/s");
    for (uint32_t i = 0; i < n; i++) {
        double time = (double)lines[i].lap.nanoseconds, calls = (double)lines[i].lap.calls;
        double each = time > 0 ? calls / time : 0; // per nanosecond
        double share = all ? 100 * time / (double)all : 0;
        printf("%-*s  %-*s %10lld %10.3f %6.1f%% %9.2f %9.2f\n", names, lines[i].what->name, places,
               lines[i].what->place, (long long)lines[i].lap.calls, time * 1e-6, share,
               (double)lines[i].what->bytes * each, (double)lines[i].what->operations * each);
    }
}

static void bench(command *c, const ir_function *f) {
    enum { MOST_RUNS = 1 << 20 };
    execution e = prepare(c, f);
    base_vector(double) times = {0};
    run_once(c, &e); // touches the memory
    if (c->profile) e.laps = base_new_array(&c->arena, rt_lap, e.program->n_profiled + 1);
    double end = milliseconds() + c->seconds * 1e3;
    do {
        double start = milliseconds();
        run_once(c, &e);
        base_push(&c->arena, &times, (milliseconds() - start) * 1e3);
    } while (milliseconds() < end && times.n < MOST_RUNS);
    save_results(c, &e);
    if (c->profile) print_profile(c, &e);
    qsort(times.at, times.n, sizeof *times.at, compare_times);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"compile_ms\": %.3f, \"median_us\": %.3f, \"min_us\": %.3f, \"runs\": %u, \"peak_mib\": %.1f}\n",
           e.compile_ms, times.at[times.n / 2], times.at[0], times.n, (double)usage.ru_maxrss / 1024);
}

static void print(command *c, const ir_function *f) {
    base_text text = {.arena = &c->arena};
    if (c->form == PTX) cg_print_ptx(&text, cg_plan_new(&c->arena, xf_lower(xf_inline(f))));
    else if (c->form == STABLEHLO) ir_write_stablehlo(&text, f);
    else if (c->form > SIMPLIFIED) cg_print(&text, f, compiler_forms[c->form], &(cg_options){.aligned = true});
    else ir_print(&text, c->form == SIMPLIFIED ? xf_simplify(xf_recover_scans(xf_inline(f))) : f);
    if (fputs(base_text_get(&text), stdout) < 0 || fflush(stdout))
        base_raise(CV_IO, "standard output: cannot be written: %s", strerror(errno));
}

static void free_module(void *module) {
    ir_module_free(module);
}

static void execute(void *argument) {
    command *c = argument;
    parse_words(c);
    load_arguments(c);
    c->module = ir_module_new();
    base_defer(free_module, c->module);
    const char *text = read_program(c);
    const ir_function *f = ir_is_stablehlo(text)
                               ? xf_recover_scans(ir_import_stablehlo(c->module, c->program, text, NULL))
                               : ir_parse(c->module, c->program, text);
    for (uint32_t i = 0; i < c->transforms.n; i++) f = apply_transform(c, &c->transforms.at[i], f);
    if (c->verb == PRINT) print(c, f);
    else if (c->verb == BENCH) bench(c, f);
    else run(c, f);
}

int main(int n_words, char **words) {
    for (int i = 1; i < n_words; i++)
        if (!strcmp(words[i], "--help")) return fputs(help, stdout) < 0;
    command c = {.n_words = n_words, .words = words, .seconds = 1};
    base_failure failure;
    cv_status status = base_protect(execute, &c, &failure);
    if (status) fprintf(stderr, "covector: %s\n", failure.message);
    base_arena_free(&c.arena);
    cv_shutdown();
    return status != CV_OK;
}
