// Evaluation of operations on numbers of 16 bits, f16 and bf16.
//
// In: an operation and arrays. Out: its results. Such numbers are a way to store what is computed in f32:
// operands are widened, which is exact, the rule of the primitive evaluates an operation on f32, and its
// results are rounded once. So no rule knows these dtypes but those that move elements or update some in
// place. Sums, differences, products, quotients and square roots are correctly rounded that way: f32 has
// more than twice as many digits (S. Figueroa, "When is double rounding innocuous?", 1995).
//
// All memory is one block, which is freed before a failure is passed on: a deferred release would pile up
// over the steps of a loop.

#include <string.h>

#include "base/error.h"
#include "ir/primitives/common.h"

typedef struct widening {
    ir_evaluate_rule *rule;
    ir_evaluation inner;
} widening;

static bool any_half(const ir_array *arrays, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (ir_is_half(arrays[i].type->dtype)) return true;
    return false;
}

static size_t aligned(size_t bytes) { return (bytes + 15) & ~(size_t)15; }

static size_t type_bytes(const ir_type *type) {
    return aligned(sizeof *type + type->rank * sizeof *type->dims);
}

// What the wide array in the place of this one takes, with its type.
static size_t wide_bytes(const ir_array *a) {
    if (!ir_is_half(a->type->dtype)) return 0;
    return type_bytes(a->type) + aligned((size_t)a->type->count * sizeof(float));
}

// The array as it is, or in f32 at *memory, which moves on.
static ir_array wide_array(const ir_array *a, char **memory) {
    const ir_type *type = a->type;
    if (!ir_is_half(type->dtype)) return *a;
    ir_type *wide = (ir_type *)(void *)*memory;
    memcpy(wide, type, sizeof *type + type->rank * sizeof *type->dims);
    wide->dtype = CV_F32;
    wide->bytes = (size_t)type->count * sizeof(float);
    ir_array array = {wide, *memory + type_bytes(type)};
    *memory += wide_bytes(a);
    return array;
}

static void widen(const ir_array *from, const ir_array *to) {
    const uint16_t *bits = from->data;
    float *numbers = to->data;
    bool f16 = from->type->dtype == CV_F16;
    for (int64_t i = 0; i < from->type->count; i++)
        numbers[i] = (float)(f16 ? ir_f16_to_double(bits[i]) : ir_bf16_to_double(bits[i]));
}

static void narrow(const ir_array *from, const ir_array *to) {
    const float *numbers = from->data;
    uint16_t *bits = to->data;
    bool f16 = to->type->dtype == CV_F16;
    for (int64_t i = 0; i < to->type->count; i++)
        bits[i] = f16 ? ir_f16_from_double((double)numbers[i]) : ir_bf16_from_double((double)numbers[i]);
}

static void evaluate_inner(void *argument) {
    widening *w = argument;
    w->rule(&w->inner);
}

static void evaluate_wide(const ir_evaluation *c, ir_evaluate_rule *rule, uint32_t n_in, uint32_t n_out) {
    size_t lists = aligned((n_in + n_out) * sizeof(ir_array)), bytes = lists;
    for (uint32_t i = 0; i < n_in; i++) bytes += wide_bytes(&c->in[i]);
    for (uint32_t i = 0; i < n_out; i++) bytes += wide_bytes(&c->out[i]);
    char *block = base_malloc(bytes), *memory = block + lists;
    ir_array *in = (ir_array *)(void *)block, *out = in + n_in;
    for (uint32_t i = 0; i < n_in; i++) {
        in[i] = wide_array(&c->in[i], &memory);
        if (in[i].type != c->in[i].type) widen(&c->in[i], &in[i]);
    }
    for (uint32_t i = 0; i < n_out; i++) out[i] = wide_array(&c->out[i], &memory);
    widening w = {rule, *c};
    w.inner.in = in;
    w.inner.out = out;
    base_failure failure;
    cv_status status = base_protect(evaluate_inner, &w, &failure);
    for (uint32_t i = 0; !status && i < n_out; i++)
        if (out[i].type != c->out[i].type) narrow(&out[i], &c->out[i]);
    base_free(block);
    if (status) base_raise_again(&failure);
}

void ir_evaluate(ir_primitive p, const ir_evaluation *c) {
    const ir_primitive_info *info = &ir_primitives[p];
    ir_evaluate_rule *rule = info->rules->evaluate;
    base_check(rule);
    if (ir_computes_in_f32(p)) {
        uint32_t n_in = info->n_in == IR_VARIADIC ? c->op->n_in : (uint32_t)info->n_in;
        uint32_t n_out = info->traits & IR_ELEMENTWISE ? 1 : c->op->n_out; // kernels have no operations
        if (any_half(c->in, n_in) || any_half(c->out, n_out)) {
            evaluate_wide(c, rule, n_in, n_out);
            return;
        }
    }
    ir_evaluation own = *c;
    rule(&own);
}
