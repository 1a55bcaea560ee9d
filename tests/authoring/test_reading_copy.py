"""The reading copy of a small notebook, as the command makes it, opened from its folder in a real browser."""

import nbformat
import pytest
from nbformat import v4

from course_utils.authoring import browser, site

if browser.CHROMIUM is None:
    pytest.skip(
        "NOT TESTED: THE READING COPY. Install Chromium or Google Chrome to test it.",
        allow_module_level=True,
    )

PROSE = (
    r"""# A small lesson

A formula, $w^2$, and one that is wider than a phone:

$$\text{loss} = """
    + " + ".join(f"w_{{{i}}}^2" for i in range(40))
    + """$$

| a table | """
    + " | ".join(f"a-long-heading-{i}" for i in range(12))
    + """ |
"""
    + "|:--" * 13
    + """|
| x | """
    + " | ".join("y" * 12)
    + """ |

## A second heading, with a comma

The word marzipan stands only here. [A link as Jupyter writes it](#A-second-heading,-with-a-comma).
"""
)
CODE = [
    """
from course_utils import widgets

def draw(ax, sign, height):
    ax.plot([0, height], [0, {"up": 1, "down": -1}[sign] * height])
    return f"The line goes {sign} by ${height}^2$ < 10 & more."

widgets.frames(draw, [["up", "down"], [1, 2, 3]], ("sign", "height"), value=("down", 2))
""",
    """widgets.quiz("Which is more?", {"one": "It is less than two.", "two": "By $2 - 1$."}, "two")""",
    """widgets.predict("site", "What will it be?", ["this", "that"])""",
    """
def line(ax, slope):
    ax.plot([0, slope])
    return f"A line of slope {slope}."

widgets.live(line, slope=(1, 3, 1))
""",
    """
import base64
from matplotlib.figure import Figure
from course_utils.plots.style import png

picture = base64.b64encode(png(Figure())).decode()
display({"image/png": picture, "text/plain": 'A "plain" picture.'}, raw=True)
print("what came out")
""",
]
FOLDED = 4
GUIDE = """# Instructor's guide

[The lesson](00_small.ipynb#A-second-heading,-with-a-comma), and [a file](../README.md) that is not in the copy.
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The folder of a reading copy, made by the command."""
    folder = tmp_path_factory.mktemp("reading")
    cells = [v4.new_markdown_cell(PROSE), *(v4.new_code_cell(code.strip()) for code in CODE)]
    cells[1 + FOLDED].metadata["jupyter"] = {"outputs_hidden": True}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    lesson = folder / "00_small.ipynb"
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), lesson)
    guide = folder / "INSTRUCTORS.md"
    guide.write_text(GUIDE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "NOTEBOOKS", [lesson])
        patch.setattr(site, "PAGES", [guide])
        assert site.main([str(folder / "site")]) == 0
    return folder / "site"


@pytest.fixture(scope="module")
def chromium():
    with browser.browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def context(chromium, copy):
    """A phone without a network; its `strays` are the addresses outside the copy that its pages ask for."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, offline=True)
    context.strays = []
    context.on("request", lambda r: r.url.startswith((copy.as_uri(), "data:")) or context.strays.append(r.url))
    yield context
    context.close()


@pytest.fixture
def page(context, copy):
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto((copy / "00_small.html").as_uri())
    page.locator("mjx-container").first.wait_for()
    yield page
    page.close()
    assert page.problems == [] and context.strays == []


def test_the_sliders_turn_the_pictures_from_the_keyboard(page):
    figure = page.locator(".course-picture").first
    picture, sentence = figure.locator("img:visible"), figure.locator("p:visible")
    sign, height = (figure.get_by_role("slider", name=name, exact=True) for name in ("sign", "height"))
    assert "sign = down, height = 2. The line goes down by $2^2$ < 10 & more." in picture.get_attribute("alt")
    seen = {picture.get_attribute("src")}
    for slider, key, where in ((height, "End", "down, 3"), (sign, "Home", "up, 3"), (height, "ArrowLeft", "up, 2")):
        slider.focus()
        page.keyboard.press(key)
        at = where.split(", ")
        assert f"sign = {at[0]}, height = {at[1]}. The line goes {at[0]} by" in picture.get_attribute("alt")
        assert sentence.count() == 1 and f"The line goes {at[0]} by" in sentence.inner_text()
        assert [sign.get_attribute("aria-valuetext"), height.get_attribute("aria-valuetext")] == at
        assert figure.locator(".slider span").all_inner_texts() == at
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
        seen.add(picture.get_attribute("src"))
    assert len(seen) == 4
    assert sentence.locator("mjx-container").is_visible()


def test_a_quiz_answers_each_choice(page):
    quiz = page.get_by_role("group", name="Which is more?")
    assert quiz.locator("p:visible").count() == 0
    quiz.get_by_role("radio", name="one").focus()
    page.keyboard.press("Space")
    assert quiz.locator("p:visible").inner_text() == "✗ Not this one. It is less than two."
    page.keyboard.press("ArrowDown")
    assert quiz.locator("p:visible").inner_text().startswith("✓ Right. By")


def test_what_needs_a_kernel_is_shown_still(page):
    assert page.get_by_role("listitem").filter(has_text="that").is_visible()
    assert page.get_by_role("slider").count() == 2 and page.get_by_role("radio").count() == 2
    assert page.get_by_role("img", name="A picture with a slider, shown for slope = 1. A line of slope 1.").is_visible()
    assert page.get_by_text("(A still picture, for slope = 1. Run the cell to get the slider.)").is_visible()


def test_what_a_prediction_asks_for_is_folded_and_its_picture_has_its_description(page):
    picture, text = (
        page.get_by_role("img", name='A "plain" picture.', exact=True),
        page.get_by_text("what came out", exact=True),
    )
    assert not picture.is_visible() and not text.is_visible()
    page.locator("summary").click()
    assert picture.is_visible() and text.is_visible()


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_screen_but_in_a_box_of_its_own(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    assert page.evaluate(_TOO_WIDE) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") == width
    if width == 390:
        for box in (page.locator(".table-wrapper"), page.locator("div.math")):
            assert box.evaluate("box => box.scrollWidth > box.clientWidth")


def test_the_formulas_and_the_links_between_pages_work(page, copy):
    page.locator("mjx-container").nth(3).wait_for(state="attached")
    assert page.locator("[data-mml-node=merror]").count() == 0
    page.get_by_role("link", name="A link as Jupyter writes it").click()
    page.locator(":target").get_by_role("heading", name="A second heading, with a comma").wait_for()
    page.get_by_role("link", name="Next Instructor's guide").click()
    page.get_by_text("and a file that is not in the copy.").wait_for()
    page.get_by_role("link", name="The lesson", exact=True).click()
    page.locator(":target").wait_for()
    assert page.url.startswith((copy / "00_small.html").as_uri())
    page.goto((copy / "index.html").as_uri())
    page.locator("article").get_by_role("link", name="00 A small lesson").click()
    page.get_by_role("heading", name="A small lesson").wait_for()


def test_the_search_finds_a_word(page, copy):
    page.goto((copy / "search.html").as_uri() + "?q=marzipan")
    page.locator("#search-results").get_by_role("link", name="A small lesson").click()
    page.get_by_text("The word marzipan stands only here.").wait_for()
    # A page may not read a file: results come without the lines around the word, which a web server adds.
    assert set(page.problems) <= {"Failed to fetch"}
    page.problems.clear()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit, match="something else than a reading copy: name a new folder"):
        site.main([str(tmp_path), "--quick"])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_its_packages_it_says_how_to_install_them(tmp_path, monkeypatch):
    monkeypatch.setattr(site.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="install them with\n\n    python -m pip install"):
        site.main([str(tmp_path)])


# What of the page reaches beyond the right edge of the screen, other than within a box that scrolls.
_TOO_WIDE = """() => {
  const boxed = e => e && (getComputedStyle(e).overflowX === 'auto' || boxed(e.parentElement));
  return [...document.querySelectorAll('.mobile-header *, .content *')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1 && !boxed(e))
    .map(e => e.outerHTML.slice(0, 100));
}"""
