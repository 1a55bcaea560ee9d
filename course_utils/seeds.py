"""Where every random generator of the package is made, so that one number shifts all draws.

The environment variable COURSE_UNIVERSE names the universe: the same seed draws other numbers in another universe.
It is a whole number; 0, or none, gives the course's own numbers. `authoring/replicate.py` runs the lessons in several.
"""

import os

import numpy as np
from numpy.random import SeedSequence, default_rng

from course_utils.errors import CourseError

VARIABLE = "COURSE_UNIVERSE"


def universe():
    """The number of the universe, from 0 up. Raises CourseError if COURSE_UNIVERSE is no such number."""
    text = os.environ.get(VARIABLE, "").strip() or "0"
    if not (text.isascii() and text.isdigit()):
        raise CourseError(f"{VARIABLE} must be a whole number from 0 up, and it is {text!r}: change or unset it.")
    return int(text)


def sequence(entropy):
    """NumPy's SeedSequence of `entropy`, a whole number or a list of them, in this universe."""
    number = universe()
    return SeedSequence(entropy, spawn_key=(number,)) if number else SeedSequence(entropy)


def generator(seed=None):
    """NumPy's generator of `seed`, a whole number or a list of them, in this universe.

    None, and what is a generator or a seed sequence already, is handed to NumPy as it is.
    """
    number = universe()
    whole = isinstance(seed, (int, np.integer, list, tuple, np.ndarray))
    return default_rng(SeedSequence(seed, spawn_key=(number,)) if number and whole else seed)


def fixed(seed):
    """NumPy's generator of `seed`, the same in every universe: for exercises' test data and what is sealed."""
    return default_rng(seed)


def shift_notebook():
    """Puts what a notebook itself calls into this universe: NumPy's default_rng and SeedSequence, Keras's seed."""
    import keras  # takes seconds, and only a replication needs it

    set_random_seed, number = keras.utils.set_random_seed, universe()
    np.random.default_rng = generator
    np.random.SeedSequence = lambda entropy=None, **more: (
        sequence(entropy) if entropy is not None and not more else SeedSequence(entropy, **more)
    )
    keras.utils.set_random_seed = lambda seed: set_random_seed((seed + 1_000 * number) % 2**32)
