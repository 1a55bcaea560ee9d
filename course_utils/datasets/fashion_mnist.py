"""Fashion-MNIST, which Keras downloads."""

import gzip
import zlib

import numpy as np

from course_utils import seeds
from course_utils.datasets.arguments import check_split
from course_utils.datasets.bundled import pixel_names
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import make, part_rows, stratified_order
from course_utils.errors import CourseError


@about(
    """70,000 grey-scale images of clothes, 28×28 pixels
target: the kind of garment
origin: H. Xiao, K. Rasul and R. Vollgraf (2017), arXiv:1708.07747, downloaded by Keras at first use
licence: MIT"""
)
def fashion_mnist(seed=0, train_rows=1000, val_rows=1000, test_rows=None) -> Split:
    """Return Fashion-MNIST, downloaded by Keras at first use: 784 pixels from 0 to 1, ten classes.

    Training and validation rows come from its 60,000 training images. The test rows are its own 10,000 test
    images, or the first `test_rows` of them, whatever the seed.
    Raises CourseError if it cannot be downloaded, or if its copy on this computer is damaged.
    """
    check_split(seed, train_rows, val_rows, test_rows)  # before anything is downloaded
    (x, y), (x_test, y_test) = _keras_fashion_mnist()
    classes = tuple("T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(","))
    train, val, _ = part_rows(
        "fashion_mnist", stratified_order(y, classes, seeds.generator(seed)), train_rows, val_rows, test_rows=0
    )
    if test_rows is not None and test_rows > len(x_test):
        raise CourseError(f"fashion_mnist has {len(x_test)} test rows: ask for at most that many test_rows.")
    x = [images.reshape(-1, 784) / np.float32(255) for images in (x[train], x[val], x_test[:test_rows])]
    return make("fashion_mnist", x, (y[train], y[val], y_test[:test_rows]), pixel_names(28), classes)


def _keras_fashion_mnist():
    import keras

    try:
        return keras.datasets.fashion_mnist.load_data()
    except (gzip.BadGzipFile, zlib.error, EOFError, ValueError):
        raise CourseError(
            "Keras's copy of Fashion-MNIST is damaged: delete the folder datasets/fashion-mnist "
            'in ~/.keras (or $KERAS_HOME) and load it again, or use load("digits"), which needs no download.'
        ) from None
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise CourseError(
            f"Fashion-MNIST could not be downloaded ({error}): connect to the internet and try again, or use "
            'load("digits"), which needs no download.'
        ) from None
