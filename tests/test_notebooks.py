"""The notebooks run, their outputs are fresh, their solved twins pass; and the tool that re-runs them works.

The cells themselves are run by nbval, which pytest's options in pyproject.toml turn on for `notebooks/`.
"""

import re

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from notebooks import (
    NOTEBOOKS,
    VIEW,
    code_cells,
    exercises,
    imported,
    ingredients,
    meaning,
    noise,
    normalise,
    read,
    refresh,
    run,
    solved,
    stale,
)

EXERCISES = exercises()


def test_nbval_runs_the_notebooks(pytestconfig):
    options = pytestconfig.option
    assert options.nbval_lax and options.nbval_current_env and options.nbval_cell_timeout == 300
    assert "notebooks" in pytestconfig.getini("testpaths")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_fresh(path):
    changed = stale(read(path))
    assert not changed, f"changed since the last run: {', '.join(changed)}; python tests/notebooks.py {path.stem}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_committed_in_normal_form(path):
    notebook = read(path)
    assert normalise(notebook) == notebook, f"python tests/notebooks.py {path.stem}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solved_twin_passes_every_check(path):
    twin = run(solved(read(path), EXERCISES), folder=path.parent).notebook
    assert noise(twin) == []
    for cell in code_cells(twin):
        if "exercise" in cell.metadata:
            assert "✓ **Right.**" in str(cell.outputs), f"the solution of {cell.metadata['exercise']}: {cell.outputs}"


# The tool itself, on small notebooks.


def notebook(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_run_is_fresh_and_measured(tmp_path):
    done = run(
        notebook("import os, time\ntime.sleep(0.5)\nprint(os.path.exists(os.environ['COURSE_PROGRESS']))"),
        tmp_path,
    )
    assert done.notebook.cells[0].outputs[0].text == "False\n"
    assert 0.5 < done.seconds < 60 and 20 < done.megabytes < 1000
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(notebook("1 / 0"), tmp_path)


def test_memory_is_the_peak(tmp_path):
    small = run(notebook("import time"), tmp_path).megabytes
    large = run(notebook("import time\nx = b'x' * 200_000_000; time.sleep(0.5); del x"), tmp_path).megabytes
    assert 150 < large - small < 300


def test_only_a_quiet_run_is_saved(tmp_path):
    path = tmp_path / "lesson.ipynb"
    nbformat.write(notebook("import sys", "print('careful', file=sys.stderr)"), path)
    before = path.read_bytes()
    assert refresh(path)[1] == ["code cell 2 writes to stderr: careful"] and path.read_bytes() == before
    nbformat.write(notebook("1 + 1"), path)
    assert refresh(path)[1] == [] and stale(read(path)) == []
    assert read(path).cells[0].outputs[0].data["text/plain"] == "2"


def test_noise_is_named():
    loud = notebook("a", "b")
    loud.cells[0].outputs = [new_output("stream", name="stderr", text="careful\n")]
    loud.cells[1].outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])]
    assert noise(loud) == ["code cell 1 writes to stderr: careful", "code cell 2 raises ValueError: no"]


def test_normal_form():
    given = notebook("a\n", "b")
    given.metadata = {
        "widgets": {"state": {}},
        "kernelspec": {"name": "mine"},
        "language_info": {"version": "3.12.1"},
    }
    given.cells[0].metadata = {"execution": {"iopub.status.busy": "now"}, "tags": ["keep"]}
    given.cells[0].execution_count = 40
    shown = {VIEW: {"model_id": "ab12"}, "image/png": "aGk=", "text/plain": "The curve falls."}
    given.cells[1].outputs = [new_output("execute_result", data=shown, execution_count=41)]
    result = normalise(given)
    assert [cell.execution_count for cell in result.cells] == [1, 2]
    assert result.cells[0].metadata == {"tags": ["keep"]}
    assert result.cells[1].outputs[0].data.keys() == {"image/png", "text/plain"}
    assert result.cells[1].outputs[0].execution_count == 2
    assert result.metadata.keys() == {"kernelspec", "language_info"} and result.metadata.kernelspec.name == "python3"
    assert [cell.id for cell in result.cells] == [cell.id for cell in given.cells]
    assert normalise(result) == result
    assert given.cells[0].execution_count == 40


def test_a_changed_cell_or_module_makes_it_stale(monkeypatch):
    lesson = notebook("from course_utils import datasets", "%matplotlib inline\nx = 1")
    lesson.metadata.course = {"made_from": ingredients(lesson)}
    assert stale(lesson) == []
    assert {"course_utils/__init__.py", "course_utils/datasets.py", "course_utils/errors.py"} <= ingredients(
        lesson
    ).keys()
    assert "course_utils/claims.py" not in ingredients(lesson)
    lesson.cells.append(new_markdown_cell("More words."))
    assert stale(lesson) == []
    lesson.metadata.course.made_from["course_utils/errors.py"] = "as it was"
    lesson.cells[1].source = "x = 2"
    assert stale(lesson) == ["code cells", "course_utils/errors.py"]


def test_never_run_is_stale():
    assert stale(notebook("x = 1")) == ["code cells"]


def test_imports_are_followed():
    assert imported("from course_utils.exercises import exercise as ex") == {
        "course_utils", "course_utils.exercises", "course_utils.exercises.exercise",
    }  # fmt: skip
    assert imported("import course_utils.claims, numpy\nfrom course_utils.errors import CourseError") == {
        "course_utils", "course_utils.claims", "course_utils.errors",
    }  # fmt: skip


def test_comments_and_docstrings_have_no_meaning():
    plain = "x = '#'\ndef f():\n    return 1"
    told = '"""What it is."""\n\nx = \'#\'  # a sign\ndef f():\n    """One\n\n    two"""\n    # so\n    return 1'
    assert meaning(told) == meaning(plain) == plain
    assert meaning("x = 2") != meaning("x = 1")


class Solution:
    code = "rate = 0.5"


def test_solved_twin_replaces_what_the_learner_writes():
    lesson = notebook("rate = ...\nex.rate.check(rate)\n# ex.rate.hint()", "rate = ...")
    lesson.cells[0].metadata.exercise = "l2.rate"
    twin = solved(lesson, {"l2.rate": Solution})
    assert twin.cells[0].source == "rate = 0.5\n\nex.rate.check(rate)"
    assert twin.cells[1].source == "rate = ..." and re.match(r"rate = \.\.\.", lesson.cells[0].source)
