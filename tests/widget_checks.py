"""What the widgets show, on any page, against PyTorch; and random settings for them."""

from __future__ import annotations

import base64
import copy
import json
import math
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional

from book.tools.smaller import STATE
from convae.arithmetic.tracing import receptive_field, trace
from convae.experiments.runs import load_run
from convae.models import BlurPool
from convae.widgets import Activations, Convolution, Kernels, LatentExplorer, Pooling, Stack, TransposedConvolution
from convae.widgets.layers import KINDS, alike
from convae.widgets.layers import row as row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from torch import Tensor

# How a page is visited, by the way in which its widgets are driven there.
WAYS: dict[str, dict[str, Any]] = {
    "mouse": {},
    "keyboard": {"theme": "dark"},
    "touch": {"width": 320, "has_touch": True, "is_mobile": True},
    "mouse, no motion": {"reduced_motion": "reduce"},
}


class Draw:
    """Random settings of a widget; those that PyTorch refuses are drawn again."""

    def __init__(self) -> None:
        self.random = random.Random(0)

    def pair(self, low: int, high: int) -> list[int]:
        return [self.random.randint(low, high), self.random.randint(low, high)]

    def matrix(self, rows: int, columns: int, low: int, high: int) -> list[list[int]]:
        return [[self.random.randint(low, high) for _ in range(columns)] for _ in range(rows)]

    def decimals(self, longest: int) -> list[list[float]]:
        """A matrix of whole numbers and of such with two decimals."""
        rows, columns = self.pair(1, longest)
        return [
            [round(self.random.uniform(-9, 9), self.random.choice([0, 2])) for _ in range(columns)] for _ in range(rows)
        ]

    def convolution(self) -> Convolution:
        while True:
            widget = Convolution(
                input=self.decimals(8),
                kernel=self.decimals(4),
                bias=round(self.random.uniform(-9, 9), 1),
                stride=self.pair(1, 3),
                padding=self.pair(0, 3),
                dilation=self.pair(1, 3),
            )
            try:
                widget.output()
            except RuntimeError:  # the kernel does not fit
                continue
            return widget

    def transposed_convolution(self) -> TransposedConvolution:
        while True:
            stride, dilation = self.pair(1, 3), self.pair(1, 3)
            widget = TransposedConvolution(
                input=self.decimals(4),
                kernel=self.decimals(4),
                bias=round(self.random.uniform(-9, 9), 1),
                stride=stride,
                dilation=dilation,
                padding=self.pair(0, 3),
                output_padding=[self.random.randrange(max(pair)) for pair in zip(stride, dilation, strict=True)],
            )
            try:
                widget.output()
            except RuntimeError:  # nothing is left
                continue
            widget.view = self.random.choice(["scatter", "gather"])
            widget.position = self.random.randrange(len(widget.input) * len(widget.input[0]))
            return widget

    def activations(self) -> Activations:
        return Activations(x=round(self.random.uniform(-4, 4), 2), beta=round(self.random.uniform(1, 50), 1))

    def pooling(self) -> Pooling:
        while True:
            widget = Pooling(
                input=self.matrix(*self.pair(2, 11), -9, 9),
                kernel=self.pair(1, 4),
                stride=self.pair(1, 4),
                padding=self.pair(0, 2),
                shift=self.pair(-2, 2),
                ceil_mode=self.random.random() < 0.5,
            )
            try:
                widget.outputs()
            except RuntimeError:
                continue
            return widget

    def kernels(self) -> Kernels:
        drawing = [[self.random.choice([0, 0, 0.25, 1]) for _ in range(self.random.randint(5, 28))]] * 9
        names = [name for name in Kernels.picture.limit if name != "own"]  # no reader has chosen one
        widget = Kernels(
            picture=self.random.choice([*names, "drawing"]),
            drawing=[[pixel * self.random.random() for pixel in row] for row in drawing],
            kernel=self.matrix(*self.pair(1, 5), -9, 9),
            divisor=self.random.randint(1, 20),
            bias=round(self.random.uniform(-2, 2), 1),
            stride=self.pair(1, 4),
            padding=self.pair(0, 4),
            relu=self.random.random() < 0.5,
        )
        rows, columns = widget.output().shape
        widget.place = self.random.randrange(rows), self.random.randrange(columns)
        return widget

    def stack(self, possible: bool = True) -> Stack:
        """Up to nine layers; impossible ones at once if they are asked for."""
        kinds = ["Conv2d", "ConvTranspose2d"] * 4 + ["MaxPool2d", "AvgPool2d", "ReLU"] * 2 + list(KINDS)
        while True:
            widget = Stack(
                model="own",
                layers=[self.row(self.random.choice(kinds)) for _ in range(self.random.randint(1, 9))],
                code=self.random.randint(0, 4),
                channels=self.random.randint(1, 3),
                size=self.pair(6, 13),
            )
            try:
                net = widget.net()
            except (ValueError, RuntimeError):
                if not possible:
                    return widget
                continue
            largest = max(math.prod(step.output_shape) for step in trace(net, widget.image_shape()))
            if possible and largest < 3000:
                return widget

    def latent_explorer(self, make: Callable[..., LatentExplorer]) -> LatentExplorer:
        widget = make()
        names = [*widget.pictures, "drawing"]
        widget.first, widget.second = self.random.choice(names), self.random.choice(names)
        widget.blend, widget.noise = self.random.random(), self.random.choice([0, self.random.random()])
        widget.seed = self.random.randint(0, 9999)
        widget.drawing = [[self.random.choice([0, 0, 0.5, 1]) for _ in range(28)] for _ in range(28)]
        changed, reach = [[0.0] * len(row) for row in widget.offsets], widget.plans[0]["reach"]
        for row in self.random.choices(changed, k=self.random.choice([0, 1, 5])):
            row[self.random.randrange(len(row))] = round(self.random.uniform(-reach, reach), 2)
        widget.offsets = changed
        return widget

    def row(self, kind: str) -> list[float]:
        small = {"out_channels": 8, "channels": 8, "kernel_size": 4, "padding": 2, "out_features": 30}
        settings = {
            name: self.random.randint(setting.low, min(setting.high, small.get(name, 3))) if setting.whole else 0.25
            for name, setting in KINDS[kind].settings.items()
        }
        return row_of(kind, **settings)


def explorer_on(page: Path, names: Mapping[str, str], **settings: object) -> LatentExplorer:
    """The explorer of these runs' nets, by what the page calls them, with the pictures that this page holds."""
    models = json.loads(STATE.search(page.read_text(encoding="utf-8"))[2])["state"].values()
    model = next(model for model in models if "plans" in model["state"] and "blend" in model["state"])
    assert [plan["name"] for plan in model["state"]["plans"]] == list(names)
    held = {tuple(buffer["path"]): base64.b64decode(buffer["data"]) for buffer in model["buffers"]}
    pictures = {
        path[1]: torch.frombuffer(bytearray(levels), dtype=torch.uint8).view(28, 28)
        for path, levels in held.items()
        if path[0] == "pictures"
    }
    order = [model["state"]["first"], model["state"]["second"]]
    pictures = {key: pictures[key] for key in [*order, *(pictures.keys() - set(order))]}
    return LatentExplorer({name: load_run(run).model() for name, run in names.items()}, pictures, half=True, **settings)


def evaluated(evaluate: Callable[..., Any], script: str, *argument: Any) -> Any:
    """What `page.evaluate`, or a locator's, gives for a script that returns many numbers: they come as one text.

    Playwright itself wraps each number, checks it and unwraps it, which takes seconds for a picture or two.
    """
    return json.loads(evaluate(f"async (...all) => JSON.stringify(await ({script})(...all))", *argument))


def settled(where: Locator) -> None:
    """Waits until what was changed last has been drawn: a page draws once a frame."""
    where.first.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def grid(where: Page | Locator, name: str) -> Locator:
    return where.locator(f'[role=grid][aria-label^="{name}"]')


def numbers(found: Locator, kept: str = "*") -> torch.Tensor:
    """What a grid shows in the cells that match a selector; empty ones (padding) as nan."""
    settled(found)
    rows = evaluated(
        found.evaluate,
        """(grid, kept) => [...grid.children].map((row) => [...row.children].filter((cell) => cell.matches(kept))
            .map((cell) => cell.firstChild.textContent)).filter((row) => row.length)""",
        kept,
    )
    return torch.tensor([[number(text or "nan") for text in row] for row in rows], dtype=torch.float64)


def agree(shown: torch.Tensor, expected: torch.Tensor) -> None:
    """To two decimals."""
    torch.testing.assert_close(shown, expected.double(), rtol=0, atol=0.005 + 1e-9)


def assert_shows(found: Locator, expected: torch.Tensor) -> None:
    """The grid shows these numbers."""
    agree(numbers(found), expected)


def cell(found: Locator, row: int, column: int) -> Locator:
    return found.get_by_role("row").nth(row).get_by_role("gridcell").nth(column)


def status(where: Page | Locator) -> Locator:
    return where.get_by_role("status")


def assert_convolution(section: Locator, widget: Convolution) -> None:
    assert_shows(grid(section, "Output"), widget.output())


def assert_transposed_convolution(section: Locator, widget: TransposedConvolution) -> None:
    """In the scatter view only the inputs up to `position` have stamped; where none has, the cell is empty."""
    if widget.view == "scatter":
        stamped = torch.tensor(widget.input, dtype=torch.float64)
        stamped.view(-1)[widget.position + 1 :] = 0
        state = {key: getattr(widget, key) for key in widget.limits}
        widget = TransposedConvolution(**state | {"input": stamped})
    shown = numbers(grid(section, "Output"), ":not(.convae-padding)")  # what the padding cuts off is hatched
    agree(shown.where(~shown.isnan(), widget.bias), widget.output())


def assert_pooling(section: Locator, widget: Pooling) -> None:
    outputs, changes = widget.outputs(), widget.changes()
    for name, (title, row) in {
        "max": ("Maximum", 1),
        "average": ("Average", 2),
        "stride": ("Stride", 3),
        "blur": ("Blur", 4),
    }.items():
        after = outputs[name][1]
        assert_shows(grid(section, title), after)
        count, stays, along = changes[name]
        cells = section.locator(".convae-changes tbody tr").nth(row).locator("td").all_text_contents()
        assert cells[0] == f"{count} of {after.numel()}"
        for text, share in zip(cells[1:], [stays, along], strict=True):
            if torch.isfinite(torch.tensor(share)):
                assert float(text.removesuffix(" %")) == pytest.approx(100 * share, abs=0.5 + 1e-9)
            else:
                assert text == ("—" if share != share else "∞")
        notes = grid(section, title).locator("small").all_text_contents()
        assert sum(note != "" for note in notes) == count


def colours(section: Locator, name: str) -> torch.Tensor:
    """What is painted, 0 to 255, [H, W, 3]; the transparent padding as nan."""
    settled(section)
    rows = evaluated(
        grid(section, name).locator("canvas").evaluate,
        """(canvas) => {
            const { width, height } = canvas, options = { willReadFrequently: true };
            const copy = new OffscreenCanvas(width, height).getContext("2d", options);
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            return Array.from({ length: height }, (_, r) => Array.from({ length: width }, (_, c) => {
                const [red, green, blue, alpha] = data.slice(4 * (r * width + c), 4 * (r * width + c) + 4);
                return alpha ? [red, green, blue] : [-1, -1, -1];
            }));
        }""",
    )
    painted = torch.tensor(rows, dtype=torch.float64)
    return painted.where(painted >= 0, torch.nan)


def pixels(section: Locator, name: str) -> torch.Tensor:
    """What is painted in greys, 0 to 255, [H, W]; the transparent padding as nan."""
    red, green, blue = colours(section, name).unbind(-1)
    assert torch.equal(red.nan_to_num(-1), green.nan_to_num(-1))
    assert torch.equal(red.nan_to_num(-1), blue.nan_to_num(-1))
    return red


def spot(found: Locator, row: int, column: int) -> dict[str, float]:
    """The middle of a pixel, as a position for click, tap and hover."""
    shape = found.locator("canvas").evaluate("(canvas) => [canvas.height, canvas.width]")
    box = found.bounding_box()
    return {"x": (column + 0.5) / shape[1] * box["width"], "y": (row + 0.5) / shape[0] * box["height"]}


def assert_kernels(section: Locator, widget: Kernels) -> None:
    image, output = widget.image(), widget.output()
    rows, columns = widget.padding
    padded = functional.pad(image, (columns, columns, rows, rows), value=torch.nan)
    torch.testing.assert_close(pixels(section, "Picture"), 255 * padded, rtol=0, atol=0.51, equal_nan=True)
    low, high = min(0, output.min().item()), max(0, output.max().item())
    legend = [number(text.split()[0]) for text in section.locator(".convae-legend span").all_text_contents() if text]
    if low < 0:  # red below 0, white at 0, blue above
        most = max(-low, high)
        ends = torch.where(output[..., None] < 0, torch.tensor([180, 24, 40]), torch.tensor([20, 84, 180]))
        painted = 255 + output.abs()[..., None] / most * (ends - 255)
        torch.testing.assert_close(colours(section, "Map"), painted, rtol=0, atol=0.51)
        assert legend == [pytest.approx(-most, abs=0.00501), 0, pytest.approx(most, abs=0.00501)]
    else:
        high = 1 if high == 0 or 0.5 < high < 1 else high
        torch.testing.assert_close(pixels(section, "Map"), 255 * output / high, rtol=0, atol=0.51)
        assert legend == [0, pytest.approx(high, abs=0.00501)]
    place = [min(at, length - 1) for at, length in zip(widget.place, output.shape, strict=True)]
    found = re.match(r"y\[(\d+), (\d+)\] = ([−.\d]+),", status(section).inner_text())
    assert found
    assert [int(found[1]), int(found[2])] == place
    assert number(found[3]) == pytest.approx(output[*place].item(), abs=0.00501)

    kernel = torch.tensor(widget.kernel, dtype=torch.float64)
    row, column = (at * step for at, step in zip(place, widget.stride, strict=True))
    window = padded[row : row + len(kernel), column : column + len(kernel[0])].nan_to_num(0)
    assert_shows(grid(section, "Window"), window)
    assert_shows(grid(section, "Products"), window * kernel)
    bold = number(section.locator("dd").first.locator("b").last.inner_text().removeprefix("= "))
    assert bold == pytest.approx(output[*place].item(), abs=0.00501)
    layer = eval("nn.Sequential(" + section.locator("code").inner_text() + ")", {"nn": torch.nn})
    assert layer(image[None].float()).shape[1:] == output.shape
    assert [len(list(part.parameters())) for part in layer] == [1 + (widget.bias != 0)] + [0] * widget.relu


def layer_rows(section: Locator) -> list[list[str]]:
    """What the table says, layer by layer, without the small print."""
    settled(section)
    return evaluated(
        section.locator("[role=row]:has([role=gridcell])").evaluate_all,
        """(rows) => rows.map((row) => [...row.children].map((cell) => [...cell.childNodes]
            .filter((part) => part.nodeName !== "SMALL").map((part) => part.textContent).join("|")))""",
    )


def seen(net: torch.nn.Sequential, shape: tuple[int, ...]) -> list[int]:
    """Rows and columns of the picture on which one number depends, where it depends on most; by autograd."""
    straight, nn = [], torch.nn
    for layer in copy.deepcopy(net).double():
        for weight in [*layer.parameters(), *layer.buffers()]:
            if weight.is_floating_point():
                weight.data.fill_(1)
        if isinstance(layer, nn.MaxPool2d):
            straight.append(nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding))
        elif not isinstance(
            layer, torch.nn.ReLU | torch.nn.LeakyReLU | torch.nn.ELU | torch.nn.Sigmoid | torch.nn.Tanh
        ):
            straight.append(layer)
    made = nn.Sequential(*straight).eval()
    picture = torch.ones(1, *shape, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda x: made(x).flatten(), picture, vectorize=True)
    touched = (jacobian[:, 0] != 0).any(1)  # [outputs, rows, columns]
    widest = []
    for axis in (2, 1):
        found = touched.any(axis)
        places = torch.arange(found.shape[1])
        ends = places.where(found, -1).amax(1) - places.where(found, found.shape[1]).amin(1) + 1
        widest.append(max(0, int(ends.max())))
    return widest


def assert_stack(section: Locator, widget: Stack) -> None:
    shape, net = widget.image_shape(), widget.net()
    steps = trace(net, shape)
    shown = layer_rows(section)
    assert len(shown) == len(steps)
    chain = True
    for at, (row, step) in enumerate(zip(shown, steps, strict=True), start=1):
        assert row[0].split("|")[0] == f"{at} {step.kind}"
        assert row[1] == "×".join(map(str, step.output_shape))
        assert row[2] == f"{step.parameters:,}"
        assert row[3] == f"{step.multiply_adds:,}"
        if widget.model == "own":
            layers = list(net)[:at]
            chain = chain and step.kind not in ("ConvTranspose2d", "Upsample", "PixelShuffle", "Linear", "Unflatten")
            if chain:
                pixels = [layer for layer in layers if not isinstance(layer, torch.nn.Flatten)]
                fields = [receptive_field(pixels, axis).size for axis in (0, 1)]
                assert row[4] == "×".join(map(str, fields)), (at, layers)
            elif row[4] == "—":  # an Unflatten that mixes rows and columns
                assert any(step.kind == "Unflatten" for step in steps[:at])
            else:
                assert row[4] == "×".join(map(str, seen(torch.nn.Sequential(*layers), shape))), (at, layers)
    total, products = (sum(getattr(step, key) for step in steps) for key in ("parameters", "multiply_adds"))
    expect(section.locator("dd").first).to_have_text(
        f"{total:,} parameters, {products:,} multiply-adds for one picture"
    )
    back = steps[-1].output_shape == tuple(shape)
    assert section.locator(".convae-outcome").inner_text().startswith("✓" if back else "✕")
    lines = section.locator("pre").text_content()
    if "table" in widget.models.get(widget.model, {}):  # no chain of known layers: as PyTorch traces it
        assert lines.splitlines() == [f"{step.name}: {step.layer}" for step in steps]
    else:
        made = eval(lines, {"nn": torch.nn, "BlurPool": BlurPool})
        assert len(made) == len(steps)
        assert all(map(alike, made, (step.layer for step in steps)))


def read(image: Locator) -> Tensor:
    """The pixels of the file that an image shows, [3, H, W]."""
    expect(image).to_have_js_property("complete", True)
    size, levels = evaluated(
        image.evaluate,
        """async (image) => {
            await image.decode();
            const { naturalWidth: width, naturalHeight: height } = image;
            const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
            pen.drawImage(image, 0, 0);
            return [[height, width], Array.from(pen.getImageData(0, 0, width, height).data)];
        }""",
    )
    return torch.tensor(levels, dtype=torch.uint8).reshape(*size, 4)[..., :3].permute(2, 0, 1)


TANGENT = """(one) => [...one.getAttribute("d").matchAll(/[ML]([-\\d.e]+) ([-\\d.e]+)/g)]
    .map(([, x, y]) => [Number(x), -Number(y)])"""


def activation(where: Page | Locator, name: str) -> Locator:
    return where.locator(".convae-panel").filter(has_text=re.compile(f"^{name} "))


def assert_activations(section: Locator, widget: Activations) -> None:
    """Values, slopes and tangents are those of PyTorch at this x."""
    settled(section)
    shown = section.evaluate("(root) => root.shown")
    x = torch.tensor(float(widget.x), dtype=torch.float64)
    slopes = widget.slopes()
    for number, (name, function) in enumerate(widget.functions().items()):
        value, slope = function(x).item(), slopes[name]
        assert shown["values"][number] == pytest.approx(value, abs=1e-9), name
        own = activation(section, name)
        ends = own.locator(".convae-tangent").evaluate(TANGENT)
        if slope is None:
            assert shown["slopes"][number] is None, name
            assert ends == [], name
            expect(own.locator("b")).to_have_text("none")
            continue
        assert shown["slopes"][number] == pytest.approx(slope, abs=1e-9), name
        (left, low), (right, high) = ends
        assert (high - low) / (right - left) == pytest.approx(slope, abs=1e-6), name
        assert ((left + right) / 2, (low + high) / 2) == pytest.approx((widget.x, value), abs=1e-6), name
        assert float(own.locator("b").inner_text().replace("−", "-")) == pytest.approx(slope, abs=0.00501), name
