"""pyproject.toml, the two locks and the Binder recipe say the same thing."""

import itertools
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TESTS = PROJECT["optional-dependencies"]["test"] + PROJECT["optional-dependencies"]["site"]
PLATFORMS = {
    "Linux": {"sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix"},
    "Linux on ARM": {"sys_platform": "linux", "platform_machine": "aarch64", "os_name": "posix"},
    "Mac": {"sys_platform": "darwin", "platform_machine": "arm64", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "platform_machine": "AMD64", "os_name": "nt"},
}
EVERYWHERE = [
    {**PLATFORMS[platform], "python_version": f"3.{minor}", "python_full_version": f"3.{minor}.7"}
    for platform, minor in itertools.product(PLATFORMS, (11, 12, 13))
]


def lock(name):
    return [line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]


def names(requirements):
    return {canonicalize_name(requirement.name) for requirement in map(Requirement, requirements)}


def pins(machine, *locks):
    """The versions that these locks install on a machine, by package name; each package once."""
    wanted = [Requirement(line) for name in locks for line in lock(name)]
    wanted = [pin for pin in wanted if pin.marker is None or pin.marker.evaluate(machine)]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in wanted}
    assert len(versions) == len(wanted)
    return versions


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt", "tests/requirements-oldest.txt"])
def test_a_lock_holds_exact_versions_and_nothing_else(name):
    for line in lock(name):
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [^@/#\\]+)?", line), line
    assert "/" not in "".join(lock(name)) and "://" not in (ROOT / name).read_text()


@pytest.mark.parametrize(
    "machine", EVERYWHERE, ids=lambda m: f"{m['sys_platform']}-{m['platform_machine']}-{m['python_version']}"
)
def test_each_machine_gets_each_direct_dependency_once_in_a_version_it_allows(machine):
    versions = pins(machine, "requirements.txt", "tests/requirements.txt")
    for dependency in map(Requirement, PROJECT["dependencies"] + TESTS):
        if dependency.marker is None or dependency.marker.evaluate(machine):
            assert versions[canonicalize_name(dependency.name)] in dependency.specifier, dependency
    assert ("tensorflow" in versions) != ("tensorflow-cpu" in versions)


def test_the_oldest_set_is_the_lowest_that_each_dependency_allows():
    """Up to the patch: of psutil 5.9, say, the first release that has a build for this Python is 5.9.4."""
    machine = EVERYWHERE[0]
    versions = pins(machine, "tests/requirements-oldest.txt")
    for dependency in map(Requirement, PROJECT["dependencies"]):
        if dependency.marker is None or dependency.marker.evaluate(machine):
            [lowest] = [part.version for part in dependency.specifier if part.operator == ">="]
            version = versions[canonicalize_name(dependency.name)]
            assert version in dependency.specifier
            assert version.split(".")[: lowest.count(".") + 1] == lowest.split("."), dependency


def test_the_lock_holds_all_that_the_packages_here_need():
    for name in pins({}, "requirements.txt", "tests/requirements.txt"):
        for needed in map(Requirement, metadata.requires(name) or []):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                version = pins({}, "requirements.txt", "tests/requirements.txt").get(canonicalize_name(needed.name))
                assert version in needed.specifier, f"{name} needs {needed}"


def test_the_numbers_come_from_the_same_versions_on_every_python():
    for package in ("numpy", "scipy", "contourpy", "scikit-learn", "keras", "matplotlib"):
        assert len({pins(machine, "requirements.txt")[package] for machine in EVERYWHERE}) == 1


def test_learners_do_not_install_what_only_the_tests_need():
    assert not names(lock("requirements.txt")) & names(lock("tests/requirements.txt"))
    assert names(TESTS) <= names(lock("tests/requirements.txt"))
    assert names(PROJECT["dependencies"]) <= names(lock("requirements.txt"))


def test_conda_and_binder_get_the_lock_line_by_line():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert environment["channels"] == ["conda-forge"] and conda == ["python=3.12", "pip"]
    assert pip == {"pip": lock("requirements.txt")}


@pytest.mark.skipif(os.name == "nt", reason="repo2docker does not run on Windows")
def test_binder_builds_the_recipe_we_mean():
    """repo2docker renders its Dockerfile without Docker: our Python, our pins, then our package, and nothing else."""
    binder = ["--user-id", "1000", "--user-name", "jovyan"]  # else it takes whoever runs the test
    call = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", *binder, "."]
    rendered = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert rendered.returncode == 0, rendered.stderr
    assert "Building conda environment for python=3.12" in rendered.stderr
    steps = [
        "environment-2epy-2d3-2e12-",  # repo2docker's own base, for Python 3.12
        "COPY --chown=1000:1000 src/environment.yml ${REPO_DIR}/environment.yml",
        'env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"',
        # After the packages: a new commit does not install them again. Its owner runs postBuild, which writes into it.
        "COPY --chown=1000:1000 src/ ${REPO_DIR}/",
        "USER ${NB_USER}",
        "RUN ./postBuild",
    ]
    at = 0
    for step in steps:
        at = rendered.stdout.find(step, at)
        assert at >= 0, f"not there, or not in this order: {step}"
    assert "requirements.txt" not in rendered.stdout and "binder/" not in rendered.stdout


def test_binder_installs_the_course_itself_and_nothing_more():
    script = (ROOT / "postBuild").read_text()
    assert script.startswith("#!/bin/sh\n") and "\nset -eu\n" in script
    assert "\npip install --no-deps --no-build-isolation -e .\n" in script
    assert os.name == "nt" or os.access(ROOT / "postBuild", os.X_OK)
