"""What people pass by mistake to the functions that chapters use: each call gets a sentence of ours, no traceback."""

from pathlib import Path

import pytest
import torch
from synthetic import pictures

import convae
from convae.arithmetic.shapes import convolution_matrix
from convae.arithmetic.tracing import projective_field, receptive_field, trace
from convae.baselines.enlarging import METHODS, BackProjection, Enlarge, least_squares_enlarger
from convae.baselines.filters import median, total_variation, tune
from convae.baselines.linear import black_image, block_pca, linear_restorer, mean_image, pca
from convae.corruption import Blur, GaussianNoise, LowResolution, Mask, SaltAndPepper, resize
from convae.latent import effective_dimension, encode_all, interpolate, project, sample, traverse, variances
from convae.measures.distances import frechet, nearest
from convae.measures.intervals import over_pictures, over_seeds, sign_test
from convae.measures.losses import mse
from convae.measures.metrics import luma, psnr, ssim
from convae.measures.spectra import pattern_energy, pattern_share
from convae.models import SkipAutoencoder, SuperResolver, ablations, build, dense_autoencoder
from convae.tasks import Classification, Reconstruction, Variational
from convae.tensors import Batch

PACKAGE = str(Path(convae.__file__).parent)
IMAGES, CODES, DICE = torch.rand(6, 1, 28, 28), torch.rand(40, 5), torch.Generator()
TYPES = {"None": None, "NumPy": IMAGES.numpy(), "list": IMAGES.tolist(), "text": "7", "number": 7}
KINDS = {"bytes": (255 * IMAGES).byte()}
AXES = {"no batch": IMAGES[0], "channels last": IMAGES.permute(0, 2, 3, 1), "colours": IMAGES.expand(-1, 3, -1, -1)}
SET = pictures(6)


def net(name):
    return build(name).eval()


OF_NETS = {name: net(name) for name in ("dense-7", "robledo-two-layer", "unet", "classifier", "variational-32")}
OF_NETS |= {
    "utec": SkipAutoencoder((4, 8), 16, image_shape=(1, 28, 28)).eval(),
    "super-resolver": SuperResolver(colours=1).eval(),
    "encode": net("dense-7").encode,
    "posterior": net("variational-32").posterior,
    "median": median(3),
    "mse": lambda images: mse(images, IMAGES),
    "mse of a target": lambda images: mse(IMAGES, images),
    "psnr": lambda images: psnr(images, IMAGES),
    "ssim": lambda images: ssim(IMAGES, images),
    "reconstruction": lambda images: Reconstruction()(net("dense-7"), Batch(images, SET.labels), DICE),
}
OF_IMAGES = {corrupt: lambda images, corrupt=corrupt: corrupt(images, DICE) for corrupt in (Blur(1), Mask(0.1))}
OF_IMAGES |= {
    "noise": lambda images: GaussianNoise(0.1)(images, DICE),
    "pepper": lambda images: SaltAndPepper(0.1)(images, DICE),
    "smaller": lambda images: LowResolution(2)(images, DICE),
    "target": LowResolution(2).target,
    "resize": lambda images: resize(images, (14, 14)),
    "larger": Enlarge(2, next(iter(METHODS))),
    "projected back": BackProjection(2),
    "luma": luma,
    "energy": pattern_energy,
    "share": pattern_share,
}
OF_CODES = {
    "decode": net("dense-7").decode,
    "first": lambda codes: interpolate(codes, IMAGES, torch.linspace(0, 1, 3)),
    "weights": lambda weights: interpolate(IMAGES[0], IMAGES[1], weights),
    "code": lambda code: traverse(code, 0, torch.zeros(3)),
    "values": lambda values: traverse(CODES[0], 0, values),
    "sample": lambda codes: sample(codes, 3),
    "project": project,
    "dimension": effective_dimension,
    "variances": variances,
    "nearest": lambda queries: nearest(queries, IMAGES),
    "frechet": lambda features: frechet(features, CODES),
    "pictures": over_pictures,
    "matrix": lambda weight: convolution_matrix(weight, (5, 5)),
    "labels": lambda labels: Classification()(net("classifier"), Batch(IMAGES, labels), DICE),
}
OF_SETS = {
    "encode_all": lambda images: encode_all(net("dense-7"), images),
    "pca": lambda train: pca(train, 3),
    "block_pca": lambda train: block_pca(train, 4, 2),
    "mean": mean_image,
    "black": black_image,
    "restorer": lambda train: linear_restorer(train, GaussianNoise(0.1)),
    "enlarger": lambda train: least_squares_enlarger(train, 2),
    "tune": lambda images: tune([median(3)], images, GaussianNoise(0.1)),
    "trace": lambda model: trace(model, (1, 28, 28)),
    "receptive": receptive_field,
    "projective": projective_field,
    "ablations": ablations,
    "batch": lambda batch: Reconstruction()(net("dense-7"), batch, DICE),
    "classified": lambda batch: Classification().measure(net("classifier"), batch, DICE),
    "variational": lambda batch: Variational(0.1)(net("variational-32"), batch, DICE),
    "model": lambda model: Reconstruction()(model, SET.all(), DICE),
}


def sentence(call, value):
    """The error that a call ends with, which has to come from a line of ours that raises it."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call(value)
    frame = caught.traceback[-1]
    assert str(frame.path).startswith(PACKAGE), frame
    assert "raise" in "".join(map(str, frame.statement.lines)), frame.statement
    return str(caught.value)


CASES = [
    *((call, value, name) for name, call in OF_NETS.items() for value in (TYPES | KINDS | AXES).values()),
    *((call, value, name) for name, call in OF_IMAGES.items() for value in (TYPES | KINDS).values()),
    *((call, value, name) for name, call in OF_IMAGES.items() for value in [AXES["no batch"]]),
    *((call, value, name) for name, call in OF_CODES.items() for value in TYPES.values()),
    *((call, value, name) for name, call in OF_SETS.items() for value in (TYPES | KINDS | AXES).values()),
]


@pytest.mark.parametrize(("call", "value"), [case[:2] for case in CASES], ids=[str(case[2]) for case in CASES])
def test_every_wrong_call_gets_a_sentence(call, value):
    assert len(sentence(call, value)) > 20


@pytest.mark.parametrize(
    ("call", "value", "message"),
    [
        (net("dense-7"), TYPES["NumPy"], "images are a ndarray: give torch.from_numpy(…) of it"),
        (net("dense-7"), None, "images are a NoneType: give a tensor; does a function before it lack its return?"),
        (net("dense-7"), SET, "images are a ImageSet: give its .all().images"),
        (net("dense-7"), KINDS["bytes"], "images of torch.uint8: give floating point in [0, 1], bytes divided by 255"),
        (net("dense-7"), AXES["no batch"], "images of shape (1, 28, 28): give [N, C, H, W], a single one as [1"),
        (net("dense-7"), AXES["channels last"], "if their channels come last, by images.permute(0, 3, 1, 2)"),
        (net("unet"), AXES["colours"], "colours become grey by images.mean(1, keepdim=True)"),
        (SuperResolver(), IMAGES, "grey has three equal colours by images.expand(-1, 3, -1, -1)"),
        (OF_CODES["labels"], SET.labels.float(), "give int64 [6], one for each image; labels.long() makes them of"),
        (OF_SETS["pca"], convae.load("digits"), "a Splits is no set of pictures: give one part of it, as .train"),
        (OF_SETS["batch"], IMAGES, "the batch is a Tensor: give Batch(images, labels), as ImageSet.all() does"),
        (receptive_field, torch.nn.Conv2d(1, 1, 3), "layers are a Conv2d: give a list of layers, [layer] of one"),
        (Reconstruction, 0.5, "corrupt is 0.5: give a corruption, as GaussianNoise(0.5), or None"),
        (build, None, "no model is called None: there are robledo-two-layer"),
        (over_seeds, ["a", "b"], "values are list: give one number after the other, in a list"),
        (sign_test, None, "values are NoneType: give one number after the other"),
    ],
    ids=lambda value: "",
)
def test_the_sentence_names_the_remedy(call, value, message):
    assert message in sentence(call, value)


@pytest.mark.parametrize("make", [GaussianNoise, SaltAndPepper, Mask, Blur, Variational, total_variation])
@pytest.mark.parametrize("wrong", ["0.1", None, [0.1]])
def test_a_setting_is_a_number(make, wrong):
    assert repr(wrong) in sentence(make, wrong)


def test_dropout_is_a_number():
    assert "dropout is '0.1': it is a probability" in sentence(lambda dropout: dense_autoencoder(3, dropout), "0.1")


def test_the_remedies_work():
    model = net("dense-7")
    for images in (AXES["channels last"].permute(0, 3, 1, 2), AXES["colours"].mean(1, keepdim=True)):
        torch.testing.assert_close(model(images), model(IMAGES))
    torch.testing.assert_close(model(torch.from_numpy(IMAGES.numpy())), model(IMAGES))
    assert SuperResolver()(IMAGES.expand(-1, 3, -1, -1)).shape == (6, 3, 56, 56)
