// Control flow: cond, while, fori, scan as operations of a trace, or outside one as a program of one
// operation that runs whole.
//
// Bodies become programs for the types that they meet. What a body captures are its constants, which
// stand first among the operands of a loop and last among the parameters of the program, so each
// body is rearranged to the order that the operation wants. The operands of cond are the same for
// both branches: the union of what they capture.
//
// The types of a loop's carries are a fixed point. A carry that starts as a C scalar takes the type
// that the body gives it, and the body is traced again with that; a result that is weak takes the
// type of its carry. Everything else that differs is an error.

#include <stdio.h>
#include <string.h>

#include "trace/promote.h"
#include "trace/trace.h"

// A function that takes part in control flow.
typedef struct region {
    cv_fn f;
    const char *role; // "the body", "cond", ...
    tr_node *node;
    const tr_entry *entry;
    char name[TR_NAME];
} region;

static void open_region(tr_work *w, region *r, int64_t n_in, int64_t n_out) {
    r->node = tr_node_get(w->trace->context, r->f);
    tr_describe(r->node, r->name);
    if (r->node->n_in != n_in)
        ir_fail(w->op.b, CV_INVALID, "%s, %s, takes %u arguments, not %lld", r->role, r->name, r->node->n_in,
                (long long)n_in);
    if (r->node->n_out != n_out)
        ir_fail(w->op.b, CV_INVALID, "%s, %s, has %u results, not %lld", r->role, r->name, r->node->n_out,
                (long long)n_out);
}

static void trace_region(tr_work *w, region *r, const tr_argument *in, uint32_t n_in) {
    r->entry = tr_program(r->node, in, n_in, &w->site);
    for (uint32_t i = 0; i < r->entry->n_out; i++)
        if (!r->entry->out[i].type)
            ir_fail(w->op.b, CV_INVALID, "%s, %s, has cv_none for result %u", r->role, r->name, i);
}

static ir_val *bring_captures(tr_work *w, const tr_entry *e) {
    ir_val *out = base_new_array(&w->op.b->arena, ir_val, e->n_captures);
    for (uint32_t i = 0; i < e->n_captures; i++) out[i] = tr_bring_capture(w->trace, &e->captures[i]);
    return out;
}

// Operands as arguments, the literals among them with their default dtypes; `raw` keeps them as they came.
static tr_argument *settle_operands(tr_work *w, ir_val *raw) {
    tr_op *op = &w->op;
    tr_argument *in = base_new_array(&op->b->arena, tr_argument, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) {
        raw[i] = op->in[i];
        op->in[i] = tr_settle(w->trace, op->in[i], op->weak[i]);
        in[i] = (tr_argument){ir_type_of(op->b, op->in[i]), op->weak[i]};
    }
    return in;
}

static ir_val *new_values(tr_work *w, uint32_t n) {
    return base_new_array(&w->op.b->arena, ir_val, n);
}

// The least dtype of two in which a weak one gives way.
static cv_dtype joined(const tr_work *w, tr_argument a, tr_argument b) {
    return tr_join((tr_kind){a.type->dtype, a.weak}, (tr_kind){b.type->dtype, b.weak}, w->op.default_float)
        .dtype;
}

static bool same_shape(const ir_type *a, const ir_type *b) {
    return ir_dims_equal(ir_shape(a), ir_shape(b));
}

// cond

typedef struct branching {
    cv_fn yes, no;
} branching;

// `true` is an int in C11, so a C integer may stand for a bool.
static void take_predicate(tr_work *w) {
    char text[IR_TYPE_TEXT];
    ir_val *predicate = &w->op.in[0];
    const ir_type *type = ir_type_of(w->op.b, *predicate);
    if (w->op.weak[0] && !type->rank && ir_is_integer(type->dtype)) {
        *predicate = tr_convert_weak(w->op.b, *predicate, CV_BOOL);
        return;
    }
    if (type->dtype == CV_BOOL && !type->rank) return;
    type = ir_type_with_dtype(w->op.b->module, type,
                              tr_settled_dtype(w->trace->context, type->dtype, w->op.weak[0]));
    const char *mend = type->rank ? "cv_any or cv_all make one bool of many" : "compare it with something";
    ir_fail(w->op.b, CV_INVALID, "the predicate is %s, not bool[]; %s", ir_type_text(type, text), mend);
}

// The dtypes of the results, in which weak ones of one branch follow the other's.
static cv_dtype *agree(tr_work *w, const region *yes, const region *no) {
    uint32_t n = yes->entry->n_out;
    cv_dtype *dtypes = base_new_array(&w->op.b->arena, cv_dtype, n);
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < n; i++) {
        tr_argument x = yes->entry->out[i], y = no->entry->out[i];
        dtypes[i] = joined(w, x, y);
        bool fits =
            same_shape(x.type, y.type) && (x.type == y.type || (x.weak && dtypes[i] == y.type->dtype) ||
                                           (y.weak && dtypes[i] == x.type->dtype) || (x.weak && y.weak));
        if (!fits)
            ir_fail(w->op.b, CV_INVALID,
                    "%s returns %s and %s returns %s as result %u; both must return the same type", yes->name,
                    ir_type_text(x.type, a), no->name, ir_type_text(y.type, b), i);
    }
    return dtypes;
}

static uint32_t position(const ir_val *at, uint32_t n, ir_val v) {
    uint32_t i = 0;
    while (i < n && at[i] != v) i++;
    return i;
}

// A branch whose parameters are all operands of the cond.
static const ir_function *branch_with(tr_work *w, const region *r, const ir_val *operands, uint32_t n_operands,
                                      const ir_val *captures, const cv_dtype *dtypes) {
    base_arena *arena = &w->op.b->arena;
    const ir_function *f = r->entry->function;
    const ir_type **params = base_new_array(arena, const ir_type *, n_operands);
    ir_val *argument = new_values(w, f->n_params);
    uint32_t *result = base_new_array(arena, uint32_t, f->n_results), n_visible = r->entry->n_params;
    for (uint32_t i = 0; i < n_operands; i++) params[i] = ir_type_of(w->op.b, operands[i]);
    for (uint32_t i = 0; i < n_visible; i++) argument[i] = i;
    for (uint32_t i = n_visible; i < f->n_params; i++)
        argument[i] =
            n_visible + position(operands + n_visible, n_operands - n_visible, captures[i - n_visible]);
    for (uint32_t i = 0; i < f->n_results; i++) result[i] = i;
    return tr_arrange(f, &(tr_arrangement){n_operands, params, argument, f->n_results, result, dtypes});
}

static void build_cond(tr_op *op, const void *options) {
    const branching *o = options;
    tr_work *w = (tr_work *)(void *)op;
    region yes = {.f = o->yes, .role = "yes"}, no = {.f = o->no, .role = "no"};
    uint32_t n = op->n_in - 1;
    open_region(w, &yes, n, op->n_out);
    open_region(w, &no, n, op->n_out);
    take_predicate(w);
    tr_argument *in = settle_operands(w, new_values(w, op->n_in));
    trace_region(w, &yes, in + 1, n);
    trace_region(w, &no, in + 1, n);
    const cv_dtype *dtypes = agree(w, &yes, &no);

    ir_val *yes_captures = bring_captures(w, yes.entry), *no_captures = bring_captures(w, no.entry);
    ir_val *operands = new_values(w, 1 + n + yes.entry->n_captures + no.entry->n_captures);
    uint32_t n_operands = op->n_in;
    memcpy(operands, op->in, sizeof *operands * op->n_in);
    const struct {
        const ir_val *at;
        uint32_t n;
    } captured[] = {{yes_captures, yes.entry->n_captures}, {no_captures, no.entry->n_captures}};
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < captured[k].n; i++)
            if (position(operands + op->n_in, n_operands - op->n_in, captured[k].at[i]) ==
                n_operands - op->n_in)
                operands[n_operands++] = captured[k].at[i];
    const ir_function *branches[] = {branch_with(w, &no, operands + 1, n_operands - 1, no_captures, dtypes),
                                     branch_with(w, &yes, operands + 1, n_operands - 1, yes_captures, dtypes)};
    ir_val first = ir_emit(op->b, IR_cond, operands, n_operands, &(ir_cond_attributes){{2, branches}});
    for (uint32_t i = 0; i < op->n_out; i++) {
        op->out[i] = first + i;
        op->weak_out[i] = yes.entry->out[i].weak && no.entry->out[i].weak;
    }
}

// Loops

// Finds the types of carries first .. first + n - 1 of `in`, tracing the body until they stay.
static void settle_carries(tr_work *w, region *body, tr_argument *in, uint32_t n_in, uint32_t first,
                           uint32_t n) {
    bool changed = true;
    while (changed) {
        trace_region(w, body, in, n_in);
        changed = false;
        for (uint32_t i = 0; i < n; i++) {
            tr_argument *carry = &in[first + i], out = body->entry->out[i];
            if (!carry->weak || !same_shape(carry->type, out.type)) continue;
            cv_dtype dtype = joined(w, *carry, out);
            bool weak = carry->weak && out.weak;
            changed |= dtype != carry->type->dtype || weak != carry->weak;
            *carry = (tr_argument){ir_type_with_dtype(w->op.b->module, carry->type, dtype), weak};
        }
    }
}

static void check_carries(tr_work *w, const region *body, const tr_argument *in, uint32_t n) {
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < n; i++) {
        tr_argument out = body->entry->out[i];
        if (out.type == in[i].type) continue;
        if (out.weak && same_shape(out.type, in[i].type) && joined(w, in[i], out) == in[i].type->dtype)
            continue;
        ir_fail(w->op.b, CV_INVALID,
                "carry %u goes in as %s and comes out of the body as %s; make the body return the "
                "type it was given",
                i, ir_type_text(in[i].type, a), ir_type_text(out.type, b));
    }
}

// The initial carries in the types that were found: op->in[at ..], from the operands as they came.
static void convert_carries(tr_work *w, const ir_val *raw, const tr_argument *in, uint32_t first, uint32_t at,
                            uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (ir_type_of(w->op.b, w->op.in[at + i]) != in[first + i].type)
            w->op.in[at + i] = tr_convert_weak(w->op.b, raw[at + i], in[first + i].type->dtype);
}

// The program of a body with its captures first, and its first results with the dtypes of `carry`.
static const ir_function *constants_first(tr_work *w, const tr_entry *e, const tr_argument *carry,
                                          uint32_t n_carry) {
    base_arena *arena = &w->op.b->arena;
    const ir_function *f = e->function;
    const ir_type **params = base_new_array(arena, const ir_type *, f->n_params);
    ir_val *argument = new_values(w, f->n_params);
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

typedef struct looping {
    cv_fn cond, body;
    int64_t length, lower;
    uint32_t n_carry;
    bool reverse;
} looping;

static void build_while(tr_op *op, const void *options) {
    const looping *o = options;
    tr_work *w = (tr_work *)(void *)op;
    region cond = {.f = o->cond, .role = "cond"}, body = {.f = o->body, .role = "the body"};
    uint32_t n = op->n_in;
    char text[IR_TYPE_TEXT];
    open_region(w, &cond, n, 1);
    open_region(w, &body, n, n);
    ir_val *raw = new_values(w, n);
    tr_argument *in = settle_operands(w, raw);
    settle_carries(w, &body, in, n, 0, n);
    check_carries(w, &body, in, n);
    convert_carries(w, raw, in, 0, 0, n);
    trace_region(w, &cond, in, n);
    const ir_type *goes_on = cond.entry->out[0].type;
    if (goes_on->dtype != CV_BOOL || goes_on->rank)
        ir_fail(op->b, CV_INVALID, "cond, %s, returns %s, not bool[]", cond.name, ir_type_text(goes_on, text));

    uint32_t n_cond = cond.entry->n_captures, n_body = body.entry->n_captures, n_operands = n_cond + n_body + n;
    ir_val *operands = new_values(w, n_operands);
    if (n_cond) memcpy(operands, bring_captures(w, cond.entry), sizeof *operands * n_cond);
    if (n_body) memcpy(operands + n_cond, bring_captures(w, body.entry), sizeof *operands * n_body);
    if (n) memcpy(operands + n_cond + n_body, op->in, sizeof *operands * n);
    ir_while_attributes attributes = {constants_first(w, cond.entry, NULL, 0),
                                      constants_first(w, body.entry, in, n), n_cond, n_body};
    ir_val first = ir_emit(op->b, IR_while, operands, n_operands, &attributes);
    for (uint32_t i = 0; i < n; i++) {
        op->out[i] = first + i;
        op->weak_out[i] = in[i].weak;
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
    if (length < 0) ir_fail(op->b, CV_INVALID, "without xs the scan needs .length, its number of steps");
    return length;
}

static void emit_scan(tr_work *w, const region *body, const ir_function *f, const ir_val *in, const looping *o,
                      int64_t carries, int64_t length, uint32_t n_in) {
    tr_op *op = &w->op;
    uint32_t n_constants = body->entry->n_captures;
    ir_val *operands = new_values(w, n_constants + n_in);
    if (n_constants) memcpy(operands, bring_captures(w, body->entry), sizeof *operands * n_constants);
    if (n_in) memcpy(operands + n_constants, in, sizeof *operands * n_in);
    ir_scan_attributes attributes = {f, n_constants, carries, length, o->reverse};
    ir_val first = ir_emit(op->b, IR_scan, operands, n_constants + n_in, &attributes);
    uint32_t skipped = (uint32_t)carries - o->n_carry; // a counter
    for (uint32_t i = 0; i < op->n_out; i++) op->out[i] = first + skipped + i;
}

static void build_scan(tr_op *op, const void *options) {
    const looping *o = options;
    tr_work *w = (tr_work *)(void *)op;
    region body = {.f = o->body, .role = "the body"};
    uint32_t n = o->n_carry;
    open_region(w, &body, op->n_in, op->n_out);
    ir_val *raw = new_values(w, op->n_in);
    tr_argument *in = settle_operands(w, raw);
    int64_t length = check_length(w, o);
    for (uint32_t i = n; i < op->n_in; i++) in[i].type = ir_type_remove_axis(op->b->module, in[i].type, 0);
    settle_carries(w, &body, in, op->n_in, 0, n);
    check_carries(w, &body, in, n);
    convert_carries(w, raw, in, 0, 0, n);
    emit_scan(w, &body, constants_first(w, body.entry, in, n), op->in, o, n, length, op->n_in);
    for (uint32_t i = 0; i < op->n_out; i++) op->weak_out[i] = i < n ? in[i].weak : body.entry->out[i].weak;
}

// A body that counts: (constants, i, carries) -> (i + 1, carries).
static const ir_function *counting(tr_work *w, const ir_function *f, uint32_t n_constants) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    b->place = w->op.b->place;
    ir_val *in = new_values(w, f->n_params), *out = new_values(w, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++) in[i] = ir_param(b, ir_param_type(f, i));
    ir_val i = in[n_constants];
    out[0] = ir_add(b, i, ir_full_int(b, ir_type_of(b, i), 1));
    ir_inline(b, f, in, out + 1);
    return ir_finish(b, out, f->n_results + 1);
}

static void build_fori(tr_op *op, const void *options) {
    const looping *o = options;
    tr_work *w = (tr_work *)(void *)op;
    region body = {.f = o->body, .role = "the body"};
    uint32_t n = o->n_carry;
    const ir_type *counter = w->trace->context->scalars[CV_S32];
    open_region(w, &body, n + 1, n);
    ir_val *raw = new_values(w, n);
    tr_argument *carries = settle_operands(w, raw), *in = base_new_array(&op->b->arena, tr_argument, n + 1);
    in[0] = (tr_argument){counter, false};
    if (n) memcpy(in + 1, carries, sizeof *in * n);
    settle_carries(w, &body, in, n + 1, 1, n);
    check_carries(w, &body, in + 1, n);
    convert_carries(w, raw, in, 1, 0, n);
    const ir_function *f = counting(w, constants_first(w, body.entry, in + 1, n), body.entry->n_captures);
    ir_val *operands = new_values(w, n + 1);
    operands[0] = ir_full_int(op->b, counter, o->lower);
    if (n) memcpy(operands + 1, op->in, sizeof *operands * n);
    emit_scan(w, &body, f, operands, o, n + 1, o->length, n + 1);
    for (uint32_t i = 0; i < n; i++) op->weak_out[i] = in[1 + i].weak;
}

// Entry points

static bool is_poison_fn(cv_fn f) {
    return !f.slot && f.generation == 1;
}

static cv_status poisoned(cv_val *out, int64_t n) {
    for (int64_t i = 0; i < n && out; i++) out[i] = TR_POISON;
    return tr_poisoned();
}

typedef struct lists {
    cv_vals first, second;
    cv_val *all;
} lists;

static void refuse(void *why) {
    base_raise(CV_INVALID, "%s", (const char *)why);
}

static cv_status refused(tr_site site, const char *why, cv_val *out, int64_t n) {
    tr_enter(site.name, site.here, refuse, (void *)(uintptr_t)why);
    return poisoned(out, n);
}

static void join_lists(void *argument) {
    lists *a = argument;
    size_t n = (size_t)(a->first.n + a->second.n);
    a->all = base_malloc(sizeof *a->all * (n + 1));
    if (a->first.n) memcpy(a->all, a->first.at, sizeof *a->all * (size_t)a->first.n);
    if (a->second.n) memcpy(a->all + a->first.n, a->second.at, sizeof *a->all * (size_t)a->second.n);
}

// The operation on two lists of operands, one after the other. `out` may overlap them.
static cv_status operate(tr_site site, tr_build *build, const void *options, cv_vals first, cv_vals second,
                         cv_val *out, uint32_t n_out, tr_operate_options how) {
    lists a = {first, second, NULL};
    cv_status status = tr_enter(site.name, site.here, join_lists, &a);
    if (status) return poisoned(out, n_out);
    status = tr_operate(site, build, options, a.all, (uint32_t)(first.n + second.n), out, n_out, how);
    base_free(a.all);
    return status;
}

static const char negative_count[] = "a count of values is negative";

cv_status cv_cond_at(cv_val predicate, cv_fn yes, cv_fn no, cv_val *out, int n_out, cv_vals in, cv_here here) {
    tr_site site = {"cv_cond", here};
    branching o = {yes, no};
    if (n_out < 0 || in.n < 0) return refused(site, negative_count, out, n_out);
    if (is_poison_fn(yes) || is_poison_fn(no)) return poisoned(out, n_out);
    return operate(site, build_cond, &o, (cv_vals){1, &predicate}, in, out, (uint32_t)n_out,
                   (tr_operate_options){.first = "the predicate"});
}

cv_status cv_while_at(cv_fn cond, cv_fn body, cv_val *carry, int n, cv_here here) {
    tr_site site = {"cv_while", here};
    looping o = {.cond = cond, .body = body};
    if (n < 0) return refused(site, negative_count, carry, 0);
    if (is_poison_fn(cond) || is_poison_fn(body)) return poisoned(carry, n);
    return operate(site, build_while, &o, (cv_vals){n, carry}, (cv_vals){0, NULL}, carry, (uint32_t)n,
                   (tr_operate_options){0});
}

cv_status cv_fori_at(int64_t lower, int64_t upper, cv_fn body, cv_val *carry, int n, cv_here here) {
    tr_site site = {"cv_fori", here};
    int64_t length = upper > lower ? (int64_t)((uint64_t)upper - (uint64_t)lower) : 0;
    looping o = {.body = body, .n_carry = (uint32_t)n, .lower = lower, .length = length};
    if (n < 0) return refused(site, negative_count, carry, 0);
    if (lower < INT32_MIN || upper > INT32_MAX || upper < INT32_MIN || lower > INT32_MAX)
        return refused(site, "the bounds do not fit s32, the type of the counter", carry, n);
    if (is_poison_fn(body)) return poisoned(carry, n);
    return operate(site, build_fori, &o, (cv_vals){n, carry}, (cv_vals){0, NULL}, carry, (uint32_t)n,
                   (tr_operate_options){0});
}

// Results are carries and stacked outputs in one list; they go to two.
cv_status cv_scan_at(cv_fn body, cv_val *carry, int n_carry, cv_val *ys, int n_ys, cv_scan_options options,
                     cv_here here) {
    tr_site site = {"cv_scan", here};
    looping o = {.body = body, .n_carry = (uint32_t)n_carry, .length = options.length ? options.length : -1,
                 .reverse = options.reverse};
    if (n_carry < 0 || n_ys < 0 || options.xs.n < 0 || options.length < 0) {
        poisoned(ys, n_ys);
        return refused(site, options.length < 0 ? "length is negative" : negative_count, carry, n_carry);
    }
    lists a = {{n_carry, carry}, {n_ys, ys}, NULL}; // room for the results
    cv_status status = is_poison_fn(body) ? tr_poisoned() : tr_enter(site.name, here, join_lists, &a);
    if (!status)
        status = operate(site, build_scan, &o, a.first, options.xs, a.all, (uint32_t)(n_carry + n_ys),
                         (tr_operate_options){0});
    for (int i = 0; i < n_carry; i++) carry[i] = status ? TR_POISON : a.all[i];
    for (int i = 0; i < n_ys; i++) ys[i] = status ? TR_POISON : a.all[n_carry + i];
    base_free(a.all);
    return status;
}
