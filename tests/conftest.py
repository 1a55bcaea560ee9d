"""The test run uses this checkout, a learner with nothing done so far, and a ledger of every claim."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import matplotlib

from notebooks import ROOT

matplotlib.use("agg")
_made = []


def pytest_configure(config):
    # Through the environment, kernels and pytest-xdist's workers, processes of their own, get to know.
    if "COURSE_TEST_RUN" not in os.environ:
        folder = tempfile.mkdtemp(prefix="course-tests-")
        _made.append(folder)
        os.environ["COURSE_TEST_RUN"] = folder
        os.environ["COURSE_LEDGER"] = str(Path(folder, "ledger.jsonl"))
        os.environ["COURSE_PROGRESS"] = str(Path(folder, "progress"))
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def pytest_terminal_summary(terminalreporter):
    ledger = Path(os.environ["COURSE_LEDGER"])
    if not ledger.is_file():
        return
    entries = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    terminalreporter.section(f"claims ledger: {len(entries)} claims, each as measured in this run")
    for entry in entries:
        measured = "" if entry["bound"] is None else f" (measured {entry['value']}, needs {entry['bound']})"
        terminalreporter.write_line(f"{'✓' if entry['holds'] else '✗'} {entry['sentence']}{measured}")


def pytest_unconfigure():
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ["COURSE_TEST_RUN"]
