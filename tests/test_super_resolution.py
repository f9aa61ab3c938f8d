"""The small modern net, and the interpolations that it has to beat."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn
from torch.nn import functional
from torchvision.transforms import functional as transforms

from convae.corruption import LowResolution
from convae.enlarging import METHODS, Enlarge
from convae.models import SuperResolver


def picture(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


# the net


@settings(deadline=None, max_examples=20)
@given(factor=st.integers(2, 4), colours=st.sampled_from([1, 3]), rows=st.integers(4, 20), columns=st.integers(4, 20))
def test_what_comes_out_is_larger_by_the_factor(factor, colours, rows, columns):
    net = SuperResolver(factor, 4, 1, colours)
    assert net(picture(2, colours, rows, columns)).shape == (2, colours, factor * rows, factor * columns)


def test_a_net_that_says_nothing_interpolates():
    net, images = SuperResolver(2, 4, 1), picture(2, 3, 12, 9)
    nn.init.zeros_(net.enlarge[0].weight)
    nn.init.zeros_(net.enlarge[0].bias)
    assert torch.equal(net(images), Enlarge(2, "bicubic")(images))


def test_the_books_nets_stay_below_100_000_parameters():
    for factor in (2, 4):
        net = SuperResolver(factor)
        (net(picture(2, 3, 8, 8)) - 0.5).square().sum().backward()
        assert all(parameter.grad.abs().sum() > 0 for parameter in net.parameters())
        assert sum(parameter.numel() for parameter in net.parameters()) < 100_000


@pytest.mark.parametrize("settings", [{"factor": 1}, {"channels": 0}, {"blocks": 0}, {"colours": 0}])
def test_nets_that_cannot_be(settings):
    with pytest.raises(ValueError, match="give a factor of at least 2, of everything else at least 1"):
        SuperResolver(**settings)


def test_grey_pictures_do_not_fit_a_net_for_colours():
    with pytest.raises(ValueError, match=r"for a net of 3 colours: give \[N, 3, H, W\]"):
        SuperResolver()(picture(1, 1, 8, 8))


# the interpolations


def by_pillow(images, size, method):
    """Pillow's answer on floating-point planes, [N, C, H, W]."""
    planes = [Image.fromarray(plane.numpy()).resize(size[::-1], method) for plane in images.flatten(0, 1)]
    planes = [transforms.pil_to_tensor(plane)[0] for plane in planes]
    return torch.stack(planes).view(*images.shape[:2], *size)


@settings(deadline=None, max_examples=30)
@given(factor=st.integers(1, 4), rows=st.integers(1, 14), columns=st.integers(1, 14), seed=st.integers(0, 99))
def test_they_are_pillows_and_pytorchs(factor, rows, columns, seed):
    images = picture(2, 3, rows, columns, seed=seed)
    size = (factor * rows, factor * columns)
    filters = Image.Resampling
    expected = {
        "nearest": by_pillow(images, size, filters.NEAREST),
        "bilinear": by_pillow(images, size, filters.BILINEAR),
        "bicubic": by_pillow(images, size, filters.BICUBIC),
        "lanczos": by_pillow(images, size, filters.LANCZOS),
        "bicubic-0.75": functional.interpolate(images, size=size, mode="bicubic", align_corners=False),
    }
    assert expected.keys() == METHODS.keys()
    for method, right in expected.items():
        torch.testing.assert_close(Enlarge(factor, method)(images), right, atol=2e-5, rtol=0, msg=method)


def keys(distance, a):
    """The cubic kernel of [keys1981cubic], from its paper."""
    x = abs(distance)
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


@pytest.mark.parametrize(("method", "a"), [("bicubic", -0.5), ("bicubic-0.75", -0.75)])
def test_the_two_bicubics_have_the_a_of_their_names(method, a):
    point = torch.zeros(1, 1, 1, 17)
    point[..., 8] = 1
    row = Enlarge(2, method)(point)[0, 0, 0]
    expected = [keys((position + 0.5) / 2 - 0.5 - 8, a) for position in range(34)]
    torch.testing.assert_close(row, torch.tensor(expected), atol=1e-6, rtol=0)


@pytest.mark.parametrize("method", METHODS)
def test_an_even_picture_stays_even_and_brighter_in_is_brighter_out(method):
    even = torch.full((1, 1, 6, 7), 0.3)
    torch.testing.assert_close(Enlarge(3, method)(even), torch.full((1, 1, 18, 21), 0.3))
    images = picture(1, 1, 9, 9)
    torch.testing.assert_close(Enlarge(2, method)(0.5 * images), 0.5 * Enlarge(2, method)(images), atol=1e-6, rtol=0)


def test_going_down_and_up_is_what_the_corruption_does_at_once():
    images = picture(2, 3, 24, 24)
    chance = torch.Generator()
    up = Enlarge(4, "bicubic")(LowResolution(4)(images, chance))
    assert torch.equal(up, LowResolution(4, enlarge=True)(images, chance))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((0, "bicubic"), "factor is 0: give a whole number of at least 1"),
        ((1.5, "bicubic"), "factor is 1.5"),
        ((2, "bicubik"), "no method is called 'bicubik': did you mean bicubic"),
    ],
)
def test_impossible_enlarging(settings, message):
    with pytest.raises(ValueError, match=message):
        Enlarge(*settings)
