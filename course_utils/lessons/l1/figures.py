"""What only the lesson on L1 draws."""

import itertools
import math

import numpy as np

from course_utils.plots.style import SERIES, draw_note, own_figure
from course_utils.stats import interval


@own_figure(7.6, 4.2)
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


@own_figure(7.0, 3.6)
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


@own_figure(7.6, 4.0)
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
    draw_note(ax, f"height: number of weights, each row to its own scale · dotted: {small:g} · hatched: exactly zero")
    return f"{'; '.join(says)} (small: under {small:g})."


@own_figure(7.4, 2.9)
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


@own_figure()
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
    draw_note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"Accuracy with the share of weights kept; {'; '.join(says)}."
