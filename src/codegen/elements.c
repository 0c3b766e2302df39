// In: a value of the program and an index. Out: the expression of that element in a kernel.
//
// This is where fusion happens: an element of a value that is not in memory is the primitive applied to
// elements of its operands; movement of data is index arithmetic, with one simplifier for it
// (index.c). Expressions are remembered by (value, index), so that a producer which several users
// share is expanded once per index and not once per path. The depth of the recursion is bounded:
// roots.c stores a value before an expression grows too long.

#include <math.h>
#include <string.h>

#include "codegen/fusion.h"

uint32_t cg_buffer_for(cg_fusion *u, cg_slot_id slot, cg_access access) {
    const cg_slot *s = &u->region->owner->slots.at[slot];
    for (uint32_t i = 0; i < u->args.n; i++) {
        if (u->args.at[i] != slot) continue;
        u->kernel->buffers.at[i].access |= access;
        return i;
    }
    base_push(u->region->planner->arena, &u->args, slot);
    return cg_add_buffer(u->kernel, s->type->dtype, s->type->count, access);
}

cg_expr cg_offset(cg_kernel *k, const ir_type *type, const cg_expr *index) {
    cg_expr offset = cg_int(k, 0);
    int64_t stride = 1;
    for (uint32_t i = type->rank; i-- > 0;) {
        if (type->dims[i] != 1) offset = cg_add(k, offset, cg_scale(k, index[i], stride));
        stride *= type->dims[i];
    }
    return offset;
}

static cg_expr compare(cg_kernel *k, ir_primitive primitive, cg_expr x, int64_t y) {
    return cg_apply2(k, primitive, x, cg_int(k, y));
}

static cg_expr select(cg_kernel *k, cg_expr predicate, cg_expr yes, cg_expr no) {
    return cg_apply(k, IR_select, cg_node_of(k, yes)->dtype, (cg_expr[]){predicate, yes, no}, 3);
}

static cg_expr both(cg_kernel *k, cg_expr x, cg_expr y) {
    return x == CG_ABSENT ? y : cg_apply2(k, IR_and, x, y);
}

static cg_expr convert(cg_kernel *k, cg_expr x, cv_dtype dtype) {
    return cg_node_of(k, x)->dtype == dtype ? x : cg_apply(k, IR_convert, dtype, &x, 1);
}

cg_expr cg_as_index(cg_kernel *k, cg_expr x) {
    union ir_scalar most = {.u64 = INT64_MAX};
    if (cg_node_of(k, x)->dtype == CV_U64) x = cg_apply2(k, IR_min, x, cg_constant(k, CV_U64, &most));
    return convert(k, x, CV_S64);
}

// The place of an operation's operand in an evaluation.
typedef struct element {
    cg_fusion *u;
    cg_kernel *k;
    const cg_frame *frame;
    const ir_function *f;
    const ir_op *op;
    const ir_type *type; // of the result
    const cg_expr *index;
} element;

static cg_expr operand_at(const element *e, uint32_t i, const cg_expr *index) {
    return cg_value_at(e->u, e->frame, ir_in(e->f, e->op)[i], index);
}

static const ir_type *operand_type(const element *e, uint32_t i) {
    return e->f->types[ir_in(e->f, e->op)[i]];
}

static cg_expr constant_at(const element *e) {
    const ir_literal *literal = &((const ir_constant_attributes *)e->op->attributes)->value;
    size_t size = cv_dtype_size(literal->type->dtype);
    union ir_scalar value = {0};
    if (literal->splat || literal->type->count == 1) {
        memcpy(&value, literal->data, size);
        return cg_constant(e->k, literal->type->dtype, &value);
    }
    cg_expr offset = cg_offset(e->k, literal->type, e->index);
    const cg_node *node = cg_node_of(e->k, offset);
    if (node->kind == CG_CONSTANT) {
        memcpy(&value, (const char *)literal->data + size * (size_t)node->value.s64, size);
        return cg_constant(e->k, literal->type->dtype, &value);
    }
    e->u->misaligned = true; // larger ones are in memory: roots.c sees to it
    return cg_constant(e->k, literal->type->dtype, &value);
}

static cg_expr broadcast_at(const element *e) {
    const ir_broadcast_attributes *a = e->op->attributes;
    const ir_type *from = operand_type(e, 0);
    cg_expr index[IR_MAX_RANK];
    for (uint32_t i = 0; i < from->rank; i++)
        index[i] = from->dims[i] == 1 ? cg_int(e->k, 0) : e->index[a->dims.at[i]];
    return operand_at(e, 0, index);
}

static cg_expr reshape_at(const element *e) {
    const ir_type *from = operand_type(e, 0);
    cg_expr offset = cg_offset(e->k, e->type, e->index), index[IR_MAX_RANK];
    for (uint32_t i = from->rank; i-- > 0;) {
        index[i] = i ? cg_remainder(e->k, offset, from->dims[i]) : offset;
        offset = cg_quotient(e->k, offset, from->dims[i]);
    }
    return operand_at(e, 0, index);
}

static cg_expr transpose_at(const element *e) {
    const ir_transpose_attributes *a = e->op->attributes;
    cg_expr index[IR_MAX_RANK];
    for (int64_t i = 0; i < a->permutation.n; i++) index[a->permutation.at[i]] = e->index[i];
    return operand_at(e, 0, index);
}

static cg_expr rev_at(const element *e) {
    const ir_axes_attributes *a = e->op->attributes;
    cg_expr index[IR_MAX_RANK];
    for (uint32_t i = 0; i < e->type->rank; i++) {
        index[i] = e->index[i];
        if (ir_dims_contain(a->axes, i))
            index[i] = cg_add(e->k, cg_int(e->k, e->type->dims[i] - 1), cg_scale(e->k, index[i], -1));
    }
    return operand_at(e, 0, index);
}

static cg_expr slice_at(const element *e) {
    const ir_slice_attributes *a = e->op->attributes;
    cg_expr index[IR_MAX_RANK];
    for (int64_t i = 0; i < a->start.n; i++)
        index[i] = cg_add(e->k, cg_scale(e->k, e->index[i], a->stride.at[i]), cg_int(e->k, a->start.at[i]));
    return operand_at(e, 0, index);
}

static cg_expr pad_at(const element *e) {
    const ir_pad_attributes *a = e->op->attributes;
    const ir_type *from = operand_type(e, 0);
    cg_expr index[IR_MAX_RANK], inside = CG_ABSENT;
    if (!from->count) return operand_at(e, 1, NULL);
    for (uint32_t i = 0; i < from->rank; i++) {
        int64_t step = a->interior.at[i] + 1, last = (from->dims[i] - 1) * step;
        cg_expr at = cg_add(e->k, e->index[i], cg_int(e->k, -a->low.at[i]));
        inside = both(e->k, inside, compare(e->k, IR_ge, at, 0));
        inside = both(e->k, inside, compare(e->k, IR_le, at, last));
        at = cg_clamp(e->k, at, 0, last);
        if (step > 1) inside = both(e->k, inside, compare(e->k, IR_eq, cg_remainder(e->k, at, step), 0));
        index[i] = cg_quotient(e->k, at, step);
    }
    return select(e->k, inside, operand_at(e, 0, index), operand_at(e, 1, NULL));
}

static cg_expr concatenate_at(const element *e) {
    int64_t axis = ((const ir_axis_attributes *)e->op->attributes)->axis, start = e->type->dims[axis];
    cg_expr index[IR_MAX_RANK], result = CG_ABSENT;
    memcpy(index, e->index, sizeof *index * e->type->rank);
    for (uint32_t i = e->op->n_in; i-- > 0;) {
        int64_t size = operand_type(e, i)->dims[axis];
        start -= size;
        if (!size) continue;
        cg_expr before = start ? compare(e->k, IR_lt, e->index[axis], start) : CG_ABSENT;
        cg_expr after = compare(e->k, IR_ge, e->index[axis], start + size);
        // What the index's range leaves out is not expanded.
        const cg_node *b = start ? cg_node_of(e->k, before) : NULL, *c = cg_node_of(e->k, after);
        if ((b && b->kind == CG_CONSTANT && b->value.boolean) || (c->kind == CG_CONSTANT && c->value.boolean)) continue;
        index[axis] = cg_clamp(e->k, cg_add(e->k, e->index[axis], cg_int(e->k, -start)), 0, size - 1);
        cg_expr piece = operand_at(e, i, index);
        result = result == CG_ABSENT ? piece : select(e->k, after, result, piece);
    }
    return result;
}

// A start of a dynamic slice, moved inside.
static cg_expr start_at(const element *e, uint32_t operand, int64_t size, int64_t window) {
    return cg_clamp(e->k, cg_as_index(e->k, operand_at(e, operand, NULL)), 0, size - window);
}

static cg_expr dynamic_slice_at(const element *e) {
    const ir_type *from = operand_type(e, 0);
    cg_expr index[IR_MAX_RANK];
    for (uint32_t i = 0; i < from->rank; i++) {
        cg_expr start = start_at(e, i + 1, from->dims[i], e->type->dims[i]);
        index[i] = cg_add(e->k, e->index[i], start);
    }
    return operand_at(e, 0, index);
}

// The element of an update that is only read at a few places: where it is in the window, the update.
static cg_expr dynamic_update_slice_at(const element *e) {
    const ir_type *update = operand_type(e, 1);
    cg_expr index[IR_MAX_RANK], inside = CG_ABSENT;
    for (uint32_t i = 0; i < e->type->rank; i++) {
        cg_expr start = start_at(e, i + 2, e->type->dims[i], update->dims[i]);
        cg_expr at = cg_add(e->k, e->index[i], cg_scale(e->k, start, -1));
        inside = both(e->k, inside, compare(e->k, IR_ge, at, 0));
        inside = both(e->k, inside, compare(e->k, IR_lt, at, update->dims[i]));
        index[i] = cg_clamp(e->k, at, 0, update->dims[i] - 1);
    }
    if (inside == CG_ABSENT) return operand_at(e, 1, NULL);
    if (!update->count) return operand_at(e, 0, e->index);
    return select(e->k, inside, operand_at(e, 1, index), operand_at(e, 0, e->index));
}

static cg_expr fill_value(cg_kernel *k, cv_dtype dtype, int64_t mode) {
    union ir_scalar value = {0};
    if (mode == IR_FILL_OR_DROP) {
        if (ir_is_float(dtype)) ir_scalar_from_double(&value, dtype, NAN);
        else if (dtype == CV_BOOL) value.boolean = 1;
        else if (ir_is_signed(dtype)) ir_scalar_from_int(&value, dtype, INT64_MIN >> (64 - 8 * cv_dtype_size(dtype)));
        else ir_scalar_from_int(&value, dtype, -1);
    }
    return cg_constant(k, dtype, &value);
}

static cg_expr gather_at(const element *e) {
    const ir_gather_attributes *a = e->op->attributes;
    const ir_type *from = operand_type(e, 0), *indices = operand_type(e, 1);
    cg_expr batch[IR_MAX_RANK], window[IR_MAX_RANK], index[IR_MAX_RANK], inside = CG_ABSENT;
    int64_t n_batch = 0, n_window = 0;
    for (uint32_t i = 0; i < e->type->rank; i++)
        if (ir_dims_contain(a->offset_dims, i)) window[n_window++] = e->index[i];
        else batch[n_batch++] = e->index[i];
    if (!from->count) return fill_value(e->k, from->dtype, a->mode);
    n_window = 0;
    for (uint32_t d = 0; d < from->rank; d++) {
        bool whole = !ir_dims_contain(a->collapsed_slice_dims, d) && !ir_dims_contain(a->operand_batching_dims, d);
        cg_expr start = cg_int(e->k, 0);
        for (int64_t j = 0; j < a->operand_batching_dims.n; j++)
            if (a->operand_batching_dims.at[j] == d) start = batch[a->start_indices_batching_dims.at[j]];
        for (int64_t j = 0; j < a->start_index_map.n; j++) {
            if (a->start_index_map.at[j] != d) continue;
            cg_expr at[IR_MAX_RANK];
            memcpy(at, batch, sizeof *at * (size_t)n_batch);
            at[indices->rank - 1] = cg_int(e->k, j);
            start = cg_as_index(e->k, operand_at(e, 1, at));
            int64_t last = from->dims[d] - a->slice_sizes.at[d];
            if (a->mode != IR_CLIP) {
                inside = both(e->k, inside, compare(e->k, IR_ge, start, 0));
                inside = both(e->k, inside, compare(e->k, IR_le, start, last));
            }
            start = cg_clamp(e->k, start, 0, last);
        }
        index[d] = whole ? cg_add(e->k, start, window[n_window++]) : start;
    }
    cg_expr taken = operand_at(e, 0, index);
    return inside == CG_ABSENT ? taken : select(e->k, inside, taken, fill_value(e->k, from->dtype, a->mode));
}

// Reductions and products with few terms.

int64_t cg_reduced_count(const ir_function *f, const ir_op *op) {
    const ir_type *from = f->types[ir_in(f, op)[0]];
    ir_dims axes = {0, NULL};
    int64_t count = 1;
    if (op->primitive == IR_argmax || op->primitive == IR_argmin)
        return from->dims[((const ir_argmax_attributes *)op->attributes)->axis];
    if (op->primitive == IR_dot_general) axes = ((const ir_dot_attributes *)op->attributes)->lhs_contract;
    else axes = ((const ir_axes_attributes *)op->attributes)->axes;
    for (int64_t i = 0; i < axes.n; i++) count *= from->dims[axes.at[i]];
    return count;
}

bool cg_is_inline_reduction(const ir_function *f, const ir_op *op) {
    if (!(ir_primitives[op->primitive].traits & IR_REDUCTION) && op->primitive != IR_dot_general) return false;
    int64_t terms = cg_reduced_count(f, op);
    return terms >= 1 && terms <= CG_INLINE_TERMS;
}

// The next index of axes with these sizes; false after the last.
static bool next_index(int64_t n, const int64_t *sizes, int64_t *at) {
    for (int64_t i = n; i-- > 0;) {
        if (++at[i] < sizes[i]) return true;
        at[i] = 0;
    }
    return false;
}

static cg_expr reduce_at(const element *e) {
    const ir_type *from = operand_type(e, 0);
    ir_dims axes = ((const ir_axes_attributes *)e->op->attributes)->axes;
    ir_primitive combiner = ir_combiner(e->op->primitive);
    int64_t sizes[IR_MAX_RANK], at[IR_MAX_RANK] = {0};
    cg_expr index[IR_MAX_RANK], result = CG_ABSENT;
    for (int64_t i = 0; i < axes.n; i++) sizes[i] = from->dims[axes.at[i]];
    for (uint32_t i = 0, o = 0; i < from->rank; i++)
        if (!ir_dims_contain(axes, i)) index[i] = e->index[o++];
    do {
        for (int64_t i = 0; i < axes.n; i++) index[axes.at[i]] = cg_int(e->k, at[i]);
        cg_expr term = operand_at(e, 0, index);
        result = result == CG_ABSENT ? term : cg_apply2(e->k, combiner, result, term);
    } while (next_index(axes.n, sizes, at));
    return result;
}

static cg_expr arg_at(const element *e) {
    const ir_type *from = operand_type(e, 0);
    const ir_argmax_attributes *a = e->op->attributes;
    ir_primitive better = e->op->primitive == IR_argmax ? IR_gt : IR_lt;
    cg_expr index[IR_MAX_RANK], best = CG_ABSENT, where = CG_ABSENT;
    for (uint32_t i = 0, o = 0; i < from->rank; i++)
        if (i != a->axis) index[i] = e->index[o++];
    for (int64_t i = 0; i < from->dims[a->axis]; i++) {
        index[a->axis] = cg_int(e->k, i);
        cg_expr x = operand_at(e, 0, index), here = convert(e->k, cg_int(e->k, i), a->dtype);
        if (best == CG_ABSENT) {
            best = x, where = here;
            continue;
        }
        // Better, or the first NaN.
        cg_expr takes = cg_apply2(e->k, better, x, best);
        if (ir_is_float(from->dtype))
            takes = cg_apply2(e->k, IR_or, takes,
                              cg_apply2(e->k, IR_and, cg_apply2(e->k, IR_ne, x, x), cg_apply2(e->k, IR_eq, best, best)));
        best = select(e->k, takes, x, best);
        where = select(e->k, takes, here, where);
    }
    return where;
}

static cg_expr dot_at(const element *e) {
    const ir_dot_attributes *a = e->op->attributes;
    const ir_type *x = operand_type(e, 0), *y = operand_type(e, 1);
    cg_expr xi[IR_MAX_RANK], yi[IR_MAX_RANK], result = CG_ABSENT;
    int64_t sizes[IR_MAX_RANK], at[IR_MAX_RANK] = {0}, next = 0;
    for (int64_t i = 0; i < a->lhs_batch.n; i++) xi[a->lhs_batch.at[i]] = yi[a->rhs_batch.at[i]] = e->index[next++];
    for (uint32_t i = 0; i < x->rank; i++)
        if (!ir_dims_contain(a->lhs_batch, i) && !ir_dims_contain(a->lhs_contract, i)) xi[i] = e->index[next++];
    for (uint32_t i = 0; i < y->rank; i++)
        if (!ir_dims_contain(a->rhs_batch, i) && !ir_dims_contain(a->rhs_contract, i)) yi[i] = e->index[next++];
    for (int64_t i = 0; i < a->lhs_contract.n; i++) sizes[i] = x->dims[a->lhs_contract.at[i]];
    do {
        for (int64_t i = 0; i < a->lhs_contract.n; i++)
            xi[a->lhs_contract.at[i]] = yi[a->rhs_contract.at[i]] = cg_int(e->k, at[i]);
        cg_expr p = operand_at(e, 0, xi), q = operand_at(e, 1, yi);
        if (result == CG_ABSENT) result = cg_apply2(e->k, IR_mul, p, q);
        else if (ir_is_float(x->dtype)) result = cg_apply(e->k, IR_fma, x->dtype, (cg_expr[]){p, q, result}, 3);
        else result = cg_apply2(e->k, IR_add, result, cg_apply2(e->k, IR_mul, p, q));
    } while (next_index(a->lhs_contract.n, sizes, at));
    return result;
}

static cg_expr elementwise_at(const element *e) {
    cg_expr args[3];
    for (uint32_t i = 0; i < e->op->n_in; i++) args[i] = operand_at(e, i, e->index);
    if (e->op->primitive == IR_convert) return convert(e->k, args[0], e->type->dtype);
    if (e->op->primitive == IR_stop_gradient) return args[0];
    return cg_apply(e->k, e->op->primitive, e->type->dtype, args, e->op->n_in);
}

static cg_expr expand(const element *e) {
    switch (e->op->primitive) {
    case IR_constant: return constant_at(e);
    case IR_iota: {
        const ir_iota_attributes *a = e->op->attributes;
        return convert(e->k, e->index[a->axis], a->dtype);
    }
    case IR_broadcast_in_dim: return broadcast_at(e);
    case IR_reshape: return reshape_at(e);
    case IR_transpose: return transpose_at(e);
    case IR_rev: return rev_at(e);
    case IR_slice: return slice_at(e);
    case IR_pad: return pad_at(e);
    case IR_concatenate: return concatenate_at(e);
    case IR_dynamic_slice: return dynamic_slice_at(e);
    case IR_dynamic_update_slice: return dynamic_update_slice_at(e);
    case IR_gather: return gather_at(e);
    case IR_argmax:
    case IR_argmin: return arg_at(e);
    case IR_dot_general: return dot_at(e);
    default: return ir_primitives[e->op->primitive].traits & IR_REDUCTION ? reduce_at(e) : elementwise_at(e);
    }
}

static bool same_index(const cg_expr *a, const cg_expr *b, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (a[i] != b[i]) return false;
    return true;
}

static cg_expr find_known(cg_fusion *u, const cg_frame *frame, ir_val value, const cg_expr *index, uint32_t rank,
                          uint64_t hash) {
    uint32_t probe;
    for (uint32_t i = base_index_first(&u->known_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&u->known_index, hash, &probe))
        if (u->known.at[i].frame == frame && u->known.at[i].value == value && u->known.at[i].phase == u->phase &&
            same_index(u->known.at[i].index, index, rank))
            return u->known.at[i].expr;
    return CG_ABSENT;
}

// An element of a value that this very kernel makes, or CG_ABSENT. It must be of the same grid iteration.
static cg_expr produced_at(cg_fusion *u, ir_val value, const ir_type *type, const cg_expr *index) {
    for (uint32_t i = 0; i < u->produced.n; i++) {
        cg_produced *p = &u->produced.at[i];
        if (p->value != value) continue;
        if (type->rank < u->outer_rank || !same_index(index, u->outer_index, u->outer_rank)) break;
        if (p->local != CG_ABSENT) {
            if (p->phase < u->phase) return cg_local_value(u->kernel, p->local);
            break;
        }
        const cg_phase *phase = &u->phases.at[p->phase];
        const cg_expr *inner = index + u->outer_rank;
        if (p->phase == u->phase && same_index(inner, phase->index, phase->rank)) return p->expr;
        if (p->phase > u->phase) break;
        if (!phase->rank) return p->expr; // of the grid iteration itself
        return p->phase < u->phase ? cg_kept_at(u, p, inner) : CG_ABSENT;
    }
    return CG_ABSENT;
}

cg_expr cg_value_at(cg_fusion *u, const cg_frame *frame, ir_val value, const cg_expr *index) {
    const ir_function *f = frame->f;
    const ir_type *type = f->types[value];
    uint64_t hash = base_hash(index, sizeof *index * type->rank, ((uint64_t)value << 32) ^ (uintptr_t)frame ^ u->phase);
    cg_expr expr = find_known(u, frame, value, index, type->rank, hash);
    if (expr != CG_ABSENT) return expr;
    if (frame == &u->frame) {
        expr = produced_at(u, value, type, index);
        if (expr == CG_ABSENT && cg_is_produced(u, value)) {
            u->misaligned = true;
            expr = cg_zero(u->kernel, type->dtype);
        }
    }
    bool making = frame == &u->frame && value == u->making;
    if (expr == CG_ABSENT && !making && frame->slot && frame->slot[value] != CG_NO_SLOT)
        expr = cg_load(u->kernel, cg_buffer_for(u, frame->slot[value], CG_READ), cg_offset(u->kernel, type, index));
    if (expr == CG_ABSENT && f->def[value] == IR_NONE) expr = frame->param(u, frame, value, index);
    if (expr == CG_ABSENT) {
        element e = {u, u->kernel, frame, f, &f->ops[f->def[value]], type, index};
        expr = cg_keep_or(u, frame, value, index, expand(&e));
    }
    base_arena *arena = u->region->planner->arena;
    const cg_expr *kept = base_arena_copy(arena, index, sizeof *index * type->rank);
    base_push(arena, &u->known, (cg_known){frame, value, kept, expr, u->phase, hash});
    base_index_add(&u->known_index, hash, u->known.n - 1);
    return expr;
}
