// compiled: machine code against the interpreter, on the operands of `evaluate`.
//
// Every instance is compiled quickly, as operations outside traces are, with index checks; and, but for some
// of the edge shapes, well, as what runs often is. Both run on operands and results that end at a page
// without access, with one thread and with two. All runs have the same bits. (Operands of this table are too
// small for a kernel to be shared out among threads: tests/codegen/test_threads.c runs the table over large
// ones.)
//
// Against the interpreter: what is exact, and basic arithmetic, has the same bits, except that a NaN is any
// NaN. Elementary functions are within their stated error (ir/accuracy.h) and that of the interpreter, which has
// the C library's: half a unit in f32, where it computes in double, and up to 2 units in f64. Complex results
// are held to the tolerance of `evaluate` (unit/test_complex.c measures their errors). Sums of n
// products are within n epsilon of the sum of magnitudes, as any order of adding them up is; the
// interpreter itself computes both n, from ones, and the magnitudes; products of n factors are within n
// epsilon. The bodies of control flow contain sines, whose errors go through a few operations, and that of a
// reduce gets an fma: they are held to the tolerance of `evaluate`.

#include <math.h>
#include <string.h>

#include "../codegen/program_runs.h"
#include "base/error.h"
#include "codegen/compile.h"
#include "ir/accuracy.h"
#include "runtime/execute.h"
#include "table.h"

enum { QUICK, GOOD, CODES, RUNS = 2 * CODES };

static const cg_options options[CODES] = {
    [QUICK] = {.verify = true, .quick = true, .check_indices = true, .threads = 2},
    [GOOD] = {.verify = true, .threads = 1},
};
static const struct {
    int code, threads;
} runs[RUNS] = {{QUICK, 1}, {QUICK, 2}, {GOOD, 1}, {GOOD, 2}};

// What has one shape, and of the edge shapes a scalar and a vector: good code takes twice as long to make.
static int codes_of(const test_instance *t) {
    bool often = t->variant % 3 == 0;
#ifdef FEW_CASES
    return often ? GOOD : 0;
#else
    return often ? CODES : GOOD;
#endif
}

// What the compiled result may differ by.

#define GREATER(a, b) ((a) > (b) ? (a) : (b))
static const struct {
    ir_primitive primitive;
    double f32, f64; // units in the last place, with or without fused multiply-add
} stated[] = {
#define ROW(function, fused_f32, fused_f64, f32, f64)                                                        \
    {IR_##function, GREATER(fused_f32, f32), GREATER(fused_f64, f64)},
    IR_ACCURACY(ROW)
#undef ROW
};

// In units in the last place; 0 for everything but elementary functions; 1 for f16 and bf16, which are rounded
// from f32.
static double units_of(ir_primitive p, cv_dtype dtype) {
    for (size_t i = 0; i < sizeof stated / sizeof *stated; i++)
        if (stated[i].primitive == p) return ir_is_half(dtype) ? 1 : dtype == CV_F64 ? stated[i].f64 + 2 : stated[i].f32 + 0.5;
    return 0;
}

// The distance of numbers of a dtype at `value`.
static double unit_at(double value, cv_dtype dtype) {
    int exponent, digits = dtype == CV_F64 ? 53 : dtype == CV_F32 ? 24 : dtype == CV_F16 ? 11 : 8;
    int least = dtype == CV_F64 ? -1021 : dtype == CV_F16 ? -13 : -125;
    frexp(value, &exponent);
    return ldexp(1, (exponent < least || value == 0 ? least : exponent) - digits);
}

static bool adds_up(ir_primitive p) {
    return p == IR_reduce_sum || p == IR_dot_general || p == IR_scatter_add || p == IR_cumsum;
}

// Steps, each of which rounds, that an element of a product or of a cumulative operation takes; 0 for others.
static int64_t steps_of(const test_instance *t) {
    const ir_type *in = t->f->types[0], *out = ir_result_type(t->f, 0);
    if (ir_primitives[t->c->primitive].layout == &ir_layout_cumulative)
        return in->dims[((const ir_cumulative_attributes *)t->f->ops[0].attributes)->axis];
    return t->c->primitive == IR_reduce_prod && out->count ? in->count / out->count : 0;
}

// The operands with ones, or magnitudes, in place of the floating numbers that are added up.
static ir_array *with_numbers(const test_instance *t, const ir_array *in, bool ones) {
    ir_array *out = base_new_array(t->arena, ir_array, TEST_MAX_IN);
    for (uint32_t i = 0; i < t->c->n_in; i++) {
        out[i] = in[i];
        if (!ir_is_float(in[i].type->dtype)) continue;
        out[i] = test_array(t->arena, in[i].type);
        for (int64_t e = 0; e < in[i].type->count; e++)
            test_set_real(&out[i], e, ones ? 1 : fabs(test_real(&in[i], e)));
    }
    return out;
}

typedef struct judging {
    const test_instance *t;
    const ir_array *want;
    const ir_array *terms, *magnitudes; // of sums, or NULL
} judging;

static judging judging_new(const test_instance *t, const ir_array *in) {
    judging j = {.t = t, .want = test_run(t->arena, t->f, in, t->c->n_in)};
    if (!adds_up(t->c->primitive)) return j;
    j.terms = test_run(t->arena, t->f, with_numbers(t, in, true), t->c->n_in);
    j.magnitudes = test_run(t->arena, t->f, with_numbers(t, in, false), t->c->n_in);
    return j;
}

static double allowed_at(const judging *j, uint32_t result, int64_t i) {
    ir_primitive p = j->t->c->primitive;
    cv_dtype dtype = j->want[result].type->dtype;
    if (adds_up(p))
        return test_real(&j->terms[result], i) * test_epsilon(dtype) * test_real(&j->magnitudes[result], i);
    // A step of a sum of exponentials rounds an exponential, a logarithm and a sum, of numbers up to 1 and its result.
    double steps = (double)(p == IR_reduce_prod || p == IR_cumprod || p == IR_cumlogsumexp ? steps_of(j->t) : 0);
    double step = test_epsilon(dtype) * fabs(test_real(&j->want[result], i));
    if (steps > 0) return steps * (p == IR_cumlogsumexp ? 4 * (step + test_epsilon(dtype)) : step);
    double units =
        p == IR_abs && ir_is_complex(j->t->dtype) ? 2 : units_of(p, dtype); // a root and a quotient
    return units * unit_at(test_real(&j->want[result], i), dtype);
}

static bool is_same(double got, double want) {
    if (isnan(got) || isnan(want)) return isnan(got) && isnan(want);
    return got == want && !signbit(got) == !signbit(want);
}

static void judge(const judging *j, const ir_array *got) {
    double epsilon = test_epsilon(j->t->dtype);
    char text[IR_TYPE_TEXT];
    bool is_control = ir_primitives[j->t->c->primitive].traits & IR_CONTROL || j->t->c->primitive == IR_reduce;
    for (uint32_t r = 0; r < j->t->f->n_results; r++) {
        const ir_array *want = &j->want[r];
        if (!ir_is_float(want->type->dtype) || is_control) {
            // What only moves complex numbers keeps their bits.
            bool moves = ir_primitives[j->t->c->primitive].traits & IR_MOVEMENT;
            double allowed = moves && !is_control ? 0 : 32 * epsilon;
            test_compare("compiled result", r, &got[r], want, (test_tolerance){allowed, allowed});
            continue;
        }
        for (int64_t i = 0; i < want->type->count; i++) {
            double g = test_real(&got[r], i), w = test_real(want, i);
            if (is_same(g, w) || (g != 0 && fabs(g - w) <= allowed_at(j, r, i))) continue;
            base_raise(CV_INVALID, "compiled result %u, %s: element %lld is %.17g, not %.17g to %.3g", r,
                       ir_type_text(want->type, text), (long long)i, g, w, allowed_at(j, r, i));
        }
    }
}

static void free_program(void *program) { cg_program_free(program); }

static ir_array guarded_copy(const test_instance *t, const ir_array *a) {
    ir_array copy = {a->type, allocate_guarded(t->arena, a->type->bytes)};
    if (a->type->bytes) memcpy(copy.data, a->data, a->type->bytes);
    return copy;
}

static ir_array *run_program(const test_instance *t, const cg_program *program, int threads,
                             void *const *params) {
    uint32_t n = t->f->n_results;
    ir_array *out = base_new_array(t->arena, ir_array, n + 1);
    void **results = base_new_array(t->arena, void *, n + 1);
    for (uint32_t r = 0; r < n; r++) {
        const ir_type *type = ir_result_type(t->f, r);
        out[r] = (ir_array){type, results[r] = allocate_guarded(t->arena, type->bytes)};
    }
    rt_run(program, threads, params, results);
    return out;
}

static void check_draw(const test_instance *t, const cg_program *const *programs, uint64_t seed) {
    ir_array in[TEST_MAX_IN], *out[RUNS];
    int n_runs = 2 * codes_of(t);
    void *params[TEST_MAX_IN];
    test_draw_operands(t, seed, in);
    for (uint32_t i = 0; i < t->c->n_in; i++) params[i] = guarded_copy(t, &in[i]).data;
    for (int run = 0; run < n_runs; run++)
        out[run] = run_program(t, programs[runs[run].code], runs[run].threads, params);
    judging j = judging_new(t, in);
    judge(&j, out[0]);
    for (int run = 1; run < n_runs; run++)
        for (uint32_t r = 0; r < t->f->n_results; r++)
            if (memcmp(out[run][r].data, out[0][r].data, out[0][r].type->bytes))
                base_raise(CV_INVALID, "compiled result %u has other bits %s", r,
                           runs[run].code == GOOD ? "in good code" : "with two threads");
    for (uint32_t i = 0; i < t->c->n_in; i++)
        if (in[i].type->bytes && memcmp(params[i], in[i].data, in[i].type->bytes))
            base_raise(CV_INVALID, "compiled code changed operand %u", i);
}

void test_check_compiled(const test_instance *t) {
    const cg_program *programs[CODES];
    if (!codes_of(t)) return;
    for (int code = 0; code < codes_of(t); code++) {
        programs[code] = cg_compile(t->f, &options[code]);
        base_defer(free_program, (void *)(uintptr_t)programs[code]);
    }
    for (uint64_t seed = 0; seed < TEST_DRAWS; seed++) check_draw(t, programs, seed);
}
