"""Domains 要素: declarations and pure formulas; some hold only their ledgers so far (``registers.yaml``)."""

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
