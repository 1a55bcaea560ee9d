"""Lesson 10 Capstone: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.capstone.exercises import LESSON, baseline, diagnosis, methods, split_by_tiles, verdict

__all__ = ["LESSON", "baseline", "diagnosis", "methods", "split_by_tiles", "verdict"]


def __getattr__(name):
    return questions.named(__name__, name)
