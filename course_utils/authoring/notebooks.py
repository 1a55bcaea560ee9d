"""Runs the course's notebooks again, from top to bottom, and saves them in the one form that is committed.

python -m course_utils run              every notebook
python -m course_utils run 00 diagn     those whose name contains one of these
python -m course_utils run --check      runs nothing; says which notebook's outputs are out of date

Afterwards it makes notebooks/CLAIMS.md, the ledger of their claims.
python -m course_utils run --times 5 --threads 1 05
                                       lesson 05 five times on one core; saves nothing, says which claims did not hold
"""

import argparse
import ast
import hashlib
import importlib.util
import io
import os
import re
import sys
import tempfile
import threading
import time
import tokenize
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if path.stem[:2].isdigit()]  # without recipes.ipynb, which teaches no lesson
DATA = {".csv", ".npz", ".npy", ".gz"}  # what of the folder data/ a lesson may load
VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Run:
    """A notebook that was run: with its new outputs, the seconds it took and its peak memory in MB.

    Of that, `own_megabytes` are its data: the rest are files of programs, which the system shares between kernels and
    drops when memory is short (only Linux tells the two apart).
    """

    notebook: nbformat.NotebookNode
    seconds: float
    megabytes: float
    own_megabytes: float

    @property
    def memory(self):
        return f"{self.megabytes:.0f} MB, {self.own_megabytes:.0f} of them its own"


def run(notebook, folder=ROOT / "notebooks", timeout=300, widgets=False, keep_going=False):
    """Runs a copy of `notebook` in a fresh kernel, in `folder`, for a learner who has done nothing so far.

    Memory is what the kernel and its own processes hold at once (resident), Jupyter's share included. With `widgets`
    the notebook's metadata keep the state of every widget, each picture of a slider included.
    Raises CellExecutionError if a cell does, unless it is to `keep_going` with the next cell.
    """
    notebook = nbformat.from_dict(notebook)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        store_widget_state=widgets,
        allow_errors=keep_going,
        resources={"metadata": {"path": str(folder)}},
    )
    with tempfile.TemporaryDirectory() as empty, _PeakMemory() as memory:
        start = time.perf_counter()
        client.execute(env=kernel_environment(empty))
        seconds = time.perf_counter() - start
    return Run(notebook, seconds, memory.megabytes, memory.own_megabytes)


def kernel_environment(empty):
    """The environment of a kernel that uses this checkout, and finds no progress."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {
        "PYTHONPATH": path,
        "COURSE_PROGRESS": str(Path(empty, "progress")),
    }


class _PeakMemory(threading.Thread):
    """The largest resident memory of this process's children while the `with` block runs."""

    def __enter__(self):
        self.megabytes = self.own_megabytes = 0.0
        self._stop_now = threading.Event()
        self.start()
        return self

    def __exit__(self, *error):
        self._stop_now.set()
        self.join()

    def run(self):
        while not self._stop_now.wait(0.1):
            total = own = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    memory = child.memory_info()
                    total += memory.rss
                    own += memory.rss - getattr(memory, "shared", 0)
                except psutil.Error:  # it ended since it was listed
                    pass
            self.megabytes = max(self.megabytes, total / 1e6)
            self.own_megabytes = max(self.own_megabytes, own / 1e6)


def code_cells(notebook):
    """The code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown(notebook):
    """The source of each Markdown cell, without its code blocks."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE) for text in texts]


def headings(notebook):
    """(level, text) of every heading, in order."""
    found = re.findall(r"^(#{1,6}) +(.+?) *$", "\n\n".join(markdown(notebook)), flags=re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


def anchor(heading):
    """The id that JupyterLab gives to a heading."""
    return re.sub(r"[*`]", "", heading).strip().replace(" ", "-")


def noise(notebook):
    """What a learner should not see in the outputs: warnings, log lines, errors."""
    found = []
    for number, cell in enumerate(code_cells(notebook), 1):
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"code cell {number} raises {output.ename}: {output.evalue}")
            elif output.get("name") == "stderr":
                found.append(f"code cell {number} writes to stderr: {output.text.strip()[:200]}")
    return found


def normalise(notebook):
    """A copy in the form that is committed: nothing in it tells who ran it, when, or on which machine."""
    notebook = nbformat.from_dict(notebook)
    notebook.nbformat_minor = 5
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        | {key: value for key, value in notebook.metadata.items() if key == "course"}
    )
    for cell in notebook.cells:
        for passing in ("execution", "ExecuteTime", "trusted", "scrolled"):
            cell.metadata.pop(passing, None)
        cell.source = cell.source.rstrip("\n")
    for number, cell in enumerate(code_cells(notebook), 1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
            if VIEW in output.get("data", {}) and len(output.data) > 1:
                del output.data[VIEW]  # its model lives in a kernel that has stopped; the picture and text stay
    return notebook


def stale(notebook):
    """What the outputs depend on and that has changed since they were made; empty if they are fresh."""
    then, now = notebook.metadata.get("course", {}).get("made_from", {}), ingredients(notebook)
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def ingredients(notebook):
    """A fingerprint of each thing that the outputs depend on: {"code cells" or a file of the course: hash}.

    Of the code cells, comments do not count. The files are the modules of course_utils that the notebook imports,
    directly or through others, without their comments and docstrings; the questions of its lesson; and the bundled
    data: all if `datasets` is among them, else what the code names as data/<file>.
    """
    found = {"code cells": _hash("\n\n".join(code_that_counts(cell.source) for cell in code_cells(notebook)))}
    waiting = [imported(plain_python(cell.source)) for cell in code_cells(notebook)]
    while waiting:
        for name in waiting.pop():
            path = module_file(name)
            if path.relative_to(ROOT).as_posix() not in found:
                found[path.relative_to(ROOT).as_posix()] = _hash(meaning(path.read_text(encoding="utf-8")))
                waiting.append(imported(path.read_text(encoding="utf-8")))
    beside = [path for name in found for path in (ROOT / name).parent.glob("questions.toml")]
    source = "\n\n".join(cell.source for cell in code_cells(notebook))
    everything = "course_utils/datasets/__init__.py" in found
    data = sorted(path for path in (ROOT / "data").iterdir() if path.suffix in DATA)
    beside += [path for path in data if everything or f"data/{path.name}" in source]
    for path in beside:
        # Of a text, the same on a system that ends lines with two characters.
        found[path.relative_to(ROOT).as_posix()] = _hash(path.read_bytes().replace(b"\r\n", b"\n"))
    return found


def imported(source):
    """The modules of course_utils that `source` imports, as dotted names, with the packages around them."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    names = {name for name in names if name.split(".")[0] == "course_utils" and module_file(name)}
    return names | {name.rsplit(".", i)[0] for name in names for i in range(name.count(".") + 1)}


def module_file(name):
    """The file of a module of the course, None if there is no such module."""
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


def meaning(source):
    """Python source without its comments, docstrings and blank lines: the part that can change an output."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if documented and ast.get_docstring(node) is not None:
            doc = node.body[0]
            lines[doc.lineno - 1 : doc.end_lineno] = [""] * (doc.end_lineno - doc.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def code_that_counts(source):
    """A cell's `meaning`, with IPython's own lines before it. The install line is a comment: its address may change."""
    own = [line for line in source.splitlines() if line.lstrip().startswith(("%", "!"))]
    return "\n".join([*own, meaning(plain_python(source))])


def plain_python(source):
    """A cell's source without IPython's own lines."""
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())


def _hash(content):
    content = content if isinstance(content, bytes) else content.encode()
    return hashlib.sha256(content).hexdigest()[:16]


def exercises():
    """Every exercise of the course by its key, "lesson.name"."""
    from course_utils.lessons import lessons

    return {exercise.key: exercise for lesson in lessons().values() for exercise in lesson.values()}


def exercise_cases(key):
    """The right and wrong answers of one exercise, from tests/lessons/<lesson>_cases.py."""
    lesson, name = key.split(".")
    path = ROOT / "tests" / "lessons" / f"{lesson}_cases.py"
    spec = importlib.util.spec_from_file_location(f"exercise_cases_{lesson}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES[name]


def solved(notebook, exercises):
    """The notebook with what the learner writes replaced by the solutions of `exercises`, by their keys."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if key := cell.metadata.get("exercise"):
            lines = cell.source.splitlines()
            check = next(line for line in lines if ".check(" in line)
            cell.source = f"{exercises[key].code}\n\n{check}"
    return notebook


def read(path):
    """The notebook at `path`, in the current format."""
    return nbformat.read(path, as_version=4)


def refresh(path):
    """Runs the notebook at `path` again and saves it; the `Run`, and what kept it from being saved."""
    done = run(read(path), folder=path.parent)
    if not (problems := noise(done.notebook)):
        notebook = normalise(done.notebook)
        notebook.metadata.course = {"made_from": ingredients(notebook)}
        nbformat.write(notebook, path)
    return done, problems


def repeat(paths, times):
    """Runs each notebook `times` times, saving none, and prints what each run showed; whether all of them went well."""
    well = True
    for path in paths:
        for number in range(1, times + 1):
            print(f"{path.stem}, run {number} of {times}: ", end="", flush=True)
            done = run(read(path), folder=path.parent, timeout=900, keep_going=True)
            held = sum(
                "claim" in output.get("metadata", {}) for cell in code_cells(done.notebook) for output in cell.outputs
            )
            problems = noise(done.notebook)
            print(f"{held} claims held, {done.seconds:.0f} s, {done.memory}" + "".join(f"\n  {p}" for p in problems))
            well &= not problems
    return well


def keep_to_cores(number):
    """Lets this process, and the kernels it starts, use so many cores; TensorFlow then takes as many threads.

    Its own settings, TF_NUM_INTRAOP_THREADS and OMP_NUM_THREADS, would leave other threads free to run beside.
    """
    process = psutil.Process()
    if not hasattr(process, "cpu_affinity"):
        sys.exit("This system cannot keep a program to some of its cores: leave out --threads.")
    cores = process.cpu_affinity()
    if not 1 <= number <= len(cores):
        sys.exit(f"--threads takes a number from 1 to {len(cores)}, the cores that are there.")
    process.cpu_affinity(cores[:number])


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--times", type=int)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args(arguments)
    chosen = [p for p in NOTEBOOKS if not options.names or any(name in p.stem for name in options.names)]
    if not chosen:
        sys.exit(f"No notebook's name contains {' or '.join(options.names)}.")
    if options.threads is not None:
        keep_to_cores(options.threads)
    if options.times is not None:
        if options.times < 1:
            sys.exit("--times takes a number from 1.")
        return int(not repeat(chosen, options.times))
    failed = False
    for path in chosen:
        if options.check:
            changed = stale(read(path))
            print(
                f"{path.stem}: " + (f"stale, changed since its last run: {', '.join(changed)}" if changed else "fresh")
            )
            failed |= bool(changed)
            continue
        print(f"{path.stem}: ", end="", flush=True)
        try:
            done, problems = refresh(path)
        except CellExecutionError as error:
            print(f"not saved.\n{error}")
            failed = True
            continue
        print(f"{done.seconds:.1f} s, {done.memory}" + "".join(f"\n  not saved: {p}" for p in problems))
        failed |= bool(problems)
    if not options.check:
        from course_utils.authoring import ledger  # it stands on this module, so it comes in here

        ledger.main()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
