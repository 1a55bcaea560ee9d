"""The small package behind the notebooks: data, fair experiments, figures, exercises.

Import it before TensorFlow: TensorFlow's C++ log level is read once, when it is loaded.
"""

import ctypes
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN announces itself on every start; the numbers it gives are the same to within float32 rounding.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# What the learner has set for other work would change the lessons, or stop them.
if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
    print("The course uses Keras on TensorFlow: in this session, not on {KERAS_BACKEND}.".format(**os.environ))
os.environ["KERAS_BACKEND"] = "tensorflow"  # it counts for more than the file keras.json
for _limit in ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"):
    os.environ.pop(_limit, None)
if "ipykernel" in sys.modules:  # a notebook, whose figures are shown in it
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"

# Compiling a training loop takes tens of megabytes for a second. Told so before TensorFlow starts its threads, glibc
# (Linux) keeps two pools of memory instead of eight a core, and so can hand more back. One pool would make the threads
# wait for each other: compiling and training took a fifth longer.
try:
    _ARENA_MAX = -8
    ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
except (AttributeError, OSError, TypeError):
    pass  # Windows, macOS and other C libraries manage without

__version__ = "0.1.0"
