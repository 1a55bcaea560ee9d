"""Your own rows, from arrays or a CSV file, as a checked Split."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from course_utils import seeds
from course_utils.datasets import suspicions
from course_utils.datasets.arguments import check_flag, count, did_you_mean
from course_utils.datasets.columns import is_missing, numbers_of, refuse_missing, target_of, times_of
from course_utils.datasets.split import Split
from course_utils.datasets.splitting import part_rows, stratified_order
from course_utils.errors import CourseError

LARGEST_FILE = 200  # megabytes
FEWEST_ROWS = 10


def from_arrays(x, y, *, feature_names=None, group=None, time=None, **options) -> Split:
    """Return your own rows as a checked Split.

    `x` has shape (rows, features), or (rows, height, width, channels); a pandas table brings its columns' names.
    `y` (rows,): text, True/False or few whole numbers are classes, numbered 0, 1, … in their sorted order with their
    names kept in `classes`; other numbers are a regression.

    Options: `task` ("classes" or "regression") if that is not what `y` looks like; `name`; `seed`; `train_rows`,
    `val_rows` and `test_rows`, about 60, 20 and 20% if not given; `standardize` (True, by the training rows).
    `group` (rows,): rows of one group (a patient, a place) stay in one part, so that the numbers of rows are
    approximate. `time` (rows,), numbers or dates: training rows are the earliest and test rows the latest.

    Raises CourseError for what cannot be used, by column and row, counted from 0. What only looks wrong (constant
    columns, duplicates across parts, a column that gives the target away) is told in `notes` and by `describe()`.
    """
    if feature_names is None and hasattr(x, "columns"):
        feature_names = [str(column) for column in x.columns]
    try:
        x = np.asarray(x)
        y = np.asarray(y)
    except ValueError:
        raise CourseError("x must have rows of equal length.") from None
    if x.ndim < 2:
        raise CourseError(f"x has the shape {x.shape}: it must be (rows, features), a row for each example.")
    width = int(np.prod(x.shape[1:]))
    names = tuple(feature_names) if feature_names is not None else tuple(f"x{j}" for j in range(width))
    if x.ndim == 2 and len(names) != x.shape[1]:
        raise CourseError(f"feature_names has {len(names)} names for {x.shape[1]} columns: give one for each.")
    for what, column in (("y", y), ("group", group), ("time", time)):
        if column is not None and len(np.atleast_1d(column)) != len(x):
            raise CourseError(f"{what} has {len(np.atleast_1d(column)):,} rows and x has {len(x):,}: they must agree.")
    _check_options(options)
    columns = x.reshape(len(x), -1).T if len(x) else x.T
    split = _checked(columns, names, y, "y", lambda i: f"row {i}", group=group, time=time, **options)
    return split if x.ndim == 2 else _as_images(split, x.shape[1:])


def from_csv(path, target, *, group=None, time=None, drop=(), **options) -> Split:
    """Return the rows of a CSV file with a line of column names as a checked Split.

    `target`, `group` and `time` are names of columns, `drop` of those to leave out; every other column is a feature
    and must hold numbers. Options and checks are those of `from_arrays`; a row is named by its line in the file.
    Columns may be separated by commas, semicolons or tabs. The file may have at most 200 MB.
    """
    _check_options(options)
    path = Path(path)
    header, rows, lines = _read_csv(path)
    left_out = [drop] if isinstance(drop, str) else list(drop)
    for option, column in [
        ("target", target),
        ("group", group),
        ("time", time),
        *(("drop", name) for name in left_out),
    ]:
        if column not in header and (column is not None or option == "target"):
            hint = did_you_mean(column, header, cutoff=0.6)
            raise CourseError(f"{path.name} has no column {column!r} for {option}{hint}; it has {', '.join(header)}.")
    if target in (group, time, *left_out):
        raise CourseError(f"{target!r} is the target: it cannot be group, time or dropped as well.")
    cells = {name: [row[j] for row in rows] for j, name in enumerate(header)}
    features = tuple(name for name in header if name not in (target, group, time, *left_out))
    if not features:
        raise CourseError(f"{path.name} has no column left for features: it needs one beside {target!r}.")
    return _checked(
        [cells[name] for name in features],
        features,
        cells[target],
        f"column {target!r}",
        lambda i: f"line {lines[i]}",
        group=None if group is None else cells[group],
        time=None if time is None else cells[time],
        **{"name": path.stem, **options},
    )


OPTIONS = ("name", "task", "seed", "train_rows", "val_rows", "test_rows", "standardize")


def _check_options(options):
    for option in options:
        if option not in OPTIONS:
            hint = did_you_mean(option, OPTIONS, cutoff=0.6)
            raise CourseError(f'There is no option "{option}"{hint}; the options are {", ".join(OPTIONS)}.')


def _checked(
    columns, names, y, target, place, *, group=None, time=None, name="own rows", task=None, seed=0,
    train_rows=None, val_rows=None, test_rows=None, standardize=True,
):  # fmt: skip
    check_flag("standardize", standardize)
    count("seed", seed)
    if task not in (None, "classes", "binary", "multiclass", "regression"):
        raise CourseError(f'task must be "classes" or "regression", not {task!r}.')
    if len(y) < FEWEST_ROWS:
        raise CourseError(f"There are {len(y)} rows: training, validation and test need {FEWEST_ROWS} or more.")
    x = np.array([numbers_of(cells, f"Column {n!r}", place) for cells, n in zip(columns, names, strict=True)]).T
    task, y, classes, notes = target_of(y, task, target[0].upper() + target[1:] if target != "y" else "y", place)
    sizes = _sizes(len(y), train_rows, val_rows, test_rows)
    parts, told = _dealt(y, classes, sizes, seed, group, time, place, name)
    _check_every_class(y, parts[0], classes)
    notes = [*notes, *told, *suspicions.about_columns(x, y, names, classes)]
    notes += suspicions.about_duplicates(x, parts) + suspicions.about_classes(y, parts, classes)
    if standardize:
        sd = x[parts[0]].std(axis=0)
        x = (x - x[parts[0]].mean(axis=0)) / np.where(sd > 0, sd, 1)
    arrays = [values[rows] for rows in parts for values in (x, y)]
    about = f"{len(y):,} rows of your own\ntarget: {target.removeprefix('column ')}"
    return Split(name, task, *arrays, names, classes, about=about, notes=tuple(notes))


def _sizes(rows, train_rows, val_rows, test_rows):
    """How many rows each part is to have: as asked for, else about 60, 20 and 20%."""
    for option, asked, least in (("train_rows", train_rows, 1), ("val_rows", val_rows, 0), ("test_rows", test_rows, 0)):
        if asked is not None:
            count(option, asked, least=least)
    val = rows // 5 if val_rows is None else val_rows
    train = rows - val - (rows // 5 if test_rows is None else test_rows) if train_rows is None else train_rows
    if train < 1:
        raise CourseError(
            f"There are {rows:,} rows, and none is left for training: ask for fewer val_rows or test_rows."
        )
    return train, val, test_rows


def _dealt(y, classes, sizes, seed, group, time, place, name):
    """The row numbers of the three parts, and notes."""
    if group is not None and time is not None:
        raise CourseError("A split is by group or in time order, not both: give one of group and time.")
    if group is None and time is None:
        return part_rows(name, stratified_order(y, classes, seeds.generator(seed)), *sizes), []
    train, val, test = (len(part) for part in part_rows(name, np.arange(len(y)), *sizes))
    if time is not None:
        return _in_time_order(times_of(time, "The time column", place), train, val, test)
    cells = np.asarray(group).tolist()
    refuse_missing(cells, "The group column", place)
    return _by_group(cells, {1: val, 0: train, 2: test}, seeds.generator(seed))


def _in_time_order(moments, train, val, test):
    order = np.argsort(moments, kind="stable")
    end, middle = len(order) - test, len(order) - test - val
    parts = order[middle - train : middle], order[middle:end], order[end:]
    used = [moments[part] for part in parts if len(part)]
    tied = any(later[0] == earlier[-1] for earlier, later in zip(used, used[1:], strict=False))
    return parts, ["Two parts of the split share a moment: rows of the same time are on both sides."] * tied


def _by_group(cells, wanted, rng):
    """Each group goes to the part that lacks the largest share of its rows; so no group is in two parts."""
    names, of_row = np.unique(np.array([str(cell) for cell in cells]), return_inverse=True)
    wanted = {part: rows for part, rows in wanted.items() if rows}
    if len(names) < len(wanted):
        raise CourseError(f"There are {len(names)} groups for {len(wanted)} parts: a group stays in one part.")
    have, chosen = dict.fromkeys(wanted, 0), {0: [], 1: [], 2: []}
    for number in rng.permutation(len(names)):
        lacking = {part: 1 - have[part] / wanted[part] for part in wanted}
        part = max(lacking, key=lacking.get)
        if lacking[part] > 0:
            chosen[part].append(number)
            have[part] += int(np.sum(of_row == number))
    parts = tuple(rng.permutation(np.flatnonzero(np.isin(of_row, chosen[part]))) for part in (0, 1, 2))
    return parts, [f"Split by group: {', '.join(str(len(chosen[part])) for part in (0, 1, 2))} groups a part."]


def _check_every_class(y, train, classes):
    for label, name in enumerate(classes):
        if not (y[train] == label).any():
            raise CourseError(f"Class {name!r} has no training row in this split: ask for more rows or another seed.")


def _as_images(split, shape):
    return replace(split, **{x: getattr(split, x).reshape(-1, *shape) for x in ("x_train", "x_val", "x_test")})


def _read_csv(path):
    """(names of the columns, rows of cells, line of each row) of a CSV file; blank lines are left out."""
    text = _text(path)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    header, rows, lines = None, [], []
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = [cell.strip() for cell in row]
            continue
        if len(row) != len(header):
            raise CourseError(
                f"{path.name} has {len(row)} cells in line {reader.line_num}, but {len(header)} column names: mend it."
            )
        rows.append(row)
        lines.append(reader.line_num)
    _check_header(path, header)
    if not rows:
        raise CourseError(f"{path.name} has column names and no rows.")
    return header, rows, lines


def _text(path):
    try:
        size = path.stat().st_size / 1e6
        if path.is_dir():
            raise CourseError(f"{path} is a folder: give the path of a CSV file.")
        if size > LARGEST_FILE:
            raise CourseError(
                f"{path.name} has {size:,.0f} MB, more than the {LARGEST_FILE} MB that are read here: use fewer rows."
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CourseError(f"There is no file {path}: give the path of a CSV file.") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path.name} is not text in UTF-8: save it as CSV in UTF-8.") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}).") from None


def _check_header(path, header):
    if not header:
        raise CourseError(f"{path.name} is empty: it needs a line of column names and rows.")
    if all(not is_missing(cell) and cell.replace(".", "", 1).lstrip("-").isdigit() for cell in header):
        raise CourseError(f"{path.name} begins with numbers: its first line must have the names of the columns.")
    if "" in header:
        raise CourseError(f"{path.name} has no name for column {header.index('') + 1}: give it one in the first line.")
    again = next((name for name in header if header.count(name) > 1), None)
    if again is not None:
        raise CourseError(f"{path.name} has two columns {again!r}: give them different names.")
