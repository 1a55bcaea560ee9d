"""The test run uses this checkout, a learner with nothing done so far, and makes a ledger of every claim."""

import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import matplotlib
import psutil
import pytest
from nbval.plugin import IPyNbCell

from course_utils.authoring import ledger
from course_utils.authoring.notebooks import NOTEBOOKS, ROOT

matplotlib.use("agg")
_made = []
LESSONS = [path.stem for path in NOTEBOOKS]


def pytest_configure(config):
    config.pluginmanager.register(Claims())
    # Through the environment, kernels and pytest-xdist's workers, processes of their own, get to know.
    if "COURSE_TEST_RUN" not in os.environ:
        folder = tempfile.mkdtemp(prefix="course-tests-")
        _made.append(folder)
        os.environ["COURSE_TEST_RUN"] = folder
        os.environ["COURSE_PROGRESS"] = str(Path(folder, "progress"))
        # What one kernel has compiled, another need not: each lesson is run twice, and lessons share training loops.
        os.environ["TF_XLA_FLAGS"] = f"--tf_xla_persistent_cache_directory={folder}"
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(psutil.Process, "cpu_affinity"):
        # On a core each, two lessons take 1.1 to 1.2 times as long as alone; sharing two cores, 1.4 to 1.7 times.
        cores = psutil.Process().cpu_affinity()
        psutil.Process().cpu_affinity([cores[int(worker.removeprefix("gw")) % len(cores)]])


# What `python -m course_utils test fast` leaves out: training compared with `fit`, and what opens a browser, runs a
# notebook or installs something.
SLOW = ("tests/browser", "test_experiments", "test_engine", "test_training", "test_compare", "test_slides")
SLOW += ("test_reading_copy", "test_binder_builds_the_recipe", "test_a_test_run_with_two_workers", "test_capstone")


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that no worker of pytest-xdist is left alone with it at the end."""
    first = ["test_experiments.py", *LESSONS]
    items.sort(key=lambda item: not any(name in item.nodeid for name in first))
    for item in items:
        if any(name in item.nodeid for name in SLOW):
            item.add_marker("slow")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        """A file goes to one worker as a whole, for its kernel's sake; of the walk's file, each lesson does."""

        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            lesson = next((name for name in LESSONS if f"[{name}]" in test), "")
            return f"{file} {lesson}" if file.endswith("test_walk.py") else file

    return Scheduling(config, log)


class Claims:
    """A plugin of its own, because the hooks of this file are not asked about the items of another folder."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        """The report of a notebook's cell carries its claims: with pytest-xdist, another process prints them."""
        try:
            return (yield)
        finally:
            if isinstance(item, IPyNbCell):
                shown = ledger.entries(item.path.stem, item.cell_num + 1, item.cell, item.test_outputs or ())
                item.user_properties.append(("claims", [asdict(entry) for entry in shown]))


def pytest_terminal_summary(terminalreporter, config):
    reports = [report for some in terminalreporter.stats.values() for report in some]
    found = [
        ledger.Entry(**claim)
        for report in reports
        if getattr(report, "when", None) == "call"
        for claim in dict(report.user_properties).get("claims", ())
    ]
    if not found:
        return
    found.sort(key=lambda entry: (entry.lesson, entry.cell))
    page = config.rootpath / "build" / "CLAIMS.md"
    try:
        page.parent.mkdir(exist_ok=True)
        page.write_text(ledger.page(found, "../notebooks/"), encoding="utf-8", newline="\n")
        where = f"all of them in {page.relative_to(config.rootpath).as_posix()}"
    except OSError:
        where = "the folder cannot be written, so no page of them was made"
    terminalreporter.section("claims ledger")
    terminalreporter.write_line(f"{len(found)} claims held, as measured in this run: {where}.")
    terminalreporter.write_line("Those with the least room, as a share of their bound:")
    for entry in ledger.thinnest(found, 15):
        shown = f"{entry.sentence} (measured {entry.measured}, needs {entry.needs})"
        terminalreporter.write_line(f"{entry.room():5.0%}  {entry.lesson[:2]} [{entry.cell}]  {shown}")


def pytest_unconfigure():
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ["COURSE_TEST_RUN"]
