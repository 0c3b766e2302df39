// In: a program and buffers. Out: buffers with its results.
//
// The only file that knows how a program is executed.

#include <string.h>

#include "trace/trace.h"
#include "transforms/transforms.h"

static bool overlap(const tr_buffer *a, const tr_buffer *b) {
    uintptr_t x = (uintptr_t)a->data, y = (uintptr_t)b->data;
    return x < y + b->type->bytes && y < x + a->type->bytes;
}

// Results must not be written over what is still to be read.
static bool needs_copy(const tr_buffer *out, tr_buffer *const *in, uint32_t n_in) {
    for (uint32_t i = 0; i < n_in; i++)
        if (overlap(out, in[i])) return true;
    return false;
}

static tr_buffer *new_buffer(const ir_type *type) {
    tr_buffer *buffer = tr_buffer_new(type);
    base_defer(tr_buffer_release_later, buffer);
    return buffer;
}

void tr_execute(const ir_function *f, bool simplify, tr_buffer *const *in, const bool *donated,
                tr_buffer **out) {
    (void)donated; // the interpreter has nothing to gain from it
    const ir_function *program = simplify ? xf_simplify(f) : f;
    uint32_t n_in = f->n_params, n_out = f->n_results;
    ir_array *arrays = base_malloc(sizeof *arrays * ((size_t)n_in + n_out + 1));
    base_defer(base_free, arrays);
    tr_buffer **copied = base_malloc(sizeof *copied * ((size_t)n_out + 1));
    base_defer(base_free, copied);
    for (uint32_t i = 0; i < n_in; i++) arrays[i] = (ir_array){in[i]->type, in[i]->data};
    for (uint32_t i = 0; i < n_out; i++) {
        copied[i] = NULL;
        if (!out[i]) out[i] = new_buffer(ir_result_type(f, i));
        else if (needs_copy(out[i], in, n_in)) copied[i] = new_buffer(out[i]->type);
        arrays[n_in + i] = (ir_array){out[i]->type, copied[i] ? copied[i]->data : out[i]->data};
    }
    ir_interpret(program, arrays, arrays + n_in);
    for (uint32_t i = 0; i < n_out; i++)
        if (copied[i]) memcpy(out[i]->data, copied[i]->data, out[i]->type->bytes);
}
