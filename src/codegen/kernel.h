// Kernels: loop nests over scalar expressions, described once for every target.
//
// A kernel reads and writes buffers that its caller passes. Its outermost loops, the grid, are
// independent: a target may run their iterations in any order and at once. The body is a list of
// statements that runs once for each grid iteration; `finish` runs once after all of them (it puts
// partial results together). Statements hold expressions, which are hash-consed: one node for each
// distinct expression, so that what several results share is computed once.
//
// A kernel says what is computed. How, is in the schedule of its loops (schedule.h), which a target
// fills in; a kernel without one can be printed, verified and evaluated (kernel_evaluate.c).
#ifndef CODEGEN_KERNEL_H
#define CODEGEN_KERNEL_H

#include "ir/program.h"

typedef uint32_t cg_expr;
#define CG_ABSENT UINT32_MAX

enum { CG_MAX_LOOPS = 64, CG_MAX_LOCALS = 64 }; // of a kernel; clusters are cut before they reach them

typedef enum cg_node_kind {
    CG_CONSTANT,  // value
    CG_INDEX,     // the counter of loop `id`, from 0: s64
    CG_LOCAL,     // the value that local scalar `id` has where the expression is evaluated
    CG_ELEMENT,   // of local array `id` at offset args[0]
    CG_LOAD,      // of buffer `id` at offset args[0], in elements
    CG_APPLY,     // elementwise primitive of args; eq .. ge give bool; convert converts to dtype
    CG_QUOTIENT,  // args[0] / value.s64, rounded down; the divisor is positive
    CG_REMAINDER, // args[0] - value.s64 * quotient
} cg_node_kind;

typedef struct cg_node {
    cg_node_kind kind;
    ir_primitive primitive;
    cv_dtype dtype;
    uint32_t id, n_args;
    cg_expr args[3];
    union ir_scalar value;
    int64_t low, high;               // range of an s64 expression; INT64_MIN .. INT64_MAX if unknown
    uint64_t loops, locals, buffers; // masks of what it depends on (buffer id modulo 64)
} cg_node;

typedef enum cg_access { CG_READ = 1, CG_WRITE = 2, CG_READ_WRITE = 3 } cg_access;
typedef struct cg_buffer {
    cv_dtype dtype;
    int64_t count; // elements
    cg_access access;
} cg_buffer;

// Local memory of one grid iteration: a scalar (count 1) or an array that stays in cache.
typedef struct cg_local {
    cv_dtype dtype;
    int64_t count;
} cg_local;

typedef struct cg_loop {
    int64_t extent; // iterations, or the most if there is a limit
    cg_expr limit;  // iterations, evaluated when the loop is entered (s64), or CG_ABSENT
    // Schedule.
    uint32_t lanes; // iterations done at once as one vector; 1: scalar. Remainders run scalar.
    bool parallel;  // grid loops only: threads share its iterations
    bool unrolled;  // all iterations are written out, one after the other
} cg_loop;

typedef enum cg_statement_kind {
    CG_FOR,    // body for each iteration of loop `id`, in order
    CG_WHILE,  // body while `value` (bool) holds, evaluated before each round
    CG_IF,     // body if `value` (bool) holds
    CG_STORE,  // buffer `id` [offset] = value
    CG_PUT,    // local array `id` [offset] = value
    CG_SET,    // local scalars ids[i] = values[i], all at once
    CG_REDUCE, // local scalar `id` = combiner(local, value): add, mul, max, min, and, or, xor. The order of the
               // combinations within the loop around it is the target's choice, but always the same one.
    CG_ARG,    // (ids[0], ids[1]) = the better of itself and (values[0], values[1]): argmax if combiner is
               // max, argmin if min; NaN is best; on ties the smaller index
} cg_statement_kind;

typedef base_vector(struct cg_statement *) cg_block;
typedef struct cg_statement {
    cg_statement_kind kind;
    uint32_t id;
    cg_expr offset, value;
    ir_primitive combiner;
    base_vector(uint32_t) ids;
    base_vector(cg_expr) values;
    cg_block body;
} cg_statement;

typedef struct cg_kernel {
    base_arena *arena;
    const char *name;
    base_vector(cg_node) nodes;
    base_vector(cg_buffer) buffers;
    base_vector(cg_local) locals;
    base_vector(cg_loop) loops;
    base_vector(uint32_t) grid; // loops, outermost first; may be empty: one iteration
    cg_block body, finish;
    base_index index;           // of nodes; freed by cg_kernel_free
    ir_place place;             // of the operation that made it
    // What one run reads and writes (each buffer once) and computes.
    int64_t bytes, operations;
    bool verify;                // cg_kernel_finish verifies
    uint64_t streamed;          // schedule: of the first 64 buffers, those whose stores bypass the caches
} cg_kernel;

cg_kernel *cg_kernel_new(base_arena *arena, const char *name);
void cg_kernel_free(cg_kernel *k); // what is not in the arena
// Called when the kernel is complete: counts bytes and operations, verifies if k->verify. What is not in
// the arena goes; expressions may still be added, which makes it again.
void cg_kernel_finish(cg_kernel *k);
void cg_kernel_count(cg_kernel *k); // sets bytes and operations (kernel_count.c)

// Building. Index expressions are simplified as they are made (constants, ranges, quotients and
// remainders of sums of products), others only where it is exact.
uint32_t cg_add_buffer(cg_kernel *k, cv_dtype dtype, int64_t count, cg_access access);
uint32_t cg_add_local(cg_kernel *k, cv_dtype dtype, int64_t count);
uint32_t cg_add_loop(cg_kernel *k, int64_t extent, cg_expr limit);
cg_expr cg_constant(cg_kernel *k, cv_dtype dtype, const union ir_scalar *value);
cg_expr cg_int(cg_kernel *k, int64_t value); // s64
cg_expr cg_index(cg_kernel *k, uint32_t loop);
cg_expr cg_local_value(cg_kernel *k, uint32_t local);
cg_expr cg_element(cg_kernel *k, uint32_t local, cg_expr offset);
cg_expr cg_load(cg_kernel *k, uint32_t buffer, cg_expr offset);
cg_expr cg_apply(cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args, uint32_t n);
cg_expr cg_apply2(cg_kernel *k, ir_primitive primitive, cg_expr x, cg_expr y); // dtype from x, or bool
cg_expr cg_add(cg_kernel *k, cg_expr x, cg_expr y);      // s64
cg_expr cg_scale(cg_kernel *k, cg_expr x, int64_t factor); // s64
cg_expr cg_quotient(cg_kernel *k, cg_expr x, int64_t divisor);
cg_expr cg_remainder(cg_kernel *k, cg_expr x, int64_t divisor);
cg_expr cg_clamp(cg_kernel *k, cg_expr x, int64_t low, int64_t high); // s64
static inline const cg_node *cg_node_of(const cg_kernel *k, cg_expr e) { return &k->nodes.at[e]; }

cg_statement *cg_statement_new(cg_kernel *k, cg_statement_kind kind);
cg_statement *cg_for(cg_kernel *k, uint32_t loop);
cg_statement *cg_store(cg_kernel *k, uint32_t buffer, cg_expr offset, cg_expr value);
cg_statement *cg_put(cg_kernel *k, uint32_t local, cg_expr offset, cg_expr value);
cg_statement *cg_set(cg_kernel *k, uint32_t local, cg_expr value);
cg_statement *cg_reduce(cg_kernel *k, uint32_t local, ir_primitive combiner, cg_expr value);

// e = sum of coefficients[l] * counter of loop l + rest, where rest does not depend on the loops of the
// mask. False if it is not of that form.
bool cg_affine(const cg_kernel *k, cg_expr e, uint64_t loops, int64_t coefficients[CG_MAX_LOOPS]);

// True if kernels are the same but for names: they share machine code.
bool cg_kernel_equal(const cg_kernel *a, const cg_kernel *b);
uint64_t cg_kernel_hash(const cg_kernel *k);

// kernel_print.c, kernel_verify.c (raises CV_INTERNAL), kernel_evaluate.c (slow; for tests).
void cg_kernel_print(base_text *text, const cg_kernel *k);
void cg_kernel_verify(const cg_kernel *k);
void cg_kernel_evaluate(const cg_kernel *k, void *const *buffers);

#endif
