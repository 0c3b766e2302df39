// Elementwise operations whose meaning is not that of one primitive with the same operands.
//
// In: operands in the builder. Out: results. Where StableHLO lets an operand be a scalar beside arrays it is
// broadcast here, since our primitives take one shape.

#include <string.h>

#include "ir/stablehlo/importer.h"

ir_val sh_fill_shape(sh_importer *im, ir_val scalar, ir_dims shape) {
    if (ir_type_of(im->b, scalar)->rank || !shape.n) return scalar;
    return ir_broadcast_in_dim(im->b, scalar, shape, (ir_dims){0, NULL});
}

static ir_val emit_combination(sh_importer *im, ir_primitive p, const ir_val *in, uint32_t n) {
    if (ir_type_of(im->b, in[0])->dtype == CV_BOOL) p = p == IR_add ? IR_or : p == IR_mul ? IR_and : p;
    return ir_emit(im->b, p, in, n, NULL);
}

void sh_import_primitive(sh_importer *im, const sh_op *op, const sh_row *row) {
    ir_val in[3] = {0};
    for (uint32_t i = 0; i < op->n_in && i < 3; i++) in[i] = sh_in(im, op, i);
    sh_set_out(im, op, 0, emit_combination(im, row->primitive, in, op->n_in));
}

void sh_import_identity(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    if (op->n_in != op->n_out) sh_wrong(im, "%u operands and %u results", op->n_in, op->n_out);
    for (uint32_t i = 0; i < op->n_in; i++) sh_set_out(im, op, i, sh_in(im, op, i));
}

// The bits of a number as an integer, with all but the sign inverted below zero: in the order of these
// integers -NaN < -inf < -0 < +0 < inf < NaN.
ir_val sh_total_order_key(ir_builder *b, ir_val x) {
    cv_dtype dtype = ir_type_of(b, x)->dtype;
    if (!ir_is_float(dtype)) return x;
    cv_dtype integer = ir_is_half(dtype) ? CV_S16 : dtype == CV_F32 ? CV_S32 : CV_S64;
    ir_val bits = ir_bitcast_convert(b, x, integer);
    const ir_type *type = ir_type_of(b, bits);
    ir_val low_bits = ir_full_int(b, type, INT64_MAX >> (64 - 8 * (int)cv_dtype_size(integer)));
    ir_val below = ir_lt(b, bits, ir_zeros(b, type));
    return ir_select(b, below, ir_xor(b, bits, low_bits), bits);
}

static ir_val compare(sh_importer *im, const sh_op *op, ir_val x, ir_val y) {
    static const struct {
        const char *direction;
        ir_primitive primitive;
    } directions[] = {{"EQ", IR_eq}, {"NE", IR_ne}, {"LT", IR_lt},
                      {"LE", IR_le}, {"GT", IR_gt}, {"GE", IR_ge}};
    const sh_attribute *direction = sh_find(op, "comparison_direction"), *type = sh_find(op, "compare_type");
    if (type && sh_slice_is(type->text, "TOTALORDER")) {
        x = sh_total_order_key(im->b, x);
        y = sh_total_order_key(im->b, y);
    }
    for (size_t i = 0; direction && i < sizeof directions / sizeof *directions; i++)
        if (sh_slice_is(direction->text, directions[i].direction))
            return ir_emit(im->b, directions[i].primitive, (ir_val[]){x, y}, 2, NULL);
    sh_wrong(im, "it has no comparison_direction");
}

void sh_import_compare(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_set_out(im, op, 0, compare(im, op, sh_in(im, op, 0), sh_in(im, op, 1)));
}

void sh_import_convert(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_set_out(im, op, 0, ir_convert(im->b, sh_in(im, op, 0), sh_out_type(im, op, 0)->dtype));
}

// It has no derivative, whatever the dtypes; between equal ones it is nothing else.
void sh_import_bitcast(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val x = sh_in(im, op, 0);
    cv_dtype from = ir_type_of(im->b, x)->dtype, to = sh_out_type(im, op, 0)->dtype;
    bool stops = from == to && ir_is_differentiable(from);
    sh_set_out(im, op, 0, stops ? ir_stop_gradient(im->b, x) : ir_bitcast_convert(im->b, x, to));
}

void sh_import_select(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val predicate = sh_fill_shape(im, sh_in(im, op, 0), ir_shape(sh_in_type(im, op, 1)));
    sh_set_out(im, op, 0, ir_select(im->b, predicate, sh_in(im, op, 1), sh_in(im, op, 2)));
}

// Complex numbers are ordered by their real parts, and where these are equal by the imaginary ones.
static ir_val complex_less(ir_builder *b, ir_val x, ir_val y) {
    ir_val re[] = {ir_real(b, x), ir_real(b, y)}, im[] = {ir_imag(b, x), ir_imag(b, y)};
    return ir_or(b, ir_lt(b, re[0], re[1]), ir_and(b, ir_eq(b, re[0], re[1]), ir_lt(b, im[0], im[1])));
}

void sh_import_clamp(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val x = sh_in(im, op, 1);
    ir_dims shape = ir_shape(ir_type_of(im->b, x));
    ir_val low = sh_fill_shape(im, sh_in(im, op, 0), shape),
           high = sh_fill_shape(im, sh_in(im, op, 2), shape);
    if (ir_is_complex(ir_type_of(im->b, x)->dtype)) {
        x = ir_select(im->b, complex_less(im->b, x, low), low, x);
        sh_set_out(im, op, 0, ir_select(im->b, complex_less(im->b, high, x), high, x));
    } else if (ir_type_of(im->b, x)->dtype == CV_BOOL) {
        sh_set_out(im, op, 0, ir_min(im->b, ir_max(im->b, low, x), high));
    } else {
        sh_set_out(im, op, 0, ir_clamp(im->b, low, x, high));
    }
}

// Of integers by squaring: a factor for each bit of the exponent. A negative exponent gives 1 / x^|y|, which
// is 0 unless x is 1 or -1.
static ir_val integer_power(ir_builder *b, ir_val x, ir_val y) {
    const ir_type *type = ir_type_of(b, x);
    ir_val one = ir_full_int(b, type, 1), zero = ir_zeros(b, type), minus_one = ir_full_int(b, type, -1);
    ir_val power = one, square = x;
    int bits = 8 * (int)cv_dtype_size(type->dtype) - ir_is_signed(type->dtype);
    for (int i = 0; i < bits; i++) {
        ir_val bit = ir_and(b, ir_shift_right_logical(b, y, ir_full_int(b, type, i)), one);
        power = ir_select(b, ir_eq(b, bit, one), ir_mul(b, power, square), power);
        if (i + 1 < bits) square = ir_mul(b, square, square);
    }
    if (!ir_is_signed(type->dtype)) return power;
    ir_val odd = ir_eq(b, ir_and(b, y, one), one);
    ir_val inverse = ir_select(b, ir_eq(b, x, minus_one), ir_select(b, odd, minus_one, one), zero);
    inverse = ir_select(b, ir_eq(b, x, one), one, inverse);
    return ir_select(b, ir_lt(b, y, zero), inverse, power);
}

static ir_val power(sh_importer *im, ir_val x, ir_val y) {
    cv_dtype dtype = ir_type_of(im->b, x)->dtype;
    return ir_is_integer(dtype) ? integer_power(im->b, x, y) : ir_pow(im->b, x, y);
}

void sh_import_power(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_set_out(im, op, 0, power(im, sh_in(im, op, 0), sh_in(im, op, 1)));
}

static bool is_complex(const sh_importer *im, ir_val x) { return ir_is_complex(ir_type_of(im->b, x)->dtype); }

void sh_import_real(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val x = sh_in(im, op, 0);
    sh_set_out(im, op, 0, is_complex(im, x) ? ir_real(im->b, x) : x);
}

void sh_import_imag(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val x = sh_in(im, op, 0);
    sh_set_out(im, op, 0, is_complex(im, x) ? ir_imag(im->b, x) : ir_zeros(im->b, ir_type_of(im->b, x)));
}

void sh_import_conj(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val x = sh_in(im, op, 0);
    sh_set_out(im, op, 0, is_complex(im, x) ? ir_conj(im->b, x) : x);
}

void sh_import_square(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val x = sh_in(im, op, 0);
    sh_set_out(im, op, 0, emit_combination(im, IR_mul, (ir_val[]){x, x}, 2));
}

void sh_import_is_inf(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_val x = sh_in(im, op, 0);
    const ir_type *type = ir_type_of(im->b, x);
    if (!ir_is_float(type->dtype)) sh_wrong(im, "it takes floating numbers");
    if (!strcmp(op->name, "chlo.is_inf")) x = ir_abs(im->b, x);
    double wanted = strcmp(op->name, "chlo.is_neg_inf") ? __builtin_inf() : -__builtin_inf();
    sh_set_out(im, op, 0, ir_eq(im->b, x, ir_full(im->b, type, wanted)));
}

// The number that fills a value, whatever its shape and dtype, if it is written in the text.
static bool filled_with(const sh_importer *im, ir_val value, double *number) {
    const ir_op *op = ir_def_of(im->b, value);
    while (op && (op->primitive == IR_broadcast_in_dim || op->primitive == IR_convert ||
                  op->primitive == IR_reshape))
        op = ir_def_of(im->b, im->b->operands.at[op->in]);
    if (!op || op->primitive != IR_constant) return false;
    const ir_literal *literal = &((const ir_constant_attributes *)op->attributes)->value;
    if (!literal->splat && literal->type->count != 1) return false;
    union ir_scalar scalar = {0};
    memcpy(&scalar, literal->data, cv_dtype_size(literal->type->dtype));
    *number = ir_scalar_to_double(&scalar, literal->type->dtype);
    return true;
}

// Our orders are attributes: 0 is digamma.
void sh_import_polygamma(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    double order;
    ir_val x = sh_in(im, op, 1);
    if (!filled_with(im, sh_in(im, op, 0), &order) || order < 0 || order > 1000 ||
        order != (double)(int64_t)order)
        sh_unsupported(im, "its order is not one whole number that the text says");
    ir_polygamma_attributes a = {(int64_t)order};
    sh_set_out(im, op, 0, order ? ir_emit(im->b, IR_polygamma, &x, 1, &a) : ir_digamma(im->b, x));
}

// An operand that is broadcast as NumPy does, or with an axis of the result for each of its own.
static ir_val broadcast_operand(sh_importer *im, const sh_op *op, ir_val x, ir_dims shape) {
    const ir_type *type = ir_type_of(im->b, x);
    ir_dims given = sh_get_dims(im, op, "broadcast_dimensions");
    int64_t dims[IR_MAX_RANK];
    if (type->rank > shape.n) sh_wrong(im, "an operand has more axes than the result");
    bool is_given = given.n && given.n == type->rank && type->rank < shape.n;
    for (uint32_t i = 0; i < type->rank; i++) dims[i] = is_given ? given.at[i] : shape.n - type->rank + i;
    return ir_broadcast_in_dim(im->b, x, shape, (ir_dims){type->rank, dims});
}

void sh_import_broadcasting(sh_importer *im, const sh_op *op, const sh_row *row) {
    ir_val in[3] = {0};
    for (uint32_t i = 0; i < op->n_in && i < 3; i++)
        in[i] = broadcast_operand(im, op, sh_in(im, op, i), ir_shape(sh_out_type(im, op, 0)));
    ir_val out = op->n_in == 3              ? ir_select(im->b, in[0], in[1], in[2])
                 : row->primitive == IR_pow ? power(im, in[0], in[1])
                                            : emit_combination(im, row->primitive, in, op->n_in);
    sh_set_out(im, op, 0, out);
}

void sh_import_broadcasting_compare(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    ir_dims shape = ir_shape(sh_out_type(im, op, 0));
    ir_val x = broadcast_operand(im, op, sh_in(im, op, 0), shape);
    sh_set_out(im, op, 0, compare(im, op, x, broadcast_operand(im, op, sh_in(im, op, 1), shape)));
}

void sh_lift(sh_importer *im, const ir_function *f, ir_dims shape, const ir_val *in, ir_val *out) {
    ir_val *map = base_new_array(&im->arena, ir_val, f->n_values + 1);
    for (uint32_t i = 0; i < f->n_params; i++) map[i] = in[i];
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *inner = &f->ops[i];
        ir_val operands[3] = {0};
        if (inner->primitive == IR_constant) {
            map[inner->out] =
                sh_fill_shape(im, ir_emit(im->b, IR_constant, NULL, 0, inner->attributes), shape);
            continue;
        }
        if (!(ir_primitives[inner->primitive].traits & IR_ELEMENTWISE))
            sh_unsupported(im, "%s in its region", ir_primitives[inner->primitive].name);
        for (uint32_t k = 0; k < inner->n_in; k++) operands[k] = map[ir_in(f, inner)[k]];
        map[inner->out] = ir_emit(im->b, inner->primitive, operands, inner->n_in, inner->attributes);
    }
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = map[f->results[i]];
}

void sh_import_map(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    const ir_function *f = sh_import_closed(im, &op->regions[0], "map");
    if (f->n_params != op->n_in || f->n_results != op->n_out || !op->n_in)
        sh_wrong(im, "its region takes %u values and returns %u", f->n_params, f->n_results);
    ir_val *in = base_new_array(&im->arena, ir_val, op->n_in),
           *out = base_new_array(&im->arena, ir_val, op->n_out + 1);
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = sh_in(im, op, i);
    sh_lift(im, f, ir_shape(sh_in_type(im, op, 0)), in, out);
    for (uint32_t i = 0; i < op->n_out; i++) sh_set_out(im, op, i, out[i]);
}
