// In: a function and arrays for its parameters. Out: arrays for its results.
//
// Operations are evaluated in order, each by the rule of its primitive, into fresh memory that is
// freed after the last use of the value; a result of the function is evaluated straight into the
// memory of the caller. Every value has an allocation of its own of exactly its size, so that an
// address sanitizer sees a rule that writes past its result.
//
// Functions that operations hold run through ir_run. What running a function takes (its table of
// values, its last uses) is found once per interpretation and kept in a frame; a function never
// contains itself, so one frame for each is enough. All memory hangs on one list of the
// interpreter, which the single protected call of ir_interpret frees whatever happens: a step of a
// loop costs a look-up and its operations, nothing else.

#include "ir/interpret.h"

#include <string.h>

#include "base/error.h"
#include "ir/rules.h"

// In front of every allocation; a circular list.
struct block {
    _Alignas(16) struct block *older;
    struct block *newer;
};

struct frame {
    const ir_function *f;
    ir_array *values;   // data is NULL where nothing is held
    uint32_t *last_use; // of every value that the frame owns: an operation; IR_NONE: not owned
    uint32_t *slot;     // the first result that a value is; IR_NONE: none
    ir_array *in, *out; // room for the operands and results of one operation
    bool running;
};

struct ir_interpreter {
    base_arena arena;
    base_index index; // of frames, by function
    base_vector(struct frame *) frames;
    struct block blocks;
    ir_evaluator *evaluate;
    void *argument;
};

void *ir_scratch(ir_interpreter *interpreter, size_t size) {
    if (size > SIZE_MAX - sizeof(struct block)) base_raise(CV_OUT_OF_MEMORY, "out of memory");
    struct block *block = base_malloc(sizeof *block + size);
    struct block *end = &interpreter->blocks;
    block->older = end->older;
    block->newer = end;
    end->older->newer = block;
    end->older = block;
    return block + 1;
}

void ir_scratch_free(ir_interpreter *interpreter, void *scratch) {
    (void)interpreter;
    if (!scratch) return;
    struct block *block = (struct block *)scratch - 1;
    block->older->newer = block->newer;
    block->newer->older = block->older;
    base_free(block);
}

static void free_all(ir_interpreter *interpreter) {
    while (interpreter->blocks.older != &interpreter->blocks)
        ir_scratch_free(interpreter, interpreter->blocks.older + 1);
    base_index_free(&interpreter->index);
    base_arena_free(&interpreter->arena);
}

static void find_lifetimes(struct frame *frame) {
    const ir_function *f = frame->f;
    for (uint32_t v = 0; v < f->n_values; v++) {
        frame->slot[v] = IR_NONE;
        frame->last_use[v] = f->def[v]; // a value that nothing uses goes at once
    }
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_val *in = ir_in(f, &f->ops[i]);
        for (uint32_t k = 0; k < f->ops[i].n_in; k++)
            if (f->def[in[k]] != IR_NONE) frame->last_use[in[k]] = i;
    }
    for (uint32_t r = f->n_results; r-- > 0;) {
        frame->slot[f->results[r]] = r;
        frame->last_use[f->results[r]] = IR_NONE;
    }
}

static struct frame *new_frame(ir_interpreter *interpreter, const ir_function *f) {
    base_arena *arena = &interpreter->arena;
    struct frame *frame = base_new(arena, struct frame);
    uint32_t most_in = 0, most_out = 0;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        if (f->ops[i].n_in > most_in) most_in = f->ops[i].n_in;
        if (f->ops[i].n_out > most_out) most_out = f->ops[i].n_out;
    }
    frame->f = f;
    frame->values = base_new_array(arena, ir_array, f->n_values);
    frame->last_use = base_new_array(arena, uint32_t, f->n_values);
    frame->slot = base_new_array(arena, uint32_t, f->n_values);
    frame->in = base_new_array(arena, ir_array, most_in);
    frame->out = base_new_array(arena, ir_array, most_out);
    for (uint32_t v = 0; v < f->n_values; v++) frame->values[v].type = f->types[v];
    find_lifetimes(frame);
    return frame;
}

static struct frame *frame_of(ir_interpreter *interpreter, const ir_function *f) {
    uint64_t hash = base_hash(&f, sizeof f, 0);
    uint32_t probe;
    for (uint32_t i = base_index_first(&interpreter->index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&interpreter->index, hash, &probe))
        if (interpreter->frames.at[i]->f == f) return interpreter->frames.at[i];
    struct frame *frame = new_frame(interpreter, f);
    base_push(&interpreter->arena, &interpreter->frames, frame);
    base_index_add(&interpreter->index, hash, interpreter->frames.n - 1);
    return frame;
}

static void drop_if_last(ir_interpreter *interpreter, struct frame *frame, ir_val value, uint32_t op) {
    if (frame->last_use[value] != op) return;
    ir_scratch_free(interpreter, frame->values[value].data);
    frame->values[value].data = NULL; // an operand may be named twice
}

static void evaluate(ir_interpreter *interpreter, struct frame *frame, uint32_t i, ir_array *results) {
    const ir_function *f = frame->f;
    const ir_op *op = &f->ops[i];
    const ir_val *in = ir_in(f, op);
    for (uint32_t k = 0; k < op->n_in; k++) frame->in[k] = frame->values[in[k]];
    for (uint32_t o = 0; o < op->n_out; o++) {
        ir_array *value = &frame->values[op->out + o];
        uint32_t slot = frame->slot[op->out + o];
        value->data = slot == IR_NONE ? ir_scratch(interpreter, value->type->bytes) : results[slot].data;
        frame->out[o] = *value;
    }
    ir_evaluation c = {.f = f, .op = op, .in = frame->in, .out = frame->out, .interpreter = interpreter};
    interpreter->evaluate(interpreter->argument, &c);
    for (uint32_t k = 0; k < op->n_in; k++) drop_if_last(interpreter, frame, in[k], i);
    for (uint32_t o = 0; o < op->n_out; o++) drop_if_last(interpreter, frame, op->out + o, i);
}

void ir_run(ir_interpreter *interpreter, const ir_function *f, const ir_array *in, ir_array *out) {
    struct frame *frame = frame_of(interpreter, f);
    base_check(!frame->running);
    frame->running = true;
    for (uint32_t i = 0; i < f->n_params; i++) {
        base_check(in[i].type == f->types[i]);
        frame->values[i].data = in[i].data;
    }
    for (uint32_t r = 0; r < f->n_results; r++) base_check(out[r].type == ir_result_type(f, r));
    for (uint32_t i = 0; i < f->n_ops; i++) evaluate(interpreter, frame, i, out);
    for (uint32_t r = 0; r < f->n_results; r++) {
        ir_val value = f->results[r];
        bool in_place = f->def[value] != IR_NONE && frame->slot[value] == r;
        if (!in_place && out[r].type->bytes)
            memcpy(out[r].data, frame->values[value].data, out[r].type->bytes);
    }
    frame->running = false;
}

struct interpretation {
    ir_interpreter interpreter;
    const ir_function *f;
    const ir_array *in;
    ir_array *out;
};

static void interpret(void *argument) {
    struct interpretation *a = argument;
    ir_run(&a->interpreter, a->f, a->in, a->out);
}

static void evaluate_by_rule(void *argument, const ir_evaluation *c) {
    (void)argument;
    ir_evaluate(c->op->primitive, c);
}

void ir_interpret(const ir_function *f, const ir_array *in, ir_array *out) {
    ir_interpret_by(f, in, out, evaluate_by_rule, NULL);
}

void ir_interpret_by(const ir_function *f, const ir_array *in, ir_array *out, ir_evaluator *evaluator,
                     void *argument) {
    struct interpretation a = {.interpreter = {.evaluate = evaluator, .argument = argument}, .f = f, .in = in,
                               .out = out};
    a.interpreter.blocks.older = a.interpreter.blocks.newer = &a.interpreter.blocks;
    base_failure failure;
    cv_status status = base_protect(interpret, &a, &failure);
    free_all(&a.interpreter);
    if (status) base_raise_again(&failure);
}
