"""The exercise of lesson 00."""

from course_utils.exercise import Exercise, number

LESSON = "00 Start here"

gap = Exercise(
    "start.gap",
    "The gap",
    lambda answer: number(
        answer,
        10,
        {
            "That is the gap as a share. In points, a hundredth is 1.": 0.10,
            "The size is right, but the sign is turned: training accuracy minus accuracy on new rows.": -10,
            "That is a ratio. The gap is a difference: one number minus the other.": 99 / 89,
            "That is a ratio in per cent. The gap is a difference: one number minus the other.": 100 * 99 / 89,
            "You added the two. The gap is their difference.": 188,
        },
    ),
    hints=[
        "The gap is a difference of two accuracies.",
        "Training accuracy first: `99 - …`",
    ],
    solution="gap = 99 - 89",
    why="99 − 89 = 10 points. A gap alone does not say what caused it; lesson 01 is about that.",
)
