"""Every kind of figure in the course, in one look.

A plotting function takes data, draws once and returns the sentence that says what the picture shows. Without `ax` it
makes a figure of its own and shows it; with `ax` it draws there. Nothing is computed here that takes time.

The look: each method keeps its colour and marker in every lesson; training is dashed, held-out is solid; a band or
an error bar is always the 95% confidence interval of the mean over seeds; the best choice is a ring in black.
"""

import base64
import functools
import io
import math

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from PIL import Image

from course_utils.errors import CourseError
from course_utils.experiments import interval

FIGSIZE = (7.0, 4.0)  # inches
DPI = 96

matplotlib.rcParams.update(
    {
        "font.size": 11,
        "axes.titlesize": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "lines.linewidth": 2,
    }
)

# Okabe and Ito's palette, which the common kinds of colour blindness can tell apart, and a marker for each.
METHODS = {
    "baseline": ("#4D4D4D", "o"),
    "L2": ("#0072B2", "s"),
    "L1": ("#D55E00", "^"),
    "elastic net": ("#009E73", "D"),
    "dropout": ("#B0568D", "v"),
    "early stopping": ("#C77F00", "P"),
    "batch norm": ("#3690C0", "X"),
    "augmentation": ("#7A5C00", "*"),
}
COMBINED = ("#8A8A8A", "h")
# What is not a method (classes, parts of an error, conditions) has colours that no method has: P. Tol's muted ones.
SERIES = (("#4D4D4D", "o"), ("#332288", "s"), ("#882255", "^"), ("#117733", "D"), ("#999933", "v"))
CLASSES = SERIES[1:3]

METRICS = {
    "loss": "loss without penalty",
    "accuracy": "accuracy (%)",
    "penalty": "penalty",
}
TRAINING, HELD_OUT = (0, (4, 2)), "solid"
BEST = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "markeredgecolor": "black", "markeredgewidth": 2}


class Says(str):
    """The sentence that says what a figure shows; a notebook sets it under the figure."""

    def _repr_markdown_(self):
        return f"*{self}*" if self else ""

    def __repr__(self):
        return str(self)


def style(method):
    """The (colour, marker) of a method; combinations and unknown ones are neutral."""
    return METHODS.get(method, COMBINED)


def png(figure):
    """The figure as PNG bytes, in 128 colours: a third of the size, and no difference that one could see."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=DPI)
    Image.open(full).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def _plot(width=FIGSIZE[0], height=FIGSIZE[1]):
    """Make of `draw(..., ax)` a function that shows a figure of its own where no `ax` is given."""

    def decorate(draw):
        @functools.wraps(draw)
        def plot(*data, ax=None, **options):
            if ax is not None:
                return Says(draw(*data, ax=ax, **options))
            figure = Figure(figsize=(width, height), layout="constrained")
            says = Says(draw(*data, ax=figure.subplots(), **options))
            display({"image/png": base64.b64encode(png(figure)).decode(), "text/plain": str(says)}, raw=True)
            return says

        return plot

    return decorate


# ---- curves over epochs ---------------------------------------------------------------------------------------


@_plot()
def learning_curves(runs, metric="loss", *, title="", ax):
    """Training (dashed) and validation (solid) `metric`, "loss" or "accuracy", after each epoch: mean over `runs`."""
    settings = getattr(runs, "settings", [{}])
    if any({**s, "seed": 0} != {**settings[0], "seed": 0} for s in settings):
        raise CourseError("These networks differ in more than the seed: choose one kind with runs.where(…).")
    train, val = (_scaled(getattr(runs, f"{part}_{metric}"), metric) for part in ("train", "val"))
    colour, _ = style("baseline")
    _curve(ax, train, colour, TRAINING, "training")
    mean = _curve(ax, val, colour, HELD_OUT, "validation")
    best = int(mean.argmin() if metric == "loss" else mean.argmax())
    ax.plot(best + 1, mean[best], **BEST)
    _epochs(ax, metric, title)
    _legend(ax, [Line2D([], [], linestyle="none", label="best epoch", **BEST)], runs)
    word = "lowest" if metric == "loss" else "highest"
    return (
        f"Mean over {len(runs)} networks: training {_metric_name(metric)} goes from {_number(train.mean(0)[0])} to "
        f"{_number(train.mean(0)[-1])}; validation {_metric_name(metric)} is {word} at epoch {best + 1} "
        f"({_number(mean[best])}) and ends at {_number(mean[-1])}."
    )


@_plot()
def lines_over_epochs(named_values, ylabel, *, title="", ax):
    """Several quantities over the epochs, `{name: array (seeds, epochs)}`, each with its mean and interval."""
    ends = []
    for (name, values), (colour, marker) in zip(named_values.items(), SERIES, strict=False):
        mean = _curve(ax, values, colour, HELD_OUT, name, marker)
        ends.append(f"{name} {_number(mean[0])} and {_number(mean[-1])}")
    ax.set(xlabel="epoch", ylabel=ylabel, title=title, ylim=(0, None))
    _legend(ax, [], values)
    return f"{ylabel[0].upper()}{ylabel[1:]}, mean over seeds, after the first and the last epoch: {'; '.join(ends)}."


# ---- one setting on the horizontal axis -----------------------------------------------------------------------


@_plot()
def sweep(runs, over, metric="loss", *, label=None, title="", chance=None, ax):
    """Final training and validation `metric` against the setting `over`, with the interval over seeds.

    `label` names the horizontal axis with its unit; `chance` draws the level of a naive guess.
    """
    levels = runs.levels(over)
    places, ticks = _places(levels)
    means = {}
    for part, line, fill in (("train", TRAINING, "white"), ("val", HELD_OUT, style("baseline")[0])):
        values = [_scaled(runs.where(**{over: v}).final(f"{part}_{metric}"), metric) for v in levels]
        mean, half = np.array([interval(v) for v in values]).T
        ax.errorbar(
            places, mean, half, linestyle=line, color=style("baseline")[0], marker="o", markerfacecolor=fill, capsize=4,
            label={"train": "training", "val": "validation"}[part],
        )  # fmt: skip
        means[part] = mean
    best = int(means["val"].argmin() if metric == "loss" else means["val"].argmax())
    ax.plot(places[best], means["val"][best], linestyle="none", label="best on validation", **BEST)
    if chance is not None:
        ax.axhline(chance, color="black", linestyle="dotted", linewidth=1.5, label="naive guess")
    ax.set(xticks=places, xticklabels=ticks, xlabel=label or over, ylabel=METRICS[metric], title=title)
    _note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend()
    where = f"{label or over} = {ticks[best]}"
    return (
        f"Validation {_metric_name(metric)} is best at {where} ({_number(means['val'][best])}); at {ticks[0]} it is "
        f"{_number(means['val'][0])}, at {ticks[-1]} it is {_number(means['val'][-1])}. Training "
        f"{_metric_name(metric)} goes from {_number(means['train'][0])} to {_number(means['train'][-1])}."
    )


# ---- comparisons ----------------------------------------------------------------------------------------------


@_plot(7.0, 3.4)
def gains(comparison, *, title="", ax):
    """Each method's test accuracy minus the baseline's: one dot a seed, the mean, and its interval."""
    methods = [m for m in comparison.chosen if m != comparison.baseline]
    sentences = []
    for row, method in enumerate(methods):
        colour, marker = style(method)
        gain = comparison.gain(method)
        mean, half = interval(gain)
        spread = np.linspace(-0.16, 0.16, len(gain))
        ax.plot(gain, row + 0.02 + spread, linestyle="none", marker=marker, color=colour, alpha=0.4, markersize=6)
        ax.errorbar(
            mean, row, xerr=half, color=colour, marker=marker, markersize=10, capsize=6, markeredgecolor="black"
        )
        wins = f"{comparison.wins(method)} of {len(gain)}"
        ends = f"{mean - half:+.1f} to {mean + half:+.1f}"
        sentences.append(f"{method} {mean:+.1f} points (95% interval {ends}, better on {wins} seeds)")
    ax.axvline(0, color="black", linewidth=1.5)
    ax.set(yticks=range(len(methods)), yticklabels=methods, ylim=(len(methods) - 0.5, -0.5), title=title)
    ax.set_xlabel(f"test accuracy minus {comparison.baseline}, in points")
    _note(ax, "small: one seed · large: mean with its 95% interval")
    return f"Against {comparison.baseline}, on the test rows: {'; '.join(sentences)}."


@_plot(7.0, 3.4)
def estimates(named_values, xlabel, *, reference=None, title="", ax):
    """Repeated measurements side by side, `{name: array}`: every one as a dot, with mean and standard deviation."""
    sentences = []
    for row, (name, values) in enumerate(named_values.items()):
        values = np.asarray(values, float)
        colour, marker = SERIES[row % len(SERIES)]
        height = row + np.random.default_rng(0).uniform(-0.22, 0.22, len(values))
        ax.plot(values, height, linestyle="none", marker=marker, color=colour, alpha=0.45, markersize=6)
        ax.plot([values.mean()] * 2, [row - 0.36, row + 0.36], color=colour, linewidth=3)
        sentences.append(f"{name}: mean {_number(values.mean())}, standard deviation {_number(values.std(ddof=1))}")
    if reference is not None:
        ax.axvline(reference[1], color="black", linestyle="dotted", linewidth=1.5, label=reference[0])
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        sentences.append(f"{reference[0]}: {_number(reference[1])}")
    ax.set(yticks=range(len(named_values)), yticklabels=list(named_values), xlabel=xlabel, title=title)
    ax.set_ylim(len(named_values) - 0.5, -0.5)
    _note(ax, "dots: single measurements · bar: their mean")
    return "; ".join(sentences) + "."


# ---- pictures of functions and boundaries ---------------------------------------------------------------------


@_plot(5.6, 4.2)
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
        ax.contour(xs, ys, probability, levels=[0.5], colors="black", linewidths=2)
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
    return f"Right on {seen} and on {new}."


@_plot()
def fits(x, curves, truth, data=None, *, title="", xlabel="x", ylabel="y", ylim=None, ax):
    """Many fitted curves (repeats, points) over `x`, their mean, and the true function; `data` are one fit's points."""
    colour, _ = style("baseline")
    ax.plot(x, np.asarray(curves).T, color=SERIES[1][0], linewidth=1, alpha=0.3)
    ax.plot(x, np.mean(curves, 0), color=SERIES[2][0], linewidth=3, linestyle="dashdot")
    ax.plot(x, truth, color="black", linewidth=2)
    handles = [
        Line2D([], [], color="black", label="truth"),
        Line2D([], [], color=SERIES[1][0], linewidth=1, label="one fit each"),
        Line2D([], [], color=SERIES[2][0], linewidth=3, linestyle="dashdot", label="mean of the fits"),
    ]
    if data is not None:
        ax.plot(*data, linestyle="none", marker="o", color=colour, markersize=5)
        handles.append(Line2D([], [], linestyle="none", marker="o", color=colour, label="data of one fit"))
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=ylim, title=title)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
    away = np.sqrt(np.mean((np.mean(curves, 0) - truth) ** 2))
    apart = np.sqrt(np.mean(np.var(curves, 0)))
    return (
        f"The mean of {len(curves)} fits lies {away:.2f} from the truth; single fits lie {apart:.2f} from their mean "
        "(root mean squares)."
    )


@_plot()
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


@_plot(7.0, 1.3)
def digit_gallery(split, rows=10, *, truth=None, title="", ax):
    """The first training digits with their labels; where the true label is known and differs, it is added."""
    side = math.isqrt(split.x_train.shape[1])
    picture = np.ones((side + 1, rows * (side + 1)))
    wrong = 0
    for i in range(rows):
        picture[:side, i * (side + 1) : i * (side + 1) + side] = 1 - split.x_train[i].reshape(side, side)
        text = str(split.y_train[i])
        if truth is not None and truth[i] != split.y_train[i]:
            wrong += 1
            text += f"\n(is {truth[i]})"
        ax.text(i * (side + 1) + side / 2 - 0.5, side + 0.3, text, ha="center", va="top", fontsize=12)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set(ylim=(side + 3.5, -0.7))
    ax.set_axis_off()
    ax.set_title(title)
    return (
        f"{rows} training digits with the labels that the network is given; {wrong} of these labels are wrong."
        if truth is not None
        else f"{rows} training digits with their labels."
    )


# ---- what several figures share -------------------------------------------------------------------------------


def _curve(ax, values, colour, line, label, marker=None):
    """Mean over the first axis with its interval as a band; returns the mean."""
    epochs = np.arange(1, values.shape[1] + 1)
    mean, half = interval(values)
    every = max(1, len(epochs) // 8)
    ax.plot(epochs, mean, color=colour, linestyle=line, label=label, marker=marker, markevery=every)
    if len(values) > 1:
        ax.fill_between(epochs, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
    return mean


def _epochs(ax, metric, title):
    ax.set(xlabel="epoch", ylabel=METRICS[metric], title=title)
    ax.set_ylim(bottom=0)
    if metric == "accuracy":
        ax.set_ylim(0, 102)


def _legend(ax, extra, runs):
    handles = ax.get_legend_handles_labels()[0] + extra
    if len(runs) > 1:
        handles.append(Patch(color="#4D4D4D", alpha=0.2, label="95% interval"))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))


def _note(ax, text):
    ax.annotate(text, (1, 1.0), xycoords="axes fraction", ha="right", va="bottom", fontsize=10, color="#4D4D4D")


def _places(levels):
    """Where the levels of a setting go on an axis, evenly spaced, and what stands there."""
    ticks = []
    for level in levels:
        values = level if isinstance(level, tuple) else (level,)  # (128, 128), the units of two layers, is 128+128
        ticks.append("+".join(f"{v:g}" if isinstance(v, (int, float)) else str(v) for v in values))
    return np.arange(len(levels)), ticks


def _scaled(values, metric):
    return 100 * values if metric == "accuracy" else values


def _metric_name(metric):
    return "accuracy in %" if metric == "accuracy" else metric


def _number(value):
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
