"""Every kind of figure can be read by everyone: contrast, size, colour-blindness, nothing told by colour alone.

Each plotting function draws an example here, as large as the course shows it, and what stands on it is looked at.
"""

import itertools
import pkgutil
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, StepPatch
from matplotlib.text import Text

from course_utils import datasets, lessons, plots
from course_utils.compare import Comparison
from course_utils.errors import CourseError
from course_utils.experiments import Runs
from course_utils.lessons.capstone.figures import LAND
from course_utils.plots import style

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based model for simulation of color vision
# deficiency", IEEE Transactions on Visualization and Computer Graphics 15(6), 2009, doi:10.1109/TVCG.2009.113: the
# matrices for severity 1.0, which act on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Linear RGB to CIE XYZ with the white of D65 as 1 (IEC 61966-2-1).
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
XYZ /= XYZ.sum(axis=1, keepdims=True)


def linear(colour):
    """The linear RGB of a colour, which sRGB holds with a bend."""
    parts = np.array(to_rgb(colour))
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(XYZ[1] @ linear(colour))


def contrast(colour, ground="white"):
    """WCAG 2.2's contrast ratio, from 1 to 21."""
    low, high = sorted((luminance(colour), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


def difference(one, other, vision="normal"):
    """How far two colours lie apart as some vision sees them: Delta E of CIE 1976, the distance in CIELAB."""
    seen = np.clip([VISION[vision] @ linear(colour) for colour in (one, other)], 0, 1) @ XYZ.T
    x, y, z = np.where(seen > (6 / 29) ** 3, np.cbrt(seen), seen * (29 / 6) ** 2 / 3 + 4 / 29).T
    return float(np.linalg.norm(np.diff([116 * y - 16, 500 * (x - y), 200 * (y - z)])))


def nearest(pairs):
    """The two of `pairs` of colours that are hardest to tell apart, in whichever vision: (Delta E, vision, pair)."""
    return min((difference(*pair, vision), vision, pair) for pair in pairs for vision in VISION)


# Every kind of figure by its name: those of the whole course, and those that one lesson alone draws.
WITH_FIGURES = [name for _, name, _ in pkgutil.iter_modules(lessons.__path__) if name != "start"]
ROOMS = [plots, *(import_module(f"course_utils.lessons.{name}.figures") for name in WITH_FIGURES)]
figures = SimpleNamespace(
    **{name: kind for room in ROOMS for name, kind in vars(room).items() if hasattr(kind, "__wrapped__")}
)

# ---- one example of every kind of figure ------------------------------------------------------------------------

DICE = np.random.default_rng(0)
METHODS = list(style.METHODS)
EPOCHS = np.arange(1, 31)
FALLING = 2 * np.exp(-EPOCHS / 8) + DICE.normal(0, 0.05, (10, 30))
TURNING = FALLING + 0.03 * EPOCHS
FEATURES = ["age", "sex", "bmi", "bp", "s1"]
STRENGTHS = np.geomspace(1e-3, 10, 30)
PATHS = np.array([3, -2, 1, 0.5, -0.2]) / (1 + STRENGTHS[:, None]) - 0.3 * STRENGTHS[:, None] / (1 + STRENGTHS[:, None])


def runs(**levels):
    """Ten networks for each level of a setting; nothing is trained."""
    ((name, values),) = levels.items()
    settings = [{name: value, "seed": seed} for value in values for seed in range(10)]
    train, val = np.tile(FALLING, (len(values), 1)), np.tile(TURNING, (len(values), 1))
    epochs, loss_and_accuracy = np.full(len(train), 30), (train, 1 - train / 3, val, 1 - val / 3)
    nothing = [None] * len(settings)
    return Runs(
        settings, *loss_and_accuracy, 0 * train, nothing, nothing, 0, 0, 0, None, nothing, True, epochs, nothing
    )


def comparison(methods=METHODS):
    accuracy = {method: 0.8 + 0.02 * place + DICE.normal(0, 0.01, 10) for place, method in enumerate(methods)}
    seconds = {method: 0.01 * (place + 1) for place, method in enumerate(methods)}
    tried, loss = dict.fromkeys(methods, 3), {method: 1 - values for method, values in accuracy.items()}
    in_all = {method: 100 * cost for method, cost in seconds.items()}
    return Comparison(
        dict.fromkeys(methods, {}), dict.fromkeys(methods, ()), tried, accuracy, loss, seconds, in_all, [0]
    )


def cards():
    lines = {"does": "pulls every weight towards 0", "helps": "noisy labels", "costs": "one training for each λ"}
    return dict.fromkeys(METHODS[1:], lines), {"Procedure": ["stop early", "look at the test rows once"]}


GRID = np.linspace(-1, 1, 60)
DIGITS = datasets.digits(0, label_noise=0.2)
MOONS = datasets.moons(0)
SPREAD = {"early stopping": FALLING[:, :5], "L2": TURNING[:, :5]}
EXAMPLES = {
    "learning_curves": lambda: figures.learning_curves(runs(l2=[0]), title="200 rows"),
    "lines_over_epochs": lambda: figures.lines_over_epochs({"right": FALLING, "wrong": TURNING}, "share learned (%)"),
    "sweep": lambda: figures.sweep(runs(l2=[0, 0.01, 0.1]), "l2", method="L2", label="λ"),
    "lines": lambda: figures.lines(
        EPOCHS,
        {
            "baseline": TURNING,
            "dropout": FALLING,
            "both": FALLING + 1,
            "training": FALLING + 2,
            "validation": TURNING + 2,
        },
        "epoch",
        "validation loss",
        best="lowest",
        reference=("a naive guess", 2.3),
    ),
    "coefficient_paths": lambda: figures.coefficient_paths(STRENGTHS, PATHS, FEATURES),
    "gains": lambda: figures.gains(comparison(), title="noisy labels"),
    "estimates": lambda: figures.estimates(
        {name: DICE.normal(80, 3, 30) for name in ("one", "two", "three", "four", "five")},
        "accuracy in %",
        reference=("all rows", 80),
    ),
    "clouds": lambda: figures.clouds(
        {"L1": DICE.normal(0, 1, (50, 2)), "elastic net": DICE.normal(1, 0.2, (50, 2))}, "a", "b"
    ),
    "scores": lambda: figures.scores(
        {
            place: {m: DICE.normal(i, 1, 10) for i, m in enumerate((*METHODS[:5], "all"))}
            for place in ("dense", "sparse")
        },
        "R² on test rows (%)",
    ),
    "selection": lambda: figures.selection(
        {m: DICE.normal(0, 1, (40, 5)) * DICE.integers(0, 2, (40, 5)) for m in ("L1", "elastic net")}, FEATURES
    ),
    "under_bound": lambda: figures.under_bound(
        STRENGTHS, STRENGTHS * DICE.uniform(0.01, 1, 30), "the bound", "difference of the two weights"
    ),
    "plane": lambda: figures.plane(
        np.linspace(1, 2, 25).reshape(5, 5),
        [0, 1, 2, 3, 4],
        [0, 1, 2, 3, 4],
        "validation loss",
        here=(4, 4),
        weights=DICE.normal(0, 0.1, 500),
    ),
    "decision_boundary": lambda: figures.decision_boundary(lambda x: 9 * (x[:, 0] - x[:, 1] ** 2), MOONS),
    "contours": lambda: figures.contours(
        lambda u, v: (u - 2) ** 2 + (v - 0.8) ** 2,
        path=[(0, 2), (1, 1), (1.6, 0.5)],
        ball=("L1", 2.1),
        minimum=(1.6, 0.5),
    ),
    "fits": lambda: figures.fits(GRID, np.sin(GRID) + DICE.normal(0, 0.3, (40, 1)), np.sin(GRID), (GRID, np.sin(GRID))),
    "bias_variance": lambda: figures.bias_variance(
        range(1, 6),
        1 / np.arange(1, 6),
        0.1 * np.arange(1, 6),
        0.1,
        simulated=DICE.uniform(0, 1, (3, 5)),
        xlabel="degree",
    ),
    "digit_gallery": lambda: figures.digit_gallery(DIGITS, rows=12, truth=1 - DIGITS.y_train),
    "selection_path": lambda: figures.selection_path(
        STRENGTHS, PATHS, FEATURES, at=STRENGTHS[9], irrelevant=("bp", "s1"), ylabel="weight"
    ),
    "selection_rates": lambda: figures.selection_rates(
        {"one": DICE.uniform(0, 1, 5), "two": DICE.uniform(0, 1, 5)}, FEATURES, "%"
    ),
    "weight_sizes": lambda: figures.weight_sizes({"Keras": DICE.normal(0, 0.1, 99), "Lasso": np.r_[np.zeros(9), 1]}),
    "pixel_maps": lambda: figures.pixel_maps({"mean image": DIGITS.x_train.mean(0), "one image": DIGITS.x_train[0]}),
    "accuracy_against_kept": lambda: figures.accuracy_against_kept(
        {name: (np.full((3, 10), [[100], [30], [3]]), DICE.normal(90, 1, (3, 10))) for name in ("clean", "wrong")}
    ),
    "masks": lambda: figures.masks(DIGITS.x_train[0], DICE.uniform(size=(4, 64)) > 0.5, 0.5),
    "coefficients": lambda: figures.coefficients(
        {m: DICE.normal(0, 1, 5) for m in ("baseline", "L2", "dropout")}, FEATURES, "coefficient"
    ),
    "stopping_points": lambda: figures.stopping_points(np.arange(10), np.arange(10) + 5, np.arange(10) + 9, 60),
    "accuracy_against_seconds": lambda: figures.accuracy_against_seconds(comparison(METHODS[:3])),
    "through_batch_norm": lambda: figures.through_batch_norm(DICE.normal(3, 2, 900), DICE.normal(0, 1, 900)),
    "one_logit": lambda: figures.one_logit(DICE.normal(6, 1, 100), 8.3, limits=(-4, 14)),
    "land": lambda: figures.land(datasets.satellite_patches()),
    "project": lambda: figures.project(
        {m: list(DICE.uniform(0.7, 0.9, (3, 10))) for m in METHODS[:3]},
        dict.fromkeys(METHODS[:2], 1),
        {METHODS[0]: DICE.uniform(0.7, 0.9, 10)},
    ),
    "pictures": lambda: figures.pictures(
        {"as they are": DIGITS.x_train[:10], "darker": DIGITS.x_train[:10] ** 0.5}, range(10)
    ),
    "by_class": lambda: figures.by_class(
        {name: DICE.uniform(0, 100, (9, 10)) for name in ("one", "two", "three")}, range(10)
    ),
    "differences": lambda: figures.differences(
        {"one": DICE.normal(1, 1, 10), "two": DICE.normal(0, 1, 10)}, "in points"
    ),
    "effects": lambda: figures.effects(
        METHODS[1:5],
        np.linspace(-20, 20, 4)[:, None] + DICE.normal(0, 1, (4, 6)),
        DICE.normal(4, 5, (4, 4, 6)),
        costs=["3 strengths, 1 s"] * 4,
        title="noisy digits, points",
    ),
    "ranked": lambda: figures.ranked(
        {f"{k} of 9": DICE.normal(80 + k, 1, 6) for k in range(9)}, ("1 of 9", "5 of 9", "7 of 9"), "1 of 9"
    ),
    "searches": lambda: figures.searches(
        np.linspace(80, 87, 9), np.sort(DICE.uniform(70, 88, (99, 12))), xlabel="settings"
    ),
    "reliability": lambda: figures.reliability(
        {
            m: (np.linspace(0.1, 0.9, 5), np.linspace(0.1, 0.9, 5) ** k, np.full(5, 0.2))
            for k, m in enumerate(METHODS[:6], 1)
        }
    ),
    "descents": lambda: figures.descents(
        [10, 100, 1000],
        {"ridge": DICE.uniform(1, 2, (5, 3)), "minimum norm": DICE.uniform(2, 9, (5, 3))},
        150,
        xlabel="features P",
        ylabel="squared error",
    ),
    "wall_page": lambda: figures.wall_page("Regularization, as measured", *cards(), "Other data, other numbers."),
}
# Figures in which each series has a place of its own with its name beside it, so that its look tells nothing new.
NAMED_IN_PLACE = {"gains", "estimates", "selection", "weight_sizes", "wall_page", "project", "coefficient_paths"}


@pytest.fixture(scope="module", params=EXAMPLES)
def drawn(request):
    """One example, drawn at its own size: its name, figure and sentence, and its texts with their places."""
    shown = []

    def keep(figure):
        figure.clear = lambda: None  # else it is taken apart once it has been shown
        shown.append(figure)
        return b""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "png", keep)
        patch.setattr(style, "display", lambda *what, **options: None)
        says = EXAMPLES[request.param]()
    (figure,) = shown
    figure.set_dpi(style.DPI)
    FigureCanvasAgg(figure).draw()
    return SimpleNamespace(name=request.param, figure=figure, says=says, texts=texts(figure))


def on_white(colour):
    """A colour as it stands on a white page, which shines through it."""
    *parts, alpha = to_rgba(colour)
    return tuple(alpha * np.array(parts) + 1 - alpha)


def texts(figure):
    """Every text that is shown, with its place in pixels."""
    beyond = set()  # the labels of ticks beyond the ends of an axis, which exist and are not drawn
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = axis.get_major_ticks() + axis.get_minor_ticks()
        off = [t for t in ticks if not low <= t.get_loc() <= high or not axis.get_visible() or not axis.axes.axison]
        beyond |= {label for tick in off for label in (tick.label1, tick.label2)}
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return {text: text.get_window_extent() for text in found if text not in beyond}


def marks(figure):
    """The lines, markers and outlines that carry data, each with the colours of which one must be seen."""
    for artist in figure.findobj():
        if isinstance(artist, Line2D) and len(artist.get_xdata()) and artist.axes and artist.get_visible():
            if has_line(artist):
                yield artist, [artist.get_color()]
            if artist.get_marker() != "None":
                yield artist, [artist.get_markeredgecolor(), artist.get_markerfacecolor()]
        elif isinstance(artist, Collection) and not getattr(artist, "filled", False):  # all but filled contours
            for colour in artist.get_edgecolors() if len(artist.get_edgecolors()) else artist.get_facecolors():
                yield artist, [colour]
        elif isinstance(artist, (Polygon, StepPatch)):
            yield artist, [artist.get_edgecolor()]


def has_line(line):
    return line.get_linestyle() != "None" and len(line.get_xdata()) > 1


def test_every_kind_of_figure_has_an_example():
    assert set(EXAMPLES) == set(vars(figures))


def test_every_figure_says_in_words_what_it_shows(drawn):
    assert len(drawn.says.split()) >= 8 and drawn.says.endswith("."), drawn.says
    assert drawn.says._repr_markdown_().startswith(f"*{drawn.says}*")


def test_text_is_large_enough_and_stands_out(drawn):
    assert drawn.texts and min(text.get_fontsize() for text in drawn.texts) >= 10
    # A power's exponent would be set at 70% of the size.
    assert [text.get_text() for text in drawn.texts if "^" in text.get_text()] == []
    for text, behind in grounds(drawn).items():
        assert contrast(text.get_color(), behind) >= 4.5, (text.get_text(), text.get_color(), behind)


def grounds(drawn):
    """What stands behind each text: the median colour under it, when all texts are taken away."""
    drawn.figure.set_layout_engine("none")  # everything else stays where it is
    for text in drawn.texts:
        text.set_visible(False)
    drawn.figure.canvas.draw()
    pixels = np.asarray(drawn.figure.canvas.buffer_rgba())[::-1, :, :3] / 255
    for text in drawn.texts:
        text.set_visible(True)
    under = {
        text: (slice(int(b.y0), int(b.y1) + 1), slice(int(b.x0), int(b.x1) + 1)) for text, b in drawn.texts.items()
    }
    return {text: np.median(pixels[place].reshape(-1, 3), axis=0) for text, place in under.items()}


def test_no_text_is_cut_off_or_lies_on_another(drawn):
    page = drawn.figure.bbox.padded(1)
    boxes = {text.get_text(): box for text, box in drawn.texts.items()}
    assert [t for t, b in boxes.items() if b.x0 < page.x0 or b.x1 > page.x1 or b.y0 < page.y0 or b.y1 > page.y1] == []
    pairs = itertools.combinations(drawn.texts.items(), 2)
    on = [(a.get_text(), b.get_text()) for (a, one), (b, other) in pairs if one.padded(-1).overlaps(other.padded(-1))]
    assert on == []


def test_what_carries_data_stands_out_from_the_page(drawn):
    # Between rows of a figure, and around lines that cross others; without them it tells the same.
    separators = {to_rgba("#BBBBBB"), to_rgba("#DDDDDD"), to_rgba("white")}
    for artist, colours in marks(drawn.figure):
        colours = [on_white(colour) for colour in colours if to_rgba(colour) not in separators]
        assert not colours or max(map(contrast, colours)) >= 3, (artist, artist.get_label(), colours)


def test_nothing_is_told_by_colour_alone(drawn):
    if drawn.name in NAMED_IN_PLACE:
        return
    colours, labels = {}, {}
    for ax in drawn.figure.axes:
        for line in ax.lines:
            look = shape(line)
            if not line.get_label().startswith("_"):
                assert labels.setdefault((ax, *look), line.get_label()) == line.get_label()
            colour = line.get_markeredgecolor() if look[0] is None else line.get_color()
            if look != (None, None, "None", None, False):  # a cap
                assert colours.setdefault((ax, *look), colour) == colour, line.get_label()


def shape(line):
    """How a line looks to someone who sees no colour."""
    marker = line.get_marker() if line.get_marker() not in ("|", "_") else "None"  # the caps of error bars
    hollow = marker != "None" and contrast(on_white(line.get_markerfacecolor())) < 2
    dashes = str(line._dash_pattern) if has_line(line) else None  # get_linestyle() says "--" of every pattern
    width, size = line.get_linewidth() if dashes else None, line.get_markersize() if marker != "None" else None
    return dashes, width, marker, size, hollow


# ---- the palettes --------------------------------------------------------------------------------------------------

PALETTES = {"methods": [*style.METHODS.values(), style.COMBINED], "series": style.SERIES, "land": LAND}
# The worst case of each: the lowest contrast to white, and the smallest Delta E of two, whatever the vision. Side by
# side one just sees a difference of 2.
WORST = {"methods": (3.10, 23.6), "series": (3.01, 21.5), "land": (3.03, 16.3)}


@pytest.mark.parametrize("palette", PALETTES)
def test_members_of_a_palette_differ_by_marker_and_for_the_colour_blind_by_colour(palette):
    colours, markers = zip(*PALETTES[palette], strict=True)
    assert len(set(markers)) == len(markers)
    lowest, smallest = WORST[palette]
    assert min(map(contrast, colours)) >= lowest
    assert nearest(itertools.combinations(colours, 2))[0] >= smallest


def test_series_and_methods_that_share_a_figure_stay_apart():
    # The first four: no figure of the course has methods and five series more.
    mixed = itertools.product(
        (colour for colour, _ in style.SERIES[1:4]), (colour for colour, _ in PALETTES["methods"])
    )
    assert nearest(mixed)[0] >= 12


def test_the_measures_agree_with_published_values():
    assert contrast("black") == pytest.approx(21) and contrast("#777777") == pytest.approx(4.48, abs=0.01)
    # sRGB red and green in CIELAB are (53.24, 80.09, 67.20) and (87.73, -86.18, 83.18).
    assert difference("#FF0000", "#00FF00") == pytest.approx(np.hypot(np.hypot(34.49, 166.27), 15.98), abs=0.1)
    # Greys look the same to everyone; red and green of one lightness do not differ for the red-green blind.
    for vision in VISION:
        assert difference("#4D4D4D", "#8A8A8A", vision) == pytest.approx(difference("#4D4D4D", "#8A8A8A"), abs=0.01)
    assert difference("#C00000", "#597000", "protanopia") < 0.5 * difference("#C00000", "#597000")


# ---- what is said ---------------------------------------------------------------------------------------------------


def quietly(monkeypatch, draw):
    monkeypatch.setattr(style, "display", lambda *what, **options: None)
    return draw()


def test_turns_between_the_ends_are_said(monkeypatch):
    valley = {"baseline": np.array([2.0, 1.0, 0.5, 1.5]), "L2": np.array([2.0, 1.5, 1.2, 1.19])}
    says = quietly(monkeypatch, lambda: figures.lines(range(1, 5), valley, "epoch", "loss"))
    assert says == "Loss, from left to right: baseline from 2 to 1.5, lowest at 3 (0.5); L2 from 2 to 1.19."
    repeated = {"L2": np.array([[1.0, 3.0, 2.0], [1.0, 3.0, 2.2]])}
    says = quietly(monkeypatch, lambda: figures.lines(["a", "b", "c"], repeated, "way", "loss", reference=("guess", 4)))
    assert says == (
        "Loss, from left to right: L2 from 1 to 2.1 ± 1.27, highest at b (3); guess, a level line, 4 "
        "(±: 95% interval, at the right end)."
    )


def test_a_boundary_is_described(monkeypatch):
    says = quietly(monkeypatch, lambda: figures.decision_boundary(lambda x: 50 * x[:, 0], MOONS))
    assert "The boundary is 1.0 times as long as the picture is wide; it is at least 90% sure in " in says
    says = quietly(monkeypatch, lambda: figures.decision_boundary(lambda x: 0 * x[:, 0] + 1, MOONS))
    assert says.endswith(
        "There is no boundary: everywhere class 1 is the likelier; it is at least 90% sure in 0% of the picture."
    )


def test_a_page_of_words_is_given_in_words(monkeypatch):
    says = quietly(monkeypatch, EXAMPLES["wall_page"])
    assert "**dropout**: does: pulls every weight towards 0; helps: noisy labels" in says.in_full
    assert "<details>" in says._repr_markdown_() and "look at the test rows once" in says._repr_markdown_()
    assert "<details>" not in style.Says("A line falls.")._repr_markdown_()


def test_networks_that_differ_in_more_than_the_seed_are_no_mean():
    with pytest.raises(CourseError, match="choose one kind"):
        figures.learning_curves(runs(l2=[0, 1]))
