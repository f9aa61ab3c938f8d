"""Every built page against WCAG 2.2, levels A and AA, by axe-core: light and dark."""

from axe_playwright_python.sync_playwright import Axe
from views import EACH, seen

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@seen(EACH, "light", "dark")
def test_page_is_accessible(view):
    page, _ = view
    page.add_style_tag(content="* { transition: none !important }")  # a colour on its way is nobody's choice
    response = Axe().run(page, options=RULES).response
    assert response["passes"], "axe looked at nothing"
    found = [(violation["id"], node) for violation in response["violations"] for node in violation["nodes"]]
    faults = [f"{rule}: {node['target']}\n{node['html'][:200]}\n{node['failureSummary']}" for rule, node in found]
    assert not faults, "\n".join(faults)
