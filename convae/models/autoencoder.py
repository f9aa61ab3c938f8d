"""`Autoencoder(encoder, decoder)` and the functions that build its members."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import torch
from torch import nn

from convae.arithmetic.shapes import check_whole, convolution_size, inverting_output_padding
from convae.models.blocks import BlurPool
from convae.models.limits import check_channels, check_code_size, check_image_shape
from convae.names import lookup
from convae.tensors import check_floating, check_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convae.tensors import Codes, Images, ImageShape

__all__ = [
    "Autoencoder",
    "bottleneck_autoencoder",
    "convolutional_autoencoder",
    "deep_dense_autoencoder",
    "dense_autoencoder",
    "global_autoencoder",
    "mansilla_autoencoder",
    "robledo_activated",
    "robledo_max_pool",
    "robledo_more_maps",
    "robledo_overlapping",
    "robledo_pooled",
    "robledo_three_layer",
    "robledo_two_layer",
]

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "none": nn.Identity,
}

# Each from (channels, stride) to a layer that makes n pixels n // stride.
POOLS: dict[str, Callable[[int, int], nn.Module]] = {
    "max": lambda _, stride: nn.MaxPool2d(stride),
    "average": lambda _, stride: nn.AvgPool2d(stride),
    "blur": BlurPool,
}


class Autoencoder(nn.Module):
    """An encoder and a decoder, one behind the other: r = g(h), h = f(x) [calderon2019].

    Args:
        encoder: Images [N, C, H, W] to codes.
        decoder: Codes back to images [N, C, H, W].
        image_shape: (C, H, W), the only shape that it takes.

    Raises:
        ValueError: the image_shape is no shape of a picture.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, image_shape: ImageShape) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.image_shape = check_image_shape(image_shape)

    def encode(self, images: Images) -> Codes:
        """The codes of some images.

        Raises:
            ValueError: the images have another shape than the net was built for.
        """
        check_shape(images, self.image_shape)
        codes: Codes = self.encoder(images)
        return codes

    def decode(self, codes: Codes) -> Images:
        """The images that some codes stand for, [N, C, H, W]."""
        check_floating(codes, "codes")
        images: Images = self.decoder(codes)
        return images

    def forward(self, images: Images) -> Images:
        """The reconstructions of some images, of their shape."""
        return self.decode(self.encode(images))


def dense_autoencoder(
    code_size: int, dropout: float = 0.1, image_shape: ImageShape = (1, 28, 28), activation: str = "relu"
) -> Autoencoder:
    """One hidden layer: pixels - code - pixels; ReLU and dropout on the code, sigmoid at the end.

    The dense baseline of [robledo2021], which gives the sizes and the dropout but no activation: ReLU and sigmoid
    are the ones that its convolutional nets use.

    Args:
        code_size: Numbers in the code, from 1 to the number of pixels.
        dropout: Probability with which a number of the code is set to zero while training, in [0, 1).
        image_shape: (channels, rows, columns).
        activation: Of the code: "relu", "sigmoid", "tanh" or "none".

    Raises:
        ValueError: a setting is out of its range.
    """
    pixels = math.prod(check_image_shape(image_shape))
    check_code_size(code_size, pixels)
    _check_dropout(dropout)
    bend = lookup(ACTIVATIONS, activation, "activation")
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(pixels, code_size), bend(), nn.Dropout(dropout))
    decoder = nn.Sequential(nn.Linear(code_size, pixels), nn.Sigmoid(), nn.Unflatten(1, image_shape))
    return Autoencoder(encoder, decoder, image_shape)


def convolutional_autoencoder(
    channels: Sequence[int],
    kernel: int = 3,
    stride: int = 2,
    padding: int | Sequence[int] = 1,
    pool: str | None = None,
    image_shape: ImageShape = (1, 28, 28),
    activation: str = "relu",
    normalize: bool = False,
    output: str = "sigmoid",
) -> Autoencoder:
    """As many convolutions down as there are channels, as many transposed ones back; sigmoid at the end.

    Each transposed convolution gets the output padding that undoes the shape of its convolution, so that the net comes
    back to the size of the picture, whatever that is. The code has no activation.

    Args:
        channels: Of each encoder layer's output; its length is the depth.
        kernel: Side of every kernel, in pixels.
        stride: Factor by which each layer makes the picture smaller.
        padding: Rows of zeros around each layer's input: one number, or one a layer.
        pool: Convolve with stride 1 and make the picture smaller by a pooling of that stride instead: "max" and
            "average" over windows side by side, "blur" as BlurPool.
        image_shape: (channels, rows, columns).
        activation: Between the layers: "relu", "sigmoid", "tanh" or "none".
        normalize: Put batch normalisation [ioffe2015batch] between each layer and its activation, in place of the
            layer's own bias.
        output: At the end: "sigmoid", or "none" for pictures that may leave [0, 1].

    Raises:
        ValueError: no channels, an unknown name, or a layer that does not fit; the message says which.
    """
    make_pool = lookup(POOLS, pool, "pooling") if pool is not None else None
    between, end = lookup(ACTIVATIONS, activation, "activation"), lookup(ACTIVATIONS, output, "output")
    check_channels(channels)
    check_whole(1, stride=stride)
    paddings = (padding,) * len(channels) if isinstance(padding, int) else tuple(padding)
    if len(paddings) != len(channels):
        raise ValueError(f"{len(paddings)} paddings for {len(channels)} layers: give one number, or one for each layer")
    colours, rows, columns = check_image_shape(image_shape)

    def normalization(width: int) -> list[nn.Module]:
        return [nn.BatchNorm2d(width)] if normalize else []

    down: list[nn.Module] = []
    up: list[nn.Module] = []  # collected backwards: the last layer down is the first one up
    for depth, ((before, after), pad) in enumerate(
        zip(itertools.pairwise([colours, *channels]), paddings, strict=True)
    ):
        step = _pooled if make_pool else _strided
        try:
            rows_left, rows_added = step(rows, kernel, stride, pad)
            columns_left, columns_added = step(columns, kernel, stride, pad)
        except ValueError as error:
            raise ValueError(f"layer {depth + 1} of {len(channels)}, on {rows}×{columns} pixels: {error}") from None
        if depth:
            down += [*normalization(before), between()]
        biased = not normalize or depth + 1 == len(channels)  # the code is not normalised, so its layer has a bias
        if make_pool:
            down += [nn.Conv2d(before, after, kernel, padding=pad, bias=biased), make_pool(after, stride)]
        else:
            down.append(nn.Conv2d(before, after, kernel, stride, pad, bias=biased))
        # What goes up is always a strided transposed convolution; behind a pooling it has no padding to undo.
        undone = 0 if make_pool else pad
        added = (rows_added, columns_added)
        biased = not normalize or not depth
        up += [
            *([between(), *normalization(before)] if depth else [end()]),
            nn.ConvTranspose2d(after, before, kernel, stride, undone, added, bias=biased),
        ]
        rows, columns = rows_left, columns_left
    return Autoencoder(nn.Sequential(*down), nn.Sequential(*reversed(up)), image_shape)


def bottleneck_autoencoder(
    code_size: int, channels: Sequence[int] = (16, 32, 32), image_shape: ImageShape = (1, 28, 28)
) -> Autoencoder:
    """A convolutional autoencoder with a linear layer to the code and one back, so that every number of the code sees
    the whole picture.

    Kernel 3, stride 2, padding 1, and 0 in the last layer; batch normalisation, and ReLU everywhere but on the code.

    Args:
        code_size: Numbers in the code.
        channels: Of each encoder layer's output; its length is the depth.
        image_shape: (channels, rows, columns).

    Raises:
        ValueError: no code, more numbers in it than pixels, or a layer that does not fit.
    """
    check_code_size(code_size, math.prod(check_image_shape(image_shape)))
    check_channels(channels)
    paddings = (*[1] * (len(channels) - 1), 0)
    net = convolutional_autoencoder(channels, padding=paddings, image_shape=image_shape, normalize=True)
    net.eval()
    shape = net.encode(torch.zeros(1, *image_shape)).shape[1:]
    net.train()
    encoder = nn.Sequential(*net.encoder.children(), nn.ReLU(), nn.Flatten(), nn.Linear(shape.numel(), code_size))
    decoder = nn.Sequential(
        nn.Linear(code_size, shape.numel()), nn.ReLU(), nn.Unflatten(1, shape), *net.decoder.children()
    )
    return Autoencoder(encoder, decoder, image_shape)


def global_autoencoder(
    code_size: int, channels: Sequence[int] = (16, 32, 64), image_shape: ImageShape = (1, 28, 28)
) -> Autoencoder:
    """A convolutional autoencoder made to copy well: every hidden layer normalised [ioffe2015batch] with a GELU
    [hendrycks2016gaussian] behind, and every number of the code a linear map of all that the last layer gives.

    Kernel 3, stride 2, padding 1 on the way down, the same transposed on the way up, sigmoid at the end.

    Args:
        code_size: Numbers in the code.
        channels: Of each encoder layer's output; its length is the depth.
        image_shape: (channels, rows, columns).

    Raises:
        ValueError: no code, more numbers in it than pixels, or no channels.
    """
    check_code_size(code_size, math.prod(check_image_shape(image_shape)))
    check_channels(channels)
    colours, rows, columns = image_shape
    down: list[nn.Module] = []
    up: list[nn.Module] = []  # collected backwards
    for before, after in itertools.pairwise([colours, *channels]):
        added = (1 - rows % 2, 1 - columns % 2)
        rows, columns = (rows + 1) // 2, (columns + 1) // 2
        down += [nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.BatchNorm2d(after), nn.GELU()]
        first = before == colours and not up
        end = [nn.Sigmoid()] if first else [nn.GELU(), nn.BatchNorm2d(before)]
        up += [*end, nn.ConvTranspose2d(after, before, 3, 2, 1, added, bias=first)]
    last = (channels[-1], rows, columns)
    encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(math.prod(last), code_size))
    decoder = nn.Sequential(
        nn.Linear(code_size, math.prod(last), bias=False),
        nn.Unflatten(1, last),
        nn.BatchNorm2d(channels[-1]),
        nn.GELU(),
        *reversed(up),
    )
    return Autoencoder(encoder, decoder, image_shape)


def deep_dense_autoencoder(
    code_size: int, widths: Sequence[int] = (512, 256), image_shape: ImageShape = (1, 28, 28)
) -> Autoencoder:
    """Dense layers down to a code and back up, made to copy well as `global_autoencoder` is: every hidden layer
    normalised [ioffe2015batch] with a GELU [hendrycks2016gaussian] behind, nothing behind the code, sigmoid at the end.

    Args:
        code_size: Numbers in the code.
        widths: Of the hidden layers, from the pixels to the code; none leaves one linear map each way.
        image_shape: (channels, rows, columns).

    Raises:
        ValueError: no code, more numbers in it than pixels, or a width that is no whole number of at least 1.
    """
    pixels = math.prod(check_image_shape(image_shape))
    check_code_size(code_size, pixels)
    if widths:
        check_channels(widths)
    sizes = [pixels, *widths]
    hidden = [_normalized(before, after) for before, after in itertools.pairwise(sizes)]
    back = [_normalized(before, after) for before, after in itertools.pairwise([code_size, *sizes[:0:-1]])]
    encoder = nn.Sequential(nn.Flatten(), *itertools.chain(*hidden), nn.Linear(sizes[-1], code_size))
    before = widths[0] if widths else code_size
    decoder = nn.Sequential(
        *itertools.chain(*back), nn.Linear(before, pixels), nn.Sigmoid(), nn.Unflatten(1, image_shape)
    )
    return Autoencoder(encoder, decoder, image_shape)


def _check_dropout(dropout: float) -> None:
    if not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise ValueError(f"dropout is {dropout!r}: it is a probability, from 0 (none) to below 1")


def _normalized(before: int, after: int) -> list[nn.Module]:
    return [nn.Linear(before, after, bias=False), nn.BatchNorm1d(after), nn.GELU()]


PLACES = ("maps", "code", "decoder", "output")  # where a dropout can stand


def mansilla_autoencoder(
    code_size: int = 64, dropout: float = 0.2, places: Sequence[str] = ("maps", "code", "decoder")
) -> Autoencoder:
    """1×28×28 to 16×13×13 to 32×5×5 to a code, by max-pooling, and back; a dropout behind each ReLU [mansilla2024].

    The source gives no kernels. Those of the encoder follow from its sizes, with stride 1 and no padding. Of the
    decoder's 5 → 13 → 28 several do it: 5 and 4 are the ones with stride 2 and neither padding nor output padding.

    Args:
        code_size: Numbers in the code, from 1 to 784.
        dropout: Probability with which a number is set to zero while training, in [0, 1).
        places: Where: behind the ReLUs of the "maps" on the way down, of the "code", of the "decoder"; and at the
            "output", which the source warns of.

    Raises:
        ValueError: a setting is out of its range, or an unknown place.
    """
    check_code_size(code_size, 784)
    _check_dropout(dropout)
    for place in places:
        lookup(dict.fromkeys(PLACES), place, "place")

    def bend(place: str) -> list[nn.Module]:
        return [nn.ReLU(), nn.Dropout(dropout if place in places else 0.0)]

    encoder = nn.Sequential(
        *(nn.Conv2d(1, 16, 3), *bend("maps"), nn.MaxPool2d(2)),  # [N, 16, 13, 13]
        *(nn.Conv2d(16, 32, 3), *bend("maps"), nn.MaxPool2d(2)),  # [N, 32, 5, 5]
        *(nn.Flatten(), nn.Linear(800, code_size), *bend("code")),
    )
    decoder = nn.Sequential(
        *(nn.Linear(code_size, 800), *bend("decoder"), nn.Unflatten(1, (32, 5, 5))),
        *(nn.ConvTranspose2d(32, 16, 5, 2), *bend("decoder")),  # [N, 16, 13, 13]
        *(nn.ConvTranspose2d(16, 1, 4, 2), nn.Sigmoid()),
        nn.Dropout(dropout if "output" in places else 0.0),
    )
    return Autoencoder(encoder, decoder, (1, 28, 28))


def robledo_two_layer() -> Autoencoder:
    """1×28×28 to 8×9×9 to 16×3×3 and back: 2,481 parameters [robledo2021]."""
    return convolutional_autoencoder((8, 16), stride=3, padding=0)


def robledo_more_maps() -> Autoencoder:
    """The two-layer net of [robledo2021] with as large a code as its three-layer net: 32×3×3, 4,801 parameters."""
    return convolutional_autoencoder((8, 32), stride=3, padding=0)


def robledo_three_layer() -> Autoencoder:
    """1×28×28 to 8×14×14, 16×7×7 and 32×3×3 and back: 11,745 parameters [robledo2021].

    The third convolution has padding 0. With the 1 printed in the source its map would be 4×4, not the 3×3 stated
    there, and a picture of 36×36 would come back.
    """
    return convolutional_autoencoder((8, 16, 32), stride=2, padding=(1, 1, 0))


def robledo_max_pool() -> Autoencoder:
    """The two-layer net with stride 1 and a 3×3 max-pooling behind each convolution [robledo2021].

    The source gives no padding; with 1 the maps keep the sizes 9×9 and 3×3 of the two-layer net, with 0 the code would
    be 16×2×2 and the picture would not come back.
    """
    return convolutional_autoencoder((8, 16), stride=3, padding=1, pool="max")


def robledo_pooled(pool: str) -> Autoencoder:
    """The max-pool net of [robledo2021] with another pooling in its place, which the source does not try."""
    return convolutional_autoencoder((8, 16), stride=3, padding=1, pool=pool)


def robledo_overlapping(pool: str | None = None, pool_last: bool = False) -> Autoencoder:
    """The encoder of the two-layer net or of one of its pooled kin before a decoder whose stamps overlap.

    Both transposed convolutions have a kernel of 5 and a stride of 3, so that a number of the code may serve its
    neighbours' blocks as well: what a pooling loses is told from what a decoder of separate blocks cannot use.

    Args:
        pool: As in `robledo_pooled`; None is the strided encoder.
        pool_last: Put the pooling behind the activation, as [zhang2019making] does. For the maximum it is the same.
    """
    net = robledo_pooled(pool) if pool else robledo_two_layer()
    layers = list(net.encoder.children())
    if pool_last:
        layers[1:3] = reversed(layers[1:3])
    decoder = nn.Sequential(
        nn.ConvTranspose2d(16, 8, 5, 3, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 5, 3, 1, 1), nn.Sigmoid()
    )
    return Autoencoder(nn.Sequential(*layers), decoder, net.image_shape)


def robledo_activated(activation: str) -> Autoencoder:
    """The two-layer net of [robledo2021] with another activation between its layers, or none."""
    return convolutional_autoencoder((8, 16), stride=3, padding=0, activation=activation)


def _strided(size: int, kernel: int, stride: int, padding: int) -> tuple[int, int]:
    """Along one axis, what a strided convolution leaves, and the output padding that leads back from there."""
    smaller = convolution_size(size, kernel, stride, padding)
    return smaller, inverting_output_padding(size, kernel, stride, padding)


def _pooled(size: int, kernel: int, stride: int, padding: int) -> tuple[int, int]:
    """The same for a convolution of stride 1 with a pooling behind it."""
    if kernel > size:
        raise ValueError(f"a kernel of {kernel} cannot lead back to {size} pixels: use one of at most {size}")
    smaller = convolution_size(size, kernel, 1, padding) // stride
    output_padding = size - (smaller - 1) * stride - kernel
    if not 0 <= output_padding < stride:
        fitting = -(-((kernel - 1 - size) % stride) // 2)
        raise ValueError(f"{size} pixels become {smaller}, from where nothing leads back: use a padding of {fitting}")
    return smaller, output_padding
