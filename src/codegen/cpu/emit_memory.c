// Loads and stores: of buffers, and of local arrays.
//
// Along the lanes of a vector loop an offset moves forward (one load of a vector), backward (and
// reversed), by a stride or anyhow (lane by lane). A local array that is written in the vector loop of
// the grid has a copy for each lane: the lanes of an element lie side by side, so that an offset that is
// the same for all lanes is one vector.
//
// LLVM is told that buffers are apart by alias scopes: an access is in the scope of its memory and does
// not alias the scopes of the others.

#include <string.h>

#include "base/error.h"
#include "codegen/cpu/emit.h"

// Memory of an access, buffer or local array.
typedef struct place {
    LLVMValueRef base;
    cv_dtype dtype;
    uint32_t buffer; // or CG_ABSENT
    int64_t count;
    cg_expr offset;
    bool private; // a copy for each lane
} place;

static place place_of(const emit *e, bool buffer, uint32_t id, cg_expr offset) {
    if (buffer) {
        const cg_buffer *b = &e->k->buffers.at[id];
        return (place){e->pointers[id], b->dtype, id, b->count, offset, false};
    }
    const cg_local *l = &e->k->locals.at[id];
    return (place){e->locals[id].memory,
                   l->dtype,
                   CG_ABSENT,
                   l->count,
                   offset,
                   e->lanes > 1 && e->wide_locals >> id & 1};
}

bool emit_is_inside(const emit *e, const cg_node *n) {
    const cg_node *offset = cg_node_of(e->k, n->args[0]);
    int64_t count = n->kind == CG_LOAD ? e->k->buffers.at[n->id].count : e->k->locals.at[n->id].count;
    return offset->low >= 0 && offset->high < count;
}

emit_motion emit_motion_of(const emit *e, cg_expr offset, int64_t *stride) {
    const cg_node *n = cg_node_of(e->k, offset);
    int64_t steps[CG_MAX_LOOPS];
    *stride = 0;
    if (!emit_varies(e, offset)) return EMIT_STRIDED;
    if (n->locals & e->wide_locals || !cg_affine(e->k, offset, UINT64_C(1) << e->vector_loop, steps))
        return EMIT_SCATTERED;
    *stride = steps[e->vector_loop];
    return *stride == 1 ? EMIT_FORWARD : *stride == -1 ? EMIT_BACKWARD : EMIT_STRIDED;
}

// A power of two that the offset is a multiple of; at most 64.
static uint32_t multiple_of(const emit *e, cg_expr expr, int depth) {
    const cg_node *n = cg_node_of(e->k, expr);
    if (n->kind == CG_CONSTANT) return (uint32_t)((n->value.u64 | 64) & -(n->value.u64 | 64));
    if (n->kind == CG_INDEX && e->loops[n->id].multiple) return e->loops[n->id].multiple;
    if (n->kind != CG_APPLY || depth > 32 || (n->primitive != IR_add && n->primitive != IR_mul)) return 1;
    uint32_t x = multiple_of(e, n->args[0], depth + 1), y = multiple_of(e, n->args[1], depth + 1);
    uint32_t both = n->primitive == IR_mul ? x * y : (x | y) & -(x | y);
    return both > 64 ? 64 : both;
}

static uint32_t alignment_of(const emit *e, const place *p, uint32_t lanes) {
    uint32_t size = (uint32_t)cv_dtype_size(p->dtype), multiple = multiple_of(e, p->offset, 0);
    bool aligned = p->buffer == CG_ABSENT || e->options->aligned;
    if (p->private) multiple = lanes;
    if (!aligned || lanes == 1) return size;
    uint32_t bytes = size * (multiple < lanes ? multiple : lanes);
    return bytes < 64 ? bytes : 64;
}

// Aliasing

static LLVMValueRef node(const emit *e, LLVMMetadataRef *parts, size_t n) {
    return LLVMMetadataAsValue(e->context, LLVMMDNodeInContext2(e->context, parts, n));
}

static LLVMMetadataRef string(const emit *e, const char *text) {
    return LLVMMDStringInContext2(e->context, text, strlen(text));
}

static uint32_t memory_of(const emit *e, uint32_t buffer) {
    return e->options->memory ? e->options->memory[buffer] : buffer;
}

// Of every buffer a scope, the same for those that may be the same memory.
static void make_alias_scopes(emit *e, uint32_t n) {
    base_arena *arena = &e->arena;
    size_t name_length;
    LLVMMetadataRef name = string(e, LLVMGetValueName2(e->function, &name_length));
    LLVMMetadataRef domain = LLVMMDNodeInContext2(e->context, &name, 1);
    LLVMMetadataRef *scopes = base_new_array(arena, LLVMMetadataRef, n),
                    *others = base_new_array(arena, LLVMMetadataRef, n);
    for (uint32_t i = 0; i < n; i++) {
        LLVMMetadataRef parts[] = {string(e, base_format(arena, "memory %u", memory_of(e, i))), domain};
        scopes[i] = LLVMMDNodeInContext2(e->context, parts, 2);
    }
    for (uint32_t i = 0; i < n; i++) {
        size_t n_others = 0;
        for (uint32_t j = 0; j < n; j++)
            if (memory_of(e, j) != memory_of(e, i)) others[n_others++] = scopes[j];
        e->scope_list[i] = node(e, &scopes[i], 1);
        e->others_list[i] = n_others ? node(e, others, n_others) : NULL;
    }
}

void emit_open_buffers(emit *e, LLVMValueRef buffers) {
    uint32_t n = e->k->buffers.n;
    e->pointers = base_new_array(&e->arena, LLVMValueRef, n + 1);
    e->fail = base_new_array(&e->arena, LLVMBasicBlockRef, n + 1);
    e->scope_list = base_new_array(&e->arena, LLVMValueRef, n + 1);
    e->others_list = base_new_array(&e->arena, LLVMValueRef, n + 1);
    memset(e->memories, 0, sizeof e->memories);
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef at = emit_int(e, i);
        LLVMValueRef entry = i ? LLVMBuildInBoundsGEP2(e->b, e->pointer, buffers, &at, 1, "") : buffers;
        char *name = base_format(&e->arena, "b%u", i);
        e->pointers[i] = LLVMBuildLoad2(e->b, e->pointer, entry, name);
        e->memories[i % 64] |= UINT64_C(1) << memory_of(e, i) % 64;
    }
    make_alias_scopes(e, n);
}

void emit_local_arrays(emit *e) {
    for (uint32_t i = 0; i < e->k->locals.n; i++) {
        const cg_local *l = &e->k->locals.at[i];
        if (l->count == 1) continue;
        uint64_t lanes = e->wide_locals >> i & 1 ? e->lanes : 1; // here: of the grid's vector loop
        uint64_t bytes = (uint64_t)l->count * cv_dtype_size(l->dtype) * lanes;
        e->locals[i].memory = LLVMBuildAlloca(e->b, LLVMArrayType2(e->i8, bytes), "");
        LLVMSetAlignment(e->locals[i].memory, 64);
    }
}

static LLVMValueRef annotate(const emit *e, LLVMValueRef access, const place *p, uint32_t alignment) {
    LLVMSetAlignment(access, alignment);
    if (p->buffer == CG_ABSENT) return access;
    unsigned scope = LLVMGetMDKindIDInContext(e->context, "alias.scope", 11);
    unsigned others = LLVMGetMDKindIDInContext(e->context, "noalias", 7);
    LLVMSetMetadata(access, scope, e->scope_list[p->buffer]);
    if (e->others_list[p->buffer]) LLVMSetMetadata(access, others, e->others_list[p->buffer]);
    return access;
}

// Checks

static void fail_unless(emit *e, LLVMValueRef holds, uint32_t buffer) {
    if (!e->fail[buffer]) {
        e->fail[buffer] = emit_new_block(e, "outside");
        LLVMPositionBuilderAtEnd(e->b, e->fail[buffer]);
        LLVMBuildRet(e->b, LLVMConstInt(e->i32, 1 + (uint64_t)buffer, false));
        LLVMPositionBuilderAtEnd(e->b, e->scopes[e->depth].block);
    }
    LLVMBasicBlockRef inside = emit_new_block(e, "inside");
    LLVMBuildCondBr(e->b, holds, inside, e->fail[buffer]);
    emit_continue(e, inside);
}

// `lanes` elements from the offset on are inside.
static void check(emit *e, const place *p, LLVMValueRef offset, uint32_t lanes) {
    if (!e->options->check_indices || p->buffer == CG_ABSENT) return;
    int64_t places = p->count - (int64_t)lanes + 1;
    LLVMValueRef limit = emit_int(e, places < 0 ? 0 : places);
    fail_unless(e, LLVMBuildICmp(e->b, LLVMIntULT, offset, limit, ""), p->buffer);
}

// Addresses

static LLVMValueRef address(emit *e, LLVMTypeRef type, LLVMValueRef base, LLVMValueRef offset) {
    return LLVMBuildInBoundsGEP2(e->b, type, base, &offset, 1, "");
}

static LLVMValueRef from_memory(emit *e, cv_dtype dtype, LLVMValueRef value) {
    if (dtype != CV_BOOL) return value;
    return LLVMBuildICmp(e->b, LLVMIntNE, value, LLVMConstNull(LLVMTypeOf(value)), "");
}

static LLVMValueRef to_memory(emit *e, cv_dtype dtype, LLVMValueRef value, uint32_t lanes) {
    return dtype == CV_BOOL ? LLVMBuildZExt(e->b, value, emit_wide_type(e->i8, lanes), "") : value;
}

// The offset in memory of one lane, given what is there of the offset: in lane 0, or of all lanes.
static LLVMValueRef lane_offset(emit *e, const place *p, LLVMValueRef offset, bool scattered, int64_t stride,
                                uint32_t lane) {
    LLVMValueRef at = scattered ? emit_lane(e, offset, lane)
                      : stride  ? LLVMBuildAdd(e->b, offset, emit_int(e, stride * (int64_t)lane), "")
                                : offset;
    if (!p->private) return at;
    at = LLVMBuildMul(e->b, at, emit_int(e, e->lanes), "");
    return LLVMBuildAdd(e->b, at, emit_int(e, lane), "");
}

// The lanes of an access: at places that have nothing in common, or `step` elements apart. Addresses are then
// a constant away from that of the first, which takes LLVM half the time of a sum for each.
typedef struct lanes {
    const place *p;
    LLVMValueRef offset, first;
    bool scattered;
    int64_t stride, step;
} lanes;

static lanes lanes_of(emit *e, const place *p, LLVMValueRef offset, bool scattered, int64_t stride) {
    lanes l = {.p = p, .offset = offset, .scattered = scattered, .stride = stride};
    if (scattered) return l;
    l.step = p->private ? stride * (int64_t)e->lanes + 1 : stride;
    l.first = address(e, emit_memory_type(e, p->dtype), p->base, lane_offset(e, p, offset, false, stride, 0));
    return l;
}

static LLVMValueRef lane_address(emit *e, const lanes *l, uint32_t lane) {
    LLVMTypeRef element = emit_memory_type(e, l->p->dtype);
    bool checked = e->options->check_indices && !l->p->private;
    LLVMValueRef at = l->scattered || checked
                          ? lane_offset(e, l->p, l->offset, l->scattered, l->stride, lane)
                          : NULL;
    if (checked) check(e, l->p, at, 1);
    if (l->scattered) return address(e, element, l->p->base, at);
    int64_t distance = l->step * (int64_t)lane;
    return distance ? address(e, element, l->first, emit_int(e, distance)) : l->first;
}

static LLVMValueRef known(const emit *e, cg_expr expr, bool wide) {
    return (wide && emit_varies(e, expr) ? e->wide : e->scalar)[expr].value;
}

static LLVMValueRef load(emit *e, const place *p, LLVMTypeRef type, LLVMValueRef at, uint32_t alignment) {
    return annotate(e, LLVMBuildLoad2(e->b, type, at, ""), p, alignment);
}

static LLVMValueRef load_lanes(emit *e, const place *p, bool scattered, int64_t stride) {
    LLVMTypeRef element = emit_memory_type(e, p->dtype);
    LLVMValueRef result = LLVMGetPoison(LLVMVectorType(element, e->lanes));
    lanes l = lanes_of(e, p, known(e, p->offset, scattered), scattered, stride);
    for (uint32_t i = 0; i < e->lanes; i++) {
        LLVMValueRef at = lane_address(e, &l, i);
        LLVMValueRef one = load(e, p, element, at, (uint32_t)cv_dtype_size(p->dtype));
        result = LLVMBuildInsertElement(e->b, result, one, emit_int(e, i), "");
    }
    return from_memory(e, p->dtype, result);
}

LLVMValueRef emit_load(emit *e, const cg_node *n, bool wide) {
    place p = place_of(e, n->kind == CG_LOAD, n->id, n->args[0]);
    LLVMTypeRef element = emit_memory_type(e, p.dtype), type = emit_wide_type(element, e->lanes);
    LLVMValueRef offset = known(e, p.offset, false);
    int64_t stride;
    emit_motion motion = emit_motion_of(e, p.offset, &stride);
    if (p.private && !emit_varies(e, p.offset)) {
        LLVMTypeRef of = wide ? type : element;
        return from_memory(
            e, p.dtype,
            load(e, &p, of, address(e, type, p.base, offset), alignment_of(e, &p, wide ? e->lanes : 1)));
    }
    if (!wide) {
        if (p.private)
            offset = lane_offset(e, &p, offset, false, 0, 0);
        else
            check(e, &p, offset, 1);
        return from_memory(e, p.dtype,
                           load(e, &p, element, address(e, element, p.base, offset), alignment_of(e, &p, 1)));
    }
    if (p.private || motion == EMIT_STRIDED || motion == EMIT_SCATTERED)
        return load_lanes(e, &p, motion == EMIT_SCATTERED, stride);
    if (motion == EMIT_BACKWARD) offset = LLVMBuildSub(e->b, offset, emit_int(e, e->lanes - 1), "");
    check(e, &p, offset, e->lanes);
    uint32_t alignment =
        motion == EMIT_FORWARD ? alignment_of(e, &p, e->lanes) : (uint32_t)cv_dtype_size(p.dtype);
    LLVMValueRef value = load(e, &p, type, address(e, element, p.base, offset), alignment);
    if (motion == EMIT_BACKWARD) value = emit_shuffle(e, value, e->lanes - 1, -1, e->lanes);
    return from_memory(e, p.dtype, value);
}

// Stores past the caches take whole registers.
static void stream(const emit *e, const place *p, LLVMValueRef store, uint32_t alignment) {
    if (p->buffer >= 64 || !(e->k->streamed >> p->buffer & 1) || alignment < 32) return;
    LLVMMetadataRef one = LLVMValueAsMetadata(LLVMConstInt(e->i32, 1, false));
    LLVMSetMetadata(store, LLVMGetMDKindIDInContext(e->context, "nontemporal", 11), node(e, &one, 1));
}

static void store_to(emit *e, const place *p, LLVMValueRef value, LLVMValueRef at, uint32_t alignment) {
    LLVMValueRef store = LLVMBuildStore(e->b, value, at);
    annotate(e, store, p, alignment);
    stream(e, p, store, alignment);
}

static void store_at(emit *e, const place *p, LLVMTypeRef step, LLVMValueRef value, LLVMValueRef offset,
                     uint32_t alignment) {
    store_to(e, p, value, address(e, step, p->base, offset), alignment);
}

static void store_lanes(emit *e, const place *p, LLVMValueRef value, LLVMValueRef offset, bool scattered,
                        int64_t stride) {
    lanes l = lanes_of(e, p, offset, scattered, stride);
    for (uint32_t i = 0; i < e->lanes; i++) {
        LLVMValueRef at = lane_address(e, &l, i);
        store_to(e, p, emit_lane(e, value, i), at, (uint32_t)cv_dtype_size(p->dtype));
    }
}

void emit_store(emit *e, const cg_statement *s) {
    place p = place_of(e, s->kind == CG_STORE, s->id, s->offset);
    LLVMTypeRef element = emit_memory_type(e, p.dtype);
    int64_t stride;
    emit_motion motion = emit_motion_of(e, p.offset, &stride);
    bool scattered = motion == EMIT_SCATTERED, varies = emit_varies(e, p.offset);
    LLVMValueRef value = to_memory(e, p.dtype, emit_wide(e, s->value), e->lanes);
    LLVMValueRef offset = scattered && varies ? emit_wide(e, p.offset) : emit_scalar(e, p.offset);
    if (p.private && !varies) {
        store_at(e, &p, emit_wide_type(element, e->lanes), value, offset, alignment_of(e, &p, e->lanes));
    } else if (e->lanes == 1 || (motion == EMIT_FORWARD && !p.private)) {
        check(e, &p, offset, e->lanes);
        store_at(e, &p, element, value, offset, alignment_of(e, &p, e->lanes));
    } else if (motion == EMIT_BACKWARD && !p.private) {
        offset = LLVMBuildSub(e->b, offset, emit_int(e, e->lanes - 1), "");
        check(e, &p, offset, e->lanes);
        value = emit_shuffle(e, value, e->lanes - 1, -1, e->lanes);
        store_at(e, &p, element, value, offset, (uint32_t)cv_dtype_size(p.dtype));
    } else {
        store_lanes(e, &p, value, offset, scattered, stride);
    }
    if (s->kind == CG_PUT)
        e->locals[s->id].event = emit_happens(e);
    else
        e->stores[memory_of(e, s->id) % 64] = emit_happens(e);
}
