"""The exercises of lesson 06."""

import keras
import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, Wrong, calls, raised, shown
from course_utils.training import stopping_epoch

LESSON = "06 Early stopping"


# ---- what the callback does, by head -----------------------------------------------------------------------------

_BY_HEAD = {
    "trained": (
        7,
        {
            9: "it does not wait for the lower values that come later: count the epochs since the last improvement",
            6: "at epoch 6 only one epoch has passed without an improvement, and patience is 2",
            5: "epoch 5 is an improvement; the waiting begins after it",
            8: "its patience had run out before that: count the epochs since the last improvement",
        },
    ),
    "restored": (
        5,
        {
            9: "epoch 9 is never trained",
            8: "epoch 8 is never trained",
            3: "epoch 5 is lower than epoch 3, and patience of 2 reaches it",
            7: "with `restore_best_weights=True` it goes back to the best epoch that it has seen",
            4: "epochs are counted from 1 here, as in the list",
        },
    ),
    "unrestored": (
        7,
        {
            5: "without restoring, the weights stay as they are",
            9: "epoch 9 is never trained",
        },
    ),
}


def _check_by_head(answer):
    if not isinstance(answer, dict):
        raise Wrong(f"Your answer should be a dictionary such as `{{'trained': 3, …}}`, and it is {shown(answer)}.")
    for name, (right, reasons) in _BY_HEAD.items():
        given = answer.get(name)
        if isinstance(given, bool) or not isinstance(given, (int, float, np.number)):
            return f"“{name}” should be the number of an epoch, and it is {shown(given)}."
        if given != right:
            reason = reasons.get(int(given) if np.isfinite(given) else None, "go through the list epoch by epoch")
            return f"“{name}” is not {shown(given)}: {reason}."
    return None


by_head = Exercise(
    "early_stopping.by_head",
    "Be the callback",
    _check_by_head,
    hints=[
        "Keep two numbers while you read: the best epoch so far, and how many epochs have passed since.",
        "Epoch 3 is the best so far (1.30); 4 is worse (one waited); 5 is better (start again); 6 and 7 are not.",
        "It compares with the best so far. That epoch 7 is lower than epoch 6 does not count.",
    ],
    solution="""
        stopped = {
            "trained": 7,
            "restored": 5,
            "unrestored": 7,
        }
    """,
    why="Training ends after epoch 7, two epochs after the last improvement. The lower values of epochs 8 and 9 are "
    "never seen, and if nothing is restored you go home with epoch 7.",
)


# ---- how much patience a curve needs ------------------------------------------------------------------------------


def _smallest_patience(curve):
    wanted = int(np.argmin(curve))
    return next(patience for patience in range(1, len(curve) + 1) if stopping_epoch(curve, patience)[1] == wanted)


def _records(curve):
    """The epochs of a new lowest value, up to the lowest of all."""
    before = np.minimum.accumulate(np.concatenate([[np.inf], curve[:-1]]))
    return np.flatnonzero(curve < before)


def _all_worse_steps(curve):
    return max(1, int(np.sum(np.diff(curve[: np.argmin(curve) + 1]) > 0)) + 1)


_CURVES = [
    (np.array([1.9, 1.5, 1.3, 1.35, 1.28, 1.31, 1.30, 1.25, 1.2, 1.4]),),
    (np.array([2.0, 1.0, 1.5, 1.4, 1.3, 1.2, 0.9, 1.1, 1.3, 1.2, 1.1, 1.0, 1.2, 1.3]),),
    (np.array([0.9, 0.8, 0.7, 0.6]),),
    (np.array([0.5, 0.6, 0.7, 0.8]),),
    (np.array([3.0, 2.0, 2.5, 1.8, 2.2, 1.7, 2.0, 2.1, 1.6, 1.9]),),
]

smallest_patience = Exercise(
    "early_stopping.smallest_patience",
    "How much patience does a curve need?",
    lambda answer: calls(
        answer,
        _CURVES,
        _smallest_patience,
        {
            "That is one too few: with a patience of P, training stops after P epochs without an improvement, so an "
            "improvement that comes P epochs after the last one needs a patience of P.": (
                lambda curve: max(1, int(np.diff(_records(curve)).max(initial=1)) - 1)
            ),
            "That is one too many: a patience equal to the longest wait is enough.": (
                lambda curve: int(np.diff(_records(curve)).max(initial=1)) + 1
            ),
            "That is the number of the best epoch. The patience starts again at every improvement.": (
                lambda curve: np.argmin(curve)
            ),
            "You counted the wait after the lowest value too; nothing better comes then, and so it need not last.": (
                lambda curve: int(np.diff([*_records(curve), len(curve)]).max(initial=1))
            ),
            "You counted how often the curve rises. What counts is the longest wait from one lowest value so far to "
            "the next.": _all_worse_steps,
            "That is as long as the whole curve: enough, and not the smallest.": lambda curve: len(curve),
        },
    ),
    hints=[
        "You can let the rule answer: try patience 1, 2, 3, … and see which epoch is kept.",
        "`stop(curve, patience)[1]` is the epoch kept; you want it to be `np.argmin(curve)`.",
        "`for patience in range(1, len(curve) + 1):` … `if …: return patience`.",
    ],
    solution="""
        def smallest_patience(curve):
            for patience in range(1, len(curve) + 1):
                last, best = stop(curve, patience)
                if best == np.argmin(curve):
                    return patience
    """,
    why="It is the longest wait between two improvements. You only know it once the whole curve is recorded, which is "
    "why patience has to be chosen with some to spare.",
)


# ---- where early stopping makes it worse --------------------------------------------------------------------------

# Recorded with lesson 06's network on 300 rows, five of 100 features matter: three seeds, 40 epochs, in thousandths.
_RECORDED = {
    "val_loss": """
    656 625 593 561 535 520 516 522 526 537 558 571 586 600 615 624 635 646 655 666 674 682 689 697 704 710 716 723
    729 734 739 745 750 756 761 766 770 776 779 783
    689 641 603 570 542 532 520 519 535 544 553 570 588 596 606 617 628 638 648 657 665 675 682 689 695 702 709 716
    722 727 732 737 742 747 751 756 760 765 769 774
    654 597 551 514 484 465 447 442 443 448 453 460 468 474 481 488 496 503 510 516 522 527 533 538 543 548 553 558
    562 567 571 575 579 583 587 591 594 598 601 604
    """,
    "val_accuracy": """
    615 690 720 740 740 735 735 740 740 755 750 765 765 755 760 760 760 765 760 765 760 760 760 765 770 765 765 765
    770 770 770 770 770 770 770 770 770 770 770 770
    530 640 695 700 720 735 760 770 760 780 780 785 780 790 795 795 795 795 795 790 790 790 795 795 790 790 790 790
    790 790 790 790 790 790 790 790 790 790 790 790
    600 695 745 775 765 765 765 770 785 780 795 795 790 795 790 790 785 785 785 785 785 785 785 785 790 790 785 785
    790 785 785 785 785 785 785 785 785 785 785 785
    """,
    "new_accuracy": """
    570 620 662 679 704 721 734 739 743 742 747 746 748 750 751 754 755 754 753 755 752 753 754 755 756 756 757 758
    757 756 756 756 757 759 759 760 760 758 760 760
    571 633 678 698 722 728 740 752 756 762 769 766 768 770 770 773 772 776 776 777 777 778 778 778 780 779 779 780
    781 782 781 782 782 783 782 783 782 783 783 783
    589 644 671 683 703 708 712 712 721 730 725 727 733 732 737 739 739 738 739 738 738 739 741 742 742 742 743 742
    744 744 745 745 745 745 745 745 745 745 745 745
    """,
}
_RECORDED = {name: np.array(text.split(), float).reshape(3, 40) / 1000 for name, text in _RECORDED.items()}


class _Replay:
    """Stands in for a model in front of a callback: its weights are the number of the epoch."""

    metrics = ()

    def __init__(self):
        self.stop_training, self.epoch, self.kept = False, 0, None

    def get_weights(self):
        return self.epoch

    def set_weights(self, weights):
        self.kept = weights


def _replayed(callback, network):
    """(epochs trained, epoch kept) of `callback` on one recorded training."""
    model = _Replay()
    callback.monitor_op = None  # it may have been used before
    callback.set_model(model)
    callback.on_train_begin()
    for model.epoch in range(40):
        logs = {name: float(_RECORDED[name][network, model.epoch]) for name in ("val_loss", "val_accuracy")}
        callback.on_epoch_end(model.epoch, logs)
        if model.stop_training:
            break
    callback.on_train_end()
    return model.epoch + 1, model.epoch if model.kept is None else model.kept


def _check_repair(answer):
    if not isinstance(answer, keras.callbacks.EarlyStopping):
        raise Wrong(f"Give the callback itself, `keras.callbacks.EarlyStopping(…)`; yours is {shown(answer)}.")
    settings = {
        name: getattr(answer, name)
        for name in ("monitor", "min_delta", "patience", "mode", "baseline", "restore_best_weights", "start_from_epoch")
    }
    if settings["monitor"] not in ("val_loss", "val_accuracy"):
        return f"Only `val_loss` and `val_accuracy` were recorded, and you monitor {shown(settings['monitor'])}."
    if settings["mode"] == "auto":  # as Keras does with a model that has this metric
        settings["mode"] = "max" if settings["monitor"] == "val_accuracy" else "min"
    settings["min_delta"] = abs(settings["min_delta"])
    try:
        found = [_replayed(keras.callbacks.EarlyStopping(**settings), network) for network in range(3)]
    except Exception as error:
        raise Wrong(f"On the recorded curves your callback {raised(error)}.") from None
    trained = np.mean([epochs for epochs, _ in found])
    new = _RECORDED["new_accuracy"]
    lost = 100 * np.mean([new[i, -1] - new[i, kept] for i, (_, kept) in enumerate(found)])
    result = f"It trains for {trained:.0f} of 40 epochs and loses {lost:.1f} points"
    if trained > 36:
        return f"{result}, but it saves next to nothing: that is not early stopping."
    if lost <= 2:
        return None
    if settings["mode"] != ("max" if settings["monitor"] == "val_accuracy" else "min"):
        return f"{result}. Its `mode` says that {settings['monitor']} should become as bad as possible."
    if settings["monitor"] == "val_loss" and settings["restore_best_weights"]:
        return (
            f"{result}. It keeps the epoch of the lowest validation *loss*, about epoch 8, whatever its patience; the "
            "accuracy still rises after that."
        )
    if settings["monitor"] == "val_accuracy":
        return (
            f"{result}. It watches what you care about, but its patience is too short for so noisy a curve: the "
            "accuracy dips, or stands still, for several epochs before it rises again."
        )
    return f"{result}. It keeps the last weights, and stops too soon for them to be good."


repair = Exercise(
    "early_stopping.repair",
    "Early stopping made it worse: repair it",
    _check_repair,
    hints=[
        "Look at the two figures: at which epoch is the loss at its best, and is the accuracy at its best there too?",
        "The callback keeps the best epoch of what it monitors. What do you want to be best?",
        "An accuracy on 200 rows moves in steps of half a point and jumps about: it needs more patience than a loss.",
    ],
    solution="""
        my_stopper = keras.callbacks.EarlyStopping(
            monitor="val_accuracy", patience=10, restore_best_weights=True
        )
    """,
    why="Where labels are right, the loss can rise because the network grows too sure of itself while it still learns "
    "to answer better. Monitor what you want, with patience to match its noise. (Keeping the *last* weights of "
    "`val_loss`, patience 10, is even better here: 18 epochs and 0.6 points lost, against 23 and 1.6. On these data "
    "later weights are no worse in accuracy; on the noisy digits they were, by several points.)",
)


# ---- how much too good the report is ------------------------------------------------------------------------------


def _optimism(val, fresh):
    rows, best = np.arange(len(val)), val.argmax(axis=1)
    return val[rows, best].mean() - fresh[rows, best].mean()


def _accuracies(seed, networks, epochs):
    draw = seeds.fixed(seed)
    rise = 0.9 - 0.3 * np.exp(-np.arange(epochs) / 5)
    return rise + draw.normal(0, 0.05, (networks, epochs)), rise + draw.normal(0, 0.01, (networks, epochs))


optimism = Exercise(
    "early_stopping.optimism",
    "How much too good is the report?",
    lambda answer: calls(
        answer,
        [_accuracies(0, 4, 12), _accuracies(1, 3, 20), _accuracies(2, 6, 5)],
        _optimism,
        {
            "You chose the epoch on the fresh rows. They may not take part in any choice.": (
                lambda val, fresh: (
                    val[np.arange(len(val)), fresh.argmax(1)].mean()
                    - fresh[np.arange(len(val)), fresh.argmax(1)].mean()
                )
            ),
            "You took the best of the fresh accuracies: read them at the epoch that the validation rows chose.": (
                lambda val, fresh: val.max(1).mean() - fresh.max(1).mean()
            ),
            "You took one epoch for all networks. Each is stopped by its own curve: `argmax` along axis 1.": (
                lambda val, fresh: val.mean(0).max() - fresh.mean(0)[val.mean(0).argmax()]
            ),
            "You compared the last epochs; compare at the epoch that was chosen.": (
                lambda val, fresh: val[:, -1].mean() - fresh[:, -1].mean()
            ),
            "The sign is turned: it is the report minus what it is worth.": lambda val, fresh: -_optimism(val, fresh),
            "That is the report itself. How much is it above the accuracy on the fresh rows?": (
                lambda val, fresh: val.max(1).mean()
            ),
            "You took the lowest value; an accuracy is best where it is highest.": (
                lambda val, fresh: val.min(1).mean() - fresh[np.arange(len(val)), val.argmin(1)].mean()
            ),
            "That is one number for each network. Return their mean.": (
                lambda val, fresh: val.max(1) - fresh[np.arange(len(val)), val.argmax(1)]
            ),
        },
    ),
    hints=[
        "`best = val.argmax(axis=1)` is the epoch chosen for each network.",
        "`val[np.arange(len(val)), best]` is what each network reports.",
        "Read `fresh` at the same epochs, and take the difference of the two means.",
    ],
    solution="""
        def optimism(val, fresh):
            rows = np.arange(len(val))
            best = val.argmax(axis=1)
            return val[rows, best].mean() - fresh[rows, best].mean()
    """,
    why="The epoch was chosen because the validation rows liked it. Rows that took no part in the choice have no such "
    "preference, and only they can say what the network is worth.",
)
