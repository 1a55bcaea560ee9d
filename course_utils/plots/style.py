"""Every kind of figure in the course, in one look.

A plotting function takes data, draws once and returns the sentence that says what the picture shows. Without `ax` it
makes a figure of its own and shows it; with `ax` it draws there. Nothing is computed here that takes time.

The look: each method keeps its colour and marker in every lesson; training is dashed, held-out is solid; a band or
an error bar is always the 95% confidence interval of the mean over seeds; the best choice is a ring in black.
"""

import base64
import functools
import io

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from PIL import Image

from course_utils.machine import give_back_memory
from course_utils.stats import interval

FIGSIZE = (7.0, 4.0)  # inches
DPI = 96

matplotlib.rcdefaults()  # a learner's own matplotlibrc would change every figure
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
# the colour-blind (tests/package/test_plots.py measures how far), and each stands out from the white of the page,
# 3 to 1.
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


def as_says(text):
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


def own_figure(width=FIGSIZE[0], height=FIGSIZE[1]):
    """Make of `draw(..., ax)` a function that shows a figure of its own where no `ax` is given."""

    def decorate(draw):
        @functools.wraps(draw)
        def plot(*data, ax=None, **options):
            if ax is not None:
                return as_says(draw(*data, ax=ax, **options))
            figure = Figure(figsize=(width, height), layout="constrained")
            says = as_says(draw(*data, ax=figure.subplots(), **options))
            display({"image/png": base64.b64encode(png(figure)).decode(), "text/plain": str(says)}, raw=True)
            figure.clear()
            del figure
            give_back_memory()  # a figure is a knot of references, and nothing else would untie it in time
            return says

        return plot

    return decorate


def draw_curve(ax, values, colour, line, label, marker=None):
    """Mean over the first axis with its interval as a band; returns the mean."""
    epochs = np.arange(1, values.shape[1] + 1)
    mean, half = interval(values)
    every = max(1, len(epochs) // 8)
    ax.plot(epochs, mean, color=colour, linestyle=line, label=label, marker=marker, markevery=every)
    if len(values) > 1:
        draw_band(ax, epochs, mean - half, mean + half, colour)
    return mean


def draw_band(ax, x, low, high, colour, label=None):
    """A pale band; its edges are thin lines, since the band itself hardly stands out from white."""
    pale = matplotlib.colors.to_rgba(colour, 0.2)
    ax.fill_between(x, low, high, facecolor=pale, edgecolor=colour, linewidth=0.5, label=label)


def pale_marker(color, marker):
    """The look of a marker that stands behind others: a pale face, and an edge that is still seen on white."""
    return {"marker": marker, "markerfacecolor": matplotlib.colors.to_rgba(color, 0.3), "markeredgecolor": color}


def ink_on(shade):
    """Black or white, whichever reads better on a colour (WCAG's luminance)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in matplotlib.colors.to_rgb(shade)]
    return "black" if np.dot(parts, (0.2126, 0.7152, 0.0722)) > 0.179 else "white"


def course_of(name, mean, at, means, half=None, best=None):
    """How one line of several, `means`, goes from left to right: its ends, and where it turns between them.

    `at` says in words where each point is, `half` is the interval's half width, `best` the turn that is ringed.
    """
    seen = 0.05 * np.ptp(np.concatenate(list(means.values())))  # less than that, one hardly sees
    said = f"{name} from {short_number(mean[0])} to {short_number(mean[-1])}"
    if half is not None and half[-1] > 0:
        said += f" ± {short_number(half[-1])}"
    ends = mean[[0, -1]]
    for word, turn, by in (
        ("lowest", mean.argmin(), ends.min() - mean.min()),
        ("highest", mean.argmax(), mean.max() - ends.max()),
    ):
        if word == best or by > seen:
            said += f", {word} at {at[turn]} ({short_number(mean[turn])})"
    return said


def epoch_axes(ax, metric, title):
    ax.set(xlabel="epoch", ylabel=METRICS[metric], title=title)
    ax.set_ylim(bottom=0)
    if metric == "accuracy":
        ax.set_ylim(0, 102)


def draw_legend(ax, extra, runs):
    handles = ax.get_legend_handles_labels()[0] + extra
    if len(runs) > 1:
        handles.append(Patch(color="#4D4D4D", alpha=0.2, label="95% interval"))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))


def draw_note(ax, text):
    ax.annotate(text, (1, 1.0), xycoords="axes fraction", ha="right", va="bottom", fontsize=10, color="#4D4D4D")


def ticks_of(levels):
    """Where the levels of a setting go on an axis, evenly spaced, and what stands there."""
    ticks = []
    for level in levels:
        values = level if isinstance(level, tuple) else (level,)  # (128, 128), the units of two layers, is 128+128
        ticks.append("+".join(f"{v:g}" if isinstance(v, (int, float)) else str(v) for v in values))
    return np.arange(len(levels)), ticks


def scaled_metric(values, metric):
    return 100 * values if metric == "accuracy" else values


def metric_name(metric):
    return "accuracy in %" if metric == "accuracy" else metric


def short_number(value):
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
