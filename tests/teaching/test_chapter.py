"""What chapters call: the line that says what is shown, and the numbers for the prose."""

import pytest
import torch

from convae.data import ImageSet, Splits, load
from convae.teaching import chapter
from convae.teaching.cards import Card, Cards


def test_the_page_says_which_sample_it_shows(monkeypatch):
    lines = []
    monkeypatch.setattr(chapter, "display", lines.append)
    for name in ("mnist-sample", "fashion-mnist-sample"):
        chapter.name_sample(load(name))
    first, second = (line.data for line in lines)
    assert "are from a sample of MNIST that comes with the package" in first
    assert "are from a sample of Fashion-MNIST that comes with the package" in second
    assert all('class="convae-sample"' in line.data for line in lines)


def test_only_a_sample_is_said_to_be_one():
    with pytest.raises(ValueError, match="no sample is called 'digits'"):
        chapter.name_sample(load("digits"))


def test_glue_prints_each_text_with_its_name(capsys):
    chapter.glue({"error": "0.0043 ± 0.0001", "factor": "5", "net": "two-layer", "change": "-4.9 dB"})
    assert capsys.readouterr().out == "error: 0.0043 ± 0.0001\nfactor: 5\nnet: two-layer\nchange: −4.9 dB\n"


def test_glue_takes_no_number_that_nobody_rounded():
    with pytest.raises(TypeError, match=r"error is 0\.004: give the text"):
        chapter.glue({"error": 0.004})


def test_glue_needs_names():
    with pytest.raises(TypeError, match=r"values are \['0.0043'\]: give each text its name"):
        chapter.glue(["0.0043"])


def test_the_cost_of_a_chapter_that_was_not_measured_is_asked_for_by_a_name_like_it():
    with pytest.raises(ValueError, match="no measured chapter is called 'kernel': did you mean kernels"):
        chapter.glue_cost("kernel")


@pytest.mark.parametrize("epochs", [0, -1, 1.5, None, "3"])
def test_train_it_yourself_refuses_other_epochs_before_it_trains(epochs, capsys):
    with pytest.raises(ValueError, match=r"epochs is .*: give a whole number, at least 1"):
        chapter.train_it_yourself("robledo-two-layer", load("digits"), epochs=epochs)
    assert capsys.readouterr().out == ""


def test_train_it_yourself_takes_whole_sets():
    with pytest.raises(TypeError, match="splits of type ImageSet: give all three parts, as load"):
        chapter.train_it_yourself("robledo-two-layer", load("digits").train, epochs=1)


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


def test_cards_lead_to_pages():
    cards = Cards([Card("two-layer", "A net", "One & or nine?", torch.rand(1, 28, 28))])
    assert 'href="two-layer.html"' in cards._repr_html_()
    assert "One &amp; or nine?" in cards._repr_html_()
    assert repr(cards) == "A net: One & or nine?"
    with pytest.raises(ValueError, match="shape"):
        Card("two-layer", "A net", "?", torch.rand(28, 28))
