"""Writes function_ops.inc: what JAX computes for functions, roundings, remainders and bits, in cases like those of
ops.py.

    python function_ops.py > function_ops.inc
"""
from ops import b, binary, case, cases, i, jax, jnp, k, lax, n, s, u, unary, write, x, y

cases.clear()

unary("exp2 cbrt arctan sinh cosh arcsinh", "x n b s 2")
unary("arcsin arccos arctanh", "b 0.25 s")
for name in "arcsin arccos arctanh".split():
    case(f"cv_{name}(cv_div(x, 4))", f"jnp.{name}(x / 4)")
case("cv_arccosh(cv_add(cv_square(x), 1.5))", "jnp.arccosh(x * x + 1.5)")
unary("arccosh", "s 2.5")
unary("erf erfc lgamma=gammaln digamma", "n s 2.5", "jax.scipy.special")
unary("erf erfc", "x", "jax.scipy.special")
case("cv_erf_inv(cv_div(x, 4))", "lax.erf_inv(x / 4)")
case("cv_erf_inv(s)", "lax.erf_inv(s)")
case("cv_lgamma(cv_add(cv_square(x), 2.25))", "lax.lgamma(x * x + 2.25)")
case("cv_digamma(cv_add(cv_square(x), 2.25))", "lax.digamma(x * x + 2.25)")
for order in range(3):
    case(f"cv_polygamma({order}, cv_add(cv_square(x), 1.5))", f"jax.scipy.special.polygamma({order}, x * x + 1.5)")
unary("bessel_i0e bessel_i1e", "x s", "lax")
unary("round", "x n s")
case("cv_round(cv_mul(x, 10))", "jnp.round(x * 10)")
case("cv_round_away(cv_mul(x, 10))", "lax.round(x * 10)")
binary("arctan2", "x,y y,x s,1 1,s n,2 b,x")
binary("nextafter", "x,y s,s n,1")
binary("fmod remainder floor_divide", "x,y y,x n,2 n,-3 k,n x,0.75 u,3")
case("cv_floor_divide(cv_mul(x, 100), -0.3)", "jnp.floor_divide(x * 100, -0.3)")
binary("left_shift right_shift", "n,2 u,3 k,1 n,40")
case("cv_shift_right_logical(n, 1)", "lax.shift_right_logical(n, jnp.full_like(n, 1))")
unary("population_count clz", "n u", "lax")
case("cv_bitcast_convert(x, CV_S32)", "lax.bitcast_convert_type(x, jnp.int32)")
case("cv_astype(cv_bitcast_convert(x, CV_U8), CV_S32)", "lax.bitcast_convert_type(x, jnp.uint8).astype(jnp.int32)")
case("cv_bitcast_convert(cv_bitcast_convert(s, CV_U16), CV_F32)", "s + 0")
case("cv_rem(k, n)", "lax.rem(k, jnp.broadcast_to(n, k.shape))")
case("cv_rem(x, y)", "lax.rem(x, jnp.broadcast_to(y, x.shape))")
case("cv_pow(x, 3)", "lax.integer_pow(x, 3)")
case("cv_pow(y, -2)", "lax.integer_pow(y, -2)")

binary("gcd lcm", "n,2 u,3 k,n n,n k,12 n,0 6,4")
binary("copysign", "x,y n,-1.5 x,n s,-2.5")
unary("signbit", "x n u b s")
unary("iscomplex isreal", "x n")
unary("i0", "x n 2.5")
case("cv_gcd(cv_mul(n, 123456), 7560)", "jnp.gcd(n * 123456, 7560)")
case("cv_signbit(cv_mul(x, 0))", "jnp.signbit(x * 0)")
for value in "xns":
    case(f"cv_gelu({value}, .exact = true)", f"jax.nn.gelu({value}, approximate=False)")
case("cv_gelu(cv_mul(x, 4), .exact = true)", "jax.nn.gelu(x * 4, approximate=False)")

if __name__ == "__main__":
    write("function_ops.py", globals())
