"""Writes ops.inc: what JAX computes for the public operations, for tests/unit/test_ops.c.

A case is a call in C and the same call in JAX, on the inputs below. A row has dtype, weakness, shape and
values of the result, and the gradient by x of the sum of the result where both are floating.

    python ops.py > ops.inc
"""
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax.numpy import array

f32 = jnp.float32
x = array([[-1.5, 0.0, 0.25], [1.0, 2.0, 3.5]])
y = array([0.5, -2.0, 4.0])
m = array([[1.0, -2.0, 0.5, 3.0], [0.25, 1.5, -1.0, 2.0], [-0.5, 0.75, 4.0, -3.0]])
t = (jnp.arange(24.0) * 7 % 11 - 4).reshape(2, 3, 4)
s = array([jnp.inf, -jnp.inf, jnp.nan, -0.0, 0.0, 1.0])
n = array([5, -3, 0], dtype=jnp.int32)
k = array([[0, 2, 1], [2, -1, 0]], dtype=jnp.int32)
u = array([7, 0, 4000000000], dtype=jnp.uint32)
b = array([True, False, True])
i = array(-2, dtype=jnp.int32)
far = array([9, -1, -9, 1], dtype=jnp.int32)
one = jnp.ones((1, 3, 1))
inputs = dict(x=x, y=y, m=m, t=t, s=s, n=n, k=k, u=u, b=b, i=i, far=far, one=one)

cases = []


def case(c, python):
    cases.append((c, python))


def unary(names, operands, module="jnp"):
    for name in names.split():
        ours, theirs = (name.split("=") + [name])[:2]
        for operand in operands.split():
            case(f"cv_{ours}({operand})", f"{module}.{theirs}({operand})")


def binary(names, operands, module="jnp"):
    for name in names.split():
        ours, theirs = (name.split("=") + [name])[:2]
        for pair in operands.split():
            case(f"cv_{ours}({pair})".replace(",", ", "), f"{module}.{theirs}({pair})")


unary("neg=negative abs sign square", "x n")
unary("abs square", "u b 3 -2.5")
unary("floor ceil", "x n s b")
unary("exp expm1 sin cos tan tanh", "x n b 2")
unary("log log1p sqrt reciprocal", "s u 2.5")
unary("rsqrt", "s", "lax")
unary("logistic=sigmoid sigmoid softplus relu silu", "x s", "nn")
unary("relu", "n", "nn")
unary("isnan isfinite logical_not", "x s n b")
unary("bitwise_not", "n u b")
unary("stop_gradient", "x n", "lax")
binary("add sub=subtract mul=multiply maximum minimum", "x,y y,x x,n n,n x,2 0.1,x n,0.5 n,3 u,1 x,b n,b 2,3 2,0.5")
binary("add mul=multiply", "b,b")
binary("div=divide", "x,y n,n n,2 b,3 1,4 u,u")
binary("logical_and logical_or logical_xor", "x,y n,b b,b s,0")
binary("bitwise_and bitwise_or bitwise_xor", "n,6 b,b u,5 n,b")
binary("equal not_equal less less_equal greater greater_equal", "x,y n,n x,n s,s u,7 x,0.25")
for power in "0 1 2 3 5 -1 -2".split():
    case(f"cv_pow(x, {power})", f"jnp.power(x, {power})")
for pair in "n,3 n,0 2,n 2.0,x s,2 s,0.5 u,2 b,2 2,3".split():
    case(f"cv_pow({pair})".replace(",", ", "), f"jnp.power({pair})")
case("cv_pow(cv_abs(x), y)", "jnp.power(jnp.abs(x), y)")
case("cv_pow(cv_abs(x), 1.5)", "jnp.power(jnp.abs(x), 1.5)")
case("cv_pow(x, cv_abs(n))", "jnp.power(x, jnp.abs(n))")
case("cv_pow(n, cv_abs(n))", "jnp.power(n, jnp.abs(n))")
case("cv_pow(u, u)", "array([7**7, 1, 0], dtype=jnp.uint32)")  # by its definition: JAX reads 6 bits of the exponent
case("cv_pow(cv_add(n, 4), n)", "array([9**5, 1, 1], dtype=jnp.int32)")
case("cv_pow(cv_add(n, 4), -1.0)", "jnp.power(n + 4, -1.0)")
binary("where", "b,x,y n,x,0 b,1,0 b,1,2.5 1,n,x b,n,0.5 b,b,n b,u,1")
binary("clip", "x,0,2 x,-0.5,y n,-1,2 n,0.5,3 s,-1,1 x,0.0,1")
binary("clamp", "0,x,2 -0.5,x,1.0", "lax")
cases[-2:] = [("cv_clamp(0, x, 2)", "lax.clamp(0.0, x, 2.0)"), ("cv_clamp(-0.5, x, 1)", "lax.clamp(-0.5, x, 1.0)")]
case("cv_fma(x, y, 2)", "x * y + 2")
for dtype, name in dict(F32="float32", S32="int32", U32="uint32", BOOL="bool_").items():
    for operand in "x n b u".split():
        if (dtype, operand) != ("U32", "x"):
            case(f"cv_astype({operand}, CV_{dtype})", f"{operand}.astype(jnp.{name})")
case("cv_astype(s, CV_S32)", "s.astype(jnp.int32)")

for name in "zeros ones".split():
    case(f"cv_{name}(CV_F32, CV_INTS(2, 3))", f"jnp.{name}((2, 3))")
    case(f"cv_{name}(CV_S32, CV_SCALAR)", f"jnp.{name}((), int)")
    case(f"cv_{name}(CV_DTYPE_DEFAULT, CV_INTS(2, 0))", f"jnp.{name}((2, 0))")
    case(f"cv_{name}_like(x)", f"jnp.{name}_like(x)")
    case(f"cv_{name}_like(3)", f"jnp.{name}_like(3)")
case("cv_full(CV_F32, CV_INTS(2), 3)", "jnp.full((2,), 3, f32)")
case("cv_full(CV_DTYPE_DEFAULT, CV_INTS(2), 3)", "jnp.full((2,), 3)")
case("cv_full(CV_DTYPE_DEFAULT, CV_INTS(2, 3), y)", "jnp.full((2, 3), y)")
case("cv_full_like(x, 0.1)", "jnp.full_like(x, 0.1)")
case("cv_full_like(n, 2.7)", "jnp.full_like(n, 2.7)")
for a in ["0, 5, 1", "5, 0, -2", "0.0, 1, 0.3", "2, 2, 1", "-1, 2.5, 1", "3, 0, 1"]:
    case(f"cv_arange(CV_DTYPE_DEFAULT, {a})", f"jnp.arange({a})")
case("cv_arange(CV_F32, 0, 3, 1)", "jnp.arange(0, 3, 1, dtype=f32)")
for a in ["0, 1, 5", "2.5, -1.5, 4", "1, 2, 1", "1, 2, 0"]:
    case(f"cv_linspace(CV_DTYPE_DEFAULT, {a})", f"jnp.linspace({a})")
case("cv_linspace(CV_S32, 0, 10, 4)", "jnp.linspace(0, 10, 4, dtype=int)")
case("cv_linspace(CV_F32, cv_sum(x), cv_max(y), 3)", "jnp.linspace(jnp.sum(x), jnp.max(y), 3)")
for axis in (0, 1, -1):
    case(f"cv_iota(CV_S32, CV_INTS(2, 3), {axis})", f"lax.broadcasted_iota(jnp.int32, (2, 3), {axis % 2})")
case("cv_eye(CV_F32, 3)", "jnp.eye(3)")
case("cv_eye(CV_S32, 2, .m = 4, .k = 1)", "jnp.eye(2, 4, 1, dtype=int)")
case("cv_eye(CV_F32, 3, .k = -1)", "jnp.eye(3, k=-1)")
case("cv_tri(CV_F32, 3)", "jnp.tri(3)")
case("cv_tri(CV_BOOL, 2, .m = 4, .k = 1)", "jnp.tri(2, 4, 1, dtype=bool)")
for name in "tril triu".split():
    case(f"cv_{name}(t)", f"jnp.{name}(t)")
    case(f"cv_{name}(x, .k = -1)", f"jnp.{name}(x, -1)")
    case(f"cv_{name}(x, .k = 1)", f"jnp.{name}(x, 1)")
case("cv_one_hot(CV_F32, k, 3)", "nn.one_hot(k, 3)")
case("cv_one_hot(CV_S32, 1, 3)", "nn.one_hot(1, 3, dtype=int)")

case("cv_reshape(x, CV_INTS(3, 2))", "x.reshape(3, 2)")
case("cv_reshape(t, CV_INTS(2, -1))", "t.reshape(2, -1)")
case("cv_reshape(3, CV_INTS(1, 1))", "jnp.reshape(3, (1, 1))")
case("cv_ravel(t)", "jnp.ravel(t)")
case("cv_transpose(x)", "x.T")
case("cv_transpose(t, .axes = CV_INTS(1, 2, 0))", "jnp.transpose(t, (1, 2, 0))")
case("cv_transpose(t, .axes = CV_INTS(0, -1, 1))", "jnp.transpose(t, (0, -1, 1))")
case("cv_swapaxes(t, 0, -1)", "jnp.swapaxes(t, 0, -1)")
case("cv_moveaxis(t, 0, -1)", "jnp.moveaxis(t, 0, -1)")
case("cv_moveaxis(t, 2, 0)", "jnp.moveaxis(t, 2, 0)")
for axis in (0, 1, -1):
    case(f"cv_expand_dims(x, {axis})", f"jnp.expand_dims(x, {axis})")
case("cv_squeeze(one)", "jnp.squeeze(one)")
case("cv_squeeze(one, .axis = CV_INTS(-1))", "jnp.squeeze(one, -1)")
case("cv_broadcast_to(y, CV_INTS(2, 3))", "jnp.broadcast_to(y, (2, 3))")
case("cv_broadcast_to(one, CV_INTS(2, 3, 2))", "jnp.broadcast_to(one, (2, 3, 2))")
case("cv_flip(x)", "jnp.flip(x)")
case("cv_flip(x, .axis = CV_INTS(0))", "jnp.flip(x, 0)")
for shift in (1, -1, 7, 0):
    case(f"cv_roll(x, {shift})", f"jnp.roll(x, {shift})")
    case(f"cv_roll(x, {shift}, .axis = CV_INTS(1))", f"jnp.roll(x, {shift}, 1)")
case("cv_repeat(x, 2)", "jnp.repeat(x, 2)")
case("cv_repeat(x, 2, .axis = CV_INTS(-1))", "jnp.repeat(x, 2, -1)")
case("cv_repeat(x, 3, .axis = CV_INTS(0))", "jnp.repeat(x, 3, 0)")
case("cv_tile(x, CV_INTS(2))", "jnp.tile(x, 2)")
case("cv_tile(y, CV_INTS(2, 2))", "jnp.tile(y, (2, 2))")
case("cv_concatenate(CV_LIST(x, x))", "jnp.concatenate([x, x])")
case("cv_concatenate(CV_LIST(x, k), .axis = -1)", "jnp.concatenate([x, k], axis=-1)")
case("cv_stack(CV_LIST(y, n, b))", "jnp.stack([y, n, b])")
case("cv_stack(CV_LIST(y, n), .axis = -1)", "jnp.stack([y, n], axis=-1)")
case("cv_stack(CV_LIST(1, 2.5, cv_sum(x)))", "jnp.stack([1, 2.5, jnp.sum(x)])")
case("cv_stack(CV_LIST(1, 2))", "jnp.stack([1, 2])")
case("cv_slice(x, CV_INTS(0, 1), CV_INTS(2, 3))", "x[0:2, 1:3]")
case("cv_slice(t, CV_INTS(1), CV_INTS(CV_END))", "t[1:]")
case("cv_slice(t, CV_INTS(0, -2, 0), CV_INTS(2, CV_END, -1), .stride = CV_INTS(1, 1, 2))", "t[0:2, -2:, 0:-1:2]")
case("cv_slice(x, CV_INTS(1), CV_INTS(0))", "x[1:0]")
case("cv_pad(x, 7, CV_INTS(1, 0), CV_INTS(0, 2))", "lax.pad(x, 7.0, ((1, 0, 0), (0, 2, 0)))")
case("cv_pad(x, 0.5, CV_INTS(0, -1), CV_INTS(0, 1), .interior = CV_INTS(1, 2))", "lax.pad(x, 0.5, ((0, 0, 1), (-1, 1, 2)))")

for index in "1 -1 i".split():
    case(f"cv_index(t, {index})" if index != "i" else "cv_index(m, i)", f"t[{index}]" if index != "i" else "m[i]")
case("cv_index(m, cv_mul(i, 5))", "m[i * 5]")
case("cv_index(m, cv_mul(i, -5))", "m[i * -5]")
for mode, theirs in dict(CV_FILL="fill", CV_CLIP="clip").items():
    for axis in (None, 0, -1):
        c = f"cv_take(x, far, .mode = {mode}" + ("" if axis is None else f", .axis = CV_INTS({axis})") + ")"
        # jnp.take clips negative indices to 0; those that count from the end are resolved here before
        case(c, f"jnp.take(x, wrap(far, x, {axis}), axis={axis}, mode='{theirs}')")
case("cv_take(n, far)", "jnp.take(n, far)")
case("cv_take(u, far)", "jnp.take(u, far)")
case("cv_take(b, far)", "jnp.take(b, far)")
case("cv_take(x, 4)", "jnp.take(x, 4)")
case("cv_take(t, k, .axis = CV_INTS(1))", "jnp.take(t, k, axis=1)")
case("cv_take(t, -1, .axis = CV_INTS(2))", "jnp.take(t, -1, axis=2)")
case("cv_take_along_axis(x, k, .axis = CV_INTS(1))", "jnp.take_along_axis(x, k, axis=1)")
case("cv_take_along_axis(x, far)", "jnp.take_along_axis(x, far, axis=None)")
case("cv_take_along_axis(t, cv_expand_dims(k, -1), .axis = CV_INTS(1))", "jnp.take_along_axis(t, k[..., None], axis=1)")
case("cv_take_along_axis(x, cv_argmax(x, .axis = CV_INTS(1), .keepdims = true), .axis = CV_INTS(1))",
     "jnp.take_along_axis(x, jnp.argmax(x, axis=1, keepdims=True), axis=1)")
case("cv_dynamic_slice(t, CV_LIST(0, i, 1), CV_INTS(1, 2, 2))", "lax.dynamic_slice(t, (0, i, 1), (1, 2, 2))")
case("cv_dynamic_slice(t, CV_LIST(9, -1, i), CV_INTS(1, 2, 2))", "lax.dynamic_slice(t, (9, -1, i), (1, 2, 2))")
case("cv_dynamic_update_slice(x, cv_full(CV_F32, CV_INTS(1, 2), 9), CV_LIST(1, i))",
     "lax.dynamic_update_slice(x, jnp.full((1, 2), 9.0), (1, i))")
case("cv_at_set(m, i, y4)".replace("y4", "9"), "m.at[i].set(9)")
case("cv_at_set(x, 1, y)", "x.at[1].set(y)")
case("cv_at_set(m, far, 7)", "m.at[far].set(7)")
case("cv_at_add(x, -1, y)", "x.at[-1].add(y)")
case("cv_at_add(m, cv_ravel(k), 1)", "m.at[k.ravel()].add(1)")
case("cv_at_add(n, far, far)", "n.at[far].add(far)")
case("cv_at_add(y, k, x)", "y.at[k].add(x)")
for axis in (0, -1):
    case(f"cv_take(x, far, .mode = CV_WRAP, .axis = CV_INTS({axis}))", f"jnp.take(x, far, axis={axis}, mode='wrap')")
case("cv_take_along_axis(x, far, .mode = CV_WRAP)", "jnp.take(x.ravel(), far, mode='wrap')")
case("cv_take(t, cv_abs(k), .axis = CV_INTS(2), .mode = CV_PROMISE_IN_BOUNDS)", "jnp.take(t, abs(k), axis=2)")
case("cv_at_set(m, far, 7, .mode = CV_CLIP)", "m.at[far].set(7, mode='clip')")
case("cv_at_add(n, far, far, .mode = CV_WRAP)", "n.at[far % 3].add(far)")
case("cv_at_mul(cv_ravel(x), far, 3)", "x.ravel().at[far].multiply(3)")
case("cv_at_mul(y, cv_index(k, 0), cv_index(x, 0), .unique_indices = true)", "y.at[k[0]].multiply(x[0], unique_indices=True)")
case("cv_at_mul(n, far, far)", "n.at[far].multiply(far)")
for name in "max min".split():
    case(f"cv_at_{name}(y, k, x)", f"y.at[k].{name}(x)")
    case(f"cv_at_{name}(cv_ravel(x), far, 0.25)", f"x.ravel().at[far].{name}(0.25)")
    case(f"cv_at_{name}(u, cv_index(far, 3), 9)", f"u.at[1].{name}(9)")
    case(f"cv_scatter_{name}(y, cv_reshape(k, CV_INTS(6, 1)), cv_ravel(x), .inserted_window_dims = CV_INTS(0), "
         ".scatter_dims_to_operand_dims = CV_INTS(0))",
         f"lax.scatter_{name}(y, k.reshape(6, 1), x.ravel(), lax.ScatterDimensionNumbers((), (0,), (0,)))")
case("cv_scatter_mul(cv_ravel(x), cv_reshape(far, CV_INTS(4, 1)), y1, .inserted_window_dims = CV_INTS(0), "
     ".scatter_dims_to_operand_dims = CV_INTS(0))".replace("y1", "cv_astype(far, CV_F32)"),
     "lax.scatter_mul(x.ravel(), far[:, None], far.astype(f32), lax.ScatterDimensionNumbers((), (0,), (0,)))")
case("cv_gather(t, k, .slice_sizes = CV_INTS(1, 2, 1), .offset_dims = CV_INTS(1), .collapsed_slice_dims = CV_INTS(0, 2), "
     ".start_index_map = CV_INTS(0, 1, 2), .mode = CV_CLIP)",
     "lax.gather(t, k, lax.GatherDimensionNumbers((1,), (0, 2), (0, 1, 2)), (1, 2, 1), mode='clip')")
case("cv_scatter_add(m, cv_reshape(far, CV_INTS(4, 1)), cv_ones(CV_F32, CV_INTS(4, 4)), .update_window_dims = CV_INTS(1), "
     ".inserted_window_dims = CV_INTS(0), .scatter_dims_to_operand_dims = CV_INTS(0))",
     "lax.scatter_add(m, far[:, None], jnp.ones((4, 4)), lax.ScatterDimensionNumbers((1,), (0,), (0,)), mode='drop')")
case("cv_scatter(y, cv_reshape(i, CV_INTS(1)), 5.0, .inserted_window_dims = CV_INTS(0), "
     ".scatter_dims_to_operand_dims = CV_INTS(0), .mode = CV_CLIP)",
     "lax.scatter(y, i[None], 5.0, lax.ScatterDimensionNumbers((), (0,), (0,)), mode='clip')")

for name, theirs in dict(sum="jnp.sum", prod="jnp.prod", mean="jnp.mean", var="jnp.var", std="jnp.std", max="jnp.max", min="jnp.min", any="jnp.any",
                         all="jnp.all", logsumexp="nn.logsumexp", norm="norm").items():
    for operand in "x t n".split() if name not in ("any", "all") else "x n b".split():
        case(f"cv_{name}({operand})", f"{theirs}({operand})")
    case(f"cv_{name}(t, .axis = CV_INTS(0, -1))", f"{theirs}(t, axis=(0, -1))")
    case(f"cv_{name}(t, .axis = CV_INTS(1), .keepdims = true)", f"{theirs}(t, axis=(1,), keepdims=True)")
    case(f"cv_{name}(x, .keepdims = true)", f"{theirs}(x, axis=(0, 1), keepdims=True)")
for name in "sum prod mean max".split():
    case(f"cv_{name}(b)", f"jnp.{name}(b)")
    case(f"cv_{name}(3)", f"jnp.{name}(3)")
    case(f"cv_{name}(s)", f"jnp.{name}(s)")
    case(f"cv_{name}(x, .axis = CV_NO_INTS)", f"jnp.{name}(x, axis=())")
case("cv_sum(u)", "jnp.sum(u)")
case("cv_var(x, .ddof = 1)", "jnp.var(x, ddof=1)")
case("cv_var(x, .ddof = 3, .axis = CV_INTS(1))", "jnp.var(x, ddof=3, axis=1)")
case("cv_std(x, .ddof = 1, .axis = CV_INTS(0))", "jnp.std(x, ddof=1, axis=0)")
empty, ours = "jnp.zeros((2, 0))", "cv_zeros(CV_F32, CV_INTS(2, 0))"
for operand, axes in (("n", (0,)), ("k", (1,)), ("u", (0,)), ("b", (0,))):
    for name in "and or xor".split():
        axis = ", ".join(map(str, axes))
        case(f"cv_reduce_{name}({operand}, .axis = CV_INTS({axis}))", f"lax.reduce_{name}({operand}, {axes})")
for name in "sum prod mean any all".split():
    case(f"cv_{name}({ours}, .axis = CV_INTS(1))", f"jnp.{name}({empty}, axis=1)")
case(f"cv_max({ours}, .axis = CV_INTS(0))", f"jnp.max({empty}, axis=0)")
case(f"cv_logsumexp({ours}, .axis = CV_INTS(1))", "jnp.full((2,), -jnp.inf, f32)")
for name in "argmax argmin".split():
    for operand in "x t n s b".split():
        case(f"cv_{name}({operand})", f"jnp.{name}({operand})")
    case(f"cv_{name}(t, .axis = CV_INTS(-1))", f"jnp.{name}(t, axis=-1)")
    case(f"cv_{name}(x, .axis = CV_INTS(0), .keepdims = true)", f"jnp.{name}(x, axis=0, keepdims=True)")
    case(f"cv_{name}(x, .keepdims = true)", f"jnp.{name}(x, keepdims=True)")
case("cv_logsumexp(cv_full(CV_F32, CV_INTS(2), -INFINITY))", "nn.logsumexp(jnp.full((2,), -jnp.inf))")
case("cv_logsumexp(cv_mul(x, 1000))", "nn.logsumexp(x * 1000)")
for name in "softmax log_softmax".split():
    case(f"cv_{name}(x)", f"nn.{name}(x)")
    case(f"cv_{name}(cv_mul(x, 100.0), .axis = CV_INTS(0))", f"nn.{name}(x * 100.0, axis=0)")
    case(f"cv_{name}(t, .axis = CV_INTS(0, 2))", f"nn.{name}(t, axis=(0, 2))")
    case(f"cv_mul(cv_{name}(x), cv_mul(x, y))", f"nn.{name}(x) * (x * y)")

for name in "sum prod".split():
    for operand in "x y n u b".split():
        case(f"cv_cum{name}({operand})", f"jnp.cum{name}({operand})")
    case(f"cv_cum{name}(t, .axis = CV_INTS(1))", f"jnp.cum{name}(t, axis=1)")
    case(f"cv_cum{name}(x, .axis = CV_INTS(-1), .reverse = true)", f"lax.cum{name}(x, axis=1, reverse=True)")
for name in "max min logsumexp".split():
    for operand in "y u n".split()[:1 if name == "logsumexp" else 3]:
        case(f"cv_cum{name}({operand})", f"lax.cum{name}({operand})")
    case(f"cv_cum{name}(t, .axis = CV_INTS(1))", f"lax.cum{name}(t, axis=1)")
    case(f"cv_cum{name}(cv_mul(x, y), .axis = CV_INTS(-1), .reverse = true)", f"lax.cum{name}(x * y, axis=1, reverse=True)")
    case(f"cv_cum{name}(x, .axis = CV_INTS(0))", f"lax.cum{name}(x, axis=0)")
case("cv_cumlogsumexp(n)", "lax.cumlogsumexp(n.astype(f32))")

for operand in "x y s n u b k".split():
    case(f"cv_sort({operand})", f"jnp.sort({operand})")
    case(f"cv_argsort({operand})", f"jnp.argsort({operand})")
case("cv_sort(t, .axis = CV_INTS(1))", "jnp.sort(t, axis=1)")
case("cv_sort(x, .axis = CV_INTS(0), .descending = true)", "jnp.sort(x, axis=0, descending=True)")
case("cv_sort(cv_mul(x, y), .descending = true)", "jnp.sort(x * y, descending=True)")
case("cv_mul(cv_sort(cv_mul(x, y)), cv_add(x, y))", "jnp.sort(x * y) * (x + y)")
case("cv_argsort(t, .axis = CV_INTS(1))", "jnp.argsort(t, axis=1)")
case("cv_argsort(t, .axis = CV_INTS(0), .descending = true)", "jnp.argsort(t, axis=0, descending=True)")
case("cv_argsort(k, .descending = true)", "jnp.argsort(k, descending=True)")
for at in (0, 1):
    case(f"sort_two(k, x, {at})", f"lax.sort((k, x), num_keys=1)[{at}]")
    case(f"sort_two(t, cv_neg(t), {at})", f"lax.sort((t, -t), num_keys=1)[{at}]")
    case(f"top_two(x, {at})", f"lax.top_k(x, 2)[{at}]")
    case(f"top_two(k, {at})", f"lax.top_k(k, 2)[{at}]")
    case(f"top_two(s, {at})", f"lax.top_k(s, 2)[{at}]")
for side in "left right".split():
    right = ", .right = true" if side == "right" else ""
    case(f"cv_searchsorted(cv_sort(y), x{right})", f"jnp.searchsorted(jnp.sort(y), x, side='{side}')")
    case(f"cv_searchsorted(cv_sort(s), s{right})", f"jnp.searchsorted(jnp.sort(s), s, side='{side}')")
    case(f"cv_searchsorted(cv_sort(cv_ravel(k)), n{right})", f"jnp.searchsorted(jnp.sort(k.ravel()), n, side='{side}')")
    case(f"cv_searchsorted(cv_sort(cv_ravel(k)), 0.5{right})", f"jnp.searchsorted(jnp.sort(k.ravel()), 0.5, side='{side}')")

# JAX leaves the order of a reduction open: this is the row-major one.
def fold_in_order(operands, axis):
    def step(a, b):
        return (jnp.where(jnp.abs(a[0]) < jnp.abs(b[0]), b[0], a[0]), a[1] + a[0] * b[1]), None
    start = jnp.zeros(np.delete(operands[0].shape, axis)), jnp.ones(np.delete(operands[0].shape, axis))
    return lax.scan(step, start, tuple(jnp.moveaxis(a, axis, 0) for a in operands))[0]


for operands, theirs in (("x, cv_mul(x, x)", "(x, x * x)"), ("t, cv_abs(t)", "(t, jnp.abs(t))")):
    for axis in (0, 1):
        for at in (0, 1):
            case(f"fold_two({operands}, {axis}, {at})", f"fold_in_order({theirs}, {axis})[{at}]")
case("fold_alone(n)", "lax.reduce(n, jnp.int32(1), lax.mul, (0,))")

case("cv_matmul(x, m)", "x @ m")
case("cv_matmul(y, m)", "y @ m")
case("cv_matmul(x, y)", "x @ y")
case("cv_matmul(y, y)", "y @ y")
case("cv_matmul(x, t)", "x @ t")
case("cv_matmul(y, t)", "y @ t")
case("cv_matmul(cv_transpose(m), n)", "m.T @ n")
case("cv_matmul(cv_swapaxes(t, 1, 2), x)".replace("x)", "y)"), "jnp.swapaxes(t, 1, 2) @ y")
case("cv_matmul(cv_reshape(t, CV_INTS(2, 1, 3, 4)), cv_reshape(t, CV_INTS(1, 2, 4, 3)))",
     "t.reshape(2, 1, 3, 4) @ t.reshape(1, 2, 4, 3)")
case("cv_matmul(cv_reshape(t, CV_INTS(2, 1, 3, 4)), cv_reshape(t, CV_INTS(2, 1, 4, 3)))",
     "t.reshape(2, 1, 3, 4) @ t.reshape(2, 1, 4, 3)")
case("cv_matmul(cv_reshape(t, CV_INTS(2, 1, 3, 4)), cv_reshape(m, CV_INTS(4, 3)))", "t.reshape(2, 1, 3, 4) @ m.reshape(4, 3)")
case("cv_matmul(cv_reshape(m, CV_INTS(4, 3)), cv_reshape(t, CV_INTS(1, 2, 3, 4)))", "m.reshape(4, 3) @ t.reshape(1, 2, 3, 4)")
case("cv_matmul(cv_reshape(t, CV_INTS(3, 1, 2, 4)), cv_reshape(t, CV_INTS(2, 4, 3)))", "t.reshape(3, 1, 2, 4) @ t.reshape(2, 4, 3)")
case("cv_dot(x, m)", "jnp.dot(x, m)")
case("cv_dot(2, x)", "jnp.dot(2, x)")
case("cv_dot(y, y)", "jnp.dot(y, y)")
case("cv_dot(x, t)", "jnp.dot(x, t)")
case("cv_dot(x, n)", "jnp.dot(x, n)")
case("cv_vdot(x, cv_transpose(x))", "jnp.vdot(x, x.T)")
case("cv_vdot(n, y)", "jnp.vdot(n, y)")
case("cv_outer(x, n)", "jnp.outer(x, n)")
case("cv_outer(2, y)", "jnp.outer(2, y)")
case("cv_tensordot(x, m, .axes = 1)", "jnp.tensordot(x, m, 1)")
case("cv_tensordot(x, cv_transpose(t, .axes = CV_INTS(0, 1, 2)))", "jnp.tensordot(x, t, 2)")
case("cv_tensordot(x, t, .x_axes = CV_INTS(1, 0), .y_axes = CV_INTS(-2, 0))", "jnp.tensordot(x, t, ((1, 0), (-2, 0)))")
case("cv_tensordot(y, n, .x_axes = CV_NO_INTS, .y_axes = CV_NO_INTS)", "jnp.tensordot(y, n, 0)")
case("cv_dot_general(x, t, .lhs_contract = CV_INTS(1), .rhs_contract = CV_INTS(1), .lhs_batch = CV_INTS(0), "
     ".rhs_batch = CV_INTS(0))", "lax.dot_general(x, t, (((1,), (1,)), ((0,), (0,))))")


def norm(a, axis=None, keepdims=False):
    return jnp.sqrt(jnp.sum(jnp.square(a * 1.0), axis=axis, keepdims=keepdims))


def wrap(indices, a, axis):
    size = a.size if axis is None else a.shape[axis]
    return jnp.where(indices < 0, jnp.where(indices + size < 0, indices + size - 10**6, indices + size), indices)


names = {"float32": "CV_F32", "int32": "CV_S32", "uint32": "CV_U32", "bool": "CV_BOOL"}


def number(v):
    v = float(v)
    if np.isnan(v) or np.isinf(v):
        return {"nan": "NAN", "inf": "INFINITY", "-inf": "-INFINITY"}[str(v)]
    return repr(int(v)) if v == int(v) and abs(v) < 1e15 and not (v == 0 and np.signbit(v)) else repr(v)


def numbers(a):
    flat = np.asarray(a).ravel()
    return "V(" + ", ".join(map(number, flat)) + ")" if flat.size else "NONE"


def write(script, scope):
    """Prints the inputs and the cases, whose calls of JAX are evaluated in this scope."""
    print(f"// Made by {script} with JAX {jax.__version__}.")
    for name, value in inputs.items():
        shape = ", ".join(map(str, value.shape))
        print(f"INPUT({name}, {names[str(value.dtype)]}, {len(value.shape)}, D({shape or 1}), {numbers(value)})")
    for at, (c, python) in enumerate(cases):
        def run(x, python=python):
            return jnp.asarray(eval(python, scope | {"x": x}))
        r = run(inputs["x"])
        weak = "true" if r.weak_type and r.dtype != bool else "false"
        gradient = "NULL"
        # The derivative of abs at 0 is 1 in JAX and 0 here.
        if "abs(x)" not in c and jnp.issubdtype(r.dtype, jnp.floating) and " x" in " " + c.replace("(", " ").replace(",", " ") and "max(x)" not in c:
            gradient = numbers(jax.grad(lambda x: jnp.sum(run(x)))(inputs["x"]))
        shape = ", ".join(map(str, r.shape)) or "1"
        print(f"CASE({at}, ({c}), {names[str(r.dtype)]}, {weak}, {r.ndim}, D({shape}),\n     {numbers(r)},\n     {gradient})")


if __name__ == "__main__":
    write("ops.py", globals())
