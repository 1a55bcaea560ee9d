"""What only the lesson on dropout draws."""

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle

from course_utils.plots.style import METHODS, SERIES, own_figure, short_number, style


@own_figure(7.6, 2.5)
def masks(values, kept, rate, *, shape=(8, 8), title="", ax):
    """A layer's `values` (units,) as a picture of `shape`, and beside it what each mask leaves of it.

    `kept` (masks, units) is True where a unit is kept. What is kept is drawn scaled by 1 / (1 - rate), as inverted
    dropout has it; what is dropped has a cross on a tinted ground. Under each picture stands its mean.
    """
    values, kept = np.asarray(values, float), np.asarray(kept, bool)
    (rows, columns), colour = shape, METHODS["dropout"][0]
    pictures = [values, *(values * mask / (1 - rate) for mask in kept)]
    darkest = values.max() / (1 - rate)
    for place, picture in enumerate(pictures):
        left = place * (columns + 1.5)
        ax.imshow(
            picture.reshape(shape), extent=(left, left + columns, rows, 0), cmap="Greys", vmin=0, vmax=darkest,
            interpolation="nearest",
        )  # fmt: skip
        if place:
            dropped = ~kept[place - 1].reshape(shape)
            tint = np.zeros((*shape, 4))
            tint[dropped] = (*matplotlib.colors.to_rgb(colour), 0.22)
            ax.imshow(tint, extent=(left, left + columns, rows, 0), interpolation="nearest")
            down, across = np.nonzero(dropped)
            ax.plot(left + across + 0.5, down + 0.5, linestyle="none", marker="x", color=colour, markersize=4)
        ax.add_patch(Rectangle((left, 0), columns, rows, fill=False, edgecolor=SERIES[0][0], linewidth=0.8))
        name = "all" if place == 0 else f"mask {place}"
        ax.text(left + columns / 2, rows + 0.3, f"{name}\nmean {picture.mean():.2f}", ha="center", va="top")
    ax.set(xlim=(-0.3, len(pictures) * (columns + 1.5) - 1.2), ylim=(rows * 1.38, -0.3), aspect="equal")
    ax.set_axis_off()
    ax.set_title(title)
    counts = ", ".join(str(count) for count in kept.sum(axis=1))
    means = ", ".join(f"{picture.mean():.2f}" for picture in pictures[1:])
    return (
        f"At rate {rate:g} the masks keep {counts} of {len(values)} units. The mean of all is {values.mean():.2f}; of "
        f"what the masks leave, scaled by {1 / (1 - rate):.3g}, it is {means}. A cross: dropped."
    )


@own_figure(7.6, 4.2)
def coefficients(named_coefficients, names, xlabel, *, limits=None, title="", ax):
    """Several fits of one linear model side by side, `{name: array (features,)}`: a row a feature, a marker a fit."""
    looks = {"markeredgecolor": "black", "markersize": 9, "linestyle": "none"}
    says, (other, last) = [], list(named_coefficients.items())[-1]
    for place, (name, values) in enumerate(named_coefficients.items()):
        colour, marker = style(name) if name in METHODS else SERIES[place % len(SERIES)]
        height = np.arange(len(names)) + (place - (len(named_coefficients) - 1) / 2) * 0.22
        ax.plot(values, height, marker=marker, color=colour, label=name, **looks)
        away = np.abs(np.subtract(values, last))
        j = int(away.argmax())
        far = f", at most {short_number(away[j])} from {other} ({names[j]})" if name != other else ""
        says.append(f"{name} {short_number(np.linalg.norm(values))}{far}")
    for row in range(1, len(names)):
        ax.axhline(row - 0.5, color="#DDDDDD", linewidth=0.8)
    ax.axvline(0, color="black", linewidth=1)
    ax.set(yticks=range(len(names)), yticklabels=names, xlabel=xlabel, xlim=limits, title=title)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"Length of the vector of coefficients: {'; '.join(says)}."
