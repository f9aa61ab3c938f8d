"""The claims of dumoulin2016guide: what its figures are is computed, too."""

from convae import claims
from convae.claims.dumoulin import POOLS


def test_the_formula_is_odd_where_no_kernel_fits():
    told = claims.dumoulin_any_setting().figures["the kernel is larger than the padded input"]
    assert told.endswith("the formula gives −5 to 0")


def test_the_numbers_of_an_emulation_ask_for_a_turned_kernel():
    figures = claims.dumoulin_emulation().figures
    assert figures["numbers, kernel turned by 180°: largest difference"] == "0.0"
    assert float(figures["numbers, kernel as it is: largest difference"]) > 1


def test_what_is_told_about_linear_poolings_follows_the_poolings():
    both = {"sum": lambda images: 9 * POOLS["average"](images), "first": lambda images: images[..., :-2:2, :-2:2]}
    assert claims.dumoulin_pooling_nonlinear(both).reason == "sum and first pooling is linear."
