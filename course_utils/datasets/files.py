"""The files of data/: where they lie, and that they are as the course made them."""

import hashlib
from pathlib import Path

import numpy as np

from course_utils.errors import CourseError

# A wheel has the files inside the package (setup.py puts them there), a clone beside it.
_IN_PACKAGE = Path(__file__).resolve().parents[1] / "data"
DATA = _IN_PACKAGE if _IN_PACKAGE.is_dir() else Path(__file__).resolve().parents[2] / "data"
CHECKSUMS = {  # SHA-256; of texts, with \n line ends
    "houses.csv": "a7ca39b9359c8cd7fd1a025826ef743bc788b40191f384ee65f755e27e3bae11",
    "cars.csv": "6ddba327b5bb287b32ea35ea7ef51a427439298ad72cb195269663942ff74044",
    "satellite.csv": "156a106f68a9c20909711596b43e046d7445ccb6c1632fbd95765ed1ddde87a8",
    "mnist.npz": "e613f869dab204a63ca426b433eb82b9fbeea13c331b12de387c1c5339df8224",
    "auto_mpg.csv": "512ed2cc3759a09c412ab04e6f2e4275c8e36b2c06839834031ea008bd650100",
}


def read(name, or_else="", what_differs=None) -> bytes:
    """Return the bytes of data/<name>, checked.

    `or_else` names a second remedy. `what_differs(content)` says, of a file that was changed, where.
    """
    path = DATA / name
    restore = f"`git checkout -- data/{name}`{or_else} restores it"
    if DATA == _IN_PACKAGE:  # installed from a wheel: there is no clone
        restore = f"`pip install --force-reinstall --no-deps` of the course{or_else} restores it"
    if not DATA.is_dir():
        raise CourseError(
            f"The course's folder {DATA} is missing: clone the course again and `pip install -e .` it there, "
            "or `pip install .` it, which copies the tables into the package."
        )
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CourseError(f"data/{name} is missing: {restore}.") from None
    except OSError as error:
        raise CourseError(f"data/{name} cannot be read ({error.strerror}): {restore}.") from None
    if path.suffix == ".csv":
        content = content.replace(b"\r\n", b"\n")  # git on Windows may have changed the line ends
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
        differs = what_differs(content) if what_differs else "is not as the course made it"
        raise CourseError(f"data/{name} {differs}: {restore}.")
    return content


def read_table(name, **options):
    """Return x (rows, columns) and y (rows,) as float64, and the columns' names; the last column is the target."""
    header, *rows = read(name, **options).decode().splitlines()
    values = np.array([row.split(",") for row in rows], dtype=float)
    return values[:, :-1], values[:, -1], tuple(header.split(",")[:-1])
