"""The exercises of lesson 04."""

import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, Wrong, calls, shown
from course_utils.penalties import elastic_net_prox, from_sklearn, soft_threshold

LESSON = "04 Elastic Net"


# ---- the proximal step ------------------------------------------------------------------------------------------


def _proximal_step(z, step, l1, l2):
    return elastic_net_prox(z, step, l1, l2)


_STEPS = [
    (np.array([3.0, -2.0, 0.1, -0.2, 0.0]), 0.5, 1.0, 0.4),
    (np.array([1.0, -1.0, 0.05]), 0.1, 2.0, 3.0),
    (np.array([0.7, -0.3]), 0.2, 0.0, 1.5),
    (np.array([0.7, -0.3]), 0.2, 0.9, 0.0),
]

proximal_step = Exercise(
    "elastic_net.proximal_step",
    "Write the proximal step of the elastic net",
    lambda answer: calls(
        answer,
        _STEPS,
        _proximal_step,
        {
            "That is the step of the lasso: λ₂ does nothing in it yet. It divides what the threshold leaves.": (
                lambda z, step, l1, l2: soft_threshold(z, step * l1)
            ),
            "Divide by 1 + 2·step·λ₂: the slope of λ₂w² is 2λ₂w, so there is a 2.": (
                lambda z, step, l1, l2: soft_threshold(z, step * l1) / (1 + step * l2)
            ),
            "You divided before the threshold. Take the threshold first, then divide what is left.": (
                lambda z, step, l1, l2: soft_threshold(z / (1 + 2 * step * l2), step * l1)
            ),
            "The threshold is step·λ₁, and yours is λ₁ alone: a shorter step takes less away.": (
                lambda z, step, l1, l2: soft_threshold(z, l1) / (1 + 2 * step * l2)
            ),
            "The step belongs to both penalties: yours divides by 1 + 2·λ₂.": (
                lambda z, step, l1, l2: soft_threshold(z, step * l1) / (1 + 2 * l2)
            ),
            "The threshold is step·λ₁, without a ½: half of it would belong to half the squared error.": (
                lambda z, step, l1, l2: soft_threshold(z, step * l1 / 2) / (1 + 2 * step * l2)
            ),
            "Multiplying by 1 − 2·step·λ₂ is a gradient step on λ₂w². The proximal step divides by 1 + 2·step·λ₂.": (
                lambda z, step, l1, l2: soft_threshold(z, step * l1) * (1 - 2 * step * l2)
            ),
            "The sign is lost: give what is left the sign of z.": (
                lambda z, step, l1, l2: np.abs(elastic_net_prox(z, step, l1, l2))
            ),
            "Where |z| is below the threshold the result is 0; yours goes through to the other side.": (
                lambda z, step, l1, l2: np.sign(z) * (np.abs(z) - step * l1) / (1 + 2 * step * l2)
            ),
        },
    ),
    hints=[
        "For w > 0 the slope of what is minimised is (w − z)/step + λ₁ + 2λ₂w. Set it to 0 and solve for w.",
        "That gives w = (z − step·λ₁) / (1 + 2·step·λ₂), as long as it comes out positive.",
        "`np.sign(z) * np.maximum(np.abs(z) - step * l1, 0)` is the soft threshold; divide it.",
    ],
    solution="""
        def proximal_step(z, step, l1, l2):
            shrunk = np.sign(z) * np.maximum(np.abs(z) - step * l1, 0)
            return shrunk / (1 + 2 * step * l2)
    """,
    why="First L1 takes the same amount off every weight and may leave nothing of it; then L2 divides what is left. "
    "Only the first of the two makes zeros.",
)


# ---- from scikit-learn's strengths to Keras's -------------------------------------------------------------------


def _keras_strengths(alpha, l1_ratio):
    return from_sklearn(alpha, l1_ratio)


keras_strengths = Exercise(
    "elastic_net.keras_strengths",
    "From scikit-learn's strengths to Keras's",
    lambda answer: calls(
        answer,
        [(0.5, 0.4), (0.03, 0.9), (2.0, 1.0), (0.7, 0.0)],
        _keras_strengths,
        {
            "Those are the factors as they stand in scikit-learn's objective. Its squared error has a ½ that Keras's "
            "has not: multiply everything by 2.": lambda a, r: (a * r, a * (1 - r) / 2),
            "λ₂ is right. λ₁ is half of what it should be: scikit-learn's squared error has a ½.": (
                lambda a, r: (a * r, a * (1 - r))
            ),
            "λ₁ is right. λ₂ is twice what it should be: scikit-learn's squares already have a ½ of their own.": (
                lambda a, r: (2 * a * r, 2 * a * (1 - r))
            ),
            "λ₁ is right. λ₂ is half of what it should be: twice ½ is 1.": lambda a, r: (2 * a * r, a * (1 - r) / 2),
            "Both numbers are right, in the other order: λ₁ first.": lambda a, r: _keras_strengths(a, r)[::-1],
            "l1_ratio is the share of L1; you gave that share to L2.": lambda a, r: _keras_strengths(a, 1 - r),
            "That goes the other way, from Keras to scikit-learn.": (
                lambda l1, l2: (l1 / 2 + l2, l1 / 2 / (l1 / 2 + l2))
            ),
        },
    ),
    hints=[
        "Multiply scikit-learn's whole objective by 2: the place of its minimum does not move.",
        "Then the squared error is a plain mean, as in Keras; read off what stands before Σ|w| and Σw².",
        "2 · α · l1_ratio before Σ|w|, and 2 · α · (1 − l1_ratio) / 2 before Σw².",
    ],
    solution="""
        def keras_strengths(alpha, l1_ratio):
            return 2 * alpha * l1_ratio, alpha * (1 - l1_ratio)
    """,
    why="Multiplying an objective by 2 moves no minimum, and after it both have the same squared error. The number of "
    "rows does not come in, because both average over them.",
)


# ---- reading the plane ------------------------------------------------------------------------------------------


def _best_cell(val_loss, l1s, l2s):
    row, column = np.unravel_index(np.mean(val_loss, axis=2).argmin(), val_loss.shape[:2])
    return l1s[row], l2s[column]


def _at(place, l1s, l2s):
    return l1s[place[0]], l2s[place[1]]


def _plane(seed, shape):
    draw = seeds.fixed(seed)
    values = 1.5 + 0.2 * draw.normal(size=(*shape[:2], 1)) + 0.1 * draw.normal(size=shape)
    values[0, -1], values[-1, 0] = 1.9, 2.6
    values[0, -1, 1] = 0.2  # one lucky network, in a bad cell
    return values, [0.0, 0.001, 0.003, 0.01][: shape[0]], [0.0, 0.002, 0.02, 0.05, 0.2][: shape[1]]


_PLANES = [_plane(0, (3, 4, 5)), _plane(1, (4, 5, 3)), _plane(2, (3, 3, 6))]

best_cell = Exercise(
    "elastic_net.best_cell",
    "Read the plane",
    lambda answer: calls(
        answer,
        _PLANES,
        _best_cell,
        {
            "That cell holds the single best network. Average over the seeds (the last axis) first, then choose.": (
                lambda v, a, b: _at(np.unravel_index(v.argmin(), v.shape), a, b)
            ),
            "That cell has the highest mean; for a loss you want the lowest.": (
                lambda v, a, b: _at(np.unravel_index(v.mean(2).argmax(), v.shape[:2]), a, b)
            ),
            "The right cell, in the other order: λ₁ first.": lambda v, a, b: _best_cell(v, a, b)[::-1],
            "Those are the places in the lists, counted from 0; look up the strengths that stand there.": (
                lambda v, a, b: np.unravel_index(v.mean(2).argmin(), v.shape[:2])
            ),
            "You chose λ₁ and λ₂ one after the other, each by its own average. The best pair need not lie there: look "
            "at all cells.": lambda v, a, b: (a[v.mean((1, 2)).argmin()], b[v.mean((0, 2)).argmin()]),
            "You looked at the first seed only. Average over the last axis.": (
                lambda v, a, b: _at(np.unravel_index(v[:, :, 0].argmin(), v.shape[:2]), a, b)
            ),
        },
    ),
    hints=[
        "`val_loss.mean(axis=2)` is one number for each cell.",
        "`np.unravel_index(cells.argmin(), cells.shape)` turns the place of the lowest into a row and a column.",
        "The row is a place in `l1s`, the column one in `l2s`.",
    ],
    solution="""
        def best_cell(val_loss, l1s, l2s):
            cells = val_loss.mean(axis=2)
            row, column = np.unravel_index(cells.argmin(), cells.shape)
            return l1s[row], l2s[column]
    """,
    why="Averaging comes before choosing: the single best network of a large grid is mostly a lucky one.",
)


# ---- which penalty for which data -------------------------------------------------------------------------------

_PENALTIES = ("L1", "L2", "elastic net", "none")
_REASONS = ("few", "all", "groups", "one of a group", "no gap")
_DATA_SETS = {
    "A": (
        "elastic net",
        "groups",
        "of 5,000 genes few matter, but they come in groups, and the groups are wanted whole: something has to set "
        "the others to zero and hold a group together",
    ),
    "B": ("L1", "few", "of forty answers that have nothing to do with each other three or four matter"),
    "C": ("L2", "all", "every wavelength matters a little, and nobody asks for a short list"),
    "D": ("L1", "one of a group", "here a single member of the group is what is wanted, whichever it is"),
    "E": ("none", "no gap", "training and held-out error are equal, so there is no variance left to buy"),
}


def _check_choose(answer):
    if not isinstance(answer, dict):
        raise Wrong(
            f"Your answer should be a dictionary such as `{{'A': ('L1', 'few'), …}}`, and it is {shown(answer)}."
        )
    for name, (penalty, reason, why) in _DATA_SETS.items():
        given = answer.get(name)
        if name not in answer:
            return f"Data set {name} has no answer yet."
        if not isinstance(given, (tuple, list)) or len(given) != 2 or not all(isinstance(g, str) for g in given):
            return f"For data set {name} give a penalty and a reason, such as `('L1', 'few')`; yours is {shown(given)}."
        chosen, defence = (" ".join(g.lower().split()) for g in given)
        if chosen not in [p.lower() for p in _PENALTIES]:
            return f"For data set {name} choose one of {', '.join(_PENALTIES)}; yours is {shown(given[0])}."
        if defence not in _REASONS:
            return f"For data set {name} choose a reason among {', '.join(_REASONS)}; yours is {shown(given[1])}."
        if chosen != penalty.lower():
            return f"Data set {name}: {given[0].strip()} is not the first choice here. Look at it again: {why}."
        if defence != reason:
            return f"Data set {name}: the penalty is well chosen, but “{given[1].strip()}” does not defend it: {why}."
    return None


choose = Exercise(
    "elastic_net.choose",
    "Choose the penalty, and defend it",
    _check_choose,
    hints=[
        "Ask two questions of each: do few features matter or nearly all, and do they come in groups of near-copies?",
        "A and D both have groups. What does the owner want of a group, all of it or one member?",
        "In E, look at the two errors before you look at the features.",
    ],
    solution="""
        choices = {
            "A": ("elastic net", "groups"),
            "B": ("L1", "few"),
            "C": ("L2", "all"),
            "D": ("L1", "one of a group"),
            "E": ("none", "no gap"),
        }
    """,
    why="A first choice, to be held against the others on validation rows: you know the truth only of data that you "
    "made yourself.",
)
