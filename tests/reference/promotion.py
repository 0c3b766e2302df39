"""Writes promotion.inc: the dtype of every pair of dtypes, as JAX promotes them.

Weak dtypes stand as int, float and complex (Python scalars). 64-bit types are enabled in JAX, so that
all of ours exist; a weak result is written by its class, since its width is a matter of defaults.

    python promotion.py > promotion.inc
"""
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp

names = {
    "bool": "bool", "int8": "s8", "int16": "s16", "int32": "s32", "int64": "s64", "uint8": "u8",
    "uint16": "u16", "uint32": "u32", "uint64": "u64", "float16": "f16", "bfloat16": "bf16",
    "float32": "f32", "float64": "f64", "complex64": "c64", "complex128": "c128",
}
operands = {ours: jnp.zeros((), theirs) for theirs, ours in names.items()}
operands |= {"int": 0, "float": 0.0, "complex": 0j}


def result(x, y):
    z = jax.eval_shape(lambda: jnp.where(True, x, y))
    if z.weak_type and z.dtype != bool:
        return {"i": "int", "f": "float", "c": "complex"}[z.dtype.kind]
    return names[str(z.dtype)]


print("// Made by promotion.py with JAX " + jax.__version__ + ": ROW(x, y, the dtype of x and y together)")
for a, x in operands.items():
    for b, y in operands.items():
        print(f'ROW("{a}", "{b}", "{result(x, y)}")')
