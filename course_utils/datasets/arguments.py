"""Checks of what a caller asks for: counts, numbers, flags, names."""

import difflib
import math
import numbers

import numpy as np

from course_utils.errors import CourseError


def did_you_mean(word, choices, cutoff):
    word = str(word).lower().replace("-", "_").replace(" ", "_")
    longer = [choice for choice in choices if len(word) > 3 and word in choice]
    close = longer or difflib.get_close_matches(word, choices, n=1, cutoff=cutoff)
    return f' (did you mean "{close[0]}"?)' if close else ""


def check_split(seed, train_rows, val_rows, test_rows):
    count("seed", seed)
    count("train_rows", train_rows, least=1)
    count("val_rows", val_rows)
    if test_rows is not None:
        count("test_rows", test_rows)


def check_flag(name, value):
    if not isinstance(value, bool | np.bool_):
        raise CourseError(f"{name} must be True or False, not {value!r}.")


def count(name, value, least=0):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise CourseError(f"{name} must be a whole number from {least} up, not {value!r}.")
    return int(value)


def number(name, value, most=math.inf):
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= value <= most or value == math.inf:
        allowed = "a finite number from 0 up" if most == math.inf else f"a fraction from 0 to {most}"
        raise CourseError(f"{name} must be {allowed}, not {value!r}.")
    return float(value)
