"""Domains 要素: declarations and pure formulas; some hold only their ledgers so far (``registers.yaml``)."""

from pathlib import Path

from qingyuan.assessments.declaration import Domain
from qingyuan.domains import air, emergency, inspection, radiation, sources, water

DOMAINS: tuple[Domain, ...] = (
    air.DOMAIN,
    water.DOMAIN,
    sources.DOMAIN,
    radiation.DOMAIN,
    emergency.DOMAIN,
    inspection.DOMAIN,
)
"""Every domain's table of contents; the interfaces read it and hand it down."""


def declared(name: str) -> tuple[tuple[str, Path], ...]:
    """The declarations of that name (``rules.yaml``) of the domains that have one, as (domain, file)."""
    files = ((each.name, Path(__file__).parent / each.name / name) for each in DOMAINS)
    return tuple((domain, file) for domain, file in files if file.is_file())
