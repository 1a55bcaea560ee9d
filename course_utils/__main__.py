"""Set the course up and start it, or use one of its tools, with nothing but Python.

The first time, each makes the folder .venv with every package that requirements.txt pins; after that they start at
once. What follows a tool's name goes to the tool: `--help` there says what it takes. To begin afresh, delete .venv.

This file imports only the standard library and keeps to the syntax of Python 3.6, so that an old Python too
can say in one sentence which one the course needs.
"""

import ast
import contextlib
import difflib
import errno
import hashlib
import importlib.util
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / ".venv-lock"
CPU = Path("/proc/cpuinfo")
FIRST_LESSON = "notebooks/00_start_here.ipynb"
GIGABYTES = 3  # free space to ask for: .venv takes 2.1, what pip keeps of its downloads 0.5
PIP = "pip==26.3"  # says how far it is, and resumes a broken download
NEWS = "@jupyterlab/apputils-extension:announcements"  # else it asks, over the first lesson, about Jupyter news
AGAIN = "then run the same command again."
GET_PYTHON = "install Python 3.12 from https://www.python.org/downloads"

# Every word that can follow `python3 -m course_utils`: what it does, and the module of course_utils.authoring that does
# it, None for what stands in this file.
VERBS = {
    "start": ("opens the first lesson in JupyterLab; the same without a word", None),
    "test": ("runs every test; `fast` those of three minutes, `oldest` with old versions; more goes to pytest", None),
    "run": ("runs lessons again from top to bottom, and saves them as they are committed", "notebooks"),
    "replicate": ("runs lessons on other random draws, and says which claims do not hold there", "replicate"),
    "ledger": ("makes the table of all claims, notebooks/CLAIMS.md", "ledger"),
    "guide": ("makes the instructor's guide, notebooks/INSTRUCTORS.md", "guide"),
    "slides": ("makes decks of slides", "decks"),
    "site": ("makes a copy of the course to read: a folder of web pages", "site"),
    "bench": ("measures times and memory, as README states them", "bench"),
    "publish": ("puts the repository's name into every link", "publish"),
}
NEED_TEST_PACKAGES = ("test", "site", "bench")
# What `test` runs if its next word is one of these: what goes to pytest. Which tests are slow, tests/conftest.py says.
TIERS = {
    "fast": ["-m", "not slow", "tests"],
    # What the versions of packages can change: the package, and three lessons.
    "oldest": [
        *("tests/package", "--ignore=tests/package/test_pins.py", "--ignore=tests/package/test_setup.py"),
        *("--deselect=tests/package/test_package.py::test_ruff", "notebooks/00_start_here.ipynb"),
        *("notebooks/01_diagnosing_overfitting.ipynb", "notebooks/03_l1.ipynb"),
    ],
}
OLDEST = "tests/requirements-oldest.txt"

# Of pip's own settings, from the environment and from its files, those that say how to reach the packages. The others
# stay out: they could send the packages elsewhere (target, prefix, root, user) or change which they are.
PIP_SETTINGS = ("index-url", "extra-index-url", "no-index", "find-links", "trusted-host", "proxy", "cert")
PIP_SETTINGS += ("client-cert", "timeout", "default-timeout", "retries", "cache-dir", "no-cache-dir")
PIP_SETTINGS += ("keyring-provider", "config-file")


def pip_variable(setting):
    """The environment's name for one of pip's settings."""
    return "PIP_" + setting.upper().replace("-", "_")


# What we start sees neither the packages of another Python nor settings that send pip's installs elsewhere.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PYTHONPATH", "PYTHONHOME")
    and (not name.startswith("PIP_") or name in map(pip_variable, PIP_SETTINGS))
}
ENVIRONMENT.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
ENVIRONMENT["PYTHONUTF8"] = "1"  # whatever the locale: the folder's name may have accents, and the lessons have λ
HEARD = {"env": ENVIRONMENT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
HEARD.update(encoding="utf-8", errors="replace")

# What pip, venv or the system say when something is wrong that the reader can mend, and what to do about it.
TROUBLES = {
    ("[Errno 122]", "quota exceeded"): (
        f"Your share of the disk (its quota) is used up: free {GIGABYTES} GB of your own files, or move the course to a"
        f" disk with more room, {AGAIN}"
    ),
    ("No space left", "[Errno 28]", "[WinError 112]"): f"The disk is too full: free {GIGABYTES} GB, {AGAIN}",
    ("ensurepip is not available",): (
        "This Python lacks its venv module: on Debian or Ubuntu, "
        f"`sudo apt install python3.{sys.version_info[1]}-venv`; elsewhere, {GET_PYTHON}; {AGAIN}"
    ),
    ("Long Path",): rf"Windows refuses such long paths: move the course to a short one, like C:\course, {AGAIN}",
    ("Retrying (", "Could not fetch URL", "connection broken", "timed out", "ConnectionError"): (
        f"The packages could not be downloaded: check your network (and its proxy, if it has one), {AGAIN}"
    ),
    ("No matching distribution",): (
        f"A package has no build for this machine ({platform.system()} {platform.machine()}): "
        "open the course on Binder instead, the link is in README.md."
    ),
    ("Permission denied", "[WinError 5]", "[WinError 32]", "Read-only file system"): (
        f"The course's folder cannot be written to: move it to a place of your own, {AGAIN}"
    ),
}


def main(arguments):
    """Do what the words after `python3 -m course_utils` ask for; return the exit code."""
    verb, rest = (arguments or ["start"])[0], arguments[1:]
    if verb in ("-h", "--help"):
        print(usage())
        return 0
    if verb not in VERBS:
        sys.exit(unknown(verb))
    if not (ROOT / "requirements.txt").exists():
        sys.exit("The course is not in this folder: go to the one that holds its requirements.txt, " + AGAIN)
    if verb == "publish" and sys.version_info >= (3, 11):  # it needs no package, so no .venv
        return attend([sys.executable, "-m", tool("publish"), *rest])
    problem = python_problem(sys.version_info, sys.maxsize) or machine_problem(sys.platform, platform.machine())
    oldest = verb == "test" and rest[:1] == ["oldest"]
    if oldest:
        problem = problem or oldest_problem(sys.version_info, sys.platform, platform.machine())
    if problem:
        sys.exit(problem)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside: leave no JupyterLab behind
    try:
        if oldest:
            set_up_oldest()
        else:
            set_up()
        find_home()
        if verb in NEED_TEST_PACKAGES and not oldest:
            add_test_packages()
        if verb == "start":
            return open_lab()
        call = ["pytest", *tier(rest)] if verb == "test" else [tool(verb), *rest]
        return attend([str(PYTHON), "-m", *call])
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command takes it up again.")
    except OSError as error:
        sys.exit(trouble(str(error)))


def usage():
    """What --help prints."""
    lines = [f"    python3 -m course_utils {verb:10} {does}" for verb, (does, _) in VERBS.items()]
    opening, about, _ = __doc__.split("\n\n")
    return "\n\n".join((opening, "\n".join(lines), about))


def unknown(word):
    """One sentence for a word that is none of VERBS."""
    near = difflib.get_close_matches(word, VERBS, 1, cutoff=0.5)
    hint = f"did you mean `python3 -m course_utils {near[0]}`? " if near else ""
    return f"There is no `{word}`: {hint}`python3 -m course_utils --help` lists what there is."


def tool(verb):
    return "course_utils.authoring." + VERBS[verb][1]


def tier(arguments):
    """The words after `test`, as pytest takes them."""
    return TIERS[arguments[0]] + arguments[1:] if arguments[:1] and arguments[0] in TIERS else arguments


def python_problem(version, largest):
    """One sentence if a Python of this version and sys.maxsize cannot run the course, else None."""
    number = ".".join(str(part) for part in version[:3])
    if not (3, 11) <= tuple(version[:2]) <= (3, 13):
        here = [name for name in ("python3.12", "python3.13", "python3.11") if runs(name, "-c", "")]
        advice = f"run `{here[0]} -m course_utils`" if here else GET_PYTHON
        return f"The course needs Python 3.11, 3.12 or 3.13, and this is {number}: {advice}."
    if largest < 2**32:
        return f"The course needs a 64-bit Python, and this one ({number}) has 32 bits: {GET_PYTHON}."
    return None


def machine_problem(system, machine):
    """One sentence if TensorFlow has no build for this sys.platform and processor, else None."""
    if (system, machine) == ("darwin", "x86_64"):
        return (
            "TensorFlow has had no build for Intel Macs since version 2.16: open the course on Binder instead, the"
            f" link is in README.md (if your Mac has an Apple chip, your Python is made for Intel: {GET_PYTHON})."
        )
    flags = processor_flags() if (system, machine) == ("linux", "x86_64") else None
    if flags is not None and "avx" not in flags:
        return (
            "TensorFlow needs a processor with the instructions called AVX, and this one has none (a virtual machine"
            " may hide them: let it pass the host's processor through): open the course on Binder instead, the link is"
            " in README.md."
        )
    return None


def oldest_problem(version, system, machine):
    """One sentence if the lock of the oldest versions is not for this Python, sys.platform and processor, else None."""
    if tuple(version[:2]) == (3, 11) and (system, machine) == ("linux", "x86_64"):
        return None
    here = "Python {}.{} on {} {}".format(*version[:2], system, machine)
    return f"The oldest versions are pinned for Python 3.11 on Linux x86-64, and this is {here}: run the test there."


def processor_flags():
    """The words with which Linux says what the processor can do, a set; None where it does not say."""
    try:
        flags = [line for line in CPU.read_text(errors="replace").splitlines() if line.startswith("flags")]
    except OSError:
        return None
    return set(flags[0].split(":", 1)[-1].split()) if flags else None


def set_up():
    """Make .venv hold what requirements.txt pins, and the course's package, unless it does already."""
    ready, wanted = VENV / "course-ready", fingerprint("requirements.txt", "pyproject.toml")
    if usable() and ready.read_text() == wanted:
        return
    with alone():
        if usable():
            say("The list of packages has changed, or the folder has moved: bringing .venv up to date.")
            ready.unlink()  # first of all, so that an interrupted update does not look finished
        else:
            make_venv()
            say("Installing the packages: 0.5 GB to download, most of it TensorFlow. It takes a few minutes, once.")
        pip("--only-binary", ":all:", "-r", "requirements.txt")
        pip("--no-deps", "--no-build-isolation", "-e", ".")
        runs(str(PYTHON), "-m", "jupyterlab.labextensions", "disable", NEWS)
        ready.write_text(wanted)


def set_up_oldest():
    """Make .venv-oldest, which this run takes instead of .venv, hold the oldest versions that the course allows."""
    global VENV, PYTHON
    VENV, PYTHON = ROOT / ".venv-oldest", ROOT / ".venv-oldest" / PYTHON.relative_to(VENV)
    ready, wanted = VENV / "course-ready", fingerprint(OLDEST)
    if usable() and ready.read_text() == wanted:
        return
    with alone():
        make_venv()
        say("Installing the oldest packages that the course allows: a few minutes, once.")
        pip("--only-binary", ":all:", "-r", OLDEST)
        ready.write_text(wanted)


def usable():
    """Whether a set-up was finished once, and its Python still runs."""
    return (VENV / "course-ready").exists() and runs(str(PYTHON), "-c", "import pip")


@contextlib.contextmanager
def alone():
    """Keep a second launcher away from this folder's .venv; the system lets go of the lock when this process ends."""
    with LOCK.open("a+") as file:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                sys.exit("Another window is setting the course up in this folder: wait until it is done, " + AGAIN)
            # else the disk knows no locks, as some shared ones do
        yield


def make_venv():
    """Put a virtual environment that holds nothing but pip in the place of whatever .venv there is."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(trouble("ensurepip is not available"))
    if VENV.exists():
        say(f"The {VENV.name} in this folder is not complete: making it afresh.")
        shutil.rmtree(str(VENV))
    if shutil.disk_usage(str(ROOT)).free < GIGABYTES * 10**9:
        sys.exit(trouble("No space left"))
    say(f"Making {VENV.name}, the folder for the course's packages; nothing else on this machine is changed.")
    # Not sys.executable: that may lie in another virtual environment, or in the .venv just deleted.
    made = subprocess.run([sys._base_executable, "-m", "venv", str(VENV)], **HEARD)
    if made.returncode:
        sys.exit(trouble(made.stdout))
    pip(PIP)


def pip(*arguments):
    """Install with .venv's pip: silently, but a terminal shows how far a lock (-r) has come."""
    show = sys.stdout.isatty() and "-r" in arguments
    read_pip_settings()
    call = [str(PYTHON), "-m", "pip", "install", "--progress-bar", "raw" if show else "off", *arguments]
    total = (ROOT / arguments[-1]).read_text().count("==") if show else 0
    lines = []
    with subprocess.Popen(call, cwd=str(ROOT), **HEARD) as process:
        for line in process.stdout:
            lines.append(line)
            if show:
                overwrite(how_far(lines, total))
    if show:
        overwrite("")
    if process.returncode:
        sys.exit(trouble("".join(lines)))


def read_pip_settings():
    """Put those PIP_SETTINGS that pip's files hold into the environment, and keep pip from reading its files."""
    if ENVIRONMENT.get("PIP_CONFIG_FILE") == os.devnull:
        return
    listed = subprocess.run([str(PYTHON), "-m", "pip", "config", "list"], cwd=str(ROOT), **HEARD).stdout
    for section in ("global", "install"):  # the second counts for more
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            setting = name[len(section) + 1 :]
            if name.startswith(section + ".") and setting in PIP_SETTINGS and pip_variable(setting) not in os.environ:
                ENVIRONMENT[pip_variable(setting)] = " ".join(ast.literal_eval(value).split())
    ENVIRONMENT["PIP_CONFIG_FILE"] = os.devnull


def how_far(lines, total):
    """From what pip has said, and the number of packages: "97 of 121 packages  keras  1 of 2 MB"."""
    if lines[-1].startswith("Installing"):
        return "All downloaded; unpacking."
    begun = [line for line in lines if line.startswith(("Collecting", "Processing", "Requirement", "Ignoring"))]
    name = begun[-1].split()[1].split("==")[0] if begun and begun[-1].startswith("Collecting") else ""
    size = ""
    if lines[-1].startswith("Progress"):
        size = "{:.0f} of {:.0f} MB".format(*(int(number) / 1e6 for number in lines[-1].split()[1::2]))
    return f"{min(len(begun), total)} of {total} packages  {name}  {size}"


def trouble(output):
    """One sentence for what went wrong, from what pip, venv or the system said about it."""
    for words, sentence in TROUBLES.items():
        if any(word in output for word in words):
            return sentence
    last = output.strip().splitlines()[-1:] or ["no reason was given"]
    return f"The set-up stopped ({last[0]}): delete .venv, {AGAIN}"


def fingerprint(*files):
    """A text that changes when one of these files does, or when the course is moved."""
    parts = [os.fsencode(str(ROOT)), *((ROOT / file).read_bytes() for file in files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def find_home():
    """Give what we start a home folder, if the user has none that can be written: in some containers there is none."""
    if not os.access(os.path.expanduser("~"), os.W_OK):
        home = VENV / "home"
        home.mkdir(exist_ok=True)
        say("Your home folder cannot be written to: settings and your progress are kept in .venv/home instead.")
        ENVIRONMENT["HOME"] = str(home)


def add_test_packages():
    """Install what only the tests, and some tools, need beyond the lock."""
    ready, wanted = VENV / "tests-ready", fingerprint("requirements.txt", "tests/requirements.txt")
    if not (ready.exists() and ready.read_text() == wanted):
        with alone():
            say("Installing what only the tests and the makers' tools need.")
            pip("--only-binary", ":all:", "-r", "tests/requirements.txt")
            ready.write_text(wanted)


def open_lab():
    """Open the first lesson in JupyterLab, tell where, and wait until it ends."""
    port, token = free_port(8888), secrets.token_hex(16)
    say("JupyterLab opens in your browser in a few seconds. If it does not, open this address yourself:\n")
    say(f"    http://localhost:{port}/lab/tree/{FIRST_LESSON}?token={token}\n")
    say("Leave this window open while you work; Ctrl-C here ends JupyterLab.")
    options = {
        "ServerApp.root_dir": ROOT,
        "ServerApp.port": port,
        "ServerApp.allow_root": True,  # as in a container; only who has the token can connect
        "ServerApp.answer_yes": True,  # one Ctrl-C is enough
        "LabApp.default_url": f"/lab/tree/{FIRST_LESSON}",
        "KernelManager.transport_encryption": "auto",  # without it each kernel warns, in this window
        "Application.log_level": "ERROR",
        "Application.log_format": "%(message)s",
    }
    call = [str(PYTHON), "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    return attend(call, JUPYTER_TOKEN=token)  # not an option: every user of the machine can list those


def free_port(first):
    """The first port from `first` on that nothing on this machine uses."""
    for port in range(first, first + 100):
        try:
            socket.create_server(("localhost", port)).close()
            return port
        except OSError:
            continue
    return first


def attend(call, **environment):
    """Run a command in this terminal until it ends; return its exit code."""
    process = subprocess.Popen(call, cwd=str(ROOT), env={**ENVIRONMENT, **environment})
    try:
        return process.wait()
    except KeyboardInterrupt:  # the terminal sends Ctrl-C to the command as well: let it end in its own way
        try:
            return process.wait(10)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            process.terminate()
            return process.wait()


def runs(*call):
    """Whether this command exists and succeeds."""
    try:
        return subprocess.call(call, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def say(text):
    print(text, flush=True)


def overwrite(text):
    """Show a text in place of the last one."""
    width = shutil.get_terminal_size().columns - 1
    print("\r" + text[:width].ljust(width), end="\r", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
