"""The figures that README states, measured in one run on this machine; about ten minutes on two cores.

python -m course_utils bench             everything
python -m course_utils bench engine      many networks at once against a loop of fit
python -m course_utils bench notebooks   seconds and peak memory of every notebook
python -m course_utils bench slider      from key press to painted picture, in a real browser
"""

import os
import statistics
import sys
import time

from course_utils import datasets  # before Keras: it keeps TensorFlow quiet
from course_utils.authoring import notebooks

ROUNDS = 5  # each times one fit of each kind, and all that is trained together


def engine():
    import keras
    from keras import layers, regularizers

    from course_utils.engine import loop
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
    one = {"l2": 1e-3, "seeds": [0]}
    forty, tens = {"l2": 1e-3, "seeds": range(40), "chunk": 40}, {"l2": l2[:4], "seeds": range(10)}
    everything = {"l2": l2, "seeds": range(40), "chunk": 40}
    # (what, settings, whether it is to be compiled anew)
    together = [
        ("1, compiling included", one, True),
        ("1, compiled already (a slider that trains live)", one, False),
        ("40 at once, compiling included", forty, True),
        ("40 at once, compiled already", forty, False),
        ("40, ten at a time as in the lessons, compiling included", tens, True),
        ("40, ten at a time, compiled already", tens, False),
        ("320, 40 at a time, compiling included", everything, True),
    ]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    alone = {"with fit's own batches of 32": {}, "in one batch": {"validation_batch_size": 200}}
    seconds = {what: [] for what in (*alone, *(what for what, *_ in together))}
    memory = {}
    train_many(build, datasets.digits, epochs=1, **one)  # starts XLA, which is not what is measured
    for round_ in range(ROUNDS):  # turn and turn about: a shared machine is not equally fast all the time
        for what, validation in alone.items():
            split, model = datasets.digits(round_), initialize(build(1e-3), round_)
            held_out = (split.x_val, split.y_val)
            began = time.perf_counter()
            model.compile("adam", loss, metrics=["accuracy"])
            model.fit(split.x_train, split.y_train, 32, 100, verbose=0, validation_data=held_out, **validation)
            seconds[what].append(time.perf_counter() - began)
        for what, settings, anew in together:
            if anew:
                loop.compiled.cache_clear()
            runs = train_many(build, datasets.digits, epochs=100, **settings)
            seconds[what].append(runs.seconds)
            memory[what] = runs.peak_mb, len(runs)
    middle = {what: statistics.median(each) for what, each in seconds.items()}
    for what, each in seconds.items():
        line = f"{middle[what]:.2f} s (median of {ROUNDS}: {min(each):.2f} to {max(each):.2f})"
        if what in alone:
            print(f"a plain fit that validates {what}: {line}")
        else:
            megabytes, networks = memory[what]
            times = " or ".join(f"{networks * middle[way] / middle[what]:.0f}" for way in alone)
            print(f"{what}: {line}, {times} times as fast as so many fits; process {megabytes:.0f} MB")


def lessons():
    for path in notebooks.LESSONS:
        run = notebooks.run(notebooks.read(path))
        print(f"{path.stem}: {run.seconds:.0f} s, peak {run.memory}", flush=True)


def slider():
    from course_utils.authoring import browser

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
