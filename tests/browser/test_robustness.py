"""Odd surroundings: a container with a limit, a folder that cannot be written, no home, no network, another locale."""

import os
import subprocess
import sys

import psutil
import pytest
from test_setup import ROOT, STAND_IN, Course, posix

from course_utils import machine

GB = 10**9
# The narrowest locale there is, without the help that Python gives of itself.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A function that makes a control group with a limit and a use, in a stand-in for Linux's files."""
    monkeypatch.setattr(machine, "GROUPS", tmp_path / "groups")
    monkeypatch.setattr(machine, "OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("memory", (), {"available": 24 * GB}))
    (tmp_path / "own").write_text("4:memory:/old\n0::/pod/server\n")

    def group(name, limit, used, files=0):
        folder = tmp_path / "groups" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"anon {used - files}\ninactive_file {files}\n")

    return group


def test_in_a_container_the_free_memory_is_what_is_left_to_its_limit(groups):
    assert machine.free_memory() == 24 * GB, "no limit anywhere"
    groups("pod", limit=2 * GB, used=1 * GB)
    assert machine.free_memory() == 1 * GB, "the limit of the group around ours"
    groups("pod/server", limit="max", used=1 * GB)
    assert machine.free_memory() == 1 * GB, "a group without a limit"
    groups("pod/server", limit=1 * GB, used=900_000_000, files=100_000_000)
    assert machine.free_memory() == 200_000_000, "files that were read count as free"
    groups("pod/server", limit=1 * GB, used=2 * GB)
    assert machine.free_memory() == 0


def test_a_container_that_shows_its_own_group_as_the_root(groups):
    machine.OWN_GROUP.write_text("0::/\n")
    groups("", limit=2 * GB, used=500_000_000)
    assert machine.free_memory() == 1_500_000_000


def test_without_control_groups_the_machine_itself_counts(groups):
    machine.OWN_GROUP.unlink()
    assert machine.free_memory() == 24 * GB
    machine.OWN_GROUP.write_text("1:memory:/\n")
    assert machine.free_memory() == 24 * GB


@posix
def test_without_a_home_folder_the_launcher_makes_one_in_its_venv(tmp_path):
    course = Course(tmp_path)
    course.stand_in.write_text(STAND_IN.replace('"token ', '"home $HOME, token '))
    _, printed, _ = course.start(HOME=str(tmp_path / "nowhere"))
    assert f"home {course.root}/.venv/home, " in printed and "progress are kept in .venv/home" in printed
    _, printed, _ = course.start(HOME=str(tmp_path))
    assert f"home {tmp_path}, " in printed and "instead" not in printed


def test_without_a_home_folder_and_in_a_narrow_locale_data_load_and_progress_is_kept_for_the_session(tmp_path):
    (tmp_path / "a file").touch()
    environment = os.environ | ASCII | {"HOME": str(tmp_path / "a file" / "home"), "PYTHONPATH": str(ROOT)}
    del environment["COURSE_PROGRESS"]
    code = "from course_utils import datasets, progress\n"
    code += "print([len(split.y_val) for split in (datasets.houses(), datasets.satellite(), datasets.digits())])\n"
    code += "progress.record('\\u03bb', 1)\nprint(progress.recall('\\u03bb'))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    sizes, note, recalled = done.stdout.splitlines()
    assert (sizes, recalled) == ("[100, 200, 200]", "1") and "kept only until this kernel stops" in note
