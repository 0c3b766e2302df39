// Control flow: functions as regions of operations, and cond and switch of them.
//
// cond and switch run as operations of a trace, or outside one as a program of one operation that
// runs whole. Branches become programs for the types that they meet. The operands of the operation
// are the same for all branches: the arguments, then the union of what the branches capture.
//
// Results agree in shape and dtype, except that a weak one (of C scalars alone) takes the dtype of
// the other branches.

#include "trace/control.h"

#include <string.h>

void tr_region_open(tr_work *w, tr_region *r, int64_t n_in, int64_t n_out) {
    r->node = tr_node_get(w->trace->context, r->f);
    tr_describe(r->node, r->name);
    if (r->node->n_in != n_in)
        ir_fail(w->op.b, CV_INVALID, "%s, %s, takes %u arguments, not %lld", r->role, r->name, r->node->n_in,
                (long long)n_in);
    if (r->node->n_out != n_out)
        ir_fail(w->op.b, CV_INVALID, "%s, %s, has %u results, not %lld", r->role, r->name, r->node->n_out,
                (long long)n_out);
}

void tr_region_trace(tr_work *w, tr_region *r, const tr_argument *in, uint32_t n_in) {
    r->entry = tr_program(r->node, in, n_in, &w->site);
    for (uint32_t i = 0; i < r->entry->n_out; i++)
        if (!r->entry->out[i].type)
            ir_fail(w->op.b, CV_INVALID, "%s, %s, has cv_none for result %u", r->role, r->name, i);
}

ir_val *tr_region_captures(tr_work *w, const tr_region *r) {
    const tr_entry *e = r->entry;
    ir_val *out = tr_new_values(w, e->n_captures);
    for (uint32_t i = 0; i < e->n_captures; i++) out[i] = tr_bring_capture(w->trace, &e->captures[i]);
    return out;
}

tr_argument *tr_settle_operands(tr_work *w, ir_val *raw) {
    tr_op *op = &w->op;
    tr_argument *in = base_new_array(&op->b->arena, tr_argument, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) {
        raw[i] = op->in[i];
        op->in[i] = tr_settle(w->trace, op->in[i], op->weak[i]);
        in[i] = (tr_argument){ir_type_of(op->b, op->in[i]), op->weak[i]};
    }
    return in;
}

ir_val *tr_new_values(tr_work *w, uint32_t n) { return base_new_array(&w->op.b->arena, ir_val, n + 1); }

cv_dtype tr_joined(const tr_work *w, tr_argument a, tr_argument b) {
    return tr_join((tr_kind){a.type->dtype, a.weak}, (tr_kind){b.type->dtype, b.weak}, w->op.default_float)
        .dtype;
}

int64_t tr_axis_of(tr_work *w, int64_t axis, const ir_type *type, const char *what) {
    char text[IR_TYPE_TEXT];
    int64_t found = axis < 0 ? axis + type->rank : axis;
    if (found < 0 || found >= type->rank)
        ir_fail(w->op.b, CV_INVALID, "axis %lld is out of range for %s, %s", (long long)axis, what,
                ir_type_text(type, text));
    return found;
}

// Movement

ir_val tr_part(ir_builder *b, ir_val x, int64_t axis, int64_t from, int64_t to, int64_t by) {
    const ir_type *type = ir_type_of(b, x);
    int64_t start[IR_MAX_RANK] = {0}, limit[IR_MAX_RANK], stride[IR_MAX_RANK];
    for (int64_t i = 0; i < type->rank; i++) limit[i] = type->dims[i], stride[i] = 1;
    start[axis] = from, limit[axis] = to, stride[axis] = by;
    return ir_slice(b, x, (ir_dims){type->rank, start}, (ir_dims){type->rank, limit},
                    (ir_dims){type->rank, stride});
}

ir_val tr_split_axis(ir_builder *b, ir_val x, int64_t axis, int64_t outer, int64_t inner) {
    const ir_type *type = ir_type_insert_axis(b->module, ir_type_of(b, x), axis, outer);
    int64_t dims[IR_MAX_RANK];
    for (int64_t i = 0; i < type->rank; i++) dims[i] = type->dims[i];
    dims[axis + 1] = inner;
    return ir_reshape(b, x, (ir_dims){type->rank, dims});
}

ir_val tr_join_axes(ir_builder *b, ir_val x, int64_t axis) {
    const ir_type *type = ir_type_of(b, x);
    int64_t dims[IR_MAX_RANK], n = 0;
    for (int64_t i = 0; i < type->rank; i++)
        if (i == axis + 1)
            dims[axis] *= type->dims[i];
        else
            dims[n++] = type->dims[i];
    return ir_reshape(b, x, (ir_dims){n, dims});
}

// Branches

typedef struct branching {
    cv_fns branches;         // of cond: no, yes
    const char *const *role; // NULL: "branch <number>"
} branching;

const ir_type *tr_settled_type(const tr_work *w, uint32_t i) {
    const ir_type *type = ir_type_of(w->op.b, w->op.in[i]);
    cv_dtype dtype = tr_settled_dtype(w->trace->context, type->dtype, w->op.weak[i]);
    return ir_type_with_dtype(w->op.b->module, type, dtype);
}

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
    type = tr_settled_type(w, 0);
    const char *mend = type->rank ? "cv_any or cv_all make one bool of many" : "compare it with something";
    ir_fail(w->op.b, CV_INVALID, "the predicate is %s, not bool[]; %s", ir_type_text(type, text), mend);
}

// Clamped in its own dtype, so that what does not fit s32 is the first or the last branch too.
static void take_index(tr_work *w, int64_t n) {
    char text[IR_TYPE_TEXT];
    ir_builder *b = w->op.b;
    ir_val *index = &w->op.in[0];
    const ir_type *type = ir_type_of(b, *index);
    if (type->rank || !ir_is_integer(type->dtype))
        ir_fail(b, CV_INVALID, "the index is %s, not an integer scalar%s",
                ir_type_text(tr_settled_type(w, 0), text),
                type->rank ? "" : "; cv_astype(index, CV_S32) makes one");
    size_t bits = 8 * cv_dtype_size(type->dtype) - ir_is_signed(type->dtype);
    int64_t last = n - 1, largest = bits < 31 ? ((int64_t)1 << bits) - 1 : INT32_MAX;
    ir_val high = ir_full_int(b, type, last < largest ? last : largest);
    *index = ir_convert(b, ir_clamp(b, ir_full_int(b, type, 0), *index, high), CV_S32);
    w->op.weak[0] = false;
}

// True if both can be results of one operation: the same type, but for weak dtypes.
static bool fit(const tr_work *w, tr_argument x, tr_argument y) {
    cv_dtype dtype = tr_joined(w, x, y);
    return tr_same_shape(x.type, y.type) && (x.type == y.type || (x.weak && dtype == y.type->dtype) ||
                                             (y.weak && dtype == x.type->dtype) || (x.weak && y.weak));
}

// The types of the results, in which weak ones follow those of the other branches.
static tr_argument *agree(tr_work *w, const tr_region *branch, int64_t n) {
    uint32_t n_out = branch->entry->n_out;
    tr_argument *out = base_new_array(&w->op.b->arena, tr_argument, n_out);
    char a[IR_TYPE_TEXT], b[IR_TYPE_TEXT];
    for (uint32_t i = 0; i < n_out; i++) {
        int64_t settled = n - 1; // the branch that messages compare with
        out[i] = branch[settled].entry->out[i];
        for (int64_t k = n - 2; k >= 0; k--) {
            tr_argument here = branch[k].entry->out[i];
            if (!fit(w, out[i], here))
                ir_fail(w->op.b, CV_INVALID,
                        "%s returns %s and %s returns %s as result %u; %s must return the same type",
                        branch[settled].name, ir_type_text(branch[settled].entry->out[i].type, a),
                        branch[k].name, ir_type_text(here.type, b), i, n == 2 ? "both" : "all");
            if (out[i].weak && !here.weak) settled = k;
            const ir_type *type = ir_type_with_dtype(w->op.b->module, here.type, tr_joined(w, out[i], here));
            out[i] = (tr_argument){type, out[i].weak && here.weak};
        }
    }
    return out;
}

static uint32_t position(const ir_val *at, uint32_t n, ir_val v) {
    uint32_t i = 0;
    while (i < n && at[i] != v) i++;
    return i;
}

// A branch whose parameters are all operands but the first.
static const ir_function *branch_with(tr_work *w, const tr_region *r, const ir_val *operands,
                                      uint32_t n_operands, const ir_val *captures, const tr_argument *out) {
    base_arena *arena = &w->op.b->arena;
    const ir_function *f = r->entry->function;
    const ir_type **params = base_new_array(arena, const ir_type *, n_operands);
    ir_val *argument = tr_new_values(w, f->n_params);
    uint32_t *result = base_new_array(arena, uint32_t, f->n_results), n_visible = r->entry->n_params;
    cv_dtype *dtypes = base_new_array(arena, cv_dtype, f->n_results);
    for (uint32_t i = 0; i < n_operands; i++) params[i] = ir_type_of(w->op.b, operands[i]);
    for (uint32_t i = 0; i < n_visible; i++) argument[i] = i;
    for (uint32_t i = n_visible; i < f->n_params; i++)
        argument[i] =
            n_visible + position(operands + n_visible, n_operands - n_visible, captures[i - n_visible]);
    for (uint32_t i = 0; i < f->n_results; i++) result[i] = i, dtypes[i] = out[i].type->dtype;
    return tr_arrange(f, &(tr_arrangement){n_operands, params, argument, f->n_results, result, dtypes});
}

static tr_region *open_branches(tr_work *w, const branching *o) {
    base_arena *arena = &w->op.b->arena;
    tr_region *branch = base_new_array(arena, tr_region, o->branches.n);
    for (int64_t k = o->branches.n; k-- > 0;) { // yes before no
        branch[k].f = o->branches.at[k];
        branch[k].role = o->role ? o->role[k] : base_format(arena, "branch %lld", (long long)k);
        tr_region_open(w, &branch[k], w->op.n_in - 1, w->op.n_out);
    }
    return branch;
}

static void build_branches(tr_op *op, const void *options) {
    const branching *o = options;
    tr_work *w = (tr_work *)(void *)op;
    int64_t n = o->branches.n;
    base_arena *arena = &op->b->arena;
    if (n < 1) ir_fail(op->b, CV_INVALID, "there must be at least one branch");
    tr_region *branch = open_branches(w, o);
    if (o->role)
        take_predicate(w);
    else
        take_index(w, n);
    tr_argument *in = tr_settle_operands(w, tr_new_values(w, op->n_in));
    for (int64_t k = n; k-- > 0;) tr_region_trace(w, &branch[k], in + 1, op->n_in - 1);
    const tr_argument *out = agree(w, branch, n);

    uint32_t n_operands = op->n_in, n_most = op->n_in;
    for (int64_t k = 0; k < n; k++) n_most += branch[k].entry->n_captures;
    ir_val *operands = tr_new_values(w, n_most), **captures = base_new_array(arena, ir_val *, n);
    memcpy(operands, op->in, sizeof *operands * op->n_in);
    for (int64_t k = n; k-- > 0;) {
        captures[k] = tr_region_captures(w, &branch[k]);
        for (uint32_t i = 0; i < branch[k].entry->n_captures; i++) {
            uint32_t n_shared = n_operands - op->n_in;
            if (position(operands + op->n_in, n_shared, captures[k][i]) == n_shared)
                operands[n_operands++] = captures[k][i];
        }
    }
    const ir_function **made = base_new_array(arena, const ir_function *, n);
    for (int64_t k = 0; k < n; k++)
        made[k] = branch_with(w, &branch[k], operands + 1, n_operands - 1, captures[k], out);
    ir_val first = ir_emit(op->b, IR_cond, operands, n_operands, &(ir_cond_attributes){{n, made}});
    for (uint32_t i = 0; i < op->n_out; i++) op->out[i] = first + i, op->weak_out[i] = out[i].weak;
}

// Entry points

cv_status tr_poison_all(cv_val *out, int64_t n) {
    for (int64_t i = 0; i < n && out; i++) out[i] = TR_POISON;
    return tr_poisoned();
}

static void refuse(void *why) { base_raise(CV_INVALID, "%s", (const char *)why); }

const char tr_negative_count[] = "a count of values is negative";

cv_status tr_refused(tr_site site, const char *why, cv_val *out, int64_t n) {
    tr_enter(site.name, site.here, refuse, (void *)(uintptr_t)why);
    return tr_poison_all(out, n);
}

typedef struct lists {
    cv_vals first, second;
    cv_val *all;
} lists;

static void join_lists(void *argument) {
    lists *a = argument;
    size_t n = (size_t)(a->first.n + a->second.n);
    a->all = base_malloc(sizeof *a->all * (n + 1));
    if (a->first.n) memcpy(a->all, a->first.at, sizeof *a->all * (size_t)a->first.n);
    if (a->second.n) memcpy(a->all + a->first.n, a->second.at, sizeof *a->all * (size_t)a->second.n);
}

cv_status tr_operate_on(tr_site site, tr_build *build, const void *options, cv_vals first, cv_vals second,
                        cv_val *out, uint32_t n_out, tr_operate_options how) {
    lists a = {first, second, NULL};
    cv_status status = tr_enter(site.name, site.here, join_lists, &a);
    if (status) return tr_poison_all(out, n_out);
    status = tr_operate(site, build, options, a.all, (uint32_t)(first.n + second.n), out, n_out, how);
    base_free(a.all);
    return status;
}

struct room {
    int64_t n;
    cv_val **at;
};

static void make_room(void *argument) {
    const struct room *a = argument;
    *a->at = base_malloc(sizeof(cv_val) * (size_t)(a->n + 1));
}

cv_status tr_room(tr_site site, int64_t n, cv_val **at) {
    return tr_enter(site.name, site.here, make_room, &(struct room){n, at});
}

static cv_status branch(tr_site site, const branching *o, const char *chooser, cv_val choice, cv_val *out,
                        int n_out, cv_vals in) {
    if (n_out < 0 || in.n < 0 || o->branches.n < 0) return tr_refused(site, tr_negative_count, out, n_out);
    for (int64_t k = 0; k < o->branches.n; k++)
        if (tr_is_poison_fn(o->branches.at[k])) return tr_poison_all(out, n_out);
    return tr_operate_on(site, build_branches, o, (cv_vals){1, &choice}, in, out, (uint32_t)n_out,
                         (tr_operate_options){.first = chooser});
}

cv_status cv_cond_at(cv_val predicate, cv_fn yes, cv_fn no, cv_val *out, int n_out, cv_vals in,
                     cv_here here) {
    static const char *const role[] = {"no", "yes"};
    branching o = {{2, (const cv_fn[]){no, yes}}, role};
    return branch((tr_site){"cv_cond", here}, &o, "the predicate", predicate, out, n_out, in);
}

cv_status cv_switch_at(cv_val index, cv_fns branches, cv_val *out, int n_out, cv_vals in, cv_here here) {
    branching o = {branches, NULL};
    return branch((tr_site){"cv_switch", here}, &o, "the index", index, out, n_out, in);
}
