"""Claims are registered where they are written: all, once, of a source that the book has, shown where they say."""

import importlib
import inspect
import re
import sys
from dataclasses import replace
from functools import cache
from itertools import groupby
from types import ModuleType

import pytest
import yaml

from book.tools.chapters import ROOT, chapters
from convae import claims
from convae.claims import CLAIMS, FAILS, HOLDS, SLIP, Finding, registry
from convae.claims.finding import MARKS
from convae.claims.registry import SOURCES, claim
from convae.measures.intervals import Interval

# In the order of the ledger:
MODULES = [sys.modules[name] for name in dict.fromkeys(each.test.__module__ for each in CLAIMS.values())]
CHAPTERS = {path.stem: path.read_text(encoding="utf-8") for path in chapters()}


@pytest.fixture
def empty(monkeypatch):
    """A registry with nothing in it."""
    monkeypatch.setattr(registry, "CLAIMS", {})
    return registry.CLAIMS


@cache
def found(name):
    """What becomes of a claim as it stands: some take seconds."""
    return CLAIMS[name]()


def unregistered(module):
    """Functions of a module that make a Finding and are no claim."""
    functions = [function for function in vars(module).values() if inspect.isfunction(function)]
    own = [function for function in functions if function.__module__ == module.__name__]
    return {each.__name__ for each in own if inspect.get_annotations(each, eval_str=True).get("return") is Finding}


def misplaced(name, registered):
    """Whether a claim's home shows it though it should not, or the other way round."""
    return registered.shown != bool(re.search(rf"\bclaims\.{name}\(", CHAPTERS[registered.chapter]))


def finding(verdict=HOLDS):
    """Any finding."""
    return Finding("a claim", verdict, {"a figure": "1"}, "a reason", {HOLDS: "it is so", FAILS: "it is not"})


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_has_a_verdict_figures_and_a_reason(name):
    finding = found(name)
    assert finding.verdict in MARKS
    assert finding.figures
    assert finding.reason
    assert finding.claim in repr(finding)
    assert finding.verdict in repr(finding)
    assert finding.verdict.capitalize() in finding._repr_html_()


@pytest.mark.parametrize("name", CLAIMS)
def test_every_verdict_of_a_claims_rule_is_reached_by_altering_its_figures(name):
    turns = importlib.import_module(f"turns_{CLAIMS[name].chapter.replace('-', '_')}").TURNS[name]
    rule = found(name).rule
    assert len(rule) > 1, "a claim that can get one verdict only is arithmetic: show it in the text"
    reached = {verdict: (found(name) if turn is CLAIMS[name] else turn()).verdict for verdict, turn in turns.items()}
    assert reached == {verdict: verdict for verdict in rule}


def test_a_verdict_that_its_rule_does_not_know_is_refused():
    with pytest.raises(ValueError, match=r"^the rule does not say when it 'slip': it has holds, does not hold$"):
        finding("slip")
    with pytest.raises(ValueError, match=r"^'maybe' is no verdict: take one of holds, "):
        finding("maybe")


@pytest.mark.parametrize("value", [0.5, None, True, Interval(1, 0, 2, 3)])
def test_figures_and_reason_are_texts(value):
    with pytest.raises(TypeError, match=r"^a figure is .*: give a text, rounded as it is to be read$"):
        replace(finding(), figures={"a figure": value})
    with pytest.raises(TypeError, match=r"^the reason is .*: give a text"):
        replace(finding(), reason=value)
    with pytest.raises(TypeError, match=r"^the figures are .*: give a dictionary, text by name$"):
        replace(finding(), figures=value)


def test_a_verdict_rests_on_a_figure():
    with pytest.raises(ValueError, match=r"^'holds' rests on 0 figures: judge at least one measurement$"):
        replace(finding(HOLDS), figures={})


@pytest.mark.parametrize("text", ["nan", "NaN ± 1", "0.1 (-inf to inf)", f"{float('nan'):.2f}"])
def test_what_is_no_number_is_no_figure(text):
    with pytest.raises(
        ValueError, match=r"^a figure is .*: (nan|NaN|inf) is no figure; give a number, or leave it out$"
    ):
        replace(finding(), figures={"a figure": text})
    assert replace(finding(), figures={"a figure": "infinitely many bananas"})


def test_every_source_is_in_the_bibliography():
    entries = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    for source in SOURCES:
        assert f"{{{source}," in entries


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_says_where_it_stands_and_stands_in_its_home_if_that_shows_it(name):
    assert CLAIMS[name].place
    assert CLAIMS[name].chapter in CHAPTERS
    assert not misplaced(name, CLAIMS[name])


def test_no_slip_is_given_to_guess():
    """Its verdict is none of those that a page of the form offers."""
    pages = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]["html_context"]["form"]
    shown = {name: each for name, each in CLAIMS.items() if each.shown and f"book/{each.chapter}" in pages}
    assert len(shown) > 5
    assert [name for name in shown if found(name).verdict == SLIP] == []


def test_a_claim_that_is_shown_or_hidden_against_its_word_is_seen():
    halving = CLAIMS["robledo_halving"]
    assert misplaced("robledo_halving", replace(halving, shown=False))
    assert misplaced("robledo_halving", replace(halving, chapter="kernels"))
    assert not misplaced("robledo_halving", replace(halving, chapter="kernels", shown=False))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_holds_one_source_and_registers_whatever_makes_a_finding(module):
    own = {name: registered for name, registered in CLAIMS.items() if registered.test.__module__ == module.__name__}
    assert own.items() <= vars(module).items()
    assert len({registered.source for registered in own.values()}) == 1
    assert all(name.startswith(f"{module.__name__.rpartition('.')[2]}_") for name in own)
    assert unregistered(module) == set()


def test_a_finding_that_nobody_registered_is_seen():
    module = ModuleType("forgotten")
    exec("from convae.claims import Finding\ndef forgotten() -> Finding: ...\ndef number() -> int: ...", vars(module))
    assert unregistered(module) == {"forgotten"}


def test_the_ledger_goes_from_source_to_source():
    modules = [name for name, _ in groupby(CLAIMS.values(), key=lambda registered: registered.test.__module__)]
    assert modules == [module.__name__ for module in MODULES]
    files = {path.stem for path in (ROOT / "convae/claims").glob("*.py")} - {"__init__", "finding", "registry"}
    assert {f"convae.claims.{name}" for name in files} == set(modules)


def test_a_claim_is_known_by_its_function_and_names_its_source(empty):
    @claim("calderon2019", "Section 9", chapter="kernels")
    def calderon_trial(verdict=HOLDS):
        return finding(verdict)

    assert empty == {"calderon_trial": calderon_trial}
    found = {"source": "calderon2019", "place": "Section 9", "name": "calderon_trial"}
    assert calderon_trial(FAILS) == replace(finding(FAILS), **found)
    for told in (
        *("Calderón 2019 · Section 9", 'id="claim-calderon_trial"', 'data-verdict="does not hold"'),
        '<a href="ledger.html#calderon_trial">In the ledger</a>',
    ):
        assert told in calderon_trial(FAILS)._repr_html_()
    assert repr(calderon_trial()).startswith("calderon2019: a claim\n")


def test_a_long_figure_may_break_its_line_and_a_short_one_may_not():
    figures = {"matrix": str([[122, 636, 714, 148]] * 3), "error": "0.00431 ± 0.00019"}
    page = replace(finding(HOLDS), figures=figures)._repr_html_()
    assert '<td class="long">[[122, ' in page
    assert "<td>0.00431 ± 0.00019</td>" in page


def test_a_name_is_taken_once(empty):
    register = claim("utec2021", "Section II", chapter="kernels")
    first = register(finding)
    message = f"^finding is registered already, by {__name__}: give it another name$"
    with pytest.raises(ValueError, match=message):
        register(finding)
    assert empty == {"finding": first}


def test_a_source_that_the_book_does_not_have_is_refused(empty):
    with pytest.raises(
        ValueError, match=r"^robledo2012 is no source of the book \(robledo2021, .*\): add it to SOURCES$"
    ):
        claim("robledo2012", "Section II", chapter="kernels")


def test_what_a_chapter_shows_comes_in_the_order_of_the_ledger(empty):
    homes = {
        "last": ("kernels", True),
        "hidden": ("kernels", False),
        "other": ("denoising", True),
        "first": ("kernels", True),
    }
    for name, (chapter, shown) in homes.items():

        def trial():
            return finding()

        trial.__name__ = name
        claim("utec2021", "Section II", chapter=chapter, shown=shown)(trial)
    assert claims.shown_in("kernels") == [empty["last"], empty["first"]]


def test_a_claim_is_an_attribute_of_the_package():
    assert claims.robledo_pixels is claims.robledo.robledo_pixels is CLAIMS["robledo_pixels"]
    assert set(CLAIMS) <= set(dir(claims))
    with pytest.raises(AttributeError, match=r"^no claim is called 'robledo_pixel': did you mean robledo_pixels"):
        _ = claims.robledo_pixel
