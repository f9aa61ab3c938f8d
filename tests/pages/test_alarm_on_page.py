"""The alarm to set where it stands in its chapter, by mouse, keyboard and touch, over http and as a file."""

import pytest
import torch
from playwright.sync_api import expect
from widget_checks import WAYS, settled

from convae.data import load
from convae.experiments.alarm import KINDS
from convae.experiments.runs import load_run
from convae.widgets import Alarm

PAGE = "book/reconstruction-error-as-an-alarm.html"


@pytest.fixture(scope="module")
def alarm():
    """As the chapter makes it, with three of its kinds."""
    sample = load("mnist-sample")
    usual = sample.test.all().images
    kinds = {name: KINDS[name](usual, 1000)[:500] for name in ("upside down", "strokes")}
    clothes = load("fashion-mnist-sample").test.all().images[:500]
    kinds = {"digits": usual, "clothes": clothes} | kinds
    return Alarm(load_run("bottleneck-32").model(), sample.train, sample.validation, kinds, kind="clothes")


def told(section):
    settled(section)
    return section.evaluate("(root) => [...root.shown.shares, ...root.shown.scores]")


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("way", WAYS)
def test_the_alarm(visit, alarm, way, scheme):
    with visit(PAGE, scheme=scheme, **WAYS[way]) as (page, troubles):
        section = page.locator(".convae")
        expect(section).to_have_count(1)
        slider = section.get_by_role("slider", name="Threshold")
        before = told(section)
        assert before[2:] == pytest.approx(list(alarm.scores().values()), rel=1e-4)
        if way == "keyboard":
            slider.press("Home")
        else:
            width = slider.bounding_box()["width"]
            (slider.tap if way == "touch" else slider.click)(position={"x": width - 2, "y": 12})
        share = 1.0 if way == "keyboard" else 0.0  # all ring, or none
        assert told(section)[:2] == [share, share]
        said = f"{100 * share:.1f} %"
        expect(section.get_by_role("status")).to_contain_text(f"{said} hits (clothes), {said} false alarms (digits)")
        section.get_by_role("combobox").select_option("upside down")
        expect(section.get_by_role("status")).to_contain_text(f"{said} hits (upside down)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert troubles == []


def test_the_first_figure_does_not_answer_the_guess_above_it(visit):
    """It begins on a kind whose errors are large; the answer is on the others."""
    with visit(PAGE) as (page, _):
        section = page.locator(".convae")
        assert page.locator(".convae-claim").get_attribute("data-verdict") == "holds in part"
        expect(section.get_by_role("combobox")).to_have_value("clothes")
        assert float(section.locator(".convae-bell-area").text_content().split()[1]) > 0.9
        section.get_by_role("combobox").select_option("strokes")
        settled(section)
        assert float(section.locator(".convae-bell-area").text_content().split()[1]) < 0.2


def test_links_of_the_text_bring_their_pictures(visit, alarm):
    with visit(PAGE) as (page, troubles):
        section = page.locator(".convae")
        page.locator(".convae-figure figcaption a", has_text="upside down").click()
        expect(section.get_by_role("combobox")).to_have_value("upside down")
        alarm.kind = "upside down"
        expect(section.locator(".convae-bell-area")).to_have_text(f"area {alarm.area():.2f}")
        assert torch.tensor(told(section)[:2]).tolist() == pytest.approx(list(alarm.shares()), abs=0.02)
        assert troubles == []
