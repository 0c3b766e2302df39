// Rows of the operations that hold functions: sort, reduce, control flow.
//
// What they hold is drawn by the generator in its turn, with fewer operations. Floating arguments of
// functions are brought into rp_body_range, and so are their results: a loop does not leave it.

#include "rows.h"

void rp_sort(rp_generator *g, ir_primitive p) {
    rp_value x[3] = {rp_any_for(g, p)};
    const ir_type *type = rp_type_of(g, x[0]);
    uint32_t n = 1 + (uint32_t)below(g, 3), n_keys = 1 + (uint32_t)below(g, n);
    if (!type->rank) return;
    cv_dtype dtypes[3];
    ir_val in[3];
    for (uint32_t i = 0; i < n; i++) {
        if (i) {
            cv_dtype dtype = rp_type_of(g, rp_any_for(g, p))->dtype;
            x[i] = rp_of_type(g, ir_type_with_dtype(g->b->module, type, dtype));
        }
        if (i < n_keys) x[i] = rp_exact(g, x[i]);
        in[i] = x[i].v;
        dtypes[i] = rp_type_of(g, x[i])->dtype;
    }
    ir_sort_attributes a = {below(g, type->rank),
                            ir_sort_order(g->b->module, dtypes, n, n_keys, below(g, 2))};
    ir_val out = ir_emit(g->b, p, in, n, &a);
    for (uint32_t i = 0; i < n; i++) add_moved(g, out + i, x[i]);
}

void rp_reduce(rp_generator *g, ir_primitive p) {
    rp_value x = rp_any_for(g, p);
    const ir_type *type = rp_type_of(g, x), *types[4];
    uint32_t n = 1 + (uint32_t)below(g, 2);
    int64_t axes[IR_MAX_RANK];
    int same[2] = {0, 1};
    ir_val in[4];
    for (uint32_t i = 0; i < n; i++) {
        cv_dtype dtype = i ? rp_type_of(g, rp_any_for(g, p))->dtype : type->dtype;
        if (i) x = rp_of_type(g, ir_type_with_dtype(g->b->module, type, dtype));
        in[i] = rp_fit(g, x, rp_body_range).v;
        types[i] = types[n + i] = scalar_type(g, dtype);
        in[n + i] = rp_fit(g, rp_of_type(g, types[i]), rp_body_range).v;
    }
    ir_reduce_attributes a = {some_axes(g, type->rank, axes),
                              rp_function(g, types, 2 * n, types, n, same, true)};
    rp_add_results(g, ir_emit(g->b, p, in, 2 * n, &a), n, rp_body_range);
}

// Control flow.

static ir_val argument_of(rp_generator *g, const ir_type *type) {
    return rp_fit(g, rp_of_type(g, type), rp_body_range).v;
}

void rp_call(rp_generator *g, ir_primitive p) {
    const ir_type *types[2] = {rp_random_type(g), rp_random_type(g)};
    const ir_function *f = rp_function(g, types, 2, types, 2, NULL, false);
    for (int64_t times_called = 1 + below(g, 2); times_called > 0; times_called--) {
        ir_val in[2] = {argument_of(g, types[0]), argument_of(g, types[1])};
        rp_add_results(g, ir_emit(g->b, p, in, 2, &(ir_call_attributes){f}), 2, rp_body_range);
    }
}

void rp_cond(rp_generator *g, ir_primitive p) {
    enum { ARGUMENTS = 3, RESULTS = 2 };
    static const int same[RESULTS] = {0, 1};
    const ir_type *in[ARGUMENTS];
    const ir_function *branches[3];
    ir_val operands[ARGUMENTS + 1];
    int64_t n = 1 + below(g, 3);
    operands[0] = rp_of_type(g, scalar_type(g, n == 2 && below(g, 2) ? CV_BOOL : CV_S32)).v;
    for (int i = 0; i < ARGUMENTS; i++) operands[i + 1] = argument_of(g, in[i] = rp_random_type(g));
    for (int64_t k = 0; k < n; k++) branches[k] = rp_function(g, in, ARGUMENTS, in, RESULTS, same, false);
    ir_val out = ir_emit(g->b, p, operands, ARGUMENTS + 1, &(ir_cond_attributes){{n, branches}});
    rp_add_results(g, out, RESULTS, rp_body_range);
}

// Counts a carry up to the constant of cond, so that it ends; from a constant, at times, so that it has a
// reverse mode.
void rp_while(rp_generator *g, ir_primitive p) {
    enum { CARRIES = 3 };
    static const int same[CARRIES - 1] = {2, 3};
    const ir_type *counter = scalar_type(g, CV_S32);
    const ir_type *types[CARRIES + 1] = {rp_random_type(g), counter, rp_random_type(g), rp_random_type(g)};
    bool counted = below(g, 2);
    ir_builder *cond = ir_builder_new(g->b->module, "wants"), *body = ir_builder_new(g->b->module, "step");
    ir_val operands[CARRIES + 2], in[CARRIES + 1], out[CARRIES];
    operands[0] = ir_full_int(g->b, counter, below(g, 5));
    for (int i = 0; i <= CARRIES; i++) operands[i + 1] = argument_of(g, types[i]);
    operands[2] = counted ? ir_full_int(g->b, counter, below(g, 3) - 1)
                          : ir_max(g->b, operands[2], ir_full_int(g->b, counter, -3));
    const ir_function *inner = rp_function(g, types, CARRIES + 1, types + 2, CARRIES - 1, same, false);
    ir_val last = ir_param(cond, counter);
    for (int i = 1; i <= CARRIES; i++) ir_param(cond, types[i]);
    ir_val goes_on = ir_lt(cond, last + 1, last);
    for (int i = 0; i <= CARRIES; i++) in[i] = ir_param(body, types[i]);
    out[0] = ir_add(body, in[1], ir_full_int(body, counter, 1));
    ir_inline(body, inner, in, out + 1);
    ir_while_attributes a = {ir_finish(cond, &goes_on, 1), ir_finish(body, out, CARRIES), 1, 1};
    rp_add_results(g, ir_emit(g->b, p, operands, CARRIES + 2, &a), CARRIES, rp_body_range);
}

void rp_scan(rp_generator *g, ir_primitive p) {
    enum { MOST = 2 };
    const ir_type *in[3 * MOST], *out[2 * MOST];
    ir_val operands[3 * MOST];
    int same[2 * MOST];
    int64_t constants = below(g, MOST + 1), carries = below(g, MOST + 1), inputs = below(g, MOST + 1);
    int64_t stacked = below(g, MOST + 1), length = below(g, 5), n = constants + carries + inputs;
    if (!carries && !stacked) stacked = 1;
    for (int64_t i = 0; i < n; i++) {
        in[i] = rp_random_type(g);
        bool sliced = i >= constants + carries;
        operands[i] = argument_of(g, sliced ? ir_type_insert_axis(g->b->module, in[i], 0, length) : in[i]);
    }
    for (int64_t i = 0; i < carries + stacked; i++) {
        out[i] = i < carries ? in[constants + i] : rp_random_type(g);
        same[i] = i < carries ? (int)(constants + i) : -1;
    }
    uint32_t n_out = (uint32_t)(carries + stacked);
    ir_scan_attributes a = {rp_function(g, in, (uint32_t)n, out, n_out, same, false), constants, carries,
                            length, below(g, 2)};
    rp_add_results(g, ir_emit(g->b, p, operands, (uint32_t)n, &a), n_out, rp_body_range);
}
