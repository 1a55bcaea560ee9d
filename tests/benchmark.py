"""The figures that README states, measured in one run on this machine; about ten minutes on two cores.

python tests/benchmark.py             everything
python tests/benchmark.py engine      many networks at once against a loop of fit
python tests/benchmark.py notebooks   seconds and peak memory of every notebook
python tests/benchmark.py slider      from key press to painted picture, in a real browser
"""

import os
import statistics
import sys
import time

import notebooks
from course_utils import datasets  # before Keras: it keeps TensorFlow quiet

FITS = 20  # timed, one after the other; the figures for 40 and 320 are multiples


def engine():
    import keras
    from keras import layers, regularizers

    from course_utils.experiments import train_many
    from course_utils.models import initialize

    def build(l2=0.0):
        penalty = regularizers.L2(l2)
        return keras.Sequential(
            [
                keras.Input((64,)),
                layers.Dense(128, activation="relu", kernel_regularizer=penalty),
                layers.Dense(64, activation="relu", kernel_regularizer=penalty),
                layers.Dense(10),
            ]
        )

    print(f"64-128-64-10, 200 rows, batch 32, 100 epochs with validation each; {os.cpu_count()} cores")
    l2 = [0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
    together = [
        ("1, compiling and the start of XLA included", {"l2": 1e-3, "seeds": [0]}),
        ("1, compiled already (a slider that trains live)", {"l2": 1e-3, "seeds": [0]}),
        ("40 at once, compiling included", {"l2": 1e-3, "seeds": range(40), "chunk": 40}),
        ("40 at once, compiled already", {"l2": 1e-3, "seeds": range(40), "chunk": 40}),
        ("40, ten at a time as in the lessons, compiling included", {"l2": l2[:4], "seeds": range(10)}),
        ("40, ten at a time, compiled already", {"l2": l2[:4], "seeds": range(10)}),
        ("320, 40 at a time, compiled already", {"l2": l2, "seeds": range(40), "chunk": 40}),
        ("320, 41 at a time, compiling included", {"l2": l2, "seeds": range(40), "chunk": 41}),
    ]
    datasets.digits()  # loads scikit-learn, which is not what is measured
    done = [(label, train_many(build, datasets.digits, epochs=100, **settings)) for label, settings in together]

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    began = time.perf_counter()
    for seed in range(FITS):
        split, model = datasets.digits(seed), initialize(build(1e-3), seed)
        model.compile("adam", loss, metrics=["accuracy"])
        model.fit(
            split.x_train,
            split.y_train,
            validation_data=(split.x_val, split.y_val),
            validation_batch_size=200,
            epochs=100,
            batch_size=32,
            verbose=0,
        )
    one_fit = (time.perf_counter() - began) / FITS
    print(f"a plain fit: {one_fit:.2f} s (mean of {FITS})")
    for label, runs in done:
        times = len(runs) * one_fit / runs.seconds
        print(
            f"{label}: {runs.seconds:.2f} s, {times:.0f} times as fast as so many fits; process {runs.peak_mb:.0f} MB"
        )


def lessons():
    for path in notebooks.NOTEBOOKS:
        run = notebooks.run(notebooks.read(path))
        print(f"{path.stem}: {run.seconds:.0f} s, peak {run.megabytes:.0f} MB", flush=True)


def slider():
    import browser

    with browser.lab() as server, browser.browser() as chromium:
        page = browser.open_notebook(chromium, server, "00_start_here.ipynb")
        browser.run_all(page)
        moves = browser.slider_latency(page, 30)
    print(
        f"slider of lesson 00, key press to painted picture: median {statistics.median(moves):.0f} ms of {len(moves)}"
    )


if __name__ == "__main__":
    parts = {"engine": engine, "notebooks": lessons, "slider": slider}
    unknown = set(sys.argv[1:]) - set(parts)
    if unknown:
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; choose from {', '.join(parts)}.")
    for name in sys.argv[1:] or parts:
        parts[name]()
