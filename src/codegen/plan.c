// In: a simplified program. Out: its plan: functions, slots, kernels, steps.
//
// One region, a function body, is planned in one pass over its operations: maps, reductions and small
// products collect in open kernels (fusion.c); updates, library products and control flow are steps of
// their own and close them. In front of an update stand all readers of what it overwrites, so that it
// happens in place.

#include <string.h>

#include "codegen/fusion.h"

cg_slot_id cg_new_slot(cg_plan_function *owner, base_arena *arena, cg_slot slot) {
    base_push(arena, &owner->slots, slot);
    return owner->slots.n - 1;
}

cg_slot_id cg_temporary(cg_region *r, const ir_type *type) {
    return cg_new_slot(r->owner, r->planner->arena, (cg_slot){.kind = CG_SLOT_TEMPORARY, .type = type});
}

cg_slot_id cg_slot_of(cg_region *r, ir_val value) {
    if (r->slot[value] == CG_NO_SLOT) {
        r->slot[value] = cg_temporary(r, r->f->types[value]);
        r->writable[value] = true;
    }
    return r->slot[value];
}

cg_step *cg_step_new(cg_region *r, cg_step_block *block, cg_step_kind kind, ir_place place) {
    cg_step *step = base_push_slot(r->planner->arena, &block->steps);
    *step = (cg_step){.kind = kind, .place = place};
    return step;
}

void cg_copy_step(cg_region *r, cg_step_block *block, cg_slot_id to, cg_slot_id from) {
    cg_step *step = cg_step_new(r, block, CG_STEP_COPY, (ir_place){0});
    base_push(r->planner->arena, &step->args, to);
    base_push(r->planner->arena, &step->args, from);
}

uint32_t cg_add_kernel(cg_plan *plan, cg_kernel *k) {
    uint64_t hash = cg_kernel_hash(k);
    uint32_t probe;
    for (uint32_t i = base_index_first(&plan->kernel_index, hash, &probe); i != BASE_ABSENT;
         i = base_index_next(&plan->kernel_index, hash, &probe))
        if (cg_kernel_equal(plan->kernels.at[i], k)) {
            cg_kernel_free(k);
            return i;
        }
    base_index_add(&plan->kernel_index, hash, plan->kernels.n);
    base_push(plan->arena, &plan->kernels, k);
    return plan->kernels.n - 1;
}

static bool is_split_point(const ir_function *f, const ir_op *op) {
    return ir_primitives[op->primitive].traits & (IR_CONTROL | IR_SEQUENCE) || cg_is_update(f, op) ||
           (op->primitive == IR_dot_general && cg_is_library_product(f, op));
}

static void note_readers(cg_region *r) {
    const ir_function *f = r->f;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        for (uint32_t k = 0; k < op->n_in; k++) base_push(r->planner->arena, &r->users[ir_in(f, op)[k]], i);
        if (!op->n_out || !r->root[op->out]) continue;
        uint32_t n;
        const ir_val *reads = cg_reads(r, op->out, &n);
        for (uint32_t k = 0; k < n; k++) base_push(r->planner->arena, &r->readers[reads[k]], i);
    }
}

static cg_region *region_new(cg_planner *planner, cg_plan_function *owner, const ir_function *f) {
    base_arena *arena = planner->arena;
    size_t n = (size_t)f->n_values + 1;
    cg_region *r = base_new(arena, cg_region);
    *r = (cg_region){.planner = planner, .owner = owner, .f = f};
    r->slot = base_new_array(arena, cg_slot_id, n);
    for (size_t i = 0; i < n; i++) r->slot[i] = CG_NO_SLOT;
    r->root = base_new_array(arena, bool, n);
    r->uses = base_new_array(arena, uint32_t, n);
    r->result = base_new_array(arena, bool, n);
    r->writable = base_new_array(arena, bool, n);
    r->planned = base_new_array(arena, bool, f->n_ops + 1);
    r->kernel_of = base_new_array(arena, uint32_t, n);
    r->readers = base_new_array(arena, cg_numbers, n);
    r->users = base_new_array(arena, cg_numbers, n);
    r->seen = base_new_array(arena, uint32_t, n);
    for (uint32_t i = 0; i < f->n_ops; i++)
        for (uint32_t k = 0; k < f->ops[i].n_in; k++) r->uses[ir_in(f, &f->ops[i])[k]]++;
    for (uint32_t i = 0; i < f->n_results; i++) {
        r->uses[f->results[i]]++;
        r->result[f->results[i]] = true;
    }
    return r;
}

// Dense constants are in memory from the start.
static void place_constants(cg_region *r) {
    for (uint32_t i = 0; i < r->f->n_ops; i++) {
        const ir_op *op = &r->f->ops[i];
        if (op->primitive != IR_constant) continue;
        const ir_literal *literal = &((const ir_constant_attributes *)op->attributes)->value;
        if (literal->splat || literal->type->count <= 1) continue;
        cg_slot slot = {.kind = CG_SLOT_CONSTANT, .type = literal->type, .data = literal->data,
                        .data_bytes = (int64_t)literal->type->bytes};
        r->slot[op->out] = cg_new_slot(r->owner, r->planner->arena, slot);
        r->planned[i] = true;
    }
}

typedef struct planning {
    cg_region *region;
    cg_sequence sequence;
    cg_step_block *block;
    cg_numbers begun; // updates that wait for readers of what they overwrite
} planning;

static void plan_operation(planning *p, uint32_t number);

// True if operation `from` depends on operation `on`. Gives up, and says yes, after a while.
static bool depends_on(cg_region *r, uint32_t from, uint32_t on) {
    const ir_function *f = r->f;
    r->stamp++;
    r->stack.n = 0;
    base_push(r->planner->arena, &r->stack, from);
    for (uint32_t visited = 0; r->stack.n; visited++) {
        uint32_t at = r->stack.at[--r->stack.n];
        if (at == on || visited > 4096) return true;
        for (uint32_t k = 0; k < f->ops[at].n_in; k++) {
            ir_val operand = ir_in(f, &f->ops[at])[k];
            uint32_t def = f->def[operand];
            if (def == IR_NONE || def < on || r->seen[operand] == r->stamp) continue;
            r->seen[operand] = r->stamp;
            base_push(r->planner->arena, &r->stack, def);
        }
    }
    return false;
}

// Plans an operation and, first, the roots that it reads and that are not planned yet.
static void plan_with_reads(planning *p, uint32_t number) {
    cg_region *r = p->region;
    base_arena *arena = r->planner->arena;
    cg_numbers stack = {0};
    base_push(arena, &stack, number);
    while (stack.n) {
        uint32_t at = stack.at[stack.n - 1];
        if (r->planned[at]) {
            stack.n--;
            continue;
        }
        uint32_t n, before = stack.n;
        const ir_val *reads = cg_reads(r, r->f->ops[at].out, &n);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t def = r->f->def[reads[i]];
            if (def != IR_NONE && !r->planned[def]) base_push(arena, &stack, def);
        }
        if (stack.n > before) continue;
        plan_operation(p, at);
        stack.n--;
    }
}

static bool depends_on_begun(const planning *p, uint32_t from) {
    for (uint32_t i = 0; i < p->begun.n; i++)
        if (depends_on(p->region, from, p->begun.at[i])) return true;
    return false;
}

// Everything that reads what an update overwrites, and does not depend on the update, goes first. Of two updates
// of one value the second is a reader of the first, and makes a copy, but not the other way round too.
static void plan_readers_first(planning *p, uint32_t number) {
    cg_region *r = p->region;
    const ir_function *f = r->f;
    const ir_op *op = &f->ops[number];
    ir_val x = ir_in(f, op)[0];
    for (uint32_t i = 0; i < r->users[x].n; i++) {
        uint32_t user = r->users[x].at[i];
        const ir_op *reader = &f->ops[user];
        if (user == number || r->planned[user] || !reader->n_out) continue;
        bool only_here = !r->root[reader->out];
        for (uint32_t k = 0; only_here && k < r->users[reader->out].n; k++) only_here = r->users[reader->out].at[k] == number;
        if (only_here || depends_on_begun(p, user)) continue;
        if (!r->root[reader->out]) {
            // Used elsewhere, maybe after the update: it is made now.
            if (f->types[reader->out]->count * 2 > f->types[x]->count) continue;
            r->root[reader->out] = true;
            for (uint32_t k = 0; k < r->users[reader->out].n; k++)
                base_push(r->planner->arena, &r->readers[reader->out], r->users[reader->out].at[k]);
        }
        plan_with_reads(p, user);
    }
}

static void plan_operation(planning *p, uint32_t number) {
    cg_region *r = p->region;
    const ir_function *f = r->f;
    const ir_op *op = &f->ops[number];
    if (r->planned[number] || !op->n_out) return;
    bool control = ir_primitives[op->primitive].traits & IR_CONTROL;
    if (!control && !r->root[op->out]) return;
    if (!is_split_point(f, op)) {
        r->planned[number] = true;
        cg_sequence_add(&p->sequence, op->out);
        return;
    }
    if (cg_is_update(f, op)) {
        base_push(r->planner->arena, &p->begun, number);
        plan_readers_first(p, number);
        p->begun.n--;
    }
    r->planned[number] = true;
    cg_sequence_flush(&p->sequence);
    if (control) cg_plan_control(r, op, p->block);
    else if (ir_primitives[op->primitive].traits & IR_SEQUENCE) cg_plan_sequence(r, op, p->block);
    else if (cg_is_update(f, op)) cg_plan_update(r, op, p->block);
    else cg_plan_product(r, op, p->block);
    p->sequence.first = r->n_kernels;
}

// A result that is made here is made in its destination, and so is what it is an update of. The first, where several
// results are the same value.
static void place_result(cg_region *r, ir_val v, cg_slot_id destination) {
    const ir_function *f = r->f;
    if (destination == CG_NO_SLOT || f->def[v] == IR_NONE || r->slot[v] != CG_NO_SLOT) return;
    r->slot[v] = destination;
    for (;;) {
        ir_val x = cg_updated_operand(f, v);
        if (x == IR_NONE || f->def[x] == IR_NONE || r->uses[x] != 1 || r->slot[x] != CG_NO_SLOT) return;
        if (!r->root[x] && !(ir_primitives[f->ops[f->def[x]].primitive].traits & IR_CONTROL)) return;
        r->slot[x] = destination;
        r->writable[x] = true;
        v = x;
    }
}

void cg_plan_body(cg_planner *planner, cg_plan_function *owner, const ir_function *f, const cg_slot_id *params,
                  const bool *writable, cg_slot_id *destination, cg_step_block *block) {
    cg_region *r = region_new(planner, owner, f);
    for (uint32_t i = 0; i < f->n_params; i++) {
        r->slot[i] = params[i];
        r->writable[i] = writable && writable[i];
    }
    place_constants(r);
    cg_mark_roots(r);
    note_readers(r);
    for (uint32_t i = 0; i < f->n_results; i++) place_result(r, f->results[i], destination[i]);
    planning p = {.region = r, .sequence = {.region = r, .block = block}, .block = block};
    for (uint32_t i = 0; i < f->n_ops; i++) plan_operation(&p, i);
    cg_sequence_flush(&p.sequence);
    for (uint32_t i = 0; i < f->n_results; i++) {
        cg_slot_id slot = cg_slot_of(r, f->results[i]);
        if (destination[i] == CG_NO_SLOT) destination[i] = slot;
        else if (destination[i] != slot) cg_copy_step(r, block, destination[i], slot);
    }
}

static uint32_t plan_function(cg_planner *planner, const ir_function *f) {
    base_arena *arena = planner->arena;
    cg_plan_function *made = base_new(arena, cg_plan_function);
    made->source = f;
    cg_slot_id *params = base_new_array(arena, cg_slot_id, f->n_params + 1);
    cg_slot_id *results = base_new_array(arena, cg_slot_id, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_params; i++)
        params[i] = cg_new_slot(made, arena, (cg_slot){.kind = CG_SLOT_PARAM, .type = f->types[i], .number = i});
    for (uint32_t i = 0; i < f->n_results; i++)
        results[i] = cg_new_slot(made, arena, (cg_slot){.kind = CG_SLOT_RESULT, .type = ir_result_type(f, i), .number = i});
    cg_plan_body(planner, made, f, params, NULL, results, &made->body);
    base_push(arena, &planner->plan->functions, made);
    base_push(arena, &planner->callees, f);
    return planner->plan->functions.n - 1;
}

uint32_t cg_plan_callee(cg_planner *planner, const ir_function *f) {
    for (uint32_t i = 0; i < planner->callees.n; i++)
        if (planner->callees.at[i] == f || ir_equal(planner->callees.at[i], f)) return i;
    return plan_function(planner, f);
}

static void free_plan(void *argument) { cg_plan_free(argument); }

cg_plan *cg_plan_new(base_arena *arena, const ir_function *f) {
    cg_plan *plan = base_new(arena, cg_plan);
    plan->arena = arena;
    base_defer(free_plan, plan);
    cg_planner planner = {.plan = plan, .arena = arena, .module = f->module};
    plan_function(&planner, f);
    cg_plan_buffers(plan);
    return plan;
}

void cg_plan_free(cg_plan *plan) {
    for (uint32_t i = 0; i < plan->kernels.n; i++) cg_kernel_free(plan->kernels.at[i]);
    plan->kernels.n = 0;
    base_index_free(&plan->kernel_index);
}
