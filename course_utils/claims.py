"""A sentence of the text, held against the value that was measured for it."""

import html
import re

import numpy as np
from IPython.display import display

from course_utils.errors import CourseError
from course_utils.show import Markdown
from course_utils.stats import Interval


class ClaimFailed(AssertionError):
    """A sentence that its own measurement does not bear out; shown as one line in a notebook."""

    def _render_traceback_(self):
        return [str(self)]


class _Shown(str):
    """Text that a notebook shows as `html`, and everything else as it stands."""

    def __new__(cls, text, html):
        shown = super().__new__(cls, text)
        shown.html = html
        return shown

    def _repr_html_(self):
        return self.html

    def __repr__(self):
        return str(self)


def claim(sentence, value, above=None, below=None, between=None, equals=None, within=None):
    """Shows `sentence`, once `value` bears it out; raises `ClaimFailed` if it does not.

    value: a number, an array (every entry must hold; an empty one never does), an Interval or a list of them (both ends
        of each must hold), or a condition, which needs no bound. NaN never holds.
    above, below: strict. between: (low, high), ends included. equals: exactly, or to an absolute `within`.
    A sentence with `{}` is shown with the value in that place, the bound and the margin folded away; one without it,
    with value and bound behind it. The output's metadata carry `claim`: sentence, measured and needs (as shown, None
    for a condition), and margin, the distance of the worst entry from its bound (None for a condition and where it must
    be exact). Raises CourseError for a claim that says nothing, or that mixes units.
    """
    live = "{}" in sentence
    if sentence.count("{}") > 1:
        raise CourseError("A claim has one value, so its sentence has one {} at most.")
    entry, held = _entry(sentence, value, above, below, between, equals, within)
    if live and entry["needs"] is None:
        raise CourseError("A claim that is a condition has no value for the {} of its sentence.")
    if live:
        entry["sentence"] = sentence.replace("{}", entry["measured"])
    line = entry["sentence"] + _bracket(entry, live)
    if not held:
        return _failed(f"✗ This claim does not hold here: {line}", entry)
    shown = _Shown(f"✓ {line}", _folded(entry)) if live else Markdown(f"✓ {line}")
    display(shown, metadata={"claim": entry})


def check(sentence, value, above=None, below=None, between=None, equals=None, within=None):
    """Like `claim`, for what the proof needs and a reader does not: one line of small print, marked `tier` "check"."""
    entry, held = _entry(sentence, value, above, below, between, equals, within)
    entry["tier"] = "check"
    line = sentence + _bracket(entry)
    if not held:
        return _failed(f"✗ This check does not hold here: {line}", entry)
    shown = _Shown(f"✓ {line}", f'<small style="opacity: 0.75">✓ {_html(line)}</small>')
    display(shown, metadata={"claim": entry})


def _entry(sentence, value, *bounds):
    """What the ledger keeps of a claim, and whether it holds."""
    whole, intervals = _ends(value)
    values, holds, margins, bound = _judge(whole, *bounds)
    ends = np.sort(values, axis=None)[[0, -1]].tolist() if values.size else []
    measured = " to ".join(dict.fromkeys(_text(end) for end in ends)) or "nothing"
    measured = "; ".join(map(str, intervals)) or measured
    worst = np.inf if margins is None or not values.size else np.min(margins)
    margin = float(f"{worst:.4g}") if np.isfinite(worst) else None
    entry = {"sentence": sentence, "measured": bound and measured, "needs": bound, "margin": margin}
    return entry, values.size > 0 and bool(np.all(holds))


def _ends(value):
    """The numbers that must hold, and the Intervals among `value`: of an Interval, both ends."""
    intervals = [value] if isinstance(value, Interval) else []
    if isinstance(value, (list, tuple)):
        intervals = [one for one in value if isinstance(one, Interval)]
        if intervals and len(intervals) < len(value):
            raise CourseError("A claim takes numbers or Intervals, not both in one list.")
    units = sorted({one.unit for one in intervals})
    if len(units) > 1:
        raise CourseError(f"A claim compares values of one unit, and these are in {' and in '.join(map(repr, units))}.")
    if not intervals:
        return value, []
    return np.concatenate([np.ravel([one.low, one.high]) for one in intervals]), intervals


def _failed(line, entry):
    """What a claim does that does not hold. A replication puts another function here, which goes on."""
    raise ClaimFailed(line)


def _bracket(entry, live=False):
    if entry["needs"] is None:
        return ""
    return f" (needs {entry['needs']})" if live else f" (measured {entry['measured']}, needs {entry['needs']})"


def _folded(entry):
    margin = "" if entry["margin"] is None else f", margin {entry['margin']:g}"
    return (
        f"<div>✓ {_html(entry['sentence'])}</div>"
        f"<details><summary>details</summary>needs {_html(entry['needs'])}{margin}</details>"
    )


def _html(text):
    """`text` escaped, with its `code` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


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
