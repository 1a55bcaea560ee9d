"""Tries the guide's recipe for a hub (guide_texts/hub.md) on this machine: a real JupyterHub, three learners with
accounts of their own, the link they are given, an update of the course, what each may see of the others, and the
memory and time that they take.

  sudo /opt/course/bin/python -m course_utils.authoring.hub        lesson 00 is run by one learner, then by all at once
  sudo /opt/course/bin/python -m course_utils.authoring.hub 02 07  these too

It needs Linux, root (it makes three accounts and removes them), the environment that the guide makes in /opt/course,
`git daemon`, this checkout with its last commit, and 4 GB of free memory; so it is no part of the test suite. On two
cores it takes some minutes, and some more for each lesson. Its exit code is 0 if all is as the guide says, else 1.
"""

import argparse
import contextlib
import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import requests
import websocket

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "course_utils/authoring/guide_texts/jupyterhub_config.py"
HUB = Path(sys.prefix, "bin/jupyterhub")
COURSE = "regularization-course"  # what the guide's link has as `targetpath`
GROUP = "course-trial"
FIRST = "notebooks/00_start_here.ipynb"
LEARNERS = [f"{GROUP}-{number}" for number in (1, 2, 3)]
MB = 2**20

wrong = []


def check(sentence, holds):
    """Print the sentence with its verdict, and remember it if it does not hold."""
    print(f"  {'✓' if holds else '✗'} {sentence}", flush=True)
    if not holds:
        wrong.append(sentence)


# ---- the machine: accounts, a repository with an address, a hub


@contextlib.contextmanager
def accounts():
    """Accounts for the learners, made as `useradd` makes them here, each with a password; gives {name: password}."""
    for name in {user.pw_name for user in pwd.getpwall()} & set(LEARNERS):
        sys.exit(f"There is an account {name} already: remove it (`userdel --remove {name}`), then start again.")
    passwords = {name: secrets.token_hex(16) for name in LEARNERS}
    try:
        run("groupadd", GROUP)
        for name, password in passwords.items():
            run("useradd", "--create-home", "--shell", "/bin/bash", "--groups", GROUP, name)
            run("chpasswd", input=f"{name}:{password}\n")
        yield passwords
    finally:
        for name in LEARNERS:
            for process in of(name):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            subprocess.run(["userdel", "--remove", name], stderr=subprocess.DEVNULL)
        subprocess.run(["groupdel", GROUP], stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def upstream(folder):
    """The course's last commit in a repository that `git daemon` serves; gives its address and a checkout to push from.

    On a real hub this is the web address of your repository.
    """
    bare, work, port = folder / "served" / "course", folder / "work", free_port()
    run("git", "clone", "--quiet", "--bare", str(ROOT), str(bare))
    run("git", "clone", "--quiet", str(bare), str(work))
    options = ["--reuseaddr", "--export-all", "--listen=127.0.0.1", f"--port={port}", f"--base-path={bare.parent}"]
    with running(["git", "daemon", *options], folder / "git.log"):
        wait_for(lambda: answers(port), "git daemon")
        yield f"git://127.0.0.1:{port}/course", work


@contextlib.contextmanager
def hub(folder, *options):
    """A hub with the guide's configuration, on free ports; gives its address and its process."""
    port, ours, proxys = free_port(), free_port(), free_port()
    command = [str(HUB), "-f", str(CONFIG)]
    command += [f"--JupyterHub.bind_url=http://127.0.0.1:{port}", f"--JupyterHub.hub_port={ours}"]
    command += [f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxys}"]
    command += [f"--PAMAuthenticator.allowed_groups={GROUP}", *options]
    address, log = f"http://127.0.0.1:{port}", folder / "hub.log"
    with running(command, log, cwd=folder, start_new_session=True) as process:
        try:
            wait_for(lambda: process.poll() is None and answers(port) and requests.get(f"{address}/hub/login").ok, log)
            yield address, psutil.Process(process.pid)
        except (requests.RequestException, RuntimeError):
            print(log.read_text()[-4000:])
            raise


@contextlib.contextmanager
def running(command, log, **settings):
    """A process that ends, with those that it started, when the `with` block does."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, **settings)
    try:
        yield process
    finally:
        started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        for left in [process, *started]:
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                left.kill()
        process.wait()


# ---- a learner, as the hub and their own server see them


class Learner:
    """Someone who logs in, gets a server, follows the link and runs lessons."""

    def __init__(self, address, name, password):
        self.address, self.name = address, name
        self.home = Path(pwd.getpwnam(name).pw_dir)
        self.session = requests.Session()
        self.session.get(f"{address}/hub/login")
        form = {"username": name, "password": password, "_xsrf": self.session.cookies["_xsrf"]}
        self.logged_in = self.session.post(f"{address}/hub/login", data=form, allow_redirects=False).status_code == 302
        self.kernels = {}

    def token(self):
        """A key to the hub's and the server's interfaces that can do what this learner can do."""
        answer = self.session.post(
            f"{self.address}/hub/api/users/{self.name}/tokens",
            headers={"X-XSRFToken": self.session.cookies["_xsrf"], "Referer": f"{self.address}/hub/token"},
            json={"note": "trial"},
        )
        answer.raise_for_status()
        self.session = requests.Session()  # from here on the key alone
        self.session.headers["Authorization"] = f"token {answer.json()['token']}"

    def start(self):
        """Start this learner's server and wait until it answers."""
        self.session.post(f"{self.address}/hub/api/users/{self.name}/server").raise_for_status()
        wait_for(lambda: self.get(f"/hub/api/users/{self.name}").json()["servers"].get("", {}).get("ready"), "a server")

    def get(self, path, **settings):
        return self.session.get(self.address + path, **settings)

    def pull(self, repository):
        """What the link does: fetch the course or bring it up to date; gives what git said."""
        query = {"repo": repository, "targetpath": COURSE}
        said = self.get(f"/user/{self.name}/git-pull/api", params=query).text
        events = [json.loads(line[6:]) for line in said.splitlines() if line.startswith("data: ")]
        check(f"{self.name}'s link has fetched the course", bool(events) and events[-1]["phase"] == "finished")
        return "".join(event.get("output", "") for event in events)

    def open(self, path):
        """Start a kernel for the notebook at `path` inside the course's folder."""
        body = {"path": f"{COURSE}/{path}", "type": "notebook", "name": path, "kernel": {"name": "python3"}}
        answer = self.session.post(f"{self.address}/user/{self.name}/api/sessions", json=body)
        answer.raise_for_status()
        self.kernels[path] = Kernel(self, answer.json()["kernel"]["id"])
        return self.kernels[path]

    def close(self, path):
        kernel = self.kernels.pop(path)
        kernel.socket.close()
        self.session.delete(f"{self.address}/user/{self.name}/api/kernels/{kernel.id}").raise_for_status()

    def kernel_seconds(self):
        """Seconds of one core that this learner's kernels have used."""
        kernels = [process for process in of(self.name) if is_kernel(process)]
        return sum(process.cpu_times().user + process.cpu_times().system for process in kernels)

    def memory(self):
        """Memory of this learner's processes in MB: (server's, kernels', both with shared pages shared out)."""
        sums = {"server": 0, "kernel": 0}
        shared = 0
        for process in of(self.name):
            with contextlib.suppress(psutil.NoSuchProcess):
                used = process.memory_full_info()
                sums["kernel" if is_kernel(process) else "server"] += used.uss
                shared += used.pss
        return sums["server"] / MB, sums["kernel"] / MB, shared / MB


class Kernel:
    """A kernel of a learner's, through their server."""

    def __init__(self, learner, id_):
        self.id = id_
        address = learner.address.replace("http", "ws", 1)
        self.socket = websocket.create_connection(
            f"{address}/user/{learner.name}/api/kernels/{id_}/channels",
            header=[f"Authorization: {learner.session.headers['Authorization']}"],
            timeout=300,
        )

    def run(self, code):
        """What the code prints. Raises RuntimeError if it fails."""
        id_, printed = uuid.uuid4().hex, []
        header = {"msg_id": id_, "msg_type": "execute_request", "session": self.id, "username": "", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.socket.send(json.dumps(message))
        while True:
            frame = self.socket.recv()
            if isinstance(frame, bytes):
                continue  # pictures for widgets: there is nobody to look at them
            answer = json.loads(frame)
            kind, content = answer["header"]["msg_type"], answer["content"]
            if answer["parent_header"].get("msg_id") != id_:
                continue
            if kind == "stream":
                printed.append(content["text"])
            elif kind == "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(printed)


def lesson(learner, path):
    """Run a lesson from top to bottom in a kernel of its own, which stays.

    Gives seconds, its processor's seconds, and the most memory of its own (USS) that it held, in MB.
    """
    notebook = nbformat.read(learner.home / COURSE / path, as_version=4)
    began = time.perf_counter()
    kernel = learner.open(path)
    peak, done = 0, threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.5):
            peak = max(peak, learner.memory()[1])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                kernel.run(cell.source)
    finally:
        done.set()
        watcher.join()
    return time.perf_counter() - began, learner.kernel_seconds(), peak


# ---- what the guide promises


def arrive(address, passwords, repository):
    """Every learner logs in, gets a server, the course, and a kernel for the first lesson; gives the learners."""
    print("From the password to the first lesson, and memory with servers alone")
    learners = []
    for name, password in passwords.items():
        began = time.perf_counter()
        learner = Learner(address, name, password)
        check(f"{name} logs in", learner.logged_in)
        learner.token()
        learner.start()
        server = time.perf_counter() - began
        learner.pull(repository)
        course = time.perf_counter() - began
        found = learner.open(FIRST).run("import course_utils; print(course_utils.__file__)").strip()
        kernel = time.perf_counter() - began
        print(f"    server {server:.1f} s, with the course {course:.1f} s, with a kernel {kernel:.1f} s")
        check(f"{name}'s lessons use the package that was fetched with them", Path(found).is_relative_to(learner.home))
        learner.close(FIRST)
        learners.append(learner)
        print(f"    {table(learners)}")
    return learners


def stays_apart(learners):
    """One learner passes an exercise; what the other sees of it, and of anything else that is not theirs."""
    print("Apart")
    one, other = learners[:2]
    check("a home folder is its owner's alone", all(learner.home.stat().st_mode & 0o077 == 0 for learner in learners))
    kernels = [learner.open(FIRST) for learner in (one, other)]
    for kernel in kernels:
        kernel.run("from course_utils import progress")
    kernels[0].run("progress.record('trial', 'passed')")
    kept = [kernel.run("print(progress.recall('trial'))").strip() for kernel in kernels]
    check("what one has passed is theirs alone", kept == ["passed", "None"])

    servers = [process.pid for process in of(one.name) if "jupyterhub-singleuser" in " ".join(process.cmdline())]
    closed = [one.home, one.home / ".regularization-course/progress.jsonl", one.home / COURSE / FIRST]
    closed += [Path(f"/proc/{pid}/environ") for pid in servers]  # it holds the server's key
    for path in closed:
        check(
            f"{path} is there, and closed to another account",
            bool(servers) and kernels[1].run(READ.format(path)) == "closed\n",
        )

    for where in (f"/user/{one.name}/api/contents/{COURSE}/{FIRST}", f"/user/{one.name}/api/kernels"):
        answers = [learner.get(where).status_code for learner in (one, other)]
        check(f"{where} answers its owner's key (200) and not another's (403): {answers}", answers == [200, 403])
    sockets = [each for pid in servers for each in psutil.Process(pid).net_connections("tcp")]
    port = next(each.laddr.port for each in sockets if each.status == psutil.CONN_LISTEN)
    direct = f"http://127.0.0.1:{port}/user/{one.name}/api/contents/{COURSE}"
    answers = [learner.session.get(direct).status_code for learner in (one, other)]
    check(f"so does the server's own port, past the hub: {answers}", answers == [200, 403])

    secret = secrets.token_hex(16)
    with ThreadPoolExecutor() as together:
        heard = together.submit(kernels[1].run, LISTEN.format(secret))
        talk = f"import time\nfor _ in range(16):\n    print('{secret}', flush=True)\n    time.sleep(0.5)"
        said = kernels[0].run(talk)
        check("what a kernel prints cannot be heard on its port", secret in said and heard.result() == "nothing\n")
    for learner in (one, other):
        learner.close(FIRST)


READ = """from pathlib import Path
path = Path("{}")
try:
    list(path.iterdir()) if path.is_dir() else path.read_bytes()
    print("open")
except PermissionError:
    print("closed")
"""
LISTEN = """import time, psutil, zmq
ear = zmq.Context().socket(zmq.SUB)
ear.linger = 0
ear.subscribe(b"")
for port in {{c.laddr.port for c in psutil.net_connections("tcp4") if c.status == "LISTEN"}}:
    ear.connect(f"tcp://127.0.0.1:{{port}}")
end, heard = time.monotonic() + 6, False
while time.monotonic() < end and not heard:
    heard = bool(ear.poll(200)) and b"{}" in b"".join(ear.recv_multipart())
print("heard" if heard else "nothing")
ear.close()
"""


def update(learner, repository, work):
    """The learner works in a lesson, the course changes in other places and in the same one, the link is used again."""
    print("An update of the course keeps what a learner has written")
    folder, path = f"/user/{learner.name}/api/contents/{COURSE}/", "notebooks/01_diagnosing_overfitting.ipynb"
    content = learner.get(folder + path).json()["content"]
    text = [cell for cell in content["cells"] if cell["cell_type"] == "markdown"]
    first, same, last = text[1]["id"], text[5]["id"], text[-1]["id"]
    words = {first: "the learner's words", same: "the learner's words here too"}
    put(content, words)
    save = {"type": "notebook", "format": "json", "content": content}
    learner.session.put(f"{learner.address}{folder}{path}", json=save).raise_for_status()
    note = {"type": "file", "format": "text", "content": "my own"}
    learner.session.put(f"{learner.address}{folder}notes.txt", json=note).raise_for_status()

    theirs = nbformat.read(work / path, as_version=4)
    put(theirs, {last: "upstream's words", same: "upstream's words here too"})
    nbformat.write(theirs, work / path)
    other, package = work / "notebooks/02_l2.ipynb", work / "course_utils/__init__.py"
    changed = nbformat.read(other, as_version=4)
    changed.cells[0].source += "\n\nchanged upstream"
    nbformat.write(changed, other)
    package.write_text(package.read_text() + '\n__version__ = "next"\n')
    push(work)
    learner.pull(repository)

    merged = nbformat.read(learner.home / COURSE / path, as_version=4)
    nbformat.validate(merged)
    now = {cell.id: cell.source for cell in merged.cells}
    check("a cell that the learner changed is still theirs", now[first] == words[first])
    check("where both changed the same lines, the learner's stay", now[same] == words[same])
    check("another cell of the same notebook is upstream's", now[last] == "upstream's words")
    check(
        "another notebook is upstream's",
        "changed upstream" in (learner.home / COURSE / "notebooks/02_l2.ipynb").read_text(),
    )
    check("the learner's own file is there", (learner.home / COURSE / "notes.txt").read_text() == "my own")
    found = learner.open(path).run("import course_utils; print(course_utils.__version__)")
    check("the package came with it", found == "next\n")
    learner.close(path)

    (learner.home / COURSE / path).rename(learner.home / COURSE / "notebooks/my 01.ipynb")
    learner.pull(repository)
    fresh = nbformat.read(learner.home / COURSE / path, as_version=4)
    check(
        "renamed, a lesson comes again as it is upstream",
        [c.source for c in fresh.cells] == [c.source for c in theirs.cells],
    )
    check("and the renamed one is kept", words[first] in (learner.home / COURSE / "notebooks/my 01.ipynb").read_text())


def put(notebook, words):
    """Give cells, by their ids, other words."""
    for cell in notebook["cells"]:
        if cell["id"] in words:
            cell["source"] = words[cell["id"]]


def push(work):
    author = ["-c", "user.name=upstream", "-c", "user.email=upstream@localhost"]
    run("git", *author, "-C", str(work), "commit", "--quiet", "--all", "--message", "an update")
    run("git", "-C", str(work), "push", "--quiet")


def lessons(learners, paths):
    """Each lesson by one learner alone, then by all at once."""
    for path in paths:
        print(path)
        for group in (learners[:1], learners):
            with ThreadPoolExecutor() as together:
                runs = list(together.map(lesson, group, [path] * len(group)))
            for learner, (seconds, processor, peak) in zip(group, runs, strict=True):
                print(
                    f"    {learner.name}: {seconds:.0f} s, {processor:.0f} s of a core, peak of its own {peak:.0f} MB"
                )
            print(f"    {table(group)}")
            for learner in group:
                learner.close(path)


def table(learners):
    """What these learners' processes hold now, each one's own, and together with what they share counted once."""
    each = [learner.memory() for learner in learners]
    servers, kernels, shared = ([round(one[i]) for one in each] for i in range(3))
    return f"memory of its own: servers {servers}, kernels {kernels} MB; together {sum(shared)} MB"


# ---- small things


def run(*command, **settings):
    return subprocess.run(command, check=True, text=True, capture_output=True, **settings).stdout


def of(name):
    """The processes of an account."""
    return [process for process in psutil.process_iter(["username"]) if process.info["username"] == name]


def root(process):
    return process.uids().real == 0


def is_kernel(process):
    return any("ipykernel" in word for word in process.cmdline())


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def wait_for(holds, what, seconds=120):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not get ready within {seconds} s")
        time.sleep(0.1)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="numbers of lessons to run")
    options = parser.parse_args(arguments)
    if os.geteuid():
        sys.exit("It makes accounts and removes them: run it as root.")
    if not HUB.exists():
        sys.exit(
            f"There is no hub in {sys.prefix}: use the Python of the environment that {CONFIG.parent / 'hub.md'} makes."
        )
    paths = [FIRST]
    for number in options.lessons:
        found = sorted(ROOT.glob(f"notebooks/{number}_*.ipynb"))
        if not found:
            sys.exit(f"There is no lesson {number}.")
        paths += [path.relative_to(ROOT).as_posix() for path in found]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside: leave no account behind
    with tempfile.TemporaryDirectory() as name, accounts() as passwords, upstream(Path(name)) as (repository, work):
        with hub(Path(name)) as (address, process):
            learners = arrive(address, passwords, repository)
            own = sum(each.memory_info().rss for each in [process, *process.children(recursive=True)] if root(each))
            print(f"    the hub, its proxy and what stops idle servers: {own / MB:.0f} MB")
            stays_apart(learners)
            update(learners[0], repository, work)
            lessons(learners, paths)
    print("\n".join(["Not as the guide says:", *wrong]) if wrong else "All as the guide says.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
