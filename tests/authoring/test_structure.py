"""How a notebook is written: each rule is a function of one, and is tested against one that breaks it."""

import re
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.authoring import publish
from course_utils.authoring.ledger import NOT_MEASURED, SOURCE_CLAIMS
from course_utils.authoring.notebooks import (
    LESSONS,
    NOTEBOOKS,
    ROOT,
    VIEW,
    anchor,
    code_cells,
    exercises,
    headings,
    markdown,
    noise,
    read,
)

EXERCISES = exercises()
INSTRUCTOR = {
    "minutes": (int, float),
    "misconception": str,
    "question": str,
    "answer": str,
    "reveals": str,
    "show": bool,
}
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
CODE_LINES = 20
PROSE = 600  # five lines of a JupyterLab page that is 120 characters wide
KILOBYTES = 700


def section(notebook, title):
    """The Markdown under the heading `title`, up to the next of its level or above; "" if there is none."""
    text = "\n\n".join(markdown(notebook))
    start = re.search(rf"^(#+) +{title}\b.*$", text, flags=re.MULTILINE | re.IGNORECASE)
    if not start:
        return ""
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, flags=re.MULTILINE)
    return rest[: end.start()] if end else rest


def text_of(output):
    """What an output says in words, without the names that Python gives to figures and widgets."""
    if output.output_type == "stream":
        return output.text
    data = output.get("data", {})
    text = data.get("text/markdown") or data.get("text/plain", "")
    return "" if re.match(r"<.*>$|\w+\(.*\)$", text, flags=re.DOTALL) else text


def numbered(notebook):
    return enumerate(code_cells(notebook), 1)


def one_title(notebook):
    levels = [level for level, _ in headings(notebook)]
    if levels.count(1) != 1 or levels[0] != 1:
        return [f"needs one title (#), first of its headings; its headings' levels are {levels}"]
    return []


def headings_in_order(notebook):
    found = headings(notebook)
    jumps = [text for (above, _), (level, text) in zip(found, found[1:], strict=False) if level > above + 1]
    return [f"the heading {text!r} skips a level" for text in jumps]


def says_what_to_expect(notebook):
    cells = [cell.cell_type for cell in notebook.cells]
    first_code = cells.index("code") if "code" in cells else len(cells)
    opening = "\n".join(cell.source for cell in notebook.cells[:first_code])
    wanted = {
        "objectives ('By the end … you can …')": r"by the end|be able to",
        "prerequisites": r"prerequisite",
        "a time in minutes": r"\d+ *min",
    }
    return [
        f"does not state {what} before the first code cell"
        for what, pattern in wanted.items()
        if not re.search(pattern, opening, flags=re.IGNORECASE)
    ]


def figures_have_text(notebook):
    problems = []
    for number, cell in numbered(notebook):
        for i, output in enumerate(cell.outputs):
            drawn = any(kind.startswith("image/") for kind in output.get("data", {}))
            # The picture's own text is what a screen reader meets; else the next output must say it.
            if drawn and not any(len(text_of(said).split()) >= 5 for said in cell.outputs[i : i + 2]):
                problems.append(f"code cell {number} shows a figure without a sentence that says what it shows")
    return problems


def widgets_have_a_fallback(notebook):
    return [
        f"code cell {number} saved a widget that shows nothing without a kernel"
        for number, cell in numbered(notebook)
        for output in cell.outputs
        if VIEW in output.get("data", {}) or re.match(r"\w+\(children=", output.get("data", {}).get("text/plain", ""))
    ]


def says_how_to_install(notebook):
    """The first code cell imports the lesson, and says above that what to do where the course is not installed.

    A notebook that uses nothing of the course, as the recipes, needs no such line.
    """
    code = "\n".join(cell.source for cell in code_cells(notebook))
    if not re.search(r"^ *(?:import|from) course_utils", code, re.MULTILINE):
        return []
    install = rf"# course_utils is missing\? Run %pip install git\+https://github\.com/{re.escape(publish.name())}\n"
    if not re.match(install + r"import course_utils\.lessons\.\w+ as lesson\n", code + "\n"):
        return ["the first code cell does not say how to install the course, or does not import its lesson next"]
    return []


def code_is_short(notebook):
    # The line that keeps a result back until there is a prediction is none that a learner has to read.
    read_lines = [(n, re.sub(r"^lesson\.\w+\.wait\(\)\s*", "", c.source).splitlines()) for n, c in numbered(notebook)]
    long = [(number, len(lines)) for number, lines in read_lines if len(lines) > CODE_LINES]
    return [f"code cell {number} has {lines} lines: a function that wants to move" for number, lines in long]


def prose_is_short(notebook):
    """At most PROSE characters between two things to see or do; a heading lets a reader rest."""
    problems, length = [], 0
    for cell in notebook.cells:
        blocks = re.split(r"\n\s*\n", cell.source) if cell.cell_type == "markdown" else ["```"]
        for block in blocks:
            if re.match(r"\s*(#|[-*+] |\d+\. |\||>|```|\$\$|!\[|<)", block):
                length = 0
                continue
            text = re.sub(r"\]\([^)]*\)", "]", block)
            length += len(text)
            if length > PROSE:
                problems.append(f"{length} characters of prose without anything to see or do, up to {text[-60:]!r}")
                length = 0
    return problems


def links_resolve(notebook, path):
    problems = []
    for text in markdown(notebook):
        for target in re.findall(r"\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)", text):
            if re.match(r"https?://|mailto:", target):
                continue
            file, _, fragment = target.partition("#")
            place = (path.parent / unquote(file)) if file else path
            if file and not place.exists():
                problems.append(f"the link {target} leads nowhere")
            elif fragment and (not file or place.suffix == ".ipynb"):
                there = read(place) if file else notebook
                if unquote(fragment) not in [anchor(heading) for _, heading in headings(there)]:
                    problems.append(f"the link {target} names a heading that is not there")
    return problems


def references_are_found(notebook, path):
    text = section(notebook, "References")
    entries = re.findall(r"^ *(?:[-*+]|\d+\.) +(.*(?:\n(?! *(?:[-*+]|\d+\.) |\n).*)*)", text, flags=re.MULTILINE)
    if not entries and not path.stem.startswith("00"):
        return ["has no list of references"]
    known = r"10\.\d{4,9}/\S|arxiv[:./ ]*(?:org/)?(?:abs/)?\d{4}\.\d{4,5}|jmlr|isbn"
    return [
        f"no DOI, arXiv id, JMLR volume or ISBN in the reference {entry[:70]!r}"
        for entry in entries
        if not re.search(known, entry, flags=re.IGNORECASE)
    ]


def is_a_clean_run(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    problems = [] if counts == [*range(1, len(counts) + 1)] else [f"its execution counts are {counts}"]
    return problems + noise(notebook)


def is_of_no_machine(notebook):
    found = []
    for number, cell in numbered(notebook):
        for output in cell.outputs:
            text = str({k: v for k, v in output.get("data", {}).items() if not k.startswith("image/")} or output)
            for trace in re.findall(r"(?:/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\)[^\s'\"]*| at 0x[0-9a-f]+", text):
                found.append(f"code cell {number} shows {trace.strip()!r}, which is of one machine or one run")
            if str(ROOT) in text:
                found.append(f"code cell {number} shows where this checkout stands")
    return found


def metadata_is_neutral(notebook):
    problems = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        problems.append("its kernelspec is not python3")
    if "widgets" in notebook.metadata:
        problems.append("metadata.widgets is saved")
    if notebook.metadata.get("language_info", {}) != {"name": "python"}:
        problems.append("its language_info names a Python version")
    return problems


def is_small(path):
    size = path.stat().st_size / 1000
    return [f"is {size:.0f} KB, over {KILOBYTES}"] if size > KILOBYTES else []


def claims_hold(notebook):
    problems = []
    for number, cell in numbered(notebook):
        said = "\n".join(text_of(output) for output in cell.outputs)
        if re.search(r"(?<!\w)claim\(", cell.source) and ("✓" not in said or "✗" in said):
            problems.append(f"code cell {number} makes a claim that is not shown to hold")
    return problems


def instructor_layer_is_valid(notebook):
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        layer = cell.metadata.get("instructor", {})
        for key, value in layer.items():
            if key not in INSTRUCTOR or not isinstance(value, INSTRUCTOR[key]) or not value:
                problems.append(f"cell {number}: instructor metadata {key!r} is unknown, empty or of the wrong type")
        if len({"question", "answer", "reveals"} & layer.keys()) not in (0, 3):
            problems.append(f"cell {number}: a question, its answer and what a wrong answer reveals belong together")
        slide = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if slide not in SLIDES:
            problems.append(f"cell {number}: no such slide type: {slide!r}")
    return problems


def source_claims_are_known(notebook):
    """A cell that bears on a claim of the texts names its row in authoring/ledger.py, and makes a claim of its own."""
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        rows = cell.metadata.get("source_claims")
        if rows is None:
            continue
        if not rows or rows != sorted(set(rows) & set(SOURCE_CLAIMS) - set(NOT_MEASURED)):
            problems.append(f"cell {number}: source_claims {rows} are not rows that can be measured, in order")
        if cell.cell_type != "code" or not re.search(r"(?<!\w)claim\(", cell.source):
            problems.append(f"cell {number} has source_claims, and makes no claim")
    return problems


def exercises_are_wired(notebook, known):
    problems = []
    for number, cell in numbered(notebook):
        key = cell.metadata.get("exercise")
        active = [line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        if key is None:
            if any(re.match(r"lesson\.\w+\.check\(", line) for line in active):
                problems.append(f"code cell {number} checks an exercise that its metadata does not name")
            continue
        name = key.rpartition(".")[2]
        if key not in known:
            problems.append(f"code cell {number}: there is no exercise {key!r}")
        if not active[-1:] or not active[-1].startswith(f"lesson.{name}.check("):
            problems.append(f"code cell {number}: its last active line is not lesson.{name}.check(…)")
        if not cell.source.rstrip().endswith(f"# lesson.{name}.hint()\n# lesson.{name}.solution()"):
            problems.append(f"code cell {number}: it does not end in the commented hint and solution of {name}")
        if "Not attempted yet" not in "\n".join(text_of(output) for output in cell.outputs):
            problems.append(f"code cell {number}: as shipped, {name} is not 'not attempted yet'")
    return problems


def minutes_add_up(notebook):
    """The minutes of the instructor's layer are those that the lesson states."""
    stated = re.search(r"(\d+) *min\w* to study", notebook.cells[0].source)
    planned = [cell.metadata.get("instructor", {}).get("minutes", 0) for cell in notebook.cells]
    planned = sum(minutes for minutes in planned if isinstance(minutes, (int, float)))
    if not stated or int(stated[1]) != planned:
        return [f"states {stated[1] if stated else 'no'} minutes to study, and its cells add up to {planned}"]
    return []


def formulas_have_single_backslashes(notebook):
    """A doubled backslash, easily written by a script, is a line break to MathJax."""
    doubled = re.findall(r"\\\\[A-Za-z]+", "\n".join(markdown(notebook)))
    return [f"a formula has a doubled backslash: {command}" for command in doubled]


def glossary(notebook):
    """The terms of the glossary in 00_start_here, lower case."""
    return {
        term.lower() for term in re.findall(r"^[-*] +\*\*(.+?)\*\*:", section(notebook, "Glossary"), flags=re.MULTILINE)
    }


def defined_terms(notebook):
    """What a lesson sets in bold below its opening cell: its new terms. A label ends in a colon or a stop."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"][1:]
    text = "\n\n".join(texts).replace(section(notebook, "Glossary") or "\0", "")
    return [
        term.lower()
        for term, after in re.findall(r"\*\*(?!\s)(.+?)\*\*(:?)", text)
        if not after and term[-1] not in ":.?"
    ]


def terms_are_defined_once(notebook, terms):
    found = defined_terms(notebook)
    problems = [f"the term {term!r} is not in the glossary" for term in sorted(set(found) - terms)]
    return problems + [
        f"the term {term!r} is set in bold twice" for term in sorted({t for t in found if found.count(t) > 1})
    ]


def rules(path, known=EXERCISES, terms=None):
    """Every rule by its name, for the notebook at `path`."""
    if terms is None:
        terms = glossary(read(next(p for p in NOTEBOOKS if p.stem.startswith("00"))))
    plain = [
        *(one_title, headings_in_order, says_what_to_expect, says_how_to_install, figures_have_text),
        *(
            widgets_have_a_fallback,
            code_is_short,
            prose_is_short,
            is_a_clean_run,
            is_of_no_machine,
            metadata_is_neutral,
            claims_hold,
        ),
        *(instructor_layer_is_valid, source_claims_are_known, minutes_add_up, formulas_have_single_backslashes),
    ]
    return {rule.__name__: rule for rule in plain} | {
        "links_resolve": partial(links_resolve, path=path),
        "references_are_found": partial(references_are_found, path=path),
        "is_small": lambda notebook: is_small(path),
        "exercises_are_wired": partial(exercises_are_wired, known=known),
        "terms_are_defined_once": partial(terms_are_defined_once, terms=terms),
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_every_rule(path):
    notebook = read(path)
    nbformat.validate(notebook)
    problems = [f"{name}: {problem}" for name, rule in rules(path).items() for problem in rule(notebook)]
    assert not problems, "\n".join(problems)


def test_every_exercise_stands_in_one_notebook():
    placed = [
        cell.metadata["exercise"]
        for path in NOTEBOOKS
        for cell in code_cells(read(path))
        if "exercise" in cell.metadata
    ]
    assert sorted(placed) == sorted(EXERCISES)


def test_there_are_lessons():
    assert [path.stem[:2] for path in LESSONS] == [f"{i:02d}" for i in range(len(LESSONS))] != []
    assert [path.stem for path in NOTEBOOKS if path not in LESSONS] == ["recipes"]


# A notebook that keeps every rule, and for each rule some that break it.

OPENING = "# L2\n\nBy the end you can compute it.\n\nPrerequisites: lesson 00. Time: 5 minutes to study."
INSTALL = f"# course_utils is missing? Run %pip install git+https://github.com/{publish.name()}"
LESSON = "import course_utils.lessons.l2 as lesson"
SENTENCE = "The held-out error is smallest at λ = 0.01."


def code(source, number, *outputs, **metadata):
    return new_code_cell(source, execution_count=number, outputs=list(outputs), metadata=metadata)


def figure(text="<Figure size 640x480 with 1 Axes>"):
    return new_output("display_data", data={"image/png": "aGk=", "text/plain": text})


def says(text):
    return new_output("display_data", data={"text/markdown": text, "text/plain": text})


def good():
    exercise = "answer = ...\nlesson.rate.check(answer)\n# lesson.rate.hint()\n# lesson.rate.solution()"
    asked = {"question": "Why not zero?", "answer": "It fits noise.", "reveals": "“No idea”: not reading the axis."}
    instructor, slide = {"minutes": 5} | asked, {"slide_type": "slide"}
    return new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": ""}, "language_info": {"name": "python"}},
        cells=[
            new_markdown_cell(OPENING),
            new_markdown_cell("## The idea\n\nA **penalty** is added. [Up](#L2), [here](lesson.ipynb), [web](https://a.org)."),
            code(f"{INSTALL}\n{LESSON}\nplot(x)", 1, figure(), says(SENTENCE), instructor=instructor, slideshow=slide),
            code('claim("λ helps", 0.8, above=0)', 2, says("✓ λ helps (measured 0.8, needs > 0)"), source_claims=[8]),
            code(exercise, 3, says("○ **Not attempted yet.** Replace the `...`."), exercise="l2.rate"),
            new_markdown_cell("## References\n\n- Ridge, doi:10.2307/1267351\n- Adam, arXiv:1412.6980"),
        ],
    )  # fmt: skip


def with_cell(cell):
    def change(notebook):
        notebook.cells.append(cell)

    return change


def with_source(index, source):
    def change(notebook):
        notebook.cells[index].source = source

    return change


def with_outputs(index, *outputs):
    def change(notebook):
        notebook.cells[index].outputs = list(outputs)

    return change


def with_metadata(index, **metadata):
    def change(notebook):
        (notebook if index is None else notebook.cells[index]).metadata.update(metadata)

    return change


def text(source):
    return with_cell(new_markdown_cell(source))


BREAKS = [
    ("one_title", text("# Another")),
    ("one_title", with_source(0, OPENING.replace("# L2", "L2"))),
    ("headings_in_order", text("#### Too deep")),
    ("says_what_to_expect", with_source(0, OPENING.replace("By the end", ""))),
    ("says_what_to_expect", with_source(0, OPENING.replace("Prerequisites", ""))),
    ("says_what_to_expect", with_source(0, OPENING.replace("minutes", ""))),
    ("figures_have_text", with_outputs(2, figure())),
    ("figures_have_text", with_outputs(2, figure("Image(value=b'a b c d e f g')"), says("Look here"))),
    ("figures_have_text", with_outputs(2, says(SENTENCE), figure())),
    ("widgets_have_a_fallback", with_outputs(2, new_output("display_data", data={VIEW: {"model_id": "1"}}))),
    ("widgets_have_a_fallback", with_outputs(2, says("VBox(children=(A(),))"))),
    ("says_how_to_install", with_source(2, LESSON)),
    ("says_how_to_install", with_source(2, INSTALL.replace(publish.name(), "someone/else") + f"\n{LESSON}")),
    ("says_how_to_install", with_source(2, f"{INSTALL}\nimport course_utils.stats")),
    ("code_is_short", with_cell(code("x = 1\n" * 21, 4))),
    ("prose_is_short", text("word " * 121)),
    ("prose_is_short", text("word " * 70 + "\n\n" + "word " * 70)),
    ("links_resolve", text("[there](missing.ipynb)")),
    ("links_resolve", text("[there](#The-end)")),
    ("links_resolve", text("[there](lesson.ipynb#The-end)")),
    ("references_are_found", text("- A. Author, A Book without Number, 1999")),
    ("references_are_found", with_source(5, "## References")),
    ("is_a_clean_run", with_cell(code("x", 7))),
    ("is_a_clean_run", with_cell(code("x", None))),
    ("is_a_clean_run", with_outputs(2, new_output("stream", name="stderr", text="a warning"))),
    ("is_a_clean_run", with_outputs(2, new_output("error", ename="E", evalue="", traceback=[]))),
    ("is_of_no_machine", with_outputs(2, says("in /home/me/x"))),
    ("is_of_no_machine", with_outputs(2, says(r"in C:\Users\me"))),
    ("is_of_no_machine", with_outputs(2, says(f"in {ROOT}"))),
    ("is_of_no_machine", with_outputs(2, says("<A at 0x7f01>"))),
    ("metadata_is_neutral", with_metadata(None, kernelspec={"name": "my-env", "display_name": "mine"})),
    ("metadata_is_neutral", with_metadata(None, widgets={})),
    ("metadata_is_neutral", with_metadata(None, language_info={"name": "python", "version": "3.12.1"})),
    ("is_small", text("word\n\n" * 120_000)),
    ("claims_hold", with_outputs(3)),
    ("claims_hold", with_outputs(3, says("✓ one"), says("✗ the other"))),
    ("instructor_layer_is_valid", with_metadata(0, instructor={"mood": "good"})),
    ("instructor_layer_is_valid", with_metadata(0, instructor={"minutes": "5"})),
    ("instructor_layer_is_valid", with_metadata(0, instructor={"misconception": ""})),
    ("instructor_layer_is_valid", with_metadata(0, instructor={"question": "Why?", "answer": "It fits noise."})),
    ("instructor_layer_is_valid", with_metadata(0, slideshow={"slide_type": "slid"})),
    ("source_claims_are_known", with_metadata(3, source_claims=[])),
    ("source_claims_are_known", with_metadata(3, source_claims=[2, 1])),
    ("source_claims_are_known", with_metadata(3, source_claims=[47])),
    ("source_claims_are_known", with_metadata(3, source_claims=[28])),
    ("source_claims_are_known", with_metadata(2, source_claims=[1])),
    ("minutes_add_up", with_metadata(2, instructor={"minutes": 6})),
    ("minutes_add_up", with_source(0, OPENING.replace("to study", ""))),
    ("formulas_have_single_backslashes", text(r"It is $\\frac12$.")),
    ("exercises_are_wired", with_metadata(4, exercise="l2.rat")),
    ("exercises_are_wired", lambda notebook: notebook.cells[4].metadata.pop("exercise")),
    ("exercises_are_wired", with_source(4, "lesson.rate.check(1)\nx\n# lesson.rate.hint()\n# lesson.rate.solution()")),
    ("exercises_are_wired", with_source(4, "lesson.rate.check(1)\nlesson.rate.hint()\n# lesson.rate.solution()")),
    ("exercises_are_wired", with_outputs(4, says("✓ **Right.**"))),
    ("terms_are_defined_once", text("A **kink** is new.")),
    ("terms_are_defined_once", text("A **penalty**, again.")),
]  # fmt: skip


def broken_rules(notebook, folder):
    path = Path(folder, "lesson.ipynb")
    nbformat.write(notebook, path)
    kept = rules(path, known={"l2.rate"}, terms={"penalty"})
    return [name for name, rule in kept.items() if rule(notebook)]


def test_good_notebook_keeps_every_rule(tmp_path):
    assert broken_rules(good(), tmp_path) == []


@pytest.mark.parametrize(("rule", "change"), BREAKS, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(BREAKS)])
def test_rule_sees_what_breaks_it(rule, change, tmp_path):
    notebook = good()
    change(notebook)
    assert rule in broken_rules(notebook, tmp_path)


def test_every_rule_has_an_example_that_breaks_it(tmp_path):
    assert {rule for rule, _ in BREAKS} == set(rules(tmp_path / "lesson.ipynb", terms=set()))


def test_glossary_is_read():
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# A"),
            new_markdown_cell("## Glossary\n\n- **L2 Penalty**: λΣw².\n\n## Next"),
        ]
    )
    assert glossary(notebook) == {"l2 penalty"}
    assert defined_terms(notebook) == []
