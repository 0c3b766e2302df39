#!/usr/bin/env python3
"""The training of examples/digits.c written in JAX: writes digits_curve.txt beside this script.

The model, the optimiser, the initial weights, the split and the order of the batches are those of the C
program; the random numbers are splitmix64 in both. Run by hand with a Python that has jax and numpy, when the
example changes:

    python tests/reference/digits_jax.py [--steps 50] [--accuracy]

The tests read only digits_curve.txt: the loss of each of the first 50 steps, one a line.
"""

import argparse
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent / "examples" / "data"

TRAIN, BATCH = 1437, 64
RATE, MOMENTUM = 0.1, 0.9
SPLIT_SEED, WEIGHT_SEED, ORDER_SEED = 1, 2, 3


class SplitMix:
    """Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014."""

    def __init__(self, seed):
        self.state = seed

    def bits(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def uniform(self):
        return np.float32(self.bits() >> 40) * np.float32(2.0**-24)

    def shuffle(self, order):
        for i in range(len(order) - 1, 0, -1):
            j = self.bits() % (i + 1)
            order[i], order[j] = order[j], order[i]


def glorot(random, rows, columns):
    limit = np.sqrt(np.float32(6) / np.float32(rows + columns))
    draw = [limit * (np.float32(2) * random.uniform() - np.float32(1)) for _ in range(rows * columns)]
    return np.array(draw, np.float32).reshape(rows, columns)


def initial_parameters():
    random = SplitMix(WEIGHT_SEED)
    hidden, output = glorot(random, 64, 64), glorot(random, 64, 10)
    return (hidden, np.zeros(64, np.float32), output, np.zeros(10, np.float32))


def logits(parameters, image):
    w1, b1, w2, b2 = parameters
    hidden = jnp.tanh(image.reshape(64) @ w1 + b1)
    return hidden @ w2 + b2


def loss(parameters, image, label):
    return -jnp.sum(jax.nn.log_softmax(logits(parameters, image)) * jax.nn.one_hot(label, 10))


def batch_loss(parameters, images, labels):
    return jnp.mean(jax.vmap(loss, (None, 0, 0))(parameters, images, labels))


@jax.jit
def step(parameters, velocity, images, labels):
    value, gradient = jax.value_and_grad(batch_loss)(parameters, images, labels)
    velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, gradient)
    parameters = jax.tree.map(lambda p, v: p - RATE * v, parameters, velocity)
    return parameters, velocity, value


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--steps", type=int, default=50)
    options.add_argument("--accuracy", action="store_true", help="print the accuracy, write no curve")
    options = options.parse_args()
    jax.config.update("jax_default_matmul_precision", "highest")

    images = np.load(DATA / "digits_images.npy").astype(np.float32) / np.float32(16)
    labels = np.load(DATA / "digits_labels.npy").astype(np.int32)
    split = list(range(len(labels)))
    SplitMix(SPLIT_SEED).shuffle(split)
    train, test = split[:TRAIN], split[TRAIN:]

    parameters = initial_parameters()
    velocity = jax.tree.map(np.zeros_like, parameters)
    random = SplitMix(ORDER_SEED)
    curve, at = [], TRAIN
    for _ in range(options.steps):
        if at + BATCH > TRAIN:
            random.shuffle(train)
            at = 0
        batch = np.array(train[at : at + BATCH])
        at += BATCH
        parameters, velocity, value = step(parameters, velocity, images[batch], labels[batch])
        curve.append(float(value))

    if options.accuracy:
        guesses = jnp.argmax(jax.vmap(logits, (None, 0))(parameters, images[np.array(test)]), axis=1)
        print(f"test accuracy {np.mean(np.asarray(guesses) == labels[np.array(test)]):.3f}")
    else:
        (HERE / "digits_curve.txt").write_text("".join(f"{value:.9g}\n" for value in curve))


if __name__ == "__main__":
    main()
