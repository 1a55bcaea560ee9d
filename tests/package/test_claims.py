"""Claims: what holds, what does not, what is shown and what is kept."""

import numpy as np
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from course_utils import claims
from course_utils.authoring.notebooks import run
from course_utils.claims import ClaimFailed, check, claim
from course_utils.errors import CourseError
from course_utils.stats import Interval


@pytest.fixture
def shown(monkeypatch):
    """The claims that were shown, as the metadata of their outputs."""
    found = []
    monkeypatch.setattr(claims, "display", lambda _, metadata: found.append(metadata["claim"]))
    return found


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (0.83, {"above": 0.5}),
        (np.float32(0.2), {"below": 0.5}),
        (np.array([1.0, 2.0]), {"above": 0.5}),
        (0.1, {"between": (0.1, 1)}),
        (36.1, {"equals": 36.1}),
        (1.001, {"equals": 1, "within": 0.01}),
        ("tiny", {"equals": "tiny"}),
        (True, {}),
        (np.array([1, 2]) > 0, {}),
    ],
)
def test_holds(value, bound, shown):
    claim("it is so", value, **bound)
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (0.5, {"above": 0.5}),
        (0.5, {"below": 0.5}),
        (np.array([1.0, 0.4]), {"above": 0.5}),
        (0.0999, {"between": (0.1, 1)}),
        (1.0001, {"equals": 1}),
        (1.02, {"equals": 1, "within": 0.01}),
        ("large", {"equals": "tiny"}),
        (False, {}),
        (np.array([1, -2]) > 0, {}),
        (np.array([]), {"above": 0}),
        (np.array([1.0, np.nan]), {"above": 0}),
        *((np.nan, b) for b in ({"above": 0}, {"below": 0}, {"between": (0, 1)}, {"equals": np.nan})),
        (np.nan, {"equals": 1, "within": 5}),
    ],
)
def test_does_not_hold(value, bound, shown):
    with pytest.raises(ClaimFailed, match="it is so"):
        claim("it is so", value, **bound)
    assert not shown


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (1.0, {}),
        (1.0, {"above": 0, "below": 2}),
        (1.0, {"within": 2}),
        ("text", {"above": 0}),
        (None, {"equals": 1}),
        (np.array([object()]), {"above": 1}),
        (np.ones(2), {"equals": np.ones(2), "within": 0.1}),
    ],
)
def test_a_claim_that_says_nothing_is_refused(value, bound):
    with pytest.raises(CourseError, match="claim"):
        claim("it is so", value, **bound)


def test_shows_the_measured_value_and_its_bound(capsys):
    claim("the tiny network generalises", np.array([0.83, 0.91234]), above=0.5)
    claim("rows", 12_345, above=1_000)
    claim("no row is in both", True)
    assert capsys.readouterr().out.splitlines() == [
        "✓ the tiny network generalises (measured 0.83 to 0.9123, needs > 0.5)",
        "✓ rows (measured 12345, needs > 1000)",
        "✓ no row is in both",
    ]


def test_margin_is_the_distance_of_the_worst_entry(shown):
    claim("a", np.array([3.0, 2.0]), above=0.5)
    claim("b", 1.5, between=(1, 4))
    claim("c", 1.25, equals=1, within=1)
    claim("d", 7, equals=7)
    claim("e", np.float32(1 / 3), below=np.float32(1))
    claim("f", np.inf, above=0)
    claim("g", True)
    claim("h", "tiny", equals="tiny")
    assert [entry["margin"] for entry in shown] == [1.5, 0.5, 0.75, None, 0.6667, None, None, None]


def test_an_output_carries_its_claim_as_it_is_shown(tmp_path):
    cell = new_code_cell("from course_utils.claims import claim\nclaim('λ > 0', 0.75, above=0.5)\nclaim('so', True)")
    outputs = run(new_notebook(cells=[cell]), tmp_path).notebook.cells[0].outputs
    assert [output.data["text/markdown"] for output in outputs] == ["✓ λ > 0 (measured 0.75, needs > 0.5)", "✓ so"]
    assert [output.metadata for output in outputs] == [
        {"claim": {"sentence": "λ > 0", "measured": "0.75", "needs": "> 0.5", "margin": 0.25}},
        {"claim": {"sentence": "so", "measured": None, "needs": None, "margin": None}},
    ]


def test_failure_stops_the_notebook_with_one_line(tmp_path):
    cell = new_code_cell("from course_utils.claims import claim\nclaim('it is so', 0.2, above=0.5)")
    with pytest.raises(CellExecutionError) as failed:
        run(new_notebook(cells=[cell]), tmp_path)
    shown = failed.value.traceback.strip()
    assert "Traceback" not in shown
    assert shown.splitlines()[-1] == "✗ This claim does not hold here: it is so (measured 0.2, needs > 0.5)"


GAIN = Interval(6.6, 1.6, "percentage points")


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (GAIN, {"above": 4.9}),
        (GAIN, {"below": 8.3}),
        (GAIN, {"between": (4.9, 8.3)}),
        (Interval(1.0, 0.2), {"equals": 1, "within": 0.21}),
        ([GAIN, Interval(9.0, 1.0, "percentage points")], {"above": 4.9}),
        (Interval(np.array([3.0, 4.0]), np.array([1.0, 1.0])), {"above": 1.9}),
    ],
)
def test_an_interval_holds_as_a_whole(value, bound, shown):
    claim("gains {}", value, **bound)
    check("gains", value, **bound)
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (GAIN, {"above": 5.1}),
        (GAIN, {"below": 8.1}),
        (GAIN, {"between": (5.1, 9)}),
        (GAIN, {"between": (4, 8.1)}),
        (Interval(1.0, 0.2), {"equals": 1, "within": 0.19}),
        (Interval(6.6, np.nan), {"above": 0}),
        ([GAIN, Interval(5.0, 1.0, "percentage points")], {"above": 4.5}),
        (Interval(np.array([3.0, 4.0]), np.array([1.0, 3.0])), {"above": 1.5}),
    ],
)
def test_an_interval_whose_end_is_outside_does_not_hold(value, bound, shown):
    for state in (claim, check):
        with pytest.raises(ClaimFailed, match="gains"):
            state("gains", value, **bound)
    assert not shown


@pytest.mark.parametrize(
    ("sentence", "value", "bound"),
    [
        ("{} and {}", 1.0, {"above": 0}),
        ("{}", True, {}),
        ("gains", GAIN, {}),
        ("gains", [GAIN, Interval(1.0, 0.1, "%")], {"above": 0}),
        ("gains", [GAIN, 3.0], {"above": 0}),
    ],
)
def test_a_sentence_without_its_value_or_a_mixture_is_refused(sentence, value, bound):
    with pytest.raises(CourseError, match="claim"):
        claim(sentence, value, **bound)


def test_a_live_sentence_folds_its_bound_and_a_check_is_small(tmp_path):
    lines = [
        "from course_utils.claims import check, claim",
        "from course_utils.stats import Interval",
        "claim('`l2` at λ < 1 gains {}, in 150 epochs.', Interval(6.6, 1.6, 'percentage points'), above=1)",
        "check('formula & Keras agree', 4e-9, below=1e-5)",
    ]
    first, second = run(new_notebook(cells=[new_code_cell("\n".join(lines))]), tmp_path).notebook.cells[0].outputs
    assert first.data["text/plain"] == "✓ `l2` at λ < 1 gains +6.6 ± 1.6 percentage points, in 150 epochs. (needs > 1)"
    assert first.data["text/html"] == (
        "<div>✓ <code>l2</code> at λ &lt; 1 gains +6.6 ± 1.6 percentage points, in 150 epochs.</div>"
        "<details><summary>details</summary>needs &gt; 1, margin 4</details>"
    )
    assert first.metadata.claim == {
        "sentence": "`l2` at λ < 1 gains +6.6 ± 1.6 percentage points, in 150 epochs.",
        "measured": "+6.6 ± 1.6 percentage points",
        "needs": "> 1",
        "margin": 4.0,
    }
    assert second.data["text/plain"] == "✓ formula & Keras agree (measured 4e-09, needs < 1e-05)"
    assert second.data["text/html"].startswith("<small") and "formula &amp; Keras agree" in second.data["text/html"]
    assert second.metadata.claim["tier"] == "check"
