"""The wheel: with it alone, outside the repository, every data set loads and every lesson can be imported."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from course_utils import datasets
from course_utils.authoring.notebooks import ROOT
from course_utils.datasets import files

PACKAGE = ROOT / "course_utils"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]


def done(*command, **options):
    """What a command prints; it has to succeed."""
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, **options)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """What the build reads of this checkout, copied, so that nothing is built inside it."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in ("course_utils", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    done(*PIP, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "-w", str(folder), str(source))
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder that holds the installed wheel and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    done(*PIP, "install", "--no-index", "--no-deps", "--target", str(folder), str(wheel))
    return folder


def python(installed, *arguments):
    """Python in a folder of its own, with the installed wheel on its path and this checkout not, however it came there.

    An editable install puts the checkout on the path from .venv: the wheel stands before it.
    """
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    elsewhere = installed.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, *arguments], cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=300
    )


def test_the_wheel_holds_the_modules_the_questions_and_the_data(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("questions.toml")]}
    wanted |= {f"course_utils/data/{name}" for name in [*files.CHECKSUMS, "README.md"]}
    ours = {name for name in inside if ".dist-info/" not in name}
    assert ours == wanted and len(wanted) > 60


def test_the_source_archive_holds_the_data_too(source, tmp_path):
    build = f"from setuptools import build_meta; build_meta.build_sdist({str(tmp_path)!r})"
    done(sys.executable, "-c", build, cwd=source)
    [path] = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"data/{name}" for name in files.CHECKSUMS} | {
        "setup.py",
        "course_utils/lessons/l2/questions.toml",
    } <= inside


LOAD_ALL = """
import json
from pathlib import Path
import course_utils
from course_utils import datasets, questions
from course_utils.datasets import files
from course_utils.lessons import lessons
shapes = {name: list(datasets.load(name).x_train.shape) for name in datasets.names() if name != "fashion_mnist"}
asked = len(questions.questions("course_utils.lessons.l2"))
print(json.dumps([str(Path(course_utils.__file__).parent), str(files.DATA), shapes, asked, len(lessons())]))
"""


def test_from_any_folder_every_data_set_loads_and_every_lesson_can_be_imported(installed):
    ended = python(installed, "-c", LOAD_ALL)
    assert ended.returncode == 0, ended.stderr
    package, data, shapes, asked, lessons = json.loads(ended.stdout)
    assert Path(package) == installed / "course_utils" and Path(data) == installed / "course_utils" / "data"
    offline = [name for name in datasets.names() if name != "fashion_mnist"]  # that one is downloaded, wheel or not
    assert shapes == {name: list(datasets.load(name).x_train.shape) for name in offline}
    assert asked >= 2 and lessons == len(list((PACKAGE / "lessons").glob("*/__init__.py")))


def test_a_file_lost_from_an_install_has_a_remedy_that_needs_no_clone(installed):
    lost = installed / "course_utils" / "data" / "cars.csv"
    content = lost.read_bytes()
    lost.unlink()
    try:
        ended = python(installed, "-c", "from course_utils import datasets; datasets.cars()")
    finally:
        lost.write_bytes(content)
    assert "data/cars.csv is missing: `pip install --force-reinstall --no-deps`" in ended.stderr
    assert "git checkout" not in ended.stderr


@pytest.mark.parametrize("tool", ["", ".authoring.notebooks", ".authoring.guide"])
def test_tools_that_need_the_repository_say_so_in_a_sentence(installed, tool):
    ended = python(installed, "-m", f"course_utils{tool}")
    assert ended.returncode == 1 and ended.stdout == "" and ended.stderr.count("\n") == 1
    assert "clone the course" in ended.stderr or "The course is not in this folder" in ended.stderr
