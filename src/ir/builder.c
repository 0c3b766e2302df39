// In: operations one by one. Out: a closed, numbered function.
//
// While building, values are numbered in the order of emission and parameters may come at any time.
// Finishing walks depth first from the results with a stack of its own (a chain of 200,000
// operations is normal), so dead operations vanish and the numbering is canonical.

#include "ir/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/rules.h"

static void free_deferred(void *argument) {
    ir_builder_free(argument);
}

ir_builder *ir_builder_new_kept(ir_module *module, const char *name) {
    ir_builder *b = base_malloc(sizeof *b);
    *b = (ir_builder){.module = module, .name = name};
    return b;
}

ir_builder *ir_builder_new(ir_module *module, const char *name) {
    ir_builder *b = ir_builder_new_kept(module, name);
    base_defer(free_deferred, b);
    return b;
}

static void release_slot(void *argument, const ir_function **slot) {
    (void)argument;
    ir_release(*slot);
}

static void retain_slot(void *argument, const ir_function **slot) {
    (void)argument;
    ir_retain(*slot);
}

// Frees what the builder holds but not the builder, which may still be deferred.
static void clear(ir_builder *b) {
    for (uint32_t i = 0; i < b->ops.n; i++)
        if (b->ops.at[i].attributes)
            ir_attributes_functions(ir_primitives[b->ops.at[i].primitive].layout, b->ops.at[i].attributes,
                                    release_slot, NULL);
    base_arena_free(&b->arena);
    *b = (ir_builder){.module = b->module};
}

void ir_builder_free(ir_builder *b) {
    if (!b) return;
    clear(b);
    base_free(b);
}

void ir_fail(const ir_builder *b, cv_status status, const char *format, ...) {
    char what[768];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    const char *operation = b->operation ? b->operation : "";
    const char *colon = b->operation ? ": " : "";
    if (b->place.file)
        base_raise(status, "%s:%u: %s%s%s", b->place.file, b->place.line, operation, colon, what);
    base_raise(status, "%s%s%s", operation, colon, what);
}

void ir_fail_op(const ir_op *op, cv_status status, const char *format, ...) {
    char what[768];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    const char *name = ir_primitives[op->primitive].name;
    if (op->place.file) base_raise(status, "%s:%u: %s: %s", op->place.file, op->place.line, name, what);
    base_raise(status, "%s: %s", name, what);
}

const ir_type *ir_type_of(const ir_builder *b, ir_val value) {
    if (value & IR_LINEAR) return b->linear->types.at[value & ~IR_LINEAR];
    return b->types.at[value];
}

const ir_op *ir_def_of(const ir_builder *b, ir_val value) {
    if (value & IR_LINEAR) b = b->linear, value &= ~IR_LINEAR;
    uint32_t def = b->def.at[value];
    return def == IR_NONE ? NULL : &b->ops.at[def];
}

static ir_val new_value(ir_builder *b, const ir_type *type, uint32_t def) {
    base_push(&b->arena, &b->types, type);
    base_push(&b->arena, &b->def, def);
    return b->types.n - 1;
}

ir_val ir_param(ir_builder *b, const ir_type *type) {
    ir_val value = new_value(b, type, IR_NONE);
    base_push(&b->arena, &b->params, value);
    return value;
}

void ir_set_place(ir_builder *b, const ir_op *op) {
    b->place = op->place;
    b->operation = NULL;
    if (b->linear) ir_set_place(b->linear, op);
}

void ir_set_source(ir_builder *b, const char *file, int line, const char *operation) {
    if (file != b->file_given) {
        b->file_kept = file ? ir_name(b->module, file) : NULL;
        b->file_given = file;
    }
    b->place = (ir_place){b->file_kept, (uint32_t)line};
    b->operation = operation;
}

// What costs nothing to make again does not cross but is made again: constants, and the broadcasts
// of what is smaller.
static bool remade(const ir_builder *b, const ir_op *op) {
    if (op->primitive == IR_constant || op->primitive == IR_iota) return true;
    return op->primitive == IR_broadcast_in_dim &&
           b->types.at[b->operands.at[op->in]]->count < b->types.at[op->out]->count;
}

ir_val ir_cross(ir_builder *b, ir_val value) {
    while (b->crossed.n < b->types.n) base_push(&b->arena, &b->crossed, IR_NONE);
    if (b->crossed.at[value] != IR_NONE) return b->crossed.at[value];
    const ir_op *op = ir_def_of(b, value);
    ir_val crossed;
    if (op && remade(b, op)) {
        ir_val operand = op->n_in ? ir_cross(b, b->operands.at[op->in]) : IR_NONE;
        crossed = ir_emit(b->linear, op->primitive, &operand, op->n_in, op->attributes);
    } else {
        crossed = ir_param(b->linear, b->types.at[value]);
        base_push(&b->arena, &b->residuals, value);
    }
    return b->crossed.at[value] = crossed;
}

static ir_val emit_linear(ir_builder *b, ir_primitive primitive, const ir_val *in, uint32_t n_in,
                          const void *attributes) {
    ir_val few[8], *crossed = n_in <= 8 ? few : base_new_array(&b->arena, ir_val, n_in);
    for (uint32_t i = 0; i < n_in; i++)
        crossed[i] = in[i] & IR_LINEAR ? in[i] & ~IR_LINEAR : ir_cross(b, in[i]);
    return ir_emit(b->linear, primitive, crossed, n_in, attributes) | IR_LINEAR;
}

ir_val ir_emit(ir_builder *b, ir_primitive primitive, const ir_val *in, uint32_t n_in, const void *attributes) {
    const ir_primitive_info *info = &ir_primitives[primitive];
    const ir_type *few[8], **types = n_in <= 8 ? few : base_new_array(&b->arena, const ir_type *, n_in);
    if (b->linear)
        for (uint32_t i = 0; i < n_in; i++)
            if (in[i] & IR_LINEAR) return emit_linear(b, primitive, in, n_in, attributes);
    for (uint32_t i = 0; i < n_in; i++) {
        base_check(in[i] < b->types.n);
        types[i] = b->types.at[in[i]];
    }
    if (info->n_in != IR_VARIADIC && (uint32_t)info->n_in != n_in)
        ir_fail(b, CV_INVALID, "%s takes %d operands, not %u", info->name, info->n_in, n_in);
    const ir_type *one = NULL;
    ir_typing typing = {.module = b->module, .primitive = primitive, .in = types, .n_in = n_in,
                        .attributes = attributes, .out = &one, .n_out = 1, .place = b->place,
                        .operation = b->operation, .arena = &b->arena};
    info->rules->type(&typing);

    // Everything that can fail comes before the operation is counted, so that a caught failure
    // leaves a builder that is still whole.
    const void *kept = info->layout->size ? ir_attributes_copy(&b->arena, info->layout, attributes) : NULL;
    base_reserve(&b->arena, &b->operands, n_in);
    base_reserve(&b->arena, &b->types, typing.n_out);
    base_reserve(&b->arena, &b->def, typing.n_out);
    ir_op *op = base_push_slot(&b->arena, &b->ops);
    *op = (ir_op){.primitive = primitive, .n_in = n_in, .n_out = typing.n_out, .in = b->operands.n,
                  .out = b->types.n, .place = b->place, .attributes = kept};
    if (kept) ir_attributes_functions(info->layout, kept, retain_slot, NULL);
    for (uint32_t i = 0; i < n_in; i++) base_push(&b->arena, &b->operands, in[i]);
    for (uint32_t i = 0; i < typing.n_out; i++) new_value(b, typing.out[i], b->ops.n - 1);
    return op->out;
}

ir_val ir_emit_like(ir_builder *b, const ir_function *f, const ir_op *op, const ir_val *in) {
    (void)f;
    return ir_emit(b, op->primitive, in, op->n_in, op->attributes);
}

// The order of the finished function: operations that results need, depth first.
static ir_op **order(ir_builder *b, const ir_val *results, uint32_t n_results, bool *value_used,
                     uint32_t *n_ordered) {
    enum { UNSEEN, OPEN, DONE };
    uint8_t *state = base_new_array(&b->arena, uint8_t, b->ops.n + 1);
    uint32_t *next_in = base_new_array(&b->arena, uint32_t, b->ops.n + 1);
    uint32_t *stack = base_arena_alloc(&b->arena, sizeof(uint32_t) * ((size_t)b->ops.n + 1));
    ir_op **ordered = base_arena_alloc(&b->arena, sizeof(ir_op *) * ((size_t)b->ops.n + 1));
    uint32_t n = 0;
    for (uint32_t r = 0; r < n_results; r++) {
        uint32_t depth = 0;
        value_used[results[r]] = true;
        uint32_t root = b->def.at[results[r]];
        if (root == IR_NONE || state[root] == DONE) continue;
        stack[depth++] = root;
        state[root] = OPEN;
        while (depth) {
            uint32_t at = stack[depth - 1];
            ir_op *op = &b->ops.at[at];
            if (next_in[at] == op->n_in) {
                state[at] = DONE;
                ordered[n++] = op;
                depth--;
                continue;
            }
            ir_val operand = b->operands.at[op->in + next_in[at]++];
            value_used[operand] = true;
            uint32_t def = b->def.at[operand];
            if (def == IR_NONE || state[def] != UNSEEN) continue;
            state[def] = OPEN;
            stack[depth++] = def;
        }
    }
    *n_ordered = n;
    return ordered;
}

static void release_deferred(void *argument) {
    ir_release(argument);
}

const ir_function *ir_finish(ir_builder *b, const ir_val *results, uint32_t n_results) {
    return ir_finish_pruned(b, results, n_results, b->params.n, NULL);
}

const ir_function *ir_finish_pruned(ir_builder *b, const ir_val *results, uint32_t n_results,
                                    uint32_t first, bool *kept) {
    for (uint32_t i = 0; i < n_results; i++) base_check(results[i] < b->types.n);
    bool *used = base_new_array(&b->arena, bool, b->types.n + 1);
    uint32_t n_ops;
    ir_op **ordered = order(b, results, n_results, used, &n_ops);

    ir_val *number = base_arena_alloc(&b->arena, sizeof(ir_val) * ((size_t)b->types.n + 1));
    uint32_t n_params = 0, n_operands = 0;
    for (uint32_t i = 0; i < b->params.n; i++) {
        bool keep = i < first || used[b->params.at[i]];
        if (i >= first) kept[i - first] = keep;
        number[b->params.at[i]] = keep ? n_params++ : IR_NONE;
    }
    uint32_t n_values = n_params;
    for (uint32_t i = 0; i < n_ops; i++) {
        n_operands += ordered[i]->n_in;
        for (uint32_t o = 0; o < ordered[i]->n_out; o++) number[ordered[i]->out + o] = n_values++;
    }

    ir_function *f = base_malloc(sizeof *f);
    *f = (ir_function){.module = b->module, .name = b->name, .n_params = n_params, .n_results = n_results,
                       .n_values = n_values, .place = b->place, .references = 1};
    base_defer(release_deferred, f);
    base_arena *arena = &f->arena;
    f->name = b->name ? ir_name(b->module, b->name) : ir_name(b->module, "f");
    f->types = base_arena_alloc(arena, sizeof *f->types * ((size_t)n_values + 1));
    f->def = base_arena_alloc(arena, sizeof *f->def * ((size_t)n_values + 1));
    f->ops = base_arena_alloc(arena, sizeof *f->ops * ((size_t)n_ops + 1));
    f->operands = base_arena_alloc(arena, sizeof *f->operands * ((size_t)n_operands + 1));
    f->results = base_arena_alloc(arena, sizeof *f->results * ((size_t)n_results + 1));
    for (uint32_t i = 0; i < b->params.n; i++) {
        ir_val param = number[b->params.at[i]];
        if (param == IR_NONE) continue;
        f->types[param] = b->types.at[b->params.at[i]];
        f->def[param] = IR_NONE;
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < n_ops; i++) {
        const ir_op *from = ordered[i];
        ir_op *op = &f->ops[i];
        *op = *from;
        op->in = at;
        op->out = number[from->out];
        for (uint32_t k = 0; k < from->n_in; k++) f->operands[at++] = number[b->operands.at[from->in + k]];
        for (uint32_t o = 0; o < from->n_out; o++) {
            f->types[op->out + o] = b->types.at[from->out + o];
            f->def[op->out + o] = i;
        }
        const ir_layout *layout = ir_primitives[op->primitive].layout;
        op->attributes = layout->size ? ir_attributes_copy(arena, layout, from->attributes) : NULL;
        if (op->attributes) ir_attributes_functions(layout, op->attributes, retain_slot, NULL);
        f->n_ops = i + 1; // release looks at what is complete
    }
    for (uint32_t i = 0; i < n_results; i++) f->results[i] = number[results[i]];
    ir_module *module = b->module;
    clear(b);
    if (module->verify) ir_verify(f);
    return f;
}

void ir_inline(ir_builder *b, const ir_function *f, const ir_val *in, ir_val *out) {
    ir_place place = b->place;
    const char *operation = b->operation;
    ir_val *map = base_arena_alloc(&b->arena, sizeof(ir_val) * ((size_t)f->n_values + 1));
    ir_val few[8];
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = in[i];
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        ir_val *operands = op->n_in <= 8 ? few : base_new_array(&b->arena, ir_val, op->n_in);
        for (uint32_t k = 0; k < op->n_in; k++) operands[k] = map[ir_in(f, op)[k]];
        ir_set_place(b, op);
        ir_val first = ir_emit_like(b, f, op, operands);
        for (uint32_t o = 0; o < op->n_out; o++) map[op->out + o] = first + o;
    }
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = map[f->results[i]];
    b->place = place;
    b->operation = operation;
}

ir_val ir_convert(ir_builder *b, ir_val x, cv_dtype dtype) {
    if (ir_type_of(b, x)->dtype == dtype) return x;
    return ir_emit(b, IR_convert, &x, 1, &(ir_convert_attributes){dtype});
}

ir_val ir_constant(ir_builder *b, const ir_type *type, bool splat, const void *data) {
    return ir_emit(b, IR_constant, NULL, 0, &(ir_constant_attributes){{type, splat, data}});
}

ir_val ir_full(ir_builder *b, const ir_type *type, double value) {
    union ir_scalar scalar;
    ir_scalar_from_double(&scalar, type->dtype, value);
    return ir_constant(b, type, true, &scalar);
}

ir_val ir_full_int(ir_builder *b, const ir_type *type, int64_t value) {
    union ir_scalar scalar;
    ir_scalar_from_int(&scalar, type->dtype, value);
    return ir_constant(b, type, true, &scalar);
}

ir_val ir_full_like(ir_builder *b, ir_val x, double value) {
    return ir_full(b, ir_type_of(b, x), value);
}

ir_val ir_zeros(ir_builder *b, const ir_type *type) {
    return ir_constant(b, type, true, &(union ir_scalar){.c128 = {0, 0}});
}

ir_val ir_iota(ir_builder *b, cv_dtype dtype, ir_dims shape, int64_t axis) {
    return ir_emit(b, IR_iota, NULL, 0, &(ir_iota_attributes){dtype, shape, axis});
}

static bool is_identity(ir_dims dims) {
    for (int64_t i = 0; i < dims.n; i++)
        if (dims.at[i] != i) return false;
    return true;
}

static bool all_equal(ir_dims dims, int64_t value) {
    for (int64_t i = 0; i < dims.n; i++)
        if (dims.at[i] != value) return false;
    return true;
}

ir_val ir_broadcast_in_dim(ir_builder *b, ir_val x, ir_dims shape, ir_dims dims) {
    if (is_identity(dims) && ir_dims_equal(ir_shape(ir_type_of(b, x)), shape)) return x;
    return ir_emit(b, IR_broadcast_in_dim, &x, 1, &(ir_broadcast_attributes){shape, dims});
}

ir_val ir_broadcast_leading(ir_builder *b, ir_val x, int64_t size) {
    const ir_type *type = ir_type_of(b, x);
    int64_t shape[IR_MAX_RANK + 1] = {size}, dims[IR_MAX_RANK];
    for (int64_t i = 0; i < type->rank; i++) {
        shape[i + 1] = type->dims[i];
        dims[i] = i + 1;
    }
    return ir_broadcast_in_dim(b, x, (ir_dims){(int64_t)type->rank + 1, shape}, (ir_dims){type->rank, dims});
}

ir_val ir_reshape(ir_builder *b, ir_val x, ir_dims shape) {
    if (ir_dims_equal(ir_shape(ir_type_of(b, x)), shape)) return x;
    return ir_emit(b, IR_reshape, &x, 1, &(ir_reshape_attributes){shape});
}

ir_val ir_transpose(ir_builder *b, ir_val x, ir_dims permutation) {
    if (is_identity(permutation) && permutation.n == ir_type_of(b, x)->rank) return x;
    return ir_emit(b, IR_transpose, &x, 1, &(ir_transpose_attributes){permutation});
}

ir_val ir_move_axis(ir_builder *b, ir_val x, int64_t from, int64_t to) {
    int64_t rank = ir_type_of(b, x)->rank, permutation[IR_MAX_RANK], next = 0;
    for (int64_t i = 0; i < rank; i++) {
        if (next == from) next++;
        permutation[i] = i == to ? from : next++;
    }
    return ir_transpose(b, x, (ir_dims){rank, permutation});
}

ir_val ir_rev(ir_builder *b, ir_val x, ir_dims axes) {
    if (!axes.n) return x;
    return ir_emit(b, IR_rev, &x, 1, &(ir_axes_attributes){axes});
}

ir_val ir_slice(ir_builder *b, ir_val x, ir_dims start, ir_dims limit, ir_dims stride) {
    if (all_equal(start, 0) && all_equal(stride, 1) && ir_dims_equal(ir_shape(ir_type_of(b, x)), limit)) return x;
    return ir_emit(b, IR_slice, &x, 1, &(ir_slice_attributes){start, limit, stride});
}

ir_val ir_pad(ir_builder *b, ir_val x, ir_val value, ir_dims low, ir_dims high, ir_dims interior) {
    if (all_equal(low, 0) && all_equal(high, 0) && all_equal(interior, 0)) return x;
    return ir_emit(b, IR_pad, (ir_val[]){x, value}, 2, &(ir_pad_attributes){low, high, interior});
}

ir_val ir_concatenate(ir_builder *b, const ir_val *x, uint32_t n, int64_t axis) {
    if (n == 1) return x[0];
    return ir_emit(b, IR_concatenate, x, n, &(ir_axis_attributes){axis});
}

ir_val ir_dynamic_slice(ir_builder *b, ir_val x, const ir_val *start, ir_dims sizes) {
    ir_val in[IR_MAX_RANK + 1] = {x};
    for (int64_t i = 0; i < sizes.n && i < IR_MAX_RANK; i++) in[i + 1] = start[i];
    return ir_emit(b, IR_dynamic_slice, in, (uint32_t)sizes.n + 1, &(ir_dynamic_slice_attributes){sizes});
}

ir_val ir_dynamic_update_slice(ir_builder *b, ir_val x, ir_val update, const ir_val *start) {
    ir_val in[IR_MAX_RANK + 2] = {x, update};
    uint32_t rank = ir_type_of(b, x)->rank;
    for (uint32_t i = 0; i < rank; i++) in[i + 2] = start[i];
    return ir_emit(b, IR_dynamic_update_slice, in, rank + 2, NULL);
}

ir_val ir_gather(ir_builder *b, ir_val x, ir_val indices, const ir_gather_attributes *attributes) {
    return ir_emit(b, IR_gather, (ir_val[]){x, indices}, 2, attributes);
}

ir_val ir_scatter(ir_builder *b, ir_val x, ir_val indices, ir_val updates, const ir_scatter_attributes *attributes) {
    return ir_emit(b, IR_scatter, (ir_val[]){x, indices, updates}, 3, attributes);
}

ir_val ir_scatter_add(ir_builder *b, ir_val x, ir_val indices, ir_val updates, const ir_scatter_attributes *attributes) {
    return ir_emit(b, IR_scatter_add, (ir_val[]){x, indices, updates}, 3, attributes);
}

ir_val ir_reduce(ir_builder *b, ir_primitive primitive, ir_val x, ir_dims axes) {
    if (!axes.n) return x;
    return ir_emit(b, primitive, &x, 1, &(ir_axes_attributes){axes});
}

ir_val ir_reduce_sum(ir_builder *b, ir_val x, ir_dims axes) { return ir_reduce(b, IR_reduce_sum, x, axes); }
ir_val ir_reduce_max(ir_builder *b, ir_val x, ir_dims axes) { return ir_reduce(b, IR_reduce_max, x, axes); }
ir_val ir_reduce_min(ir_builder *b, ir_val x, ir_dims axes) { return ir_reduce(b, IR_reduce_min, x, axes); }

ir_val ir_argmax(ir_builder *b, ir_val x, int64_t axis, cv_dtype dtype) {
    return ir_emit(b, IR_argmax, &x, 1, &(ir_argmax_attributes){axis, dtype});
}

ir_val ir_argmin(ir_builder *b, ir_val x, int64_t axis, cv_dtype dtype) {
    return ir_emit(b, IR_argmin, &x, 1, &(ir_argmax_attributes){axis, dtype});
}

ir_val ir_dot_general(ir_builder *b, ir_val x, ir_val y, const ir_dot_attributes *attributes) {
    return ir_emit(b, IR_dot_general, (ir_val[]){x, y}, 2, attributes);
}
