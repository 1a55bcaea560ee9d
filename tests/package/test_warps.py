"""The warps against Keras's own layers, and against pictures that can be checked by eye."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from course_utils.engine.warps import flip, rotation, translation, warp, zoom

SIDE = 8
IMAGES = np.random.default_rng(0).uniform(size=(40, SIDE, SIDE)).astype("float32")
COLUMNS = np.tile(np.arange(SIDE, dtype="float32"), (1, SIDE))  # (1, 64): each pixel holds the number of its column

LAYERS = {
    "rotation": (
        lambda mode: layers.RandomRotation(0.4, fill_mode=mode, seed=1),
        lambda drawn: rotation(drawn["angle"] / 360, SIDE),
    ),
    "translation": (
        lambda mode: layers.RandomTranslation(0.6, 0.6, fill_mode=mode, seed=2),
        lambda drawn: translation(drawn["translations"][:, 1] / SIDE, drawn["translations"][:, 0] / SIDE, SIDE),
    ),
    "zoom": (
        lambda mode: layers.RandomZoom(0.5, 0.5, fill_mode=mode, seed=3),
        lambda drawn: zoom(drawn["height_zoom"][:, 0] - 1, drawn["width_zoom"][:, 0] - 1, SIDE),
    ),
}


@pytest.mark.parametrize("fill_mode", ["constant", "nearest", "reflect"])
@pytest.mark.parametrize("name", LAYERS)
def test_equals_the_keras_layer(name, fill_mode):
    make, affine = LAYERS[name]
    layer = make(fill_mode)
    drawn = layer.get_random_transformation(IMAGES[..., None], training=True)
    theirs = keras.ops.convert_to_numpy(layer.transform_images(tf.constant(IMAGES[..., None]), drawn))[..., 0]
    mine = warp(IMAGES.reshape(-1, SIDE * SIDE), affine(drawn), fill_mode).numpy().reshape(IMAGES.shape)
    np.testing.assert_allclose(mine, theirs, atol=1e-5)
    assert np.abs(mine - IMAGES).max() > 0.1


def test_flip_equals_the_keras_layer():
    layer = layers.RandomFlip("horizontal", seed=4)
    drawn = layer.get_random_transformation(IMAGES[..., None], training=True)
    theirs = keras.ops.convert_to_numpy(layer.transform_images(tf.constant(IMAGES[..., None]), drawn))[..., 0]
    mine = warp(IMAGES.reshape(-1, SIDE * SIDE), flip(drawn["flips"][:, 0, 0, 0], SIDE))
    np.testing.assert_allclose(mine.numpy().reshape(IMAGES.shape), theirs, atol=1e-6)


def picture(affine, fill_mode="constant"):
    return warp(COLUMNS, affine, fill_mode).numpy().reshape(SIDE, SIDE)


def test_nothing_is_changed_by_a_warp_of_size_zero():
    for affine in (rotation([0.0], SIDE), translation([0.0], [0.0], SIDE), zoom([0.0], [0.0], SIDE)):
        np.testing.assert_array_equal(picture(affine).ravel(), COLUMNS[0])
    np.testing.assert_array_equal(picture(flip([False], SIDE)).ravel(), COLUMNS[0])


def test_a_quarter_turn_is_anticlockwise():
    # What was in the right column is now in the top row.
    np.testing.assert_allclose(picture(rotation([0.25], SIDE), "nearest")[0], SIDE - 1, atol=1e-5)


def test_a_shift_to_the_right_by_two_pixels():
    moved = picture(translation([0.0], [2 / SIDE], SIDE))
    np.testing.assert_allclose(moved[3], [0, 0, 0, 1, 2, 3, 4, 5], atol=1e-5)


def test_a_zoom_above_zero_makes_a_picture_smaller():
    np.testing.assert_allclose(
        picture(zoom([0.0], [1.0], SIDE), "nearest")[0], [0, 0, 0.5, 2.5, 4.5, 6.5, 7, 7], atol=1e-5
    )
