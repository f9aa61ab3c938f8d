"""The net that learns in the built page takes PyTorch's steps, from its seed on."""

import itertools
import re

import pytest
import torch
from lesson_checks import draw, steps, trained
from playwright.sync_api import expect

from convae.experiments.runs import load_run
from convae.widgets import NineBlocks
from convae.widgets.lesson import digits

STEPS = 12  # Adam's first steps are all but the signs of the slopes: by then they are not


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_page_learns_as_pytorch_does(visit, scheme):
    net = NineBlocks(load_run("robledo-two-layer").model()).learner()
    draw(net)
    begun = [weights.detach().clone() for weights in net.parameters()]
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001, weight_decay=0.00001)
    pictures, tested = (part.all().images for part in digits())
    known = list(itertools.islice(steps(net, optimizer, pictures, tested), STEPS + 1))
    with visit("book/two-layer.html", scheme, reduced_motion="reduce") as (page, troubles):
        section = page.locator(".convae").first
        section.get_by_role("button", name="Learn", exact=True).click()
        for step in range(STEPS + 1):
            expect(section.get_by_role("status")).to_contain_text(re.compile(rf"Batch {step} of 18,760: error"))
            if step < STEPS:
                section.get_by_role("button", name="Step", exact=True).click()
        errors, weights = trained(section)
        assert errors == [[step, pytest.approx(error, rel=1e-4)] for step, (error, _) in enumerate(known)]
        for own, theirs, first in zip(weights, known[-1][1], begun, strict=True):
            torch.testing.assert_close(own, theirs.flatten(), rtol=0, atol=1e-4)
            assert (theirs - first).abs().max() > 5e-3  # fifty times as far as the two may lie apart
        assert troubles == []
