"""The convolution of one small matrix by another, step by step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convae.widgets.kit import Matrix, Number, Pair, Widget
from convae.widgets.stills import Cells, cross, side_by_side


class Convolution(Widget):
    """A kernel slides over an input; every number, product and size is shown, and every setting can be changed.

    The traits are what `torch.nn.Conv2d` calls them; `position` is the output that is looked at, counted row by row.
    """

    module = "convolution.js"

    input = Matrix([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]], -99, 99, 12)
    kernel = Matrix([[0, 1, 2], [2, 2, 0], [0, 1, 2]], -99, 99, 7)
    bias = Number(0, -20, 20, whole=False)
    stride = Pair(1, 1, 5)
    padding = Pair(0, 0, 6)
    dilation = Pair(1, 1, 4)
    position = Number(0, 0, 1000)

    def layer(self) -> nn.Conv2d:
        """The same layer in PyTorch, in double precision."""
        kernel = torch.tensor(self.kernel, dtype=torch.float64)
        rows, columns = kernel.shape
        layer = nn.Conv2d(1, 1, (rows, columns), tuple(self.stride), tuple(self.padding), tuple(self.dilation)).double()
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
            Cells("Input x", self.input), "∗", Cells("Kernel w", self.kernel), "=",
            Cells("Output y", self.output().tolist()),
        )  # fmt: skip

    def sentence(self) -> str:
        """Shapes and settings."""
        sizes = [cross((len(rows), len(rows[0]))) for rows in (self.input, self.kernel, self.output().tolist())]
        stride, padding, dilation = (cross(pair) for pair in (self.stride, self.padding, self.dilation))
        return (
            f"The convolution of a {sizes[0]} input with a {sizes[1]} kernel is a {sizes[2]} output: "
            f"stride {stride}, padding {padding}, dilation {dilation}, bias {self.bias:g}."
        )
