"""Every experiment of the book: what is trained and measured, and what that left in runs/.

A theme is a chapter; its module holds the chapter's recipes and studies and names them in one tuple at its end.
"""

from convae.experiments import (
    alarm,
    bottleneck_and_dropout,
    denoising,
    dense_autoencoder,
    generating,
    interpolating,
    kernels,
    looking_at_the_code,
    optimisers,
    rate_and_distortion,
    reusing_the_encoder,
    sparsity,
    stride_or_pooling,
    super_resolution,
    transposed_convolution,
    two_layer,
    what_is_an_autoencoder,
)
from convae.experiments.experiment import Experiment
from convae.experiments.recipe import Recipe

# In the order of the book
_MODULES = (
    what_is_an_autoencoder,
    rate_and_distortion,
    dense_autoencoder,
    kernels,
    stride_or_pooling,
    transposed_convolution,
    two_layer,
    bottleneck_and_dropout,
    optimisers,
    sparsity,
    reusing_the_encoder,
    denoising,
    super_resolution,
    looking_at_the_code,
    interpolating,
    generating,
    alarm,
)
THEMES: dict[str, tuple[Experiment, ...]] = {
    module.__name__.rpartition(".")[2].replace("_", "-"): tuple(module.EXPERIMENTS) for module in _MODULES
}
EXPERIMENTS: dict[str, Experiment] = {each.name: each for theme in THEMES.values() for each in theme}
RECIPES: dict[str, Recipe] = {name: each for name, each in EXPERIMENTS.items() if isinstance(each, Recipe)}
STUDIES: dict[str, Experiment] = {name: each for name, each in EXPERIMENTS.items() if name not in RECIPES}
