// In: a scan or while whose state is a few numbers. Out: one kernel that keeps it in registers.
//
// Every element of every carry is a local scalar; the body is expanded for each of them at constant
// indices, so that slices, concatenations and stacks of small arrays cost nothing. If the carries have
// a leading axis in common (a batched loop) that axis is the kernel's grid, each iteration of which runs
// the loop for its own element. Whether the body really treats the elements apart shows in the attempt:
// an access to another one's state cannot be expressed and the loop is planned as steps instead.

#include "codegen/fusion.h"

enum { MOST_STATE = 40, MOST_ELEMENTS = 1500, LARGEST_ARRAY = 64, LEAST_BATCH = 4 };

typedef struct loop_state {
    cg_region *region;
    const ir_op *op;
    const ir_function *body, *cond;     // cond: NULL for a scan
    uint32_t cond_constants, constants, carries; // operands: [cond_constants][constants][carries][xs]
    int64_t batch;                      // 0: none
    const uint32_t *first_local;        // of each carry
    cg_expr step;                       // the index of what is sliced and stacked
} loop_state;

static bool is_batched(const loop_state *s, const ir_type *type) {
    return s->batch && type->rank && type->dims[0] == s->batch;
}

static int64_t elements_of(const loop_state *s, const ir_type *type) {
    return is_batched(s, type) ? type->count / s->batch : type->count;
}

static bool is_small_body(const loop_state *s, const ir_function *f) {
    int64_t elements = 0;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        if (ir_primitives[op->primitive].traits & (IR_CONTROL | IR_SCATTER | IR_SEQUENCE)) return false;
        bool reduces = ir_primitives[op->primitive].traits & IR_REDUCTION || op->primitive == IR_dot_general;
        if (reduces && !cg_is_inline_reduction(f, op)) return false;
        int64_t count = elements_of(s, f->types[op->out]);
        if (count > LARGEST_ARRAY && op->primitive != IR_broadcast_in_dim && op->primitive != IR_constant) return false;
        elements += count * (reduces ? cg_reduced_count(f, op) : 1);
    }
    return elements <= MOST_ELEMENTS;
}

// The index of element number `flat` of a value: constants, and the grid's counter for a batch axis.
static void element_index(cg_fusion *u, const loop_state *s, const ir_type *type, int64_t flat, cg_expr *index) {
    for (uint32_t i = type->rank; i-- > 0;) {
        if (!i && is_batched(s, type)) {
            index[0] = u->outer_index[0];
            break;
        }
        index[i] = cg_int(u->kernel, flat % type->dims[i]);
        flat /= type->dims[i];
    }
}

static cg_expr parameter_at(cg_fusion *u, const cg_frame *frame, ir_val param, const cg_expr *index) {
    const loop_state *s = frame->bindings;
    const ir_val *operands = ir_in(s->region->f, s->op);
    const ir_type *type = frame->f->types[param];
    bool in_cond = frame->f == s->cond;
    uint32_t own = in_cond ? s->cond_constants : s->constants;
    if (param < own) return cg_value_at(u, &u->frame, operands[in_cond ? param : s->cond_constants + param], index);
    if (param < own + s->carries) {
        int64_t flat = 0;
        for (uint32_t i = 0; i < type->rank; i++) {
            if (!i && is_batched(s, type)) {
                if (index[0] != u->outer_index[0]) u->misaligned = true;
                continue;
            }
            const cg_node *node = cg_node_of(u->kernel, index[i]);
            if (node->kind != CG_CONSTANT) u->misaligned = true;
            else flat = flat * type->dims[i] + node->value.s64;
        }
        if (u->misaligned) return cg_zero(u->kernel, type->dtype);
        return cg_local_value(u->kernel, s->first_local[param - own] + (uint32_t)flat);
    }
    cg_expr at[IR_MAX_RANK + 1] = {s->step};
    for (uint32_t i = 0; i < type->rank; i++) at[i + 1] = index[i];
    return cg_value_at(u, &u->frame, operands[s->cond_constants + param], at);
}

// Stores that only one grid iteration makes, when the value has no batch axis.
static cg_block *store_block(cg_fusion *u, const loop_state *s, const ir_type *type, cg_block *block) {
    if (!s->batch || is_batched(s, type)) return block;
    cg_statement *guard = cg_statement_new(u->kernel, CG_IF);
    guard->value = cg_apply2(u->kernel, IR_eq, u->outer_index[0], cg_int(u->kernel, 0));
    base_push(u->region->planner->arena, block, guard);
    return &guard->body;
}

static bool build(cg_fusion *u, loop_state *s) {
    cg_region *r = s->region;
    base_arena *arena = r->planner->arena;
    cg_kernel *k = u->kernel;
    const ir_function *body = s->body;
    const ir_val *operands = ir_in(r->f, s->op);
    uint32_t *first_local = base_new_array(arena, uint32_t, s->carries + 1);
    cg_expr index[IR_MAX_RANK + 1];
    s->first_local = first_local;
    cg_statement *set = cg_statement_new(k, CG_SET), *next = cg_statement_new(k, CG_SET);
    for (uint32_t c = 0; c < s->carries; c++) {
        const ir_type *type = body->types[s->constants + c];
        first_local[c] = k->locals.n;
        for (int64_t e = 0; e < elements_of(s, type); e++) {
            uint32_t local = cg_add_local(k, type->dtype, 1);
            element_index(u, s, type, e, index);
            cg_expr init = cg_value_at(u, &u->frame, operands[s->cond_constants + s->constants + c], index);
            base_push(k->arena, &set->ids, local);
            base_push(k->arena, &set->values, init);
            base_push(k->arena, &next->ids, local);
        }
    }
    if (set->ids.n) base_push(arena, &u->after, set);

    cg_frame frame = {.f = body, .param = parameter_at, .bindings = s};
    cg_statement *loop;
    if (s->cond) {
        cg_frame *test = base_new(arena, cg_frame);
        *test = (cg_frame){.f = s->cond, .param = parameter_at, .bindings = s};
        loop = cg_statement_new(k, CG_WHILE);
        loop->value = cg_value_at(u, test, s->cond->results[0], NULL);
    } else {
        const ir_scan_attributes *a = s->op->attributes;
        uint32_t id = cg_add_loop(k, a->length, CG_ABSENT);
        cg_expr counter = cg_index(k, id);
        s->step = a->reverse ? cg_add(k, cg_int(k, a->length - 1), cg_scale(k, counter, -1)) : counter;
        loop = cg_for(k, id);
    }
    base_push(arena, &u->after, loop);
    for (uint32_t o = s->carries; o < body->n_results; o++) {
        const ir_type *type = ir_result_type(body, o), *stacked = r->f->types[s->op->out + o];
        uint32_t buffer = cg_buffer_for(u, cg_slot_of(r, s->op->out + o), CG_WRITE);
        cg_block *block = store_block(u, s, type, &loop->body);
        for (int64_t e = 0; e < elements_of(s, type); e++) {
            cg_expr at[IR_MAX_RANK + 1] = {s->step};
            element_index(u, s, type, e, at + 1);
            cg_expr value = cg_value_at(u, &frame, body->results[o], at + 1);
            base_push(arena, block, cg_store(k, buffer, cg_offset(k, stacked, at), value));
        }
    }
    for (uint32_t c = 0; c < s->carries; c++) {
        const ir_type *type = body->types[s->constants + c];
        for (int64_t e = 0; e < elements_of(s, type); e++) {
            element_index(u, s, type, e, index);
            base_push(k->arena, &next->values, cg_value_at(u, &frame, body->results[c], index));
        }
    }
    if (next->ids.n) base_push(arena, &loop->body, next);
    for (uint32_t c = 0; c < s->carries; c++) {
        const ir_type *type = body->types[s->constants + c];
        uint32_t buffer = cg_buffer_for(u, cg_slot_of(r, s->op->out + c), CG_WRITE);
        cg_block *block = store_block(u, s, type, &u->after);
        for (int64_t e = 0; e < elements_of(s, type); e++) {
            element_index(u, s, type, e, index);
            base_push(arena, block,
                      cg_store(k, buffer, cg_offset(k, type, index), cg_local_value(k, first_local[c] + (uint32_t)e)));
        }
    }
    return !u->misaligned;
}

static bool attempt(cg_region *r, loop_state *s, cg_step_block *block) {
    int64_t state = 0;
    for (uint32_t c = 0; c < s->carries; c++) state += elements_of(s, s->body->types[s->constants + c]);
    if (state > MOST_STATE || !is_small_body(s, s->body) || (s->cond && !is_small_body(s, s->cond))) return false;
    cg_fusion *u = cg_fusion_new(r, &s->batch, s->batch ? 1 : 0, s->op->place);
    if (build(u, s)) {
        cg_fusion_close(u, block);
        return true;
    }
    return false;
}

bool cg_loop_in_kernel(cg_region *r, const ir_op *op, cg_step_block *block) {
    loop_state s = {.region = r, .op = op};
    if (op->primitive == IR_while) {
        const ir_while_attributes *a = op->attributes;
        s.body = a->body, s.cond = a->cond;
        s.cond_constants = (uint32_t)a->cond_constants, s.constants = (uint32_t)a->body_constants, s.carries = op->n_out;
    } else {
        const ir_scan_attributes *a = op->attributes;
        s.body = a->body, s.constants = (uint32_t)a->constants, s.carries = (uint32_t)a->carries;
    }
    if (attempt(r, &s, block)) return true;
    for (uint32_t c = 0; c < s.carries; c++) {
        const ir_type *type = s.body->types[s.constants + c];
        if (type->rank && (!s.batch || type->dims[0] == s.batch)) s.batch = type->dims[0];
    }
    return s.batch >= LEAST_BATCH && attempt(r, &s, block);
}
