"""Every lesson's deck, exported as README says and walked in a real browser: nothing is off, cut, raw or too small.

A deck is opened from the disk with every request to a network refused, as in a room that has none.
"""

import base64
import hashlib
import io
import re
import warnings

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.authoring import browser
from course_utils.authoring import decks as decks_of
from course_utils.authoring.notebooks import LESSONS, ROOT, read

PROJECTOR = {"width": 1280, "height": 720}


def export(folder, *notebooks):
    """Exports notebooks as the launcher's verb does, into `folder`; what nbconvert said."""
    done = decks_of.export(notebooks, folder)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    assert "WARNING" not in export(folder, *LESSONS)
    return folder


@pytest.fixture(scope="module")
def small_decks(tmp_path_factory):
    """Decks of a few cells, exported together: each of EXAMPLES by its name."""
    folder = tmp_path_factory.mktemp("small")
    for name, cells in EXAMPLES.items():
        nbformat.write(new_notebook(cells=list(cells)), folder / f"{name}.ipynb")
    export(folder, *(folder / f"{name}.ipynb" for name in EXAMPLES))
    return {name: folder / f"{name}.slides.html" for name in EXAMPLES}


@pytest.fixture(scope="module")
def chromium():
    if browser.CHROMIUM is None:
        warnings.warn("NO SLIDE WAS LOOKED AT: install Chromium or Google Chrome.", stacklevel=1)
        pytest.skip("no browser")
    with browser.browser() as chromium:
        yield chromium


@pytest.fixture
def page(chromium):
    with chromium.new_context(viewport=PROJECTOR) as context:
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("request", lambda request: page.problems.append(request.url[:200]) if _network(request.url) else None)
        context.route(_network, lambda route: route.abort())
        yield page


def _network(address):
    return not address.startswith(("file:", "data:", "about:", "blob:"))


def walk(page, deck):
    """Opens a deck and goes through it to its end: how many slides and formulas it has, and what is wrong with them."""
    page.goto(deck.as_uri())
    page.wait_for_function("window.Reveal?.isReady()", timeout=60_000)
    return page.evaluate(_WALK)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_nothing_on_a_slide_is_off_cut_raw_or_too_small(path, decks, page):
    found = walk(page, decks / f"{path.stem}.slides.html")
    assert found["faults"] == [] and page.problems == []
    cells = [cell for cell in read(path).cells if slide_type(cell) not in ("skip", "notes")]
    assert found["slides"] >= sum(slide_type(cell) in ("slide", "subslide") for cell in cells)
    assert (found["formulas"] > 0) == any("$" in cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("screen", [(1920, 1080), (1024, 768)], ids="{0[0]}x{0[1]}".format)
def test_another_screen_shows_the_same(screen, decks, page):
    width, height = screen
    page.set_viewport_size({"width": width, "height": height})
    assert walk(page, decks / "02_l2.slides.html")["faults"] == []
    assert page.evaluate("Reveal.getScale()") == min(width / 1280, height / 720)


def test_a_deck_gives_no_answer_away_and_does_not_speak_of_running_cells(decks):
    for path in LESSONS:
        deck = (decks / f"{path.stem}.slides.html").read_text(encoding="utf-8")
        shown = re.sub(r"<aside.*?</aside>|<script.*?</script>|<[^>]*>", "", deck, flags=re.DOTALL)
        for words in (
            "widgets.quiz(",
            ".reveal(",
            "Run this cell after",
            "made no prediction",
            "(nothing)",
            "to get the slider",
        ):
            assert words not in shown, f"{path.stem} has “{words}”"


def test_the_speaker_view_follows_and_has_the_instructors_layer(page, small_decks):
    page.goto(small_decks["notes"].as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    view = opened.value
    view.locator("body:not(.loading) iframe").first.wait_for()
    page.keyboard.press("ArrowRight")
    view.locator(".speaker-controls-notes .value").get_by_text("Ask: Is 1 < 2?").wait_for()
    assert page.problems == []


def test_every_note_of_a_lesson_is_in_its_deck(decks):
    for path in LESSONS:
        deck = (decks / f"{path.stem}.slides.html").read_text(encoding="utf-8")
        with_layer = [cell for cell in read(path).cells if cell.metadata.get("instructor")]
        assert deck.count('<aside class="notes">') == len(with_layer) > 0


def test_the_walk_finds_each_fault_and_no_other(page, small_decks):
    found = walk(page, small_decks["faults"])
    assert found["slides"] == len(FAULTS) + 1
    for expected, cell in FAULTS:
        said = [fault for fault in found["faults"] if cell.id in fault]
        assert bool(said) == any(expected in fault for fault in said) == bool(expected), said


def test_a_picture_that_would_open_a_slide_within_a_fragment_is_found(page, small_decks):
    assert walk(page, small_decks["fragment"])["faults"][0] == "2 slides stand where reveal.js does not look"


def slide_type(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def test_readme_and_the_guide_name_the_command():
    for file in ("README.md", "notebooks/INSTRUCTORS.md"):
        assert "python3 -m course_utils slides 01" in (ROOT / file).read_text(encoding="utf-8"), file


def test_what_a_deck_is_made_of_is_as_it_was_published():
    folder = ROOT / "course_utils/authoring/slides/static"
    listed = dict(re.findall(r"^\| `(\S+)` \|.*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE))
    assert listed.keys() == {file.name for file in folder.iterdir() if file.suffix in (".js", ".css")} - {"deck.css"}
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def of_type(kind, cell, **metadata):
    cell.metadata.update(metadata, slideshow={"slide_type": kind})
    return cell


def picture(width, height):
    """An output that is a picture of so many pixels."""
    file = io.BytesIO()
    plt.imsave(file, [[[0.5] * 3] * width] * height)
    png = base64.b64encode(file.getvalue()).decode()
    return new_output("display_data", data={"image/png": png, "text/plain": "A grey square."})


LONG_CODE = "a\nb\nc\nshow()"  # so the picture is on the next slide
FAULTS = [
    ("off the slide", new_markdown_cell("too many lines\n\n" * 20)),
    ("off the slide: svg", new_markdown_cell("$$" + "x_1 + " * 40 + "x_2$$")),
    (
        "off the slide: TABLE",
        new_markdown_cell("\n|".join(["|" + " wideword |" * 12, "---|" * 12, " wideword |" * 12])),
    ),
    ("cut off", new_markdown_cell("<div style='overflow: hidden; width: 90px; white-space: nowrap'>a long line</div>")),
    ("only 12 px", new_markdown_cell("<span style='font-size: 12px'>small</span>")),
    ("a raw formula", new_markdown_cell(r"It is \lambda.")),
    ("a wrong formula", new_markdown_cell(r"It is $\lambbda$.")),
    ("a wrong formula", new_markdown_cell(r"It is $\frac{1}$.")),
    ("a wrong formula", new_markdown_cell(r"It is $\text{a\_b}$.")),
    ("a picture made smaller", new_code_cell("show()", outputs=[picture(700, 1000)])),
    ("", new_code_cell(LONG_CODE, outputs=[picture(700, 400)])),
]
EXAMPLES = {
    "faults": [of_type("slide", cell) for _, cell in FAULTS],
    "fragment": [
        of_type("slide", new_markdown_cell("# One")),
        of_type("fragment", new_code_cell(LONG_CODE, outputs=[picture(700, 400)])),
        of_type("slide", new_markdown_cell("# Two")),
    ],
    "notes": [
        of_type("slide", new_markdown_cell("# One")),
        of_type("slide", new_markdown_cell("# Two")),
        of_type("skip", new_code_cell("2"), instructor={"question": "Is 1 < 2?"}),
    ],
}


# Goes from slide to slide and from fragment to fragment as a key does, and looks at each, in pixels of a slide
# of 1280 x 720, which reveal.js scales to the screen.
_WALK = r"""() => {
  const sections = [...document.querySelectorAll('section')];
  const leaves = [...document.querySelectorAll('.slides > section > section')];
  const found = {slides: leaves.length, formulas: 0, faults: []};
  const at = () => JSON.stringify(Reveal.getIndices());
  const lost = sections.length - leaves.length - document.querySelectorAll('.slides > section').length;
  if (lost) found.faults.push(`${lost} slides stand where reveal.js does not look`);

  const look = slide => {
    const scale = Reveal.getScale(), frame = slide.getBoundingClientRect();
    const fault = (what, node) => {
      const cell = (node.parentElement ?? node).closest('[data-cell]')?.dataset.cell;
      const text = (node.data ?? node.tagName).trim().slice(0, 50);
      found.faults.push(`slide ${leaves.indexOf(slide) + 1}, cell ${cell}: ${what}: ${text}`);
    };
    // Clear of the edges, of the slide's number and of the arrows' row. A formula's box is rounded to whole pixels.
    const inside = box => box.left >= frame.left - 1 && box.right <= frame.left + 1220 * scale
      && box.top >= frame.top - 1 && box.bottom <= frame.top + 692 * scale;
    const cut = (box, element) => {
      for (let up = element; up !== slide; up = up.parentElement) {
        const edge = up.getBoundingClientRect();
        if (getComputedStyle(up).overflow !== 'visible' && (box.right > edge.right + 1 || box.bottom > edge.bottom + 1))
          return true;
      }
      return false;
    };
    const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    for (let text; text = texts.nextNode();) {
      const element = text.parentElement, code = element.closest('pre, code');
      if (!text.data.trim() || !element.checkVisibility() || element.closest('aside, mjx-container')) continue;
      const range = document.createRange(), size = parseFloat(getComputedStyle(element).fontSize);
      range.selectNodeContents(text);
      const boxes = [...range.getClientRects()];
      if (!boxes.every(inside)) fault('off the slide', text);
      else if (boxes.some(box => cut(box, element))) fault('cut off', text);
      if (size < (code || element.closest('table') ? 18 : 22)) fault(`only ${size} px`, text);
      if (!code && /\$|\\[a-zA-Z(\[]/.test(text.data)) fault('a raw formula', text);
    }
    for (const element of slide.querySelectorAll('img, table, mjx-container > svg')) {
      if (element.closest('aside')) continue;
      const box = element.getBoundingClientRect();
      if (!inside(box)) fault('off the slide', element);
      // Letters of 10 pt are 13 px in a figure as it is saved; on a slide they must not be less.
      if (element.tagName === 'IMG' && !(Math.min(box.width / element.naturalWidth, box.height / element.naturalHeight)
          > 0.99 * scale)) fault('a picture made smaller, or none', element);
    }
    for (const formula of slide.querySelectorAll('mjx-container')) {
      found.formulas++;
      // An error, an unknown command (MathJax sets it in red) or a backslash that has come through.
      const wrong = '[data-mml-node="merror"], [fill="red"], [data-c="5C"]';
      if (formula.querySelector(wrong)) fault('a wrong formula', formula);
    }
  };

  for (let before; before !== at(); Reveal.next()) look(Reveal.getCurrentSlide(), before = at());
  if (!Reveal.isLastSlide()) found.faults.push('the walk stopped before the end');
  return found;
}"""
