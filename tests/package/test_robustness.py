"""Odd surroundings: a container with a limit, a folder that cannot be written, no home, no network, another locale."""

import json
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


def test_control_groups_of_the_older_kind(groups):
    machine.OWN_GROUP.write_text("7:cpu,cpuacct:/x\n4:memory:/docker/server\n")

    def group(name, limit, used, files):
        folder = machine.GROUPS / "memory" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
        (folder / "memory.usage_in_bytes").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"inactive_file 1\ntotal_inactive_file {files}\n")

    group("docker/server", limit=2**63 - 4096, used=1 * GB, files=0)
    assert machine.free_memory() == 24 * GB, "a limit that is none"
    group("docker", limit=3 * GB, used=2 * GB, files=500_000_000)
    assert machine.free_memory() == 1_500_000_000
    group("docker/server", limit=1 * GB, used=900_000_000, files=0)
    assert machine.free_memory() == 100_000_000


# What a lesson computes and draws, in numbers.
A_LESSON = """
import hashlib, io
from course_utils import datasets, plots
from course_utils.experiments import train_many
from course_utils.models import mlp
from matplotlib.figure import Figure
import keras
runs = train_many(lambda: mlp(2, (4,), 1), datasets.moons, seeds=[0], epochs=2)
figure = Figure()
figure.subplots().plot([1, 2])
drawn = io.BytesIO()
figure.savefig(drawn, format="raw")
print(keras.config.backend(), keras.config.floatx(), keras.config.image_data_format())
print(runs.final("val_loss")[0], hashlib.sha256(drawn.getvalue()).hexdigest())
"""


def lesson_in(home, code=A_LESSON, **environment):
    """What A_LESSON prints for a learner with this home and environment, and what it says when it fails."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("KERAS", "MPL", "MATPLOTLIB"))}
    plain |= {"HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run([sys.executable, "-c", code], env=plain, capture_output=True, text=True, cwd=home)
    return done.stdout.splitlines(), done.stderr


def test_a_learners_own_settings_of_keras_and_matplotlib_change_nothing(tmp_path):
    plain, learner = tmp_path / "plain", tmp_path / "learner"
    plain.mkdir()
    (learner / ".keras").mkdir(parents=True)
    settings = {"backend": "jax", "floatx": "float16", "image_data_format": "channels_first", "epsilon": 0.1}
    (learner / ".keras" / "keras.json").write_text(json.dumps(settings))
    (learner / "matplotlibrc").write_text("lines.linewidth: 9\nfigure.facecolor: black\nbackend: pdf\n")
    expected, errors = lesson_in(plain)
    assert expected[0] == "tensorflow float32 channels_last", errors
    found, errors = lesson_in(learner, KERAS_BACKEND="torch", KERAS_MAX_EPOCHS="1", MPLBACKEND="svg")
    assert found[1:] == expected, errors
    assert found[0] == "The course uses Keras on TensorFlow: in this session, not on torch."


def test_keras_that_was_loaded_on_another_backend_is_told_in_a_sentence(tmp_path):
    code = "import keras\nkeras.config.backend = lambda: 'jax'\nfrom course_utils import models"
    _, errors = lesson_in(tmp_path, code)
    assert errors.splitlines()[-1].endswith(
        "Keras was loaded before the course, on jax: restart the kernel, and run the lesson's first cell first."
    )


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
