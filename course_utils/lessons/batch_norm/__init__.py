"""Lesson 07 Batch normalization: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.batch_norm.exercises import LESSON, as_line, same_rate, suspect, without_start

__all__ = ["LESSON", "as_line", "same_rate", "suspect", "without_start"]


def __getattr__(name):
    return questions.named(__name__, name)
