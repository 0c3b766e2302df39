// What the tests of plans and of machine code share: programs to run, and the comparison of results.
#ifndef TESTS_CODEGEN_PROGRAM_RUNS_H
#define TESTS_CODEGEN_PROGRAM_RUNS_H

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "transforms/activity.h"

// Memory whose last byte is the last before a page without access, until the protected call ends.
typedef struct guarded {
    char *pages;
    size_t size;
} guarded;

static inline void unmap(void *argument) {
    guarded *g = argument;
    munmap(g->pages, g->size);
}

static inline void *allocate_guarded(base_arena *arena, size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + page - 1) / page * page;
    guarded *g = base_new(arena, guarded);
    g->size = whole + page;
    g->pages = mmap(NULL, g->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    base_check(g->pages != MAP_FAILED);
    base_defer(unmap, g);
    base_check(!mprotect(g->pages + whole, page, PROT_NONE));
    memset(g->pages, 0x55, whole);
    return g->pages + whole - bytes;
}

// How far results may be from the interpreter's, relative to the largest element: what f16 and bf16 allow if the
// program has any in it, else what f32 does, else what f64 does.
static inline double tolerance_of(const ir_function *f, base_arena *arena) {
    base_text text = {.arena = arena};
    ir_print(&text, f);
    if (strstr(base_text_get(&text), "f16[")) return 0x1p-6;
    return strstr(base_text_get(&text), "f32[") || strstr(base_text_get(&text), "c64[") ? 1e-4 : 1e-9;
}

static inline double size_of(const union ir_scalar *x, cv_dtype dtype) {
    double imaginary = dtype == CV_C64 ? (double)x->c64[1] : dtype == CV_C128 ? x->c128[1] : 0;
    return hypot(ir_scalar_to_double(x, dtype), imaginary);
}

// The difference of complex numbers in the place of both.
static inline void subtract_complex(union ir_scalar *a, union ir_scalar *b, cv_dtype dtype) {
    for (int part = 0; part < 2 && dtype == CV_C64; part++) a->c64[part] -= b->c64[part];
    for (int part = 0; part < 2 && dtype == CV_C128; part++) a->c128[part] -= b->c128[part];
}

static inline bool close_enough(double a, double b, cv_dtype dtype, double scale, double tolerance) {
    if (a == b || (isnan(a) && isnan(b))) return true;
    return ir_is_differentiable(dtype) && fabs(a - b) <= tolerance * fmax(scale, 1);
}

static inline void compare(const void *got, const ir_array *want, uint32_t result, double tolerance) {
    size_t size = cv_dtype_size(want->type->dtype);
    double scale = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < want->type->count; i++) {
            union ir_scalar a = {0}, b = {0};
            memcpy(&a, (const char *)got + (size_t)i * size, size);
            memcpy(&b, (const char *)want->data + (size_t)i * size, size);
            double x = ir_scalar_to_double(&a, want->type->dtype), y = ir_scalar_to_double(&b, want->type->dtype);
            double length = size_of(&b, want->type->dtype);
            if (!pass && isfinite(length)) scale = fmax(scale, length);
            if (pass && ir_is_complex(want->type->dtype) && isfinite(length)) {
                subtract_complex(&a, &b, want->type->dtype);
                if (!(size_of(&a, want->type->dtype) <= tolerance * fmax(scale, 1)))
                    base_raise(CV_INTERNAL, "element %lld of result %u is %.9g from where it should be",
                               (long long)i, result, size_of(&a, want->type->dtype));
                continue;
            }
            if (pass && !close_enough(x, y, want->type->dtype, scale, tolerance))
                base_raise(CV_INTERNAL, "element %lld of result %u is %.9g, not %.9g", (long long)i, result, x, y);
        }
}

// what: "vjp" by all floating parameters, "batch" over two of three parameters, which ones depends on the
// seed, or "".
static inline const ir_function *transformed(const char *what, uint64_t seed, const ir_function *f, base_arena *arena) {
    bool *mask = base_new_array(arena, bool, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++)
        mask[i] = what[0] == 'v' ? ir_is_differentiable(f->types[i]->dtype) : (seed + i) % 3 != 0;
    if (what[0] == 'v') return xf_vjp(f, mask);
    if (what[0] == 'b') return xf_batch(f, mask, NULL, 5, NULL).function;
    return f;
}

// The program of a golden file, without what is expected of it.
static inline const ir_function *read_program(ir_module *module, const char *path, base_arena *arena) {
    FILE *file = fopen(path, "rb");
    base_check(file);
    char *text = base_arena_zeroed(arena, 1 << 16);
    size_t n = fread(text, 1, (1 << 16) - 1, file);
    fclose(file);
    text[n] = 0;
    char *end = strstr(text, "\n// expect");
    if (end) end[1] = 0;
    return ir_parse(module, path, text);
}

#endif
