"""Generated houses, whose true coefficients are known."""

from course_utils.datasets.generated import TABLES, Table, read_table
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import split_table


def _draw_house(uniform, bell):
    size = min(max(110 + 30 * bell(), 40), 220)
    bedrooms = max(round(size / 30 + 0.6 * bell()), 1)
    age, distance, south = 100 * uniform(), 0.5 + 24.5 * uniform(), uniform()
    return size, bedrooms, age, distance, south, 359 * uniform(), 1 + 199 * uniform()


TABLES["houses"] = Table(
    {
        "size_m2": (0, 2.0),
        "bedrooms": (0, 12.0),
        "age_years": (0, -0.6),
        "distance_to_centre_km": (1, -4.0),
        "south_facing_share": (2, 60.0),
        "wall_colour": (0, 0.0),
        "house_number": (0, 0.0),
    },
    _draw_house,
    target="price_keur",
    intercept=120.0,
    noise_sd=30.0,
    seed=1,
)


@about(
    """1,000 houses; the true coefficients are known
target: price in thousands of euros
origin: generated for this course
licence: CC BY 4.0"""
)
def houses(seed=0, train_rows=100, val_rows=100, test_rows=None, standardize=True) -> Split:
    """Return 1,000 generated houses: size and bedrooms correlate; wall colour has a true weight of zero."""
    return split_table("houses", *read_table("houses"), (), seed, train_rows, val_rows, test_rows, standardize)
