// In: sort. Out: one kernel, a merge sort of each lane, lanes side by side.
//
// Runs of sorted elements are merged in pairs, pass by pass, each twice as long as before, from one
// memory to another and back: the results' own and a temporary of the same size, so chosen that the last
// pass ends in the results. A pass is one loop over the places of the lane without branches: at the start of
// a pair of runs it begins at both their starts, at each place it takes the lesser of the two elements it
// stands at. All accesses run through memory in order, for any number of operands; the comparator is
// expanded where it is used, so that there is no call.

#include <string.h>

#include "base/error.h"
#include "codegen/fusion.h"

typedef struct sorting {
    cg_region *region;
    const ir_op *op;
    const ir_function *comparator;
    cg_fusion *u;
    const ir_type *shape; // of each operand, but for the dtype
    int64_t axis, n;
    uint32_t *results, *others; // buffers of each operand
    uint32_t i, j, second;      // locals: where both runs are, whether the second one's element is taken
} sorting;

// The element of the lane at this place of the axis.
static cg_expr offset_at(const sorting *s, cg_expr place) {
    cg_expr index[IR_MAX_RANK];
    for (int64_t d = 0, next = 0; d < s->shape->rank; d++)
        index[d] = d == s->axis ? place : s->u->outer_index[next++];
    return cg_offset(s->u->kernel, s->shape, index);
}

// Arguments of the comparator, bound to elements.
typedef struct bound {
    const sorting *s;
    const uint32_t *from;
    cg_expr first, second; // offsets
} bound;

static cg_expr argument_at(cg_fusion *u, const cg_frame *frame, ir_val param, const cg_expr *index) {
    const bound *b = frame->bindings;
    (void)index;
    return cg_load(u->kernel, b->from[param / 2], param % 2 ? b->second : b->first);
}

// Whether the element at the first offset goes before that at the second one.
static cg_expr goes_before(const sorting *s, const uint32_t *from, cg_expr first, cg_expr second) {
    base_arena *arena = s->region->planner->arena;
    bound *b = base_new(arena, bound);
    cg_frame *frame = base_new(arena, cg_frame);
    *b = (bound){s, from, first, second};
    *frame = (cg_frame){.f = s->comparator, .param = argument_at, .bindings = b};
    return cg_value_at(s->u, frame, s->comparator->results[0], NULL);
}

static void set_both(const sorting *s, cg_block *block, cg_expr i, cg_expr j) {
    cg_kernel *k = s->u->kernel;
    cg_statement *set = cg_set(k, s->i, i);
    base_push(k->arena, &set->ids, s->j);
    base_push(k->arena, &set->values, j);
    base_push(s->region->planner->arena, block, set);
}

static cg_expr select(cg_kernel *k, cg_expr condition, cg_expr yes, cg_expr no) {
    return cg_apply(k, IR_select, cg_node_of(k, yes)->dtype, (cg_expr[]){condition, yes, no}, 3);
}

// Merges pairs of runs of `width` elements, a power of 2.
static void add_pass(const sorting *s, cg_block *block, const uint32_t *from, const uint32_t *to,
                     cg_expr width) {
    cg_kernel *k = s->u->kernel;
    base_arena *arena = s->region->planner->arena;
    uint32_t loop = cg_add_loop(k, s->n, CG_ABSENT);
    cg_expr place = cg_index(k, loop), n = cg_int(k, s->n), one = cg_int(k, 1);
    cg_expr i = cg_local_value(k, s->i), j = cg_local_value(k, s->j);
    cg_expr pair = cg_scale(k, width, 2), mask = cg_scale(k, pair, -1);
    cg_expr begin = cg_apply2(k, IR_and, place, mask);
    cg_expr middle = cg_apply2(k, IR_min, cg_add(k, begin, width), n);
    cg_expr end = cg_apply2(k, IR_min, cg_add(k, begin, pair), n);
    cg_expr starts = cg_apply2(k, IR_eq, place, begin);
    cg_statement *merging = cg_for(k, loop);
    base_push(arena, block, merging);
    block = &merging->body;
    set_both(s, block, select(k, starts, begin, i), select(k, starts, middle, j));

    cg_expr at_i = cg_clamp(k, i, 0, s->n - 1), at_j = cg_clamp(k, j, 0, s->n - 1);
    cg_expr less = goes_before(s, from, offset_at(s, at_j), offset_at(s, at_i));
    cg_expr over = cg_apply2(k, IR_ge, i, middle), left = cg_apply2(k, IR_lt, j, end);
    base_push(arena, block,
              cg_set(k, s->second, cg_apply2(k, IR_and, left, cg_apply2(k, IR_or, over, less))));
    cg_expr second = cg_local_value(k, s->second), taken = offset_at(s, select(k, second, at_j, at_i));
    for (uint32_t o = 0; o < s->op->n_in; o++)
        base_push(arena, block, cg_store(k, to[o], offset_at(s, place), cg_load(k, from[o], taken)));
    set_both(s, block, select(k, second, i, cg_add(k, i, one)), select(k, second, cg_add(k, j, one), j));
}

// The operands, element by element, into memory.
static void add_copy(const sorting *s, cg_block *block, const uint32_t *to) {
    cg_kernel *k = s->u->kernel;
    cg_fusion *u = s->u;
    uint32_t loop = cg_add_loop(k, s->n, CG_ABSENT);
    cg_expr index[IR_MAX_RANK], place = cg_index(k, loop);
    cg_statement *copying = cg_for(k, loop);
    base_push(s->region->planner->arena, block, copying);
    for (int64_t d = 0, next = 0; d < s->shape->rank; d++)
        index[d] = d == s->axis ? place : u->outer_index[next++];
    for (uint32_t o = 0; o < s->op->n_in; o++) {
        cg_expr value = cg_value_at(u, &u->frame, ir_in(s->region->f, s->op)[o], index);
        base_push(s->region->planner->arena, &copying->body, cg_store(k, to[o], offset_at(s, place), value));
    }
    base_check(!u->misaligned);
}

static void build(sorting *s) {
    cg_kernel *k = s->u->kernel;
    base_arena *arena = s->region->planner->arena;
    int64_t passes = 0;
    while ((INT64_C(1) << passes) < s->n) passes++;
    bool odd = passes % 2;
    // One statement, so that a target on which threads share statements runs it in one of them.
    cg_statement *whole = cg_for(k, cg_add_loop(k, 1, CG_ABSENT));
    base_push(arena, &s->u->after, whole);
    add_copy(s, &whole->body, odd ? s->others : s->results);
    if (odd) add_pass(s, &whole->body, s->others, s->results, cg_int(k, 1));
    if (passes < 2) return;
    uint32_t width = cg_add_local(k, CV_S64, 1);
    cg_statement *pairs = cg_for(k, cg_add_loop(k, passes / 2, CG_ABSENT));
    cg_expr runs = cg_local_value(k, width);
    base_push(arena, &whole->body, cg_set(k, width, cg_int(k, odd ? 2 : 1)));
    base_push(arena, &whole->body, pairs);
    add_pass(s, &pairs->body, s->results, s->others, runs);
    add_pass(s, &pairs->body, s->others, s->results, cg_scale(k, runs, 2));
    base_push(arena, &pairs->body, cg_set(k, width, cg_scale(k, runs, 4)));
}

void cg_plan_sort(cg_region *r, const ir_op *op, cg_step_block *block) {
    const ir_sort_attributes *a = op->attributes;
    base_arena *arena = r->planner->arena;
    sorting s = {.region = r,
                 .op = op,
                 .shape = r->f->types[op->out],
                 .axis = a->axis,
                 .comparator = cg_scalar_function(op, a->comparator, "comparator")};
    int64_t outer[IR_MAX_RANK], rank = 0;
    s.n = s.shape->dims[a->axis];
    for (int64_t d = 0; d < s.shape->rank; d++)
        if (d != a->axis) outer[rank++] = s.shape->dims[d];
    s.u = cg_fusion_new(r, outer, rank, op->place);
    s.results = base_new_array(arena, uint32_t, op->n_in);
    s.others = base_new_array(arena, uint32_t, op->n_in);
    for (uint32_t o = 0; o < op->n_in; o++) {
        s.results[o] = cg_buffer_for(s.u, cg_slot_of(r, op->out + o), s.n > 1 ? CG_READ_WRITE : CG_WRITE);
        if (s.n > 1)
            s.others[o] = cg_buffer_for(s.u, cg_temporary(r, r->f->types[op->out + o]), CG_READ_WRITE);
    }
    s.i = cg_add_local(s.u->kernel, CV_S64, 1);
    s.j = cg_add_local(s.u->kernel, CV_S64, 1);
    s.second = cg_add_local(s.u->kernel, CV_BOOL, 1);
    if (s.shape->count) build(&s);
    cg_fusion_close(s.u, block);
}
