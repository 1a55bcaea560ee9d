"""The notebooks run, their outputs are fresh; and the tool that re-runs them works. (test_walk.py runs solved twins.)

The cells themselves are run by nbval, which pytest's options in pyproject.toml turn on for `notebooks/`.
"""

import re
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.authoring import notebooks
from course_utils.authoring.notebooks import (
    LESSONS,
    NOTEBOOKS,
    VIEW,
    imported,
    ingredients,
    keep_to_cores,
    meaning,
    noise,
    normalise,
    read,
    refresh,
    repeat,
    run,
    solved,
    stale,
)


def test_nbval_runs_the_notebooks(pytestconfig):
    options = pytestconfig.option
    assert options.nbval_lax and options.nbval_current_env and options.nbval_cell_timeout == 300
    assert "notebooks" in pytestconfig.getini("testpaths")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_fresh(path):
    changed = stale(read(path))
    assert not changed, f"changed since the last run: {', '.join(changed)}; python -m course_utils run {path.stem}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_committed_in_normal_form(path):
    notebook = read(path)
    assert normalise(notebook) == notebook, f"python -m course_utils run {path.stem}"


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
    small = run(notebook("import time"), tmp_path)
    large = run(notebook("import time\nx = b'x' * 400_000_000; time.sleep(0.5); del x"), tmp_path)
    # Not 400: starting a kernel doubles this process for a moment, which in the small run is the peak.
    assert 250 < large.megabytes - small.megabytes < 500
    assert 250 < large.own_megabytes - small.own_megabytes < 500


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a file's pages from a program's own")
def test_a_file_that_is_mapped_is_not_a_notebooks_own_memory(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 200_000_000)
    mapped = "import mmap, time\nfile = open('large')\nx = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)\n"
    done = run(notebook(mapped + "y = x.find(b'y'); time.sleep(0.5)"), tmp_path)
    assert done.megabytes - done.own_megabytes > 200


def test_repeated_runs_save_nothing_and_tell_which_claims_did_not_hold(tmp_path, capsys):
    path = tmp_path / "lesson.ipynb"
    one = (
        "from course_utils.claims import claim\nclaim('one is positive', 1, above=0)\nclaim('and negative', 1, below=0)"
    )
    nbformat.write(notebook(one, "claim('two too', 2, above=0)"), path)
    before = path.read_bytes()
    assert repeat([path], 2) is False and path.read_bytes() == before
    first, second = capsys.readouterr().out.split("lesson, run 2 of 2: ")
    assert first.startswith("lesson, run 1 of 2: 2 claims held, ") and second.startswith("2 claims held, ")
    assert "code cell 1 raises ClaimFailed: ✗ This claim does not hold here: and negative" in second
    nbformat.write(notebook("1 + 1"), path)
    assert repeat([path], 1) is True


@pytest.mark.skipif(not hasattr(psutil.Process, "cpu_affinity"), reason="macOS keeps no program to some of its cores")
def test_a_kernel_keeps_to_the_cores_it_is_given(tmp_path):
    process = psutil.Process()
    all_cores = process.cpu_affinity()
    try:
        keep_to_cores(1)
        done = run(notebook("import psutil\nprint(psutil.Process().cpu_affinity())"), tmp_path)
    finally:
        process.cpu_affinity(all_cores)
    assert done.notebook.cells[0].outputs[0].text == f"{all_cores[:1]}\n"
    for number in (0, len(all_cores) + 1):
        with pytest.raises(SystemExit, match=f"a number from 1 to {len(all_cores)}"):
            keep_to_cores(number)


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
    assert {"course_utils/__init__.py", "course_utils/datasets/__init__.py", "course_utils/errors.py"} <= ingredients(
        lesson
    ).keys()
    assert "course_utils/claims.py" not in ingredients(lesson)
    lesson.cells.append(new_markdown_cell("More words."))
    assert stale(lesson) == []
    lesson.metadata.course.made_from["course_utils/errors.py"] = "as it was"
    lesson.cells[1].source = "x = 2"
    assert stale(lesson) == ["code cells", "course_utils/errors.py"]


USERS = {  # what is changed: the lessons that must be run again
    "course_utils/lessons/l1/figures.py": {"03_l1"},
    "course_utils/lessons/l1/exercises.py": {"03_l1"},
    "course_utils/lessons/capstone/rubric.py": {"10_capstone"},
    "course_utils/plots/style.py": {path.stem for path in LESSONS},
    "course_utils/authoring/guide.py": set(),
}


@pytest.mark.parametrize("file", USERS)
def test_a_change_makes_those_lessons_stale_that_use_it_and_no_other(file):
    assert {path.stem for path in NOTEBOOKS if file in ingredients(read(path))} == USERS[file]


def test_the_questions_of_a_lesson_and_the_data_that_it_may_load_are_ingredients(tmp_path, monkeypatch):
    for name, content in {
        "course_utils/__init__.py": b"",
        "course_utils/datasets/__init__.py": b"",
        "course_utils/lessons/__init__.py": b"",
        "course_utils/lessons/l1/__init__.py": b"",
        "course_utils/lessons/l1/questions.toml": b"one = 1\n",
        "course_utils/lessons/l2/__init__.py": b"",
        "course_utils/lessons/l2/questions.toml": b"two = 2\n",
        "data/README.md": b"",
        "data/cars.csv": b"a,b\r\n",
        "data/mnist.npz": b"\x00\xff",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    lesson = notebook("import course_utils.lessons.l1 as lesson")
    before = ingredients(lesson)
    assert {Path(name).name for name in before} == {"code cells", "__init__.py", "questions.toml"}
    assert [name for name in before if "/l2/" in name or "data/" in name] == []
    (tmp_path / "course_utils/lessons/l1/questions.toml").write_bytes(b"one = 2\n")
    lesson.metadata.course = {"made_from": before}
    assert stale(lesson) == ["course_utils/lessons/l1/questions.toml"]
    loading = notebook("from course_utils import datasets")
    before = ingredients(loading)
    assert {"data/cars.csv", "data/mnist.npz"} == {name for name in before if name.startswith("data/")}
    (tmp_path / "data/cars.csv").write_bytes(b"a,b\n")
    assert ingredients(loading) == before, "another way to end lines changes nothing"
    (tmp_path / "data/mnist.npz").write_bytes(b"\x01\xff")
    assert ingredients(loading) != before


def test_never_run_is_stale():
    assert stale(notebook("x = 1")) == ["code cells"]


def test_imports_are_followed():
    assert imported("from course_utils.lessons import l1 as lesson") == {
        "course_utils", "course_utils.lessons", "course_utils.lessons.l1",
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
