"""Widgets on a static page of their own, as myst-nb stores them, brought to life by the book's loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ipywidgets import embed

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

LOADER = Path(__file__).parent.parent / "book/static/anywidget-static.js"


def widget_page(*widgets: DOMWidget, theme: str = "") -> str:
    """HTML of a page that holds these widgets and needs nothing else; theme is what the book writes into data-theme."""
    state = embed.dependency_state(widgets, drop_defaults=False)  # else of every widget that any test has ever made
    data = embed.embed_data(views=list(widgets), drop_defaults=False, state=state)
    views = [
        widget._repr_mimebundle_()[0].get("text/html") or _script("widget-view", spec)
        for widget, spec in zip(widgets, data["view_specs"], strict=True)
    ]
    attribute = f' data-theme="{theme}"' if theme else ""
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en"{attribute}>',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Widgets</title>',
            "<style>html[data-theme=dark] { background: #121212; color: #eee }</style></head>",
            "<body><main><h1>Widgets</h1>",
            *views,
            f"</main>{_script('widget-state', data['manager_state'])}",
            f"<script>{LOADER.read_text('utf-8')}</script></body></html>",
        ]
    )


def _script(kind: str, value: object) -> str:
    content = json.dumps(value, sort_keys=True)  # as a notebook stores it.replace("</script>", r"<\/script>")
    return f'<script type="application/vnd.jupyter.{kind}+json">{content}</script>'
