"""Graders, by chapter. An answer is a function; each usual slip gets its own message."""

from convae.exercises.alarm import area_between, threshold
from convae.exercises.code import numbers_behind, participation
from convae.exercises.convolution_arithmetic import output_padding, output_size
from convae.exercises.denoising import posterior_mean, score_of_a_denoiser, wiener_of_one_pixel
from convae.exercises.generating import divergence_of_one_number, frechet_of_two, share_of_the_way
from convae.exercises.grading import Grade, grade
from convae.exercises.kernels import cross_filter, pooled_multiplications
from convae.exercises.stride_or_pooling import equivalent_kernel, same_pixel
from convae.exercises.super_resolution import decoder_inputs, linear_share
from convae.exercises.transposed_convolution import meeting_inputs, transposed_output
from convae.exercises.two_layer import parameters, pixels_seen

__all__ = [
    "Grade",
    "area_between",
    "cross_filter",
    "decoder_inputs",
    "divergence_of_one_number",
    "equivalent_kernel",
    "frechet_of_two",
    "grade",
    "linear_share",
    "meeting_inputs",
    "numbers_behind",
    "output_padding",
    "output_size",
    "parameters",
    "participation",
    "pixels_seen",
    "pooled_multiplications",
    "posterior_mean",
    "same_pixel",
    "score_of_a_denoiser",
    "share_of_the_way",
    "threshold",
    "transposed_output",
    "wiener_of_one_pixel",
]
