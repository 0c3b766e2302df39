// Programs of every kind of kernel, in sizes that a test chooses: macros of program text.
#ifndef TESTS_CODEGEN_GPU_PROGRAMS_H
#define TESTS_CODEGEN_GPU_PROGRAMS_H

#include <stdbool.h>

#define ALONG_ROWS(r, c) "{shape=[" #r ", " #c "], dims=[0]} : f32[" #r "," #c "]\n"
#define ALONG_COLUMNS(r, c) "{shape=[" #r ", " #c "], dims=[1]} : f32[" #r "," #c "]\n"
#define MATRIX(r, c) "f32[" #r "," #c "]"
#define VECTOR(n) "f32[" #n "]"

#define SOFTMAX(r, c)                                                                              \
    "func @softmax(%x: " MATRIX(r, c) ") -> (" MATRIX(r, c) ") {\n"                                \
    "  %m = reduce_max %x {axes=[1]} : " VECTOR(r) "\n"                                            \
    "  %mm = broadcast_in_dim %m " ALONG_ROWS(r, c)                                                \
    "  %d = sub %x, %mm : " MATRIX(r, c) "\n"                                                      \
    "  %e = exp %d : " MATRIX(r, c) "\n"                                                           \
    "  %s = reduce_sum %e {axes=[1]} : " VECTOR(r) "\n"                                            \
    "  %ss = broadcast_in_dim %s " ALONG_ROWS(r, c)                                                \
    "  %y = div %e, %ss : " MATRIX(r, c) "\n"                                                      \
    "  return %y\n}\n"

#define CROSS_ENTROPY(r, c)                                                                        \
    "func @cross_entropy(%x: " MATRIX(r, c) ", %label: s32[" #r "]) -> (f32[]) {\n"                \
    "  %m = reduce_max %x {axes=[1]} : " VECTOR(r) "\n"                                            \
    "  %mm = broadcast_in_dim %m " ALONG_ROWS(r, c)                                                \
    "  %d = sub %x, %mm : " MATRIX(r, c) "\n"                                                      \
    "  %e = exp %d : " MATRIX(r, c) "\n"                                                           \
    "  %s = reduce_sum %e {axes=[1]} : " VECTOR(r) "\n"                                            \
    "  %l = log %s : " VECTOR(r) "\n"                                                              \
    "  %i = iota {dtype=s32, shape=[" #r ", " #c "], axis=1} : s32[" #r "," #c "]\n"               \
    "  %ll = broadcast_in_dim %label {shape=[" #r ", " #c "], dims=[0]} : s32[" #r "," #c "]\n"    \
    "  %is = eq %i, %ll : bool[" #r "," #c "]\n"                                                   \
    "  %0 = constant {value=0} : " MATRIX(r, c) "\n"                                               \
    "  %p = select %is, %d, %0 : " MATRIX(r, c) "\n"                                               \
    "  %t = reduce_sum %p {axes=[1]} : " VECTOR(r) "\n"                                            \
    "  %loss = sub %l, %t : " VECTOR(r) "\n"                                                       \
    "  %sum = reduce_sum %loss {axes=[0]} : f32[]\n"                                               \
    "  return %sum\n}\n"

#define LAYER_NORM(r, c)                                                                           \
    "func @layer_norm(%x: " MATRIX(r, c) ", %g: " VECTOR(c) ", %b: " VECTOR(c) ") -> (" MATRIX(r, c) ") {\n" \
    "  %s = reduce_sum %x {axes=[1]} : " VECTOR(r) "\n"                                            \
    "  %n = constant {value=" #c "} : " VECTOR(r) "\n"                                             \
    "  %mean = div %s, %n : " VECTOR(r) "\n"                                                       \
    "  %mm = broadcast_in_dim %mean " ALONG_ROWS(r, c)                                             \
    "  %d = sub %x, %mm : " MATRIX(r, c) "\n"                                                      \
    "  %dd = mul %d, %d : " MATRIX(r, c) "\n"                                                      \
    "  %v = reduce_sum %dd {axes=[1]} : " VECTOR(r) "\n"                                           \
    "  %var = div %v, %n : " VECTOR(r) "\n"                                                        \
    "  %eps = constant {value=0.00001} : " VECTOR(r) "\n"                                          \
    "  %w = add %var, %eps : " VECTOR(r) "\n"                                                      \
    "  %k = rsqrt %w : " VECTOR(r) "\n"                                                            \
    "  %kk = broadcast_in_dim %k " ALONG_ROWS(r, c)                                                \
    "  %y = mul %d, %kk : " MATRIX(r, c) "\n"                                                      \
    "  %gg = broadcast_in_dim %g " ALONG_COLUMNS(r, c)                                             \
    "  %z = mul %y, %gg : " MATRIX(r, c) "\n"                                                      \
    "  %bb = broadcast_in_dim %b " ALONG_COLUMNS(r, c)                                             \
    "  %o = add %z, %bb : " MATRIX(r, c) "\n"                                                      \
    "  return %o\n}\n"

// Twelve operations, the third with a row that is broadcast.
#define CHAIN(r, c)                                                                                \
    "func @chain(%x: " MATRIX(r, c) ", %w: " VECTOR(c) ") -> (" MATRIX(r, c) ") {\n"               \
    "  %a = mul %x, %x : " MATRIX(r, c) "\n"                                                       \
    "  %b = tanh %a : " MATRIX(r, c) "\n"                                                          \
    "  %ww = broadcast_in_dim %w " ALONG_COLUMNS(r, c)                                             \
    "  %d = add %b, %ww : " MATRIX(r, c) "\n"                                                      \
    "  %e = sub %d, %x : " MATRIX(r, c) "\n"                                                       \
    "  %f = exp %e : " MATRIX(r, c) "\n"                                                           \
    "  %g = max %f, %a : " MATRIX(r, c) "\n"                                                       \
    "  %h = neg %g : " MATRIX(r, c) "\n"                                                           \
    "  %i = logistic %h : " MATRIX(r, c) "\n"                                                      \
    "  %j = div %i, %f : " MATRIX(r, c) "\n"                                                       \
    "  %k = sin %j : " MATRIX(r, c) "\n"                                                           \
    "  %l = add %k, %b : " MATRIX(r, c) "\n"                                                       \
    "  return %l\n}\n"

#define COLUMN_SUM(r, c)                                                                           \
    "func @column_sum(%x: " MATRIX(r, c) ") -> (" VECTOR(c) ") {\n"                                \
    "  %s = reduce_sum %x {axes=[0]} : " VECTOR(c) "\n"                                            \
    "  return %s\n}\n"

#define TOTAL(n)                                                                                   \
    "func @total(%x: " VECTOR(n) ") -> (f32[]) {\n"                                                \
    "  %y = mul %x, %x : " VECTOR(n) "\n"                                                          \
    "  %s = reduce_sum %y {axes=[0]} : f32[]\n"                                                    \
    "  return %s\n}\n"

#define BEST(r, c)                                                                                 \
    "func @best(%x: f64[" #r "," #c "]) -> (s32[" #r "], s64[" #c "]) {\n"                         \
    "  %i = argmax %x {axis=1, dtype=s32} : s32[" #r "]\n"                                         \
    "  %j = argmin %x {axis=0, dtype=s64} : s64[" #c "]\n"                                         \
    "  return %i, %j\n}\n"

#define TAKE(n, r, c)                                                                              \
    "func @take(%x: " MATRIX(r, c) ", %i: s32[" #n ",1]) -> (" MATRIX(n, c) ", " MATRIX(n, c) ") {\n" \
    "  %a = gather %x, %i {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "       \
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1," #c "], mode=clip} : " MATRIX(n, c) "\n" \
    "  %b = gather %x, %i {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "       \
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1," #c "], mode=fill_or_drop} : " MATRIX(n, c) "\n" \
    "  return %a, %b\n}\n"

#define ADD_AT(n, r, c)                                                                            \
    "func @add_at(%x: " MATRIX(r, c) ", %i: s32[" #n ",1], %u: " MATRIX(n, c) ") -> (" MATRIX(r, c) ") {\n" \
    "  %y = scatter_add %x, %i, %u {update_window_dims=[1], inserted_window_dims=[0], "            \
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], " \
    "mode=fill_or_drop} : " MATRIX(r, c) "\n"                                                      \
    "  return %y\n}\n"

// The Lorenz equations, a step of Euler's method each; type: of one coordinate.
#define LORENZ(type)                                                                               \
    "func @step(%x: " type ", %y: " type ", %z: " type ") -> (" type ", " type ", " type ", " type ") {\n" \
    "  %h = constant {value=0.005} : " type "\n"                                                   \
    "  %sigma = constant {value=10} : " type "\n"                                                  \
    "  %rho = constant {value=28} : " type "\n"                                                    \
    "  %beta = constant {value=2.6666667} : " type "\n"                                            \
    "  %a = sub %y, %x : " type "\n"                                                               \
    "  %b = mul %sigma, %a : " type "\n"                                                           \
    "  %c = sub %rho, %z : " type "\n"                                                             \
    "  %d = mul %x, %c : " type "\n"                                                               \
    "  %e = sub %d, %y : " type "\n"                                                               \
    "  %f = mul %x, %y : " type "\n"                                                               \
    "  %g = mul %beta, %z : " type "\n"                                                            \
    "  %i = sub %f, %g : " type "\n"                                                               \
    "  %j = mul %h, %b : " type "\n"                                                               \
    "  %k = mul %h, %e : " type "\n"                                                               \
    "  %l = mul %h, %i : " type "\n"                                                               \
    "  %p = add %x, %j : " type "\n"                                                               \
    "  %q = add %y, %k : " type "\n"                                                               \
    "  %r = add %z, %l : " type "\n"                                                               \
    "  return %p, %q, %r, %p\n}\n"

#define LORENZ_SCALAR(steps)                                                                       \
    LORENZ("f64[]")                                                                                \
    "func @lorenz(%x: f64[], %y: f64[], %z: f64[]) -> (f64[], f64[], f64[], f64[" #steps "]) {\n"  \
    "  %a, %b, %c, %t = scan %x, %y, %z {body=@step, constants=0, carries=3, length=" #steps       \
    ", reverse=false} : f64[], f64[], f64[], f64[" #steps "]\n"                                    \
    "  return %a, %b, %c, %t\n}\n"

#define LORENZ_BATCHED(batch, steps)                                                               \
    LORENZ("f32[" #batch "]")                                                                      \
    "func @many(%x: f32[" #batch "], %y: f32[" #batch "], %z: f32[" #batch "]) -> (f32[" #batch "], f32[" #steps "," #batch "]) {\n" \
    "  %a, %b, %c, %t = scan %x, %y, %z {body=@step, constants=0, carries=3, length=" #steps       \
    ", reverse=false} : f32[" #batch "], f32[" #batch "], f32[" #batch "], f32[" #steps "," #batch "]\n" \
    "  return %a, %t\n}\n"

// How often a number below 2^20 can be halved, of each element.
#define HALVE                                                                                      \
    "func @going(%x: f32[], %n: s32[]) -> (bool[]) {\n"                                            \
    "  %one = constant {value=1} : f32[]\n"                                                        \
    "  %c = gt %x, %one : bool[]\n"                                                                \
    "  return %c\n}\n"                                                                             \
    "func @half(%x: f32[], %n: s32[]) -> (f32[], s32[]) {\n"                                       \
    "  %h = constant {value=0.5} : f32[]\n"                                                        \
    "  %one = constant {value=1} : s32[]\n"                                                        \
    "  %y = mul %x, %h : f32[]\n"                                                                  \
    "  %m = add %n, %one : s32[]\n"                                                                \
    "  return %y, %m\n}\n"                                                                         \
    "func @halve(%x: f32[]) -> (f32[], s32[]) {\n"                                                 \
    "  %zero = constant {value=0} : s32[]\n"                                                       \
    "  %k = constant {value=1000} : f32[]\n"                                                       \
    "  %b = mul %x, %k : f32[]\n"                                                                  \
    "  %y, %n = while %b, %zero {cond=@going, body=@half, cond_constants=0, body_constants=0} : f32[], s32[]\n" \
    "  return %y, %n\n}\n"

// Matrix products of less than the library is for, and of integers, which it does not know.
#define PRODUCT(dtype, m, k, n)                                                                    \
    "func @product(%x: " #dtype "[" #m "," #k "], %y: " #dtype "[" #k "," #n "]) -> (" #dtype "[" #m "," #n "]) {\n" \
    "  %z = dot_general %x, %y {lhs_contract=[1], rhs_contract=[0], lhs_batch=[], rhs_batch=[]} : " #dtype "[" #m "," #n "]\n" \
    "  return %z\n}\n"

// Every kind of statement over any dtype: a map, and sums and extremes of rows, of columns and of all.
#define EACH_DTYPE(dtype, sum)                                                                     \
    "func @each(%x: " dtype "[70,90], %y: " dtype "[70,90]) -> (bool[70,90], " dtype "[70,90], " dtype "[70], " dtype "[90], " \
    dtype "[], " dtype "[70]) {\n"                                                                 \
    "  %a = ne %x, %y : bool[70,90]\n"                                                             \
    "  %b = select %a, %x, %y : " dtype "[70,90]\n"                                                \
    "  %c = max %b, %y : " dtype "[70,90]\n"                                                       \
    "  %d = reduce_max %c {axes=[1]} : " dtype "[70]\n"                                            \
    "  %e = reduce_min %b {axes=[0]} : " dtype "[90]\n"                                            \
    "  %f = reduce_min %c {axes=[0,1]} : " dtype "[]\n"                                            \
    "  %g = " sum " %b {axes=[1]} : " dtype "[70]\n"                                               \
    "  return %a, %c, %d, %e, %f, %g\n}\n"

// Softmax in numbers of 16 bits: sums in f32, arithmetic rounded with each operation; and where the best stand.
#define HALF_SOFTMAX(dtype, r, c)                                                                  \
    "func @half(%x: " dtype "[" #r "," #c "]) -> (" dtype "[" #r "," #c "], s32[" #r "], f32[" #r "]) {\n" \
    "  %m = reduce_max %x {axes=[1]} : " dtype "[" #r "]\n"                                       \
    "  %mm = broadcast_in_dim %m {shape=[" #r "," #c "], dims=[0]} : " dtype "[" #r "," #c "]\n"  \
    "  %d = sub %x, %mm : " dtype "[" #r "," #c "]\n"                                             \
    "  %e = exp %d : " dtype "[" #r "," #c "]\n"                                                  \
    "  %s = reduce_sum %e {axes=[1]} : " dtype "[" #r "]\n"                                       \
    "  %ss = broadcast_in_dim %s {shape=[" #r "," #c "], dims=[0]} : " dtype "[" #r "," #c "]\n"  \
    "  %y = div %e, %ss : " dtype "[" #r "," #c "]\n"                                             \
    "  %best = argmax %x {axis=1, dtype=s32} : s32[" #r "]\n"                                     \
    "  %wide = convert %s {dtype=f32} : f32[" #r "]\n"                                            \
    "  return %y, %best, %wide\n}\n"

typedef struct gpu_program {
    const char *name, *text;
    bool differentiable;
} gpu_program;

// Small, for evaluation. Sizes that no block divides are among them.
static const gpu_program small_programs[] = {
    {"softmax", SOFTMAX(24, 300), true},
    {"softmax of short rows", SOFTMAX(40, 19), true},
    {"softmax of one long row", SOFTMAX(1, 5000), false},
    {"cross-entropy", CROSS_ENTROPY(33, 200), true},
    {"layer norm", LAYER_NORM(150, 96), true},
    {"chain", CHAIN(37, 61), true},
    {"column sum", COLUMN_SUM(300, 70), true},
    {"total", TOTAL(50001), false},
    {"best", BEST(130, 170), false},
    {"take", TAKE(50, 20, 30), true},
    {"add at", ADD_AT(20, 10, 7), true},
    {"lorenz", LORENZ_SCALAR(50), true},
    {"batched lorenz", LORENZ_BATCHED(300, 20), false},
    {"while", HALVE, false},
    {"product", PRODUCT(f32, 20, 30, 15), true},
    {"product of integers", PRODUCT(s32, 20, 300, 15), false},
    {"bool", EACH_DTYPE("bool", "reduce_max"), false},
    {"s8", EACH_DTYPE("s8", "reduce_sum"), false},
    {"s16", EACH_DTYPE("s16", "reduce_sum"), false},
    {"s32", EACH_DTYPE("s32", "reduce_sum"), false},
    {"s64", EACH_DTYPE("s64", "reduce_sum"), false},
    {"u8", EACH_DTYPE("u8", "reduce_sum"), false},
    {"u16", EACH_DTYPE("u16", "reduce_sum"), false},
    {"u32", EACH_DTYPE("u32", "reduce_sum"), false},
    {"u64", EACH_DTYPE("u64", "reduce_sum"), false},
    {"f16", EACH_DTYPE("f16", "reduce_sum"), false},
    {"bf16", EACH_DTYPE("bf16", "reduce_sum"), false},
    {"softmax of f16", HALF_SOFTMAX("f16", 20, 300), true},
    {"softmax of bf16", HALF_SOFTMAX("bf16", 33, 19), true},
    {"f32", EACH_DTYPE("f32", "reduce_sum"), false},
    {"f64", EACH_DTYPE("f64", "reduce_sum"), false},
};

#endif
