"""split.py: a Split made by hand, or changed by `replace`, is converted and checked."""

from dataclasses import replace

import numpy as np
import pytest
from test_datasets import sentence

from course_utils import datasets

NAN, INF = float("nan"), float("inf")
X, Y = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], [0, 1, 1]
NAMES, TWO = ("a", "b"), ("no", "yes")


def by_hand(task="binary", classes=TWO, names=NAMES, **arrays):
    parts = {"x_train": X, "y_train": Y, "x_val": X, "y_val": Y, "x_test": X, "y_test": Y} | arrays
    return datasets.Split("mine", task, **parts, feature_names=names, classes=classes)


WELCOME = [np.float64, np.float16, np.int64, np.uint8, bool, object, list]


@pytest.mark.parametrize("kind", WELCOME)
def test_other_kinds_of_numbers_are_converted(kind):
    x, y = (values if kind is list else np.array(values, kind) for values in ([[0, 1], [1, 0], [1, 1]], Y))
    split = by_hand(x_train=x, y_train=y)
    assert split.x_train.dtype == np.float32 and split.x_train.tolist() == [[0, 1], [1, 0], [1, 1]]
    assert split.y_train.dtype == np.int32 and split.y_train.tolist() == Y
    assert by_hand("regression", (), y_train=[1, 2, 3]).y_train.dtype == np.float32


def test_what_is_right_already_is_not_copied():
    x, y = np.array(X, np.float32), np.array(Y, np.int32)
    split = by_hand(x_train=x, y_train=y)
    assert split.x_train is x and split.y_train is y and replace(split, name="again").x_train is x


def test_a_column_of_targets_is_a_list_of_targets():
    assert by_hand(y_train=np.array(Y)[:, None]).y_train.shape == (3,)


def test_images_and_empty_parts():
    images = np.zeros((3, 8, 8, 1))
    split = by_hand(x_train=images, x_val=images, x_test=images[:0], y_test=[], names=())
    assert split.x_train.shape == (3, 8, 8, 1) and len(split.y_test) == 0
    assert "images of 8×8×1" in split.describe()


def test_a_large_sum_of_finite_numbers_is_finite():
    x = np.full((3, 2), 3e38, np.float32)
    assert by_hand(x_train=x).x_train is x


def test_it_describes_itself_without_a_card():
    lines = by_hand(names=["a", "b"]).describe().splitlines()
    assert lines[:3] == ["mine: rows made by hand", "rows: 3 training, 3 validation, 3 test", "features: 2 (a, b)"]


BAD = [
    ({"x_train": [[0, NAN], [1, 2], [3, 4]]}, "x_train has a missing value (NaN) in row 0, column 1"),
    ({"x_val": [[0, 1], [1, INF], [3, 4]]}, "x_val has an infinite or too large number in row 1, column 1"),
    ({"x_test": [[0, 1], [1, 1e39], [3, 4]]}, "x_test has an infinite or too large number in row 1"),
    ({"x_train": [["0", "1"]] * 3}, "x_train holds text"),
    ({"x_train": np.array([[1, "red"]] * 3, object)}, "x_train holds text ('red')"),
    ({"x_train": np.zeros((3, 2), "datetime64[D]")}, "x_train holds dates"),
    ({"x_train": np.zeros((3, 2), complex)}, "x_train holds complex numbers"),
    ({"x_train": [[1, 2], [3]]}, "rows of equal length"),
    ({"x_train": [1, 2, 3]}, "x_train has the shape (3,): it must be (rows, features)"),
    ({"x_train": np.zeros((0, 2)), "y_train": []}, "x_train has no rows"),
    ({"x_train": X[:2]}, "x_train has 2 rows and y_train has 3"),
    ({"y_test": Y[:1]}, "x_test has 3 rows and y_test has 1"),
    ({"x_val": np.zeros((3, 5))}, "A row of x_val has the shape (5,) and one of x_train (2,)"),
    ({"names": ("a",)}, "feature_names has 1 names for 2 features"),
    ({"names": "ab"}, "feature_names must be a tuple of names"),
    ({"y_train": [0, 1, 2]}, "y_train has the label 2, but the 2 classes are numbered from 0 to 1"),
    ({"y_val": [0, -3, 1]}, "y_val has the label -3"),
    ({"y_train": [-1, 1, 1]}, "y_train has labels -1 and 1, but the two classes are numbered 0 and 1: use"),
    ({"y_train": [0, 0.5, 1]}, "y_train has the label 0.5: class numbers must be whole"),
    ({"y_train": [0, NAN, 1]}, "y_train has a missing value (NaN) in row 1"),
    ({"y_train": ["no", "yes", "no"]}, "y_train holds text: number the classes from 0"),
    ({"y_train": np.eye(3)}, "one-hot labels become numbers by y_train.argmax(axis=1)"),
    ({"task": "regression", "classes": (), "y_train": [1, INF, 2]}, "y_train has an infinite or too large number"),
    ({"task": "regression", "classes": (), "y_train": np.zeros((3, 2))}, "y_train has the shape (3, 2)"),
    ({"task": "regression"}, "A regression has no classes"),
    ({"task": "yes/no"}, "task must be"),
    ({"task": None}, "task must be"),
    ({"classes": ("a", "b", "c")}, "A binary split needs the names of its 2 classes, and classes has 3"),
    ({"task": "multiclass", "classes": ()}, "A multiclass split needs"),
]  # fmt: skip


@pytest.mark.parametrize("changes, says", BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_trained_on_is_refused(changes, says):
    assert says in sentence(by_hand, **changes)


def test_replace_is_checked_too():
    split = datasets.moons()
    assert "x_val has 200 rows and y_val has 20" in sentence(replace, split, y_val=split.y_val[:20])
    assert "y_train has the label 7" in sentence(replace, split, y_train=split.y_train * 7)
    assert replace(split, y_val=split.y_val.astype(np.int64)).y_val.dtype == np.int32
