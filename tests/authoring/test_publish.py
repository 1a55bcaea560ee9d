"""Links to the repository: all of them have its name, none is forgotten, and one command gives it."""

import re
import shutil
import subprocess

import pytest

from course_utils.authoring import publish
from course_utils.authoring.notebooks import NOTEBOOKS, ROOT, code_cells, ingredients, read
from course_utils.authoring.publish import PLACEHOLDER, files, main, name, on_github, problems

LESSONS = [path for path in NOTEBOOKS if path.stem[:2].isdigit()]  # the recipes use nothing of the course


@pytest.fixture
def copy(tmp_path):
    for path in files():
        there = tmp_path / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, there)
    return tmp_path


def cloned_from(address, folder):
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", address], check=True)


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_no_link_is_still_a_placeholder_where_there_is_a_name():
    assert not problems(), "\n".join(problems())


def test_readme_opens_each_lesson_in_binder():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    opened = re.findall(r"mybinder\.org/v2/gh/[^/\s]+/[^/\s]+/[^?\s]+\?urlpath=lab/tree/notebooks/([\w.]+)\)", readme)
    assert sorted(set(opened)) == [path.name for path in NOTEBOOKS]


def test_one_command_gives_every_link_its_name_and_another_takes_it_back(copy):
    before = {path: path.read_bytes() for path in files(copy)}
    publish.publish(PLACEHOLDER, "HEAD", copy)
    unnamed = {path: path.read_bytes() for path in files(copy)}
    changed = {path.relative_to(copy).as_posix() for path in publish.publish("ada/course.1", "v1.0", copy)}
    assert {"README.md", "CITATION.cff", "pyproject.toml"} <= changed
    assert problems(copy) == [] and name(copy) == "ada/course.1"
    assert "mybinder.org/v2/gh/ada/course.1/v1.0?urlpath=lab" in (copy / "README.md").read_text(encoding="utf-8")
    publish.publish("bob/c", "v2.0", copy)
    assert not any(b"ada/course" in path.read_bytes() or b"v1.0?" in path.read_bytes() for path in files(copy))
    publish.publish(PLACEHOLDER, "HEAD", copy)
    assert {path: path.read_bytes() for path in files(copy)} == unnamed
    assert before.keys() == unnamed.keys()


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("README.md", "gh/ada/course/", f"gh/{PLACEHOLDER}/", "a link leads to OWNER/REPOSITORY, not to ada/course"),
        ("README.md", "gh/ada/course/", "gh/bob/course/", "a link leads to bob/course"),
        ("README.md", "gh/ada/course/HEAD", "gh/ada/course/v1.0", "different versions: HEAD, v1.0"),
        ("README.md", "# ", "# Clone OWNER ", "OWNER/REPOSITORY is left over"),
        ("CITATION.cff", "ada/course", "bob/course", "a link leads to bob/course"),
        ("notebooks/02_l2.ipynb", "git+https://github.com/ada", "git+https://github.com/bob", "leads to bob/course"),
    ],
)
def test_a_link_that_was_forgotten_is_found(copy, file, old, new, says):
    publish.publish("ada/course", "HEAD", copy)
    change(copy / file, old, new)
    assert any(says in problem and (file in problem or "different" in says) for problem in problems(copy))


def test_a_lessons_install_line_gets_the_name_and_its_outputs_stay_fresh(copy):
    """Else whoever gives the repository its name would have to run every lesson again."""
    publish.publish("ada/course", "HEAD", copy)
    for path in LESSONS:
        named = read(copy / path.relative_to(ROOT))
        assert code_cells(named)[0].source.startswith(
            "# course_utils is missing? Run %pip install git+https://github.com/ada/course\nimport course_utils."
        )
        assert ingredients(named) == ingredients(read(path))


def test_a_hubs_link_counts_too(copy):
    publish.publish("ada/course", "HEAD", copy)
    page = copy / "notebooks" / "HUB.md"
    page.write_text("https://hub/git-pull?branch=main&repo=https://github.com/bob/x&urlpath=lab", encoding="utf-8")
    assert problems(copy) == ["notebooks/HUB.md: a link leads to bob/x, not to ada/course"]


@pytest.mark.parametrize("address", ["https://github.com/ada/course.git", "git@github.com:ada/course.git"])
def test_a_copy_that_is_on_github_must_have_its_name(copy, address):
    publish.publish(PLACEHOLDER, "HEAD", copy)
    assert problems(copy) == []
    cloned_from(address, copy)
    assert problems(copy) == [
        "the links have no name yet, and this repository is ada/course: python -m course_utils publish ada/course"
    ]
    publish.publish("ada/course", "HEAD", copy)
    assert problems(copy) == []


def test_another_host_is_not_github(copy):
    cloned_from("https://git.example.org/ada/course.git", copy)
    assert on_github(copy) is None


@pytest.mark.parametrize(
    "arguments", [[], ["ada"], ["https://github.com/ada/course"], ["ada/course", "a tag"], [""] * 3]
)
def test_what_is_no_name_is_told_in_a_sentence_and_changes_nothing(arguments, monkeypatch):
    monkeypatch.setattr(publish, "publish", None)
    with pytest.raises(SystemExit, match="^Give the (repository|tag) as"):
        main(arguments)
