// The program: functions in SSA form.
//
// A function is closed: parameters, a flat list of operations, results. Values are numbers:
// parameters first, then the results of each operation in order. Operations name their operands by
// value number and stand after what they use. A finished function never changes; every pass reads
// one and builds another (builder.h), so functions are shared freely and counted.
#ifndef IR_PROGRAM_H
#define IR_PROGRAM_H

#include <stdatomic.h>

#include "ir/attributes.h"
#include "ir/primitive.h"
#include "ir/type.h"

typedef uint32_t ir_val;
#define IR_NONE UINT32_MAX // an absent value: a symbolic zero where tangents are meant

// Where a value comes from in the user's source.
typedef struct ir_place {
    const char *file; // a name of the module, or NULL
    uint32_t line;
} ir_place;

typedef struct ir_op {
    ir_primitive primitive;
    uint32_t n_in, n_out;
    uint32_t in;  // index of the first operand in ir_function.operands
    ir_val out;   // the first result; the others follow
    ir_place place;
    const void *attributes; // of the layout that the primitive's row names; NULL for none
} ir_op;

typedef struct ir_function {
    ir_module *module;
    const char *name; // a name of the module; not unique
    uint32_t n_params, n_results, n_ops, n_values;
    const ir_type **types; // of every value
    uint32_t *def;         // of every value: the operation that makes it, or IR_NONE for a parameter
    ir_op *ops;
    ir_val *operands; // of all operations, one after the other
    ir_val *results;
    ir_place place;   // of the callback's first call, for messages
    base_arena arena; // owns all of the above
    _Atomic uint32_t references;
    _Atomic bool verified; // found right by ir_verify, with all that it holds
    struct ir_memo *memo; // guarded by the module's lock; use ir_memo_find and ir_memo_keep
} ir_function;

static inline const ir_val *ir_in(const ir_function *f, const ir_op *op) { return f->operands + op->in; }
static inline const ir_type *ir_result_type(const ir_function *f, uint32_t i) { return f->types[f->results[i]]; }
static inline const ir_type *ir_param_type(const ir_function *f, uint32_t i) { return f->types[i]; }

// A function that ir_finish returns belongs to the protected call (base/error.h) that made it and
// goes with it; whoever keeps it longer retains it. Thread safe.
const ir_function *ir_retain(const ir_function *f);
void ir_release(const ir_function *f); // NULL is allowed

// Results of transforms are remembered on the function that they were made from, under a key
// (which transform, which inputs are active, ...), and live as long as that function.
// Thread safe: if two threads make the same, the first one kept is what both get.
typedef struct ir_memo {
    struct ir_memo *next;
    size_t key_size;
    const void *key;
    const ir_function *functions[2]; // retained; NULL where there is none
    size_t info_size;
    const void *info;                // whatever else the transform found out (flags of results, ...)
} ir_memo;

const ir_memo *ir_memo_find(const ir_function *f, const void *key, size_t key_size);
const ir_memo *ir_memo_keep(const ir_function *f, const void *key, size_t key_size,
                            const ir_function *first, const ir_function *second, const void *info,
                            size_t info_size);

// True if the functions are the same program (names and places aside), without recursion on equal pointers.
bool ir_equal(const ir_function *a, const ir_function *b);

// verify.c: raises CV_INTERNAL and says what is wrong if the function breaks a rule of the
// program: types by the type rules, order, numbering, arity, attributes, closedness; and the same
// for every function that it holds.
void ir_verify(const ir_function *f);

// print.c: the text of a function preceded by those that it calls or holds, each once; the last is
// the entry. parse.c reads it back: parse(print(f)) is equal to f. Parsing raises CV_INVALID with
// "file:line:column: what is wrong".
void ir_print(base_text *text, const ir_function *f);
const ir_function *ir_parse(ir_module *module, const char *file, const char *text);

// interpret.c: the reference interpreter. Arrays are dense, row-major, and owned by the caller;
// `out` has memory of the right size. Raises what it cannot do.
typedef struct ir_array {
    const ir_type *type;
    void *data;
} ir_array;
void ir_interpret(const ir_function *f, const ir_array *in, ir_array *out);

#endif
