"""What only the lesson on early stopping draws."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from course_utils.plots.style import BEST, COMBINED, draw_note, own_figure, style
from course_utils.stats import interval


@own_figure(7.4, 4.2)
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


@own_figure(7.4, 3.8)
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
    draw_note(ax, "bars: 95% interval · hollow: all that was tried, one seed")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return f"Test accuracy and seconds a network: {'; '.join(says)}."
