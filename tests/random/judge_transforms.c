// Holds transforms to their definitions.
//
// In: a program, whatever it is made of already. Out: nothing, or a failure "what: how".
//   vmap:  the same as a loop over the slices;
//   jvp:   the limit of differences, where there is one;
//   vjp:   <ct, J t> = <J^T ct, t> with jvp, <x, y> being the real part of the sum of x y;
//   grad:  vjp with the cotangent 1 of the first result.
//
// The differences are taken at a point in general position, arguments that are no simple fractions. What
// programs are made of is piecewise analytic, and of such programs the chain rule gives the derivative almost
// everywhere, but not everywhere (W. Lee, H. Yu, X. Rival, H. Yang, "On correctness of automatic
// differentiation for non-differentiable functions", 2020): where operands of a maximum are equal by chance
// each rule takes a convention, and conventions do not compose. min(max(x, 0), 0) is zero, but has the
// derivative 1/4 at zero by halves. No differences show that, from whichever side. In general position
// operands are equal only where they are so all around, and then move alike.

#include "judge.h"
#include "transforms/transforms.h"

static const rp_run in_f64 = {.in_f64 = true};

const char *const rp_kind_names[RP_KINDS] = {"jvp", "vjp", "vmap", "grad"};

static bool *draw_active(rp_judging *j, const ir_function *f, bool *any) {
    uint64_t state = rp_state(j->c->seed, 7 + (uint64_t)j->level);
    bool *active = base_new_array(j->arena, bool, f->n_params + 1);
    *any = false;
    for (uint32_t i = 0; i < f->n_params; i++)
        *any |= active[i] = rp_below(&state, 4) && rp_differentiable(f->types[i]);
    for (uint32_t i = 0; !*any && i < f->n_params; i++) *any |= active[i] = rp_differentiable(f->types[i]);
    return active;
}

static ir_array *with_tangents(rp_judging *j, const ir_array *in, const bool *active, uint32_t *n) {
    const ir_function *p = j->p;
    ir_array *all = base_new_array(j->arena, ir_array, 2 * p->n_params + 1),
             *tangents = rp_draw_arrays(j, p, 1);
    memcpy(all, in, sizeof *in * p->n_params);
    *n = p->n_params;
    for (uint32_t i = 0; i < p->n_params; i++)
        if (active[i]) all[(*n)++] = tangents[i];
    return all;
}

static ir_array *with_cotangents(rp_judging *j, const ir_array *in) {
    const ir_function *p = j->p;
    ir_array *all = base_new_array(j->arena, ir_array, p->n_params + p->n_results + 1);
    memcpy(all, in, sizeof *in * p->n_params);
    for (uint32_t k = 0, n = p->n_params; k < p->n_results; k++) {
        if (!rp_differentiable(ir_result_type(p, k))) continue;
        uint64_t state = rp_state(j->c->seed, 1000 * (uint64_t)j->level + 700 + k);
        all[n] = rp_new_array(j, ir_result_type(p, k));
        rp_fill(&all[n++], &state);
    }
    return all;
}

// Numbers around those that are drawn, wide; no two of them are related.
static ir_array *in_general_position(rp_judging *j) {
    const ir_function *p = j->p, *wide = rp_widen(p);
    ir_array *in = rp_draw_arrays(j, p, 0);
    for (uint32_t i = 0; i < p->n_params; i++) {
        uint64_t state = rp_state(j->c->seed, 1000 * (uint64_t)j->level + 500 + i);
        if (!rp_differentiable(p->types[i])) continue;
        ir_array simple = in[i];
        int64_t parts = ir_is_complex(simple.type->dtype) ? 2 : 1;
        in[i] = rp_new_array(j, wide->types[i]);
        for (int64_t e = 0; e < parts * simple.type->count; e++) {
            double complex x = rp_element_of(&simple, e / parts);
            double by = (double)(int64_t)rp_bits(&state) * 0x1p-68; // from -1/32 to 1/32
            ((double *)in[i].data)[e] = (e % parts ? cimag(x) : creal(x)) + by;
        }
    }
    return in;
}

// The program at in + step * tangents.
static ir_array *shifted_run(rp_judging *j, const ir_array *in, const bool *active, const ir_array *tangents,
                             double step, rp_stopped *stopped) {
    const ir_function *wide = rp_widen(j->p);
    ir_array *moved = base_new_array(j->arena, ir_array, j->p->n_params + 1);
    for (uint32_t i = 0; i < j->p->n_params; i++) {
        moved[i] = in[i];
        if (!active[i]) continue;
        moved[i] = rp_new_array(j, wide->types[i]);
        for (int64_t e = 0; e < in[i].type->count; e++) {
            double complex x = rp_element_of(&in[i], e) + step * rp_element_of(tangents, e);
            if (ir_is_complex(in[i].type->dtype))
                ((double complex *)moved[i].data)[e] = x;
            else
                ((double *)moved[i].data)[e] = creal(x);
        }
        tangents++;
    }
    return rp_run_wide(j->arena, wide, moved, &(rp_run){.apart = true, .stopped = stopped});
}

// The limit of differences from both sides, and how far it may be off; infinite where it has none.
static double complex slope_of(ir_array *const *at, uint32_t k, int64_t i, double step, double *off) {
    double complex f[5];
    for (int s = 0; s < 5; s++) f[s] = rp_element_of(&at[s][k], i);
    double complex right = (-3 * f[2] + 4 * f[3] - f[4]) / step, left = (3 * f[2] - 4 * f[1] + f[0]) / step;
    double complex wide = (f[4] - f[0]) / (2 * step), narrow = (f[3] - f[1]) / step,
                   slope = (4 * narrow - wide) / 3;
    *off = cabs(right - left) + cabs(wide - narrow) + 1e-13 * cabs(f[2]) / step;
    if (!(*off <= 0.02 * (1 + cabs(slope)))) *off = INFINITY;
    return slope;
}

static void check_jvp(rp_judging *j, const bool *active, xf_jvp_result jvp) {
    const ir_function *p = j->p;
    const double step = 0x1p-12;
    const rp_run how = {.in_f64 = true, .apart = true};
    static const int order[] = {2, 0, 1, 3, 4}; // the unmoved one first: stop_gradient keeps what that has
    uint32_t n;
    bool nonzero = false;
    ir_array *in = in_general_position(j), *all = with_tangents(j, in, active, &n), *at[5];
    rp_stopped stopped = {.lost = false};
    rp_reference want = rp_reference_new(j, p, in, how), got = rp_reference_new(j, jvp.function, all, how);
    for (uint32_t k = 0; k < p->n_results; k++)
        rp_compare_result(j, "result of jvp", &want, k, &got.wide[k], got.spread[k]);
    for (int s = 0; s < 5; s++)
        at[order[s]] = shifted_run(j, in, active, all + p->n_params, (order[s] - 2) * step / 2, &stopped);
    for (uint32_t k = 0, next = p->n_results; k < p->n_results; k++) {
        if (!rp_differentiable(ir_result_type(p, k))) continue;
        uint32_t tangent = jvp.active_out[k] ? next++ : IR_NONE;
        for (int64_t i = 0; i < want.wide[k].type->count; i++) {
            double off, spread = tangent == IR_NONE ? 0 : got.spread[tangent][i];
            double complex slope = slope_of(at, k, i, step, &off);
            double complex x = tangent == IR_NONE ? 0 : rp_element_of(&got.wide[tangent], i);
            j->tally->slopes++;
            off += stopped.lost ? INFINITY : 1e-7 * (1 + cabs(slope)) + 8 * spread;
            if (!(off <= 0.1 * (1 + cabs(slope))))
                j->tally->slopes_undecided++;
            else if (!(cabs(x - slope) <= off))
                rp_fail_at(j, "jvp against differences", k, i, x, slope, off);
            else
                nonzero |= cabs(slope) > 4 * off;
        }
    }
    j->tally->derivatives++;
    j->tally->derivatives_nonzero += nonzero;
}

static void add_product(const ir_array *x, const ir_array *y, double *sum, double *size) {
    for (int64_t i = 0; i < x->type->count; i++) {
        double complex a = rp_element_of(x, i), b = rp_element_of(y, i);
        *sum += creal(a * b);
        if (!isnan(cabs(a) * cabs(b))) *size += cabs(a) * cabs(b);
    }
}

static void check_vjp(rp_judging *j, const bool *active, const ir_function *vjp) {
    const ir_function *p = j->p;
    uint32_t n, n_results = p->n_results;
    ir_array *in = rp_draw_arrays(j, p, 0), *forward_in = with_tangents(j, in, active, &n);
    ir_array *backward_in = with_cotangents(j, in);
    xf_jvp_result jvp = xf_jvp(p, active, NULL);
    double forward[RP_MOST_NOISY_RUNS + 1] = {0}, backward[RP_MOST_NOISY_RUNS + 1] = {0}, size = 0,
                                        spread = 0;
    rp_reference want = rp_reference_new(j, p, in, in_f64);
    for (uint64_t run = 0; run <= j->noisy_runs; run++) {
        rp_run how = {.noise = run, .in_f64 = true};
        ir_array *f = rp_run_wide(j->arena, rp_widen(jvp.function), forward_in, &how);
        ir_array *b = rp_run_wide(j->arena, rp_widen(vjp), backward_in, &how);
        for (uint32_t k = 0; !run && k < n_results; k++)
            rp_compare_result(j, "result of vjp", &want, k, &b[k], NULL);
        for (uint32_t k = 0, next = n_results, ct = p->n_params; k < n_results; k++) {
            if (!rp_differentiable(ir_result_type(p, k))) continue;
            if (jvp.active_out[k]) add_product(&backward_in[ct], &f[next++], &forward[run], &size);
            ct++;
        }
        for (uint32_t i = p->n_params; i < n; i++)
            add_product(&b[n_results + i - p->n_params], &forward_in[i], &backward[run], &size);
        spread = fmax(spread, fabs(forward[run] - forward[0]) + fabs(backward[run] - backward[0]));
        if (isnan(forward[run])) spread = INFINITY; // but a NaN of reverse mode alone is wrong
    }
    j->tally->products++;
    if (!(spread <= 0.05 * (1 + size)))
        j->tally->products_undecided++;
    else if (!(fabs(forward[0] - backward[0]) <= 8 * spread + 1e-11 * (1 + size)))
        base_raise(CV_INVALID,
                   "vjp against jvp: level %d: <ct, J t> is %.17g and <J^T ct, t> is %.17g to %.3g", j->level,
                   forward[0], backward[0], 8 * spread);
}

static void check_grad(rp_judging *j, const bool *active, const ir_function *grad) {
    const ir_function *p = j->p, *vjp = xf_vjp(p, active);
    ir_array *in = rp_draw_arrays(j, p, 0), *all = with_cotangents(j, in);
    for (uint32_t i = p->n_params; i < vjp->n_params; i++) {
        union ir_scalar one;
        memset(all[i].data, 0, all[i].type->bytes);
        ir_scalar_from_double(&one, all[i].type->dtype, 1);
        if (i == p->n_params) memcpy(all[i].data, &one, all[i].type->bytes);
    }
    rp_reference want = rp_reference_new(j, vjp, all, in_f64), got = rp_reference_new(j, grad, in, in_f64);
    for (uint32_t k = 0; k < vjp->n_results; k++)
        rp_compare_result(j, "grad against vjp", &want, k, &got.wide[k], got.spread[k]);
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
        if (!rp_differentiable(type)) continue;
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

static axes draw_axes(rp_judging *j, const ir_function *f) {
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

static void check_vmap(rp_judging *j, const axes *a, const ir_function *vmap) {
    const ir_function *p = j->p;
    ir_array *all = rp_draw_arrays(j, p, 0), *slices[4];
    for (int64_t s = 0; s < a->size; s++) slices[s] = rp_draw_arrays(j, p, 2 + (uint64_t)s);
    for (uint32_t i = 0; i < p->n_params; i++) {
        if (a->in[i] != IR_UNMAPPED) all[i] = rp_new_array(j, vmap->types[i]);
        for (int64_t s = 0; s < a->size; s++) {
            if (a->in[i] == IR_UNMAPPED)
                slices[s][i] = all[i];
            else
                copy_slice(&all[i], &slices[s][i], a->in[i], s, false);
        }
    }
    rp_reference got = rp_reference_new(j, vmap, all, in_f64);
    for (int64_t s = 0; s < a->size; s++) {
        rp_reference want = rp_reference_new(j, p, slices[s], in_f64);
        for (uint32_t k = 0; k < p->n_results; k++) {
            ir_array part = rp_new_array(j, want.wide[k].type), spreads = {NULL, got.spread[k]}, off;
            copy_slice(&got.wide[k], &part, a->out[k], s, true);
            spreads.type = ir_type_with_dtype(p->module, got.wide[k].type, CV_F64);
            off = rp_new_array(j, ir_type_with_dtype(p->module, want.wide[k].type, CV_F64));
            copy_slice(&spreads, &off, a->out[k], s, true);
            rp_compare_result(j, "vmap against a loop", &want, k, &part, off.data);
        }
    }
}

// Derivatives of the program, and a step of the chain.

static void forward_mode(void *argument) {
    rp_judging *j = argument;
    bool any, *active = draw_active(j, j->p, &any);
    if (any) check_jvp(j, active, xf_jvp(j->p, active, NULL));
}

static void reverse_mode(void *argument) {
    rp_judging *j = argument;
    bool any, *active = draw_active(j, j->p, &any);
    if (any) check_vjp(j, active, xf_vjp(j->p, active));
}

static void transform(void *argument) {
    rp_judging *j = argument;
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
    const ir_function *q = kind == RP_JVP   ? xf_jvp(j->p, active, NULL).function
                           : kind == RP_VJP ? xf_vjp(j->p, active)
                                            : xf_grad(j->p, active, true);
    if (kind == RP_GRAD) check_grad(j, active, q);
    j->p = q;
}

static bool tried(rp_judging *j, void (*what)(void *)) {
    base_failure failure;
    cv_status status = base_protect(what, j, &failure);
    if (status && status != CV_UNSUPPORTED) base_raise_again(&failure);
    if (status) j->tally->refused[rp_refusing(failure.message)]++;
    return !status;
}

void rp_check_derivatives(rp_judging *j) {
    tried(j, forward_mode);
    tried(j, reverse_mode);
}

bool rp_apply_transform(rp_judging *j) {
    if (!tried(j, transform)) return false;
    j->tally->transforms[j->c->kinds[j->level]]++;
    return true;
}
