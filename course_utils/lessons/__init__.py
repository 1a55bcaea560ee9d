"""The lessons: one folder each, with its exercises, the figures that only it draws, and its questions.

In a notebook: `import course_utils.lessons.l2 as lesson`, then `lesson.best_lambda.ask()` for a question of
questions.toml, and `lesson.ridge_fit.check(answer)` for an exercise.
"""

import pkgutil
from importlib import import_module

from course_utils import progress
from course_utils.exercise import Exercise
from course_utils.show import Markdown


def lessons():
    """Every lesson that has exercises, in reading order: `{lesson title: {exercise name: Exercise}}`."""
    names = [found.name for found in pkgutil.iter_modules(__path__)]
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
