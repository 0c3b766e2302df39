// The math builder: which instructions a primitive is, by class of dtypes.
//
// Rows of the table at the end give a primitive's rule for booleans, signed and unsigned integers and
// floats; a NULL is a dtype that the primitive does not have. Where LLVM leaves a result open or
// would trap, the rules here close it as the interpreter does (ir/primitives/elementwise_evaluate.c).

#include "codegen/llvm/math.h"

#include <llvm-c/Core.h>

#include "base/error.h"
#include "codegen/llvm/math_emit.h"
#include "ir/type.h"

typedef struct operation {
    cg_math *m;
    cv_dtype from, to;
    const LLVMValueRef *args;
} operation;

typedef LLVMValueRef rule(const operation *o);

LLVMTypeRef cg_math_type(LLVMContextRef context, cv_dtype dtype) {
    if (dtype == CV_BOOL) return LLVMInt1TypeInContext(context);
    if (ir_is_half(dtype)) return LLVMInt16TypeInContext(context);
    if (ir_is_integer(dtype)) return LLVMIntTypeInContext(context, 8 * (unsigned)cv_dtype_size(dtype));
    if (dtype == CV_F32) return LLVMFloatTypeInContext(context);
    if (dtype == CV_F64) return LLVMDoubleTypeInContext(context);
    base_raise(CV_UNSUPPORTED, "compiled code does not take %s yet", cv_dtype_name(dtype));
}

static LLVMValueRef integer(const operation *o, int64_t value) {
    LLVMTypeRef type = LLVMTypeOf(o->args[0]);
    bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
    return cg_splat(LLVMConstInt(vector ? LLVMGetElementType(type) : type, (uint64_t)value, true), type);
}

// Rules that are one instruction.
#define X o->args[0]
#define Y o->args[1]
#define BUILDER o->m->builder
#define UNARY(name, Build)                                                                         \
    static LLVMValueRef name(const operation *o) { return Build(BUILDER, X, ""); }
#define BINARY(name, Build)                                                                        \
    static LLVMValueRef name(const operation *o) { return Build(BUILDER, X, Y, ""); }
#define COMPARE(name, Build, relation)                                                             \
    static LLVMValueRef name(const operation *o) { return Build(BUILDER, relation, X, Y, ""); }
#define INTRINSIC(name, intrinsic, n)                                                              \
    static LLVMValueRef name(const operation *o) {                                                 \
        LLVMTypeRef type = LLVMTypeOf(X);                                                          \
        return cg_intrinsic(o->m, intrinsic, &type, 1, o->args, n);                                \
    }
UNARY(neg_i, LLVMBuildNeg) UNARY(neg_f, LLVMBuildFNeg) UNARY(not_i, LLVMBuildNot)
BINARY(add_i, LLVMBuildAdd) BINARY(sub_i, LLVMBuildSub) BINARY(mul_i, LLVMBuildMul)
BINARY(add_f, LLVMBuildFAdd) BINARY(sub_f, LLVMBuildFSub) BINARY(mul_f, LLVMBuildFMul)
BINARY(div_f, LLVMBuildFDiv)
BINARY(and_i, LLVMBuildAnd) BINARY(or_i, LLVMBuildOr) BINARY(xor_i, LLVMBuildXor)
// maximum and minimum, not maxnum: they pass NaNs on, and -0 is less than +0.
INTRINSIC(max_s, "llvm.smax", 2) INTRINSIC(max_u, "llvm.umax", 2) INTRINSIC(max_f, "llvm.maximum", 2)
INTRINSIC(min_s, "llvm.smin", 2) INTRINSIC(min_u, "llvm.umin", 2) INTRINSIC(min_f, "llvm.minimum", 2)
INTRINSIC(popcnt_i, "llvm.ctpop", 1)
INTRINSIC(abs_f, "llvm.fabs", 1) INTRINSIC(sqrt_f, "llvm.sqrt", 1) INTRINSIC(fma_f, "llvm.fma", 3)
COMPARE(eq_i, LLVMBuildICmp, LLVMIntEQ) COMPARE(eq_f, LLVMBuildFCmp, LLVMRealOEQ)
COMPARE(ne_i, LLVMBuildICmp, LLVMIntNE) COMPARE(ne_f, LLVMBuildFCmp, LLVMRealUNE)
COMPARE(lt_s, LLVMBuildICmp, LLVMIntSLT) COMPARE(lt_u, LLVMBuildICmp, LLVMIntULT)
COMPARE(lt_f, LLVMBuildFCmp, LLVMRealOLT)
COMPARE(le_s, LLVMBuildICmp, LLVMIntSLE) COMPARE(le_u, LLVMBuildICmp, LLVMIntULE)
COMPARE(le_f, LLVMBuildFCmp, LLVMRealOLE)
COMPARE(gt_s, LLVMBuildICmp, LLVMIntSGT) COMPARE(gt_u, LLVMBuildICmp, LLVMIntUGT)
COMPARE(gt_f, LLVMBuildFCmp, LLVMRealOGT)
COMPARE(ge_s, LLVMBuildICmp, LLVMIntSGE) COMPARE(ge_u, LLVMBuildICmp, LLVMIntUGE)
COMPARE(ge_f, LLVMBuildFCmp, LLVMRealOGE)

// Rules that are a function of math_emit.h, on the format of their first operand.
#define FUNCTION(name, function)                                                                   \
    static LLVMValueRef name(const operation *o) {                                                 \
        cg_fp f = cg_fp_of(o->m, X);                                                               \
        return function(&f, X);                                                                    \
    }
FUNCTION(floor_f, e_floor) FUNCTION(exp_f, cg_math_exp) FUNCTION(expm1_f, cg_math_expm1)
FUNCTION(log_f, cg_math_log) FUNCTION(log1p_f, cg_math_log1p) FUNCTION(tanh_f, cg_math_tanh)
FUNCTION(logistic_f, cg_math_logistic) FUNCTION(sin_f, cg_math_sin) FUNCTION(cos_f, cg_math_cos)
FUNCTION(tan_f, cg_math_tan)

static LLVMValueRef pow_f(const operation *o) {
    cg_fp f = cg_fp_of(o->m, X);
    return cg_math_pow(&f, X, Y);
}

static LLVMValueRef rem_f(const operation *o) {
    cg_fp f = cg_fp_of(o->m, X);
    return cg_math_rem(&f, X, Y);
}

static LLVMValueRef rsqrt_f(const operation *o) {
    cg_fp f = cg_fp_of(o->m, X);
    return e_div(&f, e_real(&f, 1), sqrt_f(o));
}

static LLVMValueRef identity(const operation *o) {
    return X;
}

static LLVMValueRef abs_s(const operation *o) {
    LLVMValueRef wraps = LLVMConstInt(LLVMInt1TypeInContext(o->m->context), 0, false);
    LLVMTypeRef type = LLVMTypeOf(X);
    return cg_intrinsic(o->m, "llvm.abs", &type, 1, (LLVMValueRef[]){X, wraps}, 2);
}

// 1, -1, or what is neither above nor below zero itself: a zero with its sign, a NaN.
static LLVMValueRef sign_f(const operation *o) {
    cg_fp f = cg_fp_of(o->m, X);
    LLVMValueRef one = e_copysign(&f, e_real(&f, 1), X);
    return e_select(&f, e_is(&f, X, LLVMRealONE, 0), one, X);
}

static LLVMValueRef sign_s(const operation *o) {
    LLVMTypeRef type = LLVMTypeOf(X);
    LLVMValueRef zero = integer(o, 0);
    LLVMValueRef above = LLVMBuildZExt(BUILDER, LLVMBuildICmp(BUILDER, LLVMIntSGT, X, zero, ""), type, "");
    LLVMValueRef below = LLVMBuildSExt(BUILDER, LLVMBuildICmp(BUILDER, LLVMIntSLT, X, zero, ""), type, "");
    return LLVMBuildOr(BUILDER, above, below, "");
}

static LLVMValueRef sign_u(const operation *o) {
    return LLVMBuildZExt(BUILDER, LLVMBuildICmp(BUILDER, LLVMIntNE, X, integer(o, 0), ""), LLVMTypeOf(X), "");
}

// Divisors that would trap become 1: the smallest integer over 1 is what it shall be over -1.
static LLVMValueRef div_s(const operation *o) {
    LLVMValueRef minus_one = integer(o, -1), one = integer(o, 1);
    int64_t smallest = (int64_t)((uint64_t)1 << (8 * cv_dtype_size(o->from) - 1));
    LLVMValueRef zero = LLVMBuildICmp(BUILDER, LLVMIntEQ, Y, integer(o, 0), "");
    LLVMValueRef least = LLVMBuildICmp(BUILDER, LLVMIntEQ, X, integer(o, smallest), "");
    LLVMValueRef negates = LLVMBuildICmp(BUILDER, LLVMIntEQ, Y, minus_one, "");
    LLVMValueRef trap = LLVMBuildOr(BUILDER, zero, LLVMBuildAnd(BUILDER, least, negates, ""), "");
    LLVMValueRef quotient = LLVMBuildSDiv(BUILDER, X, LLVMBuildSelect(BUILDER, trap, one, Y, ""), "");
    return LLVMBuildSelect(BUILDER, zero, minus_one, quotient, "");
}

static LLVMValueRef div_u(const operation *o) {
    LLVMValueRef zero = LLVMBuildICmp(BUILDER, LLVMIntEQ, Y, integer(o, 0), "");
    LLVMValueRef divisor = LLVMBuildSelect(BUILDER, zero, integer(o, 1), Y, "");
    LLVMValueRef quotient = LLVMBuildUDiv(BUILDER, X, divisor, "");
    return LLVMBuildSelect(BUILDER, zero, integer(o, -1), quotient, "");
}

// The same replacement of divisors; over 1 nothing is left of any integer.
static LLVMValueRef rem_s(const operation *o) {
    LLVMValueRef zero = LLVMBuildICmp(BUILDER, LLVMIntEQ, Y, integer(o, 0), "");
    LLVMValueRef negates = LLVMBuildICmp(BUILDER, LLVMIntEQ, Y, integer(o, -1), "");
    LLVMValueRef one = LLVMBuildOr(BUILDER, zero, negates, "");
    LLVMValueRef rest = LLVMBuildSRem(BUILDER, X, LLVMBuildSelect(BUILDER, one, integer(o, 1), Y, ""), "");
    return LLVMBuildSelect(BUILDER, zero, X, rest, "");
}

static LLVMValueRef rem_u(const operation *o) {
    LLVMValueRef zero = LLVMBuildICmp(BUILDER, LLVMIntEQ, Y, integer(o, 0), "");
    LLVMValueRef rest = LLVMBuildURem(BUILDER, X, LLVMBuildSelect(BUILDER, zero, integer(o, 1), Y, ""), "");
    return LLVMBuildSelect(BUILDER, zero, X, rest, "");
}

// Shifts by the width or more, which LLVM leaves open: nothing is left, or the sign.
typedef LLVMValueRef build_binary(LLVMBuilderRef, LLVMValueRef, LLVMValueRef, const char *);
static LLVMValueRef shift(const operation *o, build_binary *build) {
    LLVMValueRef zero = integer(o, 0), width = integer(o, 8 * (int64_t)cv_dtype_size(o->from));
    LLVMValueRef inside = LLVMBuildICmp(BUILDER, LLVMIntULT, Y, width, "");
    LLVMValueRef shifted = build(BUILDER, X, LLVMBuildSelect(BUILDER, inside, Y, zero, ""), "");
    return LLVMBuildSelect(BUILDER, inside, shifted, zero, "");
}

static LLVMValueRef shl_i(const operation *o) {
    return shift(o, LLVMBuildShl);
}

static LLVMValueRef lshr_i(const operation *o) {
    return shift(o, LLVMBuildLShr);
}

static LLVMValueRef ashr_i(const operation *o) {
    LLVMTypeRef type = LLVMTypeOf(X);
    LLVMValueRef last = integer(o, 8 * (int64_t)cv_dtype_size(o->from) - 1);
    LLVMValueRef by = cg_intrinsic(o->m, "llvm.umin", &type, 1, (LLVMValueRef[]){Y, last}, 2);
    return LLVMBuildAShr(BUILDER, X, by, "");
}

static LLVMValueRef clz_i(const operation *o) {
    LLVMTypeRef type = LLVMTypeOf(X);
    LLVMValueRef defined = LLVMConstInt(LLVMInt1TypeInContext(o->m->context), 0, false);
    return cg_intrinsic(o->m, "llvm.ctlz", &type, 1, (LLVMValueRef[]){X, defined}, 2);
}

static LLVMValueRef bitcast_any(const operation *o) {
    return LLVMBuildBitCast(BUILDER, X, cg_like(cg_math_type(o->m->context, o->to), LLVMTypeOf(X)), "");
}

static LLVMValueRef select_any(const operation *o) {
    return LLVMBuildSelect(BUILDER, X, Y, o->args[2], "");
}

// min(max(low, x), high): the high bound wins where they cross.
#define CLAMP(name, max, min)                                                                      \
    static LLVMValueRef name(const operation *o) {                                                 \
        operation bounded = *o;                                                                    \
        bounded.args = (LLVMValueRef[]){max(o), o->args[2]};                                       \
        return min(&bounded);                                                                      \
    }
CLAMP(clamp_s, max_s, min_s) CLAMP(clamp_u, max_u, min_u) CLAMP(clamp_f, max_f, min_f)

// Conversion: anything but zero is true; integers wrap; floats become integers towards zero, the
// nearest there is, and a NaN zero.

static LLVMValueRef convert_from_bool(const operation *o) {
    LLVMTypeRef to = cg_like(cg_math_type(o->m->context, o->to), LLVMTypeOf(X));
    if (o->to == CV_BOOL) return X;
    return ir_is_float(o->to) ? LLVMBuildUIToFP(BUILDER, X, to, "") : LLVMBuildZExt(BUILDER, X, to, "");
}

static LLVMValueRef convert_integer(const operation *o, bool from_signed) {
    LLVMTypeRef to = cg_like(cg_math_type(o->m->context, o->to), LLVMTypeOf(X));
    if (o->to == CV_BOOL) return LLVMBuildICmp(BUILDER, LLVMIntNE, X, integer(o, 0), "");
    if (ir_is_float(o->to)) return (from_signed ? LLVMBuildSIToFP : LLVMBuildUIToFP)(BUILDER, X, to, "");
    return LLVMBuildIntCast2(BUILDER, X, to, from_signed, "");
}

static LLVMValueRef convert_from_signed(const operation *o) {
    return convert_integer(o, true);
}

static LLVMValueRef convert_from_unsigned(const operation *o) {
    return convert_integer(o, false);
}

static LLVMValueRef convert_from_float(const operation *o) {
    LLVMTypeRef to = cg_like(cg_math_type(o->m->context, o->to), LLVMTypeOf(X));
    cg_fp f = cg_fp_of(o->m, X);
    if (o->to == CV_BOOL) return e_is(&f, X, LLVMRealUNE, 0);
    if (ir_is_float(o->to)) return LLVMBuildFPCast(BUILDER, X, to, "");
    const char *name = ir_is_signed(o->to) ? "llvm.fptosi.sat" : "llvm.fptoui.sat";
    return cg_intrinsic(o->m, name, (LLVMTypeRef[]){to, f.type}, 2, &X, 1);
}

// Integers of 64 bits with more digits than f64 has, rounded to odd: see ir_odd_from_int.
static LLVMValueRef odd_integer(const operation *o) {
    LLVMValueRef low = LLVMBuildAnd(BUILDER, X, integer(o, 0xfff), ""), most = integer(o, INT64_C(1) << 53);
    LLVMValueRef kept = LLVMBuildAnd(BUILDER, X, integer(o, ~INT64_C(0xfff)), "");
    LLVMValueRef lost = LLVMBuildICmp(BUILDER, LLVMIntNE, low, integer(o, 0), "");
    LLVMValueRef marked = LLVMBuildOr(BUILDER, kept, integer(o, 0x800), "");
    LLVMValueRef odd = LLVMBuildSelect(BUILDER, lost, marked, kept, "");
    LLVMValueRef size = X, limit = most;
    if (ir_is_signed(o->from)) { // -most to most, moved up
        size = LLVMBuildAdd(BUILDER, X, most, "");
        limit = integer(o, INT64_C(1) << 54);
    }
    return LLVMBuildSelect(BUILDER, LLVMBuildICmp(BUILDER, LLVMIntUGT, size, limit, ""), odd, X, "");
}

// The rules by class of `from`.
static const struct {
    rule *boolean, *is_signed, *is_unsigned, *floating;
} rules[IR_PRIMITIVE_COUNT] = {
    //                    bool               signed               unsigned               float
    [IR_neg] =           {NULL,              neg_i,               neg_i,                 neg_f},
    [IR_abs] =           {NULL,              abs_s,               identity,              abs_f},
    [IR_sign] =          {NULL,              sign_s,              sign_u,                sign_f},
    [IR_floor] =         {NULL,              NULL,                NULL,                  floor_f},
    [IR_exp] =           {NULL,              NULL,                NULL,                  exp_f},
    [IR_expm1] =         {NULL,              NULL,                NULL,                  expm1_f},
    [IR_log] =           {NULL,              NULL,                NULL,                  log_f},
    [IR_log1p] =         {NULL,              NULL,                NULL,                  log1p_f},
    [IR_tanh] =          {NULL,              NULL,                NULL,                  tanh_f},
    [IR_logistic] =      {NULL,              NULL,                NULL,                  logistic_f},
    [IR_sin] =           {NULL,              NULL,                NULL,                  sin_f},
    [IR_cos] =           {NULL,              NULL,                NULL,                  cos_f},
    [IR_tan] =           {NULL,              NULL,                NULL,                  tan_f},
    [IR_sqrt] =          {NULL,              NULL,                NULL,                  sqrt_f},
    [IR_rsqrt] =         {NULL,              NULL,                NULL,                  rsqrt_f},
    [IR_not] =           {not_i,             not_i,               not_i,                 NULL},
    [IR_stop_gradient] = {identity,          identity,            identity,              identity},
    [IR_convert] =       {convert_from_bool, convert_from_signed, convert_from_unsigned, convert_from_float},
    [IR_add] =           {NULL,              add_i,               add_i,                 add_f},
    [IR_sub] =           {NULL,              sub_i,               sub_i,                 sub_f},
    [IR_mul] =           {NULL,              mul_i,               mul_i,                 mul_f},
    [IR_div] =           {NULL,              div_s,               div_u,                 div_f},
    [IR_pow] =           {NULL,              NULL,                NULL,                  pow_f},
    [IR_max] =           {or_i,              max_s,               max_u,                 max_f},
    [IR_min] =           {and_i,             min_s,               min_u,                 min_f},
    [IR_and] =           {and_i,             and_i,               and_i,                 NULL},
    [IR_or] =            {or_i,              or_i,                or_i,                  NULL},
    [IR_xor] =           {xor_i,             xor_i,               xor_i,                 NULL},
    [IR_eq] =            {eq_i,              eq_i,                eq_i,                  eq_f},
    [IR_ne] =            {ne_i,              ne_i,                ne_i,                  ne_f},
    [IR_lt] =            {lt_u,              lt_s,                lt_u,                  lt_f},
    [IR_le] =            {le_u,              le_s,                le_u,                  le_f},
    [IR_gt] =            {gt_u,              gt_s,                gt_u,                  gt_f},
    [IR_ge] =            {ge_u,              ge_s,                ge_u,                  ge_f},
    [IR_select] =        {select_any,        select_any,          select_any,            select_any},
    [IR_clamp] =         {NULL,              clamp_s,             clamp_u,               clamp_f},
    [IR_fma] =           {NULL,              NULL,                NULL,                  fma_f},
    [IR_rem] =           {NULL,              rem_s,               rem_u,                 rem_f},
    [IR_popcnt] =        {NULL,              popcnt_i,            popcnt_i,              NULL},
    [IR_clz] =           {NULL,              clz_i,               clz_i,                 NULL},
    [IR_shift_left] =    {NULL,              shl_i,               shl_i,                 NULL},
    [IR_shift_right_logical] =    {NULL,     lshr_i,              lshr_i,                NULL},
    [IR_shift_right_arithmetic] = {NULL,     ashr_i,              ashr_i,                NULL},
    [IR_bitcast_convert] =        {NULL,     bitcast_any,         bitcast_any,           bitcast_any},
};

// Through f32, or f64 where that has not enough digits to be rounded again.
static LLVMValueRef convert_half(const operation *o) {
    cg_math *m = o->m;
    LLVMValueRef x = X;
    if (o->from == o->to) return x;
    if (ir_is_half(o->from)) {
        x = cg_half_to_f32(m, o->from, x);
        if (ir_is_half(o->to)) return cg_half_from_f32(m, o->to, x);
        return o->to == CV_F32 ? x : cg_math_apply(m, IR_convert, CV_F32, o->to, &x);
    }
    size_t size = cv_dtype_size(o->from);
    if (ir_is_integer(o->from) && size == 8) x = odd_integer(o);
    if (o->from != CV_F32 && size >= 4) {
        if (o->from != CV_F64) x = cg_math_apply(m, IR_convert, o->from, CV_F64, &x);
        return cg_half_from_f64(m, o->to, x);
    }
    if (o->from != CV_F32) x = cg_math_apply(m, IR_convert, o->from, CV_F32, &x);
    return cg_half_from_f32(m, o->to, x);
}

static LLVMValueRef apply_in_f32(const operation *o, ir_primitive primitive) {
    LLVMValueRef wide[3];
    uint32_t n = (uint32_t)ir_primitives[primitive].n_in;
    base_check(n <= 3);
    for (uint32_t i = 0; i < n; i++) wide[i] = cg_half_to_f32(o->m, o->from, o->args[i]);
    bool rounds = ir_is_half(o->to);
    LLVMValueRef result = cg_math_apply(o->m, primitive, CV_F32, rounds ? CV_F32 : o->to, wide);
    return rounds ? cg_half_from_f32(o->m, o->to, result) : result;
}

static rule *rule_of(ir_primitive primitive, cv_dtype from) {
    return from == CV_BOOL        ? rules[primitive].boolean
           : ir_is_signed(from)   ? rules[primitive].is_signed
           : ir_is_unsigned(from) ? rules[primitive].is_unsigned
                                  : rules[primitive].floating;
}

bool cg_math_has(ir_primitive primitive, cv_dtype from) {
    return !ir_is_complex(from) && rule_of(primitive, from) != NULL;
}

bool cg_math_adds_blocks(ir_primitive p, cv_dtype dtype) {
    return ir_is_float(dtype) && (p == IR_sin || p == IR_cos || p == IR_tan || p == IR_rem);
}

LLVMValueRef cg_math_apply(cg_math *m, ir_primitive primitive, cv_dtype from, cv_dtype to,
                           const LLVMValueRef *args) {
    operation o = {m, from, to, args};
    cg_math_type(m->context, from); // raises for what is not supported
    if (primitive == IR_convert && (ir_is_half(from) || ir_is_half(to))) return convert_half(&o);
    if (ir_is_half(from) && ir_computes_in_f32(primitive)) return apply_in_f32(&o, primitive);
    rule *apply = rule_of(primitive, from);
    base_check(apply);
    return apply(&o);
}
