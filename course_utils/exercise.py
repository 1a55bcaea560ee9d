"""What an exercise is: a check that never raises and shows its verdict, numbered hints, a solution with its reason."""

import copy
import inspect
import numbers
import reprlib
import warnings

import numpy as np
from IPython import get_ipython
from IPython.display import display

from course_utils import progress
from course_utils.errors import CourseError
from course_utils.show import Markdown

STATES = {True: "✓ **Right.**", False: "✗ **Not yet.**", None: "○ **Not attempted yet.**"}
UNFINISHED = "Replace the `...` with your answer and run the cell again."


class NotAttempted(Exception):
    """The learner has not written an answer so far; the text says how to tell that from a mistake."""


class Wrong(Exception):
    """The answer cannot be used; the text is the sentence that the learner reads."""


class Result(Markdown):
    """What a check found: `passed` is True, False or None (not attempted), `message` says why.

    A notebook shows it once: `show` displays it there and then, and as the value of a cell it is not shown again.
    """

    def __new__(cls, passed, message):
        self = super().__new__(cls, f"{STATES[passed]} {message}")
        self.passed, self.message, self._shown = passed, message, False
        return self

    def show(self):
        """Display the verdict in a notebook, whatever stands after it in the cell; returns it."""
        if get_ipython() is not None:
            display({"text/markdown": str(self), "text/plain": str(self)}, raw=True)
            self._shown = True
        return self

    def _ipython_display_(self):
        if self._shown:
            self._shown = False  # a learner who asks for it again later sees it again
        else:
            display({"text/markdown": str(self), "text/plain": str(self)}, raw=True)


class Exercise:
    """One exercise of a lesson.

    key: "lesson.name", as in `lesson.name` of the lesson's module.
    check: a function of the learner's answer that returns None if it is right, or the sentence that says what
        is wrong with it. Whatever it raises is turned into a sentence too.
    hints: sentences, each one step further than the one before.
    solution: the code that replaces what the learner writes. why: the reason, shown with it.
    """

    def __init__(self, key, title, check, hints, solution, why):
        self.key, self.title, self.hints = key, title, tuple(hints)
        self.code, self.why = inspect.cleandoc(solution), inspect.cleandoc(why)
        self.record = f"exercise:{key}"
        self._check = check

    def check(self, answer):
        """Show what is right or wrong with `answer`, and return it as a `Result`.

        Whatever `answer` is, only an interrupt from the keyboard gets through.
        """
        return self._verdict(answer).show()

    def _verdict(self, answer):
        try:
            # A learner's division by zero is told in the message, not as a warning beside it.
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                if _untouched(answer):
                    raise NotAttempted(UNFINISHED)
                fault = self._check(answer)
        except NotAttempted as nothing:
            return Result(None, str(nothing))
        except (CourseError, Wrong) as error:
            fault = str(error)
        except (Exception, SystemExit, GeneratorExit) as error:
            if "'ellipsis'" in (told := raised(error)):
                return Result(None, UNFINISHED)
            fault = f"Your answer, of type `{type(answer).__name__}`, could not be used: checking it {told}."
        if fault is not None:
            return Result(False, fault)
        progress.record(self.record, True)
        return Result(True, self.why)

    def hint(self, number=1):
        """The first hint, or the one of that number; the same each time it is asked for."""
        if type(number) is not int or not 1 <= number <= len(self.hints):
            name, last = self.key.rpartition(".")[2], len(self.hints)
            return Markdown(f"The hints are numbered 1 to {last}; `lesson.{name}.solution()` shows one way to do it.")
        return Markdown(f"**Hint {number} of {len(self.hints)}.** {self.hints[number - 1]}{self._after(number)}")

    def _after(self, number):
        name = self.key.rpartition(".")[2]
        return f" (Next: `lesson.{name}.hint({number + 1})`.)" if number < len(self.hints) else ""

    def solution(self):
        """One right answer, and why it is right."""
        return Markdown(f"```python\n{self.code}\n```\n\n{self.why}")


def number(answer, right, mistakes=None, rtol=1e-3):
    """Checks a number (or an array) against `right`; None, or the sentence that says what is wrong.

    mistakes: `{sentence: value}`, the answers that a known mistake leads to.
    """
    if _as_array(answer) is None:
        return f"Your answer should be a number, and it is {shown(answer)}."
    if _agree(answer, right, rtol):
        return None
    for sentence, value in (mistakes or {}).items():
        if _agree(answer, value, rtol):
            return sentence
    return _difference("Your answer is", answer, right, tell=False)


def calls(answer, cases, reference, mistakes=None, rtol=1e-4):
    """Checks a learner's function on several inputs; None, or the sentence that says what is wrong.

    cases: a list of argument tuples; each call gets its own copy, so changing one in place harms nothing.
    reference: the function that it must agree with, to `rtol`; its argument names are used in the sentence.
    mistakes: `{sentence: wrong reference}`; the sentence is given if the learner's function agrees with that
        wrong reference on every input.
    """
    names = list(inspect.signature(reference).parameters)
    got = [call(answer, *case, names=names) for case in cases]
    if all(_untouched(value) for value in got):
        raise NotAttempted("Your function returns nothing. If you have written it, does it end in `return …`?")
    expected = [reference(*copy.deepcopy(case)) for case in cases]
    failing = [i for i in range(len(cases)) if not _agree(got[i], expected[i], rtol)]
    if not failing:
        return None
    for sentence, wrong in (mistakes or {}).items():
        if all(_agree(value, _or_none(wrong, case), rtol) for value, case in zip(got, cases, strict=True)):
            return sentence
    first = failing[0]
    start = f"For {_arguments(names, cases[first])} you returned"
    if _holds_new_nan(got[first], expected[first]) and _overflows(answer, cases[first]):
        return f"{start} {shown(got[first])}, which holds NaN: a number became too large on the way (overflow)."
    return _difference(start, got[first], expected[first])


def call(answer, *arguments, names=None):
    """What the learner's function returns for a copy of `arguments`; `Wrong` names where it fails."""
    if not callable(answer):
        raise Wrong(f"Your answer should be a function, and it is {shown(answer)}: give its name, without calling it.")
    try:
        return answer(*copy.deepcopy(arguments))
    except (NotAttempted, Wrong):  # raised by a check that wraps the learner's function, not by that function
        raise
    except (Exception, SystemExit, GeneratorExit) as error:
        if "'ellipsis'" in (told := raised(error)):
            raise NotAttempted(UNFINISHED) from None
        raise Wrong(f"For {_arguments(names or [], arguments)} your function {told}.") from None


def raised(error):
    """'raised `TypeError: …`', in one line, for an exception whose own text may fail."""
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    return "raised " + _code(f"{type(error).__name__}: {text[:200]}".rstrip(": "))


def shown(value):
    """`value` as inline code, short whatever it is."""
    try:
        array = _as_array(value)
        if array is None:
            text = "" if callable(value) else _SHORT.repr(value)
            return _code(text) if text and " at 0x" not in text else f"a `{type(value).__name__}`"
        if array.shape == ():
            return _code(f"{array[()]:.6g}" if array.dtype.kind == "f" else str(array[()]))
        if array.size > 12:
            return f"an array of shape `{array.shape}`"
        return _code(np.array2string(array, precision=5, separator=", ").replace("\n", ""))
    except Exception:
        return f"a `{type(value).__name__}`"


_SHORT = reprlib.Repr()
_SHORT.maxother = 60


def _code(text):
    return "`" + text.replace("`", "'") + "`"


def _arguments(names, values):
    names = [*names, *[""] * len(values)]
    return ", ".join(f"`{n}` = {shown(v)}" if n else shown(v) for n, v in zip(names, values, strict=False))


def _untouched(answer):
    """Whether nothing is filled in: `...`, None, or a list or a dictionary that still holds a `...`."""
    if type(answer) is dict:
        answer = list(answer.values())
    if type(answer) in (list, tuple):
        return any(value is ... for value in answer) or (bool(answer) and all(v is None for v in answer))
    return answer is ... or answer is None


def _as_array(value):
    """`value` as an array, or None if it is not made of real numbers."""
    # Only what is plainly numeric: NumPy would run through an endless sequence to its end.
    if not (isinstance(value, (numbers.Number, list, tuple)) or hasattr(value, "__array__")):
        return None
    try:
        array = np.asarray(value)
        return array if array.dtype.kind in "biuf" else None
    except Exception:
        return None


def _agree(value, expected, rtol):
    value, expected = _as_array(value), _as_array(expected)
    if value is None or expected is None or value.shape != expected.shape:
        return False
    # 1e-6: what single precision leaves of an exact zero.
    return np.allclose(value.astype(float), expected.astype(float), rtol=rtol, atol=1e-6, equal_nan=True)


def _or_none(function, case):
    try:
        return function(*copy.deepcopy(case))
    except Exception:
        return None


def _holds_new_nan(value, expected):
    array, wanted = _as_array(value), _as_array(expected)
    return array is not None and np.isnan(array.astype(float)).any() and not np.isnan(wanted.astype(float)).any()


def _overflows(function, case):
    """Whether NumPy meets a number too large for it while `function` works on `case`."""
    try:
        with np.errstate(over="raise"):
            function(*copy.deepcopy(case))
    except FloatingPointError:
        return True
    except (Exception, SystemExit, GeneratorExit):
        return False
    return False


def _difference(start, value, expected, tell=True):
    array, wanted = _as_array(value), _as_array(expected)
    if array is not None and array.shape != wanted.shape:
        kind = f"an array of shape `{wanted.shape}`" if wanted.shape else "a single number"
        return f"{start} {shown(value)}, of shape `{array.shape}`; expected {kind}."
    if _holds_new_nan(value, expected):
        return f"{start} {shown(value)}, which holds NaN: look for 0/0, or for the logarithm of 0."
    if tell and array is not None and array.size > 12:  # both are shown by their shape, which is the same
        return f"{start} {shown(value)}, {_worst_entry(array, wanted)}."
    end = f"; expected {shown(expected)}." if tell else ", and that is not it."
    return f"{start} {shown(value)}{end}"


def _worst_entry(array, wanted):
    """Where `array` differs most from `wanted`, of the same shape, with both numbers."""
    apart = np.nan_to_num(np.abs(array.astype(float) - wanted.astype(float)), nan=np.inf)
    place = np.unravel_index(apart.argmax(), array.shape)
    where = ", ".join(str(int(i)) for i in place)
    return f"with {shown(array[place])} at `[{where}]`; expected there {shown(wanted[place])}"
