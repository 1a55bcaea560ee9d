"""Goes through every control on a notebook's page as someone does who has a keyboard alone.

done = walk(page)
done.problems                      what went wrong, in sentences
done.sliders, done.radios, …       how many controls were moved
"""

import math
import re
from dataclasses import dataclass, field

from playwright.sync_api import TimeoutError

SLIDER, BOX, RADIO, BUTTON = ".noUi-handle", "input[type=number]", "input[type=radio]", "button"
CONTROLS = f"{SLIDER}, {BOX}, {RADIO}, {BUTTON}"


@dataclass
class Walk:
    sliders: int = 0
    boxes: int = 0
    radios: int = 0
    buttons: int = 0
    problems: list = field(default_factory=list)


def widgets(page):
    """The interactive figures, predictions and quizzes of the page, each as a locator."""
    return page.locator(".course").filter(has=page.locator(CONTROLS)).all()


def wait_for_widgets(page):
    """Wait until every widget among the notebook's outputs is on the page, with its pictures."""
    page.wait_for_function(_ALL_THERE, timeout=60_000)


def nameless(page):
    """The controls without a name that a screen reader could say, as lines of the accessibility tree.

    ipywidgets gives no slider a name; the number box beside it has one, and does the same, so the two count as one.
    """
    found = []
    for widget in widgets(page):
        # Each line is a role and, in quotes, a name: - spinbutton "step of λ": "3"
        lines = [line.strip("- '") for line in widget.aria_snapshot().splitlines()]
        found += [line for line in lines if re.match(r'(spinbutton|radio|button)\b(?! ")', line)]
        sliders, boxes = (sum(line.startswith(role) for line in lines) for role in ("slider", "spinbutton"))
        found += ["slider"] * max(0, sliders - boxes)
    return found


def walk(page):
    """Move each control with the keyboard, to both ends and the middle."""
    done = Walk()
    # Handles, not locators, which would look for their element again, in all of a long page, at every use.
    for widget in (found.element_handle() for found in widgets(page)):
        for number, control in enumerate(widget.query_selector_all(CONTROLS)):
            if number:
                page.keyboard.press("Tab")
            else:
                control.focus()
            name, kind, reached, ring = control.evaluate(_LOOK)
            if not reached:
                done.problems.append(f"Tab does not lead to {name}")
                control.focus()
            # The browser shows the focus of what the keyboard has reached; the first was reached otherwise.
            if number and ring < 3:
                done.problems.append(f"the focus on {name} is not seen")
            move = {SLIDER: _move_slider, BOX: _move_box, RADIO: _choose, BUTTON: _press}[kind]
            done.problems += [f"{name}: {problem}" for problem in move(page, widget, control, done)]
    return done


def _move_slider(page, widget, slider, done):
    done.sliders += 1
    # The number box of its row says where it stands: the slider itself tells, and says aloud, one decimal only.
    box = slider.evaluate_handle(_BOX_OF_ITS_ROW)
    low, high, middle, step = _range(box)
    key, far = ("PageDown", 5 * step) if high - low > 20 * step else ("ArrowLeft", step)
    ways = {"Home": low, "End": high, f"{key} back": middle}
    seen, problems = [], []
    for way, wanted in ways.items():
        presses = math.ceil((high - middle) / far - 1e-6) if way == f"{key} back" else 1
        picture, value = _after([way.split()[0]] * presses, page, widget, box)
        seen.append(picture)
        if not wanted - far < value <= wanted + step / 2:
            problems.append(f"{way} leads to {value:g}, not to {wanted:g}")
    return problems + _all_alike(seen)


def _move_box(page, widget, box, done):
    done.boxes += 1
    seen, problems = [], []
    for wanted in _range(box)[:3]:
        picture, value = _after(["Control+a", *f"{wanted:.10g}", "Enter"], page, widget, box)
        seen.append(picture)
        if abs(value - wanted) > 1e-6:
            problems.append(f"does not take {wanted:g}")
    return problems + _all_alike(seen)


def _range(box):
    """The ends of a number box, its middle, and its step."""
    low, high, step = (float(number or 1) for number in box.evaluate("box => [box.min, box.max, box.step]"))
    return low, high, low + step * round((high - low) / 2 / step), step


def _all_alike(seen):
    # Two may be: a turn by -180 and one by 180 degrees look the same.
    return ["the picture does not change"] if None in seen or len(set(seen)) == 1 else []


def _choose(page, widget, radio, done):
    done.radios += 1
    page.keyboard.press("Space")
    if not radio.is_checked():
        return ["the space bar does not choose it"]
    if widget.query_selector(BUTTON):  # a prediction is kept with its button
        return []
    return [] if _is_said(page, widget, "✓ Right.|✗ Not this one.") else ["is not answered"]


def _press(page, widget, button, done):
    done.buttons += 1
    page.keyboard.press("Enter")
    return [] if _is_said(page, widget, "✓ Kept") else ["keeps nothing"]


def _is_said(page, widget, pattern):
    try:
        page.wait_for_function("([e, p]) => new RegExp(p).test(e.innerText)", arg=[widget, pattern], timeout=3000)
    except TimeoutError:
        return False
    return True


def _after(keys, page, widget, box):
    """Press keys; gives the picture's fingerprint when it has come to rest (None without one), and the box's value."""
    before = page.evaluate(_AT_REST, [widget, box, None])
    for key in keys:
        page.keyboard.press(key)
    return page.evaluate(_AT_REST, [widget, box, before])


def headings(page):
    """The levels of the headings as they stand on the page."""
    return page.evaluate(
        "() => [...document.querySelectorAll('.jp-Notebook :is(h1,h2,h3,h4,h5,h6)')].map(h => +h.tagName[1])"
    )


def pictures_without_words(page):
    """Which pictures among the outputs have no sentence after them, as the number of the page's cell."""
    return page.evaluate(_WORDLESS)


def failures(page):
    """The sentences with which a figure says that it could not be drawn."""
    said = page.locator(".course").all_inner_texts()
    return [text for text in said if "could not be drawn" in text]


def complaints(cells):
    """Errors and whatever was written to stderr, in the outputs of cells."""
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    errors = [output["evalue"] for output in outputs if output["output_type"] == "error"]
    return errors + [str(output["text"]) for output in outputs if output.get("name") == "stderr"]


def stop_kernel(page):
    """Shut the notebook's kernel down, as "Shut Down Kernel" does."""
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")


_ALL_THERE = """() => {
  const cells = jupyterapp.shell.currentWidget.content.model.toJSON().cells;
  const views = cells.flatMap(c => c.outputs ?? [])
    .filter(o => o.data?.['application/vnd.jupyter.widget-view+json']).length;
  return document.querySelectorAll('.course').length === views &&
    [...document.querySelectorAll('.course img')].every(image => image.complete);
}"""

# Of a control: its name, its kind, whether it has the focus, and the contrast of the ring around it to what is behind
# (WCAG 2); 0 without a ring.
_LOOK = f"""control => {{
  const row = control.closest('.widget-radio-box label, .widget-inline-hbox, button');
  const name = `${{control.type || 'slider'}} ${{row?.innerText || control.ariaLabel || ''}}`.trim().slice(0, 60);
  const kind = {[SLIDER, BOX, RADIO, BUTTON]}.find(kind => control.matches(kind));
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {{
    const color = numbers(getComputedStyle(element).backgroundColor);
    return color.length < 4 || color[3] > 0.5 || !element.parentElement ? color : behind(element.parentElement);
  }};
  const style = getComputedStyle(control);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const [low, high] = [numbers(style.outlineColor), behind(control.parentElement)].map(luminance)
    .sort((a, b) => a - b);
  return [name, kind, control === document.activeElement, ring ? (high + 0.05) / (low + 0.05) : 0];
}}"""

_BOX_OF_ITS_ROW = f"""slider => {{
  const all = kind => [...slider.closest('.course').querySelectorAll(kind)];
  return all('{BOX}')[all('{SLIDER}').indexOf(slider)];
}}"""

# The picture's fingerprint and the box's value. After a move of the value the picture changes, perhaps several times,
# since the kernel may draw it; it has come to rest when it stays for a while.
_AT_REST = """async ([widget, box, before]) => {
  const look = async () => {
    const image = [...widget.querySelectorAll('img')].find(image => image.offsetHeight);
    if (!image) return null;
    const bytes = await (await fetch(image.src)).arrayBuffer();
    return String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-1', bytes)));
  };
  const later = () => new Promise(done => setTimeout(done, 10)).then(look);
  const value = Number(box.value), start = performance.now();
  let now = await look();
  if (!now || !before || before[1] === value) return [now, value];
  while (now === before[0] && performance.now() - start < 3000) now = await later();
  for (let since = performance.now(); performance.now() - since < 100;) {
    const next = await later();
    if (next !== now) [now, since] = [next, performance.now()];
  }
  return [now, value];
}"""

_WORDLESS = """() => {
  const shown = [...document.querySelectorAll('.jp-OutputArea-output')].filter(o => o.offsetHeight);
  return shown.filter(o => [...o.querySelectorAll('img')].some(image => image.offsetHeight)).filter(o => {
    const after = shown.filter(p => p.closest('.jp-Cell') === o.closest('.jp-Cell') &&
      o.compareDocumentPosition(p) & Node.DOCUMENT_POSITION_FOLLOWING);
    return !after.some(p => p.innerText.trim().split(/\\s+/).length >= 5);
  }).map(o => [...document.querySelectorAll('.jp-Cell')].indexOf(o.closest('.jp-Cell')));
}"""
