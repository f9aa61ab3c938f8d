"""Nets that learn in the page against torch.autograd and torch.optim, run in Node by both pairs of products."""

from __future__ import annotations

import json
import math
import random
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from book.tools.browser import NODE
from convae import widgets
from convae.data import load
from convae.models import convolutional_autoencoder, dense_autoencoder, robledo_max_pool, robledo_two_layer
from convae.widgets.nets import described

if TYPE_CHECKING:
    from collections.abc import Callable

    from convae.models import Autoencoder

FOLDER = Path(widgets.__file__).parent
CASES = 5_000
PAIRS = ("double", "plain", "simd")
LIMITS = {"double": 1e-9, "plain": 1e-4, "simd": 1e-4}
Job = dict[str, Any]

ACTIVATIONS: dict[str, tuple[type[nn.Module], str]] = {  # the engine's name: PyTorch's class and its parameter
    "relu": (nn.ReLU, ""),
    "tanh": (nn.Tanh, ""),
    "sigmoid": (nn.Sigmoid, ""),
    "identity": (nn.Identity, ""),
    "leakyRelu": (nn.LeakyReLU, "negative_slope"),
    "elu": (nn.ELU, "alpha"),
    "gelu": (nn.GELU, ""),
    "clip": (nn.Hardtanh, ""),
}


class Draw:
    """Random chains of layers, each as PyTorch's module and as the page's description."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        torch.manual_seed(seed)

    def pair(self, low: int, high: int) -> list[int]:
        return [self.random.randint(low, high), self.random.randint(low, high)]

    def tensor(self, *shape: int) -> Tensor:
        return torch.randn(*shape).double()  # numbers that both precisions hold

    def convolution(self, shape: list[int]) -> tuple[nn.Module, Job]:
        kernel, bias, outputs = self.pair(1, 3), self.random.random() < 0.7, self.random.randint(1, 5)
        settings: Job = {"stride": kernel}  # windows side by side, as in the nets of the figure
        if self.random.random() < 0.5:
            settings = {"stride": self.pair(1, 3), "padding": self.pair(0, 2), "dilation": self.pair(1, 2)}
        return nn.Conv2d(shape[0], outputs, tuple(kernel), bias=bias, **_tuples(settings)), settings

    def transposedConvolution(self, shape: list[int]) -> tuple[nn.Module, Job]:  # noqa: N802
        kernel, bias, outputs = self.pair(1, 3), self.random.random() < 0.7, self.random.randint(1, 4)
        settings: Job = {"stride": kernel}
        if self.random.random() < 0.5:
            settings = {"stride": self.pair(1, 3), "padding": self.pair(0, 1), "dilation": self.pair(1, 2)}
        dilation = settings.get("dilation", [1, 1])
        settings["outputPadding"] = [
            self.random.randrange(max(steps)) for steps in zip(settings["stride"], dilation, strict=True)
        ]
        layer = nn.ConvTranspose2d(shape[0], outputs, tuple(kernel), bias=bias, **_tuples(settings))
        return layer, settings

    def pooling(self) -> Job:
        kernel = self.pair(1, 3)
        settings: Job = {"kernel": kernel, "ceilMode": self.random.random() < 0.3}
        if self.random.random() < 0.5:
            settings |= {"stride": self.pair(1, 3), "padding": [self.random.randint(0, k // 2) for k in kernel]}
        return settings

    def maxPool(self, shape: list[int]) -> tuple[nn.Module, Job]:  # noqa: N802
        settings = self.pooling() | {"dilation": self.pair(1, 2)}
        return nn.MaxPool2d(**_tuples(settings)), settings

    def averagePool(self, shape: list[int]) -> tuple[nn.Module, Job]:  # noqa: N802
        settings = self.pooling() | {"countIncludePad": self.random.random() < 0.5}
        return nn.AvgPool2d(**_tuples(settings)), settings

    def activation(self, name: str) -> tuple[nn.Module, Job]:
        kind, parameter = ACTIVATIONS[name]
        if name == "clip":
            return nn.Hardtanh(0, 1), {"name": name}
        value = self.random.uniform(0.05, 1.5)
        return (
            (kind(**{parameter: value}), {"name": name, "parameter": value}) if parameter else (kind(), {"name": name})
        )

    def net(self) -> tuple[nn.Sequential, list[Job], list[int]]:
        """A chain of one to four layers with weights or windows, and the shape of its pictures.

        Raises:
            RuntimeError: PyTorch refuses it: an impossible size.
        """
        picture = [self.random.randint(1, 3), *self.pair(2, 8)]
        shape, modules, layers = picture, [], []

        def add(module: nn.Module, kind: str, settings: Job) -> None:
            nonlocal shape
            layer: Job = {"kind": kind, "settings": settings}
            layer["weights"] = [f"{len(modules)}.{name}" for name, _ in module.named_parameters()]
            modules.append(module)
            layers.append(layer)
            answer = module(torch.zeros(1, *shape))
            if not answer.isfinite().all():  # a window of padding alone, whose slopes PyTorch writes beyond the picture
                raise RuntimeError("the maximum of nothing")
            shape = list(answer.shape[1:])

        for _ in range(self.random.randint(1, 4)):
            kind = self.random.choice(
                ["linear", "maxPool", "averagePool", *["convolution", "transposedConvolution"] * 2]
            )
            if kind == "linear":
                add(nn.Flatten(), "reshape", {"shape": [math.prod(shape)]})
                wanted = [self.random.randint(1, 3), *self.pair(1, 6)]
                add(nn.Linear(shape[0], math.prod(wanted), bias=self.random.random() < 0.7), "linear", {})
                add(nn.Unflatten(1, tuple(wanted)), "reshape", {"shape": wanted})
            else:
                module, settings = getattr(self, kind)(shape)
                add(module, kind, settings)
            if self.random.random() < 0.6:
                module, settings = self.activation(self.random.choice(list(ACTIVATIONS)))
                add(module, "activation", settings)
        if math.prod(shape) > 2_000:
            raise RuntimeError("larger than a case need be")
        return nn.Sequential(*modules).double(), layers, picture


def _tuples(settings: Job) -> Job:
    """PyTorch's names and kinds."""
    names = {"kernel": "kernel_size", "outputPadding": "output_padding", "ceilMode": "ceil_mode"}
    names["countIncludePad"] = "count_include_pad"
    return {names.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in settings.items()}


def job(
    layers: list[Job], tensors: dict[str, Tensor], inputs: Tensor, targets: Tensor | None = None, **rest: Any
) -> Job:
    """A case for Node: the gradient of the first batch, or steps over `batches`."""
    usual: Job = {"batch": len(inputs), "optimizer": {"name": "sgd", "rate": 0.1}, "pair": "double"}
    return usual | {
        "layers": layers,
        "tensors": tensors,
        "shape": list(inputs.shape[1:]),
        "inputs": inputs,
        "targets": inputs if targets is None else targets,
        **rest,
    }


def run(jobs: list[Job], folder: Path) -> list[list[numpy.ndarray] | str]:
    """What the page answers: [losses, each tensor's slopes or weights, answers, errors], or an error's message."""
    chunks: list[bytes] = []
    at: dict[int, int] = {}  # a tensor of several cases is written once
    length = 0

    def place(tensor: Tensor) -> Job:
        nonlocal length
        if id(tensor) not in at:
            at[id(tensor)] = length
            chunks.append(tensor.detach().double().contiguous().numpy().tobytes())
            length += len(chunks[-1])
        return {"shape": list(tensor.shape), "at": at[id(tensor)]}

    listed = [
        one
        | {key: place(one[key]) for key in ("inputs", "targets")}
        | {"tensors": {name: place(tensor) for name, tensor in one["tensors"].items()}}
        for one in jobs
    ]
    (folder / "cases.json").write_text(json.dumps(listed))
    (folder / "numbers.bin").write_bytes(b"".join(chunks))
    script = Path(__file__).with_name("learning_cases.mjs")
    subprocess.run([NODE, str(script), str(FOLDER), str(folder)], check=True, timeout=300)
    numbers, answers, begin = numpy.fromfile(folder / "outputs.bin"), [], 0
    for one, answer in zip(jobs, json.loads((folder / "answers.json").read_text()), strict=True):
        if "error" in answer:
            answers.append(answer["error"])
            continue
        parts = []
        for size in answer["lengths"]:
            parts.append(numbers[begin : begin + size])
            begin += size
        assert answer["shapes"] == [list(tensor.shape) for tensor in one["tensors"].values()]
        answers.append(parts)
    assert begin == len(numbers)
    return answers


def apart(answer: numpy.ndarray, expected: Tensor, largest: float | None = None) -> float:
    """The largest difference against the largest number, of `expected` if no other is given."""
    wanted = expected.detach().flatten().numpy()
    assert answer.shape == wanted.shape
    difference = float(numpy.abs(answer - wanted).max(initial=0))
    largest = float(numpy.abs(wanted).max(initial=0)) if largest is None else largest
    return difference / largest if largest else float(difference > 0)


def test_gradients_equal_autograd(tmp_path: Path) -> None:
    draw, jobs, wanted, counts, moving = Draw(0), [], [], Counter[str](), 0
    while len(wanted) < CASES:
        try:
            net, layers, shape = draw.net()
        except RuntimeError:
            continue
        tensors = dict(net.named_parameters())
        if not tensors or sum(weight.numel() for weight in tensors.values()) > 3_000:
            continue
        for weight in tensors.values():
            weight.data = weight.data.float().double()
        inputs = draw.tensor(draw.random.randint(1, 4), *shape)
        answers = net(inputs)
        targets = draw.tensor(*answers.shape)
        loss = functional.mse_loss(answers, targets)
        loss.backward()
        wanted.append((loss, tensors, answers))
        moving += all(weight.grad.any() for weight in tensors.values())
        counts.update(
            {layer["settings"]["name"] if layer["kind"] == "activation" else layer["kind"] for layer in layers}
        )
        counts["side by side"] += any(
            layer["settings"].get("stride") and "padding" not in layer["settings"] for layer in layers
        )
        jobs += [job(layers, tensors, inputs, targets, pair=pair) for pair in PAIRS]
    found = run(jobs, tmp_path)
    worst = dict.fromkeys(PAIRS, 0.0)
    for (loss, tensors, answers), start in zip(wanted, range(0, len(jobs), len(PAIRS)), strict=True):
        for pair, parts in zip(PAIRS, found[start : start + len(PAIRS)], strict=True):
            case = jobs[start]["layers"], jobs[start]["shape"]
            assert not isinstance(parts, str), (parts, case)
            slopes = [weight.grad for weight in tensors.values()]
            # In single precision what cancels in a tensor leaves the rounding of its terms: the case's largest counts.
            steepest = None if pair == "double" else max(slope.abs().max().item() for slope in slopes)
            differences = [apart(parts[0], loss), apart(parts[-2], answers)]
            differences += [apart(*pairs, steepest) for pairs in zip(parts[1:-2], slopes, strict=True)]
            worst[pair] = max(worst[pair], *differences)
            assert max(differences) <= LIMITS[pair], (pair, differences, case)
    assert min(counts[name] for name in ("side by side", *ACTIVATIONS, "linear", "maxPool", "averagePool")) > 500
    assert min(counts[name] for name in ("convolution", "transposedConvolution")) > 2_000
    assert moving > 0.9 * CASES
    assert (
        worst["double"] < 1e-11
    )  # the bounds above are the promise; in double precision it is kept with room to spare


def test_of_equal_maxima_the_first_one_learns(tmp_path: Path) -> None:
    """Sums of two whole numbers, many of which are equal though their parts are not."""
    net = nn.Sequential(nn.Conv2d(2, 1, 1, bias=False), nn.MaxPool2d(3, 2, 1), nn.Conv2d(1, 3, 2)).double()
    net[0].weight.data.fill_(1)
    inputs = torch.randint(3, (6, 2, 9, 9), generator=torch.Generator().manual_seed(0)).double()
    answers = net(inputs)
    functional.mse_loss(answers, torch.zeros_like(answers)).backward()
    layers, tensors = described(net, (2, 9, 9))
    for parts in run([job(layers, tensors, inputs, torch.zeros_like(answers), pair=pair) for pair in PAIRS], tmp_path):
        assert apart(parts[1], net[0].weight.grad) < 1e-6


OPTIMIZERS: list[tuple[Job, type[torch.optim.Optimizer], Job]] = [
    ({"name": "sgd", "rate": 0.1}, torch.optim.SGD, {"lr": 0.1}),
    ({"name": "sgd", "rate": 0.05, "momentum": 0.9}, torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    (
        {"name": "sgd", "rate": 0.02, "momentum": 0.5, "weightDecay": 0.1},
        torch.optim.SGD,
        {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1},
    ),
    ({"name": "adam", "rate": 0.01}, torch.optim.Adam, {"lr": 0.01}),
    ({"name": "adam", "rate": 0.1, "weightDecay": 0.01}, torch.optim.Adam, {"lr": 0.1, "weight_decay": 0.01}),
    (
        {"name": "adam", "rate": 0.03, "betas": [0.5, 0.9], "epsilon": 1e-3},
        torch.optim.Adam,
        {"lr": 0.03, "betas": (0.5, 0.9), "eps": 1e-3},
    ),
]


def trained(
    net: nn.Module, optimizer: torch.optim.Optimizer, inputs: Tensor, targets: Tensor, batches: list[list[int]]
) -> Tensor:
    """The loss of each batch, behind which a step is taken."""
    losses = []
    for chosen in batches:
        loss = functional.mse_loss(net(inputs[chosen]), targets[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def test_steps_equal_those_of_torch_optim(tmp_path: Path) -> None:
    draw, jobs, wanted = Draw(1), [], []
    for settings, kind, names in OPTIMIZERS:
        for _ in range(5):
            net = nn.Sequential(nn.Conv2d(2, 3, 2, 2), nn.Tanh(), nn.Conv2d(3, 2, 3, padding=1)).double()
            layers, tensors = described(net, (2, 4, 4))
            tensors = {name: weight.detach().clone() for name, weight in tensors.items()}
            inputs, targets = draw.tensor(12, 2, 4, 4), draw.tensor(12, 2, 2, 2)
            batches = [draw.random.sample(range(12), 4) for _ in range(60)]
            jobs.append(job(layers, tensors, inputs, targets, batch=4, optimizer=settings, batches=batches))
            losses = trained(net, kind(net.parameters(), **names), inputs, targets, batches)
            wanted.append([losses, *net.parameters()])
    for one, parts, expected in zip(jobs, run(jobs, tmp_path), wanted, strict=True):
        assert not isinstance(parts, str), parts
        differences = [apart(*pairs) for pairs in zip(parts, expected, strict=False)]
        assert max(differences) <= 1e-9, (one["optimizer"], differences)


@pytest.mark.parametrize("optimizer", [{"name": "sgd", "momentum": 0.9}, {"name": "adam"}], ids=str)
def test_moments_below_the_limit_are_none(tmp_path: Path, optimizer: Job) -> None:
    """Of a weight of 0, whose slope is −2 times the target: the smallest step would be seen."""
    tensors = {"weight": torch.zeros(1, 1)}
    layers: list[Job] = [{"kind": "linear", "settings": {}, "weights": ["weight"]}]
    jobs = [
        job(
            layers,
            tensors,
            torch.ones(1, 1),
            torch.full((1, 1), target),
            optimizer=optimizer | {"rate": 1.0},
            batches=[[0]],
        )
        for target in (1e-29, 1e-31)
    ]
    above, below = (parts[1].item() for parts in run(jobs, tmp_path))
    assert above > 0
    assert below == 0


NETS: dict[str, tuple[Callable[[], Autoencoder], int]] = {  # and so many steps
    "2,481 parameters": (robledo_two_layer, 200),
    "pooled": (robledo_max_pool, 30),
    "stride 2": (partial(convolutional_autoencoder, (8, 16, 4), activation="tanh"), 30),
    "dense": (partial(dense_autoencoder, 64, dropout=0), 60),
}


@pytest.mark.parametrize("name", NETS)
def test_training_goes_as_in_pytorch(tmp_path: Path, name: str) -> None:
    """From the same weights on the same batches."""
    torch.manual_seed(0)
    (make, steps), pixels = NETS[name], load("mnist-sample").train.images[:640].float() / 255
    net = make()
    layers, tensors = described(nn.Sequential(net.encoder, net.decoder), (1, 28, 28))
    tensors = {key: weight.detach().clone() for key, weight in tensors.items()}
    order = torch.Generator().manual_seed(1)
    batches = [torch.randint(len(pixels), (64,), generator=order).tolist() for _ in range(steps)]
    settings = {"name": "adam", "rate": 1e-3, "weightDecay": 1e-5}
    jobs = [job(layers, tensors, pixels, batch=64, optimizer=settings, batches=batches, pair=pair) for pair in PAIRS]
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-5)
    losses = trained(net.train(), optimizer, pixels, pixels, batches)
    assert losses[-1] < losses[0]
    for pair, parts in zip(PAIRS, run(jobs, tmp_path), strict=True):
        assert not isinstance(parts, str), parts
        numpy.testing.assert_allclose(parts[0], losses.numpy(), rtol=1e-4, err_msg=pair)


def script(text: str) -> str:
    """What a script prints that has the page's modules at hand."""
    modules = "".join(
        f'const {{ {names} }} = await import("{(FOLDER / name).as_uri()}");\n'
        for name, names in {
            "learning.js": "drawWeights, learner, uniform",
            "products.js": "plainProducts, simdProducts",
        }.items()
    )
    command = [NODE, "--expose-gc", "--input-type=module", "-e", modules + text]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


PLAN = """
const layer = (kind, settings) => ({ kind, settings }), act = (name) => layer("activation", { name });
const plan = [
  layer("convolution", { outputs: 8, kernel: 3, stride: 3 }), act("relu"),
  layer("convolution", { outputs: 16, kernel: 3, stride: 3 }),
  layer("transposedConvolution", { outputs: 8, kernel: 3, stride: 3 }), act("relu"),
  layer("transposedConvolution", { outputs: 1, kernel: 3, stride: 3, outputPadding: 1 }), act("sigmoid"),
];
const next = uniform(1), pictures = Float32Array.from({ length: 128 * 784 }, () => next() ** 3);
const chosen = Int32Array.from({ length: 64 }, (_, n) => 2 * n);
const optimizer = { name: "adam", rate: 0.001, weightDecay: 0.00001 };
const shape = [1, 28, 28];
const made = (pair) => learner({ ...drawWeights(plan, shape, 0), shape, batch: 64, optimizer, pair });
"""


def test_weights_are_drawn_as_by_pytorch() -> None:
    """Within the same bounds, all over them, without a pattern; other ones for another seed."""
    found = json.loads(
        script("""
        const layer = (kind, settings) => ({ kind, settings });
        const plan = [layer("convolution", { outputs: 40, kernel: [3, 5] }),
            layer("transposedConvolution", { outputs: 20, kernel: 4, bias: false }),
            layer("linear", { outputs: 30 })];
        const shape = [12, 6, 8], of = (seed) => drawWeights(plan, shape, seed).tensors, values = Object.entries(of(0));
        console.log(JSON.stringify({ tensors: values.map(([name, { shape, data }]) => [name, shape, Array.from(data)]),
            again: JSON.stringify(of(0)) === JSON.stringify(of(0)), other: of(1)["0.weight"].data[0] }));
        """)
    )
    torch.manual_seed(0)
    wide = nn.Sequential(nn.Conv2d(12, 40, (3, 5)), nn.ConvTranspose2d(40, 20, 4, bias=False))
    net = [*wide, nn.Linear(math.prod(wide(torch.zeros(1, 12, 6, 8)).shape), 30)]
    weights = {f"{k}.{name}": weight for k, module in enumerate(net) for name, weight in module.named_parameters()}
    assert [(name, tuple(shape)) for name, shape, _ in found["tensors"]] == [
        (name, tuple(weight.shape)) for name, weight in weights.items()
    ]
    for name, _, values in found["tensors"]:
        own, theirs = (
            torch.tensor(values),
            weights[name.replace("bias", "weight")].detach(),
        )  # more numbers to see the bound
        assert own.abs().max() <= 1.001 * theirs.abs().max()
        if name.endswith("weight"):
            bound = own.abs().max().item()
            assert bound == pytest.approx(theirs.abs().max().item(), rel=2e-3)
            assert abs(own.mean()) < 4 * bound / math.sqrt(3 * len(own))
            assert own.square().mean().item() == pytest.approx(bound**2 / 3, rel=0.05)
            pairs = torch.stack([own[:-1], own[1:]])
            assert abs(torch.corrcoef(pairs)[0, 1]) < 4 / math.sqrt(len(own))
    assert found["again"]
    assert found["other"] != found["tensors"][0][2][0]


def test_a_page_draws_and_trains_the_net_of_2481_parameters() -> None:
    first, last, parameters, steps = json.loads(
        script(f"""{PLAN}
        const net = made(simdProducts());
        const set = net.arrange(pictures), losses = Array.from({{ length: 100 }}, () => net.step(set, chosen));
        const parameters = Object.values(net.tensors()).reduce((sum, {{ data }}) => sum + data.length, 0);
        console.log(JSON.stringify([losses[0], losses[99], parameters, net.steps()]));
        """)
    )
    assert last < 0.9 * first
    assert parameters == 2481
    assert steps == 100


def test_what_was_learned_runs_in_the_other_engine() -> None:
    """The chain of nets.js gives what the learner gives, for a net with every kind of layer."""
    apart, count = json.loads(
        script(f"""
        const {{ chain }} = await import("{(FOLDER / "nets.js").as_uri()}");
        const layer = (kind, settings) => ({{ kind, settings }}), next = uniform(0), shape = [2, 12, 12];
        const plan = [
            layer("convolution", {{ outputs: 4, kernel: 3, padding: 1 }}),
            layer("activation", {{ name: "tanh" }}),
            layer("maxPool", {{ kernel: 2 }}),
            layer("convolution", {{ outputs: 6, kernel: 2, stride: 2, bias: false }}),
            layer("averagePool", {{ kernel: 3 }}),
            layer("reshape", {{ shape: [6] }}),
            layer("linear", {{ outputs: 32 }}),
            layer("reshape", {{ shape: [2, 4, 4] }}),
            layer("transposedConvolution", {{ outputs: 2, kernel: 3, stride: 3 }}),
            layer("activation", {{ name: "elu" }}),
        ];
        const {{ layers, tensors }} = drawWeights(plan, shape, 3), optimizer = {{ name: "sgd", rate: 0.1 }};
        const net = learner({{ layers, tensors, shape, batch: 4, optimizer, pair: plainProducts(Float64Array) }});
        const pictures = Float64Array.from({{ length: 10 * 288 }}, next), set = net.arrange(pictures);
        for (let k = 0; k < 20; k++) net.step(set, [0, 1, 2, 3]);
        const chosen = [9, 0, 1, 2, 3, 4], {{ answers }} = net.look(set, chosen), run = chain(layers, net.tensors());
        const picture = (n) => ({{ shape, data: pictures.slice(288 * n, 288 * (n + 1)) }});
        const wanted = chosen.flatMap((n) => [...run(picture(n)).data]);
        console.log(JSON.stringify([Math.max(...wanted.map((v, k) => Math.abs(v - answers[k]))), wanted.length]));
        """)
    )
    assert apart < 1e-12
    assert count == 6 * 288


@pytest.mark.parametrize("pair", ["plainProducts", "simdProducts"])
def test_nothing_is_allocated_in_a_step(pair: str) -> None:
    """Beyond a few numbers, once the browser has compiled it for good: a picture alone would be 3 kB."""
    grown = script(f"""{PLAN}
        const net = made({pair}());
        const set = net.arrange(pictures);
        let sum = 0, least = 1e9;
        for (let turn = 0; turn < 60 && least >= 1000; turn++) {{
            gc();
            const before = process.memoryUsage();
            for (let k = 0; k < 100; k++) sum += net.step(set, chosen);
            const after = process.memoryUsage();
            const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
            least = Math.min(least, grown / 100);
        }}
        console.log(least);
    """)
    assert float(grown) < 1_000


def test_noise_is_normal_and_another_in_each_step(tmp_path: Path) -> None:
    """A net that changes nothing has it as its error."""
    layers: list[Job] = [{"kind": "linear", "settings": {}, "weights": ["weight"]}]
    settings = {"optimizer": {"name": "sgd", "rate": 1e-12}, "noise": 0.3, "batches": [list(range(16))] * 50}
    inputs = torch.rand(16, 75, generator=torch.Generator().manual_seed(0))
    jobs = [job(layers, {"weight": torch.eye(75)}, inputs, seed=seed, **settings) for seed in (0, 0, 1)]
    (losses, _, _, errors), again, other = run(jobs, tmp_path)
    assert numpy.array_equal(losses, again[0])
    assert len({*losses, *other[0]}) == 100
    for own in (losses, other[0]):  # of n squared normal numbers the mean has a deviation of √(2 / n)
        assert own.mean() == pytest.approx(0.3**2, rel=4 * math.sqrt(2 / 60_000))
        assert own.std() == pytest.approx(0.3**2 * math.sqrt(2 / 1200), rel=0.5)
    assert errors.max() < 1e-12  # what is looked at is clean


def test_a_rate_that_is_too_large_stops(tmp_path: Path) -> None:
    layers: list[Job] = [{"kind": "linear", "settings": {}, "weights": ["weight"]}]
    tensors, inputs = {"weight": torch.eye(3) / 2}, torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    batches = [[0, 1, 2, 3]] * 3_000
    jobs = [
        job(layers, tensors, inputs, pair=pair, optimizer={"name": "sgd", "rate": 50}, batches=batches)
        for pair in PAIRS
    ]
    for answer in run(jobs, tmp_path):
        assert isinstance(answer, str)
        assert 5 < int(answer.split()[2]) < 500
        assert answer.endswith("start again with a smaller rate than 50.")
    found = script(f"""{PLAN}
        const net = made(plainProducts());
        const set = net.arrange(pictures), said = [];
        set.targets.fill(Infinity);
        for (let k = 0; k < 2; k++) try {{ net.step(set, chosen); }} catch (error) {{ said.push(error.message); }}
        console.log(JSON.stringify(said));
    """)
    first, second = json.loads(found)
    assert first == second  # it does not go on behind it
    assert first.startswith("At batch 1 the loss")


LAYERS = {
    "conv": {"kind": "convolution", "settings": {"stride": 3}, "weights": ["w"]},
    "up": {"kind": "transposedConvolution", "settings": {"stride": 3}, "weights": ["w"]},
    "linear": {"kind": "linear", "settings": {}, "weights": ["w"]},
    "relu": {"kind": "activation", "settings": {"name": "relu"}},
    "pool": {"kind": "maxPool", "settings": {"kernel": 7}},
    "row": {"kind": "reshape", "settings": {"shape": [36]}},
}
W = torch.zeros(2, 1, 3, 3)


@pytest.mark.parametrize(
    ("layers", "weight", "settings", "message"),
    [
        (["conv"], W, {"batch": 0}, "A batch is of 0 pictures: give a whole number above 0"),
        (["conv"], W, {"batch": 1.5}, "A batch is of 1.5 pictures"),
        (["conv"], W, {"optimizer": {"name": "adm", "rate": 1}}, "There is no optimiser adm: use one of sgd, adam"),
        (["conv"], W, {"optimizer": {"name": "adam", "rate": 0}}, "The rate is 0: give a number above 0"),
        (["conv"], W, {"optimizer": {"name": "adam"}}, "The rate is undefined: give a number above 0"),
        (
            ["conv"],
            W,
            {"optimizer": {"name": "adam", "rate": 1, "momentum": 0.9}},
            "adam knows no momentum: its settings",
        ),
        (
            ["conv"],
            W,
            {"optimizer": {"name": "sgd", "rate": 1, "momentum": 1}},
            "The momentum is 1: give a number from 0",
        ),
        (["conv"], W, {"optimizer": {"name": "adam", "rate": 1, "betas": [0.9, 1]}}, "The betas are 0.9,1: give two"),
        (["conv"], W, {"optimizer": {"name": "adam", "rate": 1, "weightDecay": -1}}, "The weight decay is -1: give 0"),
        (
            ["conv"],
            W,
            {"optimizer": {"name": "adam", "rate": 1, "epsilon": 0}},
            "The epsilon is 0: give a number above",
        ),
        (["conv"], W, {"optimizer": {"name": "adam", "rate": 1, "epsilon": -1e-8}}, "The epsilon is -1e-8: give a"),
        (["conv"], W.clone().index_fill_(0, torch.tensor(1), math.nan), {}, "w holds NaN at place 9: give it finite"),
        (
            ["conv"],
            W.double() + 1e39,
            {"pair": "plain"},
            "w holds 1e+39 at place 0: give it finite numbers, no larger than single precision",
        ),
        (["conv"], W, {"shape": [6, 6]}, "Pictures have the shape 6,6: give channels, rows and columns, or one number"),
        (["conv"], W, {"noise": -0.1}, "The noise has a deviation of -0.1: give 0 or more"),
        (["conv"], torch.zeros(2, 3, 3, 3), {}, "A convolution of 3 channels gets 1: give it 1"),
        (["up"], torch.zeros(3, 2, 3, 3), {}, "A transposed convolution of 3 channels gets 1: give it 1"),
        (["linear"], torch.zeros(3, 5), {}, "A linear layer for 5 numbers gets 36: give it 36 inputs"),
        (
            ["conv"],
            torch.zeros(2, 1, 7, 7),
            {},
            "A kernel that spans 7 does not fit into 6: use a padding of at least 1",
        ),
        (["pool", "conv"], W, {}, "A window that spans 7 does not fit into 6"),
        (["conv", "relu", "relu"], W, {}, "Layer 3 (activation) stands behind no other layer: leave it out"),
        (["relu", "conv"], W, {}, "Layer 1 (activation) stands behind no other layer"),
        (["row", "conv"], W, {}, "Layer 2 (convolution) gets numbers in a row: put a reshape to channels, rows and"),
        (["conv", "row"], W, {}, "Layer 2 (reshape) makes 36 numbers of 8: keep their number"),
        (["row"], W, {}, "There is nothing to train: give at least one layer with weights"),
        (["conv"], None, {}, "Layer 1 (convolution) has no tensor w: give one"),
        (
            [{"kind": "batchNorm", "settings": {}}],
            W,
            {},
            "Layer 1 (batchNorm) cannot be trained here: use one of linear,",
        ),
        (
            [{"kind": "activation", "settings": {"name": "softmax"}}],
            W,
            {},
            "Layer 1 (activation) is softmax, which cannot",
        ),
        ([LAYERS["conv"] | {"settings": {"groups": 2}}], W, {}, "Layer 1 (convolution) has 2 groups: train one with 1"),
        (["conv"], W, {"targets": torch.zeros(4, 7)}, "28 numbers are no targets of 2×2×2: give 8 for each"),
        (["conv"], W, {"targets": torch.zeros(3, 8)}, "4 pictures have 3 targets: give as many"),
        (["conv"], W, {"inputs": torch.zeros(4, 35)}, "140 numbers are no pictures of 1×6×6: give 36 for each"),
        (["conv"], W, {"batches": [[0, 1]]}, "A batch has 4 pictures, not 2: choose as many"),
        (["conv"], W, {"batches": [[0, 1, 2, 4]]}, "There is no picture 4: choose from 0 to 3"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, layers: list[Any], weight: Tensor | None, settings: Job, message: str
) -> None:
    tensors = {} if weight is None else {"w": weight}
    described = [LAYERS[layer] if isinstance(layer, str) else layer for layer in layers]
    case = job(described, tensors, torch.zeros(4, 1, 6, 6), torch.zeros(4, 8)) | settings
    (answer,) = run([case], tmp_path)
    assert isinstance(answer, str)
    assert message in answer


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_pictures_of_no_numbers_are_refused(number: str) -> None:
    """By what they are: no rate is blamed."""
    said = script(f"""{PLAN}
        pictures[3 * 784 + 5] = {number};
        try {{ made(plainProducts()).arrange(pictures); }} catch (error) {{ console.log(error.message); }}
    """)
    assert said.strip() == f"The pictures hold {number}, in number 3 of them: give finite numbers."


def test_a_step_that_was_left_is_ended_by_the_next_job() -> None:
    """Its batch counts: jobs that are dropped anywhere learn what one long job learns."""
    whole, broken = json.loads(
        script(f"""{PLAN}
        const {{ trains }} = await import("{(FOLDER / "training.js").as_uri()}");
        const own = {{ layers: plan, batch: 16, noise: 0.1, seed: 5, optimizer }};
        const setup = {{ train: pictures, test: pictures.slice(0, 784 * 8), shape, shown: 1 }};
        const ended = (steps) => {{
            let step;
            do step = steps.next();
            while (!step.done);
            return step.value;
        }};
        const whole = ended(trains(setup)({{ run: 1, plan: own, batches: 12 }}));
        const work = trains(setup), broken = {{ losses: [] }};
        ended(work({{ run: 1, plan: own, batches: 0 }}));
        for (let drop = 0; broken.batches !== 12; drop++) {{
            const steps = work({{ run: 1, plan: own, batches: 12, most: 12 }});
            for (let k = 0; k <= drop % 17; k++) steps.next();
            const told = ended(work({{ run: 1, plan: own, batches: 1, most: 12 }}));
            broken.losses.push(...told.losses);
            broken.batches = told.batches;
            broken.error = told.error;
        }}
        console.log(JSON.stringify([whole, broken].map(({{ batches, losses, error }}) => [batches, losses, error])));
        """)
    )
    assert whole == broken
    assert len(whole[1]) == whole[0] == 12
