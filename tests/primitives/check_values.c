// evaluate: the interpreter against what the operation means. vmap: a batched operation against a
// loop over its examples, for sets of batched operands, with the axis in front and at the end.

#include <string.h>

#include "base/error.h"
#include "table.h"
#include "transforms/transforms.h"

// Movement gives the same bits, elementwise functions and sums differ in the last places; those of f16 and bf16,
// which are rounded from f32, in the last one.
static test_tolerance tolerance_of(const test_instance *t) {
    const uint32_t traits = ir_primitives[t->c->primitive].traits;
    double epsilon = test_epsilon(t->dtype);
    if (t->c->primitive == IR_convert) epsilon = test_epsilon(CV_F32); // from f64 to f32 too
    if (traits & IR_MOVEMENT) return (test_tolerance){0, 0};
    if (ir_is_half(t->dtype) && ir_computes_in_f32(t->c->primitive)) return (test_tolerance){epsilon, 0};
    if (traits & IR_ELEMENTWISE) return (test_tolerance){8 * epsilon, 0};
    return (test_tolerance){32 * epsilon, 32 * epsilon};
}

void test_check_evaluate(const test_instance *t) {
    for (uint64_t seed = 0; seed < TEST_DRAWS; seed++) {
        ir_array in[TEST_MAX_IN];
        test_draw_operands(t, seed, in);
        ir_array *got = test_run(t->arena, t->f, in, t->c->n_in);
        ir_array *want = base_new_array(t->arena, ir_array, t->f->n_results + 1);
        for (uint32_t r = 0; r < t->f->n_results; r++)
            want[r] = test_array(t->arena, ir_result_type(t->f, r));
        test_expect(t, in, want);
        for (uint32_t r = 0; r < t->f->n_results; r++)
            test_compare("result", r, &got[r], &want[r], tolerance_of(t));
    }
}

// Examples along an axis: example e of `stack` is `one`, copied from there or to there.
static void copy_example(const ir_array *stack, int64_t axis, int64_t e, const ir_array *one, bool to_stack) {
    const ir_type *type = stack->type;
    size_t inner = cv_dtype_size(type->dtype);
    int64_t outer = 1;
    for (int64_t d = 0; d < type->rank; d++)
        if (d < axis)
            outer *= type->dims[d];
        else if (d > axis)
            inner *= (size_t)type->dims[d];
    for (int64_t o = 0; o < outer; o++) {
        char *in_stack = (char *)stack->data + (size_t)(o * type->dims[axis] + e) * inner;
        char *in_one = (char *)one->data + (size_t)o * inner;
        if (to_stack)
            memcpy(in_stack, in_one, inner);
        else
            memcpy(in_one, in_stack, inner);
    }
}

typedef struct batch {
    const test_instance *t;
    int64_t size;
    const bool *batched;         // of each operand
    ir_array (*in)[TEST_MAX_IN]; // of each example; operands that are not batched are the first's
} batch;

static batch batch_new(const test_instance *t, const bool *batched, int64_t size) {
    batch b = {t, size, batched,
               base_arena_zeroed(t->arena, sizeof(ir_array[TEST_MAX_IN]) * (size_t)(size + 1))};
    for (int64_t e = 0; e <= size; e++) {
        test_draw_operands(t, (uint64_t)e, b.in[e]);
        for (uint32_t i = 0; i < t->c->n_in; i++)
            if (!batched[i]) b.in[e][i] = b.in[0][i];
    }
    return b;
}

// Axes count from the end of the operand when they are negative.
static ir_array *stacked(const batch *b, int64_t axis) {
    const test_instance *t = b->t;
    ir_array *in = base_new_array(t->arena, ir_array, TEST_MAX_IN);
    for (uint32_t i = 0; i < t->c->n_in; i++) {
        in[i] = b->in[0][i];
        if (!b->batched[i]) continue;
        int64_t at = axis < 0 ? in[i].type->rank : axis;
        in[i] = test_array(t->arena, ir_type_insert_axis(t->module, in[i].type, at, b->size));
        for (int64_t e = 0; e < b->size; e++) copy_example(&in[i], at, e, &b->in[e][i], true);
    }
    return in;
}

static void compare_with_loop(const batch *b, const ir_function *f, int64_t in_axis, const bool *batched_out,
                              int64_t out_axis) {
    const test_instance *t = b->t;
    ir_array *got = test_run(t->arena, f, stacked(b, in_axis), t->c->n_in);
    for (int64_t e = 0; e < b->size; e++) {
        ir_array *want = test_run(t->arena, t->f, b->in[e], t->c->n_in);
        for (uint32_t r = 0; r < t->f->n_results; r++) {
            ir_array one = got[r];
            if (batched_out[r]) {
                int64_t axis = out_axis < 0 ? want[r].type->rank : out_axis;
                base_check(got[r].type == ir_type_insert_axis(t->module, want[r].type, axis, b->size));
                one = test_array(t->arena, want[r].type);
                copy_example(&got[r], axis, e, &one, false);
            }
            test_compare("result", r, &one, &want[r], tolerance_of(t));
        }
    }
}

static void check_leading(const test_instance *t, const bool *batched, int64_t size) {
    batch b = batch_new(t, batched, size);
    xf_batch_result result = xf_batch(t->f, batched, NULL, size, NULL);
    compare_with_loop(&b, result.function, 0, result.batched_out, 0);
}

static void check_trailing(const test_instance *t, const bool *batched, int64_t size) {
    batch b = batch_new(t, batched, size);
    int64_t in_axes[TEST_MAX_IN], out_axes[TEST_MAX_IN];
    bool batched_out[TEST_MAX_IN];
    for (uint32_t i = 0; i < t->c->n_in; i++) in_axes[i] = batched[i] ? t->f->types[i]->rank : IR_UNMAPPED;
    for (uint32_t r = 0; r < t->f->n_results; r++) {
        out_axes[r] = -1;
        batched_out[r] = true;
    }
    compare_with_loop(&b, xf_vmap(t->f, in_axes, out_axes, size, NULL), -1, batched_out, -1);
}

// All operands, each alone, and while they are few enough, every other set.
void test_check_vmap(const test_instance *t) {
    uint32_t n = t->c->n_in, all = (1u << n) - 1;
    for (uint32_t set = 1; set <= all; set++) {
        bool batched[TEST_MAX_IN];
        if (n > 3 && set != all && (set & (set - 1))) continue;
        for (uint32_t i = 0; i < n; i++) batched[i] = set >> i & 1;
        check_leading(t, batched, 3);
        if (set != all) continue;
        check_leading(t, batched, 1);
        check_leading(t, batched, 0);
        check_trailing(t, batched, 2);
    }
}
