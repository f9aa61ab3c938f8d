"""Every built page against WCAG 2.2, levels A and AA, by axe-core: light and dark."""

from accessibility import faults
from views import EACH, seen


@seen(EACH, "light", "dark")
def test_page_is_accessible(view):
    page, _ = view
    page.add_style_tag(content="* { transition: none !important }")  # a colour on its way is nobody's choice
    found = faults(page)
    assert not found, "\n".join(found)
