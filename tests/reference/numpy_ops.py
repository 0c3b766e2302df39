"""Writes numpy_ops.inc: what JAX computes for more of jax.numpy and jax.nn, in cases like those of ops.py.

    python numpy_ops.py > numpy_ops.inc
"""
import numpy as np
from ops import array, b, binary, case, cases, f32, far, i, jax, jnp, k, lax, m, n, nn, one, s, t, u, unary, write, x, y

cases.clear()


def parts(c, python, results):
    """A call of C that fills `o`, and the list or tuple that JAX returns: a case for each of the results."""
    for at in range(results):
        case(f"({{ cv_val o[8]; {c}; o[{at}]; }})", f"({python})[{at}]")


# Operands of einsum, in C and in Python.
operands = dict(
    y0=("cv_index(y, 0)", "y[0]"), mT=("cv_transpose(m)", "m.T"), t0=("cv_index(t, 0)", "t[0]"), t1=("cv_index(t, 1)", "t[1]"),
    square=("cv_matmul(cv_transpose(x), x)", "(x.T @ x)"), row=("cv_reshape(y, CV_INTS(1, 3))", "y[None]"),
    column=("cv_reshape(y, CV_INTS(3, 1))", "y[:, None]"), truth=("cv_greater(x, 0)", "(x > 0)"),
    pairs=("cv_outer(cv_slice(x, CV_INTS(0), CV_INTS(1)), y)", "jnp.outer(x[:1], y)"),
    slices=("cv_matmul(cv_swapaxes(t, 1, 2), cv_reshape(x, CV_INTS(3, 2)))", "(jnp.swapaxes(t, 1, 2) @ x.reshape(3, 2))"),
    cube=("cv_stack(CV_LIST(x, cv_mul(x, x)))", "jnp.stack([x, x * x])"), x1=("cv_expand_dims(x, 2)", "x[:, :, None]"))
for text, names in [
        ("ij,jk->ik", "x m"), ("ij,jk", "x m"), ("ij", "x"), ("ji", "x"), ("ij->ji", "x"), ("ij->", "x"), ("ij->j", "x"), ("i,i", "y y"),
        ("i,j", "y n"), ("i,i->i", "y n"), ("i,ij,kj->k", "y m t0"), ("ij,kj->ik", "x x"), ("bij,bkj->bik", "t t"), ("...ij,kj", "t t0"),
        ("...j,jk->...k", "x m"), ("i...,i...->...", "x x"), ("...", "x"), ("...->", "x"), ("i...->i", "t"), ("...i->i...", "t"),
        ("...ij,...ij->...", "t x1"), ("ii", "square"), ("ii->i", "square"), ("ii,i", "square y"), ("aab->b", "cube"), ("aba", "slices"),
        ("aba->ab", "slices"), (" i j , j k -> i k ", "x m"), ("ij,ij->ij", "x row"), ("ij,jk->ik", "x column"), ("ij,jk->ik", "column x"),
        ("aB,Bc", "x m"), ("ab,bc,dc,de->ae", "x m m m"), (",", "2 y0"), ("i->", "b"), ("ij,j", "truth b"), ("ab,cd,bd->ac", "x t0 t1"),
        ("abc,bd,ad->cd", "t square x"), ("i,...", "y x"), ("i...,...j->j", "y x"), ("a,a,a,a->a", "y y y n")]:
    given = [operands.get(name, (name, name)) for name in names.split()]
    case(f'cv_einsum("{text}", {", ".join(c for c, _ in given)})', f'jnp.einsum("{text}", {", ".join(p for _, p in given)})')
case("cv_multi_dot(CV_LIST(x, m, cv_transpose(m), y))", "jnp.linalg.multi_dot([x, m, m.T, y])")
case("cv_multi_dot(CV_LIST(x, m))", "jnp.linalg.multi_dot([x, m])")

# linear.c, products.c
binary("inner", "x,y y,y x,x 2,x n,y")
case("cv_inner(t, m)", "jnp.inner(t, m)")
case("cv_matvec(t, cv_index(m, 0))", "jnp.matvec(t, m[0])")
case("cv_matvec(t, cv_stack(CV_LIST(cv_index(m, 0), cv_index(m, 1))))", "jnp.matvec(t, m[:2])")
case("cv_vecmat(x, t)", "jnp.vecmat(x, t)")
case("cv_vecmat(y, m)", "jnp.vecmat(y, m)")
case("cv_vecdot(x, y)", "jnp.vecdot(x, y)")
case("cv_vecdot(x, x, .axis = CV_INTS(0))", "jnp.vecdot(x, x, axis=0)")
case("cv_vecdot(t, m, .axis = CV_INTS(-2))", "jnp.vecdot(t, m, axis=-2)")
binary("kron", "x,y y,x y,n 2,x x,k")
case("cv_cross(x, y)", "jnp.cross(x, y)")
case("cv_cross(y, n)", "jnp.cross(y, n)")
case("cv_cross(cv_transpose(x), cv_reshape(y, CV_INTS(3, 1)), .axis = CV_INTS(0))", "jnp.cross(x.T, y[:, None], axis=0)")
case("cv_cross(cv_transpose(x), cv_flip(cv_transpose(x), .axis = CV_INTS(0)))", "x.T[:, 0] * x.T[::-1, 1] - x.T[:, 1] * x.T[::-1, 0]")
long, short = "cv_ravel(x)", "x.ravel()"
for mode in "valid same full".split():
    option = f".mode = CV_{mode.upper()}"
    for name in "convolve correlate".split():
        case(f"cv_{name}({long}, y, {option})", f"jnp.{name}({short}, y, mode='{mode}')")
        case(f"cv_{name}(y, {long}, {option})", f"jnp.{name}(y, {short}, mode='{mode}')")
        case(f"cv_{name}({long}, cv_index(m, 0), {option})", f"jnp.{name}({short}, m[0], mode='{mode}')")
        case(f"cv_{name}(cv_index(m, 0), {long}, {option})", f"jnp.{name}(m[0], {short}, mode='{mode}')")
case(f"cv_convolve({long}, y)", f"jnp.convolve({short}, y)")
case(f"cv_correlate({long}, y)", f"jnp.correlate({short}, y)")
case("cv_convolve(n, n)", "jnp.convolve(n, n)")
binary("polyval", "y,x y,2 n,y n,n")
case("cv_polyval(cv_ravel(x), y)", "jnp.polyval(x.ravel(), y)")
# away from 0, where JAX's derivative is NaN
case("cv_vander(cv_add(cv_ravel(x), 0.5))", "jnp.vander(x.ravel() + 0.5)")
case("cv_vander(cv_sub(cv_ravel(x), 0.5), .n = 3)", "jnp.vander(x.ravel() - 0.5, 3)")
case("cv_vander(n, .n = 4, .increasing = true)", "jnp.vander(n, 4, increasing=True)")
for power in range(6):
    case(f"cv_matrix_power(cv_matmul(cv_transpose(x), x), {power})", f"jnp.linalg.matrix_power(x.T @ x, {power})")

# diagonal.c
for offset in (0, 1, -1, 2, -5, 7):
    case(f"cv_diagonal(x, .k = {offset})", f"jnp.diagonal(x, {offset})")
    case(f"cv_trace(x, .k = {offset})", f"jnp.trace(x, {offset})")
    case(f"cv_diag(x, .k = {offset})", f"jnp.diag(x, {offset})")
for offset in (0, 1, -2):
    case(f"cv_diag(y, .k = {offset})", f"jnp.diag(y, {offset})")
    case(f"cv_diag(cv_index(x, 1), .k = {offset})", f"jnp.diag(x[1], {offset})")
case("cv_diagonal(t, .axis1 = 1, .axis2 = 2)", "jnp.diagonal(t, axis1=1, axis2=2)")
case("cv_diagonal(t, .axis1 = -1, .axis2 = 0, .k = -1)", "jnp.diagonal(t, -1, -1, 0)")
case("cv_diagonal(t)", "jnp.diagonal(t)")
case("cv_trace(t, .axis1 = 2, .axis2 = 1)", "jnp.trace(t, axis1=2, axis2=1)")
case("cv_trace(k)", "jnp.trace(k)")
case("cv_diagflat(k)", "jnp.diagflat(k)")
case("cv_diagflat(x, .k = 1)", "jnp.diagflat(x, 1)")
case("cv_fill_diagonal(x, 7)", "jnp.fill_diagonal(x, 7, inplace=False)")
case("cv_fill_diagonal(x, cv_index(y, 0))", "jnp.fill_diagonal(x, y[0], inplace=False)")
for name in "tril triu".split():
    parts(f"cv_{name}_indices(3, o)", f"jnp.{name}_indices(3)", 2)
    parts(f"cv_{name}_indices(3, o, .m = 5, .k = 1)", f"jnp.{name}_indices(3, 1, 5)", 2)
    parts(f"cv_{name}_indices(4, o, .m = 2, .k = -1)", f"jnp.{name}_indices(4, -1, 2)", 2)
parts("cv_diag_indices(3, o)", "jnp.diag_indices(3)", 2)

# grids.c
case("cv_linspace(CV_F32, 0, 2, 5, .exclude_stop = true)", "jnp.linspace(0, 2, 5, endpoint=False)")
case("cv_logspace(CV_F32, 0, 2, 5, 10)", "jnp.logspace(0, 2, 5)")
case("cv_logspace(CV_F32, 0, 2, 4, 2, .exclude_stop = true)", "jnp.logspace(0, 2, 4, endpoint=False, base=2.0)")
case("cv_geomspace(CV_F32, 1, 1000, 4)", "jnp.geomspace(1, 1000, 4)")
case("cv_geomspace(CV_F32, -2, -32, 5)", "jnp.geomspace(-2, -32, 5)")
case("cv_geomspace(CV_F32, 1, 16, 4, .exclude_stop = true)", "jnp.geomspace(1, 16, 4, endpoint=False)")
case("cv_geomspace(CV_F32, 3, 16, 1)", "jnp.geomspace(3, 16, 1)")
for options, theirs in {"": "", ", .indexing = CV_IJ": ", indexing='ij'", ", .sparse = true": ", sparse=True"}.items():
    parts(f"cv_meshgrid(CV_LIST(y, n), o{options})", f"jnp.meshgrid(y, n{theirs})", 2)
    parts(f"cv_meshgrid(CV_LIST(cv_ravel(x), cv_s32(2), b), o{options})", f"jnp.meshgrid(x.ravel(), array([2]), b{theirs})", 3)
parts("cv_meshgrid(CV_LIST(y), o)", "jnp.meshgrid(y)", 1)
case("cv_indices(CV_S32, CV_INTS(2, 3))", "jnp.indices((2, 3))")
case("cv_indices(CV_F32, CV_INTS(2))", "jnp.indices((2,), f32)")
for name in "bartlett blackman hamming hanning".split():
    for size in (1, 2, 6):
        case(f"cv_{name}({size})", f"jnp.{name}({size})")

# stack.c
for name in "atleast_1d atleast_2d atleast_3d".split():
    for operand in "3 y x t".split():
        case(f"cv_{name}({operand})", f"jnp.{name}({operand})")
for name in "vstack hstack dstack column_stack".split():
    case(f"cv_{name}(CV_LIST(x, x))", f"jnp.{name}([x, x])")
    case(f"cv_{name}(CV_LIST(y, n, b))", f"jnp.{name}([y, n, b])")
    case(f"cv_{name}(CV_LIST(1, 2.5, 3))", f"jnp.{name}([1, 2.5, 3])")
case("cv_column_stack(CV_LIST(y, cv_transpose(x), n))", "jnp.column_stack([y, x.T, n])")
case("cv_append(x, y)", "jnp.append(x, y)")
case("cv_append(x, k, .axis = CV_INTS(0))", "jnp.append(x, k, axis=0)")
case("cv_append(x, x, .axis = CV_INTS(-1))", "jnp.append(x, x, axis=-1)")
case("cv_append(n, 2)", "jnp.append(n, 2)")
for at in (0, -1, 2):
    case(f"cv_delete(x, {at})", f"jnp.delete(x, {at})")
    case(f"cv_delete(x, {at}, .axis = CV_INTS(1))", f"jnp.delete(x, {at}, axis=1)")
    case(f"cv_insert(x, {at}, 9)", f"jnp.insert(x, {at}, 9)")
    case(f"cv_insert(x, {at}, 9, .axis = CV_INTS(1))", f"jnp.insert(x, {at}, 9, axis=1)")
    case(f"cv_insert(x, {at}, y, .axis = CV_INTS(0))", f"jnp.insert(x, {at}, y, axis=0)")
    case(f"cv_insert(y, {at}, n)", f"jnp.insert(y, {at}, n)")
parts("cv_broadcast_arrays(CV_LIST(x, n, 2), o)", "jnp.broadcast_arrays(x, n, 2)", 3)
parts("cv_array_split(cv_ravel(x), 4, o)", "jnp.array_split(x.ravel(), 4)", 4)
parts("cv_array_split(x, 2, o, .axis = 1)", "jnp.array_split(x, 2, axis=1)", 2)
parts("cv_vsplit(x, 2, o)", "jnp.vsplit(x, 2)", 2)
parts("cv_hsplit(x, 3, o)", "jnp.hsplit(x, 3)", 3)
parts("cv_hsplit(cv_ravel(x), 3, o)", "jnp.hsplit(x.ravel(), 3)", 3)
parts("cv_dsplit(t, 2, o)", "jnp.dsplit(t, 2)", 2)
parts("cv_split_points(x, CV_INTS(1, -1), o, .axis = 1)", "jnp.split(x, [1, -1], axis=1)", 3)
parts("cv_split_points(cv_ravel(x), CV_INTS(2, 2, 5), o)", "jnp.split(x.ravel(), [2, 2, 5])", 4)
parts("cv_unstack(x, 2, o)", "jnp.unstack(x)", 2)
parts("cv_unstack(x, 3, o, .axis = -1)", "jnp.unstack(x, axis=-1)", 3)

# arrange.c
case("cv_flipud(x)", "jnp.flipud(x)")
case("cv_fliplr(x)", "jnp.fliplr(x)")
for turns in (0, 1, 2, 3, -1, 5):
    case(f"cv_rot90(x, {turns})", f"jnp.rot90(x, {turns})")
case("cv_rot90(t, 1, .axes = CV_INTS(2, 0))", "jnp.rot90(t, 1, (2, 0))")
case("cv_matrix_transpose(t)", "jnp.matrix_transpose(t)")
case("cv_rollaxis(t, 2, 0)", "jnp.rollaxis(t, 2)")
case("cv_rollaxis(t, 0, 3)", "jnp.rollaxis(t, 0, 3)")
case("cv_rollaxis(t, 0, 2)", "jnp.rollaxis(t, 0, 2)")
case("cv_resize(x, CV_INTS(3, 3))", "jnp.resize(x, (3, 3))")
case("cv_resize(x, CV_INTS(4))", "jnp.resize(x, 4)")
for mode in "edge reflect symmetric wrap".split():
    ours = f".mode = CV_PAD_{mode.upper()}"
    for low, high in (((1, 2), (1, 0)), ((0, 0), (2, 1)), ((3, 4), (5, 7))):
        case(f"cv_pad(x, 0, CV_INTS({low[0]}, {low[1]}), CV_INTS({high[0]}, {high[1]}), {ours})",
             f"jnp.pad(x, (({low[0]}, {high[0]}), ({low[1]}, {high[1]})), mode='{mode}')")
    case(f"cv_pad(cv_slice(n, CV_INTS(0), CV_INTS(1)), 0, CV_INTS(2), CV_INTS(1), {ours})", f"jnp.pad(n[:1], ((2, 1),), mode='{mode}')")

# numbers.c
unary("positive trunc", "x n s 2")
unary("fix=trunc", "x")
unary("isinf isposinf isneginf", "x s n b")
unary("deg2rad radians rad2deg degrees", "x n 2")
unary("log2 log10", "s u")
unary("sinc", "x n")
binary("fmax fmin", "x,y s,1 1,s x,n n,2 x,x u,1")
binary("heaviside", "x,y s,0.5 n,2")
binary("hypot", "x,y n,n s,1 x,3 s,s")
case("cv_hypot(cv_mul(y, 1e30), cv_mul(y, 2e30))", "jnp.hypot(y * 1e30, y * 2e30)")
binary("logaddexp logaddexp2", "x,y y,y s,0 s,s n,n x,x")
binary("float_power", "u,b n,2")
case("cv_float_power(cv_abs(y), x)", "jnp.float_power(abs(y), x)")
unary("nan_to_num", "x s n b")
case("cv_nan_to_num(s, .nan = 1.5, .posinf = 2, .neginf = -3)", "jnp.nan_to_num(s, nan=1.5, posinf=2, neginf=-3)")
binary("isclose allclose", "x,y x,x s,s n,n s,1 x,0.25")
case("cv_isclose(s, s, .equal_nan = true)", "jnp.isclose(s, s, equal_nan=True)")
case("cv_allclose(cv_add(x, 0.01), x, .atol = 0.02)", "jnp.allclose(x + 0.01, x, atol=0.02)")
case("cv_isclose(cv_mul(x, 1.05), x, .rtol = 0.051, .atol = -1)", "jnp.isclose(x * 1.05, x, rtol=0.051, atol=0)")
for name in "array_equal array_equiv".split():
    for pair in "x,x x,y n,k s,s b,b".split():
        case(f"cv_{name}({pair})".replace(",", ", "), f"jnp.{name}({pair})")
case("cv_array_equal(s, s, .equal_nan = true)", "jnp.array_equal(s, s, equal_nan=True)")
case("cv_array_equiv(cv_ones(CV_F32, CV_INTS(2, 3)), 1)", "jnp.array_equiv(jnp.ones((2, 3)), 1)")

# activations.c
unary("relu6 selu hard_tanh hard_sigmoid hard_silu hard_swish swish log_sigmoid mish soft_sign sparse_plus sparse_sigmoid gelu elu celu "
      "leaky_relu squareplus", "x s", "nn")
unary("gelu soft_sign", "n", "nn")
case("cv_log1mexp(cv_add(cv_square(x), 0.01))", "jnp.log1p(-jnp.exp(-(x * x + 0.01)))")
for name, option in dict(elu="alpha", celu="alpha", leaky_relu="negative_slope", squareplus="b").items():
    case(f"cv_{name}(x, .{option} = 0.5)", f"nn.{name}(x, 0.5)")
for value in (0, 6):
    case(f"cv_relu6(cv_add(cv_mul(x, 0.0), {value}))", f"nn.relu6(x * 0.0 + {value})")
case("cv_glu(t)", "nn.glu(t)")
case("cv_glu(x, .axis = CV_INTS(0))", "nn.glu(x, 0)")
case("cv_standardize(x)", "nn.standardize(x)")
case("cv_standardize(t, .axis = CV_INTS(0, 1), .epsilon = 0.1)", "nn.standardize(t, (0, 1), epsilon=0.1)")

# norm.c
for order, theirs in {"1": "1", "2": "2", "3": "3", "0.5": "0.5", "-1": "-1", "INFINITY": "jnp.inf", "-INFINITY": "-jnp.inf"}.items():
    case(f"cv_norm(y, .ord = {order})", f"jnp.linalg.norm(y, {theirs})")
    case(f"cv_norm(cv_add(x, 0.5), .ord = {order}, .axis = CV_INTS(1))", f"jnp.linalg.norm(x + 0.5, {theirs}, axis=1)")
    if order not in ("2", "3", "0.5"):
        case(f"cv_norm(cv_add(x, 0.5), .ord = {order})", f"jnp.linalg.norm(x + 0.5, {theirs})")
        case(f"cv_norm(t, .ord = {order}, .axis = CV_INTS(2, 0))", f"jnp.linalg.norm(t, {theirs}, axis=(2, 0))")
        case(f"cv_norm(t, .ord = {order}, .axis = CV_INTS(0, 1), .keepdims = true)", f"jnp.linalg.norm(t, {theirs}, axis=(0, 1), keepdims=True)")
holes = "cv_where(cv_greater(x, 1), NAN, x)", "jnp.where(x > 1, jnp.nan, x)"
for name in "ptp count_nonzero nansum nanprod nanmean nanvar nanstd nanmax nanmin".split():
    case(f"cv_{name}(t, .axis = CV_INTS(0, -1))", f"jnp.{name}(t, axis=(0, -1))")
    case(f"cv_{name}(t, .axis = CV_INTS(1), .keepdims = true)", f"jnp.{name}(t, axis=1, keepdims=True)")
    case(f"cv_{name}(n)", f"jnp.{name}(n)")
    case(f"cv_{name}(cv_slice(s, CV_INTS(2), CV_INTS(3)))", f"jnp.{name}(s[2:3])")
    if name not in ("ptp", "count_nonzero"):
        case(f"cv_{name}({holes[0]})", f"jnp.{name}({holes[1]})")
        case(f"cv_{name}({holes[0]}, .axis = CV_INTS(0))", f"jnp.{name}({holes[1]}, axis=0)")
case("cv_nanvar(cv_where(b, y, NAN), .ddof = 1)", "jnp.nanvar(jnp.where(b, y, jnp.nan), ddof=1)")
case("cv_nanvar(cv_where(b, y, NAN), .ddof = 2)", "jnp.nanvar(jnp.where(b, y, jnp.nan), ddof=2)")

for name in "nanargmax nanargmin".split():
    case(f"cv_{name}({holes[0]}, .axis = CV_INTS(1))", f"jnp.{name}({holes[1]}, axis=1)")
    case(f"cv_{name}({holes[0]}, .axis = CV_INTS(0), .keepdims = true)", f"jnp.{name}({holes[1]}, axis=0, keepdims=True)")
    case(f"cv_{name}(s)", f"jnp.{name}(s)")
    case(f"cv_{name}(cv_slice(s, CV_INTS(2), CV_INTS(3)))", f"jnp.{name}(s[2:3])")
    case(f"cv_{name}(n)", f"jnp.{name}(n)")
for name in "nancumsum nancumprod".split():
    case(f"cv_{name}({holes[0]})", f"jnp.{name}({holes[1]})")
    case(f"cv_{name}(s)", f"jnp.{name}(s)")
    case(f"cv_{name}(t, .axis = CV_INTS(1))", f"jnp.{name}(t, axis=1)")
    case(f"cv_{name}(n)", f"jnp.{name}(n)")

# ops_names.h
unary("absolute fabs negative", "n y")
binary("subtract multiply divide true_divide", "x,n")
binary("power", "x,2")
unary("invert bitwise_invert", "n b")
unary("amax amin cumulative_sum cumulative_prod", "y")
case("cv_concat(CV_LIST(x, x), .axis = 1)", "jnp.concat([x, x], axis=1)")
case("cv_permute_dims(t, .axes = CV_INTS(2, 0, 1))", "jnp.permute_dims(t, (2, 0, 1))")
case("cv_empty(CV_F32, CV_INTS(2))", "jnp.empty(2)")
case("cv_empty_like(x)", "jnp.empty_like(x)")

# statistics.c
case("cv_average(x, cv_add(y, 5), .axis = CV_INTS(1))", "jnp.average(x, weights=y + 5, axis=1)")
case("cv_average(x, cv_add(cv_square(x), 1))", "jnp.average(x, weights=x * x + 1)")
case("cv_average(n, k, .axis = CV_INTS(0))".replace("k,", "cv_index(k, 0),"), "jnp.average(n, weights=k[0], axis=0)")
case("cv_average(x, y, .axis = CV_INTS(1), .keepdims = true)", "jnp.average(x, weights=y, axis=1, keepdims=True)")
for name in "median nanmedian".split():
    for operand in "x y t n s".split():
        case(f"cv_{name}({operand})", f"jnp.{name}({operand})")
    case(f"cv_{name}(x, .axis = CV_INTS(1))", f"jnp.{name}(x, axis=1)")
    case(f"cv_{name}(t, .axis = CV_INTS(0), .keepdims = true)", f"jnp.{name}(t, axis=0, keepdims=True)")
case(f"cv_nanmedian({holes[0]}, .axis = CV_INTS(1))", f"jnp.nanmedian({holes[1]}, axis=1)")
for method in "linear lower higher midpoint nearest".split():
    option = f".method = CV_{method.upper()}"
    case(f"cv_quantile(x, 0.3, {option})", f"jnp.quantile(x, 0.3, method='{method}')")
    case(f"cv_quantile(x, cv_stack(CV_LIST(0.0, 0.25, 1.0)), .axis = CV_INTS(1), {option})", f"jnp.quantile(x, array([0.0, 0.25, 1.0]), axis=1, method='{method}')")
case("cv_percentile(t, 40, .axis = CV_INTS(1), .keepdims = true)", "jnp.percentile(t, 40, axis=1, keepdims=True)")
case("cv_percentile(n, 75)", "jnp.percentile(n, 75)")
case("cv_quantile(x, y, .keepdims = true)".replace(" y,", " cv_div(cv_abs(y), 4),"), "jnp.quantile(x, abs(y) / 4, keepdims=True)")
case("cv_quantile(s, 0.5)", "jnp.quantile(s, 0.5)")
case(f"cv_nanquantile({holes[0]}, 0.6)", f"jnp.nanquantile({holes[1]}, 0.6)")
case(f"cv_nanpercentile({holes[0]}, cv_stack(CV_LIST(10, 90.0)), .axis = CV_INTS(0))", f"jnp.nanpercentile({holes[1]}, array([10, 90.0]), axis=0)")
case("cv_cov(x)", "jnp.cov(x)")
case("cv_cov(x, .columns = true, .biased = true)", "jnp.cov(x, rowvar=False, bias=True)")
case("cv_cov(y)", "jnp.cov(y)")
case("cv_corrcoef(m)", "jnp.corrcoef(m)")
case("cv_corrcoef(m, .columns = true)", "jnp.corrcoef(m, rowvar=False)")
case("cv_corrcoef(y)", "jnp.corrcoef(y)")
case("cv_bincount(cv_ravel(k), 4)", "jnp.bincount(k.ravel(), length=4)")
case("cv_bincount(far, 3)", "jnp.bincount(far, length=3)")
case("cv_histogram(x, cv_stack(CV_LIST(-1.5, 0.0, 1.0, 3.5)))", "jnp.histogram(x, array([-1.5, 0.0, 1.0, 3.5]))[0]")
case("cv_histogram(t, cv_stack(CV_LIST(-2.0, 3.0)))", "jnp.histogram(t, array([-2.0, 3.0]))[0]")
for option, theirs in {"": "", ", .right = true": ", right=True"}.items():
    case(f"cv_digitize(x, cv_stack(CV_LIST(0.0, 0.25, 2.0)){option})", f"jnp.digitize(x, array([0.0, 0.25, 2.0]){theirs})")
    case(f"cv_digitize(x, cv_stack(CV_LIST(2.0, 0.25, 0.0)){option})", f"jnp.digitize(x, array([2.0, 0.25, 0.0]){theirs})")
    case(f"cv_digitize(n, cv_stack(CV_LIST(0)){option})", f"jnp.digitize(n, array([0]){theirs})")

# differences.c
for times in (1, 2, 3, 4):
    case(f"cv_diff(x, .n = {times})", f"jnp.diff(x, {times})")
case("cv_diff(t, .axis = CV_INTS(1))", "jnp.diff(t, axis=1)")
case("cv_diff(b)", "jnp.diff(b)")
unary("ediff1d", "x n y")
parts("cv_gradient(x, o)", "jnp.gradient(x)", 2)
parts("cv_gradient(t, o, .axis = CV_INTS(2, 0), .spacing = 0.5)", "jnp.gradient(t, 0.5, axis=(2, 0))", 2)
parts("cv_gradient(n, o)", "[jnp.gradient(n)]", 1)
case("cv_trapezoid(x, 1)", "jnp.trapezoid(x)")
case("cv_trapezoid(x, 0.25, .axis = CV_INTS(0))", "jnp.trapezoid(x, dx=0.25, axis=0)")
case("cv_trapezoid(x, y)", "jnp.trapezoid(x, y)")
case("cv_trapezoid(x, cv_square(x))", "jnp.trapezoid(x, x * x)")
case("cv_trapezoid(n, 2)", "jnp.trapezoid(n, dx=2)")
case("cv_interp(x, cv_stack(CV_LIST(-1.0, 0.0, 2.0)), y)", "jnp.interp(x, array([-1.0, 0.0, 2.0]), y)")
case("cv_interp(x, cv_sort(y), n)", "jnp.interp(x, jnp.sort(y), n)")
case("cv_interp(x, cv_stack(CV_LIST(0.5)), cv_stack(CV_LIST(3.0)))", "jnp.interp(x, array([0.5]), array([3.0]))")
case("cv_interp(y, cv_stack(CV_LIST(-3.0, 1.0, 5.0)), cv_index(x, 0))", "jnp.interp(y, array([-3.0, 1.0, 5.0]), x[0])")

# choose.c, index.c
case("cv_select(CV_LIST(cv_greater(x, 1), b), CV_LIST(x, y), 7)", "jnp.select([x > 1, jnp.broadcast_to(b, (2, 3))], [x, jnp.broadcast_to(y, (2, 3))], 7)")
case("cv_choose(k, CV_LIST(x, y, 3))", "jnp.choose(k, [x, y, 3], mode='clip')")
case("cv_choose(k, CV_LIST(n, 10), .wrap = true)", "jnp.choose(k, [n, 10], mode='wrap')")
parts("cv_unravel_index(far, CV_INTS(2, 3), o)", "jnp.unravel_index(far, (2, 3))", 2)
parts("cv_unravel_index(k, CV_INTS(3, 1, 2), o)", "jnp.unravel_index(k, (3, 1, 2))", 3)
case("cv_ravel_multi_index(CV_LIST(k, n), CV_INTS(3, 4))", "jnp.ravel_multi_index((k, n), (3, 4), mode='clip')")
case("cv_ravel_multi_index(CV_LIST(k, n), CV_INTS(3, 4), .wrap = true)", "jnp.ravel_multi_index((k, n), (3, 4), mode='wrap')")
case("cv_put_along_axis(x, cv_argmax(x, .axis = CV_INTS(1), .keepdims = true), 9, .axis = CV_INTS(1))",
     "jnp.put_along_axis(x, jnp.argmax(x, axis=1, keepdims=True), 9, axis=1, inplace=False)")
case("cv_put_along_axis(x, cv_abs(k), cv_square(x), .axis = CV_INTS(1))", "jnp.put_along_axis(x, abs(k), x * x, axis=1, inplace=False)")
case("cv_put_along_axis(x, cv_slice(far, CV_INTS(1), CV_INTS(2)), 5)", "jnp.put_along_axis(x, far[1:2], 5, axis=None, inplace=False)")

if __name__ == "__main__":
    write("numpy_ops.py", globals())
