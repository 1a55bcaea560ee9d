"""What only the lesson on batch normalization draws."""

import matplotlib
import numpy as np

from course_utils.plots.style import SERIES, TRAINING, own_figure, style


@own_figure(7.4, 3.6)
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


@own_figure(7.4, 3.6)
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
