"""axe-core in the page: what stands in the way of people who do not see, or have no mouse."""

from pathlib import Path

import pytest

AXE = Path(__file__).parent.parent.parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


def axe(page):
    """Fail on serious and critical findings of axe-core in the page as it stands; asks no network."""
    if not AXE.is_file():
        pytest.fail(f"{AXE} is missing: run tools/frontend.py")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(told => told.violations)")
    grave = [each for each in found if each["impact"] in GRAVE]
    assert not grave, "\n".join(_told(page, each) for each in grave)


def _told(page, finding):
    places = [f"    {node['html'][:160]}\n      {node['failureSummary'][:300]}" for node in finding["nodes"][:4]]
    head = f"{page.url}: {finding['impact']} {finding['id']}: {finding['help']} ({len(finding['nodes'])} places)"
    return "\n".join([head, *places])
