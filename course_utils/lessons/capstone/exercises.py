"""The exercises of lesson 10: the split, and then each step of the project, read from its log."""

import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, NotAttempted, Wrong, call, shown
from course_utils.lessons.capstone import rubric
from course_utils.stats import interval

LESSON = "10 Capstone"


# ---- a split by tiles ------------------------------------------------------------------------------------------------

_TILES = [
    (np.array([7, 7, 7, 7, 3, 3, 12, 12, 12, 5, 40, 40]), 0.4),
    (np.repeat([2, 9, 4, 30, 11, 8, 1, 77, 6], [5, 1, 9, 2, 7, 3, 4, 6, 2]), 1 / 3),
    (np.tile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 6), 0.3),
]


def _check_split(answer):
    seen = []
    for tiles, share in _TILES:
        for seed in range(6):
            got = call(answer, tiles, share, seeds.fixed(seed), names=["tiles", "share", "rng"])
            if got is None or got is ...:
                raise NotAttempted("Your function returns nothing. If you have written it, does it end in `return …`?")
            mask = np.asarray(got)
            if mask.shape != tiles.shape or mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
                return (
                    f"For {len(tiles)} rows you returned {shown(got)}; expected {len(tiles)} values, True for the rows "
                    "that go to validation."
                )
            if fault := _fault(mask.astype(bool), tiles, share):
                return fault
            again = call(answer, tiles, share, seeds.fixed(seed))
            if not np.array_equal(again, got):
                return "Two calls with the same seed deal differently: draw from `rng`, and from nothing else."
            seen.append(tuple(np.unique(tiles[mask.astype(bool)]).tolist()))
    if len(set(seen)) <= len(_TILES):
        return "Every seed deals the same tiles: let `rng` choose them, for example with `rng.permutation`."
    return None


def _fault(mask, tiles, share):
    for tile in np.unique(tiles):
        if len(set(mask[tiles == tile])) > 1:
            return f"Rows of tile {tile} are on both sides. Deal whole tiles, not rows: `np.unique(tiles)` lists them."
    dealt, there = len(np.unique(tiles[mask])), len(np.unique(tiles))
    wanted = round(share * there)
    if dealt == there - wanted != wanted:
        return "That is the other side: True is for validation, and `share` is the share of tiles that go there."
    if dealt != wanted:
        return f"Of {there} tiles and a share of {share:.2g}, {wanted} should go to validation; you dealt {dealt}."
    return None


split_by_tiles = Exercise(
    "capstone.split_by_tiles",
    "Deal whole tiles",
    _check_split,
    hints=[
        "Deal the tiles first, then ask of each row in which tile it lies.",
        "`np.unique(tiles)` lists the tiles; `rng.permutation(…)` brings them into a random order; take the first "
        "`round(share * …)` of them.",
        "`np.isin(tiles, chosen)` is True for the rows whose tile was chosen.",
    ],
    solution="""
        def in_validation(tiles, share, rng):
            dealt = rng.permutation(np.unique(tiles))
            chosen = dealt[: round(share * len(dealt))]
            return np.isin(tiles, chosen)
    """,
    why="No tile is on both sides, so no pixel is. The same idea serves wherever rows come in groups: patients, "
    "writers, machines, days.",
)


# ---- the steps of the project, as its log tells them -----------------------------------------------------------------


def _log(answer):
    """The usable log in `answer`, which may be anything, as far as it is judged: up to the opening."""
    if not isinstance(answer, list):
        raise Wrong(f"Give the check the log of your project, `project.log`; it got {shown(answer)}.")
    return rubric.judged(answer)


def _check_baseline(answer):
    log = _log(answer)
    base = rubric.baseline(log)
    if base is None:
        if others := dict.fromkeys(r["method"] for r in rubric.tried(log)):
            return f'There are networks in your log ({", ".join(others)}), but none of them is called "baseline".'
        raise NotAttempted('Train one with `project.train("baseline")`.')
    again = 'Train it again with `project.train("baseline")`; that one counts then.'
    if changed := rubric.own_settings(base):
        return f"Your baseline has settings of its own ({', '.join(sorted(changed))}): it has no method. {again}"
    if len(set(base["seeds"])) < 5:
        return (
            f"Your baseline has {len(set(base['seeds']))} seeds; telling luck from effect takes five or more. {again}"
        )
    if not rubric.entries(log, "naive"):
        return "The simple rivals are missing: run the cell with `project.naive()` above."
    return None


baseline = Exercise(
    "capstone.baseline",
    "Train the baseline",
    _check_baseline,
    hints=[
        'The name "baseline" is enough: `project.train("baseline")` takes ten seeds and 100 epochs.',
        "Keep what it returns in `baseline_runs`: the curves are in it.",
    ],
    solution="""
        baseline_runs = project.train("baseline")
    """,
    why="Every gain that you report will be measured against this network, on these seeds and these epochs.",
)


def _check_diagnosis(answer):
    log = _log(answer)
    stated, base = rubric.entries(log, "diagnosis"), rubric.baseline(log)
    if not stated:
        raise NotAttempted('State it with `project.diagnose("…", why="…")`.')
    if base is None:
        return "There is no baseline in your log yet, and so nothing to diagnose."
    said, found = stated[-1]["diagnosis"], rubric.diagnosis_of(base)
    train, val = (100 * np.mean(base[f"{part}_accuracy"]) for part in ("train", "val"))
    if said != found:
        return (
            f"You say “{said}”. Your baseline is right on {train:.0f}% of its training rows, {val:.0f}% of the others."
        )
    if len(str(stated[-1].get("why", "")).strip()) < 20:
        return "The diagnosis fits. Add the evidence: `why=` with the numbers that you go by, in a sentence."
    return None


diagnosis = Exercise(
    "capstone.diagnosis",
    "Diagnose the baseline",
    _check_diagnosis,
    hints=[
        "Compare the accuracy on training rows with that on validation rows, at the last epoch.",
        "Far apart is overfitting, both low is underfitting. Where does the validation loss turn?",
        'The names are "overfitting", "underfitting" and "neither".',
    ],
    solution="""
        project.diagnose(
            "overfitting",
            why="Nearly all training labels are learned, wrong ones too; the validation loss turns after a few epochs.",
        )
    """,
    why="A diagnosis in writing can be wrong, and that is its use: it says which remedies have a chance, before you "
    "have seen any of them work.",
)


def _check_methods(answer):
    log = _log(answer)
    base, methods = rubric.baseline(log), rubric.methods(log)
    if base is None and rubric.tried(log):
        return 'There is no baseline to compare them with: train one with `project.train("baseline")`.'
    if unlike := ", ".join(rubric.unlike(log)) if not methods else "":
        return f"Not the baseline's seeds and epochs, so not compared: {unlike}. Train on those of the baseline."
    if not methods:
        raise NotAttempted('Try one with `project.train("L2", l2=[…])`, or whatever your diagnosis suggests.')
    if rubric.kinds(log) < 2:
        return f"One kind of method ({', '.join(methods)}) has no rival yet: try a second."
    if few := rubric.few(log):
        return f"Fewer than three strengths of {', '.join(few)}: a single value is not a fair chance."
    if ends := [m for m, results in methods.items() if rubric.at_end(results)]:
        return (
            f"The best strength stands at the end of its list: try further values of {', '.join(ends)}. If the budget "
            "is spent, decide with what you have and say so in `why=`: the project goes on without this tick."
        )
    best = max((r for results in methods.values() for r in results), key=lambda r: np.mean(r["val_accuracy"]))
    mean, half = interval(100 * np.subtract(best["val_accuracy"], base["val_accuracy"]))
    if mean - half <= 0:
        return (
            f"Your best is {best['method']}, {mean:+.1f} ± {half:.1f} points: not surely better than the baseline yet."
        )
    return None


methods = Exercise(
    "capstone.methods",
    "Try methods, fairly",
    _check_methods,
    hints=[
        "Write down first what you can afford: each strength costs 1,000 network-epochs at ten seeds and 100 epochs.",
        "A list of patiences costs one training: they are all read off the same curves.",
        'For example `project.train("L2", l2=[0.003, 0.01, 0.03, 0.1])`, and `patience=[2, 5, 10, 20, 40]`.',
    ],
    solution="""
        l2 = [0.003, 0.01, 0.03]
        patience = [2, 5, 10, 20, 40]
        project.train("L2", l2=l2)
        project.train("early stopping", patience=patience)
        project.train("L2 + early stopping", l2=l2, patience=patience)
    """,
    why="Each method had a list of strengths, on the seeds and epochs of the baseline, and at least one is surely "
    "better than it on the validation rows.",
)


def _check_verdict(answer):
    log = _log(answer)
    decided, opened = rubric.entries(log, "decision"), rubric.entries(log, "opened")
    if not decided:
        raise NotAttempted('Decide with `project.decide("…", why="…", …)`, and open the seal when you are sure.')
    choice = decided[-1]
    mine = rubric.decided_for(log, choice)
    if not mine:
        return "What you decided for is not among what you trained on the baseline's seeds and epochs."
    mean, half = rubric.behind(log, mine)
    if mean > 0 and mean - half > 0:
        return f"Your choice is {mean:.1f} ± {half:.1f} points behind your best on validation, and so surely worse."
    if mean > 0 and len(choice["why"].strip()) < 40:
        return f"Your choice is {mean:.1f} points behind your best on validation: say in `why=` what speaks for it."
    if not opened:
        raise NotAttempted(
            "Your decision stands. When nothing is left to try: `print(project.open_sealed())` below it."
        )
    if rubric.looks(answer) > 1:
        return (
            f"The sealed rows have been opened {rubric.looks(answer)} times; only the first look was one at new rows."
        )
    return None


verdict = Exercise(
    "capstone.verdict",
    "Decide, then open the seal",
    _check_verdict,
    hints=[
        "Read `project.table()` again. The best mean on the validation rows is a good choice; a simpler one whose "
        "distance from it cannot be told from 0 is another, if you say so.",
        "Give `decide` the method's name and one value for each list it had.",
        "`print(project.open_sealed())` comes after it, in the same cell or the next. It can be done once.",
    ],
    solution="""
        best = max(rubric.alike(project.log), key=lambda result: np.mean(result["val_accuracy"]))
        project.decide(best["method"], why="The best mean accuracy on the validation rows.", **best["settings"])
        print(project.open_sealed())
    """,
    why="The choice was in writing before the sealed rows were seen, so that what they say is a test of it and not a "
    "part of it.",
)
