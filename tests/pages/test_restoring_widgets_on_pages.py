"""The widgets about restored pictures where they stand in their chapters, by mouse, keyboard and touch."""

import pytest
import torch
from playwright.sync_api import expect
from scipy import ndimage
from widget_checks import WAYS, evaluated, read, settled, status

from convae.baselines.enlarging import Enlarge
from convae.corruption import LowResolution
from convae.experiments.runs import load_run
from convae.experiments.super_resolution import COMPARED, EXAMPLE, cut, spoil
from convae.tensors import as_bytes

each_way = pytest.mark.parametrize("way", WAYS)


def is_right(page, way, troubles):
    """What every widget keeps, whatever was done to it."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dark = page.locator(".convae").first.evaluate("(root) => getComputedStyle(root).backgroundColor.match(/\\d+/g)")
    assert (sum(map(int, dark[:3])) < 200) == (way == "keyboard")
    assert troubles == []


@each_way
def test_the_denoiser(visit, way):
    net = load_run("denoise-blind").model()
    with visit("book/denoising.html", **WAYS[way]) as (page, troubles):
        section = page.locator(".convae").first
        box = section.get_by_role("spinbutton", name="Noise", exact=False)
        for sigma in ("0.9", "0.2"):
            box.fill(sigma)
            box.press("Enter")
            expect(section.locator("figcaption").nth(1)).to_have_text(f"Spoiled, σ = {sigma}")
            again = section.get_by_role("button", name="New noise")
            if way == "touch":
                again.tap()
            elif way == "keyboard":
                again.press("Enter")
            else:
                again.click()
            settled(section)
            expect(section).to_have_attribute("aria-busy", "false")  # the net has answered
            shown = evaluated(
                section.evaluate, "(root) => Object.values(root.shown).map((levels) => Array.from(levels))"
            )
            clean, spoiled, restored, filtered = (torch.tensor(levels).view(28, 28) for levels in shown)
            assert (spoiled - clean).std().item() == pytest.approx(float(sigma), rel=0.15)
            with torch.no_grad():
                torch.testing.assert_close(restored, net(spoiled[None, None])[0, 0], atol=2e-4, rtol=0)
            assert torch.equal(filtered, torch.from_numpy(ndimage.median_filter(spoiled.numpy(), size=3)))
        is_right(page, way, troubles)


@each_way
def test_from_noise_to_a_digit(visit, way):
    net = load_run("denoise-blind").model()
    with visit("book/what-a-denoiser-knows.html", **WAYS[way]) as (page, troubles):
        section = page.locator(".convae").first
        expect(section).to_have_attribute("aria-busy", "false")
        again = section.get_by_role("button", name="New noise")
        if way == "touch":
            again.tap()
        elif way == "keyboard":
            again.press("Enter")
        else:
            again.click()
        expect(section.get_by_role("spinbutton", name="Seed")).to_have_value("9")
        expect(section).to_have_attribute("aria-busy", "false")
        expect(status(section)).to_contain_text("Step 24 of 24")
        steps = evaluated(
            section.evaluate, "(root) => root.shown.way.map(({ noisy, answer }) => [[...noisy], [...answer]])"
        )
        assert len(steps) == 24
        first, last = (torch.tensor(steps[k]).view(2, 1, 1, 28, 28) for k in (0, -1))
        for noisy, answer in (first, last):
            with torch.no_grad():
                torch.testing.assert_close(answer, net(noisy), atol=2e-4, rtol=0)
        assert first[0].std().item() == pytest.approx(1, abs=0.1)  # nothing but noise
        assert (last[1] > 0.5).sum() > 20  # and then strokes
        section.get_by_role("button", name="Back").press("Enter")
        expect(status(section)).to_contain_text("Step 23 of 24")
        is_right(page, way, troubles)


@each_way
def test_the_divider(visit, way):
    original = cut(*COMPARED, side=128)
    enlarged = Enlarge(4, "lanczos")(LowResolution(4)(original, torch.Generator()))
    with visit("book/super-resolution.html", **WAYS[way]) as (page, troubles):
        section = page.locator(".convae", has=page.get_by_role("combobox", name="Left"))
        section.get_by_role("combobox", name="Left").select_option("original")
        section.get_by_role("combobox", name="Right").select_option("Lanczos")
        right, left = section.locator("img").all()
        assert torch.equal(read(left), as_bytes(original)[0])
        assert torch.equal(read(right), as_bytes(enlarged)[0])
        slider = section.get_by_role("slider", name="Divider")
        if way == "keyboard":
            slider.press("End")
        else:
            width = slider.bounding_box()["width"]
            (slider.tap if way == "touch" else slider.click)(position={"x": width - 2, "y": 12})
        expect(slider).to_have_value("100")
        expect(status(section)).to_contain_text("at column 128 of 128.")
        is_right(page, way, troubles)


@each_way
def test_the_switches(visit, way):
    run = load_run("super-resolution")
    scores, pictures = run.scores["test"]["switches"]["psnr"], run.weights()["switches"]
    with visit("book/skips-and-code.html", **WAYS[way]) as (page, troubles):
        section = page.locator(".convae", has=page.get_by_role("checkbox", name="code z"))
        now = 15
        assert torch.equal(read(section.locator("img").first), as_bytes(spoil(cut(*EXAMPLE), 4))[0])
        assert torch.equal(read(section.locator("img").last), as_bytes(cut(*EXAMPLE))[0])
        for path, name in [(3, "code z"), (0, "largest map (64)"), (3, "code z"), (2, "innermost map (256)")]:
            switch, now = section.get_by_role("checkbox", name=name), now ^ 1 << path
            if way == "touch":
                switch.tap()
            elif way == "keyboard":
                switch.press("Space")
            else:
                switch.click()
            expect(status(section)).to_contain_text(f"PSNR {scores[now]:.2f} dB")
            assert torch.equal(read(section.locator("img").nth(1)), pictures[now])
        is_right(page, way, troubles)
