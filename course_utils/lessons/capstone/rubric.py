"""What the log of a capstone project says: which entries count, what the procedure is worth, the report.

A log is a list of dictionaries, oldest first, as `capstone.Project.log` gives it. Everything here is a function of the
log alone; an entry from which nothing can be read is passed over.

It reads the log, and cannot read a mind: who wants to deceive it can.
"""

import numpy as np

from course_utils.show import Markdown
from course_utils.stats import interval

# What an entry of each kind must hold to be of use.
FIELDS = {
    "start": {"budget": int},
    "naive": {"val_accuracy": dict},
    "train": {"method": str, "settings": dict, "seeds": list, "epochs": int, "cost": int, "results": list},
    "diagnosis": {"diagnosis": str},
    "decision": {"method": str, "settings": dict, "seeds": list, "epochs": int, "why": str},
    "opened": {"method": str, "accuracy": dict},
    "start_over": {"why": str},
}


def is_entry(entry):
    """Whether `entry` holds what an entry of its kind must hold, with as many accuracies as there are seeds."""
    try:
        fields = FIELDS[entry["kind"]] | {"project": str, "id": str}
        if not all(isinstance(entry[name], kind) for name, kind in fields.items()) or not entry["id"][:20].isdigit():
            return False
        measured = [*entry.get("val_accuracy", {}).values(), *entry.get("accuracy", {}).values()]
        if entry["kind"] == "opened":
            measured += [entry["accuracy"]["baseline"], entry["accuracy"]["chosen"]]
        for result in entry.get("results", []):
            result["settings"].items()
            measured += [entry["seeds"], result["val_accuracy"], result["train_accuracy"]]
        shapes = {np.asarray(values, float).shape for values in measured}
        return len(shapes) < 2 and all(len(shape) == 1 and shape[0] for shape in shapes)
    except (LookupError, TypeError, ValueError, AttributeError):
        return False


def entries(log, kind):
    """The usable entries of one kind since the last start over."""
    usable = [entry for entry in log if is_entry(entry)]
    last = max((i for i, entry in enumerate(usable) if entry["kind"] == "start_over"), default=-1)
    return [entry for entry in usable[last + 1 :] if entry["kind"] == kind]


def judged(log):
    """The usable log up to the first look since the last start over: what came later cannot have been tested by it."""
    opened = entries(log, "opened")
    return [entry for entry in log if is_entry(entry) and not (opened and entry["id"] > opened[0]["id"])]


def tried(log):
    """Every setting that was trained since the last start over: dictionaries with id, method, settings, seeds, epochs,
    and val_accuracy and train_accuracy, lists with one share a seed."""
    common = ("id", "method", "seeds", "epochs")
    return [{**{k: e[k] for k in common}, **result} for e in entries(log, "train") for result in e["results"]]


def alike(log):
    """What was tried on the seeds and epochs of `baseline`, which may be compared with it: as `tried` gives it."""
    base = baseline(log)
    return [result for result in tried(log) if base and ground(result) == ground(base)]


def ground(result):
    """What two results must have in common to be compared: seeds and epochs."""
    return result["seeds"], result["epochs"]


def methods(log):
    """What was tried beside the baseline and may be compared with it, as `tried` gives it: {method: list}."""
    found = {}
    for result in alike(log):
        if result["method"] != "baseline":
            found.setdefault(result["method"], []).append(result)
    return found


def baseline(log):
    """The baseline that all is compared with, as `tried` gives it; None if there is none.

    Of several: one without settings of its own; then one on five seeds or more; then that with whose seeds and epochs
    most was trained; then the last.
    """
    results = tried(log)

    def rank(result):
        alike = sum(ground(result) == ground(other) for other in results)
        return not own_settings(result), len(set(result["seeds"])) >= 5, alike, result["id"]

    return max((result for result in results if result["method"] == "baseline"), key=rank, default=None)


def own_settings(result):
    """The names of the settings that make a network another one than `mlp` as it is."""
    return [name for name, value in result["settings"].items() if value or isinstance(value, list)]


def looks(log):
    """How often the sealed rows were opened, before and after every start over."""
    return sum(is_entry(entry) and entry["kind"] == "opened" for entry in log)


def diagnosis_of(result):
    """What a baseline's record says is wrong: "overfitting", "underfitting" or "neither".

    Overfitting if training accuracy is over 5 points above validation accuracy, the whole 95% interval of it (with one
    seed, its mean); else underfitting if it is right on less than 70% of its training rows.
    """
    mean, half = interval(100 * np.subtract(result["train_accuracy"], result["val_accuracy"]))
    if mean - np.nan_to_num(half) > 5:
        return "overfitting"
    return "underfitting" if np.mean(result["train_accuracy"]) < 0.7 else "neither"


def unlike(log):
    """The methods of which something was tried on other seeds or epochs than the baseline's: that is not compared."""
    known = alike(log)
    return list(dict.fromkeys(r["method"] for r in tried(log) if r not in known and r["method"] != "baseline"))


def few(log):
    """The methods with fewer than three strengths."""
    return [method for method, results in methods(log).items() if len(results) < 3]


def kinds(log):
    """How many kinds of method were tried: two names for what differs in the same settings are one kind."""
    return len({frozenset(r["settings"]) for results in methods(log).values() for r in results})


def behind(log, result):
    """By how much the best on validation leads `result`, seed by seed: mean and half-width of the interval, in points.

    The best of what may be compared, which `result` must be one of.
    """
    best = max(alike(log), key=lambda r: np.mean(r["val_accuracy"]))
    return interval(100 * np.subtract(best["val_accuracy"], result["val_accuracy"]))


def at_end(results):
    """Whether a number that was swept is best at an end of its list, and only there; 0 is no end.

    `results`: those of one method, as `tried` gives them. Layers count as the number of their units.
    """
    means = [np.mean(r["val_accuracy"]) for r in results]
    for name in results[0]["settings"]:
        levels = [r["settings"].get(name) for r in results]
        levels = [sum(v) if isinstance(v, list) else v for v in levels]
        best = [v for v, mean in zip(levels, means, strict=True) if mean == max(means)]
        numbers = {v for v in levels if type(v) in (int, float)}  # a switch, True or False, has no end
        if len(numbers) > 1 and all(v and v in (min(numbers), max(numbers)) for v in best):
            return True
    return False


class Verdict(Markdown):
    """The rubric, filled in, as a Markdown table; `lines` has its rows (what, out of, points, why)."""

    def __new__(cls, lines):
        rows = [f"| {what} | {points} of {of} | {why} |" for what, of, points, why in lines]
        points, of = (sum(line[i] for line in lines) for i in (2, 1))
        rows = ["| what counts | points | why |", "|:--|:--|:--|", *rows, f"| all together | {points} of {of} | |"]
        self = super().__new__(cls, "\n".join(rows))
        self.points, self.lines = points, lines
        return self


def rubric(log):
    """The points of a project, line by line with the reason: a `Verdict`. 18 of the 20 are for procedure.

    It looks at the entries since the last start over, up to the opening; but every opening ever made counts as a look
    at the sealed rows, and everything ever trained as spent.
    """
    spent = sum(entry["cost"] for entry in log if is_entry(entry) and entry["kind"] == "train")
    seen, log = looks(log), judged(log)
    apart = f"; on others, not compared: {', '.join(unlike(log))}" if unlike(log) else ""
    lines, base, others = [], baseline(log), methods(log)
    naive, diagnosed, decided, opened = (entries(log, kind) for kind in ("naive", "diagnosis", "decision", "opened"))
    first = min((r["id"] for results in others.values() for r in results), default="~")

    def line(what, of, *cases):
        """The first of `cases`, (condition, points, reason), whose condition holds."""
        lines.append((what, of, *next((points, why) for holds, points, why in cases if holds)))

    line("simple rivals first", 2, (not naive, 0, "no simple rival is in the log"),
         (naive and naive[0]["id"] > first, 1, "measured, but after the first method"),
         (True, 2, "measured before any method"))  # fmt: skip
    line("baseline network first", 1, (not base, 0, 'no network called "baseline" is in the log'),
         (base and own_settings(base), 0, "it has settings of its own"),
         (base and not any(r["id"] < first for r in tried(log) if r["method"] == "baseline"), 0,
          "trained, but after the first method"),
         (True, 1, "trained before any method"))  # fmt: skip
    found = diagnosis_of(base) if base else None
    diagnosed = [d for d in diagnosed if d["id"] < first] or diagnosed  # a notebook that was run again states it again
    line("a diagnosis that the record bears out", 2,
         (not diagnosed or not base, 0, "no diagnosis of a baseline is in the log"),
         (found and diagnosed and diagnosed[-1]["diagnosis"] != found, 0, f"the baseline's record says: {found}"),
         (diagnosed and diagnosed[-1]["id"] > first, 1, "borne out, but stated after the first method"),
         (True, 2, f"the baseline's record says so too: {found}"))  # fmt: skip
    line("the same seeds and epochs for all, five seeds or more", 3,
         (not base or not others, 0, "there is no method beside a baseline yet"),
         (base and len(set(base["seeds"])) < 5, 1, "the same for all, but fewer than five seeds"),
         (True, 3, f"the same for all{apart}"))  # fmt: skip
    short = few(log)
    line("two methods or more, three strengths of each", 2, (not others, 0, "there is no method yet"),
         (short, int(len(short) < len(others)), f"fewer than three strengths: {', '.join(short)}"),
         (kinds(log) < 2, 1, "only one kind of method"), (True, 2, "each had its chance"))  # fmt: skip
    ends = [m for m, results in others.items() if m not in short and at_end(results)]
    line("no best strength at the end of its list", 2,
         (len(short) == len(others), 0, "there is no list of three strengths yet"),
         (ends, 0, f"the list is too short for {', '.join(ends)}"),
         (True, 2, "no list of numbers has its best value at an end"))  # fmt: skip
    line("decided before the opening: the best on validation, or argued", 3, *_decision_cases(log, decided))
    budget = budget_of(log)
    line("budget kept", 1, (not spent, 0, "nothing was trained yet"),
         (True, int(spent <= budget), f"{spent:,} of {budget:,} network-epochs"))  # fmt: skip
    line("one look at the sealed rows", 2, (not opened, 0, "not opened yet"),
         (seen > 1, 0, f"opened {seen} times"), (True, 2, "opened once"))  # fmt: skip
    accuracy = opened[0]["accuracy"] if opened else {}
    simple = set(accuracy) - {"baseline", "chosen"}
    for rival, names in (("the baseline network", {"baseline"}), ("the best simple rival", simple)):
        low = _lead(accuracy, names) if opened else np.nan
        line(f"on the sealed rows the choice beats {rival}", 1, (not opened, 0, "not opened yet"),
             (seen > 1, 0, "these rows had been seen before"),
             (True, int(low > 0), f"the lower end of its interval: {low:+.1f} points"))  # fmt: skip
    return Verdict(lines)


def budget_of(log):
    """The budget in network-epochs, as it was written down at the start."""
    return next((entry["budget"] for entry in log if is_entry(entry) and entry["kind"] == "start"), 0)


def decided_for(log, decision):
    """The result that `decision` names, as `tried` gives it; None if it cannot be compared with the baseline."""
    same = ("method", "settings", "seeds", "epochs")
    return next((r for r in alike(log) if all(r[name] == decision[name] for name in same)), None)


def _decision_cases(log, decided):
    if not decided:
        return [(True, 0, "no decision is in the log")]
    decision, mine = decided[-1], decided_for(log, decided[-1])
    if not mine:
        return [(True, 0, "what was decided was not trained on the baseline's seeds and epochs")]
    mean, half = behind(log, mine)
    place = f"{mean:.1f} ± {half:.1f} points behind the best on the validation rows"
    return [
        (looks([e for e in log if e["id"] < decision["id"]]), 0, "decided when the sealed rows had been seen"),
        (mean <= 0, 3, "the best on the validation rows"),
        (mean - half > 0, 1, f"{place}, surely worse"),
        (len(decision["why"].strip()) >= 40, 3, f"{place}, and argued"),
        (True, 1, f"{place}, without an argument of a sentence"),
    ]


def _lead(accuracy, rivals):
    """The lower end of the interval of the choice's lead over the best of its `rivals`, in points; NaN without any."""
    if not rivals:
        return np.nan
    best = max((accuracy[name] for name in rivals), key=np.mean)
    mean, half = interval(100 * np.subtract(accuracy["chosen"], best))
    return mean - half


# ---- the report ------------------------------------------------------------------------------------------------------


def percent(accuracies, sign=""):
    """Mean and half-width of the 95% interval of shares, in per cent: "81.2 ± 1.3"; with `sign` "+", "+1.2 ± 0.8"."""
    mean, half = interval(100 * np.asarray(accuracies, float))
    return f"{mean:{sign}.1f} ± {half:.1f}"


def spelled(settings):
    """Settings as text, "l2 = 0.01, patience = 5"."""
    return ", ".join(f"{name} = {value}" for name, value in settings.items()) or "no settings"


def outcome(opened):
    """What an opening brought to light, in two sentences."""
    accuracy = opened["accuracy"]
    rivals = ", ".join(f"{name} {percent(values)} %" for name, values in accuracy.items() if name != "chosen")
    gain = percent(np.subtract(accuracy["chosen"], accuracy["baseline"]), "+")
    return (
        f"On the sealed rows {opened['method']} is right on {percent(accuracy['chosen'])} %; that is {gain} points "
        f"against the baseline. The others: {rivals}."
    )


def report(log):
    """The project in a few paragraphs, each made from entries of its log."""
    trained, restarts = entries(log, "train"), sum(is_entry(e) and e["kind"] == "start_over" for e in log)
    names = ", ".join(dict.fromkeys(result["method"] for result in tried(log))) or "nothing yet"
    said = [
        f"**What was tried:** {len(tried(log))} settings ({names}), "
        f"{sum(e['cost'] for e in trained):,} of {budget_of(log):,} network-epochs, "
        f"{sum(e.get('seconds', 0) for e in trained):.0f} seconds."
    ]
    for entry in entries(log, "diagnosis")[-1:]:
        said.append(f"**Diagnosis:** {entry['diagnosis']}. {entry.get('why', '')}")
    for entry in entries(log, "decision")[-1:]:
        said.append(f"**Decision:** {entry['method']}, {spelled(entry['settings'])}. {entry['why']}")
        if mine := decided_for(log, entry):
            said[-1] += f" On validation it agrees with {percent(mine['val_accuracy'])} % of the labels"
            said[-1] += f"; expected right, by the formula: {percent(entry.get('expected', mine['val_accuracy']))} %."
    said += [f"**Result:** {outcome(entry)}" for entry in entries(log, "opened")[:1]]
    said.append(
        f"**Looks at the sealed rows:** {looks(log)}. **Starts over:** {restarts}. ± is the 95% interval of the mean "
        "over seeds, on these rows; other rows of the same kind would move it by several points, and elsewhere it may "
        "be quite different."
    )
    return "\n\n".join(said)
