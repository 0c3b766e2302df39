// Attributes that depend on the dtype: constants, iota, and the functions that control flow holds,
// each of those with what it means written by hand in C beside it.
//
// Bodies compute with mix(x, y), which exists for every dtype: sin(x) + x y for floating point,
// x + x y for integers and complex numbers, exclusive or for booleans.

#include <complex.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "table.h"

static ir_val mix(ir_builder *b, ir_val x, ir_val y) {
    cv_dtype dtype = ir_type_of(b, x)->dtype;
    if (dtype == CV_BOOL) return ir_xor(b, x, y);
    return ir_add(b, ir_is_float(dtype) ? ir_sin(b, x) : x, ir_mul(b, x, y));
}

// A number of any dtype: the one or the other is meant.
typedef struct number {
    double complex real;
    int64_t integer;
} number;

static number number_of(const ir_array *a, int64_t i) { return (number){test_complex(a, i), test_int(a, i)}; }

static void put(ir_array *a, int64_t i, number x) {
    if (ir_is_differentiable(a->type->dtype))
        test_set_complex(a, i, x.real);
    else
        test_set_int(a, i, x.integer);
}

static number mixed(cv_dtype dtype, number x, number y) {
    uint64_t product = (uint64_t)x.integer + (uint64_t)x.integer * (uint64_t)y.integer;
    double complex first = ir_is_complex(dtype) ? x.real : csin(x.real);
    return (number){first + x.real * y.real,
                    dtype == CV_BOOL ? x.integer ^ y.integer : (int64_t)product};
}

static void put_mixed(ir_array *out, const ir_array *x, const ir_array *y) {
    for (int64_t i = 0; i < out->type->count; i++)
        put(out, i, mixed(out->type->dtype, number_of(x, i), number_of(y, i)));
}

static void copy(const ir_array *to, const ir_array *from) {
    if (to->type->bytes) memcpy(to->data, from->data, to->type->bytes);
}

static ir_array slice_of(const ir_array *stack, const ir_type *type, int64_t i) {
    return (ir_array){type, (char *)stack->data + (size_t)i * type->bytes};
}

// Types of bodies.

static const ir_type *type_of(const test_instance *t, ir_dims shape) {
    return ir_type_get(t->module, t->dtype, shape.n, shape.at);
}

static const ir_type *index_type(const test_instance *t) { return ir_type_scalar(t->module, CV_S32); }

#define KEEP(t, layout, ...)                                                                                 \
    base_arena_copy((t)->arena, &(ir_##layout##_attributes)__VA_ARGS__, sizeof(ir_##layout##_attributes))

// constant: elements 1, 2, 3, ... of f32[2,3], or a splat of 3; iota over the middle axis

const void *test_make_constant(const test_instance *t) {
    ir_array a = test_array(t->arena, type_of(t, IR_DIMS(2, 3)));
    for (int64_t i = 0; i < a.type->count; i++) test_set_int(&a, i, i + 1);
    return KEEP(t, constant, {{a.type, false, a.data}});
}

const void *test_make_splat(const test_instance *t) {
    ir_array a = test_array(t->arena, type_of(t, IR_DIMS(1)));
    test_set_int(&a, 0, 3);
    return KEEP(t, constant, {{type_of(t, IR_DIMS(2, 0, 3)), true, a.data}});
}

const void *test_make_iota(const test_instance *t) {
    static const int64_t shape[] = {2, 5, 3};
    return KEEP(t, iota, {t->dtype, {3, shape}, 1});
}

// call: (x, y) -> mix(x, y), y, mix(x, y), so that a parameter and a value returned twice are results

const void *test_make_call(const test_instance *t) {
    ir_builder *b = ir_builder_new(t->module, "callee");
    const ir_type *type = type_of(t, t->c->in[0].shape);
    ir_val x = ir_param(b, type), y = ir_param(b, type), z = mix(b, x, y);
    return KEEP(t, call, {ir_finish(b, (ir_val[]){z, y, z}, 3)});
}

void test_expect_call(const test_instance *t, const ir_array *in, ir_array *out) {
    (void)t;
    put_mixed(&out[0], &in[0], &in[1]);
    copy(&out[1], &in[1]);
    copy(&out[2], &out[0]);
}

// cond: x, y, scalar s -> x, y | mix(x, y), x | mix(y, mix(s, s)), a constant; cond by a bool has the
// first two

static const ir_function *branch(const test_instance *t, int which) {
    ir_builder *b = ir_builder_new(t->module, "branch");
    const ir_type *type = type_of(t, IR_DIMS(3));
    ir_val x = ir_param(b, type), y = ir_param(b, type), s = ir_param(b, ir_type_scalar(t->module, t->dtype));
    if (which == 0) return ir_finish(b, (ir_val[]){x, y}, 2);
    if (which == 1) return ir_finish(b, (ir_val[]){mix(b, x, y), x}, 2);
    ir_val wide = ir_broadcast_leading(b, mix(b, s, s), 3);
    return ir_finish(b, (ir_val[]){mix(b, y, wide), ir_full_int(b, type, 3)}, 2);
}

static const void *make_branches(const test_instance *t, int n) {
    const ir_function **at = base_new_array(t->arena, const ir_function *, n);
    for (int i = 0; i < n; i++) at[i] = branch(t, i);
    return KEEP(t, cond, {{n, at}});
}

const void *test_make_cond(const test_instance *t) { return make_branches(t, 2); }
const void *test_make_switch(const test_instance *t) { return make_branches(t, 3); }

void test_expect_cond(const test_instance *t, const ir_array *in, ir_array *out) {
    int64_t index = test_int(&in[0], 0);
    number s = number_of(&in[3], 0), wide = mixed(t->dtype, s, s);
    copy(&out[0], &in[1]);
    copy(&out[1], &in[index <= 0 ? 2 : 1]);
    if (index == 1) put_mixed(&out[0], &in[1], &in[2]);
    for (int64_t i = 0; index > 1 && i < 3; i++) {
        put(&out[0], i, mixed(t->dtype, number_of(&in[2], i), wide));
        test_set_int(&out[1], i, 3);
    }
}

void test_expect_switch(const test_instance *t, const ir_array *in, ir_array *out) {
    test_expect_cond(t, in, out);
}

// while: constants n of cond and k of body, carries i, x, y: while i < n: i + 1, mix(x, k), x

const void *test_make_while(const test_instance *t) {
    const ir_type *type = type_of(t, IR_DIMS(3));
    ir_builder *b = ir_builder_new(t->module, "goes_on");
    ir_val n = ir_param(b, index_type(t)), i = ir_param(b, index_type(t));
    ir_param(b, type);
    ir_param(b, type);
    const ir_function *cond = ir_finish(b, (ir_val[]){ir_lt(b, i, n)}, 1);
    b = ir_builder_new(t->module, "step");
    ir_val k = ir_param(b, type);
    i = ir_param(b, index_type(t));
    ir_val x = ir_param(b, type);
    ir_param(b, type);
    ir_val next = ir_add(b, i, ir_full_like(b, i, 1));
    return KEEP(t, while, {cond, ir_finish(b, (ir_val[]){next, mix(b, x, k), x}, 3), 1, 1});
}

void test_expect_while(const test_instance *t, const ir_array *in, ir_array *out) {
    int64_t n = test_int(&in[0], 0), i = test_int(&in[2], 0);
    ir_array x = test_array(t->arena, in[3].type);
    for (uint32_t k = 0; k < 3; k++) copy(&out[k], &in[2 + k]);
    for (; i < n; i++) {
        copy(&x, &out[1]);
        put_mixed(&out[1], &x, &in[1]);
        copy(&out[2], &x);
    }
    test_set_int(&out[0], 0, i);
}

// scan: constant k, carries c and d, input x, index i -> mix(mix(c, x), mix(k, k)), c; stacked mix(x, d), i

enum { SCAN_LENGTH = 5 };

static const ir_function *scan_body(const test_instance *t) {
    ir_builder *b = ir_builder_new(t->module, "step");
    const ir_type *type = type_of(t, IR_DIMS(2));
    ir_val k = ir_param(b, type), c = ir_param(b, type), d = ir_param(b, type), x = ir_param(b, type);
    ir_val i = ir_param(b, index_type(t));
    return ir_finish(b, (ir_val[]){mix(b, mix(b, c, x), mix(b, k, k)), c, mix(b, x, d), i}, 4);
}

static void expect_scan(const test_instance *t, const ir_array *in, ir_array *out, int64_t length,
                        bool reverse) {
    const ir_type *type = type_of(t, IR_DIMS(2));
    ir_array c = test_array(t->arena, type), d = test_array(t->arena, type), k = test_array(t->arena, type);
    copy(&out[0], &in[1]);
    copy(&out[1], &in[2]);
    put_mixed(&k, &in[0], &in[0]);
    for (int64_t step = 0; step < length; step++) {
        int64_t at = reverse ? length - 1 - step : step;
        ir_array x = slice_of(&in[3], type, at), y = slice_of(&out[2], type, at);
        copy(&c, &out[0]);
        copy(&d, &out[1]);
        put_mixed(&out[0], &c, &x);
        put_mixed(&out[0], &out[0], &k);
        copy(&out[1], &c);
        put_mixed(&y, &x, &d);
        test_set_int(&out[3], at, test_int(&in[4], at));
    }
}

const void *test_make_scan(const test_instance *t) {
    return KEEP(t, scan, {scan_body(t), 1, 2, SCAN_LENGTH, false});
}

const void *test_make_scan_reverse(const test_instance *t) {
    return KEEP(t, scan, {scan_body(t), 1, 2, SCAN_LENGTH, true});
}

const void *test_make_scan_empty(const test_instance *t) {
    return KEEP(t, scan, {scan_body(t), 1, 2, 0, false});
}

void test_expect_scan(const test_instance *t, const ir_array *in, ir_array *out) {
    expect_scan(t, in, out, SCAN_LENGTH, false);
}

void test_expect_scan_reverse(const test_instance *t, const ir_array *in, ir_array *out) {
    expect_scan(t, in, out, SCAN_LENGTH, true);
}

void test_expect_scan_empty(const test_instance *t, const ir_array *in, ir_array *out) {
    expect_scan(t, in, out, 0, false);
}

// Only carries: (i, x) -> i + 1, mix(x, x) three times; only inputs: x -> mix(x, x), a constant

const void *test_make_scan_carries(const test_instance *t) {
    ir_builder *b = ir_builder_new(t->module, "step");
    ir_val i = ir_param(b, index_type(t)), x = ir_param(b, type_of(t, IR_DIMS(3)));
    ir_val next = ir_add(b, i, ir_full_like(b, i, 1));
    return KEEP(t, scan, {ir_finish(b, (ir_val[]){next, mix(b, x, x)}, 2), 0, 2, 3, false});
}

void test_expect_scan_carries(const test_instance *t, const ir_array *in, ir_array *out) {
    ir_array x = test_array(t->arena, in[1].type);
    copy(&out[1], &in[1]);
    for (int step = 0; step < 3; step++) {
        copy(&x, &out[1]);
        put_mixed(&out[1], &x, &x);
    }
    test_set_int(&out[0], 0, test_int(&in[0], 0) + 3);
}

const void *test_make_scan_map(const test_instance *t) {
    ir_builder *b = ir_builder_new(t->module, "step");
    ir_val x = ir_param(b, type_of(t, IR_DIMS(3)));
    ir_val out[] = {mix(b, x, x), ir_full_int(b, ir_type_of(b, x), 3)};
    return KEEP(t, scan, {ir_finish(b, out, 2), 0, 0, 2, false});
}

void test_expect_scan_map(const test_instance *t, const ir_array *in, ir_array *out) {
    (void)t;
    put_mixed(&out[0], &in[0], &in[0]);
    for (int64_t i = 0; i < out[1].type->count; i++) test_set_int(&out[1], i, 3);
}

// Nested. scan: scalar s, carries i, x, input y: i + 1, the first result of cond(i, x, y, s); stacked the
// second. while: constants n, k, carries i, x: while i < n: i + 1, what i steps of the while above make of x

const void *test_make_scan_nested(const test_instance *t) {
    ir_builder *b = ir_builder_new(t->module, "step");
    const ir_type *type = type_of(t, IR_DIMS(3));
    ir_val s = ir_param(b, ir_type_scalar(t->module, t->dtype)), i = ir_param(b, index_type(t));
    ir_val x = ir_param(b, type), y = ir_param(b, type), next = ir_add(b, i, ir_full_like(b, i, 1));
    ir_val cond = ir_emit(b, IR_cond, (ir_val[]){i, x, y, s}, 4, test_make_switch(t));
    return KEEP(t, scan, {ir_finish(b, (ir_val[]){next, cond, cond + 1}, 3), 1, 2, 3, false});
}

void test_expect_scan_nested(const test_instance *t, const ir_array *in, ir_array *out) {
    const ir_type *type = type_of(t, IR_DIMS(3));
    ir_array index = out[0], x = test_array(t->arena, type);
    copy(&index, &in[1]);
    copy(&out[1], &in[2]);
    for (int64_t step = 0; step < 3; step++) {
        copy(&x, &out[1]);
        ir_array cond_in[4] = {index, x, slice_of(&in[3], type, step), in[0]};
        ir_array cond_out[2] = {out[1], slice_of(&out[2], type, step)};
        test_expect_cond(t, cond_in, cond_out);
        test_set_int(&index, 0, test_int(&index, 0) + 1);
    }
}

const void *test_make_while_nested(const test_instance *t) {
    const ir_type *type = type_of(t, IR_DIMS(3));
    ir_builder *b = ir_builder_new(t->module, "goes_on");
    ir_val n = ir_param(b, index_type(t)), i = ir_param(b, index_type(t));
    ir_param(b, type);
    const ir_function *cond = ir_finish(b, (ir_val[]){ir_lt(b, i, n)}, 1);
    b = ir_builder_new(t->module, "step");
    ir_val k = ir_param(b, type);
    i = ir_param(b, index_type(t));
    ir_val x = ir_param(b, type), zero = ir_full_like(b, i, 0);
    ir_val inner = ir_emit(b, IR_while, (ir_val[]){i, k, zero, x, x}, 5, test_make_while(t));
    ir_val next = ir_add(b, i, ir_full_like(b, i, 1));
    return KEEP(t, while, {cond, ir_finish(b, (ir_val[]){next, inner + 1}, 2), 1, 1});
}

void test_expect_while_nested(const test_instance *t, const ir_array *in, ir_array *out) {
    (void)t;
    int64_t n = test_int(&in[0], 0), i = test_int(&in[2], 0);
    copy(&out[1], &in[3]);
    for (; i < n; i++)
        for (int64_t j = 0; j < i; j++) put_mixed(&out[1], &out[1], &in[1]);
    test_set_int(&out[0], 0, i);
}
