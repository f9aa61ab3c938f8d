"""Links of the text into a widget: the settings in them are such as the widget can take."""

import re

from book.tools.chapters import pages
from convae import widgets
from convae.models import build

LINK = re.compile(r'href="#([a-z_]+)=([^"]*)"')
KINDS = {kind.module.removesuffix(".js"): kind for kind in (getattr(widgets, name) for name in widgets.__all__)}
# What a widget that is not made of nothing is made of.
MADE_OF = {
    widgets.LatentExplorer: lambda: [{name: build(net) for name, net in NETS.items()}],
}
NETS = {"local": "robledo-two-layer", "global": "bottleneck-32"}


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
            made_of = MADE_OF.get(kind, list)()
            begun = {"half": True} if made_of else {}
            usual = kind(*made_of, **begun)
            assert parts.keys() <= usual.limits.keys(), page.name
            values = {key: read(coded, getattr(usual, key)) for key, coded in parts.items()}
            shown = kind(*made_of, **begun, **values)  # a value that it does not take is an error
            assert shown.sentence()  # nor do they make an impossible layer
            followed.append((page.stem, shown))
    assert {page for page, _ in followed} >= {"transposed-convolution", "looking-at-the-code"}
    assert len(followed) >= 5
