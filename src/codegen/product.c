// In: dot_general. Out: a matrix product for the library, where that is worth a call and the operands'
// axes are in an order that it takes.

#include "codegen/fusion.h"

enum { LEAST_WORK = 1 << 15 }; // multiplications below which generated code is faster than a call


static int64_t count_of(const ir_type *type, ir_dims axes) {
    int64_t count = 1;
    for (int64_t i = 0; i < axes.n; i++) count *= type->dims[axes.at[i]];
    return count;
}

// True if the axes stand next to each other from `first` on, in order.
static bool stand_at(ir_dims axes, int64_t first) {
    for (int64_t i = 0; i < axes.n; i++)
        if (axes.at[i] != first + i) return false;
    return true;
}

static bool shape_of(const ir_function *f, const ir_op *op, cg_product *p) {
    const ir_dot_attributes *a = op->attributes;
    const ir_type *x = f->types[ir_in(f, op)[0]], *y = f->types[ir_in(f, op)[1]];
    if (x->dtype != CV_F32 && x->dtype != CV_F64) return false;
    int64_t batch = a->lhs_batch.n, folded = a->lhs_contract.n;
    if (!stand_at(a->lhs_batch, 0) || !stand_at(a->rhs_batch, 0)) return false;
    bool x_last = stand_at(a->lhs_contract, x->rank - folded), x_first = stand_at(a->lhs_contract, batch);
    bool y_last = stand_at(a->rhs_contract, y->rank - folded), y_first = stand_at(a->rhs_contract, batch);
    if (!(x_last || x_first) || !(y_last || y_first)) return false;
    int64_t b = count_of(x, a->lhs_batch), k = count_of(x, a->lhs_contract);
    if (!x->count || !y->count) return false;
    int64_t m = x->count / b / k, n = y->count / b / k;
    *p = (cg_product){.dtype = x->dtype, .batch = b, .m = m, .n = n, .k = k, .transpose_a = !x_last, .transpose_b = !y_first,
                      .lda = x_last ? k : m, .ldb = y_first ? n : k, .ldc = n, .stride_a = m * k, .stride_b = k * n,
                      .stride_c = m * n};
    return true;
}

bool cg_is_library_product(const ir_function *f, const ir_op *op) {
    cg_product p;
    return shape_of(f, op, &p) && p.m * p.n * p.k >= LEAST_WORK && p.m >= 2 && p.n >= 2 && p.k >= 4;
}

void cg_plan_product(cg_region *r, const ir_op *op, cg_step_block *block) {
    cg_slot_id x = cg_slot_of(r, ir_in(r->f, op)[0]), y = cg_slot_of(r, ir_in(r->f, op)[1]), z = cg_slot_of(r, op->out);
    cg_step *step = cg_step_new(r, block, CG_STEP_PRODUCT, op->place);
    shape_of(r->f, op, &step->product);
    base_push(r->planner->arena, &step->args, x);
    base_push(r->planner->arena, &step->args, y);
    base_push(r->planner->arena, &step->args, z);
}
