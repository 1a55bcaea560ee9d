"""A sentence of the text, held against the value that was measured for it."""

import json
import os

import numpy as np
from IPython.display import display

from course_utils.errors import CourseError


class Markdown(str):
    """Text that a notebook shows as Markdown, and everything else as it stands."""

    def _repr_markdown_(self):
        return str(self)

    def __repr__(self):
        return str(self)


class ClaimFailed(AssertionError):
    """A sentence that its own measurement does not bear out; shown as one line in a notebook."""

    def _render_traceback_(self):
        return [str(self)]


def claim(sentence, value, above=None, below=None, between=None, equals=None, within=None):
    """Shows `sentence` with its measured value and its bound; raises `ClaimFailed` if it does not hold.

    value: a number, an array (every entry must hold; an empty one never does), or a condition, which needs no
        bound. NaN never holds.
    above, below: strict. between: (low, high), ends included. equals: exactly, or to an absolute `within`.
    If the environment variable COURSE_LEDGER names a file, a line of JSON is added to it: sentence, value and
    bound (as shown), margin (of the worst entry, negative if it fails, null where there is none), holds.
    """
    values, holds, margins, bound = _judge(value, above, below, between, equals, within)
    held = values.size > 0 and bool(np.all(holds))
    margin = float(np.min(margins, initial=np.inf)) if margins is not None else np.inf
    ends = np.sort(values, axis=None)[[0, -1]].tolist() if values.size else []
    measured = " to ".join(dict.fromkeys(_text(end) for end in ends)) or "nothing"
    line = sentence if bound is None else f"{sentence} (measured {measured}, needs {bound})"
    margin = margin if np.isfinite(margin) else None
    _note({"sentence": sentence, "value": measured, "bound": bound, "margin": margin, "holds": held})
    if not held:
        raise ClaimFailed(f"✗ This claim does not hold here: {line}")
    display(Markdown(f"✓ {line}"))


def _judge(value, above, below, between, equals, within):
    """The values as an array, which of them hold, their distances to the bound, and the bound in words."""
    bounds = [b for b in (above, below, between, equals) if b is not None]
    values = np.asarray(value)
    if len(bounds) > 1 or (within is not None and equals is None):
        raise CourseError("A claim takes one of above, below, between and equals, and within goes with equals.")
    if equals is not None and np.ndim(equals):
        raise CourseError("A claim compares arrays by their difference: claim(…, abs(a - b), below=…).")
    if not bounds:
        if values.dtype.kind != "b":
            raise CourseError("A claim about a number needs a bound: above, below, between or equals.")
        return values, values, None, None
    if values.dtype.kind not in "biuf":
        if equals is None or within is not None or values.dtype.kind != "U":
            raise CourseError(f"A claim needs a number, and the value given is a {type(value).__name__}.")
        return values, values == equals, None, _text(equals)
    values = values.astype(float)
    if above is not None:
        return values, values > above, values - above, f"> {_text(above)}"
    if below is not None:
        return values, values < below, below - values, f"< {_text(below)}"
    if between is not None:
        low, high = between
        inside = (values >= low) & (values <= high)
        return values, inside, np.minimum(values - low, high - values), f"{_text(low)} to {_text(high)}"
    if within is None:
        return values, values == equals, -np.abs(values - equals), _text(equals)
    off = np.abs(values - equals)
    return values, off <= within, within - off, f"{_text(equals)} ± {_text(within)}"


def _text(value):
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e7 else f"{value:.4g}"


def _note(entry):
    ledger = os.environ.get("COURSE_LEDGER")
    if not ledger:
        return
    try:
        with open(ledger, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError:
        pass  # the ledger is for the tests; a learner's claim does not depend on it
