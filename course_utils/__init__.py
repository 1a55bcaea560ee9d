"""The small package behind the notebooks: data, fair experiments, figures, exercises.

Import it before TensorFlow: TensorFlow's C++ log level is read once, when it is loaded.
"""

import ctypes
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN announces itself on every start; the numbers it gives are the same to within float32 rounding.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

# Compiling a training loop takes tens of megabytes for a second. Told so before TensorFlow starts its threads, glibc
# (Linux) keeps one pool of memory for all of them, and blocks of over a megabyte outside it, and so can hand more back.
try:
    _ARENA_MAX, _MMAP_THRESHOLD = -8, -3
    ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
    ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 2**20)
except (AttributeError, OSError, TypeError):
    pass  # Windows, macOS and other C libraries manage without

__version__ = "0.1.0"
