"""Makes decks of slides from notebooks: each one file that needs no network, with notes in its speaker view (key S).

python -m course_utils slides            of every lesson
python -m course_utils slides 01 l2      of those whose name contains one of these
python -m course_utils slides 01 --to decks    into a folder; otherwise beside the notebook

A deck is called 01_diagnosing_overfitting.slides.html. How it looks stands in course_utils/authoring/slides/.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from course_utils.authoring.notebooks import LESSONS, ROOT

COMMAND = (
    *("nbconvert", "--to", "slides", "--template", "slides"),
    f"--TemplateExporter.extra_template_basedirs={Path(__file__).parent}",
)


def export(notebooks, folder=None):
    """Writes a deck of each notebook beside it, or into `folder`; nbconvert's finished process, with what it said."""
    into = ["--output-dir", str(folder)] if folder else []
    command = [sys.executable, "-m", "jupyter", *COMMAND, *map(str, notebooks), *into]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--to", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    chosen = [path for path in LESSONS if any(name in path.stem for name in options.names or [""])]
    if not chosen:
        sys.exit(f"No notebook's name contains {' or '.join(options.names)}.")
    done = export(chosen, options.to and options.to.resolve())
    if done.returncode:
        sys.exit(f"No deck was made:\n{done.stderr}")
    for path in chosen:
        print((options.to or path.parent.relative_to(ROOT)) / f"{path.stem}.slides.html")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
