// In: a function. Out: the same without complex numbers: each is two real values, in all that it holds too.
//
// Every value has a real part, and a complex one an imaginary part beside it. An operation on complex values
// becomes what its pair rule emits; without one, what moves elements or is linear in all its operands is done
// to each part by itself. Control flow takes two operands, carries and results for one. Only the entry deals
// with memory, where the parts of an element stand side by side: a parameter c64[s] becomes f32[s,2], whose
// slices are the parts, and a result is the parts put together along a last axis.
//
// This runs once, on the way to execution: transforms and the interpreter see complex numbers. What is
// shared by two parts (an exponential, a size) is found by simplification afterwards.

#include "base/error.h"
#include "ir/rules.h"
#include "transforms/bottom_up.h"
#include "transforms/transforms.h"

static const char key[] = "split complex", entry_key[] = "split complex entry";

static bool done(const ir_function *f) { return ir_memo_find(f, key, sizeof key) != NULL; }

static const ir_function *in_parts(const ir_function *f) {
    const ir_memo *memo = ir_memo_find(f, key, sizeof key);
    base_check(memo);
    return memo->functions[0] ? memo->functions[0] : f;
}

static bool is_complex(const ir_type *type) { return ir_is_complex(type->dtype); }

static const ir_type *part_type(const ir_function *f, const ir_type *type) {
    return ir_type_with_dtype(f->module, type, ir_part_dtype(type->dtype));
}

static bool changes(const ir_function *f) {
    for (uint32_t v = 0; v < f->n_values; v++)
        if (is_complex(f->types[v])) return true;
    for (uint32_t i = 0; i < f->n_ops; i++)
        if (xf_held_changes(&f->ops[i], in_parts)) return true;
    return false;
}

typedef struct splitting {
    const ir_function *f;
    ir_builder *b;
    ir_val *re, *im; // of every value of f; im is IR_NONE where there is none
} splitting;

// Values as a list in which parts follow each other; returns how many there are.
static uint32_t flatten(const splitting *s, const ir_val *values, uint32_t n, ir_val *flat) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        flat[at++] = s->re[values[i]];
        if (s->im[values[i]] != IR_NONE) flat[at++] = s->im[values[i]];
    }
    return at;
}

static int64_t count_parts(const ir_function *f, const ir_val *values, int64_t n) {
    int64_t count = n;
    for (int64_t i = 0; i < n; i++) count += is_complex(f->types[values[i]]);
    return count;
}

// A comparator takes the same of both elements one after the other: (a re, b re, a im, b im) instead of both
// parts of a and then those of b.
static const ir_function *interleaved(const ir_function *whole, const ir_function *parts) {
    ir_builder *b = ir_builder_new(parts->module, parts->name);
    ir_val *in = base_new_array(&b->arena, ir_val, parts->n_params + 1), out;
    uint32_t at = 0;
    for (uint32_t i = 0; i < whole->n_params; i += 2) {
        uint32_t n = is_complex(whole->types[i]) ? 2 : 1;
        for (uint32_t k = 0; k < 2 * n; k++) in[at + k % 2 * n + k / 2] = ir_param(b, parts->types[at]);
        at += 2 * n;
    }
    ir_inline(b, parts, in, &out);
    return ir_finish(b, &out, 1);
}

// The numbers of operands of each kind, counted in parts.
static const void *recounted(const splitting *s, const ir_op *op, const void *held) {
    const ir_val *in = ir_in(s->f, op);
    if (op->primitive == IR_while) {
        ir_while_attributes *a = base_arena_copy(&s->b->arena, held, sizeof *a);
        int64_t cond = a->cond_constants;
        a->cond_constants = count_parts(s->f, in, cond);
        a->body_constants = count_parts(s->f, in + cond, a->body_constants);
        return a;
    }
    if (op->primitive == IR_sort) {
        ir_sort_attributes *a = base_arena_copy(&s->b->arena, held, sizeof *a);
        a->comparator = interleaved(((const ir_sort_attributes *)op->attributes)->comparator, a->comparator);
        return a;
    }
    if (op->primitive == IR_scan) {
        ir_scan_attributes *a = base_arena_copy(&s->b->arena, held, sizeof *a);
        int64_t constants = a->constants;
        a->constants = count_parts(s->f, in, constants);
        a->carries = count_parts(s->f, in + constants, a->carries);
        return a;
    }
    return held;
}

static void split_control(splitting *s, const ir_op *op) {
    ir_val *in = base_new_array(&s->b->arena, ir_val, 2 * (size_t)op->n_in + 1);
    uint32_t n = flatten(s, ir_in(s->f, op), op->n_in, in);
    const void *attributes = recounted(s, op, xf_with_held(&s->b->arena, op, in_parts));
    ir_val next = ir_emit(s->b, op->primitive, in, n, attributes);
    for (uint32_t o = op->out; o < op->out + op->n_out; o++) {
        s->re[o] = next++;
        s->im[o] = is_complex(s->f->types[o]) ? next++ : IR_NONE;
    }
}

static bool has_complex(const ir_function *f, const ir_op *op) {
    for (uint32_t k = 0; k < op->n_in; k++)
        if (is_complex(f->types[ir_in(f, op)[k]])) return true;
    for (uint32_t o = 0; o < op->n_out; o++)
        if (is_complex(f->types[op->out + o])) return true;
    return false;
}

// Movement, and what is linear in all its operands together.
static bool acts_on_parts(ir_primitive p) {
    const ir_primitive_info *info = &ir_primitives[p];
    return info->traits & IR_MOVEMENT || (info->linear && !(info->traits & IR_MULTILINEAR));
}

static void split_op(splitting *s, const ir_op *op) {
    const ir_function *f = s->f;
    ir_set_place(s->b, op);
    if (ir_primitives[op->primitive].traits & (IR_CONTROL | IR_HOLDS)) {
        split_control(s, op);
        return;
    }
    ir_val few[16], *in = op->n_in <= 8 ? few : base_new_array(&s->b->arena, ir_val, 2 * (size_t)op->n_in);
    ir_val *im = in + op->n_in;
    for (uint32_t k = 0; k < op->n_in; k++) {
        in[k] = s->re[ir_in(f, op)[k]];
        im[k] = s->im[ir_in(f, op)[k]];
    }
    if (!has_complex(f, op)) {
        ir_val first = ir_emit(s->b, op->primitive, in, op->n_in, op->attributes);
        for (uint32_t o = 0; o < op->n_out; o++) s->re[op->out + o] = first + o;
        return;
    }
    ir_pair_rule *rule = ir_rules_of(op->primitive)->pair;
    if (!rule && !acts_on_parts(op->primitive))
        ir_fail_op(op, CV_UNSUPPORTED, "compiled code does not take complex numbers here yet");
    ir_pairing pairing = {s->b, f, op, in, im, s->re + op->out, s->im + op->out};
    (rule ? rule : ir_pair_parts)(&pairing);
    for (uint32_t o = op->out; o < op->out + op->n_out; o++) {
        base_check(ir_type_of(s->b, s->re[o]) == part_type(f, f->types[o]));
        base_check((s->im[o] != IR_NONE) == is_complex(f->types[o]));
    }
}

static splitting begin(const ir_function *f) {
    splitting s = {.f = f, .b = ir_builder_new(f->module, f->name)};
    s.re = base_new_array(&s.b->arena, ir_val, 2 * (size_t)f->n_values + 1);
    s.im = s.re + f->n_values;
    for (uint32_t v = 0; v < f->n_values; v++) s.im[v] = IR_NONE;
    return s;
}

static const ir_function *rewrite(const ir_function *f) {
    splitting s = begin(f);
    for (uint32_t i = 0; i < f->n_params; i++) {
        s.re[i] = ir_param(s.b, part_type(f, f->types[i]));
        if (is_complex(f->types[i])) s.im[i] = ir_param(s.b, part_type(f, f->types[i]));
    }
    for (uint32_t i = 0; i < f->n_ops; i++) split_op(&s, &f->ops[i]);
    ir_val *results = base_new_array(&s.b->arena, ir_val, 2 * (size_t)f->n_results + 1);
    uint32_t n = flatten(&s, f->results, f->n_results, results);
    s.b->place = f->place;
    return ir_finish(s.b, results, n);
}

static void visit(const ir_function *f) {
    const ir_function *result = changes(f) ? rewrite(f) : NULL;
    ir_memo_keep(f, key, sizeof key, result, NULL, NULL, 0);
    if (result) ir_memo_keep(result, key, sizeof key, NULL, NULL, NULL, 0);
}

// One part of what has both on its last axis.
static ir_val take_part(ir_builder *b, ir_val x, const ir_type *part, int64_t which) {
    int64_t start[IR_MAX_RANK] = {0}, limit[IR_MAX_RANK], stride[IR_MAX_RANK], n = part->rank + 1;
    for (int64_t i = 0; i < n; i++) {
        limit[i] = i < n - 1 ? part->dims[i] : which + 1;
        stride[i] = 1;
    }
    start[n - 1] = which;
    return ir_reshape(b, ir_slice(b, x, (ir_dims){n, start}, (ir_dims){n, limit}, (ir_dims){n, stride}),
                      ir_shape(part));
}

static ir_val put_together(ir_builder *b, ir_val re, ir_val im) {
    const ir_type *part = ir_type_of(b, re), *column = ir_type_insert_axis(b->module, part, part->rank, 1);
    ir_val parts[] = {ir_reshape(b, re, ir_shape(column)), ir_reshape(b, im, ir_shape(column))};
    return ir_concatenate(b, parts, 2, part->rank);
}

// The entry around the function in parts.
static const ir_function *with_memory(const ir_function *f) {
    const ir_function *parts = in_parts(f);
    splitting s = begin(f);
    ir_val *in = base_new_array(&s.b->arena, ir_val, parts->n_params + 1);
    ir_val *out = base_new_array(&s.b->arena, ir_val, parts->n_results + f->n_results + 1);
    ir_val *results = out + parts->n_results;
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_params; i++) {
        const ir_type *part = part_type(f, f->types[i]);
        bool both = is_complex(f->types[i]);
        if (both && part->rank == IR_MAX_RANK)
            base_raise(CV_UNSUPPORTED, "compiled code takes complex arrays of at most %d axes",
                       IR_MAX_RANK - 1);
        ir_val x = ir_param(s.b, both ? ir_type_insert_axis(f->module, part, part->rank, 2) : part);
        in[n++] = both ? take_part(s.b, x, part, 0) : x;
        if (both) in[n++] = take_part(s.b, x, part, 1);
    }
    ir_inline(s.b, parts, in, out);
    for (uint32_t i = 0; i < f->n_results; i++) {
        results[i] = *out++;
        if (is_complex(ir_result_type(f, i))) results[i] = put_together(s.b, results[i], *out++);
    }
    s.b->place = f->place;
    return ir_finish(s.b, results, f->n_results);
}

static bool has_complex_ends(const ir_function *f) {
    for (uint32_t i = 0; i < f->n_params; i++)
        if (is_complex(f->types[i])) return true;
    for (uint32_t i = 0; i < f->n_results; i++)
        if (is_complex(ir_result_type(f, i))) return true;
    return false;
}

const ir_function *xf_split_complex(const ir_function *f) {
    xf_bottom_up(f, done, visit);
    if (!has_complex_ends(f)) return in_parts(f);
    const ir_memo *memo = ir_memo_find(f, entry_key, sizeof entry_key);
    if (!memo) memo = ir_memo_keep(f, entry_key, sizeof entry_key, with_memory(f), NULL, NULL, 0);
    return memo->functions[0];
}
