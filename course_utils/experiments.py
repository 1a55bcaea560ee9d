"""Many networks at once, and the fair comparison that stands on them.

A small network spends nearly all of a Keras `fit` outside the arithmetic. Here K networks of one architecture
are stacked along a leading member axis and trained in one compiled loop. Their weights never meet (the loss is
a sum over members, and every optimizer offered works element by element), so each ends where it would have
ended alone: `tests/package/test_experiments.py` trains members with `model.fit` on the same batches and compares.
"""

import difflib
import functools
import gc
import inspect
import itertools
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import keras
import numpy as np
import psutil
import tensorflow as tf
from IPython import get_ipython
from IPython.display import HTML, display
from keras import layers

from course_utils.datasets import Split
from course_utils.engine.warps import flip, rotation, translation, warp, zoom
from course_utils.errors import CourseError
from course_utils.machine import give_back_memory
from course_utils.models import initial_weights
from course_utils.selection import choose
from course_utils.show import Line
from course_utils.training import proximal_map, stopping_epoch

CURVES = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "penalty")
EPOCHS_PER_CALL = 10  # the compiled loop comes back this often, to move the progress bar and to be interrupted
# Networks in one compiled call. More would be a little faster to run, but the loop is compiled anew for every
# number, which takes a second: with one number for all, most experiments of a lesson find it compiled already.
CHUNK = 10
PAD = 200  # for the same reason, rows are filled up to a multiple of this (the filling never counts)

# What has been imported stays: with it left out of its rounds, the garbage collector takes a millisecond, not 0.2 s.
gc.collect()
gc.freeze()


# ---- what a network sees: batches and dropout draws, each fixed by a seed ----------------------------------


def batches(rows, batch_size, epochs, seed):
    """The row numbers of every batch: int32 array (epochs, steps, batch_size), -1 where the last one is short.

    Every epoch is a new permutation of `range(rows)`. `seed` is a whole number, or a NumPy generator that has
    drawn the epochs before. Networks with the same seed see the same batches, and a longer training begins
    with the batches of a shorter one.
    """
    draw = seed if isinstance(seed, np.random.Generator) else _batch_generator(seed)
    order = np.full((epochs, -(-rows // batch_size) * batch_size), -1, "int32")
    order[:, :rows] = draw.permuted(np.tile(np.arange(rows, dtype="int32"), (epochs, 1)), axis=1)
    return order.reshape(epochs, -1, batch_size)


def _batch_generator(seed):
    return np.random.default_rng([seed, 2])


def dropout_noise(seed, step, place, shape):
    """The uniform draws in [0, 1) that decide dropout at one step: float32 tensor of `shape` (rows, units).

    A unit is dropped where its draw is below the rate. `seed` is the network's noise seed, or a tensor
    (streams, 1, 1) of several, which gives (streams, rows, units); `step` counts from 0 over all epochs; `place` is
    the layer's position in the model.

    Each draw is a hash of (seed, step, place, row, unit), so that a network's draws do not depend on what is
    trained beside it. TensorFlow's own stateless generators take one seed at a time, and give other numbers in
    compiled code than outside it.
    """
    key = _hash(_hash(_hash(_uint(seed)) + _uint(step)) + _uint(place))
    cell = tf.reshape(_uint(tf.range(shape[0] * shape[1])), shape)
    bits = _hash(tf.bitwise.bitwise_xor(_hash(cell), key))
    return tf.cast(tf.bitwise.right_shift(bits, _uint(8)), tf.float32) * 2.0**-24


def _hash(x):
    """Every bit of a uint32 tensor stirred into every other (C. Wellons's lowbias32, 2018)."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, _uint(shift))) * _uint(factor)
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, _uint(16)))


def _uint(x):
    return tf.cast(x, tf.uint32)


# ---- reading an ordinary Keras model ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Recipe:
    """One Keras model, taken apart: `net` is what members must share, the rest may differ between them."""

    net: tuple  # one tuple a layer: its kind and what the compiled loop needs to know of it
    trainable: tuple  # one bool a weight, in the order of model.weights
    penalised: tuple  # the places of the weights that have a regularizer, be its strength 0
    l1: tuple  # one strength for each of these
    l2: tuple
    ranges: tuple  # what the random layers draw from: dropout's rates, the ends of the ranges of the warps
    start: tuple  # the initializers, so that members share initial weights only where they really would


def _read(model, task):
    if not isinstance(model, keras.Sequential) or not model.built:
        raise CourseError(
            "train_many needs a keras.Sequential that begins with keras.Input((number_of_features,)); "
            "train any other model with model.fit."
        )
    net, ranges, side = [], [], None
    for layer in model.layers:
        kind = type(layer)  # not isinstance: a subclass may do something else
        if kind is layers.Dense:
            net.append(("dense", keras.activations.serialize(layer.activation), layer.use_bias))
        elif kind is layers.BatchNormalization:
            net.append(("batch_norm", layer.momentum, layer.epsilon, layer.center, layer.scale))
        elif kind is layers.Dropout and layer.noise_shape is None:
            net.append(("dropout",))
            ranges.append(layer.rate)
        elif kind is layers.Activation:
            net.append(("activation", keras.activations.serialize(layer.activation)))
        elif kind is layers.Reshape and not net and _is_grey_square(layer.target_shape):
            side = layer.target_shape[0]
            net.append(("reshape",))
        elif kind is layers.Flatten and side:
            side = None
            net.append(("flatten",))
        elif side and (drawn_from := _ranges_of_warp(layer)) is not None:
            net.append(("warp", kind, side, getattr(layer, "fill_mode", "constant"), len(drawn_from)))
            ranges += drawn_from
        else:
            raise CourseError(
                f"train_many does not know the layer {kind.__name__} as it stands here; it trains Dense, Activation, "
                "Dropout and BatchNormalization, and before them Reshape((side, side, 1)), random warps of images and "
                "Flatten. Train this model with model.fit."
            )
        special = ["activity_regularizer", *(f"{name}_constraint" for name in ("kernel", "bias", "gamma", "beta"))]
        special = [name for name in special if getattr(layer, name, None) is not None]
        if special or not layer.trainable:
            what = f"has a {special[0]}" if special else "is frozen"
            raise CourseError(
                f"train_many cannot train the layer {layer.name}, which {what}. Train this model with model.fit."
            )
    last = {"multiclass": "softmax", "binary": "sigmoid"}.get(task)
    if net and net[-1][0] in ("dense", "activation") and net[-1][1] == last:
        net[-1] = (net[-1][0], "linear", *net[-1][2:])  # the loss is computed from logits either way
    start = tuple(
        str({k: v for k, v in initializer.get_config().items() if k != "seed"} | {"is": type(initializer).__name__})
        for layer in model.layers
        for name, initializer in sorted(vars(layer).items())
        if isinstance(initializer, keras.initializers.Initializer)
    )
    trainable = tuple(w.trainable for w in model.weights)
    penalised = tuple(i for i, w in enumerate(model.weights) if w.regularizer is not None)
    strengths = [_strengths(model.weights[i].regularizer) for i in penalised]
    l1, l2 = tuple(s[0] for s in strengths), tuple(s[1] for s in strengths)
    return _Recipe(tuple(net), trainable, penalised, l1, l2, tuple(ranges), start)


def _is_grey_square(shape):
    return len(shape) == 3 and shape[0] == shape[1] and shape[2] == 1


def _ranges_of_warp(layer):
    """The ends of the ranges from which a Keras layer for random images draws; None if it is none that we know."""
    kind = type(layer)
    if kind is layers.RandomFlip:
        return [] if layer.mode == "horizontal" else None
    if getattr(layer, "interpolation", None) != "bilinear" or layer.fill_value != 0 or layer.fill_mode == "wrap":
        return None
    if kind is layers.RandomRotation:
        return list(layer.factor)
    if kind is layers.RandomTranslation or (kind is layers.RandomZoom and layer.width_factor is not None):
        return [layer.height_lower, layer.height_upper, layer.width_lower, layer.width_upper]
    return [layer.height_lower, layer.height_upper] if kind is layers.RandomZoom else None


def _strengths(regularizer):
    """The (l1, l2) of a Keras regularizer."""
    if isinstance(regularizer, (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)):
        return float(getattr(regularizer, "l1", 0.0)), float(getattr(regularizer, "l2", 0.0))
    raise CourseError(
        f"train_many does not know the regularizer {type(regularizer).__name__}; it takes L1, L2 and L1L2."
    )


def _read_optimizer(optimizer):
    """(kind, numbers): what is compiled in, and what may change without compiling again."""
    optimizer = keras.optimizers.get(optimizer)
    config, kind = optimizer.get_config(), type(optimizer).__name__
    special = ("clipnorm", "clipvalue", "global_clipnorm", "use_ema", "amsgrad", "gradient_accumulation_steps")
    switched_on = [name for name in (*special, "loss_scale_factor") if config.get(name)]
    if getattr(optimizer, "_exclude_from_weight_decay_pattern", None):
        switched_on.append("exclude_from_weight_decay")
    if kind not in ("SGD", "Adam", "AdamW") or switched_on or not isinstance(config["learning_rate"], float):
        raise CourseError(
            "train_many takes the optimizers SGD, Adam and AdamW with a constant learning rate and without "
            f"{switched_on[0] if switched_on else 'clipping'}; train with model.fit for any other."
        )
    names = ("learning_rate", "momentum", "beta_1", "beta_2", "epsilon", "weight_decay")
    numbers = {k: float(config[k] or 0.0) for k in names if k in config}
    return ("nesterov" if config.get("nesterov") else "sgd" if kind == "SGD" else "adam"), numbers


# ---- the compiled loop ---------------------------------------------------------------------------------------


def _forward(net, weights, x, ranges=None, noise=None, share=None):
    """Outputs (members, rows, units), and the moving statistics after this batch as {place in weights: value}.

    Without `share` the network is in inference mode. In training, `share` (members, rows, 1) is each row's
    share of its batch (0 for the rows that fill up a short batch), and `noise(place, units)` gives a random
    layer its uniform draws.
    """
    h, moved, at, drawn = x, {}, 0, 0
    for place, (kind, *spec) in enumerate(net):
        if kind == "dense":
            h = tf.matmul(h, weights[at])
            at += 1
            if spec[1]:
                h += weights[at]
                at += 1
            h = keras.activations.get(spec[0])(h)
        elif kind == "activation":
            h = keras.activations.get(spec[0])(h)
        elif kind == "batch_norm":
            momentum, epsilon, center, scale = spec
            gamma, beta = (weights[at] if scale else 1.0), (weights[at + scale] if center else 0.0)
            at += scale + center
            mean, variance = weights[at], weights[at + 1]
            if share is not None:
                mean = tf.reduce_sum(share * h, 1, keepdims=True)
                variance = tf.reduce_sum(share * tf.square(h - mean), 1, keepdims=True)
                for i, now in ((at, mean), (at + 1, variance)):
                    moved[i] = momentum * weights[i] + (1 - momentum) * tf.stop_gradient(now)
            at += 2
            h = (h - mean) * tf.math.rsqrt(variance + epsilon) * gamma + beta
        elif kind == "dropout":
            if share is not None:
                kept = noise(place, h.shape[2]) >= ranges[drawn]
                h = tf.where(kept, tf.math.divide_no_nan(h, 1 - ranges[drawn]), 0.0)
            drawn += 1
        elif kind == "warp":
            layer, side, fill_mode, count = spec
            if share is not None:
                draws = noise(place, 2)
                h = warp(h, _random_warp(layer, side, ranges[drawn : drawn + count], draws), fill_mode)
            drawn += count
    return h, moved


def _random_warp(layer, side, ranges, draws):
    """The affine map (members, rows, 6) of a random layer; `draws` (members, rows, 2) are uniform in [0, 1)."""
    if layer is layers.RandomFlip:
        return flip(draws[..., 0] < 0.5, side)
    ends = [end[..., 0] for end in ranges]  # (members, 1)
    picked = [
        low + (high - low) * draws[..., i] for i, (low, high) in enumerate(zip(ends[::2], ends[1::2], strict=True))
    ]
    if layer is layers.RandomRotation:
        return rotation(*picked, side)
    if layer is layers.RandomTranslation:
        return translation(*picked, side)
    return zoom(picked[0], picked[-1], side)  # without a width, it is that of the height


def _row_losses(task, outputs, y):
    """Loss and correctness of every row, (members, rows) each; correctness is NaN for a regression."""
    if task == "multiclass":
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=outputs)
        return losses, tf.cast(tf.argmax(outputs, -1, output_type=tf.int32) == y, tf.float32)
    outputs = outputs[..., 0]
    if task == "binary":
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.cast(y, tf.float32), logits=outputs)
        return losses, tf.cast((outputs > 0) == (y == 1), tf.float32)
    return tf.square(outputs - y), tf.fill(tf.shape(outputs), np.nan)


def _updated(kind, numbers, step, weight, gradient, first, second):
    """One optimizer step, by Keras's own formulas: the new (weight, first slot, second slot)."""
    rate = numbers["learning_rate"]
    weight -= rate * numbers["weight_decay"] * weight
    if kind != "adam":
        first = numbers["momentum"] * first - rate * gradient
        moved = numbers["momentum"] * first - rate * gradient if kind == "nesterov" else first
        return weight + moved, first, second
    first += (gradient - first) * (1 - numbers["beta_1"])
    second += (tf.square(gradient) - second) * (1 - numbers["beta_2"])
    t = tf.cast(step + 1, tf.float32)
    rate *= tf.sqrt(1 - numbers["beta_2"] ** t) / (1 - numbers["beta_1"] ** t)
    return weight - rate * first / (tf.sqrt(second) + numbers["epsilon"]), first, second


@functools.lru_cache(maxsize=64)
def _compiled(net, trainable, penalised, l1_as, task, optimizer):
    """The training loop of one kind of network. TensorFlow compiles it once for each set of array shapes.

    `l1_as` says what is made of the L1 strengths: "gradient", "weights" or "rows" (a proximal step), None (all are 0).
    """
    learned = [i for i, yes in enumerate(trainable) if yes]

    def evaluate(weights, fixed):
        """Training and validation loss and accuracy, (members,) each."""
        found = []
        for part in ("", "_val"):
            outputs = _forward(net, weights, fixed["x" + part])[0]
            measured = _row_losses(task, outputs, fixed["y" + part])
            found += [tf.reduce_sum(fixed["share" + part] * m, 1) for m in measured]
        return found

    def one_step(weights, first, second, step, rows, fixed):
        used = tf.cast(rows >= 0, tf.float32)
        share = used / tf.reduce_sum(used, 1, keepdims=True)
        rows = tf.maximum(rows, 0)
        x, y = (tf.gather(fixed[name], rows, batch_dims=1) for name in ("x", "y"))

        def noise(place, units):
            draws = dropout_noise(fixed["noise_seeds"], step, place, (x.shape[1], units))
            return tf.gather(draws, fixed["stream"])

        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs, moved = _forward(net, weights, x, fixed["ranges"], noise, share[..., None])
            loss = tf.reduce_sum(share * _row_losses(task, outputs, y)[0])
        gradients = tape.gradient(loss, [weights[i] for i in learned])
        for slot, (i, gradient) in enumerate(zip(learned, gradients, strict=True)):
            if i in penalised:
                p = penalised.index(i)
                gradient += 2 * fixed["l2"][p] * weights[i]
                if l1_as == "gradient":
                    gradient += fixed["l1"][p] * tf.sign(weights[i])
            moved[i], first[slot], second[slot] = _updated(
                optimizer, fixed["numbers"], step, weights[i], gradient, first[slot], second[slot]
            )
            if i in penalised and l1_as in ("weights", "rows"):
                taken = fixed["numbers"]["learning_rate"] / (1 - fixed["numbers"]["momentum"])  # as in ProximalStep
                moved[i] = proximal_map(moved[i], taken, fixed["l1"][p], rows=l1_as == "rows")
        return [moved.get(i, w) for i, w in enumerate(weights)], first, second

    @tf.function(jit_compile=True, autograph=False)
    def run(state, order, epochs, fixed):
        """`order` (epochs per call, steps, streams, batch); its first `epochs` and `fixed["steps"]` are trained."""
        steps = fixed["steps"]

        def step_body(epoch, s, step, weights, first, second):
            rows = tf.gather(order[epoch, s], fixed["stream"])
            weights, first, second = one_step(list(weights), list(first), list(second), step, rows, fixed)
            return epoch, s + 1, step + 1, weights, first, second

        def epoch_body(epoch, step, weights, first, second, curves):
            _, _, step, weights, first, second = tf.while_loop(
                lambda e, s, *_: s < steps, step_body, (epoch, tf.constant(0), step, weights, first, second)
            )
            penalty = tf.zeros_like(fixed["stream"], tf.float32)
            for p, i in enumerate(penalised):
                w = weights[i]
                penalty += tf.reduce_sum(fixed["l2"][p] * tf.square(w), (1, 2))
                if l1_as:
                    sizes = tf.norm(w, axis=2, keepdims=True) if l1_as == "rows" else tf.abs(w)
                    penalty += tf.reduce_sum(fixed["l1"][p] * sizes, (1, 2))
            curves = curves.write(epoch, tf.stack([*evaluate(weights, fixed), penalty]))
            return epoch + 1, step, weights, first, second, curves

        members = fixed["stream"].shape[0]
        curves = tf.TensorArray(tf.float32, order.shape[0], element_shape=(len(CURVES), members))
        _, step, weights, first, second, curves = tf.while_loop(
            lambda e, *_: e < epochs, epoch_body, (tf.constant(0), state[0], *state[1:], curves)
        )
        return (step, weights, first, second), curves.stack()

    return run


# ---- many networks -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Runs:
    """What `train_many` gives back: one row a member in every array.

    `settings` a list of {name: value} (with "seed"); `train_loss`, `val_loss`, `train_accuracy`,
    `val_accuracy` and `penalty` float32 arrays (members, epochs): losses are means over rows *without* the
    penalty, in inference mode, at the end of each epoch; accuracies are shares, NaN for a regression;
    `weights` one list of arrays a member, in the order of `model.weights`; `splits` each member's data;
    `seconds` in all, of which `compile_seconds` went into compiling; `peak_mb` the process's largest resident
    memory, sampled between calls; `complete` whether nothing was interrupted; `epochs` (members,) how many each was
    trained for; `kept` one {epoch: weights} a member, see `train_many(keep_weights=…)`.
    """

    settings: list
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray
    penalty: np.ndarray
    weights: list
    splits: list
    seconds: float
    compile_seconds: float
    peak_mb: float
    build: object
    nets: list
    complete: bool
    epochs: np.ndarray
    kept: list

    def __len__(self):
        return len(self.settings)

    def __repr__(self):
        epochs = self.train_loss.shape[1]
        return f"Runs({len(self)} networks, {epochs} epochs, {self.seconds:.1f} s, settings: {', '.join(self.names)})"

    @property
    def names(self):
        """The names of the settings, "seed" last."""
        return list(self.settings[0])

    def levels(self, name):
        """The different values of one setting, in the order in which they were given."""
        return list(dict.fromkeys(self._known(name)[i] for i in range(len(self))))

    def where(self, **wanted):
        """The members that have these settings, as `Runs`."""
        for name in wanted:
            self._known(name)
        keep = [i for i, s in enumerate(self.settings) if all(s[k] == v for k, v in wanted.items())]
        if not keep:
            known = f"choose from {self.levels(next(iter(wanted)))}."
            if not self.complete:
                known = "the run was stopped before its end, so run the cell that trains them again."
            raise CourseError(f"No network has {_spelled(wanted)}; {known}")
        lists = {
            name: [getattr(self, name)[i] for i in keep] for name in ("settings", "weights", "splits", "nets", "kept")
        }
        return replace(self, **lists, **{name: getattr(self, name)[keep] for name in (*CURVES, "epochs")})

    def stopped(self, patience, *, monitor="val_loss", restore_best_weights=True):
        """What early stopping would have made of these networks: `Runs` with a setting "patience".

        `patience` is a number of epochs or a list of them; one recorded run answers for all. Each network ends with the
        weights that `keras.callbacks.EarlyStopping` would leave it: those of the best epoch of `monitor`, or, without
        `restore_best_weights`, of the last. Its curves stay at that epoch's values from where it stopped, so that
        `final` speaks of the network that one would get; `epochs` counts what had to be trained. `monitor` is measured
        without penalty; Keras's own val_loss has it.

        Raises CourseError for a curve that is not there, and if the weights of that epoch were not kept.
        """
        if monitor not in CURVES:
            raise CourseError(f"There is no curve {monitor!r}; choose from {', '.join(CURVES)}.")
        mode = "max" if monitor.endswith("accuracy") else "min"
        members = []
        for wait in _listed(patience):
            for i in range(len(self)):
                last, best = stopping_epoch(getattr(self, monitor)[i], wait, mode)
                members.append((i, wait, last, best if restore_best_weights else last))
        if any(end not in self.kept[i] for i, _, _, end in members):
            raise CourseError(
                'The weights of that epoch were not kept: train with keep_weights="every", or with keep_weights="best" '
                "for the best epochs of the validation loss and accuracy."
            )
        rows = np.array([i for i, *_ in members])
        curves = {name: getattr(self, name)[rows].copy() for name in CURVES}
        for row, (_, _, last, end) in enumerate(members):
            for curve in curves.values():
                curve[row, last:] = curve[row, end]
        return replace(
            self,
            settings=[
                {k: v for k, v in self.settings[i].items() if k != "seed"}
                | {"patience": wait, "seed": self.settings[i]["seed"]}
                for i, wait, *_ in members
            ],
            weights=[self.kept[i][end] for i, _, _, end in members],
            splits=[self.splits[i] for i in rows],
            nets=[self.nets[i] for i in rows],
            epochs=np.array([last + 1 for _, _, last, _ in members]),
            kept=[{} for _ in members],
            **curves,
        )

    def final(self, metric):
        """`metric` ("val_loss", "train_accuracy", …) after the last epoch: array (members,)."""
        if metric not in CURVES:
            raise CourseError(f"There is no curve {metric!r}; choose from {', '.join(CURVES)}.")
        return getattr(self, metric)[:, -1]

    def best(self, name, metric="val_loss"):
        """The value of setting `name` with the best mean of `metric` over all its members, after the last epoch.

        A value of which a network did not stay finite is not chosen, and a printed sentence says so. Raises
        CourseError if there is no other.
        """
        parts = {_spelled({name: value}): (value, self.where(**{name: value})) for value in self.levels(name)}
        chosen, told = choose({spelled: runs for spelled, (_, runs) in parts.items()}, metric)
        if told:
            print("\n".join(told))
        return parts[chosen][0]

    def evaluate(self, part="test"):
        """(loss, accuracy) of every member on its own `part` of the data ("train", "val", "test"), no penalty."""
        if part not in ("train", "val", "test"):
            raise CourseError(f'There is no part {part!r}; choose from "train", "val" and "test".')
        scores = np.empty((2, len(self)), "float32")
        for i, split in enumerate(self.splits):
            x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
            if not len(y):
                sealed = f": its {split.sealed:,} test rows are sealed" if split.sealed and part == "test" else ""
                raise CourseError(f"There are no {part} rows of {split.name} here{sealed}; choose another part.")
            losses, correct = _row_losses(split.task, self._outputs(i, x), y[None])
            scores[:, i] = np.mean(losses), np.mean(correct)
        return scores[0], scores[1]

    def predict(self, x):
        """The outputs (logits for a classifier) of every member for the rows `x` (rows, features):
        float32 array (members, rows, units)."""
        return np.concatenate([self._outputs(i, x) for i in range(len(self))])

    def model(self, member):
        """Member number `member` as the ordinary Keras model it is, uncompiled, with its final weights."""
        arguments = {k: v for k, v in self.settings[member].items() if _takes(self.build, k)}
        model = self.build(**arguments)
        model.set_weights(self.weights[member])
        return model

    def _outputs(self, i, x):
        weights = [w[None] if w.ndim == 2 else w[None, None] for w in self.weights[i]]
        return _forward(self.nets[i], weights, np.asarray(x, "float32")[None])[0].numpy()

    def _known(self, name):
        if name not in self.settings[0]:
            raise CourseError(f"These networks have no setting {name!r}; they have {', '.join(self.names)}.")
        return [s[name] for s in self.settings]


def train_many(
    build,
    data,
    *,
    seeds=range(10),
    epochs=100,
    batch_size=32,
    optimizer="adam",
    paired_noise=True,
    proximal=None,
    patience=None,
    keep_weights=None,
    chunk=CHUNK,
    progress=True,
    **settings,
):
    """Train one network for every combination of `settings` and every seed, together, and return `Runs`.

    `build(**settings)` returns an uncompiled `keras.Sequential` (Dense, Activation, Dropout, BatchNormalization;
    L1, L2, L1L2 on any weight; before them may stand, for grey square images, Reshape((side, side, 1)), any of
    RandomRotation, RandomTranslation, RandomZoom and RandomFlip, and Flatten). `data` is a `Split`, or a function
    `data(seed=…, **settings)` that returns one, such as `datasets.digits`. Every other keyword is a setting of `build`
    or of `data`: a list, range or array is swept, anything else is held. The loss follows from the data's task:
    cross-entropy or squared error, a mean over rows, plus the penalties of the model.

    For one seed, all settings share the data split, the initial weights, the batches and (with `paired_noise`)
    the dropout draws. `optimizer` is the name or an instance of Keras's SGD, Adam or AdamW.

    With `proximal="weights"` the L1 strengths of the model act as `training.ProximalStep` does, and what is zero is
    exactly zero; with `proximal="rows"` each stands before the sum of the Euclidean norms of its kernel's rows, in
    the `penalty` curve too. Without it L1 is a part of the gradient, as in Keras. L2 is so in any case.

    With `patience`, a number of epochs or a list, each network is stopped early on its validation loss and ends with
    its best weights; all patiences are read off one training. `keep_weights` keeps the weights after "every" epoch,
    or after each that was the "best" so far by validation loss or accuracy, for `Runs.stopped`.

    Networks are worked off `chunk` at a time, so that any number of them fits in memory. Stop the kernel (■) and
    it returns what it has: the networks that are complete, or, in the first chunk, the epochs that are.

    Raises CourseError for settings, models and numbers that it cannot use.
    """
    started = time.perf_counter()
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("chunk", chunk)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise CourseError(f"{name} must be a whole number of at least 1, not {value!r}.")
    if proximal not in (None, "weights", "rows"):
        raise CourseError(f'proximal must be "weights", "rows" or None, not {proximal!r}.')
    if keep_weights not in (None, "best", "every"):
        raise CourseError(f'keep_weights must be "best", "every" or None, not {keep_weights!r}.')
    if patience is not None and keep_weights is None:
        keep_weights = "best"
    optimizer = _read_optimizer(optimizer)
    members = _members(build, data, settings, seeds, paired_noise)
    if proximal == "rows" and any(m.has_l1_beside_kernels() for m in members):
        raise CourseError('proximal="rows" is for the rows of kernels: take the L1 off the biases and the batch norm.')
    groups = {}
    for member in members:
        groups.setdefault(member.shape(), []).append(member)

    watch = _Watch(len(members) * epochs, progress)
    try:
        give_back_memory()  # Keras models are knots of references: those of before go, before more memory is needed
        for group in groups.values():
            _train_group(group, epochs, batch_size, optimizer, proximal, keep_weights, chunk, watch)
    except KeyboardInterrupt:
        watch.stopped = True
    begun = [m for m in members if m.curves is not None]
    complete = [m for m in begun if m.curves.shape[1] == epochs]
    kept = complete or begun
    if not kept:
        raise CourseError(
            "Stopped before the first epochs were complete, so there is nothing to keep: run the cell again."
        )
    runs = Runs(
        settings=[m.settings for m in kept],
        **dict(zip(CURVES, np.stack([m.curves for m in kept], 1), strict=True)),
        weights=[m.weights for m in kept],
        splits=[m.split for m in kept],
        seconds=time.perf_counter() - started,
        compile_seconds=watch.compiling,
        peak_mb=watch.peak_mb,
        build=build,
        nets=[m.recipe.net for m in kept],
        complete=not watch.stopped,
        epochs=np.array([m.curves.shape[1] for m in kept]),
        kept=[m.kept for m in kept],
    )
    watch.finish(runs, len(members), epochs)
    if patience is not None:
        runs = runs.stopped(patience)
    give_back_memory()
    return runs


@dataclass(eq=False)
class _Member:
    """One network to be trained: what it is made of, and afterwards what became of it."""

    settings: dict
    stream: tuple
    recipe: _Recipe
    split: Split
    start: list
    curves: np.ndarray | None = None
    weights: list | None = None
    kept: dict = field(default_factory=dict)

    def shape(self):
        """Members with the same shape can be trained in one compiled call."""
        s, r = self.split, self.recipe
        return r.net, r.penalised, tuple(w.shape for w in self.start), s.task, s.x_train.shape, s.x_val.shape

    def has_l1_beside_kernels(self):
        return any(l1 and self.start[i].ndim < 2 for i, l1 in zip(self.recipe.penalised, self.recipe.l1, strict=True))


def _members(build, data, settings, seeds, paired_noise):
    seeds = _listed(seeds)
    if not seeds or any(isinstance(s, bool) or not isinstance(s, (int, np.integer)) or s < 0 for s in seeds):
        raise CourseError("seeds must be one or more whole numbers from 0 up, such as range(10).")
    if repeated := [s for s in dict.fromkeys(seeds) if seeds.count(s) > 1]:
        raise CourseError(f"The seeds must differ: {repeated[0]} stands more than once, and would count as several.")
    for name in settings:
        if not _takes(build, name) and not _takes(data, name):
            known = sorted({*_arguments(build), *_arguments(data)} - {"seed"})
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
            raise CourseError(f"{name} is a setting neither of the model nor of the data; {hint}")
    swept = {name: _listed(value) for name, value in settings.items()}
    for name, values in swept.items():
        if not values:
            raise CourseError(f"The list for {name} is empty; give it at least one value.")
    grid = [dict(zip(swept, values, strict=True)) for values in itertools.product(*swept.values())]
    splits, recipes, starts = {}, {}, {}
    members = []
    for number, setting in enumerate(grid):  # setting by setting: what an interrupted run keeps is still paired
        for seed in map(int, seeds):
            chosen = {k: v for k, v in setting.items() if _takes(data, k)}
            key = (seed, str(chosen)) if callable(data) else ()
            if key not in splits:
                splits[key] = data(seed=seed, **chosen) if callable(data) else data
                if not isinstance(splits[key], Split):
                    raise CourseError(
                        "data must be a Split, or a function of a seed that returns one, such as datasets.digits."
                    )
            split = splits[key]
            if number not in recipes:
                model = build(**{k: v for k, v in setting.items() if _takes(build, k)})
                recipes[number] = _read(model, split.task), model
                _check_fit(model, split)
            recipe, model = recipes[number]
            like = (seed, recipe.net, recipe.start, tuple(w.shape for w in model.weights))
            if like not in starts:
                starts[like] = initial_weights(model, seed)
            stream = (seed, 0 if paired_noise else 1 + number)
            members.append(_Member({**setting, "seed": seed}, stream, recipe, split, starts[like]))
    return members


def _check_fit(model, split):
    features, units = split.x_train.shape[1], len(split.classes) if split.task == "multiclass" else 1
    if model.input_shape[-1] != features:
        raise CourseError(
            f"{split.name} has {features} features, the model takes {model.input_shape[-1]}: change keras.Input."
        )
    if model.output_shape[-1] != units:
        raise CourseError(
            f"{split.name} needs {units} output(s), the model has {model.output_shape[-1]}: change its last layer."
        )


def _train_group(group, epochs, batch_size, optimizer, proximal, keep_weights, chunk, watch):
    """Train members of one shape, `chunk` at a time; each gets its `curves` and `weights`."""
    size = min(chunk, len(group))
    chunks = [group[at : at + size] for at in range(0, len(group), size)]
    streams = max(len({m.stream for m in members}) for members in chunks)
    recipe = group[0].recipe
    l1_as = (proximal or "gradient") if any(any(m.recipe.l1) for m in group) else None
    run = _compiled(recipe.net, recipe.trainable, recipe.penalised, l1_as, group[0].split.task, optimizer[0])
    for members in chunks:
        _train_chunk(run, members, size, streams, epochs, batch_size, optimizer[1], keep_weights, watch)


def _train_chunk(run, chunk, size, streams, epochs, batch_size, numbers, keep_weights, watch):
    # A last chunk that is too short is filled up with copies of its last member, whose results are dropped.
    filled = chunk + [chunk[-1]] * (size - len(chunk))
    stream_of = [m.stream for m in filled]
    distinct = list(dict.fromkeys(stream_of))
    distinct += distinct[-1:] * (streams - len(distinct))

    def strengths(pick):  # (members, 1, 1), to stand before any stacked weight
        return tf.constant([pick(m.recipe) for m in filled], tf.float32, (size, 1, 1))

    rows, rows_val = len(chunk[0].split.x_train), len(chunk[0].split.x_val)
    steps = -(-rows // batch_size)
    parts = {"x": "x_train", "y": "y_train", "x_val": "x_val", "y_val": "y_val"}
    fixed = {name: tf.constant(_padded([getattr(m.split, part) for m in filled])) for name, part in parts.items()}
    fixed |= {
        "share": tf.constant(_padded([np.full(rows, 1 / rows, "float32")])),
        "share_val": tf.constant(_padded([np.full(rows_val, 1 / rows_val, "float32")])),
        "steps": tf.constant(steps),
        "stream": tf.constant([distinct.index(s) for s in stream_of]),
        "noise_seeds": tf.reshape([_noise_seed(s) for s in distinct], (-1, 1, 1)),
        "l1": [strengths(lambda r, i=i: r.l1[i]) for i in range(len(chunk[0].recipe.l1))],
        "l2": [strengths(lambda r, i=i: r.l2[i]) for i in range(len(chunk[0].recipe.l2))],
        "ranges": [strengths(lambda r, i=i: r.ranges[i]) for i in range(len(chunk[0].recipe.ranges))],
        "numbers": {name: tf.constant(numbers.get(name, 0.0)) for name in _NUMBERS},
    }
    weights = [tf.constant(np.stack([m.start[i] for m in filled])) for i in range(len(chunk[0].start))]
    weights = [w if len(w.shape) == 3 else w[:, None] for w in weights]
    learned = [w for w, yes in zip(weights, chunk[0].recipe.trainable, strict=True) if yes]
    state = (
        tf.constant(0),
        weights,
        [tf.zeros_like(w) for w in learned],
        [tf.zeros_like(w) for w in learned],
    )

    draws = [_batch_generator(seed) for seed, _ in distinct]
    order = np.zeros((EPOCHS_PER_CALL, -(-fixed["x"].shape[1] // batch_size), len(distinct), batch_size), "int32")
    with watch.compile_time():
        run(state, tf.constant(order), tf.constant(0), fixed)  # no epoch: this only compiles
    curves = []
    per_call = 1 if keep_weights else EPOCHS_PER_CALL
    try:
        for first in range(0, epochs, per_call):
            count = min(per_call, epochs - first)
            order[:count, :steps] = np.stack([batches(rows, batch_size, count, draw) for draw in draws], 2)
            after, block = run(state, tf.constant(order), tf.constant(count), fixed)
            curves.append(block.numpy()[:count])
            state = after
            if keep_weights:
                _keep(chunk, curves, state[1], keep_weights)
            watch.advance(count * len(chunk))
    finally:
        if curves:
            final = [w.numpy() for w in state[1]]
            for k, member in enumerate(chunk):
                member.curves = np.concatenate(curves)[:, :, k].T
                member.weights = [w[k].reshape(like.shape) for w, like in zip(final, member.start, strict=True)]


def _keep(chunk, curves, weights, which):
    """Keep the weights of this epoch, the last of `curves`, for the members for which it may be asked."""
    history = np.concatenate(curves)  # (epochs, curves, members)
    now, loss, accuracy = len(history) - 1, *(history[:, CURVES.index(name)] for name in ("val_loss", "val_accuracy"))
    weights = [w.numpy() for w in weights]
    for k, member in enumerate(chunk):
        if which == "every" or loss[:, k].argmin() == now or accuracy[:, k].argmax() == now:
            member.kept[now] = [w[k].reshape(like.shape).copy() for w, like in zip(weights, member.start, strict=True)]


_NUMBERS = ("learning_rate", "momentum", "beta_1", "beta_2", "epsilon", "weight_decay")


def _padded(arrays):
    """`arrays` of the same shape (rows, …) as one (members, rows, …), with zeros up to a multiple of PAD rows."""
    stacked = np.stack(arrays)
    filling = [(0, 0)] * stacked.ndim
    filling[1] = (0, -stacked.shape[1] % PAD)
    return np.pad(stacked, filling)


def _noise_seed(stream):
    """A 31-bit seed for (seed, number of the setting), so that no two streams meet."""
    return int(np.random.SeedSequence(stream).generate_state(1)[0] >> 1)


class _Watch:
    """Progress bar, seconds spent compiling and the largest memory seen."""

    def __init__(self, work, show):
        self.work, self.done, self.compiling, self.peak_mb, self.stopped = work, 0, 0.0, 0.0, False
        self.process, self.started = psutil.Process(), time.perf_counter()
        self.bar = display(HTML(""), display_id=True) if show and get_ipython() is not None else None

    @contextmanager
    def compile_time(self):
        began = time.perf_counter()
        yield
        spent = time.perf_counter() - began
        self.compiling += spent
        if spent > 0.3:  # it was not compiled before
            give_back_memory()

    def advance(self, work):
        self.done += work
        self.peak_mb = max(self.peak_mb, self.process.memory_info().rss / 1e6)
        if self.bar:
            share, spent = self.done / self.work, time.perf_counter() - self.started
            left = spent / share - spent
            bar = f"<progress value='{share:.3f}' aria-label='training'></progress>"
            self.bar.update(HTML(f"{bar} {share:.0%}, about {left:.0f} s left"))

    def finish(self, runs, members, epochs):
        text = f"{len(runs)} networks, {runs.train_loss.shape[1]} epochs each, in {runs.seconds:.1f} s"
        if self.stopped:
            text = f"Stopped. Kept: {text} (of {members} networks, {epochs} epochs). Run the cell again for all."
        if self.bar:
            self.bar.update(Line(text))
        elif self.stopped:
            print(text)


def _arguments(function):
    """The names of the arguments of `function`, a Split having none."""
    if not callable(function):
        return {}
    return inspect.signature(function).parameters


def _takes(function, name):
    parameters = _arguments(function)
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in getattr(parameters, "values", list)())


def _listed(value):
    """What a setting is swept over: the elements of a list, range or array; one value otherwise."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, (list, range)) else [value]


def _spelled(settings):
    return ", ".join(f"{name} = {value}" for name, value in settings.items())
