"""A sentence of the text, held against the value that was measured for it."""

import numpy as np
from IPython.display import display

from course_utils.errors import CourseError
from course_utils.show import Markdown


class ClaimFailed(AssertionError):
    """A sentence that its own measurement does not bear out; shown as one line in a notebook."""

    def _render_traceback_(self):
        return [str(self)]


def claim(sentence, value, above=None, below=None, between=None, equals=None, within=None):
    """Shows `sentence` with its measured value and its bound; raises `ClaimFailed` if it does not hold.

    value: a number, an array (every entry must hold; an empty one never does), or a condition, which needs no
        bound. NaN never holds.
    above, below: strict. between: (low, high), ends included. equals: exactly, or to an absolute `within`.
    The output's metadata carry it too, as `claim`: sentence, measured and needs (as shown, None for a condition), and
    margin, the distance of the worst entry from its bound (None for a condition and where it must be exact).
    """
    values, holds, margins, bound = _judge(value, above, below, between, equals, within)
    held = values.size > 0 and bool(np.all(holds))
    ends = np.sort(values, axis=None)[[0, -1]].tolist() if values.size else []
    measured = " to ".join(dict.fromkeys(_text(end) for end in ends)) or "nothing"
    line = sentence if bound is None else f"{sentence} (measured {measured}, needs {bound})"
    if not held:
        raise ClaimFailed(f"✗ This claim does not hold here: {line}")
    worst = np.inf if margins is None else np.min(margins)
    margin = float(f"{worst:.4g}") if np.isfinite(worst) else None
    entry = {"sentence": sentence, "measured": bound and measured, "needs": bound, "margin": margin}
    display(Markdown(f"✓ {line}"), metadata={"claim": entry})


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
        return values, values == equals, None, _text(equals)
    off = np.abs(values - equals)
    return values, off <= within, within - off, f"{_text(equals)} ± {_text(within)}"


def _text(value):
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e7 else f"{value:.4g}"
