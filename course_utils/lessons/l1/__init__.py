"""Lesson 03 L1: sparsity: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.l1.exercises import LESSON, count_zeros, drop_feature, initial_penalty, soft_threshold

__all__ = ["LESSON", "count_zeros", "drop_feature", "initial_penalty", "soft_threshold"]


def __getattr__(name):
    return questions.named(__name__, name)
