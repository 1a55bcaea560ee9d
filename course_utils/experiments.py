"""Many networks at once, and the fair comparison that stands on them.

A small network spends nearly all of a Keras `fit` outside the arithmetic. Here K networks of one architecture
are stacked along a leading member axis and trained in one compiled loop. Their weights never meet (the loss is
a sum over members, and every optimizer offered works element by element), so each ends where it would have
ended alone: `tests/package/test_experiments.py` trains members with `model.fit` on the same batches and compares.
"""

import difflib
import gc
import inspect
import itertools
import math
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import keras
import numpy as np
import psutil
import tensorflow as tf
from IPython import get_ipython
from IPython.display import HTML, display

from course_utils.datasets import Split
from course_utils.engine import loop, losses, optimizers
from course_utils.engine.layers import Recipe, forward, has_windows, read
from course_utils.engine.noise import batch_generator, batches, noise_seed
from course_utils.engine.weights import stacked
from course_utils.errors import CourseError
from course_utils.machine import give_back_memory
from course_utils.models import initial_weights
from course_utils.selection import choose
from course_utils.show import Line
from course_utils.training import stopping_epoch

CURVES = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "penalty")
EPOCHS_PER_CALL = 10  # the compiled loop comes back this often, to move the progress bar and to be interrupted
# Networks in one compiled call. More would be a little faster to run, but the loop is compiled anew for every
# number, which takes a second: with one number for all, most experiments of a lesson find it compiled already.
CHUNK = 10

# What has been imported stays: with it left out of its rounds, the garbage collector takes a millisecond, not 0.2 s.
gc.collect()
gc.freeze()


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

    @property
    def finite(self):
        """Which members ended with finite losses, on training and validation rows: bool array (members,)."""
        return np.isfinite(self.final("train_loss")) & np.isfinite(self.final("val_loss"))

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
            measured, correct = losses.row_losses(split.task, self._outputs(i, x), y[None])
            scores[:, i] = np.mean(measured), np.mean(correct)
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
        weights, net = [stacked([w]) for w in self.weights[i]], self.nets[i]
        x = np.asarray(x, "float32").reshape(len(x), -1)
        at_once = loop.SLICE if has_windows(net) else max(len(x), 1)
        parts = [forward(net, weights, tf.constant(x[None, at : at + at_once])) for at in range(0, len(x), at_once)]
        return np.concatenate([outputs for outputs, _ in parts] or [forward(net, weights, tf.constant(x[None]))[0]], 1)

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

    `build(**settings)` returns an uncompiled `keras.Sequential` of the layers in `engine.layers.TABLE`; any weight may
    have L1, L2 or L1L2 and a constraint MaxNorm, UnitNorm or NonNeg. Pictures begin with
    keras.Input((height, width, channels)), or with Reshape behind an Input of all pixels. `data` is a `Split`, or a
    function `data(seed=…, **settings)` that returns one, such as `datasets.digits`. Every other keyword is a setting of
    `build` or of `data`: a list, range or array is swept, anything else is held. The loss follows from the data's task:
    cross-entropy or squared error, a mean over rows, plus the penalties of the model.

    For one seed, all settings share the data split, the initial weights, the batches and (with `paired_noise`)
    the dropout draws. `optimizer` is the name or an instance of Keras's SGD, Adam or AdamW; its learning rate may be a
    schedule of Keras. Three settings belong to the training itself, unless `build` or `data` has an argument of that
    name: `learning_rate` (a number or a schedule, in place of the optimizer's), `label_smoothing` and `class_weight`
    (as in `model.fit`). The last two are in what is trained, and not in the losses that are recorded.

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
    kind, rate, numbers = optimizers.read(optimizer)
    members = _members(build, data, settings, seeds, paired_noise, rate)
    if proximal == "rows" and any(m.has_l1_beside_kernels() for m in members):
        raise CourseError(
            'proximal="rows" is for the rows of Dense kernels: take the L1 off the biases, '
            "normalizations and convolutions."
        )
    groups = {}
    for member in members:
        groups.setdefault(member.shape(), []).append(member)

    watch = _Watch(len(members) * epochs, progress)
    try:
        give_back_memory()  # Keras models are knots of references: those of before go, before more memory is needed
        for group in groups.values():
            _train_group(group, epochs, batch_size, (kind, numbers), proximal, keep_weights, chunk, watch)
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
    _tell_diverged(runs)
    give_back_memory()
    return runs


def _tell_diverged(runs):
    """One line on the networks whose loss is no number any more: which settings, and how many of their seeds."""
    lost = np.flatnonzero(~runs.finite)
    if not len(lost):
        return
    counts = {}
    for i in lost:
        setting = _spelled({k: v for k, v in runs.settings[i].items() if k != "seed"}) or "all settings"
        counts[setting] = counts.get(setting, 0) + 1
    which = "; ".join(f"{setting} ({count} of its seeds)" for setting, count in counts.items())
    text = f"The loss of {len(lost)} of {len(runs)} networks did not stay finite: {which}."
    display(Line(text)) if get_ipython() is not None else print(text)


@dataclass(eq=False)
class _Member:
    """One network to be trained: what it is made of, and afterwards what became of it."""

    settings: dict
    stream: tuple
    recipe: Recipe
    split: Split
    start: list
    rate: object  # a number, or one of Keras's learning-rate schedules
    smoothing: float
    class_weights: np.ndarray
    curves: np.ndarray | None = None
    weights: list | None = None
    kept: dict = field(default_factory=dict)

    def shape(self):
        """Members with the same shape can be trained in one compiled call."""
        s, r = self.split, self.recipe
        shapes = tuple(w.shape for w in self.start), s.x_train.shape, s.x_val.shape
        return r.net, r.penalised, r.constrained, *shapes, s.task, len(s.classes)

    def has_l1_beside_kernels(self):
        return any(l1 and self.start[i].ndim != 2 for i, l1 in zip(self.recipe.penalised, self.recipe.l1, strict=True))


# Settings of the training itself, one for each member like those of the model; see `train_many`.
OF_TRAINING = ("learning_rate", "label_smoothing", "class_weight")


def _members(build, data, settings, seeds, paired_noise, rate):
    _check_build(build)
    seeds = _listed(seeds)
    if not seeds or any(isinstance(s, bool) or not isinstance(s, (int, np.integer)) or s < 0 for s in seeds):
        raise CourseError("seeds must be one or more whole numbers from 0 up, such as range(10).")
    if repeated := [s for s in dict.fromkeys(seeds) if seeds.count(s) > 1]:
        raise CourseError(f"The seeds must differ: {repeated[0]} stands more than once, and would count as several.")
    for name in settings:
        if name not in OF_TRAINING and not _takes(build, name) and not _takes(data, name):
            could = sorted({*_arguments(build), *_arguments(data), *OF_TRAINING} - {"seed"})
            near = difflib.get_close_matches(name, could, 1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(could)}."
            raise CourseError(f"{name} is a setting neither of the model nor of the data; {hint}")
    swept = {name: _listed(value) for name, value in settings.items()}
    own = [name for name in OF_TRAINING if name in swept and not _takes(build, name) and not _takes(data, name)]
    if "class_weight" in own:
        swept["class_weight"] = [losses.as_level(value) for value in swept["class_weight"]]
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
                _check_rows(splits[key])
            split = splits[key]
            if number not in recipes:
                model = build(**{k: v for k, v in setting.items() if _takes(build, k)})
                recipes[number] = read(model, split.task), model
                _check_fit(model, split)
            recipe, model = recipes[number]
            like = (seed, recipe.net, recipe.start, tuple(w.shape for w in model.weights))
            if like not in starts:
                starts[like] = initial_weights(model, seed)
            stream = (seed, 0 if paired_noise else 1 + number)
            training = {name: setting[name] for name in own}
            members.append(
                _Member(
                    {**setting, "seed": seed},
                    stream,
                    recipe,
                    split,
                    starts[like],
                    rate=optimizers.check_rate(training.get("learning_rate", rate)),
                    smoothing=losses.check_smoothing(training.get("label_smoothing", 0.0), split),
                    class_weights=losses.check_class_weight(training.get("class_weight"), split),
                )
            )
    return members


def _check_build(build):
    if isinstance(build, keras.Model):
        raise CourseError(
            "train_many needs a function that builds the model, not a model that is built: "
            "put the lines that make it into `def build():` and give train_many build."
        )
    if not callable(build):
        raise CourseError(f"build must be a function that returns a Keras model, such as mlp, not {build!r}.")


def _check_rows(split):
    """Whether there is something to train on and something to measure on."""
    for part, what in (("train", "training"), ("val", "validation")):
        if not len(getattr(split, f"x_{part}")):
            raise CourseError(
                f"{split.name} has no {what} rows here, and train_many measures both losses after every epoch: "
                f"give it {part}_rows of at least 1."
            )


def _check_fit(model, split):
    features = math.prod(split.x_train.shape[1:])  # a picture's pixels may stand in one row, or as a picture
    units = len(split.classes) if split.task == "multiclass" else 1
    if math.prod(model.input_shape[1:]) != features:
        takes = " × ".join(map(str, model.input_shape[1:]))
        raise CourseError(f"{split.name} has {features} features, the model takes {takes}: change keras.Input.")
    if model.output_shape[1:] != (units,):
        has = " × ".join(map(str, model.output_shape[1:]))
        raise CourseError(f"{split.name} needs {units} output(s), the model has {has}: change its last layer.")
    if model.compiled:
        raise CourseError(
            "train_many compiles the model itself: take model.compile out of build and give the optimizer to "
            "train_many, as in train_many(build, data, optimizer=keras.optimizers.SGD(0.1))."
        )


def _train_group(group, epochs, batch_size, optimizer, proximal, keep_weights, chunk, watch):
    """Train members of one shape, `chunk` at a time; each gets its `curves` and `weights`."""
    size = min(chunk, len(group))
    chunks = [group[at : at + size] for at in range(0, len(group), size)]
    streams = max(len({m.stream for m in members}) for members in chunks)
    recipe = group[0].recipe
    l1_as = (proximal or "gradient") if any(any(m.recipe.l1) for m in group) else None
    kind, numbers = optimizer
    run = loop.compiled(
        recipe.net,
        recipe.trainable,
        recipe.penalised,
        recipe.constrained,
        l1_as,
        group[0].split.task,
        kind,
        smoothed=any(m.smoothing for m in group),
        weighted=any((m.class_weights != 1).any() for m in group),
    )
    for members in chunks:
        _train_chunk(run, members, size, streams, epochs, batch_size, numbers, keep_weights, watch)


def _train_chunk(run, chunk, size, streams, epochs, batch_size, numbers, keep_weights, watch):
    # A last chunk that is too short is filled up with copies of its last member, whose results are dropped.
    filled = chunk + [chunk[-1]] * (size - len(chunk))
    stream_of = [m.stream for m in filled]
    distinct = list(dict.fromkeys(stream_of))
    distinct += distinct[-1:] * (streams - len(distinct))

    def strengths(pick):  # (members, 1, 1), to stand before any stacked weight
        return tf.constant([pick(m.recipe) for m in filled], tf.float32, (size, 1, 1))

    def padded(arrays):
        return _padded(arrays, loop.padding(chunk[0].recipe.net))

    rows, rows_val = len(chunk[0].split.x_train), len(chunk[0].split.x_val)
    steps = -(-rows // batch_size)
    parts = {"x": "x_train", "y": "y_train", "x_val": "x_val", "y_val": "y_val"}
    fixed = {name: tf.constant(padded([getattr(m.split, part) for m in filled])) for name, part in parts.items()}
    fixed |= {
        "share": tf.constant(padded([np.full(rows, 1 / rows, "float32")])),
        "share_val": tf.constant(padded([np.full(rows_val, 1 / rows_val, "float32")])),
        "steps": tf.constant(steps),
        "stream": tf.constant([distinct.index(s) for s in stream_of]),
        "noise_seeds": tf.reshape([noise_seed(s) for s in distinct], (-1, 1, 1)),
        "l1": [strengths(lambda r, i=i: r.l1[i]) for i in range(len(chunk[0].recipe.l1))],
        "l2": [strengths(lambda r, i=i: r.l2[i]) for i in range(len(chunk[0].recipe.l2))],
        "ranges": [strengths(lambda r, i=i: r.ranges[i]) for i in range(len(chunk[0].recipe.ranges))],
        "limits": [strengths(lambda r, i=i: r.limits[i]) for i in range(len(chunk[0].recipe.limits))],
        "numbers": {name: tf.constant(value) for name, value in numbers.items()},
        "smoothing": tf.constant([[m.smoothing] for m in filled]),
        "class_weights": tf.constant(np.stack([m.class_weights for m in filled])),
    }
    weights = [stacked([m.start[i] for m in filled]) for i in range(len(chunk[0].start))]
    learned = [w for w, yes in zip(weights, chunk[0].recipe.trainable, strict=True) if yes]
    state = (
        tf.constant(0),
        weights,
        [tf.zeros_like(w) for w in learned],
        [tf.zeros_like(w) for w in learned],
    )

    draws = [batch_generator(seed) for seed, _ in distinct]
    order = np.zeros((EPOCHS_PER_CALL, -(-fixed["x"].shape[1] // batch_size), len(distinct), batch_size), "int32")
    rates = np.zeros((*order.shape[:2], size), "float32")
    rate_of = {id(m.rate): optimizers.rate_of_each_step(m.rate) for m in filled}
    with watch.compile_time():  # no epoch: this only compiles
        run(state, tf.constant(order), tf.constant(rates), tf.constant(0), fixed)
    curves = []
    per_call = 1 if keep_weights else EPOCHS_PER_CALL
    try:
        for first in range(0, epochs, per_call):
            count = min(per_call, epochs - first)
            order[:count, :steps] = np.stack([batches(rows, batch_size, count, draw) for draw in draws], 2)
            each = {key: rate(first * steps, count * steps) for key, rate in rate_of.items()}
            rates[:count, :steps] = np.stack([each[id(m.rate)].reshape(count, steps) for m in filled], 2)
            after, block = run(state, tf.constant(order), tf.constant(rates), tf.constant(count), fixed)
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


def _padded(arrays, multiple):
    """`arrays` of the same shape (rows, …) as one (members, rows, features) or (members, rows), filled up with rows of
    zeros to a multiple of `multiple`."""
    together = np.stack([a if a.ndim == 1 else a.reshape(len(a), -1) for a in arrays])
    filling = [(0, 0)] * together.ndim
    filling[1] = (0, -together.shape[1] % multiple)
    return np.pad(together, filling)


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
