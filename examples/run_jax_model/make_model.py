#!/usr/bin/env python3
"""Makes the data of run_jax_model.c: a model of predators and prey, exported from JAX.

    python make_model.py       needs jax; written with jax 0.12.0.1

model.mlir     simulate(rates: f64[4], start: f64[2]) -> f64[200,2], as jax.jit(simulate).lower(...) prints it
observed.npy   what there is to fit: the path at the true rates, with noise of 2 %
path.npy       what JAX computes at the first guess: the path, and in
gradient.npy   the gradient of the misfit by the rates
"""

import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)
STEPS, DT = 200, 0.1
START = np.array([10.0, 5.0])
TRUE, GUESS = np.array([1.1, 0.4, 0.4, 0.1]), np.array([0.9, 0.3, 0.5, 0.08])


def simulate(rates, start):
    """The equations of Lotka and Volterra, by the classical method of Runge and Kutta as a scan."""
    birth, eaten, death, fed = rates

    def slope(s):
        prey, predators = s
        meals = prey * predators
        return jnp.stack([birth * prey - eaten * meals, fed * meals - death * predators])

    def step(s, _):
        k1 = slope(s)
        k2 = slope(s + DT / 2 * k1)
        k3 = slope(s + DT / 2 * k2)
        k4 = slope(s + DT * k3)
        s = s + DT / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return s, s

    return lax.scan(step, start, None, length=STEPS)[1]


def main():
    folder = pathlib.Path(__file__).parent
    noise = np.exp(0.02 * np.random.default_rng(0).standard_normal((STEPS, 2)))
    observed = np.asarray(simulate(TRUE, START)) * noise

    def misfit(rates):
        return jnp.mean((jnp.log(simulate(rates, START)) - jnp.log(observed)) ** 2)

    (folder / "model.mlir").write_text(jax.jit(simulate).lower(GUESS, START).as_text())
    np.save(folder / "observed.npy", observed)
    np.save(folder / "path.npy", np.asarray(simulate(GUESS, START)))
    np.save(folder / "gradient.npy", np.asarray(jax.grad(misfit)(GUESS)))


if __name__ == "__main__":
    main()
