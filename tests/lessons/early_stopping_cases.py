"""Right and wrong answers to lesson 06's exercises."""

import keras
import numpy as np

from course_utils.training import stopping_epoch

STOPPED = {"trained": 7, "restored": 5, "unrestored": 7}


def patience_by_trying(curve):
    patience = 1
    while stopping_epoch(curve, patience)[1] != np.argmin(curve):
        patience += 1
    return patience


def patience_by_waiting(curve):
    best, waited, longest = curve[0], 0, 1
    for value in curve[1 : np.argmin(curve) + 1]:
        waited += 1
        if value < best:
            best, longest, waited = value, max(longest, waited), 0
    return longest


def records(curve):
    return [i for i, value in enumerate(curve) if i == 0 or value < min(curve[:i])]


def gaps(curve):
    return np.diff(records(curve)).max(initial=1)


def stopper(**options):
    return keras.callbacks.EarlyStopping(**options)


def optimism_by_loop(val, fresh):
    gaps = []
    for reported, honest in zip(val, fresh, strict=True):
        best = np.argmax(reported)
        gaps.append(reported[best] - honest[best])
    return sum(gaps) / len(gaps)


def optimism_by_taking(val, fresh):
    best = val.argmax(axis=1)[:, None]
    return float((np.take_along_axis(val, best, 1) - np.take_along_axis(fresh, best, 1)).mean())


CASES = {
    "by_head": {
        "right": [STOPPED, {name: float(epoch) for name, epoch in STOPPED.items()}],
        "wrong": [
            (STOPPED | {"trained": 9}, "lower values that come later"),
            (STOPPED | {"trained": 6}, "only one epoch has passed"),
            (STOPPED | {"restored": 9}, "never trained"),
            (STOPPED | {"restored": 7}, "goes back to the best"),
            (STOPPED | {"restored": 4}, "counted from 1"),
            (STOPPED | {"unrestored": 5}, "stay as they are"),
            (STOPPED | {"unrestored": "7"}, "the number of an epoch"),
            ([7, 5, 7], "should be a dictionary"),
        ],
    },
    "smallest_patience": {
        "right": [patience_by_trying, patience_by_waiting, gaps],
        "wrong": [
            (lambda curve: max(1, gaps(curve) - 1), "one too few"),
            (lambda curve: gaps(curve) + 1, "one too many"),
            (lambda curve: np.argmin(curve), "the number of the best epoch"),
            (lambda curve: np.diff([*records(curve), len(curve)]).max(), "the wait after the lowest value"),
            (
                lambda curve: max(1, 1 + sum(np.diff(curve[: np.argmin(curve) + 1]) > 0)),
                "how often the curve rises",
            ),
            (lambda curve: len(curve), "not the smallest"),
            (lambda curve: stopping_epoch(curve, 0), "expected a single number"),
        ],
    },
    "repair": {
        "right": [
            stopper(monitor="val_accuracy", patience=15, restore_best_weights=True),
            stopper(monitor="val_accuracy", mode="max", patience=10, restore_best_weights=True),
            stopper(monitor="val_loss", patience=20),
        ],
        "wrong": [
            (stopper(patience=5, restore_best_weights=True), "lowest validation *loss*"),
            (stopper(monitor="val_accuracy", patience=2, restore_best_weights=True), "too short for so noisy a curve"),
            (stopper(monitor="val_accuracy", patience=100, restore_best_weights=True), "not early stopping"),
            (stopper(monitor="val_accuracy", mode="min", patience=10, restore_best_weights=True), "as bad as possible"),
            (stopper(patience=1), "stops too soon"),
            (stopper(monitor="val_acc", patience=15), "Only `val_loss` and `val_accuracy` were recorded"),
            ("val_accuracy", "Give the callback itself"),
        ],
    },
    "optimism": {
        "right": [optimism_by_loop, optimism_by_taking],
        "wrong": [
            (
                lambda val, fresh: np.mean([v[f.argmax()] - f.max() for v, f in zip(val, fresh, strict=True)]),
                "chose the epoch on the fresh rows",
            ),
            (lambda val, fresh: np.mean(val.max(1) - fresh.max(1)), "the best of the fresh accuracies"),
            (lambda val, fresh: val.mean(0).max() - fresh.mean(0)[val.mean(0).argmax()], "one epoch for all"),
            (lambda val, fresh: np.mean(val[:, -1] - fresh[:, -1]), "the last epochs"),
            (lambda val, fresh: -optimism_by_loop(val, fresh), "sign is turned"),
            (lambda val, fresh: val.max(1).mean(), "the report itself"),
            (
                lambda val, fresh: np.mean([v.min() - f[v.argmin()] for v, f in zip(val, fresh, strict=True)]),
                "the lowest value",
            ),
            (lambda val, fresh: val.max(1) - fresh[np.arange(len(val)), val.argmax(1)], "Return their mean"),
            (lambda val, fresh: val.argmax(axis=4), "raised"),
        ],
    },
}
