"""Writes half_ops.inc: what JAX computes for public operations on f16 and bf16, in cases like those of ops.py.

    XLA_FLAGS=--xla_allow_excess_precision=false python half_ops.py > half_ops.inc
"""
import numpy as np
import ops
from ops import array, binary, case, cases, inputs, jax, jnp, lax, names, nn, unary, write

cases.clear()
names |= {"float16": "CV_F16", "bfloat16": "CV_BF16", "int8": "CV_S8", "uint8": "CV_U8", "int16": "CV_S16", "uint16": "CV_U16"}

# The inputs of ops.py, most of them in another dtype: x is bf16, y f16, and so on.
for name, dtype in dict(x="bfloat16", y="float16", m="bfloat16", t="float16", s="bfloat16", n="int8", k="int16",
                        u="uint8").items():
    inputs[name] = jnp.asarray(np.asarray(inputs[name]) % 200 if name == "u" else inputs[name]).astype(dtype)
globals().update(inputs)
f32 = jnp.float32

unary("neg=negative abs sign square", "x y n u")
unary("floor exp expm1 sin cos tan tanh", "x y")
unary("log log1p sqrt reciprocal", "s")
unary("exp sqrt", "n u")
unary("logistic=sigmoid softplus relu silu", "x y", "nn")
unary("isnan isfinite logical_not", "x s y")
binary("add sub=subtract mul=multiply div=divide maximum minimum", "x,y x,2 y,0.1 x,n y,n x,u n,u x,x y,y y,one")
binary("equal less greater_equal", "x,y y,n x,0.25")
binary("logical_and", "x,y")
for power in "2 3 -1".split():
    case(f"cv_pow(x, {power})", f"jnp.power(x, {power})")
case("cv_pow(cv_abs(x), y)", "jnp.power(jnp.abs(x), y)")
case("cv_where(b, y, 0.5)", "jnp.where(b, y, 0.5)")
case("cv_where(b, x, y)", "jnp.where(b, x, y)")
case("cv_clip(x, -1, 2.5)", "jnp.clip(x, -1, 2.5)")
for ours, theirs in (("F16", "float16"), ("BF16", "bfloat16"), ("F32", "float32"), ("S32", "int32"), ("S8", "int8"), ("BOOL", "bool_")):
    for operand in "x y n u m".split():
        case(f"cv_astype({operand}, CV_{ours})", f"{operand}.astype(jnp.{theirs})")
for name in "sum prod mean var std max min".split():
    for operand in "x t".split():
        case(f"cv_{name}({operand})", f"jnp.{name}({operand})")
    case(f"cv_{name}(t, .axis = CV_INTS(0, -1))", f"jnp.{name}(t, axis=(0, -1))")
for name in "sum prod max min".split():
    for operand in "n k u".split():
        case(f"cv_{name}({operand})", f"jnp.{name}({operand})")
case("cv_mean(u)", "jnp.mean(u)")
for name in "argmax argmin sort argsort".split():
    for operand in "x y s n u".split():
        case(f"cv_{name}({operand})", f"jnp.{name}({operand})")
for name in "sum max".split():
    for operand in "y n u".split():
        case(f"cv_cum{name}({operand})", f"lax.cum{name}({operand})")
for name in "softmax log_softmax logsumexp".split():
    case(f"cv_{name}(x)", f"nn.{name}(x)")
    # JAX rounds the sum of exponentials to f16, and loses most of a small logarithm: here all of it is in f32.
    case(f"cv_{name}(t, .axis = CV_INTS(1))", f"nn.{name}(t.astype(f32), axis=1).astype(t.dtype)")
case("cv_matmul(x, m)", "x @ m")
case("cv_matmul(y, m)", "y @ m")
case("cv_matmul(y, t)", "y @ t")
case("cv_matmul(y, n)", "y @ n")
case("cv_matmul(n, n)", "n @ n")
case("cv_dot(y, y)", "jnp.dot(y, y)")
case("cv_outer(x, n)", "jnp.outer(x, n)")
case("cv_take(y, n, .mode = CV_WRAP)", "jnp.take(y, n, mode='wrap')")
case("cv_take(x, u, .axis = CV_INTS(0))", "jnp.take(x, u, axis=0)")
case("cv_at_add(y, k, 0.5)", "y.at[k].add(0.5)")
case("cv_at_set(y, cv_index(n, 1), cv_astype(cv_index(cv_ravel(x), 0), CV_F16))", "y.at[n[1]].set(x.ravel()[0].astype(y.dtype))")
case("cv_index(y, cv_index(n, 2))", "y[n[2]]")
case("cv_concatenate(CV_LIST(y, cv_ravel(x)))", "jnp.concatenate([y, x.ravel()])")
case("cv_full(CV_BF16, CV_INTS(2), 0.1)", "jnp.full((2,), 0.1, jnp.bfloat16)")
case("cv_full(CV_F16, CV_INTS(2), 1e6)", "jnp.full((2,), 1e6, jnp.float16)")
case("cv_linspace(CV_F16, 0, 1, 4)", "jnp.linspace(0, 1, 4, dtype=jnp.float16)")
case("cv_add(x, cv_mul(2.0, x))", "x + 2.0 * x")

if __name__ == "__main__":
    write("half_ops.py", globals())
