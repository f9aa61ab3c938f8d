"""Every verdict is computed: other figures turn it."""

import copy
import re
from dataclasses import replace

import pytest

from book.tools.chapters import ROOT
from convae import claims
from convae.claims import CLAIMS, FAILS, HOLDS, IN_PART, UNDECIDED
from convae.experiments.runs import load_run, load_runs


def changed(**factors):
    """Runs as they are, with the errors of some nets multiplied: changed(robledo_two_layer=2)."""

    def runs(name):
        factor = factors.get(name.replace("-", "_"), 1)
        found = []
        for run in load_runs(name):
            record = copy.deepcopy(run.record)
            for kind in ("steps", "epochs"):
                for watched, curve in record["curves"][kind].items():
                    record["curves"][kind][watched] = [value * factor for value in curve]
            record["scores"]["test"]["mse"] *= factor
            found.append(replace(run, record=record))
        return found

    return runs


def scored(**ssim):
    """Runs whose SSIM is what is named."""

    def runs(name):
        found = []
        for run in load_runs(name):
            record = copy.deepcopy(run.record)
            record["scores"]["test"]["ssim"] = ssim[name.replace("-", "_")] + 0.001 * run.record["seed"]
            found.append(replace(run, record=record))
        return found

    return runs


def test_every_claim_has_a_verdict_figures_and_a_reason():
    for name, claim in CLAIMS.items():
        finding = claim()
        assert finding.verdict in (HOLDS, IN_PART, FAILS, UNDECIDED), name
        assert finding.figures, name
        assert finding.reason, name
        assert finding.claim in repr(finding)
        assert finding.verdict in repr(finding)
        assert finding.verdict.capitalize() in finding._repr_html_()


def test_every_source_is_in_the_bibliography():
    entries = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    for claim in CLAIMS.values():
        assert f"{{{claim().source}," in entries


def test_parameters():
    assert claims.robledo_parameters().verdict == IN_PART
    assert claims.robledo_parameters(count=lambda model: 1).verdict == FAILS
    counts = iter([2481, 11748])
    assert claims.robledo_parameters(count=lambda model: next(counts)).verdict == HOLDS


def test_arithmetic_slips_are_named_with_what_is_right():
    assert claims.robledo_pixels().figures == {"28 × 28": "784"}
    assert claims.robledo_third_padding().figures["7×7 with padding 1"] == "4×4, and 36×36 comes back"
    assert claims.robledo_blue_stride().figures["sizes with stride 2"] == "28 → 14 → 7 → 3"


def test_halving():
    three = load_run("robledo-three-layer").scores["test"]["mse"] / load_run("robledo-two-layer").scores["test"]["mse"]
    assert claims.robledo_halving(changed(robledo_three_layer=0.5 / three)).verdict == HOLDS
    assert claims.robledo_halving(changed(robledo_three_layer=0.2 / three)).verdict == IN_PART
    assert claims.robledo_halving(changed(robledo_three_layer=1.5 / three)).verdict == FAILS


def test_stride_over_pooling():
    assert claims.robledo_stride_over_pooling().verdict == HOLDS
    assert claims.robledo_stride_over_pooling(changed(robledo_max_pool=0.01)).verdict == FAILS


def test_better_than_dense():
    assert claims.robledo_better_than_dense().verdict == IN_PART
    assert claims.robledo_better_than_dense(changed(robledo_two_layer=5)).verdict == FAILS


def test_no_overfitting():
    assert claims.robledo_no_overfitting().verdict == HOLDS
    finding = claims.robledo_no_overfitting(changed(dense_512=1.2))
    assert finding.verdict == FAILS
    assert "dense-512" in finding.reason


def test_first_batches():
    assert claims.robledo_first_batches().verdict == FAILS
    assert "all-black" in claims.robledo_first_batches().reason
    assert claims.robledo_first_batches(changed(robledo_two_layer=0.2)).verdict == HOLDS


def test_looks_alike():
    names = ("robledo_two_layer", "robledo_three_layer", "robledo_max_pool")
    assert claims.robledo_looks_alike(scored(**dict.fromkeys(names, 0.95))).verdict == HOLDS
    assert claims.robledo_looks_alike(scored(**dict(zip(names, (0.7, 0.95, 0.6), strict=True)))).verdict == FAILS


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_is_shown_by_a_chapter(name):
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*.md")]
    assert any(re.search(rf"\b{name}\(", text) for text in texts)
