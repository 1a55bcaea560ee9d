"""The mathematics against scikit-learn, Keras, finite differences and brute force, over random problems."""

import math
import re
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge

from course_utils import penalties as p
from course_utils.errors import CourseError

few = settings(max_examples=25, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 10_000)
strengths = st.floats(1e-4, 10)
shares = st.floats(0.01, 0.99)  # of l1_max


def problem(seed, rows=None, features=None):
    """A random regression: correlated columns of different size, off centre, a few that matter, some noise."""
    rng = np.random.default_rng(seed)
    rows, features = rows or int(rng.integers(5, 60)), features or int(rng.integers(1, 30))
    x = rng.normal(size=(rows, features)) + rng.uniform(0, 1) * rng.normal(size=(rows, 1))
    x = x * 10 ** rng.uniform(-0.5, 0.5, features) + rng.normal(size=features)
    y = x @ (rng.normal(size=features) * (rng.random(features) < 0.4)) + rng.normal(size=rows) + 5
    return x, y


def weights(seed, *shape):
    """Random weights, some of them exactly zero."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) * (rng.random(shape) < 0.8)


def close(a, b, tolerance):
    """Whether two arrays agree to `tolerance` of the largest number in b (of 1, if that is smaller)."""
    return np.max(np.abs(np.subtract(a, b))) <= tolerance * max(1.0, np.max(np.abs(b)))


def reference(x, y, l1, l2, fit_intercept=True):
    """scikit-learn's own coordinate descent, at a tolerance far below ours."""
    alpha, l1_ratio = p.to_sklearn(l1, l2)
    model = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, fit_intercept=fit_intercept, tol=1e-14, max_iter=200_000)
    model.fit(x, y)
    return p.LinearFit(model.coef_, model.intercept_)


def objective(x, y, fit, l1=0.0, l2=0.0):
    """What a fit is meant to make small: its mean squared error on x, y, plus the penalties."""
    return np.mean((y - fit.predict(x)) ** 2) + p.elastic_net_penalty(fit.coefficients, l1, l2)


# --- Penalties: Keras


@few
@given(seed=seeds, l1=strengths, l2=strengths)
def test_penalties_are_those_of_keras(seed, l1, l2):
    """On float32 weights, as a network has them: the regularizers of Keras 3.8 take no others."""
    w = weights(seed, 4, 3).astype(np.float32)
    for regularizer, value in [
        (keras.regularizers.L1(l1), p.l1_penalty(w, l1)),
        (keras.regularizers.L2(l2), p.l2_penalty(w, l2)),
        (keras.regularizers.L1L2(l1, l2), p.elastic_net_penalty(w, l1, l2)),
    ]:
        assert value == pytest.approx(float(regularizer(tf.constant(w))), rel=1e-5)


def test_a_fit_predicts_even_one_row():
    fit = p.LinearFit(np.array([2.0, -1.0]), 3.0)
    assert np.array_equal(fit.predict([[1, 4]]), [1.0])


def test_the_worked_example():
    assert p.l2_penalty([0.3, 0.1, 6], 1) == pytest.approx(36.1)
    assert p.l1_penalty([0.3, 0.1, -6], 1) == pytest.approx(6.4)
    assert p.l2_penalty([1, -2, 3, 0.5], 0.1) == pytest.approx(1.425)


# --- Ridge and its factors


@few
@given(seed=seeds, l2=strengths, fit_intercept=st.booleans())
def test_ridge_is_that_of_scikit_learn(seed, l2, fit_intercept):
    """Coefficients and intercept to 1e-8; with more features than rows too."""
    x, y = problem(seed)
    ours = p.ridge(x, y, l2, fit_intercept)
    theirs = Ridge(alpha=len(x) * l2, fit_intercept=fit_intercept).fit(x, y)
    assert close(ours.coefficients, theirs.coef_, 1e-8)
    assert close(ours.intercept, theirs.intercept_, 1e-8)
    assert close(ours.predict(x), theirs.predict(x), 1e-8)


@few
@given(seed=seeds, l2=strengths)
def test_ridge_has_no_slope_left(seed, l2):
    """The gradient of the objective, by finite differences, is zero at ridge's answer and not beside it."""
    x, y = problem(seed, features=4)
    fit = p.ridge(x, y, l2)
    rng = np.random.default_rng(seed)
    for direction in rng.normal(size=(3, 5)):
        values = [
            objective(x, y, p.LinearFit(fit.coefficients + t * direction[:4], fit.intercept + t * direction[4]), l2=l2)
            for t in (-0.1, 0, 0.1)
        ]
        assert values[1] < min(values[0], values[2])
        assert values[2] - values[0] == pytest.approx(0, abs=1e-9 * values[1])  # a parabola around its lowest point


@pytest.mark.parametrize("rows, features", [(30, 5), (5, 30)])
def test_ridge_of_strength_zero_is_least_squares(rows, features):
    """With more features than rows, the solution of the smallest norm, which scikit-learn's lstsq finds too."""
    x, y = problem(3, rows, features)
    centred = np.linalg.lstsq(x - x.mean(axis=0), y - y.mean())[0]
    assert close(p.ridge(x, y, 0).coefficients, centred, 1e-9)
    assert close(p.elastic_net(x, y, 0, 0).coefficients, centred, 1e-9)


def test_ridge_shares_between_equal_columns():
    x, y = problem(1, 30, 3)
    fit = p.ridge(np.column_stack([x, x[:, 0]]), y, 0.0)
    assert fit.coefficients[0] == pytest.approx(fit.coefficients[3], rel=1e-9)


@few
@given(seed=seeds, l2=strengths)
def test_shrinkage_factors_are_what_ridge_does_to_least_squares(seed, l2):
    x, y = problem(seed, rows=30, features=6)
    directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2]
    full, shrunk = (directions @ p.ridge(x, y, strength).coefficients for strength in (0, l2))
    assert close(p.shrinkage_factors(x, l2) * full, shrunk, 1e-9)


@few
@given(seed=seeds, l2=strengths)
def test_degrees_of_freedom_are_the_trace_of_the_hat_matrix(seed, l2):
    x, _ = problem(seed)
    columns = np.eye(len(x))
    hat = np.column_stack([p.ridge(x, column, l2).predict(x) for column in columns])
    assert p.degrees_of_freedom(x, l2) == pytest.approx(np.trace(hat) - 1, rel=1e-8)  # 1 is the intercept's


def test_factors_of_a_direction_without_variance():
    x, _ = problem(2, 20, 3)
    doubled = np.column_stack([x, x])
    for factors in (p.shrinkage_factors(doubled, 0), p.gradient_descent_filter(doubled, 1e-4, 10**9)):
        np.testing.assert_allclose(factors, [1, 1, 1, 0, 0, 0], atol=1e-12)
    assert p.degrees_of_freedom(doubled, 0) == pytest.approx(3)


@few
@given(seed=seeds, speed=st.floats(0.05, 0.95), steps=st.integers(0, 40))
def test_gradient_descent_filter_is_gradient_descent(seed, speed, steps):
    """An actual loop on the mean squared error, from zero weights; the filter predicts its every coefficient."""
    x, y = problem(seed, rows=25, features=4)
    x, y = x - x.mean(axis=0), y - y.mean()
    learning_rate = speed * len(x) / np.linalg.norm(x, ord=2) ** 2
    w = np.zeros(4)
    for _ in range(steps):
        w -= learning_rate * 2 * x.T @ (x @ w - y) / len(x)
    directions = np.linalg.svd(x, full_matrices=False)[2]
    predicted = directions.T @ (
        p.gradient_descent_filter(x, learning_rate, steps) * (directions @ p.ridge(x, y, 0).coefficients)
    )
    assert close(w, predicted, 1e-9)


# --- Conventions


def log_loss_slope(x, y, w):
    """The gradient of the mean logistic loss of labels 0 and 1."""
    return x.T @ (1 / (1 + np.exp(-x @ w)) - y) / len(x)


@few
@given(seed=seeds, value=strengths)
def test_c_is_that_of_logistic_regression(seed, value):
    """At LogisticRegression's answer, the gradient of mean loss + λ·Σw² is zero for the λ of its C."""
    x, y = problem(seed, rows=40, features=3)
    y = (y > np.median(y)).astype(float)
    c = p.convert_strength(value, "keras", "C", rows=40)
    model = LogisticRegression(C=c, fit_intercept=False, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    w = model.fit(x, y).coef_[0]
    wrong, right = (np.linalg.norm(log_loss_slope(x, y, w) + 2 * k * value * w) for k in (2, 1))
    assert right <= 1e-4 * wrong  # twice the strength: what is left is as large as the penalty's own slope


@few
@given(seed=seeds, value=strengths)
def test_sum_is_the_alpha_of_scikit_learns_ridge(seed, value):
    x, y = problem(seed)
    theirs = Ridge(alpha=p.convert_strength(value, "keras", "sum", rows=len(x))).fit(x, y)
    assert close(p.ridge(x, y, value).coefficients, theirs.coef_, 1e-8)
    again = p.ridge(x, y, p.convert_strength(theirs.alpha, "sum", "keras", rows=len(x)))
    assert close(again.coefficients, theirs.coef_, 1e-8)


@pytest.mark.parametrize("value", [0.01, 0.3])
def test_weight_decay_is_that_of_keras_sgd(value):
    """One step with the penalty in the loss, and one with SGD's weight_decay, end in the same weights."""
    w, ends = np.array([1.0, -2.0, 0.5], dtype=np.float32), []
    for decay, penalty in [(None, value), (p.convert_strength(value, "keras", "weight_decay"), 0.0)]:
        variable = keras.Variable(w)
        optimizer = keras.optimizers.SGD(0.1, weight_decay=decay)
        optimizer.apply([np.float32([3, 1, -2]) + np.float32(2 * penalty * w)], [variable])
        ends.append(variable.numpy())
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6)
    assert not np.allclose(ends[0], w - 0.1 * np.float32([3, 1, -2]), rtol=1e-4)


def test_half_is_half_the_squared_norm():
    w = np.array([1.0, -2.0, 3.0])
    assert p.convert_strength(0.3, "keras", "half") / 2 * w @ w == pytest.approx(p.l2_penalty(w, 0.3))


@few
@given(value=strengths, rows=st.integers(1, 10_000))
def test_every_pair_of_conventions_agrees_with_the_way_through_keras(value, rows):
    for given_ in p.CONVENTIONS:
        keras_value = p.convert_strength(value, given_, "keras", rows)
        assert p.convert_strength(keras_value, "keras", given_, rows) == pytest.approx(value)
        for wanted in p.CONVENTIONS:
            direct = p.convert_strength(value, given_, wanted, rows)
            assert direct == pytest.approx(p.convert_strength(keras_value, "keras", wanted, rows))


def test_the_number_of_rows_is_asked_for_only_where_it_matters():
    averaging, summing = ("keras", "half", "weight_decay"), ("sum", "C")
    for a in p.CONVENTIONS:
        for b in p.CONVENTIONS:
            if (a in averaging) == (b in averaging):
                assert p.convert_strength(0.4, a, b) == pytest.approx(p.convert_strength(0.4, a, b, rows=70))
            else:
                with pytest.raises(CourseError, match="rows"):
                    p.convert_strength(0.4, a, b)
                assert p.convert_strength(0.4, a, b, 70) != pytest.approx(p.convert_strength(0.4, a, b, 71), rel=1e-6)
    assert set(averaging + summing) == set(p.CONVENTIONS)
    assert p.convert_strength(0, "keras", "C", rows=9) == math.inf


@few
@given(l1=strengths, l2=strengths)
def test_to_and_from_sklearn_undo_each_other(l1, l2):
    for pair in [(l1, l2), (l1, 0.0), (0.0, l2)]:
        alpha, l1_ratio = p.to_sklearn(*pair)
        assert p.from_sklearn(alpha, l1_ratio) == pytest.approx(pair)
        assert 0 <= l1_ratio <= 1
    assert p.from_sklearn(*p.to_sklearn(0, 0)) == (0, 0)


# --- Proximal maps against a search for the minimum


@few
@given(seed=seeds, threshold=st.floats(0, 2))
def test_soft_threshold_is_the_minimiser(seed, threshold):
    z = 2 * weights(seed, 8)
    ours = p.soft_threshold(z, threshold)
    np.testing.assert_allclose(ours, np.sign(z) * np.maximum(np.abs(z) - threshold, 0), atol=1e-15)
    grid = np.linspace(-8, 8, 16_001)  # every thousandth, 0 among them
    for one, result in zip(z, ours, strict=True):
        best = grid[np.argmin((grid - one) ** 2 / 2 + threshold * np.abs(grid))]
        assert abs(best - result) <= 1e-3
    assert not np.signbit(ours[ours == 0]).any()
    assert np.array_equal(ours == 0, np.abs(z) <= threshold)


@few
@given(seed=seeds, step=st.floats(0.01, 2), l1=st.floats(0, 2), l2=st.floats(0, 2))
def test_elastic_net_prox_is_the_minimiser(seed, step, l1, l2):
    z = 2 * weights(seed, 4)
    grid = np.linspace(-8, 8, 16_001)
    for one, result in zip(z, p.elastic_net_prox(z, step, l1, l2), strict=True):
        best = grid[np.argmin((grid - one) ** 2 / (2 * step) + l1 * np.abs(grid) + l2 * grid**2)]
        assert abs(best - result) <= 1e-3


@few
@given(seed=seeds, threshold=st.floats(0, 3))
def test_group_soft_threshold_is_the_minimiser(seed, threshold):
    """Against all points of a fine grid of the plane, row by row; the grid has the origin in it."""
    w = 2 * weights(seed, 3, 2)
    axis = np.linspace(-8, 8, 401)
    u, v = np.meshgrid(axis, axis)
    ours = p.group_soft_threshold(w, threshold)
    for row, result in zip(w, ours, strict=True):
        cost = ((u - row[0]) ** 2 + (v - row[1]) ** 2) / 2 + threshold * np.hypot(u, v)
        mine = np.sum((result - row) ** 2) / 2 + threshold * np.linalg.norm(result)
        assert mine <= cost.min() + 1e-12
        nearest = np.unravel_index(np.argmin(cost), cost.shape)
        assert np.hypot(u[nearest] - result[0], v[nearest] - result[1]) <= 0.1
    assert np.array_equal(np.all(ours == 0, axis=1), np.linalg.norm(w, axis=1) <= threshold)


def test_group_soft_threshold_of_single_numbers_is_the_soft_threshold():
    w = weights(5, 20, 1)
    np.testing.assert_allclose(p.group_soft_threshold(w, 0.5), p.soft_threshold(w, 0.5), atol=1e-15)


# --- Coordinate descent


@few
@given(seed=seeds, share=shares, l2=st.sampled_from([0.0, 0.01, 0.3]), fit_intercept=st.booleans())
def test_elastic_net_is_that_of_scikit_learn(seed, share, l2, fit_intercept):
    """Coefficients and intercept to 1e-6, the objective to 1e-9, and the same exact zeros."""
    x, y = problem(seed, rows=40, features=12)
    l1 = share * p.l1_max(x, y)
    ours = p.elastic_net(x, y, l1, l2, fit_intercept)
    theirs = reference(x, y, l1, l2, fit_intercept)
    assert close(ours.coefficients, theirs.coefficients, 1e-6)
    assert close(ours.intercept, theirs.intercept, 1e-6)
    assert objective(x, y, ours, l1, l2) == pytest.approx(objective(x, y, theirs, l1, l2), rel=1e-9)
    assert np.array_equal(ours.coefficients == 0, theirs.coefficients == 0)


@few
@given(seed=seeds, share=st.floats(0.001, 0.9))
def test_lasso_is_that_of_scikit_learn_with_more_features_than_rows(seed, share):
    """The objective to 1e-8, and as Tibshirani (2013) says, no more coefficients than rows."""
    x, y = problem(seed, rows=15, features=40)
    l1 = share * p.l1_max(x, y)
    ours, theirs = p.lasso(x, y, l1), Lasso(alpha=l1 / 2, tol=1e-12, max_iter=200_000).fit(x, y)
    best = objective(x, y, p.LinearFit(theirs.coef_, theirs.intercept_), l1)
    assert objective(x, y, ours, l1) == pytest.approx(best, rel=1e-8)
    assert close(ours.predict(x), theirs.predict(x), 1e-4)
    assert 1 <= np.count_nonzero(ours.coefficients) <= 15


@few
@pytest.mark.filterwarnings("ignore:Objective did not converge")  # scikit-learn's, which then is only near the minimum
@given(
    seed=st.integers(0, 9), share=st.sampled_from([1e-6, 1e-4, 1e-2, 0.3]), shape=st.sampled_from([(60, 20), (30, 8)])
)
def test_columns_of_very_different_size_settle_at_the_minimum(seed, share, shape):
    """Sizes up to 10 million apart, as age in years and income in cents: no worse than scikit-learn's minimum."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape) + rng.uniform(0, 1) * rng.normal(size=(shape[0], 1))
    x *= 10 ** rng.uniform(0, 7, shape[1])
    y = x / x.std(axis=0) @ rng.normal(size=shape[1]) + rng.normal(size=shape[0])
    l1 = share * p.l1_max(x, y)
    fit = p.lasso(x, y, l1)
    theirs = Lasso(alpha=l1 / 2, tol=1e-10, max_iter=5_000).fit(x, y)
    best = objective(x, y, p.LinearFit(theirs.coef_, theirs.intercept_), l1)
    assert objective(x, y, fit, l1) <= best * (1 + 1e-9)


def violation(x, y, fit, l1, l2):
    """How far `fit` is from the conditions of a minimum, as a share of l1_max: 0 at the minimum, nowhere else."""
    slope = 2 * x.T @ (fit.predict(x) - y) / len(x) + 2 * l2 * fit.coefficients
    at_zero = np.maximum(np.abs(slope) - l1, 0)
    elsewhere = np.abs(slope + l1 * np.sign(fit.coefficients))
    return np.max(np.where(fit.coefficients == 0, at_zero, elsewhere)) / p.l1_max(x, y)


@few
@given(
    seed=seeds,
    share=shares,
    l2=st.sampled_from([0.0, 0.1]),
    trouble=st.sampled_from(["twins", "mirror", "near", "powers"]),
)
def test_elastic_net_of_awkward_columns_is_a_minimum(seed, share, l2, trouble):
    """Equal, opposite and nearly equal columns, and powers of one column: the conditions hold to 1e-7."""
    x, y = problem(seed, rows=25, features=8)
    if trouble == "powers":
        x = np.vander(np.linspace(-1, 1, 25), 10)[:, :-1]
    else:
        copy = {"twins": x, "mirror": -x, "near": x + 1e-3 * weights(seed, 25, 8)}[trouble]
        x = np.column_stack([x, copy])
    l1 = share * p.l1_max(x, y)
    fit = p.elastic_net(x, y, l1, l2)
    assert violation(x, y, fit, l1, l2) <= 1e-7
    away = p.LinearFit(fit.coefficients * 1.01, fit.intercept)
    assert violation(x, y, away, l1, l2) > 1e-6 or not fit.coefficients.any()


@few
@given(seed=seeds, share=shares)
def test_lasso_of_orthonormal_columns_is_a_soft_threshold(seed, share):
    rng = np.random.default_rng(seed)
    x = np.linalg.qr(rng.normal(size=(30, 6)))[0] * math.sqrt(30)
    y = x @ weights(seed, 6) + rng.normal(size=30)
    least_squares = x.T @ y / 30
    l1 = share * 2 * np.max(np.abs(least_squares))
    ours = p.lasso(x, y, l1, fit_intercept=False).coefficients
    assert close(ours, p.soft_threshold(least_squares, l1 / 2), 1e-12)


@few
@given(seed=seeds)
def test_l1_max_is_where_the_first_coefficient_appears(seed):
    x, y = problem(seed)
    top = p.l1_max(x, y)
    assert not p.lasso(x, y, top).coefficients.any()
    assert p.lasso(x, y, top).intercept == pytest.approx(y.mean())
    assert np.count_nonzero(p.lasso(x, y, 0.999 * top).coefficients) >= 1


@few
@given(seed=seeds, l2=st.sampled_from([0.0, 0.1]))
def test_coefficient_path_is_the_separate_fits(seed, l2):
    """In the order given, whatever it is; to 1e-7."""
    x, y = problem(seed, rows=40, features=10)
    l1s = p.l1_max(x, y) * np.array([0.02, 1.0, 0.3, 0.0, 0.1])
    path = p.coefficient_path(x, y, l1s, l2)
    assert path.shape == (5, 10)
    for row, l1 in zip(path, l1s, strict=True):
        assert close(row, p.elastic_net(x, y, l1, l2).coefficients, 1e-7)
    assert not path[1].any() and path[0].any()


def test_a_whole_path_takes_less_than_a_second():
    x, y = problem(0, rows=100, features=50)
    l1s = p.l1_max(x, y) * np.geomspace(1, 1e-3, 60)
    begin = time.perf_counter()
    path = p.coefficient_path(x, y, l1s)
    assert time.perf_counter() - begin < 1  # alone on two cores: 0.03 s
    assert np.count_nonzero(path[-1]) > 40


def test_start_changes_the_way_and_not_the_end():
    x, y = problem(4, rows=40, features=8)
    l1 = 0.1 * p.l1_max(x, y)
    start = np.full(8, 3.0)
    assert close(p.lasso(x, y, l1, start=start).coefficients, p.lasso(x, y, l1).coefficients, 1e-8)
    assert np.array_equal(start, np.full(8, 3.0))
    there = p.lasso(x, y, l1).coefficients
    p.lasso(x, y, l1, start=there, most_sweeps=1)  # one sweep sees that nothing is left to do
    with pytest.raises(CourseError, match="has not settled after 1 sweeps"):
        p.lasso(x, y, l1, most_sweeps=1)


@few
@given(seed=seeds, share=st.floats(0.001, 0.2), l2=st.floats(0.001, 0.1))
def test_grouping_bound(seed, share, l2):
    """Zou & Hastie (2005), Theorem 1, for every pair of coefficients with the same sign.

    It is stated for centred columns with Σx² = 1 and the summed loss, so its λ₂ is rows · l2.
    """
    x, y = problem(seed, rows=20, features=8)
    x = x + 3 * x[:, :1]  # a group of correlated columns
    x, y = x - x.mean(axis=0), y - y.mean()
    x /= np.linalg.norm(x, axis=0)
    w = p.elastic_net(x, y, share * p.l1_max(x, y), l2, fit_intercept=False).coefficients
    same_sign = np.outer(w, w) > 0
    bound = np.sqrt(2 * np.maximum(1 - x.T @ x, 0)) / p.convert_strength(l2, "keras", "sum", rows=20)
    apart = np.abs(w[:, None] - w) / np.sum(np.abs(y))
    assume(same_sign.sum() > np.count_nonzero(w))  # besides each with itself: the theorem speaks of pairs
    assert np.all(apart[same_sign] <= bound[same_sign] + 1e-9)


def test_grouping_makes_twins_equal_and_the_lasso_does_not():
    x, y = problem(6, rows=30, features=1)
    x = np.column_stack([x, x + 1e-3 * weights(1, 30, 1)])
    l1 = 0.1 * p.l1_max(x, y)
    lasso, net = p.lasso(x, y, l1).coefficients, p.elastic_net(x, y, l1, 0.1).coefficients
    assert np.count_nonzero(lasso) == 1
    assert net[0] == pytest.approx(net[1], rel=0.02)


# --- Input that cannot be used


X, Y = problem(0, rows=6, features=2)
FLAT = np.column_stack([X[:, 0], np.full(6, 0.1)])
HOLE = np.where(np.arange(12).reshape(6, 2) == 3, np.nan, X)
FIT = p.LinearFit(np.zeros(2), 0.0)
BAD = [
    *[(lambda v=v: p.l2_penalty([1.0], v), "l2 must be a finite number from 0 up") for v in (-1, math.nan, math.inf)],
    *[(lambda v=v: p.ridge(X, Y, v), "l2 must be one number") for v in ("0.1", None, [0.1], True)],
    (lambda: p.elastic_net(X, Y, -1, 0), "l1 must be a finite number from 0 up"),
    (lambda: p.lasso(X, Y, math.nan), "l1 must be a finite number from 0 up"),
    (lambda: p.coefficient_path(X, Y, [0.1, -0.1]), "l1 must be a finite number from 0 up"),
    (lambda: p.group_soft_threshold(1.0, 1), "use soft_threshold"),
    (lambda: p.coefficient_path(X, Y, 0.1), "l1s must be a list"),
    (lambda: p.soft_threshold([1.0], -1), "threshold must be a finite number from 0 up"),
    (lambda: p.group_soft_threshold([[1.0]], math.inf), "threshold must be a finite number from 0 up"),
    (lambda: p.elastic_net_prox([1.0], -1, 0, 0), "step must be a finite number from 0 up"),
    (lambda: p.l1_penalty([1.0, math.nan], 1), "w has values that are NaN or infinite"),
    (lambda: p.l1_penalty([[1.0], [2.0, 3.0]], 1), "w must hold numbers"),
    (lambda: p.ridge(HOLE, Y, 1), "x has values that are NaN or infinite"),
    (lambda: p.lasso(X, np.where(Y > Y.min(), Y, np.inf), 1), "y has values that are NaN or infinite"),
    (lambda: p.shrinkage_factors(HOLE, 1), "x has values that are NaN or infinite"),
    (lambda: p.ridge(X, Y[:5], 1), "x has 6 rows, but y has 5"),
    (lambda: p.ridge(X, Y[:, None], 1), "give y[:, 0]"),
    (lambda: p.ridge(X[:, 0], Y, 1), "give x[:, None]"),
    (lambda: p.shrinkage_factors(X[0], 1), "x must have two axes"),
    (lambda: p.ridge(X[:1], Y[:1], 1), "it needs rows, at least 2"),
    (lambda: p.l1_max(X[:, :0], Y), "and a column"),
    *[(lambda f=f: f(FLAT, Y, 0.1), "column 1 of x (counted from 0)") for f in (p.ridge, p.lasso, p.elastic_net)],
    (lambda: p.l1_max(FLAT, Y), "drop it"),
    (lambda: p.coefficient_path(FLAT, Y, [0.1]), "drop it"),
    (lambda: p.ridge(X * [0, 1], Y, 1, fit_intercept=False), "column 0 of x"),
    (lambda: FIT.predict(X[:, :1]), "x has 1 columns, but the model was fitted on 2"),
    (lambda: p.lasso(X, Y, 0.1, start=[1.0]), "start has shape (1,), but x has 2 columns"),
    (lambda: p.lasso(X, Y, 0.1, start=[1.0, math.nan]), "start has values that are NaN"),
    (lambda: p.gradient_descent_filter(X, 0.1, 2.5), "steps must be a whole number from 0 up"),
    (lambda: p.gradient_descent_filter(X, -0.1, 2), "learning_rate must be a finite number from 0 up"),
    (lambda: p.gradient_descent_filter(X, 100, 2), "gradient descent diverges"),
    (lambda: p.from_sklearn(1, 1.2), "l1_ratio is the share of L1, from 0 to 1, not 1.2"),
    (lambda: p.from_sklearn(1, -0.2), "l1_ratio must be a finite number from 0 up"),
    (lambda: p.from_sklearn(-1, 0.2), "alpha must be a finite number from 0 up"),
    (lambda: p.to_sklearn(1, math.nan), "l2 must be a finite number from 0 up"),
    (lambda: p.convert_strength(1, "torch", "keras"), "it knows keras, half, sum, weight_decay, C"),
    (lambda: p.convert_strength(1, "keras", ["C"]), "is not a convention"),
    (lambda: p.convert_strength(-1, "keras", "half"), "the strength must be a finite number from 0 up"),
    (lambda: p.convert_strength(math.inf, "C", "sum"), "C must be a finite number from 0 up"),
    (lambda: p.convert_strength(0, "C", "sum"), "C must be larger than 0"),
    (lambda: p.convert_strength(1, "keras", "sum"), "give it as rows="),
    (lambda: p.convert_strength(1, "keras", "sum", rows=0), "rows must be a whole number from 1 up"),
]


@pytest.mark.parametrize("call, says", BAD, ids=range(len(BAD)))
def test_bad_input_gets_one_sentence(call, says):
    with pytest.raises(CourseError, match=re.escape(says)) as caught:
        call()
    assert "\n" not in str(caught.value) and str(caught.value).endswith((".", "..."))


def test_a_constant_column_is_fine_where_it_does_not_matter():
    """Without an intercept it is one; and the factors only see a direction without variance."""
    assert p.ridge(FLAT, Y, 0.0, fit_intercept=False).coefficients[1] != 0
    assert p.shrinkage_factors(FLAT, 0.1)[1] == 0
    assert p.gradient_descent_filter(FLAT, 0.01, 5)[1] == 0
