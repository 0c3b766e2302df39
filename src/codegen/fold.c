// What an application is equal to without being evaluated, and the range of what stays.
//
// Programs come here simplified, so this is only what index arithmetic brings with it: counters have
// ranges, ranges decide comparisons, comparisons decide selections, and conversions between integers
// that lose nothing let sums be seen through. An integer whose range is one number is a constant, which
// also folds constants. Nothing here changes a bit of a result.

#include "base/error.h"
#include "codegen/kernel_nodes.h"

enum { MAX_DEPTH = 16 }; // of sums that a conversion moves into

bool cg_has_range(cv_dtype dtype) { return dtype == CV_BOOL || (ir_is_integer(dtype) && dtype != CV_U64); }

cg_range cg_dtype_range(cv_dtype dtype) {
    switch (dtype) {
    case CV_BOOL: return (cg_range){0, 1};
    case CV_S8: return (cg_range){INT8_MIN, INT8_MAX};
    case CV_S16: return (cg_range){INT16_MIN, INT16_MAX};
    case CV_S32: return (cg_range){INT32_MIN, INT32_MAX};
    case CV_U8: return (cg_range){0, UINT8_MAX};
    case CV_U16: return (cg_range){0, UINT16_MAX};
    case CV_U32: return (cg_range){0, UINT32_MAX};
    default: return (cg_range){INT64_MIN, INT64_MAX};
    }
}

static int64_t least(int64_t x, int64_t y) { return x < y ? x : y; }
static int64_t greatest(int64_t x, int64_t y) { return x > y ? x : y; }
static bool fits(cg_range range, cg_range in) { return range.low >= in.low && range.high <= in.high; }

static cv_dtype dtype_of(const cg_kernel *k, cg_expr e) { return cg_node_of(k, e)->dtype; }
static bool is_constant(const cg_kernel *k, cg_expr e) { return cg_node_of(k, e)->kind == CG_CONSTANT; }

// Ranges. Each sets *r and returns false if it may leave s64.

static bool product_range(cg_range x, cg_range y, cg_range *r) {
    int64_t p[4];
    if (__builtin_mul_overflow(x.low, y.low, p) || __builtin_mul_overflow(x.low, y.high, p + 1) ||
        __builtin_mul_overflow(x.high, y.low, p + 2) || __builtin_mul_overflow(x.high, y.high, p + 3))
        return false;
    r->low = least(least(p[0], p[1]), least(p[2], p[3]));
    r->high = greatest(greatest(p[0], p[1]), greatest(p[2], p[3]));
    return true;
}

static bool arithmetic_range(ir_primitive primitive, cg_range x, cg_range y, cg_range *r) {
    switch (primitive) {
    case IR_add:
        return !__builtin_add_overflow(x.low, y.low, &r->low) &&
               !__builtin_add_overflow(x.high, y.high, &r->high);
    case IR_sub:
        return !__builtin_sub_overflow(x.low, y.high, &r->low) &&
               !__builtin_sub_overflow(x.high, y.low, &r->high);
    case IR_mul: return product_range(x, y, r);
    case IR_neg: return arithmetic_range(IR_sub, (cg_range){0, 0}, x, r);
    case IR_abs:
        if (x.low == INT64_MIN) return false;
        r->low = x.low > 0 ? x.low : x.high < 0 ? -x.high : 0;
        r->high = greatest(-x.low, x.high);
        return true;
    case IR_div: // towards zero; by what is positive
        if (y.low <= 0) return false;
        r->low = x.low / (x.low < 0 ? y.low : y.high);
        r->high = x.high / (x.high < 0 ? y.high : y.low);
        return true;
    default: return false;
    }
}

// The least number of the form 11..1 that is not less.
static int64_t ones(int64_t x) {
    for (int shift = 1; shift < 64; shift *= 2) x |= x >> shift;
    return x;
}

static bool bits_range(ir_primitive primitive, cv_dtype dtype, cg_range x, cg_range y, cg_range *r) {
    if (primitive == IR_not) {
        if (dtype == CV_BOOL)
            *r = (cg_range){!x.high, !x.low};
        else if (ir_is_signed(dtype))
            *r = (cg_range){~x.high, ~x.low};
        else
            return false;
        return true;
    }
    if (x.low < 0 || y.low < 0) return false;
    if (primitive == IR_and)
        *r = (cg_range){0, least(x.high, y.high)};
    else
        *r = (cg_range){primitive == IR_or ? greatest(x.low, y.low) : 0, ones(x.high | y.high)};
    if (dtype == CV_BOOL && primitive == IR_and) r->low = x.low & y.low;
    if (dtype == CV_BOOL && primitive == IR_xor && x.low == x.high && y.low == y.high)
        r->low = r->high = x.low ^ y.low;
    return true;
}

// What comparisons of two integers give: 0, 1, or -1 if their ranges leave it open. `d` is the range of
// their difference, or of its sign.
static int decision(ir_primitive primitive, cg_range d) {
    switch (primitive) {
    case IR_eq: return d.low > 0 || d.high < 0 ? 0 : d.low == 0 && d.high == 0 ? 1 : -1;
    case IR_lt: return d.high < 0 ? 1 : d.low >= 0 ? 0 : -1;
    case IR_le: return d.high <= 0 ? 1 : d.low > 0 ? 0 : -1;
    case IR_ne:
    case IR_ge:
    case IR_gt: {
        int opposite = decision(primitive == IR_ne ? IR_eq : primitive == IR_ge ? IR_lt : IR_le, d);
        return opposite < 0 ? -1 : !opposite;
    }
    default: return -1;
    }
}

static int compare(const cg_kernel *k, ir_primitive primitive, cg_expr x, cg_expr y) {
    if (!cg_has_range(dtype_of(k, x))) return -1;
    if (x == y) return decision(primitive, (cg_range){0, 0});
    cg_range a = cg_range_of(k, x), b = cg_range_of(k, y), d;
    if (dtype_of(k, x) == CV_S64 && cg_difference_range(k, x, y, &d)) return decision(primitive, d);
    d.low = a.low > b.high ? 1 : a.low == b.high ? 0 : -1;
    d.high = a.high < b.low ? -1 : a.high == b.low ? 0 : 1;
    return decision(primitive, d);
}

cg_range cg_apply_range(const cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args) {
    cg_range all = cg_dtype_range(dtype), r = all, x = cg_range_of(k, args[0]), y = {0, 0}, z = {0, 0};
    uint32_t n = (uint32_t)ir_primitives[primitive].n_in;
    if (n > 1) y = cg_range_of(k, args[1]);
    if (n > 2) z = cg_range_of(k, args[2]);
    if (!cg_has_range(dtype) || !cg_has_range(dtype_of(k, args[0]))) return all;
    bool known = false;
    switch (primitive) {
    case IR_convert:
        if (dtype == CV_BOOL)
            r = (cg_range){x.low > 0 || x.high < 0, x.low != 0 || x.high != 0};
        else
            r = x;
        known = true;
        break;
    case IR_stop_gradient: r = x, known = true; break;
    case IR_sign: r = (cg_range){(x.low > 0) - (x.low < 0), (x.high > 0) - (x.high < 0)}, known = true; break;
    case IR_max: r = (cg_range){greatest(x.low, y.low), greatest(x.high, y.high)}, known = true; break;
    case IR_min: r = (cg_range){least(x.low, y.low), least(x.high, y.high)}, known = true; break;
    case IR_select: r = (cg_range){least(y.low, z.low), greatest(y.high, z.high)}, known = true; break;
    case IR_clamp: // min(max(y, x), z)
        r = (cg_range){least(greatest(y.low, x.low), z.low), least(greatest(y.high, x.high), z.high)};
        known = true;
        break;
    case IR_not:
    case IR_and:
    case IR_or:
    case IR_xor: known = bits_range(primitive, dtype, x, y, &r); break;
    default: known = dtype != CV_BOOL && arithmetic_range(primitive, x, y, &r);
    }
    return known && fits(r, all) ? r : all;
}

// Folding

static cg_expr boolean(cg_kernel *k, bool value) {
    return cg_constant(k, CV_BOOL, &(union ir_scalar){.boolean = value});
}

// Between integers: what was converted before without loss, and sums of what does not wrap.
static cg_expr fold_convert(cg_kernel *k, cv_dtype dtype, cg_expr x, int depth) {
    cv_dtype from = dtype_of(k, x);
    if (dtype == from) return x;
    const cg_node n = *cg_node_of(k, x);
    if (n.kind == CG_CONSTANT && cg_has_range(from) && ir_is_float(dtype) && n.low >= -(INT64_C(1) << 53) &&
        n.low <= INT64_C(1) << 53) { // rounded once
        union ir_scalar value = {0};
        ir_scalar_from_double(&value, dtype, (double)n.low);
        return cg_constant(k, dtype, &value);
    }
    if (n.kind != CG_APPLY || !cg_has_range(from) || from == CV_BOOL) return CG_ABSENT;
    if (n.primitive == IR_convert) {
        cv_dtype source = dtype_of(k, n.args[0]);
        bool kept = cg_has_range(source) && fits(cg_range_of(k, n.args[0]), cg_dtype_range(from));
        // Narrow integers are converted to floating point faster than wide ones.
        bool faster = ir_is_float(dtype) && cv_dtype_size(from) < cv_dtype_size(source);
        return kept && !faster ? cg_apply(k, IR_convert, dtype, n.args, 1) : CG_ABSENT;
    }
    cg_range exact, x_range = cg_range_of(k, n.args[0]), y_range = {0, 0};
    if (n.n_args > 1) y_range = cg_range_of(k, n.args[1]);
    bool sums = n.primitive == IR_add || n.primitive == IR_sub || n.primitive == IR_mul ||
                n.primitive == IR_neg || n.primitive == IR_div;
    if (dtype != CV_S64 || !sums || depth == MAX_DEPTH ||
        !arithmetic_range(n.primitive, x_range, y_range, &exact) || !fits(exact, cg_dtype_range(from)))
        return CG_ABSENT;
    cg_expr args[2];
    for (uint32_t i = 0; i < n.n_args; i++) {
        args[i] = fold_convert(k, dtype, n.args[i], depth + 1);
        if (args[i] == CG_ABSENT) {
            cg_range range = cg_range_of(k, n.args[i]);
            args[i] = range.low == range.high ? cg_int(k, range.low)
                                              : cg_intern_apply(k, IR_convert, dtype, &n.args[i], 1, range);
        }
    }
    return cg_apply(k, n.primitive, dtype, args, n.n_args);
}

static cg_expr fold_not(cg_kernel *k, cv_dtype dtype, cg_expr x) {
    static const ir_primitive opposite[][2] = {{IR_eq, IR_ne}, {IR_lt, IR_ge}, {IR_le, IR_gt}};
    const cg_node n = *cg_node_of(k, x);
    if (n.kind != CG_APPLY) return CG_ABSENT;
    if (n.primitive == IR_not) return n.args[0];
    // A comparison that a NaN makes false is not the opposite of one that it makes false too.
    if (dtype != CV_BOOL || !cg_has_range(dtype_of(k, n.args[0]))) return CG_ABSENT;
    for (int i = 0; i < 3; i++)
        for (int side = 0; side < 2; side++)
            if (n.primitive == opposite[i][side])
                return cg_apply2(k, opposite[i][!side], n.args[0], n.args[1]);
    return CG_ABSENT;
}

// and, or of bool with a constant; and, or, max, min of x and x or where the ranges tell.
static cg_expr fold_choice(cg_kernel *k, ir_primitive primitive, cv_dtype dtype, cg_expr x, cg_expr y) {
    if (!cg_has_range(dtype)) return CG_ABSENT;
    if (x == y) return x;
    cg_range a = cg_range_of(k, x), b = cg_range_of(k, y);
    bool bits = primitive == IR_and || primitive == IR_or;
    if (bits && dtype != CV_BOOL) return CG_ABSENT;
    bool max = primitive == IR_max || primitive == IR_or;
    if (a.low >= b.high) return max ? x : y;
    if (b.low >= a.high) return max ? y : x;
    return CG_ABSENT;
}

static cg_expr fold_clamp(cg_kernel *k, cv_dtype dtype, const cg_expr *args) {
    if (!cg_has_range(dtype)) return CG_ABSENT;
    cg_range low = cg_range_of(k, args[0]), x = cg_range_of(k, args[1]), high = cg_range_of(k, args[2]);
    if (x.low >= low.high) return cg_apply2(k, IR_min, args[1], args[2]);
    if (low.high <= high.low && x.high <= high.low) return cg_apply2(k, IR_max, args[1], args[0]);
    return CG_ABSENT;
}

static cg_expr fold_select(cg_kernel *k, cv_dtype dtype, const cg_expr *args) {
    cg_range predicate = cg_range_of(k, args[0]);
    if (predicate.low == predicate.high) return args[predicate.low ? 1 : 2];
    if (args[1] == args[2]) return args[1];
    if (dtype != CV_BOOL) return CG_ABSENT;
    cg_range yes = cg_range_of(k, args[1]), no = cg_range_of(k, args[2]);
    if (yes.low && !no.high) return args[0];
    if (!yes.high && no.low) return cg_apply(k, IR_not, CV_BOOL, args, 1);
    return CG_ABSENT;
}

static cg_expr fold_s64(cg_kernel *k, ir_primitive primitive, const cg_expr *args) {
    switch (primitive) {
    case IR_add: return cg_combine(k, args[0], 1, args[1], 1);
    case IR_sub: return cg_combine(k, args[0], 1, args[1], -1);
    case IR_neg: return cg_scale(k, args[0], -1);
    case IR_mul:
        for (int i = 0; i < 2; i++)
            if (is_constant(k, args[i])) return cg_scale(k, args[!i], cg_node_of(k, args[i])->value.s64);
        return CG_ABSENT;
    case IR_div: // towards zero is rounded down where nothing is negative
        if (!is_constant(k, args[1]) || cg_node_of(k, args[1])->low <= 0 || cg_node_of(k, args[0])->low < 0)
            return CG_ABSENT;
        return cg_quotient(k, args[0], cg_node_of(k, args[1])->low);
    default: return CG_ABSENT;
    }
}

cg_expr cg_fold(cg_kernel *k, ir_primitive primitive, cv_dtype dtype, const cg_expr *args, uint32_t n) {
    (void)n;
    switch (primitive) {
    case IR_stop_gradient: return args[0];
    case IR_convert: return fold_convert(k, dtype, args[0], 0);
    case IR_not: return fold_not(k, dtype, args[0]);
    case IR_and:
    case IR_or:
    case IR_max:
    case IR_min: return fold_choice(k, primitive, dtype, args[0], args[1]);
    case IR_clamp: return fold_clamp(k, dtype, args);
    case IR_select: return fold_select(k, dtype, args);
    case IR_xor: // with a bool constant
        if (dtype != CV_BOOL) return CG_ABSENT;
        for (int i = 0; i < 2; i++)
            if (is_constant(k, args[i]))
                return cg_node_of(k, args[i])->low ? cg_apply(k, IR_not, CV_BOOL, &args[!i], 1) : args[!i];
        return CG_ABSENT;
    case IR_eq:
    case IR_ne:
    case IR_lt:
    case IR_le:
    case IR_gt:
    case IR_ge: {
        int decided = compare(k, primitive, args[0], args[1]);
        return decided < 0 ? CG_ABSENT : boolean(k, decided);
    }
    default: return dtype == CV_S64 ? fold_s64(k, primitive, args) : CG_ABSENT;
    }
}
