"""Numbers with their uncertainty."""

import numpy as np
from scipy import stats


def interval(values, axis=0):
    """Mean and half-width of its 95% confidence interval (Student's t) along `axis`, which runs over seeds.

    It is the one interval of the whole course. It speaks of the mean over new seeds (splits and initial
    weights) of the same data set; it says nothing about other data sets.
    """
    values = np.asarray(values, float)
    n = values.shape[axis]
    half = stats.t.ppf(0.975, n - 1) * values.std(axis, ddof=1) / np.sqrt(n) if n > 1 else np.nan * values.mean(axis)
    return values.mean(axis), half
