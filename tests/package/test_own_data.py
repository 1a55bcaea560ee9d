"""from_arrays and from_csv: your own rows become a checked Split, or a sentence says why not."""

from datetime import date, timedelta

import numpy as np
import pytest
from test_datasets import same, sentence

from course_utils import datasets
from course_utils.datasets import own

RNG = np.random.default_rng(0)
X = RNG.normal(size=(100, 3))
QUANTITY = X @ [1, 2, 3] + RNG.normal(size=100)
KIND = np.array(["red", "green", "blue", "green"] * 25)
PARTS = ("train", "val", "test")


def with_cell(row, column, value):
    x = X.astype(object)
    x[row, column] = value
    return x


def row_numbers(split):
    """The rows of X in each part of a split that is not standardised."""
    return [
        [int(np.flatnonzero((np.float32(X) == row).all(axis=1))[0]) for row in getattr(split, f"x_{part}")]
        for part in PARTS
    ]


# ---- what comes of good rows


def test_text_becomes_numbered_classes():
    split = datasets.from_arrays(X, KIND, standardize=False)
    assert split.task == "multiclass" and split.classes == ("blue", "green", "red") and split.y_train.dtype == np.int32
    rows = row_numbers(split)
    assert [len(part) for part in rows] == [60, 20, 20] and sorted(sum(rows, [])) == list(range(100))
    assert [split.classes[label] for label in split.y_train] == KIND[rows[0]].tolist()
    assert np.bincount(split.y_val).tolist() == [5, 10, 5] and split.notes == ()


@pytest.mark.parametrize(
    "y, task, classes",
    [
        (QUANTITY, "regression", ()),
        (np.arange(100), "regression", ()),
        (np.arange(100) % 2 * 2 - 1, "binary", ("-1", "1")),
        (np.arange(100) % 2 == 0, "binary", ("False", "True")),
        (np.arange(100) % 5 + 3.0, "multiclass", ("3", "4", "5", "6", "7")),
        ([["a"], ["b"]] * 50, "binary", ("a", "b")),
    ],
)
def test_the_task_is_told_by_the_targets(y, task, classes):
    split = datasets.from_arrays(X, y)
    assert (split.task, split.classes) == (task, classes)
    if classes:
        assert set(split.y_train) == set(range(len(classes)))


def test_a_task_that_is_given_counts():
    stars = np.arange(100) % 5 + 1
    split = datasets.from_arrays(X, stars, task="regression")
    assert split.task == "regression" and set(split.y_train) == {1, 2, 3, 4, 5}
    note = 'y takes 5 whole values and is read as classes; if it is a quantity, give task="regression".'
    assert datasets.from_arrays(X, stars).notes == (note,)


def test_seeds_sizes_and_standardising():
    split = datasets.from_arrays(X, QUANTITY, seed=3, train_rows=30, val_rows=10, test_rows=15)
    assert [len(split.y_train), len(split.y_val), len(split.y_test)] == [30, 10, 15]
    assert np.allclose(split.x_train.mean(0), 0, atol=1e-6) and np.allclose(split.x_train.std(0), 1, atol=1e-5)
    assert same(split, datasets.from_arrays(X, QUANTITY, seed=3, train_rows=30, val_rows=10, test_rows=15))
    assert len(datasets.from_arrays(X, QUANTITY, val_rows=0).y_val) == 0


def test_images_stay_images():
    images = np.random.default_rng(1).normal(size=(40, 4, 4, 1))
    split = datasets.from_arrays(images, np.arange(40) % 2, standardize=False)
    assert split.x_train.shape == (24, 4, 4, 1)
    assert all((images.astype(np.float32) == image).all(axis=(1, 2, 3)).sum() == 1 for image in split.x_val)


@pytest.mark.parametrize("seed", range(5))
def test_a_group_stays_in_one_part(seed):
    patient = np.arange(100) // 7
    split = datasets.from_arrays(X, QUANTITY, group=patient, seed=seed, standardize=False)
    rows = row_numbers(split)
    groups = [set(patient[part]) for part in rows]
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
    assert sorted(sum(rows, [])) == list(range(100))
    assert all(abs(len(r) - n) <= 7 for r, n in zip(rows, (60, 20, 20), strict=True))
    assert "groups a part" in split.notes[0] and split.notes[0] in split.describe()


@pytest.mark.parametrize("kind", ["numbers", "text", "dates"])
def test_time_order_trains_on_the_past(kind):
    day = np.random.default_rng(2).permutation(100)
    times = [date(2026, 1, 1) + timedelta(int(d)) for d in day]
    times = {"numbers": day, "text": list(map(str, times)), "dates": np.array(times, "datetime64[D]")}[kind]
    split = datasets.from_arrays(X, QUANTITY, time=times, standardize=False)
    train, val, test = (day[part] for part in row_numbers(split))
    assert (
        sorted(train) == list(range(60)) and sorted(val) == list(range(60, 80)) and sorted(test) == list(range(80, 100))
    )
    assert split.notes == ()


# ---- what only looks wrong


def notes(x, y=QUANTITY, **options):
    return " ".join(datasets.from_arrays(x, y, **options).notes)


def test_suspicions_are_notes():
    assert "Column 'x1' has the same value in every row" in notes(np.c_[X[:, 0], np.ones(100)])
    assert "Column 'x3' counts the rows" in notes(np.c_[X, np.arange(1, 101)])
    assert "Column 'x3' alone gives the target away" in notes(np.c_[X, 7 - 2 * QUANTITY])
    assert "Column 'x3' alone gives the target away" in notes(np.c_[X, KIND == "red"], KIND == "red")
    assert "gives the target away" not in notes(np.c_[X, QUANTITY + RNG.normal(size=100)])
    assert "share a moment" in notes(X, time=np.arange(100) // 50)


def test_duplicates_across_parts_are_counted():
    x, y = np.r_[X[:50], X[:50]], np.r_[QUANTITY[:50], QUANTITY[:50]]
    split = datasets.from_arrays(x, y, standardize=False)
    train = {row.tobytes() for row in split.x_train}
    both = sum(row.tobytes() in train for row in split.x_test)
    assert both > 5 and f"{both} of the 20 test rows are in the training rows too" in " ".join(split.notes)
    assert "training rows too" not in notes(x, y, group=np.arange(100) % 50)


# ---- what is refused

BAD = [
    ((X, QUANTITY[:50]), {}, "y has 50 rows and x has 100"),
    ((X[:, 0], QUANTITY), {}, "x has the shape (100,): it must be (rows, features)"),
    ((X[:5], QUANTITY[:5]), {}, "There are 5 rows: training, validation and test need 10 or more"),
    ((np.zeros((0, 3)), []), {}, "There are 0 rows"),
    (([[1, 2], [3]], [1, 2]), {}, "rows of equal length"),
    ((with_cell(7, 1, "red"), QUANTITY), {}, "Column 'x1' holds text ('red') in row 7"),
    ((with_cell(7, 1, "3,5"), QUANTITY), {}, "write numbers with a point, not a comma"),
    ((with_cell(7, 1, "2026-11-30"), QUANTITY), {}, "Column 'x1' holds a date ('2026-11-30') in row 7"),
    ((with_cell(7, 1, None), QUANTITY), {}, "Column 'x1' has 1 missing value, the first in row 7"),
    ((with_cell(7, 1, np.nan).astype(float), QUANTITY), {}, "Column 'x1' has 1 missing value, the first in row 7"),
    ((with_cell(7, 1, float("inf")), QUANTITY), {}, "Column 'x1' has an infinite or too large number in row 7"),
    ((np.zeros((100, 2), "datetime64[D]"), QUANTITY), {}, "Column 'x0' holds dates"),
    ((X, np.where(np.arange(100) == 4, np.nan, QUANTITY)), {}, "y has 1 missing value, the first in row 4"),
    ((X, ["red"] * 100), {}, "y has one class only (red)"),
    ((X, np.ones(100)), {}, "y has one class only (1)"),
    ((X, np.ones(100)), {"task": "regression"}, "y is 1 in every row: there is nothing to predict"),
    ((X, [f"person {i}" for i in range(100)]), {}, "y has 100 classes in 100 rows: it looks like a name or a quantity"),
    ((X, ["rare"] * 2 + ["often"] * 98), {}, "Class 'rare' of y has 2 rows"),
    ((X, KIND), {"task": "regression"}, "y holds text ('red') in row 0"),
    ((X, KIND), {"task": "binary"}, "y has 3 classes, so that task='binary' does not fit"),
    ((X, KIND), {"task": "guess"}, 'task must be "classes" or "regression"'),
    ((X, np.eye(100)), {}, "y has the shape (100, 100)"),
    ((X, QUANTITY), {"feature_names": ["a"]}, "feature_names has 1 names for 3 columns"),
    ((X, QUANTITY), {"group": [1, 2]}, "group has 2 rows and x has 100"),
    ((X, QUANTITY), {"group": np.zeros(100)}, "There are 1 groups for 3 parts"),
    ((X, QUANTITY), {"group": [None] + [1] * 99}, "The group column has 1 missing value, the first in row 0"),
    ((X, QUANTITY), {"group": np.arange(100), "time": np.arange(100)}, "by group or in time order, not both"),
    ((X, QUANTITY), {"time": ["yesterday"] * 100}, "The time column has 'yesterday' in row 0"),
    ((X, QUANTITY), {"train_rows": 90}, "own rows has 100 rows, but 90 for training"),
    ((X, QUANTITY), {"train_rows": 0}, "train_rows must be a whole number from 1 up"),
    ((X, QUANTITY), {"val_rows": 90}, "none is left for training"),
    ((X, QUANTITY), {"seed": -1}, "seed must be a whole number"),
    ((X, QUANTITY), {"standardize": "no"}, "standardize must be True or False"),
    ((X, QUANTITY), {"standardise": True}, 'no option "standardise" (did you mean "standardize"?)'),
]  # fmt: skip


@pytest.mark.parametrize("arrays, options, says", BAD, ids=[says for _, _, says in BAD])
def test_what_from_arrays_refuses(arrays, options, says):
    assert says in sentence(datasets.from_arrays, *arrays, **options)


# ---- files


@pytest.fixture
def file(tmp_path):
    """A function that writes lines as a file and returns its path."""

    def write(lines, name="my.csv", encoding="utf-8"):
        (tmp_path / name).write_bytes("\n".join(lines).encode(encoding))
        return tmp_path / name

    return write


ROWS = [f"{a:.3f},{b:.3f},p{i // 5},{KIND[i]},2026-{1 + i // 28:02d}-{1 + i % 28:02d}" for i, (a, b, _) in enumerate(X)]
LINES = ["size,age,patient,kind,day", *ROWS]


@pytest.mark.parametrize("separator", ",;\t")
def test_a_file_becomes_a_split(file, separator):
    path = file([line.replace(",", separator) for line in [*LINES, "", ""]], encoding="utf-8-sig")
    split = datasets.from_csv(path, target="kind", group="patient", drop="day", standardize=False)
    assert split.name == "my" and split.feature_names == ("size", "age") and split.classes == ("blue", "green", "red")
    rounded = np.float32(np.round(X[:, :2], 3))
    rows = [
        [int(np.flatnonzero((rounded == row).all(axis=1))[0]) for row in part] for part in (split.x_train, split.x_test)
    ]
    assert not {row // 5 for row in rows[0]} & {row // 5 for row in rows[1]}
    assert [split.classes[label] for label in split.y_train] == KIND[rows[0]].tolist()
    assert split.describe().startswith("my: 100 rows of your own\nrows: ") and "target: 'kind'" in split.describe()


def test_load_takes_a_path_and_time_orders_it(file):
    split = datasets.load(file(LINES), target="size", time="day", drop=["patient", "kind"], standardize=False)
    assert split.task == "regression" and np.allclose(split.y_train, X[:60, 0], atol=6e-4)
    assert "Say which column" in sentence(datasets.load, "my.csv")


def spoilt(line, text):
    return [*LINES[: line - 1], text, *LINES[line:]]


BAD_FILES = [
    (LINES, {"target": "kidn"}, """my.csv has no column 'kidn' for target (did you mean "kind"?)"""),
    (LINES, {"target": None}, "my.csv has no column None for target"),
    (LINES, {"group": "pateint"}, """no column 'pateint' for group (did you mean "patient"?)"""),
    (LINES, {"drop": ["dya"]}, """no column 'dya' for drop"""),
    (LINES, {"group": "kind"}, "'kind' is the target"),
    (LINES, {"drop": ["size", "age", "patient", "day"]}, "no column left for features"),
    (LINES, {"drop": "day"}, "Column 'patient' holds text ('p0') in line 2"),
    (LINES, {"drop": "patient"}, "Column 'day' holds a date ('2026-01-01') in line 2"),
    (spoilt(5, "1.0,,p0,red,2026-01-04"), {}, "Column 'age' has 1 missing value, the first in line 5"),
    (spoilt(5, "1.0,NA,p0,red,2026-01-04"), {}, "Column 'age' has 1 missing value, the first in line 5"),
    (spoilt(5, "1.0,2.0,p0,,2026-01-04"), {}, "Column 'kind' has 1 missing value, the first in line 5"),
    (spoilt(5, "1.0,tall,p0,red,2026-01-04"), {}, "Column 'age' holds text ('tall') in line 5"),
    (spoilt(5, "1.0,2.0,p0"), {}, "my.csv has 3 cells in line 5, but 5 column names"),
    (spoilt(5, "1.0,2.0,p0,red,soon"), {"drop": "patient", "time": "day"}, "The time column has 'soon' in line 5"),
    ([], {}, "my.csv is empty"),
    (LINES[:1], {}, "my.csv has column names and no rows"),
    (["1,2,3", "4,5,6"], {}, "my.csv begins with numbers"),
    (["a,,kind", "1,2,x"], {}, "my.csv has no name for column 2"),
    (["a,a,kind", "1,2,x"], {}, "my.csv has two columns 'a'"),
]  # fmt: skip


@pytest.mark.parametrize("lines, options, says", BAD_FILES, ids=[says for _, _, says in BAD_FILES])
def test_what_from_csv_refuses(file, lines, options, says):
    options = {"target": "kind", "drop": ["patient", "day"]} | options
    assert says in sentence(datasets.from_csv, file(lines), **options)


def test_files_that_are_none(file, tmp_path, monkeypatch):
    assert "There is no file" in sentence(datasets.from_csv, tmp_path / "none.csv", "kind")
    assert "is a folder" in sentence(datasets.from_csv, tmp_path, "kind")
    assert "not text in UTF-8" in sentence(datasets.from_csv, file(["é"], encoding="latin-1"), "kind")
    monkeypatch.setattr(own, "LARGEST_FILE", 0.001)
    assert "more than the 0.001 MB that are read here" in sentence(datasets.from_csv, file(LINES), "kind")
