"""The exercises of lesson 08."""

import numpy as np
from keras import layers

from course_utils import seeds
from course_utils.exercise import Exercise, Wrong, calls, shown

LESSON = "08 Data augmentation"


# ---- a flip as an affine map --------------------------------------------------------------------------------------


def _mirror(side):
    return -1, 0, side - 1, 0, 1, 0


mirror = Exercise(
    "augmentation.mirror",
    "A flip as a map of coordinates",
    lambda answer: calls(
        answer,
        [(8,), (28,), (3,)],
        lambda side: np.array(_mirror(side)),
        {
            "Almost: the columns are numbered from 0 to side − 1, so column 0 reads at side − 1, not at side. Yours "
            "would read column 0 from outside the picture.": lambda side: np.array([-1, 0, side, 0, 1, 0]),
            "That reads pixel x at −x, left of the picture: everything would be empty. Which place must column 0 "
            "read?": lambda side: np.array([-1, 0, 0, 0, 1, 0]),
            "That exchanges top and bottom. Left and right are a matter of x, the first three numbers.": (
                lambda side: np.array([1, 0, 0, 0, -1, side - 1])
            ),
            "That is half a turn: it exchanges left and right *and* top and bottom.": (
                lambda side: np.array([-1, 0, side - 1, 0, -1, side - 1])
            ),
            "That exchanges rows and columns, a flip about the diagonal.": lambda side: np.array([0, 1, 0, 1, 0, 0]),
            "That leaves the picture as it is.": lambda side: np.array([1, 0, 0, 0, 1, 0]),
            "That is right for pictures of 8 × 8 pixels only: use `side`.": lambda side: np.array(_mirror(8)),
        },
    ),
    hints=[
        "Rows stay where they are: y is read at y, so d, e, f are 0, 1, 0.",
        "Column 0 must read column side − 1, column 1 must read side − 2, and so on.",
        "So x is read at (side − 1) − x: what are a, b and c?",
    ],
    solution="""
        def mirror(side):
            return -1, 0, side - 1, 0, 1, 0
    """,
    why="Pixel x reads at (side − 1) − x. No value falls between two pixels, so nothing is blurred, as with a "
    "shift by whole pixels; most other warps of this lesson cost sharpness.",
)


# ---- what a flip does to the label --------------------------------------------------------------------------------

_TASKS = {
    "leaf or stone": (
        "keeps",
        {
            "moves": "a leaf seen in a mirror is a leaf; there is no other label that it should get",
            "breaks": "a mirrored leaf could as well have been photographed",
        },
    ),
    "left or right hand": (
        "moves",
        {
            "keeps": "a mirrored left hand looks like a right hand",
            "breaks": "the mirrored picture does have a label, and you know which: the other one",
        },
    ),
    "column of the face's centre": (
        "moves",
        {
            "keeps": "the face is now on the other side of the picture",
            "breaks": "you know exactly where the face is now: at (side − 1) − column",
        },
    ),
    "which digit": (
        "breaks",
        {
            "keeps": "look at a mirrored 2, 3 or 7: nobody writes them so",
            "moves": "a mirrored 2 is no other digit, and nobody writes it: no label is right for it",
        },
    ),
}


def _check_tasks(answer):
    if not isinstance(answer, dict):
        raise Wrong(f"Your answer should be the dictionary of the cell, filled in, and it is {shown(answer)}.")
    for task, (right, reasons) in _TASKS.items():
        given = answer.get(task)
        if given == right:
            continue
        if isinstance(given, str) and given in reasons:
            return f"“{task}” is not “{given}”: {reasons[given]}."
        return f"“{task}” should be one of `'keeps'`, `'moves'` and `'breaks'`, and it is {shown(given)}."
    return None


tasks = Exercise(
    "augmentation.tasks",
    "One flip, four tasks",
    _check_tasks,
    hints=[
        "Ask of each: could the mirrored picture have come from the same source? And if so, with which label?",
        "Two of the four labels change in a way that you can compute.",
        "Would anyone write a mirrored 2?",
    ],
    solution="""
        flips = {
            "leaf or stone": "keeps",
            "left or right hand": "moves",
            "column of the face's centre": "moves",
            "which digit": "breaks",
        }
    """,
    why="The flip is the same four times; what differs is the question that is asked. Where the label moves, a flip "
    "may be used if the label is changed along with the picture.",
)


# ---- a recipe moved over, with mistakes ---------------------------------------------------------------------------


def _span(layer, part=None):
    """The largest size of what a layer draws, and whether both directions are drawn alike."""
    low, high = layer.factor if part is None else (getattr(layer, f"{part}_lower"), getattr(layer, f"{part}_upper"))
    return max(abs(low), abs(high)), np.isclose(low, -high)


def _check_ported(answer):
    stack = answer if isinstance(answer, (list, tuple)) else getattr(answer, "layers", None)
    if stack is None or not all(isinstance(layer, layers.Layer) for layer in stack):
        raise Wrong(f"Your answer should be a list of Keras layers, and it is {shown(answer)}.")
    turns = [each for each in stack if isinstance(each, layers.RandomRotation)]
    shifts = [each for each in stack if isinstance(each, layers.RandomTranslation)]
    other = [
        each
        for each in stack
        if not isinstance(each, (layers.RandomRotation, layers.RandomTranslation, layers.InputLayer))
    ]
    if other:
        return f"The old recipe has no `{type(other[0]).__name__}`: leave it out."
    if len(turns) != 1 or len(shifts) != 1:
        return "The old recipe turns and shifts: give one `RandomRotation` and one `RandomTranslation`."
    turn, even = _span(turns[0])
    if not np.isclose(turn, 10 / 360, rtol=0.02) or not even:
        degrees = f"Your pictures turn by up to {360 * turn:.3g} degrees, and the old recipe says 10. "
        if np.isclose(turn, 10 / 180, rtol=0.02) or np.isclose(turn, np.radians(10), rtol=0.02):
            return f"{degrees}Keras counts in full turns, not in half turns or radians."
        return f"{degrees}Keras counts in full turns: 1 is 360 degrees." if even else f"{degrees}Both ways, equally."
    (down, even_down), (across, even_across) = _span(shifts[0], "height"), _span(shifts[0], "width")
    if not (even_down and even_across):
        return "The old recipe shifts in both directions by the same amount: give single numbers."
    if np.isclose(down, 1 / 8) and np.isclose(across, 0.05):
        return "The two shifts have changed places: `RandomTranslation` takes the *height* first, then the width."
    if np.isclose(across, 1) or np.isclose(down, 1):
        where = "to the sides" if np.isclose(across, 1) else "up and down"
        return (
            f"Your pictures move {where} by up to a whole side: that is what a 1 means in `RandomTranslation`. In the "
            "old recipe 1.0 was one pixel of the 8."
        )
    if not np.isclose(across, 1 / 8, rtol=0.02):
        return f"To the sides, your pictures move by up to {8 * across:.3g} pixels; the old recipe says 1 pixel of 8."
    if not np.isclose(down, 0.05, rtol=0.02):
        return f"Up and down, your pictures move by up to {down:.3g} of the height; the old recipe says 0.05."
    modes = {each.fill_mode for each in (*turns, *shifts)}
    if modes != {"constant"}:
        wrong = next(iter(modes - {"constant"}))
        return f"Outside the picture you fill by “{wrong}”, and the old recipe has “constant”. It is not the default."
    if any(each.interpolation != "bilinear" or each.fill_value != 0 for each in (*turns, *shifts)):
        return "Leave `interpolation` and `fill_value` as they are by default: the old recipe does not change them."
    return None


ported = Exercise(
    "augmentation.ported",
    "Find the faults in a recipe that was moved over",
    _check_ported,
    hints=[
        "Look at the pictures: how far do they turn, and in which direction do they leave the frame?",
        "A share of what? `RandomRotation` counts in full turns, `RandomTranslation` in sides of the picture.",
        "10 degrees are 10/360 of a turn, one pixel is 1/8 of the side, and the height comes first.",
    ],
    solution="""
        my_warps = [
            layers.RandomRotation(10 / 360, fill_mode="constant"),
            layers.RandomTranslation(height_factor=0.05, width_factor=1 / 8, fill_mode="constant"),
        ]
    """,
    why="Three faults: 0.1 of a turn is 36 degrees; 1.0 is the whole side, not a pixel; and the height comes first. "
    "None of them raises an error, and no curve names them: ten warped pictures do.",
)


# ---- mixup --------------------------------------------------------------------------------------------------------


def _mixup(x, y, order, share):
    share = np.asarray(share, float)[:, None]
    return np.hstack([share * x + (1 - share) * x[order], share * y + (1 - share) * y[order]])


def _mixing(seed, rows, pixels, classes):
    draw = seeds.fixed(seed)
    x, y = draw.random((rows, pixels)), np.eye(classes)[draw.integers(classes, size=rows)]
    return x, y, draw.permutation(rows), draw.random(rows)


def _joined(answer):
    """The learner's (pictures, labels) beside each other, so that both are compared."""

    def both(x, y, order, share):
        given = answer(x, y, order, share)
        if given is None or given is ...:
            return given
        if isinstance(given, (tuple, list)) and any(part is ... or part is None for part in given):
            return None
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise Wrong("Return two arrays, the mixed pictures and the mixed labels: `return mixed_x, mixed_y`.")
        pictures, labels = (np.asarray(part, float) for part in given)
        if pictures.shape != x.shape or labels.shape != y.shape:
            raise Wrong(
                f"For pictures of shape `{x.shape}` and labels of shape `{y.shape}` you returned `{pictures.shape}` "
                f"and `{labels.shape}`; the shapes stay. One share for each row: `share[:, None]`."
            )
        return np.hstack([pictures, labels])

    return both if callable(answer) else answer


def _unmixed_labels(x, y, order, share):
    return np.hstack([_mixup(x, y, order, share)[:, : x.shape[1]], y])


mixup = Exercise(
    "augmentation.mixup",
    "Mix pictures, and their labels with them",
    lambda answer: calls(
        _joined(answer),
        [_mixing(0, 5, 7, 3), _mixing(1, 8, 4, 10), _mixing(2, 6, 6, 2)],
        _mixup,
        {
            "The pictures are mixed, the labels are not: a picture that is half a 3 and half an 8 needs half of each "
            "label.": _unmixed_labels,
            "The labels are mixed, the pictures are not.": (
                lambda x, y, order, share: np.hstack([x, _mixup(x, y, order, share)[:, x.shape[1] :]])
            ),
            "The two shares have changed places: `share` belongs to the picture itself, 1 − share to its partner.": (
                lambda x, y, order, share: _mixup(x, y, order, 1 - share)
            ),
            "The partner's part is missing: add (1 − share) times `x[order]`, and the same for the labels.": (
                lambda x, y, order, share: np.hstack([share[:, None] * x, share[:, None] * y])
            ),
            "You mixed all rows by the first share; each row has its own.": (
                lambda x, y, order, share: _mixup(x, y, order, np.full(len(x), share[0]))
            ),
            "Every row is mixed with itself: take the partners `x[order]` and `y[order]`.": (
                lambda x, y, order, share: np.hstack([x, y])
            ),
        },
    ),
    hints=[
        "`x[order]` are the partners, row by row, and `y[order]` their labels.",
        "A share for each row: `share[:, None]` has the shape (rows, 1), which NumPy stretches over the pixels.",
        "`share[:, None] * x + (1 - share[:, None]) * x[order]`, and the same with `y`.",
    ],
    solution="""
        def mixup(x, y, order, share):
            part = share[:, None]
            return part * x + (1 - part) * x[order], part * y + (1 - part) * y[order]
    """,
    why="Picture and label go the same way along a straight line between two rows. The label is exactly as mixed as "
    "the picture.",
)
