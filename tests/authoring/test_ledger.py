"""The ledger: the committed page is that of the notebooks, every row of the texts is met, a test run makes its own."""

import os
import re
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.authoring.ledger import NOT_MEASURED, PAGE, SOURCE_CLAIMS, Entry, entries, page, saved, thinnest
from course_utils.authoring.notebooks import LESSONS, ROOT, code_cells, read

LEDGER = saved()


def entry(needs, margin, sentence="it is so", sources=()):
    return Entry("02_l2", 5, sentence, "0.7", needs, margin, sources)


def test_the_committed_page_is_that_of_the_notebooks():
    assert PAGE.read_text(encoding="utf-8") == page(LEDGER), "python -m course_utils ledger"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_claim_that_a_notebook_shows_is_in_the_ledger(path):
    shown = []
    for number, cell in enumerate(code_cells(read(path)), 1):
        texts = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        shown += [(number, text) for text in texts if text.startswith("✓ ")]
    listed = [
        (e.cell, f"✓ {e.sentence}" + (f" (measured {e.measured}, needs {e.needs})" if e.needs else ""))
        for e in LEDGER
        if e.lesson == path.stem
    ]
    assert listed == shown != []


def test_a_check_keeps_its_tier():
    claim = {"sentence": "so", "measured": "1", "needs": "> 0", "margin": 1.0}
    outputs = [{"metadata": {"claim": claim | {"tier": "check"}}}, {"metadata": {"claim": claim}}]
    found = entries("02_l2", 3, new_code_cell(), outputs)
    assert [entry.tier for entry in found] == ["check", "claim"]


def test_every_claim_of_the_texts_is_measured_or_said_in_words():
    measured = {row for entry in LEDGER for row in entry.sources}
    assert sorted(measured | NOT_MEASURED.keys()) == [*SOURCE_CLAIMS] == [*range(1, 47)]
    assert not measured & NOT_MEASURED.keys()


@pytest.mark.parametrize(
    ("needs", "margin", "room"),
    [
        ("> 0.5", 0.2, 0.4),
        ("< -10", 1.0, 0.1),
        ("> 0", 0.07, 0.07),
        ("< 1e-08", 5e-9, 0.5),
        ("-1 to 3", 0.5, 0.25),
        ("82 ± 2", 0.5, 0.25),
        ("0.002 ± 1e-05", 1e-6, 0.1),
        ("3 to 3", 0.0, 0.0),
        ("batch norm", None, None),
    ],
)
def test_room_is_the_margin_against_its_bound(needs, margin, room):
    assert entry(needs, margin).room() == (room if room is None else pytest.approx(room))


def test_the_thinnest_come_first_without_counts_at_an_end_and_exact_ones():
    bounds = [("> 2", 1.0), ("8 to 10", 0.0), ("3", None), ("> 2", 0.1), ("82 ± 2", 1.5)]
    assert [e.margin for e in thinnest([entry(*bound) for bound in bounds], 2)] == [0.1, 1.0]


def test_page():
    text = page([entry("> 0.5", 0.2, "|w| is large", (1, 11)), entry(None, None)], "../notebooks/")
    assert r"| \|w\| is large | 1, 11 | 0.7 | > 0.5 | 0.2 | [02](../notebooks/02_l2.ipynb): 5 |" in text
    assert re.search(r"^\| 11 \| .* \| \[02\]\(../notebooks/02_l2.ipynb\): 5 \|$", text, flags=re.MULTILINE)
    assert re.search(r"^\| 12 \| .* \|  \|$", text, flags=re.MULTILINE)  # nothing measured it
    assert "| [02](../notebooks/02_l2.ipynb): in words |" in text


def test_a_test_run_with_two_workers_makes_the_page_of_what_the_notebooks_measured(tmp_path):
    lines = ["from course_utils.claims import claim", "claim('a', 0.7, above=0.5)\nclaim('b', True)", "1 + 1"]
    for name, more in (("01_one", "claim('c', 3, above=2)"), ("02_two", "claim('it fails', 1, above=2)")):
        cells = [new_code_cell(source) for source in (*lines, more)]
        cells[1].metadata.source_claims = [13]
        nbformat.write(new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    a_test_that_makes_a_claim = (
        f"{ROOT / 'tests' / 'package' / 'test_claims.py'}::test_shows_the_measured_value_and_its_bound"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), a_test_that_makes_a_claim]
    command += [f"--rootdir={tmp_path}", "-n", "2", "--dist", "loadfile", str(tmp_path)]
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_TEST_RUN" and "XDIST" not in k}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert "1 failed, 8 passed" in done.stdout, done.stdout + done.stderr
    table = (tmp_path / "build" / "CLAIMS.md").read_text(encoding="utf-8").split("## Every claim")[1].splitlines()
    assert [line for line in table if line.startswith("| ")][2:] == [
        "| a | 13 | 0.7 | > 0.5 | 0.2 | [01](../notebooks/01_one.ipynb): 2 |",
        "| b | 13 |  |  |  | [01](../notebooks/01_one.ipynb): 2 |",
        "| c |  | 3 | > 2 | 1 | [01](../notebooks/01_one.ipynb): 4 |",
        "| a | 13 | 0.7 | > 0.5 | 0.2 | [02](../notebooks/02_two.ipynb): 2 |",
        "| b | 13 |  |  |  | [02](../notebooks/02_two.ipynb): 2 |",
    ]
    summary = done.stdout[done.stdout.index("claims ledger") :]
    assert "5 claims held, as measured in this run: all of them in build/CLAIMS.md" in summary
    assert re.findall(r"\d+%  \d\d \[\d\]  .*", summary)[0] == "40%  01 [2]  a (measured 0.7, needs > 0.5)"
