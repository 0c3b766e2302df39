// In: a function. Out: the same with each counted `while` made a `scan`, in all that it holds too.
//
// Programs from elsewhere have no scans: JAX exports a scan as a `while` that carries a counter, reads its
// inputs by dynamic slices at the counter and writes its outputs into arrays that it carries. So written,
// each step reads and writes whole arrays as far as derivatives can tell. The scan is found again:
//
//   - A carry that the body returns as it came is a constant.
//   - A carry that is affine in the step (counted.c) is known: in each step an element of an arithmetic
//     progression, which derivatives need not keep and batching does not batch; at the end a number.
//   - A dynamic slice of a constant at such an index, of whole rows, one after the other, is an input that is
//     sliced; rows in blocks are an input with an axis for the blocks.
//   - A carry that the body does nothing with but update such rows is a stacked output. Rows that the loop
//     does not write keep what they were. If the body reads the carry too, a carry is what it is.
//   - All others stay carries.
//
// The scan runs backwards if most of its slices do; the others are reversed outside. Indices are proven to be
// within bounds, so no clamping is lost. What is not recognised stays a `while`.
//
// Memoised; a function in which nothing changes is its own result, and the memo then holds none.

#include <string.h>

#include "base/error.h"
#include "transforms/bottom_up.h"
#include "transforms/counted.h"
#include "transforms/transforms.h"

typedef enum role { CARRY, CONSTANT, AFFINE, STACK } role;

// Rows [lowest, lowest + size) in the first step or the last, and so on in steps of `stride`.
typedef struct block {
    int64_t size, lowest, stride;
    bool backward;
} block;

// An array that the scan slices.
typedef struct input {
    ir_val operand; // in the new function around the loop
    ir_val slice;   // parameter of the new body
} input;

typedef struct loop {
    base_arena *arena;
    ir_builder *b;        // of the function around the loop
    const ir_function *f; // the body of the while
    const xf_affine *values;
    int64_t length;
    uint32_t n_constants, n_carries;
    const ir_val *operands; // constants of the body, initial carries
    role *roles;            // of each carry
    block *stacks;          // of each carry that is a STACK
    ir_val *stacked;        // of each carry that is a STACK: the value that is stacked
    const block **rows;     // of each operation: the rows that it reads of an input, or NULL
    bool *needed;           // of each value: the new body computes it, or gets it
    bool reverse;
    // The new body.
    ir_builder *inner;
    ir_val *map; // of each value: its number there
    base_vector(input) inputs;
} loop;

// Values of the body.

static const ir_op *definition(const loop *l, ir_val v) {
    return l->f->def[v] == IR_NONE ? NULL : &l->f->ops[l->f->def[v]];
}

// The operand around the loop that a value of the body is, whatever the step, or IR_NONE.
static ir_val outer_constant(const loop *l, ir_val v) {
    if (v >= l->f->n_params) return IR_NONE;
    return v < l->n_constants || l->roles[v - l->n_constants] == CONSTANT ? l->operands[v] : IR_NONE;
}

static bool is_known_scalar(const loop *l, ir_val v) { return l->values[v].known && !l->f->types[v]->rank; }

static bool same_progression(const loop *l, ir_val v, ir_val w) {
    return is_known_scalar(l, v) && is_known_scalar(l, w) && l->f->types[v] == l->f->types[w] &&
           l->values[v].slope == l->values[w].slope && l->values[v].offset == l->values[w].offset;
}

// The first carry that a known value equals in every step, as a parameter of the body, or the value itself.
static ir_val representative(const loop *l, ir_val v) {
    if (!is_known_scalar(l, v)) return v;
    for (uint32_t i = 0; i < l->n_carries; i++)
        if (l->roles[i] == AFFINE && same_progression(l, l->n_constants + i, v)) return l->n_constants + i;
    return v;
}

static bool is_known_constant(const loop *l, ir_val v) {
    return is_known_scalar(l, v) && !l->values[v].slope;
}

// The rows of an array of this type that are read or written in each step: whole ones, within bounds.
static const block *rows_at(const loop *l, const ir_type *whole, ir_dims sizes, ir_val start, bool writes) {
    if (!whole->rank || sizes.at[0] == whole->dims[0] || !sizes.at[0]) return NULL;
    for (uint32_t d = 1; d < whole->rank; d++)
        if (sizes.at[d] != whole->dims[d]) return NULL;
    xf_affine at = l->values[start];
    if (!at.known || (!at.slope && l->length > 1)) return NULL;
    int64_t size = sizes.at[0],
            last = at.offset + at.slope * (l->length - 1); // as values[] hold, no overflow
    block r = {.size = size, .lowest = at.offset < last ? at.offset : last, .backward = last < at.offset};
    int64_t highest = at.offset < last ? last : at.offset;
    r.stride = l->length == 1 ? size : at.slope < 0 ? -at.slope : at.slope;
    if (r.lowest < 0 || highest > whole->dims[0] - size) return NULL;
    if (r.stride != size && (writes || size > 1)) return NULL;
    return base_arena_copy(l->arena, &r, sizeof r);
}

static const block *rows_read(const loop *l, const ir_op *op) {
    if (op->primitive != IR_dynamic_slice) return NULL;
    const ir_val *in = ir_in(l->f, op);
    if (outer_constant(l, in[0]) == IR_NONE || op->n_in < 2) return NULL;
    return rows_at(l, l->f->types[in[0]], ((const ir_dynamic_slice_attributes *)op->attributes)->sizes, in[1],
                   false);
}

static const block *rows_written(const loop *l, uint32_t carry, const uint32_t *uses) {
    ir_val param = l->n_constants + carry, result = l->f->results[carry];
    const ir_op *op = definition(l, result);
    if (!op || op->primitive != IR_dynamic_update_slice || uses[param] != 1 || uses[result] != 1) return NULL;
    const ir_val *in = ir_in(l->f, op);
    if (in[0] != param || op->n_in < 3) return NULL;
    const ir_type *whole = l->f->types[param], *update = l->f->types[in[1]];
    return rows_at(l, whole, ir_shape(update), in[2], true);
}

// The shape of a slice of the stack of such rows: without the leading axis, if that is one row.
static ir_dims slice_shape(const ir_type *rows, const block *r) {
    return r->size == 1 ? (ir_dims){(int64_t)rows->rank - 1, rows->dims + 1} : ir_shape(rows);
}

// The value of the body that is stacked for an update: what the update is with its leading axis put in.
static ir_val stacked_value(const loop *l, ir_val update, const block *r) {
    const ir_op *op = definition(l, update);
    if (r->size != 1 || !op || (op->primitive != IR_reshape && op->primitive != IR_broadcast_in_dim))
        return update;
    ir_val x = ir_in(l->f, op)[0];
    if (!ir_dims_equal(ir_shape(l->f->types[x]), slice_shape(l->f->types[update], r))) return update;
    if (op->primitive == IR_reshape) return x;
    ir_dims dims = ((const ir_broadcast_attributes *)op->attributes)->dims;
    for (int64_t i = 0; i < dims.n; i++)
        if (dims.at[i] != i + 1) return update;
    return x;
}

static void find_roles(loop *l) {
    const ir_function *f = l->f;
    uint32_t *uses = base_new_array(l->arena, uint32_t, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_ops; i++)
        for (uint32_t k = 0; k < f->ops[i].n_in; k++) uses[ir_in(f, &f->ops[i])[k]]++;
    for (uint32_t i = 0; i < f->n_results; i++) uses[f->results[i]]++;
    for (uint32_t i = 0; i < l->n_carries; i++) {
        ir_val param = l->n_constants + i;
        if (f->results[i] == param)
            l->roles[i] = CONSTANT;
        else if (is_known_scalar(l, param))
            l->roles[i] = AFFINE;
    }
    int64_t backward = 0;
    for (uint32_t i = 0; i < l->n_carries; i++) {
        const block *r = l->roles[i] == CARRY ? rows_written(l, i, uses) : NULL;
        if (!r) continue;
        l->roles[i] = STACK;
        l->stacks[i] = *r;
        l->stacked[i] = stacked_value(l, ir_in(f, definition(l, f->results[i]))[1], r);
        backward += r->backward ? 1 : -1;
    }
    for (uint32_t i = 0; i < f->n_ops; i++) {
        l->rows[i] = rows_read(l, &f->ops[i]);
        if (l->rows[i]) backward += l->rows[i]->backward ? 1 : -1;
    }
    l->reverse = backward > 0;
}

// The operation whose rows this value is one of, as a slice or as the slice without its leading axis.
static const ir_op *row_of(const loop *l, ir_val v) {
    const ir_op *op = definition(l, v);
    if (!op) return NULL;
    if (l->rows[op - l->f->ops]) return op;
    if (op->primitive != IR_reshape) return NULL;
    const ir_op *slice = definition(l, ir_in(l->f, op)[0]);
    const block *r = slice ? l->rows[slice - l->f->ops] : NULL;
    if (!r || !ir_dims_equal(ir_shape(l->f->types[v]), slice_shape(l->f->types[slice->out], r))) return NULL;
    return slice;
}

// What the new body needs, from its results back; what is known or sliced needs nothing else.
static void find_needed(loop *l) {
    const ir_function *f = l->f;
    for (uint32_t i = 0; i < l->n_carries; i++) {
        if (l->roles[i] == CARRY) l->needed[f->results[i]] = true;
        if (l->roles[i] == STACK) l->needed[l->stacked[i]] = true;
    }
    for (uint32_t i = f->n_ops; i-- > 0;) {
        const ir_op *op = &f->ops[i];
        bool any = false;
        for (uint32_t o = 0; o < op->n_out; o++) any |= l->needed[op->out + o];
        if (!any || is_known_constant(l, op->out)) continue;
        const ir_op *row = row_of(l, op->out);
        ir_val same = row ? row->out : representative(l, op->out);
        l->needed[same] = true;
        if (row || same != op->out) continue;
        for (uint32_t k = 0; k < op->n_in; k++) l->needed[ir_in(f, op)[k]] = true;
    }
    for (uint32_t v = l->n_constants; v < f->n_params; v++)
        if (l->needed[v]) l->needed[representative(l, v)] = true;
}

// Around the loop.

// first, first + slope, ...: an affine value in the order in which the scan goes through its inputs.
static ir_val progression(const loop *l, ir_val v) {
    xf_affine x = l->values[v];
    int64_t first = l->reverse ? x.offset + x.slope * (l->length - 1) : x.offset;
    int64_t slope =
        l->reverse ? -x.slope : x.slope; // negative ones of unsigned integers wrap, as they should
    ir_dims shape = IR_DIMS(l->length);
    const ir_type *type = ir_type_get(l->b->module, l->f->types[v]->dtype, 1, shape.at);
    ir_val steps = ir_iota(l->b, type->dtype, shape, 0);
    if (slope != 1) steps = ir_mul(l->b, steps, ir_full_int(l->b, type, slope));
    return first ? ir_add(l->b, steps, ir_full_int(l->b, type, first)) : steps;
}

static ir_val reversed(ir_builder *b, ir_val x, bool reverse) {
    return reverse ? ir_rev(b, x, IR_DIMS(0)) : x;
}

// The array whose slices are these rows of x.
static ir_val sliced(const loop *l, ir_val x, const block *r) {
    const ir_type *type = ir_type_of(l->b, x);
    int64_t start[IR_MAX_RANK] = {r->lowest}, stride[IR_MAX_RANK], limit[IR_MAX_RANK], shape[IR_MAX_RANK + 1];
    for (uint32_t d = 0; d < type->rank; d++) {
        stride[d] = 1;
        limit[d] = type->dims[d];
    }
    if (r->size == 1) stride[0] = r->stride;
    limit[0] = r->lowest + (l->length - 1) * r->stride + r->size;
    int64_t rank = type->rank;
    x = ir_slice(l->b, x, (ir_dims){rank, start}, (ir_dims){rank, limit}, (ir_dims){rank, stride});
    shape[0] = l->length;
    shape[1] = r->size;
    for (int64_t d = 1; d < rank; d++) shape[d + 1] = type->dims[d];
    if (r->size > 1) x = ir_reshape(l->b, x, (ir_dims){rank + 1, shape});
    return reversed(l->b, x, r->backward != l->reverse);
}

// The final value of a stack that started as `init`.
static ir_val unstacked(const loop *l, ir_val init, ir_val slices, const block *r) {
    const ir_type *type = ir_type_of(l->b, init);
    ir_val start[IR_MAX_RANK];
    int64_t shape[IR_MAX_RANK] = {l->length * r->size};
    for (uint32_t d = 1; d < type->rank; d++) shape[d] = type->dims[d];
    ir_val x = reversed(l->b, slices, r->backward != l->reverse);
    x = ir_reshape(l->b, x, (ir_dims){type->rank, shape});
    if (shape[0] == type->dims[0]) return x;
    for (uint32_t d = 0; d < type->rank; d++)
        start[d] = ir_full_int(l->b, ir_type_scalar(l->b->module, CV_S64), d ? 0 : r->lowest);
    return ir_dynamic_update_slice(l->b, init, x, start);
}

// The new body.

static ir_val add_input(loop *l, ir_val operand, const ir_type *slice) {
    for (uint32_t i = l->inputs.n; i-- > 0 && i + 64 > l->inputs.n;) // the same one, if it is not long ago
        if (l->inputs.at[i].operand == operand) return l->inputs.at[i].slice;
    input added = {operand, ir_param(l->inner, slice)};
    base_push(l->arena, &l->inputs, added);
    return added.slice;
}

typedef struct sliced_rows {
    ir_val x;
    block rows;
    ir_val operand;
} sliced_rows;

// Parameters: the slices of rows, equal ones once.
static void add_rows(loop *l) {
    base_vector(sliced_rows) made = {0};
    for (uint32_t i = 0; i < l->f->n_ops; i++) {
        const ir_op *op = &l->f->ops[i];
        const block *r = l->rows[i];
        if (!r || !l->needed[op->out]) continue;
        ir_val x = outer_constant(l, ir_in(l->f, op)[0]), operand = IR_NONE;
        for (uint32_t k = made.n; k-- > 0 && k + 64 > made.n;) {
            const block *other = &made.at[k].rows;
            if (made.at[k].x == x && other->size == r->size && other->lowest == r->lowest &&
                other->stride == r->stride && other->backward == r->backward)
                operand = made.at[k].operand;
        }
        if (operand == IR_NONE) {
            operand = sliced(l, x, r);
            base_push(l->arena, &made, (sliced_rows){x, *r, operand});
        }
        ir_dims shape = slice_shape(l->f->types[op->out], r);
        const ir_type *type = ir_type_get(l->b->module, l->f->types[op->out]->dtype, shape.n, shape.at);
        l->map[op->out] = add_input(l, operand, type); // becomes the slice with its leading axis in emit_body
    }
}

// Parameters in the order of a scan's operands, which are listed.
static void add_params(loop *l, uint32_t *n_constants, uint32_t *n_carries, ir_val *in) {
    uint32_t n = 0, first = l->n_constants;
    for (uint32_t v = 0; v < l->f->n_params; v++) {
        if (outer_constant(l, v) == IR_NONE || !l->needed[v] || is_known_constant(l, v)) continue;
        l->map[v] = ir_param(l->inner, l->f->types[v]);
        in[n++] = l->operands[v];
    }
    *n_constants = n;
    for (uint32_t i = 0; i < l->n_carries; i++) {
        if (l->roles[i] != CARRY) continue;
        l->map[first + i] = ir_param(l->inner, l->f->types[first + i]);
        in[n++] = l->operands[first + i];
    }
    *n_carries = n - *n_constants;
    for (uint32_t i = 0; i < l->n_carries; i++) {
        ir_val v = first + i;
        if (l->roles[i] != AFFINE || !l->needed[v] || is_known_constant(l, v) || representative(l, v) != v)
            continue;
        l->map[v] = add_input(l, progression(l, v), l->f->types[v]);
    }
    add_rows(l);
}

static void emit_op(loop *l, const ir_op *op) {
    const ir_function *f = l->f;
    ir_val few[8], *in = op->n_in <= 8 ? few : base_new_array(l->arena, ir_val, op->n_in);
    for (uint32_t k = 0; k < op->n_in; k++) in[k] = l->map[ir_in(f, op)[k]];
    ir_set_place(l->inner, op);
    ir_val first = ir_emit_like(l->inner, f, op, in);
    for (uint32_t o = 0; o < op->n_out; o++) l->map[op->out + o] = first + o;
}

static void emit_body(loop *l) {
    const ir_function *f = l->f;
    for (uint32_t v = 0; v < f->n_params; v++) {
        if (is_known_constant(l, v))
            l->map[v] = ir_full_int(l->inner, f->types[v], l->values[v].offset);
        else
            l->map[v] = l->map[representative(l, v)];
    }
    for (uint32_t i = 0; i < f->n_ops;
         i++) { // a slice that was reshaped is taken before its leading axis is back
        const ir_op *op = &f->ops[i], *slice = op->n_out == 1 ? row_of(l, op->out) : NULL;
        if (slice && slice != op) l->map[op->out] = l->map[slice->out];
    }
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        bool any = false;
        for (uint32_t o = 0; o < op->n_out; o++) any |= l->needed[op->out + o];
        if (l->rows[i]) l->map[op->out] = ir_reshape(l->inner, l->map[op->out], ir_shape(f->types[op->out]));
        if (!any || row_of(l, op->out)) continue;
        ir_val same = representative(l, op->out);
        if (is_known_constant(l, op->out))
            l->map[op->out] = ir_full_int(l->inner, f->types[op->out], l->values[op->out].offset);
        else if (same != op->out)
            l->map[op->out] = l->map[same];
        else
            emit_op(l, op);
    }
}

static bool holds_while(const ir_function *f) {
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (f->ops[i].primitive == IR_while) return true;
    return false;
}

static const ir_function *finish_body(loop *l) {
    base_vector(ir_val) results = {0};
    for (uint32_t i = 0; i < l->n_carries; i++)
        if (l->roles[i] == CARRY) base_push(l->arena, &results, l->map[l->f->results[i]]);
    for (uint32_t i = 0; i < l->n_carries; i++) {
        if (l->roles[i] != STACK) continue;
        ir_val slice = l->map[l->stacked[i]];
        const ir_op *update = definition(l, l->f->results[i]);
        ir_dims shape = slice_shape(l->f->types[ir_in(l->f, update)[1]], &l->stacks[i]);
        base_push(l->arena, &results, ir_reshape(l->inner, slice, shape));
    }
    l->inner->place = l->f->place;
    const ir_function *body = ir_finish(l->inner, results.at, results.n);
    // Integers that are known now may count a loop inside.
    return holds_while(body) ? xf_recover_scans(body) : body;
}

static void give_results(const loop *l, ir_val first, ir_val *out) {
    for (uint32_t i = 0; i < l->n_carries; i++) {
        ir_val v = l->n_constants + i;
        xf_affine x = l->values[v];
        if (l->roles[i] == CARRY) out[i] = first++;
        if (l->roles[i] == CONSTANT) out[i] = l->operands[v];
        if (l->roles[i] == AFFINE) out[i] = ir_full_int(l->b, l->f->types[v], x.offset + x.slope * l->length);
    }
    for (uint32_t i = 0; i < l->n_carries; i++)
        if (l->roles[i] == STACK)
            out[i] = unstacked(l, l->operands[l->n_constants + i], first++, &l->stacks[i]);
}

static void emit_scan(loop *l, ir_val *out) {
    uint32_t n_constants, n_carries;
    l->inner = ir_builder_new(l->b->module, l->f->name);
    ir_val *in = base_new_array(l->arena, ir_val, l->f->n_params + l->f->n_ops + 1);
    add_params(l, &n_constants, &n_carries, in);
    emit_body(l);
    ir_scan_attributes a = {finish_body(l), n_constants, n_carries, l->length, l->reverse};
    uint32_t n = n_constants + n_carries;
    for (uint32_t i = 0; i < l->inputs.n; i++) in[n++] = l->inputs.at[i].operand;
    ir_val first = a.body->n_results ? ir_emit(l->b, IR_scan, in, n, &a) : IR_NONE;
    give_results(l, first, out);
}

// The scan that equals a `while` with these operands, of which `known` says what is known.
static bool recover(ir_builder *b, const ir_while_attributes *a, uint32_t n_carries, const ir_val *in,
                    const xf_affine *known, base_arena *arena, ir_val *out) {
    xf_counted counted;
    if (!xf_counted_loop(arena, a, n_carries, known, &counted)) return false;
    const ir_val *operands = in + a->cond_constants;
    if (!counted.length) {
        if (n_carries) memcpy(out, operands + a->body_constants, sizeof *out * n_carries);
        return true;
    }
    loop l = {.arena = arena,
              .b = b,
              .f = counted.body,
              .values = counted.values,
              .length = counted.length,
              .n_constants = (uint32_t)a->body_constants,
              .n_carries = n_carries,
              .operands = operands};
    l.roles = base_new_array(arena, role, n_carries + 1);
    l.stacks = base_new_array(arena, block, n_carries + 1);
    l.stacked = base_new_array(arena, ir_val, n_carries + 1);
    l.rows = base_new_array(arena, const block *, l.f->n_ops + 1);
    l.needed = base_new_array(arena, bool, l.f->n_values + 1);
    l.map = base_new_array(arena, ir_val, l.f->n_values + 1);
    find_roles(&l);
    find_needed(&l);
    emit_scan(&l, out);
    return true;
}

// The pass.

static const char key[] = "recover scans";

static bool done(const ir_function *f) { return ir_memo_find(f, key, sizeof key) != NULL; }

static const ir_function *recovered(const ir_function *f) {
    const ir_memo *memo = ir_memo_find(f, key, sizeof key);
    base_check(memo);
    return memo->functions[0] ? memo->functions[0] : f;
}

static bool changes(const ir_function *f) {
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (f->ops[i].primitive == IR_while || xf_held_changes(&f->ops[i], recovered)) return true;
    return false;
}

static const ir_function *rewrite(const ir_function *f) {
    ir_builder *b = ir_builder_new(f->module, f->name);
    base_arena *arena = &b->arena;
    const xf_affine *values = xf_affine_values(arena, f, NULL, 0, 0);
    ir_val *map = base_new_array(arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = ir_param(b, f->types[i]);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val few[8], *in = op->n_in <= 8 ? few : base_new_array(arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = map[ir_in(f, op)[k]];
        ir_set_place(b, op);
        if (op->primitive == IR_while) {
            xf_affine *known = base_new_array(arena, xf_affine, op->n_in + 1);
            for (uint32_t k = 0; k < op->n_in; k++) known[k] = values[ir_in(f, op)[k]];
            const ir_while_attributes *a = xf_with_held(arena, op, recovered);
            if (recover(b, a, op->n_out, in, known, arena, map + op->out)) continue;
        }
        xf_emit_same(b, op, in, map + op->out, recovered);
    }
    ir_val *results = base_new_array(arena, ir_val, f->n_results + 1);
    for (uint32_t i = 0; i < f->n_results; i++) results[i] = map[f->results[i]];
    b->place = f->place;
    return ir_finish(b, results, f->n_results);
}

static void visit(const ir_function *f) {
    const ir_function *result = changes(f) ? rewrite(f) : NULL;
    if (result && ir_equal(result, f)) result = NULL;
    ir_memo_keep(f, key, sizeof key, result, NULL, NULL, 0);
    if (result) ir_memo_keep(result, key, sizeof key, NULL, NULL, NULL, 0);
}

const ir_function *xf_recover_scans(const ir_function *f) {
    xf_bottom_up(f, done, visit);
    return recovered(f);
}
