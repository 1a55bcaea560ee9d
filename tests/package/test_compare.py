"""The comparison: what is chosen, at which budgets, how fairly, and the factorial's arithmetic."""

import itertools
from dataclasses import replace

import keras
import numpy as np
import pytest

from course_utils import datasets, experiments, plots
from course_utils.compare import Comparison, Factorial, compare, compare_trained, factorial
from course_utils.errors import CourseError
from course_utils.experiments import Runs, train_many
from course_utils.lessons.combining import figures
from course_utils.models import mlp
from course_utils.selection import choose


def small(l1=0.0, l2=0.0, units=16):
    return mlp(hidden=(units,), l1=l1, l2=l2)


def made_up(name, losses):
    """`Runs` of five seeds and one epoch for each value of the setting `name`: {value: validation loss (5,)}."""
    settings = [{name: value, "seed": seed} for value in losses for seed in range(5)]
    val = np.ravel([np.broadcast_to(loss, 5) for loss in losses.values()]).astype("float32")[:, None]
    right, nothing, epochs = np.full_like(val, 0.5), [None] * len(val), np.ones(len(val), int)
    curves = val, right, val.copy(), right.copy(), np.zeros_like(val)
    return Runs(settings, *curves, nothing, nothing, 1.0, 0.0, 0, None, nothing, True, epochs, nothing)


# ---- one choice for all


def test_a_network_that_did_not_stay_finite_is_never_chosen(capsys):
    runs = train_many(
        lambda l2: mlp(hidden=(32,), l2=l2), datasets.digits, l2=[30.0, 1e-3], seeds=range(5), epochs=15,
        optimizer=keras.optimizers.SGD(0.1),
    )  # fmt: skip
    assert not np.isfinite(runs.where(l2=30.0).final("val_loss")).any()
    told = "l2 = 30.0 was left out of the choice: 5 of its 5 networks did not stay finite."
    for metric in ("val_loss", "val_accuracy", "train_loss"):
        assert runs.best("l2", metric) == 1e-3
        assert told in capsys.readouterr().out
    methods = {"baseline": {"l2": 1e-3}, "L2": {"l2": [30.0, 1e-3]}}
    result = compare_trained(runs, methods)
    assert result.chosen["L2"] == {"l2": 1e-3} and f"L2: {told}" in result.table()
    text = plots.sweep(runs, "l2")
    assert "Validation loss is best at l2 = 0.001" in str(text)
    assert "l2 = 30 was left out of the choice: 5 of its 5 networks" in str(text)
    with pytest.raises(CourseError, match=r"no setting stayed finite \(l2 = 30.0\)"):
        runs.where(l2=30.0).best("l2")
    with pytest.raises(CourseError, match="bad: There is nothing to choose from"):
        compare_trained(runs, {"baseline": {"l2": 1e-3}, "bad": {"l2": 30.0}})


def test_compare_leaves_out_what_diverged():
    fast = {"seeds": range(5), "epochs": 15, "optimizer": keras.optimizers.SGD(0.1)}
    result = compare(small, datasets.digits, {"baseline": {}, "L2": {"l2": [30.0, 1e-3]}}, **fast)
    assert result.chosen["L2"] == {"l2": 1e-3}
    assert result.diverged["L2"] == ["l2 = 30.0 was left out of the choice: 5 of its 5 networks did not stay finite."]
    with pytest.raises(CourseError, match="L2: There is nothing to choose from"):
        compare(small, datasets.digits, {"baseline": {}, "L2": {"l2": 30.0}}, **fast)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_seed_of_five_that_diverged_is_enough(bad, capsys):
    runs = made_up("l2", {0.1: [0.1, bad, 0.1, 0.1, 0.1], 0.2: 2.0, 0.3: 3.0})
    assert runs.best("l2") == 0.2
    assert "l2 = 0.1 was left out of the choice: 1 of its 5 networks did not stay finite." in capsys.readouterr().out
    lost = made_up("l2", {0.1: 1.0, 0.2: 2.0})
    lost.penalty[2] = bad  # in the loss that was trained, and in no other curve
    assert lost.best("l2") == 0.2


def test_the_choice_among_finite_networks():
    runs = made_up("l2", {0.1: 3.0, 0.2: 1.0, 0.3: 1.0})
    assert runs.best("l2") == 0.2  # of equals the first
    runs.val_accuracy[:5] = 0.9
    assert runs.best("l2", "val_accuracy") == 0.1
    runs.val_accuracy[:] = np.nan
    with pytest.raises(CourseError, match="val_accuracy is not measured"):
        runs.best("l2", "val_accuracy")
    with pytest.raises(CourseError, match="nothing to choose from"):
        choose({})


# ---- seeds


@pytest.mark.parametrize("seeds", [[0] * 5, [0, 1, 2, 3, 4, 0], np.array([1, 2, 3, 4, 4])])
def test_equal_seeds_do_not_count(seeds):
    with pytest.raises(CourseError, match="The seeds must differ: . stands more than once"):
        compare(small, datasets.digits, {"a": {}, "b": {"l2": [0.1]}}, seeds=seeds)
    with pytest.raises(CourseError, match="The seeds must differ"):
        train_many(small, datasets.digits, seeds=seeds, epochs=1)


# ---- tuned alike


def comparison(lists):
    """A made-up comparison whose methods were tuned over these lists: {method: {setting: values}}."""
    tried = {method: int(np.prod([len(v) for v in one.values()] or [1])) for method, one in lists.items()}
    five, none = {method: np.full(5, 0.5) for method in lists}, {method: {} for method in lists}
    cost = dict.fromkeys(lists, 1.0)
    return Comparison(none, none, tried, five, five, cost, cost, list(range(5)), lists=lists)


def test_unequal_numbers_of_strengths_are_told():
    equal = comparison({"baseline": {}, "switch": {}, "L2": {"l2": [1, 3, 10]}, "L1": {"l1": [0.1, 0.3, 1]}})
    assert equal.unequal() == [] and "differ" not in equal.table() and "| L2 | 3 |" in equal.table()
    more = comparison({"baseline": {}, "L2": {"l2": [1, 3]}, "net": {"l1": [1, 3], "l2": [1, 3]}})
    assert more.unequal() == ["The numbers of settings tried differ (L2 2, net 4): more of them are a better chance."]
    assert more.unequal()[0] in more.table()


def test_unequal_factors_are_told():
    finer = comparison({"baseline": {}, "L2": {"l2": [0, 1, 10, 100]}, "L1": {"l1": [0, 2, 1, 4]}})
    assert finer.unequal() == [
        "The factors between neighbouring strengths differ (L2 × 10, L1 × 2): a finer list fits better."
    ]
    gap = comparison({"baseline": {}, "L2": {"l2": [1, 3, 30]}, "L1": {"l1": [1, 3, 9]}})
    assert "L2 × 3 to 10, L1 × 3" in gap.unequal()[0]
    names = comparison({"baseline": {}, "L2": {"l2": [1, 3, 30]}, "optimizer": {"kind": ["a", "b", "c"]}})
    assert names.unequal() == []


# ---- budgets and early stopping


def test_one_call_compares_at_two_budgets_and_stopped_early():
    methods, held = {"baseline": {}, "L2": {"l2": [1e-3, 1e-2]}}, {"label_noise": 0.4, "seeds": range(5)}
    held["optimizer"] = keras.optimizers.Adam(0.02)
    result = compare(small, datasets.digits, methods, epochs=[4, 20], early_stopped=2, **held)
    assert list(result.comparisons) == [(4, None), (4, 2), (20, None), (20, 2)]
    for budget in (4, 20):
        plain = compare(small, datasets.digits, methods, epochs=budget, **held)
        assert isinstance(plain, Comparison)
        same = result.at(epochs=budget, early_stopped=False)
        assert same.chosen == plain.chosen
        stopped = {name: {**one, "patience": 2} for name, one in methods.items()}
        other = compare(small, datasets.digits, stopped, epochs=budget, **held)
        read = result.at(epochs=budget, early_stopped=True)
        for name in methods:
            np.testing.assert_allclose(same.accuracy[name], plain.accuracy[name], atol=0.01)
            np.testing.assert_allclose(read.accuracy[name], other.accuracy[name], atol=0.01)
        gain = plain.accuracy["L2"] - plain.accuracy["baseline"]
        mean = result.gain("L2", epochs=budget, early_stopped=False)[0]
        assert mean == pytest.approx(100 * gain.mean(), abs=0.5)
    assert abs(read.loss["baseline"] - same.loss["baseline"]).mean() > 0.1  # where to stop matters here
    table = result.table()
    assert "| epochs | early stopping | method | tried |" in table
    assert "| 4 | to the end | baseline |" in table and "| 20 | patience 2 | L2 | 2 |" in table
    for ask in ({}, {"epochs": 4}, {"epochs": 5, "early_stopped": True}):
        with pytest.raises(CourseError, match="must be one of these: epochs=4, early_stopped=False"):
            result.at(**ask)


def test_a_method_with_a_patience_of_its_own_keeps_it():
    methods = {"baseline": {}, "early stopping": {"patience": 1}}
    result = compare(small, datasets.digits, methods, epochs=12, early_stopped=True, seeds=range(5), label_noise=0.4)
    assert list(result.comparisons) == [(12, None), (12, 10)]
    stopped, to_the_end = (result.at(early_stopped=yes).accuracy["early stopping"] for yes in (True, False))
    np.testing.assert_array_equal(stopped, to_the_end)


@pytest.mark.parametrize(
    "wrong",
    [{"epochs": []}, {"epochs": [5, 5]}, {"early_stopped": 0}, {"early_stopped": "yes"}, {"early_stopped": 2.5},
     {"early_stopped": True, "patience": 3}],
)  # fmt: skip
def test_conditions_that_are_none(wrong):
    with pytest.raises(CourseError, match="epochs|early_stopped"):
        compare(small, datasets.digits, {"a": {}, "b": {"l2": 0.1}}, seeds=range(5), **wrong)


# ---- the factorial


def table_of(names, value):
    """A made-up `Factorial` of three seeds: `value` takes a set of techniques and gives its points above the luck."""
    luck = np.array([80.0, 84.0, 79.0])
    sets = [frozenset(s) for n in range(len(names) + 1) for s in itertools.combinations(names, n)]
    return Factorial(list(names), {s: luck + value(s) for s in sets}, [0, 1, 2])


def test_an_additive_table_has_its_gains_as_main_effects_and_no_interaction():
    gains = {"a": 3.0, "b": -1.5, "c": 0.25, "d": 7.0}
    made = table_of(gains, lambda on: sum(gains[name] for name in on))
    for name, gain in gains.items():
        for effect in (made.main_effect(name), made.alone(name), -made.taken_out(name)):
            np.testing.assert_allclose(effect, [gain] * 3, atol=1e-12)
    for one, other in itertools.combinations(gains, 2):
        np.testing.assert_allclose(made.interaction(one, other), 0, atol=1e-12)


def test_the_effects_by_hand_seed_by_seed():
    none, a, b, both = np.array([[80, 82], [84, 85], [81, 86], [79, 90]], float)
    made = Factorial(
        ["a", "b"], dict(zip(map(frozenset, ("", "a", "b", "ab")), (none, a, b, both), strict=True)), [4, 7]
    )
    np.testing.assert_allclose(made.main_effect("a"), [1.0, 3.5])  # (4 - 2) / 2, (3 + 4) / 2
    np.testing.assert_allclose(made.main_effect("b"), [-2.0, 4.5])  # (1 - 5) / 2, (4 + 5) / 2
    np.testing.assert_allclose(made.interaction("a", "b"), [-6, 1])  # -2 - 4, 4 - 3
    np.testing.assert_allclose(made.interaction("b", "a"), [-6, 1])
    np.testing.assert_allclose(made.alone("a"), [4, 3])
    np.testing.assert_allclose(made.taken_out("a"), [2, -4])  # b - both
    names, main, pairs = made.effects
    assert names == ["a", "b"] and main.shape == (2, 2) and pairs.shape == (2, 2, 2)
    np.testing.assert_allclose(pairs[0, 1], [-6, 1])
    np.testing.assert_allclose(pairs[1, 1], main[1])
    table = made.table()
    assert "| a | +3.5 ± 6.4 | +2.2 ± 15.9 | -1.0 ± 38.1 |" in table  # t(0.975, 1) = 12.706
    assert "| a × b | -2.5 ± 44.5 |" in table and "All together gain +3.5 ± 57.2." in table


def test_an_interaction_of_two_of_three():
    made = table_of("abc", lambda on: 2.0 * ("a" in on) - 5.0 * ({"a", "b"} <= on) + 8.0 * (len(on) == 3))
    np.testing.assert_allclose(made.interaction("a", "b"), -5 + 8 / 2)
    np.testing.assert_allclose(made.interaction("b", "c"), 8 / 2)
    np.testing.assert_allclose(made.main_effect("a"), 2 - 5 / 2 + 8 / 4)
    np.testing.assert_allclose(made.taken_out("c"), -8)
    with pytest.raises(CourseError, match="given twice"):
        made.interaction("a", "a")
    with pytest.raises(CourseError, match="no technique 'd' here; choose from a, b, c"):
        made.alone("d")


def test_a_factorial_trains_every_combination_and_reads_early_stopping_off():
    techniques = {"L2": {"l2": 0.01}, "early stopping": {"patience": 2}, "wide": {"units": 32}}
    held = {"seeds": range(5), "epochs": 8, "label_noise": 0.3, "optimizer": keras.optimizers.Adam(0.02)}
    made = factorial(small, datasets.digits, techniques, base={"units": 8}, **held)
    assert made.techniques == list(techniques) and len(made.accuracy) == 8
    for on in made.accuracy:
        settings = {"units": 8} | {key: value for name in on for key, value in techniques[name].items()}
        alone = train_many(small, datasets.digits, **settings, **held)
        np.testing.assert_allclose(made.accuracy[on], 100 * alone.evaluate("test")[1], atol=0.5)
    assert (made.accuracy[frozenset(["early stopping"])] != made.accuracy[frozenset()]).any()
    assert made.cube().shape == (2, 2, 2, 5)
    np.testing.assert_array_equal(made.cube()[1, 0, 1], made.accuracy[frozenset(["L2", "wide"])])
    figures.effects(*made.effects)
    validation = factorial(small, datasets.digits, techniques, base={"units": 8}, part="val", **held)
    on = frozenset(["L2", "early stopping"])
    np.testing.assert_allclose(validation.accuracy[on], 100 * made.runs[on].evaluate("val")[1], atol=0.5)


def test_a_factorial_has_no_effects_of_what_diverged():
    sgd = {"seeds": range(5), "epochs": 15, "optimizer": keras.optimizers.SGD(0.1)}
    with pytest.raises(CourseError, match="no setting stayed finite .L2."):
        factorial(small, datasets.digits, {"L2": {"l2": 30.0}, "wide": {"units": 32}}, **sgd)


@pytest.mark.parametrize(
    ("techniques", "more", "told"),
    [
        ({"a": {"l2": 0.1}}, {}, "at least two techniques"),
        ({"a": {"l2": 0.1}, "b": {"l2": 0.2}}, {}, "Two techniques set l2"),
        ({"a": {"l2": [0.1, 0.2]}, "b": {"l1": 0.2}}, {}, "a must give l2 one value"),
        ({"a": {}, "b": {"l1": 0.2}}, {}, "a has no setting"),
        ({"a": {"l2": 0.1, "patience": 3}, "b": {"l1": 0.2}}, {}, "A patience is a technique of its own"),
        ({"a": {"l2": 0.1}, "b": {"l1": 0.2}}, {"l2": 0.3}, "give its off in base"),
        ({"a": {"l2": 0.1}, "b": {"l1": 0.2}}, {"base": {"patience": 3}}, "patience cannot stand in base"),
        ({"a": {"l2": 0.1}, "b": {"l1": 0.2}}, {"part": "train"}, "part must be"),
        ({"a": {"l2": 0.1}, "b": {"l1": 0.2}}, {"seeds": [1] * 5}, "The seeds must differ"),
        ({"a": {"l2": 0.1}, "b": {"l1": 0.2}}, {"seeds": range(4)}, "at least 5 seeds"),
        ({"a": {"l3": 0.1}, "b": {"l1": 0.2}}, {}, "l3 is a setting neither"),
    ],
)
def test_what_is_no_factorial(techniques, more, told):
    with pytest.raises(CourseError, match=told):
        factorial(small, datasets.digits, techniques, **({"seeds": range(5), "epochs": 1} | more))


# ---- the comparison itself


def test_early_stopping_is_compared_with_what_it_cost():
    result = compare(
        small, datasets.digits, {"baseline": {}, "early stopping": {"patience": [1, 3]}}, seeds=range(5), epochs=30,
        label_noise=0.4, optimizer=keras.optimizers.Adam(0.02),
    )  # fmt: skip
    assert result.chosen["early stopping"]["patience"] in (1, 3)
    assert result.tried["early stopping"] == 2
    assert 0 < result.seconds["early stopping"] < result.in_all["early stopping"] / 5
    assert f"{result.in_all['early stopping']:.1f}" in result.table()


def test_compare_tunes_on_validation_and_pairs_by_seed():
    result = compare(
        small, datasets.digits, {"baseline": {}, "L2": {"l2": [1e-3, 1.0]}, "larger": {"units": [32]}},
        seeds=range(5), epochs=30, label_noise=0.2,
    )  # fmt: skip
    assert result.chosen == {"baseline": {}, "L2": {"l2": 1e-3}, "larger": {"units": 32}}
    assert result.tried == {"baseline": 1, "L2": 2, "larger": 1}
    again = train_many(small, datasets.digits, l2=1e-3, seeds=range(5), epochs=30, label_noise=0.2)
    np.testing.assert_allclose(result.accuracy["L2"], again.evaluate("test")[1], atol=0.01)
    gain = result.accuracy["L2"] - result.accuracy["baseline"]
    np.testing.assert_allclose(result.gain("L2"), 100 * gain)
    assert result.wins("L2") == int(np.sum(gain > 0))
    assert all(seconds > 0 for seconds in result.seconds.values())
    assert "L2" in result.table() and "wins" in result.table()


def test_compare_does_not_choose_by_the_test_rows():
    def misleading(seed=0):  # on these test labels the penalty that ruins the network is the better one
        split = datasets.digits(seed)
        return replace(split, y_test=(split.y_test + 1) % 10)

    result = compare(small, misleading, {"none": {}, "L2": {"l2": [1e-3, 1.0]}}, seeds=range(5), epochs=30)
    ruined = train_many(small, misleading, l2=1.0, seeds=range(5), epochs=30)
    assert ruined.evaluate("test")[1].mean() > result.accuracy["L2"].mean() + 0.03
    assert result.chosen["L2"] == {"l2": 1e-3}


@pytest.mark.parametrize("calls", [2, 7, 11])
def test_compare_refuses_a_comparison_that_was_stopped(monkeypatch, calls):
    advance, count = experiments._Watch.advance, []

    def interrupt(self, work):
        advance(self, work)
        count.append(work)
        if len(count) == calls:
            raise KeyboardInterrupt

    monkeypatch.setattr(experiments._Watch, "advance", interrupt)
    with pytest.raises(CourseError, match="half a comparison"):
        compare(small, datasets.digits, {"a": {}, "b": {"l2": [0.1, 0.2]}}, seeds=range(5), epochs=50, chunk=5)


def test_a_strength_chosen_at_the_end_of_its_list_is_marked():
    methods = {"baseline": {}, "L2": {"l2": [1e-3, 0.3, 1.0]}, "wider": {"units": [16, 32, 16]}}
    result = compare(small, datasets.digits, methods, seeds=range(5), epochs=10)
    assert result.at_end["L2"] == ["l2"] and result.at_end["baseline"] == []
    assert "end of its list" in result.table()


def test_trained_networks_are_compared_as_compare_would():
    methods = {"baseline": {"l2": 0.0}, "L2": {"l2": [1e-3, 0.3, 1.0]}}
    runs = train_many(small, datasets.digits, l2=[0.0, 1e-3, 0.3, 1.0], seeds=range(5), epochs=10)
    again, result = compare(small, datasets.digits, methods, seeds=range(5), epochs=10), compare_trained(runs, methods)
    assert (result.tried, result.seeds) == (again.tried, again.seeds)
    assert result.chosen == {"baseline": {}, "L2": again.chosen["L2"]} and result.at_end == again.at_end
    for method in methods:
        np.testing.assert_allclose(result.loss[method], again.loss[method], rtol=1e-3)
        assert result.in_all[method] == pytest.approx(5 * result.tried[method] * result.seconds[method])
    assert "L2" in result.table()


def test_trained_networks_that_cannot_be_compared():
    runs = train_many(small, datasets.digits, l2=[0.0, 0.1], seeds=range(5), epochs=1)
    with pytest.raises(CourseError, match="give each of l2 a value: look at l1"):
        compare_trained(runs, {"baseline": {"l2": 0.0}, "L1": {"l1": 0.1, "l2": 0.0}})
    with pytest.raises(CourseError, match="look at l2"):
        compare_trained(runs, {"baseline": {}, "L2": {"l2": 0.1}})
    with pytest.raises(CourseError, match="No network has l2 = 0.3"):
        compare_trained(runs, {"baseline": {"l2": 0.0}, "L2": {"l2": 0.3}})
    with pytest.raises(CourseError, match="at least 5 seeds"):
        compare_trained(runs.where(seed=0), {"baseline": {"l2": 0.0}, "L2": {"l2": 0.1}})


def test_compare_refuses_what_would_not_be_a_comparison():
    with pytest.raises(CourseError, match="at least 5 seeds"):
        compare(small, datasets.digits, {"a": {}, "b": {"l2": [0.1]}}, seeds=range(3))
    with pytest.raises(CourseError, match="two methods"):
        compare(small, datasets.digits, {"a": {}})
