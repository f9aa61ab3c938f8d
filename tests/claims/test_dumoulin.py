"""The claims of dumoulin2016guide: shown something else, each verdict turns."""

import pytest
from torch.nn import functional

from convae import claims
from convae.claims import CLAIMS, FAILS, HOLDS, IN_PART

ALTERED = [
    (claims.dumoulin_any_setting, {}, IN_PART),
    (claims.dumoulin_any_setting, {"formula": lambda i, k, p, s: (i + p - k) // s + 1}, FAILS),
    (claims.dumoulin_shared_size, {}, HOLDS),
    (claims.dumoulin_odd_caption, {}, FAILS),
    (claims.dumoulin_odd_caption, {"stated": 3}, HOLDS),
    (claims.dumoulin_pooling_nonlinear, {}, IN_PART),
    (claims.dumoulin_pooling_nonlinear, {"pool": lambda images: functional.lp_pool2d(images, 2, 3, 2)}, HOLDS),
    (claims.dumoulin_emulation, {}, IN_PART),
    (claims.dumoulin_emulation, {"turn": True}, HOLDS),
]


@pytest.mark.parametrize(("claim", "altered", "verdict"), ALTERED)
def test_a_verdict_follows_what_it_judges(claim, altered, verdict):
    assert claim(**altered).verdict == verdict


def test_every_claim_is_tried():
    assert {claim for claim, *_ in ALTERED} == {
        claim for claim in CLAIMS.values() if claim.source == "dumoulin2016guide"
    }
