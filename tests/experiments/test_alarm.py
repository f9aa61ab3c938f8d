"""What the study of the alarm measures with, against scikit-learn and SciPy."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis
from sklearn.metrics import roc_auc_score
from synthetic import untrained

from convae import load
from convae.experiments.alarm import Surprise, alarms, area, strokes
from convae.latent import encode_all


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 1000), count=st.integers(1, 30), others=st.integers(1, 30), kinds=st.integers(1, 9))
def test_the_area_is_scikit_learns_ties_and_all(seed, count, others, kinds):
    generator = torch.Generator().manual_seed(seed)
    usual, unusual = (torch.randint(kinds, (number,), generator=generator).float() for number in (count, others))
    truth = torch.cat([torch.zeros(count), torch.ones(others)])
    assert area(usual, unusual) == pytest.approx(roc_auc_score(truth, torch.cat([usual, unusual])))


def test_alarms_go_from_none_to_all_and_their_mean_is_the_area():
    generator = torch.Generator().manual_seed(0)
    usual, unusual = torch.randn(2000, generator=generator), torch.randn(2000, generator=generator) + 1
    rates = alarms(usual, unusual)
    assert rates[0] < 0.1
    assert rates[-1] > 0.99
    assert (rates.diff() >= 0).all()
    assert torch.trapezoid(rates, dx=0.01).item() == pytest.approx(area(usual, unusual), abs=0.005)
    with pytest.raises(ValueError, match="0 usual pictures, 2 unusual ones"):
        area(usual[:0], unusual[:2])


def test_a_code_is_surprising_by_its_mahalanobis_distance():
    model, usual = untrained("bottleneck-32", 0), load("digits").train[:300]
    codes = encode_all(model, usual).double().numpy()
    images = strokes(usual.all().images, 5)
    inverse = torch.linalg.inv(torch.from_numpy(codes).T.cov()).numpy()
    with torch.no_grad():
        expected = [mahalanobis(code, codes.mean(0), inverse) for code in model.encode(images).double().numpy()]
    assert Surprise(model, usual)(images)["code"].tolist() == pytest.approx(expected, rel=1e-2)


def test_strokes_are_pictures_of_one_stroke():
    pictures = strokes(torch.zeros(1, 1, 28, 28), 50)
    assert pictures.shape == (50, 1, 28, 28)
    assert pictures.min() == 0
    assert pictures.max() == 1
    assert pictures.flatten(1).sum(1).min() > 5
