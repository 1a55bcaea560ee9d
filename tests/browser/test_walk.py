"""Every lesson, solved, in JupyterLab: each check passes, and each control answers to the keyboard.

One run of a lesson serves both. Without a browser the lessons still run, in a kernel alone, and the walk is skipped.
"""

import nbformat
import pytest
import walk

from course_utils.authoring import browser, notebooks
from course_utils.authoring.notebooks import code_cells, exercises, noise, read, run, solved

EXERCISES = exercises()
LESSONS = [pytest.param(path, id=path.stem) for path in notebooks.LESSONS]


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request, tmp_path_factory):
    """The solved twin of a lesson, as it stands after a run, and the page that it ran in, if there is a browser."""
    twin = solved(read(request.param), EXERCISES)
    if browser.CHROMIUM is None:
        yield run(twin, folder=request.param.parent).notebook, None
        return
    folder = tmp_path_factory.mktemp("twin")
    for cell in code_cells(twin):
        cell.outputs, cell.execution_count = [], None
    nbformat.write(twin, folder / request.param.name)
    with browser.lab(folder, every_cell=True) as server, browser.browser() as chromium:
        page = browser.open_notebook(chromium, server, request.param.name)
        ran = nbformat.from_dict(browser.run_all(page))
        walk.wait_for_widgets(page)
        yield ran, page


@pytest.fixture
def page(lesson):
    if lesson[1] is None:
        pytest.skip("NO LESSON WAS WALKED IN A BROWSER: install Chromium or Google Chrome.")
    return lesson[1]


def test_solved_twin_passes_every_check(lesson):
    twin, _ = lesson
    assert noise(twin) == []
    assert "widgets" not in twin.metadata
    assert [cell.execution_count for cell in code_cells(twin)] == list(range(1, len(code_cells(twin)) + 1))
    for cell in code_cells(twin):
        if "exercise" in cell.metadata:
            assert "✓ **Right.**" in str(cell.outputs), f"the solution of {cell.metadata['exercise']}: {cell.outputs}"


def test_every_control_has_a_name(page):
    assert walk.nameless(page) == []


def test_every_control_is_moved_by_the_keyboard_to_both_ends_and_the_middle(lesson, page):
    done = walk.walk(page)
    assert done.problems == []
    assert walk.failures(page) == [] and page.problems == []
    assert walk.complaints(browser.notebook(page)["cells"]) == walk.complaints(lesson[0].cells)
    moved = {walk.SLIDER: done.sliders, walk.BOX: done.boxes, walk.RADIO: done.radios, walk.BUTTON: done.buttons}
    assert moved == {kind: page.locator(f".course {kind}").count() for kind in moved} and sum(moved.values()) > 0


def test_headings_are_in_order_and_each_picture_is_followed_by_words(page):
    levels = walk.headings(page)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below <= above + 1 for above, below in zip(levels, levels[1:], strict=False))
    assert walk.pictures_without_words(page) == []
