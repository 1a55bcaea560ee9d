"""The questions of a lesson, predictions and quizzes, read from the questions.toml beside its exercises.

    [curves]                                   # lesson.curves.ask(), then lesson.curves.reveal(measured)
    kind = "prediction"
    question = "What will the validation loss do?"
    why = "It was {measured:.1f} times its lowest value."
    options = [{ text = "keep falling", below = 1.001 }, { text = "stay level" }, { text = "rise", above = 1.2 }]

    [full_score]                               # lesson.full_score.quiz()
    kind = "quiz"
    question = "A network reaches 100% on its training rows. What does that show?"
    answer = "enough capacity"
    options = [{ text = "enough capacity", why = "…" }, { text = "a pattern", why = "…" }]

What came out decides which option of a prediction came true: a number between its `above` and `below`, or the text in
its `is`; at most one option has neither and is true otherwise. So no notebook need say which one it will be.
"""

import difflib
import functools
import math
import tomllib
from importlib import import_module
from numbers import Real
from pathlib import Path

import numpy as np
from IPython.display import display

from course_utils import widgets
from course_utils.errors import CourseError

FIRST_LINE = widgets.FIRST_LINE
_KEYS = {
    "prediction": ({"kind", "question", "options", "why"}, {"key"}),
    "quiz": ({"kind", "question", "options", "answer"}, set()),
}
_OPTION_KEYS = {"prediction": ({"text"}, {"above", "below", "is"}), "quiz": ({"text", "why"}, set())}


class UnknownQuestion(CourseError, AttributeError):
    """A lesson has no question of that name; an AttributeError too, so that `hasattr` and `copy` get their answer."""


class PredictionQuestion:
    """A question to answer before an experiment; key: under which the learner's choice is kept."""

    def __init__(self, key, entry):
        self.question, self.options = entry["question"], [option["text"] for option in entry["options"]]
        self.why, self._entries = entry["why"], entry["options"]
        self._prediction = widgets.Prediction(entry.get("key", key), self.question, self.options)

    def ask(self):
        """Show the question with its options, and a button that keeps the learner's choice."""
        self._prediction.ask()

    def wait(self):
        """Show a harmless line above a result that would answer the question, until a prediction is kept.

        JupyterLab prints the first line of a folded output, so this one stands first.
        """
        if self._prediction.kept is None:
            display({"text/markdown": FIRST_LINE, "text/plain": FIRST_LINE}, raw=True)

    def reveal(self, measured, **fields):
        """Show what was predicted beside what came out, and why.

        measured: a number; several numbers, such as both ends of an interval, which decide only together; or the
            text that an option has as its `is`.
        fields: what stands in the braces of the explanation, beside {measured}.
        Raises CourseError for a measurement that decides for no option, and for a missing or unknown field.
        """
        came_true = self.came_true(measured)
        self._prediction.compare(came_true, _filled(self.why, {"measured": measured} | fields))

    def came_true(self, measured):
        """The text of the option that `measured` decides for."""
        fits = _text_fits if isinstance(measured, str) else _numbers_fit
        values = measured if isinstance(measured, str) else _numbers(measured)
        for option in self._entries:
            if fits(option, values):
                return option["text"]
        otherwise = [option["text"] for option in self._entries if len(option) == 1]
        if not otherwise or isinstance(measured, str):
            raise CourseError(f"What came out, {measured!r}, belongs to none of the options of “{self.question}”")
        return otherwise[0]


class QuizQuestion:
    """A question whose options each have their reason; `answer` is the right one."""

    def __init__(self, key, entry):
        self.question, self.answer = entry["question"], entry["answer"]
        self.reasons = {option["text"]: option["why"] for option in entry["options"]}

    def quiz(self):
        """Show the question; each choice is answered at once."""
        widgets.quiz(self.question, self.reasons, self.answer)


def named(module, name):
    """The question called `name` of the lesson whose module is called `module`."""
    if name.startswith("__"):  # what hasattr, copy and pickle look for is no question
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    known = questions(module)
    if name in known:
        return known[name]
    lesson = import_module(module)
    offered = sorted({*known, *(n for n in vars(lesson) if hasattr(vars(lesson)[n], "check"))})
    near = difflib.get_close_matches(name, offered, n=1)
    advice = f"did you mean {near[0]}?" if near else f"it has {', '.join(offered)}."
    raise UnknownQuestion(f"This lesson has no question or exercise {name!r}; {advice}")


@functools.cache
def questions(module):
    """All questions of the lesson whose module is called `module`, as {name: question}."""
    path = Path(import_module(module).__file__).with_name("questions.toml")
    if not path.is_file():
        return {}
    return read(path.read_text(encoding="utf-8"), module.rpartition(".")[2])


def read(text, lesson):
    """The questions in the text of a questions.toml; CourseError names the entry that is wrong, and what in it."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"The questions of {lesson} are no TOML: {error}.") from None
    made = {}
    for name, entry in table.items():
        if fault := _fault(name, entry):
            raise CourseError(f"The question {lesson}.{name}: {fault}")
        kind = PredictionQuestion if entry["kind"] == "prediction" else QuizQuestion
        made[name] = kind(f"{lesson}.{name}", entry)
    return made


# --- What is wrong with an entry -------------------------------------------------------------------------------------


def _fault(name, entry):
    if not name.isidentifier() or not isinstance(entry, dict) or entry.get("kind") not in _KEYS:
        return 'its name has to be a Python name, and its kind "prediction" or "quiz".'
    if fault := _wrong_keys(entry, *_KEYS[entry["kind"]]):
        return fault
    options = entry["options"]
    if not isinstance(options, list) or len(options) < 2 or not all(isinstance(o, dict) for o in options):
        return "give at least two options, each as a table with its text."
    for option in options:
        if fault := _wrong_keys(option, *_OPTION_KEYS[entry["kind"]]):
            return f"in its options {fault}"
    texts = [entry[k] for k in ("question", "why", "answer", "key") if k in entry]
    texts += [option[k] for option in options for k in ("text", "why", "is") if k in option]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        return "every text has to be a text, and not empty."
    names = [option["text"] for option in options]
    if len(set(names)) < len(names):
        return "two of its options read the same."
    if entry["kind"] == "quiz":
        return None if entry["answer"] in names else "its answer is not one of its options."
    return _undecided(options)


def _wrong_keys(entry, needed, allowed):
    if missing := sorted(needed - entry.keys()):
        return f"{missing[0]} is missing."
    if unknown := sorted(entry.keys() - needed - allowed):
        return f"{unknown[0]} is not known here; known are {', '.join(sorted(needed | allowed))}."
    return None


def _undecided(options):
    """What keeps a measurement from deciding between the options of a prediction."""
    bounds = [option[k] for option in options for k in ("above", "below") if k in option]
    if not all(isinstance(bound, Real) and not isinstance(bound, bool) for bound in bounds):
        return "above and below have to be numbers."
    if sum(len(option) == 1 for option in options) > 1:
        return "only one option may do without above, below and is."
    if any("is" in option and len(option) > 2 for option in options):
        return "an option has either an is or bounds."
    ids = [option["is"] for option in options if "is" in option]
    if len(set(ids)) < len(ids):
        return "two of its options have the same is."
    spans = sorted(_span(option) for option in options if option.keys() & {"above", "below"})
    if any(low >= high for low, high in spans):
        return "above has to be less than below."
    if any(high > low for (_, high), (low, _) in zip(spans, spans[1:], strict=False)):
        return "the bounds of two options overlap."
    return None


# --- What came out ---------------------------------------------------------------------------------------------------


def _span(option):
    return option.get("above", -math.inf), option.get("below", math.inf)


def _text_fits(option, text):
    return option.get("is") == text


def _numbers_fit(option, values):
    low, high = _span(option)
    return bool(option.keys() & {"above", "below"}) and all(low < value < high for value in values)


def _numbers(measured):
    """The finite numbers of `measured`: of an interval both ends."""
    if hasattr(measured, "low") and hasattr(measured, "high"):
        measured = (measured.low, measured.high)
    try:
        values = np.asarray(measured, dtype=float).ravel()
    except (TypeError, ValueError):
        values = np.array([])
    if not values.size or not np.isfinite(values).all():
        raise CourseError(f"Give reveal what was measured, as a number or as numbers; {measured!r} is none.")
    return values


def _filled(text, fields):
    try:
        return text.format(**fields)
    except (KeyError, IndexError) as error:
        raise CourseError(f"The explanation of this prediction needs {error}: give it to reveal by name.") from None
