"""Every widget where it stands in a chapter: driven in each way, seen in each appearance, compared with PyTorch."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest
import widget_checks as checks
from explorer_checks import assert_shows
from playwright.sync_api import expect

from benchmarks import widgets
from convae.models import build
from convae.widgets import Activations, Convolution, Kernels, LatentExplorer, Pooling, Stack, TransposedConvolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from convae.widgets.kit import Widget


class Stand(NamedTuple):
    """A widget in its chapter; the label of a number that is changed, and its largest value.

    `at`: how many of its kind stand before it, `others`: of other kinds. `nets`: the runs whose nets an explorer holds,
    behind what the page calls them.
    `begun`: how it stands there, where that is not the usual way.
    """

    kind: type[Widget]
    chapter: str
    check: Callable[[Locator, Any], None]
    label: str
    most: int
    at: int = 0
    nets: tuple[tuple[str, str], ...] = ()
    others: int = 0
    begun: tuple[tuple[str, Any], ...] = ()

    @property
    def make(self) -> Callable[..., Widget]:
        begun = dict(self.begun)
        if not self.nets:
            return partial(self.kind, **begun)
        page = widgets.HTML / f"book/{self.chapter}.html"
        return partial(checks.explorer_on, page, dict(self.nets), **begun)


STANDS = [
    Stand(Convolution, "convolution-arithmetic", checks.assert_convolution, "Padding", 6),
    Stand(Kernels, "kernels", checks.assert_kernels, "Padding", 4),
    Stand(Activations, "activations", checks.assert_activations, "x", 4),
    Stand(Pooling, "stride-or-pooling", checks.assert_pooling, "Kernel", 5, begun=(("shift", (0, 1)),)),
    Stand(
        TransposedConvolution,
        "transposed-convolution",
        checks.assert_transposed_convolution,
        "Dilation",
        3,
        begun=(("output_padding", 1),),
    ),
    Stand(Stack, "two-layer", checks.assert_stack, "Padding", 16, others=1),
    Stand(
        LatentExplorer,
        "looking-at-the-code",
        assert_shows,
        "Noise",
        2,
        nets=(("two-layer net", "robledo-two-layer"), ("bottleneck", "bottleneck-32")),
        begun=(("blend", 0), ("noise", 0.6)),
    ),
    Stand(
        LatentExplorer,
        "interpolating",
        assert_shows,
        "Noise",
        2,
        nets=(("two-layer net", "robledo-two-layer"), ("bottleneck", "bottleneck-32")),
    ),
    Stand(LatentExplorer, "generating", assert_shows, "Noise", 2, nets=(("", "variational-32"),), others=1),
]
each_widget = pytest.mark.parametrize(
    "stand", STANDS, ids=lambda stand: stand.chapter if stand.nets else stand.kind.__name__
)
# Puts the focus on the control before a box, or, where it is the first, on the widget itself.
BEFORE = """(box) => {
  const section = box.closest("section");
  const controls = [...section.querySelectorAll(":is(select, input, button):enabled, [tabindex='0']")];
  const shown = controls.filter((one) => one.checkVisibility());
  section.tabIndex = -1;
  (shown[shown.indexOf(box) - 1] ?? section).focus();
}"""


def changed(stand: Stand, value: int) -> Widget:
    """The widget with another number; of a stack, in its first layer."""
    if stand.kind is not Stack:
        return stand.make(**{stand.label.lower(): value})
    widget = Stack.of(build("robledo-two-layer"))
    first, *others = widget.layers
    widget.layers = [[*first[:4], value, *first[5:]], *others]
    return widget


@each_widget
@pytest.mark.parametrize("way", checks.WAYS)
def test_widget_is_driven(visit, stand, way):
    with visit(f"book/{stand.chapter}.html", **checks.WAYS[way]) as (page, troubles):
        section = page.locator(".convae").nth(stand.at + stand.others)
        stand.check(section, stand.make())
        slider = section.get_by_role("slider", name=stand.label, exact=True)
        if way == "keyboard":
            box = section.get_by_role("spinbutton", name=stand.label, exact=True)
            box.evaluate(BEFORE)
            page.keyboard.press("Tab")
            expect(box).to_be_focused()
            value = float(box.input_value()) + 1
            value = int(value) if value == int(value) else value
            page.keyboard.press("ArrowUp")
        elif way == "touch":  # a narrow page has the box only, in a drawer
            value = stand.most
            for handle in section.locator(".convae-handle:visible").all():
                handle.tap()
            section.get_by_role("spinbutton", name=stand.label, exact=True).fill(str(value))
        else:
            value, width = stand.most, slider.bounding_box()["width"]
            slider.click(position={"x": width - 2, "y": 12})
        shown = section.get_by_role("spinbutton", name=stand.label, exact=True) if way == "touch" else slider
        expect(shown).to_have_value(str(value))
        stand.check(section, changed(stand, value))

        background = section.evaluate("(root) => getComputedStyle(root).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 200) == (way == "keyboard"), background
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if way == "mouse, no motion":
            assert section.locator("*").evaluate_all(
                "(all) => all.every((one) => parseFloat(getComputedStyle(one).transitionDuration) === 0)"
            )
        assert troubles == []


@pytest.mark.parametrize("chapter", [stand.chapter for stand in STANDS if stand.kind is LatentExplorer])
def test_what_is_decoded_stays_in_sight_of_a_number_of_the_code_on_a_phone(visit, chapter):
    with visit(f"book/{chapter}.html", width=375) as (page, _):
        section = page.locator(".convae-latent")
        section.get_by_role("button", name="The code, number by number").click()
        section.get_by_role("spinbutton", name="Value of the chosen cell").first.evaluate(
            "(box) => box.scrollIntoView({ block: 'end' })"
        )
        decoded = section.locator(".convae-sticky canvas").first
        place = decoded.evaluate(
            "(canvas) => [canvas.getBoundingClientRect().top, canvas.getBoundingClientRect().bottom]"
        )
        assert 40 < place[0] < place[1] < page.viewport_size["height"]  # below the page's own head


@pytest.mark.parametrize("chapter", sorted({stand.chapter for stand in STANDS}))
def test_no_grid_of_a_wide_page_is_cut(visit, chapter):
    """A rule of the page's that makes a grid a container of its own would take its contents' width from it."""
    with visit(f"book/{chapter}.html", width=1400) as (page, _):
        cut = page.locator(".convae .convae-scroll").evaluate_all(
            """(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1)
                .map((one) => one.parentElement.innerText)"""
        )
        assert cut == []


@each_widget
def test_widget_equals_pytorch_at_random_settings(visit, stand):
    """Each of them comes in by a link."""
    draw = checks.Draw()
    with visit(f"book/{stand.chapter}.html") as (page, troubles):
        section = page.locator(".convae").nth(stand.at + stand.others)
        for _ in range(20):
            widget = getattr(draw, module_name(stand.kind))(*[stand.make] if stand.nets else [])
            page.evaluate(
                """(link) => new Promise((done) => {
                    addEventListener("hashchange", () => setTimeout(done), { once: true });
                    location.hash = link;
                })""",
                link(widget, stand.at),
            )
            expect(section.locator(".convae-problem")).to_be_hidden()
            stand.check(section, widget)
        assert troubles == []


def module_name(kind: type[Widget]) -> str:
    return kind.module.removesuffix(".js")


def link(widget: Widget, at: int = 0) -> str:
    """The settings as the widget itself writes them behind "Copy link"."""

    def write(value: Any) -> str:
        if isinstance(value, list):
            return ("/" if isinstance(value[0], list) else ",").join(map(write, value))
        return quote(str(value).lower() if isinstance(value, bool) else str(value))

    name = module_name(type(widget)) + (f"-{at + 1}" if at else "")
    return f"{name}=" + ";".join(f"{key}:{write(getattr(widget, key))}" for key in widget.limits)


def test_code_and_data_of_a_page_are_small(name):
    code, data = widgets.widget_texts(widgets.HTML / name)
    assert len(code) <= 40_000
    assert len(data) <= 300_000


def test_benchmark_measures_every_page_with_a_widget(browser):
    table = widgets.measured(browser, repeats=1, loads=1, rest=0)
    assert {row[0] for row in table.rows} >= {stand.chapter for stand in STANDS}
    for _, script, _, usable, *sizes in table.rows:
        assert float(script.split(" ms")[0]) >= 0
        assert 0 < float(usable.split(" s")[0]) < 60
        assert all(float(size.removesuffix(" kB")) > 1 for size in sizes)  # one number is all that some keep
