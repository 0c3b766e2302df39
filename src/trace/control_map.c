// map and associative_scan: what other operations can express.
//
// map is a scan without carries. With a batch size its body is the batched function on slices of so
// many, and what is left over is one more batch, smaller.
//
// associative_scan combines neighbours, scans the half as many results, which are the odd elements,
// and combines these with the elements after them for the even ones (the recursion is as in Blelloch,
// Prefix sums and their applications, 1990). Everything is slices, calls and concatenations, so every
// transform goes through it. The function is traced for every length that occurs: about 2 log2 n.

#include <string.h>

#include "trace/control.h"
#include "transforms/transforms.h"

// map

typedef struct mapping {
    cv_fn f;
    int64_t batch_size; // 0: no batches
} mapping;

static int64_t common_length(tr_work *w) {
    const tr_op *op = &w->op;
    char text[IR_TYPE_TEXT], other[IR_TYPE_TEXT];
    if (!op->n_in) ir_fail(op->b, CV_INVALID, "there must be at least one array to go along");
    for (uint32_t i = 0; i < op->n_in; i++) {
        const ir_type *type = ir_type_of(op->b, op->in[i]), *first = ir_type_of(op->b, op->in[0]);
        if (!type->rank)
            ir_fail(op->b, CV_INVALID, "xs[%u] is %s: it has no leading axis to go along", i,
                    ir_type_text(type, text));
        if (type->dims[0] != first->dims[0])
            ir_fail(op->b, CV_INVALID,
                    "xs[0] is %s and xs[%u] is %s: their leading axes must be equally long",
                    ir_type_text(first, other), i, ir_type_text(type, text));
    }
    return ir_type_of(op->b, op->in[0])->dims[0];
}

// f (constants, slices) for `size` slices at once.
static const ir_function *batch_of(tr_work *w, const ir_function *f, uint32_t n_constants, int64_t size) {
    bool *batched = base_new_array(&w->op.b->arena, bool, f->n_params + 1),
         *want = base_new_array(&w->op.b->arena, bool, f->n_results + 1);
    memset(batched + n_constants, true, f->n_params - n_constants);
    memset(want, true, f->n_results);
    return xf_batch(f, batched, want, size, NULL).function;
}

static void map_in_batches(tr_work *w, const ir_function *f, uint32_t n_constants, int64_t length,
                           int64_t size, const ir_val *in) {
    tr_op *op = &w->op;
    ir_builder *b = op->b;
    int64_t trips = length / size, whole = trips * size, rest = length - whole;
    uint32_t n_in = f->n_params;
    ir_val *some = tr_new_values(w, n_in), *rest_out = tr_new_values(w, op->n_out);
    memcpy(some, in, sizeof *in * n_constants);
    if (trips || !rest) {
        for (uint32_t i = n_constants; i < n_in; i++)
            some[i] = tr_split_axis(b, tr_part(b, in[i], 0, 0, whole, 1), 0, trips, size);
        ir_scan_attributes a = {batch_of(w, f, n_constants, size), n_constants, 0, trips, false};
        ir_val first = ir_emit(b, IR_scan, some, n_in, &a);
        for (uint32_t i = 0; i < op->n_out; i++) op->out[i] = tr_join_axes(b, first + i, 0);
    }
    if (!rest) return;
    for (uint32_t i = n_constants; i < n_in; i++) some[i] = tr_part(b, in[i], 0, whole, length, 1);
    ir_inline(b, batch_of(w, f, n_constants, rest), some, rest_out);
    for (uint32_t i = 0; i < op->n_out; i++)
        op->out[i] = trips ? ir_concatenate(b, (ir_val[]){op->out[i], rest_out[i]}, 2, 0) : rest_out[i];
}

static void build_map(tr_op *op, const void *options) {
    const mapping *o = options;
    tr_work *w = (tr_work *)(void *)op;
    tr_region body = {.f = o->f, .role = "the function"};
    tr_region_open(w, &body, op->n_in, op->n_out);
    tr_argument *in = tr_settle_operands(w, tr_new_values(w, op->n_in));
    int64_t length = common_length(w);
    for (uint32_t i = 0; i < op->n_in; i++) in[i].type = ir_type_remove_axis(op->b->module, in[i].type, 0);
    tr_region_trace(w, &body, in, op->n_in);
    uint32_t n_constants = body.entry->n_captures;
    const ir_function *f = tr_constants_first(w, body.entry, NULL, 0);
    ir_val *operands = tr_new_values(w, f->n_params);
    memcpy(operands, tr_region_captures(w, &body), sizeof *operands * n_constants);
    memcpy(operands + n_constants, op->in, sizeof *operands * op->n_in);
    if (o->batch_size)
        map_in_batches(w, f, n_constants, length, o->batch_size, operands);
    else
        tr_emit_scan(w, &(ir_scan_attributes){f, n_constants, 0, length, false}, 1, operands, f->n_params,
                     op->out);
    for (uint32_t i = 0; i < op->n_out; i++) op->weak_out[i] = body.entry->out[i].weak;
}

cv_status cv_map_at(cv_fn f, cv_val *out, int n_out, cv_vals xs, cv_map_options options, cv_here here) {
    tr_site site = {"cv_map", here};
    mapping o = {f, options.batch_size};
    if (n_out < 0 || xs.n < 0) return tr_refused(site, tr_negative_count, out, n_out);
    if (options.batch_size < 0) return tr_refused(site, "batch_size is negative", out, n_out);
    if (tr_is_poison_fn(f)) return tr_poison_all(out, n_out);
    return tr_operate_on(site, build_map, &o, xs, (cv_vals){0, NULL}, out, (uint32_t)n_out,
                         (tr_operate_options){0});
}

// associative_scan

typedef struct combining {
    cv_fn f;
    int64_t axis;
    bool reverse;
} combining;

typedef struct combiner {
    tr_work *w;
    tr_region f;
    const tr_argument *leaf; // the values as they came
    uint32_t n;
    int64_t axis;
} combiner;

static void check_leaves(const combiner *c, const tr_argument *in) {
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < c->n; i++) {
        tr_argument out = c->f.entry->out[i];
        if (out.type == in[i].type || (out.weak && tr_same_shape(out.type, in[i].type) &&
                                       tr_joined(c->w, in[i], out) == in[i].type->dtype))
            continue;
        ir_fail(c->w->op.b, CV_INVALID,
                "%s is given %s for value %u and returns %s; it must return the type it was given", c->f.name,
                ir_type_text(in[i].type, a), i, ir_type_text(out.type, b));
    }
}

// out = f(left, right)
static void combine(combiner *c, const ir_val *left, const ir_val *right, ir_val *out) {
    tr_work *w = c->w;
    ir_builder *b = w->op.b;
    uint32_t n = c->n;
    tr_argument *in = base_new_array(&b->arena, tr_argument, 2 * n + 1);
    for (uint32_t i = 0; i < n; i++)
        in[i] = in[n + i] = (tr_argument){ir_type_of(b, left[i]), c->leaf[i].weak};
    tr_region_trace(w, &c->f, in, 2 * n);
    check_leaves(c, in);
    uint32_t n_captures = c->f.entry->n_captures;
    ir_val *operands = tr_new_values(w, 2 * n + n_captures);
    memcpy(operands, left, sizeof *left * n);
    memcpy(operands + n, right, sizeof *right * n);
    memcpy(operands + 2 * n, tr_region_captures(w, &c->f), sizeof *left * n_captures);
    ir_inline(b, c->f.entry->function, operands, out);
    for (uint32_t i = 0; i < n; i++) out[i] = ir_convert(b, out[i], in[i].type->dtype);
}

static ir_val *parts(const combiner *c, const ir_val *x, int64_t from, int64_t to, int64_t by) {
    ir_val *out = tr_new_values(c->w, c->n);
    for (uint32_t i = 0; i < c->n; i++) out[i] = tr_part(c->w->op.b, x[i], c->axis, from, to, by);
    return out;
}

// even[0], odd[0], even[1], ...: as many even ones as odd ones, or one more.
static ir_val interleave(ir_builder *b, ir_val even, ir_val odd, int64_t axis) {
    int64_t n_even = ir_type_of(b, even)->dims[axis], n_odd = ir_type_of(b, odd)->dims[axis];
    ir_val pairs[] = {tr_split_axis(b, tr_part(b, even, axis, 0, n_odd, 1), axis, n_odd, 1),
                      tr_split_axis(b, odd, axis, n_odd, 1)};
    ir_val all = tr_join_axes(b, ir_concatenate(b, pairs, 2, axis + 1), axis);
    if (n_even == n_odd) return all;
    return ir_concatenate(b, (ir_val[]){all, tr_part(b, even, axis, n_odd, n_even, 1)}, 2, axis);
}

// Replaces x by its prefix combinations. As deep as the logarithm of the length.
static void combine_prefixes(combiner *c, ir_val *x, int64_t length) {
    if (length < 2) return;
    ir_builder *b = c->w->op.b;
    int64_t half = length / 2;
    ir_val *odd = tr_new_values(c->w, c->n), *even = parts(c, x, 0, 1, 1);
    combine(c, parts(c, x, 0, 2 * half, 2), parts(c, x, 1, length, 2), odd);
    combine_prefixes(c, odd, half);
    if (length > 2) {
        ir_val *later = tr_new_values(c->w, c->n);
        combine(c, parts(c, odd, 0, (length - 1) / 2, 1), parts(c, x, 2, length, 2), later);
        for (uint32_t i = 0; i < c->n; i++)
            even[i] = ir_concatenate(b, (ir_val[]){even[i], later[i]}, 2, c->axis);
    }
    for (uint32_t i = 0; i < c->n; i++) x[i] = interleave(b, even[i], odd[i], c->axis);
}

static void build_associative_scan(tr_op *op, const void *options) {
    const combining *o = options;
    tr_work *w = (tr_work *)(void *)op;
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    combiner c = {.w = w, .f = {.f = o->f, .role = "the function"}, .n = op->n_in};
    if (!c.n) ir_fail(op->b, CV_INVALID, "there must be at least one array to go along");
    tr_region_open(w, &c.f, 2 * (int64_t)c.n, c.n);
    c.leaf = tr_settle_operands(w, tr_new_values(w, c.n));
    c.axis = tr_axis_of(w, o->axis, c.leaf[0].type, "value 0");
    int64_t length = c.leaf[0].type->dims[c.axis];
    for (uint32_t i = 1; i < c.n; i++) {
        const ir_type *type = c.leaf[i].type;
        if (c.axis >= type->rank || type->dims[c.axis] != length)
            ir_fail(op->b, CV_INVALID,
                    "value 0 is %s and value %u is %s: along axis %lld they must be equally long",
                    ir_type_text(c.leaf[0].type, a), i, ir_type_text(type, b), (long long)c.axis);
    }
    ir_val *x = tr_new_values(w, c.n);
    for (uint32_t i = 0; i < c.n; i++)
        x[i] = o->reverse ? ir_rev(op->b, op->in[i], IR_DIMS(c.axis)) : op->in[i];
    combine_prefixes(&c, x, length);
    for (uint32_t i = 0; i < c.n; i++) {
        op->out[i] = o->reverse ? ir_rev(op->b, x[i], IR_DIMS(c.axis)) : x[i];
        op->weak_out[i] = c.leaf[i].weak;
    }
}

cv_status cv_associative_scan_at(cv_fn f, cv_val *values, int n, cv_associative_scan_options options,
                                 cv_here here) {
    tr_site site = {"cv_associative_scan", here};
    combining o = {f, options.axis, options.reverse};
    if (n < 0) return tr_refused(site, tr_negative_count, values, 0);
    if (tr_is_poison_fn(f)) return tr_poison_all(values, n);
    return tr_operate_on(site, build_associative_scan, &o, (cv_vals){n, values}, (cv_vals){0, NULL}, values,
                         (uint32_t)n, (tr_operate_options){0});
}
