"""What only the lesson on L2 draws."""

import itertools

import numpy as np
from matplotlib.lines import Line2D

from course_utils.plots.style import COMBINED, SERIES, own_figure, short_number


@own_figure(7.6, 4.2)
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
        f"{short_number(length[0])} to {short_number(length[-1])}; "
        f"{who if turning else 'no coefficient changes its sign'}."
    )
