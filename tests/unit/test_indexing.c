// Tests of primitives/indexing.c: dynamic slices and updates, their derivatives and batching against
// their definitions, and what their type rules say of mistakes.

#include "one_op.h"

static const char *const cases[] = {
    "dynamic_slice f64[4], s32[] {sizes=[2]} : f64[2]",
    "dynamic_slice f64[4], u32[] {sizes=[4]} : f64[4]",
    "dynamic_slice f64[4], s64[] {sizes=[0]} : f64[0]",
    "dynamic_slice f64[0], s32[] {sizes=[0]} : f64[0]",
    "dynamic_slice f64[] {sizes=[]} : f64[]",
    "dynamic_slice f64[3,4], s64[], s64[] {sizes=[2,3]} : f64[2,3]",
    "dynamic_slice f64[3,4], s32[], s32[] {sizes=[1,4]} : f64[1,4]",
    "dynamic_slice f64[2,3,4], u32[], u32[], u32[] {sizes=[2,1,2]} : f64[2,1,2]",
    "dynamic_update_slice f64[4], f64[2], s32[] : f64[4]",
    "dynamic_update_slice f64[4], f64[4], u32[] : f64[4]",
    "dynamic_update_slice f64[4], f64[0], s64[] : f64[4]",
    "dynamic_update_slice f64[0], f64[0], s32[] : f64[0]",
    "dynamic_update_slice f64[], f64[] : f64[]",
    "dynamic_update_slice f64[3,4], f64[2,3], s64[], s64[] : f64[3,4]",
    "dynamic_update_slice f64[3,4], f64[1,4], s32[], s32[] : f64[3,4]",
    "dynamic_update_slice f64[2,3,4], f64[2,1,2], u32[], u32[], u32[] : f64[2,3,4]",
};

static void test_indexing_rules_hold(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(cases[i]);
}

// Values from jax.lax: the first operand is 1, 2, 3, ..., the update 101, 102, ... A negative start is
// outside here, as in XLA; jax.lax counts it from the end before it gets there.
static const one_op_expected expected[] = {
    EXPECT("dynamic_slice f64[3,4], s32[], s32[] {sizes=[2,3]} : f64[2,3]", (1, 2), 6, 7, 8, 10, 11, 12),
    EXPECT("dynamic_update_slice f64[3,4], f64[2,1], s32[], s32[] : f64[3,4]", (1, 2), 1, 2, 3, 4, 5, 6, 101,
           8, 9, 10, 102, 12),
    EXPECT("dynamic_slice f64[3,4], s64[], s64[] {sizes=[2,3]} : f64[2,3]", (-7, 9), 2, 3, 4, 6, 7, 8),
    EXPECT("dynamic_update_slice f64[3,4], f64[2,1], s64[], s64[] : f64[3,4]", (-7, 9), 1, 2, 3, 101, 5, 6, 7,
           102, 9, 10, 11, 12),
    EXPECT("dynamic_slice f64[3,4], u32[], u32[] {sizes=[2,3]} : f64[2,3]", (4000000000, 0), 5, 6, 7, 9, 10,
           11),
    EXPECT("dynamic_update_slice f64[3,4], f64[2,1], u32[], u32[] : f64[3,4]", (4000000000, 0), 1, 2, 3, 4,
           101, 6, 7, 8, 102, 10, 11, 12),
    EXPECT("dynamic_slice f64[3,4], s32[], s32[] {sizes=[2,3]} : f64[2,3]", (2, -1), 5, 6, 7, 9, 10, 11),
    EXPECT("dynamic_update_slice f64[3,4], f64[2,1], s32[], s32[] : f64[3,4]", (2, -1), 1, 2, 3, 4, 101, 6, 7,
           8, 102, 10, 11, 12),
};

static void test_indexing_makes_what_jax_makes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) check_evaluation(&expected[i]);
}

static const struct {
    const char *operation, *message;
} mistakes[] = {
    {"dynamic_slice f32[3,4], s32[] {sizes=[2,2]} : f32[2,2]",
     "f32[3,4]: a start for each of its 2 axes is needed, not 1"},
    {"dynamic_slice f32[3,4], s32[], s64[] {sizes=[2,2]} : f32[2,2]",
     "starts are s32[] and s64[]: give all of them one dtype"},
    {"dynamic_slice f32[3], f32[] {sizes=[2]} : f32[2]",
     "start of axis 0 is f32[]: it must be an integer, and a scalar"},
    {"dynamic_slice f32[3], s32[1] {sizes=[2]} : f32[2]",
     "start of axis 0 is s32[1]: it must be an integer, and a scalar"},
    {"dynamic_slice f32[3], s32[] {sizes=[4]} : f32[4]",
     "f32[3]: a window of size 4 does not fit in axis 0 of size 3"},
    {"dynamic_slice f32[3], s32[] {sizes=[-1]} : f32[4]",
     "f32[3]: a window of size -1 does not fit in axis 0 of size 3"},
    {"dynamic_slice f32[3], s32[] {sizes=[1,1]} : f32[1]",
     "f32[3]: sizes [1,1] needs an entry for each of the 1 axes"},
    {"dynamic_slice {sizes=[]} : f32[1]", "0 operands are too few"},
    {"dynamic_update_slice f32[3] : f32[3]", "1 operands are too few"},
    {"dynamic_update_slice f32[3], f64[2], s32[] : f32[3]",
     "f32[3] updated by f64[2]: they must have one dtype and one rank"},
    {"dynamic_update_slice f32[3], f32[2,1], s32[] : f32[3]",
     "f32[3] updated by f32[2,1]: they must have one dtype and one rank"},
    {"dynamic_update_slice f32[3], f32[4], s32[] : f32[3]",
     "f32[3] updated by f32[4]: the update does not fit in axis 0"},
    {"dynamic_update_slice f32[3], f32[2] : f32[3]",
     "f32[3]: a start for each of its 1 axes is needed, not 0"},
};

static void test_indexing_says_what_is_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        check_error(mistakes[i].operation, mistakes[i].message);
}

// The transpose of a dynamic slice adds to a window of the accumulator and touches nothing else.
static void accumulates_in_place(void *argument) {
    one_op *t = argument;
    t->f = ir_parse(t->module, "case", one_op_program(&t->arena, t->program));
    t->op = one_op_of(t->f);
    const ir_function *given = one_op_transposed(t, 1, 1);
    for (uint32_t i = 0; i < given->n_ops; i++)
        require(given->ops[i].primitive != IR_add ||
                    given->types[given->ops[i].out] == ir_result_type(t->f, 0),
                "a sum of whole arrays");
    require(one_op_has(given, IR_dynamic_update_slice) && !one_op_has(given, IR_constant),
            "no update in place");
}

static void test_dynamic_slice_transpose_writes_into_the_accumulator(void **state) {
    (void)state;
    one_op t = {.module = ir_module_new(), .program = cases[0]};
    passes(accumulates_in_place, &t, t.program);
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

// Axes that a window covers take no part in the index vectors of a batch.
static void batches_with_short_index_vectors(void *argument) {
    one_op *t = argument;
    bool out_batched;
    t->f = ir_parse(t->module, "case", one_op_program(&t->arena, t->program));
    t->op = one_op_of(t->f);
    const ir_function *f = one_op_batched(t, 1u << 1 | 1u << 2, 5, &out_batched);
    const ir_op *gather = &f->ops[f->n_ops - 1];
    require(gather->primitive == IR_gather, "no gather");
    require(((const ir_gather_attributes *)gather->attributes)->start_index_map.n == 1,
            "an index that is always 0");
}

static void test_dynamic_slice_batches_with_short_index_vectors(void **state) {
    (void)state;
    one_op t = {.module = ir_module_new(),
                .program = "dynamic_slice f64[3,4], s32[], s32[] {sizes=[1,4]} : f64[1,4]"};
    passes(batches_with_short_index_vectors, &t, t.program);
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_indexing_rules_hold),
        cmocka_unit_test(test_indexing_makes_what_jax_makes),
        cmocka_unit_test(test_indexing_says_what_is_wrong),
        cmocka_unit_test(test_dynamic_slice_transpose_writes_into_the_accumulator),
        cmocka_unit_test(test_dynamic_slice_batches_with_short_index_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
