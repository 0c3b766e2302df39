// Tests of primitives/movement.c: what each primitive makes, its derivatives and batching against
// their definitions, and what its type rule says of mistakes.

#include "one_op.h"

#include <stdlib.h>

static const char *const cases[] = {
    "broadcast_in_dim f64[] {shape=[2,3], dims=[]} : f64[2,3]",
    "broadcast_in_dim f64[3] {shape=[2,3], dims=[1]} : f64[2,3]",
    "broadcast_in_dim f64[2] {shape=[2,3], dims=[0]} : f64[2,3]",
    "broadcast_in_dim f64[3,2] {shape=[2,4,3], dims=[2,0]} : f64[2,4,3]",
    "broadcast_in_dim f64[1,3] {shape=[2,3], dims=[0,1]} : f64[2,3]",
    "broadcast_in_dim f64[1,3,1] {shape=[3,2,4,1], dims=[2,0,3]} : f64[3,2,4,1]",
    "broadcast_in_dim f64[1] {shape=[0], dims=[0]} : f64[0]",
    "broadcast_in_dim f64[0] {shape=[2,0], dims=[1]} : f64[2,0]",
    "reshape f64[2,3] {shape=[3,2]} : f64[3,2]",
    "reshape f64[] {shape=[1,1]} : f64[1,1]",
    "reshape f64[2,0] {shape=[0,5]} : f64[0,5]",
    "transpose f64[2,3] {permutation=[1,0]} : f64[3,2]",
    "transpose f64[2,3,4] {permutation=[1,2,0]} : f64[3,4,2]",
    "transpose f64[] {permutation=[]} : f64[]",
    "transpose f64[2,0] {permutation=[1,0]} : f64[0,2]",
    "rev f64[4] {axes=[0]} : f64[4]",
    "rev f64[2,3,4] {axes=[2,0]} : f64[2,3,4]",
    "rev f64[2,3] {axes=[]} : f64[2,3]",
    "rev f64[2,0] {axes=[0,1]} : f64[2,0]",
    "slice f64[5] {start=[1], limit=[4], stride=[1]} : f64[3]",
    "slice f64[5,4] {start=[1,0], limit=[5,4], stride=[2,3]} : f64[2,2]",
    "slice f64[5,4] {start=[2,1], limit=[4,3], stride=[1,1]} : f64[2,2]",
    "slice f64[5] {start=[2], limit=[2], stride=[1]} : f64[0]",
    "slice f64[5] {start=[5], limit=[5], stride=[3]} : f64[0]",
    "slice f64[5] {start=[0], limit=[5], stride=[1]} : f64[5]",
    "slice f64[5] {start=[3], limit=[5], stride=[9223372036854775807]} : f64[1]",
    "slice f64[] {start=[], limit=[], stride=[]} : f64[]",
    "pad f64[3], f64[] {low=[1], high=[2], interior=[0]} : f64[6]",
    "pad f64[3], f64[] {low=[1], high=[2], interior=[2]} : f64[10]",
    "pad f64[4], f64[] {low=[-1], high=[-1], interior=[1]} : f64[5]",
    "pad f64[4], f64[] {low=[-5], high=[0], interior=[1]} : f64[2]",
    "pad f64[4], f64[] {low=[-5], high=[2], interior=[0]} : f64[1]",
    "pad f64[4], f64[] {low=[3], high=[-5], interior=[0]} : f64[2]",
    "pad f64[4], f64[] {low=[-2], high=[-2], interior=[0]} : f64[0]",
    "pad f64[2,3], f64[] {low=[-1,2], high=[1,-1], interior=[1,0]} : f64[3,4]",
    "pad f64[0,2], f64[] {low=[2,0], high=[1,0], interior=[5,1]} : f64[3,3]",
    "pad f64[1], f64[] {low=[1], high=[0], interior=[9223372036854775807]} : f64[2]",
    "pad f64[], f64[] {low=[], high=[], interior=[]} : f64[]",
    "concatenate f64[3] {axis=0} : f64[3]",
    "concatenate f64[2], f64[3] {axis=0} : f64[5]",
    "concatenate f64[2,1], f64[2,0], f64[2,3] {axis=1} : f64[2,4]",
    "concatenate f64[1,2,2], f64[1,1,2], f64[1,3,2] {axis=1} : f64[1,6,2]",
};

static void test_movement_rules_hold(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(cases[i]);
}

// Values from jax.lax: the first operand is 1, 2, 3, ..., the second 101, 102, ...
static const one_op_expected expected[] = {
    EXPECT("broadcast_in_dim f64[3] {shape=[2,3], dims=[1]} : f64[2,3]", (0), 1, 2, 3, 1, 2, 3),
    EXPECT("broadcast_in_dim f64[2,1] {shape=[2,2,3], dims=[1,2]} : f64[2,2,3]", (0), 1, 1, 1, 2, 2, 2, 1, 1,
           1, 2, 2, 2),
    EXPECT("transpose f64[2,3,2] {permutation=[2,0,1]} : f64[2,2,3]", (0), 1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10,
           12),
    EXPECT("reshape f64[2,3] {shape=[3,2]} : f64[3,2]", (0), 1, 2, 3, 4, 5, 6),
    EXPECT("rev f64[2,2,3] {axes=[0,2]} : f64[2,2,3]", (0), 9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4),
    EXPECT("slice f64[5,4] {start=[1,0], limit=[5,3], stride=[2,1]} : f64[2,3]", (0), 5, 6, 7, 13, 14, 15),
    EXPECT("pad f64[3], f64[] {low=[1], high=[2], interior=[1]} : f64[8]", (0), 101, 1, 101, 2, 101, 3, 101,
           101),
    EXPECT("pad f64[4], f64[] {low=[-1], high=[-1], interior=[1]} : f64[5]", (0), 101, 2, 101, 3, 101),
    EXPECT("pad f64[4], f64[] {low=[-5], high=[0], interior=[1]} : f64[2]", (0), 101, 4),
    EXPECT("pad f64[4], f64[] {low=[-5], high=[2], interior=[0]} : f64[1]", (0), 101),
    EXPECT("pad f64[2,3], f64[] {low=[0,1], high=[1,-1], interior=[1,0]} : f64[4,3]", (0), 101, 1, 2, 101,
           101, 101, 101, 4, 5, 101, 101, 101),
    EXPECT("concatenate f64[2,2], f64[2,1] {axis=1} : f64[2,3]", (0), 1, 2, 101, 3, 4, 102),
};

static void test_movement_makes_what_jax_makes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) check_evaluation(&expected[i]);
}

static const struct {
    const char *operation, *message;
} mistakes[] = {
    {"broadcast_in_dim f32[3] {shape=[2,4], dims=[1]} : f32[2,4]",
     "f32[3] to [2,4]: axis 0 has size 3, neither 1 nor the 4 of axis 1 of the result"},
    {"broadcast_in_dim f32[3] {shape=[2,3], dims=[2]} : f32[2,3]",
     "f32[3]: axis 0 cannot become axis 2 of a result of rank 2"},
    {"broadcast_in_dim f32[3,3] {shape=[2,3], dims=[1,1]} : f32[2,3]",
     "f32[3,3]: axes 0 and 1 cannot both become axis 1"},
    {"broadcast_in_dim f32[3] {shape=[2,3], dims=[]} : f32[2,3]",
     "f32[3]: dims [] needs an entry for each of the 1 axes"},
    {"broadcast_in_dim f32[] {shape=[-2], dims=[]} : f32[2]", "size -2 of axis 0 is negative"},
    {"reshape f32[2,3] {shape=[4]} : f32[4]", "f32[2,3] has 6 elements, f32[4] has 4"},
    {"transpose f32[2,3] {permutation=[0]} : f32[2]",
     "f32[2,3]: permutation [0] needs an entry for each of the 2 axes"},
    {"transpose f32[2,3] {permutation=[1,1]} : f32[3,3]", "f32[2,3]: axis 1 is given twice"},
    {"transpose f32[2,3] {permutation=[1,2]} : f32[3,3]",
     "f32[2,3]: axis 2 is out of range: the axes are 0 to 1"},
    {"rev f32[2,3] {axes=[-1]} : f32[2,3]", "f32[2,3]: axis -1 is out of range: the axes are 0 to 1"},
    {"slice f32[4] {start=[0], limit=[5], stride=[1]} : f32[5]",
     "f32[4]: limit 5 of axis 0 is beyond its size 4"},
    {"slice f32[4] {start=[-1], limit=[4], stride=[1]} : f32[5]", "f32[4]: start -1 of axis 0 is negative"},
    {"slice f32[4] {start=[3], limit=[2], stride=[1]} : f32[0]",
     "f32[4]: start 3 of axis 0 is beyond its limit 2"},
    {"slice f32[4] {start=[0], limit=[4], stride=[0]} : f32[4]", "f32[4]: stride 0 of axis 0 is less than 1"},
    {"slice f32[4] {start=[0,0], limit=[4], stride=[1]} : f32[4]",
     "f32[4]: start [0,0] needs an entry for each of the 1 axes"},
    {"slice f32[4] {start=[0], limit=[], stride=[1]} : f32[4]",
     "f32[4]: limit [] needs an entry for each of the 1 axes"},
    {"slice f32[4] {start=[0], limit=[4], stride=[]} : f32[4]",
     "f32[4]: stride [] needs an entry for each of the 1 axes"},
    {"pad f32[4], f64[] {low=[0], high=[0], interior=[0]} : f32[4]",
     "f32[4]: padding value is f64[], it must be f32[]"},
    {"pad f32[4], f32[1] {low=[0], high=[0], interior=[0]} : f32[4]",
     "f32[4]: padding value is f32[1], it must be f32[]"},
    {"pad f32[4], f32[] {low=[0], high=[0], interior=[-1]} : f32[4]",
     "f32[4]: interior padding -1 of axis 0 is negative"},
    {"pad f32[4], f32[] {low=[-3], high=[-2], interior=[0]} : f32[4]",
     "f32[4]: padding -3 and -2 takes more from axis 0 than it has"},
    {"pad f32[4], f32[] {low=[9223372036854775807], high=[1], interior=[0]} : f32[4]",
     "f32[4]: padding of axis 0 is too large"},
    {"pad f32[4], f32[] {low=[0], high=[0], interior=[9223372036854775807]} : f32[4]",
     "f32[4]: padding of axis 0 is too large"},
    {"pad f32[4], f32[] {low=[0,0], high=[0], interior=[0]} : f32[4]",
     "f32[4]: low [0,0] needs an entry for each of the 1 axes"},
    {"pad f32[4], f32[] {low=[288230376151711744], high=[288230376151711744], interior=[0]} : f32[4]",
     "an array has too many elements"},
    {"concatenate f32[2], f64[2] {axis=0} : f32[4]",
     "operand 0 is f32[2] and operand 1 is f64[2]: they must have one dtype and one rank"},
    {"concatenate f32[2], f32[2,1] {axis=0} : f32[4]",
     "operand 0 is f32[2] and operand 1 is f32[2,1]: they must have one dtype and one rank"},
    {"concatenate f32[2,3], f32[2,3], f32[2,4] {axis=0} : f32[4,3]",
     "operand 0 is f32[2,3] and operand 2 is f32[2,4]: sizes of axis 1 differ, only those of axis 0 may"},
    {"concatenate f32[2] {axis=1} : f32[2]", "f32[2]: axis 1 is out of range: the axes are 0 to 0"},
    {"iota {dtype=bool, shape=[2], axis=0} : bool[2]", "iota cannot have dtype bool"},
    {"iota {dtype=s32, shape=[2], axis=1} : s32[2]", "axis 1 is out of range: the axes are 0 to 0"},
    {"iota {dtype=s32, shape=[], axis=0} : s32[]", "axis 0: a scalar has no axes"},
    {"iota {dtype=s32, shape=[-1], axis=0} : s32[1]", "size -1 of axis 0 is negative"},
};

static void test_movement_says_what_is_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        check_error(mistakes[i].operation, mistakes[i].message);
}

// The transpose of a slice writes into its part of an accumulator.
static void slice_accumulates_in_place(void *argument) {
    one_op *t = argument;
    t->f = ir_parse(t->module, "case", one_op_program(&t->arena, t->program));
    t->op = one_op_of(t->f);
    const ir_function *given = one_op_transposed(t, 1, 1), *absent = one_op_transposed(t, 1, 0);
    require(one_op_has(given, IR_dynamic_update_slice) && !one_op_has(given, IR_pad), "no update in place");
    require(one_op_has(absent, IR_pad) && !one_op_has(absent, IR_dynamic_update_slice), "no pad");
}

static void test_slice_transpose_writes_into_the_accumulator(void **state) {
    (void)state;
    one_op t = {.module = ir_module_new(), .program = cases[19]};
    passes(slice_accumulates_in_place, &t, t.program);
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

// A constant splat or whole, and iota, of every dtype.
static void makes(void *argument) {
    one_op *t = argument;
    for (cv_dtype dtype = CV_BOOL; dtype <= CV_F64; dtype++) {
        if (ir_rules_constant.not_yet >> dtype & 1) continue;
        const ir_type *type = ir_type_get(t->module, dtype, 3, (int64_t[]){2, 3, 2});
        ir_array data = one_op_draw(t, type);
        for (int splat = 0; splat < 2; splat++) {
            ir_builder *b = ir_builder_new(t->module, "constant");
            ir_val made = ir_constant(b, type, splat, data.data);
            ir_array got = one_op_run(t, ir_finish(b, &made, 1), NULL);
            for (int64_t k = 0; k < type->count; k++)
                require(one_op_get(&got, k) == one_op_get(&data, splat ? 0 : k), "constant of %s",
                        cv_dtype_name(dtype));
        }
        for (int64_t axis = 0; axis < 3 && dtype != CV_BOOL; axis++) {
            ir_builder *b = ir_builder_new(t->module, "iota");
            ir_val made = ir_iota(b, dtype, ir_shape(type), axis);
            ir_array got = one_op_run(t, ir_finish(b, &made, 1), NULL);
            for (int64_t k = 0; k < type->count; k++) {
                int64_t want[] = {k / 6, k / 2 % 3, k % 2};
                require(one_op_get(&got, k) == (double)want[axis], "iota of %s", cv_dtype_name(dtype));
            }
        }
    }
    ir_builder *b = ir_builder_new(t->module, "empty");
    ir_val made = ir_iota(b, CV_F32, IR_DIMS(0, 2), 1);
    require(one_op_run(t, ir_finish(b, &made, 1), NULL).type->count == 0, "an empty iota");
    b = ir_builder_new(t->module, "wrapping");
    made = ir_iota(b, CV_U8, IR_DIMS(300), 0);
    ir_array got = one_op_run(t, ir_finish(b, &made, 1), NULL);
    require(one_op_get(&got, 299) == 43, "iota of u8 does not wrap");
}

static void test_constant_and_iota_make_every_dtype(void **state) {
    (void)state;
    one_op t = {.module = ir_module_new(), .random = 1};
    passes(makes, &t, "constant and iota");
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_movement_rules_hold),
        cmocka_unit_test(test_movement_makes_what_jax_makes),
        cmocka_unit_test(test_movement_says_what_is_wrong),
        cmocka_unit_test(test_slice_transpose_writes_into_the_accumulator),
        cmocka_unit_test(test_constant_and_iota_make_every_dtype),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
