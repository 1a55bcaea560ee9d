"""The exercises of lesson 07."""

import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, NotAttempted, Wrong, call, calls, number, shown

LESSON = "07 Batch normalization"


def _as_two(answer, cases, names, wanted):
    """`answer`, of which each call must return two arrays of the shape of its first argument.

    Raises Wrong where it does not. What is not filled in goes through as it is.
    """
    for case in cases:
        results = call(answer, *case, names=names)
        if results is None or results is ... or (isinstance(results, (tuple, list)) and any(r is ... for r in results)):
            continue
        try:
            fits = len(results) == 2 and all(np.shape(r) == np.shape(case[0]) for r in results)
        except (TypeError, ValueError):
            fits = False
        if not fits:
            shape = np.shape(case[0])
            raise Wrong(f"Your function should return {wanted}, of shape `{shape}` each; it returned {shown(results)}.")
    return answer


# ---- what is left of it at inference ------------------------------------------------------------------------------


def _as_line(gamma, beta, moving_mean, moving_variance, epsilon):
    slope = gamma / np.sqrt(moving_variance + epsilon)
    return slope, beta - slope * moving_mean


def _layer(seed, units, epsilon):
    draw = seeds.fixed(seed)
    columns = [draw.normal(1, 0.5, units), draw.normal(0, 1, units), draw.normal(1, 2, units), draw.gamma(2, 1, units)]
    return (*(column.round(2) + 0.01 for column in columns), epsilon)


_LAYERS = [_layer(0, 3, 1e-3), _layer(1, 2, 0.1), _layer(2, 4, 1.0)]
_LAYER_NAMES = ["gamma", "beta", "moving_mean", "moving_variance", "epsilon"]

as_line = Exercise(
    "batch_norm.as_line",
    "A slope and an intercept",
    lambda answer: calls(
        _as_two(answer, _LAYERS, _LAYER_NAMES, "two arrays, the slopes and the intercepts"),
        _LAYERS,
        _as_line,
        {
            "The epsilon is missing: Keras adds it to the variance before it takes the root.": (
                lambda g, b, m, v, e: _as_line(g, b, m, v, 0)
            ),
            "You add epsilon to the standard deviation; Keras adds it to the variance, under the root.": (
                lambda g, b, m, v, e: (g / (np.sqrt(v) + e), b - g * m / (np.sqrt(v) + e))
            ),
            "You divide by the variance; divide by its root, the standard deviation.": (
                lambda g, b, m, v, e: (g / (v + e), b - g * m / (v + e))
            ),
            "Your intercept takes off the moving mean itself. The mean is multiplied by the slope too.": (
                lambda g, b, m, v, e: (g / np.sqrt(v + e), b - m)
            ),
            "Your intercept is beta alone: that would be right only if the moving mean were 0.": (
                lambda g, b, m, v, e: (g / np.sqrt(v + e), b)
            ),
            "Your intercept *adds* slope times mean; the mean is subtracted.": (
                lambda g, b, m, v, e: (g / np.sqrt(v + e), b + g / np.sqrt(v + e) * m)
            ),
            "Your slope leaves gamma out.": (lambda g, b, m, v, e: (1 / np.sqrt(v + e), b - m / np.sqrt(v + e))),
            "Both are right, in the other order: the slope first.": lambda *case: _as_line(*case)[::-1],
        },
    ),
    hints=[
        "Write the formula out: gamma · (z − mean) / √(variance + epsilon) + beta. What stands before z?",
        "The slope is `gamma / np.sqrt(moving_variance + epsilon)`.",
        "Set z to 0 in the formula: what it gives there is the intercept.",
    ],
    solution="""
        def as_line(gamma, beta, moving_mean, moving_variance, epsilon):
            slope = gamma / np.sqrt(moving_variance + epsilon)
            return slope, beta - slope * moving_mean
    """,
    why="At inference batch norm is a straight line for each unit. The dense layer before it can take the line into "
    "its own weights, and programs that only predict often do that.",
)


# ---- the same step with larger weights ----------------------------------------------------------------------------


def _same_rate(rate, factor):
    return rate * factor**2


same_rate = Exercise(
    "batch_norm.same_rate",
    "The learning rate that makes the same step",
    lambda answer: calls(
        answer,
        [(0.1, 10.0), (0.01, 0.5), (0.3, 2.0), (1.0, 3.0)],
        _same_rate,
        {
            "The gradient is `factor` times smaller, that is one factor. The step must also be `factor` times longer, "
            "because the weights are.": lambda rate, factor: rate * factor,
            "That is one factor, and the wrong way round: larger weights have a *smaller* gradient.": (
                lambda rate, factor: rate / factor
            ),
            "The square is right, and the wrong way round: larger weights need a *larger* rate to turn as far.": (
                lambda rate, factor: rate / factor**2
            ),
            "The same rate makes a step of other length on weights of other length.": lambda rate, factor: rate,
            "The rate grows faster than by the root of the factor: two factors come together.": (
                lambda rate, factor: rate * np.sqrt(factor)
            ),
        },
    ),
    hints=[
        "You saw it above: weights ten times larger, a gradient ten times smaller.",
        "The step, rate · gradient, has to be `factor` times as long as before, since it changes weights that are.",
        "So rate · gradient / factor = `factor` · (old rate) · gradient.",
    ],
    solution="""
        def same_rate(rate, factor):
            return rate * factor**2
    """,
    why="With plain gradient descent, what counts under batch norm is the learning rate divided by the squared length "
    "of the weights (with Adam: by the length). L2 makes the weights shorter, and so they turn farther.",
)


# ---- batch norm makes it worse ------------------------------------------------------------------------------------

_CAUSES = {
    "too few epochs": "With 40 epochs the accuracy is fine. But the network without batch norm had 12 epochs as well: "
    "what is it that batch norm needs the steps for?",
    "overfitting": "Overfitted weights would stay so. Take the # off the last line: the same weights do far better on "
    "the validation rows.",
    "learning rate": "A larger learning rate helps both networks, and does not close the gap. Test the fourth suspect.",
    "moving averages": None,
}


def _check_suspect(answer):
    if not isinstance(answer, dict):
        raise Wrong(f"Your answer should be a dictionary such as `{{'cause': …, 'share': …}}`, not {shown(answer)}.")
    missing = [name for name in ("cause", "share") if name not in answer]
    if missing:
        return f"Your dictionary has no {missing[0]!r} yet."
    cause, share = answer["cause"], answer["share"]
    if cause is None or share is None:
        raise NotAttempted("Fill in both, the cause and the share.")
    if not isinstance(cause, str) or cause.strip().lower() not in _CAUSES:
        return f"For the cause choose one of {', '.join(_CAUSES)}; yours is {shown(cause)}."
    if _CAUSES[cause.strip().lower()]:
        return f"It is not “{cause.strip().lower()}”. {_CAUSES[cause.strip().lower()]}"
    fault = number(
        share,
        0.99**72,
        {
            "That is the share that the batches have. What is left of the start is the rest of it.": 1 - 0.99**72,
            "That counts one update for each epoch. There is one for each batch.": 0.99**12,
            "That counts the batches of one epoch; there were 12 epochs.": 0.99**6,
            "Each batch leaves 0.99 of what was there. After two batches that is 0.99 · 0.99.": 1 - 72 * 0.01,
            "A batch has the weight 0.01, so it is 0.99 that is left of what was there before.": 0.01**72,
            "That is in per cent; give a share, from 0 to 1.": 100 * 0.99**72,
            "That is with momentum 0.9; hers is 0.99.": 0.9**72,
        },
        rtol=0.015,
    )
    return fault and f"The cause is right. The share: {fault}"


suspect = Exercise(
    "batch_norm.suspect",
    "Batch norm makes it worse: why?",
    _check_suspect,
    hints=[
        "Take the `#` off one line at a time. Three suspects do not close the gap, or only go around the cause.",
        "The last line uses the means and variances of the training rows. The same weights do much better with them.",
        "Each batch leaves 0.99 of the old value, and there were 12 · 6 batches.",
    ],
    solution="""
        case = {"cause": "moving averages", "share": 0.99 ** (6 * 12)}
    """,
    why="The weights are fine. The moving averages still hold 48% of the values with which they started, mean 0 and "
    "variance 1, and those have nothing to do with the data.",
)


# ---- take the start out -------------------------------------------------------------------------------------------


def _without_start(moving_mean, moving_variance, momentum, steps):
    left = momentum**steps
    return moving_mean / (1 - left), (moving_variance - left) / (1 - left)


def _averaged(seed, units, momentum, steps):
    draw = seeds.fixed(seed)
    mean, variance, left = draw.normal(0, 2, units), draw.gamma(2, 1, units), momentum**steps
    return (1 - left) * mean, left + (1 - left) * variance, momentum, steps


_AVERAGES = [_averaged(0, 3, 0.99, 72), _averaged(1, 2, 0.9, 5), _averaged(2, 4, 0.5, 2)]
_AVERAGE_NAMES = ["moving_mean", "moving_variance", "momentum", "steps"]

without_start = Exercise(
    "batch_norm.without_start",
    "Take the start out of a moving average",
    lambda answer: calls(
        _as_two(answer, _AVERAGES, _AVERAGE_NAMES, "two arrays, the mean and the variance"),
        _AVERAGES,
        _without_start,
        {
            "Your mean is right. The variance did not start at 0 but at 1: that 1 has to be taken off first.": (
                lambda m, v, momentum, steps: (m / (1 - momentum**steps), v / (1 - momentum**steps))
            ),
            "You took the share of the start off, and did not divide by what is left: 1 − share.": (
                lambda m, v, momentum, steps: (m, v - momentum**steps)
            ),
            "You took the share of the start off the mean too. The mean started at 0: there is nothing to take off.": (
                lambda m, v, momentum, steps: (
                    (m - momentum**steps) / (1 - momentum**steps),
                    _without_start(m, v, momentum, steps)[1],
                )
            ),
            "You divide by the share of the start; divide by the share of the batches, 1 − that.": (
                lambda m, v, momentum, steps: (m / momentum**steps, (v - momentum**steps) / momentum**steps)
            ),
            "The share of the start is momentum to the power of steps; yours is as if there had been one step.": (
                lambda m, v, momentum, steps: _without_start(m, v, momentum, 1)
            ),
            "Both are right, in the other order: the mean first.": lambda *case: _without_start(*case)[::-1],
            "Nothing has changed: that is what went in.": lambda m, v, momentum, steps: (m, v),
        },
    ),
    hints=[
        "After t batches: average = share · start + (1 − share) · what the batches say; share = momentum^t.",
        "Solve that for “what the batches say”. The mean started at 0, the variance at 1.",
        "`left = momentum**steps`; the variance is `(moving_variance - left) / (1 - left)`.",
    ],
    solution="""
        def without_start(moving_mean, moving_variance, momentum, steps):
            left = momentum**steps
            return moving_mean / (1 - left), (moving_variance - left) / (1 - left)
    """,
    why="Adam does the same with its own two averages, for the same reason. Batch norm layers do not: they count on "
    "many steps.",
)
