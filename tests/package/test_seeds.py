"""Seeds: the course's own numbers in universe 0, others elsewhere; nobody else makes a generator."""

import ast
from pathlib import Path

import keras
import numpy as np
import pytest

import course_utils
from course_utils import datasets, seeds
from course_utils.datasets import generated
from course_utils.engine.noise import batches, noise_seed
from course_utils.errors import CourseError
from course_utils.models import initial_weights, mlp

PACKAGE = Path(course_utils.__file__).parent
MAKERS = {"default_rng", "SeedSequence", "Random", "RandomState", "set_random_seed"}
ALLOWED = {"seeds.py", "datasets/generated.py"}  # the tables that were generated once


def makers(source):
    """What makes a generator in this source, by the name that is called."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {getattr(func, "attr", getattr(func, "id", None)) for func in calls} & MAKERS


def test_only_seeds_makes_generators():
    found = {p.relative_to(PACKAGE).as_posix(): makers(p.read_text(encoding="utf-8")) for p in PACKAGE.rglob("*.py")}
    assert {name for name, made in found.items() if made} == ALLOWED


def test_a_generator_made_elsewhere_is_seen():
    assert makers("np.random.default_rng(3)\nRandom(1)\nseeds.fixed(2)") == {
        "default_rng",
        "Random",
    }


@pytest.mark.parametrize("seed", [0, 7, np.int64(7), [3, 2], (3, 1, 0)])
@pytest.mark.parametrize("number", [None, "", "0"])
def test_universe_0_is_numpys_own(seed, number, monkeypatch):
    monkeypatch.delenv(seeds.VARIABLE, raising=False)
    if number is not None:
        monkeypatch.setenv(seeds.VARIABLE, number)
    assert seeds.generator(seed).bytes(16) == np.random.default_rng(seed).bytes(16) == seeds.fixed(seed).bytes(16)
    assert seeds.sequence(seed).generate_state(4).tolist() == np.random.SeedSequence(seed).generate_state(4).tolist()


def test_universes_differ_and_repeat(monkeypatch):
    drawn, fixed = [], []
    for number in ("0", "1", "2", "1"):
        monkeypatch.setenv(seeds.VARIABLE, number)
        drawn.append((seeds.generator(5).bytes(8), seeds.sequence(5).generate_state(1)[0]))
        fixed.append(seeds.fixed(5).bytes(8))
    assert len(set(drawn)) == 3 and drawn[1] == drawn[3] and len(set(fixed)) == 1
    assert len({draw for draw, _ in drawn}) == len({state for _, state in drawn}) == 3


def test_a_generator_is_handed_on(monkeypatch):
    monkeypatch.setenv(seeds.VARIABLE, "4")
    mine = np.random.default_rng(1)
    assert seeds.generator(mine) is mine


@pytest.mark.parametrize("text", ["-1", "one", "1.5", "²"])
def test_a_universe_that_is_no_number_is_refused(text, monkeypatch):
    monkeypatch.setenv(seeds.VARIABLE, text)
    with pytest.raises(CourseError, match="COURSE_UNIVERSE must be a whole number"):
        seeds.generator(0)


def test_data_weights_batches_and_noise_shift(monkeypatch):
    model, seen = mlp(4, (3,), 2), []
    for number in ("0", "1"):
        monkeypatch.setenv(seeds.VARIABLE, number)
        split = datasets.digits(seed=0)
        seen.append((split.x_train, initial_weights(model, 0)[0], batches(50, 10, 1, 0), noise_seed((0, 1))))
    assert not any(np.array_equal(one, other) for one, other in zip(*seen, strict=True))


def test_the_seal_and_the_generated_tables_do_not_shift(monkeypatch):
    seen = []
    for number in ("0", "1"):
        monkeypatch.setenv(seeds.VARIABLE, number)
        seen.append((datasets.satellite_patches().tile, generated.table_text("cars")))
    assert np.array_equal(seen[0][0], seen[1][0]) and seen[0][1] == seen[1][1]


def test_a_notebooks_own_draws_shift(monkeypatch):
    for owner, name in ((np.random, "default_rng"), (np.random, "SeedSequence"), (keras.utils, "set_random_seed")):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # put back afterwards
    own, set_to = np.random.default_rng(3).bytes(8), []
    monkeypatch.setattr(keras.utils, "set_random_seed", set_to.append)
    monkeypatch.setenv(seeds.VARIABLE, "2")
    seeds.shift_notebook()
    keras.utils.set_random_seed(5)
    assert np.random.default_rng(3).bytes(8) == seeds.generator(3).bytes(8) != own == seeds.fixed(3).bytes(8)
    assert set_to == [2005]
