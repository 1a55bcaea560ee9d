"""The proximal step against scikit-learn and NumPy, and early stopping read off a curve against Keras's callback."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, optimizers, regularizers
from sklearn.linear_model import ElasticNet, Lasso

from course_utils import datasets, penalties
from course_utils.errors import CourseError
from course_utils.models import initialize, mlp
from course_utils.training import ProximalStep, fit_recorded, proximal_map, stopping_epoch

ROWS, FEATURES = 100, 20


def sparse_problem(outputs=1):
    """Standardised features, of which the first four matter, and noisy targets (rows, outputs)."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, FEATURES))
    x = (x - x.mean(0)) / x.std(0)
    true = np.zeros((FEATURES, outputs))
    true[:4] = rng.normal(size=(4, outputs)) + np.array([[3.0], [-2.0], [1.5], [-1.0]])
    return x, x @ true + rng.normal(size=(ROWS, outputs)) + 5.0


def fitted(x, y, optimizer, steps, *callbacks, **penalty):
    """A linear Keras model after `steps` full-batch steps: (weights, bias)."""
    model = keras.Sequential([keras.Input((x.shape[1],)), layers.Dense(y.shape[1], **penalty)])
    model.compile(optimizer, "mse")
    everything = tf.data.Dataset.from_tensors((x.astype("float32"), y.astype("float32"))).repeat()
    model.fit(everything, steps_per_epoch=steps, callbacks=list(callbacks), shuffle=False, verbose=0)
    return [w.astype(float) for w in model.get_weights()]


def objective(x, y, w, b, l1=0.0, l2=0.0, rows=False):
    """What Keras minimises: its "mse" is a mean over the outputs too."""
    size = np.linalg.norm(w, axis=1).sum() if rows else np.abs(w).sum()
    return np.mean((y - x @ w - b) ** 2) + l1 * size + l2 * np.sum(w**2)


# ---- exact zeros ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("l2", [0.0, 0.7])
def test_the_proximal_map_is_the_one_of_the_mathematics(l2):
    rng = np.random.default_rng(1)
    w = rng.normal(size=(50, 6)) * rng.uniform(0, 2, (50, 1))
    w[3] = 0
    single = penalties.elastic_net_prox(w, 0.2, 3.0, l2)
    rows = penalties.group_soft_threshold(w, 0.2 * 3.0) / (1 + 2 * 0.2 * l2)
    for want, mine in ((single, proximal_map(w, 0.2, 3.0, l2)), (rows, proximal_map(w, 0.2, 3.0, l2, rows=True))):
        np.testing.assert_allclose(mine, want, atol=1e-12)
        np.testing.assert_array_equal(mine == 0, want == 0)
        assert 0 < np.mean(want == 0) < 1
    np.testing.assert_array_equal(proximal_map(w, 0.2, 0.0), w)


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: optimizers.SGD(0.1),
        lambda: optimizers.SGD(0.03, momentum=0.9),
        lambda: optimizers.SGD(0.03, momentum=0.9, nesterov=True),
        lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.15, 800)),
    ],
    ids=["sgd", "momentum", "nesterov", "schedule"],
)
def test_full_batch_sgd_ends_in_scikit_learns_solution(optimizer, l2):
    (x, y), l1 = sparse_problem(), 0.4
    w, b = fitted(x, y, optimizer(), 800, ProximalStep(l1=l1, l2=l2))
    alpha = l1 / 2 + l2
    options = {"tol": 1e-12, "max_iter": 100_000}
    theirs = ElasticNet(alpha, l1_ratio=l1 / 2 / alpha, **options) if l2 else Lasso(alpha, **options)
    theirs.fit(x, y[:, 0])
    assert 10 <= np.sum(theirs.coef_ == 0) < FEATURES
    np.testing.assert_array_equal(w[:, 0] == 0, theirs.coef_ == 0)
    np.testing.assert_allclose(w[:, 0], theirs.coef_, atol=1e-5)
    best = objective(x, y, theirs.coef_[:, None], theirs.intercept_, l1, l2)
    assert objective(x, y, w, b, l1, l2) == pytest.approx(best, abs=1e-6)


def test_keras_own_l1_has_no_exact_zero_on_the_same_problem():
    x, y = sparse_problem()
    w, _ = fitted(x, y, optimizers.SGD(0.1), 300, kernel_regularizer=regularizers.L1(0.4))
    assert np.sum(w == 0) == 0


@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_rows_are_those_of_a_proximal_gradient_in_numpy(l2):
    (x, y), l1 = sparse_problem(outputs=3), 0.5
    w, b = fitted(x, y, optimizers.SGD(0.2), 800, ProximalStep(l1=l1, l2=l2, rows=True))
    want, intercept = np.zeros((FEATURES, 3)), y.mean(0)  # the features have mean 0
    for _ in range(3000):
        gradient = -2 * x.T @ (y - x @ want - intercept) / y.size
        want = penalties.group_soft_threshold(want - 0.2 * gradient, 0.2 * l1) / (1 + 2 * 0.2 * l2)
    zero = np.all(want == 0, axis=1)
    assert 10 <= zero.sum() < FEATURES
    np.testing.assert_array_equal(w == 0, np.tile(zero[:, None], 3))
    np.testing.assert_allclose(w, want, atol=1e-5)
    best = objective(x, y, want, intercept, l1, l2, rows=True)
    assert objective(x, y, w, b, l1, l2, rows=True) == pytest.approx(best, abs=1e-6)


def test_the_learning_rate_is_the_one_of_the_step_just_taken():
    (x, y), l1, steps = sparse_problem(), 0.4, 7
    schedule = optimizers.schedules.ExponentialDecay(0.2, 1, 0.5)  # halved at every step
    w, _ = fitted(x, y, optimizers.SGD(schedule), steps, ProximalStep(l1=l1), kernel_initializer="zeros")
    want, b = np.zeros((FEATURES, 1)), 0.0
    for rate in 0.2 * 0.5 ** np.arange(steps):
        left = y - x @ want - b
        want, b = want + rate * 2 * x.T @ left / ROWS, b + rate * 2 * left.mean()
        want = penalties.soft_threshold(want, rate * l1)
    np.testing.assert_allclose(w, want, atol=1e-6)
    np.testing.assert_array_equal(w == 0, want == 0)


def test_with_adam_the_zeros_are_exact_and_the_solution_is_another():
    (x, y), l1 = sparse_problem(), 0.4
    w, b = fitted(x, y, optimizers.Adam(0.01), 800, ProximalStep(l1=l1))
    lasso = penalties.lasso(x, y[:, 0], l1)
    best = objective(x, y, lasso.coefficients[:, None], lasso.intercept, l1)
    assert objective(x, y, w, b, l1) > 1.02 * best
    w, _ = fitted(x, y, optimizers.Adam(0.01), 300, ProximalStep(l1=2.0))
    assert np.sum(w == 0) > 0


def network():
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(5, "relu", name="first", bias_initializer="ones"),
            layers.Dense(4, "relu", name="frozen", trainable=False),
            layers.Dense(3, name="last", bias_initializer="ones"),
        ]
    )


@pytest.mark.parametrize(
    ("chosen", "zero"),
    [
        (None, ["first", "last"]),
        (["last"], ["last"]),
        ("first", ["first"]),
        (lambda model: model.layers[0], ["first"]),
        (lambda model: [model.layers[0], "last"], ["first", "last"]),
    ],
)
def test_it_touches_the_kernels_of_the_chosen_layers_only(chosen, zero):
    model = network()
    before = model.get_weights()
    step = ProximalStep(l1=1e6, layers=chosen(model) if callable(chosen) else chosen)
    model.compile(optimizers.SGD(0.001), "mse")
    model.fit(np.ones((8, 6)), np.ones((8, 3)), batch_size=4, callbacks=[step], verbose=0)
    assert [layer.name for layer in model.layers if np.all(layer.kernel == 0)] == zero
    np.testing.assert_array_equal(model.get_weights()[2], before[2])
    assert np.all(model.layers[2].bias != 0)


@pytest.mark.parametrize("arguments", [{"l1": -0.1}, {"l2": np.nan}, {"l1": "0.1"}, {"l2": True}, {"l1": np.inf}])
def test_a_strength_it_cannot_use(arguments):
    with pytest.raises(CourseError, match=f"{next(iter(arguments))} must be a number of at least 0"):
        ProximalStep(**arguments)


@pytest.mark.parametrize(
    ("compiled", "sentence"),
    [
        ({"optimizer": "ftrl"}, "l1_regularization_strength"),
        ({"optimizer": "lion"}, "does not fit Lion"),
        ({"optimizer": "adagrad"}, "does not fit Adagrad"),
        ({"optimizer": "adadelta"}, "does not fit Adadelta"),
        ({"optimizer": "adafactor"}, "does not fit Adafactor"),
        ({"optimizer": optimizers.LossScaleOptimizer(optimizers.SGD())}, "does not fit LossScaleOptimizer"),
        ({"optimizer": optimizers.SGD(gradient_accumulation_steps=2)}, "take gradient_accumulation_steps out"),
        ({"optimizer": optimizers.Adam(use_ema=True)}, "take use_ema out"),
        ({"optimizer": "sgd", "steps_per_execution": 4}, "steps_per_execution=1"),
    ],
)
def test_a_training_it_would_be_wrong_for(compiled, sentence):
    model = network()
    model.compile(loss="mse", **compiled)
    with pytest.raises(CourseError, match=sentence):
        model.fit(np.ones((8, 6)), np.ones((8, 3)), callbacks=[ProximalStep(l1=0.1)], verbose=0)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "nadam", "adamax", "rmsprop"])
def test_the_optimizers_that_it_fits(name):
    model = network()
    model.compile(name, "mse")
    model.fit(np.ones((8, 6)), np.ones((8, 3)), callbacks=[ProximalStep(l1=1e6)], verbose=0)
    assert np.all(model.layers[0].kernel == 0)


@pytest.mark.parametrize(
    ("regularizer", "arguments", "sentence"),
    [
        (regularizers.L1(0.1), {"l1": 0.1}, "kernel_regularizer with l1"),
        (regularizers.L1L2(l1=0.1), {"l1": 0.1}, "kernel_regularizer with l1"),
        (regularizers.L2(0.1), {"l1": 0.1, "l2": 0.1}, "kernel_regularizer with l2"),
        (regularizers.L2(0.1), {"l1": 0.1}, None),
        (regularizers.L1L2(l1=0.0, l2=0.1), {"l1": 0.1}, None),
        (None, {"l1": 0.1, "layers": ["second"]}, "'second' is none; this model has only"),
    ],
)
def test_a_penalty_counted_twice_and_a_layer_that_is_not_there(regularizer, arguments, sentence):
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3, kernel_regularizer=regularizer, name="only")])
    model.compile("sgd", "mse")

    def fit():
        model.fit(np.ones((8, 6)), np.ones((8, 3)), callbacks=[ProximalStep(**arguments)], verbose=0)

    if sentence is None:
        return fit()
    with pytest.raises(CourseError, match=sentence):
        fit()


def test_a_model_without_dense_layers():
    model = keras.Sequential([keras.Input((6,)), layers.LayerNormalization()])
    model.compile("sgd", "mse")
    with pytest.raises(CourseError, match="needs trainable Dense layers, and there is none here"):
        model.fit(np.ones((8, 6)), np.ones((8, 6)), callbacks=[ProximalStep(l1=0.1)], verbose=0)


# ---- early stopping, after the event -------------------------------------------------------------------------


def keras_decides(curve, patience, mode, min_delta):
    """(last epoch, best epoch) of the callback itself, fed with `curve`."""
    callback = keras.callbacks.EarlyStopping(
        "score", patience=patience, mode=mode, min_delta=min_delta, restore_best_weights=True
    )
    epoch, kept = 0, []
    model = SimpleNamespace(stop_training=False, get_weights=lambda: epoch, set_weights=kept.append)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(curve):  # noqa: B007 (get_weights reads it)
        callback.on_epoch_end(epoch, {"score": float(value)})
        if model.stop_training:
            break
    callback.on_train_end()
    assert kept == [callback.best_epoch]
    return epoch, callback.best_epoch


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("min_delta", [0.0, 0.1, 1e-4])
def test_it_stops_where_the_callback_stops(mode, min_delta):
    rng = np.random.default_rng(0)
    stops = set()
    for trial in range(60):
        curve = rng.normal(size=rng.integers(1, 40)).cumsum()
        if trial % 3 == 1:
            curve = np.round(curve, 1)  # ties, and improvements of exactly min_delta
        if trial % 3 == 2:
            curve = (1 + curve * 1e-5).astype("float32")
            curve[rng.random(len(curve)) < 0.1] = np.nan
        for patience in (0, 1, 2, 5, 100):
            want = keras_decides(curve, patience, mode, min_delta)
            assert stopping_epoch(curve, patience, mode, min_delta) == want
            stops.add(want)
    assert len(stops) > 30


def test_a_curve_by_hand():
    curve = [3.0, 2.0, 2.5, 2.4, 1.0, 1.5]
    assert stopping_epoch(curve, patience=2) == (3, 1)
    assert stopping_epoch(curve, patience=3) == (5, 4)
    assert stopping_epoch(curve, patience=2, mode="max") == (2, 0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([], 3), "one curve"),
        ((np.ones((2, 5)), 3), r"not an array of shape \(2, 5\)"),
        (([1.0], -1), "patience must be"),
        (([1.0], 2.5), "patience must be"),
        (([1.0], 2, "auto"), "mode must be"),
    ],
)
def test_a_question_about_stopping_that_makes_no_sense(arguments, sentence):
    with pytest.raises(CourseError, match=sentence):
        stopping_epoch(*arguments)


# ---- one recorded fit ----------------------------------------------------------------------------------------


def by_rows(y, outputs):
    return keras.losses.sparse_categorical_crossentropy(y, outputs, from_logits=True)


def recorded(loss, **options):
    model = mlp(hidden=(8,))
    model.compile("sgd", loss)
    return fit_recorded(initialize(model, 0), datasets.digits(0), **{"epochs": 2, **options})


@pytest.mark.parametrize(
    ("loss", "last"),
    [
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum"), None),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean"), None),
        ("sparse_categorical_crossentropy", "softmax"),
        (by_rows, None),
    ],
)
def test_the_recorded_loss_is_a_mean_over_rows(loss, last):
    model = mlp(hidden=(8,))
    if last:
        model.add(layers.Activation(last))
    model.compile(optimizers.SGD(1e-3), loss)
    split = datasets.digits(0)
    record = fit_recorded(initialize(model, 0), split, epochs=2)
    outputs = model(split.x_val)
    want = keras.losses.sparse_categorical_crossentropy(split.y_val, outputs, from_logits=last is None)
    assert record.val_loss.shape == (1, 2)
    assert record.val_loss[0, -1] == pytest.approx(float(np.mean(want)), rel=1e-4)


def test_a_regression_recorded_by_the_name_of_its_loss():
    split = datasets.houses(0)
    model = mlp(inputs=split.x_train.shape[1], hidden=(4,), outputs=1)
    model.compile("sgd", "mse")
    record = fit_recorded(initialize(model, 0), split, epochs=1)
    want = np.mean((model(split.x_val).numpy()[:, 0] - split.y_val) ** 2)
    assert record.val_loss[0, 0] == pytest.approx(want, rel=1e-4)


def test_pictures_are_put_into_the_shape_of_the_input():
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(10)])
    model.compile("sgd", by_rows)
    assert len(fit_recorded(initialize(model, 0), datasets.digits(0), epochs=1).val_loss) == 1


@pytest.mark.parametrize(
    ("loss", "options", "sentence"),
    [
        (lambda y, outputs: tf.reduce_sum(by_rows(y, outputs)), {}, "one value for each row"),
        ([by_rows], {}, "one loss"),
        (by_rows, {"epochs": 0}, "epochs must be a whole number"),
        (by_rows, {"batch_size": 2.5}, "batch_size must be a whole number"),
    ],
)
def test_a_fit_that_cannot_be_recorded(loss, options, sentence):
    with pytest.raises(CourseError, match=sentence):
        recorded(loss, **options)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"hidden": 64}, "hidden must be the units of each hidden layer"),
        ({"hidden": (64.5,)}, "hidden must be made of whole numbers"),
        ({"l2": -1.0}, "l2 must be a number of at least 0"),
        ({"l1": "0.1"}, "l1 must be a number"),
        ({"dropout_rate": 1.0}, "dropout_rate must be a number of at least 0 and below 1"),
        ({"activation": "rellu"}, "did you mean 'relu'"),
    ],
)
def test_a_network_that_cannot_be_built(arguments, sentence):
    with pytest.raises(CourseError, match=sentence):
        mlp(**arguments)
