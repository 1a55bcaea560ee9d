"""No answer stands in a learner's copy before its question: not in a source, not in an output, folded or not."""

import copy
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.authoring.guide import asked_in
from course_utils.authoring.notebooks import LESSONS, code_cells, read
from course_utils.questions import FIRST_LINE, PredictionQuestion, QuizQuestion
from course_utils.questions import read as read_questions

TELLING = 15  # letters from which a text is an answer wherever it stands; "4.9", "No" or "the real rows" are not
TRAINED = re.compile(r"(<small>)?\d+ networks?, ")
# In this order JupyterLab (cells: getOutputPlaceholderText) looks for the text of a folded output.
SHOWN_FOLDED = ("text/html", "image/svg+xml", "application/pdf", "text/markdown", "text/plain")


def first_line(cell):
    """What JupyterLab prints of a cell whose outputs are folded: the first line that is not empty; "" for none."""
    if not cell.outputs:
        return ""
    first = cell.outputs[0]
    data = first.get("data", {})
    text = first.text if first.output_type == "stream" else next((data[k] for k in SHOWN_FOLDED if k in data), "")
    return next((line for line in text.split("\n") if line), "")


def spoken(output):
    return output.text if output.output_type == "stream" else "\n".join(output.get("data", {}).values())


def folded(cell):
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


def places(cells, name, verb):
    return [i for i, cell in enumerate(cells) if f"lesson.{name}.{verb}(" in cell.source]


def plain(text):
    """A text without line breaks, quotes and the joints of a string that is written over several lines."""
    return re.sub(r"\s+", " ", re.sub(r"[\"'`*]", "", text))


def came_true(cells, name):
    """The option that came true where the notebook was run, in a list of one; none if it was not run."""
    said = "\n".join(spoken(out) for i in places(cells, name, "reveal") for out in cells[i].get("outputs", []))
    return re.findall(r"^\| \(nothing\) \| (.+) \|$", said, flags=re.MULTILINE)[:1]


def calls_are_in_place(cells, known):
    problems = []
    for name, question in known.items():
        verbs = ("quiz",) if isinstance(question, QuizQuestion) else ("ask", "reveal")
        found = [places(cells, name, verb) for verb in verbs]
        if [len(places_) for places_ in found] != [1] * len(verbs):
            problems.append(f"{name}: {' and '.join(verbs)} should each stand in one cell")
        elif len(verbs) == 2 and not found[0] < found[1]:
            problems.append(f"{name} is revealed before it is asked")
    called = {name for cell in cells for name in re.findall(r"lesson\.(\w+)\.(?:ask|reveal|wait|quiz)\(", cell.source)}
    return problems + [f"{name} is no question of this lesson" for name in sorted(called - known.keys())]


def sources_hold_no_answer(cells, known):
    problems = []
    for name, question in known.items():
        quiz = isinstance(question, QuizQuestion)
        explanations = question.reasons.values() if quiz else re.split(r"\{.*?\}", question.why)
        answers = [question.answer] if quiz else came_true(cells, name)
        asked = places(cells, name, "quiz" if quiz else "ask")
        for i, cell in enumerate(cells):
            source = plain(cell.source)
            told = [text for text in explanations if len(text.strip()) >= TELLING and plain(text) in source]
            if asked and i <= asked[0]:
                told += [text for text in answers if len(text) >= TELLING and plain(text) in source]
            problems += [f"cell {i} tells of {name}: {text}" for text in told]
    for source in (cell.source for cell in cells if cell.cell_type == "code"):
        problems += [
            f"code holds {word}" for word in ("widgets.quiz(", "widgets.predict(", "answer=") if word in source
        ]
        if ".quiz()" in source and re.sub(r"lesson\.\w+\.quiz\(\)\s*", "", source):
            problems.append("a cell with a quiz holds more than the call")
    return problems


def outputs_hold_no_answer(cells, known):
    problems = []
    for name, question in known.items():
        if isinstance(question, QuizQuestion):
            for i in places(cells, name, "quiz"):
                said = plain("\n".join(map(spoken, cells[i].outputs)))
                told = [reason for reason in question.reasons.values() if plain(reason) in said]
                problems += [f"the output of {name} tells: {reason}" for reason in told]
        elif asked := places(cells, name, "ask"):
            last = (places(cells, name, "reveal") or [len(cells) - 1])[0]
            for i in range(asked[0] + 1, last + 1):
                problems += told_below(name, i, cells[i])
    return problems


def told_below(name, i, cell):
    """What the outputs of a cell between a prediction and its reveal would show at once."""
    if cell.cell_type != "code" or not cell.outputs:
        return []
    if folded(cell):
        line = first_line(cell)
        harmless = line == FIRST_LINE or TRAINED.match(line)
        return [] if harmless else [f"below {name}, the folded output of cell {i} begins with: {line}"]
    seen = [output for output in cell.outputs if not TRAINED.match(spoken(output)) and spoken(output) != FIRST_LINE]
    return [f"below {name}, the output of cell {i} is not folded"] if seen else []


RULES = [calls_are_in_place, sources_hold_no_answer, outputs_hold_no_answer]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_learners_copy_shows_no_answer(path, rule):
    cells = read(path).cells
    known = asked_in(cells)
    assert known, "the first code cell should import the lesson"
    problems = rule(cells, known)
    assert not problems, "\n".join(problems)


def test_predictions_and_quizzes_are_asked():
    known = [question for path in LESSONS for question in asked_in(read(path).cells).values()]
    assert sum(isinstance(q, PredictionQuestion) for q in known) >= 11
    assert sum(isinstance(q, QuizQuestion) for q in known) >= 10
    assert all(".ask()" in "".join(cell.source for cell in code_cells(read(path))) for path in LESSONS)


# ---- each rule sees what breaks it

KNOWN = read_questions(
    """
    [curves]
    kind = "prediction"
    question = "What will the loss do?"
    why = "The network grows too sure of itself."
    options = [{ text = "fall, then stay level" }, { text = "fall, then rise", above = 1 }]

    [units]
    kind = "quiz"
    question = "Why?"
    answer = "the units decided"
    options = [{ text = "by chance", why = "It repeats." }, { text = "the units decided", why = "Scale them first." }]
    """,
    "sample",
)


def says(*lines, kind="text/markdown"):
    return new_output("display_data", data={kind: "\n".join(lines), "text/plain": "\n".join(lines)})


def good():
    hidden = {"jupyter": {"outputs_hidden": True}}
    out = says(FIRST_LINE, "", "| (nothing) | fall, then rise |")
    cells = [
        new_markdown_cell("# Loss\n\nIt may fall."),
        new_code_cell("lesson.curves.ask()", outputs=[says("What will the loss do?")]),
        new_code_cell("lesson.curves.wait()\nplot()", outputs=[says(FIRST_LINE), says("from 2 to 3")], metadata=hidden),
        new_code_cell("train()", outputs=[says("10 networks, 5 epochs each")]),
        new_code_cell("lesson.curves.reveal(ratio)", outputs=[out], metadata=hidden),
        new_code_cell("lesson.units.quiz()", outputs=[says("Why?", "- by chance", "- the units decided")]),
    ]
    return new_notebook(cells=cells).cells


def source(index, text):
    return lambda cells: cells[index].update(source=text)


def outputs(index, *made):
    return lambda cells: cells[index].update(outputs=list(made))


BREAKS = [
    (calls_are_in_place, source(1, "x")),
    (calls_are_in_place, source(4, "x")),
    (calls_are_in_place, source(5, "x")),
    (calls_are_in_place, lambda cells: cells.insert(1, cells.pop(4))),
    (calls_are_in_place, lambda cells: cells.append(copy.deepcopy(cells[5]))),
    (calls_are_in_place, source(3, "lesson.unit.wait()")),
    (sources_hold_no_answer, source(0, "It will fall, then\nrise.")),
    (sources_hold_no_answer, source(0, "In the end *the units decided*.")),
    (sources_hold_no_answer, source(4, 'lesson.curves.reveal("The network grows "\n"too sure of itself.")')),
    (sources_hold_no_answer, source(5, 'widgets.quiz("Why?", {}, 1)')),
    (sources_hold_no_answer, source(1, 'widgets.predict("Why?", {}, 1)')),
    (sources_hold_no_answer, source(5, 'lesson.units.quiz()\nanswer="b"')),
    (sources_hold_no_answer, source(5, "lesson.units.quiz()\n# b")),
    (outputs_hold_no_answer, outputs(5, says("Why?", "Scale them first."))),
    (outputs_hold_no_answer, outputs(4, says("| (nothing) | fall, then rise |"))),
    (outputs_hold_no_answer, outputs(2, says("", "from 2 to 3"), says(FIRST_LINE))),
    (outputs_hold_no_answer, outputs(2, new_output("stream", text="from 2 to 3"))),
    (outputs_hold_no_answer, outputs(3, says("10 networks, 5 epochs each"), says("from 2 to 3"))),
    (outputs_hold_no_answer, lambda cells: cells[2].metadata.clear()),
]


def test_a_good_notebook_keeps_every_rule():
    assert [rule(good(), KNOWN) for rule in RULES] == [[], [], []]


@pytest.mark.parametrize(("rule", "change"), BREAKS, ids=[f"{rule.__name__}-{i}" for i, (rule, _) in enumerate(BREAKS)])
def test_a_rule_sees_what_breaks_it(rule, change):
    cells = good()
    change(cells)
    assert rule(cells, KNOWN)
