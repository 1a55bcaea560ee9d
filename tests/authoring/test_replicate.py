"""Replications, on a small made-up folder of lessons."""

import json
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_utils import seeds
from course_utils.authoring.replicate import _universes, main
from course_utils.errors import CourseError

# Claim 1 always holds; claim 2 holds only in universe 2; the draw of claim 3 is another one in each universe.
CELLS = [
    "import os\nimport numpy as np\nfrom course_utils.claims import check, claim\nfrom course_utils import seeds",
    "claim('the sum is {}', 1 + 1, equals=2)\n"
    "claim('this is universe 2', int(os.environ['COURSE_UNIVERSE']), equals=2)\n"
    "check('a draw | from 0 to 1', np.random.default_rng(3).uniform(), between=(0, 1))",
    "claim('the notebook draws as the package does', np.random.default_rng(3).bytes(8) == seeds.generator(3).bytes(8))",
]
BROKEN = ["1 / 0\nclaim('behind the error', True)", "claim('it goes on', True)"]


def lesson(folder, name, cells, saved=()):
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    for number, sentence in saved:
        claim = {"sentence": sentence, "measured": None, "needs": None, "margin": None}
        output = nbformat.v4.new_output("display_data", {"text/plain": sentence}, metadata={"claim": claim})
        notebook.cells[number].outputs.append(output)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def ran(folder, *arguments):
    code = main(["--notebooks", str(folder), "--into", str(folder / "build"), *arguments])
    kept = json.loads((folder / "build" / "replicate.json").read_text(encoding="utf-8"))
    return code, kept, (folder / "build" / "replicate.md").read_text(encoding="utf-8")


def test_a_claim_that_fails_in_some_universes(tmp_path, capsys):
    lesson(tmp_path, "01_small", CELLS)
    before = os.environ.get(seeds.VARIABLE)
    code, kept, page = ran(tmp_path, "--universes", "1-3")
    assert code == 0 and kept["universes"] == [1, 2, 3] and os.environ.get(seeds.VARIABLE) == before
    held = {(row["cell"], row["place"]): (row["held"], row["failed"]) for row in kept["claims"]}
    assert held == {(2, 1): ([1, 2, 3], []), (2, 2): ([2], [1, 3]), (2, 3): ([1, 2, 3], []), (3, 1): ([1, 2, 3], [])}
    draws = kept["claims"][2]["values"]
    assert len(set(draws.values())) == 3
    table = [line for line in page.splitlines() if line.startswith("| ")]
    assert table[1] == "| this is universe 2 | 01_small: 2 | 1 of 3 |  | 1: 1; 2: 2; 3: 3 |"
    assert any(line.startswith(r"| a draw \| from 0 to 1 |") for line in table)
    assert "Held: 83.3% (10 of 12 outcomes); 0 not reached." in page
    out = capsys.readouterr().out
    assert "01_small, universe 2: 4 held, 0 failed, 0 errors" in out and page in out


def test_what_an_error_hides_is_not_reached_and_the_exit_code_tells(tmp_path):
    lesson(tmp_path, "02_broken", [CELLS[0], *BROKEN], saved=[(1, "behind the error")])
    code, kept, page = ran(tmp_path, "--universes", "1", "02")
    assert code == 1
    assert [error[:3] for error in kept["errors"]] == [["02_broken", 1, 2]]
    assert [(row["sentence"], row["held"], row["failed"]) for row in kept["claims"]] == [
        ("behind the error", [], []),
        ("it goes on", [1], []),
    ]
    assert "| behind the error | 02_broken: 2 | 0 of 1 | 1 |  |" in page
    assert "Held: 100.0% (1 of 1 outcomes); 1 not reached." in page and "ZeroDivisionError" in page


@pytest.mark.parametrize("text", ["", "a", "3-1", "-2", "1-", "1.5", "1,2", "²"])
def test_bad_universes(text):
    with pytest.raises(CourseError, match="--universes takes"):
        _universes(text)


def test_good_universes():
    assert [*_universes("1-3")] == [1, 2, 3] and [*_universes("4")] == [4]


def test_a_lesson_that_is_not_there(tmp_path):
    lesson(tmp_path, "01_small", CELLS)
    with pytest.raises(SystemExit, match="No notebook's name contains 99"):
        main(["--notebooks", str(tmp_path), "99"])
