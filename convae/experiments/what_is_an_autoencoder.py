"""Codes of two numbers to look at; and what nets learn whose code is smaller than the picture, as large, and larger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import nn

from convae.baselines import linear
from convae.data import ImageSet
from convae.experiments.experiment import Nets, Rows
from convae.experiments.looking_at_the_code import tuned_probe
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study, as_list
from convae.latent import encode_all
from convae.measures.intervals import between_paired_shares, over_pictures, over_share
from convae.measures.losses import mse
from convae.measures.metrics import ssim
from convae.models import Autoencoder
from convae.tasks import Reconstruction
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

    from convae.data import Splits

PLANE = Recipe(
    name="plane",
    model="plane",
    epochs=15,
    batch_size=128,
    learning_rate=8e-3,
    decay=True,
    seeds=1,
    keep_weights=True,
    half_weights=True,
    watched=5000,
)

Case = tuple[str, int, str, int]  # activation, code size, what it is trained on, training pictures (0 for all)
CASES: tuple[Case, ...] = tuple(
    (activation, size, shown, known)
    for size in (32, 784, 1568)  # smaller than a picture, as large, and larger
    for activation, known in (("relu", 0), ("relu", 1000), ("none", 0))
    for shown in ("digits", "noise")
)

CASES += (("none", 32, "digits", 1000),)
NARROW = "none/32/digits"  # what the others are compared with, trained on as many pictures


@dataclass(frozen=True)
class CopyingStudy(Study):
    """What nets with one hidden layer, the code, learn from digits and from noise, and what they give back of both.

    Args:
        steps: Of each training, however many pictures it has.
        labelled: Training pictures whose labels a probe of the code is told.
    """

    steps: int = 8000
    labelled: int = 2000
    cases: tuple[Case, ...] = CASES

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, cases=(case,)) for case in self.cases)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained by Adam at 0.001, decaying, in batches of 64, without regularisation.

        Returns:
            Rows by "<activation>/<code size>/<digits or noise>/<training pictures, 0 for all>", and "pca/32": the share
            of their variance that is lost of test digits and of fresh noise, with intervals over pictures ("digits",
            "noise"), and of the first 5,000 of its own training pictures ("own"). Where it was trained on digits, and
            for "pixels" and "random/32" (random mixtures of the pixels), the share of test pictures whose label a
            linear probe of the code names ("named"). By row and "/digits" the lost share of each test picture [N], by
            row and "/named" whether each was named rightly, bool [N].
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        variance = {
            "digits": evaluate(linear.mean_image(splits.train), Reconstruction(), splits.test)["mse"].mean().item(),
            "noise": 1 / 12,
        }
        tests = {"digits": splits.test, "noise": _noise(len(splits.test), splits.test.image_shape, 1)}

        def look(name: str, net: Autoencoder) -> None:
            lost = {
                kind: evaluate(net, Reconstruction(), images)["mse"] / variance[kind] for kind, images in tests.items()
            }
            rows[name] = {kind: as_list(over_pictures(each)) for kind, each in lost.items()}
            kept[f"{name}/digits"] = lost["digits"]

        def probe(name: str, encoder: Autoencoder) -> None:
            kept[f"{name}/named"] = hits = self._named(encoder, splits)
            rows[name] = rows.get(name, {}) | {"named": as_list(over_share(hits.sum(), len(hits)))}

        for activation, size, shown, known in self.cases:
            train = splits.train[:known] if known else splits.train
            own = _noise(len(train), train.image_shape, 2) if shown == "noise" else train
            batches = len(own) // 64
            torch.manual_seed(0)
            net = one_hidden(size, activation)
            fit(
                net,
                Reconstruction(),
                own[: 64 * batches],
                torch.optim.Adam(net.parameters(), 1e-3),
                epochs=max(1, round(self.steps / batches)),
                batch_size=64,
                seed=0,
                decay=True,
            )
            name = f"{activation}/{size}/{shown}/{known}"
            look(name, net)
            rows[name]["own"] = evaluate(net, Reconstruction(), own[:5000])["mse"].mean().item() / variance[shown]
            if shown == "digits":
                probe(name, net)
            if (activation, size, shown, known) == CASES[0]:  # once
                pca = linear.pca(splits.train, size, clip=False)
                look(f"pca/{size}", pca)
                probe(f"pca/{size}", pca)
                probe("pixels", Autoencoder(nn.Flatten(), nn.Unflatten(1, (1, 28, 28)), (1, 28, 28)))
                torch.manual_seed(0)
                probe(f"random/{size}", one_hidden(size, "none"))
        return rows, kept

    def joined(self, rows: Rows, tensors: dict[str, Tensor]) -> tuple[Rows, dict[str, Tensor]]:
        """Differences to the narrow net in place of what they are made of.

        Returns:
            The rows that were trained on digits, and "pca/32", with two more: their lost share − that of the linear net
            with a code of 32 numbers and as many pictures ("more lost"), and the share that is named rightly from
            their code − that from the linear code of 32 of all pictures ("more named"); the latter for "pixels" and
            "random/32", too.
        """
        for name in sorted({key.rpartition("/")[0] for key in tensors}):
            known = name.rpartition("/")[2] if "/digits/" in name else "0"
            lost, named = (
                (tensors.get(f"{name}/{kind}"), tensors.get(f"{base}/{kind}"))
                for kind, base in (("digits", f"{NARROW}/{known}"), ("named", f"{NARROW}/0"))
            )
            if lost[0] is not None and lost[1] is not None and "/noise/" not in name:
                rows[name]["more lost"] = as_list(over_pictures(lost[0] - lost[1]))
            if named[0] is not None and named[1] is not None:
                rows[name]["more named"] = as_list(between_paired_shares(named[0], named[1]))
        return rows, {}

    def _named(self, net: Autoencoder, splits: Splits) -> Tensor:
        """Whether a probe of the codes names each test picture rightly, bool [N]."""
        told, chosen = splits.train[: self.labelled], splits.validation
        codes = [encode_all(net, part).flatten(1) for part in (told, chosen, splits.test)]
        found, _ = tuned_probe((codes[0], told.labels), (codes[1], chosen.labels))
        return found.right(codes[2], splits.test.labels)


@dataclass(frozen=True)
class DistanceStudy(Study):
    """Whether a small squared error means that two pictures look alike: a shift by one pixel, and other digits.

    Args:
        looked_up: Test pictures, the first ones, whose nearest training pictures are looked up.
        code_size: Of the PCA whose reconstructions stand beside.
    """

    looked_up: int = 2000
    code_size: int = 32

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Of all test pictures, against themselves.

        Returns:
            "shift", one pixel to the right, what leaves being lost; "brighter", 1.3 times as bright, cut at 1; "pca",
            through PCA: "mse" and "ssim" with intervals over pictures, and the "share" of the pictures looked up that
            are nearer, by squared error, to a training picture of another class than to what was made of them.
        """
        pictures = splits.test.all().images
        shifted = torch.zeros_like(pictures)
        shifted[..., 1:] = pictures[..., :-1]
        pca = linear.pca(splits.train, self.code_size)
        with torch.no_grad():
            changed = {"shift": shifted, "brighter": (1.3 * pictures).clamp(max=1), "pca": pca(pictures)}
        others = self._nearest_of_another_class(splits)
        rows: Rows = {}
        for name, other in changed.items():
            error = mse(other, pictures)
            rows[name] = {
                "mse": as_list(over_pictures(error)),
                "ssim": as_list(over_pictures(ssim(other, pictures))),
                "share": as_list(over_share((error[: len(others)] > others).sum(), len(others))),
            }
        rows["another class"] = {"mse": as_list(over_pictures(others))}
        return rows, {}

    def _nearest_of_another_class(self, splits: Splits) -> Tensor:
        """The MSE between each picture looked up and the nearest training picture with another label."""
        known = splits.train.images.flatten(1).float() / 255
        squares = known.square().sum(1)
        looked_up = splits.test[: self.looked_up].all()
        found = []
        for images, labels in zip(looked_up.images.flatten(1).split(500), looked_up.labels.split(500), strict=True):
            far = images.square().sum(1)[:, None] + squares - 2 * images @ known.T
            found.append(far.masked_fill(labels[:, None] == splits.train.labels, torch.inf).amin(1))
        return torch.cat(found).clamp(min=0) / known.shape[1]


def one_hidden(code_size: int, activation: str = "relu") -> Autoencoder:
    """Pixels, a code of any size, pixels: for codes larger than the picture, which no builder of the package makes."""
    bend = nn.ReLU() if activation == "relu" else nn.Identity()
    return Autoencoder(
        nn.Sequential(nn.Flatten(), nn.Linear(784, code_size), bend),
        nn.Sequential(nn.Linear(code_size, 784), nn.Unflatten(1, (1, 28, 28))),
        (1, 28, 28),
    )


def _noise(count: int, shape: tuple[int, ...], seed: int) -> ImageSet:
    """Every pixel even between 0 and 1."""
    chance = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, *shape), generator=chance, dtype=torch.uint8)
    return ImageSet(pixels, torch.zeros(count, dtype=torch.int64), ("noise",))


EXPERIMENTS = (PLANE, CopyingStudy("copying", "mnist"), DistanceStudy("distance", "mnist"))
