"""Lesson 09 Combining: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.combining.exercises import LESSON, confounded, interaction, plan, remove

__all__ = ["LESSON", "confounded", "interaction", "plan", "remove"]


def __getattr__(name):
    return questions.named(__name__, name)
