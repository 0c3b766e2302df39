// Imported programs are functions like any other: called, traced, differentiated, batched, jitted; found
// again.

#include <stdlib.h>

#include "public_api.h"

// (w, x) -> (sum of (w x)^2, w x): written as JAX prints it.
static const char model[] =
    "module @jit_model attributes {mhlo.num_partitions = 1 : i32} {\n"
    "  func.func public @main(%arg0: tensor<f32>, %arg1: tensor<3xf32>) -> (tensor<f32> {jax.result_info = "
    "\"[0]\"}, tensor<3xf32>) {\n"
    "    %0 = call @scale(%arg0, %arg1) : (tensor<f32>, tensor<3xf32>) -> tensor<3xf32>\n"
    "    %1 = stablehlo.multiply %0, %0 : tensor<3xf32>\n"
    "    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>\n"
    "    %2 = stablehlo.reduce(%1 init: %cst) applies stablehlo.add across dimensions = [0] : "
    "(tensor<3xf32>, tensor<f32>) -> tensor<f32>\n"
    "    return %2, %0 : tensor<f32>, tensor<3xf32>\n"
    "  }\n"
    "  func.func private @scale(%arg0: tensor<f32>, %arg1: tensor<3xf32>) -> tensor<3xf32> {\n"
    "    %0 = stablehlo.broadcast_in_dim %arg0, dims = [] : (tensor<f32>) -> tensor<3xf32>\n"
    "    %1 = stablehlo.multiply %0, %arg1 : tensor<3xf32>\n"
    "    return %1 : tensor<3xf32>\n"
    "  }\n"
    "}\n";

static void test_an_imported_program_is_called(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_import(model);
    assert_int_equal(cv_fn_inputs(f), 2);
    assert_int_equal(cv_fn_outputs(f), 2);
    cv_val out[2];
    assert_int_equal(cv_call(f, out, 2, 2.0, VECTOR(1, 2, 3)),
                     CV_OK); // a number of C takes the dtype that is wanted
    EXPECT(out[0], 56);
    EXPECT(out[1], 2, 4, 6);
    assert_int_equal(cv_call(f, out, 2, 3, VECTOR(1, 0, 0)), CV_OK);
    EXPECT(out[0], 9);
    float memory[4];
    void *results[] = {memory, memory + 1};
    size_t bytes[] = {4, 12};
    assert_int_equal(cv_call_into(f, results, bytes, 2, 1.0, VECTOR(1, 2, 3)), CV_OK);
    assert_true(memory[0] == 14 && memory[3] == 3);
    cv_scope_end();
}

static void test_transforms_of_an_imported_program(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_import(model);
    cv_val out[4];
    assert_int_equal(cv_call(cv_value_and_grad(f, .argnums = CV_INTS(0, 1)), out, 4, 2.0, VECTOR(1, 2, 3)),
                     CV_OK);
    EXPECT(out[0], 56);
    EXPECT(out[2], 56);        // d/dw w^2 |x|^2 = 2 w |x|^2
    EXPECT(out[3], 8, 16, 24); // 2 w^2 x
    assert_int_equal(cv_call(cv_jvp(f), out, 4, 2.0, VECTOR(1, 2, 3), 1.0, VECTOR(0, 0, 0)), CV_OK);
    EXPECT(out[2], 56);
    EXPECT(out[3], 1, 2, 3);
    cv_fn batched = cv_jit(cv_vmap(cv_grad(f), .in = CV_INTS(0, CV_NONE)));
    EXPECT(cv_call_one(batched, VECTOR(1, 2), VECTOR(1, 2, 3)), 28, 56);
    cv_scope_end();
}

static cv_fn imported;

static cv_val twice(cv_val x) {
    cv_val out[2];
    cv_call(imported, out, 2, 2.0, x);
    cv_call(imported, out, 2, out[0], out[1]);
    return cv_mul(out[1], 10.0);
}

static void test_an_imported_program_is_called_inside_a_trace(void **state) {
    (void)state;
    cv_scope_begin();
    imported = cv_import(model);
    EXPECT(cv_call_one(cv_jit(cv_fun(twice)), VECTOR(1, 0, 0)), 80, 0, 0); // 4, then 4 * 2
    // it stays one body that is called
    const char *ir = cv_make_ir(cv_fun(twice), VECTOR(1, 0, 0));
    assert_non_null(strstr(ir, "func @main("));
    assert_non_null(strstr(ir, "call %"));
    assert_null(strstr(strstr(ir, "func @main(") + 1, "func @main("));
    cv_scope_end();
}

// A scan as JAX exports it, c -> c x over the elements x of the second argument; the c's are stacked.
static const char loop[] =
    "module @jit_loop {\n"
    "  func.func public @main(%arg0: tensor<f32>, %arg1: tensor<3xf32>) -> (tensor<f32>, tensor<3xf32>) {\n"
    "    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>\n"
    "    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<3xf32>\n"
    "    %c = stablehlo.constant dense<0> : tensor<i32>\n"
    "    %1:4 = stablehlo.while(%iterArg = %arg1, %iterArg_0 = %c, %iterArg_1 = %arg0, %iterArg_2 = %0) : "
    "tensor<3xf32>, tensor<i32>, tensor<f32>, tensor<3xf32>\n"
    "    cond {\n"
    "      %c_3 = stablehlo.constant dense<3> : tensor<i32>\n"
    "      %2 = stablehlo.compare LT, %iterArg_0, %c_3, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
    "      stablehlo.return %2 : tensor<i1>\n"
    "    } do {\n"
    "      %2 = func.call @row(%iterArg, %iterArg_0) : (tensor<3xf32>, tensor<i32>) -> tensor<f32>\n"
    "      %3 = stablehlo.multiply %iterArg_1, %2 : tensor<f32>\n"
    "      %4 = stablehlo.broadcast_in_dim %iterArg_1, dims = [] : (tensor<f32>) -> tensor<1xf32>\n"
    "      %5 = stablehlo.dynamic_update_slice %iterArg_2, %4, %iterArg_0 : (tensor<3xf32>, tensor<1xf32>, "
    "tensor<i32>) -> tensor<3xf32>\n"
    "      %c_3 = stablehlo.constant dense<1> : tensor<i32>\n"
    "      %6 = stablehlo.add %iterArg_0, %c_3 : tensor<i32>\n"
    "      stablehlo.return %iterArg, %6, %3, %5 : tensor<3xf32>, tensor<i32>, tensor<f32>, tensor<3xf32>\n"
    "    }\n"
    "    return %1#2, %1#3 : tensor<f32>, tensor<3xf32>\n"
    "  }\n"
    "  func.func private @row(%arg0: tensor<3xf32>, %arg1: tensor<i32>) -> tensor<f32> {\n"
    "    %0 = stablehlo.dynamic_slice %arg0, %arg1, sizes = [1] : (tensor<3xf32>, tensor<i32>) -> "
    "tensor<1xf32>\n"
    "    %1 = stablehlo.reshape %0 : (tensor<1xf32>) -> tensor<f32>\n"
    "    return %1 : tensor<f32>\n"
    "  }\n"
    "}\n";

static void test_an_exported_loop_is_a_scan_again(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_import(loop);
    const char *ir = cv_make_ir(f, 2, VECTOR(2, 3, 4));
    assert_non_null(strstr(ir, "scan"));
    assert_null(strstr(ir, "while"));
    cv_val out[2];
    assert_int_equal(cv_call(cv_grad(f, .argnums = CV_INTS(0, 1)), out, 2, 2.0, VECTOR(2, 3, 4)), CV_OK);
    EXPECT(out[0], 24);
    EXPECT(out[1], 24, 16, 12);
    assert_int_equal(cv_call(cv_vmap(f, .in = CV_INTS(0, CV_NONE)), out, 2, VECTOR(1, 2), VECTOR(2, 3, 4)),
                     CV_OK);
    EXPECT(out[0], 24, 48);
    EXPECT(out[1], 1, 2, 6, 2, 4, 12);
    cv_scope_end();
}

// What is written is read back: the scan of the gradient, the call of a jitted function.
static cv_val squared(cv_val x) { return cv_mul(x, x); }

static cv_val through_jit(cv_val x) { return cv_sum(cv_call_one(cv_jit(cv_fun(squared)), x)); }

static void test_a_program_is_written_and_imported(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn gradient = cv_grad(cv_import(loop), .argnums = CV_INTS(0, 1));
    const char *text = cv_make_stablehlo(gradient, 2.0, VECTOR(2, 3, 4));
    assert_non_null(strstr(text, "stablehlo.while"));
    cv_val out[2];
    assert_int_equal(cv_call(cv_import(text), out, 2, 2.0, VECTOR(2, 3, 4)), CV_OK);
    EXPECT(out[0], 24);
    EXPECT(out[1], 24, 16, 12);
    text = cv_make_stablehlo(cv_fun(through_jit), VECTOR(1, 2, 3));
    assert_non_null(strstr(text, "func.func private @squared"));
    EXPECT(cv_call_one(cv_import(text), VECTOR(1, 2, 3)), 14);
    cv_scope_end();
}

static void test_the_same_text_is_the_same_function(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_import(model), g = cv_import(model), h = cv_import(model, .file = "other.mlir");
    assert_true(f.slot == g.slot && f.generation == g.generation);
    assert_true(f.slot != h.slot);
    cv_scope_end();
}

static void test_entry_and_name_are_chosen(void **state) {
    (void)state;
    cv_scope_begin();
    cv_fn f = cv_import(model, .entry = "scale", .name = "my_scale");
    EXPECT(cv_call_one(f, 2.0, VECTOR(1, 2, 3)), 2, 4, 6);
    cv_call_one(f, 2.0, VECTOR(1, 2));
    EXPECT_ERROR(__LINE__ - 1, "cv_call: argument 1 of my_scale is f32[2], and the program takes f32[3]");
    cv_call_one(f, 2.0);
    EXPECT_ERROR(__LINE__ - 1, "cv_call: my_scale takes 2 arguments, not 1");
    cv_scope_end();
}

static void test_what_is_wrong_says_where(void **state) {
    (void)state;
    cv_scope_begin();
    const char *text = "module {\n  func.func @main() -> tensor<f32> {\n    return %0 : tensor<f32>\n  }\n}";
    cv_import(text, .file = "m.mlir");
    EXPECT_ERROR(__LINE__ - 1, "cv_import: m.mlir:3:12: %0 has no value here");
    cv_import("func @f() -> () {}");
    EXPECT_ERROR(__LINE__ - 1, "cv_import: module:1:1: this is not the text of an MLIR module");
    cv_import(model, .entry = "nothing");
    EXPECT_ERROR(__LINE__ - 1, "cv_import: module: the module has no function @nothing");
    text = "module {\n  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
           "    %0 = stablehlo.nonsense %x : tensor<4xf32>\n    return %0 : tensor<4xf32>\n  }\n}";
    cv_import(text);
    EXPECT_ERROR(__LINE__ - 1, "cv_import: module:3:10: not supported: stablehlo.nonsense (3:10)");
    cv_import_file("/no/such/file.mlir");
    EXPECT_ERROR(__LINE__ - 1,
                 "cv_import_file: /no/such/file.mlir: cannot be opened: No such file or directory");
    cv_scope_end();
}

static void test_a_file_is_imported(void **state) {
    (void)state;
    cv_scope_begin();
    char path[] = "/tmp/covector_import_XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(model, file);
    fclose(file);
    cv_fn f = cv_import_file(path);
    remove(path);
    cv_val out[2];
    assert_int_equal(cv_call(f, out, 2, 1.0, VECTOR(1, 2, 3)), CV_OK);
    EXPECT(out[0], 14);
    cv_scope_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_imported_program_is_called),
        cmocka_unit_test(test_transforms_of_an_imported_program),
        cmocka_unit_test(test_an_imported_program_is_called_inside_a_trace),
        cmocka_unit_test(test_an_exported_loop_is_a_scan_again),
        cmocka_unit_test(test_a_program_is_written_and_imported),
        cmocka_unit_test(test_the_same_text_is_the_same_function),
        cmocka_unit_test(test_entry_and_name_are_chosen),
        cmocka_unit_test(test_what_is_wrong_says_where),
        cmocka_unit_test(test_a_file_is_imported),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
