"""What the book asks of Sphinx beyond its configuration."""

from __future__ import annotations

import hashlib
import html
import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyter_cache.cache import main
from jupyter_cache.cache.db import create_db
from jupyter_cache.cache.main import JupyterCacheBase
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.domain import NbGlueDomain
from myst_nb.ext.glue.roles import PasteTextRole, nodes
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.util.nodes import make_refnode

PLACEHOLDER = "github.com/ORG/"
# A chapter's outputs depend on these as well as on its cells.
INPUTS = ("convae", "runs", "pyproject.toml", "requirements.lock")


def cache_folder(root: Path) -> Path:
    """Where executed chapters are kept: another folder for every state of package, runs, lock and data sets."""
    from convae.data.sources import SOURCES, DataNotFoundError, find

    digest = hashlib.sha256()
    for name in INPUTS:
        path = root / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
                digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    for name in SOURCES:
        try:
            find(name)
        except DataNotFoundError:
            continue
        digest.update(b"\0data " + name.encode())
    return root / "_build" / ".jupyter_cache" / digest.hexdigest()[:16]


class Cache(JupyterCacheBase):
    """jupyter-cache puts its database's path into an address, where % and ? mean something else: a short path has none.

    It is relative to the folder that the process is in, which is the book's.
    """

    @property
    def db(self) -> Any:
        if self._db is None:
            self._db = create_db(os.path.relpath(self.path))
        return self._db


main.JupyterCacheBase = Cache  # the one that get_cache() gives, also to myst-nb


def _choose_cache(app: Any, config: Any) -> None:
    config.nb_execution_cache_path = str(cache_folder(Path(app.srcdir)))


def _hide_buttons(app: Any, config: Any) -> None:
    """A button that leads to a placeholder is worse than none."""
    options = config.html_theme_options
    if PLACEHOLDER in options.get("repository_url", ""):
        options["launch_buttons"] = {}
        options["use_repository_button"] = False


def _choose_icon(app: Any, config: Any) -> None:
    """Without an icon of its own a browser asks for /favicon.ico, which is not there."""
    config.html_favicon = "book/static/favicon.svg"


def _mend_markup(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """sphinx-exercise writes one id twice on a page, docutils a role that is deprecated."""
    body = re.sub(' id="(exercise|solution)-content"', "", context.get("body", ""))
    body = body.replace('role="doc-biblioentry"', 'role="listitem"')
    # "Solution to" has no line under the space before what it names
    context["body"] = re.sub(r'(<p class="admonition-title">Solution to)(<a [^>]*>) ', r"\1 \2", body)


_KEPT = re.compile(r"<(pre|code|script|style|svg|math|textarea)\b.*?</\1>|<[^>]*>", re.DOTALL)


def _hold_units(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """No line begins with the sign of per cent: it stays with its number, wherever that comes from."""
    body, shown, place = context.get("body", ""), [], 0
    for kept in _KEPT.finditer(body):
        shown += [body[place : kept.start()].replace(" %", "\u00a0%"), kept[0]]
        place = kept.end()
    context["body"] = "".join([*shown, body[place:].replace(" %", "\u00a0%")])


def _drop_thebe(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Jupyter Book loads sphinx-thebe on every page, which names another host and declares one constant twice."""

    def is_thebe(script: Any) -> bool:
        body = getattr(script, "attributes", {}).get("body") or ""
        return "thebe" in f"{getattr(script, 'filename', script)} {body}".lower()

    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if not is_thebe(file)]


NOTE = "application/vnd.convae.note+json"  # as convae.teaching.chapter writes it


class NotedText(PasteTextRole):  # type: ignore[misc]
    """A glued text that says, to whoever points at it, what it was measured on."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        pasted, messages = super().run()
        try:
            note = retrieve_glue_data(self.document, self.text).data.get(NOTE)
        except (RetrievalError, AttributeError):
            note = None
        if not note:
            return pasted, messages
        shown = f'<span class="convae-value" tabindex="0" data-note="{html.escape(note)}">'
        return [nodes.raw("", shown, format="html"), *pasted, nodes.raw("", "</span>", format="html")], messages


def _refer(name: str, rawtext: str, text: str, *_: Any, **__: Any) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """The role `fig`: the number of a figure or table of this page, by its name; filled in by _number."""
    return [nodes.raw("", f'<a class="convae-ref" href="#fig-{html.escape(text)}"></a>', format="html")], []


_COUNTED = re.compile(
    r'<figure class="convae-figure"(?: id="(?P<figure>[^"]*)")?>.*?<figcaption>'
    r'|<p class="convae-caption" id="(?P<widget>[^"]*)">'
    r'|<div class="convae-table"(?: id="(?P<table>[^"]*)")?[^>]*><table class="table"><caption>',
    re.DOTALL,
)


def _number(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Figures and tables get their numbers in the order of the page, and what refers to them, too."""
    counts, called = {"Figure": 0, "Table": 0}, {}

    def counted(found: re.Match[str]) -> str:
        kind = "Table" if found[0].endswith("<caption>") else "Figure"
        counts[kind] += 1
        for anchor in filter(None, found.groups()):
            called[anchor] = f"{kind} {counts[kind]}"
        return f'{found[0]}<b class="convae-number-of">{kind} {counts[kind]}.</b> '

    def referred(found: re.Match[str]) -> str:
        if found[1] not in called:
            logging.getLogger("sphinx.convae_book").warning("%s refers to %s, which it lacks", pagename, found[1])
        return f'<a class="convae-ref" href="#{found[1]}">{called.get(found[1], "the figure")}</a>'

    body = _COUNTED.sub(counted, context.get("body", ""))
    context["body"] = re.sub(r'<a class="convae-ref" href="#([^"]*)"></a>', referred, body)


def _mark_form(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Pages that follow the form of the book (CONTRIBUTING) are told by their class."""
    if pagename in app.config.html_context["form"] and "body" in context:
        context["body"] = f'<div class="convae-form">{context["body"]}</div>'


def _link_sources(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """What a claim's source is called leads to its line in the bibliography."""
    if "convae-cite" not in context.get("body", ""):
        return
    anchors = {cited.key: cited.citation_id for cited in app.env.get_domain("cite").citations}

    def linked(found: re.Match[str]) -> str:
        return f'href="references.html#{anchors[found[1]]}"' if found[1] in anchors else 'href="references.html"'

    context["body"] = re.sub(r'data-cite="(\w+)" href="references.html"', linked, context["body"])


def _name_pages(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """What links to another page of the book by its file's name is called by that page's title."""

    def named(found: re.Match[str]) -> str:
        title = app.env.titles.get(f"book/{found[2]}")
        return f"{found[1]}{html.escape(title.astext())}</a>" if title else found[0]

    link = r'(<a class="convae-page" href="([\w-]+)\.html[^"]*">)[^<]*</a>'
    context["body"] = re.sub(link, named, context.get("body", ""))


def _describe(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """A page's first sentences and a picture, for whoever is sent its address."""
    if doctree is None:
        return
    told = (node.astext().replace("\n", " ") for node in doctree.findall(nodes.paragraph))
    text = next((told for told in told if len(told) > 60), app.config.html_title)
    text = text if len(text) <= 200 else text[:200].rsplit(" ", 1)[0] + " …"
    picture = f"_static/previews/{pagename.rpartition('/')[2]}.png"
    if not (Path(app.srcdir) / "book/static" / picture.removeprefix("_static/")).is_file():
        picture = "_static/screenshot.png"
    tags = {
        "og:title": context["title"],
        "og:description": text,
        "og:type": "article",
        "og:image": context["pathto"](picture, 1),
    }
    lines = [f'<meta name="description" content="{html.escape(text)}" />']
    lines += [
        f'<meta property="{name}" content="{html.escape(re.sub("<[^>]*>", "", value))}" />'
        for name, value in tags.items()
    ]
    context["metatags"] = context.get("metatags", "") + "\n".join(lines)


def _find_name(app: Any, env: Any, node: Any, shown: Any) -> Any:
    """A name in a docstring, as `fit`, leads to the one thing that the package calls so, wherever it stands."""
    if node.get("refdomain") != "py":
        return None
    objects = env.get_domain("py").objects
    name = node["reftarget"].removesuffix("()")
    found = {full for full in objects if full == name or full.endswith(f".{name}")}
    near = {full for full in found if full.startswith(f"{node.get('py:module')}.")}
    if len(near or found) != 1:
        return None
    [full] = near or found
    page, anchor = objects[full].docname, objects[full].node_id
    return make_refnode(app.builder, node.get("refdoc", env.docname), page, anchor, shown, full)


def cited(text: str, keys: Iterable[str]) -> str:
    """The BibTeX keys of a docstring as citations: `key`, `[key]`, `[key, another]`, `[key, where in it]`."""
    key = rf"(?:{'|'.join(sorted(keys, key=len, reverse=True))})"

    def bracket(found: re.Match[str]) -> str:
        names = ",".join(re.split(r",\s+", found["keys"]))
        return f"(:cite:t:`{names}`{found['where']})" if found["where"] else f":cite:p:`{names}`"

    text = re.sub(rf"\[(?P<keys>{key}(?:,\s+{key})*)(?P<where>(?:,[^\]]*)?)\]", bracket, text)
    return re.sub(rf"(?<![\w`\"'./,\[-])({key})(?![\w`\"'/-])", r":cite:t:`\1`", text)


def _cite(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings name their sources by key; the pages of the package lead to the bibliography."""
    bibliography = (Path(app.srcdir) / "book/references.bib").read_text(encoding="utf-8")
    lines[:] = cited("\n".join(lines), re.findall(r"^@\w+\{([^,\s]+),", bibliography, re.MULTILINE)).split("\n")


# Our scripts that few pages need, by what these have in them.
SCRIPTS = {"data-exercise=": "expression|answers", 'class="convae-squares"': "ledger"}


def _lighten(app: Any, exception: Exception | None) -> None:
    """Takes out what a page does not need: an icon script of 1.5 MB, a font, SCRIPTS, letters of the widgets' code."""
    if exception or app.builder.format != "html":
        return
    from book.tools.smaller import smaller_page

    later: dict[str, str] = {}
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        light = re.sub(r"<script [^>]*fontawesome\.js[^>]*></script>\n?", "", text)
        if "<math" not in light:
            light = re.sub(r"<link [^>]*formulas\.css[^>]*>\n?", "", light)
        for what, scripts in SCRIPTS.items():
            if what not in light:
                light = re.sub(rf'<script [^>]*src="[^"]*/(?:{scripts})\.js[^"]*"[^>]*></script>\n?', "", light)
        if page.name != "search.html":  # the index and what reads it: pages only lead to the search
            light = re.sub(
                r'<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>\n?', "", light
            )
        # the theme's arrow beside a page with pages below it has no name; its Python makes it, no template could
        light = light.replace(
            '<summary><span class="toctree-toggle"', '<summary aria-label="Pages below it"><span class="toctree-toggle"'
        )
        if page.parent.name == "api":
            # each docstring is parsed by itself and counts its citations from 1; nothing leads to these ids
            light = re.sub(r'(<span class="bibtex-citation") id="id\d+"', r"\1", light)
        try:
            light = smaller_page(light, later)
        except ValueError as error:
            raise ValueError(f"{page.name}: {error}") from error
        if light != text:
            page.write_text(light, encoding="utf-8")
    for name, script in later.items():
        (Path(app.outdir) / "_static" / name).write_text(script, encoding="utf-8")


def _add_scripts(app: Any, exception: Exception | None) -> None:
    """What widgets ask for only when a reader wants it lies beside the book's own scripts."""
    if exception or app.builder.format != "html":
        return
    from book.tools.smaller import smaller
    from convae import widgets

    later = {name: script for kind in widgets.__all__ for name, script in getattr(widgets, kind).later.items()}
    for name, script in later.items():
        (Path(app.outdir) / "_static" / f"convae-{name}.js").write_text(smaller(script()), encoding="utf-8")
    loader = Path(app.outdir) / "_static/anywidget-static.js"
    loader.write_text(smaller(loader.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    app.connect("config-inited", _choose_cache)
    app.connect("config-inited", _choose_icon)
    app.connect("config-inited", _hide_buttons, priority=900)
    app.connect("missing-reference", _find_name)
    app.connect("autodoc-process-docstring", _cite)
    app.connect("html-page-context", _mend_markup)
    app.connect("html-page-context", _hold_units)
    app.connect("html-page-context", _drop_thebe, priority=900)
    app.connect("html-page-context", _link_sources)
    app.connect("html-page-context", _name_pages)
    app.connect("html-page-context", _describe)
    app.connect("html-page-context", _number)
    app.connect("html-page-context", _mark_form, priority=900)
    app.add_role("fig", _refer)
    app.connect("build-finished", _lighten)
    app.connect("build-finished", _add_scripts)
    NbGlueDomain.roles["text"] = NotedText()
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
