"""What only lesson 01 draws."""

import math

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from course_utils.plots.style import BEST, HELD_OUT, SERIES, course_of, draw_curve, draw_legend, own_figure, style


@own_figure()
def lines_over_epochs(named_values, ylabel, *, title="", ax):
    """Several quantities over the epochs, `{name: array (seeds, epochs)}`, each with its mean and interval."""
    means = {}
    for (name, values), (colour, marker) in zip(named_values.items(), SERIES, strict=False):
        means[name] = draw_curve(ax, values, colour, HELD_OUT, name, marker)
    ax.set(xlabel="epoch", ylabel=ylabel, title=title, ylim=(0, None))
    draw_legend(ax, [], values)
    says = [course_of(name, mean, range(1, len(mean) + 1), means) for name, mean in means.items()]
    return f"{ylabel[0].upper()}{ylabel[1:]}, mean over seeds, by epoch: {'; '.join(says)}."


@own_figure()
def fits(x, curves, truth, data=None, *, title="", ylim=None, ax):
    """Many fitted curves (repeats, points) over `x`, their mean, and the true function; `data` are one fit's points."""
    colour, _ = style("baseline")
    ax.plot(x, np.asarray(curves).T, color=SERIES[1][0], linewidth=0.8, alpha=0.5)
    ax.plot(x, np.mean(curves, 0), color=SERIES[2][0], linewidth=3, linestyle="dashdot")
    ax.plot(x, truth, color="black", linewidth=2)
    handles = [
        Line2D([], [], color="black", label="truth"),
        Line2D([], [], color=SERIES[1][0], linewidth=0.8, alpha=0.5, label="one fit each"),
        Line2D([], [], color=SERIES[2][0], linewidth=3, linestyle="dashdot", label="mean of the fits"),
    ]
    if data is not None:
        ax.plot(*data, linestyle="none", marker="o", color=colour, markersize=5)
        handles.append(Line2D([], [], linestyle="none", marker="o", color=colour, label="data of one fit"))
    ax.set(xlabel="x", ylabel="y", ylim=ylim, title=title)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
    away = np.sqrt(np.mean((np.mean(curves, 0) - truth) ** 2))
    apart = np.sqrt(np.mean(np.var(curves, 0)))
    return (
        f"The mean of {len(curves)} fits lies {away:.2f} from the truth; single fits lie {apart:.2f} from their mean "
        "(root mean squares)."
    )


@own_figure()
def bias_variance(capacity, bias_squared, variance, noise, *, simulated=None, xlabel, title="", ax):
    """Squared bias, variance and their sum with the noise against capacity; `simulated` (3, n) are drawn as dots."""
    total = np.asarray(bias_squared) + variance + noise
    lines = {
        "squared bias": (bias_squared, SERIES[1], "dashed"),
        "variance": (variance, SERIES[2], "dashdot"),
        "expected error": (total, SERIES[0], "solid"),
    }
    for i, (name, (values, (colour, marker), line)) in enumerate(lines.items()):
        ax.plot(capacity, values, color=colour, linestyle=line, label=name)
        if simulated is not None:
            ax.plot(capacity, simulated[i], linestyle="none", marker=marker, color=colour, label="… simulated")
    ax.axhline(noise, color="black", linestyle="dotted", linewidth=1.5, label="noise (cannot be removed)")
    best = int(np.argmin(total))
    ax.plot(capacity[best], total[best], linestyle="none", label="lowest", **BEST)
    ax.set(xlabel=xlabel, ylabel="mean squared error", title=title, ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return (
        f"From {xlabel} {capacity[0]} to {capacity[-1]}, squared bias goes from {bias_squared[0]:.3f} to "
        f"{bias_squared[-1]:.3f} and variance from {variance[0]:.3f} to {variance[-1]:.3f}; their sum with the noise "
        f"is lowest at {capacity[best]}."
    )


@own_figure(7.0, 1.3)
def digit_gallery(split, rows=10, *, truth=None, title="", ax):
    """The first training digits with their labels; where the true label is known and differs, it is added."""
    side = math.isqrt(split.x_train.shape[1])
    picture = np.ones((side + 1, rows * (side + 1)))
    wrong, labels = 0, []
    for i in range(rows):
        picture[:side, i * (side + 1) : i * (side + 1) + side] = 1 - split.x_train[i].reshape(side, side)
        text = str(split.y_train[i])
        if truth is not None and truth[i] != split.y_train[i]:
            wrong += 1
            text += f"\n(is {truth[i]})"
        labels.append(text.replace("\n", " "))
        ax.text(i * (side + 1) + side / 2 - 0.5, side + 0.3, text, ha="center", va="top", fontsize=12)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set(ylim=(side + 3.5, -0.7))
    ax.set_axis_off()
    ax.set_title(title)
    return (
        f"{rows} training digits with the labels that the network is given: {', '.join(labels)}. {wrong} of these "
        "labels are wrong."
        if truth is not None
        else f"{rows} training digits with their labels: {', '.join(labels)}."
    )
