// Reading StableHLO: the program that a text is, and the message that a wrong one gets. The files beside
// tests/stablehlo/forms.py are one program of JAX in several forms.
//
// COVECTOR_SOURCE names the root of the source tree.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "ir/builder.h"
#include "ir/stablehlo/stablehlo.h"

static ir_module *module;
static base_arena arena;

static int set_up(void **state) {
    (void)state;
    module = ir_module_new();
    module->verify = true;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    base_arena_free(&arena);
    ir_module_free(module);
    return 0;
}

typedef struct reading {
    const char *file, *text, *entry;
    const char *printed; // the program, or what is wrong with the text
    cv_status status;
} reading;

static void read_text(void *argument) {
    reading *r = argument;
    base_text text = {.arena = &arena};
    ir_print(&text, ir_import_stablehlo(module, r->file, r->text, r->entry));
    r->printed = base_text_get(&text);
}

static reading read_module(const char *file, const char *text) {
    reading r = {.file = file, .text = text};
    base_failure failure;
    r.status = base_protect(read_text, &r, &failure);
    if (r.status) r.printed = base_arena_strdup(&arena, failure.message);
    return r;
}

// The body of @main with these parameters and results.
static const char *in_main(const char *signature, const char *body) {
    return base_format(&arena, "module @m {\n  func.func public @main%s {\n%s\n  }\n}\n", signature, body);
}

static void assert_program(const char *text, const char *expected) {
    reading r = read_module("m.mlir", text);
    assert_string_equal(r.printed, expected);
    assert_int_equal(r.status, CV_OK);
}

static void assert_refused(const char *text, const char *message) {
    reading r = read_module("m.mlir", text);
    assert_string_equal(r.printed, message);
    assert_int_not_equal(r.status, CV_OK);
}

static const char *load(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/stablehlo/%s", getenv("COVECTOR_SOURCE"), name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    base_text text = {.arena = &arena};
    char buffer[4096];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;) base_text_add_n(&text, buffer, n);
    fclose(file);
    return base_text_get(&text);
}

// All forms that MLIR prints are one program.
static void test_forms_are_one_program(void **state) {
    (void)state;
    reading pretty = read_module("pretty.mlir", load("forms_pretty.mlir"));
    assert_int_equal(pretty.status, CV_OK);
    assert_non_null(strstr(pretty.printed, "func @main(%0: f32[4,5], %1: f32[6,5], %2: s32[4,5])"));
    static const char *const others[] = {"forms_generic.mlir", "forms_debug.mlir"};
    for (int i = 0; i < 2; i++) {
        reading other = read_module(others[i], load(others[i]));
        assert_string_equal(other.printed, pretty.printed);
    }
    // what has a primitive is recognised by its region
    assert_non_null(strstr(pretty.printed, "argmax %0 {axis=0, dtype=s32}"));
    assert_non_null(strstr(pretty.printed, "comparator=@ascending}"));
    assert_non_null(strstr(pretty.printed, "comparator=@ascending_1}"));
    assert_non_null(strstr(pretty.printed, "scatter_add"));
    assert_non_null(strstr(pretty.printed, "reduce_prod"));
    assert_non_null(strstr(pretty.printed, "while"));
}

static void test_elementwise(void **state) {
    (void)state;
    assert_program(in_main("(%arg0: tensor<2x3xf32>, %arg1: tensor<2x3xf32> {jax.arg_info = \"y\"}) -> "
                           "(tensor<2x3xf32> {jax.result_info = \"\"})",
                           "    %0 = stablehlo.add %arg0, %arg1 : tensor<2x3xf32>\n"
                           "    %1 = stablehlo.tanh %0 : tensor<2x3xf32>\n"
                           "    return %1 : tensor<2x3xf32>"),
                   "func @main(%0: f32[2,3], %1: f32[2,3]) -> (f32[2,3]) {\n"
                   "  %2 = add %0, %1 : f32[2,3]\n"
                   "  %3 = tanh %2 : f32[2,3]\n"
                   "  return %3\n"
                   "}\n");
}

static void test_booleans_add_by_or(void **state) {
    (void)state;
    assert_program(in_main("(%arg0: tensor<i1>, %arg1: tensor<i1>) -> tensor<i1>",
                           "%0 = stablehlo.add %arg0, %arg1 : tensor<i1>\n"
                           "%1 = stablehlo.multiply %0, %arg1 : tensor<i1>\n"
                           "return %1 : tensor<i1>"),
                   "func @main(%0: bool[], %1: bool[]) -> (bool[]) {\n"
                   "  %2 = or %0, %1 : bool[]\n"
                   "  %3 = and %2, %1 : bool[]\n"
                   "  return %3\n"
                   "}\n");
}

static void test_results_are_as_many_as_an_operation_has(void **state) {
    (void)state;
    assert_refused(in_main("(%arg0: tensor<2xf32>) -> tensor<2xf32>",
                           "chlo.erfc %arg0 : tensor<2xf32>\nreturn %arg0 : tensor<2xf32>"),
                   "m.mlir:3:1: chlo.erfc: it has at least 1 results, and 0 are named");
    assert_refused(
        in_main("(%arg0: tensor<2xf32>) -> tensor<2xf32>",
                "%0:2 = \"stablehlo.sine\"(%arg0) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)\n"
                "return %0#1 : tensor<2xf32>"),
        "m.mlir:3:8: stablehlo.sine: it has 1 results, and 2 are named");
}

// A constant of this type, in every spelling.
static void assert_constant(const char *dense, const char *tensor, const char *type, const char *value) {
    const char *body = base_format(&arena, "%%cst = stablehlo.constant dense<%s> : %s\nreturn %%cst : %s",
                                   dense, tensor, tensor);
    assert_program(in_main(base_format(&arena, "() -> %s", tensor), body),
                   base_format(&arena,
                               "func @main() -> (%s) {\n  %%0 = constant {value=%s} : %s\n  return %%0\n}\n",
                               type, value, type));
}

static void test_orders_of_polygamma_are_attributes(void **state) {
    (void)state;
    assert_program(in_main("(%x: tensor<3xf32>) -> tensor<3xf32>",
                           "%c = stablehlo.constant dense<2> : tensor<i32>\n"
                           "%0 = stablehlo.convert %c : (tensor<i32>) -> tensor<f32>\n"
                           "%1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<3xf32>\n"
                           "%2 = chlo.polygamma %1, %x : tensor<3xf32>, tensor<3xf32> -> tensor<3xf32>\n"
                           "return %2 : tensor<3xf32>"),
                   "func @main(%0: f32[3]) -> (f32[3]) {\n"
                   "  %1 = polygamma %0 {order=2} : f32[3]\n"
                   "  return %1\n"
                   "}\n");
    assert_refused(in_main("(%n: tensor<f32>, %x: tensor<f32>) -> tensor<f32>",
                           "    %0 = chlo.polygamma %n, %x : tensor<f32>, tensor<f32> -> tensor<f32>\n"
                           "    return %0 : tensor<f32>"),
                   "m.mlir:3:10: chlo.polygamma: its order is not one whole number that the text says");
}

static void test_constants(void **state) {
    (void)state;
    assert_constant("1.500000e+00", "tensor<2x2xf32>", "f32[2,2]", "1.5");
    assert_constant("[[1.0, -2.0], [3.0, 0x7F800000]]", "tensor<2x2xf32>", "f32[2,2]", "[1, -2, 3, inf]");
    assert_constant("\"0x0000803F000000C0\"", "tensor<2xf32>", "f32[2]", "[1, -2]");
    assert_constant("\"0x0000803F\"", "tensor<2xf32>", "f32[2]", "1");
    assert_constant("0x7FC00000", "tensor<f32>", "f32[]", "nan");
    assert_constant("0x3C00", "tensor<3xf16>", "f16[3]", "1");
    assert_constant("0x3F80", "tensor<3xbf16>", "bf16[3]", "1");
    assert_constant("-128", "tensor<i8>", "s8[]", "-128");
    assert_constant("0x7F", "tensor<i8>", "s8[]", "127");
    assert_constant("18446744073709551615", "tensor<ui64>", "u64[]", "18446744073709551615");
    assert_constant("[true, false, true]", "tensor<3xi1>", "bool[3]", "[true, false, true]");
    assert_constant("\"0x05\"", "tensor<3xi1>", "bool[3]", "true"); // one element for all
    assert_constant("\"0x0501\"", "tensor<9xi1>", "bool[9]",
                    "[true, false, true, false, false, false, false, false, true]");
    assert_constant("\"0x010001\"", "tensor<3xi1>", "bool[3]", "[true, false, true]");
    assert_constant("(1.0,-2.0)", "tensor<complex<f32>>", "c64[]", "(1,-2)");
    assert_constant("[(1.0,-2.0), (0.0, 0x7FC00000)]", "tensor<2xcomplex<f32>>", "c64[2]",
                    "[(1,-2), (0,nan)]");
    assert_constant("", "tensor<0x3xf32>", "f32[0,3]", "[]");
    assert_constant("1", "tensor<1000000000x9xi8>", "s8[1000000000,9]", "1"); // costs one element
}

static void assert_bad_constant(const char *dense, const char *tensor, const char *message) {
    const char *body = base_format(&arena, "%%cst = stablehlo.constant dense<%s> : %s\nreturn %%cst : %s",
                                   dense, tensor, tensor);
    assert_refused(in_main(base_format(&arena, "() -> %s", tensor), body),
                   base_format(&arena, "m.mlir:3:8: stablehlo.constant: %s", message));
}

static void test_wrong_constants_are_refused(void **state) {
    (void)state;
    assert_bad_constant("[1.0, 2.0]", "tensor<3xf32>", "a list has not the length that the type says");
    assert_bad_constant("[1.0, [2.0]]", "tensor<2xf32>", "'' is not a number (dtype f32)");
    assert_bad_constant("[[1.0, 2.0]]", "tensor<2xf32>", "'' is not a number (dtype f32)");
    assert_bad_constant("[1.0, 2.0]", "tensor<1x2xf32>", "the lists are not those of the type");
    assert_bad_constant("300", "tensor<i8>", "'300' does not fit (dtype s8)");
    assert_bad_constant("0x1FF", "tensor<i8>", "'0x1FF' does not fit (dtype s8)");
    assert_bad_constant("1.0 2.0", "tensor<2xf32>", "something follows the elements");
    assert_bad_constant("\"0x00\"", "tensor<2xf32>", "1 bytes of elements for a type of 8");
    assert_bad_constant("\"0xzz\"", "tensor<i8>", "a string of elements is \"0x\" and pairs of digits");
    assert_bad_constant("1.0", "tensor<complex<f32>>", "a complex number is (real,imaginary)");
    assert_bad_constant("", "tensor<2xf32>", "it has no elements");
}

static void test_what_is_not_supported_is_one_message(void **state) {
    (void)state;
    assert_refused(in_main("(%arg0: tensor<4xf32>) -> tensor<4xf32>",
                           "    %0 = stablehlo.one %arg0 : tensor<4xf32>\n"
                           "    %1 = \"stablehlo.two\"(%0) : (tensor<4xf32>) -> tensor<4xf32>\n"
                           "    %2 = stablehlo.one %1 : tensor<4xf32>\n"
                           "    %3 = stablehlo.custom_call @elsewhere(%2) {backend_config = \"\"} : "
                           "(tensor<4xf32>) -> tensor<4xf32>\n"
                           "    %4 = stablehlo.convert %3 : (tensor<4xf32>) -> tensor<4xf8E4M3FN>\n"
                           "    return %3 : tensor<4xf32>"),
                   "m.mlir:3:10: not supported: stablehlo.one (3:10, 5:10); stablehlo.two (4:10); "
                   "stablehlo.custom_call @elsewhere (6:10); the type tensor<4xf8E4M3FN> (7:10)");
    // the combiner that is named only has the type of what is reduced
    assert_refused(
        in_main("(%arg0: tensor<?xf32>, %arg1: tensor<f32>) -> tensor<f32>",
                "    %0 = stablehlo.reduce(%arg0 init: %arg1) applies stablehlo.add across dimensions = "
                "[0] : (tensor<?xf32>, tensor<f32>) -> tensor<f32>\n"
                "    return %0 : tensor<f32>"),
        "m.mlir:2:3: not supported: the type tensor<?xf32> (2:3, 3:10, 3:10, 3:54)");
}

static void test_messages_have_their_place(void **state) {
    (void)state;
    assert_refused("module {\n  func.func @main() -> tensor<f32> {\n    return %0 : tensor<f32>\n  }\n}",
                   "m.mlir:3:12: %0 has no value here");
    assert_refused("module {", "m.mlir:1:9: expected an operation or '}', found the end of the text");
    assert_refused("module {\n  func.func @f() { return }\n  func.func @g() { return }\n}",
                   "m.mlir: the module has no function @main");
    assert_refused(in_main("(%arg0: tensor<4xf32>) -> tensor<5xf32>",
                           "    %0 = stablehlo.reshape %arg0 : (tensor<4xf32>) -> tensor<5xf32>\n"
                           "    return %0 : tensor<5xf32>"),
                   "m.mlir:3:10: stablehlo.reshape: f32[4] has 4 elements, f32[5] has 5");
    assert_refused(in_main("(%arg0: tensor<4xf32>) -> tensor<4xf64>",
                           "    %0 = stablehlo.sine %arg0 : (tensor<4xf32>) -> tensor<4xf64>\n"
                           "    return %0 : tensor<4xf64>"),
                   "m.mlir:3:10: stablehlo.sine: result 0 has the type f32[4], not f64[4]");
    assert_refused(
        in_main("(%arg0: tensor<4294967296x4294967296xf32>) -> tensor<f32>", "return %arg0 : tensor<f32>"),
        "m.mlir:2:33: an array has too many elements");
    assert_refused("module {\n  func.func @main() { call @main() : () -> ()\n return }\n}",
                   "m.mlir:2:3: func.func: the function calls itself");
}

static const char *repeated(const char *text, int n) {
    base_text all = {.arena = &arena};
    for (int i = 0; i < n; i++) base_text_add(&all, text);
    return base_text_get(&all);
}

static void assert_nested_too_deep(const char *message) {
    const char *what = strchr(message, ' ');
    assert_string_equal(what ? what : message, " brackets are nested deeper than 100");
}

static void test_nesting_is_bounded(void **state) {
    (void)state;
    const char *deep = repeated("[", 100000);
    reading r = read_module("m.mlir", base_format(&arena, "module attributes {a = %s} {}", deep));
    assert_nested_too_deep(r.printed);
    r = read_module("m.mlir", repeated("module { ", 100000));
    assert_nested_too_deep(r.printed);
}

// Values: programs of constants that return whole numbers, by the interpreter.

typedef struct running {
    const char *text;
    int32_t *out;
    size_t n;
} running;

static void run_module(void *argument) {
    running *r = argument;
    const ir_function *f = ir_import_stablehlo(module, "m.mlir", r->text, NULL);
    assert_int_equal(f->n_params, 0);
    assert_int_equal(f->n_results, 1);
    assert_int_equal(ir_result_type(f, 0)->dtype, CV_S32);
    assert_int_equal(ir_result_type(f, 0)->count, r->n);
    ir_interpret(f, NULL, &(ir_array){ir_result_type(f, 0), r->out});
}

#define ASSERT_VALUES(type, body, ...)                                                                       \
    assert_values(type, body, (int32_t[]){__VA_ARGS__}, sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

static void assert_values(const char *type, const char *body, const int32_t *expected, size_t n) {
    int32_t out[64];
    running r = {in_main(base_format(&arena, "() -> %s", type), body), out, n};
    base_failure failure;
    if (base_protect(run_module, &r, &failure)) fail_msg("%s", failure.message);
    for (size_t i = 0; i < n; i++) assert_int_equal(out[i], expected[i]);
}

static const char *case_of(int index) {
    return base_format(&arena,
                       "%%i = stablehlo.constant dense<%d> : tensor<i32>\n"
                       "%%x = stablehlo.constant dense<5> : tensor<i32>\n"
                       "%%s = stablehlo.add %%x, %%i : tensor<i32>\n"
                       "%%0 = \"stablehlo.case\"(%%i) ({ stablehlo.return %%x : tensor<i32> }, {\n"
                       "  %%1 = stablehlo.add %%x, %%s : tensor<i32>\n"
                       "  stablehlo.return %%1 : tensor<i32>\n"
                       "}, { stablehlo.return %%s : tensor<i32> }) : (tensor<i32>) -> tensor<i32>\n"
                       "return %%0 : tensor<i32>",
                       index);
}

static void test_case_takes_its_last_branch_for_an_index_that_there_is_not(void **state) {
    (void)state;
    ASSERT_VALUES("tensor<i32>", case_of(0), 5);
    ASSERT_VALUES("tensor<i32>", case_of(1), 11);
    ASSERT_VALUES("tensor<i32>", case_of(2), 7);
    ASSERT_VALUES("tensor<i32>", case_of(9), 14);
    ASSERT_VALUES("tensor<i32>", case_of(-1), 4);
}

static void test_if_takes_its_first_branch_when_true(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++)
        ASSERT_VALUES("tensor<i32>",
                      base_format(&arena,
                                  "%%p = stablehlo.constant dense<%s> : tensor<i1>\n"
                                  "%%x = stablehlo.constant dense<5> : tensor<i32>\n"
                                  "%%0 = \"stablehlo.if\"(%%p) ({ stablehlo.return %%x : tensor<i32> }, {\n"
                                  "  %%1 = stablehlo.negate %%x : tensor<i32>\n"
                                  "  stablehlo.return %%1 : tensor<i32> }) : (tensor<i1>) -> tensor<i32>\n"
                                  "return %%0 : tensor<i32>",
                                  i ? "true" : "false"),
                      i ? 5 : -5);
}

static void test_while_uses_values_from_outside(void **state) {
    (void)state;
    ASSERT_VALUES(
        "tensor<i32>",
        "%n = stablehlo.constant dense<20> : tensor<i32>\n"
        "%m = stablehlo.add %n, %n : tensor<i32>\n"
        "%one = stablehlo.constant dense<1> : tensor<i32>\n"
        "%k = stablehlo.subtract %n, %one : tensor<i32>\n"
        "%0:2 = stablehlo.while(%iterArg = %one, %iterArg_0 = %k) : tensor<i32>, tensor<i32>\n"
        " cond {\n"
        "  %1 = stablehlo.compare LT, %iterArg, %m, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
        "  stablehlo.return %1 : tensor<i1>\n"
        "} do {\n"
        "  %1 = stablehlo.add %iterArg, %k : tensor<i32>\n"
        "  stablehlo.return %1, %iterArg : tensor<i32>, tensor<i32>\n"
        "}\n"
        "%2 = stablehlo.add %0#0, %0#1 : tensor<i32>\n"
        "return %2 : tensor<i32>",
        58 + 39);
}

static void test_gather_moves_windows_inside(void **state) {
    (void)state;
    ASSERT_VALUES(
        "tensor<3x2xi32>", // index vectors along the first axis
        "%x = stablehlo.constant dense<[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]> : "
        "tensor<3x4xi32>\n"
        "%i = stablehlo.constant dense<[[0, 1, 9], [1, 3, -2]]> : tensor<2x3xi32>\n"
        "%0 = \"stablehlo.gather\"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], "
        "collapsed_slice_dims = [0], start_index_map = [0, 1]>, slice_sizes = array<i64: 1, 2>}> : "
        "(tensor<3x4xi32>, tensor<2x3xi32>) -> tensor<3x2xi32>\n"
        "return %0 : tensor<3x2xi32>",
        1, 2, 12, 13, 20, 21);
}

// The updates 3 and 4 meet in element 1, and the last one is outside.
static const char *scatter_with(const char *region) {
    return base_format(&arena,
                       "%%x = stablehlo.constant dense<[1, 2, 3, 4]> : tensor<4xi32>\n"
                       "%%i = stablehlo.constant dense<[1, 1, 3, 4]> : tensor<4xi32>\n"
                       "%%u = stablehlo.constant dense<[3, 4, 5, 6]> : tensor<4xi32>\n"
                       "%%0 = \"stablehlo.scatter\"(%%x, %%i, %%u) <{scatter_dimension_numbers = "
                       "#stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], "
                       "index_vector_dim = 1>}> ({\n^bb0(%%a: tensor<i32>, %%b: tensor<i32>):\n%s\n}) : "
                       "(tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>\n"
                       "return %%0 : tensor<4xi32>",
                       region);
}

static void test_scatter_by_any_region(void **state) {
    (void)state;
    ASSERT_VALUES("tensor<4xi32>", scatter_with("stablehlo.return %b : tensor<i32>"), 1, 4, 3, 5);
    ASSERT_VALUES("tensor<4xi32>", scatter_with("stablehlo.return %a : tensor<i32>"), 1, 2, 3, 4);
    ASSERT_VALUES("tensor<4xi32>",
                  scatter_with("%1 = stablehlo.add %b, %a : tensor<i32>\nstablehlo.return %1 : tensor<i32>"),
                  1, 9, 3, 9);
    ASSERT_VALUES(
        "tensor<4xi32>",
        scatter_with("%1 = stablehlo.subtract %b, %a : tensor<i32>\nstablehlo.return %1 : tensor<i32>"), 1, 3,
        3, 1);
}

// Two arrays along, updates whose windows do not come last, batching axes.
static void test_scatter_of_several_arrays(void **state) {
    (void)state;
    ASSERT_VALUES(
        "tensor<2x3xi32>",
        "%x = stablehlo.constant dense<[[5, 5, 5], [5, 5, 5]]> : tensor<2x3xi32>\n"
        "%y = stablehlo.constant dense<0> : tensor<2x3xi32>\n"
        "%i = stablehlo.constant dense<[[0, 0], [2, 1]]> : tensor<2x2xi32>\n"
        "%u = stablehlo.constant dense<[[4, 6], [9, 1]]> : tensor<2x2xi32>\n"
        "%w = stablehlo.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>\n"
        "%0:2 = \"stablehlo.scatter\"(%x, %y, %i, %u, %w) <{scatter_dimension_numbers = #stablehlo.scatter<"
        "inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], "
        "scatter_dims_to_operand_dims = [1], index_vector_dim = 2>}> ({\n"
        "^bb0(%a: tensor<i32>, %b: tensor<i32>, %c: tensor<i32>, %d: tensor<i32>):\n"
        "  %1 = stablehlo.compare GT, %c, %a : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
        "  %2 = stablehlo.select %1, %c, %a : tensor<i1>, tensor<i32>\n"
        "  %3 = stablehlo.select %1, %d, %b : tensor<i1>, tensor<i32>\n"
        "  stablehlo.return %2, %3 : tensor<i32>, tensor<i32>\n"
        "}) : (tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x2xi32>, tensor<2x2xi32>, tensor<2x2xi32>) -> "
        "(tensor<2x3xi32>, tensor<2x3xi32>)\n"
        "%ten = stablehlo.constant dense<10> : tensor<2x3xi32>\n"
        "%4 = stablehlo.multiply %0#1, %ten : tensor<2x3xi32>\n"
        "%5 = stablehlo.add %0#0, %4 : tensor<2x3xi32>\n"
        "return %5 : tensor<2x3xi32>",
        26, 5, 5, 5, 5, 39);
}

static void test_folds(void **state) {
    (void)state;
    const char *x = "%x = stablehlo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n";
    ASSERT_VALUES(
        "tensor<3xi32>", // from a value that changes something
        base_format(&arena,
                    "%s%%c = stablehlo.constant dense<100> : tensor<i32>\n"
                    "%%0 = stablehlo.reduce(%%x init: %%c) applies stablehlo.add across dimensions = [0] : "
                    "(tensor<2x3xi32>, tensor<i32>) -> tensor<3xi32>\nreturn %%0 : tensor<3xi32>",
                    x),
        105, 107, 109);
    ASSERT_VALUES("tensor<2xi32>", // by a function that is no operation
                  base_format(&arena,
                              "%s%%c = stablehlo.constant dense<1> : tensor<i32>\n"
                              "%%0 = stablehlo.reduce(%%x init: %%c) across dimensions = [1] : "
                              "(tensor<2x3xi32>, tensor<i32>) -> tensor<2xi32>\n"
                              " reducer(%%a: tensor<i32>, %%b: tensor<i32>) {\n"
                              "  %%1 = stablehlo.multiply %%a, %%c : tensor<i32>\n"
                              "  %%2 = stablehlo.add %%1, %%a : tensor<i32>\n"
                              "  %%3 = stablehlo.subtract %%2, %%b : tensor<i32>\n"
                              "  stablehlo.return %%3 : tensor<i32>\n}\nreturn %%0 : tensor<2xi32>",
                              x),
                  8 - 4 - 4 - 3, 8 - 16 - 10 - 6);
    ASSERT_VALUES(
        "tensor<2x2xi32>",
        base_format(
            &arena,
            "%s%%y = stablehlo.convert %%x : (tensor<2x3xi32>) -> tensor<2x3xi8>\n"
            "%%0 = stablehlo.dot_general %%y, %%y, contracting_dims = [1] x [1], precision = "
            "[DEFAULT, DEFAULT], algorithm = <accumulation_type = f32> : (tensor<2x3xi8>, tensor<2x3xi8>) -> "
            "tensor<2x2xi32>\n"
            "return %%0 : tensor<2x2xi32>",
            x),
        14, 32, 32, 77);
}

// reduce_window of [[1, 2, 3], [4, 5, 6]] by an operation, as JAX prints it.
static const char *windows(const char *attributes, const char *initial, const char *operation,
                           const char *out) {
    return base_format(&arena,
                       "%%x = stablehlo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n"
                       "%%c = stablehlo.constant dense<%s> : tensor<i32>\n"
                       "%%i = stablehlo.broadcast_in_dim %%c, dims = [] : (tensor<i32>) -> tensor<i32>\n"
                       "%%0 = \"stablehlo.reduce_window\"(%%x, %%i) <{%s}> ({\n"
                       "^bb0(%%a: tensor<i32>, %%b: tensor<i32>):\n"
                       "  %%1 = stablehlo.%s %%a, %%b : tensor<i32>\n"
                       "  stablehlo.return %%1 : tensor<i32>\n"
                       "}) : (tensor<2x3xi32>, tensor<i32>) -> %s\n"
                       "return %%0 : %s",
                       initial, attributes, operation, out, out);
}

static void test_windows(void **state) {
    (void)state;
    // down one axis, back along the other
    const char *both =
        "padding = dense<[[1, 0], [0, 2]]> : tensor<2x2xi64>, window_dimensions = array<i64: 2, 3>";
    ASSERT_VALUES("tensor<2x3xi32>", windows(both, "0", "add", "tensor<2x3xi32>"), 6, 5, 3, 21, 16, 9);
    reading r =
        read_module("m.mlir", in_main("() -> tensor<2x3xi32>", windows(both, "0", "add", "tensor<2x3xi32>")));
    assert_non_null(strstr(r.printed, "cumsum"));
    // an initial value that counts stands in the padding too
    ASSERT_VALUES("tensor<2x3xi32>", windows(both, "100", "add", "tensor<2x3xi32>"), 406, 505, 603, 121, 316,
                  509);
    ASSERT_VALUES(
        "tensor<2x2xi32>",
        windows("padding = dense<[[0, 0], [0, 1]]> : tensor<2x2xi64>, window_dimensions = array<i64: 1, 2>, "
                "window_strides = array<i64: 1, 2>",
                "-2147483648", "maximum", "tensor<2x2xi32>"),
        2, 3, 5, 6);
    ASSERT_VALUES("tensor<1x3xi32>",
                  windows("base_dilations = array<i64: 1, 2>, window_dilations = array<i64: 1, 2>, "
                          "window_dimensions = array<i64: 2, 2>",
                          "0", "add", "tensor<1x3xi32>"),
                  12, 0, 16);
}

static void test_windows_that_cannot_be(void **state) {
    (void)state;
    static const char *const attributes[] = {
        "window_dimensions = array<i64: 0, 1>",
        "window_dimensions = array<i64: 1, 1>, window_strides = array<i64: 0, 1>",
        "window_dimensions = array<i64: 2000, 1>, padding = dense<2000> : tensor<2x2xi64>",
        "window_dimensions = array<i64: 1, 1>, base_dilations = array<i64: 1, 9223372036854775807>",
        "window_dimensions = array<i64: 1, 9223372036854775807>, window_dilations = array<i64: 1, 9>",
        "window_dimensions = array<i64: 1, 1>, padding = dense<9223372036854775807> : tensor<2x2xi64>",
    };
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        assert_refused(
            in_main("() -> tensor<2x3xi32>", windows(attributes[i], "0", "add", "tensor<2x3xi32>")),
            "m.mlir:6:6: not supported: stablehlo.reduce_window (6:6)");
    assert_refused(in_main("() -> tensor<2x3xi32>",
                           windows("window_dimensions = array<i64: 1, 1>, padding = array<i64: 0>", "0",
                                   "add", "tensor<2x3xi32>")),
                   "m.mlir:6:6: stablehlo.reduce_window: padding is not a list of pairs of integers");
    assert_refused(
        in_main("(%x: tensor<2000xi32>, %i: tensor<i32>) -> tensor<2000xi32>",
                "%0 = \"stablehlo.reduce_window\"(%x, %i) <{window_dimensions = array<i64: 2000>, "
                "padding = dense<[[1999, 0]]> : tensor<1x2xi64>}> ({\n"
                "^bb0(%a: tensor<i32>, %b: tensor<i32>):\n"
                "  %1 = stablehlo.add %a, %b : tensor<i32>\n"
                "  stablehlo.return %1 : tensor<i32>\n"
                "}) : (tensor<2000xi32>, tensor<i32>) -> tensor<2000xi32>\n"
                "return %0 : tensor<2000xi32>"),
        "m.mlir:3:6: stablehlo.reduce_window: windows of more than 1024 elements, but for a cumulative "
        "operation"); // of which the initial value would be a known one
}

static void test_orders_of_special_numbers(void **state) {
    (void)state;
    const char *x = "%x = stablehlo.constant dense<[0x7FC00000, 1.0, 0.0, -0.0, 0xFF800000, 0xFFC00000]> : "
                    "tensor<6xf32>\n";
    ASSERT_VALUES(
        "tensor<6xi32>",
        base_format(&arena,
                    "%s%%z = stablehlo.constant dense<0.0> : tensor<6xf32>\n"
                    "%%0 = stablehlo.compare LT, %%x, %%z, TOTALORDER : (tensor<6xf32>, tensor<6xf32>) -> "
                    "tensor<6xi1>\n"
                    "%%1 = stablehlo.convert %%0 : (tensor<6xi1>) -> tensor<6xi32>\n"
                    "return %%1 : tensor<6xi32>",
                    x),
        0, 0, 0, 1, 1, 1);
    ASSERT_VALUES(
        "tensor<4xi32>", // the places of the largest
        base_format(&arena,
                    "%s%%v, %%i = chlo.top_k(%%x, k = 4) : tensor<6xf32> -> (tensor<4xf32>, tensor<4xi32>)\n"
                    "return %%i : tensor<4xi32>",
                    x),
        0, 1, 2, 3);
}

static void test_integer_powers(void **state) {
    (void)state;
    ASSERT_VALUES("tensor<9xi32>",
                  "%x = stablehlo.constant dense<[2, 3, -2, 0, 0, 1, -1, -1, 7]> : tensor<9xi32>\n"
                  "%y = stablehlo.constant dense<[10, 4, 3, 0, 2, -5, -3, -4, -1]> : tensor<9xi32>\n"
                  "%0 = stablehlo.power %x, %y : tensor<9xi32>\n"
                  "return %0 : tensor<9xi32>",
                  1024, 81, -8, 1, 0, 1, -1, 1, 0);
}

static void test_shapes_that_are_operands(void **state) {
    (void)state;
    ASSERT_VALUES(
        "tensor<2x2xi32>",
        "%x = stablehlo.constant dense<[1, 2, 3, 4, 5]> : tensor<5xi32>\n"
        "%s = stablehlo.constant dense<1> : tensor<1xi32>\n"
        "%l = stablehlo.constant dense<4> : tensor<1xi32>\n"
        "%t = stablehlo.constant dense<2> : tensor<1xi32>\n"
        "%0 = stablehlo.real_dynamic_slice %x, %s, %l, %t : (tensor<5xi32>, tensor<1xi32>, tensor<1xi32>, "
        "tensor<1xi32>) -> tensor<2xi32>\n"
        "%c = stablehlo.constant dense<7> : tensor<i32>\n"
        "%1 = stablehlo.dynamic_pad %0, %c, %s, %s, %s : (tensor<2xi32>, tensor<i32>, tensor<1xi32>, "
        "tensor<1xi32>, tensor<1xi32>) -> tensor<5xi32>\n"
        "%2 = stablehlo.slice %1 [0:4] : (tensor<5xi32>) -> tensor<4xi32>\n"
        "%3 = stablehlo.constant dense<2> : tensor<2xi32>\n"
        "%4 = stablehlo.dynamic_reshape %2, %3 : (tensor<4xi32>, tensor<2xi32>) -> tensor<2x2xi32>\n"
        "%5 = stablehlo.get_dimension_size %x, dim = 0 : (tensor<5xi32>) -> tensor<i32>\n"
        "%6 = stablehlo.dynamic_broadcast_in_dim %5, %3, dims = [] : (tensor<i32>, tensor<2xi32>) -> "
        "tensor<2x2xi32>\n"
        "%7 = stablehlo.add %4, %6 : tensor<2x2xi32>\n"
        "return %7 : tensor<2x2xi32>",
        12, 7, 12, 9);
}

static void test_map_and_broadcasting(void **state) {
    (void)state;
    ASSERT_VALUES("tensor<2x2xi32>",
                  "%x = stablehlo.constant dense<[1, 2]> : tensor<2xi32>\n"
                  "%y = stablehlo.constant dense<[[10], [20]]> : tensor<2x1xi32>\n"
                  "%0 = chlo.broadcast_add %x, %y : (tensor<2xi32>, tensor<2x1xi32>) -> tensor<2x2xi32>\n"
                  "%1 = \"stablehlo.map\"(%0, %0) <{dimensions = array<i64: 0, 1>}> ({\n"
                  "^bb0(%a: tensor<i32>, %b: tensor<i32>):\n"
                  "  %c = stablehlo.constant dense<3> : tensor<i32>\n"
                  "  %2 = stablehlo.multiply %a, %c : tensor<i32>\n"
                  "  %3 = stablehlo.subtract %2, %b : tensor<i32>\n"
                  "  stablehlo.return %3 : tensor<i32>\n"
                  "}) : (tensor<2x2xi32>, tensor<2x2xi32>) -> tensor<2x2xi32>\n"
                  "return %1 : tensor<2x2xi32>",
                  22, 24, 42, 44);
}

// What says where arrays lie, or nothing at all.
static void test_identities(void **state) {
    (void)state;
    assert_program(
        "#loc = loc(unknown)\n"
        "module @m attributes {mhlo.num_partitions = 2 : i32} {\n"
        "  sdy.mesh @mesh = <[\"x\"=2]>\n"
        "  func.func public @main(%arg0: tensor<4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{\"x\"}]>}) -> "
        "tensor<4xf32> {\n"
        "    %0 = sdy.sharding_constraint %arg0 <@mesh, [{\"x\"}]> : tensor<4xf32> loc(#loc)\n"
        "    %1 = stablehlo.custom_call @Sharding(%0) {backend_config = \"\", mhlo.sharding = "
        "\"{replicated}\"} "
        ": (tensor<4xf32>) -> tensor<4xf32>\n"
        "    %2:2 = stablehlo.optimization_barrier %1, %0 : tensor<4xf32>, tensor<4xf32>\n"
        "    %3 = stablehlo.composite \"my.op\" %2#1 {composite_attributes = {k = 1 : i64}, decomposition = "
        "@decomposed} : (tensor<4xf32>) -> tensor<4xf32>\n"
        "    %4 = stablehlo.bitcast_convert %3 : (tensor<4xf32>) -> tensor<4xf32>\n"
        "    return %4 : tensor<4xf32>\n"
        "  }\n"
        "  func.func private @decomposed(%arg0: tensor<4xf32>) -> tensor<4xf32> {\n"
        "    return %arg0 : tensor<4xf32>\n"
        "  }\n"
        "}\n",
        "func @decomposed(%0: f32[4]) -> (f32[4]) {\n"
        "  return %0\n"
        "}\n\n"
        "func @main(%0: f32[4]) -> (f32[4]) {\n"
        "  %1 = call %0 {function=@decomposed} : f32[4]\n"
        "  %2 = stop_gradient %1 : f32[4]\n"
        "  return %2\n"
        "}\n");
}

static void read_only(void *argument) { ir_import_stablehlo(module, "m.mlir", argument, NULL); }

// Whichever allocation fails, the failure is reported and nothing is left behind (which sanitizers see).
static void test_allocations_that_fail(void **state) {
    (void)state;
    const char *text = in_main("() -> tensor<4xi32>",
                               scatter_with("%1 = stablehlo.subtract %b, %a : tensor<i32> loc(\"f.py\":3:1)\n"
                                            "stablehlo.return %1 : tensor<i32>"));
    base_failure failure;
    cv_status status = CV_OUT_OF_MEMORY;
    uint64_t failed = 0;
    while (status == CV_OUT_OF_MEMORY) {
        base_fail_allocation(++failed);
        status = base_protect(read_only, (void *)(uintptr_t)text, &failure);
    }
    base_fail_allocation(0);
    assert_int_equal(status, CV_OK);
    assert_true(failed > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forms_are_one_program, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_elementwise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_booleans_add_by_or, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_results_are_as_many_as_an_operation_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_constants, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_constants_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_supported_is_one_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_messages_have_their_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nesting_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_case_takes_its_last_branch_for_an_index_that_there_is_not,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_if_takes_its_first_branch_when_true, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_while_uses_values_from_outside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gather_moves_windows_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scatter_by_any_region, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scatter_of_several_arrays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_windows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_windows_that_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_orders_of_special_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_integer_powers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shapes_that_are_operands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_map_and_broadcasting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_identities, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_allocations_that_fail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_orders_of_polygamma_are_attributes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
