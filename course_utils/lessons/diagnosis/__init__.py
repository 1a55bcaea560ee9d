"""Lesson 01 Diagnosing overfitting: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.diagnosis.exercises import (
    LESSON,
    best_epoch,
    decompose,
    naive_accuracy,
    standard_error,
    unfair,
)

__all__ = ["LESSON", "best_epoch", "decompose", "naive_accuracy", "standard_error", "unfair"]


def __getattr__(name):
    return questions.named(__name__, name)
