"""Convolutional autoencoders: the models, the training loop and the measurements behind the course.

A chapter imports from here what it uses most, and the rest from the modules. It costs what importing PyTorch costs.
"""

from convae.data import load
from convae.experiments import RECIPES
from convae.experiments.runs import load_run, load_runs
from convae.measures.losses import mse
from convae.measures.metrics import psnr, ssim
from convae.models import MODELS, build
from convae.tasks import Reconstruction
from convae.training.devices import choose_device
from convae.training.loop import evaluate, fit

__version__ = "0.1.0"
__all__ = [
    "MODELS",
    "RECIPES",
    "Reconstruction",
    "build",
    "choose_device",
    "evaluate",
    "fit",
    "load",
    "load_run",
    "load_runs",
    "mse",
    "psnr",
    "ssim",
]
