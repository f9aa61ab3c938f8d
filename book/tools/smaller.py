"""What a page carries of scripts and styles, in fewer letters.

The package keeps them as they are written, and a kernel sends them so: only the build makes them smaller.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

try:
    from minify import string as minify
except ImportError:  # on a Mac with Apple's processor: the book is built all the same, its pages a few kB larger
    minify = None

STATE = re.compile(r'(<script type="application/vnd\.jupyter\.widget-state\+json">)(.*?)(</script>)', re.DOTALL)
VIEW = re.compile(r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>', re.DOTALL)
FIRST = 2  # sections of a page whose widgets are there at once: code of those behind them comes when it is needed
SCRIPT, STYLES = "application/javascript", "text/css"
KINDS = {"_esm": SCRIPT, "source": SCRIPT, "styles": STYLES}  # of a widget's state


def smaller(text: str, kind: str = SCRIPT) -> str:
    """A script, or styles, without comments and needless space; names that no other script sees are short."""
    return minify(kind, text) if minify else text


def smaller_page(text: str, later: dict[str, str] | None = None) -> str:
    """A page whose widgets have smaller scripts and styles; whatever else it holds is left alone.

    With `later`, the code of widgets that stand far down goes there, as scripts by their file names: the page's loader
    brings them when they are near (anywidget-static.js).
    """

    def of_widgets(found: re.Match[str]) -> str:
        stored = json.loads(found[2])
        models = {name: model["state"] for name, model in stored["state"].items()}
        for held in models.values():
            for key, kind in KINDS.items():
                if held.get(key):
                    try:
                        held[key] = smaller(held[key], kind)
                    except ValueError as error:
                        raise ValueError(f"{key} of {held.get('_anywidget_id', 'the library')}: {error}") from error
        if later is not None:
            _put_off(models, text, later)
        # A "<" in a text could end the script's element.
        return found[1] + json.dumps(stored, separators=(",", ":")).replace("<", "\\u003c") + found[3]

    return STATE.sub(of_widgets, text)


def _put_off(models: dict[str, dict[str, Any]], text: str, later: dict[str, str]) -> None:
    """Takes out the code of each kind of widget that is not seen before the page's second section."""
    sections = [found.start() for found in re.finditer("<h2", text)]
    if len(sections) < FIRST:
        return
    views = [(found.start(), models.get(json.loads(found[1])["model_id"], {})) for found in VIEW.finditer(text)]
    near = {held["_esm"] for place, held in views if place < sections[FIRST - 1] and "_esm" in held}
    for _, held in views:
        if "_esm" not in held or held["_esm"] in near or "name" not in held:
            continue
        code = json.dumps({key: held.pop(key) for key in KINDS if key in held})
        file = f"convae-{held['name']}-{hashlib.sha256(code.encode()).hexdigest()[:8]}.js"
        held["_later"] = file
        later[file] = f"(globalThis.convaeCode ??= {{}})[{json.dumps(file)}] = {code};\n"
