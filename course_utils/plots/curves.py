"""Curves: over epochs, over a hyperparameter, over anything else."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from course_utils.errors import CourseError
from course_utils.plots.style import (
    BEST,
    HELD_OUT,
    METHODS,
    METRICS,
    SERIES,
    TRAINING,
    course_of,
    draw_band,
    draw_curve,
    draw_legend,
    draw_note,
    epoch_axes,
    metric_name,
    own_figure,
    scaled_metric,
    short_number,
    style,
    ticks_of,
)
from course_utils.selection import choose
from course_utils.stats import interval


@own_figure()
def learning_curves(runs, metric="loss", *, method="baseline", title="", ax):
    """Training (dashed) and validation (solid) `metric`, "loss" or "accuracy", after each epoch: mean over `runs`.

    `method` gives the colour.
    """
    settings = getattr(runs, "settings", [{}])
    if any({**s, "seed": 0} != {**settings[0], "seed": 0} for s in settings):
        raise CourseError("These networks differ in more than the seed: choose one kind with runs.where(…).")
    train, val = (scaled_metric(getattr(runs, f"{part}_{metric}"), metric) for part in ("train", "val"))
    colour, _ = style(method)
    draw_curve(ax, train, colour, TRAINING, "training")
    mean = draw_curve(ax, val, colour, HELD_OUT, "validation")
    best = int(mean.argmin() if metric == "loss" else mean.argmax())
    ax.plot(best + 1, mean[best], **BEST)
    epoch_axes(ax, metric, title)
    draw_legend(ax, [Line2D([], [], linestyle="none", label="best epoch", **BEST)], runs)
    word = "lowest" if metric == "loss" else "highest"
    return (
        f"Mean over {len(runs)} networks: training {metric_name(metric)} goes from {short_number(train.mean(0)[0])} to "
        f"{short_number(train.mean(0)[-1])}; validation {metric_name(metric)} is {word} at epoch {best + 1} "
        f"({short_number(mean[best])}) and ends at {short_number(mean[-1])}."
    )


@own_figure()
def sweep(runs, over, metric="loss", *, method="baseline", label=None, title="", ax):
    """Final training and validation `metric` against the setting `over`, with the interval over seeds.

    The best on validation is ringed, as `Runs.best` chooses it. `method` gives the colour; `label` names the
    horizontal axis with its unit.
    """
    levels = runs.levels(over)
    places, ticks = ticks_of(levels)
    means, (colour, marker) = {}, style(method)
    for part, line, fill in (("train", TRAINING, "white"), ("val", HELD_OUT, colour)):
        values = [scaled_metric(runs.where(**{over: v}).final(f"{part}_{metric}"), metric) for v in levels]
        values = [np.where(np.isfinite(v), v, np.nan) for v in values]  # what did not stay finite leaves a gap
        mean, half = np.array([interval(v) for v in values]).T
        ax.errorbar(
            places, mean, half, linestyle=line, color=colour, marker=marker, markerfacecolor=fill, capsize=4,
            label={"train": "training", "val": "validation"}[part],
        )  # fmt: skip
        means[part] = mean
    parts = {f"{label or over} = {tick}": runs.where(**{over: v}) for tick, v in zip(ticks, levels, strict=True)}
    where, told = choose(parts, f"val_{metric}")
    best = list(parts).index(where)
    ax.plot(places[best], means["val"][best], linestyle="none", label="best on validation", **BEST)
    ax.set(xticks=places, xticklabels=ticks, xlabel=label or over, ylabel=METRICS[metric], title=title)
    draw_note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend()
    return (
        f"Validation {metric_name(metric)} is best at {where} ({short_number(means['val'][best])}); "
        f"at {ticks[0]} it is {short_number(means['val'][0])}, "
        f"at {ticks[-1]} it is {short_number(means['val'][-1])}. Training {metric_name(metric)} goes from "
        f"{short_number(means['train'][0])} to {short_number(means['train'][-1])}."
        f"{''.join(' ' + sentence for sentence in told)}"
    )


@own_figure()
def lines(x, named_values, xlabel, ylabel, *, log=False, best=None, reference=None, title="", ylim=(0, None), ax):
    """Several quantities against `x` (points,), `{name: array}`: (points,), or (seeds, points) with mean and interval.

    A method has its own colour; a name that begins with "training" is dashed, one with "validation" solid. With
    `log` the horizontal axis is logarithmic; if `x` holds text, or a 0 on such an axis, its values stand evenly
    spaced. `best` is "lowest" or "highest" and rings that point of each line. `reference` is (name, value), a
    horizontal line.
    """
    even = isinstance(x[0], str) or (log and min(x) <= 0)
    places, ticks = ticks_of(list(x)) if even else (np.asarray(x, float), None)
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
            draw_band(ax, places, mean - half, mean + half, colour)
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
    says = [course_of(name, mean, at, means, halves[name], best) for name, mean in means.items()]
    if reference is not None:
        says.append(f"{reference[0]}, a level line, {short_number(reference[1])}")
    after = " (±: 95% interval, at the right end)" if any(half[-1] > 0 for half in halves.values()) else ""
    bottom, top = ax.get_ylim()
    cut = [name for name, mean in means.items() if mean.min() < bottom or mean.max() > top]
    beyond = f" The picture shows {bottom:g} to {top:g}: a part of {' and of '.join(cut)} lies outside." if cut else ""
    return f"{ylabel[0].upper()}{ylabel[1:]}, from left to right: {'; '.join(says)}{after}.{beyond}"
