"""Right and wrong answers to lesson 04's exercises."""

import numpy as np


def step_by_cases(z, step, l1, l2):
    result = np.zeros_like(z)
    for i, value in enumerate(z):
        if value > step * l1:
            result[i] = (value - step * l1) / (1 + 2 * step * l2)
        elif value < -step * l1:
            result[i] = (value + step * l1) / (1 + 2 * step * l2)
    return result


def step_by_clip(z, step, l1, l2):
    return [(v - np.clip(v, -step * l1, step * l1)) / (1 + 2 * step * l2) for v in z]


def soft(z, threshold):
    return np.sign(z) * np.maximum(np.abs(z) - threshold, 0)


def strengths_step_by_step(alpha, l1_ratio):
    before_abs, before_square = alpha * l1_ratio, alpha * (1 - l1_ratio) / 2
    return np.array([2 * before_abs, 2 * before_square])


def best_by_loops(val_loss, l1s, l2s):
    cells = {(a, b): np.mean(val_loss[i][j]) for i, a in enumerate(l1s) for j, b in enumerate(l2s)}
    return min(cells, key=cells.get)


def best_by_where(val_loss, l1s, l2s):
    total = val_loss.sum(-1)
    i, j = np.argwhere(total == total.min())[0]
    return [l1s[i], l2s[j]]


CHOICES = {
    "A": ("elastic net", "groups"),
    "B": ("L1", "few"),
    "C": ("L2", "all"),
    "D": ("L1", "one of a group"),
    "E": ("none", "no gap"),
}

CASES = {
    "proximal_step": {
        "right": [
            step_by_cases,
            step_by_clip,
            lambda z, s, a, b: np.where(np.abs(z) > s * a, (z - s * a * np.sign(z)) / (1 + 2 * s * b), 0),
        ],
        "wrong": [
            (lambda z, s, a, b: soft(z, s * a), "step of the lasso"),
            (lambda z, s, a, b: soft(z, s * a) / (1 + s * b), "so there is a 2"),
            (lambda z, s, a, b: soft(z / (1 + 2 * s * b), s * a), "before the threshold"),
            (lambda z, s, a, b: soft(z, a) / (1 + 2 * s * b), "λ₁ alone"),
            (lambda z, s, a, b: soft(z, s * a) / (1 + 2 * b), "belongs to both"),
            (lambda z, s, a, b: soft(z, s * a / 2) / (1 + 2 * s * b), "without a ½"),
            (lambda z, s, a, b: soft(z, s * a) * (1 - 2 * s * b), "is a gradient step"),
            (lambda z, s, a, b: np.maximum(np.abs(z) - s * a, 0) / (1 + 2 * s * b), "sign is lost"),
            (lambda z, s, a, b: (z - s * a * np.sign(z)) / (1 + 2 * s * b), "other side"),
            (lambda z, s, a, b: z - s * (a * np.sign(z) + 2 * b * z), "you returned"),
            (lambda z, s, a, b: max(z - s * a, 0), "raised"),
        ],
    },
    "keras_strengths": {
        "right": [strengths_step_by_step, lambda a, r: [2 * a * r, a - a * r]],
        "wrong": [
            (lambda a, r: (a * r, a * (1 - r) / 2), "multiply everything by 2"),
            (lambda a, r: (a * r, a * (1 - r)), "λ₁ is half"),
            (lambda a, r: (2 * a * r, 2 * a * (1 - r)), "λ₂ is twice"),
            (lambda a, r: (2 * a * r, a * (1 - r) / 2), "λ₂ is half"),
            (lambda a, r: (a * (1 - r), 2 * a * r), "other order"),
            (lambda a, r: (2 * a * (1 - r), a * r), "the share of L1"),
            (lambda a, r: (a / 2 + r, a / 2 / (a / 2 + r)), "the other way"),
            (lambda a, r: 2 * a * r, "expected"),
        ],
    },
    "best_cell": {
        "right": [best_by_loops, best_by_where],
        "wrong": [
            (lambda v, a, b: (a[np.argwhere(v == v.min())[0][0]], b[np.argwhere(v == v.min())[0][1]]), "single best"),
            (lambda v, a, b: best_by_loops(-v, a, b), "highest mean"),
            (lambda v, a, b: best_by_loops(v, a, b)[::-1], "other order"),
            (lambda v, a, b: np.unravel_index(v.mean(2).argmin(), v.shape[:2]), "counted from 0"),
            (lambda v, a, b: (a[v.mean((1, 2)).argmin()], b[v.mean((0, 2)).argmin()]), "one after the other"),
            (lambda v, a, b: best_by_loops(v[:, :, :1], a, b), "first seed only"),
            (lambda v, a, b: (a[0], b[0]), "you returned"),
            (lambda v, a, b: a[v.argmin()], "raised"),
        ],
    },
    "choose": {
        "right": [CHOICES, {name: [p.upper(), f" {r} "] for name, (p, r) in CHOICES.items()}],
        "wrong": [
            (CHOICES | {"A": ("L1", "few")}, "Data set A: L1 is not"),
            (CHOICES | {"C": ("elastic net", "all")}, "every wavelength"),
            (CHOICES | {"D": ("L1", "few")}, "does not defend it"),
            (CHOICES | {"D": ("elastic net", "groups")}, "a single member"),
            (CHOICES | {"E": ("L2", "all")}, "no variance left"),
            (CHOICES | {"B": ("ridge", "few")}, "choose one of"),
            (CHOICES | {"B": ("L1", "luck")}, "choose a reason"),
            (CHOICES | {"B": "L1"}, "give a penalty and a reason"),
            ({"A": ("elastic net", "groups")}, "Data set B has no answer"),
            (list(CHOICES.values()), "should be a dictionary"),
        ],
    },
}
