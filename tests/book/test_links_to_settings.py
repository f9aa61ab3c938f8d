"""Links of the text into a widget: the settings in them are such as the widget can take."""

import re

from book.tools.chapters import pages
from convae import widgets

LINK = re.compile(r'href="#([a-z_]+)=([^"]*)"')
WITH_NETS = {widgets.Denoiser, widgets.FromNoise}  # which are made of one
KINDS = {kind.module.removesuffix(".js"): kind for kind in (getattr(widgets, name) for name in widgets.__all__)}


def read(text, like):
    """A value as it stands in an address, of the kind of the one that is there."""
    if isinstance(like, list | tuple):
        return [read(part, like[0]) for part in text.split("/" if isinstance(like[0], list) else ",")]
    return text == "true" if isinstance(like, bool) else type(like)(float(text)) if isinstance(like, int) else text


def test_links_to_settings_can_be_followed():
    followed = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for name, settings in LINK.findall(text):
            kind = KINDS[name]
            assert f"{kind.__name__}(" in text, f"{page.name} links to settings of a widget that it has not"
            parts = dict(part.split(":", 1) for part in settings.split(";"))
            usual = {key: trait for key, trait in kind.class_traits().items() if hasattr(trait, "limit")}
            assert parts.keys() <= usual.keys(), page.name
            values = {key: read(coded, usual[key].default_value) for key, coded in parts.items()}
            assert kind.address(**values)  # a value that it does not take is an error
            if kind not in WITH_NETS:
                assert kind(**values).sentence()  # nor do they make an impossible layer
            followed.append((page.stem, kind))
    assert {page for page, _ in followed} >= {"transposed-convolution", "denoising", "what-a-denoiser-knows"}
    assert len(followed) >= 8
