"""Breast cancer, Wisconsin (diagnostic)."""

from course_utils.datasets.bundled import sklearn_table
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import split_table


@about(
    """569 breast masses, their cell nuclei measured on microscope images
target: malignant or benign
origin: W. Wolberg and others (1993), UCI, doi:10.24432/C5DW2B, as in scikit-learn
licence: CC BY 4.0"""
)
def breast_cancer(seed=0, train_rows=100, val_rows=150, test_rows=None, standardize=True) -> Split:
    """Return the 569 rows of Wisconsin (diagnostic) breast cancer: 30 features, 0 malignant, 1 benign."""
    x, y, feature_names = sklearn_table("breast_cancer")
    classes = ("malignant", "benign")
    rows = (train_rows, val_rows, test_rows)
    return split_table("breast_cancer", x, y, feature_names, classes, seed, *rows, standardize)
