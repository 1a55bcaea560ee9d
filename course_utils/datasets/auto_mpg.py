"""392 real cars and how far they go on a gallon of fuel."""

import numpy as np

from course_utils.datasets import files
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import split_table

ORIGINS = ("usa", "europe", "japan")  # 1, 2 and 3 in the source


@about(
    """392 cars of the years 1970 to 1982, as sold in the USA; cylinders, displacement, horsepower, weight correlate
target: miles per US gallon
origin: R. Quinlan (1993), UCI, doi:10.24432/C5859H; the 392 complete rows, as in the package mlxtend
licence: CC BY 4.0"""
)
def auto_mpg(seed=0, train_rows=100, val_rows=100, test_rows=None, standardize=True) -> Split:
    """Return 392 real cars: 9 features, the fuel efficiency in miles per gallon as the target.

    The source numbers the origin 1, 2, 3. That is a name and not a quantity, so it becomes three columns of 0 and 1,
    `origin_usa`, `origin_europe` and `origin_japan`, which add up to 1 in every row.
    """
    x, y, columns = files.read_table("auto_mpg.csv")
    origin = columns.index("origin")
    one_hot = x[:, [origin]] == np.arange(1, 1 + len(ORIGINS))
    x = np.column_stack([np.delete(x, origin, axis=1), one_hot])
    names = (*(column for column in columns if column != "origin"), *(f"origin_{place}" for place in ORIGINS))
    return split_table("auto_mpg", x, y, names, (), seed, train_rows, val_rows, test_rows, standardize)
