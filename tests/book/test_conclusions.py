"""No conclusion of book or claims rests on the overlap of two intervals, and no share reaches beyond all."""

import ast
import json
import re
from itertools import pairwise

import pytest

from book.tools.chapters import ROOT, chapters
from book.tools.myst import walk

ENDS = {"low", "high", "margin"}
SHARE = re.compile(r"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)(?: %)? ± (\d+(?:\.\d+)?) %")
# "Their intervals overlap", "two overlapping intervals"; that they are no test may be said.
WORDS = re.compile(r"\bintervals?\b[^.;:]{0,60}\boverlap|\boverlap\w*(?: [\w%]+){0,3} intervals?\b", re.IGNORECASE)


def ends(side):
    """The intervals whose ends, margin or mean stand on one side of a comparison, and whether it is more than means."""
    parts = [node for node in ast.walk(side) if isinstance(node, ast.Attribute) and node.attr in ENDS | {"mean"}]
    found = {ast.dump(part.value) for part in parts}
    # Lists of ends have such names; low and high alone, outside a call, are two ends of one interval.
    calls = [call for call in ast.walk(side) if isinstance(call, ast.Call)]
    names = {node.id for call in calls for node in ast.walk(call) if isinstance(node, ast.Name)}
    found |= names & {"low", "high", "lows", "highs"}
    return found, any(part.attr in ENDS for part in parts) or bool(names & {"low", "high", "lows", "highs"})


def compared(source):
    """The lines of a source in which the ends of one interval are compared with those of another."""
    wrong = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, right in pairwise(sides):
                (one, first), (other, second) = ends(left), ends(right)
                if (first or second) and one and other and one != other:
                    wrong.append(ast.unparse(node))
                    break
    return wrong


def said(text):
    """The sentences that speak of overlapping intervals as if that told something."""
    sentences = re.split(r"(?<=[.!?]) ", " ".join(text.split()))
    return [sentence for sentence in sentences if WORDS.search(sentence) and "never" not in sentence]


def beyond_all(text):
    """Shares whose interval reaches above 100 %; what is above it by itself is none."""
    found = [(match[0], *(float(match[place].replace(",", "")) for place in (1, 2))) for match in SHARE.finditer(text)]
    return [shown for shown, mean, margin in found if mean <= 100 < mean + margin]


def cells(page):
    """The code of a chapter, without what only notebooks understand."""
    blocks = [block for block in walk(page.read_text(encoding="utf-8").splitlines()) if block.name == "code-cell"]
    lines = [["" if re.match(r":\w|\s*[!%]", line) else line for line in block.body] for block in blocks]
    return ["\n".join(["if True:", "    pass", *part]) for part in lines]


PACKAGE = sorted((ROOT / "convae").rglob("*.py"))


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.stem)
def test_no_chapter_tests_by_overlap(page):
    assert [line for source in cells(page) for line in compared(source)] == []
    assert said(page.read_text(encoding="utf-8")) == []


def test_no_claim_and_no_study_tests_by_overlap():
    wrong = {}
    for path in PACKAGE:
        source = path.read_text(encoding="utf-8")
        if faults := compared(source) + said(source):
            wrong[path.relative_to(ROOT).as_posix()] = faults
    assert wrong == {}


@pytest.mark.parametrize("path", sorted((ROOT / "tests/outputs").glob("*.json")), ids=lambda path: path.stem)
def test_no_share_reaches_above_all(path):
    printed = json.loads(path.read_text(encoding="utf-8"))
    texts = [output.get("text") or output["data"]["text/plain"] for part in printed.values() for output in part]
    assert [shown for text in texts for shown in beyond_all(text)] == []


@pytest.mark.parametrize(
    "source",
    [
        "assert one.low > other.high",
        "def overlap(one, other):\n    return one.low <= other.high and other.low <= one.high",
        "assert easy.mean > hard.high",
        "assert near['a'].high < min(near[key].low for key in trained)",
        "assert max(near[key].low for key in trained) < min(near[key].high for key in others)",
        "assert first.low > second.high > second.low > third.high",
        "assert prior.low > max(plain.high, mixture.high)",
        "lows, highs = zip(*pairs)\nif max(lows) < min(highs): told = 'alike'",
        "same = abs(one.mean - other.mean) < one.margin + other.margin",
        "close = abs(one.mean - other.mean) < one.margin",
        "better = all(a.high < b.low for a in nets for b in rivals)",
    ],
)
def test_a_comparison_of_two_intervals_is_found(source):
    found = compared(source)
    assert len(found) == source.count("<=") or len(found) == 1


@pytest.mark.parametrize(
    "source",
    [
        "assert difference.low > 0",
        "assert early.high < 0 < late.low",
        "assert not interval.low <= value <= interval.high",
        "assert min(gain[name].low for name in names) > 0.5",
        "if low > high: raise ValueError",
        "if not low <= mean <= high: raise ValueError",
        "alike = difference.margin < abs(difference.mean)",
        "assert first.mean > second.mean",
    ],
)
def test_what_is_no_comparison_of_two_intervals_is_left(source):
    assert compared(source) == []


def test_words_on_overlapping_intervals_are_found():
    wrong = [
        "Pixels and codes are hard to tell apart: their intervals\noverlap.",
        "They have overlapping 95 % intervals.",
    ]
    assert said(" ".join(wrong)) == [" ".join(sentence.split()) for sentence in wrong]
    assert (
        said("Two are never compared by whether their intervals overlap. Stamps overlap, an interval does not.") == []
    )


def test_shares_above_all_are_found():
    assert beyond_all("99.0 ± 1.2 % of one, 99.50 ± 0.75 %, 98.9 ± 1.1 %") == ["99.0 ± 1.2 %", "99.50 ± 0.75 %"]
    assert beyond_all("99 % ± 2 %") == ["99 % ± 2 %"]
    assert beyond_all("1,099.0 ± 1.2 %, 373 ± 5 %, 98.0 ± 1.2 points, 50 ± 50 %") == []


def test_each_cell_of_a_chapter_is_searched(tmp_path):
    page = tmp_path / "page.md"
    cell = "```{code-cell} ipython3\n:tags: [remove-cell]\n\n%pip list\nassert a.low > b.high\n```\n"
    page.write_text(f"# Page\n\n:::{{note}}\n{cell}:::\n\n{cell}")
    assert [line for source in cells(page) for line in compared(source)] == ["a.low > b.high"] * 2
