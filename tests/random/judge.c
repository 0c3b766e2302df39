// Judges a program and the transforms on top of it.
//
// In: a case. Out: nothing, or a failure "what: how". The derivatives of the program, and of what each
// transform of the chain makes of it, are held to their definition, and so is each transform, given the
// program it was applied to (judge_transforms.c). These run in f64 (widen.c), so rounding plays no part but
// in constants that rules emit. What the chain ends with is run as it is, by the interpreter and as machine
// code: both are as near to the run in f64 as the errors of single operations allow, integers are equal, and
// what is made of exact operations and basic arithmetic alone has the same bits as the lowered program in the
// interpreter. Arrays of compiled programs end at a page without access; two threads give the same bits as
// one.

#include "../codegen/program_runs.h"
#include "codegen/compile.h"
#include "judge.h"
#include "runtime/execute.h"
#include "transforms/transforms.h"

enum { NOISY_RUNS = 4, MOST_OPERATIONS = 1000, MOST_DIFFERENTIATED = 500 };

// Arrays.

ir_array rp_new_array(rp_judging *j, const ir_type *type) {
    return (ir_array){type, base_arena_zeroed(j->arena, type->bytes + 1)};
}

double complex rp_element_of(const ir_array *a, int64_t i) {
    union ir_scalar x = {0};
    size_t size = cv_dtype_size(a->type->dtype);
    memcpy(&x, (const char *)a->data + (size_t)i * size, size);
    if (a->type->dtype == CV_C64) return __builtin_complex((double)x.c64[0], (double)x.c64[1]);
    if (a->type->dtype == CV_C128) return __builtin_complex(x.c128[0], x.c128[1]);
    return ir_scalar_to_double(&x, a->type->dtype);
}

ir_array *rp_draw_arrays(rp_judging *j, const ir_function *f, uint64_t which) {
    ir_array *in = base_new_array(j->arena, ir_array, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++) {
        uint64_t state = rp_state(j->c->seed, 1000 * (uint64_t)j->level + 64 * which + i);
        in[i] = rp_new_array(j, f->types[i]);
        rp_fill_widely(&in[i], &state);
    }
    return in;
}

// How far results may be off.

// Distance of elements; of discrete ones infinite unless they are the same.
static double distance(const ir_array *a, const ir_array *b, int64_t i) {
    size_t size = cv_dtype_size(a->type->dtype);
    if (!rp_differentiable(a->type))
        return memcmp((char *)a->data + (size_t)i * size, (char *)b->data + (size_t)i * size, size) ? INFINITY
                                                                                                    : 0;
    double complex x = rp_element_of(a, i), y = rp_element_of(b, i);
    double re = creal(x) == creal(y) || (isnan(creal(x)) && isnan(creal(y))) ? 0 : fabs(creal(x) - creal(y));
    double im = cimag(x) == cimag(y) || (isnan(cimag(x)) && isnan(cimag(y))) ? 0 : fabs(cimag(x) - cimag(y));
    double d = hypot(re, im);
    return isnan(d) ? INFINITY : d;
}

rp_reference rp_reference_new(rp_judging *j, const ir_function *f, const ir_array *in, rp_run how) {
    const ir_function *wide = rp_widen(f);
    rp_reference r = {f, how, rp_run_wide(j->arena, wide, in, &how),
                      base_new_array(j->arena, double *, f->n_results + 1)};
    for (uint32_t k = 0; k < f->n_results; k++)
        r.spread[k] = base_new_array(j->arena, double, r.wide[k].type->count + 1);
    for (how.noise = 1; how.noise <= j->noisy_runs; how.noise++) {
        ir_array *noisy = rp_run_wide(j->arena, wide, in, &how);
        for (uint32_t k = 0; k < f->n_results; k++)
            for (int64_t i = 0; i < r.wide[k].type->count; i++)
                r.spread[k][i] = fmax(r.spread[k][i], distance(&r.wide[k], &noisy[k], i));
    }
    return r;
}

_Noreturn void rp_fail_at(rp_judging *j, const char *what, uint32_t result, int64_t i, double complex got,
                          double complex want, double allowed) {
    base_raise(CV_INVALID, "%s: level %d, result %u: element %lld is %.17g%+.17gi, not %.17g%+.17gi to %.3g",
               what, j->level, result, (long long)i, creal(got), cimag(got), creal(want), cimag(want),
               allowed);
}

// got: of the original dtype or wide, with `more` for how far it may be off itself (or NULL).
void rp_compare_result(rp_judging *j, const char *what, const rp_reference *r, uint32_t k,
                       const ir_array *got, const double *more) {
    const ir_type *type = ir_result_type(r->f, k);
    const ir_array *want = &r->wide[k];
    double least = ir_part_dtype(type->dtype) == CV_F16 && !r->how.in_f64 ? 0x1p-23 : 0x1p-130;
    double unit = rp_unit(r->how.in_f64 ? CV_F64 : type->dtype);
    for (int64_t i = 0; i < type->count; i++) {
        double complex x = rp_element_of(got, i), y = rp_element_of(want, i);
        double spread = r->spread[k][i] + (more ? more[i] : 0);
        j->tally->elements++;
        if (!(spread <= 0.05 * (1 + cabs(y))) && !(spread == 0)) {
            j->tally->undecided++;
            continue;
        }
        if (!rp_differentiable(type)) {
            if (got->type == want->type && distance(got, want, i) > 0) rp_fail_at(j, what, k, i, x, y, 0);
            continue;
        }
        double allowed = 4 * spread + 2 * unit * cabs(y) + least;
        for (int part = 0; part < 2; part++) {
            double a = part ? cimag(x) : creal(x), b = part ? cimag(y) : creal(y);
            if (a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= allowed) continue;
            rp_fail_at(j, what, k, i, x, y, allowed);
        }
    }
}

static void compare_all(rp_judging *j, const char *what, const rp_reference *r, const ir_array *got) {
    for (uint32_t k = 0; k < r->f->n_results; k++) rp_compare_result(j, what, r, k, &got[k], NULL);
}
// Machine code.

static void free_program(void *program) { cg_program_free(program); }

// Which results of a lowered program are made of what has the same bits wherever it is computed.
static bool has_bits(const ir_op *op);

static void search_bits(void *argument, const ir_function **slot) {
    bool *good = argument;
    for (uint32_t i = 0; i < (*slot)->n_ops; i++) *good &= has_bits(&(*slot)->ops[i]);
}

static bool has_bits(const ir_op *op) {
    bool good = !rp_adds_up(op->primitive) && rp_stated_error(op->primitive) == 0;
    if (op->attributes)
        ir_attributes_functions(ir_primitives[op->primitive].layout, op->attributes, search_bits, &good);
    return good;
}

static bool *same_bits(rp_judging *j, const ir_function *f) {
    bool *good = base_new_array(j->arena, bool, f->n_values + f->n_results + 1),
         *results = good + f->n_values;
    for (uint32_t v = 0; v < f->n_params; v++) good[v] = true;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        bool all = has_bits(op);
        for (uint32_t k = 0; k < op->n_in; k++) all &= good[ir_in(f, op)[k]];
        for (uint32_t o = 0; o < op->n_out; o++) good[op->out + o] = all;
    }
    for (uint32_t k = 0; k < f->n_results; k++) results[k] = good[f->results[k]];
    return results;
}

// Arrays of lowered programs have parts where those of the program have complex numbers.
static void compare_bits(rp_judging *j, const ir_function *f, const ir_array *in, const ir_array *got) {
    const ir_function *low = xf_lower(f);
    bool *good = same_bits(j, low);
    ir_array *low_in = base_new_array(j->arena, ir_array, f->n_params + 1);
    ir_array *want = base_new_array(j->arena, ir_array, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) low_in[i] = (ir_array){low->types[i], in[i].data};
    for (uint32_t k = 0; k < f->n_results; k++) want[k] = rp_new_array(j, ir_result_type(low, k));
    ir_interpret(low, low_in, want);
    for (uint32_t k = 0; k < f->n_results; k++) {
        size_t size = cv_dtype_size(want[k].type->dtype);
        for (int64_t i = 0; good[k] && i < want[k].type->count; i++) {
            ir_array own = {want[k].type, got[k].data};
            double x = creal(rp_element_of(&own, i)), y = creal(rp_element_of(&want[k], i));
            j->tally->same_bits++;
            if (memcmp((char *)own.data + (size_t)i * size, (char *)want[k].data + (size_t)i * size, size) &&
                !(isnan(x) && isnan(y)))
                rp_fail_at(j, "bits of compiled code", k, i, x, y, 0);
        }
    }
}

static ir_array *run_compiled(rp_judging *j, const cg_program *program, int threads, void *const *params) {
    ir_array *out = base_new_array(j->arena, ir_array, j->p->n_results + 1);
    void **results = base_new_array(j->arena, void *, j->p->n_results + 1);
    for (uint32_t k = 0; k < j->p->n_results; k++) {
        const ir_type *type = ir_result_type(j->p, k);
        out[k] = (ir_array){type, results[k] = allocate_guarded(j->arena, type->bytes)};
    }
    rt_run(program, threads, params, results);
    return out;
}

static void check_interpreted(rp_judging *j, const rp_reference *want, const ir_array *in) {
    ir_array *got = base_new_array(j->arena, ir_array, j->p->n_results + 1);
    for (uint32_t k = 0; k < j->p->n_results; k++) got[k] = rp_new_array(j, ir_result_type(j->p, k));
    ir_interpret(j->p, in, got);
    compare_all(j, "interpreted", want, got);
}

static void check_compiled(rp_judging *j) {
    const ir_function *p = j->p;
    ir_array *in = rp_draw_arrays(j, p, 0), *out[2];
    void **params = base_new_array(j->arena, void *, p->n_params + 1);
    rp_reference want = rp_reference_new(j, p, in, (rp_run){0});
    check_interpreted(j, &want, in);
    cg_options options = {
        .verify = true, .threads = 1, .check_indices = j->c->seed % 8 == 1, .quick = j->c->seed % 4 != 0};
    const cg_program *program = cg_compile(p, &options);
    base_defer(free_program, (void *)(uintptr_t)program);
    for (uint32_t i = 0; i < p->n_params; i++) {
        params[i] = allocate_guarded(j->arena, in[i].type->bytes);
        if (in[i].type->bytes) memcpy(params[i], in[i].data, in[i].type->bytes);
    }
    for (int t = 0; t < 2; t++) out[t] = run_compiled(j, program, t + 1, params);
    compare_all(j, "compiled", &want, out[0]);
    compare_bits(j, p, in, out[0]);
    for (uint32_t k = 0; k < p->n_results; k++)
        if (memcmp(out[0][k].data, out[1][k].data, out[0][k].type->bytes))
            base_raise(CV_INVALID, "threads: result %u has other bits with two", k);
    for (uint32_t i = 0; i < p->n_params; i++)
        if (in[i].type->bytes && memcmp(params[i], in[i].data, in[i].type->bytes))
            base_raise(CV_INVALID, "arguments: compiled code changed number %u", i);
}

static void count_operations(void *argument, const ir_function **slot) {
    uint32_t *n = argument;
    *n += (*slot)->n_ops;
    for (uint32_t i = 0; i < (*slot)->n_ops; i++) {
        const ir_op *op = &(*slot)->ops[i];
        if (op->attributes)
            ir_attributes_functions(ir_primitives[op->primitive].layout, op->attributes, count_operations, n);
    }
}

static uint32_t operations_of(const ir_function *f) {
    uint32_t n = 0;
    count_operations(&n, &f);
    return n;
}

static void check_text(const rp_judging *j) {
    base_text text = {.arena = j->arena};
    ir_print(&text, j->p);
    if (!ir_equal(j->p, ir_parse(j->p->module, "printed", base_text_get(&text))))
        base_raise(CV_INVALID, "text: the program that is read back is another");
}

// The primitive that a message begins with.
int rp_refusing(const char *message) {
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++) {
        size_t n = strlen(ir_primitives[p].name);
        const char *at = strstr(message, ir_primitives[p].name);
        if (at && at[n] == ':' && (at == message || at[-1] == ' ')) return p;
    }
    base_raise(CV_INVALID, "refused: no primitive is named: %s", message);
}

static void judge(void *argument) {
    rp_judging *j = argument;
    j->arena = xf_scratch();
    check_text(j);
    for (;; j->level++) {
        uint32_t operations = operations_of(j->p);
        if (operations >= MOST_OPERATIONS) {
            j->tally->too_large++;
            return;
        }
        if (operations < MOST_DIFFERENTIATED) rp_check_derivatives(j);
        if (j->level == j->c->n || !rp_apply_transform(j)) break;
    }
    check_compiled(j);
}

// Few runs may miss how far rounding can go, so a failure is looked at again with many.
void rp_judge(const rp_case *c, rp_tally *tally) {
    rp_judging j = {.c = c, .tally = tally, .noisy_runs = NOISY_RUNS, .p = c->f};
    rp_tally not_counted = {0};
    base_failure failure;
    cv_status status = base_protect(judge, &j, &failure);
    if (status == CV_OK) return;
    if (status == CV_UNSUPPORTED) { // by the compiler
        tally->refused[rp_refusing(failure.message)]++;
        return;
    }
    if (status != CV_INVALID) base_raise_again(&failure);
    j = (rp_judging){.c = c, .tally = &not_counted, .noisy_runs = RP_MOST_NOISY_RUNS, .p = c->f};
    judge(&j);
}
