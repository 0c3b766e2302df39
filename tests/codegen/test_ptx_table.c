// ptxas takes every kernel of the table of primitives: each case, dtype and shape (../primitives/table.h) as a
// program of one operation; for one shape its gradient and a batch of it too.
//
// Without the CUDA toolkit only the text is made. To start ptxas less often, programs are handed to it many
// at a time, each with a prefix to its names. Unless --all is given, transforms and all cases of a primitive are
// run for f32 and s32, edge shapes for f32, and the other dtypes take its first case.
//
//     test_ptx_table [--all] [primitive ...]

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../primitives/table.h"
#include "base/error.h"
#include "codegen/gpu/emit_ptx.h"
#include "transforms/transforms.h"

enum { MOST_AT_ONCE = 100 };
static const char *const form_names[TEST_FORMS] = {"", ", gradient", ", batch"};

static struct {
    uint32_t programs, kernels, accepted, refused, failed;
    uint32_t of_primitive[IR_PRIMITIVE_COUNT];
} counts;
static bool has_ptxas;

// ---- many programs in one text -------------------------------------------------------------------

static struct {
    base_arena arena;
    base_text text, names;
    uint32_t programs, kernels;
} waiting;

static bool is_accepted(const char *ptx) {
    char path[] = "/tmp/covector-ptx-XXXXXX", command[128];
    int file = mkstemp(path);
    if (file < 0 || write(file, ptx, strlen(ptx)) != (ssize_t)strlen(ptx)) {
        printf("%s cannot be written\n", path);
        return false;
    }
    close(file);
    snprintf(command, sizeof command, "ptxas -arch=sm_90 -o /dev/null %s", path);
    bool accepted = !system(command);
    unlink(path);
    return accepted;
}

static void assemble(void) {
    if (has_ptxas && waiting.kernels) {
        if (is_accepted(base_text_get(&waiting.text)))
            counts.accepted += waiting.kernels;
        else
            counts.failed++, printf("FAILED: ptxas refuses one of\n%s", base_text_get(&waiting.names));
    }
    base_arena_free(&waiting.arena);
    memset(&waiting, 0, sizeof waiting);
}

static uint32_t count(const char *text, const char *what) {
    uint32_t n = 0;
    for (; (text = strstr(text, what)); text += strlen(what)) n++;
    return n;
}

typedef base_vector(const char *) entry_names;

static bool is_of_name(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

// The names of entries in a text, which all other names that are not local begin with.
static void entries_of(const char *ptx, base_arena *arena, entry_names *names) {
    static const char entry[] = ".visible .entry ";
    while ((ptx = strstr(ptx, entry))) {
        const char *name = ptx += sizeof entry - 1;
        while (is_of_name(*ptx)) ptx++;
        char *copy = base_arena_copy(arena, name, (size_t)(ptx - name) + 1);
        copy[ptx - name] = 0;
        base_push(arena, names, copy);
    }
}

static void add_prefixed(base_text *text, const char *ptx, const entry_names *names, uint32_t number) {
    for (const char *from = ptx; *ptx; from = ptx) {
        bool is_global = !strncmp(ptx, "cg_$_", 5); // a function of the math builder, or its table
        for (uint32_t i = 0; i < names->n; i++) is_global |= !strncmp(ptx, names->at[i], strlen(names->at[i]));
        if (is_global) base_text_printf(text, "p%u_", number);
        if (is_of_name(*ptx))
            while (is_of_name(*ptx)) ptx++;
        else
            ptx++;
        base_text_add_n(text, from, (size_t)(ptx - from));
    }
}

// The directives at the head of a module stand in the first one only.
static void add(const char *ptx, const char *name) {
    static const char last_directive[] = ".address_size 64\n";
    entry_names names = {0};
    const char *body = strstr(ptx, last_directive);
    base_check(body);
    body += waiting.programs ? sizeof last_directive - 1 : 0;
    waiting.text.arena = waiting.names.arena = &waiting.arena;
    entries_of(body, &waiting.arena, &names);
    add_prefixed(&waiting.text, waiting.programs ? body : strstr(ptx, ".version"), &names, waiting.programs);
    base_text_printf(&waiting.names, "  %s\n", name);
    waiting.kernels += names.n;
    waiting.programs++;
}

// ---- programs ------------------------------------------------------------------------------------

typedef struct run {
    const test_case *c;
    cv_dtype dtype;
    int64_t variant;
    test_form form;
    ir_module *module;
    base_arena arena;
    base_text ptx;
    bool none; // there is no such form
} run;

static void print(void *argument) {
    run *r = argument;
    test_instance t = test_instance_new(r->c, r->dtype, r->variant, r->module, &r->arena);
    const ir_function *f = test_formed(&t, r->form);
    r->none = !f;
    if (!f) return;
    r->ptx.arena = &r->arena;
    cg_print_ptx(&r->ptx, cg_plan_new(&r->arena, xf_lower(xf_inline(f))));
}

static void run_one(run *r) {
    base_failure failure;
    char name[200];
    snprintf(name, sizeof name, "%s (%s, %s, shape %lld%s)", ir_primitives[r->c->primitive].name, r->c->name,
             cv_dtype_name(r->dtype), (long long)r->variant, form_names[r->form]);
    cv_status status = base_protect(print, r, &failure);
    if (status == CV_UNSUPPORTED) {
        counts.refused++;
        printf("refused %s: %s\n", name, failure.message);
    } else if (status) {
        counts.failed++;
        printf("FAILED %s: %s\n", name, failure.message);
    } else if (!r->none) {
        const char *ptx = base_text_get(&r->ptx);
        counts.programs++;
        counts.kernels += count(ptx, ".visible .entry");
        if (r->form == TEST_PLAIN) counts.of_primitive[r->c->primitive]++;
        if (count(ptx, ".visible .entry")) add(ptx, name);
    }
    base_arena_free(&r->arena);
    if (waiting.programs == MOST_AT_ONCE) assemble();
}

static bool is_usual(int dtype) { return dtype == CV_S32 || dtype == CV_F32; }

static void run_case(ir_module *module, const test_case *c, bool is_first, bool all) {
    uint32_t taken = ir_primitives[c->primitive].dtypes & ~ir_rules_of(c->primitive)->not_yet;
    int64_t n = test_variants(c), matrix = n > 1 ? n - 2 : 0; // the last of the edge shapes but one
    for (int dtype = 0; dtype < CV_DTYPE_COUNT; dtype++) {
        if (!(taken >> dtype & 1) || (c->dtypes && !(c->dtypes >> dtype & 1))) continue;
        bool thorough = all || is_usual(dtype);
        if (!thorough && !is_first) continue;
        for (int64_t variant = 0; variant < n; variant++) {
            if (variant != matrix && !all && dtype != CV_F32) continue;
            for (int as = TEST_PLAIN; as < (variant == matrix && thorough ? TEST_FORMS : TEST_REVERSE); as++)
                run_one(&(run){c, dtype, variant, as, module, {0}, {0}, false});
        }
    }
}

int main(int n, char **names) {
    has_ptxas = !system("ptxas --version >/dev/null 2>&1");
    bool all = n > 1 && !strcmp(names[1], "--all");
    if (all) n--, names++;
    ir_module *module = ir_module_new();
    for (uint32_t i = 0; i < test_n_cases; i++) {
        bool wanted = n < 2;
        for (int k = 1; k < n; k++) wanted |= !strcmp(names[k], ir_primitives[test_cases[i].primitive].name);
        bool is_first = !i || test_cases[i - 1].primitive != test_cases[i].primitive;
        if (wanted) run_case(module, &test_cases[i], is_first, all);
    }
    assemble();
    for (int p = 0; n < 2 && p < IR_PRIMITIVE_COUNT; p++)
        if (!counts.of_primitive[p]) counts.failed++, printf("EMPTY %s\n", ir_primitives[p].name);
    printf("%u programs, %u kernels, ", counts.programs, counts.kernels);
    if (has_ptxas) printf("ptxas accepts %u; ", counts.accepted);
    else printf("ptxas is not there; ");
    printf("%u programs are refused by code generation, %u failed\n", counts.refused, counts.failed);
    ir_module_free(module);
    return counts.failed != 0;
}
