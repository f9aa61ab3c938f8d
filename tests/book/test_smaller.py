"""The build's scripts and styles in fewer letters."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest
from widget_page import LOADER, widget_page

from book.tools.browser import NODE
from book.tools.smaller import STATE, STYLES, smaller, smaller_page
from convae.experiments.runs import load_run
from convae.widgets import Convolution, NineBlocks, Stack, lesson
from convae.widgets.kit import FOLDER

# What kit.js does with the text of the library, to have it in a worker.
LIBRARY = """
export const pair = (value) => (Array.isArray(value) ? value : [value, value]);
// a comment
const own = 2;
export function doubled(number) {
  const result = own * number; /* another */
  return `${result} {export}`;
}
"""


def printed(script: str) -> str:
    command = [NODE, "--input-type=module", "-e", script]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_scripts_do_the_same_in_fewer_letters() -> None:
    small = smaller(LIBRARY)
    assert len(small) < len(LIBRARY)
    assert "comment" not in small
    use = "\nconsole.log(JSON.stringify([pair(1), doubled(2)]));"
    assert printed(small + use) == printed(LIBRARY + use) == '[[1,1],"4 {export}"]\n'
    alone = re.sub(r"(^|[;}])export (?=\w)", r"\1", small, flags=re.MULTILINE)
    assert printed(f"(() => {{{alone}{use}}})();") == printed(LIBRARY + use)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.[jc]s*")), ids=lambda path: path.name)
def test_every_script_and_style_of_the_widgets_can_be_made_smaller(path: Path) -> None:
    """What the minifier cannot read stops the build of the book, minutes later."""
    text = path.read_text("utf-8")
    if path.suffix == ".js":
        small = smaller(text)
        assert re.findall(r"\bexport (?:default|const|function|class|async)", small) != [] or "export" not in text
    else:
        small = smaller(text, STYLES)
    assert 0 < len(small) < len(text)


def test_every_name_that_a_script_imports_is_there() -> None:
    """In a page it would be undefined, and the widget dead."""
    for path in FOLDER.glob("*.js"):
        for words, file in re.findall(
            r'^import \{ ([^}]*) \} from "\./([\w.]+)";', path.read_text("utf-8"), re.MULTILINE
        ):
            source = (FOLDER / file).read_text("utf-8")
            for word in words.split(", "):
                kinds = rf"^export (?:const|let|class|(?:async )?function\*?) {word}\b"
                assert re.search(kinds, source, re.MULTILINE), f"{path.name} imports {word} from {file}"


def test_a_page_keeps_all_but_its_widgets_code() -> None:
    widget = NineBlocks(load_run("robledo-two-layer").model(), digit="3")
    page = f"<p>before</p>\n{widget_page(Convolution(), widget)}\n<p>after</p>"
    small = smaller_page(page)
    stored, kept = (json.loads(STATE.search(text)[2]) for text in (page, small))
    assert STATE.sub("", page) == STATE.sub("", small)
    assert stored["state"].keys() == kept["state"].keys()
    code = 0
    for name, model in stored["state"].items():
        for key, value in model["state"].items():
            own = kept["state"][name]["state"][key]
            if key in ("_esm", "source", "styles") and value:
                code += 1
                assert 0 < len(own) < len(value)
            else:
                assert own == value, key
        assert {**model, "state": {}} == {**kept["state"][name], "state": {}}
    assert code >= 5
    assert smaller_page("<p>no widget</p>") == "<p>no widget</p>"


def test_no_text_of_a_widget_ends_its_script() -> None:
    state = {"state": {"a": {"state": {"label": "</script><!--"}}}}
    script = json.dumps(state).replace("</", "<\\/")
    page = f'<script type="application/vnd.jupyter.widget-state+json">{script}</script>'
    found = STATE.search(smaller_page(page))
    assert "<" not in found[2]
    assert json.loads(found[2]) == state


def test_code_of_the_page_that_trains_is_small() -> None:
    """All widgets of *The 2,481-parameter autoencoder*, and what comes when somebody wants to see one learn."""
    widgets = [NineBlocks(load_run("robledo-two-layer").model()), Stack()]
    code = [LOADER.read_text("utf-8"), widgets[0].library.source, *(widget._esm for widget in widgets)]
    styles = [widgets[0].library.styles, *(widget.styles for widget in widgets)]
    first = "".join([*map(smaller, code), *(smaller(text, STYLES) for text in styles)])
    later = smaller(lesson.SCRIPTS["lesson"]())
    sizes = [len(gzip.compress(text.encode())) for text in (first, later)]
    assert sum(sizes) <= 44_500, sizes
