"""The exercises of lesson 01."""

import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, Wrong, calls, shown

LESSON = "01 Diagnosing overfitting"


# ---- the best epoch ---------------------------------------------------------------------------------------------


def _best_epoch(val_loss):
    return int(np.argmin(val_loss)) + 1


_CURVES = [
    (np.array([2.3, 1.9, 1.6, 1.7, 2.0]),),
    (np.array([1.2, 0.9, 0.8, 0.7, 0.65, 0.6]),),
    (np.array([0.5, 0.6, 0.7]),),
]

best_epoch = Exercise(
    "diagnosis.best_epoch",
    "Read the best epoch off a curve",
    lambda answer: calls(
        answer,
        _CURVES,
        _best_epoch,
        {
            "That counts the first epoch as 0. Epochs are counted from 1, as Keras prints them.": lambda v: np.argmin(
                v
            ),
            "That is the epoch with the highest loss; you want the lowest.": lambda v: np.argmax(v) + 1,
            "That is the last epoch, whatever the curve does.": lambda v: len(v),
            "That is the lowest loss itself; you want the number of its epoch.": lambda v: np.min(v),
        },
    ),
    hints=[
        "You want the place of the lowest value, not the value.",
        "`np.argmin(val_loss)` gives that place, and counts from 0.",
    ],
    solution="""
        def best_epoch(val_loss):
            return int(np.argmin(val_loss)) + 1
    """,
    why="That is the epoch at which the loss on these validation rows was lowest; on other rows, or by accuracy, it "
    "may be another.",
)


# ---- a naive baseline -------------------------------------------------------------------------------------------


def _naive_accuracy(y_train, y_new):
    labels, counts = np.unique(y_train, return_counts=True)
    return np.mean(y_new == labels[counts.argmax()])


_LABELS = [
    (np.array([0, 0, 1]), np.array([0, 1, 1, 1])),
    (np.array([2, 2, 2, 0, 1]), np.array([2, 2, 0, 1, 1, 1, 0])),
    (np.array([7, 3, 3, 7, 3]), np.array([3, 3, 3, 7])),
    (np.array([1, 1, 0, 1]), np.array([0, 0])),
]


def _most_common_share(labels):
    return np.unique(labels, return_counts=True)[1].max() / len(labels)


naive_accuracy = Exercise(
    "diagnosis.naive_accuracy",
    "Write the naive baseline",
    lambda answer: calls(
        answer,
        _LABELS,
        _naive_accuracy,
        {
            "You looked up the most common label in the new rows. A guess may only use the training rows.": (
                lambda y_train, y_new: _most_common_share(y_new)
            ),
            "That is how often the guess is right on the training rows; measure it on the new ones.": (
                lambda y_train, y_new: _most_common_share(y_train)
            ),
            "That is one over the number of classes: guessing at random. Always naming the most common label is "
            "the harder rival.": lambda y_train, y_new: 1 / len(np.unique(y_train)),
            "That is the most common label itself; return how often it is right on the new rows.": (
                lambda y_train, y_new: np.unique(y_train)[np.unique(y_train, return_counts=True)[1].argmax()]
            ),
            "That is the share of new rows on which the guess is wrong.": (
                lambda y_train, y_new: 1 - _naive_accuracy(y_train, y_new)
            ),
            "That is in per cent; return a share, from 0 to 1.": (
                lambda y_train, y_new: 100 * _naive_accuracy(y_train, y_new)
            ),
        },
    ),
    hints=[
        "Two steps: which label is the most common in `y_train`, and how often does `y_new` have it?",
        "`labels, counts = np.unique(y_train, return_counts=True)` counts each label.",
        "The most common one is `labels[counts.argmax()]`; `np.mean(y_new == …)` is a share.",
    ],
    solution="""
        def naive_accuracy(y_train, y_new):
            labels, counts = np.unique(y_train, return_counts=True)
            most_common = labels[counts.argmax()]
            return np.mean(y_new == most_common)
    """,
    why="A network that does not beat this has learned nothing of use, whatever its loss curve looks like.",
)


# ---- bias and variance ------------------------------------------------------------------------------------------


def _decompose(fits, truth):
    centre = fits.mean(axis=0)
    return np.mean((centre - truth) ** 2), np.mean((fits - centre) ** 2)


def _fitted(seed, repeats=6, points=5):
    draw = seeds.fixed(seed)
    truth = draw.normal(size=points)
    return truth + draw.normal(0.4, 0.5, size=(repeats, points)), truth


_FITS = [_fitted(0), _fitted(1, 3, 4), _fitted(2, 8, 2)]

decompose = Exercise(
    "diagnosis.decompose",
    "Take an error apart",
    lambda answer: calls(
        answer,
        _FITS,
        _decompose,
        {
            "Your first number is the mean squared error of single fits. The bias is that of the *mean* fit: average "
            "over the fits (axis 0) before you square.": lambda f, t: (np.mean((f - t) ** 2), np.var(f, axis=0).mean()),
            "Your two numbers are right, in the other order: squared bias first.": lambda f, t: _decompose(f, t)[::-1],
            "Your variance is taken around the truth. It is the spread of the fits around their own mean.": (
                lambda f, t: (_decompose(f, t)[0], np.mean((f - t) ** 2))
            ),
            "Your bias averages over the points before squaring, so that being too high here and too low there "
            "cancels out.": lambda f, t: (np.mean(f.mean(0) - t) ** 2, np.var(f, axis=0).mean()),
            "Your variance is taken over all points together. Take it over the fits, point by point (axis 0).": (
                lambda f, t: (_decompose(f, t)[0], np.var(f))
            ),
            "Those are the roots. Bias and variance add up as squares.": lambda f, t: np.sqrt(_decompose(f, t)),
            "Your bias is not squared: square the distance at each point before you average.": (
                lambda f, t: (np.mean(f.mean(0) - t), np.var(f, axis=0).mean())
            ),
            "Your variance runs over the points (axis 1). The fits lie along axis 0.": (
                lambda f, t: (_decompose(f, t)[0], np.var(f, axis=1).mean())
            ),
            "Your second number is the standard deviation; its square is the variance.": (
                lambda f, t: (_decompose(f, t)[0], np.std(f, axis=0).mean())
            ),
            "Your variance divides by one less than the number of fits (`ddof=1`). Use the plain mean of squares: "
            "only then do the two parts add up to the mean squared error.": (
                lambda f, t: (_decompose(f, t)[0], np.var(f, axis=0, ddof=1).mean())
            ),
        },
    ),
    hints=[
        "`centre = fits.mean(axis=0)` is the mean fit, one value for each point.",
        "The squared bias compares `centre` with `truth`; the variance compares `fits` with `centre`.",
        "Both are a mean of squares: `np.mean((… - …) ** 2)`.",
    ],
    solution="""
        def decompose(fits, truth):
            centre = fits.mean(axis=0)
            bias_squared = np.mean((centre - truth) ** 2)
            variance = np.mean((fits - centre) ** 2)
            return bias_squared, variance
    """,
    why="The two add up to the mean squared distance of a fit from the truth, exactly: nothing is left over.",
)


# ---- how sure a validation set is -------------------------------------------------------------------------------


def _standard_error(accuracy, rows):
    return np.sqrt(accuracy * (1 - accuracy) / rows)


standard_error = Exercise(
    "diagnosis.standard_error",
    "How sure is this accuracy?",
    lambda answer: calls(
        answer,
        [(0.9, 100), (0.75, 20), (0.99, 5000), (0.5, 1)],
        _standard_error,
        {
            "That is the variance: take its square root.": lambda p, n: p * (1 - p) / n,
            "That is the standard deviation of a single row, right or wrong. A mean over n rows is √n times surer.": (
                lambda p, n: np.sqrt(p * (1 - p))
            ),
            "The 1 − accuracy is missing under the root.": lambda p, n: np.sqrt(p / n),
            "The number of rows belongs under the root too.": lambda p, n: np.sqrt(p * (1 - p)) / n,
            "That is in points; return a share, like the accuracy that goes in.": (
                lambda p, n: 100 * _standard_error(p, n)
            ),
            "One number has no spread. Get the spread of a single row, right or wrong, from p.": lambda p, n: 0.0,
            "That is half the width of a 95% interval; you want one standard error.": (
                lambda p, n: 1.96 * _standard_error(p, n)
            ),
            "The spread of a single row depends on p: its variance is p(1 − p).": lambda p, n: 1 / np.sqrt(n),
            "That holds at p = 0.5 only. The variance of a single row is p(1 − p).": lambda p, n: 0.5 / np.sqrt(n),
        },
    ),
    hints=[
        "Each row is right (1) or wrong (0); the variance of one such row is p(1 − p).",
        "The variance of a mean over n rows is n times smaller; the standard error is its root.",
    ],
    solution="""
        def standard_error(accuracy, rows):
            return np.sqrt(accuracy * (1 - accuracy) / rows)
    """,
    why="At 90% and 100 rows it is 3 points. On the same 100 rows, a lead of 2 points is a surplus of two rows: too "
    "few to tell two networks apart.",
)


# ---- unfair comparisons -----------------------------------------------------------------------------------------

_FLAWS = {
    "A": ("strength", "one method had eight strengths to choose from, the other a single one"),
    "B": ("seeds", "everything rests on one run of each"),
    "C": ("test", "the epoch was picked on the very rows that the result is reported on"),
    "D": ("budget", "one network was trained three times as long as the other"),
    "E": ("data", "the two methods did not learn from the same rows"),
}


def _check_unfair(answer):
    if not isinstance(answer, dict):
        raise Wrong(f"Your answer should be a dictionary such as `{{'A': 'seeds', …}}`, and it is {shown(answer)}.")
    names = sorted(flaw for flaw, _ in _FLAWS.values())
    for report, (flaw, reason) in _FLAWS.items():
        if report not in answer:
            return f"Report {report} has no answer yet."
        given = answer[report]
        if not isinstance(given, str) or given.strip().lower() not in names:
            return f"For report {report} choose one of {', '.join(names)}; yours is {shown(given)}."
        if given.strip().lower() != flaw:
            return f"Report {report} is not about “{given.strip().lower()}”: look at it again, {reason}."
    return None


unfair = Exercise(
    "diagnosis.unfair",
    "Spot the unfair comparison",
    _check_unfair,
    hints=[
        "Go through the five lines of the protocol above, and ask of each report which line it breaks.",
        "In C, ask what the test rows were used for before the result was read.",
        "In E, count the images that each method saw.",
    ],
    solution="""
        flaws = {
            "A": "strength",
            "B": "seeds",
            "C": "test",
            "D": "budget",
            "E": "data",
        }
    """,
    why="None of these needs bad faith: it is enough to forget one line of the protocol.",
)
