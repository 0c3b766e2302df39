// Judges a program and the transforms on top of it.
//
// In: a case. Out: nothing, or a failure "what: how". Each transform is held to its definition, given the
// program it was applied to, whatever that is made of already:
//   vmap:  the same as a loop over the slices;
//   jvp:   the limit of differences, where there is one;
//   vjp:   <ct, J t> = <J^T ct, t> with jvp, <x, y> being the real part of the sum of x y;
//   grad:  vjp with the cotangent 1 of the first result.
// These run in f64 (widen.c), so rounding plays no part but in constants that rules emit. What the chain ends
// with is run as it is, by the interpreter and as machine code: both are as near to the run in f64 as the
// errors of single operations allow, integers are equal, and what is made of exact operations and basic
// arithmetic alone has the same bits as the lowered program in the interpreter. Arrays of compiled programs
// end at a page without access; two threads give the same bits as one.

#include <complex.h>
#include <math.h>
#include <string.h>

#include "../codegen/program_runs.h"
#include "codegen/compile.h"
#include "random.h"
#include "runtime/execute.h"
#include "transforms/transforms.h"

const char *const rp_kind_names[RP_KINDS] = {"jvp", "vjp", "vmap", "grad"};

enum { NOISY_RUNS = 4, MOST_NOISY_RUNS = 32, MOST_OPERATIONS = 1000 };

typedef struct judging {
    base_arena *arena;
    const rp_case *c;
    rp_tally *tally;
    int level;
    uint64_t noisy_runs;
    const ir_function *p; // what the next transform is applied to
} judging;

// Arrays.

static ir_array new_array(judging *j, const ir_type *type) {
    return (ir_array){type, base_arena_zeroed(j->arena, type->bytes + 1)};
}

static double complex element_of(const ir_array *a, int64_t i) {
    union ir_scalar x = {0};
    size_t size = cv_dtype_size(a->type->dtype);
    memcpy(&x, (const char *)a->data + (size_t)i * size, size);
    if (a->type->dtype == CV_C64) return __builtin_complex((double)x.c64[0], (double)x.c64[1]);
    if (a->type->dtype == CV_C128) return __builtin_complex(x.c128[0], x.c128[1]);
    return ir_scalar_to_double(&x, a->type->dtype);
}

static ir_array *draw_arrays(judging *j, const ir_function *f, uint64_t which) {
    ir_array *in = base_new_array(j->arena, ir_array, f->n_params + 1);
    for (uint32_t i = 0; i < f->n_params; i++) {
        uint64_t state = rp_state(j->c->seed, 1000 * (uint64_t)j->level + 64 * which + i);
        in[i] = new_array(j, f->types[i]);
        rp_fill_widely(&in[i], &state);
    }
    return in;
}

static bool differentiable(const ir_type *type) { return ir_is_differentiable(type->dtype); }

// How far results may be off.

typedef struct reference {
    const ir_function *f;
    ir_array *wide;
    double **spread; // of each element: the greatest distance of a noisy run; infinite where anything goes
} reference;

// Distance of elements; of discrete ones infinite unless they are the same.
static double distance(const ir_array *a, const ir_array *b, int64_t i) {
    size_t size = cv_dtype_size(a->type->dtype);
    if (!differentiable(a->type))
        return memcmp((char *)a->data + (size_t)i * size, (char *)b->data + (size_t)i * size, size) ? INFINITY
                                                                                                    : 0;
    double complex x = element_of(a, i), y = element_of(b, i);
    double re = creal(x) == creal(y) || (isnan(creal(x)) && isnan(creal(y))) ? 0 : fabs(creal(x) - creal(y));
    double im = cimag(x) == cimag(y) || (isnan(cimag(x)) && isnan(cimag(y))) ? 0 : fabs(cimag(x) - cimag(y));
    double d = hypot(re, im);
    return isnan(d) ? INFINITY : d;
}

static reference reference_new(judging *j, const ir_function *f, const ir_array *in) {
    const ir_function *wide = rp_widen(f);
    reference r = {f, rp_run_wide(j->arena, wide, in, 0),
                   base_new_array(j->arena, double *, f->n_results + 1)};
    for (uint32_t k = 0; k < f->n_results; k++)
        r.spread[k] = base_new_array(j->arena, double, r.wide[k].type->count + 1);
    for (uint64_t run = 1; run <= j->noisy_runs; run++) {
        ir_array *noisy = rp_run_wide(j->arena, wide, in, run);
        for (uint32_t k = 0; k < f->n_results; k++)
            for (int64_t i = 0; i < r.wide[k].type->count; i++)
                r.spread[k][i] = fmax(r.spread[k][i], distance(&r.wide[k], &noisy[k], i));
    }
    return r;
}

_Noreturn static void fail_at(judging *j, const char *what, uint32_t result, int64_t i, double complex got,
                              double complex want, double allowed) {
    base_raise(CV_INVALID, "%s: level %d, result %u: element %lld is %.17g%+.17gi, not %.17g%+.17gi to %.3g",
               what, j->level, result, (long long)i, creal(got), cimag(got), creal(want), cimag(want),
               allowed);
}

// got: of the original dtype or wide, with `more` for how far it may be off itself (or NULL).
static void compare_result(judging *j, const char *what, const reference *r, uint32_t k, const ir_array *got,
                           const double *more) {
    const ir_type *type = ir_result_type(r->f, k);
    const ir_array *want = &r->wide[k];
    double least = ir_part_dtype(type->dtype) == CV_F16 ? 0x1p-23 : 0x1p-130;
    for (int64_t i = 0; i < type->count; i++) {
        double complex x = element_of(got, i), y = element_of(want, i);
        double spread = r->spread[k][i] + (more ? more[i] : 0);
        j->tally->elements++;
        if (!(spread <= 0.05 * (1 + cabs(y))) && !(spread == 0)) {
            j->tally->undecided++;
            continue;
        }
        if (!differentiable(type)) {
            if (got->type == want->type && distance(got, want, i) > 0) fail_at(j, what, k, i, x, y, 0);
            continue;
        }
        double allowed = 4 * spread + 2 * rp_unit(type->dtype) * cabs(y) + least;
        for (int part = 0; part < 2; part++) {
            double a = part ? cimag(x) : creal(x), b = part ? cimag(y) : creal(y);
            if (a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= allowed) continue;
            fail_at(j, what, k, i, x, y, allowed);
        }
    }
}

static void compare_all(judging *j, const char *what, const reference *r, const ir_array *got) {
    for (uint32_t k = 0; k < r->f->n_results; k++) compare_result(j, what, r, k, &got[k], NULL);
}

// What programs are made of.

typedef struct search {
    uint64_t operations;
    bool stops_gradients;
} search;

static void search_function(void *argument, const ir_function **slot) {
    search *s = argument;
    const ir_function *f = *slot;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        s->operations++;
        s->stops_gradients |= op->primitive == IR_stop_gradient;
        if (op->attributes)
            ir_attributes_functions(ir_primitives[op->primitive].layout, op->attributes, search_function, s);
    }
}

static search search_of(const ir_function *f) {
    search s = {0, false};
    search_function(&s, &f);
    return s;
}

// Transforms.

static bool *draw_active(judging *j, const ir_function *f, bool *any) {
    uint64_t state = rp_state(j->c->seed, 7 + (uint64_t)j->level);
    bool *active = base_new_array(j->arena, bool, f->n_params + 1);
    *any = false;
    for (uint32_t i = 0; i < f->n_params; i++)
        *any |= active[i] = rp_below(&state, 4) && differentiable(f->types[i]);
    for (uint32_t i = 0; !*any && i < f->n_params; i++) *any |= active[i] = differentiable(f->types[i]);
    return active;
}

static ir_array *with_tangents(judging *j, const ir_array *in, const bool *active, uint32_t *n) {
    const ir_function *p = j->p;
    ir_array *all = base_new_array(j->arena, ir_array, 2 * p->n_params + 1), *tangents = draw_arrays(j, p, 1);
    memcpy(all, in, sizeof *in * p->n_params);
    *n = p->n_params;
    for (uint32_t i = 0; i < p->n_params; i++)
        if (active[i]) all[(*n)++] = tangents[i];
    return all;
}

static ir_array *with_cotangents(judging *j, const ir_array *in) {
    const ir_function *p = j->p;
    ir_array *all = base_new_array(j->arena, ir_array, p->n_params + p->n_results + 1);
    memcpy(all, in, sizeof *in * p->n_params);
    for (uint32_t k = 0, n = p->n_params; k < p->n_results; k++) {
        if (!differentiable(ir_result_type(p, k))) continue;
        uint64_t state = rp_state(j->c->seed, 1000 * (uint64_t)j->level + 700 + k);
        all[n] = new_array(j, ir_result_type(p, k));
        rp_fill(&all[n++], &state);
    }
    return all;
}

// The program at in + step * tangents.
static ir_array *shifted_run(judging *j, const ir_array *in, const bool *active, const ir_array *tangents,
                             double step) {
    const ir_function *wide = rp_widen(j->p);
    ir_array *moved = base_new_array(j->arena, ir_array, j->p->n_params + 1);
    for (uint32_t i = 0; i < j->p->n_params; i++) {
        moved[i] = in[i];
        if (!active[i]) continue;
        moved[i] = new_array(j, wide->types[i]);
        for (int64_t e = 0; e < in[i].type->count; e++) {
            double complex x = element_of(&in[i], e) + step * element_of(tangents, e);
            if (ir_is_complex(in[i].type->dtype))
                ((double complex *)moved[i].data)[e] = x;
            else
                ((double *)moved[i].data)[e] = creal(x);
        }
        tangents++;
    }
    return rp_run_wide(j->arena, wide, moved, 0);
}

// The limit of differences from both sides, and how far it may be off; infinite where it has none.
static double complex slope_of(ir_array *const *at, uint32_t k, int64_t i, double step, double *off) {
    double complex f[5];
    for (int s = 0; s < 5; s++) f[s] = element_of(&at[s][k], i);
    double complex right = (-3 * f[2] + 4 * f[3] - f[4]) / step, left = (3 * f[2] - 4 * f[1] + f[0]) / step;
    double complex wide = (f[4] - f[0]) / (2 * step), narrow = (f[3] - f[1]) / step,
                   slope = (4 * narrow - wide) / 3;
    *off = cabs(right - left) + cabs(wide - narrow) + 1e-13 * cabs(f[2]) / step;
    if (!(*off <= 0.02 * (1 + cabs(slope)))) *off = INFINITY;
    return slope;
}

static void check_jvp(judging *j, const bool *active, xf_jvp_result jvp) {
    const ir_function *p = j->p;
    const double step = 0x1p-8;
    uint32_t n;
    ir_array *in = draw_arrays(j, p, 0), *all = with_tangents(j, in, active, &n), *at[5];
    reference want = reference_new(j, p, in), got = reference_new(j, jvp.function, all);
    for (uint32_t k = 0; k < p->n_results; k++)
        compare_result(j, "result of jvp", &want, k, &got.wide[k], got.spread[k]);
    if (search_of(p).stops_gradients) return;
    for (int s = 0; s < 5; s++)
        at[s] = s == 2 ? want.wide : shifted_run(j, in, active, all + p->n_params, (s - 2) * step / 2);
    for (uint32_t k = 0, next = p->n_results; k < p->n_results; k++) {
        if (!differentiable(ir_result_type(p, k))) continue;
        uint32_t tangent = jvp.active_out[k] ? next++ : IR_NONE;
        for (int64_t i = 0; i < want.wide[k].type->count; i++) {
            double off, spread = tangent == IR_NONE ? 0 : got.spread[tangent][i];
            double complex slope = slope_of(at, k, i, step, &off);
            double complex x = tangent == IR_NONE ? 0 : element_of(&got.wide[tangent], i);
            j->tally->slopes++;
            off += 1e-7 * (1 + cabs(slope)) + 8 * spread;
            if (!(off <= 0.1 * (1 + cabs(slope))))
                j->tally->slopes_undecided++;
            else if (!(cabs(x - slope) <= off))
                fail_at(j, "jvp against differences", k, i, x, slope, off);
        }
    }
}

static void add_product(const ir_array *x, const ir_array *y, double *sum, double *size) {
    for (int64_t i = 0; i < x->type->count; i++) {
        double complex a = element_of(x, i), b = element_of(y, i);
        *sum += creal(a * b);
        *size += cabs(a) * cabs(b);
    }
}

static void check_vjp(judging *j, const bool *active, const ir_function *vjp) {
    const ir_function *p = j->p;
    uint32_t n, n_results = p->n_results;
    ir_array *in = draw_arrays(j, p, 0), *forward_in = with_tangents(j, in, active, &n);
    ir_array *backward_in = with_cotangents(j, in);
    xf_jvp_result jvp = xf_jvp(p, active, NULL);
    double forward[MOST_NOISY_RUNS + 1] = {0}, backward[MOST_NOISY_RUNS + 1] = {0}, size = 0, spread = 0;
    reference want = reference_new(j, p, in);
    for (uint64_t run = 0; run <= j->noisy_runs; run++) {
        ir_array *f = rp_run_wide(j->arena, rp_widen(jvp.function), forward_in, run);
        ir_array *b = rp_run_wide(j->arena, rp_widen(vjp), backward_in, run);
        if (!run) compare_all(j, "result of vjp", &want, b);
        for (uint32_t k = 0, next = n_results, ct = p->n_params; k < n_results; k++) {
            if (!differentiable(ir_result_type(p, k))) continue;
            if (jvp.active_out[k]) add_product(&backward_in[ct], &f[next++], &forward[run], &size);
            ct++;
        }
        for (uint32_t i = p->n_params; i < n; i++)
            add_product(&b[n_results + i - p->n_params], &forward_in[i], &backward[run], &size);
        spread = fmax(spread, fabs(forward[run] - forward[0]) + fabs(backward[run] - backward[0]));
        if (isnan(forward[run]) || isnan(backward[run])) spread = INFINITY;
    }
    j->tally->slopes++;
    if (!(spread <= 0.05 * (1 + size)))
        j->tally->slopes_undecided++;
    else if (!(fabs(forward[0] - backward[0]) <= 8 * spread + 1e-11 * (1 + size)))
        base_raise(CV_INVALID,
                   "vjp against jvp: level %d: <ct, J t> is %.17g and <J^T ct, t> is %.17g to %.3g", j->level,
                   forward[0], backward[0], 8 * spread);
}

static void check_grad(judging *j, const bool *active, const ir_function *grad) {
    const ir_function *p = j->p, *vjp = xf_vjp(p, active);
    ir_array *in = draw_arrays(j, p, 0), *all = with_cotangents(j, in);
    for (uint32_t i = p->n_params; i < vjp->n_params; i++) {
        union ir_scalar one;
        memset(all[i].data, 0, all[i].type->bytes);
        ir_scalar_from_double(&one, all[i].type->dtype, 1);
        if (i == p->n_params) memcpy(all[i].data, &one, all[i].type->bytes);
    }
    reference want = reference_new(j, vjp, all), got = reference_new(j, grad, in);
    for (uint32_t k = 0; k < vjp->n_results; k++)
        compare_result(j, "grad against vjp", &want, k, &got.wide[k], got.spread[k]);
}

// The first result is the sum of all floating ones in a dtype that has room for it. NULL if there are none.
static const ir_function *summed(const ir_function *f) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *in = base_new_array(&b->arena, ir_val, f->n_params + 1), sum = IR_NONE;
    ir_val *out = base_new_array(&b->arena, ir_val, f->n_results + 2);
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(b, f->types[i]);
    ir_inline(b, f, in, out + 1);
    for (uint32_t k = 0; k < f->n_results; k++) {
        ir_val x = out[k + 1];
        const ir_type *type = ir_type_of(b, x);
        int64_t axes[IR_MAX_RANK];
        if (!differentiable(type)) continue;
        if (ir_is_complex(type->dtype)) x = ir_add(b, ir_real(b, x), ir_imag(b, x));
        for (int64_t i = 0; i < type->rank; i++) axes[i] = i;
        x = ir_reduce_sum(b, ir_convert(b, x, CV_F64), (ir_dims){type->rank, axes});
        sum = sum == IR_NONE ? x : ir_add(b, sum, x);
    }
    out[0] = sum;
    if (sum == IR_NONE) return NULL;
    const ir_function *made = ir_finish(b, out, f->n_results + 1);
    return ir_memo_keep(f, "summed", 6, made, NULL, NULL, 0)->functions[0];
}

// vmap: arrays of slices.

typedef struct axes {
    int64_t *in, *out, size;
} axes;

static axes draw_axes(judging *j, const ir_function *f) {
    uint64_t state = rp_state(j->c->seed, 31 + (uint64_t)j->level);
    axes a = {base_new_array(j->arena, int64_t, f->n_params + 1),
              base_new_array(j->arena, int64_t, f->n_results + 1), 1 + rp_below(&state, 3)};
    bool any = false;
    for (uint32_t i = 0; i < f->n_params; i++) {
        a.in[i] = rp_below(&state, 3) == 0 ? IR_UNMAPPED : rp_below(&state, f->types[i]->rank + 1);
        any |= a.in[i] != IR_UNMAPPED;
    }
    if (!any && f->n_params) a.in[0] = 0;
    for (uint32_t k = 0; k < f->n_results; k++) a.out[k] = rp_below(&state, ir_result_type(f, k)->rank + 1);
    return a;
}

// Slice s of an array with this axis, to or from it.
static void copy_slice(const ir_array *whole, const ir_array *part, int64_t axis, int64_t s, bool out) {
    size_t inner = cv_dtype_size(part->type->dtype);
    int64_t outer = 1, size = whole->type->dims[axis];
    for (int64_t i = 0; i < axis; i++) outer *= whole->type->dims[i];
    for (int64_t i = axis + 1; i < whole->type->rank; i++) inner *= (size_t)whole->type->dims[i];
    for (int64_t o = 0; o < outer; o++) {
        char *in_whole = (char *)whole->data + (size_t)(o * size + s) * inner;
        char *in_part = (char *)part->data + (size_t)o * inner;
        memcpy(out ? in_part : in_whole, out ? in_whole : in_part, inner);
    }
}

static void check_vmap(judging *j, const axes *a, const ir_function *vmap) {
    const ir_function *p = j->p;
    ir_array *all = draw_arrays(j, p, 0), *slices[4];
    for (int64_t s = 0; s < a->size; s++) slices[s] = draw_arrays(j, p, 2 + (uint64_t)s);
    for (uint32_t i = 0; i < p->n_params; i++) {
        if (a->in[i] != IR_UNMAPPED) all[i] = new_array(j, vmap->types[i]);
        for (int64_t s = 0; s < a->size; s++) {
            if (a->in[i] == IR_UNMAPPED)
                slices[s][i] = all[i];
            else
                copy_slice(&all[i], &slices[s][i], a->in[i], s, false);
        }
    }
    reference got = reference_new(j, vmap, all);
    for (int64_t s = 0; s < a->size; s++) {
        reference want = reference_new(j, p, slices[s]);
        for (uint32_t k = 0; k < p->n_results; k++) {
            ir_array part = new_array(j, want.wide[k].type), spreads = {NULL, got.spread[k]}, off;
            copy_slice(&got.wide[k], &part, a->out[k], s, true);
            spreads.type = ir_type_with_dtype(p->module, got.wide[k].type, CV_F64);
            off = new_array(j, ir_type_with_dtype(p->module, want.wide[k].type, CV_F64));
            copy_slice(&spreads, &off, a->out[k], s, true);
            compare_result(j, "vmap against a loop", &want, k, &part, off.data);
        }
    }
}

// A step of the chain.

static void transform(void *argument) {
    judging *j = argument;
    rp_kind kind = j->c->kinds[j->level];
    bool any;
    if (kind == RP_VMAP) {
        axes a = draw_axes(j, j->p);
        if (!j->p->n_params) return;
        const ir_function *q = xf_vmap(j->p, a.in, a.out, a.size, NULL);
        check_vmap(j, &a, q);
        j->p = q;
        return;
    }
    const ir_type *first = ir_result_type(j->p, 0);
    if (kind == RP_GRAD && (!ir_is_float(first->dtype) || first->rank)) {
        const ir_function *sum = summed(j->p);
        if (!sum) return;
        j->p = sum;
    }
    bool *active = draw_active(j, j->p, &any);
    if (!any) return;
    if (kind == RP_JVP) {
        xf_jvp_result jvp = xf_jvp(j->p, active, NULL);
        check_jvp(j, active, jvp);
        j->p = jvp.function;
    } else {
        const ir_function *q = kind == RP_GRAD ? xf_grad(j->p, active, true) : xf_vjp(j->p, active);
        if (kind == RP_GRAD)
            check_grad(j, active, q);
        else
            check_vjp(j, active, q);
        j->p = q;
    }
}

// The primitive that a message begins with.
static int refusing(const char *message) {
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++) {
        size_t n = strlen(ir_primitives[p].name);
        const char *at = strstr(message, ir_primitives[p].name);
        if (at && at[n] == ':' && (at == message || at[-1] == ' ')) return p;
    }
    base_raise(CV_INVALID, "refused: no primitive is named: %s", message);
}

static bool step(judging *j) {
    base_failure failure;
    cv_status status = base_protect(transform, j, &failure);
    if (status && status != CV_UNSUPPORTED) base_raise_again(&failure);
    if (!status)
        j->tally->transforms[j->c->kinds[j->level]]++;
    else
        j->tally->refused[refusing(failure.message)]++;
    return !status;
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

static bool *same_bits(judging *j, const ir_function *f) {
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
static void compare_bits(judging *j, const ir_function *f, const ir_array *in, const ir_array *got) {
    const ir_function *low = xf_lower(f);
    bool *good = same_bits(j, low);
    ir_array *low_in = base_new_array(j->arena, ir_array, f->n_params + 1);
    ir_array *want = base_new_array(j->arena, ir_array, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) low_in[i] = (ir_array){low->types[i], in[i].data};
    for (uint32_t k = 0; k < f->n_results; k++) want[k] = new_array(j, ir_result_type(low, k));
    ir_interpret(low, low_in, want);
    for (uint32_t k = 0; k < f->n_results; k++) {
        size_t size = cv_dtype_size(want[k].type->dtype);
        for (int64_t i = 0; good[k] && i < want[k].type->count; i++) {
            ir_array own = {want[k].type, got[k].data};
            double x = creal(element_of(&own, i)), y = creal(element_of(&want[k], i));
            j->tally->same_bits++;
            if (memcmp((char *)own.data + (size_t)i * size, (char *)want[k].data + (size_t)i * size, size) &&
                !(isnan(x) && isnan(y)))
                fail_at(j, "bits of compiled code", k, i, x, y, 0);
        }
    }
}

static ir_array *run_compiled(judging *j, const cg_program *program, int threads, void *const *params) {
    ir_array *out = base_new_array(j->arena, ir_array, j->p->n_results + 1);
    void **results = base_new_array(j->arena, void *, j->p->n_results + 1);
    for (uint32_t k = 0; k < j->p->n_results; k++) {
        const ir_type *type = ir_result_type(j->p, k);
        out[k] = (ir_array){type, results[k] = allocate_guarded(j->arena, type->bytes)};
    }
    rt_run(program, threads, params, results);
    return out;
}

static void check_interpreted(judging *j, const reference *want, const ir_array *in) {
    ir_array *got = base_new_array(j->arena, ir_array, j->p->n_results + 1);
    for (uint32_t k = 0; k < j->p->n_results; k++) got[k] = new_array(j, ir_result_type(j->p, k));
    ir_interpret(j->p, in, got);
    compare_all(j, "interpreted", want, got);
}

static void check_compiled(judging *j) {
    const ir_function *p = j->p;
    ir_array *in = draw_arrays(j, p, 0), *out[2];
    void **params = base_new_array(j->arena, void *, p->n_params + 1);
    reference want = reference_new(j, p, in);
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

static void check_text(const judging *j) {
    base_text text = {.arena = j->arena};
    ir_print(&text, j->p);
    if (!ir_equal(j->p, ir_parse(j->p->module, "printed", base_text_get(&text))))
        base_raise(CV_INVALID, "text: the program that is read back is another");
}

static void judge(void *argument) {
    judging *j = argument;
    j->arena = xf_scratch();
    check_text(j);
    for (; j->level < j->c->n && step(j); j->level++) {
        if (search_of(j->p).operations < MOST_OPERATIONS) continue;
        j->tally->too_large++;
        return;
    }
    check_compiled(j);
}

// Few runs may miss how far rounding can go, so a failure is looked at again with many.
void rp_judge(const rp_case *c, rp_tally *tally) {
    judging j = {.c = c, .tally = tally, .noisy_runs = NOISY_RUNS, .p = c->f};
    rp_tally not_counted = {0};
    base_failure failure;
    cv_status status = base_protect(judge, &j, &failure);
    if (status == CV_OK) return;
    if (status == CV_UNSUPPORTED) { // by the compiler
        tally->refused[refusing(failure.message)]++;
        return;
    }
    if (status != CV_INVALID) base_raise_again(&failure);
    j = (judging){.c = c, .tally = &not_counted, .noisy_runs = MOST_NOISY_RUNS, .p = c->f};
    judge(&j);
}
