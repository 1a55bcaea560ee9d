"""The losses: one class a task. What is recorded is the plain loss; label smoothing and class weights only train."""

import numpy as np
import tensorflow as tf

from course_utils.errors import CourseError


class Multiclass:
    """Cross-entropy of logits (…, classes) with class numbers (…)."""

    ends_in = "softmax"

    @staticmethod
    def rows(outputs, y):
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=outputs)
        return losses, tf.cast(tf.argmax(outputs, -1, output_type=tf.int32) == y, tf.float32)

    @staticmethod
    def smoothed(outputs, y, smoothing):
        plain = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=outputs)
        return (1 - smoothing) * plain - smoothing * tf.reduce_mean(tf.nn.log_softmax(outputs), -1)


class Binary:
    """Cross-entropy of one logit (…, 1) with 0 or 1 (…)."""

    ends_in = "sigmoid"

    @staticmethod
    def rows(outputs, y):
        outputs = outputs[..., 0]
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.cast(y, tf.float32), logits=outputs)
        return losses, tf.cast((outputs > 0) == (y == 1), tf.float32)

    @staticmethod
    def smoothed(outputs, y, smoothing):
        labels = tf.cast(y, tf.float32) * (1 - smoothing) + 0.5 * smoothing
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=outputs[..., 0])


class Regression:
    """Squared error of one output (…, 1)."""

    ends_in = None

    @staticmethod
    def rows(outputs, y):
        outputs = outputs[..., 0]
        return tf.square(outputs - y), tf.fill(tf.shape(outputs), np.nan)


TABLE = {"multiclass": Multiclass, "binary": Binary, "regression": Regression}


def row_losses(task, outputs, y):
    """Loss and correctness of every row, (members, rows) each; correctness is NaN for a regression."""
    return TABLE[task].rows(outputs, y)


def trained_losses(task, outputs, y, smoothing=None, class_weights=None):
    """What a step makes smaller, (members, rows): with label smoothing (members, 1) and weights (members, classes)."""
    losses = row_losses(task, outputs, y)[0] if smoothing is None else TABLE[task].smoothed(outputs, y, smoothing)
    return losses if class_weights is None else losses * tf.gather(class_weights, y, batch_dims=1)


class ClassWeights(dict):
    """{class number: weight}, as `model.fit(class_weight=…)` takes it; it can be a level of a setting."""

    def __hash__(self):
        return hash(tuple(sorted(self.items())))


def as_level(value):
    """`value` of class_weight so that it can be a key: a dict as `ClassWeights`."""
    return ClassWeights(value) if isinstance(value, dict) else value


def check_smoothing(value, split):
    """`value` if it can be the label smoothing for this data: a share from 0 up to, not including, 1."""
    number = not isinstance(value, bool) and isinstance(value, (int, float, np.number))
    if not number or not 0 <= value < 1:
        raise CourseError(f"label_smoothing must be a number from 0 up to but not including 1, not {value!r}.")
    if value and split.task == "regression":
        raise CourseError(f"{split.name} is a regression, which has no labels to smooth: take label_smoothing out.")
    return float(value)


def check_class_weight(value, split):
    """One weight a class, float32 (classes,), 1 for a class that is not named; `value` as in `model.fit`, or None."""
    count = max(len(split.classes), 1)
    weights = np.ones(count, "float32")
    if value is None:
        return weights
    if split.task == "regression":
        raise CourseError(f"{split.name} is a regression, which has no classes: take class_weight out.")
    if not isinstance(value, dict) or not set(value) <= set(range(count)):
        raise CourseError(
            f"class_weight must be a dict from class numbers (0 to {count - 1}) to weights, such as "
            f"{{0: 1.0, 1: 5.0}}, not {value!r}."
        )
    for label, weight in value.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float, np.number)) or not 0 <= weight < np.inf:
            raise CourseError(f"The class weight of class {label} must be a number of at least 0, not {weight!r}.")
        weights[label] = weight
    return weights
