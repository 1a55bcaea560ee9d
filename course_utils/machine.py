"""The machine that a lesson finds: its memory, how much it may take and what it gives back, and settings of Keras."""

import ctypes
import gc
from pathlib import Path

import psutil

from course_utils.errors import CourseError

OWN_GROUP = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")


def free_memory():
    """Return how many bytes this process and its neighbours may still take: a whole number.

    That is what the machine has free, or less where Linux holds the process to a limit (Binder, a hub, Docker): there
    the machine's own figures are those of the whole computer. Source:
    <https://docs.kernel.org/admin-guide/cgroup-v2.html>, and cgroup-v1/memory.html there for the older kind.
    """
    return min([psutil.virtual_memory().available, *_left_in_groups()])


def give_back_memory():
    """Return to the system what is no longer used, the knots of objects too that only a full collection finds.

    After compiling a training loop, glibc (Linux) would keep some 100 MB otherwise.
    """
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        pass  # another C library: nothing to do


def settle_keras():
    """Set back what the learner's file keras.json may have changed of Keras's defaults.

    Raises CourseError if Keras was imported before the course, on another backend than TensorFlow.
    """
    import keras

    if keras.config.backend() != "tensorflow":
        raise CourseError(
            f"Keras was loaded before the course, on {keras.config.backend()}: restart the kernel, and run the lesson's"
            " first cell first."
        )
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_epsilon(1e-7)


# Of the two versions of control groups: its name in OWN_GROUP, its folder, and the names of its figures.
_VERSION_2 = ("", "", "memory.max", "memory.current", "inactive_file")
_VERSION_1 = ("memory", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _left_in_groups():
    """For each control group around this process that has a limit, the bytes up to it, at least 0."""
    try:  # each line is number:names:/path, and of version 2 the names are empty
        lines = [line.split(":", 2) for line in OWN_GROUP.read_text().splitlines()]
        own = {name: path for _, names, path in lines for name in names.split(",")}
    except (OSError, ValueError):  # another system
        return
    for name, root, most, now, read_files in (_VERSION_2, _VERSION_1):
        group = GROUPS.joinpath(root, own.get(name, "").strip("/"))
        for folder in (group, *group.parents) if name in own else ():
            try:
                limit, used = (int((folder / figure).read_text()) for figure in (most, now))
                statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
                # Read files are held in memory only as long as there is room, so they count as free.
                yield max(0, limit - used + int(statistics[read_files]))
            except (OSError, ValueError, KeyError):  # the limit is "max", or there is no such group here
                continue
