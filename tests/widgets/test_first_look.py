"""The first figure of the book, against PyTorch and in a browser."""

import json

import pytest
import torch
from playwright.sync_api import expect
from widget_checks import colours, grid, settled, spot

from convae.experiments.runs import load_run
from convae.models import build
from convae.widgets import FirstLook
from convae.widgets.stills import signed

NEAR = 1e-6


@pytest.fixture(scope="module")
def net():
    return load_run("robledo-two-layer").model()


def shown(page, widget):
    settled(page.locator(".convae"))
    numbers = page.locator(".convae").evaluate(
        "(root) => JSON.stringify(Object.fromEntries(Object.entries(root.shown).map(([k, v]) => [k, [...v]])))"
    )
    found = {name: torch.tensor(values, dtype=torch.float64) for name, values in json.loads(numbers).items()}
    assert (found["input"] - widget.image().flatten()).abs().max() < NEAR
    assert (found["code"] - widget.code().flatten()).abs().max() < NEAR * widget.code().abs().max()
    assert (found["output"] - widget.reconstruction().flatten()).abs().max() < NEAR
    difference = widget.difference()[0]
    assert (found["difference"] - difference.flatten()).abs().max() < NEAR
    painted = 255 * signed((difference / 0.5).clamp(-1, 1))  # red where ink is added, blue where it is lost
    torch.testing.assert_close(colours(page.locator(".convae"), "Difference"), painted, rtol=0, atol=0.51)
    return found


@pytest.mark.parametrize(("digit", "noise"), [("2", 0), ("7", 0.4), ("drawing", 0)])
def test_page_computes_what_pytorch_does(open_page, net, digit, noise):
    drawing = torch.zeros(28, 28)
    drawing[5:20, 13:15] = 1
    widget = FirstLook(net, digit=digit, noise=noise, drawing=drawing)
    page = open_page(widget, reduced_motion="reduce")
    expect(page.get_by_role("status")).to_contain_text("comes back with a mean squared error")
    shown(page, widget)


def test_digit_is_drawn_to_its_end_and_noise_follows_the_slider(open_page, net):
    widget = FirstLook(net)
    page = open_page(widget)
    expect(page.get_by_role("status")).to_contain_text("The digit 2 comes back")
    shown(page, widget)
    said = page.get_by_role("button", name="Another digit").evaluate("""(button) => new Promise((done) => {
        button.click();
        const said = () => done(document.querySelector("[role=status]").textContent);
        requestAnimationFrame(() => requestAnimationFrame(said));
    })""")
    assert said == ""  # nothing of the last one while the next is drawn
    expect(page.get_by_role("status")).to_contain_text("The digit 3 comes back")
    page.get_by_role("slider", name="Noise").fill("0.5")
    widget.set_trait("digit", "3")
    widget.set_trait("noise", 0.5)
    expect(page.get_by_role("status")).to_contain_text("put in with an error of")
    shown(page, widget)


def test_reader_draws_by_mouse_and_by_keyboard(open_page, net):
    page = open_page(FirstLook(net, noise=0.5), reduced_motion="reduce")
    page.get_by_role("button", name="Draw your own").click()
    expect(page.get_by_role("status")).to_contain_text("Draw a digit")  # no error of an empty sheet
    expect(page.get_by_text("Draw a digit here")).to_be_visible()
    expect(page.get_by_role("slider", name="Noise")).to_have_value("0")
    sheet = page.get_by_role("grid", name="Picture: draw here")
    box = sheet.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 150, steps=5)
    page.mouse.up()
    ink = "document.querySelector('.convae').shown.input.filter((v) => v > 0.9).length"
    page.wait_for_function(f"() => {ink} > 5")
    expect(page.get_by_role("status")).to_contain_text("Your drawing comes back")
    before = page.evaluate(f"() => {ink}")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {ink} > {before}")
    expect(page.get_by_role("status")).to_contain_text("Your drawing comes back")
    expect(page.get_by_text("Draw a digit here")).to_have_count(0)


def test_the_status_names_the_pixel_that_is_furthest_off_and_the_one_looked_at(open_page, net):
    widget = FirstLook(net)
    page = open_page(widget, reduced_motion="reduce")
    difference = widget.difference()[0]
    row, column = divmod(int(difference.abs().argmax()), 28)

    def off(row, column):
        value = difference[row, column].item()
        return f"{abs(value):.2f}".rstrip("0") + (" too bright" if value < 0 else " too dark")

    expect(page.get_by_role("status")).to_contain_text(
        f"Furthest off is row {row + 1}, column {column + 1}: {off(row, column)}."
    )
    found = grid(page, "Difference")
    found.click(position=spot(found, 13, 14))
    expect(page.get_by_role("status")).to_contain_text(f"{off(13, 14)}.")
    for name in ("Picture", "What comes back", "Difference"):
        expect(grid(page, name).locator(".convae-window")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1400, 1000), (375, 720)])
def test_control_and_effect_are_on_one_screen(open_page, net, width, height):
    page = open_page(FirstLook(net), reduced_motion="reduce", viewport={"width": width, "height": height})
    assert page.locator(".convae").bounding_box()["height"] <= (500 if width > 500 else 460)
    picture, difference = (grid(page, name).bounding_box() for name in ("Picture", "Difference"))
    assert abs(picture["width"] - difference["width"]) <= 1
    assert difference["x"] > picture["x"] + picture["width"]


def test_other_nets_are_refused():
    with pytest.raises(ValueError, match="give one with maps"):
        FirstLook(build("dense-64"))
    with pytest.raises(Exception, match="there is no picture"):
        FirstLook(build("robledo-two-layer"), digit="eleven")
