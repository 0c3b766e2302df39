// The reference of floating results: a program in f64, and how far rounding may move what comes out.
//
// In: a program, arguments. Out: the program with f64 and c128 in place of every other floating dtype, and
// its results, either as they are or with noise: wherever the original program rounds, the wide one is moved
// by the greatest error that the operation may have in the original dtype, up or down by chance. The distance
// of a few such runs from the run without noise is how far the original may be off, conditioning included
// (Monte Carlo arithmetic: D. S. Parker, 1997; J. Vignes' CESTAC before it), and where a comparison or a
// floor may go either way the runs show that too.
//
// Where the original does not round there is no noise, so what is exact stays exact: a value that the dtype
// holds, of f64 one whose low digits are zero, came out of exact operands or nearly so. The direction depends
// on the value, the primitive and the run alone, so equal values stay equal. A sum's error is that of its
// terms, as any order of adding them up has it. Constants that are no simple fractions are rounded values of
// others.
//
// Transforms are judged by programs that are wide already: there an operation's error is that of f64, while
// constants, which rules of transforms emit in the original dtype, are as far off as before, each by itself:
// one of a program and one of a rule may be equal, but only that of the rule stands for another number.

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "ir/accuracy.h"
#include "ir/interpret.h"
#include "random.h"
#include "transforms/activity.h"

// The program.

static cv_dtype wide_dtype(cv_dtype d) { return ir_is_float(d) ? CV_F64 : ir_is_complex(d) ? CV_C128 : d; }

static const ir_type *wide_type(ir_module *module, const ir_type *type) {
    return ir_type_with_dtype(module, type, wide_dtype(type->dtype));
}

static void widen_function(void *argument, const ir_function **slot) {
    (void)argument;
    *slot = rp_widen(*slot);
}

static ir_array widened(base_arena *arena, ir_module *module, const ir_array *a) {
    const ir_type *type = wide_type(module, a->type);
    if (type == a->type) return *a;
    ir_array out = {type, base_arena_zeroed(arena, type->bytes + 1)};
    size_t size = cv_dtype_size(a->type->dtype), parts = ir_is_complex(a->type->dtype) ? 2 : 1;
    for (size_t i = 0; i < (size_t)a->type->count * parts; i++) {
        union ir_scalar scalar = {0};
        memcpy(&scalar, (const char *)a->data + i * (size / parts), size / parts);
        ((double *)out.data)[i] = ir_scalar_to_double(&scalar, ir_part_dtype(a->type->dtype));
    }
    return out;
}

static ir_val widen_constant(ir_builder *b, const ir_op *op) {
    const ir_constant_attributes *a = op->attributes;
    const ir_type *type = a->value.type;
    if (a->value.splat) type = ir_type_scalar(b->module, type->dtype);
    ir_array wide = widened(&b->arena, b->module, &(ir_array){type, (void *)(uintptr_t)a->value.data});
    return ir_constant(b, wide_type(b->module, a->value.type), a->value.splat, wide.data);
}

// What looks at bits does so in the original dtype; of nextafter that is the step from x to the next number.
static ir_val widen_bits(ir_builder *b, const ir_function *f, const ir_op *op, ir_val *in) {
    ir_val x = in[0];
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = ir_convert(b, in[i], f->types[ir_in(f, op)[i]]->dtype);
    ir_val out = ir_emit_like(b, f, op, in);
    cv_dtype dtype = wide_dtype(ir_type_of(b, out)->dtype);
    if (op->primitive != IR_nextafter) return ir_convert(b, out, dtype);
    ir_val from = ir_convert(b, in[0], dtype), to = ir_convert(b, out, dtype);
    return ir_select(b, ir_eq(b, from, x), to, ir_add(b, x, ir_sub(b, to, from))); // infinities are equal
}

// Rounding to fewer digits is a product with 1 here, which has noise.
static ir_val widen_convert(ir_builder *b, const ir_function *f, const ir_op *op, ir_val x) {
    cv_dtype from = f->types[ir_in(f, op)[0]]->dtype, to = f->types[op->out]->dtype;
    ir_val wide = ir_convert(b, x, wide_dtype(to));
    if (!ir_is_differentiable(from) || !ir_is_differentiable(to) || rp_unit(to) <= rp_unit(from)) return wide;
    return ir_mul(b, wide, ir_full_like(b, wide, 1));
}

static ir_val widen_op(ir_builder *b, const ir_function *f, const ir_op *op, ir_val *in) {
    const ir_layout *layout = ir_primitives[op->primitive].layout;
    if (op->primitive == IR_constant) return widen_constant(b, op);
    if (op->primitive == IR_bitcast_convert || op->primitive == IR_nextafter) return widen_bits(b, f, op, in);
    if (op->primitive == IR_convert) return widen_convert(b, f, op, in[0]);
    const void *attributes = op->attributes;
    if (layout->size) {
        void *copy = (void *)(uintptr_t)ir_attributes_copy(&b->arena, layout, attributes);
        ir_attributes_functions(layout, copy, widen_function, NULL);
        for (uint32_t i = 0; i < layout->n_fields; i++) {
            cv_dtype *d = (cv_dtype *)(void *)((char *)copy + layout->fields[i].offset);
            if (layout->fields[i].kind == IR_FIELD_DTYPE) *d = wide_dtype(*d);
        }
        attributes = copy;
    }
    return ir_emit(b, op->primitive, in, op->n_in, attributes);
}

const ir_function *rp_widen(const ir_function *f) {
    const ir_memo *memo = ir_memo_find(f, "widen", 5);
    if (memo) return memo->functions[0];
    ir_builder *b = ir_builder_new(f->module, f->name);
    ir_val *values = base_new_array(&b->arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) values[i] = ir_param(b, wide_type(f->module, f->types[i]));
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val *in = base_new_array(&b->arena, ir_val, op->n_in + 1);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = values[ir_in(f, op)[k]];
        cv_dtype dtype = op->n_out ? f->types[op->out]->dtype : CV_BOOL;
        if (dtype == CV_BOOL && op->n_in) dtype = f->types[ir_in(f, op)[0]]->dtype;
        b->place = (ir_place){NULL, (uint32_t)dtype};
        ir_val out = widen_op(b, f, op, in);
        for (uint32_t o = 0; o < op->n_out; o++) values[op->out + o] = out + o;
    }
    ir_val *results = base_new_array(&b->arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = values[f->results[i]];
    return ir_memo_keep(f, "widen", 5, ir_finish(b, results, f->n_results), NULL, NULL, 0)->functions[0];
}

// Noise.

#define GREATER(a, b) ((a) > (b) ? (a) : (b))
#define GREATEST(a, b, c, d) GREATER(GREATER(a, b), GREATER(c, d))

double rp_stated_error(ir_primitive p) {
    switch (p) {
#define ROW(name, a, b, c, d)                                                                                \
    case IR_##name: return GREATEST(a, b, c, d) + 2; // the C library has 2 in f64
        IR_ACCURACY(ROW)
#undef ROW
    case IR_rsqrt: return 2;
    case IR_integer_pow: return 6;
    default: return 0;
    }
}

bool rp_adds_up(ir_primitive p) {
    return p == IR_reduce_sum || p == IR_reduce_prod || p == IR_dot_general || p == IR_cumsum ||
           p == IR_cumprod || p == IR_cumlogsumexp || p == IR_scatter_add || p == IR_scatter_mul;
}

double rp_unit(cv_dtype dtype) {
    dtype = ir_part_dtype(dtype);
    return dtype == CV_F64 ? 0x1p-53 : dtype == CV_F32 ? 0x1p-24 : dtype == CV_F16 ? 0x1p-11 : 0x1p-8;
}

static double largest_of(cv_dtype dtype) {
    return dtype == CV_F16 ? 65520 : dtype == CV_F64 ? HUGE_VAL : 0x1p128;
}

// What an operation on this dtype cannot have rounded.
static bool holds(cv_dtype dtype, double x) {
    if (!isfinite(x) || x == 0) return true;
    if (dtype == CV_F64) {
        uint64_t bits;
        memcpy(&bits, &x, sizeof bits);
        return !(bits & 0xffff);
    }
    union ir_scalar scalar;
    ir_scalar_from_double(&scalar, dtype, x);
    return ir_scalar_to_double(&scalar, dtype) == x;
}

static double direction(double x, uint64_t noise) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits ^= noise * 0x9e3779b97f4a7c15;
    return rp_bits(&bits) >> 63 ? 1 : -1;
}

static double moved(double x, double by, uint64_t noise, cv_dtype part) {
    if (noise) x += direction(x, noise) * (part == CV_F16 ? fmax(by, 0x1p-25) : by);
    return fabs(x) >= largest_of(part) ? copysign(INFINITY, x) : x;
}

// Moves numbers by `units`, relative to each; complex ones relative to the whole, but where each part is
// rounded by itself (one unit).
static void disturb(ir_array *a, cv_dtype dtype, double units, uint64_t noise, bool always) {
    cv_dtype part = ir_part_dtype(dtype);
    int64_t step = a->type->dtype == CV_C128 ? 2 : 1;
    double unit = rp_unit(part) * units;
    for (int64_t i = 0; i < a->type->count * step; i += step) {
        double *x = (double *)a->data + i, first = fabs(x[0]), second = step == 2 ? fabs(x[1]) : 0;
        bool kept[2] = {!always && holds(part, x[0]), !always && holds(part, second)};
        if (units > 1) {
            kept[0] = kept[1] = kept[0] && kept[1];
            first = second = hypot(first, second);
        }
        x[0] = moved(x[0], first * unit, kept[0] ? 0 : noise, part);
        if (step == 2) x[1] = moved(x[1], second * unit, kept[1] || !noise ? 0 : noise + 1, part);
    }
}

// Constants of the rules of transforms, rounded to the dtype, unlike the simple ones of programs.
static bool is_simple(const ir_array *a, cv_dtype dtype) {
    double scale = ir_is_half(dtype) ? 2 : 16;
    int64_t n = a->type->count * (a->type->dtype == CV_C128 ? 2 : 1);
    for (int64_t i = 0; i < n; i++) {
        double x = ((const double *)a->data)[i] * scale;
        if (isfinite(x) && x != trunc(x)) return false;
    }
    return true;
}

enum { MOST_EVALUATIONS = 2000000 }; // a program made smaller may not end

typedef struct noisy_run {
    base_arena *arena;
    uint64_t noise, evaluations;
    const rp_run *how;
} noisy_run;

static double terms_of(const ir_op *op, const ir_array *in, const ir_array *out) {
    if (ir_primitives[op->primitive].traits & IR_SCATTER) return (double)in[2].type->count;
    if (ir_primitives[op->primitive].layout == &ir_layout_cumulative)
        return (double)in[0].type->dims[((const ir_cumulative_attributes *)op->attributes)->axis];
    if (op->primitive != IR_dot_general) return (double)in[0].type->count / fmax(1, (double)out->type->count);
    const ir_dot_attributes *a = op->attributes;
    double n = 1;
    for (int64_t i = 0; i < a->lhs_contract.n; i++) n *= (double)in[0].type->dims[a->lhs_contract.at[i]];
    return n;
}

// A logarithm near 1 is off by a part of 1, whatever its size.
static void shift(const ir_array *a, double by, uint64_t noise) {
    int64_t n = a->type->count * (a->type->dtype == CV_C128 ? 2 : 1);
    for (double *x = a->data; n-- > 0; x++) *x += direction(*x, noise) * by;
}

// Products of complex numbers are several operations each.
static void evaluate_sum(const ir_evaluation *c, cv_dtype dtype, base_arena *arena, uint64_t noise) {
    ir_array *in = base_new_array(arena, ir_array, c->op->n_in);
    double units = (terms_of(c->op, c->in, c->out) + 1) * (ir_is_complex(dtype) ? 4 : 2);
    bool in_place = ir_primitives[c->op->primitive].traits & IR_SCATTER; // each step is rounded
    for (uint32_t i = 0; i < c->op->n_in; i++) {
        in[i] = c->in[i];
        if (!ir_is_differentiable(in[i].type->dtype)) continue;
        in[i].data = base_arena_copy(arena, in[i].data, in[i].type->bytes);
        cv_dtype rounded = ir_is_half(dtype) && !in_place ? CV_F32 : dtype;
        // Sums of what is exact are so as long as they are short; products, and logarithms of sums, are not.
        bool always = c->op->primitive != IR_reduce_sum && c->op->primitive != IR_cumsum &&
                      c->op->primitive != IR_dot_general && c->op->primitive != IR_scatter_add;
        disturb(&in[i], rounded, units, noise + i, always);
        if (c->op->primitive == IR_cumlogsumexp) shift(&in[i], units * rp_unit(rounded), noise);
    }
    ir_evaluation own = *c;
    own.in = in;
    ir_evaluate(c->op->primitive, &own);
    disturb(&c->out[0], dtype, 2, noise, false);
}

static double units_of(const ir_op *op, cv_dtype dtype) {
    double stated = rp_stated_error(op->primitive);
    if (ir_is_half(dtype)) return 1.01; // computed in f32
    if (stated > 0) return ir_is_complex(dtype) ? 2 * stated + 8 : 2 * stated;
    return ir_is_complex(dtype) ? 8 : 1;
}

// Whether an elementwise operation rounds its result, rather than to choose or to take it apart.
static bool rounds(const ir_evaluation *c) {
    static const ir_primitive exact[] = {
        IR_neg,
        IR_floor,
        IR_ceil,
        IR_round,
        IR_round_even,
        IR_max,
        IR_min,
        IR_clamp,
        IR_select,
        IR_real,
        IR_imag,
        IR_stop_gradient,
        IR_conj,
        IR_complex,
        IR_rem,
        IR_nextafter,
        IR_bitcast_convert,
    };
    ir_primitive p = c->op->primitive;
    if (p == IR_abs || p == IR_sign) return c->in[0].type->dtype == CV_C128;
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (exact[i] == p) return false;
    return ir_primitives[p].traits & IR_ELEMENTWISE;
}

// What is not differentiated does not move: it is what it was in the run that is kept. Of bits, the number
// that they stand for would move, in steps too small for differences to tell.
static bool stops(ir_primitive p) { return p == IR_stop_gradient || p == IR_bitcast_convert; }

static void stop(rp_stopped *s, base_arena *arena, const ir_array *out) {
    if (!s->replayed) {
        void *data = base_arena_zeroed(arena, out->type->bytes + 1);
        memcpy(data, out->data, out->type->bytes);
        base_push(arena, &s->kept, (ir_array){out->type, data});
    } else if (s->next < s->kept.n && s->kept.at[s->next].type == out->type) {
        memcpy(out->data, s->kept.at[s->next++].data, out->type->bytes);
    } else {
        s->lost = true;
    }
}

// What stands still is related to what moves: x and stop_gradient(x) are equal, but only here. So it is taken
// to be another number, by a function without kinks.
static void set_apart(const ir_array *a) {
    int64_t n = a->type->count * (a->type->dtype == CV_C128 ? 2 : 1);
    for (double *x = a->data; n-- > 0; x++) *x += sin(101 * *x + 1) / 64;
}

static void evaluate_noisily(void *argument, const ir_evaluation *c) {
    noisy_run *run = argument;
    ir_primitive p = c->op->primitive;
    uint64_t noise = run->how->noise ? run->how->noise * 1000 + (uint64_t)p : 0;
    if (++run->evaluations > MOST_EVALUATIONS) base_raise(CV_UNSUPPORTED, "the program does not end");
    cv_dtype dtype = (cv_dtype)c->op->place.line;
    // (Others stand where bits are looked at.)
    bool floating = c->op->n_out && wide_dtype(c->out[0].type->dtype) == c->out[0].type->dtype &&
                    ir_is_differentiable(c->out[0].type->dtype);
    if (run->how->in_f64 && floating && p != IR_constant) dtype = c->out[0].type->dtype;
    if (run->how->in_f64 && noise && p == IR_constant)
        noise += 0x2545f4914f6cdd1d * (c->op->out + (uint64_t)1);
    if (floating && noise && rp_adds_up(p)) {
        evaluate_sum(c, dtype, run->arena, noise);
        return;
    }
    ir_evaluate(p, c);
    if (run->how->apart && p == IR_stop_gradient && floating) set_apart(&c->out[0]);
    if (run->how->stopped && stops(p)) stop(run->how->stopped, run->arena, &c->out[0]);
    if (!floating) return;
    if (p == IR_constant)
        disturb(&c->out[0], dtype, 1, is_simple(&c->out[0], dtype) ? 0 : noise, true);
    else if (rounds(c) || rp_adds_up(p))
        disturb(&c->out[0], dtype, units_of(c->op, dtype), noise, false);
}

ir_array *rp_run_wide(base_arena *arena, const ir_function *wide, const ir_array *in, const rp_run *how) {
    ir_array *own = base_new_array(arena, ir_array, wide->n_params + 1);
    ir_array *out = base_new_array(arena, ir_array, wide->n_results + 1);
    for (uint32_t i = 0; i < wide->n_params; i++) own[i] = widened(arena, wide->module, &in[i]);
    for (uint32_t i = 0; i < wide->n_results; i++) {
        const ir_type *type = ir_result_type(wide, i);
        out[i] = (ir_array){type, base_arena_zeroed(arena, type->bytes + 1)};
    }
    if (how->stopped) how->stopped->next = 0;
    ir_interpret_by(wide, own, out, evaluate_noisily, &(noisy_run){.arena = arena, .how = how});
    if (how->stopped) {
        how->stopped->lost |= how->stopped->replayed && how->stopped->next < how->stopped->kept.n;
        how->stopped->replayed = true;
    }
    return out;
}
