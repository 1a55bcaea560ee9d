"""The Keras models that the lessons train, and initial weights that a seed fixes layer by layer."""

import difflib

import keras
import numpy as np
from keras import layers, regularizers

from course_utils import seeds
from course_utils.errors import CourseError
from course_utils.machine import settle_keras

settle_keras()


def mlp(inputs=64, hidden=(128, 128), outputs=10, activation="relu", l1=0, l2=0, dropout_rate=0, batch_norm=False):
    """An uncompiled multilayer perceptron that ends in logits.

    `inputs` features; `hidden` units of each hidden layer, in order; `outputs` logits (1 for a yes/no
    question or a regression). `l1` and `l2` penalise every kernel as Keras does, λ₁Σ|w| + λ₂Σw², and leave
    the biases alone. Each hidden layer is Dense, then batch norm if asked for, then the activation, then
    dropout if its rate is not 0. Raises CourseError for values that it cannot use.
    """
    _check_mlp(inputs, hidden, outputs, activation, l1, l2, dropout_rate)
    penalty = regularizers.L1L2(l1=l1, l2=l2)
    stack = [keras.Input((inputs,))]
    for units in hidden:
        stack.append(layers.Dense(units, kernel_regularizer=penalty))
        if batch_norm:
            stack.append(layers.BatchNormalization())
        stack.append(layers.Activation(activation))
        if dropout_rate:
            stack.append(layers.Dropout(dropout_rate))
    stack.append(layers.Dense(outputs, kernel_regularizer=penalty))
    return keras.Sequential(stack)


def _check_mlp(inputs, hidden, outputs, activation, l1, l2, dropout_rate):
    if not isinstance(hidden, (tuple, list)):
        raise CourseError(
            f"hidden must be the units of each hidden layer, such as (64,) or (128, 128), not {hidden!r}."
        )
    for name, value in (("inputs", inputs), ("outputs", outputs), *(("hidden", units) for units in hidden)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise CourseError(f"{name} must be made of whole numbers of at least 1, not {value!r}.")
    for name, value, limit in (("l1", l1, np.inf), ("l2", l2, np.inf), ("dropout_rate", dropout_rate, 1)):
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 <= value < limit:
            most = "" if limit == np.inf else f" and below {limit}"
            raise CourseError(f"{name} must be a number of at least 0{most}, not {value!r}.")
    if isinstance(activation, str):
        known = [name for name in dir(keras.activations) if name.islower() and not name.startswith("_")]
        near = difflib.get_close_matches(activation, known, 1)
        if activation not in known or activation in ("get", "serialize", "deserialize"):
            hint = f"did you mean {near[0]!r}?" if near else 'choose one such as "relu" or "tanh".'
            raise CourseError(f"Keras has no activation {activation!r}; {hint}")


def initial_weights(model, seed):
    """Fresh initial weights for `model`, as a list of float32 arrays in the order of `model.weights`.

    Each weight is drawn by the layer's own Keras initializer. Its seed depends only on `seed` and on how many
    layers with a kernel come before, so two models that differ in a penalty, a dropout layer or batch norm
    start from the same kernels: that is what makes a comparison paired.
    """
    values, kernels = [], 0
    for layer in model.layers:
        if not layer.built:
            raise CourseError("The model has no weights yet: start it with keras.Input((number_of_features,)).")
        values += [_draw(layer, variable, seed, kernels) for variable in layer.weights]
        kernels += hasattr(layer, "kernel_initializer")
    return values


def initialize(model, seed):
    """Set `model`'s weights to `initial_weights(model, seed)`, in place, and return it."""
    model.set_weights(initial_weights(model, seed))
    return model


def _draw(layer, variable, seed, position):
    role = variable.name  # "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance"
    initializer = getattr(layer, f"{role}_initializer")
    config = initializer.get_config()
    if "seed" in config:
        config["seed"] = int(seeds.sequence([seed, position]).generate_state(1)[0]) % 2**31
    return np.asarray(type(initializer).from_config(config)(variable.shape, dtype="float32"))
