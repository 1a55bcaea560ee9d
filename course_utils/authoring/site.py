"""Makes a copy of the course to read: a folder of web pages that need no kernel and, once made, no network.

python -m course_utils site site             runs every notebook, so that its sliders come along
python -m course_utils site site 00 diagn    runs those whose name contains one of these, takes the others as committed
python -m course_utils site site --quick     runs none: figures with a slider stay still, quizzes are only listed

Open `index.html` of that folder in a browser, or put the folder on any web server; a copy that is in it already is
replaced. Figures of `widgets.frames` and quizzes work as in the notebook, for the state of their widgets says all that
a browser needs; what needs a kernel (`live`, `predict`) is shown as its still version.
"""

import argparse
import base64
import hashlib
import html
import importlib.util
import re
import shutil
import struct
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

from course_utils.authoring.notebooks import NOTEBOOKS, ROOT, VIEW, noise, read, run

PAGES = sorted((ROOT / "notebooks").glob("*.md"))
INSTALL = 'python -m pip install -c requirements.txt -c tests/requirements.txt -e ".[site]"'
MATHJAX = "sphinx-mathjax-offline"  # carries MathJax's own files
STATE = "application/vnd.jupyter.widget-state+json"

INDEX = """# Regularization in deep learning, measured

This is a copy of the course to read. Its sliders and quizzes work; a picture that calls itself still does not move. To
change the code and run it, to keep a prediction, and to have your exercises checked, you need the course itself; its
`README.md` says how to start it.

What a cell puts out is folded where it would give an answer away: commit yourself to a prediction before you unfold it.

```{toctree}
:titlesonly:

CONTENTS
```

Code: MIT licence. Text and figures: CC BY 4.0.
"""

STYLE = """
article { counter-reset: cell; }
.cell { counter-increment: cell; }
.cell_input { position: relative; }
.cell_input::before { content: "[" counter(cell) "]"; position: absolute; right: 1px; top: 1px; z-index: 1;
  padding: 0 0.4rem; font-size: 0.75rem; color: var(--color-foreground-secondary);
  background: var(--color-code-background); }
.cell_output pre { white-space: pre-wrap; }
details.hide.admonition { font-size: inherit; }
.course-picture img { border-radius: 4px; max-width: 100%; height: auto; }
.course-picture [hidden] { display: none; }
.course-picture .slider { display: grid; grid-template-columns: max-content minmax(6rem, 24rem) max-content;
  gap: 0 1rem; align-items: center; }
.course-picture input { width: 100%; min-height: 2rem; }
.course-quiz { border: 1px solid var(--color-background-border); border-radius: 4px; margin: 1rem 0; padding: 1rem; }
.course-quiz legend { font-weight: bold; padding: 0 0.25rem; }
.course-quiz label { display: flex; gap: 0.5rem; align-items: flex-start; padding: 0.25rem 0; }
.course-quiz input { flex: none; margin-top: 0.3rem; }
.course-quiz p { margin: 0.5rem 0 0; }
:is(.course-picture, .course-quiz) input:focus-visible { outline: 2px solid var(--color-brand-primary);
  outline-offset: 2px; }
"""

# One rule for sliders and quizzes: of the pages in a box, show the one whose place the controls stand at.
SCRIPT = """
for (const box of document.querySelectorAll(".course-picture, .course-quiz")) {
  const show = () => {
    const inputs = [...box.querySelectorAll("input")].filter(input => input.type !== "radio" || input.checked);
    for (const slider of inputs.filter(input => input.type === "range")) {
      const text = slider.list.options[slider.value].label;
      slider.setAttribute("aria-valuetext", text);
      slider.nextElementSibling.textContent = text;
    }
    const place = inputs.map(input => input.value).join(" ");
    for (const page of box.querySelectorAll("[data-place]")) page.hidden = page.dataset.place !== place;
  };
  box.addEventListener("input", show);
  show();  // a browser that reloads a page may have moved the controls
}
"""


class Widgets:
    """The widgets of a notebook that was run with `widgets=True`, as its metadata keep them."""

    # What works in a browser alone. A view with anything else in it, such as a button, needs its kernel.
    ALONE = {*"VBox GridBox HTML HTMLMath Image Stack SelectionSlider BoundedIntText RadioButtons".split()}

    def __init__(self, metadata):
        self._models = metadata.get("widgets", {}).get(STATE, {}).get("state", {})
        links = [m["state"] for m in self._models.values() if m["model_name"] == "DirectionalLinkModel"]
        self._driver = {_name(link["target"][0]): _name(link["source"][0]) for link in links}

    def works_alone(self, name):
        """Whether the view `name` is there, has pages to turn, and does so without a kernel."""
        kinds = {self.kind(part) for part in self.parts(name)} if name in self._models else set()
        return "Stack" in kinds and kinds <= self.ALONE

    def kind(self, name):
        return self._models[name]["model_name"].removesuffix("Model")

    def parts(self, name):
        """The widget `name` and all within it, in reading order."""
        yield name
        for child in self.state(name).get("children", ()):
            yield from self.parts(_name(child))

    def first(self, kind, name):
        """The first widget of a kind within `name`, or None."""
        return next((part for part in self.parts(name) if self.kind(part) == kind), None)

    def state(self, name):
        return self._models[name]["state"]

    def png(self, name):
        """The picture of an Image."""
        return base64.b64decode(self._models[name]["buffers"][0]["data"])

    def pages(self, stack):
        """What stacks within stacks show: {(position of the first control, of the second, …): a widget's name}."""
        if self.kind(stack) != "Stack":
            return {(): stack}
        children = [_name(child) for child in self.state(stack)["children"]]
        return {(i, *place): leaf for i, child in enumerate(children) for place, leaf in self.pages(child).items()}

    def drivers(self, stack):
        """The controls that turn the pages of stacks within stacks, from the outermost in."""
        names = []
        while self.kind(stack) == "Stack":
            names.append(self._driver[stack])
            stack = _name(self.state(stack)["children"][0])
        return names


def _name(reference):
    return reference.removeprefix("IPY_MODEL_")


def for_reading(notebook, pictures):
    """A copy of a notebook whose outputs are what a page without a kernel shows; its pictures go to a folder."""
    notebook = nbformat.from_dict(notebook)
    widgets = Widgets(notebook.metadata)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [*_outputs(cell.outputs, widgets, pictures)]
            if cell.metadata.get("jupyter", {}).get("outputs_hidden"):
                cell.metadata.tags = [*cell.metadata.get("tags", ()), "hide-output"]
    return notebook


def _outputs(outputs, widgets, pictures):
    outputs = iter(outputs)
    for output in outputs:
        data = output.get("data", {})
        view = data.pop(VIEW, {}).get("model_id")
        if view and widgets.works_alone(view):
            if widgets.first("Image", view):
                # `widgets.frames` shows two things: its pictures, then their sentences.
                sentences = next(outputs).data[VIEW]["model_id"]
                output.data = {"text/html": _slider_figure(widgets, view, sentences, pictures)}
            else:
                output.data = {"text/html": _quiz(widgets, view)}
        elif "image/png" in data:
            image = _image(base64.b64decode(data["image/png"]), data.get("text/plain", ""), pictures)
            output.data = {"text/html": f'<div class="course-picture">{image}</div>'}
        yield output


def _slider_figure(widgets, view, sentences, folder):
    stack = widgets.first("Stack", view)
    images, captions = widgets.pages(stack), widgets.pages(widgets.first("Stack", sentences))
    names = widgets.drivers(stack)
    sliders = [widgets.state(name) for name in names]
    start = tuple(slider["index"] for slider in sliders)
    pictures, texts = [], []
    for place, image in images.items():
        at = zip(sliders, place, strict=True)
        where = ", ".join(f"{slider['description']} = {slider['_options_labels'][i]}" for slider, i in at)
        sentence = widgets.state(captions[place])["value"]
        alt = f"A picture with a slider, here for {where}. {_plain(sentence)}"
        pictures.append(_image(widgets.png(image), alt, folder, _page(place, start)))
        texts.append(f"<p {_page(place, start)}>{_typeset(sentence)}</p>")
    controls = "".join(_slider(name, state) for name, state in zip(names, sliders, strict=True))
    return (
        f'<div class="course-picture">{controls}{"".join(pictures)}<div aria-live="polite">{"".join(texts)}</div></div>'
    )


def _slider(name, state):
    texts, start = [html.escape(text) for text in state["_options_labels"]], state["index"]
    options = "".join(f'<option value="{i}" label="{text}"></option>' for i, text in enumerate(texts))
    return (
        f'<div class="slider"><label for="{name}">{html.escape(state["description"])}</label>'
        f'<input type="range" id="{name}" max="{len(texts) - 1}" value="{start}" list="{name}-texts"'
        f' aria-valuetext="{texts[start]}"><span aria-hidden="true">{texts[start]}</span>'
        f'<datalist id="{name}-texts">{options}</datalist></div>'
    )


def _quiz(widgets, view):
    stack, radio = widgets.first("Stack", view), widgets.first("RadioButtons", view)
    # The first text is the style sheet of JupyterLab's widgets, the second the question.
    question = [widgets.state(part)["value"] for part in widgets.parts(view) if "HTML" in widgets.kind(part)][1]
    options = "".join(
        f'<label><input type="radio" name="{radio}" value="{i}"><span>{html.escape(text)}</span></label>'
        for i, text in enumerate(widgets.state(radio)["_options_labels"])
    )
    replies = "".join(
        f"<p {_page(place)}>{_typeset(widgets.state(reply)['value'])}</p>"
        for place, reply in widgets.pages(stack).items()
    )
    return (
        f'<fieldset class="course-quiz"><legend>{_typeset(question)}</legend>{options}'
        f'<div role="status">{replies}</div></fieldset>'
    )


def _page(place, start=None):
    return f'data-place="{" ".join(map(str, place))}"' + ("" if place == start else " hidden")


def _image(png, alt, folder, attributes=""):
    name = hashlib.sha256(png).hexdigest()[:16] + ".png"
    (folder / name).write_bytes(png)
    width, height = struct.unpack(">II", png[16:24])  # keeps the picture's place while it is loaded
    size = f'width="{width}" height="{height}"'
    return f'<img src="_static/{folder.name}/{name}" {size} alt="{html.escape(alt)}" {attributes}>'


def _typeset(text):
    """A widget's text, its formulas marked as MathJax looks for them on a page by Sphinx."""
    return re.sub(r"\$(.+?)\$", r'<span class="math notranslate nohighlight">\\(\1\\)</span>', text)


def _plain(text):
    return html.unescape(re.sub("<[^>]*>", "", text))


def build(notebooks, pages, out):
    """Writes the site into the folder `out`; the exit code: 1 if Sphinx warned of something, else 0.

    notebooks: {name: a notebook with its outputs}, in reading order. pages: {name: Markdown}, to come after these.
    Whatever the folder held before is lost.
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    mathjax = Path(importlib.util.find_spec(MATHJAX).origin).parent / "static" / "mathjax" / "tex-svg.js"
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        source, static = Path(folder, "source"), Path(folder, "source", "_static")
        (static / "pictures").mkdir(parents=True)
        shutil.copy(mathjax, static / "mathjax.js")  # one file: its letters are drawn, no font is loaded
        (static / "course.css").write_text(STYLE, encoding="utf-8")
        (static / "course.js").write_text(SCRIPT, encoding="utf-8")
        contents = []
        for name, notebook in notebooks.items():
            nbformat.write(for_reading(notebook, static / "pictures"), source / f"{name}.ipynb")
            contents.append(f"{name[:2]} {notebook.cells[0].source.splitlines()[0].removeprefix('# ')} <{name}>")
        for name, page in pages.items():
            page = re.sub(r"\[([^]]+)\]\(\.\./[^)]*\)", r"\1", page)  # files in the folder above are not in the copy
            (source / f"{name}.md").write_text(page, encoding="utf-8")
            contents.append(name)
        (source / "index.md").write_text(INDEX.replace("CONTENTS", "\n".join(contents)), encoding="utf-8")
        with docutils_namespace(), patch_docutils():
            site = Sphinx(source, None, out, Path(folder, "doctrees"), "html", CONFIG, status=None, warningiserror=True)
            site.build()
            return site.statuscode


CONFIG = {
    "project": "Regularization in deep learning",
    "extensions": ["myst_nb", "sphinx.ext.mathjax", "sphinx.ext.githubpages"],
    "html_theme": "furo",
    "html_title": "Regularization in deep learning",
    "html_static_path": ["_static"],
    "html_css_files": ["course.css"],
    "html_js_files": [("course.js", {"defer": "defer"})],
    "html_copy_source": False,
    "html_use_index": False,
    "html_show_copyright": False,
    "mathjax_path": "mathjax.js",
    "smartquotes": False,
    "nb_execution_mode": "off",
    "nb_render_markdown_format": "myst",
    "nb_code_prompt_show": "Show what came out",
    "nb_code_prompt_hide": "Hide what came out",
    "myst_enable_extensions": ["dollarmath", "tasklist"],
    "myst_heading_anchors": 6,
    "myst_heading_slug_func": "course_utils.authoring.notebooks.anchor",  # links to a heading are written for Jupyter
}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    fresh = [] if options.quick else [p for p in NOTEBOOKS if any(name in p.stem for name in options.names or [""])]
    if not (fresh or options.quick):
        sys.exit(f"No notebook's name contains {' or '.join(options.names)}.")
    if not all(map(importlib.util.find_spec, ("furo", "myst_nb", "sphinx", MATHJAX))):
        sys.exit(
            f"The reading copy needs packages of its own; in the course's folder, install them with\n\n    {INSTALL}\n"
        )
    out = options.folder
    if (out.is_dir() and any(out.iterdir()) and not (out / ".buildinfo").exists()) or out.is_file():
        sys.exit(f"{out} holds something else than a reading copy: name a new folder.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"The folder {out} cannot be made: {error.strerror}.")
    notebooks = {path.stem: _executed(path) if path in fresh else read(path) for path in NOTEBOOKS}
    code = build(notebooks, {path.stem: path.read_text(encoding="utf-8") for path in PAGES}, out)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file()) / 1e6
    print(f"{out / 'index.html'}: {size:.0f} MB" + (", but see the warnings above" if code else ""))
    return code


def _executed(path):
    print(f"{path.stem}: ", end="", flush=True)
    try:
        done = run(read(path), folder=path.parent, widgets=True)
    except CellExecutionError as error:
        sys.exit(f"it stopped, and no copy was made.\n{error}")
    print(f"{done.seconds:.0f} s", *noise(done.notebook), sep="\n  ")
    return done.notebook


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
