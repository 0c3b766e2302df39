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

// A constant of this type, in every spelling.
static void assert_constant(const char *dense, const char *tensor, const char *type, const char *value) {
    const char *body = base_format(&arena, "%%cst = stablehlo.constant dense<%s> : %s\nreturn %%cst : %s",
                                   dense, tensor, tensor);
    assert_program(in_main(base_format(&arena, "() -> %s", tensor), body),
                   base_format(&arena,
                               "func @main() -> (%s) {\n  %%0 = constant {value=%s} : %s\n  return %%0\n}\n",
                               type, value, type));
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forms_are_one_program, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_elementwise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_booleans_add_by_or, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_constants, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_constants_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_supported_is_one_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_messages_have_their_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nesting_is_bounded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
