"""Writes complex_ops.inc: what JAX computes with complex numbers, for tests/unit/test_complex_ops.c.

A case is a call in C and the same in JAX, on the inputs below. A row has dtype, weakness, shape and values of
the result and, where it depends on z differentiably, the cotangent of z for a cotangent of ones and the tangent of
the result for the tangent dz. All values are complex; those of real results have imaginary parts 0.

    python complex_ops.py > complex_ops.inc
"""
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax.numpy import array

z = array([[0.5 + 1j, -1.25 - 0.5j, 2 + 0.25j], [-0.75 + 2j, 1 - 1.5j, 0.25 + 0.125j]], jnp.complex64)
w = array([1 - 1j, 0.5 + 2j, -1.5 + 0.25j], jnp.complex64)
m = array([[1j, 2], [0.5 - 0.5j, -1], [3, 1 + 1j]], jnp.complex64)
x = array([0.5, -2.0, 1.5], jnp.float32)
n = array([2, -1, 3], jnp.int32)
dz = array([[1 - 2j, 0.5j, 0.25], [-1 + 1j, 0.5 + 0.25j, 2 - 1j]], jnp.complex64)
inputs = dict(z=z, w=w, m=m, x=x, n=n, dz=dz)
cases = []


def case(c, python):
    cases.append((c, python))


def horner(z, w):
    """A scan whose carry and inputs are complex."""
    return lax.scan(lambda p, c: (p * z + c, jnp.abs(p)), jnp.zeros_like(z), w)


def julia(z):
    """A while loop: each element is squared and moved until one is large."""
    def body(carry):
        i, v = carry
        return i + 1, v * v + z * (0.25 - 0.5j)
    return lax.while_loop(lambda c: (c[0] < 6) & (jnp.max(jnp.abs(c[1])) < 50), body, (0, z))[1]


def turned(z):
    """A conditional within a scan, whose carry is a complex number and a real one."""
    def body(carry, row):
        total, length = carry
        moved = lax.cond(length > 1.5, lambda t: t * 1j, lambda t: jnp.conj(t) + row, total)
        return (moved, length + jnp.sum(jnp.abs(row))), moved * length
    return lax.scan(body, (jnp.zeros((3,), jnp.complex64), jnp.float32(0)), z)[1]


for name, theirs in dict(neg="negative", abs="abs", sign="sign", square="square", real="real", imag="imag", conj="conj",
                         angle="angle", exp="exp", expm1="expm1", log="log", log1p="log1p", sqrt="sqrt", sin="sin",
                         cos="cos", tanh="tanh", tan="tan", arcsin="arcsin", arccos="arccos", arctan="arctan",
                         sinh="sinh", cosh="cosh", arcsinh="arcsinh", arccosh="arccosh", arctanh="arctanh", exp2="exp2",
                         log2="log2", log10="log10", sinc="sinc", isinf="isinf", positive="positive", reciprocal="reciprocal", isnan="isnan", isfinite="isfinite",
                         logical_not="logical_not").items():
    case(f"cv_{name}(z)", f"jnp.{theirs}(z)")
for name in "real imag conj angle".split():
    case(f"cv_{name}(x)", f"jnp.{name}(x)")
for name in "real imag conj".split():
    case(f"cv_{name}(n)", f"jnp.{name}(n)" if name != "conj" else "n")
for name in "arcsin arctan sinh cosh tan arcsinh arctanh exp2".split():  # on the axes, and on branch cuts
    case(f"cv_{name}(cv_complex(x, 0))", f"jnp.{name}(lax.complex(x, jnp.zeros(3, jnp.float32)))")
    case(f"cv_{name}(cv_complex(0, x))", f"jnp.{name}(lax.complex(jnp.zeros(3, jnp.float32), x))")
case("cv_rsqrt(z)", "lax.rsqrt(z)")
case("cv_logistic(z)", "lax.logistic(z)")
case("cv_stop_gradient(z)", "lax.stop_gradient(z)")
for name, theirs in dict(add="add", sub="subtract", mul="multiply", div="divide", equal="equal", not_equal="not_equal").items():
    for pair in "z, w|w, z|z, x|n, z|z, 2|2.5, z|z, 1.5 + 0.5 * J".split("|"):
        case(f"cv_{name}({pair})", f"jnp.{theirs}({pair.replace('0.5 * J', '0.5j')})")
case("cv_add(x, 2 * J)", "jnp.add(x, 2j)")
case("cv_mul(n, 1 + J)", "jnp.multiply(n, 1 + 1j)")
case("cv_mul(J, 2)", "jnp.multiply(1j, 2)")
case("cv_add(J, x)", "jnp.add(1j, x)")
case("cv_complex(x, 2)", "lax.complex(x, jnp.full((3,), 2.0, jnp.float32))")
case("cv_pow(z, w)", "jnp.power(z, w)")
case("cv_pow(z, 3)", "z ** 3")
case("cv_pow(z, -2)", "z ** -2")
case("cv_pow(z, 0.5)", "jnp.power(z, 0.5)")
case("cv_pow(x, 1 + J)", "jnp.power(x, 1 + 1j)")
case("cv_where(cv_less(x, 0), z, w)", "jnp.where(x < 0, z, w)")
case("cv_where(cv_less(x, 0), z, 0)", "jnp.where(x < 0, z, 0)")
case("cv_astype(z, CV_F32)", "lax.convert_element_type(z, jnp.float32)")
case("cv_astype(z, CV_BOOL)", "z.astype(bool)")
case("cv_astype(x, CV_C64)", "x.astype(jnp.complex64)")
for name in "maximum minimum less less_equal greater greater_equal".split():
    case(f"cv_{name}(z, w)", f"jnp.{name}(z, w)")
    case(f"cv_{name}(z, cv_real(z))", f"jnp.{name}(z, z.real)")
for name in "logaddexp logaddexp2".split():
    case(f"cv_{name}(z, w)", f"jnp.{name}(z, w)")
    case(f"cv_{name}(cv_mul(z, 4), w)", f"jnp.{name}(z * 4, w)")
for name in "logsumexp softmax log_softmax".split():
    case(f"cv_{name}(z)", f"nn.{name}(z)")
    case(f"cv_{name}(z, .axis = CV_INTS(1))", f"nn.{name}(z, axis=1)")
for name in "cumsum cumprod cumlogsumexp".split():
    case(f"cv_{name}(z, .axis = CV_INTS(1))", f"lax.{name}(z, 1)")
    case(f"cv_{name}(z, .axis = CV_INTS(0), .reverse = true)", f"lax.{name}(z, 0, reverse=True)")
for name in "max min".split():
    case(f"cv_{name}(z)", f"jnp.{name}(z)")
    case(f"cv_{name}(cv_complex(cv_sign(cv_real(z)), cv_imag(z)), .axis = CV_INTS(1))",
         f"jnp.{name}(lax.complex(jnp.sign(z.real), z.imag), axis=1)")
    case(f"cv_cum{name}(z, .axis = CV_INTS(1))", f"lax.cum{name}(z, 1)")
    case(f"cv_cum{name}(cv_complex(cv_sign(cv_real(z)), cv_imag(z)), .axis = CV_INTS(0), .reverse = true)",
         f"lax.cum{name}(lax.complex(jnp.sign(z.real), z.imag), 0, reverse=True)")
for order, theirs in {"1": "1", "-1": "-1", "INFINITY": "jnp.inf", "-INFINITY": "-jnp.inf"}.items():
    case(f"cv_norm(z, .ord = {order})", f"jnp.linalg.norm(z, {theirs})")
    case(f"cv_norm(z, .ord = {order}, .axis = CV_INTS(1))", f"jnp.linalg.norm(z, {theirs}, axis=1)")
for name in "sum prod mean var std any all".split():
    case(f"cv_{name}(z)", f"jnp.{name}(z)")
    case(f"cv_{name}(z, .axis = CV_INTS(1))", f"jnp.{name}(z, axis=1)")
case("cv_norm(z)", "jnp.sqrt(jnp.sum(jnp.abs(z) ** 2))")
case("cv_matmul(z, m)", "z @ m")
case("cv_matmul(z, x)", "z @ x")
case("cv_vdot(z, cv_add(z, J))", "jnp.vdot(z, z + 1j)")
case("cv_vdot(w, x)", "jnp.vdot(w, x)")
case("cv_outer(w, z)", "jnp.outer(w, z)")
case("cv_transpose(z)", "z.T")
case("cv_concatenate(CV_LIST(z, cv_conj(z)), .axis = 1)", "jnp.concatenate([z, jnp.conj(z)], 1)")
case("cv_pad(z, J, CV_INTS(1, 0), CV_INTS(0, 2))", "jnp.pad(z, ((1, 0), (0, 2)), constant_values=1j)")
case("cv_flip(z)", "jnp.flip(z)")
case("cv_index(z, 1)", "z[1]")
case("cv_eye(CV_C64, 2)", "jnp.eye(2, dtype=jnp.complex64)")
case("cv_full(CV_DTYPE_DEFAULT, CV_INTS(2), 1 - J)", "jnp.full((2,), 1 - 1j)")
case("cv_zeros_like(z)", "jnp.zeros_like(z)")
case("horner(z, w)", "horner(z, w)[0]")
case("horner_sizes(z, w)", "horner(z, w)[1]")
case("julia(z)", "julia(z)")
case("turned(z)", "turned(z)")
case("cv_real(cv_mul(cv_exp(cv_mul(z, J)), cv_conj(z)))", "jnp.real(jnp.exp(z * 1j) * jnp.conj(z))")
case("cv_abs(cv_div(cv_sub(z, J), cv_add(z, 2 * J)))", "jnp.abs((z - 1j) / (z + 2j))")

names = {"float32": "CV_F32", "int32": "CV_S32", "bool": "CV_BOOL", "complex64": "CV_C64"}


def part(v):
    v = float(v)
    if np.isnan(v) or np.isinf(v):
        return {"nan": "NAN", "inf": "INFINITY", "-inf": "-INFINITY"}[str(v)]
    return repr(v)


def numbers(a):
    flat = np.asarray(a).ravel().astype(np.complex128)
    return "V(" + ", ".join(f"{part(v.real)}, {part(v.imag)}" for v in flat) + ")"


print("// Made by complex_ops.py with JAX " + jax.__version__ + ".")
for name, value in inputs.items():
    print(f"INPUT({name}, {names[str(value.dtype)]}, {value.ndim}, D({', '.join(map(str, value.shape))}), {numbers(value)})")
for at, (c, python) in enumerate(cases):
    def run(z, python=python):
        return jnp.asarray(eval(python, globals() | {"z": z}))
    r = run(z)
    weak = "true" if r.weak_type and r.dtype != bool else "false"
    tangent = cotangent = "NULL"
    smooth = "imum" not in c and "softmax" not in c and "cumm" not in c  # JAX has no derivative of those
    if smooth and jnp.issubdtype(r.dtype, jnp.inexact) and "z" in c.replace("zeros", ""):
        tangent = numbers(jax.jvp(run, (z,), (dz,))[1])
        if "julia" not in c:  # a while loop has no reverse mode
            cotangent = numbers(jax.vjp(run, z)[1](jnp.ones_like(r))[0])
    shape = ", ".join(map(str, r.shape)) or "1"
    print(f"CASE({at}, ({c}), {names[str(r.dtype)]}, {weak}, {r.ndim}, D({shape}),\n     {numbers(r)},\n     {tangent},\n     {cotangent})")
