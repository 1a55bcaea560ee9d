"""Memory: how much of it a lesson may still take, and giving back what it does not need any more."""

import ctypes
import gc
from pathlib import Path

import psutil

OWN_GROUP = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")


def free_memory():
    """Return how many bytes this process and its neighbours may still take: a whole number.

    That is what the machine has free, or less where Linux holds the process to a limit (Binder, a hub, Docker): there
    the machine's own figures are those of the whole computer. Source:
    <https://docs.kernel.org/admin-guide/cgroup-v2.html>.
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


def _left_in_groups():
    """For each control group around this process that has a limit, the bytes up to it, at least 0."""
    try:
        own = next(line[3:] for line in OWN_GROUP.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):  # another system, or one without version 2 of the groups
        return
    group = GROUPS / own.strip("/")
    for folder in (group, *group.parents):
        try:
            limit, used = (int((folder / name).read_text()) for name in ("memory.max", "memory.current"))
            statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            # Read files are held in memory only as long as there is room, so they count as free.
            yield max(0, limit - used + int(statistics["inactive_file"]))
        except (OSError, ValueError, KeyError):  # the limit is "max", or there is no such group here
            continue
