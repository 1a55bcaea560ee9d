"""Weights along a member axis, and what may be attached to one: a regularizer and a constraint."""

import keras
import numpy as np
import tensorflow as tf
from keras import constraints, regularizers

from course_utils.errors import CourseError


def stacked(arrays):
    """One weight of several members as one tensor (members, n, units): n is 1 for a bias, all but the last axis of a
    kernel taken together otherwise."""
    return tf.constant(np.stack([np.reshape(a, (-1, a.shape[-1])) for a in arrays]))


def strengths(regularizer):
    """The (l1, l2) of a Keras regularizer. Raises CourseError for any other than L1, L2 and L1L2 themselves."""
    if type(regularizer) in (regularizers.L1, regularizers.L2, regularizers.L1L2):  # a subclass may do something else
        return float(getattr(regularizer, "l1", 0.0)), float(getattr(regularizer, "l2", 0.0))
    raise CourseError(
        f"train_many does not know the regularizer {type(regularizer).__name__}; it takes L1, L2 and L1L2."
    )


def _shrink_to(norm_wanted):
    """A constraint that gives each weight vector the length `norm_wanted(its length, the constraint's number)`."""

    def apply(weight, limit, axes):
        norms = tf.sqrt(tf.reduce_sum(tf.square(weight), axes, keepdims=True))
        return weight * norm_wanted(norms, limit) / (keras.config.epsilon() + norms)

    return apply


# Each constraint: the attribute that holds its number, or None, and what it does to a weight (members, *shape).
CONSTRAINTS = {
    constraints.MaxNorm: ("max_value", _shrink_to(lambda norms, limit: tf.clip_by_value(norms, 0.0, limit))),
    constraints.UnitNorm: (None, _shrink_to(lambda norms, limit: tf.ones_like(norms))),
    constraints.NonNeg: (None, lambda weight, limit, axes: tf.maximum(weight, 0.0)),
}


def read_constraint(place, variable):
    """What members with this constraint share, (place, kind, axes, shape), and its number for one of them."""
    kind = type(variable.constraint)
    if kind not in CONSTRAINTS:
        known = ", ".join(sorted(k.__name__ for k in CONSTRAINTS))
        raise CourseError(f"train_many does not know the constraint {kind.__name__}; it takes {known}.")
    axes = getattr(variable.constraint, "axis", 0)
    axes = tuple(axis % len(variable.shape) for axis in (axes if isinstance(axes, (list, tuple)) else (axes,)))
    number = getattr(variable.constraint, CONSTRAINTS[kind][0] or "", 0.0)
    return (place, kind, axes, tuple(variable.shape)), float(number)


def constrained(weight, constraint, limit):
    """A stacked weight (members, n, units) after its constraint; `limit` is (members, 1, 1)."""
    _, kind, axes, shape = constraint
    apply = CONSTRAINTS[kind][1]
    whole = tf.reshape(weight, (-1, *shape))
    limit = tf.reshape(limit, (-1, *[1] * len(shape)))
    return tf.reshape(apply(whole, limit, [axis + 1 for axis in axes]), weight.shape)
