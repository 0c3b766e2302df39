// Control flow: call, cond, while, scan. Their types and their evaluation; derivatives and batching
// are in src/transforms/control_*.c, since they rewrite the functions that the operation holds.
//
// In: operand types, or arrays, and closed functions. Out: result types, or arrays. The types of
// operands, parameters and results match exactly: nothing is converted or broadcast on the way in
// or out of a body.
//
// A loop keeps two sets of carries, one of them in the memory of the results, and turns from one to
// the other at each step; the first step reads the operands where they lie. Slices of a scan's
// inputs and of its stacked results are contiguous, so they are read and written in place. The
// memory of a loop does not depend on its number of steps, and no carry is copied but at the end of
// a while that stops in the wrong set.

#include "ir/primitives/control.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "ir/interpret.h"
#include "ir/primitives/common.h"

typedef char type_text[IR_TYPE_TEXT];

static void check_count(const ir_typing *t, const char *what, uint32_t taken, uint32_t given) {
    if (taken != given)
        ir_type_error(t, "%s takes %u argument%s and is given %u", what, taken, taken == 1 ? "" : "s", given);
}

static void check_argument(const ir_typing *t, const char *what, uint32_t i, const ir_type *taken,
                           const ir_type *given) {
    type_text a, b;
    if (taken != given)
        ir_type_error(t, "%s takes %s as argument %u and is given %s", what, ir_type_text(taken, a), i,
                      ir_type_text(given, b));
}

static void check_has_function(const ir_typing *t, const ir_function *f, const char *what) {
    if (!f) ir_type_error(t, "%s is missing", what);
}

// The function takes exactly these operands.
static void check_arguments(const ir_typing *t, const ir_function *f, const char *what, uint32_t first) {
    check_count(t, what, f->n_params, t->n_in - first);
    for (uint32_t i = 0; i < f->n_params; i++)
        check_argument(t, what, i, ir_param_type(f, i), t->in[first + i]);
}

static void results_of(ir_typing *t, const ir_function *f) {
    const ir_type **out = ir_typing_results(t, f->n_results);
    for (uint32_t i = 0; i < f->n_results; i++) out[i] = ir_result_type(f, i);
}

// Two counts of operands are within the number that there is.
static void check_fit(const ir_typing *t, int64_t first, const char *firsts, int64_t second,
                      const char *seconds) {
    if (first < 0 || second < 0 || first > t->n_in || second > t->n_in - first)
        ir_type_error(t, "%lld %s and %lld %s do not fit into %u operands", (long long)first, firsts,
                      (long long)second, seconds, t->n_in);
}

static void check_carry(const ir_typing *t, uint32_t i, const ir_type *in, const ir_type *out) {
    type_text a, b;
    if (in != out)
        ir_type_error(t, "carry %u goes in as %s and comes out of the body as %s; make the body return the "
                      "type it was given", i, ir_type_text(in, a), ir_type_text(out, b));
}

// call(arguments...) -> what the function returns

static void type_call(ir_typing *t) {
    const ir_call_attributes *a = t->attributes;
    check_has_function(t, a->function, "the function");
    check_arguments(t, a->function, a->function->name, 0);
    results_of(t, a->function);
}

static void evaluate_call(ir_evaluation *c) {
    const ir_call_attributes *a = c->op->attributes;
    ir_run(c->interpreter, a->function, c->in, c->out);
}

const ir_rules ir_rules_call = {
    .type = type_call,
    .jvp = ir_call_jvp,
    .linearize = ir_call_linearize,
    .transpose = ir_call_transpose,
    .batch = ir_call_batch,
    .evaluate = evaluate_call,
};

// cond(index, arguments...) -> what the branch with this index returns

static void check_same_results(const ir_typing *t, const ir_functions *branches, int64_t k) {
    const ir_function *first = branches->at[0], *other = branches->at[k];
    type_text a, b;
    if (first->n_results != other->n_results)
        ir_type_error(t, "branch 0 returns %u result%s and branch %lld returns %u", first->n_results,
                      first->n_results == 1 ? "" : "s", (long long)k, other->n_results);
    for (uint32_t i = 0; i < first->n_results; i++)
        if (ir_result_type(first, i) != ir_result_type(other, i))
            ir_type_error(t, "branch 0 returns %s and branch %lld returns %s as result %u",
                          ir_type_text(ir_result_type(first, i), a), (long long)k,
                          ir_type_text(ir_result_type(other, i), b), i);
}

static void type_cond(ir_typing *t) {
    const ir_cond_attributes *a = t->attributes;
    if (a->branches.n < 1) ir_type_error(t, "there must be at least one branch");
    if (!t->n_in) ir_type_error(t, "the index that chooses the branch is missing");
    const ir_type *index = t->in[0];
    type_text text;
    if (index->rank || (index->dtype != CV_BOOL && index->dtype != CV_S32))
        ir_type_error(t, "the index that chooses the branch must be bool[] or s32[], not %s",
                      ir_type_text(index, text));
    for (int64_t k = 0; k < a->branches.n; k++) {
        char what[32];
        snprintf(what, sizeof what, "branch %lld", (long long)k);
        check_has_function(t, a->branches.at[k], what);
        check_arguments(t, a->branches.at[k], what, 1);
        check_same_results(t, &a->branches, k);
    }
    results_of(t, a->branches.at[0]);
}

static int64_t clamped_index(const ir_array *index, int64_t n) {
    bool is_bool = index->type->dtype == CV_BOOL;
    int64_t i = is_bool ? *(const uint8_t *)index->data != 0 : *(const int32_t *)index->data;
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static void evaluate_cond(ir_evaluation *c) {
    const ir_cond_attributes *a = c->op->attributes;
    int64_t branch = clamped_index(&c->in[0], a->branches.n);
    ir_run(c->interpreter, a->branches.at[branch], c->in + 1, c->out);
}

const ir_rules ir_rules_cond = {
    .type = type_cond,
    .jvp = ir_cond_jvp,
    .linearize = ir_cond_linearize,
    .transpose = ir_cond_transpose,
    .batch = ir_cond_batch,
    .evaluate = evaluate_cond,
};

// Carries of a loop: step s reads set[(s + 1) % 2], or the operands when s is 0, and writes
// set[s % 2]. One set lies in the results, the other in memory of the loop.
struct carries {
    ir_array *set[2];
    char *memory;
};

static size_t aligned(size_t size) {
    return (size + 15) & ~(size_t)15;
}

// `in_results`: which of the sets lies in the results.
static struct carries carries_new(ir_interpreter *interpreter, uint32_t n, const ir_array *results,
                                  int in_results) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) bytes += aligned(results[i].type->bytes);
    struct carries c;
    c.set[0] = ir_scratch(interpreter, 2 * sizeof(ir_array) * n);
    c.set[1] = c.set[0] + n;
    c.memory = ir_scratch(interpreter, bytes);
    char *at = c.memory;
    for (uint32_t i = 0; i < n; i++) {
        c.set[in_results][i] = results[i];
        c.set[!in_results][i] = (ir_array){results[i].type, at};
        at += aligned(results[i].type->bytes);
    }
    return c;
}

static void carries_free(ir_interpreter *interpreter, struct carries *c) {
    ir_scratch_free(interpreter, c->set[0]);
    ir_scratch_free(interpreter, c->memory);
}

static void put_arrays(ir_array *to, const ir_array *from, uint32_t n) {
    if (n) memcpy(to, from, sizeof *to * n);
}

// Copies what does not lie there yet.
static void copy_arrays(const ir_array *to, const ir_array *from, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (to[i].data != from[i].data && to[i].type->bytes)
            memcpy(to[i].data, from[i].data, to[i].type->bytes);
}

// while(constants of cond..., constants of body..., carries...) -> the first carries that cond rejects

static void check_loop_condition(const ir_typing *t, const ir_function *cond) {
    type_text text;
    if (cond->n_results != 1) ir_type_error(t, "cond returns %u results, not one bool[]", cond->n_results);
    const ir_type *goes_on = ir_result_type(cond, 0);
    if (goes_on->rank || goes_on->dtype != CV_BOOL)
        ir_type_error(t, "cond returns %s, not bool[]", ir_type_text(goes_on, text));
}

static void type_while(ir_typing *t) {
    const ir_while_attributes *a = t->attributes;
    check_has_function(t, a->cond, "cond");
    check_has_function(t, a->body, "body");
    check_fit(t, a->cond_constants, "constants of cond", a->body_constants, "constants of the body");
    uint32_t first_body = (uint32_t)a->cond_constants, first_carry = first_body + (uint32_t)a->body_constants;
    uint32_t carries = t->n_in - first_carry;
    check_count(t, "cond", a->cond->n_params, first_body + carries);
    for (uint32_t i = 0; i < a->cond->n_params; i++) {
        uint32_t operand = i < first_body ? i : first_carry + i - first_body;
        check_argument(t, "cond", i, ir_param_type(a->cond, i), t->in[operand]);
    }
    check_loop_condition(t, a->cond);
    check_arguments(t, a->body, "the body", first_body);
    if (a->body->n_results != carries)
        ir_type_error(t, "the number of carries is %u and the body returns %u", carries, a->body->n_results);
    for (uint32_t i = 0; i < carries; i++)
        check_carry(t, i, t->in[first_carry + i], ir_result_type(a->body, i));
    results_of(t, a->body);
}

static void evaluate_while(ir_evaluation *c) {
    const ir_while_attributes *a = c->op->attributes;
    uint32_t n_cond = (uint32_t)a->cond_constants, n_body = (uint32_t)a->body_constants, n = c->op->n_out;
    const ir_array *latest = c->in + n_cond + n_body;
    struct carries carries = carries_new(c->interpreter, n, c->out, 1);
    ir_array *in = ir_scratch(c->interpreter, sizeof *in * (n_cond + n_body + 2 * n));
    ir_array *cond_in = in, *body_in = in + n_cond + n;
    put_arrays(cond_in, c->in, n_cond);
    put_arrays(body_in, c->in + n_cond, n_body);
    for (int64_t step = 0;; step++) {
        uint8_t goes_on;
        put_arrays(cond_in + n_cond, latest, n);
        ir_run(c->interpreter, a->cond, cond_in, &(ir_array){ir_result_type(a->cond, 0), &goes_on});
        if (!goes_on) break;
        put_arrays(body_in + n_body, latest, n);
        ir_run(c->interpreter, a->body, body_in, carries.set[step % 2]);
        latest = carries.set[step % 2];
    }
    copy_arrays(c->out, latest, n);
    ir_scratch_free(c->interpreter, in);
    carries_free(c->interpreter, &carries);
}

const ir_rules ir_rules_while = {
    .type = type_while,
    .jvp = ir_while_jvp,
    .linearize = ir_while_linearize,
    .no_transpose = "a while loop's trip count is not known when traced; its reverse mode needs the tape",
    .batch = ir_while_batch,
    .evaluate = evaluate_while,
};

// scan(constants..., carries..., inputs that are sliced...) -> last carries..., stacked results...

static void check_scan_input(const ir_typing *t, uint32_t i, const ir_type *input, const ir_type *slice) {
    const ir_scan_attributes *a = t->attributes;
    type_text x, y;
    if (!input->rank || input->dims[0] != a->length)
        ir_type_error(t, "input %u is %s: its leading axis must have the length of the scan, %lld", i,
                      ir_type_text(input, x), (long long)a->length);
    if (ir_type_remove_axis(t->module, input, 0) != slice)
        ir_type_error(t, "input %u is %s, and the body takes %s for one slice of it", i,
                      ir_type_text(input, x), ir_type_text(slice, y));
}

static void type_scan(ir_typing *t) {
    const ir_scan_attributes *a = t->attributes;
    const ir_function *body = a->body;
    check_has_function(t, body, "the body");
    if (a->length < 0) ir_type_error(t, "length %lld is negative", (long long)a->length);
    check_fit(t, a->constants, "constants", a->carries, "carries");
    check_count(t, "the body", body->n_params, t->n_in);
    uint32_t closed = (uint32_t)(a->constants + a->carries);
    for (uint32_t i = 0; i < closed; i++)
        check_argument(t, "the body", i, ir_param_type(body, i), t->in[i]);
    for (uint32_t i = closed; i < t->n_in; i++)
        check_scan_input(t, i - closed, t->in[i], ir_param_type(body, i));
    if (body->n_results < a->carries)
        ir_type_error(t, "the number of carries is %lld and the body returns %u", (long long)a->carries,
                      body->n_results);
    const ir_type **out = ir_typing_results(t, body->n_results);
    for (uint32_t i = 0; i < body->n_results; i++) {
        out[i] = ir_result_type(body, i);
        if (i < a->carries) check_carry(t, i, t->in[a->constants + i], out[i]);
        else out[i] = ir_type_insert_axis(t->module, out[i], 0, a->length);
    }
}

// Slice `at` of a stack of them.
static ir_array slice(const ir_array *stack, const ir_type *type, int64_t at) {
    if (!type->bytes) return (ir_array){type, stack->data};
    return (ir_array){type, (char *)stack->data + (size_t)at * type->bytes};
}

static void evaluate_scan(ir_evaluation *c) {
    const ir_scan_attributes *a = c->op->attributes;
    uint32_t n_constants = (uint32_t)a->constants, n = (uint32_t)a->carries, closed = n_constants + n;
    const ir_array *latest = c->in + n_constants;
    int last_set = (a->length + 1) % 2;
    struct carries carries = carries_new(c->interpreter, n, c->out, last_set);
    ir_array *in = ir_scratch(c->interpreter, sizeof *in * (c->op->n_in + c->op->n_out));
    ir_array *out = in + c->op->n_in;
    put_arrays(in, c->in, n_constants);
    for (int64_t step = 0; step < a->length; step++) {
        int64_t at = a->reverse ? a->length - 1 - step : step;
        put_arrays(in + n_constants, latest, n);
        put_arrays(out, carries.set[step % 2], n);
        for (uint32_t i = closed; i < c->op->n_in; i++)
            in[i] = slice(&c->in[i], ir_param_type(a->body, i), at);
        for (uint32_t i = n; i < c->op->n_out; i++)
            out[i] = slice(&c->out[i], ir_result_type(a->body, i), at);
        ir_run(c->interpreter, a->body, in, out);
        latest = carries.set[step % 2];
    }
    copy_arrays(c->out, latest, n);
    ir_scratch_free(c->interpreter, in);
    carries_free(c->interpreter, &carries);
}

const ir_rules ir_rules_scan = {
    .type = type_scan,
    .jvp = ir_scan_jvp,
    .linearize = ir_scan_linearize,
    .transpose = ir_scan_transpose,
    .batch = ir_scan_batch,
    .evaluate = evaluate_scan,
};
