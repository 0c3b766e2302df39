#!/usr/bin/env python3
"""Writes forms_pretty.mlir, forms_generic.mlir and forms_debug.mlir beside this file: one program of JAX in the forms
that MLIR prints it in. The tests check that they are read as the same program. Needs jax."""

import pathlib

import jax
import jax.numpy as jnp
import numpy as np


def model(x, y, k):
    def step(carry, row):
        return jnp.sin(carry) + row, carry

    last, rows = jax.lax.scan(step, x[0], y)
    chosen = jax.lax.cond(last.sum() > 0, lambda v: v * 2, lambda v: v - 1, last)
    top = jax.lax.top_k(x, 2)
    key, value = jax.lax.sort((x.astype(jnp.float16), k), num_keys=2)
    return (
        jnp.argmax(rows), chosen @ rows.T, jax.lax.sort(x), key, value, jax.nn.softmax(x), x.at[1].add(chosen),
        jax.lax.reduce(x, np.float32(1), jax.lax.mul, [0]), x[:, ::2], top, jax.lax.erf_inv(x / 20),
        x[k[0] % 4], jnp.where(x > 2, x, np.float32(np.inf)), jnp.arange(12.0).reshape(3, 4), jnp.pad(x, 1),
        jax.lax.while_loop(lambda s: s[0] < k.sum(), lambda s: (s[0] + 3, s[1] * last), (jnp.int32(0), last)),
        jax.lax.complex(x, x) * np.array([1 + 2j, 3 - 1j, 0, 1j, -1], np.complex64),
        jnp.asarray(np.array([True, False, True, True, False])) & (last > 0), x.astype(jnp.bfloat16) * 3,
    )


def main():
    folder = pathlib.Path(__file__).parent
    arguments = np.ones((4, 5), np.float32), np.ones((6, 5), np.float32), np.ones((4, 5), np.int32)
    lowered = jax.jit(model).lower(*arguments)
    operation = lowered.compiler_ir("stablehlo").operation
    texts = {"pretty": lowered.as_text(), "generic": operation.get_asm(print_generic_op_form=True),
             "debug": lowered.as_text(debug_info=True).replace(str(folder) + "/", "")}
    for form, text in texts.items():
        (folder / f"forms_{form}.mlir").write_text(text)


if __name__ == "__main__":
    main()
