"""Lesson 08 Data augmentation: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.augmentation.exercises import LESSON, mirror, mixup, ported, tasks

__all__ = ["LESSON", "mirror", "mixup", "ported", "tasks"]


def __getattr__(name):
    return questions.named(__name__, name)
