"""What looks wrong with rows that can be used all the same: sentences for `Split.notes`."""

import numpy as np


def about_columns(x, y, names, classes) -> list[str]:
    """Return notes on columns of x (rows, features) that say nothing, count the rows, or give the target y away."""
    notes = []
    for column, name in zip(x.T, names, strict=True):
        if (column == column[0]).all():
            notes.append(f"Column {name!r} has the same value in every row, so it says nothing.")
        elif len(column) > 5 and (np.diff(column) == 1).all():
            notes.append(f"Column {name!r} counts the rows: leave it out, if it is only their number.")
        elif _gives_away(column, y, classes):
            notes.append(f"Column {name!r} alone gives the target away: was it known before the target was?")
    return notes


def _gives_away(column, y, classes):
    if not classes:
        return bool(abs(np.corrcoef(column, y)[0, 1]) > 0.9999)
    # It does if thresholds on it part the classes without a mistake, one stretch for each class.
    order = np.lexsort((y, column))
    steps = np.flatnonzero(np.diff(y[order]))
    apart = column[order][steps] != column[order][steps + 1]
    return bool(len(steps) == len(classes) - 1 and apart.all())


def about_duplicates(x, parts) -> list[str]:
    """Return a note on each of validation and test whose rows are in the training part too, feature by feature."""
    rows = [{row.tobytes() for row in x[part]} for part in parts]
    notes = []
    for part, name in ((1, "validation"), (2, "test")):
        again = sum(row.tobytes() in rows[0] for row in x[parts[part]])
        if again:
            notes.append(
                f"{again:,} of the {len(parts[part]):,} {name} rows {'are' if again > 1 else 'is'} in the training "
                "rows too, with the same features: the score will be too good; leave duplicates out or split by group."
            )
    return notes


def about_classes(y, parts, classes) -> list[str]:
    """Return a note on each class without a row in validation or test."""
    return [
        f"Class {name!r} has no {part} row in this split."
        for part, rows in (("validation", parts[1]), ("test", parts[2]))
        for label, name in enumerate(classes)
        if len(rows) and not (y[rows] == label).any()
    ]
