"""Right and wrong answers to lesson 09's exercises."""

import math

import numpy as np

from course_utils.stats import interval

VERDICTS = {"A": "nothing", "B": "epochs", "C": "L2", "D": "nothing", "E": "chosen on", "F": "rows"}


def interaction_by_gains(neither, only_a, only_b, both):
    gain_alone, gain_beside_b = only_a - neither, both - only_b
    mean, half = interval(gain_beside_b - gain_alone)
    return mean, half


def interaction_by_sum(neither, only_a, only_b, both):
    arms = np.array([neither, only_a, only_b, both])
    return np.array(interval([1, -1, -1, 1] @ arms))


def halved(neither, only_a, only_b, both):
    return interval((both - only_a - only_b + neither) / 2)


def unpaired(neither, only_a, only_b, both):
    halves = [interval(arm)[1] for arm in (neither, only_a, only_b, both)]
    return interaction_by_gains(neither, only_a, only_b, both)[0], np.sqrt(np.sum(np.square(halves)))


def plan_by_product(budget, seconds, seeds, levels):
    return math.floor(budget / (seconds * seeds)), math.prod(levels), 1 + sum(levels) - len(levels)


def plan_by_loop(budget, seconds, seeds, levels):
    settings, spent = 0, 0.0
    while spent + seconds * seeds <= budget:
        spent += seconds * seeds
        settings += 1
    grid, in_turn = 1, 1
    for count in levels:
        grid, in_turn = grid * count, in_turn + count - 1
    return [settings, grid, in_turn]


def with_part(at, value):
    def answer(budget, seconds, seeds, levels):
        found = list(plan_by_product(budget, seconds, seeds, levels))
        found[at] = value(budget, seconds, seeds, levels)
        return found

    return answer


def remove_by_loop(runs, recipe):
    best, best_gain = None, 0
    for name in sorted(recipe):
        mean, half = interval(runs[frozenset(recipe - {name})] - runs[frozenset(recipe)])
        if mean - half > 0 and mean > best_gain:
            best, best_gain = name, mean
    return best


def remove_by_sorting(runs, recipe):
    gains = [(*interval(runs[frozenset(recipe) - {name}] - runs[frozenset(recipe)]), name) for name in recipe]
    sure = sorted((mean, name) for mean, half, name in gains if mean > half)
    return sure[-1][1] if sure else None


def by_mean(runs, recipe):
    return max(sorted(recipe), key=lambda name: np.mean(runs[frozenset(recipe - {name})]))


def above_zero(runs, recipe):
    name = by_mean(runs, recipe)
    return name if np.mean(runs[frozenset(recipe - {name})] - runs[frozenset(recipe)]) > 0 else None


def worst_alone(runs, recipe):
    return min(sorted(recipe), key=lambda name: np.mean(runs[frozenset({name})]))


def worst_on_average(runs, recipe):
    return min(sorted(recipe), key=lambda name: np.mean([runs[s | {name}] - runs[s] for s in runs if name not in s]))


def turned(runs, recipe):
    return min(sorted(recipe), key=lambda name: np.mean(runs[frozenset(recipe - {name})]))


CASES = {
    "confounded": {
        "right": [VERDICTS, {name: value.upper() for name, value in VERDICTS.items()}],
        "wrong": [
            (VERDICTS | {"A": "chosen on"}, "no strength to choose"),
            (VERDICTS | {"B": "nothing"}, "not the only column that changes"),
            (VERDICTS | {"C": "nothing"}, "something else that line 1 has not"),
            (VERDICTS | {"D": "L2"}, "on in both arms"),
            (VERDICTS | {"E": "nothing"}, "how the strength in line 5 was found"),
            (VERDICTS | {"F": "epochs"}, "not what else differs in F"),
            (VERDICTS | {"A": "rows"}, "the same in both lines"),
            (VERDICTS | {"F": "seeds"}, "choose one of"),
            ({"A": "nothing"}, "For B choose one of"),
            (["nothing", "epochs"], "should be a dictionary"),
        ],
    },
    "interaction": {
        "right": [interaction_by_gains, interaction_by_sum],
        "wrong": [
            (lambda neither, only_a, only_b, both: interval(both - only_a - only_b), "left the baseline out"),
            (halved, "half of it"),
            (lambda neither, only_a, only_b, both: interval(both - neither), "the gain of both together"),
            (lambda neither, only_a, only_b, both: interval(only_a + only_b - both - neither), "sign is turned"),
            (
                lambda neither, only_a, only_b, both: interval(both - np.maximum(only_a, only_b)),
                "the better of the two alone",
            ),
            (unpaired, "as if they had different seeds"),
            (
                lambda *arms: (interaction_by_gains(*arms)[0], sum(interval(arm)[1] for arm in arms)),
                "Half-widths do not add up",
            ),
            (lambda neither, only_a, only_b, both: both - only_b - only_a + neither, "one number for each seed"),
            (lambda *arms: interaction_by_gains(*arms)[0], "the mean alone"),
        ],
    },
    "plan": {
        "right": [plan_by_product, plan_by_loop],
        "wrong": [
            (with_part(0, lambda budget, seconds, seeds, levels: int(budget / seconds)), "one were enough"),
            (with_part(0, lambda budget, seconds, seeds, levels: -(-budget // (seconds * seeds))), "round up"),
            (with_part(0, lambda budget, seconds, seeds, levels: budget / (seconds * seeds)), "settings come whole"),
            (with_part(2, lambda budget, seconds, seeds, levels: sum(levels)), "Train it once"),
            (with_part(2, lambda budget, seconds, seeds, levels: sum(levels) - len(levels)), "everything off, once"),
            (with_part(1, lambda budget, seconds, seeds, levels: sum(levels)), "product of the lists"),
            (
                lambda *given: [n * (given[2] if i else 1) for i, n in enumerate(plan_by_product(*given))],
                "Those are networks",
            ),
            (lambda *given: plan_by_product(*given)[0], "expected an array of shape"),
        ],
    },
    "remove": {
        "right": [remove_by_loop, remove_by_sorting],
        "wrong": [
            (worst_alone, "what it does alone"),
            (worst_on_average, "average effect over all runs"),
            (by_mean, "largest mean gain, whatever its interval"),
            (above_zero, "One of the tables is noisy"),
            (turned, "the sign is turned"),
            (lambda runs, recipe: None if len(recipe) > 2 else "L2", "What removing each of them gains"),
            (lambda runs, recipe: "rows", "one of the names in `recipe`"),
            (lambda runs, recipe: runs[recipe], "raised"),
        ],
    },
}
