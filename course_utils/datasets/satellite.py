"""A satellite map, split by places; half of its tiles are sealed."""

import functools
from dataclasses import dataclass, replace

import numpy as np

from course_utils import seeds
from course_utils.datasets import files
from course_utils.datasets.arguments import check_flag, check_split, number
from course_utils.datasets.split import Split, about
from course_utils.datasets.splitting import flip, make, stratified_order
from course_utils.errors import CourseError

TILE = 10  # pixels  # pixels
BANDS = ("green", "red", "infrared_1", "infrared_2")
KINDS_OF_LAND = ("red soil", "cotton crop", "grey soil", "damp grey soil", "vegetation stubble", "very damp grey soil")


@about(
    """patches of a satellite picture, 3×3 pixels in four bands of light, from one landscape
target: the kind of land at the middle pixel
origin: A. Srinivasan (1993), UCI, doi:10.24432/C55887; the map put together again for this course
licence: CC BY 4.0"""
)
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


def with_seal_open(seed, train_rows, val_rows, label_noise, standardize) -> Split:
    """Return `satellite` with the sealed rows as its test rows. Only the capstone's project asks for that."""
    return _satellite(seed, train_rows, val_rows, label_noise, standardize, open_seal=True)


def _satellite(seed, train_rows, val_rows, label_noise, standardize, open_seal=False):
    share = number("label_noise", label_noise, most=1)
    check_split(seed, train_rows, val_rows, None)
    check_flag("standardize", standardize)
    x, y, _, _, tile = _satellite_map()
    working = np.isin(tile, _working_tiles(tile, y))
    dealt = _dealt(tile[working], y[working], seeds.generator(seed))
    for_validation = np.isin(tile, dealt[: len(dealt) // 3])
    parts = []
    for part, rows in ((working & ~for_validation, train_rows), (for_validation, val_rows)):
        there = np.flatnonzero(part)
        if rows > len(there):
            raise CourseError(f"satellite has {len(there):,} rows for this part and seed, not {rows:,}: ask for fewer.")
        parts.append(there[stratified_order(y[there], KINDS_OF_LAND, seeds.generator(seed))][:rows])
    parts.append(np.flatnonzero(~working & open_seal))
    if standardize:
        sd = x[parts[0]].std(axis=0)
        x = (x - x[parts[0]].mean(axis=0)) / np.where(sd > 0, sd, 1)
    labels = [y[rows] for rows in parts]
    names = tuple(f"{band}_{pixel // 3}_{pixel % 3}" for pixel in range(9) for band in BANDS)
    split = make("satellite", [x[rows] for rows in parts], labels, names, KINDS_OF_LAND)
    for part, labels in enumerate((split.y_train, split.y_val)):
        flip(labels, share, classes=len(KINDS_OF_LAND), rng=seeds.generator([seed, 1, part]))
    return split if open_seal else replace(split, sealed=int(np.sum(~working)))


def _dealt(tile, y, rng):
    """The numbers of the tiles in a random order, stratified by their most common kind of land."""
    tiles = np.unique(tile)
    most_common = np.array([np.bincount(y[tile == number]).argmax() for number in tiles])
    return tiles[stratified_order(most_common, KINDS_OF_LAND, rng)]


def _working_tiles(tile, y):
    """The half of the tiles that is to work with; the other is sealed."""
    tiles = _dealt(tile, y, seeds.fixed(0))
    return tiles[: len(tiles) // 2]


def _satellite_map():
    """x (rows, 36), y, row, column and tile (rows,) of every patch that lies whole inside a tile."""
    return _patches(files.read("satellite.csv"))


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
