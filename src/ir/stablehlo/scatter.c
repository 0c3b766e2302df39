// Scatter, with any region.
//
// In: operands in the builder, the region that puts an element and an update together. Out: results. A region
// that is one operation is a scatter of ours. Any other is applied to the windows that the indices name:
// gathered, put together with the updates, and written back; at once if no two windows meet, and else one
// after the other, by a scan over the updates. A window that is not inside is read somewhere and written
// nowhere.

#include <string.h>

#include "ir/stablehlo/importer.h"

// The scatter that combines as the region does, or IR_PRIMITIVE_COUNT.
static ir_primitive scatter_primitive(const char *combiner, cv_dtype dtype) {
    if (!combiner) return IR_PRIMITIVE_COUNT;
    if (!strcmp(combiner, "second")) return IR_scatter;
    switch (sh_combiner_primitive(combiner, dtype)) {
    case IR_add: return IR_scatter_add;
    case IR_mul: return IR_scatter_mul;
    case IR_max: return IR_scatter_max;
    case IR_min: return IR_scatter_min;
    case IR_or: return dtype == CV_BOOL ? IR_scatter_max : IR_PRIMITIVE_COUNT;
    case IR_and: return dtype == CV_BOOL ? IR_scatter_min : IR_PRIMITIVE_COUNT;
    default: return IR_PRIMITIVE_COUNT;
    }
}

// A scatter of n arrays by f(elements, updates) -> elements.
typedef struct scattering {
    uint32_t n;
    const ir_function *f;
    ir_val *x, *updates, indices; // x: replaced by the results
    ir_scatter_attributes a;
} scattering;

// The gather that reads the windows which the scatter writes.
static ir_gather_attributes reading(sh_importer *im, const scattering *s) {
    const ir_type *x = ir_type_of(im->b, s->x[0]), *updates = ir_type_of(im->b, s->updates[0]);
    int64_t *sizes = base_new_array(&im->arena, int64_t, IR_MAX_RANK), next = 0;
    const ir_scatter_attributes *a = &s->a;
    for (uint32_t i = 0; i < x->rank; i++) {
        sizes[i] = 1;
        if (ir_dims_contain(a->inserted_window_dims, i) || ir_dims_contain(a->operand_batching_dims, i))
            continue;
        int64_t axis = next < a->update_window_dims.n ? a->update_window_dims.at[next++] : -1;
        if (axis < 0 || axis >= updates->rank) sh_wrong(im, "its dimension numbers do not fit the updates");
        sizes[i] = updates->dims[axis];
    }
    return (ir_gather_attributes){a->update_window_dims,
                                  a->inserted_window_dims,
                                  a->scatter_dims_to_operand_dims,
                                  a->operand_batching_dims,
                                  a->scatter_indices_batching_dims,
                                  {x->rank, sizes},
                                  IR_CLIP};
}

static void scatter_at_once(sh_importer *im, const scattering *s) {
    ir_val *in = base_new_array(&im->arena, ir_val, 2 * s->n),
           *out = base_new_array(&im->arena, ir_val, s->n);
    ir_gather_attributes read = reading(im, s);
    for (uint32_t i = 0; i < s->n; i++) {
        in[i] = ir_gather(im->b, s->x[i], s->indices, &read);
        in[s->n + i] = s->updates[i];
    }
    sh_lift(im, s->f, ir_shape(ir_type_of(im->b, s->updates[0])), in, out);
    for (uint32_t i = 0; i < s->n; i++) s->x[i] = ir_scatter(im->b, s->x[i], s->indices, out[i], &s->a);
}

// The axes that run together with axes of the indices as entries of the index vectors.
static void batch_by_index(sh_importer *im, scattering *s) {
    ir_scatter_attributes *a = &s->a;
    const ir_type *type = ir_type_of(im->b, s->indices);
    int64_t n = a->operand_batching_dims.n, last = (int64_t)type->rank - 1, shape[IR_MAX_RANK],
            n_inserted = 0;
    int64_t *map = base_new_array(&im->arena, int64_t, a->scatter_dims_to_operand_dims.n + n + 1);
    int64_t *inserted = base_new_array(&im->arena, int64_t, IR_MAX_RANK);
    if (!n) return;
    if (n != a->scatter_indices_batching_dims.n || n > IR_MAX_RANK)
        sh_wrong(im, "its batching axes do not pair up");
    ir_val parts[IR_MAX_RANK + 1] = {s->indices};
    for (int64_t i = 0; i < type->rank; i++) shape[i] = i == last ? 1 : type->dims[i];
    for (int64_t i = 0; i < n; i++)
        parts[i + 1] =
            ir_iota(im->b, type->dtype, (ir_dims){type->rank, shape}, a->scatter_indices_batching_dims.at[i]);
    s->indices = ir_concatenate(im->b, parts, (uint32_t)n + 1, last);
    for (int64_t i = 0; i < a->scatter_dims_to_operand_dims.n; i++)
        map[i] = a->scatter_dims_to_operand_dims.at[i];
    for (int64_t i = 0; i < n; i++)
        map[a->scatter_dims_to_operand_dims.n + i] = a->operand_batching_dims.at[i];
    for (int64_t i = 0; i < IR_MAX_RANK; i++)
        if (ir_dims_contain(a->inserted_window_dims, i) || ir_dims_contain(a->operand_batching_dims, i))
            inserted[n_inserted++] = i;
    a->scatter_dims_to_operand_dims = (ir_dims){a->scatter_dims_to_operand_dims.n + n, map};
    a->inserted_window_dims = (ir_dims){n_inserted, inserted};
    a->operand_batching_dims = a->scatter_indices_batching_dims = (ir_dims){0, NULL};
}

// The updates with one leading axis over the places, in their order; the axes of the windows follow.
static ir_val updates_by_place(sh_importer *im, const scattering *s, ir_val updates, int64_t length) {
    const ir_type *type = ir_type_of(im->b, updates);
    int64_t permutation[IR_MAX_RANK], shape[IR_MAX_RANK + 1] = {length}, n = 0, n_window = 0;
    for (uint32_t i = 0; i < type->rank; i++)
        if (!ir_dims_contain(s->a.update_window_dims, i)) permutation[n++] = i;
    for (uint32_t i = 0; i < type->rank; i++)
        if (ir_dims_contain(s->a.update_window_dims, i)) {
            permutation[n++] = i;
            shape[++n_window] = type->dims[i];
        }
    updates = ir_transpose(im->b, updates, (ir_dims){type->rank, permutation});
    return ir_reshape(im->b, updates, (ir_dims){n_window + 1, shape});
}

static const ir_function *one_place(sh_importer *im, const scattering *s, const ir_type *const *types) {
    uint32_t n = s->n;
    int64_t *window = base_new_array(&im->arena, int64_t, IR_MAX_RANK);
    ir_builder *outer = im->b;
    scattering one = *s;
    im->b = ir_builder_new(im->module, "scatter");
    one.x = base_new_array(&im->arena, ir_val, n);
    one.updates = base_new_array(&im->arena, ir_val, n);
    for (uint32_t i = 0; i < n; i++) one.x[i] = ir_param(im->b, types[i]);
    one.indices = ir_param(im->b, ir_type_remove_axis(im->module, types[n], 0));
    for (uint32_t i = 0; i < n; i++)
        one.updates[i] = ir_param(im->b, ir_type_remove_axis(im->module, types[n + 1 + i], 0));
    one.a.update_window_dims = (ir_dims){ir_type_of(im->b, one.updates[0])->rank, window};
    for (int64_t i = 0; i < one.a.update_window_dims.n; i++) window[i] = i;
    one.a.unique = true;
    scatter_at_once(im, &one);
    const ir_function *f = ir_finish(im->b, one.x, n);
    im->b = outer;
    return f;
}

static void scatter_in_order(sh_importer *im, scattering *s) {
    batch_by_index(im, s);
    const ir_type *type = ir_type_of(im->b, s->indices);
    int64_t vector = type->dims[type->rank - 1], length = 1;
    for (uint32_t i = 0; i + 1 < type->rank; i++) length *= type->dims[i];
    uint32_t n = s->n, n_in = 2 * n + 1;
    ir_val *in = base_new_array(&im->arena, ir_val, n_in);
    const ir_type **types = base_new_array(&im->arena, const ir_type *, n_in);
    in[n] = ir_reshape(im->b, s->indices, IR_DIMS(length, vector));
    for (uint32_t i = 0; i < n; i++) {
        in[i] = s->x[i];
        in[n + 1 + i] = updates_by_place(im, s, s->updates[i], length);
    }
    for (uint32_t i = 0; i < n_in; i++) types[i] = ir_type_of(im->b, in[i]);
    ir_scan_attributes a = {.body = one_place(im, s, types), .carries = n, .length = length};
    ir_val out = ir_emit(im->b, IR_scan, in, n_in, &a);
    for (uint32_t i = 0; i < n; i++) s->x[i] = out + i;
}

static void scatter_by_function(sh_importer *im, const sh_op *op, scattering *s) {
    s->f = sh_import_closed(im, &op->regions[0], "update");
    if (s->f->n_params != 2 * s->n || s->f->n_results != s->n)
        sh_wrong(im, "its region takes %u values and returns %u", s->f->n_params, s->f->n_results);
    for (uint32_t i = 0; i < s->n; i++) {
        if (!ir_dims_equal(ir_shape(ir_type_of(im->b, s->x[i])), ir_shape(ir_type_of(im->b, s->x[0]))) ||
            !ir_dims_equal(ir_shape(ir_type_of(im->b, s->updates[i])),
                           ir_shape(ir_type_of(im->b, s->updates[0]))))
            sh_wrong(im, "its operands, and its updates, must have one shape");
        if (!ir_type_of(im->b, s->x[i])->count || !ir_type_of(im->b, s->updates[i])->count) return;
    }
    if (s->a.unique)
        scatter_at_once(im, s);
    else
        scatter_in_order(im, s);
}

void sh_import_scatter(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    uint32_t n = op->n_in / 2;
    if (op->n_in != 2 * n + 1 || !n || op->n_out != n)
        sh_wrong(im, "%u operands and %u results", op->n_in, op->n_out);
    scattering s = {
        .n = n,
        .x = base_new_array(&im->arena, ir_val, n),
        .updates = base_new_array(&im->arena, ir_val, n),
        .a = {.update_window_dims = sh_get_dims(im, op, "update_window_dims"),
              .inserted_window_dims = sh_get_dims(im, op, "inserted_window_dims"),
              .scatter_dims_to_operand_dims = sh_get_dims(im, op, "scatter_dims_to_operand_dims"),
              .operand_batching_dims = sh_get_dims(im, op, "input_batching_dims"),
              .scatter_indices_batching_dims = sh_get_dims(im, op, "scatter_indices_batching_dims"),
              .mode = IR_FILL_OR_DROP,
              .unique = sh_get_bool(op, "unique_indices")},
    };
    for (uint32_t i = 0; i < n; i++) {
        s.x[i] = sh_in(im, op, i);
        s.updates[i] = sh_in(im, op, n + 1 + i);
    }
    s.indices = sh_index_vectors(im, op, sh_in(im, op, n), &s.a.scatter_indices_batching_dims);
    const char *combiner = n == 1 ? sh_region_combiner(&op->regions[0]) : NULL;
    ir_primitive p = scatter_primitive(combiner, sh_in_type(im, op, 0)->dtype);
    if (p != IR_PRIMITIVE_COUNT)
        s.x[0] = ir_emit(im->b, p, (ir_val[]){s.x[0], s.indices, s.updates[0]}, 3, &s.a);
    else if (!combiner || strcmp(combiner, "first"))
        scatter_by_function(im, op, &s);
    for (uint32_t i = 0; i < n; i++) sh_set_out(im, op, i, s.x[i]);
}
