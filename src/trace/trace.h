// What the files of the trace layer share: threads, contexts, scopes, handles, traces, functions.
//
// Who owns what. A context owns its tables of arrays and functions; its lock guards them and is never held
// while anything raises, calls the user or releases a buffer. A thread has a session with every
// context that it uses, with the stack of scopes of that context; a scope is a list of what goes
// when it ends. Traces are a stack of the thread. Buffers, entries of the program cache and nodes
// are counted.
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/lock.h"
#include "base/memory.h"
#include "covector/array.h"
#include "covector/context.h"
#include "covector/control.h"
#include "covector/function.h"
#include "ir/builder.h"
#include "trace/operation.h"

// Handles. A value of a trace has the trace's id as its generation, with the top bit set, and its
// number in the builder as its slot. A concrete array has a slot of its context, from 1 on.
#define TR_TRACED 0x80000000u
#define TR_POISON ((cv_val){0, 1})
#define TR_POISON_FN ((cv_fn){0, 1})

static inline bool tr_is_none(cv_val v) { return !v.slot && !v.generation; }
static inline bool tr_is_poison(cv_val v) { return !v.slot && v.generation == 1; }
static inline bool tr_is_traced(cv_val v) { return v.generation & TR_TRACED; }
static inline bool tr_same(cv_val a, cv_val b) { return a.slot == b.slot && a.generation == b.generation; }

// Memory of an array, dense and row-major.
typedef struct tr_buffer {
    _Atomic uint32_t references;
    const ir_type *type;
    void *data;                     // in this allocation, or the user's
    void (*release)(void *argument); // of a view
    void *argument;
    bool is_view;
} tr_buffer;

// What a concrete handle stands for. A literal is a C scalar: its buffer has the default dtype, and
// its value is kept as the f64, s64 or bool that it was, for operations that give it another type.
typedef struct tr_array {
    tr_buffer *buffer;
    bool weak, is_literal;
    cv_dtype literal;
    union ir_scalar value;
} tr_array;

// context.c: threads

typedef struct tr_thread {
    cv_context *context; // NULL: the default one
    struct tr_session *session, *sessions; // with the context used last; all
    struct tr_trace *trace;                // innermost
    uint32_t depth;                        // of callbacks that run
    uint64_t failures;                     // all of them
    bool failed;
    base_failure *first; // what was kept, if failed
} tr_thread;

// A thread's scopes in a context.
typedef struct tr_session {
    tr_thread *thread;
    cv_context *context;
    struct tr_session *next_of_thread, *next_of_context;
    struct tr_scope *scope; // innermost
    struct tr_scope *root;
    struct tr_scope *spare; // ended ones, to be used again; a list through `outer`
} tr_session;

typedef struct tr_scope {
    struct tr_scope *outer;
    tr_session *session;
    bool barrier;         // of a callback: the user cannot end it
    uint32_t arrays;      // the first slot of a list
    struct tr_hold *holds;
    struct tr_text *texts;
} tr_scope;

// A function that a scope keeps alive; at most one for each pair of them.
typedef struct tr_hold {
    struct tr_hold *next_of_scope, *next_of_node;
    tr_scope *scope;
    struct tr_node *node;
} tr_hold;

typedef struct tr_text {
    struct tr_text *next;
    char text[];
} tr_text;

typedef struct tr_slot {
    uint32_t generation;     // of the handle that is valid; of the next one if the slot is free
    uint32_t previous, next; // in the list of the scope, or of free slots
    tr_scope *scope;         // NULL: free
    tr_array array;
    const char *donated_to;  // with an empty array: what remains of it
    ir_place donated_at;
} tr_slot;

enum { TR_CHUNKS = 24, TR_FIRST_CHUNK = 64, TR_IDLE_NODES = 1024, TR_IDLE_BYTES = 64 << 20 };

struct cv_context {
    cv_dtype default_float;
    bool interpret, check_indices;
    int threads; // 0: all
    ir_module *module;
    const ir_type *scalars[CV_DTYPE_COUNT];
    base_lock lock; // of everything below
    tr_session *sessions;
    struct tr_trace *traces; // of all threads
    tr_slot *chunks[TR_CHUNKS]; // chunk k has 64 << k slots and never moves
    uint32_t n_slots, free_slot, seed;
    struct tr_node_slot {
        struct tr_node *node;
        uint32_t generation, next_free;
    } *nodes;
    uint32_t n_nodes, node_capacity, free_node;
    base_index node_index;
    struct tr_node *idle_first, *idle_last; // nodes that nothing refers to, the latest first
    uint32_t n_idle;
    size_t idle_bytes, idle_limit; // that their programs capture; when to look for what only they hold
    struct tr_immediate **immediate; // immediate.c
    uint32_t n_immediate;
    base_index immediate_index;
};

tr_thread *tr_thread_get(void);
cv_context *tr_context(void);              // of the innermost trace, or the thread's; may raise
cv_context *tr_context_known(void);        // the same, or NULL if there is none yet
tr_session *tr_session_get(cv_context *c); // may raise

static inline void tr_lock(cv_context *c) { base_lock_take(&c->lock); }
static inline void tr_unlock(cv_context *c) { base_lock_give(&c->lock); }
// Runs body(argument) under the lock; what it raises is raised after the lock is given back.
void tr_locked(cv_context *c, void (*body)(void *), void *argument);

// Entry points run their bodies by tr_enter: a failure becomes the first error of the thread, with
// the place of the call and the name of the operation in front (unless it says where it happened),
// and is returned. `here` may have no file.
typedef struct tr_site {
    const char *name; // of the public operation
    cv_here here;
} tr_site;
#define TR_NOWHERE ((cv_here){NULL, 0})
cv_status tr_enter(const char *name, cv_here here, void (*body)(void *), void *argument);
// The status to return for a poisoned operand.
cv_status tr_poisoned(void);

void tr_scope_push(tr_scope *scope, tr_session *session, bool barrier);
void tr_scope_pop(tr_scope *scope); // with the scopes that were left open in it
const char *tr_scope_text(const char *text); // a copy that belongs to the current scope

// value.c: the table of concrete handles

// Takes over one reference to the buffer, also when it raises.
cv_val tr_value_new(tr_scope *scope, const tr_array *array);
// What is wrong with a handle.
typedef enum tr_state {
    TR_FINE,
    TR_ABSENT,
    TR_IS_POISON,
    TR_DROPPED,
    TR_DONATED,
    TR_ENDED,
    TR_OF_OTHER_THREAD
} tr_state;
// Under the lock: the slot of a concrete handle, or NULL with a reason.
tr_slot *tr_slot_find(cv_context *c, cv_val v, tr_state *state);
// How a message calls a value: "argument 2", "result 0 of loss", "the predicate".
typedef struct tr_label {
    const char *what;
    uint32_t number; // IR_NONE: without
    const char *of;  // or NULL
} tr_label;
#define TR_ARGUMENT(i) ((tr_label){"argument", i, NULL})
_Noreturn void tr_raise_state(cv_context *c, tr_state state, cv_val v, tr_label label);
// The array with a reference to its buffer, that goes with the innermost protected call; raises.
tr_array tr_array_get(cv_context *c, cv_val v, tr_label label);
// The same for the arguments of a call, at once; absent ones have no buffer.
void tr_arguments_get(cv_context *c, cv_vals values, tr_array *arrays);
void tr_free_arrays(tr_scope *scope);
void tr_free_table(cv_context *c);
// Takes the array out of its slot for good; a note of who took it remains.
tr_array tr_donate(cv_context *c, cv_val v, const char *to, cv_here here, tr_label label);

// array.c: buffers

tr_buffer *tr_buffer_new(const ir_type *type);
tr_buffer *tr_buffer_around(const ir_type *type, void *data);
static inline tr_buffer *tr_buffer_retain(tr_buffer *buffer) {
    if (buffer) atomic_fetch_add_explicit(&buffer->references, 1, memory_order_relaxed);
    return buffer;
}
void tr_buffer_release(tr_buffer *buffer);
void tr_buffer_release_later(void *buffer); // for base_defer
// Results on their way to handles: tr_made_release, to be deferred, releases those that are not NULL.
typedef struct tr_made {
    tr_buffer **buffers;
    uint32_t n;
} tr_made;
void tr_made_release(void *made);
static inline tr_array tr_made_take(tr_made *made, uint32_t i, bool weak) {
    tr_array array = {.buffer = made->buffers[i], .weak = weak};
    made->buffers[i] = NULL;
    return array;
}
// The type and weakness of any value; a literal has the default dtype. Raises.
const ir_type *tr_type_of(cv_val v, bool *weak, tr_label label);

// execute.c: the only place that knows how programs run.

// Machine code of a program, which is made when it first runs. To begin with all zero.
typedef struct tr_code {
    _Atomic(const struct cg_program *) program[2]; // for any memory; for memory at multiples of 64 bytes
    _Atomic bool refused;                          // code generation does not support it
    bool quick;                                    // it is to be made quickly
} tr_code;
void tr_code_free(tr_code *code);
// in: buffers of the parameters. out[i] is written to if it is not NULL, else made; all are the caller's, who has
// deferred their release (tr_made), whether this raises or not.
void tr_execute(const cv_context *c, const ir_function *f, tr_code *code, tr_buffer *const *in,
                tr_buffer **out);
void tr_run(const cv_context *c, const ir_function *f, tr_code *code, void *const *params, tr_buffer **out);
// dump.c: writes the text of a program to a file, if the environment asks for it.
void tr_dump(base_arena *arena, const ir_function *f);
// immediate.c: the same for a program that was made for this one call: its code is shared with all that
// are equal.
void tr_execute_once(cv_context *c, const ir_function *f, tr_buffer *const *in, tr_buffer **out);
void tr_free_immediate(cv_context *c);

// trace.c: programs under construction

// A value from outside that a program uses; a hidden parameter of it.
typedef struct tr_capture {
    cv_val source;
    tr_buffer *buffer; // retained; NULL for a value of an outer trace
    const ir_type *type;
    bool weak;
    ir_val param;
} tr_capture;

typedef struct tr_trace {
    uint32_t id; // TR_TRACED and a number that no other trace of the process has
    struct tr_trace *outer, *next_live;
    cv_context *context;
    ir_builder *builder;
    base_arena arena;
    base_vector(tr_capture) captures;
    base_index capture_index; // when there are many
    uint64_t *weak;           // a bit for every value, up to what was needed so far
    uint32_t weak_words;
    tr_scope scope;
    struct tr_entry **dependents; // programs that use values of this trace
    uint32_t n_dependents, dependent_capacity;
    bool is_open;
} tr_trace;

// The id of a program outside any trace; no handle has it.
#define TR_ONE_SHOT UINT32_MAX

void tr_trace_open(tr_trace *t, cv_context *c, const char *name); // becomes the innermost
void tr_one_shot_open(tr_trace *t, cv_context *c, const char *name);
void tr_trace_close(tr_trace *t); // also one that was opened in part
bool tr_trace_is_on_stack(uint32_t id);
tr_trace *tr_trace_find(uint32_t id);

static inline bool tr_weak_get(const tr_trace *t, ir_val v) {
    return v / 64 < t->weak_words && (t->weak[v / 64] >> v % 64 & 1);
}
void tr_weak_set(tr_trace *t, ir_val v);

// A handle's value in the program: itself, a constant, or a hidden parameter.
ir_val tr_bring_far(tr_trace *t, cv_val v, bool *weak, tr_label label);
static inline ir_val tr_bring(tr_trace *t, cv_val v, bool *weak, tr_label label) {
    if (__builtin_expect(v.generation != t->id || v.slot >= t->builder->types.n, 0))
        return tr_bring_far(t, v, weak, label);
    *weak = tr_weak_get(t, v.slot);
    return v.slot;
}
ir_val tr_bring_capture(tr_trace *t, const tr_capture *capture);
// A weak value with another dtype: for a literal the constant, nothing lost.
ir_val tr_convert_weak(ir_builder *b, ir_val v, cv_dtype dtype);
// A literal as a value of the default dtype.
ir_val tr_settle(tr_trace *t, ir_val v, bool weak);
cv_dtype tr_settled_dtype(const cv_context *c, cv_dtype dtype, bool weak);

// operation.c: tr_operation with all that calls and control flow need. A `build` that was run by
// tr_operate may take its tr_op for a tr_work. An absent operand is IR_NONE, and so is an absent result.
typedef struct tr_work {
    tr_op op;
    tr_trace *trace;
    tr_site site;
} tr_work;
typedef struct tr_operate_options {
    bool allow_absent;
    const char *first; // how messages call operand 0 ("the predicate"); the others then count from 0
} tr_operate_options;
cv_status tr_operate(tr_site site, tr_build *build, const void *options, const cv_val *in, uint32_t n_in,
                     cv_val *out, uint32_t n_out, tr_operate_options how);

// function.c: function values

typedef enum tr_node_kind {
    TR_CALLBACK,
    TR_IMPORTED,
    TR_JIT,
    TR_GRAD,
    TR_VALUE_AND_GRAD,
    TR_JVP,
    TR_VJP,
    TR_VMAP,
    TR_KINDS
} tr_node_kind;

typedef struct tr_node {
    tr_node_kind kind;
    cv_context *owner;
    uint32_t slot, references, n_in, n_out;
    struct tr_node *child;                // retained; NULL for a callback
    const char *name;                     // of a callback or an imported function: a name of the module
    void (*callback)(void);
    int arity;
    const void *context;                  // of an imported function: its text
    const ir_function *function;          // imported; retained
    cv_ints list, out_list;               // donate, argnums, axes of arguments; axes of results
    int64_t size;                         // of a mapped axis, or 0
    const char *axis_name;                // a name of the module, or NULL
    bool holomorphic;                     // of a gradient
    uint64_t hash;                        // of the key, which tells what is the same function
    size_t key_size;
    const char *key;
    tr_hold *holds;
    struct tr_node *idle_previous, *idle_next;
    bool is_idle;
    struct tr_entry *entries;             // the latest first
    size_t captured;                      // bytes of the arrays that they retain
    // explain.c
    struct tr_text *log, *log_last;
    uint32_t n_log;
    struct tr_argument *explained;        // the arguments of what was traced last, and
    bool explained_captures;              // whether it used an enclosing trace
} tr_node;

// The node of a handle, retained until the innermost protected call ends; raises.
tr_node *tr_node_get(cv_context *c, cv_fn f);
// Its parts, the first two under the lock: the node or NULL; a use of it; the end of one.
tr_node *tr_node_find(cv_context *c, cv_fn f);
void tr_node_use(cv_context *c, tr_node *node);
void tr_node_release(void *node);
void tr_free_nodes(cv_context *c);
// The node of a program that was read from this text, in the current scope. It takes over no reference.
cv_fn tr_imported(cv_context *c, const ir_function *f, const char *name, const char *text, size_t size);
// Under the lock: puts an entry into the list of a node, or takes it out.
void tr_entry_link(tr_node *node, struct tr_entry *e);
void tr_entry_unlink(struct tr_entry *e);
void tr_drop_holds(tr_scope *scope);
enum { TR_NAME = 160 };
const char *tr_describe(const tr_node *node, char text[TR_NAME]); // "grad(loss)"

// program.c: types of arguments to programs

typedef struct tr_argument {
    const ir_type *type; // NULL: absent
    bool weak;
} tr_argument;

// The program of a node for argument types. Parameters of the function: the arguments that are
// present, then the captures; results: those that are present.
typedef struct tr_entry {
    _Atomic uint32_t references;
    struct tr_entry *next;
    tr_node *node; // whose list it is in, or NULL; under the lock
    uint32_t n_in, n_out, n_params, n_captures; // n_params: without captures
    tr_argument *in, *out;
    tr_capture *captures;
    const ir_function *function; // retained
    uint32_t trace; // the innermost trace whose values it captures, or 0
    tr_code code;
} tr_entry;

// The entry is retained until the innermost protected call ends.
const tr_entry *tr_program(tr_node *node, const tr_argument *in, uint32_t n_in, const tr_site *site);
tr_entry *tr_entry_find(const tr_node *node, const tr_argument *in, uint32_t n_in); // under the lock; or NULL
void tr_entry_release(void *entry);
void tr_forget_entries(tr_trace *t); // those that depend on it

// A function around another: parameters in another order, or more of them, results chosen, in
// another order, or converted. Made of the operations of f, unless it is f itself.
typedef struct tr_arrangement {
    uint32_t n_params;
    const ir_type *const *params;
    const ir_val *argument; // for each parameter of f: which of the new ones
    uint32_t n_results;
    const uint32_t *result; // for each new result: which of f's
    const cv_dtype *dtype;  // of each new result, or NULL: as they are
} tr_arrangement;
const ir_function *tr_arrange(const ir_function *f, const tr_arrangement *a);

// call.c
void tr_check_counts(const tr_node *node, int64_t n_in, int64_t n_out);
// Runs the callback of a node and returns when it did without an error; raises otherwise.
void tr_run_callback(const tr_node *node, const cv_val *in, cv_val *out);

// explain.c
void tr_explain_entry(tr_node *node, const tr_entry *entry); // notes why there is a new entry; may raise

#endif
