"""The course's data: load or generate it, split it reproducibly, describe it.

Every data set is one function that returns a `Split`; `load(name, ...)` reaches the same functions by name.

One rule splits every table. The seed puts the rows into a random order, for classes a stratified one: any
stretch of it has the classes in about the table's proportions. The first `val_rows` are the validation rows,
the next `train_rows` the training rows, and what is left, or only the last `test_rows` of it, the test rows.
So for one seed the validation rows do not depend on `train_rows`, fewer training rows are the first of more,
and with a given `test_rows` the test rows do not depend on `train_rows` either.

`standardize=True` subtracts from each column the mean of its training rows and divides by their standard
deviation.

`python -m course_utils.datasets` writes data/houses.csv and data/cars.csv again, byte for byte.
data/README.md has a data card for each data set.
"""

import difflib
import functools
import gzip
import hashlib
import inspect
import math
import numbers
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from course_utils.errors import CourseError

DATA = Path(__file__).resolve().parents[2] / "data"
TABLE_ROWS = 1000
CHECKSUMS = {  # SHA-256 of the files with \n line ends
    "houses": "a7ca39b9359c8cd7fd1a025826ef743bc788b40191f384ee65f755e27e3bae11",
    "cars": "6ddba327b5bb287b32ea35ea7ef51a427439298ad72cb195269663942ff74044",
    "satellite": "156a106f68a9c20909711596b43e046d7445ccb6c1632fbd95765ed1ddde87a8",
}


# What a learner should know of a data set before using it; data/README.md says more.
ABOUT = {
    "digits": """1,797 grey-scale images of handwritten digits, 8×8 pixels
target: the digit
origin: E. Alpaydin and C. Kaynak (1998), UCI, doi:10.24432/C50P49, the test part, as in scikit-learn
licence: CC BY 4.0""",
    "breast_cancer": """569 breast masses, their cell nuclei measured on microscope images
target: malignant or benign
origin: W. Wolberg and others (1993), UCI, doi:10.24432/C5DW2B, as in scikit-learn
licence: CC BY 4.0""",
    "diabetes": """442 people with diabetes: age, sex, body mass index, blood pressure, six blood values
target: progression of the disease one year later, a score without a unit, from 25 to 346
origin: B. Efron and others (2004), doi:10.1214/009053604000000067, as in scikit-learn
licence: none stated by its authors; distributed with scikit-learn under BSD 3-Clause""",
    "houses": """1,000 houses; the true coefficients are known
target: price in thousands of euros
origin: generated for this course
licence: CC BY 4.0""",
    "cars": """1,000 cars; the true coefficients are known
target: fuel efficiency in everyday driving, in km per litre
origin: generated for this course
licence: CC BY 4.0""",
    "moons": """noisy points on two interleaved half circles, as many as you ask for
target: the half circle
origin: generated for this course
licence: CC BY 4.0""",
    "legendre": """noisy points of y = sin(πx), as many as you ask for
target: y, without a unit
origin: generated for this course
licence: CC BY 4.0""",
    "satellite": """patches of a satellite picture, 3×3 pixels in four bands of light, from one landscape
target: the kind of land at the middle pixel
origin: A. Srinivasan (1993), UCI, doi:10.24432/C55887; the map put together again for this course
licence: CC BY 4.0""",
    "fashion_mnist": """70,000 grey-scale images of clothes, 28×28 pixels
target: the kind of garment
origin: H. Xiao, K. Rasul and R. Vollgraf (2017), arXiv:1708.07747, downloaded by Keras at first use
licence: MIT""",
}


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """A data set, split into training, validation and test rows that share no row.

    Features are float32 of shape (rows, features). Targets have shape (rows,): int32 class numbers for
    classification, float32 for regression. `classes` has the name of each class; for regression it is empty.
    """

    name: str
    task: str  # "multiclass", "binary" or "regression"
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    feature_names: tuple
    classes: tuple
    sealed: int = 0  # so many test rows exist, but are not here: see `satellite`

    def describe(self) -> str:
        """Return a few lines to print: what it is, rows, features, target and unit, origin, licence."""
        what, *rest = describe(self.name).split("\n")
        test = f"{self.sealed:,} test (sealed)" if self.sealed else f"{len(self.x_test):,} test"
        rows = f"{len(self.x_train):,} training, {len(self.x_val):,} validation, {test}"
        columns = self.feature_names
        few = columns if len(columns) <= 10 else (*columns[:2], "…", columns[-1])
        lines = [what, f"rows: {rows}", f"features: {len(columns)} ({', '.join(few)})", *rest]
        if self.classes:
            lines.insert(4, f"classes: {', '.join(self.classes)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        rows = f"{len(self.x_train)} training, {len(self.x_val)} validation, {len(self.x_test)} test rows"
        return f"<{self.name}: {rows}; features: {self.x_train.shape[1]}>"


def names() -> list[str]:
    """Return the names of all data sets."""
    return list(LOADERS)


def load(name, **options) -> Split:
    """Return the data set `name`; its options are the arguments of the function of that name.

    Raises CourseError for a name or an option that does not exist, and for a value that cannot be used.
    """
    make = LOADERS[_known(name)]
    allowed = list(inspect.signature(make).parameters)
    for option in options:
        if option not in allowed:
            hint = _did_you_mean(option, allowed, cutoff=0.7)
            raise CourseError(f'{name} has no option "{option}"{hint}; it has {", ".join(allowed)}.')
    return make(**options)


def describe(name) -> str:
    """Return a few lines to print about the data set `name`, without loading it."""
    return f"{_known(name)}: {ABOUT[name]}"


def digits(seed=0, train_rows=200, val_rows=200, test_rows=None, label_noise=0.0) -> Split:
    """Return scikit-learn's 1,797 handwritten digits: 64 pixels from 0 to 1, ten classes.

    `label_noise` is the share of the training and of the validation labels that are wrong: exactly
    round(share · n) of each, replaced by one of the other nine classes. Test labels are always right. The
    rows and their order do not depend on it, so `label_noise=0` tells which labels are wrong. At .9 a label
    says nothing about its image. The images are shared between calls, and so they are read-only.
    """
    share = _number("label_noise", label_noise, most=1)
    _check_split(seed, train_rows, val_rows, test_rows)
    images, labels, feature_names = _digits_in_order(seed)
    parts = _parts("digits", np.arange(len(labels)), train_rows, val_rows, test_rows)
    # The parts are runs of rows: slices share the images, where row numbers would copy them.
    x = [images[rows[0] : rows[-1] + 1] if len(rows) else images[:0] for rows in parts]
    split = _make("digits", x, [labels[rows] for rows in parts], feature_names, tuple("0123456789"))
    if share:
        for part, labels in enumerate((split.y_train, split.y_val)):
            _flip(labels, share, classes=10, rng=np.random.default_rng([seed, 1, part]))
    return split


@functools.lru_cache(maxsize=64)
def _digits_in_order(seed):
    # Kept, because a lesson asks for the same ten orders in every experiment: half a megabyte each time.
    x, y, feature_names = _sklearn_table("digits")
    order = _order(y, range(10), seed)
    images = (x[order] / 16).astype(np.float32)
    images.setflags(write=False)
    return images, y[order], feature_names


def breast_cancer(seed=0, train_rows=100, val_rows=150, test_rows=None, standardize=True) -> Split:
    """Return the 569 rows of Wisconsin (diagnostic) breast cancer: 30 features, 0 malignant, 1 benign."""
    x, y, feature_names = _sklearn_table("breast_cancer")
    classes = ("malignant", "benign")
    rows = (train_rows, val_rows, test_rows)
    return _split("breast_cancer", x, y, feature_names, classes, seed, *rows, standardize)


def diabetes(seed=0, train_rows=100, val_rows=100, test_rows=None, standardize=True) -> Split:
    """Return the 442 rows of Efron and others' diabetes study: 10 features, a regression.

    The raw columns are as measured. (scikit-learn's default scales them by all rows, the test rows included.)
    """
    x, y, feature_names = _sklearn_table("diabetes", scaled=False)
    return _split("diabetes", x, y, feature_names, (), seed, train_rows, val_rows, test_rows, standardize)


def houses(seed=0, train_rows=100, val_rows=100, test_rows=None, standardize=True) -> Split:
    """Return 1,000 generated houses: size and bedrooms correlate; wall colour has a true weight of zero."""
    return _split("houses", *_read_table("houses"), (), seed, train_rows, val_rows, test_rows, standardize)


def cars(seed=0, train_rows=100, val_rows=100, test_rows=None, standardize=True) -> Split:
    """Return 1,000 generated cars: city and highway mileage are nearly collinear, and both matter."""
    return _split("cars", *_read_table("cars"), (), seed, train_rows, val_rows, test_rows, standardize)


def moons(seed=0, train_rows=100, val_rows=200, test_rows=1000, noise=0.2) -> Split:
    """Return two interleaved half circles of radius 1: 2 features, classes 0 (upper) and 1 (lower).

    The curves of `sklearn.datasets.make_moons`, at random angles. `noise` is the standard deviation of the
    Gaussian noise on both coordinates; the angles do not depend on it. Classes alternate, so that any number
    of rows is balanced.
    """
    noise = _number("noise", noise)

    def draw(rows, rng):
        angle, noises = np.pi * rng[0].uniform(size=rows), rng[1].standard_normal((rows, 2))
        y = np.arange(rows) % 2
        upper, lower = (np.cos(angle), np.sin(angle)), (1 - np.cos(angle), 0.5 - np.sin(angle))
        return np.where(y, lower, upper).T + noise * noises, y

    return _drawn("moons", draw, ("x1", "x2"), ("upper", "lower"), seed, train_rows, val_rows, test_rows)


def legendre(seed=0, rows=30, noise=0.3, val_rows=200, test_rows=1000) -> Split:
    """Return noisy points of y = sin(πx): one feature, x, uniform between -1 and 1.

    `noise` is the standard deviation of the Gaussian noise on y, in all three parts; x does not depend on it.
    Here `rows` are the training rows. `legendre_design` turns x into polynomials.
    """
    noise = _number("noise", noise)

    def draw(count, rng):
        x = rng[0].uniform(-1, 1, (count, 1))
        return x, np.sin(np.pi * x[:, 0]) + noise * rng[1].standard_normal(count)

    _count("rows", rows, least=1)
    return _drawn("legendre", draw, ("x",), (), seed, rows, val_rows, test_rows)


def legendre_design(x, degree) -> np.ndarray:
    """Return the Legendre polynomials P₀ … P_degree at x, shape (n, degree + 1), float64.

    `x` has shape (n,) or (n, 1). As `numpy.polynomial.legendre.legvander`.
    """
    degree = _count("degree", degree)
    try:
        points = np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        points = np.empty((0, 0))
    if points.ndim == 2 and points.shape[1] == 1:
        points = points[:, 0]
    if points.ndim != 1 or not np.isfinite(points).all():
        raise CourseError("x must be one column of finite numbers, of shape (n,) or (n, 1).")
    return np.polynomial.legendre.legvander(points, degree)


def satellite(seed=0, train_rows=200, val_rows=200, label_noise=0.0, standardize=True) -> Split:
    """Return patches of a Landsat picture: 36 features (3×3 pixels, four bands), six kinds of land.

    Neighbouring patches share pixels. So the map is cut into tiles of 10×10 pixels, and only patches that lie whole
    inside a tile are used: two tiles share no pixel. Half of the tiles, the same for every seed, are to work with: the
    seed deals a third of them to validation and the others to training, and draws the rows from them. Tiles are dealt
    stratified by their most common kind, rows by their own. `label_noise` is as for digits.

    The rows of the other tiles are lesson 10's sealed test rows: the Split has none of them, only their number
    (`sealed`), and no function that a lesson calls returns them but `capstone.Project.open_sealed`, which keeps a
    record of it. This is a promise with a witness, not a lock: whoever reads data/satellite.csv can see them.
    """
    return _satellite(seed, train_rows, val_rows, label_noise, standardize)


def fashion_mnist(seed=0, train_rows=1000, val_rows=1000, test_rows=None) -> Split:
    """Return Fashion-MNIST, downloaded by Keras at first use: 784 pixels from 0 to 1, ten classes.

    Training and validation rows come from its 60,000 training images. The test rows are its own 10,000 test
    images, or the first `test_rows` of them, whatever the seed.
    Raises CourseError if it cannot be downloaded, or if its copy on this computer is damaged.
    """
    _check_split(seed, train_rows, val_rows, test_rows)  # before anything is downloaded
    (x, y), (x_test, y_test) = _keras_fashion_mnist()
    classes = tuple("T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(","))
    train, val, _ = _parts("fashion_mnist", _order(y, classes, seed), train_rows, val_rows, test_rows=0)
    if test_rows is not None and test_rows > len(x_test):
        raise CourseError(f"fashion_mnist has {len(x_test)} test rows: ask for at most that many test_rows.")
    x = [images.reshape(-1, 784) / np.float32(255) for images in (x[train], x[val], x_test[:test_rows])]
    return _make("fashion_mnist", x, (y[train], y[val], y_test[:test_rows]), _pixel_names(28), classes)


_LOADERS = (digits, breast_cancer, diabetes, houses, cars, moons, legendre, satellite, fashion_mnist)
LOADERS = {loader.__name__: loader for loader in _LOADERS}


@dataclass(frozen=True, eq=False, repr=False)
class Patches:
    """The patches of `satellite` that are to work with, and where they lie.

    `x` (rows, 36) raw, float32; `y` (rows,) int32; `row` and `column` (rows,) of the middle pixel, counted from the
    top left of the map; `tile` (rows,), the number of the tile that each lies in; `classes` the names of the kinds.
    """

    x: np.ndarray
    y: np.ndarray
    row: np.ndarray
    column: np.ndarray
    tile: np.ndarray
    classes: tuple


def satellite_patches() -> Patches:
    """Return every patch of the working tiles with its place, and none of the sealed ones."""
    x, y, row, column, tile = _satellite_map()
    working = np.isin(tile, _working_tiles(tile, y))
    return Patches(*(part[working] for part in (x, y, row, column, tile)), KINDS_OF_LAND)


def true_coefficients(name) -> dict[str, float]:
    """Return the intercept and the coefficients, per unit of each raw column, behind "houses" or "cars"."""
    if not isinstance(name, str) or name not in TABLES:
        raise CourseError(f'The true coefficients are known only for "houses" and "cars", not for {name!r}.')
    table = TABLES[name]
    return {"intercept": table.intercept, **{name: true for name, (_, true) in table.columns.items()}}


# --- the generated tables ---


@dataclass(frozen=True)
class Table:
    """How a table is made: target = intercept + Σ coefficient · column, as written in the file, + noise."""

    columns: dict  # name: (decimals, true coefficient)
    draw: Callable  # (uniform, bell) -> the columns of one row, not yet rounded
    target: str
    intercept: float
    noise_sd: float
    seed: int


def _draw_house(uniform, bell):
    size = min(max(110 + 30 * bell(), 40), 220)
    bedrooms = max(round(size / 30 + 0.6 * bell()), 1)
    age, distance, south = 100 * uniform(), 0.5 + 24.5 * uniform(), uniform()
    return size, bedrooms, age, distance, south, 359 * uniform(), 1 + 199 * uniform()


def _draw_car(uniform, bell):
    engine = min(max(1.8 + 0.5 * bell(), 0.9), 4.0)
    weight = 850 + 300 * engine + 110 * bell()
    power = 25 + 45 * engine + 15 * bell()
    city = 22 - 2.2 * engine - 0.0025 * weight + 1.2 * bell()
    highway = 1.5 + 1.3 * city + 0.25 * bell()
    return engine, weight, power, city, highway, 200 + 500 * uniform(), 2 + 3 * uniform()


TABLES = {
    "houses": Table(
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
    ),
    "cars": Table(
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
    ),
}


def table_text(name) -> str:
    """Return the text of data/<name>.csv, the same on every platform and Python.

    It uses only `random.random`, whose stream Python promises to keep, and + - * /, one at a time, which
    IEEE 754 fixes to the last bit. No logarithm, no NumPy generator, and no `sum` of floats, which rounds
    differently since Python 3.12.
    """
    table = TABLES[name]
    uniform = random.Random(table.seed).random

    def bell():
        """Twelve uniform numbers less 6: mean 0, variance 1, nearly Gaussian. Whole numbers add exactly."""
        return sum(int(65536 * uniform()) for _ in range(12)) / 65536 - 6

    lines = [",".join([*table.columns, table.target])]
    for _ in range(TABLE_ROWS):
        cells = []
        target = table.intercept
        values = table.draw(uniform, bell)
        for value, (decimals, coefficient) in zip(values, table.columns.values(), strict=True):
            cells.append(f"{value:.{decimals}f}")
            target += coefficient * float(cells[-1])
        lines.append(",".join([*cells, f"{target + table.noise_sd * bell():.2f}"]))
    return "\n".join(lines) + "\n"


def write_tables(folder=DATA) -> list[Path]:
    """Write houses.csv and cars.csv into `folder` and return their paths."""
    paths = [Path(folder) / f"{name}.csv" for name in TABLES]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(table_text(path.stem).encode())
    return paths


def _read_table(name):
    """Return x (1000, columns) and y (1000,) as float64, and the columns' names, from data/<name>.csv."""
    header, *rows = _read_file(name, " or `python -m course_utils.datasets`").decode().splitlines()
    cells = np.array([row.split(",") for row in rows], dtype=float)
    return cells[:, :-1], cells[:, -1], tuple(header.split(",")[:-1])


def _read_file(name, or_else=""):
    """The bytes of data/<name>.csv, checked."""
    path = DATA / f"{name}.csv"
    restore = f"`git checkout -- data/{name}.csv`{or_else} restores it"
    if not DATA.is_dir():
        raise CourseError(
            f"The course's folder {DATA} is missing: clone the course again and `pip install -e .` it there, "
            "because the tables lie beside the package and not in it."
        )
    try:
        content = path.read_bytes().replace(b"\r\n", b"\n")  # git on Windows may have changed the line ends
    except FileNotFoundError:
        raise CourseError(f"data/{name}.csv is missing: {restore}.") from None
    except OSError as error:
        raise CourseError(f"data/{name}.csv cannot be read ({error.strerror}): {restore}.") from None
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
        expected = table_text(name).encode() if name in TABLES else None
        differs = _what_differs(content, expected) if expected else "is not as the course made it"
        raise CourseError(f"data/{name}.csv {differs}: {restore}.")
    return content


def _what_differs(content, expected):
    if expected.startswith(content):
        return f"is cut off (it ends in line {len(content.splitlines())} of {TABLE_ROWS + 1})"
    pairs = zip(content.split(b"\n"), expected.split(b"\n"), strict=False)
    line = next((number for number, (found, right) in enumerate(pairs, 1) if found != right), TABLE_ROWS + 2)
    return f"is not as the course made it (line {line} was changed)"


# --- the satellite map ---

TILE = 10  # pixels
BANDS = ("green", "red", "infrared_1", "infrared_2")
KINDS_OF_LAND = ("red soil", "cotton crop", "grey soil", "damp grey soil", "vegetation stubble", "very damp grey soil")


def _satellite(seed, train_rows, val_rows, label_noise, standardize, open_seal=False):
    """`satellite`; with `open_seal` the sealed rows are its test rows. Only the capstone's project asks for that."""
    share = _number("label_noise", label_noise, most=1)
    _check_split(seed, train_rows, val_rows, None)
    _check_flag("standardize", standardize)
    x, y, _, _, tile = _satellite_map()
    working = np.isin(tile, _working_tiles(tile, y))
    dealt = _dealt(tile[working], y[working], seed)
    for_validation = np.isin(tile, dealt[: len(dealt) // 3])
    parts = []
    for part, rows in ((working & ~for_validation, train_rows), (for_validation, val_rows)):
        there = np.flatnonzero(part)
        if rows > len(there):
            raise CourseError(f"satellite has {len(there):,} rows for this part and seed, not {rows:,}: ask for fewer.")
        parts.append(there[_order(y[there], KINDS_OF_LAND, seed)][:rows])
    parts.append(np.flatnonzero(~working & open_seal))
    if standardize:
        sd = x[parts[0]].std(axis=0)
        x = (x - x[parts[0]].mean(axis=0)) / np.where(sd > 0, sd, 1)
    labels = [y[rows] for rows in parts]
    names = tuple(f"{band}_{pixel // 3}_{pixel % 3}" for pixel in range(9) for band in BANDS)
    split = _make("satellite", [x[rows] for rows in parts], labels, names, KINDS_OF_LAND)
    for part, labels in enumerate((split.y_train, split.y_val)):
        _flip(labels, share, classes=len(KINDS_OF_LAND), rng=np.random.default_rng([seed, 1, part]))
    return split if open_seal else replace(split, sealed=int(np.sum(~working)))


def _dealt(tile, y, seed=0):
    """The numbers of the tiles in a random order, stratified by their most common kind of land."""
    tiles = np.unique(tile)
    most_common = np.array([np.bincount(y[tile == number]).argmax() for number in tiles])
    return tiles[_order(most_common, KINDS_OF_LAND, seed)]


def _working_tiles(tile, y):
    """The half of the tiles that is to work with; the other is sealed."""
    tiles = _dealt(tile, y)
    return tiles[: len(tiles) // 2]


def _satellite_map():
    """x (rows, 36), y, row, column and tile (rows,) of every patch that lies whole inside a tile."""
    return _patches(_read_file("satellite"))


@functools.lru_cache(maxsize=1)
def _patches(content):
    # Kept, because a lesson asks for ten splits in every experiment; callers must not change the arrays.
    pixels, kinds = {}, {}
    for line in content.decode().splitlines()[1:]:
        row, column, *values, kind = line.split(",")
        place = int(row), int(column)
        pixels[place] = [int(value) for value in values]
        if kind:
            kinds[place] = KINDS_OF_LAND.index(kind)
    # A patch lies whole inside a tile if its middle pixel is not at the tile's edge. No patch fits into the two rows of
    # pixels below the last whole tiles.
    inside = sorted(place for place in kinds if all(0 < at % TILE < TILE - 1 for at in place))
    around = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    x = np.array([[pixels[row + down, column + across] for down, across in around] for row, column in inside])
    row, column = np.array(inside).T
    y = np.array([kinds[place] for place in inside], np.int32)
    return x.reshape(len(x), 36).astype(np.float32), y, row, column, 100 * (row // TILE) + column // TILE


# --- tables from elsewhere ---


@functools.cache
def _sklearn_table(name, **options):
    """Return x, y and the columns' names; callers must not change the arrays, which are kept."""
    from sklearn import datasets

    table = getattr(datasets, f"load_{name}")(**options)
    feature_names = _pixel_names(8) if name == "digits" else tuple(table.feature_names)
    return table.data, table.target, tuple(str(column).replace(" ", "_") for column in feature_names)


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


def _pixel_names(side):
    return tuple(f"pixel_{row}_{column}" for row in range(side) for column in range(side))


# --- splitting ---


def _split(name, x, y, feature_names, classes, seed, train_rows, val_rows, test_rows, standardize=False):
    _check_split(seed, train_rows, val_rows, test_rows)
    _check_flag("standardize", standardize)
    train, val, test = _parts(name, _order(y, classes, seed), train_rows, val_rows, test_rows)
    if standardize:
        sd = x[train].std(axis=0)
        x = (x - x[train].mean(axis=0)) / np.where(sd > 0, sd, 1)
    return _make(name, (x[train], x[val], x[test]), (y[train], y[val], y[test]), feature_names, classes)


def _order(y, classes, seed):
    """Return the row numbers in a random order, for classes a stratified one.

    Stratified: the k-th of a class's n rows comes at a random place between (k - 1)/n and k/n of the way.
    """
    rng = np.random.default_rng(seed)
    if not classes:
        return rng.permutation(len(y))
    place = np.empty(len(y))
    for label in range(len(classes)):
        rows = rng.permutation(np.flatnonzero(y == label))
        place[rows] = (np.arange(len(rows)) + rng.random(len(rows))) / max(len(rows), 1)
    return np.argsort(place)


def _parts(name, order, train_rows, val_rows, test_rows):
    """Return the row numbers of training, validation and test, by the rule at the head of this module."""
    left = len(order) - train_rows - val_rows
    needed = 1 if test_rows is None else test_rows
    if left < needed:
        raise CourseError(
            f"{name} has {len(order):,} rows, but {train_rows} for training, {val_rows} for validation and "
            f"{needed} for the test are {train_rows + val_rows + needed:,}: ask for fewer."
        )
    start = len(order) - (left if test_rows is None else test_rows)
    return order[val_rows : val_rows + train_rows], order[:val_rows], order[start:]


def _drawn(name, draw, feature_names, classes, seed, train_rows, val_rows, test_rows):
    """Return the Split whose parts are `draw(rows, rngs)`, each from two random streams of its own."""
    _check_split(seed, train_rows, val_rows, _count("test_rows", test_rows))
    parts = []
    for part, rows in enumerate((train_rows, val_rows, test_rows)):
        parts.append(draw(rows, [np.random.default_rng([seed, part, stream]) for stream in (0, 1)]))
    return _make(name, *zip(*parts, strict=True), feature_names, classes)


def _make(name, x, y, feature_names, classes):
    task = "regression" if not classes else "binary" if len(classes) == 2 else "multiclass"
    kind = np.int32 if classes else np.float32
    arrays = []
    for features, targets in zip(x, y, strict=True):
        arrays += [features.astype(np.float32, copy=False), targets.astype(kind)]
    return Split(name, task, *arrays, feature_names, classes)


def _flip(labels, share, classes, rng):
    """Change round(share · n) of the n labels, in place, each to another class.

    The i-th label is changed where round(share · i) steps up. The rows are in random order, so these are
    random rows, and the first labels of a longer array are those of a shorter one.
    """
    wrong = np.diff(np.rint(share * np.arange(len(labels) + 1))) > 0
    other = (labels + rng.integers(1, classes, len(labels))) % classes
    labels[wrong] = other[wrong]


# --- checking what was asked for ---


def _known(name):
    if not isinstance(name, str) or name not in LOADERS:
        hint = _did_you_mean(name, names(), cutoff=0.5)
        raise CourseError(f"There is no data set {name!r}{hint}; the names are {', '.join(names())}.")
    return name


def _did_you_mean(word, choices, cutoff):
    word = str(word).lower().replace("-", "_").replace(" ", "_")
    longer = [choice for choice in choices if len(word) > 3 and word in choice]
    close = longer or difflib.get_close_matches(word, choices, n=1, cutoff=cutoff)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _check_split(seed, train_rows, val_rows, test_rows):
    _count("seed", seed)
    _count("train_rows", train_rows, least=1)
    _count("val_rows", val_rows)
    if test_rows is not None:
        _count("test_rows", test_rows)


def _check_flag(name, value):
    if not isinstance(value, bool | np.bool_):
        raise CourseError(f"{name} must be True or False, not {value!r}.")


def _count(name, value, least=0):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise CourseError(f"{name} must be a whole number from {least} up, not {value!r}.")
    return int(value)


def _number(name, value, most=math.inf):
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= value <= most or value == math.inf:
        allowed = "a finite number from 0 up" if most == math.inf else f"a fraction from 0 to {most}"
        raise CourseError(f"{name} must be {allowed}, not {value!r}.")
    return float(value)


if __name__ == "__main__":
    for path in write_tables():
        print(f"wrote {path.relative_to(DATA.parent)}")
