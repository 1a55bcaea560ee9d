"""Lesson 02 L2: the mathematics of small weights.

Its exercises, and by their names its questions, which stand in questions.toml.
"""

from course_utils import questions
from course_utils.lessons.l2.exercises import LESSON, choose, convert, penalty_gradient, ridge_fit, unmask

__all__ = ["LESSON", "choose", "convert", "penalty_gradient", "ridge_fit", "unmask"]


def __getattr__(name):
    return questions.named(__name__, name)
