"""The four optimisers against those of torch.optim, and where constant gradients lead."""

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convae.training.optimisers import adam, gradient_descent, momentum, rms_prop, walk

THEIRS = {
    "gradient descent": (gradient_descent, partial(torch.optim.SGD)),
    "momentum": (momentum, partial(torch.optim.SGD, momentum=0.9)),
    "RMSProp": (rms_prop, torch.optim.RMSprop),
    "Adam": (adam, torch.optim.Adam),
}


@pytest.mark.parametrize("name", THEIRS)
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 1000), rate=st.sampled_from([1e-4, 1e-2, 0.3]), scale=st.sampled_from([1e-3, 1.0, 1e3]))
def test_each_is_that_of_torch(name, seed, rate, scale):
    ours, theirs = THEIRS[name]
    chance = torch.Generator().manual_seed(seed)
    start = torch.randn(4, 3, generator=chance, dtype=torch.float64)
    gradients = scale * torch.randn(50, 4, 3, generator=chance, dtype=torch.float64)
    gradients[:, 0] = 0  # a weight that nothing pulls at
    weight = start.clone().requires_grad_()
    optimizer = theirs([weight], lr=rate)
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
    own = walk(ours, start, gradients, rate)
    assert own.shape == (51, 4, 3)
    torch.testing.assert_close(own[-1], weight.detach(), rtol=1e-6, atol=1e-9)
    assert torch.equal(own[:, 0], start[0].expand(51, 3))


@pytest.mark.parametrize("gradient", [1e-3, 1.0, 1e3])
def test_how_far_a_constant_gradient_leads(gradient):
    """100 steps: gradient descent goes as far as the gradient is large, Adam goes the rate a step whatever it is."""
    start, pulls = torch.zeros(1, dtype=torch.float64), torch.full((100, 1), gradient, dtype=torch.float64)
    assert walk(gradient_descent, start, pulls, 0.01)[-1].item() == pytest.approx(-gradient)
    assert walk(adam, start, pulls, 0.01)[-1].item() == pytest.approx(-1, rel=1e-4)
    kept = sum(1 - 0.9**step for step in range(1, 101)) / (1 - 0.9)
    assert walk(momentum, start, pulls, 0.01)[-1].item() == pytest.approx(-0.01 * gradient * kept)
    longer = sum(1 / (1 - 0.99**step) ** 0.5 for step in range(1, 101))  # its average begins too small, uncorrected
    assert walk(rms_prop, start, pulls, 0.01)[-1].item() == pytest.approx(-0.01 * longer, rel=1e-3)


def test_what_cannot_be_walked_is_refused():
    start = torch.zeros(2)
    with pytest.raises(ValueError, match=r"gradient 1 has shape \(3,\), the weight \(2,\)"):
        walk(adam, start, [torch.ones(2), torch.ones(3)], 0.1)
    with pytest.raises(ValueError, match="rate is 0: give a number above 0"):
        walk(adam, start, [torch.ones(2)], 0)
    with pytest.raises(ValueError, match="gradient 0"):
        walk(adam, start, [torch.tensor([1.0, float("nan")])], 0.1)
    assert torch.equal(start, torch.zeros(2))
