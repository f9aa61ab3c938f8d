"""The nets of robledo2021, and the dense nets that it compares them with: those of the same training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self, cast

import torch
from torch import nn

from convae.baselines import linear
from convae.data import load
from convae.experiments.experiment import Nets, Rows, means
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study
from convae.latent import encode_all
from convae.models import build
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from torch import Tensor

    from convae.data import ImageSet, Splits
    from convae.models import Autoencoder

TWO_LAYER = Recipe(
    name="robledo-two-layer",
    model="robledo-two-layer",
    weight_decay=1e-5,
    validation=0,  # the source trains on all 60,000 pictures and selects nothing
    keep_weights=True,
    keep_errors=True,
)

DENSE = (144, 64, 288, 128, 256, 512, 1, 7)


def changed(model: str, weight_decay: float = TWO_LAYER.weight_decay) -> Recipe:
    """The same training of another net, or without weight decay: compared by seeds, so no picture's error is kept."""
    name = model if weight_decay else f"{model}-no-decay"
    return replace(
        TWO_LAYER,
        name=name,
        model=model,
        weight_decay=weight_decay,
        keep_weights=False,
        keep_errors=False,
        watched=10_000,
    )


@dataclass(frozen=True)
class TwoLayerStudy(Study):
    """How large the weights of trained nets are, and what lies in MNIST's margin.

    Args:
        nets: Recipes whose weights are looked at, seed 0 of each.
    """

    nets: tuple[str, ...] = (
        "dense-144-no-dropout",
        "dense-144-no-dropout-no-decay",
        "dense-144-no-dropout-summed",
        "dense-288-no-dropout",
        "dense-288-no-dropout-no-decay",
        "robledo-two-layer",
        "robledo-two-layer-no-decay",
        "robledo-three-layer",
        "robledo-three-layer-no-decay",
    )
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Sums and shares.

        Returns:
            "margin": the share of test pictures with ink in their last row or column, and the share of all ink that
            lies there, where no kernel of the two-layer net reads; by recipe the sum of its parameters' squares, which
            weight decay makes small.
        """
        pictures = splits.test.all().images.double()
        outside = torch.ones(pictures.shape[-2:], dtype=torch.bool)
        outside[:-1, :-1] = False
        there = (pictures * outside).sum((1, 2, 3))
        rows: Rows = {
            "margin": {"pictures": (there > 0).double().mean().item(), "ink": (there.sum() / pictures.sum()).item()}
        }
        for name in self.nets:
            squares = sum(weights.detach().double().square().sum().item() for weights in nets(name, 0).parameters())
            rows[name] = {"squares": squares}
        return rows, {}


@dataclass(frozen=True)
class TrainedStudy(Study):
    """Nets that are trained as the report's are, of which a table of scores is enough.

    Args:
        nets: Models by name; behind one that ends in "-no-decay" without weight decay.
        chosen: Seeds of each.
    """

    nets: tuple[str, ...] = ("robledo-more-maps",)
    chosen: tuple[int, ...] = (0, 1, 2)
    data: str = "mnist"

    def splits(self) -> Splits:
        return load(self.data, validation=TWO_LAYER.validation)

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, nets=(net,), chosen=(seed,)) for net in self.nets for seed in self.chosen)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains each.

        Returns:
            Rows "<net>/<seed>": the test pictures' "mse" and "ssim", what comes out clipped to [0, 1], the MSE of the
            first 10,000 training pictures ("train"), the number of "parameters" and of numbers in the "code", and how
            many of these are 0 for every test picture ("asleep").
        """
        rows: Rows = {}
        for net in self.nets:
            model_name = net.removesuffix("-no-decay")
            recipe = changed(model_name, TWO_LAYER.weight_decay if net == model_name else 0.0)
            for seed in self.chosen:
                torch.manual_seed(seed)
                model = build(recipe.model)
                fit(
                    model,
                    recipe.task,
                    splits.train,
                    recipe.make_optimizer(model),
                    epochs=recipe.epochs,
                    batch_size=recipe.batch_size,
                    seed=seed,
                )
                ended = nn.Sequential(model, nn.Hardtanh(0, 1))  # a net without a sigmoid is clipped, as PCA is
                test = means(evaluate(ended, recipe.task, splits.test))
                train = means(evaluate(ended, recipe.task, splits.train[: recipe.watched]))
                code = encode_all(cast("Autoencoder", model), splits.test).flatten(1)
                rows[f"{net}/{seed}"] = {score: test[score] for score in ("mse", "ssim")} | {
                    "train": train["mse"],
                    "parameters": sum(values.numel() for values in model.parameters()),
                    "code": code.shape[1],
                    "asleep": int((code == 0).all(0).sum()),
                }
        return rows, {}


@dataclass(frozen=True)
class ShownStudy(Study):
    """What nets and PCA with one code size make of a few digits of the sample: a net too large to keep is seen so.

    Args:
        nets: Recipes that are trained once more, seed 0.
        code_size: Of PCA.
        digits: How many, the first ones of the sample's test set.
    """

    nets: tuple[str, ...] = ("dense-144", "dense-144-no-dropout-no-decay")
    code_size: int = 144
    digits: int = 9
    data: str = "mnist"

    def splits(self) -> Splits:
        return load(self.data, validation=TWO_LAYER.validation)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains, fits, and shows.

        Returns:
            Rows by net or "pca", "pca-plain", "pca-stretched": the test pictures' "mse"; by the same names what comes
            out, in 256 greys, uint8 [digits, 1, 28, 28].
        """
        plain = linear.pca(splits.train, self.code_size, clip=False)
        members: dict[str, nn.Module] = {
            "pca-plain": plain,
            "pca": linear.pca(splits.train, self.code_size),
            "pca-stretched": linear.stretched(plain, splits.train),
        }
        for name in self.nets:
            recipe = RECIPES[name]
            torch.manual_seed(0)
            members[name] = build(recipe.model)
            fit(
                members[name],
                recipe.task,
                splits.train,
                recipe.make_optimizer(members[name]),
                epochs=recipe.epochs,
                batch_size=recipe.batch_size,
                seed=0,
            )
        shown = load("mnist-sample").test[: self.digits].all().images
        rows: Rows = {
            name: {"mse": means(evaluate(net, TWO_LAYER.task, splits.test))["mse"]} for name, net in members.items()
        }
        with torch.no_grad():
            out = {name: (255 * net.eval()(shown).clamp(0, 1)).round().byte() for name, net in members.items()}
        return rows, out


def rounded(pictures: ImageSet, levels: int) -> ImageSet:
    """With so many levels of grey, evenly spaced from black to white, in place of 256."""
    step = 255 / (levels - 1)
    images = ((pictures.images / step).round() * step).round().to(torch.uint8)
    return replace(pictures, images=images)


@dataclass(frozen=True)
class FewDigitsStudy(Study):
    """The two-layer net, trained on as few digits as a page can carry: what that costs, and what few levels of grey do.

    It learns from digits of the sample, and is tested on all test pictures, from which those of the sample are drawn.

    Args:
        levels: Of grey, of the pictures to learn from.
        chosen: Seeds of each.
        digits: How many to learn from, the first ones of the sample's training set.
        held: How many are held out for a page, the first ones of its test set.
        epochs: Of 16 batches each, so that all are about as many as in the report's twenty epochs of 60,000.
    """

    levels: tuple[int, ...] = (16, 256)
    chosen: tuple[int, ...] = (0, 1, 2)
    digits: int = 1000
    held: int = 200
    epochs: int = 1172
    data: str = "mnist"

    def splits(self) -> Splits:
        return load(self.data, validation=TWO_LAYER.validation)

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, levels=(own,), chosen=(seed,)) for own in self.levels for seed in self.chosen)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains each.

        Returns:
            Rows "<levels>/<seed>": the "mse" on the test pictures, which have 256 levels, that on the digits held out,
            with 16 levels ("held"), and that on the digits learned from, as they were shown ("train").
        """
        sample = load("mnist-sample", validation=0)
        held = rounded(sample.test[: self.held], 16)
        rows: Rows = {}
        for own in self.levels:
            learned = rounded(sample.train[: self.digits], own)
            for seed in self.chosen:
                torch.manual_seed(seed)
                model = build(TWO_LAYER.model)
                optimizer, batch_size = TWO_LAYER.make_optimizer(model), TWO_LAYER.batch_size
                fit(model, TWO_LAYER.task, learned, optimizer, epochs=self.epochs, batch_size=batch_size, seed=seed)
                sets = {"mse": splits.test, "held": held, "train": learned}
                rows[f"{own}/{seed}"] = {
                    name: means(evaluate(model, TWO_LAYER.task, pictures))["mse"] for name, pictures in sets.items()
                }
        return rows, {}


NETS = (
    TWO_LAYER,
    replace(TWO_LAYER, name="robledo-three-layer", model="robledo-three-layer"),
    *(replace(TWO_LAYER, name=f"dense-{size}", model=f"dense-{size}", keep_weights=False) for size in DENSE),
    # The source names its weight decay for the convolutional nets only, and dropout for the dense ones only:
    *(changed(f"dense-{size}-no-dropout", decay) for size in (144, 288) for decay in (TWO_LAYER.weight_decay, 0.0)),
    *(changed(f"dense-{size}", 0.0) for size in DENSE),
    *(changed(name, 0.0) for name in ("robledo-two-layer", "robledo-three-layer")),
    # The weight decay beside a loss that is summed over the 784 pixels: to Adam, a 784th of it beside their mean.
    replace(
        changed("dense-144-no-dropout", TWO_LAYER.weight_decay / 784),
        name="dense-144-no-dropout-summed",
    ),
    # Twice as long and with a falling learning rate: who is done after 20 epochs?
    *(
        replace(changed(name, 0.0), name=f"{name}-no-decay-long", epochs=40, decay=True, seeds=1)
        for name in ("robledo-two-layer", "robledo-three-layer", "dense-144-no-dropout", "dense-288-no-dropout")
    ),
)
RECIPES = {recipe.name: recipe for recipe in NETS}
EXPERIMENTS = (
    *NETS,
    ShownStudy("equal-terms-shown"),
    TwoLayerStudy("two-layer-weights"),
    # A larger code without a layer more:
    TrainedStudy("larger-code"),
    # As many parameters as three layers, with the code of two:
    TrainedStudy("more-parameters", nets=("robledo-more-parameters",)),
    # Its hidden activation without the one at the end; robledo-linear has the one at the end without the hidden:
    TrainedStudy("no-sigmoid", nets=("robledo-no-sigmoid",)),
    # The report names no activation of the dense code; ReLU is our choice, which the convolutional codes have not:
    TrainedStudy("linear-codes", nets=("dense-64-linear-no-decay", "dense-144-linear-no-dropout-no-decay")),
    # The same net with its ReLU once more, for how many of its numbers are dead:
    TrainedStudy("sleeping-codes", nets=("dense-64-no-decay",)),
    FewDigitsStudy("few-digits"),
)
