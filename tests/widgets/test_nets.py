"""Nets out of PyTorch, run by Node with the engine of the widgets, against PyTorch itself."""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from benchmarks.nets import NODE
from convae import widgets
from convae.models.unet import UNet
from convae.widgets.nets import described, halved, packed

if TYPE_CHECKING:
    from pathlib import Path

NETS = 150
SCRIPT = """
import { readFileSync } from "node:fs";
import { chain } from "FOLDER/nets.js";
import { readSafetensors } from "FOLDER/safetensors.js";
const answers = JSON.parse(readFileSync("nets.json")).map(({ layers, shape, input }, k) => {
  const bytes = readFileSync(`${k}.safetensors`);
  const tensors = readSafetensors(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const output = chain(layers, tensors)({ shape, data: Float32Array.from(input) });
  return { shape: output.shape, data: Array.from(output.data) };
});
console.log(JSON.stringify(answers));
"""


class Draw:
    """Random chains of layers; those through which no picture passes are drawn again."""

    def __init__(self) -> None:
        self.random = random.Random(0)

    def pair(self, low: int, high: int) -> tuple[int, int]:
        return self.random.randint(low, high), self.random.randint(low, high)

    def pooling(self) -> dict[str, Any]:
        kernel = self.pair(1, 3)
        padding = tuple(self.random.randint(0, side // 2) for side in kernel)
        return {"kernel_size": kernel, "stride": self.pair(1, 3), "padding": padding, "ceil_mode": self.yes()}

    def yes(self) -> bool:
        return self.random.random() < 0.5

    def convolution(self, channels: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        groups = self.random.choice([1, channels])
        settings = {"stride": self.pair(1, 3), "padding": self.pair(0, 2), "dilation": self.pair(1, 2)}
        outputs = groups * self.random.randint(1, 3)
        return (channels, outputs, self.pair(1, 4)), settings | {"groups": groups, "bias": self.yes()}

    def layer(self, shape: tuple[int, ...]) -> nn.Module:
        anywhere = [
            nn.ReLU(),
            nn.LeakyReLU(0.3),
            nn.ELU(0.7),
            nn.GELU(),
            nn.Hardtanh(0, 1),
            nn.Sigmoid(),
            nn.Tanh(),
            nn.Identity(),
            nn.Dropout(0.9),
        ]
        if self.random.random() < 0.3:
            return self.random.choice(anywhere)
        if len(shape) == 1:
            if shape[0] % 4 == 0 and self.yes():
                return nn.Unflatten(1, (shape[0] // 4, 2, 2))
            return nn.Linear(shape[0], 4 * self.random.randint(1, 5), bias=self.yes())
        kind = self.random.choice(
            ["convolution"] * 2 + ["transposed"] * 3 + ["maximum", "average", "norm", "flatten", "shuffle"]
        )
        if kind == "convolution":
            sizes, settings = self.convolution(shape[0])
            return nn.Conv2d(*sizes, **settings)
        if kind == "transposed":
            sizes, settings = self.convolution(shape[0])
            room = zip(settings["stride"], settings["dilation"], strict=True)
            extra = tuple(self.random.randrange(max(both)) for both in room)
            return nn.ConvTranspose2d(*sizes, output_padding=extra, **settings)
        if kind == "maximum":
            return nn.MaxPool2d(dilation=self.pair(1, 2), **self.pooling())
        if kind == "average":
            return nn.AvgPool2d(count_include_pad=self.yes(), **self.pooling())
        if kind == "shuffle":
            factor = self.random.choice([1, 2, 3])
            return nn.PixelShuffle(factor if shape[0] % factor**2 == 0 else 1)
        if kind == "norm":
            norm = nn.BatchNorm2d(shape[0], eps=self.random.choice([1e-5, 1e-2]), affine=self.yes())
            norm.running_mean.uniform_(-1, 1)
            norm.running_var.uniform_(0.1, 4)
            for weight in norm.parameters():
                nn.init.uniform_(weight, -2, 2)
            return norm
        return nn.Flatten()

    def unet(self) -> tuple[UNet, torch.Tensor]:
        channels = [self.random.randint(1, 7) for _ in range(self.random.randint(2, 4))]
        colours, unit = self.random.choice([1, 3]), 2 ** (len(channels) - 1)
        net = UNet(channels, colours, self.yes(), self.random.choice(["transposed", "sub-pixel"]))
        for weight in net.parameters():
            nn.init.uniform_(weight, -0.3, 0.5)  # sub-pixel layers begin with equal channels, which hides their order
        rows, columns = self.pair(1, 3)
        return net.eval(), torch.randn(1, colours, rows * unit, columns * unit)

    def net(self) -> tuple[nn.Sequential, torch.Tensor]:
        torch.manual_seed(self.random.randrange(10**6))
        while True:
            picture = torch.randn(1, self.random.randint(1, 3), *self.pair(4, 12))
            net, output = nn.Sequential().eval(), picture
            try:
                with torch.no_grad():
                    for _ in range(self.random.randint(1, 7)):
                        net.append(self.layer(tuple(output.shape[1:])).eval())
                        output = net(picture)
                        if not output.numel():  # PyTorch passes pictures of no pixels on
                            raise RuntimeError
            except RuntimeError:
                continue
            if output.isfinite().all() and output.numel() < 5000:
                return net, picture


def run(nets: list[tuple[nn.Module, torch.Tensor]], folder: Path) -> list[torch.Tensor]:
    listed = []
    for k, (net, picture) in enumerate(nets):
        layers, tensors = described(net, picture.shape[1:])
        (folder / f"{k}.safetensors").write_bytes(packed(tensors))
        listed.append({"layers": layers, "shape": picture.shape[1:], "input": picture.flatten().tolist()})
    (folder / "nets.json").write_text(json.dumps(listed))
    script = SCRIPT.replace("FOLDER", widgets.kit.FOLDER.as_uri())
    command = [NODE, "--input-type=module", "-e", script]
    result = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return [torch.tensor(one["data"]).reshape(one["shape"]) for one in json.loads(result.stdout)]


def test_random_nets_equal_pytorch(tmp_path: Path) -> None:
    draw = Draw()
    nets = [draw.net() for _ in range(NETS)]
    counts = Counter(type(layer).__name__ for net, _ in nets for layer in net)
    for (net, picture), answer in zip(nets, run(nets, tmp_path), strict=True):
        with torch.no_grad():
            expected = net.double()(picture.double())[0]
        assert answer.shape == expected.shape, net
        assert (answer - expected).abs().max() <= 1e-4 * expected.abs().max(), net
    assert len(counts) == 18
    assert min(counts.values()) >= 5, counts


def test_random_unets_equal_pytorch(tmp_path: Path) -> None:
    draw = Draw()
    nets = [draw.unet() for _ in range(60)]
    for (net, picture), answer in zip(nets, run(nets, tmp_path), strict=True):
        with torch.no_grad():
            expected = net.double()(picture.double())[0]
        assert answer.shape == expected.shape, net
        assert (answer - expected).abs().max() <= 1e-4 * expected.abs().max(), net
    kinds = {(net.residual, len(net.down), isinstance(net.enlarge[0], nn.Sequential)) for net, _ in nets}
    assert len(kinds) == 12


def test_a_unet_is_a_list_of_steps() -> None:
    layers, tensors = described(UNet((2, 3)), (1, 4, 4))
    block = ["convolution", "batchNorm", "activation"] * 2
    assert [layer["kind"] for layer in layers] == [
        "keep", *block, "keep", "maxPool", *block, "transposedConvolution", "join", *block, "convolution", "subtract",
    ]  # fmt: skip
    assert sum(tensor.numel() for tensor in tensors.values()) == sum(w.numel() for w in UNet((2, 3)).parameters())
    with pytest.raises(ValueError, match="5×4 pixels cannot be halved 1 times: pad them by 1 rows and 0 columns"):
        described(UNet((2, 3)), (1, 5, 4))


class Doubled(UNet):
    def forward(self, images: torch.Tensor, skips: Any = None) -> torch.Tensor:
        return 2 * super().forward(images, skips)


class Across(nn.Sequential):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images + super().forward(images)


@pytest.mark.parametrize("net", [Doubled((2, 3)), Across(nn.Conv2d(1, 1, 3, padding=1))])
def test_what_is_done_between_layers_is_refused(net: nn.Module) -> None:
    with pytest.raises(ValueError, match=f"{type(net).__name__} does more than to pass its input"):
        described(net, (1, 4, 4))


def test_layers_may_lie_in_layers_and_come_twice(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shared, picture = nn.Conv2d(2, 2, 3, padding=1), torch.randn(1, 2, 5, 5)
    net = nn.Sequential(nn.Sequential(shared, nn.ReLU()), shared)
    (answer,) = run([(net, picture)], tmp_path)
    torch.testing.assert_close(answer, net(picture)[0].detach())
    (answer,) = run([(shared, picture)], tmp_path)
    torch.testing.assert_close(answer, shared(picture)[0].detach())


def test_nothing_is_left_behind_on_the_model() -> None:
    net = nn.Sequential(nn.BatchNorm2d(2), nn.Dropout())
    before = {name: value.clone() for name, value in net.state_dict().items()}
    described(net, (2, 4, 4))
    packed(described(halved(net), (2, 4, 4))[1], half=True)
    assert net.training
    assert net[0].training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


@pytest.mark.parametrize("half", ["no", "yes", 1, None])
def test_half_is_yes_or_no(half: Any) -> None:
    with pytest.raises(TypeError, match=rf"half is {half!r}: give True, for weights in float16, or False"):
        packed({"weight": torch.ones(2)}, half)


def test_computed_weights_are_refused() -> None:
    """Weights that are computed from others: nothing that a page could hold."""
    layer = parametrizations.weight_norm(nn.Linear(4, 3))
    with pytest.raises(ValueError, match="a page can compute"):
        described(layer, (4,))
