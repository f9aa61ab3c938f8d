"""A MyST page in its blocks: prose, plain fences and directives, with their line numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LITERAL = {"code", "code-block", "code-cell", "literalinclude", "math"}  # no roles, no directives in their bodies
FENCE = re.compile(r"( *)(`{3,}(?=[^`]*$)|~{3,}|:{3,})(?:\{([\w:-]+)\})?(.*)$")
OPTION = re.compile(r" *:([\w-]+):(?: +(.*))?$")


@dataclass(frozen=True)
class Block:
    """Prose (no marks), a plain fence (no name), or a directive; `line` is where its body begins."""

    line: int
    body: list[str]
    marks: str = ""
    name: str = ""
    title: str = ""
    indent: str = ""
    options: dict[str, str] = field(default_factory=dict)


def blocks(lines: list[str], line: int = 1) -> Iterator[Block]:
    """Prose and fences in turn; `line` is the number of the first line. A fence that does not close ends with the text.

    The options of a code cell stay in its body: they are jupytext's.
    """
    start = 0
    while start < len(lines):
        at = next((at for at in range(start, len(lines)) if FENCE.match(lines[at])), len(lines))
        yield Block(line + start, lines[start:at])
        if at == len(lines):
            return
        indent, marks, name, title = FENCE.match(lines[at]).groups("")
        closing = re.compile(rf" *{marks}{marks[0]}* *$")
        end = next((end for end in range(at + 1, len(lines)) if closing.match(lines[end])), len(lines))
        body = [text.removeprefix(indent) for text in lines[at + 1 : end]]
        options = {}
        while name not in ("", "code-cell") and body and (option := OPTION.match(body[0])):
            options[option[1]] = option[2] or ""
            del body[0]
        yield Block(line + at + 1 + len(options), body, marks, name, title.strip(), indent, options)
        start = end + 1


def walk(lines: list[str]) -> Iterator[Block]:
    """Every block, those inside directives too."""
    for block in blocks(lines):
        yield block
        if block.name and block.name not in LITERAL:
            yield from walk(block.body)
