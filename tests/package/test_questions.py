"""Questions: what questions.toml may hold, what a measurement decides, and what is shown before it is decided."""

import copy
import pickle
import pkgutil
from importlib import import_module
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest

from course_utils import lessons, progress, questions, widgets
from course_utils.errors import CourseError
from course_utils.exercise import Exercise
from course_utils.questions import PredictionQuestion, QuizQuestion, read

MODULES = [f"{lessons.__name__}.{found.name}" for found in pkgutil.iter_modules(lessons.__path__)]

SAMPLE = """
[slope]
kind = "prediction"
question = "What will the loss do?"
why = "It moved by {measured:.1f} in {epochs} epochs."
options = [{ text = "fall", below = -1 }, { text = "stay" }, { text = "rise", above = 1 }]

[winner]
kind = "prediction"
key = "elsewhere.winner"
question = "Which one wins?"
why = "It shrinks."
options = [{ text = "L1, by far", is = "L1" }, { text = "L2, by far", is = "L2" }]

[count]
kind = "quiz"
question = "How many?"
answer = "two"
options = [{ text = "one", why = "One is missing." }, { text = "two", why = "Count them." }]
"""


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, in order: a widget, or a dict from MIME type to content."""
    seen = []
    monkeypatch.setattr(questions, "display", lambda data, raw: seen.append(data))
    monkeypatch.setattr(widgets, "display", lambda data, raw: seen.append(data))
    return seen


@pytest.fixture(autouse=True)
def nothing_kept_yet(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress"))


@pytest.fixture
def asked():
    return SimpleNamespace(**read(SAMPLE, "sample"))


@pytest.mark.parametrize(
    ("measured", "option"),
    [
        (-2, "fall"),
        (0, "stay"),
        (-1, "stay"),
        (1, "stay"),
        (np.float32(1.5), "rise"),
        ((1.2, 3), "rise"),
        ((0.5, 3), "stay"),
        ([-3, -2], "fall"),
        (SimpleNamespace(low=-3, high=-1.5), "fall"),
        (SimpleNamespace(low=-3, high=2), "stay"),
    ],
)
def test_the_measurement_decides(asked, measured, option):
    assert asked.slope.came_true(measured) == option


def test_a_text_decides_where_the_options_have_one(asked):
    assert asked.winner.came_true("L2") == "L2, by far"


@pytest.mark.parametrize("measured", [np.nan, (1, np.inf), [], None, "rise", {}])
def test_what_decides_nothing_is_refused(asked, measured):
    with pytest.raises(CourseError):
        asked.slope.came_true(measured)


def test_a_text_that_no_option_has_and_a_number_without_bounds_are_refused(asked):
    for measured in ("L3", "L1, by far", 3):
        with pytest.raises(CourseError, match="belongs to none of the options of “Which one wins"):
            asked.winner.came_true(measured)


def test_revealing_tells_what_came_out_and_why_after_a_harmless_line(asked, shown):
    asked.slope.reveal(2.04, epochs=7)
    said = shown[-1]["text/markdown"]
    assert said.splitlines()[0] == "Run this cell after you have kept your prediction."
    assert "| (nothing) | rise |" in said and said.endswith("It moved by 2.0 in 7 epochs.")
    with pytest.raises(CourseError, match="needs 'epochs'"):
        asked.slope.reveal(2)


def test_a_kept_prediction_is_compared_also_after_a_restart(asked, shown):
    progress.record("prediction:sample.slope", "rise")
    asked.slope.reveal(2, epochs=7)
    assert "✓ Your prediction came true." in shown[-1]["text/markdown"]
    progress.record("prediction:elsewhere.winner", "L1, by far")
    asked.winner.reveal("L2")
    assert "✗ It came out differently" in shown[-1]["text/markdown"]


def test_a_choice_not_kept_yet_counts_when_the_result_is_shown(asked, shown):
    asked.slope.ask()
    (view,) = [data for data in shown if "text/plain" in data]
    assert view["text/plain"] == "What will the loss do?\n\n- fall\n- stay\n- rise"
    asked.slope._prediction._radio.value = "fall"
    asked.slope.reveal(-2, epochs=1)
    assert progress.recall("prediction:sample.slope") == "fall" and "came true" in shown[-1]["text/markdown"]


def test_a_result_waits_behind_a_harmless_line_until_a_prediction_is_kept(asked, shown):
    asked.slope.wait()
    assert shown.pop()["text/plain"] == questions.FIRST_LINE
    progress.record("prediction:sample.slope", "rise")
    asked.slope.wait()
    assert shown == []


def test_a_quiz_answers_each_choice_and_its_still_version_none(asked, shown):
    asked.count.quiz()
    assert shown[-1]["text/plain"] == "How many?\n\n- one\n- two"
    assert asked.count.reasons == {"one": "One is missing.", "two": "Count them."} and asked.count.answer == "two"


WRONG = [
    ('kind = "prediction"', 'kind = "poll"', "its kind"),
    ('question = "What will the loss do?"\n', "", "question is missing"),
    ('kind = "quiz"', 'kind = "quiz"\nhint = "x"', "hint is not known here"),
    ("below = -1", "under = -1", "in its options under is not known here"),
    ('{ text = "one", why = "One is missing." }', '{ text = "one" }', "in its options why is missing"),
    ('answer = "two"', 'answer = "three"', "answer is not one of its options"),
    ('{ text = "two", why = "Count them." }', "", "at least two options"),
    ('text = "one"', 'text = "two"', "two of its options read the same"),
    ('text = "one"', 'text = " "', "not empty"),
    ("below = -1", 'below = "low"', "have to be numbers"),
    ("below = -1", "below = true", "have to be numbers"),
    (", below = -1", "", "only one option may do without"),
    ("above = 1", "above = -3", "overlap"),
    ("above = 1", "above = 3, below = 2", "above has to be less than below"),
    ('is = "L1"', 'is = "L1", above = 1', "either an is or bounds"),
    ('is = "L1"', 'is = "L2"', "the same is"),
    ("[slope]", "[slope-1]", "has to be a Python name"),
    ("[slope]", "[slope", "are no TOML"),
]


@pytest.mark.parametrize(("old", "new", "says"), WRONG, ids=[says for *_, says in WRONG])
def test_a_table_that_cannot_be_is_told(old, new, says):
    assert old in SAMPLE
    with pytest.raises(CourseError, match=says):
        read(SAMPLE.replace(old, new, 1), "sample")


@pytest.mark.parametrize("module", MODULES)
def test_the_questions_of_each_lesson_are_valid_and_hide_no_exercise(module):
    found, lesson = questions.questions(module), import_module(module)
    assert found
    assert not found.keys() & vars(lesson).keys()
    for name, question in found.items():
        assert getattr(lesson, name) is question
        if isinstance(question, QuizQuestion):
            assert question.answer in question.reasons
        else:
            assert isinstance(question, PredictionQuestion) and len(question.options) >= 2


def test_an_unknown_name_gets_the_nearest_one():
    lesson = import_module("course_utils.lessons.diagnosis")
    with pytest.raises(CourseError, match="no question or exercise 'curvs'; did you mean curves[?]"):
        lesson.curvs  # noqa: B018
    with pytest.raises(CourseError, match="did you mean best_epoch[?]"):
        lesson.best_epochs  # noqa: B018
    with pytest.raises(CourseError, match="it has .*best_epoch.*curves"):
        lesson.zzzzzz  # noqa: B018


def test_a_lesson_remains_an_ordinary_module():
    lesson = import_module("course_utils.lessons.diagnosis")
    assert not hasattr(lesson, "curvs") and not hasattr(lesson, "__wrapped__")
    assert hasattr(lesson, "curves") and isinstance(lesson.best_epoch, Exercise)
    assert pickle.loads(pickle.dumps(lesson.decompose.hints)) == lesson.decompose.hints
    with pytest.raises(TypeError, match="module"):
        copy.deepcopy(lesson)


def test_a_prediction_is_drawn_with_its_button(asked, monkeypatch):
    drawn = []
    monkeypatch.setattr(widgets, "_show", lambda widget, still: drawn.append(widget))
    asked.winner.ask()
    kinds = [type(child) for child in drawn[0].children]
    assert ipywidgets.RadioButtons in kinds and ipywidgets.Button in kinds
