"""The layers: one class for each Keras layer, which says what of it may be set, reads it, and runs it stacked.

To add a layer, write one class here: `reads` names the Keras layer, `takes` every argument of it that is understood
(any other is refused by name), `of` reads it, `run` computes it for all members at once.

What runs through a network has one of two forms: `flat`, (members, rows, features) in Keras's order of features, or
`image`, (members, channels, height, width, rows). With the rows last, a convolution is one batched matrix product of
views that lie whole in memory; in Keras's own order (channels last) the same took half as long again.
"""

import functools
import math
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from course_utils.engine import losses
from course_utils.engine.noise import normal
from course_utils.engine.warps import flip, rotation, translation, warp, zoom
from course_utils.engine.weights import read_constraint, strengths
from course_utils.errors import CourseError

ACROSS_FEATURES = ("softmax", "log_softmax", "sparsemax", "glu")  # activations that look at more than one value
PROBABILITIES = ("softmax", "sigmoid", "log_softmax", "log_sigmoid", "hard_sigmoid", "sparsemax")


# ---- the two forms -------------------------------------------------------------------------------------------


def flat(h):
    """`h` as (members, rows, features), features in Keras's order: height, width, channel."""
    if len(h.shape) == 3:
        return h
    members, channels, height, width, rows = h.shape
    return tf.reshape(tf.transpose(h, (0, 4, 2, 3, 1)), (members, rows, height * width * channels))


def image(h, shape):
    """`h` as (members, channels, height, width, rows), for pictures of `shape` (height, width, channels)."""
    if len(h.shape) == 5:
        return h
    height, width, channels = shape
    members, rows, _ = h.shape
    if channels == 1:  # one plain matrix transposed: much faster than the general case
        return tf.reshape(tf.transpose(h, (0, 2, 1)), (members, 1, height, width, rows))
    return tf.transpose(tf.reshape(h, (members, rows, height, width, channels)), (0, 4, 2, 3, 1))


def _per_channel(weight):
    """A stacked weight (members, 1, channels) as it stands before an image: (members, channels, 1, 1, 1)."""
    return tf.reshape(weight, (weight.shape[0], weight.shape[2], 1, 1, 1))


# ---- what a layer may be given -------------------------------------------------------------------------------


def _any(value):
    return True


def _only(*values):
    return lambda value: value in values


_SHARED = {name: _any for name in ("name", "seed", "trainable", "dtype")}  # trainable and dtype are looked at below
# Regularizers and constraints are read off the weights, where `weights` refuses what it does not know.
_LAST = {"data_format": _only("channels_last")}


def _of_weights(*roles):
    return {f"{role}_{what}": _any for role in roles for what in ("initializer", "regularizer", "constraint")}


def _activation(layer):
    """The name of the layer's activation; refused if it is no function of `keras.activations`."""
    name = getattr(layer.activation, "__name__", "")
    if getattr(keras.activations, name, None) is not layer.activation:
        raise CourseError(
            f"train_many does not know the activation {layer.activation!r} of the layer {layer.name}: give it the name "
            'of one, such as "relu" or "tanh".'
        )
    return name


class Way:
    """What a layer needs to know in training: each row's `share` (members, rows, 1) of its batch, 0 for the rows that
    fill up a short one; `noise(units)`, uniform draws (members, rows, units); and it leaves its moving statistics in
    `moved`, {place among its own weights: value}."""

    def __init__(self, share, noise):
        self.share, self.noise, self.moved = share, noise, {}


@dataclass(frozen=True)
class Stacked:
    """One layer as the compiled loop runs it; two that are equal can be trained together."""

    reads: ClassVar[type]
    takes: ClassVar[dict] = {}
    inputs: ClassVar[tuple] = (1, 3)  # ranks of a row that it can take: a vector, a picture

    shape: tuple  # of one row that comes in

    weights: ClassVar[int] = 0  # how many it has
    ranges: ClassVar[int] = 0  # how many numbers it has that may differ between members

    @classmethod
    def of(cls, layer, shape):
        """(the stacked layer, its numbers that may differ between members)."""
        return cls(shape), ()

    def run(self, h, weights, ranges, way):
        """The outputs for the inputs `h`; `way` is None in inference mode."""
        raise NotImplementedError


def _activated(name, h):
    return keras.activations.get(name)(h)


# ---- dense networks ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dense(Stacked):
    reads = layers.Dense
    takes = {"units": _any, "activation": _any, "use_bias": _any, **_of_weights("kernel", "bias")}
    inputs = (1,)

    activation: str
    use_bias: bool

    @classmethod
    def of(cls, layer, shape):
        return cls(shape, _activation(layer), layer.use_bias), ()

    @property
    def weights(self):
        return 1 + self.use_bias

    def run(self, h, weights, ranges, way):
        h = tf.matmul(flat(h), weights[0])
        return _activated(self.activation, h + weights[1] if self.use_bias else h)


@dataclass(frozen=True)
class Activation(Stacked):
    reads, takes = layers.Activation, {"activation": _any}

    activation: str

    @classmethod
    def of(cls, layer, shape):
        return cls(shape, _activation(layer)), ()

    def run(self, h, weights, ranges, way):
        return _activated(self.activation, h)


@dataclass(frozen=True)
class Dropout(Stacked):
    reads, takes = layers.Dropout, {"rate": _any, "noise_shape": _only(None)}
    ranges = 1

    @classmethod
    def of(cls, layer, shape):
        return cls(shape), (layer.rate,)

    def run(self, h, weights, ranges, way):
        if way is None:
            return h
        h = flat(h)
        return tf.where(way.noise(h.shape[2]) >= ranges[0], tf.math.divide_no_nan(h, 1 - ranges[0]), 0.0)


@dataclass(frozen=True)
class GaussianNoise(Stacked):
    reads, takes = layers.GaussianNoise, {"stddev": _any}
    ranges = 1

    @classmethod
    def of(cls, layer, shape):
        return cls(shape), (layer.stddev,)

    def run(self, h, weights, ranges, way):
        if way is None:
            return h
        h = flat(h)
        return h + ranges[0] * normal(way.noise(2 * h.shape[2]))


@dataclass(frozen=True)
class _Normalization(Stacked):
    epsilon: float
    center: bool
    scale: bool

    def _scaled(self, h, weights, spread):
        gamma = spread(weights[0]) if self.scale else 1.0
        beta = spread(weights[self.scale]) if self.center else 0.0
        return h * gamma + beta


@dataclass(frozen=True)
class BatchNormalization(_Normalization):
    reads = layers.BatchNormalization
    takes = {
        **{name: _any for name in ("axis", "momentum", "epsilon", "center", "scale", "renorm_momentum")},
        **{name: _any for name in ("moving_mean_initializer", "moving_variance_initializer")},
        **_of_weights("beta", "gamma"),
    }

    momentum: float

    @classmethod
    def of(cls, layer, shape):
        _check_axis(layer, shape)
        return cls(shape, layer.epsilon, layer.center, layer.scale, layer.momentum), ()

    @property
    def weights(self):
        return 2 + self.center + self.scale

    def run(self, h, weights, ranges, way):
        picture = len(self.shape) == 3
        h = image(h, self.shape) if picture else flat(h)
        spread, axes = (_per_channel, (2, 3, 4)) if picture else ((lambda w: w), 1)
        mean, variance = weights[-2], weights[-1]
        if way is not None:
            share = way.share
            if picture:  # every pixel of a row counts alike
                pixels = self.shape[0] * self.shape[1]
                share = tf.reshape(share, (share.shape[0], 1, 1, 1, share.shape[1])) / pixels
            mean = tf.reduce_sum(share * h, axes, keepdims=True)
            variance = tf.reduce_sum(share * tf.square(h - mean), axes, keepdims=True)
            for i, now in ((self.weights - 2, mean), (self.weights - 1, variance)):
                now = tf.reshape(now, weights[i].shape)
                way.moved[i] = self.momentum * weights[i] + (1 - self.momentum) * tf.stop_gradient(now)
        elif picture:
            mean, variance = spread(mean), spread(variance)
        return self._scaled((h - mean) * tf.math.rsqrt(variance + self.epsilon), weights, spread)


@dataclass(frozen=True)
class LayerNormalization(_Normalization):
    reads = layers.LayerNormalization
    takes = {**{name: _any for name in ("axis", "epsilon", "center", "scale")}, **_of_weights("beta", "gamma")}

    @classmethod
    def of(cls, layer, shape):
        _check_axis(layer, shape)
        return cls(shape, layer.epsilon, layer.center, layer.scale), ()

    @property
    def weights(self):
        return self.center + self.scale

    def run(self, h, weights, ranges, way):
        picture = len(self.shape) == 3
        h = image(h, self.shape) if picture else flat(h)
        axis = 1 if picture else 2  # the channels of one pixel, or the features of one row
        mean = tf.reduce_mean(h, axis, keepdims=True)
        variance = tf.reduce_mean(tf.square(h - mean), axis, keepdims=True)
        h = (h - mean) * tf.math.rsqrt(variance + self.epsilon)
        return self._scaled(h, weights, _per_channel if picture else (lambda w: w))


def _check_axis(layer, shape):
    axis = layer.axis[0] if isinstance(layer.axis, (list, tuple)) and len(layer.axis) == 1 else layer.axis
    if axis not in (-1, len(shape)):
        raise _refusal(layer, f"axis = {layer.axis!r}")


@dataclass(frozen=True)
class Rescaling(Stacked):
    reads = layers.Rescaling
    takes = dict.fromkeys(("scale", "offset"), lambda value: isinstance(value, (int, float)))

    scale: float
    offset: float

    @classmethod
    def of(cls, layer, shape):
        return cls(shape, float(layer.scale), float(layer.offset)), ()

    def run(self, h, weights, ranges, way):
        return h * self.scale + self.offset


# ---- pictures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reshape(Stacked):
    reads, takes = layers.Reshape, {"target_shape": _any}
    inputs = (1, 2, 3)

    def run(self, h, weights, ranges, way):
        return flat(h)  # the features keep their order; the next layer knows what shape it takes


@dataclass(frozen=True)
class Flatten(Reshape):
    reads, takes = layers.Flatten, _LAST


@dataclass(frozen=True)
class _Window(Stacked):
    """What slides over a picture: its size, its strides, and the rows and columns added at each edge."""

    inputs = (3,)

    size: tuple
    strides: tuple
    padding: str

    @property
    def out(self):
        """Height and width of what comes out."""
        spans = zip(self.shape[:2], self.size, self.strides, strict=True)
        return tuple(-(-n // s) if self.padding == "same" else (n - k) // s + 1 for n, k, s in spans)

    def views(self, h, filling=0.0):
        """For each place in the window what it sees: a list of (members, channels, height, width, rows)."""
        h = image(h, self.shape)
        if self.padding == "same":
            edges = [
                max((o - 1) * s + k - n, 0)
                for n, k, s, o in zip(self.shape[:2], self.size, self.strides, self.out, strict=True)
            ]
            around = [[edge // 2, edge - edge // 2] for edge in edges]
            h = tf.pad(h, [[0, 0], [0, 0], *around, [0, 0]], constant_values=filling)
        ends = [(o - 1) * s + 1 for o, s in zip(self.out, self.strides, strict=True)]
        down, right = self.strides
        return [
            h[:, :, i : i + ends[0] : down, j : j + ends[1] : right]
            for i in range(self.size[0])
            for j in range(self.size[1])
        ]


@dataclass(frozen=True)
class Conv2D(_Window):
    reads = layers.Conv2D
    takes = {
        **{name: _any for name in ("filters", "kernel_size", "strides", "activation", "use_bias")},
        **_LAST,
        "padding": _only("valid", "same"),
        "dilation_rate": _only((1, 1)),
        "groups": _only(1),
        **_of_weights("kernel", "bias"),
    }

    activation: str
    use_bias: bool

    @classmethod
    def of(cls, layer, shape):
        window = tuple(layer.kernel_size), tuple(layer.strides), layer.padding
        return cls(shape, *window, _activation(layer), layer.use_bias), ()

    @property
    def weights(self):
        return 1 + self.use_bias

    def run(self, h, weights, ranges, way):
        views = tf.concat(self.views(h), 1)
        members, seen, height, width, rows = views.shape
        h = tf.matmul(weights[0], tf.reshape(views, (members, seen, -1)), transpose_a=True)
        if self.use_bias:
            h += tf.transpose(weights[1], (0, 2, 1))
        return tf.reshape(_activated(self.activation, h), (members, -1, height, width, rows))


class _Pooling(_Window):
    takes = {"pool_size": _any, "strides": _any, "padding": _only("valid", "same"), **_LAST}

    @classmethod
    def of(cls, layer, shape):
        return cls(shape, tuple(layer.pool_size), tuple(layer.strides), layer.padding), ()

    def tiles(self, h):
        """`h` cut into tiles (members, channels, height, size, width, size, rows), where the windows are such tiles;
        None where they overlap or leave something over."""
        whole = all(n % k == 0 for n, k in zip(self.shape[:2], self.size, strict=True))
        if self.size != self.strides or not whole:
            return None
        members, channels, height, width, rows = image(h, self.shape).shape
        (down, right) = self.size
        return tf.reshape(image(h, self.shape), (members, channels, height // down, down, width // right, right, rows))


class MaxPooling2D(_Pooling):
    reads = layers.MaxPooling2D

    def run(self, h, weights, ranges, way):
        tiles = self.tiles(h)
        if tiles is not None:
            return tf.reduce_max(tiles, (3, 5))
        return functools.reduce(tf.maximum, self.views(h, filling=-math.inf))


class AveragePooling2D(_Pooling):
    reads = layers.AveragePooling2D

    def run(self, h, weights, ranges, way):
        tiles = self.tiles(h)
        if tiles is not None:
            return tf.reduce_mean(tiles, (3, 5))
        return tf.add_n(self.views(h)) / self._seen()

    def _seen(self):
        """How many pixels of the picture each window sees: its mean leaves out what was added at the edges."""
        ones = tf.ones((1, 1, *self.shape[:2], 1))
        return tf.add_n(type(self)((*self.shape[:2], 1), self.size, self.strides, self.padding).views(ones))


@dataclass(frozen=True)
class GlobalAveragePooling2D(Stacked):
    reads, takes = layers.GlobalAveragePooling2D, {**_LAST, "keepdims": _only(False)}
    inputs = (3,)

    def run(self, h, weights, ranges, way):
        return tf.transpose(tf.reduce_mean(image(h, self.shape), (2, 3)), (0, 2, 1))


@dataclass(frozen=True)
class SpatialDropout2D(Stacked):
    reads, takes = layers.SpatialDropout2D, {"rate": _any, **_LAST}
    inputs, ranges = (3,), 1

    @classmethod
    def of(cls, layer, shape):
        return cls(shape), (layer.rate,)

    def run(self, h, weights, ranges, way):
        if way is None:
            return h
        rate = ranges[0]
        kept = tf.cast(way.noise(self.shape[2]) >= rate, tf.float32)  # (members, rows, channels)
        kept = tf.transpose(tf.math.divide_no_nan(kept, 1 - rate), (0, 2, 1))
        return image(h, self.shape) * kept[:, :, None, None]


# ---- pictures moved at random --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _RandomWarp(Stacked):
    """A map of the places from which each pixel is read, drawn anew for each row."""

    inputs = (3,)

    fill_mode: str
    ends_given: int

    @property
    def ranges(self):
        return self.ends_given

    @classmethod
    def of(cls, layer, shape):
        if shape[0] != shape[1]:
            raise _refusal(layer, f"pictures of {shape[0]} × {shape[1]} pixels, which are not square")
        drawn_from = tuple(map(float, cls.ends(layer)))
        return cls(shape, getattr(layer, "fill_mode", "constant"), len(drawn_from)), drawn_from

    def run(self, h, weights, ranges, way):
        if way is None:
            return h
        affine = self.map(ranges, way.noise(2))
        side, _, channels = self.shape
        h = flat(h)
        if channels == 1:
            return warp(h, affine, self.fill_mode)
        members, rows, features = h.shape
        h = tf.transpose(tf.reshape(h, (members, rows, side * side, channels)), (0, 1, 3, 2))
        h = warp(h, affine[:, :, None], self.fill_mode)
        return tf.reshape(tf.transpose(h, (0, 1, 3, 2)), (members, rows, features))

    def picked(self, ranges, draws):
        """Between each two ends (members, 1, 1) the place of its draw: a list of (members, rows)."""
        ends = [end[..., 0] for end in ranges]
        pairs = zip(ends[::2], ends[1::2], strict=True)
        return [low + (high - low) * draws[..., i] for i, (low, high) in enumerate(pairs)]


_WARPED = {
    **_LAST,
    "fill_mode": _only("constant", "nearest", "reflect"),
    "fill_value": _only(0),
    "interpolation": _only("bilinear"),
}


class RandomFlip(_RandomWarp):
    reads, takes = layers.RandomFlip, {**_LAST, "mode": _only("horizontal")}

    @staticmethod
    def ends(layer):
        return ()

    def map(self, ranges, draws):
        return flip(draws[..., 0] < 0.5, self.shape[0])


class RandomRotation(_RandomWarp):
    reads, takes = layers.RandomRotation, {**_WARPED, "factor": _any}

    @staticmethod
    def ends(layer):
        return layer.factor

    def map(self, ranges, draws):
        return rotation(*self.picked(ranges, draws), self.shape[0])


def _ends_of_both(layer):
    height = layer.height_lower, layer.height_upper
    return height if layer.width_factor is None else (*height, layer.width_lower, layer.width_upper)


class RandomTranslation(_RandomWarp):
    reads, takes = layers.RandomTranslation, {**_WARPED, "height_factor": _any, "width_factor": _any}
    ends = staticmethod(_ends_of_both)

    def map(self, ranges, draws):
        return translation(*self.picked(ranges, draws), self.shape[0])


class RandomZoom(_RandomWarp):
    reads, takes = layers.RandomZoom, {**_WARPED, "height_factor": _any, "width_factor": _any}
    ends = staticmethod(_ends_of_both)

    def map(self, ranges, draws):
        picked = self.picked(ranges, draws)
        return zoom(picked[0], picked[-1], self.shape[0])  # without a width, it is that of the height


# ---- a whole model -------------------------------------------------------------------------------------------

TABLE = {
    kind.reads: kind
    for kind in (
        *(Dense, Activation, Dropout, GaussianNoise, BatchNormalization, LayerNormalization, Rescaling),
        *(Reshape, Flatten, Conv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, SpatialDropout2D),
        *(RandomFlip, RandomRotation, RandomTranslation, RandomZoom),
    )
}


def known():
    """The layers that the engine trains, as a list in words."""
    names = [kind.__name__ for kind in TABLE]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _refusal(layer, what=None):
    kind = type(layer).__name__
    if what is None:
        return CourseError(
            f"train_many does not know the layer {kind}; it trains {known()}. Train this model with model.fit."
        )
    return CourseError(
        f"train_many does not know the layer {kind} (named {layer.name}) with {what}. Train this model with model.fit."
    )


def read_layer(layer, shape):
    """(stacked layer, its numbers) of a Keras layer that takes rows of `shape`. Raises CourseError by name."""
    kind = TABLE.get(type(layer))  # the exact type: a subclass may do something else
    if kind is None:
        raise _refusal(layer)
    takes = _SHARED | kind.takes
    for name, value in layer.get_config().items():
        if value not in (None, False) and name not in takes:
            raise _refusal(layer, f"{name} = {value!r}")
        if name in takes and not takes[name](value):
            raise _refusal(layer, f"{name} = {value!r}")
    if layer.dtype_policy.name != "float32":
        raise _refusal(layer, f"dtype = {layer.dtype_policy.name!r}")
    if getattr(layer, "activity_regularizer", None) is not None:
        raise _refusal(layer, "an activity_regularizer")
    if not layer.trainable:
        raise CourseError(f"train_many cannot train the layer {layer.name}, which is frozen. Use model.fit.")
    if len(shape) not in kind.inputs or None in shape:
        raise _refusal(layer, f"rows of shape {shape}")
    stacked, ranges = kind.of(layer, tuple(shape))
    if len(shape) == 3 and getattr(stacked, "activation", None) in ACROSS_FEATURES:
        raise _refusal(layer, f"activation = {stacked.activation!r} on pictures")
    return stacked, ranges


@dataclass(frozen=True)
class Recipe:
    """One Keras model, taken apart: `net` is what members must share, the rest may differ between them."""

    net: tuple  # one stacked layer for each of the model's
    trainable: tuple  # one bool a weight, in the order of model.weights
    penalised: tuple  # the places of the weights that have a regularizer, be its strength 0
    l1: tuple  # one strength for each of these
    l2: tuple
    constrained: tuple  # one (place, kind, axes, shape) for each weight with a constraint
    limits: tuple  # the number of each of these
    ranges: tuple  # what the random layers draw from: dropout's rates, the ends of the ranges of the warps
    start: tuple  # the initializers, so that members share initial weights only where they really would


def read(model, task):
    """The `Recipe` of an ordinary Keras model for data of this task. Raises CourseError for what is not known."""
    if type(model) is not keras.Sequential or not model.built:
        raise CourseError(
            "train_many needs a keras.Sequential that begins with keras.Input((number_of_features,)); "
            "train any other model with model.fit."
        )
    net, ranges, shape = [], [], tuple(model.input_shape[1:])
    for layer in model.layers:
        stacked, numbers = read_layer(layer, shape)
        net.append(stacked)
        ranges += numbers
        shape = tuple(layer.compute_output_shape((None, *shape))[1:])
    _check_own_weights(model)
    penalised = tuple(i for i, w in enumerate(model.weights) if w.regularizer is not None)
    both = [strengths(model.weights[i].regularizer) for i in penalised]
    constraints = [read_constraint(i, w) for i, w in enumerate(model.weights) if w.constraint is not None]
    return Recipe(
        net=_ending_in_logits(net, task),
        trainable=tuple(w.trainable for w in model.weights),
        penalised=penalised,
        l1=tuple(l1 for l1, _ in both),
        l2=tuple(l2 for _, l2 in both),
        constrained=tuple(shared for shared, _ in constraints),
        limits=tuple(number for _, number in constraints),
        ranges=tuple(ranges),
        start=tuple(_described(i) for layer in model.layers for _, i in _initializers(layer)),
    )


def _ending_in_logits(net, task):
    """`net` without its last activation where that makes probabilities: the loss is computed from logits either way."""
    last = getattr(net[-1], "activation", None) if net else None
    wanted = losses.TABLE[task].ends_in
    if wanted and last == wanted:
        return (*net[:-1], _with_linear(net[-1]))
    if wanted and last in PROBABILITIES:
        raise CourseError(
            f"The model ends in {last}, and for {task} data it must end in {wanted} or in logits (no activation)."
        )
    return tuple(net)


def _with_linear(stacked):
    return type(stacked)(**{**vars(stacked), "activation": "linear"})


def _initializers(layer):
    return [(n, i) for n, i in sorted(vars(layer).items()) if isinstance(i, keras.initializers.Initializer)]


def _described(initializer):
    config = {k: v for k, v in initializer.get_config().items() if k != "seed"}
    return str(config | {"is": type(initializer).__name__})


def _check_own_weights(model):
    """Refuse weights that were set after the layer was made: the draws for each seed would replace them."""
    for layer in model.layers:
        for variable in layer.weights:
            initializer = getattr(layer, f"{variable.name}_initializer", None)
            if isinstance(getattr(initializer, "seed", None), keras.random.SeedGenerator):
                continue  # it draws something else each time, so there is nothing to compare with
            if initializer is not None and not np.array_equal(
                initializer(variable.shape, dtype="float32"), variable, equal_nan=True
            ):
                raise CourseError(
                    f"build sets the {variable.name} of the layer {layer.name} itself, and train_many would replace "
                    "it, because it draws the initial weights for each seed: take that out, or say it with an "
                    "initializer, such as keras.initializers.Constant(0.1); with set weights train with model.fit."
                )


def forward(net, weights, x, ranges=(), noise=None, share=None):
    """Outputs (members, rows, units), and the moving statistics after this batch as {place in weights: value}.

    `x` is (members, rows, features). Without `share` the network is in inference mode. In training, `share` (members,
    rows, 1) is each row's share of its batch, and `noise(place, units)` gives a random layer its uniform draws.
    """
    h, moved, at, drawn = x, {}, 0, 0
    for place, layer in enumerate(net):
        way = None if share is None else Way(share, functools.partial(noise, place))
        h = layer.run(h, weights[at : at + layer.weights], ranges[drawn : drawn + layer.ranges], way)
        moved |= {at + i: value for i, value in (way.moved if way else {}).items()}
        at, drawn = at + layer.weights, drawn + layer.ranges
    return flat(h), moved


def has_windows(net):
    """Whether anything slides over pictures: the views of many rows at once would take much memory."""
    return any(isinstance(layer, _Window) for layer in net)
