"""Traces against the forward pass, fields against the outputs that change when one pixel is lit."""

import contextlib
import copy
import re

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations
from torch.utils.flop_counter import FlopCounterMode

from convae.arithmetic.shapes import convolution_parameters, multiply_adds
from convae.arithmetic.tracing import ReceptiveField, projective_field, receptive_field, trace
from convae.models import MODELS, build, robledo_max_pool, robledo_two_layer

# The layer beside a variational net's code is not on the way from a picture to its reconstruction; the others do more
# than to pass their input from one layer to the next.
CHAINS = [name for name in MODELS if not re.search("variational|unet|utec|super-resolver", name)]


@pytest.mark.parametrize("name", CHAINS)
def test_a_trace_lists_what_the_forward_pass_does(name):
    model = build(name).eval()
    steps = trace(model, (1, 28, 28))
    values = torch.rand(1, 1, 28, 28)
    for step in steps:
        assert step.layer is model.get_submodule(step.name)
        assert step.kind == type(step.layer).__name__
        assert step.input_shape == tuple(values.shape[1:])
        values = step.layer(values)
        assert step.output_shape == tuple(values.shape[1:])
    assert sum(step.parameters for step in steps) == sum(p.numel() for p in model.parameters())
    with FlopCounterMode(display=False) as counter:
        model(torch.rand(1, 1, 28, 28))
    assert 2 * sum(step.multiply_adds for step in steps) == counter.get_total_flops()


def test_the_2481_parameter_net_layer_by_layer():
    steps = [step for step in trace(robledo_two_layer(), (1, 28, 28)) if step.parameters]
    assert [step.output_shape for step in steps] == [(8, 9, 9), (16, 3, 3), (8, 9, 9), (1, 28, 28)]
    assert [step.parameters for step in steps] == [80, 1168, 1160, 73]
    assert [step.parameters for step in steps] == [
        convolution_parameters(before, after, 3) for before, after in [(1, 8), (8, 16), (16, 8), (8, 1)]
    ]
    assert [step.multiply_adds for step in steps] == [
        multiply_adds(1, 8, 3, 9),
        multiply_adds(8, 16, 3, 3),
        multiply_adds(16, 8, 3, 3),
        multiply_adds(8, 1, 3, 9),
    ]


def test_products_of_layers_in_one_two_and_three_dimensions():
    for layer, shape in [
        (nn.Conv1d(4, 6, 3, stride=2, groups=2), (4, 17)),
        (nn.Conv2d(4, 6, (3, 2), dilation=(1, 2), padding=1), (4, 9, 7)),
        (nn.Conv3d(2, 3, 2), (2, 4, 5, 6)),
        (nn.ConvTranspose1d(4, 6, 3, stride=2, groups=2), (4, 7)),
        (nn.ConvTranspose2d(4, 6, 3, stride=2, output_padding=1), (4, 5, 3)),
        (nn.ConvTranspose3d(2, 3, 2), (2, 3, 2, 4)),
        (nn.Linear(5, 7), (3, 5)),
        (nn.MaxPool2d(2), (1, 6, 6)),
    ]:
        with FlopCounterMode(display=False) as counter:
            layer(torch.zeros(1, *shape))
        (step,) = trace(layer, shape)
        assert 2 * step.multiply_adds == counter.get_total_flops()


def test_a_trace_leaves_the_model_as_it_was():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5)).train()
    before, random_state = copy.deepcopy(model.state_dict()), torch.random.get_rng_state()
    trace(model, (1, 3, 3))
    for module in model.modules():
        assert module.training
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.device.type == "cpu" for parameter in model.parameters())
    assert torch.equal(torch.random.get_rng_state(), random_state)


def test_a_layer_that_is_passed_twice_is_listed_twice():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution, self.pool = nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2, return_indices=True)

        def forward(self, images):
            return self.pool(self.convolution(self.convolution(images)))

    assert [(step.name, step.output_shape) for step in trace(Twice(), (1, 6, 6))] == [
        ("convolution", (1, 6, 6)),
        ("convolution", (1, 6, 6)),
        ("pool", (1, 3, 3)),
    ]


def test_an_input_that_does_not_pass_names_the_layer():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(10, 3))
    with pytest.raises(ValueError, match=r"shape \(1, 8, 8\) does not pass.* 3 \(Linear\) got \(72,\)"):
        trace(model, (1, 8, 8))
    with pytest.raises(ValueError, match=r"the model \(Conv2d\) got \(3, 8, 8\)"):
        trace(nn.Conv2d(1, 2, 3), (3, 8, 8))
    with pytest.raises(ValueError, match="do not fit what was made for"):
        trace(robledo_two_layer(), (1, 32, 32))
    assert len(trace(model, (1, 3, 7))) == 4


class Attending(nn.Module):
    """Attention, a layer, and maybe a parameter of its own."""

    def __init__(self, gain):
        super().__init__()
        self.attention, self.linear = nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(8, 8)
        self.gain = nn.Parameter(torch.ones(5)) if gain else None

    def forward(self, rows):
        answer = self.linear(self.attention(rows, rows, value=rows)[0])
        return answer if self.gain is None else answer * self.gain.sum()


class Tied(nn.Module):
    """The way back by the same weights."""

    def __init__(self, bias):
        super().__init__()
        self.linear, self.bias = nn.Linear(9, 4), nn.Parameter(torch.zeros(9)) if bias else None

    def forward(self, numbers):
        return functional.linear(self.linear(numbers), self.linear.weight.T, self.bias)


def test_all_parameters_that_are_used_are_in_the_table():
    shared, first, second = nn.Conv2d(3, 3, 3, padding=1), nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    for net, shape, found in [
        (nn.Sequential(parametrizations.weight_norm(nn.Conv2d(1, 8, 3)), nn.ReLU()), (1, 8, 8), [88, 0]),
        (nn.Sequential(parametrizations.spectral_norm(nn.ConvTranspose2d(1, 8, 3)), nn.ReLU()), (1, 8, 8), [80, 0]),
        (nn.Sequential(parametrizations.orthogonal(nn.Linear(4, 4))), (4,), [20]),
        (Attending(gain=False), (3, 8), [288, 72]),
        (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (5, 8), [288, 0, 16, 144, 0, 136, 0, 16]),
        (nn.Sequential(shared, nn.ReLU(), nn.Sequential(shared)), (3, 8, 8), [84, 0, 0]),
        (nn.Sequential(first, second), (4,), [20, 4]),
        (Tied(bias=False), (9,), [40]),
        (nn.LSTM(4, 3, batch_first=True), (5, 4), [108]),
    ]:
        steps = trace(net, shape)
        assert [step.parameters for step in steps] == found
        assert sum(found) == sum(parameter.numel() for parameter in net.parameters())
    (step,) = trace(parametrizations.weight_norm(nn.Conv2d(1, 8, 3)), (1, 8, 8))
    assert (step.kind, step.multiply_adds) == ("Conv2d", multiply_adds(1, 8, 3, 6))


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")
def test_what_cannot_be_listed_is_named():
    for net, shape, message in [
        (Attending(gain=True), (3, 8), "gain of Attending cannot be listed"),
        (Tied(bias=True), (9,), "^bias of Tied cannot be listed, as no layer holds what is used there: move it into"),
        (nn.utils.weight_norm(nn.Conv2d(1, 8, 3)), (1, 8, 8), "Conv2d cannot be copied, perhaps by the old"),
        (nn.Sequential(nn.LazyConv2d(3, 3)), (1, 8, 8), "0.weight, 0.bias have no size yet: pass a batch through"),
    ]:
        with pytest.raises(ValueError, match=message):
            trace(net, shape)
    with pytest.raises(TypeError, match=r"the model is a str: give an nn.Module"):
        trace("dense-7", (1, 28, 28))
    for shape in ("ab", 8, (1, 8.0, 8), (1, -8, 8)):
        with pytest.raises(ValueError, match="give whole numbers, such as"):
            trace(nn.ReLU(), shape)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Softmax(dim=7), (3,)),
        (nn.Flatten(5), (3,)),
        (nn.Bilinear(3, 3, 1), (3,)),
        (nn.MaxUnpool2d(2), (1, 4, 4)),
        (nn.LocalResponseNorm(2), ()),
        (nn.InstanceNorm2d(3), (3, 1, 1)),
        (nn.Upsample(size=(3, 3), mode="linear"), (6, 4, 4)),
        (nn.Embedding(4, 2), (3,)),
        (nn.PixelShuffle(3), (4, 4, 4)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_every_kind_of_layer_that_does_not_fit_is_named(layer, shape):
    name = re.escape(f"shape {shape} does not pass: 1 ({type(layer).__name__}) got {shape}: ")
    with pytest.raises(ValueError, match=name):
        trace(nn.Sequential(nn.Identity(), layer), shape)


def test_what_goes_wrong_behind_a_layer_is_not_laid_at_its_door():
    class Added(nn.Sequential):
        def forward(self, images):
            return super().forward(images) + images

    with pytest.raises(ValueError, match=r"behind 0 \(Conv2d\), which gave \(2, 6, 6\): The size of tensor"):
        trace(Added(nn.Conv2d(1, 2, 3)), (1, 8, 8))


@st.composite
def pairs(draw, low, high):
    return draw(st.tuples(st.integers(low, high), st.integers(low, high)))


@st.composite
def down(draw):
    """One layer that a receptive field is known through, rectangular."""
    kernel, stride, dilation = draw(pairs(1, 3)), draw(pairs(1, 3)), draw(pairs(1, 2))
    match draw(st.sampled_from(["convolution", "same", "maximum", "average", "zeros", "other"])):
        case "convolution":
            return nn.Conv2d(1, 1, kernel, stride, draw(pairs(0, 2)), dilation, bias=False)
        case "same":
            return nn.Conv2d(1, 1, kernel, 1, draw(st.sampled_from(["same", "valid"])), dilation, bias=False)
        case "maximum":
            return nn.MaxPool2d(kernel, stride, tuple(k // 2 for k in kernel), dilation, ceil_mode=draw(st.booleans()))
        case "average":
            return nn.AvgPool2d(kernel, stride, tuple(k // 2 for k in kernel), ceil_mode=draw(st.booleans()))
        case "zeros":
            return nn.ZeroPad2d((*draw(pairs(0, 2)), *draw(pairs(0, 2))))
        case _:
            return draw(st.sampled_from([nn.ReLU(), nn.Identity(), nn.Dropout(0.5)]))


@st.composite
def up(draw):
    kernel, stride, padding = draw(pairs(1, 4)), draw(pairs(1, 3)), draw(pairs(0, 1))
    extra = tuple(draw(st.integers(0, s - 1)) for s in stride)
    return nn.ConvTranspose2d(1, 1, kernel, stride, padding, extra, bias=False, dilation=draw(pairs(1, 2)))


def ties(layers, size):
    """For rows and for columns, [size, outputs]: whether lighting a line of the input changes a line of the output."""
    net = nn.Sequential(*layers).double().eval()
    lit = torch.eye(size, dtype=torch.float64)[:, None, :, None].expand(-1, 1, -1, size)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(1)
        rows, columns = net(lit), net(lit.mT)
    return rows[:, 0].amax(2) > 0, columns[:, 0].amax(1) > 0


def compare(field_of, layers, tied):
    """Rows and columns, each [numbers, pixels], with their fields; returns how many numbers were compared exactly.

    At the border of a map between two layers padding may stand where pixels would be, so that fewer are tied: along one
    axis this concerns single numbers, along the other it may be all.
    """
    fields = [field_of(layers, axis) for axis in (0, 1)]
    complete = [
        [field.pixels(number) == field.pixels(number, within=matrix.shape[1]) for number in range(len(matrix))]
        for field, matrix in zip(fields, tied, strict=True)
    ]
    both = all(map(any, complete))
    for field, matrix, exact in zip(fields, tied, complete, strict=True):
        for number, row in enumerate(matrix):
            found, pixels = row.nonzero().flatten().tolist(), field.pixels(number, within=len(row))
            assert found == pixels if exact[number] and both else set(found) <= set(pixels)
    return both * sum(map(sum, complete))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_a_number_sees_exactly_its_receptive_field():
    compared = []

    @given(st.lists(down(), max_size=5))
    @settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    def check(layers):
        with contextlib.suppress(RuntimeError):  # the chain has used up the picture
            compared.append(compare(receptive_field, layers, [matrix.T for matrix in ties(layers, 24)]))

    check()
    assert sum(count > 2 for count in compared) > 50


def test_a_number_moves_exactly_its_projective_field():
    compared = []

    @given(st.lists(up(), max_size=4))
    @settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    def check(layers):
        with contextlib.suppress(RuntimeError):  # the padding has cut off all there was
            compared.append(compare(projective_field, layers, ties(layers, 4)))

    check()
    assert sum(count > 2 for count in compared) > 50


@given(st.lists(st.tuples(pairs(1, 5), pairs(1, 3), pairs(0, 2), pairs(1, 3)), max_size=5), st.integers(0, 1))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_the_projective_field_is_the_receptive_field_of_what_is_transposed(chain, axis):
    convolutions = [nn.Conv2d(1, 1, *options, device="meta") for options in chain]
    transposed = [
        nn.ConvTranspose2d(1, 1, kernel, stride, padding, dilation=dilation, device="meta")
        for kernel, stride, padding, dilation in reversed(chain)
    ]
    assert projective_field(transposed, axis) == receptive_field(convolutions, axis)
    # and size and jump by the formulas of the literature, from the first layer on
    size, jump, start = 1, 1, 0
    for kernel, stride, padding, dilation in chain:
        size += dilation[axis] * (kernel[axis] - 1) * jump
        start -= padding[axis] * jump
        jump *= stride[axis]
    field = receptive_field(convolutions, axis)
    assert (field.size, field.jump, field.start) == (size, jump, start)


def test_the_gradient_reaches_the_receptive_field_of_a_real_net():
    layers = robledo_max_pool().encoder.children()
    net = nn.Sequential(*(nn.AvgPool2d(3) if isinstance(layer, nn.MaxPool2d) else layer for layer in layers))
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.1)
    field = receptive_field(net)
    for row in range(3):
        images = torch.rand(1, 1, 28, 28, requires_grad=True)
        net(images)[0, 0, row, 1].backward()
        rows, columns = (images.grad[0, 0] != 0).nonzero().unbind(1)
        assert sorted(set(rows.tolist())) == field.pixels(row, within=28)
        assert sorted(set(columns.tolist())) == field.pixels(1, within=28)


def test_known_receptive_fields():
    stage = lambda count: [nn.Conv2d(1, 1, 3, padding=1) for _ in range(count)] + [nn.MaxPool2d(2)]  # noqa: E731
    vgg16 = receptive_field([layer for count in (2, 2, 3, 3, 3) for layer in stage(count)])
    assert (vgg16.size, vgg16.jump) == (212, 32)
    pool = nn.MaxPool2d(3, 2)
    alexnet = receptive_field(
        [nn.Conv2d(1, 1, 11, 4), pool, nn.Conv2d(1, 1, 5, padding=2), pool]
        + [nn.Conv2d(1, 1, 3, padding=1) for _ in range(3)]
        + [pool]
    )
    assert (alexnet.size, alexnet.jump) == (195, 32)
    assert receptive_field([]) == ReceptiveField() == projective_field([nn.Sigmoid()])


def test_the_2481_parameter_net_works_on_nine_separate_blocks():
    net = robledo_two_layer()
    seen, moved = receptive_field(net.encoder), projective_field(net.decoder)
    assert seen == moved
    assert [seen.pixels(index) for index in range(3)] == [list(range(start, start + 9)) for start in (0, 9, 18)]
    assert receptive_field(robledo_max_pool().encoder).size > receptive_field(robledo_max_pool().encoder).jump


def test_a_dilated_kernel_leaves_gaps():
    field = receptive_field([nn.Conv2d(1, 1, 3, dilation=2, padding=2)])
    assert (field.size, field.start) == (5, -2)
    assert field.pixels(1) == [-1, 1, 3]
    assert field.pixels(1, within=3) == [1]


@pytest.mark.parametrize(
    "layer",
    [
        *(nn.BatchNorm2d(2), nn.Dropout(0.5), nn.Dropout2d(0.5), nn.ELU(), nn.GELU(), nn.Hardtanh(), nn.Identity()),
        *(nn.LeakyReLU(), nn.PReLU(), nn.ReLU(), nn.SiLU(), nn.Sigmoid(), nn.Softplus(), nn.Tanh()),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_counts_as_element_wise_is(layer):
    assert receptive_field([layer]) == projective_field([layer]) == ReceptiveField()
    plane = torch.linspace(-0.4, 0.4, 18).view(1, 2, 3, 3)
    jacobian = torch.autograd.functional.jacobian(layer.eval(), plane).view(18, 18)
    assert torch.equal(jacobian, jacobian.diag().diag())


def test_what_mixes_pixels_in_another_way_is_refused_by_name():
    others = (
        nn.Linear(4, 4),
        nn.Flatten(),
        nn.AdaptiveAvgPool2d(1),
        nn.Upsample(scale_factor=2),
        nn.ConvTranspose2d(1, 1, 2),
    )
    for layer in others:
        with pytest.raises(TypeError, match=f"{type(layer).__name__} is no element-wise layer and not one of Conv2d"):
            receptive_field([nn.Conv2d(1, 1, 3), layer])
    with pytest.raises(TypeError, match="Conv2d is no element-wise layer and not one of ConvTranspose2d"):
        projective_field([nn.Conv2d(1, 1, 3)])
    with pytest.raises(TypeError, match="Sequential holds other layers: pass its innermost ones"):
        receptive_field([robledo_two_layer().encoder])
    layers = [step.layer for step in trace(robledo_two_layer().encoder, (1, 28, 28))]
    assert receptive_field(layers).size == 9  # the remedy works
    for axis in (2, -1, "rows"):
        with pytest.raises(ValueError, match=r"axis is .*: give 0 for the rows or 1 for the columns"):
            receptive_field([], axis)


def test_fields_that_explode_are_refused():
    for field_of, layers in [
        (receptive_field, [nn.MaxPool2d(10**9)]),
        (receptive_field, [nn.MaxPool2d(16)] * 48),
        (projective_field, [nn.ConvTranspose2d(1, 1, 16, 16)] * 48),
    ]:
        with pytest.raises(ValueError, match="ties more than 10,000,000 pixels: pass fewer layers"):
            field_of(layers)


@pytest.mark.parametrize(
    ("offsets", "jump", "message"),
    [((), 1, "give at least one"), ((3, 1), 1, "each larger than"), ((1, 1), 1, "each larger"), ((0,), 0, "jump is 0")],
)
def test_what_is_no_field(offsets, jump, message):
    with pytest.raises(ValueError, match=message):
        ReceptiveField(offsets, jump)
