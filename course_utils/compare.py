"""The fair comparison: same data, batches, budget and initial weights, and a tuned strength for each method."""

import itertools
from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError
from course_utils.experiments import _listed, _spelled, train_many
from course_utils.show import Markdown
from course_utils.stats import interval


@dataclass(frozen=True)
class Comparison:
    """What `compare` found. Every dictionary has the methods as keys, the baseline first.

    `chosen` the settings with the best validation loss; `at_end` the names of those that stand at the end of a list
    of numbers; `tried` how many were tried; `accuracy` and `loss` on the test rows, arrays (seeds,); `seconds` of
    computing for one network, trained together with the others up to where it stopped; `in_all` for all that was
    tried; `seeds` the seeds.
    """

    chosen: dict
    at_end: dict
    tried: dict
    accuracy: dict
    loss: dict
    seconds: dict
    in_all: dict
    seeds: list

    @property
    def baseline(self):
        return next(iter(self.chosen))

    def gain(self, method):
        """Test accuracy minus the baseline's, in points, seed by seed: array (seeds,)."""
        return 100 * (self.accuracy[method] - self.accuracy[self.baseline])

    def wins(self, method):
        """On how many seeds the method is strictly better than the baseline."""
        return int(np.sum(self.gain(method) > 0))

    def table(self):
        """The comparison as a Markdown table."""
        rows = [
            "| method | chosen on validation | test accuracy | gain in points | wins | seconds a network, all tried |"
        ]
        rows.append("|---|---|---|---|---|---|")
        for method, chosen in self.chosen.items():
            mean, half = interval(100 * self.accuracy[method])
            gain, gain_half = interval(self.gain(method))
            against = method != self.baseline
            cost = self.seconds[method]
            rows.append(
                f"| {method} | {_spelled(chosen) or '–'}{' (end of its list)' if self.at_end[method] else ''} "
                f"| {mean:.1f} ± {half:.1f} % | "
                + (
                    f"{gain:+.1f} ± {gain_half:.1f} | {self.wins(method)} of {len(self.seeds)} | "
                    if against
                    else "– | – | "
                )
                + f"{cost:.2f}, {self.in_all[method]:.1f} |"
            )
        return Markdown("\n".join(rows) + "\n\n± is the 95% interval of the mean over seeds.")


def compare(build, data, methods, *, seeds=range(10), select="val_loss", **common):
    """Compare methods fairly: same data, batches and budget, the same initial weights wherever two networks have
    the same shape, and a tuned strength for each.

    `methods` maps a name to the settings that make the method, such as `{"baseline": {}, "L2": {"l2": [1e-3,
    1e-2]}}`; the first is the baseline. A list is a choice of strengths: the one with the best mean of `select`
    ("val_loss" without penalty, or "val_accuracy") over the seeds is taken, and only it is judged on the test rows.
    A choice at the end of a list of numbers is marked in the table: the list may have been too short.
    `common` goes to `train_many`. Returns a `Comparison`. Raises CourseError for fewer than 5 seeds.
    """
    seeds = _listed(seeds)
    if len(seeds) < 5:
        raise CourseError("A comparison needs at least 5 seeds, such as seeds=range(10).")
    if len(methods) < 2:
        raise CourseError("A comparison needs at least two methods, the baseline first.")
    chosen, at_end, tried, accuracy, loss, seconds, in_all = {}, {}, {}, {}, {}, {}, {}
    for method, settings in methods.items():
        runs = train_many(build, data, seeds=seeds, **common, **settings)
        if not runs.complete:
            raise CourseError("The comparison was stopped, and half a comparison is none: run the cell again.")
        swept = [name for name in settings if name in runs.names]
        grid = list({str(s): s for s in ({k: m[k] for k in swept} for m in runs.settings)}.values())
        sign = -1 if select.endswith("accuracy") else 1
        chosen[method] = min(grid, key=lambda s: sign * float(np.mean(runs.where(**s).final(select))))
        at_end[method] = [name for name, value in chosen[method].items() if _ends(runs.levels(name), value)]
        best = runs.where(**chosen[method])
        loss[method], accuracy[method] = best.evaluate("test")
        tried[method], in_all[method] = len(grid), runs.seconds - runs.compile_seconds
        trained = len(runs) // (len(runs.levels("patience")) if "patience" in runs.names else 1)
        seconds[method] = in_all[method] / trained * best.epochs.mean() / runs.train_loss.shape[1]
    return Comparison(chosen, at_end, tried, accuracy, loss, seconds, in_all, seeds)


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
        parts = [runs.where(**dict(zip(lists, values, strict=True))) for values in itertools.product(*lists.values())]
        means = [float(np.mean(part.final(select))) for part in parts]
        best = parts[int(np.argmax(means) if select.endswith("accuracy") else np.argmin(means))]
        loss, accuracy = best.evaluate("test")
        chosen = {name: best.settings[0][name] for name, values in lists.items() if len(values) > 1}
        at_end = [name for name, value in chosen.items() if _ends(lists[name], value)]
        found[method] = (chosen, at_end, len(parts), accuracy, loss, each, each * len(parts) * len(seeds))
    columns = [dict(zip(found, column, strict=True)) for column in zip(*found.values(), strict=True)]
    return Comparison(*columns, seeds)


def _ends(levels, value):
    """Whether `value` is the smallest or the largest of several numbers other than 0, at which a strength stops."""
    numbers = [v for v in levels if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return len(numbers) == len(levels) > 1 and value in (min(numbers), max(numbers)) and value != 0
