"""The course's data: load or generate it, split it reproducibly, describe it.

Every data set is one function that returns a `Split`, in a module of the same name; `load(name, ...)` reaches the
same functions by name. splitting.py has the one rule that splits every table; `from_arrays` and `from_csv` make a
checked Split of your own rows. data/README.md has a data card for each data set.

`standardize=True` subtracts from each column the mean of its training rows and divides by their standard deviation.

To add a data set: a module with one function under `@about(...)`, its name in `_LOADERS`, and a data card.
"""

import inspect

from course_utils.datasets.arguments import did_you_mean
from course_utils.datasets.auto_mpg import auto_mpg
from course_utils.datasets.breast_cancer import breast_cancer
from course_utils.datasets.cars import cars
from course_utils.datasets.diabetes import diabetes
from course_utils.datasets.digits import digits
from course_utils.datasets.fashion_mnist import fashion_mnist
from course_utils.datasets.generated import TABLES, table_text, true_coefficients, write_tables
from course_utils.datasets.houses import houses
from course_utils.datasets.mnist import mnist
from course_utils.datasets.moons import moons
from course_utils.datasets.own import from_arrays, from_csv
from course_utils.datasets.satellite import Patches, satellite, satellite_patches, with_seal_open
from course_utils.datasets.split import ABOUT, Split
from course_utils.errors import CourseError

_LOADERS = (
    digits, mnist, breast_cancer, diabetes, auto_mpg, houses, cars, moons, satellite, fashion_mnist,
)  # fmt: skip
LOADERS = {loader.__name__: loader for loader in _LOADERS}

__all__ = [
    "ABOUT", "CourseError", "LOADERS", "Patches", "Split", "TABLES", "describe", "from_arrays", "from_csv", "load",
    "names", "satellite_patches", "table_text", "true_coefficients", "with_seal_open", "write_tables", *LOADERS,
]  # fmt: skip


def names() -> list[str]:
    """Return the names of all data sets."""
    return list(LOADERS)


def load(name, **options) -> Split:
    """Return the data set `name`; its options are the arguments of the function of that name.

    A name that ends in .csv is the path of a file of your own, for `from_csv`; its rows as arrays go to `from_arrays`.
    Raises CourseError for a name or an option that does not exist, and for a value that cannot be used.
    """
    own = str(name).lower().endswith(".csv")
    if own and "target" not in options:
        raise CourseError(f'Say which column of {name} is the target, as in load({str(name)!r}, target="price").')
    if own:
        return from_csv(name, **options)
    make = LOADERS[_known(name)]
    allowed = list(inspect.signature(make).parameters)
    for option in options:
        if option not in allowed:
            hint = did_you_mean(option, allowed, cutoff=0.7)
            raise CourseError(f'{name} has no option "{option}"{hint}; it has {", ".join(allowed)}.')
    return make(**options)


def describe(name) -> str:
    """Return a few lines to print about the data set `name`, without loading it."""
    return f"{_known(name)}: {ABOUT[name]}"


def _known(name):
    if not isinstance(name, str) or name not in LOADERS:
        hint = did_you_mean(name, names(), cutoff=0.5)
        raise CourseError(f"There is no data set {name!r}{hint}; the names are {', '.join(names())}.")
    return name
