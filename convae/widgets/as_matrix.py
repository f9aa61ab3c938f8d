"""A convolution and the matrix that does the same: row, place and output light each other."""

from __future__ import annotations

import torch
from torch import Tensor

from convae.arithmetic.shapes import convolution_matrix
from convae.widgets.kit import Matrix, Number, Widget
from convae.widgets.stills import Cells, cross, side_by_side


class AsMatrix(Widget):
    """A small convolution, and its matrix: a row for each output, a column for each pixel, the kernel in every row.

    Stride 1, no padding. `row` is the row, and the output, that is looked at, counted from 0.
    """

    module = "as_matrix.js"

    input = Matrix([[3, 1, 0, 2], [0, 2, 1, 1], [1, 0, 3, 0], [2, 1, 0, 1]], -99, 99, 4)
    kernel = Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 9]], -99, 99, 4)
    row = Number(1, 0, 15)

    def matrix(self) -> Tensor:
        """[outputs, pixels], in double precision."""
        kernel = torch.tensor(self.kernel, dtype=torch.float64)[None, None]
        return convolution_matrix(kernel, (len(self.input), len(self.input[0]))).to_dense()

    def output(self) -> Tensor:
        """What the matrix makes of the picture, as the convolution puts it: [rows, columns]."""
        picture = torch.tensor(self.input, dtype=torch.float64)
        rows = len(self.input) - len(self.kernel) + 1
        return (self.matrix() @ picture.flatten()).reshape(rows, -1)

    def still(self) -> str:
        """Picture, kernel and output in cells, and the matrix."""
        return side_by_side(
            Cells("Picture x", self.input), "∗", Cells("Kernel w", self.kernel), "=",
            Cells("Output y", self.output().tolist()),
        ) + side_by_side(Cells("Matrix A", self.matrix().tolist()))  # fmt: skip

    def sentence(self) -> str:
        """Shapes, and what stands in a row."""
        rows, columns = self.matrix().shape
        sizes = [cross((len(each), len(each[0]))) for each in (self.input, self.kernel, self.output().tolist())]
        return (
            f"The convolution of a {sizes[0]} picture with a {sizes[1]} kernel is a {sizes[2]} output, and a matrix of "
            f"{rows}×{columns} times the picture's numbers, row by row: each of its rows is the kernel at one place."
        )
