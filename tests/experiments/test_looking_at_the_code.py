"""What the studies of the codes measure with, on known cases."""

from dataclasses import replace

import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from synthetic import splits, untrained

from convae import load
from convae.experiments import RECIPES
from convae.experiments import looking_at_the_code as study
from convae.experiments.experiment import Place
from convae.experiments.looking_at_the_code import (
    STRENGTHS,
    Probe,
    deskewed,
    moved,
    neighbourhood,
    reach,
    train_on,
    tuned_probe,
)
from convae.experiments.runs import load_run
from convae.models import build


def codes(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def three_classes(count, noise, seed=0):
    """Codes of two numbers that tell three classes apart, more or less, and of as many more that only disturb."""
    labels = torch.randint(3, (count,), generator=torch.Generator().manual_seed(seed))
    centres = torch.tensor([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    return torch.cat([centres[labels] + codes(count, 2, seed=seed), codes(count, noise, seed=seed + 1)], 1), labels


@pytest.mark.parametrize("strength", [0.1, 0.01])
def test_a_probe_is_the_logistic_regression_of_scikit_learn(strength):
    given, labels = three_classes(300, 4)
    given = torch.cat([given * torch.tensor([1.0, 50, 1, 1, 0.1, 1]), torch.ones(300, 1)], 1)  # the last never varies
    scaled = StandardScaler().fit_transform(given.double().numpy()) * (299 / 300) ** 0.5  # by n − 1, as ours
    theirs = LogisticRegression(C=1 / (300 * strength), tol=1e-8, max_iter=10_000).fit(scaled, labels.numpy())
    ours = Probe(given, 3, one_by_one=True).fit(given, labels, strength)
    with torch.no_grad():
        found = ours(given).softmax(1)
    torch.testing.assert_close(found, torch.from_numpy(theirs.predict_proba(scaled)).float(), atol=2e-3, rtol=0)


def test_one_factor_for_all_numbers_keeps_what_they_say_of_each_other():
    given = codes(500, 3) * torch.tensor([1.0, 10, 0.1])
    one_by_one, together = (Probe(given, 2, chosen) for chosen in (True, False))
    assert one_by_one.scale == pytest.approx([1, 10, 0.1], rel=0.1)
    assert together.scale.item() == pytest.approx((101.01 / 3) ** 0.5, rel=0.1)


def test_a_probe_reads_what_can_be_read_by_a_plane_and_nothing_else():
    given = codes(600, 3)
    plane, corner = (given[:, 0] > given[:, 1]).long(), (given[:, 0] * given[:, 1] > 0).long()
    for labels, low, high in [(plane, 0.95, 1), (corner, 0.3, 0.65)]:
        probe, _ = tuned_probe((given[:300], labels[:300]), (given[300:400], labels[300:400]))
        assert low < probe.right(given[400:], labels[400:]).float().mean() <= high


def test_a_probe_that_is_tuned_drowns_in_noise_less():
    given, labels = three_classes(2000, 100)
    told, asked, rest = ((given[part], labels[part]) for part in (slice(120), slice(120, 600), slice(600, 2000)))
    probe, row = tuned_probe(told, asked)
    untuned = Probe(told[0], 10, one_by_one=True).fit(*told, STRENGTHS[-1])
    assert probe.right(*rest).float().mean() > untuned.right(*rest).float().mean() + 0.03
    assert row["strength"] > 100 * STRENGTHS[-1]
    assert untuned.right(*told).all()  # it has learnt them by heart
    assert row["labels"] == 120
    assert row["validation"] == pytest.approx(probe.right(*asked).float().mean().item())


def test_the_scaling_that_validation_likes_better_is_taken():
    given, labels = three_classes(900, 60)
    given[:, 2:] *= 0.01  # the noise is small, until every number is made as large
    told, asked = (given[:100], labels[:100]), (given[100:], labels[100:])
    assert tuned_probe(told, asked)[1]["scaled"] == "together"
    assert tuned_probe(told, asked, scalings=(True,))[1]["scaled"] == "one by one"


def test_a_probe_that_does_not_arrive_says_so(monkeypatch):
    monkeypatch.setattr(study, "FLAT", 0)
    with pytest.raises(RuntimeError, match="a probe ends at a gradient of"):
        Probe(codes(50, 3), 2, True).fit(codes(50, 3), torch.arange(50) % 2, 0.1)


def test_an_untrained_net_of_a_start_is_what_training_of_that_seed_begins_with(tmp_path):
    recipe = replace(RECIPES["bottleneck-32"], epochs=1, learning_rate=1e-12, half_weights=False)
    place = Place(torch.device("cpu"), tmp_path / "checkpoint.safetensors", untrained)
    trained = recipe.run(3, splits(validation=10), place).trained
    torch.manual_seed(3)
    for name, parameter in build("bottleneck-32").named_parameters():
        torch.testing.assert_close(trained[name], parameter.detach(), msg=name)


def test_a_neighbourhood_that_is_kept_and_one_that_is_thrown_away():
    labels = torch.arange(300) % 5
    given = codes(300, 2) + 4 * codes(5, 2, seed=1)[labels]
    same, keeps, order = neighbourhood(given, given.flip(1) * 3, labels)
    assert torch.equal(same, neighbourhood(given, given, labels)[0])
    assert same.float().mean() > 0.8
    assert keeps.tolist() == [1] * 300
    assert order == pytest.approx(1)
    same, keeps, order = neighbourhood(given, codes(300, 2, seed=2), labels)
    assert keeps.mean() == pytest.approx(10 / 299, abs=0.015)
    assert same.float().mean() == pytest.approx(1 / 5, abs=0.07)
    assert abs(order) < 0.8


def test_a_number_of_the_two_layer_net_reaches_one_block():
    images = load("digits").test[:5].all().images
    local = reach(load_run("robledo-two-layer").model(), images, torch.full((144,), 100.0))
    assert 20 < local <= 100  # 9×9 pixels; at the edges the output padding adds a row and a column
    assert reach(untrained("robledo-two-layer", 0), images, torch.zeros(144)) == 0


def test_a_picture_that_is_moved_goes_one_pixel_in_each_direction_and_black_comes_in():
    image = torch.arange(1.0, 13).view(1, 1, 3, 4)
    up, down, left, right = moved(image)
    assert torch.equal(up[..., :2, :], image[..., 1:, :])
    assert torch.equal(down[..., 1:, :], image[..., :2, :])
    assert torch.equal(left[..., :3], image[..., 1:])
    assert torch.equal(right[..., 1:], image[..., :3])
    for black in (up[..., 2, :], down[..., 0, :], left[..., 3], right[..., 0]):
        assert not black.any()


def test_a_classifier_that_is_trained_on_learns_and_the_given_one_stays_as_it_is():
    digits = load("digits").train[:300].all()
    given = untrained("classifier", 0)
    before = {name: value.clone() for name, value in given.state_dict().items()}
    again = train_on(given, digits.images, digits.labels, epochs=12)
    assert all(torch.equal(value, before[name]) for name, value in given.state_dict().items())
    right = [(judge(digits.images).argmax(1) == digits.labels).float().mean().item() for judge in (given, again)]
    assert right[0] < 0.4 < 0.6 < right[1]
    assert not again.training


def test_a_leaning_stroke_is_straightened_and_brought_to_the_middle():
    pictures = torch.zeros(3, 1, 28, 28)
    for row in range(4, 20):
        pictures[0, 0, row, 3 + row // 2 : 6 + row // 2] = 1
        pictures[1, 0, row, 8] = 1
    straight = deskewed(pictures)
    places = torch.arange(28.0)
    for picture in straight[:2, 0]:
        ink = picture / picture.sum()
        down, across = (ink.sum(1) @ places).item(), (ink.sum(0) @ places).item()
        assert (down, across) == pytest.approx((13.5, 13.5), abs=0.05)
        assert (ink * (places[:, None] - down) * (places - across)).sum().item() == pytest.approx(0, abs=0.1)
    assert straight[2].abs().max() == 0
    assert straight.sum().item() == pytest.approx(pictures.sum().item(), rel=0.01)
