"""The package: who imports whom, nothing that nobody uses, and the linter on code and notebooks."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter

import pytest

import course_utils.__main__ as launcher
from course_utils.authoring.notebooks import NOTEBOOKS, ROOT, code_cells, imported, markdown, plain_python, read

PACKAGE = ROOT / "course_utils"
# Each room imports only what stands before it; a lesson's folder, no other lesson.
ORDER = """
errors show seeds stats selection progress machine datasets penalties models training
engine experiments compare claims plots widgets questions exercise lessons authoring
""".split()
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "guide_texts" not in path.parts)


def dotted(path):
    """`course_utils/lessons/l1/figures.py` is the module `course_utils.lessons.l1.figures`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def room(name):
    """`course_utils.lessons.l1` is in the room `lessons`."""
    return name.split(".")[1] if "." in name else "__init__"


def above_itself(path, source):
    """The rooms, or the other lessons, that `source`, standing at `path`, imports although they are not below it."""
    own, names = dotted(path).split("."), imported(source)
    rooms = {room(name) for name in names} - {"__init__", own[1]}
    below = ORDER[: ORDER.index(own[1])] if own[1] in ORDER else []
    lessons = {name.split(".")[2] for name in names if name.startswith("course_utils.lessons.")}
    return sorted(rooms - set(below)) + sorted(lessons - set(own[2:3]) if own[1] == "lessons" else ())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_only_what_stands_below(path):
    assert room(dotted(path)) in [*ORDER, "__init__", "__main__"]
    assert above_itself(path, path.read_text(encoding="utf-8")) == []


def test_an_import_from_above_is_seen():
    source = "def f():\n    from course_utils import plots, errors"
    assert above_itself(PACKAGE / "stats.py", source) == ["plots"]
    assert above_itself(PACKAGE / "lessons" / "l1" / "figures.py", source) == []
    assert above_itself(PACKAGE / "__main__.py", source) == ["errors", "plots"]
    source = "from course_utils.lessons.l2 import figures\nfrom course_utils.authoring import guide"
    assert above_itself(PACKAGE / "lessons" / "l1" / "figures.py", source) == ["authoring", "l2"]
    assert above_itself(PACKAGE / "lessons" / "l2" / "exercises.py", source) == ["authoring"]


# ---- nothing that nobody uses


def offered(tree):
    """(name, its definition) of what a module offers: functions, classes, constants, methods of its classes."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        yield from ((target.id, node) for target in targets if isinstance(target, ast.Name))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            yield from ((part.name, part) for part in node.body if isinstance(part, ast.FunctionDef))


def uses(tree, own=()):
    """How often each name is read in a syntax tree, as a name or an attribute; neither words nor imports are uses.

    A name in `own` counts as an attribute only.
    """
    found = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own:
            found[node.id] += 1
        elif isinstance(node, ast.Attribute):
            found[node.attr] += 1
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += uses_of_code(node.value)
    return found


def uses_of_code(text):
    """The uses in a string that is code itself: an exercise's solution, a program that a tool starts."""
    try:
        return uses(ast.parse(text.replace("…", "..."))) if "(" in text and "course_utils" not in text else Counter()
    except (SyntaxError, ValueError):
        return Counter()


def uses_from_outside(source):
    """The uses in a source that may give a function of its own the name of one of ours."""
    tree = ast.parse(source)
    return uses(tree, own={node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)})


def unused(modules, others):
    """The public names of `modules`, {path: source}, that neither they nor the sources `others` use."""
    trees = {path: ast.parse(source) for path, source in modules.items()}
    everywhere = sum(map(uses, trees.values()), Counter()) + sum(map(uses_from_outside, others), Counter())
    return [
        f"{path}: {name}"
        for path, tree in trees.items()
        for name, definition in offered(tree)
        if not name.startswith("_") and not CALLED_FROM_OUTSIDE.match(name)
        if everywhere[name] == uses(definition)[name]
    ]


# Keras calls some methods itself: those of a callback, of a layer, of what it saves; pytest and Python others.
CALLED_FROM_OUTSIDE = re.compile(r"on_|get_config$|call$|build$|compute_output_shape$|run$")


def test_every_public_name_is_used():
    """By the package, or by a notebook, be it that its text gives the call; that a test uses it does not count.

    The tests' own plugin does: what it prints at the end of a run is one of the launcher's tools.
    """
    modules = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in MODULES}
    lessons = ["\n".join(plain_python(cell.source) for cell in code_cells(read(path))) for path in NOTEBOOKS]
    told = [
        repr(call) for path in NOTEBOOKS for text in markdown(read(path)) for call in re.findall(r"`([^`]+)`", text)
    ]
    plugin = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    assert unused(modules, [*lessons, *told, plugin]) == []


def test_an_unused_name_is_seen():
    source = "LIMIT = 3\ndef used(): ...\nclass A:\n    def method(self): ...\n    def _own(self): ..."
    assert unused({"a": source}, []) == ["a: LIMIT", "a: used", "a: A", "a: method"]
    assert unused({"a": source}, ["used()\nA().method", "'LIMIT, and f(LIMIT)'", "from a import LIMIT"]) == ["a: LIMIT"]
    assert (
        "a: used" in unused({"a": source}, ["def used(): ...\nused()"]) and len(unused({"a": source}, ["used()"])) == 3
    )
    assert unused({"a": "def again(n):\n    return again(n - 1)"}, []) == ["a: again"]


# ---- what it needs is declared

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# A module's name where it is not that of the package that brings it.
BROUGHT_BY = {"sklearn": "scikit-learn", "PIL": "pillow", "IPython": "ipython", "websocket": "websocket-client"}


def third_party(source):
    """The packages other than Python's own and the course's that `source` imports."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"course_utils"}


def declared(*requirements):
    return {re.match(r"[\w-]+", line)[0].replace("_", "-").lower() for line in requirements}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_is_imported_is_declared(path):
    extras = [line for lines in DECLARED["optional-dependencies"].values() for line in lines]
    known = declared(*DECLARED["dependencies"], *(extras if "authoring" in path.parts else []))
    needed = {BROUGHT_BY.get(name, name.replace("_", "-")) for name in third_party(path.read_text(encoding="utf-8"))}
    assert needed <= known


def test_an_import_that_is_not_declared_is_seen():
    assert third_party("import os, numpy.linalg\ndef f():\n    from sklearn import svm\nimport course_utils.a") == {
        "numpy", "sklearn",
    }  # fmt: skip
    assert declared("keras==3.15.*", "tensorflow-cpu==2.*; sys_platform == 'linux'") == {"keras", "tensorflow-cpu"}


# ---- README says what there is

README = (ROOT / "README.md").read_text(encoding="utf-8")


def tree(text):
    """The paths of README's tree: two spaces further in is inside the folder above."""
    lines = re.search(r"## Where things are\n\n((?:    .*\n)+)", text)[1].splitlines()
    folders, paths = [], []
    for line in lines:
        depth, name = (len(line) - len(line.lstrip()) - 4) // 2, line.split()[0]
        folders[depth:] = [name]
        paths.append("".join(folders))
    return paths


def test_the_tree_in_readme_is_the_tree():
    listed = tree(README)
    for path in listed:
        assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file(), path
    rooms = {path.name + "/" * path.is_dir() for path in PACKAGE.iterdir() if not path.name.startswith("__")}
    assert {
        path.removeprefix("course_utils/") for path in listed if path.count("/") and path != "course_utils/"
    } >= rooms
    order = [room(dotted(ROOT / path.rstrip("/"))) for path in listed if path.startswith("course_utils/")]
    order = [name for name in order if name in ORDER]
    assert order == [name for name in reversed(ORDER) if name in order], "README's tree is not in the order of imports"


def test_readme_and_help_list_the_same_tools():
    listed = dict(
        re.findall(r"^\| `(\w+)` \| (.+) \|$", README.split("## The tools")[1].split("\n## ")[0], re.MULTILINE)
    )
    assert listed == {verb: does for verb, (does, _) in launcher.VERBS.items()}


def test_commands_in_the_texts_are_commands():
    texts = [README, *(path.read_text(encoding="utf-8") for path in (ROOT / ".github").glob("*.md"))]
    words = re.findall(r"-m course_utils (\w+)", "\n".join(texts))
    assert len(words) >= 8 and set(words) <= set(launcher.VERBS)


# ---- the linter, and words


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
