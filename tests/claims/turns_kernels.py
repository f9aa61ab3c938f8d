"""What turns the verdicts of the claims of *Kernels and pooling*: for each verdict of a rule, figures that give it."""

import torch

from convae import claims
from convae.arithmetic.shapes import convolution_shape, convolution_size
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.claims.robledo import BEHIND
from convae.claims.utec import filtered, smaller
from convae.models import convolutional_autoencoder


def turned(image, kernel):
    """The map under a kernel turned by 180°, as a convolution in the mathematical sense makes it."""
    return filtered(image, tuple(row[::-1] for row in kernel[::-1]))


def refusing(least):
    """A convolution that takes only filters smaller than their input by so much."""

    def shape(sides, kernel, stride, padding):
        if kernel > sides[0] - least:
            raise ValueError("too large")
        return convolution_shape(sides, kernel, stride, padding)

    return shape


def padded(sides, kernel, stride, padding):
    """A convolution that pads by itself."""
    return convolution_shape(sides, kernel, stride, padding + 4)


def dilated(dilation):
    """Sizes under a dilated filter."""
    return lambda size, kernel: convolution_size(size, kernel, dilation=dilation)


def forgetful(image):
    """Every way of making a picture smaller, all but the last of which forget it."""
    *poolings, last = smaller(image)
    return {name: torch.zeros_like(image[::2, ::2]) for name in poolings} | {last: smaller(image)[last]}


def alike(image):
    """Three ways that are one."""
    return dict.fromkeys(smaller(image), image[::2, ::2])


def net(code):
    """Builds a net with so many channels in a code of 14×14."""
    return lambda: convolutional_autoencoder((code,))


TURNS = {
    "robledo_lower_dimension": {
        HOLDS: claims.robledo_lower_dimension,
        IN_PART: lambda: claims.robledo_lower_dimension({"small": net(2), "large": net(8)}),
        FAILS: lambda: claims.robledo_lower_dimension({"large": net(8)}),
    },
    "robledo_pooling_fewer_parameters": {
        IN_PART: claims.robledo_pooling_fewer_parameters,
        HOLDS: lambda: claims.robledo_pooling_fewer_parameters(dict(list(BEHIND.items())[1:])),
        FAILS: lambda: claims.robledo_pooling_fewer_parameters(dict(list(BEHIND.items())[:1])),
    },
    "robledo_pooling_size": {
        IN_PART: claims.robledo_pooling_size,
        HOLDS: lambda: claims.robledo_pooling_size(lambda n, p: n / p),
        FAILS: lambda: claims.robledo_pooling_size(lambda n, p: n - p + 1),
    },
    "robledo_figure_two": {
        SLIP: claims.robledo_figure_two,
        HOLDS: lambda: claims.robledo_figure_two(stated=8),
    },
    "robledo_kernels_differ": {
        HOLDS: lambda: claims.robledo_kernels_differ({"correlation": [0.4, 0.5, 0.4], "apart": [0.7, 0.8, 0.75]}),
        FAILS: lambda: claims.robledo_kernels_differ({"correlation": [0.9, 0.8, 0.9], "apart": [0.1, 0.2, 0.15]}),
        UNDECIDED: lambda: claims.robledo_kernels_differ({"correlation": [0.7, 0.6, 0.7], "apart": [0.3, 0.7, 0.5]}),
    },
    "utec_feature_map": {
        HOLDS: claims.utec_feature_map,
        IN_PART: lambda: claims.utec_feature_map(turned),
        FAILS: lambda: claims.utec_feature_map(lambda image, kernel: filtered(image, kernel) + 1),
    },
    "utec_filter_smaller": {
        IN_PART: claims.utec_filter_smaller,
        HOLDS: lambda: claims.utec_filter_smaller(refusing(1)),
        FAILS: lambda: claims.utec_filter_smaller(padded),
    },
    "utec_smaller_guarantees": {
        HOLDS: claims.utec_smaller_guarantees,
        IN_PART: lambda: claims.utec_smaller_guarantees(dilated(2)),
        FAILS: lambda: claims.utec_smaller_guarantees(lambda size, kernel: 0),
    },
    "utec_pattern": {
        HOLDS: claims.utec_pattern,
        IN_PART: lambda: claims.utec_pattern(lambda pattern: pattern),  # white everywhere alone is found
        FAILS: lambda: claims.utec_pattern(torch.zeros_like),
    },
    "utec_pooling_halves": {
        HOLDS: claims.utec_pooling_halves,
        IN_PART: lambda: claims.utec_pooling_halves(lambda size: 2 * (size // 4)),
        FAILS: lambda: claims.utec_pooling_halves(lambda size: size // 3),
    },
    "utec_edges_intensified": {
        HOLDS: lambda: claims.utec_edges_intensified(lambda image: image * (1.0 + (image > image.quantile(0.85)))),
        IN_PART: claims.utec_edges_intensified,
        FAILS: lambda: claims.utec_edges_intensified(lambda image: smaller(image)["average pooling 2×2"]),
        UNDECIDED: lambda: claims.utec_edges_intensified(lambda image: image),
    },
    "utec_information_loss": {
        IN_PART: claims.utec_information_loss,
        HOLDS: lambda: claims.utec_information_loss(poolings=("average pooling 2×2",)),
        FAILS: lambda: claims.utec_information_loss(forgetful),
        UNDECIDED: lambda: claims.utec_information_loss(alike),
    },
    "utec_contrast": {
        HOLDS: claims.utec_contrast,
        IN_PART: lambda: claims.utec_contrast(((0, 0, 0), (0, 4, 0), (0, 0, 0))),
        FAILS: lambda: claims.utec_contrast(((0, 0, 0), (0, 1, 0), (0, 0, 0))),
    },
    "utec_sharpening": {
        IN_PART: claims.utec_sharpening,
        HOLDS: lambda: claims.utec_sharpening(spoiled=((2, 0), (3, 0))),
        FAILS: lambda: claims.utec_sharpening(spoiled=((1, 0), (2, 0.02))),
        UNDECIDED: lambda: claims.utec_sharpening(spoiled=((1, 0),)),
    },
}
