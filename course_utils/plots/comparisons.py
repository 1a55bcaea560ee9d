"""What a comparison found: gains, single values, scores and differences, each with its interval."""

import numpy as np

from course_utils import seeds
from course_utils.plots.style import COMBINED, METHODS, SERIES, draw_note, own_figure, pale_marker, short_number, style
from course_utils.stats import interval


@own_figure(7.0, 3.4)
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
        ax.plot(gain, row + 0.02 + spread, linestyle="none", markersize=small, **pale_marker(colour, marker))
        look = {"color": colour, "marker": marker, "markersize": large, "markeredgecolor": "black"}
        ax.errorbar(mean, row, xerr=half, capsize=6, **look)
        wins = f"{comparison.wins(method)} of {len(gain)}"
        ends = f"{mean - half:+.1f} to {mean + half:+.1f}"
        sentences.append(f"{method} {mean:+.1f} points (95% interval {ends}, better on {wins} seeds)")
    ax.axvline(0, color="black", linewidth=1.5)
    ax.set(yticks=range(len(methods)), yticklabels=methods, ylim=(len(methods) - 0.5, -0.5))
    ax.set_title(title, loc="left")  # the note stands above the right half
    ax.set_xlabel(f"test accuracy minus {comparison.baseline}, in points")
    draw_note(ax, "small: one seed · large: mean with its 95% interval")
    return f"Against {comparison.baseline}, on the test rows: {'; '.join(sentences)}."


@own_figure(7.0, 3.4)
def estimates(named_values, xlabel, *, reference=None, title="", ax):
    """Repeated measurements side by side, `{name: array}`: every one as a dot, with mean and standard deviation."""
    sentences = []
    for row, (name, values) in enumerate(named_values.items()):
        values = np.asarray(values, float)
        colour, marker = SERIES[row % len(SERIES)]
        height = row + seeds.fixed(0).uniform(-0.22, 0.22, len(values))
        ax.plot(values, height, linestyle="none", markersize=6, **pale_marker(colour, marker))
        ax.plot([values.mean()] * 2, [row - 0.44, row + 0.44], color="black", linewidth=1.5, zorder=3)  # hides no dot
        sentences.append(
            f"{name}: mean {short_number(values.mean())}, standard deviation {short_number(values.std(ddof=1))}"
        )
    if reference is not None:
        ax.axvline(reference[1], color="black", linestyle="dotted", linewidth=1.5, label=reference[0])
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        sentences.append(f"{reference[0]}: {short_number(reference[1])}")
    ax.set(yticks=range(len(named_values)), yticklabels=list(named_values), xlabel=xlabel, title=title)
    ax.set_ylim(len(named_values) - 0.5, -0.5)
    draw_note(ax, "dots: single measurements · black line: their mean")
    return "; ".join(sentences) + "."


@own_figure(7.6, 3.6)
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
            found.append(f"{method} {short_number(mean)}")
        sentences.append(f"{situation}: {', '.join(found)}")
        if row:
            ax.axhline(row - 0.5, color="#BBBBBB", linewidth=0.8)
    ax.set(yticks=range(len(named_scores)), yticklabels=list(named_scores), xlabel=xlabel, title=title)
    ax.set_ylim(len(named_scores) - 0.5, -0.5)
    draw_note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(drawn.values(), drawn.keys(), loc="upper left", bbox_to_anchor=(1, 1))
    return f"{xlabel[0].upper()}{xlabel[1:]}, means. {'. '.join(sentences)}."


@own_figure(7.6, 3.4)
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
        ax.plot(values, row + spread, linestyle="none", markersize=small, **pale_marker(colour, marker))
        look = {"color": colour, "marker": marker, "markersize": large, "markeredgecolor": "black"}
        ax.errorbar(mean, row, xerr=half, capsize=6, **look)
        says.append(f"{name}: {mean:+.1f} (95% interval {mean - half:+.1f} to {mean + half:+.1f})")
    ax.axvline(0, color="black", linewidth=1.5)
    ax.set(yticks=range(len(named_values)), yticklabels=list(named_values), xlabel=xlabel, title=title)
    ax.set_ylim(len(named_values) - 0.5, -0.5)
    draw_note(ax, "small: one seed · large: mean with its 95% interval")
    return f"{'; '.join(says)}."
