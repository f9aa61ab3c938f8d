"""MyST as plain Markdown, which Colab shows: roles as their text, directives as quotes, <details>, pictures and code.

What is not known here is an error that names file and line, so that no reader ever sees it raw.
"""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import yaml
from pybtex.database import parse_file
from pybtex.richtext import Text
from sphinx.directives.code import LiteralInclude, LiteralIncludeReader

from book.tools.chapters import ROOT, chapters, pages, repository
from book.tools.myst import Block, blocks, walk

QUOTES = {"attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning"}
TITLED = {"admonition", "margin", "sidebar"}  # quotes, too; what stands behind their name is a title
CITATIONS = {"cite": "({})", "cite:p": "({})", "cite:t": "{}"}
ROLES = {"math": "${}$", "sub": "<sub>{}</sub>", "sup": "<sup>{}</sup>", "kbd": "<kbd>{}</kbd>", "abbr": "{}"}
ROLES |= dict.fromkeys(("code", "command", "file"), "`{}`")
OBJECTS = {"func", "class", "meth", "mod", "attr", "data", "obj", "exc"}  # with or without py: before them

TARGET = re.compile(r"^\(([\w:.-]+)\)=\n*(?:#+ (.*)$)?|\$\$ *\(([\w:-]+)\) *$", re.MULTILINE)
# What of prose is looked at: formulas, code and roles, links and pictures; attributes in braces behind them go.
SPAN = re.compile(
    r"""(?P<formula>(?<!\\)\$\$.+?\$\$|(?<![\\$])\$(?:(?!\n\s*\n)[^$])+\$)(?:[ ]*\((?P<label>[\w:-]+)\)[ ]*$)?
    |(?:\{(?P<role>[\w:-]+)\})?(?<!`)(?P<code>(?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=ticks)(?!`))
     (?:\{[^{}`]+\}(?!`))?
    |(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]
     (?:\((?P<target>[^()\s]*)\)(?:\{[^{}`]*\})?|\{[.\#][^{}`]*\})
    |(?P<stray>\{[\w:-]+\}`|\{\{|\[\^)""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


class Book:
    """What one page may say of another: titles, labels, numbers of exercises and equations, references."""

    def __init__(self) -> None:
        self.branch = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["branch"]
        self.references = parse_file(ROOT / "book/references.bib").entries
        self.with_code = chapters()
        self.titles: dict[Path, str] = {}
        self.labels: dict[str, tuple[Path, str]] = {}
        exercises = 0
        for page in pages():
            lines = page.read_text(encoding="utf-8").splitlines()
            equations = 0
            for block in walk(lines):
                prose = "" if block.marks else "\n".join(block.body)
                if heading := re.search("^# (.+)", prose, re.MULTILINE):
                    self.titles.setdefault(page, heading[1])
                label, title = block.options.get("name") or block.options.get("label"), block.title
                if block.name in ("exercise", "exercise-start"):
                    exercises += 1
                    title = f"Exercise {exercises}"
                elif block.name == "math" and label:
                    equations += 1
                    title = f"({equations})"
                elif block.name in ("figure", "literalinclude"):
                    title = block.options.get("caption") or " ".join(block.body).strip()
                if label:
                    self.labels[label] = page, title
                for label, heading, formula in TARGET.findall(prose):
                    equations += bool(formula)
                    self.labels[label or formula] = page, f"({equations})" if formula else heading


class Chapter:
    """One page on its way to plain Markdown.

    Args:
        values: What {glue:text} shows, by name.
    """

    def __init__(self, book: Book, path: Path, values: dict[str, str]) -> None:
        self.book, self.path, self.values = book, path, values

    def fail(self, line: int, message: str) -> NoReturn:
        raise ValueError(f"{self.path.name}:{line}: {message}")

    def markdown(self, lines: list[str], line: int = 1) -> str:
        parts = []
        for block in blocks(lines, line):
            if not block.marks:
                text = self.prose("\n".join(block.body), block.line)
            elif block.name in ("", "code-cell") and block.marks[0] != ":":
                opening = f"{{{block.name}}} {block.title}" if block.name else block.title
                text = "\n".join([block.marks + opening, *block.body, block.marks])
            else:
                text = self.directive(block).strip("\n")
            parts.append(textwrap.indent(text, block.indent))
        return "\n".join(parts)

    def prose(self, text: str, line: int) -> str:
        """Without comments and labels, and with its roles, links and lists of definitions made plain."""
        text = re.sub(r"^(%.*|\([\w:.-]+\)=)$", "", text, flags=re.MULTILINE)

        def plain(found: re.Match[str]) -> str:
            at = line + text[: found.start()].count("\n")
            if found["stray"]:
                self.fail(at, f"{found['stray']} begins a role that does not end, a substitution or a footnote")
            if found["formula"]:
                return self.formula(found["formula"], found["label"])
            if found["role"]:
                return self.role(found["role"], found["code"].strip("`"), at)
            return found["code"] or self.link(found["picture"], found["text"], found["target"], at)

        text = re.sub(r"^(\S.*)\n: +", r"**\1**: ", SPAN.sub(plain, text), flags=re.MULTILINE)
        return re.sub(r"\n{3,}", "\n\n", text)

    def formula(self, text: str, label: str | None = None) -> str:
        """Sphinx lets \\\\ break the lines of a formula and numbers those with a label; a notebook has to be told."""
        if text.startswith("$$"):
            body = text[2:-2].strip("\n")
            body = rf"\begin{{split}}{body}\end{{split}}" if r"\\" in body and r"\begin" not in body else body
            text = f"$${body} \\tag{{{self.book.labels[label][1][1:-1]}}}$$" if label else f"$${body}$$"
        return text

    def role(self, name: str, text: str, line: int) -> str:
        explicit = re.fullmatch(r"(.*?)\s*<([^<>]+)>", text, re.DOTALL)
        shown, target = explicit.groups() if explicit else ("", text)
        if name == "glue:text":
            if text not in self.values:
                self.fail(line, f"no checked cell prints {text!r}, or its output is not stored (run `make references`)")
            return self.values[text]
        if name == "fig":
            return self.figure(text, line)
        if name == "doc":
            return self.link("", shown, f"{target}.md", line)
        if name in ("ref", "eq"):
            return self.link("", shown, f"#{target}", line)
        if name in CITATIONS:
            form = "{} ({})" if name == "cite:t" else "{}, {}"
            return CITATIONS[name].format("; ".join(self.cite(key.strip(), form, line) for key in text.split(",")))
        if name == "term":
            return shown or target
        if name in ROLES:
            return ROLES[name].format(text)
        if name.removeprefix("py:") in OBJECTS:
            return shown or f"`{target.rpartition('.')[2] if target.startswith('~') else target}`"
        return self.fail(line, f"the role {{{name}}} is not known to book/tools/plain.py")

    def figure(self, name: str, line: int) -> str:
        """A notebook numbers no figures: it says in which direction they stand."""
        named = re.compile(rf'\.named\("{name}"\)|^\s*"{name}",$|name="{name}"')
        lines = enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1)
        place = next((at for at, text in lines if named.search(text)), None)
        if place is None:
            self.fail(line, f"no figure or table is named {name!r}: call its .named({name!r})")
        return f"the figure {'above' if place < line else 'below'}"

    def cite(self, key: str, form: str, line: int) -> str:
        if key not in self.book.references:
            self.fail(line, f"{key!r} is not in references.bib")
        entry = self.book.references[key]
        people = entry.persons.get("author") or entry.persons.get("editor") or []
        names = [" ".join(map(str, person.rich_prelast_names + person.rich_last_names)) for person in people]
        authors = f"{names[0]} et al." if len(names) > 2 or "others" in names else " and ".join(names)
        fields = entry.fields
        text = form.format(authors or Text.from_latex(fields["title"]), fields.get("year", "no year"))
        address = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields.get("url")
        return f"[{text}]({address})" if address else text

    def link(self, picture: str, text: str, target: str | None, line: int) -> str:
        """Of a link or picture with MyST's targets, one with a notebook's; without a target the text alone."""
        text = self.prose(text, line)
        if target is None or re.match(r"(https?|mailto):", target):
            return text if target is None else f"{picture}[{text}]({target})"
        path, _, label = target.partition("#")
        if not path:
            if label not in self.book.labels:
                self.fail(line, f"nothing has the label {label!r}")
            page, title = self.book.labels[label]
            text = text or self.prose(title, line)
        else:
            page = (ROOT / path[1:] if path.startswith("/") else self.path.parent / path).resolve()
            text = text or self.book.titles.get(page, "")
        if not page.exists():
            self.fail(line, f"{target} leads nowhere")
        if not text and not picture:
            self.fail(line, f"{target} has no title: write the text of the link")
        if page == self.path or (page in self.book.titles and page not in self.book.with_code):
            return text
        if page in self.book.titles:
            return f"[{text}]({os.path.relpath(page.with_suffix('.ipynb'), self.path.parent)})"
        # Colab sees nothing that lies beside a notebook: files are linked where the repository is.
        address = f"{repository()}/{'raw' if picture else 'blob'}/{self.book.branch}/{page.relative_to(ROOT)}"
        return f"{picture}[{text}]({address})"

    def directive(self, block: Block) -> str:
        name, title, options, line = block.name, block.title, block.options, block.line

        def body() -> str:
            return self.markdown(block.body, line).strip("\n")

        match name:
            case "exercise-end" | "solution-end":
                return ""
            case "exercise" | "exercise-start":
                if "label" not in options:
                    self.fail(line, "the exercise has no label")
                heading = ": ".join(filter(None, [self.book.labels[options["label"]][1], self.prose(title, line)]))
                return f"### {heading}\n\n{body()}"
            case "solution" | "solution-start":
                return f"### Solution to {self.link('', '', f'#{title}', line)}\n\n{body()}"
            case "figure" | "image":
                picture = self.link("!", options.get("alt", ""), title, line)
                return "" if "only-dark" in options.get("class", "") else f"{picture}\n\n{body()}"
            case "math":
                text = "\n".join(filter(None, [title, *block.body]))
                return self.formula(f"$$\n{text}\n$$", options.get("label"))
            case "code" | "code-block":
                return fenced("\n".join(block.body), title)
            case "literalinclude":
                return fenced(self.included(block), options.get("language", "python"))
            case "table":
                return f"**{self.prose(title, line)}**\n\n{body()}"
            case "list-table":
                text = piped(body(), int(options.get("header-rows") or 0))
                return f"**{self.prose(title, line)}**\n\n{text}" if title else text
            case "tableofcontents":
                others = (page for page in self.book.titles if page != self.path)
                return "\n".join(f"- {self.link('', '', f'/{page.relative_to(ROOT)}', line)}" for page in others)
            case "dropdown":
                return folded(self.prose(title, line), body())
        if name not in QUOTES | TITLED:
            self.fail(line, f"the directive {{{name}}} is not known to book/tools/plain.py")
        heading, first = (title, "") if name in TITLED else (name.capitalize(), title)
        heading, text = self.prose(heading, line), "\n\n".join(filter(None, [self.prose(first, line), body()]))
        if "dropdown" in options.get("class", ""):
            return folded(heading, text)
        return textwrap.indent(f"**{heading}**\n\n{text}", "> ", lambda _: True).replace("> \n", ">\n")

    def included(self, block: Block) -> str:
        """The lines that Sphinx includes, by Sphinx's own reader."""
        try:
            options = {name: LiteralInclude.option_spec[name](value or None) for name, value in block.options.items()}
            config = SimpleNamespace(source_encoding="utf-8")
            text: str = LiteralIncludeReader(str(self.path.parent / block.title), options, config).read()[0]
        except (KeyError, ValueError, OSError) as error:
            self.fail(block.line, f"{{literalinclude}} {block.title}: {error}")
        return text.rstrip("\n")


def fenced(text: str, language: str) -> str:
    marks = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{marks}{language}\n{text}\n{marks}"


def folded(title: str, text: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def piped(text: str, headers: int) -> str:
    """A list of lists as a table with pipes; Markdown has one line of headers, which may be empty."""
    rows = re.split(r"^[*-] - ?", text, flags=re.MULTILINE)[1:]
    cells = [[" ".join(cell.split()) for cell in re.split(r"^ +- ?", row, flags=re.MULTILINE)] for row in rows]
    cells = cells if headers else [[""] * len(cells[0]), *cells]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * len(cells[0]), *lines[1:]])
