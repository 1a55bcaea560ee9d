"""The launcher, `python -m course_utils`: what it does, and the one sentence it ends with when it cannot.

It runs here as a real process. What it starts in its turn (venv, pip, JupyterLab, pytest) is a small shell script
that writes down how it was called, and fails where a test tells it to.
"""

import ast
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

import course_utils.__main__ as launcher

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")

STAND_IN = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
    *"$FAILS"*) echo "$SAYS"; exit 3 ;;
    *"$HANGS"*) exec sleep 20 ;;
    "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
    "-m pip config list") printf "%s\\n" "$LISTED" ;;
    "-m pip install "*" -r requirements.txt") env | grep ^PIP_ | sort > "$CALLS.pip" ;;
    "-m jupyterlab "*) echo "token $JUPYTER_TOKEN, PYTHONPATH ${PYTHONPATH-none}, PIP_USER $PIP_USER" ;;
esac
"""
# The launcher as `python -m course_utils` starts it, but for the Python that it builds .venv with.
START = "import runpy, sys; sys._base_executable = sys.argv.pop(1); runpy.run_module('course_utils', {}, '__main__')"


class Course:
    """A copy of the project's set-up files in a folder of its own, and the calls that its launcher made."""

    def __init__(self, folder):
        self.root, self.calls_file, self.stand_in = folder / "mein Kurs é", folder / "calls", folder / "python"
        for name in ("course_utils/__init__.py", "course_utils/__main__.py", "pyproject.toml", "requirements.txt"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "tests").mkdir()
        shutil.copy(ROOT / "tests/requirements.txt", self.root / "tests")
        shutil.copy(ROOT / launcher.OLDEST, self.root / "tests")
        self.stand_in.write_text(STAND_IN)
        self.stand_in.chmod(0o755)
        self.ready = self.root / ".venv/course-ready"

    def popen(self, *arguments, python=None, fails="(never)", says="", hangs="(never)", **environment):
        self.calls_file.write_text("")
        return subprocess.Popen(
            [sys.executable, "-c", START, python or str(self.stand_in), *arguments],
            cwd=self.root,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("PIP_")},
                "CALLS": str(self.calls_file),
                "LISTED": "",
                "FAILS": fails,
                "SAYS": says,
                "HANGS": hangs,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments, **settings):
        """Run the launcher to its end; return its exit code, what it printed and the sentence it ended with."""
        process = self.popen(*arguments, **settings)
        printed, sentence = process.communicate(timeout=60)
        return process.returncode, printed, sentence

    @property
    def calls(self):
        return self.calls_file.read_text().splitlines()

    def called(self, words):
        return any(words in call for call in self.calls)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def is_one_sentence(text):
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


@posix
def test_the_first_start_installs_the_lock_and_opens_the_first_lesson(course):
    code, printed, sentence = course.start()
    assert (code, sentence) == (0, "")
    steps = [
        "-m venv",
        f"off {launcher.PIP}",
        "-r requirements.txt",
        "--no-deps --no-build-isolation -e .",
        "jupyterlab ",
    ]
    places = [next(i for i, call in enumerate(course.calls) if step in call) for step in steps]
    assert places == sorted(places)
    assert "Making .venv" in printed and "0.5 GB to download" in printed and "Leave this window open" in printed
    assert "/lab/tree/notebooks/00_start_here.ipynb?token=" in printed


@posix
def test_the_second_start_opens_it_at_once(course):
    course.start()
    code, printed, _ = course.start()
    assert code == 0 and not course.called("install") and not course.called("venv")
    assert course.called("-m jupyterlab ") and printed.startswith("JupyterLab opens")


@posix
def test_the_address_carries_the_token_that_jupyterlab_got_and_no_option_does(course):
    _, printed, _ = course.start()
    token = printed.split("?token=")[1].split()[0]
    assert len(token) == 32 and f"token {token}" in printed and not course.called(token)


@posix
def test_a_port_in_use_is_passed_over(course):
    with socket.create_server(("localhost", launcher.free_port(8888))) as busy:
        _, printed, _ = course.start()
        port = int(printed.split("localhost:")[1].split("/")[0])
        assert port > busy.getsockname()[1] and course.called(f"--ServerApp.port={port} ")


@posix
@pytest.mark.parametrize("file", ["requirements.txt", "pyproject.toml"])
def test_a_changed_list_of_packages_is_installed_into_the_same_venv(course, file):
    course.start()
    with (course.root / file).open("a") as lines:
        lines.write("# changed\n")
    code, printed, _ = course.start()
    assert code == 0 and "have moved" not in printed and "bringing .venv up to date" in printed
    assert course.called("-r requirements.txt") and not course.called("venv")
    course.start()
    assert not course.called("install")


@posix
def test_a_moved_course_is_installed_from_its_new_place(course):
    course.start()
    course.root = course.root.rename(course.root.with_name("moved"))
    assert course.start()[0] == 0 and course.called("-e .")


@posix
@pytest.mark.parametrize("step", ["-m venv", launcher.PIP, "-r requirements.txt", "-e ."])
def test_a_set_up_that_broke_off_is_made_afresh(course, step):
    code, _, sentence = course.start(fails=step, says="a reason")
    assert code == 1 and is_one_sentence(sentence) and "(a reason)" in sentence
    leftover = course.root / ".venv/leftover"
    leftover.parent.mkdir(exist_ok=True)
    leftover.touch()
    code, printed, sentence = course.start()
    assert (code, sentence) == (0, "") and "not complete: making it afresh" in printed and not leftover.exists()


@posix
def test_a_venv_whose_python_is_gone_is_made_afresh(course):
    course.start()
    (course.root / ".venv/bin/python").unlink()
    code, printed, sentence = course.start()
    assert (code, sentence) == (0, "") and "making it afresh" in printed and course.called("-m venv")


@posix
def test_an_update_that_broke_off_does_not_look_finished(course):
    course.start()
    (course.root / "requirements.txt").write_text("numpy==1\n")
    course.start(fails="-r requirements.txt")
    assert not course.ready.exists()


@posix
def test_ended_in_the_middle_it_says_how_to_go_on_and_goes_on(course):
    process = course.popen(hangs="-r requirements.txt")
    deadline = time.monotonic() + 20
    while not course.called("-r requirements.txt") and time.monotonic() < deadline:
        time.sleep(0.02)
    process.terminate()
    process.wait(10)
    assert process.returncode == 1 and not course.ready.exists()
    assert process.stderr.read() == "\nStopped. The same command takes it up again.\n"
    assert course.start()[0] == 0 and course.ready.exists()


@posix
@pytest.mark.parametrize(
    ("step", "words", "advice"),
    [
        ("-r ", "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "free 3 GB"),
        ("-r ", "ERROR: Could not install packages: [Errno 122] Disk quota exceeded: '/x'", "its quota"),
        ("-r ", "OSError: [WinError 112] There is not enough space on the disk", "free 3 GB"),
        (
            "-r ",
            "WARNING: Retrying (Retry(total=4)) after connection broken by ...\nERROR: No matching",
            "your network",
        ),
        ("-r ", "ReadTimeoutError: HTTPSConnectionPool(host='x', port=443): Read timed out.", "your network"),
        ("-r ", "ERROR: No matching distribution found for tensorflow==2.21.0", "Binder"),
        ("-r ", "HINT: ... this system does not have Windows Long Path support enabled.", "a short one"),
        ("-r ", "ERROR: [Errno 13] Permission denied: '/x'", "place of your own"),
        ("-m venv", "created successfully because ensurepip is not available. On Debian", "sudo apt install python3."),
        ("-r ", "ERROR: something new", "The set-up stopped (ERROR: something new): delete .venv"),
        ("-r ", "", "delete .venv"),
    ],
)
def test_what_goes_wrong_is_told_in_one_sentence(course, step, words, advice):
    code, _, sentence = course.start(fails=step, says=words)
    assert code == 1 and is_one_sentence(sentence) and advice in sentence


@posix
def test_without_a_network_the_real_pip_is_understood(course):
    """In the narrowest locale there is too, in which the folder's name cannot be spelled."""
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
    nowhere.update(PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="", PIP_NO_CACHE_DIR="1")
    narrow = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    code, printed, sentence = course.start(python=sys._base_executable, **nowhere, **narrow)
    assert code == 1 and is_one_sentence(sentence) and "check your network" in sentence
    assert "Making .venv" in printed


def test_a_full_disk_is_told_before_anything_is_downloaded(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 2 * 10**9, 2 * 10**9))
    monkeypatch.setattr(launcher, "ROOT", tmp_path)
    monkeypatch.setattr(launcher, "VENV", tmp_path / ".venv")
    with pytest.raises(SystemExit, match="The disk is too full: free 3 GB, then run the same command again."):
        launcher.make_venv()
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_or_ensurepip_names_the_package_to_install(monkeypatch, missing):
    monkeypatch.setattr(launcher.importlib.util, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(SystemExit, match=rf"sudo apt install python3\.{sys.version_info[1]}-venv"):
        launcher.make_venv()


@posix
def test_the_tests_need_one_more_install_once_and_pytest_gets_the_rest_of_the_line(course):
    assert course.start("test", "-k", "pins")[0] == 0
    assert course.called("-r tests/requirements.txt") and course.calls[-1] == "-m pytest -k pins"
    assert course.start("test")[0] == 0
    assert not course.called("install") and course.calls[-1] == "-m pytest"
    assert course.start("test", fails="-m pytest")[0] == 3, "pytest's exit code is the launcher's"


@posix
def test_the_fast_tests_are_those_that_are_not_marked_slow(course):
    assert course.start("test", "fast", "-x")[0] == 0
    assert course.calls[-1] == "-m pytest -m not slow tests -x"


@posix
@pytest.mark.parametrize("verb", [verb for verb, (_, module) in launcher.VERBS.items() if module and verb != "publish"])
def test_a_tools_verb_starts_its_module_in_the_venv_with_the_packages_it_needs(course, verb):
    module = launcher.VERBS[verb][1]
    assert (ROOT / "course_utils/authoring" / f"{module}.py").is_file()
    code, _, sentence = course.start(verb, "--some", "word")
    assert (code, sentence) == (0, "") and course.calls[-1] == f"-m course_utils.authoring.{module} --some word"
    assert course.called("-r requirements.txt")
    assert course.called("-r tests/requirements.txt") == (verb in launcher.NEED_TEST_PACKAGES)
    assert course.start(verb, fails="-m course_utils")[0] == 3, "the tool's exit code is the launcher's"


@posix
def test_publish_needs_no_venv(course):
    (course.root / "course_utils/authoring").mkdir()
    for name in ("__init__", "publish"):
        shutil.copy(ROOT / "course_utils/authoring" / f"{name}.py", course.root / "course_utils/authoring")
    code, printed, sentence = course.start("publish", "ada/course")
    assert (code, sentence) == (0, "") and "1 files changed: pyproject.toml." in printed
    assert not course.calls and not (course.root / ".venv").exists()


@posix
def test_an_unknown_word_installs_nothing_and_tells_the_nearest_one(course):
    for word, near in (("tset", "test"), ("slide", "slides"), ("Start", "start")):
        code, _, sentence = course.start(word)
        assert code == 1 and is_one_sentence(sentence) and f"did you mean `python3 -m course_utils {near}`?" in sentence
    code, _, sentence = course.start("xyzzy")
    assert code == 1 and is_one_sentence(sentence) and "--help" in sentence and "mean" not in sentence
    assert not course.calls


@posix
def test_help_lists_every_verb_in_a_line(course):
    code, printed, _ = course.start("--help")
    assert code == 0 and not course.calls
    for verb, (does, _) in launcher.VERBS.items():
        assert re.search(rf"^    python3 -m course_utils {verb} +{re.escape(does)}$", printed, re.MULTILINE)


@posix
def test_away_from_the_course_it_says_where_to_go(course):
    (course.root / "requirements.txt").unlink()
    code, _, sentence = course.start()
    assert code == 1 and is_one_sentence(sentence) and "requirements.txt" in sentence and not course.calls


ELSEWHERE = ("TARGET", "PREFIX", "ROOT", "USER", "CONSTRAINT", "DRY_RUN", "NO_DEPS")


def pip_environment(course):
    return dict(line.split("=", 1) for line in Path(f"{course.calls_file}.pip").read_text().splitlines())


@posix
def test_another_pythons_packages_and_pip_settings_stay_out(course):
    settings = {f"PIP_{name}": "/elsewhere" for name in ELSEWHERE}
    network = {"PIP_INDEX_URL": "https://mirror.example/simple", "PIP_PROXY": "http://proxy:8"}
    _, printed, _ = course.start(PYTHONPATH="/elsewhere", **settings, **network)
    assert "PYTHONPATH none, PIP_USER 0" in printed
    found = pip_environment(course)
    assert "/elsewhere" not in found.values() and network.items() <= found.items()


@posix
def test_of_pips_own_files_only_the_way_to_the_packages_counts(course):
    listed = [
        "global.index-url='https://mirror.example/simple'",
        "install.extra-index-url='\\nhttps://one\\nhttps://two'",
        "global.target='/elsewhere'",
        "install.prefix='/elsewhere'",
        "global.timeout='60'",
        "install.timeout='90'",
        "download.proxy='http://other'",
    ]
    course.start(LISTED="\n".join(listed), PIP_CONFIG_FILE="/its/pip.conf", PIP_RETRIES="1")
    found = pip_environment(course)
    assert found["PIP_CONFIG_FILE"] == os.devnull and "/elsewhere" not in found.values()
    assert found["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert found["PIP_EXTRA_INDEX_URL"] == "https://one https://two"
    assert found["PIP_TIMEOUT"] == "90" and found["PIP_RETRIES"] == "1" and "PIP_PROXY" not in found


@posix
def test_the_real_pip_lists_its_files_as_the_launcher_reads_them(tmp_path, monkeypatch):
    (tmp_path / "pip.conf").write_text("[global]\ntarget = /elsewhere\nindex-url = https://mirror.example/simple\n")
    settings = {**launcher.ENVIRONMENT, "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    monkeypatch.setattr(launcher, "PYTHON", sys.executable)
    monkeypatch.setattr(launcher, "ENVIRONMENT", settings)
    monkeypatch.setitem(launcher.HEARD, "env", settings)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    launcher.read_pip_settings()
    assert settings["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert settings["PIP_CONFIG_FILE"] == os.devnull and "PIP_TARGET" not in settings


@posix
def test_a_second_launcher_leaves_the_first_ones_venv_alone(course):
    first = course.popen(hangs="-r requirements.txt")
    deadline = time.monotonic() + 20
    while not course.called("-r requirements.txt") and time.monotonic() < deadline:
        time.sleep(0.02)
    (course.root / ".venv/half-made").touch()
    code, _, sentence = course.start()
    assert code == 1 and is_one_sentence(sentence) and "Another window is setting the course up" in sentence
    assert (course.root / ".venv/half-made").exists() and not course.called("venv")
    first.terminate()
    first.communicate(timeout=20)
    assert course.start()[0] == 0 and course.ready.exists(), "the lock goes with the process"


def test_a_processor_without_avx_is_turned_away(monkeypatch, tmp_path):
    monkeypatch.setattr(launcher, "CPU", tmp_path / "cpuinfo")
    assert launcher.machine_problem("linux", "x86_64") is None, "nothing is said: let it try"
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu sse4_2 avx avx2\nbugs\t\t: x\n")
    assert launcher.machine_problem("linux", "x86_64") is None
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu sse4_2\nbugs\t\t: avx\n")
    said = launcher.machine_problem("linux", "x86_64")
    assert "AVX" in said and "Binder" in said and is_one_sentence(said + "\n")
    assert launcher.machine_problem("linux", "aarch64") is None


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_these_pythons_will_do(version):
    assert launcher.python_problem(version, 2**63 - 1) is None


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_other_pythons_are_turned_away_with_what_to_do(version, monkeypatch, tmp_path):
    monkeypatch.setitem(launcher.ENVIRONMENT, "PATH", str(tmp_path))
    number = ".".join(map(str, version))
    assert launcher.python_problem(version, 2**63 - 1) == (
        f"The course needs Python 3.11, 3.12 or 3.13, and this is {number}: "
        "install Python 3.12 from https://www.python.org/downloads."
    )


@posix
def test_a_fitting_python_that_is_here_is_named_and_one_that_does_not_run_is_not(monkeypatch, tmp_path):
    for name, exit_code in (("python3.12", 127), ("python3.11", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {exit_code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setitem(launcher.ENVIRONMENT, "PATH", str(tmp_path))
    assert "run `python3.11 -m course_utils`" in launcher.python_problem((3, 14, 0), 2**63 - 1)


def test_a_32_bit_python_and_an_intel_mac_are_turned_away():
    assert "64-bit" in launcher.python_problem((3, 12, 0), 2**31 - 1)
    assert "Binder" in launcher.machine_problem("darwin", "x86_64")
    for machine in (("darwin", "arm64"), ("linux", "x86_64"), ("linux", "aarch64"), ("win32", "AMD64")):
        assert launcher.machine_problem(*machine) is None


def test_what_an_old_python_reads_is_old_syntax_and_needs_nothing_but_python():
    for name in ("__init__.py", "__main__.py"):
        tree = ast.parse((ROOT / "course_utils" / name).read_text(), feature_version=(3, 6))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
        assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


def test_how_far_pip_is_stands_in_one_line():
    said = [
        "Ignoring appnope: markers \"sys_platform == 'darwin'\" don't match your environment\n",
        "Collecting tensorflow-cpu==2.21.0 (from -r requirements.txt (line 112))\n",
        "  Downloading tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl (274.0 MB)\n",
        "Progress 70254592 of 274000871\n",
    ]
    assert launcher.how_far(said, 121) == "2 of 121 packages  tensorflow-cpu  70 of 274 MB"
    assert launcher.how_far(said[:1], 121).startswith("1 of 121")
    assert launcher.how_far(["Requirement already satisfied: six\n"] * 9, 4).startswith("4 of 4")
    assert "unpacking" in launcher.how_far([*said, "Installing collected packages: a, b\n"], 121)


# ---- the oldest versions


@posix
def test_the_oldest_versions_have_a_venv_of_their_own_and_run_their_tests(course):
    """On a machine for which they are not pinned, it says so and makes nothing."""
    code, printed, sentence = course.start("test", "oldest", "-x")
    if launcher.oldest_problem(sys.version_info, sys.platform, platform.machine()):
        assert code == 1 and is_one_sentence(sentence) and not course.calls
        return
    assert (code, sentence) == (0, "") and "Making .venv-oldest" in printed and not (course.root / ".venv").exists()
    assert course.called(f"--only-binary :all: -r {launcher.OLDEST}") and not course.called("-r requirements.txt")
    assert course.calls[-1] == " ".join(["-m pytest", *launcher.TIERS["oldest"], "-x"])
    course.start("test", "oldest")
    assert not course.called("install") and not course.called("venv")


def test_where_the_oldest_versions_are_not_pinned_a_sentence_says_so():
    assert launcher.oldest_problem((3, 11, 7), "linux", "x86_64") is None
    for place in [((3, 12, 0), "linux", "x86_64"), ((3, 11, 7), "darwin", "arm64"), ((3, 11, 7), "linux", "aarch64")]:
        assert "pinned for Python 3.11 on Linux x86-64" in launcher.oldest_problem(*place)


def test_what_the_oldest_tier_runs_is_there():
    words = [word.split("=")[-1].split("::")[0] for word in launcher.TIERS["oldest"]]
    assert all((ROOT / word).exists() for word in words) and len(words) == 7
