"""Exercises: the machinery, and every lesson's checks against right, wrong and hostile answers."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from course_utils import progress
from course_utils.authoring.notebooks import exercise_cases, exercises
from course_utils.errors import CourseError
from course_utils.exercise import Exercise, NotAttempted, Wrong, call, calls, number, shown
from course_utils.lessons import lessons, progress_table

EXERCISES = exercises()


def l2(w, lam):
    return lam * np.sum(np.square(w))


CASES_OF_L2 = [(np.array([0.3, 0.1, 6.0]), 1.0), (np.array([1.0, -2.0]), 0.1), (np.zeros(3), 2.0)]
HALF = "this is λ/2·Σw²: Keras has no ½"


def check_l2(answer):
    return calls(answer, CASES_OF_L2, l2, mistakes={HALF: lambda w, lam: lam / 2 * np.sum(w**2)})


def make(check=check_l2):
    return Exercise(
        "sample.penalty",
        "the penalty",
        check=check,
        hints=["square each weight", "sum, then multiply by λ"],
        solution="""
            def penalty(w, lam):
                return lam * (w**2).sum()
            """,
        why="Keras adds λΣw² to the loss.",
    )


@pytest.fixture(autouse=True)
def nothing_done_yet(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress"))


def in_place(w, lam):
    w *= w
    return lam * w.sum()


@pytest.mark.parametrize("answer", [l2, lambda w, lam: sum(lam * x * x for x in w), in_place])
def test_right(answer):
    result = make().check(answer)
    assert result.passed is True
    assert "✓" in result and "Keras adds λΣw²" in result.message


@pytest.mark.parametrize(
    ("answer", "fragment"),
    [
        (lambda w, lam: lam / 2 * np.sum(w**2), HALF),
        (lambda w, lam: lam * np.sum(np.abs(w)), "For `w` = `[0.3, 0.1, 6. ]`, `lam` = `1` you returned"),
        (lambda w, lam: 3.0, "you returned `3`; expected `36.1`"),
        (lambda w, lam: lam * w**2, "of shape `(3,)`; expected a single number"),
        (lambda w, lam: np.nan, "which holds NaN"),
        (lambda w, lam: "36.1", "you returned `'36.1'`; expected `36.1`"),
        (lambda w, lam: None if lam > 1 else l2(w, lam), "you returned `None`; expected `0`"),
        (lambda w: 0, "`lam` = `1` your function raised `TypeError:"),
        (36.1, "Your answer should be a function, and it is `36.1`"),
    ],
)  # fmt: skip
def test_wrong(answer, fragment):
    result = make().check(answer)
    assert result.passed is False
    assert "✗" in result and fragment in result.message


EMPTY = [..., None, (..., 3), {"a": ...}, [None]]
EMPTY += [lambda w, lam: ..., lambda w, lam: lam * ..., lambda w, lam: None]


@pytest.mark.parametrize("answer", EMPTY)
def test_not_attempted(answer):
    result = make().check(answer)
    assert result.passed is None
    assert "Not attempted yet" in result
    assert progress.everything() == {}


def test_a_notebook_shows_markdown_as_it_was_written():
    exercise = make()
    for shown_text in (exercise.check(...), exercise.check(l2), exercise.hint(), exercise.solution(), progress_table()):
        assert shown_text._repr_markdown_() == repr(shown_text) == str(shown_text)


def test_only_a_passed_exercise_is_remembered():
    exercise = make()
    exercise.check(36.1)
    assert progress.everything() == {}
    exercise.check(l2)
    assert progress.everything() == {"exercise:sample.penalty": True}


def test_a_keyboard_interrupt_gets_through():
    def interrupted(w, lam):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make().check(interrupted)


def test_whatever_a_check_raises_becomes_a_sentence():
    def course_error(answer):
        raise CourseError("Give a rate between 0 and 1.")

    def nothing(answer):
        raise NotAttempted("Fill in the second line too.")

    assert make(course_error).check(1).message == "Give a rate between 0 and 1."
    assert make(nothing).check(1).passed is None
    assert make(lambda answer: answer[0] + 1).check(np.array([...])).passed is None
    assert "type `str`, could not be used: checking it raised `TypeError:" in make(lambda a: a + 1).check("x").message


def test_hints_are_numbered_and_none_is_used_up():
    exercise = make()
    assert exercise.hint() == exercise.hint() == exercise.hint(1)
    assert exercise.hint().startswith("**Hint 1 of 2.** square each weight")
    assert "`lesson.penalty.hint(2)`" in exercise.hint()
    assert exercise.hint(2) == "**Hint 2 of 2.** sum, then multiply by λ"


@pytest.mark.parametrize("number", [0, 3, -1, 1.0, "2", None, True])
def test_a_hint_that_is_not_there_gets_one_sentence(number):
    said = make().hint(number)
    assert said == "The hints are numbered 1 to 2; `lesson.penalty.solution()` shows one way to do it."


@pytest.fixture
def notebook_cell():
    """Runs the source of a cell in an IPython shell; gives what it shows."""
    shell = InteractiveShell.instance()

    def run(source, **names):
        shell.user_ns.update(names)
        with capture_output() as captured:
            assert shell.run_cell(source).success
        return captured

    yield run
    InteractiveShell.clear_instance()


def test_a_check_shows_its_verdict_once_whatever_follows_it(notebook_cell):
    for source in (
        "ex.check(1)",
        "ex.check(1)\nex.hint()",
        "ex.check(1)\nprint(2)",
        "r = ex.check(1)",
        "(ex.check(1),)[0]",
    ):
        captured = notebook_cell(source, ex=make())
        said = [output.data["text/markdown"] for output in captured.outputs if "text/markdown" in output.data]
        assert sum("Not yet" in text for text in said) == 1, source
        assert captured.stdout.count("Not yet") == 0
    captured = notebook_cell("r")
    assert len(captured.outputs) == 0  # the first time its cell's value, already shown


def test_a_verdict_is_text_outside_a_notebook(capsys):
    result = make().check(1)
    assert str(result) == repr(result) and result.startswith("✗ **Not yet.**")
    assert capsys.readouterr() == ("", "")


def test_solution_shows_code_and_reason():
    text = make().solution()
    assert "```python\ndef penalty(w, lam):\n    return" in text and text.endswith("Keras adds λΣw² to the loss.")


def test_number():
    mistakes = {"you forgot the square": 6.4}
    assert number(36.1, 36.1) is None
    assert number(np.float32(36.1), 36.1) is None
    assert number(6.4, 36.1, mistakes) == "you forgot the square"
    assert "`3`" in number(3, 36.1) and "36.1" not in number(3, 36.1)
    assert "should be a number" in number("36.1", 36.1)


def test_a_large_array_is_told_by_the_entry_that_differs_most():
    right = np.arange(15.0).reshape(3, 5)

    def off(x):
        wrong = x.copy()
        wrong[1, 2] += 0.5
        return wrong

    said = calls(off, [(right,)], lambda x: x)
    assert said.endswith("you returned an array of shape `(3, 5)`, with `7.5` at `[1, 2]`; expected there `7`.")


def test_nan_from_an_overflow_is_told_from_nan_from_zero_over_zero():
    def softmax(z):
        return np.exp(z - z.max()) / np.exp(z - z.max()).sum()

    def naive(z):
        return np.exp(z) / np.exp(z).sum()

    def zero_over_zero(z):
        return (z - z) / (z - z)

    with np.errstate(all="ignore"):
        assert "too large on the way (overflow)" in calls(naive, [(np.array([2000.0, 1.0]),)], softmax)
        assert "look for 0/0" in calls(zero_over_zero, [(np.array([2000.0, 1.0]),)], softmax)


def test_what_a_check_itself_says_is_not_told_as_an_error_of_the_learner():
    def wrapped(x):
        raise Wrong("Return two arrays.")

    result = make(lambda answer: calls(wrapped, [(1,)], lambda x: x)).check(lambda x: x)
    assert result.passed is False and result.message == "Return two arrays."


def test_call_names_the_input():
    with pytest.raises(
        Exception, match=r"For `rate` = `0.5` your function raised `ZeroDivisionError: division by zero`"
    ):
        call(lambda rate: 1 / 0, 0.5, names=["rate"])


def test_shown_is_short_for_everything():
    assert shown(np.zeros((40, 3))) == "an array of shape `(40, 3)`"
    assert shown(True) == "`True`" and shown(2) == "`2`" and shown("a`b") == '`"a\'b"`' or shown("a`b") == "`'a'b'`"
    assert all(len(shown(value)) < 120 for value in hostile())


class Unshowable:
    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __getattr__ = __array__ = __eq__ = __bool__ = __len__ = __repr__
    __hash__ = None


class Endless:
    def __len__(self):
        return 10**12

    def __getitem__(self, index):
        return 1.0

    def __repr__(self):
        return "x" * 10**6


class SilentError(Exception):
    def __str__(self):
        raise RuntimeError("not even this")


def recurse(*arguments):
    return recurse(*arguments)


def fail(*arguments):
    raise SilentError


def leave(*arguments):
    raise SystemExit


def hostile():
    """Answers that a check must survive: each kind of thing that a learner could pass to it, and worse."""
    values = [
        "text",
        "",
        b"bytes",
        3,
        -1.5,
        np.nan,
        np.inf,
        10**400,
        1j,
        True,
        object(),
        type,
        int,
        Unshowable(),
        Endless(),
    ]
    values += [
        [],
        {},
        set(),
        [1, "a", None],
        [[1], [1, 2]],
        [..., 1],
        {"a": 1},
        range(3),
        itertools.count(),
        (x for x in "ab"),
    ]
    values += [
        np.zeros((2, 3)),
        np.array([]),
        np.full(3, np.nan),
        np.array(["a"]),
        np.array([None]),
        np.zeros((0, 2)),
    ]
    values += [
        recurse,
        fail,
        leave,
        print,
        len,
        lambda: 1,
        lambda *a, **k: None,
        lambda *a, **k: ...,
        Exception("e"),
    ]
    return values + [lambda *a, value=value, **k: value for value in values]


@pytest.fixture(scope="session")
def models():
    import keras

    never_compiled = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    return [
        never_compiled,
        keras.Sequential(),
        keras.Input((3,)),
        keras.layers.Dense(2),
        keras.ops.ones(2),
        keras,
    ]


@pytest.mark.parametrize("key", ["sample.penalty", *EXERCISES])
def test_no_answer_makes_a_check_raise(key, models):
    exercise = EXERCISES.get(key) or make()
    for answer in hostile() + models:
        try:
            result = exercise.check(answer)
        except BaseException as error:
            pytest.fail(f"an answer of type {type(answer)} made the check raise {type(error)}")
        assert len(result.message) < 1000
        assert key in EXERCISES or not result.passed


def kind(answer):
    """What makes two answers different: a function's code, anything else's text."""
    return (answer.__code__.co_code, answer.__code__.co_consts) if hasattr(answer, "__code__") else repr(answer)


def test_every_lesson_is_found():
    assert lessons(), "no lesson has any exercise"
    names = [exercise.key.split(".")[0] for exercise in EXERCISES.values()]
    files = {path.stem.removesuffix("_cases") for path in Path(__file__).parent.glob("*_cases.py")}
    assert files == set(names), "a lesson without its cases, or cases without their lesson"


@pytest.mark.parametrize("lesson", lessons())
def test_keys_are_what_the_notebook_writes(lesson):
    found = lessons()[lesson]
    assert 1 <= len(found) <= 5
    assert [exercise.key.split(".")[1] for exercise in found.values()] == list(found)


@pytest.mark.parametrize("key", EXERCISES)
def test_hints_and_reason(key):
    exercise = EXERCISES[key]
    assert len(exercise.hints) >= 2 and len(set(exercise.hints)) == len(exercise.hints)
    assert len(exercise.why) > 40
    compile(exercise.code, key, "exec")  # that it is right, the solved twin shows in its own notebook


@pytest.mark.parametrize("key", EXERCISES)
def test_right_answers_of_the_lesson(key):
    answers = exercise_cases(key)["right"]
    assert len({kind(answer) for answer in answers}) >= 2, "give two right answers that differ"
    for answer in answers:
        result = EXERCISES[key].check(answer)
        assert result.passed is True, f"{shown(answer)}: {result}"


@pytest.mark.parametrize("key", EXERCISES)
def test_wrong_answers_of_the_lesson(key):
    answers = exercise_cases(key)["wrong"]
    assert len(answers) >= 4
    messages = []
    for answer, fragment in answers:
        result = EXERCISES[key].check(answer)
        assert result.passed is False, f"{shown(answer)}: {result}"
        assert fragment in result.message
        messages.append(result.message)
    assert len(set(messages)) == len(messages), "two different mistakes are told the same"


@pytest.mark.parametrize("key", EXERCISES)
def test_nothing_attempted(key):
    for answer in (..., None):
        assert EXERCISES[key].check(answer).passed is None


def test_progress_table_counts_what_was_passed():
    before = progress_table()
    assert all(f"| {lesson} | 0 of {len(found)} |" in before for lesson, found in lessons().items())
    lesson, found = next(iter(lessons().items()))
    progress.record(next(iter(found.values())).record, True)
    assert f"| {lesson} | 1 of {len(found)} |" in progress_table()
