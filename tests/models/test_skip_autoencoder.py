"""The autoencoder of [utec2021] with its maps carried across, and nets with a path cut."""

import itertools

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from convae.arithmetic.shapes import convolution_size
from convae.models import MODELS, Autoencoder, SkipAutoencoder, UNet, ablations, build, robledo_two_layer
from convae.models.ablations import shuffled

SMALL = {"channels": (4, 6), "code_size": 5, "image_shape": (3, 16, 16), "outputs": ("tanh",)}


def images(count=3, side=16):
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(0))


@settings(deadline=None, max_examples=40)
@given(
    channels=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 4),
    padding=st.integers(0, 2),
    rows=st.integers(8, 40),
    columns=st.integers(8, 40),
    normalize=st.booleans(),
)
def test_what_comes_out_has_the_shape_of_what_went_in(channels, kernel, stride, padding, rows, columns, normalize):
    try:
        net = SkipAutoencoder(channels, 3, kernel, stride, padding, (2, rows, columns), outputs=(), normalize=normalize)
    except ValueError as error:
        assume("layer" not in str(error))
        raise
    pictures = torch.rand(2, 2, rows, columns)
    assert net.eval()(pictures).shape == pictures.shape
    for size, inner in zip((rows, columns), net.inner_shape[1:], strict=True):
        for _ in channels:
            size = convolution_size(size, kernel, stride, padding)
        assert size == inner


def test_the_authors_two_layer_net():
    """Channels and parameters as the source's listing has them, at 256×256."""
    with torch.device("meta"):
        nets = {depth: build(f"utec-{depth}-at-256") for depth in (2, 3, 4)}
    counts = {depth: sum(part.numel() for part in net.parameters()) for depth, net in nets.items()}
    assert {depth: round(count / 1e6) for depth, count in counts.items()} == {2: 269, 3: 271, 4: 277}
    numbers = 128 * 64 * 64
    linear = (numbers + 1) * 256 + (256 + 1) * numbers
    convolutions = (3 * 64 * 16 + 64) + (64 * 128 * 16 + 128)
    back = (2 * 128 * 64 * 16 + 64) + (2 * 64 * 3 * 16 + 3)
    assert counts[2] == linear + convolutions + back


def test_where_the_activations_stand():
    net = SkipAutoencoder((4, 6, 8), 5, image_shape=(3, 16, 16), activation="sigmoid", outputs=("relu", "none"))
    kinds = {
        "down": [type(layer[-1]) for layer in net.down],
        "up": [type(layer[-1]) for layer in reversed(net.up)],  # in the order in which they work
    }
    assert kinds["down"] == [nn.Sigmoid] * 3
    assert kinds["up"] == [nn.Sigmoid, nn.ReLU, nn.Identity]


def test_every_parameter_is_trained():
    for changes in ({}, {"normalize": True}, {"pool": True}, {"activation": "leaky-relu"}):
        net = SkipAutoencoder(**SMALL | changes)
        (net(images()) - 0.5).square().sum().backward()
        for name, parameter in net.named_parameters():
            assert parameter.grad is not None, name


def test_a_path_that_is_cut_carries_nothing():
    net = SkipAutoencoder(**SMALL).eval()
    whole = net(images())
    assert torch.equal(net(images(), [True, True]), whole)
    outputs = [net(images(), list(skips)) for skips in itertools.product([True, False], repeat=2)]
    assert all(not torch.equal(one, other) for one, other in itertools.combinations(outputs, 2))
    # The weights that read the largest map, the first half of the last layer's, do not matter once it is cut.
    before = net(images(), [False, True])
    with torch.no_grad():
        net.up[0][0].weight[:4] += 1
    assert torch.equal(net(images(), [False, True]), before)
    assert not torch.equal(net(images()), whole)


def test_without_paths_all_goes_through_the_code():
    net = SkipAutoencoder(**SMALL).eval()
    closed = ablations(net)["code zero, all skips"]
    assert torch.equal(closed(images())[:1].expand(3, -1, -1, -1), closed(images()))
    given_on = ablations(net)["all skips"](images())
    assert not torch.equal(given_on[0], given_on[1])


@pytest.mark.parametrize("count", [1, 2, 3, 768])
def test_every_code_goes_to_another_picture(count):
    codes = torch.arange(2.0 * count).view(count, 2)
    given = shuffled(codes)
    assert torch.equal(given.sort(0).values, codes)
    assert count == 1 or not (given == codes).any()
    assert torch.equal(given, shuffled(codes))
    near = (given - codes)[:, 0].abs() <= 2  # neighbours may be cut from one photograph
    assert count < 768 or near.sum() < 10


def test_with_another_code_the_answer_is_another():
    net = SkipAutoencoder(**SMALL).eval()
    alike = images(1).expand(3, -1, -1, -1)  # with the same picture three times nothing changes
    torch.testing.assert_close(ablations(net)["code shuffled"](alike), net(alike))
    assert not torch.allclose(ablations(net)["code shuffled"](images()), net(images()))


def test_which_paths_there_are():
    skips = ["skip 1", "skip 2", "all skips"]
    codes = ["code zero", "code shuffled", "code zero, all skips"]
    assert list(ablations(SkipAutoencoder(**SMALL))) == skips + codes
    unet, pictures = UNet((2, 3, 4)).eval(), torch.rand(1, 1, 8, 8)
    assert list(ablations(unet)) == skips
    assert torch.equal(ablations(unet)["skip 2"](pictures), unet(pictures, [True, False]))
    with pytest.raises(TypeError, match="Autoencoder has no paths across: give a UNet or a SkipAutoencoder"):
        ablations(robledo_two_layer())
    assert isinstance(robledo_two_layer(), Autoencoder)


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("utec") and not name.endswith("256")])
def test_the_nets_of_the_book_give_back_the_shape(name):
    torch.manual_seed(0)
    net, pictures = build(name).eval(), images(1, 64)
    assert net(pictures).shape == pictures.shape


def test_kernel_6_at_64_pixels_leaves_less_than_the_code_holds():
    with torch.device("meta"):
        inner = {
            name: build(f"utec-{name}").inner_shape for name in ("3", "kernel-2", "kernel-6-3", "kernel-6-4", "pooled")
        }
    assert inner == {
        "3": (256, 8, 8),
        "kernel-2": (256, 8, 8),
        "kernel-6-3": (256, 1, 1),
        "kernel-6-4": (256, 1, 1),
        "pooled": (256, 8, 8),
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": ()}, "give one positive number for each of at least 1 layers"),
        ({"channels": (4, 0)}, "the number of channels is 0"),
        ({"code_size": 0}, "code_size is 0"),
        ({"activation": "rleu"}, "no activation is called 'rleu': did you mean relu"),
        ({"outputs": ("tanh",) * 3}, "3 outputs for 2 layers"),
        ({"kernel": 30}, "layer 1 of 2, on 16×16"),
        (
            {"kernel": 5, "padding": 0, "pool": True},
            "layer 1 of 2: pooling by 2 leaves 8×8, kernel 5 with padding 0 comes",
        ),
    ],
)
def test_nets_that_cannot_be(changes, message):
    with pytest.raises(ValueError, match=message):
        SkipAutoencoder(**SMALL | changes)


def test_pictures_that_do_not_fit():
    net = SkipAutoencoder(**SMALL)
    with pytest.raises(ValueError, match=r"do not fit what was made for \(3, 16, 16\): resize or crop"):
        net(images(side=17))
    with pytest.raises(ValueError, match="1 switches for 2 layers: give one for each"):
        net(images(), [True])
