// In: a region. Out: which of its values are stored in memory, or at least made once, instead of being
// computed again by each user.
//
// Roots are what must be (results, reductions, operands of library calls, updates and control flow)
// and what pays: a value that costs much and is used twice, or is read at many more places than it
// has elements, or would make an expression too long. A root is not a store: if all its users end up
// in its own kernel it never reaches memory (fusion.c).

#include <string.h>

#include "codegen/fusion.h"
#include "ir/rules.h"

// Costs in simple operations.
enum { CHEAP = 4, COSTLY = 12, LONGEST = 200, LARGEST = 256 };

static int64_t cost_of(const ir_function *f, const ir_op *op) {
    if (op->primitive == IR_constant || op->primitive == IR_iota) return 0;
    if (cg_is_inline_reduction(f, op)) return 2 * cg_reduced_count(f, op);
    uint32_t traits = ir_primitives[op->primitive].traits;
    return traits & IR_ELEMENTWISE ? ir_cost_of(op->primitive) : op->primitive == IR_gather || op->primitive == IR_pad ? 4 : 1;
}

// How much one element of an operand costs to make, until the next root.
typedef struct weights {
    int64_t *cost;
    uint32_t *length;
    float *size; // the same, that of shared operands in parts
} weights;

// True if the operation reads elements of the operand at other places, or more often, than it has elements.
static bool reads_elsewhere(const ir_function *f, const ir_op *op) {
    uint32_t traits = ir_primitives[op->primitive].traits;
    if (traits & IR_ELEMENTWISE || traits & IR_REDUCTION) return false;
    if (op->primitive != IR_broadcast_in_dim) return op->primitive != IR_reshape;
    const ir_broadcast_attributes *a = op->attributes;
    (void)f;
    for (int64_t i = 0; i < a->dims.n; i++)
        if (a->dims.at[i] != i) return true; // not a value of the outer axes
    return false;
}

static bool reads_often(const ir_function *f, const ir_op *op, uint32_t operand) {
    if (op->primitive == IR_dot_general) return true;
    if (op->primitive == IR_gather) return operand == 0;
    return op->primitive == IR_broadcast_in_dim && reads_elsewhere(f, op) &&
           f->types[op->out]->count > f->types[ir_in(f, op)[operand]]->count;
}

static bool is_update(const ir_op *op) {
    return op->primitive == IR_dynamic_update_slice || ir_primitives[op->primitive].traits & IR_SCATTER;
}

bool cg_is_small_update(const ir_function *f, const ir_op *op) {
    return op->primitive == IR_dynamic_update_slice && f->types[op->out]->count <= CG_INLINE_TERMS;
}

static void mark_operands(cg_region *r, const ir_op *op, uint32_t first, uint32_t last) {
    for (uint32_t k = first; k < last; k++) r->root[ir_in(r->f, op)[k]] = true;
}

// What must be in memory or made at one place.
static void mark_required(cg_region *r) {
    const ir_function *f = r->f;
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        uint32_t traits = ir_primitives[op->primitive].traits;
        if (traits & IR_CONTROL) {
            mark_operands(r, op, 0, op->n_in);
            for (uint32_t o = 0; o < op->n_out; o++) r->root[op->out + o] = true;
        } else if (traits & IR_SEQUENCE) {
            for (uint32_t o = 0; o < op->n_out; o++) r->root[op->out + o] = true;
        } else if (is_update(op) && !cg_is_small_update(f, op)) {
            r->root[op->out] = true;
            mark_operands(r, op, 0, 1);
        } else if (op->primitive == IR_dot_general && cg_is_library_product(f, op)) {
            r->root[op->out] = true;
            mark_operands(r, op, 0, 2);
        } else if ((traits & IR_REDUCTION || op->primitive == IR_dot_general) && !cg_is_inline_reduction(f, op)) {
            r->root[op->out] = true;
        }
    }
    for (uint32_t i = 0; i < f->n_results; i++) r->root[f->results[i]] = true;
}

void cg_mark_roots(cg_region *r) {
    const ir_function *f = r->f;
    base_arena *arena = r->planner->arena;
    weights w = {base_new_array(arena, int64_t, f->n_values + 1), base_new_array(arena, uint32_t, f->n_values + 1),
                 base_new_array(arena, float, f->n_values + 1)};
    mark_required(r);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val v = op->out;
        if (ir_primitives[op->primitive].traits & (IR_CONTROL | IR_SEQUENCE)) continue;
        w.cost[v] = cost_of(f, op);
        w.size[v] = (float)w.cost[v];
        for (uint32_t k = 0; k < op->n_in; k++) {
            ir_val operand = ir_in(f, op)[k];
            bool inlined = f->def[operand] != IR_NONE && !r->root[operand];
            // An operand that would be computed far too often, or at two kinds of places, is made once.
            bool shared = r->uses[operand] > 1;
            if (inlined && ((reads_often(f, op, k) && w.cost[operand] > CHEAP) ||
                            (shared && reads_elsewhere(f, op) && w.cost[operand] > CHEAP)))
                r->root[operand] = true, inlined = false;
            if (!inlined) continue;
            w.cost[v] += w.cost[operand];
            w.size[v] += w.size[operand] / (float)r->uses[operand];
            if (w.length[operand] + 1 > w.length[v]) w.length[v] = w.length[operand] + 1;
        }
        if (w.cost[v] > INT32_MAX) w.cost[v] = INT32_MAX;
        bool constant = op->primitive == IR_constant || op->primitive == IR_iota;
        if (!constant && ((r->uses[v] > 1 && w.cost[v] >= COSTLY) || w.length[v] >= LONGEST || w.size[v] >= LARGEST))
            r->root[v] = true;
    }
}
