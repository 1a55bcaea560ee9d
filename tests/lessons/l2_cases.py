"""Right and wrong answers to lesson 02's exercises."""

import numpy as np


def penalty_by_loop(w, l2):
    penalty, gradient = 0.0, np.zeros_like(w)
    for place in np.ndindex(w.shape):
        penalty += l2 * w[place] ** 2
        gradient[place] = 2 * l2 * w[place]
    return penalty, gradient


def ridge_by_inverse(x, y, l2):
    n, mean = len(x), x.mean(0)
    w = np.linalg.inv((x - mean).T @ (x - mean) / n + l2 * np.eye(x.shape[1])) @ ((x - mean).T @ y / n)
    return w, (y - x @ w).mean()


def ridge_by_more_rows(x, y, l2):
    """Ridge is least squares with √(nλ) times the identity as further rows, whose targets are 0."""
    a, b = x - x.mean(0), y - y.mean()
    k = x.shape[1]
    w = np.linalg.lstsq(np.vstack([a, np.sqrt(len(x) * l2) * np.eye(k)]), np.append(b, np.zeros(k)))[0]
    return [w, y.mean() - x.mean(0) @ w]


def ridge_with(strength, centre=True, intercept=None):
    """Ridge with something else than n · λ beside XᵀX, without centring, or with another intercept."""

    def fit(x, y, l2):
        a, b = (x - x.mean(0), y - y.mean()) if centre else (x, y)
        w = np.linalg.solve(a.T @ a + strength(len(x), l2) * np.eye(x.shape[1]), a.T @ b)
        right = y.mean() - x.mean(0) @ w if centre else 0.0
        return w, right if intercept is None else intercept(x, y)

    return fit


def ridge_with_penalised_intercept(x, y, l2):
    a = np.column_stack([np.ones(len(x)), x])
    w = np.linalg.solve(a.T @ a + len(x) * l2 * np.eye(a.shape[1]), a.T @ y)
    return w[1:], w[0]


def choose_by_loop(strengths, val_loss):
    best = None
    for strength, curves in zip(strengths, val_loss, strict=True):
        end = sum(curve[-1] for curve in curves) / len(curves)
        if best is None or end < best[0]:
            best = (end, strength)
    return best[1]


def unmask_by_loop(reported, strengths, sums):
    losses = [r - s * q for r, s, q in zip(reported, strengths, sums, strict=True)]
    return strengths[losses.index(min(losses))], losses


CASES = {
    "penalty_gradient": {
        "right": [penalty_by_loop, lambda w, l2: [l2 * np.square(w).sum(), l2 * (w + w)]],
        "wrong": [
            (lambda w, l2: (l2 / 2 * np.sum(w**2), l2 * w), "fit together"),
            (lambda w, l2: (l2 / 2 * np.sum(w**2), 2 * l2 * w), "λ/2·Σw²"),
            (lambda w, l2: (l2 * np.sum(np.abs(w)), l2 * np.sign(w)), "That is L1, penalty and slope"),
            (lambda w, l2: (l2 * np.linalg.norm(w), 2 * l2 * w), "the *root*"),
            (lambda w, l2: (l2 * np.mean(w**2), 2 * l2 * w), "mean of the squares"),
            (lambda w, l2: (l2 * np.sum(w) ** 2, 2 * l2 * w), "sums first"),
            (lambda w, l2: (np.sum(w**2), 2 * l2 * w), "missing from your penalty"),
            (lambda w, l2: (l2 * np.sum(w**2), l2 * w), "lacks the 2"),
            (lambda w, l2: (l2 * np.sum(w**2), -2 * l2 * w), "downhill"),
            (lambda w, l2: (l2 * np.sum(w**2), 2 * w), "missing from your gradient"),
            (lambda w, l2: (l2 * np.sum(w**2), 2 * l2 * w.sum()), "an array of shape `(3,)` belongs, it has `12.8`"),
            (lambda w, l2: l2 * np.sum(w**2), "should return two things"),
            (lambda w, l2: (l2 * w**2, 2 * l2 * w), "where a single number belongs"),
            (lambda w: 0, "raised"),
        ],
    },
    "ridge_fit": {
        "right": [ridge_by_inverse, ridge_by_more_rows],
        "wrong": [
            (ridge_with(lambda n, l2: l2), "*sum* of squared errors"),
            (ridge_with(lambda n, l2: n * l2 / 2), "no ½ anywhere"),
            (ridge_with(lambda n, l2: 2 * n * l2), "twice that"),
            (ridge_with(lambda n, l2: 0), "λ has no effect"),
            (ridge_with_penalised_intercept, "penalised the intercept too"),
            (ridge_with(lambda n, l2: n * l2, centre=False), "There is no intercept"),
            (ridge_with(lambda n, l2: n * l2, intercept=lambda x, y: y.mean()), "The coefficients are right"),
            (lambda x, y, l2: ridge_by_inverse(x, y, l2)[0], "should return two things"),
            (lambda x, y, l2: (*ridge_by_inverse(x, y, l2), 0), "should return two things"),
            (lambda x, y, l2: np.linalg.solve(x, y), "raised"),
        ],
    },
    "choose": {
        "right": [choose_by_loop, lambda s, v: s[np.argmin(v.mean(axis=1)[:, -1])]],
        "wrong": [
            (lambda s, v: s[v[..., -1].min(1).argmin()], "single luckiest"),
            (lambda s, v: s[v.min(2).mean(1).argmin()], "lowest epoch"),
            (lambda s, v: s[v.mean(axis=2).mean(axis=1).argmin()], "mean over all epochs"),
            (lambda s, v: v[..., -1].mean(1).argmin(), "the place of the best strength"),
            (lambda s, v: v[..., -1].mean(1).min(), "the loss of the best strength"),
            (lambda s, v: s[v[..., -1].mean(1).argmax()], "*highest*"),
            (lambda s, v: s[v[..., 0].mean(1).argmin()], "first epoch"),
            (lambda s, v: 0.5, "expected"),
            (lambda s, v: v.argmin(axis=7), "raised"),
        ],
    },
    "unmask": {
        "right": [unmask_by_loop, lambda r, s, q: [s[np.argmin(r - q * s)], r - q * s]],
        "wrong": [
            (lambda r, s, q: (s[r.argmin()], r), "the reported losses again"),
            (lambda r, s, q: (s[(r - s * q / 2).argmin()], r - s * q / 2), "half the penalty"),
            (lambda r, s, q: (s[(r + s * q).argmin()], r + s * q), "has to come off"),
            (lambda r, s, q: (s[(r - q).argmin()], r - q), "without its λ"),
            (lambda r, s, q: (s[r.argmin()], r - s * q), "your choice was made by the reported ones"),
            (lambda r, s, q: ((r - s * q).argmin(), r - s * q), "not its place in the list"),
            (lambda r, s, q: ((r - s * q).min(), r - s * q), "not its loss"),
            (lambda r, s, q: (s[(s * q).argmin()], s * q), "the penalties themselves"),
            (lambda r, s, q: r - s * q, "should return two things"),
            (lambda r, s, q: r @ np.ones(7), "raised"),
        ],
    },
    "convert": {
        "right": [
            lambda l2, rows: (rows * l2, 2 * l2, 0.5 / (rows * l2)),
            lambda l2, rows: [alpha := rows * l2, l2 + l2, 1 / (alpha + alpha)],
        ],
        "wrong": [
            (lambda l2, n: (l2, 2 * l2, 1 / (2 * n * l2)), "takes their mean"),
            (lambda l2, n: (2 * n * l2, 2 * l2, 1 / (2 * n * l2)), "no factor of 2"),
            (lambda l2, n: (n * l2 / 2, 2 * l2, 1 / (2 * n * l2)), "with no ½"),
            (lambda l2, n: (l2 / n, 2 * l2, 1 / (2 * n * l2)), "multiply by n"),
            (lambda l2, n: (n * l2, l2, 1 / (2 * n * l2)), "the 2 is missing"),
            (lambda l2, n: (n * l2, l2 / 2, 1 / (2 * n * l2)), "not half of it"),
            (lambda l2, n: (n * l2, 2 * n * l2, 1 / (2 * n * l2)), "does not enter"),
            (lambda l2, n: (n * l2, 2 * l2, 2 * n * l2), "the smaller C"),
            (lambda l2, n: (n * l2, 2 * l2, 1 / (n * l2)), "missing below the line"),
            (lambda l2, n: (n * l2, 2 * l2, 1 / (2 * l2)), "n belongs below the line"),
            (lambda l2, n: (n * l2, 2 * l2, 1 / l2), "and the n with it"),
            (lambda l2, n: (n * l2, 2 * l2, 2 / (n * l2)), "so the 2 belongs below"),
            (lambda l2, n: (n * l2, 2 * l2, 7.0), "expected"),
            (lambda l2, n: n * l2, "should return three numbers"),
        ],
    },
}
