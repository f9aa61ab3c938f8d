"""The interpolations against Pillow and PyTorch, and the linear map against what least squares promises."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage
from synthetic import noise, pictures
from torch.nn import functional
from torchvision.transforms import functional as transforms

from convae.baselines.enlarging import METHODS, BackProjection, Enlarge, least_squares_enlarger
from convae.corruption import LowResolution
from convae.measures.metrics import psnr


def by_pillow(images, size, method):
    """Pillow's answer on floating-point planes, [N, C, H, W]."""
    planes = [Image.fromarray(plane.numpy()).resize(size[::-1], method) for plane in images.flatten(0, 1)]
    planes = [transforms.pil_to_tensor(plane)[0] for plane in planes]
    return torch.stack(planes).view(*images.shape[:2], *size)


def by_scipy(images, size):
    """The quintic spline at the places of the new pixels' middles, by scipy, of pictures that are mirrored at the end.

    Written apart from Enlarge: coefficients first, then places, in a wide frame instead of a rule for the border.
    """
    frame, planes = 24, []
    for plane in images.flatten(0, 1).double().numpy():
        weights = ndimage.spline_filter(np.pad(plane, frame, mode="symmetric"), 5, mode="mirror")
        axes = [(np.arange(new) + 0.5) * old / new - 0.5 + frame for new, old in zip(size, plane.shape, strict=True)]
        places = np.meshgrid(*axes, indexing="ij")
        planes.append(ndimage.map_coordinates(weights, places, order=5, prefilter=False))
    return torch.from_numpy(np.stack(planes)).view(*images.shape[:2], *size).float()


@settings(deadline=None, max_examples=30)
@given(factor=st.integers(1, 4), rows=st.integers(1, 14), columns=st.integers(1, 14), seed=st.integers(0, 99))
def test_they_are_those_of_pillow_pytorch_and_scipy(factor, rows, columns, seed):
    images = noise(2, 3, rows, columns, seed=seed)
    size = (factor * rows, factor * columns)
    filters = Image.Resampling
    expected = {
        "nearest": by_pillow(images, size, filters.NEAREST),
        "bilinear": by_pillow(images, size, filters.BILINEAR),
        "bicubic": by_pillow(images, size, filters.BICUBIC),
        "lanczos": by_pillow(images, size, filters.LANCZOS),
        "bicubic-0.75": functional.interpolate(images, size=size, mode="bicubic", align_corners=False),
        "spline": by_scipy(images, size),
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
    images = noise(1, 1, 9, 9)
    torch.testing.assert_close(Enlarge(2, method)(0.5 * images), 0.5 * Enlarge(2, method)(images), atol=1e-6, rtol=0)


def test_the_spline_goes_through_every_pixel():
    images = noise(2, 3, 7, 5)
    torch.testing.assert_close(Enlarge(3, "spline")(images)[..., 1::3, 1::3], images, atol=1e-6, rtol=0)


@settings(deadline=None, max_examples=15)
@given(factor=st.integers(2, 4), method=st.sampled_from(list(METHODS)), seed=st.integers(0, 99))
def test_what_is_projected_back_comes_ever_nearer_to_what_it_was_made_of(factor, method, seed):
    small = noise(1, 1, 12, 10, seed=seed)
    apart = []
    for times in (0, 1, 3, 10):
        large = BackProjection(factor, method, times)(small)
        apart.append((LowResolution(factor).spoil(large, torch.Generator()) - small).square().mean().sqrt())
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < 0.3 * apart[0]


def test_back_projection_by_hand():
    small = noise(2, 3, 6, 8)
    first = Enlarge(2, "bilinear")(small)
    assert torch.equal(BackProjection(2, "bilinear", 0)(small), first)
    missing = small - LowResolution(2).spoil(first, torch.Generator())
    torch.testing.assert_close(BackProjection(2, "bilinear", 1)(small), first + Enlarge(2, "bicubic")(missing))
    even = torch.full((1, 1, 6, 6), 0.3)  # nothing is missing
    torch.testing.assert_close(BackProjection(2)(even), Enlarge(2, "lanczos")(even))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"times": -1}, "times is -1: it has to be at least 0"),
        ({"factor": 0}, "factor is 0: give a whole number of at least 1"),
        ({"method": "lancos"}, "no method is called 'lancos': did you mean lanczos"),
    ],
)
def test_impossible_back_projection(settings, message):
    with pytest.raises(ValueError, match=message):
        BackProjection(**{"factor": 2} | settings)


def test_going_down_and_up_is_what_the_corruption_does_at_once():
    images = noise(2, 3, 24, 24)
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


@pytest.mark.parametrize("method", METHODS)
def test_only_batches_are_enlarged(method):
    with pytest.raises(ValueError, match=r"images of shape \(3, 8, 8\): give \[N, C, H, W\]"):
        Enlarge(2, method)(torch.rand(3, 8, 8))
    with pytest.raises(ValueError, match="0 images: give at least 1"):
        Enlarge(2, method)(torch.rand(0, 3, 8, 8))


def test_no_other_linear_map_is_better_than_that_of_least_squares():
    train = pictures(30, (3, 24, 24))
    best = least_squares_enlarger(train, 2, 3)
    images = train.all().images
    small = LowResolution(2)(images, torch.Generator())
    inner = (..., slice(2, -2), slice(2, -2))  # where the whole window lies inside

    def error(net):
        return (net(small) - images)[inner].square().mean().item()

    least = error(best)
    for method in METHODS:
        if method not in ("lanczos", "spline"):  # which see more than a window of 3
            assert least <= error(Enlarge(2, method)) + 1e-9, method
    for place in [(0, 0, 1, 1), (3, 0, 0, 2), (2, 0, 2, 2)]:
        for change in (0.01, -0.01):
            other = least_squares_enlarger(train, 2, 3)
            other.weight[place] += change
            assert error(other) > least


def test_it_finds_the_map_that_was_used():
    """Pictures that are themselves enlarged by repeating pixels: the box of each pixel is what the reduction saw."""
    generator = torch.Generator().manual_seed(0)
    small = torch.randint(256, (40, 1, 12, 12), generator=generator, dtype=torch.uint8)
    train = pictures(40, (1, 24, 24))
    train = type(train)(small.repeat_interleave(2, 2).repeat_interleave(2, 3), train.labels, train.classes)
    net = least_squares_enlarger(train, 2, 5)
    images = train.all().images
    restored = net(LowResolution(2)(images, torch.Generator()))
    assert psnr(restored[..., 4:-4, 4:-4], images[..., 4:-4, 4:-4]).min() > 20


@pytest.mark.parametrize("window", [0, 2, 13])
def test_impossible_windows(window):
    with pytest.raises(ValueError, match=f"a window of {window} for reduced pictures of 12: give an odd one"):
        least_squares_enlarger(pictures(3, (1, 24, 24)), 2, window)


def test_pictures_that_do_not_tell_the_weights():
    train = pictures(30, (1, 24, 24))
    with pytest.raises(ValueError, match="30 such pictures do not tell the 26 weights of a place: give more"):
        least_squares_enlarger(type(train)(torch.full_like(train.images, 100), train.labels, train.classes), 2)
    with pytest.raises(ValueError, match="1 such pictures do not tell"):
        least_squares_enlarger(pictures(1, (1, 16, 16)), 2)
    with pytest.raises(ValueError, match=r"images of shape \(3, 8, 8\)"):
        least_squares_enlarger(train, 2)(torch.rand(3, 8, 8))
