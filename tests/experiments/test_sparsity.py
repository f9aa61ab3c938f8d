"""Sparsity, in small: the measures against cases whose answer is known, and the study against its parts."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from synthetic import splits

from convae.experiments import STUDIES
from convae.experiments.sparsity import (
    BINS,
    LONG,
    UNTRAINED,
    hoyer,
    largest,
    overcomplete,
)
from convae.latent import encode_all
from convae.tasks import Reconstruction
from convae.training.loop import evaluate

DATA = splits("fashion-mnist", train=330, validation=60, test=40)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ([0, 0, -3, 0], 1),
        ([2, 2, 2, 2], 0),
        ([0, 0, 0, 0], 1),
        ([1, 1, 0, 0], (2 - 2**0.5) / 1),  # two alike of four: ‖h‖₁ / ‖h‖₂ = √2
    ],
)
def test_hoyer_of_known_codes(code, expected):
    assert hoyer(torch.tensor([code], dtype=torch.float32)).item() == pytest.approx(expected, abs=1e-6)


@settings(deadline=None)
@given(arrays(np.float64, (3, 8), elements=st.floats(0.125, 100)), st.floats(0.125, 100))
def test_hoyer_does_not_see_the_scale(codes, factor):
    codes = torch.from_numpy(codes)
    assert torch.allclose(hoyer(codes), hoyer(factor * codes), atol=1e-9)
    assert ((hoyer(codes) > -1e-9) & (hoyer(codes) < 1 + 1e-9)).all()


def test_a_code_of_one_number_is_refused():
    with pytest.raises(ValueError, match="give \\[N, K\\] with at least 2 numbers each"):
        hoyer(torch.rand(3, 1))


def test_the_largest_are_left():
    codes = torch.tensor([[1.0, -5.0, 3.0, 0.5], [0.0, 0.1, 0.2, -0.3]])
    assert largest(codes, 2).tolist() == [[0, -5, 3, 0], [0, 0, codes[1, 2].item(), codes[1, 3].item()]]
    assert torch.equal(largest(codes, 9), codes)


def small(*arms):
    return replace(STUDIES["sparsity"], arms=arms, code_size=300, epochs=1, atoms=3, labels=((2, 1),))


def test_parts_make_up_the_whole():
    study = small(UNTRAINED, "KL 0.1", f"L1 0.01{LONG}")
    whole, kept = study.table(DATA, None)
    rows, tensors = {}, {}
    for part in study.parts():
        some, more = part.table(DATA, None)
        rows |= some
        tensors |= more
    assert rows == whole
    assert all(torch.equal(each, tensors[name]) for name, each in kept.items())
    shapes = {"": (3, 28, 28), "/back": (8, 1, 28, 28), "/codes": (8, 300)}
    assert {name: tuple(each.shape) for name, each in kept.items()} == {
        f"{arm}{end}": shape for arm in study.arms for end, shape in shapes.items()
    }
    assert all((kept[f"{arm}/codes"].amax(1) == 255).all() for arm in study.arms)
    for row in whole.values():
        assert sum(row["activity"]) == 300
        assert len(row["activity"]) == BINS
        assert row["activity"][0] >= row["dead"]
        assert len(row["named 2"]) == 1
    assert len({row["mse"] for row in whole.values()}) == 3


def test_what_is_counted_of_an_untrained_net():
    row = small(UNTRAINED).table(DATA, None)[0][UNTRAINED]
    torch.manual_seed(0)
    model = overcomplete(300, "relu").eval()
    codes = encode_all(model, DATA.test)
    assert row["active"] == pytest.approx((codes > 0).float().mean().item())
    assert row["mse"] == pytest.approx(evaluate(model, Reconstruction(), DATA.test)["mse"].mean().item())
    seen = encode_all(model, DATA.validation)
    assert row["dead"] == int((seen <= 0).all(0).sum())


def test_a_stronger_penalty_leaves_a_smaller_code():
    rows, _ = small("none", "L1 0.1").table(DATA, None)
    assert rows["L1 0.1"]["size"] * rows["L1 0.1"]["active"] < rows["none"]["size"] * rows["none"]["active"]


def test_an_arm_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match=r"no arm is called 'L2 0\.1'"):
        small("L2 0.1")
