"""Puts the repository's own name into every link that leads to it: Binder, GitHub, a hub's links, the citation.

python -m course_utils publish owner/name           for https://github.com/owner/name
python -m course_utils publish owner/name v1.0      and lets Binder open the tag v1.0 instead of the newest state
python -m course_utils publish --check              changes nothing; says which links are still to be mended

The name stands in pyproject.toml, under [project.urls]. Give it again, or another one, at any time.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = "OWNER/REPOSITORY"
FOLDERS = (".", ".github", "notebooks", "data", "course_utils/authoring/guide_texts")
KINDS = {".md", ".cff", ".toml", ".ipynb", ".yml"}
# What leads to this repository; other repositories may be named beside it.
OURS = (
    r"mybinder\.org/(?:v2/|badge/)gh/([^/\s]+/[^/\s)]+)",
    r"git-pull\?[^\s)]*repo=https://github\.com/([^/\s]+/[^&\s)]+)",
    r"git\+https://github\.com/([^/\s]+/[^\s\"\\]+)",
    r"repository-code: https://github\.com/(\S+)",
)


def files(root=ROOT):
    """The files in which a link to the repository may stand."""
    return [path for folder in FOLDERS for path in sorted((root / folder).glob("*.*")) if path.suffix in KINDS]


def name(root=ROOT):
    """The repository's owner and name on GitHub, or PLACEHOLDER."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


def problems(root=ROOT):
    """Every link to the repository that has another name than the rest, or none yet although there is one."""
    known, found, tags = name(root), [], set()
    for path in files(root):
        text, where = path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()
        tags |= set(re.findall(r"mybinder\.org/v2/gh/[^/\s]+/[^/\s]+/([^?\s)]+)", text))
        names = {match for pattern in OURS for match in re.findall(pattern, text)}
        found += [f"{where}: a link leads to {other}, not to {known}" for other in sorted(names - {known})]
        if known != PLACEHOLDER and re.search(r"\bOWNER\b|\bREPOSITORY\b", text):
            found.append(f"{where}: {PLACEHOLDER} is left over")
    if len(tags) > 1:
        found.append(f"Binder links lead to different versions: {', '.join(sorted(tags))}")
    if known == PLACEHOLDER and (address := on_github(root)):
        found.append(
            f"the links have no name yet, and this repository is {address}: python -m course_utils publish {address}"
        )
    return found


def on_github(root=ROOT):
    """The owner and name of the repository from which this copy was cloned; None if that is not on GitHub."""
    command = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
    try:
        said = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:  # there is no git
        return None
    address = re.search(r"github\.com[:/]([^/]+/[^/]+?)(?:\.git)?/?$", said)
    return address and address[1]


def publish(new, tag="HEAD", root=ROOT):
    """Gives the repository the name `new` in all files, and Binder the `tag` to open. Returns the files it changed."""
    there = rf"(?:(?<=github\.com/)|(?<=/gh/)|(?<=`)){re.escape(name(root))}(?![\w-])"
    changed = []
    for path in files(root):
        old = path.read_bytes().decode("utf-8")
        text = re.sub(there, new, old)
        text = re.sub(rf"(mybinder\.org/v2/gh/{re.escape(new)}/)[^?\s)]+", rf"\g<1>{tag}", text)
        if text != old:
            path.write_bytes(text.encode("utf-8"))
            changed.append(path)
    return changed


def main(arguments):
    if arguments == ["--check"]:
        found = problems()
        print("\n".join(found) or f"Every link leads to {name()}.")
        return int(bool(found))
    if not 1 <= len(arguments) <= 2 or not re.fullmatch(r"[A-Za-z0-9-]+/[\w.-]+", arguments[0], flags=re.ASCII):
        sys.exit("Give the repository as owner/name, such as: python -m course_utils publish ada/regularization")
    if len(arguments) == 2 and not re.fullmatch(r"[\w.-]+", arguments[1], flags=re.ASCII):
        sys.exit("Give the tag as one word of letters, digits, dots and dashes, such as v1.0.")
    changed = publish(*arguments)
    print(
        f"{len(changed)} files changed: {', '.join(path.relative_to(ROOT).as_posix() for path in changed) or 'none'}."
    )
    print("\n".join(found := problems()), end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
