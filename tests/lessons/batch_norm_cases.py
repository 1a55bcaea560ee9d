"""Right and wrong answers to lesson 07's exercises."""

import math

import numpy as np


def line_by_two_points(gamma, beta, mean, variance, epsilon):
    def normalised(z):
        return gamma * (z - mean) / np.sqrt(variance + epsilon) + beta

    return np.stack([normalised(1) - normalised(0), normalised(0)])


def line_by_loop(gamma, beta, mean, variance, epsilon):
    slopes = [g / math.sqrt(v + epsilon) for g, v in zip(gamma, variance, strict=True)]
    return slopes, [b - s * m for b, s, m in zip(beta, slopes, mean, strict=True)]


def start_by_solving(mean, variance, momentum, steps):
    share = math.exp(steps * math.log(momentum))
    return [mean / (1 - share), 1 + (variance - 1) / (1 - share)]


def start_by_loop(mean, variance, momentum, steps):
    left = 1.0
    for _ in range(steps):
        left *= momentum
    return np.array([mean, variance - left]) / (1 - left)


def line(slope, intercept):
    """A wrong answer made of two formulas in gamma, beta, mean, variance, epsilon."""
    return lambda *case: (slope(*case), intercept(*case))


def slope(g, b, m, v, e):
    return g / np.sqrt(v + e)


def intercept(g, b, m, v, e):
    return b - m * g / np.sqrt(v + e)


RIGHT = {"cause": "moving averages", "share": 0.99**72}

CASES = {
    "as_line": {
        "right": [line_by_two_points, line_by_loop],
        "wrong": [
            (lambda g, b, m, v, e: (g / np.sqrt(v), b - m * g / np.sqrt(v)), "epsilon is missing"),
            (lambda g, b, m, v, e: (g / (np.sqrt(v) + e), b - m * g / (np.sqrt(v) + e)), "under the root"),
            (lambda g, b, m, v, e: (g / (v + e), b - m * g / (v + e)), "divide by its root"),
            (line(slope, lambda g, b, m, v, e: b - m), "multiplied by the slope"),
            (line(slope, lambda g, b, m, v, e: b), "beta alone"),
            (line(slope, lambda *c: 2 * c[1] - intercept(*c)), "the mean is subtracted"),
            (lambda g, b, m, v, e: (1 / np.sqrt(v + e), b - m / np.sqrt(v + e)), "leaves gamma out"),
            (line(intercept, slope), "in the other order"),
            (slope, "should return two arrays"),
            (lambda g, b, m, v, e: (slope(g, b, m, v, e).sum(), 0), "of shape `(3,)` each"),
            (lambda g, b, m, v: (g, b), "raised"),
        ],
    },
    "same_rate": {
        "right": [lambda rate, factor: factor * rate * factor, lambda r, c: r / (1 / c) ** 2],
        "wrong": [
            (lambda rate, factor: rate * factor, "that is one factor"),
            (lambda rate, factor: rate / factor, "*smaller* gradient"),
            (lambda rate, factor: rate / factor**2, "*larger* rate"),
            (lambda rate, factor: rate, "The same rate"),
            (lambda rate, factor: rate * factor**0.5, "two factors"),
            (lambda rate, factor: 100 * rate, "you returned"),
        ],
    },
    "suspect": {
        "right": [RIGHT, {"cause": " Moving Averages", "share": 0.485}, {"cause": "moving averages", "share": 0.48501}],
        "wrong": [
            (RIGHT | {"cause": "too few epochs"}, "had 12 epochs as well"),
            (RIGHT | {"cause": "overfitting"}, "would stay so"),
            (RIGHT | {"cause": "learning rate"}, "fourth suspect"),
            (RIGHT | {"cause": "bad luck"}, "choose one of"),
            (RIGHT | {"share": 1 - 0.99**72}, "share that the batches have"),
            (RIGHT | {"share": 0.99**12}, "one for each batch"),
            (RIGHT | {"share": 0.99**6}, "batches of one epoch"),
            (RIGHT | {"share": 1 - 0.72}, "0.99 · 0.99"),
            (RIGHT | {"share": 48.5}, "in per cent"),
            (RIGHT | {"share": 0.9**72}, "hers is 0.99"),
            (RIGHT | {"share": "half"}, "should be a number"),
            ({"cause": "moving averages"}, "no 'share' yet"),
            ("moving averages", "should be a dictionary"),
        ],
    },
    "without_start": {
        "right": [start_by_solving, start_by_loop],
        "wrong": [
            (lambda m, v, p, t: (m / (1 - p**t), v / (1 - p**t)), "that 1 has to be taken off"),
            (lambda m, v, p, t: (m, v - p**t), "did not divide"),
            (lambda m, v, p, t: ((m - p**t) / (1 - p**t), (v - p**t) / (1 - p**t)), "started at 0"),
            (lambda m, v, p, t: (m / p**t, (v - p**t) / p**t), "divide by the share of the batches"),
            (lambda m, v, p, t: (m / (1 - p), (v - p) / (1 - p)), "as if there had been one step"),
            (lambda m, v, p, t: start_by_solving(m, v, p, t)[::-1], "in the other order"),
            (lambda m, v, p, t: (m, v), "Nothing has changed"),
            (lambda m, v, p, t: m / (1 - p**t), "should return two arrays"),
            (lambda m, v, p, t: ((v - p**t) / (1 - p**t), v), "you returned"),
        ],
    },
}
