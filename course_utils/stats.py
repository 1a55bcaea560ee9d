"""Numbers with their uncertainty."""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from course_utils.errors import CourseError

PERCENTAGE_POINTS = "percentage points"


@dataclass(frozen=True)
class Interval:
    """A mean and the half-width of its 95% confidence interval, both in `unit`; numbers, or arrays of one shape.

    It unpacks as `mean, half = …`. `half` is NaN where there was one value only. In print, a difference has its sign.
    """

    mean: float | np.ndarray
    half: float | np.ndarray
    unit: str = ""
    signed: bool = False

    @property
    def low(self):
        return self.mean - self.half

    @property
    def high(self):
        return self.mean + self.half

    def __iter__(self):
        return iter((self.mean, self.half))

    def __len__(self):
        return 2

    def __getitem__(self, place):
        return (self.mean, self.half)[place]

    def __neg__(self):
        return replace(self, mean=-self.mean)

    def __mul__(self, factor):
        if not isinstance(factor, (int, float, np.number)):
            return NotImplemented
        return replace(self, mean=self.mean * factor, half=self.half * abs(factor))

    __rmul__ = __mul__

    def __str__(self):
        signed = self.signed or self.unit == PERCENTAGE_POINTS
        pairs = zip(np.ravel(self.mean), np.ravel(self.half), strict=True)
        unit = f" {self.unit}" if self.unit else ""
        return "; ".join(_spelled(mean, half, signed, unit) for mean, half in pairs)


def _spelled(mean, half, signed, unit):
    """Two significant digits of the half-width, and the mean to the same place."""
    sign = "+" if signed else ""
    if not math.isfinite(half):
        return f"{mean:{sign}.4g}{unit} (one value, which has no interval)"
    places = max(0, 1 - math.floor(math.log10(half))) if half else 1
    return f"{mean:{sign}.{places}f} ± {half:.{places}f}{unit}"


def interval(values, axis=0, unit=""):
    """The `Interval` of the mean of `values` (Student's t, 95%) along `axis`, which runs over seeds.

    It is the one interval of the whole course. It speaks of the mean over new seeds (splits and initial
    weights) of the same data set; it says nothing about other data sets.
    """
    values = np.asarray(values, float)
    n = values.shape[axis]
    half = stats.t.ppf(0.975, n - 1) * values.std(axis, ddof=1) / np.sqrt(n) if n > 1 else np.nan * values.mean(axis)
    return Interval(values.mean(axis), half, unit)


def difference(a, b, unit=""):
    """The `Interval` of the mean of `a - b`, paired: arrays (seeds,) of the same seeds in the same order.

    `unit` is that of a - b: for two accuracies in per cent, "percentage points".
    Raises CourseError unless both have the same number of values, at least two.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or a.ndim != 1:
        raise CourseError(
            f"A difference is paired by seed: give two lists with one value a seed; these have the shapes {a.shape} "
            f"and {b.shape}."
        )
    if len(a) < 2:
        raise CourseError("A difference needs at least 2 seeds: one value tells nothing of its uncertainty.")
    return replace(interval(a - b, unit=unit), signed=True)
