"""Columns of anybody's rows, turned into numbers, classes or times; what cannot be is told by column and row."""

import re
from datetime import UTC, datetime

import numpy as np

from course_utils.errors import CourseError

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
DATE = re.compile(r"\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{2,4}")
FEW_CLASSES = 20  # whole numbers that take at most so many values may be the numbers of classes


def is_missing(cell) -> bool:
    """Whether a cell is empty, None, NaN, NaT or a word for that."""
    if isinstance(cell, str):
        return cell.strip().lower() in MISSING
    return cell is None or bool(cell != cell)


def refuse_missing(cells, what, place):
    """Raise CourseError if a cell is missing; `place(i)` names the row."""
    missing = [i for i, cell in enumerate(cells) if is_missing(cell)]
    if missing:
        raise CourseError(
            f"{what} has {len(missing):,} missing value{'s' * (len(missing) > 1)}, the first in {place(missing[0])}: "
            "fill it in or leave those rows out."
        )


def numbers_of(cells, what, place):
    """Return the cells as float64, shape (rows,); raise CourseError for missing, text, dates and infinite numbers."""
    cells = np.asarray(cells)
    if cells.dtype.kind in "Mm":
        raise CourseError(f"{what} holds dates: give it as time= to split in time order, or turn it into a number.")
    if cells.dtype.kind not in "biuf":
        return _numbers_of_objects(cells.tolist(), what, place)
    refuse_missing(cells.tolist() if np.isnan(cells).any() else (), what, place)
    return _finite(cells.astype(np.float64), what, place)


def _numbers_of_objects(cells, what, place):
    refuse_missing(cells, what, place)
    values = np.empty(len(cells))
    for i, cell in enumerate(cells):
        try:
            values[i] = float(cell)
        except (TypeError, ValueError):
            raise CourseError(f"{what} holds {_kind(cell)} in {place(i)}{_remedy(cell)}.") from None
    return _finite(values, what, place)


def _kind(cell):
    if isinstance(cell, datetime) or isinstance(cell, str) and DATE.match(cell.strip()):
        return f"a date ({str(cell)[:20]!r})"
    return f"text ({cell[:30]!r})" if isinstance(cell, str) else f"a {type(cell).__name__}"


def _remedy(cell):
    if isinstance(cell, str) and re.fullmatch(r"-?\d+,\d+", cell.strip()):
        return ": write numbers with a point, not a comma"
    if _kind(cell).startswith("a date"):
        return ": give the column as time= to split in time order, or turn it into a number"
    return ": make a column of 0 and 1 for each value, or leave the column out"


def _finite(values, what, place):
    with np.errstate(over="ignore"):
        wrong = np.flatnonzero(~np.isfinite(values.astype(np.float32)))
    if len(wrong):
        raise CourseError(
            f"{what} has an infinite or too large number in {place(wrong[0])}: mend it or leave the row out."
        )
    return values


def times_of(cells, what, place):
    """Return times as float64 to sort by: numbers as they are, dates (2026-11-30, also with a time) in seconds."""
    cells = np.asarray(cells)
    if cells.dtype.kind == "M":
        refuse_missing(cells.astype("datetime64[us]").tolist(), what, place)
        return cells.astype("datetime64[us]").astype(np.float64)
    if cells.dtype.kind in "biuf":
        return numbers_of(cells, what, place)
    cells = cells.tolist()
    refuse_missing(cells, what, place)
    try:
        return np.array([float(cell) for cell in cells])
    except (TypeError, ValueError):
        return np.array([_seconds(cell, what, place(i)) for i, cell in enumerate(cells)])


def _seconds(cell, what, where):
    try:
        moment = cell if isinstance(cell, datetime) else datetime.fromisoformat(str(cell).strip())
    except ValueError:
        raise CourseError(
            f"{what} has {str(cell)[:30]!r} in {where}: write a date as 2026-11-30, or a number."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def target_of(cells, task, what, place):
    """Return (task, y as float64 or int32, names of the classes, notes) for the column of targets."""
    cells = np.asarray(cells)
    if cells.ndim == 2 and cells.shape[1] == 1:
        cells = cells[:, 0]
    if cells.ndim != 1:
        raise CourseError(f"{what} has the shape {cells.shape}: it must be (rows,), one target for each row.")
    refuse_missing(cells.tolist(), what, place)
    notes = ()
    values = _as_numbers_or_none(cells)
    if task is None:
        task, notes = _inferred(values, what)
    if task == "regression":
        return task, _quantity(cells, what, place), (), notes
    names, y = _classes(cells, values, what)
    if task not in ("classes", "binary", "multiclass") or task == "binary" and len(names) != 2:
        raise CourseError(f"{what} has {len(names)} classes, so that task={task!r} does not fit: leave task out.")
    return task if task == "multiclass" else ("binary" if len(names) == 2 else "multiclass"), y, names, notes


def _as_numbers_or_none(cells):
    if cells.dtype.kind == "b":
        return None
    try:
        return cells.astype(np.float64)
    except (TypeError, ValueError):
        return None


def _inferred(values, what):
    if values is None:
        return "classes", ()
    found = np.unique(values)
    if len(found) > FEW_CLASSES or (found != np.rint(found)).any() or 3 * len(found) > len(values):
        return "regression", ()
    if len(found) <= 2:
        return "classes", ()
    says = f'{what} takes {len(found)} whole values and is read as classes; if it is a quantity, give task="regression"'
    return "classes", (f"{says}.",)


def _quantity(cells, what, place):
    values = numbers_of(cells, what, place)
    if len(values) and (values == values[0]).all():
        raise CourseError(f"{what} is {values[0]:g} in every row: there is nothing to predict.")
    return values


def _classes(cells, values, what):
    cells = np.array([str(cell).strip() for cell in cells.tolist()]) if values is None else values
    found, y = np.unique(cells, return_inverse=True)
    names = tuple(f"{name:g}" for name in found) if values is not None else tuple(map(str, found))
    if len(names) < 2:
        raise CourseError(f"{what} has one class only ({', '.join(names)}): a classifier needs at least two.")
    if len(names) > max(2, len(y) // 3):
        raise CourseError(f"{what} has {len(names)} classes in {len(y)} rows: it looks like a name or a quantity.")
    counts = np.bincount(y)
    if counts.min() < 3:
        few, rows = names[counts.argmin()], "1 row" if counts.min() == 1 else f"{counts.min()} rows"
        raise CourseError(
            f"Class {few!r} of {what} has {rows}: training, validation and test "
            "need one each, so add rows or leave that class out."
        )
    return names, y.astype(np.int32)
