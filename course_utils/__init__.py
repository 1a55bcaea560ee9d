"""The small package behind the notebooks: data, fair experiments, figures, exercises.

Import it before TensorFlow: TensorFlow's C++ log level is read once, when it is loaded.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN announces itself on every start; the numbers it gives are the same to within float32 rounding.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

__version__ = "0.1.0"
