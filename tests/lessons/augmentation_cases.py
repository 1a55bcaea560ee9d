"""Right and wrong answers to lesson 08's exercises."""

import keras
import numpy as np
from keras import layers

FLIPS = {
    "leaf or stone": "keeps",
    "left or right hand": "moves",
    "column of the face's centre": "moves",
    "which digit": "breaks",
}


def turn(factor, fill_mode="constant"):
    return layers.RandomRotation(factor, fill_mode=fill_mode)


def shift(height, width, fill_mode="constant"):
    return layers.RandomTranslation(height, width, fill_mode=fill_mode)


def mixup_by_loop(x, y, order, share):
    pictures, labels = np.empty_like(x), np.empty_like(y)
    for i, (j, part) in enumerate(zip(order, share, strict=True)):
        pictures[i] = part * x[i] + (1 - part) * x[j]
        labels[i] = part * y[i] + (1 - part) * y[j]
    return pictures, labels


def mixup_by_difference(x, y, order, share):
    away = 1 - share.reshape(-1, 1)
    return [x + away * (x[order] - x), y + away * (y[order] - y)]


CASES = {
    "mirror": {
        "right": [
            lambda side: (-1, 0, side - 1, 0, 1, 0),
            lambda side: np.array([-1.0, 0, side - 1.0, 0, 1, 0]),
            lambda side: [-1, 0, 2 * (side - 1) / 2, 0, 1, 0],
        ],
        "wrong": [
            (lambda side: (-1, 0, side, 0, 1, 0), "not at side"),
            (lambda side: (-1, 0, 0, 0, 1, 0), "left of the picture"),
            (lambda side: (1, 0, 0, 0, -1, side - 1), "top and bottom"),
            (lambda side: (-1, 0, side - 1, 0, -1, side - 1), "half a turn"),
            (lambda side: (0, 1, 0, 1, 0, 0), "diagonal"),
            (lambda side: (1, 0, 0, 0, 1, 0), "as it is"),
            (lambda side: (-1, 0, 7, 0, 1, 0), "use `side`"),
            (lambda side: (-1, 0, side - 1), "of shape"),
            ((-1, 0, 7, 0, 1, 0), "should be a function"),
        ],
    },
    "tasks": {
        "right": [FLIPS, dict(reversed(FLIPS.items()))],
        "wrong": [
            (FLIPS | {"leaf or stone": "breaks"}, "could as well have been photographed"),
            (FLIPS | {"left or right hand": "keeps"}, "looks like a right hand"),
            (FLIPS | {"column of the face's centre": "breaks"}, "you know exactly where"),
            (FLIPS | {"which digit": "moves"}, "no other digit"),
            (FLIPS | {"which digit": "keeps"}, "nobody writes them so"),
            (FLIPS | {"which digit": True}, "should be one of"),
            (["keeps", "moves", "moves", "breaks"], "should be the dictionary"),
        ],
    },
    "ported": {
        "right": [
            [turn(10 / 360), shift(0.05, 1 / 8)],
            [shift((-0.05, 0.05), (-0.125, 0.125)), turn((-10 / 360, 10 / 360))],
            keras.Sequential([keras.Input((8, 8, 1)), turn(10 / 360), shift(0.05, 0.125)]),
        ],
        "wrong": [
            ([turn(0.1), shift(0.05, 1 / 8)], "up to 36 degrees"),
            ([turn(10 / 180), shift(0.05, 1 / 8)], "full turns, not in half turns"),
            ([turn((0, 10 / 360)), shift(0.05, 1 / 8)], "Both ways"),
            ([turn(10 / 360), shift(1 / 8, 0.05)], "have changed places"),
            ([turn(10 / 360), shift(0.05, 1.0)], "one pixel of the 8"),
            ([turn(10 / 360), shift(1.0, 0.05)], "one pixel of the 8"),
            ([turn(10 / 360), shift(0.05, 0.05)], "1 pixel of 8"),
            ([turn(10 / 360), shift(1 / 8, 1 / 8)], "of the height"),
            ([turn(10 / 360, "reflect"), shift(0.05, 1 / 8)], "not the default"),
            ([turn(10 / 360), shift(0.05, 1 / 8), layers.RandomFlip("horizontal")], "has no `RandomFlip`"),
            ([turn(10 / 360), shift(0.05, 1 / 8), layers.RandomShear(0.5)], "has no `RandomShear`"),
            ([turn(10 / 360), shift(0.05, 1 / 8), layers.Dropout(0.5)], "has no `Dropout`"),
            ([turn(10 / 360), layers.RandomTranslation(0.05, 1 / 8, "constant", "nearest")], "`interpolation`"),
            ([turn(10 / 360)], "turns and shifts"),
            ("RandomRotation(10 / 360)", "a list of Keras layers"),
        ],
    },
    "mixup": {
        "right": [mixup_by_loop, mixup_by_difference],
        "wrong": [
            (lambda x, y, order, share: (mixup_by_loop(x, y, order, share)[0], y), "the labels are not"),
            (lambda x, y, order, share: (x, mixup_by_loop(x, y, order, share)[1]), "the pictures are not"),
            (lambda x, y, order, share: mixup_by_loop(x, y, order, 1 - share), "changed places"),
            (lambda x, y, order, share: (share[:, None] * x, share[:, None] * y), "partner's part is missing"),
            (lambda x, y, order, share: mixup_by_loop(x, y, order, share * 0 + share[0]), "by the first share"),
            (lambda x, y, order, share: (x, y), "with itself"),
            (lambda x, y, order, share: mixup_by_loop(x, y, order, share)[0], "Return two arrays"),
            (lambda x, y, order, share: (x[:2], y[:2]), "the shapes stay"),
            (lambda x, y, order, share: (share * x, share * y), "your function raised"),
        ],
    },
}
