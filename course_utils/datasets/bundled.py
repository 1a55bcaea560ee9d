"""Tables that scikit-learn brings, and the names of pixels."""

import functools


@functools.cache
def sklearn_table(name, **options):
    """Return x, y and the columns' names; callers must not change the arrays, which are kept."""
    from sklearn import datasets

    table = getattr(datasets, f"load_{name}")(**options)
    feature_names = pixel_names(8) if name == "digits" else tuple(table.feature_names)
    return table.data, table.target, tuple(str(column).replace(" ", "_") for column in feature_names)


def pixel_names(side):
    return tuple(f"pixel_{row}_{column}" for row in range(side) for column in range(side))
