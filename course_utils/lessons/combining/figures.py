"""What only the lesson on combining draws."""

import itertools
import textwrap

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from course_utils.plots.style import (
    COMBINED,
    METHODS,
    SERIES,
    Says,
    draw_band,
    draw_note,
    ink_on,
    own_figure,
    short_number,
    style,
)
from course_utils.stats import interval


@own_figure(8.2, 5.4)
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
            look = {"color": ink_on(shade), "fontweight": "bold" if i == j else None}
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


@own_figure(7.6, 4.0)
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


@own_figure(7.6, 4.0)
def searches(by_hand, at_random, *, xlabel, title="", ax):
    """One search, (settings,), against many repetitions of a random one, (repetitions, settings)."""
    at_random = np.asarray(at_random)
    steps = np.arange(1, at_random.shape[1] + 1)
    low, middle, high = np.percentile(at_random, [10, 50, 90], axis=0)
    (colour, marker), (other, other_marker) = SERIES[1], SERIES[2]
    draw_band(ax, steps, low, high, colour, label="random: 10% to 90%")
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


@own_figure(7.0, 4.4)
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


@own_figure(7.4, 4.0)
def descents(sizes, named_errors, rows, *, xlabel, ylabel, title="", ax):
    """Errors against the size of a model, `{name: (repetitions, sizes)}`: medians, and all repetitions from the
    lowest to the highest as a band; both axes logarithmic. `rows` marks the number of training rows."""
    says = []
    for (name, errors), (colour, marker), line in zip(
        named_errors.items(), SERIES[1:], ("solid", "dashdot", "dashed"), strict=False
    ):
        errors = np.asarray(errors)
        middle = np.median(errors, axis=0)
        draw_band(ax, sizes, errors.min(axis=0), errors.max(axis=0), colour)
        ax.plot(sizes, middle, color=colour, marker=marker, linestyle=line, label=f"{name} (median)")
        worst = int(middle.argmax())
        says.append(
            f"{name}: {short_number(middle[0])} at {sizes[0]}, "
            f"at most {short_number(middle[worst])} at {sizes[worst]}, {short_number(middle[-1])} at {sizes[-1]}"
        )
    ax.axvline(rows, color="black", linestyle="dotted", linewidth=1.5, label=f"{rows} rows")
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel, title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    draw_note(ax, "band: all repetitions")
    return f"{ylabel[0].upper()}{ylabel[1:]}. {'; '.join(says)}."


@own_figure(8.27, 11.69)
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
