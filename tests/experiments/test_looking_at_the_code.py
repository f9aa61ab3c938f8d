"""What the study of the codes measures with, on known cases."""

import torch
from synthetic import untrained

from convae import load
from convae.experiments.looking_at_the_code import probe, reach
from convae.experiments.runs import load_run


def test_a_probe_reads_what_can_be_read_by_a_plane_and_nothing_else():
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(600, 3, generator=generator)
    plane, corner = (codes[:, 0] > codes[:, 1]).long(), (codes[:, 0] * codes[:, 1] > 0).long()
    assert probe(codes[:400], plane[:400], codes[400:], plane[400:]).mean() > 0.95
    assert probe(codes[:400], corner[:400], codes[400:], corner[400:]).mean() < 0.65


def test_a_number_of_the_two_layer_net_reaches_one_block():
    images = load("digits").test[:5].all().images
    local = reach(load_run("robledo-two-layer").model(), images, torch.full((144,), 100.0))
    assert 20 < local <= 100  # 9×9 pixels; at the edges the output padding adds a row and a column
    assert reach(untrained("robledo-two-layer", 0), images, torch.zeros(144)) == 0
