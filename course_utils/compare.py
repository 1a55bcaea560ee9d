"""The fair comparison: same data, batches, budget and initial weights, and a tuned strength for each method."""

import itertools
from dataclasses import dataclass, field, replace

import numpy as np

from course_utils.errors import CourseError
from course_utils.experiments import _listed, _spelled, train_many
from course_utils.selection import choose
from course_utils.show import Markdown
from course_utils.stats import interval

PATIENCE = 10  # what early_stopped=True means, in epochs
_HEAD = ("method", "tried", "chosen on validation", "test accuracy", "gain in points", "wins")
_HEAD += ("seconds a network, all tried",)


@dataclass(frozen=True)
class Comparison:
    """What `compare` found. Every dictionary has the methods as keys, the baseline first.

    `chosen` the settings with the best validation loss; `at_end` the names of those that stand at the end of a list
    of numbers; `tried` how many were tried; `accuracy` and `loss` on the test rows, arrays (seeds,); `seconds` of
    computing for one network, trained together with the others up to where it stopped; `in_all` for all that was
    tried; `seeds` the seeds. `lists` has what was swept, {setting: list}; `diverged` a sentence for each setting that
    could not be chosen because a network did not stay finite.
    """

    chosen: dict
    at_end: dict
    tried: dict
    accuracy: dict
    loss: dict
    seconds: dict
    in_all: dict
    seeds: list
    lists: dict = field(default_factory=dict)
    diverged: dict = field(default_factory=dict)

    @property
    def baseline(self):
        return next(iter(self.chosen))

    def gain(self, method):
        """Test accuracy minus the baseline's, in points, seed by seed: array (seeds,)."""
        return 100 * (self.accuracy[method] - self.accuracy[self.baseline])

    def wins(self, method):
        """On how many seeds the method is strictly better than the baseline."""
        return int(np.sum(self.gain(method) > 0))

    def unequal(self):
        """A sentence for each way in which the methods were not tuned alike, and none where they were.

        A method with one setting only is a switch, and is not counted as tuned. Strengths stand alike if the factors
        between neighbours differ by at most a quarter: 1, 3, 10 and 1, 3, 9 do.
        """
        said, tuned = [], {method: number for method, number in self.tried.items() if number > 1}
        if len(set(tuned.values())) > 1:
            counts = ", ".join(f"{method} {number}" for method, number in tuned.items())
            said.append(f"The numbers of settings tried differ ({counts}): more of them are a better chance.")
        factors = {method: _factors(self.lists.get(method, {})) for method in tuned}
        known = {method: found for method, found in factors.items() if found}
        every = [factor for found in known.values() for factor in found]
        if len(known) > 1 and max(every) > 1.25 * min(every):
            steps = ", ".join(f"{method} {_span(found)}" for method, found in known.items())
            said.append(f"The factors between neighbouring strengths differ ({steps}): a finer list fits better.")
        return said

    def notes(self):
        """What stands below the table: how to read it, what was tuned unequally, and what did not stay finite."""
        told = [f"{method}: {sentence}" for method, sentences in self.diverged.items() for sentence in sentences]
        return ["± is the 95% interval of the mean over seeds.", *self.unequal(), *told]

    def table(self):
        """The comparison as a Markdown table."""
        return _table(_HEAD, self.rows(), self.notes())

    def rows(self):
        """The cells of the table: a list of texts for each method."""
        return [self._row(method) for method in self.chosen]

    def _row(self, method):
        mean, half = interval(100 * self.accuracy[method])
        gain, gain_half = interval(self.gain(method))
        against = [f"{gain:+.1f} ± {gain_half:.1f}", f"{self.wins(method)} of {len(self.seeds)}"]
        return [
            method,
            str(self.tried[method]),
            f"{_spelled(self.chosen[method]) or '–'}{' (end of its list)' if self.at_end[method] else ''}",
            f"{mean:.1f} ± {half:.1f} %",
            *(against if method != self.baseline else ["–", "–"]),
            f"{self.seconds[method]:.2f}, {self.in_all[method]:.1f}",
        ]


@dataclass(frozen=True)
class Conditions:
    """`compare` at several budgets, or with early stopping too: {(epochs, patience or None): `Comparison`}."""

    comparisons: dict

    def at(self, *, epochs=None, early_stopped=None):
        """The `Comparison` at this budget, and with (True) or without (False) early stopping.

        What there is only one of may be left out. Raises CourseError for a condition that was not compared, or if
        several are left.
        """
        fits = [
            key
            for key in self.comparisons
            if epochs in (None, key[0]) and (early_stopped is None or bool(early_stopped) == (key[1] is not None))
        ]
        if len(fits) != 1:
            known = "; ".join(f"epochs={n}, early_stopped={wait is not None}" for n, wait in self.comparisons)
            raise CourseError(f"That names {len(fits)} of the conditions, and it must be one of these: {known}.")
        return self.comparisons[fits[0]]

    def gain(self, method, *, epochs=None, early_stopped=None):
        """Test accuracy minus the baseline's under one condition, in points: the mean and its 95% half-width."""
        return interval(self.at(epochs=epochs, early_stopped=early_stopped).gain(method))

    def table(self):
        """All comparisons as one Markdown table, whose rows name the budget and the early stopping."""
        rows, notes = [], {}
        for (budget, wait), comparison in self.comparisons.items():
            stopped = "to the end" if wait is None else f"patience {wait}"
            rows += [[str(budget), stopped, *row] for row in comparison.rows()]
            for note in comparison.notes():
                notes.setdefault(note, []).append(f"{budget} epochs, {stopped}")
        everywhere = len(self.comparisons)
        told = [note if len(at) == everywhere else f"{note} ({'; '.join(at)})" for note, at in notes.items()]
        return _table(("epochs", "early stopping", *_HEAD), rows, told)


def _table(head, rows, notes):
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, *rows]]
    lines.insert(1, "|" + "---|" * len(head))
    return Markdown("\n".join(lines) + "\n\n" + " ".join(notes))


def compare(build, data, methods, *, seeds=range(10), select="val_loss", epochs=100, early_stopped=False, **common):
    """Compare methods fairly: same data, batches and budget, the same initial weights wherever two networks have
    the same shape, and a tuned strength for each.

    `methods` maps a name to the settings that make the method, such as `{"baseline": {}, "L2": {"l2": [1e-3,
    1e-2]}}`; the first is the baseline. A list is a choice of strengths: the one with the best mean of `select`
    ("val_loss" without penalty, or "val_accuracy") over the seeds is taken, and only it is judged on the test rows.
    A choice at the end of a list of numbers is marked in the table: the list may have been too short. A strength with
    which a network did not stay finite is never chosen.

    An effect may belong to one budget. With a list of `epochs`, such as [60, 300], everything is trained and tuned at
    each; with `early_stopped`, a patience in epochs or True for 10, every network is read twice, to its end and
    stopped early with its best weights by validation loss (a method with a patience of its own keeps that). Either
    returns `Conditions`, a `Comparison` for each; otherwise a `Comparison` is returned. `common` goes to `train_many`.

    Raises CourseError for fewer than 5 different seeds or two methods, if nothing of a method stayed finite, and if
    it was stopped.
    """
    seeds, waits, budgets = _different(seeds), _waits(early_stopped), _listed(epochs)
    if len(methods) < 2:
        raise CourseError("A comparison needs at least two methods, the baseline first.")
    if not budgets or len(set(budgets)) < len(budgets):
        raise CourseError("epochs must be a whole number, or a list of different ones such as [60, 300].")
    if len(waits) > 1:
        common = {"keep_weights": "best"} | common
        if "patience" in common:
            raise CourseError("Give patience or early_stopped, not both: a patience stops every network early.")
    found = {(budget, wait): {} for budget in budgets for wait in waits}
    for budget, (method, settings) in itertools.product(budgets, methods.items()):
        runs = train_many(build, data, seeds=seeds, epochs=budget, **common, **settings)
        if not runs.complete:
            raise CourseError("The comparison was stopped, and half a comparison is none: run the cell again.")
        for wait in waits:
            read = runs if wait is None or "patience" in runs.names else runs.stopped(wait)
            found[budget, wait][method] = _judged(method, settings, read, select)
    comparisons = {condition: _comparison(each, seeds) for condition, each in found.items()}
    alone = len(comparisons) == 1 and not isinstance(epochs, (list, range, np.ndarray))
    return next(iter(comparisons.values())) if alone else Conditions(comparisons)


def _different(seeds):
    seeds = _listed(seeds)
    if repeated := [seed for seed in seeds if seeds.count(seed) > 1]:
        raise CourseError(f"The seeds must differ: {repeated[0]} stands more than once, and would count as several.")
    if len(seeds) < 5:
        raise CourseError("A comparison needs at least 5 seeds, such as seeds=range(10).")
    return seeds


def _waits(early_stopped):
    """The patiences to read each training with; None is its end."""
    if early_stopped is False or early_stopped is None:
        return [None]
    wait = PATIENCE if early_stopped is True else early_stopped
    if not isinstance(wait, (int, np.integer)) or wait < 1:
        raise CourseError(f"early_stopped must be True, False or a patience in epochs, not {early_stopped!r}.")
    return [None, int(wait)]


def _judged(method, settings, runs, select):
    """One method: what is chosen among its `runs` by validation, and what that is worth on the test rows."""
    lists = {name: runs.levels(name) for name in settings if name in runs.names}
    grid = {_spelled(s) or "its only setting": s for s in ({name: m[name] for name in lists} for m in runs.settings)}
    name, told = _choice(method, {spelled: runs.where(**s) for spelled, s in grid.items()}, select)
    best, chosen = runs.where(**grid[name]), grid[name]
    loss, accuracy = best.evaluate("test")
    in_all = runs.seconds - runs.compile_seconds
    trained = len(runs) // (len(runs.levels("patience")) if "patience" in runs.names else 1)
    return {
        "chosen": chosen,
        "at_end": [name for name, value in chosen.items() if _ends(lists[name], value)],
        "tried": len(grid),
        "accuracy": accuracy,
        "loss": loss,
        "seconds": in_all / trained * best.epochs.mean() / runs.train_loss.shape[1],
        "in_all": in_all,
        "lists": {name: values for name, values in lists.items() if len(values) > 1},
        "diverged": told,
    }


def _choice(method, named_runs, select):
    try:
        return choose(named_runs, select)
    except CourseError as error:
        raise CourseError(f"{method}: {error}") from None


def _comparison(found, seeds):
    columns = {what: {m: each[what] for m, each in found.items()} for what in next(iter(found.values()))}
    return Comparison(**columns, seeds=seeds)


def compare_trained(runs, methods, *, select="val_loss"):
    """`compare` among the networks of one `train_many`, every setting with every other: nothing is trained again.

    `methods` as in `compare`, and each gives every setting of `runs` its value or its list of values. The seconds are
    the mean over all of `runs`. Returns a `Comparison`; raises CourseError where `compare` does, and for a setting
    that is missing or was not trained.
    """
    seeds = runs.levels("seed")
    if len(seeds) < 5 or len(methods) < 2 or not runs.complete:
        raise CourseError("A comparison needs at least 5 seeds, two methods, the baseline first, and complete runs.")
    each = (runs.seconds - runs.compile_seconds) / len(runs)
    found = {}
    for method, settings in methods.items():
        lists = {name: _listed(value) for name, value in settings.items()}
        for name in set(lists) ^ (set(runs.names) - {"seed"}):
            raise CourseError(f"{method} must give each of {', '.join(runs.names[:-1])} a value: look at {name}.")
        swept = {name: values for name, values in lists.items() if len(values) > 1}
        grid = [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]
        parts = {_spelled(setting): runs.where(**setting) for setting in grid}
        name, told = _choice(method, parts, select)
        loss, accuracy = parts[name].evaluate("test")
        chosen = {name: value for name, value in parts[name].settings[0].items() if name in swept}
        found[method] = {
            "chosen": chosen,
            "at_end": [name for name, value in chosen.items() if _ends(lists[name], value)],
            "tried": len(parts),
            "accuracy": accuracy,
            "loss": loss,
            "seconds": each,
            "in_all": each * len(parts) * len(seeds),
            "lists": swept,
            "diverged": told,
        }
    return _comparison(found, seeds)


@dataclass(frozen=True)
class Factorial:
    """What `factorial` found: every technique on or off, with every combination of the others.

    `accuracy` has the accuracy of each combination in %, seed by seed: {frozenset of the techniques that are on:
    array (seeds,)}; `runs` its networks, if there are any. `techniques` is in the order given, `seeds` the seeds,
    `part` the rows that it was measured on. All effects are in points, paired by seed, and each has two forms: one
    number a seed, array (seeds,), and with `interval` around it the mean and its 95% half-width.
    """

    techniques: list
    accuracy: dict
    seeds: list
    part: str = "test"
    runs: dict = field(default_factory=dict)

    def cube(self):
        """The accuracies as an array (2, …, 2, seeds): an axis for each technique, off and on."""
        keys = itertools.product((False, True), repeat=len(self.techniques))
        cells = np.array([self.accuracy[frozenset(itertools.compress(self.techniques, on))] for on in keys], float)
        return cells.reshape(*[2] * len(self.techniques), -1)

    def main_effect(self, technique):
        """What the technique gains, as a mean over all combinations of the others: array (seeds,)."""
        return _over_the_others(np.diff(self.cube(), axis=self._place(technique)))

    def interaction(self, one, other):
        """By how much the gain of `one` changes when `other` is on, a mean over the rest: array (seeds,).

        It is the whole difference of differences, in points; many textbooks halve it. Zero means additive.
        """
        if one == other:
            raise CourseError(f"An interaction is one of two techniques, and {one!r} was given twice.")
        by_one = np.diff(self.cube(), axis=self._place(one))
        return _over_the_others(np.diff(by_one, axis=self._place(other)))

    def alone(self, technique):
        """What the technique gains against the baseline, with all others off: array (seeds,)."""
        self._place(technique)
        return self.accuracy[frozenset([technique])] - self.accuracy[frozenset()]

    def taken_out(self, technique):
        """What is gained (below zero: lost) if the technique is taken out of the full combination: array (seeds,)."""
        self._place(technique)
        everything = frozenset(self.techniques)
        return self.accuracy[everything - {technique}] - self.accuracy[everything]

    @property
    def effects(self):
        """(names, main effects (k, seeds), interactions (k, k, seeds)), as the figure of lesson 09 takes them.

        On the diagonal of the interactions stand the main effects.
        """
        main = np.array([self.main_effect(name) for name in self.techniques])
        pairs = [
            [self.interaction(a, b) if a != b else main[i] for b in self.techniques]
            for i, a in enumerate(self.techniques)
        ]
        return list(self.techniques), main, np.array(pairs)

    def table(self):
        """The effects as two Markdown tables: of each technique, and of each pair."""
        of_one = [
            [name, *map(_points, (self.alone(name), self.main_effect(name), self.taken_out(name)))]
            for name in self.techniques
        ]
        of_two = [
            [f"{one} × {other}", _points(self.interaction(one, other))]
            for one, other in itertools.combinations(self.techniques, 2)
        ]
        everything = _points(self.accuracy[frozenset(self.techniques)] - self.accuracy[frozenset()])
        notes = [
            f"In points of {self.part} accuracy, over {len(self.seeds)} seeds; ± is the 95% interval of the mean.",
            f"All together gain {everything}.",
        ]
        head = ("technique", "alone, against the baseline", "main effect", "taken out of all")
        first = _table(head, of_one, [])
        return Markdown(first + _table(("pair", "interaction"), of_two, notes))

    def _place(self, technique):
        if technique not in self.techniques:
            raise CourseError(f"There is no technique {technique!r} here; choose from {', '.join(self.techniques)}.")
        return self.techniques.index(technique)


def _over_the_others(cells):
    return cells.mean(axis=tuple(range(cells.ndim - 1)))


def _points(values):
    mean, half = interval(values)
    return f"{mean:+.1f} ± {half:.1f}"


def factorial(build, data, techniques, *, seeds=range(10), base=None, part="test", **common):
    """Train every combination of the techniques, each on or off, on the same seeds, and return a `Factorial`.

    `techniques` maps at least two names to the settings that switch each on, one value a setting, such as `{"L2":
    {"l2": 0.01}, "dropout": {"rate": 0.5}, "early stopping": {"patience": 15}}`; off is what `base`, a dictionary of
    settings, says, or else the default of `build` and `data`. A technique that is a patience and nothing else is read
    off the training of the others, and costs none. k techniques take 2^k trainings for each seed (half of it with a
    patience). `part`, "test" or "val", says on which rows accuracy is measured. `common` goes to `train_many`.

    Raises CourseError for fewer than 5 different seeds or two techniques, for lists, for two techniques with the same
    setting, if a network did not stay finite, and if it was stopped.
    """
    seeds, base = _different(seeds), base or {}
    _check_techniques(techniques, base, common, part)
    read_off = [name for name, settings in techniques.items() if set(settings) == {"patience"}]
    trained = [name for name in techniques if name not in read_off]
    if read_off:
        common = {"keep_weights": "best"} | common
    runs = {}
    for on in itertools.product((False, True), repeat=len(trained)):
        names = list(itertools.compress(trained, on))
        settings = base | {key: value for name in names for key, value in techniques[name].items()}
        found = train_many(build, data, seeds=seeds, **common, **settings)
        if not found.complete:
            raise CourseError("The factorial was stopped, and a part of one has no effects: run the cell again.")
        for name in read_off:
            runs[frozenset([*names, name])] = found.stopped(techniques[name]["patience"])
        runs[frozenset(names)] = replace(found, kept=[{} for _ in found.kept])  # what was read off is not needed again
    for names, found in runs.items():
        choose({" + ".join(name for name in techniques if name in names) or "the baseline": found}, "val_loss")
    accuracy = {names: 100 * found.evaluate(part)[1].astype(float) for names, found in runs.items()}
    if np.isnan(accuracy[frozenset()]).any():
        raise CourseError("A factorial is measured by accuracy, and a regression has none.")
    return Factorial(list(techniques), accuracy, seeds, part, runs)


def _check_techniques(techniques, base, common, part):
    if len(techniques) < 2:
        raise CourseError("A factorial needs at least two techniques.")
    if part not in ("test", "val"):
        raise CourseError(f'part must be "test" or "val", not {part!r}.')
    names = [name for settings in techniques.values() for name in settings]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise CourseError(f"Two techniques set {repeated[0]}: each needs settings of its own.")
    if fixed := sorted(set(names) & set(common)):
        raise CourseError(f"{fixed[0]} is switched by a technique, so it cannot be held as well: give its off in base.")
    if "patience" in base:
        raise CourseError("Early stopping is a technique here, or in every network: patience cannot stand in base.")
    for name, settings in techniques.items():
        if not settings:
            raise CourseError(f"{name} has no setting that switches it on.")
        if swept := [key for key, value in settings.items() if isinstance(value, (list, range, np.ndarray))]:
            raise CourseError(f"{name} must give {swept[0]} one value, not a list: tune it with compare before.")
    if "patience" in names and ["patience"] not in [list(settings) for settings in techniques.values()]:
        raise CourseError("A patience is a technique of its own, without other settings.")


def _factors(lists):
    """The factors between neighbours, in the order of size, of each list of positive numbers, all in one list."""
    found = []
    for levels in lists.values():
        numbers = sorted({v for v in levels if isinstance(v, (int, float)) and not isinstance(v, bool) and v > 0})
        found += [float(b / a) for a, b in itertools.pairwise(numbers)]
    return found


def _span(factors):
    low, high = f"{min(factors):.2g}", f"{max(factors):.2g}"
    return f"× {low}" if low == high else f"× {low} to {high}"


def _ends(levels, value):
    """Whether `value` is the smallest or the largest of several numbers other than 0, at which a strength stops."""
    numbers = [v for v in levels if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return len(numbers) == len(levels) > 1 and value in (min(numbers), max(numbers)) and value != 0
