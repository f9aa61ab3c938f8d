"""Noise that becomes a picture: a denoiser takes noise away, less is put back, and again."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import nn

from convae.widgets.kit import Number, Switch, Widget
from convae.widgets.nets import restorer
from convae.widgets.noise import MOST, normal_numbers
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convae.tensors import Images

LONGEST = 32  # rows and columns of a picture: normal_numbers has 1,024 of a seed
MOST_STEPS = 40
APART = 64  # seeds of noise that one way may use: more than MOST_STEPS


class FromNoise(Widget):
    """Noise, what a denoiser makes of it, the same with a little less noise, what it makes of that, and so on.

    Step k of `steps`, counted from 0, has noise of σ = 1 − k / steps: the first sees nothing but noise. Each noisy
    picture is the answer before it with noise of its own σ on it: with fresh noise where `fresh` is on, else with what
    the answer has left of the noise before, made smaller. `step` is the one that is shown; the last where it is larger
    than there are. All is computed in the page; `seed` draws the noise.

    Args:
        model: A denoiser that `nets.described` can take, of at most 60,000 parameters, trained up to σ = 1. A copy of
            it, in evaluation mode and double precision, is `net`.
        shape: Of a picture, [1, H, W], at most 32×32 pixels.
        half: Store the weights as float16; `net` then holds the same rounded weights.

    Raises:
        TypeError: a shape that is none, no net, or a setting that there is not.
        ValueError: the shape or the net are not as said.
    """

    module = "from_noise.js"

    seed = Number(0, 0, 9999)
    steps = Number(24, 1, MOST_STEPS)
    step = Number(MOST_STEPS - 1, 0, MOST_STEPS - 1)
    fresh = Switch(True)

    image_shape = traitlets.List().tag(sync=True)
    layers = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(
        self, model: nn.Module, shape: Sequence[int] = (1, 28, 28), *, half: bool = True, **settings: Any
    ) -> None:
        try:
            shape = tuple(map(index, shape))
        except TypeError:
            raise TypeError(f"a picture's shape is {shape!r}: give whole numbers, (1, rows, columns)") from None
        if len(shape) != 3 or shape[0] != 1 or not 1 <= min(shape) <= max(shape) <= LONGEST:
            raise ValueError(f"pictures of shape {shape}: give [1, H, W] with at most {LONGEST}×{LONGEST} pixels")
        self.net, layers, weights = restorer(model, shape, half)
        super().__init__(**settings, image_shape=list(shape), layers=layers, weights=weights)

    def sigma(self, step: int) -> float:
        """Standard deviation of the noise that a step sees."""
        return 1 - step / float(self.steps)

    def way(self) -> list[tuple[Images, Images]]:
        """Of each step the noisy picture and the net's answer, [1, 1, H, W] in double precision."""
        pairs: list[tuple[Images, Images]] = []
        for step in range(int(self.steps)):
            sigma = self.sigma(step)
            if pairs and not self.fresh:
                before, answer = pairs[-1]
                noisy = answer + sigma / self.sigma(step - 1) * (before - answer)
            else:
                noise = self.noise(step)
                noisy = sigma * noise + (pairs[-1][1] if pairs else 0)
            with torch.no_grad():
                pairs.append((noisy, self.net(noisy)))
        return pairs

    def noise(self, step: int) -> Images:
        """What is drawn for a step, of standard deviation 1, [1, 1, H, W]."""
        rows, columns = self.image_shape[1:]
        numbers = normal_numbers(min(MOST, rows * columns), int(self.seed) * APART + step)
        return torch.tensor(numbers, dtype=torch.float64).view(1, 1, rows, columns)

    def shown_step(self) -> int:
        """Which step is shown, from 0."""
        return min(int(self.step), int(self.steps) - 1)

    def still(self) -> str:
        """The way up to the step that is shown, in four answers at most."""
        pairs, last = self.way(), self.shown_step()
        chosen = sorted({round(last * part / 3) for part in range(4)})
        first = Levels("Noise alone", pairs[0][0][0, 0])
        return side_by_side(first, *(Levels(f"Answer, step {k + 1}", pairs[k][1][0, 0]) for k in chosen))

    def sentence(self) -> str:
        """What was done, and how much of a picture came of it."""
        answer = self.way()[self.shown_step()][1]
        return (
            f"Noise, denoised again and again with less noise each time: step {self.shown_step() + 1} of "
            f"{int(self.steps)}. {int((answer > 0.5).sum())} pixels of the answer are brighter than one half."
        )
