"""The many-networks engine against Keras itself: each member must end where `model.fit` takes it alone."""

import signal
import threading
import time
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, regularizers

from course_utils import datasets, experiments
from course_utils.engine import loop
from course_utils.engine.noise import dropout_noise, noise_seed
from course_utils.errors import CourseError
from course_utils.experiments import batches, train_many
from course_utils.models import initial_weights, initialize, mlp
from course_utils.stats import interval
from course_utils.training import ProximalStep

EPOCHS, BATCH = 6, 32


def small(l1=0.0, l2=0.0, dropout_rate=0.0, batch_norm=False, units=16, activation="relu"):
    return mlp(hidden=(units,), l1=l1, l2=l2, dropout_rate=dropout_rate, batch_norm=batch_norm, activation=activation)


class SetDropout(layers.Layer):
    """Keras's inverted dropout, with the engine's draws in place of its own."""

    def __init__(self, rate, noise_seed, place):
        super().__init__()
        self.rate, self.noise_seed, self.place = rate, noise_seed, place
        self.step = self.add_weight(shape=(), dtype="int32", trainable=False, initializer="zeros")

    def call(self, x, training=False):
        if not training:
            return x
        draws = dropout_noise(self.noise_seed, self.step, self.place, (BATCH, x.shape[1]))
        self.step.assign_add(1)
        return tf.where(draws[: tf.shape(x)[0]] >= self.rate, x / (1 - self.rate), 0.0)


class SetWarp(layers.Layer):
    """One of Keras's layers for random images, with the engine's draws in place of its own."""

    def __init__(self, layer, noise_seed, place):
        super().__init__()
        self.layer, self.noise_seed, self.place = layer, noise_seed, place
        self.step = self.add_weight(shape=(), dtype="int32", trainable=False, initializer="zeros")

    def call(self, images, training=False):
        if not training:
            return images
        draws = dropout_noise(self.noise_seed, self.step, self.place, (BATCH, 2))[: tf.shape(images)[0]]
        self.step.assign_add(1)
        first, second = draws[:, :1], draws[:, 1:]
        between = lambda low, high, draw: low + (high - low) * draw  # noqa: E731
        side, layer = images.shape[1], self.layer
        if isinstance(layer, layers.RandomFlip):
            drawn = {"flips": (first < 0.5)[..., None, None], "input_shape": tf.shape(images)}
        elif isinstance(layer, layers.RandomRotation):
            turns = between(*layer.factor, first[:, 0])
            zero, one = tf.zeros_like(turns), tf.ones_like(turns)
            matrix = layer._compute_affine_matrix(0.5, 0.5, 360 * turns, zero, zero, one, zero, zero, side, side)
            drawn = {"rotation_matrix": matrix}
        else:
            down = between(layer.height_lower, layer.height_upper, first)
            right = between(layer.width_lower, layer.width_upper, second)
            drawn = {
                "height_zoom": 1 + down,
                "width_zoom": 1 + right,
                "translations": side * tf.concat([right, down], 1),
            }
        return layer.transform_images(images, drawn)


RANDOM_IMAGES = (layers.RandomRotation, layers.RandomTranslation, layers.RandomZoom, layers.RandomFlip)


def warped(rotate=0.0, shift=0.0, zoom=0.0, dropout_rate=0.0, flipped=False):
    return keras.Sequential(
        [
            keras.Input((64,)),
            layers.Reshape((8, 8, 1)),
            layers.RandomRotation(rotate, fill_mode="constant"),
            layers.RandomTranslation(shift, shift / 2, fill_mode="nearest"),
            layers.RandomZoom((-zoom, zoom / 2), (0.0, zoom), fill_mode="reflect"),
            *([layers.RandomFlip("horizontal")] if flipped else []),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dropout(dropout_rate),
            layers.Dense(10),
        ]
    )


def alone(runs, member, optimizer, noise_seed=None, rows=None):
    """The same network trained by `model.fit` from the same weights on the same batches: (model, history).

    With `rows`, True or False, its L1 acts as a `ProximalStep`. With a `noise_seed` its random layers draw as the
    engine's do. A setting "patience" becomes Keras's own EarlyStopping.
    """
    split, setting = runs.splits[member], runs.settings[member]
    arguments, callbacks = {k: v for k, v in setting.items() if k != "seed"}, []
    if "patience" in arguments:
        patience = arguments.pop("patience")
        callbacks = [keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)]
    if rows is not None:
        callbacks = [ProximalStep(l1=arguments.pop("l1"), rows=rows)]
    model = initialize(runs.build(**arguments), setting["seed"])
    if noise_seed is not None:
        model = keras.Sequential(
            [keras.Input(model.input_shape[1:])]
            + [
                SetDropout(layer.rate, noise_seed, place)
                if isinstance(layer, layers.Dropout)
                else SetWarp(layer, noise_seed, place)
                if isinstance(layer, RANDOM_IMAGES)
                else layer
                for place, layer in enumerate(model.layers)
            ]
        )
    order = batches(len(split.x_train), BATCH, EPOCHS, setting["seed"])
    stream = tf.data.Dataset.from_generator(
        lambda: ((split.x_train[rows[rows >= 0]], split.y_train[rows[rows >= 0]]) for rows in order.reshape(-1, BATCH)),
        output_signature=(tf.TensorSpec((None, 64)), tf.TensorSpec((None,), tf.int32)),
    )
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    history = model.fit(
        stream,
        epochs=EPOCHS,
        steps_per_epoch=order.shape[1],
        validation_data=(split.x_val, split.y_val),
        validation_batch_size=len(split.x_val),
        callbacks=callbacks,
        verbose=0,
    )
    return model, history.history


def assert_same(runs, member, model, tolerance):
    x = runs.splits[member].x_test[:200]
    np.testing.assert_allclose(model(x), runs.predict(x)[member], atol=tolerance)
    theirs = [w.numpy() for w in model.weights if w.dtype == "float32"]
    for mine, other in zip(runs.weights[member], theirs, strict=True):
        np.testing.assert_allclose(mine, other, atol=tolerance)


OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.05),
    "momentum": lambda: keras.optimizers.SGD(0.02, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "decay": lambda: keras.optimizers.SGD(0.02, weight_decay=1.0),
    "adam": lambda: keras.optimizers.Adam(1e-3),
    "adamw": lambda: keras.optimizers.AdamW(1e-3, weight_decay=10.0),
}


def tolerance(name, batch_norm):
    # Under batch norm a Dense bias does nothing, so its gradient is rounding; Adam divides it by its own size.
    return 2e-3 if name.startswith("adam") and batch_norm else 2e-5


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_each_member_equals_a_plain_fit(name, batch_norm):
    optimizer, near = OPTIMIZERS[name], tolerance(name, batch_norm)
    runs = train_many(
        small, datasets.digits, l1=[0.0, 1e-3], l2=[0.0, 1e-2], batch_norm=batch_norm, seeds=[3, 8],
        epochs=EPOCHS, batch_size=BATCH, optimizer=optimizer(), train_rows=100,
    )  # fmt: skip
    assert len(runs) == 8
    for member in (0, 3, 6):
        model, history = alone_with_rows(runs, member, optimizer())
        assert_same(runs, member, model, near)
        penalised = runs.val_loss[member] + runs.penalty[member]
        np.testing.assert_allclose(history["val_loss"], penalised, atol=near * 5)
        np.testing.assert_allclose(history["val_accuracy"], runs.val_accuracy[member], atol=0.011)


def alone_with_rows(runs, member, optimizer, noise_seed=None):
    """`alone`, with the settings of the data kept away from the model."""
    mine = replace(runs, settings=[{k: v for k, v in s.items() if k != "train_rows"} for s in runs.settings])
    return alone(mine, member, optimizer, noise_seed)


@pytest.mark.parametrize("name", ["sgd", "adam"])
@pytest.mark.parametrize("paired", [True, False])
def test_each_member_equals_a_plain_fit_that_drops_the_same_units(name, paired):
    optimizer, near = OPTIMIZERS[name], tolerance(name, batch_norm=True)
    runs = train_many(
        small, datasets.digits, dropout_rate=[0.3, 0.6], batch_norm=True, seeds=[1, 2], epochs=EPOCHS,
        batch_size=BATCH, optimizer=optimizer(), paired_noise=paired,
    )  # fmt: skip
    for member, stream in enumerate([(1, 0), (2, 0), (1, 1), (2, 1)]):
        drawn_from = noise_seed((stream[0], 0 if paired else 1 + stream[1]))
        model, _ = alone(runs, member, optimizer(), drawn_from)
        assert_same(runs, member, model, near)


@pytest.mark.parametrize(("flipped", "paired"), [(True, True), (False, False)])
def test_each_member_equals_a_plain_fit_that_warps_the_same_images(flipped, paired):
    runs = train_many(
        warped, datasets.digits, rotate=[0.0, 0.1], shift=0.2, zoom=0.3, dropout_rate=0.3, flipped=flipped,
        seeds=[1, 2], epochs=EPOCHS, batch_size=BATCH, optimizer=OPTIMIZERS["sgd"](), paired_noise=paired,
    )  # fmt: skip
    for member, stream in enumerate([(1, 0), (2, 0), (1, 1), (2, 1)]):
        drawn_from = noise_seed((stream[0], 0 if paired else 1 + stream[1]))
        model, _ = alone(runs, member, OPTIMIZERS["sgd"](), drawn_from)
        assert_same(runs, member, model, 1e-4)
    assert not np.allclose(runs.val_loss[0], runs.val_loss[2])


def test_an_unknown_warp_is_refused_in_a_sentence():
    for layer in (
        layers.RandomFlip("vertical"),
        layers.RandomRotation(0.1, fill_mode="wrap"),
        layers.RandomContrast(0.1),
    ):
        model = [keras.Input((64,)), layers.Reshape((8, 8, 1)), layer, layers.Flatten(), layers.Dense(10)]
        with pytest.raises(CourseError, match=f"does not know the layer {type(layer).__name__}"):
            train_many(lambda model=model: keras.Sequential(model), datasets.digits, seeds=[0], epochs=1)


# ---- early stopping ---------------------------------------------------------------------------------------------


def test_each_member_stops_where_a_plain_fit_stops():
    runs = train_many(
        small, datasets.digits, patience=[0, 1, 3], units=64, label_noise=0.5, train_rows=60, seeds=[3, 8],
        epochs=EPOCHS, batch_size=BATCH, optimizer=keras.optimizers.SGD(1.0),
    )  # fmt: skip
    assert runs.names == ["units", "label_noise", "train_rows", "patience", "seed"]
    assert runs.epochs.min() < EPOCHS
    for member, setting in enumerate(runs.settings):
        mine = {k: setting[k] for k in ("units", "patience", "seed")}
        model, history = alone(replace(runs, settings=[mine] * len(runs)), member, keras.optimizers.SGD(1.0))
        assert len(history["val_loss"]) == runs.epochs[member]
        assert_same(runs, member, model, 1e-3)  # at this learning rate rounding grows
        assert runs.final("val_loss")[member] == pytest.approx(min(history["val_loss"]), abs=1e-3)


def test_one_recorded_run_answers_for_every_patience():
    every = train_many(small, datasets.digits, label_noise=0.4, seeds=range(3), epochs=12, keep_weights="every")
    assert all(list(kept) == list(range(12)) for kept in every.kept)
    for member in range(3):
        np.testing.assert_array_equal(every.kept[member][11][0], every.weights[member][0])
    shorter = train_many(small, datasets.digits, label_noise=0.4, seeds=range(3), epochs=5)
    for member in range(3):
        np.testing.assert_array_equal(every.kept[member][4][0], shorter.weights[member][0])
    last = every.stopped([2, 4], restore_best_weights=False, monitor="val_accuracy")
    best = every.stopped([2, 4], monitor="val_accuracy")
    assert last.levels("patience") == [2, 4]
    for i in range(6):
        np.testing.assert_array_equal(last.weights[i][0], every.kept[i % 3][last.epochs[i] - 1][0])
        assert best.final("val_accuracy")[i] == every.val_accuracy[i % 3][: best.epochs[i]].max()
    loss, accuracy = best.evaluate("val")
    np.testing.assert_allclose(loss, best.final("val_loss"), rtol=1e-4)
    np.testing.assert_allclose(accuracy, best.final("val_accuracy"), atol=1e-6)


def test_weights_that_were_not_kept_are_asked_for():
    plain = train_many(small, datasets.digits, seeds=[0], epochs=3)
    with pytest.raises(CourseError, match="keep_weights"):
        plain.stopped(2)
    with pytest.raises(CourseError, match="keep_weights must be"):
        train_many(small, datasets.digits, seeds=[0], epochs=3, keep_weights="all")
    with pytest.raises(CourseError, match="There is no curve"):
        plain.stopped(2, monitor="loss")


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adam"])
@pytest.mark.parametrize("proximal", ["weights", "rows"])
def test_each_member_equals_a_plain_fit_with_a_proximal_step(name, proximal):
    optimizer = OPTIMIZERS[name]
    step = {"sgd": 0.05, "momentum": 0.2, "nesterov": 0.2, "adam": 1e-3}[name]  # learning rate / (1 - momentum)
    shrunk_in_all = {"weights": [0.06, 0.12], "rows": [0.6, 0.7]}[proximal]  # so that some weights reach zero
    strengths = [shrunk / (step * EPOCHS * 7) for shrunk in shrunk_in_all]
    runs = train_many(
        small, datasets.digits, l1=[0.0, *strengths], l2=1e-3, seeds=[3, 8], epochs=EPOCHS, batch_size=BATCH,
        optimizer=optimizer(), proximal=proximal,
    )  # fmt: skip
    for member in (0, 3, 4):
        l1 = runs.settings[member]["l1"]
        model, history = alone(runs, member, optimizer(), rows=proximal == "rows")
        assert_same(runs, member, model, tolerance(name, batch_norm=False))
        np.testing.assert_allclose(history["val_accuracy"], runs.val_accuracy[member], atol=0.011)
        kernels = runs.weights[member][::2]
        theirs = [layer.kernel.numpy() for layer in model.layers if isinstance(layer, layers.Dense)]
        zero, other = (np.concatenate([k.ravel() for k in ks]) == 0 for ks in (kernels, theirs))
        assert 0.05 < zero.mean() < 0.95 if l1 else not zero.any()
        assert np.mean(zero != other) < 0.002  # rounding decides about a weight that ends on its threshold
        sizes = [np.linalg.norm(k, axis=1) if proximal == "rows" else np.abs(k) for k in kernels]
        penalty = sum(l1 * s.sum() + 1e-3 * np.sum(k**2) for s, k in zip(sizes, kernels, strict=True))
        assert runs.penalty[member, -1] == pytest.approx(penalty, rel=1e-4)


def test_a_proximal_step_of_strength_zero_is_no_other_program():
    plain = train_many(small, datasets.digits, seeds=[0], epochs=2)
    compiled = loop.compiled.cache_info().misses
    stepped = train_many(small, datasets.digits, seeds=[0], epochs=2, proximal="weights")
    assert loop.compiled.cache_info().misses == compiled
    np.testing.assert_array_equal(stepped.val_loss, plain.val_loss)


def test_paired_noise_is_shared_within_a_seed_and_differs_between_seeds():
    def last_kernels(paired):
        runs = train_many(
            small, datasets.digits, dropout_rate=0.5, l2=[0.0, 1e-12], seeds=[0, 1], epochs=2, paired_noise=paired
        )
        return [w[2] for w in runs.weights]

    one, other, same, _ = last_kernels(True)
    assert np.abs(one - same).max() < 1e-4 < np.abs(one - other).max()
    one, _, changed, _ = last_kernels(False)
    assert np.abs(one - changed).max() > 1e-3


def test_the_dropout_draws_are_uniform_and_uncorrelated():
    seeds = tf.reshape(tf.range(20), (-1, 1, 1))
    draws = np.stack([dropout_noise(seeds, step, place, (32, 50)) for step in range(5) for place in (1, 3)])
    n = draws.size  # 10 × 20 streams × 32 rows × 50 units
    assert draws.min() >= 0 and draws.max() < 1
    counts = np.histogram(draws, 64, (0, 1))[0]
    assert np.sum((counts - n / 64) ** 2 / (n / 64)) < 63 + 5 * np.sqrt(2 * 63)  # chi-square, 5 sigma
    centred = draws - draws.mean()
    for axis in range(4):  # neighbours in (step, place), seed, row and unit have nothing to do with each other
        ahead, behind = (np.delete(centred, at, axis) for at in (0, -1))
        assert abs(np.mean(ahead * behind) / centred.var()) < 5 / np.sqrt(ahead.size)


def test_chunks_give_the_same_result():
    def train(chunk):
        return train_many(
            small,
            datasets.digits,
            dropout_rate=[0.0, 0.5],
            l2=[0.0, 1e-2],
            seeds=range(3),
            epochs=12,
            chunk=chunk,
        )

    whole, parts = train(100), train(5)
    assert parts.settings == whole.settings
    for name in experiments.CURVES:
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), atol=2e-3)
    np.testing.assert_allclose(parts.evaluate("test"), whole.evaluate("test"), atol=2e-3)


def test_a_longer_training_begins_like_a_shorter_one():
    short = train_many(small, datasets.digits, seeds=[0], epochs=7)
    long = train_many(small, datasets.digits, seeds=[0], epochs=23)
    np.testing.assert_allclose(short.val_loss, long.val_loss[:, :7], rtol=1e-4)


def test_settings_that_change_the_architecture_or_the_data_come_back_in_order():
    runs = train_many(small, datasets.digits, units=[4, 16], train_rows=[50, 100], seeds=[5], epochs=3)
    assert [(s["units"], s["train_rows"]) for s in runs.settings] == [(4, 50), (4, 100), (16, 50), (16, 100)]
    for setting, split, weights in zip(runs.settings, runs.splits, runs.weights, strict=True):
        assert len(split.x_train) == setting["train_rows"]
        assert weights[0].shape == (64, setting["units"])


def test_the_same_seed_starts_from_the_same_weights_whatever_the_method():
    plain = initial_weights(small(), 4)
    normed = initial_weights(small(dropout_rate=0.5, batch_norm=True, l2=0.1), 4)
    np.testing.assert_array_equal(plain[0], normed[0])
    np.testing.assert_array_equal(plain[2], normed[6])
    assert np.abs(plain[0] - initial_weights(small(), 5)[0]).max() > 0.01
    bound = np.sqrt(6 / (64 + 16))  # Glorot's, for this layer's own fan-in and fan-out
    assert 0.9 * bound < np.abs(plain[0]).max() <= bound


def test_regression_and_yes_no_questions():
    def line():
        return keras.Sequential([keras.Input((1,)), layers.Dense(8, "tanh"), layers.Dense(1)])

    def sine(seed=0):
        rng = np.random.default_rng(seed)
        parts = []
        for rows in (30, 200, 1000):
            x = rng.uniform(-1, 1, (rows, 1))
            parts += [x, np.sin(np.pi * x[:, 0]) + 0.3 * rng.normal(size=rows)]
        return datasets.Split("sine", "regression", *parts, ("x",), ())

    runs = train_many(line, sine, seeds=[0], epochs=200, optimizer=keras.optimizers.Adam(0.02))
    assert np.isnan(runs.train_accuracy).all()
    split = runs.splits[0]
    by_hand = np.mean((runs.predict(split.x_test)[0, :, 0] - split.y_test) ** 2)
    assert runs.evaluate("test")[0][0] == pytest.approx(by_hand, rel=1e-4)
    assert by_hand < 0.7 * np.var(split.y_test)

    def yes_no():
        return keras.Sequential([keras.Input((2,)), layers.Dense(16, "relu"), layers.Dense(1, "sigmoid")])

    runs = train_many(yes_no, datasets.moons, seeds=[0], epochs=100, optimizer=keras.optimizers.Adam(0.01))
    split, probability = runs.splits[0], runs.model(0)(runs.splits[0].x_test).numpy()[:, 0]
    loss, accuracy = runs.evaluate("test")
    assert accuracy[0] == pytest.approx(np.mean((probability > 0.5) == split.y_test))
    assert loss[0] == pytest.approx(float(keras.losses.binary_crossentropy(split.y_test, probability)), abs=1e-4)


def test_an_interrupted_run_keeps_whole_networks(monkeypatch):
    advance, calls = experiments._Watch.advance, []

    def interrupt(self, work):
        advance(self, work)
        calls.append(work)
        if len(calls) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(experiments._Watch, "advance", interrupt)
    runs = train_many(small, datasets.digits, l2=[0.0, 1e-2], seeds=range(6), epochs=30, chunk=4)
    assert 0 < len(runs) < 12 and runs.train_loss.shape[1] == 30
    with pytest.raises(CourseError, match="No network has l2 = 0.01; the run was stopped before its end, so run the c"):
        runs.where(l2=1e-2)

    calls.clear()
    runs = train_many(small, datasets.digits, l2=[0.0, 1e-2], seeds=range(6), epochs=200, chunk=100)
    assert len(runs) == 12 and runs.train_loss.shape[1] == 50
    assert len(runs.weights[0]) == 4


def test_an_interrupt_from_outside_returns_what_there_is():
    import _thread

    train_many(small, datasets.digits, seeds=range(4), epochs=1)  # compiled already
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a worker of pytest-xdist ignores interrupts
    threading.Timer(2, _thread.interrupt_main).start()  # on a busy machine too, it is training by then
    began = time.perf_counter()
    try:
        runs = train_many(small, datasets.digits, seeds=range(4), epochs=200_000)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.perf_counter() - began < 20
    assert 10 <= runs.train_loss.shape[1] < 200_000


def not_on_biases():
    optimizer = keras.optimizers.AdamW(weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"dropuot_rate": 0.5}, "did you mean dropout_rate"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"batch_size": 2.5}, "batch_size must be a whole number"),
        ({"seeds": []}, "seeds must be"),
        ({"seeds": [-1]}, "seeds must be"),
        ({"l2": []}, "list for l2 is empty"),
        ({"optimizer": "rmsprop"}, "SGD, Adam and AdamW"),
        ({"optimizer": keras.optimizers.Adam(clipnorm=1.0)}, "without clipnorm"),
        ({"optimizer": keras.optimizers.Adam(gradient_accumulation_steps=4)}, "without gradient_accumulation"),
        ({"optimizer": not_on_biases()}, "without exclude_from_weight_decay"),
        ({"proximal": "columns"}, 'proximal must be "weights", "rows" or None'),
        ({"train_rows": 10**6}, "rows"),
    ],
)
def test_bad_input_gets_one_sentence(arguments, sentence):
    with pytest.raises(CourseError, match=sentence):
        train_many(small, datasets.digits, **{"seeds": [0], "epochs": 1, **arguments})


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: keras.Sequential([layers.Dense(10)]), "begins with keras.Input"),
        (lambda: None, "begins with keras.Input"),
        (
            lambda: keras.Sequential([keras.Input((64,)), layers.Dense(10, kernel_constraint="MinMaxNorm")]),
            "MinMaxNorm",
        ),
        (
            lambda: keras.Sequential([keras.Input((64,)), layers.UnitNormalization(), layers.Dense(10)]),
            "layer UnitNorm",
        ),
        (lambda: keras.Sequential([keras.Input((30,)), layers.Dense(10)]), "64 features"),
        (lambda: keras.Sequential([keras.Input((64,)), layers.Dense(1)]), "10 output"),
        (
            lambda: keras.Sequential([keras.Input((64,)), layers.Dense(10, activity_regularizer="l2")]),
            "activity_regularizer",
        ),
        (
            lambda: keras.Sequential(
                [keras.Input((64,)), layers.Dense(10, kernel_regularizer=regularizers.OrthogonalRegularizer())]
            ),
            "OrthogonalRegularizer",
        ),
    ],
)
def test_a_model_it_cannot_train_is_named(build, sentence):
    with pytest.raises(CourseError, match=sentence):
        train_many(build, datasets.digits, seeds=[0], epochs=1)


def test_rows_are_rows_of_kernels():
    def penalised_bias():
        return keras.Sequential([keras.Input((64,)), layers.Dense(10, bias_regularizer="l1")])

    assert len(train_many(penalised_bias, datasets.digits, seeds=[0], epochs=1, proximal="weights")) == 1
    with pytest.raises(CourseError, match="take the L1 off the biases"):
        train_many(penalised_bias, datasets.digits, seeds=[0], epochs=1, proximal="rows")


def test_choosing_and_asking():
    runs = train_many(small, datasets.digits, l2=[0.0, 1.0], seeds=range(3), epochs=20)
    assert runs.best("l2") == 0.0
    assert runs.where(l2=1.0).final("val_loss").shape == (3,)
    assert runs.levels("l2") == [0.0, 1.0]
    for ask in (
        lambda: runs.where(l2=0.5),
        lambda: runs.best("l1"),
        lambda: runs.final("loss"),
        lambda: runs.evaluate("x"),
    ):
        with pytest.raises(CourseError):
            ask()


def test_the_interval_covers_the_mean_as_often_as_it_says():
    samples = np.random.default_rng(0).normal(1.0, 2.0, (4000, 6))
    mean, half = interval(samples, axis=1)
    assert 0.94 < np.mean(np.abs(mean - 1.0) < half) < 0.96
