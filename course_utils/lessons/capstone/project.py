"""The capstone: a project with a log that is only added to, a budget, and test rows under a seal.

Everything that a `Project` does becomes one entry of its log: a dictionary with "project", "kind", "id" (first the
time) and what belongs to its kind. The log is kept twice, in the learner's progress file and in `capstone.jsonl`
beside it; what one of the two has lost is brought back from the other. `rubric.rubric` judges it, `rubric.report`
tells it.

The seal is a promise with a witness, not a lock. It holds as long as one of the two files does: after reloading, in a
new kernel, with a line or a whole file gone. Who deletes both begins a new project, and who reads data/satellite.csv
can see every row.

The budget counts network-epochs: one network trained for one epoch. Seconds would depend on the machine and on what
else it does, so that the same project would keep its budget here and break it there; they are written down too.
"""

import functools
import json
import os
import time
from dataclasses import replace

import numpy as np

from course_utils import datasets, progress
from course_utils.errors import CourseError
from course_utils.experiments import train_many
from course_utils.lessons.capstone import figures, rubric
from course_utils.lessons.capstone.rubric import percent, spelled
from course_utils.models import mlp
from course_utils.show import Markdown

# The options of each project's data, and its budget in network-epochs.
PROJECTS = {
    "satellite": ({"train_rows": 200, "val_rows": 200, "label_noise": 0.2}, 20_000),
    "fashion_mnist": ({"train_rows": 500, "val_rows": 500, "test_rows": 2000}, 5_000),
}
DIAGNOSES = ("overfitting", "underfitting", "neither")
HELD = ("batch_size", "optimizer", "proximal")  # arguments of train_many that cannot be swept
_FILE = "capstone.jsonl"  # the second copy of the log, beside the progress file


def naive_predictions(x_train, y_train, x_new) -> dict:
    """What three simple rules, learned from the training rows, say of `x_new` (rows, features): {rule: labels (rows,)}.

    "most common": the most common training label. "nearest mean": the class whose mean training row is nearest.
    "5 nearest neighbours": the most common label among the five nearest training rows. Distances are Euclidean; of
    labels that tie, the first wins.
    """
    labels, counts = np.unique(y_train, return_counts=True)
    means = np.stack([x_train[y_train == label].mean(axis=0) for label in labels])
    nearest = np.argsort(_distances(x_new, x_train), axis=1, kind="stable")[:, :5]
    votes = np.sum(y_train[nearest][:, :, None] == labels, axis=1)
    return {
        "most common": np.full(len(x_new), labels[counts.argmax()]),
        "nearest mean": labels[_distances(x_new, means).argmin(axis=1)],
        "5 nearest neighbours": labels[votes.argmax(axis=1)],
    }


def _distances(a, b):
    """The squared distance of every row of `a` from every row of `b`."""
    return np.sum(a**2, axis=1)[:, None] - 2 * a @ b.T + np.sum(b**2, axis=1)


class Project:
    """One learner's project on the data set `name`, "satellite" or "fashion_mnist": what its log tells, and what adds
    to it. Raises CourseError for another name, and where the data cannot be loaded."""

    def __init__(self, name="satellite"):
        if name not in PROJECTS:
            raise CourseError(f"There is no project {name!r}; choose from {', '.join(PROJECTS)}.")
        self.name, self._seen = name, {}
        self._options, self._budget = PROJECTS[name]
        self._split = self._data(0)
        if not self._entries("start", ever=True):
            self._write("start", budget=self._budget)

    # ---- the log

    @property
    def log(self):
        """Every entry of this project, oldest first. What one of its copies had lost is written to it again."""
        in_progress, in_file = _kept_in_progress(), _kept_in_file()
        merged = sorted((self._seen | in_progress | in_file).items())
        self._seen = {key: entry for key, entry in merged if entry["project"] == self.name}
        for key, entry in self._seen.items():
            if key not in in_progress:
                progress.record(f"capstone:{key}", entry)
            if key not in in_file:
                _append(entry)
        return list(self._seen.values())

    @property
    def left(self):
        """How many network-epochs are left."""
        return self._budget - sum(entry["cost"] for entry in self._entries("train"))

    def _entries(self, kind, ever=False):
        return [e for e in self.log if e["kind"] == kind] if ever else rubric.entries(self.log, kind)

    def _write(self, kind, **what):
        # Later than every entry so far, even where the clock is coarse or was set back: the order is what counts.
        moment = max([time.time_ns(), *(int(entry["id"][:20]) + 1 for entry in self.log[-1:])])
        entry = {"project": self.name, "kind": kind, "id": f"{moment:020d}-{self.name}-{os.getpid()}", **what}
        assert rubric.is_entry(entry), f"this entry would be lost: {kind}"
        self._seen[entry["id"]] = entry
        _ = self.log  # reading the log writes what is missing
        return entry

    def _state(self, kind, **what):
        """Write a statement down, unless it is the last one of its kind, word for word."""
        if not any(what.items() <= entry.items() for entry in self._entries(kind)[-1:]):
            self._write(kind, **what)

    # ---- the work

    def naive(self, seeds=range(10)):
        """Measure the rivals of `naive_predictions` on the validation rows, write it down, return it as a table."""
        found = {}
        for seed in seeds:
            split = self._data(seed)
            for rule, said in naive_predictions(split.x_train, split.y_train, split.x_val).items():
                found.setdefault(rule, []).append(float(np.mean(said == split.y_val)))
        if not any(entry["val_accuracy"] == found for entry in self._entries("naive")):
            self._write("naive", val_accuracy=found)
        rows = [f"| {rule} | {percent(accuracies)} % |" for rule, accuracies in found.items()]
        return Markdown("\n".join(["| simple rival | validation accuracy |", "|:--|:--|", *rows]))

    def train(self, method, *, seeds=range(10), epochs=100, **settings):
        """Train networks on the working rows, write down what came of them, and return them as `Runs`.

        The network is `models.mlp`. `settings` are its arguments, and `patience`, `batch_size`, `optimizer` and
        `proximal` of `train_many`; a list is swept. `method` is your name for it; "baseline" is the one without any.
        Each network costs its epochs, stopped early or not: a list of patiences is read off one training. The very same
        call again costs nothing, because the networks come out the same.

        Raises CourseError for what it cannot use, for more than is left of the budget, and if it was stopped; nothing
        is then written down or charged.
        """
        seeds = _plain(seeds if isinstance(seeds, (list, range, np.ndarray)) else [seeds])
        if not isinstance(method, str) or not method.strip() or not isinstance(settings.get("optimizer", ""), str):
            raise CourseError('Name the method and the optimizer with text, as in train("L2", l2=[0.001, 0.01, 0.1]).')
        call = _plain({"method": _named(method), "seeds": seeds, "epochs": epochs, "settings": settings})
        epochs = call["epochs"]
        _check_call(call, {name for name, value in settings.items() if isinstance(value, (list, range, np.ndarray))})
        again = any({key: entry[key] for key in call} == call for entry in self._entries("train"))
        lists = [len(v) for k, v in settings.items() if isinstance(v, (list, range, np.ndarray)) and k != "patience"]
        cost = int(np.prod([epochs if isinstance(epochs, int) else 1, len(seeds), *lists]))
        if cost > self.left and not again:
            raise CourseError(
                f"This would cost {cost:,} network-epochs and {self.left:,} are left, so nothing was trained and your "
                "log is as it was: try fewer strengths, seeds or epochs, or decide with what you have."
            )
        runs = self._networks(self._data, call, settings)
        results, held = [], {name: settings[name] for name in HELD if name in settings}
        for setting in {
            str(s): s for s in ({k: v for k, v in m.items() if k != "seed"} for m in runs.settings)
        }.values():
            some = runs.where(**setting)
            measured = {m: _plain(some.final(m)) for m in ("val_accuracy", "train_accuracy")}
            results.append({"settings": _plain({**setting, **held}), **measured})
        if not again:
            self._write("train", **call, cost=cost, seconds=round(runs.seconds, 1), results=results)
        said = "the same as before, at no cost" if again else f"{cost:,} network-epochs"
        print(f"{method}: {said}; {self.left:,} of {self._budget:,} are left.")
        return runs

    def diagnose(self, diagnosis, why=""):
        """Write down what is wrong with the baseline ("overfitting", "underfitting" or "neither"), and why."""
        if diagnosis not in DIAGNOSES:
            raise CourseError(f"A diagnosis is one of {', '.join(DIAGNOSES)}, not {diagnosis!r}.")
        self._state("diagnosis", diagnosis=diagnosis, why=str(why))

    def decide(self, method, why="", **settings):
        """Write down which of the trained settings is to meet the sealed rows, and why.

        It must be one on the seeds and epochs of the baseline. Give a value for each list that the method had; where
        several still fit, the one with exactly these settings is meant. Once the seal is open, the decision stays.
        Raises CourseError unless that names exactly one setting.
        """
        if self._entries("opened"):
            print("The seal is open; the decision that it was opened for stays as it is.")
            return
        wanted, found = _plain(settings), {}
        for r in rubric.alike(self.log):
            if r["method"] == _named(str(method)) and wanted.items() <= r["settings"].items():
                found[json.dumps(r["settings"], sort_keys=True)] = r
        exact = [r for r in found.values() if r["settings"] == wanted]
        if len(found) != 1 and not exact:
            names = ", ".join(dict.fromkeys(r["method"] for r in rubric.alike(self.log))) or "none so far"
            raise CourseError(
                f"{len(found)} of your trained settings on the baseline's seeds and epochs are called {method!r} with "
                f"{spelled(wanted)}, and it must be one: name a method ({names}) and a value for each of its lists."
            )
        choice = (exact or list(found.values()))[0]
        call = {name: choice[name] for name in ("method", "settings", "seeds", "epochs")}
        self._state("decision", why=str(why), **call, expected=self._right(choice["val_accuracy"]))

    def _right(self, agreement):
        """The shares that are right where `agreement` is the share of labels met, some of which are wrong at random."""
        noise = self._options.get("label_noise", 0)
        by_chance = noise / (len(self._split.classes) - 1)
        return _plain((np.asarray(agreement) - by_chance) / (1 - noise - by_chance))

    def open_sealed(self):
        """Train the decided network and the baseline again, judge both on the sealed rows, once, and write it down.

        Returns what came out, as text. Every later call returns the same text and opens nothing; nor does a call
        before there is a decision.
        """
        if opened := self._entries("opened"):
            return Markdown(f"The sealed rows have been opened and are not opened again. {rubric.outcome(opened[0])}")
        if not (decisions := self._entries("decision")):
            return Markdown("The seal stays shut: there is no decision in your log yet.")
        choice = decisions[-1]
        same = [r for r in rubric.tried(self.log) if rubric.ground(r) == rubric.ground(choice)]
        base = min((r for r in same if r["method"] == "baseline"), key=lambda r: len(rubric.own_settings(r)))
        trained = [self._networks(self._unsealed, call, call["settings"]) for call in (base, choice)]
        if self._entries("opened"):  # another notebook was faster, and one look is enough
            return self.open_sealed()
        accuracy = {
            n: _plain(runs.evaluate("test")[1]) for n, runs in zip(("baseline", "chosen"), trained, strict=True)
        }
        for split in trained[1].splits:
            for rule, said in naive_predictions(split.x_train, split.y_train, split.x_test).items():
                accuracy.setdefault(rule, []).append(float(np.mean(said == split.y_test)))
        return Markdown(rubric.outcome(self._write("opened", method=choice["method"], accuracy=accuracy)))

    def start_over(self, why):
        """Begin again, with a full budget and a closed seal. The log says so, and keeps every old entry."""
        if not isinstance(why, str) or len(why.strip()) < 10:
            raise CourseError('Say why you start over, as in start_over("the baseline was another network").')
        if any(entry["why"] == why for entry in self._entries("start_over", ever=True)):
            print("You have started over for this reason already; to do it again, give another.")
            return
        self._write("start_over", why=why)
        print(f"Started over: {self.left:,} network-epochs, and the seal is shut. Go on from project.naive().")

    def _networks(self, data, call, settings):
        build = functools.partial(mlp, inputs=self._split.x_train.shape[1], outputs=len(self._split.classes))
        if isinstance(units := settings.get("hidden"), list) and all(isinstance(n, int) for n in units):
            settings = settings | {"hidden": tuple(units)}  # one network's layers, as JSON gives them back
        runs = train_many(build, data, seeds=call["seeds"], epochs=call["epochs"], **settings)
        if not runs.complete:
            raise CourseError("The training was stopped, so nothing was written down or charged: run the cell again.")
        return runs

    def _data(self, seed):
        if self.name == "satellite":
            return datasets.satellite(seed, **self._options)
        split = self._unsealed(seed)
        x, y = (part[:0].copy() for part in (split.x_test, split.y_test))  # a view would keep all rows in memory
        return replace(split, x_test=x, y_test=y, sealed=len(split.y_test))

    def _unsealed(self, seed):
        if self.name == "satellite":
            return datasets.with_seal_open(seed, **self._options, standardize=True)
        return datasets.load(self.name, seed=seed, **self._options)

    # ---- what it came to

    def table(self):
        """Everything that was trained: validation accuracy, gain over the baseline and distance from the best, both
        seed by seed, training accuracy."""
        rows = ["| method | settings | validation accuracy | gain in points | behind the best | training accuracy |"]
        rows.append("|:--|:--|:--|:--|:--|:--|")
        base, alike = rubric.baseline(self.log), rubric.alike(self.log)
        for r in rubric.tried(self.log):
            gain = behind = "–"
            if r in alike:
                gain = "–" if r == base else percent(np.subtract(r["val_accuracy"], base["val_accuracy"]), "+")
                mean, half = rubric.behind(self.log, r)
                behind = f"{mean:.1f} ± {half:.1f}" if mean > 0 else "best"
            accuracies = [
                f"{percent(r['val_accuracy'])} %",
                gain,
                behind,
                f"{100 * np.mean(r['train_accuracy']):.0f} %",
            ]
            rows.append(f"| {r['method']} | {spelled(r['settings'])} | {' | '.join(accuracies)} |")
        note = f"± is the 95% interval of the mean over seeds. {self.left:,} network-epochs are left."
        return Markdown("\n".join(rows) + f"\n\n{note}")

    def figure(self):
        """What was tried, against what the sealed rows said, as a figure; returns its sentence."""
        tried, chosen = {}, {}
        for entry in self._entries("naive")[-1:]:
            tried |= {rule: [self._right(accuracies)] for rule, accuracies in entry["val_accuracy"].items()}
        for r in rubric.alike(self.log):
            tried.setdefault(r["method"], []).append(self._right(r["val_accuracy"]))
        for decision in self._entries("decision")[-1:]:
            mine = [r["settings"] for r in rubric.alike(self.log) if r["method"] == decision["method"]]
            chosen = {decision["method"]: mine.index(decision["settings"])} if decision["settings"] in mine else {}
        sealed = {}
        for opened in self._entries("opened")[:1]:
            sealed = dict(opened["accuracy"])
            sealed[opened["method"]] = sealed.pop("chosen")
        if not tried:
            return Markdown("Nothing has been measured yet.")
        return figures.project(tried, chosen, sealed, wrong_labels="label_noise" in self._options)

    def report(self):
        """The project in a few paragraphs, made from its log."""
        return Markdown(rubric.report(self.log))


def _plain(value):
    """`value` as JSON would give it back: lists for tuples, ranges and arrays, Python's numbers for NumPy's."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [_plain(inner) for inner in value]
    return _plain(value.tolist()) if isinstance(value, (np.ndarray, np.generic)) else value


def _named(method):
    method = method.strip()
    return "baseline" if method.lower() == "baseline" else method


def _check_call(call, lists):
    """What would be charged wrongly, or could not be written down, is not trained; `lists` are swept."""
    try:
        json.dumps(call)
    except (TypeError, ValueError):
        raise CourseError('Your log takes numbers and text only, such as activation="relu".') from None
    settings = call["settings"]
    if "hidden" in lists and all(isinstance(units, int) for units in settings["hidden"]):
        raise CourseError("Write one network's layers as hidden=(64, 64), and several networks as hidden=[(4,), (8,)].")
    for name in lists:
        if any(settings[name].count(value) > 1 for value in settings[name]):
            raise CourseError(f"The list for {name} has a value twice, so nothing was trained: give each once.")


# ---- the two copies --------------------------------------------------------------------------------------------------


def _kept_in_progress():
    values = [value for key, value in progress.everything().items() if key.startswith("capstone:")]
    return {entry["id"]: entry for entry in values if rubric.is_entry(entry)}


def _kept_in_file():
    return {entry["id"]: entry for entry in progress.lines(_FILE) if rubric.is_entry(entry)}


def _append(entry):
    try:
        progress.append(entry, _FILE)
    except (OSError, RuntimeError):
        _note()


@functools.cache
def _note():
    print("Note: the second copy of your project's log cannot be written here.")
