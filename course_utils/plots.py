"""Every kind of figure in the course, in one look.

A plotting function takes data, draws once and returns the sentence that says what the picture shows. Without `ax` it
makes a figure of its own and shows it; with `ax` it draws there. Nothing is computed here that takes time.

The look: each method keeps its colour and marker in every lesson; training is dashed, held-out is solid; a band or
an error bar is always the 95% confidence interval of the mean over seeds; the best choice is a ring in black.
"""

import base64
import functools
import io
import itertools
import math
import textwrap

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from PIL import Image

from course_utils.errors import CourseError
from course_utils.experiments import interval
from course_utils.machine import give_back_memory

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
        "axes.formatter.min_exponent": 5,  # 0.001, not a power with a tiny exponent
    }
)

# A colour and a marker for each. The colours are far from each other in lightness too, so that they stay apart for
# the colour-blind (tests/test_plots.py measures how far), and each stands out from the white of the page, 3 to 1.
METHODS = {
    "baseline": ("#4D4D4D", "o"),
    "L2": ("#4378F5", "s"),
    "L1": ("#9D4601", "^"),
    "elastic net": ("#02A85F", "D"),
    "dropout": ("#E260C6", "v"),
    "early stopping": ("#C08800", "P"),
    "batch norm": ("#04557A", "X"),
    "augmentation": ("#482A00", "*"),
}
COMBINED = ("#8A8A8A", "h")
# What is not a method (classes, parts of an error, conditions) has colours that no method has: P. Tol's muted ones.
SERIES = (("#4D4D4D", "o"), ("#332288", "s"), ("#AA4499", "^"), ("#117733", "D"), ("#999933", "v"))
CLASSES = SERIES[1:3]
# Six kinds of land. Their names say colours (red soil, grey soil …): these do not contradict them.
LAND = (("#B22222", "o"), ("#117733", "s"), ("#949494", "^"), ("#5E5E5E", "D"), ("#A89000", "v"), ("#1A1A1A", "X"))

METRICS = {
    "loss": "loss without penalty",
    "accuracy": "accuracy (%)",
    "penalty": "penalty",
}
TRAINING, HELD_OUT = (0, (4, 2)), "solid"
BEST = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "markeredgecolor": "black", "markeredgewidth": 2}


class Says(str):
    """The sentence that says what a figure shows; a notebook sets it under the figure.

    `in_full` is what a sentence cannot hold, as Markdown; a notebook shows it folded.
    """

    def __new__(cls, sentence, in_full=""):
        says = super().__new__(cls, sentence)
        says.in_full = in_full
        return says

    def _repr_markdown_(self):
        folded = f"\n\n<details><summary>The words of the picture</summary>\n\n{self.in_full}\n\n</details>"
        return f"*{self}*{folded if self.in_full else ''}" if self else ""

    def __repr__(self):
        return str(self)


def _says(text):
    return text if isinstance(text, Says) else Says(text)


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
                return _says(draw(*data, ax=ax, **options))
            figure = Figure(figsize=(width, height), layout="constrained")
            says = _says(draw(*data, ax=figure.subplots(), **options))
            display({"image/png": base64.b64encode(png(figure)).decode(), "text/plain": str(says)}, raw=True)
            figure.clear()
            del figure
            give_back_memory()  # a figure is a knot of references, and nothing else would untie it in time
            return says

        return plot

    return decorate


# ---- curves over epochs ---------------------------------------------------------------------------------------


@_plot()
def learning_curves(runs, metric="loss", *, method="baseline", title="", ax):
    """Training (dashed) and validation (solid) `metric`, "loss" or "accuracy", after each epoch: mean over `runs`.

    `method` gives the colour.
    """
    settings = getattr(runs, "settings", [{}])
    if any({**s, "seed": 0} != {**settings[0], "seed": 0} for s in settings):
        raise CourseError("These networks differ in more than the seed: choose one kind with runs.where(…).")
    train, val = (_scaled(getattr(runs, f"{part}_{metric}"), metric) for part in ("train", "val"))
    colour, _ = style(method)
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
    means = {}
    for (name, values), (colour, marker) in zip(named_values.items(), SERIES, strict=False):
        means[name] = _curve(ax, values, colour, HELD_OUT, name, marker)
    ax.set(xlabel="epoch", ylabel=ylabel, title=title, ylim=(0, None))
    _legend(ax, [], values)
    says = [_course(name, mean, range(1, len(mean) + 1), means) for name, mean in means.items()]
    return f"{ylabel[0].upper()}{ylabel[1:]}, mean over seeds, by epoch: {'; '.join(says)}."


# ---- one setting on the horizontal axis -----------------------------------------------------------------------


@_plot()
def sweep(runs, over, metric="loss", *, method="baseline", label=None, title="", ax):
    """Final training and validation `metric` against the setting `over`, with the interval over seeds.

    `method` gives the colour; `label` names the horizontal axis with its unit.
    """
    levels = runs.levels(over)
    places, ticks = _places(levels)
    means, (colour, marker) = {}, style(method)
    for part, line, fill in (("train", TRAINING, "white"), ("val", HELD_OUT, colour)):
        values = [_scaled(runs.where(**{over: v}).final(f"{part}_{metric}"), metric) for v in levels]
        mean, half = np.array([interval(v) for v in values]).T
        ax.errorbar(
            places, mean, half, linestyle=line, color=colour, marker=marker, markerfacecolor=fill, capsize=4,
            label={"train": "training", "val": "validation"}[part],
        )  # fmt: skip
        means[part] = mean
    best = int(means["val"].argmin() if metric == "loss" else means["val"].argmax())
    ax.plot(places[best], means["val"][best], linestyle="none", label="best on validation", **BEST)
    ax.set(xticks=places, xticklabels=ticks, xlabel=label or over, ylabel=METRICS[metric], title=title)
    _note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend()
    where = f"{label or over} = {ticks[best]}"
    return (
        f"Validation {_metric_name(metric)} is best at {where} ({_number(means['val'][best])}); at {ticks[0]} it is "
        f"{_number(means['val'][0])}, at {ticks[-1]} it is {_number(means['val'][-1])}. Training "
        f"{_metric_name(metric)} goes from {_number(means['train'][0])} to {_number(means['train'][-1])}."
    )


@_plot()
def lines(x, named_values, xlabel, ylabel, *, log=False, best=None, reference=None, title="", ylim=(0, None), ax):
    """Several quantities against `x` (points,), `{name: array}`: (points,), or (seeds, points) with mean and interval.

    A method has its own colour; a name that begins with "training" is dashed, one with "validation" solid. With
    `log` the horizontal axis is logarithmic; if `x` holds text, or a 0 on such an axis, its values stand evenly
    spaced. `best` is "lowest" or "highest" and rings that point of each line. `reference` is (name, value), a
    horizontal line.
    """
    even = isinstance(x[0], str) or (log and min(x) <= 0)
    places, ticks = _places(list(x)) if even else (np.asarray(x, float), None)
    every, means, halves = max(1, len(places) // 10), {}, {}
    looks = iter(zip(SERIES, ("solid", "dashdot", "dotted", (0, (6, 2)), (0, (3, 1, 1, 1, 1, 1))), strict=True))
    if "baseline" in named_values:
        next(looks)  # the first looks like the baseline
    for name, values in named_values.items():
        (colour, marker), line = (style(name), HELD_OUT) if name in METHODS else next(looks)
        line = {"training": TRAINING, "validation": HELD_OUT}.get(name.split()[0].rstrip(","), line)
        values = np.atleast_2d(np.asarray(values, float))
        mean, half = means[name], halves[name] = interval(values)
        ax.plot(places, mean, color=colour, linestyle=line, marker=marker, markevery=every, label=name)
        if len(values) > 1:
            _band(ax, places, mean - half, mean + half, colour)
        if best:
            at = int(mean.argmin() if best == "lowest" else mean.argmax())
            ax.plot(places[at], mean[at], **BEST)
    handles = [Line2D([], [], linestyle="none", label=best, **BEST)] if best else []
    if reference is not None:
        handles.append(ax.axhline(reference[1], color="black", linestyle="dotted", linewidth=1.5, label=reference[0]))
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title, ylim=ylim)
    if even:
        ax.set(xticks=places, xticklabels=ticks)
    elif log:
        ax.set_xscale("log")
    shown = [handle for handle in ax.get_legend_handles_labels()[0] if handle not in handles]
    repeated = any(np.ndim(values) > 1 for values in named_values.values())
    band = [Patch(color="#4D4D4D", alpha=0.2, label="95% interval")] if repeated else []
    ax.legend(handles=[*shown, *handles, *band], loc="upper left", bbox_to_anchor=(1, 1))
    at = ticks if even else [f"{place:.3g}" for place in places]
    says = [_course(name, mean, at, means, halves[name], best) for name, mean in means.items()]
    if reference is not None:
        says.append(f"{reference[0]}, a level line, {_number(reference[1])}")
    after = " (±: 95% interval, at the right end)" if any(half[-1] > 0 for half in halves.values()) else ""
    bottom, top = ax.get_ylim()
    cut = [name for name, mean in means.items() if mean.min() < bottom or mean.max() > top]
    beyond = f" The picture shows {bottom:g} to {top:g}: a part of {' and of '.join(cut)} lies outside." if cut else ""
    return f"{ylabel[0].upper()}{ylabel[1:]}, from left to right: {'; '.join(says)}{after}.{beyond}"


@_plot(7.6, 4.2)
def coefficient_paths(strengths, coefficients, names, *, title="", ax):
    """Each coefficient, (strengths, features), against the strength of a penalty, on a logarithmic axis.

    Those that change their sign on the way have a colour of their own, with a marker; the others are grey.
    """
    coefficients = np.asarray(coefficients, float)
    turning = [j for j in range(len(names)) if coefficients[:, j].min() < 0 < coefficients[:, j].max()]
    for j in range(len(names)):
        if j not in turning:
            ax.plot(strengths, coefficients[:, j], color=COMBINED[0], linewidth=1.2)
    looks = itertools.cycle(zip(SERIES, ("solid", "dashed", "dashdot", "dotted"), strict=False))
    for j, ((colour, marker), line) in zip(turning, looks, strict=False):
        every = max(1, len(strengths) // 8)
        ax.plot(
            strengths, coefficients[:, j], color=colour, linestyle=line, marker=marker, markevery=every, label=names[j]
        )
    grey = len(names) - len(turning)
    handles = ax.get_legend_handles_labels()[0]
    handles += [Line2D([], [], color=COMBINED[0], linewidth=1.2, label=f"{grey} that keep\ntheir sign")] if grey else []
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(xscale="log", xlabel="λ", ylabel="coefficient", title=title)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
    length = np.linalg.norm(coefficients, axis=1)[np.argsort(strengths)]
    who = f"{len(turning)} of {len(names)} change their sign ({', '.join(names[j] for j in turning)})"
    return (
        f"From λ = {min(strengths):.2g} to {max(strengths):.2g} the length of the coefficient vector goes from "
        f"{_number(length[0])} to {_number(length[-1])}; {who if turning else 'no coefficient changes its sign'}."
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
        small, large = (6, 10) if marker != "*" else (9, 15)  # a star has half the area of the others
        ax.plot(gain, row + 0.02 + spread, linestyle="none", markersize=small, **_light(colour, marker))
        look = {"color": colour, "marker": marker, "markersize": large, "markeredgecolor": "black"}
        ax.errorbar(mean, row, xerr=half, capsize=6, **look)
        wins = f"{comparison.wins(method)} of {len(gain)}"
        ends = f"{mean - half:+.1f} to {mean + half:+.1f}"
        sentences.append(f"{method} {mean:+.1f} points (95% interval {ends}, better on {wins} seeds)")
    ax.axvline(0, color="black", linewidth=1.5)
    ax.set(yticks=range(len(methods)), yticklabels=methods, ylim=(len(methods) - 0.5, -0.5))
    ax.set_title(title, loc="left")  # the note stands above the right half
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
        ax.plot(values, height, linestyle="none", markersize=6, **_light(colour, marker))
        ax.plot([values.mean()] * 2, [row - 0.44, row + 0.44], color="black", linewidth=1.5, zorder=3)  # hides no dot
        sentences.append(f"{name}: mean {_number(values.mean())}, standard deviation {_number(values.std(ddof=1))}")
    if reference is not None:
        ax.axvline(reference[1], color="black", linestyle="dotted", linewidth=1.5, label=reference[0])
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        sentences.append(f"{reference[0]}: {_number(reference[1])}")
    ax.set(yticks=range(len(named_values)), yticklabels=list(named_values), xlabel=xlabel, title=title)
    ax.set_ylim(len(named_values) - 0.5, -0.5)
    _note(ax, "dots: single measurements · black line: their mean")
    return "; ".join(sentences) + "."


@_plot(6.4, 4.2)
def clouds(named_points, xlabel, ylabel, *, title="", ax):
    """Two coefficients, fitted again and again: `{method: array (repeats, 2)}`, one dot a fit."""
    says = []
    for method, points in named_points.items():
        points, (colour, marker) = np.asarray(points), style(method)
        ax.plot(*points.T, linestyle="none", markersize=6, label=method, **_light(colour, marker))
        middle, sd, zero = points.mean(axis=0), points.std(axis=0, ddof=1), int(np.sum(np.any(points == 0, axis=1)))
        says.append(
            f"{method}: means {_number(middle[0])} and {_number(middle[1])}, standard deviations {_number(sd[0])} and "
            f"{_number(sd[1])}, correlation {np.corrcoef(points.T)[0, 1]:.2f}, one of the two exactly 0 in {zero}"
        )
    ax.axhline(0, color="black", linewidth=0.8)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    _note(ax, "a dot: one fit")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"{len(points)} fits of each; {'; '.join(says)}."


@_plot(7.6, 3.6)
def scores(named_scores, xlabel, *, title="", ax):
    """How several methods do in several situations: `{situation: {method: array (seeds,)}}`, means with intervals."""
    sentences, drawn = [], {}
    for row, (situation, methods) in enumerate(named_scores.items()):
        heights = row + np.linspace(-0.3, 0.3, len(methods))
        found = []
        for height, (method, values) in zip(heights, methods.items(), strict=True):
            colour, marker = style(method)
            mean, half = interval(values)
            drawn[method] = ax.errorbar(
                mean, height, xerr=half, color=colour, marker=marker, markersize=9, capsize=5, linestyle="none"
            )
            found.append(f"{method} {_number(mean)}")
        sentences.append(f"{situation}: {', '.join(found)}")
        if row:
            ax.axhline(row - 0.5, color="#BBBBBB", linewidth=0.8)
    ax.set(yticks=range(len(named_scores)), yticklabels=list(named_scores), xlabel=xlabel, title=title)
    ax.set_ylim(len(named_scores) - 0.5, -0.5)
    _note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(drawn.values(), drawn.keys(), loc="upper left", bbox_to_anchor=(1, 1))
    return f"{xlabel[0].upper()}{xlabel[1:]}, means. {'. '.join(sentences)}."


# ---- two penalties ----------------------------------------------------------------------------------------------


@_plot(7.6, 4.6)
def selection(named_coefficients, names, *, title="", ax):
    """Which features each fit keeps: `{method: array (fits, features)}`, a column a fit, a row a feature.

    A filled cell is a coefficient that is not zero, the darker the larger; an empty one is exactly zero. At the right
    stands in how many of the fits the feature was kept.
    """
    largest = max(np.abs(values).max() for values in named_coefficients.values())
    ticks, labels, says, top = [], [], [], 0
    for method, values in named_coefficients.items():
        values = np.asarray(values, float)
        colour = matplotlib.colors.to_rgb(style(method)[0])
        depth = np.where(values != 0, 0.35 + 0.65 * np.abs(values) / largest, 0).T[..., None]  # (features, fits, 1)
        picture = 1 - depth * (1 - np.array(colour))
        fits, features = values.shape
        ax.imshow(picture, extent=(0.5, fits + 0.5, top + features, top), aspect="auto", interpolation="nearest")
        ax.add_patch(Rectangle((0.5, top), fits, features, fill=False, edgecolor=colour, linewidth=1.5))
        kept = (values != 0).sum(axis=0)
        for j, name in enumerate(names):
            ticks.append(top + j + 0.5)
            labels.append(name)
            ax.text(fits + 1.2, top + j + 0.5, f"{kept[j]} of {fits}", va="center", fontsize=10)
        ax.text(0.5, top - 0.15, method, fontweight="bold", va="bottom")
        says.append(f"{method} keeps {', '.join(f'{n} in {k}' for n, k in zip(names, kept, strict=True))}")
        top += features + 1.4
    ax.set(yticks=ticks, yticklabels=labels, ylim=(top - 1.2, -1.3), xlim=(0.5, fits + 0.5), title=title)
    ax.set_xlabel("fit, each to another draw of the rows")
    ax.tick_params(axis="y", length=0, labelsize=10)
    ax.spines[:].set_visible(False)
    _note(ax, "filled: not zero, the darker the larger")
    return f"Of {fits} fits: {'; '.join(says)}."


@_plot(6.4, 4.2)
def under_bound(bound, found, xlabel, ylabel, *, title="", ax):
    """What was `found` against the `bound` that it must not pass, (points,) each, on logarithmic axes."""
    bound, found = np.asarray(bound), np.asarray(found)
    seen = found > 0
    ax.plot(bound[seen], found[seen], linestyle="none", marker=".", markersize=4, color=style("elastic net")[0])
    ends = [found[seen].min() / 2, bound.max() * 2]
    ax.plot(ends, ends, color="black", linestyle="dashed", label="the bound")
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel, title=title, ylim=ends)
    ax.set_xlim(bound.min() / 2, ends[1])
    _note(ax, "a dot: one pair")
    ax.legend(loc="upper left")
    return (
        f"Of {len(found):,} pairs {np.sum(found > bound)} lie above the bound; the nearest to it reaches "
        f"{np.max(found / bound):.0%} of it."
    )


@_plot(6.4, 4.4)
def plane(values, l1s, l2s, label, *, here=None, weights=None, title="", ax):
    """A loss over a grid of two strengths, `values` (l1s, l2s), as a heat map; the lowest is ringed.

    `here` (i, j) frames one cell, which then is the one the sentence speaks of; `weights` is a histogram of the sizes
    of that cell's weights, drawn at the right on a logarithmic axis.
    """
    values = np.asarray(values, float)
    image = ax.imshow(values, origin="lower", cmap="cividis_r", aspect="auto")
    for i, j in np.ndindex(values.shape):
        ink = _ink(image.cmap(image.norm(values[i, j])))
        ax.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center", color=ink, fontsize=10)
    best = np.unravel_index(values.argmin(), values.shape)
    ax.plot(best[1], best[0], **BEST | {"markersize": 34})
    ax.set(xticks=range(len(l2s)), xticklabels=[f"{v:g}" for v in l2s], xlabel="λ₂ (L2)", title=title)
    ax.set(yticks=range(len(l1s)), yticklabels=[f"{v:g}" for v in l1s], ylabel="λ₁ (L1)")
    ax.spines[:].set_visible(False)
    _note(ax, f"{label} · ring: lowest" + (" · frame: here" if here is not None else ""))
    if here is None:
        corners = f"{values[0, 0]:.2f} without a penalty and {values[-1, -1]:.2f} with the largest two"
        at = f"λ₁ = {l1s[best[0]]:g}, λ₂ = {l2s[best[1]]:g}"
        return f"{label[0].upper()}{label[1:]} is lowest, {values[best]:.2f}, at {at}; it is {corners}."
    for shade, wide in (("white", 6), ("black", 3)):  # black alone would be lost on a dark cell
        ax.add_patch(
            Rectangle((here[1] - 0.46, here[0] - 0.46), 0.92, 0.92, fill=False, edgecolor=shade, linewidth=wide)
        )
    said = f"At λ₁ = {l1s[here[0]]:g}, λ₂ = {l2s[here[1]]:g} {label} is {values[here]:.2f} (lowest {values[best]:.2f})"
    if weights is None:
        return f"{said}."
    sizes = np.abs(np.asarray(weights, float).ravel())
    grid = ax.figure.add_gridspec(1, 2, width_ratios=(3, 2))
    ax.set_subplotspec(grid[0])
    side = ax.figure.add_subplot(grid[1])
    shares = np.full(len(sizes), 100 / len(sizes))
    side.hist(np.log10(np.maximum(sizes, 1e-6)), np.linspace(-6, 0.5, 40), weights=shares, color=SERIES[0][0])
    side.set(xlim=(-6, 0.5), ylim=(0, 25), xticks=[-6, -4, -2, 0], xticklabels=["≤1e-6", "0.0001", "0.01", "1"])
    side.set(xlabel="size of a weight", ylabel="share of the weights (%)")
    side.axvline(-2, color="black", linestyle="dotted", linewidth=1.5)
    return f"{said}, and {np.mean(sizes < 0.01):.0%} of the weights are smaller than 0.01 (left of the dotted line)."


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


@_plot(7.0, 4.4)
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


@_plot()
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


# ---- what L1 leaves -------------------------------------------------------------------------------------------


@_plot(7.6, 4.2)
def selection_path(strengths, coefficients, names, *, at=None, irrelevant=(), ylabel, title="", ax):
    """Each coefficient, (strengths, features), against the strength of an L1 penalty, on a logarithmic axis.

    `names` of the features; those in `irrelevant` are dashed. `at`, one of the strengths, is marked, and the sentence
    says which coefficients are exactly zero there.
    """
    coefficients = np.asarray(coefficients, float)
    looks = itertools.cycle(SERIES)
    dashed = itertools.cycle((("#000000", "X"), ("#8A8A8A", "P")))
    for j, name in enumerate(names):
        (colour, marker), line = (next(dashed), (0, (4, 2))) if name in irrelevant else (next(looks), "solid")
        every = (j, max(1, len(strengths) // 6))  # so that markers of different lines do not lie on each other
        ax.plot(strengths, coefficients[:, j], color=colour, linestyle=line, marker=marker, markevery=every, label=name)
    ax.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
    ax.set(xscale="log", xlabel="λ", ylabel=ylabel, title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    if at is None:
        left = (coefficients != 0).sum(axis=1)[np.argsort(strengths)]
        return f"From left to right the number of coefficients that are not zero goes from {left[0]} to {left[-1]}."
    ax.axvline(at, color="black", linestyle="dotted", linewidth=1.5)
    row = coefficients[int(np.argmin(np.abs(np.asarray(strengths) - at)))]
    zero = [name for name, value in zip(names, row, strict=True) if value == 0]
    return (
        f"At λ = {at:.3g}, {len(names) - len(zero)} of {len(names)} coefficients are not zero; exactly zero: "
        f"{', '.join(zero) or 'none'}."
    )


@_plot(7.0, 3.6)
def selection_rates(named_rates, features, xlabel, *, title="", ax):
    """How often each of `features` kept a coefficient other than zero: `{name: array of shares}`, in per cent."""
    says = []
    for (name, rates), (colour, marker), shift in zip(named_rates.items(), SERIES, (-0.2, 0, 0.2, 0.4), strict=False):
        rates = 100 * np.asarray(rates, float)
        height = np.arange(len(features)) + shift
        ax.hlines(height, 0, rates, color=colour, linewidth=1, alpha=0.6)
        ax.plot(rates, height, linestyle="none", marker=marker, color=colour, markersize=8, label=name)
        says.append(f"{name}: " + ", ".join(f"{f} {r:.0f}%" for f, r in zip(features, rates, strict=True)))
    ax.set(yticks=range(len(features)), yticklabels=features, xlabel=xlabel, title=title, xlim=(-2, 103))
    ax.set_ylim(len(features) - 0.5, -0.5)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return "; ".join(says) + "."


@_plot(7.6, 4.0)
def weight_sizes(named_weights, *, title="", ax):
    """Where weights really are, `{name: array}`: a histogram of |w| on a log axis, and beside it those exactly 0.

    Each histogram has a strip of its own, scaled to its highest bar; sizes under 1e-8 are counted in the first
    bin. 0.01 is marked: a common tolerance for "zero".
    """
    small, lowest = 1e-2, 1e-8
    low, high, says = math.log10(lowest), 1.0, []
    edges, nil = np.arange(low, high + 0.25, 0.25), low - 1.5
    strips = range(len(named_weights))[::-1]  # the first on top
    for row, (name, weights), (colour, _) in zip(strips, named_weights.items(), SERIES, strict=False):
        sizes = np.abs(np.ravel(weights))
        zeros = int(np.sum(sizes == 0))
        places = np.log10(np.clip(sizes[sizes > 0], lowest, 10.0 ** (high - 0.01)))
        counts = np.histogram(places, edges)[0]
        scale = 0.8 / max(counts.max(initial=0), zeros, 1)
        ax.bar(edges[:-1], counts * scale, 0.25, bottom=row, align="edge", color=colour, edgecolor="white")
        ax.bar(nil, zeros * scale, 0.8, bottom=row, color=colour, edgecolor="black", hatch="//")
        ax.text(nil + 0.5, row + 0.3, f"{zeros:,}", ha="left", va="center", fontsize=11)
        ax.axhline(row, color="black", linewidth=0.8)
        near = np.mean((sizes > 0) & (sizes < small))
        says.append(f"{name}: {zeros:,} of {sizes.size:,} exactly zero, {near:.0%} small but not zero")
    ax.axvline(math.log10(small), color="black", linestyle="dotted", linewidth=1.5)
    powers = range(math.ceil(low), math.floor(high) + 1, 2)
    ticks = [(nil, "exactly\n0"), *((p, f"{10.0**p:g}") for p in powers)]
    ax.set(xticks=[t for t, _ in ticks], xticklabels=[text for _, text in ticks], xlabel="size of a weight, |w|")
    ax.set(yticks=[row + 0.3 for row in strips], yticklabels=list(named_weights), title=title)
    ax.set(xlim=(nil - 0.8, high), ylim=(-0.05, len(named_weights)))
    ax.tick_params(axis="y", length=0)
    _note(ax, f"height: number of weights, each row to its own scale · dotted: {small:g} · hatched: exactly zero")
    return f"{'; '.join(says)} (small: under {small:g})."


@_plot(7.4, 2.9)
def pixel_maps(named_maps, *, one_scale=(), title="", ax):
    """Pictures of one number a pixel, `{name: array (pixels,)}`, darker where larger; a cross where it is exactly 0.

    Each picture is scaled to its own largest number; those whose names stand in `one_scale` to their common one.
    """
    common = max((np.max(named_maps[name]) for name in one_scale), default=0)
    side, says = math.isqrt(len(next(iter(named_maps.values())))), []
    for place, (name, values) in enumerate(named_maps.items()):
        values, left = np.asarray(values, float).reshape(side, side), place * (side + 2)
        ax.imshow(
            values / max(common if name in one_scale else values.max(), 1e-30),
            extent=(left, left + side, side, 0),
            cmap="Greys",
            vmin=0,
            vmax=1.3,
        )
        rows, columns = np.nonzero(values == 0)
        ax.plot(left + columns + 0.5, rows + 0.5, linestyle="none", marker="x", color=SERIES[2][0], markersize=6)
        ax.plot([left, left + side, left + side, left, left], [0, 0, side, side, 0], color=SERIES[0][0], linewidth=0.8)
        ax.text(left + side / 2, side + 0.4, name, ha="center", va="top", fontsize=11)
        uneven = f"the largest is {values.max() / max(values.mean(), 1e-30):.1f} times the mean"
        counted = f"{np.count_nonzero(values)} of {values.size} pixels are not zero, {uneven}"
        says.append(f"{name.replace(chr(10), ' ')}: {counted}")
    ax.set(xlim=(-0.5, len(named_maps) * (side + 2) - 1.5), ylim=(side + 2.6, -0.5), aspect="equal")
    ax.set_axis_off()
    ax.set_title(title)
    return f"{'; '.join(says)}. A cross: exactly zero."


@_plot()
def accuracy_against_kept(named_points, *, title="", ax):
    """Test accuracy against the share of weights kept, `{name: (kept, accuracy)}`, both (strengths, seeds) in %."""
    says = []
    for (name, (kept, accuracy)), (colour, marker), line in zip(
        named_points.items(), SERIES[1:], ("solid", "dashdot", "dotted", (0, (6, 2))), strict=False
    ):
        where, (mean, half) = np.mean(kept, axis=1), interval(np.asarray(accuracy), axis=1)
        ax.errorbar(where, mean, half, color=colour, marker=marker, linestyle=line, capsize=4, label=name)
        says.append(f"{name}: " + ", ".join(f"{m:.1f}% with {k:.0f}%" for k, m in zip(where, mean, strict=True)))
    ax.set(
        xscale="log", xlabel="weights that are not zero (% of all, log scale)", ylabel="test accuracy (%)", title=title
    )
    ax.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    ax.set_xlim(min(np.mean(kept, axis=1).min() for kept, _ in named_points.values()) / 1.3, 130)
    _note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"Accuracy with the share of weights kept; {'; '.join(says)}."


# ---- units that are missing -----------------------------------------------------------------------------------


@_plot(7.6, 2.5)
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


@_plot(7.6, 4.2)
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
        far = f", at most {_number(away[j])} from {other} ({names[j]})" if name != other else ""
        says.append(f"{name} {_number(np.linalg.norm(values))}{far}")
    for row in range(1, len(names)):
        ax.axhline(row - 0.5, color="#DDDDDD", linewidth=0.8)
    ax.axvline(0, color="black", linewidth=1)
    ax.set(yticks=range(len(names)), yticklabels=names, xlabel=xlabel, xlim=limits, title=title)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"Length of the vector of coefficients: {'; '.join(says)}."


# ---- early stopping -------------------------------------------------------------------------------------------


@_plot(7.4, 4.2)
def stopping_points(kept, last, lowest, epochs, *, title="", ax):
    """Where early stopping would have stopped each of several recorded trainings of `epochs` epochs.

    For each network, counted from epoch 1 on the axis and from 0 in the data: `kept`, the epoch whose weights are
    restored; `last`, after which training stopped; `lowest`, the best epoch of the whole recording.
    """
    kept, last, lowest = (np.asarray(values) + 1 for values in (kept, last, lowest))
    colour, marker = style("early stopping")
    rows = np.arange(1, len(kept) + 1)
    ax.hlines(rows, last, epochs, color=COMBINED[0], linestyle="dotted")
    ax.hlines(rows, 1, last, color=colour, linewidth=1.5)
    bar = {"linestyle": "none", "marker": "|", "color": "black", "markersize": 12, "markeredgewidth": 2.5}
    ax.plot(last, rows, **bar)
    ax.plot(kept, rows, linestyle="none", marker=marker, color=colour, markersize=8)
    ax.plot(lowest, rows, linestyle="none", **BEST)
    handles = [
        Line2D([], [], color=colour, linewidth=1.5, label="trained"),
        Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=8, label="best so far: kept"),
        Line2D([], [], label="stopped", **bar),
        Line2D([], [], color=COMBINED[0], linestyle="dotted", label="not trained"),
        Line2D([], [], linestyle="none", label=f"lowest of all {epochs}", **BEST),
    ]
    ax.set(xlabel="epoch", xlim=(0, epochs + 2), title=title)
    ax.set(ylabel="network", yticks=rows, ylim=(len(rows) + 0.7, 0.3))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
    hit = int(np.sum(kept == lowest))
    return (
        f"{hit} of {len(rows)} networks reach the lowest point of their curve; they train for {last.mean():.1f} of "
        f"{epochs} epochs on average."
    )


@_plot(7.4, 3.8)
def accuracy_against_seconds(comparison, *, title="", ax):
    """Test accuracy of each method against what it cost: filled, one network; hollow, all that was tried."""
    says = []
    for method, accuracy in comparison.accuracy.items():
        (colour, marker), (mean, half) = style(method), interval(100 * accuracy)
        one, all_tried = comparison.seconds[method], comparison.in_all[method] / len(accuracy)
        ax.plot([one, all_tried], [mean, mean], color=COMBINED[0], linestyle="dotted", linewidth=1.5)
        ax.plot(all_tried, mean, marker=marker, color=colour, markerfacecolor="white", markersize=9)
        ax.errorbar(one, mean, half, marker=marker, color=colour, markersize=9, capsize=5, ls="none", label=method)
        says.append(f"{method} {mean:.1f}% for {one:.2f} s, {all_tried:.2f} s with all that was tried")
    ax.set(xscale="log", xlabel="seconds a network (log scale)", ylabel="test accuracy (%)", title=title)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:g}")
    _note(ax, "bars: 95% interval · hollow: all that was tried, one seed")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"Test accuracy and seconds a network: {'; '.join(says)}."


# ---- batch norm -----------------------------------------------------------------------------------------------


@_plot(7.4, 3.6)
def through_batch_norm(arriving, leaving, *, title="", ax):
    """What one unit is given, (rows,), and what batch norm makes of it, as two outlines; above 0 it passes a ReLU."""
    limits, says = (-8, 12), []
    edges = np.linspace(*limits, 61)
    looks = (("arrives", SERIES[0][0], TRAINING), ("leaves", style("batch norm")[0], "solid"))
    for (name, colour, line), values in zip(looks, (arriving, leaving), strict=True):
        shares = 100 * np.histogram(np.clip(values, *limits), edges)[0] / len(values)
        ax.stairs(shares, edges, color=colour, linestyle=line, linewidth=2.5, label=f"what {name}")
        says.append(f"what {name} has mean {np.mean(values):.2f} and standard deviation {np.std(values):.2f}")
    ax.axvspan(0, limits[1], color="black", alpha=0.06, linewidth=0)
    ax.axvline(0, color="black", linestyle="dotted", linewidth=1.5, label="to its right: passes\nthe ReLU")
    ax.set(xlim=limits, ylim=(0, 35), xlabel="input of one unit", ylabel="share of the rows (%)", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    says[0] = says[0][0].upper() + says[0][1:]
    return f"{'; '.join(says)}; {np.mean(np.asarray(leaving) > 0):.0%} of the rows pass the ReLU."


@_plot(7.4, 3.6)
def one_logit(values, at_inference, *, limits, title="", ax):
    """A logit of one row in many random batches, (batches,), and its value at inference, which never changes."""
    colour, _ = style("batch norm")
    shares, edges = np.histogram(np.clip(values, *limits), np.linspace(*limits, 41))
    look = {"facecolor": matplotlib.colors.to_rgba(colour, 0.35), "edgecolor": colour, "linewidth": 1.5}
    ax.stairs(100 * shares / len(values), edges, fill=True, label="in training mode", **look)
    ax.axvline(at_inference, color="black", linestyle="dotted", linewidth=2, label="at inference")
    ax.set(xlim=limits, ylim=(0, 60), xlabel="logit of one row", ylabel="share of the batches (%)", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return (
        f"In {len(values)} random batches the logit of one and the same row has mean {np.mean(values):.2f} and "
        f"standard deviation {np.std(values, ddof=1):.2f}; at inference it is always {at_inference:.2f}."
    )


# ---- a project ------------------------------------------------------------------------------------------------


@_plot(7.2, 5.4)
def land(patches, *, title="", ax):
    """A map of `datasets.satellite_patches()`: each patch at its place, its kind of land as colour and marker."""
    hatched = {"facecolor": "white", "edgecolor": "#949494", "hatch": "///", "linewidth": 0}
    ax.add_patch(Rectangle((-0.5, -0.5), 100, 80, **hatched))
    for tile in np.unique(patches.tile):
        ax.add_patch(Rectangle((tile % 100 * 10 - 0.5, tile // 100 * 10 - 0.5), 10, 10, facecolor="white", linewidth=0))
    for kind, (name, (colour, marker)) in enumerate(zip(patches.classes, LAND, strict=True)):
        mine = patches.y == kind
        ax.plot(
            patches.column[mine], patches.row[mine], linestyle="none", marker=marker, color=colour, markersize=3.2,
            label=f"{name} ({mine.sum()})",
        )  # fmt: skip
    ax.set(xlim=(-0.5, 99.5), ylim=(79.5, -0.5), aspect="equal", xlabel="column (pixels)", ylabel="row (pixels)")
    ax.set_title(title)
    handles = [*ax.get_legend_handles_labels()[0], Patch(label="sealed", **hatched)]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, markerscale=2.2)
    counts = ", ".join(f"{np.sum(patches.y == kind)} {name}" for kind, name in enumerate(patches.classes))
    kinds = np.full((80, 100), -1)
    kinds[patches.row, patches.column] = patches.y
    left, right = kinds[:, :-1], kinds[:, 1:]
    alike = np.mean(left[(left >= 0) & (right >= 0)] == right[(left >= 0) & (right >= 0)])
    return (
        f"{len(patches.y):,} patches in {len(np.unique(patches.tile))} squares that were visited: {counts}. Kinds lie "
        f"in clumps: of two patches side by side, {alike:.0%} are of one kind."
    )


@_plot(7.4, 4.6)
def project(tried, chosen, sealed, wrong_labels=False, *, title="", ax):
    """What a project expects from its validation rows, and beside it what the sealed rows said, in one unit.

    `tried` is {method: list of arrays (seeds,)}, one array a strength, as shares that are right;
    `chosen` {method: number of the strength decided for}, or empty; `sealed` {method: array (seeds,)}, or empty while
    they are shut. With `wrong_labels` the shares of `tried` have been corrected for wrong validation labels.
    """
    says, colour_of = [], {m: style(m)[0] for m in tried}
    for row, (method, strengths) in enumerate(tried.items()):
        means = [100 * np.mean(accuracies) for accuracies in strengths]
        best = chosen.get(method, int(np.argmax(means)))
        look = {"color": colour_of[method], "marker": style(method)[1]}
        ax.plot(means, [row - 0.13] * len(means), linestyle="none", markersize=6, **_light(**look))
        mean, half = interval(100 * np.asarray(strengths[best]))
        ax.errorbar(mean, row - 0.13, xerr=half, capsize=5, markersize=9, **look)
        said = f"{method} {mean:.1f}%"
        if method in chosen:
            ax.plot(mean, row - 0.13, linestyle="none", **BEST)
        if method in sealed:
            end, half = interval(100 * np.asarray(sealed[method]))
            ax.errorbar(end, row + 0.2, xerr=half, capsize=5, markersize=9, markerfacecolor="white", **look)
            said += f", sealed {end:.1f}%"
        says.append(said)
    looks = {"linestyle": "none", "color": "black", "marker": "o", "markersize": 9}
    handles = [Line2D([], [], label="validation, best or decided strength", **looks)]
    if any(len(strengths) > 1 for strengths in tried.values()):
        handles.append(Line2D([], [], label="other strengths", **(looks | {"markersize": 6} | _light("black", "o"))))
    handles += [Line2D([], [], label="sealed rows", markerfacecolor="white", **looks)] if sealed else []
    handles += [Line2D([], [], linestyle="none", label="decided for", **BEST)] if chosen else []
    ax.set(yticks=range(len(tried)), yticklabels=list(tried), title=title)
    ax.set_xlabel("right on the land (%); from validation labels by the formula" if wrong_labels else "accuracy (%)")
    ax.set_ylim(len(tried) - 0.4, -0.6)
    _note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.45, -0.14), ncols=2)
    of = "Right, as validation makes one expect" if wrong_labels else "Validation accuracy"
    return f"{of}{', and on the sealed rows' if sealed else ''}: {'; '.join(says)}."


# ---- warped pictures --------------------------------------------------------------------------------------------


@_plot(7.6, 2.6)
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


@_plot(7.6, 3.6)
def by_class(named_accuracies, classes, *, title="", ax):
    """Accuracy of each class under several conditions, `{name: array (seeds, classes)}` in %, with the interval."""
    says, width = [], 0.6 / len(named_accuracies)
    for at, ((name, values), (colour, marker)) in enumerate(zip(named_accuracies.items(), SERIES[1:], strict=False)):
        mean, half = interval(np.asarray(values, float))
        places = np.arange(len(classes)) + (at - (len(named_accuracies) - 1) / 2) * width
        ax.errorbar(places, mean, half, linestyle="none", marker=marker, color=colour, capsize=4, label=name)
        worst = ", ".join(f"{classes[i]} ({_number(mean[i])}%)" for i in np.argsort(mean)[:3])
        says.append(f"{name}: {_number(mean.min())}% to {_number(mean.max())}%, lowest for {worst}")
    for place in range(1, len(classes)):
        ax.axvline(place - 0.5, color="#DDDDDD", linewidth=0.8)
    ax.set(xticks=range(len(classes)), xticklabels=classes, ylim=(-3, 103), ylabel="accuracy (%)", title=title)
    ax.set_xlabel("class")
    _note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"{'; '.join(says)}."


@_plot(7.6, 3.4)
def differences(named_values, xlabel, *, title="", ax):
    """Paired differences, `{name: array (seeds,)}`: one dot a seed, the mean, and its interval."""
    says = []
    others = COMBINED if any(name in METHODS for name in named_values) else SERIES[1]
    for row, (name, values) in enumerate(named_values.items()):
        colour, marker = METHODS.get(name, others)
        values = np.asarray(values, float)
        mean, half = interval(values)
        spread = np.linspace(-0.2, 0.2, len(values))
        small, large = (5, 9) if marker != "*" else (7.5, 14)  # a star has half the area of the others
        ax.plot(values, row + spread, linestyle="none", markersize=small, **_light(colour, marker))
        look = {"color": colour, "marker": marker, "markersize": large, "markeredgecolor": "black"}
        ax.errorbar(mean, row, xerr=half, capsize=6, **look)
        says.append(f"{name}: {mean:+.1f} (95% interval {mean - half:+.1f} to {mean + half:+.1f})")
    ax.axvline(0, color="black", linewidth=1.5)
    ax.set(yticks=range(len(named_values)), yticklabels=list(named_values), xlabel=xlabel, title=title)
    ax.set_ylim(len(named_values) - 0.5, -0.5)
    _note(ax, "small: one seed · large: mean with its 95% interval")
    return f"{'; '.join(says)}."


# ---- combining --------------------------------------------------------------------------------------------------


@_plot(8.2, 5.4)
def effects(names, main, pairs, *, costs=None, title="", ax):
    """Main effects, (k, seeds), on the diagonal and interactions, (k, k, seeds), below it, in points, with intervals.

    A frame marks what is clear of zero. `costs` (k,) is written to the right of the diagonal, as text. The colours
    end at ± 10.
    """
    said = {"main": [], "pairs": []}
    colours = matplotlib.colormaps["PuOr"]
    for i, row in enumerate(names):
        for j, column in enumerate(names[: i + 1]):
            mean, half = interval(main[i] if i == j else pairs[i][j])
            shade = colours(0.5 + 0.42 * np.clip(mean / 10, -1, 1))
            clear = abs(mean) > half
            edge = {"edgecolor": "black", "linewidth": 2.2} if clear else {"edgecolor": "white", "linewidth": 1}
            inset = 0.04 if clear else 0
            size = 1 - 2 * inset
            ax.add_patch(Rectangle((j - 0.5 + inset, i - 0.5 + inset), size, size, facecolor=shade, **edge))
            look = {"color": _ink(shade), "fontweight": "bold" if i == j else None}
            ax.text(j, i, f"{mean:+.1f}\n± {half:.1f}", ha="center", va="center", **look)
            if i == j:
                said["main"].append(f"{row} {mean:+.1f}")
            elif clear:
                said["pairs"].append(f"{row} × {column} {mean:+.1f}")
    if costs is not None:
        for i, cost in enumerate(costs):
            ax.text(len(names) - 0.35, i, cost, va="center", fontsize=10)
        ax.text(len(names) - 0.35, -0.72, "what its tuning took", va="bottom", fontsize=10, fontweight="bold")
    ax.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5), title=title)
    ax.set(xticks=range(len(names)), yticks=range(len(names)), xticklabels=[n.replace(" ", "\n") for n in names])
    ax.set_yticklabels(names)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.text(
        len(names) - 0.55, 0.2, "diagonal: main effect\nbelow: interaction\nframe: interval clear of 0",
        ha="right", va="center", fontsize=10, color="#4D4D4D",
    )  # fmt: skip
    took = f" What its tuning took: {'; '.join(map(': '.join, zip(names, costs, strict=True)))}." if costs else ""
    return (
        f"Main effects in points: {', '.join(said['main'])}. Interactions clear of zero: "
        f"{', '.join(said['pairs']) or 'none'}.{took}"
    )


@_plot(7.6, 4.0)
def ranked(named_accuracies, chosen, baseline, *, title="", ax):
    """Every combination's test accuracy in %, `{name: (seeds,)}`, ordered by the mean; those `chosen` (at most three
    names) are marked, with their interval."""
    order = sorted(named_accuracies, key=lambda name: np.mean(named_accuracies[name]))
    means = [np.mean(named_accuracies[name]) for name in order]
    places = range(1, len(order) + 1)
    ax.plot(places, means, linestyle="none", marker="h", color=COMBINED[0], label="a combination")
    ax.axhline(
        np.mean(named_accuracies[baseline]),
        color="black",
        linestyle="dotted",
        linewidth=1.5,
        label=f"level of {baseline}",
    )
    says = []
    for name, other in zip(chosen, SERIES[1:], strict=False):
        colour, marker = METHODS.get(name, other)
        place = order.index(name) + 1
        mean, half = interval(named_accuracies[name])
        look = {"color": colour, "marker": marker, "markersize": 11, "markeredgecolor": "black", "linestyle": "none"}
        ax.errorbar(place, mean, half, label=name.replace(" + ", "\n+ "), capsize=6, **look)
        gain, gain_half = interval(np.asarray(named_accuracies[name]) - named_accuracies[baseline])
        against = "" if name == baseline else f", {gain:+.1f} ± {gain_half:.1f} points against {baseline}"
        says.append(f"{name}: {mean:.1f}%{against}, place {place} of {len(order)} from below")
    ax.set(
        xlabel="place, the worst first", ylabel="test accuracy (%)", title=title, ylim=(min(means) - 8, max(means) + 6)
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"{'; '.join(says)}."


@_plot(7.6, 4.0)
def searches(by_hand, at_random, *, xlabel, title="", ax):
    """One search, (settings,), against many repetitions of a random one, (repetitions, settings)."""
    at_random = np.asarray(at_random)
    steps = np.arange(1, at_random.shape[1] + 1)
    low, middle, high = np.percentile(at_random, [10, 50, 90], axis=0)
    (colour, marker), (other, other_marker) = SERIES[1], SERIES[2]
    _band(ax, steps, low, high, colour, label="random: 10% to 90%")
    ax.plot(steps, middle, color=colour, marker=marker, linestyle="dashdot", label="random: median")
    hand = np.arange(1, len(by_hand) + 1)
    ax.plot(hand, by_hand, color=other, marker=other_marker, drawstyle="steps-post", label="one at a time")
    ax.set(xlabel=xlabel, ylabel="test accuracy of the best so far (%)", title=title)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right")
    last = min(len(by_hand), len(steps)) - 1
    says = [
        f"after {n + 1}, one at a time {by_hand[n]:.1f}%, random {middle[n]:.1f}% ({low[n]:.1f} to {high[n]:.1f})"
        for n in (0, last)
    ]
    return f"Settings tried: {'; '.join(says)}. Random: median of {len(at_random)} repetitions (10% to 90% of them)."


@_plot(7.0, 4.4)
def reliability(named_bins, *, title="", ax):
    """Share of right answers against confidence: `{name: (confidence, right, share of the rows)}`, (bins,) each.

    Bins with less than 1% of the rows are left out.
    """
    ax.plot([0, 100], [0, 100], color="black", linestyle="dotted", linewidth=1.5, label="calibrated")
    says, under = [], []
    lines_ = itertools.cycle(("solid", "dashed", "dashdot", (0, (1, 1))))
    for (name, (confidence, right, share)), line in zip(named_bins.items(), lines_, strict=False):
        confidence, right, share = (np.asarray(values, float) for values in (confidence, right, share))
        shown = share >= 0.01
        colour, marker = style(name)
        ax.plot(100 * confidence[shown], 100 * right[shown], color=colour, marker=marker, linestyle=line, label=name)
        under += list(right[shown] < confidence[shown])
        at = np.flatnonzero(shown)[-1]
        says.append(f"{name}: where it is {confidence[at]:.0%} sure, {right[at]:.0%} are right")
    ax.set(xlim=(0, 102), ylim=(0, 102), xlabel="confidence (%)", ylabel="of these, right (%)", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"{'; '.join(says)}. {sum(under)} of the {len(under)} marks lie below the line of the calibrated."


@_plot(7.4, 4.0)
def descents(sizes, named_errors, rows, *, xlabel, ylabel, title="", ax):
    """Errors against the size of a model, `{name: (repetitions, sizes)}`: medians, and all repetitions from the
    lowest to the highest as a band; both axes logarithmic. `rows` marks the number of training rows."""
    says = []
    for (name, errors), (colour, marker), line in zip(
        named_errors.items(), SERIES[1:], ("solid", "dashdot", "dashed"), strict=False
    ):
        errors = np.asarray(errors)
        middle = np.median(errors, axis=0)
        _band(ax, sizes, errors.min(axis=0), errors.max(axis=0), colour)
        ax.plot(sizes, middle, color=colour, marker=marker, linestyle=line, label=f"{name} (median)")
        worst = int(middle.argmax())
        says.append(
            f"{name}: {_number(middle[0])} at {sizes[0]}, at most {_number(middle[worst])} at {sizes[worst]}, "
            f"{_number(middle[-1])} at {sizes[-1]}"
        )
    ax.axvline(rows, color="black", linestyle="dotted", linewidth=1.5, label=f"{rows} rows")
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel, title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    _note(ax, "band: all repetitions")
    return f"{ylabel[0].upper()}{ylabel[1:]}. {'; '.join(says)}."


@_plot(8.27, 11.69)
def wall_page(title, cards, lists, foot, *, ax):
    """A page to print and hang up, in the proportions of A4: one card a technique, and lists below.

    `cards` is {technique: {line's name: text}}; `lists` is {heading: [text, …]}, set side by side two and two; `foot`
    a last line.
    """
    ax.set_axis_off()
    ax.set(xlim=(-3, 103), ylim=(102, -2))
    step, y = 1.36, 1.0  # of the page's height, for a line of 10 points
    ax.text(0, y, title, fontsize=17, fontweight="bold", va="center")
    y += 3.2

    def write(text, x, width, **look):
        nonlocal y
        for line in textwrap.wrap(text, width):
            ax.text(x, y, line, fontsize=10, va="center", **look)
            y += step

    for name, entries in cards.items():
        (colour, marker), top = style(name), y - 0.8
        ax.text(3.5, y, name, fontsize=11, fontweight="bold", va="center")
        ax.plot(5, y + 2.4, marker=marker, color=colour, markersize=13)
        for label, text in entries.items():
            ax.text(22, y, label, fontsize=10, va="center", fontweight="bold")
            write(text, 32, 74)
        ax.add_patch(Rectangle((0, top), 1.6, y - top - 0.4, color=colour))
        y += 0.7
    places = list(lists.items())
    for k in range(0, len(places), 2):
        y, start, ends = y + 1.0, y + 1.0, []
        for x, (heading, entries) in zip((0, 52), places[k : k + 2], strict=False):
            y = start
            ax.plot([x, x + 48], [y - 1.1] * 2, color="black", linewidth=1)
            ax.text(x, y, heading, fontsize=11, fontweight="bold", va="center")
            y += 1.6
            for entry in entries:
                ax.text(x, y, "•", fontsize=10, va="center")
                write(entry, x + 2, 49)
            ends.append(y)
        y = max(ends)
    y += 0.6
    write(foot, 0, 108, color="#4D4D4D", style="italic")
    told = [f"**{name}**: {'; '.join(map(': '.join, entries.items()))}." for name, entries in cards.items()]
    told += [f"**{heading}**: {'; '.join(entries)}." for heading, entries in lists.items()]
    return Says(f"{title}: {', '.join(cards)}; {', '.join(lists)}.", in_full="\n\n".join([*told, foot]))


# ---- what several figures share -------------------------------------------------------------------------------


def _curve(ax, values, colour, line, label, marker=None):
    """Mean over the first axis with its interval as a band; returns the mean."""
    epochs = np.arange(1, values.shape[1] + 1)
    mean, half = interval(values)
    every = max(1, len(epochs) // 8)
    ax.plot(epochs, mean, color=colour, linestyle=line, label=label, marker=marker, markevery=every)
    if len(values) > 1:
        _band(ax, epochs, mean - half, mean + half, colour)
    return mean


def _band(ax, x, low, high, colour, label=None):
    """A pale band; its edges are thin lines, since the band itself hardly stands out from white."""
    pale = matplotlib.colors.to_rgba(colour, 0.2)
    ax.fill_between(x, low, high, facecolor=pale, edgecolor=colour, linewidth=0.5, label=label)


def _light(color, marker):
    """The look of a marker that stands behind others: a pale face, and an edge that is still seen on white."""
    return {"marker": marker, "markerfacecolor": matplotlib.colors.to_rgba(color, 0.3), "markeredgecolor": color}


def _ink(shade):
    """Black or white, whichever reads better on a colour (WCAG's luminance)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in matplotlib.colors.to_rgb(shade)]
    return "black" if np.dot(parts, (0.2126, 0.7152, 0.0722)) > 0.179 else "white"


def _course(name, mean, at, means, half=None, best=None):
    """How one line of several, `means`, goes from left to right: its ends, and where it turns between them.

    `at` says in words where each point is, `half` is the interval's half width, `best` the turn that is ringed.
    """
    seen = 0.05 * np.ptp(np.concatenate(list(means.values())))  # less than that, one hardly sees
    said = f"{name} from {_number(mean[0])} to {_number(mean[-1])}"
    if half is not None and half[-1] > 0:
        said += f" ± {_number(half[-1])}"
    ends = mean[[0, -1]]
    for word, turn, by in (
        ("lowest", mean.argmin(), ends.min() - mean.min()),
        ("highest", mean.argmax(), mean.max() - ends.max()),
    ):
        if word == best or by > seen:
            said += f", {word} at {at[turn]} ({_number(mean[turn])})"
    return said


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
