"""What axe-core finds wrong with an open page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")  # 2.2, levels A and AA


def faults(page: Page, *rules: str) -> list[str]:
    """A text for each node that breaks one of these rules, named by their tags; those of WCAG if none is named."""
    # Of what passes only one node a rule comes back: all of them, thousands, would take longer than to look at them.
    options = {"runOnly": list(rules or WCAG), "resultTypes": ["violations"]}
    response = Axe().run(page, options=options).response
    assert response["passes"], "axe looked at nothing"
    found = [(broken["id"], node) for broken in response["violations"] for node in broken["nodes"]]
    return [f"{rule}: {node['target']}\n{node['html'][:200]}\n{node['failureSummary']}" for rule, node in found]
