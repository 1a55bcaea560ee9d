"""The optimizers: each class reads Keras's of the same name and makes one step by Keras's own formulas."""

import keras
import numpy as np
import tensorflow as tf
from keras.optimizers.schedules import LearningRateSchedule

from course_utils.errors import CourseError

NUMBERS = ("momentum", "beta_1", "beta_2", "epsilon", "weight_decay")


class SGD:
    reads, takes = keras.optimizers.SGD, ("momentum", "nesterov")

    @staticmethod
    def step(numbers, t, rate, weight, gradient, first, second):
        first = numbers["momentum"] * first - rate * gradient
        return weight + first, first, second


class Nesterov:
    reads, takes = None, ()  # SGD with nesterov=True

    @staticmethod
    def step(numbers, t, rate, weight, gradient, first, second):
        first = numbers["momentum"] * first - rate * gradient
        return weight + numbers["momentum"] * first - rate * gradient, first, second


class Adam:
    reads, takes = keras.optimizers.Adam, ("beta_1", "beta_2", "epsilon")

    @staticmethod
    def step(numbers, t, rate, weight, gradient, first, second):
        first += (gradient - first) * (1 - numbers["beta_1"])
        second += (tf.square(gradient) - second) * (1 - numbers["beta_2"])
        rate *= tf.sqrt(1 - numbers["beta_2"] ** t) / (1 - numbers["beta_1"] ** t)
        return weight - rate * first / (tf.sqrt(second) + numbers["epsilon"]), first, second


class AdamW(Adam):  # decoupled decay is in `updated`, for every optimizer
    reads = keras.optimizers.AdamW


TABLE = {kind.reads: kind for kind in (SGD, Adam, AdamW)}


def read(optimizer):
    """(kind, learning rate or schedule, numbers) of a Keras optimizer or its name.

    Raises CourseError for one that is not in the table, and for an argument that the table does not know.
    """
    try:
        optimizer = keras.optimizers.get(optimizer)
    except (ValueError, TypeError):
        raise CourseError(f"There is no optimizer {optimizer!r}: train_many takes {_known()}.") from None
    kind, config = TABLE.get(type(optimizer)), optimizer.get_config()
    if kind is None:
        raise CourseError(
            f"train_many takes the optimizers {_known()}, not {type(optimizer).__name__}; use model.fit for this one."
        )
    # The momentum of a moving average of weights does nothing while that is off.
    free = {"name", "learning_rate", "weight_decay", "ema_momentum", *kind.takes}
    special = [name for name, value in config.items() if name not in free and value not in (None, False)]
    if getattr(optimizer, "_exclude_from_weight_decay_pattern", None) or getattr(
        optimizer, "_exclude_from_weight_decay", None
    ):
        special.append("exclude_from_weight_decay")
    if special:
        raise CourseError(
            f"train_many takes the optimizers {_known()} without {special[0]}; train with model.fit for any other."
        )
    rate = optimizer._learning_rate
    rate = rate if isinstance(rate, LearningRateSchedule) else float(rate)
    numbers = {name: float(config.get(name) or 0.0) for name in NUMBERS}
    return (Nesterov if config.get("nesterov") else SGD if kind is SGD else Adam), check_rate(rate), numbers


def _known():
    names = [kind.__name__ for kind in TABLE.values()]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def check_rate(rate):
    """`rate` if it can be a learning rate: a number of at least 0, or one of Keras's schedules."""
    if isinstance(rate, LearningRateSchedule):
        return rate
    if isinstance(rate, bool) or not isinstance(rate, (int, float, np.number)) or not 0 <= rate < np.inf:
        raise CourseError(
            f"learning_rate must be a number of at least 0 or a schedule of keras.optimizers.schedules, not {rate!r}."
        )
    return float(rate)


def rate_of_each_step(rate):
    """A function of (first step, number of steps) that gives the learning rates of these: float32 array (steps,)."""
    if not isinstance(rate, LearningRateSchedule):
        return lambda first, steps: np.full(steps, rate, "float32")

    def rates(at):
        return tf.map_fn(lambda step: tf.cast(rate(step), tf.float32), at, fn_output_signature=tf.float32)

    compiled = tf.function(rates).get_concrete_function(tf.TensorSpec((None,), tf.int64))
    return lambda first, steps: compiled(tf.range(first, first + steps, dtype=tf.int64)).numpy()


def updated(kind, numbers, step, rate, weight, gradient, first, second):
    """One optimizer step with the learning rates `rate` (members, 1, 1): the new (weight, first slot, second slot)."""
    weight -= rate * numbers["weight_decay"] * weight
    return kind.step(numbers, tf.cast(step + 1, tf.float32), rate, weight, gradient, first, second)
