"""The compiled loop: epochs of steps for all members, and after each epoch the losses of all rows."""

import functools

import tensorflow as tf

from course_utils.engine import optimizers
from course_utils.engine.layers import forward, has_windows
from course_utils.engine.losses import row_losses, trained_losses
from course_utils.engine.noise import dropout_noise
from course_utils.engine.weights import constrained
from course_utils.training import proximal_map

MEASURED = 5  # losses and accuracies on training and validation rows, and the penalty
# Rows are filled up to a multiple of this (the filling never counts), so that fewer programs are compiled.
PAD = 200
SLICE = 50  # and networks with convolutions are evaluated so many rows at a time: their views take much memory


def padding(net):
    """The multiple to which the rows of this network are filled up."""
    return SLICE if has_windows(net) else PAD


@functools.lru_cache(maxsize=64)
def compiled(net, trainable, penalised, constraints, l1_as, task, optimizer, smoothed, weighted):
    """The training loop of one kind of network. TensorFlow compiles it once for each set of array shapes.

    `l1_as` says what is made of the L1 strengths: "gradient", "weights" or "rows" (a proximal step), None (all are 0).
    `smoothed` and `weighted` say whether any member has label smoothing or class weights.
    """
    learned = [i for i, yes in enumerate(trainable) if yes]

    def measured(weights, fixed, part, at=None):
        """Loss and accuracy of the rows of one part, or of a slice of them, each row times its share: (2, members)."""
        x, y, share = (fixed[name + part] for name in ("x", "y", "share"))
        if at is not None:
            x, y, share = (tf.gather(a, at + tf.range(SLICE), axis=1) for a in (x, y, share))
        outputs = forward(net, weights, x)[0]
        return tf.stack([tf.reduce_sum(share * m, 1) for m in row_losses(task, outputs, y)])

    def evaluate(weights, fixed, part):
        if not has_windows(net):
            return measured(weights, fixed, part)
        rows, members = fixed["x" + part].shape[1], fixed["x" + part].shape[0]
        return tf.while_loop(
            lambda at, total: at < rows,
            lambda at, total: (at + SLICE, total + measured(weights, fixed, part, at)),
            (tf.constant(0), tf.zeros((2, members))),
        )[1]

    def one_step(weights, first, second, step, rate, rows, fixed):
        used = tf.cast(rows >= 0, tf.float32)
        share = used / tf.reduce_sum(used, 1, keepdims=True)
        rows = tf.maximum(rows, 0)
        x, y = (tf.gather(fixed[name], rows, batch_dims=1) for name in ("x", "y"))

        def noise(place, units):
            draws = dropout_noise(fixed["noise_seeds"], step, place, (x.shape[1], units))
            return tf.gather(draws, fixed["stream"])

        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs, moved = forward(net, weights, x, fixed["ranges"], noise, share[..., None])
            smoothing = fixed["smoothing"] if smoothed else None
            class_weights = fixed["class_weights"] if weighted else None
            loss = tf.reduce_sum(share * trained_losses(task, outputs, y, smoothing, class_weights))
        gradients = tape.gradient(loss, [weights[i] for i in learned])
        for slot, (i, gradient) in enumerate(zip(learned, gradients, strict=True)):
            if i in penalised:
                p = penalised.index(i)
                gradient += 2 * fixed["l2"][p] * weights[i]
                if l1_as == "gradient":
                    gradient += fixed["l1"][p] * tf.sign(weights[i])
            moved[i], first[slot], second[slot] = optimizers.updated(
                optimizer, fixed["numbers"], step, rate, weights[i], gradient, first[slot], second[slot]
            )
            for limit, constraint in zip(fixed["limits"], constraints, strict=True):
                if constraint[0] == i:
                    moved[i] = constrained(moved[i], constraint, limit)
            if i in penalised and l1_as in ("weights", "rows"):
                taken = rate / (1 - fixed["numbers"]["momentum"])  # as in ProximalStep
                moved[i] = proximal_map(moved[i], taken, fixed["l1"][p], rows=l1_as == "rows")
        return [moved.get(i, w) for i, w in enumerate(weights)], first, second

    def penalty(weights, fixed):
        total = tf.zeros_like(fixed["stream"], tf.float32)
        for p, i in enumerate(penalised):
            w = weights[i]
            total += tf.reduce_sum(fixed["l2"][p] * tf.square(w), (1, 2))
            if l1_as:
                sizes = tf.norm(w, axis=2, keepdims=True) if l1_as == "rows" else tf.abs(w)
                total += tf.reduce_sum(fixed["l1"][p] * sizes, (1, 2))
        return total

    @tf.function(jit_compile=True, autograph=False)
    def run(state, order, rates, epochs, fixed):
        """`order` (epochs per call, steps, streams, batch), `rates` (epochs per call, steps, members); the first
        `epochs` and `fixed["steps"]` of both are trained."""
        steps = fixed["steps"]

        def step_body(epoch, s, step, weights, first, second):
            rows, rate = tf.gather(order[epoch, s], fixed["stream"]), rates[epoch, s][:, None, None]
            weights, first, second = one_step(list(weights), list(first), list(second), step, rate, rows, fixed)
            return epoch, s + 1, step + 1, weights, first, second

        def epoch_body(epoch, step, weights, first, second, curves):
            _, _, step, weights, first, second = tf.while_loop(
                lambda e, s, *_: s < steps, step_body, (epoch, tf.constant(0), step, weights, first, second)
            )
            parts = [evaluate(weights, fixed, part) for part in ("", "_val")]
            curves = curves.write(epoch, tf.concat([*parts, penalty(weights, fixed)[None]], 0))
            return epoch + 1, step, weights, first, second, curves

        members = fixed["stream"].shape[0]
        curves = tf.TensorArray(tf.float32, order.shape[0], element_shape=(MEASURED, members))
        _, step, weights, first, second, curves = tf.while_loop(
            lambda e, *_: e < epochs, epoch_body, (tf.constant(0), state[0], *state[1:], curves)
        )
        return (step, weights, first, second), curves.stack()

    # A concrete function is called past TensorFlow's count of retracings: every architecture is a program of its own
    # here, and its warning would name a function that a learner has never seen.
    return lambda *arguments: run.get_concrete_function(*arguments)(*arguments)
