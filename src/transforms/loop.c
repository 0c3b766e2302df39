// In: while and scan. Out: loops that carry and compute only what changes.
//
//   - A carry that the body returns as it came is a constant; so is one that starts as the constant
//     that the body returns, and an input of a scan that is the same slice at each step.
//   - An integer that a scan's body adds a constant to is an input: start + constant * step.
//   - What depends on constants only is made in front of the loop (region.c says what is not), and
//     constants that fill their type are copied into the body, where they fold.
//   - A transposed constant that only products use is transposed inside, where they take it in.
//   - A carry lives if its last value is used, or if something that lives depends on it; what does
//     not live goes, with the operands that only it needs. Stacked results that are an input, or the
//     same at each step, are found outside.
//   - A scan of no steps or of one, and a while that stops at once, are no loops.
//
// A while may take no step at all, so only what is cheap to have made in vain is moved in front of
// it: no control flow, which might not even end.

#include <string.h>

#include "base/error.h"
#include "transforms/simplify.h"

// A loop while it is rewritten. A scan has one region, a while has two that share its carries.
typedef struct loop {
    sx *s;
    sx_region *regions[2]; // the body, the condition
    uint32_t first_carry[2], n_regions, n_carries;
    const ir_val *init;
    bool *rooted;   // of each carry: the new body must return it
    bool *rerouted; // of each carry: its place is taken by something else
} loop;

static const ir_literal *literal_in(const ir_function *f, ir_val value) {
    if (f->def[value] == IR_NONE || f->ops[f->def[value]].primitive != IR_constant) return NULL;
    return &((const ir_constant_attributes *)f->ops[f->def[value]].attributes)->value;
}

static bool never_changes(const loop *l, uint32_t carry) {
    const ir_function *body = l->regions[0]->f;
    if (body->results[carry] == l->first_carry[0] + carry) return true;
    const ir_literal *returned = literal_in(body, body->results[carry]),
                     *start = sx_literal(l->s, l->init[carry]);
    return returned && start && returned->splat && start->splat &&
           !memcmp(returned->data, start->data, cv_dtype_size(start->type->dtype));
}

static loop loop_new(sx *s, const ir_function *body, uint32_t n_constants, uint32_t n_carries,
                     const ir_val *init) {
    loop l = {.s = s,
              .regions = {sx_region_new(s, body)},
              .first_carry = {n_constants},
              .n_regions = 1,
              .n_carries = n_carries,
              .init = init};
    l.regions[0]->takes_transposes = true;
    l.rooted = base_new_array(&s->arena, bool, n_carries + 1);
    l.rerouted = base_new_array(&s->arena, bool, n_carries + 1);
    return l;
}

static void set_constant(sx_region *r, uint32_t param, ir_val outer) {
    r->outer[param] = outer;
    r->invariant[param] = true;
}

static void find_constant_carries(loop *l) {
    for (uint32_t c = 0; c < l->n_carries; c++) {
        if (!never_changes(l, c)) continue;
        l->rerouted[c] = true;
        for (uint32_t k = 0; k < l->n_regions; k++)
            set_constant(l->regions[k], l->first_carry[k] + c, l->init[c]);
    }
}

static void root_carry(loop *l, uint32_t carry) {
    if (l->rooted[carry]) return;
    l->rooted[carry] = true;
    sx_region_need(l->s, l->regions[0], l->regions[0]->f->results[carry]);
}

// Carries on which something that lives depends, and so on until no more are found.
static void root_reached_carries(loop *l) {
    bool more = true;
    while (more) {
        more = false;
        for (uint32_t k = 0; k < l->n_regions; k++) {
            sx_region *r = l->regions[k];
            while (r->reached.n) {
                uint32_t carry = r->reached.at[--r->reached.n] - l->first_carry[k];
                if (carry >= l->n_carries || l->rerouted[carry]) continue;
                root_carry(l, carry);
                more = true;
            }
        }
    }
}

// The carries of the new loop: parameters of its functions, operands, results of the body.
static uint32_t add_carries(loop *l, ir_val *operands, ir_val *results) {
    uint32_t n = 0;
    for (uint32_t c = 0; c < l->n_carries; c++) {
        if (!l->rooted[c]) continue;
        sx_region_param(l->s, l->regions[0], l->first_carry[0] + c);
        results[n] = l->regions[0]->f->results[c];
        operands[n++] = l->init[c];
    }
    return n;
}

static uint32_t append(ir_val *to, uint32_t n, const ir_val *from, uint32_t n_from) {
    if (n_from) memcpy(to + n, from, sizeof *to * n_from);
    return n + n_from;
}

// while

static bool stops_at_once(sx *s, const ir_function *cond, const ir_val *constants, uint32_t n_constants,
                          const ir_val *init, uint32_t n_carries) {
    const ir_literal *literal = literal_in(cond, cond->results[0]);
    if (literal) return !*(const uint8_t *)literal->data;
    bool known = false;
    for (uint32_t c = 0; c < n_carries && !known; c++) known = sx_literal(s, init[c]) != NULL;
    if (!known) return false;
    ir_val *in = base_new_array(&s->arena, ir_val, n_constants + n_carries + 1), goes_on;
    append(in, append(in, 0, constants, n_constants), init, n_carries);
    sx_inline(s, cond, in, &goes_on);
    return sx_is(s, goes_on, 0);
}

static const ir_function *rebuild_condition(loop *l) {
    sx_region *r = l->regions[1];
    sx_region_start(l->s, r);
    for (uint32_t c = 0; c < l->n_carries; c++)
        if (l->rooted[c]) sx_region_param(l->s, r, l->first_carry[1] + c);
    return sx_region_finish(l->s, r, r->f->results, 1);
}

static void rebuild_while(loop *l, ir_val *out) {
    sx *s = l->s;
    sx_region *body = l->regions[0], *cond = l->regions[1];
    ir_while_attributes a = {.cond = rebuild_condition(l)};
    sx_region_start(s, body);
    ir_val *results = base_new_array(&s->arena, ir_val, l->n_carries + 1);
    ir_val *init = base_new_array(&s->arena, ir_val, l->n_carries + 1);
    uint32_t n = add_carries(l, init, results);
    a.body = sx_region_finish(s, body, results, n);
    a.cond_constants = cond->constants.n;
    a.body_constants = body->constants.n;
    ir_val *in = base_new_array(&s->arena, ir_val, cond->constants.n + body->constants.n + n + 1);
    uint32_t n_in = append(in, 0, cond->constants.at, cond->constants.n);
    n_in = append(in, n_in, body->constants.at, body->constants.n);
    n_in = append(in, n_in, init, n);
    ir_val first = sx_share(s, &(sx_op){IR_while, in, n_in, &a});
    for (uint32_t c = 0; c < l->n_carries; c++)
        if (l->rooted[c]) out[c] = first++;
}

void sx_while(sx *s, const sx_op *op, const bool *used, ir_val *out) {
    const ir_while_attributes *a = op->attributes;
    uint32_t n_cond = (uint32_t)a->cond_constants, n_body = (uint32_t)a->body_constants;
    uint32_t n = op->n_in - n_cond - n_body;
    const ir_val *init = op->in + n_cond + n_body;
    const ir_function *cond = sx_simplified(a->cond), *body = sx_simplified(a->body);
    memcpy(out, init, sizeof *out * n);
    if (stops_at_once(s, cond, op->in, n_cond, init, n)) return;

    loop l = loop_new(s, body, n_body, n, init);
    l.n_regions = 2;
    l.regions[1] = sx_region_new(s, cond);
    l.first_carry[1] = n_cond;
    for (uint32_t i = 0; i < n_cond; i++) set_constant(l.regions[1], i, op->in[i]);
    for (uint32_t i = 0; i < n_body; i++) set_constant(l.regions[0], i, op->in[n_cond + i]);
    find_constant_carries(&l);
    sx_region_find_invariants(s, l.regions[0], false);
    sx_region_find_invariants(s, l.regions[1], false);
    bool any = false;
    for (uint32_t c = 0; c < n; c++) {
        if (!used[c] || l.rerouted[c]) continue;
        root_carry(&l, c);
        any = true;
    }
    if (!any) return;
    sx_region_need(s, l.regions[1], cond->results[0]);
    root_reached_carries(&l);
    sx_region_make_outside(s, l.regions[0]);
    sx_region_make_outside(s, l.regions[1]);
    rebuild_while(&l, out);
}

// scan

typedef struct scan {
    loop loop;
    const ir_scan_attributes *a;
    const ir_val *slices; // operands that are sliced
    uint32_t first_slice, n_slices;
    ir_val *step; // of each carry that is an induction: the constant that is added, as its own type
    const bool *used;
    ir_val *out;
    bool *kept; // of each result: the new scan makes it
} scan;

// The slice of an operand whose slices are all the same, or IR_NONE.
static ir_val constant_slice(sx *s, ir_val operand) {
    const ir_type *type = sx_type(s, operand);
    ir_dims rest = {(int64_t)type->rank - 1, type->dims + 1};
    const ir_op *op = ir_def_of(s->b, operand);
    union ir_scalar element;
    if (sx_splat(s, operand, &element))
        return sx_constant(s, ir_type_get(s->b->module, type->dtype, rest.n, rest.at), true, &element);
    if (op && op->primitive == IR_iota) {
        const ir_iota_attributes *a = op->attributes;
        if (!a->axis) return IR_NONE;
        return sx_emit(s, IR_iota, NULL, 0, &(ir_iota_attributes){a->dtype, rest, a->axis - 1});
    }
    if (!op || op->primitive != IR_broadcast_in_dim) return IR_NONE;
    const ir_broadcast_attributes *a = op->attributes;
    int64_t dims[IR_MAX_RANK];
    for (int64_t i = 0; i < a->dims.n; i++) {
        if (!a->dims.at[i]) return IR_NONE;
        dims[i] = a->dims.at[i] - 1;
    }
    return sx_broadcast(s, sx_in(s, op, 0), rest, (ir_dims){a->dims.n, dims});
}

// Carries that the body adds a constant integer to. Their value in element e of the input that takes
// their place is that of the step that reads element e.
static void find_inductions(scan *c) {
    loop *l = &c->loop;
    const ir_function *body = l->regions[0]->f;
    for (uint32_t i = 0; i < l->n_carries; i++) {
        c->step[i] = IR_NONE;
        ir_val param = l->first_carry[0] + i, result = body->results[i];
        const ir_type *type = body->types[param];
        if (l->rerouted[i] || type->rank || !ir_is_integer(type->dtype) || body->def[result] == IR_NONE)
            continue;
        const ir_op *add = &body->ops[body->def[result]];
        if (add->primitive != IR_add || ir_in(body, add)[0] != param) continue;
        const ir_literal *literal = literal_in(body, ir_in(body, add)[1]);
        if (!literal) continue;
        c->step[i] = sx_constant(l->s, type, true, literal->data);
        l->rerouted[i] = true;
    }
}

static ir_val induction_after(const scan *c, uint32_t carry, int64_t steps) {
    sx *s = c->loop.s;
    ir_val n = sx_full_int(s, sx_type(s, c->step[carry]), steps);
    return sx_binary(s, IR_add, c->loop.init[carry], sx_binary(s, IR_mul, c->step[carry], n));
}

static ir_val induction_input(const scan *c, uint32_t carry) {
    sx *s = c->loop.s;
    const ir_type *type = ir_type_insert_axis(s->b->module, sx_type(s, c->step[carry]), 0, c->a->length);
    ir_iota_attributes iota = {type->dtype, ir_shape(type), 0};
    ir_val steps = sx_emit(s, IR_iota, NULL, 0, &iota);
    if (c->a->reverse) steps = sx_binary(s, IR_sub, sx_full_int(s, type, c->a->length - 1), steps);
    ir_val passed = sx_binary(s, IR_mul, steps, sx_broadcast_leading(s, c->step[carry], c->a->length));
    return sx_binary(s, IR_add, passed, sx_broadcast_leading(s, c->loop.init[carry], c->a->length));
}

// Decides of each used result whether the new scan makes it, or where else it is found.
static void place_results(scan *c) {
    loop *l = &c->loop;
    sx_region *r = l->regions[0];
    for (uint32_t i = 0; i < r->f->n_results; i++) {
        ir_val value = r->f->results[i];
        bool is_carry = i < l->n_carries;
        c->out[i] = IR_NONE;
        if (!c->used[i] || (is_carry && l->rerouted[i])) continue;
        if (r->invariant[value]) {
            r->wanted[value] = true;
        } else if (!is_carry && value >= c->first_slice && value < r->f->n_params) {
            c->out[i] = c->slices[value - c->first_slice];
        } else {
            c->kept[i] = true;
            if (is_carry)
                root_carry(l, i);
            else
                sx_region_need(l->s, r, value);
        }
    }
}

static void give_placed_results(scan *c) {
    loop *l = &c->loop;
    sx_region *r = l->regions[0];
    for (uint32_t i = 0; i < r->f->n_results; i++) {
        ir_val value = r->f->results[i];
        if (!c->used[i] || c->kept[i] || c->out[i] != IR_NONE) continue;
        if (i >= l->n_carries)
            c->out[i] = sx_broadcast_leading(l->s, r->outer[value], c->a->length);
        else if (!l->rerouted[i])
            c->out[i] = r->outer[value];
        else if (c->step[i] != IR_NONE)
            c->out[i] = induction_after(c, i, c->a->length);
        else
            c->out[i] = l->init[i];
    }
}

// Sliced parameters of the new body and their operands, equal ones once. An induction is one of them.
static uint32_t add_slices(scan *c, ir_val *operands) {
    loop *l = &c->loop;
    sx_region *r = l->regions[0];
    uint32_t n = 0;
    for (uint32_t param = l->first_carry[0]; param < r->f->n_params; param++) {
        uint32_t carry = param - l->first_carry[0];
        bool is_carry = param < c->first_slice;
        if (!r->needed[param] || r->outer[param] != IR_NONE || (is_carry && c->step[carry] == IR_NONE))
            continue;
        ir_val operand = is_carry ? induction_input(c, carry) : c->slices[param - c->first_slice];
        ir_val *bound = sx_bound(l->s, c->kept, operand); // `kept` is this scan's own, unlike `c`
        if (*bound != IR_NONE) {
            r->map[param] = *bound;
            continue;
        }
        sx_region_param(l->s, r, param);
        *bound = r->map[param];
        operands[n++] = operand;
    }
    return n;
}

// Stacked results of the new body, equal ones once: number[i] is the place of result i.
static uint32_t add_stacked(scan *c, ir_val *results, uint32_t n, uint32_t *number) {
    sx_region *r = c->loop.regions[0];
    uint32_t *place = base_arena_alloc(&c->loop.s->arena, sizeof *place * ((size_t)r->f->n_values + 1));
    memset(place, 0xff, sizeof *place * ((size_t)r->f->n_values + 1));
    for (uint32_t i = c->loop.n_carries; i < r->f->n_results; i++) {
        if (!c->kept[i]) continue;
        ir_val value = r->f->results[i];
        if (place[value] == IR_NONE) {
            place[value] = n;
            results[n++] = value;
        }
        number[i] = place[value];
    }
    return n;
}

static void rebuild_scan(scan *c) {
    loop *l = &c->loop;
    sx *s = l->s;
    sx_region *r = l->regions[0];
    uint32_t room = r->f->n_params + r->f->n_results + 1, n_carries = 0;
    ir_val *init = base_new_array(&s->arena, ir_val, room), *slices = base_new_array(&s->arena, ir_val, room);
    ir_val *results = base_new_array(&s->arena, ir_val, room);
    uint32_t *number = base_new_array(&s->arena, uint32_t, room);
    sx_region_start(s, r);
    n_carries = add_carries(l, init, results);
    uint32_t n_slices = add_slices(c, slices), n_results = add_stacked(c, results, n_carries, number);
    for (uint32_t i = 0, n = 0; i < l->n_carries; i++)
        if (l->rooted[i]) number[i] = n++;
    ir_scan_attributes a = {.body = sx_region_finish(s, r, results, n_results),
                            .constants = r->constants.n,
                            .carries = n_carries,
                            .length = c->a->length,
                            .reverse = c->a->reverse};
    ir_val *in = base_new_array(&s->arena, ir_val, r->constants.n + n_carries + n_slices + 1);
    uint32_t n_in = append(in, 0, r->constants.at, r->constants.n);
    n_in = append(in, n_in, init, n_carries);
    n_in = append(in, n_in, slices, n_slices);
    ir_val first = sx_share(s, &(sx_op){IR_scan, in, n_in, &a});
    for (uint32_t i = 0; i < r->f->n_results; i++)
        if (c->kept[i]) c->out[i] = first + number[i];
}

// A scan of at most one step is its body.
static void unroll(sx *s, const sx_op *op, const ir_function *body, ir_val *out) {
    const ir_scan_attributes *a = op->attributes;
    uint32_t n_carries = (uint32_t)a->carries, first_slice = (uint32_t)a->constants + n_carries;
    if (a->length == 0) {
        memcpy(out, op->in + a->constants, sizeof *out * n_carries);
        for (uint32_t i = n_carries; i < body->n_results; i++) {
            const ir_type *type = ir_type_insert_axis(s->b->module, ir_result_type(body, i), 0, 0);
            out[i] = sx_full_int(s, type, 0);
        }
        return;
    }
    ir_val *in = base_new_array(&s->arena, ir_val, op->n_in + 1);
    append(in, 0, op->in, first_slice);
    for (uint32_t i = first_slice; i < op->n_in; i++)
        in[i] = sx_reshape(s, op->in[i], ir_shape(body->types[i]));
    sx_inline(s, body, in, out);
    for (uint32_t i = n_carries; i < body->n_results; i++) {
        const ir_type *type = ir_type_insert_axis(s->b->module, ir_result_type(body, i), 0, 1);
        out[i] = sx_reshape(s, out[i], ir_shape(type));
    }
}

void sx_scan(sx *s, const sx_op *op, const bool *used, ir_val *out) {
    const ir_scan_attributes *a = op->attributes;
    const ir_function *body = sx_simplified(a->body);
    if (a->length <= 1) {
        unroll(s, op, body, out);
        return;
    }
    uint32_t n_constants = (uint32_t)a->constants, n_carries = (uint32_t)a->carries;
    scan c = {.a = a, .first_slice = n_constants + n_carries, .used = used, .out = out};
    c.loop = loop_new(s, body, n_constants, n_carries, op->in + n_constants);
    c.slices = op->in + c.first_slice;
    c.n_slices = op->n_in - c.first_slice;
    c.step = base_new_array(&s->arena, ir_val, n_carries + 1);
    c.kept = base_new_array(&s->arena, bool, body->n_results + 1);
    sx_region *r = c.loop.regions[0];
    for (uint32_t i = 0; i < n_constants; i++) set_constant(r, i, op->in[i]);
    for (uint32_t i = 0; i < c.n_slices; i++) {
        ir_val slice = constant_slice(s, c.slices[i]);
        if (slice != IR_NONE) set_constant(r, c.first_slice + i, slice);
    }
    find_constant_carries(&c.loop);
    find_inductions(&c);
    sx_region_find_invariants(s, r, true);
    place_results(&c);
    root_reached_carries(&c.loop);
    sx_region_make_outside(s, r);
    give_placed_results(&c);
    bool any = false;
    for (uint32_t i = 0; i < body->n_results; i++) any |= c.kept[i];
    if (any) rebuild_scan(&c);
}
