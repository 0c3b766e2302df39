// The table test: every primitive, for every dtype that it takes, under every rule.
//
// A case is one operation: a primitive, attributes and operands. The driver (test_table.c) builds
// it as a function of one operation for every dtype, draws operands, and checks
//   evaluate: the interpreter against an expectation that is computed here (expect_*.c);
//   jvp:      against central differences in f64, and f32 against f64; linearization against jvp;
//   vjp:      against jvp by the inner-product identity;
//   vmap:     against a loop over the examples;
//   compiled: machine code against the interpreter.
// A cell (primitive, dtype, rule) without a case that was tested or a reason why there is none
// fails the run. To add a primitive: rows in cases.c and, unless the case brings its own, one
// expectation in the table of expect_elementwise.c or expect_structure.c.
#ifndef TESTS_PRIMITIVES_TABLE_H
#define TESTS_PRIMITIVES_TABLE_H

#include "ir/rules.h"

enum { TEST_MAX_IN = 8, TEST_DRAWS = 2 };

typedef enum test_rule { TEST_EVALUATE, TEST_JVP, TEST_VJP, TEST_VMAP, TEST_COMPILED, TEST_RULES } test_rule;

// How the elements of an operand are drawn. Floating values are exact in f32, so that an f32 and
// an f64 instance of a case see the same numbers. Integers are drawn from four times the range.
typedef enum test_domain {
    TEST_RANGE,    // low to high
    TEST_NONZERO,  // low to high in magnitude
    TEST_HALVES,   // whole and half numbers around 0
    TEST_DISTINCT, // all elements of all operands differ by 0.75 or more and are no integers
    TEST_INDEX,    // integers from low to high
    TEST_UNIQUE,   // the same, without repeats as far as there are enough
    TEST_SPECIAL,  // every combination of NaN, infinities, extremes ... of the operands
} test_domain;

typedef struct test_draw {
    test_domain domain;
    double low, high;
} test_draw;

typedef struct test_operand {
    cv_dtype dtype; // CV_DTYPE_DEFAULT: the dtype of the cell
    const test_draw *draw;
    ir_dims shape; // n < 0: every edge shape
} test_operand;

typedef struct test_instance test_instance;

typedef struct test_case {
    ir_primitive primitive;
    const char *name;
    uint32_t dtypes; // 0: all that the primitive takes
    uint32_t n_in;
    test_operand in[TEST_MAX_IN];
    const void *attributes;                                 // or, where they depend on the dtype:
    const void *(*make_attributes)(const test_instance *t); // in the arena of the instance
    void (*expect)(const test_instance *t, const ir_array *in, ir_array *out); // NULL: by primitive
    uint32_t skip; // mask of rules that make no sense for this case
} test_case;

// A case for one dtype and one of its shapes.
struct test_instance {
    const test_case *c;
    cv_dtype dtype;
    int64_t variant;
    ir_module *module;
    base_arena *arena;
    const ir_function *f; // parameters: the operands; results: those of the operation
};

extern const test_case test_cases[];
extern const uint32_t test_n_cases;

// A case as it is, its reverse mode by all operands that have one, or TEST_BATCH of it at once.
typedef enum test_form { TEST_PLAIN, TEST_REVERSE, TEST_BATCHED, TEST_FORMS } test_form;
enum { TEST_BATCH = 3 };

// values.c
// NULL if the case has no such form.
const ir_function *test_formed(const test_instance *t, test_form form);
int64_t test_variants(const test_case *c);
test_instance test_instance_new(const test_case *c, cv_dtype dtype, int64_t variant, ir_module *module,
                                base_arena *arena);
void test_draw_operands(const test_instance *t, uint64_t seed, ir_array *in);
ir_array test_draw_like(const test_instance *t, const ir_type *type, uint64_t seed); // -1 to 1
ir_array test_array(base_arena *arena, const ir_type *type);
ir_array test_zeros(base_arena *arena, const ir_type *type);
ir_array *test_run(base_arena *arena, const ir_function *f, const ir_array *in, uint32_t n_in);
// A complex array as one of its parts, with a last axis of 2; any other itself.
ir_array test_parts(const test_instance *t, const ir_array *a);
double test_real(const ir_array *a, int64_t i);
void test_set_real(ir_array *a, int64_t i, double value);
int64_t test_int(const ir_array *a, int64_t i);
void test_set_int(ir_array *a, int64_t i, int64_t value);
_Complex double test_complex(const ir_array *a, int64_t i); // of any dtype
void test_set_complex(ir_array *a, int64_t i, _Complex double value);
// Raises unless |got - want| <= relative * |want| + scaled * (1 + largest |want|) everywhere. With
// both 0, values are the same, signs of zeros too; complex numbers differ by their distance; a NaN equals a
// NaN; integers are always the same.
typedef struct test_tolerance {
    double relative, scaled;
} test_tolerance;
void test_compare(const char *what, uint32_t number, const ir_array *got, const ir_array *want,
                  test_tolerance tolerance);
double test_epsilon(cv_dtype dtype);

// expect_*.c
void test_expect(const test_instance *t, const ir_array *in, ir_array *out);
bool test_expect_elementwise(const test_instance *t, const ir_array *in, ir_array *out); // false: not one
bool test_expect_structure(const test_instance *t, const ir_array *in, ir_array *out);
typedef const void *test_make_rule(const test_instance *t);
typedef void test_expect_rule(const test_instance *t, const ir_array *in, ir_array *out);
test_make_rule test_make_reduce_last, test_make_reduce_first, test_make_reduce_all;
test_expect_rule test_expect_reduce_last, test_expect_reduce_first, test_expect_reduce_all;
test_make_rule test_make_sort_last, test_make_sort_first, test_make_sort_two_keys, test_make_sort_descending;
test_make_rule test_make_bitcast, test_make_constant, test_make_splat, test_make_iota, test_make_call, test_make_cond,
    test_make_switch, test_make_while, test_make_scan, test_make_scan_reverse, test_make_scan_carries,
    test_make_scan_map, test_make_scan_empty, test_make_scan_nested, test_make_while_nested;
test_expect_rule test_expect_bitcast, test_expect_integer_pow, test_expect_nextafter, test_expect_polygamma, test_expect_call, test_expect_cond, test_expect_switch, test_expect_while, test_expect_scan,
    test_expect_scan_reverse, test_expect_scan_carries, test_expect_scan_map, test_expect_scan_empty,
    test_expect_scan_nested, test_expect_while_nested;

// check_*.c: each raises what is wrong.
void test_check_evaluate(const test_instance *t);
void test_check_jvp(const test_instance *t);
void test_check_vjp(const test_instance *t);
void test_check_vmap(const test_instance *t);
void test_check_compiled(const test_instance *t);

#endif
