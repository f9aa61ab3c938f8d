"""Every size against PyTorch: its meta device for what is in range, its CPU, which is stricter, for what is not."""

import itertools
import math
import random
import re
from collections import defaultdict
from functools import cache

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from convae.arithmetic.shapes import (
    convolution_inputs,
    convolution_matrix,
    convolution_parameters,
    convolution_shape,
    convolution_size,
    inverting_output_padding,
    multiply_adds,
    pooling_shape,
    pooling_size,
    transposed_shape,
    transposed_size,
)


@cache
def picture(rows, columns, device):
    return torch.zeros(1, 1, rows, columns, device=device)


def pytorch_convolution(size, kernel, stride, padding, dilation, device="meta"):
    return functional.conv2d(picture(*size, device), picture(*kernel, device), None, stride, padding, dilation)


def pytorch_transposed(size, kernel, stride, padding, dilation, output_padding, device="meta"):
    weight = picture(*kernel, device)
    return functional.conv_transpose2d(
        picture(*size, device), weight, None, stride, padding, output_padding, 1, dilation
    )


def pytorch_maximum(size, kernel, stride, padding, dilation, ceil_mode=False, device="meta"):
    return functional.max_pool2d(picture(*size, device), kernel, stride, padding, dilation, ceil_mode)


def pytorch_average(size, kernel, stride, padding, ceil_mode=False, device="meta"):
    return functional.avg_pool2d(picture(*size, device), kernel, stride, padding, ceil_mode)


def result_or_none(compute, *arguments, **options):
    """None where the settings are refused. (PyTorch's meta device lets an empty map pass, which its CPU refuses.)"""
    try:
        result = compute(*arguments, **options)
    except (RuntimeError, ValueError):
        return None
    if isinstance(result, torch.Tensor):
        return None if result.is_meta and result.numel() == 0 else tuple(result.shape[2:])
    return result


def differences(ours, theirs, grid, rounds, **options):
    """Gives rows and columns different settings of the grid, `rounds` times another partner to each."""
    wrong, compared, refused = [], 0, 0
    for seed in range(rounds):
        partners = random.Random(seed).sample(grid, len(grid))
        for rows, columns in zip(grid, partners, strict=True):
            case = tuple(zip(rows, columns, strict=True))
            expected = result_or_none(theirs, *case, **options)
            compared, refused = compared + 1, refused + (expected is None)
            found = result_or_none(ours, *case, **options)
            if found != expected:  # the meta device of PyTorch 2.11 (Colab's) lets output paddings pass, too
                expected = result_or_none(theirs, *case, **options, device="cpu")
            if found != expected:
                wrong.append((case, expected))
    assert 0 < refused < compared
    return wrong, compared


def ranges(*limits):
    return list(itertools.product(*(range(first, last + 1) for first, last in limits)))


CONVOLUTIONS = ranges((1, 20), (1, 7), (1, 5), (0, 5), (1, 5))  # size, kernel, stride, padding, dilation


def test_convolution_on_100_000_rectangular_settings():
    assert differences(convolution_shape, pytorch_convolution, CONVOLUTIONS, rounds=5) == ([], 105_000)


def test_transposed_convolution_on_100_000_rectangular_settings():
    grid = ranges((1, 9), (1, 5), (1, 5), (0, 4), (1, 4), (0, 5))
    assert differences(transposed_shape, pytorch_transposed, grid, rounds=4) == ([], 108_000)


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_pooling_on_100_000_rectangular_settings(ceil_mode):
    grid = ranges((1, 13), (1, 5), (1, 5), (0, 5), (1, 3))
    wrong, compared = differences(pooling_shape, pytorch_maximum, grid, rounds=9, ceil_mode=ceil_mode)
    assert (wrong, compared) == ([], 52_650)
    undilated = ranges((1, 13), (1, 5), (1, 5), (0, 5))
    assert differences(pooling_shape, pytorch_average, undilated, rounds=2, ceil_mode=ceil_mode) == ([], 3_900)


@pytest.mark.parametrize(
    ("ours", "theirs", "limits"),
    [
        (convolution_size, pytorch_convolution, [(0, 5), (0, 4), (0, 3), (-1, 2), (0, 3)]),
        (transposed_size, pytorch_transposed, [(0, 3), (0, 3), (0, 3), (-1, 3), (0, 3), (-1, 4)]),
        (pooling_size, pytorch_maximum, [(0, 5), (0, 4), (-1, 3), (-1, 3), (-1, 3)]),
    ],
)
def test_what_is_out_of_range_is_refused_where_the_cpu_refuses_it(ours, theirs, limits):
    verdicts = defaultdict(int)
    for case in ranges(*limits):
        beside = zip(case, (4, 1, 1, 0, 1, 0), strict=False)
        expected = result_or_none(theirs, *beside, device="cpu")
        assert result_or_none(ours, *case) == (expected and expected[0]), case
        verdicts[expected] += 1
    assert verdicts[None] > 100
    assert len(verdicts) > 3


REMEDIES = (
    re.compile(r"use a (padding) of at (least|most) (\d+)"),
    re.compile(r"pad the picture to a (size) of at (least) (\d+)"),
    re.compile(r"(\w+) is .*: (?:it has to be|use|give a whole number of) at (least|most) (\d+)"),
)


def remedy(error):
    """The setting, the number that the message recommends, and the next number beyond it."""
    found = [match.groups() for pattern in REMEDIES if (match := pattern.search(str(error)))]
    assert len(found) == 1, error
    name, bound, limit = found[0]
    return name, int(limit), int(limit) + {"least": -1, "most": 1}[bound]


ORACLES = {
    convolution_size: pytorch_convolution,
    convolution_inputs: pytorch_convolution,
    pooling_size: pytorch_maximum,
    transposed_size: pytorch_transposed,
}


@given(data=st.data(), function=st.sampled_from(list(ORACLES)))
@settings(deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
def test_whoever_follows_the_remedies_ends_where_pytorch_agrees(data, function):
    names = ["output" if function is convolution_inputs else "size", "kernel", "stride", "padding", "dilation"]
    names += ["output_padding"] * (function is transposed_size)
    chosen = {name: data.draw(st.integers(-3, 12), label=name) for name in names}
    for _ in names * 2:
        try:
            result = function(**chosen)
            break
        except ValueError as error:
            name, limit, beyond = remedy(error)
            with pytest.raises(ValueError, match=name):
                function(**{**chosen, name: beyond})
            chosen[name] = limit
    size, kernel, stride, padding, dilation, *rest = chosen.values()
    if function is convolution_inputs:
        size, result = max(result), size
    pairs = (size, 40), (kernel, 1), (stride, 1), (padding, 0), (dilation, 1)
    assert ORACLES[function](*pairs, *((value, 0) for value in rest), device="cpu").shape[2] == result


@pytest.mark.parametrize("size", [True, 3.0, "3", None])
def test_a_size_that_is_no_whole_number_is_refused(size):
    for function in (convolution_size, pooling_size, transposed_size, convolution_inputs):
        with pytest.raises(ValueError, match="give a whole number of at least 1"):
            function(size, 1)


def test_pairs_name_the_axis_that_does_not_fit():
    assert convolution_shape((28, 28), (3, 5), stride=(1, 2)) == (26, 12)
    with pytest.raises(ValueError, match="along the columns: a kernel that spans 30 pixels"):
        convolution_shape((28, 28), (3, 30))
    with pytest.raises(ValueError, match="3 parts: give one number, or a pair"):
        convolution_shape((28, 28), (3, 3, 3))  # type: ignore[arg-type]


def test_a_pooling_steps_by_its_kernel_unless_told_otherwise():
    assert pooling_size(28, 3) == pooling_size(28, 3, stride=3) == 9
    assert pooling_shape((28, 15), (2, 3)) == (14, 5)


def test_uneven_padding_is_padding_first():
    for size, kernel, stride, before, after, dilation in ranges((1, 6), (1, 4), (1, 3), (0, 3), (0, 3), (1, 2)):
        padded = functional.pad(picture(size, 4, "meta"), (0, 0, before, after))
        case = (kernel, 2), (stride, 1), ((before, after), 1), (dilation, 1)
        weight = picture(kernel, 2, "meta")
        expected = result_or_none(functional.conv2d, padded, weight, None, (stride, 1), (0, 1), (dilation, 1))
        if expected is None:
            with pytest.raises(ValueError, match="use a padding of at least"):
                convolution_shape((size, 4), *case)
        else:
            assert convolution_shape((size, 4), *case) == expected
            inverse = inverting_output_padding(size, kernel, stride, (before, after), dilation)
            small = convolution_size(size, kernel, stride, (before, after), dilation)
            assert transposed_size(small, kernel, stride, (before, after), dilation, inverse) == size
            whole = pytorch_transposed((small, 1), (kernel, 1), (stride, 1), (0, 0), (dilation, 1), (inverse, 0))
            assert functional.pad(whole, (0, 0, -before, -after)).shape[2] == size


def test_every_convolution_has_one_output_padding_that_comes_back():
    for size, kernel, stride, padding, dilation in CONVOLUTIONS:
        extent = dilation * (kernel - 1) + 1
        if extent > size + 2 * padding:
            continue
        small = convolution_size(size, kernel, stride, padding, dilation)
        back = {extra: (small - 1) * stride - 2 * padding + extent + extra for extra in range(stride)}
        inverse = inverting_output_padding(size, kernel, stride, padding, dilation)
        assert [extra for extra, whole in back.items() if whole == size] == [inverse]
        assert transposed_size(small, kernel, stride, padding, dilation, inverse) == size


def test_the_inputs_of_an_output_are_those_found_by_trying_all():
    for kernel, stride, padding, dilation in ranges((1, 5), (1, 5), (0, 4), (1, 3)):
        found = defaultdict(dict)
        for size in range(1, 60):
            if dilation * (kernel - 1) < size + 2 * padding:
                settings_of_it = size, kernel, stride, padding, dilation
                found[convolution_size(*settings_of_it)][size] = inverting_output_padding(*settings_of_it)
        for output in range(1, 9):
            if output in found:
                assert convolution_inputs(output, kernel, stride, padding, dilation) == found[output]
            else:
                with pytest.raises(ValueError, match=f"already becomes {min(found)}"):
                    convolution_inputs(output, kernel, stride, padding, dilation)


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.booleans())
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_parameters_and_products_are_pytorchs(groups, before, after, rows, columns, bias):
    before, after = before * groups, after * groups
    kernel = (rows, columns)
    convolution = torch.nn.Conv2d(before, after, kernel, stride=2, padding=1, groups=groups, bias=bias, device="meta")
    transposed = torch.nn.ConvTranspose2d(before, after, kernel, stride=2, groups=groups, bias=bias, device="meta")
    images = torch.empty(1, before, 11, 9, device="meta")
    for layer, places in (convolution, convolution_shape((11, 9), kernel, 2, 1)), (transposed, (11, 9)):
        with FlopCounterMode(display=False) as counter:
            layer(images)
        assert counter.get_total_flops() == 2 * multiply_adds(before, after, kernel, places, groups)
        assert sum(p.numel() for p in layer.parameters()) == convolution_parameters(before, after, kernel, groups, bias)
    linear = torch.nn.Linear(before, after, bias, device="meta")
    with FlopCounterMode(display=False) as counter:
        linear(torch.empty(1, before, device="meta"))
    assert counter.get_total_flops() == 2 * multiply_adds(before, after)
    assert sum(p.numel() for p in linear.parameters()) == convolution_parameters(before, after, bias=bias)


def test_groups_have_to_divide_the_channels():
    with pytest.raises(ValueError, match=r"4 groups do not divide 8 input and 6 output channels.* such as 2") as caught:
        convolution_parameters(8, 6, 3, groups=4)
    remedy = int(str(caught.value).rsplit(" ", 1)[1])
    assert convolution_parameters(8, 6, 3, groups=remedy) == 9 * 8 * 6 // 2 + 6
    for wrong in ({"channels_in": 0}, {"channels_out": -1}, {"kernel": (3, 0)}, {"groups": 0}, {"places": (2, 0)}):
        with pytest.raises(ValueError, match="at least 1"):
            multiply_adds(**{"channels_in": 1, "channels_out": 1, **wrong})


@st.composite
def convolutions(draw):
    """Weight, input picture and settings, all small, rectangular and in float64."""
    pair = lambda low, high: draw(st.tuples(st.integers(low, high), st.integers(low, high)))  # noqa: E731
    channels_in, channels_out = pair(1, 3)
    shape, kernel, stride, dilation = pair(1, 8), pair(1, 4), pair(1, 3), pair(1, 3)
    padding = pair(0, 3), pair(0, 3)
    try:
        convolution_shape(shape, kernel, stride, padding, dilation)
    except ValueError:
        assume(False)
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    weight = torch.randn(channels_out, channels_in, *kernel, generator=generator, dtype=torch.float64)
    images = torch.randn(1, channels_in, *shape, generator=generator, dtype=torch.float64)
    return weight, images, stride, padding, dilation


@given(convolutions())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_the_matrix_is_the_convolution_and_its_transpose_the_transposed_convolution(case):
    weight, images, stride, padding, dilation = case
    shape = tuple(images.shape[2:])
    matrix = convolution_matrix(weight, shape, stride, padding, dilation)
    (top, bottom), (left, right) = padding
    padded = functional.pad(images, (left, right, top, bottom))
    maps = functional.conv2d(padded, weight, None, stride, 0, dilation)
    assert torch.allclose(matrix @ images.flatten(), maps.flatten(), rtol=1e-12, atol=1e-12)
    back = torch.randn(maps.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    extra = tuple(
        inverting_output_padding(*axis) for axis in zip(shape, weight.shape[2:], stride, padding, dilation, strict=True)
    )
    whole = functional.conv_transpose2d(back, weight, None, stride, 0, extra, 1, dilation)
    spread = functional.pad(whole, (-left, -right, -top, -bottom))
    assert torch.allclose(matrix.T @ back.flatten(), spread.flatten(), rtol=1e-12, atol=1e-12)
    assert math.isclose((maps * back).sum(), (images * spread).sum(), rel_tol=1e-9, abs_tol=1e-9)


def test_the_worked_example_of_the_literature():
    picture_4 = torch.tensor([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
    matrix = convolution_matrix(torch.tensor([[[[1.0, 4, 1], [1, 4, 3], [3, 3, 1]]]]), (4, 4))
    assert matrix.shape == (4, 16)
    first = matrix.to_dense()[0].view(4, 4)
    assert first.tolist() == [[1, 4, 1, 0], [1, 4, 3, 0], [3, 3, 1, 0], [0, 0, 0, 0]]
    maps = matrix @ picture_4.flatten()
    assert maps.tolist() == [122, 148, 126, 134]
    assert not torch.equal(matrix.T @ maps, picture_4.flatten())  # the transpose is no inverse


def test_the_matrix_holds_one_entry_a_product_and_none_for_pixels_that_are_never_read():
    for rows, columns, stride in ranges((3, 9), (3, 9), (1, 4)):
        weight = torch.ones(2, 3, 3, 3)
        matrix = convolution_matrix(weight, (rows, columns), stride)
        assert matrix.values().numel() == multiply_adds(3, 2, 3, convolution_shape((rows, columns), 3, stride))
        if stride <= 3:
            read = matrix.to_dense().any(0).view(3, rows, columns).any(0)
            unread = inverting_output_padding(rows, 3, stride), inverting_output_padding(columns, 3, stride)
            assert (rows - read.any(1).sum(), columns - read.any(0).sum()) == unread


def test_the_matrix_lets_gradients_through_to_the_weight():
    weight = torch.ones(1, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    (convolution_matrix(weight, (3, 3)) @ torch.arange(9.0, dtype=torch.float64)).sum().backward()
    assert weight.grad.flatten().tolist() == [8, 12, 20, 24]
    with pytest.raises(ValueError, match=r"2 axes: give \[C_out, C_in"):
        convolution_matrix(torch.ones(3, 3), (4, 4))
    with pytest.raises(ValueError, match="does not fit"):
        convolution_matrix(torch.ones(1, 1, 3, 3), (2, 4))


def test_what_would_fill_the_memory_is_refused():
    with pytest.raises(ValueError, match="stride is 1,000,000,000: it has to be at most 1,000,000; is it a slip of"):
        convolution_inputs(3, 3, stride=10**9)
    with pytest.raises(ValueError, match="a matrix of 90,000,000,000 entries: use a smaller picture"):
        convolution_matrix(torch.ones(1, 1, 3, 3), (100_002, 100_002))
