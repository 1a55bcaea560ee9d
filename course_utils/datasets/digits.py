"""8×8 handwritten digits."""

import functools

import numpy as np

from course_utils import seeds
from course_utils.datasets.arguments import check_split, number
from course_utils.datasets.bundled import sklearn_table
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import flip, make, part_rows, stratified_order


@about(
    """1,797 grey-scale images of handwritten digits, 8×8 pixels
target: the digit
origin: E. Alpaydin and C. Kaynak (1998), UCI, doi:10.24432/C50P49, the test part, as in scikit-learn
licence: CC BY 4.0"""
)
def digits(seed=0, train_rows=200, val_rows=200, test_rows=None, label_noise=0.0) -> Split:
    """Return scikit-learn's 1,797 handwritten digits: 64 pixels from 0 to 1, ten classes.

    `label_noise` is the share of the training and of the validation labels that are wrong: exactly
    round(share · n) of each, replaced by one of the other nine classes. Test labels are always right. The
    rows and their order do not depend on it, so `label_noise=0` tells which labels are wrong. At .9 a label
    says nothing about its image. The images are shared between calls, and so they are read-only.
    """
    share = number("label_noise", label_noise, most=1)
    check_split(seed, train_rows, val_rows, test_rows)
    images, labels, feature_names = _in_order(seed, seeds.universe())
    parts = part_rows("digits", np.arange(len(labels)), train_rows, val_rows, test_rows)
    # The parts are runs of rows: slices share the images, where row numbers would copy them.
    x = [images[rows[0] : rows[-1] + 1] if len(rows) else images[:0] for rows in parts]
    split = make("digits", x, [labels[rows] for rows in parts], feature_names, tuple("0123456789"))
    if share:
        for part, labels in enumerate((split.y_train, split.y_val)):
            flip(labels, share, classes=10, rng=seeds.generator([seed, 1, part]))
    return split


@functools.lru_cache(maxsize=64)
def _in_order(seed, universe):  # the universe is part of what is kept
    # Kept, because a lesson asks for the same ten orders in every experiment: half a megabyte each time.
    x, y, feature_names = sklearn_table("digits")
    order = stratified_order(y, range(10), seeds.generator(seed))
    images = (x[order] / 16).astype(np.float32)
    images.setflags(write=False)
    return images, y[order], feature_names
