"""What a network sees at random: its batches, and the draws of its random layers, each fixed by a seed."""

import math

import numpy as np
import tensorflow as tf

from course_utils import seeds


def batches(rows, batch_size, epochs, seed):
    """The row numbers of every batch: int32 array (epochs, steps, batch_size), -1 where the last one is short.

    Every epoch is a new permutation of `range(rows)`. `seed` is a whole number, or a NumPy generator that has
    drawn the epochs before. Networks with the same seed see the same batches, and a longer training begins
    with the batches of a shorter one.
    """
    draw = seed if isinstance(seed, np.random.Generator) else batch_generator(seed)
    order = np.full((epochs, -(-rows // batch_size) * batch_size), -1, "int32")
    order[:, :rows] = draw.permuted(np.tile(np.arange(rows, dtype="int32"), (epochs, 1)), axis=1)
    return order.reshape(epochs, -1, batch_size)


def batch_generator(seed):
    """The NumPy generator that draws the batches of this seed."""
    return seeds.generator([seed, 2])


def noise_seed(stream):
    """A 31-bit seed for (seed, number of the setting), so that no two streams meet."""
    return int(seeds.sequence(stream).generate_state(1)[0] >> 1)


def dropout_noise(seed, step, place, shape):
    """The uniform draws in [0, 1) that decide dropout at one step: float32 tensor of `shape` (rows, units).

    A unit is dropped where its draw is below the rate. `seed` is the network's noise seed, or a tensor
    (streams, 1, 1) of several, which gives (streams, rows, units); `step` counts from 0 over all epochs; `place` is
    the layer's position in the model.

    Each draw is a hash of (seed, step, place, row, unit), so that a network's draws do not depend on what is
    trained beside it. TensorFlow's own stateless generators take one seed at a time, and give other numbers in
    compiled code than outside it.
    """
    key = _hash(_hash(_hash(_uint(seed)) + _uint(step)) + _uint(place))
    cell = tf.reshape(_uint(tf.range(shape[0] * shape[1])), shape)
    bits = _hash(tf.bitwise.bitwise_xor(_hash(cell), key))
    return tf.cast(tf.bitwise.right_shift(bits, _uint(8)), tf.float32) * 2.0**-24


def normal(uniform):
    """Standard normal draws (…, n) from uniform ones in [0, 1) of shape (…, 2n), by Box and Muller (1958)."""
    first, second = tf.split(uniform, 2, -1)
    return tf.sqrt(-2 * tf.math.log(1 - first)) * tf.cos(2 * math.pi * second)


def _hash(x):
    """Every bit of a uint32 tensor stirred into every other (C. Wellons's lowbias32, 2018)."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, _uint(shift))) * _uint(factor)
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, _uint(16)))


def _uint(x):
    return tf.cast(x, tf.uint32)
