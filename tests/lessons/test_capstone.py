"""The capstone: its log, its budget, its seal and its rubric, whatever happens to the files."""

import importlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from capstone_cases import BASE, BEGUN, DECIDED, DIAGNOSED, GOOD, NEAR, SEEDS, STOPPED, TRIED, WHY, Log

from course_utils import datasets, progress
from course_utils.errors import CourseError
from course_utils.lessons.capstone import project as capstone
from course_utils.lessons.capstone import rubric

QUICK = {"seeds": range(5), "epochs": 3, "hidden": (4,)}  # three architectures less to compile


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The learner's own folder, empty."""
    folder = tmp_path / "of the learner"
    monkeypatch.setenv("COURSE_PROGRESS", str(folder / "progress.jsonl"))
    monkeypatch.setattr(progress, "_unsaved", {})
    monkeypatch.setattr(progress, "_noted", False)
    capstone._note.cache_clear()
    return folder


def sentence(function, *arguments, **options):
    with pytest.raises(CourseError) as caught:
        function(*arguments, **options)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and text.count(". ") == 0
    return text


def decided(project):
    project.train("baseline", **QUICK)
    project.train("L2", l2=[0.01, 0.1], **QUICK)
    project.decide("L2", l2=0.01, why="the smaller one")


def forge(entry):
    """Write `entry` into both copies, as a project would."""
    progress.record(f"capstone:{entry['id']}", entry)
    capstone._append(entry)


@pytest.fixture
def opened(home):
    """A project whose seal is open; nothing was trained for it."""
    for entry in GOOD:
        forge(entry)
    return capstone.Project()


# ---- the seal --------------------------------------------------------------------------------------------------------


def test_the_sealed_rows_are_judged_once_and_then_only_shown(monkeypatch):
    project = capstone.Project()
    assert "stays shut" in project.open_sealed()
    project.train("L2", l2=[0.01], **QUICK)
    assert "0 of your trained" in sentence(project.decide, "L2")  # there is no baseline
    project.train("baseline", **QUICK | {"hidden": [(4,), (5,)]})  # several at once, and others follow
    project.decide("L2")
    project.train("baseline", **QUICK | {"seeds": range(6)})
    assert rubric.looks(project.log) == 0
    first = project.open_sealed()
    entry = project.log[-1]
    assert entry["kind"] == "opened" and set(entry["accuracy"]) == {
        "baseline", "chosen", "most common", "nearest mean", "5 nearest neighbours",
    }  # fmt: skip
    assert {len(values) for values in entry["accuracy"].values()} == {5}
    monkeypatch.setattr(capstone, "train_many", None)  # nothing more can be trained
    monkeypatch.setattr(datasets, "with_seal_open", lambda *a, **k: pytest.fail("the sealed rows were read again"))
    project.decide("baseline", hidden=(5,))  # too late
    again = project.open_sealed()
    assert again.endswith(str(first)) and "not opened again" in again
    assert project.log[-1] == entry and rubric.looks(project.log) == 1


def test_what_the_sealed_rows_say_is_what_the_networks_do():
    project = capstone.Project()
    decided(project)
    project.open_sealed()
    runs = capstone.Project()._networks(project._unsealed, {"seeds": SEEDS, "epochs": 3}, {"l2": 0.01, "hidden": [4]})
    assert np.allclose(project.log[-1]["accuracy"]["chosen"], runs.evaluate("test")[1])
    assert {len(split.y_test) for split in runs.splits} == {datasets.satellite().sealed}


def shut_or_open(home):
    """What a new process finds."""
    code = "from course_utils.lessons.capstone import project as capstone; print(capstone.Project().open_sealed())"
    environment = os.environ | {"PYTHONPATH": str(Path(capstone.__file__).parents[3])}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True).stdout


def test_the_seal_stays_broken_in_a_new_process(opened, home):
    assert "not opened again" in shut_or_open(home)


@pytest.mark.parametrize("lost", ["progress.jsonl", "capstone.jsonl"])
def test_the_seal_survives_a_deleted_file_which_comes_back(opened, home, lost):
    log = opened.log
    (home / lost).unlink()
    assert "not opened again" in capstone.Project().open_sealed()
    assert capstone.Project().log == log
    other = ({"progress.jsonl", "capstone.jsonl"} - {lost}).pop()
    (home / other).unlink()  # what was brought back is as good as the first
    assert capstone.Project().log == log


def test_the_seal_survives_reloading_the_modules(opened):
    for module in (progress, rubric, capstone):
        importlib.reload(module)
    assert "not opened again" in capstone.Project().open_sealed()


def test_a_running_kernel_remembers_though_both_files_are_gone(opened, home):
    for file in home.iterdir():
        file.unlink()
    assert "not opened again" in opened.open_sealed()
    assert "not opened again" in capstone.Project().open_sealed()  # it has written both again


def test_with_both_files_deleted_one_begins_anew(opened, home):
    for file in home.iterdir():
        file.unlink()
    assert "stays shut" in capstone.Project().open_sealed()


def test_starting_over_closes_the_seal_and_is_remembered(opened):
    assert "Say why" in sentence(opened.start_over, "")
    opened.start_over("the baseline was another network")
    assert "stays shut" in opened.open_sealed() and opened.left == 20_000
    assert rubric.looks(opened.log) == 1 and "**Result:**" not in opened.report()
    assert "**Looks at the sealed rows:** 1. **Starts over:** 1." in opened.report()
    assert rubric.rubric(opened.log).points == 1  # for the budget: what was spent is within it
    log = opened.log
    opened.start_over("the baseline was another network")  # as a notebook does that is run again
    assert opened.log == log


def test_no_ordinary_call_gives_the_sealed_rows(monkeypatch):
    project = capstone.Project()
    ordinary = [datasets.satellite(seed) for seed in QUICK["seeds"]]
    for split in (datasets.load("satellite", seed=3), project._data(0), *ordinary):
        assert len(split.x_test) == len(split.y_test) == 0 < split.sealed
    runs = project.train("baseline", **QUICK)
    assert "2,094 test rows are sealed" in sentence(runs.evaluate, "test")
    assert all(split.x_test.base is None for split in runs.splits)  # nor are they behind a view
    monkeypatch.setattr(capstone.Project, "_unsealed", lambda *_: pytest.fail("training has touched the sealed rows"))
    project.naive(QUICK["seeds"])
    project.train("L2", l2=0.1, **QUICK)


# ---- the log and its two copies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [b"\x00\xff garbage", b'{"kind": "opened"', b"[1]", b"7", b"[" * 100_000, b"null"])
def test_damaged_lines_cost_nothing(opened, home, damage):
    log = opened.log
    for name in ("progress.jsonl", "capstone.jsonl"):
        with (home / name).open("ab") as file:
            file.write(damage)
    assert capstone.Project().log == log
    whole = (home / "capstone.jsonl").read_bytes()
    (home / "capstone.jsonl").write_bytes(whole[: len(whole) // 2])
    assert capstone.Project().log == log


def unusable(entry):
    """What someone may have made of an entry by hand."""
    yield {key: value for key, value in entry.items() if key != "id"}
    yield entry | {"kind": "bribe"}
    if "results" in entry:
        yield entry | {"results": [{"settings": {}}]}
        yield entry | {"results": [entry["results"][0] | {"val_accuracy": [0.9]}]}
        yield entry | {"results": [entry["results"][0] | {"settings": 3}]}
        yield entry | {"cost": "cheap"}
    if "accuracy" in entry:
        yield entry | {"accuracy": {"chosen": [0.9] * 5}}
        yield entry | {"accuracy": {"chosen": "good", "baseline": "bad"}}


@pytest.mark.parametrize("number", range(len(GOOD)))
def test_entries_without_use_are_passed_over(number):
    for entry in [*unusable(GOOD[number]), None, 3, "text", [], {}]:
        log = [*GOOD[:number], entry, *GOOD[number + 1 :]]
        verdict = rubric.rubric(log)
        assert 0 <= verdict.points < 20 and rubric.report(log) and not rubric.is_entry(entry)


def read_only(monkeypatch, what):
    def refuse(path, mode="r", *arguments, **options):
        if "a" in mode and path.name in what:
            raise PermissionError(13, "Permission denied")
        return really(path, mode, *arguments, **options)

    really = Path.open
    monkeypatch.setattr(Path, "open", refuse)


def test_one_copy_is_enough_and_it_says_so_once(home, monkeypatch, capsys):
    read_only(monkeypatch, ["capstone.jsonl"])
    project = capstone.Project()
    project.diagnose("overfitting")
    project.diagnose("neither")
    assert len(capstone.Project().log) == 3
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "second copy" in said


def test_a_read_only_folder_keeps_all_for_this_kernel(home, monkeypatch, capsys):
    read_only(monkeypatch, ["capstone.jsonl", "progress.jsonl"])
    project = capstone.Project()
    project.diagnose("overfitting")
    assert len(project.log) == 2 and len(capstone.Project().log) == 2
    assert capsys.readouterr().out.count("\n") == 2  # one sentence for each of the two


def test_two_projects_keep_apart(monkeypatch):
    monkeypatch.setitem(capstone.PROJECTS, "digits", ({"train_rows": 50, "val_rows": 50}, 100))
    first, second = capstone.Project(), capstone.Project("digits")
    first.diagnose("neither")
    assert [entry["kind"] for entry in second.log] == ["start"] and len(first.log) == 2
    assert capstone.Project("digits").log == second.log


# ---- the work and its budget -----------------------------------------------------------------------------------------


def test_training_is_written_down_with_what_it_cost():
    project = capstone.Project()
    runs = project.train("L2", l2=[0.01, 0.1], patience=[1, 2], batch_size=64, **QUICK)
    entry = project.log[-1]
    assert (
        json.loads(json.dumps(entry)) == entry
        and entry["id"] == project.log[-1]["id"]
        and entry["cost"] == 2 * 5 * 3 == 20_000 - project.left
    )
    assert len(entry["results"]) == 4 and len(runs) == 20
    for result in entry["results"]:
        settings = {name: result["settings"][name] for name in ("l2", "patience")}
        assert result["settings"] == settings | {"batch_size": 64, "hidden": [4]}
        assert np.allclose(result["val_accuracy"], runs.where(**settings).final("val_accuracy"))


def test_the_same_again_is_free_and_anything_else_is_not(capsys):
    project = capstone.Project()
    first = project.train("baseline", **QUICK)
    again = capstone.Project().train("baseline", **QUICK)
    assert np.allclose(first.val_accuracy, again.val_accuracy) and project.left == 20_000 - 15
    assert len(project._entries("train")) == 1 and "at no cost" in capsys.readouterr().out
    project.train("another name", **QUICK)
    assert project.left == 20_000 - 30


def test_the_budget_refuses_politely_and_nothing_is_lost(monkeypatch):
    project = capstone.Project()
    monkeypatch.setattr(project, "_budget", 40)
    project.train("baseline", **QUICK)
    log = project.log
    for lists in ({"l2": [0.1, 0.2]}, {"l2": np.array([0.1, 0.2])}, {"dropout_rate": range(2)}):
        text = sentence(project.train, "L2", **QUICK, **lists)
        assert "cost 30 network-epochs and 25 are left" in text and "nothing was trained" in text
    assert project.log == log
    project.train("baseline", **QUICK)  # what is in the log stays free


def test_a_stopped_training_is_neither_written_down_nor_charged(monkeypatch):
    project = capstone.Project()

    def stopped(*arguments, **options):
        return replace(train_many(*arguments, **options), complete=False)

    train_many = capstone.train_many
    monkeypatch.setattr(capstone, "train_many", stopped)
    assert "nothing was written down" in sentence(project.train, "baseline", **QUICK)
    assert project.left == 20_000 and len(project.log) == 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"l3": 0.1}, "neither of the model"),
        ({"label_noise": 0}, "neither of the model"),  # the data are the same for everyone
        ({"seeds": []}, "seeds must be"),
        ({"seeds": [-1]}, "seeds must be"),
        ({"epochs": 0}, "epochs must be"),
        ({"epochs": "many"}, "epochs must be"),
        ({"method": " "}, "Name the method"),
        ({"method": None}, "Name the method"),
        ({"optimizer": keras.optimizers.SGD()}, "with text"),
        ({"l2": []}, "is empty"),
        ({"l2": [0.1, 0.01, 0.1]}, "l2 has a value twice"),
        ({"patience": np.array([3, 3])}, "patience has a value twice"),
        ({"hidden": [4, 8]}, "hidden=(64, 64)"),
        ({"hidden": []}, "hidden=(64, 64)"),
        ({"activation": keras.activations.gelu}, "numbers and text only"),
    ],
)
def test_bad_settings(settings, says):
    project = capstone.Project()
    assert says in sentence(project.train, **{"method": "L2", **settings})
    assert len(project.log) == 1


def test_other_bad_input():
    assert "choose from satellite" in sentence(capstone.Project, "saturn")
    project = capstone.Project()
    assert "one of overfitting" in sentence(project.diagnose, "flu")
    assert "none so far" in sentence(project.decide, "L2")
    for entry in TRIED[1:]:
        forge(entry)
    assert "0 of your trained settings" in sentence(project.decide, "L2", l2=0.5)
    assert "4 of your trained settings" in sentence(project.decide, "L2")
    project.decide(" L2", l2=0.03)
    assert project.log[-1]["settings"] == {"l2": 0.03} and project.log[-1]["seeds"] == SEEDS


def test_naive_rivals_agree_with_scikit_learn():
    from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

    split = datasets.satellite(4, label_noise=0.2)
    said = capstone.naive_predictions(split.x_train, split.y_train, split.x_val)
    x = split.x_train.astype(float)
    assert np.mean(said["nearest mean"] == NearestCentroid().fit(x, split.y_train).predict(split.x_val)) > 0.99
    five = KNeighborsClassifier(5).fit(x, split.y_train).predict(split.x_val)
    assert np.mean(said["5 nearest neighbours"] == five) > 0.99
    assert set(said["most common"]) == {np.bincount(split.y_train).argmax()}
    project = capstone.Project()
    table = project.naive()
    assert project.naive() == table and len(project._entries("naive")) == 1  # once is enough
    hits = project.log[-1]["val_accuracy"]["5 nearest neighbours"]
    assert hits[4] == np.mean(said["5 nearest neighbours"] == split.y_val) and len(hits) == 10


def test_naive_rivals_do_without_a_class():
    x, y = np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([2, 2, 5, 5])
    said = capstone.naive_predictions(x, y, np.array([[0.5], [12.0]]))
    assert said["nearest mean"].tolist() == [2, 5] and said["most common"].tolist() == [2, 2]


def test_table_figure_and_report_tell_the_log(opened):
    table = opened.table()
    assert "| early stopping | patience = 5 | 63.7 ± 0.8 % | +7.5 ± 0.0 | best | 98 % |" in table
    assert "| L2 | l2 = 0.03 | 62.2 ± 0.8 % | +6.0 ± 0.0 | 1.5 ± 0.0 | 98 % |" in table
    assert table.count("\n| ") == 8 and "16,000 network-epochs are left" in table
    says = opened.figure()
    right = 100 * (0.6371 - 0.04) / 0.76  # full and hollow marks are in one unit
    assert f"early stopping {right:.1f}%, sealed 78.9%" in says and "baseline 68.7%, sealed 66.9%" in says
    report = opened.report()
    for part in ("8 settings (baseline, L2, early stopping)", "4,000 of 20,000", "overfitting. 98%", "patience = 5"):
        assert part in report
    assert "it agrees with 63.7 ± 0.8 % of the labels" in report
    assert "sealed rows early stopping is right on 78.9" in report and "Looks at the sealed rows:** 1." in report


def test_a_figure_and_a_report_of_nothing():
    project = capstone.Project()
    assert "0 settings (nothing yet)" in project.report() and "Nothing has been measured" in project.figure()
    assert "20,000 network-epochs are left" in project.table()


# ---- the rubric ------------------------------------------------------------------------------------------------------


def points(log):
    """{the line's first words: points}."""
    verdict = rubric.rubric(log)
    return {"all": verdict.points} | {what.split(",")[0]: points for what, _, points, _ in verdict.lines}


def test_a_good_project_has_all_points():
    verdict = rubric.rubric(GOOD)
    assert verdict.points == sum(of for _, of, _, _ in verdict.lines) == 20, verdict
    assert sum(of for what, of, _, _ in verdict.lines if "sealed rows the choice beats" not in what) == 18
    assert "| all together | 20 of 20 | |" in verdict and verdict._repr_markdown_() == str(verdict)


def test_nothing_done_is_no_point_and_a_reason_for_each():
    verdict = rubric.rubric([])
    assert verdict.points == 0 and all(why for *_, why in verdict.lines)


def test_each_step_adds_points_and_takes_none():
    totals = [rubric.rubric(GOOD[:n]).points for n in range(len(GOOD) + 1)]
    assert totals == sorted(totals)


AGAIN = [entry | {"id": "9" + entry["id"][1:]} for entry in GOOD[1:]]  # the same once more, later
LATE = DIAGNOSED.train("L2", [0.58, 0.61, 0.62, 0.5], l2=[0.003, 0.01, 0.03, 0.1]).decide("L2", l2=0.03).open()
LOST = {  # what was done, and the points that the lines concerned have then
    "peeking": (
        GOOD("start_over", why="curious") + AGAIN,
        {"one look at the sealed rows": 0,
         "decided before the opening: the best on validation": 0,
         "on the sealed rows the choice beats the baseline network": 0,
         "on the sealed rows the choice beats the best simple rival": 0},
    ),
    "decided, diagnosed and trained afterwards": (
        GOOD.decide("L2", l2=0.01)("diagnosis", diagnosis="neither", why="").train("late", [0.8], l1=[0.1]),
        {"all": 20},
    ),
    "one method, and a second after the opening": (
        LATE.train("early stopping", [0.62, 0.635, 0.635], patience=[2, 5, 10]),
        {"two methods or more": 1},
    ),
    "run again from the top": (
        DECIDED("diagnosis", diagnosis="overfitting", why=WHY).decide("early stopping", **STOPPED).open(),
        {"all": 20},
    ),
    "a full budget again": (
        TRIED.train("L1", [0.5] * 40, l1=list(range(40)))("start_over", why="once more please") + AGAIN,
        {"budget kept": 0},
    ),
    "a baseline of its own": (
        BEGUN.train("baseline", 0.5, hidden=[[2]]),
        {"baseline network first": 0},
    ),
    "a quick try of the baseline first": (
        Log(BEGUN.train("baseline", 0.5, seeds=[0, 1]) + AGAIN[1:]),
        {"all": 20},
    ),
    "a quick try of a method": (
        TRIED.train("dropout", [0.9], seeds=[3], dropout_rate=[0.5]).decide("early stopping", **STOPPED).open(),
        {"all": 20},
    ),
    "a later baseline with other epochs": (
        TRIED.train("baseline", 0.5, epochs=200).decide("early stopping", **STOPPED).open(),
        {"all": 20},
    ),
    "one method under two names": (
        BASE.train("a", [0.6, 0.7, 0.6], patience=[1, 2, 3]).train("b", [0.6, 0.7, 0.6], patience=[1, 2, 3]),
        {"two methods or more": 1},
    ),
    "layers at the end of their list": (
        TRIED.train("small", [0.5, 0.6, 0.7], hidden=[[4, 4], [8, 8], [16, 16]]),
        {"no best strength at the end of its list": 0},
    ),
    "lists of two": (
        TRIED.train("both", [0.5, 0.6, 0.7, 0.5], l2=[0.1, 0.2], patience=[1, 2]),
        {"no best strength at the end of its list": 0},
    ),
    "a switch": (
        TRIED.train("norm", [0.5, 0.5, 0.6, 0.4, 0.5, 0.4], l2=[1, 2, 3], batch_norm=[False, True]),
        {"no best strength at the end of its list": 2},
    ),
    "decided for seeds that were not trained": (
        TRIED.decide("early stopping", seeds=range(9), **STOPPED).open(),
        {"decided before the opening: the best on validation": 0},
    ),
    "decided for another, without a reason": (
        TRIED.decide("L2", why="nicer", l2=0.03).open(),
        {"decided before the opening: the best on validation": 1},
    ),
    "decided for another, with a reason, though it is surely worse": (
        TRIED.decide("L2", why="It is as good within the interval, and cheaper to run.", l2=0.03).open(),
        {"decided before the opening: the best on validation": 1},
    ),
    "decided for another within the interval, with a reason": (
        NEAR.decide("simple", why="It is as good within the interval, and simpler to run.", l1=0.1).open(),
        {"decided before the opening: the best on validation": 3},
    ),
    "decided for another within the interval, without": (
        NEAR.decide("simple", why="nicer", l1=0.1).open(),
        {"decided before the opening: the best on validation": 1},
    ),
    "other seeds": (
        BASE.train("dropout", [0.5, 0.6, 0.5], seeds=range(5, 10), dropout_rate=[0.2, 0.5, 0.8]),
        {"the same seeds and epochs for all": 0, "two methods or more": 0},
    ),
    "more epochs": (
        BASE.train("dropout", [0.5, 0.6, 0.5], epochs=300, dropout_rate=[0.2, 0.5, 0.8]),
        {"the same seeds and epochs for all": 0, "two methods or more": 0},
    ),
    "few seeds": (
        BEGUN.train("baseline", 0.5, seeds=[0, 1]).train("L2", [0.5], seeds=[0, 1], l2=[0.1]),
        {"the same seeds and epochs for all": 1, "two methods or more": 0},
    ),
    "one strength of one method": (
        TRIED.train("dropout", [0.6], dropout_rate=[0.5]),
        {"two methods or more": 1, "no best strength at the end of its list": 2},
    ),
    "best at the end": (
        TRIED.train("dropout", [0.5, 0.55, 0.6], dropout_rate=[0.2, 0.5, 0.8]),
        {"no best strength at the end of its list": 0, "two methods or more": 2},
    ),
    "best at 0": (
        TRIED.train("dropout", [0.6, 0.5, 0.4], dropout_rate=[0, 0.5, 0.8]),
        {"no best strength at the end of its list": 2},
    ),
    "a list that was made longer": (
        TRIED.train("dropout", [0.5, 0.55, 0.6], dropout_rate=[0.2, 0.5, 0.8]).train(
            "dropout", [0.5], dropout_rate=[0.9]
        ),
        {"no best strength at the end of its list": 2},
    ),
    "over budget": (
        GOOD.train("dropout", [0.5] * 40, dropout_rate=[i / 50 for i in range(40)]),
        {"budget kept": 0},
    ),
    "no diagnosis": (BASE.train("L2", [0.6], l2=[0.1]), {"a diagnosis that the record bears out": 0}),
    "wrong diagnosis": (
        BASE("diagnosis", diagnosis="underfitting", why=""),
        {"a diagnosis that the record bears out": 0},
    ),
    "late": (
        Log()("start", budget=20_000).train("L2", [0.6], l2=[0.1]).train("baseline", 0.5)(
            "naive", val_accuracy={"nearest mean": [0.5]}
        )("diagnosis", diagnosis="overfitting", why=""),
        {"simple rivals first": 1, "baseline network first": 0, "a diagnosis that the record bears out": 1},
    ),
    "worse than the simple rival": (
        DECIDED.open(chosen=0.70),
        {"on the sealed rows the choice beats the baseline network": 1,
         "on the sealed rows the choice beats the best simple rival": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOST)
def test_what_costs_points(case):
    log, expected = LOST[case]
    found = points(log)
    assert {what: found[what] for what in expected} == expected


def test_a_project_that_is_run_again_from_the_top_stays_as_it_is(monkeypatch, capsys):
    def work():
        project = capstone.Project()
        project.naive(QUICK["seeds"])
        project.train("Baseline ", **QUICK)
        project.diagnose("overfitting", why=WHY)
        project.diagnose("neither", why=WHY)
        project.train("L2", l2=[0.01, 0.1], **QUICK)
        project.decide("L2", l2=0.1, why="first thoughts")
        project.decide("L2", l2=0.01, why="second thoughts")
        project.open_sealed()
        return project

    def kinds(log):
        return [(entry["kind"], entry.get("settings")) for entry in log if entry["kind"] != "diagnosis"]

    first = work()
    log, verdict = first.log, rubric.rubric(first.log)
    again = work()
    assert kinds(again.log) == kinds(log) and rubric.rubric(again.log) == verdict and again.left == 20_000 - 45
    assert "stays as it is" in capsys.readouterr().out


def test_the_order_does_not_hang_on_the_clock(monkeypatch):
    project, clock = capstone.Project(), iter([10**19, 10**19, 5, 5, 7])
    monkeypatch.setattr(capstone.time, "time_ns", lambda: next(clock))
    for why in ("one", "two", "three", "four", "five"):
        assert project._write("diagnosis", diagnosis="neither", why=why)["why"] == why
    assert [entry["why"] for entry in project._entries("diagnosis")] == ["one", "two", "three", "four", "five"]
    assert len(capstone.Project().log) == 6


def test_of_two_notebooks_at_once_one_looks(monkeypatch):
    slow, fast = capstone.Project(), capstone.Project()
    decided(slow)

    def meanwhile(*arguments):
        monkeypatch.setattr(slow, "_networks", networks)
        fast.open_sealed()
        return networks(*arguments)

    networks = slow._networks
    monkeypatch.setattr(slow, "_networks", meanwhile)
    assert "not opened again" in slow.open_sealed() and rubric.looks(slow.log) == 1


def test_numbers_of_numpy_and_networks_without_layers():
    project = capstone.Project()
    project.train("baseline", **QUICK | {"epochs": np.int64(3)})
    assert project.left == 20_000 - 15 and project.log[-1]["epochs"] == 3
    project.train("linear", **QUICK | {"hidden": ()})
    project.decide("linear")
    assert "On the sealed rows linear" in project.open_sealed()


def test_of_several_that_fit_the_one_with_exactly_these_settings_is_meant():
    project = capstone.Project()
    for entry in DIAGNOSED[1:].copy():
        forge(entry)
    with_batches = {"settings": {"l2": 0.1, "batch_size": 64}}
    entry = DIAGNOSED.train("L2", [0.6], l2=[0.1], seeds=[0])
    forge(entry[-1])
    entry = entry.train("L2", [0.6, 0.6], l2=[0.1, 0.2])
    entry[-1]["results"][1] |= with_batches
    forge(entry[-1])
    assert "0 of" in sentence(project.decide, "L2", l2=0.2)
    project.decide("L2", l2=0.1)
    assert project.log[-1]["settings"] == {"l2": 0.1} and project.log[-1]["seeds"] == SEEDS
    project.decide("L2", l2=0.1, batch_size=64)
    assert project.log[-1]["settings"] == with_batches["settings"]


def test_the_formula_for_wrong_labels():
    assert np.allclose(capstone.Project()._right([0.8, 0.04, 0.42]), [1, 0, 0.5])


def test_the_rubric_does_not_change_the_log():
    before = json.dumps(GOOD)
    rubric.rubric(GOOD)
    rubric.report(GOOD)
    assert json.dumps(GOOD) == before


def test_a_diagnosis_from_the_record():
    for train, val, found in ((0.99, 0.6, "overfitting"), (0.5, 0.48, "underfitting"), (0.9, 0.88, "neither")):
        assert rubric.diagnosis_of(rubric.baseline(BEGUN.train("baseline", val, train=train))) == found


# ---- Fashion-MNIST ---------------------------------------------------------------------------------------------------


def test_fashion_mnist_goes_the_same_way(monkeypatch):
    draw = np.random.default_rng(0)

    def images(rows):
        return draw.integers(0, 256, (rows, 28, 28), dtype=np.uint8), (np.arange(rows) % 10).astype(np.uint8)

    parts = (
        images(120),
        images(40),
    )  # what Keras's loader returns; tests/package/test_datasets.py tests the loader itself
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: parts)
    monkeypatch.setitem(
        capstone.PROJECTS, "fashion_mnist", ({"train_rows": 60, "val_rows": 40, "test_rows": 30}, 5_000)
    )
    project = capstone.Project("fashion_mnist")
    assert "sealed" in sentence(project.train("baseline", **QUICK).evaluate)
    project.decide("baseline")
    assert "+0.0 ± 0.0 points" in project.open_sealed()


def test_fashion_mnist_without_a_network_is_one_sentence(monkeypatch):
    def fail():
        raise OSError("no route to host")

    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", fail)
    assert "could not be downloaded" in sentence(capstone.Project, "fashion_mnist")
