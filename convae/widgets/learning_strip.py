"""Nine digits that come out of the grey while a net learns in the page, for some seconds."""

from __future__ import annotations

from typing import Any

import torch
import traitlets

from convae.experiments.runs import load_run
from convae.tensors import as_bytes
from convae.widgets.kit import Widget
from convae.widgets.lesson import SCRIPTS, digits
from convae.widgets.pictures import lossless
from convae.widgets.stills import Levels, side_by_side


class LearningStrip(Widget):
    """The two-layer net learns from 1,000 digits for some seconds, when the reader comes by or presses a button.

    It stops by itself. Where reduced motion is wished for, only the button starts it; until then nine digits stand
    there, and what the stored net gives back of them.
    """

    module = "learning_strip.js"
    later = SCRIPTS

    pictures = traitlets.Dict().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        shown = digits()[1].all().images[:9]
        with torch.no_grad():
            back = load_run("robledo-two-layer").model()(shown)
        lines = [as_bytes(each)[:, 0].permute(1, 0, 2).flatten(1) for each in (shown, back)]
        super().__init__(**settings, pictures=lossless({"seen": torch.cat(lines)[None]}))

    def still(self) -> str:
        """Three of the digits that it is tested on."""
        _, held = digits()
        return side_by_side(*(Levels("A digit", picture[0].double() / 255) for picture in held.images[:3]))

    def sentence(self) -> str:
        """What would be seen."""
        return "Nine digits that come out of an even grey, the longer a net learns in the page."
