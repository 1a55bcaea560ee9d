"""The exercises of lesson 02."""

import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, Wrong, call, calls, number, shown

LESSON = "02 L2: the mathematics of small weights"


def _several(answer, cases, names, wanted, shapes):
    """`answer` as a function that gives its several results as one array, which `calls` can compare.

    Raises Wrong where it does not return as many results as `shapes(*case)` has, each of such a shape; `wanted` says
    in words what it should return. What is not filled in goes through as it is.
    """
    for case in cases:
        results, expected = call(answer, *case, names=names), shapes(*case)
        if _unfinished(results):
            continue
        if not isinstance(results, (tuple, list)) or len(results) != len(expected):
            raise Wrong(f"Your function should return {wanted}; it returned {shown(results)}.")
        for result, shape in zip(results, expected, strict=True):
            try:
                found = np.shape(np.asarray(result, float))
            except (TypeError, ValueError):
                found = None
            if found != shape:
                kind = f"an array of shape `{shape}`" if shape else "a single number"
                raise Wrong(f"Your function should return {wanted}; where {kind} belongs, it has {shown(result)}.")

    def joined(*case):
        results = answer(*case)
        return results if _unfinished(results) else np.concatenate([np.ravel(result) for result in results])

    return joined


def _unfinished(results):
    return results is None or results is ... or (isinstance(results, (tuple, list)) and any(r is ... for r in results))


# ---- the penalty and its gradient -------------------------------------------------------------------------------


_WEIGHTS = [
    (np.array([0.3, 0.1, 6.0]), 1.0),
    (np.array([1.0, -2.0, 3.0, 0.5]), 0.1),
    (np.array([-4.0, 2.0]), 0.25),
    (np.array([[1.0, -1.0], [0.5, 2.0]]), 0.5),
]


def _joined(penalty, gradient):
    """Both as one array, as `_several` gives them."""
    return lambda w, l2: np.append(penalty(w, l2), gradient(w, l2))


def _right_penalty(w, l2):
    return l2 * np.sum(w**2)


def _right_gradient(w, l2):
    return 2 * l2 * w


_WRONG_PENALTIES = {
    "Your penalty is λ/2·Σw². Keras has no ½.": lambda w, l2: l2 / 2 * np.sum(w**2),
    "Your penalty adds up |w|, which is L1; square the weights instead.": lambda w, l2: l2 * np.sum(np.abs(w)),
    "Your penalty is λ times the *root* of the sum of squares; leave the root out.": (
        lambda w, l2: l2 * np.sqrt(np.sum(w**2))
    ),
    "Your penalty takes the mean of the squares; Keras takes their sum.": lambda w, l2: l2 * np.mean(w**2),
    "Your penalty sums first and squares then; weights of opposite sign would cancel out.": (
        lambda w, l2: l2 * np.sum(w) ** 2
    ),
    "The λ is missing from your penalty.": lambda w, l2: np.sum(w**2),
}
_WRONG_GRADIENTS = {
    "The gradient lacks the 2: the derivative of λw² is 2λw.": lambda w, l2: l2 * w,
    "Your gradient points downhill: leave the minus to the optimizer.": lambda w, l2: -2 * l2 * w,
    "λ·sign(w) is the slope of λ|w|, which is L1.": lambda w, l2: l2 * np.sign(w),
    "The λ is missing from your gradient.": lambda w, l2: 2 * w,
}
_PENALTY_MISTAKES = {sentence: _joined(wrong, _right_gradient) for sentence, wrong in _WRONG_PENALTIES.items()}
_PENALTY_MISTAKES |= {
    f"The penalty is right. {sentence}": _joined(_right_penalty, wrong) for sentence, wrong in _WRONG_GRADIENTS.items()
}
_PENALTY_MISTAKES |= {
    "With the ½ penalty and gradient fit together, but Keras has none: its penalty is λΣw², and its gradient 2λw.": (
        _joined(_WRONG_PENALTIES["Your penalty is λ/2·Σw². Keras has no ½."], lambda w, l2: l2 * w)
    ),
    "That is L1, penalty and slope. L2 squares the weights.": (
        _joined(lambda w, l2: l2 * np.sum(np.abs(w)), lambda w, l2: l2 * np.sign(w))
    ),
}

penalty_gradient = Exercise(
    "l2.penalty_gradient",
    "The penalty and its gradient",
    lambda answer: calls(
        _several(
            answer,
            _WEIGHTS,
            ("w", "l2"),
            "two things, the penalty (a single number) and its gradient (of the shape of `w`)",
            lambda w, l2: [(), w.shape],
        ),
        _WEIGHTS,
        _joined(_right_penalty, _right_gradient),
        _PENALTY_MISTAKES,
    ),
    hints=[
        "The penalty is one number, the gradient has the shape of `w`.",
        "`np.sum(w**2)` adds up the squares; the derivative of w² is 2w.",
        "`return l2 * np.sum(w**2), …`",
    ],
    solution="""
        def penalty_gradient(w, l2):
            return l2 * np.sum(w**2), 2 * l2 * w
    """,
    why="The gradient is proportional to the weight itself. That is why every weight loses the same share of itself in "
    "a step, and why none of them arrives at zero.",
)


# ---- ridge ------------------------------------------------------------------------------------------------------


def _solve(x, y, strength, centre=True):
    x_mean, y_mean = (x.mean(axis=0), y.mean()) if centre else (0 * x[0], 0.0)
    a, b = x - x_mean, y - y_mean
    w = np.linalg.solve(a.T @ a + strength * np.eye(x.shape[1]), a.T @ b)
    return np.append(w, y_mean - x_mean @ w)


def _penalised_intercept(x, y, strength):
    return _solve(np.column_stack([x, np.ones(len(x))]), y, strength, centre=False)[:-1]


def _tables():
    draw = seeds.fixed(0)
    cases = []
    for rows, features, l2 in ((8, 2, 0.5), (30, 4, 0.1), (12, 3, 2.0)):
        x = draw.normal(1.0, 1.0, (rows, features))
        y = 10 + x @ draw.normal(0, 2, features) + draw.normal(0, 0.5, rows)
        cases.append((x.round(2), y.round(2), l2))
    return cases


ridge_fit = Exercise(
    "l2.ridge_fit",
    "Write ridge regression",
    lambda answer: calls(
        _several(
            answer,
            _tables(),
            ("x", "y", "l2"),
            "two things, the coefficients (one for each column of `x`) and the intercept (a single number)",
            lambda x, y, l2: [x.shape[1:], ()],
        ),
        _tables(),
        lambda x, y, l2: _solve(x, y, len(x) * l2),
        {
            "This solves the problem with the *sum* of squared errors. With their mean, n · λ stands beside XᵀX.": (
                lambda x, y, l2: _solve(x, y, l2)
            ),
            "You penalised the intercept too. Centre x and y first, and get the intercept from the means.": (
                lambda x, y, l2: _penalised_intercept(x, y, len(x) * l2)
            ),
            "There is no intercept in your fit: centre x and y first, and get it from the means.": (
                lambda x, y, l2: _solve(x, y, len(x) * l2, centre=False)
            ),
            "These are the least-squares coefficients: λ has no effect in your function.": (
                lambda x, y, l2: _solve(x, y, 0.0)
            ),
            "The coefficients are right. The intercept is the mean of y less the mean of x times the coefficients.": (
                lambda x, y, l2: np.append(_solve(x, y, len(x) * l2)[:-1], y.mean())
            ),
            "With λΣw² there is no ½ anywhere: n · λ stands beside XᵀX, not half of it.": (
                lambda x, y, l2: _solve(x, y, len(x) * l2 / 2)
            ),
            "Beside XᵀX stands n · λ, and you have twice that: the 2 of the derivative stands on both sides.": (
                lambda x, y, l2: _solve(x, y, 2 * len(x) * l2)
            ),
        },
    ),
    hints=[
        "Three steps: centre `x` and `y`, solve for the coefficients, get the intercept from the means.",
        "With centred `a` and `b`: `w = np.linalg.solve(a.T @ a + len(x) * l2 * np.eye(x.shape[1]), a.T @ b)`.",
        "The intercept makes the fit pass through the means: `y.mean() - x.mean(axis=0) @ w`.",
    ],
    solution="""
        def ridge_fit(x, y, l2):
            a, b = x - x.mean(axis=0), y - y.mean()
            w = np.linalg.solve(a.T @ a + len(x) * l2 * np.eye(x.shape[1]), a.T @ b)
            return w, y.mean() - x.mean(axis=0) @ w
    """,
    why="Centring is what leaves the intercept alone: it disappears from the problem that λ sees, and comes back at "
    "the end.",
)


# ---- choosing a strength from curves ----------------------------------------------------------------------------


def _choose(strengths, val_loss):
    return strengths[int(val_loss[:, :, -1].mean(axis=1).argmin())]


def _curves():
    """Three tables of curves (strengths, seeds, epochs) in which the tempting readings differ from the right one."""
    start, lowest = (2.6, 2.2, 2.5, 2.4), (0.6, 0.8, 1.0, 1.8)  # the weaker the penalty, the deeper it dips on its way
    cases = []
    for seed, end in enumerate(((2.2, 1.6, 1.1, 1.9), (1.5, 1.9, 1.2, 2.0), (1.4, 1.0, 1.7, 2.1))):
        mean = [np.interp(range(12), (0, 4, 11), turns) for turns in zip(start, lowest, end, strict=True)]
        loss = np.array(mean)[:, None] + seeds.fixed(seed).normal(0, 0.02, (4, 3, 1))
        loss[3, 1, -1] = 0.4  # one lucky network with the strongest penalty
        cases.append((np.array([0.0, 0.001, 0.01, 0.1]), loss.round(3)))
    return cases


choose = Exercise(
    "l2.choose",
    "Choose λ from curves",
    lambda answer: calls(
        answer,
        _curves(),
        _choose,
        {
            "That is the strength of the single luckiest network. Take the mean over seeds before you compare.": (
                lambda s, v: s[v[:, :, -1].min(axis=1).argmin()]
            ),
            "You took each network's lowest epoch. That is early stopping on the same rows (lesson 06); compare the "
            "networks that you end up with.": lambda s, v: s[v.min(axis=2).mean(axis=1).argmin()],
            "You took the mean over all epochs. The network that you would use is the last one.": (
                lambda s, v: s[v.mean(axis=(1, 2)).argmin()]
            ),
            "That is the place of the best strength in the list; return the strength itself.": (
                lambda s, v: v[:, :, -1].mean(axis=1).argmin()
            ),
            "That is the loss of the best strength; return the strength.": lambda s, v: v[:, :, -1].mean(axis=1).min(),
            "That is the strength with the *highest* loss.": lambda s, v: s[v[:, :, -1].mean(axis=1).argmax()],
            "You compared the losses after the first epoch; take the last.": (
                lambda s, v: s[v[:, :, 0].mean(axis=1).argmin()]
            ),
        },
    ),
    hints=[
        "Three axes: strengths, seeds, epochs. Which of them goes by picking, which by a mean?",
        "`val_loss[:, :, -1]` is the loss after the last epoch; `.mean(axis=1)` averages over the seeds.",
        "`strengths[… .argmin()]` is the strength with the lowest mean.",
    ],
    solution="""
        def choose(strengths, val_loss):
            at_the_end = val_loss[:, :, -1].mean(axis=1)
            return strengths[at_the_end.argmin()]
    """,
    why="The mean over seeds, of the networks that you would really use. If the winner stands at the end of the list, "
    "make the list longer; and report its loss on other rows.",
)


# ---- the penalised loss -----------------------------------------------------------------------------------------


def _unmask(reported, strengths, sums_of_squares):
    loss = reported - strengths * sums_of_squares
    return np.append(strengths[loss.argmin()], loss)


def _reports():
    strengths = np.array([0.0, 0.001, 0.01, 0.1])
    cases = []
    for loss, squares in (
        ((0.22, 0.19, 0.33, 0.90), (160.0, 130.0, 60.0, 9.0)),
        ((1.40, 1.10, 0.80, 1.70), (300.0, 240.0, 90.0, 4.0)),
        ((0.50, 0.41, 0.46, 0.69), (210.0, 150.0, 20.0, 0.5)),
    ):
        cases.append((np.array(loss) + strengths * np.array(squares), strengths, np.array(squares)))
    return cases


unmask = Exercise(
    "l2.unmask",
    "Repair a comparison that watched the penalised loss",
    lambda answer: calls(
        _several(
            answer,
            _reports(),
            ("reported", "strengths", "sums_of_squares"),
            "two things, the best strength (a single number) and the losses without penalty (one for each strength)",
            lambda reported, strengths, sums: [(), strengths.shape],
        ),
        _reports(),
        _unmask,
        {
            "These are the reported losses again. What did each network's penalty add to them?": (
                lambda r, s, q: np.append(s[r.argmin()], r)
            ),
            "You took off half the penalty. Keras adds λΣw², without a ½.": (
                lambda r, s, q: np.append(s[(r - s * q / 2).argmin()], r - s * q / 2)
            ),
            "You added the penalty once more; it has to come off.": (
                lambda r, s, q: np.append(s[(r + s * q).argmin()], r + s * q)
            ),
            "You took the sum of squares off without its λ.": lambda r, s, q: np.append(s[(r - q).argmin()], r - q),
            "The losses are right, and your choice was made by the reported ones. Choose by the repaired losses.": (
                lambda r, s, q: np.append(s[r.argmin()], r - s * q)
            ),
            "The losses are right. Return the best *strength*, not its place in the list.": (
                lambda r, s, q: np.append((r - s * q).argmin(), r - s * q)
            ),
            "The losses are right. First comes the best *strength*, not its loss.": (
                lambda r, s, q: np.append((r - s * q).min(), r - s * q)
            ),
            "These are the penalties themselves; take them off the reported losses.": (
                lambda r, s, q: np.append(s[(s * q).argmin()], s * q)
            ),
        },
    ),
    hints=[
        "Keras's `val_loss` is the loss on the validation rows plus the penalty of the whole network.",
        "The penalty of each network is its strength times its sum of squared weights.",
        "`loss = reported - strengths * sums_of_squares`, and the best strength is where `loss` is lowest.",
    ],
    solution="""
        def unmask(reported, strengths, sums_of_squares):
            loss = reported - strengths * sums_of_squares
            return strengths[loss.argmin()], loss
    """,
    why="A network pays its penalty in the printed loss, whatever it does for new rows. Networks with different λ can "
    "be compared only without it.",
)


# ---- conventions ------------------------------------------------------------------------------------------------


def _convert(l2, rows):
    return np.array([rows * l2, 2 * l2, 1 / (2 * rows * l2)])


_STRENGTHS = [(0.01, 200), (0.5, 10), (0.003, 1000)]
_NAMES = ("Ridge's alpha", "the weight decay of plain SGD", "LogisticRegression's C")
_SLIPS = (
    {
        "`Ridge` sums the squared errors where Keras takes their mean: its alpha is n times as large.": lambda a, n: a,
        "`Ridge` writes α·Σw², as Keras writes λΣw²: no factor of 2 or ½.": lambda a, n: 2 * n * a,
        "`Ridge` writes α·Σw², with no ½.": lambda a, n: n * a / 2,
        "The sum is larger than the mean, so alpha is larger than λ: multiply by n.": lambda a, n: a / n,
    },
    {
        "Weight decay takes η·wd·w off a weight, and the gradient of λw² is 2λw: the 2 is missing.": lambda a, n: a,
        "Both take a share of the weight in each step, and the number of rows does not enter.": lambda a, n: 2 * n * a,
        "The gradient of λw² is 2λw, so the weight decay is twice λ, not half of it.": lambda a, n: a / 2,
    },
    {
        "C stands before the loss, not before the penalty: the stronger the penalty, the smaller C.": lambda a, n: (
            2 * n * a
        ),
        "`LogisticRegression` writes ½Σw²: the 2 is missing below the line.": lambda a, n: 1 / (n * a),
        "`LogisticRegression` *sums* the loss over the rows: n belongs below the line.": lambda a, n: 1 / (2 * a),
        "C is 1/(2nλ): the ½ of `LogisticRegression` goes below the line, as a 2, and the n with it.": lambda a, n: (
            1 / a
        ),
        "The ½ stands before Σw² there, so the 2 belongs below the line.": lambda a, n: 2 / (n * a),
    },
)


def _check_convert(answer):
    wanted = "three numbers: alpha, weight decay, C"
    triple = _several(answer, _STRENGTHS, ("l2", "rows"), wanted, lambda l2, rows: [(), (), ()])
    fault = calls(triple, _STRENGTHS, _convert)
    if fault is None:
        return None
    given, right = (np.array([function(*case) for case in _STRENGTHS]) for function in (triple, _convert))
    for place, (name, slips) in enumerate(zip(_NAMES, _SLIPS, strict=True)):
        if number(given[:, place], right[:, place]) is None:
            continue
        wrong = {sentence: np.array([slip(*case) for case in _STRENGTHS]) for sentence, slip in slips.items()}
        said = number(given[:, place], right[:, place], wrong)
        if said not in slips:
            said = f"you returned {shown(given[0, place])}; expected {shown(right[0, place])}."
        return f"{name}, for λ = {_STRENGTHS[0][0]} and {_STRENGTHS[0][1]} rows: {said}"
    return fault


convert = Exercise(
    "l2.convert",
    "The same strength in three libraries",
    _check_convert,
    hints=[
        "Write down what each of them minimises, and multiply or divide it until the loss reads as in Keras.",
        "`Ridge`: n times Keras's objective. Weight decay: compare η·wd·w with η·2λw.",
        "`LogisticRegression`: C·Σloss + ½Σw². Divide by C·n, and read off what stands before Σw².",
    ],
    solution="""
        def convert(l2, rows):
            return rows * l2, 2 * l2, 1 / (2 * rows * l2)
    """,
    why="Nothing but bookkeeping, and worth a factor of hundreds if you get it wrong: with 200 rows, λ = 0.01 in Keras "
    "is alpha = 2 for `Ridge`.",
)
