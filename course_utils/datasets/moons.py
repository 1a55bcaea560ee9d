"""Two interleaved half circles."""

import numpy as np

from course_utils.datasets.arguments import number
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import drawn


@about(
    """noisy points on two interleaved half circles, as many as you ask for
target: the half circle
origin: generated for this course
licence: CC BY 4.0"""
)
def moons(seed=0, train_rows=100, val_rows=200, test_rows=1000, noise=0.2) -> Split:
    """Return two interleaved half circles of radius 1: 2 features, classes 0 (upper) and 1 (lower).

    The curves of `sklearn.datasets.make_moons`, at random angles. `noise` is the standard deviation of the
    Gaussian noise on both coordinates; the angles do not depend on it. Classes alternate, so that any number
    of rows is balanced.
    """
    noise = number("noise", noise)

    def draw(rows, rng):
        angle, noises = np.pi * rng[0].uniform(size=rows), rng[1].standard_normal((rows, 2))
        y = np.arange(rows) % 2
        upper, lower = (np.cos(angle), np.sin(angle)), (1 - np.cos(angle), 0.5 - np.sin(angle))
        return np.where(y, lower, upper).T + noise * noises, y

    return drawn("moons", draw, ("x1", "x2"), ("upper", "lower"), seed, train_rows, val_rows, test_rows)
