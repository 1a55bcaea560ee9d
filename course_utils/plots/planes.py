"""Two axes of inputs or of weights: points, decision boundaries, contours."""

import matplotlib
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from course_utils.errors import CourseError
from course_utils.plots.style import CLASSES, SERIES, draw_note, own_figure, pale_marker, short_number, style


@own_figure(6.4, 4.2)
def clouds(named_points, xlabel, ylabel, *, title="", ax):
    """Two coefficients, fitted again and again: `{method: array (repeats, 2)}`, one dot a fit."""
    says = []
    for method, points in named_points.items():
        points, (colour, marker) = np.asarray(points), style(method)
        ax.plot(*points.T, linestyle="none", markersize=6, label=method, **pale_marker(colour, marker))
        middle, sd, zero = points.mean(axis=0), points.std(axis=0, ddof=1), int(np.sum(np.any(points == 0, axis=1)))
        says.append(
            f"{method}: means {short_number(middle[0])} and {short_number(middle[1])}, "
            f"standard deviations {short_number(sd[0])} and {short_number(sd[1])}, "
            f"correlation {np.corrcoef(points.T)[0, 1]:.2f}, one of the two exactly 0 in {zero}"
        )
    ax.axhline(0, color="black", linewidth=0.8)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    draw_note(ax, "a dot: one fit")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"{len(points)} fits of each; {'; '.join(says)}."


@own_figure(5.6, 4.2)
def decision_boundary(logit, split, *, title="", ax):
    """What a yes/no classifier of two features says everywhere, with the training points.

    `logit` maps points (n, 2) to logits (n,); the boundary is where it is 0. The shade is the probability.
    """
    low, high = split.x_train.min(0) - 0.5, split.x_train.max(0) + 0.5
    xs, ys = (np.linspace(a, b, 120) for a, b in zip(low, high, strict=True))
    grid = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2).astype("float32")
    probability = 1 / (1 + np.exp(-np.clip(logit(grid), -30, 30))).reshape(len(ys), len(xs))
    ax.contourf(xs, ys, probability, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.55)
    if probability.min() < 0.5 < probability.max():
        boundary = ax.contour(xs, ys, probability, levels=[0.5], colors="black", linewidths=2).allsegs[0]
        steps = [np.diff(piece, axis=0) / (xs[-1] - xs[0], ys[-1] - ys[0]) for piece in boundary]
        length = sum(np.hypot(*step.T).sum() for step in steps)
        pieces = "" if len(boundary) == 1 else f", in {len(boundary)} pieces"
        course = f"The boundary is {length:.1f} times as long as the picture is wide{pieces}"
    else:
        course = f"There is no boundary: everywhere class {int(probability.min() > 0.5)} is the likelier"
    sure = np.mean(np.abs(probability - 0.5) >= 0.4)
    handles = [Line2D([], [], color="black", label="boundary")]
    for label, (colour, marker) in enumerate(CLASSES):
        x = split.x_train[split.y_train == label]
        ax.plot(*x.T, linestyle="none", marker=marker, color=colour, markeredgecolor="white", markersize=7)
        handles.append(Line2D([], [], linestyle="none", marker=marker, color=colour, label=f"class {label}"))
    ax.set(
        xlabel=split.feature_names[0], ylabel=split.feature_names[1], title=title, xlim=xs[[0, -1]], ylim=ys[[0, -1]]
    )
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
    right = {}
    for part in ("train", "val"):
        x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
        right[part] = np.mean((logit(x) > 0) == (y == 1))
    seen, new = f"{right['train']:.0%} of the {len(split.y_train)} training points", f"{right['val']:.0%} of new points"
    return f"Right on {seen} and on {new}. {course}; it is at least 90% sure in {sure:.0%} of the picture."


@own_figure(7.0, 4.4)
def contours(loss, *, path=None, ball=None, minimum=None, limits=(-1, 3, -1, 3), title="", ax):
    """Lines of equal loss over two weights, with what a penalty makes of the minimum.

    `loss(w1, w2)` takes arrays of any one shape. `path` (steps, 2) is where an optimizer went. `ball` is (method,
    radius) or (method, radius, ratio): the weights that the penalty holds no dearer than `minimum`, a circle for "L2",
    a diamond for "L1", between the two for "elastic net", whose `ratio` is the diamond's share; it meets the axes at
    `radius`. `minimum` (2,) is where loss plus penalty is lowest. `limits` are left, right, bottom, top.
    """
    left, right, bottom, top = limits
    w1, w2 = np.meshgrid(np.linspace(left, right, 81), np.linspace(bottom, top, 81))
    height = np.asarray(loss(w1, w2), float)
    lowest = np.unravel_index(height.argmin(), height.shape)
    low, high = height.min(), height.max()
    levels = low + (high - low) * np.linspace(0.05, 0.95, 9) ** 2  # closer where the valley is flat
    ax.contour(w1, w2, height, levels=levels, colors=SERIES[0][0], linewidths=1, alpha=0.7)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.axvline(0, color="black", linewidth=0.8)
    handles = [Line2D([], [], color=SERIES[0][0], linewidth=1, label="equal loss")]
    says = [f"The loss alone is lowest near w₁ = {w1[lowest]:.1f}, w₂ = {w2[lowest]:.1f}"]
    at = {"linestyle": "none", "markeredgecolor": "black"}
    mark = {"marker": "X", "markersize": 10, "color": SERIES[0][0], "label": "lowest loss", **at}
    ax.plot(w1[lowest], w2[lowest], **mark)
    handles.append(Line2D([], [], **mark))
    colour, marker = style(ball[0]) if ball else style(None)
    if ball:
        area = {"facecolor": matplotlib.colors.to_rgba(colour, 0.25), "edgecolor": colour, "linewidth": 1}
        ax.fill(*_ball(*ball), **area)
        handles.append(Patch(label="penalty no larger", **area))
    if minimum is not None:
        there = np.asarray(loss(*np.reshape(minimum, (2, 1))), float).item()
        if low < there < high:
            ax.contour(w1, w2, height, levels=[there], colors=colour, linewidths=2)
            handles.append(Line2D([], [], color=colour, label="the minimum's loss"))
        mark = {"marker": marker, "markersize": 10, "color": colour, "label": "lowest loss + penalty", **at}
        ax.plot(*minimum, **mark)
        handles.append(Line2D([], [], **mark))
        shape = {"L1": "a diamond", "L2": "a circle"}.get(ball[0], "a rounded diamond") if ball else ""
        held = f", whose area is {shape} that meets the axes at {ball[1]:.2f}," if ball else ""
        says.append(f"with the penalty{held} the minimum is at {minimum[0]:.2f}, {minimum[1]:.2f}")
    if path is not None:
        path = np.asarray(path)
        line = {"color": SERIES[2][0], "marker": ".", "markersize": 4, "linewidth": 1.5, "label": "optimizer's path"}
        ax.plot(*path.T, **line)
        handles.append(Line2D([], [], **line))
        says.append(f"the optimizer's path ends at {path[-1, 0]:.2f}, {path[-1, 1]:.2f}")
    ax.set(xlabel="w₁", ylabel="w₂", title=title, xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
    return "; ".join(says) + "."


def _ball(method, radius, ratio=None):
    """The outline of ratio·(|u₁| + |u₂|) + (1 − ratio)·(u₁² + u₂²) = 1 with u = w / radius, as (x, y)."""
    ratio = {"L1": 1.0, "L2": 0.0}.get(method, ratio)
    if ratio is None:
        raise CourseError('Give an elastic net its ratio, the share of L1: ball=("elastic net", radius, ratio).')
    angle = np.linspace(0, 2 * np.pi, 121)
    c, s = np.cos(angle), np.sin(angle)
    one = np.abs(c) + np.abs(s)
    # The distance from 0 in each direction: the positive root of a quadratic, in a form that holds for ratio 1 too.
    reach = 2 * radius / (ratio * one + np.sqrt((ratio * one) ** 2 + 4 * (1 - ratio)))
    return reach * c, reach * s
