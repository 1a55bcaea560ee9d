"""What the course's makers use; no lesson imports it."""

from pathlib import Path

if not (Path(__file__).resolve().parents[2] / "requirements.txt").is_file():
    raise SystemExit(
        "The makers' tools work on the course's own folder, which an installed package has not: clone the course and"
        " use `python3 -m course_utils` there."
    )
