"""Claims of the book's sources, each put to the test by one function; the ledger lists all of them.

A verdict is computed from arithmetic, from runs or from a small measurement, never written down: other figures would
turn it. Every function takes what it judges, so that a test can show it something else.
"""

from __future__ import annotations

from collections.abc import Callable

from convae.claims.calderon import (
    calderon_connectivity,
    calderon_enlarges,
    calderon_example,
    calderon_interpolations,
    calderon_layers_reduce,
    calderon_learnt,
    calderon_matrix,
    calderon_not_a_transposed_result,
    calderon_obtains_u,
    calderon_one_to_nine,
    calderon_other_names,
    calderon_product,
    calderon_size_formula,
    calderon_stride,
    calderon_vector,
)
from convae.claims.dumoulin import (
    DUMOULIN,
    dumoulin_any_setting,
    dumoulin_emulation,
    dumoulin_odd_caption,
    dumoulin_pooling_nonlinear,
    dumoulin_shared_size,
)
from convae.claims.finding import (
    FAILS,
    HOLDS,
    IN_PART,
    Finding,
)
from convae.claims.robledo import (
    ROBLEDO,
    robledo_better_than_dense,
    robledo_blue_stride,
    robledo_first_batches,
    robledo_halving,
    robledo_looks_alike,
    robledo_no_overfitting,
    robledo_parameters,
    robledo_pixels,
    robledo_stride_over_pooling,
    robledo_third_padding,
    robledo_untrained_noise,
)
from convae.claims.robledo_parts import (
    robledo_cross_correlation,
    robledo_figure_two,
    robledo_learnt_pooling,
    robledo_lower_dimension,
    robledo_pooling_fewer_parameters,
    robledo_pooling_free,
    robledo_pooling_size,
    robledo_relu_eases,
    robledo_relu_sparse,
    robledo_same_reduction,
    robledo_stride_halves,
    robledo_weights_formula,
)
from convae.claims.utec import (
    utec_derivatives,
    utec_edges_intensified,
    utec_feature_map,
    utec_filter_smaller,
    utec_information_loss,
    utec_linear_gradient,
    utec_pattern,
    utec_pooling_halves,
    utec_sharpening,
    utec_softmax,
    utec_step_gradient,
    utec_tanh,
    utec_vanishing,
)

__all__ = [
    "CLAIMS",
    "FAILS",
    "HOLDS",
    "IN_PART",
    "Finding",
    "calderon_connectivity",
    "calderon_enlarges",
    "calderon_example",
    "calderon_interpolations",
    "calderon_layers_reduce",
    "calderon_learnt",
    "calderon_matrix",
    "calderon_not_a_transposed_result",
    "calderon_obtains_u",
    "calderon_one_to_nine",
    "calderon_other_names",
    "calderon_product",
    "calderon_size_formula",
    "calderon_stride",
    "calderon_vector",
    "dumoulin_any_setting",
    "dumoulin_emulation",
    "dumoulin_odd_caption",
    "dumoulin_pooling_nonlinear",
    "dumoulin_shared_size",
    "robledo_better_than_dense",
    "robledo_blue_stride",
    "robledo_cross_correlation",
    "robledo_figure_two",
    "robledo_first_batches",
    "robledo_halving",
    "robledo_learnt_pooling",
    "robledo_looks_alike",
    "robledo_lower_dimension",
    "robledo_no_overfitting",
    "robledo_parameters",
    "robledo_pixels",
    "robledo_pooling_fewer_parameters",
    "robledo_pooling_free",
    "robledo_pooling_size",
    "robledo_relu_eases",
    "robledo_relu_sparse",
    "robledo_same_reduction",
    "robledo_stride_halves",
    "robledo_stride_over_pooling",
    "robledo_third_padding",
    "robledo_untrained_noise",
    "robledo_weights_formula",
    "utec_derivatives",
    "utec_edges_intensified",
    "utec_feature_map",
    "utec_filter_smaller",
    "utec_information_loss",
    "utec_linear_gradient",
    "utec_pattern",
    "utec_pooling_halves",
    "utec_sharpening",
    "utec_softmax",
    "utec_step_gradient",
    "utec_tanh",
    "utec_vanishing",
]

# A claim enters the ledger with the chapter that shows it.
CLAIMS: dict[str, Callable[[], Finding]] = {
    function.__name__: function
    for function in (
        *ROBLEDO,
        *DUMOULIN,
        robledo_cross_correlation,
        robledo_stride_halves,
        robledo_weights_formula,
    )
}
