"""What chapters call: the fallback that says so, and the numbers for the prose."""

import pytest

from convae.data import DataNotFoundError, ImageSet, Splits, load
from convae.experiments.results import loss_curve, net_against_baseline, score_difference, score_interval, scores
from convae.experiments.runs import load_runs
from convae.teaching import chapter
from convae.teaching.tables import Table


def missing(name, validation=None):
    if name == "mnist":
        raise DataNotFoundError("no mnist")
    return load(name, validation=validation)


def test_the_substitute_is_announced_on_the_page(monkeypatch):
    shown = []
    monkeypatch.setattr(chapter, "load", missing)
    monkeypatch.setattr(chapter, "display", shown.append)
    splits = chapter.load_or_substitute("mnist", validation=0)
    assert splits.name == "digits"
    assert "convae-substitute" in shown[0].data


def test_nothing_is_announced_where_the_data_is(monkeypatch):
    shown = []
    there = load("digits")
    monkeypatch.setattr(chapter, "load", lambda name, validation: there)
    monkeypatch.setattr(chapter, "display", shown.append)
    assert chapter.load_or_substitute("mnist") is there
    assert not shown


def test_other_sets_have_no_substitute():
    with pytest.raises(ValueError, match="fashion-mnist has no substitute"):
        chapter.load_or_substitute("fashion-mnist")


def test_glue_prints_each_text_with_its_name(capsys):
    chapter.glue({"error": "0.0043 ± 0.0001", "factor": "5", "net": "two-layer", "change": "-4.9 dB"})
    assert capsys.readouterr().out == "error: 0.0043 ± 0.0001\nfactor: 5\nnet: two-layer\nchange: −4.9 dB\n"


def test_glue_takes_no_number_that_nobody_rounded():
    with pytest.raises(TypeError, match=r"error is 0\.004: give the text"):
        chapter.glue({"error": 0.004})


def test_train_it_yourself_announces_the_time_and_learns(capsys):
    digits = load("digits")
    few = Splits("digits", digits.train[:640], digits.validation, digits.test[:50])
    model = chapter.train_it_yourself("robledo-two-layer", few, epochs=2)
    printed = capsys.readouterr().out
    assert "an epoch of 640 pictures takes about" in printed
    assert "the recipe's 20 about" in printed
    assert "Test MSE after 2 epochs" in printed
    assert isinstance(few.train, ImageSet)
    assert not any(parameter.isnan().any() for parameter in model.parameters())


def test_results_read_the_runs():
    name = "robledo-two-layer"
    values = [run.record["scores"]["test"]["mse"] for run in load_runs(name)]
    assert scores(name) == values
    assert score_interval(name).mean == pytest.approx(sum(values) / 5)
    assert score_difference(name, name).mean == 0
    curve = loss_curve(name, "test")
    assert len(curve) == 21
    assert curve[-1].mean == pytest.approx(score_interval(name).mean, rel=1e-3)
    # picture by picture or in the mean, the difference is the same
    expected = score_interval(name).mean - 0.00289711
    assert net_against_baseline(name, "pca/144").mean == pytest.approx(expected, rel=2e-3)


def test_a_table_is_text_and_html():
    table = Table(["net", "MSE"], [["two & three", "<1"]])
    assert repr(table) == "net          MSE\ntwo & three  <1"
    assert "<td>two &amp; three</td><td>&lt;1</td>" in table._repr_html_()
    with pytest.raises(ValueError, match="a row of 1 under a header of 2"):
        Table(["a", "b"], [["c"]])
