#!/usr/bin/env python3
"""Writes digits_images.npy and digits_labels.npy beside this script, from scikit-learn's copy of the data.

Needs numpy and scikit-learn; no network. The example programs need neither, only the two files.
"""

import pathlib

import numpy
from sklearn.datasets import load_digits

digits = load_digits()
folder = pathlib.Path(__file__).resolve().parent
numpy.save(folder / "digits_images.npy", digits.images.astype("u1"))
numpy.save(folder / "digits_labels.npy", digits.target.astype("u1"))
