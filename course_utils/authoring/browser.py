"""A notebook in a real browser: JupyterLab on a copy of the notebooks, opened by Playwright in the system's Chromium.

with lab(NOTEBOOKS) as server, browser() as chromium:
    page = open_notebook(chromium, server, "00_start_here.ipynb")
    outputs = run_all(page)
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
)

# What the console may say though nothing is wrong; each line with its reason.
ALLOWED = ()

# JupyterLab asks about news and looks for a newer version of itself unless told not to.
_QUIET = {"fetchNews": "false", "checkForUpdates": False}


@contextlib.contextmanager
def lab(notebooks=NOTEBOOKS, start_within=60, every_cell=False):
    """JupyterLab on a copy of a folder, with settings, progress and history of its own; gives its address and token.

    With `every_cell` all cells of a notebook are on the page, not just those near the part that is seen.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        work, home = Path(folder, "notebooks"), Path(folder, "jupyter")
        shutil.copytree(notebooks, work, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        _set(home, "apputils-extension", "notification", _QUIET)
        if every_cell:
            _set(home, "notebook-extension", "tracker", {"windowingMode": "none"})
        token = secrets.token_hex(16)
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(home),
            "JUPYTER_DATA_DIR": str(home),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            "COURSE_PROGRESS": str(home / "progress.jsonl"),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={work}"]
        command += ["--LabApp.expose_app_in_browser=True"]
        log = Path(folder, "log")
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=environment, cwd=work, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield _address(home / "runtime", process, log, start_within), token
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def browser():
    """The system's Chromium, without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


def open_notebook(chromium, server, name, theme="JupyterLab Light"):
    """A page with the notebook open and its kernel ready. `page.problems` collects what the browser complains about."""
    address, token = server
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.problems = []
    page.on("console", lambda m: _complain(page, m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: _complain(page, str(error)))
    page.goto(f"{address}/lab/tree/{name}?reset&token={token}")
    page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext !== undefined", timeout=60_000)
    set_theme(page, theme)
    page.evaluate(
        "async () => { const w = jupyterapp.shell.currentWidget; await w.revealed; await w.sessionContext.ready; }"
    )
    return page


def set_theme(page, theme):
    """Change JupyterLab's theme, for example to "JupyterLab Dark"."""
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    shade = "false" if theme.endswith("Dark") else "true"
    page.locator(f"body[data-jp-theme-light='{shade}']").wait_for(state="attached")


def run_all(page):
    """Run every cell, as the menu's Run All Cells does; gives the notebook as it then stands, as a dict."""
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    return notebook(page)


def notebook(page):
    """The notebook as JupyterLab holds it now, as a dict."""
    return page.evaluate("() => jupyterapp.shell.currentWidget.content.model.toJSON()")


def first_slider(page):
    """The handle of the first slider on the page and the figure's picture, scrolled into view."""
    handle = page.locator(".course .noUi-handle").first
    handle.scroll_into_view_if_needed(timeout=60_000)
    picture = page.locator(".course:has(.noUi-handle)").first.locator("img").first
    picture.wait_for()
    return handle, picture


def slider_latency(page, moves=30):
    """Milliseconds from a key press on the first slider until another picture is painted: a list, one for each move.

    The clock is the browser's. It starts at the key event's own time stamp and stops when a picture with another source
    is on the page, decoded, and the frame that contains it has been painted.
    """
    handle, _ = first_slider(page)
    handle.focus()
    page.evaluate(_WATCH)
    times, key = [], "ArrowRight"
    for _ in range(moves):
        if handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax"):
            key = "ArrowLeft"
        elif handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemin"):
            key = "ArrowRight"
        page.evaluate("() => courseWatch.arm()")
        page.keyboard.press(key)
        times.append(page.evaluate("() => courseWatch.painted"))
        page.wait_for_timeout(50)
    return times


_WATCH = """() => {
  const figure = document.querySelector('.course:has(.noUi-handle)');
  const image = () => figure.querySelector('img');
  window.courseWatch = {
    arm() {
      const before = image().src;
      this.painted = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error('The picture did not change within 10 s of the key press.')), 10000);
        let pressed, found = false;
        document.addEventListener('keydown', event => { pressed = event.timeStamp; }, {once: true, capture: true});
        const watcher = new MutationObserver(async () => {
          const now = image();
          if (found || !now?.src || now.src === before) return;
          found = true;
          watcher.disconnect();
          await now.decode();
          // The callback of an animation frame runs just before its paint, a message posted from it just after.
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve(performance.now() - pressed);
            channel.port2.postMessage(null);
          });
        });
        watcher.observe(figure, {subtree: true, childList: true, attributes: true, attributeFilter: ['src']});
      });
    },
  };
}"""


def _set(home, extension, plugin, settings):
    """Write the settings of one of JupyterLab's plugins."""
    folder = home / "settings" / "@jupyterlab" / extension
    folder.mkdir(parents=True)
    (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(settings))


def _complain(page, text):
    text = text[:300]
    if not any(allowed in text for allowed in ALLOWED):
        page.problems.append(text)


def _address(runtime, process, log, seconds):
    """Where the server listens. It looks for a free port itself, and says in a file which one it got."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.1)
        try:
            port = json.loads((runtime / f"jpserver-{process.pid}.json").read_text())["port"]
            address = f"http://127.0.0.1:{port}"
            with urllib.request.urlopen(f"{address}/login", timeout=5):
                return address
        except (OSError, ValueError):
            continue
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-2000:]}")
