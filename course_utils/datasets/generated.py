"""Tables that are generated from known coefficients: the same text on every platform and Python."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_utils.datasets import files
from course_utils.errors import CourseError

TABLE_ROWS = 1000
TABLES = {}  # name: Table; houses.py and cars.py fill it


@dataclass(frozen=True)
class Table:
    """How a table is made: target = intercept + Σ coefficient · column, as written in the file, + noise."""

    columns: dict  # name: (decimals, true coefficient)
    draw: Callable  # (uniform, bell) -> the columns of one row, not yet rounded
    target: str
    intercept: float
    noise_sd: float
    seed: int


def table_text(name) -> str:
    """Return the text of data/<name>.csv, the same on every platform and Python.

    It uses only `random.random`, whose stream Python promises to keep, and + - * /, one at a time, which
    IEEE 754 fixes to the last bit. No logarithm, no NumPy generator, and no `sum` of floats, which rounds
    differently since Python 3.12.
    """
    table = TABLES[name]
    uniform = random.Random(table.seed).random

    def bell():
        """Twelve uniform numbers less 6: mean 0, variance 1, nearly Gaussian. Whole numbers add exactly."""
        return sum(int(65536 * uniform()) for _ in range(12)) / 65536 - 6

    lines = [",".join([*table.columns, table.target])]
    for _ in range(TABLE_ROWS):
        cells = []
        target = table.intercept
        values = table.draw(uniform, bell)
        for value, (decimals, coefficient) in zip(values, table.columns.values(), strict=True):
            cells.append(f"{value:.{decimals}f}")
            target += coefficient * float(cells[-1])
        lines.append(",".join([*cells, f"{target + table.noise_sd * bell():.2f}"]))
    return "\n".join(lines) + "\n"


def write_tables(folder=None) -> list[Path]:
    """Write houses.csv and cars.csv into `folder`, if none is given into data/, and return their paths."""
    paths = [Path(folder or files.DATA) / f"{name}.csv" for name in TABLES]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(table_text(path.stem).encode())
    return paths


def true_coefficients(name) -> dict[str, float]:
    """Return the intercept and the coefficients, per unit of each raw column, behind "houses" or "cars"."""
    if not isinstance(name, str) or name not in TABLES:
        raise CourseError(f'The true coefficients are known only for "houses" and "cars", not for {name!r}.')
    table = TABLES[name]
    return {"intercept": table.intercept, **{name: true for name, (_, true) in table.columns.items()}}


def read_table(name):
    """Return x (1000, columns) and y (1000,) as float64, and the columns' names, from data/<name>.csv."""
    return files.read_table(
        f"{name}.csv",
        or_else=" or `python -m course_utils.datasets`",
        what_differs=lambda content: _what_differs(content, table_text(name).encode()),
    )


def _what_differs(content, expected):
    if expected.startswith(content):
        return f"is cut off (it ends in line {len(content.splitlines())} of {TABLE_ROWS + 1})"
    pairs = zip(content.split(b"\n"), expected.split(b"\n"), strict=False)
    line = next((number for number, (found, right) in enumerate(pairs, 1) if found != right), TABLE_ROWS + 2)
    return f"is not as the course made it (line {line} was changed)"
