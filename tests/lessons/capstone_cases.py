"""Right and wrong answers to lesson 10's exercises, and logs of projects to make them from."""

import copy
import itertools

import numpy as np

SEEDS = list(range(5))


class Log(list):
    """A hand-written log: each call adds an entry, later than those before."""

    def __call__(self, kind, **what):
        entry = {"project": "satellite", "kind": kind, "id": f"{len(self):020d}-1", **what}
        return Log([*copy.deepcopy(self), entry])

    def train(self, method, val, train=0.98, seeds=SEEDS, epochs=100, **lists):
        """`val` is the mean validation accuracy of each combination of `lists`, in their order."""
        combinations = [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]
        wobble = 0.01 * np.sin(np.arange(len(seeds)))
        results = [
            {"settings": s, "val_accuracy": (v + wobble).tolist(), "train_accuracy": [train] * len(seeds)}
            for s, v in zip(combinations, np.atleast_1d(val), strict=True)
        ]
        call = {"method": method, "settings": lists, "seeds": list(seeds), "epochs": epochs}
        return self("train", **call, cost=len(results) * len(seeds) * epochs, seconds=1.0, results=results)

    def decide(
        self, method, why="It is the best on the validation rows, by a point.", seeds=SEEDS, epochs=100, **settings
    ):
        return self("decision", method=method, settings=settings, seeds=list(seeds), epochs=epochs, why=why)

    def open(self, chosen=0.79, method="L2"):
        wobble = 0.01 * np.cos(np.arange(len(SEEDS)))
        means = {"baseline": 0.67, "chosen": chosen, "nearest mean": 0.68, "5 nearest neighbours": 0.75}
        return self("opened", method=method, accuracy={name: (v + wobble).tolist() for name, v in means.items()})


BEGUN = Log()("start", budget=20_000)("naive", val_accuracy={"nearest mean": [0.5] * 5, "nearest five": [0.6] * 5})
BASE = BEGUN.train("baseline", 0.56)
WHY = "98% on the training rows against 56% on the others."
DIAGNOSED = BASE("diagnosis", diagnosis="overfitting", why=WHY)
TRIED = DIAGNOSED.train("L2", [0.58, 0.61, 0.62, 0.5], l2=[0.003, 0.01, 0.03, 0.1])
TRIED = TRIED.train("early stopping", [0.62, 0.635, 0.635], patience=[2, 5, 10])
STOPPED = {"patience": 5}
NEAR = TRIED.train("simple", 0.634, l1=[0.1])  # 0.1 points behind the best, and another scatter
NEAR[-1]["results"][0]["val_accuracy"] = [0.60, 0.66, 0.65, 0.62, 0.64]
DECIDED = TRIED.decide("early stopping", **STOPPED)
GOOD = DECIDED.open(method="early stopping")


def by_set(tiles, share, rng):
    every = sorted(set(tiles.tolist()))
    chosen = set(rng.choice(every, size=round(share * len(every)), replace=False).tolist())
    return [tile in chosen for tile in tiles]


def by_draws(tiles, share, rng):
    names, which = np.unique(tiles, return_inverse=True)
    return (rng.random(len(names)).argsort().argsort() < round(share * len(names)))[which]


def by_rows(tiles, share, rng):
    return rng.random(len(tiles)) < share


def first_tiles(tiles, share, rng):
    names = np.unique(tiles)
    return np.isin(tiles, names[: round(share * len(names))])


def own_luck(tiles, share, rng):
    return by_draws(tiles, share, np.random.default_rng())


def half(tiles, share, rng):
    return by_draws(tiles, 0.5, rng)


CASES = {
    "split_by_tiles": {
        "right": [by_set, by_draws, lambda t, s, g: by_draws(t, s, g).astype(int)],
        "wrong": [
            (by_rows, "Deal whole tiles"),
            (lambda t, s, g: ~by_draws(t, s, g), "the other side"),
            (first_tiles, "Every seed deals the same"),
            (own_luck, "Two calls with the same seed"),
            (half, "should go to validation; you dealt"),
            (lambda t, s, g: g.permutation(np.unique(t))[:3], "expected 12 values"),
            (lambda t, s, g: t[by_draws(t, s, g)], "expected 12 values"),
            (lambda t, s: None, "raised"),
        ],
    },
    "baseline": {
        "right": [
            BASE,
            TRIED,
            BEGUN.train("L2", [0.6], l2=[0.01]).train("baseline", 0.6),  # the order costs a point in the rubric
            BEGUN.train("baseline", 0.6, seeds=[0, 1]).train("baseline", 0.6),
            BEGUN.train("baseline", 0.6, hidden=[[64, 64]]).train("baseline", 0.6),
        ],
        "wrong": [
            (BEGUN.train("L2", [0.6], l2=[0.01]), "none of them is called"),
            (BEGUN.train("baseline", [0.6], l2=[0.01]), "settings of its own (l2)"),
            (BEGUN.train("baseline", 0.6, seeds=[0, 1]), "has 2 seeds"),
            (Log()("start", budget=9).train("baseline", 0.6), "simple rivals are missing"),
            (BEGUN.train("baseline", 0.5, seeds=range(10), hidden=[[64, 64]]), "settings of its own (hidden)"),
            ("a log", "Give the check the log"),
        ],
    },
    "diagnosis": {
        "right": [DIAGNOSED, BEGUN.train("baseline", 0.5, train=0.52)("diagnosis", diagnosis="underfitting", why=WHY)],
        "wrong": [
            (BEGUN("diagnosis", diagnosis="overfitting", why=WHY), "no baseline in your log"),
            (BASE("diagnosis", diagnosis="underfitting", why=WHY), "You say “underfitting”"),
            (BASE("diagnosis", diagnosis="neither", why=WHY), "98% of its training rows"),
            (BASE("diagnosis", diagnosis="overfitting", why="so"), "Add the evidence"),
        ],
    },
    "methods": {
        "right": [
            TRIED,
            GOOD,
            TRIED.train("dropout", [0.6], seeds=range(6), dropout_rate=[0.3]),  # a first try, not compared
            GOOD.train("dropout", [0.6], dropout_rate=[0.5]),  # after the opening
        ],
        "wrong": [
            (BEGUN.train("L2", [0.6], l2=[0.01]), "no baseline to compare"),
            (BASE.train("L2", [0.58, 0.6, 0.5], l2=[0.003, 0.01, 0.1]), "has no rival yet"),
            (
                BASE.train("a", [0.6, 0.7, 0.6], patience=[1, 2, 3]).train("b", [0.6, 0.7, 0.6], patience=[1, 2, 3]),
                "has no rival yet",
            ),
            (BASE.train("dropout", [0.6, 0.7, 0.5], seeds=range(6), dropout_rate=[0.3, 0.5, 0.8]), "not compared"),
            (TRIED.train("dropout", [0.6], dropout_rate=[0.5]), "Fewer than three strengths of dropout"),
            (TRIED.train("dropout", [0.6, 0.7, 0.8], dropout_rate=[0.3, 0.5, 0.8]), "at the end of its list"),
            (TRIED.train("small", [0.5, 0.6, 0.7], hidden=[[4, 4], [8, 8], [16, 16]]), "at the end of its list"),
            (
                BASE.train("a", [0.5, 0.55, 0.5], l2=[1, 2, 3]).train("b", [0.5, 0.55, 0.5], l1=[1, 2, 3]),
                "not surely better",
            ),
        ],
    },
    "verdict": {
        "right": [
            GOOD,
            NEAR.decide("simple", why="As good within the interval, and simpler to explain.", l1=0.1).open(),
            GOOD.decide("L2", l2=0.03),  # after the opening: it was not what was opened
        ],
        "wrong": [
            (TRIED.decide("L1", l1=0.1), "not among what you trained"),
            (TRIED.decide("L2", l2=0.03).open(), "surely worse"),
            (NEAR.decide("simple", why="I like it", l1=0.1), "points behind your best"),
            (GOOD("start_over", why="curious")("naive", val_accuracy={}) + GOOD[2:], "opened 2 times"),
        ],
    },
}
