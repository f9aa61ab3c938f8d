"""The loop does what a bare loop does, leaves what it promises, and goes on exactly where it stopped."""

import hashlib
import json
import resource
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load, save
from synthetic import pictures, splits
from torch import nn
from torch.nn import functional

from convae.data import ImageSet
from convae.models import SkipAutoencoder, UNet, build, convolutional_autoencoder, dense_autoencoder
from convae.tasks import Reconstruction
from convae.training import checkpoints, loop
from convae.training.devices import NotEnoughMemoryError
from convae.training.history import STRIDE, History
from convae.training.loop import evaluate, fit

SHAPE = (1, 12, 12)
TRAIN, TEST = pictures(50, SHAPE), pictures(23, SHAPE, seed=1)


@dataclass(frozen=True)
class Noise:
    strength: float = 0.3

    def __call__(self, images, generator):
        return images + self.strength * torch.randn(images.shape, generator=generator)


NOISY = Reconstruction(Noise())
OPTIMIZERS = {
    "adam": lambda parameters: torch.optim.Adam(parameters, 3e-3, weight_decay=1e-4),
    "sgd": lambda parameters: torch.optim.SGD(parameters, 0.5, momentum=0.9),
}


def fresh(optimizer="adam", seed=5):
    torch.manual_seed(seed)
    model = dense_autoencoder(6, dropout=0.3, image_shape=SHAPE)
    return model, OPTIMIZERS[optimizer](model.parameters())


def train(model, optimizer, task=NOISY, images=TRAIN, **options):
    options = {"epochs": 3, "batch_size": 16, "seed": 7, "watch": {"train": TRAIN, "test": TEST}} | options
    return fit(model, task, images, optimizer, **options)


def same_weights(one, other):
    return all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def curves(history):
    return {name: values for name, values in asdict(history).items() if name != "seconds"}


@dataclass
class Interrupted:
    """A task that is stopped by the user in the middle of an epoch."""

    task: Reconstruction
    calls: int

    def __repr__(self):
        return repr(self.task)

    def __call__(self, model, batch, generator):
        if model.training:
            self.calls -= 1
        if self.calls < 0:
            raise KeyboardInterrupt
        return self.task(model, batch, generator)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("decay", [False, True])
@pytest.mark.parametrize("calls", [4, 6, 11])  # of 4 batches an epoch: behind one, within one, near the end
def test_an_interrupted_training_goes_on_bit_for_bit(tmp_path, optimizer, calls, decay):
    straight, options = fresh(optimizer), {"checkpoint": tmp_path / "checkpoint", "decay": decay}
    expected = train(*straight, decay=decay)
    with pytest.raises(KeyboardInterrupt):
        train(*fresh(optimizer), task=Interrupted(NOISY, calls), **options)
    resumed = fresh(optimizer, seed=99)  # other first weights, another state of the global generator
    history = train(*resumed, **options)
    assert same_weights(resumed[0], straight[0])
    assert curves(history) == curves(expected)
    states = (optimizer.state_dict()["state"] for optimizer in (resumed[1], straight[1]))
    torch.testing.assert_close(*states, rtol=0, atol=0)


def test_a_finished_training_can_be_made_longer(tmp_path):
    straight, longer = fresh(), fresh()
    train(*straight, epochs=4)
    train(*longer, epochs=2, checkpoint=tmp_path / "checkpoint")
    train(*longer, epochs=4, checkpoint=tmp_path / "checkpoint")
    assert same_weights(longer[0], straight[0])


def test_a_finished_training_is_given_back_not_repeated(tmp_path):
    first, again = fresh(), fresh(seed=99)
    expected = train(*first, checkpoint=tmp_path / "checkpoint")
    assert train(*again, checkpoint=tmp_path / "checkpoint") == expected
    assert same_weights(again[0], first[0])


def test_fewer_epochs_than_are_done_are_refused(tmp_path):
    train(*fresh(), checkpoint=tmp_path / "checkpoint")
    with pytest.raises(ValueError, match="checkpoint has 3 epochs behind it: ask for at least as many, not 2"):
        train(*fresh(), epochs=2, checkpoint=tmp_path / "checkpoint")


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"seed": 8}, "seed"),
        ({"batch_size": 8}, "batch_size"),
        ({"task": Reconstruction()}, "task"),
        ({"images": TEST}, "training set"),
        ({"seed": 8, "batch_size": 8}, "batch_size and seed"),
        ({"decay": True}, "epochs to decay"),
        ({"watch": {"test": TEST}}, "choice of watched sets"),
        ({"watch": {"train": TRAIN, "test": TRAIN}}, "choice of watched sets"),
    ],
)
def test_other_settings_do_not_go_on_from_it(tmp_path, other, named):
    train(*fresh(), checkpoint=tmp_path / "checkpoint")
    model, optimizer = fresh(seed=99)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=f"training with another {named}: go on .* or delete it"):
        train(model, optimizer, checkpoint=tmp_path / "checkpoint", **other)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_another_optimizer_does_not_go_on_from_it(tmp_path):
    train(*fresh("adam"), checkpoint=tmp_path / "checkpoint")
    with pytest.raises(ValueError, match="another optimizer"):
        train(*fresh("sgd"), checkpoint=tmp_path / "checkpoint")


class Unprinted:
    def __call__(self, images, generator):
        return images


def test_what_a_checkpoint_would_not_know_again_is_refused_before_the_first_step(tmp_path):
    def curved():
        model, optimizer = fresh()
        model.curve = Unprinted()
        return model, optimizer

    for made, task, named in (
        (fresh(), Reconstruction(Unprinted()), "Reconstruction"),
        (fresh(), Reconstruction(lambda images, generator: images), "Reconstruction"),
        (fresh(), Interrupted(Unprinted(), 0), "Interrupted"),
        (curved(), NOISY, "Unprinted"),
    ):
        before = {name: value.clone() for name, value in made[0].state_dict().items()}
        with pytest.raises(TypeError, match=f"would not know this {named} again, .* or train without a checkpoint"):
            train(*made, task=task, checkpoint=tmp_path / "checkpoint")
        assert all(torch.equal(value, before[name]) for name, value in made[0].state_dict().items())
    assert not list(tmp_path.iterdir())
    train(*curved(), task=Reconstruction(Unprinted()), epochs=1)


@pytest.mark.parametrize("output", [nn.Sigmoid(), nn.Tanh(), nn.Identity()])
def test_another_net_of_the_same_shapes_does_not_go_on_from_it(tmp_path, output):
    def net(activation):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Flatten(), nn.Linear(144, 144), activation, nn.Unflatten(1, SHAPE))
        return model, torch.optim.Adam(model.parameters())

    train(*net(nn.ReLU()), checkpoint=tmp_path / "checkpoint")
    model, optimizer = net(output)
    before = model[1].weight.clone()
    with pytest.raises(ValueError, match="belongs to a training with another net: go on with"):
        train(model, optimizer, checkpoint=tmp_path / "checkpoint")
    assert torch.equal(model[1].weight, before)
    train(*net(nn.ReLU()), checkpoint=tmp_path / "checkpoint")


def test_the_checkpoint_is_not_mapped_when_the_next_one_is_written(tmp_path, monkeypatch):
    """Windows replaces no file that a process has mapped."""
    path, seen = tmp_path / "checkpoint", []
    train(*fresh(), epochs=1, checkpoint=path)

    def look(*state):
        seen.append(str(path) in Path("/proc/self/maps").read_text())
        save(*state)

    save = loop.save_checkpoint
    monkeypatch.setattr(loop, "save_checkpoint", look)
    train(*fresh(), epochs=2, checkpoint=path)
    with safe_open(path, framework="pt") as file:
        held = file.get_tensor("model/decoder.0.weight")
        train(*fresh(), epochs=3, checkpoint=path)
    assert held.isfinite().all()
    assert seen == [False, True]  # one that is held open is seen


@pytest.mark.parametrize("begun", [False, True])
def test_a_place_for_the_checkpoint_is_looked_for_before_the_first_step(tmp_path, begun, monkeypatch):
    path = tmp_path / "checkpoint"
    if begun:
        train(*fresh(), epochs=1, checkpoint=path)
    model, optimizer = fresh()
    saved = path.read_bytes() if begun else None
    before = {name: value.clone() for name, value in model.state_dict().items()}
    size = 3 * sum(value.nbytes for value in before.values())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 1, limits[1]))
    try:
        with pytest.raises(
            OSError, match=r"checkpoint cannot be written \(File too large\): .* kept; make room on that"
        ):
            train(model, optimizer, checkpoint=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [saved] * begun
    train(model, optimizer, checkpoint=path)
    assert size <= path.stat().st_size < size + 20_000  # generators and header


def test_a_learning_rate_that_falls_does_not_fall_again_elsewhere(tmp_path):
    train(*fresh(), decay=True, checkpoint=tmp_path / "checkpoint")
    for other in ({"decay": True, "epochs": 4}, {}):
        with pytest.raises(ValueError, match="another epochs to decay"):
            train(*fresh(), checkpoint=tmp_path / "checkpoint", **other)


@pytest.mark.parametrize("decay", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_bare_loop_gives_the_same_weights(optimizer, decay):
    model, rule = fresh(optimizer)
    history = train(model, rule, task=Reconstruction(), decay=decay)

    bare, rule = fresh(optimizer)
    falling = torch.optim.lr_scheduler.LambdaLR(rule, lambda step: 1 - (step // 4 + step % 4 / 4) / 3 if decay else 1)
    pixels = TRAIN.images / 255
    torch.manual_seed(7)
    order, losses = torch.Generator().manual_seed(7), []
    for _ in range(3):
        for chosen in torch.randperm(50, generator=order).split(16):
            loss = (bare(pixels[chosen]) - pixels[chosen]).pow(2).flatten(1).mean(1).mean()
            rule.zero_grad()
            loss.backward()
            rule.step()
            falling.step()
            losses.append(loss.item())
    assert same_weights(model, bare)
    assert history.batches == pytest.approx([*losses[:4], sum(losses[4:8]) / 4, sum(losses[8:]) / 4])
    target = TEST.images / 255
    expected = functional.mse_loss(bare.eval()(target), target).item()
    assert history.epochs["test"][-1] == pytest.approx(expected)


@pytest.mark.parametrize("calls", [4, 6, 20])  # interrupted behind an epoch, within one, not at all
def test_the_optimizer_has_its_own_rate_after_a_decay(tmp_path, calls):
    straight, (model, optimizer) = fresh(), fresh()
    expected = train(*straight, decay=True)
    assert straight[1].param_groups[0]["lr"] == 3e-3
    try:
        train(model, optimizer, Interrupted(NOISY, calls), decay=True, checkpoint=tmp_path / "checkpoint")
    except KeyboardInterrupt:
        assert calls < 12
    assert optimizer.param_groups[0]["lr"] == 3e-3
    again = train(model, optimizer, decay=True, checkpoint=tmp_path / "checkpoint")
    assert curves(again) == curves(expected)
    assert same_weights(model, straight[0])


def test_watched_sets_may_be_named_in_another_order(tmp_path):
    first = train(*fresh(), checkpoint=tmp_path / "checkpoint")
    assert train(*fresh(), watch={"test": TEST, "train": TRAIN}, checkpoint=tmp_path / "checkpoint") == first


def test_a_seed_reproduces_and_another_differs():
    one, same, other = fresh(), fresh(), fresh()
    assert curves(train(*one)) == curves(train(*same))
    train(*other, seed=8)
    assert same_weights(one[0], same[0])
    assert not same_weights(one[0], other[0])


def test_to_watch_changes_nothing():
    one, other = fresh(), fresh()
    train(*one)
    assert train(*other, watch=None).epochs == {}
    assert same_weights(one[0], other[0])


def test_the_callers_generator_is_left_alone():
    model, optimizer = fresh()
    before = torch.get_rng_state()
    train(model, optimizer)
    evaluate(model, NOISY, TEST)
    assert torch.equal(torch.get_rng_state(), before)


def test_training_lowers_the_loss():
    torch.manual_seed(1)
    model = dense_autoencoder(20, dropout=0.0, image_shape=SHAPE)
    history = train(model, torch.optim.Adam(model.parameters(), 1e-2), Reconstruction(), epochs=30)
    for curve in history.epochs.values():
        assert curve[-1] < 0.75 * curve[0]


@settings(deadline=None, max_examples=20)
@given(count=st.integers(1, 90), batch_size=st.integers(1, 40), epochs=st.integers(1, 3))
def test_the_history_has_the_lengths_it_promises(count, batch_size, epochs):
    images = pictures(count, (1, 3, 3))
    model = dense_autoencoder(2, image_shape=(1, 3, 3))
    history = fit(
        model,
        Reconstruction(),
        images,
        torch.optim.SGD(model.parameters(), 0.1),
        epochs=epochs,
        batch_size=batch_size,
        seed=0,
        watch={"train": images},
    )
    batches = -(-count // batch_size)
    looks = -(-batches // STRIDE)
    assert len(history.batches) == batches + (epochs - 1) * looks
    assert len(history.steps["train"]) == looks
    assert len(history.epochs["train"]) == epochs + 1
    assert len(history.seconds) == epochs
    assert history.steps["train"][0] == pytest.approx(history.epochs["train"][0])


def test_inside_the_first_epoch_only_the_first_thousand_are_watched():
    many = pictures(1010, (1, 2, 2))
    model = dense_autoencoder(2, image_shape=(1, 2, 2))
    pixels = many.images / 255
    before = functional.mse_loss(model.eval()(pixels), pixels, reduction="none").mean((1, 2, 3)).detach()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    history = train(model, optimizer, Reconstruction(), many, epochs=1, watch={"many": many})
    assert history.steps["many"][0] == pytest.approx(before[:1000].mean().item())
    assert history.epochs["many"][0] == pytest.approx(before.mean().item())
    assert history.steps["many"][0] != pytest.approx(before.mean().item())


def test_a_loss_that_is_no_number_ends_the_training_and_spares_the_checkpoint(tmp_path):
    path = tmp_path / "checkpoint"
    train(*fresh("sgd"), epochs=1, checkpoint=path)
    saved = path.read_bytes()

    @dataclass(frozen=True)
    class Diverging(Reconstruction):
        def __call__(self, model, batch, generator):
            scores = super().__call__(model, batch, generator)
            return {"loss": scores["loss"] / (0 if model.training and len(batch.images) < 16 else 1)}

        def __repr__(self):
            return repr(NOISY)

    with pytest.raises(FloatingPointError, match="the loss of batch 4 in epoch 2 is inf: use a smaller learning rate"):
        train(*fresh("sgd"), task=Diverging(NOISY.corrupt), checkpoint=path)
    assert path.read_bytes() == saved


def straight():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(144, 144), nn.Unflatten(1, SHAPE))


def test_a_learning_rate_that_is_far_too_large_is_noticed():
    model = straight()
    with pytest.raises(FloatingPointError, match=r"the loss of batch \d in epoch 1 is (inf|nan): use a smaller"):
        train(model, torch.optim.SGD(model.parameters(), 1e30), task=Reconstruction())


@pytest.mark.parametrize("watch", [None, {"test": TEST}])
@pytest.mark.parametrize("begun", [False, True])
def test_a_last_step_that_breaks_the_net_is_noticed_and_spares_the_checkpoint(tmp_path, watch, begun):
    """One batch an epoch: no later loss tells of it."""
    path, model = tmp_path / "checkpoint", straight()
    options = {"task": Reconstruction(), "watch": watch, "batch_size": 50, "checkpoint": path}
    remedy = "use a smaller learning rate$"
    if begun:
        train(model, torch.optim.SGD(model.parameters(), 1e-3), epochs=1, **options)
        path.write_bytes(relabelled(path.read_bytes(), "lr: 0.001", "lr: 1e+30"))
        remedy = f"use a smaller learning rate, and delete {path}, which belongs to this one$"
    saved = path.read_bytes() if begun else None
    with pytest.raises(FloatingPointError, match=rf"the loss of .* is (inf|nan): {remedy}"):
        train(model, torch.optim.SGD(model.parameters(), 1e30), epochs=1 + begun, **options)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [saved] * begun


def relabelled(content, old, new):
    """A checkpoint with other settings."""
    size = int.from_bytes(content[:8], "little")
    settings = json.loads(content[8 : 8 + size])["__metadata__"]
    texts = settings | {"settings": settings["settings"].replace(old, new), "digest": checkpoints.NO_DIGEST}
    content = save(load(content), texts)
    return content.replace(checkpoints.NO_DIGEST.encode(), hashlib.sha256(content).hexdigest().encode(), 1)


def test_the_net_of_the_book_that_broke_in_its_last_step(tmp_path):
    images = ImageSet(torch.randint(0, 256, (64, 1, 28, 28), dtype=torch.uint8), torch.zeros(64).long(), ("a",))
    torch.manual_seed(0)
    model = build("robledo-two-layer")
    with pytest.raises(FloatingPointError, match="after the last step of an epoch is nan: use a smaller"):
        fit(model, NOISY, images, torch.optim.SGD(model.parameters(), 1e30), epochs=1, batch_size=64, seed=0)


def test_weights_or_moments_that_are_no_numbers_are_noticed_where_the_loss_is_one():
    class Clipped(nn.Module):
        def __init__(self):
            super().__init__()
            self.gain = nn.Parameter(torch.ones(()))

        def forward(self, images):
            return images * self.gain.nan_to_num(1).clamp(0, 1)

    @dataclass(frozen=True)
    class Steep(Reconstruction):
        def __call__(self, model, batch, generator):
            loss = super().__call__(model, batch, generator)["loss"]
            return {"loss": loss + (model.gain - model.gain.detach()) * 1e30}

    model = Clipped()
    with pytest.raises(FloatingPointError, match="exp_avg_sq is no longer made of numbers after the last step"):
        train(model, torch.optim.Adam(model.parameters()), task=Steep(), epochs=1)
    model = Clipped()
    with pytest.raises(FloatingPointError, match="gain is no longer made of numbers after the last step"):
        train(model, torch.optim.SGD(model.parameters(), 1e30), task=Steep(), batch_size=50, watch=None)
    with pytest.raises(ValueError, match="the weights gain of the model are no numbers: build it again"):
        train(model, torch.optim.SGD(model.parameters(), 0.1))


def squeezed():
    """Nets whose inner map is one pixel, with pictures that make it so."""
    return {
        (1, 4, 4): UNet(),
        (1, 16, 16): convolutional_autoencoder((8, 16, 32, 64, 64), normalize=True, image_shape=(1, 16, 16)),
        (3, 8, 8): SkipAutoencoder(image_shape=(3, 8, 8), normalize=True),
        (1, 8, 8): UNet(),
    }


@pytest.mark.parametrize("shape", squeezed())
@pytest.mark.parametrize(("count", "batch_size", "works"), [(9, 8, 9), (9, 4, 5), (3, 1, 3), (6, 5, 6)])
def test_a_last_batch_of_one_picture_is_found_before_the_first_step(shape, count, batch_size, works):
    model = squeezed()[shape]
    images, optimizer = pictures(count, shape), torch.optim.Adam(model.parameters())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    options = {"task": Reconstruction(), "images": images, "epochs": 1, "watch": None}
    if shape == (1, 8, 8):  # a map of two pixels and more has a deviation
        train(model, optimizer, batch_size=batch_size, **options)
        return
    message = f"last batch of {count} pictures by {batch_size} is a single one, .*: use a batch_size of {works}$"
    with pytest.raises(ValueError, match=message):
        train(model, optimizer, batch_size=batch_size, **options)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_pre_hooks for module in model.modules())
    train(model, optimizer, batch_size=works, **options)


def test_one_picture_alone_cannot_be_normalised():
    model = UNet()
    with pytest.raises(
        ValueError, match=r"the last batch of 1 pictures by 4 is a single one.*: give at least 2 pictures"
    ):
        train(model, torch.optim.Adam(model.parameters()), images=pictures(1, (1, 4, 4)), batch_size=4)


# Arguments as people really pass them, with the sentence that they get.
TO_TRAIN = [
    ({"model": None}, "the model is None: give an nn.Module, as build makes it"),
    ({"model": "unet"}, "the model is 'unet': give an nn.Module, as build makes it"),
    ({"model": UNet}, "the model is the class UNet: make one of it"),
    ({"task": Reconstruction}, r"the task is the class Reconstruction: make one of it, Reconstruction\(…\)"),
    ({"task": None}, r"the task is None: give one of convae\.tasks, as Reconstruction\(\)"),
    ({"task": nn.MSELoss()}, r"the task is of the type MSELoss: give one of convae\.tasks"),
    ({"images": None}, r"the training set is None: give an ImageSet, as load\(…\)\.train is one"),
    ({"images": TRAIN.images}, "the training set is of the type Tensor: give an ImageSet"),
    ({"images": TRAIN.images.numpy()}, "the training set is of the type ndarray: give an ImageSet"),
    ({"images": [TRAIN]}, "the training set is of the type list: give an ImageSet"),
    ({"images": TRAIN.all()}, "the training set is of the type Batch: give an ImageSet"),
    ({"images": splits()}, r"the training set is of the type Splits: give one of its parts, as data\.train"),
    (
        {"optimizer": torch.optim.Adam},
        r"the optimizer is the class Adam: make one of it, Adam\(model\.parameters\(\)\)",
    ),
    ({"optimizer": "adam"}, r"the optimizer is 'adam': give one of torch\.optim"),
    ({"epochs": 2.0}, "epochs is 2.0: give a whole number from 1 to 999,999"),
    ({"epochs": True}, "epochs is True: give a whole number"),
    ({"epochs": "3"}, "epochs is '3': give a whole number"),
    ({"batch_size": None}, "batch_size is None: give a whole number"),
    ({"batch_size": torch.tensor(4)}, "batch_size is of the type Tensor: give a whole number"),
    ({"seed": 0.5}, "seed is 0.5: give a whole number of 0 or more"),
    ({"seed": None}, "seed is None: give a whole number of 0 or more"),
    ({"watch": TEST}, r'watch is of the type ImageSet: give the sets by name, as \{"test": images\}'),
    ({"watch": [TEST]}, "watch is of the type list: give the sets by name"),
    ({"watch": {"test": splits()}}, "the watched set 'test' is of the type Splits: give one of its parts"),
    ({"checkpoint": "x"}, r"checkpoint is 'x': give a path, as Path\('x'\)"),
]
TO_EVALUATE = [
    ({"model": None}, "the model is None: give an nn.Module"),
    ({"task": Reconstruction}, "the task is the class Reconstruction: make one of it"),
    ({"task": lambda model, batch, generator: {}}, "the task is .*: give one that measures, as Reconstruction"),
    ({"images": TEST.images}, "the set is of the type Tensor: give an ImageSet"),
    ({"images": splits()}, "the set is of the type Splits: give one of its parts"),
    ({"batch_size": 1e3}, "batch_size is 1000.0: give a whole number"),
]


@pytest.mark.parametrize(("given", "message"), TO_TRAIN)
def test_what_people_pass_to_a_training_gets_one_sentence(given, message):
    model, optimizer = fresh()
    with pytest.raises(TypeError, match=message):
        train(**{"model": model, "optimizer": optimizer} | given)


@pytest.mark.parametrize(("given", "message"), TO_EVALUATE)
def test_what_people_pass_to_an_evaluation_gets_one_sentence(given, message):
    with pytest.raises(TypeError, match=message):
        evaluate(**{"model": fresh()[0], "task": NOISY, "images": TEST} | given)


def test_an_evaluation_in_no_batches_is_refused():
    for size in (0, 10**6):
        with pytest.raises(ValueError, match=f"batch_size is {size}: give a whole number from 1 to 999,999"):
            evaluate(fresh()[0], NOISY, TEST, batch_size=size)


def test_pictures_and_net_on_two_devices_are_refused():
    message = r"the model is on cpu, its pictures on meta: bring both to one, \.to\(device\)"
    model, optimizer = fresh()
    for attempt in (
        lambda: train(model, optimizer, images=TRAIN.to("meta")),
        lambda: train(model, optimizer, watch={"test": TEST.to("meta")}),
        lambda: evaluate(model, NOISY, TEST.to("meta")),
    ):
        with pytest.raises(ValueError, match=message):
            attempt()


def test_a_batch_that_does_not_fit_into_the_memory_is_one_sentence():
    class Huge(nn.Linear):
        def forward(self, images):
            if len(images) > 8:
                torch.empty(2**60, dtype=torch.uint8)
            return super().forward(images)

    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), Huge(144, 144), nn.Unflatten(1, SHAPE))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    message = "the memory of this machine is full: try a batch_size of 8 instead of 16$"
    with pytest.raises(NotEnoughMemoryError, match=message):
        train(model, optimizer, watch=None)
    with pytest.raises(NotEnoughMemoryError, match=message):
        evaluate(model, NOISY, TEST, batch_size=16)
    train(model, optimizer, watch=None, batch_size=8)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"epochs": 0}, "epochs is 0: give a whole number from 1 to 999,999"),
        ({"epochs": 10**6}, "epochs is 1000000: give a whole number from 1 to 999,999"),
        ({"batch_size": 0}, "batch_size is 0: give a whole number from 1 to 999,999"),
        ({"batch_size": 10**9}, "batch_size is 1000000000: give a whole number from 1 to 999,999"),
        ({"seed": 2**63}, f"seed is {2**63}: give 0 or more, below {2**63}"),
        ({"seed": -1}, "seed is -1: give 0 or more"),
        ({"images": TRAIN[:0]}, "the training set has 0 pictures"),
        ({"watch": {"test": TEST[:0]}}, "a set of 0 pictures has no scores"),
    ],
)
def test_bad_input_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        train(*fresh(), **bad)


def test_an_optimizer_of_another_model_is_refused():
    with pytest.raises(ValueError, match=r"no parameter of this model: make it of model\.parameters\(\)"):
        train(fresh()[0], fresh()[1])


def test_a_part_of_a_model_may_be_trained_alone():
    model, _ = fresh()
    before = model.encoder[1].weight.clone()
    train(model, torch.optim.SGD(model.decoder.parameters(), 0.5))
    assert torch.equal(model.encoder[1].weight, before)


def test_an_evaluation_gives_each_picture_its_scores():
    model, _ = fresh()
    scores = evaluate(model, Reconstruction(), TEST, batch_size=7)
    assert {name: values.shape for name, values in scores.items()} == dict.fromkeys(["mse", "psnr", "ssim"], (23,))
    target = TEST.images / 255
    expected = functional.mse_loss(model.eval()(target), target, reduction="none").mean((1, 2, 3))
    torch.testing.assert_close(scores["mse"], expected.detach())
    assert not scores["mse"].requires_grad


@pytest.mark.parametrize("training", [True, False])
def test_an_evaluation_uses_no_dropout_and_puts_the_mode_back(training):
    model = fresh()[0].train(training)
    first, again = (evaluate(model, NOISY, TEST)["mse"] for _ in range(2))
    assert torch.equal(first, again)  # the same noise, too
    assert model.training is training


def modes(model):
    return [module.training for module in model.modules()]


def test_a_part_in_evaluation_mode_stays_in_it():
    def refuse(*_):
        raise KeyboardInterrupt

    model, optimizer = fresh()
    model.encoder.eval()
    frozen = modes(model)
    assert set(frozen) == {True, False}
    evaluate(model, NOISY, TEST)
    assert modes(model) == frozen
    for attempt in (
        lambda: evaluate(model, Reconstruction(refuse), TEST),
        lambda: train(model, optimizer, task=refuse),
        lambda: train(model, optimizer, task=refuse, batch_size=1),
    ):
        with pytest.raises(KeyboardInterrupt):
            attempt()
        assert modes(model) == frozen


def test_an_evaluation_of_nothing_is_refused():
    with pytest.raises(ValueError, match="a set of 0 pictures has no scores: give at least 1"):
        evaluate(fresh()[0], NOISY, TEST[:0])


def test_the_bar_is_shown_only_on_request(capsys):
    train(*fresh())
    assert capsys.readouterr() == ("", "")
    train(*fresh(), progress=True)
    assert "epoch 3 of 3: 100%" in capsys.readouterr().err


def test_an_empty_history_is_not_shared():
    History().batches.append(1.0)
    assert History() == History([], {}, {}, [])
