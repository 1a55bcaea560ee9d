"""Every kind of figure that several lessons draw, in one look; what only one lesson draws stands in its own folder.

A plotting function takes data, draws once and returns the sentence that says what the picture shows. Without `ax` it
makes a figure of its own and shows it; with `ax` it draws there. Nothing is computed here that takes time.
"""

from course_utils.plots.comparisons import differences, estimates, gains, scores
from course_utils.plots.curves import learning_curves, lines, sweep
from course_utils.plots.planes import clouds, contours, decision_boundary

__all__ = [
    "clouds",
    "contours",
    "decision_boundary",
    "differences",
    "estimates",
    "gains",
    "learning_curves",
    "lines",
    "scores",
    "sweep",
]
