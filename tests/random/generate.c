// Draws programs.
//
// In: a random state, options. Out: a function that is well typed because each row of the table (rows.c)
// makes operands that its primitive takes. The generator keeps a pool of values. To each it knows bounds of
// the elements, from the row that made it, so that no function is applied where it is near a pole or leaves
// the numbers: what is out of a row's range is clamped or squashed into it. And it knows which values are
// simple fractions, free of rounding: those, or what is rounded to multiples of 1/4 at places where no simple
// number lies, are the operands of what jumps (comparisons, floor, sort, conversions to integers), which no
// rounding must flip.

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "rows.h"

// Arguments and constants.

void rp_fill(const ir_array *array, uint64_t *state) {
    cv_dtype dtype = array->type->dtype, part = ir_part_dtype(dtype);
    int64_t parts = ir_is_complex(dtype) ? 2 : 1;
    size_t size = cv_dtype_size(dtype) / (size_t)parts;
    for (int64_t i = 0; i < array->type->count * parts; i++) {
        union ir_scalar scalar = {0};
        if (dtype == CV_BOOL)
            ir_scalar_from_int(&scalar, dtype, rp_below(state, 2));
        else if (ir_is_float(part))
            ir_scalar_from_double(&scalar, part, (double)rp_below(state, 65) / 16 - 2);
        else
            ir_scalar_from_int(&scalar, dtype, rp_below(state, 12) - (ir_is_signed(dtype) ? 3 : 0));
        memcpy((char *)array->data + (size_t)i * size, &scalar, size);
    }
}

void rp_fill_widely(const ir_array *array, uint64_t *state) {
    if (!ir_is_integer(array->type->dtype) || rp_below(state, 8)) {
        rp_fill(array, state);
        return;
    }
    for (size_t i = 0; i < array->type->bytes; i++) ((uint8_t *)array->data)[i] = (uint8_t)rp_bits(state);
}

static rp_value random_constant(rp_generator *g, const ir_type *type) {
    rp_value x = {.low = -2, .high = 2, .exact = true};
    if (type->count > 30 || rp_below(g->state, 4)) {
        static const double values[] = {0, 1, -1, 2, 0.5, -1.5, -0.5, -0.0};
        x.v = ir_full(g->b, type, values[rp_below(g->state, 8)]);
        return x;
    }
    ir_array array = {type, base_arena_zeroed(&g->b->arena, type->bytes + 1)};
    rp_fill_widely(&array, g->state);
    x.v = ir_constant(g->b, type, false, array.data);
    return x;
}

// What is drawn.

static bool draws_dtype(const rp_generator *g, cv_dtype d) {
    return d != CV_TAPE && (!g->options->dtypes || g->options->dtypes >> d & 1);
}

bool rp_allows(const rp_generator *g, ir_primitive p, cv_dtype d) {
    return draws_dtype(g, d) && ir_primitives[p].dtypes >> d & 1 && !(ir_rules_of(p)->not_yet >> d & 1);
}

const ir_type *rp_type_of(const rp_generator *g, rp_value x) { return ir_type_of(g->b, x.v); }

const ir_type *rp_random_type(rp_generator *g) {
    const int64_t *shape = g->shapes[rp_below(g->state, RP_SHAPES)];
    cv_dtype dtype = g->main;
    while (rp_below(g->state, 2)) {
        cv_dtype other = (cv_dtype)rp_below(g->state, CV_DTYPE_COUNT);
        if (draws_dtype(g, other)) dtype = other;
    }
    return ir_type_get(g->b->module, dtype, g->scalar ? 0 : shape[0], shape + 1);
}

rp_value rp_any(rp_generator *g) {
    if (!g->pool.n || rp_below(g->state, 10) == 0) return random_constant(g, rp_random_type(g));
    int64_t from = rp_below(g->state, 2) && g->pool.n > 5 ? g->pool.n - 5 : 0; // often what is new
    return g->pool.at[from + rp_below(g->state, g->pool.n - from)];
}

rp_value rp_any_for(rp_generator *g, ir_primitive p) {
    rp_value x = {.v = IR_NONE};
    for (int tries = 0; tries < 6; tries++) {
        x = rp_any(g);
        if (rp_allows(g, p, rp_type_of(g, x)->dtype)) return x;
    }
    for (int tries = 0; tries < 60; tries++) {
        cv_dtype d = (cv_dtype)rp_below(g->state, CV_DTYPE_COUNT);
        if (rp_allows(g, p, d)) return rp_of_dtype(g, x, d);
    }
    return (rp_value){.v = IR_NONE};
}

void rp_add(rp_generator *g, ir_val v, rp_range range, bool exact) {
    if (v == IR_NONE || ir_type_of(g->b, v)->count > RP_MAX_COUNT || ir_type_of(g->b, v)->rank > 5) return;
    base_push(&g->b->arena, &g->pool, (rp_value){v, range.low, range.high, exact});
}

void rp_add_results(rp_generator *g, ir_val first, uint32_t n, rp_range range) {
    for (uint32_t i = 0; i < n; i++) rp_add(g, first + i, range, false);
}

// Values made to be what is wanted.

static ir_val full(rp_generator *g, ir_val like, double value) { return ir_full_like(g->b, like, value); }

static bool is_floating(const rp_generator *g, rp_value x) {
    return ir_is_differentiable(rp_type_of(g, x)->dtype);
}

// Both parts by the same function of real numbers.
static rp_value by_parts(rp_generator *g, rp_value x, rp_value (*part)(rp_generator *, rp_value, rp_range),
                         rp_range range) {
    rp_value re = x, im = x;
    re.v = ir_real(g->b, x.v);
    im.v = ir_imag(g->b, x.v);
    re = part(g, re, range);
    re.v = ir_complex(g->b, re.v, part(g, im, range).v);
    return re;
}

static rp_value fit_real(rp_generator *g, rp_value x, rp_range range) {
    if (x.exact || rp_below(g->state, 2)) {
        x.v = ir_clamp(g->b, full(g, x.v, range.low), x.v, full(g, x.v, range.high));
        x.exact &= range.low * 2 == trunc(range.low * 2) && range.high * 2 == trunc(range.high * 2);
    } else {
        ir_val squashed = ir_mul(g->b, full(g, x.v, range.high - range.low), ir_logistic(g->b, x.v));
        x.v = ir_add(g->b, full(g, x.v, range.low), squashed);
        x.exact = false;
    }
    x.low = range.low;
    x.high = range.high;
    return x;
}

rp_value rp_fit(rp_generator *g, rp_value x, rp_range range) {
    if (!is_floating(g, x) || (range.low == 0 && range.high == 0)) return x;
    if (x.low >= range.low && x.high <= range.high) return x;
    if (ir_is_complex(rp_type_of(g, x)->dtype)) return by_parts(g, x, fit_real, range);
    return fit_real(g, x, range);
}

// Multiples of 1/4, rounded at places that are no simple fractions. A quotient, since 1/4 is not simple
// enough to be told from what a rule rounds to 16 bits.
static rp_value exact_real(rp_generator *g, rp_value x, rp_range range) {
    x = rp_fit(g, x, range);
    ir_val quarters = ir_add(g->b, ir_mul(g->b, full(g, x.v, 4), x.v), full(g, x.v, 0.3));
    x.v = ir_div(g->b, ir_floor(g->b, quarters), full(g, x.v, 4));
    x.exact = true;
    x.low -= 0.25;
    return x;
}

rp_value rp_exact(rp_generator *g, rp_value x) {
    static const rp_range range = {-8, 8};
    if (x.exact || !is_floating(g, x)) return x;
    return ir_is_complex(rp_type_of(g, x)->dtype) ? by_parts(g, x, exact_real, range)
                                                  : exact_real(g, x, range);
}

rp_value rp_of_dtype(rp_generator *g, rp_value x, cv_dtype dtype) {
    cv_dtype from = rp_type_of(g, x)->dtype;
    if (from == dtype) return x;
    if (ir_is_complex(from) && !ir_is_complex(dtype)) x.v = ir_real(g->b, x.v);
    if (!ir_is_differentiable(dtype)) {
        x.v = ir_convert(g->b, rp_exact(g, x).v, dtype);
    } else if (ir_is_integer(from)) {
        double low = ir_is_unsigned(from) ? 0 : -8;
        x.v = ir_convert(g->b, ir_clamp(g->b, full(g, x.v, low), x.v, full(g, x.v, 8)), dtype);
        x = (rp_value){x.v, low, 8, true};
    } else if (from == CV_BOOL) {
        x = (rp_value){ir_convert(g->b, x.v, dtype), 0, 1, true};
    } else {
        x.v = ir_convert(g->b, x.v, dtype);
    }
    return x;
}

// The first elements, in another shape; more of them are constants.
static rp_value of_shape(rp_generator *g, rp_value x, ir_dims shape) {
    const ir_type *from = rp_type_of(g, x);
    int64_t count = 1, none = 0, one = 1;
    for (int64_t i = 0; i < shape.n; i++) count *= shape.at[i];
    if (ir_dims_equal(ir_shape(from), shape)) return x;
    if (from->count == 1 && count) {
        x.v = ir_broadcast_in_dim(g->b, ir_reshape(g->b, x.v, (ir_dims){0, &one}), shape, (ir_dims){0, &one});
        return x;
    }
    x.v = ir_reshape(g->b, x.v, (ir_dims){1, &from->count});
    int64_t more = count - from->count;
    if (more > 0) {
        ir_val value = random_constant(g, ir_type_scalar(g->b->module, from->dtype)).v;
        x.v = ir_pad(g->b, x.v, value, (ir_dims){1, &none}, (ir_dims){1, &more}, (ir_dims){1, &none});
        x.low = fmin(x.low, -2);
        x.high = fmax(x.high, 2);
    } else if (more < 0) {
        x.v = ir_slice(g->b, x.v, (ir_dims){1, &none}, (ir_dims){1, &count}, (ir_dims){1, &one});
    }
    x.v = ir_reshape(g->b, x.v, shape);
    return x;
}

rp_value rp_of_type(rp_generator *g, const ir_type *type) {
    rp_value x;
    for (int tries = 0; tries < 5; tries++) {
        x = rp_any(g);
        if (rp_type_of(g, x) == type) return x;
    }
    return of_shape(g, rp_of_dtype(g, x, type->dtype), ir_shape(type));
}

// Programs.

static bool is_drawn(const rp_generator *g, ir_primitive p) {
    uint32_t traits = ir_primitives[p].traits;
    if (g->options->takes && !g->options->takes(p)) return false;
    if (g->scalar) return traits & IR_ELEMENTWISE || p == IR_constant;
    return g->depth < 2 || !(traits & (IR_CONTROL | IR_HOLDS));
}

static int weight_of(ir_primitive p) { return rp_rows[p].weight ? rp_rows[p].weight : 2; }

static void steps(rp_generator *g, int64_t n) {
    int64_t total = 0;
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++) total += is_drawn(g, p) ? weight_of(p) : 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = rp_below(g->state, total);
        int p = 0;
        for (;; p++) {
            int64_t weight = is_drawn(g, p) ? weight_of(p) : 0;
            if (at < weight) break;
            at -= weight;
        }
        uint32_t n_before = g->pool.n;
        rp_rows[p].draw(g, p);
        if (g->options->drawn && g->pool.n > n_before) g->options->drawn[p]++;
    }
}

const ir_function *rp_function(rp_generator *outer, const ir_type *const *in, uint32_t n_in,
                               const ir_type *const *out, uint32_t n_out, const int *same, bool scalar) {
    rp_generator g = *outer;
    g.b = ir_builder_new(outer->b->module, scalar ? "s" : "g");
    g.depth++;
    g.scalar = scalar;
    memset(&g.pool, 0, sizeof g.pool);
    ir_val results[16];
    base_check(n_out <= sizeof results / sizeof *results);
    for (uint32_t i = 0; i < n_in; i++) rp_add(&g, ir_param(g.b, in[i]), rp_body_range, false);
    steps(&g, 2 + rp_below(g.state, 4));
    for (uint32_t i = 0; i < n_out; i++) {
        int64_t kind = same && same[i] >= 0 ? rp_below(g.state, 5) : 4;
        if (kind == 0)
            results[i] = (ir_val)same[i];
        else if (kind == 1)
            results[i] = random_constant(&g, out[i]).v;
        else if (kind == 2 && ir_is_integer(out[i]->dtype))
            results[i] = ir_add(g.b, (ir_val)same[i], ir_full(g.b, out[i], 2));
        else
            results[i] = rp_fit(&g, rp_of_type(&g, out[i]), rp_body_range).v;
    }
    return ir_finish(g.b, results, n_out);
}

static void draw_shapes(uint64_t *state, int64_t shapes[RP_SHAPES][5]) {
    static const int64_t sizes[] = {1, 2, 3, 3, 4, 5, 7};
    memset(shapes, 0, RP_SHAPES * sizeof *shapes); // the first is that of scalars
    for (int s = 1; s < RP_SHAPES; s++) {
        shapes[s][0] = 1 + rp_below(state, 3);
        for (int64_t i = 1; i <= shapes[s][0]; i++) shapes[s][i] = sizes[rp_below(state, 7)];
    }
    if (rp_below(state, 4) == 0)
        shapes[4][1 + rp_below(state, shapes[4][0])] = 0;
    else if (rp_below(state, 3) == 0)
        shapes[4][0] = 1, shapes[4][1] = 33 + rp_below(state, 100);
}

// What nothing uses is a result, too, or it would not be there. Returns how many results there are.
static uint32_t add_unused(rp_generator *g, ir_val *results, uint32_t n) {
    ir_builder *b = g->b;
    bool *used = base_new_array(&b->arena, bool, b->types.n + 1);
    for (uint32_t i = 0; i < b->operands.n; i++) used[b->operands.at[i]] = true;
    for (uint32_t i = g->pool.n; i-- > 0 && n < RP_MAX_RESULTS;)
        if (!used[g->pool.at[i].v] && b->def.at[g->pool.at[i].v] != IR_NONE) results[n++] = g->pool.at[i].v;
    return n;
}

const ir_function *rp_generate(ir_module *module, uint64_t *state, const rp_options *options) {
    static const rp_options none = {0};
    static const cv_dtype mains[] = {CV_F32, CV_F32,  CV_F32, CV_F64,  CV_F64,
                                     CV_F16, CV_BF16, CV_C64, CV_C128, CV_S32};
    int64_t shapes[RP_SHAPES][5];
    draw_shapes(state, shapes);
    rp_generator g = {.b = ir_builder_new(module, "main"),
                      .state = state,
                      .options = options ? options : &none,
                      .shapes = (const int64_t(*)[5])shapes};
    do g.main = mains[rp_below(state, 10)];
    while (!draws_dtype(&g, g.main));
    int64_t n_params = g.options->params ? g.options->params : 2 + rp_below(state, 3);
    for (int64_t i = 0; i < n_params; i++)
        rp_add(&g, ir_param(g.b, rp_random_type(&g)), (rp_range){-2, 2}, true);
    steps(&g, g.options->steps ? g.options->steps : 5 + rp_below(state, 11));
    ir_val results[RP_MAX_RESULTS];
    uint32_t n = g.options->results ? (uint32_t)g.options->results : 1 + (uint32_t)rp_below(state, 3);
    for (uint32_t i = 0; i < n; i++) results[i] = rp_any(&g).v;
    if (!g.options->results) n = add_unused(&g, results, n);
    return ir_finish(g.b, results, n);
}

void rp_check_rows(void) {
    for (int p = 0; p < IR_PRIMITIVE_COUNT; p++)
        if (!rp_rows[p].draw)
            base_raise(CV_INVALID, "primitive %s has no row in tests/random/rows.c: it is never drawn",
                       ir_primitives[p].name);
}
