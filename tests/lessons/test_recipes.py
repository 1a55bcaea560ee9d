"""The recipes: plain Keras, short, complete, and each runs without any other."""

import ast
import builtins
import subprocess
import sys

import pytest

from course_utils.authoring.notebooks import ROOT, code_cells, read

PATH = ROOT / "notebooks" / "recipes.ipynb"
NOTEBOOK = read(PATH)
FIRST, *RECIPES = code_cells(NOTEBOOK)
NAMES = [cell.metadata.recipe for cell in RECIPES]

# What the course teaches, and the call without which a recipe does not do it.
TECHNIQUES = """
from_logits=True set_random_seed regularizers.L2( sum(model.losses) np.sqrt(len(gain)) array_split
regularizers.L1( on_train_batch_end regularizers.L1L2( layers.Dropout( SpatialDropout2D training=True)
restore_best_weights=True ModelCheckpoint load_model use_bias=False drop_remainder=True .trainable=False
RandomRotation layers.MixUp( batches.map( layers.CutMix( AdamW exclude_from_weight_decay CosineDecay
label_smoothing class_weight use_ema=True np.mean(probabilities MaxNorm
""".split()
OLD = [
    "validation_split",
    '"l1_l2"',
    "6.0",
    "input_shape",
    "ImageDataGenerator",
    "fit_generator",
    "activation='softmax'",
]

# Each recipe runs in a copy of what the first cell left, and the arrays that it shares cannot be written to.
ALONE = """
import contextlib, io, sys
from pathlib import Path
import nbformat

first, *recipes = [cell for cell in nbformat.read("recipes.ipynb", as_version=4).cells if cell.cell_type == "code"]
made = {"__name__": "__main__"}
exec(first.source, made)
for value in made.values():
    if hasattr(value, "flags"):
        value.flags.writeable = False
for cell in recipes:
    made["keras"].utils.clear_session()
    try:
        exec(cell.source, dict(made))
    except Exception as error:
        print(f"ALONE {cell.metadata.recipe}: {type(error).__name__}: {error}")
print("ALONE all", len(recipes))
"""


def names_read_but_not_made(source, known):
    """The names that a cell reads and neither it nor the first cell nor Python makes."""
    tree = ast.parse(source)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    made = {node.id for node in names if not isinstance(node.ctx, ast.Load)} | known
    made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            made |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            made.add(node.name)
    return {node.id for node in names} - made - set(dir(builtins))


def made_by_the_first_cell():
    tree = ast.parse(FIRST.source)
    made = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return made | {(alias.asname or alias.name).split(".")[0] for node in imports for alias in node.names}


def test_every_recipe_runs_alone():
    done = subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", "-c", ALONE],
        cwd=PATH.parent,
        capture_output=True,
        encoding="utf-8",
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("ALONE ")]
    assert said == [f"ALONE all {len(RECIPES)}"], done.stderr[-2000:] + "\n".join(said)


@pytest.mark.parametrize("cell", RECIPES, ids=NAMES)
def test_a_recipe_is_short_plain_and_needs_only_the_first_cell(cell):
    assert len(cell.source.splitlines()) <= 20
    assert "course_utils" not in cell.source
    assert names_read_but_not_made(cell.source, made_by_the_first_cell()) == set()


def test_a_recipe_that_leans_on_another_is_found():
    assert names_read_but_not_made("print(history)", {"x"}) == {"history"}


def test_every_technique_and_every_old_form_has_a_recipe():
    code = "\n".join(cell.source for cell in RECIPES).replace(" = ", "=")
    assert [call for call in TECHNIQUES if call not in code] == []
    assert [call for call in OLD if call not in code.replace('activation="softmax"', "activation='softmax'")] == []
    assert len(set(NAMES)) == len(NAMES)


def test_each_recipe_says_its_symptom_its_verdict_and_its_trap():
    for before, cell in zip(NOTEBOOK.cells, NOTEBOOK.cells[1:], strict=False):
        if "recipe" in cell.metadata:
            assert before.source.startswith(f"### {cell.metadata.recipe}\n")
            assert all(f"**{word}:**" in before.source for word in ("For", "Verdict", "Trap")), cell.metadata.recipe
