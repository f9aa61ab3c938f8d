"""Codes of two numbers to look at; and what nets learn whose code is smaller than the picture, as large, and larger."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn

from convae import data
from convae.baselines import linear
from convae.corruption import GaussianNoise
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
from convae.tasks import Reconstruction, SparseReconstruction
from convae.tensors import as_bytes
from convae.training.loop import fit

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

SHOWN = ("digits", "noise")
FEW = 1024  # pictures, whole batches of them
SMALL, EQUAL, LARGER = 32, 784, 1568  # numbers in a code of a picture of 784
SIZES = (64, 128, 256, 512)  # between them
BATCH = 64
HELP = ("leaky decay", "leaky noise", "leaky sparse")  # regularised


class Case(NamedTuple):
    """One net: how it is made and trained.

    Args:
        way: "leaky", with a LeakyReLU on its code, or "linear"; "leaky decay <λ>" has weight decay, "leaky noise <σ>"
            is shown its pictures with noise, "leaky sparse <weight>" pays for what is in its code, "leaky start
            <factor>" begins with so many times PyTorch's weights, "leaky long" has twice the steps, "untrained" none.
        code_size: Numbers in its code, the only hidden layer.
        shown: What it is trained on, "digits" or "noise".
        known: Training pictures; 0 for all.
        seed: Of its weights and batches.
    """

    way: str
    code_size: int
    shown: str = "digits"
    known: int = 0
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.way}/{self.code_size}/{self.shown}/{self.known}/{self.seed}"


CASES = (
    *(Case(way, size, shown) for size in (SMALL, EQUAL, LARGER) for way in ("leaky", "linear") for shown in SHOWN),
    *(Case(way, size, "digits", FEW) for size in (SMALL, EQUAL, LARGER) for way in ("leaky", "linear")),
    *(Case("untrained", size) for size in (SMALL, EQUAL, LARGER)),
    *(
        Case(f"leaky {way}", size, "digits", FEW)
        for size in (EQUAL, LARGER)
        for way in ("decay 1e-05", "decay 0.0001", "noise 0.1", "noise 0.3")
    ),
    *(Case("leaky long", size, "noise") for size in (EQUAL, LARGER)),
    *(
        Case("leaky", size, "digits", known, seed)
        for size in (SMALL, EQUAL, LARGER)
        for known in (0, FEW)
        for seed in (1, 2)
    ),
)
REGULARISED = (  # what 1,568 numbers do with more of each stands in CASES
    *(
        Case(f"leaky{way}", EQUAL, "digits", FEW)
        for way in (
            "",
            *(f" decay {strength}" for strength in ("1e-07", "1e-06", "1e-05", "0.0001")),
            *(f" noise {sigma}" for sigma in ("0.01", "0.03", "0.1", "0.3")),
        )
    ),
    *(
        Case(f"leaky{way}", LARGER, "digits", FEW)
        for way in ("", " decay 1e-07", " decay 1e-06", " noise 0.01", " noise 0.03")
    ),
    *(Case("leaky", size, "digits", FEW) for size in SIZES),
    *(
        Case(f"leaky {way}", size, "digits", FEW)
        for size in (EQUAL, LARGER)
        for way in ("sparse 0.0001", "sparse 0.001", "decay 1e-08")
    ),
)
BASE = Case("leaky", SMALL).name
BETWEEN = (  # a code near the best size, the best decay on smaller codes, and a start of the weights of a tenth
    Case("leaky", 640, "digits", FEW),
    Case("leaky start 0.1", EQUAL, "digits", FEW),
    *(Case("leaky decay 1e-07", size, "digits", FEW) for size in (512, 640)),
)
MORE = {  # components of rivals, beside a study's own
    Case("leaky", SIZES[0], "digits", FEW): (540, 580, 620),
    BETWEEN[0]: (48, 64, 84, 100, 126, 150, 250, 350, 450, 520, 560),
}
PICTURED = (Case("leaky", SMALL), Case("leaky", LARGER), Case("leaky", LARGER, "noise"))  # what they give back is kept


@dataclass(frozen=True)
class CopyingStudy(Study):
    """What nets with one hidden layer, the code, learn from digits and from noise, and what they give back of both, and
    of pictures of clothes.

    Args:
        steps: Of each training, however many pictures it has.
        labelled: Numbers of training pictures whose labels a probe of the code is told.
        kept: Numbers of principal components of the rivals that are fitted on FEW pictures.
        clothes: Data set of other pictures.
    """

    steps: int = 8590  # ten times all training pictures
    labelled: tuple[int, ...] = (2000, 20_000)
    kept: tuple[int, ...] = (32, 200, 300, 400, 500)
    clothes: str = "fashion-mnist"
    cases: tuple[Case, ...] = CASES

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, cases=(case,)) for case in self.cases)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained by Adam at 0.001, decaying, in batches of 64. Noise is even between 0 and 1 on the pixels that are
        not black in every training picture; errors are of these pixels alone.

        Returns:
            Rows by a case's name, and by "pca/<kept>/<known>": the share of their variance that is lost of test digits,
            of fresh noise and of clothes, with intervals over pictures ("digits", "noise", "clothes"), and the part of
            each that is an offset of the means ("… offset"); of validation digits ("validation") and of the pictures
            that it was trained on ("own"). For nets that were trained on digits or not at all, for "pixels", and for
            "pca/32/0" the share of test pictures whose label a linear probe of the code names, told so many
            ("named <labels>"). By row and "/digits" the lost share of each test picture [N], by row and "/named
            <labels>" whether each was named rightly, bool [N].
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        live = splits.train.images.amax(0) > 0
        tests = {
            "digits": splits.test,
            "noise": _noise(len(splits.test), live, 1),
            "clothes": data.load(self.clothes).test,
        }

        shown = torch.cat([tests[kind].images[:few] for kind, few in {"digits": 3, "clothes": 3, "noise": 2}.items()])

        def look(name: str, net: nn.Module, own: ImageSet) -> None:
            rows[name] = {}
            for kind, images in tests.items():
                lost, offset = _lost(net, images, live)
                rows[name] |= {kind: as_list(over_pictures(lost)), f"{kind} offset": offset}
                if kind == "digits":
                    kept[f"{name}/digits"] = lost
            for kind, images in {"validation": splits.validation, "own": own}.items():
                rows[name][kind] = _lost(net, images, live)[0].mean().item()

        def probe(name: str, encoder: Autoencoder) -> None:
            rows.setdefault(name, {})
            for labels in self.labelled:
                hits = self._named(encoder, splits, labels)
                kept[f"{name}/named {labels}"] = hits
                rows[name][f"named {labels}"] = as_list(over_share(hits.sum(), len(hits)))

        for case in self.cases:
            count = (case.known or len(splits.train)) // BATCH * BATCH
            own = splits.train[:count] if case.shown == "digits" else _noise(count, live, 2)
            net = self._trained(case, own)
            look(case.name, net, own[:5000])
            if case in PICTURED:
                with torch.no_grad():
                    kept |= {"shown": shown, f"{case.name}/back": as_bytes(net(shown.float() / 255))}
            if case.shown == "digits":
                probe(case.name, net)
            if case == CASES[0]:  # the rivals once
                pca = linear.pca(splits.train, SMALL, clip=False)
                look(f"pca/{SMALL}/0", pca, splits.train[:5000])
                probe(f"pca/{SMALL}/0", pca)
                probe("pixels", Autoencoder(nn.Flatten(), nn.Unflatten(1, (1, 28, 28)), (1, 28, 28)))
            few = splits.train[:FEW]
            for count in self.kept if case == CASES[0] else MORE.get(case, ()):
                look(f"pca/{count}/{FEW}", linear.pca(few, count, clip=False), few)
        return rows, kept

    def _trained(self, case: Case, own: ImageSet) -> Autoencoder:
        way, _, setting = case.way.removeprefix("leaky ").partition(" ")
        torch.manual_seed(case.seed)
        net = one_hidden(case.code_size, "linear" if case.way == "linear" else "leaky")
        if case.way == "untrained":
            return net
        if way == "start":
            for values in net.parameters():
                values.data *= float(setting)
        task = Reconstruction()
        if way == "noise":
            task = Reconstruction(corrupt=GaussianNoise(float(setting)))
        elif way == "sparse":
            task = SparseReconstruction(weight=float(setting))
        fit(
            net,
            task,
            own,
            torch.optim.Adam(net.parameters(), 1e-3, weight_decay=float(setting) if way == "decay" else 0),
            epochs=max(1, round(self.steps * (1 + (way == "long")) / (len(own) // BATCH))),
            batch_size=BATCH,
            seed=case.seed,
            decay=True,
        )
        return net

    def joined(self, rows: Rows, tensors: dict[str, Tensor]) -> tuple[Rows, dict[str, Tensor]]:
        """Paired differences in place of what they are made of.

        Returns:
            The rows with more: the share named rightly − that from the leaky code of 32 ("more named
            <labels>"), and − that from the untrained code of the same size, seed 0 ("learnt named <labels>"), over
            pictures. "regularised/<code size>": of the nets with weight decay, noise or a penalty the one that
            loses least of the validation digits ("way"), and how much more it loses of test digits than the one without
            ("more lost").
        """
        for key, hits in tensors.items():
            name, _, kind = key.rpartition("/")
            if not kind.startswith("named"):
                continue
            untrained = f"untrained/{name.split('/')[1]}/digits/0/0" if name.startswith("leaky") else ""
            for called, base in {"more": BASE, "learnt": untrained}.items():
                if (other := tensors.get(f"{base}/{kind}")) is not None:
                    rows[name][f"{called} {kind}"] = as_list(between_paired_shares(hits, other))
        few = [case for case in self.cases if case.known == FEW and case.seed == 0]
        plain = {case.code_size: case.name for case in few if case.way == "leaky"}
        for size in {EQUAL, LARGER} & plain.keys():
            helped = [case.name for case in few if case.way.startswith(HELP) and case.code_size == size]
            if helped:
                best = min(helped, key=lambda name: rows[name]["validation"])
                more = over_pictures(tensors[f"{best}/digits"] - tensors[f"{plain[size]}/digits"])
                rows[f"regularised/{size}"] = {"way": best, "more lost": as_list(more)}
        return rows, {name: each for name, each in tensors.items() if name == "shown" or name.endswith("/back")}

    def _named(self, net: Autoencoder, splits: Splits, labels: int) -> Tensor:
        """Whether a probe of the codes names each test picture rightly, bool [N]."""
        told, chosen = splits.train[:labels], splits.validation
        codes = [encode_all(net, part).flatten(1) for part in (told, chosen, splits.test)]
        found, _ = tuned_probe((codes[0], told.labels), (codes[1], chosen.labels))
        return found.right(codes[2], splits.test.labels)


@torch.no_grad()
def _lost(net: nn.Module, images: ImageSet, live: Tensor) -> tuple[Tensor, float]:
    """The lost share of the variance of each picture's live pixels [N], and the part of it that is an offset."""
    net.eval()
    wanted = images.all().images[:, live]
    given = torch.cat([net(batch.images)[:, live] for batch in images.batches(1000)])
    variance = wanted.var(0, correction=0).mean()
    offset = (given.mean(0) - wanted.mean(0)).square().mean() / variance
    return (given - wanted).square().mean(1) / variance, offset.item()


@dataclass(frozen=True)
class LinearAutoencoderStudy(Study):
    """How near a linear autoencoder comes to PCA: in its loss, and in the directions of its decoder.

    Args:
        code_sizes: Numbers in the code. Behind the last of these components MNIST's spread falls much (6), or hardly
            (8).
        chosen: Seeds of each.
        steps: Of Adam on all pictures at once, the rate falling to 0.
        every: Steps between two that are kept.
    """

    code_sizes: tuple[int, ...] = (6, 8)
    chosen: tuple[int, ...] = (0, 1, 2, 3, 4)
    steps: int = 1000
    every: int = 20

    def splits(self) -> Splits:
        return data.load(self.data, validation=0)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Of the training pictures alone.

        Returns:
            "<code size>/<seed>": by step the largest principal angle between the decoder's directions and PCA's, in
            degrees ("angle"), and the loss ÷ PCA's − 1 ("excess"). "<code size>": the spread along the last component
            that is kept ÷ that along the next ("fall").
        """
        pixels = splits.train.all().images.flatten(1)
        spread, directions = principal_components(pixels)
        rows: Rows = {}
        for size, seed in itertools.product(self.code_sizes, self.chosen):
            least = spread[size:].sum().item() / pixels.shape[1]
            torch.manual_seed(seed)
            encoder, decoder = nn.Linear(pixels.shape[1], size), nn.Linear(size, pixels.shape[1])
            optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 5e-3)
            rate = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, total_iters=self.steps)
            row: dict[str, list[float]] = {"angle": [], "excess": []}
            for step in range(self.steps + 1):
                loss = (decoder(encoder(pixels)) - pixels).square().mean()
                if step % self.every == 0:
                    row["angle"].append(principal_angles(decoder.weight, directions[:, :size])[-1].item())
                    row["excess"].append(loss.item() / least - 1)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                rate.step()
            rows[f"{size}/{seed}"] = row
            rows[str(size)] = {"fall": (spread[size - 1] / spread[size]).item()}
        return rows, {}


def principal_components(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The spread (variance) of pictures [N, D] along each of their principal components, and these, the columns of
    [D, D]; the largest first, in float64."""
    pixels = pixels.double()
    deviations = pixels - pixels.mean(0)
    spread, directions = torch.linalg.eigh(deviations.T @ deviations / len(pixels))
    return spread.flip(0), directions.flip(1)


def principal_angles(weight: Tensor, directions: Tensor) -> Tensor:
    """Between the subspaces that two sets of columns [D, k] span, in degrees, the smallest first [k]."""
    own, other = (torch.linalg.qr(each.detach().double()).Q for each in (weight, directions))
    cosines: Tensor = torch.linalg.svdvals(own.T @ other)
    return cosines.clamp(max=1).acos().rad2deg()


@dataclass(frozen=True)
class DistanceStudy(Study):
    """Whether a small squared error means that two pictures look alike: a shift by one pixel, and other digits.

    Args:
        code_size: Of the PCA whose reconstructions stand beside.
    """

    code_size: int = 32

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Of all test pictures, against themselves.

        Returns:
            "shift", one pixel to the right, what leaves being lost; "brighter", 1.3 times as bright, cut at 1; "pca",
            through PCA: "mse" and "ssim" with intervals over pictures, and the "share" of the pictures that are
            nearer, by squared error, to a training picture of another class than to what was made of them.
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
                "share": as_list(over_share((error > others).sum(), len(others))),
            }
        rows["another class"] = {"mse": as_list(over_pictures(others))}
        return rows, {}

    def _nearest_of_another_class(self, splits: Splits) -> Tensor:
        """The MSE between each test picture and the nearest training picture with another label."""
        known = splits.train.images.flatten(1).float() / 255
        squares = known.square().sum(1)
        looked_up = splits.test.all()
        found = []
        for images, labels in zip(looked_up.images.flatten(1).split(500), looked_up.labels.split(500), strict=True):
            far = images.square().sum(1)[:, None] + squares - 2 * images @ known.T
            found.append(far.masked_fill(labels[:, None] == splits.train.labels, torch.inf).amin(1))
        return torch.cat(found).clamp(min=0) / known.shape[1]


def one_hidden(code_size: int, activation: str = "leaky") -> Autoencoder:
    """Pixels, a code of any size, pixels: for codes larger than the picture, which no builder of the package makes."""
    bend = nn.LeakyReLU(0.1) if activation == "leaky" else nn.Identity()
    return Autoencoder(
        nn.Sequential(nn.Flatten(), nn.Linear(784, code_size), bend),
        nn.Sequential(nn.Linear(code_size, 784), nn.Unflatten(1, (1, 28, 28))),
        (1, 28, 28),
    )


def _noise(count: int, live: Tensor, seed: int) -> ImageSet:
    """Every pixel that is not always black even between 0 and 1."""
    chance = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, *live.shape), generator=chance, dtype=torch.uint8) * live
    return ImageSet(pixels, torch.zeros(count, dtype=torch.int64), ("noise",))


EXPERIMENTS = (
    PLANE,
    LinearAutoencoderStudy("linear-autoencoder", "mnist-sample"),
    LinearAutoencoderStudy(
        "linear-autoencoder-longer", "mnist-sample", code_sizes=(8,), chosen=(0,), steps=10_000, every=200
    ),
    CopyingStudy("copying", "mnist"),
    CopyingStudy("copying-regularised", "mnist", labelled=(2000,), cases=REGULARISED),
    CopyingStudy("copying-between", "mnist", labelled=(2000,), cases=BETWEEN),
    DistanceStudy("distance", "mnist"),
)
