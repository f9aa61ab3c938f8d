"""What is in a code: how much of it is used, what its neighbours are, what a linear probe reads in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from convae.baselines import linear
from convae.latent import effective_dimension, encode_all, project, variances
from convae.measures.distances import nearest
from convae.measures.intervals import over_pictures
from convae.models import build
from convae.studies.nets import JUDGES, Nets, Rows, as_list

if TYPE_CHECKING:
    from convae.data import Splits
    from convae.models import Autoencoder
    from convae.recipes import CodesStudy

CHANGED = 0.02  # of the pixels' range: a smaller change is not seen


def study_codes(study: CodesStudy, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
    """Measures the codes of trained nets, of an untrained one, of PCA, and the pixels themselves.

    Returns:
        Rows by "<net>": `dimension` (effective), `probe` (accuracy of a logistic regression on the test set),
        `neighbour` (share of test pictures whose nearest training picture has their label), `shared` (share whose
        nearest training picture is the same in the code as in pixels), `reach` (pixels that one number of the code
        moves by more than 0.02 of their range when it changes by a standard deviation); by "judged/<net>" the
        `accuracy` of the classifiers on reconstructions, over seeds of the classifier; and of the first test pictures
        "pca/<net>" and "tsne/<net>" [N, 2], their "labels", and "variances/<net>" [K].
    """
    test, labels = splits.test.all()
    training = splits.train.all()
    told = training.labels[: study.fitted]
    rows: Rows = {}
    kept: dict[str, Tensor] = {"labels": labels[: study.points].byte()}

    torch.manual_seed(0)
    members = {name: nets(name, 0) for name in study.nets} | {
        "untrained": build(study.nets[-1]).eval(),
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
        _, found = nearest(codes["test"][: study.queries], codes["training"])
        same_pixels = found if same_pixels is None else same_pixels  # pixels come first
        rows[name] = {
            "size": codes["test"].shape[1],
            "dimension": effective_dimension(codes["test"]),
            "probe": as_list(over_pictures(probe(codes["training"][: study.fitted], told, codes["test"], labels))),
            "neighbour": as_list(over_pictures((training.labels[found] == labels[: study.queries]).float())),
            "shared": as_list(over_pictures((found == same_pixels).float())),
        }
        if name in study.nets:
            rows[name]["reach"] = reach(model, test[:100], codes["test"].std(0))
            kept[f"variances/{name}"] = variances(codes["test"]).float()
            for method in ("pca", "tsne"):
                kept[f"{method}/{name}"] = project(codes["test"][: study.points], method).half()
    judges = [nets("classifier", seed) for seed in range(JUDGES)]
    for name in ("pixels", *study.judged):
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
