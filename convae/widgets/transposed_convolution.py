"""The transposed convolution of one small matrix by another, seen in four ways."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convae.widgets.kit import Choice, Matrix, Number, Pair, Widget
from convae.widgets.stills import Cells, cross, side_by_side


class TransposedConvolution(Widget):
    """Stamps of the kernel, and the same numbers from a stuffed input under the turned kernel.

    The traits are what `torch.nn.ConvTranspose2d` calls them. `view` is "scatter", "gather", "counts" (how many inputs
    meet in each output) or "adjoint" (what comes back through the convolution); `position` is the step that is shown:
    an input in "scatter", an output in "gather"; `seed` chooses the u of "adjoint".
    """

    module = "transposed_convolution.js"

    input = Matrix([[1, 2, 0], [3, 1, 2], [0, 2, 1]], -99, 99, 6)
    kernel = Matrix([[1, 0, 2], [2, 1, 0], [0, 3, 1]], -99, 99, 6)
    bias = Number(0, -20, 20, whole=False)
    stride = Pair(2, 1, 4)
    padding = Pair(1, 0, 5)
    output_padding = Pair(0, 0, 3)
    dilation = Pair(1, 1, 3)
    view = Choice("scatter", "gather", "counts", "adjoint")
    position = Number(4, 0, 1000)
    seed = Number(1, 1, 999)

    def layer(self) -> nn.ConvTranspose2d:
        """The same layer in PyTorch, in double precision."""
        kernel = torch.tensor(self.kernel, dtype=torch.float64)
        rows, columns = kernel.shape
        layer = nn.ConvTranspose2d(
            1,
            1,
            (rows, columns),
            stride=tuple(self.stride),
            padding=tuple(self.padding),
            output_padding=tuple(self.output_padding),
            dilation=tuple(self.dilation),
        ).double()
        layer.load_state_dict({"weight": kernel[None, None], "bias": torch.tensor([self.bias], dtype=torch.float64)})
        return layer

    def output(self) -> Tensor:
        """What PyTorch makes of the input, [rows, columns]."""
        with torch.no_grad():
            output: Tensor = self.layer()(torch.tensor(self.input, dtype=torch.float64)[None])[0]
        return output

    def still(self) -> str:
        """Input, kernel and output in cells."""
        return side_by_side(
            Cells("Input x", self.input), "·", Cells("Kernel w", self.kernel), "→",
            Cells("Output y", self.output().tolist()),
        )  # fmt: skip

    def sentence(self) -> str:
        """Shapes and settings."""
        sizes = [cross((len(rows), len(rows[0]))) for rows in (self.input, self.kernel, self.output().tolist())]
        stride, padding, dilation = (cross(pair) for pair in (self.stride, self.padding, self.dilation))
        return (
            f"The transposed convolution of a {sizes[0]} input with a {sizes[1]} kernel is a {sizes[2]} output: "
            f"stride {stride}, padding {padding}, dilation {dilation}, bias {self.bias:g}."
        )
