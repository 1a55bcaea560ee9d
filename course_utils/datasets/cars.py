"""Generated cars, whose true coefficients are known."""

from course_utils.datasets.generated import TABLES, Table, read_table
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import split_table


def _draw_car(uniform, bell):
    engine = min(max(1.8 + 0.5 * bell(), 0.9), 4.0)
    weight = 850 + 300 * engine + 110 * bell()
    power = 25 + 45 * engine + 15 * bell()
    city = 22 - 2.2 * engine - 0.0025 * weight + 1.2 * bell()
    highway = 1.5 + 1.3 * city + 0.25 * bell()
    return engine, weight, power, city, highway, 200 + 500 * uniform(), 2 + 3 * uniform()


TABLES["cars"] = Table(
    {
        "engine_size_l": (1, -0.9),
        "weight_kg": (0, -0.001),
        "power_kw": (0, 0.0),
        "city_km_per_l": (1, 0.4),
        "highway_km_per_l": (1, 0.3),
        "boot_l": (0, 0.0),
        "doors": (0, 0.0),
    },
    _draw_car,
    target="real_km_per_l",
    intercept=6.0,
    noise_sd=1.2,
    seed=2,
)


@about(
    """1,000 cars; the true coefficients are known
target: fuel efficiency in everyday driving, in km per litre
origin: generated for this course
licence: CC BY 4.0"""
)
def cars(seed=0, train_rows=100, val_rows=100, test_rows=None, standardize=True) -> Split:
    """Return 1,000 generated cars: city and highway mileage are nearly collinear, and both matter."""
    return split_table("cars", *read_table("cars"), (), seed, train_rows, val_rows, test_rows, standardize)
