"""Interactive figures, predictions and quizzes, made of plain ipywidgets.

`frames` is for what is slow to compute: every picture is drawn once, and the browser alone picks one, so the slider
answers at once and goes on working when the kernel has stopped. `live` is for cheap mathematics: the picture is
drawn again at every move. Both take a function `draw(ax, ...)` that draws one picture and returns the sentence that
says what it shows; the sentence stands under the picture.

Whatever is shown carries a still version of itself, for GitHub and for whoever has not run the cell.
"""

import base64
import html
import itertools
from numbers import Real

import ipywidgets
from IPython.display import display
from matplotlib.figure import Figure

from course_utils import progress
from course_utils.errors import CourseError
from course_utils.plots.style import DPI, FIGSIZE, Says, png

_STYLE = """<style>
.course { --jp-widgets-font-size: var(--jp-content-font-size1, 14px); color: var(--jp-content-font-color1, inherit);
  --jp-widgets-label-color: var(--jp-content-font-color1); --jp-widgets-readout-color: var(--jp-content-font-color1);
  margin-bottom: 8px; overflow: visible; }
.course .widget-html-content, .course .widget-htmlmath-content { font-size: var(--jp-widgets-font-size);
  line-height: 1.5; white-space: normal; }
.course .widget-radio, .course .widget-radio-box { width: auto; max-width: none; }
.course .widget-readout { -webkit-user-modify: read-only; }  /* a value to read; else Tab stops there, to edit it */
.course .widget-radio-box label { display: flex; flex-direction: row-reverse; justify-content: flex-end; gap: 8px;
  align-items: flex-start; height: auto; padding: 2px; font-size: var(--jp-widgets-font-size); line-height: 1.5;
  overflow: visible; white-space: normal; }
.course .widget-radio-box input { position: static; flex: none; margin: 1px 0 0; }
.course .noUi-handle:focus, .course select:focus, .course input:focus-visible, .course button:focus-visible {
  outline: 2px solid var(--jp-brand-color1, Highlight) !important; outline-offset: 2px; }
.course input[type=number]:focus-visible { outline-offset: -2px; }  /* outside, the box around it cuts it off */
</style>"""


def frames(draw, values, label, *, value=None, format=None, figsize=FIGSIZE):
    """Show one picture for each value, picked with a slider, and under it the sentence that belongs to it.

    draw: `draw(ax, value)` draws one picture and returns its sentence; it is called once for each value.
    values: the slider's positions, at least two, in any spacing.
    label: the slider's name, for example "λ".
    value: where the slider starts; the first value if not given.
    format: turns a value into the text shown beside the slider.
    figsize: width and height in inches.

    For several sliders give a tuple of labels and as many lists of values: `draw(ax, value1, value2)` is then called
    for every combination. Raises CourseError for fewer than two values, for a start that is not one of them, and for
    a picture that cannot be drawn.
    """
    several = not isinstance(label, str)
    labels, grid = (list(label), [list(v) for v in values]) if several else ([label], [list(values)])
    starts = [v[0] if v else None for v in grid] if value is None else list(value) if several else [value]
    if not len(labels) == len(grid) == len(starts):
        raise CourseError("Give frames one label, one list of values and one start value for each slider.")
    format = format or _plain
    names = [[format(v) for v in options] for options in grid]
    start = tuple(_position(*each) for each in zip(labels, names, map(format, starts), strict=True))

    figure = _figure(figsize, "constrained")
    pictures, sentences = {}, {}
    for place in itertools.product(*(range(len(v)) for v in grid)):
        where = ", ".join(f"{label} = {name[i]}" for label, name, i in zip(labels, names, place, strict=True))
        try:
            at = [options[i] for options, i in zip(grid, place, strict=True)]
            pictures[place], sentences[place] = _paint(figure, draw, *at)
        except Exception as error:
            raise CourseError(f"The picture for {where} could not be drawn: {_reason(error)}") from error
        if place == start:
            start_where = where

    rows, sliders = [], []
    for label, texts, position in zip(labels, names, start, strict=True):
        slider = ipywidgets.SelectionSlider(options=texts, index=position, description=label, **_WIDE)
        # A slider has no name that a screen reader could say; a number box has, and JupyterLab leaves it its keys.
        # A list of the values would be nicer, but there arrows and digits are JupyterLab's: 0 0 restarts the kernel.
        step = ipywidgets.BoundedIntText(position, max=len(texts) - 1, description=f"step of {label}", **_WIDE)
        ipywidgets.jslink((slider, "index"), (step, "value"))
        rows.append((slider, step))
        sliders.append(slider)
    images = {place: _image(picture, figure) for place, picture in pictures.items()}
    captions = {place: _text(sentence, "em") for place, sentence in sentences.items()}
    _show_figure(
        ipywidgets.VBox([_controls(("minmax(12em, 32em)", "max-content"), rows), _stacked(images, sliders)]),
        ipywidgets.VBox([_stacked(captions, sliders)]),
        pictures[start],
        sentences[start],
        start_where,
    )


def live(draw, *, labels=None, figsize=FIGSIZE, **sliders):
    """Show one picture that is drawn again whenever a slider moves, and under it the sentence that belongs to it.

    draw: `draw(ax, **values)` draws the picture for the sliders' values and returns its sentence. It should take a few
        milliseconds, and set the limits of the axes, so that they stand still. If it fails, its error stands where the
        sentence was, and the last picture stays.
    sliders: for each argument of draw `name=(lowest, highest, step)` or `name=(lowest, highest, step, start)`; a
        slider of whole numbers if all of them are.
    labels: `{name: label}` for the sliders that are not to be called by their argument's name.
    figsize: width and height in inches.

    Raises CourseError for a slider that cannot be made, and if the first picture cannot be drawn.
    """
    labels = {name: name for name in sliders} | (labels or {})
    if not sliders or set(labels) != set(sliders):
        raise CourseError("Give live at least one slider, as name=(lowest, highest, step), and labels only for these.")
    controls = {name: _number(labels[name], name, spec) for name, spec in sliders.items()}
    figure = _figure(figsize, "tight")

    def paint():
        return _paint(figure, draw, **{name: slider.value for name, (_, slider) in controls.items()})

    def where():
        return ", ".join(f"{labels[name]} = {_plain(slider.value)}" for name, (_, slider) in controls.items())

    try:
        picture, sentence = paint()
    except Exception as error:
        raise CourseError(f"The picture for {where()} could not be drawn: {_reason(error)}") from error
    image, caption = _image(picture, figure), _text(sentence, "em")
    # The margins stay as the first picture needed them: finding them again would take half the time of a move.
    figure.set_layout_engine("none")

    def redraw(_change):
        try:
            image.value, says = paint()
            caption.value = _as_html(says, "em")
        except Exception as error:
            caption.value = _as_html(f"The picture could not be drawn again for {where()}: {_reason(error)}")

    for _, slider in controls.values():
        slider.observe(redraw, names="value")
    rows = _controls(("max-content", "minmax(12em, 24em)"), controls.values())
    _show_figure(ipywidgets.VBox([rows, image]), ipywidgets.VBox([caption]), picture, sentence, where())


def predict(key, question, options):
    """Ask for a prediction before an experiment, and keep the choice in the learner's own file.

    key: a name that no other prediction has, for example "diagnosis.capacity".
    options: at least two different answers, as text.

    Returns the Prediction, whose `compare` goes into a later cell. Raises CourseError for an empty key or question
    and for options that cannot be told apart.
    """
    prediction = Prediction(key, question, options)
    prediction.ask()
    return prediction


# JupyterLab prints the first line of a folded output: it must not say what came out.
FIRST_LINE = "Run this cell after you have kept your prediction."


class Prediction:
    """A question with its possible answers, of which the learner keeps one; shown by `ask`."""

    def __init__(self, key, question, options):
        if not isinstance(key, str) or not key.strip():
            raise CourseError("Give predict a key: a short name that no other prediction has.")
        self.question, self.options = question, _checked_options(question, options)
        self._key, self._radio = f"prediction:{key}", None

    def ask(self):
        """Show the question, its options, and the button that keeps a choice."""
        self._radio = _radio(self.options)
        self._radio.value = self.kept
        self._said = _text("" if self.kept is None else self._confirmation())
        button = ipywidgets.Button(description="Keep my prediction", layout={"width": "max-content"})
        button.on_click(self._keep)
        _show(
            ipywidgets.VBox([_text(self.question, "strong"), self._radio, button, self._said]),
            {
                "text/markdown": _listed(self.question, self.options),
                "text/plain": _listed(self.question, self.options),
            },
        )

    @property
    def kept(self):
        """The option that the learner has kept, or None."""
        choice = progress.recall(self._key)
        return choice if choice in self.options else None

    def compare(self, measured, why):
        """Show what was predicted beside what came out, and why it came out so.

        measured: the option that came true. why: the reason, in a sentence or two.
        Raises CourseError if `measured` is not one of the options.
        """
        if measured not in self.options:
            raise CourseError(f"What came out, {measured!r}, is not one of this prediction's options.")
        if self.kept is None and self._radio is not None and self._radio.value is not None:
            self._keep()
        first = FIRST_LINE
        if self.kept is None:
            verdict = "You made no prediction; to make one, choose above, keep it, and run this cell again."
        else:
            first = "Your prediction, and what came out:"
            came_true = self.kept == measured
            verdict = "✓ Your prediction came true." if came_true else "✗ It came out differently from your prediction."
        predicted, came_out = ((text or "(nothing)").replace("|", "\\|") for text in (self.kept, measured))
        table = f"| You predicted | It came out |\n|---|---|\n| {predicted} | {came_out} |"
        said = f"{first}\n\n{table}\n\n{verdict} {why}"
        display({"text/markdown": said, "text/plain": said}, raw=True)

    def _keep(self, _button=None):
        if self._radio.value is None:
            self._said.value = _as_html("Choose one of the answers first.")
        else:
            progress.record(self._key, self._radio.value)
            self._said.value = _as_html(self._confirmation())

    def _confirmation(self):
        return f"✓ Kept: {self.kept}. Until you have seen the result you can change your mind and keep another."


def quiz(question, options, answer):
    """Ask a question; each choice is answered at once with ✓ or ✗ and its own reason, even without a kernel.

    options: a dict from each possible answer to the reason why it is right or wrong.
    answer: the right one. Raises CourseError if it is not among at least two options.
    """
    names = _checked_options(question, options)
    if not isinstance(options, dict) or answer not in options:
        raise CourseError("Give quiz its options as {answer: reason}, and as the right answer one of them.")
    radio = _radio(names)
    replies = [_text(f"{'✓ Right.' if name == answer else '✗ Not this one.'} {options[name]}") for name in names]
    stack = ipywidgets.Stack(replies, selected_index=None)
    ipywidgets.jsdlink((radio, "index"), (stack, "selected_index"))
    _show(
        ipywidgets.VBox([_text(question, "strong"), radio, stack]),
        {"text/markdown": _listed(question, names), "text/plain": _listed(question, names)},
    )


# --- Parts -----------------------------------------------------------------------------------------------------------

_WIDE = {"layout": {"width": "auto"}, "style": {"description_width": "initial"}}


def _show(widget, still):
    """Display a widget together with its still version, a dict from MIME type to content."""
    widget.children = (ipywidgets.HTML(_STYLE, layout={"display": "none"}), *widget.children)
    widget.add_class("course")
    display(widget._repr_mimebundle_() | still, raw=True)


def _show_figure(picture, caption, still, sentence, where):
    # Two outputs, because a reader without widgets gets one MIME type of each: the image of one, the text of the other.
    note = f"(A still picture, for {where}. Run the cell to get the slider.)"
    image = base64.b64encode(still).decode()
    _show(picture, {"image/png": image, "text/plain": f"A picture with a slider, shown for {where}. {sentence}"})
    _show(
        caption, {"text/markdown": f"{Says(sentence)._repr_markdown_()}\n\n{note}", "text/plain": f"{sentence}\n{note}"}
    )


def _figure(figsize, layout):
    return Figure(figsize=figsize, dpi=DPI, layout=layout)


def _paint(figure, draw, *args, **kwargs):
    """Draw one picture on the figure, whatever was on it; gives its PNG and its sentence."""
    figure.clear()
    sentence = draw(figure.subplots(), *args, **kwargs)
    if not isinstance(sentence, str) or not sentence.strip():
        raise CourseError("the drawing function has to return the sentence that says what the picture shows.")
    return png(figure), str(sentence)


def _stacked(leaves, sliders, place=()):
    """Stacks within stacks, one level for each slider, that show the leaf at the sliders' positions."""
    if len(place) == len(sliders):
        return leaves[place]
    slider = sliders[len(place)]
    pages = [_stacked(leaves, sliders, (*place, i)) for i in range(len(slider.options))]
    stack = ipywidgets.Stack(pages, selected_index=slider.index)
    ipywidgets.jsdlink((slider, "index"), (stack, "selected_index"))
    return stack


def _image(png, figure):
    # The size keeps the picture's place on the page while the browser decodes the next one.
    width, height = (str(round(inches * figure.dpi)) for inches in figure.get_size_inches())
    return ipywidgets.Image(value=png, format="png", width=width, height=height)


def _text(sentence, tag="span"):
    # Typesetting costs a slider several milliseconds at each move: only where there is a formula.
    kind = ipywidgets.HTMLMath if "$" in sentence else ipywidgets.HTML
    return kind(_as_html(sentence, tag))


def _as_html(sentence, tag="span"):
    return f"<{tag}>{html.escape(sentence, quote=False)}</{tag}>"


def _controls(widths, pairs):
    """A row for each pair, in two columns of the given widths."""
    layout = {"grid_template_columns": " ".join(widths), "grid_gap": "0 16px", "align_items": "center"}
    return ipywidgets.GridBox([*itertools.chain(*pairs)], layout=layout)


def _number(label, name, spec):
    """A number box and the slider that moves with it; the box bears the name and takes an exact value."""
    if not isinstance(spec, tuple | list) or len(spec) not in (3, 4) or not all(isinstance(s, Real) for s in spec):
        raise CourseError(
            f"Give the slider {name} as {name}=(lowest, highest, step) or (lowest, highest, step, start)."
        )
    low, high, step, start = (*spec, spec[0])[:4]
    if not (low < high and 0 < step <= high - low and low <= start <= high):
        raise CourseError(f"The slider {name} needs lowest < highest, a step between them, and a start within them.")
    if all(isinstance(s, int) for s in spec):
        kind, box_kind = ipywidgets.IntSlider, ipywidgets.BoundedIntText
    else:
        kind, box_kind = ipywidgets.FloatSlider, ipywidgets.BoundedFloatText
    settings = {"min": low, "max": high, "step": step, "value": start}
    box, slider = box_kind(description=label, **settings, **_WIDE), kind(readout=False, **settings, **_WIDE)
    ipywidgets.jslink((slider, "value"), (box, "value"))
    return box, slider


def _radio(options):
    return ipywidgets.RadioButtons(options=options, value=None, layout={"width": "auto"})


def _checked_options(question, options):
    if not isinstance(question, str) or not question.strip():
        raise CourseError("Write the question as a text.")
    names = [] if isinstance(options, str) else list(options)
    if len(names) < 2 or len(set(names)) < len(names) or not all(isinstance(n, str) and n.strip() for n in names):
        raise CourseError("Give at least two answers to choose from, as texts, all of them different.")
    return names


def _listed(question, options):
    return "\n".join([question, "", *(f"- {option}" for option in options)])


def _position(label, names, start):
    if len(names) < 2:
        raise CourseError(f"A slider needs at least two values: give {label} more of them.")
    if len(set(names)) < len(names):
        raise CourseError(f"Two values of {label} read the same: give frames a format that tells them apart.")
    if start not in names:
        raise CourseError(f"The start value {start} of {label} is not one of its values.")
    return names.index(start)


def _plain(value):
    return f"{value:g}" if isinstance(value, Real) and not isinstance(value, bool) else str(value)


def _reason(error):
    return str(error).strip() or type(error).__name__
