// Calls and control flow.
//
// In: operands in the builder, regions. Out: results. Functions are imported already and stay functions, so
// that a thousand calls are one body; regions become closed functions, and what they use of their
// surroundings goes in as operands.

#include <string.h>

#include "ir/stablehlo/importer.h"

static void set_results(sh_importer *im, const sh_op *op, ir_val first, uint32_t n) {
    if (n != op->n_out) sh_wrong(im, "%u results, not %u", n, op->n_out);
    for (uint32_t i = 0; i < n; i++) sh_set_out(im, op, i, first + i);
}

static void call(sh_importer *im, const sh_op *op, sh_slice name) {
    const ir_function *f = sh_function_named(im, name);
    ir_val *in = base_new_array(&im->arena, ir_val, op->n_in + 1);
    for (uint32_t i = 0; i < op->n_in; i++) in[i] = sh_in(im, op, i);
    set_results(im, op, ir_emit(im->b, IR_call, in, op->n_in, &(ir_call_attributes){f}), f->n_results);
}

void sh_import_call(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_slice name;
    if (!sh_get_symbol(op, "callee", &name)) sh_wrong(im, "it names no function");
    call(im, op, name);
}

// A composite is what its decomposition computes, or an operation of the table by the same name.
void sh_import_composite(sh_importer *im, const sh_op *op, const sh_row *row) {
    sh_slice name;
    char copy[64];
    if (sh_get_symbol(op, "name", &name) && name.n < sizeof copy) {
        memcpy(copy, name.at, name.n);
        copy[name.n] = 0;
        row = sh_find_row(im, copy);
        if (row && row->import == sh_import_primitive && (uint32_t)row->n_in == op->n_in) {
            row->import(im, op, row);
            return;
        }
    }
    if (!sh_get_symbol(op, "decomposition", &name)) sh_wrong(im, "it has no decomposition");
    call(im, op, name);
}

// Calls that say where arrays lie, and compute nothing.
bool sh_can_custom_call(sh_importer *im, const sh_op *op) {
    (void)im;
    static const char *const targets[] = {"Sharding",
                                          "SPMDFullToShardShape",
                                          "SPMDShardToFullShape",
                                          "annotate_device_placement",
                                          "xla.sdy.FuncResultSharding",
                                          "LayoutConstraint"};
    sh_slice target;
    if (!sh_get_symbol(op, "call_target_name", &target)) return false;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (sh_slice_is(target, targets[i])) return true;
    return false;
}

void sh_import_custom_call(sh_importer *im, const sh_op *op, const sh_row *row) {
    sh_import_identity(im, op, row);
}

// The operands of a cond: the index, then what the branches capture.
static void emit_cond(sh_importer *im, const sh_op *op, ir_val index, const ir_function *const *branches,
                      sh_captures captures) {
    ir_val *in = base_new_array(&im->arena, ir_val, captures.n + 1);
    in[0] = index;
    for (uint32_t i = 0; i < captures.n; i++) in[i + 1] = im->values[captures.at[i]];
    ir_cond_attributes a = {{op->n_regions, branches}};
    set_results(im, op, ir_emit(im->b, IR_cond, in, captures.n + 1, &a), branches[0]->n_results);
}

static const ir_function **import_branches(sh_importer *im, const sh_op *op, sh_captures captures) {
    // Every branch has a parameter for each: their number is bounded, since it is not by the text.
    enum { MOST_PARAMETERS = 1 << 22 };
    if ((uint64_t)op->n_regions * captures.n > MOST_PARAMETERS)
        sh_unsupported(im, "%u branches that use %u values", op->n_regions, captures.n);
    const ir_function **branches = base_new_array(&im->arena, const ir_function *, op->n_regions + 1);
    for (uint32_t i = 0; i < op->n_regions; i++)
        branches[i] = sh_import_region(im, &op->regions[i], captures, "branch");
    return branches;
}

// An index that no branch has takes the last one; ours takes the first for one below 0.
void sh_import_case(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    if (!op->n_regions) sh_wrong(im, "it needs a branch");
    sh_captures captures = sh_captures_of(im, op->regions, op->n_regions);
    const ir_function **branches = import_branches(im, op, captures);
    ir_val index = sh_in(im, op, 0);
    const ir_type *type = ir_type_of(im->b, index);
    ir_val negative = ir_lt(im->b, index, ir_zeros(im->b, type));
    index = ir_select(im->b, negative, ir_full_int(im->b, type, (int64_t)op->n_regions - 1), index);
    emit_cond(im, op, index, branches, captures);
}

void sh_import_if(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_captures captures = sh_captures_of(im, op->regions, 2);
    const ir_function **branches = import_branches(im, op, captures);
    emit_cond(im, op, sh_in(im, op, 0), (const ir_function *const[]){branches[1], branches[0]}, captures);
}

void sh_import_while(sh_importer *im, const sh_op *op, const sh_row *row) {
    (void)row;
    sh_captures captures[2];
    const ir_function *f[2];
    for (int i = 0; i < 2; i++) {
        captures[i] = sh_captures_of(im, &op->regions[i], 1);
        f[i] = sh_import_region(im, &op->regions[i], captures[i], i ? "body" : "cond");
    }
    uint32_t n = 0;
    ir_val *in = base_new_array(&im->arena, ir_val, captures[0].n + captures[1].n + op->n_in + 1);
    for (int i = 0; i < 2; i++)
        for (uint32_t k = 0; k < captures[i].n; k++) in[n++] = im->values[captures[i].at[k]];
    for (uint32_t i = 0; i < op->n_in; i++) in[n++] = sh_in(im, op, i);
    ir_while_attributes a = {f[0], f[1], captures[0].n, captures[1].n};
    set_results(im, op, ir_emit(im->b, IR_while, in, n, &a), op->n_in);
}
