// Loops: while, fori and scan.
//
// What a body captures are the constants of its loop, which stand first among the operands of the
// operation and last among the parameters of the program, so each body is rearranged.
//
// The types of a loop's carries are a fixed point. A carry that starts as a C scalar takes the type
// that the body gives it, and the body is traced again with that; a result that is weak takes the
// type of its carry. Everything else that differs is an error.
//
// Unrolling happens here, on the program: the body of the scan is several steps written out, on
// slices of xs that hold as many. So every transform sees an ordinary scan.

#include <string.h>

#include "trace/control.h"

// Finds the types of carries first .. first + n - 1 of `in`, tracing the body until they stay.
static void settle_carries(tr_work *w, tr_region *body, tr_argument *in, uint32_t n_in, uint32_t first,
                           uint32_t n) {
    bool changed = true;
    while (changed) {
        tr_region_trace(w, body, in, n_in);
        changed = false;
        for (uint32_t i = 0; i < n; i++) {
            tr_argument *carry = &in[first + i], out = body->entry->out[i];
            if (!carry->weak || !tr_same_shape(carry->type, out.type)) continue;
            cv_dtype dtype = tr_joined(w, *carry, out);
            bool weak = carry->weak && out.weak;
            changed |= dtype != carry->type->dtype || weak != carry->weak;
            *carry = (tr_argument){ir_type_with_dtype(w->op.b->module, carry->type, dtype), weak};
        }
    }
}

static void check_carries(tr_work *w, const tr_region *body, const tr_argument *in, uint32_t n) {
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < n; i++) {
        tr_argument out = body->entry->out[i];
        if (out.type == in[i].type) continue;
        if (out.weak && tr_same_shape(out.type, in[i].type) && tr_joined(w, in[i], out) == in[i].type->dtype)
            continue;
        ir_fail(w->op.b, CV_INVALID,
                "carry %u goes in as %s and comes out of the body as %s; make the body return the "
                "type it was given",
                i, ir_type_text(in[i].type, a), ir_type_text(out.type, b));
    }
}

// The initial carries in the types that were found: op->in[0 .. n), from the operands as they came.
static void convert_carries(tr_work *w, const ir_val *raw, const tr_argument *carry, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (ir_type_of(w->op.b, w->op.in[i]) != carry[i].type)
            w->op.in[i] = tr_convert_weak(w->op.b, raw[i], carry[i].type->dtype);
}

const ir_function *tr_constants_first(tr_work *w, const tr_entry *e, const tr_argument *carry,
                                      uint32_t n_carry) {
    base_arena *arena = &w->op.b->arena;
    const ir_function *f = e->function;
    const ir_type **params = base_new_array(arena, const ir_type *, f->n_params);
    ir_val *argument = tr_new_values(w, f->n_params);
    uint32_t *result = base_new_array(arena, uint32_t, f->n_results);
    cv_dtype *dtypes = base_new_array(arena, cv_dtype, f->n_results);
    for (uint32_t i = 0; i < f->n_params; i++) {
        argument[i] = i < e->n_params ? e->n_captures + i : i - e->n_params;
        params[argument[i]] = ir_param_type(f, i);
    }
    for (uint32_t i = 0; i < f->n_results; i++) {
        result[i] = i;
        dtypes[i] = i < n_carry ? carry[i].type->dtype : ir_result_type(f, i)->dtype;
    }
    return tr_arrange(f, &(tr_arrangement){f->n_params, params, argument, f->n_results, result, dtypes});
}

// Lists of values one after the other.
static ir_val *joined_lists(tr_work *w, const ir_val *a, uint32_t n_a, const ir_val *b, uint32_t n_b) {
    ir_val *all = tr_new_values(w, n_a + n_b);
    if (n_a) memcpy(all, a, sizeof *all * n_a);
    if (n_b) memcpy(all + n_a, b, sizeof *all * n_b);
    return all;
}

static bool is_bool_scalar(const ir_type *type) { return type->dtype == CV_BOOL && !type->rank; }

typedef struct looping {
    cv_fn cond, body;
    int64_t length, unroll;
    uint32_t n_carry;
    bool reverse;
} looping;

static void build_while(tr_op *op, const void *options) {
    const looping *o = options;
    tr_work *w = (tr_work *)(void *)op;
    tr_region cond = {.f = o->cond, .role = "cond"}, body = {.f = o->body, .role = "the body"};
    uint32_t n = op->n_in;
    char text[IR_TYPE_TEXT];
    tr_region_open(w, &cond, n, 1);
    tr_region_open(w, &body, n, n);
    ir_val *raw = tr_new_values(w, n);
    tr_argument *in = tr_settle_operands(w, raw);
    settle_carries(w, &body, in, n, 0, n);
    check_carries(w, &body, in, n);
    convert_carries(w, raw, in, n);
    tr_region_trace(w, &cond, in, n);
    const ir_type *goes_on = cond.entry->out[0].type;
    if (!is_bool_scalar(goes_on))
        ir_fail(op->b, CV_INVALID, "cond, %s, returns %s, not bool[]", cond.name,
                ir_type_text(goes_on, text));

    uint32_t n_cond = cond.entry->n_captures, n_body = body.entry->n_captures, n_constants = n_cond + n_body;
    const ir_val *constants =
        joined_lists(w, tr_region_captures(w, &cond), n_cond, tr_region_captures(w, &body), n_body);
    ir_while_attributes attributes = {tr_constants_first(w, cond.entry, NULL, 0),
                                      tr_constants_first(w, body.entry, in, n), n_cond, n_body};
    ir_val first = ir_emit(op->b, IR_while, joined_lists(w, constants, n_constants, op->in, n),
                           n_constants + n, &attributes);
    for (uint32_t i = 0; i < n; i++) op->out[i] = first + i, op->weak_out[i] = in[i].weak;
}

// Scan

// The steps of a scan one after the other, without a loop. in: constants, carries, xs; out: carries, ys.
static void write_out(ir_builder *b, const ir_scan_attributes *a, const ir_val *in, uint32_t n_in,
                      ir_val *out) {
    uint32_t c = (uint32_t)a->constants, n = (uint32_t)a->carries, n_y = a->body->n_results - n;
    ir_val *step_in = base_new_array(&b->arena, ir_val, n_in + 1),
           *step_out = base_new_array(&b->arena, ir_val, n + n_y + 1),
           *stacks = base_new_array(&b->arena, ir_val, a->length * n_y + 1);
    memcpy(step_in, in, sizeof *in * (c + n));
    for (int64_t step = 0; step < a->length; step++) {
        int64_t at = a->reverse ? a->length - 1 - step : step;
        for (uint32_t i = c + n; i < n_in; i++)
            step_in[i] =
                ir_reshape(b, tr_part(b, in[i], 0, at, at + 1, 1), ir_shape(ir_param_type(a->body, i)));
        ir_inline(b, a->body, step_in, step_out);
        memcpy(step_in + c, step_out, sizeof *out * n);
        for (uint32_t i = 0; i < n_y; i++)
            stacks[i * a->length + at] = ir_broadcast_leading(b, step_out[n + i], 1);
    }
    memcpy(out, step_in + c, sizeof *out * n);
    for (uint32_t i = 0; i < n_y; i++)
        out[n + i] =
            a->length == 1 ? stacks[i] : ir_concatenate(b, stacks + i * a->length, (uint32_t)a->length, 0);
}

// `unroll` steps of a body as the body of another scan.
static const ir_function *unrolled(tr_work *w, const ir_scan_attributes *a, int64_t unroll) {
    const ir_function *f = a->body;
    ir_builder *b = ir_builder_new(f->module, f->name);
    b->place = w->op.b->place;
    ir_val *in = tr_new_values(w, f->n_params), *out = tr_new_values(w, f->n_results);
    for (uint32_t i = 0; i < f->n_params; i++) {
        const ir_type *type = ir_param_type(f, i);
        bool sliced = i >= a->constants + a->carries;
        in[i] = ir_param(b, sliced ? ir_type_insert_axis(f->module, type, 0, unroll) : type);
    }
    ir_scan_attributes few = *a;
    few.length = unroll;
    write_out(b, &few, in, f->n_params, out);
    return ir_finish(b, out, f->n_results);
}

// The steps that do not fill an iteration come last: with the last slices, or backwards the first.
static void scan_unrolled(tr_work *w, const ir_scan_attributes *a, int64_t unroll, const ir_val *in,
                          uint32_t n_in, ir_val *out) {
    ir_builder *b = w->op.b;
    int64_t trips = a->length / unroll, rest = a->length % unroll, first = a->reverse ? rest : 0;
    uint32_t closed = (uint32_t)(a->constants + a->carries), n = (uint32_t)a->carries,
             n_out = a->body->n_results;
    ir_scan_attributes loop = *a, tail = *a;
    loop.body = unrolled(w, a, unroll);
    loop.length = trips;
    tail.length = rest;
    ir_val *loop_in = joined_lists(w, in, n_in, NULL, 0), *tail_in = joined_lists(w, in, n_in, NULL, 0);
    for (uint32_t i = closed; i < n_in; i++) {
        int64_t from = first ? 0 : a->length - rest;
        loop_in[i] =
            tr_split_axis(b, tr_part(b, in[i], 0, first, first + trips * unroll, 1), 0, trips, unroll);
        tail_in[i] = tr_part(b, in[i], 0, from, from + rest, 1);
    }
    ir_val next = ir_emit(b, IR_scan, loop_in, n_in, &loop);
    for (uint32_t i = 0; i < n_out; i++) out[i] = i < n ? next + i : tr_join_axes(b, next + i, 0);
    if (!rest) return;
    ir_val *tail_out = tr_new_values(w, n_out);
    memcpy(tail_in + a->constants, out, sizeof *out * n);
    write_out(b, &tail, tail_in, n_in, tail_out);
    for (uint32_t i = 0; i < n_out; i++) {
        ir_val both[] = {first ? tail_out[i] : out[i], first ? out[i] : tail_out[i]};
        out[i] = i < n ? tail_out[i] : ir_concatenate(b, both, 2, 0);
    }
}

void tr_emit_scan(tr_work *w, const ir_scan_attributes *a, int64_t unroll, const ir_val *in, uint32_t n_in,
                  ir_val *out) {
    if (unroll > 1 && a->length > unroll) {
        scan_unrolled(w, a, unroll, in, n_in, out);
    } else if (unroll > 1 && a->length) {
        write_out(w->op.b, a, in, n_in, out);
    } else {
        ir_val first = ir_emit(w->op.b, IR_scan, in, n_in, a);
        for (uint32_t i = 0; i < a->body->n_results; i++) out[i] = first + i;
    }
}

static int64_t check_length(tr_work *w, const looping *o) {
    const tr_op *op = &w->op;
    int64_t length = o->length;
    char text[IR_TYPE_TEXT];
    for (uint32_t i = o->n_carry; i < op->n_in; i++) {
        const ir_type *type = ir_type_of(op->b, op->in[i]);
        if (!type->rank)
            ir_fail(op->b, CV_INVALID, "xs[%u] is %s: it has no leading axis to go along", i - o->n_carry,
                    ir_type_text(type, text));
        if (length >= 0 && type->dims[0] != length)
            ir_fail(op->b, CV_INVALID,
                    "xs[%u] is %s, and the scan has %lld steps: its leading axis must be that long",
                    i - o->n_carry, ir_type_text(type, text), (long long)length);
        length = type->dims[0];
    }
    if (length < 0)
        ir_fail(op->b, CV_INVALID,
                "without xs the scan needs .length, its number of steps (CV_NO_STEPS for none)");
    return length;
}

static void build_scan(tr_op *op, const void *options) {
    const looping *o = options;
    tr_work *w = (tr_work *)(void *)op;
    tr_region body = {.f = o->body, .role = "the body"};
    uint32_t n = o->n_carry;
    tr_region_open(w, &body, op->n_in, op->n_out);
    ir_val *raw = tr_new_values(w, op->n_in);
    tr_argument *in = tr_settle_operands(w, raw);
    int64_t length = check_length(w, o);
    for (uint32_t i = n; i < op->n_in; i++) in[i].type = ir_type_remove_axis(op->b->module, in[i].type, 0);
    settle_carries(w, &body, in, op->n_in, 0, n);
    check_carries(w, &body, in, n);
    convert_carries(w, raw, in, n);
    uint32_t n_constants = body.entry->n_captures;
    ir_scan_attributes a = {tr_constants_first(w, body.entry, in, n), n_constants, n, length, o->reverse};
    tr_emit_scan(w, &a, o->unroll,
                 joined_lists(w, tr_region_captures(w, &body), n_constants, op->in, op->n_in),
                 n_constants + op->n_in, op->out);
    for (uint32_t i = 0; i < op->n_out; i++) op->weak_out[i] = i < n ? in[i].weak : body.entry->out[i].weak;
}

// Fori: the carries, then the bounds.

// A body that counts: (constants, i, carries) -> (i + 1, carries).
static const ir_function *counting(tr_work *w, const ir_function *f, uint32_t n_constants) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    b->place = w->op.b->place;
    ir_val *in = tr_new_values(w, f->n_params), *out = tr_new_values(w, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(b, ir_param_type(f, i));
    ir_val i = in[n_constants];
    out[0] = ir_add(b, i, ir_full_int(b, ir_type_of(b, i), 1));
    ir_inline(b, f, in, out + 1);
    return ir_finish(b, out, f->n_results + 1);
}

// (limit, i, carries) -> i < limit
static const ir_function *below_limit(tr_work *w, const ir_function *counts, uint32_t n_constants) {
    ir_builder *b = ir_builder_new(counts->module, counts->name);
    b->place = w->op.b->place;
    const ir_type *counter = ir_param_type(counts, n_constants);
    ir_val limit = ir_param(b, counter), i = ir_param(b, counter), goes_on;
    for (uint32_t k = n_constants + 1; k < counts->n_params; k++) ir_param(b, ir_param_type(counts, k));
    goes_on = ir_lt(b, i, limit);
    return ir_finish(b, &goes_on, 1);
}

typedef struct counter {
    tr_argument type;
    bool is_known; // both bounds are C integers
    int64_t lower, length;
    ir_val from, limit;
} counter;

static tr_argument bound_type(tr_work *w, uint32_t i, const char *which) {
    char text[IR_TYPE_TEXT];
    const ir_type *type = ir_type_of(w->op.b, w->op.in[i]);
    if (type->rank || !ir_is_integer(type->dtype))
        ir_fail(w->op.b, CV_INVALID, "the %s bound is %s, not an integer scalar", which,
                ir_type_text(tr_settled_type(w, i), text));
    return (tr_argument){type, w->op.weak[i]};
}

// A weak bound takes the dtype of the other one.
static counter read_bounds(tr_work *w, uint32_t lower, uint32_t upper) {
    tr_op *op = &w->op;
    ir_builder *b = op->b;
    char x[IR_TYPE_TEXT], y[IR_TYPE_TEXT];
    double number;
    int64_t to;
    tr_argument first = bound_type(w, lower, "lower"), last = bound_type(w, upper, "upper");
    counter c = {.type = {w->trace->context->scalars[CV_S32], true}};
    c.is_known = tr_is_literal(op, lower, &number, &c.lower) && tr_is_literal(op, upper, &number, &to);
    if (c.is_known) {
        if (c.lower < INT32_MIN || to > INT32_MAX || to < INT32_MIN || c.lower > INT32_MAX)
            ir_fail(b, CV_INVALID, "the bounds do not fit s32, the type of the counter");
        c.length = to > c.lower ? to - c.lower : 0;
        c.from = ir_full_int(b, c.type.type, c.lower);
        return c;
    }
    if (!first.weak && !last.weak && first.type != last.type)
        ir_fail(b, CV_INVALID, "the bounds are %s and %s and must have one dtype; cv_astype converts",
                ir_type_text(first.type, x), ir_type_text(last.type, y));
    if (!first.weak || !last.weak) c.type = first.weak ? last : first;
    c.from = tr_as(op, lower, c.type.type->dtype);
    c.limit = tr_as(op, upper, c.type.type->dtype);
    return c;
}

static void build_fori(tr_op *op, const void *options) {
    const looping *o = options;
    tr_work *w = (tr_work *)(void *)op;
    tr_region body = {.f = o->body, .role = "the body"};
    uint32_t n = o->n_carry;
    tr_region_open(w, &body, n + 1, n);
    counter c = read_bounds(w, n, n + 1);
    op->n_in = n;
    ir_val *raw = tr_new_values(w, n);
    tr_argument *carries = tr_settle_operands(w, raw),
                *in = base_new_array(&op->b->arena, tr_argument, n + 1);
    in[0] = c.type;
    if (n) memcpy(in + 1, carries, sizeof *in * n);
    settle_carries(w, &body, in, n + 1, 1, n);
    check_carries(w, &body, in + 1, n);
    convert_carries(w, raw, in + 1, n);

    uint32_t n_constants = body.entry->n_captures;
    const ir_function *f = counting(w, tr_constants_first(w, body.entry, in + 1, n), n_constants);
    const ir_val *constants = joined_lists(w, tr_region_captures(w, &body), n_constants, &c.from, 1);
    const ir_val *operands = joined_lists(w, constants, n_constants + 1, op->in, n);
    ir_val first;
    if (c.is_known) {
        first = ir_emit(op->b, IR_scan, operands, n_constants + 1 + n,
                        &(ir_scan_attributes){f, n_constants, n + 1, c.length, false});
    } else {
        operands = joined_lists(w, &c.limit, 1, operands, n_constants + 1 + n);
        first = ir_emit(op->b, IR_while, operands, n_constants + 2 + n,
                        &(ir_while_attributes){below_limit(w, f, n_constants), f, 1, n_constants});
    }
    for (uint32_t i = 0; i < n; i++) op->out[i] = first + 1 + i, op->weak_out[i] = in[1 + i].weak;
}

// Entry points

cv_status cv_while_loop_at(cv_fn cond, cv_fn body, cv_val *carry, int n, cv_here here) {
    tr_site site = {"cv_while_loop", here};
    looping o = {.cond = cond, .body = body};
    if (n < 0) return tr_refused(site, tr_negative_count, carry, 0);
    if (tr_is_poison_fn(cond) || tr_is_poison_fn(body)) return tr_poison_all(carry, n);
    return tr_operate_on(site, build_while, &o, (cv_vals){n, carry}, (cv_vals){0, NULL}, carry, (uint32_t)n,
                         (tr_operate_options){0});
}

cv_status cv_fori_loop_at(cv_val lower, cv_val upper, cv_fn body, cv_val *carry, int n, cv_here here) {
    tr_site site = {"cv_fori_loop", here};
    looping o = {.body = body, .n_carry = (uint32_t)n};
    if (n < 0) return tr_refused(site, tr_negative_count, carry, 0);
    if (tr_is_poison_fn(body)) return tr_poison_all(carry, n);
    return tr_operate_on(site, build_fori, &o, (cv_vals){n, carry}, CV_LIST(lower, upper), carry, (uint32_t)n,
                         (tr_operate_options){0});
}

// Results are carries and stacked outputs in one list; they go to two.
cv_status cv_scan_at(cv_fn body, cv_val *carry, int n_carry, cv_val *ys, int n_ys, cv_scan_options options,
                     cv_here here) {
    tr_site site = {"cv_scan", here};
    bool counts_negative = n_carry < 0 || n_ys < 0 || options.xs.n < 0;
    bool length_negative = options.length < 0 && options.length != CV_NO_STEPS;
    if (counts_negative || length_negative || options.unroll < 0) {
        tr_poison_all(ys, n_ys);
        return tr_refused(site,
                          counts_negative   ? tr_negative_count
                          : length_negative ? "length is negative"
                                            : "unroll is negative",
                          carry, n_carry);
    }
    int64_t length = options.length == CV_NO_STEPS ? 0 : options.length ? options.length : -1;
    looping o = {.body = body,
                 .n_carry = (uint32_t)n_carry,
                 .length = length,
                 .unroll = options.unroll,
                 .reverse = options.reverse};
    cv_val *all = NULL; // room for the results
    cv_status status = tr_is_poison_fn(body) ? tr_poisoned() : tr_room(site, n_carry + n_ys, &all);
    if (!status)
        status = tr_operate_on(site, build_scan, &o, (cv_vals){n_carry, carry}, options.xs, all,
                               (uint32_t)(n_carry + n_ys), (tr_operate_options){0});
    for (int i = 0; i < n_carry; i++) carry[i] = status ? TR_POISON : all[i];
    for (int i = 0; i < n_ys; i++) ys[i] = status ? TR_POISON : all[n_carry + i];
    base_free(all);
    return status;
}
