"""Max-pooling, average pooling, every second pixel and a blur before it: what a shift of the picture does to each."""

from __future__ import annotations

from typing import Any

import torch
import traitlets
from torch import Tensor, nn

from convae.models import binomial
from convae.widgets.kit import Matrix, Pair, Switch, Widget
from convae.widgets.pictures import small_digits
from convae.widgets.stills import Cells, cross, side_by_side

LINES = (
    "0000000000",
    "0090000000",
    "0090090000",
    "0090009000",
    "0090000900",
    "0090000090",
    "0090000000",
    "0090009900",
    "0090009900",
    "0000000000",
)


class Pooling(Widget):
    """Four ways to make a picture smaller, side by side, on a picture that can be edited and shifted.

    `kernel`, `stride`, `padding` and `ceil_mode` are those of `torch.nn.MaxPool2d` and `torch.nn.AvgPool2d`; the third
    output takes the first pixel of every stride × stride block, the fourth blurs as `convae.models.BlurPool` does and
    takes one pixel of each whole block. `shift` is how far the picture is moved, (down, right) in pixels; what leaves
    it on one side comes in on the other, as with `torch.roll`, and so the blur reads across the edges. `pictures` is
    what can be chosen.
    """

    module = "pooling.js"

    input = Matrix([[int(pixel) for pixel in row] for row in LINES], -99, 99, 14)
    shift = Pair(0, -9, 9)
    kernel = Pair(2, 1, 5)
    stride = Pair(2, 1, 5)
    padding = Pair(0, 0, 2)
    ceil_mode = Switch()
    pictures = traitlets.Dict().tag(sync=True)

    @traitlets.default("pictures")  # type: ignore[untyped-decorator]
    def _pictures(self) -> dict[str, list[list[int]]]:
        def picture(pixel: Any) -> list[list[int]]:
            return [[pixel(r, c) for c in range(10)] for r in range(10)]

        return {
            "Thin lines and a block": [[int(pixel) for pixel in row] for row in LINES],
            "Every other column": picture(lambda r, c: 9 * (c % 2)),
            "Checkerboard": picture(lambda r, c: 9 * ((r + c) % 2)),
            "Slope": picture(lambda r, c: c),
            "Square": picture(lambda r, c: 9 * (2 <= r <= 7 and 2 <= c <= 7)),
            **{
                f"Digit {label}": [[0] * 10, *([0, *row, 0] for row in digit), [0] * 10]
                for label, digit in enumerate(small_digits())
            },
        }

    def layers(self) -> dict[str, nn.Module]:
        """The four in PyTorch: max, average, stride and blur."""
        kernel, stride, padding = tuple(self.kernel), tuple(self.stride), tuple(self.padding)
        return {
            "max": nn.MaxPool2d(kernel, stride, padding, ceil_mode=self.ceil_mode),
            "average": nn.AvgPool2d(kernel, stride, padding, ceil_mode=self.ceil_mode),
            "stride": nn.MaxPool2d(1, stride),  # x[..., ::stride, ::stride]
            "blur": self._blur(),
        }

    def _blur(self) -> nn.Conv2d:
        """Binomial weights about twice as long as the stride, centred on each whole block of stride × stride pixels."""
        sizes = [2 * step - step % 2 for step in self.stride]
        padding = tuple(step // 2 for step in self.stride)
        layer = nn.Conv2d(
            1, 1, tuple(sizes), tuple(self.stride), padding, bias=False, padding_mode="circular", dtype=torch.float64
        )
        weights = torch.outer(*(binomial(size).double() for size in sizes))
        layer.load_state_dict({"weight": weights[None, None]})
        return layer.requires_grad_(False)

    def outputs(self) -> dict[str, tuple[Tensor, Tensor]]:
        """What each makes of the picture, and of the shifted picture: [rows, columns] each."""
        picture = torch.tensor(self.input, dtype=torch.float64)
        shifted = picture.roll(self.shift, (0, 1))
        return {
            name: (layer(picture[None, None])[0, 0], layer(shifted[None, None])[0, 0])
            for name, layer in self.layers().items()
        }

    def changes(self) -> dict[str, tuple[int, float, float]]:
        """What the shift did to each output: how many numbers changed, by how much it did not stay, nor moved along.

        The second is the sum of what changed against the sum of what was there, both without their signs, 0 if the
        output is invariant to this shift. The third is the same after each number has been painted onto a stride ×
        stride block and the painting of the output before has been shifted like the picture: 0 if the output is
        equivariant. nan where all was 0.
        """
        found = {}
        for name, (before, after) in self.outputs().items():
            painted = [
                output.repeat_interleave(self.stride[0], 0).repeat_interleave(self.stride[1], 1)
                for output in (before, after)
            ]
            stays = (after - before).abs().sum() / before.abs().sum()
            along = (painted[1] - painted[0].roll(self.shift, (0, 1))).abs().sum() / painted[0].abs().sum()
            found[name] = (int((after != before).sum()), stays.item(), along.item())
        return found

    def still(self) -> str:
        """The shifted picture and what becomes of it."""
        after = {name: output[1].tolist() for name, output in self.outputs().items()}
        shifted = torch.tensor(self.input).roll(self.shift, (0, 1)).tolist()
        return side_by_side(
            Cells("Picture", shifted), "→", Cells("Maximum", after["max"]), Cells("Average", after["average"]),
            Cells("Stride", after["stride"]), Cells("Blur", after["blur"]),
        )  # fmt: skip

    def sentence(self) -> str:
        """Settings, and how many numbers the shift changed."""
        changed = ", ".join(f"{name} {count}" for name, (count, _, _) in self.changes().items())
        return (
            f"Max-pooling, average pooling, stride and blur on a picture that is shifted by {self.shift[0]} down and "
            f"{self.shift[1]} to the right, with kernel {cross(self.kernel)} and stride {cross(self.stride)}; numbers "
            f"that change: {changed}."
        )
