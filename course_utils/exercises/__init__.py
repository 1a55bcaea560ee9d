"""The exercises: one module a lesson, found by importing what stands in this folder.

A lesson's module has `LESSON = "01 Diagnosing overfitting"` and one `Exercise` under each name that its
notebook checks: `from course_utils.exercises import diagnosis as ex`, then `ex.some_name.check(my_answer)`.
"""

import pkgutil
from importlib import import_module

from course_utils import progress
from course_utils.claims import Markdown
from course_utils.exercises.exercise import Exercise


def lessons():
    """Every lesson that has exercises, in reading order: `{lesson title: {exercise name: Exercise}}`."""
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.name != "exercise"]
    modules = sorted((import_module(f"{__name__}.{name}") for name in names), key=lambda module: module.LESSON)
    return {m.LESSON: {k: v for k, v in vars(m).items() if isinstance(v, Exercise)} for m in modules}


def progress_table():
    """How many exercises of each lesson this learner has solved, as a Markdown table."""
    done = progress.everything()
    rows = ["| lesson | exercises solved |", "|:--|:--|"]
    for lesson, exercises in lessons().items():
        solved = sum(done.get(exercise.record) is True for exercise in exercises.values())
        rows.append(f"| {lesson} | {solved} of {len(exercises)} |")
    return Markdown("\n".join(rows))
