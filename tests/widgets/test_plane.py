"""The plane of codes, against PyTorch and in a browser."""

import copy
from dataclasses import replace

import pytest
import torch
import traitlets
from playwright.sync_api import expect
from torch import nn
from widget_checks import evaluated, settled

from convae.baselines import linear
from convae.data import load
from convae.experiments.runs import load_run
from convae.latent import encode_all, project
from convae.models import Autoencoder, build, global_autoencoder
from convae.widgets import Plane
from convae.widgets.plane import shadow

NEAR = 1e-6


@pytest.fixture(scope="module")
def digits():
    return load("mnist-sample").test[:300]


@pytest.fixture(scope="module")
def ways():
    torch.manual_seed(0)
    net = global_autoencoder(2, (4, 8))
    net.encoder[-1].weight.data *= 300  # an untrained code hardly moves
    return {"a net": net, "PCA": linear.pca(load("mnist-sample").train, 2)}


def agrees(page, widget):
    section = page.locator(".convae")
    settled(section)
    code, levels = evaluated(section.evaluate, "(root) => [[...root.shown.code], [...root.shown.levels]]")
    assert (torch.tensor(code).double() - widget.code()).abs().max() < 1e-5
    assert (torch.tensor(levels, dtype=torch.float64) - widget.decoded().flatten()).abs().max() < NEAR


@pytest.mark.parametrize(("way", "across", "up"), [("a net", 50, 50), ("PCA", 3.5, 90), ("a net", 100, 0)])
def test_page_decodes_what_pytorch_does(open_page, ways, digits, way, across, up):
    widget = Plane(ways, digits, way=way, across=across, up=up)
    page = open_page(widget)
    expect(page.get_by_role("status")).to_contain_text(f"decoded by {way}")
    agrees(page, widget)


def test_pointer_keyboard_switch_and_link(open_page, ways, digits):
    widget, page = Plane(ways, digits), open_page(Plane(ways, digits))
    board = page.locator(".convae-plane-board")
    box = board.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    page.mouse.up()
    settled(board)
    assert board.evaluate("(own) => own === document.activeElement")
    widget.set_trait("across", 25)
    widget.set_trait("up", 60)
    boxes = [page.get_by_role("spinbutton", name=f"{which} number of the code, a net") for which in ("First", "Second")]
    seen = torch.tensor([float(box.input_value()) for box in boxes])
    spread = torch.tensor(widget.plans["a net"]["high"]) - torch.tensor(widget.plans["a net"]["low"])
    assert ((seen - widget.code()).abs() < 0.006 * spread).all()  # a pointer stands on a whole pixel
    board.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    settled(board)
    moved = torch.tensor([float(box.input_value()) for box in boxes]) - seen
    assert ((moved - torch.tensor([0.02, -0.1]) * spread).abs() < 0.011).all()
    low, high = widget.plans["a net"]["low"][0], widget.plans["a net"]["high"][0]
    boxes[0].fill(f"{high + 5:.0f}")
    expect(boxes[0]).to_have_attribute("aria-invalid", "true")
    boxes[0].fill(str(low))
    settled(board)
    assert page.locator(".convae").evaluate("(root) => root.shown.code[0]") == pytest.approx(low)
    places = {name: encode_all(copy.deepcopy(net).float(), digits).double() for name, net in widget.nets.items()}
    own, other = ({end: torch.tensor(plan[end]).double() for end in ("low", "high")} for plan in widget.plans.values())
    here = torch.tensor([float(box.input_value()) for box in boxes]).double()
    near = ((places["a net"] - here) / (own["high"] - own["low"])).square().sum(1).argmin()
    page.get_by_role("radio", name="PCA").check()
    settled(board)
    code = torch.tensor(page.locator(".convae").evaluate("(root) => [...root.shown.code]"))
    assert ((code - places["PCA"][near]).abs() < 0.002 * (other["high"] - other["low"])).all()  # the same digit
    page.get_by_role("radio", name="a net").check()  # unmoved, the point goes back to where it was
    settled(board)
    assert torch.tensor([float(box.input_value()) for box in boxes]).equal(here.float())
    page.get_by_role("radio", name="PCA").check()
    settled(board)
    pca = widget.plans["PCA"]
    for number, share in enumerate((0.8, 0.1)):
        value = pca["low"][number] + share * (pca["high"][number] - pca["low"][number])
        which = ("First", "Second")[number]
        page.get_by_role("spinbutton", name=f"{which} number of the code, PCA").fill(repr(value))
    widget.set_trait("way", "PCA")
    widget.set_trait("across", 80)
    widget.set_trait("up", 10)
    expect(page.get_by_role("status")).to_contain_text("decoded by PCA")
    agrees(page, widget)
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    again = open_page(Plane(ways, digits), link=link)
    expect(again.get_by_role("status")).to_contain_text("decoded by PCA")
    agrees(again, widget)
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("status")).to_contain_text("decoded by a net")
    agrees(page, Plane(ways, digits))


def test_digits_lie_where_their_codes_are(open_page, ways, digits):
    widget = Plane(ways, digits)
    page = open_page(widget)
    seen = page.locator(".convae-plane text").evaluate_all(
        "(all) => all.map((one) => [one.textContent, +one.getAttribute('x'), 100 - one.getAttribute('y')])"
    )
    assert [int(text) for text, *_ in seen] == digits.labels.tolist()
    codes = encode_all(ways["a net"], digits)
    spread = codes.amax(0) - codes.amin(0)
    places = 100 * (0.05 + (codes - codes.amin(0)) / spread) / 1.1  # a twentieth of the spread is left on each side
    off = (torch.tensor([place for _, *place in seen]) - places).abs()
    assert (off < 0.2 + 2 / spread).all()  # weights are rounded to float16, ends to hundredths


def test_nearest_digits_are_counted(open_page, ways, digits):
    widget = Plane(ways, digits, across=30, up=70)
    codes = encode_all(widget.nets["a net"].float(), digits).double()
    low, high = (torch.tensor(widget.plans["a net"][end]) for end in ("low", "high"))
    far = ((codes - widget.code()) / (high - low)).square().sum(1)
    counts = digits.labels[far.argsort()[:10]].bincount(minlength=10)
    page = open_page(widget)
    expect(page.get_by_role("status")).to_contain_text(f"nearest to it, {counts.max()} ")
    near = far.min().sqrt() < 0.05  # of the plane's side
    expect(page.get_by_role("status")).to_contain_text("." if near else "but none lies near.")
    again = open_page(Plane(ways, digits, across=1, up=99))
    expect(again.get_by_role("status")).to_contain_text("but none lies near.")


@pytest.fixture(scope="module")
def pointed(digits):
    net, few = load_run("robledo-two-layer").model(), digits[:60]
    return net, few, lambda **settings: Plane({"local": shadow(net, few)}, few, {"local": net}, **settings)


def test_a_shadow_has_the_principal_components_of_the_codes(pointed):
    net, few, _ = pointed
    flat, seen = encode_all(net, few).flatten(1), shadow(net, few)
    places = encode_all(seen, few)
    exact = project(encode_all(net, few))
    for axis in range(2):
        assert min((places[:, axis] - sign * exact[:, axis]).abs().max() for sign in (1, -1)) < 1e-3
    with torch.no_grad():
        middle = seen.decode(torch.zeros(1, 2))
        assert torch.allclose(middle, net.decode(flat.mean(0).view(1, 16, 3, 3)), atol=1e-5)


def test_whoever_points_at_a_digit_sees_what_becomes_of_it(open_page, pointed):
    net, few, make = pointed
    widget, page = make(), open_page(make())
    section, board = page.locator(".convae"), page.locator(".convae-plane-board")
    agrees(page, widget)
    places = encode_all(widget.nets["local"].float(), few).double()
    low, high = (torch.tensor(widget.plans["local"][end]) for end in ("low", "high"))
    shares = (places - low) / (high - low)
    lonely = torch.cdist(shares, shares).fill_diagonal_(9).amin(1).argmax().item()  # no other is hit in its place
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    right, up = shares[lonely].tolist()
    page.mouse.move(box["x"] + right * box["width"], box["y"] + (1 - up) * box["height"])
    settled(section)
    seen = evaluated(section.evaluate, "(root) => ({ ...root.shown.digit, back: [...root.shown.digit.back] })")
    assert seen["k"] == lonely
    for kind, rows in {"byPixels": few.all().images, "byCode": encode_all(net, few)}.items():
        far = (rows.flatten(1) - rows.flatten(1)[lonely]).norm(dim=1)
        far[lonely] = torch.inf
        assert seen[kind] == far.argmin()
    assert (few.images[:, 0].float() / 255 - widget.pictures / 15).abs().max() <= 1 / 30 + 1e-6
    with torch.no_grad():
        back = widget.whole["local"](widget.pictures[lonely][None, None].double() / 15)
    assert (torch.tensor(seen["back"]).double() - back.flatten()).abs().max() < NEAR
    expect(page.get_by_role("status")).to_contain_text(f"Here is a {few.labels[lonely]}; ")
    assert page.locator(".convae-plane-nears [role=img]").count() == 4
    page.mouse.move(0, 0)
    expect(page.get_by_role("status")).to_contain_text("The digit nearest to the point is a ")


def test_digits_glide_to_where_a_drawing_has_them(open_page, digits):
    net, few = load_run("robledo-two-layer").model(), digits[:60]
    generator = torch.Generator().manual_seed(0)
    drawing = torch.rand(60, 2, generator=generator) * torch.tensor([8.0, 3.0]) - 20

    def make(**settings):
        return Plane({"local": shadow(net, few)}, few, {"local": net}, {"local": drawing}, **settings)

    def lie(page):
        return torch.tensor(
            page.locator(".convae-plane text").evaluate_all(
                "(all) => all.map((one) => [+one.getAttribute('x'), 100 - one.getAttribute('y')])"
            )
        )

    spread = drawing.amax(0) - drawing.amin(0)
    drawn = 100 * (0.05 + (drawing - drawing.amin(0)) / spread) / 1.1
    page = open_page(make())
    section = page.locator(".convae")
    before = lie(page)
    assert (before - drawn).abs().max() > 10
    expect(page.get_by_text("60 test digits, each where PCA lays its code")).to_be_visible()
    page.get_by_role("radio", name="by t-SNE").check()
    page.wait_for_timeout(1200)
    assert (lie(page) - drawn).abs().max() < 0.02
    expect(page.locator(".convae-plane-here")).to_be_hidden()
    # A drawing has no place for a code: no picture stands there as if it had.
    decoded, said = page.locator(".convae-photo"), page.get_by_text("Nothing is decoded here")
    expect(decoded).to_be_hidden()
    expect(said).to_be_visible()
    # Whoever points at a digit has that one, with its neighbours in pixels and code at the other ends of the lines.
    lonely = torch.cdist(drawn, drawn).fill_diagonal_(999).amin(1).argmax().item()
    board = page.locator(".convae-plane-board")
    board.scroll_into_view_if_needed()
    box, (right, up) = board.bounding_box(), (drawn[lonely] / 100).tolist()
    page.mouse.move(box["x"] + right * box["width"], box["y"] + (1 - up) * box["height"])
    page.mouse.down()
    page.mouse.up()
    settled(section)
    seen = section.evaluate("(root) => ({ ...root.shown.digit, back: 0 })")
    assert seen["k"] == lonely
    far = torch.cdist(drawn, drawn)[lonely]
    alike = (few.labels[far.argsort()[1:11]] == few.labels[lonely]).sum()
    expect(page.get_by_role("status")).to_contain_text(f"as {alike} of the 10 that t-SNE draws nearest to it")
    ends = page.locator(".convae-plane-tie").evaluate_all(
        "(all) => all.map((one) => ['x1', 'y1', 'x2', 'y2'].map((end) => +one.getAttribute(end)))"
    )
    for (x1, y1, x2, y2), other in zip(ends, (seen["byPixels"], seen["byCode"]), strict=True):
        assert (torch.tensor([[x1, 100 - y1], [x2, 100 - y2]]) - drawn[[lonely, other]]).abs().max() < 0.02
    page.mouse.move(0, 0)
    page.keyboard.press("ArrowRight" if right < 0.5 else "ArrowLeft")
    settled(section)
    other = section.evaluate("(root) => root.shown.digit.k")
    assert other != lonely
    assert (drawn[other][0] > drawn[lonely][0]) == (right < 0.5)
    # Its place in the plane goes into the link, with how the digits lie; back in the plane the point stands there.
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    assert "laid:t-SNE" in link
    page.get_by_role("radio", name="by PCA").check()
    page.wait_for_timeout(1200)
    assert torch.equal(lie(page), before)
    expect(decoded).to_be_visible()
    expect(said).to_be_hidden()
    expect(page.locator(".convae-plane-here")).to_be_visible()
    again = open_page(make(), link=link, reduced_motion="reduce")
    assert (lie(again) - drawn).abs().max() < 0.02
    plain = open_page(Plane({"local": shadow(net, few)}, few), link=link)  # a page that has no drawing
    assert (lie(plain) - before).abs().max() < 0.02
    expect(plain.get_by_role("radio", name="by t-SNE")).to_be_hidden()


@pytest.mark.parametrize(
    ("drawn", "error", "said"),
    [
        (torch.zeros(9, 2), TypeError, "drawings are a Tensor: give a dictionary, {name of a way: its own}"),
        ({"other": torch.zeros(9, 2)}, ValueError, "drawings of other, ways PCA: give both the same names"),
        ({}, ValueError, "drawings of none, ways PCA: give both the same names"),
        ({7: torch.zeros(9, 2)}, ValueError, "drawings of 7, ways PCA: give both the same names"),
        ({"PCA": torch.zeros(9, 2).numpy()}, TypeError, "places in the drawing of PCA are a ndarray: give torch.from"),
        ({"PCA": [[0, 0]] * 9}, TypeError, "places in the drawing of PCA are a list: give torch.tensor"),
        ({"PCA": torch.ones(9, 2) + 0j}, ValueError, "the drawing of PCA of torch.complex64: give their .real"),
        ({"PCA": torch.zeros(8, 2)}, ValueError, r"the drawing of PCA has shape \(8, 2\): give \[9, 2\], two numbers"),
        (
            {"PCA": torch.zeros(9, 2).index_fill(0, torch.tensor([4]), torch.nan)},
            ValueError,
            "the drawing of PCA: 1 of 9 hold NaN or infinity, number 4 first: leave them out",
        ),
    ],
)
def test_drawings_that_do_not_fit_are_refused(ways, digits, drawn, error, said):
    with pytest.raises(error, match=said):
        Plane({"PCA": ways["PCA"]}, digits[:9], drawn=drawn)


def test_ways_and_whole_codes_are_dictionaries(ways, digits):
    with pytest.raises(TypeError, match="ways are a Autoencoder: give a dictionary"):
        Plane(ways["PCA"], digits[:9])
    with pytest.raises(TypeError, match="whole codes are a list: give a dictionary"):
        Plane(ways, digits[:9], list(ways.values()))


def test_digits_lie_as_a_drawing_only_where_there_is_one(ways, digits):
    said = "laid is 't-SNE', and there are no drawings: give drawn, or leave laid 'code'"
    with pytest.raises(traitlets.TraitError, match=said):
        Plane(ways, digits[:9], laid="t-SNE")
    widget = Plane(ways, digits[:9])
    with pytest.raises(traitlets.TraitError, match=said):
        widget.laid = "t-SNE"
    assert widget.laid == "code"


def test_names_may_come_in_any_order(ways, digits, pointed):
    net, few, _ = pointed
    drawings = {name: torch.rand(9, 2, requires_grad=True) for name in ways}
    two = Plane(ways, digits[:9], drawn=drawings, laid="t-SNE")
    turned = Plane(ways, digits[:9], drawn=dict(reversed(drawings.items())), laid="t-SNE")
    assert two.drawn == turned.drawn
    assert turned.laid == "t-SNE"
    shadows = {"local": shadow(net, few), "again": shadow(net, few)}
    whole = Plane(shadows, few, {"again": net, "local": net})
    assert whole.way == "local"
    assert list(whole.plans) == list(shadows)
    assert whole.near["local"] == whole.near["again"]


@pytest.mark.parametrize("width", [320, 700, 1200])
def test_no_page_is_too_narrow(open_page, ways, digits, width):
    page = open_page(Plane(ways, digits), viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda ways, digits: Plane({}, digits), "0 ways to code: give 1 to 4"),
        (lambda ways, digits: Plane(ways, digits[:0]), "0 pictures: give 1 to 1,000"),
        (lambda ways, digits: Plane({"wide": build("dense-7")}, digits), "wide has codes of 7 numbers"),
        (
            lambda ways, digits: Plane(ways, replace(digits, images=digits.images[..., :14])),
            r"takes pictures of shape \(1, 28, 28\), these have \(1, 28, 14\)",
        ),
        (
            lambda ways, digits: Plane(
                {
                    "odd": Autoencoder(
                        nn.Sequential(nn.Flatten(), nn.Linear(784, 2)),
                        nn.Sequential(nn.Linear(2, 784), nn.SiLU(), nn.Unflatten(1, (1, 28, 28))),
                        (1, 28, 28),
                    )
                },
                digits,
            ),
            "layer 1 is SiLU",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(ways, digits, make, said):
    with pytest.raises(ValueError, match=said):
        make(ways, digits)


def test_unknown_ways_are_refused(ways, digits):
    with pytest.raises(Exception, match="there is no way 'PCB': give one of a net, PCA"):
        Plane(ways, digits, way="PCB")


def test_codes_of_two_numbers_are_their_own_places(open_page, ways, digits):
    """No PCA is named where none has been done."""
    drawing = torch.rand(9, 2, generator=torch.Generator().manual_seed(0))
    page = open_page(Plane({"a net": ways["a net"]}, digits[:9], drawn={"a net": drawing}))
    expect(page.get_by_text("9 test digits, each where its code lies")).to_be_visible()
    expect(page.get_by_role("radio", name="by their codes")).to_be_checked()
    page.get_by_role("radio", name="by t-SNE").check()
    expect(page.get_by_role("status")).to_contain_text("as t-SNE draws their codes, a net. The chosen one is ")
    expect(page.get_by_role("status")).not_to_contain_text("decoded")
