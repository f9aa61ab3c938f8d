"""U-Nets: shapes, the paths across, and what they refuse."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import noise
from torch import nn

from convae.models.unet import UNet


@settings(deadline=None, max_examples=30)
@given(
    channels=st.lists(st.integers(1, 6), min_size=2, max_size=4),
    colours=st.sampled_from([1, 3]),
    rows=st.integers(1, 4),
    columns=st.integers(1, 4),
    residual=st.booleans(),
    upsampling=st.sampled_from(["transposed", "sub-pixel"]),
)
def test_what_comes_out_has_the_shape_of_what_went_in(channels, colours, rows, columns, residual, upsampling):
    unit = 2 ** (len(channels) - 1)
    net = UNet(channels, colours, residual, upsampling).eval()
    images = noise(2, colours, rows * unit, columns * unit)
    assert net(images).shape == images.shape
    torch.testing.assert_close(net(images)[1:], net(images[1:]))


@settings(deadline=None, max_examples=30)
@given(depth=st.integers(1, 4), rows=st.integers(1, 70), columns=st.integers(1, 70))
def test_the_padding_that_the_error_names_helps(depth, rows, columns):
    net, images = UNet((2,) * (depth + 1)).eval(), noise(1, 1, rows, columns)
    try:
        net(images)
    except ValueError as error:
        words = str(error).split()
        more_rows, more_columns = int(words[words.index("by") + 1]), int(words[words.index("rows") + 2])
        assert more_rows + more_columns > 0
        net(nn.functional.pad(images, (0, more_columns, 0, more_rows)))


def test_every_parameter_is_trained():
    for normalize, count in ((True, 54_921), (False, 54_697)):
        net = UNet(normalize=normalize)
        (net(noise(4, 1, 28, 28)) - 0.5).square().sum().backward()
        assert all(parameter.grad.abs().sum() > 0 for parameter in net.parameters())
        assert sum(parameter.numel() for parameter in net.parameters()) == count


def test_a_residual_net_that_says_nothing_gives_the_picture_back():
    images = noise(2, 1, 28, 28)
    for residual in (True, False):
        net = UNet(residual=residual)
        nn.init.zeros_(net.last.weight)
        nn.init.zeros_(net.last.bias)
        assert torch.equal(net(images), images if residual else torch.zeros_like(images))


def test_a_path_that_is_cut_carries_nothing():
    net, images = UNet().eval(), noise(1, 1, 28, 28)
    assert torch.equal(net(images, [True, True]), net(images))
    outputs = [net(images, list(skips)) for skips in itertools.product([True, False], repeat=2)]
    assert all(not torch.equal(one, other) for one, other in itertools.combinations(outputs, 2))
    # The weights that read a path do not matter once it is cut.
    before = net(images, [False, True])
    with torch.no_grad():
        net.up[0][0].weight[:, 16:] += 1
    assert torch.equal(net(images, [False, True]), before)
    assert not torch.equal(net(images), before)


@pytest.mark.parametrize(
    ("shape", "skips", "message"),
    [
        ((1, 1, 30, 28), None, "30×28 pixels cannot be halved 2 times: pad them by 2 rows and 0 columns"),
        ((1, 3, 28, 28), None, r"for a net of 1 colours: give \[N, 1, H, W\]"),
        ((1, 28, 28), None, r"images of shape \(1, 28, 28\)"),
        ((1, 1, 28, 28), [True], "1 switches for 2 sizes: give one for each"),
    ],
)
def test_pictures_that_do_not_fit(shape, skips, message):
    with pytest.raises(ValueError, match=message):
        UNet()(noise(*shape), skips)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"channels": (8,)}, "for each of at least 2 layers"),
        ({"channels": (8, 0)}, "the number of channels is 0"),
        ({"colours": 0}, "colours is 0"),
        ({"upsampling": "subpixel"}, "no upsampling is called 'subpixel': did you mean sub-pixel"),
    ],
)
def test_nets_that_cannot_be(settings, message):
    with pytest.raises(ValueError, match=message):
        UNet(**settings)
