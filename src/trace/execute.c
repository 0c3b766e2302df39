// In: a program and buffers. Out: buffers with its results.
//
// The only file that knows how a program is executed. It is compiled when it first runs, and the code stays
// with whoever keeps the program: an entry of the cache of a function, or of operations outside any
// (immediate.c). There are two kinds of code: for memory at multiples of 64 bytes, which all of ours is,
// and for memory of the user's that is not; most programs only ever have the first. A context may ask for the
// interpreter instead, and what code generation does not support yet is interpreted too.

#include <string.h>

#include "codegen/compile.h"
#include "runtime/allocator.h"
#include "runtime/execute.h"
#include "trace/trace.h"
#include "transforms/transforms.h"

enum { FEW = 32 };

// Code

typedef struct compiling {
    const ir_function *f;
    cg_options options;
    base_arena arena;
    const cg_program *program;
} compiling;

static void compile(void *argument) {
    compiling *a = argument;
    tr_dump(&a->arena, a->f);
    a->program = cg_compile(a->f, &a->options);
}

// NULL if the program is to be interpreted. When two threads compile the same at once, the first code stays.
static const cg_program *code_for(const cv_context *c, const ir_function *f, tr_code *code, bool aligned) {
    const cg_program *known = atomic_load_explicit(&code->program[aligned], memory_order_acquire);
    if (known || c->interpret || atomic_load_explicit(&code->refused, memory_order_relaxed)) return known;
    base_failure failure;
    compiling a = {.f = f};
    a.options = (cg_options){.check_indices = c->check_indices,
                             .aligned = aligned,
                             .verify = c->module->verify,
                             .threads = c->threads,
                             .quick = code->quick};
    cv_status status = base_protect(compile, &a, &failure);
    base_arena_free(&a.arena);
    if (status == CV_UNSUPPORTED) {
        atomic_store_explicit(&code->refused, true, memory_order_relaxed);
        return NULL;
    }
    if (status) base_raise_again(&failure);
    if (atomic_compare_exchange_strong(&code->program[aligned], &known, a.program)) return a.program;
    cg_program_free(a.program);
    return known;
}

void tr_code_free(tr_code *code) {
    for (int i = 0; i < 2; i++) cg_program_free(atomic_load(&code->program[i]));
}

// Memory

static bool overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
    uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
    return x < y + b_bytes && y < x + a_bytes;
}

static void *new_array(size_t size, void *few, uint32_t n) {
    if (n <= FEW) return few;
    void *array = base_malloc(size * n);
    base_defer(base_free, array);
    return array;
}

static bool is_aligned(void *const *pointers, uint32_t n) {
    uintptr_t all = 0;
    for (uint32_t i = 0; i < n; i++) all |= (uintptr_t)pointers[i];
    return all % RT_ALIGNMENT == 0;
}

// Results must not be written over what is still to be read: they are made elsewhere then.
static bool is_apart(const ir_function *f, void *const *params, const tr_buffer *out) {
    for (uint32_t i = 0; i < f->n_params; i++)
        if (overlap(out->data, out->type->bytes, params[i], f->types[i]->bytes)) return false;
    return true;
}

static void interpret(const ir_function *f, void *const *params, void *const *results) {
    ir_array few[2 * FEW], *in = new_array(sizeof *in, few, f->n_params + f->n_results),
                           *out = in + f->n_params;
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = (ir_array){f->types[i], params[i]};
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = (ir_array){ir_result_type(f, i), results[i]};
    ir_interpret(xf_simplify(f), in, out);
}

void tr_run(const cv_context *c, const ir_function *f, tr_code *code, void *const *params, tr_buffer **out) {
    void *few_results[FEW], *few_moved[FEW];
    uint32_t n = f->n_results;
    void **results = new_array(sizeof *results, few_results, n),
         **moved = new_array(sizeof *moved, few_moved, n);
    for (uint32_t i = 0; i < n; i++) {
        moved[i] = NULL;
        if (!out[i]) {
            out[i] = tr_buffer_new(ir_result_type(f, i));
        } else if (!is_apart(f, params, out[i])) {
            moved[i] = rt_allocate(out[i]->type->bytes);
            base_defer(rt_free, moved[i]);
        }
        results[i] = moved[i] ? moved[i] : out[i]->data;
    }
    bool aligned = is_aligned(params, f->n_params) && is_aligned(results, n);
    const cg_program *program = code_for(c, f, code, aligned);
    if (program)
        rt_run(program, c->threads, params, results);
    else
        interpret(f, params, results);
    for (uint32_t i = 0; i < n; i++)
        if (moved[i]) memcpy(out[i]->data, moved[i], out[i]->type->bytes);
}

void tr_execute(const cv_context *c, const ir_function *f, tr_code *code, tr_buffer *const *in,
                tr_buffer **out) {
    void *few[FEW], **params = new_array(sizeof *params, few, f->n_params);
    for (uint32_t i = 0; i < f->n_params; i++) params[i] = in[i]->data;
    tr_run(c, f, code, params, out);
}
