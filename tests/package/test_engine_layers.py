"""Every layer, loss and setting of the engine against `model.fit` from the same weights on the same batches."""

import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import constraints, layers, optimizers, regularizers

from course_utils.datasets import Split
from course_utils.engine import losses
from course_utils.engine.layers import TABLE, known
from course_utils.engine.noise import dropout_noise, noise_seed, normal
from course_utils.errors import CourseError
from course_utils.experiments import batches, train_many
from course_utils.models import initialize

ROWS, BATCH, EPOCHS, SHAPE = 44, 16, 2, (8, 6, 3)  # the last batch is a short one


def data(task, shape=SHAPE):
    """A small Split of noisy pictures, flat; on flat backgrounds ties in max pooling would magnify rounding."""
    draw, features = np.random.default_rng(0), int(np.prod(shape))
    x = draw.normal(size=(3 * ROWS, features)).astype("float32")
    score = x[:, :12].reshape(-1, 3, 4).sum(2)
    y = {"multiclass": score.argmax(1), "binary": score[:, 0] > 0, "regression": score[:, 0] / 3}[task]
    y = y.astype("float32" if task == "regression" else "int32")
    classes = {"multiclass": ("a", "b", "c"), "binary": ("no", "yes"), "regression": ()}[task]
    parts = [part for i in range(0, 3 * ROWS, ROWS) for part in (x[i : i + ROWS], y[i : i + ROWS])]
    return Split("pictures", task, *parts, tuple(f"pixel {i}" for i in range(features)), classes)


class Drawn(layers.Layer):
    """A random layer of Keras with the engine's draws in place of its own."""

    def __init__(self, layer, seed, place):
        super().__init__()
        self.layer, self.seed, self.place = layer, seed, place
        self.step = self.add_weight(shape=(), dtype="int32", trainable=False, initializer="zeros")

    def draws(self, x, units):
        draws = dropout_noise(self.seed, self.step, self.place, (BATCH, units))
        self.step.assign_add(1)
        return draws

    def call(self, x, training=False):
        if not training:
            return x
        features, rows = int(np.prod(x.shape[1:])), tf.shape(x)[0]
        if isinstance(self.layer, layers.GaussianNoise):
            noise = normal(self.draws(x, 2 * features))[:rows]
            return x + self.layer.stddev * tf.reshape(noise, tf.shape(x))
        rate = self.layer.rate
        if isinstance(self.layer, layers.SpatialDropout2D):
            kept = self.draws(x, x.shape[-1])[:rows, None, None] >= rate
        else:
            kept = tf.reshape(self.draws(x, features)[:rows], tf.shape(x)) >= rate
        return tf.where(kept, x / (1 - rate), 0.0)


RANDOM = (layers.Dropout, layers.SpatialDropout2D, layers.GaussianNoise)
LOSSES = {
    "multiclass": lambda **k: keras.losses.SparseCategoricalCrossentropy(from_logits=True, **k),
    "binary": lambda **k: keras.losses.BinaryCrossentropy(from_logits=True, **k),
    "regression": lambda **k: keras.losses.MeanSquaredError(**k),
}


def alone(runs, member, optimizer, loss=None, one_hot=False, class_weight=None):
    """The same network after `model.fit` on the same batches with the same draws."""
    split, setting = runs.splits[member], runs.settings[member]
    made = {k: v for k, v in setting.items() if k in runs.build.__code__.co_varnames}
    model = initialize(runs.build(**made), setting["seed"])
    drawn_from = noise_seed((setting["seed"], 0))
    parts = [
        Drawn(layer, drawn_from, place) if isinstance(layer, RANDOM) else layer
        for place, layer in enumerate(model.layers)
    ]
    model = keras.Sequential([keras.Input(model.input_shape[1:]), *parts])
    x = split.x_train.reshape(-1, *model.input_shape[1:])
    y = split.y_train if split.task == "multiclass" else split.y_train[:, None].astype("float32")
    y = np.eye(len(split.classes), dtype="float32")[split.y_train] if one_hot else y
    each = [batch[batch >= 0] for batch in batches(ROWS, BATCH, EPOCHS, setting["seed"]).reshape(-1, BATCH)]
    weight = np.array([(class_weight or {}).get(int(label), 1.0) for label in split.y_train], "float32")
    stream = tf.data.Dataset.from_generator(
        lambda: ((x[b], y[b], weight[b]) for b in each),
        output_signature=tuple(tf.TensorSpec((None, *a.shape[1:]), a.dtype) for a in (x, y, weight)),
    )
    model.compile(optimizer, loss or LOSSES[split.task]())
    model.fit(stream, epochs=EPOCHS, steps_per_epoch=len(each) // EPOCHS, verbose=0)
    return model


def assert_same(runs, member, model, atol=2e-5):
    x = runs.splits[member].x_test
    theirs = model.predict(x.reshape(-1, *model.input_shape[1:]), verbose=0)
    np.testing.assert_allclose(runs.predict(x)[member], theirs, atol=atol)
    weights = [w.numpy() for w in model.weights if w.dtype == "float32"]
    for mine, other in zip(runs.weights[member], weights, strict=True):
        np.testing.assert_allclose(mine, other, atol=atol)


def conv(**options):
    return layers.Conv2D(4, 3, activation="tanh", **options)


# What stands between the picture and Flatten; each kind of layer at least once.
MIDDLES = {
    "Conv2D same": lambda: [conv(padding="same"), conv(use_bias=False)],
    "Conv2D strides": lambda: [layers.Conv2D(4, (3, 2), strides=2, padding="same", activation="relu")],
    "Conv2D valid strides": lambda: [conv(strides=(2, 1), kernel_regularizer=regularizers.L2(0.01))],
    "MaxPooling2D": lambda: [conv(padding="same"), layers.MaxPooling2D()],
    "MaxPooling2D overlapping": lambda: [conv(), layers.MaxPooling2D(3, strides=2, padding="same")],
    "AveragePooling2D": lambda: [conv(padding="same"), layers.AveragePooling2D(2)],
    "AveragePooling2D same": lambda: [layers.AveragePooling2D(3, strides=2, padding="same"), conv(padding="same")],
    "GlobalAveragePooling2D": lambda: [conv(), layers.GlobalAveragePooling2D()],
    "SpatialDropout2D": lambda: [conv(), layers.SpatialDropout2D(0.4), conv()],
    "GaussianNoise": lambda: [layers.GaussianNoise(0.3), conv()],
    "Dropout": lambda: [conv(), layers.Dropout(0.3), conv()],
    "LayerNormalization": lambda: [
        conv(),
        layers.LayerNormalization(),
        layers.Activation("relu"),
        layers.Flatten(),
        layers.Dense(6),
        layers.LayerNormalization(center=False),
    ],  # fmt: skip
    "BatchNormalization": lambda: [
        conv(use_bias=False),
        layers.BatchNormalization(momentum=0.8),
        conv(use_bias=False),
        layers.BatchNormalization(scale=False),
    ],  # fmt: skip
    "Rescaling": lambda: [layers.Rescaling(0.5, offset=0.1), conv()],
    "Reshape": lambda: [
        layers.Flatten(),
        layers.Reshape((6, 8, 3)),
        conv(),
        layers.Flatten(),
        layers.Reshape((2, 8 * 6)),
    ],
    "MaxNorm": lambda: [layers.Conv2D(4, 3, kernel_constraint=constraints.MaxNorm(0.4, axis=[0, 1, 2]))],
    "UnitNorm, NonNeg": lambda: [
        layers.Flatten(),
        layers.Dense(5, "tanh", kernel_constraint="UnitNorm", bias_constraint="NonNeg"),
    ],  # fmt: skip  # noqa: E501
}


@pytest.mark.parametrize("name", MIDDLES)
def test_each_layer_equals_a_plain_fit(name):
    def build():
        return keras.Sequential([keras.Input(SHAPE), *MIDDLES[name](), layers.Flatten(), layers.Dense(3)])

    runs = train_many(build, data("multiclass"), seeds=[3, 4], epochs=EPOCHS, batch_size=BATCH,
                      optimizer=optimizers.SGD(0.05), progress=False)  # fmt: skip
    for member in (0, 1):
        model = alone(runs, member, optimizers.SGD(0.05))
        assert_same(runs, member, model)
        x, y = runs.splits[0].x_val.reshape(-1, *SHAPE), runs.splits[0].y_val
        loss = LOSSES["multiclass"]()(y, model(x, training=False))
        assert runs.val_loss[member, -1] == pytest.approx(float(loss), abs=1e-4)


OPTIMIZERS = {
    "sgd": lambda: optimizers.SGD(0.05),
    "momentum": lambda: optimizers.SGD(0.02, momentum=0.9),
    "nesterov": lambda: optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "adam": lambda: optimizers.Adam(1e-3),
    "adamw": lambda: optimizers.AdamW(1e-3, weight_decay=1.0),
    "cosine": lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 5)),
    "steps": lambda: optimizers.Adam(optimizers.schedules.PiecewiseConstantDecay([2, 4], [1e-2, 1e-3, 1e-4])),
}


def dense(l2=0.01, outputs=1):
    return keras.Sequential(
        [
            keras.Input((int(np.prod(SHAPE)),)),
            layers.Dense(8, activation="tanh", kernel_regularizer=regularizers.L2(l2)),
            layers.Dense(outputs),
        ]
    )


@pytest.mark.parametrize("task", LOSSES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_equals_a_plain_fit_on_each_kind_of_target(task, name):
    outputs = 3 if task == "multiclass" else 1
    runs = train_many(dense, data(task), l2=[0.0, 0.01], outputs=outputs, seeds=[1], epochs=EPOCHS, batch_size=BATCH,
                      optimizer=OPTIMIZERS[name](), progress=False)  # fmt: skip
    for member in (0, 1):
        assert_same(runs, member, alone(runs, member, OPTIMIZERS[name]()))


def test_each_member_has_its_own_learning_rate():
    cosine = optimizers.schedules.CosineDecay(0.1, 5)
    runs = train_many(dense, data("regression"), learning_rate=[0.01, 0.1, cosine], seeds=[1], epochs=EPOCHS,
                      batch_size=BATCH, optimizer="sgd", progress=False)  # fmt: skip
    assert runs.levels("learning_rate") == [0.01, 0.1, cosine]
    for member, rate in enumerate([0.01, 0.1, cosine]):
        assert_same(runs, member, alone(runs, member, optimizers.SGD(rate)))


@pytest.mark.parametrize("task", ["multiclass", "binary"])
def test_label_smoothing_equals_a_plain_fit(task):
    outputs = 3 if task == "multiclass" else 1
    runs = train_many(dense, data(task), label_smoothing=[0.0, 0.2], outputs=outputs, seeds=[1], epochs=EPOCHS,
                      batch_size=BATCH, optimizer="sgd", progress=False)  # fmt: skip
    kind = keras.losses.CategoricalCrossentropy if task == "multiclass" else keras.losses.BinaryCrossentropy
    for member, smoothing in enumerate([0.0, 0.2]):
        loss = kind(from_logits=True, label_smoothing=smoothing)
        assert_same(runs, member, alone(runs, member, optimizers.SGD(0.01), loss, one_hot=task == "multiclass"))


@pytest.mark.parametrize("task", ["multiclass", "binary"])
def test_class_weights_equal_a_plain_fit(task):
    outputs = 3 if task == "multiclass" else 1
    runs = train_many(dense, data(task), class_weight=[None, {0: 3.0, 1: 0.5}], outputs=outputs, seeds=[1],
                      epochs=EPOCHS, batch_size=BATCH, optimizer="sgd", progress=False)  # fmt: skip
    assert runs.levels("class_weight") == [None, {0: 3.0, 1: 0.5}]
    for member, weights in enumerate([None, {0: 3.0, 1: 0.5}]):
        assert_same(runs, member, alone(runs, member, optimizers.SGD(0.01), class_weight=weights))


def test_pictures_in_flat_rows_and_as_pictures_are_the_same():
    def build():
        return keras.Sequential([keras.Input(SHAPE), conv(), layers.Flatten(), layers.Dense(3)])

    def reshaped():
        return keras.Sequential(
            [keras.Input((int(np.prod(SHAPE)),)), layers.Reshape(SHAPE), conv(), layers.Flatten(), layers.Dense(3)]
        )

    one, other = (train_many(b, data("multiclass"), seeds=[0], epochs=1, progress=False) for b in (build, reshaped))
    np.testing.assert_allclose(one.predict(one.splits[0].x_test), other.predict(one.splits[0].x_test), atol=1e-6)


def test_normal_draws_are_normal():
    draws = normal(dropout_noise(7, 0, 1, (500, 400))).numpy().ravel()
    assert draws.size == 100_000 and np.isfinite(draws).all()
    assert abs(draws.mean()) < 5 / np.sqrt(draws.size) and abs(draws.std() - 1) < 5 / np.sqrt(2 * draws.size)
    assert abs(np.mean(np.abs(draws) > 1.96) - 0.05) < 0.004


# ---- what is refused -----------------------------------------------------------------------------------------


class StrangeL2(regularizers.L2):
    def __call__(self, x):
        return 0.0 * super().__call__(x)


class StrangeDense(layers.Dense):
    pass


def set_kernel():
    model = dense(outputs=3)
    model.layers[0].kernel.assign(0.1 * model.layers[0].kernel)
    return model


def compiled():
    model = dense(outputs=3)
    model.compile("sgd", "mse")
    return model


def ending_in_sigmoid():
    model = dense(outputs=3)
    model.add(layers.Activation("sigmoid"))
    return model


def ending(*parts, shape=SHAPE):
    return lambda: keras.Sequential([keras.Input(shape), *parts, layers.Flatten(), layers.Dense(3)])


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (ending(layers.Conv2D(2, 3, dilation_rate=2)), r"Conv2D .* with dilation_rate = \(2, 2\)"),
        (ending(layers.Conv2D(3, 3, groups=3)), "Conv2D .* with groups = 3"),
        (ending(layers.Conv2D(3, 3, dtype="float64")), "Conv2D .* with dtype = 'float64'"),
        (ending(layers.Conv2D(3, 3, activation="softmax")), "activation = 'softmax' on pictures"),
        (ending(layers.Dropout(0.5, noise_shape=(None, 1, 1, 3))), "Dropout .* with noise_shape"),
        (ending(layers.BatchNormalization(axis=1)), "BatchNormalization .* with axis = 1"),
        (ending(layers.GlobalAveragePooling2D(keepdims=True)), "with keepdims = True"),
        (ending(layers.Rescaling([0.1, 0.2, 0.3])), "Rescaling .* with scale"),
        (ending(layers.Dense(4)), r"Dense .* with rows of shape \(8, 6, 3\)"),
        (ending(layers.RandomRotation(0.1, fill_mode="constant")), "8 × 6 pixels, which are not square"),
        (ending(layers.Flatten(), StrangeDense(4)), "layer StrangeDense; it trains Dense, Activation, Dropout"),
        (ending(layers.Flatten(), layers.Dense(4, kernel_regularizer=StrangeL2(0.1))), "regularizer StrangeL2"),
        (ending(layers.Flatten(), layers.Dense(4, activation=lambda x: x)), "activation <function"),
        (ending(layers.Flatten(), layers.Dense(4, activation=layers.ReLU())), "activation <ReLU"),
        (ending(layers.Flatten(), layers.Dense(4, trainable=False)), "which is frozen"),
        (ending(layers.Flatten(), layers.Dense(4, kernel_constraint="MinMaxNorm")), "constraint MinMaxNorm; it takes"),
        (set_kernel, "build sets the kernel of the layer"),
        (compiled, "take model.compile out of build"),
        (ending_in_sigmoid, "ends in sigmoid"),
        (dense(outputs=3), "not a model that is built"),
        (3, "build must be a function"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_by_name(build, sentence):
    with pytest.raises(CourseError, match=sentence):
        train_many(build, data("multiclass"), seeds=[0], epochs=1, progress=False)


@pytest.mark.parametrize(
    ("task", "settings", "sentence"),
    [
        ("multiclass", {"label_smoothing": 1.0}, "label_smoothing must be"),
        ("regression", {"label_smoothing": 0.1}, "no labels to smooth"),
        ("regression", {"class_weight": {0: 1.0}}, "no classes"),
        ("multiclass", {"class_weight": {3: 1.0}}, "class numbers .0 to 2."),
        ("multiclass", {"class_weight": {0: -1.0}}, "class 0 must be a number of at least 0"),
        ("multiclass", {"learning_rate": -0.1}, "learning_rate must be"),
        ("multiclass", {"learning_rate": "fast"}, "learning_rate must be"),
        ("multiclass", {"optimizer": "sdg"}, "no optimizer 'sdg'"),
        ("multiclass", {"optimizer": optimizers.Adam(amsgrad=True)}, "without amsgrad"),
        ("multiclass", {"optimizer": optimizers.SGD(global_clipnorm=1.0)}, "without global_clipnorm"),
        ("multiclass", {"optimizer": optimizers.Adam(use_ema=True)}, "without use_ema"),
    ],
)
def test_a_setting_of_the_training_that_cannot_be_used(task, settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        train_many(dense, data(task), outputs=3 if task == "multiclass" else 1, seeds=[0], epochs=1, **settings)


def test_no_validation_rows():
    split = data("regression")
    empty = Split(**{**vars(split), "x_val": split.x_val[:0], "y_val": split.y_val[:0]})
    with pytest.raises(CourseError, match="val_rows of at least 1"):
        train_many(dense, empty, seeds=[0], epochs=1)


def test_the_sentence_names_every_layer_of_the_table():
    assert all(kind.__name__ in known() for kind in TABLE)
    assert {"Conv2D", "MaxPooling2D", "LayerNormalization", "RandomZoom"} <= {kind.__name__ for kind in TABLE}
    assert set(losses.TABLE) == set(LOSSES)


# ---- what did not stay finite, and warnings ------------------------------------------------------------------


def test_networks_that_diverge_are_told(capsys):
    runs = train_many(dense, data("regression"), learning_rate=[1e6, 0.01], seeds=[0, 1], epochs=30, optimizer="sgd")
    np.testing.assert_array_equal(runs.finite, [False, False, True, True])
    told = capsys.readouterr().out
    assert "2 of 4 networks did not stay finite" in told and "learning_rate = 1000000.0 (2 of its seeds)" in told


def test_many_architectures_bring_no_warning_of_retracing(caplog, monkeypatch):
    def build(units):
        return keras.Sequential([keras.Input((int(np.prod(SHAPE)),)), layers.Dense(units), layers.Dense(1)])

    logger = tf.get_logger()
    monkeypatch.setattr(logger, "handlers", [caplog.handler])
    monkeypatch.setattr(logger, "level", logging.WARNING)
    train_many(build, data("regression"), units=[2, 3, 4, 5, 6, 7, 8], seeds=[0], epochs=1, progress=False)
    assert "retracing" not in caplog.text

    traced = tf.function(lambda x: x + 1)
    for rows in range(1, 9):
        traced(tf.zeros(rows))
    assert "retracing" in caplog.text  # as it would have been seen
