"""Do the lessons' claims hold on other random draws?

python -m course_utils replicate --universes 1-10          every lesson, in ten universes
python -m course_utils replicate --universes 1-3 02 08     those whose name contains one of these

In each universe every draw of a lesson is another one (`course_utils.seeds`); what is sealed or generated once stays as
it is. Every lesson runs in a fresh kernel, and goes on after a claim that fails. The table, worst first, is printed and
written to build/replicate.md and build/replicate.json. It ends with an error if an error stopped a cell.
"""

import argparse
import json
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from IPython.display import display
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell

from course_utils import claims, seeds
from course_utils.authoring.notebooks import ROOT, code_cells, read, run
from course_utils.errors import CourseError
from course_utils.show import Markdown

BEGIN = "from course_utils.authoring import replicate\nreplicate._in_kernel()\ndel replicate"


@dataclass
class Row:
    """One claim: the `place`-th of code cell `cell` (both from 1). Its sentence may hold another value each time.

    `values` are {universe: what was measured}; a universe in neither `held` nor `failed` did not reach it.
    """

    lesson: str
    cell: int
    place: int
    sentence: str
    held: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    values: dict = field(default_factory=dict)

    def share(self):
        """The share of the universes that reached it in which it held; 1 where none did."""
        reached = len(self.held) + len(self.failed)
        return len(self.held) / reached if reached else 1.0

    def not_reached(self, universes):
        return [k for k in universes if k not in self.held and k not in self.failed]


def _in_kernel():
    """The first cell of each kernel: shifts the notebook's own draws, and lets a claim fail without stopping a cell."""
    seeds.shift_notebook()
    claims._failed = lambda line, entry: display(Markdown(line), metadata={"claim": entry | {"held": False}})


@contextmanager
def _universe(number):
    before = os.environ.get(seeds.VARIABLE)
    os.environ[seeds.VARIABLE] = str(number)
    try:
        yield
    finally:
        os.environ.pop(seeds.VARIABLE) if before is None else os.environ.update({seeds.VARIABLE: before})


def _ran(path, universe):
    """The code cells of the lesson as run in this universe, and what stopped the kernel, if anything did."""
    notebook = read(path)
    notebook.cells.insert(0, new_code_cell(BEGIN))
    with _universe(universe):
        try:
            return code_cells(run(notebook, path.parent, timeout=900, keep_going=True).notebook), None
        except (CellTimeoutError, DeadKernelError) as error:
            return [], f"{type(error).__name__}: the kernel did not come to the end"


def _claims(cells):
    """((cell, place), claim) of all claims in the outputs of these cells, counted from 1."""
    for number, cell in enumerate(cells, 1):
        found = [output.get("metadata", {}).get("claim") for output in cell.get("outputs", [])]
        yield from (((number, place), entry) for place, entry in enumerate(filter(None, found), 1))


def replicate(paths, universes, say=print):
    """Runs each lesson in each universe: the list of `Row`, and of errors, (lesson, universe, cell, text).

    The rows are those of the saved outputs and of all universes together, so that what no universe reached is seen.
    """
    table, errors = {}, []
    for path in paths:
        for (cell, place), entry in _claims(code_cells(read(path))):
            table[path.stem, cell, place] = Row(path.stem, cell, place, entry["sentence"])
        for number in universes:
            cells, stopped = _ran(path, number)
            found = _enter(table, path.stem, number, cells[1:])
            faults = [(path.stem, number, None, stopped)] if stopped else []
            faults += [(path.stem, number, place, text) for place, text in _errors(cells)]
            errors += faults
            failed = found.count(False)
            say(f"{path.stem}, universe {number}: {len(found) - failed} held, {failed} failed, {len(faults)} errors")
    return list(table.values()), errors


def _enter(table, lesson, universe, cells):
    """Enters a run into the table; whether each claim held."""
    outcomes = []
    for (cell, place), entry in _claims(cells):
        row = table.setdefault((lesson, cell, place), Row(lesson, cell, place, entry["sentence"]))
        held = entry.get("held", True)
        (row.held if held else row.failed).append(universe)
        row.values[universe] = entry["measured"] or ("true" if held else "false")
        outcomes.append(held)
    return outcomes


def _errors(cells):
    for number, cell in enumerate(cells):  # cell 0 is the one put before the lesson
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield number, f"{output.ename}: {output.evalue}"


def page(rows, errors, universes):
    """The table as Markdown, worst first, with the share that held under it."""
    lines = ["| claim | lesson: cell | held | not reached | values |", "|:--|:--|:--|:--|:--|"]
    for row in sorted(rows, key=lambda row: (row.share(), -len(row.not_reached(universes)))):
        values = "; ".join(f"{k}: {value}" for k, value in row.values.items())
        missed = ", ".join(map(str, row.not_reached(universes)))
        held = f"{len(row.held)} of {len(universes)}"
        cells = (row.sentence, f"{row.lesson}: {row.cell}", held, missed, values)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    lines += ["", *(f"- error in {name}, universe {k}, cell {cell}: {text}" for name, k, cell, text in errors)]
    return "\n".join([*lines, "", _summary(rows, universes), ""])


def _summary(rows, universes):
    held, failed = (sum(len(getattr(row, name)) for row in rows) for name in ("held", "failed"))
    missed = sum(len(row.not_reached(universes)) for row in rows)
    share = f"{held / (held + failed):.1%}" if held + failed else "none"
    return f"Held: {share} ({held} of {held + failed} outcomes); {missed} not reached."


def _universes(text):
    """`3` or `1-10` as a range."""
    found = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", text)
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if low > high:
        raise CourseError(f"--universes takes a number, or two with a hyphen such as 1-10, not {text!r}.")
    return range(low, high + 1)


def _chosen(folder, names):
    paths = [path for path in sorted(folder.glob("*.ipynb")) if not names or any(name in path.stem for name in names)]
    if not paths and names:
        raise CourseError(f"No notebook's name contains {' or '.join(names)}.")
    if not paths:
        raise CourseError(f"There is no notebook in {folder}.")
    return paths


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="lesson")
    parser.add_argument("--universes", default="1-3")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="another folder of notebooks")
    parser.add_argument("--into", type=Path, default=ROOT / "build", help="the folder for the two files")
    options = parser.parse_args(arguments)
    try:
        universes, paths = _universes(options.universes), _chosen(options.notebooks, options.names)
    except CourseError as error:
        sys.exit(str(error))
    rows, errors = replicate(paths, universes, say=lambda line: print(line, flush=True))
    text = page(rows, errors, universes)
    options.into.mkdir(parents=True, exist_ok=True)
    (options.into / "replicate.md").write_text(text, encoding="utf-8", newline="\n")
    kept = {"universes": [*universes], "claims": [asdict(row) for row in rows], "errors": errors}
    (options.into / "replicate.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    print(text)
    return int(bool(errors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
