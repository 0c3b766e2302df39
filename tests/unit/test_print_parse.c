// The text form: elements read back bit for bit, programs read back equal, names are unique, hostile
// text is refused with its place. What each construct looks like is pinned by tests/ir/roundtrip.

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ir/builder.h"

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

static void run(void (*body)(void *)) {
    base_failure failure;
    if (base_protect(body, NULL, &failure)) fail_msg("%s", failure.message);
}

#define TEST(name)                                \
    static void body_##name(void *argument);      \
    static void test_##name(void **state) {       \
        (void)state;                              \
        run(body_##name);                         \
    }                                             \
    static void body_##name(void *argument)
#define UNUSED (void)argument

static const char *printed(const ir_function *f) {
    base_text text = {.arena = &arena};
    ir_print(&text, f);
    return base_text_get(&text);
}

// Elements.

static uint64_t next_random(void) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void check_element(cv_dtype dtype, const union ir_scalar *scalar) {
    char buffer[128];
    base_arena own = {0};
    base_text text = {.arena = &own};
    union ir_scalar back;
    ir_scalar_print(&text, scalar, dtype);
    const char *wrong = ir_scalar_parse(&back, dtype, base_text_get(&text));
    snprintf(buffer, sizeof buffer, "%s %s", cv_dtype_name(dtype), base_text_get(&text));
    base_arena_free(&own);
    if (wrong) fail_msg("%s %s", buffer, wrong);
    if (memcmp(scalar, &back, cv_dtype_size(dtype))) fail_msg("%s reads back as something else", buffer);
}

TEST(every_half_reads_back) {
    UNUSED;
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        check_element(CV_F16, &(union ir_scalar){.u16 = (uint16_t)bits});
        check_element(CV_BF16, &(union ir_scalar){.u16 = (uint16_t)bits});
    }
}

TEST(elements_of_random_bits_read_back) {
    UNUSED;
    for (int i = 0; i < 5000; i++)
        for (int dtype = CV_BOOL; dtype < CV_TAPE; dtype++) {
            union ir_scalar scalar;
            memset(&scalar, 0, sizeof scalar);
            for (size_t k = 0; k < cv_dtype_size((cv_dtype)dtype); k += 8) {
                uint64_t bits = dtype == CV_BOOL ? next_random() & 1 : next_random();
                memcpy((char *)&scalar + k, &bits, sizeof bits);
            }
            check_element((cv_dtype)dtype, &scalar);
        }
}

static void assert_prints(cv_dtype dtype, union ir_scalar scalar, const char *expected) {
    base_text text = {.arena = &arena};
    ir_scalar_print(&text, &scalar, dtype);
    assert_string_equal(base_text_get(&text), expected);
}

TEST(floats_print_short) {
    UNUSED;
    assert_prints(CV_F32, (union ir_scalar){.f32 = 0.1f}, "0.1");
    assert_prints(CV_F32, (union ir_scalar){.f32 = 1.0f / 3}, "0.33333334");
    assert_prints(CV_F32, (union ir_scalar){.f32 = 16777216}, "16777216");
    assert_prints(CV_F32, (union ir_scalar){.u32 = 1}, "1e-45");
    assert_prints(CV_F64, (union ir_scalar){.f64 = 0.1}, "0.1");
    assert_prints(CV_F64, (union ir_scalar){.f64 = 0.1 + 0.2}, "0.30000000000000004");
    assert_prints(CV_F64, (union ir_scalar){.u64 = 1}, "5e-324");
    assert_prints(CV_F64, (union ir_scalar){.f64 = -0.0}, "-0");
    assert_prints(CV_F16, (union ir_scalar){.u16 = 0x7bff}, "65504");
    assert_prints(CV_F16, (union ir_scalar){.u16 = 0x2e66}, "0.1");
    assert_prints(CV_BF16, (union ir_scalar){.u16 = 0x4400}, "512");
    assert_prints(CV_C64, (union ir_scalar){.c64 = {1, -0.5f}}, "(1,-0.5)");
    assert_prints(CV_U64, (union ir_scalar){.u64 = UINT64_MAX}, "18446744073709551615");
}

// A decimal just above what lies in the middle of two numbers, by less than a double can tell.
TEST(decimals_are_rounded_once) {
    UNUSED;
    static const struct { cv_dtype dtype; const char *text; uint16_t bits; } rows[] = {
        {CV_F16, "1.00048828125", 0x3c00}, {CV_F16, "1.00048828125000000000000001", 0x3c01},
        {CV_F16, "-1.00146484375", 0xbc02}, {CV_F16, "-1.00146484374999999999999999", 0xbc01},
        {CV_BF16, "1.00390625", 0x3f80}, {CV_BF16, "1.00390625000000000000000001", 0x3f81},
        {CV_F16, "65519.99999999999999999999", 0x7bff}, {CV_F16, "2.98023223876953125e-8", 0},
        {CV_F16, "2.980232238769531250000001e-8", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        union ir_scalar scalar;
        assert_null(ir_scalar_parse(&scalar, rows[i].dtype, rows[i].text));
        assert_int_equal(scalar.u16, rows[i].bits);
    }
}

TEST(what_is_no_element_is_refused) {
    UNUSED;
    static const struct { cv_dtype dtype; const char *text; } wrong[] = {
        {CV_F32, ""}, {CV_F32, "-"}, {CV_F32, "1e"}, {CV_F32, "1.2.3"}, {CV_F32, "1 "}, {CV_F32, " 1"},
        {CV_F32, "0x1p3"}, {CV_F32, "0x1"}, {CV_F32, "infinity"}, {CV_F32, "-nan"}, {CV_F32, "1e39"},
        {CV_F32, "0x7ff8000000000000"}, {CV_F32, "0x7fc0000g"}, {CV_F64, "1e999"}, {CV_F16, "65520"},
        {CV_S8, "128"}, {CV_S8, "-129"}, {CV_U8, "256"}, {CV_U8, "-1"}, {CV_S32, "1.5"}, {CV_S32, "1e3"},
        {CV_S32, "0x10"}, {CV_S32, ""}, {CV_S32, "-"}, {CV_S32, "--1"}, {CV_S64, "9223372036854775808"},
        {CV_S64, "-9223372036854775809"}, {CV_U64, "18446744073709551616"}, {CV_BOOL, "1"}, {CV_BOOL, ""},
        {CV_C64, "1"}, {CV_C64, "(1)"}, {CV_C64, "(1,2"}, {CV_C64, "(1,2)x"}, {CV_C64, "(,)"}, {CV_TAPE, "0"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        union ir_scalar scalar;
        if (!ir_scalar_parse(&scalar, wrong[i].dtype, wrong[i].text))
            fail_msg("'%s' was taken for %s", wrong[i].text, cv_dtype_name(wrong[i].dtype));
    }
    union ir_scalar scalar;
    assert_null(ir_scalar_parse(&scalar, CV_C64, "( 1 , -2 )"));
    assert_true(scalar.c64[0] == 1 && scalar.c64[1] == -2);
}

TEST(commas_of_the_locale_do_not_matter) {
    UNUSED;
    static const char *const with_commas[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "fr_FR", "nl_NL.UTF-8"};
    size_t i = 0, n = sizeof with_commas / sizeof *with_commas;
    while (i < n && !setlocale(LC_ALL, with_commas[i])) i++;
    if (i == n) return; // none is installed
    assert_prints(CV_F64, (union ir_scalar){.f64 = 0.5}, "0.5");
    check_element(CV_F32, &(union ir_scalar){.f32 = 1.25f});
    assert_string_equal(localeconv()->decimal_point, ",");
    setlocale(LC_ALL, "C");
}

// Programs.

static void assert_reads_back(const ir_function *f) {
    const char *text = printed(f);
    const ir_function *parsed = ir_parse(module, "text", text);
    assert_true(ir_equal(f, parsed));
    assert_string_equal(printed(parsed), text);
}

static const ir_function *unary(const char *name, ir_primitive primitive) {
    ir_builder *b = ir_builder_new(module, name);
    ir_val x = ir_param(b, ir_type_scalar(module, CV_F32));
    ir_val y = ir_emit(b, primitive, &x, 1, NULL);
    return ir_finish(b, &y, 1);
}

// A function of this name that calls these, one after the other.
static const ir_function *caller(const char *name, const ir_function *const *callees, int n) {
    ir_builder *b = ir_builder_new(module, name);
    ir_val x = ir_param(b, ir_type_scalar(module, CV_F32));
    for (int i = 0; i < n; i++) x = ir_emit(b, IR_call, &x, 1, &(ir_call_attributes){callees[i]});
    return ir_finish(b, &x, 1);
}

TEST(names_are_made_unique) {
    UNUSED;
    const ir_function *callees[] = {unary("f_1", IR_sin), unary("f", IR_cos), unary("f", IR_exp),
                                    unary("f", IR_cos)};
    const ir_function *f = caller("f", callees, 4);
    const char *text = printed(f);
    assert_non_null(strstr(text, "func @f_1(%0: f32[]) -> (f32[]) {\n  %1 = sin %0"));
    assert_non_null(strstr(text, "func @f(%0: f32[]) -> (f32[]) {\n  %1 = cos %0"));
    assert_non_null(strstr(text, "func @f_2(%0: f32[]) -> (f32[]) {\n  %1 = exp %0"));
    assert_non_null(strstr(text, "func @f_3(%0: f32[]) -> (f32[]) {\n  %1 = cos %0"));
    assert_non_null(strstr(text, "func @f_4(%0: f32[]) -> (f32[]) {\n  %1 = call %0 {function=@f_1}"));
    assert_reads_back(f);
}

TEST(any_name_can_be_printed) {
    UNUSED;
    const ir_function *callees[] = {unary("", IR_sin), unary("a \"b\"\n\x01", IR_cos),
                                    unary("\xc3\xa9%@{", IR_exp)};
    const ir_function *f = caller("lambda (x)", callees, 3);
    assert_non_null(strstr(printed(f), "func @\"a _b___\"("));
    assert_non_null(strstr(printed(f), "func @\"lambda (x)\"("));
    assert_reads_back(f);
}

TEST(a_shared_function_is_printed_once) {
    UNUSED;
    // Each calls the one below twice: 2^60 paths lead to the last.
    const ir_function *f = unary("leaf", IR_sin);
    for (int i = 0; i < 60; i++) f = caller("level", (const ir_function *const[]){f, f}, 2);
    const char *text = printed(f);
    assert_true(strlen(text) < 61 * 200);
    assert_string_equal(printed(ir_parse(module, "text", text)), text);
}

TEST(a_long_chain_of_functions_is_read_back) {
    UNUSED;
    const ir_function *f = unary("link", IR_sin);
    for (int i = 0; i < 20000; i++) f = caller("link", &f, 1);
    const char *text = printed(f);
    assert_non_null(strstr(text, "func @link_20000("));
    assert_string_equal(printed(ir_parse(module, "text", text)), text);
}

TEST(a_program_of_many_operations_reads_back) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "chain");
    ir_val x = ir_param(b, ir_type_get(module, CV_F32, 2, (int64_t[]){3, 4})), y = x;
    for (int i = 0; i < 200000; i++) y = i % 2 ? ir_add(b, y, x) : ir_sin(b, y);
    assert_reads_back(ir_finish(b, &y, 1));
}

TEST(a_large_constant_reads_back) {
    UNUSED;
    enum { N = 100000 };
    ir_builder *b = ir_builder_new(module, "data");
    float *data = base_arena_alloc(&arena, N * sizeof *data);
    for (int i = 0; i < N; i++) data[i] = (float)(int32_t)next_random() / 65536;
    ir_val c = ir_constant(b, ir_type_get(module, CV_F32, 2, (int64_t[]){N / 4, 4}), false, data);
    assert_reads_back(ir_finish(b, &c, 1));
}

TEST(a_type_of_any_length_is_printed_whole) {
    UNUSED;
    int64_t dims[IR_MAX_RANK] = {0};
    for (int i = 1; i < IR_MAX_RANK; i++) dims[i] = INT64_MAX - i;
    ir_builder *b = ir_builder_new(module, "f");
    ir_val x = ir_param(b, ir_type_get(module, CV_S64, IR_MAX_RANK, dims));
    assert_reads_back(ir_finish(b, &x, 1));
}

TEST(an_operation_without_results_is_printed_and_read) {
    UNUSED;
    ir_builder *b = ir_builder_new(module, "none");
    const ir_function *none = ir_finish(b, NULL, 0);
    // Finishing drops such an operation, so this function is put together by hand.
    ir_op op = {.primitive = IR_call, .attributes = &(ir_call_attributes){none}};
    ir_function f = {.module = module, .name = "f", .n_ops = 1, .ops = &op};
    const char *text = printed(&f);
    assert_string_equal(text, "func @none() -> () {\n  return\n}\n\n"
                              "func @f() -> () {\n  call {function=@none} : ()\n  return\n}\n");
    assert_int_equal(ir_parse(module, "text", text)->n_ops, 0);
}

TEST(operations_have_the_place_of_their_text) {
    UNUSED;
    char file[] = "model.ir";
    const ir_function *f = ir_parse(module, file, "func @f(%x: f32[]) -> (f32[]) {\n"
                                                  "  %y = sin %x : f32[]\n"
                                                  "\n"
                                                  "  %z = cos %y : f32[]  return %z }");
    memset(file, '?', 8);
    assert_string_equal(f->place.file, "model.ir");
    assert_int_equal(f->place.line, 1);
    assert_int_equal(f->ops[0].place.line, 2);
    assert_int_equal(f->ops[1].place.line, 4);
    assert_string_equal(f->ops[1].place.file, "model.ir");
    assert_string_equal(f->name, "f");
}

// Hostile text.

static const char sample[] =
    "// all kinds of things\n"
    "func @\"g(h)\"(%a: f32[], %b: f32[2,0]) -> (f32[], f32[2,0]) {\n"
    "  %c = constant {value=-0.25} : f32[]\n"
    "  %d = mul %a, %c : f32[] // comment\n"
    "  return %d, %b\n"
    "}\n"
    "func @more(%i: s32[]) -> (bool[]) {\n"
    "  %n = constant {value=[10]} : s32[]\n"
    "  %c = lt %i, %n : bool[]\n"
    "  return %c\n"
    "}\n"
    "func @next(%i: s32[]) -> (s32[]) {\n"
    "  %n = constant {value=3} : s32[]\n"
    "  %c = add %i, %n : s32[]\n"
    "  return %c\n"
    "}\n"
    "func @main(%x: f32[], %y: f32[2,0], %z: f64[2,3], %i: s32[])\n"
    "    -> (f32[], f32[2,0], s32[], f64[3,2], f64[2,2]) {\n"
    "  %p, %q = call %x, %y {function=@\"g(h)\"} : f32[], f32[2,0]\n"
    "  %r, %s = cond %i, %p, %q {branches=[@\"g(h)\", @\"g(h)\"]} : f32[], f32[2,0]\n"
    "  %w = while %i {cond=@more, body=@next, cond_constants=0, body_constants=0} : s32[]\n"
    "  %t = transpose %z {permutation=[1,0]} : f64[3,2]\n"
    "  %k = constant {value=[1, 2, nan, inf, 0x7ff0000000000001, -1e-300]} : f64[2,3]\n"
    "  %m = add %z, %k : f64[2,3]\n"
    "  %u = dot_general %m, %t {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : f64[2,2]\n"
    "  return %r, %s, %w, %t, %u\n"
    "}\n";

typedef struct reading {
    const char *text;
    bool print; // and read again
} reading;

static void read_text(void *argument) {
    const reading *r = argument;
    const ir_function *f = ir_parse(module, "f.ir", r->text);
    if (!r->print) return;
    base_arena own = {0};
    base_text text = {.arena = &own}, again = {.arena = &own};
    ir_print(&text, f);
    ir_print(&again, ir_parse(module, "again", base_text_get(&text)));
    bool same = !strcmp(base_text_get(&text), base_text_get(&again));
    base_arena_free(&own);
    base_check(same);
}

static void test_a_text_cut_off_anywhere_is_refused(void **state) {
    (void)state;
    size_t last_brace = strlen(sample) - 2;
    char *text = test_malloc(sizeof sample);
    base_failure failure;
    assert_int_equal(base_protect(read_text, &(reading){sample, true}, &failure), CV_OK);
    for (size_t n = 0; n <= last_brace; n++) {
        memcpy(text, sample, n);
        text[n] = 0;
        cv_status status = base_protect(read_text, &(reading){text, false}, &failure);
        if (status == CV_OK && text[n - 1] == '\n' && text[n - 2] == '}') continue; // after a function
        if (status == CV_OK && text[n - 1] == '}') continue;
        assert_int_equal(status, CV_INVALID);
        assert_memory_equal(failure.message, "f.ir:", 5);
    }
    test_free(text);
}

// Bytes replaced, dropped and doubled. What is still a program must still be printed and read back;
// everything else must be refused as a mistake of the text.
static void test_a_spoilt_text_does_no_harm(void **state) {
    (void)state;
    static const char bytes[] = "%@{}()[]:=,->\"0123456789.-+einfax_ \n/\x01\xff";
    char text[2 * sizeof sample];
    int read = 0, refused = 0;
    for (int round = 0; round < 20000; round++) {
        size_t n = sizeof sample - 1;
        memcpy(text, sample, n + 1);
        for (uint64_t change = 0, changes = 1 + next_random() % 3; change < changes; change++) {
            size_t at = next_random() % n, length = 1 + next_random() % 8;
            if (length > n - at) length = n - at;
            switch (next_random() % 3) {
            case 0: text[at] = bytes[next_random() % (sizeof bytes - 1)]; break;
            case 1: memmove(text + at, text + at + length, n - at - length + 1), n -= length; break;
            default: memmove(text + at + length, text + at, n - at + 1), n += length; break;
            }
        }
        base_failure failure;
        cv_status status = base_protect(read_text, &(reading){text, true}, &failure);
        if (status == CV_OK) read++;
        else if (status == CV_INVALID || status == CV_UNSUPPORTED) refused++;
        else fail_msg("%s\n%s", failure.message, text);
    }
    assert_true(read > 100 && refused > 100);
}

static void assert_refused(const char *text, const char *message) {
    base_failure failure;
    assert_int_equal(base_protect(read_text, &(reading){text, false}, &failure), CV_INVALID);
    if (!strstr(failure.message, message)) fail_msg("'%s' instead of '%s'", failure.message, message);
}

static void test_messages_have_line_and_column(void **state) {
    (void)state;
    assert_refused("", "f.ir:1:1: expected 'func', found the end of the text");
    assert_refused("  \n // x\n\t?", "f.ir:3:2: expected 'func', found '?'");
    assert_refused("func @f() -> () {\r\n  %\r\n", "f.ir:2:3: expected a name after '%'");
    assert_refused("func \x01", "f.ir:1:6: expected the name of the function, such as @f, found '?'");
    assert_refused("func @f() -> () { return } func @f", "f.ir:1:33: '@f' is defined already");
}

static void test_long_tokens_and_lists_are_refused(void **state) {
    (void)state;
    enum { N = 1 << 20 };
    char *text = test_malloc(N + 200);
    static const char *const heads[] = {
        "func @f() -> () { %", "func @", "func @f(%0: f32[", "fu", "func @f(%0: f32[-",
        "func @f() -> (s32[]) { %0 = constant {value=(",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        for (const char *fill = "a1[({,"; *fill; fill++) {
            strcpy(text, heads[i]);
            size_t n = strlen(text);
            memset(text + n, *fill, N);
            text[n + N] = 0;
            assert_refused(text, "f.ir:1:");
        }
    // A number that is written does not ask for memory.
    assert_refused("func @f() -> () { %0 = constant {value=[1, 2]} : f32[1000000000000] return }",
                   "2 elements for a type of 1000000000000");
    test_free(text);
}

static void test_any_allocation_may_fail(void **state) {
    base_failure failure;
    cv_status status = CV_OUT_OF_MEMORY;
    uint64_t number = 0;
    while (status == CV_OUT_OF_MEMORY) {
        tear_down(state);
        set_up(state);
        base_fail_allocation(++number);
        status = base_protect(read_text, &(reading){sample, false}, &failure);
        base_fail_allocation(0);
    }
    assert_int_equal(status, CV_OK);
    assert_true(number > 30);
}

static const ir_function *to_print;

static void print_it(void *argument) {
    ir_print(argument, to_print);
}

static void body_any_allocation_may_fail_in_printing(void *argument) {
    UNUSED;
    to_print = ir_parse(module, "text", sample);
    cv_status status = CV_OUT_OF_MEMORY;
    uint64_t number = 0;
    while (status == CV_OUT_OF_MEMORY) {
        base_arena own = {0};
        base_failure failure;
        base_fail_allocation(++number);
        status = base_protect(print_it, &(base_text){.arena = &own}, &failure);
        base_fail_allocation(0);
        base_arena_free(&own);
    }
    assert_int_equal(status, CV_OK);
    assert_true(number > 3);
}

static void test_any_allocation_may_fail_in_printing(void **state) {
    (void)state;
    run(body_any_allocation_may_fail_in_printing);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(every_half_reads_back),
        CASE(elements_of_random_bits_read_back),
        CASE(floats_print_short),
        CASE(decimals_are_rounded_once), CASE(what_is_no_element_is_refused),
        CASE(commas_of_the_locale_do_not_matter),
        CASE(names_are_made_unique),
        CASE(any_name_can_be_printed),
        CASE(a_shared_function_is_printed_once),
        CASE(a_long_chain_of_functions_is_read_back),
        CASE(a_program_of_many_operations_reads_back),
        CASE(a_large_constant_reads_back),
        CASE(a_type_of_any_length_is_printed_whole),
        CASE(an_operation_without_results_is_printed_and_read),
        CASE(operations_have_the_place_of_their_text),
        CASE(a_text_cut_off_anywhere_is_refused),
        CASE(a_spoilt_text_does_no_harm),
        CASE(messages_have_line_and_column),
        CASE(long_tokens_and_lists_are_refused),
        CASE(any_allocation_may_fail),
        CASE(any_allocation_may_fail_in_printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
