"""Which of several settings is chosen: one rule for `Runs.best`, `compare`, and the figures."""

import numpy as np

from course_utils.errors import CourseError


def finite(runs):
    """Which networks stayed finite: bool array (members,). One did not if anything in its final loss is NaN or inf."""
    return np.isfinite([runs.final(name) for name in ("train_loss", "val_loss", "penalty")]).all(axis=0)


def choose(named_runs, metric="val_loss"):
    """The name with the best mean of `metric` over its networks, and what is to be told of the others.

    `named_runs` is {what a setting is called: its `Runs`}; of equal means the first is taken. `metric` is a curve of
    `Runs`: the lowest loss or penalty is the best, the highest accuracy. A setting of which a network did not stay
    finite is never chosen. Returns (name, [a sentence for each setting that was left out for it]).

    Raises CourseError if there is no other, and for a metric that these networks do not have.
    """
    stayed = {name: finite(runs) for name, runs in named_runs.items()}
    told = [
        f"{name} was left out of the choice: {np.sum(~each)} of its {len(each)} networks did not stay finite."
        for name, each in stayed.items()
        if not each.all()
    ]
    if len(told) == len(stayed):
        raise CourseError(
            f"There is nothing to choose from, because no setting stayed finite ({', '.join(stayed)}): "
            "lower the learning rate or the strengths."
        )
    means = {name: float(np.mean(named_runs[name].final(metric))) for name, each in stayed.items() if each.all()}
    if not np.all(np.isfinite(list(means.values()))):
        raise CourseError(f"{metric} is not measured for these networks: choose by val_loss.")
    return (max if metric.endswith("accuracy") else min)(means, key=means.get), told
