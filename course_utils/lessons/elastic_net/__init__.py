"""Lesson 04 Elastic Net: its exercises, and by their names its questions, which stand in questions.toml."""

from course_utils import questions
from course_utils.lessons.elastic_net.exercises import LESSON, best_cell, choose, keras_strengths, proximal_step

__all__ = ["LESSON", "best_cell", "choose", "keras_strengths", "proximal_step"]


def __getattr__(name):
    return questions.named(__name__, name)
