"""Every model keeps the same contracts; each contract is shown to bite by a model that breaks it."""

import inspect
import itertools
import math
import re

import pytest
import rooms
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save
from torch import nn

from convae import models
from convae.models import (
    MODELS,
    RATES,
    Autoencoder,
    BlurPool,
    SkipAutoencoder,
    SuperResolver,
    UNet,
    VariationalAutoencoder,
    binomial,
    bottleneck_autoencoder,
    build,
    convolutional_autoencoder,
    convolutional_classifier,
    dense_autoencoder,
    encoder_classifier,
    mansilla_autoencoder,
    robledo_two_layer,
    sub_pixel,
)

SHAPE = (1, 28, 28)
VARIATIONAL = ("variational-32", "robledo-variational")
OTHERS = ("classifier", "unet", "utec", "super-resolver")  # each has its own contracts and its own tests
AUTOENCODERS = [name for name in MODELS if not name.startswith(OTHERS)]


def needs_no_choice(make):
    return all(each.default is not each.empty for each in inspect.signature(make).parameters.values())


@pytest.mark.parametrize("module", rooms.modules(models).values(), ids=lambda module: module.__name__)
def test_no_model_is_forgotten(module):
    named = {getattr(make, "func", make) for make in MODELS.values()}
    assert {make for make in rooms.own(module).values() if needs_no_choice(make)} <= named


def gives_back_its_shape(make):
    for count in (1, 5):
        assert make().eval()(torch.rand(count, *SHAPE)).shape == (count, *SHAPE)


def ends_between_0_and_1(make):
    restored = make().eval()(torch.rand(9, *SHAPE))
    assert restored.min() >= 0
    assert restored.max() <= 1


def trains_every_parameter(make):
    model = make()
    (model(torch.rand(32, *SHAPE)) - torch.rand(32, *SHAPE)).square().sum().backward()
    for name, parameter in model.named_parameters():
        if name.startswith("log_variance."):  # what only the training of a variational net asks for
            continue
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def treats_each_picture_alone(make):
    model, images = make().eval(), torch.rand(6, *SHAPE)
    torch.testing.assert_close(model(images)[2:3], model(images[2:3]))


def refuses_other_sizes(make):
    for shape in [(1, 27, 28), (1, 28, 29), (3, 28, 28), (1, 29, 29), (1, 14, 14)]:
        with pytest.raises(ValueError, match=r"do not fit what was made for \(1, 28, 28\): resize or crop"):
            make().eval()(torch.rand(2, *shape))


def survives_its_state_dict(make):
    first, second = make().eval(), make().eval()
    images = torch.rand(3, *SHAPE)
    assert not torch.equal(first(images), second(images))
    second.load_state_dict(load(save(first.state_dict())))
    assert torch.equal(first(images), second(images))


CONTRACTS = [
    gives_back_its_shape,
    ends_between_0_and_1,
    trains_every_parameter,
    treats_each_picture_alone,
    refuses_other_sizes,
    survives_its_state_dict,
]


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)  # a net as small as these can be dead from the start: with seed 1, one is


@pytest.mark.parametrize(
    ("name", "contract"),
    [
        (name, contract)
        for name in AUTOENCODERS
        for contract in CONTRACTS
        if contract is not ends_between_0_and_1 or name != "robledo-no-sigmoid"  # whoever scores it clips
    ],
)
def test_the_contracts(name, contract):
    contract(lambda: build(name))


class Broken(Autoencoder):
    """A net that keeps all contracts, to be broken in one."""

    def __init__(self):
        net = dense_autoencoder(8)
        super().__init__(net.encoder, net.decoder, SHAPE)


class Transposed(Broken):
    def forward(self, images):
        return super().forward(images)[..., :27]


class Unbounded(Broken):
    def forward(self, images):
        return super().forward(images) * 9 - 4


class Detached(Broken):
    def encode(self, images):
        return super().encode(images).detach()


class Unused(Broken):
    def __init__(self):
        super().__init__()
        self.left_over = nn.Linear(2, 2)


class Mixing(Broken):
    def encode(self, images):
        codes = super().encode(images)
        return codes - codes.mean(0)


class Resizing(Broken):
    def forward(self, images):
        return super().forward(nn.functional.interpolate(images.mean(1, keepdim=True), SHAPE[1:]))


class Forgetful(Broken):
    def __init__(self):
        super().__init__()
        self.register_buffer("offset", torch.rand(()) / 100, persistent=False)

    def forward(self, images):
        return super().forward(images) * (1 - self.offset)


@pytest.mark.parametrize(
    ("contract", "broken"),
    [
        (gives_back_its_shape, Transposed),
        (ends_between_0_and_1, Unbounded),
        (trains_every_parameter, Detached),
        (trains_every_parameter, Unused),
        (treats_each_picture_alone, Mixing),
        (refuses_other_sizes, Resizing),
        (survives_its_state_dict, Forgetful),
    ],
)
def test_a_broken_model_fails_its_contract_and_no_other(contract, broken):
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        contract(broken)
    if broken is not Transposed:  # a wrong shape breaks the comparison with a target as well
        for other in set(CONTRACTS) - {contract}:
            other(broken)


def counted(code, channels):
    """Parameters of a global autoencoder: kernels and normalisations down and up, one linear map each way."""
    steps = list(itertools.pairwise((1, *channels)))
    sides = [28]
    for _ in steps:
        sides.append(-(-sides[-1] // 2))
    flat = channels[-1] * sides[-1] ** 2
    kernels = 2 * sum(9 * before * after for before, after in steps) + 1  # the last one has a bias
    normalised = 2 * sum(channels) + 2 * sum(channels)  # a scale and a shift, down, and up behind the linear map
    return kernels + normalised + 2 * flat * code + code


VARIANTS = ("max-pool", "average-pool", "blur-pool", "sigmoid", "tanh", "linear", "no-sigmoid")
OVERLAPPING = ("", "max-pool-", "average-pool-", "blur-pool-", "relu-blur-pool-")
PARAMETERS = {
    "robledo-two-layer": 2481,
    **{f"robledo-{encoder}overlapping": 2481 + (25 - 9) * 8 * (16 + 1) for encoder in OVERLAPPING},
    "robledo-more-maps": 4801,
    "robledo-more-parameters": 11721,
    "robledo-three-layer": 11745,
    **{f"robledo-{variant}": 2481 for variant in VARIANTS},
    "bottleneck-32": 84_097,
    "variational-32": 102_561,
    "robledo-variational": 3649,
    **{
        f"mansilla-{size}": (9 + 1) * 16 + (9 * 16 + 1) * 32 + 801 * size + (size + 1) * 800 + (25 * 32 + 1) * 16 + 257
        for size in (64, 256)
    },
    "plane": counted(2, (8, 16, 32)),
    **{f"global-{size}": counted(size, channels) for size, channels in RATES.items()},
    **{f"deep-dense-{size}": 2 * (784 * 512 + 512 * 256 + 256 * size) + 4 * (512 + 256) + size + 784 for size in RATES},
    "dense-1": 2353,
    "dense-7": 11767,
    "dense-64": 101_200,
    "dense-128": 201_616,
    "dense-144": 226_720,
    "dense-256": 402_448,
    "dense-288": 452_656,
    "dense-512": 804_112,
    "dense-144-no-dropout": 226_720,
    "dense-288-no-dropout": 452_656,
    "dense-64-linear": 101_200,
    "dense-144-linear-no-dropout": 226_720,
}
CODES = {
    "robledo-three-layer": (32, 3, 3),
    "robledo-more-maps": (32, 3, 3),
    "bottleneck-32": (32,),
    "variational-32": (32,),
    "plane": (2,),
    **{f"mansilla-{size}": (size,) for size in (64, 256)},
    **{f"deep-dense-{size}": (size,) for size in RATES},
} | {
    f"robledo-{name}": (16, 3, 3)
    for name in (
        "two-layer",
        "more-parameters",
        "variational",
        *VARIANTS,
        *(f"{encoder}overlapping" for encoder in OVERLAPPING),
    )
}


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_parameters_and_code(name):
    model = build(name).eval()
    assert sum(parameter.numel() for parameter in model.parameters()) == PARAMETERS[name]
    size = CODES.get(name) or (int(name.split("-")[1]),)
    assert model.encode(torch.rand(2, *SHAPE)).shape == (2, *size)


@pytest.mark.parametrize(("name", "most"), [("robledo-two-layer", 1), ("robledo-overlapping", 4)])
def test_how_many_places_of_the_code_a_pixel_is_made_of(name, most):
    layers = build(name).decoder[:3]
    for parameter in layers.parameters():  # every unit on: what a number can reach, not what it happens to
        nn.init.constant_(parameter, 0.1)
    slopes = torch.autograd.functional.jacobian(layers, torch.ones(1, 16, 3, 3))[0, 0]
    places = (slopes[:, :, 0, 0] > 0).sum((2, 3))  # of each pixel [28, 28], by the first channel
    assert places.max() == most


def test_the_blur_stands_before_or_behind_the_activation():
    kinds = {
        name: [type(layer) for layer in build(name).encoder]
        for name in ("robledo-blur-pool-overlapping", "robledo-relu-blur-pool-overlapping")
    }
    before, behind = kinds.values()
    assert before[1:3] == [BlurPool, nn.ReLU]
    assert behind[1:3] == [nn.ReLU, BlurPool]
    assert before[:1] + before[3:] == behind[:1] + behind[3:]


def test_the_padding_printed_in_the_source_does_not_give_its_third_map():
    printed = convolutional_autoencoder((8, 16, 32), padding=1)
    assert printed.encode(torch.rand(1, *SHAPE)).shape == (1, 32, 4, 4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_variants_of_the_two_layer_net_start_from_its_weights(variant):
    def weights(name):
        torch.manual_seed(3)
        return build(name).state_dict()

    own, original = weights(f"robledo-{variant}"), weights("robledo-two-layer")
    assert all(a.equal(b) for a, b in zip(own.values(), original.values(), strict=True))


def test_a_linear_code_goes_below_0_and_starts_from_the_weights_of_the_bent_one():
    nets = []
    for name in ("dense-64", "dense-64-linear"):
        torch.manual_seed(3)
        nets.append(build(name).eval())
    bent, straight = (net.encode(torch.rand(5, *SHAPE, generator=torch.Generator().manual_seed(0))) for net in nets)
    assert straight.min() < 0
    assert bent.equal(straight.relu())


def test_a_net_without_activation_is_affine_up_to_the_sigmoid_at_its_end():
    net = build("robledo-linear").eval()
    first, second = torch.rand(2, 4, *SHAPE)
    logits = [torch.logit(net(images).double()) for images in (first, second, (first + second) / 2)]
    torch.testing.assert_close(logits[2], (logits[0] + logits[1]) / 2, atol=1e-5, rtol=0)
    bent = build("robledo-two-layer").eval()
    logits = [torch.logit(bent(images).double()) for images in (first, second, (first + second) / 2)]
    assert (logits[2] - (logits[0] + logits[1]) / 2).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pool": "maximum"}, "no pooling is called 'maximum': "),
        ({"activation": "rellu"}, "no activation is called 'rellu': did you mean relu"),
    ],
)
def test_names_of_layers(settings, message):
    with pytest.raises(ValueError, match=message):
        convolutional_autoencoder((8,), **settings)


def test_the_two_layer_net_works_on_nine_blocks_separately():
    model = robledo_two_layer().eval()
    image = torch.rand(1, *SHAPE)
    before = model(image)
    for row, column in [(0, 0), (4, 17), (26, 26), (13, 9)]:
        touched = image.clone()
        touched[0, 0, row, column] += 0.5
        changed = (model(touched) != before)[0, 0].nonzero()
        assert len(changed)
        assert set(map(tuple, (changed // 9).tolist())) == {(row // 9, column // 9)}
    touched = image.clone()
    touched[..., 27, :] = touched[..., :, 27] = 1
    assert torch.equal(model(touched), before)  # row and column 28 are never read


def test_dropout_is_on_the_code_and_only_while_training():
    model, images = dense_autoencoder(50, dropout=0.4), torch.rand(200, *SHAPE)
    kept, code = (model.eval().encode(images) > 0), model.train().encode(images)
    assert ((code == 0) & kept).sum() / kept.sum() == pytest.approx(0.4, abs=0.03)
    assert torch.equal(model.eval()(images), model(images))


def test_an_image_shape_may_come_as_a_list():
    assert dense_autoencoder(4, image_shape=[3, 5, 7])(torch.rand(2, 3, 5, 7)).shape == (2, 3, 5, 7)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"code_size": 0}, "a code of 0 numbers for pictures of 784 pixels: choose a code_size from 1 to 784"),
        ({"code_size": 785}, "a code of 785 numbers .* from 1 to 784"),
        ({"code_size": -3}, "a code of -3 numbers"),
        ({"code_size": 5, "image_shape": (1, 2, 2)}, "a code of 5 numbers for pictures of 4 pixels"),
        ({"code_size": 1, "dropout": 1}, "dropout is 1: it is a probability, from 0"),
        ({"code_size": 1, "dropout": -0.1}, "dropout is -0.1"),
        ({"code_size": 1, "dropout": float("nan")}, "dropout is nan"),
        ({"code_size": 1, "image_shape": (28, 28)}, r"image_shape is \(28, 28\): give \(channels, rows, columns\)"),
        ({"code_size": 1, "image_shape": (1, 0, 28)}, "its rows is 0"),
        ({"code_size": 1, "image_shape": (1, -28, -28)}, "its rows is -28"),
    ],
)
def test_impossible_dense_nets(settings, message):
    with pytest.raises(ValueError, match=message):
        dense_autoencoder(**settings)


@pytest.mark.parametrize(
    ("settings", "message", "remedy"),
    [
        ({"channels": ()}, r"channels are \(\): give one positive number", {"channels": (8,)}),
        ({"channels": (8, 0)}, "the number of channels is 0: it has to be at least 1", {"channels": (8, 1)}),
        ({"channels": (8, 16), "padding": (1,)}, "1 paddings for 2 layers", {"padding": 1}),
        ({"channels": (8,), "stride": 0}, "stride is 0: it has to be at least 1", {"stride": 1}),
        ({"channels": (8,), "stride": 0, "pool": "max"}, "stride is 0", {"stride": 1, "padding": 0}),
        ({"channels": (8,), "kernel": 0}, "layer 1 of 1, on 28×28 pixels: kernel is 0", {"kernel": 1}),
        ({"channels": (8,), "padding": -1}, "padding is -1: it has to be at least 0", {"padding": 0}),
        ({"channels": (8,), "kernel": 40}, "padding of at least 6", {"padding": 6}),
        (
            {"channels": (8, 16, 32, 64), "stride": 3, "padding": 0},
            r"layer 4 of 4, on 1×1 pixels: .* padding of at least 1",
            {"padding": (0, 0, 0, 1)},
        ),
        (
            {"channels": (8, 16), "stride": 3, "padding": 0, "pool": "max"},
            "layer 1 of 2, on 28×28 pixels: 28 pixels become 8, from where nothing leads back: use a padding of 1",
            {"padding": 1},
        ),
        (
            {"channels": (8,), "kernel": 29, "pool": "max", "padding": 3},
            "kernel of 29 .* at most 28",
            {"kernel": 28, "padding": 1},
        ),
    ],
)
def test_impossible_convolutional_nets_and_what_helps(settings, message, remedy):
    with pytest.raises(ValueError, match=message):
        convolutional_autoencoder(**settings)
    model = convolutional_autoencoder(**(settings | remedy))
    assert model(torch.rand(1, *SHAPE)).shape == (1, *SHAPE)


@settings(deadline=None, max_examples=80)
@given(
    side=st.integers(1, 40),
    depth=st.integers(1, 4),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    pool=st.sampled_from([None, "max", "average", "blur"]),
)
def test_whoever_does_what_the_errors_say_gets_a_net(side, depth, kernel, stride, padding, pool):
    paddings = [padding] * depth
    for _ in range(20):
        try:
            model = convolutional_autoencoder([2] * depth, kernel, stride, paddings, pool, (1, side, side))
        except ValueError as error:
            layer, padded, fewer = re.search(
                r"layer (\d) .*: use (?:a padding of (?:at least )?(\d+)|one of at most (\d+))", str(error)
            ).groups()
            if fewer:
                assume(int(fewer) < kernel)
                kernel = int(fewer)
            else:
                assert paddings[int(layer) - 1] != int(padded)
                paddings[int(layer) - 1] = int(padded)
        else:
            assert model(torch.rand(2, 1, side, side)).shape == (2, 1, side, side)
            return
    pytest.fail("the advice leads nowhere")


@settings(deadline=None, max_examples=25)
@given(shape=st.tuples(st.integers(1, 3), st.integers(5, 40), st.integers(5, 40)), stride=st.integers(1, 3))
def test_pictures_that_are_not_square_come_back(shape, stride):
    assert convolutional_autoencoder((4, 3), stride=stride, image_shape=shape)(torch.rand(2, *shape)).shape[1:] == shape


def test_a_slip_in_a_name_gets_a_suggestion():
    with pytest.raises(ValueError, match="no model is called 'robledo-to-layer': did you mean robledo-two-layer"):
        build("robledo-to-layer")


def test_the_weights_come_from_the_global_generator():
    def weights(seed):
        torch.manual_seed(seed)
        return build("dense-7").encoder[1].weight

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))


def test_every_number_of_a_linear_bottleneck_sees_the_whole_picture():
    model = build("bottleneck-32").eval()
    image = torch.rand(1, *SHAPE, requires_grad=True)
    for number in range(32):
        (gradient,) = torch.autograd.grad(model.encode(image)[0, number], image)
        assert (gradient != 0).float().mean() > 0.9


def test_normalised_layers_have_no_bias_that_the_normalisation_would_take_away():
    model = convolutional_autoencoder((4, 8, 8), normalize=True)
    layers = [layer for layer in model.modules() if isinstance(layer, torch.nn.Conv2d | torch.nn.ConvTranspose2d)]
    assert [layer.bias is None for layer in layers] == [True, True, False, True, True, False]
    assert sum(isinstance(layer, torch.nn.BatchNorm2d) for layer in model.modules()) == 4


@pytest.mark.parametrize("name", VARIATIONAL)
def test_a_variational_net_encodes_to_the_mean_and_knows_a_variance(name):
    model, images = build(name).eval(), torch.rand(4, *SHAPE)
    mean, log_variance = model.posterior(images)
    assert torch.equal(mean, model.encode(images))
    assert mean.shape == log_variance.shape
    assert not torch.equal(mean, log_variance)
    with pytest.raises(ValueError, match="do not fit what was made for"):
        model.posterior(torch.rand(4, 1, 27, 28))


def test_what_cannot_be_variational():
    with pytest.raises(ValueError, match="that ends in a Linear or a Conv2d"):
        VariationalAutoencoder(dense_autoencoder(8))


def test_a_classifier_gives_one_logit_a_class_from_its_features():
    model, images = build("classifier").eval(), torch.rand(3, *SHAPE)
    assert model(images).shape == (3, 10)
    assert model.features(images).shape == (3, 64)
    assert torch.equal(model.head(model.features(images)), model(images))
    trains = model(images).logsumexp(1).sum()
    trains.backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())
    with pytest.raises(ValueError, match="classes is 0: it has to be at least 1"):
        convolutional_classifier(classes=0)


def trained_once(model):
    """Parameters before and after a step of SGD in training mode."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.SGD([each for each in model.parameters() if each.requires_grad], 0.1)
    model.train()(torch.rand(9, *SHAPE)).square().sum().backward()
    optimizer.step()
    return {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}


def test_a_frozen_encoder_is_not_trained_and_drops_nothing():
    net = mansilla_autoencoder(dropout=0.5)
    frozen, free = encoder_classifier(net, frozen=True), encoder_classifier(net)
    images = torch.rand(3, *SHAPE)
    assert torch.equal(frozen.train().features(images), frozen.train().features(images))
    assert not torch.equal(free.train().features(images), free.train().features(images))
    torch.testing.assert_close(frozen.features(images), net.eval().encode(images))
    assert trained_once(frozen) == {"head.weight", "head.bias"}
    assert trained_once(free) == set(free.state_dict())
    torch.testing.assert_close(frozen.features(images), net.eval().encode(images))  # the autoencoder is left alone
    assert all(each.requires_grad for each in net.parameters())


def test_a_bent_head_has_no_logit_below_0():
    torch.manual_seed(0)
    straight = encoder_classifier(mansilla_autoencoder(), classes=5)
    torch.manual_seed(0)
    bent = encoder_classifier(mansilla_autoencoder(), classes=5, bend=True)
    images = torch.rand(9, *SHAPE)
    logits = straight.eval()(images)
    assert logits.shape == (9, 5)
    assert logits.min() < 0
    assert torch.equal(bent.eval()(images), logits.clamp(min=0))


def test_an_encoder_that_no_head_fits_is_refused():
    with pytest.raises(ValueError, match=r"a code of shape \(16, 3, 3\) fits no linear layer"):
        encoder_classifier(robledo_two_layer())
    frozen = mansilla_autoencoder()
    frozen.encoder[0].requires_grad_(False)
    with pytest.raises(ValueError, match=r"the encoder is frozen: call requires_grad_\(True\)"):
        encoder_classifier(frozen)
    with pytest.raises(ValueError, match="classes is 0: it has to be at least 1"):
        encoder_classifier(mansilla_autoencoder(), classes=0)


def test_a_bottleneck_needs_a_code():
    for size in (0, 785):
        with pytest.raises(ValueError, match=f"a code of {size} numbers for pictures of 784 pixels"):
            bottleneck_autoencoder(size)


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (dense_autoencoder, {"code_size": 10**9, "image_shape": (3, 10**5, 10**5)}),
        (bottleneck_autoencoder, {"code_size": 16, "channels": (10**9, 8)}),
        (convolutional_autoencoder, {"channels": (8, 10**9)}),
        (convolutional_autoencoder, {"channels": (8,), "image_shape": (10**9, 28, 28)}),
        (convolutional_classifier, {"channels": (16, 10**9)}),
        (convolutional_classifier, {"features": 10**9}),
        (UNet, {"channels": (16, 10**9)}),
        (UNet, {"colours": 10**9}),
        (SkipAutoencoder, {"code_size": 10**9}),
        (SuperResolver, {"blocks": 10**9}),
        (SuperResolver, {"factor": 10**9}),
        (BlurPool, {"channels": 10**9, "stride": 2}),
        (BlurPool, {"channels": 1, "stride": 10**9}),
        (binomial, {"size": 10**9}),
        (sub_pixel, {"channels_in": 10**9, "channels_out": 1}),
    ],
)
def test_a_slip_of_typing_fills_no_memory(make, settings):
    with pytest.raises(ValueError, match=r"has to be at most [15]|from 1 to 1000000"):
        make(**settings)


@pytest.mark.parametrize("wrong", ["32", 8.0, None, True, [8]])
def test_sizes_are_whole_numbers(wrong):
    for make, sizes in [
        (dense_autoencoder, {"code_size": wrong}),
        (bottleneck_autoencoder, {"code_size": wrong}),
        (convolutional_autoencoder, {"channels": (8, wrong)}),
        (convolutional_autoencoder, {"channels": (8,), "stride": wrong}),
        (convolutional_autoencoder, {"channels": (8,), "image_shape": (1, 28, wrong)}),
        (UNet, {"channels": (8, wrong)}),
        (SkipAutoencoder, {"kernel": wrong}),
        (SuperResolver, {"blocks": wrong}),
        (convolutional_classifier, {"classes": wrong}),
    ]:
        with pytest.raises(ValueError, match=r"give a whole number of at least|choose a code_size from 1 to 784"):
            make(**sizes)
    for make in (convolutional_autoencoder, UNet, SkipAutoencoder, convolutional_classifier):
        for channels in (16, "16", None):
            with pytest.raises(ValueError, match=r"channels are .*: give one positive number for each of at least"):
                make(channels=channels)


def test_long_binomials_are_still_numbers():
    taps = binomial(301)  # whose largest coefficient is near 10⁸⁹
    torch.testing.assert_close(taps.sum(), torch.tensor(1.0))
    assert taps[150].item() == pytest.approx(math.comb(300, 150) / 2**300, rel=1e-4)
