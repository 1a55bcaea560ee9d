"""Lesson 06 Early stopping: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.early_stopping.exercises import LESSON, by_head, optimism, repair, smallest_patience

__all__ = ["LESSON", "by_head", "optimism", "repair", "smallest_patience"]


def __getattr__(name):
    return questions.named(__name__, name)
