"""The learner's own file: whatever state it is in, nothing breaks and as much as possible is kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils import progress


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "of the learner" / "progress.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(progress, "_unsaved", {})
    monkeypatch.setattr(progress, "_noted", False)
    return path


def test_the_last_value_of_a_key_counts(file):
    assert progress.recall("λ") is None and progress.recall("λ", 3) == 3 and progress.everything() == {}
    progress.record("λ", 1)
    progress.record("start", {"passed": True})
    progress.record("λ", [0.5, "ä"])
    assert progress.everything() == {"λ": [0.5, "ä"], "start": {"passed": True}}
    assert progress.recall("λ") == [0.5, "ä"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x00\xff\xfe garbage", b"[1, 2]", b'{"key": "b"', b'{"value": 2}', b"null", b"7", b"[" * 100_000],
    ids=["empty", "binary", "list", "torn", "no key", "null", "number", "deep"],
)
def test_damage_costs_only_the_damaged_line(file, damage):
    progress.record("a", 1)
    with file.open("ab") as out:
        out.write(damage)
    progress.record("c", 3)
    assert progress.everything() == {"a": 1, "c": 3}


def _is_a_folder(file, monkeypatch):
    file.mkdir(parents=True)


def _below_a_file(file, monkeypatch):
    file.parent.write_text("in the way")


def _no_home(file, monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setattr(Path, "home", homeless)


def _read_only(file, monkeypatch):
    # Permission bits do not stop root, who runs most containers: the refusal is made here instead.
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)


@pytest.mark.parametrize("obstacle", [_is_a_folder, _below_a_file, _no_home, _read_only])
def test_without_a_usable_file_it_remembers_for_the_session_and_says_so_once(file, monkeypatch, obstacle, capsys):
    obstacle(file, monkeypatch)
    progress.record("a", 1)
    progress.record("b", 2)
    assert progress.everything() == {"a": 1, "b": 2} and progress.recall("a") == 1
    said = capsys.readouterr()
    assert said.out.count("\n") == 1 and "kept only until this kernel stops" in said.out and not said.err


def test_a_read_only_file_is_still_read(file, monkeypatch):
    progress.record("a", 1)
    with monkeypatch.context() as patch:
        _read_only(file, patch)
        progress.record("a", 2)
        assert progress.recall("a") == 2
    progress.record("a", 3)
    assert progress.everything() == {"a": 3}


def test_a_value_that_json_cannot_hold_is_kept_for_the_session(file, capsys):
    progress.record("thing", {1, 2})
    assert progress.recall("thing") == {1, 2} and not file.exists()


def test_two_notebooks_writing_at_once_lose_nothing(file):
    code = "import sys; from course_utils import progress\nfor i in range(100): progress.record(f'{sys.argv[1]}{i}', i)"
    environment = os.environ | {"PYTHONPATH": str(Path(progress.__file__).parents[1])}
    writers = [subprocess.Popen([sys.executable, "-c", code, name], env=environment) for name in "abcd"]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert len(progress.everything()) == 400
