"""The claims of the whole course as one table: each with the value measured for it and its distance from failing.

python -m course_utils ledger      makes notebooks/CLAIMS.md from the outputs saved in the notebooks

A run of the tests makes the same page in build/CLAIMS.md, of what it measured itself.
"""

import re
from dataclasses import dataclass

from course_utils.authoring.notebooks import NOTEBOOKS, ROOT, code_cells, read

PAGE = ROOT / "notebooks" / "CLAIMS.md"

# What the four texts say that this course began with, in our words, and what became of it. A cell that bears on a row
# names its number in its metadata: "source_claims": [1, 11].
SOURCE_CLAIMS = {
    1: ("L2 adds λ times the sum of the squared weights to the loss", "true: no ½, and kernels only"),
    2: ("the penalty is added in training", "misleading: Keras adds it to the validation loss too"),
    3: ("compare training and validation loss in one plot", "misleading: plot them without the penalty"),
    4: ("two curves at a like pace show that L2 works", "false: the gap can close while accuracy falls"),
    5: ("a validation loss that parts from training means overfitting", "with conditions: other causes look the same"),
    6: ("`validation_split` watches generalization", "with care: it takes the last rows, unshuffled"),
    7: ("15 epochs are enough", "false in general"),
    8: ("λ = 0.001 is a usual start", "as a start only: it depends on the noise"),
    9: ("keep L2 weak if data are few", "misleading: with fewer rows the best λ is larger"),
    10: ("a larger λ drives the weights towards 0", "true of their length, not of each one"),
    11: ("in the sum of squares the largest weight dominates", "true, but all decay at the same rate"),
    12: ("L2 shrinks all coefficients by one factor", "false: each singular direction has its own"),
    13: ("L1 makes weights exactly zero", "true of the minimum, false of Keras's own training"),
    14: ("L2 makes no weight zero", "true"),
    15: ("L1 suits data with more features than rows", "with conditions: few matter; it keeps no more than rows"),
    16: ("L1 drops the colour of the walls", "with conditions: standardised columns, a large λ"),
    17: ("L2 helps where features are collinear", "true"),
    18: ("L2 weakens the influence of correlated features", "misleading: it damps their contrast, not their sum"),
    19: ("the elastic net adds both penalties", "true for Keras: the naive form"),
    20: ("the elastic net selects, and is stable", "true: it keeps copies together"),
    21: ("Keras's regularizers must be given a strength", "false: 0.01, and 0 for `L1L2()`"),
    22: ("L2 if every feature matters, L1 to select", "true in a linear model"),
    23: ("regularization lowers variance at little bias", "true for a moderate λ"),
    24: ("L2 makes training numerically more stable", "true of the linear solve only"),
    25: ("weights become even, boundaries smooth", "with conditions: not under batch normalization"),
    26: ("small weights make the activation linear", "true of tanh, of ReLU only by its bias"),
    27: ("against overfitting there are two ways", "incomplete: also capacity, stopping, augmentation"),
    28: ("L2 is the most used", "not testable"),
    29: ("where Keras documents its regularizers", "the address has moved"),
    30: ("`l1(0.01)` on every layer", "a bad default: it outweighs the loss at the start"),
    31: ("`EarlyStopping(patience=5)` prevents overfitting", "incomplete: last weights; as printed it does not run"),
    32: ("dropout sets a share of the units to zero", "true, and it scales up the rest"),
    33: ("augmentation enlarges the data set", "misleading: the rows stay as many"),
    34: ("flip and shift digits by a fifth", "a wrong recipe for digits"),
    35: ("batch normalization works by less covariate shift", "contested: it is faster with the shift put back"),
    36: ("batch normalization trains faster", "true here, each at its best learning rate"),
    37: ("the noise of its batches regularizes", "with conditions: small groups, wrong labels"),
    38: ("it makes a network less sensitive to its input", "false here"),
    39: ("combine the methods", "with conditions: the gains do not add up"),
    40: ("a reference by its arXiv number", "we could not find such a paper"),
    41: ("a reference to an article on the web", "we could not verify it"),
    42: ("left out: L2 is weight decay", "for plain SGD only"),
    43: ("left out: L2 under batch normalization", "it changes how fast a kernel turns, hardly the function"),
    44: ("left out: dropout before batch normalization", "shifts the variances and can cost accuracy"),
    45: ("left out: the intercept", "leave it unpenalised"),
    46: ("left out: batch normalization's momentum of 0.99", "needs many steps"),
}
# What no cell can measure, and the lesson that says so in words.
NOT_MEASURED = {28: "02_l2", 29: "09_combining", 40: "09_combining", 41: "09_combining"}


@dataclass(frozen=True)
class Entry:
    """One claim as it was shown: in code cell `cell` (from 1, as Jupyter counts them) of the notebook `lesson`.

    `measured` and `needs` are texts (None for a condition); `margin` is the distance from the bound, in the claim's own
    unit (None where it must be exact); `sources` are the rows of SOURCE_CLAIMS that the cell bears on.
    """

    lesson: str
    cell: int
    sentence: str
    measured: str | None
    needs: str | None
    margin: float | None
    sources: tuple
    tier: str = "claim"  # or "check": small print

    def room(self):
        """The margin as a share of the bound, or of half the distance between two of them; None without a margin.

        A bound of 0 has no size to compare with: there the margin counts as it is.
        """
        if not self.margin:
            return self.margin
        numbers = [float(number) for number in re.findall(r"-?\d[\d.]*(?:e[+-]?\d+)?", self.needs)]
        if " to " in self.needs:
            return self.margin / ((numbers[1] - numbers[0]) / 2)
        return self.margin / (numbers[1] if "±" in self.needs else abs(numbers[0]) or 1)


def entries(lesson, number, cell, outputs):
    """The claims among the outputs of a code cell; `number` counts the code cells from 1."""
    sources = tuple(cell.metadata.get("source_claims", ()))
    found = [output.get("metadata", {}).get("claim") for output in outputs]
    return [Entry(lesson, number, **claim, sources=sources) for claim in found if claim]


def saved(paths=NOTEBOOKS):
    """The claims of the outputs that are saved in the notebooks, in reading order."""
    return [
        entry
        for path in paths
        for number, cell in enumerate(code_cells(read(path)), 1)
        for entry in entries(path.stem, number, cell, cell.outputs)
    ]


def thinnest(ledger, most):
    """Up to `most` claims with the least room. A count at the end of its range has none, and is no cause for worry."""
    return sorted((entry for entry in ledger if entry.room()), key=Entry.room)[:most]


def page(ledger, notebooks=""):
    """The whole ledger as a Markdown page, with `notebooks` in front of its links."""

    def link(lesson, *cells):
        return f"[{lesson[:2]}]({notebooks}{lesson}.ipynb): {', '.join(map(str, cells))}"

    texts = []
    for number, (says, verdict) in SOURCE_CLAIMS.items():
        cells = {}
        for entry in ledger:
            if number in entry.sources:
                cells.setdefault(entry.lesson, {})[entry.cell] = True
        where = [link(lesson, *of_lesson) for lesson, of_lesson in cells.items()]
        where += [link(NOT_MEASURED[number], "in words")] if number in NOT_MEASURED else []
        texts.append((number, says, verdict, "; ".join(where)))
    claims = [
        (e.sentence, ", ".join(map(str, e.sources)), e.measured, e.needs, _text(e.margin), link(e.lesson, e.cell))
        for e in ledger
    ]
    return f"""# Claims

What this course states, and what it measured. “{link("02_l2", 5)}” is cell `[5]` of lesson 02.

This page is made from the outputs that are saved in the notebooks, by `python -m course_utils ledger`, and by
`python -m course_utils run` whenever it has run a lesson again. Each run of the tests writes it to `build/CLAIMS.md`,
of what it measured itself.

## What the texts say

The course began with four texts on regularization. Here is what they claim, in our words, what we found, and the cells
that measure it. The last rows are what they leave out.

{_table(("", "the texts", "here", "cells"), texts)}

## Every claim

{len(ledger)} claims. `texts` are rows of the table above. `margin` is the distance from the bound, in the claim's own
unit. A margin of 0 belongs to a count, or a choice from a list, at the end of its range. Where no margin stands, the
claim is a condition or must be exact.

{_table(("claim", "texts", "measured", "needs", "margin", "cell"), claims)}
"""


def _text(margin):
    return None if margin is None else f"{margin:g}"


def _table(head, rows):
    lines = [head, [":--"] * len(head), *rows]
    cells = [["" if value is None else str(value).replace("|", r"\|") for value in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def main():
    PAGE.write_text(page(saved()), encoding="utf-8", newline="\n")
    print(f"{PAGE.relative_to(ROOT)} is made.")


if __name__ == "__main__":
    main()
