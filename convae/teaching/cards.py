"""Cards that lead to pages: each a picture and the question that its page answers."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from convae.teaching.plots import as_png
from convae.tensors import check_batch

__all__ = ["Card", "Cards"]


@dataclass(frozen=True)
class Card:
    """One page's.

    Args:
        page: Its file's name, without an ending.
        title: As the page calls itself.
        question: That it answers.
        picture: [1 or 3, H, W] in [0, 1]; it is decoration, so the question must do without it.
    """

    page: str
    title: str
    question: str
    picture: Tensor

    def __post_init__(self) -> None:
        check_batch(self.picture[None])


@dataclass(frozen=True)
class Cards:
    """In the order of the book."""

    cards: Sequence[Card]

    def __repr__(self) -> str:
        return "\n".join(f"{card.title}: {card.question}" for card in self.cards)

    def _repr_html_(self) -> str:
        return f'<div class="convae-cards">{"".join(map(_card, self.cards))}</div>'


def _card(card: Card) -> str:
    return (
        f'<a class="convae-card" href="{html.escape(card.page)}.html">'
        f'<img alt="" aria-hidden="true" src="data:image/png;base64,{as_png(card.picture[None])}"/>'
        f"<span><strong>{html.escape(card.title)}</strong>{html.escape(card.question)}</span></a>"
    )
