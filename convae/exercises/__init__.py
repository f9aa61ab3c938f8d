"""Graders, by chapter. An answer is a function; each usual slip gets its own message."""

# ruff: noqa: F403 (the names of a chapter stand in its module's __all__)

from convae.exercises.activations import *
from convae.exercises.alarm import *
from convae.exercises.convolution_arithmetic import *
from convae.exercises.denoising import *
from convae.exercises.dense_autoencoder import *
from convae.exercises.generating import *
from convae.exercises.grading import *
from convae.exercises.interpolating import *
from convae.exercises.kernels import *
from convae.exercises.looking_at_the_code import *
from convae.exercises.optimisers import *
from convae.exercises.rate_and_distortion import *
from convae.exercises.stride_or_pooling import *
from convae.exercises.super_resolution import *
from convae.exercises.transposed_convolution import *
from convae.exercises.two_layer import *
from convae.exercises.what_a_denoiser_knows import *
from convae.exercises.what_is_an_autoencoder import *
