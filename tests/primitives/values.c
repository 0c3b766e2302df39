// Instances of cases, their operands, and comparisons of arrays.
//
// In: a case, a dtype, a seed. Out: a function of one operation and arrays for it, always the same
// for the same seed.

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "table.h"
#include "transforms/transforms.h"

// What an operand with shape.n < 0 runs through.
static const ir_dims edge_shapes[] = {
    {0, NULL},
    {1, (const int64_t[]){0}},
    {1, (const int64_t[]){1}},
    {1, (const int64_t[]){7}},
    {2, (const int64_t[]){3, 5}},
    {3, (const int64_t[]){2, 0, 3}},
};

enum { EDGE_SHAPES = sizeof edge_shapes / sizeof *edge_shapes };

static const double special_reals[] = {
    NAN, INFINITY, -INFINITY, 0, -0.0, 1, -1, 2.5, -3, 0x1p-126, 0x1.fffffep127, -0x1p-149, 1e10, -0.3125,
};
static const int64_t special_ints[] = {
    INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, 0, 1, -1, 2, -2, 31, 32, 64, 1000003, UINT32_MAX,
};

enum { SPECIALS = sizeof special_reals / sizeof *special_reals };
_Static_assert(SPECIALS == sizeof special_ints / sizeof *special_ints, "both lists have one length");

int64_t test_variants(const test_case *c) {
    for (uint32_t i = 0; i < c->n_in; i++)
        if (c->in[i].shape.n < 0 && c->in[i].draw->domain != TEST_SPECIAL) return EDGE_SHAPES;
    return 1;
}

static const ir_type *operand_type(const test_instance *t, uint32_t i) {
    const test_operand *operand = &t->c->in[i];
    cv_dtype dtype = operand->dtype == CV_DTYPE_DEFAULT ? t->dtype : operand->dtype;
    ir_dims shape = operand->shape;
    int64_t combinations = 1;
    if (shape.n < 0) shape = edge_shapes[t->variant];
    if (operand->draw->domain == TEST_SPECIAL) {
        for (uint32_t k = 0; k < t->c->n_in; k++) combinations *= SPECIALS;
        shape = (ir_dims){1, &combinations};
    }
    return ir_type_get(t->module, dtype, shape.n, shape.at);
}

test_instance test_instance_new(const test_case *c, cv_dtype dtype, int64_t variant, ir_module *module,
                                base_arena *arena) {
    test_instance t = {.c = c, .dtype = dtype, .variant = variant, .module = module, .arena = arena};
    const void *attributes = c->make_attributes ? c->make_attributes(&t) : c->attributes;
    ir_builder *b = ir_builder_new(module, c->name);
    ir_val in[TEST_MAX_IN], out[TEST_MAX_IN];
    for (uint32_t i = 0; i < c->n_in; i++) in[i] = ir_param(b, operand_type(&t, i));
    ir_val first = ir_emit(b, c->primitive, in, c->n_in, attributes);
    uint32_t n_out = b->ops.at[b->ops.n - 1].n_out;
    base_check(n_out <= TEST_MAX_IN);
    for (uint32_t i = 0; i < n_out; i++) out[i] = first + i;
    t.f = ir_finish(b, out, n_out);
    return t;
}

const ir_function *test_formed(const test_instance *t, test_form form) {
    const ir_function *f = t->f;
    bool mask[TEST_MAX_IN] = {false}, any = false;
    if (form == TEST_PLAIN) return f;
    for (uint32_t i = 0; i < f->n_params; i++)
        any |= mask[i] = form == TEST_BATCHED || ir_is_differentiable(f->types[i]->dtype);
    if (!any || (form == TEST_REVERSE && t->c->skip >> TEST_VJP & 1)) return NULL;
    return form == TEST_REVERSE ? xf_vjp(f, mask) : xf_batch(f, mask, NULL, TEST_BATCH, NULL).function;
}

// Elements.

static union ir_scalar load(const ir_array *a, int64_t i) {
    union ir_scalar scalar = {.c128 = {0, 0}};
    size_t size = cv_dtype_size(a->type->dtype);
    memcpy(&scalar, (const char *)a->data + (size_t)i * size, size);
    return scalar;
}

static void store(ir_array *a, int64_t i, union ir_scalar scalar) {
    size_t size = cv_dtype_size(a->type->dtype);
    memcpy((char *)a->data + (size_t)i * size, &scalar, size);
}

double test_real(const ir_array *a, int64_t i) {
    union ir_scalar scalar = load(a, i);
    return ir_scalar_to_double(&scalar, a->type->dtype);
}

int64_t test_int(const ir_array *a, int64_t i) {
    union ir_scalar scalar = load(a, i);
    return ir_scalar_to_int(&scalar, a->type->dtype);
}

void test_set_real(ir_array *a, int64_t i, double value) {
    union ir_scalar scalar;
    ir_scalar_from_double(&scalar, a->type->dtype, value);
    store(a, i, scalar);
}

_Complex double test_complex(const ir_array *a, int64_t i) {
    if (!ir_is_complex(a->type->dtype)) return test_real(a, i);
    union ir_scalar scalar = load(a, i);
    if (a->type->dtype == CV_C64) return __builtin_complex((double)scalar.c64[0], (double)scalar.c64[1]);
    return __builtin_complex(scalar.c128[0], scalar.c128[1]);
}

void test_set_complex(ir_array *a, int64_t i, _Complex double value) {
    union ir_scalar scalar;
    ir_scalar_from_double(&scalar, a->type->dtype, __real__ value);
    if (a->type->dtype == CV_C64) scalar.c64[1] = (float)__imag__ value;
    if (a->type->dtype == CV_C128) scalar.c128[1] = __imag__ value;
    store(a, i, scalar);
}

ir_array test_parts(const test_instance *t, const ir_array *a) {
    const ir_type *type = a->type;
    if (!ir_is_complex(type->dtype)) return *a;
    type = ir_type_insert_axis(t->module, type, type->rank, 2);
    return (ir_array){ir_type_with_dtype(t->module, type, ir_part_dtype(a->type->dtype)), a->data};
}

void test_set_int(ir_array *a, int64_t i, int64_t value) {
    union ir_scalar scalar;
    ir_scalar_from_int(&scalar, a->type->dtype, value);
    store(a, i, scalar);
}

ir_array test_array(base_arena *arena, const ir_type *type) {
    ir_array a = {type, base_arena_alloc(arena, type->bytes + 1)};
    memset(a.data, 0xa5, type->bytes + 1); // what is not written shows
    return a;
}

ir_array test_zeros(base_arena *arena, const ir_type *type) {
    ir_array a = {type, base_arena_zeroed(arena, type->bytes + 1)};
    return a;
}

ir_array *test_run(base_arena *arena, const ir_function *f, const ir_array *in, uint32_t n_in) {
    if (f->n_params != n_in)
        base_raise(CV_INVALID, "the function has %u parameters, not the %u that it should have", f->n_params,
                   n_in);
    for (uint32_t i = 0; i < n_in; i++) {
        char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
        if (in[i].type != f->types[i])
            base_raise(CV_INVALID, "parameter %u is %s, not %s", i, ir_type_text(f->types[i], a),
                       ir_type_text(in[i].type, b));
    }
    ir_array *out = base_new_array(arena, ir_array, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = test_array(arena, ir_result_type(f, i));
    ir_interpret(f, in, out);
    return out;
}

// Draws: splitmix64 (Steele, Lea, Flood 2014) of the seed.

static uint64_t random_bits(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double uniform(uint64_t *state, double low, double high) {
    return (float)(low + (high - low) * (double)(random_bits(state) >> 11) * 0x1p-53);
}

static int64_t uniform_int(uint64_t *state, int64_t low, int64_t high) {
    return low + (int64_t)(random_bits(state) % (uint64_t)(high - low + 1));
}

// A permutation of 0 .. n - 1.
static int64_t *shuffled(base_arena *arena, uint64_t *state, int64_t n) {
    int64_t *at = base_new_array(arena, int64_t, n + 1);
    for (int64_t i = 0; i < n; i++) {
        int64_t other = uniform_int(state, 0, i);
        at[i] = at[other];
        at[other] = i;
    }
    return at;
}

static void draw_number(ir_array *a, int64_t i, test_draw draw, uint64_t *state) {
    cv_dtype dtype = a->type->dtype;
    bool negative = draw.domain == TEST_NONZERO && (random_bits(state) & 1) && !ir_is_unsigned(dtype);
    if (dtype == CV_BOOL) {
        test_set_int(a, i, draw.domain == TEST_NONZERO || (random_bits(state) & 1));
    } else if (ir_is_integer(dtype)) {
        int64_t low = (int64_t)ceil(draw.low * 4), high = (int64_t)floor(draw.high * 4);
        if (ir_is_unsigned(dtype) && low < 0) low = 0;
        int64_t value = uniform_int(state, low, high);
        test_set_int(a, i, negative ? -value : value);
    } else {
        double value = uniform(state, draw.low, draw.high);
        test_set_real(a, i, negative ? -value : value);
    }
}

static void draw_special(ir_array *a, int64_t element, uint32_t operand) {
    int64_t i = element;
    for (uint32_t k = 0; k < operand; k++) i /= SPECIALS;
    if (ir_is_differentiable(a->type->dtype))
        test_set_real(a, element, special_reals[i % SPECIALS]);
    else if (a->type->dtype == CV_BOOL)
        test_set_int(a, element, i % 2);
    else
        test_set_int(a, element, special_ints[i % SPECIALS]);
}

static void draw_operand(const test_instance *t, uint32_t operand, uint64_t *state, ir_array *a) {
    test_draw draw = *t->c->in[operand].draw;
    int64_t n = a->type->count, low = (int64_t)draw.low, choices = (int64_t)(draw.high - draw.low) + 1;
    int64_t *order = NULL;
    if (draw.domain == TEST_DISTINCT) order = shuffled(t->arena, state, n);
    if (draw.domain == TEST_UNIQUE) order = shuffled(t->arena, state, choices);
    for (int64_t i = 0; i < n; i++) {
        switch (draw.domain) {
        case TEST_RANGE:
        case TEST_NONZERO: draw_number(a, i, draw, state); break;
        case TEST_HALVES: test_set_real(a, i, 0.5 * (double)(i - n / 2)); break;
        case TEST_INDEX: test_set_int(a, i, uniform_int(state, low, low + choices - 1)); break;
        case TEST_UNIQUE: test_set_int(a, i, low + order[i % choices]); break;
        case TEST_SPECIAL: draw_special(a, i, operand); break;
        case TEST_DISTINCT: {
            int64_t rank = (order[i] - n / 2) * t->c->n_in + operand;
            if (ir_is_differentiable(a->type->dtype))
                test_set_real(a, i, 0.75 * (double)rank + 0.3125);
            else
                test_set_int(a, i, a->type->dtype == CV_BOOL ? rank & 1 : rank);
            break;
        }
        }
    }
}

void test_draw_operands(const test_instance *t, uint64_t seed, ir_array *in) {
    for (uint32_t i = 0; i < t->c->n_in; i++) {
        uint64_t state = seed * 1000 + i;
        in[i] = test_array(t->arena, t->f->types[i]);
        ir_array parts = test_parts(t, &in[i]);
        draw_operand(t, i, &state, &parts);
    }
}

ir_array test_draw_like(const test_instance *t, const ir_type *type, uint64_t seed) {
    ir_array a = test_array(t->arena, type), parts = test_parts(t, &a);
    for (int64_t i = 0; i < parts.type->count; i++)
        draw_number(&parts, i, (test_draw){TEST_RANGE, -1, 1}, &seed);
    return a;
}

// Comparisons.

double test_epsilon(cv_dtype dtype) {
    dtype = ir_part_dtype(dtype);
    return dtype == CV_F64 ? 0x1p-52 : dtype == CV_F32 ? 0x1p-23 : dtype == CV_F16 ? 0x1p-10 : 0x1p-7;
}

static bool agrees(double got, double want, double allowed) {
    if (isnan(got) || isnan(want)) return isnan(got) && isnan(want);
    if (got == want) return allowed > 0 || signbit(got) == signbit(want);
    return fabs(got - want) <= allowed; // false for infinities
}

// By the distance; parts that are not finite, and all of them if nothing is allowed, by themselves.
static bool complex_agrees(_Complex double got, _Complex double want, double allowed) {
    double re = __real__ want, im = __imag__ want;
    if (allowed && isfinite(re) && isfinite(im))
        return hypot(__real__ got - re, __imag__ got - im) <= allowed;
    return agrees(__real__ got, re, allowed) && agrees(__imag__ got, im, allowed);
}

static double size_of(_Complex double x) { return hypot(__real__ x, __imag__ x); }

void test_compare(const char *what, uint32_t number, const ir_array *got, const ir_array *want,
                  test_tolerance tolerance) {
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    if (got->type != want->type)
        base_raise(CV_INVALID, "%s %u is %s, not %s", what, number, ir_type_text(got->type, a),
                   ir_type_text(want->type, b));
    double largest = 0;
    bool floating = ir_is_differentiable(want->type->dtype), complex = ir_is_complex(want->type->dtype);
    for (int64_t i = 0; floating && i < want->type->count; i++) {
        double size = size_of(test_complex(want, i));
        if (isfinite(size) && size > largest) largest = size;
    }
    for (int64_t i = 0; i < want->type->count; i++) {
        double g = test_real(got, i), w = test_real(want, i), size = size_of(test_complex(want, i));
        double allowed = tolerance.relative * size + tolerance.scaled * (1 + largest);
        if (!isfinite(size)) allowed = allowed > 0;
        bool good = complex    ? complex_agrees(test_complex(got, i), test_complex(want, i), allowed)
                    : floating ? agrees(g, w, allowed)
                               : test_int(got, i) == test_int(want, i);
        if (!good && complex)
            base_raise(CV_INVALID, "%s %u, %s: element %lld is (%.17g, %.17g), not (%.17g, %.17g)", what,
                       number, ir_type_text(want->type, a), (long long)i, g, __imag__ test_complex(got, i), w,
                       __imag__ test_complex(want, i));
        if (!good)
            base_raise(CV_INVALID, "%s %u, %s: element %lld is %.17g, not %.17g", what, number,
                       ir_type_text(want->type, a), (long long)i, g, w);
    }
}
