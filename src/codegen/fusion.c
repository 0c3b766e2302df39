// In: the roots of a region, one after the other. Out: kernels.
//
// A kernel's grid are the axes that its roots have in common in front; each root adds a map or a
// reduction over inner axes of its own, in a phase. Phases run one after the other in one grid
// iteration, so a softmax over rows is one kernel of three phases: the maximum of the row, the sum of
// the exponentials, the quotients. A value that a later phase reads again stays in a local array if it
// cost much, and is computed or loaded again if not. A root joins the newest kernel that can take it:
// all it depends on must be made before, by an earlier kernel or in the same grid iteration.

#include <string.h>

#include "codegen/fusion.h"
#include "ir/rules.h"

enum {
    LOCAL_BYTES = 64 << 10,   // of one local array
    LARGEST_KERNEL = 1000,    // what its expressions cost, in simple operations
    LOOK_BACK = 6,            // open kernels that a root tries
    SMALL_GRID = 16,          // grid iterations that do not keep threads busy
    LARGE_INNER = 1 << 15,    // inner iterations that are worth sharing out
    SPLIT_INNER = 1 << 14,    // inner iterations of a part
};

cg_expr cg_zero(cg_kernel *k, cv_dtype dtype) {
    return cg_constant(k, dtype, &(union ir_scalar){.c128 = {0, 0}});
}

bool cg_is_produced(const cg_fusion *u, ir_val value) {
    for (uint32_t i = 0; i < u->produced.n; i++)
        if (u->produced.at[i].value == value && !u->produced.at[i].soft) return true;
    return false;
}

static base_arena *arena_of(const cg_fusion *u) { return u->region->planner->arena; }

static int64_t phase_count(const cg_phase *p) {
    int64_t count = 1;
    for (int64_t i = 0; i < p->rank; i++) count *= p->dims[i];
    return count;
}

static cg_expr flat_index(cg_fusion *u, const cg_phase *p, const cg_expr *index) {
    cg_expr flat = cg_int(u->kernel, 0);
    for (int64_t i = 0; i < p->rank; i++)
        flat = cg_add(u->kernel, cg_scale(u->kernel, flat, p->dims[i]), index[i]);
    return flat;
}

cg_expr cg_kept_at(cg_fusion *u, cg_produced *p, const cg_expr *inner) {
    const cg_phase *phase = &u->phases.at[p->phase];
    cv_dtype dtype = cg_node_of(u->kernel, p->expr)->dtype;
    int64_t count = phase_count(phase);
    cg_kernel *k = u->kernel;
    if (p->array == CG_ABSENT) {
        if (count * (int64_t)cv_dtype_size(dtype) > LOCAL_BYTES || k->locals.n >= CG_MAX_LOCALS) return CG_ABSENT;
        p->array = cg_add_local(k, dtype, count); // of one element: a scalar
        base_push(arena_of(u), phase->body,
                  count == 1 ? cg_set(k, p->array, p->expr)
                             : cg_put(k, p->array, flat_index(u, phase, phase->index), p->expr));
    }
    return count == 1 ? cg_local_value(k, p->array) : cg_element(k, p->array, flat_index(u, phase, inner));
}

static bool costs_much(const ir_function *f, const ir_op *op) {
    return ir_cost_of(op->primitive) > 1 || (cg_is_inline_reduction(f, op) && cg_reduced_count(f, op) > 2);
}

// Notes what was computed at a phase's own index, for later phases.
cg_expr cg_keep_or(cg_fusion *u, const cg_frame *frame, ir_val value, const cg_expr *index, cg_expr expr) {
    if (frame != &u->frame || !u->phases.n) return expr;
    const cg_phase *phase = &u->phases.at[u->phase];
    const ir_function *f = frame->f;
    if (!phase->rank || f->types[value]->rank != u->outer_rank + phase->rank) return expr;
    if (!costs_much(f, &f->ops[f->def[value]])) return expr;
    if (memcmp(index, u->outer_index, sizeof *index * (size_t)u->outer_rank) ||
        memcmp(index + u->outer_rank, phase->index, sizeof *index * (size_t)phase->rank))
        return expr;
    base_push(arena_of(u), &u->produced, (cg_produced){.value = value, .phase = u->phase, .local = CG_ABSENT,
                                                       .array = CG_ABSENT, .expr = expr, .soft = true});
    return expr;
}

// The axes of a root: those of its result, then those it reduces.
typedef struct space {
    int64_t outer, inner;           // ranks
    int64_t dims[2 * IR_MAX_RANK];  // of both
    bool reduces;
} space;

static space space_of(const ir_function *f, ir_val root) {
    const ir_type *type = f->types[root];
    const ir_op *op = &f->ops[f->def[root]];
    space s = {.outer = type->rank};
    memcpy(s.dims, type->dims, sizeof *s.dims * type->rank);
    bool reduction = ir_primitives[op->primitive].traits & IR_REDUCTION || op->primitive == IR_dot_general;
    if (!reduction || cg_is_inline_reduction(f, op)) return s;
    s.reduces = true;
    const ir_type *from = f->types[ir_in(f, op)[0]];
    if (op->primitive == IR_argmax || op->primitive == IR_argmin) {
        s.dims[s.outer + s.inner++] = from->dims[((const ir_argmax_attributes *)op->attributes)->axis];
        return s;
    }
    ir_dims axes = op->primitive == IR_dot_general ? ((const ir_dot_attributes *)op->attributes)->lhs_contract
                                                   : ((const ir_axes_attributes *)op->attributes)->axes;
    for (int64_t i = 0; i < axes.n; i++) s.dims[s.outer + s.inner++] = from->dims[axes.at[i]];
    return s;
}

static int64_t product(const int64_t *dims, int64_t n) {
    int64_t count = 1;
    for (int64_t i = 0; i < n; i++) count *= dims[i];
    return count;
}

// How many leading axes of a map root the grid should have: those in front of what a later
// reduction of it (or of what is computed from it) folds away, else all.
static int64_t grid_rank(const cg_region *r, ir_val root) {
    const ir_function *f = r->f;
    int64_t rank = f->types[root]->rank;
    ir_val reached[32] = {root};
    uint32_t n = 1;
    for (uint32_t i = f->def[root] + 1, looked = 0; i < f->n_ops && looked < 256; i++, looked++) {
        const ir_op *op = &f->ops[i];
        bool uses = false;
        for (uint32_t k = 0; k < op->n_in; k++)
            for (uint32_t j = 0; j < n; j++) uses |= ir_in(f, op)[k] == reached[j];
        if (!uses) continue;
        bool reduces = ir_primitives[op->primitive].traits & IR_REDUCTION;
        if (reduces && op->primitive != IR_argmax && op->primitive != IR_argmin) {
            ir_dims axes = ((const ir_axes_attributes *)op->attributes)->axes;
            bool trailing = axes.n < rank;
            for (int64_t a = rank - axes.n; a < rank; a++) trailing &= ir_dims_contain(axes, a);
            if (trailing && product(f->types[root]->dims, rank - axes.n) >= SMALL_GRID) return rank - axes.n;
        }
        bool same = ir_primitives[op->primitive].traits & IR_ELEMENTWISE;
        if (same && n < 32) reached[n++] = op->out;
    }
    return rank;
}

// What a fusion holds outside the arena; it may end in a raise or an attempt that is given up.
static void free_fusion(void *argument) {
    cg_fusion *u = argument;
    base_index_free(&u->known_index);
    cg_kernel_free(u->kernel);
}

cg_fusion *cg_fusion_new(cg_region *r, const int64_t *outer, int64_t rank, ir_place place) {
    base_arena *arena = r->planner->arena;
    cg_fusion *u = base_new(arena, cg_fusion);
    u->region = r;
    u->kernel = cg_kernel_new(arena, r->f->name);
    base_defer(free_fusion, u);
    u->kernel->place = place;
    u->kernel->verify = r->planner->module->verify;
    u->outer_rank = rank;
    for (int64_t i = 0; i < rank; i++) {
        u->outer[i] = outer[i];
        u->outer_loops[i] = cg_add_loop(u->kernel, outer[i], CG_ABSENT);
        u->outer_index[i] = cg_index(u->kernel, u->outer_loops[i]);
        base_push(arena, &u->kernel->grid, u->outer_loops[i]);
    }
    u->frame = (cg_frame){.f = r->f, .slot = r->slot};
    u->making = IR_NONE;
    return u;
}

static uint32_t phase_new(cg_fusion *u, const int64_t *dims, int64_t rank) {
    cg_phase p = {.rank = rank, .before = base_new(arena_of(u), cg_block), .body = base_new(arena_of(u), cg_block)};
    for (int64_t i = 0; i < rank; i++) {
        p.dims[i] = dims[i];
        p.loops[i] = cg_add_loop(u->kernel, dims[i], CG_ABSENT);
        p.index[i] = cg_index(u->kernel, p.loops[i]);
    }
    base_push(arena_of(u), &u->phases, p);
    return u->phases.n - 1;
}

// The operands' index of a reduction or product from the result's and the folded axes' counters.
static void reduction_index(const ir_function *f, const ir_op *op, const cg_expr *outer, const cg_expr *inner,
                            cg_expr *x, cg_expr *y) {
    const ir_type *from = f->types[ir_in(f, op)[0]];
    int64_t next = 0;
    if (op->primitive == IR_dot_general) {
        const ir_dot_attributes *a = op->attributes;
        const ir_type *right = f->types[ir_in(f, op)[1]];
        for (int64_t i = 0; i < a->lhs_batch.n; i++) x[a->lhs_batch.at[i]] = y[a->rhs_batch.at[i]] = outer[next++];
        for (uint32_t i = 0; i < from->rank; i++)
            if (!ir_dims_contain(a->lhs_batch, i) && !ir_dims_contain(a->lhs_contract, i)) x[i] = outer[next++];
        for (uint32_t i = 0; i < right->rank; i++)
            if (!ir_dims_contain(a->rhs_batch, i) && !ir_dims_contain(a->rhs_contract, i)) y[i] = outer[next++];
        for (int64_t i = 0; i < a->lhs_contract.n; i++)
            x[a->lhs_contract.at[i]] = y[a->rhs_contract.at[i]] = inner[i];
        return;
    }
    int64_t axis = 0;
    ir_dims axes = {1, &axis};
    if (op->primitive == IR_argmax || op->primitive == IR_argmin) axis = ((const ir_argmax_attributes *)op->attributes)->axis;
    else axes = ((const ir_axes_attributes *)op->attributes)->axes;
    for (uint32_t i = 0; i < from->rank; i++)
        if (!ir_dims_contain(axes, i)) x[i] = outer[next++];
    for (int64_t i = 0; i < axes.n; i++) x[axes.at[i]] = inner[i];
}

cg_expr cg_identity(cg_kernel *k, ir_primitive combiner, cv_dtype dtype) {
    union ir_scalar value = {0};
    double infinity = combiner == IR_max ? -__builtin_inf() : __builtin_inf();
    if (combiner == IR_add || combiner == IR_or || combiner == IR_xor) return cg_zero(k, dtype);
    if (dtype == CV_BOOL) value.boolean = combiner == IR_min || combiner == IR_and;
    else if (combiner == IR_mul || combiner == IR_and) ir_scalar_from_int(&value, dtype, combiner == IR_mul ? 1 : -1);
    else ir_scalar_from_double(&value, dtype, infinity); // saturates for integers
    return cg_constant(k, dtype, &value);
}

// Puts a reduction into the phase; its result is a local scalar.
static void add_reduction(cg_fusion *u, ir_val root, const cg_expr *inner, uint32_t phase) {
    const ir_function *f = u->region->f;
    const ir_op *op = &f->ops[f->def[root]];
    cg_kernel *k = u->kernel;
    cg_expr x[IR_MAX_RANK], y[IR_MAX_RANK];
    reduction_index(f, op, u->outer_index, inner, x, y);
    cg_expr value = cg_value_at(u, &u->frame, ir_in(f, op)[0], x);
    if (op->primitive == IR_dot_general)
        value = cg_apply2(k, IR_mul, value, cg_value_at(u, &u->frame, ir_in(f, op)[1], y));
    if (u->misaligned) return;
    cv_dtype dtype = cg_node_of(k, value)->dtype;
    ir_primitive combiner = op->primitive == IR_dot_general ? IR_add : ir_combiner(op->primitive);
    cg_phase *p = &u->phases.at[phase];
    uint32_t local = cg_add_local(k, dtype, 1);
    base_push(arena_of(u), p->before, cg_set(k, local, cg_identity(k, combiner, dtype)));
    cg_expr made;
    if (op->primitive == IR_argmax || op->primitive == IR_argmin) {
        cv_dtype index_dtype = f->types[root]->dtype;
        uint32_t where = cg_add_local(k, index_dtype, 1);
        base_push(arena_of(u), p->before, cg_set(k, where, cg_zero(k, index_dtype)));
        cg_statement *s = cg_statement_new(k, CG_ARG);
        s->combiner = combiner;
        base_push(k->arena, &s->ids, local);
        base_push(k->arena, &s->ids, where);
        base_push(k->arena, &s->values, value);
        cg_expr at = inner[0];
        base_push(k->arena, &s->values, index_dtype == CV_S64 ? at : cg_apply(k, IR_convert, index_dtype, &at, 1));
        base_push(arena_of(u), p->body, s);
        local = where;
    } else {
        base_push(arena_of(u), p->body, cg_reduce(k, local, combiner, value));
    }
    made = cg_local_value(k, local);
    base_push(arena_of(u), &u->produced,
              (cg_produced){.value = root, .phase = phase, .local = local, .array = CG_ABSENT, .expr = made});
}

static void add_map(cg_fusion *u, ir_val root, const cg_phase *phase, uint32_t number) {
    cg_expr index[IR_MAX_RANK];
    memcpy(index, u->outer_index, sizeof *index * (size_t)u->outer_rank);
    memcpy(index + u->outer_rank, phase->index, sizeof *index * (size_t)phase->rank);
    u->making = root;
    cg_expr value = cg_value_at(u, &u->frame, root, index);
    u->making = IR_NONE;
    if (u->misaligned) return;
    base_push(arena_of(u), &u->produced,
              (cg_produced){.value = root, .phase = number, .local = CG_ABSENT, .array = CG_ABSENT, .expr = value});
}

// What an attempt to add a root may have changed, so that it can be undone. Loops, locals and buffers of
// the kernel stay: expressions of the attempt, which nothing uses any more, name them.
typedef struct snapshot {
    uint32_t phases, produced, known;
    uint32_t bodies[64], befores[64], arrays[64];
} snapshot;

static bool take_snapshot(const cg_fusion *u, snapshot *s) {
    if (u->phases.n > 60 || u->produced.n > 60) return false;
    *s = (snapshot){u->phases.n, u->produced.n, u->known.n, {0}, {0}, {0}};
    for (uint32_t i = 0; i < u->phases.n; i++) {
        s->bodies[i] = u->phases.at[i].body->n;
        s->befores[i] = u->phases.at[i].before->n;
    }
    for (uint32_t i = 0; i < u->produced.n; i++) s->arrays[i] = u->produced.at[i].array;
    return true;
}

static void restore(cg_fusion *u, const snapshot *s) {
    for (uint32_t i = u->known.n; i-- > s->known;)
        base_index_remove(&u->known_index, u->known.at[i].hash, i);
    u->known.n = s->known;
    u->phases.n = s->phases;
    u->produced.n = s->produced;
    for (uint32_t i = 0; i < u->phases.n; i++) {
        u->phases.at[i].body->n = s->bodies[i];
        u->phases.at[i].before->n = s->befores[i];
    }
    for (uint32_t i = 0; i < u->produced.n; i++) u->produced.at[i].array = s->arrays[i];
    u->misaligned = false;
}

static bool add_in_phase(cg_fusion *u, ir_val root, uint32_t phase) {
    u->phase = phase;
    u->misaligned = false;
    cg_phase p = u->phases.at[phase];
    space s = space_of(u->region->f, root);
    if (s.reduces) add_reduction(u, root, p.index, phase);
    else add_map(u, root, &p, phase);
    return !u->misaligned;
}

// A kernel is one function of machine code, whose making takes more than proportional time from some thousand
// instructions on.
static bool is_full(cg_fusion *u) {
    const cg_kernel *k = u->kernel;
    for (; u->priced < k->nodes.n; u->priced++) {
        const cg_node *n = &k->nodes.at[u->priced];
        u->price += n->kind == CG_APPLY ? ir_cost_of(n->primitive) : 1;
    }
    return u->price > LARGEST_KERNEL;
}

static bool fits(cg_fusion *u, const space *s) {
    if (u->split || is_full(u) || u->kernel->locals.n + 4 > CG_MAX_LOCALS) return false;
    if (s->reduces ? s->outer != u->outer_rank : s->outer < u->outer_rank) return false;
    for (int64_t i = 0; i < u->outer_rank; i++)
        if (s->dims[i] != u->outer[i]) return false;
    int64_t inner = product(s->dims + u->outer_rank, s->outer + s->inner - u->outer_rank);
    return product(u->outer, u->outer_rank) >= SMALL_GRID || inner < LARGE_INNER;
}

// Adds a root to a kernel: to the first phase with its inner axes that can serve it, or a new one.
static bool add_root(cg_fusion *u, ir_val root) {
    space s = space_of(u->region->f, root);
    if (!fits(u, &s)) return false;
    int64_t rank = s.outer + s.inner - u->outer_rank;
    const int64_t *dims = s.dims + u->outer_rank;
    snapshot before;
    if (!take_snapshot(u, &before)) return false;
    for (uint32_t p = 0; p < u->phases.n; p++) {
        if (u->phases.at[p].rank != rank || memcmp(u->phases.at[p].dims, dims, sizeof *dims * (size_t)rank)) continue;
        if (add_in_phase(u, root, p)) return true;
        restore(u, &before);
    }
    if (u->kernel->loops.n + (uint64_t)rank <= CG_MAX_LOOPS && add_in_phase(u, root, phase_new(u, dims, rank))) return true;
    restore(u, &before);
    return false;
}

const ir_val *cg_reads(cg_region *r, ir_val root, uint32_t *n) {
    base_arena *arena = r->planner->arena;
    const ir_function *f = r->f;
    r->reads.n = r->stack.n = 0;
    r->stamp++;
    base_push(arena, &r->stack, root);
    while (r->stack.n) {
        ir_val v = r->stack.at[--r->stack.n];
        if (r->seen[v] == r->stamp) continue;
        r->seen[v] = r->stamp;
        if (v != root && (f->def[v] == IR_NONE || r->root[v])) {
            base_push(arena, &r->reads, v);
            continue;
        }
        const ir_op *op = &f->ops[f->def[v]];
        for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &r->stack, ir_in(f, op)[k]);
    }
    *n = r->reads.n;
    return r->reads.at;
}

static bool shares_input(const cg_fusion *u, const ir_val *reads, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (cg_is_produced(u, reads[i])) return true;
        cg_slot_id slot = u->region->slot[reads[i]];
        for (uint32_t k = 0; slot != CG_NO_SLOT && k < u->args.n; k++)
            if (u->args.at[k] == slot) return true;
    }
    return false;
}

// What other kernels make must be in memory before this one can read it.
static void request_reads(cg_region *r, const ir_val *reads, uint32_t n, uint32_t kernel) {
    for (uint32_t i = 0; i < n; i++)
        if (r->kernel_of[reads[i]] && r->kernel_of[reads[i]] != kernel) cg_slot_of(r, reads[i]);
}

static int64_t quotient_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// A reduction of much to few elements: each grid iteration folds a part of the largest folded axis, and
// the end of the kernel puts the parts together, in order. Parts do not depend on the number of threads.
static cg_fusion *split_reduction(cg_region *r, ir_val root, const space *s) {
    const ir_op *op = &r->f->ops[r->f->def[root]];
    base_arena *arena = r->planner->arena;
    const int64_t *folded = s->dims + s->outer;
    int64_t largest = 0, all = product(folded, s->inner);
    for (int64_t i = 1; i < s->inner; i++)
        if (folded[i] > folded[largest]) largest = i;
    int64_t chunk = quotient_up(SPLIT_INNER, all / folded[largest]), parts = quotient_up(folded[largest], chunk);
    if (parts < 2) return NULL;
    int64_t grid[IR_MAX_RANK + 1], dims[IR_MAX_RANK];
    memcpy(grid, s->dims, sizeof *grid * (size_t)s->outer);
    grid[s->outer] = parts;
    memcpy(dims, folded, sizeof *dims * (size_t)s->inner);
    dims[largest] = chunk;
    cg_fusion *u = cg_fusion_new(r, grid, s->outer + 1, op->place);
    cg_kernel *k = u->kernel;
    uint32_t phase = phase_new(u, dims, s->inner);
    cg_phase *p = &u->phases.at[phase];
    cg_expr part = u->outer_index[s->outer], first = cg_scale(k, part, chunk);
    if (folded[largest] % chunk) {
        cg_expr left = cg_add(k, cg_int(k, folded[largest]), cg_scale(k, first, -1));
        k->loops.at[p->loops[largest]].limit = cg_apply2(k, IR_min, left, cg_int(k, chunk));
    }
    p->index[largest] = cg_add(k, first, p->index[largest]);
    u->phase = phase;
    add_reduction(u, root, p->index, phase);
    base_check(!u->misaligned);
    u->split = true;

    const cg_produced *made = &u->produced.at[u->produced.n - 1];
    cv_dtype dtype = k->locals.at[made->local].dtype;
    ir_primitive combiner = op->primitive == IR_dot_general ? IR_add : ir_combiner(op->primitive);
    const ir_type *scratch_type = ir_type_get(r->planner->module, dtype, s->outer + 1, grid);
    uint32_t scratch = cg_buffer_for(u, cg_temporary(r, scratch_type), CG_READ_WRITE);
    u->part_store = cg_store(k, scratch, cg_offset(k, scratch_type, u->outer_index), made->expr);

    uint32_t total = cg_add_local(k, dtype, 1), out = cg_buffer_for(u, cg_slot_of(r, root), CG_WRITE);
    cg_expr index[IR_MAX_RANK + 1];
    cg_block *block = &k->finish;
    for (int64_t i = 0; i < s->outer; i++) {
        uint32_t loop = cg_add_loop(k, grid[i], CG_ABSENT);
        index[i] = cg_index(k, loop);
        cg_statement *statement = cg_for(k, loop);
        base_push(arena, block, statement);
        block = &statement->body;
    }
    uint32_t loop = cg_add_loop(k, parts, CG_ABSENT);
    index[s->outer] = cg_index(k, loop);
    base_push(arena, block, cg_set(k, total, cg_identity(k, combiner, dtype)));
    cg_statement *statement = cg_for(k, loop);
    base_push(arena, block, statement);
    base_push(arena, &statement->body, cg_reduce(k, total, combiner, cg_load(k, scratch, cg_offset(k, scratch_type, index))));
    base_push(arena, block, cg_store(k, out, cg_offset(k, r->f->types[root], index), cg_local_value(k, total)));
    return u;
}

static bool should_split(const cg_region *r, ir_val root, const space *s) {
    ir_primitive p = r->f->ops[r->f->def[root]].primitive;
    return s->reduces && p != IR_argmax && p != IR_argmin && product(s->dims, s->outer) < SMALL_GRID &&
           product(s->dims + s->outer, s->inner) >= LARGE_INNER;
}

void cg_sequence_add(cg_sequence *s, ir_val root) {
    cg_region *r = s->region;
    base_arena *arena = r->planner->arena;
    uint32_t n;
    const ir_val *reads = cg_reads(r, root, &n);
    uint32_t first = 0; // no kernel before this one may take it: it makes something that is read
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = r->kernel_of[reads[i]];
        if (number > s->first && number - s->first - 1 > first) first = number - s->first - 1;
    }
    cg_fusion *u = NULL;
    space sp = space_of(r->f, root);
    bool split = should_split(r, root, &sp);
    for (uint32_t at = s->open.n, tried = 0; !split && !u && at-- > first && tried < LOOK_BACK; tried++) {
        if (!shares_input(s->open.at[at], reads, n)) continue;
        request_reads(r, reads, n, s->first + at + 1);
        if (!add_root(s->open.at[at], root)) continue;
        u = s->open.at[at];
        r->kernel_of[root] = s->first + at + 1;
    }
    if (u) return;
    request_reads(r, reads, n, UINT32_MAX);
    if (split) u = split_reduction(r, root, &sp);
    if (!u) {
        int64_t rank = sp.reduces ? sp.outer : grid_rank(r, root);
        u = cg_fusion_new(r, sp.dims, rank, r->f->ops[r->f->def[root]].place);
        bool added = add_in_phase(u, root, phase_new(u, sp.dims + rank, sp.outer + sp.inner - rank));
        base_check(added);
    }
    base_push(arena, &s->open, u);
    r->kernel_of[root] = s->first + s->open.n;
    r->n_kernels = s->first + s->open.n;
}

// A value that something outside its kernel reads.
static bool is_needed(const cg_region *r, ir_val value) {
    if (r->slot[value] != CG_NO_SLOT || r->result[value]) return true;
    for (uint32_t i = 0; i < r->readers[value].n; i++) {
        const ir_op *reader = &r->f->ops[r->readers[value].at[i]];
        if (r->kernel_of[reader->out] != r->kernel_of[value]) return true;
    }
    return false;
}

static void store_results(cg_fusion *u) {
    cg_region *r = u->region;
    cg_kernel *k = u->kernel;
    for (uint32_t i = 0; i < u->produced.n && !u->split; i++) {
        const cg_produced *p = &u->produced.at[i];
        if (p->soft || !is_needed(r, p->value)) continue;
        const cg_phase *phase = &u->phases.at[p->phase];
        const ir_type *type = r->f->types[p->value];
        cg_expr index[2 * IR_MAX_RANK];
        memcpy(index, u->outer_index, sizeof *index * (size_t)u->outer_rank);
        memcpy(index + u->outer_rank, phase->index, sizeof *index * (size_t)phase->rank);
        uint32_t buffer = cg_buffer_for(u, cg_slot_of(r, p->value), CG_WRITE);
        cg_statement *store = cg_store(k, buffer, cg_offset(k, type, index), p->expr);
        base_push(arena_of(u), p->local == CG_ABSENT ? phase->body : &u->after, store);
    }
}

void cg_fusion_close(cg_fusion *u, cg_step_block *block) {
    cg_region *r = u->region;
    cg_kernel *k = u->kernel;
    base_arena *arena = arena_of(u);
    store_results(u);
    for (uint32_t i = 0; i < u->phases.n; i++) {
        const cg_phase *p = &u->phases.at[i];
        cg_block *into = &k->body;
        for (uint32_t s = 0; s < p->before->n; s++) base_push(arena, into, p->before->at[s]);
        if (!p->body->n) continue;
        for (int64_t axis = 0; axis < p->rank; axis++) {
            cg_statement *loop = cg_for(k, p->loops[axis]);
            base_push(arena, into, loop);
            into = &loop->body;
        }
        for (uint32_t s = 0; s < p->body->n; s++) base_push(arena, into, p->body->at[s]);
    }
    if (u->part_store) base_push(arena, &k->body, u->part_store);
    for (uint32_t s = 0; s < u->after.n; s++) base_push(arena, &k->body, u->after.at[s]);
    cg_kernel_finish(k);
    cg_step *step = cg_step_new(r, block, CG_STEP_KERNEL, k->place);
    step->kernel = cg_add_kernel(r->planner->plan, k);
    for (uint32_t i = 0; i < u->args.n; i++) base_push(arena, &step->args, u->args.at[i]);
}

void cg_sequence_flush(cg_sequence *s) {
    for (uint32_t i = 0; i < s->open.n; i++) cg_fusion_close(s->open.at[i], s->block);
    s->first += s->open.n;
    s->open.n = 0;
}
