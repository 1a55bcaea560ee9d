"""The exercises of lesson 09."""

import itertools
import math

import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, NotAttempted, Wrong, call, calls, shown
from course_utils.stats import Interval, interval

LESSON = "09 Combining"


# ---- the confounded ablation --------------------------------------------------------------------------------------

_COLUMNS = ("L2", "dropout", "batch norm", "epochs", "rows", "chosen on", "nothing")
_VERDICTS = {
    "A": ("nothing", {"chosen on": "The baseline has no strength to choose; validation rows are the rule for all."}),
    "B": ("epochs", {"nothing": "Look along lines 1 and 3 once more: dropout is not the only column that changes."}),
    "C": ("L2", {"nothing": "Line 4 has batch norm and something else that line 1 has not."}),
    "D": ("nothing", {"L2": "Both lines have the same λ: a technique that is on in both arms is no confounder."}),
    "E": ("chosen on", {"nothing": "The settings agree. Look at how the strength in line 5 was found."}),
    "F": ("rows", {"nothing": "One of the two networks has seen more."}),
}


def _check_confounded(answer):
    if not isinstance(answer, dict):
        raise Wrong(f"Your answer should be a dictionary such as `{{'A': 'epochs', …}}`, and it is {shown(answer)}.")
    for letter, (right, told) in _VERDICTS.items():
        given = answer.get(letter)
        given = given.strip().lower() if isinstance(given, str) else given
        if given not in [name.lower() for name in _COLUMNS]:
            columns = ", ".join(f"`{name}`" for name in _COLUMNS)
            raise Wrong(f"For {letter} choose one of {columns}; yours is {shown(answer.get(letter))}.")
        if given == right.lower():
            continue
        told = {name.lower(): text for name, text in told.items()}
        if right == "nothing":
            other = f"“{given}” is the same in both lines that {letter} compares, or is the technique itself."
        else:
            other = f"“{given}” is not what else differs in {letter}. Go through the two lines column by column."
        return f"{letter}: {told.get(given, other)}"
    return None


confounded = Exercise(
    "combining.confounded",
    "Spot the confounded ablation",
    _check_confounded,
    hints=[
        "Lay a ruler under the two lines. Every column in which they differ, except the technique's own, is a suspect.",
        "Two of the six comparisons are clean.",
        "“test” under “chosen on” means that the strength was picked by the number that is then reported.",
    ],
    solution="""
        verdicts = {
            "A": "nothing",
            "B": "epochs",
            "C": "L2",
            "D": "nothing",
            "E": "chosen on",
            "F": "rows",
        }
    """,
    why="Two arms may differ in one thing: the technique with a strength that was found by the same rule. Of the other "
    "four comparisons none is false for certain; they cannot tell us. Nor are A and D proved: one number an arm has no "
    "interval.",
)


# ---- an interaction, with its interval ----------------------------------------------------------------------------


def _interaction(neither, only_a, only_b, both):
    mean, half = interval(both - only_a - only_b + neither)
    return np.array([mean, half])


def _four_arms():
    draw, cases = seeds.fixed(0), []
    for count, gains in ((6, (4.0, 5.0, 3.0)), (5, (-2.0, 6.0, 9.0)), (8, (1.0, 1.0, 2.0))):
        luck = draw.normal(0, 3, count)  # a good split is good for all four arms: that is what pairing is for
        cases.append(tuple((80 + gain + luck + draw.normal(0, 0.5, count)).round(1) for gain in (0.0, *gains)))
    return cases


def _as_if(fault):
    """The pair (mean, half-width) that follows from another difference of the four arms."""
    return lambda neither, only_a, only_b, both: np.array(interval(fault(neither, only_a, only_b, both)))


def _unpaired(neither, only_a, only_b, both):
    arms = [interval(arm) for arm in (neither, only_a, only_b, both)]
    return np.array([_interaction(neither, only_a, only_b, both)[0], math.sqrt(sum(half**2 for _, half in arms))])


def _added_widths(neither, only_a, only_b, both):
    arms = [interval(arm) for arm in (neither, only_a, only_b, both)]
    return np.array([_interaction(neither, only_a, only_b, both)[0], sum(half for _, half in arms)])


def _paired(answer):
    """The learner's function, with an Interval that it returns read as the pair (mean, half-width)."""

    def paired(*arms):
        found = answer(*arms)
        return tuple(found) if isinstance(found, Interval) else found

    return paired if callable(answer) else answer


interaction = Exercise(
    "combining.interaction",
    "Compute an interaction",
    lambda answer: calls(
        _paired(answer),
        _four_arms(),
        _interaction,
        {
            "You left the baseline out. Both gains are measured from it, so it comes back once: + neither.": (
                _as_if(lambda neither, only_a, only_b, both: both - only_a - only_b)
            ),
            "That is half of it. Some textbooks halve the interaction; in this lesson it is the whole difference.": (
                _as_if(lambda neither, only_a, only_b, both: (both - only_a - only_b + neither) / 2)
            ),
            "That is the gain of both together. Subtract what the two gain alone.": (
                _as_if(lambda neither, only_a, only_b, both: both - neither)
            ),
            "The sign is turned: below zero should mean that the two gain less together than they do alone.": (
                _as_if(lambda neither, only_a, only_b, both: only_a + only_b - both - neither)
            ),
            "You compare with the better of the two alone. That is a useful number, and not the interaction.": (
                _as_if(lambda neither, only_a, only_b, both: both - np.maximum(only_a, only_b))
            ),
            "The mean is right. But the interval treats the four arms as if they had different seeds: take the "
            "difference seed by seed first.": _unpaired,
            "The mean is right. Half-widths do not add up: take the difference seed by seed, and its interval.": (
                _added_widths
            ),
            "That is one number for each seed. Return their mean and the half-width of its interval.": (
                lambda neither, only_a, only_b, both: both - only_a - only_b + neither
            ),
            "That is the mean alone. Return the half-width of its interval too.": (
                lambda neither, only_a, only_b, both: np.mean(both - only_a - only_b + neither)
            ),
        },
    ),
    hints=[
        "The gain of A without B is `only_a - neither`. What is its gain with B?",
        "The interaction is the second gain minus the first, seed by seed: an array as long as the four.",
        "`interval(that array)` is the pair that is asked for.",
    ],
    solution="""
        def interaction_of(neither, only_a, only_b, both):
            return interval((both - only_b) - (only_a - neither))
    """,
    why="It is the same whichever of the two you call A. Seed by seed, the luck of a split cancels: it is in all four.",
)


# ---- a search that fits into a budget -----------------------------------------------------------------------------


def _plan(budget, seconds, seeds, levels):
    affordable = int((budget + 1e-9) // (seconds * seeds))
    grid = math.prod(levels)
    in_turn = 1 + sum(count - 1 for count in levels)
    return np.array([affordable, grid, in_turn])


_BUDGETS = [
    (60.0, 0.25, 6, [5, 6, 2, 4]),
    (30.0, 0.5, 5, [3, 4]),
    (100.0, 0.7, 10, [4, 4, 2]),
    (10.0, 1.0, 5, [2, 2, 2]),
]

plan = Exercise(
    "combining.plan",
    "Plan a search under a budget",
    lambda answer: calls(
        answer,
        _BUDGETS,
        _plan,
        {
            "A setting is judged by several networks, one for each seed. You count as if one were enough.": (
                lambda budget, seconds, seeds, levels: np.array(
                    [int(budget // seconds), *_plan(budget, seconds, seeds, levels)[1:]]
                )
            ),
            "You round up: the last setting would not be finished in time.": (
                lambda budget, seconds, seeds, levels: np.array(
                    [math.ceil(budget / (seconds * seeds)), *_plan(budget, seconds, seeds, levels)[1:]]
                )
            ),
            "You do not round: settings come whole.": (
                lambda budget, seconds, seeds, levels: np.array(
                    [budget / (seconds * seeds), *_plan(budget, seconds, seeds, levels)[1:]]
                )
            ),
            "One at a time, the setting with everything off stands in every list. Train it once.": (
                lambda budget, seconds, seeds, levels: np.array(
                    [*_plan(budget, seconds, seeds, levels)[:2], sum(levels)]
                )
            ),
            "One at a time still needs the setting with everything off, once.": (
                lambda budget, seconds, seeds, levels: np.array(
                    [*_plan(budget, seconds, seeds, levels)[:2], sum(count - 1 for count in levels)]
                )
            ),
            "A grid holds every combination: its size is the product of the lists' lengths, not their sum.": (
                lambda budget, seconds, seeds, levels: np.array(
                    [
                        _plan(budget, seconds, seeds, levels)[0],
                        sum(levels),
                        _plan(budget, seconds, seeds, levels)[2],
                    ]
                )
            ),
            "Those are networks. The question is how many settings there are; the seeds are in the first number.": (
                lambda budget, seconds, seeds, levels: np.array(
                    [
                        _plan(budget, seconds, seeds, levels)[0],
                        *(seeds * _plan(budget, seconds, seeds, levels)[1:]),
                    ]
                )
            ),
        },
    ),
    hints=[
        "One setting costs `seconds * seeds`. Whole settings: `int(budget // …)`.",
        "The grid: `math.prod(levels)`, or a loop that multiplies.",
        "One at a time: everything off once, and then each list without its “off”.",
    ],
    solution="""
        def plan(budget, seconds, seeds, levels):
            affordable = int(budget // (seconds * seeds))
            grid = 1
            for count in levels:
                grid *= count
            one_at_a_time = 1 + sum(count - 1 for count in levels)
            return affordable, grid, one_at_a_time
    """,
    why="The grid grows by factors, one at a time by sums. Random search takes whatever number you can afford. What "
    "one at a time cannot see is what this lesson is about: interactions.",
)


# ---- which technique to take out ----------------------------------------------------------------------------------


def _gain_of_removing(runs, recipe, name):
    return interval(np.asarray(runs[frozenset(recipe - {name})]) - np.asarray(runs[frozenset(recipe)]))


def _surest(found):
    """The name with the largest gain among those whose interval lies above zero, or None."""
    sure = {name: mean for name, (mean, half) in found.items() if mean - half > 0}
    return max(sure, key=sure.get) if sure else None


def _remove(runs, recipe):
    return _surest({name: _gain_of_removing(runs, recipe, name) for name in sorted(recipe)})


def _largest_mean(runs, recipe):
    return max(sorted(recipe), key=lambda name: _gain_of_removing(runs, recipe, name)[0])


def _largest_above_zero(runs, recipe):
    name = _largest_mean(runs, recipe)
    return name if _gain_of_removing(runs, recipe, name)[0] > 0 else None


def _worst_alone(runs, recipe):
    return min(sorted(recipe), key=lambda name: np.mean(runs[frozenset({name})] - runs[frozenset()]))


def _worst_on_average(runs, recipe):
    def effect(name):
        return np.mean([np.mean(runs[s | {name}] - runs[s]) for s in runs if name not in s])

    return min(sorted(recipe), key=effect)


def _most_harmful_to_lose(runs, recipe):
    return min(sorted(recipe), key=lambda name: _gain_of_removing(runs, recipe, name)[0])


def _tables():
    """Four tables of made-up runs over three techniques; (runs, recipe) each."""
    # Points above the baseline of: a, b, c, ab, ac, bc, abc. Noise between arms of one seed: `noise`.
    kinds = [
        (("L2", "dropout", "batch norm"), (6, 1, -1, 0, 7, 8, 4), 0.4),  # the worst alone is not the one to remove
        (("L2", "dropout", "augmentation"), (5, 6, 4, 3, -4, -2, -14), 0.8),  # all help alone
        (("L2", "batch norm", "early stopping"), (5, 2, -4, 3, 5, -3, 5.5), 0.4),  # here nothing has to go
        (("dropout", "augmentation", "early stopping"), (3, 2, 4, 5, 6, 4.5, 1.0), 3.0),  # too noisy to tell
    ]
    draw, tables = seeds.fixed(5), []
    for names, points, noise in kinds:
        luck = draw.normal(0, 3, 6)
        subsets = [c for size in (1, 2, 3) for c in itertools.combinations(names, size)]
        arms = {(): 0.0} | dict(zip(subsets, points, strict=True))
        runs = {frozenset(s): (80 + p + luck + draw.normal(0, noise, 6)).round(1) for s, p in arms.items()}
        tables.append((runs, set(names)))
    tables.append((tables[1][0], {"L2", "dropout"}))  # a recipe that is not everything
    return tables


_MISTAKES = {
    "You judge each technique by what it does alone. Here it stands among others: compare the recipe with the recipe "
    "without it.": _worst_alone,
    "You judge each technique by its average effect over all runs. Most of these runs are not your recipe.": (
        _worst_on_average
    ),
    "You name the technique that it would hurt most to lose: the sign is turned.": _most_harmful_to_lose,
    "You take the largest gain above zero, whatever its interval. One of the tables is noisy: it does not say that "
    "anything should go.": _largest_above_zero,
    "You take the largest mean gain, whatever its interval. Where none lies above zero, return None: the table does "
    "not say that anything should go.": _largest_mean,
}


def _check_remove(answer):
    tables = _tables()
    got = [call(answer, *table, names=["runs", "recipe"]) for table in tables]
    if all(value is None or value is ... for value in got):
        raise NotAttempted("Your function returns nothing. If you have written it, does it end in `return …`?")
    right = [_remove(*table) for table in tables]
    for value, (_, recipe) in zip(got, tables, strict=True):
        if value is not None and not (isinstance(value, str) and value in recipe):
            return f"Return one of the names in `recipe`, or None; yours is {shown(value)}."
    if got == right:
        return None
    for sentence, mistake in _MISTAKES.items():
        if got == [mistake(*table) for table in tables]:
            return sentence
    first = next(i for i in range(len(tables)) if got[i] != right[i])
    runs, recipe = tables[first]
    gains = {name: _gain_of_removing(runs, recipe, name) for name in sorted(recipe)}
    said = [f"{name} {mean:+.1f} ± {half:.1f}" for name, (mean, half) in gains.items()]
    return (
        f"For the recipe {', '.join(sorted(recipe))} you return {shown(got[first])}. What removing each of them gains, "
        f"in points: {'; '.join(said)}."
    )


remove = Exercise(
    "combining.remove",
    "Argue for removing a technique",
    _check_remove,
    hints=[
        "`runs[frozenset(recipe)]` is the recipe, `runs[frozenset(recipe - {name})]` the recipe without one technique.",
        "Take the difference of the two seed by seed, and its `interval`.",
        "Among the names whose interval lies above zero (mean − half-width > 0), take the largest mean; if there is "
        "none, return None.",
    ],
    solution="""
        def remove(runs, recipe):
            best, best_gain = None, 0
            for name in recipe:
                without = runs[frozenset(recipe - {name})]
                mean, half = interval(without - runs[frozenset(recipe)])
                if mean - half > 0 and mean > best_gain:
                    best, best_gain = name, mean
            return best
    """,
    why="In one table L2, dropout and augmentation each help alone, and taking out any of them gains; augmentation "
    "most. The two that remain are still worse together than either alone: take out one at a time, and look again. In "
    "another, the one that harms alone is not the one to take out.",
)
