"""The mathematics of L1, L2 and the elastic net in plain NumPy, checked against scikit-learn and Keras.

One convention throughout, Keras's own with `loss="mse"` and `regularizers.L1L2(l1, l2)`: a linear model
minimises

    mean over the rows of (y - x·w - b)²  +  l1 · Σ|w|  +  l2 · Σw²

and its intercept b carries no penalty. `convert_strength`, `to_sklearn` and `from_sklearn` translate a
strength for whoever writes it differently.

Arrays are NumPy arrays, or what `numpy.asarray` makes one of; the arithmetic is float64. x has shape (rows,
features), y has shape (rows,) and w any shape, unless said otherwise; l1 and l2 are numbers from 0 up. Every
function raises CourseError, one sentence that says what to do, for a strength that is negative, NaN or
infinite, for data that are not finite numbers, and for shapes that do not belong together.
"""

import math
import numbers
from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError

# How an L2 strength can be meant; `convert_strength` says what each minimises.
CONVENTIONS = ("keras", "half", "sum", "weight_decay", "C")
_COUNT_ROWS = ("sum", "C")  # those whose strength depends on the number of rows


# --- Penalties


def l1_penalty(w, l1) -> float:
    """Return l1 · Σ|w|, as `keras.regularizers.L1(l1)` does."""
    return elastic_net_penalty(w, l1, 0.0)


def l2_penalty(w, l2) -> float:
    """Return l2 · Σw², without a ½, as `keras.regularizers.L2(l2)` does."""
    return elastic_net_penalty(w, 0.0, l2)


def elastic_net_penalty(w, l1, l2) -> float:
    """Return l1 · Σ|w| + l2 · Σw², as `keras.regularizers.L1L2(l1, l2)` does (Zou & Hastie 2005, the naive form)."""
    w, l1, l2 = _array("w", w), _strength("l1", l1), _strength("l2", l2)
    return float(l1 * np.sum(np.abs(w)) + l2 * np.sum(w**2))


# --- A linear model


@dataclass(frozen=True, eq=False)
class LinearFit:
    """A fitted linear model: `coefficients` of shape (features,), in units of y per unit of x; `intercept` in y's."""

    coefficients: np.ndarray
    intercept: float

    def predict(self, x) -> np.ndarray:
        """Return the predictions for x, of shape (rows,)."""
        x = _table(x, fewest=1)
        if x.shape[1] != len(self.coefficients):
            raise CourseError(f"x has {x.shape[1]} columns, but the model was fitted on {len(self.coefficients)}.")
        return x @ self.coefficients + self.intercept


# --- Ridge, and what it does to each singular direction


def ridge(x, y, l2, fit_intercept=True) -> LinearFit:
    """Return the minimiser of the mean squared error + l2 · Σw² in closed form, by the SVD of the centred x.

    With l2 = 0 it is least squares; where that leaves a choice (more features than rows, columns that depend on
    each other), the solution with the smallest Σw². Directions whose singular value is only rounding error count as
    none. A constant column raises CourseError. Source: Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634;
    agrees with scikit-learn's `Ridge(alpha=rows * l2)`.
    """
    l2 = _strength("l2", l2)
    x, y, x_mean, y_mean = _centred(x, y, fit_intercept)
    u, d, vt = _svd(x)
    scale = np.divide(d, d**2 + len(x) * l2, out=np.zeros_like(d), where=d > 0)
    return _fit(vt.T @ (scale * (u.T @ y)), x_mean, y_mean)


def shrinkage_factors(x, l2) -> np.ndarray:
    """Return d² / (d² + rows · l2) for each singular value d of the centred x, the largest d first.

    Shape (min(rows, features),). Ridge multiplies the least-squares fit by its factor along each singular
    direction; a direction in which x does not vary has factor 0. Source: Hoerl & Kennard 1970,
    doi:10.1080/00401706.1970.10488634.
    """
    x, l2 = _table(x), _strength("l2", l2)
    d = _svd(x - x.mean(axis=0))[1]
    return np.divide(d**2, d**2 + len(x) * l2, out=np.zeros_like(d), where=d > 0)


def degrees_of_freedom(x, l2) -> float:
    """Return the sum of the shrinkage factors: ridge's effective number of coefficients, the intercept not counted.

    It is the trace of the matrix that turns y into ridge's predictions, less 1 for the intercept.
    """
    return float(np.sum(shrinkage_factors(x, l2)))


def gradient_descent_filter(x, learning_rate, steps) -> np.ndarray:
    """Return 1 - (1 - 2 · learning_rate · d²/rows)^steps for each singular value d of the centred x, largest first.

    Shape (min(rows, features),). By these factors gradient descent on the mean squared error has approached the
    least-squares fit, along each singular direction, after `steps` full-batch steps from zero weights. A learning
    rate with which it would diverge raises CourseError. Source: Ali et al. 2019, arXiv:1810.10082.
    """
    x, learning_rate = _table(x), _strength("learning_rate", learning_rate)
    steps, d = _count("steps", steps, 0), _svd(x - x.mean(axis=0))[1]
    if learning_rate * d[0] ** 2 > len(x):
        raise CourseError(
            f"with learning_rate {learning_rate:g} gradient descent diverges on this x: "
            f"take at most rows / d² = {len(x) / d[0] ** 2:.3g}, d the largest singular value."
        )
    return 1 - (1 - 2 * learning_rate * d**2 / len(x)) ** steps


# --- The same strength in other conventions


def convert_strength(value, given, wanted, rows=None) -> float:
    """Return the L2 strength `value`, written in the convention `given`, in the convention `wanted`.

    The conventions, each with the λ that it calls its strength, for the same loss of a row:

    - "keras": mean loss + λ·Σw², the course's own, `keras.regularizers.L2(λ)`
    - "half": mean loss + λ/2·Σw², so λ is twice Keras's
    - "sum": summed loss + λ·Σw², so λ is `rows` times Keras's; with squared errors scikit-learn's `Ridge(alpha=λ)`
    - "weight_decay": each step takes learning_rate·λ·w off w. With plain SGD, without momentum, and with no other
      optimizer that is L2, with λ twice Keras's (Loshchilov & Hutter 2019, arXiv:1711.05101)
    - "C": λ·summed loss + ½·Σw², scikit-learn's `LogisticRegression(C=λ)`, so λ is 1 / (2 · rows · Keras's):
      the larger, the weaker the penalty, and strength 0 comes back as infinity

    `rows` is the number of training rows; it matters when one of the two conventions sums the loss and the other
    averages it. CourseError without it, for a convention that is not among these, and for C = 0.
    """
    for convention in (given, wanted):
        if convention not in CONVENTIONS:
            raise CourseError(
                f"{convention!r} is not a convention of this function; it knows {', '.join(CONVENTIONS)}."
            )
    value = _strength("C" if given == "C" else "the strength", value)
    if given == "C" and value == 0:
        raise CourseError("C must be larger than 0: the smaller it is, the stronger the penalty.")
    if (given in _COUNT_ROWS) == (wanted in _COUNT_ROWS):
        rows = 1  # it cancels out
    elif rows is None:
        raise CourseError(f'from "{given}" to "{wanted}" the number of training rows matters: give it as rows=...')
    rows = _count("rows", rows, 1)
    times_keras = {"keras": 1, "half": 2, "weight_decay": 2, "sum": rows}
    keras = 1 / (2 * rows * value) if given == "C" else value / times_keras[given]
    if wanted == "C":
        return 1 / (2 * rows * keras) if keras else math.inf
    return keras * times_keras[wanted]


def to_sklearn(l1, l2) -> tuple[float, float]:
    """Return (alpha, l1_ratio), with which scikit-learn's `ElasticNet` minimises the same as l1 and l2 here.

    It halves the mean squared error and writes alpha·l1_ratio·Σ|w| + alpha·(1 - l1_ratio)/2·Σw². `Lasso` takes
    the same alpha when l2 is 0. No penalty at all comes back as (0.0, 1.0). Source: Friedman et al. 2010,
    doi:10.18637/jss.v033.i01.
    """
    l1, l2 = _strength("l1", l1), _strength("l2", l2)
    alpha = l1 / 2 + l2
    return alpha, (l1 / 2 / alpha if alpha else 1.0)


def from_sklearn(alpha, l1_ratio) -> tuple[float, float]:
    """Return (l1, l2), the strengths here and in Keras that stand for `ElasticNet`'s alpha and l1_ratio (0 to 1)."""
    alpha, l1_ratio = _strength("alpha", alpha), _strength("l1_ratio", l1_ratio)
    if l1_ratio > 1:
        raise CourseError(f"l1_ratio is the share of L1, from 0 to 1, not {l1_ratio:g}.")
    return 2 * alpha * l1_ratio, alpha * (1 - l1_ratio)


# --- Proximal maps: take a step's result z and pay the penalty exactly


def soft_threshold(z, threshold) -> np.ndarray:
    """Return sign(z) · max(|z| - threshold, 0), of z's shape: the w that minimises (w - z)²/2 + threshold · |w|.

    Source: Parikh & Boyd 2014, doi:10.1561/2400000003, section 6.5.
    """
    z, threshold = _array("z", z), _strength("threshold", threshold)
    return z - np.clip(z, -threshold, threshold)  # the same, and its zeros are never -0.0


def group_soft_threshold(w, threshold) -> np.ndarray:
    """Return w with each row (last axis) shortened by `threshold`, or exactly zero if it was not longer than that.

    It minimises, row by row, ‖v - w‖²/2 + threshold · ‖v‖ over v. In a Dense kernel, of shape (inputs, units), a row
    holds everything that leaves one input. Source: Parikh & Boyd 2014, doi:10.1561/2400000003, section 6.5.
    """
    w, threshold = _array("w", w), _strength("threshold", threshold)
    if w.ndim == 0:
        raise CourseError("w must have rows, or be one: for a single number, use soft_threshold.")
    length = np.linalg.norm(w, axis=-1, keepdims=True)
    return w * np.where(length > threshold, 1 - threshold / np.where(length > 0, length, 1), 0)


def elastic_net_prox(z, step, l1, l2) -> np.ndarray:
    """Return the w that minimises ‖w - z‖²/(2 · step) + l1 · Σ|w| + l2 · Σw², of z's shape; step is a number from 0 up.

    Source: Parikh & Boyd 2014, doi:10.1561/2400000003, section 6.5.
    """
    step, l1, l2 = _strength("step", step), _strength("l1", l1), _strength("l2", l2)
    return soft_threshold(z, step * l1) / (1 + 2 * step * l2)


# --- Lasso and elastic net


def elastic_net(x, y, l1, l2=0.0, fit_intercept=True, start=None, tolerance=1e-10, most_sweeps=10_000) -> LinearFit:
    """Return the minimiser of the mean squared error + l1 · Σ|w| + l2 · Σw², by coordinate descent.

    `start` are coefficients, of shape (features,), to begin from (zeros by default). A sweep sets one coefficient
    after another to the best value that the others leave it; the last one changed none by more than `tolerance` of
    y's standard deviation, measured in the predictions. Where columns nearly repeat each other, exact steps between
    the sweeps keep their number small. CourseError if `most_sweeps` do not suffice, and for a constant
    column. With l1 = 0 it returns `ridge`, exactly. Source: Friedman et al. 2010, doi:10.18637/jss.v033.i01;
    agrees with scikit-learn's `ElasticNet`, given `to_sklearn(l1, l2)`.
    """
    l1, l2 = _strength("l1", l1), _strength("l2", l2)
    if l1 == 0:
        return ridge(x, y, l2, fit_intercept)
    x, y, x_mean, y_mean = _centred(x, y, fit_intercept)
    w = np.zeros(x.shape[1]) if start is None else _array("start", start).copy()
    if w.shape != x.shape[1:]:
        raise CourseError(f"start has shape {w.shape}, but x has {x.shape[1]} columns: give one number for each.")
    gram, target = x.T @ x / len(x), x.T @ y / len(x)
    small = tolerance * math.sqrt(np.mean(y**2))
    return _fit(_coordinate_descent(gram, target, w, l1 / 2, l2, small, most_sweeps), x_mean, y_mean)


def _coordinate_descent(gram, target, w, threshold, l2, small, most_sweeps):
    """Return the w that minimises w·gram·w - 2·target·w + 2·threshold·Σ|w| + l2·Σw², starting from `w`."""
    # In units in which every column bends the objective alike, so that columns of any size are solved together well;
    # threshold and l2 then differ from column to column.
    scale = np.sqrt(np.diag(gram) + l2)
    gram, target, w = gram / np.outer(scale, scale), target / scale, w * scale
    threshold, l2 = threshold / scale, l2 / scale**2
    spread = np.sqrt(np.diag(gram))
    for _ in range(most_sweeps):
        signs, largest = np.sign(w), 0.0
        pull = target - gram @ w  # what the present w leaves to be explained
        # A coefficient that is zero and pulled by less than the threshold would stay zero: it is not visited.
        for j in np.flatnonzero((w != 0) | (np.abs(pull) > threshold)):
            z = pull[j] + gram[j, j] * w[j]
            change = (z - min(max(z, -threshold[j]), threshold[j])) / (gram[j, j] + l2[j]) - w[j]
            if change:
                pull -= gram[j] * change
                w[j] += change
                largest = max(largest, abs(change) * spread[j])
        if largest <= small:
            return w / scale
        if np.array_equal(signs, np.sign(w)):
            w = _towards_best_of_these_signs(gram, target, w, threshold, l2)
    raise CourseError(
        f"coordinate descent has not settled after {most_sweeps:,} sweeps: standardise the columns, or give a larger "
        "l1, l2, tolerance or most_sweeps."
    )


def _towards_best_of_these_signs(gram, target, w, threshold, l2):
    """Return w, moved towards the best coefficients with its signs until one of them reaches zero.

    With the signs fixed the objective is a quadratic, so one linear system replaces thousands of small sweeps
    among correlated columns, and the objective only falls on the way. Where rounding would make it rise, w stays.
    """
    on = np.flatnonzero(w)
    now, moved = w[on], w.copy()
    system, right = gram[np.ix_(on, on)] + np.diag(l2[on]), target[on] - (threshold * np.sign(w))[on]
    bends, axes = np.linalg.eigh(system)
    flat = bends <= len(on) * np.finfo(float).eps * bends[-1]
    # Along a flat axis the fit stays as it is; if the penalty falls there, it falls until a coefficient is zero.
    way, farthest = -axes[:, flat] @ (axes[:, flat].T @ (threshold * np.sign(w))[on]), np.inf
    if np.linalg.norm(way) <= 1e-9 * np.linalg.norm(threshold[on]):
        bent = axes[:, ~flat]
        way, farthest = bent @ ((bent.T @ (right - system @ now)) / bends[~flat]), 1.0
    zero_at = np.divide(-now, way, out=np.full(len(on), np.inf), where=now * way < 0)
    share = min(farthest, np.min(zero_at))
    moved[on] = np.where(zero_at <= share, 0.0, now + share * way)
    gained = 2 * (right - system @ now) @ (moved[on] - now) - (moved[on] - now) @ system @ (moved[on] - now)
    return moved if gained >= 0 else w


def lasso(x, y, l1, **options) -> LinearFit:
    """Return `elastic_net` without L2, with its options; agrees with scikit-learn's `Lasso(alpha=l1 / 2)`.

    Source: Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x.
    """
    return elastic_net(x, y, l1, **options)


def coefficient_path(x, y, l1s, l2=0.0) -> np.ndarray:
    """Return the coefficients of `elastic_net` for each of `l1s`, in their order: shape (len(l1s), features).

    From the largest l1 to the smallest, each fit begins where the one before ended.
    """
    l1s = _array("l1s", l1s)
    if l1s.ndim != 1:
        raise CourseError(f"l1s must be a list of strengths, not of shape {l1s.shape}.")
    path, w = np.empty((len(l1s), _table(x).shape[1])), None
    for i in np.argsort(-l1s):
        w = path[i] = elastic_net(x, y, l1s[i], l2, start=w).coefficients
    return path


def l1_max(x, y) -> float:
    """Return the smallest l1 for which every coefficient of the lasso (intercept fitted) is exactly zero.

    It is 2 · max |xᵀy| / rows of the centred x and y. Source: Friedman et al. 2010, doi:10.18637/jss.v033.i01.
    """
    x, y, _, _ = _centred(x, y, fit_intercept=True)
    return 2 * float(np.max(np.abs(x.T @ y / len(x))))


# --- Shared: centring, the SVD, and what input can be used


def _svd(x):
    """Return u, d, vt of x, with exact zeros for those singular values that are only rounding error."""
    u, d, vt = np.linalg.svd(x, full_matrices=False)
    d[d <= max(x.shape) * np.finfo(float).eps * d[0]] = 0
    return u, d, vt


def _centred(x, y, fit_intercept):
    """Return x and y less their means (less 0 without an intercept), and the means."""
    x, y = _data(x, y)
    useless = np.ptp(x, axis=0) == 0 if fit_intercept else np.all(x == 0, axis=0)
    if useless.any():
        column = int(np.argmax(useless))
        raise CourseError(
            f"column {column} of x (counted from 0) is the same in every row and teaches a model nothing: drop it."
        )
    x_mean, y_mean = (x.mean(axis=0), y.mean()) if fit_intercept else (np.zeros(x.shape[1]), 0.0)
    return x - x_mean, y - y_mean, x_mean, y_mean


def _fit(coefficients, x_mean, y_mean):
    return LinearFit(coefficients, float(y_mean - x_mean @ coefficients))


def _data(x, y):
    x, y = _table(x), _array("y", y)
    if y.ndim != 1:
        raise CourseError(f"y must have one axis, (rows,), not shape {y.shape}: for a column, give y[:, 0].")
    if len(y) != len(x):
        raise CourseError(f"x has {len(x)} rows, but y has {len(y)}: give both for the same rows.")
    return x, y


def _table(x, fewest=2):
    x = _array("x", x)
    if x.ndim != 2:
        raise CourseError(
            f"x must have two axes, (rows, features), not shape {x.shape}: for one feature, give x[:, None]."
        )
    if len(x) < fewest or x.shape[1] < 1:
        raise CourseError(f"x of shape {x.shape} is too small: it needs rows, at least {fewest}, and a column.")
    return x


def _array(name, values):
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise CourseError(f"{name} must hold numbers, in rows of the same length.") from None
    if not np.isfinite(values).all():
        raise CourseError(f"{name} has values that are NaN or infinite: remove or replace them first.")
    return values


def _strength(name, value):
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise CourseError(f"{name} must be one number, not a value of type {type(value).__name__}.")
    if not 0 <= value < math.inf:
        raise CourseError(f"{name} must be a finite number from 0 up, not {value!r}.")
    return float(value)


def _count(name, value, fewest):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < fewest:
        raise CourseError(f"{name} must be a whole number from {fewest} up, not {value!r}.")
    return int(value)
