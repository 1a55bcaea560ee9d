"""Right and wrong answers to lesson 05's exercises."""

import numpy as np
from keras import Input, Sequential, layers


def drop_by_loop(h, rate, draws):
    out = np.zeros(h.shape)
    for place, value in np.ndenumerate(h):
        if draws[place] >= rate:
            out[place] = value / (1 - rate)
    return out


def drop_in_place(h, rate, draws):
    h[draws < rate] = 0
    h /= 1 - rate
    return h


def penalty_by_loop(x, w, rate):
    total = 0.0
    for column, weight in zip(x.T, w, strict=True):
        total += rate / (1 - rate) * weight**2 * (column @ column) / len(column)
    return total


def penalty_by_variance(x, w, rate):
    jumps = x * w  # each row's terms; a mask divided by 1 − rate has the variance 1/(1 − rate) − 1
    return (1 / (1 - rate) - 1) * (jumps**2).sum() / len(x)


def softmax(logits, axis=-1):
    odds = np.exp(logits - logits.max(axis, keepdims=True))
    return odds / odds.sum(axis, keepdims=True)


def vote_by_log(logits):
    top = logits.max(axis=-1, keepdims=True)
    log_p = logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True))
    return np.exp(log_p).mean(axis=0)


def vote_by_loop(logits):
    return sum(softmax(each) for each in logits) / len(logits)


def network(*hidden, first=(), last=(), units=128):
    """A function that builds the network of the exercise; `hidden` are the kinds in each hidden layer."""
    make = {"n": layers.BatchNormalization, "r": layers.ReLU, "s": layers.Softmax}

    def of(kinds):
        return [layers.Dropout(kind) if isinstance(kind, float) else make[kind]() for kind in kinds]

    def build():
        stack = [Input((64,)), *of(first)]
        for kinds in hidden:
            stack += [layers.Dense(units), *of(kinds)]
        return Sequential([*stack, layers.Dense(10), *of(last)])

    return build


def relu_inside():
    return Sequential(
        [
            Input((64,)),
            layers.Dense(128, activation="relu"),
            layers.BatchNormalization(momentum=0.9),
            layers.Dropout(0.2),
            layers.Dense(10),
        ]
    )


NOT_SCALED = layers.Lambda(lambda h, training: h * (np.arange(4096).reshape(64, 64) % 5 > 0) if training else h)

CASES = {
    "inverted_dropout": {
        "right": [
            drop_by_loop,
            drop_in_place,
            lambda h, rate, draws: h * np.where(draws < rate, 0, 1 / (1 - rate)),
        ],
        "wrong": [
            (lambda h, rate, draws: h * (draws >= rate) / np.mean(draws >= rate), "happened to keep"),
            (lambda h, rate, draws: h * (draws < rate) / rate, "share that is *kept*"),
            (lambda h, rate, draws: h * (draws < rate) / (1 - rate), "at or above the rate"),
            (lambda h, rate, draws: h * (draws >= rate), "nothing is scaled"),
            (lambda h, rate, draws: np.where(draws >= rate, h / rate, 0), "divide by the rate"),
            (lambda h, rate, draws: h * (draws >= rate) * (1 - rate), "smaller still"),
            (lambda h, rate, draws: h * (draws < rate), "keeps what should be dropped"),
            (lambda h, rate, draws: draws >= rate, "That is the mask"),
            (lambda h, rate, draws: h / (1 - rate), "drop none"),
            (lambda h, rate, draws: h * (np.random.random(h.shape) >= rate) / (1 - rate) + 1, "expected"),
            (lambda h, rate, draws: h.keep(draws), "raised"),
        ],
    },
    "layer": {
        "right": [layers.Dropout(0.2), layers.Dropout(1 - 0.8, seed=3), Sequential([layers.Dropout(0.2)])],
        "wrong": [
            (layers.Dropout(0.8), "80% of the units"),
            (layers.Dropout(0.5), "drops about"),
            (layers.Dropout(0.23), "near 0.2, but not 0.2"),
            (layers.Dropout(0), "no unit to exactly zero"),
            (layers.Dropout, "the kind of layer"),
            (0.2, "should be a Keras layer, such as"),
            (lambda h: h, "called with `training=True`"),
            (lambda h, training: "dropped", "it gave"),
            (layers.Dropout(0.2, noise_shape=(1, 64)), "whole columns"),
            (NOT_SCALED, "1.25"),
            (layers.Rescaling(0.8), "in inference mode too"),
            (layers.Dense(3), "of shape `(64, 3)`"),
        ],
    },
    "dropout_penalty": {
        "right": [penalty_by_loop, penalty_by_variance],
        "wrong": [
            (lambda x, w, r: r / (1 - r) * np.sum(w**2 * x.var(0)), "without subtracting a mean"),
            (lambda x, w, r: r * np.sum(w**2 * (x**2).mean(0)), "not the rate alone"),
            (lambda x, w, r: (1 - r) / r * np.sum(w**2 * (x**2).mean(0)), "upside down"),
            (lambda x, w, r: r * (1 - r) * np.sum(w**2 * (x**2).mean(0)), "before it is divided"),
            (lambda x, w, r: r / (1 - r) * np.sum(w**2 * (x**2).sum(0)), "over the rows"),
            (lambda x, w, r: r / (1 - r) * np.sum(w**2), "plain L2"),
            (lambda x, w, r: r / (1 - r) * np.mean((x @ w) ** 2), "squared the prediction"),
            (lambda x, w, r: r / (1 - r) * np.sum(w**2 * x.mean(0) ** 2), "mean of its squares"),
            (lambda x, w, r: r / (1 - r) * np.sum(w * (x**2).mean(0)), "not squared"),
            (lambda x, w, r: r / (1 - r) * w**2 * (x**2).mean(0), "their sum"),
            (lambda x, w, r: 0.0, "expected"),
        ],
    },
    "average_probability": {
        "right": [vote_by_log, vote_by_loop],
        "wrong": [
            (lambda z: softmax(z.mean(0)), "averaged the logits first"),
            (lambda z: softmax(z).mean(1), "over the rows (axis 1)"),
            (lambda z: softmax(z).mean(2), "over the classes"),
            (lambda z: softmax(z), "now average them"),
            (lambda z: softmax(z, 1).mean(0), "1 over the rows"),
            (lambda z: softmax(z, 0).mean(0), "1 over the networks"),
            (lambda z: z.mean(0), "averaged logits"),
            (lambda z: (np.exp(z) / np.exp(z).sum(-1, keepdims=True)).mean(0), "NaN"),
        ],
    },
    "repaired": {
        "right": [network(["n", "r", 0.2]), network(["n", 0.2, "r"]), relu_inside],
        "wrong": [
            (network([0.8, "n", "r"]), "not right yet either"),
            (network([0.2, "n", "r"]), "not there later"),
            (network(["n", "r", 0.8]), "share that is dropped"),
            (network(["n", "r", 0.5]), "The rates are"),
            (network(["n", "r"]), "no dropout left"),
            (network(["r", 0.2]), "is missing"),
            (network(["n", 0.2, "r", 0.2]), "Several dropouts"),
            (network(["n", "r"], last=[0.2]), "whole classes"),
            (network(["n", "r", 0.2], first=[0.2]), "drops pixels"),
            (network(["n", "r", 0.2], units=64), "as they are"),
            (network(["n", 0.2]), "The ReLU is missing"),
            (network(["r", 0.2], first=["n"]), "belongs to the hidden layer"),
            (network(["n", "r", 0.2], last=["n"]), "changes the logits"),
            (network(["n", "r", 0.2], last=["s"]), "with no activation"),
            (lambda: [0.2, 0.2], "should return a keras.Sequential"),
            (0.2, "should be a function"),
        ],
    },
}
