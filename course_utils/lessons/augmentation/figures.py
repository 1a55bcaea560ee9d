"""What only the lesson on data augmentation draws."""

import math

import numpy as np

from course_utils.plots.style import SERIES, draw_note, own_figure, short_number
from course_utils.stats import interval


@own_figure(7.6, 2.6)
def pictures(named_rows, names=None, *, title="", ax):
    """Rows of square grey pictures, `{name: array (pictures, pixels)}`, values from 0 to 1, dark where large.

    `names` stand above the columns. The sentence tells how much of the first row's ink each row has, and how much of
    its contrast between neighbouring pixels (the mean square of their differences).
    """
    rows = {name: np.asarray(row, float) for name, row in named_rows.items()}
    side = math.isqrt(next(iter(rows.values())).shape[1])
    columns, step = max(len(row) for row in rows.values()), side + 1
    canvas, ink, contrast = np.full((len(rows) * step + 1, columns * step + 1), 0.15), [], []  # the rest: grey lines
    for at, (name, row) in enumerate(rows.items()):
        images = row.reshape(-1, side, side)
        for place, image in enumerate(images):
            canvas[at * step + 1 : (at + 1) * step, place * step + 1 : (place + 1) * step] = image
        ax.text(-0.6, (at + 0.5) * step, name, ha="right", va="center", fontsize=11)
        ink.append(images.sum())
        contrast.append(sum(np.mean(np.diff(images, axis=axis) ** 2) for axis in (1, 2)))
    ax.imshow(canvas, extent=(0, canvas.shape[1], canvas.shape[0], 0), cmap="gray_r", vmin=0, vmax=1)
    for place, text in enumerate(names if names is not None else ()):
        ax.text((place + 0.5) * step + 0.5, -0.4, str(text), ha="center", va="bottom", fontsize=11)
    ax.set(xlim=(0, canvas.shape[1]), ylim=(canvas.shape[0], -2.6 if names is not None else 0), aspect="equal")
    ax.set_title(title)
    ax.set_axis_off()
    says = "; ".join(
        f"{name}: ink {i / ink[0]:.0%}, contrast {c / contrast[0]:.0%}"
        for name, i, c in list(zip(rows, ink, contrast, strict=True))[1:]
    )
    which = f": {', '.join(map(str, names))}" if names is not None else ""
    if not says:
        return f"{columns} pictures{which}."
    return f"{columns} pictures in each row{which}. Of the first row ({next(iter(rows))}) there remain in {says}."


@own_figure(7.6, 3.6)
def by_class(named_accuracies, classes, *, title="", ax):
    """Accuracy of each class under several conditions, `{name: array (seeds, classes)}` in %, with the interval."""
    says, width = [], 0.6 / len(named_accuracies)
    for at, ((name, values), (colour, marker)) in enumerate(zip(named_accuracies.items(), SERIES[1:], strict=False)):
        mean, half = interval(np.asarray(values, float))
        places = np.arange(len(classes)) + (at - (len(named_accuracies) - 1) / 2) * width
        ax.errorbar(places, mean, half, linestyle="none", marker=marker, color=colour, capsize=4, label=name)
        worst = ", ".join(f"{classes[i]} ({short_number(mean[i])}%)" for i in np.argsort(mean)[:3])
        says.append(f"{name}: {short_number(mean.min())}% to {short_number(mean.max())}%, lowest for {worst}")
    for place in range(1, len(classes)):
        ax.axvline(place - 0.5, color="#DDDDDD", linewidth=0.8)
    ax.set(xticks=range(len(classes)), xticklabels=classes, ylim=(-3, 103), ylabel="accuracy (%)", title=title)
    ax.set_xlabel("class")
    draw_note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"{'; '.join(says)}."
