"""One ordinary Keras fit: recorded as it should be compared, stopped early, or with a step that makes exact zeros."""

import math
import time
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_utils.errors import CourseError
from course_utils.machine import settle_keras

settle_keras()

ROWS_AT_ONCE = 1000  # are measured after an epoch: the pictures of many rows at once would take much memory


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

    The loss may be compiled by name, as a function or as an object, with any reduction: `train_loss` and `val_loss`
    are its means over rows in any case. Rows are put into the shape of the model's input, such as pictures. Stopping
    the kernel keeps the epochs that are complete. Raises CourseError for a model that is not compiled, and for a loss
    that does not give one value a row.
    """
    if not isinstance(model, keras.Model):
        raise CourseError(f"fit_recorded needs a Keras model that is built and compiled, not {model!r}.")
    if getattr(model, "loss", None) is None:
        raise CourseError("Compile the model first, for example with model.compile(optimizer, loss).")
    if isinstance(model.loss, (list, tuple, dict)):
        raise CourseError("fit_recorded needs a model with one loss: compile it with one, not with a list or dict.")
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise CourseError(f"{name} must be a whole number of at least 1, not {value!r}.")
    if not len(split.y_train) or not len(split.y_val):
        raise CourseError(f"fit_recorded needs training and validation rows, and {split.name} lacks one of them.")
    recorder, began = _Recorder(split), time.perf_counter()
    try:
        model.fit(
            _shaped_for(model, split.x_train),
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


def _shaped_for(model, x):
    """The rows `x` in the shape that the model takes: flat rows of pixels as pictures, for example."""
    wanted = getattr(model, "input_shape", None)
    if not isinstance(wanted, tuple) or None in wanted[1:] or x.shape[1:] == wanted[1:]:
        return x
    if math.prod(x.shape[1:]) != math.prod(wanted[1:]):
        has, takes = (" × ".join(map(str, shape)) for shape in (x.shape[1:], wanted[1:]))
        raise CourseError(f"The rows have {has} features and the model takes {takes}: change keras.Input.")
    return x.reshape(len(x), *wanted[1:])


def _row_losses(loss, y, outputs):
    """The loss of every row, before any reduction: an array whose first axis is the rows."""
    loss = keras.losses.get(loss)
    each = loss.call(y, outputs) if isinstance(loss, keras.losses.Loss) else loss(y, outputs)
    each = keras.ops.convert_to_numpy(each)
    if each.shape[:1] != (len(y),):
        raise CourseError(
            f"fit_recorded needs a loss that gives one value for each row, and this one gives an array of shape "
            f"{each.shape} for {len(y)} rows: take the mean or sum out of it, Keras makes the mean itself."
        )
    return each


class _Recorder(keras.callbacks.Callback):
    def __init__(self, split):
        super().__init__()
        self.split, self.rows = split, []

    def on_epoch_end(self, epoch, logs=None):
        split = self.split
        train, val = (self._score(getattr(split, f"x_{p}"), getattr(split, f"y_{p}")) for p in ("train", "val"))
        self.rows.append((logs["loss"], *train, *val, float(sum(self.model.losses))))

    def _score(self, x, y):
        x = _shaped_for(self.model, x)
        parts = [self.model(x[at : at + ROWS_AT_ONCE], training=False) for at in range(0, len(x), ROWS_AT_ONCE)]
        outputs = np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])
        y_column = y if self.split.task == "multiclass" else y[:, None].astype("float32")
        loss = float(np.mean(_row_losses(self.model.loss, tf.constant(y_column), tf.constant(outputs))))
        if self.split.task == "multiclass":
            return loss, np.mean(outputs.argmax(1) == y)
        if self.split.task == "binary":
            threshold = 0.0 if getattr(self.model.loss, "from_logits", False) else 0.5
            return loss, np.mean((outputs[:, 0] > threshold) == y)
        return loss, np.nan


# ---- exact zeros ---------------------------------------------------------------------------------------------


def proximal_map(weights, step, l1, l2=0.0, rows=False):
    """The proximal map of a penalty: the soft threshold by `step * l1`, then a division by `1 + 2 * step * l2`.

    `weights` is a tensor or array of any shape. Each weight comes `step * l1` nearer to 0 and stops there. With
    `rows`, that happens to the Euclidean norm of each row (the last axis), so that a row becomes zero as a whole.
    The result minimises, over v, ‖v - weights‖²/(2·step) + l1·Σ|v| + l2·Σv² (with `rows`, l1 times the sum of the
    rows' norms). Returns a tensor. It agrees with `penalties.elastic_net_prox` and `penalties.group_soft_threshold`.
    """
    size = ops.norm(weights, axis=-1, keepdims=True) if rows else ops.abs(weights)
    smaller = ops.maximum(size - step * l1, 0.0)
    return weights * ops.divide_no_nan(smaller, size) / (1 + 2 * step * l2)


class ProximalStep(keras.callbacks.Callback):
    """L1 with exact zeros, for `model.fit(..., callbacks=[ProximalStep(l1=0.01)])`.

    After every optimizer step the kernels of the Dense layers go through `proximal_map`, with the step that the
    optimizer took: its learning rate, divided by 1 - momentum for SGD or RMSprop with momentum, because a gradient
    goes on acting through the momentum. `l1` and `l2` are strengths in Keras's convention, l1·Σ|w| + l2·Σw²; with
    `rows=True` the first becomes l1 times the sum of the Euclidean norms of the kernel's rows. A row holds the
    weights that leave one input, so a zero row switches that input off. `layers` holds the layers it is for, or
    their names; without it, every trainable Dense layer of the model is (but none inside a nested model). Biases
    are left alone. The penalty is not in the loss that Keras reports.

    With SGD, a small learning rate and all rows in every batch, this is the proximal gradient method, and a linear
    model ends in the solution of scikit-learn's Lasso or ElasticNet, zeros included. What it does not promise:

    - With mini-batches the gradients are noisy, and push weights off zero again: fewer are zero at the end.
    - Adam, AdamW, Nadam, Adamax and RMSprop divide each weight's gradient by its usual size; their step is not the
      learning rate. The zeros are exact, but the solution is not Lasso's, and `l1` is weighed against a gradient
      of size about 1: it needs another, larger value. Clipped gradients have the same effect.
    - A learning rate that falls to zero during training, with momentum, leaves fewer zeros: what remains of earlier,
      larger steps is more than the threshold takes away.

    Raises CourseError at the start of `fit` where it would be wrong: with an optimizer that moves weights in another
    way or not after every batch, with `steps_per_execution` over 1, or for a layer that has the same penalty as a
    regularizer.

    Sources: Parikh and Boyd, Proximal Algorithms (2014), section 4.2; Yuan and Lin (2006) for the rows.
    """

    def __init__(self, l1=0.0, l2=0.0, rows=False, layers=None):
        super().__init__()
        for name, value in (("l1", l1), ("l2", l2)):
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 <= value < np.inf:
                raise CourseError(f"{name} must be a number of at least 0, not {value!r}.")
        self.l1, self.l2, self.rows, self.layers = float(l1), float(l2), bool(rows), layers

    def on_train_begin(self, logs=None):
        _check_steps(self.model)
        self._kernels = [layer.kernel for layer in self._chosen()]
        # In a graph it is several times faster; as a concrete function it escapes TensorFlow's count of retracings,
        # which would warn after five fits.
        compiled = tf.function(self._shrink, autograph=False)
        self._shrink_in_graph = compiled.get_concrete_function(tf.TensorSpec((), tf.float32))

    def on_train_batch_begin(self, batch, logs=None):
        # Read before the optimizer's step: a schedule gives the next rate as soon as the step is done.
        optimizer = self.model.optimizer
        self._step = float(optimizer.learning_rate) / (1 - getattr(optimizer, "momentum", 0.0))

    def on_train_batch_end(self, batch, logs=None):
        self._shrink_in_graph(tf.constant(self._step))

    def _shrink(self, step):
        for kernel in self._kernels:
            kernel.assign(proximal_map(kernel, step, self.l1, self.l2, self.rows))

    def _chosen(self):
        """The layers it is for, none of which may have the same penalty already."""
        dense = {layer.name: layer for layer in self.model.layers if isinstance(layer, keras.layers.Dense)}
        dense = {name: layer for name, layer in dense.items() if layer.trainable}
        named = [self.layers] if isinstance(self.layers, (str, keras.layers.Layer)) else self.layers
        wanted = list(dense) if named is None else [getattr(layer, "name", layer) for layer in named]
        missing = [name for name in wanted if name not in dense]
        if missing or not wanted:
            what = f"{missing[0]!r} is none" if missing else "there is none here"
            raise CourseError(
                f"ProximalStep needs trainable Dense layers, and {what}; this model has {', '.join(dense) or 'none'}."
            )
        for name in wanted:
            for strength in ("l1", "l2"):
                if getattr(self, strength) and float(getattr(dense[name].kernel_regularizer, strength, 0.0)):
                    raise CourseError(
                        f"The layer {name} has a kernel_regularizer with {strength}, and ProximalStep would count it "
                        "a second time: take it out of one of the two."
                    )
        return [dense[name] for name in wanted]


# The others: Lion's steps all have one length, so that no weight would stay at zero; Adagrad's, Adadelta's and
# Adafactor's shrink or grow while the learning rate does not; Lamb and Muon rescale whole kernels; Ftrl and
# ScheduleFreeAdamW compute the weights anew from sums of their own; LossScaleOptimizer leaves steps out.
_STEPS_BY_LEARNING_RATE = ("SGD", "Adam", "AdamW", "Nadam", "Adamax", "RMSprop")


def _check_steps(model):
    """Whether every batch is one optimizer step of a size that the learning rate tells."""
    name, config = type(model.optimizer).__name__, model.optimizer.get_config()
    if name == "Ftrl":
        raise CourseError("Ftrl has a proximal step of its own: give it l1_regularization_strength instead.")
    if name not in _STEPS_BY_LEARNING_RATE:
        raise CourseError(
            f"ProximalStep does not fit {name}, whose learning rate does not say how far a gradient moves a weight; "
            f"compile with one of {', '.join(_STEPS_BY_LEARNING_RATE)}."
        )
    for switch in ("gradient_accumulation_steps", "use_ema"):
        if config.get(switch):
            raise CourseError(f"ProximalStep needs every batch to be a step of its own: take {switch} out.")
    if model.steps_per_execution != 1:
        raise CourseError("ProximalStep must act after every batch: compile the model with steps_per_execution=1.")


# ---- early stopping, after the event -------------------------------------------------------------------------


def stopping_epoch(curve, patience, mode="min", min_delta=0.0):
    """What `keras.callbacks.EarlyStopping` would have done on a recorded curve: (last epoch, best epoch).

    `curve` (epochs,) holds one value an epoch, such as a row of `runs.val_loss`. Both epochs count from 0, as the
    columns of the curve do. The last epoch is the one after which training stops; if patience never runs out, it is the
    curve's own last. The best epoch is the one whose weights `restore_best_weights=True` would bring back. `mode` is
    "min" or "max"; an improvement must be more than `min_delta`.

    Raises CourseError for a curve that is empty or not one-dimensional, and for any other `patience` or `mode`.
    """
    curve = np.asarray(curve, float)
    if curve.ndim != 1 or not len(curve):
        raise CourseError(f"stopping_epoch needs one curve, (epochs,), not an array of shape {curve.shape}.")
    if isinstance(patience, bool) or not isinstance(patience, (int, np.integer)) or patience < 0:
        raise CourseError(f"patience must be a whole number of at least 0, not {patience!r}.")
    if mode not in ("min", "max"):
        raise CourseError(f'mode must be "min" or "max", not {mode!r}.')
    loss, best = curve if mode == "min" else -curve, 0
    for epoch in range(1, len(loss)):
        if np.float32(loss[epoch] + abs(min_delta)) < np.float32(loss[best]):  # Keras compares in float32
            best = epoch
        elif epoch - best >= patience:
            return epoch, best
    return len(loss) - 1, best
