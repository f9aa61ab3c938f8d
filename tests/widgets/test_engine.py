"""The JavaScript engine of the widgets against PyTorch, on random cases run in Node."""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy
import pytest
import safetensors.torch
import torch
from torch import Tensor
from torch.nn import functional

from book.tools.browser import NODE
from convae import widgets

FOLDER = Path(widgets.__file__).parent
CASES = 12_000


class Draw:
    """Random cases: each method gives the settings, the tensors that the engine gets, and what PyTorch answers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.generator = torch.Generator().manual_seed(seed)

    def tensor(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator, dtype=torch.float64)

    def pair(self, low: int, high: int) -> list[int]:
        return [self.random.randint(low, high), self.random.randint(low, high)]

    def image(self, channels: int | None = None) -> Tensor:
        return self.tensor(channels or self.random.randint(1, 4), *self.pair(1, 9))

    def linear(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:
        inputs, outputs = self.pair(1, 12)
        x, weight, bias = self.tensor(inputs), self.tensor(outputs, inputs), self.bias(outputs)
        return {}, [x, weight, bias], functional.linear(x, weight, bias)

    def bias(self, channels: int) -> Tensor | None:
        return self.tensor(channels) if self.random.random() < 0.7 else None

    def settings(self) -> dict[str, Any]:
        return {
            "stride": self.pair(1, 4),
            "padding": self.pair(0, 3),
            "dilation": self.pair(1, 3),
            "groups": self.random.choice([1, 1, 2, 3]),
        }

    def convolution(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:
        settings, kernel = self.settings(), self.pair(1, 4)
        each_in, each_out = self.pair(1, 3)
        groups = settings["groups"]
        x, weight = self.image(each_in * groups), self.tensor(each_out * groups, each_in, *kernel)
        bias = self.bias(each_out * groups)
        return settings, [x, weight, bias], functional.conv2d(x[None], weight, bias, **settings)[0]

    def transposedConvolution(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:  # noqa: N802
        settings, kernel = self.settings(), self.pair(1, 4)
        each_in, each_out = self.pair(1, 3)
        groups = settings["groups"]
        extra = [
            self.random.randrange(max(s, d)) for s, d in zip(settings["stride"], settings["dilation"], strict=True)
        ]
        x, weight = self.image(each_in * groups), self.tensor(each_in * groups, each_out, *kernel)
        bias = self.bias(each_out * groups)
        y = functional.conv_transpose2d(x[None], weight, bias, output_padding=extra, **settings)[0]
        return settings | {"outputPadding": extra}, [x, weight, bias], y

    def pooling(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The settings by the engine's names, and by PyTorch's."""
        kernel = self.pair(1, 4)
        settings: dict[str, Any] = {"kernel": kernel, "padding": [self.random.randint(0, k // 2) for k in kernel]}
        if self.random.random() < 0.7:
            settings["stride"] = self.pair(1, 4)
        ceil_mode = self.random.random() < 0.5
        names = {"kernel": "kernel_size"}
        return settings | {"ceilMode": ceil_mode}, {names.get(k, k): v for k, v in settings.items()} | {
            "ceil_mode": ceil_mode
        }

    def maxPool(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:  # noqa: N802
        (settings, torchs), x, dilation = self.pooling(), self.image(), self.pair(1, 3)
        return settings | {"dilation": dilation}, [x], functional.max_pool2d(x[None], dilation=dilation, **torchs)[0]

    def averagePool(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:  # noqa: N802
        (settings, torchs), x, include = self.pooling(), self.image(), self.random.random() < 0.5
        y = functional.avg_pool2d(x[None], count_include_pad=include, **torchs)[0]
        return settings | {"countIncludePad": include}, [x], y

    def upsample(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:
        factor, x = self.pair(1, 4), self.image()
        y = functional.interpolate(x[None], scale_factor=[float(f) for f in factor], mode="nearest")[0]
        return {"factor": factor}, [x], y

    def add(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:
        x = self.image()
        y = torch.randn(x.shape, generator=self.generator, dtype=torch.float64)
        return {}, [x, y], x + y

    def concatenate(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:
        first = self.image()
        parts = [first, *(self.tensor(self.random.randint(1, 3), *first.shape[1:]) for _ in range(2))]
        return {}, list(parts), torch.cat(parts)

    def batchNorm(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:  # noqa: N802
        x = self.image()
        mean, variance = self.tensor(len(x)), self.tensor(len(x)).square()
        weight, bias = (self.tensor(len(x)), self.tensor(len(x))) if self.random.random() < 0.7 else (None, None)
        epsilon = self.random.choice([1e-5, 1e-3])
        y = functional.batch_norm(x[None], mean, variance, weight, bias, eps=epsilon)[0]
        return {"epsilon": epsilon}, [x, mean, variance, weight, bias], y

    def activation(self) -> tuple[dict[str, Any], list[Tensor | None], Tensor]:
        x, parameter = 3 * self.image(), self.random.uniform(0.01, 2)
        name, compute = self.random.choice(
            [
                ("identity", lambda: x),
                ("relu", lambda: functional.relu(x)),
                ("leakyRelu", lambda: functional.leaky_relu(x, parameter)),
                ("elu", lambda: functional.elu(x, parameter)),
                ("gelu", lambda: functional.gelu(x)),
                ("clip", lambda: x.clamp(0, 1)),
                ("sigmoid", lambda: torch.sigmoid(x)),
                ("tanh", lambda: torch.tanh(x)),
                ("softmax", lambda: torch.softmax(x.flatten(), 0).reshape(x.shape)),
            ]
        )
        return {"name": name, "parameter": parameter}, [x], compute()


# Half of the cases go to the two layers that this course is about.
LAYERS = ["linear", "maxPool", "averagePool", "upsample", "add", "concatenate", "batchNorm", "activation"]
LAYERS += ["convolution", "transposedConvolution"] * 4


def run(cases: list[tuple[str, dict[str, Any], list[Tensor | None]]], folder: Path) -> list[numpy.ndarray | str]:
    """What the engine answers in Node: an array, or the message of its error."""
    chunks, listed, at = [], [], 0
    for layer, settings, tensors in cases:
        described: list[dict[str, Any] | None] = []
        for tensor in tensors:
            if tensor is None:
                continue
            chunks.append(tensor.contiguous().numpy().tobytes())
            described.append({"shape": tensor.shape, "dtype": str(tensor.dtype).removeprefix("torch."), "at": at})
            at += len(chunks[-1])
        listed.append({"layer": layer, "settings": settings, "tensors": described})
    (folder / "numbers.bin").write_bytes(b"".join(chunks))
    (folder / "cases.json").write_text(json.dumps(listed))
    script = Path(__file__).with_name("engine_cases.mjs")
    subprocess.run([NODE, str(script), str(FOLDER / "engine.js"), str(folder)], check=True, timeout=60)
    numbers, answers = numpy.fromfile(folder / "outputs.bin"), []
    at = 0
    for answer in json.loads((folder / "shapes.json").read_text()):
        if "error" in answer:
            answers.append(answer["error"])
            continue
        length = int(numpy.prod(answer["shape"]))
        answers.append(numbers[at : at + length].reshape(answer["shape"]))
        at += length
    assert at == len(numbers)
    return answers


def test_engine_equals_pytorch(tmp_path: Path) -> None:
    draw, cases, wanted, counts = Draw(0), [], [], Counter[str]()
    while len(cases) < CASES:
        layer = draw.random.choice(LAYERS)
        try:
            settings, tensors, answer = getattr(draw, layer)()
        except RuntimeError:  # PyTorch refuses it: an impossible size, which the next test is about
            continue
        cases.append((layer, settings, tensors))
        wanted.append(answer.numpy())
        counts[layer] += 1
    worst = Counter[str]()
    for (layer, settings, _), expected, answer in zip(cases, wanted, run(cases, tmp_path), strict=True):
        assert not isinstance(answer, str), (layer, settings, answer)
        assert answer.shape == expected.shape, (layer, settings)
        same = numpy.array_equal(numpy.isinf(answer), numpy.isinf(expected))  # max-pooling of nothing but padding
        finite = numpy.isfinite(expected)
        largest = numpy.abs(expected[finite]).max(initial=0)
        difference = numpy.abs(answer[finite] - expected[finite]).max(initial=0)
        assert same, (layer, settings)
        assert difference <= 1e-5 * largest, (layer, settings, difference, largest)
        worst[layer] = max(worst[layer], difference / largest if largest else 0)
    assert min(counts[layer] for layer in set(LAYERS)) > 400
    assert max(worst.values()) < 1e-12  # the bound above is the promise; in float64 it is kept with room to spare


def test_engine_refuses_what_pytorch_refuses(tmp_path: Path) -> None:
    draw, cases = Draw(1), []
    while len(cases) < 300:
        settings, kernel, x = draw.settings() | {"groups": 1}, draw.pair(1, 9), draw.image(1)
        layer = draw.random.choice(["convolution", "transposedConvolution"])
        settings["padding"] = draw.pair(0, 6 if layer == "transposedConvolution" else 1)
        weight = draw.tensor(1, 1, *kernel)
        compute = functional.conv2d if layer == "convolution" else functional.conv_transpose2d
        try:
            compute(x[None], weight, **settings)
        except RuntimeError:
            cases.append((layer, settings, [x, weight]))
    for case, answer in zip(cases, run(cases, tmp_path), strict=True):
        assert isinstance(answer, str), case[:2]
        assert "padding" in answer, case[:2]


def test_engine_keeps_single_precision(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(2)
    x, weight = torch.randn(2, 8, 8, generator=generator), torch.randn(3, 2, 3, 3, generator=generator)
    run([("convolution", {}, [x, weight])], tmp_path)
    assert json.loads((tmp_path / "shapes.json").read_text()) == [{"shape": [3, 6, 6], "dtype": "Float32Array"}]


def test_safetensors_are_read(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(3)
    halves = torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(torch.float16)  # every number there is
    tensors = {"single": torch.randn(2, 3, 4, generator=generator), "half": halves, "empty": torch.zeros(0, 2)}
    safetensors.torch.save_file(tensors, tmp_path / "weights.safetensors", metadata={"made by": "a test"})
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ readSafetensors }} from {json.dumps((FOLDER / "safetensors.js").as_uri())};
        const bytes = readFileSync("weights.safetensors");
        const read = readSafetensors(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        console.log(JSON.stringify(Object.entries(read).map(([name, {{ shape, data }}]) =>
            [name, shape, Array.from(data, (v) => Number.isFinite(v) ? v : String(v))])));
    """
    result = subprocess.run(
        [NODE, "--input-type=module", "-e", script],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    read = {name: (shape, values) for name, shape, values in json.loads(result.stdout)}
    assert read.keys() == tensors.keys()
    for name, (shape, values) in read.items():
        answer = torch.tensor([float(value) for value in values], dtype=torch.float64).reshape(shape)
        torch.testing.assert_close(answer, tensors[name].double(), rtol=0, atol=0, equal_nan=True)


def test_other_number_formats_are_refused(tmp_path: Path) -> None:
    safetensors.torch.save_file({"weight": torch.zeros(2, dtype=torch.float64)}, tmp_path / "weights.safetensors")
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ readSafetensors }} from {json.dumps((FOLDER / "safetensors.js").as_uri())};
        const bytes = readFileSync("weights.safetensors");
        readSafetensors(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    """
    command = [NODE, "--input-type=module", "-e", script]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.returncode
    assert "weight is stored as F64: save it as F32 or F16" in result.stderr


@pytest.mark.parametrize("source", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_modules_are_valid_javascript(source: Path) -> None:
    subprocess.run([NODE, "--check", "--input-type=module", "-"], input=source.read_bytes(), check=True, timeout=60)
