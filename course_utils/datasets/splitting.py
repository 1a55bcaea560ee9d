"""The rule that splits every table: who is in training, validation and test.

The seed puts the rows into a random order, for classes a stratified one: any stretch of it has the classes in about
the table's proportions. The first `val_rows` are the validation rows, the next `train_rows` the training rows, and
what is left, or only the last `test_rows` of it, the test rows. So for one seed the validation rows do not depend on
`train_rows`, fewer training rows are the first of more, and with a given `test_rows` the test rows do not depend on
`train_rows` either.
"""

import numpy as np

from course_utils import seeds
from course_utils.datasets.arguments import check_flag, check_split, count
from course_utils.datasets.split import Split
from course_utils.errors import CourseError


def split_table(name, x, y, feature_names, classes, seed, train_rows, val_rows, test_rows, standardize=False):
    check_split(seed, train_rows, val_rows, test_rows)
    check_flag("standardize", standardize)
    train, val, test = part_rows(
        name, stratified_order(y, classes, seeds.generator(seed)), train_rows, val_rows, test_rows
    )
    if standardize:
        sd = x[train].std(axis=0)
        x = (x - x[train].mean(axis=0)) / np.where(sd > 0, sd, 1)
    return make(name, (x[train], x[val], x[test]), (y[train], y[val], y[test]), feature_names, classes)


def stratified_order(y, classes, rng):
    """Return the row numbers in a random order that `rng` draws, for classes a stratified one.

    Stratified: the k-th of a class's n rows comes at a random place between (k - 1)/n and k/n of the way.
    """
    if not classes:
        return rng.permutation(len(y))
    place = np.empty(len(y))
    for label in range(len(classes)):
        rows = rng.permutation(np.flatnonzero(y == label))
        place[rows] = (np.arange(len(rows)) + rng.random(len(rows))) / max(len(rows), 1)
    return np.argsort(place)


def part_rows(name, order, train_rows, val_rows, test_rows):
    """Return the row numbers of training, validation and test, by the rule at the head of this module."""
    left = len(order) - train_rows - val_rows
    needed = 1 if test_rows is None else test_rows
    if left < needed:
        raise CourseError(
            f"{name} has {len(order):,} rows, but {train_rows} for training, {val_rows} for validation and "
            f"{needed} for the test are {train_rows + val_rows + needed:,}: ask for fewer."
        )
    start = len(order) - (left if test_rows is None else test_rows)
    return order[val_rows : val_rows + train_rows], order[:val_rows], order[start:]


def drawn(name, draw, feature_names, classes, seed, train_rows, val_rows, test_rows):
    """Return the Split whose parts are `draw(rows, rngs)`, each from two random streams of its own."""
    check_split(seed, train_rows, val_rows, count("test_rows", test_rows))
    parts = []
    for part, rows in enumerate((train_rows, val_rows, test_rows)):
        parts.append(draw(rows, [seeds.generator([seed, part, stream]) for stream in (0, 1)]))
    return make(name, *zip(*parts, strict=True), feature_names, classes)


def make(name, x, y, feature_names, classes):
    task = "regression" if not classes else "binary" if len(classes) == 2 else "multiclass"
    kind = np.int32 if classes else np.float32
    arrays = []
    for features, targets in zip(x, y, strict=True):
        arrays += [features.astype(np.float32, copy=False), targets.astype(kind)]
    return Split(name, task, *arrays, feature_names, classes)


def flip(labels, share, classes, rng):
    """Change round(share · n) of the n labels, in place, each to another class.

    The i-th label is changed where round(share · i) steps up. The rows are in random order, so these are
    random rows, and the first labels of a longer array are those of a shorter one.
    """
    wrong = np.diff(np.rint(share * np.arange(len(labels) + 1))) > 0
    other = (labels + rng.integers(1, classes, len(labels))) % classes
    labels[wrong] = other[wrong]
