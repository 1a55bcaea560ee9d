"""The package: who imports whom, nothing that nobody uses, and the linter on code and notebooks."""

import ast
import re
import subprocess
import sys

import pytest

from course_utils.authoring.notebooks import NOTEBOOKS, ROOT, code_cells, imported, read

PACKAGE = ROOT / "course_utils"
# Each module imports only what stands before it.
ORDER = ["errors", "machine", "progress", "datasets", "penalties", "augmentation", "models", "training", "experiments"]
ORDER += ["plots", "widgets", "claims", "rubric", "capstone", "exercises"]
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(name):
    """`course_utils.exercises.start` is in the room `exercises`."""
    return name.split(".")[1] if "." in name else "__init__"


def above_itself(path, source):
    """The rooms that `source`, standing at `path`, imports although they are not below its own."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    own = room(".".join(parts))
    rooms = {room(name) for name in imported(source)} - {"__init__", own}
    below = ORDER[: ORDER.index(own)] if own in ORDER else []
    return sorted(rooms - set(below))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_only_what_stands_below(path):
    assert room(".".join(path.relative_to(ROOT).with_suffix("").parts)) in [*ORDER, "__init__", "__main__"]
    assert above_itself(path, path.read_text(encoding="utf-8")) == []


def test_an_import_from_above_is_seen():
    source = "def f():\n    from course_utils import plots, errors"
    assert above_itself(PACKAGE / "datasets.py", source) == ["plots"]
    assert above_itself(PACKAGE / "exercises" / "start.py", source) == []
    assert above_itself(PACKAGE / "__main__.py", source) == ["errors", "plots"]


def public_names(source):
    """The functions, classes and constants that a module offers, and the methods of its classes."""
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names = [node.name]
        if isinstance(node, ast.ClassDef):
            names += [part.name for part in node.body if isinstance(part, ast.FunctionDef) and not part.decorator_list]
        yield from (name for name in names if not name.startswith("_"))


def uses(name, text):
    return len(re.findall(rf"\b{re.escape(name)}\b", text))


def test_every_public_name_is_used():
    own = {path: path.read_text(encoding="utf-8") for path in MODULES}
    others = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    others += [cell.source for path in NOTEBOOKS for cell in code_cells(read(path))]
    # Keras calls some methods itself: those of a callback, of a layer, of what it saves.
    everything = "\n".join([*own.values(), *others])
    unused = [
        f"{path.name}: {name}"
        for path, source in own.items()
        for name in public_names(source)
        if uses(name, everything) < 2 and not re.match(r"on_|get_config$|call$", name)
    ]
    assert unused == []


def test_an_unused_name_is_seen():
    source = "LIMIT = 3\ndef used(): ...\nclass A:\n    def method(self): ...\n    def _own(self): ..."
    assert list(public_names(source)) == ["LIMIT", "used", "A", "method"]
    assert uses("used", source) == 1 and uses("used", source + "\nused()") == 2


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff(command):
    if subprocess.run([sys.executable, "-m", "ruff", "--version"], capture_output=True).returncode:
        pytest.skip("RUFF IS NOT INSTALLED: code and notebooks were not linted (python -m pip install ruff)")
    done = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def belittling(text):
    """Words that tell a reader who did not find it easy that they should have."""
    return re.findall(r"\b(?:simply|obvious(?:ly)?)\b", text, flags=re.IGNORECASE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_belittling_word(path):
    assert belittling("\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")) == []


def test_a_belittling_word_is_seen():
    assert belittling("Simply put, this is obvious.") == ["Simply", "obvious"]
    assert belittling("A simple case.") == []
