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
# (Linux) keeps two pools of memory instead of eight a core, and so can hand more back. One pool would make the threads
# wait for each other: compiling and training took a fifth longer.
try:
    _ARENA_MAX = -8
    ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
except (AttributeError, OSError, TypeError):
    pass  # Windows, macOS and other C libraries manage without

__version__ = "0.1.0"
