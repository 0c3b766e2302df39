// Attributes as numbers; creation and movement of arrays.
//
// In: operands in the builder and attributes as text. Out: results. Lists of numbers are bounded by the rank
// that a program can have; the type rules of the primitives check what they mean.

#include <string.h>

#include "ir/stablehlo/importer.h"

// Attributes

static int64_t read_int(sh_importer *im, const char *name, sh_slice text) {
    char copy[32];
    union ir_scalar scalar;
    if (text.n < sizeof copy) {
        memcpy(copy, text.at, text.n);
        copy[text.n] = 0;
        if (!ir_scalar_parse(&scalar, CV_S64, copy)) return scalar.s64;
    }
    sh_wrong(im, "%s is not an integer of 64 bits", name);
}

int64_t sh_get_int(sh_importer *im, const sh_op *op, const char *name, int64_t absent) {
    const sh_attribute *a = sh_find(op, name);
    if (!a) return absent;
    if (a->kind != SH_NUMBER) sh_wrong(im, "%s is not a number", name);
    return read_int(im, name, a->text);
}

bool sh_get_bool(const sh_op *op, const char *name) {
    const sh_attribute *a = sh_find(op, name);
    return a && a->kind == SH_WORD && sh_slice_is(a->text, "true");
}

bool sh_get_symbol(const sh_op *op, const char *name, sh_slice *symbol) {
    const sh_attribute *a = sh_find(op, name);
    if (!a || (a->kind != SH_SYMBOL && a->kind != SH_STRING)) return false;
    *symbol = a->text;
    return true;
}

enum { MOST_NUMBERS = IR_MAX_RANK };

// dense<[1, 2]> : tensor<2xi64>, as older text has lists.
static ir_dims read_dense_dims(sh_importer *im, const sh_attribute *a, const char *name, int64_t most) {
    ir_literal literal;
    if (!a->type || a->type->dtype != CV_S64 || a->type->count > most)
        sh_wrong(im, "%s is not a list of integers", name);
    const char *wrong = sh_dense_read(&im->arena, a->text, a->type, &literal);
    if (wrong) sh_wrong(im, "%s: %s", name, wrong);
    int64_t *dims = base_new_array(&im->arena, int64_t, a->type->count + 1);
    for (int64_t i = 0; i < a->type->count; i++)
        dims[i] = ((const int64_t *)literal.data)[literal.splat ? 0 : i];
    return (ir_dims){a->type->count, dims};
}

ir_dims sh_get_dims(sh_importer *im, const sh_op *op, const char *name) {
    const sh_attribute *a = sh_find(op, name);
    if (!a) return (ir_dims){0, NULL};
    if (a->kind == SH_DENSE) return read_dense_dims(im, a, name, MOST_NUMBERS);
    if (a->kind != SH_LIST || a->n > MOST_NUMBERS) sh_wrong(im, "%s is not a list of integers", name);
    int64_t *dims = base_new_array(&im->arena, int64_t, a->n + 1);
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->items[i].kind != SH_NUMBER) sh_wrong(im, "%s is not a list of integers", name);
        dims[i] = read_int(im, name, a->items[i].text);
    }
    return (ir_dims){a->n, dims};
}

ir_dims sh_get_padding(sh_importer *im, const sh_op *op, const char *name) {
    const sh_attribute *a = sh_find(op, name);
    if (!a) return (ir_dims){0, NULL};
    if (a->kind != SH_DENSE) sh_wrong(im, "%s is not a list of pairs of integers", name);
    return read_dense_dims(im, a, name, 2 * MOST_NUMBERS);
}

ir_dims sh_constant_dims(sh_importer *im, ir_val value, const char *what) {
    const ir_op *op = ir_def_of(im->b, value);
    const ir_type *type = ir_type_of(im->b, value);
    if (!op || op->primitive != IR_constant || !ir_is_integer(type->dtype) || type->count > MOST_NUMBERS)
        sh_unsupported(im, "%s is not a constant", what);
    const ir_literal *literal = &((const ir_constant_attributes *)op->attributes)->value;
    size_t size = cv_dtype_size(type->dtype);
    int64_t *dims = base_new_array(&im->arena, int64_t, type->count + 1);
    for (int64_t i = 0; i < type->count; i++) {
        union ir_scalar scalar = {0};
        memcpy(&scalar, (const char *)literal->data + (literal->splat ? 0 : (size_t)i * size), size);
        dims[i] = ir_scalar_to_int(&scalar, type->dtype);
    }
    return (ir_dims){type->count, dims};
}

// Creation

void sh_import_constant(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    const sh_attribute *a = sh_find(op, "value");
    const ir_type *type = sh_out_type(im, op, 0);
    ir_literal literal;
    if (!a || a->kind != SH_DENSE) sh_wrong(im, "its elements are not in the text");
    const char *wrong = sh_dense_read(&im->arena, a->text, type, &literal);
    if (wrong) sh_wrong(im, "%s", wrong);
    sh_set_out(im, op, 0, ir_constant(im->b, type, literal.splat, literal.data));
}

// chlo.constant_like: the number of its attribute, in the type of its operand.
void sh_import_constant_like(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    const sh_attribute *a = sh_find(op, "value");
    const ir_type *type = sh_out_type(im, op, 0);
    char copy[64];
    union ir_scalar scalar;
    if (!a || a->kind != SH_NUMBER || a->text.n >= sizeof copy) sh_wrong(im, "its value is not a number");
    memcpy(copy, a->text.at, a->text.n);
    copy[a->text.n] = 0;
    const char *wrong = ir_scalar_parse(&scalar, type->dtype, copy);
    if (wrong) sh_wrong(im, "'%s' %s", copy, wrong);
    sh_set_out(im, op, 0, ir_constant(im->b, type, true, &scalar));
}

void sh_import_iota(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    const ir_type *type = sh_out_type(im, op, 0);
    int64_t axis = sh_get_int(im, op, "iota_dimension", 0);
    sh_set_out(im, op, 0, ir_iota(im->b, type->dtype, ir_shape(type), axis));
}

void sh_import_dimension_size(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    const ir_type *x = sh_in_type(im, op, 0);
    int64_t axis = sh_get_int(im, op, "dimension", 0);
    if (axis < 0 || axis >= x->rank) sh_wrong(im, "there is no axis %lld", (long long)axis);
    sh_set_out(im, op, 0, ir_full_int(im->b, sh_out_type(im, op, 0), x->dims[axis]));
}

// Movement

void sh_import_broadcast_in_dim(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dims shape = ir_shape(sh_out_type(im, op, 0)), dims = sh_get_dims(im, op, "broadcast_dimensions");
    ir_val x = sh_in(im, op, 0);
    bool same = !shape.n && !ir_type_of(im->b, x)->rank; // a constant remains one
    sh_set_out(im, op, 0, same ? x : ir_broadcast_in_dim(im->b, x, shape, dims));
}

// New axes in front.
void sh_import_broadcast(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dims shape = ir_shape(sh_out_type(im, op, 0));
    int64_t dims[IR_MAX_RANK], rank = sh_in_type(im, op, 0)->rank;
    if (rank > shape.n) sh_wrong(im, "the operand has more axes than the result");
    for (int64_t i = 0; i < rank; i++) dims[i] = shape.n - rank + i;
    sh_set_out(im, op, 0, ir_broadcast_in_dim(im->b, sh_in(im, op, 0), shape, (ir_dims){rank, dims}));
}

void sh_import_reshape(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_set_out(im, op, 0, ir_reshape(im->b, sh_in(im, op, 0), ir_shape(sh_out_type(im, op, 0))));
}

void sh_import_transpose(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_set_out(im, op, 0, ir_transpose(im->b, sh_in(im, op, 0), sh_get_dims(im, op, "permutation")));
}

void sh_import_reverse(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_set_out(im, op, 0, ir_rev(im->b, sh_in(im, op, 0), sh_get_dims(im, op, "dimensions")));
}

static ir_val slice(sh_importer *im, const sh_op *op, ir_dims start, ir_dims limit, ir_dims stride) {
    int64_t rank = sh_in_type(im, op, 0)->rank;
    if (start.n != rank || limit.n != rank || stride.n != rank)
        sh_wrong(im, "it needs a start, a limit and a stride for each of the %lld axes", (long long)rank);
    return ir_slice(im->b, sh_in(im, op, 0), start, limit, stride);
}

void sh_import_slice(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dims start = sh_get_dims(im, op, "start_indices"), limit = sh_get_dims(im, op, "limit_indices");
    sh_set_out(im, op, 0, slice(im, op, start, limit, sh_get_dims(im, op, "strides")));
}

void sh_import_real_dynamic_slice(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dims start = sh_constant_dims(im, sh_in(im, op, 1), "the start");
    ir_dims limit = sh_constant_dims(im, sh_in(im, op, 2), "the limit");
    sh_set_out(im, op, 0, slice(im, op, start, limit, sh_constant_dims(im, sh_in(im, op, 3), "the stride")));
}

static ir_val pad(sh_importer *im, const sh_op *op, ir_dims low, ir_dims high, ir_dims interior) {
    int64_t rank = sh_in_type(im, op, 0)->rank;
    if (low.n != rank || high.n != rank || interior.n != rank)
        sh_wrong(im, "it needs three numbers for each of the %lld axes", (long long)rank);
    return ir_pad(im->b, sh_in(im, op, 0), sh_in(im, op, 1), low, high, interior);
}

void sh_import_pad(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dims low = sh_get_dims(im, op, "edge_padding_low"), high = sh_get_dims(im, op, "edge_padding_high");
    sh_set_out(im, op, 0, pad(im, op, low, high, sh_get_dims(im, op, "interior_padding")));
}

void sh_import_dynamic_pad(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dims low = sh_constant_dims(im, sh_in(im, op, 2), "the padding");
    ir_dims high = sh_constant_dims(im, sh_in(im, op, 3), "the padding");
    sh_set_out(im, op, 0, pad(im, op, low, high, sh_constant_dims(im, sh_in(im, op, 4), "the padding")));
}

void sh_import_concatenate(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    if (!op->n_in) sh_wrong(im, "it needs an operand");
    ir_val *in = base_new_array(&im->arena, ir_val, op->n_in);
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = sh_in(im, op, i);
    sh_set_out(im, op, 0, ir_concatenate(im->b, in, op->n_in, sh_get_int(im, op, "dimension", 0)));
}
