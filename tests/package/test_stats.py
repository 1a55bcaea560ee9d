"""Numbers with their uncertainty: what an interval prints, and what a difference refuses."""

import numpy as np
import pytest
from scipy import stats

from course_utils.errors import CourseError
from course_utils.stats import PERCENTAGE_POINTS, Interval, difference, interval


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Interval(4.63, 1.52, PERCENTAGE_POINTS), "+4.6 ± 1.5 percentage points"),
        (Interval(-0.2, 0.034, PERCENTAGE_POINTS), "-0.200 ± 0.034 percentage points"),
        (Interval(77.12, 2.31, "%"), "77.1 ± 2.3 %"),
        (Interval(1234.5, 150.0), "1234 ± 150"),
        (Interval(2.0, 0.0, "s"), "2.0 ± 0.0 s"),
        (Interval(77.12, np.nan, "%"), "77.12 % (one value, which has no interval)"),
        (-Interval(1.0, 0.25), "-1.00 ± 0.25"),
        (100 * Interval(0.771, 0.023, "%"), "77.1 ± 2.3 %"),
        (Interval(1.0, 0.5) * -2, "-2.0 ± 1.0"),
    ],
)
def test_print(number, text):
    assert str(number) == text


def test_interval_is_that_of_students_t_and_unpacks():
    values = np.array([3.0, 4.0, 8.0, 9.0])
    mean, half = found = interval(values, unit="s")
    low, high = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high)) and (mean, half) == (found[0], found[1])
    assert np.array([interval(values), interval(values + 1)]).shape == (2, 2)
    assert np.isnan(interval([1.0]).half)


def test_along_an_axis():
    mean, half = interval(np.arange(12.0).reshape(3, 4), axis=1)
    assert mean.tolist() == [1.5, 5.5, 9.5] and half.shape == (3,)


def test_difference_is_paired():
    a, b = np.array([10.0, 20.0, 31.0]), np.array([9.0, 18.0, 28.0])
    found = difference(a, b, unit="s")
    assert tuple(found) == tuple(interval(a - b)) and str(found) == "+2.0 ± 2.5 s"


@pytest.mark.parametrize(("a", "b"), [([1, 2], [1, 2, 3]), ([1], [2]), (1, 2), (np.ones((2, 2)), np.ones((2, 2)))])
def test_difference_refuses(a, b):
    with pytest.raises(CourseError, match="A difference"):
        difference(a, b)
