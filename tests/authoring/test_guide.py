"""The instructor's guide: up to date, its minutes and links right, and each lesson's part complete."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_structure import links_resolve, text_of

from course_utils.authoring import guide
from course_utils.authoring.guide import (
    FOLDER,
    GUIDE,
    GuideError,
    asked,
    asked_in,
    chapters,
    lesson,
    note,
    predictions,
    schedules,
)
from course_utils.authoring.notebooks import LESSONS as PATHS
from course_utils.authoring.notebooks import exercises, read
from course_utils.questions import read as read_questions

LESSONS = {one.number: one for one in map(lesson, PATHS)}
each_lesson = pytest.mark.parametrize("one", LESSONS.values(), ids=LESSONS)


@pytest.fixture(scope="module")
def page():
    return guide.page()


def test_the_committed_guide_is_what_the_command_makes(page):
    assert GUIDE.read_text(encoding="utf-8") == page, "run `python -m course_utils guide`"


def test_links_resolve(page):
    assert links_resolve(new_notebook(cells=[new_markdown_cell(page)]), GUIDE) == []


def test_every_hand_written_part_is_in_it(page):
    headings = [path.read_text(encoding="utf-8").splitlines()[0] for path in FOLDER.glob("*.md")]
    assert headings and all(f"\n{heading}\n" in page for heading in headings)


def test_schedules_add_up(page):
    found = re.findall(
        r"^### (.+)\n\n.+\n\n((?:\|.*\n)+)", page.split("## Schedules")[1].split("\n## ")[0], re.MULTILINE
    )
    assert len(found) == 4
    for title, table in found:
        rows = [re.split(r" ?(?<!\\)\| ?", line)[1:-1] for line in table.splitlines()[2:]]
        if "week" in table.splitlines()[0]:
            stated = int(re.search(r"minutes; (\d+) in all", table)[1])
            sums = [sum(map(float, re.findall(r" \((\d+)\)(?:<br>|$)", inside))) for _, inside, _ in rows]
            assert sums == [stated] * 12
        else:
            *minutes, stated = [float(row[2].strip("*")) for row in rows]
            assert sum(minutes) == stated, title
            clock = [60 * int(at.split(":")[0]) + int(at.split(":")[1]) for at, *_ in rows[:-1]]
            assert clock == [sum(minutes[:i]) for i in range(len(minutes))], title


@each_lesson
def test_every_section_has_minutes(one):
    idle = [first.title for first, *below in chapters(one) if not sum(s.minutes for s in (first, *below))]
    assert idle == (["Glossary"] if one.number == "00" else [])


@each_lesson
def test_one_thing_to_show_and_enough_to_ask(one):
    shown = [note(cell) for section in one.sections for cell in section.cells if note(cell).get("show")]
    assert len(shown) == 1 and "question" in shown[0]
    assert 5 <= len(asked(one)) <= 10


def numbers(text):
    """The numbers in a text as it writes them, without those of lessons."""
    return re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", re.sub(r"[Ll]essons? \d\d", "", text))


def shown_by(notebook):
    """Every number that a lesson writes or puts out, as floats."""
    texts = [cell.source for cell in notebook.cells]
    texts += [text_of(output) for cell in notebook.cells for output in cell.get("outputs", [])]
    return {float(number.replace(",", "")) for text in texts for number in numbers(text)}


def not_shown(said, shown):
    """The numbers of `said` that are none of `shown`, not rounded either."""
    missing = []
    for number in numbers(said):
        digits = len(number.partition(".")[2])
        if float(number.replace(",", "")) not in {round(value, digits) for value in shown}:
            missing.append(number)
    return missing


@each_lesson
def test_numbers_in_answers_are_shown_by_the_lesson(one):
    shown = shown_by(read(one.path))
    said = " ".join(" ".join((n["question"], n["answer"], n["reveals"])) for _, n in asked(one))
    assert not_shown(said, shown) == []


def test_a_number_that_a_lesson_does_not_show_is_found():
    shown = shown_by(new_notebook(cells=[new_markdown_cell("It is 1,500 or 59.93."), new_code_cell("rate = 0.05")]))
    assert not_shown("60%, 59.9, 1,500 in lesson 07, and 0.05", shown) == []
    assert not_shown("61%, and 0.06", shown) == ["61", "0.06"]


def plan(rows, minutes=90):
    return {"schedule": [{"title": "Short", "about": "Try.", "minutes": minutes, "rows": rows}]}


WRONG_PLANS = [
    ([{"lesson": "02", "sections": ["How weak?"]}], "Lesson 02 has no section “How weak?”."),
    ([{"lesson": "02", "without": ["How weak?"]}], "Lesson 02 has no section “How weak?”."),
    ([{"lesson": "12"}], "names a lesson 12, and there is none"),
    ([{"lesson": "01"}, {"text": "Break", "minutes": 1}], "The schedule “Short” takes 91 minutes, and has 90."),
    ([{"lesson": "00"}, {"lesson": "00", "sections": ["Run"]}], "takes “Run” twice"),
    ([{"lesson": "00", "sections": ["Run"], "without": ["Predict"]}], "leaves out “Predict”, which it does not take"),
]


@pytest.mark.parametrize(("rows", "says"), WRONG_PLANS, ids=[says for _, says in WRONG_PLANS])
def test_a_schedule_that_cannot_be_is_turned_away(rows, says):
    with pytest.raises(GuideError, match=re.escape(says)):
        schedules(LESSONS, plan(rows))


def test_a_section_brings_those_below_it_and_the_rest_is_in_reserve():
    made = schedules(LESSONS, plan([{"lesson": "01", "sections": ["Bias and variance"]}], minutes=60))
    exercise, formula = (
        LESSONS["01"].under("Exercise: take an error apart"),
        LESSONS["01"].under("The formula behind it"),
    )
    whole = sum(section.minutes for section in LESSONS["01"].under("Bias and variance"))
    assert whole > exercise[0].minutes + formula[0].minutes > 0
    assert f"| 0:{whole:02d} | in reserve | {60 - whole} |" in made


ASKED = read_questions(
    """
    [which]
    kind = "prediction"
    question = "Which?"
    why = "So."
    options = [{ text = "one", below = 0 }, { text = "other" }]
    """,
    "sample",
)


def predicting(outcome):
    said = new_output(
        "display_data", data={"text/markdown": f"Run it.\n\n| You | It |\n|---|---|\n| (nothing) | {outcome} |\n\nSo."}
    )
    reveals = [new_code_cell("lesson.which.reveal(1)", outputs=[said]), new_code_cell("lesson.other.reveal(2)")]
    return [new_code_cell("lesson.which.ask()"), *reveals]


def test_the_outcome_of_a_prediction_is_read_from_the_outputs():
    assert predictions(predicting("other"), ASKED) == [("Which?", "other")]
    for cells in (predicting("neither"), predicting("other")[:1], [*predicting("one")[:1], *predicting("one")[2:]]):
        with pytest.raises(GuideError, match="“Which[?]” is not in the notebook's outputs: run"):
            predictions(cells, ASKED)
    with pytest.raises(GuideError, match="asks “whcih”, which is no question"):
        predictions([new_code_cell("lesson.whcih.ask()")], ASKED)


def test_the_questions_are_those_of_the_lesson_that_a_notebook_imports():
    cells = [new_code_cell("import course_utils.lessons.start as lesson"), new_code_cell("lesson.strength.ask()")]
    assert list(asked_in(cells)) == ["strength"] and asked_in(cells[1:]) == {}


def test_mistakes_are_those_that_the_check_names(monkeypatch):
    answers = [("text", "a number"), (188, "added"), (0.1, "as a share"), (-10, "the sign")]
    monkeypatch.setattr(guide, "exercise_cases", lambda key: {"wrong": answers})
    gap = exercises()["start.gap"]
    assert [said.split()[0:2] for said in guide.mistakes("start.gap", gap)] == [["You", "added"], ["That", "is"]]
    del answers[1:]
    with pytest.raises(GuideError, match="exercise start.gap"):
        guide.mistakes("start.gap", gap)


def test_hand_written_parts_are_checked(tmp_path, monkeypatch):
    monkeypatch.setattr(guide, "FOLDER", tmp_path)
    (tmp_path / "slides.md").write_text("Slides\n", encoding="utf-8")
    with pytest.raises(GuideError, match="slides.md should begin with its heading"):
        guide.part("slides", LESSONS)
    with pytest.raises(GuideError, match="learners.md is missing"):
        guide.part("learners", LESSONS)
    (tmp_path / "sildes.md").write_text("## Slides\n", encoding="utf-8")
    with pytest.raises(GuideError, match="holds sildes.md"):
        guide.page()


def test_the_command_writes_and_checks(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(guide, "ROOT", tmp_path)
    monkeypatch.setattr(guide, "GUIDE", tmp_path / "notebooks" / "INSTRUCTORS.md")
    monkeypatch.setattr(guide, "page", lambda: "# Guide\n")
    assert guide.main(["--check"]) == 1
    assert guide.main([]) == 0
    assert guide.main(["--check"]) == 0
    guide.GUIDE.write_text("# Guide, changed by hand\n", encoding="utf-8")
    assert guide.main(["--check"]) == 1
    assert capsys.readouterr().out.count("run `python -m course_utils guide`") == 2


def test_a_lesson_is_read_as_it_stands(tmp_path):
    cells = [
        new_markdown_cell("# L9\n\n**What?**\n\nBy the end you can\n\n- do this;\n- do that.", metadata={}),
        new_markdown_cell("## One\n\n### Inside", metadata={"instructor": {"minutes": 2}}),
        new_code_cell("x", metadata={"instructor": {"minutes": 3}}),
        new_markdown_cell("## Two", metadata={"instructor": {"minutes": 4}}),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "09_l9.ipynb")
    one = lesson(tmp_path / "09_l9.ipynb")
    assert (one.number, one.title, one.question, one.objectives) == ("09", "L9", "What?", ["do this", "do that"])
    assert [(s.title, s.minutes) for s in one.sections] == [("L9", 0), ("One", 2), ("Inside", 3), ("Two", 4)]
    assert [s.title for s in one.under("One")] == ["One", "Inside"]
    assert one.link(one.under("Inside")[0]) == "[Inside](09_l9.ipynb#Inside)"
