"""datasets.py: reproducible, disjoint, paired splits; generated tables with known truth; clear sentences."""

import functools
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import datasets
from course_utils.datasets import files
from course_utils.datasets.generated import read_table
from course_utils.datasets.satellite import _satellite_map
from course_utils.errors import CourseError

BUNDLED = {"digits": 1797, "breast_cancer": 569, "diabetes": 442, "houses": 1000, "cars": 1000}
BUNDLED |= {"mnist": 5000, "auto_mpg": 392}
IMAGES = ("digits", "mnist")
OFFLINE = [*BUNDLED, "moons"]
ARRAYS = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")
GENERATED = ("houses", "cars")

seeds = st.integers(0, 2**32)
few = settings(max_examples=25, deadline=None)


def same(a, b, arrays=ARRAYS):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in arrays)


def sentence(function, *args, **options):
    """The one sentence with which `function` turns its input away."""
    with pytest.raises(CourseError) as caught:
        function(*args, **options)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text
    assert not re.search(r"[.?!] [A-Z]", text), f"more than one sentence: {text}"
    return text


# --- every data set ---


@pytest.mark.parametrize("name", OFFLINE)
def test_split_has_the_promised_shapes_and_types(name):
    split = datasets.load(name)
    assert split.name == name
    assert split.task == {
        "digits": "multiclass",
        "mnist": "multiclass",
        "breast_cancer": "binary",
        "moons": "binary",
    }.get(name, "regression")
    for part in ("train", "val", "test"):
        x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
        assert x.dtype == np.float32 and x.shape == (len(y), len(split.feature_names))
        assert y.ndim == 1 and y.dtype == (np.int32 if split.classes else np.float32)
        assert np.isfinite(x).all() and np.isfinite(y).all() and len(y) > 0
        if split.classes:
            assert set(y) == set(range(len(split.classes)))


@pytest.mark.parametrize("name", OFFLINE)
@given(seed=seeds)
@few
def test_one_seed_gives_one_split(name, seed):
    assert same(datasets.load(name, seed=seed), datasets.load(name, seed=seed))
    assert not same(datasets.load(name, seed=seed), datasets.load(name, seed=seed + 1), ["x_train"])


@pytest.mark.parametrize("name", OFFLINE)
def test_a_changed_array_does_not_change_the_next_split(name):
    before, spoilt = datasets.load(name), datasets.load(name)
    for array in ARRAYS:
        if getattr(spoilt, array).flags.writeable:  # the images of the digits are shared, and so cannot be changed
            getattr(spoilt, array)[:] = 0
    assert same(before, datasets.load(name))


def rows_as_bytes(x, y):
    return Counter(map(bytes, np.column_stack([x, y]).astype(np.float32)))


@functools.cache
def whole_table(name):
    if name in GENERATED:
        x, y, _ = read_table(name)
    elif name == "auto_mpg":
        x, y, _ = files.read_table("auto_mpg.csv")
        x = np.column_stack([x[:, :6], x[:, [6]] == (1, 2, 3)])
    elif name == "mnist":
        with np.load(files.DATA / "mnist.npz") as arrays:
            x, y = arrays["images"].reshape(-1, 784) / np.float32(255), arrays["labels"]
    elif name == "diabetes":
        x, y = sklearn.datasets.load_diabetes(return_X_y=True, scaled=False)
    else:
        x, y = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
    return rows_as_bytes(x / (16 if name == "digits" else 1), y)


@pytest.mark.parametrize("name", BUNDLED)
@given(seed=seeds, sizes=st.tuples(st.integers(1, 130), st.integers(0, 130), st.none() | st.integers(0, 130)))
@few
def test_the_three_parts_share_no_row_and_lose_none(name, seed, sizes):
    options = {} if name in IMAGES else {"standardize": False}
    train, val, test = sizes
    split = datasets.load(name, seed=seed, train_rows=train, val_rows=val, test_rows=test, **options)
    rest = BUNDLED[name] - train - val
    assert [len(split.y_train), len(split.y_val), len(split.y_test)] == [train, val, rest if test is None else test]
    used = Counter()
    for part in ("train", "val", "test"):
        used += rows_as_bytes(getattr(split, f"x_{part}"), getattr(split, f"y_{part}"))
    # A few digits' rows may be equal, so: no row is used more often than it stands in the table.
    assert used <= whole_table(name) and used.total() == train + val + (rest if test is None else test)


@pytest.mark.parametrize("name", BUNDLED)
@given(seed=seeds, fewer=st.integers(1, 120), more=st.integers(1, 120))
@few
def test_fewer_training_rows_are_the_first_of_more(name, seed, fewer, more):
    fewer, more = sorted((fewer, more))
    options = {"label_noise": 0.2} if name in IMAGES else {"standardize": False}
    small, large = (datasets.load(name, seed=seed, train_rows=rows, test_rows=150, **options) for rows in (fewer, more))
    assert same(small, large, ["x_val", "y_val", "x_test", "y_test"])
    assert np.array_equal(small.x_train, large.x_train[:fewer])
    assert np.array_equal(small.y_train, large.y_train[:fewer])


@given(seed=seeds, fewer=st.integers(1, 100), more=st.integers(1, 100), noise=st.floats(0, 2))
@few
def test_generated_points_are_paired(seed, fewer, more, noise):
    fewer, more = sorted((fewer, more))
    small, large = (datasets.moons(seed=seed, noise=noise, train_rows=n) for n in (fewer, more))
    assert same(small, large, ["x_val", "y_val", "x_test", "y_test"])
    assert np.array_equal(small.x_train, large.x_train[:fewer])
    assert np.array_equal(small.y_train, large.y_train[:fewer])


@given(seed=seeds)
@few
def test_generated_parts_share_no_point(seed):
    split = datasets.moons(seed=seed)
    points = np.concatenate([split.x_train, split.x_val, split.x_test]).astype(float)
    # float32 has about 10⁷ numbers between 0 and 1, so that a few of 1,300 x may meet by chance.
    assert len(np.unique(points, axis=0)) >= len(points) - 3


# --- classes and labels ---


@pytest.mark.parametrize("name", ["digits", "breast_cancer"])
@given(seed=seeds, train=st.integers(1, 200))
@few
def test_every_part_has_the_classes_in_proportion(name, seed, train):
    split = datasets.load(name, seed=seed, train_rows=train)
    share = np.bincount(np.concatenate([split.y_train, split.y_val, split.y_test])) / BUNDLED[name]
    for y in (split.y_train, split.y_val, split.y_test):
        # A stretch of the order cuts a stratum of each class at either end, so it has at most 2 rows too many or
        # too few of that class, and its own length is off by at most 2 for each of the classes.
        allowed = 2 + 2 * len(share) * share
        assert (np.abs(np.bincount(y, minlength=len(share)) - share * len(y)) <= allowed).all()


@given(seed=seeds, share=st.floats(0, 1), train=st.integers(1, 300), val=st.integers(1, 300))
@settings(max_examples=100, deadline=None)
def test_label_noise_changes_exactly_the_share_asked_for(seed, share, train, val):
    clean = datasets.digits(seed, train, val)
    noisy = datasets.digits(seed, train, val, label_noise=share)
    assert same(clean, noisy, ["x_train", "x_val", "x_test", "y_test"])
    assert (clean.y_train != noisy.y_train).sum() == round(share * train)
    assert (clean.y_val != noisy.y_val).sum() == round(share * val)
    assert set(noisy.y_train) | set(noisy.y_val) <= set(range(10))


def test_wrong_labels_are_spread_over_the_other_nine_classes():
    shifts = []
    for seed in range(40):
        clean, noisy = (datasets.digits(seed, label_noise=share) for share in (0, 0.5))
        shifts.append((noisy.y_train - clean.y_train) % 10)
    counts = np.bincount(np.concatenate(shifts), minlength=10)
    assert counts[0] == 40 * 100  # half of 200 labels stay right
    expected = 4000 / 9
    assert np.abs(counts[1:] - expected).max() < 5 * np.sqrt(expected)


# --- standardising ---


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "auto_mpg", "houses", "cars"])
def test_columns_are_standardised_by_the_training_rows_only(name):
    split, raw = datasets.load(name, seed=3), datasets.load(name, seed=3, standardize=False)
    assert same(split, raw, ["y_train", "y_val", "y_test"])
    mean, sd = raw.x_train.mean(0, dtype=float), raw.x_train.std(0, dtype=float)
    for part in ("x_train", "x_val", "x_test"):
        assert np.allclose(getattr(split, part), (getattr(raw, part) - mean) / sd, atol=1e-4)
    assert np.allclose(split.x_train.mean(0), 0, atol=1e-5) and np.allclose(split.x_train.std(0), 1, atol=1e-5)
    assert np.abs(split.x_test.mean(0)).max() > 0.01  # the test rows were not used


def test_one_training_row_is_centred_and_not_divided_by_zero():
    split = datasets.diabetes(train_rows=1)
    assert not split.x_train.any() and np.isfinite(split.x_test).all()


# --- generated points ---


def test_moons_lie_on_their_circles_and_the_noise_is_as_asked():
    calm, noisy = datasets.moons(seed=5, test_rows=4000, noise=0), datasets.moons(seed=5, test_rows=4000, noise=0.3)
    upper = calm.y_test == 0
    centre = np.where(upper[:, None], (0, 0), (1, 0.5))
    assert np.allclose(np.linalg.norm(calm.x_test - centre, axis=1), 1, atol=1e-6)
    assert calm.x_test[upper, 1].min() >= 0 and calm.x_test[~upper, 1].max() <= 0.5
    assert np.array_equal(calm.y_test, noisy.y_test) and upper.mean() == 0.5
    noise = noisy.x_test - calm.x_test
    assert noise.std() == pytest.approx(0.3, abs=5 * 0.3 / np.sqrt(2 * noise.size))


def test_moons_are_those_of_scikit_learn():
    from sklearn.datasets import make_moons

    theirs, label = make_moons(2000, noise=None)
    ours = datasets.moons(test_rows=2000, noise=0)
    for kind in (0, 1):
        a, b = theirs[label == kind], ours.x_test[ours.y_test == kind]
        gaps = np.linalg.norm(a[:, None] - b, axis=2)
        assert gaps.min(0).max() < 0.01  # every point of ours is beside one of theirs


# --- the tables ---


def test_regenerating_gives_the_same_bytes(tmp_path):
    paths = datasets.write_tables(tmp_path / "again")
    assert [path.name for path in paths] == ["cars.csv", "houses.csv"]
    for path in paths:
        committed = (files.DATA / path.name).read_bytes().replace(b"\r\n", b"\n")
        assert path.read_bytes() == committed


def test_the_command_writes_the_tables(tmp_path):
    shutil.copytree(Path(datasets.__file__).parents[1], tmp_path / "course_utils", ignore=lambda *_: ["__pycache__"])
    command = [sys.executable, "-m", "course_utils.datasets"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.split() == ["wrote", str(Path("data/cars.csv")), "wrote", str(Path("data/houses.csv"))]
    for name in GENERATED:
        assert (tmp_path / "data" / f"{name}.csv").read_text() == datasets.table_text(name)


@pytest.mark.parametrize("name", GENERATED)
def test_least_squares_recovers_the_truth(name):
    x, y, columns = read_table(name)
    true = datasets.true_coefficients(name)
    assert list(true) == ["intercept", *columns]
    design = np.c_[np.ones(len(y)), x]
    found, squares, *_ = np.linalg.lstsq(design, y)
    noise_sd = datasets.TABLES[name].noise_sd
    errors = noise_sd * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    # 16 coefficients in the two tables: one of them 4 standard errors off has a chance of 1 in 1,000.
    assert np.abs((found - list(true.values())) / errors).max() < 4
    sd_found = np.sqrt(squares[0] / (len(y) - design.shape[1]))
    assert sd_found == pytest.approx(noise_sd, rel=4 / np.sqrt(2 * len(y)))


def test_the_tables_have_the_structure_that_the_lessons_need():
    x, price, columns = read_table("houses")
    assert 0.75 < np.corrcoef(x[:, columns.index("size_m2")], x[:, columns.index("bedrooms")])[0, 1] < 0.88
    assert datasets.true_coefficients("houses")["wall_colour"] == 0 and price.min() > 0
    assert x.std(0).max() / x.std(0).min() > 100  # scales differ: not standardising must matter
    x, real, columns = read_table("cars")
    city, highway = columns.index("city_km_per_l"), columns.index("highway_km_per_l")
    assert np.corrcoef(x[:, city], x[:, highway])[0, 1] > 0.98 and real.min() > 0
    true = datasets.true_coefficients("cars")
    assert all(true[name] for name in ("engine_size_l", "city_km_per_l", "highway_km_per_l"))


def chosen_by_lasso(split):
    """Which columns the lasso keeps, at the largest penalty within one standard error of the best (5 folds)."""
    from sklearn.linear_model import Lasso, LassoCV

    x, y = split.x_train.astype(float), split.y_train.astype(float)
    path = LassoCV(alphas=30, cv=5, max_iter=20_000).fit(x, y)
    error = path.mse_path_.mean(1)
    allowed = error.min() + path.mse_path_[error.argmin()].std(ddof=1) / np.sqrt(5)
    return Lasso(alpha=path.alphas_[error <= allowed].max(), max_iter=20_000).fit(x, y).coef_ != 0


def test_the_lasso_drops_the_wall_colour_only_if_columns_are_standardised():
    columns = datasets.houses().feature_names
    size, colour = columns.index("size_m2"), columns.index("wall_colour")
    good = np.array([chosen_by_lasso(datasets.houses(seed)) for seed in range(20)])
    bad = np.array([chosen_by_lasso(datasets.houses(seed, standardize=False)) for seed in range(20)])
    assert good[:, size].all() and good[:, colour].mean() < 0.3
    assert bad[:, colour].mean() > 0.7


def test_elastic_net_keeps_both_mileages_more_often_than_the_lasso():
    from sklearn.linear_model import ElasticNetCV

    both = []
    for seed in range(20):
        split = datasets.cars(seed)
        columns = [split.feature_names.index(f"{road}_km_per_l") for road in ("city", "highway")]
        x, y = split.x_train.astype(float), split.y_train.astype(float)
        nets = [ElasticNetCV(l1_ratio=ratio, alphas=30, cv=5).fit(x, y) for ratio in (1, 0.5)]
        both.append([net.coef_[columns].all() for net in nets])
    lasso, elastic_net = np.mean(both, axis=0)
    assert lasso < 0.8 and elastic_net > 0.85


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A copy of data/ that a test may damage."""
    folder = tmp_path / "data"
    datasets.write_tables(folder)
    monkeypatch.setattr(files, "DATA", folder)
    return folder


@pytest.mark.parametrize("name", GENERATED)
def test_windows_line_ends_load_the_same(name, data):
    before = datasets.load(name)
    path = data / f"{name}.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert same(before, datasets.load(name))


DAMAGE = [  # what is done to the lines of the file, and what the sentence says
    (lambda lines: [], "is cut off (it ends in line 0 of 1001)"),
    (lambda lines: lines[:500] + [b""], "is cut off (it ends in line 500 of 1001)"),
    (lambda lines: lines[:500] + [lines[500][:-3]], "is cut off (it ends in line 501 of 1001)"),
    (lambda lines: lines[:1001], "is cut off (it ends in line 1001 of 1001)"),
    (lambda lines: lines[:7] + lines[8:], "line 8 was changed"),
    (lambda lines: lines[:2] + [lines[2].replace(b",", b";")] + lines[3:], "line 3 was changed"),
    (lambda lines: [b"\xff\xfe" + lines[0], *lines[1:]], "line 1 was changed"),
    (lambda lines: [*lines, b""], "line 1002 was changed"),
    (lambda lines: [*lines[:1001], b"1,2,3", b""], "line 1002 was changed"),
]


@pytest.mark.parametrize("name", GENERATED)
@pytest.mark.parametrize("spoil, says", DAMAGE)
def test_a_spoilt_table_is_named_with_its_remedy(name, spoil, says, data):
    path = data / f"{name}.csv"
    path.write_bytes(b"\n".join(spoil(path.read_bytes().split(b"\n"))))
    check_remedy(name, says)


def check_remedy(name, says):
    text = sentence(datasets.load, name)
    assert text.startswith(f"data/{name}.csv ") and says in text
    assert f"git checkout -- data/{name}.csv" in text and "python -m course_utils.datasets" in text


@pytest.mark.parametrize("name", GENERATED)
def test_a_table_that_is_missing_or_cannot_be_read(name, data):
    (data / f"{name}.csv").unlink()
    check_remedy(name, "is missing")
    (data / f"{name}.csv").mkdir()
    check_remedy(name, "cannot be read")


def test_one_changed_digit_is_noticed(data):
    path = data / "cars.csv"
    content = bytearray(path.read_bytes())
    content[-2] = ord("1") if content[-2] != ord("1") else ord("2")
    path.write_bytes(content)
    assert "line 1001 was changed" in sentence(datasets.cars)


def test_a_missing_data_folder_says_how_to_get_it(data):
    shutil.rmtree(data)
    assert "clone the course again" in sentence(datasets.houses)


# --- the satellite map ---

ROOT = Path(datasets.__file__).parents[2]
SATELLITE = ROOT / "data" / "satellite.csv"
satellite_seeds = st.integers(0, 10_000)


def satellite_pixels():
    """{(row, column): ([four bands], kind)} as the file has it, read without the course's own code."""
    rows = [line.split(",") for line in SATELLITE.read_text().splitlines()[1:]]
    return {(int(row), int(column)): (list(map(int, bands)), kind) for row, column, *bands, kind in rows}


def as_statlog():
    """The lines of sat.trn and sat.tst, made from satellite.csv: every patch there, in a random order."""
    pixels = satellite_pixels()
    codes = {"red soil": 1, "cotton crop": 2, "grey soil": 3, "damp grey soil": 4, "vegetation stubble": 5}
    codes["very damp grey soil"] = 7
    lines = []
    for (row, column), (_, kind) in pixels.items():
        if kind:
            around = [pixels[row + down, column + across][0] for down in (-1, 0, 1) for across in (-1, 0, 1)]
            lines.append(" ".join(map(str, [*np.ravel(around), codes[kind]])))
    return np.random.default_rng(0).permutation(lines).tolist()


def make_satellite(folder, *files):
    """Run the script that makes satellite.csv, on files of these lines; (what it says, the bytes that it wrote)."""
    (folder / "data").mkdir(exist_ok=True)
    script = shutil.copy(ROOT / "data" / "make.py", folder / "data")
    for number, lines in enumerate(files):
        (folder / f"part{number}").write_text("\n".join(lines) + "\n")
    command = [sys.executable, script, "satellite", *(f"part{number}" for number in range(len(files)))]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    made = folder / "data" / "satellite.csv"
    return done.stdout + done.stderr, made.read_bytes() if made.exists() else None


def test_the_map_is_put_together_again_byte_for_byte(tmp_path):
    lines = as_statlog()
    assert len(lines) == 6434
    stray = " ".join(["7"] * 36 + ["1"])  # a patch that has no neighbour
    for parts in ((lines[:4435], [*lines[4435:], stray]), ([stray, *sorted(lines)],)):
        says, made = make_satellite(tmp_path, *parts)
        assert says == "wrote satellite.csv: 7730 pixels; 1 patches left out\n"
        assert made == SATELLITE.read_bytes().replace(b"\r\n", b"\n")


def test_statlog_files_that_are_damaged(tmp_path):
    lines = as_statlog()
    for line in ("1 2 3", lines[0].replace(" ", ","), lines[0][:-1] + "6", "256" + lines[0][2:], ""):
        says, made = make_satellite(tmp_path, lines[:2], [lines[2], line])
        assert "part1, line 2: a patch has 36 numbers" in says and made is None and says.count("\n") == 1
    says, made = make_satellite(tmp_path, [lines[0], lines[0][:-1] + str(1 + int(lines[0][-1]) % 3)])
    assert made is not None and "0 patches" not in says  # the same pixels twice: two patches that cannot be neighbours
    spoilt = [" ".join(["1"] * 36 + ["1"])] * 3  # all alike: each would be the neighbour of each, on all four sides
    says, made = make_satellite(tmp_path, spoilt)
    assert "contradict" in says and says.count("\n") == 1


def test_the_map_has_the_size_that_its_source_tells():
    pixels = satellite_pixels()
    assert {min(p) for p in zip(*pixels, strict=True)} == {0} and [max(p) for p in zip(*pixels, strict=True)] == [
        81,
        99,
    ]
    assert len(pixels) == 7730 and all(0 <= value <= 255 for bands, _ in pixels.values() for value in bands)


def test_satellite_patches_are_windows_of_the_map():
    patches, pixels = datasets.satellite_patches(), satellite_pixels()
    assert len(patches.y) == 2110 and len(np.unique(patches.tile)) == 40
    for i in range(0, len(patches.y), 7):
        row, column = int(patches.row[i]), int(patches.column[i])
        around = [pixels[row + down, column + across][0] for down in (-1, 0, 1) for across in (-1, 0, 1)]
        assert np.array_equal(patches.x[i], np.ravel(around))
        assert patches.classes[patches.y[i]] == pixels[row, column][1]
        assert patches.tile[i] == row // 10 * 100 + column // 10 and {row % 10, column % 10} <= set(range(1, 9))


def in_split(split):
    """For each part of a split of the raw satellite rows: the numbers of its rows in `_satellite_map()`."""
    number = {row.tobytes(): i for i, row in enumerate(_satellite_map()[0])}
    parts = (split.x_train, split.x_val, split.x_test)
    return [np.array([number[row.tobytes()] for row in part], int) for part in parts]


@given(seed=satellite_seeds, train=st.integers(1, 900), val=st.integers(0, 400))
@few
def test_no_pixel_is_in_two_parts_of_satellite(seed, train, val):
    split = datasets.with_seal_open(seed, train, val, 0.2, standardize=False)
    x, _, rows, columns, tiles = _satellite_map()
    assert len(np.unique(x, axis=0)) == len(x)  # so that a row can be recognised
    parts = in_split(split)
    assert [len(part) for part in parts] == [train, val, 2094]
    seen = [
        {(rows[i] + down, columns[i] + across) for i in part for down in (-1, 0, 1) for across in (-1, 0, 1)}
        for part in parts
    ]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert len(set(tiles[parts[0]])) <= 27 and len(set(tiles[parts[1]])) <= 13
    assert set(tiles[parts[2]]) == set(tiles) - set(datasets.satellite_patches().tile)  # whatever the seed


@given(seed=satellite_seeds, fewer=st.integers(1, 600), more=st.integers(1, 600))
@few
def test_satellite_is_reproducible_and_paired(seed, fewer, more):
    fewer, more = sorted((fewer, more))
    small, large = (datasets.satellite(seed, rows, label_noise=0.2, standardize=False) for rows in (fewer, more))
    assert same(small, large, ["x_val", "y_val"])
    assert np.array_equal(small.x_train, large.x_train[:fewer])
    assert np.array_equal(small.y_train, large.y_train[:fewer])
    assert same(small, datasets.load("satellite", seed=seed, train_rows=fewer, label_noise=0.2, standardize=False))


def test_the_sealed_rows_are_not_in_the_split_and_are_counted():
    split = datasets.satellite(train_rows=300, val_rows=100, label_noise=0.1)
    assert split.x_test.shape == (0, 36) and split.y_test.shape == (0,) and split.sealed == 2094
    assert "300 training, 100 validation, 2,094 test (sealed)" in split.describe() and "satellite" in repr(split)
    opened = datasets.with_seal_open(0, 300, 100, 0.1, standardize=True)
    assert same(split, opened, ["x_train", "y_train", "x_val", "y_val"]) and len(opened.y_test) == 2094
    clean = datasets.satellite(train_rows=300, val_rows=100)
    assert (clean.y_train != split.y_train).sum() == 30 and (clean.y_val != split.y_val).sum() == 10
    right = datasets.with_seal_open(0, 300, 100, 0.0, standardize=True)
    assert np.array_equal(opened.y_test, right.y_test)  # the sealed labels are never made wrong


def test_working_and_sealed_tiles_are_alike_in_their_kinds():
    sealed = datasets.with_seal_open(0, 200, 200, 0.0, standardize=True).y_test
    shares = [np.bincount(labels) / len(labels) for labels in (datasets.satellite_patches().y, sealed)]
    assert np.abs(np.subtract(*shares)).max() < 0.04


def test_satellite_is_standardised_by_the_training_rows_and_holds_every_kind():
    for seed in range(10):
        split = datasets.satellite(seed)
        assert np.allclose(split.x_train.mean(0), 0, atol=1e-5) and np.allclose(split.x_train.std(0), 1, atol=1e-5)
        assert split.x_train.dtype == np.float32 and split.y_train.dtype == np.int32
        assert set(split.y_train) == set(range(6)) and np.abs(split.x_val.mean(0)).max() > 0.01


def test_a_changed_satellite_array_does_not_change_the_next():
    before, patches = datasets.satellite(standardize=False), datasets.satellite_patches()
    spoilt = datasets.satellite(standardize=False)
    spoilt.x_train[:], spoilt.y_val[:], patches.x[:], patches.y[:] = 0, 0, 0, 0
    assert same(before, datasets.satellite(standardize=False)) and datasets.satellite_patches().x.all()


def test_what_satellite_turns_away(data):
    for option in ("seed", "train_rows", "val_rows"):
        assert f"{option} must be a whole number" in sentence(datasets.satellite, **{option: 1.5})
    assert "label_noise must be a fraction" in sentence(datasets.satellite, label_noise=20)
    assert "standardize must be True or False" in sentence(datasets.satellite, standardize=1)
    assert "no option" in sentence(datasets.load, "satellite", test_rows=10)
    assert "data/satellite.csv is missing: `git checkout" in sentence(datasets.satellite)
    content = SATELLITE.read_bytes().replace(b"\r\n", b"\n")
    (data / "satellite.csv").write_bytes(content.replace(b"\n", b"\r\n"))
    assert "ask for fewer" in sentence(datasets.satellite, train_rows=2000)
    assert "ask for fewer" in sentence(datasets.satellite, val_rows=1000)
    for spoilt in (content[:-20], content.replace(b"red", b"bed", 1), b""):
        (data / "satellite.csv").write_bytes(spoilt)
        assert "is not as the course made it: `git checkout -- data/satellite.csv` restores it" in sentence(
            datasets.satellite_patches
        )


# --- what a learner may type ---


@pytest.mark.parametrize(
    "name, meant",
    [
        ("digit", "digits"),
        ("Digits", "digits"),
        ("fashion", "fashion_mnist"),
        ("auto-mpg ", "auto_mpg"),
        ("breast cancer", "breast_cancer"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_closest(name, meant):
    for function in (datasets.load, datasets.describe):
        assert f'did you mean "{meant}"?' in sentence(function, name)


@pytest.mark.parametrize("name", ["", "qqq", None, 3, ["digits"], {}, np.arange(2)])
def test_any_other_name_is_answered_with_all_names(name):
    for function in (datasets.load, datasets.describe):
        assert "the names are " + ", ".join(datasets.names()) in sentence(function, name)
    assert '"houses" and "cars"' in sentence(datasets.true_coefficients, name)


def test_a_mistyped_option_is_answered_with_the_closest():
    text = sentence(datasets.load, "digits", train_row=3)
    assert 'digits has no option "train_row" (did you mean "train_rows"?)' in text
    assert "it has seed, noise" not in text and "label_noise" in text
    assert "did you mean" not in sentence(datasets.load, "satellite", rows_of_bread=3)
    assert "no option" in sentence(datasets.load, "digits", standardize=True)


NOT_A_COUNT = [-1, 1.5, 3.0, "3", None, True, float("nan"), [3], np.float32(3)]


@pytest.mark.parametrize("value", NOT_A_COUNT)
@pytest.mark.parametrize("name", [*OFFLINE, "fashion_mnist"])
def test_rows_and_seeds_must_be_whole_numbers(name, value):
    for option in ("train_rows", "val_rows", "seed", "test_rows"):
        if option == "test_rows" and value is None and name != "moons":
            continue  # there, None means all that is left
        assert f"{option} must be a whole number" in sentence(datasets.load, name, **{option: value})
    assert "train_rows must be a whole number from 1 up" in sentence(datasets.load, name, train_rows=0)


@pytest.mark.parametrize("name, rows", BUNDLED.items())
def test_more_rows_than_there_are(name, rows):
    text = sentence(datasets.load, name, train_rows=rows, val_rows=10)
    assert f"{name} has {rows:,} rows" in text and f"{rows + 11:,}: ask for fewer" in text
    sentence(datasets.load, name, train_rows=rows - 10, val_rows=10)  # nothing left for the test
    sentence(datasets.load, name, train_rows=10, val_rows=10, test_rows=rows - 19)
    assert len(datasets.load(name, train_rows=10, val_rows=10, test_rows=rows - 20).y_test) == rows - 20
    assert len(datasets.load(name, train_rows=rows, val_rows=0, test_rows=0).y_train) == rows


@pytest.mark.parametrize("value", [-0.1, 1.1, 20, float("nan"), float("inf"), "0.2", None, True, [0.2]])
def test_label_noise_must_be_a_fraction(value):
    assert "label_noise must be a fraction from 0 to 1" in sentence(datasets.digits, label_noise=value)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "0.2", None, True])
def test_noise_must_be_a_number_from_0_up(value):
    assert "noise must be a finite number from 0 up" in sentence(datasets.moons, noise=value)


def test_other_values_that_cannot_be_used():
    assert "standardize must be True or False" in sentence(datasets.houses, standardize="no")
    assert "known only for" in sentence(datasets.true_coefficients, "digits")


def test_numpy_numbers_are_welcome():
    a = datasets.digits(np.int64(3), np.int32(20), label_noise=np.float64(0.5))
    assert same(a, datasets.digits(3, 20, label_noise=0.5))


# --- descriptions ---


@pytest.mark.parametrize("name", OFFLINE)
def test_a_split_describes_itself(name):
    split = datasets.load(name)
    lines = split.describe().splitlines()
    assert lines[0].startswith(f"{name}: ")
    heads = ["rows", "features", "target", *(["classes"] if split.classes else []), "origin", "licence"]
    assert [line.split(":")[0] for line in lines[1:]] == heads
    counts = [f"{len(getattr(split, f'y_{part}')):,}" for part in ("train", "val", "test")]
    assert lines[1] == "rows: {} training, {} validation, {} test".format(*counts)
    assert f"features: {split.x_train.shape[1]} (" in lines[2]
    assert len(repr(split)) < 100 and name in repr(split)


def test_every_data_set_is_described_and_has_a_card():
    cards = (Path(datasets.__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")
    assert sorted(datasets.ABOUT) == sorted(datasets.names())
    for name in datasets.names():
        assert datasets.describe(name).startswith(f"{name}: ")
        assert f"`{name}`" in cards
    for name in GENERATED:
        for column, coefficient in datasets.true_coefficients(name).items():
            shown = f"{coefficient:g}".replace("-", "−")
            assert re.search(rf"^\| {column} \|.*\| {re.escape(shown)} \|$", cards, re.M), (name, column)


# --- Fashion-MNIST ---

KERAS_CACHE = """
import gzip, os, sys
from pathlib import Path
import numpy as np
from course_utils import datasets

cache = Path(os.environ["KERAS_HOME"]) / "datasets" / "fashion-mnist"
def attempt():
    try:
        return datasets.load("fashion_mnist", train_rows=30, val_rows=20)
    except datasets.CourseError as error:
        print("SAYS", error)

attempt()  # the cache is empty, and the proxy leads nowhere
cache.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(0)
for part, rows in (("train", 60), ("t10k", 12)):
    labels = np.arange(rows, dtype=np.uint8) % 10
    pixels = rng.integers(0, 256, (rows, 28, 28), dtype=np.uint8)
    pixels[:, 0, 0] = labels  # so that a row can be recognised
    for kind, header, array in (("labels-idx1", (2049, rows), labels), ("images-idx3", (2051, rows, 28, 28), pixels)):
        content = np.array(header, ">i4").tobytes() + array.tobytes()
        (cache / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(content))
split = attempt()
for x, y in ((split.x_train, split.y_train), (split.x_val, split.y_val), (split.x_test, split.y_test)):
    assert x.dtype == np.float32 and x.shape == (len(y), 784) and 0 <= x.min() and x.max() == 1
    assert np.array_equal(np.rint(x[:, 0] * 255), y)
assert [len(split.y_train), len(split.y_val), len(split.y_test)] == [30, 20, 12]
rows = np.concatenate([split.x_train, split.x_val, split.x_test])
assert len(np.unique(rows, axis=0)) == 62
assert split.task == "multiclass" and split.classes[9] == "Ankle boot" and "MIT" in split.describe()
for options in ({"train_rows": 60, "val_rows": 1}, {"train_rows": 9, "val_rows": 9, "test_rows": 13}):
    try:
        datasets.fashion_mnist(**options)
    except datasets.CourseError as error:
        print("SAYS", error)
for spoil in (lambda b: b[:100], lambda b: b"<html>Please log in</html>", lambda b: b[:200] + b"xxxx" + b[204:]):
    path = cache / "t10k-images-idx3-ubyte.gz"
    before = path.read_bytes()
    path.write_bytes(spoil(before))
    attempt()
    path.write_bytes(before)

import keras
for error in (ConnectionResetError("reset by peer"), TimeoutError("timed out"), PermissionError("not allowed")):
    def fail():
        raise error
    keras.datasets.fashion_mnist.load_data = fail
    attempt()
"""


def test_fashion_mnist_through_keras_own_loader(tmp_path):
    nowhere = "http://127.0.0.1:9"
    environment = {**os.environ, "KERAS_HOME": str(tmp_path), "https_proxy": nowhere, "HTTPS_PROXY": nowhere}
    environment |= {"no_proxy": "", "NO_PROXY": ""}
    done = subprocess.run(
        [sys.executable, "-c", KERAS_CACHE],
        env=environment,
        cwd=Path(datasets.__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    says = [line[5:] for line in done.stdout.splitlines() if line.startswith("SAYS")]
    assert len(says) == 9
    for text in (says[0], *says[6:]):
        assert text.startswith("Fashion-MNIST could not be downloaded") and 'use load("digits")' in text
    assert "reset by peer" in says[6]
    assert "fashion_mnist has 60 rows" in says[1] and "61: ask for fewer" in says[1]
    assert "has 12 test rows" in says[2]
    for text in says[3:6]:
        assert "copy of Fashion-MNIST is damaged" in text and 'use load("digits")' in text
