"""Interactive figures, predictions and quizzes, driven through their widgets' events.

In a browser `jslink` and `jsdlink` tie widgets together; here their counterparts in Python do, so that moving a slider
has the same effect. That the browser's own do so too is seen in test_browser.py.
"""

import base64
import io
import re

import ipywidgets
import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import progress, widgets
from course_utils.errors import CourseError

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def shown(monkeypatch):
    """What is displayed: a list of (widget, bundle), or of the text itself."""
    seen, show = [], widgets._show

    def remember(widget, still):
        show(widget, still)
        seen[-1] = (widget, seen[-1])

    monkeypatch.setattr(widgets, "display", lambda thing, raw=False: seen.append(thing))
    monkeypatch.setattr(widgets, "_show", remember)
    monkeypatch.setattr(ipywidgets, "jslink", ipywidgets.link)
    monkeypatch.setattr(ipywidgets, "jsdlink", ipywidgets.dlink)
    return seen


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.setattr(progress, "_unsaved", {})


def draw(ax, value):
    ax.bar([0], [float(value)])
    ax.set_ylim(0, 10)
    return f"The bar is {value} high & wide."


def find(widget, kind):
    """The widgets of a kind, depth first, of which a stack shows only the selected page."""
    if isinstance(widget, ipywidgets.Stack):
        chosen = widget.selected_index
        return [] if chosen is None else find(widget.children[chosen], kind)
    inside = [found for child in getattr(widget, "children", ()) for found in find(child, kind)]
    return [widget, *inside] if isinstance(widget, kind) else inside


def text(widget):
    values = [w.value for w in find(widget, (ipywidgets.HTML, ipywidgets.HTMLMath)) if "<style>" not in w.value]
    return re.sub(r"</?(span|em|strong)>", "", " ".join(values))


def picture(widget):
    (image,) = find(widget, ipywidgets.Image)
    return image.value


def pixels(png):
    return matplotlib.image.imread(io.BytesIO(png))


def expected(value):
    """The picture of one value, drawn on its own."""
    return widgets._paint(widgets._figure(widgets.FIGSIZE, "constrained"), draw, value)[0]


# --- frames


def test_frames_show_each_value_its_own_picture_and_sentence(shown):
    values = [0, 0.01, 0.1, 1, 10]
    widgets.frames(draw, values, "λ", value=0.1)
    (figure, _), (caption, _) = shown
    (slider,), (step,) = find(figure, ipywidgets.SelectionSlider), find(figure, ipywidgets.BoundedIntText)
    assert slider.description == "λ" and step.description == "step of λ"
    assert slider.options == ("0", "0.01", "0.1", "1", "10") and slider.value == "0.1"
    for position, value in enumerate(values):
        slider.index = position
        assert slider.value == f"{value:g}" and step.value == position
        assert np.array_equal(pixels(picture(figure)), pixels(expected(value)))
        assert text(caption) == f"The bar is {value} high &amp; wide."
    step.value = 1
    assert slider.value == "0.01" and text(caption) == "The bar is 0.01 high &amp; wide."


def test_frames_carry_a_still_picture_and_its_sentence(shown):
    widgets.frames(draw, [1, 2], "λ", value=2)
    (_, figure), (_, caption) = shown
    assert VIEW in figure and VIEW in caption
    assert np.array_equal(pixels(base64.b64decode(figure["image/png"])), pixels(expected(2)))
    assert "λ = 2" in figure["text/plain"] and "The bar is 2 high & wide." in figure["text/plain"]
    assert caption["text/markdown"].startswith("*The bar is 2 high & wide.*") and "λ = 2" in caption["text/markdown"]
    # Of an image and a text in one output GitHub shows only one, so each stands in an output of its own.
    assert "text/markdown" not in figure and "image/png" not in caption


def test_frames_with_two_sliders_show_every_combination(shown):
    widgets.frames(lambda ax, a, b: draw(ax, a * b), ([1, 2, 3], [0, 2]), ("λ₁", "λ₂"), value=(3, 2))
    (figure, bundle), (caption, _) = shown
    assert "λ₁ = 3, λ₂ = 2" in bundle["text/plain"]
    first, second = find(figure, ipywidgets.SelectionSlider)
    assert text(caption) == "The bar is 6 high &amp; wide."
    for i, a in enumerate([1, 2, 3]):
        for j, b in enumerate([0, 2]):
            first.index, second.index = i, j
            assert text(caption) == f"The bar is {a * b} high &amp; wide."
            assert np.array_equal(pixels(picture(figure)), pixels(expected(a * b)))


def test_a_start_value_need_not_match_to_the_last_bit(shown):
    widgets.frames(draw, np.linspace(0, 1, 11), "λ", value=0.3)
    assert find(shown[0][0], ipywidgets.SelectionSlider)[0].index == 3


@pytest.mark.parametrize(
    ("values", "label", "more", "sentence"),
    [
        ([], "λ", {}, "at least two values"),
        ([1], "λ", {}, "at least two values"),
        ([1, 2], "λ", {"value": 3}, "start value 3 of λ is not one of its values"),
        ([1, 1.0000001, 2], "λ", {}, "Two values of λ read the same"),
        ([1, "high"], "λ", {}, "λ = high could not be drawn: could not convert string to float"),
        (([1, 2], [1, 2]), ("a", "b", "c"), {}, "one label, one list of values and one start value"),
    ],
)
def test_frames_say_what_is_wrong(shown, values, label, more, sentence):
    with pytest.raises(CourseError, match=sentence):
        widgets.frames(draw, values, label, **more)
    assert not shown


def test_a_drawing_function_without_a_sentence_is_turned_away(shown):
    with pytest.raises(CourseError, match="has to return the sentence"):
        widgets.frames(lambda ax, v: ax.plot([v]), [1, 2], "λ")
    with pytest.raises(CourseError, match="has to return the sentence"):
        widgets.live(lambda ax, lam: None, lam=(0, 1, 0.1))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (0.1 + 0.2, "0.3"),
        (np.float32(0.1), "0.1"),
        (np.int64(3), "3"),
        (1e-4, "0.0001"),
        (True, "True"),
        ("none", "none"),
    ],
)
def test_values_are_written_plainly(value, plain):
    assert widgets._plain(value) == plain


# --- live


def test_live_redraws_at_both_ends_and_between(shown):
    widgets.live(lambda ax, lam: draw(ax, lam), lam=(0, 10, 0.5, 2), labels={"lam": "λ"})
    (figure, bundle), (caption, still) = shown
    (slider,), (box,) = find(figure, ipywidgets.FloatSlider), find(figure, ipywidgets.BoundedFloatText)
    assert box.description == "λ" and text(caption) == "The bar is 2.0 high &amp; wide."
    assert "λ = 2" in bundle["text/plain"] and pixels(base64.b64decode(bundle["image/png"])).size
    assert still["text/markdown"].startswith("*The bar is 2.0 high & wide.*")
    seen = {picture(figure)}
    for value in (0.0, 4.5, 10.0):
        slider.value = value
        assert box.value == value and text(caption) == f"The bar is {value} high &amp; wide."
        seen.add(picture(figure))
    assert len(seen) == 4
    box.value = 99
    assert slider.value == 10
    assert not plt.get_fignums()


def test_live_with_whole_numbers_and_several_sliders(shown):
    widgets.live(lambda ax, n, m: draw(ax, n + m), n=(0, 4, 1), m=(1, 5, 2))
    (figure, _), (caption, _) = shown
    n, m = find(figure, ipywidgets.IntSlider)
    assert len(find(figure, ipywidgets.BoundedIntText)) == 2 and text(caption) == "The bar is 1 high &amp; wide."
    n.value, m.value = 4, 5
    assert text(caption) == "The bar is 9 high &amp; wide."


def test_live_keeps_the_last_picture_when_drawing_fails(shown, capsys):
    def fragile(ax, n):
        sentence = draw(ax, n)
        if n == 3:
            raise ZeroDivisionError("n < 4")
        return sentence

    widgets.live(fragile, n=(1, 5, 1))
    (figure, _), (caption, _) = shown
    (slider,) = find(figure, ipywidgets.IntSlider)
    before = picture(figure)
    slider.value = 3
    assert picture(figure) == before
    assert text(caption) == "The picture could not be drawn again for n = 3: n &lt; 4"
    slider.value = 4
    assert picture(figure) != before and text(caption) == "The bar is 4 high &amp; wide."
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "spec", [(0, 10), 5, "0-10", (10, 0, 1), (0, 10, 0), (0, 10, 11), (0, 10, 1, 11), (0, 10, None)]
)
def test_live_says_what_a_slider_needs(shown, spec):
    with pytest.raises(CourseError, match="slider lam"):
        widgets.live(lambda ax, lam: draw(ax, lam), lam=spec)
    assert not shown


def test_live_needs_a_slider_labels_that_fit_and_a_first_picture(shown):
    with pytest.raises(CourseError, match="at least one slider"):
        widgets.live(draw)
    with pytest.raises(CourseError, match="labels only for these"):
        widgets.live(draw, value=(0, 1, 0.1), labels={"lam": "λ"})
    with pytest.raises(CourseError, match="lam = 0 could not be drawn: .*unexpected keyword"):
        widgets.live(draw, lam=(0, 1, 0.1))
    assert not shown


# --- predict


def ask(key="try.it"):
    return widgets.predict(key, "What will it be?", ["more", "less | equal"])


def press(shown):
    """The handler itself: outside a kernel `button.click()` would hide what it raises."""
    (button,) = find(shown[-1][0], ipywidgets.Button)
    assert button.description == "Keep my prediction"
    (handler,) = button._click_handlers.callbacks
    handler(button)


def test_a_prediction_is_kept_and_shown_again(shown):
    asked = ask()
    widget, bundle = shown[-1]
    (radio,) = find(widget, ipywidgets.RadioButtons)
    assert radio.value is None and asked.kept is None
    press(shown)
    assert "Choose one of the answers first." in text(widget) and asked.kept is None
    radio.value = "more"
    assert asked.kept is None
    press(shown)
    assert asked.kept == "more" and "✓ Kept: more." in text(widget)
    assert bundle["text/markdown"] == "What will it be?\n\n- more\n- less | equal" and VIEW in bundle

    assert ask().kept == "more" and ask("another").kept is None
    ask()
    widget, bundle = shown[-1]
    assert find(widget, ipywidgets.RadioButtons)[0].value == "more" and "✓ Kept: more." in text(widget)
    assert "Kept" not in bundle["text/plain"]


@pytest.mark.parametrize(
    ("choice", "verdict"),
    [
        ("more", "✗ It came out differently"),
        ("less | equal", "✓ Your prediction came true"),
        (None, "You made no prediction"),
    ],
)
def test_the_comparison_says_what_was_predicted_what_came_out_and_why(shown, choice, verdict):
    asked = ask()
    if choice:
        find(shown[-1][0], ipywidgets.RadioButtons)[0].value = choice
        press(shown)
    asked.compare("less | equal", "Because it shrinks.")
    said = shown[-1]["text/markdown"]
    predicted = {None: "(nothing)", "more": "more", "less | equal": r"less \| equal"}[choice]
    assert f"| {predicted} | less \\| equal |" in said
    assert verdict in said and said.endswith("Because it shrinks.")
    first = said.splitlines()[0]  # what JupyterLab prints of a folded output
    assert first == ("Your prediction, and what came out:" if choice else widgets.FIRST_LINE)


def test_a_choice_that_was_not_kept_yet_counts_when_the_result_is_shown(shown):
    asked = ask()
    find(shown[-1][0], ipywidgets.RadioButtons)[0].value = "more"
    asked.compare("more", "So it is.")
    assert asked.kept == "more" and "came true" in shown[-1]["text/markdown"]


def test_a_kept_answer_that_is_no_longer_offered_is_forgotten(shown):
    progress.record("prediction:try.it", ["something", "else"])
    assert ask().kept is None


def test_predict_says_what_is_wrong(shown):
    with pytest.raises(CourseError, match="key"):
        widgets.predict(" ", "What?", ["a", "b"])
    with pytest.raises(CourseError, match="question"):
        widgets.predict("k", None, ["a", "b"])
    for options in ("ab", [], ["a"], ["a", "a"], ["a", 2], ["a", ""]):
        with pytest.raises(CourseError, match="two answers"):
            widgets.predict("k", "What?", options)
    with pytest.raises(CourseError, match="'c'.* is not one of"):
        ask().compare("c", "why")


# --- quiz


def test_every_answer_of_a_quiz_gets_its_own_reason(shown):
    options = {"a < b": "Because a is less.", "a > b": "You read it from the right.", "a = b": "Count again."}
    widgets.quiz("Which holds?", options, "a < b")
    widget, bundle = shown[-1]
    (radio,) = find(widget, ipywidgets.RadioButtons)
    assert radio.value is None and text(widget) == "Which holds?"
    for name, reason in options.items():
        radio.value = name
        mark = "✓ Right." if name == "a < b" else "✗ Not this one."
        assert text(widget).endswith(f"{mark} {reason}")
    for still in (bundle["text/plain"], bundle["text/markdown"]):
        assert "Which holds?" in still and all(f"- {name}" in still for name in options)
        assert not any(reason in still for reason in options.values()) and "✓" not in still


def test_quiz_says_what_is_wrong(shown):
    with pytest.raises(CourseError, match="the right answer one of them"):
        widgets.quiz("Which?", {"a": "x", "b": "y"}, "c")
    with pytest.raises(CourseError, match="answer: reason"):
        widgets.quiz("Which?", ["a", "b"], "a")
    with pytest.raises(CourseError, match="two answers"):
        widgets.quiz("Which?", {"a": "x"}, "a")
    assert not shown
