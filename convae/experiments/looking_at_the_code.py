"""What is in a code: how much of it is used, what its neighbours are, what a linear probe reads in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study, as_list
from convae.latent import effective_dimension, encode_all, project, variances
from convae.measures.distances import nearest
from convae.measures.intervals import over_pictures
from convae.models import Classifier, build
from convae.tasks import Classification

if TYPE_CHECKING:
    from convae.data import Splits
    from convae.models import Autoencoder
    from convae.tensors import Images

JUDGES = 5
CHANGED = 0.02  # of the pixels' range: a smaller change is not seen


class Judge(nn.Module):
    """Some classifiers asked together: the mean of their softmax. None of them has seen what it judges."""

    def __init__(self, classifiers: list[Classifier]) -> None:
        super().__init__()
        self.classifiers = nn.ModuleList(classifiers)

    @classmethod
    def of(cls, nets: Nets) -> Judge:
        """The five seeds of the recipe "classifier"."""
        return cls([nets("classifier", seed) for seed in range(JUDGES)])

    @torch.no_grad()
    def forward(self, images: Images) -> Tensor:
        """Probabilities of the classes, [N, K]."""
        parts = [
            torch.stack([classifier(part).softmax(1) for classifier in self.classifiers]).mean(0)
            for part in images.split(1000)
        ]
        return torch.cat(parts)

    @torch.no_grad()
    def features(self, images: Images) -> Tensor:
        """What the first of them makes of the pictures behind its last hidden layer, [N, F]."""
        first = self.classifiers[0]
        assert isinstance(first, Classifier)
        return torch.cat([first.features(part) for part in images.split(1000)])


@dataclass(frozen=True)
class CodesStudy(Study):
    """What is in the codes of some nets, in one table.

    Args:
        nets: Recipes, seed 0 of each.
        judged: Recipes whose reconstructions are shown to the classifiers.
        points: Test pictures whose codes are drawn in the plane, at most 5,000.
        queries: Test pictures whose nearest training pictures are searched.
        fitted: Training pictures that the linear probe sees.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    judged: tuple[str, ...] = ("robledo-two-layer", "robledo-three-layer", "robledo-max-pool", "bottleneck-32")
    points: int = 2000
    queries: int = 2000
    fitted: int = 10_000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Measures the codes of trained nets, of an untrained one, of PCA, and the pixels themselves.

        Returns:
            Rows by "<net>": `dimension` (effective), `probe` (accuracy of a logistic regression on the test set),
            `neighbour` (share of test pictures whose nearest training picture has their label), `shared` (share whose
            nearest training picture is the same in the code as in pixels), `reach` (pixels that one number of the code
            moves by more than 0.02 of their range when it changes by a standard deviation); by "judged/<net>" the
            `accuracy` of the classifiers on reconstructions, over seeds of the classifier; and of the first test
            pictures "pca/<net>" and "tsne/<net>" [N, 2], their "labels", and "variances/<net>" [K].
        """
        test, labels = splits.test.all()
        training = splits.train.all()
        told = training.labels[: self.fitted]
        rows: Rows = {}
        kept: dict[str, Tensor] = {"labels": labels[: self.points].byte()}

        torch.manual_seed(0)
        members = {name: nets(name, 0) for name in self.nets} | {
            "untrained": build(self.nets[-1]).eval(),
            "pca-32": linear.pca(splits.train, 32),
            "pixels": None,
        }
        same_pixels: Tensor | None = None
        for name, model in reversed(members.items()):
            codes = {
                part: pictures.flatten(1) if model is None else encode_all(model, images).flatten(1)
                for part, pictures, images in (
                    ("training", training.images, splits.train),
                    ("test", test, splits.test),
                )
            }
            _, found = nearest(codes["test"][: self.queries], codes["training"])
            same_pixels = found if same_pixels is None else same_pixels  # pixels come first
            rows[name] = {
                "size": codes["test"].shape[1],
                "dimension": effective_dimension(codes["test"]),
                "probe": as_list(over_pictures(probe(codes["training"][: self.fitted], told, codes["test"], labels))),
                "neighbour": as_list(over_pictures((training.labels[found] == labels[: self.queries]).float())),
                "shared": as_list(over_pictures((found == same_pixels).float())),
            }
            if name in self.nets:
                rows[name]["reach"] = reach(model, test[:100], codes["test"].std(0))
                kept[f"variances/{name}"] = variances(codes["test"]).float()
                for method in ("pca", "tsne"):
                    kept[f"{method}/{name}"] = project(codes["test"][: self.points], method).half()
        judges = [nets("classifier", seed) for seed in range(JUDGES)]
        for name in ("pixels", *self.judged):
            model = None if name == "pixels" else nets(name, 0)
            right = [_accuracy(judge, model, splits) for judge in judges]
            rows[f"judged/{name}"] = {"accuracy": right}
        return rows, kept


def probe(codes: Tensor, labels: Tensor, test_codes: Tensor, test_labels: Tensor) -> Tensor:
    """Whether a logistic regression (scikit-learn's, on standardised numbers) names each test code's class, [N]."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    reader = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    reader.fit(codes.numpy(), labels.numpy())
    return (torch.from_numpy(reader.predict(test_codes.numpy())) == test_labels).float()


@torch.no_grad()
def reach(model: Autoencoder, images: Tensor, deviations: Tensor) -> float:
    """Mean number of pixels that move by more than CHANGED when one number of a code grows by its deviation."""
    codes = model.encode(images)
    plain, counts = model.decode(codes), []
    for number, deviation in enumerate(deviations):
        moved = codes.flatten(1).clone()
        moved[:, number] += deviation
        difference = (model.decode(moved.view_as(codes)) - plain).abs()
        counts.append((difference > CHANGED).flatten(1).sum(1).float().mean())
    return torch.stack(counts).mean().item()


@torch.no_grad()
def _accuracy(judge: torch.nn.Module, model: torch.nn.Module | None, splits: Splits) -> float:
    right = 0
    for images, labels in splits.test.batches(1000):
        right += int((judge(images if model is None else model(images)).argmax(1) == labels).sum())
    return right / len(splits.test)


BOTTLENECK = Recipe(
    name="bottleneck-32",
    model="bottleneck-32",
    epochs=15,
    batch_size=128,
    learning_rate=3e-3,
    decay=True,
    keep_weights=True,
    half_weights=True,
    keep_errors=True,
)

EXPERIMENTS = (
    BOTTLENECK,
    replace(BOTTLENECK, name="classifier", model="classifier", task=Classification(), epochs=8, keep_errors=False),
    CodesStudy("codes"),
)
