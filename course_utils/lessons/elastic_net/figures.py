"""What only the lesson on the elastic net draws."""

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle

from course_utils.plots.style import BEST, SERIES, draw_note, ink_on, own_figure, style


@own_figure(7.6, 4.6)
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
    draw_note(ax, "filled: not zero, the darker the larger")
    return f"Of {fits} fits: {'; '.join(says)}."


@own_figure(6.4, 4.2)
def under_bound(bound, found, xlabel, ylabel, *, title="", ax):
    """What was `found` against the `bound` that it must not pass, (points,) each, on logarithmic axes."""
    bound, found = np.asarray(bound), np.asarray(found)
    seen = found > 0
    ax.plot(bound[seen], found[seen], linestyle="none", marker=".", markersize=4, color=style("elastic net")[0])
    ends = [found[seen].min() / 2, bound.max() * 2]
    ax.plot(ends, ends, color="black", linestyle="dashed", label="the bound")
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel, title=title, ylim=ends)
    ax.set_xlim(bound.min() / 2, ends[1])
    draw_note(ax, "a dot: one pair")
    ax.legend(loc="upper left")
    return (
        f"Of {len(found):,} pairs {np.sum(found > bound)} lie above the bound; the nearest to it reaches "
        f"{np.max(found / bound):.0%} of it."
    )


@own_figure(6.4, 4.4)
def plane(values, l1s, l2s, label, *, here=None, weights=None, title="", ax):
    """A loss over a grid of two strengths, `values` (l1s, l2s), as a heat map; the lowest is ringed.

    `here` (i, j) frames one cell, which then is the one the sentence speaks of; `weights` is a histogram of the sizes
    of that cell's weights, drawn at the right on a logarithmic axis.
    """
    values = np.asarray(values, float)
    image = ax.imshow(values, origin="lower", cmap="cividis_r", aspect="auto")
    for i, j in np.ndindex(values.shape):
        ink = ink_on(image.cmap(image.norm(values[i, j])))
        ax.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center", color=ink, fontsize=10)
    best = np.unravel_index(values.argmin(), values.shape)
    ax.plot(best[1], best[0], **BEST | {"markersize": 34})
    ax.set(xticks=range(len(l2s)), xticklabels=[f"{v:g}" for v in l2s], xlabel="λ₂ (L2)", title=title)
    ax.set(yticks=range(len(l1s)), yticklabels=[f"{v:g}" for v in l1s], ylabel="λ₁ (L1)")
    ax.spines[:].set_visible(False)
    draw_note(ax, f"{label} · ring: lowest" + (" · frame: here" if here is not None else ""))
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
