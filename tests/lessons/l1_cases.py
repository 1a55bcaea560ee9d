"""Right and wrong answers to lesson 03's exercises."""

import math

import numpy as np


def soft_by_cases(z, t):
    return np.where(z > t, z - t, np.where(z < -t, z + t, 0.0))


def count_by_flattening(kernels, small):
    sizes = np.abs(np.concatenate([w.flatten() for w in kernels]))
    return [int((sizes == 0).sum()), int(((sizes > 0) & (sizes < small)).sum())]


def count_by_loops(kernels, small):
    exact = near = 0
    for w in kernels:
        for value in w.flat:
            exact += value == 0
            near += 0 < abs(value) < small
    return exact, near


def penalty_by_numpy(sizes, l1):
    inputs, outputs = np.array(sizes[:-1]), np.array(sizes[1:])
    return l1 * np.sum(inputs * outputs * np.sqrt(1.5 / (inputs + outputs)))


def penalty_by_drawing(sizes, l1):
    draw, total = np.random.default_rng(0), 0.0
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        limit = math.sqrt(6 / (inputs + outputs))
        total += inputs * outputs * np.abs(draw.uniform(-limit, limit, 4_000_000)).mean()
    return l1 * total


CASES = {
    "soft_threshold": {
        "right": [soft_by_cases, lambda z, t: z - np.clip(z, -t, t), lambda z, t: z * np.maximum(1 - t / abs(z), 0)],
        "wrong": [
            (lambda z, t: np.where(abs(z) > t, z, 0), "*hard*"),
            (lambda z, t: np.clip(z, -t, t), "takes away"),
            (lambda z, t: np.maximum(abs(z) - t, 0), "without the sign"),
            (lambda z, t: np.sign(z) * (abs(z) - t), "other side"),
            (lambda z, t: z - t, "whatever its sign"),
            (lambda z, t: np.maximum(z - t, 0), "positive numbers only"),
            (lambda z, t: np.sign(z) * np.maximum(abs(z) - t / 2, 0), "λ/2"),
            (lambda z, t: z / (1 + t), "what L2 does"),
            (lambda z, t: max(abs(z) - t, 0), "raised"),
        ],
    },
    "count_zeros": {
        "right": [count_by_flattening, count_by_loops],
        "wrong": [
            (lambda k, s: (sum((abs(w) < s).sum() for w in k), 0), "below `small` as zero"),
            (lambda k, s: (sum((w == 0).sum() for w in k), sum((abs(w) < s).sum() for w in k)), "includes the exact"),
            (lambda k, s: (sum((abs(w) < s).sum() for w in k), sum((w == 0).sum() for w in k)), "The tolerance hides"),
            (lambda k, s: count_by_loops(k, s)[::-1], "other order"),
            (lambda k, s: count_by_loops(k[:1], s), "first kernel only"),
            (
                lambda k, s: (sum((w == 0).sum() for w in k), sum(((w < s) & (w != 0)).sum() for w in k)),
                "large negative",
            ),
            (lambda k, s: [n / sum(w.size for w in k) for n in count_by_loops(k, s)], "shares"),
            (lambda k, s: sum((w == 0).sum() for w in k), "array of shape"),
            (lambda k, s: (k == 0).sum(), "raised"),
        ],
    },
    "drop_feature": {
        "right": [{"standardize": True, "l1": 12.0}, {"standardize": np.True_, "l1": np.float32(20)}],
        "wrong": [
            ({"standardize": False, "l1": 12}, "raw columns"),
            ({"standardize": False, "l1": 5000}, "no l1 separates"),
            ({"standardize": True, "l1": 1}, "a larger l1"),
            ({"standardize": True, "l1": 0}, "wall_colour stays"),
            ({"standardize": True, "l1": 60}, "drops what matters"),
            ({"standardize": "yes", "l1": 12}, "True or False"),
            ({"standardize": True, "l1": "12"}, "a number from 0"),
            ({"standardize": True, "l1": -1}, "a number from 0"),
            ({"standardize": True}, "with the keys"),
            (12, "should be a dictionary"),
        ],
    },
    "initial_penalty": {
        "right": [penalty_by_numpy, penalty_by_drawing],
        "wrong": [
            (lambda s, p: 2 * penalty_by_numpy(s, p), "limit/2"),
            (lambda s, p: p * sum(math.sqrt(1.5 / (i + o)) for i, o in zip(s, s[1:], strict=False)), "How many"),
            (lambda s, p: p * sum(2 * i * o / (i + o) for i, o in zip(s, s[1:], strict=False)), "squares"),
            (lambda s, p: penalty_by_numpy(s, p) * 2 / math.sqrt(3), "standard deviation"),
            (
                lambda s, p: p * sum((i + 1) * o * math.sqrt(1.5 / (i + o)) for i, o in zip(s, s[1:], strict=False)),
                "biases",
            ),
            (lambda s, p: penalty_by_numpy(s, 1), "strength is missing"),
            (lambda s, p: penalty_by_numpy(s[:2], p), "first layer alone"),
            (lambda s, p: p * sum(3 * i * o / (i + o) for i, o in zip(s, s[1:], strict=False)), "root is missing"),
            (lambda s, p: p * len(s), "expected"),
        ],
    },
}
