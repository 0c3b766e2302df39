// Expressions: which scope a value is computed in, and the instructions.
//
// A value is wanted as a scalar or in all lanes of the open vector loop. What does not vary between lanes
// is a scalar that is spread; of what varies, the scalar is that of lane 0, which is all that the offset of
// a vector in memory needs.

#include <string.h>

#include "base/error.h"
#include "codegen/cpu/emit.h"

typedef struct emit_want want;

bool emit_varies(const emit *e, cg_expr expr) {
    const cg_node *n = cg_node_of(e->k, expr);
    return e->lanes > 1 && (n->loops >> e->vector_loop & 1 || n->locals & e->wide_locals);
}

static bool is_index_arithmetic(const cg_node *n) {
    return n->dtype == CV_S64 &&
           (n->kind == CG_APPLY || n->kind == CG_QUOTIENT || n->kind == CG_REMAINDER || n->kind == CG_INDEX);
}

static bool is_access(const cg_node *n) { return n->kind == CG_LOAD || n->kind == CG_ELEMENT; }

// Remembering

static uint64_t last_event(const emit *e, const cg_node *n) {
    uint64_t time = 0;
    for (uint64_t rest = n->loops; rest; rest &= rest - 1) {
        uint64_t own = e->loops[__builtin_ctzll(rest)].event.time;
        if (own > time) time = own;
    }
    for (uint64_t rest = n->locals; rest; rest &= rest - 1) {
        uint64_t own = e->locals[__builtin_ctzll(rest)].event.time;
        if (own > time) time = own;
    }
    for (uint64_t buffers = n->buffers; buffers; buffers &= buffers - 1)
        for (uint64_t rest = e->memories[__builtin_ctzll(buffers)]; rest; rest &= rest - 1) {
            uint64_t own = e->stores[__builtin_ctzll(rest)].time;
            if (own > time) time = own;
        }
    return time;
}

static emit_value *slot_of(emit *e, want w) { return (w.wide ? e->wide : e->scalar) + w.expr; }

static bool is_known(emit *e, want w) {
    const emit_value *v = slot_of(e, w);
    return v->value && v->lanes == (w.wide ? e->lanes : 1) && v->depth <= e->depth &&
           e->scopes[v->depth].id == v->scope && v->time >= last_event(e, cg_node_of(e->k, w.expr));
}

// What a value is made of.
static uint32_t parts_of(const emit *e, want w, want parts[3]) {
    const cg_node *n = cg_node_of(e->k, w.expr);
    int64_t stride;
    if (w.wide && !emit_varies(e, w.expr)) {
        parts[0] = (want){w.expr, false};
        return 1;
    }
    if (!w.wide && emit_varies(e, w.expr) && n->kind == CG_LOCAL) return 0;
    bool wide = w.wide;
    if (is_access(n) && wide) wide = emit_motion_of(e, n->args[0], &stride) == EMIT_SCATTERED;
    for (uint32_t i = 0; i < n->n_args; i++)
        parts[i] = (want){n->args[i], wide && (emit_varies(e, n->args[i]) || n->kind == CG_APPLY)};
    return n->n_args;
}

// The outermost scope where the value can be computed.
static uint32_t depth_of(emit *e, want w, const want *parts, uint32_t n_parts) {
    const cg_node *n = cg_node_of(e->k, w.expr);
    uint32_t depth = 0;
    for (uint32_t i = 0; i < n_parts; i++)
        if (slot_of(e, parts[i])->depth > depth) depth = slot_of(e, parts[i])->depth;
    if (n_parts == 1 && parts[0].expr == w.expr) return depth;
    if (n->kind == CG_CONSTANT) return 0;
    if (n->kind == CG_INDEX) return e->loops[n->id].event.depth;
    if (n->kind == CG_LOCAL) return e->locals[n->id].event.depth;
    if (is_access(n) && e->options->check_indices) return e->depth;
    if (n->kind == CG_ELEMENT && e->locals[n->id].event.depth > depth) depth = e->locals[n->id].event.depth;
    if (n->kind == CG_LOAD)
        for (uint64_t rest = e->memories[n->id % 64]; rest; rest &= rest - 1)
            if (e->stores[__builtin_ctzll(rest)].depth > depth)
                depth = e->stores[__builtin_ctzll(rest)].depth;
    bool stays = is_access(n) && !emit_is_inside(e, n), movable = is_index_arithmetic(n);
    for (uint32_t d = e->depth; d > depth; d--)
        if ((stays && e->scopes[d].may_not_run) || (!movable && e->scopes[d].branch)) return d;
    return depth;
}

// Instructions

LLVMValueRef emit_apply(emit *e, ir_primitive primitive, cv_dtype from, cv_dtype to,
                        const LLVMValueRef *args) {
    return cg_math_apply(&e->math, primitive, from, to, args);
}

// Rounded down, of what may be negative; 32 bits are enough for most indices, and vectors of them are fast.
static LLVMValueRef divide(emit *e, const cg_node *n, LLVMValueRef x) {
    const cg_node *arg = cg_node_of(e->k, n->args[0]);
    LLVMTypeRef type = LLVMTypeOf(x);
    bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind, quotient = n->kind == CG_QUOTIENT;
    uint32_t lanes = vector ? LLVMGetVectorSize(type) : 1;
    LLVMValueRef d = emit_splat(e, emit_int(e, n->value.s64), lanes);
    if (arg->low >= 0 && arg->high <= UINT32_MAX && n->value.s64 <= UINT32_MAX) {
        LLVMTypeRef narrow = emit_wide_type(e->i32, lanes);
        x = LLVMBuildTrunc(e->b, x, narrow, "");
        d = emit_splat(e, LLVMConstInt(e->i32, (uint64_t)n->value.s64, false), lanes);
        x = quotient ? LLVMBuildUDiv(e->b, x, d, "") : LLVMBuildURem(e->b, x, d, "");
        return LLVMBuildZExt(e->b, x, type, "");
    }
    if (arg->low >= 0) return quotient ? LLVMBuildUDiv(e->b, x, d, "") : LLVMBuildURem(e->b, x, d, "");
    LLVMValueRef rest = LLVMBuildSRem(e->b, x, d, "");
    LLVMValueRef negative = LLVMBuildICmp(e->b, LLVMIntSLT, rest, LLVMConstNull(type), "");
    if (quotient)
        return LLVMBuildAdd(e->b, LLVMBuildSDiv(e->b, x, d, ""), LLVMBuildSExt(e->b, negative, type, ""), "");
    return LLVMBuildSelect(e->b, negative, LLVMBuildAdd(e->b, rest, d, ""), rest, "");
}

static LLVMValueRef build(emit *e, want w, const want *parts, uint32_t n_parts) {
    const cg_node *n = cg_node_of(e->k, w.expr);
    LLVMValueRef args[3];
    for (uint32_t i = 0; i < n_parts; i++) args[i] = slot_of(e, parts[i])->value;
    if (n_parts == 1 && parts[0].expr == w.expr) return emit_splat(e, args[0], e->lanes);
    switch (n->kind) {
    case CG_CONSTANT: return emit_constant(e, n->dtype, &n->value);
    case CG_INDEX:
        if (!w.wide) return e->loops[n->id].counter;
        return LLVMBuildAdd(e->b, emit_splat(e, e->loops[n->id].counter, e->lanes), emit_iota(e, e->lanes),
                            "");
    case CG_LOCAL: {
        LLVMValueRef value = e->locals[n->id].value;
        return emit_varies(e, w.expr) && !w.wide ? emit_lane(e, value, 0) : value;
    }
    case CG_ELEMENT:
    case CG_LOAD: return emit_load(e, n, w.wide);
    case CG_APPLY: {
        cv_dtype from = n->primitive == IR_select ? n->dtype : cg_node_of(e->k, n->args[0])->dtype;
        return emit_apply(e, n->primitive, from, n->dtype, args);
    }
    default: return divide(e, n, args[0]);
    }
}

static bool adds_blocks(const cg_node *n) {
    return n->kind == CG_APPLY && cg_math_adds_blocks(n->primitive, n->dtype);
}

// Written at the end of that scope: in an outer one, before the branch into the scope within, which moves
// along if there are new blocks.
static void make(emit *e, want w, const want *parts, uint32_t n_parts) {
    uint32_t depth = depth_of(e, w, parts, n_parts);
    bool moves = adds_blocks(cg_node_of(e->k, w.expr));
    LLVMValueRef branch = NULL;
    if (depth < e->depth) {
        branch = LLVMGetBasicBlockTerminator(e->scopes[depth].block);
        if (moves) {
            LLVMInstructionRemoveFromParent(branch);
            LLVMPositionBuilderAtEnd(e->b, e->scopes[depth].block);
        } else {
            LLVMPositionBuilderBefore(e->b, branch);
        }
    }
    LLVMValueRef value = build(e, w, parts, n_parts);
    if (moves) e->scopes[depth].block = LLVMGetInsertBlock(e->b);
    if (moves && branch) LLVMInsertIntoBuilder(e->b, branch);
    if (branch) LLVMPositionBuilderAtEnd(e->b, e->scopes[e->depth].block);
    *slot_of(e, w) = (emit_value){value, e->now, e->scopes[depth].id, depth, w.wide ? e->lanes : 1};
}

static void push(emit *e, want w) {
    if (e->n_stack == e->stack_capacity) {
        uint32_t capacity = e->stack_capacity ? 2 * e->stack_capacity : 64;
        want *stack = base_new_array(&e->arena, want, capacity);
        if (e->n_stack) memcpy(stack, e->stack, e->n_stack * sizeof *stack);
        e->stack = stack;
        e->stack_capacity = capacity;
    }
    e->stack[e->n_stack++] = w;
}

// Values are computed when their parts are there; what is missing is pushed on top.
static LLVMValueRef resolve(emit *e, want wanted) {
    uint32_t bottom = e->n_stack;
    push(e, wanted);
    while (e->n_stack > bottom) {
        want w = e->stack[e->n_stack - 1], parts[3];
        if (is_known(e, w)) {
            e->n_stack--;
            continue;
        }
        uint32_t n = parts_of(e, w, parts), missing = 0;
        for (uint32_t i = n; i-- > 0;)
            if (!is_known(e, parts[i])) push(e, parts[i]), missing++;
        if (!missing) make(e, w, parts, n);
    }
    return slot_of(e, wanted)->value;
}

LLVMValueRef emit_scalar(emit *e, cg_expr expr) { return resolve(e, (want){expr, false}); }
LLVMValueRef emit_wide(emit *e, cg_expr expr) { return resolve(e, (want){expr, e->lanes > 1}); }
