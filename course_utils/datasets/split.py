"""A data set in three parts, checked when it is made."""

from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError

TASKS = ("multiclass", "binary", "regression")
ABOUT = {}  # name of a data set: what a learner should know of it before using it; data/README.md says more


def about(text):
    """Tell what the data set of the decorated function is: one line, then `target:`, `origin:` and `licence:`."""

    def tell(loader):
        ABOUT[loader.__name__] = text
        return loader

    return tell


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """A data set, split into training, validation and test rows that share no row.

    Features are float32 of shape (rows, features), or of images (rows, height, width, channels). Targets have shape
    (rows,): int32 class numbers from 0 for classification, float32 for regression. `classes` has the name of each
    class; for regression it is empty. `notes` are sentences about the rows that whoever uses them should know.

    A Split is checked when it is made, by hand or by `dataclasses.replace` too: arrays and lists of other numbers are
    converted, and what cannot be trained on raises CourseError. What is written into its arrays later is not looked at.
    """

    name: str
    task: str  # "multiclass", "binary" or "regression"
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    feature_names: tuple
    classes: tuple
    sealed: int = 0  # so many test rows exist, but are not here: see `satellite`
    about: str = ""  # as for `about`, of a data set that the course does not know
    notes: tuple = ()

    def __post_init__(self):
        checked = {"feature_names": _names(self, "feature_names"), "classes": _names(self, "classes")}
        _check_task(self.task, checked["classes"])
        for part in ("train", "val", "test"):
            x, y = f"x_{part}", f"y_{part}"
            checked[x] = _features(x, getattr(self, x))
            checked[y] = _targets(y, getattr(self, y), self.task, len(checked["classes"]))
            if len(checked[x]) != len(checked[y]):
                raise CourseError(
                    f"{x} has {len(checked[x]):,} rows and {y} has {len(checked[y]):,}: give one target for each row."
                )
        _check_shapes(checked)
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # as a frozen dataclass allows in no other way

    def describe(self) -> str:
        """Return a few lines to print: what it is, rows, features, target and unit, origin, licence, notes."""
        what, *rest = (self.about or ABOUT.get(self.name) or "rows made by hand").split("\n")
        test = f"{self.sealed:,} test (sealed)" if self.sealed else f"{len(self.x_test):,} test"
        rows = f"{len(self.x_train):,} training, {len(self.x_val):,} validation, {test}"
        lines = [f"{self.name}: {what}", f"rows: {rows}", f"features: {self._features()}", *rest]
        if self.classes:
            lines.insert(4, f"classes: {', '.join(self.classes)}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _features(self):
        if self.x_train.ndim > 2:
            return "images of " + "×".join(map(str, self.x_train.shape[1:]))
        columns = self.feature_names
        few = columns if len(columns) <= 10 else (*columns[:2], "…", columns[-1])
        return f"{len(columns)} ({', '.join(few)})"

    def __repr__(self) -> str:
        rows = f"{len(self.x_train)} training, {len(self.x_val)} validation, {len(self.x_test)} test rows"
        return f"<{self.name}: {rows}; features: {'×'.join(map(str, self.x_train.shape[1:]))}>"


def _names(split, field):
    value = getattr(split, field)
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise CourseError(f"{field} must be a tuple of names, not {value!r}.")
    return value if isinstance(value, tuple) else tuple(map(str, value))


def _check_task(task, classes):
    if not isinstance(task, str) or task not in TASKS:
        raise CourseError(f'task must be "multiclass", "binary" or "regression", not {task!r}.')
    if task == "regression" and classes:
        raise CourseError("A regression has no classes: give classes=() or another task.")
    if task == "binary" and len(classes) != 2:
        raise CourseError(f"A binary split needs the names of its 2 classes, and classes has {len(classes)}.")
    if task == "multiclass" and len(classes) < 2:
        raise CourseError(f"A multiclass split needs the names of 2 or more classes, and classes has {len(classes)}.")


def _check_shapes(checked):
    x = checked["x_train"]
    if not len(x):
        raise CourseError("x_train has no rows: a split needs at least one row to train on.")
    for part in ("x_val", "x_test"):
        if checked[part].shape[1:] != x.shape[1:]:
            raise CourseError(
                f"A row of {part} has the shape {checked[part].shape[1:]} and one of x_train {x.shape[1:]}: "
                "all parts need the same features."
            )
    names = len(checked["feature_names"])
    if x.ndim == 2 and names != x.shape[1]:
        raise CourseError(f"feature_names has {names} names for {x.shape[1]} features: give one for each column.")


def _features(name, value):
    """`value` as float32 of shape (rows, …), or a sentence. An array that is so already is returned itself."""
    array = _numbers(name, value)
    if array.ndim < 2:
        raise CourseError(f"{name} has the shape {array.shape}: it must be (rows, features), a row for each example.")
    array = _as_float32(array)
    _check_finite(name, array)
    return array


def _targets(name, value, task, classes):
    """`value` as int32 class numbers or as float32, of shape (rows,), or a sentence."""
    array = _numbers(name, value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        hint = "one number for each row"
        if task != "regression" and array.ndim == 2:
            hint += f"; one-hot labels become numbers by {name}.argmax(axis=1)"
        raise CourseError(f"{name} has the shape {array.shape}: it must be (rows,), {hint}.")
    if task == "regression":
        array = _as_float32(array)
        _check_finite(name, array)
        return array
    return _labels(name, array, classes)


def _labels(name, array, classes):
    if array.dtype.kind == "f":
        _check_finite(name, array)
    if len(array):
        low, high = array.min(), array.max()
        if low == -1 and classes == 2 and set(np.unique(array).tolist()) <= {-1, 1}:
            raise CourseError(
                f"{name} has labels -1 and 1, but the two classes are numbered 0 and 1: use (y + 1) // 2."
            )
        if low < 0 or high >= classes:
            wrong = low if low < 0 else high
            raise CourseError(
                f"{name} has the label {wrong:g}, but the {classes} classes are numbered from 0 to {classes - 1}."
            )
    labels = array.astype(np.int32, copy=False)
    if array.dtype.kind == "f" and (labels != array).any():
        wrong = array[labels != array][0]
        raise CourseError(
            f"{name} has the label {wrong:g}: class numbers must be whole (for a quantity, a regression)."
        )
    return labels


def _numbers(name, value):
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            array = _from_objects(name, array)
    except CourseError:
        raise
    except (TypeError, ValueError):
        raise CourseError(f"{name} must be an array of numbers, with rows of equal length.") from None
    return array


def _from_objects(name, array):
    """Numbers that are stored as Python objects, as in a pandas table of mixed columns; text is refused."""
    kinds = {"U": "text", "S": "text", "M": "dates", "m": "durations", "c": "complex numbers"}
    what = kinds.get(array.dtype.kind)
    if what is None:
        text = next((cell for cell in array.flat if isinstance(cell, str)), None)
        what = None if text is None else f"text ({text[:30]!r})"
    if what:
        hint = "number the classes from 0" if name.startswith("y") else "turn it into numbers or leave that column out"
        raise CourseError(f"{name} holds {what}: {hint}.")
    return array.astype(np.float64)


def _as_float32(array):
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is refused as that
        return array.astype(np.float32, copy=False)


def _check_finite(name, array):
    # The sum is finite only if every entry is, and ten times as fast to find; it alone may overflow, so look again.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum()):
            return
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        at, first = tuple(wrong[0].tolist()), array[tuple(wrong[0])]
        where = f"row {at[0]}" + (f", column {at[1]}" if len(at) == 2 else "")
        what = "a missing value (NaN)" if np.isnan(first) else "an infinite or too large number"
        raise CourseError(f"{name} has {what} in {where}: training would give NaN, so fill it or leave the row out.")
