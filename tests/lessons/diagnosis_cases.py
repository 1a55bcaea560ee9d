"""Right and wrong answers to lesson 01's exercises."""

import math
from collections import Counter

import numpy as np


def lowest_by_loop(val_loss):
    best, where = float("inf"), 0
    for epoch, loss in enumerate(val_loss, start=1):
        if loss < best:
            best, where = loss, epoch
    return where


def naive_by_counter(y_train, y_new):
    guess = Counter(y_train.tolist()).most_common(1)[0][0]
    return sum(label == guess for label in y_new) / len(y_new)


def naive_by_bincount(y_train, y_new):
    return float((y_new == np.bincount(y_train).argmax()).mean())


def decompose_by_subtraction(fits, truth):
    bias_squared = ((fits.sum(0) / len(fits) - truth) ** 2).mean()
    return [bias_squared, ((fits - truth) ** 2).mean() - bias_squared]


FLAWS = {"A": "strength", "B": "seeds", "C": "test", "D": "budget", "E": "data"}

CASES = {
    "best_epoch": {
        "right": [lowest_by_loop, lambda v: 1 + list(v).index(min(v)), lambda v: np.argsort(v)[0] + 1],
        "wrong": [
            (lambda v: np.argmin(v), "counted from 1"),
            (lambda v: np.argmax(v) + 1, "highest"),
            (lambda v: len(v), "last epoch"),
            (lambda v: min(v), "the number of its epoch"),
            (lambda v: v, "expected a single number"),
            (lambda v: v.argmax(axis=3), "raised"),
        ],
    },
    "naive_accuracy": {
        "right": [naive_by_counter, naive_by_bincount],
        "wrong": [
            (lambda a, b: np.bincount(b).max() / len(b), "only use the training rows"),
            (lambda a, b: np.bincount(a).max() / len(a), "on the training rows"),
            (lambda a, b: 1 / len(set(a)), "guessing at random"),
            (lambda a, b: np.bincount(a).argmax(), "the most common label itself"),
            (lambda a, b: np.mean(b != np.bincount(a).argmax()), "is wrong"),
            (lambda a, b: 100 * np.mean(b == np.bincount(a).argmax()), "in per cent"),
            (lambda a, b: np.mean(a == b), "raised"),
        ],
    },
    "decompose": {
        "right": [
            decompose_by_subtraction,
            lambda fits, truth: (np.mean((fits.mean(0) - truth) ** 2), fits.var(axis=0).mean()),
        ],
        "wrong": [
            (lambda f, t: (np.mean((f - t) ** 2), f.var(0).mean()), "the *mean* fit"),
            (lambda f, t: (f.var(0).mean(), np.mean((f.mean(0) - t) ** 2)), "other order"),
            (lambda f, t: (np.mean((f.mean(0) - t) ** 2), np.mean((f - t) ** 2)), "around the truth"),
            (lambda f, t: ((f.mean(0) - t).mean() ** 2, f.var(0).mean()), "cancels out"),
            (lambda f, t: (np.mean((f.mean(0) - t) ** 2), f.var()), "point by point"),
            (lambda f, t: (np.mean((f.mean(0) - t) ** 2), f.var(0, ddof=1).mean()), "ddof=1"),
            (lambda f, t: (np.mean((f.mean(0) - t) ** 2) ** 0.5, f.var(0).mean() ** 0.5), "roots"),
            (lambda f, t: (np.mean(f.mean(0) - t), f.var(0).mean()), "not squared"),
            (lambda f, t: (np.mean((f.mean(0) - t) ** 2), f.var(1).mean()), "lie along axis 0"),
            (lambda f, t: (np.mean((f.mean(0) - t) ** 2), f.std(0).mean()), "standard deviation"),
            (lambda f, t: np.mean((f - t) ** 2), "array of shape"),
        ],
    },
    "standard_error": {
        "right": [
            lambda p, n: math.sqrt(p * (1 - p) / n),
            lambda p, n: np.std([1] * round(1000 * p) + [0] * round(1000 * (1 - p))) / n**0.5,
        ],
        "wrong": [
            (lambda p, n: p * (1 - p) / n, "square root"),
            (lambda p, n: math.sqrt(p * (1 - p)), "a single row"),
            (lambda p, n: math.sqrt(p / n), "1 − accuracy is missing"),
            (lambda p, n: math.sqrt(p * (1 - p)) / n, "belongs under the root"),
            (lambda p, n: 100 * math.sqrt(p * (1 - p) / n), "in points"),
            (lambda p, n: np.std(p) / math.sqrt(n), "has no spread"),
            (lambda p, n: 1.96 * math.sqrt(p * (1 - p) / n), "half the width"),
            (lambda p, n: 1 / math.sqrt(n), "depends on p"),
            (lambda p, n: 0.5 / math.sqrt(n), "p = 0.5 only"),
            (lambda p, n: math.sqrt(p * (1 - p) / (n - 1)), "raised"),
        ],
    },
    "unfair": {
        "right": [FLAWS, {letter: f" {flaw.upper()}" for letter, flaw in FLAWS.items()}],
        "wrong": [
            (FLAWS | {"A": "data"}, "Report A is not about"),
            (FLAWS | {"C": "seeds"}, "picked on the very rows"),
            (FLAWS | {"E": "luck"}, "choose one of"),
            ({"A": "strength"}, "Report B has no answer"),
            (list(FLAWS.values()), "should be a dictionary"),
        ],
    },
}
