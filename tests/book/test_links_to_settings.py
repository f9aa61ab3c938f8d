"""Links of the text into a widget: the settings in them are such as the widget can take."""

import re
from functools import partial
from urllib.parse import unquote

import torch

from book.tools.chapters import pages
from convae import widgets
from convae.models import build

LINK = re.compile(r'href="#([a-z_]+)=([^"]*)"')
WITH_NETS = {widgets.FromNoise, widgets.LearningRates, widgets.Plane}  # which are made of some
KINDS = {kind.module.removesuffix(".js"): kind for kind in (getattr(widgets, name) for name in widgets.__all__)}
NETS = {"local": "robledo-two-layer", "global": "bottleneck-32"}


def explorer(settings, **values):
    """With pictures of the names in a link; which ones a page has, its own tests say."""
    called = {unquote(name) for name in re.findall(r"(?:first|second):([^;]*)", settings)} | {"a", "b"}
    pictures = {name: torch.zeros(28, 28) for name in sorted(called)}
    return widgets.LatentExplorer({name: build(net) for name, net in NETS.items()}, pictures, half=True, **values)


def denoiser(settings, **values):
    """With pictures of the page's names, whatever they show."""
    return widgets.Denoiser(torch.zeros(6, 1, 28, 28), build("unet"), labels=[2, 3, 4, 5, 7, 9], **values)


# How a widget is made that is not made of nothing.
MADE = {widgets.LatentExplorer: explorer, widgets.Denoiser: denoiser}


def read(text, like):
    """A value as it stands in an address, of the kind of the one that is there."""
    if isinstance(like, list | tuple):
        return [read(part, like[0]) for part in text.split("/" if isinstance(like[0], list) else ",")]
    if isinstance(like, bool):
        return text == "true"
    return float(text) if isinstance(like, float) else int(float(text)) if isinstance(like, int) else unquote(text)


def test_links_to_settings_can_be_followed():
    followed = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for name, settings in LINK.findall(text):
            kind = KINDS[name]
            assert f"{kind.__name__}(" in text, f"{page.name} links to settings of a widget that it has not"
            parts = dict(part.split(":", 1) for part in settings.split(";"))
            if kind in MADE:
                make = partial(MADE[kind], settings)
                usual = make()
                assert parts.keys() <= usual.limits.keys(), page.name
                shown = make(**{key: read(coded, getattr(usual, key)) for key, coded in parts.items()})
                assert shown.sentence()  # nor do they make an impossible layer
            else:
                traits = {key: trait for key, trait in kind.class_traits().items() if hasattr(trait, "limit")}
                assert parts.keys() <= traits.keys(), page.name
                values = {key: read(coded, traits[key].default_value) for key, coded in parts.items()}
                assert kind.address(**values)  # a value that it does not take is an error
                if kind not in WITH_NETS:
                    assert kind(**values).sentence()
            followed.append((page.stem, kind))
    assert {page for page, _ in followed} >= {"transposed-convolution", "looking-at-the-code", "what-a-denoiser-knows"}
    assert len(followed) >= 8
