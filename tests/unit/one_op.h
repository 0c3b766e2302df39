// One operation at a time: the rules of a primitive, run in contexts made by hand.
//
// A case is the text of an operation on types, `slice f64[4] {start=[1], limit=[3], stride=[1]} : f64[2]`:
// values are f64, indices are integers. `check_case` evaluates it for every dtype against f64 (movement does
// not look at what it moves), holds its jvp against f(x + t) - f(x), its transpose against that by the
// inner-product identity, with and without accumulators and for every choice of linear operands, and its
// batching rule against a loop for every choice of batched operands. All numbers are small integers, so that
// every comparison is exact. Nothing here asserts: what is wrong is raised, and `passes` turns it into a
// failed test.
#ifndef TESTS_UNIT_ONE_OP_H
#define TESTS_UNIT_ONE_OP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ir/rules.h"

enum { ONE_OP_MAX_IN = 8 };

typedef struct one_op {
    ir_module *module;
    base_arena arena;
    const char *program;
    const ir_function *f;
    const ir_op *op;
    uint64_t random;
} one_op;

#define require(condition, ...) ((condition) ? (void)0 : base_raise(CV_INTERNAL, __VA_ARGS__))

// The function of a case: its operands become the parameters.
static inline const char *one_op_program(base_arena *arena, const char *text) {
    base_text params = {.arena = arena}, in = {.arena = arena};
    const char *name_end = strchr(text, ' '), *result = strstr(text, " : "), *attributes = strstr(text, " {");
    const char *end = attributes && attributes < result ? attributes : result;
    int n = 0;
    for (const char *at = name_end; at && at < end;) {
        const char *close = strchr(at, ']') + 1;
        base_text_printf(&params, "%s%%%d:", n ? "," : "", n);
        base_text_add_n(&params, at + strspn(at, " ,"), (size_t)(close - at) - strspn(at, " ,"));
        base_text_printf(&in, "%s%%%d", n ? ", " : " ", n);
        at = close;
        n++;
    }
    return base_format(arena, "func @f(%s) -> (%s) {\n  %%%d = %.*s%s%.*s%s\n  return %%%d\n}\n",
                       base_text_get(&params), result + 3, n, (int)(name_end - text), text,
                       base_text_get(&in), (int)(result - end), end, result, n);
}

static inline const ir_op *one_op_of(const ir_function *f) {
    require(f->n_ops == 1 && f->ops[0].n_in == f->n_params && f->n_params <= ONE_OP_MAX_IN,
            "not one operation");
    return &f->ops[0];
}

static inline int64_t one_op_random(one_op *t, int64_t low, int64_t high) {
    t->random = t->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (int64_t)((t->random >> 33) % (uint64_t)(high - low + 1));
}

static inline ir_array one_op_array(one_op *t, const ir_type *type) {
    return (ir_array){type, base_arena_zeroed(&t->arena, type->bytes + 1)};
}

static inline void one_op_set(ir_array *a, int64_t i, int64_t value) {
    union ir_scalar scalar;
    size_t size = cv_dtype_size(a->type->dtype);
    ir_scalar_from_int(&scalar, a->type->dtype, value);
    memcpy((char *)a->data + (size_t)i * size, &scalar, size);
}

static inline double one_op_get(const ir_array *a, int64_t i) {
    union ir_scalar scalar;
    size_t size = cv_dtype_size(a->type->dtype);
    memcpy(&scalar, (const char *)a->data + (size_t)i * size, size);
    return ir_scalar_to_double(&scalar, a->type->dtype);
}

// Values are between -9 and 9; indices reach beyond the small axes that the cases have.
static inline ir_array one_op_draw(one_op *t, const ir_type *type) {
    ir_array a = one_op_array(t, type);
    bool index = ir_is_integer(type->dtype);
    for (int64_t i = 0; i < type->count; i++)
        one_op_set(&a, i, one_op_random(t, index ? -2 : -9, index ? 6 : 9));
    return a;
}

static inline ir_array one_op_run(one_op *t, const ir_function *f, const ir_array *in) {
    ir_array out = one_op_array(t, ir_result_type(f, 0));
    require(f->n_results == 1, "one result is expected");
    ir_interpret(f, in, &out);
    return out;
}

static inline bool one_op_same(double x, double y) { return x == y || (x != x && y != y); }

// Linear operands with values.
static inline uint32_t one_op_linear(const one_op *t) {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < t->op->n_in; i++)
        if (ir_is_linear_in(t->op->primitive, i) && t->f->types[i]->dtype == CV_F64) mask |= 1u << i;
    return mask;
}

// f(x + t) - f(x), with t in the operands of a mask. What does not depend on x (a fill of NaN) gives 0.
static inline ir_array one_op_difference(one_op *t, const ir_array *x, const ir_array *tangent,
                                         uint32_t mask) {
    ir_array moved[ONE_OP_MAX_IN];
    for (uint32_t i = 0; i < t->op->n_in; i++) {
        moved[i] = x[i];
        if (!(mask >> i & 1)) continue;
        moved[i] = one_op_array(t, x[i].type);
        for (int64_t k = 0; k < x[i].type->count; k++)
            ((double *)moved[i].data)[k] = ((double *)x[i].data)[k] + ((double *)tangent[i].data)[k];
    }
    ir_array y = one_op_run(t, t->f, x), z = one_op_run(t, t->f, moved);
    for (int64_t k = 0; k < y.type->count; k++) {
        double *at = (double *)z.data + k;
        *at = *at != *at ? 0 : *at - ((double *)y.data)[k];
    }
    return z;
}

static inline void one_op_check_jvp(one_op *t, uint32_t mask) {
    ir_array x[2 * ONE_OP_MAX_IN], tangents[ONE_OP_MAX_IN];
    ir_val in[ONE_OP_MAX_IN], tangent[ONE_OP_MAX_IN], tangent_out = IR_NONE;
    uint32_t n = t->op->n_in;
    ir_builder *b = ir_builder_new(t->module, "jvp");
    for (uint32_t i = 0; i < n; i++) {
        in[i] = ir_param(b, t->f->types[i]);
        x[i] = one_op_draw(t, t->f->types[i]);
    }
    for (uint32_t i = 0, next = n; i < t->op->n_in; i++) {
        tangent[i] = IR_NONE;
        if (!(mask >> i & 1)) continue;
        tangent[i] = ir_param(b, t->f->types[i]);
        x[next++] = tangents[i] = one_op_draw(t, t->f->types[i]);
    }
    ir_val out = ir_emit_like(b, t->f, t->op, in);
    ir_jvp c = {b, t->f, t->op, in, tangent, &out, &tangent_out};
    ir_rules_of(t->op->primitive)->jvp(&c);
    require(tangent_out != IR_NONE, "jvp %u: the tangent is absent", mask);
    const ir_function *jvp = ir_finish(b, &tangent_out, 1);
    ir_verify(jvp);
    require(ir_result_type(jvp, 0) == ir_result_type(t->f, 0), "jvp %u: the tangent has another type", mask);
    ir_array got = one_op_run(t, jvp, x), want = one_op_difference(t, x, tangents, mask);
    for (int64_t k = 0; k < got.type->count; k++)
        require(one_op_same(one_op_get(&got, k), one_op_get(&want, k)), "jvp %u: element %d is %g, not %g",
                mask, (int)k, one_op_get(&got, k), one_op_get(&want, k));
}

// The transposed function. Parameters: what is not linear, the cotangent, accumulators in `given`.
static inline const ir_function *one_op_transposed(one_op *t, uint32_t linear, uint32_t given) {
    ir_val in[ONE_OP_MAX_IN], accumulator[ONE_OP_MAX_IN], results[ONE_OP_MAX_IN];
    bool is_linear[ONE_OP_MAX_IN];
    uint32_t n_results = 0;
    ir_builder *b = ir_builder_new(t->module, "transposed");
    for (uint32_t i = 0; i < t->op->n_in; i++) {
        is_linear[i] = linear >> i & 1;
        in[i] = is_linear[i] ? IR_NONE : ir_param(b, t->f->types[i]);
    }
    ir_val ct = ir_param(b, ir_result_type(t->f, 0));
    for (uint32_t i = 0; i < t->op->n_in; i++)
        accumulator[i] = given >> i & 1 ? ir_param(b, t->f->types[i]) : IR_NONE;
    ir_transposition c = {b, t->f, t->op, in, is_linear, &ct, accumulator};
    ir_rules_of(t->op->primitive)->transpose(&c);
    for (uint32_t i = 0; i < t->op->n_in; i++)
        if (is_linear[i])
            results[n_results++] = accumulator[i] == IR_NONE ? ir_zeros(b, t->f->types[i]) : accumulator[i];
    const ir_function *transposed = ir_finish(b, results, n_results);
    ir_verify(transposed);
    return transposed;
}

// The sum over linear operands of <cotangent that was added, t> is <ct, f(x + t) - f(x)>.
static inline void one_op_check_transpose(one_op *t, uint32_t linear, uint32_t given) {
    const ir_function *transposed = one_op_transposed(t, linear, given);
    ir_array x[ONE_OP_MAX_IN], tangent[ONE_OP_MAX_IN], before[ONE_OP_MAX_IN], in[2 * ONE_OP_MAX_IN + 1];
    ir_array out[ONE_OP_MAX_IN];
    uint32_t n = 0, o = 0;
    for (uint32_t i = 0; i < t->op->n_in; i++) {
        tangent[i] = x[i] = one_op_draw(t, t->f->types[i]);
        if (linear >> i & 1)
            x[i] = one_op_array(t, t->f->types[i]);
        else
            in[n++] = x[i];
    }
    ir_array ct = in[n++] = one_op_draw(t, ir_result_type(t->f, 0));
    for (uint32_t i = 0; i < t->op->n_in; i++) {
        before[i] = one_op_array(t, t->f->types[i]);
        if (given >> i & 1) in[n++] = before[i] = one_op_draw(t, t->f->types[i]);
        if (!(linear >> i & 1)) continue;
        require(ir_result_type(transposed, o) == t->f->types[i], "transpose %u: wrong type of a cotangent",
                linear);
        out[o++] = one_op_array(t, t->f->types[i]);
    }
    ir_interpret(transposed, in, out);
    ir_array y = one_op_difference(t, x, tangent, linear);
    double want = 0, got = 0;
    for (int64_t k = 0; k < y.type->count; k++) want += one_op_get(&y, k) * one_op_get(&ct, k);
    o = 0;
    for (uint32_t i = 0; i < t->op->n_in; i++) {
        if (!(linear >> i & 1)) continue;
        for (int64_t k = 0; k < x[i].type->count; k++)
            got += (one_op_get(&out[o], k) - one_op_get(&before[i], k)) * one_op_get(&tangent[i], k);
        o++;
    }
    require(got == want, "transpose of %u with %u given: <ct, Jt> is %g, <J'ct, t> is %g", linear, given,
            want, got);
}

// The batched function of operands with a batch axis where the mask says so.
static inline const ir_function *one_op_batched(one_op *t, uint32_t mask, int64_t size, bool *out_batched) {
    ir_val in[ONE_OP_MAX_IN], out = IR_NONE;
    bool batched[ONE_OP_MAX_IN];
    ir_builder *b = ir_builder_new(t->module, "batched");
    *out_batched = false;
    for (uint32_t i = 0; i < t->op->n_in; i++) {
        batched[i] = mask >> i & 1;
        const ir_type *type = t->f->types[i];
        in[i] = ir_param(b, batched[i] ? ir_type_insert_axis(t->module, type, 0, size) : type);
    }
    ir_batching c = {b, t->f, t->op, size, NULL, in, batched, &out, out_batched};
    ir_rules_of(t->op->primitive)->batch(&c);
    const ir_function *f = ir_finish(b, &out, 1);
    ir_verify(f);
    return f;
}

static inline void one_op_check_batch(one_op *t, uint32_t mask, int64_t size) {
    ir_array whole[ONE_OP_MAX_IN], one[ONE_OP_MAX_IN];
    bool out_batched;
    const ir_function *f = one_op_batched(t, mask, size, &out_batched);
    for (uint32_t i = 0; i < t->op->n_in; i++) whole[i] = one_op_draw(t, ir_param_type(f, i));
    const ir_type *member = ir_result_type(t->f, 0), *type = member;
    if (out_batched) type = ir_type_insert_axis(t->module, type, 0, size);
    require(ir_result_type(f, 0) == type, "batch %u: the result has another type", mask);
    ir_array got = one_op_run(t, f, whole);
    for (int64_t m = 0; m < size; m++) {
        for (uint32_t i = 0; i < t->op->n_in; i++) {
            one[i] = (ir_array){t->f->types[i], whole[i].data};
            if (mask >> i & 1) one[i].data = (char *)whole[i].data + (size_t)m * one[i].type->bytes;
        }
        ir_array want = one_op_run(t, t->f, one);
        for (int64_t k = 0; k < member->count; k++)
            require(one_op_same(one_op_get(&got, (out_batched ? m * member->count : 0) + k),
                                one_op_get(&want, k)),
                    "batch %u of %d: element %d of member %d differs", mask, (int)size, (int)k, (int)m);
    }
}

// The program with another dtype in place of f64; in the arena.
static inline const char *one_op_with_dtype(one_op *t, cv_dtype dtype) {
    base_text text = {.arena = &t->arena};
    for (const char *at = t->program; *at;) {
        const char *next = strstr(at, "f64");
        if (!next) next = at + strlen(at);
        base_text_add_n(&text, at, (size_t)(next - at));
        if (!*next) break;
        base_text_add(&text, cv_dtype_name(dtype));
        at = next + 3;
    }
    return base_text_get(&text);
}

// Elements of any width end where those of f64 do; what an addition makes must wrap.
static inline void one_op_check_dtype(one_op *t, cv_dtype dtype) {
    const ir_function *f = ir_parse(t->module, "case", one_op_with_dtype(t, dtype));
    ir_array in[ONE_OP_MAX_IN], same[ONE_OP_MAX_IN];
    for (uint32_t i = 0; i < t->op->n_in; i++) {
        in[i] = same[i] = one_op_draw(t, t->f->types[i]);
        if (f->types[i] == t->f->types[i]) continue;
        same[i] = one_op_array(t, f->types[i]);
        for (int64_t k = 0; k < in[i].type->count; k++)
            one_op_set(&same[i], k, (int64_t)one_op_get(&in[i], k));
    }
    ir_array want = one_op_run(t, t->f, in), got = one_op_run(t, f, same), one = one_op_array(t, got.type);
    for (int64_t k = 0; k < got.type->count; k++) {
        double value = one_op_get(&want, k);
        if (value != value) continue; // a fill value, which is the dtype's own
        one_op_set(&one, k, (int64_t)value);
        require(one_op_get(&got, k) == one_op_get(&one, k), "%s: element %d is %g, not %g",
                cv_dtype_name(dtype), (int)k, one_op_get(&got, k), one_op_get(&one, k));
    }
}

static inline void one_op_body(void *argument) {
    one_op *t = argument;
    t->program = one_op_program(&t->arena, t->program);
    t->f = ir_parse(t->module, "case", t->program);
    t->op = one_op_of(t->f);
    uint32_t all = (1u << t->op->n_in) - 1, linear = one_op_linear(t);
    const ir_rules *rules = ir_rules_of(t->op->primitive);
    for (int d = 0; d < CV_DTYPE_COUNT; d++)
        if (ir_primitives[t->op->primitive].dtypes & ~rules->not_yet & 1u << d)
            one_op_check_dtype(t, (cv_dtype)d);
    for (int draw = 0; draw < 4; draw++) {
        for (uint32_t mask = linear; mask; mask = (mask - 1) & linear) {
            one_op_check_jvp(t, mask);
            for (uint32_t given = mask;; given = (given - 1) & mask) {
                one_op_check_transpose(t, mask, given);
                if (!given) break;
            }
        }
        for (uint32_t mask = all; mask; mask = (mask - 1) & all)
            for (int64_t size = 0; size < 4; size++) one_op_check_batch(t, mask, size);
    }
}

// Runs a body that raises what is wrong.
static inline void passes(void (*body)(void *), void *argument, const char *what) {
    base_failure failure;
    if (base_protect(body, argument, &failure)) fail_msg("%s\n%s", what, failure.message);
}

static inline void check_case(const char *program) {
    one_op t = {.module = ir_module_new(), .program = program, .random = 1};
    passes(one_op_body, &t, program);
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

static inline void one_op_parse(void *argument) {
    one_op *t = argument;
    t->f = ir_parse(t->module, "case", one_op_program(&t->arena, t->program));
}

// The program is rejected with a message that ends in this.
static inline void check_error(const char *program, const char *message) {
    one_op t = {.module = ir_module_new(), .program = program};
    base_failure failure = {0};
    cv_status status = base_protect(one_op_parse, &t, &failure);
    size_t n = strlen(failure.message), tail = strlen(message);
    if (!status) fail_msg("accepted: %s", program);
    if (n < tail || strcmp(failure.message + n - tail, message))
        fail_msg("%s\nmessage: %s\nexpected: %s", program, failure.message, message);
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

// Evaluates a function whose values are 1, 2, 3, ... (the second ones 101, 102, ...), with these indices.
typedef struct one_op_expected {
    const char *program;
    const int64_t *indices;
    int64_t n;
    const double *want;
} one_op_expected;

typedef struct one_op_evaluation {
    one_op t;
    const one_op_expected *expected;
} one_op_evaluation;

static inline void one_op_evaluate(void *argument) {
    one_op_evaluation *e = argument;
    one_op *t = &e->t;
    const int64_t *index = e->expected->indices;
    int64_t first = 1;
    ir_array in[ONE_OP_MAX_IN];
    t->f = ir_parse(t->module, "case", one_op_program(&t->arena, e->expected->program));
    for (uint32_t i = 0; i < t->f->n_params; i++) {
        bool is_index = ir_is_integer(t->f->types[i]->dtype);
        in[i] = one_op_array(t, t->f->types[i]);
        for (int64_t k = 0; k < in[i].type->count; k++)
            one_op_set(&in[i], k, is_index ? *index++ : first + k);
        if (!is_index) first += 100;
    }
    ir_array got = one_op_run(t, t->f, in);
    require(got.type->count == e->expected->n, "%d elements, not %d", (int)got.type->count,
            (int)e->expected->n);
    for (int64_t k = 0; k < e->expected->n; k++)
        require(one_op_same(one_op_get(&got, k), e->expected->want[k]), "element %d is %g, not %g", (int)k,
                one_op_get(&got, k), e->expected->want[k]);
}

static inline void check_evaluation(const one_op_expected *expected) {
    one_op_evaluation e = {{.module = ir_module_new()}, expected};
    passes(one_op_evaluate, &e, expected->program);
    base_arena_free(&e.t.arena);
    ir_module_free(e.t.module);
}

static inline bool one_op_has(const ir_function *f, ir_primitive primitive) {
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (f->ops[i].primitive == primitive) return true;
    return false;
}

#define EXPECT(program, indices, ...)                                                                        \
    {                                                                                                        \
        program, (const int64_t[]){UNPACK indices}, sizeof((double[]){__VA_ARGS__}) / sizeof(double),        \
            (const double[]) {                                                                               \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }
#define UNPACK(...) __VA_ARGS__

#endif
