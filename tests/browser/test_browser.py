"""The course in a real browser: JupyterLab, Chromium and the keyboard."""

import nbformat
import pytest
import walk
from nbformat import v4

from course_utils.authoring import browser

if browser.CHROMIUM is None:
    pytest.skip(
        "NO BROWSER WAS TESTED: install Chromium or Google Chrome to test the notebooks in one.",
        allow_module_level=True,
    )

CELLS = [
    """
import numpy as np
from course_utils.widgets import frames, live, predict, quiz

def draw(ax, lam):
    ax.plot(np.exp(-lam * np.linspace(0, 1)))
    ax.set_ylim(0, 1)
    if lam > 9:
        raise ValueError("too large")
    return f"The curve ends at {np.exp(-lam):.3f}."

frames(draw, [0, 0.01, 0.1, 1, 3], "λ", value=0.01)
""",
    """asked = predict("browser", "What will it be?", ["more", "less, a longer answer: " + "so long " * 30])""",
    """asked.compare("more", "It grew.")""",
    """quiz("What shrinks?", {"weights": "The penalty grows with them.", "rows": "No row is touched."}, "weights")""",
    """live(draw, lam=(0, 10, 1, 8))""",
]
HIDDEN = 2


@pytest.fixture(scope="module")
def chromium():
    with browser.browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("widgets")
    cells = [v4.new_code_cell(cell.strip()) for cell in CELLS]
    cells[HIDDEN].metadata["jupyter"] = {"outputs_hidden": True}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "widgets.ipynb")
    with browser.lab(folder) as server:
        yield server


@pytest.fixture(scope="module")
def page(chromium, server):
    page = browser.open_notebook(chromium, server, "widgets.ipynb")
    ran = browser.run_all(page)
    assert walk.complaints(ran["cells"]) == []
    yield page
    page.close()


def test_every_widget_can_be_used_from_the_keyboard(page):
    first = figure(page, 0)
    slider, step = first.get_by_role("slider"), first.get_by_role("spinbutton", name="step of λ")
    assert first.get_by_text("0.01", exact=True).is_visible()
    before = first.locator("img").get_attribute("src")
    slider.focus()
    page.keyboard.press("End")
    page.get_by_text("The curve ends at 0.050.").wait_for()
    assert first.get_by_text("3", exact=True).is_visible() and step.input_value() == "4"
    assert first.locator("img").get_attribute("src") != before
    step.fill("2")
    step.press("Enter")
    page.get_by_text("The curve ends at 0.905.").wait_for()
    assert first.get_by_text("0.1", exact=True).is_visible() and slider.get_attribute("aria-valuetext") == "2"

    page.get_by_role("radio", name="more").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_text("✓ Kept: more.").wait_for()

    page.get_by_role("radio", name="rows").focus()
    page.keyboard.press("Space")
    page.get_by_text("✗ Not this one. No row is touched.").wait_for()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.get_by_text("✓ Right. The penalty grows with them.").wait_for()

    box = page.get_by_role("spinbutton", name="lam")
    box.fill("10")
    box.press("Enter")
    page.get_by_text("The picture could not be drawn again for lam = 10: too large").wait_for()
    box.fill("1")
    box.press("Enter")
    page.get_by_text("The curve ends at 0.368.").wait_for()
    assert page.problems == []


def test_outputs_committed_hidden_are_seen_once_the_learner_runs_the_cell(page):
    assert "jupyter" not in browser.notebook(page)["cells"][HIDDEN]["metadata"]
    assert page.get_by_role("columnheader", name="It came out").is_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_text_is_large_enough_stands_out_and_is_not_cut_off(page, theme):
    browser.set_theme(page, theme)
    page.get_by_role("radio", name="rows").check()
    page.get_by_text("✗ Not this one.").wait_for()
    found = page.evaluate(_LOOK)
    assert {"λ", "What will it be?", "more", "✗ Not this one. No row is touched."} <= {each["text"] for each in found}
    assert [each for each in found if each["points"] < 10] == []
    assert [each for each in found if each["contrast"] < 4.5] == []
    assert [each for each in found if each["cut"]] == []


def test_the_latency_is_measured_for_every_move(page):
    assert len([ms for ms in browser.slider_latency(page, moves=5) if ms > 0]) == 5


def test_frames_and_quizzes_go_on_working_without_a_kernel(page):
    before = len(page.problems)
    walk.stop_kernel(page)
    figure(page, 0).get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.get_by_text("The curve ends at 1.000.").wait_for()
    assert figure(page, 0).get_by_role("spinbutton").input_value() == "0"
    page.get_by_role("radio", name="weights").check()
    page.get_by_text("✓ Right.").wait_for()
    # ipywidgets notes in the console, and only there, that nobody takes its messages any more.
    assert all(problem.startswith("Could not send widget sync message") for problem in page.problems[before:])


def test_the_walk_through_the_lessons_sees_what_is_wrong(chromium):
    page = chromium.new_page()
    page.set_content(
        """<div class="course"><input type="radio" aria-label="one"><input type="number" min="0" max="4" value="1">
        <input type="number" min="0" max="4" value="1" tabindex="-1" aria-label="size"></div>
        <div class="course">The picture could not be drawn: too large</div>"""
    )
    assert walk.nameless(page) == ['spinbutton: "1"']
    assert walk.failures(page) == ["The picture could not be drawn: too large"]
    page.add_style_tag(content="input { outline: 1px solid black; }")
    done = walk.walk(page)
    assert done.problems == [
        "radio one: is not answered",
        "the focus on number is not seen",
        "number: the picture does not change",
        "Tab does not lead to number size",
        "the focus on number size is not seen",
        "number size: the picture does not change",
    ]
    assert (done.sliders, done.boxes, done.radios, done.buttons) == (0, 2, 1, 0)
    page.close()


def figure(page, number):
    return page.locator(".course:has(.noUi-handle)").nth(number)


# Every piece of text in the widgets: its size in points, its contrast to what is behind it (WCAG 2), whether it is cut.
_LOOK = """() => {
  const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    const color = numbers(getComputedStyle(element).backgroundColor);
    return color.length < 4 || color[3] > 0.5 || !element.parentElement ? color : behind(element.parentElement);
  };
  return [...document.querySelectorAll('.course *')]
    .filter(e => e.tagName !== 'STYLE' && e.offsetHeight)
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => {
      const style = getComputedStyle(e);
      const [low, high] = [luminance(numbers(style.color)), luminance(behind(e))].sort((a, b) => a - b);
      const cut = style.overflow !== 'visible' &&
        (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
      return {text: e.textContent.trim(), points: parseFloat(style.fontSize) * 0.75,
              contrast: (high + 0.05) / (low + 0.05), cut};
    });
}"""
