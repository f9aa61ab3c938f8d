"""The nets that differ in how they come up."""

import pytest
import torch

from convae.models.upsampling import UPSAMPLERS, upsampling_autoencoder


@pytest.mark.parametrize("name", UPSAMPLERS)
def test_the_nets_differ_in_how_they_come_up_and_have_about_as_many_parameters(name):
    torch.manual_seed(0)
    model = upsampling_autoencoder(name)
    assert model(torch.rand(2, 1, 32, 32)).shape == (2, 1, 32, 32)
    assert 1306 <= sum(parameter.numel() for parameter in model.decoder.parameters()) <= 1333
    torch.manual_seed(0)
    other = upsampling_autoencoder("transposed-2")
    assert model.encoder[0].weight.equal(other.encoder[0].weight)


def test_no_such_upsampler():
    with pytest.raises(ValueError, match="no upsampler is called 'transpose-4': did you mean transposed-4"):
        upsampling_autoencoder("transpose-4")
