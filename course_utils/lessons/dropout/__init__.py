"""Lesson 05 Dropout: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.dropout.exercises import (
    LESSON,
    average_probability,
    dropout_penalty,
    inverted_dropout,
    layer,
    repaired,
)

__all__ = ["LESSON", "average_probability", "dropout_penalty", "inverted_dropout", "layer", "repaired"]


def __getattr__(name):
    return questions.named(__name__, name)
