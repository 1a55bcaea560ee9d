"""One ordinary Keras fit, recorded as it should be compared: without penalty, in inference mode, epoch by epoch."""

import time
from dataclasses import dataclass

import keras
import numpy as np

from course_utils.errors import CourseError


@dataclass(frozen=True, eq=False)
class Record:
    """What `fit_recorded` measured; every array is (1, epochs), one network in the shape of many.

    `reported_loss` is what Keras printed for training: a running mean over batches, with penalty, with dropout at
    work. `train_loss` and `val_loss` are means over rows without penalty, in inference mode, after the epoch, and
    `penalty` is what the model's regularizers add. Accuracies are shares, NaN for a regression. `seconds` in all.
    """

    reported_loss: np.ndarray
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray
    penalty: np.ndarray
    seconds: float

    def __len__(self):
        return len(self.train_loss)


def fit_recorded(model, split, *, epochs, batch_size=32, callbacks=()):
    """Train a compiled Keras `model` on `split` with `model.fit` and return its `Record`.

    Stopping the kernel keeps the epochs that are complete. Raises CourseError for a model that is not compiled.
    """
    if getattr(model, "loss", None) is None:
        raise CourseError("Compile the model first, for example with model.compile(optimizer, loss).")
    recorder, began = _Recorder(split), time.perf_counter()
    try:
        model.fit(
            split.x_train,
            split.y_train,
            epochs=epochs,
            batch_size=batch_size,
            callbacks=[*callbacks, recorder],
            verbose=0,
        )
    except KeyboardInterrupt:
        if not recorder.rows:
            raise CourseError("Stopped before the first epoch was complete: run the cell again.") from None
    curves = np.array(recorder.rows, "float32").T[:, None]
    return Record(*curves, seconds=time.perf_counter() - began)


class _Recorder(keras.callbacks.Callback):
    def __init__(self, split):
        super().__init__()
        self.split, self.rows = split, []

    def on_epoch_end(self, epoch, logs=None):
        split = self.split
        train, val = (self._score(getattr(split, f"x_{p}"), getattr(split, f"y_{p}")) for p in ("train", "val"))
        self.rows.append((logs["loss"], *train, *val, float(sum(self.model.losses))))

    def _score(self, x, y):
        outputs = keras.ops.convert_to_numpy(self.model(x, training=False))
        y_column = y if self.split.task == "multiclass" else y[:, None]
        loss = float(keras.losses.get(self.model.loss)(y_column, outputs))
        if self.split.task == "multiclass":
            return loss, np.mean(outputs.argmax(1) == y)
        if self.split.task == "binary":
            threshold = 0.0 if getattr(self.model.loss, "from_logits", False) else 0.5
            return loss, np.mean((outputs[:, 0] > threshold) == y)
        return loss, np.nan
