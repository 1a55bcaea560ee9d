"""The exercises of lesson 03."""

import functools
import math

import numpy as np

from course_utils import datasets, penalties, seeds
from course_utils.exercise import Exercise, Wrong, calls, shown

LESSON = "03 L1: sparsity"


# ---- the soft threshold -----------------------------------------------------------------------------------------


def _clipped(z, t):
    return np.clip(z, -t, t)


def _hard(z, t):
    return np.where(np.abs(z) > t, z, 0.0)


_Z = [
    (np.array([-2.0, -0.5, -0.2, 0.0, 0.3, 0.5, 3.0]), 0.5),
    (np.array([1.0, -1.0, 0.25]), 0.0),
    (np.array([[0.9, -4.0], [0.1, -0.7]]), 0.8),
    (np.array([0.2, -0.1]), 1.5),
]

soft_threshold = Exercise(
    "l1.soft_threshold",
    "Write the soft threshold",
    lambda answer: calls(
        answer,
        _Z,
        penalties.soft_threshold,
        {
            "The middle is zero, but the others must come nearer to zero by t as well. What you have is the *hard* "
            "threshold.": _hard,
            "That is what the soft threshold takes away. Subtract it from z.": _clipped,
            "That is the size without the sign: give each number its sign back.": (
                lambda z, t: np.maximum(np.abs(z) - t, 0)
            ),
            "Past zero your numbers come out on the other side. Stop at zero, with a maximum.": (
                lambda z, t: np.sign(z) * (np.abs(z) - t)
            ),
            "That takes t off every number, whatever its sign. Negative ones must come up, towards zero.": (
                lambda z, t: z - t
            ),
            "Right for positive numbers only: negative ones are treated alike, with the sign turned round.": (
                lambda z, t: np.maximum(z - t, 0)
            ),
            "That threshold is t/2. The half belongs to λ/2; here t is the threshold itself.": (
                lambda z, t: penalties.soft_threshold(z, t / 2)
            ),
            "That divides by 1 + t: the same factor for all, and never zero. It is what L2 does.": (
                lambda z, t: z / (1 + t)
            ),
        },
    ),
    hints=[
        "Take the number apart into its sign, `np.sign(z)`, and its size, `np.abs(z)`.",
        "The size becomes smaller by `t`, and never smaller than 0: `np.maximum(…, 0)`.",
        "Put them together again: sign times size.",
    ],
    solution="""
        def soft_threshold(z, t):
            return np.sign(z) * np.maximum(np.abs(z) - t, 0)
    """,
    why="Everything within t of zero becomes exactly zero, and everything else comes t nearer to it.",
)


# ---- counting zeros ---------------------------------------------------------------------------------------------


def _count(kernels, small):
    w = np.concatenate([np.asarray(kernel, float).ravel() for kernel in kernels])
    exact = int(np.sum(w == 0))
    return exact, int(np.sum(np.abs(w) < small)) - exact


def _kernels(seed, shapes, tiny, zeros):
    draw, kernels = seeds.fixed(seed), []
    for shape in shapes:
        w = draw.normal(size=shape)
        w[np.abs(w) < 0.1] = 0.5
        flat = w.ravel()
        flat[:tiny] = draw.choice([-1, 1], tiny) * draw.uniform(1e-6, 9e-4, tiny)
        flat[tiny : tiny + zeros] = 0.0
        kernels.append(flat.reshape(shape))
    return kernels


_NETWORKS = [
    (_kernels(0, [(6, 4), (4, 3)], 5, 2), 1e-3),
    (_kernels(1, [(8, 2)], 4, 0), 1e-3),
    (_kernels(2, [(5, 5), (5, 2), (2, 3)], 2, 4), 1e-2),
]


def _of_first(kernels, small):
    return _count(kernels[:1], small)


count_zeros = Exercise(
    "l1.count_zeros",
    "Count zeros honestly",
    lambda answer: calls(
        answer,
        _NETWORKS,
        _count,
        {
            "Your first number counts everything below `small` as zero. That is the mistake that this exercise is "
            "about: ask for `== 0`.": lambda k, s: (sum(_count(k, s)), 0),
            "Your second number includes the exact zeros. Count only those that are small *and* not zero.": (
                lambda k, s: (_count(k, s)[0], sum(_count(k, s)))
            ),
            "Your first number is everything below `small`, your second the exact zeros. The tolerance hides which "
            "are which: exact zeros first, then the small ones that are not zero.": (
                lambda k, s: (sum(_count(k, s)), _count(k, s)[0])
            ),
            "Your two numbers are right, in the other order: exact zeros first.": lambda k, s: _count(k, s)[::-1],
            "You counted in the first kernel only. Go through all of them.": _of_first,
            "A large negative weight is below `small` too. Compare the size, `np.abs(w)`.": (
                lambda k, s: (_count(k, s)[0], sum(int(np.sum((w < s) & (w != 0))) for w in k))
            ),
            "Those are shares; return how many there are.": lambda k, s: (
                np.array(_count(k, s)) / sum(w.size for w in k)
            ),
            "`np.isclose` counts everything within 1e-8 as zero, and with a larger tolerance more. Ask for `== 0`.": (
                lambda k, s: (sum(int(np.sum(np.isclose(w, 0, atol=s))) for w in k), 0)
            ),
        },
    ),
    hints=[
        "For one kernel: `np.sum(w == 0)` counts the exact zeros.",
        "Small and not zero are two conditions at once: `(w != 0) & (np.abs(w) < small)`.",
        "Add up over the kernels, with a loop or with `sum(… for w in kernels)`.",
    ],
    solution="""
        def count_zeros(kernels, small):
            exact = sum(np.sum(w == 0) for w in kernels)
            near = sum(np.sum((w != 0) & (np.abs(w) < small)) for w in kernels)
            return exact, near
    """,
    why="Only the first number says that a weight can be left out without changing a single prediction.",
)


# ---- dropping what is irrelevant --------------------------------------------------------------------------------

_ROWS, _SPLITS, _EXCEPTIONS = 200, 20, 2


@functools.lru_cache(maxsize=64)
def _kept(standardize, l1):
    """For each of 20 samples of houses, which of the seven features keep a coefficient other than 0."""
    splits = [datasets.houses(seed, train_rows=_ROWS, standardize=standardize) for seed in range(100, 100 + _SPLITS)]
    return np.array([penalties.lasso(s.x_train, s.y_train, l1).coefficients != 0 for s in splits])


def _check_drop(answer):
    if not isinstance(answer, dict) or set(answer) != {"standardize", "l1"}:
        raise Wrong(f"Your answer should be a dictionary with the keys standardize and l1, and it is {shown(answer)}.")
    standardize, l1 = answer["standardize"], answer["l1"]
    if not isinstance(standardize, (bool, np.bool_)):
        return f"standardize is True or False; yours is {shown(standardize)}."
    if isinstance(l1, bool) or not isinstance(l1, (int, float, np.number)) or not 0 <= l1 < math.inf:
        return f"l1 is a number from 0; yours is {shown(l1)}."
    kept = _kept(bool(standardize), float(l1))
    names = datasets.TABLES["houses"].columns
    found = f"With l1 = {float(l1):g} and {'standardised' if standardize else 'raw'} columns, in {_SPLITS} new samples:"
    for name, keeps in zip(names, kept.T, strict=True):
        if names[name][1] == 0 and keeps.sum() > _EXCEPTIONS:
            why = (
                "a penalty on raw columns hardly touches a coefficient whose column has large numbers"
                if not standardize
                else "a larger l1 is needed"
            )
            return f"{found} {name} stays in {keeps.sum()}. Its true weight is 0, and {why}."
    for name, keeps in zip(names, kept.T, strict=True):
        if names[name][1] != 0 and keeps.sum() < _SPLITS - _EXCEPTIONS:
            why = (
                "in raw columns, no l1 separates the two kinds"
                if not standardize
                else "l1 is so large that it drops what matters too"
            )
            return f"{found} {name} stays in only {keeps.sum()}. It matters; {why}."
    return None


drop_feature = Exercise(
    "l1.drop_feature",
    "Drop the irrelevant features",
    _check_drop,
    hints=[
        "First decide on the columns: in which units does a metre of size cost the same as a degree of colour?",
        "Standardise. Then look at the coefficient paths above: between which two values of λ are the two dashed lines "
        "at zero and no solid line yet?",
        "Those paths are of one sample; stay away from both ends. Values between 12 and 22 have room on both sides.",
    ],
    solution="""
        choice = {"standardize": True, "l1": 16}
    """,
    why="Both are gone and all five stay, in at least 18 of 20 samples that you had not seen. You knew the truth, "
    "though, and could read the gap off the figure. With real data you only have the error to go by.",
)


# ---- what a penalty costs before the first step -----------------------------------------------------------------


def _initial_penalty(sizes, l1):
    total = 0.0
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        total += inputs * outputs * math.sqrt(6 / (inputs + outputs)) / 2
    return l1 * total


def _variant(mean_size):
    return lambda sizes, l1: l1 * sum(mean_size(i, o) for i, o in zip(sizes, sizes[1:], strict=False))


initial_penalty = Exercise(
    "l1.initial_penalty",
    "What the penalty is before the first step",
    lambda answer: calls(
        answer,
        [([784, 64, 10], 0.01), ([64, 64, 10], 0.003), ([50, 1], 0.3), ([30, 128, 64, 1], 0.001)],
        _initial_penalty,
        {
            "You took every weight to be as large as the limit. Between −limit and limit the mean size is limit/2.": (
                _variant(lambda i, o: i * o * math.sqrt(6 / (i + o)))
            ),
            "That is the mean size of a weight in each layer. How many weights does a layer have?": (
                _variant(lambda i, o: math.sqrt(6 / (i + o)) / 2)
            ),
            "That is the penalty of L2, with squares: a uniform weight's mean square is limit²/3. L1 takes sizes.": (
                _variant(lambda i, o: i * o * 2 / (i + o))
            ),
            "That uses the standard deviation, limit/√3. The mean size is limit/2.": (
                _variant(lambda i, o: i * o * math.sqrt(2 / (i + o)))
            ),
            "The biases are not penalised (and start at 0): a layer has inputs × outputs weights.": (
                _variant(lambda i, o: (i + 1) * o * math.sqrt(6 / (i + o)) / 2)
            ),
            "The strength is missing: multiply by l1.": lambda sizes, l1: _initial_penalty(sizes, 1.0),
            "That is the first layer alone: add up over all pairs of neighbouring sizes.": (
                lambda sizes, l1: _initial_penalty(sizes[:2], l1)
            ),
            "The root is missing: limit = √(6 / (inputs + outputs)).": (_variant(lambda i, o: i * o * 3 / (i + o))),
        },
        rtol=2e-3,
    ),
    hints=[
        "One layer: inputs × outputs weights, each of mean size limit/2.",
        "`zip(sizes, sizes[1:])` gives the (inputs, outputs) of each layer, one after the other.",
        "Sum `inputs * outputs * (6 / (inputs + outputs)) ** 0.5 / 2` over the layers; then times `l1`.",
    ],
    solution="""
        def initial_penalty(sizes, l1):
            total = 0
            for inputs, outputs in zip(sizes, sizes[1:]):
                limit = (6 / (inputs + outputs)) ** 0.5
                total += inputs * outputs * limit / 2
            return l1 * total
    """,
    why="Compare it with the loss at the start, which is about log(number of classes) for a classifier, before you "
    "choose a λ.",
)
