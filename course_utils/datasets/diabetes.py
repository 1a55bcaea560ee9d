"""Efron and others' diabetes study."""

from course_utils.datasets.bundled import sklearn_table
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import split_table


@about(
    """442 people with diabetes: age, sex, body mass index, blood pressure, six blood values
target: progression of the disease one year later, a score without a unit, from 25 to 346
origin: B. Efron and others (2004), doi:10.1214/009053604000000067, as in scikit-learn
licence: none stated by its authors; distributed with scikit-learn under BSD 3-Clause"""
)
def diabetes(seed=0, train_rows=100, val_rows=100, test_rows=None, standardize=True) -> Split:
    """Return the 442 rows of Efron and others' diabetes study: 10 features, a regression.

    The raw columns are as measured. (scikit-learn's default scales them by all rows, the test rows included.)
    """
    x, y, feature_names = sklearn_table("diabetes", scaled=False)
    return split_table("diabetes", x, y, feature_names, (), seed, train_rows, val_rows, test_rows, standardize)
