"""Makes notebooks/INSTRUCTORS.md, the instructor's guide, from what the notebooks say of themselves.

python -m course_utils guide            writes it
python -m course_utils guide --check    writes nothing; says whether it is out of date

What it says of a lesson is read from the notebook: its headings, its cells' `instructor` metadata, its predictions
(asked as questions.toml has them) with what came out; and from its exercises, whose checks are asked what they say to
the wrong answers in tests/lessons. The rest stands in guide_texts/: a Markdown file for each section, in the order of
PARTS, and schedules.toml, which names lessons and headings only. The minutes are added up here.
"""

import argparse
import ast
import re
import sys
import tomllib
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import nbformat

from course_utils.authoring.notebooks import (
    LESSONS,
    ROOT,
    anchor,
    exercise_cases,
    exercises,
    headings,
    plain_python,
    read,
)
from course_utils.questions import questions

GUIDE = ROOT / "notebooks" / "INSTRUCTORS.md"
FOLDER = Path(__file__).parent / "guide_texts"
PARTS = ("audience", "schedules", "checklist", "trouble", "hub", "binder", "slides", "learners")
MADE = (
    "<!-- Made by `python -m course_utils guide` from the notebooks and from course_utils/authoring/guide_texts/:"
    " change those, not this page. -->"
)
MISTAKES = 2  # how many typical mistakes of an exercise are told
# What does not name a mistake, is of one run, or is too long for a table:
GENERAL = re.compile(
    r"For |Your (answer|function) |.*(\braised\b|about \d|\d points|±|yours is `'|no answer yet)|.{160}"
)


class GuideError(Exception):
    """The guide cannot be made; the text says why, in a sentence."""


@dataclass(frozen=True)
class Section:
    """A heading of a lesson, and the cells from it to the next heading of any level."""

    level: int
    title: str
    cells: list

    @property
    def minutes(self):
        return sum(note(cell).get("minutes", 0) for cell in self.cells)


@dataclass(frozen=True)
class Lesson:
    """A notebook, as the guide needs it."""

    path: Path
    question: str
    objectives: list
    sections: list

    @property
    def number(self):
        return self.path.stem[:2]

    @property
    def title(self):
        return self.sections[0].title

    @property
    def minutes(self):
        return sum(section.minutes for section in self.sections)

    def under(self, title):
        """The section called `title` and those below it; of the lesson's own title, its opening alone."""
        places = [i for i, section in enumerate(self.sections) if section.title == title]
        if not places:
            raise GuideError(f"Lesson {self.number} has no section “{title}”.")
        first = self.sections[places[0]]
        rest = self.sections[places[0] + 1 :]
        below = next((i for i, section in enumerate(rest) if section.level <= first.level), len(rest))
        return [first] if first.level == 1 else [first, *rest[:below]]

    def link(self, section=None, text=None):
        """A Markdown link to the notebook, or to one of its sections."""
        if section is None:
            return f"[{text or self.title}]({self.path.name})"
        place = anchor(section.title).replace("(", "%28").replace(")", "%29")
        return f"[{text or section.title}]({self.path.name}#{place})"


def note(cell):
    return cell.metadata.get("instructor", {})


def lesson(path):
    """The `Lesson` in the notebook at `path`."""
    notebook = read(path)
    sections = []
    for cell in notebook.cells:
        of_cell = headings(nbformat.from_dict({"cells": [cell]}))
        sections += [Section(level, title, []) for level, title in of_cell]
        # A cell with two headings counts for the first.
        sections[-max(1, len(of_cell))].cells.append(cell)
    opening = notebook.cells[0].source
    question = re.search(r"^\*\*(.+?)\*\*$", opening, flags=re.MULTILINE)
    objectives = re.findall(r"^- (.+)[;.]$", opening, flags=re.MULTILINE)
    return Lesson(path, question[1], objectives, sections)


def exercise_name(section, exercise):
    """What the lesson calls an exercise: the rest of its heading, or the exercise's own title."""
    name = section.title.removeprefix("Exercise: ")
    return name[0].upper() + name[1:] if name != section.title else exercise.title


def calls(cell, name):
    """The calls of a function or method `name` in a cell, as (variable it is given to or None, call)."""
    if cell.cell_type != "code":
        return []
    found = []
    for statement in ast.parse(plain_python(cell.source)).body:
        call = getattr(statement, "value", None)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", None) == name:
            target = statement.targets[0].id if isinstance(statement, ast.Assign) else None
            found.append((target, call))
    return found


def asked_in(cells):
    """The questions of questions.toml that the lesson of `cells` may ask, as {name: question}."""
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    found = re.search(r"^import (course_utils\.lessons\.\w+) as lesson$", source, flags=re.MULTILINE)
    return questions(found[1]) if found else {}


def predictions(cells, known=None):
    """(question, what came out) of each prediction in `cells`; the outcome is the one in the saved outputs."""
    known = asked_in(cells) if known is None else known
    found = []
    for place, cell in enumerate(cells):
        for _, call in calls(cell, "ask"):
            if (name := call.func.value.attr) not in known:
                raise GuideError(f"A cell asks “{name}”, which is no question of its lesson's questions.toml.")
            asked = known[name]
            said = next((c for c in cells[place:] if f"lesson.{name}.reveal(" in c.source), cell)
            shown = "\n".join(output.get("data", {}).get("text/markdown", "") for output in said.get("outputs", []))
            outcome = re.search(r"^\| \(nothing\) \| (.+) \|$", shown, flags=re.MULTILINE)
            if not outcome or outcome[1] not in asked.options:
                raise GuideError(
                    f"What came out of “{asked.question}” is not in the notebook's outputs: run the notebook again."
                )
            found.append((asked.question, outcome[1]))
    return found


def mistakes(key, exercise):
    """What the check of an exercise says to its typical mistakes: sentences that name the mistake."""
    said = (exercise.check(answer).message for answer, _ in exercise_cases(key)["wrong"])
    if not (named := [message for message in said if not GENERAL.match(message)]):
        raise GuideError(f"No wrong answer of the exercise {key} in tests/lessons is told by its name, briefly.")
    return named[:MISTAKES]


def whole(minutes):
    """Minutes without a needless `.0`."""
    return f"{minutes:g}"


def table(head, rows):
    """A Markdown table; `head` is a dict from column to alignment."""
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(head.values()) + "|"]
    return "\n".join(lines + ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows])


# ---- schedules --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of a schedule: what is done, for how many minutes, and what of it is left for home."""

    what: str
    minutes: float
    home: str = ""


def scheduled(row, lessons, where):
    """The `Row` that a row of schedules.toml stands for, and the sections it takes."""
    if "text" in row:
        return Row(row["text"], row["minutes"]), []
    if row["lesson"] not in lessons:
        raise GuideError(f"The schedule “{where}” names a lesson {row['lesson']}, and there is none.")
    chosen = lessons[row["lesson"]]
    named, without = row.get("sections", []), row.get("without", [])
    taken = [s for title in named for s in chosen.under(title)] or list(chosen.sections)
    left = [s for title in without for s in chosen.under(title)]
    for section in left:
        if section not in taken:
            raise GuideError(f"The schedule “{where}” leaves out “{section.title}”, which it does not take.")
    taken = [section for section in taken if section not in left]
    links = " · ".join(linked(chosen, title) for title in named if title not in without)
    what = f"**{chosen.number}** " + (links or f"{chosen.link()}, all of it")
    home = " · ".join(linked(chosen, title) for title in without)
    return Row(what, sum(section.minutes for section in taken), home), taken


def linked(of, title):
    first = of.under(title)[0]
    return of.link(first, "Opening" if first.level == 1 else None)


def session(data, lessons, where, minutes):
    """The rows of one session of a schedule, ending in what is left of its minutes."""
    rows, seen = [], []
    for entry in data:
        row, taken = scheduled(entry, lessons, where)
        for section in taken:
            if any(section is other for other in seen):
                raise GuideError(f"The schedule “{where}” takes “{section.title}” twice.")
        seen += taken
        rows.append(row)
    total = sum(row.minutes for row in rows)
    if total > minutes:
        raise GuideError(f"The schedule “{where}” takes {whole(total)} minutes, and has {minutes}.")
    return [*rows, Row("in reserve", minutes - total)] if total < minutes else rows


def schedule(data, lessons):
    """One schedule of schedules.toml, as Markdown."""
    title, minutes = data["title"], data["minutes"]
    lines = [f"### {title}", data["about"]]
    if "weeks" in data:
        rows = []
        for number, week in enumerate(data["weeks"], 1):
            made = session(week["rows"], lessons, f"{title}, week {number}", minutes)
            inside = "<br>".join(f"{row.what} ({whole(row.minutes)})" for row in made)
            rows.append([str(number), inside, "<br>".join(row.home for row in made if row.home)])
        head = {"week": "--:", f"in class (minutes; {minutes} in all)": ":--", "at home": ":--"}
        return "\n\n".join([*lines, table(head, rows)])
    made = session(data["rows"], lessons, title, minutes)
    starts = [0, *accumulate(row.minutes for row in made)]
    rows = []
    for start, row in zip(starts, made, strict=False):
        without = f", without {row.home}" if row.home else ""
        rows.append([f"{int(start // 60)}:{int(start % 60):02d}", row.what + without, whole(row.minutes)])
    rows.append(["", "**in all**", f"**{minutes}**"])
    return "\n\n".join([*lines, table({"at": "--:", "what": ":--", "minutes": "--:"}, rows)])


def schedules(lessons, data=None):
    """All schedules, as Markdown; `data` as schedules.toml has it."""
    data = data or tomllib.loads((FOLDER / "schedules.toml").read_text(encoding="utf-8"))
    return "\n\n".join(schedule(one, lessons) for one in data["schedule"])


# ---- a lesson ---------------------------------------------------------------------------------------------------


def chapters(of):
    """A lesson's sections in groups: its opening, and each section of the second level with those below it."""
    groups = []
    for section in of.sections:
        if section.level <= 2:
            groups.append([])
        groups[-1].append(section)
    return groups


def minutes_table(of):
    rows = []
    for first, *below in chapters(of):
        cells = [cell for section in (first, *below) for cell in section.cells]
        counts = {
            "exercise": sum("exercise" in cell.metadata for cell in cells),
            "prediction": len([call for cell in cells for call in calls(cell, "ask")]),
            "slider": len([call for cell in cells for call in calls(cell, "frames") + calls(cell, "live")]),
            "quiz question": len([call for cell in cells for call in calls(cell, "quiz")]),
        }
        minutes = sum(section.minutes for section in (first, *below))
        inside = ", ".join(f"{count} {name}{'s' * (count > 1)}" for name, count in counts.items() if count)
        if minutes:
            rows.append([linked(of, first.title), whole(minutes), inside])
    rows.append(["**in all**", f"**{whole(of.minutes)}**", ""])
    return table({"section": ":--", "minutes": "--:", "in it": ":--"}, rows)


def asked(of):
    """(section, note) of each question for the room, in order."""
    return [(section, note(cell)) for section in of.sections for cell in section.cells if "question" in note(cell)]


def about(of, known):
    """What the guide says of one lesson, as Markdown."""
    every = [(section, cell) for section in of.sections for cell in section.cells]
    where, shown = next((section, note(cell)) for section, cell in every if note(cell).get("show"))
    blocks = [
        f"### {of.number} {of.title}",
        f"{of.link(text='Open the lesson')} · {whole(of.minutes)} minutes · *{of.question}*",
        f"At the end, learners can {'; '.join(of.objectives)}.",
        f"**If you show one thing**, show the figure under {of.link(where)}, and ask: *{shown['question']}*",
        minutes_table(of),
    ]
    rows = []
    for section, n in asked(of):
        which = " (the open question)" if section.title == "An open question" else ""
        rows.append([of.link(section, n["question"]) + which, n["answer"], n["reveals"]])
    blocks.append(table({"ask the room": ":--", "expect": ":--", "a wrong answer, and what it reveals": ":--"}, rows))
    if found := predictions([cell for _, cell in every]):
        blocks.append(table({"prediction": ":--", "what comes out": ":--"}, found))
    rows = [
        [of.link(section, exercise_name(section, known[key])), "<br>".join(mistakes(key, known[key]))]
        for section, cell in every
        if (key := cell.metadata.get("exercise"))
    ]
    blocks.append(table({"exercise": ":--", "what its check says to typical mistakes": ":--"}, rows))
    if beliefs := [note(cell)["misconception"].rstrip(".") for _, cell in every if "misconception" in note(cell)]:
        blocks.append("**Beliefs that it meets:** " + " · ".join(dict.fromkeys(beliefs)) + ".")
    return "\n\n".join(blocks)


# ---- the page ---------------------------------------------------------------------------------------------------


def part(name, lessons):
    """One hand-written section; where it says `<schedules>`, the schedules are put in."""
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        raise GuideError(f"course_utils/authoring/guide_texts/{name}.md is missing.")
    text = path.read_text(encoding="utf-8").strip()
    if not text.startswith("## "):
        raise GuideError(f"course_utils/authoring/guide_texts/{name}.md should begin with its heading, `## …`.")
    return text.replace("<schedules>", schedules(lessons)) if "<schedules>" in text else text


def page():
    """The whole guide, as Markdown."""
    if unknown := sorted(path.name for path in FOLDER.glob("*.md") if path.stem not in PARTS):
        raise GuideError(f"{FOLDER.name} holds {unknown[0]}, which PARTS in authoring/guide.py does not name.")
    lessons = {one.number: one for one in map(lesson, LESSONS)}
    known = exercises()
    parts = [part(name, lessons) for name in PARTS]
    blocks = [MADE, "# Instructor's guide", *parts, "## Lesson by lesson"]
    return "\n\n".join([*blocks, *(about(one, known) for one in lessons.values())]) + "\n"


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    try:
        made = page()
    except GuideError as error:
        sys.exit(str(error))
    name = GUIDE.relative_to(ROOT).as_posix()
    if options.check:
        fresh = GUIDE.is_file() and GUIDE.read_text(encoding="utf-8") == made
        print(f"{name} is " + ("up to date." if fresh else "out of date: run `python -m course_utils guide`."))
        return int(not fresh)
    GUIDE.write_text(made, encoding="utf-8")
    print(f"{name}: {len(made.split()):,} words.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
