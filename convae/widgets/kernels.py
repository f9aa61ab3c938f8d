"""What small kernels make of pictures: blur, sharpen, edges."""

from __future__ import annotations

import math

import torch
import traitlets
from torch import Tensor, nn

from convae.widgets.kit import Choice, Matrix, Number, Pair, Switch, Widget
from convae.widgets.pictures import digits, photographs
from convae.widgets.stills import Cells, Levels, cross, side_by_side, signed


class Kernels(Widget):
    """A picture, chosen or drawn, a kernel that can be edited, and the map that one makes of the other.

    `stride`, `padding` and `bias` are those of `torch.nn.Conv2d`, its weight is `kernel` / `divisor`; `relu` sets what
    is negative to 0. `drawing` is the picture "drawing", from 0 (black) to 1 (white); `place` is the number of the map
    that is looked at, [row, column]. "own" is a picture of the reader's: it lies in `pictures`, which it never leaves.
    """

    module = "kernels.js"

    picture = Choice("camera", "cat", "temple", *(f"digit {label}" for label in range(10)), "drawing", "own")
    drawing = Matrix([[0] * 28] * 28, 0, 1, 28)
    kernel = Matrix([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], -99, 99, 5)
    divisor = Number(1, 1, 300)
    bias = Number(0, -5, 5, whole=False)
    stride = Pair(1, 1, 4)
    padding = Pair(0, 0, 4)
    relu = Switch()
    place = Pair(30, 0, 200)
    pictures = traitlets.Dict().tag(sync=True)

    @traitlets.default("pictures")  # type: ignore[untyped-decorator]
    def _pictures(self) -> dict[str, bytes]:
        """One byte a pixel, row by row."""
        return {name: image.numpy().tobytes() for name, image in (photographs() | digits()).items()}

    def image(self) -> Tensor:
        """The picture that is shown, from 0 to 1: [rows, columns].

        Raises:
            ValueError: it is the reader's own, and none was chosen.
        """
        if self.picture == "drawing":
            return torch.tensor(self.drawing, dtype=torch.float64)
        if self.picture not in self.pictures:
            raise ValueError("no picture of the reader's own is there: choose one in the widget, or another picture")
        levels = torch.frombuffer(bytearray(self.pictures[self.picture]), dtype=torch.uint8)
        side = math.isqrt(len(levels))
        return levels.view(side, side).double() / 255

    def layer(self) -> nn.Sequential:
        """The same layer in PyTorch, in double precision."""
        kernel = torch.tensor(self.kernel, dtype=torch.float64) / self.divisor
        rows, columns = kernel.shape
        layer = nn.Conv2d(1, 1, (rows, columns), tuple(self.stride), tuple(self.padding)).double()
        layer.load_state_dict({"weight": kernel[None, None], "bias": torch.tensor([self.bias], dtype=torch.float64)})
        return nn.Sequential(layer, nn.ReLU() if self.relu else nn.Identity())

    def output(self) -> Tensor:
        """The map that PyTorch makes of the picture, [rows, columns]."""
        with torch.no_grad():
            output: Tensor = self.layer()(self.image()[None])[0]
        return output

    def still(self) -> str:
        """The picture, the kernel, and the map: in the kernel's colours where some of it can be negative, else black to
        its largest number in white."""
        output = self.output()
        signs = bool((output < 0).any()) or (not self.relu and any(weight < 0 for row in self.kernel for weight in row))
        shares = output / (output.abs().max().item() or 1)
        return side_by_side(
            Levels("Picture", self.image()), "∗", Cells(f"Kernel, divided by {self.divisor:g}", self.kernel), "=",
            Levels("Map", signed(shares) if signs else shares),
        )  # fmt: skip

    def sentence(self) -> str:
        """Shapes and settings."""
        image, output = self.image(), self.output()
        return (
            f"A kernel of {cross((len(self.kernel), len(self.kernel[0])))} numbers makes a map of "
            f"{cross(output.shape)}, from {output.min().item():.2f} to {output.max().item():.2f}, out of a picture of "
            f"{cross(image.shape)} pixels: stride {cross(self.stride)}, padding {cross(self.padding)}, bias "
            f"{self.bias:g}{', ReLU behind it' if self.relu else ''}."
        )
