"""Lesson 00 Start here: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.start.exercises import LESSON, gap

__all__ = ["LESSON", "gap"]


def __getattr__(name):
    return questions.named(__name__, name)
