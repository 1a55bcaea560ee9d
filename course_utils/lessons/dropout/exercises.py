"""The exercises of lesson 05."""

import numpy as np

from course_utils import seeds
from course_utils.exercise import Exercise, NotAttempted, Wrong, call, calls, shown

LESSON = "05 Dropout"


# ---- a mask, and what is kept scaled up ---------------------------------------------------------------------------


def _inverted_dropout(h, rate, draws):
    return np.where(draws >= rate, h / (1 - rate), 0.0)


def _layers():
    draw = seeds.fixed(0)
    cases = []
    for shape, rate in (((3, 4), 0.2), ((2, 6), 0.5), ((8,), 0.75), ((2, 3), 0.3)):
        draws = (draw.permutation(int(np.prod(shape))) + 0.5) / np.prod(shape)  # some below any rate, some above
        cases.append((draw.normal(1.0, 1.0, shape).round(2), rate, draws.reshape(shape)))
    return cases


inverted_dropout = Exercise(
    "dropout.inverted_dropout",
    "Write inverted dropout",
    lambda answer: calls(
        answer,
        _layers(),
        _inverted_dropout,
        {
            "You divide by the share that this mask happened to keep. Divide by the probability, 1 − rate.": (
                lambda h, rate, draws: h * (draws >= rate) / np.mean(draws >= rate)
            ),
            "You took `rate` for the share that is *kept*. In Keras it is the share that is dropped.": (
                lambda h, rate, draws: np.where(draws < rate, h / rate, 0.0)
            ),
            "You drop the units whose draw is at or above the rate: that is a share of 1 − rate.": (
                lambda h, rate, draws: np.where(draws < rate, h / (1 - rate), 0.0)
            ),
            "The mask is right, and nothing is scaled: on average the layer now gives 1 − rate of what it gave.": (
                lambda h, rate, draws: np.where(draws >= rate, h, 0.0)
            ),
            "You divide by the rate. What is kept is a share of 1 − rate, so divide by that.": (
                lambda h, rate, draws: np.where(draws >= rate, h / rate, 0.0)
            ),
            "You multiply what is kept by 1 − rate, and make it smaller still. Divide by it.": (
                lambda h, rate, draws: np.where(draws >= rate, h * (1 - rate), 0.0)
            ),
            "Your mask drops what should be kept, and keeps what should be dropped.": (
                lambda h, rate, draws: np.where(draws < rate, h, 0.0)
            ),
            "That is the mask. Multiply `h` by it, and divide by 1 − rate.": lambda h, rate, draws: draws >= rate,
            "You scale all units and drop none.": lambda h, rate, draws: h / (1 - rate),
        },
    ),
    hints=[
        "`draws >= rate` is true for a share of 1 − rate of the units: those are kept.",
        "True counts as 1 and False as 0, so `h * (draws >= rate)` sets the others to zero.",
        "What is left has to stand for the whole layer: divide by the share that is kept.",
    ],
    solution="""
        def inverted_dropout(h, rate, draws):
            return h * (draws >= rate) / (1 - rate)
    """,
    why="A unit is kept with probability 1 − rate and then counts 1 / (1 − rate) times: on average once.",
)


# ---- an old recipe --------------------------------------------------------------------------------------------


def _check_layer(answer):
    if isinstance(answer, type):
        return "That is the kind of layer. Give it its rate, as in `layers.Dropout(0.5)`."
    if not callable(answer):
        return f"Your answer should be a Keras layer, such as `layers.Dropout(0.5)`, and it is {shown(answer)}."
    ones = np.ones((64, 64), "float32")  # 4,096 units pin a share down to about one in a hundred
    try:
        training, inference = answer(ones, training=True), answer(ones, training=False)
    except TypeError:
        return "Your answer should be a Keras layer: something that can be called with `training=True`."
    if not (hasattr(training, "__array__") and hasattr(inference, "__array__")):
        return f"Your answer should be a Keras layer; called with an array it gave {shown(training)}."
    training, inference = np.asarray(training, float), np.asarray(inference, float)
    if training.shape != ones.shape:
        return f"Your layer turns an array of shape `(64, 64)` into one of shape `{training.shape}`; dropout does not."
    if np.abs(inference - ones).max() > 1e-4:
        return "Your layer changes its input in inference mode too; dropout does nothing there."
    dropped = training == 0
    if not dropped.any():
        return "In training mode your layer sets no unit to exactly zero."
    if dropped.all():
        return "In training mode your layer drops every unit; the recipe keeps 80%."
    if (dropped == dropped[0]).all() or (dropped == dropped[:, :1]).all():
        return "Your layer drops whole columns or whole rows together; the recipe draws for each unit and each row."
    share, kept = dropped.mean(), training[~dropped]
    if abs(share - 0.8) < 0.05:
        return "Your layer drops 80% of the units. `keep_prob=0.8` kept them; Keras wants the share that is dropped."
    if abs(share - 0.2) > 0.05:
        return f"In training mode your layer drops about {share:.0%} of the units; the recipe keeps 80%."
    if np.abs(kept - 1.25).max() > 0.01:
        if abs(share - (1 - 1 / kept.max())) < 0.05:
            return f"Your layer multiplies what it keeps by {kept.max():.3g}: its rate is near 0.2, but not 0.2."
        return "Your layer drops the right share, but does not multiply what it keeps by 1 / 0.8 = 1.25."
    return None


layer = Exercise(
    "dropout.layer",
    "An old recipe in today's Keras",
    _check_layer,
    hints=[
        "`keep_prob` is the share that is kept; Keras's `rate` is the share that is dropped.",
        "The two add up to 1.",
    ],
    solution="""
        layer = layers.Dropout(0.2)
    """,
    why="Kept 80%, so dropped 20%; the kept ones are multiplied by 1.25. At rate 0.8 the same line of code would have "
    "dropped four units in five.",
)


# ---- dropout as a penalty -----------------------------------------------------------------------------------------


def _dropout_penalty(x, w, rate):
    return rate / (1 - rate) * np.sum(w**2 * np.mean(x**2, axis=0))


def _tables():
    draw = seeds.fixed(1)
    shapes = (((6, 2), 0.5), ((8, 3), 0.2), ((5, 4), 0.8))
    return [(draw.normal(1, 2, s).round(1), draw.normal(0, 1, s[1]).round(1), rate) for s, rate in shapes]


dropout_penalty = Exercise(
    "dropout.dropout_penalty",
    "The penalty that dropout amounts to",
    lambda answer: calls(
        answer,
        _tables(),
        _dropout_penalty,
        {
            "You took the variance of each column. It is the mean of the squares, without subtracting a mean first: "
            "what is dropped is the whole value.": (
                lambda x, w, rate: rate / (1 - rate) * np.sum(w**2 * np.var(x, axis=0))
            ),
            "The factor is rate / (1 − rate), not the rate alone.": (
                lambda x, w, rate: rate * np.sum(w**2 * np.mean(x**2, axis=0))
            ),
            "Your factor is upside down: it should grow with the rate.": (
                lambda x, w, rate: (1 - rate) / rate * np.sum(w**2 * np.mean(x**2, axis=0))
            ),
            "rate · (1 − rate) is the variance of the mask before it is divided by 1 − rate; divide by (1 − rate)².": (
                lambda x, w, rate: rate * (1 - rate) * np.sum(w**2 * np.mean(x**2, axis=0))
            ),
            "You add up over the rows; the loss is a mean over them.": (
                lambda x, w, rate: rate / (1 - rate) * np.sum(w**2 * np.sum(x**2, axis=0))
            ),
            "That is plain L2 with λ = rate / (1 − rate). Here each squared weight has a strength of its own: the mean "
            "square of its column.": lambda x, w, rate: rate / (1 - rate) * np.sum(w**2),
            "You squared the prediction of each row. The masks of different features are independent, so the squares "
            "add up feature by feature.": lambda x, w, rate: rate / (1 - rate) * np.mean((x @ w) ** 2),
            "You squared the mean of each column; take the mean of its squares.": (
                lambda x, w, rate: rate / (1 - rate) * np.sum(w**2 * np.mean(x, axis=0) ** 2)
            ),
            "The weights are not squared.": (lambda x, w, rate: rate / (1 - rate) * np.sum(w * np.mean(x**2, axis=0))),
            "You have one number for each feature. The penalty is their sum.": (
                lambda x, w, rate: rate / (1 - rate) * w**2 * np.mean(x**2, axis=0)
            ),
        },
    ),
    hints=[
        "`np.mean(x**2, axis=0)` is the mean square of each column, one number for each feature.",
        "Multiply it by the squared weights, add up, and multiply by rate / (1 − rate).",
    ],
    solution="""
        def dropout_penalty(x, w, rate):
            mean_square = np.mean(x**2, axis=0)
            return rate / (1 - rate) * np.sum(mean_square * w**2)
    """,
    why="A weight costs as much as its feature makes the prediction jump when it is dropped. In another scale the "
    "weight changes and the product does not: unlike L2, this penalty does not care about the scale of a unit.",
)


# ---- many thinned networks --------------------------------------------------------------------------------------


def _softmax(logits, axis=-1):
    odds = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return odds / odds.sum(axis=axis, keepdims=True)


def _average_probability(logits):
    return _softmax(logits).mean(axis=0)


_SAMPLES = [
    (np.array([[[2.0, 0.0, 0.0]], [[0.0, 3.0, 0.0]]]),),
    (seeds.fixed(2).normal(0, 2, (4, 3, 5)).round(1),),
    (seeds.fixed(3).normal(0, 2, (5, 2, 4)).round(1) + 2000,),
]

average_probability = Exercise(
    "dropout.average_probability",
    "Let many networks vote",
    lambda answer: calls(
        answer,
        _SAMPLES,
        _average_probability,
        {
            "You averaged the logits first. Turn each network's logits into probabilities, and average those.": (
                lambda logits: _softmax(logits.mean(axis=0))
            ),
            "You averaged over the rows (axis 1). The networks lie along axis 0.": (
                lambda logits: _softmax(logits).mean(axis=1)
            ),
            "You averaged over the classes (the last axis); a mean over all classes is always the same.": (
                lambda logits: _softmax(logits).mean(axis=-1)
            ),
            "Those are every network's probabilities; now average them over the networks (axis 0).": _softmax,
            "Your probabilities add up to 1 over the rows. They should do so over the classes (the last axis).": (
                lambda logits: _softmax(logits, axis=1).mean(axis=0)
            ),
            "Your probabilities add up to 1 over the networks. They should do so over the classes (the last axis).": (
                lambda logits: _softmax(logits, axis=0).mean(axis=0)
            ),
            "Those are averaged logits, not probabilities.": lambda logits: logits.mean(axis=0),
        },
    ),
    hints=[
        "Softmax: `np.exp(logits)` divided by its sum over the last axis, with `keepdims=True`. Large logits overflow; "
        "subtract each row's largest one first, which changes nothing.",
        "Then take the mean over axis 0.",
        "`logits = logits - logits.max(axis=-1, keepdims=True)`",
    ],
    solution="""
        def average_probability(logits):
            odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
            probability = odds / odds.sum(axis=-1, keepdims=True)
            return probability.mean(axis=0)
    """,
    why="A mean of probabilities is a probability again: it is what you get by picking one of the networks at random "
    "and believing it. A mean of logits is another average: its softmax is the geometric mean of the probabilities, "
    "scaled to add up to 1.",
)


# ---- a network that got worse -------------------------------------------------------------------------------------


def _read(answer):
    """The kinds of a model's layers, the dropouts' rates, the activations; Wrong if it is another network."""
    model = answer if hasattr(answer, "layers") else call(answer)
    if model is None or model is ...:
        raise NotAttempted("Your function returns nothing. If you have written it, does it end in `return model`?")
    try:
        stack = [(type(each).__name__, each) for each in model.layers if type(each).__name__ != "InputLayer"]
        shapes = tuple(model.input_shape), tuple(model.output_shape)
        rates = [float(each.rate) for kind, each in stack if kind == "Dropout"]
        units = [each.units for kind, each in stack if kind == "Dense"]
    except (AttributeError, TypeError, ValueError):
        raise Wrong(
            "Your function should return a keras.Sequential that begins with keras.Input((64,)); it returned "
            f"{shown(model)}."
        ) from None
    if shapes != ((None, 64), (None, 10)) or units != [128, 10]:
        raise Wrong("Leave the Dense layers as they are: 64 inputs, 128 hidden units, and 10 logits at the end.")
    return [kind for kind, _ in stack], rates, [_activation(each) for _, each in stack]


def _activation(layer):
    if type(layer).__name__ in ("ReLU", "Softmax"):
        return type(layer).__name__.lower()
    return getattr(getattr(layer, "activation", None), "__name__", "linear")


def _follows_dropout(kinds):
    """Whether a batch normalization receives what a dropout has just treated, with no Dense layer between them."""
    dropped = False
    for kind in kinds:
        dropped = kind == "Dropout" or (dropped and kind != "Dense")
        if dropped and kind == "BatchNormalization":
            return True
    return False


def _check_repaired(answer):
    kinds, rates, activations = _read(answer)
    if "BatchNormalization" not in kinds:
        return "The batch normalization is missing; she wants to keep it."
    if not rates:
        return "There is no dropout left. That beats what she had, but she wants to drop a fifth of the hidden units."
    if _follows_dropout(kinds):
        fault = (
            "Batch normalization still follows a dropout: in training it measures a variance that is not there later."
        )
        return fault + (" (The rate is not right yet either.)" if max(rates) > 0.5 else "")
    blocks = "|".join(kinds).split("Dense")  # what stands before, between and after the two Dense layers
    if "Dropout" in blocks[0]:
        return "A dropout before the first Dense layer drops pixels; she wants to drop hidden units."
    if "Dropout" in blocks[-1]:
        return "A dropout after the last Dense layer drops whole classes; it belongs to the hidden layer."
    if any(abs(rate - 0.8) < 0.01 for rate in rates):
        return "The order is right. But she wants to drop 20%, and Keras's rate is the share that is dropped."
    if any(abs(rate - 0.2) > 0.01 for rate in rates):
        return f"The order is right. The rates are {shown(rates)}; she wants to drop 20%."
    if blocks[1].count("Dropout") != 1:
        return "Several dropouts in a row drop more than a fifth. She wants one."
    first, last = (place for place, kind in enumerate(kinds) if kind == "Dense")
    if "BatchNormalization" not in kinds[first:last]:
        return "The batch normalization belongs to the hidden layer: between the two Dense layers."
    if "BatchNormalization" in kinds[last:]:
        return "A batch normalization after the last Dense layer changes the logits; leave it out."
    if "relu" not in activations[first:last]:
        return "The ReLU is missing: without it the network is linear in inference mode."
    if any(name != "linear" for name in activations[last:]):
        return "Leave ten logits at the end, with no activation."
    return None


repaired = Exercise(
    "dropout.repaired",
    "A network that got worse",
    _check_repaired,
    hints=[
        "There are two faults. One is a number: what share does Dropout(0.8) keep?",
        "The other is an order: which layer measures a variance in training and relies on it in inference mode? What "
        "does dropout do to the variance of what it passes on?",
        "Let the dropout follow the batch normalization and its activation.",
    ],
    solution="""
        def repaired():
            return keras.Sequential([
                keras.Input((64,)),
                layers.Dense(128),
                layers.BatchNormalization(momentum=0.9),
                layers.Activation("relu"),
                layers.Dropout(0.2),
                layers.Dense(10),
            ])
    """,
    why="Rate 0.2 drops a fifth. And no batch normalization measures the variance of what a dropout has just inflated.",
)
