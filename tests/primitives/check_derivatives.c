// jvp: in f64 against central differences, in f32 against f64; linearization against jvp.
// vjp: <ct, J t> = <J^T ct, t> for random ct and t, <x, y> being the real part of the sum of x y, also with
// accumulators and absent cotangents.
//
// Each for all operands that have tangents together, and for each alone. What a function does not
// say to depend on the active operands must not change with them.

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "table.h"
#include "transforms/transforms.h"

typedef struct derivative {
    const test_instance *t;
    const bool *active; // of each operand
    uint32_t n_active;
    ir_array in[2 * TEST_MAX_IN + 64]; // operands, then tangents of the active ones
    ir_array *out;                     // results of the operation
    ir_array *tangent;                 // of each result that can have one; zeros where the jvp has none
} derivative;

static bool has_tangent(const test_instance *t, uint32_t result) {
    return ir_is_differentiable(ir_result_type(t->f, result)->dtype);
}

static derivative derivative_new(const test_instance *t, const bool *active, uint64_t seed) {
    derivative d = {.t = t, .active = active};
    test_draw_operands(t, seed, d.in);
    for (uint32_t i = 0; i < t->c->n_in; i++)
        if (active[i])
            d.in[t->c->n_in + d.n_active++] = test_draw_like(t, t->f->types[i], 77 + 13 * seed + i);
    d.out = test_run(t->arena, t->f, d.in, t->c->n_in);
    d.tangent = base_new_array(t->arena, ir_array, t->f->n_results + 1);
    return d;
}

static double rounding(const derivative *d) {
    cv_dtype dtype = ir_part_dtype(d->t->dtype);
    return test_epsilon(ir_is_float(dtype) ? dtype : CV_F64);
}

// Results of the operation, then tangents of those with active_out.
static void take_tangents(derivative *d, ir_array *tangents, const bool *active_out) {
    for (uint32_t r = 0; r < d->t->f->n_results; r++) {
        if (active_out[r] && !has_tangent(d->t, r)) base_raise(CV_INVALID, "result %u has a tangent", r);
        if (has_tangent(d->t, r))
            d->tangent[r] = active_out[r] ? *tangents++ : test_zeros(d->t->arena, ir_result_type(d->t->f, r));
    }
}

static void run_jvp(derivative *d) {
    const test_instance *t = d->t;
    xf_jvp_result jvp = xf_jvp(t->f, d->active, NULL);
    ir_array *out = test_run(t->arena, jvp.function, d->in, t->c->n_in + d->n_active);
    test_tolerance tolerance = {32 * rounding(d), 32 * rounding(d)};
    for (uint32_t r = 0; r < t->f->n_results; r++)
        test_compare("jvp: result", r, &out[r], &d->out[r], tolerance);
    take_tangents(d, out + t->f->n_results, jvp.active_out);
}

// Differences.

// The floating dtype with the fewest digits, of parts too. Rounding to less than f64 on the way hides small
// steps: what does that is linear, and takes large ones.
static cv_dtype coarsest(const test_instance *t) {
    cv_dtype found = CV_F64;
    for (uint32_t v = 0; v < t->f->n_values; v++) {
        cv_dtype dtype = ir_part_dtype(t->f->types[v]->dtype);
        if (ir_is_float(dtype) && test_epsilon(dtype) > test_epsilon(found)) found = dtype;
    }
    return found;
}

// How far a derivative may be off: 84 units of f32, which numbers of 16 bits have no room for.
static double allowed_for(cv_dtype dtype) { return ir_is_half(dtype) ? 8 * test_epsilon(dtype) : 1e-5; }

static ir_array *run_shifted(const derivative *d, double step) {
    const test_instance *t = d->t;
    ir_array in[TEST_MAX_IN];
    const ir_array *tangent = d->in + t->c->n_in;
    for (uint32_t i = 0; i < t->c->n_in; i++) {
        in[i] = d->in[i];
        if (!d->active[i]) continue;
        in[i] = test_array(t->arena, d->in[i].type);
        for (int64_t k = 0; k < in[i].type->count; k++)
            test_set_complex(&in[i], k, test_complex(&d->in[i], k) + step * test_complex(tangent, k));
        tangent++;
    }
    return test_run(t->arena, t->f, in, t->c->n_in);
}

// A NaN is a fill, which does not depend on anything. stop_gradient is said to be constant.
static void compare_with_differences(const derivative *d) {
    const test_instance *t = d->t;
    cv_dtype dtype = coarsest(t);
    double step = ir_is_half(dtype) ? 0x1p6 : dtype == CV_F32 ? 0x1p-6 : 0x1p-20;
    ir_array *above = run_shifted(d, step), *below = run_shifted(d, -step);
    for (uint32_t r = 0; r < t->f->n_results; r++) {
        if (!has_tangent(t, r)) continue;
        ir_array want =
            test_array(t->arena, ir_type_with_dtype(t->module, above[r].type, d->tangent[r].type->dtype));
        for (int64_t i = 0; i < want.type->count; i++) {
            _Complex double slope = (test_complex(&above[r], i) - test_complex(&below[r], i)) / (2 * step);
            if (slope != slope || t->c->primitive == IR_stop_gradient) slope = 0;
            test_set_complex(&want, i, slope);
        }
        test_tolerance tolerance = ir_is_half(dtype)   ? (test_tolerance){0, test_epsilon(dtype)}
                                   : dtype == CV_F32 ? (test_tolerance){0, 1e-4}
                                                     : (test_tolerance){1e-6, 1e-7};
        test_compare("jvp, differences: tangent of result", r, &d->tangent[r], &want, tolerance);
    }
}

// The instance of the case in f64 on the same numbers.
static void compare_with_f64(const derivative *d) {
    cv_dtype dtype = ir_is_complex(d->t->dtype) ? CV_C128 : CV_F64;
    test_instance wide = test_instance_new(d->t->c, dtype, d->t->variant, d->t->module, d->t->arena);
    derivative want = derivative_new(&wide, d->active, 0);
    for (uint32_t i = 0; i < d->t->c->n_in + d->n_active; i++)
        for (int64_t k = 0; ir_is_float(d->in[i].type->dtype) && k < d->in[i].type->count; k++)
            test_set_real(&want.in[i], k, test_real(&d->in[i], k));
    want.out = test_run(wide.arena, wide.f, want.in, wide.c->n_in);
    run_jvp(&want);
    for (uint32_t r = 0; r < wide.f->n_results; r++) {
        if (!has_tangent(&wide, r)) continue;
        ir_array narrow = test_array(wide.arena, d->tangent[r].type);
        for (int64_t i = 0; i < narrow.type->count; i++)
            test_set_complex(&narrow, i, test_complex(&want.tangent[r], i));
        double allowed = allowed_for(coarsest(d->t));
        test_tolerance tolerance = {allowed, allowed};
        test_compare("jvp, f64: tangent of result", r, &d->tangent[r], &narrow, tolerance);
    }
}

// What has no reverse mode says so, rather than to linearize wrongly.
static void linearize(void *argument) {
    const derivative *d = argument;
    xf_linearize(d->t->f, d->active, NULL);
}

static void check_refuses_linearization(derivative *d) {
    base_failure failure;
    if (base_protect(linearize, d, &failure) != CV_UNSUPPORTED)
        base_raise(CV_INVALID, "linearize: %s", failure.status ? failure.message : "does not refuse");
}

// Linearization: running primal and then linear is the jvp.
static void compare_with_linearization(const derivative *d) {
    const test_instance *t = d->t;
    xf_linear_result result = xf_linearize(t->f, d->active, NULL);
    ir_array *out = test_run(t->arena, result.primal, d->in, t->c->n_in), in[2 * TEST_MAX_IN + 64];
    test_tolerance tolerance = {32 * rounding(d), 32 * rounding(d)};
    for (uint32_t r = 0; r < t->f->n_results; r++)
        test_compare("linearize: result", r, &out[r], &d->out[r], tolerance);
    uint32_t n_in = d->n_active + result.n_residuals;
    base_check(n_in <= sizeof in / sizeof *in);
    memcpy(in, d->in + t->c->n_in, sizeof *in * d->n_active);
    memcpy(in + d->n_active, out + t->f->n_results, sizeof *in * result.n_residuals);
    derivative linear = *d;
    linear.tangent = base_new_array(t->arena, ir_array, t->f->n_results + 1);
    take_tangents(&linear, test_run(t->arena, result.linear, in, n_in), result.active_out);
    for (uint32_t r = 0; r < t->f->n_results; r++)
        if (has_tangent(t, r))
            test_compare("linearize: tangent of result", r, &linear.tangent[r], &d->tangent[r], tolerance);
    bool *is_linear = base_new_array(t->arena, bool, n_in + 1);
    for (uint32_t i = 0; i < d->n_active; i++) is_linear[i] = true;
    xf_check_linear(result.linear, is_linear);
}

static void check_jvp(const test_instance *t, const bool *active) {
    for (uint64_t seed = 0; seed < TEST_DRAWS; seed++) {
        derivative d = derivative_new(t, active, seed);
        run_jvp(&d);
        if (ir_part_dtype(t->dtype) == CV_F64)
            compare_with_differences(&d);
        else if (seed == 0)
            compare_with_f64(&d);
        bool control = ir_primitives[t->c->primitive].traits & IR_CONTROL;
        if (control && !ir_rules_of(t->c->primitive)->transpose)
            check_refuses_linearization(&d);
        else
            compare_with_linearization(&d);
    }
}

// Inner products.

typedef struct inner_product {
    double value, size; // the sum of the (real parts of the) products and of their magnitudes
} inner_product;

// Elements y of 16 bits are right to a part of 1 or of the largest, not of themselves: what they are made of may
// cancel.
static void add_product(inner_product *sum, const ir_array *x, const ir_array *y) {
    for (int64_t i = 0; i < x->type->count; i++) {
        _Complex double a = test_complex(x, i), b = test_complex(y, i);
        double re = __real__ a * __real__ b, im = __imag__ a * __imag__ b;
        sum->value += re - im;
        sum->size += fabs(re) + fabs(im) + (ir_is_half(y->type->dtype) ? fabs(test_real(x, i)) : 0);
    }
}

static void check_vjp(const test_instance *t, const bool *active) {
    for (uint64_t seed = 0; seed < TEST_DRAWS; seed++) {
        derivative d = derivative_new(t, active, seed);
        run_jvp(&d);
        ir_array in[2 * TEST_MAX_IN];
        uint32_t n_in = t->c->n_in, n_results = t->f->n_results;
        inner_product forward = {0, 0}, backward = {0, 0};
        memcpy(in, d.in, sizeof *in * n_in);
        for (uint32_t r = 0; r < n_results; r++) {
            if (!has_tangent(t, r)) continue;
            in[n_in] = test_draw_like(t, ir_result_type(t->f, r), 5001 + 17 * seed + r);
            add_product(&forward, &in[n_in++], &d.tangent[r]);
        }
        ir_array *out = test_run(t->arena, xf_vjp(t->f, active), in, n_in);
        test_tolerance tolerance = {32 * rounding(&d), 32 * rounding(&d)};
        for (uint32_t r = 0; r < n_results; r++)
            test_compare("vjp: result", r, &out[r], &d.out[r], tolerance);
        for (uint32_t k = 0; k < d.n_active; k++) {
            base_check(out[n_results + k].type == d.in[t->c->n_in + k].type);
            add_product(&backward, &out[n_results + k], &d.in[t->c->n_in + k]);
        }
        cv_dtype coarse = coarsest(t);
        double allowed = (coarse == CV_F64 ? 1e-11 : allowed_for(coarse)) * (forward.size + backward.size);
        if (!(fabs(forward.value - backward.value) <= allowed))
            base_raise(CV_INVALID, "<ct, J t> is %.17g and <J^T ct, t> is %.17g", forward.value,
                       backward.value);
    }
}

// All operands that have tangents, and each alone.
static void for_active_sets(const test_instance *t, void (*check)(const test_instance *, const bool *)) {
    bool all[TEST_MAX_IN] = {false}, one[TEST_MAX_IN];
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->c->n_in; i++) n += all[i] = ir_is_differentiable(t->f->types[i]->dtype);
    if (n) check(t, all);
    for (uint32_t i = 0; n > 1 && i < t->c->n_in; i++) {
        memset(one, 0, sizeof one);
        one[i] = true;
        if (all[i]) check(t, one);
    }
}

void test_check_jvp(const test_instance *t) { for_active_sets(t, check_jvp); }

// The operation `times` times on the same operands, with all results, or result `only` of each.
static const ir_function *repeated(const test_instance *t, int times, uint32_t only) {
    ir_builder *b = ir_builder_new(t->module, t->c->name);
    ir_val in[TEST_MAX_IN], results[2 * TEST_MAX_IN];
    const ir_op *op = &t->f->ops[0];
    uint32_t n = 0;
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = ir_param(b, t->f->types[i]);
    for (int k = 0; k < times; k++) {
        ir_val first = ir_emit_like(b, t->f, op, in);
        for (uint32_t o = 0; o < op->n_out; o++)
            if (only == IR_NONE || only == o) results[n++] = first + o;
    }
    return ir_finish(b, results, n);
}

// The operation; the same twice, which hands an accumulator to its transpose rule; each result
// alone, which leaves cotangents of the others absent.
void test_check_vjp(const test_instance *t) {
    test_instance other = *t;
    for_active_sets(t, check_vjp);
    other.f = repeated(t, 2, IR_NONE);
    for_active_sets(&other, check_vjp);
    for (uint32_t r = 0; t->f->n_results > 1 && r < t->f->n_results; r++) {
        other.f = repeated(t, 1, r);
        for_active_sets(&other, check_vjp);
    }
}
