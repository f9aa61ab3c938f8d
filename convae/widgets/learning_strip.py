"""Nine digits that come out of the grey while a net learns in the page, for some seconds."""

from __future__ import annotations

from convae.widgets.kit import Widget
from convae.widgets.lesson import SCRIPTS, digits
from convae.widgets.stills import Levels, side_by_side


class LearningStrip(Widget):
    """The two-layer net learns from 1,000 digits for some seconds, when the reader comes by or presses a button.

    It stops by itself. Where reduced motion is wished for, only the button starts it.
    """

    module = "learning_strip.js"
    later = SCRIPTS

    def still(self) -> str:
        """Three of the digits that it is tested on."""
        _, held = digits()
        return side_by_side(*(Levels("A digit", picture[0].double() / 255) for picture in held.images[:3]))

    def sentence(self) -> str:
        """What would be seen."""
        return "Nine digits that come out of an even grey, the longer a net learns in the page."
