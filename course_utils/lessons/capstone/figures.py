"""What only the capstone draws: its map, and its project."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from course_utils.plots.style import BEST, draw_note, own_figure, pale_marker, style
from course_utils.stats import interval

# Six kinds of land. Their names say colours (red soil, grey soil …): these do not contradict them.
LAND = (("#B22222", "o"), ("#117733", "s"), ("#949494", "^"), ("#5E5E5E", "D"), ("#A89000", "v"), ("#1A1A1A", "X"))


@own_figure(7.2, 5.4)
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


@own_figure(7.4, 4.6)
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
        ax.plot(means, [row - 0.13] * len(means), linestyle="none", markersize=6, **pale_marker(**look))
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
        handles.append(
            Line2D([], [], label="other strengths", **(looks | {"markersize": 6} | pale_marker("black", "o")))
        )
    handles += [Line2D([], [], label="sealed rows", markerfacecolor="white", **looks)] if sealed else []
    handles += [Line2D([], [], linestyle="none", label="decided for", **BEST)] if chosen else []
    ax.set(yticks=range(len(tried)), yticklabels=list(tried), title=title)
    ax.set_xlabel("right on the land (%); from validation labels by the formula" if wrong_labels else "accuracy (%)")
    ax.set_ylim(len(tried) - 0.4, -0.6)
    draw_note(ax, "bars: 95% interval of the mean over seeds")
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.45, -0.14), ncols=2)
    of = "Right, as validation makes one expect" if wrong_labels else "Validation accuracy"
    return f"{of}{', and on the sealed rows' if sealed else ''}: {'; '.join(says)}."
