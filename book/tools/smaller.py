"""What a page carries of scripts and styles, in fewer letters.

The package keeps them as they are written, and a kernel sends them so: only the build makes them smaller.
"""

from __future__ import annotations

import json
import re

try:
    from minify import string as minify
except ImportError:  # on a Mac with Apple's processor: the book is built all the same, its pages a few kB larger
    minify = None

STATE = re.compile(r'(<script type="application/vnd\.jupyter\.widget-state\+json">)(.*?)(</script>)', re.DOTALL)
SCRIPT, STYLES = "application/javascript", "text/css"
KINDS = {"_esm": SCRIPT, "source": SCRIPT, "styles": STYLES}  # of a widget's state


def smaller(text: str, kind: str = SCRIPT) -> str:
    """A script, or styles, without comments and needless space; names that no other script sees are short."""
    return minify(kind, text) if minify else text


def smaller_page(text: str) -> str:
    """A page whose widgets have smaller scripts and styles; whatever else it holds is left alone."""

    def of_widgets(found: re.Match[str]) -> str:
        stored = json.loads(found[2])
        for model in stored["state"].values():
            held = model["state"]
            held.update({key: smaller(held[key], kind) for key, kind in KINDS.items() if held.get(key)})
        # A "<" in a text could end the script's element.
        return found[1] + json.dumps(stored, separators=(",", ":")).replace("<", "\\u003c") + found[3]

    return STATE.sub(of_widgets, text)
