// In: call, cond, while, scan. Out: steps.
//
// A loop's carries live in one slot each. What the body makes for the next step goes to a second slot,
// and the pointers are exchanged; what it updates in place (a row of a matrix) needs neither. Sliced
// inputs and stacked outputs are views at the loop's counter, so they are never copied.

#include <string.h>

#include "codegen/fusion.h"

static void plan_call(cg_region *r, const ir_op *op, cg_step_block *block) {
    base_arena *arena = r->planner->arena;
    uint32_t callee = cg_plan_callee(r->planner, ((const ir_call_attributes *)op->attributes)->function);
    cg_step *step = cg_step_new(r, block, CG_STEP_CALL, op->place);
    step->callee = callee;
    base_push(arena, &r->owner->callees, callee);
    for (uint32_t k = 0; k < op->n_in; k++) base_push(arena, &step->args, cg_slot_of(r, ir_in(r->f, op)[k]));
    for (uint32_t o = 0; o < op->n_out; o++) base_push(arena, &step->args, cg_slot_of(r, op->out + o));
}

static void plan_cond(cg_region *r, const ir_op *op, cg_step_block *block) {
    base_arena *arena = r->planner->arena;
    const ir_cond_attributes *a = op->attributes;
    cg_slot_id *params = base_new_array(arena, cg_slot_id, op->n_in + 1);
    cg_slot_id *results = base_new_array(arena, cg_slot_id, op->n_out + 1);
    cg_slot_id index = cg_slot_of(r, ir_in(r->f, op)[0]);
    for (uint32_t k = 1; k < op->n_in; k++) params[k - 1] = cg_slot_of(r, ir_in(r->f, op)[k]);
    cg_step_block **blocks = base_new_array(arena, cg_step_block *, a->branches.n);
    for (int64_t b = 0; b < a->branches.n; b++) {
        blocks[b] = base_new(arena, cg_step_block);
        for (uint32_t o = 0; o < op->n_out; o++) results[o] = cg_slot_of(r, op->out + o);
        cg_plan_body(r->planner, r->owner, a->branches.at[b], params, NULL, results, blocks[b]);
    }
    cg_step *step = cg_step_new(r, block, CG_STEP_BRANCH, op->place);
    step->condition = index;
    for (int64_t b = 0; b < a->branches.n; b++) base_push(arena, &step->blocks, blocks[b]);
}

// A value that may be what the carry was, updated in place, in this body or in a loop inside it. The planner
// chooses where the body leaves it.
static bool may_stay(const ir_function *body, ir_val result) {
    if (body->def[result] == IR_NONE) return false;
    const ir_op *op = &body->ops[body->def[result]];
    return cg_is_update(body, op) || op->primitive == IR_scan || op->primitive == IR_while;
}

// The slot of a carry, holding its initial value: the operand's own if nothing else needs that; else, for what
// stays in one place, the memory that the result is wanted in.
static cg_slot_id carry_slot(cg_region *r, const ir_op *op, uint32_t operand, const ir_function *body, uint32_t carry,
                             cg_step_block *block) {
    ir_val init = ir_in(r->f, op)[operand], out = op->out + carry, result = body->results[carry];
    uint32_t times = 0;
    for (uint32_t k = 0; k < op->n_in; k++) times += ir_in(r->f, op)[k] == init;
    cg_slot_id from = cg_slot_of(r, init), wanted = r->slot[out];
    bool own = r->owner->slots.at[from].kind == CG_SLOT_TEMPORARY || from == wanted;
    if (times == 1 && cg_is_free(r, init, op) && own) return from;
    cg_slot_id to = wanted != CG_NO_SLOT && may_stay(body, result) ? wanted : cg_temporary(r, r->f->types[init]);
    cg_copy_step(r, block, to, from);
    return to;
}

// Plans the body so that the carries' slots hold what the next step starts from.
static void plan_carrying_body(cg_region *r, const ir_function *body, const cg_slot_id *params, uint32_t first, uint32_t n,
                               cg_slot_id *destination, cg_step_block *block) {
    base_arena *arena = r->planner->arena;
    bool *writable = base_new_array(arena, bool, body->n_params + 1);
    for (uint32_t k = 0; k < n; k++) {
        ir_val v = body->results[k];
        writable[first + k] = true;
        if (v == first + k) destination[k] = params[first + k];
        else destination[k] = may_stay(body, v) ? CG_NO_SLOT : cg_temporary(r, body->types[v]);
    }
    cg_plan_body(r->planner, r->owner, body, params, writable, destination, block);
    // First all copies, then all exchanges: a carry may be what another one was.
    for (uint32_t k = 0; k < n; k++) {
        if (destination[k] == params[first + k]) continue;
        bool shared = false;
        for (uint32_t j = 0; j < k; j++) shared |= destination[j] == destination[k];
        for (uint32_t j = 0; j < body->n_params; j++) shared |= params[j] == destination[k];
        if (!shared && r->owner->slots.at[destination[k]].kind == CG_SLOT_TEMPORARY) continue;
        cg_slot_id own = cg_temporary(r, body->types[body->results[k]]);
        cg_copy_step(r, block, own, destination[k]);
        destination[k] = own;
    }
    for (uint32_t k = 0; k < n; k++) {
        if (destination[k] == params[first + k]) continue;
        if (r->owner->slots.at[params[first + k]].kind != CG_SLOT_TEMPORARY) { // it did not stay
            cg_copy_step(r, block, params[first + k], destination[k]);
            continue;
        }
        cg_step *step = cg_step_new(r, block, CG_STEP_EXCHANGE, (ir_place){0});
        base_push(arena, &step->args, params[first + k]);
        base_push(arena, &step->args, destination[k]);
    }
}

static void take_carries(cg_region *r, const ir_op *op, const cg_slot_id *carries, uint32_t n, cg_step_block *block) {
    for (uint32_t k = 0; k < n; k++) {
        ir_val out = op->out + k;
        if (r->slot[out] == CG_NO_SLOT) {
            r->slot[out] = carries[k];
            r->writable[out] = true;
        } else if (r->slot[out] != carries[k]) {
            cg_copy_step(r, block, r->slot[out], carries[k]);
        }
    }
}

ir_val cg_updated_operand(const ir_function *f, ir_val v) {
    if (f->def[v] == IR_NONE) return IR_NONE;
    const ir_op *op = &f->ops[f->def[v]];
    const ir_val *in = ir_in(f, op);
    if (cg_is_update(f, op)) return in[0];
    uint32_t number = v - op->out;
    if (op->primitive == IR_while) {
        const ir_while_attributes *a = op->attributes;
        return may_stay(a->body, a->body->results[number]) ? in[a->cond_constants + a->body_constants + number] : IR_NONE;
    }
    if (op->primitive != IR_scan) return IR_NONE;
    const ir_scan_attributes *a = op->attributes;
    bool stays = number < a->carries && may_stay(a->body, a->body->results[number]);
    return stays ? in[a->constants + number] : IR_NONE;
}

static void plan_while(cg_region *r, const ir_op *op, cg_step_block *block) {
    base_arena *arena = r->planner->arena;
    const ir_while_attributes *a = op->attributes;
    uint32_t cc = (uint32_t)a->cond_constants, bc = (uint32_t)a->body_constants, n = op->n_out;
    cg_slot_id *cond_params = base_new_array(arena, cg_slot_id, cc + n + 1);
    cg_slot_id *body_params = base_new_array(arena, cg_slot_id, bc + n + 1);
    cg_slot_id *destination = base_new_array(arena, cg_slot_id, n + 1);
    for (uint32_t k = 0; k < cc; k++) cond_params[k] = cg_slot_of(r, ir_in(r->f, op)[k]);
    for (uint32_t k = 0; k < bc; k++) body_params[k] = cg_slot_of(r, ir_in(r->f, op)[cc + k]);
    for (uint32_t k = 0; k < n; k++) cond_params[cc + k] = body_params[bc + k] = carry_slot(r, op, cc + bc + k, a->body, k, block);
    cg_slot_id condition = cg_temporary(r, ir_result_type(a->cond, 0));
    cg_step_block *test = base_new(arena, cg_step_block), *body = base_new(arena, cg_step_block);
    cg_plan_body(r->planner, r->owner, a->cond, cond_params, NULL, &condition, test);
    plan_carrying_body(r, a->body, body_params, bc, n, destination, body);
    cg_step *step = cg_step_new(r, block, CG_STEP_WHILE, op->place);
    step->condition = condition;
    base_push(arena, &step->blocks, test);
    base_push(arena, &step->blocks, body);
    take_carries(r, op, body_params + bc, n, block);
}

static cg_slot_id slice_slot(cg_region *r, cg_slot_id base, const ir_type *type, uint32_t loop, const ir_scan_attributes *a) {
    int64_t bytes = (int64_t)type->bytes;
    cg_slot slot = {.kind = CG_SLOT_SLICE, .type = type, .base = base, .loop = loop, .stride = a->reverse ? -bytes : bytes,
                    .offset = a->reverse ? (a->length - 1) * bytes : 0};
    return cg_new_slot(r->owner, r->planner->arena, slot);
}

static void plan_scan(cg_region *r, const ir_op *op, cg_step_block *block) {
    base_arena *arena = r->planner->arena;
    const ir_scan_attributes *a = op->attributes;
    uint32_t c = (uint32_t)a->constants, n = (uint32_t)a->carries, loop = r->owner->n_loops++;
    cg_slot_id *params = base_new_array(arena, cg_slot_id, op->n_in + 1);
    cg_slot_id *destination = base_new_array(arena, cg_slot_id, op->n_out + 1);
    for (uint32_t k = 0; k < op->n_in; k++) {
        ir_val operand = ir_in(r->f, op)[k];
        if (k >= c && k < c + n) params[k] = carry_slot(r, op, k, a->body, k - c, block);
        else params[k] = cg_slot_of(r, operand);
        if (k >= c + n) params[k] = slice_slot(r, params[k], a->body->types[k], loop, a);
    }
    for (uint32_t o = n; o < op->n_out; o++)
        destination[o] = slice_slot(r, cg_slot_of(r, op->out + o), ir_result_type(a->body, o), loop, a);
    cg_step_block *body = base_new(arena, cg_step_block);
    plan_carrying_body(r, a->body, params, c, n, destination, body);
    cg_step *step = cg_step_new(r, block, CG_STEP_LOOP, op->place);
    step->loop = loop;
    step->length = a->length;
    base_push(arena, &step->blocks, body);
    take_carries(r, op, params + c, n, block);
}

void cg_plan_control(cg_region *r, const ir_op *op, cg_step_block *block) {
    if (op->primitive == IR_call) plan_call(r, op, block);
    else if (op->primitive == IR_cond) plan_cond(r, op, block);
    else if (cg_loop_in_kernel(r, op, block)) return;
    else if (op->primitive == IR_while) plan_while(r, op, block);
    else plan_scan(r, op, block);
}
